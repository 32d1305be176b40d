//! A buzzer on a line of the GPIO character device: on during each pulse. Its tone is its own.

use std::path::PathBuf;
use std::time::Duration;

use gpiocdev::Request;
use gpiocdev::line::Value;

use super::pattern::Burst;
use super::player::Output;

pub(super) struct Gpio {
    chip: PathBuf,
    line: u32,
    active_low: bool,
    held: Option<Request>,
    on: bool,
}

impl Gpio {
    pub fn new(chip: PathBuf, line: u32, active_low: bool) -> Gpio {
        Gpio {
            chip,
            line,
            active_low,
            held: None,
            on: false,
        }
    }

    fn complaint(&self, error: &gpiocdev::Error) -> String {
        format!(
            "the buzzer on line {} of {}: {error}. Does the chip exist, may the service open it, and is the line free?",
            self.line,
            self.chip.display()
        )
    }

    fn set(&mut self, on: bool) -> Result<(), String> {
        let Some(held) = &self.held else { return Ok(()) };
        let value = if on { Value::Active } else { Value::Inactive };
        if let Err(error) = held.set_value(self.line, value) {
            self.held = None;
            return Err(self.complaint(&error));
        }
        self.on = on;
        Ok(())
    }
}

impl Output for Gpio {
    fn check(&mut self) -> Result<(), String> {
        if self.held.is_none() {
            let mut builder = Request::builder();
            builder
                .on_chip(&self.chip)
                .with_consumer("vitalpost")
                .with_line(self.line);
            if self.active_low {
                builder.as_active_low();
            }
            let held = builder.as_output(Value::Inactive).request();
            self.held = Some(held.map_err(|error| self.complaint(&error))?);
        }
        self.set(false)
    }

    fn begin(&mut self) -> Result<(), String> {
        self.check()
    }

    fn go(&mut self, burst: &Burst, at: Duration) -> Result<(), String> {
        let on = burst.is_on(at);
        if on == self.on { Ok(()) } else { self.set(on) }
    }

    fn end(&mut self) -> Result<(), String> {
        self.set(false)
    }

    fn hush(&mut self) {
        // What cannot be set is let go, and then the kernel sets it.
        let _ = self.set(false);
    }
}
