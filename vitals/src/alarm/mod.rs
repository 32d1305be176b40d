//! What can alarm, how urgent it is, and after which delay: data only. The timing lives in the appliance (`alarms`).
//!
//! Sources: priorities after IEC 60601-1-8 table 1 (harm if nobody responds x how soon); default limits from the
//! manuals of Contec CMS8000 and Mindray TMS60/TM80; delays and deadbands are this product's choice, disclosed in
//! docs/operate/alarms.md.

mod condition;
mod inactivation;
mod rule;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bed::{AdmissionId, BedId, DeviceId};
use crate::number::Decimal;
use crate::record::Epoch;
use crate::time::{MonoTime, Stamp};

pub use condition::{Condition, Side, UnknownCondition};
pub use inactivation::{Inactivation, Inactive, Resumed, SignalPlace};
pub use rule::{DESATURATION_SPO2, DEVICE_SILENT_AFTER, PERFUSION_MIN, Rule, UNDELIVERED_AFTER};

/// How soon somebody must come. Belongs to the condition, in one table ([`Condition::rule`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Awareness.
    Low,
    /// Prompt response.
    Medium,
    /// Immediate response.
    High,
}

/// Whether an alarm is about a patient or about the equipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// About the patient.
    Physiological,
    /// About sensors, devices, lines, the box.
    Technical,
}

/// An alarm that a device itself says is present now: shown as the device's own word, never judged here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeviceAlarm {
    /// As the device ranks it.
    pub priority: Priority,
    /// Of the patient or of the device, as far as the device says.
    pub kind: AlarmKind,
    /// The device's own words, in its language; at most [`DEVICE_ALARM_CHARS_MAX`].
    pub text: String,
}

/// Longest text of a [`DeviceAlarm`]; what is longer is cut.
pub const DEVICE_ALARM_CHARS_MAX: usize = 80;

/// Most alarms that one device may have at a time; the least urgent are left out.
pub const DEVICE_ALARMS_MAX: usize = 32;

/// One alarm from its onset to its end: the epoch in which it began and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AlarmId {
    /// The epoch in which it was raised.
    pub epoch: Epoch,
    /// Counted from 1 within that epoch.
    pub number: u32,
}

impl fmt::Display for AlarmId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

impl FromStr for AlarmId {
    type Err = BadAlarmId;
    fn from_str(text: &str) -> Result<Self, BadAlarmId> {
        let (epoch, number) = text.split_once('-').ok_or(BadAlarmId)?;
        Ok(AlarmId {
            epoch: epoch.parse().map_err(|_| BadAlarmId)?,
            number: number.parse().map_err(|_| BadAlarmId)?,
        })
    }
}

impl Serialize for AlarmId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is not an alarm's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an alarm id: an epoch of 16 hexadecimal digits, '-', a number")]
pub struct BadAlarmId;

/// Where an alarm is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmPhase {
    /// Announced, nobody has acknowledged it.
    Active,
    /// A person acknowledged it; the condition still holds.
    Acknowledged,
    /// The condition is gone, nobody has acknowledged it, and it is of the latching kind.
    Latched,
    /// Over.
    Ended,
}

/// A step in an alarm's life, with the whole state after it: whoever has the highest `change` of an [`AlarmId`] knows
/// all about that alarm, whatever was lost, doubled or arrived out of order on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlarmChange {
    /// Which alarm.
    pub id: AlarmId,
    /// Counted from 1 (the onset) within the alarm.
    pub change: u32,
    /// What alarms.
    pub condition: Condition,
    /// How urgent.
    pub priority: Priority,
    /// Where it is in its life.
    pub phase: AlarmPhase,
    /// At which bed; `None` for an alarm about the post.
    pub bed: Option<BedId>,
    /// From which device.
    pub device: Option<DeviceId>,
    /// About whom.
    pub admission: Option<AdmissionId>,
    /// The value that crossed or, later, the worst since.
    pub value: Option<Decimal>,
    /// The limit in force at the onset.
    pub limit: Option<Decimal>,
    /// Unit of both, where the condition does not name it: of a [`Condition::Site`] as its map has it, of a
    /// [`Condition::LabCritical`] as the analyser has it. Else empty.
    pub unit: String,
    /// What the map of a [`Condition::Site`] calls it, in the words of whoever wrote the map; the test of a
    /// [`Condition::LabCritical`], with its result where that is no number; what people call a [`Condition::Score`];
    /// the monitor's own words of a [`Condition::Monitor`], with `; ` between them. Else empty.
    pub text: String,
    /// When the condition began (the crossing, before the delay).
    pub crossed: Stamp,
    /// When it was first announced.
    pub onset: Stamp,
    /// When this step happened.
    pub at: MonoTime,
    /// How often it was announced: above 1 when it returned within [`Rule::same_alarm_within`].
    pub onsets: u32,
    /// Who acknowledged it.
    pub acknowledged_by: Option<String>,
}
