//! The row of one epoch: where its lanes ended, and what each destination has of them.
//!
//! Destinations stand in a row by name, so that the order in the configuration may change. One that a row does not name
//! is not to get that epoch: a destination that is added starts with the run in which it was added.

use vitals::{Epoch, Lane, Seq};

use super::error::Fault;
use super::rows::{CRC_32, PerLane, RELAYED_LANES, bytes_at, place};

/// Version of the row; 1 knew one destination only.
const ROW: u8 = 2;
/// Nothing in any lane.
const NO_RECORDS: PerLane<Seq> = [Seq(0); Lane::ALL.len()];
/// The one destination of rows of version 1.
const FIRST_NAME: &str = "centre";

/// What one destination has of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipts {
    /// Up to where it has receipted each lane.
    pub receipted: PerLane<Seq>,
    /// It has receipted a later start, which told it where this epoch ends.
    pub end_told: bool,
}

/// What is known about one run of the appliance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EpochRow {
    /// Last record in each lane: durable for an earlier epoch, made for the running one.
    pub last: PerLane<Seq>,
    /// By [`super::Destination`]; `None` = it is not to get this epoch.
    pub receipts: Vec<Option<Receipts>>,
}

impl Receipts {
    const NONE: Receipts = Receipts {
        receipted: NO_RECORDS,
        end_told: false,
    };
}

impl EpochRow {
    /// An epoch in which nothing happened yet, for all destinations.
    pub(super) fn new(destinations: usize) -> EpochRow {
        EpochRow {
            last: NO_RECORDS,
            receipts: vec![Some(Receipts::NONE); destinations],
        }
    }

    /// Every destination has every record that it is to have, and knows that there are no more.
    pub(super) fn is_done(&self) -> bool {
        let has = |lane| self.everywhere(lane) >= self.last[place(lane)];
        self.owed().all(|receipts| receipts.end_told) && RELAYED_LANES.into_iter().all(has)
    }

    /// Up to where every destination has a lane.
    pub(super) fn everywhere(&self, lane: Lane) -> Seq {
        let has = self.owed().map(|receipts| receipts.receipted[place(lane)]);
        has.min().unwrap_or(self.last[place(lane)])
    }

    /// Up to where one destination has a lane; all of it when it is not to get this epoch.
    pub(super) fn at(&self, to: usize, lane: Lane) -> Seq {
        match self.receipts.get(to) {
            Some(Some(receipts)) => receipts.receipted[place(lane)],
            _ => self.last[place(lane)],
        }
    }

    fn owed(&self) -> impl Iterator<Item = &Receipts> {
        self.receipts.iter().flatten()
    }

    pub(super) fn key(epoch: Epoch) -> String {
        format!("{EPOCH_PREFIX}{epoch}")
    }

    pub(super) fn pack(&self, names: &[String]) -> Vec<u8> {
        let mut row = vec![ROW];
        push_lanes(&mut row, &self.last);
        for (name, receipts) in names.iter().zip(&self.receipts) {
            if let Some(receipts) = receipts {
                row.push(u8::try_from(name.len()).expect("the configuration bounds names far below this"));
                row.extend_from_slice(name.as_bytes());
                push_lanes(&mut row, &receipts.receipted);
                row.push(u8::from(receipts.end_told));
            }
        }
        row.extend_from_slice(&CRC_32.checksum(&row).to_le_bytes());
        row
    }

    /// Reads a row; who is not among `names` is forgotten.
    pub(super) fn unpack(key: &str, row: &[u8], names: &[String]) -> Result<(Epoch, EpochRow), Fault> {
        let bad = || Fault::Bad(format!("row {key:?} is not readable"));
        let epoch = key.strip_prefix(EPOCH_PREFIX).and_then(|hex| hex.parse().ok());
        let epoch = epoch.ok_or_else(bad)?;
        let (body, sum) = row.split_last_chunk().ok_or_else(bad)?;
        if CRC_32.checksum(body) != u32::from_le_bytes(*sum) {
            return Err(bad());
        }
        let (version, mut rest) = body.split_first().ok_or_else(bad)?;
        let mut read = EpochRow {
            last: take_lanes(&mut rest).ok_or_else(bad)?,
            receipts: vec![None; names.len()],
        };
        while !rest.is_empty() {
            let name = match *version {
                1 => FIRST_NAME.as_bytes(),
                ROW => take_name(&mut rest).ok_or_else(bad)?,
                _ => return Err(bad()),
            };
            let receipts = take_receipts(&mut rest).ok_or_else(bad)?;
            if let Some(to) = names.iter().position(|known| known.as_bytes() == name) {
                read.receipts[to] = Some(receipts);
            }
        }
        Ok((epoch, read))
    }
}

const EPOCH_PREFIX: &str = "epoch/";

/// All keys of epoch rows; they sort by age. `0` follows `/`.
pub(super) const EPOCH_KEYS: std::ops::Range<&str> = EPOCH_PREFIX.."epoch0";

fn push_lanes(row: &mut Vec<u8>, lanes: &PerLane<Seq>) {
    for seq in lanes {
        row.extend_from_slice(&seq.0.to_le_bytes());
    }
}

fn take<'a>(rest: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(bytes)?;
    *rest = left;
    Some(taken)
}

fn take_lanes(rest: &mut &[u8]) -> Option<PerLane<Seq>> {
    let mut lanes = NO_RECORDS;
    for seq in &mut lanes {
        *seq = Seq(u64::from_le_bytes(bytes_at(take(rest, 8)?, 0)?));
    }
    Some(lanes)
}

fn take_name<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::from(take(rest, 1)?[0]);
    take(rest, len)
}

fn take_receipts(rest: &mut &[u8]) -> Option<Receipts> {
    Some(Receipts {
        receipted: take_lanes(rest)?,
        end_told: take(rest, 1)? == [1],
    })
}
