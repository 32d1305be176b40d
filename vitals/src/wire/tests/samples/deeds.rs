//! What people at the centre did with alarms, and that nobody did anything.

use super::alarm;
use crate::alarm::Priority;
use crate::delivery::{Act, CENTRE_ITSELF, Deed, RejectReason};
use crate::record::{Event, Record};
use crate::time::{MonoTime, WallTime};

/// One deed of every kind.
pub(in crate::wire::tests) fn deeds() -> Vec<Deed> {
    let rejected = |reason| Act::Rejected {
        reason,
        words: "Call 555".to_owned(),
    };
    let acts = vec![
        Act::Shown,
        Act::Read,
        Act::Accepted {
            until: WallTime::from_unix_ms(1_790_000_000_000),
        },
        rejected(RejectReason::Artefact),
        rejected(RejectReason::Known),
        rejected(RejectReason::NotOurs),
        rejected(RejectReason::Other),
        Act::Offered {
            to: "Dr Grace".to_owned(),
            to_id: "grace".to_owned(),
        },
        Act::Declined,
    ];
    let deed = |act| Deed {
        alarm: alarm().id,
        by: "Dr Adhiambo".to_owned(),
        by_id: "adhiambo".to_owned(),
        act,
    };
    acts.into_iter().map(deed).collect()
}

/// A call of some, and one of every doctor.
pub(in crate::wire::tests) fn calls() -> Vec<Deed> {
    let grace = ("Dr Grace".to_owned(), "grace".to_owned());
    [(Priority::High, 1, vec![grace]), (Priority::Medium, 2, vec![])]
        .into_iter()
        .map(|(priority, rung, to)| Deed {
            alarm: alarm().id,
            by: "Regional".to_owned(),
            by_id: CENTRE_ITSELF.to_owned(),
            act: Act::Called { priority, rung, to },
        })
        .collect()
}

/// What was added when the centre called doctors.
pub(super) fn call_events() -> Vec<Record> {
    let at = WallTime::from_unix_ms(1_789_999_000_000);
    (60..)
        .zip(calls())
        .map(|(command, deed)| Event::Deed { deed, at, command })
        .map(|event| Record::Event {
            at: MonoTime::from_ms(6_000),
            event,
        })
        .collect()
}

/// What was added when each alarm had an answer.
pub(super) fn events() -> Vec<Record> {
    let done = |(command, deed)| Event::Deed {
        deed,
        at: WallTime::from_unix_ms(1_789_999_000_000),
        command,
    };
    let expired = Event::Expired { alarm: alarm().id };
    (40..)
        .zip(deeds())
        .map(done)
        .chain([expired])
        .map(|event| Record::Event {
            at: MonoTime::from_ms(5_000),
            event,
        })
        .collect()
}
