//! What a bad line may do to a Contec device: nothing false may reach the screen (I5), the curve has no false hole, and
//! nothing but start and keep-alive is ever sent (I10). README.md of the family has the measured figures.

mod played;

use std::time::Duration;

use drivers::contec::Contec;
use drivers::{Dialogue, Step};
use played::{Play, Restless, Tally, play, wrong_bytes};
use simulators::contec as simulated;
use simulators::contec::Generation;
use simulators::faults::{FaultOptions, Silence};
use simulators::patient::{Generator, Scenario};
use simulators::random::Random;
use vitals::MonoTime;

const GENERATIONS: [Generation; 2] = [Generation::Seven, Generation::Old];

const START: [u8; 9] = [0x7D, 0x81, 0xA1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];
const KEEP_ALIVE: [u8; 9] = [0x7D, 0x81, 0xAF, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80];

fn line(minutes: u64, faults: FaultOptions) -> Play {
    Play {
        time: Duration::from_secs(minutes * 60),
        tick: Duration::from_millis(50),
        // A second of packets, and the two seconds for which a state must last.
        true_for: Duration::from_millis(2200),
        faults,
    }
}

fn run(generation: Generation, minutes: u64, faults: FaultOptions, format: Option<&str>) -> Tally {
    let mut device = simulated::Contec::new(generation, Box::new(Restless::seeded(faults.seed)));
    let mut dialogue = Contec::new(format).expect("a format that is known");
    let (corrupt, seed) = (faults.corrupt, faults.seed);
    let tally = play(&mut device, &mut dialogue, &line(minutes, faults));
    println!(
        "{generation:?}, {minutes} min, {} % of the bytes wrong, seed {seed}: {} packets, {} shown, {} false values, {} \
         false reasons, worst {:?}, {} samples missing, faults {:?}",
        corrupt * 100.0,
        tally.said,
        tally.shown,
        tally.false_values,
        tally.false_reasons,
        tally.worst,
        tally.samples_missing(),
        tally.faults
    );
    let known = |bytes: &&Vec<u8>| **bytes == START.to_vec() || **bytes == KEEP_ALIVE.to_vec();
    assert!(tally.sent.keys().all(|bytes| known(&bytes)), "{:?}", tally.sent);
    if generation == Generation::Seven {
        assert_eq!(device.refused(), 0);
    }
    tally
}

#[test]
fn a_clean_line_shows_every_second_and_the_whole_curve() {
    for generation in GENERATIONS {
        for format in [
            None,
            Some(if generation == Generation::Old {
                "old"
            } else {
                "v7"
            }),
        ] {
            let mut device =
                simulated::Contec::new(generation, Box::new(Generator::new(3, Scenario::Stable)));
            let mut dialogue = Contec::new(format).expect("a format that is known");
            let tally = play(&mut device, &mut dialogue, &line(30, wrong_bytes(0.0, 1)));
            let codes = if generation == Generation::Old { 2 } else { 3 };
            assert_eq!(tally.wrong(), 0);
            // The search at the beginning, and with "auto" the listening.
            assert!(
                tally.shown >= codes * (30 * 60 - 6),
                "{generation:?} {}",
                tally.shown
            );
            assert_eq!(tally.samples_missing(), 0);
            assert!(tally.faults.is_empty(), "{:?}", tally.faults);
            let samples: u64 = tally.curve.iter().map(|block| block.1).sum();
            assert!(samples >= (30 * 60 - 2) * 60, "{samples}");
            match generation {
                Generation::Old => assert!(tally.sent.is_empty()),
                Generation::Seven => {
                    assert_eq!(tally.sent[&START.to_vec()], 1);
                    assert!((1790..=1800).contains(&tally.sent[&KEEP_ALIVE.to_vec()]));
                }
            }
        }
    }
}

#[test]
fn a_restless_patient_on_a_clean_line_is_shown_as_he_is() {
    for generation in GENERATIONS {
        let tally = run(generation, 60, wrong_bytes(0.0, 9), None);
        assert_eq!(tally.wrong(), 0);
        assert!(tally.reasons > 100, "{tally:?}");
    }
}

#[test]
fn i5_wrong_bytes_show_nothing_false() {
    for generation in GENERATIONS {
        for corrupt in [0.2, 0.05, 0.01, 0.001] {
            let tally = run(generation, 60, wrong_bytes(corrupt, 4), None);
            assert_eq!(tally.wrong(), 0, "{tally:?}");
        }
    }
}

#[test]
fn i5_bursts_and_silences_show_nothing_false() {
    for generation in GENERATIONS {
        let faults = FaultOptions {
            garbage: true,
            silence: Some(Silence {
                quiet: Duration::from_secs(8),
                every: Duration::from_secs(60),
            }),
            seed: 5,
            ..FaultOptions::default()
        };
        let tally = run(generation, 60, faults, None);
        assert_eq!(tally.wrong(), 0);
        assert!(tally.shown > 4000, "{tally:?}");
    }
}

#[test]
fn i5_random_bytes_show_nothing_in_any_format() {
    for format in ["auto", "v7", "old", "tap"] {
        for (seed, burst) in [(1, 4), (2, 1), (3, 54), (4, 37)] {
            let mut random = Random::new(seed);
            let mut dialogue = Contec::new(Some(format)).expect("a format that is known");
            for tick in 0..10_000 {
                let now = MonoTime::from_ms(tick * 100);
                let bytes: Vec<u8> = (0..burst).map(|_| random.byte()).collect();
                dialogue.heard(now, &bytes);
                loop {
                    match dialogue.step(now) {
                        Step::SleepUntil(_) => break,
                        Step::Fault(_) => {}
                        Step::Send(_) | Step::SendWhenKept(_) if format == "auto" || format == "v7" => {}
                        // Three short packets in a row are possible by chance: a sample, never a value.
                        Step::Saw(drivers::Seen::Wave(_)) => {}
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    }
}
