//! A measured number, kept as the decimal the device sent: 36.6 is 366 with one place, never 36.599998.

use std::cmp::Ordering;
use std::fmt;

use serde::{Serialize, Serializer};

/// `mantissa / 10^places`. Places range 0..=6; compared and hashed by value, printed with exactly `places` digits.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i64,
    places: u8,
}

/// The most places after the point that a [`Decimal`] keeps.
pub const PLACES_MAX: u8 = 6;

impl Decimal {
    /// `mantissa / 10^places`; places above [`PLACES_MAX`] are cut off (rounded towards zero).
    pub const fn new(mantissa: i64, places: u8) -> Self {
        let (mut mantissa, mut places) = (mantissa, places);
        while places > PLACES_MAX {
            mantissa /= 10;
            places -= 1;
        }
        Self { mantissa, places }
    }

    /// A whole number.
    pub const fn whole(value: i64) -> Self {
        Self {
            mantissa: value,
            places: 0,
        }
    }

    /// The nearest decimal with `places` digits; `None` when `value` is not finite or too large.
    pub fn from_f64(value: f64, places: u8) -> Option<Self> {
        let places = places.min(PLACES_MAX);
        let scaled = (value * 10f64.powi(i32::from(places))).round();
        // 2^53: beyond it a float no longer holds every whole number.
        (scaled.is_finite() && scaled.abs() < 9_007_199_254_740_992.0).then_some(Self {
            mantissa: scaled as i64,
            places,
        })
    }

    /// As a float, for drawing and for scale factors; never for comparing with a limit.
    pub fn as_f64(self) -> f64 {
        self.mantissa as f64 / 10f64.powi(i32::from(self.places))
    }

    /// The digits without the point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many digits stand after the point.
    pub const fn places(self) -> u8 {
        self.places
    }

    /// The sum, with the finer of the two resolutions.
    pub fn plus(self, other: Decimal) -> Decimal {
        let places = self.places.max(other.places);
        let sum = self.scaled_to(places).saturating_add(other.scaled_to(places));
        Decimal {
            mantissa: i64::try_from(sum).unwrap_or(i64::MAX),
            places,
        }
    }

    /// The same number without the zeros that its resolution adds: `84` for 84.00.
    pub const fn trimmed(self) -> Decimal {
        let mut trimmed = self;
        while trimmed.places > 0 && trimmed.mantissa % 10 == 0 {
            trimmed.mantissa /= 10;
            trimmed.places -= 1;
        }
        trimmed
    }

    /// The nearest number with at most this many places; halves away from zero.
    pub fn rounded(self, places: u8) -> Decimal {
        let mut rounded = self;
        if self.places > places {
            let step = 10i64.pow(u32::from(self.places - places));
            rounded.mantissa = self.mantissa.saturating_add(self.mantissa.signum() * (step / 2)) / step;
            rounded.places = places;
        }
        rounded
    }

    /// The same number with the sign turned.
    pub const fn negated(self) -> Decimal {
        Decimal {
            mantissa: self.mantissa.saturating_neg(),
            places: self.places,
        }
    }

    fn scaled_to(self, places: u8) -> i128 {
        i128::from(self.mantissa) * 10i128.pow(u32::from(places.saturating_sub(self.places)))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Decimal {}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.scaled_to(PLACES_MAX).cmp(&other.scaled_to(PLACES_MAX))
    }
}
impl std::hash::Hash for Decimal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.scaled_to(PLACES_MAX).hash(state);
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places == 0 {
            return write!(f, "{}", self.mantissa);
        }
        let unit = 10u64.pow(u32::from(self.places));
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let size = self.mantissa.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:0width$}",
            size / unit,
            size % unit,
            width = usize::from(self.places)
        )
    }
}

/// The text is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a number: digits with an optional sign and point")]
pub struct NotANumber;

/// Longest text of a number.
const NUMBER_CHARS_MAX: usize = 16;

/// Digits with an optional minus and point, and nothing else.
impl std::str::FromStr for Decimal {
    type Err = NotANumber;
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let ends = !whole.is_empty() && !digits.ends_with('.');
        let fits = text.len() <= NUMBER_CHARS_MAX && fraction.len() <= usize::from(PLACES_MAX);
        if !fits || !ends || !is_number(whole) || !is_number(fraction) {
            return Err(NotANumber);
        }
        let mantissa: i64 = format!("{whole}{fraction}").parse().map_err(|_| NotANumber)?;
        let places = u8::try_from(fraction.len()).map_err(|_| NotANumber)?;
        Ok(Decimal::new(sign * mantissa, places))
    }
}

/// As text ("36.6"): a JSON number would lose the resolution that the device had.
impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_the_device_sent_it() {
        assert_eq!(Decimal::new(366, 1).to_string(), "36.6");
        assert_eq!(Decimal::new(-5, 2).to_string(), "-0.05");
        assert_eq!(Decimal::whole(97).to_string(), "97");
    }

    #[test]
    fn reads_digits_and_nothing_else() {
        for text in ["36.8", "0", "-0.05", "007", "1.000000"] {
            let number: Decimal = text.parse().unwrap();
            assert_eq!(
                number,
                format!("{:.6}", text.parse::<f64>().unwrap()).parse().unwrap()
            );
        }
        assert_eq!("36.80".parse::<Decimal>().unwrap().to_string(), "36.80");
        for none in [
            "",
            "-",
            ".5",
            "5.",
            "1,5",
            "1e3",
            "+1",
            " 1",
            "0x1",
            "1.0000000",
            "12345678901234567",
        ] {
            assert_eq!(none.parse::<Decimal>(), Err(NotANumber), "{none}");
        }
    }

    #[test]
    fn compares_by_value_not_by_resolution() {
        assert_eq!(Decimal::new(900, 1), Decimal::whole(90));
        assert!(Decimal::new(899, 1) < Decimal::whole(90));
        assert!(Decimal::new(-10, 1) < Decimal::whole(0));
    }

    #[test]
    fn trims_what_only_the_resolution_added_and_rounds_to_the_nearest() {
        let text = |mantissa| {
            let number = Decimal::new(mantissa, 2);
            (
                number.trimmed().to_string(),
                number.rounded(0).to_string(),
                number.rounded(1).to_string(),
            )
        };
        assert_eq!(text(8400), ("84".into(), "84".into(), "84.0".into()));
        assert_eq!(text(8350), ("83.5".into(), "84".into(), "83.5".into()));
        assert_eq!(text(-150), ("-1.5".into(), "-2".into(), "-1.5".into()));
        assert_eq!(text(0), ("0".into(), "0".into(), "0.0".into()));
        assert_eq!(
            Decimal::new(i64::MAX, 2).rounded(0),
            Decimal::whole(i64::MAX / 100)
        );
        assert_eq!(Decimal::whole(100).trimmed().to_string(), "100");
    }

    #[test]
    fn refuses_floats_that_are_not_numbers() {
        assert_eq!(Decimal::from_f64(f64::NAN, 1), None);
        assert_eq!(Decimal::from_f64(f64::INFINITY, 1), None);
        assert_eq!(Decimal::from_f64(26.3, 1), Some(Decimal::new(263, 1)));
    }
}
