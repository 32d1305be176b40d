//! What a bad line may do to a monitor with the S/5 Computer Interface: the simulated monitor through injected faults, in
//! virtual time, everything shown held against what the monitor said (I5, I10).

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use drivers::catalog::{StreamOptions, Transport};
use drivers::datex_dri::DatexDri;
use drivers::steps::STEPS_QUEUED_MAX;
use drivers::{Dialogue, LineFault, Seen, Step};
use simulators::device::{self, Device, Options};
use simulators::faults::{FaultOptions, Faults};
use simulators::patient::{Generator, Patient, Scenario};
use simulators::truth::Values;
use support::{Random, drain, ms};
use vitals::{Code, Measured, Observation, WaveBlock};

/// The monitor is looked at this often; a record leaves within it.
const TICK_MS: u64 = 50;

/// What a record said this long ago may still be shown: it waited for the next one, and one was lost between.
const SAID_FOR_MS: u64 = 16_000;

/// What fits the line beside these three curves.
const B_SERIES_S: u32 = 2;

/// Blocks of the last records.
const WAVES_KEPT: usize = 12;

#[derive(Clone, Copy, Debug)]
struct Line {
    scenario: Scenario,
    format: &'static str,
    level: &'static str,
    corrupt: f64,
    garbage: bool,
    seed: u64,
    minutes: u64,
}

const CLEAN: Line = Line {
    scenario: Scenario::Deterioration,
    format: "s5",
    level: "10",
    corrupt: 0.0,
    garbage: false,
    seed: 1,
    minutes: 60,
};

/// What came out of a line.
#[derive(Debug, Default)]
struct Tally {
    values: u32,
    reasons: u32,
    cuffs: u32,
    false_values: u32,
    worst: BTreeMap<&'static str, f64>,
    false_reasons: u32,
    too_young: u32,
    waves: u32,
    samples: BTreeMap<&'static str, u64>,
    false_waves: u32,
    gaps: u32,
    alarms: u32,
    false_alarms: u32,
    asked: u32,
    unknown: u32,
}

struct World {
    line: Line,
    patient: Generator,
    monitor: Box<dyn Device>,
    faults: Faults,
    dialogue: DatexDri,
    /// Hears the same without faults: what curves and alarms should have been.
    undisturbed: DatexDri,
    said: VecDeque<(u64, Values)>,
    waves: Vec<WaveBlock>,
    lists: VecDeque<(u64, Vec<String>)>,
    ends: BTreeMap<Code, u64>,
    tally: Tally,
}

fn dialogue(format: &str) -> DatexDri {
    let options = StreamOptions {
        format: Some(format),
        waves: Some(&[Code::EcgII, Code::Pleth, Code::AbpWave]),
        ..StreamOptions::usual(Transport::Serial)
    };
    DatexDri::new(&options).expect("these fit the line")
}

impl World {
    fn new(line: Line) -> World {
        let family = device::family("datex_dri").expect("the simulator has it");
        let mut options = vec![("dri_level", line.level), ("art", "yes"), ("co2", "yes")];
        if line.format == "b-series" {
            options.push(("b_series", "yes"));
        }
        let options = options
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let patient = Generator::new(line.seed, line.scenario);
        World {
            line,
            monitor: (family.make)(Box::new(patient.clone()), &Options(options.collect()))
                .expect("these options are the simulator's own"),
            patient,
            faults: Faults::new(FaultOptions {
                corrupt: line.corrupt,
                garbage: line.garbage,
                seed: line.seed,
                ..FaultOptions::default()
            }),
            dialogue: dialogue(line.format),
            undisturbed: dialogue(line.format),
            said: VecDeque::new(),
            waves: Vec::new(),
            lists: VecDeque::from([(0, Vec::new())]),
            ends: BTreeMap::new(),
            tally: Tally::default(),
        }
    }

    fn run(mut self) -> Tally {
        for tick in 1..self.line.minutes * 60_000 / TICK_MS {
            self.tick(tick * TICK_MS);
        }
        println!("{:?}\n    {:?}", self.line, self.tally);
        self.tally
    }

    fn tick(&mut self, now: u64) {
        let at = Duration::from_millis(now);
        for step in drain(&mut self.dialogue, ms(now)) {
            self.step(now, step);
        }
        drain(&mut self.undisturbed, ms(now));
        while let Some(chunk) = self.monitor.next(at) {
            if let Some(said) = chunk.truth {
                self.said.push_back((now, said));
            }
            self.undisturbed.heard(ms(now), &chunk.bytes);
            for step in drain(&mut self.undisturbed, ms(now)) {
                match step {
                    Step::Saw(Seen::Wave(block)) => self.waves.push(block),
                    Step::Saw(Seen::Alarms(list)) => {
                        let texts = list.into_iter().map(|alarm| alarm.text).collect();
                        self.lists.push_back((now, texts));
                    }
                    _ => {}
                }
            }
            let damaged = self.faults.damage(at, &chunk.bytes);
            self.dialogue.heard(ms(now), &damaged.bytes);
            for step in drain(&mut self.dialogue, ms(now)) {
                self.step(now, step);
            }
            // A frame without its last flag is whole when the next one begins.
            let old = self.waves.len().saturating_sub(WAVES_KEPT);
            self.waves.drain(..old);
        }
        self.said.retain(|(when, _)| now - when <= SAID_FOR_MS);
        while self.lists.len() > 40 {
            self.lists.pop_front();
        }
    }

    fn step(&mut self, now: u64, step: Step) {
        match step {
            Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                self.tally.asked += 1;
                self.monitor.hear(Duration::from_millis(now), &bytes);
            }
            Step::Saw(Seen::Vital(seen)) => self.vital(seen),
            Step::Saw(Seen::Earlier { seen, ago }) => {
                self.vital(seen);
                self.tally.cuffs += 1;
                let body = self.patient.at(Duration::from_millis(now));
                let nibp = body.nibp.expect("a made-up patient wears a cuff");
                // The monitor's clock has whole seconds.
                self.tally.too_young += u32::from(ago + Duration::from_secs(1) < nibp.age);
            }
            Step::Saw(Seen::Wave(block)) => self.wave(&block),
            Step::Saw(Seen::Alarms(list)) => {
                self.tally.alarms += 1;
                let rate = |(_, said): &(u64, Values)| said.get("hr")?.as_ref()?.parse::<f64>().ok();
                let is_said = |text: &String| match text.as_str() {
                    // The monitor says these in bits; they are told until its first alarm record is whole.
                    "Tachycardia" => self.said.iter().filter_map(rate).any(|rate| rate > 119.0),
                    "Bradycardia" => self.said.iter().filter_map(rate).any(|rate| rate < 51.0),
                    text => self
                        .lists
                        .iter()
                        .any(|(_, texts)| texts.iter().any(|said| said == text)),
                };
                let texts: Vec<String> = list.into_iter().map(|alarm| alarm.text).collect();
                if !texts.iter().all(is_said) {
                    println!("    false alarm: {texts:?}");
                    self.tally.false_alarms += 1;
                }
            }
            Step::Fault(LineFault::UnknownCode { .. }) => self.tally.unknown += 1,
            _ => {}
        }
    }

    fn vital(&mut self, seen: Observation) {
        let key = seen.code.key();
        let said: Vec<&Option<String>> = self
            .said
            .iter()
            .filter_map(|(_, values)| values.get(key))
            .collect();
        match seen.measured {
            Measured::Value(value) => {
                self.tally.values += 1;
                let text = Some(value.to_string());
                if !said.contains(&&text) {
                    self.tally.false_values += 1;
                    let was = said.iter().filter_map(|text| text.as_ref()?.parse::<f64>().ok());
                    let off = was
                        .map(|was| (was - value.as_f64()).abs())
                        .fold(f64::INFINITY, f64::min);
                    let worst = self.tally.worst.entry(key).or_default();
                    *worst = worst.max(off);
                    println!("    false: {key} {value}, said {said:?}");
                }
            }
            Measured::Absent(reason) => {
                self.tally.reasons += 1;
                if !said.contains(&&None) {
                    self.tally.false_reasons += 1;
                    println!("    false: {key} {reason:?}, said {said:?}");
                }
            }
        }
    }

    fn wave(&mut self, block: &WaveBlock) {
        self.tally.waves += 1;
        *self.tally.samples.entry(block.code.key()).or_default() += block.samples.len() as u64;
        let end = block.first_sample + block.samples.len() as u64;
        let before = self.ends.insert(block.code, end).unwrap_or(block.first_sample);
        assert!(block.first_sample >= before, "a sample is told twice");
        self.tally.gaps += u32::from(block.first_sample > before);
        let is_same = |was: &WaveBlock| was.code == block.code && was.samples == block.samples;
        if !self.waves.iter().any(is_same) {
            self.tally.false_waves += 1;
        }
    }
}

#[test]
fn a_clean_line_shows_everything_and_nothing_false() {
    for (scenario, format, level) in [
        (Scenario::Deterioration, "s5", "10"),
        (Scenario::Deterioration, "s5", "8"),
        (Scenario::ProbeOff, "b-series", "10"),
    ] {
        let tally = World::new(Line {
            scenario,
            format,
            level,
            ..CLEAN
        })
        .run();
        assert_eq!(
            (tally.false_values, tally.false_reasons, tally.too_young),
            (0, 0, 0)
        );
        assert_eq!((tally.false_waves, tally.false_alarms, tally.unknown), (0, 0, 0));
        // Thirteen values at each record; what jumps waits for the next one.
        let records = if format == "s5" {
            3600 / 5
        } else {
            3600 / B_SERIES_S
        };
        let shown = tally.values + tally.reasons;
        assert!(shown > records * 13 * 85 / 100, "{shown} of {}", records * 13);
        // Three parts of a result each five minutes.
        assert!((33..=36).contains(&tally.cuffs), "{}", tally.cuffs);
        // The lead and the artery are known after the second record.
        for (key, rate) in [("ecg_ii", 300), ("pleth", 100), ("abp", 100)] {
            let whole = if key == "pleth" && scenario == Scenario::ProbeOff {
                3600 * 3 / 4
            } else {
                3600
            };
            let least = (whole - 15) * rate;
            assert!(
                tally.samples[key] >= least,
                "{key} {} of {least}",
                tally.samples[key]
            );
        }
        if scenario == Scenario::Deterioration {
            // The set of curves changes once, when the artery is found.
            assert!(tally.gaps <= 3, "{}", tally.gaps);
            assert!(tally.alarms >= 6, "{}", tally.alarms);
        }
    }
}

#[test]
fn i5_wrong_bytes_show_nothing_false() {
    // README.md of the family has these figures.
    for (corrupt, seed) in [(0.2, 2), (0.05, 3), (0.01, 4), (0.001, 5), (0.0002, 6)] {
        for format in ["s5", "b-series"] {
            let tally = World::new(Line {
                corrupt,
                seed,
                format,
                ..CLEAN
            })
            .run();
            assert_eq!(
                (tally.false_values, tally.false_reasons, tally.too_young),
                (0, 0, 0),
                "{tally:?}"
            );
            assert_eq!(tally.false_alarms, 0, "{tally:?}");
            // Curves cannot be confirmed.
            assert!(tally.false_waves <= 10, "{tally:?}");
        }
    }
}

#[test]
fn i5_garbage_between_records_and_half_records_show_nothing_false() {
    for format in ["s5", "b-series"] {
        let tally = World::new(Line {
            garbage: true,
            format,
            ..CLEAN
        })
        .run();
        let shown_false = (
            tally.false_values,
            tally.false_reasons,
            tally.too_young,
            tally.false_alarms,
        );
        assert_eq!((shown_false, tally.false_waves), ((0, 0, 0, 0), 0), "{tally:?}");
        assert!(tally.values > 2000, "{tally:?}");
    }
}

#[test]
fn i5_random_bytes_show_nothing_and_ask_for_nothing_new() {
    let mut noise = Random(11);
    for flags in [0, 20, 200] {
        let (mut dialogue, mut sent) = (dialogue("s5"), 0);
        for tick in 0..6_000 {
            let mut bytes: Vec<u8> = (0..90).map(|_| noise.byte()).collect();
            // The more flags, the more frames.
            bytes
                .iter_mut()
                .filter(|_| noise.chance(flags))
                .for_each(|byte| *byte = 0x7E);
            dialogue.heard(ms(tick * 100), &bytes);
            for step in drain(&mut dialogue, ms(tick * 100)) {
                match step {
                    Step::Saw(seen) => panic!("{seen:?}"),
                    Step::Send(_) | Step::SendWhenKept(_) => sent += 1,
                    _ => {}
                }
            }
        }
        // Values and curves every 15 s for ten minutes.
        assert_eq!(sent, 2 * 600 / 15);
    }
}

#[test]
fn a_flood_in_one_go_is_bounded() {
    let mut world = World::new(CLEAN);
    drain(&mut world.dialogue, ms(0))
        .into_iter()
        .for_each(|step| world.step(0, step));
    let mut flood = Vec::new();
    for second in 0..600 {
        while let Some(chunk) = world.monitor.next(Duration::from_secs(second)) {
            flood.extend(chunk.bytes);
        }
    }
    let mut dialogue = dialogue("s5");
    dialogue.heard(ms(1000), &flood);
    assert!(flood.len() > 500_000);
    assert!(drain(&mut dialogue, ms(1000)).len() <= STEPS_QUEUED_MAX);
}

#[test]
fn a_slightly_disturbed_line_still_shows_most() {
    let tally = World::new(Line {
        corrupt: 0.0001,
        ..CLEAN
    })
    .run();
    assert!(tally.values > 720 * 13 * 60 / 100, "{tally:?}");
}
