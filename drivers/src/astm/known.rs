//! A4: a result that was told is not told again, however often the analyser sends its message.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use vitals::LabResult;

/// Most results that are remembered; the oldest are forgotten, and told again if they come again.
pub const KNOWN_MAX: usize = 4_096;

/// What makes a result the same as another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(u64, u64);

impl Mark {
    /// Specimen, test, time and status make it the same one, and all else that it says as well: a value that differs is
    /// never taken for a repetition.
    pub(super) fn of(result: &LabResult, told_apart: &str) -> Mark {
        let hash = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, result, told_apart).hash(&mut hasher);
            hasher.finish()
        };
        Mark(hash(1), hash(2))
    }
}

/// The marks of the last results.
#[derive(Debug, Default)]
pub(super) struct Known {
    marks: BTreeSet<Mark>,
    order: VecDeque<Mark>,
}

impl Known {
    pub(super) fn has(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    /// Remembers a result; false when it is known already.
    pub(super) fn add(&mut self, mark: Mark) -> bool {
        if !self.marks.insert(mark) {
            return false;
        }
        self.order.push_back(mark);
        if self.order.len() > KNOWN_MAX
            && let Some(gone) = self.order.pop_front()
        {
            self.marks.remove(&gone);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use vitals::{Identity, LabFlag, LabStatus, LabTest, Masked};

    use super::*;

    fn result(specimen: &str, value: &str, status: LabStatus) -> LabResult {
        LabResult {
            specimen: Masked::new(specimen.to_owned()),
            patient: Identity::default(),
            test: LabTest {
                code: "HGB".to_owned(),
                name: "HGB".to_owned(),
                loinc: None,
            },
            value: value.to_owned(),
            number: None,
            unit: String::new(),
            range: String::new(),
            flag: LabFlag::None,
            status,
            completed: None,
        }
    }

    fn of(result: &LabResult, told_apart: &str) -> Mark {
        Mark::of(result, told_apart)
    }

    #[test]
    fn a4_the_same_is_known_and_what_differs_is_new() {
        let mut known = Known::default();
        let one = result("S-1", "6.9", LabStatus::Final);
        assert!(known.add(of(&one, "")));
        assert!(!known.add(of(&one, "")));
        assert!(known.add(of(&result("S-1", "7.9", LabStatus::Final), "")));
        assert!(known.add(of(&result("S-1", "6.9", LabStatus::Corrected), "")));
        assert!(known.add(of(&result("S-2", "6.9", LabStatus::Final), "")));
        assert!(known.add(of(&one, "20240514112500")));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut known = Known::default();
        for number in 0..=KNOWN_MAX {
            assert!(known.add(of(&result("S-1", &number.to_string(), LabStatus::Final), "")));
        }
        assert_eq!((known.marks.len(), known.order.len()), (KNOWN_MAX, KNOWN_MAX));
        assert!(!known.add(of(&result("S-1", &KNOWN_MAX.to_string(), LabStatus::Final), "")));
        assert!(known.add(of(&result("S-1", "0", LabStatus::Final), "")));
    }
}
