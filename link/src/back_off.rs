//! How long to wait before the next attempt: doubling with jitter, so that a hundred posts do not come back at once.

use std::time::Duration;

/// Waits that double from `first` to `most`.
#[derive(Clone, Debug)]
pub struct BackOff {
    first: Duration,
    most: Duration,
    step: Duration,
}

impl BackOff {
    /// Starts at `first`; no wait is longer than `most`.
    pub fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            step: first,
        }
    }

    /// The next wait: between half and all of the present step, as `random` falls. The step then doubles.
    pub fn next(&mut self, random: u32) -> Duration {
        let step = self.step.min(self.most);
        self.step = step.saturating_mul(2).min(self.most);
        let half = step / 2;
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// It worked: the next wait is short again.
    pub fn reset(&mut self) {
        self.step = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_most_and_start_over_after_a_reset() {
        let mut back_off = BackOff::new(Duration::from_secs(1), Duration::from_secs(60));
        let waits: Vec<u64> = (0..8).map(|_| back_off.next(u32::MAX).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        back_off.reset();
        assert_eq!(back_off.next(u32::MAX), Duration::from_secs(1));
    }

    #[test]
    fn jitter_takes_at_most_half_of_a_wait() {
        for random in [0, 1, u32::MAX / 2, u32::MAX] {
            let wait = BackOff::new(Duration::from_secs(4), Duration::from_secs(60)).next(random);
            assert!((2..=4).contains(&wait.as_secs()), "{wait:?}");
        }
    }
}
