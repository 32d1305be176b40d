//! Walking through what is on the card by time: which epochs there are, where in them a moment lies, and when it was.
//!
//! Time grows with the sequence number within an epoch, but not strictly: a summary carries the begin of its minute, and
//! some devices say how old a measurement is. A record is made at most [`LATE_MAX`] after its time; what comes later may
//! be missed by a trend, never by an export.
//!
//! No index is kept beside the blocks (each table touched costs the card 8 KiB per commit): a moment is found by halving
//! between the first and the last block of an epoch, some twenty blocks in a store of 30 days.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use redb::ReadOnlyTable;
use vitals::wire::{Sifted, Sifter, Wanted};
use vitals::{BootId, ClockAnchor, ClockTrust, Epoch, Event, Lane, MonoTime, Record, Seq, WallTime};

use super::error::Fault;
use super::rows::{self, BlockKey, Header, lane_byte};
use super::seal::Seal;

/// So long after its time a record may be made and still be found by its time.
pub(super) const LATE_MAX: Duration = Duration::from_secs(600);

/// The table of blocks as a reader sees it.
pub(super) type Blocks = ReadOnlyTable<(u8, u64, u64), &'static [u8]>;

/// The best clock anchor of each boot (I8), and how far the events have been read for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Anchors {
    best: BTreeMap<BootId, ClockAnchor>,
    read: (u64, u64),
}

/// What ties one boot's monotonic time to wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tie {
    /// Wall time in nanoseconds at the boot's moment zero.
    zero: i128,
    pub trust: ClockTrust,
}

impl Tie {
    pub(super) fn wall(self, at: MonoTime) -> Option<WallTime> {
        let ns = self.zero + i128::from(at.as_ns());
        i64::try_from(ns).ok().map(WallTime::from_unix_ns)
    }

    /// The moment of this boot at a wall time: its begin for anything before it.
    pub(super) fn mono(self, wall: WallTime) -> MonoTime {
        let ns = (i128::from(wall.as_unix_ns()) - self.zero).max(0);
        MonoTime::from_ns(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// Leads from monotonic nanoseconds to nanoseconds since `from`.
    pub(super) fn shift(self, from: WallTime) -> i128 {
        self.zero - i128::from(from.as_unix_ns())
    }
}

impl Anchors {
    /// The rule of [`vitals::Stamp::resolve`]: highest trust, then the latest.
    pub(super) fn note(&mut self, anchor: ClockAnchor) {
        let best = self.best.entry(anchor.boot).or_insert(anchor);
        if (anchor.trust, anchor.mono) >= (best.trust, best.mono) {
            *best = anchor;
        }
    }

    pub(super) fn tie(&self, boot: BootId) -> Option<Tie> {
        self.best.get(&boot).map(|anchor| Tie {
            zero: i128::from(anchor.wall.as_unix_ns()) - i128::from(anchor.mono.as_ns()),
            trust: anchor.trust,
        })
    }

    /// Notes the anchors among these records.
    pub(super) fn note_all<'a>(&mut self, records: impl IntoIterator<Item = &'a Record>) {
        for record in records {
            if let Record::Event {
                event: Event::Anchor(anchor),
                ..
            } = record
            {
                self.note(*anchor);
            }
        }
    }

    /// Reads the events that came since the last time.
    pub(super) fn catch_up(&mut self, walker: &mut Walker) -> Result<(), Fault> {
        let lane = lane_byte(Lane::Events);
        let from = (lane, self.read.0, self.read.1);
        let (mut read, mut found) = (self.read, Vec::new());
        walker.each_block(from..=(lane, u64::MAX, u64::MAX), &Wanted::All, |key, sifted| {
            // Behind this block's first record: the block itself never changes.
            read = (key.epoch.0, key.first.0.saturating_add(1));
            found.extend(sifted.records);
            true
        })?;
        self.note_all(&found);
        self.read = read;
        Ok(())
    }
}

/// One lane of one epoch, as far as it is on the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub lane: Lane,
    pub epoch: Epoch,
    pub boot: BootId,
    /// First record of the first readable block.
    first: Seq,
    /// First record of the last readable block.
    last_block: Seq,
    /// Last record.
    pub last: Seq,
    /// The newest time in the first block, and in the last.
    pub begin: MonoTime,
    pub end: MonoTime,
}

/// Reads blocks from one snapshot.
pub(super) struct Walker {
    blocks: Blocks,
    sifter: Sifter,
    seal: Arc<Seal>,
    /// Blocks that could not be read, and were passed over.
    pub unreadable: Vec<BlockKey>,
}

impl Walker {
    pub(super) fn new(blocks: Blocks, seal: Arc<Seal>) -> Result<Walker, Fault> {
        Ok(Walker {
            blocks,
            sifter: Sifter::new()?,
            seal,
            unreadable: Vec::new(),
        })
    }

    /// Sifts the blocks of a range of keys until `each` says that it is enough.
    pub(super) fn each_block(
        &mut self,
        range: std::ops::RangeInclusive<(u8, u64, u64)>,
        wanted: &Wanted,
        mut each: impl FnMut(BlockKey, Sifted) -> bool,
    ) -> Result<(), Fault> {
        for entry in self.blocks.range(range)? {
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            match sift((&mut self.sifter, &self.seal), key, row.value(), wanted) {
                Ok(sifted) => {
                    if !each(key, sifted) {
                        break;
                    }
                }
                Err(_) => self.unreadable.push(key),
            }
        }
        Ok(())
    }

    /// The epochs of a lane, oldest first.
    pub(super) fn epochs(&self, lane: Lane) -> Result<Vec<Epoch>, Fault> {
        let lane = lane_byte(lane);
        let mut epochs = Vec::new();
        let mut from = Some(0);
        while let Some(epoch) = from {
            let range = (lane, epoch, 0)..=(lane, u64::MAX, u64::MAX);
            let Some(found) = self.blocks.range(range)?.next() else {
                break;
            };
            let (_, epoch, _) = found?.0.value();
            epochs.push(Epoch(epoch));
            from = epoch.checked_add(1);
        }
        Ok(epochs)
    }

    /// Where a lane of an epoch begins and ends; `None` when no block of it can be read.
    pub(super) fn run(&mut self, lane: Lane, epoch: Epoch) -> Result<Option<Run>, Fault> {
        let whole = whole(lane, epoch);
        let Some((first, begins)) = self.first_readable(whole.clone())? else {
            return Ok(None);
        };
        for entry in self.blocks.range(whole)?.rev() {
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            if let Ok(sifted) = sift((&mut self.sifter, &self.seal), key, row.value(), &Wanted::None) {
                return Ok(Some(Run {
                    lane,
                    epoch,
                    boot: begins.boot,
                    first,
                    last_block: key.first,
                    last: Seq(key.first.0 + (sifted.count as u64).saturating_sub(1)),
                    begin: begins.newest,
                    end: sifted.newest,
                }));
            }
        }
        Ok(None)
    }

    /// The first block of a range of keys that can be read.
    fn first_readable(
        &mut self,
        range: std::ops::RangeInclusive<(u8, u64, u64)>,
    ) -> Result<Option<(Seq, Sifted)>, Fault> {
        for entry in self.blocks.range(range)? {
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            if let Ok(sifted) = sift((&mut self.sifter, &self.seal), key, row.value(), &Wanted::None) {
                return Ok(Some((key.first, sifted)));
            }
        }
        Ok(None)
    }

    /// Hands out the wanted records of a run whose time may lie in `span`; some around it come along.
    pub(super) fn walk(
        &mut self,
        run: &Run,
        span: Range<MonoTime>,
        wanted: &Wanted,
        mut each: impl FnMut(Record),
    ) -> Result<(), Fault> {
        self.walk_until(run, span, wanted, |record| {
            each(record);
            true
        })
    }

    /// The same, until `each` has had enough.
    pub(super) fn walk_until(
        &mut self,
        run: &Run,
        span: Range<MonoTime>,
        wanted: &Wanted,
        mut each: impl FnMut(Record) -> bool,
    ) -> Result<(), Fault> {
        if is_before(run.end, span.start) || span.is_empty() {
            return Ok(());
        }
        let first = self.seek(run, span.start)?;
        let (lane, epoch) = (lane_byte(run.lane), run.epoch.0);
        let beyond = span.end + LATE_MAX;
        self.each_block(
            (lane, epoch, first.0)..=(lane, epoch, u64::MAX),
            wanted,
            |_, sifted| {
                let goes_on = sifted.records.into_iter().all(&mut each);
                goes_on && sifted.newest <= beyond
            },
        )
    }

    /// The first block that can hold a record of `from` or later.
    fn seek(&mut self, run: &Run, from: MonoTime) -> Result<Seq, Fault> {
        if !is_before(run.begin, from) {
            return Ok(run.first);
        }
        let (lane, epoch) = (lane_byte(run.lane), run.epoch.0);
        // All blocks in front of `low` are too old; the block at `high` is not.
        let (mut low, mut high) = (run.first.0, run.last_block.0);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(entry) = self
                .blocks
                .range((lane, epoch, low)..=(lane, epoch, middle))?
                .next_back()
            else {
                // Nothing starts there: the next block in front of `high` is the only one left to ask.
                low = self.next_block(run, middle)?.unwrap_or(high).min(high);
                continue;
            };
            let found = entry?.0.value().2;
            // A block that cannot be read says nothing of its time: the next readable one speaks for it.
            let range = (lane, epoch, found)..=(lane, epoch, high);
            let newest = self.first_readable(range)?.map(|(_, sifted)| sifted.newest);
            if newest.is_some_and(|newest| is_before(newest, from)) {
                low = self.next_block(run, found)?.unwrap_or(high).min(high);
            } else {
                high = found;
            }
        }
        Ok(Seq(high))
    }

    fn next_block(&self, run: &Run, after: u64) -> Result<Option<u64>, Fault> {
        let (lane, epoch) = (lane_byte(run.lane), run.epoch.0);
        let range = (lane, epoch, after.saturating_add(1))..=(lane, epoch, u64::MAX);
        match self.blocks.range(range)?.next() {
            Some(entry) => Ok(Some(entry?.0.value().2)),
            None => Ok(None),
        }
    }
}

/// Every record of a block with this newest time is older than `from`, however late it was made.
fn is_before(newest: MonoTime, from: MonoTime) -> bool {
    newest + LATE_MAX < from
}

fn whole(lane: Lane, epoch: Epoch) -> std::ops::RangeInclusive<(u8, u64, u64)> {
    (lane_byte(lane), epoch.0, 0)..=(lane_byte(lane), epoch.0, u64::MAX)
}

fn sift(
    (sifter, seal): (&mut Sifter, &Seal),
    key: BlockKey,
    row: &[u8],
    wanted: &Wanted,
) -> Result<Sifted, Fault> {
    let (header, packed) = rows::contents(key, row, seal)?;
    let sifted = sifter
        .sift(&packed, wanted)
        .map_err(|error| Fault::Bad(error.to_string()))?;
    let Header { count, .. } = header;
    if usize::try_from(count) != Ok(sifted.count) || sifted.count == 0 {
        return Err(Fault::Bad(
            "it does not hold as many records as it says".to_owned(),
        ));
    }
    Ok(sifted)
}
