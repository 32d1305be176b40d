//! The sheet's vectors, and the device in virtual time.

use super::*;

/// A patient by a table of (from second, pulse, SpO2); both absent = probe off.
struct Table(&'static [(u64, Option<f64>, Option<f64>)]);

impl Patient for Table {
    fn at(&mut self, t: Duration) -> Vitals {
        let row = self.0.iter().rev().find(|row| t.as_secs() >= row.0).copied();
        let (_, pulse, spo2) = row.unwrap_or_default();
        Vitals {
            pulse,
            spo2,
            probe_off: pulse.is_none() && spo2.is_none(),
            ..Vitals::default()
        }
    }
}

fn sim(format: Format, table: &'static [(u64, Option<f64>, Option<f64>)]) -> Sim {
    Sim::new(format, Box::new(Table(table)))
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

#[test]
fn a_packet_with_the_numbers_of_the_9560_capture_is_the_capture() {
    let numbers = Numbers {
        hr: Some(74),
        e_hr: Some(74),
        hr_d: Some(74),
        e_hr_d: Some(74),
        spo2: Some(96),
        spo2_d: Some(96),
        spo2_fast: Some(96),
        spo2_beat: Some(96),
        e_spo2: Some(96),
        e_spo2_d: Some(96),
        revision: 0x94,
        timer: 23,
        status2: 0x04,
    };
    let pleth = hex("43 43 43 43 43 41 3E 3C 39 36 35 34 34 34 35 36 37 3A 40 4A 57 69 7C 90 A1");
    let mut sent = Vec::new();
    for (index, (value, pleth)) in numbers.rotating().into_iter().zip(pleth).enumerate() {
        sent.extend(frame_2(u8::from(index == 0), pleth, value));
    }
    let capture = hex(
        "01814300C5 0180434A0E 0180436024 0180439458 01804300C4 01804100C2 01803E17D6 01803C04C1 018039601A 0180366017 \
         0180356016 01803400B5 01803400B5 01803400B5 0180354A00 0180366017 0180376018 01803A00BB 01804000C1 01804A00CB \
         0180574A22 01806900EA 01807C4A47 0180900011 0180A10022",
    );
    assert_eq!(sent, capture);
}

#[test]
fn the_start_of_the_published_oem_iii_packet_comes_out() {
    let numbers = Numbers {
        hr: Some(72),
        spo2: Some(97),
        revision: 0x30,
        ..Numbers::default()
    };
    let rotating = numbers.rotating();
    let sent: Vec<u8> = [(1, 1), (0, 1), (0, 1), (0, 1)]
        .iter()
        .zip(rotating)
        .flat_map(|((sync, pleth), value)| frame_2(*sync, *pleth, value))
        .collect();
    assert_eq!(
        sent,
        hex("01 81 01 00 83 | 01 80 01 48 CA | 01 80 01 61 E3 | 01 80 01 30 B2")
    );
}

#[test]
fn a_rate_of_200_is_split_into_two_and_seven_bits() {
    let rotating = Numbers {
        hr: Some(200),
        ..Numbers::default()
    };
    assert_eq!(rotating.rotating()[..2], [0x01, 0x48]);
}

#[test]
fn i5_missing_values_are_the_sentinels_and_never_zero() {
    let rotating = Numbers::default().rotating();
    for (msb, lsb) in [(0, 1), (13, 14), (19, 20), (21, 22)] {
        assert_eq!((rotating[msb], rotating[lsb]), (0x03, 0x7F));
    }
    for frame in [2, 8, 9, 10, 15, 16] {
        assert_eq!(rotating[frame], 0x7F);
    }
}

#[test]
fn the_format_8_vectors_come_out() {
    assert_eq!(packet_8(0, Some(72), Some(97), 0x20).to_vec(), hex("80 48 61 20"));
    assert_eq!(
        packet_8(SNSD | OOT_8, None, None, 0x28).to_vec(),
        hex("E3 7F 7F 28")
    );
}

#[test]
fn format_7_sends_the_pleth_high_byte_first_and_sums_four_bytes() {
    assert_eq!(frame_7(SYNC, 0x1234, 0x48), [0x81, 0x12, 0x34, 0x48, 0x0F]);
}

#[test]
fn a_minute_of_format_2_is_4500_frames_and_180_packets_in_exact_time() {
    let chunks: Vec<Chunk> = sim(Format::Two, &[(0, Some(72.4), Some(96.5))])
        .take(75 * 60 + 1)
        .collect();
    assert_eq!(chunks[75 * 60].at, Duration::from_secs(60));
    let said: Vec<_> = chunks.iter().filter_map(|chunk| chunk.truth.as_ref()).collect();
    assert_eq!(said.len(), 180);
    assert_eq!(said[0], &super::said(Some(97), Some(72)));
    for (index, chunk) in chunks.iter().enumerate() {
        assert_eq!(chunk.bytes.len(), 5);
        assert_eq!(chunk.bytes[1] & SYNC, u8::from(index % 25 == 0));
        let sum = chunk.bytes[..4]
            .iter()
            .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        assert_eq!(chunk.bytes[4], sum);
        assert_eq!(chunk.truth.is_some(), index % 25 == 24);
    }
    // The timer counts packets.
    assert_eq!(
        (chunks[25 * 130 + 5].bytes[3], chunks[25 * 130 + 6].bytes[3]),
        (1, 2)
    );
}

#[test]
fn the_pulse_bits_follow_the_pulse() {
    let chunks: Vec<Chunk> = sim(Format::Two, &[(0, Some(60.0), Some(97.0))])
        .take(75 * 60)
        .collect();
    let green = |chunk: &Chunk| chunk.bytes[1] & 0b110 == 0b010;
    let onsets = chunks
        .windows(2)
        .filter(|pair| !green(&pair[0]) && green(&pair[1]))
        .count();
    assert!(
        (59..=60).contains(&onsets),
        "{onsets} pulses in a minute at 60 per minute"
    );
    assert_eq!(chunks.iter().filter(|chunk| green(chunk)).count() / onsets, 12);
}

#[test]
fn i5_with_the_probe_off_formats_2_and_7_alarm_and_say_nothing_at_once() {
    for format in [Format::Two, Format::Seven] {
        let status_byte = if format == Format::Two { 1 } else { 0 };
        // 11 s and 19 s fall between two renewals of the display.
        let table = &[
            (0, Some(70.0), Some(97.0)),
            (11, None, None),
            (19, Some(71.0), Some(96.0)),
        ];
        let chunks: Vec<Chunk> = sim(format, table).take(75 * 30).collect();
        for chunk in &chunks {
            let off = (11..19).contains(&chunk.at.as_secs());
            let status = chunk.bytes[status_byte];
            assert_eq!(status & (SNSA | OOT) == SNSA | OOT, off, "{:?}", chunk.at);
            if let Some(truth) = &chunk.truth {
                assert_eq!(
                    truth["spo2"].is_none() && truth["pr"].is_none(),
                    off,
                    "{:?}",
                    chunk.at
                );
            }
        }
    }
}

#[test]
fn i5_a_recorded_zero_is_searching_not_a_value() {
    let zero = sim(Format::Two, &[(0, Some(0.0), Some(0.0))]).nth(24).unwrap();
    assert_eq!(
        (zero.bytes[1] & (SNSA | OOT), zero.truth),
        (OOT, Some(said(None, None)))
    );
    let zero = sim(Format::Eight, &[(0, Some(0.0), Some(0.0))]).next().unwrap();
    assert_eq!(zero.bytes, [0x80 | OOT_8 | 0x03, 0x7F, 0x7F, 0]);
}

#[test]
fn format_8_sends_one_packet_a_second_and_reports_a_missing_probe() {
    let table = &[(0, Some(140.2), Some(97.0)), (2, None, None)];
    let chunks: Vec<Chunk> = sim(Format::Eight, table).take(4).collect();
    assert_eq!(chunks[1].bytes, [0x81, 0x0C, 97, SMART_POINT]);
    assert_eq!(chunks[1].truth, Some(said(Some(97), Some(140))));
    assert_eq!(chunks[2].bytes, [0xE3, 0x7F, 0x7F, SENSOR_FAULT_8]);
    assert_eq!(chunks[3].at, Duration::from_secs(3));
    // Only the first byte of a packet has its top bit set: that is all the sync there is.
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk.bytes[1..].iter().all(|byte| byte & 0x80 == 0))
    );
}

#[test]
fn display_values_lag_and_extended_averages_smooth() {
    let mut sim = sim(
        Format::Two,
        &[(0, Some(60.0), Some(90.0)), (4, Some(100.0), Some(98.0))],
    );
    let mut lag = Duration::ZERO;
    while let Some(chunk) = sim.next() {
        if chunk.at < Duration::from_secs(4) {
            assert_eq!(
                (sim.numbers.hr, sim.numbers.e_hr, sim.numbers.hr_d),
                (Some(60), Some(60), Some(60))
            );
        } else if sim.numbers.hr_d == Some(100) {
            lag = chunk.at - Duration::from_secs(4);
            break;
        }
    }
    assert!(
        lag > Duration::ZERO && lag <= Duration::from_millis(1_700),
        "{lag:?}"
    );
    assert!(
        sim.numbers.e_hr.is_some_and(|rate| (61..99).contains(&rate)),
        "{:?}",
        sim.numbers.e_hr
    );
}

#[test]
fn a_recorded_light_curve_goes_out_as_it_is() {
    struct Curve;
    impl Patient for Curve {
        fn at(&mut self, _t: Duration) -> Vitals {
            Vitals::default()
        }
        fn pleth(&mut self, t: Duration) -> Option<f64> {
            Some(t.as_secs_f64())
        }
    }
    let mut sim = Sim::new(Format::Seven, Box::new(Curve));
    let half = sim.nth(37).unwrap();
    let sent = u16::from_be_bytes([half.bytes[1], half.bytes[2]]);
    assert_eq!(sent, (65_535.0 * 37.0 / 75.0) as u16);
}
