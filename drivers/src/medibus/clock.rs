//! The device's own clock: local time without a zone, often wrong; taken as UTC and used for nothing but showing how far off
//! it is.
//!
//! D5: A time counts when the reading before says the same, with what has passed since.

use std::time::Duration;

use vitals::{MonoTime, WallTime};

/// Two readings of a clock with seconds may differ by this much from what passed.
const SECONDS_APART: Duration = Duration::from_secs(2);

/// And of a clock that shows minutes.
const MINUTES_APART: Duration = Duration::from_secs(61);

/// A reading that vouches for the next.
const READING_FOR: Duration = Duration::from_secs(120);

/// Months as devices write them, German and English.
const MONTHS: [&[&[u8; 3]]; 12] = [
    &[b"JAN"],
    &[b"FEB"],
    &[b"MAR"],
    &[b"APR"],
    &[b"MAI", b"MAY"],
    &[b"JUN"],
    &[b"JUL"],
    &[b"AUG"],
    &[b"SEP"],
    &[b"OKT", b"OCT"],
    &[b"NOV"],
    &[b"DEZ", b"DEC"],
];

/// What the device's clock said last.
#[derive(Debug, Default)]
pub(super) struct DeviceClock {
    last: Option<(MonoTime, Reading)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    unix_s: i64,
    has_seconds: bool,
}

/// What an answer about the time was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A time that counts.
    Time(WallTime),
    /// A time that must be said again.
    Unconfirmed,
    /// Nothing: the device has no clock.
    Nothing,
    /// Something else than a time.
    Malformed,
}

impl DeviceClock {
    pub(super) fn hear(&mut self, now: MonoTime, payload: &[u8]) -> Heard {
        if payload.iter().all(|byte| *byte == b' ') {
            return Heard::Nothing;
        }
        let Some(reading) = read(payload) else {
            return Heard::Malformed;
        };
        match self.last.replace((now, reading)) {
            Some((at, was)) if was.goes_on(now.since(at), reading) => {
                Heard::Time(WallTime::from_unix_ms(reading.unix_s.saturating_mul(1000)))
            }
            _ => Heard::Unconfirmed,
        }
    }
}

impl Reading {
    fn goes_on(self, passed: Duration, next: Reading) -> bool {
        let moved = next.unix_s.saturating_sub(self.unix_s);
        let passed_s = i64::try_from(passed.as_secs()).unwrap_or(i64::MAX);
        let apart = if self.has_seconds && next.has_seconds {
            SECONDS_APART
        } else {
            MINUTES_APART
        };
        passed <= READING_FOR && moved.abs_diff(passed_s) <= apart.as_secs()
    }
}

/// `9:33 7-OKT-14`, `14:05:32 17-MAY-21`, without the space too: seconds only after a second colon, then exactly two.
fn read(payload: &[u8]) -> Option<Reading> {
    let mut rest = trim(payload);
    let hour = take_number(&mut rest, 1, 2)?;
    rest = rest.strip_prefix(b":")?;
    let minute = take_number(&mut rest, 2, 2)?;
    let second = match rest.strip_prefix(b":") {
        Some(after) => {
            rest = after;
            // A colon without seconds is known too.
            match rest.first() {
                Some(b' ') => None,
                _ => Some(take_number(&mut rest, 2, 2)?),
            }
        }
        None => None,
    };
    rest = trim(rest);
    let day = take_number(&mut rest, 1, 2)?;
    rest = rest.strip_prefix(b"-")?;
    let (name, after) = rest.split_first_chunk::<3>()?;
    let month = MONTHS.iter().position(|names| names.contains(&name))?;
    rest = after.strip_prefix(b"-")?;
    let year = 2000 + take_number(&mut rest, 2, 2)?;
    let is_time = hour < 24 && minute < 60 && second.unwrap_or(0) < 60;
    let month = i64::try_from(month).ok()? + 1;
    let is_date = (1..=days_in(year, month)).contains(&day);
    (trim(rest).is_empty() && is_time && is_date).then(|| Reading {
        unix_s: days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.unwrap_or(0),
        has_seconds: second.is_some(),
    })
}

fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

fn take_number(rest: &mut &[u8], least: usize, most: usize) -> Option<i64> {
    let count = rest
        .iter()
        .take(most)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (digits, after) = rest.split_at_checked(count)?;
    *rest = after;
    (count >= least).then(|| {
        digits
            .iter()
            .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
    })
}

fn days_in(year: i64, month: i64) -> i64 {
    days_since_1970(year + month / 12, month % 12 + 1, 1) - days_since_1970(year, month, 1)
}

/// Days from 1970-01-01 in the Gregorian calendar, for years from 1 on.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March, so that the leap day is its last.
    let (year, month) = if month <= 2 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    year * 365 + leaps + (month * 153 + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unix_s(text: &str) -> Option<(i64, bool)> {
        read(text.as_bytes()).map(|reading| (reading.unix_s, reading.has_seconds))
    }

    #[test]
    fn every_known_way_to_write_the_time_is_read() {
        // 2014-10-07 09:33:00
        assert_eq!(unix_s(" 9:33 7-OKT-14"), Some((1_412_674_380, false)));
        assert_eq!(unix_s("09:33 07-OCT-14"), Some((1_412_674_380, false)));
        assert_eq!(unix_s("09:337-OCT-14"), Some((1_412_674_380, false)));
        assert_eq!(unix_s("09:33:00 7-OKT-14"), Some((1_412_674_380, true)));
        assert_eq!(unix_s("09:33:127-OKT-14"), Some((1_412_674_392, true)));
        assert_eq!(unix_s("09:33:1207-OKT-14"), Some((1_412_674_392, true)));
        // 2024-02-29 23:59:59, 2021-05-17, 2020-12-31
        assert_eq!(unix_s("23:59:59 29-FEB-24"), Some((1_709_251_199, true)));
        assert_eq!(unix_s("00:00 17-MAI-21"), Some((1_621_209_600, false)));
        assert_eq!(unix_s("00:00 17-MAY-21"), Some((1_621_209_600, false)));
        assert_eq!(unix_s("00:00 31-DEZ-20"), Some((1_609_372_800, false)));
        assert_eq!(unix_s("00:00 31-DEC-20"), Some((1_609_372_800, false)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "24:00 1-JAN-20",
            "12:60 1-JAN-20",
            "12:00 30-FEB-20",
            "12:00 29-FEB-21",
            "12:00 31-APR-20",
            "12:00 0-JAN-20",
            "12:00 1-JAX-20",
            "12:00 1-JAN-2020",
            "12:00",
            "",
            "12:00:5 1-JAN-20",
        ] {
            assert_eq!(unix_s(text), None, "{text}");
        }
    }

    #[test]
    fn d5_a_time_is_believed_when_it_is_said_twice() {
        let mut clock = DeviceClock::default();
        let ms = MonoTime::from_ms;
        let at = |s: i64| Heard::Time(WallTime::from_unix_ms(s * 1000));
        assert_eq!(clock.hear(ms(0), b"09:33:00 7-OKT-14"), Heard::Unconfirmed);
        assert_eq!(clock.hear(ms(30_000), b"09:33:30 7-OKT-14"), at(1_412_674_410));
        assert_eq!(clock.hear(ms(60_000), b"09:34:10 7-OKT-14"), Heard::Unconfirmed);
        assert_eq!(clock.hear(ms(61_000), b"09:34:11 7-OKT-14"), at(1_412_674_451));
        assert_eq!(clock.hear(ms(62_000), b"9h34"), Heard::Malformed);
        assert_eq!(clock.hear(ms(63_000), b""), Heard::Nothing);
        assert_eq!(clock.hear(ms(400_000), b"09:39:50 7-OKT-14"), Heard::Unconfirmed);
    }
}
