//! A bedside monitor: its values wander, and sometimes the patient gets worse.

use std::time::Duration;

use vitals::{BedId, Code, Decimal, DeviceId, MonoTime, Observation};

use crate::chance::Chance;

/// It says its values once a second.
const EVERY: Duration = Duration::from_secs(1);

/// An alarm about a cuff value is announced at once and over after five seconds without it: as soon as it can come again.
pub const STORM_EVERY_S: u64 = 7;
/// After so long everybody is well, so that what was raised can end.
const STORM_S: u64 = 590;

/// A monitor and the patient on it.
#[derive(Debug)]
pub struct Monitor {
    /// What the post calls it.
    pub device: DeviceId,
    /// When it speaks next, in true time.
    pub next: MonoTime,
    spo2: i64,
    pulse: i64,
    /// Seconds of a storm that have passed; none = a patient as patients are.
    storm: Option<u64>,
    /// The patient's oxygen stays low.
    low: bool,
}

impl Monitor {
    /// The monitor of a bed, with a patient who is well.
    pub fn at(bed: &BedId) -> Monitor {
        Monitor {
            device: format!("mon-{bed}").parse().expect("an id"),
            next: MonoTime::BOOT,
            spo2: 97,
            pulse: 80,
            storm: None,
            low: false,
        }
    }

    /// From now on two cuff values are too high and well again, over and over.
    pub fn storm(&mut self) {
        self.storm = Some(0);
    }

    /// From now on the patient's oxygen is low, and stays so.
    pub fn low(&mut self) {
        self.low = true;
    }

    /// What it says now.
    pub fn speaks(&mut self, chance: &mut Chance, now: MonoTime) -> (DeviceId, [Observation; 2]) {
        self.next = now + EVERY + chance.between(Duration::ZERO, Duration::from_millis(20));
        if let Some(second) = &mut self.storm {
            let is_high = *second % STORM_EVERY_S == 0 && *second < STORM_S;
            *second += 1;
            self.next = now + EVERY;
            let values = [(Code::NibpSys, 200, 120), (Code::NibpDia, 120, 70)];
            let seen = values.map(|(code, high, well)| {
                Observation::value(code, Decimal::whole(if is_high { high } else { well }))
            });
            return (self.device.clone(), seen);
        }
        let (worse, better) = (chance.percent(2), chance.percent(4));
        let (step, beat) = (chance.below(3) as i64 - 1, chance.below(5) as i64 - 2);
        self.spo2 = match (worse, better) {
            _ if self.low => 75,
            (true, _) => 84,
            (_, true) => 97,
            _ => (self.spo2 + step).clamp(70, 99),
        };
        self.pulse = (self.pulse + beat).clamp(50, 140);
        let values = [(Code::Spo2, self.spo2), (Code::Pr, self.pulse)];
        let seen = values.map(|(code, value)| Observation::value(code, Decimal::whole(value)));
        (self.device.clone(), seen)
    }
}
