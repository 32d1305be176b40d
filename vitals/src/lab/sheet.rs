//! The results that a page shows, at a post and at the centre, by the same rules.
//!
//! - L5: of one specimen and test the newest word stands, with what it was before beside it; nothing is deleted from the
//!   records. A result that is still pending hides none that is there.
//! - What is of a stay that was merged into another is that one's ([`LabSheet::merge`]).
//! - Whatever the order in which records arrive, what is shown is the same: results are in the order of their names.

use std::collections::VecDeque;

use super::{LabAssignment, LabId, LabRecord, LabSetAside, LabStatus, Whose};
use crate::bed::{AdmissionId, BedId};
use crate::patient::Merges;

/// A result that is shown; `At` says when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held<At> {
    /// As it came; [`LabRecord::whose`] as it stands now.
    pub record: LabRecord,
    /// When it came.
    pub at: At,
    /// The first result of its specimen and test: the name of all of them.
    pub first: LabId,
    /// What this result replaces, with its unit.
    pub was: Option<String>,
    /// Who said whose it is; `None` = the post matched it, or nobody.
    pub assigned_by: Option<String>,
}

impl<At> Held<At> {
    /// The stay of its patient, where it has one.
    pub fn owner(&self) -> Option<&AdmissionId> {
        match &self.record.whose {
            Whose::Patient { admission, .. } => Some(admission),
            Whose::Nobody(_) => None,
        }
    }
}

/// What a person said about a result that has not arrived yet: the patient, or nobody here.
type Early = (LabId, Option<Whose>, String);

/// Words about results that have not arrived yet, remembered; older ones are forgotten.
const EARLY_MAX: usize = 256;

/// Results that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabSheet<At> {
    each_max: usize,
    all_max: usize,
    /// In the order of their names.
    held: VecDeque<Held<At>>,
    left_out: VecDeque<(Option<AdmissionId>, u64)>,
    early: VecDeque<Early>,
    merges: Merges,
}

impl<At: Copy> LabSheet<At> {
    /// Empty; at most `each_max` results of one patient or of nobody and `all_max` in all. Of more the oldest leave and
    /// are counted.
    pub fn new(each_max: usize, all_max: usize) -> LabSheet<At> {
        LabSheet {
            each_max,
            all_max,
            held: VecDeque::new(),
            left_out: VecDeque::new(),
            early: VecDeque::new(),
            merges: Merges::default(),
        }
    }

    /// Takes a result in.
    pub fn hold(&mut self, mut record: LabRecord, at: At) {
        let mut assigned_by = None;
        if let Some(place) = self.early.iter().position(|(id, ..)| *id == record.id)
            && let Some((_, whose, by)) = self.early.remove(place)
        {
            let Some(whose) = whose else { return };
            (record.whose, assigned_by) = (whose, Some(by));
        }
        self.count_as(&mut record.whose);
        let (mut first, mut was) = (record.id, None);
        if let Some(place) = self.held.iter().position(|held| is_of_the_same(held, &record))
            && let Some(known) = self.held.get_mut(place)
        {
            if known.record.id > record.id {
                // A word that is older than the one that stands.
                known.first = known.first.min(record.id);
                known.was = known
                    .was
                    .take()
                    .or_else(|| said(&record, &known.record.result.value));
                return;
            }
            if record.result.status == LabStatus::Pending {
                return;
            }
            first = known.first;
            was = said(&known.record, &record.result.value).or_else(|| known.was.clone());
            assigned_by = assigned_by.or_else(|| known.assigned_by.clone());
            self.held.remove(place);
        }
        let later = self.held.iter().position(|held| held.record.id > record.id);
        let held = Held {
            record,
            at,
            first,
            was,
            assigned_by,
        };
        let of = held.owner().cloned();
        self.held.insert(later.unwrap_or(self.held.len()), held);
        self.bound(of.as_ref());
    }

    /// A person says whose results are. Returns how those that are shown stand now.
    pub fn assign(&mut self, assignment: &LabAssignment) -> Vec<Held<At>> {
        let mut whose = Whose::Patient {
            bed: assignment.bed.clone(),
            admission: assignment.admission.clone(),
        };
        self.count_as(&mut whose);
        let mut assigned = Vec::new();
        for id in &assignment.results {
            match self.held.iter_mut().find(|held| held.record.id == *id) {
                Some(held) => {
                    held.assigned_by = Some(assignment.by.clone());
                    held.record.whose = whose.clone();
                    assigned.push(held.clone());
                }
                None => self.said_early(*id, Some(whose.clone()), &assignment.by),
            }
        }
        let of = self.merges.root(&assignment.admission).clone();
        self.bound(Some(&of));
        assigned
    }

    /// A person says that results are of nobody here: they are shown no more. Returns which.
    pub fn set_aside(&mut self, aside: &LabSetAside) -> Vec<Held<At>> {
        let mut gone = Vec::new();
        for id in &aside.results {
            match self.held.iter().position(|held| held.record.id == *id) {
                Some(place) => gone.extend(self.held.remove(place)),
                None => self.said_early(*id, None, &aside.by),
            }
        }
        gone
    }

    fn said_early(&mut self, id: LabId, whose: Option<Whose>, by: &str) {
        self.early.retain(|(known, ..)| *known != id);
        if self.early.len() == EARLY_MAX {
            self.early.pop_front();
        }
        self.early.push_back((id, whose, by.to_owned()));
    }

    /// The one stay turned out to be the same patient's as the other: what is of the one is the other's from now on.
    pub fn merge(&mut self, from: &AdmissionId, into: &AdmissionId) {
        self.merges.add(from, into);
        for of in [from, into] {
            let root = self.merges.root(of).clone();
            if root == *of {
                continue;
            }
            for held in self.take_out(of) {
                self.put_back(held);
            }
            let mut left = self.left_out.iter();
            let counts = left
                .position(|(whose, _)| whose.as_ref() == Some(of))
                .and_then(|place| self.left_out.remove(place));
            if let Some((_, count)) = counts {
                self.leave_out(Some(root), count);
            }
        }
    }

    /// A stay goes on in another bed, and its results with it.
    pub fn moved(&mut self, admission: &AdmissionId, to: &BedId) {
        for held in &mut self.held {
            if let Whose::Patient { bed, admission: of } = &mut held.record.whose
                && of == admission
            {
                bed.clone_from(to);
            }
        }
    }

    /// The results of this stay leave for now: they are handed out, in the order of their names.
    pub fn take_out(&mut self, admission: &AdmissionId) -> Vec<Held<At>> {
        let (out, held): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| held.owner() == Some(admission));
        self.held = held.into();
        out
    }

    /// Takes a result in that was handed out.
    pub fn put_back(&mut self, mut held: Held<At>) {
        self.count_as(&mut held.record.whose);
        if let Some(place) = self
            .held
            .iter()
            .position(|known| is_of_the_same(known, &held.record))
            && let Some(known) = self.held.remove(place)
        {
            // One test of one specimen that stood with two stays.
            let (older, newer) = match known.record.id > held.record.id {
                true => (held, known),
                false => (known, held),
            };
            let was = said(&older.record, &newer.record.result.value);
            held = Held {
                first: older.first.min(newer.first),
                was: newer.was.or(was).or(older.was),
                assigned_by: newer.assigned_by.or(older.assigned_by),
                record: newer.record,
                at: newer.at,
            };
        }
        let of = held.owner().cloned();
        let later = self
            .held
            .iter()
            .position(|known| known.record.id > held.record.id);
        self.held.insert(later.unwrap_or(self.held.len()), held);
        self.bound(of.as_ref());
    }

    /// Of a stay that was merged: as the one that it counts as.
    fn count_as(&self, whose: &mut Whose) {
        if let Whose::Patient { admission, .. } = whose {
            *admission = self.merges.root(admission).clone();
        }
    }

    /// The results of this stay are shown no more.
    pub fn forget(&mut self, admission: &AdmissionId) {
        self.held.retain(|held| held.owner() != Some(admission));
        self.left_out.retain(|(of, _)| of.as_ref() != Some(admission));
    }

    /// The results of a patient, or those that are nobody's (`None`), the newest first.
    pub fn results<'a>(&'a self, of: Option<&'a AdmissionId>) -> impl Iterator<Item = &'a Held<At>> {
        let of = of.map(|of| self.merges.root(of));
        self.held.iter().rev().filter(move |held| held.owner() == of)
    }

    /// All results, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Held<At>> {
        self.held.iter().rev()
    }

    /// All results, to say anew why one is nobody's.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Held<At>> {
        self.held.iter_mut()
    }

    /// How a result stands.
    pub fn result(&self, id: LabId) -> Option<&Held<At>> {
        self.held.iter().find(|held| held.record.id == id)
    }

    /// How many results of a patient, or of nobody, have left for newer ones.
    pub fn left_out(&self, of: Option<&AdmissionId>) -> u64 {
        let of = of.map(|of| self.merges.root(of));
        let counts = self.left_out.iter().filter(|(whose, _)| whose.as_ref() == of);
        counts.map(|(_, count)| count).sum()
    }

    /// The oldest leave.
    fn bound(&mut self, of: Option<&AdmissionId>) {
        while self.held.iter().filter(|held| held.owner() == of).count() > self.each_max {
            let Some(oldest) = self.held.iter().position(|held| held.owner() == of) else {
                return;
            };
            self.leave(oldest);
        }
        while self.held.len() > self.all_max {
            self.leave(0);
        }
    }

    fn leave(&mut self, place: usize) {
        let Some(gone) = self.held.remove(place) else {
            return;
        };
        self.leave_out(gone.owner().cloned(), 1);
    }

    fn leave_out(&mut self, of: Option<AdmissionId>, more: u64) {
        match self.left_out.iter_mut().find(|(whose, _)| *whose == of) {
            Some((_, count)) => *count += more,
            None => {
                if self.left_out.len() == EARLY_MAX {
                    self.left_out.pop_front();
                }
                self.left_out.push_back((of, more));
            }
        }
    }
}

/// What a result said, when it was not this.
fn said(record: &LabRecord, not: &str) -> Option<String> {
    let result = &record.result;
    let words = format!("{} {}", result.value, result.unit).trim().to_owned();
    (result.value != not && !words.is_empty() && result.status != LabStatus::Pending).then_some(words)
}

/// Whether both are about one test of one specimen of one patient.
fn is_of_the_same<At>(held: &Held<At>, record: &LabRecord) -> bool {
    let (known, new) = (&held.record.result, &record.result);
    let specimen = super::comparable(new.specimen.reveal());
    !specimen.is_empty()
        && super::comparable(known.specimen.reveal()) == specimen
        && (&held.record.device, &known.test.code) == (&record.device, &new.test.code)
        && match (&held.record.whose, &record.whose) {
            (Whose::Patient { admission: one, .. }, Whose::Patient { admission: other, .. }) => one == other,
            (Whose::Nobody(_), Whose::Nobody(_)) => true,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bed::{BedId, Masked};
    use crate::record::Epoch;

    fn record(number: u32, value: &str) -> LabRecord {
        let mut record = LabRecord {
            id: LabId {
                epoch: Epoch(7),
                number,
            },
            ..crate::wire::a_lab_record()
        };
        record.result.value = value.to_owned();
        record
    }

    fn assignment(number: u32) -> LabAssignment {
        LabAssignment {
            results: vec![record(number, "").id],
            bed: "1".parse::<BedId>().unwrap(),
            admission: "a1".parse().unwrap(),
            by: "Grace".to_owned(),
        }
    }

    #[test]
    fn l5_whatever_the_order_of_arrival_the_newest_word_stands_with_what_it_was() {
        let mut expected = None;
        for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1], [1, 3, 2]] {
            let mut sheet = LabSheet::new(10, 10);
            for number in order {
                sheet.hold(record(number, ["", "6.9", "6.9", "9.6"][number as usize]), ());
            }
            let shown: Vec<_> = sheet.iter().cloned().collect();
            assert_eq!(
                (shown.len(), shown[0].was.as_deref()),
                (1, Some("6.9 g/dL")),
                "{order:?}"
            );
            assert_eq!(*expected.get_or_insert(shown.clone()), shown, "{order:?}");
            assert_eq!(shown[0].first.number, 1);
        }
    }

    #[test]
    fn what_a_person_said_about_a_result_that_comes_later_counts_when_it_comes() {
        let mut sheet = LabSheet::new(10, 10);
        assert!(sheet.assign(&assignment(1)).is_empty());
        let aside = LabSetAside {
            results: vec![record(2, "").id],
            by: "Grace".to_owned(),
        };
        assert!(sheet.set_aside(&aside).is_empty());
        let mut other = record(2, "7");
        other.result.specimen = Masked::new("S-2".to_owned());
        sheet.hold(other, ());
        sheet.hold(record(1, "6.9"), ());
        let shown: Vec<_> = sheet.iter().collect();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].owner().unwrap().as_str(), "a1");
        assert_eq!(shown[0].assigned_by.as_deref(), Some("Grace"));
    }

    #[test]
    fn results_of_a_stay_that_was_merged_are_of_the_patient_whenever_they_come() {
        let (from, into) = ("a1".parse().unwrap(), "b".parse::<AdmissionId>().unwrap());
        let of = |number: u32, value: &str, admission: &AdmissionId| {
            let mut record = record(number, value);
            record.whose = Whose::Patient {
                bed: "1".parse::<BedId>().unwrap(),
                admission: admission.clone(),
            };
            record
        };
        let mut expected = None;
        for merged_after in 0..=3 {
            let mut sheet = LabSheet::new(10, 10);
            let came = [of(1, "6.9", &into), of(2, "9.6", &from)];
            for (n, record) in came.into_iter().enumerate() {
                if n == merged_after {
                    sheet.merge(&from, &into);
                }
                sheet.hold(record, ());
            }
            sheet.hold(record(3, "7"), ());
            if merged_after >= 2 {
                sheet.merge(&from, &into);
            }
            sheet.assign(&assignment(3));
            let shown: Vec<_> = sheet.results(Some(&from)).cloned().collect();
            assert_eq!(shown.len(), 2, "{merged_after}");
            assert_eq!(shown, sheet.results(Some(&into)).cloned().collect::<Vec<_>>());
            let one = shown.iter().find(|held| held.record.id.number == 2).unwrap();
            assert_eq!((one.was.as_deref(), one.first.number), (Some("6.9 g/dL"), 1));
            assert_eq!(*expected.get_or_insert(shown.clone()), shown, "{merged_after}");
        }
    }

    #[test]
    fn what_was_taken_out_comes_back_as_it_was() {
        let mut sheet = LabSheet::new(10, 10);
        for number in 1..=3 {
            let mut one = record(number, "1");
            one.result.specimen = Masked::new(format!("S-{number}"));
            sheet.hold(one, ());
        }
        sheet.assign(&assignment(1));
        sheet.assign(&assignment(3));
        let before = sheet.clone();
        let owner = "a1".parse().unwrap();
        let out = sheet.take_out(&owner);
        assert_eq!(
            (
                out.len(),
                sheet.results(Some(&owner)).count(),
                sheet.iter().count()
            ),
            (2, 0, 1)
        );
        out.into_iter().for_each(|held| sheet.put_back(held));
        assert_eq!(sheet, before);
    }

    #[test]
    fn each_and_all_have_a_bound_and_what_left_is_counted() {
        let mut sheet = LabSheet::new(3, 5);
        for number in 1..=8 {
            let mut one = record(number, "1");
            one.result.specimen = Masked::new(format!("S-{number}"));
            sheet.hold(one, ());
            if number > 4 {
                sheet.assign(&assignment(number));
            }
        }
        let owner = "a1".parse().unwrap();
        let numbers = |of| {
            sheet
                .results(of)
                .map(|held| held.record.id.number)
                .collect::<Vec<_>>()
        };
        assert_eq!((numbers(Some(&owner)), numbers(None)), (vec![8, 7, 6], vec![4]));
        assert_eq!((sheet.left_out(Some(&owner)), sheet.left_out(None)), (1, 3));
        for number in 9..9 + EARLY_MAX as u32 + 5 {
            sheet.assign(&assignment(number));
        }
        assert_eq!(sheet.early.len(), EARLY_MAX);
    }
}
