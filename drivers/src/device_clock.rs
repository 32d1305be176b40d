//! A device's own clock: its calendar as a [`WallTime`], and whether it runs as ours does.
//!
//! Families without a checksum read the time of each line for three reasons: a damaged digit shows, a printed history
//! is told from live lines, and so are lines that waited somewhere on their way and come all at once (I4).
//!
//! - K1: A line is live when its clock went on since the reference by as much as ours ([`IN_STEP`]). The reference is a
//!   live line not older than [`REFERENCE_FOR`] by much, so a history printed quickly runs away from it.
//! - K2: A clock that was set becomes the new reference when the next line, not sooner than [`LINES_APART`], goes on from it.
//! - K3: A clock that stands still is no clock: such lines are live, but have no time.

use std::time::Duration;

use vitals::{MonoTime, WallTime};

/// How far a device's clock may be from where it should be: whole seconds at both ends, and some delay on the line.
pub const IN_STEP: Duration = Duration::from_millis(1500);

/// A reference is renewed when it is older than this, because no two clocks run alike.
pub const REFERENCE_FOR: Duration = Duration::from_secs(60);

/// Two live lines are at least this far apart.
pub const LINES_APART: Duration = Duration::from_millis(500);

/// What a device's clock does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// The first time it is seen: nothing to compare with.
    First,
    /// It goes on as ours does (K1, K2).
    Running,
    /// It says the same time as before (K3).
    Standing,
    /// It says another time than it should: damaged, set, or not of now.
    Jumped,
}

/// Follows a device's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeviceClock {
    reference: Option<(MonoTime, WallTime)>,
    before: Option<(MonoTime, WallTime)>,
}

impl DeviceClock {
    /// The line that is complete `now` says this time.
    pub fn hear(&mut self, now: MonoTime, said: WallTime) -> Run {
        let before = self.before.replace((now, said));
        if let Some((at, was)) = self.reference
            && in_step(now.since(at), was, said)
        {
            if now.since(at) > REFERENCE_FOR {
                self.reference = Some((now, said));
            }
            return Run::Running;
        }
        let Some((at, was)) = before else {
            return Run::First;
        };
        let elapsed = now.since(at);
        if elapsed < LINES_APART {
            Run::Jumped
        } else if said == was {
            Run::Standing
        } else if in_step(elapsed, was, said) {
            self.reference = Some((now, said));
            Run::Running
        } else {
            Run::Jumped
        }
    }
}

fn in_step(elapsed: Duration, was: WallTime, said: WallTime) -> bool {
    let ours = i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX);
    let theirs = i128::from(said.as_unix_ns()) - i128::from(was.as_unix_ns());
    ours.saturating_sub(theirs).unsigned_abs() <= IN_STEP.as_nanos()
}

/// A calendar time as a device writes it, taken as if it were UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Two digits: 70 to 99 are 19xx, 00 to 69 are 20xx.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
}

impl Calendar {
    /// The moment; `None` when there is no such day or time.
    pub fn moment(self) -> Option<WallTime> {
        let year = i64::from(if self.year < 70 { 2000 } else { 1900 } + self.year);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days_of_month = match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let exists = self.year < 100
            && (1..=days_of_month).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60;
        // Days from 1 March of the year 0: the leap day is the last of its year, so the months before it are regular.
        let (years, months) = if self.month > 2 {
            (year, self.month - 3)
        } else {
            (year - 1, self.month + 9)
        };
        let days = 365 * years + years / 4 - years / 100
            + years / 400
            + i64::from((153 * months + 2) / 5)
            + i64::from(self.day)
            - 1;
        // 719468 of them came before 1 January 1970.
        let seconds =
            (days - 719_468) * 86_400 + i64::from(self.hour * 3600 + self.minute * 60 + self.second);
        exists.then(|| WallTime::from_unix_ms(seconds * 1000))
    }
}

/// Two digits as a number.
pub fn two_digits(text: &str) -> Option<u32> {
    let both = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    both.then(|| text.parse().ok()).flatten()
}

/// `hh:mm:ss` as three numbers.
pub fn clock_digits(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split(':').map(two_digits);
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(year: u32, month: u32, day: u32) -> Option<i64> {
        let calendar = Calendar {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
        };
        calendar.moment().map(|time| time.as_unix_ms() / 1000)
    }

    #[test]
    fn days_are_counted_as_everybody_does() {
        assert_eq!(moment(70, 1, 1), Some(0));
        assert_eq!(moment(69, 12, 31), Some(3_155_673_600));
        assert_eq!(moment(0, 2, 29), Some(951_782_400));
        assert_eq!(moment(0, 3, 1), Some(951_868_800));
        assert_eq!(moment(17, 12, 29), Some(1_514_505_600));
        assert_eq!(moment(97, 11, 12), Some(879_292_800));
        for missing in [
            (17, 2, 29),
            (17, 4, 31),
            (17, 13, 1),
            (17, 0, 1),
            (17, 1, 0),
            (100, 1, 1),
        ] {
            assert_eq!(moment(missing.0, missing.1, missing.2), None, "{missing:?}");
        }
    }

    #[test]
    fn digits_are_two_and_nothing_else() {
        assert_eq!(clock_digits("07:18:43"), Some([7, 18, 43]));
        for wrong in ["7:18:43", "07:18", "07:18:43:00", "+7:18:43", "07:1a:43", ""] {
            assert_eq!(clock_digits(wrong), None, "{wrong:?}");
        }
    }

    /// `ours_ms:theirs_s` and what each is: `f`irst, `r`unning, `s`tanding, `j`umped.
    fn check(times: &[(u64, i64)], expected: &str) {
        let mut clock = DeviceClock::default();
        let runs: String = times
            .iter()
            .map(|(ours, theirs)| {
                match clock.hear(MonoTime::from_ms(*ours), WallTime::from_unix_ms(theirs * 1000)) {
                    Run::First => 'f',
                    Run::Running => 'r',
                    Run::Standing => 's',
                    Run::Jumped => 'j',
                }
            })
            .collect();
        assert_eq!(runs, expected, "{times:?}");
    }

    #[test]
    fn k1_a_damaged_time_and_a_history_are_not_live() {
        check(&[(0, 100), (1000, 101), (2000, 192), (3000, 103)], "frjr");
        // A history of ten seconds a line, and one of one second a line, printed seven lines a second.
        check(&[(0, 10), (140, 20), (280, 30), (420, 40)], "fjjj");
        let quick: Vec<(u64, i64)> = (0..20).map(|n| (3000 + n * 140, 100 + n as i64)).collect();
        let live = [vec![(0, 97), (1000, 98), (2000, 99)], quick].concat();
        check(&live, &format!("frrrr{}", "j".repeat(18)));
    }

    #[test]
    fn k1_of_lines_that_waited_only_the_newest_is_live() {
        check(
            &[
                (0, 100),
                (1000, 101),
                (6000, 102),
                (6000, 103),
                (6000, 104),
                (6000, 106),
                (7000, 107),
            ],
            "frjjjrr",
        );
    }

    #[test]
    fn k2_a_clock_that_was_set_costs_one_line() {
        check(
            &[(0, 100), (1000, 101), (2000, 9000), (3000, 9001), (4000, 9002)],
            "frjrr",
        );
    }

    #[test]
    fn k3_a_clock_that_stands_is_live_without_a_time() {
        check(&[(0, 0), (2000, 0), (4000, 0)], "fss");
    }

    #[test]
    fn clocks_that_run_apart_slowly_stay_in_step() {
        // One second lost in 500: after an hour seven seconds, and never out of step.
        let mut clock = DeviceClock::default();
        clock.hear(MonoTime::from_ms(0), WallTime::from_unix_ms(0));
        for second in 1..3600 {
            let said = WallTime::from_unix_ms((second - second / 500) * 1000);
            let run = clock.hear(MonoTime::from_ms(second as u64 * 1000), said);
            assert!(matches!(run, Run::Running | Run::Standing), "{second}: {run:?}");
        }
    }
}
