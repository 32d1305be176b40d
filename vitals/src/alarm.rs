//! What can alarm, how urgent it is, and after which delay: data only. The timing lives in the appliance (`alarms`).
//!
//! Sources: priorities after IEC 60601-1-8 table 1 (harm if nobody responds x how soon); default limits from the
//! manuals of Contec CMS8000 and Mindray TMS60/TM80; delays and deadbands are this product's choice, disclosed in
//! docs/operate/alarms.md.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::bed::{AdmissionId, BedId, DeviceId};
use crate::code::Code;
use crate::lab::LabId;
use crate::number::Decimal;
use crate::record::Epoch;
use crate::site::{SignalId, SiteTrouble};
use crate::time::{MonoTime, Stamp};

/// How soon somebody must come. Belongs to the condition, in one table ([`Condition::rule`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Awareness.
    Low,
    /// Prompt response.
    Medium,
    /// Immediate response.
    High,
}

/// Which limit was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Below the lower limit.
    Low,
    /// Above the upper limit.
    High,
}

/// A condition that alarms. Written as a key in files, messages and the API: see [`Condition::key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// A value beyond its limit: `limit.spo2.low`.
    Limit {
        /// The value.
        code: Code,
        /// Which limit.
        side: Side,
    },
    /// SpO2 at or below the desaturation limit, whatever the low limit says: `desaturation`.
    Desaturation,
    /// The sensor for this value is off the patient or unplugged: `probe_off.spo2`.
    ProbeOff {
        /// The leading value of that sensor.
        code: Code,
    },
    /// The device sends numbers that no living patient has, or says its sensor is broken: `sensor_fault.spo2`.
    SensorFault {
        /// The value concerned.
        code: Code,
    },
    /// Nothing has come from the device, or its line is gone: `device_silent`.
    DeviceSilent,
    /// The centre does not answer: doctors do not see this post: `centre_unreachable`.
    CentreUnreachable,
    /// The store was damaged and set aside; history before now is in the file that was kept: `store_set_aside`.
    StoreSetAside,
    /// Records cannot be written to the card: `store_failing`.
    StoreFailing,
    /// The card's file system is nearly full, by something else than the store: `card_nearly_full`.
    CardNearlyFull,
    /// The box does not know what time it is: `clock_not_set`.
    ClockNotSet,
    /// The certificate for the centre is about to expire or has expired: `certificate_expiring`.
    CertificateExpiring,
    /// A value about the post is not as its map wants it, or is missing: `site.high.temperature`.
    Site {
        /// What is wrong.
        trouble: SiteTrouble,
        /// The value, as its map names it.
        signal: SignalId,
    },
    /// A laboratory result that somebody must be told at once, whatever else alarms: `lab_critical.low.<result>`.
    LabCritical {
        /// Beyond which end.
        side: Side,
        /// The first result of its specimen and test; a later one of the same is the same alarm.
        result: LabId,
    },
}

/// Whether an alarm is about a patient or about the equipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// How a condition becomes an alarm and how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// How urgent.
    pub priority: Priority,
    /// Patient or equipment.
    pub kind: AlarmKind,
    /// How long the condition must hold before it is announced.
    pub delay: Duration,
    /// How long it must be gone before the alarm ends.
    pub clear_after: Duration,
    /// How far back over the limit a value must come before the condition counts as gone.
    pub deadband: Decimal,
    /// Stays until somebody acknowledges it, even when the condition is gone.
    pub latching: bool,
    /// A condition that returns within this time after its end is the same alarm again, not a new one.
    pub same_alarm_within: Duration,
}

/// SpO2 (%) at or below which [`Condition::Desaturation`] holds. Mindray TMS60/TM80 default.
pub const DESATURATION_SPO2: i64 = 80;

/// A device that has sent nothing for this long is silent.
pub const DEVICE_SILENT_AFTER: Duration = Duration::from_secs(10);

impl Condition {
    /// The rule of this condition: the one table.
    pub fn rule(self) -> Rule {
        use AlarmKind::{Physiological, Technical};
        let rule = |priority, kind, delay_s, deadband| Rule {
            priority,
            kind,
            delay: Duration::from_secs(delay_s),
            clear_after: Duration::from_secs(5),
            deadband,
            latching: false,
            same_alarm_within: Duration::ZERO,
        };
        let none = Decimal::whole(0);
        match self {
            Condition::Limit { code, .. } => {
                let (priority, delay_s, deadband) = limit_timing(code);
                rule(priority, Physiological, delay_s, deadband)
            }
            Condition::Desaturation => Rule {
                latching: true,
                ..rule(Priority::High, Physiological, 0, Decimal::whole(2))
            },
            // Fingers move: one restless patient is one alarm, not one per minute.
            Condition::ProbeOff { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(Priority::Low, Technical, 4, none)
            },
            Condition::SensorFault { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(Priority::Medium, Technical, 4, none)
            },
            Condition::DeviceSilent => Rule {
                same_alarm_within: Duration::from_secs(120),
                clear_after: Duration::from_secs(2),
                ..rule(Priority::Medium, Technical, 0, none)
            },
            Condition::CentreUnreachable => rule(Priority::Medium, Technical, 0, none),
            Condition::StoreSetAside => Rule {
                latching: true,
                ..rule(Priority::Medium, Technical, 0, none)
            },
            Condition::StoreFailing => rule(Priority::High, Technical, 0, none),
            Condition::CardNearlyFull => Rule {
                clear_after: Duration::from_secs(60),
                ..rule(Priority::Medium, Technical, 10, none)
            },
            // A box without a battery clock is in this state for some minutes after each power cut.
            Condition::ClockNotSet => rule(Priority::Low, Technical, 300, none),
            Condition::CertificateExpiring => rule(Priority::Low, Technical, 0, none),
            // Priority, delay and deadband of a value stand in its map; this is for where the map is not known.
            Condition::Site { .. } => crate::site::rule(Priority::Medium, crate::site::MISSING_DELAY, none),
            // Death or irreversible injury is possible, its onset is delayed (table 1, column "delayed"): somebody must
            // be told promptly, not within seconds.
            Condition::LabCritical { .. } => Rule {
                latching: true,
                clear_after: Duration::ZERO,
                ..rule(Priority::Medium, Physiological, 0, none)
            },
        }
    }

    /// Stable key: what stands in messages, files and the API.
    pub fn key(self) -> String {
        match self {
            Condition::Limit {
                code,
                side: Side::Low,
            } => format!("limit.{}.low", code.key()),
            Condition::Limit {
                code,
                side: Side::High,
            } => format!("limit.{}.high", code.key()),
            Condition::Desaturation => "desaturation".to_owned(),
            Condition::ProbeOff { code } => format!("probe_off.{}", code.key()),
            Condition::SensorFault { code } => format!("sensor_fault.{}", code.key()),
            Condition::DeviceSilent => "device_silent".to_owned(),
            Condition::CentreUnreachable => "centre_unreachable".to_owned(),
            Condition::StoreSetAside => "store_set_aside".to_owned(),
            Condition::StoreFailing => "store_failing".to_owned(),
            Condition::CardNearlyFull => "card_nearly_full".to_owned(),
            Condition::ClockNotSet => "clock_not_set".to_owned(),
            Condition::CertificateExpiring => "certificate_expiring".to_owned(),
            Condition::Site { trouble, signal } => format!("site.{}.{signal}", trouble.key()),
            Condition::LabCritical { side, result } => {
                let side = if side == Side::Low { "low" } else { "high" };
                format!("lab_critical.{side}.{result}")
            }
        }
    }
}

/// Priority, delay in seconds and deadband of a limit alarm.
///
/// SpO2 below its limit is HIGH: death or irreversible injury within minutes (table 1, column "prompt").
fn limit_timing(code: Code) -> (Priority, u64, Decimal) {
    match code {
        Code::Spo2 => (Priority::High, 10, Decimal::whole(2)),
        Code::Hr | Code::Pr | Code::PrAbp => (Priority::Medium, 5, Decimal::whole(3)),
        Code::Rr | Code::RrImpedance | Code::RrAirway | Code::RrCo2 => {
            (Priority::Medium, 10, Decimal::whole(2))
        }
        Code::AbpSys | Code::AbpDia | Code::AbpMean => (Priority::Medium, 8, Decimal::whole(5)),
        Code::EtCo2 => (Priority::Medium, 8, Decimal::whole(3)),
        Code::Temp
        | Code::TempBody
        | Code::TempCore
        | Code::TempSkin
        | Code::TempRect
        | Code::TempOral
        | Code::TempTymp
        | Code::TempAxil => (Priority::Low, 60, Decimal::new(2, 1)),
        // A single cuff value: nothing to wait for.
        _ => (Priority::Medium, 0, Decimal::whole(0)),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())
    }
}

/// The text is not a condition's key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown alarm condition {0:?}")]
pub struct UnknownCondition(pub String);

impl FromStr for Condition {
    type Err = UnknownCondition;
    fn from_str(key: &str) -> Result<Self, UnknownCondition> {
        let unknown = || UnknownCondition(key.to_owned());
        if let Some((trouble, signal)) = key.strip_prefix("site.").and_then(|rest| rest.split_once('.')) {
            return Ok(Condition::Site {
                trouble: SiteTrouble::from_key(trouble).ok_or_else(unknown)?,
                signal: signal.parse().map_err(|_| unknown())?,
            });
        }
        if let Some((side, result)) = key
            .strip_prefix("lab_critical.")
            .and_then(|rest| rest.split_once('.'))
        {
            let side = match side {
                "low" => Side::Low,
                "high" => Side::High,
                _ => return Err(unknown()),
            };
            let result = result.parse().map_err(|_| unknown())?;
            return Ok(Condition::LabCritical { side, result });
        }
        let code = |key: &str| Code::from_key(key).ok_or_else(unknown);
        let mut parts = key.split('.');
        let found = match (parts.next(), parts.next(), parts.next()) {
            (Some("limit"), Some(of), Some("low")) => Condition::Limit {
                code: code(of)?,
                side: Side::Low,
            },
            (Some("limit"), Some(of), Some("high")) => Condition::Limit {
                code: code(of)?,
                side: Side::High,
            },
            (Some("probe_off"), Some(of), None) => Condition::ProbeOff { code: code(of)? },
            (Some("sensor_fault"), Some(of), None) => Condition::SensorFault { code: code(of)? },
            (Some("desaturation"), None, None) => Condition::Desaturation,
            (Some("device_silent"), None, None) => Condition::DeviceSilent,
            (Some("centre_unreachable"), None, None) => Condition::CentreUnreachable,
            (Some("store_set_aside"), None, None) => Condition::StoreSetAside,
            (Some("store_failing"), None, None) => Condition::StoreFailing,
            (Some("card_nearly_full"), None, None) => Condition::CardNearlyFull,
            (Some("clock_not_set"), None, None) => Condition::ClockNotSet,
            (Some("certificate_expiring"), None, None) => Condition::CertificateExpiring,
            _ => return Err(unknown()),
        };
        if parts.next().is_some() {
            Err(unknown())
        } else {
            Ok(found)
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.key())
    }
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// [`Condition::LabCritical`], with its result where that is no number. Else empty.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_reads_back_from_its_key() {
        for row in crate::code::CODES {
            let code = row.code;
            for condition in [
                Condition::Limit {
                    code,
                    side: Side::Low,
                },
                Condition::Limit {
                    code,
                    side: Side::High,
                },
                Condition::ProbeOff { code },
                Condition::SensorFault { code },
            ] {
                assert_eq!(condition.key().parse(), Ok(condition));
            }
        }
        for key in [
            "desaturation",
            "device_silent",
            "centre_unreachable",
            "store_set_aside",
            "store_failing",
            "card_nearly_full",
            "clock_not_set",
            "certificate_expiring",
            "site.high.temperature",
            "site.low.battery.charge",
            "site.state.ups.on_battery",
            "site.missing.channel.1.gas",
            "lab_critical.low.0000000200000007-3",
            "lab_critical.high.0000000200000007-3",
        ] {
            assert_eq!(key.parse::<Condition>().unwrap().key(), key);
        }
        for key in [
            "",
            "limit",
            "limit.spo2",
            "limit.spo2.low.x",
            "probe_off.nothing",
            "site",
            "site.high",
            "site.high.",
            "site.wide.temperature",
            "site.high.Temperature",
            "lab_critical.0000000200000007-3",
            "lab_critical.wide.0000000200000007-3",
            "lab_critical.low.3",
        ] {
            assert!(key.parse::<Condition>().is_err(), "{key:?}");
        }
    }

    #[test]
    fn no_delay_is_longer_than_monitors_allow() {
        // Mindray manuals: 15 s is the ceiling for continuous parameters; temperature changes in minutes.
        for row in crate::code::CODES.iter().filter(|row| row.ucum != "Cel") {
            let rule = Condition::Limit {
                code: row.code,
                side: Side::Low,
            }
            .rule();
            assert!(rule.delay <= Duration::from_secs(15), "{}", row.key);
        }
    }
}
