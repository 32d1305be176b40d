//! A simulated device, a bad line and a dialogue in virtual time: what is shown against what the device said.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use drivers::{Dialogue, LineFault, Seen, Step};
use simulators::device::Device;
use simulators::faults::{FaultOptions, Faults};
use simulators::patient::{Patient, Perfusion, Vitals};
use simulators::random::Random;
use simulators::truth::Values;
use vitals::{Measured, MonoTime, Observation};

/// How a line is played.
#[derive(Clone, Debug)]
pub struct Play {
    /// For how long.
    pub time: Duration,
    /// How often somebody looks.
    pub tick: Duration,
    /// What the device said within this time may be shown.
    pub true_for: Duration,
    /// What the line does to it.
    pub faults: FaultOptions,
}

/// What came out, against what the device really said.
#[derive(Debug, Default)]
pub struct Tally {
    /// Values and reasons that were shown.
    pub shown: u64,
    /// Of them, reasons.
    pub reasons: u64,
    /// Of them, questionable values.
    pub questionable: u64,
    /// Numbers that the device did not say.
    pub false_values: u64,
    /// Reasons where the device had a value.
    pub false_reasons: u64,
    /// The largest error of each code, in the unit of the code.
    pub worst: BTreeMap<&'static str, f64>,
    /// Lists of alarms.
    pub alarms: Vec<Vec<String>>,
    /// First sample and length of each block of the curve.
    pub curve: Vec<(u64, u64)>,
    /// What was sent, and how often.
    pub sent: BTreeMap<Vec<u8>, u64>,
    /// Faults of each kind.
    pub faults: BTreeMap<String, u64>,
    /// Chunks with values that left the device.
    pub said: u64,
}

impl Tally {
    /// Numbers and reasons that are not true.
    pub fn wrong(&self) -> u64 {
        self.false_values + self.false_reasons
    }

    /// Samples of the curve that never came, from the first to the last that did.
    pub fn samples_missing(&self) -> u64 {
        let mut next = self.curve.first().map_or(0, |block| block.0);
        let mut missing = 0;
        for (first, count) in &self.curve {
            assert!(*first >= next, "the curve ran backwards");
            missing += first - next;
            next = first + count;
        }
        missing
    }

    fn saw(&mut self, seen: Seen, truths: &VecDeque<(Duration, Values)>) {
        match seen {
            Seen::Vital(seen) => self.vital(seen, truths),
            Seen::Wave(block) => self.curve.push((block.first_sample, block.samples.len() as u64)),
            Seen::Alarms(list) => self
                .alarms
                .push(list.into_iter().map(|alarm| alarm.text).collect()),
            other => panic!("{other:?}"),
        }
    }

    fn vital(&mut self, seen: Observation, truths: &VecDeque<(Duration, Values)>) {
        self.shown += 1;
        self.questionable += u64::from(seen.quality == vitals::Quality::Questionable);
        let said: Vec<Option<&str>> = truths
            .iter()
            .filter_map(|(_, values)| values.get(seen.code.key()))
            .map(Option::as_deref)
            .collect();
        match seen.measured {
            Measured::Absent(_) => {
                self.reasons += 1;
                if !said.contains(&None) {
                    self.false_reasons += 1;
                    println!("    false: {seen:?} instead of {said:?}");
                }
            }
            Measured::Value(value) => {
                if said.contains(&Some(value.to_string().as_str())) {
                    return;
                }
                self.false_values += 1;
                println!("    false: {} {value} instead of {said:?}", seen.code.key());
                let off = said
                    .iter()
                    .flatten()
                    .filter_map(|text| text.parse::<f64>().ok())
                    .map(|was| (was - value.as_f64()).abs())
                    .fold(999.0, f64::min);
                let worst = self.worst.entry(seen.code.key()).or_default();
                *worst = worst.max(off);
            }
        }
    }
}

/// Plays a device against a dialogue. Everything that the dialogue sends reaches the device undamaged.
pub fn play(device: &mut dyn Device, dialogue: &mut dyn Dialogue, play: &Play) -> Tally {
    let mut faults = Faults::new(play.faults.clone());
    let (mut tally, mut truths, mut at) = (Tally::default(), VecDeque::new(), Duration::ZERO);
    while at < play.time {
        let now = MonoTime::from_ns(u64::try_from(at.as_nanos()).expect("hours"));
        drain(dialogue, device, now, at, &truths, &mut tally);
        while let Some(chunk) = device.next(at) {
            let damaged = faults.damage(at, &chunk.bytes);
            if let Some(values) = chunk.truth {
                tally.said += 1;
                truths.push_back((at, values));
            }
            while truths.front().is_some_and(|(said, _)| at - *said > play.true_for) {
                truths.pop_front();
            }
            dialogue.heard(now, &damaged.bytes);
            drain(dialogue, device, now, at, &truths, &mut tally);
        }
        at += play.tick;
    }
    tally
}

fn drain(
    dialogue: &mut dyn Dialogue,
    device: &mut dyn Device,
    now: MonoTime,
    at: Duration,
    truths: &VecDeque<(Duration, Values)>,
    tally: &mut Tally,
) {
    loop {
        match dialogue.step(now) {
            Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                device.hear(at, &bytes);
                *tally.sent.entry(bytes).or_default() += 1;
            }
            Step::Saw(seen) => tally.saw(seen, truths),
            Step::Fault(fault) => {
                let name = match fault {
                    LineFault::Resynchronised { .. } => "Resynchronised".to_owned(),
                    LineFault::UnknownCode { .. } => "UnknownCode".to_owned(),
                    other => format!("{other:?}"),
                };
                *tally.faults.entry(name).or_default() += 1;
            }
            Step::SleepUntil(until) => {
                assert!(until > now, "a dialogue that sleeps until the past spins");
                return;
            }
        }
    }
}

/// A line on which this part of the bytes is wrong.
pub fn wrong_bytes(corrupt: f64, seed: u64) -> FaultOptions {
    FaultOptions {
        corrupt,
        seed,
        ..FaultOptions::default()
    }
}

/// A patient who wanders slowly, jumps in 1 % of the seconds, and loses the probe as often.
pub struct Restless {
    random: Random,
    second: Option<u64>,
    now: Vitals,
    off_for: u32,
}

impl Restless {
    /// The same seed is the same patient.
    pub fn seeded(seed: u64) -> Restless {
        Restless {
            random: Random::new(seed),
            second: None,
            now: Vitals {
                spo2: Some(97.0),
                pulse: Some(72.0),
                resp: Some(15.0),
                ..Vitals::default()
            },
            off_for: 0,
        }
    }

    fn next_second(&mut self) {
        let jumps = self.random.below(100) == 0;
        let mut by = |calm: u64, wild: u64| {
            let most = if jumps { wild } else { calm };
            self.random.below(2 * most + 1) as f64 - most as f64
        };
        let (by_spo2, by_pulse) = (by(1, 12), by(2, 40));
        let add = |value: Option<f64>, by: f64, low: f64, high: f64| {
            value.map(|value| (value + by).clamp(low, high))
        };
        self.now.spo2 = add(self.now.spo2, by_spo2, 80.0, 100.0);
        self.now.pulse = add(self.now.pulse, by_pulse, 40.0, 180.0);
        if self.off_for == 0 && self.random.below(100) == 0 {
            self.off_for = 12;
        }
        self.off_for = self.off_for.saturating_sub(1);
        self.now.probe_off = self.off_for > 0;
        self.now.artefact = self.random.below(20) == 0;
        self.now.perfusion = match self.random.below(20) {
            0 => Perfusion::Low,
            1 => Perfusion::Marginal,
            _ => Perfusion::Good,
        };
    }
}

impl Patient for Restless {
    fn at(&mut self, t: Duration) -> Vitals {
        if self.second != Some(t.as_secs()) {
            self.second = Some(t.as_secs());
            self.next_second();
        }
        self.now.clone()
    }
}
