//! Published test vectors from the encoding side, and how the monitor behaves.

use super::bytes::{attribute, float, frame, list, u32s};
use super::results::Value;
use super::*;
use crate::patient::{Generator, Scenario};

const V4: &str = "0dec0508130100160102800014020002c1dc3180a0808001010000a280a003000001a4803080020101060452010001308006 \
    025101000000003080020102060c2a8648ce14020100000001013080060c2a8648ce14020100000002010000000000006180 \
    3080020101a0806080a180060c2a8648ce14020100000003010000be802880060c2a8648ce14020100000001010201028148 \
    8000000040000000000000008000000020000000000000000001002c00010028800000000004e200000003e8000003e8ffff \
    ffff600000000001000cf0010008880000000000000000000000000000000000000000000000";
const V5: &str = "0ece0508130100160102800014020002c1be3180a0808001010000a280a003000001a5803080800100810251010000308080 \
    0100810c2a8648ce14020100000002010000000061803080020101a0806180a180060c2a8648ce14020100000003010000a2 \
    03020100a305a103020100be80288002010281488000000040000000000000000080000080000000000000000001002c0001 \
    0028800000000004e200000003e8000003e8ffffffff600000000001000cf001000888000000000000000000000000000000 \
    0000000000000000";
const V6: &str = "e10000020002001400010001000e002100000000000000000d060000";
const V7: &str =
    "e10000020001002800110007002200210000000000000000f13b0014000200010006080300010008f13e000401b77400";
const V8: &str = "e1000002000200b80011000700b2002100000000f13b00a800020007000f4240ffffffffffffffff0001000608030002008e \
    00000000000000010005008282b30001000e0950000a418200000aa00000005083d50001000e0950000a4bb8a0000220007f \
    ffff826a0003003a099000082024061006132000f2370004ffffffff094b00220003001e4a0500000f20000000834a060000 \
    0f20000000544a0700000f200000006384080001000e0950000a4b48040017a0fe000e8d82ca00000000";
const V9: &str = "e10000020002008400120007007e002100000000f13b007400030000000f4240ffffffffffffffff0001003608010001005a \
    00000001005484010003004e0916000a0000000904000000040009020034000100304bb8003e040000080006000183d50204 \
    001e00038070000100056000001200530070004f00320020004c004f005700000904000400000000";
const V10: [&str; 3] = [
    "e100000200050044010100130007003c0021000000000c1600320004000f4240ffffffffffffffff0001000608030001001a \
    00010001001482b30001000e0950000a418200000aa000000050",
    "e100000200050044030200130007003c0021000000000c1600320004000f4240ffffffffffffffff0001000608030001001a \
    00010001001484080001000e0950000a4b48040017a0fe000e8d",
    "e1000002000200280013000700220021000000000c1600180004000f4240ffffffffffffffff00010006080300000000",
];
const V11: &str = "e10000020003000a00140009000400211234";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn value(physio: u16, state: u16, unit: u16, number: f64, places: u8) -> Value {
    Value {
        physio,
        state,
        unit,
        number: Some(number),
        places,
    }
}

const ASKED: Asked = Asked {
    invoke: 0x11,
    action: EXTENDED,
    number: 2,
    class: 6,
    group: 0x0803,
};

#[test]
fn v1_floats() {
    for (number, places, bytes) in [
        (80.0, 0, 0x0000_0050),
        (37.2, 1, 0xFF00_0174),
        (37.25, 2, 0xFE00_0E8D),
        (-1.5, 1, 0xFFFF_FFF1),
    ] {
        assert_eq!(float(Some(number), places), u32s(&[bytes]), "{number}");
    }
    assert_eq!(float(None, 0), u32s(&[0x007F_FFFF]));
}

#[test]
fn v2_and_v3_are_frames() {
    let v2 = hex("c01101001a09187de11661803080020101a080628080010000000000000000004108c1");
    let v3 = hex("c011010024e10000020001001c000900070016002100000000000000000c16000800090001003608112ed2c1");
    for vector in [v2, v3] {
        let messages = bytes::Frames::default().hear(&vector);
        assert_eq!(messages.len(), 1);
        assert_eq!(frame(&messages[0]), vector);
        let mut wrong = vector.clone();
        wrong[8] ^= 4;
        assert!(bytes::Frames::default().hear(&wrong).is_empty());
    }
}

#[test]
fn v4_is_granted_by_v5() {
    let request = Request::read(&hex(V4)).unwrap();
    assert_eq!(request.timeout(), Duration::from_secs(120));
    assert_eq!(request.mtu(), 1000);
    assert_eq!(request.granted(), hex(V5));
    let mut small = hex(V4);
    let at = small.windows(4).position(|four| four == [0, 0, 3, 0xE8]).unwrap();
    small[at + 2] = 0;
    assert_eq!(Request::read(&small), None);
}

#[test]
fn v8_is_a_result_of_v7() {
    let empty = (1, 0x82CA, Vec::new());
    let numeric = |handle, value: Value| (1, handle, vec![attribute(0x0950, &value.bytes())]);
    let pressures = [(0x4A05, 131.0), (0x4A06, 84.0), (0x4A07, 99.0)]
        .map(|(physio, number)| value(physio, 0, 0x0F20, number, 0).bytes());
    let missing = Value {
        number: None,
        ..value(0x4BB8, 0xA000, 0x0220, 0.0, 0)
    };
    let objects = [
        numeric(0x82B3, value(0x4182, 0, 0x0AA0, 80.0, 0)),
        numeric(0x83D5, missing),
        (
            1,
            0x826A,
            vec![
                attribute(0x0990, &bytes::absolute(1_718_000_000)),
                attribute(0xF237, &u32s(&[u32::MAX])),
                attribute(0x094B, &list(&pressures)),
            ],
        ),
        numeric(0x8408, value(0x4B48, 0x0400, 0x17A0, 37.25, 2)),
        empty,
    ];
    assert_eq!(results::result(ASKED, 7, 1_000_000, &[0], &objects), hex(V8));
}

#[test]
fn v9_is_an_alarm() {
    let asked = Asked {
        invoke: 0x12,
        number: 3,
        class: 54,
        group: 0x0801,
        ..ASKED
    };
    let alarm = results::Alarm {
        source: 0x4BB8,
        code: 62,
        kind: 0x0400,
        state: 8,
        handle: 0x83D5,
        text: "SpO2 LOW",
    };
    let mut object = body::alarm_object(&(vec![alarm], Vec::new()), 9, false);
    object.1 = 0x8401;
    object.0 = 0;
    assert_eq!(results::result(asked, 0, 1_000_000, &[], &[object]), hex(V9));
}

#[test]
fn v10_is_a_linked_result_with_an_empty_end() {
    let asked = Asked {
        invoke: 0x13,
        action: SINGLE,
        number: 4,
        ..ASKED
    };
    let numeric = |handle, value: Value| [(1, handle, vec![attribute(0x0950, &value.bytes())])];
    let first = numeric(0x82B3, value(0x4182, 0, 0x0AA0, 80.0, 0));
    let second = numeric(0x8408, value(0x4B48, 0x0400, 0x17A0, 37.25, 2));
    let made = [
        results::part(asked, [1, 1], 0, 1_000_000, &first),
        results::part(asked, [3, 2], 0, 1_000_000, &second),
        results::result(asked, 0, 1_000_000, &[], &[]),
    ];
    assert_eq!(made, V10.map(hex));
}

#[test]
fn v11_is_an_error() {
    assert_eq!(results::no_such_action(0x14, 0x1234), hex(V11));
}

/// A monitor over UDP with a stable patient, in a session.
fn in_a_session() -> Monitor {
    let patient = Box::new(Generator::new(7, Scenario::Stable));
    let mut monitor = Monitor::new(patient, &Options::default()).unwrap();
    monitor.hear(Duration::ZERO, &hex(V4));
    assert_eq!(said(&mut monitor, 0).len(), 2);
    monitor.hear(Duration::from_millis(10), &hex(V6));
    monitor
}

fn said(monitor: &mut Monitor, ms: u64) -> Vec<Chunk> {
    std::iter::from_fn(|| monitor.next(Duration::from_millis(ms))).collect()
}

#[test]
fn p1_a_client_that_does_not_answer_or_falls_silent_is_cut_off() {
    let patient = Box::new(Generator::new(7, Scenario::Stable));
    let mut monitor = Monitor::new(patient, &Options::default()).unwrap();
    monitor.hear(Duration::ZERO, &hex(V4));
    let mut heard = Vec::new();
    for second in 0..20 {
        heard.extend(
            said(&mut monitor, second * 1000)
                .into_iter()
                .map(|chunk| chunk.bytes[0]),
        );
    }
    assert_eq!(heard, [0x0E, 0xE1, 0xE1, 0xE1, 0x19]);

    let mut monitor = in_a_session();
    assert!(said(&mut monitor, 119_000).is_empty());
    assert_eq!(said(&mut monitor, 120_010)[0].bytes[0], 0x19);
}

#[test]
fn p2_what_was_asked_for_comes_every_1024_ms_with_its_truth() {
    let mut monitor = in_a_session();
    monitor.hear(Duration::from_millis(20), &hex(V7));
    for (count, ms) in [(1, 20), (0, 1043), (1, 1044), (1, 2068)] {
        let chunks = said(&mut monitor, ms);
        assert_eq!(chunks.len(), count, "at {ms} ms");
        for chunk in chunks {
            let truth = chunk.truth.unwrap();
            assert_eq!(truth.len(), 8, "{truth:?}");
        }
    }
}

#[test]
fn p3_a_set_of_anything_but_curves_is_refused_and_counted() {
    let mut monitor = in_a_session();
    let set = |attribute: &str| {
        format!(
            "e1000002 0001 0026 0003 0005 0020 002100000000 00000000 0001 0012 0000 {attribute} 000c 0002 0008 \
             00020102 00024bb4"
        )
    };
    monitor.hear(Duration::from_millis(20), &hex(&set("f23a")));
    assert_eq!(said(&mut monitor, 20)[0].bytes[5], 2);
    assert_eq!(monitor.session.as_ref().unwrap().selected, [0x0102, 0x4BB4]);
    monitor.hear(Duration::from_millis(30), &hex(&set("f239")));
    assert_eq!(said(&mut monitor, 30)[0].bytes[5], 3);
    assert_eq!(monitor.refused(), 1);
}

#[test]
fn p4_a_small_message_size_makes_linked_parts() {
    let patient = Box::new(Generator::new(7, Scenario::Stable));
    let options = Options(vec![("small".to_owned(), "yes".to_owned())]);
    let mut monitor = Monitor::new(patient, &options).unwrap();
    monitor.hear(Duration::ZERO, &hex(V4));
    said(&mut monitor, 0);
    monitor.hear(Duration::from_millis(10), &hex(V6));
    monitor.hear(Duration::from_millis(20), &hex(V7));
    monitor.limit = 160;
    let chunks = said(&mut monitor, 20);
    let kinds: Vec<u8> = chunks.iter().map(|chunk| chunk.bytes[5]).collect();
    assert_eq!(kinds.first(), Some(&5));
    assert_eq!(kinds.last(), Some(&2));
    let keys: usize = chunks
        .iter()
        .filter_map(|chunk| Some(chunk.truth.as_ref()?.len()))
        .sum();
    assert_eq!(keys, 8);
}
