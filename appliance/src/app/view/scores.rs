//! Scores, what persons found and what they said of care, in the words that a page is told.

use vitals::score::care::Said;
use vitals::score::news2::Spo2Scale;
use vitals::{AdmissionId, BootId, Stamp};

use super::super::charts::Charts;
use super::super::time::Anchors;
use crate::ward::{Bed, ByHandNow, HeldEntry, PartNow};
use crate::web::live::score::{ByHand, Part, Score};
use crate::web::{CareShown, EntryShown, SaidShown};

/// The score of whoever lies in a bed; none where nobody does, or nothing was computed yet.
pub(super) fn bed_score(bed: &Bed, charts: &Charts) -> Option<Score> {
    let stay = bed.stay();
    let now = charts.scores.now(&stay.admission).filter(|_| !stay.vacant)?;
    let care = charts.scores.care(&stay.admission);
    let scale_by = care
        .and_then(|care| care.scale.as_ref())
        .map(|said| said.by.clone());
    Some(Score {
        score: now.score,
        name: now.score.name(),
        total: now.total,
        band: now.band.map(|band| band.key()),
        reason: now.reason,
        missing: now.missing.clone(),
        impossible: now.impossible.clone(),
        age_missing: now.age_missing,
        not_for: now.not_for,
        red: now.red,
        age_recorded: now.age_recorded,
        scale: number(now.scale),
        scale_by,
        paced: now.paced,
        parts: now.parts.iter().map(part).collect(),
        by_hand: now.by_hand.iter().map(by_hand).collect(),
        since_ms: now.since.as_ms(),
        by: now.by.clone(),
    })
}

fn number(scale: Spo2Scale) -> u8 {
    match scale {
        Spo2Scale::One => 1,
        Spo2Scale::Two => 2,
    }
}

fn by_hand(found: &ByHandNow) -> ByHand {
    ByHand {
        key: found.key,
        value: found.value,
        unit: found.unit,
        at_ms: found.at_ms,
        by: found.by.clone(),
    }
}

fn part(part: &PartNow) -> Part {
    Part {
        key: part.key,
        value: part.value.clone(),
        unit: part.unit,
        at_ms: part.at_ms,
        by: part.by.clone(),
        from: part.from,
        points: part.points,
        state: part.state,
    }
}

/// What persons found of a stay, the newest first.
pub(in crate::app) fn observations(
    charts: &Charts,
    admission: &AdmissionId,
    boot: BootId,
    anchors: &Anchors,
) -> Vec<EntryShown> {
    let shown = |held: &HeldEntry| {
        let (at_ms, wall_ms) = when(held.entry.found, boot, anchors);
        EntryShown {
            entry: held.entry.id,
            at_ms,
            wall_ms,
            by: held.by.clone(),
            findings: vitals::json::findings(&held.entry.findings),
            withdrawn_by: held.withdrawn_by.clone(),
        }
    };
    charts.scores.entries(admission).map(shown).collect()
}

/// What was said of a stay that decides which score counts.
pub(in crate::app) fn care(
    charts: &Charts,
    admission: &AdmissionId,
    boot: BootId,
    anchors: &Anchors,
) -> CareShown {
    let Some(care) = charts.scores.care(admission) else {
        return CareShown::default();
    };
    CareShown {
        pregnancy: said(care.pregnancy.as_ref(), boot, anchors, |pregnancy| {
            pregnancy.key()
        }),
        spo2_scale: said(care.scale.as_ref(), boot, anchors, |scale| number(*scale)),
        paced: said(care.paced.as_ref(), boot, anchors, |paced| *paced),
    }
}

fn said<T, S>(
    said: Option<&Said<T>>,
    boot: BootId,
    anchors: &Anchors,
    shown: impl FnOnce(&T) -> S,
) -> Option<SaidShown<S>> {
    let said = said?;
    let (at_ms, wall_ms) = when(said.at, boot, anchors);
    Some(SaidShown {
        value: shown(&said.value),
        by: said.by.clone(),
        at_ms,
        wall_ms,
    })
}

pub(super) fn when(at: Stamp, boot: BootId, anchors: &Anchors) -> (Option<u64>, Option<i64>) {
    let here = (at.boot == boot).then(|| at.mono.as_ms());
    (here, anchors.wall(at).map(|wall| wall.as_unix_ms()))
}
