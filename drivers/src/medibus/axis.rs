//! Where a sample stands on a time axis that counts samples, for a line that does not number them.
//!
//! Samples in a row have numbers in a row. A packet that came damaged takes a number with it, unless the numbers are ahead of
//! the clock already: noise looks like a damaged packet and takes no time. When they lag behind the clock by more than a
//! line delays them, so many were lost. The two clocks differ a little, so the expectation follows slowly.

use std::time::Duration;

use vitals::MonoTime;

/// A line that holds bytes back for longer than this looks like a loss.
const LAG_MAX_NS: i128 = 500_000_000;

/// The expectation gives way by one part in so many of the time: more than two quartz clocks differ.
const GIVES_WAY: i128 = 2000;

/// In the beginning the expectation follows at once: the first samples may have been held back.
const BEGINNING_NS: i128 = 2_000_000_000;

#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    interval_ns: i128,
    next: u64,
    anchor: Option<Anchor>,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    /// When sample 0 would have come, in ns since boot.
    origin_ns: i128,
    /// When the first sample and the last came, in ns since boot.
    first_ns: i128,
    last_ns: i128,
}

impl Axis {
    pub(super) fn new(interval: Duration) -> Axis {
        Axis {
            interval_ns: i128::try_from(interval.as_nanos()).unwrap_or(1).max(1),
            next: 0,
            anchor: None,
        }
    }

    /// The same axis goes on; with another interval the number goes on and the time begins anew.
    pub(super) fn with_interval(self, interval: Duration) -> Axis {
        let fresh = Axis::new(interval);
        if fresh.interval_ns == self.interval_ns {
            self
        } else {
            Axis {
                next: self.next,
                ..fresh
            }
        }
    }

    /// The number of the next sample if nothing is lost.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The number of the sample that came now.
    pub(super) fn place(&mut self, now: MonoTime) -> u64 {
        let now_ns = i128::from(now.as_ns());
        let ideal = self.ideal_ns(now);
        let mut anchor = self.anchor.unwrap_or(Anchor {
            origin_ns: ideal,
            first_ns: now_ns,
            last_ns: now_ns,
        });
        let lag = ideal - anchor.origin_ns;
        if lag > LAG_MAX_NS {
            self.next += u64::try_from(lag / self.interval_ns).unwrap_or(0);
        } else if lag < 0 && now_ns - anchor.first_ns <= BEGINNING_NS {
            anchor.origin_ns = ideal;
        } else {
            let way = (now_ns - anchor.last_ns) / GIVES_WAY;
            anchor.origin_ns += lag.clamp(-way, way);
        }
        anchor.last_ns = now_ns;
        self.anchor = Some(anchor);
        let place = self.next;
        self.next += 1;
        place
    }

    /// A packet came damaged now.
    pub(super) fn lose(&mut self, now: MonoTime) {
        let ideal = self.ideal_ns(now);
        if self.anchor.is_some_and(|anchor| ideal >= anchor.origin_ns) {
            self.next += 1;
        }
    }

    /// When sample 0 would have come if the next one comes now.
    fn ideal_ns(&self, now: MonoTime) -> i128 {
        i128::from(now.as_ns()) - i128::from(self.next) * self.interval_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    #[test]
    fn samples_that_come_in_bursts_keep_their_numbers() {
        let mut axis = Axis::new(Duration::from_millis(20));
        for n in 0..5000u64 {
            assert_eq!(axis.place(ms(n * 20 / 300 * 300)), n);
        }
    }

    #[test]
    fn clocks_that_differ_make_no_holes() {
        for interval_us in [19_995, 20_005] {
            let mut axis = Axis::new(Duration::from_millis(20));
            for n in 0..500_000u64 {
                assert_eq!(axis.place(MonoTime::from_ns(n * interval_us * 1000)), n);
            }
        }
    }

    #[test]
    fn a_silence_is_a_hole() {
        let mut axis = Axis::new(Duration::from_millis(20));
        for n in 0..100u64 {
            axis.place(ms(n * 20));
        }
        assert_eq!(axis.place(ms(1980 + 2000)), 199);
        axis.lose(ms(4010));
        assert_eq!(axis.place(ms(4020)), 201);
    }

    #[test]
    fn noise_that_looks_like_losses_does_not_run_ahead_of_the_clock() {
        let mut axis = Axis::new(Duration::from_millis(20));
        for n in 0..10_000u64 {
            let place = axis.place(ms(n * 20));
            assert!(place.abs_diff(n) <= 2, "{place} at {n}");
            axis.lose(ms(n * 20));
        }
    }
}
