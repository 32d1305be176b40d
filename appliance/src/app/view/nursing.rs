//! Notes and handovers in the words that a page is told.

use vitals::{AdmissionId, BootId};

use super::super::charts::Charts;
use super::super::time::Anchors;
use super::scores::when;
use crate::ward::{HeldHandover, HeldNote};
use crate::web::{HandoverShown, NoteShown, Taken};

/// What was written of a stay, the newest first.
pub(in crate::app) fn notes(
    charts: &Charts,
    admission: &AdmissionId,
    boot: BootId,
    anchors: &Anchors,
) -> Vec<NoteShown> {
    let shown = |held: &HeldNote| {
        let (at_ms, wall_ms) = when(held.note.written, boot, anchors);
        NoteShown {
            note: held.note.id,
            at_ms,
            wall_ms,
            by: held.note.by.clone(),
            text: held.note.text.clone(),
            withdrawn_by: held.withdrawn_by.clone(),
        }
    };
    charts.notes.of(admission).map(shown).collect()
}

/// A handover, without what has changed since; `whole` = with what it says.
pub(in crate::app) fn handover(
    held: &HeldHandover,
    whole: bool,
    boot: BootId,
    anchors: &Anchors,
) -> HandoverShown {
    let handover = &held.handover;
    let (made_ms, made_wall_ms) = when(handover.made, boot, anchors);
    let (_, offered_wall_ms) = when(handover.offered, boot, anchors);
    let taken = held.accepted.as_ref().map(|(accepted, at)| Taken {
        by: accepted.by.clone(),
        wall_ms: anchors.wall(*at).map(|wall| wall.as_unix_ms()),
        changed: accepted.changed.clone(),
    });
    HandoverShown {
        handover: handover.id,
        by: handover.by.clone(),
        by_id: handover.by_id.clone(),
        made_wall_ms,
        made_ms,
        offered_wall_ms,
        hours: handover.hours,
        open: false,
        accepted: taken,
        moved: Vec::new(),
        noted: Vec::new(),
        post: whole.then(|| vitals::json::handover_lines(&handover.post)),
        beds: whole.then(|| vitals::json::handover_beds(&handover.beds)),
    }
}
