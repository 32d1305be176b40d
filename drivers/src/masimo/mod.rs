//! Masimo SET pulse oximeters (Radical, Radical-5, Radical-7, Rad-8, Rad-87): the ASCII 1 lines of their serial port.
//!
//! The device sends a line a second by itself; this dialogue only listens and never sends a byte (I10). What keeps a
//! false value off the screen (I5), by number, each proven in `drivers/tests/masimo_hostile_line.rs`:
//!
//! - M1 only whole lines (`line.rs`);
//! - M2 an exception wins over the number beside it (`flags.rs`);
//! - M3 a line whose keys or lengths differ from the line before is doubtful;
//! - K1 to K3 only live lines, by the device's own clock ([`crate::device_clock`]);
//! - C1 to C4 and P1 confirmation by the next line ([`crate::confirm`], [`crate::publisher`]).

pub mod connect;
mod flags;
mod line;

use std::time::Duration;

use vitals::{AbsentReason, Code, Decimal, Measured, MonoTime, WallTime};

use crate::catalog::BadOption;
use crate::confirm::Trust;
use crate::device_clock::{DeviceClock, Run};
use crate::dialogue::{Dialogue, LineFault, Step};
use crate::framing::{self, LineSplitter};
use crate::publisher::{Publisher, Said, Timing};
use line::{Field, Line};

/// One line a second; values leave with each of them, however they jitter. Two lines may be lost between a pair.
const TIMING: Timing = Timing {
    every: Duration::from_millis(700),
    pair_max: Duration::from_millis(3500),
};

/// Nothing happens here without bytes; the owner may sleep this long.
const IDLE: Duration = Duration::from_secs(1);

/// Above it a pulse rate is no pulse rate, although the table of all devices goes further.
const PR_MAX: i64 = 300;

/// The dialogue with one Masimo device.
#[derive(Debug)]
pub struct Masimo {
    lines: LineSplitter,
    clock: DeviceClock,
    shape: Option<u64>,
    out: Publisher,
}

impl Masimo {
    /// A dialogue that has heard nothing yet. The only `format` is "ascii1".
    ///
    /// # Errors
    /// For any other format.
    pub fn new(format: Option<&str>) -> Result<Self, BadOption> {
        match format {
            None | Some("ascii1") => Ok(Self {
                lines: LineSplitter::default(),
                clock: DeviceClock::default(),
                shape: None,
                out: Publisher::new(TIMING),
            }),
            Some(other) => Err(BadOption::Format {
                text: other.to_owned(),
                family: "masimo",
                choices: "\"ascii1\"",
            }),
        }
    }

    fn line(&mut self, now: MonoTime, text: &str) {
        let Some(line) = line::read(text) else {
            let skipped = u32::try_from(text.len()).unwrap_or(u32::MAX);
            return self.out.disturbed(now, LineFault::Resynchronised { skipped });
        };
        // M3
        let is_usual = self.shape.replace(line.shape).is_none_or(|was| was == line.shape);
        let trust = if is_usual { Trust::Plain } else { Trust::Doubtful };
        match self.clock.hear(now, line.time) {
            Run::Running => self.live(now, &line, trust, Some(line.time)),
            Run::Standing => self.live(now, &line, trust, None),
            Run::First => self.note(now, &line, trust),
            Run::Jumped => {
                self.out.disturbed(now, LineFault::OutOfOrder);
                self.note(now, &line, trust);
            }
        }
    }

    fn live(&mut self, now: MonoTime, line: &Line, trust: Trust, time: Option<WallTime>) {
        self.out.weak(now, flags::is_weak(line.exc));
        values(line, trust).for_each(|said| self.out.value(now, said, time));
        if let Some(alarm) = line.alarm {
            self.out.alarms(now, flags::list(alarm, line.exc));
        }
        let unknown = flags::unknown_bit(line.alarm.unwrap_or(0), line.exc).or(line.unknown_key);
        if let Some(code) = unknown {
            self.out.fault(LineFault::UnknownCode { code });
        }
    }

    fn note(&mut self, now: MonoTime, line: &Line, trust: Trust) {
        values(line, trust).for_each(|said| self.out.note(now, said));
    }
}

fn values(line: &Line, trust: Trust) -> impl Iterator<Item = Said> {
    let reason = flags::reason(line.exc);
    let fields = [
        (Code::Spo2, Some(line.spo2)),
        (Code::Pr, Some(line.pr)),
        (Code::Pi, line.pi),
    ];
    fields.into_iter().filter_map(move |(code, field)| {
        // M2: a reason hangs on its own bits, a number on all that could have taken it away.
        let (measured, raw) = match (reason, field?) {
            (Some(reason), _) => (Measured::Absent(reason), u64::from(flags::invalid_bits(line.exc))),
            (None, Field::Missing) => (Measured::Absent(AbsentReason::NotAvailable), 0),
            (None, Field::Number(number)) => {
                let raw = number.mantissa().unsigned_abs() << 32 | u64::from(line.exc);
                (judge(code, number), NUMBER | raw)
            }
        };
        Some(Said {
            code,
            measured,
            raw,
            trust,
        })
    })
}

/// A reason and a number never look alike.
const NUMBER: u64 = 1 << 63;

fn judge(code: Code, number: Decimal) -> Measured {
    if code == Code::Pr && number > Decimal::whole(PR_MAX) {
        Measured::Absent(AbsentReason::Implausible)
    } else {
        code.judge(number)
    }
}

impl Dialogue for Masimo {
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
