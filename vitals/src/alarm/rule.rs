//! How each condition becomes an alarm and how it ends: the one table.

use std::time::Duration;

use super::{AlarmKind, Condition, Priority};
use crate::code::Code;
use crate::number::Decimal;

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
    /// How much worse than at its acknowledgement a value must be to be announced again; `None` = never.
    pub worsens_by: Option<Decimal>,
    /// More urgent once nobody has acknowledged it for this long.
    pub raised_to: Option<(Priority, Duration)>,
}

impl Rule {
    /// How long after its acknowledgement an alarm whose condition still holds is announced again; `None` = never. What is
    /// wrong with a patient comes back soon, what a technician has to mend once a shift.
    pub fn remind_after(&self) -> Option<Duration> {
        let minutes = match (self.kind, self.priority) {
            (AlarmKind::Physiological, Priority::High) => 10,
            (AlarmKind::Physiological, Priority::Medium) => 30,
            (AlarmKind::Technical, Priority::High) => 60,
            (AlarmKind::Technical, Priority::Medium) => 8 * 60,
            (_, Priority::Low) => return None,
        };
        Some(Duration::from_secs(60 * minutes))
    }
}

/// SpO2 (%) at or below which [`Condition::Desaturation`] holds. Mindray TMS60/TM80 default.
pub const DESATURATION_SPO2: i64 = 80;

/// An alarm that the centre has not confirmed for this long is undelivered (IEC 60601-1-8 6.11: a failure to deliver is
/// itself an alarm).
pub const UNDELIVERED_AFTER: Duration = Duration::from_secs(30);

/// Perfusion index (%) below which too little blood reaches a pulse oximeter's sensor (alarms.md section 9).
pub const PERFUSION_MIN: Decimal = Decimal::new(3, 1);

/// A device that has sent nothing for this long is silent.
pub const DEVICE_SILENT_AFTER: Duration = Duration::from_secs(10);

impl Condition {
    /// The rule of this condition: the one table.
    pub fn rule(self) -> Rule {
        use AlarmKind::{Physiological, Technical};
        let none = Decimal::whole(0);
        match self {
            Condition::Limit { code, .. } => {
                let (priority, delay_s, deadband) = limit_timing(code);
                Rule {
                    worsens_by: worsens_by(code),
                    ..rule(priority, Physiological, delay_s, deadband)
                }
            }
            Condition::Desaturation => Rule {
                latching: true,
                worsens_by: worsens_by(Code::Spo2),
                ..rule(Priority::High, Physiological, 0, Decimal::whole(2))
            },
            // Fingers move: one restless patient is one alarm, not one per minute.
            Condition::ProbeOff { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                raised_to: Some((Priority::Medium, Duration::from_secs(120))),
                ..rule(Priority::Low, Technical, 4, none)
            },
            Condition::SensorFault { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(Priority::Medium, Technical, 4, none)
            },
            Condition::PoorSignal { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(Priority::Low, Technical, 30, none)
            },
            // How long a value may be missing is the condition itself.
            Condition::Stale { .. } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(Priority::Medium, Technical, 0, none)
            },
            // The monitor has waited already: a second delay would be a delay of the patient's (alarms.md section 5).
            Condition::Monitor { priority, kind } => Rule {
                same_alarm_within: Duration::from_secs(120),
                ..rule(priority, kind, 0, none)
            },
            Condition::PatientNotIdentified => rule(Priority::Low, Technical, 15 * 60, none),
            Condition::DeviceSilent => Rule {
                same_alarm_within: Duration::from_secs(120),
                clear_after: Duration::from_secs(2),
                ..rule(Priority::Medium, Technical, 0, none)
            },
            // The minute is in the condition. A cable that is moved now and then is one alarm.
            Condition::LineDisturbed => Rule {
                same_alarm_within: Duration::from_secs(600),
                ..rule(Priority::Low, Technical, 0, none)
            },
            // Priority, delay and deadband of a value stand in its map; this is for where the map is not known.
            Condition::Site { .. } => crate::site::rule(Priority::Medium, crate::site::MISSING_DELAY, none),
            // Death or irreversible injury is possible, its onset is delayed (table 1, column "delayed"): somebody must
            // be told promptly, not within seconds.
            Condition::LabCritical { .. } => moment(Priority::Medium),
            // Of the band `medium`; that of the band `high` is told with HIGH (RCP 2017: at once, emergency assessment).
            Condition::Score { .. } => moment(Priority::Medium),
            Condition::RestartedByItself
            | Condition::CentreUnreachable
            | Condition::StoreSetAside
            | Condition::StoreFailing
            | Condition::CardNearlyFull
            | Condition::ClockNotSet
            | Condition::CertificateExpiring
            | Condition::NoScreenWithSound
            | Condition::AlarmUndelivered
            | Condition::NobodyOnDuty => of_post(self),
        }
    }
}

/// The rules of what is wrong with the post itself, its links and its people.
fn of_post(condition: Condition) -> Rule {
    use AlarmKind::Technical;
    let none = Decimal::whole(0);
    match condition {
        // A moment: it stays until a person has read it.
        Condition::StoreSetAside | Condition::RestartedByItself => Rule {
            latching: true,
            ..rule(Priority::Medium, Technical, 0, none)
        },
        Condition::StoreFailing => rule(Priority::High, Technical, 0, none),
        Condition::CardNearlyFull => Rule {
            clear_after: Duration::from_secs(60),
            ..rule(Priority::Medium, Technical, 10, none)
        },
        // A box without a battery clock is in this state for some minutes after each power cut.
        Condition::ClockNotSet => Rule {
            raised_to: Some((Priority::Medium, Duration::from_secs(24 * 3_600))),
            ..rule(Priority::Low, Technical, 300, none)
        },
        Condition::CertificateExpiring => rule(Priority::Low, Technical, 0, none),
        // It stays: that a doctor was not told for a while is worth knowing when the link is back, too.
        Condition::AlarmUndelivered => Rule {
            latching: true,
            ..rule(Priority::High, Technical, 0, none)
        },
        // Shifts that follow each other leave no minute between them; a minute is a late click.
        Condition::NobodyOnDuty => rule(Priority::Medium, Technical, 60, none),
        // At once: what had to be waited for is the condition itself (the missed heartbeats, the minute without sound).
        _ => rule(Priority::Medium, Technical, 0, none),
    }
}

/// A rule without anything special: it ends when its condition has been gone for 5 s.
fn rule(priority: Priority, kind: AlarmKind, delay_s: u64, deadband: Decimal) -> Rule {
    Rule {
        priority,
        kind,
        delay: Duration::from_secs(delay_s),
        clear_after: Duration::from_secs(5),
        deadband,
        latching: false,
        same_alarm_within: Duration::ZERO,
        worsens_by: None,
        raised_to: None,
    }
}

/// The rule of what is a moment about a patient: it stays until a person has taken it in, and is over then.
fn moment(priority: Priority) -> Rule {
    Rule {
        latching: true,
        clear_after: Duration::ZERO,
        ..rule(priority, AlarmKind::Physiological, 0, Decimal::whole(0))
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

/// How much worse a value must become after its acknowledgement to be announced again: a step that a nurse would want to
/// be called for, and clearly more than its deadband.
fn worsens_by(code: Code) -> Option<Decimal> {
    Some(match code {
        Code::Spo2 => Decimal::whole(4),
        Code::Hr | Code::Pr | Code::PrAbp => Decimal::whole(20),
        Code::Rr | Code::RrImpedance | Code::RrAirway | Code::RrCo2 => Decimal::whole(8),
        Code::EtCo2 => Decimal::whole(10),
        _ => match code.info().ucum {
            "Cel" => Decimal::whole(1),
            "mm[Hg]" => Decimal::whole(20),
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::*;

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
