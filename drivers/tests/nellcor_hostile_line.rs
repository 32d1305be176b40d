//! What a bad line may do to a Nellcor device: hardly anything false may reach the screen, and nothing on a good line
//! (I5); what is sent to it (I10). README.md of the family has the measured figures.

mod played;

use std::time::Duration;

use drivers::nellcor::Nellcor;
use drivers::{Dialogue, Step};
use played::{Play, Restless, Tally, play, wrong_bytes};
use simulators::device::{Chunk, Device};
use simulators::faults::{FaultOptions, Silence};
use simulators::nellcor as simulated;
use simulators::nellcor::Model;
use simulators::patient::{Generator, Scenario};
use simulators::random::Random;
use vitals::MonoTime;

const MODELS: [Model; 3] = [Model::N560, Model::N595, Model::Npb290];

fn line(hours: u64, faults: FaultOptions) -> Play {
    Play {
        time: Duration::from_secs(hours * 3600),
        tick: Duration::from_millis(500),
        // This line and the one before.
        true_for: Duration::from_millis(2500),
        faults,
    }
}

fn run(model: Model, hours: u64, faults: FaultOptions, format: &str) -> Tally {
    let mut device = simulated::Nellcor::new(model, Box::new(Restless::seeded(faults.seed)));
    let mut dialogue = Nellcor::new(Some(format)).expect("a format that is known");
    let (corrupt, seed) = (faults.corrupt, faults.seed);
    let tally = play(&mut device, &mut dialogue, &line(hours, faults));
    println!(
        "{model:?}, {hours} h, {} % of the bytes wrong, seed {seed}: {} lines, {} shown, {} false values, {} false reasons, \
         worst {:?}, sent {:?}, faults {:?}",
        corrupt * 100.0,
        tally.said,
        tally.shown,
        tally.false_values,
        tally.false_reasons,
        tally.worst,
        tally.sent,
        tally.faults
    );
    assert_eq!(device.refused(), 0, "nothing but going on is ever asked");
    tally
}

#[test]
fn a_clean_line_shows_every_line_and_nothing_false() {
    for model in MODELS {
        let tally = run(model, 1, wrong_bytes(0.0, 9), "ascii");
        assert_eq!(tally.wrong(), 0);
        assert!(tally.shown > tally.said * 2 * 80 / 100, "{tally:?}");
        assert!(tally.questionable > 0 && tally.reasons > 0, "{tally:?}");
        assert_eq!(tally.faults.keys().collect::<Vec<_>>(), ["Unconfirmed"]);
        assert!(tally.sent.is_empty() && !tally.alarms.is_empty());
    }
}

#[test]
fn a_calm_patient_on_a_clean_line_loses_hardly_anything() {
    let patient = Generator::new(3, Scenario::Stable);
    let mut device = simulated::Nellcor::new(Model::N560, Box::new(patient));
    let mut dialogue = Nellcor::new(None).expect("the usual format");
    let tally = play(&mut device, &mut dialogue, &line(1, wrong_bytes(0.0, 1)));
    assert_eq!(tally.wrong(), 0);
    // A pulse that changes by more than 3 within two seconds waits for the next line.
    assert!(tally.shown >= tally.said * 2 * 95 / 100, "{tally:?}");
}

#[test]
fn i5_wrong_bytes_show_hardly_anything_false() {
    for (corrupt, most_wrong) in [(0.2, 0), (0.05, 0), (0.01, 3), (0.001, 12)] {
        let mut wrong = 0;
        for (seed, model) in (1..).zip(MODELS) {
            let tally = run(model, 10, wrong_bytes(corrupt, seed), "ascii");
            wrong += tally.wrong();
            assert_eq!(tally.false_reasons, 0);
            assert!(tally.worst.get("spo2").is_none_or(|off| *off <= 2.0), "{tally:?}");
            assert!(tally.worst.get("pr").is_none_or(|off| *off <= 3.0), "{tally:?}");
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
    let tally = run(Model::N560, 2, faults, "ascii");
    assert_eq!(tally.wrong(), 0);
    assert!(tally.shown > 200, "{tally:?}");
}

#[test]
fn i10_a_silent_device_is_told_to_go_on_and_a_tapped_one_is_told_nothing() {
    let faults = FaultOptions {
        silence: Some(Silence {
            quiet: Duration::from_secs(20),
            every: Duration::from_secs(60),
        }),
        ..FaultOptions::default()
    };
    let tally = run(Model::N560, 1, faults.clone(), "ascii");
    assert_eq!(tally.sent.keys().collect::<Vec<_>>(), [&vec![0x11]]);
    assert!((120..=180).contains(&tally.sent[&vec![0x11]]), "{tally:?}");
    let tapped = run(Model::N560, 1, faults, "tap");
    assert!(tapped.sent.is_empty());
    assert_eq!(tapped.shown, tally.shown);
}

/// A device to which somebody sends XOFF, or opens its menu, in the tenth minute.
struct Disturbed(simulated::Nellcor, &'static [u8], bool);

impl Device for Disturbed {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        self.0.hear(at, bytes);
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if at >= Duration::from_secs(600) && !std::mem::replace(&mut self.2, true) {
            self.0.hear(at, self.1);
        }
        self.0.next(at)
    }
}

#[test]
fn a_stray_xoff_and_an_open_menu_are_overcome() {
    for (bytes, answer) in [(&[0x13][..], vec![0x11]), (&[3, 3][..], b"0\r\n".to_vec())] {
        let calm = simulated::Nellcor::new(Model::N595, Box::new(Generator::new(3, Scenario::Stable)));
        let mut device = Disturbed(calm, bytes, false);
        let mut dialogue = Nellcor::new(None).expect("the usual format");
        let tally = play(&mut device, &mut dialogue, &line(1, wrong_bytes(0.0, 1)));
        assert_eq!(tally.sent.get(&answer), Some(&1), "{tally:?}");
        assert_eq!(tally.sent.len(), 1);
        assert!(tally.shown > 3400, "{tally:?}");
        assert_eq!((tally.wrong(), device.0.refused()), (0, 0));
    }
}

#[test]
fn i5_random_bytes_and_random_text_show_nothing() {
    for printable in [false, true] {
        let mut random = Random::new(3);
        let mut dialogue = Nellcor::new(None).expect("the usual format");
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
