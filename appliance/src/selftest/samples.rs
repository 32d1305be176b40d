//! Counts of moments that have passed, from which rates follow. Pure; bounded.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::{DeviceId, MonoTime};

/// How often [`Samples::take`] is to be called.
pub const SAMPLE_EVERY: Duration = Duration::from_secs(10);
/// Rates of now are over the last minute.
const RECENT_MAX: usize = 7;
/// How full the card becomes is judged over a day.
const FREE_EVERY: Duration = Duration::from_secs(600);
const FREE_MAX: usize = 145;

/// What was counted up to one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The moment.
    pub at: MonoTime,
    /// Of each device: values and stretches of curves, and faults, since the start.
    pub devices: BTreeMap<DeviceId, (u64, u64)>,
    /// Messages to the centre that were lost, since the start.
    pub lost: u64,
    /// Free bytes of the card.
    pub free_bytes: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Samples {
    recent: VecDeque<Mark>,
    free: VecDeque<(MonoTime, u64)>,
}

impl Samples {
    pub fn take(&mut self, mark: Mark) {
        let is_due = |(at, _): &(MonoTime, u64)| mark.at.since(*at) >= FREE_EVERY;
        if let Some(free) = mark.free_bytes
            && self.free.back().is_none_or(is_due)
        {
            self.free.push_back((mark.at, free));
        }
        self.recent.push_back(mark);
        while self.recent.len() > RECENT_MAX {
            self.recent.pop_front();
        }
        while self.free.len() > FREE_MAX {
            self.free.pop_front();
        }
    }

    /// About a minute ago, or as long ago as is known.
    pub fn recent(&self) -> Option<&Mark> {
        self.recent.front()
    }

    /// How much less is free than a day ago, or than as long ago as is known.
    pub fn filled(&self, now: MonoTime, free: Option<u64>) -> Option<(u64, Duration)> {
        let (at, before) = self.free.front()?;
        Some((before.saturating_sub(free?), now.since(*at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(s: u64, free: u64) -> Mark {
        Mark {
            at: MonoTime::from_ms(s * 1_000),
            free_bytes: Some(free),
            ..Mark::default()
        }
    }

    #[test]
    fn a_minute_and_a_day_are_remembered_and_no_more() {
        let mut samples = Samples::default();
        assert_eq!(samples.filled(MonoTime::BOOT, Some(1)), None);
        let two_days = 2 * 86_400;
        for s in (0..=two_days).step_by(10) {
            samples.take(mark(s, 1_000_000 - s));
        }
        assert_eq!(
            samples.recent().unwrap().at,
            MonoTime::from_ms((two_days - 60) * 1_000)
        );
        let now = MonoTime::from_ms(two_days * 1_000);
        let filled = samples.filled(now, Some(1_000_000 - two_days));
        assert_eq!(filled, Some((86_400, Duration::from_secs(86_400))));
        assert_eq!((samples.recent.len(), samples.free.len()), (RECENT_MAX, FREE_MAX));
    }

    #[test]
    fn a_card_that_was_emptied_does_not_fill() {
        let mut samples = Samples::default();
        samples.take(mark(0, 10));
        assert_eq!(
            samples.filled(MonoTime::from_ms(9_000), Some(500)),
            Some((0, Duration::from_secs(9)))
        );
    }
}
