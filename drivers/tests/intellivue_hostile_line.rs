//! What a bad line may do to an IntelliVue monitor: nothing may reach the screen that the monitor did not say (I5, I10).
//!
//! The simulated monitor speaks with the decoder in virtual time. On the serial port bytes are changed and every frame has a
//! 16-bit check: nothing false may be shown. A LAN does not deliver changed datagrams (Ethernet and UDP check them), it loses,
//! doubles and swaps them: that is what is done to it here.

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::time::Duration;

use drivers::catalog::{StreamOptions, Transport};
use drivers::intellivue::{IntelliVue, discovery};
use drivers::{Dialogue, LineFault, Seen, Step};
use simulators::device::{Device, Options};
use simulators::faults::{FaultOptions, Faults};
use simulators::intellivue::{Monitor, association};
use simulators::patient::{Generator, Scenario};
use support::{Random, drain, ms};
use vitals::{Code, DeviceAlarm, Measured, Observation, WaveBlock};

/// How long what the monitor said counts as true.
const TRUE_FOR_MS: u64 = 3000;

/// Virtual time goes in steps.
const STEP_MS: u64 = 8;

#[derive(Debug, Default)]
struct Tally {
    shown: u32,
    said: u32,
    false_values: u32,
    false_alarms: u32,
    alarm_lists: u32,
    gaps: u32,
    blocks: u32,
    faults: BTreeMap<String, u32>,
    not_requests: u32,
    sets: u32,
    refused_by_monitor: u64,
    sessions: u32,
}

/// What a line does to a message; nothing, or one or more to deliver.
type Line<'a> = dyn FnMut(u64, Vec<u8>) -> Vec<Vec<u8>> + 'a;

struct Run<'a> {
    transport: Transport,
    options: &'a [(&'a str, &'a str)],
    scenario: Scenario,
    waves: Option<&'a [Code]>,
    minutes: u64,
}

impl Run<'_> {
    fn tally(&self, line: &mut Line<'_>) -> Tally {
        let transport = match self.transport {
            Transport::Udp => "udp",
            _ => "serial",
        };
        let mut options = vec![("transport".to_owned(), transport.to_owned())];
        options.extend(
            self.options
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        let patient = Box::new(Generator::new(11, self.scenario));
        let mut monitor = Monitor::new(patient, &Options(options)).expect("the options are right");
        let mut dialogue = IntelliVue::new(&StreamOptions {
            waves: self.waves,
            ..StreamOptions::usual(self.transport)
        })
        .expect("the family has these curves");
        let mut check = Check::default();
        for at in (0..self.minutes * 60_000).step_by(STEP_MS as usize) {
            let device_at = Duration::from_millis(at);
            let mut steps = drain(&mut dialogue, ms(at));
            while let Some(chunk) = monitor.next(device_at) {
                check.said(at, &chunk);
                for bytes in line(at, chunk.bytes) {
                    dialogue.heard(ms(at), &bytes);
                    steps.extend(drain(&mut dialogue, ms(at)));
                }
            }
            for step in steps {
                if let Some(bytes) = check.step(at, step) {
                    monitor.hear(device_at, &bytes);
                }
            }
        }
        check.tally.refused_by_monitor = monitor.refused();
        check.tally
    }
}

/// Compares what is shown with what was said.
#[derive(Default)]
struct Check {
    tally: Tally,
    /// When, which code, what.
    truth: VecDeque<(u64, String, Option<String>)>,
    next_sample: BTreeMap<Code, u64>,
}

impl Check {
    fn said(&mut self, at: u64, chunk: &simulators::device::Chunk) {
        for (key, value) in chunk.truth.iter().flatten() {
            self.tally.said += u32::from(!key.starts_with("nibp"));
            self.truth.push_back((at, key.clone(), value.clone()));
        }
        while self
            .truth
            .front()
            .is_some_and(|(when, ..)| when + TRUE_FOR_MS < at)
        {
            self.truth.pop_front();
        }
    }

    fn step(&mut self, at: u64, step: Step) -> Option<Vec<u8>> {
        match step {
            Step::Saw(Seen::Vital(seen)) => {
                self.tally.shown += 1;
                self.compare(at, seen);
            }
            Step::Saw(Seen::Earlier { seen, ago }) => {
                // The generator's cuff measures every five minutes.
                assert!(ago <= Duration::from_secs(302), "{ago:?}");
                self.compare(at, seen);
            }
            Step::Saw(Seen::Wave(block)) => self.wave(&block),
            Step::Saw(Seen::Alarms(list)) => self.alarms(&list),
            Step::Saw(Seen::Site { .. } | Seen::Alive | Seen::Lab(_)) => {
                panic!("a monitor says nothing about the post")
            }
            Step::Fault(fault) => {
                let name = match fault {
                    LineFault::Resynchronised { .. } => "resynchronised".to_owned(),
                    other => format!("{other:?}"),
                };
                *self.tally.faults.entry(name).or_default() += 1;
            }
            Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                self.sent(&bytes);
                return Some(bytes);
            }
            Step::SleepUntil(_) => {}
        }
        None
    }

    /// I10: a session, the answer to its first event, questions; the list of curves where it is wanted.
    fn sent(&mut self, bytes: &[u8]) {
        let user_data = match bytes.first() {
            Some(0xC0) => unescaped(&bytes[1..])[4..].to_vec(),
            _ => bytes.to_vec(),
        };
        match (user_data[0], user_data.get(4..6), user_data.get(10..12)) {
            (0x0D, ..) => self.tally.sessions += 1,
            (0x09, ..) | (0xE1, Some([0, 2]), Some([0, 1])) | (0xE1, Some([0, 1]), Some([0, 7])) => {}
            (0xE1, Some([0, 1]), Some([0, 5])) => self.tally.sets += 1,
            _ => self.tally.not_requests += 1,
        }
    }

    fn compare(&mut self, at: u64, seen: Observation) {
        let shown = seen.measured.value().map(|value| value.to_string());
        let is_true = self
            .truth
            .iter()
            .any(|(_, key, value)| key == seen.code.key() && *value == shown);
        // What is not measured has no truth of its own.
        if !is_true {
            println!("    false at {at}: {seen:?}");
            self.tally.false_values += 1;
        }
    }

    fn wave(&mut self, block: &WaveBlock) {
        self.tally.blocks += 1;
        let next = self.next_sample.entry(block.code).or_insert(block.first_sample);
        assert!(block.first_sample >= *next, "samples are never repeated");
        self.tally.gaps += u32::from(block.first_sample > *next);
        *next = block.first_sample + block.samples.len() as u64;
        assert!(block.samples.iter().all(|sample| (0..1 << 14).contains(sample)));
    }

    fn alarms(&mut self, list: &[DeviceAlarm]) {
        const WORDS: [&str; 3] = ["SpO2 SENSOR OFF", "*** SpO2 LOW", "** HR HIGH"];
        self.tally.alarm_lists += 1;
        let is_false = |alarm: &&DeviceAlarm| !WORDS.contains(&alarm.text.as_str());
        self.tally.false_alarms += list.iter().filter(is_false).count() as u32;
    }
}

/// What stands in a frame.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let (mut plain, mut bytes) = (Vec::new(), bytes.iter());
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == 0x7D {
            bytes.next().expect("an escape is followed") ^ 0x20
        } else {
            *byte
        });
    }
    plain
}

/// Serial, with this part of the monitor's bytes changed.
fn serial(corrupt: f64, garbage: bool, scenario: Scenario, minutes: u64, seed: u64) -> Tally {
    let mut faults = Faults::new(FaultOptions {
        corrupt,
        garbage,
        seed,
        ..FaultOptions::default()
    });
    let run = Run {
        transport: Transport::Serial,
        options: &[],
        scenario,
        waves: None,
        minutes,
    };
    let tally = run.tally(&mut |at, bytes| {
        // Clean at the beginning of each minute, or no session would ever begin on a very bad line.
        let is_clean = at % 60_000 < 6000;
        let damaged = faults.damage(Duration::from_millis(at), &bytes).bytes;
        vec![if is_clean { bytes } else { damaged }]
    });
    println!("serial, {corrupt} of the bytes wrong, {minutes} min: {tally:?}");
    assert_eq!(
        (tally.not_requests, tally.sets, tally.refused_by_monitor),
        (0, 0, 0)
    );
    tally
}

#[test]
fn i5_the_serial_line_shows_nothing_false_whatever_part_of_its_bytes_is_wrong() {
    for (corrupt, seed) in [(0.0002, 1), (0.001, 2), (0.01, 3), (0.05, 4), (0.2, 5)] {
        let tally = serial(corrupt, true, Scenario::Deterioration, 20, seed);
        assert_eq!((tally.false_values, tally.false_alarms), (0, 0), "{tally:?}");
        assert!(tally.shown > 300, "{tally:?}");
        if corrupt < 0.002 {
            assert!(tally.shown > tally.said * 6 / 10, "{tally:?}");
        }
    }
}

#[test]
fn a_clean_serial_line_shows_everything_without_holes() {
    let tally = serial(0.0, false, Scenario::Deterioration, 15, 6);
    assert_clean(&tally);
    assert!(tally.alarm_lists >= 3, "{tally:?}");
}

fn assert_clean(tally: &Tally) {
    assert_eq!(
        (tally.false_values, tally.false_alarms, tally.gaps),
        (0, 0, 0),
        "{tally:?}"
    );
    assert_eq!(tally.sessions, 1);
    assert!(tally.faults.is_empty(), "{tally:?}");
    assert_eq!(tally.shown, tally.said);
    assert!(tally.blocks > 0);
}

#[test]
fn a_clean_lan_shows_everything_also_in_small_parts_and_other_units_and_with_curves_selected() {
    for (options, waves) in [
        (&[][..], None),
        (&[("small", "yes"), ("kpa", "yes")][..], None),
        (
            &[][..],
            Some(&[Code::EcgI, Code::EcgII, Code::EcgV, Code::Pleth, Code::RespWave][..]),
        ),
    ] {
        let run = Run {
            transport: Transport::Udp,
            options,
            scenario: Scenario::Stable,
            waves,
            minutes: 7,
        };
        let tally = run.tally(&mut |_, bytes| vec![bytes]);
        println!("udp, {options:?}: {tally:?}");
        assert_clean(&tally);
        assert_eq!(tally.sets, u32::from(waves.is_some()));
    }
}

#[test]
fn a_probe_that_falls_off_has_a_reason_and_its_curve_a_hole() {
    let run = Run {
        transport: Transport::Udp,
        options: &[],
        scenario: Scenario::ProbeOff,
        waves: None,
        minutes: 4,
    };
    let tally = run.tally(&mut |_, bytes| vec![bytes]);
    assert_eq!((tally.false_values, tally.false_alarms), (0, 0), "{tally:?}");
    assert_eq!(tally.gaps, 2, "{tally:?}");
    assert_eq!(tally.alarm_lists, 5, "{tally:?}");
}

#[test]
fn i5_a_lan_that_loses_doubles_and_swaps_datagrams_shows_nothing_false() {
    for per_mille in [10, 50, 200] {
        let mut random = Random(per_mille);
        let mut held: Option<Vec<u8>> = None;
        let run = Run {
            transport: Transport::Udp,
            options: &[("small", "yes")],
            scenario: Scenario::Deterioration,
            waves: None,
            minutes: 20,
        };
        let tally = run.tally(&mut |_, bytes| {
            let mut all = Vec::new();
            if random.chance(per_mille) {
                // Lost, or held back until after the next one.
                if random.chance(500) {
                    held = Some(bytes);
                }
                return all;
            }
            all.push(bytes.clone());
            all.extend(held.take());
            if random.chance(per_mille) {
                all.push(bytes);
            }
            all
        });
        println!("udp, {per_mille} of 1000 datagrams lost or swapped, as many doubled: {tally:?}");
        assert_eq!((tally.false_values, tally.false_alarms), (0, 0), "{tally:?}");
        assert!(tally.shown > tally.said * 6 / 10, "{tally:?}");
    }
}

#[test]
fn a_demonstration_shows_nothing() {
    let run = Run {
        transport: Transport::Udp,
        options: &[("demo", "yes")],
        scenario: Scenario::Stable,
        waves: None,
        minutes: 1,
    };
    let tally = run.tally(&mut |_, bytes| vec![bytes]);
    assert_eq!(
        (tally.shown, tally.blocks, tally.alarm_lists),
        (0, 0, 0),
        "{tally:?}"
    );
    assert!(tally.faults.contains_key("NotAPatient"));
}

#[test]
fn a_monitor_that_makes_itself_known_is_found() {
    let datagram = association::connect_indication(
        [0, 9, 0xFB, 1, 2, 3],
        Ipv4Addr::new(10, 0, 0, 7),
        24_105,
        "Bett 4 ü",
    );
    let found = discovery::connect_indication(&datagram).unwrap();
    assert_eq!(found.address, "10.0.0.7:24105".parse().unwrap());
    assert_eq!((found.bed_label.as_str(), found.wireless), ("Bett 4 ü", false));
}

#[test]
fn i10_no_bytes_whatever_make_it_panic_or_speak_of_a_patient() {
    let mut random = Random(9);
    for transport in [Transport::Udp, Transport::Serial] {
        let mut dialogue = IntelliVue::new(&StreamOptions::usual(transport)).unwrap();
        for at in 0..20_000 {
            let mut bytes: Vec<u8> = (0..random.within(0, 90)).map(|_| random.byte()).collect();
            if let (true, Some(first)) = (random.chance(700), bytes.first_mut()) {
                *first = [0xE1, 0x0E, 0x0C, 0x19, 0x0A, 0xC0][random.within(0, 5) as usize];
            }
            dialogue.heard(ms(at * 20), &bytes);
            let steps = drain(&mut dialogue, ms(at * 20));
            let saw = |step: &Step| {
                matches!(
                    step,
                    Step::Saw(Seen::Vital(Observation {
                        measured: Measured::Value(_),
                        ..
                    }))
                )
            };
            assert!(!steps.iter().any(saw));
        }
    }
}
