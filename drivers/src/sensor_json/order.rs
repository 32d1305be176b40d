//! Which messages of a device count, and how long they were on their way.
//!
//! - S2: within a run messages are numbered upwards. Another run follows when the sensor has started again; a run that
//!   another one has followed never comes back.
//! - S4: the least that a run's messages took so far is the measure for the others. The first message of a run has
//!   nothing to be measured by and counts as fresh.
//! - S7: a bucket of messages, filled again as time passes.

use std::collections::VecDeque;
use std::time::Duration;

use vitals::MonoTime;

use super::message::Words;

/// Messages in a second that a device may send, over some time.
pub const MESSAGES_PER_S_MAX: u64 = 20;

/// Messages that it may send at once after a pause.
pub const MESSAGES_AT_ONCE_MAX: u64 = 40;

/// Up to this a message was on its way as any other: networks waver.
pub const LATE_MIN: Duration = Duration::from_secs(2);

/// Runs that have ended and are remembered.
const RUNS_MAX: usize = 8;

/// So much two clocks may drift apart: one in a thousand, far more than any quartz does.
const DRIFT: i64 = 1_000;

const NS_PER_MESSAGE: u64 = 1_000_000_000 / MESSAGES_PER_S_MAX;

/// How much a device may send now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rate {
    /// When the bucket is full again; each message moves it on.
    full: MonoTime,
}

impl Rate {
    pub(super) fn allows(&mut self, now: MonoTime) -> bool {
        let from = self.full.max(now);
        let next = from + Duration::from_nanos(NS_PER_MESSAGE);
        if next.since(now) > Duration::from_nanos(NS_PER_MESSAGE * MESSAGES_AT_ONCE_MAX) {
            return false;
        }
        self.full = next;
        true
    }
}

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the next one, and was on its way for so long; zero below [`LATE_MIN`].
    Next { late: Duration },
    /// It was taken before, or a younger one was.
    Old,
    /// The sensor's count of milliseconds went back: nobody knows how old the message is. The next one is measured anew.
    ClockWentBack,
}

/// Where a device stands.
#[derive(Debug, Default)]
pub(super) struct Order {
    run: Option<Run>,
    ended: VecDeque<String>,
    runs: u64,
}

#[derive(Debug)]
struct Run {
    name: String,
    seq: u64,
    up_ms: u64,
    /// Arrival by our clock minus writing by the sensor's: the least so far, and when it was looked at last.
    least: Option<(i64, MonoTime)>,
}

impl Order {
    /// How many runs there were.
    pub(super) fn runs(&self) -> u64 {
        self.runs
    }

    pub(super) fn judge(&mut self, now: MonoTime, words: &Words) -> Verdict {
        if self.ended.contains(&words.run) {
            return Verdict::Old;
        }
        match &mut self.run {
            Some(run) if run.name == words.run => {
                if words.seq <= run.seq {
                    return Verdict::Old;
                }
                run.seq = words.seq;
                let went_back = words.up_ms < run.up_ms;
                run.up_ms = words.up_ms;
                if went_back {
                    run.least = None;
                    return Verdict::ClockWentBack;
                }
            }
            _ => self.begin(words),
        }
        let late = self.run.as_mut().map_or(Duration::ZERO, |run| run.late(now));
        Verdict::Next { late }
    }

    fn begin(&mut self, words: &Words) {
        let next = Run {
            name: words.run.clone(),
            seq: words.seq,
            up_ms: words.up_ms,
            least: None,
        };
        if let Some(before) = self.run.replace(next) {
            if self.ended.len() >= RUNS_MAX {
                self.ended.pop_front();
            }
            self.ended.push_back(before.name);
        }
        self.runs += 1;
    }
}

impl Run {
    fn late(&mut self, now: MonoTime) -> Duration {
        let ms = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
        let way = ms(now.as_ms()).saturating_sub(ms(self.up_ms));
        let least = match self.least {
            None => way,
            Some((least, since)) => {
                let passed = i64::try_from(now.since(since).as_millis()).unwrap_or(i64::MAX);
                // In whole steps, so that many messages drift as few do.
                let step = passed / DRIFT;
                if step == 0 && way >= least {
                    return late(way - least);
                }
                least.saturating_add(step).min(way)
            }
        };
        self.least = Some((least, now));
        late(way - least)
    }
}

fn late(ms: i64) -> Duration {
    let late = Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    if late < LATE_MIN { Duration::ZERO } else { late }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(run: &str, seq: u64, up_ms: u64) -> Words {
        let text = format!("{{\"run\":\"{run}\",\"seq\":{seq},\"up_ms\":{up_ms}}}");
        Words::read(text.as_bytes()).unwrap()
    }

    fn judge(order: &mut Order, at_ms: u64, run: &str, seq: u64, up_ms: u64) -> Option<u64> {
        match order.judge(MonoTime::from_ms(at_ms), &words(run, seq, up_ms)) {
            Verdict::Next { late } => Some(late.as_millis() as u64),
            Verdict::Old | Verdict::ClockWentBack => None,
        }
    }

    #[test]
    fn s2_a_message_that_comes_again_or_after_a_younger_one_is_old() {
        let mut order = Order::default();
        assert_eq!(judge(&mut order, 50_000, "a", 7, 1_000), Some(0));
        assert_eq!(judge(&mut order, 50_100, "a", 7, 1_000), None);
        assert_eq!(judge(&mut order, 51_000, "a", 9, 2_000), Some(0));
        assert_eq!(judge(&mut order, 51_100, "a", 8, 1_500), None);
        assert_eq!(judge(&mut order, 52_000, "b", 0, 100), Some(0));
        assert_eq!(judge(&mut order, 52_100, "a", 10, 3_000), None, "its run is over");
        assert_eq!(order.runs(), 2);
    }

    #[test]
    fn s4_what_waited_is_as_old_as_it_is() {
        let mut order = Order::default();
        assert_eq!(judge(&mut order, 50_000, "a", 0, 1_000), Some(0));
        // Ten messages of a minute without a network come at once.
        for n in 1..=10 {
            let late = judge(&mut order, 110_000, "a", n, 1_000 + n * 1_000).unwrap();
            assert!(
                (59_900 - n * 1_000..=60_000 - n * 1_000).contains(&late),
                "{n}: {late}"
            );
        }
        assert_eq!(judge(&mut order, 110_500, "a", 11, 61_500), Some(0));
    }

    #[test]
    fn s4_a_first_message_that_waited_is_outdone_by_the_next() {
        let mut order = Order::default();
        assert_eq!(judge(&mut order, 50_000, "a", 0, 1_000), Some(0));
        assert_eq!(judge(&mut order, 50_001, "a", 1, 31_000), Some(0));
        let late = judge(&mut order, 80_000, "a", 2, 40_000).unwrap();
        assert!((20_900..=21_000).contains(&late), "{late}");
    }

    #[test]
    fn s4_a_clock_that_drifts_makes_nothing_old() {
        // 300 in a million slow, a message each second for a day.
        let mut order = Order::default();
        for n in 0..86_400u64 {
            let up_ms = n * 1_000 - n * 3 / 10;
            assert_eq!(
                judge(&mut order, 5_000 + n * 1_000, "a", n, up_ms),
                Some(0),
                "{n}"
            );
        }
    }

    #[test]
    fn s4_a_count_that_goes_back_costs_one_message() {
        let mut order = Order::default();
        let mut judge = |at_ms, seq, up_ms| order.judge(MonoTime::from_ms(at_ms), &words("a", seq, up_ms));
        let fresh = Verdict::Next { late: Duration::ZERO };
        assert_eq!(judge(50_000, 0, 1 << 30), fresh);
        assert_eq!(judge(51_000, 1, 5), Verdict::ClockWentBack);
        assert_eq!(judge(52_000, 2, 1_005), fresh);
        let Verdict::Next { late } = judge(56_000, 3, 2_005) else {
            panic!("it is the next one");
        };
        assert!((2_990..=3_000).contains(&late.as_millis()), "{late:?}");
    }

    #[test]
    fn s7_a_device_may_send_so_much_and_no_more() {
        let mut rate = Rate::default();
        let mut passed = 0;
        for ms in 0..10_000 {
            passed += u64::from(rate.allows(MonoTime::from_ms(100_000 + ms)));
        }
        let most = MESSAGES_AT_ONCE_MAX + 10 * MESSAGES_PER_S_MAX;
        assert!((most - 2..=most).contains(&passed), "{passed}");
        assert!(rate.allows(MonoTime::from_ms(200_000)));
    }
}
