//! From the words of an answer to a value or a reason, in the order that the sheet of the format lays down:
//! byte and word order, type, sentinel on the raw value, bits, scale and offset, valid range, unit.

use vitals::number::PLACES_MAX;
use vitals::{AbsentReason, Decimal, Measured};

use super::map::{Kind, Order, Pick, Scale, Signal};

/// Digits after the point of values that come from floats or odd divisors: finer than any sensor, free of their noise.
pub(super) const PLACES_ROUNDED: u8 = 3;

/// What stands in the registers of one signal.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Raw {
    /// A whole number, and the bits it was read from.
    Whole { value: i128, bits: u64 },
    /// A float.
    Float { value: f64, bits: u64 },
    /// A text.
    Text(String),
    /// Digits that are no decimal digits.
    NoNumber { bits: u64 },
}

impl Raw {
    /// The bits as they came: equal bits, equal measurement.
    pub(super) fn bits(&self) -> u64 {
        match self {
            Raw::Whole { bits, .. } | Raw::Float { bits, .. } | Raw::NoNumber { bits } => *bits,
            Raw::Text(text) => text
                .bytes()
                .fold(0, |sum: u64, byte| sum.rotate_left(8) ^ u64::from(byte)),
        }
    }
}

/// Reads the raw value; `words` are exactly the signal's own.
pub(super) fn raw(signal: &Signal, words: &[u16]) -> Raw {
    if let Kind::Text(_) = signal.kind {
        return Raw::Text(text(words, signal.order));
    }
    let bits = ordered(words, signal.order)
        .into_iter()
        .fold(0u64, |bits, word| bits << 16 | u64::from(word));
    match signal.kind {
        Kind::Unsigned(_) | Kind::Text(_) => Raw::Whole {
            value: i128::from(bits),
            bits,
        },
        Kind::Signed(words) => {
            let unused = 64 - 16 * u32::from(words);
            Raw::Whole {
                // Moves the sign bit to the top and back, which fills the rest with it.
                value: i128::from((bits << unused) as i64 >> unused),
                bits,
            }
        }
        Kind::Bool => Raw::Whole {
            value: i128::from(bits != 0),
            bits,
        },
        Kind::Float32 => Raw::Float {
            value: f64::from(f32::from_bits(bits as u32)),
            bits,
        },
        Kind::Float64 => Raw::Float {
            value: f64::from_bits(bits),
            bits,
        },
        Kind::Bcd => digits(bits).map_or(Raw::NoNumber { bits }, |value| Raw::Whole { value, bits }),
    }
}

/// The largest power of ten that another register may name, either way: SunSpec's `sunssf` is -10 to 10.
const EXPONENT_MAX: i64 = 10;

/// The measured value of a number; a text has none.
pub(super) fn measured(signal: &Signal, raw: &Raw) -> Measured {
    measured_times(signal, raw, 0)
}

/// The same for a number whose power of ten stands in another register: without that there is no value.
pub(super) fn measured_with(signal: &Signal, raw: &Raw, of: &Signal, exponent: &Raw) -> Measured {
    match measured(of, exponent) {
        Measured::Absent(reason) => Measured::Absent(reason),
        Measured::Value(power) => match whole(power) {
            Some(power) if power.abs() <= EXPONENT_MAX => measured_times(signal, raw, power as i32),
            _ => Measured::Absent(AbsentReason::Implausible),
        },
    }
}

fn whole(value: Decimal) -> Option<i64> {
    let unit = 10i64.checked_pow(u32::from(value.places()))?;
    (value.mantissa() % unit == 0).then_some(value.mantissa() / unit)
}

fn measured_times(signal: &Signal, raw: &Raw, power: i32) -> Measured {
    let none = Measured::Absent(AbsentReason::NotAvailable);
    let (value, bits) = match raw {
        Raw::Whole { value, bits } => (scaled(signal, *value, *bits, power), *bits),
        Raw::Float { value, .. } if !value.is_finite() => return none,
        Raw::Float { value, bits } => (scaled_float(signal, *value, power), *bits),
        Raw::NoNumber { .. } | Raw::Text(_) => return none,
    };
    if is_sentinel(signal, raw, bits) {
        return none;
    }
    let Some(value) = value else {
        return Measured::Absent(AbsentReason::Implausible);
    };
    match signal.valid {
        Some((low, high)) if value < low || value > high => Measured::Absent(AbsentReason::Implausible),
        _ => match signal.code {
            Some(code) => code.judge(value),
            None => Measured::Value(value),
        },
    }
}

/// A sentinel may be written as the number (-32768) or as the bits (0x8000).
fn is_sentinel(signal: &Signal, raw: &Raw, bits: u64) -> bool {
    signal.sentinels.iter().any(|sentinel| {
        let number = matches!(raw, Raw::Whole { value, .. } if *value == i128::from(*sentinel));
        number || u64::try_from(*sentinel) == Ok(bits)
    })
}

fn scaled(signal: &Signal, value: i128, bits: u64, power: i32) -> Option<Decimal> {
    let value = match signal.pick {
        Pick::All => value,
        Pick::Bits { low, high } => {
            let kept = u64::MAX >> (63 - (high - low));
            i128::from(bits >> low & kept)
        }
    };
    match signal.scale {
        Scale::Times(scale) => {
            let mantissa = value.checked_mul(i128::from(scale.mantissa()))?;
            Some(shifted(mantissa, i32::from(scale.places()) - power)?.plus(signal.offset))
        }
        Scale::DividedBy(by) => {
            rounded(signal, value as f64 / by * 10f64.powi(power)).map(|value| value.plus(signal.offset))
        }
    }
}

/// `mantissa` with its point moved left by `places`; digits beyond what a decimal can hold are rounded.
fn shifted(mantissa: i128, places: i32) -> Option<Decimal> {
    let most = i32::from(PLACES_MAX);
    let (up, down) = ((-places).max(0) as u32, (places - most).max(0) as u32);
    let mantissa = mantissa.checked_mul(10i128.checked_pow(up)?)?;
    let unit = 10i128.checked_pow(down)?;
    let half = unit / 2 * mantissa.signum();
    let mantissa = i64::try_from(mantissa.checked_add(half)? / unit).ok()?;
    Some(Decimal::new(mantissa, places.clamp(0, most) as u8))
}

fn scaled_float(signal: &Signal, value: f64, power: i32) -> Option<Decimal> {
    let value = 10f64.powi(power)
        * match signal.scale {
            Scale::Times(scale) => value * scale.as_f64(),
            Scale::DividedBy(by) => value / by,
        };
    rounded(signal, value).map(|value| value.plus(signal.offset))
}

/// A vital sign has the digits of its code; other values as many as they need, up to [`PLACES_ROUNDED`].
fn rounded(signal: &Signal, value: f64) -> Option<Decimal> {
    if let Some(code) = signal.code {
        return Decimal::from_f64(value, code.info().places);
    }
    let finest = Decimal::from_f64(value, PLACES_ROUNDED)?;
    (0..=PLACES_ROUNDED)
        .filter_map(|places| Decimal::from_f64(value, places))
        .find(|shorter| *shorter == finest)
}

fn ordered(words: &[u16], order: Order) -> Vec<u16> {
    let mut words: Vec<u16> = words
        .iter()
        .map(|word| {
            if order.bytes_swapped {
                word.swap_bytes()
            } else {
                *word
            }
        })
        .collect();
    if order.words_swapped {
        words.reverse();
    }
    words
}

/// Four decimal digits, one per half byte.
fn digits(bits: u64) -> Option<i128> {
    [12u32, 8, 4, 0].into_iter().try_fold(0i128, |sum, shift| {
        let digit = bits >> shift & 0xF;
        (digit <= 9).then_some(sum * 10 + i128::from(digit))
    })
}

/// Two characters per register; ends at the first zero byte, odd characters become `?`.
fn text(words: &[u16], order: Order) -> String {
    let order = Order {
        words_swapped: false,
        ..order
    };
    ordered(words, order)
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .take_while(|byte| *byte != 0)
        .map(|byte| {
            if byte.is_ascii_graphic() || byte == b' ' {
                char::from(byte)
            } else {
                '?'
            }
        })
        .collect::<String>()
        .trim()
        .to_owned()
}
