//! The box's own sound, from the configuration.

use std::path::Path;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::post::Hearing;
use super::{AppError, system};
use crate::clock::Clock;
use crate::config::{self, Config, SoundConfig, SoundOutput};
use crate::sound::{self, Options, Sounding, State};
use crate::web::Audible;

/// Who hears the alarms: what the core looks at, and what pages tell. Begins the box's own output, where it has one.
pub(super) fn open(
    config: &Config,
    clock: Clock,
    stop: &CancellationToken,
) -> Result<(Hearing, Audible), AppError> {
    let audible = Audible::default();
    let sounding = watch::Sender::new(Sounding::default());
    let output = match &config.sound {
        None => watch::channel(State::None).1,
        Some(sound) => {
            let spawned = sound::spawn(options(sound), sounding.subscribe(), clock, stop.clone());
            spawned.map_err(|e| system("a thread", &e))?
        }
    };
    let hearing = Hearing {
        screens: audible.screens(),
        output,
        sounding,
    };
    Ok((hearing, audible))
}

fn options(sound: &SoundConfig) -> Options {
    match sound.output {
        SoundOutput::Alsa => Options::Alsa {
            device: sound.device.clone().unwrap_or_else(|| "default".to_owned()),
        },
        SoundOutput::Gpio => Options::Gpio {
            chip: sound.chip.clone().unwrap_or_default(),
            line: sound.line.unwrap_or_default(),
            active_low: sound.active_low.unwrap_or_default(),
        },
    }
}

/// `vitalpost sound-test`: plays each priority once on the box's own output.
///
/// # Errors
/// The configuration is wrong or names no output, or the output does not work.
pub fn sound_test(file: &Path) -> Result<(), AppError> {
    let config = config::load(file)?;
    let Some(sound) = &config.sound else {
        let none = "the configuration has no [sound]: this box has no output of its own".to_owned();
        return Err(AppError::Sound(none));
    };
    println!("HIGH, then MEDIUM, then LOW: listen where people work");
    sound::test(options(sound), Clock::system()?).map_err(AppError::Sound)
}
