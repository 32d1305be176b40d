//! What people at the centre did with alarms, and that nobody did anything.

use super::alarm;
use crate::delivery::{Act, Deed, RejectReason};
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
