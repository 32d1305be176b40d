//! What one shift hands over to the next: for each occupied bed what was shown, in four sections, and what is to be done.
//! It is kept as it was shown: later changes of what it tells of change nothing in it.

use crate::bed::{AdmissionId, BedId, Masked};
use crate::score::entry::EntryId;
use crate::time::Stamp;
use schemars::JsonSchema;

use super::prose;

/// Most beds in one handover.
pub const HANDOVER_BEDS_MAX: usize = 64;

/// Most lines of one bed, and of the post.
pub const HANDOVER_LINES_MAX: usize = 160;

/// Most words of one line.
pub const HANDOVER_WORDS_MAX: usize = 12;

/// Most bytes of all words of a handover: one record, which has to fit into one message to the centre with others.
pub const HANDOVER_BYTES_MAX: usize = 256 * 1024;

/// The longest "what to do" of a bed, in characters.
pub const TO_DO_CHARS_MAX: usize = 200;

/// A person offers the ward, as it was shown to them, to whoever comes next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handover {
    /// Its name.
    pub id: EntryId,
    /// Who hands over.
    pub by: String,
    /// Their account.
    pub by_id: String,
    /// When it was put together: what came later is not in it.
    pub made: Stamp,
    /// When it was offered.
    pub offered: Stamp,
    /// How many hours back it looks.
    pub hours: u8,
    /// What concerns no bed alone.
    pub post: Vec<HandoverLine>,
    /// The occupied beds, in the order of the screen.
    pub beds: Vec<HandoverBed>,
}

/// A bed in a handover.
#[derive(Clone, Debug, PartialEq, Eq, Hash, JsonSchema)]
pub struct HandoverBed {
    /// The bed.
    pub bed: BedId,
    /// What stands on its tile.
    pub label: String,
    /// The stay.
    pub admission: AdmissionId,
    /// What was shown.
    pub lines: Vec<HandoverLine>,
    /// What is to be done, in the words of whoever hands over; may be empty.
    pub to_do: Masked<String>,
}

/// One line of what was shown: what it is about, and the words and numbers of it, from which each page makes a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, JsonSchema)]
pub struct HandoverLine {
    /// Where it stands.
    pub section: Section,
    /// What it is about: `who`, `alarm`, `trend`.
    pub what: String,
    /// Its words and numbers, in the order that belongs to `what`; one that is not known is empty.
    pub words: Vec<Masked<String>>,
}

/// The four sections of SBAR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Who, and how they are now.
    Situation,
    /// What led to it.
    Background,
    /// What happened in this shift.
    Assessment,
    /// What is open.
    Recommendation,
}

impl Section {
    /// All of them, in their order.
    pub const ALL: [Section; 4] = [
        Section::Situation,
        Section::Background,
        Section::Assessment,
        Section::Recommendation,
    ];

    /// Its name in the API and in exports.
    pub const fn key(self) -> &'static str {
        match self {
            Section::Situation => "situation",
            Section::Background => "background",
            Section::Assessment => "assessment",
            Section::Recommendation => "recommendation",
        }
    }
}

/// A person takes over what another one offered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HandoverAccepted {
    /// Which handover.
    pub handover: EntryId,
    /// Who takes over.
    pub by: String,
    /// Their account.
    pub by_id: String,
    /// The beds in which something had changed since it was put together, as they were told when they accepted.
    pub changed: Vec<BedId>,
}

/// Why something cannot be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HandoverError {
    /// What is to be done has too many words.
    #[error("to_do: at most {TO_DO_CHARS_MAX} characters for each bed, nothing but words and line breaks")]
    ToDo,
    /// Beyond one of the bounds.
    #[error("there is more to hand over than one handover holds: choose fewer hours")]
    TooMuch,
}

/// What is to be done at a bed, as it is kept.
///
/// # Errors
/// Too long, or with characters that are none.
pub(crate) fn to_do_text(words: &str) -> Result<Masked<String>, HandoverError> {
    let words = prose(words, TO_DO_CHARS_MAX).ok_or(HandoverError::ToDo)?;
    Ok(Masked::new(words.to_owned()))
}

impl Handover {
    /// Takes what is to be done at a bed.
    ///
    /// # Errors
    /// Too long, or with characters that are none.
    pub fn say(&mut self, bed: &BedId, words: &str) -> Result<(), HandoverError> {
        let words = to_do_text(words)?;
        if let Some(known) = self.beds.iter_mut().find(|known| known.bed == *bed) {
            known.to_do = words;
        }
        Ok(())
    }

    /// Bytes of all its words.
    pub fn bytes(&self) -> usize {
        let beds = self.beds.iter().map(HandoverBed::bytes);
        let post = self.post.iter().map(HandoverLine::bytes);
        beds.chain(post).sum()
    }

    /// Checks that it is within its bounds.
    ///
    /// # Errors
    /// Too many beds, lines, words or bytes.
    pub fn check(&self) -> Result<(), HandoverError> {
        let parts = || self.beds.iter().map(|bed| &bed.lines).chain([&self.post]);
        let fits = self.beds.len() <= HANDOVER_BEDS_MAX
            && parts().all(|lines| lines.len() <= HANDOVER_LINES_MAX)
            && parts()
                .flatten()
                .all(|line| line.words.len() <= HANDOVER_WORDS_MAX)
            && self.bytes() <= HANDOVER_BYTES_MAX;
        if fits { Ok(()) } else { Err(HandoverError::TooMuch) }
    }
}

impl HandoverBed {
    fn bytes(&self) -> usize {
        let lines = self.lines.iter().map(HandoverLine::bytes).sum::<usize>();
        let ids = self.bed.as_str().len() + self.admission.as_str().len() + self.label.len();
        32 + ids + self.to_do.reveal().len() + lines
    }
}

impl HandoverLine {
    /// With what a message needs beside the words: lengths and tags.
    fn bytes(&self) -> usize {
        let words = self.words.iter().map(|words| 4 + words.reveal().len());
        16 + self.what.len() + words.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Epoch;
    use crate::time::{BootId, MonoTime};

    fn handover(lines: usize, words: &str) -> Handover {
        let at = Stamp {
            boot: BootId([1; 16]),
            mono: MonoTime::BOOT,
        };
        let line = HandoverLine {
            section: Section::Assessment,
            what: "note".to_owned(),
            words: vec![Masked::new(words.to_owned())],
        };
        let id = EntryId {
            epoch: Epoch(7),
            number: 1,
        };
        let bed = HandoverBed {
            bed: "1".parse().unwrap(),
            label: "Bed 1".to_owned(),
            admission: "1-7-1".parse().unwrap(),
            lines: vec![line; lines],
            to_do: Masked::new(String::new()),
        };
        Handover {
            id,
            by: "Grace".to_owned(),
            by_id: "grace".to_owned(),
            made: at,
            offered: at,
            hours: 12,
            post: Vec::new(),
            beds: vec![bed],
        }
    }

    #[test]
    fn a_handover_has_bounds_and_each_of_them_is_reached() {
        assert_eq!(handover(HANDOVER_LINES_MAX, "x").check(), Ok(()));
        assert_eq!(
            handover(HANDOVER_LINES_MAX + 1, "x").check(),
            Err(HandoverError::TooMuch)
        );
        let mut long = handover(1, &"x".repeat(HANDOVER_BYTES_MAX));
        assert_eq!(long.check(), Err(HandoverError::TooMuch));
        long.beds[0].lines.clear();
        assert_eq!(long.check(), Ok(()));
        long.beds = vec![long.beds[0].clone(); HANDOVER_BEDS_MAX + 1];
        assert_eq!(long.check(), Err(HandoverError::TooMuch));
        let mut wide = handover(1, "x");
        wide.beds[0].lines[0].words = vec![Masked::new(String::new()); HANDOVER_WORDS_MAX + 1];
        assert_eq!(wide.check(), Err(HandoverError::TooMuch));
    }

    #[test]
    fn what_is_to_be_done_is_said_of_a_bed_and_is_short() {
        let mut handover = handover(1, "x");
        let bed = handover.beds[0].bed.clone();
        handover.say(&bed, "  turn at 16:00 ").unwrap();
        assert_eq!(handover.beds[0].to_do.reveal(), "turn at 16:00");
        let long = "x".repeat(TO_DO_CHARS_MAX + 1);
        assert_eq!(handover.say(&bed, &long), Err(HandoverError::ToDo));
        assert_eq!(
            handover.beds[0].to_do.reveal(),
            "turn at 16:00",
            "what is refused changes nothing"
        );
    }
}
