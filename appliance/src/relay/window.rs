//! One lane's way to one destination: what to send next, what is on its way, and when to send it again. Pure; time is an
//! argument.
//!
//! - R1: only a receipt of the centre moves the watermark (I1). A PUBACK says that a broker had a message, and does no
//!   more than let the next one go.
//! - R2: what is on its way is bounded: [`Limits::batches_max`] of each head without a receipt, and
//!   [`Limits::unacked_bytes_max`] without a PUBACK. Bulk is bounded across its lanes by `throttle`, which keeps it out
//!   of the modem's queue, where no alert could overtake it (I7).
//! - R3: nothing waits for ever. When no receipt comes for [`Limits::stall_first`], everything after the watermark that
//!   the centre does not hold goes again; each further time without success that wait doubles, up to
//!   [`Limits::stall_most`].
//! - R4: a receipt for more of the running epoch than was sent is believed only as far as was sent. One for an earlier
//!   epoch is believed in full: an earlier process may have sent it, or the centre has settled what was evicted through
//!   the record of that loss, and nothing would ever be sent of it again. The store caps it at the epoch's end.
//! - R10, live first: a lane of bulk has two heads. The front begins at what is made after the connection and goes
//!   first; what waited before it follows behind. Neither sends what the centre is known to hold (`holdings`).
//! - R11: messages of one connection arrive in order. So a flight that the centre lacks while it has something of one
//!   that left later was lost on the way, and goes again at once, alone.
//!
//! Records leave each head in (epoch, seq) order, and one epoch does not wait for the receipts of the one before: the
//! record that closes a hole of an earlier epoch may stand in a later one.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::wire::Receipt;
use vitals::{Epoch, MonoTime, Seq};

use super::flights::{Flight, Flights, Sent};
use super::head::Head;
use super::holdings::Holdings;
use super::poison::{self, Suspect};
use super::reach::Reach;
use super::trips::Trips;
use crate::store::{Batch, Cursor};

/// How much of a lane may be on its way, and how long without a receipt.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Most records in one batch.
    pub(super) records_max: usize,
    /// Most batches of each head that the centre has not receipted.
    pub(super) batches_max: usize,
    /// Most bytes that the broker has not acknowledged; one batch may always go.
    pub(super) unacked_bytes_max: usize,
    /// R10.
    pub(super) live_first: bool,
    /// R10: what is made now is gathered for so long before it goes.
    pub(super) gather: Duration,
    /// The first wait for a receipt.
    pub(super) stall_first: Duration,
    /// The longest wait for a receipt.
    pub(super) stall_most: Duration,
}

/// Which of a lane's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The newest, or, without R10, all.
    Front,
    /// What waited before the front began.
    Behind,
    /// What was sent and did not arrive.
    Gap,
}

/// What to read from the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Records after this.
    pub(super) after: Cursor,
    /// Set: none beyond this.
    pub(super) last: Option<Cursor>,
    /// At most so many.
    pub(super) records_max: usize,
    pub(super) part: Part,
    generation: u64,
}

impl Want {
    /// What of the batch is wanted.
    pub(super) fn cut(&self, mut batch: Batch) -> Option<Batch> {
        let Some(last) = self.last else {
            return Some(batch);
        };
        let elsewhere = self.part == Part::Gap && batch.epoch != self.after.epoch;
        if elsewhere || (batch.epoch, batch.first) > (last.epoch, last.seq) {
            return None;
        }
        if batch.epoch == last.epoch {
            let fits = last.seq.0 - batch.first.0 + 1;
            batch
                .records
                .truncate(usize::try_from(fits).unwrap_or(usize::MAX));
        }
        Some(batch)
    }
}

/// What reading a [`Want`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Records up to here.
    UpTo(Cursor),
    /// None of what was asked for, and something beyond it: what was there was given up.
    Beyond,
    /// Nothing yet.
    Nothing,
    /// Nobody knows: the store could not be read.
    Unreadable,
}

/// Most epochs whose reach is remembered; older ones are only sent again.
const EPOCHS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Window {
    limits: Limits,
    /// The epoch of this process.
    running: Epoch,
    front: Head,
    behind: Option<Head>,
    /// The front gathers until then.
    gathered: MonoTime,
    /// Where everything began last.
    began: Cursor,
    flights: Flights,
    /// First and last of each, and how many records may go at once.
    gaps: VecDeque<(Epoch, Seq, Seq, usize)>,
    /// The card refused the first of them: not asked again before there may be more.
    gaps_unreadable: bool,
    suspect: Suspect,
    reach: BTreeMap<Epoch, Reach>,
    /// What the broker has acknowledged in order on this connection, or the centre.
    published: Cursor,
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
            front: Head {
                next: Cursor::START,
                until: None,
                empty: false,
            },
            behind: None,
            gathered: MonoTime::BOOT,
            flights: Flights::default(),
            began: Cursor::START,
            gaps: VecDeque::new(),
            gaps_unreadable: false,
            suspect: Suspect::default(),
            reach: BTreeMap::new(),
            published: Cursor::START,
            stall: limits.stall_first,
            stalls: 0,
            generation: 0,
        }
    }

    /// What another connection carried counts as sent no more.
    pub(super) fn new_link(&mut self) {
        self.published = Cursor::START;
    }

    /// R12: this record, right behind all that has arrived, counts as arrived.
    pub(super) fn pass_over(&mut self, record: Cursor) {
        let reach = self.reach.entry(record.epoch).or_default();
        reach.receipted = reach.receipted.max(record.seq.0);
    }

    /// A receipt of a destination that may lack what was passed over, see [`poison::beyond`].
    pub(super) fn beyond_passed(&self, receipt: Receipt, watermark: Cursor) -> Receipt {
        let epoch = receipt.epoch;
        let known = self.reach.get(&epoch).map_or(0, |reach| reach.receipted);
        let kept = if watermark.epoch == epoch {
            watermark.seq.0
        } else {
            0
        };
        let floor = Seq(known.max(kept));
        poison::beyond(receipt, floor, || self.flights.acked_from(epoch, floor))
    }

    /// The store owes more than it did when everything began: a card came back with runs that nobody knew of.
    pub(super) fn owes_more(&self, watermark: Cursor) -> bool {
        watermark < self.began
    }

    /// Nothing is on its way any more; everything after `watermark` that the centre does not hold goes (again), and
    /// with R10 what is made after `newest` goes first.
    pub(super) fn start_over(&mut self, watermark: Cursor, newest: Cursor, now: MonoTime) {
        self.began = watermark;
        let backlog = self.limits.live_first && newest > watermark;
        let head = |next, until| Head {
            next,
            until,
            empty: false,
        };
        self.front = head(if backlog { newest } else { watermark }, None);
        self.behind = backlog.then(|| head(watermark, Some(newest)));
        self.flights.start_over(now);
        self.gaps.clear();
        self.gaps_unreadable = false;
        for reach in self.reach.values_mut() {
            reach.sent_again = 0;
        }
        self.published = self.published.max(watermark);
        self.gathered = now;
        self.generation += 1;
    }

    /// The store may have something new.
    pub(super) fn more(&mut self, now: MonoTime) {
        if self.front.empty && self.limits.live_first {
            self.gathered = self.gathered.max(now + self.limits.gather);
        }
        self.front.empty = false;
        self.gaps_unreadable = false;
    }

    /// What waits behind is not on the card before its commit: worth another look now and then.
    pub(super) fn look_behind(&mut self) {
        if let Some(behind) = &mut self.behind {
            behind.empty = false;
        }
    }

    /// What is to leave first: with R10 what is made now, else everything.
    pub(super) fn want_first(&self, records_max: usize, now: MonoTime) -> Option<Want> {
        if !self.limits.live_first
            && let Some(gap) = self.want_gap(records_max)
        {
            return Some(gap);
        }
        let waits = self.front.empty || self.limits.live_first && now < self.gathered;
        (!waits && !self.is_full(Part::Front)).then(|| self.want(self.front, Part::Front, records_max))
    }

    /// What is to leave behind all of that: gaps, then what waited.
    pub(super) fn want_behind(&self, records_max: usize) -> Option<Want> {
        if !self.limits.live_first {
            return None;
        }
        if let Some(gap) = self.want_gap(records_max) {
            return Some(gap);
        }
        let behind = self.behind.filter(|behind| !behind.empty)?;
        (!self.is_full(Part::Behind)).then(|| self.want(behind, Part::Behind, records_max))
    }

    /// R2.
    fn is_full(&self, part: Part) -> bool {
        let unacked = self.flights.unacked_bytes();
        unacked > 0 && unacked >= self.limits.unacked_bytes_max
            || self.flights.count(part) >= self.limits.batches_max
    }

    fn want_gap(&self, records_max: usize) -> Option<Want> {
        let (epoch, first, last, at_once) = *self.gaps.front().filter(|_| !self.gaps_unreadable)?;
        let unacked = self.flights.unacked_bytes();
        if unacked > 0 && unacked >= self.limits.unacked_bytes_max {
            return None;
        }
        let cursor = |seq| Cursor { epoch, seq };
        Some(Want {
            after: cursor(Seq(first.0.saturating_sub(1))),
            last: Some(cursor(last)),
            records_max: at_once.min(records_max).min(self.limits.records_max),
            part: Part::Gap,
            generation: self.generation,
        })
    }

    fn want(&self, head: Head, part: Part, records_max: usize) -> Want {
        let Head { next, until, .. } = head;
        let epoch = next.epoch;
        let known = self.reach.get(&epoch);
        let (after, stretch) = known.map_or((next, None), |reach| {
            let (first, last) = reach.holdings.lacking_after(next.seq);
            let known = Seq(first.0 - 1);
            // R4: not on the word of a receipt that names nothing as missing, unless it was sent from here.
            let seq = match last {
                Some(_) => known,
                None => known.min(Seq(reach.sent.max(next.seq.0))),
            };
            (Cursor { epoch, seq }, last.map(|seq| Cursor { epoch, seq }))
        });
        Want {
            after,
            last: until.into_iter().chain(stretch).min(),
            records_max: records_max.min(self.limits.records_max),
            part,
            generation: self.generation,
        }
    }

    /// This was found, cut with [`Want::cut`]. Returns whether to send it: not when everything has started over since.
    pub(super) fn took(&mut self, want: &Want, found: Found, now: MonoTime) -> bool {
        if want.generation != self.generation {
            return false;
        }
        match want.part {
            Part::Gap => self.took_gap(want, found),
            Part::Front => {
                self.front.took(want, found);
                let full =
                    |end: Cursor| end.seq.0.saturating_sub(want.after.seq.0) >= want.records_max as u64;
                let few = !matches!(found, Found::UpTo(end) if full(end));
                if few {
                    self.gathered = now + self.limits.gather;
                }
            }
            Part::Behind => {
                if let Some(behind) = &mut self.behind {
                    behind.took(want, found);
                    if behind.is_done() {
                        self.behind = None;
                    }
                }
            }
        }
        matches!(found, Found::UpTo(_))
    }

    fn took_gap(&mut self, want: &Want, found: Found) {
        let Some(gap) = self.gaps.front_mut() else { return };
        match found {
            // The card may be read again with the next tick; until then nothing else waits for it.
            Found::Unreadable => self.gaps_unreadable = true,
            Found::UpTo(end) if want.last.is_some_and(|last| end.seq < last.seq) => gap.1 = end.seq.next(),
            // Nothing there: the store has given it up, and its record of that loss closes the gap at the centre.
            _ => {
                self.gaps.pop_front();
            }
        }
    }

    /// This is on its way.
    pub(super) fn sent(&mut self, want: &Want, sent: &Sent, now: MonoTime) {
        let Cursor { epoch, seq: last } = sent.end;
        let behind = self.behind.is_some();
        let reach = self.reach.entry(epoch).or_default();
        reach.sent = reach.sent.max(last.0);
        reach.sent_again = reach.sent_again.max(last.0);
        self.forget_reach();
        self.flights.push(Flight {
            id: sent.id,
            epoch,
            first: sent.first,
            last,
            bytes: sent.bytes,
            acked: sent.bytes == 0,
            part: want.part,
            at: now,
            // Its receipt cannot name it before everything behind it has arrived.
            ahead: want.part == Part::Front && behind,
        });
    }

    /// The broker has acknowledged this message. Returns when and how large it was sent.
    pub(super) fn acked(&mut self, id: u64) -> Option<(MonoTime, usize)> {
        let acked = self.flights.acked(id)?;
        if let Some(published) = self.flights.published() {
            self.published = self.published.max(published);
        }
        Some(acked)
    }

    /// Delivery by PUBACK alone: what was acknowledged in order is done. Returns what the store may be told.
    pub(super) fn settle_acked(&mut self, now: MonoTime) -> Vec<Cursor> {
        let settled = self.flights.settle_acked();
        if !settled.is_empty() {
            self.flights.progress(now);
            self.stall = self.limits.stall_first;
            self.stalls = 0;
        }
        settled
    }

    /// The centre says what it has. Returns what the store may be told: up to where this epoch is safe (R1, R4).
    pub(super) fn receipt(&mut self, receipt: &Receipt, now: MonoTime) -> Option<Seq> {
        let epoch = receipt.epoch;
        let mut reach = self.reach.get(&epoch).cloned().unwrap_or_default();
        let sent = reach.sent;
        let safe = if epoch < self.running {
            receipt.contiguous.0
        } else {
            receipt.contiguous.0.min(reach.believable())
        };
        reach.holdings = Holdings::of(receipt, safe);
        let moved = safe > reach.receipted;
        reach.receipted = reach.receipted.max(safe);
        let verdict = self.flights.judge(epoch, &reach, now);
        if moved || verdict.arrived {
            self.flights.progress(now);
            self.stall = self.limits.stall_first;
            self.stalls = 0;
        }
        if moved {
            let cursor = |seq| Cursor { epoch, seq };
            self.behind = self
                .behind
                .filter(|behind| behind.next.epoch < epoch || behind.until > Some(cursor(Seq(safe))));
            self.published = self.published.max(cursor(Seq(safe.min(sent))));
            self.suspect.passed(cursor(Seq(safe)));
        }
        for (first, last) in verdict.lost {
            let at_once = self.suspect.lost(Cursor { epoch, seq: first }, last, safe);
            self.gaps.push_back((epoch, first, last, at_once));
        }
        self.reach.insert(epoch, reach);
        self.forget_reach();
        moved.then_some(Seq(safe))
    }

    /// The store gave these records up: its event tells the centre, whose receipt may then go beyond what was sent (R4).
    pub(super) fn given_up(&mut self, epoch: Epoch, first: Seq, last: Seq) {
        self.reach.entry(epoch).or_default().give_up(first.0, last.0);
        self.forget_reach();
    }

    /// A record that the far side does not take, however small the message, while it takes others.
    pub(super) fn take_poison(&mut self) -> Option<Cursor> {
        let poison = self.suspect.take_poison()?;
        self.gaps
            .retain(|(epoch, first, ..)| (*epoch, *first) != (poison.epoch, poison.seq));
        Some(poison)
    }

    fn forget_reach(&mut self) {
        while self.reach.len() > EPOCHS_MAX {
            self.reach.pop_first();
        }
    }

    /// When what it gathers is to go.
    pub(super) fn gathered_at(&self) -> Option<MonoTime> {
        (self.limits.live_first && !self.front.empty).then_some(self.gathered)
    }

    /// When [`Window::stalled`] may become true.
    pub(super) fn stalls_at(&self) -> Option<MonoTime> {
        let backlog = self.behind.is_some_and(|behind| !behind.empty);
        let since = self.flights.waiting_since(self.is_owed(), backlog)?;
        Some(since + self.stall)
    }

    /// A receipt is still to come.
    fn is_owed(&self) -> bool {
        let mut reach = self.reach.values();
        reach.any(|reach| reach.sent_again > reach.receipted)
    }

    /// No receipt has come in time (R3): the caller starts over. The next wait is longer.
    pub(super) fn stalled(&mut self, now: MonoTime) -> bool {
        let late = self.stalls_at().is_some_and(|deadline| now >= deadline);
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
        if self.is_owed() {
            self.stall = Duration::ZERO;
        }
    }

    /// How often in a row everything was sent again without a receipt.
    pub(super) fn stalls(&self) -> u32 {
        self.stalls
    }

    /// Up to where a broker has acknowledged everything.
    pub(super) fn published(&self) -> Cursor {
        self.published
    }

    pub(super) fn take_trips(&mut self) -> Trips {
        self.flights.take_trips()
    }

    /// What the broker has not acknowledged.
    pub(super) fn unacked_bytes(&self) -> usize {
        self.flights.unacked_bytes()
    }
}
