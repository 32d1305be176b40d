//! Notes and handovers at a whole post: what is recorded, told to the audit, refused and remembered.

use vitals::nursing::{HANDOVER_BYTES_MAX, HandoverError, NOTE_CHARS_MAX, NoteError};
use vitals::score::entry::EntryId;
use vitals::{Disposition, Handover, HandoverBed, HandoverLine, Masked, Section};

use super::patients::{WARD, bed, person};
use super::*;
use crate::access::By;
use crate::ward::{Change, HandoverRefused, NoteGone};
use crate::web::{Accepting, HandoverShown, NursingError, NursingRequest, PatientError, Writing};

impl Rig {
    fn write(&mut self, n: usize, text: &str) -> Result<EntryId, PatientError> {
        let writing = Writing {
            bed: bed(n),
            saw: self.patient(n).admission,
            text: Masked::new(text.to_owned()),
        };
        let by = By::named("Grace");
        self.post()
            .of_nursing(|answer| NursingRequest::Write { writing, by, answer })
    }

    fn take_back(&mut self, n: usize, note: EntryId) -> Result<(), PatientError> {
        let saw = self.patient(n).admission;
        self.post().of_nursing(|answer| NursingRequest::Withdraw {
            bed: bed(n),
            saw,
            note,
            by: By::named("John"),
            answer,
        })
    }

    /// The notes of a bed's patient: `slept (Grace), ate (Grace; not: John)`.
    fn notes(&mut self, n: usize) -> String {
        let notes = self.patient(n).notes.into_iter().map(|note| {
            let not = note
                .withdrawn_by
                .map_or(String::new(), |by| format!("; not: {by}"));
            format!("{} ({}{not})", note.text.reveal(), note.by)
        });
        notes.collect::<Vec<_>>().join(", ")
    }

    /// What a page would have been shown now.
    fn sheet(&mut self, text: &str) -> Handover {
        let facts = self.post().of_nursing(|answer| NursingRequest::Facts { answer });
        let facts = facts.unwrap();
        let line = HandoverLine {
            section: Section::Assessment,
            what: "note".to_owned(),
            words: vec![Masked::new(text.to_owned())],
        };
        let beds = facts.beds.iter().map(|facts| HandoverBed {
            bed: facts.patient.bed.clone(),
            label: facts.patient.bed.to_string(),
            admission: facts.patient.admission.clone(),
            lines: vec![line.clone()],
            to_do: Masked::new(String::new()),
        });
        Handover {
            id: "0000000000000000-0".parse().unwrap(),
            by: String::new(),
            by_id: String::new(),
            made: facts.now,
            offered: facts.now,
            hours: 12,
            post: Vec::new(),
            beds: beds.collect(),
        }
    }

    fn offer(&mut self, handover: Handover, by: &str) -> Result<EntryId, NursingError> {
        let (handover, by) = (Box::new(handover), By::named(by));
        self.post()
            .of_nursing(|answer| NursingRequest::Offer { handover, by, answer })
    }

    fn accept(&mut self, handover: EntryId, by: &str, told: &[usize]) -> Result<(), NursingError> {
        let accepting = Accepting {
            handover,
            changed: Vec::new(),
            told: told.iter().map(|n| bed(*n)).collect(),
        };
        let by = By::named(by);
        self.post().of_nursing(|answer| NursingRequest::Accept {
            accepting,
            by,
            answer,
        })
    }

    fn handovers(&mut self, whole: Option<EntryId>) -> Vec<HandoverShown> {
        let listed = |answer| NursingRequest::Handovers { whole, answer };
        self.post().of_nursing(listed).unwrap()
    }

    /// `write_note bed:bed-1 admission:... note:...`, for each deed about notes and handovers.
    fn deeds(&self) -> Vec<(String, String, String)> {
        let events = self.events().into_iter();
        let told = events.filter_map(|event| match event {
            Event::Audited(entry) => Some(entry.deed.told),
            _ => None,
        });
        let ours = ["write_note", "withdraw_note", "hand_over", "take_over"];
        let told = told.filter(|told| ours.contains(&told.action.as_str()));
        let words = told.map(|told| {
            let all = format!("{} {:?}", told.subject, told.outcome);
            let words = [told.before, told.after]
                .map(|word| word.map_or(String::new(), |word| word.reveal().clone()));
            (told.action, all, words.join("|"))
        });
        words.collect()
    }
}

fn rig() -> Rig {
    let mut rig = Rig::with(WARD, wall(0));
    rig.run(2, Some(97));
    rig
}

#[test]
fn i1_a_note_is_shown_recorded_and_remembered_and_one_that_is_taken_back_is_crossed_out() {
    let mut rig = rig();
    rig.write(1, " slept badly ").unwrap();
    let wrong = rig.write(1, "ate well").unwrap();
    rig.take_back(1, wrong).unwrap();
    let shown = "ate well (Grace; not: John), slept badly (Grace)";
    assert_eq!((rig.notes(1).as_str(), rig.notes(2).as_str()), (shown, ""));
    assert_eq!(rig.take_back(1, wrong), Err(NoteGone::Withdrawn.into()));
    assert_eq!(
        rig.take_back(2, wrong),
        Err(NoteGone::NoSuchNote.into()),
        "of another patient"
    );
    rig.restart();
    assert_eq!(rig.notes(1), shown);
    rig.reboot(2, wall(60_000));
    assert_eq!(rig.notes(1), shown);
    let newest = rig.patient(1).notes.remove(0);
    assert_eq!(
        (newest.at_ms, newest.wall_ms.is_some()),
        (None, true),
        "of an earlier boot"
    );
}

#[test]
fn i3_notes_are_of_the_patient_and_not_of_the_bed() {
    let mut rig = rig();
    rig.write(1, "slept badly").unwrap();
    let seen = rig.patient(1).admission;
    rig.identify(1, Change::New, person("PT-1", "Mensah")).unwrap();
    assert_eq!(rig.notes(1), "");
    let writing = Writing {
        bed: bed(1),
        saw: seen,
        text: Masked::new("of whom?".to_owned()),
    };
    let by = By::named("Grace");
    let refused = rig
        .post()
        .of_nursing(|answer| NursingRequest::Write { writing, by, answer });
    assert_eq!(refused, Err(PatientError::OtherNow(bed(1))));
}

#[test]
fn i9_the_audit_says_who_wrote_and_handed_over_and_not_a_word_of_it() {
    let mut rig = rig();
    let note = rig.write(1, "MARKED").unwrap();
    assert_eq!(rig.write(1, " "), Err(NoteError::Nothing.into()));
    let long = "x".repeat(NOTE_CHARS_MAX + 1);
    assert_eq!(rig.write(1, &long), Err(NoteError::Text.into()));
    rig.take_back(1, note).unwrap();
    let mut handover = rig.sheet("MARKED");
    handover.say(&bed(1), "MARKED").unwrap();
    let id = rig.offer(handover, "Grace").unwrap();
    rig.accept(id, "John", &[]).unwrap();
    let deeds = rig.deeds();
    let stay = rig.patient(1).admission;
    let subject = format!("bed:bed-1 admission:{stay} note:{note} Done");
    assert_eq!(deeds[0], ("write_note".to_owned(), subject, "|".to_owned()));
    let outcomes: Vec<String> = deeds
        .iter()
        .map(|(action, all, _)| format!("{action} {}", all.rsplit(' ').next().unwrap()))
        .collect();
    assert_eq!(
        outcomes,
        [
            "write_note Done",
            "write_note Refused",
            "write_note Refused",
            "withdraw_note Done",
            "hand_over Done",
            "take_over Done"
        ]
    );
    assert_eq!(deeds[4].1, format!("handover:{id} bed:bed-1 bed:bed-2 Done"));
    assert_eq!(deeds[5].2, "handed over by Grace|taken over");
    assert!(!format!("{deeds:?}").contains("MARKED"));
}

#[test]
fn i9_what_one_hands_over_another_takes_over_and_both_stand_after_a_restart() {
    let mut rig = rig();
    let mut sheet = rig.sheet("slept badly");
    sheet.say(&bed(2), "turn at 16:00").unwrap();
    let id = rig.offer(sheet, "Grace").unwrap();
    let own = rig.accept(id, "Grace", &[]);
    assert_eq!(own, Err(HandoverRefused::Own.into()));
    rig.restart();
    let open = rig.handovers(None);
    assert_eq!(
        (open.len(), open[0].open, open[0].by.as_str()),
        (1, true, "Grace")
    );
    assert_eq!(open[0].beds, None, "a list says who and when");
    rig.accept(id, "John", &[]).unwrap();
    let again = rig.accept(id, "Amina", &[]);
    assert_eq!(again, Err(HandoverRefused::Taken("John".to_owned()).into()));
    rig.reboot(2, wall(60_000));
    let [shown] = <[HandoverShown; 1]>::try_from(rig.handovers(Some(id))).unwrap();
    let taken = shown.accepted.unwrap();
    assert_eq!(
        (shown.open, taken.by.as_str(), taken.wall_ms.is_some()),
        (false, "John", true)
    );
    let beds = shown.beds.unwrap();
    assert_eq!(beds[1]["to_do"], "turn at 16:00");
    assert_eq!(beds[0]["lines"][0]["words"][0], "slept badly");
}

#[test]
fn what_changed_since_must_have_been_told_before_somebody_takes_over() {
    let mut rig = rig();
    let sheet = rig.sheet("all well");
    rig.time.pass(Duration::from_secs(1));
    let id = rig.offer(sheet, "Grace").unwrap();
    rig.write(2, "vomited").unwrap();
    assert_eq!(rig.handovers(None)[0].noted, [bed(2)]);
    let untold = rig.accept(id, "John", &[]);
    assert_eq!(untold, Err(HandoverRefused::Changed(bed(2)).into()));
    rig.discharge(1, Disposition::Home).unwrap();
    assert_eq!(rig.handovers(None)[0].moved, [bed(1)]);
    let untold = rig.accept(id, "John", &[2]);
    assert_eq!(untold, Err(HandoverRefused::Changed(bed(1)).into()));
    rig.accept(id, "John", &[1, 2]).unwrap();
    let taken = rig.handovers(None).remove(0).accepted.unwrap();
    assert_eq!(taken.changed, [bed(1), bed(2)]);
}

#[test]
fn i3_what_is_handed_over_is_about_who_lies_here_and_is_bounded() {
    let mut rig = rig();
    let before = rig.sheet("of whom?");
    rig.identify(1, Change::New, person("PT-1", "Mensah")).unwrap();
    let refused = rig.offer(before, "Grace");
    assert_eq!(refused, Err(NursingError::OtherNow(bed(1))));
    let long = rig.sheet(&"x".repeat(HANDOVER_BYTES_MAX));
    assert_eq!(rig.offer(long, "Grace"), Err(HandoverError::TooMuch.into()));
    let sheet = rig.sheet("x");
    assert_eq!(rig.offer(sheet, " "), Err(NursingError::NoPerson));
    rig.discharge(1, Disposition::Home).unwrap();
    rig.discharge(2, Disposition::Home).unwrap();
    let nobody = rig.post().of_nursing(|answer| NursingRequest::Facts { answer });
    assert_eq!(nobody.unwrap_err(), NursingError::Empty);
}

#[test]
fn a_handover_as_large_as_may_be_is_one_record() {
    let mut rig = rig();
    let mut sheet = rig.sheet("");
    let rest = HANDOVER_BYTES_MAX - sheet.bytes();
    sheet.beds[0].lines[0].words = vec![Masked::new("x".repeat(rest))];
    let id = rig.offer(sheet, "Grace").unwrap();
    let kept = rig.events().into_iter().find_map(|event| match event {
        Event::HandoverOffered(handover) => Some(handover),
        _ => None,
    });
    assert_eq!(
        (kept.as_ref().unwrap().id, kept.unwrap().bytes()),
        (id, HANDOVER_BYTES_MAX)
    );
}
