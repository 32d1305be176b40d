//! `[sound]`: the box's own output, and what its keys must be together.

use std::path::PathBuf;

use serde::Deserialize;

use super::checks::{Checks, top};

/// `[sound]`; without it the box itself is silent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundConfig {
    /// What makes the sound.
    pub output: SoundOutput,
    /// Of a sound card: which, as `aplay -L` lists it; `default` when it is left out.
    pub device: Option<String>,
    /// Of a buzzer: the GPIO chip, for example `/dev/gpiochip0`.
    pub chip: Option<PathBuf>,
    /// Of a buzzer: the line's number on that chip.
    pub line: Option<u32>,
    /// Of a buzzer: it sounds while the line is low; `false` when it is left out.
    pub active_low: Option<bool>,
}

/// What makes the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SoundOutput {
    /// A sound card.
    Alsa,
    /// A buzzer on a GPIO line.
    Gpio,
}

impl SoundConfig {
    /// In a few words, for `vitalpost check`.
    pub(super) fn summary(&self) -> String {
        match (self.output, &self.device, &self.chip, self.line) {
            (SoundOutput::Alsa, device, ..) => {
                format!("the sound card {}", device.as_deref().unwrap_or("default"))
            }
            (SoundOutput::Gpio, _, Some(chip), Some(line)) => {
                format!("a buzzer on line {line} of {}", chip.display())
            }
            (SoundOutput::Gpio, ..) => "a buzzer".to_owned(),
        }
    }
}

impl Checks<'_> {
    pub(super) fn sound(&mut self, sound: &SoundConfig) {
        let chip = ("chip", sound.chip.is_some());
        let line = ("line", sound.line.is_some());
        let device = ("device", sound.device.is_some());
        let active_low = ("active_low", sound.active_low.is_some());
        let (output, others, needed) = match sound.output {
            SoundOutput::Alsa => ("alsa", vec![chip, line, active_low], vec![]),
            SoundOutput::Gpio => ("gpio", vec![device], vec![chip, line]),
        };
        for (key, _) in others.into_iter().filter(|(_, there)| *there) {
            self.add(
                &top("sound", key),
                format!("`{key}` does not belong to output = \"{output}\""),
                "remove it, or change `output`: a sound card has `device`, a buzzer has `chip`, `line`, `active_low`",
            );
        }
        for (key, _) in needed.into_iter().filter(|(_, there)| !there) {
            self.add(
                &top("sound", key),
                format!("a buzzer without `{key}`"),
                "add `chip = \"/dev/gpiochip0\"` and `line = 17`, as `gpioinfo` lists them",
            );
        }
        if sound.device.as_deref() == Some("") {
            self.add(
                &top("sound", "device"),
                "no sound card",
                "leave `device` out, or name one that `aplay -L` lists",
            );
        }
    }
}
