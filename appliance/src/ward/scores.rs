//! The early-warning score of each stay: what is known of it, and what comes of that. Pure; whoever holds it records what
//! is decided, and says what time it is.
//!
//! - E1, E2: only fresh values are scored, and what no device measures is what a person entered ([`vitals::score`]).
//! - E4: what was told last is kept for each stay. It is recorded as an event when it changes ([`Came::stands`]) and not
//!   made of the recorded alarm: an alarm that somebody acknowledged is over, and what it told must not be told anew.
//! - I3: everything here is of a stay, not of a bed: it goes along with a transfer, and is seen no more after a discharge.

mod by_hand;
mod known;
mod now;

use std::collections::VecDeque;
use std::time::Duration;

use vitals::score::ScoreKind;
use vitals::score::advisory::Watched;
use vitals::score::care::{Care, CareTold};
use vitals::score::entry::{Entry, EntryId, Findings, Observed, What};
use vitals::{AdmissionId, BedId, Category, Epoch, Event, MonoTime, Priority, Reading, Stamp};

pub use by_hand::ByHandNow;
use known::Samples;
pub use now::{PartNow, ScoreNow};

/// Stays of which anything is kept; of more, the one that was heard of longest ago goes.
const STAYS_MAX: usize = 128;

/// Entries of one stay that are shown and scored; older ones are in the records.
const ENTRIES_MAX: usize = 64;

/// An entry, with who made it and who took it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEntry {
    /// The entry.
    pub entry: Entry,
    /// Who made it.
    pub by: String,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
}

/// Why a person's word about a score is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Not of this stay, or not kept any more.
    #[error("this patient has no such entry any more; look at the list again")]
    NoSuchEntry,
    /// It counts no more already.
    #[error("this entry was taken back already")]
    Withdrawn,
}

/// The scores of the post.
#[derive(Debug)]
pub struct Scores {
    epoch: Epoch,
    issued: u32,
    /// The one that was heard of last is the last.
    stays: VecDeque<(AdmissionId, OfStay)>,
}

#[derive(Debug, Default)]
struct OfStay {
    samples: Samples,
    /// In the order in which they were entered.
    entries: VecDeque<HeldEntry>,
    care: Care,
    watched: Option<Watched>,
    now: Option<ScoreNow>,
}

/// Whose score is computed.
#[derive(Clone, Copy, Debug)]
pub struct ScoredStay<'a> {
    /// The stay.
    pub admission: &'a AdmissionId,
    /// Age group.
    pub category: Category,
    /// Date of birth, `YYYY-MM-DD`, where it is known.
    pub born: Option<&'a str>,
}

/// When it is computed.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Now.
    pub now: MonoTime,
    /// How long ago something was; `None` = nobody knows, or it is later than now.
    pub age_of: &'a dyn Fn(Stamp) -> Option<Duration>,
    /// Year, month and day.
    pub today: (i32, u32, u32),
}

/// What comes of a computation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// What is shown has changed.
    pub changed: bool,
    /// Somebody must be told.
    pub advised: Option<ToTell>,
    /// To be recorded: what was told last is another than before.
    pub stands: Option<What>,
}

/// A score of which somebody must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToTell {
    /// Which score.
    pub score: ScoreKind,
    /// How soon somebody must come.
    pub priority: Priority,
    /// The total.
    pub total: u16,
    /// From this total on it is told.
    pub from: u16,
}

impl Scores {
    /// Nothing yet; entries that are made are named with this epoch.
    pub fn new(epoch: Epoch) -> Scores {
        Scores {
            epoch,
            issued: 0,
            stays: VecDeque::new(),
        }
    }

    /// A bed's leading value.
    pub fn reading(&mut self, reading: &Reading) {
        if let Some(admission) = &reading.admission
            && known::is_scored(reading.seen.code)
        {
            self.of(admission).samples.take(reading);
        }
    }

    /// A person found something: the entry, to be recorded.
    pub fn enter(&mut self, admission: &AdmissionId, findings: Findings, found: Stamp, by: &str) -> Entry {
        self.issued += 1;
        let id = EntryId {
            epoch: self.epoch,
            number: self.issued,
        };
        let entry = Entry { id, found, findings };
        self.of(admission).hold(entry.clone(), by);
        entry
    }

    /// Checks that a person may take an entry back.
    ///
    /// # Errors
    /// There is none of this stay, or it counts no more.
    pub fn may_withdraw(&self, admission: &AdmissionId, id: EntryId) -> Result<(), ScoreError> {
        match self
            .entry(admission, id)
            .ok_or(ScoreError::NoSuchEntry)?
            .withdrawn_by
        {
            Some(_) => Err(ScoreError::Withdrawn),
            None => Ok(()),
        }
    }

    /// What was recorded, in this run or in an earlier one.
    pub fn observed(&mut self, observed: &Observed) {
        let stay = self.of(&observed.admission);
        match &observed.what {
            What::Found(entry) => stay.hold(entry.as_ref().clone(), &observed.by),
            What::Withdrawn(id) => {
                let held = stay.entries.iter_mut().find(|held| held.entry.id == *id);
                if let Some(held) = held {
                    held.withdrawn_by = Some(observed.by.clone());
                }
            }
            What::Stands { score, advisor } => stay.watched = Some(Watched::new(*score, *advisor)),
        }
    }

    /// A person said what decides which score counts.
    pub fn care_told(&mut self, told: &CareTold) {
        self.of(&told.admission).care.take(told);
    }

    /// Whoever this was lies here no more: what devices measured is not kept for when he is back.
    pub fn left(&mut self, admission: &AdmissionId) {
        let stay = self.stays.iter_mut().find(|(known, _)| known == admission);
        if let Some((_, stay)) = stay {
            (stay.samples, stay.now) = (Samples::default(), None);
        }
    }

    /// Two stays are one patient's: what is known of `from`, who lies here, is `into`'s.
    pub fn merged(&mut self, from: &AdmissionId, into: &AdmissionId) {
        let Some(place) = self.stays.iter().position(|(known, _)| known == from) else {
            return;
        };
        let Some((_, mut present)) = self.stays.remove(place) else {
            return;
        };
        let earlier = std::mem::take(self.of(into));
        present.care = present.care.completed_by(earlier.care);
        let mut entries = earlier.entries;
        entries.append(&mut present.entries);
        entries.drain(..entries.len().saturating_sub(ENTRIES_MAX));
        present.entries = entries;
        *self.of(into) = present;
    }

    /// One entry of a stay.
    pub fn entry(&self, admission: &AdmissionId, id: EntryId) -> Option<&HeldEntry> {
        let mut entries = self.known(admission)?.entries.iter();
        entries.find(|held| held.entry.id == id)
    }

    /// What was entered of a stay, the newest first.
    pub fn entries(&self, admission: &AdmissionId) -> impl Iterator<Item = &HeldEntry> {
        let stay = self.known(admission).into_iter();
        stay.flat_map(|stay| stay.entries.iter().rev())
    }

    /// What was said of a stay.
    pub fn care(&self, admission: &AdmissionId) -> Option<&Care> {
        self.known(admission).map(|stay| &stay.care)
    }

    /// How the score of a stay was computed last.
    pub fn now(&self, admission: &AdmissionId) -> Option<&ScoreNow> {
        self.known(admission)?.now.as_ref()
    }

    /// Computes the score of a stay; `by` = whose entry it is computed for.
    pub fn compute(&mut self, whose: ScoredStay<'_>, moment: Moment<'_>, by: Option<&str>) -> Came {
        let stay = self.of(whose.admission);
        let mut computed = now::compute(stay, whose, moment);
        let score = computed.score;
        let before = stay.now.take();
        match &before {
            Some(before) if before.says(&computed) && by.is_none() => {
                computed.since = before.since;
                computed.by.clone_from(&before.by);
            }
            _ => computed.by = by.map(str::to_owned),
        }
        let watched = stay.watched.filter(|watched| watched.score() == score);
        let mut watched = watched.unwrap_or_else(|| Watched::new(score, Default::default()));
        let stood = watched.advisor();
        let total = computed.total.map(|total| u8::try_from(total).unwrap_or(u8::MAX));
        let advisory = watched.after(total.zip(computed.band), by.is_some(), moment.now);
        let advisor = watched.advisor();
        stay.watched = Some(watched);
        let advised = advisory.map(|advisory| ToTell {
            score,
            priority: advisory.priority,
            total: advisory.total.into(),
            from: now::told_from(score, advisory.priority),
        });
        let came = Came {
            changed: before.as_ref() != Some(&computed),
            advised,
            stands: now::is_worth_keeping(stood, advisor).then_some(What::Stands { score, advisor }),
        };
        stay.now = Some(computed);
        came
    }

    /// What a file that knows nothing of a stay must be told.
    pub fn told_again(&self, bed: &BedId, admission: &AdmissionId) -> Vec<Event> {
        let Some(stay) = self.known(admission) else {
            return Vec::new();
        };
        let told = |by: &str, what| {
            Event::Observed(Box::new(Observed {
                bed: bed.clone(),
                admission: admission.clone(),
                by: by.to_owned(),
                what,
            }))
        };
        let mut events: Vec<Event> = Vec::new();
        for held in &stay.entries {
            events.push(told(&held.by, What::Found(Box::new(held.entry.clone()))));
            let withdrawn = held.withdrawn_by.as_ref();
            events.extend(withdrawn.map(|by| told(by, What::Withdrawn(held.entry.id))));
        }
        events.extend(stay.watched.map(|watched| {
            let (score, advisor) = (watched.score(), watched.advisor());
            told("", What::Stands { score, advisor })
        }));
        let care = stay.care.told(bed, admission).into_iter();
        events.extend(care.map(|told| Event::CareTold(Box::new(told))));
        events
    }

    fn known(&self, admission: &AdmissionId) -> Option<&OfStay> {
        let found = self.stays.iter().find(|(known, _)| known == admission);
        found.map(|(_, stay)| stay)
    }

    fn of(&mut self, admission: &AdmissionId) -> &mut OfStay {
        let place = self.stays.iter().position(|(known, _)| known == admission);
        // The newest stays are near the end, where a removal moves little.
        let stay = place.and_then(|place| self.stays.remove(place));
        if stay.is_none() && self.stays.len() == STAYS_MAX {
            self.stays.pop_front();
        }
        let stay = stay.unwrap_or_else(|| (admission.clone(), OfStay::default()));
        self.stays.push_back(stay);
        let (_, stay) = self.stays.back_mut().expect("it was put there just now");
        stay
    }
}

impl OfStay {
    fn hold(&mut self, entry: Entry, by: &str) {
        if self.entries.iter().any(|held| held.entry.id == entry.id) {
            return;
        }
        if self.entries.len() == ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(HeldEntry {
            entry,
            by: by.to_owned(),
            withdrawn_by: None,
        });
    }
}

#[cfg(test)]
mod tests;
