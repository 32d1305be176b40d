//! What people said of alarm signals and limits.

use super::id;
use crate::alarm::{AlarmId, Inactivation, Inactive, Resumed};
use crate::code::Code;
use crate::limits::{Limits, LimitsSet};
use crate::number::Decimal;
use crate::record::{Epoch, Event, Record};
use crate::time::MonoTime;

/// Limits of a stay, those of the age group again, and every way in which signals rest and are on again.
pub(super) fn events() -> Vec<Record> {
    let at = MonoTime::from_ms(5_000);
    let limits = |limits| {
        Event::LimitsSet(Box::new(LimitsSet {
            bed: id("3"),
            admission: id("3-0000000200000007-1"),
            code: Code::Hr,
            limits,
            by: "Grace".to_owned(),
        }))
    };
    let own = Limits {
        low: Some(Decimal::whole(45)),
        high: None,
    };
    let mut events = vec![limits(Some(own)), limits(None)];
    let mut tell = |bed: Option<&str>, what| {
        let place = bed.map(id);
        events.push(Event::Signals { place, what });
    };
    for what in Inactive::ALL {
        tell(
            Some("3"),
            Inactivation::Paused {
                what,
                until: what.lasts().map(|(usual, _)| at + usual),
                by: "Grace".to_owned(),
            },
        );
    }
    let alarm = AlarmId {
        epoch: Epoch(7),
        number: 3,
    };
    for why in [
        Resumed::ByPerson("Grace".to_owned()),
        Resumed::TimeOver,
        Resumed::NewAlarm(alarm),
        Resumed::AnotherPatient,
        Resumed::Restart,
    ] {
        tell(None, Inactivation::Enabled(why));
    }
    let events = events.into_iter();
    events.map(|event| Record::Event { at, event }).collect()
}
