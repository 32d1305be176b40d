//! Notes and handovers, as JSON.

use serde_json::{Value, json};

use crate::nursing::{Handover, HandoverAccepted, HandoverBed, HandoverLine, Note, NoteWithdrawn};
use crate::time::Stamp;

pub(super) fn of_note(note: &Note) -> Value {
    json!({
        "kind": "event",
        "event": "note_written",
        "bed": note.bed,
        "admission": note.admission,
        "note": note.id,
        "written": stamp(note.written),
        "by": note.by,
        "text": note.text,
    })
}

pub(super) fn of_withdrawn(withdrawn: &NoteWithdrawn) -> Value {
    json!({
        "kind": "event",
        "event": "note_withdrawn",
        "bed": withdrawn.bed,
        "admission": withdrawn.admission,
        "note": withdrawn.note,
        "by": withdrawn.by,
    })
}

pub(super) fn of_offered(handover: &Handover) -> Value {
    json!({
        "kind": "event",
        "event": "handover_offered",
        "handover": handover.id,
        "by": handover.by,
        "by_id": handover.by_id,
        "made": stamp(handover.made),
        "offered": stamp(handover.offered),
        "hours": handover.hours,
        "post": lines(&handover.post),
        "beds": beds(&handover.beds),
    })
}

/// What a handover says, line by line, as it was shown.
pub fn lines(lines: &[HandoverLine]) -> Value {
    let line = |line: &HandoverLine| {
        json!({
            "section": line.section.key(),
            "what": line.what,
            "words": line.words,
        })
    };
    lines.iter().map(line).collect()
}

/// What a handover says of its beds, as it was shown.
pub fn beds(beds: &[HandoverBed]) -> Value {
    let bed = |bed: &HandoverBed| {
        json!({
            "bed": bed.bed,
            "label": bed.label,
            "admission": bed.admission,
            "lines": lines(&bed.lines),
            "to_do": bed.to_do,
        })
    };
    beds.iter().map(bed).collect()
}

pub(super) fn of_accepted(accepted: &HandoverAccepted) -> Value {
    json!({
        "kind": "event",
        "event": "handover_accepted",
        "handover": accepted.handover,
        "by": accepted.by,
        "by_id": accepted.by_id,
        "changed": accepted.changed,
    })
}

fn stamp(at: Stamp) -> Value {
    json!({ "boot": at.boot.to_string(), "at_ns": at.mono.as_ns() })
}
