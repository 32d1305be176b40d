//! One cause, one alarm (alarms.md section 8): which value at a bed speaks for which other.

use std::collections::HashMap;
use std::time::Duration;

use vitals::{AbsentReason, BedId, Code, Condition, Measured, MonoTime, Observation};

/// How long what was heard of the leading value counts.
const LEADS_FOR: Duration = Duration::from_secs(10);

/// What was heard last of the values that speak for others.
#[derive(Debug, Default)]
pub(super) struct Causes {
    heart_rate: HashMap<BedId, MonoTime>,
    electrodes_off: HashMap<BedId, MonoTime>,
}

impl Causes {
    /// A bed's leading value.
    pub fn heard(&mut self, bed: &BedId, seen: &Observation, now: MonoTime) {
        if seen.code != Code::Hr {
            return;
        }
        match seen.measured {
            Measured::Value(_) => {
                self.heart_rate.insert(bed.clone(), now);
                self.electrodes_off.remove(bed);
            }
            Measured::Absent(AbsentReason::ProbeOff) => {
                self.electrodes_off.insert(bed.clone(), now);
            }
            Measured::Absent(_) => {
                self.electrodes_off.remove(bed);
            }
        }
    }

    /// Whether another value speaks for this condition.
    ///
    /// While there is a heart rate from the ECG, a pulse rate raises no limit alarm: pulse from a finger or cuff counts
    /// artefacts (BIDMC record 39: pulse 41 for 50 s at a heart rate of 75). Breathing is measured at the electrodes of the
    /// heart: that they are off is one alarm.
    pub fn are_told_by_another(&self, bed: &BedId, condition: Condition, now: MonoTime) -> bool {
        let leading = match condition {
            Condition::Limit { code: Code::Pr, .. } => &self.heart_rate,
            Condition::ProbeOff {
                code: Code::Rr | Code::RrImpedance,
            } => &self.electrodes_off,
            _ => return false,
        };
        leading
            .get(bed)
            .is_some_and(|heard| now.since(*heard) <= LEADS_FOR)
    }

    /// Nothing that was heard at a bed counts any more.
    pub fn forget(&mut self, bed: &BedId) {
        self.heart_rate.remove(bed);
        self.electrodes_off.remove(bed);
    }
}
