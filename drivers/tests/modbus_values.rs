//! What registers say: every type, scale, sentinel and rule of a map is read as the sheet says.

mod support;

use std::sync::Arc;

use drivers::modbus_map::{Answer, Found, LineTiming, Map, Poll, Poller, UnitPlan};
use support::{ms, tell_fault, tell_seen};

const HEAD: &str = "format = 1\ndevice = { make = \"m\", model = \"m\", kind = \"k\", source = \"s\" }\n";

/// What one signal says when its registers hold these words.
fn says(signal: &str, words: &[u16]) -> String {
    let text = format!("{HEAD}[[signal]]\nid = \"a\"\naddr = 0\n{signal}");
    told(&text, words)
}

/// What a map with one block says; vitals are confirmed by a second answer.
fn told(text: &str, words: &[u16]) -> String {
    told_last(text, &[words; 2])
}

/// What the last of these answers says; the post started a minute before the first.
fn told_last(text: &str, answers: &[&[u16]]) -> String {
    let map = Map::parse("map", text).unwrap_or_else(|error| panic!("{error}"));
    let mut poller = Poller::new(
        vec![UnitPlan {
            unit: 1,
            map: Arc::new(map),
        }],
        LineTiming::tcp(),
    );
    let mut now = ms(60_000);
    let mut lines = Vec::new();
    for words in answers {
        lines.clear();
        let request = loop {
            match poller.next(now) {
                Poll::Read(request) => break request,
                Poll::SleepUntil(at) => now = at,
            }
        };
        let answer = if request.table.is_bits() {
            Answer::Bits(words.iter().map(|word| *word != 0).collect())
        } else {
            Answer::Words(words.to_vec())
        };
        for finding in poller.answered(now, 1, Ok(answer)) {
            lines.push(match finding.what {
                Found::Saw(seen) => tell_seen(&seen).trim().to_owned(),
                Found::Text { text, .. } => text,
                Found::Fault(fault) => tell_fault(fault),
            });
        }
    }
    lines.join(", ")
}

#[test]
fn the_float_of_the_sheet_reads_alike_in_its_four_orders() {
    for (order, words) in [
        ("ABCD", [0x42BB, 0x3333]),
        ("CDAB", [0x3333, 0x42BB]),
        ("BADC", [0xBB42, 0x3333]),
        ("DCBA", [0x3333, 0xBB42]),
    ] {
        assert_eq!(
            says(&format!("type = \"f32\"\norder = \"{order}\""), &words),
            "a 93.6",
            "{order}"
        );
    }
}

#[test]
fn every_type_is_read() {
    assert_eq!(says("type = \"u16\"", &[0xFFFF]), "a 65535");
    assert_eq!(says("type = \"i16\"\nscale = 0.1", &[0xFF45]), "a -18.7");
    assert_eq!(says("order = \"BA\"", &[0x0102]), "a 513");
    assert_eq!(says("type = \"u32\"", &[1, 0xE240]), "a 123456");
    assert_eq!(says("type = \"i32\"\nscale = 0.1", &[0xFFFF, 0xFCE0]), "a -80.0");
    assert_eq!(says("type = \"u64\"", &[0, 0, 1, 0]), "a 65536");
    assert_eq!(
        says(
            "type = \"i64\"\norder = \"GHEFCDAB\"",
            &[0xFFFE, 0xFFFF, 0xFFFF, 0xFFFF]
        ),
        "a -2"
    );
    assert_eq!(
        says("type = \"u64\"", &[0xFFFF; 4]),
        "a Implausible",
        "no decimal holds it"
    );
    assert_eq!(
        says("type = \"f64\"", &[0x4042, 0x4CCC, 0xCCCC, 0xCCCD]),
        "a 36.6"
    );
    assert_eq!(
        says("type = \"f32\"", &[0x7FC0, 0]),
        "a NotAvailable",
        "not a number"
    );
    assert_eq!(says("type = \"f32\"", &[0x7F80, 0]), "a NotAvailable", "infinite");
    assert_eq!(says("type = \"bcd\"", &[0x1234]), "a 1234");
    assert_eq!(says("type = \"bcd\"", &[0x12A4]), "a NotAvailable");
    assert_eq!(says("type = \"bool\"", &[4]), "a 1");
    assert_eq!(says("table = \"discrete\"", &[1]), "a 1");
    assert_eq!(says("table = \"coil\"", &[0]), "a 0");
}

#[test]
fn values_are_scaled_in_the_order_of_the_sheet() {
    assert_eq!(says("scale = 0.01\nunit = \"V\"", &[1326]), "a 13.26 V");
    assert_eq!(says("divisor = 512\nunit = \"%\"", &[51_199]), "a 99.998 %");
    assert_eq!(says("divisor = 10", &[263]), "a 26.3");
    assert_eq!(says("scale = 0.1\noffset = -40", &[663]), "a 26.3");
    assert_eq!(says("scale = -0.1", &[25]), "a -2.5");
    assert_eq!(says("bit = 3", &[0b1000]), "a 1");
    assert_eq!(says("bits = \"8..11\"\nmap = { 5 = \"on\" }", &[0xA5FF]), "a 5");
    // The sentinel is tested on the raw value, before bits and scale.
    assert_eq!(
        says("sentinel = [0x7FFF]\nscale = 0.1", &[0x7FFF]),
        "a NotAvailable"
    );
    assert_eq!(
        says("type = \"i16\"\nsentinel = [0x8000]", &[0x8000]),
        "a NotAvailable"
    );
    assert_eq!(
        says("type = \"i16\"\nsentinel = [-100]", &[0xFF9C]),
        "a NotAvailable"
    );
    assert_eq!(
        says("bits = \"0..3\"\nsentinel = [0xFFFF]", &[0xFFFF]),
        "a NotAvailable"
    );
    // The range after the scale.
    assert_eq!(says("scale = 0.1\nvalid = [0, 50]", &[501]), "a Implausible");
    assert_eq!(says("scale = 0.1\nvalid = [0, 50]", &[500]), "a 50.0");
}

#[test]
fn i5_vendor_sentinels_and_zeros_in_vital_signs_are_reasons() {
    assert_eq!(
        says("code = \"spo2\"\nsentinel = [0xFFFF]", &[0xFFFF]),
        "spo2 NotAvailable"
    );
    assert_eq!(says("code = \"spo2\"", &[0]), "spo2 NotMeasured");
    assert_eq!(says("code = \"spo2\"", &[255]), "spo2 Implausible");
    assert_eq!(says("code = \"temp\"\nscale = 0.1", &[366]), "temp 36.6");
    assert_eq!(says("code = \"temp\"\ntype = \"f32\"", &[0x4214, 0]), "temp 37.0");
    assert_eq!(
        says("code = \"nibp_s\"\ndivisor = 10\nunit = \"mm[Hg]\"", &[1200]),
        "nibp_s 120.0"
    );
}

#[test]
fn a_cuff_pressure_of_unknown_time_is_not_measured() {
    let text = cuff_with_age();
    assert_eq!(told(&text, &[120, 5]), "nibp_s 120");
    assert_eq!(told(&text, &[120, 0xFFFF]), "nibp_s NotMeasured");
}

#[test]
fn i4_a_cuff_pressure_from_before_the_boot_is_not_shown_as_younger_than_it_is() {
    let text = cuff_with_age();
    assert_eq!(told(&text, &[120, 59]), "nibp_s 120");
    assert_eq!(told(&text, &[120, 90]), "nibp_s NotMeasured");
    // Two damaged ages from before the boot are two times: they confirm each other as little as any others.
    assert_eq!(
        told_last(&text, &[&[120, 5_000], &[120, 40_000]]),
        "fault Unconfirmed"
    );
}

fn cuff_with_age() -> String {
    let sys = "id = \"sys\"\naddr = 0\ncode = \"nibp_s\"\naged_by = \"age\"";
    let age = "id = \"age\"\naddr = 1\nsentinel = [0xFFFF]\npublish = false";
    format!("{HEAD}[[signal]]\n{sys}\n[[signal]]\n{age}\n")
}
