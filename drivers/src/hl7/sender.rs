//! What must be remembered about senders: which messages they sent, and how late those come.
//!
//! - H4: a message that comes again is not taken twice.
//! - H5: a message that lay in its sender's queue is as old as it is (I4), although the post's clock and the sender's
//!   differ: the shortest way that a message of this sender took so far is the measure.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use vitals::MonoTime;

use super::message::Message;
use super::stamp::Stamp;

/// A message that comes again after this is another one.
pub const REPEATED_WITHIN: Duration = Duration::from_secs(24 * 3600);

/// Most messages that are remembered: an hour of 16 beds that send each second.
pub const REPEATS_MAX: usize = 65_536;

/// Up to this a message counts as fresh: seconds in time stamps, networks, and a sender that gathers.
pub const LATE_MIN: Duration = Duration::from_secs(5);

/// A delay that stays the same for this long is a clock that was set back, not a queue.
const CLOCK_SET_AFTER: Duration = Duration::from_secs(60);

/// How much the same delay may waver.
const SAME_DELAY_MS: i64 = 2_000;

/// Most senders whose delay is measured.
const SENDERS_MAX: usize = 64;

/// The mark of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(u64, u64);

/// The messages of the last day.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    known: BTreeMap<Mark, MonoTime>,
    order: VecDeque<(MonoTime, Mark)>,
}

impl Repeats {
    /// The mark of a message, or `None` where it has no name of its own: Mindray's MSH-10 is a kind, and then MSH-7 is
    /// empty. The content belongs to it: a sender that numbers badly must not lose a message.
    pub(super) fn mark(message: &Message, bytes: &[u8]) -> Option<Mark> {
        let msh = message.msh();
        if msh.field(10).is_empty() || msh.field(7).is_empty() {
            return None;
        }
        let hash = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, bytes).hash(&mut hasher);
            hasher.finish()
        };
        Some(Mark(hash(1), hash(2)))
    }

    /// Remembers a message; true when it is known already.
    pub(super) fn is_repeat(&mut self, now: MonoTime, mark: Mark) -> bool {
        while self
            .order
            .front()
            .is_some_and(|(at, _)| now.since(*at) > REPEATED_WITHIN || self.order.len() > REPEATS_MAX)
        {
            let gone = self.order.pop_front();
            // A mark that was forgotten and came again has a younger entry of its own.
            if let Some((at, mark)) = gone
                && self.known.get(&mark) == Some(&at)
            {
                self.known.remove(&mark);
            }
        }
        if self.known.contains_key(&mark) {
            return true;
        }
        self.known.insert(mark, now);
        self.order.push_back((now, mark));
        false
    }

    /// It was not kept after all: when it comes again, it is new.
    pub(super) fn forget(&mut self, mark: Mark) {
        self.known.remove(&mark);
    }
}

/// How late messages come, by sender.
#[derive(Debug, Default)]
pub(super) struct Delays {
    senders: BTreeMap<String, Delay>,
}

#[derive(Clone, Copy, Debug)]
struct Delay {
    /// Arrival by our clock minus sending by the sender's: the smallest so far.
    least_ms: i64,
    /// Since when the delay has been what it is.
    same: Option<(MonoTime, i64)>,
}

impl Delays {
    /// How long a message was under way that is complete now and was written at `sent`.
    pub(super) fn late_by(&mut self, now: MonoTime, sender: &str, sent: Option<Stamp>) -> Duration {
        let Some(sent) = sent else {
            return Duration::ZERO;
        };
        let way_ms = i64::try_from(now.as_ms()).unwrap_or(i64::MAX) - sent.wall().as_unix_ms();
        if self.senders.len() >= SENDERS_MAX && !self.senders.contains_key(sender) {
            return Duration::ZERO;
        }
        let delay = self.senders.entry(sender.to_owned()).or_insert(Delay {
            least_ms: way_ms,
            same: None,
        });
        let late_ms = way_ms.saturating_sub(delay.least_ms);
        if late_ms < i64::try_from(LATE_MIN.as_millis()).unwrap_or(i64::MAX) {
            delay.least_ms = delay.least_ms.min(way_ms);
            delay.same = None;
            return Duration::ZERO;
        }
        match delay.same {
            Some((since, was)) if (late_ms - was).abs() <= SAME_DELAY_MS => {
                if now.since(since) >= CLOCK_SET_AFTER {
                    *delay = Delay {
                        least_ms: way_ms,
                        same: None,
                    };
                    return Duration::ZERO;
                }
            }
            _ => delay.same = Some((now, late_ms)),
        }
        Duration::from_millis(u64::try_from(late_ms).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Option<Mark> {
        Repeats::mark(&Message::read(text.as_bytes()).unwrap(), text.as_bytes())
    }

    #[test]
    fn h4_a_message_is_known_for_a_day_unless_it_was_not_kept() {
        let mut repeats = Repeats::default();
        let at = |s: u64| MonoTime::from_ms(s * 1000);
        let one = mark("MSH|^~\\&|A||||20260912||ORU^R01|1|P|2.6").unwrap();
        assert!(!repeats.is_repeat(at(0), one));
        assert!(repeats.is_repeat(at(86_400), one));
        assert!(!repeats.is_repeat(at(86_401), one));
        repeats.forget(one);
        assert!(!repeats.is_repeat(at(86_402), one));
        assert!(repeats.is_repeat(at(86_403), one));
        let other = mark("MSH|^~\\&|A||||20260912||ORU^R01|1|P|2.6\rOBX|1").unwrap();
        assert!(!repeats.is_repeat(at(86_404), other));
    }

    #[test]
    fn h4_without_a_name_of_its_own_every_message_is_new() {
        assert_eq!(mark("MSH|^~\\&|||||||ORU^R01|204|P|2.3.1"), None);
        assert_eq!(mark("MSH|^~\\&|||||20260912||ORU^R01||P|2.3.1"), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut repeats = Repeats::default();
        for number in 0..=REPEATS_MAX as u64 + 1 {
            assert!(!repeats.is_repeat(MonoTime::from_ms(number), Mark(number, 0)));
        }
        assert!(repeats.known.len() <= REPEATS_MAX + 1);
        assert!(!repeats.is_repeat(MonoTime::from_ms(0), Mark(0, 0)));
    }

    /// Pairs of seconds `arrived sent`, and how late each is.
    fn check(pairs: &[(u64, u64, u64)]) {
        let mut delays = Delays::default();
        for (arrived, sent, late) in pairs {
            let clock = format!("20260912{:02}{:02}{:02}", sent / 3600, sent / 60 % 60, sent % 60);
            let found = delays.late_by(MonoTime::from_ms(arrived * 1000), "A", Stamp::read(&clock));
            assert_eq!(found.as_secs(), *late, "{arrived} {sent}");
        }
    }

    #[test]
    fn h5_a_queue_that_drains_is_late_and_then_not_any_more() {
        check(&[
            (100, 3600, 0),
            (110, 3610, 0),
            // Cut off for a minute, then everything at once.
            (180, 3620, 60),
            (180, 3630, 50),
            (181, 3670, 11),
            (182, 3681, 0),
            (190, 3690, 0),
        ]);
    }

    #[test]
    fn h5_a_clock_that_is_set_is_learnt() {
        check(&[
            (100, 7200, 0),
            (110, 7210, 0),
            (120, 3620, 3600),
            (150, 3650, 3600),
            (180, 3680, 0),
            (190, 3690, 0),
        ]);
        check(&[(100, 3600, 0), (110, 7210, 0), (120, 7220, 0)]);
    }

    #[test]
    fn without_a_time_nothing_is_late() {
        assert_eq!(
            Delays::default().late_by(MonoTime::BOOT, "A", None),
            Duration::ZERO
        );
    }
}
