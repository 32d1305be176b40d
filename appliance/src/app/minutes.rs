//! Gathers what was measured into one summary per minute: what is kept for a year and goes first when much waits.
//! Pure.
//!
//! - M1: each reading is counted once, in the minute in which it was measured.
//! - M2: a minute that was written is never opened again. What belongs to it and comes later (a cuff value that the
//!   device repeats with its age) counts in the minute in which it came.
//! - M3: a change of bed or admission begins another summary (I3).

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::summary::{Gathered, MinuteSummary, SUMMARY_TIME, Summarised};
use vitals::{AdmissionId, BedId, DeviceId, Measured, MonoTime, Reading, SiteReading};

/// A minute stays open for so long after its end: what was measured in it may still be on its way here.
const LATE_MAX: Duration = Duration::from_secs(2);

/// A value that has not come for so long is forgotten.
const QUIET_MAX: Duration = Duration::from_secs(3_600);

/// Values gathered at once; a further one is kept as readings only. Sixteen beds with forty values each, and more.
const VALUES_MAX: usize = 4_096;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    device: DeviceId,
    bed: Option<BedId>,
    admission: Option<AdmissionId>,
    of: Summarised,
}

#[derive(Debug)]
struct Minute {
    /// The number of the minute since boot.
    number: u64,
    /// `None` = it was written.
    open: Option<Gathered>,
}

/// The minutes that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Minutes {
    values: BTreeMap<Key, Minute>,
    over: Vec<MinuteSummary>,
}

impl Minutes {
    /// A value of a patient.
    pub fn take_reading(&mut self, reading: &Reading, now: MonoTime) {
        let key = Key {
            device: reading.device.clone(),
            bed: reading.bed.clone(),
            admission: reading.admission.clone(),
            of: Summarised::Vital(reading.seen.code),
        };
        self.take(key, reading.seen.measured, reading.at, now);
    }

    /// A value about the post itself.
    pub fn take_site(&mut self, reading: &SiteReading, now: MonoTime) {
        let key = Key {
            device: reading.device.clone(),
            bed: None,
            admission: None,
            of: Summarised::Site {
                signal: reading.signal.clone(),
                unit: reading.unit.clone(),
            },
        };
        self.take(key, reading.measured, reading.at, now);
    }

    fn take(&mut self, key: Key, measured: Measured, at: MonoTime, now: MonoTime) {
        // What is older than anything remembered may have been written: it counts now.
        let measured_in = if now.since(at) > QUIET_MAX {
            number(now)
        } else {
            number(at)
        };
        if let Some(minute) = self.values.get_mut(&key) {
            let closed = minute.open.is_none();
            let wanted = match measured_in {
                late if late < minute.number || (closed && late == minute.number) => {
                    number(now).max(minute.number + u64::from(closed))
                }
                in_time => in_time,
            };
            if wanted > minute.number {
                self.over.extend(
                    minute
                        .open
                        .take()
                        .map(|gathered| summary(&key, minute.number, &gathered)),
                );
                minute.number = wanted;
            }
            minute.open.get_or_insert_default().take(measured);
            return;
        }
        if self.values.len() >= VALUES_MAX {
            return;
        }
        let mut gathered = Gathered::default();
        gathered.take(measured);
        let (number, open) = (measured_in, Some(gathered));
        self.values.insert(key, Minute { number, open });
    }

    /// The minutes that are over.
    pub fn close(&mut self, now: MonoTime) -> Vec<MinuteSummary> {
        for (key, minute) in &mut self.values {
            if now >= start(minute.number) + SUMMARY_TIME + LATE_MAX {
                self.over.extend(
                    minute
                        .open
                        .take()
                        .map(|gathered| summary(key, minute.number, &gathered)),
                );
            }
        }
        self.values.retain(|_, minute| {
            minute.open.is_some() || now.since(start(minute.number)) <= QUIET_MAX + SUMMARY_TIME
        });
        std::mem::take(&mut self.over)
    }

    /// All of them, over or not: the post stops.
    pub fn close_all(&mut self) -> Vec<MinuteSummary> {
        self.close(MonoTime::from_ns(u64::MAX))
    }
}

fn number(at: MonoTime) -> u64 {
    at.as_ns() / SUMMARY_TIME.as_nanos() as u64
}

fn start(number: u64) -> MonoTime {
    MonoTime::from_ns(number.saturating_mul(SUMMARY_TIME.as_nanos() as u64))
}

fn summary(key: &Key, minute: u64, gathered: &Gathered) -> MinuteSummary {
    MinuteSummary {
        device: key.device.clone(),
        bed: key.bed.clone(),
        admission: key.admission.clone(),
        at: start(minute),
        of: key.of.clone(),
        numbers: gathered.numbers(),
        absent: gathered.absent(),
    }
}

#[cfg(test)]
mod tests;
