//! A tiny Nonin device and a tiny random source for the tests of this crate.
//!
//! Written from the protocol sheet, apart from the drivers (and apart from the simulators, which are another program).
#![allow(dead_code, unused_imports, reason = "each test program uses its own part")]

pub mod captures;
pub mod promises;
pub mod script;

use std::time::Duration;

pub use drivers::tell::{tell, tell_fault, tell_seen};
use drivers::{Dialogue, Seen, Step};
use vitals::{Code, Measured, MonoTime, Observation};

/// Splitmix64: the same seed gives the same noise on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn byte(&mut self) -> u8 {
        self.next() as u8
    }

    /// True in `per_mille` of 1000 cases.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.next() % 1000 < per_mille
    }

    pub fn within(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % (high - low + 1) as u64) as i64
    }

    /// Replaces `per_mille` of the bytes by others.
    pub fn corrupt(&mut self, bytes: &mut [u8], per_mille: u64) {
        for byte in bytes {
            if self.chance(per_mille) {
                *byte ^= (self.next() % 255 + 1) as u8;
            }
        }
    }
}

/// What the patient's finger says in one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finger {
    pub spo2: u8,
    pub pr: u16,
    /// SNSA in formats 2 and 7, SNSD in format 8.
    pub off: bool,
}

pub const ON: Finger = Finger {
    spo2: 97,
    pr: 72,
    off: false,
};

/// 25 frames of format 2 or 7.
pub fn packet(format: u8, timer: u16, finger: Finger, pleth: impl Fn(usize) -> u16) -> Vec<u8> {
    let (spo2, pr) = if finger.off {
        (127, 511)
    } else {
        (finger.spo2, finger.pr)
    };
    let (msb, lsb) = ((pr >> 7) as u8, (pr & 0x7F) as u8);
    let mut bytes = Vec::new();
    for frame in 1..=25usize {
        let mut status = 0x80;
        status |= u8::from(frame == 1);
        status |= if finger.off { 0x08 } else { 0 };
        // Green perfusion for twelve frames of each packet: a pulse.
        status |= if (5..17).contains(&frame) && !finger.off {
            0x02
        } else {
            0
        };
        let rotating = match frame {
            1 | 14 | 20 | 22 => msb,
            2 | 15 | 21 | 23 => lsb,
            3 | 9 | 10 | 11 | 16 | 17 => spo2,
            4 => 0x94,
            6 => (timer >> 7) as u8 & 0x7F,
            7 => timer as u8 & 0x7F,
            _ => 0,
        };
        let curve = pleth(frame).to_be_bytes();
        let mut out = if format == 2 {
            vec![0x01, status, curve[1], rotating]
        } else {
            vec![status, curve[0], curve[1], rotating]
        };
        out.push(out.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
        bytes.extend(out);
    }
    bytes
}

/// 4 bytes of format 8.
pub fn packet8(finger: Finger) -> [u8; 4] {
    let (spo2, pr, flags) = if finger.off {
        (127, 511, 0x40)
    } else {
        (finger.spo2, finger.pr, 0)
    };
    [
        0x80 | flags | (pr >> 7) as u8 & 0x03,
        (pr & 0x7F) as u8,
        spo2,
        0x20,
    ]
}

/// A patient who wanders slowly, jumps now and then and loses the probe now and then.
pub struct Patient {
    random: Random,
    now: Finger,
    off_for: u32,
}

impl Patient {
    pub fn seeded(seed: u64) -> Self {
        Self {
            random: Random(seed),
            now: ON,
            off_for: 0,
        }
    }

    pub fn next_second(&mut self) -> Finger {
        let wander = |value: i64, by: i64, low: i64, high: i64| (value + by).clamp(low, high);
        let (by, by_pr) = if self.random.chance(10) {
            (self.random.within(-12, 12), self.random.within(-40, 40))
        } else {
            (self.random.within(-1, 1), self.random.within(-2, 2))
        };
        self.now.spo2 = wander(i64::from(self.now.spo2), by, 80, 100) as u8;
        self.now.pr = wander(i64::from(self.now.pr), by_pr, 40, 180) as u16;
        if self.off_for == 0 && self.random.chance(10) {
            self.off_for = 8;
        }
        self.off_for = self.off_for.saturating_sub(1);
        self.now.off = self.off_for > 0;
        self.now
    }
}

/// Everything a dialogue has to say now.
pub fn drain(dialogue: &mut dyn Dialogue, now: MonoTime) -> Vec<Step> {
    let mut steps = Vec::new();
    loop {
        match dialogue.step(now) {
            Step::SleepUntil(until) => {
                assert!(until > now, "a dialogue that sleeps until the past spins");
                return steps;
            }
            step => steps.push(step),
        }
        assert!(steps.len() < 10_000, "a dialogue must come to an end");
    }
}

/// The observations among the steps.
pub fn vitals(steps: &[Step]) -> Vec<Observation> {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Saw(Seen::Vital(seen)) => Some(*seen),
            _ => None,
        })
        .collect()
}

/// What the finger says about one code.
pub fn truth(finger: Finger, code: Code) -> Measured {
    use vitals::{AbsentReason, Decimal};
    if finger.off {
        return Measured::Absent(AbsentReason::ProbeOff);
    }
    Measured::Value(Decimal::whole(match code {
        Code::Spo2 => i64::from(finger.spo2),
        _ => i64::from(finger.pr),
    }))
}

/// Time in the tests: milliseconds since boot.
pub fn ms(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

pub const SECOND: Duration = Duration::from_secs(1);
