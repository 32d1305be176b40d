//! Values that stop without a word.
//!
//! - A24: a value that came again and again, and comes no more although its device talks, is missed: neither a number nor a
//!   reason says why. How often it came is learned from the device; what was never heard often is not missed.
//! - A25: one cause, one alarm: a device that is silent, a reason that it gives, and electrodes that carry two values each
//!   have an alarm of their own.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::code::CodeKind;
use vitals::{AlarmChange, BedId, Category, Code, Condition, DeviceId, Limits, Measured, MonoTime, Reading};

use super::rules::leads_its_sensor;
use super::sense::{Sense, Sensed};
use super::{Alarms, Place};

/// A value is missed when three times the longest of these last gaps has passed.
const GAPS: usize = 8;

/// It is never missed before.
const STALE_AFTER_MIN: Duration = Duration::from_secs(10);

/// How often each value of a bed comes: one entry for each bed and code.
#[derive(Debug, Default)]
pub(super) struct Paces {
    paces: BTreeMap<(BedId, Code), Pace>,
}

#[derive(Debug)]
struct Pace {
    device: DeviceId,
    heard: MonoTime,
    /// The last word was a number.
    is_value: bool,
    gaps: VecDeque<Duration>,
}

impl Pace {
    fn is_stale(&self, now: MonoTime) -> bool {
        let longest = self.gaps.iter().max().copied().unwrap_or_default();
        let knows = self.is_value && self.gaps.len() == GAPS;
        knows && now.since(self.heard) > (longest * 3).max(STALE_AFTER_MIN)
    }
}

impl Paces {
    /// A bed's leading value.
    pub fn heard(&mut self, bed: &BedId, reading: &Reading, now: MonoTime) {
        let code = reading.seen.code;
        if !is_missed(code) {
            return;
        }
        let is_value = matches!(reading.seen.measured, Measured::Value(_));
        let pace = self.paces.entry((bed.clone(), code)).or_insert_with(|| Pace {
            device: reading.device.clone(),
            heard: now,
            is_value: false,
            gaps: VecDeque::with_capacity(GAPS),
        });
        if pace.device != reading.device {
            pace.device = reading.device.clone();
            pace.is_value = false;
            pace.gaps.clear();
        }
        if pace.is_value && is_value {
            pace.gaps.truncate(GAPS - 1);
            pace.gaps.push_front(now.since(pace.heard));
        }
        pace.heard = now;
        pace.is_value = is_value;
    }

    /// Nothing that was heard at a bed is missed there any more.
    pub fn forget(&mut self, bed: &BedId) {
        self.paces.retain(|(of, _), _| of != bed);
    }
}

/// Whether somebody would miss it: a continuous value with usual limits that speaks for its sensor. A temperature is taken
/// by hand as often as by a probe, and one that is told only when it changes is not missed for hours.
fn is_missed(code: Code) -> bool {
    let limits = Limits::preset(Category::Adult, code);
    let alarms = limits.low.is_some() || limits.high.is_some();
    let row = code.info();
    row.kind == CodeKind::Continuous && row.ucum != "Cel" && leads_its_sensor(code) && alarms
}

impl Alarms {
    /// Looks for values that have stopped (A24); `talks` = whether a device is heard now.
    pub fn stopped(&mut self, talks: impl Fn(&DeviceId) -> bool, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.tick(now, out);
        let paces = &self.paces.paces;
        let is_stale = |bed: &BedId, code: Code| {
            let pace = paces.get(&(bed.clone(), code));
            pace.is_some_and(|pace| talks(&pace.device) && pace.is_stale(now))
        };
        let by_electrodes = |code| matches!(code, Code::Rr | Code::RrImpedance);
        let looks: Vec<(BedId, Code, bool)> = paces
            .keys()
            .map(|(bed, code)| {
                let by_another = by_electrodes(*code) && is_stale(bed, Code::Hr);
                (bed.clone(), *code, is_stale(bed, *code) && !by_another)
            })
            .collect();
        for (bed, code, is_stale) in looks {
            let sensed = Sensed::plain(if is_stale { Sense::Holds } else { Sense::Gone });
            let place = Place {
                bed: Some(bed),
                device: None,
            };
            self.look(place, Condition::Stale { code }, &sensed, now, out);
        }
    }
}

#[cfg(test)]
mod tests;
