//! Signals that people have paused (alarms.md section 4): what is to be heard and seen of the open alarms now.
//!
//! - A12: a pause touches signals, never an alarm: presence, records and the way to the centre go on.
//! - A13: pausing one bed pauses no other; an alarm that was not among those paused and is as urgent as they ends a pause of the
//!   sound at once.
//! - A14: every pause is some person's, and ends by time, by a person, or with the stay; none survives a start unseen.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::alarm::{Inactivation, Inactive, Resumed, SignalPlace};
use vitals::{AlarmChange, AlarmId, AlarmPhase, BedId, MonoTime, Priority};

use super::{PERSON_CHARS_MAX, person};

/// A pause that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PauseError {
    /// The sound is to rest, and nothing sounds there.
    #[error("nothing sounds there now; a pause of the sound begins when an alarm is heard")]
    NothingSounds,
    /// Longer than it may be, or no time at all.
    #[error("say 1 to {} seconds", .most.as_secs())]
    Lasts {
        /// The longest.
        most: Duration,
    },
    /// A time was said for what a person has to end.
    #[error("this lasts until a person ends it; say no seconds")]
    Untimed,
    /// Nothing rests there.
    #[error("the alarm signals are on there")]
    NotPaused,
    /// The name is empty, too long, or holds control characters.
    #[error("say who pauses: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
}

/// What a person wants to pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pausing {
    /// Where.
    pub place: SignalPlace,
    /// What.
    pub what: Inactive,
    /// How long; `None` = as long as is usual.
    pub lasts: Option<Duration>,
}

/// A pause that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// What rests.
    pub what: Inactive,
    /// Until when; `None` = until a person ends it.
    pub until: Option<MonoTime>,
    /// Who said so.
    pub by: String,
    /// What called when it began, with how often it had been announced and how urgent it was.
    paused: BTreeMap<AlarmId, (u32, Priority)>,
}

impl Pause {
    /// What was paused, is over and comes back as the same alarm is nothing new: a restless finger stays paused.
    fn expect_back(&mut self, change: &AlarmChange) {
        if let (AlarmPhase::Ended, Some((onsets, _))) = (change.phase, self.paused.get_mut(&change.id)) {
            *onsets = change.onsets + 1;
        }
    }

    /// Whether this step of an alarm's life calls somebody beyond what was paused.
    fn is_ended_by(&self, change: &AlarmChange) -> bool {
        let most = self.paused.values().map(|(_, priority)| *priority).max();
        let is_new = match self.paused.get(&change.id) {
            Some((onsets, priority)) => change.onsets > *onsets || change.priority > *priority,
            None => true,
        };
        self.what == Inactive::AudioPaused
            && change.phase == AlarmPhase::Active
            && is_new
            && most.is_none_or(|most| change.priority >= most)
    }
}

/// A change of what rests, as it is recorded.
pub type Step = (SignalPlace, Inactivation);

/// The pauses of all places.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    pauses: BTreeMap<SignalPlace, Pause>,
}

impl Pauses {
    /// A person pauses the signals of a bed or of the post; what rested there before gives way to it.
    ///
    /// # Errors
    /// Nothing sounds there, the time is not allowed, or nobody is named.
    pub fn pause(
        &mut self,
        pausing: Pausing,
        open: &[&AlarmChange],
        by: &str,
        now: MonoTime,
    ) -> Result<Step, PauseError> {
        let by = person(by).ok_or(PauseError::NoPerson)?.to_owned();
        let Pausing { place, what, lasts } = pausing;
        let until = match (what.lasts(), lasts) {
            (None, None) => None,
            (None, Some(_)) => return Err(PauseError::Untimed),
            (Some((usual, most)), lasts) => {
                let lasts = lasts.unwrap_or(usual);
                if lasts.is_zero() || lasts > most {
                    return Err(PauseError::Lasts { most });
                }
                Some(now + lasts)
            }
        };
        let paused = calling(&place, open);
        if what == Inactive::AudioPaused && paused.is_empty() {
            return Err(PauseError::NothingSounds);
        }
        let pause = Pause {
            what,
            until,
            by: by.clone(),
            paused,
        };
        self.pauses.insert(place.clone(), pause);
        Ok((place, Inactivation::Paused { what, until, by }))
    }

    /// A person switches the signals of a place on.
    ///
    /// # Errors
    /// Nothing rests there, or nobody is named.
    pub fn resume(&mut self, place: &SignalPlace, by: &str) -> Result<Step, PauseError> {
        let by = person(by).ok_or(PauseError::NoPerson)?.to_owned();
        self.end(place, Resumed::ByPerson(by))
            .ok_or(PauseError::NotPaused)
    }

    /// Somebody else lies in a bed: nobody has paused anything for this patient.
    pub fn stay_over(&mut self, bed: &BedId) -> Option<Step> {
        self.end(&Some(bed.clone()), Resumed::AnotherPatient)
    }

    /// An alarm took a step.
    pub fn heard(&mut self, change: &AlarmChange) -> Vec<Step> {
        for (place, pause) in &mut self.pauses {
            if covers(place, change) {
                pause.expect_back(change);
            }
        }
        let ended = self
            .pauses
            .iter()
            .filter(|(place, pause)| covers(place, change) && pause.is_ended_by(change));
        let ended: Vec<SignalPlace> = ended.map(|(place, _)| place.clone()).collect();
        let steps = ended
            .iter()
            .filter_map(|place| self.end(place, Resumed::NewAlarm(change.id)));
        steps.collect()
    }

    /// Time passes.
    pub fn tick(&mut self, now: MonoTime) -> Vec<Step> {
        let over = self
            .pauses
            .iter()
            .filter(|(_, pause)| pause.until.is_some_and(|until| until <= now));
        let over: Vec<SignalPlace> = over.map(|(place, _)| place.clone()).collect();
        over.iter()
            .filter_map(|place| self.end(place, Resumed::TimeOver))
            .collect()
    }

    /// What rested when the appliance stopped. `is_this_boot` = the time of its end can be compared with `now`; else a pause
    /// with an end is over.
    pub fn restore(
        &mut self,
        rested: Vec<(SignalPlace, Inactivation, bool)>,
        open: &[&AlarmChange],
        now: MonoTime,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, inactivation, is_this_boot) in rested {
            let Inactivation::Paused { what, until, by } = inactivation else {
                continue;
            };
            let goes_on = until.is_none_or(|until| is_this_boot && until > now);
            let paused = calling(&place, open);
            let pause = Pause {
                what,
                until,
                by,
                paused,
            };
            self.pauses.insert(place.clone(), pause);
            if !goes_on {
                steps.extend(self.end(&place, Resumed::Restart));
            }
        }
        steps
    }

    /// Whether an alarm is to be heard now.
    pub fn sounds(&self, alarm: &AlarmChange) -> bool {
        calls(alarm) && !self.pauses.keys().any(|place| covers(place, alarm))
    }

    /// Whether an alarm is to flash now; a paused sound leaves the light.
    pub fn flashes(&self, alarm: &AlarmChange) -> bool {
        let rests = self
            .pauses
            .iter()
            .any(|(place, pause)| pause.what == Inactive::AlarmPaused && covers(place, alarm));
        calls(alarm) && !rests
    }

    /// What rests now.
    pub fn in_force(&self) -> impl Iterator<Item = (&SignalPlace, &Pause)> {
        self.pauses.iter()
    }

    fn end(&mut self, place: &SignalPlace, why: Resumed) -> Option<Step> {
        self.pauses.remove(place)?;
        Some((place.clone(), Inactivation::Enabled(why)))
    }
}

/// Whether an alarm asks for somebody: nobody has acknowledged it.
fn calls(alarm: &AlarmChange) -> bool {
    matches!(alarm.phase, AlarmPhase::Active | AlarmPhase::Latched)
}

fn covers(place: &SignalPlace, alarm: &AlarmChange) -> bool {
    place.is_none() || *place == alarm.bed
}

fn calling(place: &SignalPlace, open: &[&AlarmChange]) -> BTreeMap<AlarmId, (u32, Priority)> {
    let there = open.iter().filter(|alarm| calls(alarm) && covers(place, alarm));
    there
        .map(|alarm| (alarm.id, (alarm.onsets, alarm.priority)))
        .collect()
}

#[cfg(test)]
mod tests;
