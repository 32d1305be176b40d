//! E1 to E4: golden files, and stores in every state that one can be found in.

use std::os::unix::fs::{FileExt, PermissionsExt};
use std::time::Duration;

use clap::Parser;
use vitals::reading::{AbsentReason, Measured};
use vitals::{
    AnchorSource, BootId, Code, Decimal, Event, Gathered, MinuteSummary, MonoTime, Observation, Quality,
    Reading, SiteReading, Summarised,
};

use super::*;
use crate::store::{Store, StoreOptions};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: ExportArgs,
}

/// A folder with a store in it.
struct Bench {
    folder: tempfile::TempDir,
}

const BOOT: BootId = BootId([0xab; 16]);
const LATER: BootId = BootId([0xcd; 16]);

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn reading(at_ms: u64, bed: &str, measured: Measured) -> Record {
    let mut seen =
        Observation::absent(Code::Spo2, AbsentReason::ProbeOff).with_quality(Quality::Questionable);
    seen.measured = measured;
    Record::Reading(Reading {
        device: id("-mon.1"),
        bed: Some(id(bed)),
        admission: Some(id("adm-1")),
        at: MonoTime::from_ms(at_ms),
        seen,
    })
}

fn spo2(at_ms: u64, value: i64) -> Record {
    reading(at_ms, "1", Measured::Value(Decimal::whole(value)))
}

/// 2026-11-23T00:00:00Z at the boot's moment zero.
fn anchor(boot: BootId) -> Record {
    let event = Event::Anchor(ClockAnchor {
        boot,
        mono: MonoTime::BOOT,
        wall: WallTime::from_unix_ms(1_795_392_000_000),
        trust: ClockTrust::Holdover,
        source: AnchorSource::SystemStart,
    });
    let at = MonoTime::BOOT;
    Record::Event { at, event }
}

fn samples() -> Vec<Record> {
    let mut gathered = Gathered::default();
    gathered.take(Measured::Value(Decimal::new(-5, 1)));
    gathered.take(Measured::Value(Decimal::new(370, 1)));
    vec![
        anchor(BOOT),
        spo2(1_500, 97),
        reading(2_000, "2", Measured::Absent(AbsentReason::ProbeOff)),
        Record::Site(SiteReading {
            device: id("plc"),
            signal: "=cmd|' /C calc'!A0".to_owned(),
            measured: Measured::Value(Decimal::new(-25, 1)),
            unit: "V, \"DC\"".to_owned(),
            at: MonoTime::from_ms(86_400_000),
        }),
        Record::Summary(MinuteSummary {
            device: id("mon.1"),
            bed: Some(id("1")),
            admission: None,
            at: MonoTime::from_ms(60_000),
            of: Summarised::Vital(Code::Temp),
            numbers: gathered.numbers(),
            absent: 2,
        }),
    ]
}

impl Bench {
    fn new() -> Bench {
        Bench {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&self, boot: BootId) -> Store {
        let options = StoreOptions {
            commit_window: Duration::from_secs(3600),
            ..StoreOptions::at(self.path("store.redb"))
        };
        let now = MonoTime::from_ms(1);
        Store::open(&options, boot, now, 3).unwrap().0
    }

    fn fill(&self, boot: BootId, records: Vec<Record>) {
        let store = self.open(boot);
        records.into_iter().for_each(|record| {
            store.append(record);
        });
        store.close().unwrap();
    }

    fn args(&self, more: &[&str]) -> ExportArgs {
        let store = self.path("store.redb");
        let head = ["export", "--store", store.to_str().unwrap(), "--to", "-"];
        let words = head.iter().chain(more);
        Cli::try_parse_from(words).unwrap().args
    }

    fn export(&self, more: &[&str]) -> (String, Exported) {
        let mut out = Vec::new();
        let args = self.args(more);
        let store = args.store.clone().unwrap();
        let post = id("post-7");
        let exported = export(&Source::new(store, args.key.clone(), Some(post)), &args, &mut out).unwrap();
        (String::from_utf8(out).unwrap(), exported)
    }
}

const EPOCH: &str = "0000000100000003";

#[test]
fn a_table_of_readings_says_when_who_what_and_why_not_and_runs_no_formula() {
    let bench = Bench::new();
    bench.fill(BOOT, samples());
    let (table, exported) = bench.export(&[]);
    let boot = BOOT.to_string();
    let expected = format!(
        "time,trust,boot,at_ns,bed,admission,device,code,value,unit,reason,quality,method,epoch,seq,patient\r\n\
         2026-11-23T00:00:01.500Z,holdover,{boot},1500000000,1,adm-1,'-mon.1,spo2,97,%,,questionable,automatic,{EPOCH},1,adm-1\r\n\
         2026-11-23T00:00:02.000Z,holdover,{boot},2000000000,2,adm-1,'-mon.1,spo2,,%,probe_off,questionable,automatic,{EPOCH},2,adm-1\r\n\
         2026-11-24T00:00:00.000Z,holdover,{boot},86400000000000,,,plc,'=cmd|' /C calc'!A0,-2.5,\"V, \"\"DC\"\"\",,,,{EPOCH},3,\r\n"
    );
    assert_eq!(table, expected);
    assert_eq!(
        (exported.records, exported.undated, exported.unread.len()),
        (3, 0, 0)
    );
}

#[test]
fn a_table_of_summaries_keeps_negative_numbers_as_numbers() {
    let bench = Bench::new();
    bench.fill(BOOT, samples());
    let boot = BOOT.to_string();
    assert_eq!(
        bench.export(&["--lane", "summaries"]).0,
        format!(
            "time,trust,boot,at_ns,bed,admission,device,code,count,lowest,highest,mean,unit,absent,epoch,seq,patient\r\n\
             2026-11-23T00:01:00.000Z,holdover,{boot},60000000000,1,,mon.1,temp,2,-0.5,37.0,18.3,Cel,2,{EPOCH},1,\r\n"
        )
    );
}

#[test]
fn a_json_line_has_the_words_of_the_centres_dump_and_the_posts_own_time() {
    let bench = Bench::new();
    bench.fill(BOOT, samples());
    let boot = BOOT.to_string();
    let lines = bench.export(&["--format", "json", "--bed", "2"]).0;
    let expected = serde_json::json!({
        "post": "post-7", "epoch": EPOCH, "lane": "vitals", "seq": 2, "boot": boot, "at_ns": 2_000_000_000u64,
        "wall_ms": 1_795_392_002_000i64, "trust": "holdover", "kind": "reading", "device": "-mon.1", "bed": "2",
        "admission": "adm-1", "code": "spo2", "value": null, "reason": "probe_off", "quality": "questionable",
        "method": "automatic", "device_wall_ms": null, "patient": "adm-1",
    });
    assert_eq!(lines, format!("{expected}\n"));
    let events = bench.export(&["--format", "json", "--lane", "events"]).0;
    assert!(events.contains("\"event\":\"anchor\""), "{events}");
}

#[test]
fn e5_a_record_names_its_own_stay_and_the_patient_as_whom_that_counts() {
    let bench = Bench::new();
    let of = |at_ms: u64, admission: &str, value: i64| match spo2(at_ms, value) {
        Record::Reading(reading) => Record::Reading(Reading {
            admission: Some(id(admission)),
            ..reading
        }),
        other => other,
    };
    let merged = Event::Merged {
        bed: id("1"),
        from: id("unknown"),
        into: id("adm-1"),
        by: "Grace".to_owned(),
    };
    let at = MonoTime::from_ms(30);
    let records = vec![
        anchor(BOOT),
        of(10, "adm-1", 97),
        of(20, "unknown", 84),
        of(25, "somebody", 70),
        Record::Event { at, event: merged },
        of(40, "adm-1", 95),
    ];
    bench.fill(BOOT, records);
    let told = |more: &[&str]| -> Vec<String> {
        let table = bench.export(more).0;
        let rows = table.lines().skip(1).map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            format!("{} {} {}", cells[8], cells[5], cells[15])
        });
        rows.collect()
    };
    let of_both = ["97 adm-1 adm-1", "84 unknown adm-1", "95 adm-1 adm-1"];
    assert_eq!(told(&["--admission", "adm-1"]), of_both);
    assert_eq!(told(&["--admission", "unknown"]), of_both);
    assert_eq!(told(&["--admission", "somebody"]), ["70 somebody somebody"]);
    assert_eq!(told(&[]).len(), 4);
    let events = bench
        .export(&["--lane", "events", "--format", "json", "--admission", "unknown"])
        .0;
    assert!(
        events.contains("\"event\":\"merged\"") && events.lines().count() == 1,
        "{events}"
    );
}

#[test]
fn a_move_is_exported_with_both_beds_and_a_discharge_with_its_own() {
    let bench = Bench::new();
    let by = || "Grace".to_owned();
    let events = [
        Event::Transferred(vitals::Transferred {
            admission: id("1-a"),
            from: id("1"),
            to: id("2"),
            by: by(),
        }),
        Event::Discharged(vitals::Discharged {
            bed: id("2"),
            admission: id("1-a"),
            disposition: vitals::Disposition::AgainstAdvice,
            by: by(),
        }),
    ];
    let at = MonoTime::from_ms(5);
    bench.fill(BOOT, events.map(|event| Record::Event { at, event }).into());
    let of = |bed: &str| {
        bench
            .export(&["--format", "json", "--lane", "events", "--bed", bed])
            .0
    };
    let (one, two) = (of("1"), of("2"));
    assert_eq!(
        (one.lines().count(), two.lines().count(), of("3").as_str()),
        (1, 2, "")
    );
    assert!(
        one.contains(r#""event":"transferred","from":"1""#) && two.contains(one.trim()),
        "{one}"
    );
    assert!(two.contains(r#""disposition":"against_advice""#), "{two}");
}

#[test]
fn e2_dates_choose_by_wall_time_and_a_boot_without_anchor_is_never_left_out() {
    let bench = Bench::new();
    bench.fill(LATER, vec![spo2(5, 88)]);
    bench.fill(BOOT, samples());
    let values = |more: &[&str]| {
        let (table, exported) = bench.export(more);
        let values: Vec<String> = table
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(8).unwrap().to_owned())
            .collect();
        (values.join(" "), exported.undated)
    };
    assert_eq!(values(&["--from", "2026-11-24"]), ("88 -2.5".to_owned(), 1));
    assert_eq!(values(&["--to-date", "2026-11-23"]), ("88 97 ".to_owned(), 1));
    assert_eq!(
        values(&[
            "--from",
            "2026-11-23T00:00:02Z",
            "--to-date",
            "2026-11-23T12:00:00Z"
        ]),
        ("88 ".to_owned(), 1)
    );
    assert_eq!(values(&["--bed", "1"]), ("88 97".to_owned(), 1));
}

#[test]
fn e1_a_store_that_was_not_closed_is_read_and_not_a_byte_of_it_changes() {
    let bench = Bench::new();
    let store = bench.open(BOOT);
    samples().into_iter().for_each(|record| {
        store.append(record);
    });
    store.flush().unwrap();
    // As a copy of a running post's disk, or a card after a power cut.
    fs::copy(bench.path("store.redb"), bench.path("copy.redb")).unwrap();
    drop(store);
    let copy = bench.path("copy.redb");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o444)).unwrap();
    let before = fs::read(&copy).unwrap();
    let exported = export(
        &Source::new(copy.clone(), None, None),
        &bench.args(&[]),
        io::sink(),
    )
    .unwrap();
    assert_eq!((exported.records, exported.mended), (3, true));
    assert!(fs::read(&copy).unwrap() == before, "the copy has changed");
}

#[test]
fn a_running_post_keeps_its_store_and_the_message_says_what_to_do() {
    let bench = Bench::new();
    let store = bench.open(BOOT);
    let refused = export(
        &Source::new(bench.path("store.redb"), None, None),
        &bench.args(&[]),
        io::sink(),
    )
    .unwrap_err();
    assert!(matches!(&refused, ExportError::InUse { .. }), "{refused}");
    assert!(refused.to_string().contains("`vitalpost backup`"), "{refused}");
    store.close().unwrap();
}

#[test]
fn e1_a_damaged_store_gives_what_it_still_holds_and_names_what_is_missing() {
    let bench = Bench::new();
    let store = bench.open(BOOT);
    store.append(anchor(BOOT));
    for number in 0..300 {
        (0..20).for_each(|at| {
            store.append(spo2(number * 20 + at, 97));
        });
        store.flush().unwrap();
    }
    store.close().unwrap();
    let path = bench.path("store.redb");
    let whole = bench.export(&[]).1;
    assert_eq!((whole.records, whole.unread.len()), (6_000, 0));
    // Inside a page, where records lie: redb itself notices nothing. Not every page holds records.
    let original = fs::read(&path).unwrap();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    let mut fewer = 0;
    for at in (4096..original.len() - 4096).step_by(4096) {
        let spot = at + 3_000;
        file.write_all_at(&[0xff; 16], spot as u64).unwrap();
        // Pages with the tables' own names may hide everything, and say so.
        if let Ok(found) = export(
            &Source::new(path.clone(), None, None),
            &bench.args(&[]),
            io::sink(),
        ) {
            assert!(found.records <= 6_000);
            assert_eq!(found.records < 6_000, !found.unread.is_empty(), "{at}: {found:?}");
            fewer += u32::from(found.records > 0 && found.records < 6_000);
        }
        file.write_all_at(&original[spot..spot + 16], spot as u64)
            .unwrap();
    }
    assert!(fewer > 3, "damage in {fewer} pages hid a part");
    assert_eq!(bench.export(&[]).1, whole);
}

#[test]
fn e1_a_sealed_store_is_exported_with_its_key_and_refused_without() {
    let bench = Bench::new();
    let key = bench.path("store.key");
    crate::store::new_key_file(&key).unwrap();
    let options = StoreOptions {
        key: Some(KeySource::File(key.clone())),
        ..StoreOptions::at(bench.path("store.redb"))
    };
    let (store, _) = Store::open(&options, BOOT, MonoTime::from_ms(1), 3).unwrap();
    samples().into_iter().for_each(|record| {
        store.append(record);
    });
    store.close().unwrap();
    let args = bench.args(&[]);
    let sealed = Source::new(bench.path("store.redb"), None, None);
    let refused = export(&sealed, &args, io::sink()).unwrap_err().to_string();
    assert!(refused.contains("--key"), "{refused}");
    let key = key.to_str().unwrap();
    let (table, exported) = bench.export(&["--key", key]);
    fs::remove_file(bench.path("store.redb")).unwrap();
    fs::remove_file(bench.path("store.redb.epoch")).unwrap();
    bench.fill(BOOT, samples());
    assert_eq!((table, exported), bench.export(&[]), "as if it were not sealed");
}

#[test]
fn e4_a_file_that_is_there_stays_and_half_an_export_never_has_the_name() {
    let bench = Bench::new();
    bench.fill(BOOT, samples());
    let mut args = bench.args(&[]);
    args.to = bench.path("out.csv");
    run(&args).unwrap();
    let written = fs::read_to_string(&args.to).unwrap();
    assert_eq!(written, bench.export(&[]).0);
    let refused = run(&args).unwrap_err();
    assert!(matches!(refused, ExportError::There { .. }), "{refused}");
    args.store = Some(bench.path("nothing.redb"));
    args.to = bench.path("none.csv");
    run(&args).unwrap_err();
    let names: Vec<String> = fs::read_dir(bench.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("csv"))
        .collect();
    assert_eq!(names, ["out.csv"]);
}

#[test]
fn what_cannot_be_exported_is_refused_before_anything_is_read() {
    let bench = Bench::new();
    bench.fill(BOOT, samples());
    let store = bench.path("store.redb");
    let ask = |more: &[&str]| {
        export(
            &Source::new(store.clone(), None, None),
            &bench.args(more),
            io::sink(),
        )
        .unwrap_err()
    };
    let refused = ask(&["--lane", "alerts"]);
    assert!(matches!(refused, ExportError::NoTable { lane: Lane::Alerts }));
    let refused = ask(&["--from", "2026-11-24", "--to-date", "2026-11-23"]);
    assert!(matches!(refused, ExportError::Backwards));
    let words = ["export", "--to", "-", "--from", "yesterday"];
    let refused = Cli::try_parse_from(words).err().unwrap().to_string();
    assert!(refused.contains("2026-11-23T14:30:00Z"), "{refused}");
}

#[test]
fn i3_of_a_handover_only_what_is_about_the_one_who_was_asked_for_is_exported() {
    let bench = Bench::new();
    let bed = |bed: &str| vitals::HandoverBed {
        bed: id(bed),
        label: format!("Bed {bed}"),
        admission: id(&format!("stay-{bed}")),
        lines: Vec::new(),
        to_do: vitals::Masked::new(format!("words of {bed}")),
    };
    let at = Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(1),
    };
    let handover = vitals::Handover {
        id: id("0000000200000007-1"),
        by: "Grace".to_owned(),
        by_id: "grace".to_owned(),
        made: at,
        offered: at,
        hours: 12,
        post: Vec::new(),
        beds: vec![bed("1"), bed("2")],
    };
    let event = Event::HandoverOffered(Box::new(handover));
    bench.fill(BOOT, vec![Record::Event { at: at.mono, event }]);
    let export = |more: &[&str]| {
        let always = ["--lane", "events", "--format", "json"];
        bench.export(&[&always[..], more].concat()).0
    };
    let all = export(&[]);
    assert!(all.contains("words of 1") && all.contains("words of 2"), "{all}");
    for narrow in [["--bed", "2"], ["--admission", "stay-2"]] {
        let told = export(&narrow);
        assert!(
            !told.contains("words of 1") && told.contains("words of 2"),
            "{told}"
        );
    }
    assert!(!export(&["--bed", "3"]).contains("handover_offered"));
}
