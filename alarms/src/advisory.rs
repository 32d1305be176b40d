//! Early-warning scores as alarms: what an advisor says must be told ([`vitals::score::advisory`]).
//!
//! - A20: an alarm about a score stays until a person acknowledges it, whatever the score is by then: it is about a moment,
//!   as one about a laboratory result is. A further worsening is the same alarm again, at least as urgent as before.
//! - A21 (I3): it goes along with its stay into another bed, and ends with the stay.
//! - It silences and replaces nothing: no other alarm knows of it.

use vitals::score::ScoreKind;
use vitals::{AdmissionId, AlarmChange, BedId, Condition, Decimal, MonoTime, Priority};

use super::instance::Instance;
use super::sense::{Sense, Sensed};
use super::{Alarms, Place};

/// A score of which somebody must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advised {
    /// Which score.
    pub score: ScoreKind,
    /// The bed of its patient.
    pub bed: BedId,
    /// Its patient's stay.
    pub admission: AdmissionId,
    /// How soon somebody must come.
    pub priority: Priority,
    /// The total.
    pub total: u16,
    /// From this total on it is told.
    pub from: u16,
}

impl Alarms {
    /// Somebody must be told of a score (A20).
    pub fn advise(&mut self, advised: &Advised, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        let place = Place {
            bed: Some(advised.bed.clone()),
            device: None,
        };
        let condition = Condition::Score { score: advised.score };
        let key = (place, condition);
        let rule = vitals::alarm::Rule {
            priority: advised.priority,
            ..condition.rule()
        };
        match self.instances.get_mut(&key) {
            Some(open) => open.at_least(advised.priority),
            None => {
                let fresh = Instance::pending(key.clone(), rule, now);
                self.instances.insert(key.clone(), fresh);
            }
        }
        let sensed = Sensed {
            value: Some(Decimal::whole(advised.total.into())),
            limit: Some(Decimal::whole(advised.from.into())),
            text: advised.score.name().to_owned(),
            admission: Some(advised.admission.clone()),
            ..Sensed::plain(Sense::Holds)
        };
        self.look(key.0, key.1, &sensed, now, out);
    }

    /// Whoever lies in a bed is known: what is about the score of anybody else there ends (A21). Told when everybody who
    /// moves has moved.
    pub fn advice_over(
        &mut self,
        bed: &BedId,
        is_present: impl Fn(&AdmissionId) -> bool,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        self.instances.retain(|(place, condition), instance| {
            let is_there = place.bed.as_ref() == Some(bed) && matches!(condition, Condition::Score { .. });
            let ends = is_there && !instance.admission().is_some_and(&is_present);
            if ends {
                instance.end(None, now, out);
            }
            !ends
        });
    }
}

/// Whether a condition is a moment: told until somebody has taken it in, and nothing of it still holds then (A7, A20).
pub fn is_moment(condition: &Condition) -> bool {
    matches!(condition, Condition::LabCritical { .. } | Condition::Score { .. })
}

#[cfg(test)]
mod tests;
