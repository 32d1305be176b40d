//! Limits that people set and signals that they paused, as JSON.

use serde_json::{Value, json};

use crate::alarm::{Inactivation, Resumed};
use crate::bed::BedId;
use crate::limits::LimitsSet;

pub(super) fn limits(set: &LimitsSet) -> Value {
    json!({
        "kind": "event",
        "event": "limits_set",
        "bed": set.bed,
        "admission": set.admission,
        "code": set.code,
        "own": set.limits.is_some(),
        "low": set.limits.and_then(|limits| limits.low),
        "high": set.limits.and_then(|limits| limits.high),
        "by": set.by,
    })
}

pub(super) fn signals(place: Option<&BedId>, what: &Inactivation) -> Value {
    let (state, until_ns, by) = match what {
        Inactivation::Paused { what, until, by } => (what.key(), until.map(|at| at.as_ns()), Some(by)),
        Inactivation::Enabled(Resumed::ByPerson(by)) => ("enabled", None, Some(by)),
        Inactivation::Enabled(_) => ("enabled", None, None),
    };
    let alarm = match what {
        Inactivation::Enabled(Resumed::NewAlarm(alarm)) => Some(*alarm),
        _ => None,
    };
    json!({
        "kind": "event",
        "event": "signals",
        "bed": place,
        "state": state,
        "until_ns": until_ns,
        "by": by,
        "why": why(what),
        "alarm": alarm,
    })
}

fn why(what: &Inactivation) -> Option<&'static str> {
    match what {
        Inactivation::Paused { .. } => None,
        Inactivation::Enabled(resumed) => Some(resumed.key()),
    }
}
