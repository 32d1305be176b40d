//! The three questions that are ever asked, and whether their answers fit through the line.
//!
//! I10: a question names what the monitor shall send; nothing here changes anything in the monitor.
//! G11: What is asked for takes at most [`LINE_BYTES_PER_S_MAX`] of the line, by this file's arithmetic.

use super::frames::{HEADER_BYTES, framed};

/// Bytes a second at 19200 bit/s with 11 bit times a character.
const LINE_BYTES_PER_S: u32 = 19_200 / 11;

/// What may be asked for: 19 of 20 parts of the line, so that a late record does not push all others.
const LINE_BYTES_PER_S_MAX: u32 = LINE_BYTES_PER_S * 19 / 20;

/// The monitor sends at most so many samples of curves in a second and leaves out the rest (vendor document).
const SAMPLES_PER_S_MAX: u32 = 600;

/// Most curves in a request.
pub(super) const WAVES_MAX: usize = 24;

/// Two flags, the sum, the header.
const FRAME_BYTES: u32 = HEADER_BYTES as u32 + 3;

/// A subrecord of displayed values.
const CLASS_BYTES: u32 = 278;

/// Head of a curve's subrecord.
const WAVE_BYTES: u32 = 6;

/// Records of curves a second. The vendor names 1 to 8 "depending on the rate"; once a second was seen with 200 samples.
/// Four is our estimate for 600.
const WAVE_RECORDS_PER_S: u32 = 4;

/// Escapes: 2 of 256 bytes are sent as two, if all are as frequent.
const ESCAPES_PERCENT: u32 = 2;

/// Which classes of displayed values: 0 is Basic, bit 1 adds Ext1.
const BASIC_AND_EXT1: u32 = 0x02;
/// How many classes that are.
const CLASSES: u32 = 2;

/// Alarms are never asked for more often than this, whatever the line does to them.
pub(super) const ALARMS_APART_S: u64 = 10;

/// What an alarm record takes of the line in a second then.
const ALARMS_BYTES_PER_S: u32 = (FRAME_BYTES + 510).div_ceil(ALARMS_APART_S as u32);

/// Longest interval that is asked for: the vendor promises this one.
pub(super) const INTERVAL_S_USUAL: u16 = 5;

/// What curves of these rates take of the line in a second; `None` when the monitor would leave some out.
pub(super) fn waves_bytes_per_s(rates: impl Iterator<Item = u32>) -> Option<u32> {
    let (count, samples) = rates.fold((0, 0), |(count, samples), rate| (count + 1, samples + rate));
    let frames = if count == 0 { 0 } else { WAVE_RECORDS_PER_S };
    let bytes = samples * 2 + frames * (FRAME_BYTES + count * WAVE_BYTES);
    (samples <= SAMPLES_PER_S_MAX).then_some(escaped(bytes))
}

/// The shortest interval, from `fastest` seconds to the usual five, at which displayed values fit beside curves that take
/// so many bytes a second, and beside alarms.
pub(super) fn interval_that_fits(fastest: u16, waves: u32, with_alarms: bool) -> Option<u16> {
    let others = waves + if with_alarms { ALARMS_BYTES_PER_S } else { 0 };
    let record = escaped(FRAME_BYTES + CLASSES * CLASS_BYTES);
    (fastest..=INTERVAL_S_USUAL).find(|interval| {
        let values = record.div_ceil(u32::from(*interval));
        values + others <= LINE_BYTES_PER_S_MAX
    })
}

fn escaped(bytes: u32) -> u32 {
    bytes + (bytes * ESCAPES_PERCENT).div_ceil(100)
}

/// Displayed values of Basic and Ext1 every so many seconds.
pub(super) fn values(interval_s: u16) -> Vec<u8> {
    displayed(interval_s, BASIC_AND_EXT1)
}

fn displayed(interval_s: u16, classes: u32) -> Vec<u8> {
    let mut body = vec![1];
    body.extend(interval_s.to_le_bytes());
    body.extend(classes.to_le_bytes());
    body.extend([0, 0]);
    question(0, &body)
}

/// Begin to send these curves instead of any asked for before.
pub(super) fn waves(kinds: &[u8]) -> Vec<u8> {
    let mut list: Vec<u8> = kinds.iter().copied().take(WAVES_MAX).collect();
    if list.len() < WAVES_MAX {
        list.push(0xFF);
    }
    list.resize(WAVES_MAX, 0);
    question(1, &[&[0; 4], list.as_slice(), &[0; 4]].concat())
}

/// Send the alarms now and whenever they change.
pub(super) fn alarms() -> Vec<u8> {
    question(4, &[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// A record with one subrecord of type 0, which marks a question.
fn question(main: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER_BYTES + body.len()).expect("a question is short");
    let [low, high] = length.to_le_bytes();
    let mut record = vec![low, high];
    record.resize(14, 0);
    record.extend([main, 0, 0, 0, 0, 0, 0, 0xFF]);
    record.resize(HEADER_BYTES, 0);
    record.extend(body);
    framed(&record)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn d1_to_d7_the_questions_as_the_vendor_prints_them() {
        let head = |length: &str, main: &str| {
            format!(
                "7e{length}{}{main}000000000000ff{}",
                "00".repeat(12),
                "00".repeat(18)
            )
        };
        let values = |body: &str| format!("{}{body}7e", head("3100", "00"));
        let waves = |body: &str| format!("{}00000000{body}7e", head("4800", "01"));
        assert_eq!(hex(&displayed(10, 0x0E)), values("010a000e000000000049"), "D1");
        assert_eq!(hex(&displayed(0, 0)), values("01000000000000000031"), "D2");
        assert_eq!(hex(&displayed(5, 0)), values("01050000000000000036"), "D4");
        let d5 = format!("{}020000000000000000000000397e", head("3400", "04"));
        assert_eq!(hex(&alarms()), d5, "D5");
        assert_eq!(
            hex(&super::waves(&[1])),
            waves(&format!("01ff{}48", "00".repeat(26))),
            "D6"
        );
        assert_eq!(
            hex(&super::waves(&[1, 8])),
            waves(&format!("0108ff{}50", "00".repeat(25))),
            "D7"
        );
    }

    #[test]
    fn d3_a_sum_that_needs_an_escape() {
        let mut body = vec![3];
        body.extend(60u16.to_le_bytes());
        body.extend(0x0Eu32.to_le_bytes());
        body.extend([0, 0]);
        assert!(hex(&question(0, &body)).ends_with("7d5d7e"));
    }

    #[test]
    fn a_full_list_of_curves_has_no_end_mark() {
        let kinds: Vec<u8> = (1..=30).collect();
        let bytes = super::waves(&kinds);
        assert_eq!(&bytes[45..69], &kinds[..24]);
    }

    #[test]
    fn g11_what_is_asked_fits_the_line() {
        let fits = |fastest, rates: &[u32]| {
            waves_bytes_per_s(rates.iter().copied())
                .and_then(|waves| interval_that_fits(fastest, waves, fastest == INTERVAL_S_USUAL))
        };
        assert_eq!(LINE_BYTES_PER_S_MAX, 1657);
        // The usual: one ECG channel and the oximeter's curve.
        assert_eq!(fits(5, &[300, 100]), Some(5));
        assert_eq!(fits(1, &[300, 100]), Some(1));
        // All that the monitor gives, still with values every five seconds.
        assert_eq!(fits(5, &[300, 300]), Some(5));
        assert_eq!(fits(1, &[300, 300]), Some(3));
        assert_eq!(fits(1, &[300, 100, 100]), Some(2));
        assert_eq!(fits(5, &[300, 300, 25]), None);
        assert_eq!(fits(1, &[]), Some(1));
    }
}
