//! A reading: what a device said about a patient at one moment, or why it said nothing (I5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bed::{AdmissionId, BedId, DeviceId};
use crate::code::Code;
use crate::number::Decimal;
use crate::time::{MonoTime, WallTime};

/// A value, or the reason why there is none. There is no third way: no sentinel, no zero, no NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measured {
    /// The device measured this.
    Value(Decimal),
    /// The device did not measure, and this is why.
    Absent(AbsentReason),
}

impl Measured {
    /// The value, if there is one.
    pub fn value(self) -> Option<Decimal> {
        match self {
            Measured::Value(value) => Some(value),
            Measured::Absent(_) => None,
        }
    }

    /// The reason, if there is no value.
    pub fn reason(self) -> Option<AbsentReason> {
        match self {
            Measured::Value(_) => None,
            Measured::Absent(reason) => Some(reason),
        }
    }
}

/// Why a value is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsentReason {
    /// The device does not measure this now (module off, function not used, a zero that means nothing).
    NotMeasured,
    /// The sensor is off the patient or unplugged.
    ProbeOff,
    /// The sensor is on, the device has not found a signal yet.
    Searching,
    /// The device says its sensor or its measurement failed.
    SensorFault,
    /// The number is outside what a living patient can have.
    Implausible,
    /// The device's own "no value" mark without a reason.
    NotAvailable,
}

/// How far a value may be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// The device has no complaint.
    Good,
    /// Weak or disturbed signal, or a value the line could not fully vouch for: shown hollow, not scored.
    Questionable,
}

/// Who started the measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The device, by itself.
    Automatic,
    /// A person.
    Manual,
}

/// What a decoder saw in the bytes: not yet on any bed, not yet at any time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Observation {
    /// What was measured.
    pub code: Code,
    /// The value or the reason.
    pub measured: Measured,
    /// How far to trust it.
    pub quality: Quality,
    /// Who started it.
    pub method: Method,
    /// The device's own time of the measurement, where it sends one.
    pub device_time: Option<WallTime>,
}

impl Observation {
    /// An automatic measurement of good quality; an impossible number becomes a reason (I5, [`Code::judge`]).
    pub fn value(code: Code, value: Decimal) -> Self {
        Self {
            measured: code.judge(value),
            ..Self::absent(code, AbsentReason::NotMeasured)
        }
    }

    /// No value, for this reason.
    pub fn absent(code: Code, reason: AbsentReason) -> Self {
        Self {
            code,
            measured: Measured::Absent(reason),
            quality: Quality::Good,
            method: Method::Automatic,
            device_time: None,
        }
    }

    /// The same observation with this quality.
    pub fn with_quality(self, quality: Quality) -> Self {
        Self { quality, ..self }
    }
}

/// An observation bound to the bed and the admission that the device had at that moment (I3), with its receive time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The device that measured.
    pub device: DeviceId,
    /// The bed it stood at; `None` for a device that is bound to no bed.
    pub bed: Option<BedId>,
    /// The admission it belonged to at the moment of measurement; never changed afterwards.
    pub admission: Option<AdmissionId>,
    /// When it was measured, monotonic, as far as is known: when its last byte arrived, or earlier where the device
    /// sends the age of its measurement.
    pub at: MonoTime,
    /// What was seen.
    pub seen: Observation,
}

/// A value about the post itself (vaccine fridge, battery): a name from a map file, never a vital sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SiteReading {
    /// The device that measured.
    pub device: DeviceId,
    /// The signal's id in its map file, for example `battery.voltage`.
    pub signal: String,
    /// The value or the reason.
    pub measured: Measured,
    /// The unit in the map file, UCUM where there is one; may be empty.
    pub unit: String,
    /// When the last byte of it arrived, monotonic.
    pub at: MonoTime,
}

/// A run of samples without a gap. A gap is a jump of `first_sample`, never a repeated value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WaveBlock {
    /// Which curve.
    pub code: Code,
    /// Samples per second as a fraction: 75/1 or 62475/1000.
    pub rate: (u32, u32),
    /// Number of the first sample, counted from the start of this line's session.
    pub first_sample: u64,
    /// The samples, in the device's own steps.
    pub samples: Vec<i16>,
}
