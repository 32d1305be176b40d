//! What alarms: each condition and its key.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::lab::LabId;
use crate::score::ScoreKind;
use crate::site::{SignalId, SiteTrouble};

use super::{AlarmKind, Priority};

/// Which limit was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
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
    /// The device says that this value's signal is weak or disturbed, and goes on doing so: `poor_signal.spo2`. Of
    /// [`Code::Pi`]: too little blood reaches the sensor.
    PoorSignal {
        /// The value concerned.
        code: Code,
    },
    /// The device talks, and has stopped to tell this value without saying why: `stale.spo2`.
    Stale {
        /// The value concerned.
        code: Code,
    },
    /// A monitor alarms by itself, in its own words and by its own limits: `monitor.high.patient`.
    Monitor {
        /// As the monitor ranks it.
        priority: Priority,
        /// About the patient or about the monitor, as far as it says.
        kind: AlarmKind,
    },
    /// Values come from a bed of which nobody has said who lies there: `patient_not_identified`.
    PatientNotIdentified,
    /// Nothing has come from the device, or its line is gone: `device_silent`.
    DeviceSilent,
    /// Too much of what the device sends arrives damaged, though not all: `line_disturbed`.
    LineDisturbed,
    /// The program of this post ended unexpectedly and was started again: `restarted_by_itself`.
    RestartedByItself,
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
    /// For a minute no screen has said that its sound is on, and the box itself gives none: `no_screen_with_sound`.
    NoScreenWithSound,
    /// An early-warning score has come into a band that somebody must be told of: `score.<score>`.
    Score {
        /// Which.
        score: ScoreKind,
    },
    /// Alarms that doctors must know of have not been confirmed by the centre: `alarm_undelivered`.
    AlarmUndelivered,
    /// The centre keeps a duty roster, and no doctor is on duty there: `nobody_on_duty`.
    NobodyOnDuty,
}

impl Condition {
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
            Condition::PoorSignal { code } => format!("poor_signal.{}", code.key()),
            Condition::Stale { code } => format!("stale.{}", code.key()),
            Condition::Monitor { priority, kind } => {
                format!("monitor.{}.{}", priority_key(priority), about_key(kind))
            }
            Condition::PatientNotIdentified => "patient_not_identified".to_owned(),
            Condition::DeviceSilent => "device_silent".to_owned(),
            Condition::LineDisturbed => "line_disturbed".to_owned(),
            Condition::RestartedByItself => "restarted_by_itself".to_owned(),
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
            Condition::NoScreenWithSound => "no_screen_with_sound".to_owned(),
            Condition::Score { score } => format!("score.{}", score.key()),
            Condition::AlarmUndelivered => "alarm_undelivered".to_owned(),
            Condition::NobodyOnDuty => "nobody_on_duty".to_owned(),
        }
    }
}

const PRIORITIES: [Priority; 3] = [Priority::Low, Priority::Medium, Priority::High];
const KINDS: [AlarmKind; 2] = [AlarmKind::Physiological, AlarmKind::Technical];

const fn priority_key(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
    }
}

const fn about_key(kind: AlarmKind) -> &'static str {
    match kind {
        AlarmKind::Physiological => "patient",
        AlarmKind::Technical => "equipment",
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
            (Some("poor_signal"), Some(of), None) => Condition::PoorSignal { code: code(of)? },
            (Some("stale"), Some(of), None) => Condition::Stale { code: code(of)? },
            (Some("monitor"), Some(priority), Some(about)) => Condition::Monitor {
                priority: PRIORITIES
                    .into_iter()
                    .find(|known| priority_key(*known) == priority)
                    .ok_or_else(unknown)?,
                kind: KINDS
                    .into_iter()
                    .find(|known| about_key(*known) == about)
                    .ok_or_else(unknown)?,
            },
            (Some("patient_not_identified"), None, None) => Condition::PatientNotIdentified,
            (Some("restarted_by_itself"), None, None) => Condition::RestartedByItself,
            (Some("desaturation"), None, None) => Condition::Desaturation,
            (Some("device_silent"), None, None) => Condition::DeviceSilent,
            (Some("line_disturbed"), None, None) => Condition::LineDisturbed,
            (Some("centre_unreachable"), None, None) => Condition::CentreUnreachable,
            (Some("store_set_aside"), None, None) => Condition::StoreSetAside,
            (Some("store_failing"), None, None) => Condition::StoreFailing,
            (Some("card_nearly_full"), None, None) => Condition::CardNearlyFull,
            (Some("clock_not_set"), None, None) => Condition::ClockNotSet,
            (Some("certificate_expiring"), None, None) => Condition::CertificateExpiring,
            (Some("no_screen_with_sound"), None, None) => Condition::NoScreenWithSound,
            (Some("score"), Some(score), None) => Condition::Score {
                score: ScoreKind::from_key(score).ok_or_else(unknown)?,
            },
            (Some("alarm_undelivered"), None, None) => Condition::AlarmUndelivered,
            (Some("nobody_on_duty"), None, None) => Condition::NobodyOnDuty,
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
                Condition::PoorSignal { code },
                Condition::Stale { code },
            ] {
                assert_eq!(condition.key().parse(), Ok(condition));
            }
        }
        for key in [
            "desaturation",
            "device_silent",
            "line_disturbed",
            "monitor.high.patient",
            "monitor.medium.patient",
            "monitor.low.equipment",
            "patient_not_identified",
            "restarted_by_itself",
            "centre_unreachable",
            "store_set_aside",
            "store_failing",
            "card_nearly_full",
            "clock_not_set",
            "certificate_expiring",
            "alarm_undelivered",
            "nobody_on_duty",
            "site.high.temperature",
            "site.low.battery.charge",
            "site.state.ups.on_battery",
            "site.missing.channel.1.gas",
            "lab_critical.low.0000000200000007-3",
            "lab_critical.high.0000000200000007-3",
            "no_screen_with_sound",
            "score.news2",
            "score.bedside_pews",
            "score.meows",
        ] {
            assert_eq!(key.parse::<Condition>().unwrap().key(), key);
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
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
            "monitor.high",
            "monitor.urgent.patient",
            "monitor.high.nobody",
            "stale.nothing",
            "site.high.Temperature",
            "lab_critical.0000000200000007-3",
            "lab_critical.wide.0000000200000007-3",
            "lab_critical.low.3",
            "score",
            "score.news3",
            "score.news2.high",
        ] {
            assert!(key.parse::<Condition>().is_err(), "{key:?}");
        }
    }
}
