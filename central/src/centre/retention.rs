//! When something is deleted for its age: a round every hour, in small steps, and only while nothing else waits.

use std::time::Duration;

use vitals::MonoTime;

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
}

impl Retention {
    pub(super) fn new(keep: Keep) -> Retention {
        Retention {
            keep,
            place: None,
            round: None,
            step: None,
            deleted: 0,
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
        let limits = Limits::at(now.wall, self.keep.vitals, self.keep.summaries);
        Some(Work::ThinOut(limits, place))
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
