//! Whatever arrives: no panic, no implausible value, no memory without bound (I10, I5).

mod support;

use std::sync::Arc;

use drivers::modbus_map::{Answer, Found, LineTiming, Map, Poll, PollError, Poller, UnitPlan, builtin};
use drivers::nonin::{Format, Nonin};
use drivers::{Dialogue, Seen, Step};
use proptest::prelude::*;
use support::{Finger, drain, ms, packet, packet8};
use vitals::{Measured, Observation};

fn is_plausible(seen: &Observation) -> bool {
    match seen.measured {
        Measured::Value(value) => seen.code.judge(value) == Measured::Value(value),
        Measured::Absent(_) => true,
    }
}

fn format() -> impl Strategy<Value = Format> {
    prop_oneof![
        Just(Format::Auto),
        Just(Format::Two),
        Just(Format::Seven),
        Just(Format::Eight)
    ]
}

/// Bytes that look like a device for a while: packets of any content, cut and mixed with noise.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let finger = (0..=127u8, 0..=511u16, any::<bool>()).prop_map(|(spo2, pr, off)| Finger { spo2, pr, off });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        (
            finger.clone(),
            any::<u16>(),
            prop_oneof![Just(2), Just(7)],
            0..130usize
        )
            .prop_map(|(finger, timer, format, keep)| {
                let mut bytes = packet(format, timer % 16_384, finger, |frame| (frame * 31) as u16);
                bytes.truncate(keep);
                bytes
            }),
        finger.prop_map(|finger| packet8(finger).to_vec()),
    ]
}

fn feed(nonin: &mut Nonin, now: u64, bytes: &[u8], cut: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    for chunk in bytes.chunks(cut) {
        nonin.heard(ms(now), chunk);
        steps.extend(drain(nonin, ms(now)));
    }
    steps
}

proptest! {
    #[test]
    fn i10_any_bytes_in_any_cut_never_panic_nor_show_the_impossible(
        format in format(),
        lines in prop::collection::vec((0u64..1500, line(), 1usize..200), 0..60),
    ) {
        let mut nonin = Nonin::new(format);
        let mut now = 0;
        for (pause, bytes, cut) in lines {
            now += pause;
            for step in feed(&mut nonin, now, &bytes, cut) {
                match step {
                    Step::Send(bytes) => prop_assert!(false, "listen only, and it sent {bytes:?}"),
                    Step::Saw(Seen::Vital(seen)) => prop_assert!(is_plausible(&seen), "{seen:?}"),
                    Step::Saw(Seen::Wave(block)) => prop_assert_eq!(block.samples.len(), 25),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn the_curve_never_runs_backwards(
        lines in prop::collection::vec((0u64..1500, line()), 0..60),
    ) {
        let mut nonin = Nonin::new(Format::Auto);
        let (mut now, mut next) = (0, 0);
        for (pause, bytes) in lines {
            now += pause;
            for step in feed(&mut nonin, now, &bytes, 375) {
                if let Step::Saw(Seen::Wave(block)) = step {
                    prop_assert!(block.first_sample >= next);
                    next = block.first_sample + block.samples.len() as u64;
                }
            }
        }
    }

    #[test]
    fn any_text_as_a_map_gives_a_map_or_an_error_with_its_place(text in ".{0,200}") {
        if let Err(error) = Map::parse("any.toml", &text) {
            prop_assert!(error.line >= 1 && error.column >= 1);
            prop_assert!(error.to_string().starts_with("any.toml:"));
        }
    }

    #[test]
    fn a_damaged_built_in_map_never_panics(
        which in 0..3usize,
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..4),
    ) {
        let mut text: Vec<char> = drivers::modbus_map::BUILTIN[which].1.chars().collect();
        for (place, letter) in places {
            let place = place.index(text.len());
            text[place] = letter;
        }
        let text: String = text.into_iter().collect();
        if let Ok(map) = Map::parse("damaged.toml", &text) {
            for block in map.blocks() {
                prop_assert!(block.count + block.pad <= 125);
                prop_assert!(u32::from(block.addr) + u32::from(block.count + block.pad) <= 65_536);
            }
        }
    }

    #[test]
    fn any_answers_never_panic_nor_show_the_impossible(
        name in prop_oneof![Just("bedside-invented"), Just("epever-tracer"), Just("xy-md02")],
        answers in prop::collection::vec(answer(), 1..200),
    ) {
        let map = Arc::new(Map::parse(name, builtin(name).unwrap()).unwrap());
        let mut poller = Poller::new(vec![UnitPlan { unit: 7, map }], LineTiming::tcp());
        let mut now = ms(1000);
        let mut questions = 0;
        for answer in answers {
            let request = loop {
                match poller.next(now) {
                    Poll::Read(request) => break request,
                    Poll::SleepUntil(at) => {
                        prop_assert!(at > now);
                        now = at;
                    }
                }
            };
            questions += 1;
            let answer = answer.map(|words| match request.table.is_bits() {
                true => Answer::Bits(words.iter().map(|word| word & 1 == 1).collect()),
                // Half of the answers have the right length.
                false if words.len() % 2 == 0 => {
                    Answer::Words(words.iter().cycle().copied().take(usize::from(request.count)).collect())
                }
                false => Answer::Words(words),
            });
            for finding in poller.answered(now, 7, answer) {
                prop_assert!(finding.at <= now);
                if let Found::Saw(Seen::Vital(seen)) = finding.what {
                    prop_assert!(is_plausible(&seen), "{seen:?}");
                }
            }
        }
        prop_assert!(questions > 0);
    }
}

fn answer() -> impl Strategy<Value = Result<Vec<u16>, PollError>> {
    prop_oneof![
        4 => prop::collection::vec(any::<u16>(), 1..126).prop_map(Ok),
        1 => prop::collection::vec(0u16..200, 1..126).prop_map(Ok),
        1 => prop_oneof![
            Just(PollError::Timeout),
            Just(PollError::BadFrame),
            Just(PollError::WrongAnswer),
            Just(PollError::PortClosed),
            any::<u8>().prop_map(PollError::Exception),
        ]
        .prop_map(Err),
    ]
}
