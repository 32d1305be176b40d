//! Two stays that are one patient's: what people at the post say of it (I3, I9).

use vitals::{AdmissionId, BedId, Event, MonoTime};

use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::ward::Merging;
use crate::web::PatientError;

impl Post {
    pub(super) fn merge_told(
        &mut self,
        merging: Merging,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let bed = merging.bed.clone();
        let subject = format!("{} admission:{}", self.subject_of(&bed), merging.into);
        let before = self.stay_told(&bed);
        let result = self.answered(&bed).and_then(|()| self.merge(merging, now));
        let did = Did {
            by,
            action: "merge",
            subject,
            before,
            after: self.stay_told(&bed),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    /// The stays of whoever lies in a bed: the one in force, and those that turned out to be the same patient's.
    pub(super) fn stays_of(&self, bed: &BedId) -> Result<Vec<AdmissionId>, PatientError> {
        let stay = self.ward.stay(bed);
        let present = &stay
            .ok_or_else(|| PatientError::UnknownBed(bed.clone()))?
            .admission;
        let mut stays = self.ward.merged_with(present);
        stays.insert(0, present.clone());
        Ok(stays)
    }

    /// A person says that whoever lies in a bed is the patient of an earlier stay.
    pub(super) fn merge(&mut self, merging: Merging, now: MonoTime) -> Result<(), PatientError> {
        let by = alarms::person(&merging.by)
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let from = merging.saw.clone();
        let merging = Merging { by, ..merging };
        let identified = self.ward.may_merge(merging, &self.charts.register)?;
        let (bed, into) = (identified.bed.clone(), identified.admission.clone());
        let told = Event::Merged {
            bed: bed.clone(),
            from: from.clone(),
            into: into.clone(),
            by: identified.by.clone(),
        };
        self.ward.merged(&bed, (&from, &into), now);
        self.charts.merged(&self.ward, &bed, (&from, &into));
        self.lies(Some(told), vec![identified], now, now);
        self.tell_bindings_of(&bed, now);
        tracing::info!(bed.id = %bed, "two stays are one patient's");
        Ok(())
    }
}
