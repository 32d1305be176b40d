//! A patient whom nobody knew turns out to be one who was here before.
//!
//! - I3: both stays are one patient's from then on ([`vitals::patient::Merges`]); nothing that was recorded is rewritten. What the bed shows
//!   stays where it is: it is the same person.
//! - Both identities must be able to be one person's, and nobody lies in two beds.

use vitals::patient::IDS_MAX;
use vitals::{AdmissionId, AlarmChange, BedId, Identified, Identity, Masked, MonoTime};

use super::stays::Stay;
use super::{Register, Ward, matching};

/// What a person says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merging {
    /// The bed.
    pub bed: BedId,
    /// The stay that the person saw there.
    pub saw: AdmissionId,
    /// The earlier stay of the same patient.
    pub into: AdmissionId,
    /// Who says so.
    pub by: String,
}

/// Why it is not taken. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else lies there meanwhile.
    #[error("somebody else lies in bed {0} since you looked; look at the bed again")]
    OtherNow(BedId),
    /// The post does not know the other stay, or not any more.
    #[error("this post knows no such earlier stay; look at the list again")]
    UnknownStay,
    /// The other one lies in a bed, or somebody there has one of the identifiers.
    #[error("this patient lies in bed {0}: nobody lies in two beds; say first who lies there")]
    Elsewhere(BedId),
    /// What is known of both cannot be said of one person.
    #[error(
        "identifier, name or date of birth differ: if it is one person nevertheless, correct the words first"
    )]
    Contradiction,
}

impl Ward {
    /// Judges a merge into one of the stays that the register knows: who lies in the bed then.
    ///
    /// # Errors
    /// Somebody else lies there, or both cannot be one patient.
    pub fn may_merge(&self, merging: Merging, register: &Register) -> Result<Identified, MergeError> {
        let Merging { bed, saw, into, by } = merging;
        let stay = self.stay(&bed);
        let stay = stay.ok_or_else(|| MergeError::UnknownBed(bed.clone()))?;
        if stay.admission != saw {
            return Err(MergeError::OtherNow(bed));
        }
        let into = self.merges.root(&into);
        let patients = self.patients();
        if let Some(lies) = patients.iter().find(|patient| patient.admission == into) {
            return Err(MergeError::Elsewhere(lies.bed.clone()));
        }
        let mut earlier = register.earlier();
        let known = earlier
            .find(|known| known.admission == *into)
            .ok_or(MergeError::UnknownStay)?;
        if matching::contradicts(&stay.identity, &known.identity) {
            return Err(MergeError::Contradiction);
        }
        let identity = both(&known.identity, &stay.identity);
        let mut others = patients.iter().filter(|patient| *patient.bed != bed);
        if let Some(other) = others.find(|other| matching::share_an_id(other.identity, &identity)) {
            return Err(MergeError::Elsewhere(other.bed.clone()));
        }
        Ok(Identified {
            bed,
            admission: into.clone(),
            identity,
            by,
            category: stay.category,
            vacant: false,
            perhaps: None,
        })
    }

    /// Two stays are one patient's from a moment on, and the bed's is the earlier one. The values that it shows stay: they
    /// are his.
    pub fn merged(&mut self, bed: &BedId, (from, into): (&AdmissionId, &AdmissionId), moment: MonoTime) {
        self.merges.add(from, into);
        let into = self.merges.root(into).clone();
        self.limits_merged(from, &into);
        if self.is_here(&into) {
            return;
        }
        if let Some(bed) = self.bed_mut(bed).filter(|bed| bed.stay().admission == *from) {
            let stay = Stay {
                from: moment,
                admission: into,
                perhaps: None,
                ..bed.stay().clone()
            };
            bed.stays.take(stay);
        }
    }

    /// Whether both stays are one patient's.
    pub fn is_one_patient(&self, one: &AdmissionId, other: &AdmissionId) -> bool {
        self.merges.is_one(one, other)
    }

    /// The stay of an alarm where it is of whoever lies there now, else the one that is in force.
    pub fn as_present<'a>(&self, alarm: &'a AlarmChange, stay: &'a Stay) -> &'a AdmissionId {
        let of = alarm.admission.as_ref().unwrap_or(&stay.admission);
        match self.is_one_patient(of, &stay.admission) {
            true => of,
            false => &stay.admission,
        }
    }

    /// The other stays of the same patient.
    pub fn merged_with(&self, admission: &AdmissionId) -> Vec<AdmissionId> {
        self.merges.others(admission)
    }
}

/// What is known of one person from two words: the earlier one counts, and is completed by the other.
fn both(earlier: &Identity, other: &Identity) -> Identity {
    let or = |one: &Masked<String>, other: &Masked<String>| match one.reveal().is_empty() {
        true => other.clone(),
        false => one.clone(),
    };
    let mut ids = earlier.ids.clone();
    let new = |id: &&Masked<String>| {
        let alone = Identity {
            ids: vec![(*id).clone()],
            ..Identity::default()
        };
        !matching::share_an_id(earlier, &alone)
    };
    ids.extend(other.ids.iter().filter(new).cloned());
    ids.truncate(IDS_MAX);
    Identity {
        ids,
        family: or(&earlier.family, &other.family),
        given: or(&earlier.given, &other.given),
        born: earlier.born.clone().or_else(|| other.born.clone()),
        sex: or(&earlier.sex, &other.sex),
    }
}

#[cfg(test)]
mod tests;
