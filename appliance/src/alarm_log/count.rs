//! How announcements are counted: in this one place, for the log's statistics and for replays of recordings.
//!
//! Counted is what is announced, as a nurse hears it: a sensor that comes off three times in two minutes is one alarm and three
//! announcements.

use std::time::Duration;

use vitals::AlarmPhase;

/// An announcement that is over so soon was worth nobody's walk (alarms.md section 8).
pub const SOON: Duration = Duration::from_secs(15);

/// A step in the life of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, from a moment that is the same for all steps of the alarm.
    pub at: Duration,
    /// Into which phase.
    pub phase: AlarmPhase,
    /// It is announced with this step: sound, flashing.
    pub announced: bool,
}

/// Tells which of an alarm's changes announce it; they come in their order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Announcing {
    phase: Option<AlarmPhase>,
    onsets: u32,
}

impl Announcing {
    /// The next change: into which phase, announced how often so far. True = it announces the alarm.
    pub fn is_with(&mut self, phase: AlarmPhase, onsets: u32) -> bool {
        let was_active = self.phase == Some(AlarmPhase::Active);
        let announced = phase == AlarmPhase::Active && (!was_active || onsets > self.onsets);
        (self.phase, self.onsets) = (Some(phase), onsets);
        announced
    }
}

/// From an announcement until nobody has to come any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it was announced.
    pub from: Duration,
    /// When it was acknowledged, its condition was gone, or it was announced anew; `None` = none of these yet.
    pub over: Option<Duration>,
    /// Its condition was gone, and no person had done anything.
    pub by_itself: bool,
}

impl Stretch {
    /// It was over within [`SOON`], and nobody had done anything.
    pub fn is_soon_over(&self) -> bool {
        let is_soon = |over: Duration| over.saturating_sub(self.from) <= SOON;
        self.by_itself && self.over.is_some_and(is_soon)
    }
}

/// Each announcement of an alarm, and how it ended.
pub fn stretches(steps: &[Step]) -> impl Iterator<Item = Stretch> {
    let announced = steps.iter().enumerate().filter(|(_, step)| step.announced);
    announced.map(|(place, step)| {
        let mut later = steps[place + 1..].iter();
        let over = later.find(|later| later.announced || later.phase != AlarmPhase::Active);
        Stretch {
            from: step.at,
            over: over.map(|over| over.at),
            by_itself: over.is_some_and(|over| matches!(over.phase, AlarmPhase::Ended | AlarmPhase::Latched)),
        }
    })
}

/// How many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Alarms.
    pub alarms: u32,
    /// How often they were announced.
    pub announced: u32,
    /// How many announcements were over by themselves within [`SOON`].
    pub soon_over: u32,
}

impl Count {
    /// Counts one alarm with these of its announcements.
    pub fn alarm(&mut self, stretches: impl IntoIterator<Item = Stretch>) {
        self.alarms += 1;
        for stretch in stretches {
            self.announced += 1;
            self.soon_over += u32::from(stretch.is_soon_over());
        }
    }

    /// Adds what another has counted.
    pub fn add(&mut self, other: Count) {
        self.alarms += other.alarms;
        self.announced += other.announced;
        self.soon_over += other.soon_over;
    }

    /// Announcements per day at one bed; `None` when no bed was watched.
    pub fn per_bed_day(&self, bed_time: Duration) -> Option<f64> {
        let days = bed_time.as_secs_f64() / 86_400.0;
        (days > 0.0).then(|| f64::from(self.announced) / days)
    }

    /// Per cent of the announcements that were over by themselves within [`SOON`]; `None` when there were none.
    pub fn soon_over_percent(&self) -> Option<f64> {
        (self.announced > 0).then(|| 100.0 * f64::from(self.soon_over) / f64::from(self.announced))
    }
}

#[cfg(test)]
mod tests {
    use AlarmPhase::{Acknowledged, Active, Ended, Latched};

    use super::*;

    fn check(steps: &[(u64, AlarmPhase, u32)], expected: &[(u64, Option<u64>, bool)]) {
        let mut announcing = Announcing::default();
        let step = |(at, phase, onsets): &(u64, AlarmPhase, u32)| Step {
            at: Duration::from_secs(*at),
            phase: *phase,
            announced: announcing.is_with(*phase, *onsets),
        };
        let steps: Vec<Step> = steps.iter().map(step).collect();
        let told: Vec<_> = stretches(&steps)
            .map(|one| {
                (
                    one.from.as_secs(),
                    one.over.map(|over| over.as_secs()),
                    one.is_soon_over(),
                )
            })
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn only_what_ends_within_fifteen_seconds_without_a_person_counts_as_soon_over() {
        check(&[(0, Active, 1), (15, Ended, 1)], &[(0, Some(15), true)]);
        check(&[(0, Active, 1), (16, Ended, 1)], &[(0, Some(16), false)]);
        check(&[(0, Active, 1), (5, Latched, 1)], &[(0, Some(5), true)]);
        check(
            &[(0, Active, 1), (5, Acknowledged, 1), (9, Ended, 1)],
            &[(0, Some(5), false)],
        );
        check(&[(0, Active, 1)], &[(0, None, false)]);
    }

    #[test]
    fn a_step_that_raises_the_priority_announces_nothing_and_one_that_returns_does() {
        check(
            &[
                (0, Active, 1),
                (120, Active, 1),
                (130, Ended, 1),
                (140, Active, 2),
            ],
            &[(0, Some(130), false), (140, None, false)],
        );
        check(
            &[(0, Active, 1), (5, Acknowledged, 1), (600, Active, 2)],
            &[(0, Some(5), false), (600, None, false)],
        );
    }
}
