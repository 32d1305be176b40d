//! What a bad line may do to HL7: blocks have no checksum, TCP below them has. Bytes are replaced here all the same.

use std::collections::VecDeque;
use std::time::Duration;

use drivers::hl7::mllp::{Cut, Reader};
use drivers::hl7::{Found, Inbox, LocationField};
use drivers::mindray_pds::MindrayPds;
use drivers::{Dialogue, Seen, Step};
use simulators::device::{Device, Options};
use simulators::faults::{FaultOptions, Faults};
use simulators::hl7::Gateway;
use simulators::mindray_pds::Monitor;
use simulators::patient::{Generator, Patient, Scenario};
use simulators::truth::Values;
use vitals::{MonoTime, Observation, WallTime};

const SECONDS: u64 = 1_800;

/// What was shown, and what of it nobody had said within the last seconds.
#[derive(Debug, Default)]
struct Tally {
    shown: u32,
    false_values: u32,
    false_reasons: u32,
}

impl Tally {
    fn count(&mut self, seen: &Observation, said: &VecDeque<Values>) {
        self.shown += 1;
        let text = seen.measured.value().map(|value| value.to_string());
        let is_said = |values: &Values| values.get(seen.code.key()) == Some(&text);
        if !said.iter().any(is_said) {
            match text {
                Some(_) => self.false_values += 1,
                None => self.false_reasons += 1,
            }
        }
    }
}

fn patient() -> Box<dyn Patient> {
    Box::new(Generator::new(7, Scenario::Stable))
}

fn faults(corrupt: f64) -> Faults {
    Faults::new(FaultOptions {
        corrupt,
        seed: 11,
        ..FaultOptions::default()
    })
}

fn remember(said: &mut VecDeque<Values>, truth: Option<Values>) {
    said.extend(truth);
    while said.len() > 8 {
        said.pop_front();
    }
}

fn observation(seen: Seen) -> Option<Observation> {
    match seen {
        Seen::Vital(seen) | Seen::Earlier { seen, .. } => Some(seen),
        _ => None,
    }
}

/// Half an hour of two beds over one connection; answers always arrive whole.
fn gateway(corrupt: f64, waits: bool) -> Tally {
    let wait = [("wait", if waits { "yes" } else { "no" })];
    let field = LocationField::default();
    let locations = ["ICU^^1", "ICU^^2"].map(|text| field.location(text).expect("a location"));
    let mut inbox = Inbox::new(field.clone(), locations.to_vec());
    let mut senders = ["ICU^^1", "ICU^^2"].map(|bed| {
        let beds = [("beds", bed)];
        let options = wait.iter().chain(&beds);
        let options = options.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let gateway = Gateway::new(patient(), &Options(options.collect())).expect("good options");
        (gateway, Reader::default(), VecDeque::new(), faults(corrupt))
    });
    let mut tally = Tally::default();
    for tick in 0..SECONDS * 10 {
        let at = Duration::from_millis(tick * 100);
        let now = MonoTime::from_ms(1_000_000 + tick * 100);
        for (bed, (gateway, reader, said, faults)) in senders.iter_mut().enumerate() {
            while let Some(chunk) = gateway.next(at) {
                remember(said, chunk.truth);
                let mut cuts = Vec::new();
                reader.hear(now, &faults.damage(at, &chunk.bytes).bytes, &mut |cut| {
                    cuts.push(cut)
                });
                for cut in cuts {
                    let Cut::Message(message) = cut else { continue };
                    let letter = inbox.receive(now, WallTime::from_unix_ms(0), &message);
                    for found in letter.found {
                        let Found::Saw(source, seen) = found else { continue };
                        if let Some(seen) = observation(seen) {
                            assert_eq!(source, bed, "I3");
                            tally.count(&seen, said);
                        }
                    }
                    letter.answers.iter().for_each(|answer| gateway.hear(at, answer));
                }
            }
        }
    }
    println!("gateway, {corrupt} of the bytes wrong, waits {waits}: {tally:?}");
    tally
}

/// Half an hour of a monitor that is asked.
fn monitor(corrupt: f64) -> Tally {
    let (mut pds, mut device, mut faults) =
        (MindrayPds::new(), Monitor::new(patient(), true), faults(corrupt));
    let (mut tally, mut said) = (Tally::default(), VecDeque::new());
    for tick in 0..SECONDS * 10 {
        let at = Duration::from_millis(tick * 100);
        let now = MonoTime::from_ms(1_000_000 + tick * 100);
        while let Some(chunk) = device.next(at) {
            remember(&mut said, chunk.truth);
            pds.heard(now, &faults.damage(at, &chunk.bytes).bytes);
        }
        loop {
            match pds.step(now) {
                Step::Send(bytes) | Step::SendWhenKept(bytes) => device.hear(at, &bytes),
                Step::Saw(seen) => {
                    if let Some(seen) = observation(seen) {
                        tally.count(&seen, &said);
                    }
                }
                Step::Fault(_) => {}
                Step::SleepUntil(until) => {
                    assert!(until > now);
                    break;
                }
            }
        }
    }
    println!("monitor, {corrupt} of the bytes wrong: {tally:?}");
    tally
}

#[test]
fn a_clean_line_shows_everything_and_nothing_false() {
    for waits in [true, false] {
        let tally = gateway(0.0, waits);
        assert_eq!((tally.false_values, tally.false_reasons), (0, 0));
        assert!(tally.shown as u64 >= 2 * 5 * SECONDS, "{tally:?}");
    }
    let tally = monitor(0.0);
    assert_eq!((tally.false_values, tally.false_reasons), (0, 0));
    assert!(tally.shown as u64 >= 5 * (SECONDS - 20), "{tally:?}");
}

#[test]
fn i5_replaced_bytes_show_few_false_values() {
    // Without a checksum a digit that is another digit is a value: what TCP's own checksum must keep away.
    for (corrupt, values_max, reasons_max) in [(0.01, 8, 60), (0.05, 8, 60), (0.2, 0, 2)] {
        let tally = gateway(corrupt, false);
        assert!(
            tally.false_values <= values_max && tally.false_reasons <= reasons_max,
            "{tally:?}"
        );
    }
    // A monitor's values are confirmed by the next second.
    for (corrupt, values_max, reasons_max) in [(0.01, 0, 2), (0.05, 0, 2), (0.2, 0, 0)] {
        let tally = monitor(corrupt);
        assert!(
            tally.false_values <= values_max && tally.false_reasons <= reasons_max,
            "{tally:?}"
        );
    }
}

#[test]
fn i3_a_bed_is_never_taken_for_another_one_however_bad_the_line() {
    gateway(0.001, false);
    gateway(0.002, true);
}
