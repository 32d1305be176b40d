//! One record of every kind, as the golden files hold them.

pub(super) mod deeds;
mod moved;
mod nursing;
mod signals;

use std::time::Duration;

use crate::alarm::{AlarmChange, AlarmId, AlarmPhase, Condition, Priority, Side};
use crate::audit::{Actor, Chain, ChainId, Deed, Entry, Outcome, SignedHead, Telling};
use crate::bed::{Binding, Masked};
use crate::code::Code;
use crate::lab::{LabDoubt, LabFlag, LabId, LabRecord, LabResult, LabStatus, LabTest, Whose};
use crate::number::Decimal;
use crate::patient::Identity;
use crate::reading::{AbsentReason, Measured, Method, Observation, Quality, Reading, SiteReading, WaveBlock};
use crate::record::{
    ClosedLane, Epoch, Event, Lane, LimitProposal, Outage, Record, Refusal, Seq, WaveRecord,
};
use crate::summary::{MinuteSummary, Numbers, Summarised};
use crate::time::{AnchorSource, BootId, ClockAnchor, ClockTrust, MonoTime, Stamp, WallTime};

mod patients;
mod scores;

pub(super) const BOOT: BootId = BootId([0x5a; 16]);

pub(super) fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub(super) fn reading(seen: Observation, at_ms: u64) -> Record {
    let (bed, admission) = (Some(id("3")), Some(id("unidentified-3")));
    Record::Reading(Reading {
        device: id("mon-3"),
        bed,
        admission,
        at: MonoTime::from_ms(at_ms),
        seen,
    })
}

pub(super) fn vitals() -> Vec<Record> {
    vec![
        reading(Observation::value(Code::Spo2, Decimal::whole(84)), 60_000),
        reading(
            Observation::value(Code::Temp, Decimal::new(366, 1)).with_quality(Quality::Questionable),
            60_250,
        ),
        reading(Observation::absent(Code::Pr, AbsentReason::ProbeOff), 61_000),
        reading(
            Observation {
                method: Method::Manual,
                device_time: Some(WallTime::from_unix_ms(1_790_000_000_123)),
                ..Observation::value(Code::NibpSys, Decimal::whole(119))
            },
            61_001,
        ),
        Record::Site(SiteReading {
            device: id("fridge"),
            signal: "temperature".to_owned(),
            measured: Measured::Value(Decimal::new(-46, 1)),
            unit: "Cel".to_owned(),
            at: MonoTime::from_ms(61_500),
        }),
    ]
}

/// Three seconds of two monitors and a fridge: what the form by column has to tell apart.
pub(super) fn readings() -> Vec<Record> {
    let monitor = |second: u64, late_us: u64| {
        let pulse = match second {
            1 => Observation::absent(Code::Pr, AbsentReason::ProbeOff),
            _ => Observation::value(Code::Pr, Decimal::whole(71)).with_quality(Quality::Questionable),
        };
        let spo2 = Observation::value(Code::Spo2, Decimal::whole(97 - second as i64));
        let temp = Observation::value(Code::Temp, Decimal::new(366, 1));
        let at_us = 60_000_000 + second * 1_000_000 + late_us;
        [spo2, pulse, temp].map(|seen| at(reading(seen, 0), at_us))
    };
    let spot = Observation {
        method: Method::Manual,
        device_time: Some(WallTime::from_unix_ms(1_790_000_000_123)),
        ..Observation::value(Code::NibpSys, Decimal::whole(119))
    };
    let mut records = monitor(0, 0).to_vec();
    records.push(vitals().remove(4));
    records.extend(monitor(1, 1_003));
    records.push(at(reading(spot, 0), 61_500_000));
    records.extend(monitor(2, 17));
    if let Some(Record::Reading(reading)) = records.last_mut() {
        reading.bed = None;
        reading.admission = None;
    }
    records
}

fn at(record: Record, at_us: u64) -> Record {
    let at = MonoTime::from_ns(at_us * 1_000);
    match record {
        Record::Reading(reading) => Record::Reading(Reading { at, ..reading }),
        other => other,
    }
}

pub(super) fn alarm() -> AlarmChange {
    AlarmChange {
        id: AlarmId {
            epoch: Epoch(0x0000_0002_dead_beef),
            number: 3,
        },
        change: 2,
        condition: Condition::Limit {
            code: Code::Spo2,
            side: Side::Low,
        },
        priority: Priority::High,
        phase: AlarmPhase::Acknowledged,
        bed: Some(id("3")),
        device: None,
        admission: Some(id("unidentified-3")),
        value: Some(Decimal::whole(83)),
        limit: Some(Decimal::whole(90)),
        unit: String::new(),
        text: String::new(),
        crossed: Stamp {
            boot: BOOT,
            mono: MonoTime::from_ms(50_000),
        },
        onset: Stamp {
            boot: BOOT,
            mono: MonoTime::from_ms(60_000),
        },
        at: MonoTime::from_ms(75_000),
        onsets: 1,
        acknowledged_by: Some("Grace".to_owned()),
    }
}

pub(super) fn events() -> Vec<Record> {
    let at = MonoTime::from_ms(1_000);
    let closed = vec![ClosedLane {
        epoch: Epoch(0x0000_0001_0000_0007),
        lane: Lane::Vitals,
        last_seq: Seq(512),
    }];
    [
        Event::Started {
            version: "0.1.0".to_owned(),
            boot: BOOT,
            closed,
        },
        Event::Anchor(ClockAnchor {
            boot: BOOT,
            mono: at,
            wall: WallTime::from_unix_ms(1_790_000_000_000),
            trust: ClockTrust::Holdover,
            source: AnchorSource::SystemStart,
        }),
        Event::Bound(Binding {
            device: id("mon-3"),
            bed: Some(id("3")),
            admission: Some(id("unidentified-3")),
            from: at,
            home: None,
            by: String::new(),
        }),
        Event::Seen {
            alarm: alarm().id,
            by: "Dr Adhiambo".to_owned(),
            by_id: None,
            command: 0x0123_4567,
        },
        Event::Lost {
            epoch: Epoch(9),
            lane: Lane::Waves,
            first: Seq(4),
            last: Seq(9),
        },
        Event::StoreSetAside {
            file: "store.redb.damaged-1".to_owned(),
            reason: "checksum".to_owned(),
        },
    ]
    .into_iter()
    .map(|event| Record::Event { at, event })
    .collect()
}

/// What was added to the events lane after its first golden file was written.
pub(super) fn later_events() -> Vec<Record> {
    let at = MonoTime::from_ms(2_000);
    [
        Event::Outage(Outage {
            destination: "centre".to_owned(),
            from: Stamp {
                boot: BOOT,
                mono: MonoTime::from_ms(500),
            },
            to: MonoTime::from_ms(1_900),
            kept: 1_234,
            lost: 0,
            oldest_alert_delay: Some(Duration::from_micros(1_400_001)),
        }),
        Event::Message {
            bed: Some(id("3")),
            by: "Dr Adhiambo".to_owned(),
            by_id: None,
            text: "Give oxygen, I call in five minutes".to_owned(),
            command: 7,
        },
        Event::LimitProposed {
            proposal: proposal(),
            command: 8,
        },
        Event::CommandRefused {
            command: 9,
            reason: Refusal::UnknownBed,
        },
    ]
    .into_iter()
    .map(|event| Record::Event { at, event })
    .collect()
}

/// What was added after the second one.
fn latest_events() -> Vec<Record> {
    let event = Event::MessageRead {
        command: 7,
        by: "Grace".to_owned(),
    };
    vec![Record::Event {
        at: MonoTime::from_ms(93_000),
        event,
    }]
}

/// Two entries of an audit, with every kind of field, and the head behind them.
pub(crate) fn audited() -> Vec<Entry> {
    let chain = ChainId("post-7/0123456789abcdef0123456789abcdef".to_owned());
    let deed = |ns, told, wall: Option<i64>| Deed {
        at: Stamp {
            boot: BOOT,
            mono: MonoTime::from_ns(ns),
        },
        wall: wall.map(WallTime::from_unix_ns),
        trust: ClockTrust::Holdover,
        told,
    };
    let word = |text: &str| Masked::new(text.to_owned());
    let refused = |who, from: &str| Telling {
        who,
        from: from.to_owned(),
        action: "acknowledge".to_owned(),
        outcome: Outcome::Refused,
        subject: format!("alarm:{}", alarm().id),
        before: Some(word("")),
        after: Some(word("already acknowledged by Grace")),
    };
    let (id, name) = ("grace".to_owned(), word("Grace"));
    let who = [
        Actor::Person { id, name },
        Actor::Centre {
            id: "adhiambo".to_owned(),
            name: word("Dr Adhiambo"),
        },
        Actor::System {
            user: "root".to_owned(),
        },
        Actor::Nobody,
    ];
    let mut grown = Chain::begin(&chain);
    let mut entries = vec![grown.append(deed(
        1_234_567_891,
        Telling::begin(&chain, None, "the first one"),
        None,
    ))];
    entries.extend(who.map(|who| {
        grown.append(deed(
            2_000_000_001,
            refused(who, "192.0.2.7"),
            Some(1_790_000_000_000_000_007),
        ))
    }));
    entries
}

/// Signed with the key that test vector 1 of RFC 8032 makes.
pub(crate) fn a_signed_head() -> SignedHead {
    let seed =
        crate::audit::hex::<32>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
    let key = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let head = audited().last().unwrap().head();
    let chain = audited()[0].begins().unwrap();
    SignedHead::sign(
        &key,
        chain,
        head,
        Some(WallTime::from_unix_ns(1_790_000_000_000_000_007)),
    )
}

/// What was added after the fourth one.
fn audit_events() -> Vec<Record> {
    let entries = audited().into_iter().map(Box::new).map(Event::Audited);
    let head = Event::AuditHead(Box::new(a_signed_head()));
    let at = MonoTime::from_ms(3_000);
    entries
        .chain([head])
        .map(|event| Record::Event { at, event })
        .collect()
}

/// The vector of LIS2-A2 that this product's decoders are tested with.
pub(crate) fn a_lab_record() -> LabRecord {
    let word = |text: &str| Masked::new(text.to_owned());
    LabRecord {
        id: LabId {
            epoch: Epoch(0x0000_0002_0000_0007),
            number: 3,
        },
        device: id("sysmex"),
        result: LabResult {
            specimen: word("S-1001"),
            patient: Identity {
                ids: vec![word("PT-0007")],
                family: word("DOE"),
                given: word("JANE"),
                born: Some(word("1960-01-01")),
                sex: word("F"),
            },
            test: LabTest {
                code: "HGB".to_owned(),
                name: "Haemoglobin".to_owned(),
                loinc: Some("718-7".to_owned()),
            },
            value: "6.9".to_owned(),
            number: Some(Decimal::new(69, 1)),
            unit: "g/dL".to_owned(),
            range: "12.0-16.0".to_owned(),
            flag: LabFlag::CriticalLow,
            status: LabStatus::Corrected,
            completed: Some("2024-05-14 11:24:00".to_owned()),
        },
        whose: Whose::Nobody(LabDoubt::OtherBirth),
    }
}

pub(super) fn proposal() -> LimitProposal {
    LimitProposal {
        bed: id("3"),
        code: Code::Temp,
        side: Side::High,
        limit: Decimal::new(385, 1),
        by: "Dr Adhiambo".to_owned(),
        by_id: None,
    }
}

/// The same with the account of who acts at the centre, which older ones do not say.
pub(super) fn events_by_account() -> Vec<Record> {
    let at = MonoTime::from_ms(3_000);
    let (by, by_id) = ("Dr Adhiambo".to_owned(), Some("adhiambo".to_owned()));
    let mut proposal = proposal();
    proposal.by_id.clone_from(&by_id);
    [
        Event::Seen {
            alarm: alarm().id,
            by: by.clone(),
            by_id: by_id.clone(),
            command: 10,
        },
        Event::Message {
            bed: None,
            by,
            by_id,
            text: "Call me".to_owned(),
            command: 11,
        },
        Event::LimitProposed {
            proposal,
            command: 12,
        },
        Event::CommandRefused {
            command: 13,
            reason: Refusal::NoPerson,
        },
    ]
    .into_iter()
    .map(|event| Record::Event { at, event })
    .collect()
}

pub(super) fn summaries() -> Vec<Record> {
    let summary = |of, numbers, absent| {
        Record::Summary(MinuteSummary {
            device: id("mon-3"),
            bed: Some(id("3")),
            admission: Some(id("unidentified-3")),
            at: MonoTime::from_ms(120_000),
            of,
            numbers,
            absent,
        })
    };
    let numbers = Numbers {
        count: 59,
        lowest: Decimal::new(361, 1),
        highest: Decimal::whole(38),
        mean: Decimal::new(3702, 2),
    };
    let (signal, unit) = ("temperature".to_owned(), "Cel".to_owned());
    vec![
        summary(Summarised::Vital(Code::Temp), Some(numbers), 1),
        summary(Summarised::Vital(Code::Spo2), None, 60),
        summary(Summarised::Site { signal, unit }, Some(numbers), 0),
    ]
}

pub(super) fn wave() -> Record {
    Record::Wave(WaveRecord {
        device: id("oxi-1"),
        bed: Some(id("1")),
        admission: None,
        at: MonoTime::from_ms(5),
        block: WaveBlock {
            code: Code::Pleth,
            rate: (75, 1),
            first_sample: 750,
            samples: vec![0, 1, -1, i16::MAX, i16::MIN, 0],
        },
    })
}

/// Every kind of record, by the name of its golden file.
pub(super) fn samples() -> [(&'static str, Lane, Vec<Record>); 19] {
    [
        ("alerts", Lane::Alerts, vec![Record::Alarm(alarm())]),
        ("events", Lane::Events, events()),
        ("events-2", Lane::Events, later_events()),
        ("readings", Lane::Vitals, readings()),
        ("events-3", Lane::Events, latest_events()),
        ("events-4", Lane::Events, patients::patient_events()),
        ("events-5", Lane::Events, audit_events()),
        ("events-6", Lane::Events, patients::stay_events()),
        ("events-perhaps", Lane::Events, patients::absence_events()),
        ("events-by-account", Lane::Events, events_by_account()),
        ("events-moved", Lane::Events, moved::events()),
        ("events-signals", Lane::Events, signals::events()),
        ("events-scores", Lane::Events, scores::events()),
        ("events-deeds", Lane::Events, deeds::events()),
        ("events-calls", Lane::Events, deeds::call_events()),
        ("events-nursing", Lane::Events, nursing::events()),
        ("summaries", Lane::Summaries, summaries()),
        ("vitals", Lane::Vitals, vitals()),
        ("waves", Lane::Waves, vec![wave()]),
    ]
}
