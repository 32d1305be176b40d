//! The messages of one lane that are on their way. Pure; time is an argument.

use vitals::{Epoch, MonoTime, Seq};

use super::holdings::Held;
use super::reach::Reach;
use super::trips::Trips;
use super::window::Part;
use crate::store::Cursor;

/// A message with records that was handed to the link, or records that can never be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// Names the message; higher = left later.
    pub(super) id: u64,
    /// The first record.
    pub(super) first: Seq,
    /// The last record.
    pub(super) end: Cursor,
    /// Of the payload; 0 = never sent.
    pub(super) bytes: usize,
}

/// One message on its way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) id: u64,
    pub(super) epoch: Epoch,
    pub(super) first: Seq,
    pub(super) last: Seq,
    pub(super) bytes: usize,
    pub(super) acked: bool,
    pub(super) part: Part,
    pub(super) at: MonoTime,
    /// It left while a backlog waited behind it: no receipt can name it before that backlog has arrived.
    pub(super) ahead: bool,
}

/// What a receipt says about the messages on their way.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Something arrived.
    pub(super) arrived: bool,
    /// These did not, in order.
    pub(super) lost: Vec<(Seq, Seq)>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Flights {
    all: Vec<Flight>,
    /// Stretches that left ahead of a backlog and are taken for arrived: acknowledged, and not named as missing since.
    believed: Vec<(Epoch, Seq, Seq)>,
    progress_at: MonoTime,
    acked_in_order: Option<Cursor>,
    /// How long messages were on their way, and how many were lost, since [`Flights::take_trips`].
    trips: Trips,
}

/// Most stretches that are remembered as believed; older ones are waited for by R3 alone.
const BELIEVED_MAX: usize = 64;

impl Flights {
    pub(super) fn start_over(&mut self, now: MonoTime) {
        self.all.clear();
        self.believed.clear();
        self.progress_at = now;
        self.acked_in_order = None;
    }

    pub(super) fn take_trips(&mut self) -> Trips {
        std::mem::take(&mut self.trips)
    }

    pub(super) fn progress(&mut self, now: MonoTime) {
        self.progress_at = now;
    }

    pub(super) fn push(&mut self, flight: Flight) {
        self.all.push(flight);
    }

    /// How many of this head are on their way.
    pub(super) fn count(&self, part: Part) -> usize {
        let is = |flight: &&Flight| (flight.part == Part::Front) == (part == Part::Front);
        self.all.iter().filter(is).count()
    }

    pub(super) fn unacked_bytes(&self) -> usize {
        let unacked = self.all.iter().filter(|flight| !flight.acked);
        unacked.map(|flight| flight.bytes).sum()
    }

    /// Returns when and how large it was sent.
    pub(super) fn acked(&mut self, id: u64) -> Option<(MonoTime, usize)> {
        let flight = self.all.iter_mut().find(|flight| flight.id == id)?;
        flight.acked = true;
        let acked = (flight.at, flight.bytes);
        let in_order = self.all.iter().take_while(|flight| flight.acked);
        let end = |flight: &Flight| Cursor {
            epoch: flight.epoch,
            seq: flight.last,
        };
        self.acked_in_order = in_order
            .filter(|flight| flight.part == Part::Front)
            .map(end)
            .max();
        Some(acked)
    }

    /// Up to where the broker has acknowledged what is on its way.
    pub(super) fn published(&self) -> Option<Cursor> {
        self.acked_in_order
    }

    /// Up to where everything after `floor` was acknowledged, without a hole.
    pub(super) fn acked_from(&self, epoch: Epoch, floor: Seq) -> Seq {
        let acked = self
            .all
            .iter()
            .filter(|flight| flight.acked && flight.epoch == epoch);
        let believed = self.believed.iter().filter(|(of, ..)| *of == epoch);
        let mut stretches: Vec<(Seq, Seq)> = acked
            .map(|flight| (flight.first, flight.last))
            .chain(believed.map(|(_, first, last)| (*first, *last)))
            .collect();
        stretches.sort_unstable();
        stretches.into_iter().fold(
            floor,
            |end, (first, last)| {
                if first <= end.next() { end.max(last) } else { end }
            },
        )
    }

    /// Takes what was acknowledged in order, the last of each epoch.
    pub(super) fn settle_acked(&mut self) -> Vec<Cursor> {
        let count = self.all.iter().take_while(|flight| flight.acked).count();
        let mut settled: Vec<Cursor> = Vec::new();
        for flight in self.all.drain(..count) {
            let end = Cursor {
                epoch: flight.epoch,
                seq: flight.last,
            };
            match settled.last_mut() {
                Some(last) if last.epoch == end.epoch => *last = end,
                _ => settled.push(end),
            }
        }
        settled
    }

    /// R11: takes out what has arrived and what was lost, by what the receipt says.
    pub(super) fn judge(&mut self, epoch: Epoch, reach: &Reach, now: MonoTime) -> Verdict {
        let held = |flight: &Flight| {
            if flight.last.0 <= reach.receipted {
                Held::All
            } else {
                reach.holdings.held(flight.first, flight.last)
            }
        };
        let of_epoch = |flight: &&Flight| flight.epoch == epoch;
        let there = |flight: &&Flight| matches!(held(flight), Held::All | Held::Some);
        let newest = self
            .all
            .iter()
            .filter(of_epoch)
            .filter(there)
            .map(|flight| flight.id)
            .max();
        let mut verdict = Verdict::default();
        let mut believed = Vec::new();
        let trips = &mut self.trips;
        self.all.retain(|flight| {
            if flight.epoch != epoch {
                return true;
            }
            let lost = newest.is_some_and(|newest| flight.id <= newest);
            match held(flight) {
                Held::All => {
                    verdict.arrived = true;
                    if flight.bytes > 0 {
                        trips.arrived(now.since(flight.at));
                    }
                    false
                }
                Held::Some | Held::None if lost => {
                    let before = verdict.lost.len();
                    verdict
                        .lost
                        .extend(reach.holdings.missing_in(flight.first, flight.last));
                    // Its beginning is there, and messages are stored whole.
                    if verdict.lost.len() > before {
                        trips.lost += 1;
                    } else if flight.bytes > 0 {
                        trips.arrived(now.since(flight.at));
                    }
                    false
                }
                Held::Unknown if flight.ahead && flight.acked => {
                    believed.push((epoch, flight.first, flight.last));
                    false
                }
                _ => true,
            }
        });
        self.doubt(epoch, reach, &mut verdict);
        verdict.lost.sort_unstable();
        self.believed.extend(believed);
        let beyond = self.believed.len().saturating_sub(BELIEVED_MAX);
        self.believed.drain(..beyond);
        verdict
    }

    /// What was believed to have arrived is named as missing now, or is known to be there.
    fn doubt(&mut self, epoch: Epoch, reach: &Reach, verdict: &mut Verdict) {
        self.believed.retain(|(of, first, last)| {
            if *of != epoch {
                return true;
            }
            if last.0 <= reach.receipted {
                return false;
            }
            match reach.holdings.held(*first, *last) {
                Held::Unknown => true,
                // Its beginning is there, and messages are stored whole: its end is told later.
                Held::Some if reach.holdings.missing_in(*first, *last).next().is_none() => true,
                _ => {
                    verdict.lost.extend(reach.holdings.missing_in(*first, *last));
                    false
                }
            }
        });
    }

    /// Since when a receipt is overdue; `None` = none is waited for. `owed`: not all that was sent is receipted.
    /// `backlog`: more of it waits behind, which will be sent and waited for.
    pub(super) fn waiting_since(&self, owed: bool, backlog: bool) -> Option<MonoTime> {
        let firm = self.all.iter().filter(|flight| !(flight.ahead && flight.acked));
        let oldest = firm.map(|flight| flight.at).min();
        let since = oldest.or((owed && !backlog).then_some(self.progress_at))?;
        Some(since.max(self.progress_at))
    }
}
