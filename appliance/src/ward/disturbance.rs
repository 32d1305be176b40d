//! How much of what a device sends arrives damaged: told when its cable needs somebody, long before values stop.
//!
//! Counted in moments at which it was heard, not in frames: one moment brings one frame of one family and ten values of another.

use std::time::Duration;

use vitals::MonoTime;

/// Over so long the share is taken (alarms.md section 9: per minute window).
const WINDOW: Duration = Duration::from_secs(60);

/// A device that is asked seldom is judged over as many moments, however long they take: with fewer, a single damaged one
/// would be more than the share.
const MOMENTS_MIN: u32 = 20;

/// Most damaged moments in a hundred that are no alarm (alarms.md section 9).
const DAMAGED_PERCENT_MAX: u32 = 5;

/// The last whole window of one device, and the one that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Disturbance {
    is_disturbed: bool,
    /// When the window that runs began.
    from: Option<MonoTime>,
    /// The last moment, and whether something in it was damaged.
    last: Option<(MonoTime, bool)>,
    moments: u32,
    damaged: u32,
}

impl Disturbance {
    /// Something came, or should have come, at `at`.
    pub(super) fn heard(&mut self, at: MonoTime, damaged: bool) {
        if let Some((last, was_damaged)) = &mut self.last
            && *last == at
        {
            self.damaged += u32::from(damaged && !*was_damaged);
            *was_damaged |= damaged;
            return;
        }
        let from = *self.from.get_or_insert(at);
        if at.since(from) >= WINDOW && self.moments >= MOMENTS_MIN {
            *self = Disturbance {
                is_disturbed: self.damaged * 100 > self.moments * DAMAGED_PERCENT_MAX,
                from: Some(at),
                ..Disturbance::default()
            };
        }
        self.last = Some((at, damaged));
        self.moments = self.moments.saturating_add(1);
        self.damaged += u32::from(damaged);
    }

    /// Whether more than [`DAMAGED_PERCENT_MAX`] of the last whole window was damaged.
    pub(super) fn is_disturbed(&self) -> bool {
        self.is_disturbed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten moments a second for `seconds` from `from`; every `nth` is damaged.
    fn listen(of: &mut Disturbance, from: u64, seconds: u64, nth: u64) {
        for tenth in 0..seconds * 10 {
            let at = MonoTime::from_ms(from * 1_000 + tenth * 100);
            of.heard(at, nth > 0 && tenth % nth == 0);
        }
    }

    #[test]
    fn more_than_one_in_twenty_over_a_minute_is_told_and_a_minute_with_less_ends_it() {
        let mut of = Disturbance::default();
        listen(&mut of, 0, 60, 20);
        listen(&mut of, 60, 60, 19);
        assert!(!of.is_disturbed(), "one in twenty is borne");
        listen(&mut of, 120, 59, 0);
        assert!(of.is_disturbed(), "the second minute had more");
        listen(&mut of, 179, 2, 0);
        assert!(!of.is_disturbed());
    }

    #[test]
    fn what_comes_at_one_moment_counts_once_damaged_or_not() {
        let mut of = Disturbance::default();
        for second in 0..=60 {
            let at = MonoTime::from_ms(second * 1_000);
            // Ten values of one answer, and in each tenth second the checksum of another frame.
            for _ in 0..10 {
                of.heard(at, false);
            }
            for _ in 0..3 {
                of.heard(at, second % 10 == 3);
            }
        }
        assert!(of.is_disturbed(), "six seconds of sixty");
    }

    #[test]
    fn a_device_that_is_asked_seldom_is_judged_when_enough_was_heard() {
        let mut of = Disturbance::default();
        let minutes = |of: &mut Disturbance, range: std::ops::Range<u64>, damaged: u64| {
            for minute in range {
                of.heard(MonoTime::from_ms(minute * 60_000), minute == damaged);
            }
        };
        minutes(&mut of, 0..41, 3);
        assert!(!of.is_disturbed(), "one of twenty");
        minutes(&mut of, 41..45, 44);
        minutes(&mut of, 45..61, 45);
        assert!(of.is_disturbed(), "two of twenty");
    }
}
