//! Whether somebody else may have come to lie in a bed unseen: nothing of its devices was heard for long.
//!
//! - I3: what is measured after such a silence is nobody's until a person has said whose. A stay of its own holds it, which
//!   names the stay that it perhaps goes on ([`Identified::perhaps`]); nothing that was recorded is rewritten by the answer.
//! - The silence is the bed's: while any device there is heard, whoever lies there is under observation. Of a stay in which
//!   nothing was ever heard, and of one that nobody has named, there is nothing to confuse.

use std::time::Duration;

use vitals::{AdmissionId, BedId, DeviceId, Identified, Identity, MonoTime};

use super::Ward;
use super::stays::Stay;

/// Silence after which the patient is asked about, where nobody has said another.
pub(super) const ASK_AFTER: Duration = Duration::from_secs(600);

/// When the devices of a bed were heard last in the stay that is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Heard {
    /// Never.
    #[default]
    Never,
    /// In this boot.
    At(MonoTime),
    /// So long before this boot; `None` = nobody knows how long.
    Before(Option<Duration>),
}

impl Heard {
    /// The silence before a moment, and its first moment in this boot.
    fn until(self, at: MonoTime) -> Option<(Option<Duration>, MonoTime)> {
        match self {
            Heard::Never => None,
            Heard::At(heard) => Some((Some(at.since(heard)), heard + Duration::from_millis(1))),
            Heard::Before(ago) => {
                let up = at.since(MonoTime::BOOT);
                Some((ago.map(|ago| ago.saturating_add(up)), MonoTime::BOOT))
            }
        }
    }
}

/// What a person says of a bed that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// The same patient as before.
    Same,
    /// Somebody else.
    Other,
    /// Nobody.
    Nobody,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The bed.
    pub bed: BedId,
    /// The stay that the person saw there: the one that is asked about.
    pub saw: AdmissionId,
    /// Who lies there.
    pub lies: Lies,
    /// Who says so.
    pub by: String,
}

/// Why an answer is not taken, or something else before there is one. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AbsenceError {
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// It was answered meanwhile, or somebody else was identified there.
    #[error("somebody has said who lies in bed {0} since you looked; look at the bed again")]
    Answered(BedId),
    /// First the answer, then anything about whoever lies there.
    #[error("nothing was heard from bed {0} for long: say first whether it is still the same patient")]
    Unanswered(BedId),
}

impl Ward {
    /// Asks after this much silence instead of ten minutes.
    pub fn ask_after(&mut self, silence: Duration) {
        self.ask_after = silence;
    }

    /// A device told something that it measured at this moment. Where nothing was heard from its bed for long before: the
    /// bed, and from when on nobody knows who lies there. To be called before anything of what it told is taken.
    pub fn back_after_silence(&mut self, device: &DeviceId, at: MonoTime) -> Option<(BedId, MonoTime)> {
        let device = self.devices.get(device)?;
        // One that speaks only when it has something to say is silent in between, whoever lies there.
        let ask_after = self.ask_after.max(device.setup.silent_after?);
        let id = device.bed_at(at)?.clone();
        let bed = self.bed_mut(&id)?;
        if at < bed.stay().from {
            return None;
        }
        let before = std::mem::replace(&mut bed.heard, Heard::At(at));
        if let Heard::At(earlier) = before {
            bed.heard = Heard::At(earlier.max(at));
        }
        let (silence, from) = before.until(at)?;
        let is_long = silence.is_none_or(|silence| silence > ask_after);
        (is_long && bed.stay().can_be_confused()).then_some((id, from))
    }

    /// The word that begins the stay of which nobody knows yet whose it is.
    pub fn perhaps(&self, bed: &BedId, begun: impl FnOnce(&BedId) -> AdmissionId) -> Option<Identified> {
        let stay = self.stay(bed)?;
        Some(Identified {
            bed: bed.clone(),
            admission: begun(bed),
            identity: Identity::default(),
            by: String::new(),
            // Limits are those of the patient whom it was until now: the only ones anybody has said.
            category: stay.category,
            vacant: false,
            perhaps: Some(stay.admission.clone()),
        })
    }

    /// The stay that a bed perhaps goes on, when it is the one that the person saw and nobody has answered yet.
    ///
    /// # Errors
    /// No such bed, or the question is over.
    pub fn asked(&self, bed: &BedId, saw: &AdmissionId) -> Result<AdmissionId, AbsenceError> {
        let stay = self
            .stay(bed)
            .ok_or_else(|| AbsenceError::UnknownBed(bed.clone()))?;
        let perhaps = stay.perhaps.as_ref().filter(|_| stay.admission == *saw);
        perhaps
            .cloned()
            .ok_or_else(|| AbsenceError::Answered(bed.clone()))
    }

    /// Nothing can be said of whoever lies in a bed before it is said whether it is still the same patient.
    ///
    /// # Errors
    /// It has not been said.
    pub fn answered(&self, bed: &BedId) -> Result<(), AbsenceError> {
        match self.stay(bed) {
            Some(stay) if stay.perhaps.is_some() => Err(AbsenceError::Unanswered(bed.clone())),
            _ => Ok(()),
        }
    }

    /// Somebody else lies there, of whom nothing is known yet: the stay that was begun is his.
    pub fn somebody_else(&self, bed: &BedId, by: &str) -> Option<Identified> {
        let stay = self.stay(bed)?;
        Some(Identified {
            by: by.to_owned(),
            category: None,
            perhaps: None,
            ..stay.told(bed)
        })
    }

    /// The beds of which it counts when they were heard last before this start.
    pub fn beds_to_recall(&self) -> Vec<(BedId, AdmissionId)> {
        let named = self.beds.iter().filter(|bed| bed.stay().can_be_confused());
        named
            .map(|bed| (bed.setup.id.clone(), bed.stay().admission.clone()))
            .collect()
    }

    /// When an earlier run heard a bed last, in the stay that is in force.
    pub fn recall_heard(&mut self, bed: &BedId, heard: Heard) {
        if let Some(bed) = self.bed_mut(bed) {
            bed.heard = heard;
        }
    }
}

impl Stay {
    /// A person has said who lies there, or that somebody does, and nothing is asked yet.
    fn can_be_confused(&self) -> bool {
        !self.vacant && self.perhaps.is_none() && !self.by.is_empty()
    }
}

#[cfg(test)]
mod tests;
