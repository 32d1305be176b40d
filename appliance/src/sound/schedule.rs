//! What is to be heard now: one sound, however many alarms. Pure; the page has the same rules (`web-ui/live/sounder.ts`).
//!
//! - T1: the highest priority that sounds decides which burst is played.
//! - T2: an alarm that begins to sound is heard at once: a higher one cuts off what is played, any other ends the pause.
//! - T3: when nothing of that priority sounds any more it is silent at once, in the middle of a burst too.
//! - T4: LOW is heard once; MEDIUM and HIGH again and again.
//! - T5: while sound is off somewhere until a person switches it on, that is heard now and then; every alarm goes before it.
//! - T6: a test tone is played once, and only while nothing else is heard: an alarm that sounds is test enough.

use std::time::Duration;

use vitals::{MonoTime, Priority};

use super::Sounding;
use super::pattern::{Burst, Tone};

/// Two bursts are heard as two, also when an alarm begins just after one.
const APART: Duration = Duration::from_millis(500);

/// When the more urgent alarm is over, what else sounds is heard after this.
const NEXT_AFTER: Duration = Duration::from_millis(2_500);

/// How often it is heard that sound is off (alarms.md section 4: reminder beep; the interval is ours).
const REMIND_EVERY: Duration = Duration::from_secs(120);

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing is to be heard.
    Rest,
    /// A burst begins; what is being played is cut off.
    Begin(Tone),
    /// The burst goes on; this long ago it began.
    Go(Duration),
    /// The burst is over.
    Over,
    /// Silence, at once.
    Cut,
}

#[derive(Debug)]
struct Playing {
    tone: Tone,
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
    /// When it is heard next that sound is off.
    remind: Option<MonoTime>,
    /// [`Sounding::tests`] of the last look; none = this is the first, and whatever was asked for before is over.
    tests: Option<u64>,
}

impl Schedule {
    /// What is being played.
    pub fn playing(&self) -> Option<Tone> {
        self.playing.as_ref().map(|playing| playing.tone)
    }

    /// Time has passed, or something else sounds.
    pub fn step(&mut self, sounding: Sounding, now: MonoTime) -> Step {
        let begins = sounding.begun != self.begun;
        self.begun = sounding.begun;
        let before = std::mem::replace(&mut self.last, sounding.priority);
        let asked = self.tests.replace(sounding.tests);
        let is_test = asked.is_some_and(|before| before != sounding.tests);
        if let Some(playing) = &self.playing {
            let goes_on = match playing.tone {
                Tone::Alarm(priority) => sounding.priority == Some(priority),
                Tone::Reminder | Tone::Test => !begins,
            };
            if goes_on && now < playing.ends {
                return Step::Go(now.since(playing.began));
            }
            if goes_on {
                self.ended = Some(playing.ends);
                self.playing = None;
                return Step::Over;
            }
            if sounding.priority.map(Tone::Alarm) < Some(playing.tone) {
                self.playing = None;
                self.ended = Some(now);
                self.due = match sounding.priority {
                    Some(_) if begins => Some(now + APART),
                    other => next(other, now),
                };
                return Step::Cut;
            }
            return sounding
                .priority
                .map_or(Step::Rest, |priority| self.begin(Tone::Alarm(priority), now));
        }
        let Some(priority) = sounding.priority else {
            self.due = None;
            if is_test {
                return self.begin(Tone::Test, now);
            }
            return self.remind(sounding, now);
        };
        if before > sounding.priority {
            self.due = next(sounding.priority, self.ended.unwrap_or(now));
        }
        if begins {
            self.due = Some(self.ended.map_or(now, |ended| ended + APART));
        }
        if self.due.is_some_and(|due| now >= due) {
            return self.begin(Tone::Alarm(priority), now);
        }
        self.remind(sounding, now)
    }

    /// Nothing is being played: is it time to say that sound is off?
    fn remind(&mut self, sounding: Sounding, now: MonoTime) -> Step {
        if !sounding.is_off_somewhere {
            self.remind = None;
            return Step::Rest;
        }
        let due = *self.remind.get_or_insert(now + REMIND_EVERY);
        let heard_anyway = sounding.priority > Some(Priority::Low);
        let is_apart = self.ended.is_none_or(|ended| now >= ended + NEXT_AFTER);
        if now < due || heard_anyway || !is_apart {
            return Step::Rest;
        }
        self.remind = Some(now + REMIND_EVERY);
        self.begin(Tone::Reminder, now)
    }

    fn begin(&mut self, tone: Tone, now: MonoTime) -> Step {
        let burst = Burst::of(tone);
        let ends = now + burst.length;
        if matches!(tone, Tone::Alarm(_)) {
            self.due = burst.pause.map(|pause| ends + pause);
        }
        self.playing = Some(Playing {
            tone,
            began: now,
            ends,
        });
        Step::Begin(tone)
    }
}

/// When what sounds beside an alarm that is over is heard.
fn next(priority: Option<Priority>, ended: MonoTime) -> Option<MonoTime> {
    priority
        .filter(|one| Burst::of(Tone::Alarm(*one)).pause.is_some())
        .map(|_| ended + NEXT_AFTER)
}
