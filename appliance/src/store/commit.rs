//! One transaction: what it carries and how it is written, what a lane's rows weigh, and which rows must go.

use std::collections::BTreeMap;

use redb::{Database, ReadableDatabase, ReadableTable, Table};
use vitals::wire::Block;
use vitals::{AlarmChange, AlarmId, AlarmPhase, BootId, Epoch, Lane, Record, Seq};

use super::epoch::EpochRow;
use super::error::Fault;
use super::keys::Vault;
use super::read;
use super::rows::{
    self, BLOCK_BYTES_MAX, BLOCK_RECORDS_MAX, BLOCKS, BlockKey, Header, META, PerLane, lane_byte, place,
};
use super::seal::Seal;
use super::tail::{Entry, Loss};
use super::types::DestinationOptions;

/// Bytes of a lane's rows: from the offset of the oldest to the end of the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
}

impl Span {
    pub(super) fn bytes(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// What a commit shall do.
pub(super) struct Work {
    pub epoch: Epoch,
    pub boot: BootId,
    pub entries: PerLane<Vec<Entry>>,
    pub remove: Vec<BlockKey>,
    /// The destinations.
    pub destinations: Vec<DestinationOptions>,
    pub rows: Vec<(Epoch, EpochRow)>,
    pub forget: Vec<Epoch>,
}

impl Work {
    /// There is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.iter().all(Vec::is_empty)
            && self.remove.is_empty()
            && self.rows.is_empty()
            && self.forget.is_empty()
    }

    /// Last number in each lane, or 0 where it carries nothing.
    pub(super) fn last(&self) -> PerLane<Seq> {
        self.entries
            .each_ref()
            .map(|entries| entries.last().map_or(Seq(0), |entry| entry.seq))
    }
}

/// Writes all of it or nothing, durably.
///
/// After an error the whole may be durable nevertheless: look before writing again.
pub(super) fn write(database: &Vault, work: &Work, mut spans: PerLane<Span>) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    {
        let mut blocks = transaction.open_table(BLOCKS)?;
        for key in &work.remove {
            blocks.remove(key.raw())?;
        }
        for lane in Lane::ALL {
            let span = &mut spans[place(lane)];
            for run in cut(&work.entries[place(lane)]) {
                let key = BlockKey {
                    lane,
                    epoch: work.epoch,
                    first: run[0].seq,
                };
                let records = run.iter().map(|entry| Record::clone(&entry.record)).collect();
                let row = rows::pack(
                    key,
                    span.end,
                    &Block {
                        boot: work.boot,
                        records,
                    },
                    database.seal(),
                )?;
                blocks.insert(key.raw(), row.as_slice())?;
                span.end += row.len() as u64;
            }
        }
    }
    let alarms = latest_alarms(&work.entries[place(Lane::Alerts)]);
    // Each table touched costs the card 8 KiB, so this one only when it must be.
    if !(alarms.is_empty() && work.rows.is_empty() && work.forget.is_empty()) {
        let mut meta = transaction.open_table(META)?;
        note_epochs(&mut meta, &work.destinations, &work.rows, &work.forget)?;
        for change in alarms.values() {
            note_alarm(&mut meta, change, work.boot, database.seal())?;
        }
    }
    Ok(transaction.commit()?)
}

/// Cuts at gaps, and where a block is full. The same entries are always cut at the same places.
fn cut(entries: &[Entry]) -> Vec<&[Entry]> {
    let mut runs = Vec::new();
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let fits = |(seq, entry): &(u64, &Entry)| {
            bytes += entry.bytes;
            entry.seq.0 == *seq && bytes <= BLOCK_BYTES_MAX
        };
        let len = (first.seq.0..)
            .zip(rest)
            .take(BLOCK_RECORDS_MAX)
            .take_while(fits)
            .count()
            .max(1);
        let (run, left) = rest.split_at(len);
        runs.push(run);
        rest = left;
    }
    runs
}

/// Lays out an empty store.
pub(super) fn found(
    database: &Database,
    destinations: &[DestinationOptions],
    epochs: &[(Epoch, EpochRow)],
) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    transaction.open_table(BLOCKS)?;
    write_meta(&mut transaction.open_table(META)?, destinations, epochs)?;
    Ok(transaction.commit()?)
}

/// Writes epoch rows, durably, and takes over a store of an older layout.
pub(super) fn write_rows(
    database: &Database,
    destinations: &[DestinationOptions],
    epochs: &[(Epoch, EpochRow)],
) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    write_meta(&mut transaction.open_table(META)?, destinations, epochs)?;
    Ok(transaction.commit()?)
}

fn write_meta(
    meta: &mut Table<&str, &[u8]>,
    destinations: &[DestinationOptions],
    epochs: &[(Epoch, EpochRow)],
) -> Result<(), Fault> {
    let schema = match meta.get(rows::KEY_ROW)? {
        Some(_) => rows::SCHEMA,
        None => rows::SCHEMA_PLAIN,
    };
    meta.insert(rows::SCHEMA_KEY, rows::pack_schema(schema).as_slice())?;
    note_epochs(meta, destinations, epochs, &[])
}

fn note_epochs(
    meta: &mut Table<&str, &[u8]>,
    destinations: &[DestinationOptions],
    epochs: &[(Epoch, EpochRow)],
    forget: &[Epoch],
) -> Result<(), Fault> {
    for (epoch, row) in epochs {
        meta.insert(EpochRow::key(*epoch).as_str(), row.pack(destinations).as_slice())?;
    }
    for epoch in forget {
        meta.remove(EpochRow::key(*epoch).as_str())?;
    }
    Ok(())
}

fn latest_alarms(entries: &[Entry]) -> BTreeMap<AlarmId, &AlarmChange> {
    let mut latest: BTreeMap<AlarmId, &AlarmChange> = BTreeMap::new();
    for entry in entries {
        if let Record::Alarm(change) = entry.record.as_ref()
            && latest
                .get(&change.id)
                .is_none_or(|before| before.change <= change.change)
        {
            latest.insert(change.id, change);
        }
    }
    latest
}

fn note_alarm(
    meta: &mut Table<&str, &[u8]>,
    change: &AlarmChange,
    boot: BootId,
    seal: &Seal,
) -> Result<(), Fault> {
    let key = rows::alarm_key(change.id);
    let before = match meta.get(key.as_str())? {
        Some(row) => Some(rows::unpack_alarm(&key, row.value(), seal)?.change),
        None => None,
    };
    if before.is_some_and(|before| before > change.change) {
        return Ok(());
    }
    if change.phase == AlarmPhase::Ended {
        meta.remove(key.as_str())?;
    } else {
        meta.insert(key.as_str(), rows::pack_alarm(change, boot, seal)?.as_slice())?;
    }
    Ok(())
}

/// The oldest and the newest row of each lane say what it weighs; a spoilt row says nothing.
pub(super) fn spans(database: &Database) -> Result<PerLane<Span>, Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    let mut spans = PerLane::<Span>::default();
    for lane in Lane::ALL {
        let span = &mut spans[place(lane)];
        for entry in blocks.range(whole_lane(lane))? {
            let (key, row) = entry?;
            if let Ok(header) = Header::read(BlockKey::from_raw(key.value())?, row.value()) {
                span.start = header.offset;
                break;
            }
        }
        for entry in blocks.range(whole_lane(lane))?.rev() {
            let (key, row) = entry?;
            if let Ok(header) = Header::read(BlockKey::from_raw(key.value())?, row.value()) {
                span.end = header.offset + row.value().len() as u64;
                break;
            }
        }
    }
    Ok(spans)
}

/// Last record of each lane of an epoch that is on the card; its block is unpacked, so damage shows here.
pub(super) fn last_durable(database: &Vault, epoch: Epoch) -> Result<PerLane<Seq>, Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    let mut last = [Seq(0); Lane::ALL.len()];
    for lane in Lane::ALL {
        let lane_of_epoch = (lane_byte(lane), epoch.0, 0)..=(lane_byte(lane), epoch.0, u64::MAX);
        if let Some(newest) = blocks.range(lane_of_epoch)?.next_back() {
            let (key, row) = newest?;
            let key = BlockKey::from_raw(key.value())?;
            let (header, _) = rows::unpack(key, row.value(), database.seal())?;
            last[place(lane)] = key.last(header);
        }
    }
    Ok(last)
}

/// Most rows that one commit removes for a lane's weight: an alert that is committed with it waits for no more. A commit
/// adds far fewer.
pub(super) const EVICTED_BLOCKS_MAX: usize = 64;

/// The oldest rows of a lane that must go so that it takes at most `bytes_max`, with a margin so that this is not
/// needed at every commit; at most [`EVICTED_BLOCKS_MAX`] at once.
pub(super) fn overweight(
    database: &Database,
    lane: Lane,
    span: Span,
    bytes_max: u64,
) -> Result<Vec<(BlockKey, Loss)>, Fault> {
    let mut gone = Vec::new();
    if span.bytes() <= bytes_max {
        return Ok(gone);
    }
    let enough = span.end.saturating_sub(bytes_max - bytes_max / 32);
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    for entry in blocks.range(whole_lane(lane))?.take(EVICTED_BLOCKS_MAX) {
        let (key, row) = entry?;
        let key = BlockKey::from_raw(key.value())?;
        match Header::read(key, row.value()) {
            Ok(header) if header.offset >= enough => break,
            Ok(header) => gone.push((key, Loss::of(key, key.last(header)))),
            Err(_) => gone.push((key, read::spoilt(&blocks, key)?)),
        }
    }
    Ok(gone)
}

/// Those of the rows that have not been removed yet.
pub(super) fn still_there(
    database: &Database,
    mut rows: BTreeMap<BlockKey, Loss>,
) -> Result<BTreeMap<BlockKey, Loss>, Fault> {
    if !rows.is_empty() {
        let blocks = database.begin_read()?.open_table(BLOCKS)?;
        for key in rows.keys().copied().collect::<Vec<_>>() {
            if blocks.get(key.raw())?.is_none() {
                rows.remove(&key);
            }
        }
    }
    Ok(rows)
}

/// All keys of a lane.
pub(super) fn whole_lane(lane: Lane) -> std::ops::RangeInclusive<(u8, u64, u64)> {
    (lane_byte(lane), 0, 0)..=(lane_byte(lane), u64::MAX, u64::MAX)
}
