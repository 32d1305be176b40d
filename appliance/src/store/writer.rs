//! The one thread that writes: group commit, eviction by policy, opening again after errors, starting over after damage.
//!
//! - S8: after any error the handle is dropped and the file opened again (redb refuses a spent handle), and what turns
//!   out to be on the card is not written twice.
//! - S9: a row is removed by policy in the same transaction that records its loss (I1).
//! - S10: damage found while running is handled like damage found at the start: set aside, start over, go on.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use vitals::{Epoch, Lane, Seq};

use super::commit;
use super::error::{Fault, StoreError, contain, is_damage, is_full};
use super::keys::{self, Vault};
use super::medium::{Look, Medium};
use super::rows::{BlockKey, EpochRow, PerLane, place};
use super::shared::Shared;
use super::tail::Loss;
use super::types::StoreState;

/// How patient the writer is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long bulk records may wait.
    pub window: Duration,
    /// Pause after the first failure; doubled with each one.
    pub retry_first: Duration,
    /// Longest pause.
    pub retry_most: Duration,
}

pub(super) struct Writer {
    pub shared: Arc<Shared>,
    pub medium: Box<dyn Medium>,
    pub pace: Pace,
    /// Most bytes of each lane; urgent lanes have no limit.
    pub bytes_max: PerLane<u64>,
    /// Rows that the pending commit removes; their losses are already records of that commit.
    pub remove: Vec<BlockKey>,
    /// Failures in a row.
    pub failures: u32,
    /// What the next round must do first.
    pub handle: HandleState,
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
            let stop = self.shared.wait_for_work(self.pace.window, self.retry_in());
            self.shared.round_begins();
            match contain(|| self.round()) {
                Ok(()) => self.succeeded(),
                Err(fault) => self.failed(fault.about(&self.shared.file)),
            }
            self.shared.round_ended();
            if stop && (self.failures > 0 || self.shared.lock().tail.is_empty()) {
                return self.end();
            }
        }
    }

    fn retry_in(&self) -> Option<Duration> {
        let doublings = self.failures.checked_sub(1)?.min(16);
        Some(
            self.pace
                .retry_first
                .saturating_mul(1 << doublings)
                .min(self.pace.retry_most),
        )
    }

    fn succeeded(&mut self) {
        if self.failures > 0 {
            tracing::info!(failures = self.failures, "the store works again");
            self.shared.state.send_replace(StoreState::Good);
        }
        self.failures = 0;
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
        }
        if self.handle == HandleState::NoRoom {
            return;
        }
        self.handle = if is_damage(&error) {
            HandleState::Suspicious
        } else {
            HandleState::Spent
        };
        match contain(|| self.open_again()) {
            Ok(()) if is_full(&error) => self.handle = HandleState::NoRoom,
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

    fn end(self) -> Result<(), StoreError> {
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
    fn round(&mut self) -> Result<(), Fault> {
        if let Some(reason) = self.shared.lock().damage.take() {
            self.handle = HandleState::Suspicious;
            return Err(Fault::Bad(reason));
        }
        match self.handle {
            HandleState::Good => {}
            // A commit that fails spends the handle: not worth it while nothing has changed.
            HandleState::NoRoom if !self.medium.has_room() => return Err(Fault::full()),
            HandleState::NoRoom => self.handle = HandleState::Good,
            HandleState::Spent | HandleState::Suspicious => {
                self.open_again()?;
                self.handle = HandleState::Good;
            }
        }
        let shared = Arc::clone(&self.shared);
        let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or(Fault::Reopening)?;
        let spans = commit::spans(database)?;
        self.plan_removal(database, spans)?;
        let work = shared.lock().work(shared.epoch, shared.boot, self.remove.clone());
        if work.is_empty() {
            shared.lock().flush = false;
            return Ok(());
        }
        commit::write(database, &work, spans)?;
        self.remove.clear();
        shared.lock().settle(&work);
        if work.entries.iter().any(|entries| !entries.is_empty()) {
            shared.announce();
        }
        Ok(())
    }

    /// Decides which rows go with the next commit, and makes their loss part of it (S9).
    fn plan_removal(&mut self, database: &Vault, spans: PerLane<commit::Span>) -> Result<(), Fault> {
        // A commit that is being retried already has its losses among its records.
        if !self.remove.is_empty() || self.shared.lock().tail.is_retrying() {
            return Ok(());
        }
        let mut gone = BTreeMap::new();
        for lane in Lane::ALL {
            gone.extend(commit::overweight(
                database,
                lane,
                spans[place(lane)],
                self.bytes_max[place(lane)],
            )?);
        }
        // A reader may report a row again that is gone already: only what lies there now counts.
        let reported = std::mem::take(&mut self.shared.lock().spoilt);
        gone.extend(commit::still_there(database, reported)?);
        let mut inner = self.shared.lock();
        self.remove = gone.keys().copied().collect();
        inner.lose(gone.into_values());
        Ok(())
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
            Ok(None) => self.start_over()?,
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
        Ok(())
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
        let rows: Vec<(Epoch, EpochRow)> = {
            let mut inner = self.shared.lock();
            inner.outbox.all_changed();
            let durable = inner.durable;
            inner.outbox.changes(durable).0
        };
        let database = keys::create(&*self.medium, &mut |database| commit::found(database, &rows))?;
        self.remove.clear();
        let mut inner = self.shared.lock();
        inner.spoilt.clear();
        inner.damage = None;
        let lost = inner.outbox.all_unreceipted(inner.durable);
        inner.lose(lost);
        Ok(database)
    }
}
