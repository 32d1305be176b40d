//! What is deleted for its age: readings and minute summaries, by when they arrived; alerts and events never.
//!
//! S5: only blocks go. The marks of [`super::Held`] stay, so a record that is sent again is not stored again and no
//! receipt goes back. A block that arrived late holds up those behind it in its lane and run until it is old enough too:
//! what is kept is kept a little longer, never shorter.

use std::time::Duration;

use redb::{ReadableTable, WriteTransaction};
use vitals::{Lane, WallTime};

use super::StoreError;
use super::tables::{BLOCKS, BlockRow, lane_of};

/// The most blocks that one transaction deletes, and the most that it looks at.
pub(super) const DELETED_MAX: usize = 256;
const VISITED_MAX: usize = 1_024;

/// How long records are kept. Alerts and events: for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Readings and curves that arrived before this go.
    pub vitals_before: WallTime,
    /// Minute summaries that arrived before this go.
    pub summaries_before: WallTime,
}

impl Limits {
    /// The limits at `now`.
    pub fn at(now: WallTime, vitals: Duration, summaries: Duration) -> Limits {
        let before = |age: Duration| {
            let age_ns = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
            WallTime::from_unix_ns(now.as_unix_ns().saturating_sub(age_ns))
        };
        Limits {
            vitals_before: before(vitals),
            summaries_before: before(summaries),
        }
    }

    fn of(&self, lane: Lane) -> Option<WallTime> {
        match lane {
            Lane::Vitals | Lane::Waves => Some(self.vitals_before),
            Lane::Summaries => Some(self.summaries_before),
            Lane::Alerts | Lane::Events => None,
        }
    }
}

/// How far a round of deleting has come; the default is the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThinPlace {
    post: String,
    lane: u8,
    epoch: u64,
    first: u64,
}

impl ThinPlace {
    fn next_run(self) -> ThinPlace {
        match self.epoch.checked_add(1) {
            Some(epoch) => ThinPlace {
                epoch,
                first: 0,
                ..self
            },
            None => self.next_lane(),
        }
    }

    fn next_lane(self) -> ThinPlace {
        ThinPlace {
            lane: self.lane.saturating_add(1),
            epoch: 0,
            first: 0,
            ..self
        }
    }
}

/// What one transaction deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thinned {
    /// Records.
    pub records: u64,
    /// Where to go on; `None` = the round is complete.
    pub next: Option<ThinPlace>,
}

pub(super) fn thin_out(
    transaction: &WriteTransaction,
    limits: Limits,
    from: ThinPlace,
) -> Result<Thinned, StoreError> {
    let mut blocks = transaction.open_table(BLOCKS)?;
    let (mut place, mut records, mut deleted) = (from, 0, 0);
    for _ in 0..VISITED_MAX {
        if deleted == DELETED_MAX {
            break;
        }
        let key = (place.post.as_str(), place.lane, place.epoch, place.first);
        let mut rows = blocks.range(key..)?;
        let Some(row) = rows.next() else {
            return Ok(Thinned { records, next: None });
        };
        let (key, value) = row?;
        let (post, lane, epoch, first) = key.value();
        let row = BlockRow::from_bytes(value.value()).ok_or_else(|| StoreError::Damaged {
            table: "a block",
            post: post.to_owned(),
        })?;
        let (received, count) = (row.received, row.count);
        place = ThinPlace {
            post: post.to_owned(),
            lane,
            epoch,
            first,
        };
        drop((rows, key, value));
        place = match lane_of(lane).and_then(|lane| limits.of(lane)) {
            None => place.next_lane(),
            Some(before) if received >= before => place.next_run(),
            Some(_) => {
                blocks.remove((place.post.as_str(), lane, epoch, first))?;
                (records, deleted) = (records + u64::from(count), deleted + 1);
                place
            }
        };
    }
    Ok(Thinned {
        records,
        next: Some(place),
    })
}
