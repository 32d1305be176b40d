//! The outage test, with real processes (I1, I2): the broker is gone for a minute, the appliance is killed five times,
//! the centre restarts once. Afterwards everything that the appliance committed is at the centre exactly once, in
//! order, without a gap, and says what the devices really sent.
//!
//! `cargo xtask e2e --times N` runs it N times in a row.

use std::collections::BTreeMap;
use std::time::Duration;

use appliance::store::{Batch, Cursor, Store, StoreOptions};
use central::store::Stored;
use serde_json::Value;
use tests::clock::{boot_ns, wait_for};
use tests::process::Process;
use tests::scene::{Scene, text};
use vitals::{BootId, Lane, MonoTime, Seq, WallTime};

/// (epoch, seq) -> the whole record, as `vitalpost-central dump` prints it, without the time of its arrival.
type Records = BTreeMap<(String, u64), Value>;

const RELAYED: [Lane; 3] = [Lane::Alerts, Lane::Events, Lane::Vitals];

fn scene() -> Scene {
    let mut scene = Scene::new();
    for bed in ["1", "2", "3", "4"] {
        scene.bed(bed);
    }
    scene.nonin("oxi-1", "1", "2", "generator:1:deterioration", &[]);
    scene.nonin("oxi-2", "2", "7", "generator:2:probe-off", &[]);
    let link = scene.path("tty-bus");
    let truth = scene.truth_file("bus");
    let units = [
        (1, "bedside-invented", "mon-3", Some("3")),
        (2, "bedside-invented", "mon-4", Some("4")),
    ];
    scene.modbus_line(
        "bus",
        &format!("serial = {link:?}\nbaud = 19200\nparity = \"even\""),
        &[units[0], units[1], (3, "xy-md02", "fridge", None)],
    );
    let args = [
        "modbus-rtu",
        "--link",
        text(&link),
        "--truth",
        text(&truth),
        "--unit",
        "1=mon-3:bedside:generator:3",
        "--unit",
        "2=mon-4:bedside:generator:4:artefact",
        "--unit",
        "3=fridge:xy-md02",
    ];
    scene.simulator("bus", &args);
    scene.start_broker();
    scene.start_centre();
    scene.start_post();
    scene
}

/// A moment that differs from run to run; printed, so that a failure can be looked at.
fn random_ms(up_to: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
        % up_to
}

fn kill_post(scene: &mut Scene, after: Duration) {
    let extra = Duration::from_millis(random_ms(4_000));
    println!("appliance killed after {:.1} s", (after + extra).as_secs_f64());
    std::thread::sleep(after + extra);
    scene.post.take().expect("the appliance runs").kill();
    std::thread::sleep(Duration::from_millis(random_ms(1_500)));
    scene.start_post();
}

#[test]
fn i1_i2_nothing_is_lost_or_doubled_through_kills_and_an_outage() {
    let mut scene = scene();
    let started_ns = boot_ns();
    kill_post(&mut scene, Duration::from_secs(8));
    kill_post(&mut scene, Duration::from_secs(6));
    scene.broker.take().expect("the broker runs").kill();
    println!("broker stopped for 60 s");
    let outage_ns = boot_ns();
    kill_post(&mut scene, Duration::from_secs(20));
    let passed = Duration::from_nanos(boot_ns() - outage_ns);
    std::thread::sleep(Duration::from_secs(60).saturating_sub(passed));
    scene.start_broker();
    println!("broker started again");
    kill_post(&mut scene, Duration::from_secs(3));
    std::thread::sleep(Duration::from_secs(4));
    scene.centre.take().expect("the centre runs").kill();
    println!("centre killed and started again");
    scene.start_centre();
    kill_post(&mut scene, Duration::from_secs(5));
    std::thread::sleep(Duration::from_secs(8));

    settle(&mut scene);
    let kept = kept_by_post(&scene);
    let received = received_by_centre(&mut scene);
    let seconds = Duration::from_nanos(boot_ns() - started_ns).as_secs();
    let readings = compare(&kept, &received);
    check_against_truth(&scene, &received[&Lane::Vitals]);
    println!("{readings} readings in {seconds} s: 0 lost, 0 doubled");
    assert!(
        readings as u64 > seconds * 4,
        "the devices were heard: {readings} readings in {seconds} s"
    );
}

/// Devices fall silent, everything drains, the appliance stops in order.
fn settle(scene: &mut Scene) {
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

fn kept_by_post(scene: &Scene) -> BTreeMap<Lane, Records> {
    let options = StoreOptions {
        path: scene.path("store.redb"),
        commit_window: Duration::from_secs(1),
        vitals_bytes_max: 1 << 30,
        waves_bytes_max: 1 << 30,
        key: None,
    };
    let post = "demo".parse().expect("an id");
    let (store, report) = Store::open(&options, BootId([0; 16]), MonoTime::BOOT, 1).expect("the store opens");
    assert_eq!(report.set_aside, None, "a killed appliance leaves a sound store");
    let lanes = RELAYED.into_iter().map(|lane| {
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
    let lanes = RELAYED.into_iter().map(|lane| {
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

/// Everything kept is there, equal; no lane of an epoch has a hole up to its last kept record.
fn compare(kept: &BTreeMap<Lane, Records>, received: &BTreeMap<Lane, Records>) -> usize {
    for lane in RELAYED {
        let (kept, received) = (&kept[&lane], &received[&lane]);
        let lost: Vec<_> = kept
            .iter()
            .filter(|(place, _)| !received.contains_key(place))
            .collect();
        assert!(
            lost.is_empty(),
            "{lane}: {} of {} lost, first {:?}",
            lost.len(),
            kept.len(),
            lost.first()
        );
        for (place, said) in kept {
            assert_eq!(Some(said), received.get(place), "{lane} {place:?}");
        }
        let mut next: BTreeMap<&str, u64> = BTreeMap::new();
        for (epoch, seq) in received.keys() {
            let expected = next.entry(epoch).or_insert(1);
            assert_eq!(seq, expected, "{lane}: a gap in epoch {epoch}");
            *expected += 1;
        }
        let epochs = next.len();
        println!(
            "{lane}: {} kept, {} received, {epochs} epochs, no gap",
            kept.len(),
            received.len()
        );
    }
    kept[&Lane::Vitals].len()
}

/// No value at the centre that its device did not send shortly before (nonin 1 Hz, Modbus poll 1 Hz).
fn check_against_truth(scene: &Scene, readings: &Records) {
    let truth = scene.truth();
    let mut compared = 0;
    for (place, reading) in readings {
        let text = |key: &str| reading[key].as_str();
        let (Some(device), Some(code), Some(value)) = (text("device"), text("code"), text("value")) else {
            continue;
        };
        let at_ns = reading["at_ns"].as_u64().expect("a record has its time");
        compared += 1;
        assert!(
            truth.sent(device, code, value, at_ns + 1_000_000, 3_500_000_000),
            "{place:?}: {device} never sent {code} = {value} at {at_ns} ns"
        );
    }
    println!("{compared} values compared with what the devices sent: 0 false");
    assert!(compared > 200, "only {compared} values were compared");
}
