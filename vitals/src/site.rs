//! When values about the post itself alarm: a vaccine fridge, a battery, an oxygen plant.
//!
//! Unlike vital signs they have no central table: each register map says what is wrong with its values. A value that is
//! absent is never compared (I5); that it is missing is an alarm of its own.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use crate::alarm::{AlarmKind, Priority, Rule};
use crate::number::Decimal;

/// Longest id of a signal, in characters.
pub const SIGNAL_ID_CHARS_MAX: usize = 64;

/// A value that alarms and is missing for so long is an alarm itself.
pub const MISSING_DELAY: Duration = Duration::from_secs(600);

/// The name of a value within the map of its device, `battery.charge`: 1 to 64 of a-z, 0-9, `.`, `_`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId {
    /// Zero behind the end.
    bytes: [u8; SIGNAL_ID_CHARS_MAX],
}

impl SignalId {
    /// As a text.
    pub fn as_str(&self) -> &str {
        let text = self.bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// The text is no name of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a signal: 1 to {SIGNAL_ID_CHARS_MAX} of a-z, 0-9, '.' and '_'")]
pub struct BadSignalId;

impl FromStr for SignalId {
    type Err = BadSignalId;
    fn from_str(text: &str) -> Result<Self, BadSignalId> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_');
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(BadSignalId);
        }
        let mut bytes = [0; SIGNAL_ID_CHARS_MAX];
        let place = bytes.get_mut(..text.len()).ok_or(BadSignalId)?;
        place.copy_from_slice(text.as_bytes());
        Ok(SignalId { bytes })
    }
}

impl fmt::Display for SignalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SignalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What is wrong with a value about the post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteTrouble {
    /// Below its limit.
    Low,
    /// Above its limit.
    High,
    /// A state that it should not be in.
    State,
    /// The device answers, but has no value.
    Missing,
}

impl SiteTrouble {
    /// Stable key.
    pub fn key(self) -> &'static str {
        match self {
            SiteTrouble::Low => "low",
            SiteTrouble::High => "high",
            SiteTrouble::State => "state",
            SiteTrouble::Missing => "missing",
        }
    }

    /// By its key.
    pub fn from_key(key: &str) -> Option<SiteTrouble> {
        use SiteTrouble::{High, Low, Missing, State};
        [Low, High, State, Missing]
            .into_iter()
            .find(|trouble| trouble.key() == key)
    }
}

/// How a value is compared with its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// When one value about the post alarms, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteAlarm {
    /// How the value is compared.
    pub when: Comparison,
    /// With what.
    pub with: Decimal,
    /// How urgent.
    pub priority: Priority,
    /// How long it must hold before it is announced.
    pub delay: Duration,
    /// How far back over the limit the value must come before the alarm ends; 0 or more.
    pub deadband: Decimal,
    /// What whoever wrote the map calls it; empty for the pages' own words.
    pub text: String,
}

impl SiteAlarm {
    /// What it says when it holds.
    pub fn trouble(&self) -> SiteTrouble {
        match self.when {
            Comparison::Equal | Comparison::NotEqual => SiteTrouble::State,
            Comparison::Below | Comparison::AtMost => SiteTrouble::Low,
            Comparison::Above | Comparison::AtLeast => SiteTrouble::High,
        }
    }

    /// The value is where it should not be.
    pub fn holds(&self, value: Decimal) -> bool {
        self.compares(value, self.with)
    }

    /// The value is back by the deadband; between this and [`SiteAlarm::holds`] it neither starts nor ends anything.
    pub fn is_gone(&self, value: Decimal) -> bool {
        let edge = match self.trouble() {
            SiteTrouble::Low => self.with.plus(self.deadband),
            SiteTrouble::High => self.with.plus(self.deadband.negated()),
            SiteTrouble::State | SiteTrouble::Missing => self.with,
        };
        !self.compares(value, edge)
    }

    /// How it becomes an alarm and how it ends.
    pub fn rule(&self) -> Rule {
        rule(self.priority, self.delay, self.deadband)
    }

    fn compares(&self, value: Decimal, with: Decimal) -> bool {
        match self.when {
            Comparison::Equal => value == with,
            Comparison::NotEqual => value != with,
            Comparison::Below => value < with,
            Comparison::AtMost => value <= with,
            Comparison::Above => value > with,
            Comparison::AtLeast => value >= with,
        }
    }
}

/// The rule of a value about the post. A fridge whose door is opened again and again is one alarm, not one per hour.
pub(crate) fn rule(priority: Priority, delay: Duration, deadband: Decimal) -> Rule {
    Rule {
        priority,
        kind: AlarmKind::Technical,
        delay,
        clear_after: Duration::from_secs(30),
        deadband,
        latching: false,
        same_alarm_within: Duration::from_secs(600),
        worsens_by: None,
        raised_to: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarm(when: Comparison, with: i64, deadband: Decimal) -> SiteAlarm {
        SiteAlarm {
            when,
            with: Decimal::whole(with),
            priority: Priority::Medium,
            delay: Duration::ZERO,
            deadband,
            text: String::new(),
        }
    }

    #[test]
    fn a_value_wavers_between_its_limit_and_the_deadband() {
        let fridge = alarm(Comparison::Above, 8, Decimal::new(5, 1));
        let judged = |tenths| {
            let value = Decimal::new(tenths, 1);
            (fridge.holds(value), fridge.is_gone(value))
        };
        assert_eq!(judged(81), (true, false));
        assert_eq!(judged(80), (false, false));
        assert_eq!(judged(76), (false, false));
        assert_eq!(judged(75), (false, true));
        let battery = alarm(Comparison::AtMost, 20, Decimal::whole(5));
        assert!(battery.holds(Decimal::whole(20)) && !battery.is_gone(Decimal::whole(25)));
        assert!(battery.is_gone(Decimal::whole(26)));
        let state = alarm(Comparison::NotEqual, 0, Decimal::whole(0));
        assert!(state.holds(Decimal::whole(4)) && state.is_gone(Decimal::whole(0)));
    }

    #[test]
    fn a_signal_has_a_short_plain_name() {
        for text in ["a", "battery.charge", &"x".repeat(64)] {
            assert_eq!(
                text.parse::<SignalId>().map(|id| id.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in ["", "A", "a b", "a\0", "ü", &"x".repeat(65)] {
            assert!(text.parse::<SignalId>().is_err(), "{text:?}");
        }
    }
}
