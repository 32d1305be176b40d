//! Nellcor pulse oximeters (NPB-190/290/295, N-560, N-595, N-600x): the ASCII lines of their data port.
//!
//! The device sends a line every two seconds by itself. Two things are ever sent to it, both to have its data go on
//! (I10), and neither in the format "tap": XON after [`SILENCE`], because a stray XOFF stops the port until then, and
//! once the menu's own "Exit", because no data come while somebody's menu is open. What keeps a false value off the
//! screen (I5), by number, each proven in `drivers/tests/nellcor_hostile_line.rs`:
//!
//! - L1 only whole lines (`line.rs`);
//! - L2 a code for a lost sensor or pulse wins over the numbers beside it (`status.rs`);
//! - L3 a line with a code that is not known, or with numbers but without an amplitude, is doubtful: the code may be what
//!   is left of one that takes the numbers away;
//! - K1 to K3 only live lines, by the device's own clock ([`crate::device_clock`]);
//! - C1 to C4 and P1 confirmation by the next line ([`crate::confirm`], [`crate::publisher`]).

pub mod connect;
mod line;
mod status;

use std::time::Duration;

use vitals::{AbsentReason, Code, Decimal, Measured, MonoTime, WallTime};

use crate::catalog::BadOption;
use crate::confirm::Trust;
use crate::device_clock::{DeviceClock, Run};
use crate::dialogue::{Dialogue, LineFault, Step};
use crate::framing::{self, LineSplitter};
use crate::publisher::{Publisher, Said, Timing};
use line::{Data, Line};

/// One line every two seconds. One may be lost between a pair.
const TIMING: Timing = Timing {
    every: Duration::from_millis(700),
    pair_max: Duration::from_millis(5000),
};

/// After so long without a byte the port may have been stopped by a stray XOFF.
pub const SILENCE: Duration = Duration::from_secs(6);

/// After the last line of a menu that is seen. It is printed at once.
const MENU_PRINTED: Duration = Duration::from_secs(1);

/// Nothing happens here without bytes; the owner may sleep this long.
const IDLE: Duration = Duration::from_secs(1);

const XON: &[u8] = &[0x11];
const MENU_EXIT: &[u8] = b"0\r\n";

/// Above it a pulse rate is no pulse rate, although the table of all devices goes further.
const PR_MAX: u16 = 300;

/// The dialogue with one Nellcor device.
#[derive(Debug)]
pub struct Nellcor {
    lines: LineSplitter,
    clock: DeviceClock,
    out: Publisher,
    /// `None` when nothing may be sent.
    nudge: Option<Nudge>,
}

/// What makes a device go on sending.
#[derive(Debug, Default)]
struct Nudge {
    /// When the last byte came or the last XON went; `None` before the first step.
    quiet_since: Option<MonoTime>,
    menu: Menu,
}

#[derive(Clone, Copy, Debug, Default)]
enum Menu {
    #[default]
    Closed,
    Open(MonoTime),
    /// "Exit" was sent; not again before data come.
    Left,
}

impl Nellcor {
    /// A dialogue that has heard nothing yet. `format` is "ascii", or "tap" to send nothing whatever happens.
    ///
    /// # Errors
    /// For any other format.
    pub fn new(format: Option<&str>) -> Result<Self, BadOption> {
        let nudge = match format {
            None | Some("ascii") => Some(Nudge::default()),
            Some("tap") => None,
            Some(other) => {
                return Err(BadOption::Format {
                    text: other.to_owned(),
                    family: "nellcor",
                    choices: "\"ascii\" or \"tap\"",
                });
            }
        };
        Ok(Self {
            lines: LineSplitter::default(),
            clock: DeviceClock::default(),
            out: Publisher::new(TIMING),
            nudge,
        })
    }

    fn line(&mut self, now: MonoTime, text: &str) {
        match line::read(text) {
            Some(Line::Data(data)) => self.data(now, &data),
            Some(Line::Header) => {}
            Some(Line::Menu) => {
                if let Some(nudge) = &mut self.nudge {
                    nudge.menu_line(now);
                }
            }
            None if text.trim().is_empty() => {}
            None => {
                let skipped = u32::try_from(text.len()).unwrap_or(u32::MAX);
                self.out.disturbed(now, LineFault::Resynchronised { skipped });
            }
        }
    }

    fn data(&mut self, now: MonoTime, data: &Data<'_>) {
        match self.clock.hear(now, data.time) {
            Run::Running => self.live(now, data, Some(data.time)),
            Run::Standing => self.live(now, data, None),
            Run::First => self.note(now, data),
            Run::Jumped => {
                self.out.disturbed(now, LineFault::OutOfOrder);
                self.note(now, data);
            }
        }
    }

    fn live(&mut self, now: MonoTime, data: &Data<'_>, time: Option<WallTime>) {
        if let Some(nudge) = &mut self.nudge {
            nudge.menu = Menu::Closed;
        }
        self.out.weak(now, status::is_weak(&data.codes));
        values(data)
            .into_iter()
            .for_each(|said| self.out.value(now, said, time));
        self.out.alarms(now, status::list(&data.codes));
        if let Some(code) = status::unknown(&data.codes) {
            self.out.fault(LineFault::UnknownCode { code });
        }
    }

    fn note(&mut self, now: MonoTime, data: &Data<'_>) {
        values(data).into_iter().for_each(|said| self.out.note(now, said));
    }
}

fn values(data: &Data<'_>) -> [Said; 2] {
    // L3
    let is_odd = status::unknown(&data.codes).is_some()
        || status::reason(&data.codes).is_none() && data.spo2.is_some() && !data.has_amplitude;
    let trust = if is_odd { Trust::Doubtful } else { Trust::Plain };
    [(Code::Spo2, data.spo2), (Code::Pr, data.pr)].map(|(code, number)| {
        // L2: a reason hangs on its own codes, a number on all that could have taken it away.
        let (measured, raw) = match (status::reason(&data.codes), number) {
            (Some(reason), _) => (Measured::Absent(reason), status::absent_bits(&data.codes)),
            (None, None) => (Measured::Absent(AbsentReason::NotAvailable), 0),
            (None, Some(number)) => {
                let raw = u64::from(number) << 48 | status::bits(&data.codes);
                (judge(code, number), NUMBER | raw)
            }
        };
        Said {
            code,
            measured,
            raw,
            trust,
        }
    })
}

/// A reason and a number never look alike.
const NUMBER: u64 = 1 << 63;

fn judge(code: Code, number: u16) -> Measured {
    if code == Code::Pr && number > PR_MAX {
        Measured::Absent(AbsentReason::Implausible)
    } else {
        code.judge(Decimal::whole(i64::from(number)))
    }
}

impl Nudge {
    fn menu_line(&mut self, now: MonoTime) {
        if !matches!(self.menu, Menu::Left) {
            self.menu = Menu::Open(now);
        }
    }

    /// What must be sent now, if anything.
    fn due(&mut self, now: MonoTime) -> Option<&'static [u8]> {
        let quiet_since = *self.quiet_since.get_or_insert(now);
        if let Menu::Open(at) = self.menu
            && now.since(at) >= MENU_PRINTED
        {
            self.menu = Menu::Left;
            return Some(MENU_EXIT);
        }
        if now.since(quiet_since) >= SILENCE {
            self.quiet_since = Some(now);
            return Some(XON);
        }
        None
    }
}

impl Dialogue for Nellcor {
    fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        if let Some(nudge) = &mut self.nudge
            && !bytes.is_empty()
        {
            nudge.quiet_since = Some(now);
        }
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
        if let Some(step) = self.out.take() {
            return step;
        }
        match self.nudge.as_mut().and_then(|nudge| nudge.due(now)) {
            Some(bytes) => Step::Send(bytes.to_vec()),
            None => Step::SleepUntil(now + IDLE),
        }
    }
}
