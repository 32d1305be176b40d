//! How far a device's own clock is off: shown to the technician, used nowhere to change a time (I8).
//!
//! The offset is the median of the last readings of "received minus the device's time": one reading that was late on its
//! way, or one wrong date, moves nothing. A jump is told when the median itself has moved.

use std::collections::VecDeque;
use std::time::Duration;

use vitals::WallTime;

/// Readings that the median is taken of.
const READINGS_MAX: usize = 31;

/// Fewer say nothing.
const READINGS_MIN: usize = 5;

/// The median must move by more than this to count as a jump: somebody set the device's clock.
const JUMP: Duration = Duration::from_secs(60);

/// The clock of one device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceClock {
    /// Received minus device time, in ns, oldest first.
    differences: VecDeque<i128>,
    /// The offset that was told last.
    told: Option<i128>,
}

impl DeviceClock {
    /// The device stamped a reading with `device_time`; it arrived at `received` by a wall clock that is believed.
    /// Returns the offset in ms when it is known for the first time, and when it has jumped.
    pub fn heard(&mut self, device_time: WallTime, received: WallTime) -> Option<i64> {
        if self.differences.len() == READINGS_MAX {
            self.differences.pop_front();
        }
        let difference = i128::from(received.as_unix_ns()) - i128::from(device_time.as_unix_ns());
        self.differences.push_back(difference);
        let median = self.median()?;
        let jumped = self
            .told
            .is_none_or(|told| (median - told).unsigned_abs() > JUMP.as_nanos());
        if !jumped {
            return None;
        }
        self.told = Some(median);
        self.offset_ms()
    }

    /// How many milliseconds the device is behind (positive) or ahead (negative); `None` = not enough heard.
    pub fn offset_ms(&self) -> Option<i64> {
        let ms = self.median()? / 1_000_000;
        Some(i64::try_from(ms).unwrap_or(if ms < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Forgets what was heard: the post's own clock was set, and the differences to it mean nothing any more.
    pub fn forget(&mut self) {
        self.differences.clear();
    }

    fn median(&self) -> Option<i128> {
        if self.differences.len() < READINGS_MIN {
            return None;
        }
        let mut sorted: Vec<i128> = self.differences.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(ms: i64) -> WallTime {
        WallTime::from_unix_ms(1_800_000_000_000 + ms)
    }

    #[test]
    fn one_late_reading_or_one_wrong_date_moves_nothing() {
        let mut clock = DeviceClock::default();
        let told: Vec<_> = (0..10)
            .filter_map(|n| clock.heard(at(n * 1_000), at(n * 1_000 + 2_000)))
            .collect();
        assert_eq!(told, [2_000]);
        assert_eq!(
            clock.heard(WallTime::from_unix_ms(0), at(11_000)),
            None,
            "1970 for once"
        );
        assert_eq!(clock.heard(at(0), at(600_000)), None, "ten minutes late for once");
        assert_eq!(clock.offset_ms(), Some(2_000));
    }

    #[test]
    fn a_device_whose_clock_is_set_is_told_once() {
        let mut clock = DeviceClock::default();
        let hour = 3_600_000;
        let told: Vec<_> = (0..100)
            .filter_map(|n| clock.heard(at(n * 1_000 - if n < 40 { 0 } else { hour }), at(n * 1_000)))
            .collect();
        assert_eq!(told, [0, hour]);
    }

    #[test]
    fn i8_a_set_clock_of_the_post_is_no_jump_of_the_device() {
        let mut clock = DeviceClock::default();
        for n in 0..10 {
            clock.heard(at(n), at(n));
        }
        clock.forget();
        assert_eq!(clock.offset_ms(), None);
    }

    proptest! {
        #[test]
        fn the_offset_lies_within_what_most_readings_say_whatever_a_third_of_them_say(
            offset in -86_400_000i64..86_400_000,
            readings in proptest::collection::vec((0i64..500, proptest::option::weighted(0.2, any::<i32>())), 40..80),
        ) {
            let mut clock = DeviceClock::default();
            for (n, (late, wild)) in readings.iter().enumerate() {
                let device = at(n as i64 * 1_000);
                let received = device.as_unix_ms() + offset + late;
                // Every fifth may say anything at all.
                let device = if n % 5 == 0 { wild.map_or(device, |wild| at(i64::from(wild))) } else { device };
                clock.heard(device, WallTime::from_unix_ms(received));
                prop_assert!(clock.differences.len() <= READINGS_MAX);
            }
            let found = clock.offset_ms().unwrap();
            prop_assert!((offset..offset + 500).contains(&found), "{found} for {offset}");
        }

        #[test]
        fn no_time_that_a_device_can_send_ends_the_program(times in proptest::collection::vec((any::<i64>(), any::<i64>()), 0..40)) {
            let mut clock = DeviceClock::default();
            for (device, received) in times {
                clock.heard(WallTime::from_unix_ns(device), WallTime::from_unix_ns(received));
                let _ = clock.offset_ms();
            }
        }
    }
}
