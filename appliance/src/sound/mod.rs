//! The box's own sound: an output that works with no browser at all.
//!
//! - U1: one sound, however many alarms: the highest priority that sounds, with the timing of the page ([`pattern`]).
//! - U2: its own thread, fed by a watch channel: an output that hangs holds up nothing but itself.
//! - U3: an output that fails is said ([`State`]) and tried again for ever; it never ends the appliance.
//!
//! Owns the loudspeaker and the buzzer. Knows nothing of alarms but their priority.

mod alsa;
mod gpio;
mod pattern;
mod player;
mod schedule;
#[cfg(test)]
mod tests;

use std::io;
use std::path::PathBuf;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vitals::Priority;

use crate::clock::Clock;
use player::{Output, Player};

/// Which output the box has.
#[derive(Clone, Debug)]
pub enum Options {
    /// A sound card, through the program `aplay`.
    Alsa {
        /// As `aplay -L` lists it.
        device: String,
    },
    /// A buzzer on a line of the GPIO character device.
    Gpio {
        /// For example `/dev/gpiochip0`.
        chip: PathBuf,
        /// The line's number on that chip.
        line: u32,
        /// The buzzer sounds while the line is low.
        active_low: bool,
    },
}

/// What sounds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sounding {
    /// The most urgent alarm that is to be heard; none = silence.
    pub priority: Option<Priority>,
    /// Counts the alarms that began to sound: it changes when one more does.
    pub begun: u64,
    /// At a bed or the whole post people have switched the sound off, until a person switches it on.
    pub is_off_somewhere: bool,
    /// Counts the test tones that people asked for: when it changes and no alarm sounds, one is played.
    pub tests: u64,
}

/// Whether the output works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none, or it has not been tried yet.
    None,
    /// It works, as far as the box knows.
    On,
    /// It does not.
    Failed {
        /// Why, and what to do.
        reason: String,
    },
}

/// Plays on a thread of its own until `stop`; how the output is, from now on. Nobody waits for that thread: an output that
/// hangs must not keep the appliance from stopping, and what is left of it ends with the process.
///
/// # Errors
/// When the system refuses a thread.
pub fn spawn(
    options: Options,
    sounding: watch::Receiver<Sounding>,
    clock: Clock,
    stop: CancellationToken,
) -> io::Result<watch::Receiver<State>> {
    let (state, told) = watch::channel(State::None);
    std::thread::Builder::new()
        .name("sound".to_owned())
        .spawn(move || {
            let mut player = Player::new(output(options), state);
            while !stop.is_cancelled() {
                let now = *sounding.borrow();
                std::thread::sleep(player.step(now, clock.now()));
            }
            player.stop();
        })?;
    Ok(told)
}

fn output(options: Options) -> Box<dyn Output> {
    match options {
        Options::Alsa { device } => Box::new(alsa::Alsa::new("aplay", device)),
        Options::Gpio {
            chip,
            line,
            active_low,
        } => Box::new(gpio::Gpio::new(chip, line, active_low)),
    }
}

/// Plays each priority once, for a technician who listens; what could not be played.
///
/// # Errors
/// Why the output does not work.
pub fn test(options: Options, clock: Clock) -> Result<(), String> {
    let (state, told) = watch::channel(State::None);
    let mut player = Player::new(output(options), state);
    for (begun, priority) in (1..).zip([Priority::High, Priority::Medium, Priority::Low]) {
        let length = pattern::Burst::of(pattern::Tone::Alarm(priority)).length;
        let until = clock.now() + length + PAUSE_IN_TEST;
        while clock.now() < until {
            // Each is begun anew, and a lower one follows a higher one as if that were over.
            let sounding = Sounding {
                priority: Some(priority),
                begun,
                ..Sounding::default()
            };
            std::thread::sleep(player.step(sounding, clock.now()));
            if let State::Failed { reason } = &*told.borrow() {
                player.stop();
                return Err(reason.clone());
            }
        }
        player.stop();
    }
    Ok(())
}

/// Between two priorities.
const PAUSE_IN_TEST: std::time::Duration = std::time::Duration::from_millis(1_500);
