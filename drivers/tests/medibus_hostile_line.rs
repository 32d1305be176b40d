//! What a bad line may do to a MEDIBUS device, both ways: the simulated ventilator against the dialogue, in virtual time
//! (I4, I5, I10).

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use drivers::catalog::{BadOption, Kind, StreamOptions, Transport, family};
use drivers::medibus::Medibus;
use drivers::{Dialogue, Seen, Step};
use simulators::device::{self, Device, Options};
use simulators::faults::{FaultOptions, Faults};
use simulators::patient::{Generator, Scenario};
use simulators::truth::Values;
use support::{Random, drain, ms};
use vitals::{AbsentReason, Code, Decimal, Measured, Observation};

const TICK_MS: u64 = 10;

/// What was said this long ago may still be shown as new: a list, and the one before it.
const TRUE_FOR_MS: u64 = 2500;

/// One run.
#[derive(Clone, Copy)]
struct Run<'a> {
    scenario: Scenario,
    minutes: u64,
    /// Wrong bytes of 1000, in each direction.
    per_mille: u32,
    garbage: bool,
    seed: u64,
    waves: &'a [Code],
    options: &'a [(&'a str, &'a str)],
}

const STABLE: Run<'static> = Run {
    scenario: Scenario::Stable,
    minutes: 10,
    per_mille: 0,
    garbage: false,
    seed: 1,
    waves: &[],
    options: &[],
};

const CURVES: &[Code] = &[
    Code::AirwayPressureWave,
    Code::AirwayFlowWave,
    Code::Co2Wave,
    Code::Pleth,
];

/// What came out of a run.
#[derive(Debug, Default)]
struct Tally {
    shown: BTreeMap<&'static str, u32>,
    false_values: u32,
    false_reasons: u32,
    /// How far off false values were, by code.
    worst: BTreeMap<&'static str, f64>,
    lists: u32,
    alarms: Vec<Vec<String>>,
    faults: BTreeMap<String, u32>,
    /// Curves: samples, where the last block ended, when the first began, and holes.
    samples: BTreeMap<&'static str, u64>,
    ends: BTreeMap<&'static str, u64>,
    began: BTreeMap<&'static str, f64>,
    holes: u32,
    sessions: u32,
    quiet_ms_max: u64,
}

impl Tally {
    fn all_shown(&self) -> u32 {
        self.shown.values().sum()
    }

    fn saw(&mut self, at_ms: u64, seen: &Seen, said: &VecDeque<(u64, Values)>) {
        match seen {
            Seen::Vital(seen) => self.value(seen, said),
            Seen::Earlier { seen, ago } => {
                assert!(*ago < Duration::from_secs(60), "{ago:?}");
                self.value(seen, said);
            }
            Seen::Alarms(list) => {
                let texts = list.iter().map(|alarm| alarm.text.clone());
                self.alarms.push(texts.collect());
            }
            Seen::Wave(block) => {
                let key = block.code.key();
                assert_eq!(block.rate, (125, 2));
                if let Some(end) = self.ends.get(key) {
                    assert!(
                        block.first_sample >= *end,
                        "{key}: {} after {end}",
                        block.first_sample
                    );
                    self.holes += u32::from(block.first_sample > *end);
                }
                let count = block.samples.len() as u64;
                let end = block.first_sample + count;
                self.ends.insert(key, end);
                // The count keeps up with the clock whatever is lost.
                let began = *self
                    .began
                    .entry(key)
                    .or_insert(at_ms as f64 - count as f64 * 16.0);
                let ahead = end as f64 - (at_ms as f64 - began) / 16.0;
                assert!(ahead.abs() < 40.0, "{key}: {ahead} samples ahead of the clock");
                *self.samples.entry(key).or_default() += count;
            }
            Seen::Site { .. } | Seen::Alive | Seen::Lab(_) => {
                panic!("a ventilator says nothing about the post")
            }
        }
    }

    fn value(&mut self, seen: &Observation, said: &VecDeque<(u64, Values)>) {
        let key = seen.code.key();
        *self.shown.entry(key).or_default() += 1;
        let truths: Vec<&Option<String>> = said.iter().filter_map(|(_, values)| values.get(key)).collect();
        let is_true = |truth: &&Option<String>| match (truth, seen.measured) {
            (None, Measured::Absent(_)) => true,
            // What no patient can have is a reason, whatever the device says.
            (Some(_), Measured::Absent(AbsentReason::Implausible)) => {
                judged(seen.code, truth) == seen.measured
            }
            (Some(_), Measured::Value(value)) => Some(value.to_string()) == **truth,
            _ => false,
        };
        if truths.iter().any(is_true) {
            return;
        }
        println!("    false: {key} {:?} instead of {truths:?}", seen.measured);
        match seen.measured {
            Measured::Absent(_) => self.false_reasons += 1,
            Measured::Value(value) => {
                self.false_values += 1;
                let apart = |truth: &String| {
                    (truth.parse::<f64>().expect("the truth is a number") - value.as_f64()).abs()
                };
                let off = truths.iter().filter_map(|truth| truth.as_ref()).map(apart);
                let off = off.fold(f64::INFINITY, f64::min);
                let worst = self.worst.entry(key).or_default();
                *worst = off.max(*worst);
            }
        }
    }
}

/// What a number of the device is after I5.
fn judged(code: Code, truth: &Option<String>) -> Measured {
    let number = truth.as_ref().and_then(|text| text.parse().ok());
    let value = number.and_then(|number| Decimal::from_f64(number, 1));
    value.map_or(Measured::Absent(AbsentReason::NotAvailable), |value| {
        code.judge(value)
    })
}

/// I10: nothing but questions of the list, answers, and the bytes that let wanted curves begin.
fn check_sent(bytes: &[u8]) {
    const QUESTIONS: &[u8] = b"QR0$+'.#(*ST";
    match bytes {
        [0x1B, code, ..] => assert!(QUESTIONS.contains(code), "{bytes:02X?}"),
        [0x01, ..] => {}
        [0xD0, 0xC1, 0xC0..=0xCF, 0xC0, 0xC0] => {}
        _ => panic!("{bytes:02X?}"),
    }
}

fn ventilator(run: Run<'_>) -> Box<dyn Device> {
    let family = device::family("medibus").expect("the simulators have it");
    let options = run.options.iter();
    let options = options.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    (family.make)(
        Box::new(Generator::new(run.seed, run.scenario)),
        &Options(options.collect()),
    )
    .expect("the options of a run are right")
}

fn play(run: Run<'_>) -> Tally {
    let (mut device, mut medibus) = (
        ventilator(run),
        Medibus::new(Some(run.waves)).expect("the family has these curves"),
    );
    let faults = |seed| {
        Faults::new(FaultOptions {
            corrupt: f64::from(run.per_mille) / 1000.0,
            garbage: run.garbage,
            seed,
            ..FaultOptions::default()
        })
    };
    let (mut to_us, mut to_device) = (faults(run.seed), faults(run.seed + 1000));
    let (mut tally, mut said) = (Tally::default(), VecDeque::new());
    let mut last_sent = 0;
    for tick in 0..run.minutes * 60_000 / TICK_MS {
        let at_ms = tick * TICK_MS;
        let at = Duration::from_millis(at_ms);
        said.retain(|(when, _)| at_ms - when <= TRUE_FOR_MS);
        let mut steps = drain(&mut medibus, ms(at_ms));
        while let Some(chunk) = device.next(at) {
            if let Some(truth) = chunk.truth {
                said.push_back((at_ms, truth));
                tally.lists += 1;
            }
            medibus.heard(ms(at_ms), &to_us.damage(at, &chunk.bytes).bytes);
            steps.extend(drain(&mut medibus, ms(at_ms)));
        }
        for step in steps {
            match step {
                Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                    check_sent(&bytes);
                    tally.sessions += u32::from(bytes == *b"\x1bQ6C\r");
                    tally.quiet_ms_max = tally.quiet_ms_max.max(at_ms - last_sent);
                    last_sent = at_ms;
                    device.hear(at, &to_device.damage(at, &bytes).bytes);
                }
                Step::Saw(seen) => tally.saw(at_ms, &seen, &said),
                Step::Fault(fault) => {
                    let name = format!("{fault:?}");
                    let kind = name.split([' ', '{']).next().unwrap_or_default().to_owned();
                    *tally.faults.entry(kind).or_default() += 1;
                }
                Step::SleepUntil(_) => {}
            }
        }
    }
    println!(
        "{:?}, {} of 1000 bytes wrong, {} min, seed {}: {} shown of {} lists, {} false values, {} false reasons, worst {:?}, {} holes in curves, faults {:?}",
        run.scenario,
        run.per_mille,
        run.minutes,
        run.seed,
        tally.all_shown(),
        tally.lists,
        tally.false_values,
        tally.false_reasons,
        tally.worst,
        tally.holes,
        tally.faults
    );
    tally
}

#[test]
fn a_clean_line_shows_everything_and_nothing_false() {
    for (scenario, options) in [
        (Scenario::Stable, &[][..]),
        (Scenario::Deterioration, &[("co2", "kpa")]),
        (Scenario::Stable, &[("begins", "yes")]),
    ] {
        let tally = play(Run {
            scenario,
            options,
            waves: CURVES,
            ..STABLE
        });
        assert_eq!((tally.false_values, tally.false_reasons), (0, 0));
        for key in [
            "spo2", "pr", "hr", "rr", "etco2", "peep", "ppeak", "tv", "mv", "fio2", "temp",
        ] {
            let shown = tally.shown.get(key).copied().unwrap_or(0);
            // The first list of all waits for the second; a jump waits for the next list, and is overtaken if it goes on.
            assert!(
                shown * 100 >= tally.lists * 95,
                "{key}: {shown} of {}",
                tally.lists
            );
        }
        assert!(tally.lists >= 590, "{}", tally.lists);
        // A cuff measurement each five minutes: the first is of unknown age, the second is told once.
        assert_eq!(tally.shown.get("nibp_s"), Some(&1), "{:?}", tally.shown);
        assert_eq!((tally.holes, tally.samples.len()), (0, 4));
        for (key, samples) in &tally.samples {
            assert!((37_300..=37_500).contains(samples), "{key}: {samples}");
        }
        assert!(
            tally.sessions <= 1 && tally.quiet_ms_max <= 2000,
            "{} {}",
            tally.sessions,
            tally.quiet_ms_max
        );
        assert!(!tally.faults.contains_key("NoAnswer") && !tally.faults.contains_key("BadChecksum"));
    }
}

#[test]
fn i5_a_lost_probe_is_a_reason_and_an_alarm() {
    let tally = play(Run {
        scenario: Scenario::ProbeOff,
        minutes: 4,
        ..STABLE
    });
    assert_eq!((tally.false_values, tally.false_reasons), (0, 0));
    let lost = vec!["SPO2 SENSOR".to_owned()];
    let none: Vec<String> = Vec::new();
    assert_eq!(
        tally.alarms,
        [none.clone(), lost.clone(), none.clone(), lost, none]
    );
}

#[test]
fn i5_standby_shows_no_number() {
    let tally = play(Run {
        options: &[("standby", "yes")],
        minutes: 2,
        ..STABLE
    });
    assert_eq!((tally.false_values, tally.false_reasons), (0, 0));
    assert!(tally.shown["spo2"] > 100);
}

/// Three hours, three patients.
fn three_hours(per_mille: u32, garbage: bool) -> [u32; 3] {
    let patients = [Scenario::Deterioration, Scenario::ProbeOff, Scenario::Artefact];
    let mut sums = [0; 3];
    for (seed, scenario) in (1..).zip(patients) {
        let tally = play(Run {
            scenario,
            per_mille,
            seed,
            minutes: 60,
            garbage,
            ..STABLE
        });
        let known = ["SPO2 LOW", "SPO2 PULS HI", "RESP RATE HI", "SPO2 SENSOR"];
        let mut texts = tally.alarms.iter().flatten();
        assert!(
            texts.all(|text| known.contains(&text.as_str())),
            "{:?}",
            tally.alarms
        );
        let found = [tally.all_shown(), tally.false_values, tally.false_reasons];
        sums.iter_mut().zip(found).for_each(|(sum, found)| *sum += found);
    }
    println!(
        "{per_mille} of 1000 bytes wrong, garbage {garbage}: shown, false values, false reasons {sums:?}"
    );
    sums
}

#[test]
fn i5_a_bad_line_shows_nothing_false() {
    let clean = three_hours(0, false)[0];
    for (per_mille, garbage, least_percent) in [
        (1, false, 60),
        (10, false, 10),
        (20, false, 1),
        (50, false, 0),
        (200, false, 0),
        (0, true, 30),
        (10, true, 5),
    ] {
        let [shown, false_values, false_reasons] = three_hours(per_mille, garbage);
        assert!(shown * 100 >= clean * least_percent, "{shown} of {clean}");
        assert_eq!((false_values, false_reasons), (0, 0));
    }
}

#[test]
fn curves_on_a_bad_line_have_holes_and_never_go_back() {
    for per_mille in [1, 10, 50] {
        let tally = play(Run {
            per_mille,
            garbage: true,
            waves: CURVES,
            ..STABLE
        });
        assert_eq!(tally.false_values, 0);
        // With one byte of twenty wrong a session that brings curves hardly ever begins.
        let few = per_mille > 10;
        assert!(
            few || tally.holes > 0 && tally.samples["pleth"] > 10_000,
            "{:?}",
            tally.samples
        );
    }
}

#[test]
fn i5_random_bytes_show_nothing() {
    for (seed, burst) in [(1, 4), (2, 1), (3, 300), (4, 37)] {
        let (mut medibus, mut noise) = (Medibus::new(Some(CURVES)).unwrap(), Random(seed));
        for tick in 0..20_000 {
            let bytes: Vec<u8> = (0..burst).map(|_| noise.byte()).collect();
            medibus.heard(ms(tick * 100), &bytes);
            for step in drain(&mut medibus, ms(tick * 100)) {
                assert!(!matches!(step, Step::Saw(_)), "{step:?}");
            }
        }
    }
}

#[test]
fn a_flood_of_commands_is_bounded() {
    let mut medibus = Medibus::new(None).unwrap();
    medibus.heard(ms(0), &b"\x1b04B\r".repeat(10_000));
    let steps = drain(&mut medibus, ms(0));
    assert!(
        steps.len() <= drivers::steps::STEPS_QUEUED_MAX + 1,
        "{}",
        steps.len()
    );
}

#[test]
fn only_curves_of_the_family_can_be_wanted_and_there_is_no_format() {
    let Kind::Stream(open) = family("medibus").unwrap().kind else {
        panic!("medibus streams");
    };
    let usual = StreamOptions::usual(Transport::Serial);
    let wrong = StreamOptions {
        waves: Some(&[Code::EcgII]),
        ..usual
    };
    let error = open(&wrong).err().unwrap();
    assert_eq!(
        error.to_string(),
        "family medibus has no curve \"ecg_ii\": it has paw, flow, co2, pleth"
    );
    let format = StreamOptions {
        format: Some("x"),
        ..usual
    };
    assert!(matches!(open(&format), Err(BadOption::NoFormats { .. })));
    assert!(
        open(&StreamOptions {
            waves: Some(CURVES),
            ..usual
        })
        .is_ok()
    );
}
