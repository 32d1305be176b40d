//! The monitor's two clocks: the relative one that stands in every result, and the local one that people read.
//!
//! Results carry no absolute time (all FF in every real one). The monitor tells both clocks together when asked; from that
//! pair the local time of any result follows. The relative clock wraps after 6.2 days: only its differences are used.

use vitals::WallTime;

use super::association::TICKS_PER_S;
use super::attributes::{TIME_ABSOLUTE, TIME_RELATIVE, absolute_time};
use super::poll::Attributes;

/// The pair of clocks that was heard last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MonitorClock {
    pair: Option<(u32, WallTime)>,
}

impl MonitorClock {
    /// Takes both clocks from attributes of the monitor itself. A local clock that is not set is forgotten.
    pub(super) fn hear(&mut self, attributes: &Attributes<'_>) {
        let relative = attributes.get(TIME_RELATIVE).and_then(|mut reader| reader.u32());
        if let (Some(relative), Some(absolute)) = (relative, attributes.get(TIME_ABSOLUTE)) {
            self.pair = absolute_time(absolute).map(|absolute| (relative, absolute));
        }
    }

    /// The monitor's local time when its relative clock stood so.
    pub(super) fn at(&self, relative: u32) -> Option<WallTime> {
        let (was, wall) = self.pair?;
        // Half of the clock's range back, half of it ahead.
        let ticks = i64::from(relative.wrapping_sub(was).cast_signed());
        let ms = ticks * 1000 / i64::from(TICKS_PER_S);
        Some(WallTime::from_unix_ms(wall.as_unix_ms() + ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(relative: u32, absolute: [u8; 8]) -> MonitorClock {
        let mut clock = MonitorClock::default();
        let relative = relative.to_be_bytes();
        clock.hear(&Attributes(vec![
            (TIME_ABSOLUTE, &absolute),
            (TIME_RELATIVE, &relative),
        ]));
        clock
    }

    #[test]
    fn a_result_has_the_local_time_also_where_the_relative_clock_wraps() {
        let clock = clock(u32::MAX - 7999, [0x20, 0x24, 0x06, 0x10, 0x06, 0x13, 0x20, 0]);
        let at = |relative| {
            clock
                .at(relative)
                .map(|wall| wall.as_unix_ms() - 1_718_000_000_000)
        };
        assert_eq!(at(u32::MAX - 7999), Some(0));
        assert_eq!(at(0), Some(1000));
        assert_eq!(at(8000), Some(2000));
        assert_eq!(at(u32::MAX - 15_999), Some(-1000));
    }

    #[test]
    fn a_clock_that_is_not_set_says_nothing() {
        assert_eq!(clock(0, [0xFF; 8]).at(0), None);
        assert_eq!(MonitorClock::default().at(0), None);
    }
}
