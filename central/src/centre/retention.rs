//! When something is deleted for its age: a round every hour, in small steps, and only while nothing else waits.
//!
//! A clock that is set forward while the centre runs deletes nothing: time goes on here only as fast as the monotonic
//! clock says (I8).

use std::time::Duration;

use vitals::{MonoTime, WallTime};

use super::Work;
use crate::clock::Moment;
use crate::store::{Limits, ThinPlace, Thinned};

/// From the beginning of one round to that of the next.
const ROUND_EVERY: Duration = Duration::from_secs(3_600);
/// From one step of a round to the next: alerts come in between, and the disk has other work.
const STEP_EVERY: Duration = Duration::from_secs(1);

/// How long records are kept. Alerts and events: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Readings.
    pub vitals: Duration,
    /// Minute summaries.
    pub summaries: Duration,
}

/// Where the deleting stands.
#[derive(Debug)]
pub(super) struct Retention {
    keep: Keep,
    place: Option<ThinPlace>,
    round: Option<MonoTime>,
    step: Option<MonoTime>,
    deleted: u64,
    began: Option<Moment>,
}

impl Retention {
    pub(super) fn new(keep: Keep) -> Retention {
        Retention {
            keep,
            place: None,
            round: None,
            step: None,
            deleted: 0,
            began: None,
        }
    }

    /// The next step, if it is time.
    pub(super) fn next(&mut self, now: Moment) -> Option<Work> {
        let is_due = |last: Option<MonoTime>, every| last.is_none_or(|last| now.mono.since(last) >= every);
        if self.place.is_none() && is_due(self.round, ROUND_EVERY) {
            (self.place, self.round) = (Some(ThinPlace::default()), Some(now.mono));
        }
        if !is_due(self.step, STEP_EVERY) {
            return None;
        }
        let place = self.place.take()?;
        self.step = Some(now.mono);
        let limits = Limits::at(self.careful(now), self.keep.vitals, self.keep.summaries);
        Some(Work::ThinOut(limits, place))
    }

    /// The wall time, or what it would be if nobody had set the clock forward since the first step.
    fn careful(&mut self, now: Moment) -> WallTime {
        let began = *self.began.get_or_insert(now);
        let ran_ns = i64::try_from(now.mono.since(began.mono).as_nanos()).unwrap_or(i64::MAX);
        let unset = WallTime::from_unix_ns(began.wall.as_unix_ns().saturating_add(ran_ns));
        unset.min(now.wall)
    }

    /// A step was done.
    pub(super) fn done(&mut self, thinned: Thinned) {
        self.deleted += thinned.records;
        self.place = thinned.next;
        if self.place.is_none() && self.deleted > 0 {
            let records = std::mem::take(&mut self.deleted);
            tracing::info!(records, "deleted what is older than configured");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i8_a_clock_that_is_set_ten_years_forward_deletes_nothing_and_one_set_back_neither() {
        let moment = |mono_s: u64, wall_s: i64| Moment {
            mono: MonoTime::from_ms(mono_s * 1_000),
            wall: WallTime::from_unix_ms(wall_s * 1_000),
        };
        let day = Duration::from_secs(86_400);
        let mut retention = Retention::new(Keep {
            vitals: day,
            summaries: day,
        });
        let mut before_s = |now| match retention.next(now) {
            Some(Work::ThinOut(limits, _)) => limits.vitals_before.as_unix_ms() / 1_000,
            other => panic!("{other:?}"),
        };
        assert_eq!(before_s(moment(10, 1_790_000_000)), 1_790_000_000 - 86_400);
        assert_eq!(before_s(moment(3_610, 2_105_000_000)), 1_790_003_600 - 86_400);
        assert_eq!(before_s(moment(7_210, 1_000_000_000)), 1_000_000_000 - 86_400);
    }
}
