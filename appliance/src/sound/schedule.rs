//! What is to be heard now: one sound, however many alarms. Pure; the page has the same rules (`web-ui/live/sounder.ts`).
//!
//! - T1: the highest priority that sounds decides which burst is played.
//! - T2: an alarm that begins to sound is heard at once: a higher one cuts off what is played, any other ends the pause.
//! - T3: when nothing of that priority sounds any more it is silent at once, in the middle of a burst too.
//! - T4: LOW is heard once; MEDIUM and HIGH again and again.

use std::time::Duration;

use vitals::{MonoTime, Priority};

use super::Sounding;
use super::pattern::Burst;

/// Two bursts are heard as two, also when an alarm begins just after one.
const APART: Duration = Duration::from_millis(500);

/// When the more urgent alarm is over, what else sounds is heard after this.
const NEXT_AFTER: Duration = Duration::from_millis(2_500);

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is to be heard.
    Rest,
    /// A burst begins; what is being played is cut off.
    Begin(Priority),
    /// The burst goes on; this long ago it began.
    Go(Duration),
    /// The burst is over.
    Over,
    /// Silence, at once.
    Cut,
}

#[derive(Debug)]
struct Playing {
    priority: Priority,
    began: MonoTime,
    ends: MonoTime,
}

/// When which burst is played.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    playing: Option<Playing>,
    /// [`Sounding::begun`] of the last look.
    begun: u64,
    last: Option<Priority>,
    ended: Option<MonoTime>,
    due: Option<MonoTime>,
}

impl Schedule {
    /// What is being played.
    pub fn playing(&self) -> Option<Priority> {
        self.playing.as_ref().map(|playing| playing.priority)
    }

    /// Time has passed, or something else sounds.
    pub fn step(&mut self, sounding: Sounding, now: MonoTime) -> Step {
        let begins = sounding.begun != self.begun;
        self.begun = sounding.begun;
        let before = std::mem::replace(&mut self.last, sounding.priority);
        if let Some(playing) = &self.playing {
            if sounding.priority < Some(playing.priority) {
                self.playing = None;
                self.ended = Some(now);
                self.due = match sounding.priority {
                    Some(_) if begins => Some(now + APART),
                    other => next(other, now),
                };
                return Step::Cut;
            }
            if sounding.priority == Some(playing.priority) {
                if now < playing.ends {
                    return Step::Go(now.since(playing.began));
                }
                self.ended = Some(playing.ends);
                self.playing = None;
                return Step::Over;
            }
            return sounding
                .priority
                .map_or(Step::Rest, |priority| self.begin(priority, now));
        }
        let Some(priority) = sounding.priority else {
            self.due = None;
            return Step::Rest;
        };
        if before > sounding.priority {
            self.due = next(sounding.priority, self.ended.unwrap_or(now));
        }
        if begins {
            self.due = Some(self.ended.map_or(now, |ended| ended + APART));
        }
        if self.due.is_some_and(|due| now >= due) {
            return self.begin(priority, now);
        }
        Step::Rest
    }

    fn begin(&mut self, priority: Priority, now: MonoTime) -> Step {
        let burst = Burst::of(priority);
        let ends = now + burst.length;
        self.due = burst.pause.map(|pause| ends + pause);
        self.playing = Some(Playing {
            priority,
            began: now,
            ends,
        });
        Step::Begin(priority)
    }
}

/// When what sounds beside an alarm that is over is heard.
fn next(priority: Option<Priority>, ended: MonoTime) -> Option<MonoTime> {
    priority
        .filter(|one| Burst::of(*one).pause.is_some())
        .map(|_| ended + NEXT_AFTER)
}
