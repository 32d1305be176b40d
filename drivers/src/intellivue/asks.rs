//! What is asked for within a session, and when again (S4).
//!
//! Numerics, alarms and curves are asked for an hour in advance and again every five minutes: some monitors stop after
//! ten (one source). A monitor that does not know such requests is asked once every two seconds instead. A monitor ignores
//! more than one single question per class and second.

use std::time::Duration;

use vitals::MonoTime;

use super::association::Grant;
use super::requests::{
    self, CLASS_ALARMS, CLASS_MDS, CLASS_NUMERICS, CLASS_WAVES, GROUP_ALARMS, GROUP_ALL, GROUP_OBSERVED,
    GROUP_STATIC, GROUP_SYSTEM, Subject,
};

/// For how long results are asked in advance, and how often again.
const LASTS: Duration = Duration::from_secs(3600);
const RENEWED_EVERY: Duration = Duration::from_secs(300);

/// What does not come for this long is asked for again.
const MISSED_AFTER: Duration = Duration::from_secs(5);

/// Clocks and mode.
const MONITOR_EVERY: Duration = Duration::from_secs(60);

/// How often a monitor that cannot send by itself is asked.
const SINGLES_EVERY: Duration = Duration::from_secs(2);

/// What was refused for another reason is tried again after this.
const REFUSED_WAIT: Duration = Duration::from_secs(60);

/// The session is kept alive by a question in every third of its time-out, at least this often.
const ALIVE_EVERY_MAX: Duration = Duration::from_secs(40);

/// The monitor's number for an action that it does not know.
const NO_SUCH_ACTION: u8 = 9;

#[derive(Debug)]
pub(super) struct Asks(Vec<Ask>);

/// One thing that is asked for again and again.
#[derive(Debug)]
pub(super) struct Ask {
    subject: Subject,
    number: u16,
    how: How,
    asked: Option<MonoTime>,
    invoke: u16,
    answered: Option<MonoTime>,
    not_before: MonoTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// Once, and again after this.
    Single(Duration),
    /// The monitor goes on by itself.
    Extended,
}

impl Asks {
    pub(super) fn new(now: MonoTime, grant: Grant, waves: bool) -> Self {
        let ask = |number, class, group, how| Ask {
            subject: Subject { class, group },
            number,
            how,
            asked: None,
            invoke: 0,
            answered: None,
            not_before: now,
        };
        let numerics = if grant.numerics {
            How::Extended
        } else {
            How::Single(SINGLES_EVERY)
        };
        let alive = How::Single((grant.timeout / 3).min(ALIVE_EVERY_MAX));
        let mut asks = vec![
            ask(1, CLASS_MDS, GROUP_SYSTEM, How::Single(MONITOR_EVERY)),
            ask(2, CLASS_NUMERICS, GROUP_OBSERVED, numerics),
            ask(3, CLASS_ALARMS, GROUP_ALARMS, How::Extended),
            Ask {
                not_before: now + (grant.timeout / 3).min(ALIVE_EVERY_MAX),
                ..ask(4, CLASS_ALARMS, GROUP_STATIC, alive)
            },
        ];
        if waves && grant.waves {
            asks.push(ask(5, CLASS_WAVES, GROUP_ALL, How::Extended));
        }
        Self(asks)
    }

    /// What is to be asked now.
    pub(super) fn due(&mut self, now: MonoTime) -> impl Iterator<Item = &mut Ask> {
        self.0.iter_mut().filter(move |ask| ask.due() <= now)
    }

    /// When something is to be asked next.
    pub(super) fn deadline(&self) -> MonoTime {
        let all = self.0.iter().map(Ask::due);
        all.min().unwrap_or(MonoTime::BOOT)
    }

    /// A result came.
    pub(super) fn answered(&mut self, now: MonoTime, class: u16, group: u16) {
        let subject = Subject { class, group };
        for ask in self.0.iter_mut().filter(|ask| ask.subject == subject) {
            ask.answered = Some(now);
        }
    }

    /// An error came.
    pub(super) fn refused(&mut self, now: MonoTime, invoke: u16, code: u8) {
        let Some(ask) = self.0.iter_mut().find(|ask| ask.invoke == invoke) else {
            return;
        };
        if code == NO_SUCH_ACTION && ask.how == How::Extended {
            ask.how = How::Single(SINGLES_EVERY);
            ask.asked = None;
        } else {
            ask.not_before = now + REFUSED_WAIT;
        }
    }
}

impl Ask {
    fn due(&self) -> MonoTime {
        let due = match (self.asked, self.how) {
            (None, _) => MonoTime::BOOT,
            (Some(asked), How::Extended) => {
                let heard = self.answered.unwrap_or(asked).max(asked);
                (asked + RENEWED_EVERY).min(heard + MISSED_AFTER)
            }
            (Some(asked), How::Single(every)) if self.is_unanswered() => asked + every.min(MISSED_AFTER),
            (Some(asked), How::Single(every)) => asked + every,
        };
        due.max(self.not_before)
    }

    /// It was asked, and nothing has come since.
    pub(super) fn is_unanswered(&self) -> bool {
        self.asked
            .is_some_and(|asked| self.answered.is_none_or(|answered| answered < asked))
    }

    /// The request, which is then on its way.
    pub(super) fn request(&mut self, now: MonoTime, invoke: u16) -> Vec<u8> {
        self.asked = Some(now);
        self.invoke = invoke;
        match self.how {
            How::Single(_) => requests::single(invoke, self.number, self.subject),
            How::Extended => requests::extended(invoke, self.number, self.subject, LASTS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANT: Grant = Grant {
        timeout: Duration::from_secs(120),
        numerics: true,
        waves: true,
    };

    /// Seconds at which the numerics are asked, while they come (or not) until this second.
    fn asked(comes_until: u64, seconds: u64) -> Vec<u64> {
        let mut asks = Asks::new(MonoTime::BOOT, GRANT, true);
        let mut times = Vec::new();
        for second in 0..seconds {
            let now = MonoTime::from_ms(second * 1000);
            for ask in asks.due(now) {
                ask.request(now, 1);
                if ask.subject.class == CLASS_NUMERICS {
                    times.push(second);
                }
            }
            if second < comes_until {
                asks.answered(now, CLASS_NUMERICS, GROUP_OBSERVED);
            }
        }
        times
    }

    #[test]
    fn s4_what_comes_is_asked_every_five_minutes_and_what_does_not_every_five_seconds() {
        assert_eq!(asked(700, 700), [0, 300, 600]);
        assert_eq!(asked(10, 22), [0, 14, 19]);
    }

    #[test]
    fn an_action_that_the_monitor_does_not_know_becomes_single_questions() {
        let mut asks = Asks::new(MonoTime::BOOT, GRANT, false);
        let now = MonoTime::from_ms(1000);
        for (invoke, ask) in (1..).zip(asks.due(now)) {
            ask.request(now, invoke);
        }
        asks.refused(now, 2, NO_SUCH_ACTION);
        let again: Vec<_> = asks.due(now).map(|ask| ask.request(now, 9)).collect();
        assert_eq!(again.len(), 1);
        assert_eq!(
            again[0],
            requests::single(
                9,
                2,
                Subject {
                    class: CLASS_NUMERICS,
                    group: GROUP_OBSERVED
                }
            )
        );
    }

    #[test]
    fn a_refused_question_waits_a_minute() {
        let mut asks = Asks::new(MonoTime::BOOT, GRANT, true);
        for (invoke, ask) in (1..).zip(asks.due(MonoTime::BOOT)) {
            ask.request(MonoTime::BOOT, invoke);
        }
        asks.refused(MonoTime::BOOT, 4, 1);
        let waves = |seconds: u64, asks: &mut Asks| {
            asks.due(MonoTime::from_ms(seconds * 1000))
                .any(|ask| ask.subject.class == CLASS_WAVES)
        };
        assert!(!waves(59, &mut asks) && waves(60, &mut asks));
    }
}
