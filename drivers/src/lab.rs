//! What laboratory results of every family have in common: texts within their bounds, numbers, flags, times, LOINC codes.
//!
//! - R1: a text that stands for a value or for a patient is taken whole or refused; one that only explains is cut.
//! - R2: a number is made only of a text that is one from its first to its last character (I5).

use vitals::lab::LAB_CHARS_MAX;
use vitals::number::PLACES_MAX;
use vitals::{Decimal, LabFlag};

/// Longest text of a number.
const NUMBER_CHARS_MAX: usize = 16;

/// A text on one line, or `None` when it is longer than it may be (R1).
pub(crate) fn whole(text: &str) -> Option<String> {
    let text = one_line(text);
    (text.chars().count() <= LAB_CHARS_MAX).then_some(text)
}

/// A text on one line, cut to what is kept of it (R1).
pub(crate) fn cut(text: &str) -> String {
    one_line(text).chars().take(LAB_CHARS_MAX).collect()
}

fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.collect::<String>().trim().to_owned()
}

/// Digits with an optional sign and point, and nothing else (R2).
pub(crate) fn number(text: &str) -> Option<Decimal> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let places = u8::try_from(fraction.len())
        .ok()
        .filter(|places| *places <= PLACES_MAX)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let good = !whole.is_empty() && text.len() <= NUMBER_CHARS_MAX;
    if !good || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let mantissa: i64 = format!("{whole}{fraction}").parse().ok()?;
    Some(Decimal::new(sign * mantissa, places))
}

/// What the letters of one flag mean. ASTM E1394 R-7 and HL7 OBX-8.
pub(crate) fn flag(letters: &str) -> LabFlag {
    match letters {
        "" => LabFlag::None,
        "N" => LabFlag::Normal,
        "L" => LabFlag::Low,
        "H" => LabFlag::High,
        "LL" => LabFlag::CriticalLow,
        "HH" => LabFlag::CriticalHigh,
        "<" => LabFlag::BelowMeasuring,
        ">" => LabFlag::AboveMeasuring,
        _ => LabFlag::Abnormal,
    }
}

/// The gravest of several flags: what must not be overlooked.
pub(crate) fn gravest(flags: impl Iterator<Item = LabFlag>) -> LabFlag {
    let weight = |flag: &LabFlag| match flag {
        LabFlag::None => 0,
        LabFlag::Normal => 1,
        LabFlag::Abnormal => 2,
        LabFlag::Low | LabFlag::High => 3,
        LabFlag::BelowMeasuring | LabFlag::AboveMeasuring => 4,
        LabFlag::CriticalLow | LabFlag::CriticalHigh => 5,
    };
    flags.max_by_key(weight).unwrap_or_default()
}

/// `YYYYMMDD[HH[MM[SS]]]`, with whatever fraction and zone, as `2024-05-14 11:24:00`; `None` when it is no time.
pub(crate) fn time(text: &str) -> Option<String> {
    let digits = text.split(['.', '+', '-']).next().unwrap_or("");
    if !matches!(digits.len(), 8 | 10 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let date = date(digits.get(..8)?)?;
    let part = |from: usize| digits.get(from..from + 2);
    let (hour, minute, second) = (part(8), part(10), part(12));
    let below = |part: Option<&str>, most: &str| part.is_none_or(|part| part < most);
    if !below(hour, "24") || !below(minute, "60") || !below(second, "60") {
        return None;
    }
    Some(match (hour, minute) {
        (Some(hour), Some(minute)) => format!("{date} {hour}:{minute}:{}", second.unwrap_or("00")),
        _ => date,
    })
}

/// `YYYYMMDD`, with whatever follows, as `1960-01-01`; `None` when it is no date.
pub(crate) fn date(text: &str) -> Option<String> {
    let digits = text.get(..8)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let good = (1850..=2199).contains(&year.parse::<u32>().ok()?)
        && ("01"..="12").contains(&month)
        && ("01"..="31").contains(&day);
    good.then(|| format!("{year}-{month}-{day}"))
}

/// A code of LOINC, if it is one by its form and its check digit (modulus 10 over the digits before the hyphen).
pub(crate) fn loinc(code: &str) -> Option<String> {
    let (digits, check) = code.split_once('-')?;
    let check = check.parse::<u32>().ok().filter(|_| check.len() == 1)?;
    if !(1..=7).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    ((10 - sum % 10) % 10 == check).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r1_what_stands_for_a_value_is_whole_and_what_explains_is_cut() {
        let long = "x".repeat(LAB_CHARS_MAX + 1);
        assert_eq!(whole(&long), None);
        assert_eq!(cut(&long).len(), LAB_CHARS_MAX);
        assert_eq!(whole(" a\r\nb\t").as_deref(), Some("a  b"));
    }

    #[test]
    fn r2_only_a_whole_number_is_one() {
        let told = |text| number(text).map(|number| number.to_string());
        for (text, expected) in [("7.21", "7.21"), ("-3", "-3"), ("+10.0", "10.0"), ("0", "0")] {
            assert_eq!(told(text).as_deref(), Some(expected));
        }
        for text in [
            "",
            "----",
            "****",
            "NEG",
            "<0.5",
            ">100",
            "1e3",
            "1,5",
            " 7",
            ".5",
            "1.2.3",
            "-",
            "0.0000001",
            "7.2 H",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn flags_are_letters_and_the_gravest_counts() {
        let of = |text: &str| gravest(text.split('\\').map(flag));
        assert_eq!(of("LL"), LabFlag::CriticalLow);
        assert_eq!(of("H\\A"), LabFlag::High);
        assert_eq!(of("N\\HH"), LabFlag::CriticalHigh);
        assert_eq!(of("<"), LabFlag::BelowMeasuring);
        assert_eq!(of("U"), LabFlag::Abnormal);
        assert_eq!(of(""), LabFlag::None);
    }

    #[test]
    fn times_are_the_sender_s_own() {
        assert_eq!(time("20240514112400").as_deref(), Some("2024-05-14 11:24:00"));
        assert_eq!(time("202405141124").as_deref(), Some("2024-05-14 11:24:00"));
        assert_eq!(
            time("20240514112400.5+0530").as_deref(),
            Some("2024-05-14 11:24:00")
        );
        assert_eq!(time("20240514").as_deref(), Some("2024-05-14"));
        for none in [
            "",
            "2024",
            "20241314",
            "20240532",
            "20240514240000",
            "2024051411240x",
            "00000000000000",
        ] {
            assert_eq!(time(none), None, "{none}");
        }
        assert_eq!(date("19600101").as_deref(), Some("1960-01-01"));
        assert_eq!(date("1960-1-1"), None);
    }

    #[test]
    fn a_loinc_code_has_a_check_digit() {
        for good in ["6690-2", "718-7", "2345-7", "30525-0"] {
            assert_eq!(loinc(good).as_deref(), Some(good));
        }
        for bad in ["6690-3", "WBC", "6690", "-2", "6690-22", "66a0-2"] {
            assert_eq!(loinc(bad), None, "{bad}");
        }
    }
}
