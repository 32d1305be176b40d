//! What the core remembers of patients beside the ward: specimens, results, which stays it began, and which pages have
//! to look again.

use std::collections::BTreeMap;

use vitals::{AdmissionId, BedId, Epoch, Event, Identified, MonoTime, Stamp, Whose};

use crate::ward::{Handovers, Laboratory, Notes, Register, Scores, Ward};

/// Specimens, results and stays of this run.
pub(super) struct Charts {
    epoch: Epoch,
    begun: u32,
    /// Specimens and results.
    pub laboratory: Laboratory,
    /// The stays that are over.
    pub register: Register,
    /// Early-warning scores, and what persons enter for them.
    pub scores: Scores,
    /// What was written about patients.
    pub notes: Notes,
    /// What one shift handed over to the next.
    pub handovers: Handovers,
    /// The last move that was recalled, as long as words that follow from it are missing.
    pub begun_move: BegunMove,
    beds: BTreeMap<BedId, u64>,
    nobody: u64,
}

/// A discharge or transfer of which not every word about the beds has been recalled: the others may have gone with the
/// power. Whoever recalls it finishes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BegunMove {
    /// Who said so.
    pub by: String,
    /// The beds of which no word has come, with who lies there now; `None` = nobody.
    pub missing: Vec<(BedId, Option<Identified>)>,
}

impl BegunMove {
    fn awaits(&self, admission: &AdmissionId) -> bool {
        let words = self.missing.iter().filter_map(|(_, word)| word.as_ref());
        words.into_iter().any(|word| word.admission == *admission)
    }
}

impl Charts {
    /// Nothing yet, of a ward of which nothing has been said.
    pub fn new(epoch: Epoch, ward: &Ward) -> Charts {
        Charts {
            epoch,
            begun: 0,
            laboratory: Laboratory::new(epoch),
            register: Register::of(ward),
            scores: Scores::new(epoch),
            notes: Notes::new(epoch),
            handovers: Handovers::new(epoch),
            begun_move: BegunMove::default(),
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

    /// Somebody said who lies in a bed, and the ward has heard it; `before` = whose bed it was. Results go along with a
    /// stay; those of one that is in no bed any more leave the page.
    pub fn lies(&mut self, ward: &Ward, identified: &Identified, at: Stamp, before: Option<AdmissionId>) {
        self.register.identified(identified, at);
        self.laboratory.is_back(&identified.admission);
        self.laboratory.moved(&identified.admission, &identified.bed);
        let is_gone = |before: &AdmissionId| !ward.is_here(before) && !self.begun_move.awaits(before);
        if let Some(before) = before.filter(is_gone) {
            self.laboratory.left(&before);
            self.scores.left(&before);
        }
    }

    /// Two stays are one patient's, and the ward has heard it.
    pub fn merged(&mut self, ward: &Ward, bed: &BedId, (from, into): (&AdmissionId, &AdmissionId)) {
        self.register.merged(bed, (from, into));
        self.laboratory.merged(from, into, ward.is_here(into));
        self.scores.merged(from, into);
        self.notes.merged(from, into);
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
                self.begun_move.missing.retain(|(bed, _)| *bed != identified.bed);
                ward.identified(identified.as_ref().clone(), from);
                self.lies(ward, identified, at, before);
            }
            Event::Discharged(discharged) => {
                self.register.discharged(discharged);
                let is_there = is_here(ward, &discharged.bed, &discharged.admission);
                self.begun_move = BegunMove {
                    by: discharged.by.clone(),
                    missing: is_there
                        .then(|| (discharged.bed.clone(), None))
                        .into_iter()
                        .collect(),
                };
            }
            Event::Transferred(transferred) => {
                self.begun_move = BegunMove {
                    by: transferred.by.clone(),
                    missing: ward.after_transfer(transferred),
                };
            }
            Event::Merged { bed, from, into, .. } => {
                let moment = if is_this_boot { at.mono } else { MonoTime::BOOT };
                ward.merged(bed, (from, into), moment);
                self.merged(ward, bed, (from, into));
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
            Event::LimitsSet(set) => ward.limits_set(set),
            Event::Observed(observed) => self.scores.observed(observed),
            Event::CareTold(told) => self.scores.care_told(told),
            Event::NoteWritten(note) => self.notes.written(note),
            Event::NoteWithdrawn(withdrawn) => self.notes.withdrawn(withdrawn),
            Event::HandoverOffered(handover) => self.handovers.offered(handover),
            Event::HandoverAccepted(accepted) => self.handovers.accepted(accepted, at),
            Event::Bound(binding) => ward.recall_binding(binding, is_this_boot.then_some(at.mono)),
            _ => {}
        }
    }
}
