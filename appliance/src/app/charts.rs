//! What the core remembers of patients beside the ward: specimens, results, which stays it began, and which pages have
//! to look again.

use std::collections::BTreeMap;

use vitals::{AdmissionId, BedId, Epoch, Event, MonoTime, Stamp, Whose};

use crate::ward::{Laboratory, Ward};

/// Specimens, results and stays of this run.
pub(super) struct Charts {
    epoch: Epoch,
    begun: u32,
    /// Specimens and results.
    pub laboratory: Laboratory,
    beds: BTreeMap<BedId, u64>,
    nobody: u64,
}

impl Charts {
    /// Nothing yet.
    pub fn new(epoch: Epoch) -> Charts {
        Charts {
            epoch,
            begun: 0,
            laboratory: Laboratory::new(epoch),
            beds: BTreeMap::new(),
            nobody: 0,
        }
    }

    /// The name of an admission that begins.
    pub fn begin(&mut self, bed: &BedId) -> AdmissionId {
        self.begun += 1;
        AdmissionId::begun(bed, self.epoch, self.begun)
    }

    /// What the page shows of a bed's patient has changed.
    pub fn changed(&mut self, bed: &BedId) {
        *self.beds.entry(bed.clone()).or_default() += 1;
    }

    /// What the page shows of results that are nobody's has changed.
    pub fn nobody_changed(&mut self) {
        self.nobody += 1;
    }

    /// Grows with every change of what is shown of a bed's patient.
    pub fn revision(&self, bed: &BedId) -> u64 {
        self.beds.get(bed).copied().unwrap_or_default()
    }

    /// Grows with every change of the results that are nobody's.
    pub fn nobody_revision(&self) -> u64 {
        self.nobody
    }

    /// What an earlier run recorded, in its order; `is_this_boot` = its times can be compared with those of now.
    pub fn recall(&mut self, ward: &mut Ward, at: Stamp, is_this_boot: bool, event: &Event) {
        let is_here = |ward: &Ward, bed: &BedId, admission: &AdmissionId| {
            ward.stay(bed).is_some_and(|stay| stay.admission == *admission)
        };
        match event {
            Event::Identified(identified) => {
                let before = ward.stay(&identified.bed).map(|stay| stay.admission.clone());
                let from = if is_this_boot { at.mono } else { MonoTime::BOOT };
                if ward.identified(identified.as_ref().clone(), from) {
                    before.iter().for_each(|before| self.laboratory.left(before));
                    self.laboratory.is_back(&identified.admission);
                }
            }
            Event::Merged { bed, from, into, .. } => {
                let moment = if is_this_boot { at.mono } else { MonoTime::BOOT };
                ward.merged(bed, (from, into), moment);
                self.laboratory.merged(from, into);
            }
            Event::SpecimenTaken(specimen) => {
                // What followed from it was recorded too.
                self.laboratory
                    .register(specimen.clone(), false, &ward.patients());
            }
            Event::Lab(record) => {
                let bed = match &record.whose {
                    Whose::Patient { bed, .. } => Some(bed.clone()),
                    Whose::Nobody(_) => None,
                };
                self.laboratory.recall(record.as_ref().clone(), at, |admission| {
                    bed.is_some_and(|bed| is_here(ward, &bed, admission))
                });
            }
            Event::LabAssigned(assignment) => {
                let here = is_here(ward, &assignment.bed, &assignment.admission);
                self.laboratory.assign(assignment, here);
            }
            Event::LabSetAside(aside) => {
                self.laboratory.set_aside(aside);
            }
            Event::Bound(binding) => ward.recall_binding(binding, is_this_boot.then_some(at.mono)),
            _ => {}
        }
    }
}
