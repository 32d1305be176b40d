//! The sheet's vectors from the encoding side, and what the monitor does when it is asked.

use super::*;
use crate::patient::{Generator, Scenario};

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

// As the sheet prints them.
const D1: &str = "7e310000000000000000000000000000000000000000ff000000000000000000000000000000000000010a000e000000\
    0000497e";
const D2: &str = "7e310000000000000000000000000000000000000000ff00000000000000000000000000000000000001000000000000\
    0000317e";
const D3: &str = "7e310000000000000000000000000000000000000000ff000000000000000000000000000000000000033c000e000000\
    00007d5d7e";
const D4: &str = "7e310000000000000000000000000000000000000000ff00000000000000000000000000000000000001050000000000\
    0000367e";
const D5: &str = "7e340000000000000000000000000004000000000000ff00000000000000000000000000000000000002000000000000\
    0000000000397e";
const D7: &str = "7e480000000000000000000000000001000000000000ff000000000000000000000000000000000000000000000108ff\
    00000000000000000000000000000000000000000000000000507e";
const D8: &str = "7e3e01050a3412809966660000000000000000010000ff0000000000000000000000000000000000007f9966660b0000\
    000012500014000180018012000000000009000180018001800180000000000a000180018001800180000000000b0001\
    80018001800180000000000c0001800180018001800300000008012c33d020ac264f00030000000b008d0e000000000c\
    0001800000000000000180000000000000018003000000000054244f00fa000180000000000a00018001800180ae1d00\
    000000000001800180000000000000018001800000000000000180018001800000000000000180018001800180018001\
    800180018000000000000001800180018001800000000000000180018001805000018001800000000000000180000000\
    000d000180018001800180000000000e00018001800180018000000000a1002a7e";
const D9: &str = "7e3600030a3412809966660000000001000000080000ff0000000000000000000000000000000000000400010000007d\
    5d00f9ff01802c019e7e";

fn sender() -> Sender {
    Sender {
        level: 10,
        plug: 0x1234,
        time: 1_718_000_000,
    }
}

#[test]
fn d8_the_published_record_comes_out_byte_by_byte() {
    let mut block = body::Block::new(0);
    block.group(0, 0b1011, 0x1200, &[80, 20, body::NO_VALUE, body::NO_VALUE, 18]);
    for (at, label) in [
        (16, 9),
        (30, 10),
        (44, 11),
        (58, 12),
        (94, 12),
        (132, 10),
        (240, 13),
        (254, 14),
    ] {
        block.group(at, 0, label, &[]);
    }
    block.group(72, 3, 0x108, &[13_100, 8_400, 9_900, 79]);
    block.group(86, 3, 11, &[3_725]);
    block.group(118, 3, 0, &[9_300, 79, 250]);
    block.put(144, 7_598);
    block.put(226, 80);
    let part = block.subrecord(1_717_999_999, 10);
    // The published class word has no class bits and A1 as its low byte.
    assert_eq!(frame::record(sender(), 0, 5, &[(1, part)]), unhex(D8));
}

#[test]
fn d9_the_published_curve_comes_out_byte_by_byte() {
    let mut part = vec![4, 0, 1, 0, 0, 0];
    part.extend(
        [125_i16, -7, -32_767, 300]
            .iter()
            .flat_map(|sample| sample.to_le_bytes()),
    );
    assert_eq!(frame::record(sender(), 1, 3, &[(8, part)]), unhex(D9));
}

#[test]
fn d11_a_question_with_any_byte_changed_is_not_heard() {
    let question = unhex(D1);
    for place in 0..question.len() {
        let mut bytes = question.clone();
        bytes[place] ^= 0x10;
        let mut ear = Ear::default();
        assert!(bytes.iter().all(|byte| ear.hear(*byte).is_none()), "byte {place}");
    }
    let mut ear = Ear::default();
    assert_eq!(question.iter().filter_map(|byte| ear.hear(*byte)).count(), 1);
}

fn monitor(options: &[(&str, &str)], scenario: Scenario) -> Box<dyn Device> {
    let options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    make(Box::new(Generator::new(7, scenario)), &Options(options.collect())).unwrap()
}

/// The main types of what leaves in a minute, with the second of each.
fn minute(device: &mut dyn Device, questions: &[(u64, &str)]) -> Vec<(u64, u8)> {
    let mut left = Vec::new();
    for tick in 0..600_u64 {
        let at = Duration::from_millis(tick * 100);
        for (_, question) in questions.iter().filter(|(second, _)| second * 10 == tick) {
            device.hear(at, &unhex(question));
        }
        while let Some(chunk) = device.next(at) {
            left.push((tick / 10, chunk.bytes[15]));
        }
    }
    left
}

#[test]
fn d1_it_is_silent_until_it_is_asked_and_stops_when_told() {
    let mut device = monitor(&[], Scenario::Stable);
    assert!(minute(device.as_mut(), &[]).is_empty());
    let seconds = minute(device.as_mut(), &[(3, D4), (30, D2), (40, D3)]);
    assert_eq!(seconds, [(8, 0), (13, 0), (18, 0), (23, 0), (28, 0)]);
}

#[test]
fn d2_the_rhythm_of_values_curves_and_alarms() {
    let mut device = monitor(&[("dri_level", "10")], Scenario::Stable);
    let left = minute(device.as_mut(), &[(0, D1), (0, D5), (0, D7)]);
    let count = |main: u8| left.iter().filter(|(_, of)| *of == main).count();
    assert_eq!((count(0), count(4)), (5, 1));
    assert!((118..=119).contains(&count(1)), "{}", count(1));
    // Below level 10 nobody hears of alarms.
    let mut old = monitor(&[("dri_level", "9")], Scenario::Stable);
    assert!(minute(old.as_mut(), &[(0, D5)]).is_empty());
}

#[test]
fn i5_without_a_finger_there_is_no_number_and_an_alarm() {
    let mut device = monitor(&[("dri_level", "10")], Scenario::ProbeOff);
    device.hear(Duration::ZERO, &unhex(D4));
    device.hear(Duration::ZERO, &unhex(D5));
    let (mut said, mut texts) = (Vec::new(), 0);
    for second in 0..60 {
        while let Some(chunk) = device.next(Duration::from_secs(second)) {
            said.extend(
                chunk
                    .truth
                    .map(|truth| (second, truth["spo2"].is_some(), truth["hr"].is_some())),
            );
            texts += usize::from(chunk.bytes.windows(9).any(|nine| nine == b"PROBE OFF"));
        }
    }
    assert_eq!(texts, 1);
    for (second, has_spo2, has_hr) in said {
        assert_eq!((has_spo2, has_hr), (second < 40, true), "{second}");
    }
}

#[test]
fn an_option_that_is_none_is_refused() {
    let options = Options(vec![("dri_level".to_owned(), "13".to_owned())]);
    let refused = make(Box::new(Generator::new(1, Scenario::Stable)), &options)
        .err()
        .unwrap();
    assert!(refused.contains("from 2 to 12"), "{refused}");
}
