//! Alarms and who lies in a bed: laboratory results, and what becomes of alarms when somebody else lies there.
//!
//! - A7: an alarm about a laboratory result stays until a person acknowledges it, also when the result is corrected or
//!   its patient leaves the bed; a further critical result of the same specimen and test is announced again.
//! - A8 (I3): an alarm of values ends with the stay of the patient whose values they were, and when the stay goes to
//!   another bed; one about a laboratory result goes along.
//! - A9: in an empty bed no sensor and no device is missed. A value that comes all the same alarms as anywhere.

use std::collections::BTreeMap;

use vitals::alarm::AlarmKind;
use vitals::{
    AdmissionId, AlarmChange, AlarmPhase, BedId, Category, Code, Condition, Decimal, LabId, Limits, MonoTime,
    Side,
};

use super::advisory::is_moment;
use super::instance::Instance;
use super::sense::{Sense, Sensed};
use super::{Alarms, Place};

/// Whoever lies in a bed, as it concerns alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lying {
    /// Whose usual limits count.
    pub category: Category,
    /// Nobody lies there.
    pub vacant: bool,
    /// The limits that a person set for this patient.
    pub limits: BTreeMap<Code, Limits>,
}

impl Lying {
    /// The limits of a value that are in force.
    pub fn limits(&self, code: Code) -> Limits {
        let usual = || Limits::preset(self.category, code);
        self.limits.get(&code).copied().unwrap_or_else(usual)
    }
}

/// A laboratory result as it concerns alarms.
#[derive(Clone, Debug)]
pub struct LabNews {
    /// The first result of its specimen and test.
    pub result: LabId,
    /// The bed of its patient, where one is known, and the analyser.
    pub place: Place,
    /// Its patient's stay.
    pub admission: Option<AdmissionId>,
    /// Beyond which end it is critical; `None` = it is not, or not any more.
    pub critical: Option<Side>,
    /// The number, where it is one.
    pub value: Option<Decimal>,
    /// Its unit.
    pub unit: String,
    /// The test, and the result where that is no number.
    pub text: String,
}

impl Alarms {
    /// A laboratory result came, was corrected, or turned out to be somebody's: then its alarm elsewhere ends, answered
    /// by whoever said so.
    pub fn lab(&mut self, news: &LabNews, by: Option<&str>, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        self.end_lab(news.result, by, Some(&news.place), now, out);
        for side in [Side::Low, Side::High] {
            let holds = news.critical == Some(side);
            let sensed = Sensed {
                value: news.value,
                unit: news.unit.clone(),
                text: news.text.clone(),
                admission: news.admission.clone(),
                ..Sensed::plain(if holds { Sense::Holds } else { Sense::Gone })
            };
            let result = news.result;
            let condition = Condition::LabCritical { side, result };
            self.sense(news.place.clone(), condition, &sensed, now, out);
        }
    }

    /// A person says that a result is of nobody here.
    pub fn lab_set_aside(&mut self, result: LabId, by: &str, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        self.end_lab(result, Some(by), None, now, out);
    }

    /// A stay goes on in another bed: what alarms about its laboratory results and its scores goes along, as the same alarms.
    pub fn lab_moved(
        &mut self,
        admission: &AdmissionId,
        to: &BedId,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        self.tick(now, out);
        let is_moved = |(place, _): &(Place, Condition), instance: &Instance| {
            place.bed.as_ref() != Some(to) && instance.goes_with(admission)
        };
        let of_stay = self
            .instances
            .iter()
            .filter(|(key, instance)| is_moved(key, instance));
        let keys: Vec<(Place, Condition)> = of_stay.map(|(key, _)| key.clone()).collect();
        for key in keys {
            if let Some(mut instance) = self.instances.remove(&key) {
                let key = instance.move_to(to, now, out);
                self.instances.insert(key, instance);
            }
        }
    }

    fn end_lab(
        &mut self,
        of: LabId,
        by: Option<&str>,
        except: Option<&Place>,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        self.instances.retain(|(place, condition), instance| {
            let ends = matches!(condition, Condition::LabCritical { result, .. } if *result == of)
                && Some(place) != except;
            if ends {
                instance.end(by, now, out);
            }
            !ends
        });
    }

    /// Who lies in a bed, from now on; what nobody misses in an empty bed ends (A9).
    pub fn lies(&mut self, bed: &BedId, lying: Lying, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        let vacant = lying.vacant;
        self.lying.insert(bed.clone(), lying);
        if !vacant {
            return;
        }
        self.paces.forget(bed);
        self.instances.retain(|(place, condition), instance| {
            let ends = place.bed.as_ref() == Some(bed) && needs_a_patient(condition);
            if ends {
                instance.end(None, now, out);
            }
            !ends
        });
    }

    /// Somebody else lies in a bed: what alarmed about the values of whoever lay there before ends, and no delay of his
    /// runs on (A8). Who lies there now is said next, and then what becomes of a score's ([`Alarms::advice_over`]).
    pub fn stay_over(&mut self, bed: &BedId, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        self.forget_heard(bed);
        self.instances.retain(|(place, condition), instance| {
            let of_patient = place.device.is_none() || matches!(condition, Condition::Monitor { .. });
            let ends = place.bed.as_ref() == Some(bed) && of_patient && !is_moment(condition);
            if ends {
                instance.end(None, now, out);
            }
            !ends
        });
    }
}

/// Whether it says that something which belongs to a patient is missing or broken.
pub(super) fn needs_a_patient(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::DeviceSilent
            | Condition::LineDisturbed
            | Condition::ProbeOff { .. }
            | Condition::SensorFault { .. }
            | Condition::PoorSignal { .. }
            | Condition::Stale { .. }
            | Condition::PatientNotIdentified
            | Condition::Monitor {
                kind: AlarmKind::Technical,
                ..
            }
    )
}

/// Whether an open alarm may go on: one of values only while the patient lies there whose values they were (A8), and one
/// of a sensor or device only while anybody does (A9).
pub fn is_of_present(alarm: &AlarmChange, present: Option<&AdmissionId>, vacant: bool) -> bool {
    if vacant && alarm.phase != AlarmPhase::Ended && needs_a_patient(&alarm.condition) {
        return false;
    }
    let of_lab = matches!(alarm.condition, Condition::LabCritical { .. });
    of_lab
        || alarm.phase == AlarmPhase::Ended
        || alarm.admission.is_none()
        || alarm.admission.as_ref() == present
}

#[cfg(test)]
mod tests;
