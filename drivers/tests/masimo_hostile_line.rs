//! What a bad line may do to a Masimo device: hardly anything false may reach the screen, and nothing on a good line
//! (I5, I10). README.md of the family has the measured figures.

mod played;

use std::time::Duration;

use drivers::masimo::Masimo;
use drivers::{Dialogue, Step};
use played::{Play, Restless, Tally, play, wrong_bytes};
use simulators::device::Device;
use simulators::faults::FaultOptions;
use simulators::masimo as simulated;
use simulators::masimo::Model;
use simulators::patient::{Generator, Scenario};
use simulators::random::Random;
use vitals::MonoTime;

const MODELS: [Model; 3] = [Model::Rad8, Model::Radical7, Model::Radical5];

fn run(model: Model, hours: u64, faults: FaultOptions) -> Tally {
    let mut device = simulated::Masimo::new(model, Box::new(Restless::seeded(faults.seed)));
    let mut dialogue = Masimo::new(None).expect("the usual format");
    let (corrupt, seed) = (faults.corrupt, faults.seed);
    let line = Play {
        time: Duration::from_secs(hours * 3600),
        tick: Duration::from_millis(500),
        // This line and the one before.
        true_for: Duration::from_millis(1500),
        faults,
    };
    let tally = play(&mut device, &mut dialogue, &line);
    println!(
        "{model:?}, {hours} h, {} % of the bytes wrong, seed {seed}: {} lines, {} shown, {} false values, {} false reasons, \
         worst {:?}, faults {:?}",
        corrupt * 100.0,
        tally.said,
        tally.shown,
        tally.false_values,
        tally.false_reasons,
        tally.worst,
        tally.faults
    );
    assert_eq!((device.heard(), tally.sent.len()), (0, 0), "it only listens");
    tally
}

#[test]
fn a_clean_line_shows_every_line_and_nothing_false() {
    for model in MODELS {
        let tally = run(model, 1, wrong_bytes(0.0, 9));
        assert_eq!(tally.wrong(), 0);
        // Jumps wait for the next line; this patient jumps and loses the probe in 1 % of the seconds.
        assert!(tally.shown > tally.said * 3 * 90 / 100, "{tally:?}");
        assert!(tally.questionable > 0 && tally.reasons > 0, "{tally:?}");
        assert_eq!(tally.faults.keys().collect::<Vec<_>>(), ["Unconfirmed"]);
        assert!(!tally.alarms.is_empty());
    }
}

#[test]
fn a_calm_patient_on_a_clean_line_loses_hardly_anything() {
    let patient = Generator::new(3, Scenario::Stable);
    let mut device = simulated::Masimo::new(Model::Rad8, Box::new(patient));
    let mut dialogue = Masimo::new(None).expect("the usual format");
    let line = Play {
        time: Duration::from_secs(3600),
        tick: Duration::from_millis(500),
        true_for: Duration::from_millis(500),
        faults: wrong_bytes(0.0, 1),
    };
    let tally = play(&mut device, &mut dialogue, &line);
    assert_eq!(tally.wrong(), 0);
    // A pulse that changes by more than 3 within a second waits for the next line.
    assert!(tally.shown >= tally.said * 3 * 98 / 100, "{tally:?}");
}

#[test]
fn i5_wrong_bytes_show_hardly_anything_false() {
    for (corrupt, most_wrong) in [(0.2, 0), (0.05, 0), (0.01, 2), (0.001, 8)] {
        let mut wrong = 0;
        for (seed, model) in (1..).zip(MODELS) {
            let tally = run(model, 10, wrong_bytes(corrupt, seed));
            wrong += tally.wrong();
            assert_eq!(tally.false_reasons, 0);
            assert!(tally.worst.get("spo2").is_none_or(|off| *off <= 2.0), "{tally:?}");
            assert!(tally.worst.get("pr").is_none_or(|off| *off <= 3.0), "{tally:?}");
            assert!(tally.worst.get("pi").is_none_or(|off| *off <= 0.5), "{tally:?}");
        }
        println!(
            "{} % of the bytes wrong, thirty hours: {wrong} false",
            corrupt * 100.0
        );
        assert!(wrong <= most_wrong, "{corrupt}: {wrong}");
    }
}

#[test]
fn i5_bursts_of_garbage_and_half_lines_show_nothing_false() {
    let faults = FaultOptions {
        garbage: true,
        seed: 5,
        ..FaultOptions::default()
    };
    let tally = run(Model::Rad8, 2, faults);
    assert_eq!(tally.wrong(), 0);
    assert!(tally.shown > 1000, "{tally:?}");
}

#[test]
fn i5_random_bytes_and_random_text_show_nothing_and_are_counted() {
    for printable in [false, true] {
        let mut random = Random::new(3);
        let mut dialogue = Masimo::new(None).expect("the usual format");
        for tick in 0..20_000 {
            let now = MonoTime::from_ms(tick * 100);
            let bytes: Vec<u8> = (0..50)
                .map(|_| match (printable, random.byte()) {
                    (true, byte) if byte < 6 => b'\n',
                    (true, byte) => 0x20 + byte % 95,
                    (false, byte) => byte,
                })
                .collect();
            dialogue.heard(now, &bytes);
            loop {
                match dialogue.step(now) {
                    Step::SleepUntil(_) => break,
                    Step::Fault(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_jump_of_the_patient_is_shown_within_two_lines() {
    let line = |second: u64, spo2: u16| {
        let at = simulators::device_clock::SWITCHED_ON.after(Duration::from_secs(second));
        let reading = simulated::Reading {
            spo2: Some(spo2),
            pr: Some(72),
            pi: Some(360),
            alarm: 0,
            exc: 0x800,
        };
        simulated::line(Model::Rad8, at, reading).into_bytes()
    };
    let mut dialogue = Masimo::new(None).expect("the usual format");
    let mut first_low = None;
    for second in 0..20 {
        let now = MonoTime::from_ms(second * 1000);
        dialogue.heard(now, &line(second, if second < 10 { 97 } else { 70 }));
        loop {
            match dialogue.step(now) {
                Step::SleepUntil(_) => break,
                Step::Saw(seen) if format!("{seen:?}").contains("mantissa: 70") => {
                    first_low.get_or_insert(second);
                }
                _ => {}
            }
        }
    }
    assert_eq!(first_low, Some(11));
    let mut device = simulated::Masimo::new(Model::Rad8, Box::new(Restless::seeded(1)));
    assert!(device.next(Duration::ZERO).is_some());
}
