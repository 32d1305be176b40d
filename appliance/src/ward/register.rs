//! The stays of the post that are over, as far back as they are remembered. Pure.
//!
//! - I3: a stay is in one bed or in none. Only one that is in none is earlier.

use std::collections::{BTreeMap, VecDeque};

use vitals::{AdmissionId, BedId, Discharged, Disposition, Identified, Identity, Stamp};

use super::{Patient, Ward};

/// Earlier stays that are remembered; of more the oldest are in the records only.
const EARLIER_MAX: usize = 64;

/// What is remembered of a stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub admission: AdmissionId,
    /// Who it was, as far as anybody said.
    pub identity: Identity,
    /// The bed, the last one of several.
    pub bed: BedId,
    /// When it began; `None` = before anything that is known.
    pub from: Option<Stamp>,
    /// When it ended.
    pub until: Option<Stamp>,
    /// Where the patient went, where that was said.
    pub disposition: Option<Disposition>,
    /// Nobody ever lay there.
    vacant: bool,
}

impl Known {
    fn begin(bed: &BedId, admission: &AdmissionId, from: Option<Stamp>) -> Known {
        Known {
            admission: admission.clone(),
            identity: Identity::default(),
            bed: bed.clone(),
            from,
            until: None,
            disposition: None,
            vacant: false,
        }
    }
}

/// The stays of the post.
#[derive(Debug)]
pub struct Register {
    present: BTreeMap<BedId, Known>,
    /// The one that ended last is the last.
    earlier: VecDeque<Known>,
}

impl Register {
    /// Of a ward of which nothing has been said yet.
    pub fn of(ward: &Ward) -> Register {
        let first = |patient: Patient<'_>| {
            let known = Known::begin(patient.bed, patient.admission, None);
            (patient.bed.clone(), known)
        };
        Register {
            present: ward.patients().into_iter().map(first).collect(),
            earlier: VecDeque::new(),
        }
    }

    /// Somebody said who lies in a bed, at that moment.
    pub fn identified(&mut self, identified: &Identified, at: Stamp) {
        let (bed, admission) = (&identified.bed, &identified.admission);
        // Of a bed that is no longer configured nobody can say anything.
        let Some(before) = self.present.remove(bed) else {
            return;
        };
        let mut known = if before.admission == *admission {
            before
        } else {
            let known = self.find(admission);
            self.over(before, at);
            known.unwrap_or_else(|| Known::begin(bed, admission, Some(at)))
        };
        known.identity = identified.identity.clone();
        known.vacant = identified.vacant;
        known.bed = bed.clone();
        (known.until, known.disposition) = (None, None);
        self.earlier.retain(|earlier| earlier.admission != *admission);
        self.present.insert(bed.clone(), known);
    }

    /// Whoever lies in a bed is the patient of an earlier stay: that one goes on.
    pub fn merged(&mut self, bed: &BedId, (from, into): (&AdmissionId, &AdmissionId)) {
        let Some(place) = self.earlier.iter().position(|known| known.admission == *into) else {
            return;
        };
        let is_there = |present: &&mut Known| present.admission == *from;
        if let Some(present) = self.present.get_mut(bed).filter(is_there)
            && let Some(known) = self.earlier.remove(place)
        {
            *present = Known {
                bed: bed.clone(),
                until: None,
                disposition: None,
                ..known
            };
        }
    }

    /// Somebody said where the patient of a bed goes.
    pub fn discharged(&mut self, discharged: &Discharged) {
        let known = self.present.get_mut(&discharged.bed);
        if let Some(known) = known.filter(|known| known.admission == discharged.admission) {
            known.disposition = Some(discharged.disposition);
        }
    }

    /// When the stay in a bed began, in whichever bed; `None` = before anything that is known.
    pub fn since(&self, bed: &BedId) -> Option<Stamp> {
        self.present.get(bed)?.from
    }

    /// The stays that are in no bed, the one that ended last first.
    pub fn earlier(&self) -> impl Iterator<Item = &Known> {
        self.earlier.iter().rev()
    }

    fn find(&self, admission: &AdmissionId) -> Option<Known> {
        let all = self.present.values().chain(&self.earlier);
        let mut found = all.filter(|known| known.admission == *admission);
        found.next().cloned()
    }

    fn over(&mut self, known: Known, at: Stamp) {
        let goes_on = self
            .present
            .values()
            .any(|other| other.admission == known.admission);
        if known.vacant || goes_on {
            return;
        }
        if self.earlier.len() == EARLIER_MAX {
            self.earlier.pop_front();
        }
        self.earlier.push_back(Known {
            until: Some(at),
            ..known
        });
    }
}

#[cfg(test)]
mod tests;
