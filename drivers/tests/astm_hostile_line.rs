//! What a bad line may do to a laboratory analyser: its frames have a sum of 8 bits, which lets one wrong frame in 256
//! through; what else stands between that and a false result is measured here. README.md of the family has the figures.

use std::collections::BTreeMap;
use std::time::Duration;

use drivers::astm::Astm;
use drivers::catalog::{StreamOptions, Transport};
use drivers::{Dialogue, Seen, Step};
use simulators::astm::Analyser;
use simulators::device::{Device, Options};
use simulators::faults::{FaultOptions, Faults, Silence};
use simulators::random::Random;
use vitals::{LabFlag, LabResult, MonoTime};

const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;

/// What was shown, against what the analyser said.
#[derive(Debug, Default)]
struct Tally {
    /// Results that the analyser sent, each once.
    said: usize,
    /// Results that were shown.
    shown: usize,
    /// Of them, those that it did not send, or not of that specimen.
    wrong: usize,
    /// Shown a second time.
    twice: usize,
    /// Messages that it counts as delivered.
    delivered: u64,
    /// Answers to a query.
    answered: u64,
}

fn letters(flag: LabFlag) -> &'static str {
    match flag {
        LabFlag::Normal => "N",
        LabFlag::Low => "L",
        LabFlag::High => "H",
        LabFlag::CriticalLow => "LL",
        LabFlag::CriticalHigh => "HH",
        _ => "?",
    }
}

fn said(result: &LabResult) -> (String, String) {
    let key = format!("{}/{}", result.specimen.reveal(), result.test.code);
    let text = format!("{} {} {}", result.value, result.unit, letters(result.flag));
    (key, text)
}

fn analyser(options: &[(&str, &str)]) -> Analyser {
    let options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Analyser::new(&Options(options.collect())).expect("good options")
}

fn dialogue(format: Option<&str>, transport: Transport) -> Astm {
    let options = StreamOptions {
        format,
        ..StreamOptions::usual(transport)
    };
    Astm::new(&options).expect("a format that is known")
}

/// A line, for so many hours; with `both`, what the post says is damaged as well.
struct Line {
    hours: u64,
    faults: FaultOptions,
    both: bool,
    format: Option<&'static str>,
    transport: Transport,
}

impl Line {
    fn usual(hours: u64, corrupt: f64) -> Line {
        Line {
            hours,
            faults: FaultOptions {
                corrupt,
                seed: 11,
                ..FaultOptions::default()
            },
            both: false,
            format: None,
            transport: Transport::Serial,
        }
    }

    fn play(&self, options: &[(&str, &str)]) -> Tally {
        let (mut device, mut post) = (analyser(options), dialogue(self.format, self.transport));
        let mut there = Faults::new(self.faults.clone());
        let mut back = Faults::new(FaultOptions {
            corrupt: if self.both { self.faults.corrupt } else { 0.0 },
            seed: self.faults.seed + 1,
            ..FaultOptions::default()
        });
        let (mut tally, mut truth) = (Tally::default(), BTreeMap::new());
        let mut shown: BTreeMap<String, u32> = BTreeMap::new();
        for tick in 0..self.hours * 3600 * 20 {
            let (at, now) = (
                Duration::from_millis(tick * 50),
                MonoTime::from_ms(1_000_000 + tick * 50),
            );
            while let Some(chunk) = device.next(at) {
                for (key, value) in chunk.truth.into_iter().flatten() {
                    truth.insert(key, value.expect("results are there"));
                }
                post.heard(now, &there.damage(at, &chunk.bytes).bytes);
            }
            loop {
                match post.step(now) {
                    Step::Send(bytes) | Step::SendWhenKept(bytes) => {
                        device.hear(at, &back.damage(at, &bytes).bytes);
                    }
                    Step::Saw(Seen::Lab(result)) => {
                        let (key, text) = said(&result);
                        let own = result.specimen.reveal().strip_prefix("S-");
                        let patient = own.map(|own| format!("PT-{own:0>4}"));
                        let ids: Vec<&String> = result.patient.ids.iter().map(|id| id.reveal()).collect();
                        tally.shown += 1;
                        let is_true =
                            truth.get(&key) == Some(&text) && ids == patient.iter().collect::<Vec<_>>();
                        tally.wrong += usize::from(!is_true);
                        let times = shown.entry(key).or_default();
                        *times += 1;
                        tally.twice += usize::from(*times > 1);
                    }
                    Step::Fault(_) => {}
                    Step::SleepUntil(until) => {
                        assert!(until > now);
                        break;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        tally.said = truth.len();
        (tally.delivered, tally.answered) = (device.delivered(), device.answered());
        println!(
            "{} h, {} % of the bytes wrong{}, {options:?}: {tally:?}",
            self.hours,
            self.faults.corrupt * 100.0,
            if self.both { " both ways" } else { "" }
        );
        tally
    }
}

#[test]
fn a_clean_line_shows_everything_once_in_every_style() {
    for (options, format, transport) in [
        (&[][..], None, Transport::Serial),
        (&[("frames", "cut")], None, Transport::Tcp),
        (&[("frames", "lax")], Some("lax"), Transport::Serial),
        (&[("framing", "bare")], None, Transport::Listen),
        (&[("query", "yes")], None, Transport::Serial),
        (&[("control", "yes")], None, Transport::Serial),
    ] {
        let line = Line {
            format,
            transport,
            ..Line::usual(2, 0.0)
        };
        let tally = line.play(options);
        assert_eq!((tally.wrong, tally.twice, tally.shown), (0, 0, tally.said));
        let specimens = if options.contains(&("control", "yes")) {
            80
        } else {
            120
        };
        assert_eq!(tally.shown, specimens * 5);
        if options.contains(&("query", "yes")) {
            assert!(
                tally.answered >= 110,
                "an analyser that asks does not hang: {tally:?}"
            );
        }
    }
}

/// Between clean neighbours one result comes over the bad line, and again until it is acknowledged: what the sum and the
/// rules for records let through. Returns frames that were acknowledged though damaged, and wrong results shown, of so many.
fn one_damaged_frame(corrupt: f64, frames: u64) -> (u64, u64) {
    let mut faults = Faults::new(FaultOptions {
        corrupt,
        seed: 3,
        ..FaultOptions::default()
    });
    let mut random = Random::new(17);
    let (mut taken, mut wrong) = (0, 0);
    for _ in 0..frames {
        let value = format!("{}.{:02}", random.below(30), random.below(100));
        let record = format!("R|1|^^^HGB|{value}|g/dL|12.0^16.0|L||F||op1|20240514112400|20240514112400\r");
        let mut post = dialogue(None, Transport::Serial);
        let mut now = MonoTime::from_ms(1_000);
        let clean = [
            frame(1, "H|\\^&|||SimHema^1.0|||||||P|LIS2-A2|20240514112500\r"),
            frame(2, "P|1||PT-0007||DOE^JANE||19600101|F\r"),
            frame(3, "O|1|S-1001||^^^CBC|R\r"),
        ];
        post.heard(now, &[ENQ]);
        clean.iter().for_each(|frame| post.heard(now, frame));
        while !matches!(post.step(now), Step::SleepUntil(_)) {}
        let damaged = faults.damage(Duration::ZERO, &frame(4, &record));
        if !damaged.corrupted {
            continue;
        }
        post.heard(now, &damaged.bytes);
        now = now + Duration::from_secs(3);
        let mut answers = Vec::new();
        while let Step::Send(bytes) | Step::SendWhenKept(bytes) = skip_faults(&mut post, now) {
            answers.extend(bytes);
        }
        if answers.last() != Some(&ACK) {
            continue;
        }
        // An ENQ among the wrong bytes is acknowledged as well, but then the next frame is refused.
        post.heard(now, &frame(5, "L|1|N\r"));
        let steps: Vec<Step> = std::iter::from_fn(|| match post.step(now) {
            Step::SleepUntil(_) => None,
            step => Some(step),
        })
        .collect();
        taken += u64::from(steps.contains(&Step::SendWhenKept(vec![ACK])));
        let told = steps.into_iter().find_map(|step| match step {
            Step::Saw(Seen::Lab(result)) => Some(result),
            _ => None,
        });
        let is_wrong = |result: &LabResult| {
            (
                result.test.code.as_str(),
                result.value.as_str(),
                result.unit.as_str(),
                result.flag,
            ) != ("HGB", value.as_str(), "g/dL", LabFlag::Low)
        };
        wrong += u64::from(told.is_some_and(|result| is_wrong(&result)));
    }
    let per_million = wrong as f64 / frames as f64 * 1e6;
    println!(
        "{} % of the bytes wrong: {frames} frames, {taken} damaged ones acknowledged, {wrong} wrong results shown \
         ({per_million:.1} in a million frames)",
        corrupt * 100.0
    );
    (taken, wrong)
}

fn skip_faults(post: &mut Astm, now: MonoTime) -> Step {
    loop {
        match post.step(now) {
            Step::Fault(_) => {}
            step => return step,
        }
    }
}

/// Written from the sheet.
fn frame(number: u8, text: &str) -> Vec<u8> {
    let inner = [&[b'0' + number], text.as_bytes(), &[3]].concat();
    let sum = inner.iter().map(|byte| u32::from(*byte)).sum::<u32>() % 256;
    [&[2][..], &inner, format!("{sum:02X}\r\n").as_bytes()].concat()
}

#[test]
fn i5_of_damaged_frames_few_are_shown() {
    // With few wrong bytes most damaged frames that are taken have only their line end damaged, and are right.
    for (corrupt, wrong_max) in [(0.2, 2), (0.05, 15), (0.01, 15), (0.001, 3)] {
        let (taken, wrong) = one_damaged_frame(corrupt, 40_000);
        assert!(wrong <= wrong_max && wrong <= taken, "{corrupt}: {taken} {wrong}");
    }
}

#[test]
fn i5_a_whole_day_at_the_worst_line_shows_nothing_wrong() {
    for corrupt in [0.2, 0.05, 0.01] {
        let tally = Line::usual(24, corrupt).play(&[]);
        assert_eq!(tally.wrong, 0, "{tally:?}");
    }
}

#[test]
fn i1_what_the_analyser_counts_as_delivered_was_shown_once() {
    for (corrupt, both) in [(0.001, false), (0.001, true), (0.005, true)] {
        let mut line = Line::usual(24, corrupt);
        line.both = both;
        let tally = line.play(&[]);
        assert_eq!(tally.wrong, 0, "{tally:?}");
        assert_eq!(tally.twice, 0, "{tally:?}");
        assert!(tally.shown as u64 >= 5 * tally.delivered, "{tally:?}");
        assert!(tally.delivered > 100, "{tally:?}");
    }
}

#[test]
fn i5_bursts_and_silences_show_nothing_wrong_and_lose_nothing() {
    let line = Line {
        faults: FaultOptions {
            garbage: true,
            silence: Some(Silence {
                quiet: Duration::from_secs(40),
                every: Duration::from_secs(300),
            }),
            seed: 5,
            ..FaultOptions::default()
        },
        ..Line::usual(24, 0.0)
    };
    let tally = line.play(&[]);
    assert_eq!((tally.wrong, tally.twice), (0, 0));
    assert!(
        tally.shown as u64 >= 5 * tally.delivered && tally.delivered > 1_000,
        "{tally:?}"
    );
}

#[test]
fn i5_random_bytes_show_nothing() {
    for transport in [Transport::Serial, Transport::Tcp] {
        for format in [None, Some("lax")] {
            let (mut random, mut post) = (Random::new(7), dialogue(format, transport));
            for tick in 0..20_000 {
                let now = MonoTime::from_ms(tick * 100);
                let bytes: Vec<u8> = (0..37).map(|_| random.byte()).collect();
                post.heard(now, &bytes);
                loop {
                    match post.step(now) {
                        Step::SleepUntil(_) => break,
                        Step::Saw(seen) => panic!("{seen:?}"),
                        _ => {}
                    }
                }
            }
        }
    }
}
