//! How far the wall clock may be believed (I8). Pure: what the clock says is an argument.
//!
//! - Before the date of this program: never, whatever a time server says.
//! - A time server agrees: synchronised.
//! - Behind the post's own history, more than a day ahead of where it should be, or years ahead of anything known when
//!   nothing has been believed since the boot: not believed. Records stay in order by the monotonic clock all the same.
//! - Everything else runs on from an earlier setting: holdover.

use std::time::Duration;

use vitals::{BootId, ClockAnchor, ClockTrust, MonoTime, WallTime};

/// The day of this program: when it was built where the build says so (`SOURCE_DATE_EPOCH`, as distributions and Yocto
/// set it), and never before 2026-11-01T00:00:00Z.
pub(crate) const BUILT: WallTime =
    WallTime::from_unix_ms(built_unix_s(option_env!("SOURCE_DATE_EPOCH"), 1_793_491_200) * 1_000);

/// A step forward by more than this is a mistake until a time server confirms it: nobody's clock is corrected by days
/// while it runs.
const FORWARD_MAX: Duration = Duration::from_secs(24 * 3_600);

/// A box that wakes up this long after anything it knows has a broken clock, not a long sleep.
const ASLEEP_MAX: Duration = Duration::from_secs(5 * 365 * 24 * 3_600);

/// What the clock is measured against.
#[derive(Debug)]
pub(super) struct Believed {
    built: WallTime,
    /// The latest wall time that this post has recorded and believed in an earlier run.
    history: Option<WallTime>,
    /// The last anchor of this run that was believed.
    last: Option<(BootId, MonoTime, WallTime)>,
}

impl Believed {
    pub fn new(built: WallTime) -> Believed {
        Believed {
            built,
            history: None,
            last: None,
        }
    }

    /// An anchor of an earlier run, in the order of the records. What a time server said replaces what was believed
    /// before: a clock that once ran ahead is not held against the right one.
    pub fn recall(&mut self, anchor: &ClockAnchor) {
        self.history = match anchor.trust {
            ClockTrust::Untrusted => self.history,
            ClockTrust::Holdover => self.history.max(Some(anchor.wall)),
            ClockTrust::Synchronised => Some(anchor.wall),
        };
    }

    /// An anchor of this run.
    pub fn rely_on(&mut self, anchor: &ClockAnchor) {
        if anchor.trust > ClockTrust::Untrusted {
            self.last = Some((anchor.boot, anchor.mono, anchor.wall));
        }
    }

    pub fn judge(&self, now: MonoTime, wall: WallTime, synchronised: bool) -> ClockTrust {
        if wall < self.built {
            return ClockTrust::Untrusted;
        }
        if synchronised {
            return ClockTrust::Synchronised;
        }
        let known = self.history.map_or(self.built, |history| history.max(self.built));
        let latest = match self.last {
            Some((_, at, believed)) => plus(believed, now.since(at) + FORWARD_MAX),
            None => plus(known, ASLEEP_MAX),
        };
        // Once the clock of this run is believed, a person may also set it back.
        let earliest = if self.last.is_some() { self.built } else { known };
        if wall < earliest || wall > latest {
            ClockTrust::Untrusted
        } else {
            ClockTrust::Holdover
        }
    }
}

fn plus(wall: WallTime, by: Duration) -> WallTime {
    let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
    WallTime::from_unix_ns(wall.as_unix_ns().saturating_add(by))
}

/// The later of the two, in seconds since 1970; a text that is no number counts as not given.
const fn built_unix_s(given: Option<&str>, least: i64) -> i64 {
    let Some(given) = given else { return least };
    let mut digits = given.as_bytes();
    let mut seconds: i64 = 0;
    while let [digit, rest @ ..] = digits {
        // Ten digits reach the year 2286.
        if !digit.is_ascii_digit() || given.len() > 10 {
            return least;
        }
        seconds = seconds * 10 + (*digit - b'0') as i64;
        digits = rest;
    }
    if seconds > least { seconds } else { least }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitals::AnchorSource;

    const DAY_S: i64 = 86_400;
    /// 2027-01-15.
    const NOW_S: i64 = 1_800_000_000;

    fn wall(s: i64) -> WallTime {
        WallTime::from_unix_ms(s * 1_000)
    }

    fn anchor(at_s: u64, wall_s: i64, trust: ClockTrust) -> ClockAnchor {
        ClockAnchor {
            boot: BootId([1; 16]),
            mono: MonoTime::from_ms(at_s * 1_000),
            wall: wall(wall_s),
            trust,
            source: AnchorSource::SystemStart,
        }
    }

    fn judged(believed: &Believed, at_s: u64, wall_s: i64) -> ClockTrust {
        believed.judge(MonoTime::from_ms(at_s * 1_000), wall(wall_s), false)
    }

    #[test]
    fn i8_a_time_before_this_program_existed_is_believed_from_nobody() {
        let believed = Believed::new(wall(NOW_S));
        for synchronised in [false, true] {
            assert_eq!(
                believed.judge(MonoTime::BOOT, wall(NOW_S - 1), synchronised),
                ClockTrust::Untrusted
            );
        }
        assert_eq!(
            believed.judge(MonoTime::BOOT, wall(NOW_S), true),
            ClockTrust::Synchronised
        );
        assert_eq!(judged(&believed, 0, NOW_S), ClockTrust::Holdover);
    }

    #[test]
    fn i8_a_box_that_wakes_up_behind_its_own_history_is_not_believed() {
        let mut believed = Believed::new(wall(NOW_S - 100 * DAY_S));
        assert_eq!(judged(&believed, 9, NOW_S - 1), ClockTrust::Holdover);
        believed.recall(&anchor(50, NOW_S, ClockTrust::Holdover));
        believed.recall(&anchor(60, NOW_S + DAY_S, ClockTrust::Untrusted));
        assert_eq!(judged(&believed, 9, NOW_S - 1), ClockTrust::Untrusted);
        assert_eq!(judged(&believed, 9, NOW_S), ClockTrust::Holdover);
        // The clock had run ahead until a time server said so.
        believed.recall(&anchor(70, NOW_S - DAY_S, ClockTrust::Synchronised));
        assert_eq!(judged(&believed, 9, NOW_S - 1), ClockTrust::Holdover);
    }

    #[test]
    fn i8_a_step_of_years_forward_is_not_believed_without_a_time_server() {
        let mut believed = Believed::new(wall(NOW_S - 100 * DAY_S));
        believed.rely_on(&anchor(1_000, NOW_S, ClockTrust::Holdover));
        assert_eq!(judged(&believed, 1_010, NOW_S + 10), ClockTrust::Holdover);
        assert_eq!(judged(&believed, 1_010, NOW_S + 10 + DAY_S), ClockTrust::Holdover);
        assert_eq!(
            judged(&believed, 1_010, NOW_S + 3_650 * DAY_S),
            ClockTrust::Untrusted
        );
        // What was not believed is no measure for what comes next.
        believed.rely_on(&anchor(1_010, NOW_S + 3_650 * DAY_S, ClockTrust::Untrusted));
        assert_eq!(
            judged(&believed, 1_020, NOW_S + 3_650 * DAY_S),
            ClockTrust::Untrusted
        );
        assert_eq!(
            judged(&believed, 1_020, NOW_S - 3_600),
            ClockTrust::Holdover,
            "set back by hand"
        );
        assert_eq!(
            believed.judge(MonoTime::from_ms(1_020_000), wall(NOW_S + 3_650 * DAY_S), true),
            ClockTrust::Synchronised
        );
    }

    #[test]
    fn i8_nor_does_a_restart_make_a_clock_right_that_is_ten_years_ahead() {
        let mut believed = Believed::new(wall(NOW_S - 100 * DAY_S));
        believed.recall(&anchor(9, NOW_S, ClockTrust::Holdover));
        assert_eq!(judged(&believed, 5, NOW_S + 3_650 * DAY_S), ClockTrust::Untrusted);
        assert_eq!(
            judged(&believed, 5, NOW_S + 2 * DAY_S),
            ClockTrust::Holdover,
            "switched off for two days"
        );
    }

    #[test]
    fn i8_a_box_from_1970_whose_clock_is_then_set_by_hand_is_believed() {
        let mut believed = Believed::new(wall(NOW_S));
        assert_eq!(judged(&believed, 5, 5), ClockTrust::Untrusted);
        believed.rely_on(&anchor(5, 5, ClockTrust::Untrusted));
        assert_eq!(judged(&believed, 6, NOW_S + DAY_S), ClockTrust::Holdover);
    }

    #[test]
    fn the_date_of_the_build_is_what_the_build_says_and_never_nonsense() {
        assert_eq!(built_unix_s(None, 100), 100);
        assert_eq!(built_unix_s(Some("1800000000"), 100), 1_800_000_000);
        assert_eq!(built_unix_s(Some("99"), 100), 100);
        assert_eq!(built_unix_s(Some("yesterday"), 100), 100);
        assert_eq!(built_unix_s(Some("99999999999999999999999"), 100), 100);
    }
}
