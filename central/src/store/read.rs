//! Reads stored records one by one, in order.

use std::ops::RangeInclusive;

use redb::{ReadOnlyTable, ReadTransaction, ReadableTable};
use vitals::wire::Block;
use vitals::{Epoch, Lane, PostId, Seq};

use super::tables::{BLOCKS, BlockRow, lane_number, lane_of};
use super::{Next, Query, StoreError, Stored};

pub(super) type BlockRows = ReadOnlyTable<(&'static str, u8, u64, u64), &'static [u8]>;
type Key<'a> = (&'a str, u8, u64, u64);

pub(super) fn records(
    transaction: &ReadTransaction,
    query: &Query,
    each: &mut dyn FnMut(&PostId, Stored) -> Next,
) -> Result<(), StoreError> {
    let blocks = transaction.open_table(BLOCKS)?;
    let rows = match &query.post {
        Some(post) => blocks.range(keys(&blocks, post, query)?)?,
        None => blocks.iter()?,
    };
    for row in rows {
        let (key, value) = row?;
        let (post, lane, epoch, first) = key.value();
        let fits = query.lane.is_none_or(|wanted| lane_number(wanted) == lane)
            && query.epoch.is_none_or(|wanted| wanted.0 == epoch);
        if !fits {
            continue;
        }
        let damaged = || StoreError::Damaged {
            table: "a block",
            post: post.to_owned(),
        };
        let id: PostId = post.parse().map_err(|_| damaged())?;
        let lane = lane_of(lane).ok_or_else(damaged)?;
        for stored in open(value.value(), Epoch(epoch), lane, Seq(first)).ok_or_else(damaged)? {
            if query.after.is_some_and(|after| stored.seq <= after) {
                continue;
            }
            if each(&id, stored) == Next::Enough {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The keys that can matter for one post: narrowed as far as the query allows without leaving out a block that begins
/// before the wanted place and reaches beyond it.
fn keys<'a>(
    blocks: &BlockRows,
    post: &'a PostId,
    query: &Query,
) -> Result<RangeInclusive<Key<'a>>, StoreError> {
    let post = post.as_str();
    let (low_lane, high_lane) = query.lane.map_or((0, u8::MAX), |lane| {
        let number = lane_number(lane);
        (number, number)
    });
    let exact = query.lane.is_some();
    let (low_epoch, high_epoch) = match query.epoch {
        Some(epoch) if exact => (epoch.0, epoch.0),
        _ => (0, u64::MAX),
    };
    let mut first = 0;
    if let (true, Some(epoch), Some(after)) = (exact, query.epoch, query.after) {
        let before = (post, low_lane, epoch.0, 0)..=(post, low_lane, epoch.0, after.0);
        first = match blocks.range(before)?.next_back() {
            Some(row) => row?.0.value().3,
            None => 0,
        };
    }
    Ok((post, low_lane, low_epoch, first)..=(post, high_lane, high_epoch, u64::MAX))
}

/// One stored record.
pub(super) fn one(
    blocks: &BlockRows,
    post: &PostId,
    lane: Lane,
    epoch: Epoch,
    seq: Seq,
) -> Result<Option<Stored>, StoreError> {
    let number = lane_number(lane);
    let range = (post.as_str(), number, epoch.0, 0)..=(post.as_str(), number, epoch.0, seq.0);
    let Some(row) = blocks.range(range)?.next_back() else {
        return Ok(None);
    };
    let (key, value) = row?;
    let opened = open(value.value(), epoch, lane, Seq(key.value().3)).ok_or_else(|| StoreError::Damaged {
        table: "a block",
        post: post.to_string(),
    })?;
    Ok(opened.into_iter().find(|stored| stored.seq == seq))
}

fn open(bytes: &[u8], epoch: Epoch, lane: Lane, first: Seq) -> Option<Vec<Stored>> {
    let row = BlockRow::from_bytes(bytes)?;
    let block = Block::decode(row.block).ok()?;
    if u32::try_from(block.records.len()) != Ok(row.count) {
        return None;
    }
    let stored = (first.0..).zip(block.records).map(|(seq, record)| Stored {
        epoch,
        lane,
        seq: Seq(seq),
        boot: block.boot,
        received: row.received,
        record,
    });
    Some(stored.collect())
}
