//! One line of ASCII 1: date, time, then `KEY=value` in any order.
//!
//! M1: A line counts only whole: a real date, nothing but known forms, no key twice, SpO2, pulse and EXC all there.
//! Models and firmware differ in the rest.

use vitals::{Decimal, WallTime};

use crate::device_clock::{Calendar, clock_digits, two_digits};

/// `mm/dd/yy hh:mm:ss`.
const CLOCK_CHARS: usize = 17;

/// A value as it stands in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Only `-`, `+` and `.`: the device has no value.
    Missing,
    /// A number with the places it was sent with.
    Number(Decimal),
}

/// One whole line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The device's clock.
    pub time: WallTime,
    /// SpO2 in %.
    pub spo2: Field,
    /// Pulse rate in 1/min.
    pub pr: Field,
    /// Perfusion index in %, where the line has one.
    pub pi: Option<Field>,
    /// ALARM, where the line has it.
    pub alarm: Option<u32>,
    /// EXC.
    pub exc: u32,
    /// Which keys in which order with values of which length: the same for every line of a device.
    pub shape: u64,
    /// The first key that is not known: its first four letters as a number.
    pub unknown_key: Option<u32>,
}

/// Reads a line; `None` when it is none (M1).
pub(super) fn read(text: &str) -> Option<Line> {
    let (clock, rest) = text.split_at_checked(CLOCK_CHARS)?;
    let time = read_clock(clock)?;
    let mut pairs = Pairs::default();
    let mut in_words = false;
    for word in rest.strip_prefix(' ')?.split_ascii_whitespace() {
        match word.split_once('=') {
            Some((key, value)) => {
                pairs.hear(&key.to_ascii_uppercase(), value)?;
                in_words = value.contains(':');
            }
            // The words after `EXC=hhh:` of a trend line.
            None if in_words => {}
            None => return None,
        }
    }
    Some(Line {
        time,
        spo2: pairs.spo2?,
        pr: pairs.pr?,
        pi: pairs.pi,
        alarm: pairs.alarm,
        exc: pairs.exc?,
        shape: pairs.shape,
        unknown_key: pairs.unknown_key,
    })
}

fn read_clock(text: &str) -> Option<WallTime> {
    let (date, time) = text.split_once(' ')?;
    let mut parts = date.split('/').map(two_digits);
    let (month, day, year) = (parts.next()??, parts.next()??, parts.next()??);
    let [hour, minute, second] = clock_digits(time)?;
    let calendar = Calendar {
        year,
        month,
        day,
        hour,
        minute,
        second,
    };
    parts.next().is_none().then(|| calendar.moment()).flatten()
}

#[derive(Default)]
struct Pairs {
    spo2: Option<Field>,
    pr: Option<Field>,
    pi: Option<Field>,
    alarm: Option<u32>,
    exc: Option<u32>,
    others: Vec<String>,
    shape: u64,
    unknown_key: Option<u32>,
}

impl Pairs {
    /// Takes one pair; `None` when it cannot be or stands there twice.
    fn hear(&mut self, key: &str, value: &str) -> Option<()> {
        let value = match key {
            // Text may follow.
            "EXC" => value.split(':').next()?,
            _ => value,
        };
        match key {
            "SPO2" => once(&mut self.spo2, whole(value)?)?,
            "BPM" | "PR" => once(&mut self.pr, whole(value)?)?,
            "PI" => once(&mut self.pi, unsigned(value)?)?,
            "ALARM" => once(&mut self.alarm, hex(value, [2, 4])?)?,
            "EXC" => once(&mut self.exc, hex(value, [3, 6])?)?,
            "SPCO" | "SPMET" | "DESAT" | "PIDELTA" | "PVI" => {
                field(value)?;
                self.other(key)?;
            }
            "SN" => self.other(key)?,
            _ => {
                let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                is_key.then(|| self.other(key))??;
                self.unknown_key.get_or_insert(number(key));
            }
        }
        self.shape = key.bytes().fold(self.shape, mixed);
        // `BPM=---%` was seen beside `BPM=097`.
        let length = value.trim_end_matches('%').len();
        self.shape = mixed(self.shape, u8::try_from(length).unwrap_or(u8::MAX));
        Some(())
    }

    /// A key whose value is not used.
    fn other(&mut self, key: &str) -> Option<()> {
        let new = !self.others.iter().any(|known| known == key);
        new.then(|| self.others.push(key.to_owned()))
    }
}

fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// FNV-1a.
fn mixed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
}

fn number(key: &str) -> u32 {
    key.bytes()
        .take(4)
        .fold(0, |number, byte| number << 8 | u32::from(byte))
}

fn hex(value: &str, digits: [usize; 2]) -> Option<u32> {
    let is_hex = digits.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(value, 16).ok()).flatten()
}

/// A number without sign and point, of at most three digits, or missing.
fn whole(value: &str) -> Option<Field> {
    let fits = value.trim_end_matches('%').len() <= 3 && !value.contains('.');
    unsigned(value).filter(|_| fits)
}

/// A number without a sign, or missing.
fn unsigned(value: &str) -> Option<Field> {
    match field(value)? {
        Field::Number(_) if value.starts_with(['-', '+']) => None,
        found => Some(found),
    }
}

/// A value ends at its `%`. `---`, `--.--`, `+--` and their like are missing.
fn field(value: &str) -> Option<Field> {
    let value = value.strip_suffix('%').unwrap_or(value);
    if !value.is_empty() && value.bytes().all(|byte| matches!(byte, b'-' | b'+' | b'.')) {
        return Some(Field::Missing);
    }
    let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
    let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = (1..=4).contains(&before.len())
        && after.len() <= 2
        && are_digits(before)
        && are_digits(after)
        && digits.contains('.') != after.is_empty();
    if !is_number {
        return None;
    }
    let size: i64 = [before, after].concat().parse().ok()?;
    let mantissa = if value.starts_with('-') { -size } else { size };
    Some(Field::Number(Decimal::new(
        mantissa,
        u8::try_from(after.len()).ok()?,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 PI=03.60% SPCO=--.-% SPMET=--.-% DESAT=-- \
                         PIDELTA=+-- ALARM=0000 EXC=000800";

    fn number_of(mantissa: i64, places: u8) -> Field {
        Field::Number(Decimal::new(mantissa, places))
    }

    #[test]
    fn a_whole_line_is_read() {
        let line = read(WHOLE).unwrap();
        assert_eq!(line.spo2, number_of(98, 0));
        assert_eq!(line.pr, number_of(97, 0));
        assert_eq!(line.pi, Some(number_of(360, 2)));
        assert_eq!((line.alarm, line.exc), (Some(0), 0x800));
        assert_eq!(line.time.as_unix_ms(), 1_456_181_265_000);
        assert_eq!(line.unknown_key, None);
    }

    #[test]
    fn keys_in_any_order_and_case_and_a_trend_line_are_read() {
        let line = read("09/15/10 15:10:29 EXC=824:Sensor off,Low perfusion spo2=000% pr=---").unwrap();
        assert_eq!((line.spo2, line.pr), (number_of(0, 0), Field::Missing));
        assert_eq!((line.alarm, line.exc), (None, 0x824));
        assert_eq!(
            read(&WHOLE.replace("BPM=097", "BPM=---%")).unwrap().pr,
            Field::Missing
        );
    }

    #[test]
    fn m1_anything_else_is_no_line() {
        for (from, to) in [
            ("02/22/16", "02/32/16"),
            ("02/22/16", "2/22/16"),
            ("22:47:45", "24:47:45"),
            ("SPO2=098%", "SPP2=098%"),
            ("SPO2=098%", "SPO2=0x8%"),
            ("SPO2=098%", "SPO2=-98%"),
            ("SPO2=098%", "SPO2=9.8%"),
            ("SPO2=098%", "SPO2=0098"),
            ("SPO2=098%", "SPO2=098%%"),
            ("SPO2=098%", "SPO2=%"),
            ("BPM=097", "SPO2=097"),
            ("BPM=097", "BPM 097"),
            ("BPM=097", "B?M=097"),
            ("PI=03.60%", "PR=03.60%"),
            ("PI=03.60%", "PI=03.6x%"),
            ("PI=03.60%", "PI=03.%"),
            ("DESAT=--", "DESAT=-x"),
            ("ALARM=0000", "ALARM=000"),
            ("ALARM=0000", "ALARM=00g0"),
            ("EXC=000800", "EXC=0008000"),
            ("EXC=000800", "EXC=+00800"),
            ("EXC=000800", "EX"),
            ("EXC=000800", ""),
        ] {
            let line = WHOLE.replacen(from, to, 1);
            assert_eq!(read(&line), None, "{line}");
        }
        assert_eq!(read(""), None);
        assert_eq!(read("é2/22/16 22:47:45 SPO2=098%"), None);
    }

    #[test]
    fn a_key_that_is_not_known_is_named_and_costs_nothing() {
        let line = read(&(WHOLE.to_owned() + " SPHB=12.1")).unwrap();
        assert_eq!(line.unknown_key, Some(u32::from_be_bytes(*b"SPHB")));
        assert_ne!(line.shape, read(WHOLE).unwrap().shape);
    }
}
