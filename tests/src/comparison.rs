//! What a post kept against what its centre received, after everything has drained: nothing lost, nothing doubled, and no
//! value that no device sent (I1, I2).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use appliance::store::{Batch, Cursor, RELAYED_LANES, Store, StoreOptions};
use central::store::Stored;
use serde_json::Value;
use vitals::{BootId, Lane, MonoTime, Seq, WallTime};

use crate::clock::wait_for;
use crate::process::Process;
use crate::scene::{Scene, text};

/// (epoch, seq) -> the whole record, as `vitalpost-central dump` prints it, without the time of its arrival.
pub type Records = BTreeMap<(String, u64), Value>;

/// Devices fall silent, everything drains, the appliance stops in order.
///
/// Panics when the centre does not confirm everything in time.
pub fn settle(scene: &mut Scene) {
    scene.simulators.clear();
    let nurse = scene.nurse();
    // Readings wait at most the commit window (1 s here); then nothing new comes but technical alarms.
    std::thread::sleep(Duration::from_secs(3));
    wait_for(
        "the centre has confirmed everything",
        Duration::from_secs(90),
        || {
            let ward = nurse.ward()?;
            (ward["centre"]["state"] == "up" && ward["centre"]["waiting"] == 0).then_some(())
        },
    );
    let status = scene.post.take().expect("the appliance runs").stop();
    assert!(status.success(), "the appliance stops in order: {status}");
    // Its last records travel while it stops or with its next start; either way they are in its store.
    scene.start_post();
    wait_for(
        "what was made while stopping has arrived too",
        Duration::from_secs(60),
        || {
            let ward = nurse.ward()?;
            (ward["centre"]["state"] == "up" && ward["centre"]["waiting"] == 0).then_some(())
        },
    );
    scene.post.take().expect("the appliance runs").kill();
}

/// What [`check`] found.
#[derive(Clone, Copy, Debug)]
pub struct Compared {
    /// Readings that the post kept, all of them at the centre once.
    pub readings: usize,
    /// Values at the centre that were looked up in what the devices sent, none of them false.
    pub values: usize,
}

/// Compares what the post kept, what the centre received and what the devices sent; call [`settle`] first.
///
/// Panics at the first record that is lost, doubled, altered or false.
pub fn check(scene: &mut Scene) -> Compared {
    let kept = kept_in(&scene.path("store.redb"));
    let received = received_by_centre(scene);
    Compared {
        readings: compare(&kept, &received),
        values: check_against_truth(scene, &received[&Lane::Vitals]),
    }
}

/// Compares what a post kept in this store with what the centre received; the centre ends. Returns how many readings there are, and
/// what the centre has of events.
///
/// Panics at the first record that is lost, doubled or altered.
pub fn check_store(scene: &mut Scene, store: &Path) -> (usize, Records) {
    let kept = kept_in(store);
    let mut received = received_by_centre(scene);
    let readings = compare(&kept, &received);
    (readings, received.remove(&Lane::Events).unwrap_or_default())
}

fn kept_in(store: &Path) -> BTreeMap<Lane, Records> {
    let options = StoreOptions::at(store.to_owned());
    let post = "demo".parse().expect("an id");
    let (store, report) = Store::open(&options, BootId([0; 16]), MonoTime::BOOT, 1).expect("the store opens");
    assert_eq!(report.set_aside, None, "a killed appliance leaves a sound store");
    let lanes = RELAYED_LANES.into_iter().map(|lane| {
        let mut records = Records::new();
        let mut after = Cursor::START;
        while let Some(batch) = store.read(lane, after, 1_000).expect("the store reads") {
            after = batch.end();
            let Batch {
                epoch,
                first,
                boot,
                records: batch,
                ..
            } = batch;
            for (seq, record) in (first.0..).map(Seq).zip(batch) {
                let stored = Stored {
                    epoch,
                    lane,
                    seq,
                    boot,
                    received: WallTime::from_unix_ms(0),
                    record,
                };
                let (place, record) = dumped(&central::dump::line(&post, &stored));
                records.insert(place, record);
            }
        }
        (lane, records)
    });
    lanes.collect()
}

fn received_by_centre(scene: &mut Scene) -> BTreeMap<Lane, Records> {
    let status = scene.centre.take().expect("the centre runs").stop();
    assert!(status.success(), "the centre stops in order: {status}");
    let config = scene.path("central.toml");
    let lanes = RELAYED_LANES.into_iter().map(|lane| {
        let name = format!("dump-{lane}");
        let args = [
            "dump",
            "--config",
            text(&config),
            "--lane",
            lane.key(),
            "--post",
            "demo",
        ];
        let mut dump = Process::start(&name, "vitalpost-central", &args, &scene.path(""));
        assert!(dump.wait(Duration::from_secs(60)).success(), "{}", dump.log());
        let mut records = Records::new();
        let mut before = None;
        for line in dump.log().lines().filter(|line| line.starts_with('{')) {
            let (place, said) = dumped(line);
            assert!(
                before.as_ref() < Some(&place),
                "in order, each once: {before:?} then {place:?}"
            );
            before = Some(place.clone());
            records.insert(place, said);
        }
        (lane, records)
    });
    lanes.collect()
}

/// Says what a program printed; it must end well within a minute.
fn said(scene: &Scene, program: &str, name: &str, args: &[&str]) -> String {
    let mut process = Process::start(name, program, args, &scene.path(""));
    let status = process.wait(Duration::from_secs(60));
    assert!(status.success(), "{name}: {status}\n{}", process.log());
    process.log()
}

/// The audit of the post verifies, from its beginning, in its store and at the centre, with the heads that the centre kept,
/// and is one chain over all starts (I9); call [`check`] first. Returns how many entries there are.
pub fn check_audit(scene: &Scene) -> u64 {
    let (central, store) = (scene.path("central.toml"), scene.path("store.redb"));
    let args = [
        "dump",
        "--config",
        text(&central),
        "--lane",
        "events",
        "--post",
        "demo",
    ];
    let dump = said(scene, "vitalpost-central", "dump-audit", &args);
    let lines: Vec<&str> = dump.lines().filter(|line| line.starts_with('{')).collect();
    let copy = scene.path("centre-events.jsonl");
    std::fs::write(&copy, lines.join("\n")).expect("a file in the scene's folder");
    let copy = text(&copy);
    let verify = |name, from: &[&str]| {
        let args = [&["audit", "verify", "--post", "demo", "--heads", copy], from].concat();
        let told = said(scene, "vitalpost", name, &args);
        let chains: Vec<&str> = told.lines().filter(|line| line.starts_with("chain ")).collect();
        let [chain] = chains[..] else {
            panic!("one chain: {told}")
        };
        let words: Vec<&str> = chain.split(' ').collect();
        let to = words
            .iter()
            .position(|word| *word == "to")
            .expect("from entry to entry");
        let ends: u64 = words[to + 1].trim_end_matches(',').parse().expect("a number");
        ends
    };
    let kept = verify("verify-store", &["--store", text(&store)]);
    let received = verify("verify-centre", &["--export", copy]);
    assert_eq!(
        kept, received,
        "the centre has every entry, and none beside the chain"
    );
    kept
}

fn dumped(line: &str) -> ((String, u64), Value) {
    let mut record: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let place = (
        record["epoch"]
            .as_str()
            .expect("a record has its epoch")
            .to_owned(),
        record["seq"].as_u64().expect("a record has its place"),
    );
    let fields = record.as_object_mut().expect("a record is an object");
    assert!(fields.keys().any(|key| key.starts_with("received")), "{line}");
    fields.retain(|key, _| !key.starts_with("received"));
    (place, record)
}

/// Everything kept is there, equal, and no lane of an epoch has a hole up to its last kept record. (Beyond that the centre
/// may hold what died with the process before it reached the card: it was sent first.)
fn compare(kept: &BTreeMap<Lane, Records>, received: &BTreeMap<Lane, Records>) -> usize {
    for lane in RELAYED_LANES {
        let (kept, received) = (&kept[&lane], &received[&lane]);
        let lost: Vec<_> = kept
            .keys()
            .filter(|place| !received.contains_key(*place))
            .collect();
        assert!(
            lost.is_empty(),
            "{lane}: {} of {} lost, first {:?}",
            lost.len(),
            kept.len(),
            lost.first()
        );
        let mut next: BTreeMap<&str, u64> = BTreeMap::new();
        for (place, said) in kept {
            assert_eq!(Some(said), received.get(place), "{lane} {place:?}");
            let expected = next.entry(&place.0).or_insert(1);
            assert_eq!(place.1, *expected, "{lane}: a gap in epoch {}", place.0);
            *expected += 1;
        }
        println!(
            "{lane}: {} kept, {} received, {} epochs, no gap",
            kept.len(),
            received.len(),
            next.len()
        );
    }
    kept[&Lane::Vitals].len()
}

/// How old a value may be when it is read: nonin and the Modbus poll at 1 Hz, on a loaded machine.
const SENT_WITHIN: Duration = Duration::from_millis(3_500);

/// No value at the centre that its device did not send shortly before.
fn check_against_truth(scene: &Scene, readings: &Records) -> usize {
    let truth = scene.truth();
    let standstill = scene.standstill.longest();
    println!("the machine never stood still for longer than {standstill:.1?}");
    let back_ns = u64::try_from((SENT_WITHIN + standstill).as_nanos()).expect("minutes");
    let mut compared = 0;
    for (place, reading) in readings {
        let text = |key: &str| reading[key].as_str();
        let (Some(device), Some(code), Some(value)) = (text("device"), text("code"), text("value")) else {
            continue;
        };
        let at_ns = reading["at_ns"].as_u64().expect("a record has its time");
        compared += 1;
        assert!(
            truth.sent(device, code, value, at_ns + 1_000_000, back_ns),
            "{place:?}: {device} never sent {code} = {value} at {at_ns} ns; it said, so many ms before: {:?}",
            truth.last(device, code, at_ns)
        );
    }
    println!("{compared} values compared with what the devices sent: 0 false");
    compared
}
