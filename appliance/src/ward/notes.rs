//! Notes about patients: written, taken back, never rewritten. Pure; whoever holds it records what was said.
//!
//! - I3: a note is of a stay, not of a bed: it goes along with a transfer, and is seen no more after a discharge.
//! - What was taken back stays where it was, with the name of who took it back.

use std::collections::VecDeque;

use vitals::score::entry::EntryId;
use vitals::{AdmissionId, BedId, Epoch, Event, Masked, Note, NoteWithdrawn, Stamp};

/// Stays of which notes are kept; of more, the one that was written of longest ago goes.
const STAYS_MAX: usize = 128;

/// Notes of one stay that are shown; older ones are in the records.
pub const NOTES_MAX: usize = 64;

/// A note, with who took it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldNote {
    /// The note.
    pub note: Note,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
}

/// Why a note is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteGone {
    /// Not of this stay, or not kept any more.
    #[error("this patient has no such note any more; look at the list again")]
    NoSuchNote,
    /// It was taken back before.
    #[error("this note was taken back already")]
    Withdrawn,
}

/// The notes of the post.
#[derive(Debug)]
pub struct Notes {
    epoch: Epoch,
    issued: u32,
    /// The one that was written of last is the last; in each the oldest note first.
    stays: VecDeque<(AdmissionId, VecDeque<HeldNote>)>,
}

impl Notes {
    /// None yet; those that are written are named with this epoch.
    pub fn new(epoch: Epoch) -> Notes {
        Notes {
            epoch,
            issued: 0,
            stays: VecDeque::new(),
        }
    }

    /// A person writes: the note, to be recorded.
    pub fn write(
        &mut self,
        (bed, admission): (&BedId, &AdmissionId),
        text: Masked<String>,
        written: Stamp,
        by: &str,
    ) -> Note {
        self.issued += 1;
        let note = Note {
            bed: bed.clone(),
            admission: admission.clone(),
            id: EntryId {
                epoch: self.epoch,
                number: self.issued,
            },
            written,
            by: by.to_owned(),
            text,
        };
        self.written(&note);
        note
    }

    /// Checks that a person may take a note back.
    ///
    /// # Errors
    /// There is none of this stay, or it was taken back.
    pub fn may_withdraw(&self, admission: &AdmissionId, id: EntryId) -> Result<(), NoteGone> {
        let mut notes = self.of(admission);
        let held = notes
            .find(|held| held.note.id == id)
            .ok_or(NoteGone::NoSuchNote)?;
        match held.withdrawn_by {
            Some(_) => Err(NoteGone::Withdrawn),
            None => Ok(()),
        }
    }

    /// A note that was recorded, in this run or in an earlier one.
    pub fn written(&mut self, note: &Note) {
        let notes = self.notes_of(&note.admission);
        if notes.iter().any(|held| held.note.id == note.id) {
            return;
        }
        if notes.len() == NOTES_MAX {
            notes.pop_front();
        }
        notes.push_back(HeldNote {
            note: note.clone(),
            withdrawn_by: None,
        });
    }

    /// A word that was recorded.
    pub fn withdrawn(&mut self, withdrawn: &NoteWithdrawn) {
        let mut notes = self.notes_of(&withdrawn.admission).iter_mut();
        if let Some(held) = notes.find(|held| held.note.id == withdrawn.note) {
            held.withdrawn_by = Some(withdrawn.by.clone());
        }
    }

    /// Two stays are one patient's: what was written of `from`, who lies here, is `into`'s.
    pub fn merged(&mut self, from: &AdmissionId, into: &AdmissionId) {
        let Some(place) = self.stays.iter().position(|(known, _)| known == from) else {
            return;
        };
        let Some((_, mut present)) = self.stays.remove(place) else {
            return;
        };
        let notes = self.notes_of(into);
        notes.append(&mut present);
        notes.drain(..notes.len().saturating_sub(NOTES_MAX));
    }

    /// What was written of a stay, the newest first.
    pub fn of(&self, admission: &AdmissionId) -> impl Iterator<Item = &HeldNote> {
        let found = self.stays.iter().find(|(known, _)| known == admission);
        found.into_iter().flat_map(|(_, notes)| notes.iter().rev())
    }

    /// What a file that knows nothing of a stay must be told.
    pub fn told_again(&self, bed: &BedId, admission: &AdmissionId) -> Vec<Event> {
        let mut notes: Vec<&HeldNote> = self.of(admission).collect();
        notes.reverse();
        let mut events = Vec::new();
        for held in notes {
            let note = Note {
                bed: bed.clone(),
                admission: admission.clone(),
                ..held.note.clone()
            };
            events.push(Event::NoteWritten(Box::new(note)));
            events.extend(held.withdrawn_by.as_ref().map(|by| {
                Event::NoteWithdrawn(Box::new(NoteWithdrawn {
                    bed: bed.clone(),
                    admission: admission.clone(),
                    note: held.note.id,
                    by: by.clone(),
                }))
            }));
        }
        events
    }

    fn notes_of(&mut self, admission: &AdmissionId) -> &mut VecDeque<HeldNote> {
        let place = self.stays.iter().position(|(known, _)| known == admission);
        let stay = place.and_then(|place| self.stays.remove(place));
        if stay.is_none() && self.stays.len() == STAYS_MAX {
            self.stays.pop_front();
        }
        let stay = stay.unwrap_or_else(|| (admission.clone(), VecDeque::new()));
        self.stays.push_back(stay);
        let (_, notes) = self.stays.back_mut().expect("it was put there just now");
        notes
    }
}

#[cfg(test)]
mod tests {
    use vitals::nursing::note_text;
    use vitals::{BootId, MonoTime};

    use super::*;

    fn stay(name: &str) -> AdmissionId {
        name.parse().unwrap()
    }

    fn write(notes: &mut Notes, admission: &str, text: &str) -> Note {
        let at = Stamp {
            boot: BootId([1; 16]),
            mono: MonoTime::BOOT,
        };
        let bed: BedId = "1".parse().unwrap();
        notes.write((&bed, &stay(admission)), note_text(text).unwrap(), at, "Grace")
    }

    fn shown(notes: &Notes, admission: &str) -> String {
        let admission = stay(admission);
        let words = notes.of(&admission).map(|held| {
            let by = held.withdrawn_by.as_ref();
            let by = by.map_or(String::new(), |by| format!(" (not: {by})"));
            format!("{}{by}", held.note.text.reveal())
        });
        words.collect::<Vec<_>>().join(", ")
    }

    fn withdraw(notes: &mut Notes, admission: &str, note: EntryId) {
        notes.withdrawn(&NoteWithdrawn {
            bed: "1".parse().unwrap(),
            admission: stay(admission),
            note,
            by: "John".to_owned(),
        });
    }

    #[test]
    fn a_note_that_is_taken_back_stays_with_the_name_of_who_took_it_back() {
        let mut notes = Notes::new(Epoch(7));
        let first = write(&mut notes, "a", "slept").id;
        write(&mut notes, "a", "ate");
        assert_eq!(notes.may_withdraw(&stay("b"), first), Err(NoteGone::NoSuchNote));
        assert_eq!(notes.may_withdraw(&stay("a"), first), Ok(()));
        withdraw(&mut notes, "a", first);
        assert_eq!(notes.may_withdraw(&stay("a"), first), Err(NoteGone::Withdrawn));
        assert_eq!(shown(&notes, "a"), "ate, slept (not: John)");
    }

    #[test]
    fn i3_notes_of_two_stays_of_one_patient_stand_together_and_of_others_apart() {
        let mut notes = Notes::new(Epoch(7));
        write(&mut notes, "earlier", "one");
        write(&mut notes, "other", "not his");
        write(&mut notes, "now", "two");
        notes.merged(&stay("now"), &stay("earlier"));
        assert_eq!(
            (shown(&notes, "earlier"), shown(&notes, "now")),
            ("two, one".to_owned(), String::new())
        );
    }

    #[test]
    fn notes_and_stays_have_bounds_and_the_oldest_go() {
        let mut notes = Notes::new(Epoch(7));
        for n in 0..=NOTES_MAX {
            write(&mut notes, "a", &n.to_string());
        }
        assert_eq!(notes.of(&stay("a")).count(), NOTES_MAX);
        assert!(!notes.of(&stay("a")).any(|held| held.note.text.reveal() == "0"));
        for n in 0..STAYS_MAX {
            write(&mut notes, &format!("s{n}"), "x");
        }
        assert_eq!(
            (shown(&notes, "a"), notes.stays.len()),
            (String::new(), STAYS_MAX)
        );
    }

    #[test]
    fn a_new_file_is_told_all_of_it() {
        let mut notes = Notes::new(Epoch(7));
        let first = write(&mut notes, "a", "slept").id;
        write(&mut notes, "a", "ate");
        withdraw(&mut notes, "a", first);
        let mut again = Notes::new(Epoch(8));
        for event in notes.told_again(&"1".parse().unwrap(), &stay("a")) {
            match event {
                Event::NoteWritten(note) => again.written(&note),
                Event::NoteWithdrawn(withdrawn) => again.withdrawn(&withdrawn),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(shown(&again, "a"), shown(&notes, "a"));
    }
}
