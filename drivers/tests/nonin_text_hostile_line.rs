//! What a bad line may do to a Nonin oximeter with text output: hardly anything false may reach the screen, and nothing on a
//! good line (I5, I10). README.md of the family has the measured figures.

mod played;

use std::time::Duration;

use drivers::nonin_text::NoninText;
use drivers::{Dialogue, LineFault, Step};
use played::{Play, Restless, Tally, play, wrong_bytes};
use simulators::faults::FaultOptions;
use simulators::nonin_text as simulated;
use simulators::nonin_text::Model;
use simulators::patient::{Generator, Scenario};
use vitals::MonoTime;

const MODELS: [Model; 2] = [Model::Handheld, Model::Avant];

fn run(model: Model, hours: u64, faults: FaultOptions) -> Tally {
    let mut device = simulated::NoninText::new(model, Box::new(Restless::seeded(faults.seed)));
    let mut dialogue = NoninText::new();
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
        assert!(tally.shown > tally.said * 2 * 90 / 100, "{tally:?}");
        assert!(tally.reasons > 0, "{tally:?}");
    }
}

#[test]
fn a_calm_patient_on_a_clean_line_loses_hardly_anything() {
    let patient = Generator::new(3, Scenario::Stable);
    let mut device = simulated::NoninText::new(Model::Handheld, Box::new(patient));
    let line = Play {
        time: Duration::from_secs(3600),
        tick: Duration::from_millis(500),
        true_for: Duration::from_millis(500),
        faults: wrong_bytes(0.0, 1),
    };
    let tally = play(&mut device, &mut NoninText::new(), &line);
    assert_eq!(tally.wrong(), 0);
    // A pulse that changes by more than 3 within a second waits for the next line.
    assert!(tally.shown >= tally.said * 2 * 98 / 100, "{tally:?}");
}

#[test]
fn i5_wrong_bytes_show_hardly_anything_false() {
    for (corrupt, most_wrong) in [(0.2, 0), (0.05, 0), (0.01, 2), (0.001, 4)] {
        let mut wrong = 0;
        for (seed, model) in (1..).zip(MODELS) {
            let tally = run(model, 10, wrong_bytes(corrupt, seed));
            wrong += tally.wrong();
            assert_eq!(tally.false_reasons, 0);
            assert!(tally.worst.get("spo2").is_none_or(|off| *off <= 2.0), "{tally:?}");
            assert!(tally.worst.get("pr").is_none_or(|off| *off <= 3.0), "{tally:?}");
        }
        println!(
            "{} % of the bytes wrong, twenty hours: {wrong} false",
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
    let tally = run(Model::Avant, 2, faults);
    assert_eq!(tally.wrong(), 0);
    assert!(tally.shown > 1000, "{tally:?}");
}

/// What is shown when these lines arrive at these milliseconds, and the faults.
fn told(lines: &[(u64, &str)]) -> (Vec<String>, Vec<LineFault>) {
    let mut dialogue = NoninText::new();
    let (mut shown, mut faults) = (Vec::new(), Vec::new());
    for (at, line) in lines {
        let now = MonoTime::from_ms(*at);
        dialogue.heard(now, format!("{line}\r\n").as_bytes());
        loop {
            match dialogue.step(now) {
                Step::SleepUntil(_) => break,
                Step::Saw(seen) => shown.push(drivers::tell::tell_seen(&seen)),
                Step::Fault(fault) => faults.push(fault),
                Step::Send(bytes) | Step::SendWhenKept(bytes) => panic!("I10: {bytes:?}"),
            }
        }
    }
    (shown, faults)
}

#[test]
fn t2_a_memory_that_is_printed_is_not_shown_although_each_line_confirms_the_other() {
    let mut lines = vec![(0, "SPO2=097 HR=070"), (1000, "SPO2=097 HR=070")];
    lines.extend((0..50).map(|n| (2000 + n * 100, "SPO2=085 HR=110")));
    let (shown, faults) = told(&lines);
    assert!(
        shown
            .iter()
            .all(|told| !told.contains("85") && !told.contains("110")),
        "{shown:?}"
    );
    assert!(
        shown.len() >= 2 && faults.contains(&LineFault::OutOfOrder),
        "{faults:?}"
    );
}

#[test]
fn t3_lines_that_have_a_clock_now_and_then_are_doubtful() {
    let (shown, _) = told(&[
        (0, "SPO2=097 HR=070"),
        (1000, "SPO2=097 HR=070"),
        (2000, "10:00:00 SPO2=096 HR=071"),
        (3000, "SPO2=097 HR=070"),
    ]);
    assert_eq!(shown, ["spo2 97", "pr 70"]);
}

#[test]
fn a_jump_of_the_patient_is_shown_within_two_lines() {
    let (shown, _) = told(&[
        (0, "SPO2=097 HR=070"),
        (1000, "SPO2=097 HR=070"),
        (2000, "SPO2=070 HR=070"),
        (3000, "SPO2=070 HR=070"),
    ]);
    assert!(shown.contains(&"spo2 70".to_owned()), "{shown:?}");
}
