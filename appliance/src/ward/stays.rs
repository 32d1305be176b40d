//! Who lay in a bed, and from when on.
//!
//! - I3: what was measured at a moment is of whoever lay there at that moment. A value that arrives minutes after its
//!   measurement still goes to the patient of before; one older than anything remembered here goes to nobody.

use std::collections::VecDeque;
use std::time::Duration;

use vitals::{AdmissionId, BedId, Category, Identified, Identity, MonoTime};

/// Stays of one bed that are remembered. No bed sees more patients while a cuff value is on its way.
const STAYS_MAX: usize = 32;

/// For so long after a patient has left, a number may still be his: a probe that nobody has taken off yet.
const LEAVING_FOR: Duration = Duration::from_secs(60);

/// One stay of one patient, in one bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Its first moment in this bed; [`MonoTime::BOOT`] when that was in an earlier boot.
    pub from: MonoTime,
    /// Its name.
    pub admission: AdmissionId,
    /// Who it is, as far as anybody said.
    pub identity: Identity,
    /// Who said so last; empty = nobody.
    pub by: String,
    /// Age group of whoever it is; `None` = as the bed is configured.
    pub category: Option<Category>,
    /// Nobody lies there: whoever did was discharged or moved away.
    pub vacant: bool,
    /// The stay that it perhaps goes on: nobody has said so yet.
    pub perhaps: Option<AdmissionId>,
}

impl Stay {
    /// From a moment on this one lies there.
    pub fn begin(identified: Identified, from: MonoTime) -> Stay {
        Stay {
            from,
            admission: identified.admission,
            identity: identified.identity,
            by: identified.by,
            category: identified.category,
            vacant: identified.vacant,
            perhaps: identified.perhaps,
        }
    }

    /// The same words, said of a bed.
    pub fn told(&self, bed: &BedId) -> Identified {
        Identified {
            bed: bed.clone(),
            admission: self.admission.clone(),
            identity: self.identity.clone(),
            by: self.by.clone(),
            category: self.category,
            vacant: self.vacant,
            perhaps: self.perhaps.clone(),
        }
    }

    /// Whether a number of that moment says that somebody lies in a bed that was empty.
    pub fn is_taken_by(&self, at: MonoTime) -> bool {
        self.vacant && at >= self.from + LEAVING_FOR
    }
}

/// The stays of one bed, oldest first; there always is one.
#[derive(Debug)]
pub(super) struct Stays {
    present: Stay,
    earlier: VecDeque<Stay>,
}

impl Stays {
    /// The first that is known of.
    pub fn new(first: Stay) -> Stays {
        Stays {
            present: first,
            earlier: VecDeque::new(),
        }
    }

    /// The stay in force.
    pub fn present(&self) -> &Stay {
        &self.present
    }

    /// The admission that was in force at a moment; `None` = nobody knows any more.
    pub fn at(&self, moment: MonoTime) -> Option<&AdmissionId> {
        let known = self.earlier.iter().chain([&self.present]).rev();
        let mut since = known.filter(|stay| stay.from <= moment);
        since.next().map(|stay| &stay.admission)
    }

    /// Takes over who lies there. True when somebody else does now: another admission.
    pub fn take(&mut self, stay: Stay) -> bool {
        if self.present.admission == stay.admission {
            let from = self.present.from;
            self.present = Stay { from, ..stay };
            return false;
        }
        if self.earlier.len() == STAYS_MAX {
            self.earlier.pop_front();
        }
        // Two that begin in the same moment: the later word counts from there on.
        let before = std::mem::replace(&mut self.present, stay);
        self.earlier.push_back(before);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stay(from_s: u64, admission: &str) -> Stay {
        Stay {
            from: MonoTime::from_ms(from_s * 1_000),
            admission: admission.parse().unwrap(),
            identity: Identity::default(),
            by: String::new(),
            category: None,
            vacant: false,
            perhaps: None,
        }
    }

    #[test]
    fn i3_a_moment_belongs_to_whoever_lay_there_then_and_to_nobody_when_that_is_forgotten() {
        let mut stays = Stays::new(stay(0, "a-0"));
        for n in 1..=STAYS_MAX as u64 {
            assert!(stays.take(stay(10 * n, &format!("a-{n}"))));
        }
        let at = |stays: &Stays, s: u64| stays.at(MonoTime::from_ms(s * 1_000)).map(ToString::to_string);
        assert_eq!(at(&stays, 9), Some("a-0".to_owned()));
        assert_eq!(at(&stays, 10), Some("a-1".to_owned()));
        assert_eq!(at(&stays, 9_999), Some(format!("a-{STAYS_MAX}")));
        assert!(stays.take(stay(9_000, "b")));
        assert_eq!((at(&stays, 9), at(&stays, 19)), (None, Some("a-1".to_owned())));
    }

    #[test]
    fn a_corrected_word_begins_no_stay() {
        let mut stays = Stays::new(stay(5, "a"));
        let corrected = Stay {
            by: "Grace".to_owned(),
            ..stay(70, "a")
        };
        assert!(!stays.take(corrected));
        assert_eq!(stays.present().from, MonoTime::from_ms(5_000));
        assert_eq!(stays.present().by, "Grace");
    }
}
