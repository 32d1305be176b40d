//! The alarm limits that people set for single patients. They belong to the stay: they go along into another bed, and nobody who
//! lies there afterwards has them (I3). They are set for an age group, and go when another one is said.

use std::collections::BTreeMap;

use vitals::{AdmissionId, BedId, Code, Limits, LimitsSet};

use super::{Bed, Ward};

/// Stays whose limits are remembered; beyond that those who lie in no bed are forgotten.
const STAYS_MAX: usize = 256;

/// Limits by stay and value.
#[derive(Debug, Default)]
pub(super) struct LimitSets {
    of: BTreeMap<AdmissionId, BTreeMap<Code, Limits>>,
}

impl Ward {
    /// A person set the limits of a value for a stay.
    pub fn limits_set(&mut self, set: &LimitsSet) {
        let of = self.limits.of.entry(set.admission.clone()).or_default();
        match set.limits {
            Some(limits) => of.insert(set.code, limits),
            None => of.remove(&set.code),
        };
        if self.limits.of.len() > STAYS_MAX {
            let here: Vec<AdmissionId> = self.beds.iter().map(|bed| bed.stay().admission.clone()).collect();
            self.limits.of.retain(|stay, _| here.contains(stay));
        }
    }

    /// The limits that people set for whoever lies in a bed.
    pub fn own_limits(&self, bed: &BedId) -> BTreeMap<Code, Limits> {
        let stay = self.stay(bed).map(|stay| &stay.admission);
        let of = stay.and_then(|stay| self.limits.of.get(stay));
        of.cloned().unwrap_or_default()
    }

    /// The limits in force at a bed: those of its patient, else the usual ones of the age group.
    pub fn limits(&self, bed: &Bed, code: Code) -> Limits {
        let own = self.limits.of.get(&bed.stay().admission);
        let own = own.and_then(|of| of.get(&code)).copied();
        own.unwrap_or_else(|| Limits::preset(bed.category(), code))
    }

    /// The patient is of another age group than was said: limits that were set for the wrong one count no more.
    pub(super) fn forget_limits(&mut self, admission: &AdmissionId) {
        self.limits.of.remove(admission);
    }

    /// Whoever lies there is perhaps still the same patient: until somebody says so, the same limits count.
    pub(super) fn lend_limits(&mut self, of: &AdmissionId, to: &AdmissionId) {
        if let Some(limits) = self.limits.of.get(of).cloned() {
            self.limits.of.insert(to.clone(), limits);
        }
    }

    /// Two stays are one patient's: limits that were set in the later one count on.
    pub(super) fn limits_merged(&mut self, from: &AdmissionId, into: &AdmissionId) {
        if let Some(later) = self.limits.of.remove(from) {
            self.limits.of.entry(into.clone()).or_default().extend(later);
        }
    }
}
