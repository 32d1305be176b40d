//! The curve: packets of 25 samples on a time axis that counts samples.
//!
//! N4: Lost packets leave a hole in the numbering, never repeated samples.

use std::time::Duration;

use vitals::{Code, MonoTime, WaveBlock};

use super::frames::PACKET_FRAMES;

/// The sample rate of the curve.
const PLETH_RATE: (u32, u32) = (75, 1);

/// Three packets a second.
const PACKETS_PER_S: u64 = 3;

/// The packet counter has 14 bits.
const TIMER_WRAPS: u64 = 1 << 14;

/// Numbers the samples of one session of the line.
#[derive(Debug, Default)]
pub(super) struct SampleCount {
    next: u64,
    last: Option<(MonoTime, u16)>,
    timer_counts: bool,
}

impl SampleCount {
    /// The samples of one packet, numbered.
    pub(super) fn block(&mut self, now: MonoTime, timer: u16, samples: Vec<i16>) -> WaveBlock {
        WaveBlock {
            code: Code::Pleth,
            rate: PLETH_RATE,
            first_sample: self.place(now, timer),
            samples,
        }
    }

    /// The number of the first sample of this packet.
    fn place(&mut self, now: MonoTime, timer: u16) -> u64 {
        let lost = match self.last {
            None => 0,
            Some((at, was)) => self.lost_packets(now.since(at), was, timer),
        };
        self.last = Some((now, timer));
        let first = self.next + lost * PACKET_FRAMES as u64;
        self.next = first + PACKET_FRAMES as u64;
        first
    }

    /// The device's packet counter where it is seen to count packets and fits the time that went by; else that time.
    fn lost_packets(&mut self, elapsed: Duration, was: u16, timer: u16) -> u64 {
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX / TIMER_WRAPS);
        let by_clock = (elapsed_ms * PACKETS_PER_S + 500) / 1000;
        let counted = (u64::from(timer) + TIMER_WRAPS - u64::from(was)) % TIMER_WRAPS;
        if counted == 1 && by_clock <= 2 {
            self.timer_counts = true;
        }
        // The line may hold bytes back and then deliver a burst: the counter may run a little ahead of the clock.
        let fits = self.timer_counts && counted >= 1 && counted <= by_clock + 2 * PACKETS_PER_S;
        if fits {
            counted - 1
        } else {
            by_clock.saturating_sub(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `time_ms:timer` pairs, and the first sample each packet gets.
    fn check(packets: &[(u64, u16)], firsts: &[u64]) {
        let mut count = SampleCount::default();
        let placed: Vec<u64> = packets
            .iter()
            .map(|(ms, timer)| count.place(MonoTime::from_ms(*ms), *timer))
            .collect();
        assert_eq!(placed, firsts, "{packets:?}");
    }

    #[test]
    fn packets_in_a_row_are_numbered_without_holes() {
        check(&[(0, 7), (333, 8), (667, 9), (1000, 10)], &[0, 25, 50, 75]);
    }

    #[test]
    fn a_lost_packet_is_a_hole_by_the_devices_counter_also_where_it_wraps() {
        check(
            &[(0, 16_381), (333, 16_382), (1333, 1), (1667, 2)],
            &[0, 25, 100, 125],
        );
    }

    #[test]
    fn a_counter_that_does_not_count_packets_is_not_believed() {
        check(&[(0, 0), (333, 0), (1333, 0)], &[0, 25, 100]);
        check(&[(0, 0), (333, 1), (667, 900), (1000, 901)], &[0, 25, 50, 75]);
    }

    #[test]
    fn a_burst_after_a_stall_keeps_its_numbering() {
        check(
            &[(0, 1), (333, 2), (2000, 3), (2000, 4), (2000, 5)],
            &[0, 25, 50, 75, 100],
        );
    }
}
