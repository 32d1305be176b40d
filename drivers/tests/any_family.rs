//! What every family promises whatever its line does: `support/promises.rs` has the promises by number.
//!
//! Generic over the catalogue: a new family is asked without a change here. Inputs are its own captures, damaged.

mod support;

use std::path::Path;
use std::time::Duration;

use drivers::catalog::{FAMILIES, Family, Kind};
use drivers::steps::STEPS_QUEUED_MAX;
use drivers::{Dialogue, Seen, Step};
use proptest::prelude::*;
use support::promises::{Line, STEPS_AT_ONCE_MAX, Told};
use support::script::{MARK, Moment, Script, Setting, is_finding, scripts, settings};
use support::{Random, ms};
use vitals::{Code, Decimal, Measured, Method, MonoTime, Observation, Quality, WaveBlock};

/// Damaged lines per family.
const LINES: u32 = 128;
/// A day of a slow device, or a minute of a fast one, in one go.
const FLOOD_BYTES: usize = 1 << 20;

fn streams() -> impl Iterator<Item = &'static Family> {
    FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Stream(_)))
}

fn play(settings: &[Setting], script: &Script) -> Told {
    let setting = &settings[usize::from(script.setting) % settings.len()];
    let line = Line {
        open: &|| setting.open(),
        bytes_per_s: setting.bytes_per_s(),
        is_datagrams: setting.is_datagrams(),
    };
    line.keep(&script.moments, script.cut)
}

/// What can happen to a line that is written down.
#[derive(Clone, Debug)]
enum Change {
    Replace { at: u16, with: u8 },
    Flip { at: u16, bit: u8 },
    Insert { at: u16, bytes: Vec<u8> },
    Remove { at: u16, count: u8 },
    Repeat { at: u16, count: u8 },
    Splice { from: u16, count: u8, at: u16 },
    Pause { at: u16, step: u8 },
    Truncate { at: u16 },
}

fn change() -> impl Strategy<Value = Change> {
    let (at, count) = (any::<u16>(), any::<u8>());
    prop_oneof![
        (at, any::<u8>()).prop_map(|(at, with)| Change::Replace { at, with }),
        (at, 0..8u8).prop_map(|(at, bit)| Change::Flip { at, bit }),
        (at, prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert { at, bytes }),
        (at, count).prop_map(|(at, count)| Change::Remove { at, count }),
        (at, count).prop_map(|(at, count)| Change::Repeat { at, count }),
        (at, count, at).prop_map(|(from, count, at)| Change::Splice { from, count, at }),
        (at, any::<u8>()).prop_map(|(at, step)| Change::Pause { at, step }),
        at.prop_map(|at| Change::Truncate { at }),
    ]
}

/// The change done; `other` is where splices come from.
fn damage(line: &mut Vec<u8>, change: &Change, other: &[u8]) {
    let end = |from: usize, count: u8, all: usize| (from + usize::from(count)).min(all);
    let place = |at: u16, all: usize| usize::from(at) % (all + 1);
    let length = line.len();
    match change {
        Change::Replace { at, with } => line
            .get_mut(place(*at, length))
            .into_iter()
            .for_each(|b| *b = *with),
        Change::Flip { at, bit } => line
            .get_mut(place(*at, length))
            .into_iter()
            .for_each(|b| *b ^= 1 << bit),
        Change::Insert { at, bytes } => {
            let at = place(*at, length);
            line.splice(at..at, bytes.iter().copied());
        }
        Change::Remove { at, count } => {
            let at = place(*at, length);
            line.drain(at..end(at, *count, length));
        }
        Change::Repeat { at, count } => {
            let at = place(*at, length);
            let again = line[at..end(at, *count, length)].to_vec();
            line.splice(at..at, again);
        }
        Change::Splice { from, count, at } => {
            let (from, at) = (place(*from, other.len()), place(*at, length));
            line.splice(
                at..at,
                other[from..end(from, *count, other.len())].iter().copied(),
            );
        }
        Change::Pause { at, step } => {
            let at = place(*at, length);
            line.splice(at..at, [MARK[0], MARK[1], *step]);
        }
        Change::Truncate { at } => line.truncate(place(*at, length)),
    }
}

#[test]
fn whole_captures_keep_every_promise_and_say_something() {
    for family in streams() {
        let settings = settings(family);
        let mut values = 0;
        for mut script in scripts(family) {
            for cut in [0, 1, 2, 7, 64, 255] {
                script.cut = cut;
                values += play(&settings, &script).seen.len();
            }
        }
        println!("{}: {} settings, {values} findings", family.name, settings.len());
        assert!(values > 0, "{}: nothing was asked of it", family.name);
    }
}

/// The inputs that `cargo xtask fuzz` kept, where there are some: they reach what captures do not.
#[test]
fn what_the_fuzzer_kept_keeps_every_promise() {
    for family in streams() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz/corpus")
            .join(family.name);
        let Ok(inputs) = std::fs::read_dir(&folder) else {
            continue;
        };
        let settings = settings(family);
        for input in inputs {
            let bytes = std::fs::read(input.expect("a readable folder").path()).expect("a readable input");
            play(&settings, &Script::decode(&bytes));
        }
    }
}

#[test]
fn i5_i10_damaged_captures_keep_every_promise() {
    for family in streams() {
        let (settings, scripts) = (settings(family), scripts(family));
        let lines: Vec<Vec<u8>> = scripts.iter().map(Script::encode).collect();
        let damaged = (
            0..lines.len(),
            0..lines.len(),
            any::<u8>(),
            any::<bool>(),
            prop::collection::vec(change(), 0..12),
        );
        let mut runner = runner();
        let result = runner.run(&damaged, |(one, other, cut, elsewhere, changes)| {
            let mut line = lines[one].clone();
            for change in &changes {
                damage(&mut line, change, &lines[other]);
            }
            let mut script = Script::decode(&line);
            script.cut = cut;
            if elsewhere {
                script.setting = script.setting.wrapping_add(cut);
            }
            play(&settings, &script);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{}: {error}", family.name));
    }
}

#[test]
fn i5_i10_random_bytes_keep_every_promise() {
    for family in streams() {
        let settings = settings(family);
        let moment = (0..3_000u64, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(pause, bytes)| {
            let pause = Duration::from_millis(pause);
            Moment { pause, bytes }
        });
        let random = (any::<u8>(), any::<u8>(), prop::collection::vec(moment, 0..20));
        let result = runner().run(&random, |(setting, cut, moments)| {
            let script = Script {
                setting,
                cut,
                moments,
            };
            play(&settings, &script);
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{}: {error}", family.name));
    }
}

fn runner() -> proptest::test_runner::TestRunner {
    proptest::test_runner::TestRunner::new(ProptestConfig {
        // What was found becomes a test case of its family, not a file of seeds.
        failure_persistence: None,
        ..ProptestConfig::with_cases(LINES)
    })
}

#[test]
fn a_flood_that_nobody_fetches_is_cut_to_a_queue() {
    for family in streams() {
        for setting in settings(family) {
            for (n, flood) in floods(family).iter().enumerate() {
                let mut dialogue = setting.open();
                let _ = dialogue.step(ms(1_000));
                for piece in flood.chunks(1_400) {
                    dialogue.heard(ms(1_000), piece);
                }
                let (mut findings, mut asleep) = (0, false);
                for _ in 0..STEPS_AT_ONCE_MAX {
                    let step = dialogue.step(ms(1_000));
                    asleep = matches!(step, Step::SleepUntil(_));
                    if asleep {
                        break;
                    }
                    findings += usize::from(is_finding(&step));
                }
                assert!(asleep, "{} does not come to an end", family.name);
                assert!(
                    findings <= STEPS_QUEUED_MAX,
                    "{}: {findings} findings wait in flood {n}",
                    family.name
                );
            }
        }
    }
}

/// Noise, and the family's captures over and over.
fn floods(family: &'static Family) -> Vec<Vec<u8>> {
    let mut random = Random(11);
    let noise = (0..FLOOD_BYTES).map(|_| random.byte()).collect();
    let told: Vec<u8> = scripts(family)
        .into_iter()
        .flat_map(|script| script.moments)
        .flat_map(|moment| moment.bytes)
        .collect();
    vec![noise, told.into_iter().cycle().take(FLOOD_BYTES).collect()]
}

#[test]
fn a_script_is_read_as_it_was_written() {
    for family in streams() {
        for script in scripts(family) {
            let bytes = script.encode();
            assert_eq!(Script::decode(&bytes).encode(), bytes);
        }
    }
    assert_eq!(Script::decode(&[]).moments, []);
}

/// A dialogue that breaks a promise with each byte that it hears.
struct Liar {
    lie: fn(&mut Liar, MonoTime, usize) -> Step,
    said: Vec<Step>,
    told: usize,
}

impl Dialogue for Liar {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        let step = (self.lie)(self, now, bytes.len());
        self.said.push(step);
        self.told += 1;
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.said
            .pop()
            .unwrap_or(Step::SleepUntil(now + Duration::from_secs(1)))
    }
}

fn broken(lie: fn(&mut Liar, MonoTime, usize) -> Step) -> String {
    let line = Line {
        open: &|| {
            Box::new(Liar {
                lie,
                said: Vec::new(),
                told: 0,
            })
        },
        bytes_per_s: 960,
        is_datagrams: false,
    };
    let moment = Moment {
        pause: Duration::from_millis(100),
        bytes: vec![1, 2, 3, 4],
    };
    let moments = vec![moment; 4];
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        line.keep(&moments, 0);
    }))
    .expect_err("a broken promise must be noticed");
    match broken.downcast::<String>() {
        Ok(said) => *said,
        Err(broken) => (*broken.downcast::<&str>().expect("it says which")).to_owned(),
    }
}

fn vital(code: Code, value: i64) -> Step {
    Step::Saw(Seen::Vital(Observation {
        code,
        measured: Measured::Value(Decimal::whole(value)),
        quality: Quality::Good,
        method: Method::Automatic,
        device_time: None,
    }))
}

#[test]
fn every_broken_promise_is_noticed() {
    let starts = |lie, number: &str| {
        let said = broken(lie);
        assert!(said.contains(number), "{number}: {said}");
    };
    starts(|_, _, count| vital(Code::Hr, 60 + count as i64), "P1");
    starts(|_, now, _| Step::SleepUntil(now), "P2");
    starts(|_, _, _| Step::Send(vec![0; 961]), "P3");
    starts(|_, _, _| vital(Code::Hr, 0), "P4");
    starts(|_, _, _| vital(Code::Pleth, 5), "P4");
    starts(
        |liar, _, _| {
            Step::Saw(Seen::Wave(WaveBlock {
                code: Code::Pleth,
                rate: (75, 1),
                first_sample: 10 * liar.told as u64,
                samples: vec![0; 11],
            }))
        },
        "P5",
    );
    starts(
        |_, _, _| {
            Step::Saw(Seen::Alarms(vec![vitals::DeviceAlarm {
                priority: vitals::Priority::Low,
                kind: vitals::AlarmKind::Physiological,
                text: "x".repeat(81),
            }]))
        },
        "P6",
    );
}
