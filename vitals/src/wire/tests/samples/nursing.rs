//! Notes and handovers.

use super::{BOOT, id};
use crate::bed::Masked;
use crate::nursing::{
    Handover, HandoverAccepted, HandoverBed, HandoverLine, Note, NoteWithdrawn, Section, note_text,
};
use crate::record::{Epoch, Event, Record};
use crate::score::entry::EntryId;
use crate::time::{MonoTime, Stamp};

fn stamp(ms: u64) -> Stamp {
    Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(ms),
    }
}

fn entry(number: u32) -> EntryId {
    EntryId {
        epoch: Epoch(0x0000_0002_dead_beef),
        number,
    }
}

/// A note, one that is taken back, a handover with a line in each section and an empty one, and who took it over.
pub(super) fn events() -> Vec<Record> {
    let word = |text: &str| Masked::new(text.to_owned());
    let note = Note {
        bed: id("3"),
        admission: id("3-0000000200000007-1"),
        id: entry(1),
        written: stamp(4_000),
        by: "Grace".to_owned(),
        text: note_text("slept badly\nasks for पानी").unwrap(),
    };
    let withdrawn = NoteWithdrawn {
        bed: id("3"),
        admission: id("3-0000000200000007-1"),
        note: entry(1),
        by: "John".to_owned(),
    };
    let lines = Section::ALL.map(|section| HandoverLine {
        section,
        what: "trend".to_owned(),
        words: vec![word("spo2"), word(""), word("97")],
    });
    let bed = |bed: &str, lines: Vec<HandoverLine>, to_do: &str| HandoverBed {
        bed: id(bed),
        label: format!("Bed {bed}"),
        admission: id(&format!("{bed}-0000000200000007-1")),
        lines,
        to_do: word(to_do),
    };
    let handover = Handover {
        id: entry(2),
        by: "Grace".to_owned(),
        by_id: "grace".to_owned(),
        made: stamp(4_500),
        offered: stamp(4_900),
        hours: 12,
        post: vec![lines[3].clone()],
        beds: vec![
            bed("3", lines.to_vec(), "turn at 16:00"),
            bed("4", Vec::new(), ""),
        ],
    };
    let accepted = |changed: &[&str]| HandoverAccepted {
        handover: entry(2),
        by: "John".to_owned(),
        by_id: "john".to_owned(),
        changed: changed.iter().map(|bed| id(bed)).collect(),
    };
    let events = [
        Event::NoteWritten(Box::new(note)),
        Event::NoteWithdrawn(Box::new(withdrawn)),
        Event::HandoverOffered(Box::new(handover)),
        Event::HandoverAccepted(Box::new(accepted(&["3"]))),
        Event::HandoverAccepted(Box::new(accepted(&[]))),
    ];
    let at = MonoTime::from_ms(5_000);
    events.map(|event| Record::Event { at, event }).to_vec()
}
