//! The sheet's examples from the encoding side, and what a host sees of the ventilator.

use super::*;
use crate::patient::{Generator, Scenario};

fn ventilator(scenario: Scenario, options: &[(&str, &str)]) -> Box<dyn Device> {
    let options = options
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Ventilator::make(Box::new(Generator::new(5, scenario)), &Options(options.collect())).unwrap()
}

/// What the device sends in this time, every 10 ms.
fn heard(device: &mut dyn Device, from: Duration, length: Duration) -> Vec<Chunk> {
    let steps = (0..length.as_millis() as u64 / 10).map(|step| from + Duration::from_millis(step * 10));
    steps
        .flat_map(|at| std::iter::from_fn(|| device.next(at)).collect::<Vec<_>>())
        .collect()
}

fn bytes(chunks: &[Chunk]) -> Vec<u8> {
    chunks.iter().flat_map(|chunk| chunk.bytes.clone()).collect()
}

const SECOND: Duration = Duration::from_secs(1);

/// Sends a command and returns the answer.
fn ask(device: &mut dyn Device, at: Duration, command: &[u8]) -> Vec<u8> {
    device.hear(at, command);
    bytes(&heard(device, at, SECOND))
}

#[test]
fn the_examples_of_the_sheet_are_written_alike() {
    assert_eq!(wire::frame(ESC, b'Q', b""), [0x1B, 0x51, 0x36, 0x43, 0x0D]);
    assert_eq!(wire::frame(SOH, b'Q', b""), [0x01, 0x51, 0x35, 0x32, 0x0D]);
    assert_eq!(wire::frame(ESC, b'R', b""), [0x1B, 0x52, 0x36, 0x44, 0x0D]);
    assert_eq!(wire::frame(ESC, b'$', b""), [0x1B, 0x24, 0x33, 0x46, 0x0D]);
    assert_eq!(wire::frame(ESC, b'0', b""), [0x1B, 0x30, 0x34, 0x42, 0x0D]);
    assert_eq!(wire::frame(SOH, b'0', b""), [0x01, 0x30, 0x33, 0x31, 0x0D]);
    assert_eq!(wire::frame(SOH, NAK, b""), [0x01, 0x15, 0x31, 0x36, 0x0D]);
    let list = wire::frame(
        SOH,
        b'$',
        b"07  5278   57D  1888 450B9 7.2D6  26E1 104E6  38EB  84F0  40",
    );
    assert!(list.ends_with(b"76\r"));
    let alarms = wire::frame(SOH, b'\'', b"L07SPO2 LOW    D1ESPO2 PULS HI");
    assert!(alarms.ends_with(b"84\r"));
}

#[test]
fn lists_say_what_the_truth_says() {
    let vitals = Vitals {
        resp: Some(26.0),
        pulse: Some(104.2),
        spo2: Some(84.4),
        ..Vitals::default()
    };
    let (list, truth) = say::data(&vitals, Setting::default());
    let text = String::from_utf8(list).unwrap();
    assert!(
        text.starts_with("07  5278   57D  1788 422B911.0D6  26DC    E1 104E6  32EB  84F0  40C3    "),
        "{text}"
    );
    let said = |key: &str| truth[key].as_deref();
    assert_eq!(
        (said("peep"), said("tv"), said("mv")),
        (Some("5.1"), Some("422"), Some("11.0"))
    );
    assert_eq!((said("spo2"), said("hr"), said("temp")), (Some("84"), None, None));
    assert_eq!(say::alarms(&vitals), b"L07SPO2 LOW    ");
    let off = Vitals {
        probe_off: true,
        ..vitals
    };
    assert_eq!(say::alarms(&off), b"635SPO2 SENSOR ");
    assert_eq!(say::data(&off, Setting::default()).1["spo2"], None);
    assert_eq!(say::time(Duration::ZERO), b" 9:33:00 7-OKT-14");
    assert_eq!(
        say::texts(Setting::default()),
        b"064SIMV\x03205ADULT\x03224mmHg\x03"
    );
    assert!(say::curve_list().starts_with(b"00   16000  -20  100FFF01"));
}

#[test]
fn m1_every_command_has_one_answer_and_the_unknown_an_empty_one() {
    let mut device = ventilator(Scenario::Stable, &[]);
    assert_eq!(ask(device.as_mut(), SECOND, &wire::frame(ESC, b'$', b"")), b"");
    assert_eq!(ask(device.as_mut(), SECOND * 2, b"\x1bQ6C\r"), b"\x01Q52\r");
    assert!(ask(device.as_mut(), SECOND * 3, b"\x1bR6D\r").starts_with(b"\x01R8210'EVITA 4'"));
    assert_eq!(ask(device.as_mut(), SECOND * 4, b"\x1bR6E\r"), b"\x01\x1516\r");
    assert_eq!(
        ask(device.as_mut(), SECOND * 5, &wire::frame(ESC, b'A', b"99")),
        wire::frame(SOH, b'A', b"")
    );
}

#[test]
fn m2_curves_stand_between_the_bytes_of_a_list_and_the_line_carries_no_more_than_it_can() {
    let mut device = ventilator(Scenario::Stable, &[]);
    for (second, command) in [
        (1, wire::frame(ESC, b'Q', b"")),
        (2, wire::frame(ESC, b'T', b"0001010102010601")),
        (3, vec![0xD0, 0xC1, 0xCF, 0xC0, 0xC0]),
    ] {
        ask(device.as_mut(), SECOND * second, &command);
    }
    let all = ask(device.as_mut(), SECOND * 4, &wire::frame(ESC, b'$', b""));
    let (fast, slow): (Vec<u8>, Vec<u8>) = all.iter().partition(|byte| **byte >= 0x80);
    assert!((61..=64).contains(&fast.iter().filter(|byte| **byte == 0xDF).count()));
    assert!(slow.starts_with(b"\x01$07") && slow.ends_with(b"\r"));
    let begins = all.iter().position(|byte| *byte == SOH).unwrap();
    let ends = all.iter().position(|byte| *byte == b'\r').unwrap();
    assert!(all[begins..ends].iter().any(|byte| *byte >= 0x80));
    assert!(all.len() <= 19_200 / 11 + 16, "{}", all.len());
}

#[test]
fn m2_a_list_is_interrupted_by_a_command_now_and_then() {
    let mut device = ventilator(Scenario::Stable, &[]);
    ask(device.as_mut(), SECOND, b"\x1bQ6C\r");
    let mut interrupted = 0;
    for second in 2..22 {
        let answer = ask(device.as_mut(), SECOND * second, b"\x1b$3F\r");
        interrupted += usize::from(answer.windows(5).any(|five| five == b"\x1b04B\r"));
    }
    assert_eq!(interrupted, 3);
}

#[test]
fn m3_a_silent_host_is_gone() {
    let mut device = ventilator(Scenario::Stable, &[]);
    ask(device.as_mut(), SECOND, b"\x1bQ6C\r");
    assert!(!ask(device.as_mut(), SECOND * 3, b"\x1b$3F\r").is_empty());
    heard(device.as_mut(), SECOND * 4, SECOND * 3);
    assert_eq!(ask(device.as_mut(), SECOND * 7, b"\x1b$3F\r"), b"");
}

#[test]
fn a_ventilator_that_begins_calls_until_it_is_answered() {
    let mut device = ventilator(Scenario::Stable, &[("begins", "yes")]);
    assert_eq!(
        bytes(&heard(device.as_mut(), Duration::ZERO, SECOND * 4)),
        b"\x1bQ6C\r\x1bR6D\r".repeat(2)
    );
    device.hear(SECOND * 5, b"\x01Q52\r");
    assert_eq!(bytes(&heard(device.as_mut(), SECOND * 5, SECOND * 3)), b"");
    assert!(
        Ventilator::make(
            Box::new(Generator::new(1, Scenario::Stable)),
            &Options(vec![("co2".into(), "x".into())])
        )
        .is_err()
    );
}
