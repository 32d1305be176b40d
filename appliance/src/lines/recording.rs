//! Some seconds of what a line hears, kept in memory for whoever asked for them: the text of a capture, to be taken along.
//!
//! - R1 The text is a capture of [`drivers::capture`], as [`super::capture`] writes it: it drops into a family's `testcases`.
//! - R2 It ends after its time or at its bytes, whichever comes first, and the line never waits for it.
//! - R3 It is never on the card: it holds data of a patient, and is gone with this value.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drivers::catalog::{self, Kind};
use vitals::MonoTime;

use super::capture::{Capture, Piece, Text, head};
use super::directives;
use crate::config::LineConfig;

/// Where somebody may listen in on a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Tap(Arc<Mutex<Option<Arc<Capture>>>>);

impl Tap {
    /// Who listens in now.
    pub(super) fn listener(&self) -> Option<Arc<Capture>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, capture: Option<Arc<Capture>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = capture;
    }
}

/// Most bytes of text: a monitor with all its curves fills them in about three minutes.
pub const RECORDING_BYTES_MAX: usize = 4_000_000;

/// Why a line is not recorded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// No such line runs.
    #[error("there is no line {0} here")]
    NoLine(String),
    /// Questions and answers of several units, or messages of several senders.
    #[error("lines of family {0} are not recorded: only devices with a line of their own are")]
    Family(&'static str),
}

/// One recording, while it goes on and after.
#[derive(Debug)]
pub struct Recording {
    line: String,
    tap: Tap,
    pieces: Mutex<Receiver<Piece>>,
    format: Text,
    text: String,
    ends: MonoTime,
    over: bool,
}

impl Recording {
    pub(super) fn begin(
        line: &LineConfig,
        tap: &Tap,
        now: MonoTime,
        lasts: Duration,
    ) -> Result<Recording, RecordingError> {
        let family =
            catalog::family(&line.family).expect("config::load refuses a family that does not exist");
        if !matches!(family.kind, Kind::Stream(_)) {
            return Err(RecordingError::Family(family.name));
        }
        let (capture, pieces) = Capture::to_memory();
        // The dialogue may be in the middle of a frame: a replay begins with the rest of it.
        capture.opened(now);
        tap.set(Some(Arc::new(capture)));
        Ok(Recording {
            line: line.id.clone(),
            tap: tap.clone(),
            pieces: Mutex::new(pieces),
            format: Text::new(line.transport()),
            text: head(&line.id, &directives(line, family)),
            ends: now + lasts,
            over: false,
        })
    }

    /// Takes what has come; to be called again and again. True once it is over.
    pub fn look(&mut self, now: MonoTime) -> bool {
        if self.over {
            return true;
        }
        let pieces = self.pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
        while let Ok(piece) = pieces.try_recv() {
            let more = self.format.of(&piece);
            if self.text.len() + more.len() > RECORDING_BYTES_MAX {
                self.text.push_str("# the end: a recording holds no more\n");
                self.end();
                return true;
            }
            self.text.push_str(&more);
        }
        if now >= self.ends {
            self.end();
        }
        self.over
    }

    /// Ends it now.
    pub fn end(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            self.tap.set(None);
        }
    }

    /// Which line it is of.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// How long it goes on still.
    pub fn left(&self, now: MonoTime) -> Duration {
        if self.over {
            Duration::ZERO
        } else {
            self.ends.since(now)
        }
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The capture so far.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.end();
    }
}
