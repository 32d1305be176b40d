//! A store that no appliance runs on, read from end to end: a stopped one, a backup, a copy, or a damaged one that was
//! set aside.
//!
//! - A1: the file is never changed ([`super::overlay`]), whatever state it is in: no epoch begins, no repair is written.
//! - A2: what cannot be read is passed over and named; what lies behind it is still handed out.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase};
use vitals::patient::Merges;
use vitals::{BootId, ClockAnchor, Epoch, Event, Lane, Record, Seq};

use super::error::{Fault, StoreError, contain};
use super::history::Blocks;
use super::keys::{self, KeySource, Keys};
use super::medium::{Look, builder, open_read_only};
use super::open;
use super::overlay::Overlay;
use super::rows::{self, BLOCKS, BlockKey, lane_byte};
use super::seal::Seal;

/// A store opened for reading.
pub struct Archive {
    file: PathBuf,
    database: Opened,
    seal: Seal,
    mended: bool,
}

/// How the file is held.
enum Opened {
    /// Nobody else has it.
    Alone(Database),
    /// A running appliance writes it.
    Beside(ReadOnlyDatabase),
}

impl Opened {
    fn begin_read(&self) -> Result<ReadTransaction, redb::TransactionError> {
        match self {
            Opened::Alone(database) => database.begin_read(),
            Opened::Beside(database) => database.begin_read(),
        }
    }
}

/// A record with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The run of the appliance that made it.
    pub epoch: Epoch,
    /// Its place in its lane.
    pub seq: Seq,
    /// The boot in which it was made.
    pub boot: BootId,
    /// The record.
    pub record: Record,
}

/// A stretch of a lane that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The lane.
    pub lane: Lane,
    /// Where it begins.
    pub from: (Epoch, Seq),
    /// The first place behind it that can be read; `None` = nothing can.
    pub to: Option<(Epoch, Seq)>,
}

impl Archive {
    /// Opens the file.
    ///
    /// # Errors
    /// It is missing or may not be read, a running appliance uses it, a newer program wrote it, or it is damaged so that
    /// nothing of it can be read; or it is sealed, and `key` is missing, cannot be used, or is another one.
    pub fn open(file: &Path, key: Option<KeySource>) -> Result<Archive, StoreError> {
        let about = |fault: Fault| fault.about(file);
        let opened = Overlay::open(file).map_err(|error| about(error.into()))?;
        let overlay = opened.ok_or_else(|| StoreError::Locked {
            file: file.to_owned(),
        })?;
        let mended = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&mended);
        let opened = contain(|| {
            // Only what is read is checked, so that one bad page does not hide the others.
            let mut builder = builder(Look::Usual, u64::MAX);
            builder.set_repair_callback(move |_| noticed.store(true, Ordering::Relaxed));
            let database = builder.create_with_backend(overlay)?;
            open::check(&database)?;
            let seal = keys::unlock(&database, file, &Keys::new(key))?;
            Ok((database, seal))
        });
        let (database, seal) = opened.map_err(about)?;
        Ok(Archive {
            file: file.to_owned(),
            database: Opened::Alone(database),
            seal,
            mended: mended.load(Ordering::Relaxed),
        })
    }

    /// The same, and also while a running appliance uses the file: what it had committed when the reading of a lane began
    /// is read. What it gives up meanwhile stays in its file, so that should take minutes, not hours.
    ///
    /// # Errors
    /// As for [`Archive::open`].
    pub fn open_beside(file: &Path, key: Option<KeySource>) -> Result<Archive, StoreError> {
        match Archive::open(file, key.clone()) {
            Err(StoreError::Locked { .. }) => {}
            other => return other,
        }
        let opened = contain(|| {
            let database = open_read_only(file)?;
            open::check(&database)?;
            let seal = keys::unlock(&database, file, &Keys::new(key))?;
            Ok((database, seal))
        });
        let (database, seal) = opened.map_err(|fault| fault.about(file))?;
        Ok(Archive {
            file: file.to_owned(),
            database: Opened::Beside(database),
            seal,
            mended: false,
        })
    }

    /// The file was not closed in order, so that its last pages had to be put right, in memory.
    pub fn was_mended(&self) -> bool {
        self.mended
    }

    /// Hands out a lane from the oldest to the newest, until `each` returns an error.
    ///
    /// # Errors
    /// `each` returned it; or the table cannot be reached at all.
    pub fn read<E: From<StoreError>>(
        &self,
        lane: Lane,
        mut each: impl FnMut(Kept) -> Result<(), E>,
    ) -> Result<Vec<Unread>, E> {
        let blocks = contain(|| Ok(self.database.begin_read()?.open_table(BLOCKS)?));
        let blocks = blocks.map_err(|fault| E::from(fault.about(&self.file)))?;
        let sealed = (&blocks, &self.seal);
        let mut unread = Vec::new();
        let mut next = Some(0);
        while let Some(at) = next {
            match step(sealed, lane, at) {
                Step::End => break,
                Step::Block(key, block) => {
                    next = place(key).checked_add(1);
                    for (seq, record) in (key.first.0..).zip(block.records) {
                        each(Kept {
                            epoch: key.epoch,
                            seq: Seq(seq),
                            boot: block.boot,
                            record,
                        })?;
                    }
                }
                Step::Spoilt(key) => {
                    next = place(key).checked_add(1);
                    unread.push(gap(
                        lane,
                        place(key),
                        next.and_then(|at| reachable(sealed, lane, at)),
                    ));
                }
                Step::Unreachable => {
                    next = behind(sealed, lane, at);
                    let from = next.and_then(|at| reachable(sealed, lane, at));
                    unread.push(gap(lane, at, from));
                }
            }
        }
        Ok(unread)
    }

    /// Every clock anchor that can be read, and which stays are one patient's.
    ///
    /// # Errors
    /// The table cannot be reached at all.
    pub fn anchors_and_merges(&self) -> Result<(Vec<ClockAnchor>, Merges), StoreError> {
        let (mut anchors, mut merges) = (Vec::new(), Merges::default());
        self.read(Lane::Events, |kept| {
            match kept.record {
                Record::Event {
                    event: Event::Anchor(anchor),
                    ..
                } => anchors.push(anchor),
                Record::Event {
                    event: Event::Merged { from, into, .. },
                    ..
                } => {
                    merges.add(&from, &into);
                }
                _ => {}
            }
            Ok::<(), StoreError>(())
        })?;
        Ok((anchors, merges))
    }
}

enum Step {
    Block(BlockKey, vitals::wire::Block),
    /// The row is there and is not what was written.
    Spoilt(BlockKey),
    /// The page that should hold it cannot be read.
    Unreachable,
    End,
}

/// Epoch and number as one, in the order of the keys.
fn place(key: BlockKey) -> u128 {
    (u128::from(key.epoch.0) << 64) | u128::from(key.first.0)
}

fn name(place: u128) -> (Epoch, Seq) {
    let epoch = u64::try_from(place >> 64).unwrap_or(u64::MAX);
    (Epoch(epoch), Seq(place as u64))
}

fn gap(lane: Lane, from: u128, to: Option<u128>) -> Unread {
    Unread {
        lane,
        from: name(from),
        to: to.map(name),
    }
}

fn from(lane: Lane, at: u128) -> RangeInclusive<(u8, u64, u64)> {
    let (epoch, seq) = name(at);
    (lane_byte(lane), epoch.0, seq.0)..=(lane_byte(lane), u64::MAX, u64::MAX)
}

/// Blocks and how to read them.
type Sealed<'a> = (&'a Blocks, &'a Seal);

/// The first block at or behind a place.
fn step((blocks, seal): Sealed, lane: Lane, at: u128) -> Step {
    let found = contain(|| {
        let Some(entry) = blocks.range(from(lane, at))?.next() else {
            return Ok(Step::End);
        };
        let (key, row) = entry?;
        let key = BlockKey::from_raw(key.value())?;
        Ok(match rows::unpack(key, row.value(), seal) {
            Ok((_, block)) => Step::Block(key, block),
            Err(_) => Step::Spoilt(key),
        })
    });
    found.unwrap_or(Step::Unreachable)
}

/// The place of the first block at or behind a place.
fn reachable(blocks: Sealed, lane: Lane, at: u128) -> Option<u128> {
    match step(blocks, lane, at) {
        Step::Block(key, _) | Step::Spoilt(key) => Some(place(key)),
        Step::Unreachable | Step::End => None,
    }
}

/// The first place behind `at` from which something can be read: by steps that double, then by halving.
fn behind(blocks: Sealed, lane: Lane, at: u128) -> Option<u128> {
    let is_bad = |at| matches!(step(blocks, lane, at), Step::Unreachable);
    let (mut bad, mut width) = (at, 1);
    let mut good = loop {
        let next = at.checked_add(width)?;
        if !is_bad(next) {
            break next;
        }
        bad = next;
        width = width.checked_mul(2)?;
    };
    while good - bad > 1 {
        let middle = bad + (good - bad) / 2;
        if is_bad(middle) {
            bad = middle;
        } else {
            good = middle;
        }
    }
    Some(good)
}
