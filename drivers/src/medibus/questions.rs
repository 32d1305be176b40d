//! What is asked, how often, and what comes next. One question is under way at a time.

use std::time::Duration;

use vitals::MonoTime;

use super::waves;

/// Something has to be sent at least every two to three seconds, or the device takes the line for dead: two questions a
/// second do that.
const EACH_SECOND: Duration = Duration::from_secs(1);
const OFTEN: Duration = Duration::from_secs(2);
const SELDOM: Duration = Duration::from_secs(10);
const RARELY: Duration = Duration::from_secs(30);

/// A question that the device leaves unanswered this often in a row is left alone for a while.
const UNANSWERED_MAX: u8 = 3;
const LEFT_ALONE: Duration = Duration::from_secs(60);

/// A question to the device, with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Question {
    Data1 = 0x24,
    Alarms1 = 0x27,
    Alarms2 = 0x2E,
    Texts = 0x2A,
    Data2 = 0x2B,
    Alarms3 = 0x23,
    Clock = 0x28,
    WaveConfig = waves::ASK_CONFIG,
    WaveSelect = waves::SELECT,
}

use Question::{Alarms1, Alarms2, Alarms3, Clock, Data1, Data2, Texts, WaveConfig, WaveSelect};

/// The rhythm. Questions about curves are due only when somebody makes them so.
const RHYTHM: [(Question, Option<Duration>); 9] = [
    // First, because it decides what the values mean.
    (Texts, Some(SELDOM)),
    (Data1, Some(EACH_SECOND)),
    (Alarms1, Some(EACH_SECOND)),
    (Alarms2, Some(OFTEN)),
    (Data2, Some(SELDOM)),
    (Alarms3, Some(SELDOM)),
    (Clock, Some(RARELY)),
    (WaveConfig, None),
    (WaveSelect, None),
];

/// What is due when.
#[derive(Debug)]
pub(super) struct Questions {
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    question: Question,
    every: Option<Duration>,
    due: Option<MonoTime>,
    unanswered: u8,
}

impl Questions {
    /// A session begins: everything is due.
    pub(super) fn new(now: MonoTime) -> Self {
        let slot = |(question, every): (Question, Option<Duration>)| Slot {
            question,
            every,
            due: every.map(|_| now),
            unanswered: 0,
        };
        Self {
            slots: RHYTHM.into_iter().map(slot).collect(),
        }
    }

    /// The question whose turn it is, if it is due.
    pub(super) fn next(&mut self, now: MonoTime) -> Option<Question> {
        let due = |slot: &Slot| slot.due.filter(|due| *due <= now);
        let first = self.slots.iter_mut().filter(|slot| due(slot).is_some());
        let slot = first.min_by_key(|slot| slot.due)?;
        slot.due = slot.every.map(|every| now + every);
        Some(slot.question)
    }

    /// When the next one is due.
    pub(super) fn due(&self) -> Option<MonoTime> {
        self.slots.iter().filter_map(|slot| slot.due).min()
    }

    /// Ask this as soon as possible.
    pub(super) fn ask(&mut self, question: Question, at: MonoTime) {
        if let Some(slot) = self.slot(question) {
            slot.due = Some(slot.due.map_or(at, |due| due.min(at)));
        }
    }

    /// Whether page 2 of measured data is asked for each second.
    pub(super) fn page_2_each_second(&mut self, now: MonoTime, is_needed: bool) {
        let every = if is_needed { EACH_SECOND } else { SELDOM };
        if let Some(slot) = self.slot(Data2)
            && slot.every != Some(every)
        {
            slot.every = Some(every);
            slot.due = Some(now + every);
        }
    }

    pub(super) fn answered(&mut self, question: Question) {
        if let Some(slot) = self.slot(question) {
            slot.unanswered = 0;
        }
    }

    /// The device may not know the question. The two that everything hangs on are asked all the same.
    pub(super) fn unanswered(&mut self, question: Question, now: MonoTime) {
        let Some(slot) = self
            .slot(question)
            .filter(|_| !matches!(question, Data1 | Alarms1))
        else {
            return;
        };
        slot.unanswered = slot.unanswered.saturating_add(1);
        if slot.every.is_none() {
            slot.due = Some(now + SELDOM);
        } else if slot.unanswered >= UNANSWERED_MAX {
            slot.due = Some(now + LEFT_ALONE);
        }
    }

    fn slot(&mut self, question: Question) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.question == question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which questions are asked in so many seconds, one every 100 ms at most.
    fn asked(questions: &mut Questions, seconds: u64) -> Vec<Question> {
        let ticks = (0..seconds * 10).map(|tick| MonoTime::from_ms(tick * 100));
        ticks.filter_map(|now| questions.next(now)).collect()
    }

    #[test]
    fn values_and_alarms_come_each_second_and_nothing_starves() {
        let mut questions = Questions::new(MonoTime::BOOT);
        let all = asked(&mut questions, 60);
        let count = |wanted| all.iter().filter(|one| **one == wanted).count();
        assert_eq!(all[0], Texts);
        assert!((55..=60).contains(&count(Data1)), "{}", count(Data1));
        assert!((55..=60).contains(&count(Alarms1)));
        assert!((28..=30).contains(&count(Alarms2)));
        assert_eq!((count(Texts), count(Clock), count(WaveConfig)), (6, 2, 0));
    }

    #[test]
    fn a_question_that_is_never_answered_is_left_alone() {
        let mut questions = Questions::new(MonoTime::BOOT);
        for _ in 0..UNANSWERED_MAX {
            questions.unanswered(Alarms3, MonoTime::BOOT);
            questions.unanswered(Data1, MonoTime::BOOT);
        }
        let all = asked(&mut questions, 59);
        assert!(!all.contains(&Alarms3) && all.contains(&Data1));
    }
}
