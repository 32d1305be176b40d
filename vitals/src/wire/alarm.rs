//! Alarm changes between domain and wire.

use super::{WireError, field, id, optional_id, proto, text_of};
use crate::alarm::{AlarmChange, AlarmId, AlarmPhase, Priority};
use crate::number::{Decimal, PLACES_MAX};
use crate::record::Epoch;
use crate::time::{MonoTime, Stamp};

pub(super) fn number(mantissa: i64, places: u32) -> Result<Decimal, WireError> {
    match u8::try_from(places) {
        Ok(places) if places <= PLACES_MAX => Ok(Decimal::new(mantissa, places)),
        _ => Err(field("places")),
    }
}

pub(super) fn number_out(number: Decimal) -> proto::Number {
    proto::Number {
        mantissa: number.mantissa(),
        places: u32::from(number.places()),
    }
}

pub(super) fn stamp(raw: Option<&proto::Stamp>) -> Result<Stamp, WireError> {
    let raw = raw.ok_or(field("stamp"))?;
    Ok(Stamp {
        boot: super::boot(&raw.boot_id)?,
        mono: super::mono_us(raw.at_us),
    })
}

pub(super) fn stamp_out(stamp: Stamp) -> proto::Stamp {
    proto::Stamp {
        boot_id: stamp.boot.0.to_vec(),
        at_us: super::us_of(stamp.mono),
    }
}

pub(super) fn decode(raw: &proto::AlarmChange, at: MonoTime) -> Result<AlarmChange, WireError> {
    Ok(AlarmChange {
        id: AlarmId {
            epoch: Epoch(raw.alarm_epoch),
            number: raw.alarm_number,
        },
        change: raw.change,
        condition: id(&raw.condition, "condition")?,
        priority: priority(raw.priority())?,
        phase: match raw.phase() {
            proto::Phase::Active => AlarmPhase::Active,
            proto::Phase::Acknowledged => AlarmPhase::Acknowledged,
            proto::Phase::Latched => AlarmPhase::Latched,
            proto::Phase::Ended => AlarmPhase::Ended,
            proto::Phase::Unspecified => return Err(field("phase")),
        },
        bed: optional_id(&raw.bed, "bed")?,
        device: optional_id(&raw.device, "device")?,
        admission: optional_id(&raw.admission, "admission")?,
        value: raw
            .value_mantissa
            .map(|m| number(m, raw.value_places))
            .transpose()?,
        limit: raw
            .limit_mantissa
            .map(|m| number(m, raw.limit_places))
            .transpose()?,
        unit: raw.unit.clone(),
        text: raw.text.clone(),
        crossed: stamp(raw.crossed.as_ref())?,
        onset: stamp(raw.onset.as_ref())?,
        at,
        onsets: raw.onsets,
        acknowledged_by: (!raw.acknowledged_by.is_empty()).then(|| raw.acknowledged_by.clone()),
    })
}

pub(super) fn priority(raw: proto::Priority) -> Result<Priority, WireError> {
    match raw {
        proto::Priority::Low => Ok(Priority::Low),
        proto::Priority::Medium => Ok(Priority::Medium),
        proto::Priority::High => Ok(Priority::High),
        proto::Priority::Unspecified => Err(field("priority")),
    }
}

pub(super) fn priority_out(priority: Priority) -> proto::Priority {
    match priority {
        Priority::Low => proto::Priority::Low,
        Priority::Medium => proto::Priority::Medium,
        Priority::High => proto::Priority::High,
    }
}

pub(super) fn encode(change: &AlarmChange) -> proto::AlarmChange {
    proto::AlarmChange {
        alarm_epoch: change.id.epoch.0,
        alarm_number: change.id.number,
        change: change.change,
        condition: change.condition.key(),
        priority: priority_out(change.priority) as i32,
        phase: match change.phase {
            AlarmPhase::Active => proto::Phase::Active,
            AlarmPhase::Acknowledged => proto::Phase::Acknowledged,
            AlarmPhase::Latched => proto::Phase::Latched,
            AlarmPhase::Ended => proto::Phase::Ended,
        } as i32,
        bed: text_of(change.bed.as_ref()),
        device: text_of(change.device.as_ref()),
        admission: text_of(change.admission.as_ref()),
        value_mantissa: change.value.map(Decimal::mantissa),
        value_places: change.value.map_or(0, |v| u32::from(v.places())),
        limit_mantissa: change.limit.map(Decimal::mantissa),
        limit_places: change.limit.map_or(0, |v| u32::from(v.places())),
        unit: change.unit.clone(),
        text: change.text.clone(),
        crossed: Some(stamp_out(change.crossed)),
        onset: Some(stamp_out(change.onset)),
        onsets: change.onsets,
        acknowledged_by: change.acknowledged_by.clone().unwrap_or_default(),
    }
}
