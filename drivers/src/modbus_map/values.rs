//! Small words of a map file: durations, byte orders, references in the manual's style, decimal numbers.

use std::time::Duration;

use vitals::Decimal;
use vitals::number::PLACES_MAX;

use super::error::MapProblem;
use super::map::{Order, Table};

const INTERVAL_MIN: Duration = Duration::from_millis(100);
const INTERVAL_MAX: Duration = Duration::from_secs(24 * 3600);

/// `500ms`, `1s`, `10min`.
pub(super) fn duration(text: &str) -> Result<Duration, MapProblem> {
    let bad = || MapProblem::BadDuration(text.to_owned());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at_checked(digits).ok_or_else(bad)?;
    let count: u64 = count.parse().map_err(|_| bad())?;
    let ms = match unit.trim() {
        "ms" => count,
        "s" => count.saturating_mul(1000),
        "min" => count.saturating_mul(60_000),
        _ => return Err(bad()),
    };
    let found = Duration::from_millis(ms);
    (INTERVAL_MIN..=INTERVAL_MAX)
        .contains(&found)
        .then_some(found)
        .ok_or_else(bad)
}

/// Letters are positions: A is the most significant byte, the first letter the first byte on the wire.
pub(super) fn order(text: &str, bytes: usize) -> Result<Order, MapProblem> {
    let choices: &[(&str, bool, bool)] = match bytes {
        2 => &[("AB", false, false), ("BA", false, true)],
        4 => &[
            ("ABCD", false, false),
            ("CDAB", true, false),
            ("BADC", false, true),
            ("DCBA", true, true),
        ],
        _ => &[
            ("ABCDEFGH", false, false),
            ("GHEFCDAB", true, false),
            ("BADCFEHG", false, true),
            ("HGFEDCBA", true, true),
        ],
    };
    let allowed = match bytes {
        2 => "AB, BA",
        4 => "ABCD, CDAB, BADC, DCBA",
        _ => "ABCDEFGH, GHEFCDAB, BADCFEHG, HGFEDCBA",
    };
    choices
        .iter()
        .find(|(letters, ..)| *letters == text)
        .map(|(_, words_swapped, bytes_swapped)| Order {
            words_swapped: *words_swapped,
            bytes_swapped: *bytes_swapped,
        })
        .ok_or(MapProblem::BadOrder {
            order: text.to_owned(),
            bytes,
            allowed,
        })
}

/// `0..3`: lowest and highest bit.
pub(super) fn bit_range(text: &str) -> Option<(u32, u32)> {
    let (low, high) = text.split_once("..")?;
    Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
}

/// A manual's `40119` is holding register 118.
pub(super) fn reference(text: &str) -> Option<(Table, u16)> {
    if !(5..=6).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (table, number) = text.split_at_checked(1)?;
    let table = match table {
        "0" => Table::Coil,
        "1" => Table::Discrete,
        "3" => Table::Input,
        "4" => Table::Holding,
        _ => return None,
    };
    let number: u32 = number.parse().ok()?;
    Some((table, u16::try_from(number.checked_sub(1)?).ok()?))
}

/// The decimal that was written: 0.1 is one tenth, not the nearest binary fraction.
pub(super) fn decimal(value: f64) -> Option<Decimal> {
    // The shortest text that reads back as this number is the text that stood in the file.
    let text = value.is_finite().then(|| value.to_string())?;
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let places = u8::try_from(fraction.len()).ok()?;
    let mantissa = format!("{whole}{fraction}").parse().ok()?;
    (places <= PLACES_MAX).then_some(Decimal::new(mantissa, places))
}

/// Dividing by 10, 100 ... is a shift of the point and stays exact.
pub(super) fn shift_of(divisor: f64) -> Option<Decimal> {
    (0..=PLACES_MAX)
        .find(|places| divisor == 10f64.powi(i32::from(*places)))
        .map(|places| Decimal::new(1, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, ms) in [("100ms", 100), ("1s", 1000), ("10min", 600_000), ("5 s", 5000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in [
            "",
            "1",
            "s",
            "1.5s",
            "99ms",
            "25h",
            "2000min",
            "99999999999999999999s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn references_count_from_one() {
        assert_eq!(reference("40119"), Some((Table::Holding, 118)));
        assert_eq!(reference("30001"), Some((Table::Input, 0)));
        assert_eq!(reference("00013"), Some((Table::Coil, 12)));
        assert_eq!(reference("465536"), Some((Table::Holding, 65535)));
        for text in ["40000", "4011", "20001", "4x119", "465537"] {
            assert_eq!(reference(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_are_what_was_written() {
        assert_eq!(decimal(0.1), Some(Decimal::new(1, 1)));
        assert_eq!(decimal(-0.125), Some(Decimal::new(-125, 3)));
        assert_eq!(decimal(1e-7), None);
        assert_eq!(decimal(f64::NAN), None);
        assert_eq!(shift_of(1000.0), Some(Decimal::new(1, 3)));
        assert_eq!(shift_of(512.0), None);
    }
}
