//! A8: what is sent, and that it is never more than the slowest usual line carries: an analyser waits for each answer.

use std::time::Duration;

use vitals::MonoTime;

use crate::dialogue::Step;
use crate::steps::Steps;

/// Most bytes that are sent within a second; 9600 bits a second carry more than twice as many.
pub const ANSWER_BYTES_PER_S_MAX: usize = 400;

const WINDOW: Duration = Duration::from_secs(1);

/// Answers on their way.
#[derive(Debug, Default)]
pub(super) struct Answers {
    began: MonoTime,
    sent: usize,
    /// Waits for the next second. A further one takes its place: whoever waits for an answer reads the last one.
    late: Option<Step>,
}

impl Answers {
    /// Sends, now or as soon as there is room.
    pub(super) fn send(&mut self, now: MonoTime, step: Step, steps: &mut Steps) {
        if now.since(self.began) >= WINDOW {
            self.began = now;
            self.sent = 0;
        }
        let bytes = match &step {
            Step::Send(bytes) | Step::SendWhenKept(bytes) => bytes.len(),
            _ => 0,
        };
        if self.sent + bytes > ANSWER_BYTES_PER_S_MAX {
            self.late = Some(step);
            return;
        }
        self.sent += bytes;
        self.late = None;
        steps.push(step);
    }

    /// When [`Answers::tick`] has something to do.
    pub(super) fn next_tick(&self) -> Option<MonoTime> {
        self.late.as_ref().map(|_| self.began + WINDOW)
    }

    /// Time passes: what had no room has it.
    pub(super) fn tick(&mut self, now: MonoTime, steps: &mut Steps) {
        if self.next_tick().is_some_and(|due| now >= due)
            && let Some(step) = self.late.take()
        {
            self.send(now, step, steps);
        }
    }

    /// The other end has gone.
    pub(super) fn clear(&mut self) {
        self.late = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a8_a_second_has_room_for_so_many_bytes_and_the_last_answer_waits() {
        let (mut answers, mut steps) = (Answers::default(), Steps::default());
        let now = MonoTime::from_ms(10_000);
        let hundred = |first: u8| Step::Send([vec![first], vec![0; 99]].concat());
        for first in 0..7 {
            answers.send(now, hundred(first), &mut steps);
        }
        let sent: Vec<Step> = std::iter::from_fn(|| steps.take()).collect();
        assert_eq!(sent, [0, 1, 2, 3].map(hundred));
        let due = answers.next_tick().unwrap();
        answers.tick(now + Duration::from_millis(999), &mut steps);
        assert_eq!(steps.take(), None);
        answers.tick(due, &mut steps);
        assert_eq!(
            (steps.take(), steps.take(), answers.next_tick()),
            (Some(hundred(6)), None, None)
        );
    }
}
