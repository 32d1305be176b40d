//! Notes and handovers between domain and wire.

use super::score::{name, name_out};
use super::{WireError, alarm, field, id, proto};
use crate::bed::Masked;
use crate::nursing::{
    Handover, HandoverAccepted, HandoverBed, HandoverLine, Note, NoteWithdrawn, Section, note_text,
    to_do_text,
};
use crate::score::entry::EntryId;

fn named(raw: Option<&proto::EntryName>, field: &'static str) -> Result<EntryId, WireError> {
    raw.map(name).ok_or(WireError::Field { field })
}

pub(super) fn note(raw: &proto::NoteWritten) -> Result<Note, WireError> {
    Ok(Note {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        id: named(raw.note.as_ref(), "note")?,
        written: alarm::stamp(raw.written.as_ref())?,
        by: raw.by.clone(),
        text: note_text(&raw.text).map_err(|_| field("text"))?,
    })
}

pub(super) fn note_out(note: &Note) -> proto::NoteWritten {
    proto::NoteWritten {
        bed: note.bed.to_string(),
        admission: note.admission.to_string(),
        note: Some(name_out(note.id)),
        written: Some(alarm::stamp_out(note.written)),
        by: note.by.clone(),
        text: note.text.reveal().clone(),
    }
}

pub(super) fn withdrawn(raw: &proto::NoteWithdrawn) -> Result<NoteWithdrawn, WireError> {
    Ok(NoteWithdrawn {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        note: named(raw.note.as_ref(), "note")?,
        by: raw.by.clone(),
    })
}

pub(super) fn withdrawn_out(withdrawn: &NoteWithdrawn) -> proto::NoteWithdrawn {
    proto::NoteWithdrawn {
        bed: withdrawn.bed.to_string(),
        admission: withdrawn.admission.to_string(),
        note: Some(name_out(withdrawn.note)),
        by: withdrawn.by.clone(),
    }
}

pub(super) fn offered(raw: &proto::HandoverOffered) -> Result<Handover, WireError> {
    let handover = Handover {
        id: named(raw.handover.as_ref(), "handover")?,
        by: raw.by.clone(),
        by_id: raw.by_id.clone(),
        made: alarm::stamp(raw.made.as_ref())?,
        offered: alarm::stamp(raw.offered.as_ref())?,
        hours: u8::try_from(raw.hours).map_err(|_| field("hours"))?,
        post: raw.post.iter().map(line).collect::<Result<_, _>>()?,
        beds: raw.beds.iter().map(bed).collect::<Result<_, _>>()?,
    };
    handover.check().map_err(|_| field("beds"))?;
    Ok(handover)
}

fn bed(raw: &proto::HandoverBed) -> Result<HandoverBed, WireError> {
    Ok(HandoverBed {
        bed: id(&raw.bed, "bed")?,
        label: raw.label.clone(),
        admission: id(&raw.admission, "admission")?,
        lines: raw.lines.iter().map(line).collect::<Result<_, _>>()?,
        to_do: to_do_text(&raw.to_do).map_err(|_| field("to_do"))?,
    })
}

fn line(raw: &proto::HandoverLine) -> Result<HandoverLine, WireError> {
    let section = match raw.section() {
        _ if proto::HandoverSection::try_from(raw.section).is_err() => return Err(field("section")),
        proto::HandoverSection::Situation => Section::Situation,
        proto::HandoverSection::Background => Section::Background,
        proto::HandoverSection::Assessment => Section::Assessment,
        proto::HandoverSection::Recommendation => Section::Recommendation,
    };
    Ok(HandoverLine {
        section,
        what: raw.what.clone(),
        words: raw.words.iter().cloned().map(Masked::new).collect(),
    })
}

pub(super) fn offered_out(handover: &Handover) -> proto::HandoverOffered {
    proto::HandoverOffered {
        handover: Some(name_out(handover.id)),
        by: handover.by.clone(),
        by_id: handover.by_id.clone(),
        made: Some(alarm::stamp_out(handover.made)),
        offered: Some(alarm::stamp_out(handover.offered)),
        hours: u32::from(handover.hours),
        beds: handover.beds.iter().map(bed_out).collect(),
        post: handover.post.iter().map(line_out).collect(),
    }
}

fn bed_out(bed: &HandoverBed) -> proto::HandoverBed {
    proto::HandoverBed {
        bed: bed.bed.to_string(),
        label: bed.label.clone(),
        admission: bed.admission.to_string(),
        lines: bed.lines.iter().map(line_out).collect(),
        to_do: bed.to_do.reveal().clone(),
    }
}

fn line_out(line: &HandoverLine) -> proto::HandoverLine {
    let section = match line.section {
        Section::Situation => proto::HandoverSection::Situation,
        Section::Background => proto::HandoverSection::Background,
        Section::Assessment => proto::HandoverSection::Assessment,
        Section::Recommendation => proto::HandoverSection::Recommendation,
    };
    proto::HandoverLine {
        section: section as i32,
        what: line.what.clone(),
        words: line.words.iter().map(|words| words.reveal().clone()).collect(),
    }
}

pub(super) fn accepted(raw: &proto::HandoverAccepted) -> Result<HandoverAccepted, WireError> {
    let changed = raw.changed.iter().map(|bed| id(bed, "changed"));
    Ok(HandoverAccepted {
        handover: named(raw.handover.as_ref(), "handover")?,
        by: raw.by.clone(),
        by_id: raw.by_id.clone(),
        changed: changed.collect::<Result<_, _>>()?,
    })
}

pub(super) fn accepted_out(accepted: &HandoverAccepted) -> proto::HandoverAccepted {
    proto::HandoverAccepted {
        handover: Some(name_out(accepted.handover)),
        by: accepted.by.clone(),
        by_id: accepted.by_id.clone(),
        changed: accepted.changed.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::nursing::{HANDOVER_LINES_MAX, NOTE_CHARS_MAX, TO_DO_CHARS_MAX};
    use crate::record::Epoch;
    use crate::time::{BootId, MonoTime, Stamp};

    fn of<T: std::str::FromStr>(text: &str) -> T
    where
        T::Err: std::fmt::Debug,
    {
        text.parse().unwrap()
    }

    const ID: EntryId = EntryId {
        epoch: Epoch(7),
        number: 1,
    };

    fn at(us: u64) -> Stamp {
        Stamp {
            boot: BootId([1; 16]),
            mono: MonoTime::from_ns(us * 1_000),
        }
    }

    fn a_note(text: Masked<String>, us: u64) -> Note {
        Note {
            bed: of("3"),
            admission: of("3-7-1"),
            id: ID,
            written: at(us),
            by: "Grace".to_owned(),
            text,
        }
    }

    fn a_handover(words: Vec<String>, to_do: &str) -> Handover {
        let words = words.into_iter().map(Masked::new).collect();
        let lines = vec![HandoverLine {
            section: Section::Recommendation,
            what: "note".to_owned(),
            words,
        }];
        Handover {
            id: ID,
            by: "Grace".to_owned(),
            by_id: "grace".to_owned(),
            made: at(1),
            offered: at(2),
            hours: 24,
            post: lines.clone(),
            beds: vec![HandoverBed {
                bed: of("3"),
                label: "Bed 3".to_owned(),
                admission: of("3-7-1"),
                lines,
                to_do: to_do_text(to_do).unwrap(),
            }],
        }
    }

    proptest! {
        #[test]
        fn w1_any_note_survives(text in "\\PC{1,500}", us in 0u64..1 << 50) {
            if let Ok(text) = note_text(&text) {
                let note = a_note(text, us);
                prop_assert_eq!(super::note(&note_out(&note)), Ok(note));
            }
        }

        #[test]
        fn w1_any_handover_survives(words in proptest::collection::vec(any::<String>(), 0..12), to_do in "\\PC{0,200}") {
            let handover = a_handover(words, &to_do);
            prop_assert_eq!(offered(&offered_out(&handover)), Ok(handover));
        }
    }

    #[test]
    fn w2_what_is_beyond_its_bounds_or_of_no_section_is_no_record() {
        let mut raw = note_out(&a_note(note_text("x").unwrap(), 1));
        raw.text = "x".repeat(NOTE_CHARS_MAX + 1);
        assert_eq!(note(&raw), Err(field("text")));
        let good = offered_out(&a_handover(vec!["x".to_owned()], ""));
        let refused = |change: fn(&mut proto::HandoverOffered)| {
            let mut raw = good.clone();
            change(&mut raw);
            offered(&raw).unwrap_err()
        };
        let to_do = refused(|raw| raw.beds[0].to_do = "x".repeat(TO_DO_CHARS_MAX + 1));
        assert_eq!(to_do, field("to_do"));
        let lines = refused(|raw| raw.post = vec![raw.post[0].clone(); HANDOVER_LINES_MAX + 1]);
        assert_eq!(lines, field("beds"));
        assert_eq!(refused(|raw| raw.post[0].section = 9), field("section"));
        assert_eq!(refused(|raw| raw.hours = 256), field("hours"));
        assert_eq!(refused(|raw| raw.handover = None), field("handover"));
    }
}
