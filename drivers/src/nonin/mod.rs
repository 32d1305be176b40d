//! Nonin pulse oximeters and OEM modules (OEM III, Xpod, 9560, 3150 ...): serial formats 2, 7 and 8.
//!
//! The device sends by itself; this dialogue only listens and never sends a byte (I10). What reaches the screen are
//! the device's values for a display, once a second, and its curve. What keeps a false value off the screen on a bad
//! line (I5), by number, each proven in `drivers/tests`:
//!
//! - N1 only whole packets of 25 good frames in order (`frames.rs`);
//! - N2, N3 values and states that the packet itself repeats, else confirmed by the next packet (`packet.rs`);
//! - N4 a curve whose time axis counts samples (`wave.rs`);
//! - N5, N6 for format 8, which has no checksum, packets of the right shape one second apart (`format8.rs`);
//! - C1 to C4 the confirmation that all families share ([`crate::confirm`]).
//!
//! What each rule costs and what still slips through: `README.md` in this folder.

pub mod connect;
mod detect;
mod format8;
mod frames;
mod packet;
mod publish;
mod stream;
mod wave;

use std::str::FromStr;
use std::time::Duration;

use vitals::MonoTime;

use crate::dialogue::{Dialogue, LineFault, Step};
use detect::Detector;
use format8::Eight;
use frames::Layout;
use publish::{Publisher, Timing};
use stream::Stream;

/// With `auto`: a format that was found but brings no packet for this long, while bytes come, is given up.
const GIVE_UP_AFTER: Duration = Duration::from_secs(10);

/// Nothing happens here without bytes; the owner may sleep this long.
const IDLE: Duration = Duration::from_secs(1);

/// Which of the serial formats the device sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Find out by listening.
    #[default]
    Auto,
    /// Format 2: 8-bit curve.
    Two,
    /// Format 7: 16-bit curve.
    Seven,
    /// Format 8: values once a second.
    Eight,
}

/// The text names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no Nonin format: write \"auto\", \"2\", \"7\" or \"8\"")]
pub struct BadFormat {
    /// The text that was refused.
    pub text: String,
}

impl FromStr for Format {
    type Err = BadFormat;
    fn from_str(text: &str) -> Result<Self, BadFormat> {
        match text {
            "auto" => Ok(Format::Auto),
            "2" => Ok(Format::Two),
            "7" => Ok(Format::Seven),
            "8" => Ok(Format::Eight),
            _ => Err(BadFormat {
                text: text.to_owned(),
            }),
        }
    }
}

/// The dialogue with one Nonin device.
#[derive(Debug)]
pub struct Nonin {
    auto: bool,
    reader: Reader,
    since: MonoTime,
    out: Publisher,
}

#[derive(Debug)]
enum Reader {
    Detecting(Detector),
    Stream(Stream),
    Eight(Eight),
}

impl Nonin {
    /// A dialogue that has heard nothing yet.
    pub fn new(format: Format) -> Self {
        Self {
            auto: format == Format::Auto,
            reader: Reader::new(format),
            since: MonoTime::BOOT,
            out: Publisher::new(Reader::timing(format)),
        }
    }

    fn read_as(&mut self, now: MonoTime, format: Format) {
        self.reader = Reader::new(format);
        self.since = now;
        self.out.restart(Reader::timing(format));
    }

    fn detect(&mut self, now: MonoTime) {
        let Reader::Detecting(detector) = &mut self.reader else {
            return;
        };
        let Some(format) = detector.decide(now) else {
            return;
        };
        let heard = detector.take();
        self.read_as(now, format);
        // The old bytes prime the confirmation; what they said is too old to be shown as new.
        for (at, byte) in heard {
            self.reader.hear(at, byte, &mut self.out);
            self.out.discard();
        }
    }

    fn is_given_up(&self, now: MonoTime) -> bool {
        let last = self.reader.last_packet().unwrap_or(MonoTime::BOOT);
        self.auto && now.since(last.max(self.since)) > GIVE_UP_AFTER
    }
}

impl Reader {
    fn new(format: Format) -> Reader {
        match format {
            Format::Auto => Reader::Detecting(Detector::default()),
            Format::Two => Reader::Stream(Stream::new(Layout::Two)),
            Format::Seven => Reader::Stream(Stream::new(Layout::Seven)),
            Format::Eight => Reader::Eight(Eight::new()),
        }
    }

    fn timing(format: Format) -> Timing {
        match format {
            Format::Auto | Format::Two | Format::Seven => Stream::TIMING,
            Format::Eight => Eight::TIMING,
        }
    }

    fn hear(&mut self, now: MonoTime, byte: u8, out: &mut Publisher) {
        match self {
            Reader::Detecting(_) => {}
            Reader::Stream(stream) => stream.hear(now, byte, out),
            Reader::Eight(eight) => eight.hear(now, byte, out),
        }
    }

    fn last_packet(&self) -> Option<MonoTime> {
        match self {
            Reader::Detecting(_) => None,
            Reader::Stream(stream) => stream.last_packet(),
            Reader::Eight(eight) => eight.last_packet(),
        }
    }
}

impl Dialogue for Nonin {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        if !matches!(self.reader, Reader::Detecting(_)) && self.is_given_up(now) {
            self.read_as(now, Format::Auto);
        }
        // Judged between moments only: how the bytes of one moment are cut decides nothing.
        self.detect(now);
        if let Reader::Detecting(detector) = &mut self.reader {
            let skipped = detector.hear(now, bytes);
            if skipped > 0 {
                self.out.fault(LineFault::Resynchronised { skipped });
            }
        } else {
            for byte in bytes {
                self.reader.hear(now, *byte, &mut self.out);
            }
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.out.next().unwrap_or(Step::SleepUntil(now + IDLE))
    }
}
