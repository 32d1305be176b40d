//! R6.

use vitals::wire::Envelope;
use vitals::{BootId, Epoch, Event, Lane, Measured, Record, Seq, SiteReading};

use super::{at, cursor, event, reading};
use crate::relay::Pace;
use crate::relay::dispatch::{Input, Step};
use crate::relay::outlet::Prepared;
use crate::relay::pack::{Piece, lost, pack};
use crate::relay::window::Found;
use crate::store::{Batch, StoreOptions};

fn batch(lane: Lane, records: Vec<Record>) -> Batch {
    Batch {
        epoch: Epoch(3),
        lane,
        first: Seq(11),
        boot: BootId([9; 16]),
        records,
    }
}

fn opened(payload: &[u8]) -> (Seq, Vec<Record>) {
    let envelope = Envelope::decode(payload).unwrap();
    assert_eq!((envelope.post.as_str(), envelope.epoch), ("a", Epoch(3)));
    (envelope.first, envelope.open().unwrap().records)
}

/// Too large for any block.
fn oversize_site() -> Record {
    Record::Site(SiteReading {
        device: "fridge".parse().unwrap(),
        signal: "x".repeat(2 << 20),
        measured: Measured::Absent(vitals::AbsentReason::NotMeasured),
        unit: String::new(),
        at: at(1),
    })
}

fn oversize_event() -> Record {
    Record::Event {
        at: at(77),
        event: Event::StoreSetAside {
            file: "f".to_owned(),
            reason: "x".repeat(2 << 20),
        },
    }
}

#[test]
fn a_usual_batch_is_one_envelope_that_a_centre_can_read() {
    let records: Vec<_> = (0..500).map(reading).collect();
    let pieces = pack(&"a".parse().unwrap(), batch(Lane::Vitals, records.clone()));
    let [Piece::Send { end, payload, .. }] = pieces.as_slice() else {
        panic!("{} pieces", pieces.len());
    };
    assert_eq!(*end, cursor(3, 510));
    assert_eq!(opened(payload), (Seq(11), records));
    assert!(payload.len() < 16 << 10, "{} bytes", payload.len());
}

#[test]
fn r6_a_reading_that_cannot_be_carried_is_given_up_and_all_others_leave() {
    let mut records: Vec<_> = (0..100).map(reading).collect();
    records[42] = oversize_site();
    let pieces = pack(&"a".parse().unwrap(), batch(Lane::Vitals, records.clone()));
    let mut next = 11;
    let mut given_up = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Send { end, payload, .. } => {
                let (first, carried) = opened(&payload);
                assert_eq!(first, Seq(next), "in order and without a gap");
                for (place, record) in carried.iter().enumerate() {
                    assert_eq!(*record, records[usize::try_from(next - 11).unwrap() + place]);
                }
                next = end.seq.0 + 1;
            }
            Piece::GiveUp { record, .. } => {
                given_up.push(record);
                next = record.seq.0 + 1;
            }
        }
    }
    assert_eq!((next, given_up), (111, vec![cursor(3, 53)]));
}

#[test]
fn r6_an_event_that_cannot_be_carried_leaves_as_the_record_of_its_own_loss() {
    let pieces = pack(
        &"a".parse().unwrap(),
        batch(Lane::Events, vec![event(1), oversize_event(), event(2)]),
    );
    let carried: Vec<_> = pieces
        .iter()
        .flat_map(|piece| match piece {
            Piece::Send { payload, .. } => opened(payload).1,
            Piece::GiveUp { .. } => panic!("the events lane must not have a hole"),
        })
        .collect();
    let in_its_place = Record::Event {
        at: at(77),
        event: lost(Epoch(3), Lane::Events, Seq(12)),
    };
    assert_eq!(carried, [event(1), in_its_place, event(2)]);
}

#[test]
fn i1_a_loss_is_recorded_once_however_often_the_record_is_met() {
    let mut dispatch = super::dispatch();
    dispatch.hear(Input::Linked(super::standing()), at(0));
    let mut losses = 0;
    for round in 0..3 {
        dispatch.hear(Input::Linked(super::standing()), at(round));
        // Until the vitals lane is asked.
        while let Some(step) = dispatch.step() {
            match step {
                Step::Read { lane, want } => {
                    let given_up = Piece::GiveUp {
                        record: cursor(3, 53),
                        reason: vitals::wire::WireError::Compression,
                    };
                    let prepared = match lane {
                        Lane::Vitals => Prepared {
                            found: Found::UpTo(cursor(3, 53)),
                            pieces: vec![given_up],
                            past: None,
                        },
                        _ => Prepared::without(Found::Nothing),
                    };
                    dispatch.hear(Input::Prepared(lane, want, prepared), at(round));
                    if lane == Lane::Vitals {
                        break;
                    }
                }
                Step::Append(record) => panic!("too early: {record:?}"),
                _ => {}
            }
        }
        let appended = std::iter::from_fn(|| dispatch.step()).filter(|step| matches!(step, Step::Append(Record::Event { event, .. }) if *event == lost(Epoch(3), Lane::Vitals, Seq(53))));
        losses += appended.count();
    }
    assert_eq!(losses, 1);
}

/// Eight beds with ten values each, once a second, as they wander in a real ward.
fn ward_of(seconds: u64) -> Vec<Record> {
    let mut random = 7u64;
    let mut wander = [0i64; 80];
    let mut records = Vec::new();
    for second in 0..seconds {
        for (place, level) in wander.iter_mut().enumerate() {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *level += i64::try_from((random >> 33) % 3).unwrap() - 1;
            let Record::Reading(mut reading) =
                reading(second * 1_000 + u64::try_from(place / 10).unwrap() * 97)
            else {
                unreachable!("it makes readings")
            };
            let bed = place / 10;
            reading.device = format!("monitor-{bed}").parse().unwrap();
            reading.bed = Some(format!("{bed}").parse().unwrap());
            let code = vitals::code::CODES[place % 10].code;
            reading.seen = vitals::Observation::value(code, vitals::Decimal::new(90 + *level, 0));
            records.push(Record::Reading(reading));
        }
    }
    records
}

#[test]
fn a_steady_ward_costs_few_bytes_for_each_reading_and_fewer_the_longer_it_is_gathered() {
    let cost = |seconds: u64| {
        let records = ward_of(seconds);
        let readings = records.len();
        let pieces = pack(&"demo".parse().unwrap(), batch(Lane::Vitals, records));
        let [Piece::Send { payload, .. }] = pieces.as_slice() else {
            panic!("{} pieces", pieces.len());
        };
        // PUBLISH: header, topic, packet id, properties; and the TLS record around it.
        let bytes = payload.len() + 3 + 2 + "vitalpost/v1/demo/up/vitals".len() + 2 + 1 + 22;
        println!("gathered for {seconds} s: {bytes} bytes for {readings} readings");
        bytes * 10 / readings
    };
    let tenths = [2, 3, 5, 10, 20].map(cost);
    assert!(tenths.is_sorted_by(|a, b| a >= b), "{tenths:?}");
    assert!(tenths[0] < 30, "{tenths:?} tenths of bytes");
    let field = Pace::default().gather;
    assert!(cost(field.as_secs()) < 30, "what the field gathers");
    let commit = StoreOptions::at("none".into()).commit_window;
    assert!(field < commit, "a receipt comes before the card must be written");
}
