//! The row of one epoch: where its lanes ended, and what each destination has of them.
//!
//! Destinations stand in a row by name, so that the order in the configuration may change. One that a row does not name
//! is not to get that epoch: a destination that is added starts with the run in which it was added. So does a lane that
//! is added; what a destination is not to get of an epoch stands there as receipted without an end, and stays so.

use vitals::{Epoch, Lane, Seq};

use super::error::Fault;
use super::rows::{CRC_32, PerLane, RELAYED_LANES, bytes_at, place};
use super::types::DestinationOptions;

/// Version of the row; 1 knew one destination only.
const ROW: u8 = 2;
/// Nothing in any lane.
const NO_RECORDS: PerLane<Seq> = [Seq(0); Lane::ALL.len()];
/// Stands for a lane that a destination is not to get: beyond every record, so that a program that knows no lanes of
/// destinations waits for none of it either.
const NOT_OWED: Seq = Seq(u64::MAX);
/// The one destination of rows of version 1.
const FIRST_NAME: &str = "centre";

/// What one destination has of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipts {
    /// Up to where it has receipted each lane; `None` = it is not to get this lane of this epoch.
    pub receipted: PerLane<Option<Seq>>,
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
    fn none(destination: &DestinationOptions) -> Receipts {
        Receipts {
            receipted: Lane::ALL.map(|lane| destination.gets(lane).then_some(Seq(0))),
            end_told: false,
        }
    }

    /// Nobody waits for the receipt of a lane that the destination gets no more.
    fn narrow(&mut self, destination: &DestinationOptions) {
        for lane in Lane::ALL {
            self.receipted[place(lane)] = self.receipted[place(lane)].filter(|_| destination.gets(lane));
        }
    }

    /// It needs no word about the end, or has it: the word goes by the events lane.
    fn knows_end(&self) -> bool {
        self.end_told || self.receipted[place(Lane::Events)].is_none()
    }
}

impl EpochRow {
    /// An epoch in which nothing happened yet, for all destinations.
    pub(super) fn new(destinations: &[DestinationOptions]) -> EpochRow {
        EpochRow {
            last: NO_RECORDS,
            receipts: destinations.iter().map(|to| Some(Receipts::none(to))).collect(),
        }
    }

    /// Every destination has every record that it is to have, and knows that there are no more.
    pub(super) fn is_done(&self) -> bool {
        let has = |lane| self.everywhere(lane) >= self.last[place(lane)];
        self.owed().all(Receipts::knows_end) && RELAYED_LANES.into_iter().all(has)
    }

    /// Up to where every destination that gets a lane has it; all of it when nobody does.
    pub(super) fn everywhere(&self, lane: Lane) -> Seq {
        let has = self.owed().filter_map(|receipts| receipts.receipted[place(lane)]);
        has.min().unwrap_or(self.last[place(lane)])
    }

    /// Up to where one destination has receipted a lane; `None` = it is not to get it of this epoch.
    pub(super) fn receipted(&self, to: usize, lane: Lane) -> Option<Seq> {
        self.receipts.get(to)?.as_ref()?.receipted[place(lane)]
    }

    /// The same, and all of it when it is not to get it.
    pub(super) fn at(&self, to: usize, lane: Lane) -> Seq {
        self.receipted(to, lane).unwrap_or(self.last[place(lane)])
    }

    fn owed(&self) -> impl Iterator<Item = &Receipts> {
        self.receipts.iter().flatten()
    }

    pub(super) fn key(epoch: Epoch) -> String {
        format!("{EPOCH_PREFIX}{epoch}")
    }

    pub(super) fn pack(&self, destinations: &[DestinationOptions]) -> Vec<u8> {
        let mut row = vec![ROW];
        push_lanes(&mut row, &self.last);
        for (DestinationOptions { name, .. }, receipts) in destinations.iter().zip(&self.receipts) {
            if let Some(receipts) = receipts {
                row.push(u8::try_from(name.len()).expect("the configuration bounds names far below this"));
                row.extend_from_slice(name.as_bytes());
                push_lanes(&mut row, &receipts.receipted.map(|seq| seq.unwrap_or(NOT_OWED)));
                row.push(u8::from(receipts.end_told));
            }
        }
        row.extend_from_slice(&CRC_32.checksum(&row).to_le_bytes());
        row
    }

    /// Reads a row; who is not among `destinations` is forgotten, and so is what one does not get any more.
    pub(super) fn unpack(
        key: &str,
        row: &[u8],
        destinations: &[DestinationOptions],
    ) -> Result<(Epoch, EpochRow), Fault> {
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
            receipts: vec![None; destinations.len()],
        };
        while !rest.is_empty() {
            let name = match *version {
                1 => FIRST_NAME.as_bytes(),
                ROW => take_name(&mut rest).ok_or_else(bad)?,
                _ => return Err(bad()),
            };
            let mut receipts = take_receipts(&mut rest).ok_or_else(bad)?;
            if let Some(to) = destinations
                .iter()
                .position(|known| known.name.as_bytes() == name)
            {
                receipts.narrow(&destinations[to]);
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
        receipted: take_lanes(rest)?.map(|seq| Some(seq).filter(|seq| *seq != NOT_OWED)),
        end_told: take(rest, 1)? == [1],
    })
}
