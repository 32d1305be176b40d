//! One lane's way to the centre: what to send next, what is on its way, and when to send it again. Pure; time is an
//! argument.
//!
//! - R1: only a receipt of the centre moves the watermark (I1). A PUBACK says that a broker had a message, and does no
//!   more than let the next one go.
//! - R2: what is on its way is bounded twice: [`Limits::batches_max`] without a receipt, [`Limits::unacked_bytes_max`]
//!   without a PUBACK. The second one keeps bulk out of the modem's queue, where no alert could overtake it (I7).
//! - R3: nothing waits for ever. When no receipt comes for [`Limits::stall_first`], everything after the watermark goes
//!   again; each further time without success that wait doubles, up to [`Limits::stall_most`].
//! - R4: a receipt for more of the running epoch than was sent is believed only as far as was sent. One for an earlier
//!   epoch is believed in full: an earlier process may have sent it, or the centre has settled what was evicted through
//!   the record of that loss, and nothing would ever be sent of it again. The store caps it at the epoch's end.
//!
//! Records leave in (epoch, seq) order, and one epoch does not wait for the receipts of the one before: the record that
//! closes a hole of an earlier epoch may stand in a later one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::wire::Receipt;
use vitals::{Epoch, MonoTime, Seq};

use crate::store::{Batch, Cursor};

/// How much of a lane may be on its way, and how long without a receipt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most records in one batch.
    pub(super) records_max: usize,
    /// Most batches that the centre has not receipted.
    pub(super) batches_max: usize,
    /// Most bytes that the broker has not acknowledged; one batch may always go.
    pub(super) unacked_bytes_max: usize,
    /// The first wait for a receipt.
    pub(super) stall_first: Duration,
    /// The longest wait for a receipt.
    pub(super) stall_most: Duration,
}

/// What to read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Records after this.
    pub(super) after: Cursor,
    /// Set: only what the centre lacks, up to here and in this epoch. Not set: what was never sent.
    pub(super) gap_last: Option<Seq>,
    /// At most so many.
    pub(super) records_max: usize,
    generation: u64,
}

impl Want {
    /// What of the batch is wanted: all of it, or what of it lies in the gap.
    pub(super) fn cut(&self, mut batch: Batch) -> Option<Batch> {
        let Some(last) = self.gap_last else {
            return Some(batch);
        };
        if batch.epoch != self.after.epoch || batch.first > last {
            return None;
        }
        let fits = last.0 - batch.first.0 + 1;
        batch
            .records
            .truncate(usize::try_from(fits).unwrap_or(usize::MAX));
        Some(batch)
    }
}

#[derive(Clone, Debug)]
struct Flight {
    id: u64,
    epoch: Epoch,
    last: Seq,
    unacked_bytes: usize,
    gap: bool,
}

/// How far an epoch got.
#[derive(Clone, Copy, Debug)]
struct Reach {
    sent: Seq,
    receipted: Seq,
}

impl Reach {
    const NONE: Reach = Reach {
        sent: Seq(0),
        receipted: Seq(0),
    };
}

/// Most epochs whose reach is remembered; older ones are only sent again.
const EPOCHS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Window {
    limits: Limits,
    /// The epoch of this process.
    running: Epoch,
    next: Cursor,
    /// The store had nothing after `next`.
    empty: bool,
    flights: VecDeque<Flight>,
    gaps: VecDeque<(Epoch, Seq, Seq)>,
    /// Gaps are taken from receipts no more often than this.
    gaps_not_before: MonoTime,
    reach: BTreeMap<Epoch, Reach>,
    waiting_since: MonoTime,
    stall: Duration,
    stalls: u32,
    /// Counts fresh starts: what was read before one is not sent after it.
    generation: u64,
}

impl Window {
    pub(super) fn new(limits: Limits, running: Epoch) -> Window {
        Window {
            limits,
            running,
            next: Cursor::START,
            empty: false,
            flights: VecDeque::new(),
            gaps: VecDeque::new(),
            gaps_not_before: MonoTime::BOOT,
            reach: BTreeMap::new(),
            waiting_since: MonoTime::BOOT,
            stall: limits.stall_first,
            stalls: 0,
            generation: 0,
        }
    }

    /// Nothing is on its way any more; everything after `watermark` goes (again).
    pub(super) fn start_over(&mut self, watermark: Cursor, now: MonoTime) {
        self.next = watermark;
        self.empty = false;
        self.flights.clear();
        self.gaps.clear();
        self.waiting_since = now;
        self.generation += 1;
    }

    /// The store may have something new.
    pub(super) fn more(&mut self) {
        self.empty = false;
    }

    /// What to read and send now; `None` = nothing to send, or the window is full (R2).
    pub(super) fn want(&self) -> Option<Want> {
        let unacked: usize = self.flights.iter().map(|flight| flight.unacked_bytes).sum();
        let full = self.flights.len() >= self.limits.batches_max;
        if unacked > 0 && unacked >= self.limits.unacked_bytes_max {
            return None;
        }
        let want = |after, gap_last| Want {
            after,
            gap_last,
            records_max: self.limits.records_max,
            generation: self.generation,
        };
        if let Some((epoch, first, last)) = self.gaps.front() {
            let seq = Seq(first.0.saturating_sub(1));
            return Some(want(Cursor { epoch: *epoch, seq }, Some(*last)));
        }
        (!self.empty && !full).then(|| want(self.next, None))
    }

    /// This was read, up to `end`, and cut with [`Want::cut`]; `None` = there was nothing. Returns whether to send it:
    /// not when everything has started over since.
    pub(super) fn took(&mut self, want: &Want, end: Option<Cursor>) -> bool {
        if want.generation != self.generation {
            return false;
        }
        match (want.gap_last, end) {
            (None, end) => self.empty = end.is_none(),
            (Some(last), Some(end)) if end.seq < last => {
                if let Some(gap) = self.gaps.front_mut() {
                    *gap = (end.epoch, end.seq.next(), last);
                }
            }
            // Nothing there: the store has given it up, and its record of that loss closes the gap at the centre.
            (Some(_), _) => {
                self.gaps.pop_front();
            }
        }
        end.is_some()
    }

    /// Records up to `end` are on their way as message `id`, or can never be.
    pub(super) fn sent(&mut self, want: &Want, end: Cursor, bytes: usize, id: u64, now: MonoTime) {
        let Cursor { epoch, seq: last } = end;
        if self.flights.is_empty() {
            self.waiting_since = now;
        }
        let gap = want.gap_last.is_some();
        if !gap {
            self.next = end;
        }
        let reach = self.reach.entry(epoch).or_insert(Reach::NONE);
        reach.sent = reach.sent.max(last);
        self.forget_reach();
        self.flights.push_back(Flight {
            id,
            epoch,
            last,
            unacked_bytes: bytes,
            gap,
        });
    }

    /// The broker has acknowledged this one.
    pub(super) fn acked(&mut self, id: u64) {
        self.flights.retain_mut(|flight| {
            if flight.id == id {
                flight.unacked_bytes = 0;
            }
            // A gap sent again is only counted while it loads the link: its first flight still waits for the receipt.
            flight.id != id || !flight.gap
        });
    }

    /// The centre says what it has. Returns what the store may be told: up to where this epoch is safe (R1, R4).
    pub(super) fn receipt(&mut self, receipt: &Receipt, now: MonoTime) -> Option<Seq> {
        let epoch = receipt.epoch;
        let mut reach = self.reach.get(&epoch).copied().unwrap_or(Reach::NONE);
        let sent = reach.sent;
        let safe = if epoch < self.running {
            receipt.contiguous
        } else {
            receipt.contiguous.min(sent)
        };
        let moved = safe > reach.receipted;
        if moved {
            reach.receipted = safe;
            self.reach.insert(epoch, reach);
            self.forget_reach();
            self.waiting_since = now;
            self.stall = self.limits.stall_first;
            self.stalls = 0;
            self.flights
                .retain(|flight| flight.epoch != epoch || flight.last > safe);
            if self.next.epoch == epoch {
                // Not beyond what was sent: the store knows where the epoch ends.
                self.next.seq = self.next.seq.max(safe.min(sent));
            }
        }
        if now >= self.gaps_not_before && self.gaps.is_empty() {
            let missing = receipt
                .missing
                .iter()
                .filter(|(first, _)| *first <= sent && *first > safe);
            self.gaps
                .extend(missing.map(|(first, last)| (epoch, *first, (*last).min(sent))));
            if !self.gaps.is_empty() {
                self.gaps_not_before = now + self.limits.stall_first / 2;
            }
        }
        moved.then_some(safe)
    }

    fn forget_reach(&mut self) {
        while self.reach.len() > EPOCHS_MAX {
            self.reach.pop_first();
        }
    }

    /// When [`Window::stalled`] may become true.
    pub(super) fn deadline(&self) -> Option<MonoTime> {
        (!self.flights.is_empty()).then(|| self.waiting_since + self.stall)
    }

    /// No receipt has come in time (R3): the caller starts over. The next wait is longer.
    pub(super) fn stalled(&mut self, now: MonoTime) -> bool {
        let late = self.deadline().is_some_and(|deadline| now >= deadline);
        if late && self.stall.is_zero() {
            self.stall = self.limits.stall_first;
        } else if late {
            self.stall = (self.stall * 2).min(self.limits.stall_most);
            self.stalls += 1;
        }
        late
    }

    /// The centre is back after a silence: what it has not receipted goes again at once.
    pub(super) fn hurry(&mut self) {
        if !self.flights.is_empty() {
            self.stall = Duration::ZERO;
        }
    }

    /// How often in a row everything was sent again without a receipt.
    pub(super) fn stalls(&self) -> u32 {
        self.stalls
    }
}
