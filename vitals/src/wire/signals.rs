//! Limits that people set and signals that they paused, between domain and wire.

use super::{WireError, alarm, field, id, mono_us, optional_id, proto, text_of, us_of};
use crate::alarm::{AlarmId, Inactivation, Inactive, Resumed};
use crate::bed::BedId;
use crate::code::Code;
use crate::limits::{Limits, LimitsSet};
use crate::number::Decimal;
use crate::record::{Epoch, Event};

pub(super) fn limits(raw: &proto::LimitsSet) -> Result<LimitsSet, WireError> {
    let side = |raw: Option<&proto::Number>| -> Result<Option<Decimal>, WireError> {
        raw.map(|raw| alarm::number(raw.mantissa, raw.places)).transpose()
    };
    let limits = Limits {
        low: side(raw.low.as_ref())?,
        high: side(raw.high.as_ref())?,
    };
    Ok(LimitsSet {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        code: Code::from_cf_code10(raw.code).ok_or(field("code"))?,
        limits: raw.own.then_some(limits),
        by: raw.by.clone(),
    })
}

pub(super) fn limits_out(set: &LimitsSet) -> proto::LimitsSet {
    let side = |of: fn(Limits) -> Option<Decimal>| set.limits.and_then(of).map(alarm::number_out);
    proto::LimitsSet {
        bed: set.bed.to_string(),
        admission: set.admission.to_string(),
        code: set.code.info().cf_code10,
        own: set.limits.is_some(),
        low: side(|limits| limits.low),
        high: side(|limits| limits.high),
        by: set.by.clone(),
    }
}

pub(super) fn signals(raw: &proto::Signals) -> Result<Event, WireError> {
    let place = optional_id(&raw.bed, "bed")?;
    let what = match Inactive::from_key(&raw.state) {
        Some(what) => Inactivation::Paused {
            what,
            until: raw.until_us.map(mono_us),
            by: raw.by.clone(),
        },
        None if raw.state == "enabled" => Inactivation::Enabled(resumed(raw)?),
        None => return Err(field("state")),
    };
    Ok(Event::Signals { place, what })
}

fn resumed(raw: &proto::Signals) -> Result<Resumed, WireError> {
    Ok(match raw.why.as_str() {
        "person" => Resumed::ByPerson(raw.by.clone()),
        "time" => Resumed::TimeOver,
        "new_alarm" => Resumed::NewAlarm(AlarmId {
            epoch: Epoch(raw.alarm_epoch),
            number: raw.alarm_number,
        }),
        "another_patient" => Resumed::AnotherPatient,
        "restart" => Resumed::Restart,
        _ => return Err(field("why")),
    })
}

pub(super) fn signals_out(place: Option<&BedId>, what: &Inactivation) -> proto::Signals {
    let bed = text_of(place);
    match what {
        Inactivation::Paused { what, until, by } => proto::Signals {
            bed,
            state: what.key().to_owned(),
            until_us: until.map(us_of),
            by: by.clone(),
            ..proto::Signals::default()
        },
        Inactivation::Enabled(resumed) => {
            let alarm = match resumed {
                Resumed::NewAlarm(alarm) => Some(*alarm),
                _ => None,
            };
            let by = match resumed {
                Resumed::ByPerson(by) => by.clone(),
                _ => String::new(),
            };
            proto::Signals {
                bed,
                state: "enabled".to_owned(),
                by,
                why: resumed.key().to_owned(),
                alarm_epoch: alarm.map_or(0, |alarm| alarm.epoch.0),
                alarm_number: alarm.map_or(0, |alarm| alarm.number),
                ..proto::Signals::default()
            }
        }
    }
}
