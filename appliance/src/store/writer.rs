//! The one thread that writes: group commit, eviction by policy, opening again after errors, starting over after damage.
//!
//! - S8: after any error the handle is dropped and the file opened again (redb refuses a spent handle), and what turns
//!   out to be on the card is not written twice.
//! - S9: a row is removed by policy in the same transaction that records its loss (I1).
//! - S19: on a full card a reserve is given up for alerts and events, which are then committed alone.
//! - S10: damage found while running is handled like damage found at the start: set aside, start over, go on.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use vitals::{Lane, Seq};

use super::commit;
use super::error::{Fault, StoreError, contain, is_damage, is_full};
use super::keys::{self, Vault};
use super::medium::{Look, Medium, Room, noting};
use super::open::epochs;
use super::retention::Retention;
use super::rows::{BlockKey, PerLane, place};
use super::shared::Shared;
use super::tail::Loss;
use super::types::{SetAside, SpaceState, StoreState};

/// How patient the writer is. All but the last are judged by the time that [`super::Store::check`] is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long a reading may wait that the first destination has not receipted.
    pub window: Duration,
    /// How long any reading or curve may wait.
    pub window_receipted: Duration,
    /// Commit without waiting for the window when this many readings and curves wait.
    pub commit_records: usize,
    /// Pause after the first failure; doubled with each one.
    pub retry_first: Duration,
    /// Longest pause.
    pub retry_most: Duration,
    /// By the system's clock: what waits this long is committed although nobody tells the time.
    pub backstop: Duration,
}

impl Pace {
    /// How long to wait after so many failures in a row.
    fn retry_in(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.retry_first
            .saturating_mul(1 << doublings)
            .min(self.retry_most)
    }
}

pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub medium: Box<dyn Medium>,
    /// No database has been open in this run yet: what the card holds is still to be taken over.
    pub adopt: bool,
    pub retention: Retention,
    /// Rows that the pending commit removes; their losses are already records of that commit.
    pub remove: Vec<BlockKey>,
    /// The reserve is there, as far as is known.
    pub reserve: bool,
    /// Failures in a row.
    pub failures: u32,
    /// What the next round must do first.
    pub handle: HandleState,
}

/// How far a round got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    /// Everything that it was to write is on the card.
    All,
    /// Alerts and events; the card is full.
    Urgent,
}

/// What is known about the open database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandleState {
    /// It works.
    Good,
    /// It works for reading; there was no room for writing.
    NoRoom,
    /// redb accepts nothing from it any more: open the file again.
    Spent,
    /// Open the file again and look at all of it: it may be damaged.
    Suspicious,
}

impl Writer {
    /// Runs until it is told to stop.
    pub(super) fn run(mut self) -> Result<(), StoreError> {
        loop {
            let stop = self.shared.wait_for_work();
            self.step();
            if stop && self.is_done() {
                return self.end();
            }
        }
    }

    /// One round; true when it went well.
    pub(super) fn step(&mut self) -> bool {
        self.shared.round_begins();
        let result = contain(|| self.round());
        match result {
            Ok(Done::All) => self.succeeded(),
            Ok(Done::Urgent) => self.urgent_done(),
            Err(fault) => self.failed(fault.about(&self.shared.file)),
        }
        self.shared.round_ended();
        self.failures == 0
    }

    /// Nothing is left to do, or nothing can be done.
    pub(super) fn is_done(&self) -> bool {
        self.failures > 0 || self.shared.lock().tail.is_empty()
    }

    fn succeeded(&mut self) {
        if self.failures > 0 {
            tracing::info!(failures = self.failures, "the store works again");
            self.shared.state.send_replace(StoreState::Good);
        }
        self.failures = 0;
        self.shared.lock().retry_at = None;
    }

    /// Alerts and events are on the card; for the rest there is still no room.
    fn urgent_done(&mut self) {
        let mut inner = self.shared.lock();
        // Whoever waits for everything is told that it did not get there.
        inner.failures += 1;
        inner.flush = false;
        inner.urgent_goes = true;
        inner.retry_at = Some(inner.tail.told() + inner.pace.retry_in(self.failures));
    }

    /// Tells everybody, and opens the file again at once: what is on a full card can still be read and sent.
    fn failed(&mut self, error: StoreError) {
        tracing::error!(%error, "the store failed");
        self.failures = self.failures.saturating_add(1);
        self.shared.state.send_replace(StoreState::Failing {
            reason: error.to_string(),
        });
        {
            let mut inner = self.shared.lock();
            inner.failures += 1;
            inner.flush = false;
            inner.urgent_goes = false;
            inner.retry_at = Some(inner.tail.told() + inner.pace.retry_in(self.failures));
        }
        if self.handle == HandleState::NoRoom {
            return;
        }
        self.repair(&error);
        if self.handle == HandleState::NoRoom && std::mem::take(&mut self.reserve) {
            // S19: what is kept for them goes to alerts and events at once.
            self.shared.lock().urgent_goes = self.medium.release_reserve();
        }
    }

    fn repair(&mut self, error: &StoreError) {
        self.handle = if is_damage(error) {
            HandleState::Suspicious
        } else {
            HandleState::Spent
        };
        match contain(|| self.open_again()) {
            Ok(()) if is_full(error) => self.handle = HandleState::NoRoom,
            Ok(()) => self.handle = HandleState::Good,
            Err(fault) => {
                let error = fault.about(&self.shared.file);
                tracing::error!(%error, "the store cannot be opened again");
                if is_damage(&error) {
                    self.handle = HandleState::Suspicious;
                }
            }
        }
    }

    pub(super) fn end(self) -> Result<(), StoreError> {
        let database = self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let closed = contain(|| Ok(database.map_or(Ok(()), Vault::close)?));
        if self.failures > 0 {
            return Err(self.shared.not_committed(self.shared.lock().tail.records()));
        }
        closed.map_err(|fault| fault.about(&self.shared.file))
    }

    /// One commit.
    fn round(&mut self) -> Result<Done, Fault> {
        if let Some(reason) = self.shared.lock().damage.take() {
            self.handle = HandleState::Suspicious;
            return Err(Fault::Bad(reason));
        }
        let mut done = Done::All;
        match self.handle {
            HandleState::Good => {}
            // A commit that fails spends the handle: not worth it while nothing has changed.
            HandleState::NoRoom => match Room::of(self.medium.space(), self.reserve) {
                Room::Enough => self.handle = HandleState::Good,
                Room::Urgent => done = Done::Urgent,
                Room::None => return Err(Fault::full()),
            },
            HandleState::Spent | HandleState::Suspicious => {
                self.open_again()?;
                self.handle = HandleState::Good;
            }
        }
        let shared = Arc::clone(&self.shared);
        let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or(Fault::Reopening)?;
        let spans = commit::spans(database)?;
        if done == Done::All {
            self.plan_removal(database, spans)?;
        }
        let name = (shared.epoch, shared.boot);
        let work = shared
            .lock()
            .work(name, self.remove.clone(), done == Done::Urgent);
        if work.is_empty() {
            shared.lock().flush = false;
            return Ok(done);
        }
        if let Err(fault) = commit::write(database, &work, spans) {
            // Not `NoRoom` any more: this handle is spent.
            self.handle = HandleState::Spent;
            return Err(fault);
        }
        self.remove.clear();
        shared.lock().settle(&work);
        if work.entries.iter().any(|entries| !entries.is_empty()) {
            shared.announce();
        }
        Ok(done)
    }

    /// Decides which rows go with the next commit, and makes their loss part of it (S9).
    fn plan_removal(&mut self, database: &Vault, spans: PerLane<commit::Span>) -> Result<(), Fault> {
        // A commit that is being retried already has its losses among its records.
        if !self.remove.is_empty() || self.shared.lock().tail.is_retrying() {
            return Ok(());
        }
        let now = self.shared.lock().tail.told();
        if self.retention.wants_space(now) {
            let space = self.medium.space();
            if Room::of(space, false) == Room::Enough {
                self.reserve = self.medium.make_reserve();
            }
            let told = self.retention.space(&self.shared.file, space);
            self.tell_space(told);
        }
        let mut gone = self.retention.plan(database, spans, now)?;
        // A reader may report a row again that is gone already: only what lies there now counts.
        let reported = std::mem::take(&mut self.shared.lock().spoilt);
        gone.extend(commit::still_there(database, reported)?);
        let mut inner = self.shared.lock();
        self.remove = gone.keys().copied().collect();
        // What waits in memory lies behind the last row of the running epoch, whatever a spoilt row reached to.
        let (running, durable) = (self.shared.epoch, inner.durable);
        let lost = gone.into_values().map(|mut loss| {
            if loss.epoch == running {
                loss.last = loss.last.min(durable[place(loss.lane)]);
            }
            loss
        });
        inner.lose(lost);
        Ok(())
    }

    fn tell_space(&self, space: SpaceState) {
        self.shared.space.send_if_modified(|before| {
            match (&before.nearly_full, &space.nearly_full) {
                (None, Some(reason)) => tracing::error!(reason, "the card is nearly full"),
                (Some(_), None) => tracing::info!("the card has room again"),
                _ => {}
            }
            let changed = *before != space;
            *before = space;
            changed
        });
    }

    /// Drops the spent handle, opens the file, and looks how far the card got.
    fn open_again(&mut self) -> Result<(), Fault> {
        let spent = self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Closing a handle that has failed can only fail again.
        let _ = contain(|| {
            drop(spent);
            Ok(())
        });
        let look = if self.handle == HandleState::Suspicious {
            Look::Whole
        } else {
            Look::Usual
        };
        let epoch = self.shared.epoch;
        let opened = contain(|| match keys::open(&*self.medium, look)? {
            Some(database) => {
                if self.adopt {
                    self.take_over(&database)?;
                }
                let durable = commit::last_durable(&database, epoch)?;
                Ok(Some((database, durable)))
            }
            None => Ok(None),
        });
        let database = match opened {
            Ok(Some((database, durable))) => {
                self.found(durable);
                database
            }
            Ok(None) => {
                if self.medium.noted_epoch().is_some() && self.shared.set_aside.borrow().is_none() {
                    let gone = SetAside::gone(&self.shared.file);
                    self.shared.set_aside.send_replace(Some(gone));
                }
                self.start_over()?
            }
            Err(fault) => {
                let error = fault.about(&self.shared.file);
                if !is_damage(&error) {
                    return Err(Fault::Told(Box::new(error)));
                }
                let aside = self.medium.set_aside(error.to_string())?;
                self.shared.set_aside.send_replace(Some(aside));
                self.start_over()?
            }
        };
        *self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(database);
        self.adopt = false;
        Ok(())
    }

    /// S20: the card could not be used when this run began, and now it can: what earlier runs left is still owed.
    fn take_over(&self, database: &Vault) -> Result<(), Fault> {
        self.medium.note_epoch(self.shared.epoch)?;
        let destinations = self.shared.lock().outbox.destinations().to_vec();
        let earlier = epochs(database, &destinations)?;
        let mut inner = self.shared.lock();
        inner.outbox.adopt(earlier);
        let rows = inner.outbox.changes([Seq(0); Lane::ALL.len()]).0;
        drop(inner);
        commit::write_rows(database, &destinations, &rows)
    }

    /// The card holds this epoch up to `durable`: more than was thought when an errored commit got through, less when
    /// the card had lied.
    fn found(&mut self, durable: PerLane<Seq>) {
        let epoch = self.shared.epoch;
        let mut inner = self.shared.lock();
        let before = inner.durable;
        let missing = Lane::ALL.into_iter().filter_map(|lane| {
            let (first, last) = (durable[place(lane)].next(), before[place(lane)]);
            (first <= last).then_some(Loss {
                epoch,
                lane,
                first,
                last,
            })
        });
        let missing: Vec<Loss> = missing.collect();
        inner.lose(missing);
        inner.durable = std::array::from_fn(|lane| durable[lane].max(before[lane]));
        let durable = inner.durable;
        inner.tail.settle(durable);
    }

    /// A new file for the running epoch: what the old one held and the centre lacks is lost, and that is recorded.
    fn start_over(&mut self) -> Result<Vault, Fault> {
        let (destinations, rows) = {
            let mut inner = self.shared.lock();
            inner.outbox.all_changed();
            let durable = inner.durable;
            (
                inner.outbox.destinations().to_vec(),
                inner.outbox.changes(durable).0,
            )
        };
        let database = noting(&*self.medium, self.shared.epoch, || {
            keys::create(&*self.medium, &mut |database| {
                commit::found(database, &destinations, &rows)
            })
        })?;
        self.remove.clear();
        let mut inner = self.shared.lock();
        inner.spoilt.clear();
        inner.damage = None;
        let lost = inner.outbox.all_unreceipted(inner.durable);
        inner.lose(lost);
        Ok(database)
    }
}
