//! Who lies in which bed, and which specimens were taken: what people at the post say.

use vitals::{AdmissionId, BedId, Event, LabAssignment, MonoTime, Specimen};

use super::super::view;
use super::Post;
use super::audit::{Did, words_of};
use crate::access::By;
use crate::ward::{MoveError, Telling, word};
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
            PatientRequest::Discharge { leaving, by, answer } => {
                let _ = answer.send(self.discharge_told(*leaving, &by, now));
            }
            PatientRequest::Transfer { moving, by, answer } => {
                let _ = answer.send(self.transfer_told(*moving, &by, now));
            }
            PatientRequest::Answer {
                answering,
                by,
                answer,
            } => {
                let _ = answer.send(self.answer_told(*answering, &by, now));
            }
            PatientRequest::Earlier { bed, answer } => {
                let _ = answer.send(self.earlier(&bed));
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

    /// Whoever lies in a bed, in the words of the audit.
    pub(super) fn stay_told(&self, bed: &BedId) -> Option<String> {
        let bed = self.ward.bed(bed)?;
        let stay = bed.stay();
        let who = match &stay.perhaps {
            Some(perhaps) => format!("not known, perhaps still {perhaps}"),
            None if stay.vacant => "nobody, the bed is empty".to_owned(),
            None => words_of(&stay.identity),
        };
        let category = bed.category().key();
        Some(format!("admission {}: {who}; {category}", stay.admission))
    }

    /// A person says who lies in a bed.
    pub(super) fn identify(&mut self, telling: Telling, now: MonoTime) -> Result<(), PatientError> {
        let by = alarms::person(&telling.by)
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        self.answered(&telling.bed)?;
        let telling = Telling { by, ..telling };
        let charts = &mut self.charts;
        let identified = self.ward.identify(telling, |bed| charts.begin(bed))?;
        self.lies(None, vec![identified], now, now);
        Ok(())
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
        if stay.admission != *saw {
            return Err(PatientError::OtherNow(bed.clone()));
        }
        if stay.vacant {
            return Err(MoveError::Empty(bed.clone()).into());
        }
        self.answered(bed)?;
        Ok(stay.admission.clone())
    }

    /// Everything that is known of who lies in a bed.
    pub(super) fn patient(&self, bed: &BedId) -> Result<PatientNow, PatientError> {
        let bed = self
            .ward
            .bed(bed)
            .ok_or_else(|| PatientError::UnknownBed(bed.clone()))?;
        let laboratory = &self.charts.laboratory;
        let admission = &bed.stay().admission;
        let (boot, anchors) = (self.clock.boot(), &self.past.anchors);
        Ok(PatientNow {
            merged: self.ward.merged_with(admission),
            observations: view::observations(&self.charts, admission, boot, anchors),
            care: view::care(&self.charts, admission, boot, anchors),
            notes: view::notes(&self.charts, admission, boot, anchors),
            perhaps: view::perhaps(bed, &self.charts.register),
            ..view::patient(bed, laboratory, boot, anchors)
        })
    }
}
