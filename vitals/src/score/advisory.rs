//! When a total is told to somebody: once for each worsening, never because it was computed again (E4).
//!
//! Told are the step up into the band `medium` (priority MEDIUM) and into `high` (priority HIGH), and inside `high` a
//! rise of [`RISE_MIN`] or more above the lowest total since the last advisory: a patient who got better and then worse
//! again is told again. `low-medium` (one red parameter) has no advisory of its own; the page shows it.
//!
//! A chart's urgency counts as a band ([`of_chart`]): the trigger of PEWS as `high`, the trigger of MEOWS as `medium`.
//! What a device measures swings across borders: [`Watched`] takes a better total for better only when a person entered
//! it, or when it has held for [`BETTER_FOR`].

use std::time::Duration;

use super::ScoreKind;
use super::chart::{ChartOutcome, Urgency};
use super::news2::{Assessment, Band, Outcome};
use crate::alarm::Priority;
use crate::time::MonoTime;

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
    /// As it stood in an earlier run: the last band, and the lowest total since the last advisory.
    pub const fn of(band: Band, lowest: u8) -> Advisor {
        Advisor {
            last: Some(Last { band, lowest }),
        }
    }

    /// As it stands, for a later run; `None` = nothing was assessed yet.
    pub fn stands(self) -> Option<(Band, u8)> {
        self.last.map(|last| (last.band, last.lowest))
    }

    /// What is known after this assessment, and what must be told because of it. One without a total changes nothing:
    /// when the same total comes back after a gap, it is not news.
    pub fn after(self, assessment: &Assessment) -> (Advisor, Option<Advisory>) {
        match assessment.outcome {
            Outcome::Total { total, band } => self.after_total(total, band),
            _ => (self, None),
        }
    }

    /// The same of a total and its band.
    pub fn after_total(self, total: u8, band: Band) -> (Advisor, Option<Advisory>) {
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

/// For so long a better total must hold until it counts as better, where no person entered it.
pub const BETTER_FOR: Duration = Duration::from_secs(5 * 60);

/// An [`Advisor`] of one score that is computed again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    score: ScoreKind,
    advisor: Advisor,
    /// The total that counts.
    counts: Option<u8>,
    /// Since when every total has been lower than that.
    better_since: Option<MonoTime>,
}

impl Watched {
    /// Of this score, with what an earlier run knew of it.
    pub const fn new(score: ScoreKind, advisor: Advisor) -> Watched {
        Watched {
            score,
            advisor,
            counts: None,
            better_since: None,
        }
    }

    /// Which score.
    pub const fn score(&self) -> ScoreKind {
        self.score
    }

    /// What was told last.
    pub const fn advisor(&self) -> Advisor {
        self.advisor
    }

    /// The score was computed; `by_person` = because a person entered something. What must be told because of it.
    pub fn after(&mut self, total: Option<(u8, Band)>, by_person: bool, now: MonoTime) -> Option<Advisory> {
        let (total, band) = total?;
        let stood = self.counts.or(self.advisor.last.map(|last| last.lowest));
        let is_better = stood.is_some_and(|stood| total < stood)
            || self.advisor.last.is_some_and(|last| band < last.band);
        if is_better && !by_person {
            let since = *self.better_since.get_or_insert(now);
            if now.since(since) < BETTER_FOR {
                return None;
            }
        }
        self.better_since = None;
        self.counts = Some(total);
        let (advisor, advisory) = self.advisor.after_total(total, band);
        self.advisor = advisor;
        advisory
    }
}

/// A chart's total with the band as which its urgency counts; `None` = there is no total.
pub fn of_chart(score: ScoreKind, outcome: &ChartOutcome) -> Option<(u8, Band)> {
    let ChartOutcome::Total { total, urgency } = outcome else {
        return None;
    };
    let band = match urgency {
        Urgency::Usual => Band::Low,
        Urgency::Watch => Band::LowMedium,
        // "Urgent review", not an emergency (CEMACH 2007).
        Urgency::Trigger if score == ScoreKind::Meows => Band::Medium,
        Urgency::Trigger => Band::High,
    };
    Some((u8::try_from(*total).unwrap_or(u8::MAX), band))
}
