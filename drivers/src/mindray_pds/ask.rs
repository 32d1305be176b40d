//! What is sent to a monitor: one question for data, and the sign of life that it expects (I10). Nothing else exists here.

use crate::hl7::mllp;

/// The results that are asked for, in groups of four: old firmware stays silent when it is asked for all at once.
const RESULTS: &[[u16; 4]] = &[
    [101, 151, 160, 161],
    [162, 170, 171, 172],
    [200, 250, 500, 501],
    [502, 502, 502, 502],
];

/// The question: results, physiological alarms, technical alarms. A later one replaces an earlier one.
pub(super) fn question(number: u32) -> Vec<u8> {
    // The monitor does not need the time of the question, and a dialogue has no calendar.
    let mut text =
        format!("MSH|^~\\&|||||||QRY^R02|1203|P|2.3.1\rQRD|20000101000000|R|I|Q{number}|||||RES\r");
    for group in RESULTS {
        let mut ids: Vec<String> = group.iter().map(u16::to_string).collect();
        ids.dedup();
        text.push_str(&format!("QRF|MON||||0&0^1^1^0^{}\r", ids.join("&")));
    }
    text.push_str("QRF|MON||||0&0^3^1^1^\rQRF|MON||||0&0^4^1^1^\r");
    mllp::block(&text)
}

/// The sign of life.
pub(super) fn echo() -> Vec<u8> {
    mllp::block("MSH|^~\\&|||||||ORU^R01|106|P|2.3.1|\r")
}
