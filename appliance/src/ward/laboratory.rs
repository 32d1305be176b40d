//! Specimens that were taken and the results that are shown. Pure; whoever holds it records what is decided.
//!
//! - L4: what is sent again word for word is one result.
//! - L5: of one specimen and test the newest word stands ([`LabSheet`]).
//! - L7: what is of a patient who lies here no more leaves the page and is kept aside, within its bounds, for when it turns
//!   out that he is back.
//! - L6: what a person decided about a specimen and the identity that came with it counts for the next of the same.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use vitals::lab::{LAB_AT_ONCE_MAX, LabSheet, comparable};
use vitals::{
    AdmissionId, BedId, DeviceId, Epoch, LabAssignment, LabId, LabRecord, LabResult, LabSetAside, Specimen,
    Stamp, Whose,
};

use super::matching::{self, Patient};

/// Results shown of one patient, and results shown that are nobody's. Of more the oldest leave the page and are counted.
pub const SHOWN_MAX: usize = 200;

/// The same of all of them together: of sixteen beds and nobody.
const ALL_SHOWN_MAX: usize = 17 * SHOWN_MAX;

/// Stays whose results are kept aside, and results kept aside in all; of more those of the stay that ended first go.
const ASIDE_STAYS_MAX: usize = 64;
const ASIDE_MAX: usize = ALL_SHOWN_MAX;

/// Specimens remembered; a result of one that is forgotten is of an unknown specimen.
const SPECIMENS_MAX: usize = 2_000;

/// Results remembered to know one that is sent again: what analysers keep to send after an outage.
const REPEATS_MAX: usize = 4_096;

/// A result that is shown, with when it came.
pub type Held = vitals::lab::Held<Stamp>;

/// Why a person's word about specimens or results is not taken. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// The specimen is another patient's.
    #[error(
        "this specimen was taken from the patient in bed {bed}; say that it is of this one if that was wrong"
    )]
    TakenFrom {
        /// In which bed that one lies.
        bed: BedId,
    },
    /// It is registered already.
    #[error("this specimen is already registered for this patient")]
    Registered,
    /// Results that are not shown.
    #[error("there is no such result here any more; look at the list again")]
    NoSuchResult,
    /// None, or too many at once.
    #[error("name 1 to {LAB_AT_ONCE_MAX} results")]
    Count,
}

/// Specimens and results of the post.
#[derive(Debug)]
pub struct Laboratory {
    epoch: Epoch,
    issued: u32,
    specimens: VecDeque<(String, Specimen)>,
    sheet: LabSheet<Stamp>,
    repeats: VecDeque<u64>,
    /// The results of stays that are over (L7), oldest first.
    aside: VecDeque<(AdmissionId, Vec<Held>)>,
}

impl Laboratory {
    /// Nothing yet; results that come are named with this epoch.
    pub fn new(epoch: Epoch) -> Laboratory {
        Laboratory {
            epoch,
            issued: 0,
            specimens: VecDeque::new(),
            sheet: LabSheet::new(SHOWN_MAX, ALL_SHOWN_MAX),
            repeats: VecDeque::new(),
            aside: VecDeque::new(),
        }
    }

    /// A result came: what is to be recorded, and how it stands; `None` when it came before (L4).
    pub fn take(
        &mut self,
        device: DeviceId,
        result: LabResult,
        at: Stamp,
        patients: &[Patient<'_>],
    ) -> Option<LabRecord> {
        if self.is_repeat(&device, &result) {
            return None;
        }
        self.issued += 1;
        let id = LabId {
            epoch: self.epoch,
            number: self.issued,
        };
        let whose = self.whose(&result, patients);
        let record = LabRecord {
            id,
            device,
            result,
            whose,
        };
        self.sheet.hold(record.clone(), at);
        Some(record)
    }

    /// A result that was recorded in an earlier run; shown when it is nobody's or of somebody who lies here.
    pub fn recall(&mut self, record: LabRecord, at: Stamp, is_here: impl FnOnce(&AdmissionId) -> bool) {
        self.is_repeat(&record.device, &record.result);
        let shown = match &record.whose {
            Whose::Patient { admission, .. } => is_here(admission),
            Whose::Nobody(_) => true,
        };
        if shown {
            self.sheet.hold(record, at);
        }
    }

    /// Checks that a specimen may be registered for this patient; `moved` = the person says that it was not of the one
    /// it was registered for.
    ///
    /// # Errors
    /// It is registered for this patient already, or for another who lies here.
    pub fn may_register(
        &self,
        specimen: &str,
        admission: &AdmissionId,
        moved: bool,
        patients: &[Patient<'_>],
    ) -> Result<(), LabError> {
        let Some(known) = self.taken_from(specimen) else {
            return Ok(());
        };
        if known == admission {
            return Err(LabError::Registered);
        }
        match patients.iter().find(|patient| patient.admission == known) {
            Some(patient) if !moved => Err(LabError::TakenFrom {
                bed: patient.bed.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// A specimen was taken. Returns the results that came before and are this patient's now that this is known: those
    /// that were nobody's, and where it was `moved` those of whoever it was registered for before. What contradicts the
    /// patient stays where it is.
    pub fn register(&mut self, specimen: Specimen, moved: bool, patients: &[Patient<'_>]) -> Vec<LabId> {
        let number = comparable(specimen.number.reveal());
        let admission = specimen.admission.clone();
        self.specimens.retain(|(known, _)| *known != number);
        if self.specimens.len() == SPECIMENS_MAX {
            self.specimens.pop_front();
        }
        self.specimens.push_back((number.clone(), specimen));
        let mut found = Vec::new();
        for held in self.sheet.iter_mut() {
            let result = &held.record.result;
            if comparable(result.specimen.reveal()) != number {
                continue;
            }
            let is_nobodys = matches!(held.record.whose, Whose::Nobody(_));
            match matching::whose(result, Some(&admission), patients) {
                Whose::Patient { .. } if is_nobodys || moved => found.push(held.record.id),
                Whose::Nobody(doubt) if is_nobodys => held.record.whose = Whose::Nobody(doubt),
                _ => {}
            }
        }
        found
    }

    /// The specimens that were taken from this patient, the newest first.
    pub fn specimens<'a>(&'a self, admission: &'a AdmissionId) -> impl Iterator<Item = &'a Specimen> {
        let taken = self.specimens.iter().rev().map(|(_, specimen)| specimen);
        taken.filter(move |specimen| specimen.admission == *admission)
    }

    /// Checks that a person may decide about these results.
    ///
    /// # Errors
    /// None or too many are named, or one that is not shown.
    pub fn may_decide(&self, results: &[LabId]) -> Result<(), LabError> {
        if !(1..=LAB_AT_ONCE_MAX).contains(&results.len()) {
            return Err(LabError::Count);
        }
        let is_held = |id: &LabId| self.sheet.result(*id).is_some();
        if results.iter().all(is_held) {
            Ok(())
        } else {
            Err(LabError::NoSuchResult)
        }
    }

    /// A person says whose results are; `is_here` = that patient lies here. Returns how they stand now.
    pub fn assign(&mut self, assignment: &LabAssignment, is_here: bool) -> Vec<Held> {
        let assigned = self.sheet.assign(assignment);
        if !is_here {
            self.left(&assignment.admission);
        }
        assigned
    }

    /// A person says that results are of nobody here: they leave the page. Returns which.
    pub fn set_aside(&mut self, aside: &LabSetAside) -> Vec<Held> {
        self.sheet.set_aside(aside)
    }

    /// Whoever this is lies in this bed now: the results go along.
    pub fn moved(&mut self, admission: &AdmissionId, to: &BedId) {
        self.sheet.moved(admission, to);
    }

    /// Whoever this was lies here no more: his results leave the page and stay in the records (L7).
    pub fn left(&mut self, admission: &AdmissionId) {
        let mut gone = self.sheet.take_out(admission);
        if let Some(place) = self.aside.iter().position(|(known, _)| known == admission)
            && let Some((_, before)) = self.aside.remove(place)
        {
            gone.splice(0..0, before);
        }
        if gone.is_empty() {
            return;
        }
        self.aside.push_back((admission.clone(), gone));
        let kept = |aside: &VecDeque<(AdmissionId, Vec<Held>)>| -> usize {
            aside.iter().map(|(_, results)| results.len()).sum()
        };
        while self.aside.len() > ASIDE_STAYS_MAX || kept(&self.aside) > ASIDE_MAX {
            if let Some((admission, _)) = self.aside.pop_front() {
                self.sheet.forget(&admission);
            }
        }
    }

    /// Whoever this is lies here again: his results are shown again, as far as they are kept.
    pub fn is_back(&mut self, admission: &AdmissionId) {
        if let Some(place) = self.aside.iter().position(|(known, _)| known == admission)
            && let Some((_, results)) = self.aside.remove(place)
        {
            results.into_iter().for_each(|held| self.sheet.put_back(held));
        }
    }

    /// Two stays are one patient's: specimens and results of the one are the other's.
    pub fn merged(&mut self, from: &AdmissionId, into: &AdmissionId, is_here: bool) {
        for (_, specimen) in &mut self.specimens {
            if specimen.admission == *from {
                specimen.admission = into.clone();
            }
        }
        self.sheet.merge(from, into);
        if is_here {
            self.is_back(into);
        } else {
            self.left(into);
        }
    }

    /// The results of a patient, or those that are nobody's (`None`), the newest first.
    pub fn results<'a>(&'a self, of: Option<&'a AdmissionId>) -> impl Iterator<Item = &'a Held> {
        self.sheet.results(of)
    }

    /// How many results of a patient, or of nobody, have left the page for newer ones.
    pub fn left_out(&self, of: Option<&AdmissionId>) -> u64 {
        self.sheet.left_out(of)
    }

    /// How a result stands.
    pub fn result(&self, id: LabId) -> Option<&Held> {
        self.sheet.result(id)
    }

    fn whose(&self, result: &LabResult, patients: &[Patient<'_>]) -> Whose {
        let specimen = result.specimen.reveal();
        let taken_from = self.taken_from(specimen);
        match matching::whose(result, taken_from, patients) {
            Whose::Nobody(doubt) => {
                let decided = self.decided(result, patients);
                decided.unwrap_or(Whose::Nobody(doubt))
            }
            of => of,
        }
    }

    /// What a person decided about the same specimen with the same identity (L6).
    fn decided(&self, result: &LabResult, patients: &[Patient<'_>]) -> Option<Whose> {
        let number = comparable(result.specimen.reveal());
        let is_same = |held: &&Held| {
            let before = &held.record.result;
            comparable(before.specimen.reveal()) == number && before.patient == result.patient
        };
        let by_a_person = self.sheet.iter().filter(|held| held.assigned_by.is_some());
        let held = by_a_person
            .filter(|_| !number.is_empty())
            .find(is_same)
            .map(|held| &held.record.whose)?;
        let is_here = match held {
            Whose::Patient { admission, .. } => patients.iter().any(|patient| patient.admission == admission),
            Whose::Nobody(_) => false,
        };
        is_here.then(|| held.clone())
    }

    fn taken_from(&self, specimen: &str) -> Option<&AdmissionId> {
        let number = comparable(specimen);
        let known = self.specimens.iter().find(|(known, _)| *known == number);
        known
            .filter(|_| !number.is_empty())
            .map(|(_, specimen)| &specimen.admission)
    }

    fn is_repeat(&mut self, device: &DeviceId, result: &LabResult) -> bool {
        // Two strips of two people may both read NEG: without a specimen or a time nothing says that they are one.
        if result.specimen.reveal().is_empty() && result.completed.is_none() {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (device, result).hash(&mut hasher);
        let print = hasher.finish();
        if self.repeats.contains(&print) {
            return true;
        }
        if self.repeats.len() == REPEATS_MAX {
            self.repeats.pop_front();
        }
        self.repeats.push_back(print);
        false
    }
}

#[cfg(test)]
mod tests;
