//! Time stamps of HL7: `YYYYMMDD[HHMM[SS[.ffff]]][+-ZZZZ]`, and 17 digits without the point (Mindray eGateway, one source).

use std::time::Duration;

use vitals::WallTime;

/// A time as a device says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Its digits, in ms since 1970, as if they were UTC.
    local_ms: i64,
    /// East of UTC, in minutes; `None` = the site's zone, whatever that is.
    zone_min: Option<i64>,
}

const DAY_MS: i64 = 86_400_000;

/// Two clocks of one sender, read one after the other, may differ by this much.
const AHEAD_MAX_MS: i64 = 2_000;

impl Stamp {
    /// Reads a time; `None` when it is empty, all zeros (Mindray's "none"), or no time.
    pub fn read(text: &str) -> Option<Stamp> {
        let (digits, zone_min) = match text.find(['+', '-']) {
            Some(place) => (text.get(..place)?, Some(zone_minutes(text.get(place..)?)?)),
            None => (text, None),
        };
        let (digits, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if !digits
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
        {
            return None;
        }
        // `part(from, to)` may lie beyond the end: left out.
        let part = |from: usize, to: usize| {
            digits
                .get(from..to)
                .map_or(Some(0), |part| part.parse::<i64>().ok())
        };
        if !matches!(digits.len(), 8 | 10 | 12 | 14 | 17) {
            return None;
        }
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
        let good = year >= 1900 && (1..=12).contains(&month) && (1..=31).contains(&day);
        if !good || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let thousandths = if fraction.is_empty() {
            part(14, 17)?
        } else {
            thousandths(fraction)
        };
        let seconds = (hour * 60 + minute) * 60 + second;
        Some(Stamp {
            local_ms: days(year, month, day) * DAY_MS + seconds * 1000 + thousandths,
            zone_min,
        })
    }

    /// As a wall time: a time without a zone counts as UTC.
    pub fn wall(self) -> WallTime {
        WallTime::from_unix_ms(self.local_ms - self.zone_min.unwrap_or(0) * 60_000)
    }

    /// How long before `later` this was, where the two can be compared and this is not the later one.
    pub fn before(self, later: Stamp) -> Option<Duration> {
        let ms = match (self.zone_min, later.zone_min) {
            (Some(_), Some(_)) => later.wall().as_unix_ms() - self.wall().as_unix_ms(),
            // One of them leaves out the zone of the other one.
            _ => later.local_ms - self.local_ms,
        };
        (ms >= -AHEAD_MAX_MS).then(|| Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }
}

/// As an HL7 time in UTC, to the second.
pub fn written(time: WallTime) -> String {
    let seconds = time.as_unix_ms().div_euclid(1000);
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, date) = civil(day);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}{month:02}{date:02}{hour:02}{minute:02}{:02}+0000",
        second % 60
    )
}

fn zone_minutes(text: &str) -> Option<i64> {
    let east = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..5).filter(|_| text.len() == 5)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = digits.parse().ok()?;
    Some(east * (number / 100 * 60 + number % 100))
}

fn thousandths(fraction: &str) -> i64 {
    let three: String = fraction.chars().chain("000".chars()).take(3).collect();
    three.parse().unwrap_or(0)
}

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970 (`civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_devices_use() {
        let ms = |text| Stamp::read(text).map(|stamp| stamp.wall().as_unix_ms());
        assert_eq!(ms("20260912120000"), Some(1_789_214_400_000));
        assert_eq!(ms("20260912120000.25"), Some(1_789_214_400_250));
        assert_eq!(ms("20260912120000.0000+0530"), Some(1_789_194_600_000));
        assert_eq!(ms("20260912120000123+0800"), Some(1_789_185_600_123));
        assert_eq!(ms("202609121200"), ms("20260912120000"));
        assert_eq!(ms("20260912"), Some(1_789_171_200_000));
        assert_eq!(ms("20260912120000-0100"), Some(1_789_218_000_000));
        for none in [
            "",
            "00000000000000",
            "2026091",
            "20261312",
            "20260912250000",
            "now",
            "20260912+1",
            "2026-09-12",
        ] {
            assert_eq!(ms(none), None, "{none}");
        }
    }

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for text in [
            "19700101000000+0000",
            "20240229235959+0000",
            "20991231120000+0000",
            "20260301000000+0000",
        ] {
            assert_eq!(written(Stamp::read(text).unwrap().wall()), text);
        }
    }

    #[test]
    fn ages_are_never_negative() {
        let before = |one, other| Stamp::read(one).unwrap().before(Stamp::read(other).unwrap());
        let s = |s| Some(Duration::from_secs(s));
        assert_eq!(before("20260912120000", "20260912120130"), s(90));
        assert_eq!(before("20260912120000+0530", "20260912083000+0100"), s(3600));
        assert_eq!(before("20260912120000", "20260912120100+0530"), s(60));
        assert_eq!(before("20260912120001", "20260912120000"), s(0));
        assert_eq!(before("20260912120005", "20260912120000"), None);
    }
}
