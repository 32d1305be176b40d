//! What has changed at a bed since a handover was put together.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use vitals::{BedId, WallTime};

use super::super::HandoverShown;
use super::super::router::{Refused, Served};
use super::shift;

/// By bed, why.
pub(in crate::web) type Changed = BTreeMap<BedId, BTreeSet<Why>>;

/// Why something is new at a bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ChangedWhy")]
pub(in crate::web) enum Why {
    /// An alarm began.
    Alarm,
    /// A note was written.
    Note,
    /// Somebody else lies there, or nobody.
    Patient,
    /// No clock can say.
    Unknown,
}

/// What has changed since.
pub(super) async fn since(served: &Served, shown: &HandoverShown) -> Result<Changed, Refused> {
    let mut changed = Changed::new();
    let mut say = |bed: &BedId, why| {
        changed.entry(bed.clone()).or_default().insert(why);
    };
    let snapshot = served.feed.snapshot();
    for bed in &shown.moved {
        say(bed, Why::Patient);
    }
    for bed in &shown.noted {
        say(bed, Why::Note);
    }
    // What is open now, on the card or not.
    let is_new = |onset: Option<u64>| onset.zip(shown.made_ms).is_some_and(|(onset, made)| onset > made);
    let open = snapshot.alarms.iter().filter(|alarm| is_new(alarm.onset_ms));
    for bed in open.filter_map(|alarm| alarm.bed.as_ref()) {
        say(bed, Why::Alarm);
    }
    match shown.made_wall_ms {
        Some(made) => {
            let made = WallTime::from_unix_ms(made);
            for bed in shift::alarmed_since(served, made).await? {
                say(&bed, Why::Alarm);
            }
        }
        None => {
            for bed in &snapshot.beds {
                say(&bed.id, Why::Unknown);
            }
        }
    }
    Ok(changed)
}
