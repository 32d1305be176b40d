//! Who lies in which bed, and which specimens were taken: what people at the post say.

use vitals::patient::Identified;
use vitals::{AdmissionId, BedId, Event, Identity, LabAssignment, MonoTime, Specimen};

use super::super::view;
use super::Post;
use super::audit::{Did, words_of};
use crate::access::By;
use crate::alarms;
use crate::ward::{Telling, word};
use crate::web::{PatientError, PatientNow, PatientRequest, Taking};

impl Post {
    /// What people say and ask about patients, specimens and results. The browser may be gone by now; what was said
    /// stands all the same.
    pub(super) fn of_patients(&mut self, request: PatientRequest, now: MonoTime) {
        match request {
            PatientRequest::Identify { telling, by, answer } => {
                let _ = answer.send(self.identify_told(*telling, &by, now));
            }
            PatientRequest::Specimen { taking, answer } => {
                let _ = answer.send(self.take_specimen_told(taking, now));
            }
            PatientRequest::Assign { assigning, answer } => {
                let _ = answer.send(self.assign_told(assigning, now));
            }
            PatientRequest::SetAside { results, by, answer } => {
                let _ = answer.send(self.set_aside_told(results, &by, now));
            }
            PatientRequest::Patient { bed, answer } => {
                let _ = answer.send(self.patient(&bed));
            }
            PatientRequest::Laboratory { answer } => {
                let _ = answer.send(Ok(self.nobodys_results()));
            }
            PatientRequest::Stays { bed, answer } => {
                let _ = answer.send(self.stays_of(&bed));
            }
            PatientRequest::Merge { merging, by, answer } => {
                let _ = answer.send(self.merge_told(*merging, &by, now));
            }
        }
    }

    fn identify_told(&mut self, telling: Telling, by: &By, now: MonoTime) -> Result<(), PatientError> {
        let bed = telling.bed.clone();
        let before = self.stay_told(&bed);
        let result = self.identify(telling, now);
        let after = self.stay_told(&bed);
        let did = Did {
            by,
            action: "admit",
            subject: self.subject_of(&bed),
            before,
            after,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn take_specimen_told(&mut self, taking: Taking, now: MonoTime) -> Result<(), PatientError> {
        let (subject, by) = (self.subject_of(&taking.bed), taking.by.clone());
        let moved = if taking.moved {
            ", moved from another patient"
        } else {
            ""
        };
        let after = format!("specimen {}{moved}", taking.specimen.reveal());
        let result = self.take_specimen(taking, now);
        let did = Did {
            by: &by,
            action: "take_specimen",
            subject,
            before: None,
            after: Some(after),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    /// The bed and whoever lies there, as the audit names them.
    pub(super) fn subject_of(&self, bed: &BedId) -> String {
        match self.ward.stay(bed) {
            Some(stay) => format!("bed:{bed} admission:{}", stay.admission),
            None => format!("bed:{bed}"),
        }
    }

    pub(super) fn stay_told(&self, bed: &BedId) -> Option<String> {
        let stay = self.ward.stay(bed)?;
        Some(format!(
            "admission {}: {}",
            stay.admission,
            words_of(&stay.identity)
        ))
    }

    /// A person says who lies in a bed.
    pub(super) fn identify(&mut self, telling: Telling, now: MonoTime) -> Result<(), PatientError> {
        let by = alarms::person(&telling.by)
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let telling = Telling { by, ..telling };
        let charts = &mut self.charts;
        let identified = self.ward.identify(telling, |bed| charts.begin(bed))?;
        self.identified(identified, now, now);
        Ok(())
    }

    /// From `from` on this one lies there: recorded, and everything that hangs on it follows (I3).
    pub(super) fn identified(&mut self, identified: Identified, from: MonoTime, now: MonoTime) {
        let bed = identified.bed.clone();
        let before = self.ward.stay(&bed).map(|stay| stay.admission.clone());
        self.event(now, Event::Identified(Box::new(identified.clone())));
        if self.ward.identified(identified.clone(), from) {
            tracing::info!(bed.id = %bed, "a new stay begins in this bed");
            before
                .iter()
                .for_each(|before| self.charts.laboratory.left(before));
            self.charts.laboratory.is_back(&identified.admission);
            self.raise(now, |alarms, out| alarms.stay_over(&bed, now, out));
            self.tell_bindings_of(&bed, now);
        }
        self.charts.changed(&bed);
        self.changed_beds.insert(bed);
    }

    /// The records do not say any more who lies in any bed: nobody is taken for whoever lay there before.
    pub(super) fn begin_unknown_stays(&mut self, now: MonoTime) {
        for bed in self.beds.clone() {
            let identified = Identified {
                admission: self.charts.begin(&bed),
                bed,
                identity: Identity::default(),
                by: String::new(),
            };
            self.identified(identified, MonoTime::BOOT, now);
        }
    }

    /// A new file knows nothing of who lies here and what was taken from them: told again.
    pub(super) fn tell_stays_again(&mut self) {
        let stays: Vec<(MonoTime, Identified)> = self
            .ward
            .beds()
            .iter()
            .map(|bed| {
                let stay = bed.stay();
                let identified = Identified {
                    bed: bed.setup.id.clone(),
                    admission: stay.admission.clone(),
                    identity: stay.identity.clone(),
                    by: stay.by.clone(),
                };
                (stay.from, identified)
            })
            .collect();
        for (from, identified) in stays {
            let taken = self.charts.laboratory.specimens(&identified.admission);
            let taken: Vec<Specimen> = taken.cloned().collect();
            self.event(from, Event::Identified(Box::new(identified)));
            for specimen in taken.into_iter().rev() {
                self.event(from, Event::SpecimenTaken(specimen));
            }
        }
    }

    /// A person says that a specimen was taken from whoever lies in a bed.
    pub(super) fn take_specimen(&mut self, taking: Taking, now: MonoTime) -> Result<(), PatientError> {
        let Taking {
            bed,
            saw,
            specimen,
            moved,
            by,
        } = taking;
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let number = word(&specimen, "specimen")?;
        if number.reveal().is_empty() {
            return Err(PatientError::NoSpecimen);
        }
        let admission = self.present(&bed, &saw)?;
        let patients = self.ward.patients();
        let laboratory = &mut self.charts.laboratory;
        laboratory.may_register(number.reveal(), &admission, moved, &patients)?;
        let specimen = Specimen {
            number,
            bed: bed.clone(),
            admission: admission.clone(),
            by: by.clone(),
        };
        let results = laboratory.register(specimen.clone(), moved, &patients);
        self.charts.nobody_changed();
        self.event(now, Event::SpecimenTaken(specimen));
        // What came before its specimen was written down, or was written down for another, goes with it.
        for results in results.chunks(vitals::lab::LAB_AT_ONCE_MAX) {
            let assignment = LabAssignment {
                results: results.to_vec(),
                bed: bed.clone(),
                admission: admission.clone(),
                by: by.clone(),
            };
            self.assigned(assignment, now);
        }
        self.charts.changed(&bed);
        self.changed_beds.insert(bed);
        Ok(())
    }

    /// The stay in force in a bed, when it still is the one that the person saw.
    pub(super) fn present(&self, bed: &BedId, saw: &AdmissionId) -> Result<AdmissionId, PatientError> {
        let stay = self
            .ward
            .stay(bed)
            .ok_or_else(|| PatientError::UnknownBed(bed.clone()))?;
        if stay.admission == *saw {
            Ok(stay.admission.clone())
        } else {
            Err(PatientError::OtherNow(bed.clone()))
        }
    }

    /// Everything that is known of who lies in a bed.
    pub(super) fn patient(&self, bed: &BedId) -> Result<PatientNow, PatientError> {
        let stay = self
            .ward
            .stay(bed)
            .ok_or_else(|| PatientError::UnknownBed(bed.clone()))?;
        let laboratory = &self.charts.laboratory;
        let merged = self.ward.merged_with(&stay.admission);
        let patient = view::patient(bed, stay, laboratory, self.clock.boot(), &self.past.anchors);
        Ok(PatientNow { merged, ..patient })
    }
}
