//! Alarm signals that people have paused, at one bed or at the whole post: what is paused, never what is watched. Alarms are
//! raised, recorded and sent as always; only their signals here rest.
//!
//! Source: alarms.md section 4; the names are the inactivation states of IHE PCD-04 (enabled, audio-paused, audio-off,
//! alarm-paused). PCD-04's alarm-off has no place here: all signals of a bed can rest for a procedure, never untimed.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AlarmId;
use crate::bed::BedId;
use crate::time::MonoTime;

/// What rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inactive {
    /// The sound, for a time, or until something else calls.
    AudioPaused,
    /// The sound, until a person switches it on.
    AudioOff,
    /// Sound and flashing, for the time of a procedure.
    AlarmPaused,
}

impl Inactive {
    /// All of them.
    pub const ALL: [Inactive; 3] = [Inactive::AudioPaused, Inactive::AudioOff, Inactive::AlarmPaused];

    /// How long when nobody says how long, and the longest; `None` = until a person ends it.
    pub const fn lasts(self) -> Option<(Duration, Duration)> {
        match self {
            Inactive::AudioPaused | Inactive::AlarmPaused => {
                Some((Duration::from_secs(120), Duration::from_secs(180)))
            }
            Inactive::AudioOff => None,
        }
    }

    /// Its name in messages and the API.
    pub const fn key(self) -> &'static str {
        match self {
            Inactive::AudioPaused => "audio_paused",
            Inactive::AudioOff => "audio_off",
            Inactive::AlarmPaused => "alarm_paused",
        }
    }

    /// Finds one by its name.
    pub fn from_key(key: &str) -> Option<Inactive> {
        Inactive::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Why signals are on again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// A person switched them on.
    ByPerson(String),
    /// The time was over.
    TimeOver,
    /// An alarm called that was not among those paused, as urgent as they or more.
    NewAlarm(AlarmId),
    /// Somebody else lies in the bed.
    AnotherPatient,
    /// The box has started anew, and how much of the time was left is not known.
    Restart,
}

impl Resumed {
    /// Its name in messages.
    pub const fn key(&self) -> &'static str {
        match self {
            Resumed::ByPerson(_) => "person",
            Resumed::TimeOver => "time",
            Resumed::NewAlarm(_) => "new_alarm",
            Resumed::AnotherPatient => "another_patient",
            Resumed::Restart => "restart",
        }
    }
}

/// What became of the signals of one bed or of the post: the last one of a place is the whole truth about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inactivation {
    /// They rest.
    Paused {
        /// What of them.
        what: Inactive,
        /// Until when; `None` = until a person ends it.
        until: Option<MonoTime>,
        /// Who said so.
        by: String,
    },
    /// They are on.
    Enabled(Resumed),
}

impl Inactivation {
    /// The person whose word it is; `None` = nobody's.
    pub fn by(&self) -> Option<&str> {
        match self {
            Inactivation::Paused { by, .. } | Inactivation::Enabled(Resumed::ByPerson(by)) => Some(by),
            Inactivation::Enabled(_) => None,
        }
    }
}

/// A place whose signals rest: a bed, or (`None`) the whole post.
pub type SignalPlace = Option<BedId>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pause_that_ends_by_itself_is_longer_than_three_minutes() {
        for state in Inactive::ALL {
            assert_eq!(Inactive::from_key(state.key()), Some(state));
            if let Some((default, most)) = state.lasts() {
                assert!(default <= most && most <= Duration::from_secs(180), "{state:?}");
            }
        }
        assert_eq!(Inactive::from_key("alarm_off"), None);
    }
}
