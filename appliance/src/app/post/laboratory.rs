//! What becomes of a laboratory result: recorded, matched with who lies here, shown, and announced where it is critical.

use vitals::{
    AlarmChange, BedId, DeviceId, Event, LabAssignment, LabFlag, LabId, LabResult, LabSetAside, MonoTime,
    Side, Stamp, Whose,
};

use super::super::view;
use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::ward::Held;
use crate::web::{Assigning, LaboratoryNow, PatientError};
use alarms::{Alarms, LabNews, Place};

impl Post {
    /// An analyser sent a result.
    pub(super) fn lab(&mut self, device: DeviceId, at: MonoTime, result: LabResult, now: MonoTime) {
        self.ward.alive(&device, at);
        let stamp = Stamp {
            boot: self.clock.boot(),
            mono: at,
        };
        let patients = self.ward.patients();
        let Some(record) = self.charts.laboratory.take(device, result, stamp, &patients) else {
            return;
        };
        let id = record.id;
        tracing::info!(device.id = %record.device, matched = matches!(record.whose, Whose::Patient { .. }),
            "a laboratory result came");
        self.event(at, Event::Lab(Box::new(record)));
        // One that is still pending behind a result that is there is recorded and not shown.
        if let Some(held) = self.charts.laboratory.result(id).cloned() {
            self.tell_lab(&held, None, now);
        }
    }

    pub(super) fn assign_told(&mut self, assigning: Assigning, now: MonoTime) -> Result<(), PatientError> {
        let (by, results) = (assigning.by.clone(), assigning.results.clone());
        let after = self.subject_of(&assigning.bed);
        let subject = format!("{} {after}", named(&results));
        let before = self.owners_told(&results);
        let result = self.assign(assigning, now);
        let did = Did {
            by: &by,
            action: "assign_result",
            subject,
            before: Some(before),
            after: Some(after),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    pub(super) fn set_aside_told(
        &mut self,
        results: Vec<LabId>,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let (subject, before) = (named(&results), self.owners_told(&results));
        let result = self.set_aside(results, by.name(), now);
        let did = Did {
            by,
            action: "set_aside_result",
            subject,
            before: Some(before),
            after: Some("of nobody here".to_owned()),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    /// Whose these results are, as the audit names them.
    fn owners_told(&self, results: &[LabId]) -> String {
        let owners = self.owners(results).into_iter();
        let told = owners.map(|bed| bed.map_or("nobody".to_owned(), |bed| self.subject_of(&bed)));
        let mut told: Vec<String> = told.collect();
        told.dedup();
        told.join(", ")
    }

    /// A person says whose results are.
    pub(super) fn assign(&mut self, assigning: Assigning, now: MonoTime) -> Result<(), PatientError> {
        let Assigning {
            results,
            bed,
            saw,
            by,
        } = assigning;
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let admission = self.present(&bed, &saw)?;
        self.charts.laboratory.may_decide(&results)?;
        let assignment = LabAssignment {
            results,
            bed,
            admission,
            by,
        };
        self.assigned(assignment, now);
        Ok(())
    }

    pub(super) fn assigned(&mut self, assignment: LabAssignment, now: MonoTime) {
        let before = self.owners(&assignment.results);
        self.event(now, Event::LabAssigned(assignment.clone()));
        for held in self.charts.laboratory.assign(&assignment, true) {
            self.tell_lab(&held, Some(&assignment.by), now);
        }
        before.iter().for_each(|owner| self.lab_changed(owner.as_ref()));
    }

    /// A person says that results are of nobody here.
    pub(super) fn set_aside(
        &mut self,
        results: Vec<LabId>,
        by: &str,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let by = alarms::person(by).ok_or(PatientError::NoPerson)?.to_owned();
        self.charts.laboratory.may_decide(&results)?;
        let before = self.owners(&results);
        let aside = LabSetAside { results, by };
        self.event(now, Event::LabSetAside(aside.clone()));
        let gone = self.charts.laboratory.set_aside(&aside);
        self.raise(now, |alarms, out| {
            for held in &gone {
                alarms.lab_set_aside(held.first, &aside.by, now, out);
            }
        });
        before.iter().for_each(|owner| self.lab_changed(owner.as_ref()));
        Ok(())
    }

    /// The results that are nobody's.
    pub(super) fn nobodys_results(&self) -> LaboratoryNow {
        view::laboratory(&self.charts.laboratory, self.clock.boot(), &self.past.anchors)
    }

    /// The page and the alarms hear of a result, `by` whose word it is where it is one's.
    fn tell_lab(&mut self, held: &Held, by: Option<&str>, now: MonoTime) {
        let news = news(held);
        self.raise(now, |alarms: &mut Alarms, out: &mut Vec<AlarmChange>| {
            alarms.lab(&news, by, now, out);
        });
        self.lab_changed(news.place.bed.as_ref());
    }

    /// In whose beds these results are shown; `None` among them = with nobody's.
    fn owners(&self, results: &[LabId]) -> Vec<Option<BedId>> {
        let held = results.iter().filter_map(|id| self.charts.laboratory.result(*id));
        held.map(|held| bed_of(&held.record.whose).cloned()).collect()
    }

    fn lab_changed(&mut self, bed: Option<&BedId>) {
        match bed {
            Some(bed) => {
                self.charts.changed(bed);
                self.changed_beds.insert(bed.clone());
            }
            None => self.charts.nobody_changed(),
        }
    }
}

/// As the audit names them.
fn named(results: &[LabId]) -> String {
    let named: Vec<String> = results.iter().map(|id| format!("lab:{id}")).collect();
    named.join(" ")
}

fn bed_of(whose: &Whose) -> Option<&BedId> {
    match whose {
        Whose::Patient { bed, .. } => Some(bed),
        Whose::Nobody(_) => None,
    }
}

fn news(held: &Held) -> LabNews {
    let record = &held.record;
    let result = &record.result;
    let (bed, admission) = match &record.whose {
        Whose::Patient { bed, admission } => (Some(bed.clone()), Some(admission.clone())),
        Whose::Nobody(_) => (None, None),
    };
    // What is no number is said as it was sent: `<1.5`, `POS`.
    let text = match result.number {
        Some(_) => result.test.name.clone(),
        None => format!("{} {}", result.test.name, result.value),
    };
    LabNews {
        result: held.first,
        place: Place {
            bed,
            device: Some(record.device.clone()),
        },
        admission,
        critical: match result.flag {
            LabFlag::CriticalLow => Some(Side::Low),
            LabFlag::CriticalHigh => Some(Side::High),
            _ => None,
        },
        value: result.number,
        unit: result.unit.clone(),
        text,
    }
}
