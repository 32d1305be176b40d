//! The sheet's vectors and the behaviour of a whole line.

use super::*;
use crate::patient::{Patient, Vitals};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

/// A line with one unit whose bank holds exactly these registers.
fn server(number: u8, bank: Bank) -> Server {
    let mut server = Server::new();
    server
        .mount(number, format!("unit-{number}"), Unit::XyMd02)
        .unwrap();
    server.units.get_mut(&number).unwrap().bank = bank;
    server
}

fn input(first: u16, words: &[u16]) -> Bank {
    let mut bank = Bank::default();
    bank.put_input(first, words);
    bank
}

#[track_caller]
fn check_rtu(number: u8, bank: Bank, request: &str, answer: &str) {
    let said = server(number, bank).answer_rtu(&hex(request));
    assert_eq!(said, Some(hex(answer)));
}

#[test]
fn the_sht20_vectors_are_answered_byte_for_byte() {
    check_rtu(
        1,
        input(1, &[263]),
        "01 04 00 01 00 01 60 0A",
        "01 04 02 01 07 F9 62",
    );
    let frost = (-187_i16).cast_unsigned();
    check_rtu(
        1,
        input(1, &[frost, 452]),
        "01 04 00 01 00 02 20 0B",
        "01 04 04 FF 45 01 C4 DA 46",
    );
    check_rtu(
        1,
        input(1, &[0x7FFF, 0xFFFF]),
        "01 04 00 01 00 02 20 0B",
        "01 04 04 7F FF FF FF D3 D0",
    );
}

#[test]
fn the_holding_register_vectors_are_answered_byte_for_byte() {
    let holding = |rows: [(u16, u16); 2]| Bank {
        holding: rows.into(),
        ..Bank::default()
    };
    let float = holding([(0, 0x3333), (1, 0x42BB)]);
    check_rtu(3, float, "03 03 00 00 00 02 C5 E9", "03 03 04 33 33 42 BB 56 6B");
    let whole = holding([(6, 0xE240), (7, 0x0001)]);
    check_rtu(3, whole, "03 03 00 06 00 02 25 E8", "03 03 04 E2 40 00 01 2F 9F");
}

#[test]
fn the_epever_vector_is_answered_byte_for_byte() {
    let bank = input(0x3100, &[0x0733, 0x00D7, 0x0F7A, 0, 0x052E, 0x012A, 0x0F6F, 0]);
    let answer = "04 04 10 0733 00D7 0F7A 0000 052E 012A 0F6F 0000 26 3F";
    check_rtu(4, bank, "04 04 31 00 00 08 FF 65", answer);
}

#[test]
fn the_crc_of_the_busy_vector_fits() {
    assert_eq!(crc16(&hex("05 84 06")), 0xC382);
}

#[test]
fn the_tcp_vector_is_answered_byte_for_byte() {
    let said = server(1, input(1, &[46, 452])).answer_tcp(&hex("0001 0000 0006 01 04 0001 0002"));
    assert_eq!(said, Some(hex("0001 0000 0007 01 04 04 002E 01C4")));
}

fn rtu(unit: u8, pdu: &[u8]) -> Vec<u8> {
    frame::close_rtu(unit, pdu)
}

#[test]
fn bad_functions_addresses_and_counts_get_exceptions_1_2_and_3() {
    let bank = input(0, &[1; 200]);
    let exception = |pdu: &[u8]| answer(&bank, pdu).pdu;
    assert_eq!(exception(&[1, 0, 0, 0, 1]), [0x81, 1]);
    assert_eq!(exception(&[3, 0, 0, 0, 1]), [0x83, 1]);
    assert_eq!(exception(&[4, 0, 199, 0, 2]), [0x84, 2]);
    assert_eq!(exception(&[4, 0xFF, 0xFF, 0, 2]), [0x84, 2]);
    assert_eq!(exception(&[4, 0, 0, 0, 0]), [0x84, 3]);
    assert_eq!(exception(&[4, 0, 0, 0, 126]), [0x84, 3]);
    assert_eq!(exception(&[4, 0, 0]), [0x84, 3]);
    assert_eq!(exception(&[4, 0, 0, 0, 125])[..2], [4, 250]);
}

#[test]
fn bits_are_packed_lowest_first() {
    let bank = Bank {
        discrete: (0x2000..0x200D)
            .map(|address| (address, address % 3 == 0))
            .collect(),
        ..Bank::default()
    };
    assert_eq!(
        answer(&bank, &[2, 0x20, 0, 0, 13]).pdu,
        [2, 2, 0b1001_0010, 0b0000_0100]
    );
    assert_eq!(answer(&bank, &[2, 0x20, 0, 0x07, 0xD1]).pdu, [0x82, 3]);
}

#[test]
fn i10_every_kind_of_write_is_refused_and_counted_for_any_unit() {
    let mut server = server(1, input(0, &[7]));
    let requests: [&[u8]; 8] = [
        &[5, 0, 0, 0xFF, 0],
        &[6, 0, 0, 0, 1],
        &[8, 0, 1, 0, 0],
        &[15, 0, 0, 0, 1, 1, 1],
        &[16, 0, 0, 0, 1, 2, 0, 9],
        &[21, 0],
        &[22, 0, 0, 0, 1, 0, 1],
        &[23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 9],
    ];
    for pdu in requests {
        let refused = rtu(1, &[pdu[0] | 0x80, 1]);
        assert_eq!(server.answer_rtu(&rtu(1, pdu)), Some(refused));
    }
    assert_eq!(server.writes_refused(), 8);
    assert_eq!(
        server.answer_rtu(&rtu(0, &[6, 0, 0, 0, 1])),
        None,
        "a broadcast has no answer"
    );
    assert_eq!(server.answer_rtu(&rtu(9, &[6, 0, 0, 0, 1])), None);
    assert_eq!((server.writes_refused(), server.requests()), (10, 10));
    assert_eq!(
        server.answer_rtu(&rtu(1, &[4, 0, 0, 0, 1])),
        Some(rtu(1, &[4, 2, 0, 7]))
    );
}

#[test]
fn foreign_units_and_damaged_requests_get_silence() {
    let mut server = server(1, input(0, &[7]));
    assert_eq!(server.answer_rtu(&rtu(2, &[4, 0, 0, 0, 1])), None);
    let mut request = rtu(1, &[4, 0, 0, 0, 1]);
    request[3] ^= 1;
    assert_eq!(server.answer_rtu(&request), None);
    assert_eq!(server.answer_rtu(&[]), None);
    assert_eq!(server.answer_rtu(&[1; 300]), None);
    assert_eq!(server.answer_tcp(&hex("0001 0000 0006 02 04 0000 0001")), None);
    assert_eq!(server.answer_tcp(&hex("0001 0001 0006 01 04 0000 0001")), None);
    assert_eq!(server.answer_tcp(&hex("0001 0000 0007 01 04 0000 0001")), None);
    assert_eq!(server.answer_tcp(&hex("0001 0000 0001 01")), None);
    assert_eq!(
        server.requests(),
        2,
        "only the two whole requests for unit 2 were understood"
    );
}

#[test]
fn a_request_is_found_in_any_cut_and_behind_garbage() {
    let request = rtu(1, &[4, 0, 0, 0, 11]);
    for garbage in [&[][..], &[0x01, 0x04, 0x00], &[0xFF; 300]] {
        for cut in 0..request.len() {
            let mut input = RtuInput::default();
            let at = Duration::from_secs(5);
            let mut noise = garbage.to_vec();
            noise.extend_from_slice(&request[..cut]);
            assert_eq!(input.heard(at, &noise), None);
            let found = input.heard(at + Duration::from_millis(40), &request[cut..]);
            assert_eq!(found, Some(request.clone()), "cut at {cut}");
        }
    }
}

#[test]
fn half_a_request_is_forgotten_after_a_pause_and_noise_is_bounded() {
    let request = rtu(1, &[4, 0, 0, 0, 11]);
    let mut input = RtuInput::default();
    assert_eq!(input.heard(Duration::from_secs(1), &request[..5]), None);
    assert_eq!(input.heard(Duration::from_millis(1_101), &request[5..]), None);
    for millisecond in 0..50 {
        input.heard(Duration::from_millis(2_000 + millisecond), &[0xAA; 100]);
        assert!(input.bytes.len() <= RTU_BYTES_MAX);
    }
}

#[test]
fn a_write_request_of_its_own_length_is_recognised_and_so_is_an_unknown_function() {
    for pdu in [&[16, 0, 0, 0, 1, 2, 0, 9][..], &[0x2B, 0x0E, 1, 0]] {
        let request = rtu(1, pdu);
        assert_eq!(
            RtuInput::default().heard(Duration::ZERO, &request),
            Some(request.clone())
        );
    }
}

#[test]
fn banks_change_once_a_second_for_all_units_together() {
    struct Clockwork;
    impl Patient for Clockwork {
        fn at(&mut self, t: Duration) -> Vitals {
            Vitals {
                hr: Some(60.0 + t.as_secs_f64().floor()),
                ..Vitals::default()
            }
        }
    }
    let mut server = Server::new();
    for number in [1, 2] {
        let unit = Unit::bedside(Box::new(Clockwork));
        server.mount(number, format!("mon-{number}"), unit).unwrap();
    }
    let taken = server.refresh(Duration::ZERO);
    assert_eq!(
        taken.iter().map(|row| row.0.as_str()).collect::<Vec<_>>(),
        ["mon-1", "mon-2"]
    );
    assert_eq!(server.refresh(Duration::from_millis(999)), []);
    let taken = server.refresh(Duration::from_millis(1_000));
    assert_eq!(taken[0].1["hr"], Some("61".to_owned()));
    let said = server.answer_rtu(&rtu(2, &[4, 0, 1, 0, 1]));
    assert_eq!(said, Some(rtu(2, &[4, 2, 0, 61])));
    assert_eq!(server.said(2).unwrap().1["hr"], Some("61".to_owned()));
}

#[test]
fn unit_numbers_are_1_to_247_and_unique() {
    let mut server = Server::new();
    let mut mount = |number| server.mount(number, String::new(), Unit::Epever);
    assert_eq!(mount(0), Err(MountError::BadNumber(0)));
    assert_eq!(mount(248), Err(MountError::BadNumber(248)));
    assert_eq!(mount(247), Ok(()));
    assert_eq!(mount(247), Err(MountError::Taken(247)));
}
