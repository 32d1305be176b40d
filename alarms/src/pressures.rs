//! Three pressures of one measurement.
//!
//! - A26: a mean that is not between the diastolic and the systolic pressure cannot be: one of the three is wrong, and nobody
//!   can say which (alarms.md section 9).

use std::collections::HashMap;
use std::time::Duration;

use vitals::{BedId, Code, Condition, Decimal, MonoTime, Reading};

use super::sense::Sense;

/// The three are of one measurement when no more than this lies between them.
const OF_ONE_MEASUREMENT: Duration = Duration::from_secs(2);

/// Diastolic, mean and systolic pressure, each with when it was measured.
type Three = [Option<(Decimal, MonoTime)>; 3];

/// The last pressures of each bed, by the code of their mean. That somebody else lies there needs no word: those of two people
/// come together for two seconds at most, and the delay of a sensor fault is longer.
#[derive(Debug, Default)]
pub(super) struct Pressures {
    latest: HashMap<(BedId, Code), Three>,
}

impl Pressures {
    /// A bed's leading value; what it says of its measurement, once all three are known.
    pub fn heard(&mut self, bed: &BedId, reading: &Reading) -> Option<(Condition, Sense)> {
        let (mean, place) = match reading.seen.code {
            Code::NibpDia => (Code::NibpMean, 0),
            Code::NibpMean => (Code::NibpMean, 1),
            Code::NibpSys => (Code::NibpMean, 2),
            Code::AbpDia => (Code::AbpMean, 0),
            Code::AbpMean => (Code::AbpMean, 1),
            Code::AbpSys => (Code::AbpMean, 2),
            _ => return None,
        };
        let latest = self.latest.entry((bed.clone(), mean)).or_default();
        if let Some(slot) = latest.get_mut(place) {
            *slot = reading.seen.measured.value().map(|value| (value, reading.at));
        }
        let [Some(dia), Some(between), Some(sys)] = *latest else {
            return None;
        };
        let (first, last) = (dia.1.min(between.1).min(sys.1), dia.1.max(between.1).max(sys.1));
        if last.since(first) > OF_ONE_MEASUREMENT {
            return None;
        }
        let is_between = dia.0 <= between.0 && between.0 <= sys.0;
        let sense = if is_between { Sense::Gone } else { Sense::Holds };
        Some((Condition::SensorFault { code: mean }, sense))
    }
}
