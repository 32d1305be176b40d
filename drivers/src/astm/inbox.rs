//! What the texts of the frames come to: records, a message, and results that wait until their message is complete.
//!
//! - A3: nothing of a message is told before its end has come (`format = "lax"`: before its record has), and its last
//!   frame is acknowledged when all of it is kept (I1). A message that is broken off is forgotten: the analyser, which was
//!   not acknowledged, sends it again.
//! - A9: a message that came over a line on which frames are damaged counts when it has come twice alike: the first time
//!   its end is refused, so that the analyser sends it again.

use vitals::LabResult;

use super::known::{Known, Mark};
use super::message::{Message, Said};
use super::text::text_of;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Longest record, from whatever frames it is joined.
pub const RECORD_BYTES_MAX: usize = 64 << 10;

/// A message with more results than this is told and kept in parts: whoever holds more may lose more.
pub const RESULTS_HELD_MAX: usize = 64;

/// What a text brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The message goes on.
    More,
    /// Its end has come, or so much of it that it was told: it is acknowledged when it is kept.
    Told,
    /// It is dropped, and must come again: one of its records is too long, or it must be confirmed.
    Refused,
}

/// How far a message had come.
#[derive(Debug)]
pub(super) struct Before {
    message: Message,
    rest: Vec<u8>,
    held: usize,
}

/// One analyser's messages.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    message: Message,
    /// The beginning of a record.
    rest: Vec<u8>,
    held: Vec<(Box<LabResult>, String)>,
    known: Known,
    /// What a damaged line brought last, and nothing has confirmed.
    once: Vec<Mark>,
    /// The line damages frames: what it brings must be confirmed.
    pub(super) is_doubtful: bool,
    /// A record of the last text makes no sense.
    has_bad_item: bool,
    /// The analyser asks for orders, and was not answered.
    pub(super) is_asked: bool,
}

impl Inbox {
    /// A message has begun and has not ended.
    pub(super) fn is_begun(&self) -> bool {
        self.message.is_begun()
    }

    /// What [`Inbox::undo`] goes back to.
    pub(super) fn before(&mut self) -> Before {
        self.has_bad_item = false;
        Before {
            message: self.message.clone(),
            rest: self.rest.clone(),
            held: self.held.len(),
        }
    }

    /// Takes the last text back, if one of its records made no sense; true when it did.
    pub(super) fn undo(&mut self, before: Before) -> bool {
        if self.has_bad_item {
            self.message = before.message;
            self.rest = before.rest;
            self.held.truncate(before.held);
        }
        self.has_bad_item
    }

    /// The next text. `ends_record`: a record ends with it even without a CR.
    pub(super) fn take(&mut self, text: &[u8], ends_record: bool, steps: &mut Steps) -> Taken {
        let mut taken = Taken::More;
        for piece in text.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            if self.rest.len() + piece.len() > RECORD_BYTES_MAX {
                self.drop_unfinished(steps);
                steps.fault(LineFault::TooLong);
                return Taken::Refused;
            }
            self.rest.extend(piece);
            if matches!(piece.last(), Some(b'\r' | b'\n')) {
                taken = self.record(taken, steps);
            }
            if taken == Taken::Refused {
                return taken;
            }
        }
        if ends_record {
            taken = self.record(taken, steps);
        }
        taken
    }

    fn record(&mut self, taken: Taken, steps: &mut Steps) -> Taken {
        let bytes = std::mem::take(&mut self.rest);
        let text = text_of(&bytes);
        let text = text.trim();
        if text.is_empty() {
            return taken;
        }
        if text.starts_with('H') && self.message.is_begun() {
            self.drop_unfinished(steps);
        }
        match self.message.take(text) {
            Said::Nothing => taken,
            Said::Result(result, told_apart) => {
                self.held.push((result, told_apart));
                match self.held.len() < RESULTS_HELD_MAX {
                    true => taken,
                    // At once: many may come in one text.
                    false => self.tell(steps),
                }
            }
            Said::Query => {
                self.is_asked = true;
                taken
            }
            Said::End => self.tell(steps),
            Said::Bad(fault) => {
                steps.fault(fault);
                self.has_bad_item |= fault == LineFault::BadItem;
                // Without a header nothing of it can be used.
                if fault == LineFault::BadMessage {
                    self.forget();
                    return Taken::Refused;
                }
                taken
            }
        }
    }

    /// Something waits to be told.
    pub(super) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tells what is held and was not told before, unless it must be confirmed first.
    pub(super) fn tell(&mut self, steps: &mut Steps) -> Taken {
        let marked = self.held.drain(..).map(|(result, told_apart)| {
            let mark = Mark::of(&result, &told_apart);
            (mark, result)
        });
        let fresh: Vec<(Mark, Box<LabResult>)> = marked.filter(|(mark, _)| !self.known.has(*mark)).collect();
        let marks: Vec<Mark> = fresh.iter().map(|(mark, _)| *mark).collect();
        if self.is_doubtful && !marks.is_empty() && marks != self.once {
            self.once = marks;
            self.forget();
            steps.fault(LineFault::Unconfirmed);
            return Taken::Refused;
        }
        self.once = Vec::new();
        for (mark, result) in fresh {
            if self.known.add(mark) {
                steps.push(Step::Saw(Seen::Lab(result)));
            }
        }
        Taken::Told
    }

    /// The message ends here although its last record has not come: all of it was told.
    pub(super) fn finish(&mut self) {
        if self.held.is_empty() && self.rest.is_empty() {
            self.message = Message::default();
        }
    }

    /// No more comes of this message.
    pub(super) fn drop_unfinished(&mut self, steps: &mut Steps) {
        if self.message.is_begun() || !self.rest.is_empty() {
            steps.fault(LineFault::BrokenOff);
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.message = Message::default();
        self.rest = Vec::new();
        self.held.clear();
        self.is_asked = false;
    }
}
