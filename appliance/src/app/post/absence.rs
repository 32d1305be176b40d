//! A bed that was not heard for long: the post asks whether it is still the same patient, and a person answers (I3, I9).

use drivers::Seen;
use vitals::{BedId, DeviceId, MonoTime};

use super::audit::Did;
use super::{Post, measured_at};
use crate::access::By;
use crate::lines::Heard;
use crate::ward::{Answering, Lies, Merging, Ward};
use crate::web::PatientError;

impl Post {
    /// Before anything of what a device tells is taken: where nothing was heard from its bed for long, nobody knows any more
    /// whose it is.
    pub(super) fn look_for_silence(&mut self, device: &DeviceId, at: MonoTime, what: &Heard, now: MonoTime) {
        let Some(measured) = measured_on_somebody(at, what) else {
            return;
        };
        let Some((bed, from)) = self.ward.back_after_silence(device, measured) else {
            return;
        };
        let charts = &mut self.charts;
        if let Some(perhaps) = self.ward.perhaps(&bed, |bed| charts.begin(bed)) {
            tracing::info!(bed.id = %bed, "heard again after a long silence: asked whether it is still the same patient");
            self.lies(None, vec![perhaps], from, now);
        }
    }

    pub(super) fn answer_told(
        &mut self,
        answering: Answering,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let bed = answering.bed.clone();
        let (subject, before) = (self.subject_of(&bed), self.stay_told(&bed));
        let said = match answering.lies {
            Lies::Same => "still the same patient",
            Lies::Other => "somebody else",
            Lies::Nobody => "the bed is empty",
        };
        let result = self.answer(answering, now);
        let after = self.stay_told(&bed).map(|stay| format!("{said}: {stay}"));
        let did = Did {
            by,
            action: "same_patient",
            subject,
            before,
            after,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn answer(&mut self, answering: Answering, now: MonoTime) -> Result<(), PatientError> {
        let Answering { bed, saw, lies, by } = answering;
        let by = alarms::person(&by).ok_or(PatientError::NoPerson)?.to_owned();
        let into = self.ward.asked(&bed, &saw)?;
        let told = match lies {
            Lies::Same => return self.merge(Merging { bed, saw, into, by }, now),
            Lies::Other => self.ward.somebody_else(&bed, &by),
            Lies::Nobody => Some(Ward::empty(&bed, self.charts.begin(&bed), &by)),
        };
        self.lies(None, told.into_iter().collect(), now, now);
        Ok(())
    }

    /// The stay of a bed is somebody's: whatever is said of him now is about one person.
    pub(super) fn answered(&self, bed: &BedId) -> Result<(), PatientError> {
        Ok(self.ward.answered(bed)?)
    }
}

/// When a device measured what it tells of whoever lies at it; `None` = it tells nothing of anybody.
fn measured_on_somebody(at: MonoTime, what: &Heard) -> Option<MonoTime> {
    match what {
        Heard::Seen(Seen::Earlier { seen, ago }) => Some(measured_at(at, *ago, *seen).0),
        Heard::Seen(Seen::Vital(_) | Seen::Alarms(_) | Seen::Wave(_) | Seen::Alive) => Some(at),
        Heard::Seen(Seen::Site { .. } | Seen::Lab(_))
        | Heard::Link(_)
        | Heard::Receipt(_)
        | Heard::Fault(_) => None,
    }
}
