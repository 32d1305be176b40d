//! A capture: what a device sent and when, as text that people read, the test cases hold and the field records.
//!
//! - `!KEY VALUE` says how the line was set up: `!family nonin`, `!transport serial|tcp|udp|listen`, `!format 7`,
//!   `!waves ecg_ii pleth`; `!again` that the port was lost and opened anew, where the dialogue begins anew as well, but
//!   for what it has told.
//! - `@SECONDS` is a moment. The lines of hexadecimal bytes under it came then; over UDP each is a datagram. A moment
//!   without bytes only lets time pass.
//! - `#` begins a comment: what was sent, what was left out.
//!
//! [`replay`] runs a dialogue on it in virtual time. It tells the same each time, on every machine.

use std::fmt::Write as _;

use vitals::{Code, MonoTime};

use crate::catalog::{BadOption, Family, Kind, StreamOptions, Transport};
use crate::dialogue::{Dialogue, LineFault, Step};
use crate::tell::tell;

/// Findings at one moment; no dialogue keeps more.
const STEPS_MAX: usize = 10_000;

/// A capture that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    directives: Vec<(String, String)>,
    /// What came, in order.
    pub moments: Vec<Moment>,
}

/// What came at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, from the beginning of the capture.
    pub at: MonoTime,
    /// The port was opened anew just before.
    pub again: bool,
    /// The bytes, line by line.
    pub lines: Vec<Vec<u8>>,
}

/// What is wrong with a capture, or with running it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// A line that is none of those that a capture has.
    #[error("line {line}: {text:?} is neither `@seconds`, nor bytes in hexadecimal digits, nor `!` or `#`")]
    NotBytes {
        /// Counted from 1.
        line: usize,
        /// Its beginning.
        text: String,
    },
    /// Bytes without a time.
    #[error("line {line}: bytes come before the first `@seconds`")]
    NoTime {
        /// Counted from 1.
        line: usize,
    },
    /// Time goes back.
    #[error("line {line}: the time goes back")]
    Backwards {
        /// Counted from 1.
        line: usize,
    },
    /// `!transport` with something else.
    #[error("!transport {0}: write serial, tcp, udp or listen")]
    Transport(String),
    /// `!waves` with something else.
    #[error("!waves: no curve is called {0:?}")]
    Wave(String),
    /// The family is asked, not heard.
    #[error("devices of family {0} are asked, and a capture of what they say cannot be run again")]
    Asked(&'static str),
    /// A fault of the program: its dialogue never waits.
    #[error("the dialogue comes to no end at second {seconds}")]
    Endless {
        /// When.
        seconds: u64,
    },
    /// The family does not have what the capture names.
    #[error(transparent)]
    Option(#[from] BadOption),
}

impl Capture {
    /// Reads a capture.
    ///
    /// # Errors
    /// The first line that does not belong in a capture.
    pub fn parse(text: &str) -> Result<Capture, CaptureError> {
        let mut capture = Capture {
            directives: Vec::new(),
            moments: Vec::new(),
        };
        let mut again = false;
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            if let Some(directive) = line.strip_prefix('!') {
                let (key, value) = directive.trim().split_once(' ').unwrap_or((directive.trim(), ""));
                again |= key == "again";
                let directive = (key.to_owned(), value.trim().to_owned());
                capture.directives.push(directive);
            } else if let Some(seconds) = line.strip_prefix('@') {
                let at = time(seconds).ok_or_else(|| not_bytes(number, line))?;
                if capture.moments.last().is_some_and(|last| at < last.at) {
                    return Err(CaptureError::Backwards { line: number });
                }
                capture.moments.push(Moment {
                    at,
                    again: std::mem::take(&mut again),
                    lines: Vec::new(),
                });
            } else if !line.starts_with('#') {
                let bytes = hex(line).ok_or_else(|| not_bytes(number, line))?;
                let moment = capture.moments.last_mut();
                let moment = moment.ok_or(CaptureError::NoTime { line: number })?;
                moment.lines.push(bytes);
            }
        }
        Ok(capture)
    }

    /// What `!KEY` says, where it stands first.
    pub fn directive(&self, key: &str) -> Option<&str> {
        let mut found = self.directives.iter().filter(|(known, _)| known == key);
        found.next().map(|(_, value)| value.as_str())
    }

    /// `!transport`, or what is usual in the family.
    ///
    /// # Errors
    /// A transport that does not exist.
    pub fn transport(&self, family: &Family) -> Result<Transport, CaptureError> {
        match self.directive("transport") {
            Some("udp") => Ok(Transport::Udp),
            Some("tcp") => Ok(Transport::Tcp),
            Some("listen") => Ok(Transport::Listen),
            Some("serial") => Ok(Transport::Serial),
            Some(other) => Err(CaptureError::Transport(other.to_owned())),
            None => Ok(family.transports.first().copied().unwrap_or(Transport::Serial)),
        }
    }

    fn waves(&self) -> Result<Option<Vec<Code>>, CaptureError> {
        let Some(keys) = self.directive("waves") else {
            return Ok(None);
        };
        let code = |key: &str| Code::from_key(key).ok_or_else(|| CaptureError::Wave(key.to_owned()));
        keys.split_whitespace()
            .map(code)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

/// What the family's dialogue makes of the capture: a line for each finding, after its time in seconds. `cut` says in
/// which pieces the bytes of a moment are handed over, and must not matter; datagrams are never cut.
///
/// # Errors
/// When the capture names something that the family does not have.
pub fn replay(
    family: &Family,
    capture: &Capture,
    cut: impl for<'a> Fn(&'a [u8]) -> Vec<&'a [u8]>,
) -> Result<String, CaptureError> {
    let Kind::Stream(open) = family.kind else {
        return Err(CaptureError::Asked(family.name));
    };
    let waves = capture.waves()?;
    let options = StreamOptions {
        transport: capture.transport(family)?,
        format: capture.directive("format"),
        waves: waves.as_deref(),
    };
    let mut dialogue = open(&options)?;
    let mut told = String::new();
    for moment in &capture.moments {
        if moment.again && !dialogue.reopened() {
            dialogue = open(&options)?;
        }
        let at = moment.at;
        // An asking dialogue speaks first.
        let mut steps = due(dialogue.as_mut(), at)?;
        let bytes = moment.lines.concat();
        let pieces = match options.transport {
            Transport::Udp => moment.lines.iter().map(Vec::as_slice).collect(),
            Transport::Serial | Transport::Tcp | Transport::Listen | Transport::Broker => cut(&bytes),
        };
        for piece in pieces {
            dialogue.heard(at, piece);
            steps.extend(due(dialogue.as_mut(), at)?);
        }
        let mut lines: Vec<String> = with_skipped_summed(steps).iter().map(tell).collect();
        lines.dedup_by(|a, b| a.starts_with("fault") && a == b);
        for line in lines {
            let _ = writeln!(told, "{:.3} {line}", at.as_ms() as f64 / 1000.0);
        }
    }
    Ok(told)
}

/// Skipped bytes are summed while they wait to be fetched ([`crate::steps`]); how often somebody looks must not matter here.
fn with_skipped_summed(steps: Vec<Step>) -> Vec<Step> {
    let mut summed: Vec<Step> = Vec::new();
    for step in steps {
        let before = summed.iter_mut().find_map(|step| match step {
            Step::Fault(LineFault::Resynchronised { skipped }) => Some(skipped),
            _ => None,
        });
        match (before, &step) {
            (Some(before), Step::Fault(LineFault::Resynchronised { skipped })) => {
                *before = before.saturating_add(*skipped);
            }
            _ => summed.push(step),
        }
    }
    summed
}

/// All that the dialogue has to say now.
fn due(dialogue: &mut dyn Dialogue, now: MonoTime) -> Result<Vec<Step>, CaptureError> {
    let mut steps = Vec::new();
    while steps.len() < STEPS_MAX {
        match dialogue.step(now) {
            Step::SleepUntil(until) if until > now => return Ok(steps),
            Step::SleepUntil(_) => break,
            step => steps.push(step),
        }
    }
    Err(CaptureError::Endless {
        seconds: now.as_ms() / 1000,
    })
}

fn not_bytes(line: usize, text: &str) -> CaptureError {
    CaptureError::NotBytes {
        line,
        text: text.chars().take(40).collect(),
    }
}

fn time(seconds: &str) -> Option<MonoTime> {
    let seconds: f64 = seconds.trim().parse().ok()?;
    // Hundred years: what is longer is no time.
    let is_time = (0.0..3.2e9).contains(&seconds);
    is_time.then(|| MonoTime::from_ms((seconds * 1000.0).round() as u64))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut digits = text.chars().filter(|c| !c.is_whitespace());
    while let Some(high) = digits.next() {
        let low = digits.next()?;
        let byte = high.to_digit(16)? * 16 + low.to_digit(16)?;
        bytes.push(u8::try_from(byte).ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_is_times_bytes_directives_and_comments() {
        let text = "# a comment\n!family nonin\n!format 7\n@0.5\n01 ff\n0A\n# sent nothing\n!again\n@1.25\n";
        let capture = Capture::parse(text).unwrap();
        assert_eq!(capture.directive("family"), Some("nonin"));
        assert_eq!(capture.directive("form"), None);
        let moment = |ms, again, lines: &[&[u8]]| Moment {
            at: MonoTime::from_ms(ms),
            again,
            lines: lines.iter().map(|line| line.to_vec()).collect(),
        };
        assert_eq!(
            capture.moments,
            [moment(500, false, &[&[1, 255], &[10]]), moment(1_250, true, &[])]
        );
    }

    #[test]
    fn what_is_no_capture_is_named_by_its_line() {
        let wrong = |text| Capture::parse(text).unwrap_err().to_string();
        assert!(wrong("@1\n01 0\n").starts_with("line 2: \"01 0\" is neither"));
        assert!(wrong("@x\n").starts_with("line 1: \"@x\""));
        assert!(wrong("@1\nhello\n").starts_with("line 2"));
        assert_eq!(wrong("01\n"), "line 1: bytes come before the first `@seconds`");
        assert_eq!(wrong("@2\n@1\n"), "line 2: the time goes back");
        assert!(wrong("@-1\n").starts_with("line 1") && wrong("@1e99\n").starts_with("line 1"));
    }
}
