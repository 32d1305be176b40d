//! Where a sample stands on a time axis that counts samples, for a line that does not number them.
//!
//! Samples in a row have numbers in a row. The clock comes in only when they lag behind it by more than a line delays them:
//! then so many were lost. The two clocks differ a little, so the expectation follows slowly.

use std::time::Duration;

use vitals::MonoTime;

/// A line that holds bytes back for longer than this looks like a loss.
const LAG_MAX_NS: i128 = 500_000_000;

/// The expectation gives way by one part in so many of the time: more than two quartz clocks differ.
const GIVES_WAY: i128 = 2000;

#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    interval_ns: i128,
    next: u64,
    /// When sample 0 would have come, in ns since boot, and when the last sample came.
    origin_ns: Option<(i128, MonoTime)>,
}

impl Axis {
    pub(super) fn new(interval: Duration) -> Axis {
        Axis {
            interval_ns: i128::try_from(interval.as_nanos()).unwrap_or(1).max(1),
            next: 0,
            origin_ns: None,
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
        let ideal = now_ns - i128::from(self.next) * self.interval_ns;
        let (mut origin, last) = self.origin_ns.unwrap_or((ideal, now));
        let lag = ideal - origin;
        if lag < 0 {
            origin = ideal;
        } else if lag > LAG_MAX_NS {
            self.next += u64::try_from(lag / self.interval_ns).unwrap_or(0);
        } else {
            let passed = i128::try_from(now.since(last).as_nanos()).unwrap_or(0);
            origin += (passed / GIVES_WAY).min(lag);
        }
        self.origin_ns = Some((origin, now));
        let place = self.next;
        self.next += 1;
        place
    }

    /// A sample is known to be lost.
    pub(super) fn lose(&mut self) {
        if self.origin_ns.is_some() {
            self.next += 1;
        }
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
        axis.lose();
        assert_eq!(axis.place(ms(4020)), 201);
    }
}
