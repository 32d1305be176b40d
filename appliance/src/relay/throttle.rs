//! How much bulk may be on its way: so much that a thin link is never idle and an alert never waits long behind it (I7).
//! Pure; time is an argument.
//!
//! - T1: what the broker has not acknowledged is kept to what the link carries in about half a second, measured by how
//!   much longer an acknowledgement takes than the fastest one of this connection. Thin links shrink it, fast ones grow it.
//! - T2: `bytes_per_s_max`, where it is set, is never exceeded for longer than the burst of two seconds.

use std::time::Duration;

use vitals::MonoTime;

/// Where each connection begins: half a second of 64 kbit/s and a little.
const START_BYTES: usize = 6 << 10;
/// Never less: headers would eat the link.
const LEAST_BYTES: usize = 2 << 10;
/// Never more: what a broken link may cost again.
const MOST_BYTES: usize = 512 << 10;
/// Longer in a queue than this: too much is on its way.
const QUEUE_LONG: Duration = Duration::from_millis(450);
/// Shorter than this: more may be on its way.
const QUEUE_SHORT: Duration = Duration::from_millis(200);
/// What MQTT, topic and TLS add to a message, in bytes; counted into the rate.
const OVERHEAD_BYTES: u64 = 80;
/// So much of a second may leave at once under `bytes_per_s_max`.
const BURST_S: u64 = 2;

/// See the module.
#[derive(Debug)]
pub(super) struct Throttle {
    bytes_per_s_max: Option<u64>,
    /// Thousandths of bytes that may leave now under T2; below zero = none until it is refilled.
    tokens_m: i64,
    filled: MonoTime,
    unacked_bytes_max: usize,
    /// The fastest acknowledgement of this connection.
    fastest: Option<Duration>,
    /// What was sent before this was sent under an older bound and says nothing about the present one.
    changed: MonoTime,
}

impl Throttle {
    pub(super) fn new(bytes_per_s_max: Option<u64>) -> Throttle {
        let mut throttle = Throttle {
            bytes_per_s_max,
            tokens_m: 0,
            filled: MonoTime::BOOT,
            unacked_bytes_max: START_BYTES,
            fastest: None,
            changed: MonoTime::BOOT,
        };
        throttle.tokens_m = throttle.burst_m();
        throttle
    }

    /// A new connection: another road, perhaps.
    pub(super) fn start_over(&mut self, now: MonoTime) {
        self.unacked_bytes_max = START_BYTES;
        self.fastest = None;
        self.changed = now;
    }

    fn burst_m(&self) -> i64 {
        let burst = self
            .bytes_per_s_max
            .map_or(0, |rate| rate.saturating_mul(BURST_S * 1_000));
        i64::try_from(burst).unwrap_or(i64::MAX)
    }

    /// Whether bulk may leave while so many bytes of it are unacknowledged.
    pub(super) fn is_open(&mut self, unacked_bytes: usize, now: MonoTime) -> bool {
        self.fill(now);
        let within_rate = self.bytes_per_s_max.is_none() || self.tokens_m > 0;
        within_rate && (unacked_bytes == 0 || unacked_bytes < self.unacked_bytes_max)
    }

    /// When T2 lets bulk leave again; `None` = it does not hold it back.
    pub(super) fn refilled(&self) -> Option<MonoTime> {
        let rate = self.bytes_per_s_max.filter(|_| self.tokens_m <= 0)?;
        let lacking = self.tokens_m.unsigned_abs() + 1;
        Some(self.filled + Duration::from_millis(lacking / rate.max(1) + 1))
    }

    fn fill(&mut self, now: MonoTime) {
        let Some(rate) = self.bytes_per_s_max else { return };
        let ms = u64::try_from(now.since(self.filled).as_millis()).unwrap_or(u64::MAX);
        // Bytes a second times milliseconds are thousandths of bytes.
        let more = i64::try_from(rate.saturating_mul(ms)).unwrap_or(i64::MAX);
        self.tokens_m = self.tokens_m.saturating_add(more).min(self.burst_m());
        self.filled = self.filled + Duration::from_millis(ms);
    }

    /// The largest message that does not fill the link by itself.
    pub(super) fn message_bytes(&self) -> usize {
        let of_rate = self.bytes_per_s_max.map_or(usize::MAX, |rate| {
            usize::try_from(rate).unwrap_or(usize::MAX).max(LEAST_BYTES)
        });
        (self.unacked_bytes_max / 2).min(of_rate)
    }

    /// So much bulk was handed to the link.
    pub(super) fn sent(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes)
            .unwrap_or(u64::MAX)
            .saturating_add(OVERHEAD_BYTES);
        let cost = i64::try_from(bytes.saturating_mul(1_000)).unwrap_or(i64::MAX);
        self.tokens_m = self.tokens_m.saturating_sub(cost);
    }

    /// Bulk was acknowledged that was sent at `sent`; `busy`: as much as allowed was on its way.
    pub(super) fn acked(&mut self, sent: MonoTime, busy: bool, now: MonoTime) {
        let took = now.since(sent);
        let fastest = self.fastest.map_or(took, |fastest| fastest.min(took));
        self.fastest = Some(fastest);
        if sent < self.changed {
            return;
        }
        let queued = took.saturating_sub(fastest);
        let bytes_max = if queued > QUEUE_LONG {
            self.unacked_bytes_max * 2 / 3
        } else if queued < QUEUE_SHORT && busy {
            self.unacked_bytes_max * 5 / 4
        } else {
            return;
        };
        self.unacked_bytes_max = bytes_max.clamp(LEAST_BYTES, MOST_BYTES);
        self.changed = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    /// Bytes a second through a link of `rate` for a minute, and the longest wait of a byte in its queue, in ms.
    fn through(rate: u64, latency_ms: u64) -> (u64, u64) {
        let mut throttle = Throttle::new(None);
        let (mut free_at, mut sent, mut longest) = (0, 0, 0);
        let mut flying: Vec<(u64, u64, usize)> = Vec::new();
        for now in (0..60_000).step_by(5) {
            let unacked = |flying: &[(u64, u64, usize)]| flying.iter().map(|flight| flight.2).sum::<usize>();
            let busy = unacked(&flying) * 2 >= throttle.unacked_bytes_max;
            for flight in flying.extract_if(.., |flight| flight.1 <= now) {
                throttle.acked(at(flight.0), busy, at(now));
            }
            while throttle.is_open(unacked(&flying), at(now)) {
                let bytes = throttle.message_bytes();
                throttle.sent(bytes);
                free_at = now.max(free_at) + bytes as u64 * 1_000 / rate;
                if now > 20_000 {
                    longest = longest.max(free_at - now);
                    sent += bytes as u64;
                }
                flying.push((now, free_at + latency_ms, bytes));
            }
        }
        (sent / 40, longest)
    }

    #[test]
    fn i7_t1_a_thin_link_is_kept_busy_with_a_short_queue_and_a_fast_one_is_filled() {
        for latency in [50, 300, 700] {
            let (carried, queue) = through(8_000, latency);
            assert!(queue < 1_500, "{queue} ms of queue at {latency} ms");
            assert!(carried > 4_500, "{carried} bytes/s of 8000 at {latency} ms");
        }
        let (carried, _) = through(2_000_000, 50);
        assert!(carried > 1_600_000, "{carried} bytes/s of 2000000");
    }

    #[test]
    fn t2_the_rate_is_kept_over_any_minute_and_says_when_it_opens_again() {
        let mut throttle = Throttle::new(Some(1_000));
        let mut left = 0;
        let mut now = 0;
        while now < 60_000 {
            if throttle.is_open(0, at(now)) {
                throttle.sent(1_500);
                left += 1_500 + OVERHEAD_BYTES;
            } else {
                let next = throttle.refilled().expect("it is the rate that holds it back");
                assert!(next > at(now), "never a busy loop");
                now = next.as_ms();
            }
        }
        assert!((58_000..64_000).contains(&left), "{left} bytes in a minute");
        assert_eq!(Throttle::new(None).refilled(), None);
    }
}
