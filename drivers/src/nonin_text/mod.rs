//! Nonin oximeters with a text output (handhelds 8500 and 9847, Avant 9600): a line a second on their serial port.
//!
//! The device sends by itself; this dialogue only listens and never sends a byte (I10). A line holds two numbers, no
//! checksum and no reason why a number is missing. What keeps a false value off the screen (I5), by number, each proven in
//! `drivers/tests/nonin_text_hostile_line.rs`:
//!
//! - T1 only whole lines (`line.rs`);
//! - T2 a line that comes sooner than lines do is not live: a memory that is printed, or a line that was held up;
//! - T3 a line that has a clock where the one before had none, or the other way round, is doubtful;
//! - C1 to C4 confirmation by the next line ([`crate::confirm`]).

pub mod connect;
mod line;

use std::time::Duration;

use vitals::{AbsentReason, Code, Decimal, Measured, MonoTime};

use crate::confirm::Trust;
use crate::dialogue::{Dialogue, LineFault, Step};
use crate::framing::{self, LineSplitter};
use crate::publisher::{Publisher, Said, Timing};
use line::Line;

/// One line a second; values leave with each of them, however they jitter. Two lines may be lost between a pair.
const TIMING: Timing = Timing {
    every: Duration::from_millis(700),
    pair_max: Duration::from_millis(3500),
};

/// T2: live lines come one a second, and no adapter shortens that by more than half.
const APART_MIN: Duration = Duration::from_millis(500);

/// Nothing happens here without bytes; the owner may sleep this long.
const IDLE: Duration = Duration::from_secs(1);

/// A reason and a number never look alike.
const NUMBER: u64 = 1 << 63;

/// The dialogue with one oximeter.
#[derive(Debug)]
pub struct NoninText {
    lines: LineSplitter,
    /// When a line came last, and whether it had a clock.
    last: Option<(MonoTime, bool)>,
    out: Publisher,
}

impl NoninText {
    /// A dialogue that has heard nothing yet.
    pub fn new() -> Self {
        Self {
            lines: LineSplitter::default(),
            last: None,
            out: Publisher::new(TIMING),
        }
    }

    fn line(&mut self, now: MonoTime, text: &str) {
        let Some(line) = line::read(text) else {
            let skipped = u32::try_from(text.len()).unwrap_or(u32::MAX);
            return self.out.disturbed(now, LineFault::Resynchronised { skipped });
        };
        let before = self.last.replace((now, line.has_clock));
        // T3
        let is_usual = before.is_none_or(|(_, had_clock)| had_clock == line.has_clock);
        let trust = if is_usual { Trust::Plain } else { Trust::Doubtful };
        // T2
        let is_live = before.is_none_or(|(at, _)| now.since(at) >= APART_MIN);
        if !is_live {
            self.out.disturbed(now, LineFault::OutOfOrder);
        }
        for said in values(line, trust) {
            if is_live {
                self.out.value(now, said, None);
            } else {
                self.out.note(now, said);
            }
        }
    }
}

impl Default for NoninText {
    fn default() -> Self {
        Self::new()
    }
}

fn values(line: Line, trust: Trust) -> [Said; 2] {
    [(Code::Spo2, line.spo2), (Code::Pr, line.pr)].map(|(code, number)| {
        let (measured, raw) = match number {
            None => (Measured::Absent(AbsentReason::NotAvailable), 0),
            Some(number) => (
                code.judge(Decimal::whole(number.into())),
                NUMBER | u64::from(number),
            ),
        };
        Said {
            code,
            measured,
            raw,
            trust,
        }
    })
}

impl Dialogue for NoninText {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        for byte in bytes {
            match self.lines.hear(*byte) {
                Some(framing::Line::Text(text)) => self.line(now, &text),
                Some(framing::Line::Damaged { bytes }) => self
                    .out
                    .disturbed(now, LineFault::Resynchronised { skipped: bytes }),
                None => {}
            }
        }
    }

    fn step(&mut self, now: MonoTime) -> Step {
        self.out.take().unwrap_or(Step::SleepUntil(now + IDLE))
    }
}
