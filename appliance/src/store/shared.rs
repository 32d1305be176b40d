//! What callers and the writer's thread share, and the two waits between them.
//!
//! - S1: nothing that a caller does waits for the card: the one lock here is held for memory work only. (`flush` and
//!   `close` are there to wait; `read` waits for its own reading.)

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::{oneshot, watch};
use vitals::{BootId, Epoch, Event, Lane, MonoTime, Record, RecordId, Seq};

use super::commit::Work;
use super::error::{Fault, StoreError, contain, is_damage};
use super::hang::{self, Hang};
use super::keys::Vault;
use super::outbox::Outbox;
use super::promises::Promises;
use super::read;
use super::rows::{BlockKey, PerLane, is_relayed, place};
use super::tail::{Loss, Tail};
use super::types::{Batch, Cursor, Destination, SetAside, SpaceState, StoreState};
use super::writer::Pace;

/// S15: what is sent may leave the post before it is on the card, because the epoch keeps its number from being used
/// again. Not so an event: it can be the answer to a doctor's command, and a post answers only what it cannot forget.
/// Curves are not sent.
fn can_be_read_at_once(lane: Lane) -> bool {
    is_relayed(lane) && lane != Lane::Events
}

/// Behind the lock.
pub(super) struct Inner {
    pub tail: Tail,
    pub outbox: Outbox,
    /// Last record of each lane of this epoch that is on the card.
    pub durable: PerLane<Seq>,
    /// Blocks that could not be unpacked and must go.
    pub spoilt: BTreeMap<BlockKey, Loss>,
    /// A reader found the file damaged.
    pub damage: Option<String>,
    /// Who is told when what it handed over is on the card.
    pub promises: Promises,
    /// Somebody waits for everything to be on the card.
    pub flush: bool,
    /// The writer shall commit what there is and end.
    pub stop: bool,
    /// Rounds that failed so far.
    pub failures: u64,
    /// The writer is in the middle of a round.
    pub running: bool,
    /// Rounds that ended so far, well or badly.
    pub finished: u64,
    pub hang: Hang,
    pub pace: Pace,
    /// When to try again; `None` while rounds go well.
    pub retry_at: Option<MonoTime>,
    /// Alerts and events reach the card although a round has failed.
    pub urgent_goes: bool,
    /// Lanes whose news have been announced and not been looked at since.
    pub announced: PerLane<bool>,
}

impl Inner {
    /// A round is due: at once for anything urgent, when a window is over, and after a pause when the last round failed.
    pub(super) fn is_due(&self) -> bool {
        if self.flush || self.stop {
            return true;
        }
        if let Some(retry_at) = self.retry_at {
            return retry_at <= self.tail.told() || (self.urgent_goes && self.tail.urgent_waits());
        }
        self.tail.has_urgent()
            || self.tail.bulk_records() >= self.pace.commit_records
            || !self.spoilt.is_empty()
            || self.damage.is_some()
            || self.promises.are_due(self.tail.told())
            || self.window_is_over()
    }

    /// S14: what is durable nowhere waits for the short window, what the first destination has receipted for the long
    /// one.
    fn window_is_over(&self) -> bool {
        let over = |since: Option<MonoTime>, window| {
            since.is_some_and(|since| self.tail.told().since(since) >= window)
        };
        over(self.tail.unsafe_since(), self.pace.window)
            || over(self.tail.bulk_since(), self.pace.window_receipted)
    }

    fn is_idle(&self) -> bool {
        self.tail.is_empty() && self.retry_at.is_none() && !self.is_due()
    }

    /// Gives the record its number.
    pub(super) fn append(&mut self, record: Record) -> Seq {
        let lane = record.lane();
        let starts = matches!(
            record,
            Record::Event {
                event: Event::Started { .. },
                ..
            }
        );
        let seq = self.tail.append(record);
        self.outbox.made(lane, seq);
        if starts {
            self.outbox.started(seq);
        }
        seq
    }

    /// A destination has everything of this epoch and lane up to `contiguous`.
    pub(super) fn receipted(&mut self, to: Destination, lane: Lane, epoch: Epoch, contiguous: Seq) {
        self.outbox.receipted(to, lane, epoch, contiguous);
        self.tail.receipted(lane, self.outbox.running(lane));
    }

    /// Remembers that the centre must be told of these, as far as it has not got them.
    pub(super) fn lose(&mut self, lost: impl IntoIterator<Item = Loss>) {
        for loss in lost {
            if let Some(loss) = self.outbox.unreceipted(loss) {
                self.tail.lose(loss);
            }
        }
    }

    /// What the next commit shall do, besides removing `remove`.
    pub(super) fn work(
        &mut self,
        (epoch, boot): (Epoch, BootId),
        remove: Vec<BlockKey>,
        only_urgent: bool,
    ) -> Work {
        let entries = self.tail.attempt(only_urgent);
        // Losses have become records.
        for (lane, last) in Lane::ALL.into_iter().zip(self.tail.last()) {
            self.outbox.made(lane, last);
        }
        if !remove.is_empty() {
            self.outbox.touch(epoch);
        }
        let mut work = Work {
            epoch,
            boot,
            entries,
            remove,
            destinations: self.outbox.destinations().to_vec(),
            rows: Vec::new(),
            forget: Vec::new(),
        };
        (work.rows, work.forget) = self.outbox.changes(self.durable_with(&work));
        work
    }

    fn durable_with(&self, work: &Work) -> PerLane<Seq> {
        let last = work.last();
        std::array::from_fn(|lane| self.durable[lane].max(last[lane]))
    }

    /// The work is on the card.
    pub(super) fn settle(&mut self, work: &Work) {
        self.durable = self.durable_with(work);
        self.tail.settle(self.durable);
        self.outbox.settle(&work.rows, &work.forget);
        if self.tail.is_empty() {
            self.flush = false;
        }
    }
}

pub(super) struct Shared {
    pub file: PathBuf,
    pub epoch: Epoch,
    pub boot: BootId,
    inner: Mutex<Inner>,
    wake: Condvar,
    settled: Condvar,
    /// Empty while the writer opens it again.
    pub database: RwLock<Option<Vault>>,
    pub appended: watch::Sender<u64>,
    pub state: watch::Sender<StoreState>,
    pub space: watch::Sender<SpaceState>,
    pub set_aside: watch::Sender<Option<SetAside>>,
}

impl Shared {
    pub(super) fn new(
        file: PathBuf,
        (epoch, boot): (Epoch, BootId),
        inner: Inner,
        database: Option<Vault>,
        set_aside: Option<SetAside>,
    ) -> Shared {
        Shared {
            file,
            epoch,
            boot,
            inner: Mutex::new(inner),
            wake: Condvar::new(),
            settled: Condvar::new(),
            database: RwLock::new(database),
            appended: watch::Sender::new(0),
            state: watch::Sender::new(StoreState::Good),
            space: watch::Sender::new(SpaceState::default()),
            set_aside: watch::Sender::new(set_aside),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn append(&self, record: Record) -> RecordId {
        let mut inner = self.lock();
        let was_empty = inner.tail.is_empty();
        let (id, announce) = self.take(&mut inner, record);
        let wake = was_empty || inner.is_due();
        drop(inner);
        self.tell(wake, announce);
        id
    }

    /// All of them under one lock: the writer takes everything urgent that waits in one go.
    pub(super) fn append_together(&self, records: Vec<Record>) {
        debug_assert!(records.iter().all(|record| record.lane().is_urgent()));
        let mut inner = self.lock();
        let was_empty = inner.tail.is_empty();
        let mut announce = false;
        for record in records {
            announce |= self.take(&mut inner, record).1;
        }
        let wake = was_empty || inner.is_due();
        drop(inner);
        self.tell(wake, announce);
    }

    /// Names a record, and says whether readers must be told of it.
    fn take(&self, inner: &mut Inner, record: Record) -> (RecordId, bool) {
        let lane = record.lane();
        let seq = inner.append(record);
        let announce =
            can_be_read_at_once(lane) && !std::mem::replace(&mut inner.announced[place(lane)], true);
        let id = RecordId {
            epoch: self.epoch,
            lane,
            seq,
        };
        (id, announce)
    }

    fn tell(&self, wake: bool, announce: bool) {
        if wake {
            self.wake.notify_one();
        }
        if announce {
            self.announce();
        }
    }

    /// Something new can be read.
    pub(super) fn announce(&self) {
        self.appended.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until a round is due by the time that was told, or until something has waited for the backstop. True when
    /// the writer shall end after the round.
    pub(super) fn wait_for_work(&self) -> bool {
        let mut inner = self.lock();
        inner = self
            .wake
            .wait_while(inner, |inner| inner.is_idle())
            .unwrap_or_else(PoisonError::into_inner);
        let backstop = inner.pace.backstop;
        inner = self
            .wake
            .wait_timeout_while(inner, backstop, |inner| !inner.is_due())
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        inner.stop
    }

    pub(super) fn round_begins(&self) {
        self.lock().running = true;
    }

    /// Tells everybody who waits for the card how the round ended.
    pub(super) fn round_ended(&self) {
        let mut inner = self.lock();
        inner.running = false;
        inner.finished += 1;
        let settled = &mut *inner;
        settled.promises.settle(&settled.tail);
        drop(inner);
        self.settled.notify_all();
    }

    /// Tells the time: wakes the writer when a round is due. Says so when no round ends any more, and takes that back,
    /// but nothing that the writer has said itself.
    pub(super) fn check(&self, now: MonoTime) {
        let hangs = {
            let inner = &mut *self.lock();
            inner.tail.tell(now);
            if inner.is_due() {
                self.wake.notify_one();
            }
            let busy = inner.running || inner.tail.has_urgent();
            inner.hang.check(busy, inner.finished, now)
        };
        self.state.send_if_modified(|state| {
            let next = match state {
                StoreState::Good if hangs => StoreState::Failing {
                    reason: hang::reason(&self.file),
                },
                StoreState::Failing { reason } if !hangs && *reason == hang::reason(&self.file) => {
                    StoreState::Good
                }
                _ => return false,
            };
            match &next {
                StoreState::Good => tracing::info!("the store answers again"),
                StoreState::Failing { reason } => tracing::error!(reason, "the store hangs"),
            }
            *state = next;
            true
        });
    }

    /// `tell` is told when everything that was appended so far is on the card, and dropped when that cannot be said.
    pub(super) fn when_durable(&self, tell: oneshot::Sender<()>) {
        let inner = &mut *self.lock();
        inner.promises.add(&inner.tail, tell);
    }

    pub(super) fn flush(&self) -> Result<(), StoreError> {
        let mut inner = self.lock();
        let (target, failures) = (inner.tail.last(), inner.failures);
        inner.flush = true;
        self.wake.notify_one();
        let waits = |inner: &mut Inner| !inner.tail.is_settled(target) && inner.failures == failures;
        let inner = self
            .settled
            .wait_while(inner, waits)
            .unwrap_or_else(PoisonError::into_inner);
        if inner.tail.is_settled(target) {
            return Ok(());
        }
        Err(self.not_committed(inner.tail.records()))
    }

    pub(super) fn not_committed(&self, records: u64) -> StoreError {
        let reason = match &*self.state.borrow() {
            StoreState::Good => "the store was closed".to_owned(),
            StoreState::Failing { reason } => reason.clone(),
        };
        StoreError::NotCommitted {
            file: self.file.clone(),
            records,
            reason,
        }
    }

    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.wake.notify_one();
    }

    /// Damage is noted for the writer, who sets the file aside (S10).
    fn unreadable(&self, fault: Fault) -> StoreError {
        let error = fault.about(&self.file);
        if is_damage(&error) {
            self.lock().damage = Some(error.to_string());
            self.wake.notify_one();
        }
        error
    }

    pub(super) fn read_back(
        &self,
        lane: Lane,
        each: impl FnMut(BootId, Record) -> bool,
    ) -> Result<(), StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let read = contain(|| {
            let database = database.as_ref().ok_or(Fault::Reopening)?;
            read::back(database, lane, each)
        });
        drop(database);
        read.map_err(|fault| self.unreadable(fault))
    }

    pub(super) fn read(
        &self,
        lane: Lane,
        after: Cursor,
        records_max: usize,
    ) -> Result<Option<Batch>, StoreError> {
        // The tail first: what moves from the tail to the card in between is then seen twice rather than never.
        let tail = if can_be_read_at_once(lane) {
            self.tail_after(lane, after, records_max.max(1))
        } else {
            None
        };
        if tail
            .as_ref()
            .is_some_and(|batch| batch.epoch == after.epoch && batch.first == after.seq.next())
        {
            return Ok(tail);
        }
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let found = contain(|| {
            let database = database.as_ref().ok_or(Fault::Reopening)?;
            read::after(database, lane, after, records_max)
        });
        drop(database);
        match found {
            Ok(found) => {
                if !found.spoilt.is_empty() {
                    self.lock().spoilt.extend(found.spoilt);
                    self.wake.notify_one();
                }
                Ok(found.batch.or(tail))
            }
            Err(fault) => Err(self.unreadable(fault)),
        }
    }

    fn tail_after(&self, lane: Lane, after: Cursor, records_max: usize) -> Option<Batch> {
        let from = match after.epoch.cmp(&self.epoch) {
            std::cmp::Ordering::Less => Seq(0),
            std::cmp::Ordering::Equal => after.seq,
            std::cmp::Ordering::Greater => return None,
        };
        let inner = &mut *self.lock();
        inner.announced[place(lane)] = false;
        let (first, records) = inner.tail.run_after(lane, from, records_max)?;
        Some(Batch {
            epoch: self.epoch,
            lane,
            first,
            boot: self.boot,
            records,
        })
    }

    /// Last record made in a lane.
    pub(super) fn last(&self, lane: Lane) -> Seq {
        self.lock().tail.last()[place(lane)]
    }
}
