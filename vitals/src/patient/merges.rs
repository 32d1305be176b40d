//! Stays that turned out to be one patient's. Nothing that was recorded is rewritten: whoever reads counts both.

use std::collections::VecDeque;

use crate::bed::AdmissionId;

/// Merges that are remembered. What a forgotten one joined is shown as two patients' again; the records keep it.
pub const MERGES_MAX: usize = 1_024;

/// Which stays are one patient's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merges {
    /// The one is the other, oldest first.
    pairs: VecDeque<(AdmissionId, AdmissionId)>,
}

impl Merges {
    /// `from` is the same patient as `into`. False when that is known already, or would go round in a ring.
    pub fn add(&mut self, from: &AdmissionId, into: &AdmissionId) -> bool {
        let is_known = self.next(from).is_some();
        if is_known || self.is_one(from, into) {
            return false;
        }
        if self.pairs.len() == MERGES_MAX {
            self.pairs.pop_front();
        }
        self.pairs.push_back((from.clone(), into.clone()));
        true
    }

    fn next(&self, of: &AdmissionId) -> Option<&AdmissionId> {
        let known = self.pairs.iter().find(|(from, _)| from == of);
        known.map(|(_, into)| into)
    }

    /// The stay as which this one counts: itself, or what it was merged into.
    pub fn root<'a>(&'a self, of: &'a AdmissionId) -> &'a AdmissionId {
        // `add` lets no ring in.
        std::iter::successors(Some(of), |of| self.next(of))
            .last()
            .unwrap_or(of)
    }

    /// Whether both are one patient's.
    pub fn is_one(&self, one: &AdmissionId, other: &AdmissionId) -> bool {
        one == other || self.root(one) == self.root(other)
    }

    /// The other stays of the same patient.
    pub fn others(&self, of: &AdmissionId) -> Vec<AdmissionId> {
        let named = self.pairs.iter().flat_map(|(from, into)| [from, into]);
        let mut others: Vec<AdmissionId> = named
            .filter(|other| *other != of && self.is_one(other, of))
            .cloned()
            .collect();
        others.sort();
        others.dedup();
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> AdmissionId {
        text.parse().unwrap()
    }

    #[test]
    fn stays_of_one_patient_are_found_whatever_the_order_in_which_merges_are_heard() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let all = [("x", "a"), ("y", "b"), ("a", "b")];
            let mut merges = Merges::default();
            for n in order {
                assert!(merges.add(&id(all[n].0), &id(all[n].1)));
            }
            assert_eq!(merges.root(&id("x")), &id("b"));
            assert_eq!(merges.others(&id("y")), ["a", "b", "x"].map(id));
            assert!(merges.is_one(&id("x"), &id("y")) && !merges.is_one(&id("x"), &id("z")));
            assert!(merges.others(&id("z")).is_empty());
        }
    }

    #[test]
    fn no_ring_and_no_second_word_about_one_stay_is_taken() {
        let mut merges = Merges::default();
        assert!(merges.add(&id("x"), &id("a")));
        for (from, into) in [("a", "x"), ("a", "a"), ("x", "a"), ("x", "b")] {
            assert!(!merges.add(&id(from), &id(into)), "{from} {into}");
        }
        assert_eq!(merges.root(&id("x")), &id("a"));
    }

    #[test]
    fn the_oldest_merges_are_forgotten() {
        let mut merges = Merges::default();
        for n in 0..=MERGES_MAX {
            assert!(merges.add(&id(&format!("x{n}")), &id(&format!("a{n}"))));
        }
        assert!(!merges.is_one(&id("x0"), &id("a0")));
        assert!(merges.is_one(&id("x1"), &id("a1")));
        assert_eq!(merges.pairs.len(), MERGES_MAX);
    }
}
