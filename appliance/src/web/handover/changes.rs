//! What has changed at a bed since a handover was put together.

use std::collections::{BTreeMap, BTreeSet};

use vitals::{BedId, WallTime};

use super::super::HandoverShown;
use super::super::history::Refused;
use super::super::router::Served;
use super::shift;

/// By bed, why: `patient`, `alarm`, `note`, or `unknown` where no clock can say.
pub(super) type Changed = BTreeMap<BedId, BTreeSet<&'static str>>;

/// What has changed since.
pub(super) async fn since(served: &Served, shown: &HandoverShown) -> Result<Changed, Refused> {
    let mut changed = Changed::new();
    let mut say = |bed: &BedId, why| {
        changed.entry(bed.clone()).or_default().insert(why);
    };
    let snapshot = served.feed.snapshot();
    for bed in &shown.moved {
        say(bed, "patient");
    }
    for bed in &shown.noted {
        say(bed, "note");
    }
    // What is open now, on the card or not.
    let is_new = |onset: Option<u64>| onset.zip(shown.made_ms).is_some_and(|(onset, made)| onset > made);
    let open = snapshot.alarms.iter().filter(|alarm| is_new(alarm.onset_ms));
    for bed in open.filter_map(|alarm| alarm.bed.as_ref()) {
        say(bed, "alarm");
    }
    match shown.made_wall_ms {
        Some(made) => {
            let made = WallTime::from_unix_ms(made);
            for bed in shift::alarmed_since(served, made).await? {
                say(&bed, "alarm");
            }
        }
        None => {
            for bed in &snapshot.beds {
                say(&bed.id, "unknown");
            }
        }
    }
    Ok(changed)
}
