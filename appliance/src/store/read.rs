//! Reading what is on the card, from a snapshot: no scan from the beginning, and no waiting for the writer.

use redb::{ReadOnlyTable, ReadableDatabase};
use vitals::{BootId, Lane, Record, Seq};

use super::error::Fault;
use super::keys::Vault;
use super::rows::{self, BLOCK_BYTES_MAX, BLOCKS, BlockKey, bytes_most, lane_byte};
use super::tail::Loss;
use super::types::{Batch, Cursor};

type Blocks = ReadOnlyTable<(u8, u64, u64), &'static [u8]>;

/// What a read found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The oldest run after the cursor.
    pub batch: Option<Batch>,
    /// Blocks that cannot be unpacked, and were passed over: they must go, and the loss must be told.
    pub spoilt: Vec<(BlockKey, Loss)>,
}

/// The oldest run of records after the cursor: one epoch, no gap, as many as asked for or fit a block.
pub(super) fn after(database: &Vault, lane: Lane, after: Cursor, records_max: usize) -> Result<Found, Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    let mut found = Found::default();
    let mut run = Run {
        records_max: records_max.max(1),
        bytes: 0,
        batch: None,
    };
    for entry in blocks.range(start(&blocks, lane, after)?..=(lane_byte(lane), u64::MAX, u64::MAX))? {
        let (key, row) = entry?;
        let key = BlockKey::from_raw(key.value())?;
        match rows::unpack(key, row.value(), database.seal()) {
            Ok((_, block)) => {
                if !run.take(key, block.boot, block.records, after) {
                    break;
                }
            }
            Err(_) => found.spoilt.push((key, spoilt(&blocks, key)?)),
        }
    }
    found.batch = run.batch;
    Ok(found)
}

/// Hands out what is on the card of a lane, newest first, until `each` has had enough. What cannot be read is passed over.
pub(super) fn back(
    database: &Vault,
    lane: Lane,
    mut each: impl FnMut(BootId, Record) -> bool,
) -> Result<(), Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    let lane = lane_byte(lane);
    for entry in blocks.range((lane, 0, 0)..=(lane, u64::MAX, u64::MAX))?.rev() {
        let (key, row) = entry?;
        let key = BlockKey::from_raw(key.value())?;
        let Ok((_, block)) = rows::unpack(key, row.value(), database.seal()) else {
            continue;
        };
        for record in block.records.into_iter().rev() {
            if !each(block.boot, record) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Where to start: the block that may hold the cursor's successor, else the successor itself.
fn start(blocks: &Blocks, lane: Lane, after: Cursor) -> Result<(u8, u64, u64), Fault> {
    let wanted = (lane_byte(lane), after.epoch.0, after.seq.0.saturating_add(1));
    let holding = blocks
        .range((lane_byte(lane), after.epoch.0, 0)..=wanted)?
        .next_back();
    Ok(match holding {
        Some(entry) => entry?.0.value(),
        None => wanted,
    })
}

/// A block that cannot be unpacked: its own count is not to be believed, so it reaches to the next block, or as far as
/// the epoch does.
pub(super) fn spoilt(blocks: &Blocks, key: BlockKey) -> Result<Loss, Fault> {
    let (lane, epoch, first) = key.raw();
    let behind = (lane, epoch, first.saturating_add(1))..=(lane, epoch, u64::MAX);
    let last = match blocks.range(behind)?.next() {
        Some(entry) => entry?.0.value().2 - 1,
        None => u64::MAX,
    };
    Ok(Loss::of(key, Seq(last)))
}

struct Run {
    records_max: usize,
    bytes: usize,
    batch: Option<Batch>,
}

impl Run {
    /// Adds a block's records; false when the run is complete.
    fn take(&mut self, key: BlockKey, boot: BootId, records: Vec<Record>, after: Cursor) -> bool {
        let Cursor { epoch, seq } = after;
        let skip = if key.epoch == epoch {
            (seq.0 + 1).saturating_sub(key.first.0)
        } else {
            0
        };
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        if skip >= records.len() {
            return true;
        }
        let first = Seq(key.first.0 + skip as u64);
        let batch = match &mut self.batch {
            Some(batch) if batch.epoch == key.epoch && batch.last().next() == first => batch,
            Some(_) => return false,
            none => none.insert(Batch {
                epoch: key.epoch,
                lane: key.lane,
                first,
                boot,
                records: Vec::new(),
            }),
        };
        for record in records.into_iter().skip(skip) {
            self.bytes += bytes_most(&record);
            let full = batch.records.len() >= self.records_max || self.bytes > BLOCK_BYTES_MAX;
            if full && !batch.records.is_empty() {
                return false;
            }
            batch.records.push(record);
        }
        true
    }
}
