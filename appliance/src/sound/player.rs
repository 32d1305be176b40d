//! Plays what the schedule says on an output, and knows whether that output works.

use std::time::Duration;

use tokio::sync::watch;
use vitals::MonoTime;

use super::pattern::{Burst, Tone};
use super::schedule::{Schedule, Step};
use super::{Sounding, State};

/// What has failed is tried again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// A loudspeaker that nobody needs now may still be pulled out: so often it is tried without a sound.
const CHECK_EVERY: Duration = Duration::from_secs(300);

/// How often is looked while a burst is played, and in a pause: the most that a new alarm waits.
const STEP: Duration = Duration::from_millis(10);
const PAUSE_STEP: Duration = Duration::from_millis(50);

/// Something that makes sound. Each reason is a sentence for a technician.
pub(super) trait Output: Send {
    /// Whether it works, without a sound.
    fn check(&mut self) -> Result<(), String>;
    /// A burst begins.
    fn begin(&mut self) -> Result<(), String>;
    /// The burst began this long ago.
    fn go(&mut self, burst: &Burst, at: Duration) -> Result<(), String>;
    /// The burst was played to its end.
    fn end(&mut self) -> Result<(), String>;
    /// Silence, at once; also where there is silence already.
    fn hush(&mut self);
}

/// An output with its schedule.
pub(super) struct Player {
    output: Box<dyn Output>,
    schedule: Schedule,
    state: watch::Sender<State>,
    /// When it is looked whether the output works.
    check_at: Option<MonoTime>,
    burst: Burst,
}

impl Player {
    pub fn new(output: Box<dyn Output>, state: watch::Sender<State>) -> Player {
        Player {
            output,
            schedule: Schedule::default(),
            state,
            check_at: None,
            burst: Burst::of(Tone::Reminder),
        }
    }

    /// To be called again after the time that it answers.
    pub fn step(&mut self, sounding: Sounding, now: MonoTime) -> Duration {
        let due = self.check_at.is_none_or(|at| now >= at);
        let played = if due && self.schedule.playing().is_none() {
            self.check(now)
        } else if matches!(*self.state.borrow(), State::Failed { .. }) {
            return PAUSE_STEP;
        } else {
            self.play(sounding, now)
        };
        match played {
            Ok(()) if self.schedule.playing().is_some() => STEP,
            Ok(()) => PAUSE_STEP,
            Err(reason) => {
                self.fail(reason, now);
                PAUSE_STEP
            }
        }
    }

    /// Nothing is heard any more.
    pub fn stop(&mut self) {
        self.output.hush();
    }

    fn play(&mut self, sounding: Sounding, now: MonoTime) -> Result<(), String> {
        match self.schedule.step(sounding, now) {
            Step::Rest => Ok(()),
            Step::Begin(tone) => {
                self.output.hush();
                self.burst = Burst::of(tone);
                self.output.begin()?;
                self.output.go(&self.burst, Duration::ZERO)
            }
            Step::Go(at) => self.output.go(&self.burst, at),
            Step::Over => {
                // This thread may have been late: the rest.
                self.output.go(&self.burst, self.burst.length)?;
                self.output.end()
            }
            Step::Cut => {
                self.output.hush();
                Ok(())
            }
        }
    }

    fn check(&mut self, now: MonoTime) -> Result<(), String> {
        self.output.check()?;
        self.check_at = Some(now + CHECK_EVERY);
        self.state.send_if_modified(|state| {
            let changed = *state != State::On;
            *state = State::On;
            changed
        });
        Ok(())
    }

    /// What sounds is heard from its beginning once the output works again.
    fn fail(&mut self, reason: String, now: MonoTime) {
        self.output.hush();
        self.schedule = Schedule::default();
        self.check_at = Some(now + AGAIN_AFTER);
        self.state.send_if_modified(|state| {
            let failed = State::Failed { reason };
            let changed = *state != failed;
            if changed {
                tracing::error!(state = ?failed, "the box's own sound does not work; it is tried again");
            }
            *state = failed;
            changed
        });
    }
}
