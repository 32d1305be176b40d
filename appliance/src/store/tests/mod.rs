//! What the store promises, on a simulated disk and on real files. Helpers first, cases in the files beside.

mod backup;
mod damage;
mod destinations;
mod failing;
mod files;
mod hanging;
mod keys;
mod life;
mod memory;
mod power;
mod promises;
mod room;
mod sealed;
mod stepped;
mod trends;
mod wear;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use vitals::{
    AlarmChange, AlarmId, AlarmPhase, BootId, Code, Condition, Decimal, Epoch, Event, Lane, MinuteSummary,
    MonoTime, Observation, Priority, Reading, Record, Seq, Side, Stamp, Summarised,
};

use super::disk::Disk;
use super::open::{Run, Tuning};
use super::retention::Limit;
use super::tail::TailBounds;
use super::writer::Pace;
use super::{Batch, Cursor, Destination, DestinationOptions, OpenReport, Store, StoreError};

const BOOT: BootId = BootId([7; 16]);

/// Destinations that get everything.
fn all_to(names: &[&str]) -> Vec<DestinationOptions> {
    names.iter().map(|name| DestinationOptions::all(name)).collect()
}

/// Commits bulk records after 5 ms and retries after 5 ms: nobody tells these stores the time.
fn tuning() -> Tuning {
    Tuning {
        destinations: all_to(&["centre"]),
        pace: Pace {
            window: Duration::from_secs(5),
            window_receipted: Duration::from_secs(60),
            commit_records: 1_000,
            retry_first: Duration::from_millis(500),
            retry_most: Duration::from_secs(30),
            backstop: Duration::from_millis(5),
        },
        tail: TailBounds {
            bulk_records_max: 100_000,
            bulk_bytes_max: 64 << 20,
        },
        limits: [Limit::NONE; 5],
        free_bytes_min: 0,
        ran_before: false,
    }
}

/// Leaves everything to `flush`.
fn unhurried() -> Tuning {
    let mut tuning = tuning();
    (tuning.pace.window, tuning.pace.window_receipted) = (Duration::MAX, Duration::MAX);
    tuning.pace.backstop = Duration::from_secs(3600);
    tuning.pace.commit_records = usize::MAX;
    tuning
}

fn try_open(disk: &Disk, tuning: &Tuning, random: u32) -> Result<(Store, OpenReport), StoreError> {
    let run = Run {
        boot: BOOT,
        now: MonoTime::from_ms(1),
        random,
    };
    Store::open_on(Box::new(disk.clone()), tuning, run)
}

fn open(disk: &Disk, tuning: &Tuning) -> (Store, OpenReport) {
    try_open(disk, tuning, 5).unwrap()
}

fn reading(number: u64) -> Record {
    Record::Reading(Reading {
        device: "oxi-1".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: None,
        at: MonoTime::from_ms(number),
        seen: Observation::value(
            Code::Spo2,
            Decimal::whole(i64::try_from(50 + number % 50).unwrap()),
        ),
    })
}

fn event(number: u64) -> Record {
    let command = u128::from(number);
    let alarm = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let event = Event::Seen {
        alarm,
        by: format!("Dr {number}"),
        by_id: Some("dr".to_owned()),
        command,
    };
    Record::Event {
        at: MonoTime::from_ms(number),
        event,
    }
}

fn change(id: AlarmId, change: u32, phase: AlarmPhase) -> AlarmChange {
    let stamp = Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(9),
    };
    AlarmChange {
        id,
        change,
        condition: Condition::Limit {
            code: Code::Spo2,
            side: Side::Low,
        },
        priority: Priority::High,
        phase,
        bed: Some("1".parse().unwrap()),
        device: None,
        admission: None,
        value: Some(Decimal::whole(84)),
        limit: Some(Decimal::whole(90)),
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at: MonoTime::from_ms(u64::from(change)),
        onsets: 1,
        acknowledged_by: None,
    }
}

fn alarm(number: u64) -> Record {
    let id = AlarmId {
        epoch: Epoch(1),
        number: u32::try_from(number).unwrap(),
    };
    Record::Alarm(change(id, 1, AlarmPhase::Active))
}

fn summary(number: u64) -> Record {
    Record::Summary(MinuteSummary {
        device: "mon-1".parse().unwrap(),
        bed: None,
        admission: None,
        at: MonoTime::from_ms(number),
        of: Summarised::Vital(Code::Spo2),
        numbers: None,
        absent: 60,
    })
}

/// A record of any lane but waves.
fn any(lane: Lane, number: u64) -> Record {
    match lane {
        Lane::Alerts => alarm(number),
        Lane::Events => event(number),
        Lane::Summaries => summary(number),
        Lane::Vitals | Lane::Waves => reading(number),
    }
}

fn append_all(store: &Store, records: impl Iterator<Item = Record>) {
    records.for_each(|record| {
        store.append(record);
    });
}

/// Everything of a lane, in the store's own batches.
fn read_all(store: &Store, lane: Lane, records_max: usize) -> Vec<Batch> {
    let mut cursor = Cursor::START;
    let mut batches = Vec::new();
    while let Some(batch) = store.read(lane, cursor, records_max).unwrap() {
        assert!(batch.records.len() <= records_max && !batch.records.is_empty());
        assert!(
            batch.epoch > cursor.epoch || batch.first > cursor.seq,
            "reading goes forward"
        );
        cursor = batch.end();
        batches.push(batch);
    }
    batches
}

/// The losses that stand in the events lane.
fn losses(store: &Store) -> Vec<(Epoch, Lane, u64, u64)> {
    let records = read_all(store, Lane::Events, 1000)
        .into_iter()
        .flat_map(|batch| batch.records);
    let lost = |record| match record {
        Record::Event {
            event:
                Event::Lost {
                    epoch,
                    lane,
                    first,
                    last,
                },
            ..
        } => Some((epoch, lane, first.0, last.0)),
        _ => None,
    };
    records.filter_map(lost).collect()
}

/// Lets a tenth of a second pass for this store.
fn time_passes(store: &Store) {
    static TOLD_MS: AtomicU64 = AtomicU64::new(1);
    store.check(MonoTime::from_ms(TOLD_MS.fetch_add(100, Ordering::Relaxed)));
}

/// Waits, for at most a minute, until the condition holds.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("never: {what}");
}

fn last_of(report: &OpenReport, epoch: Epoch) -> Vec<Seq> {
    report
        .closed
        .iter()
        .filter(|lane| lane.epoch == epoch)
        .map(|lane| lane.last_seq)
        .collect()
}
