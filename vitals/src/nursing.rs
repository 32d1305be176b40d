//! What those who care for patients write for one another: notes about a patient, and what one shift hands over to the
//! next. Each has a name, so that it can be taken back or accepted; what was recorded stays.

mod handover;

use crate::bed::{AdmissionId, BedId, Masked};
use crate::score::entry::EntryId;
use crate::time::Stamp;

pub(crate) use handover::to_do_text;
pub use handover::{
    HANDOVER_BEDS_MAX, HANDOVER_BYTES_MAX, HANDOVER_LINES_MAX, HANDOVER_WORDS_MAX, Handover,
    HandoverAccepted, HandoverBed, HandoverError, HandoverLine, Section, TO_DO_CHARS_MAX,
};

/// The longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 500;

/// A note about a patient.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub admission: AdmissionId,
    /// Its name.
    pub id: EntryId,
    /// When it was written.
    pub written: Stamp,
    /// Who wrote it.
    pub by: String,
    /// What, as [`note_text`] lets it pass.
    pub text: Masked<String>,
}

/// A person takes a note back: it was wrong, or about somebody else. It stays in the records, and is shown crossed out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NoteWithdrawn {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub admission: AdmissionId,
    /// Which note.
    pub note: EntryId,
    /// Who.
    pub by: String,
}

/// Why words are no note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Nothing but blanks.
    #[error("text: write something")]
    Nothing,
    /// Too long, or with characters that are none.
    #[error("text: at most {NOTE_CHARS_MAX} characters, nothing but words and line breaks")]
    Text,
}

/// The words of a note as they are kept: without blanks around them.
///
/// # Errors
/// Nothing is left, more than [`NOTE_CHARS_MAX`] characters are, or one that is neither a word's nor a line break.
pub fn note_text(words: &str) -> Result<Masked<String>, NoteError> {
    match prose(words, NOTE_CHARS_MAX) {
        Some("") => Err(NoteError::Nothing),
        Some(words) => Ok(Masked::new(words.to_owned())),
        None => Err(NoteError::Text),
    }
}

fn prose(words: &str, chars_max: usize) -> Option<&str> {
    let words = words.trim();
    let is_prose = |c: char| c == '\n' || !c.is_control();
    (words.chars().count() <= chars_max && words.chars().all(is_prose)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_as_long_as_it_may_be_and_no_longer() {
        let words = "é".repeat(NOTE_CHARS_MAX);
        assert_eq!(*note_text(&format!("  {words}\n")).unwrap().reveal(), words);
        assert_eq!(note_text(&format!("{words}é")), Err(NoteError::Text));
    }

    #[test]
    fn a_note_has_words_and_line_breaks_and_nothing_else() {
        assert_eq!(note_text(" \n "), Err(NoteError::Nothing));
        assert_eq!(note_text("a\u{7}b"), Err(NoteError::Text));
        assert_eq!(
            *note_text("slept badly\nasks for water").unwrap().reveal(),
            "slept badly\nasks for water"
        );
    }
}
