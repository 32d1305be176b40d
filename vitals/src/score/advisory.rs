//! When a NEWS2 total is told to somebody: once for each worsening, never because it was computed again (E4).
//!
//! Told are the step up into the band `medium` (priority MEDIUM) and into `high` (priority HIGH), and inside `high` a
//! rise of [`RISE_MIN`] or more above the lowest total since the last advisory: a patient who got better and then worse
//! again is told again. `low-medium` (one red parameter) has no advisory of its own; the page shows it.

use super::news2::{Assessment, Band, Outcome};
use crate::alarm::Priority;

/// Inside the band `high`, a total higher by this much is a worsening of its own. In points.
pub const RISE_MIN: u8 = 2;

/// What was told last: one for each admission, kept as long as it lasts. A new one takes the patient to have been well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Advisor {
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Last {
    band: Band,
    /// The lowest total since the last advisory, or since the first assessment; what is asked inside `high` only.
    lowest: u8,
}

/// A total that somebody must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Advisory {
    /// How soon somebody must come.
    pub priority: Priority,
    /// The total.
    pub total: u8,
    /// What got worse.
    pub cause: Cause,
}

/// What got worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The total reached this band from a lower one.
    Reached(Band),
    /// The total rose inside `high`.
    Rose {
        /// From this total.
        from: u8,
    },
}

impl Advisor {
    /// What is known after this assessment, and what must be told because of it. One without a total changes nothing:
    /// when the same total comes back after a gap, it is not news.
    pub fn after(self, assessment: &Assessment) -> (Advisor, Option<Advisory>) {
        let Outcome::Total { total, band } = assessment.outcome else {
            return (self, None);
        };
        let cause = self.cause(total, band);
        let lowest = match self.last {
            Some(last) if cause.is_none() => last.lowest.min(total),
            _ => total,
        };
        let advisor = Advisor {
            last: Some(Last { band, lowest }),
        };
        let priority = if band == Band::High {
            Priority::High
        } else {
            Priority::Medium
        };
        let advisory = cause.map(|cause| Advisory {
            priority,
            total,
            cause,
        });
        (advisor, advisory)
    }

    fn cause(self, total: u8, band: Band) -> Option<Cause> {
        let before = self.last.map_or(Band::Low, |last| last.band);
        if band > before && band >= Band::Medium {
            return Some(Cause::Reached(band));
        }
        let from = self.last.map_or(total, |last| last.lowest);
        (band == Band::High && total >= from.saturating_add(RISE_MIN)).then_some(Cause::Rose { from })
    }
}
