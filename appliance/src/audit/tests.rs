//! V1, V2 over real stores and exports: whatever is done to one entry is found.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use proptest::prelude::*;
use vitals::audit::{Actor, Chain, ChainId, Deed, Entry, Outcome, START, Telling};
use vitals::{BootId, ClockTrust, Event, Masked, MonoTime, Record, Stamp, WallTime};

use super::*;
use crate::export;
use crate::store::{Store, StoreOptions};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: AuditArgs,
}

#[derive(Parser)]
struct ExportCli {
    #[command(flatten)]
    args: export::ExportArgs,
}

const BOOT: BootId = BootId([0xab; 16]);
/// 2026-11-23T00:00:00Z.
const DAY_MS: i64 = 1_795_392_000_000;

fn deed(second: u64, told: Telling) -> Deed {
    Deed {
        at: Stamp {
            boot: BOOT,
            mono: MonoTime::from_ns(second * 1_000_000_000 + 1),
        },
        wall: Some(WallTime::from_unix_ms(DAY_MS + second as i64 * 1_000)),
        trust: ClockTrust::Holdover,
        told,
    }
}

fn acknowledged(number: u64) -> Telling {
    Telling {
        who: Actor::Person {
            id: if number.is_multiple_of(2) { "grace" } else { "john" }.to_owned(),
            name: Masked::new("Grace, O.".to_owned()),
        },
        from: "192.0.2.7".to_owned(),
        action: "acknowledge".to_owned(),
        outcome: if number == 5 {
            Outcome::Refused
        } else {
            Outcome::Done
        },
        subject: format!("alarm:{number} bed:1 admission:stay-{}", number % 3),
        before: None,
        after: Some(Masked::new(format!("acknowledged {number}"))),
    }
}

/// The audit of a post: eight entries and a signed head in the middle and at the end.
fn audit_of(post: &str) -> Vec<Event> {
    let chain = ChainId::of(&post.parse().unwrap(), 7);
    let key = BoxKey::of(&[7; 32]).unwrap();
    let mut grown = Chain::begin(&chain);
    let mut events = Vec::new();
    for number in 1..=8 {
        let told = match number {
            1 => Telling::begin(&chain, None, "the first start"),
            2 => Telling::of_chain(&chain, START, "version 1"),
            number => acknowledged(number),
        };
        events.push(Event::Audited(Box::new(grown.append(deed(number, told)))));
        if number == 4 || number == 8 {
            let head = key.sign(chain.clone(), grown.head(), None);
            events.push(Event::AuditHead(Box::new(head)));
        }
    }
    events
}

fn places(events: &[Event]) -> Vec<usize> {
    let of = |(place, event): (usize, &Event)| matches!(event, Event::Audited(_)).then_some(place);
    events.iter().enumerate().filter_map(of).collect()
}

fn entry(event: &mut Event) -> &mut Entry {
    match event {
        Event::Audited(entry) => entry,
        other => panic!("{other:?}"),
    }
}

/// A folder with stores in it.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Fills a store; it runs on.
    fn running(&self, name: &str, events: &[Event]) -> Store {
        let options = StoreOptions::at(self.file(name));
        let (store, _) = Store::open(&options, BOOT, MonoTime::BOOT, 1).unwrap();
        for event in events.iter().cloned() {
            let at = MonoTime::from_ms(1);
            store.append(Record::Event { at, event });
        }
        store.flush().unwrap();
        store
    }

    fn store(&self, name: &str, events: &[Event]) -> PathBuf {
        self.running(name, events).close().unwrap();
        self.file(name)
    }

    fn export(&self, store: &Path) -> PathBuf {
        let to = self.file("export.jsonl");
        let words = ["export", "--format", "json", "--lane", "events", "--store"];
        let words = words.iter().map(AsRef::as_ref).chain([store.as_os_str()]);
        let words = words.chain(["--to".as_ref(), to.as_os_str()]);
        export::run(&ExportCli::parse_from(words).args).unwrap();
        to
    }

    /// What somebody else kept of the audit of this post.
    fn heads(&self, post: &str) -> PathBuf {
        let file = self.file("heads.jsonl");
        let heads = audit_of(post).into_iter().filter_map(|event| {
            let is_head = matches!(event, Event::AuditHead(_));
            let at = MonoTime::BOOT;
            let line = vitals::json::fields(&Record::Event { at, event });
            is_head.then(|| serde_json::Value::Object(line).to_string())
        });
        fs::write(&file, heads.collect::<Vec<_>>().join("\n")).unwrap();
        file
    }
}

fn said(words: &[&dyn AsRef<std::ffi::OsStr>]) -> Result<String, String> {
    let words = ["audit".as_ref()]
        .into_iter()
        .chain(words.iter().map(|word| (*word).as_ref()));
    let mut out = Vec::new();
    let ran = run(&Cli::parse_from(words).args, &mut out);
    let out = String::from_utf8(out).unwrap();
    ran.map(|()| out.clone()).map_err(|error| format!("{out}{error}"))
}

fn verify(from: &str, file: &Path, heads: &Path) -> Result<String, String> {
    said(&[&"verify", &from, &file, &"--post", &"kolo", &"--heads", &heads])
}

/// One thing done to one entry.
#[derive(Clone, Copy, Debug)]
enum Tampering {
    Text,
    Time,
    Trust,
    Outcome,
    Hash,
    Previous,
    /// Changed, and given the hash that it has now.
    WithItsHash,
    Remove,
    /// The one before once more, under this number.
    Insert,
    Swap,
    /// The one of another box.
    Other,
}

const TAMPERINGS: [Tampering; 11] = [
    Tampering::Text,
    Tampering::Time,
    Tampering::Trust,
    Tampering::Outcome,
    Tampering::Hash,
    Tampering::Previous,
    Tampering::WithItsHash,
    Tampering::Remove,
    Tampering::Insert,
    Tampering::Swap,
    Tampering::Other,
];

fn tampered(how: Tampering, nth: usize) -> Vec<Event> {
    let mut events = audit_of("kolo");
    let places = places(&events);
    let at = places[nth];
    match how {
        Tampering::Text => entry(&mut events[at]).deed.told.subject.push('0'),
        Tampering::Time => entry(&mut events[at]).deed.at.mono = MonoTime::from_ns(77),
        Tampering::Trust => entry(&mut events[at]).deed.trust = ClockTrust::Synchronised,
        Tampering::Outcome => {
            let told = &mut entry(&mut events[at]).deed.told;
            told.outcome = match told.outcome {
                Outcome::Done => Outcome::Refused,
                Outcome::Refused => Outcome::Done,
            };
        }
        Tampering::Hash => entry(&mut events[at]).hash.0[5] ^= 4,
        Tampering::Previous => entry(&mut events[at]).previous.0[31] ^= 1,
        Tampering::WithItsHash => {
            let entry = entry(&mut events[at]);
            let mut deed = entry.deed.clone();
            deed.told.after = Some(Masked::new("something else".to_owned()));
            let before = vitals::audit::Head {
                number: entry.number - 1,
                hash: entry.previous,
            };
            *entry = Chain::after(before).append(deed);
        }
        Tampering::Remove => drop(events.remove(at)),
        Tampering::Insert => {
            let mut before = events[places[nth.saturating_sub(1)]].clone();
            entry(&mut before).number = nth as u64 + 1;
            events.insert(at, before);
        }
        Tampering::Swap => {
            let other = places[(nth + 1) % places.len()];
            events.swap(at, other);
        }
        Tampering::Other => events[at] = audit_of("other")[at].clone(),
    }
    events
}

#[test]
fn u1_u2_whatever_is_done_to_any_one_entry_of_an_export_is_found() {
    let bench = Bench::new();
    let heads = bench.heads("kolo");
    let whole = bench.export(&bench.store("whole.redb", &audit_of("kolo")));
    let told = verify("--export", &whole, &heads).unwrap();
    assert!(
        told.contains("entries 1 to 8") && told.ends_with("The audit holds.\n"),
        "{told}"
    );
    let lines = fs::read_to_string(&whole).unwrap();
    for how in TAMPERINGS {
        for nth in 0..8 {
            // As lines, the way an export would write them.
            let at = MonoTime::BOOT;
            let text = tampered(how, nth).into_iter().map(|event| {
                serde_json::Value::Object(vitals::json::fields(&Record::Event { at, event })).to_string()
            });
            fs::write(&whole, text.collect::<Vec<_>>().join("\n")).unwrap();
            let told = verify("--export", &whole, &heads);
            assert!(
                told.as_ref().is_err_and(|told| told.contains("WRONG: ")),
                "{how:?} {nth}: {told:?}"
            );
        }
    }
    // Any one digit of what the hashes cover, in the text itself.
    for (place, digit) in lines.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        let line = lines[..place].rfind('\n').map_or(0, |end| end + 1);
        if !lines[line..].starts_with("{\"") || !lines[line..place].contains("\"entry\":{") {
            continue;
        }
        if lines[line..place]
            .rfind('}')
            .is_some_and(|end| end > lines[line..place].rfind('{').unwrap())
        {
            continue;
        }
        let other = if digit == '7' { "8" } else { "7" };
        let text = format!("{}{other}{}", &lines[..place], &lines[place + 1..]);
        fs::write(&whole, text).unwrap();
        let told = verify("--export", &whole, &heads);
        assert!(told.is_err(), "digit at {place}: {}", &lines[line..place + 1]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn u1_u2_whatever_is_done_to_any_one_entry_of_a_store_is_found(how in 0..TAMPERINGS.len(), nth in 0usize..8) {
        let bench = Bench::new();
        let heads = bench.heads("kolo");
        let store = bench.store("store.redb", &tampered(TAMPERINGS[how], nth));
        let told = verify("--store", &store, &heads);
        prop_assert!(told.as_ref().is_err_and(|told| told.contains("WRONG: ")), "{:?} {}: {:?}", TAMPERINGS[how], nth, told);
    }
}

#[test]
fn u2_the_chains_of_two_boxes_are_not_mistaken_for_each_other() {
    let bench = Bench::new();
    let store = bench.store("store.redb", &audit_of("other"));
    let told = said(&[&"verify", &"--store", &store, &"--post", &"kolo"]).unwrap_err();
    assert!(
        told.contains("is the audit of another post, not of kolo"),
        "{told}"
    );
    let told = verify("--store", &store, &bench.heads("kolo")).unwrap_err();
    assert!(told.contains("this chain is not here"), "{told}");
}

#[test]
fn what_was_cut_off_or_written_anew_is_found_by_heads_that_somebody_kept_and_by_nothing_else() {
    let bench = Bench::new();
    let heads = bench.heads("kolo");
    let mut cut = audit_of("kolo");
    cut.truncate(6);
    let cut = bench.store("cut.redb", &cut);
    said(&[&"verify", &"--store", &cut, &"--post", &"kolo"]).unwrap();
    let told = verify("--store", &cut, &heads).unwrap_err();
    assert!(
        told.contains("the chain ends at 5, and somebody holds a signed head of entry 8"),
        "{told}"
    );
    let none = bench.store("none.redb", &[]);
    let told = verify("--store", &none, &heads).unwrap_err();
    assert!(
        told.contains("There is no entry") && told.contains("this chain is not here"),
        "{told}"
    );
}

#[test]
fn v1_a_running_posts_store_is_verified_and_read_beside_it() {
    let bench = Bench::new();
    let store = bench.running("store.redb", &audit_of("kolo"));
    let told = verify("--store", &bench.file("store.redb"), &bench.heads("kolo")).unwrap();
    assert!(told.contains("entries 1 to 8"), "{told}");
    store.append(Record::Site(vitals::SiteReading {
        device: "plc".parse().unwrap(),
        signal: "temperature".to_owned(),
        measured: vitals::Measured::Value(vitals::Decimal::whole(1)),
        unit: "Cel".to_owned(),
        at: MonoTime::BOOT,
    }));
    store.flush().unwrap();

    let numbers = |wanted: Wanted, most| -> (Vec<u64>, bool) {
        let page = search(&store, &wanted, most).unwrap();
        (page.entries.iter().map(|entry| entry.number).collect(), page.more)
    };
    assert_eq!(numbers(Wanted::default(), 3), (vec![8, 7, 6], true));
    let of = |person: &str| Wanted {
        person: Some(person.to_owned()),
        ..Wanted::default()
    };
    assert_eq!(numbers(of("grace"), 9), (vec![8, 6, 4], false));
    let patient = Wanted {
        patient: Some("stay-1".to_owned()),
        ..Wanted::default()
    };
    assert_eq!(numbers(patient, 9), (vec![7, 4], false));
    let from = Some(WallTime::from_unix_ms(DAY_MS + 7_000));
    let late = Wanted {
        from,
        action: Some("acknowledge".to_owned()),
        ..Wanted::default()
    };
    assert_eq!(numbers(late, 9), (vec![8, 7], false));
    store.close().unwrap();
}

#[test]
fn what_is_shown_and_the_table_hold_every_word_and_no_formula() {
    let bench = Bench::new();
    let mut events = audit_of("kolo");
    let told = &mut entry(&mut events[2]).deed.told;
    (told.subject, told.from) = ("=1+1".to_owned(), "a\nb".to_owned());
    let store = bench.store("store.redb", &events);
    let shown = said(&[
        &"show",
        &"--store",
        &store,
        &"--person",
        &"john",
        &"--limit",
        &"2",
    ])
    .unwrap();
    let [first, second] = shown.lines().collect::<Vec<_>>()[..] else {
        panic!("{shown}")
    };
    assert_eq!(
        first,
        "3 2026-11-23T00:00:03.000Z person john Grace, O. acknowledge done; from a\u{fffd}b; on =1+1; after: acknowledged 3"
    );
    assert!(second.contains("acknowledge refused"), "{second}");
    let table = said(&[&"csv", &"--store", &store]).unwrap();
    assert_eq!(table.split("\r\n").count(), 10, "{table}");
    assert!(
        table.contains(",person,john,\"Grace, O.\",\"a\nb\",acknowledge,done,'=1+1,,acknowledged 3,"),
        "{table}"
    );
}

#[test]
fn fhir_events_have_what_r4_demands_and_the_codes_of_their_kind() {
    let bench = Bench::new();
    let store = bench.store("store.redb", &audit_of("kolo"));
    let told = said(&[&"fhir", &"--store", &store, &"--post", &"kolo"]).unwrap();
    let events: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 8);
    for event in &events {
        assert_eq!(event["resourceType"], "AuditEvent");
        assert!(event["type"]["code"].is_string() && event["recorded"].is_string());
        assert!(event["agent"][0]["requestor"] == true && event["source"]["observer"].is_object());
    }
    assert_eq!(events[1]["subtype"][0]["code"], "110120");
    let refused = &events[4];
    assert_eq!(
        (&refused["outcome"], &refused["outcomeDesc"]),
        (&"4".into(), &"acknowledged 5".into())
    );
    assert_eq!(
        refused["agent"][0]["network"],
        serde_json::json!({"address": "192.0.2.7", "type": "2"})
    );
    assert_eq!(refused["agent"][0]["who"]["identifier"]["value"], "john");
    let patient = &refused["entity"][2];
    assert_eq!(
        (&patient["what"]["identifier"]["value"], &patient["role"]["code"]),
        (&"stay-2".into(), &"1".into())
    );
}
