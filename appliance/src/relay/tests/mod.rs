//! What the relay promises: the window by itself, a simulated link under virtual time, and the real thing.

mod centre;
mod destinations;
mod packing;
mod real;
mod real_faults;
mod simulation;
mod simulation_live;
mod window;

use std::time::Duration;

use vitals::wire::OpenAlarms;
use vitals::{BootId, ClockTrust, Code, Decimal, Epoch, Event, MonoTime, Observation, Reading};
use vitals::{Record, Seq, WallTime};

use super::Pace;
use super::dispatch::{Dispatch, Speaker, Standing};
use super::outbox::{LANES, Terms};
use super::outlet::LaneStock;
use super::window::Limits;
use crate::broker::tests::rig::PATIENCE;
use crate::store::Cursor;

fn at(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn cursor(epoch: u64, seq: u64) -> Cursor {
    Cursor {
        epoch: Epoch(epoch),
        seq: Seq(seq),
    }
}

fn limits() -> Limits {
    Limits {
        records_max: 10,
        batches_max: 3,
        unacked_bytes_max: 100,
        live_first: false,
        gather: Duration::ZERO,
        stall_first: Duration::from_secs(10),
        stall_most: Duration::from_secs(60),
    }
}

/// As in the field, but in a hurry.
fn hurried() -> Pace {
    Pace {
        stall_first: Duration::from_millis(1_500),
        stall_most: Duration::from_secs(3),
        silence_max: Duration::from_secs(3),
        state_every: Duration::from_millis(500),
        state_every_metered: Duration::from_millis(900),
        retry_first: Duration::from_millis(100),
        retry_most: Duration::from_millis(800),
        gather: Duration::from_millis(20),
        gather_metered: Duration::from_millis(200),
        files_every: Duration::from_millis(300),
    }
}

/// As in the field, but in a hurry, and more patient than any machine is busy: nothing is sent again because a receipt
/// was slow, and no slow heartbeat is an outage. For tests that count what is sent.
fn patient() -> Pace {
    Pace {
        stall_first: PATIENCE,
        stall_most: PATIENCE,
        silence_max: PATIENCE,
        ..hurried()
    }
}

/// A reading that tells its number.
fn reading(number: u64) -> Record {
    Record::Reading(Reading {
        device: "oxi-1".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: Some("unidentified-1".parse().unwrap()),
        at: at(number),
        seen: Observation::value(
            Code::Spo2,
            Decimal::new(90 + i64::try_from(number % 10).unwrap(), 0),
        ),
    })
}

/// An event that tells its number.
fn event(number: u64) -> Record {
    Record::Event {
        at: at(number),
        event: Event::Seen {
            alarm: vitals::AlarmId {
                epoch: Epoch(1),
                number: 1,
            },
            by: "A".to_owned(),
            by_id: None,
            command: u128::from(number),
        },
    }
}

/// The machine of post a in its third epoch.
fn dispatch() -> Dispatch {
    let speaker = Speaker {
        post: "a".parse().unwrap(),
        name: "Demo".to_owned(),
        beds: Vec::new(),
        boot: BootId([9; 16]),
        epoch: Epoch(3),
    };
    Dispatch::new(speaker, "centre", &Terms::default(), Pace::default(), at(0))
}

/// What a post knows that has sent nothing yet.
fn standing() -> Standing {
    Standing {
        wall: WallTime::from_unix_ms(0),
        trust: ClockTrust::Untrusted,
        stock: LANES.map(|lane| LaneStock {
            lane,
            cursor: Cursor::START,
            newest: Cursor::START,
            waiting: 0,
        }),
        last: Vec::new(),
        open_alarms: OpenAlarms::default(),
    }
}
