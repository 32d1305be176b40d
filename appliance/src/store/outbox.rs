//! What each destination has and what it still lacks, per epoch and lane. Pure: no file, no thread.
//!
//! - I2: each epoch keeps its own receipts, so a receipt for a later epoch never covers a hole in an earlier one.
//! - I10: each destination has its own receipts, so a dead one holds up no other.
//! - S5: an earlier epoch is forgotten once every destination has all its records **and** was told where it ends; the
//!   list holds at most [`EPOCHS_MAX`] epochs, and what is dropped beyond that is a recorded loss.
//! - S16: a lane that a destination does not get counts nowhere for it: nothing waits, no epoch is kept, no loss is told.
//!   What it is to get of an epoch is settled when the epoch begins, and can only become less.
//! - S12: only [`RELAYED_LANES`] count. Curves stay on the box by design: nobody waits for their receipt, their ends are
//!   not told, and a stretch of them that goes from the card is no loss to the centre and no record.

use std::collections::{BTreeMap, BTreeSet};

use vitals::record::ClosedLane;
use vitals::{Epoch, Lane, Seq};

use super::epoch::{EpochRow, Receipts};
use super::rows::{PerLane, RELAYED_LANES, is_relayed, place};
use super::tail::Loss;
use super::types::{Cursor, Destination, DestinationOptions};

/// Most epochs whose ends one start tells, the newest: keeps the event that tells them small.
pub const CLOSED_EPOCHS_MAX: usize = 256;

/// Most epochs that wait for a destination: three years of two power cuts a day without any centre.
pub const EPOCHS_MAX: usize = 2048;

/// What the card says about earlier runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Earlier {
    pub rows: BTreeMap<Epoch, EpochRow>,
    /// Rows that say more than is owed by now, see [`EpochRow::unpack`]: they are written again.
    pub changed: BTreeSet<Epoch>,
}

/// The epochs that some destination has not dealt with, and the running one.
#[derive(Clone, Debug)]
pub(super) struct Outbox {
    running: Epoch,
    destinations: Vec<DestinationOptions>,
    rows: BTreeMap<Epoch, EpochRow>,
    /// Rows that differ from what is on the card.
    changed: BTreeSet<Epoch>,
    /// Rows to be removed from the card.
    forgotten: BTreeSet<Epoch>,
    /// The event of this start, which tells the ends of earlier epochs.
    started: Option<Seq>,
    /// The oldest epoch whose end it tells.
    told_from: Epoch,
    /// Which destinations have it.
    told: Vec<bool>,
}

impl Outbox {
    /// `earlier` says what each destination has of earlier epochs.
    pub(super) fn new(earlier: Earlier, running: Epoch, destinations: Vec<DestinationOptions>) -> Outbox {
        let Earlier { mut rows, changed } = earlier;
        rows.insert(running, EpochRow::new(&destinations));
        let mut outbox = Outbox {
            running,
            told: vec![false; destinations.len()],
            destinations,
            rows,
            changed,
            forgotten: BTreeSet::new(),
            started: None,
            told_from: running,
        };
        // A destination that was taken out of the configuration holds up nothing any more.
        outbox.forget_done();
        outbox
    }

    /// Who gets what.
    pub(super) fn destinations(&self) -> &[DestinationOptions] {
        &self.destinations
    }

    /// Lanes that nobody gets.
    pub(super) fn unwanted(&self) -> impl Iterator<Item = Lane> + '_ {
        let wanted = |lane: &Lane| self.destinations.iter().any(|to| to.gets(*lane));
        Lane::ALL.into_iter().filter(move |lane| !wanted(lane))
    }

    /// Forgets the oldest epochs beyond `epochs_max` and says what some destination never got of them.
    pub(super) fn forget_beyond(&mut self, epochs_max: usize) -> Vec<Loss> {
        let mut losses = Vec::new();
        while self.rows.len() > epochs_max
            && let Some((epoch, row)) = self.rows.pop_first()
        {
            self.changed.remove(&epoch);
            self.forgotten.insert(epoch);
            losses.extend(lacking(epoch, &row, row.last));
        }
        losses
    }

    /// Earlier epochs that could not be read when this run began. The event of its start has not told their ends: the
    /// next start does.
    pub(super) fn adopt(&mut self, earlier: Earlier) {
        self.told.fill(true);
        for (epoch, row) in earlier
            .rows
            .into_iter()
            .filter(|(epoch, _)| *epoch != self.running)
        {
            self.rows.insert(epoch, row);
            self.changed.insert(epoch);
        }
        self.changed.insert(self.running);
        self.forget_done();
    }

    /// A record was made in the running epoch.
    pub(super) fn made(&mut self, lane: Lane, seq: Seq) {
        if let Some(row) = self.rows.get_mut(&self.running) {
            row.last[place(lane)] = seq;
        }
    }

    /// The record that tells the ends of earlier epochs has this number in the events lane.
    pub(super) fn started(&mut self, seq: Seq) {
        if self.started.is_none() {
            self.started = Some(seq);
            self.told_from = self.closed().first().map_or(self.running, |oldest| oldest.epoch);
        }
    }

    /// A destination has everything up to `contiguous`. Unknown destinations and epochs and lower numbers than before
    /// change nothing.
    pub(super) fn receipted(&mut self, to: Destination, lane: Lane, epoch: Epoch, contiguous: Seq) {
        let Some(row) = self.rows.get_mut(&epoch) else {
            return;
        };
        let last = row.last[place(lane)];
        let Some(Some(receipts)) = row.receipts.get_mut(to.0) else {
            return;
        };
        // It may hold more of an earlier epoch than this card does: sent before the power went.
        let seq = contiguous.min(last);
        let Some(receipted) = &mut receipts.receipted[place(lane)] else {
            return;
        };
        if seq > *receipted {
            *receipted = seq;
            self.changed.insert(epoch);
        }
        let tells = lane == Lane::Events && epoch == self.running && !self.told[to.0];
        if tells && self.started.is_some_and(|started| started <= contiguous) {
            self.told[to.0] = true;
            for (earlier, row) in self.rows.range_mut(self.told_from..self.running) {
                if let Some(receipts) = &mut row.receipts[to.0] {
                    receipts.end_told = true;
                    self.changed.insert(*earlier);
                }
            }
        }
        self.forget_done();
    }

    fn forget_done(&mut self) {
        let done = |(epoch, row): (&Epoch, &EpochRow)| row.is_done().then_some(*epoch);
        let done: Vec<Epoch> = self.rows.range(..self.running).filter_map(done).collect();
        for epoch in done {
            self.rows.remove(&epoch);
            self.changed.remove(&epoch);
            self.forgotten.insert(epoch);
        }
    }

    /// Up to where a destination has receipted a lane: the oldest epoch that it has not completely, or the running one.
    pub(super) fn cursor(&self, to: Destination, lane: Lane) -> Cursor {
        let open = |(_, row): &(&Epoch, &EpochRow)| row.at(to.0, lane) < row.last[place(lane)];
        let at = self.rows.iter().find(open).or_else(|| self.rows.last_key_value());
        at.map_or(Cursor::START, |(epoch, row)| Cursor {
            epoch: *epoch,
            seq: row.at(to.0, lane),
        })
    }

    /// Records of a lane that a destination has not receipted; none in a lane that it does not get.
    pub(super) fn waiting(&self, to: Destination, lane: Lane) -> u64 {
        if !is_relayed(lane) {
            return 0;
        }
        let missing = |row: &EpochRow| row.last[place(lane)].0.saturating_sub(row.at(to.0, lane).0);
        self.rows.values().map(missing).sum()
    }

    /// Of the running epoch: up to where the first destination has a lane, nothing of one that it does not get, and up
    /// to where every one has it.
    pub(super) fn running(&self, lane: Lane) -> (Seq, Seq) {
        self.rows.get(&self.running).map_or((Seq(0), Seq(0)), |row| {
            let safe = row.receipted(Destination::CENTRE.0, lane);
            (safe.unwrap_or(Seq(0)), row.everywhere(lane))
        })
    }

    /// The ends of earlier epochs that some destination must be told, oldest first.
    pub(super) fn closed(&self) -> Vec<ClosedLane> {
        let skip = self.rows.len().saturating_sub(1 + CLOSED_EPOCHS_MAX);
        let earlier = self.rows.range(..self.running).skip(skip);
        let ends = |(epoch, row): (&Epoch, &EpochRow)| {
            let (epoch, last) = (*epoch, row.last);
            RELAYED_LANES.map(|lane| ClosedLane {
                epoch,
                lane,
                last_seq: last[place(lane)],
            })
        };
        earlier.flat_map(ends).collect()
    }

    /// What a destination was to get of these records and has not receipted.
    pub(super) fn unreceipted(&self, lost: Loss) -> Option<Loss> {
        let row = self.rows.get(&lost.epoch).filter(|_| is_relayed(lost.lane))?;
        let first = lost.first.max(row.everywhere(lost.lane).next());
        loss(
            lost.epoch,
            lost.lane,
            first,
            lost.last.min(row.last[place(lost.lane)]),
        )
    }

    /// Everything that some destination lacks, except the records that are not on the card yet.
    pub(super) fn all_unreceipted(&self, durable: PerLane<Seq>) -> Vec<Loss> {
        let mut all = Vec::new();
        for (&epoch, row) in &self.rows {
            let last = if epoch == self.running { durable } else { row.last };
            all.extend(lacking(epoch, row, last));
        }
        all
    }

    /// Everything must be written again: the file is new.
    pub(super) fn all_changed(&mut self) {
        self.changed = self.rows.keys().copied().collect();
        self.forgotten.clear();
    }

    /// This epoch's row must be written with the next commit.
    pub(super) fn touch(&mut self, epoch: Epoch) {
        if self.rows.contains_key(&epoch) {
            self.changed.insert(epoch);
        }
    }

    /// Rows that the next commit shall write and remove. `durable` are the numbers of the running epoch that are on the
    /// card after it.
    pub(super) fn changes(&self, durable: PerLane<Seq>) -> (Vec<(Epoch, EpochRow)>, Vec<Epoch>) {
        let row = |epoch: &Epoch| {
            let mut row = self.rows.get(epoch)?.clone();
            if *epoch == self.running {
                row.last = durable;
                // A record may be receipted before it is on the card.
                for Receipts { receipted, .. } in row.receipts.iter_mut().flatten() {
                    *receipted =
                        std::array::from_fn(|lane| receipted[lane].map(|seq| seq.min(durable[lane])));
                }
            }
            Some((*epoch, row))
        };
        (
            self.changed.iter().filter_map(row).collect(),
            self.forgotten.iter().copied().collect(),
        )
    }

    /// These changes are on the card; what changed again meanwhile stays changed.
    pub(super) fn settle(&mut self, rows: &[(Epoch, EpochRow)], forgotten: &[Epoch]) {
        for (epoch, written) in rows {
            let now = self.rows.get(epoch);
            if now.is_none_or(|now| now.receipts == written.receipts) {
                self.changed.remove(epoch);
            }
        }
        for epoch in forgotten {
            self.forgotten.remove(epoch);
        }
    }
}

/// What some destination has not receipted of an epoch up to `last`.
fn lacking(epoch: Epoch, row: &EpochRow, last: PerLane<Seq>) -> Vec<Loss> {
    let left = |lane| loss(epoch, lane, row.everywhere(lane).next(), last[place(lane)]);
    RELAYED_LANES.into_iter().filter_map(left).collect()
}

fn loss(epoch: Epoch, lane: Lane, first: Seq, last: Seq) -> Option<Loss> {
    (first <= last).then_some(Loss {
        epoch,
        lane,
        first,
        last,
    })
}
