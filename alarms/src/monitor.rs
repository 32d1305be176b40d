//! Alarms that a monitor raises itself.
//!
//! - A22: they are told at once and as the monitor's own word: not judged, not delayed and not merged with ours. Those of one
//!   device and class (how urgent; about patient or equipment) are one alarm here, whose text is the monitor's; a further
//!   one of the class announces it again.
//! - A23: a monitor that is not heard says nothing of its alarms. They stay for a minute; by then the alarm that it is
//!   silent stands for them.

use vitals::alarm::AlarmKind;
use vitals::{AdmissionId, AlarmChange, Condition, DeviceAlarm, MonoTime, Priority};

use super::sense::{Sense, Sensed};
use super::{Alarms, Place};

/// Between the words of two alarms.
const SEPARATOR: &str = "; ";

impl Alarms {
    /// What a monitor says of its own alarms (A22); `None` = it is not heard now (A23). `admission` = who lies there.
    pub fn monitor(
        &mut self,
        place: &Place,
        admission: Option<&AdmissionId>,
        told: Option<&[DeviceAlarm]>,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        self.tick(now, out);
        for priority in [Priority::High, Priority::Medium, Priority::Low] {
            for kind in [AlarmKind::Physiological, AlarmKind::Technical] {
                let of_class = |alarm: &&DeviceAlarm| alarm.priority == priority && alarm.kind == kind;
                let words = told
                    .unwrap_or_default()
                    .iter()
                    .filter(of_class)
                    .map(|alarm| alarm.text.as_str());
                let words: Vec<&str> = words.collect();
                let condition = Condition::Monitor { priority, kind };
                let sense = match told {
                    None => Sense::Unknown,
                    Some(_) if words.is_empty() || self.misses_nobody(place, &condition) => Sense::Gone,
                    Some(_) => Sense::Holds,
                };
                let sensed = Sensed {
                    text: words.join(SEPARATOR),
                    admission: admission.filter(|_| kind == AlarmKind::Physiological).cloned(),
                    ..Sensed::plain(sense)
                };
                self.look(place.clone(), condition, &sensed, now, out);
            }
        }
    }
}

/// Whether a monitor tells of an alarm that is not among those known (A22). What has gone meanwhile is no news.
pub(super) fn has_more(known: &str, told: &str) -> bool {
    told.split(SEPARATOR)
        .any(|one| known.split(SEPARATOR).all(|old| old != one))
}

#[cfg(test)]
mod tests;
