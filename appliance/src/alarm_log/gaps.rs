//! When the post recorded nothing: between two of its runs.

use std::ops::Range;
use std::time::Duration;

use vitals::WallTime;

use super::entries::{Entry, Moment, What};
use crate::store::LoggedRun;

/// A shorter one is a start like any other: summaries carry the begin of their minute, so the end of a run is known to a
/// minute.
const GAP_MIN: Duration = Duration::from_secs(120);

/// The gaps that lie in a stretch of time, or reach into it. Nothing is known of one beside a run whose time is not believed.
pub fn gaps(runs: &[LoggedRun], span: &Range<WallTime>) -> Vec<Entry> {
    let mut found = Vec::new();
    for pair in runs.windows(2) {
        let [before, after] = pair else { continue };
        let (Some(from), Some(to)) = (before.end, after.begin) else {
            continue;
        };
        let lasted = to.as_unix_ns().saturating_sub(from.as_unix_ns());
        let is_long = u64::try_from(lasted).is_ok_and(|ns| Duration::from_nanos(ns) >= GAP_MIN);
        if is_long && from < span.end && to > span.start {
            let moment = |wall, run: &LoggedRun| Moment {
                wall: Some(wall),
                trust: run.trust,
            };
            found.push(Entry {
                at: moment(from, before),
                what: What::Gap(moment(to, after)),
            });
        }
    }
    found
}
