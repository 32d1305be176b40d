//! One reading between domain and wire.

use super::{WireError, alarm, field, id, optional_id, proto, wall_us};
use crate::code::Code;
use crate::reading::{AbsentReason, Measured, Method, Observation, Quality, Reading};
use crate::time::MonoTime;

/// Mantissa, places and reason.
pub(super) fn measured_out(measured: Measured) -> (i64, u32, i32) {
    let absent = match measured {
        Measured::Value(value) => {
            return (
                value.mantissa(),
                u32::from(value.places()),
                proto::Absent::No as i32,
            );
        }
        Measured::Absent(reason) => reason,
    };
    let absent = match absent {
        AbsentReason::NotMeasured => proto::Absent::NotMeasured,
        AbsentReason::ProbeOff => proto::Absent::ProbeOff,
        AbsentReason::Searching => proto::Absent::Searching,
        AbsentReason::SensorFault => proto::Absent::SensorFault,
        AbsentReason::Implausible => proto::Absent::Implausible,
        AbsentReason::NotAvailable => proto::Absent::NotAvailable,
    };
    (0, 0, absent as i32)
}

pub(super) fn measured(mantissa: i64, places: u32, absent: i32) -> Result<Measured, WireError> {
    let reason = match proto::Absent::try_from(absent).map_err(|_| field("absent"))? {
        proto::Absent::No => {
            return alarm::number(mantissa, places).map(Measured::Value);
        }
        proto::Absent::NotMeasured => AbsentReason::NotMeasured,
        proto::Absent::ProbeOff => AbsentReason::ProbeOff,
        proto::Absent::Searching => AbsentReason::Searching,
        proto::Absent::SensorFault => AbsentReason::SensorFault,
        proto::Absent::Implausible => AbsentReason::Implausible,
        proto::Absent::NotAvailable => AbsentReason::NotAvailable,
    };
    Ok(Measured::Absent(reason))
}

pub(super) fn quality_out(quality: Quality) -> i32 {
    match quality {
        Quality::Good => proto::Quality::Good as i32,
        Quality::Questionable => proto::Quality::Questionable as i32,
    }
}

pub(super) fn quality(raw: i32) -> Quality {
    match proto::Quality::try_from(raw) {
        Ok(proto::Quality::Good) => Quality::Good,
        // A quality that this program does not know is not good.
        Ok(proto::Quality::Questionable) | Err(_) => Quality::Questionable,
    }
}

pub(super) fn method_out(method: Method) -> i32 {
    match method {
        Method::Automatic => proto::Method::Automatic as i32,
        Method::Manual => proto::Method::Manual as i32,
    }
}

pub(super) fn method(raw: i32) -> Result<Method, WireError> {
    match proto::Method::try_from(raw).map_err(|_| field("method"))? {
        proto::Method::Automatic => Ok(Method::Automatic),
        proto::Method::Manual => Ok(Method::Manual),
    }
}

/// A reading that stands for itself.
pub(super) fn decode(
    raw: &proto::Reading,
    source: &proto::Source,
    at: MonoTime,
) -> Result<Reading, WireError> {
    Ok(Reading {
        device: id(&source.device, "device")?,
        bed: optional_id(&source.bed, "bed")?,
        admission: optional_id(&source.admission, "admission")?,
        at,
        seen: Observation {
            code: Code::from_cf_code10(raw.code).ok_or(field("code"))?,
            measured: measured(raw.mantissa, raw.places, raw.absent)?,
            quality: quality(raw.quality),
            method: method(raw.method)?,
            device_time: raw.device_time_us.map(wall_us),
        },
    })
}
