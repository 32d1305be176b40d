//! Who leaves a bed, and who goes to another: what a person says is judged here before it counts. Pure.
//!
//! - I3: a stay is in one bed at most. To a bed that is not empty a patient goes only in exchange for whoever lies there.
//! - I9: what is said is said about the stays that the person saw, in both beds.

use vitals::{AdmissionId, BedId, Category, Discharged, Disposition, Identified, Identity, Transferred};

use super::{Bed, Ward};

/// A person says that a patient leaves the post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The bed.
    pub bed: BedId,
    /// The stay that the person saw there.
    pub saw: AdmissionId,
    /// Where the patient goes.
    pub disposition: Disposition,
    /// Who says so.
    pub by: String,
}

/// A person says that a patient goes to another bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// The bed that is left.
    pub bed: BedId,
    /// The stay that the person saw there.
    pub saw: AdmissionId,
    /// The other bed.
    pub to: BedId,
    /// The stay that the person saw there.
    pub to_saw: AdmissionId,
    /// Whoever lies in the other bed goes to this one.
    pub swap: bool,
    /// Who says so.
    pub by: String,
}

/// Why it is not taken. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else was identified there meanwhile.
    #[error("somebody else lies in bed {0} since you looked; look at the bed again")]
    OtherNow(BedId),
    /// Nobody lies there.
    #[error("bed {0} is empty")]
    Empty(BedId),
    /// Somebody lies where the patient shall go.
    #[error("bed {0} is not empty: swap, or discharge first")]
    NotEmpty(BedId),
    /// From a bed to itself.
    #[error("choose another bed than the one that the patient lies in")]
    SameBed,
}

impl Ward {
    /// Judges a discharge: what is to be recorded, and the empty bed after it.
    ///
    /// # Errors
    /// Nobody lies there, or somebody else than the person saw.
    pub fn discharge(
        &self,
        leaving: Leaving,
        begun: impl FnOnce(&BedId) -> AdmissionId,
    ) -> Result<(Discharged, Identified), MoveError> {
        let Leaving {
            bed,
            saw,
            disposition,
            by,
        } = leaving;
        if self.seen(&bed, &saw)?.stay().vacant {
            return Err(MoveError::Empty(bed));
        }
        let empty = Ward::empty(&bed, begun(&bed), &by);
        let discharged = Discharged {
            bed,
            admission: saw,
            disposition,
            by,
        };
        Ok((discharged, empty))
    }

    /// Judges a transfer: what is to be recorded, and who lies in both beds after it; first in the one that is left, so that
    /// whoever hears one word after the other sees a stay that moves in no bed rather than in two.
    ///
    /// # Errors
    /// Nobody lies there, somebody else than the person saw, or the other bed is not empty and no exchange is meant.
    pub fn transfer(
        &self,
        moving: Moving,
        begun: impl FnOnce(&BedId) -> AdmissionId,
    ) -> Result<(Transferred, [Identified; 2]), MoveError> {
        let Moving {
            bed: from,
            saw,
            to,
            to_saw,
            swap,
            by,
        } = moving;
        let (left, other) = (self.seen(&from, &saw)?, self.seen(&to, &to_saw)?);
        if from == to {
            return Err(MoveError::SameBed);
        }
        if left.stay().vacant {
            return Err(MoveError::Empty(from));
        }
        if !other.stay().vacant && !swap {
            return Err(MoveError::NotEmpty(to));
        }
        let (in_left, in_other) = exchanged(left, other, &by);
        let in_left = in_left.unwrap_or_else(|| Ward::empty(&from, begun(&from), &by));
        let transferred = Transferred {
            admission: saw,
            from,
            to,
            by,
        };
        Ok((transferred, [in_left, in_other]))
    }

    /// What follows from a transfer that is in the records, first for the bed that is left: `None` = it is empty. Nothing
    /// when the records do not say that the stay was there.
    pub fn after_transfer(&self, told: &Transferred) -> Vec<(BedId, Option<Identified>)> {
        let beds = self.bed(&told.from).zip(self.bed(&told.to));
        let known = beds.filter(|(left, _)| left.stay().admission == told.admission && told.from != told.to);
        known.map_or_else(Vec::new, |(left, other)| {
            let (in_left, in_other) = exchanged(left, other, &told.by);
            vec![(told.from.clone(), in_left), (told.to.clone(), Some(in_other))]
        })
    }

    /// Nobody lies there from now on.
    pub fn empty(bed: &BedId, admission: AdmissionId, by: &str) -> Identified {
        Identified {
            bed: bed.clone(),
            admission,
            identity: Identity::default(),
            by: by.to_owned(),
            category: None,
            vacant: true,
            perhaps: None,
        }
    }

    fn seen(&self, id: &BedId, saw: &AdmissionId) -> Result<&Bed, MoveError> {
        let bed = self.bed(id).ok_or_else(|| MoveError::UnknownBed(id.clone()))?;
        if bed.stay().admission == *saw {
            Ok(bed)
        } else {
            Err(MoveError::OtherNow(id.clone()))
        }
    }

    /// Age group of whoever lies in a bed, and whether anybody does.
    pub fn lying(&self, bed: &BedId) -> Option<(Category, bool)> {
        let bed = self.bed(bed)?;
        Some((bed.category(), bed.stay().vacant))
    }

    /// Whether this stay is in force in any bed.
    pub fn is_here(&self, admission: &AdmissionId) -> bool {
        self.beds().iter().any(|bed| bed.stay().admission == *admission)
    }
}

/// Who lies in both beds when whoever lies in `left` has gone to `other`; `None` = nobody.
fn exchanged(left: &Bed, other: &Bed, by: &str) -> (Option<Identified>, Identified) {
    let in_left = (!other.stay().vacant).then(|| moved(other, &left.setup.id, by));
    (in_left, moved(left, &other.setup.id, by))
}

/// Whoever lies in a bed, in another one: with the age group that counted, whatever the other is configured for.
fn moved(from: &Bed, to: &BedId, by: &str) -> Identified {
    Identified {
        by: by.to_owned(),
        category: Some(from.category()),
        ..from.stay().told(to)
    }
}
