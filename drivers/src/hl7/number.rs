//! What OBX-5 says, in the unit of the code: a number, a reason why there is none, or nothing that can be read.

use vitals::{AbsentReason, Code, Decimal, Measured, Observation};

use super::message::Segment;
use crate::units::{Unit, in_unit_of};

/// Longest text of a number.
const NUMBER_CHARS_MAX: usize = 16;

/// What senders write instead of "no value" (I5): Mindray's -100 with its variants, the largest positive number of a
/// 20601 float without an exponent, and of 16 bits.
const NO_VALUE: &[i64] = &[-100, -1_000, -10_000, 8_388_607, 32_767];

/// The same as text.
const NO_VALUE_TEXTS: &[&str] = &["", "\"\"", "---", "--", "-", "-?-"];

/// The value of an OBX segment for this code, or `None` when it cannot be read: another data type, no number, another
/// dimension of unit, an unknown status.
pub(super) fn measured(obx: Segment<'_>, code: Code) -> Option<Measured> {
    let no_value = Some(Measured::Absent(AbsentReason::NotAvailable));
    match obx.field(11) {
        // Cannot be obtained, was wrong, was deleted, was not asked for.
        "X" | "W" | "D" | "N" => return no_value,
        "R" | "F" | "P" | "C" | "U" | "S" | "" => {}
        _ => return None,
    }
    let text = match obx.field(2) {
        "NM" | "ST" | "TX" | "" => obx.plain(obx.first(5)),
        // Structured: comparator, number. With a comparator it is a bound and no value.
        "SN" if matches!(obx.raw_component(5, 1), "" | "=") => obx.component(5, 2),
        _ if obx.field(5).is_empty() => String::new(),
        _ => return None,
    };
    if NO_VALUE_TEXTS.contains(&text.trim()) {
        return no_value;
    }
    let value = number(text.trim())?;
    if NO_VALUE.iter().any(|mark| value == Decimal::whole(*mark)) {
        return no_value;
    }
    let value = match Said::read(obx)? {
        Said::Own => value,
        Said::Unit(unit) => in_unit_of(code, value, unit)?,
    };
    Some(Observation::value(code, value).measured)
}

/// Digits with an optional sign and point; nothing else, no exponent.
fn number(text: &str) -> Option<Decimal> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let good = !whole.is_empty() && text.len() <= NUMBER_CHARS_MAX;
    if !good
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let mantissa: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(Decimal::new(sign * mantissa, u8::try_from(fraction.len()).ok()?))
}

/// What OBX-6 says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// Nothing: the code's own unit.
    Own,
    Unit(Unit),
}

impl Said {
    /// `None` = a unit that is not known, or number and text that contradict each other.
    fn read(obx: Segment<'_>) -> Option<Said> {
        let (number, text) = (obx.component(6, 1), obx.component(6, 2));
        let by_number = by_number(&number);
        // Plain HL7 has nothing but the text.
        let by_text = Unit::by_text(if text.is_empty() && by_number.is_none() {
            &number
        } else {
            &text
        });
        match (by_number, by_text) {
            (None, None) => obx.field(6).is_empty().then_some(Said::Own),
            (Some(one), Some(other)) => (one == other).then_some(Said::Unit(one)),
            (one, other) => one.or(other).map(Said::Unit),
        }
    }
}

fn by_number(number: &str) -> Option<Unit> {
    let unit = match number {
        "264864" | "264928" | "0004-0aa0" | "0004-0ae0" => Unit::PerMinute,
        "262688" | "0004-0220" => Unit::Percent,
        "266016" | "0004-0f20" => Unit::MmHg,
        "268192" | "0004-17a0" => Unit::Celsius,
        // Not confirmed: the text decides where there is one.
        "266560" => Unit::Fahrenheit,
        _ => return None,
    };
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::super::message::Message;
    use super::*;

    /// `type|value|unit|status` of a value of this code.
    fn check(code: Code, fields: &str, expected: &str) {
        let parts: Vec<&str> = fields.split('|').collect();
        let [kind, value, unit, status] = parts.as_slice() else {
            panic!("{fields}")
        };
        let text = format!("MSH|^~\\&|\rOBX|1|{kind}|x||{value}|{unit}|||||{status}");
        let message = Message::read(text.as_bytes()).unwrap();
        let told = match measured(message.segments().last().unwrap(), code) {
            None => "unreadable".to_owned(),
            Some(Measured::Value(value)) => value.to_string(),
            Some(Measured::Absent(reason)) => format!("{reason:?}"),
        };
        assert_eq!(told, expected, "{fields}");
    }

    #[test]
    fn numbers_of_every_type_and_status() {
        check(Code::Spo2, "NM|98|262688^MDC_DIM_PERCENT^MDC|R", "98");
        check(Code::Spo2, "NM|98.0||", "98.0");
        check(Code::Spo2, "SN|^97|%|F", "97");
        check(Code::Spo2, "SN|=^97|%|F", "97");
        check(Code::Spo2, "SN|>^100|%|F", "unreadable");
        check(Code::Spo2, "ST|96|%|P", "96");
        check(Code::Spo2, "CWE|1^low|%|F", "unreadable");
        check(Code::Spo2, "NM|98|%|Q", "unreadable");
        check(Code::Spo2, "NM|9 8|%|F", "unreadable");
        check(Code::Spo2, "NM|2.73x10\\S\\-7|%|F", "unreadable");
        check(Code::Spo2, "NM|1e2|%|F", "unreadable");
        check(Code::Spo2, "NM|98|%|X", "NotAvailable");
        check(Code::Spo2, "NM|98|%|W", "NotAvailable");
    }

    #[test]
    fn i5_what_means_no_value_is_no_number() {
        for none in [
            "", "\"\"", "-100", "-100.00", "-1000", "-10000", "8388607", "32767", "---",
        ] {
            check(Code::Temp, &format!("NM|{none}||F"), "NotAvailable");
        }
        check(Code::Hr, "NM|0||F", "NotMeasured");
        check(Code::Spo2, "NM|127||F", "Implausible");
    }

    #[test]
    fn units_are_converted_and_wrong_ones_refused() {
        check(Code::Temp, "NM|98.6|266560^MDC_DIM_FAHR^MDC|F", "37.0");
        check(Code::Temp, "NM|36.7|0004-17a0^\u{b0}C^MDIL|F", "36.7");
        check(Code::EtCo2, "NM|5.1|^kPa|F", "38");
        check(Code::NibpSys, "NM|16.0|kPa|F", "120");
        check(Code::Hr, "NM|60|264864^bpm^MDC|F", "60");
        check(Code::Hr, "NM|60|264864^MDC_DIM_PERCENT^MDC|F", "unreadable");
        check(Code::Hr, "NM|60|mmHg|F", "unreadable");
        check(Code::EtCo2, "NM|5.1|%|F", "unreadable");
        check(Code::Spo2, "NM|98|furlong|F", "unreadable");
    }
}
