//! The store: every record from the moment it is made until the centre has it, and the post's own history.
//!
//! One redb file, four lanes, one writing thread with group commit. Callers hand records over in memory ([`Store::append`])
//! and never wait for the card; readers read snapshots. Epochs, cursors and receipts follow DESIGN sections 2, 5 and 6.
//!
//! Product invariants kept here: I1 (accepted means durable, and every loss is itself a record), I2 (each record has
//! its own (epoch, lane, seq)), I7 (alerts wait for nothing and are never evicted). How:
//!
//! - S1: no caller waits for the card (`shared`).
//! - S2: an epoch is durable before its first record is made, and sorts after every epoch that this post ever used,
//!   even when the store was lost (`open`, `medium`).
//! - S3: what waits in memory is bounded; what is given up is recorded (`tail`).
//! - S4: what a commit has tried is not given up before that commit is settled (`tail`).
//! - S5: epochs are forgotten only when every destination has them and knows where they end (`outbox`).
//! - S6: a file under the store's name is complete, or it is damaged (`medium`).
//! - S7: few damaged files are kept, the fullest (`medium`).
//! - S8: after an error the file is opened again, and nothing is written twice (`writer`).
//! - S9: eviction and the record of its loss are one transaction (`writer`).
//! - S10: damage found while running is set aside like damage found at the start (`writer`).
//! - S11: no damaged file ends the process: redb runs inside [`error`]'s `contain`, which needs unwinding panics.
//! - S12: curves stay on the box: they are not waited for, and their going by policy or damage is not a recorded loss
//!   (`outbox`). What of them never reached the card is still recorded (`tail`).
//! - S13: a card that hangs is noticed, although the writer cannot say so (`hang`).
//! - S14: a reading is safe when it is durable somewhere: on the card, or receipted by the first destination. What is not
//!   safe reaches the card within the short commit window, everything else within the long one (`shared`).
//! - S15: what is sent may be read before it is on the card, but no event (`shared`).
//! - S16: each destination has its own receipts; an epoch is forgotten, and a record no loss, only when all have it
//!   (`outbox`).
//! - S17: age is never overestimated (`retention`).
//! - S18: a nearly full card costs curves first, then old readings, then old summaries, and the file grows no more
//!   (`retention`).
//! - S19: on a full card alerts and events are committed alone, into a reserve kept for them (`writer`).
//! - S20: a card that cannot be used at the start stops nothing: the run is kept in memory, and goes on the card when it
//!   can be used (`open`, `writer`).
//! - S21 to S23: with a key, what a row holds is sealed, for its place only, and never twice with one nonce (`seal`).
//! - S24 to S26: a store that cannot be unlocked is left alone, nothing is written unsealed when there is a key, and
//!   changing the key is one transaction (`keys`).
//! - S27: a backup is one moment of the store, complete under its name, and stops nothing (`backup`).
//! - S28: whoever must not answer before something is durable is told when it is (`promises`).

mod archive;
mod backup;
mod commit;
mod downsample;
mod epoch;
mod error;
mod hang;
mod history;
mod keys;
mod log;
mod medium;
mod open;
mod outbox;
mod overlay;
mod promises;
mod read;
mod retention;
mod rows;
mod seal;
mod shared;
mod tail;
mod trend;
mod types;
mod writer;

#[cfg(any(test, feature = "simulation"))]
mod disk;
#[cfg(any(test, feature = "simulation"))]
pub mod simulated;
#[cfg(any(test, feature = "simulation"))]
pub mod synthetic;
#[cfg(test)]
mod tests;

pub use archive::{Archive, Kept, Unread};
pub use backup::{BackupReport, backup};
pub use downsample::{Bucket, Series};
pub use error::StoreError;
pub use hang::COMMIT_TIME_MAX;
pub use keys::{KeySource, Sealer, new_key_file, rekey};
pub use log::{Log, Logged, LoggedRun};
pub use medium::SET_ASIDE_MAX;
pub use open::OPEN_ALARMS_MAX;
pub use outbox::{CLOSED_EPOCHS_MAX, EPOCHS_MAX};
pub use rows::{RELAYED_LANES, SCHEMA};
pub use trend::{
    POINTS_MAX, RANGE_MAX, READINGS_SPAN_MAX, Stretch, Trend, TrendOf, TrendQuery, TrendQueryError, Undated,
};
pub use types::{
    Batch, Cursor, Destination, DestinationOptions, OpenReport, SetAside, SpaceState, StoreOptions,
    StoreState,
};

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{oneshot, watch};
use vitals::record::ClosedLane;
use vitals::{BootId, Epoch, Lane, MonoTime, Record, RecordId, Seq};

use medium::{FileMedium, Medium};
use open::{Run, Tuning};
use shared::Shared;
use writer::Writer;

/// Most readings and curves that wait in memory while the card does not answer: five minutes of a full ward.
pub const TAIL_RECORDS_MAX: usize = 32_768;
/// Most bytes of them.
pub const TAIL_BYTES_MAX: usize = 8 << 20;
/// A handle to the store; clones share it.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

/// Ends the writer when the last clone is gone.
struct Handle {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
    /// What trends know of the clock so far.
    anchors: Mutex<history::Anchors>,
}

impl Handle {
    fn new(shared: Arc<Shared>, writer: Option<JoinHandle<Result<(), StoreError>>>) -> Handle {
        let writer = Mutex::new(writer);
        let anchors = Mutex::default();
        Handle {
            shared,
            writer,
            anchors,
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The writer commits what there is and ends by itself; only `close` waits for it.
        self.shared.stop();
    }
}

impl Store {
    /// Opens the store, or starts one when there is none; a damaged one is set aside (see [`OpenReport::set_aside`]).
    /// A card that cannot be used does not stop the ward from being watched: the state is then [`StoreState::Failing`],
    /// records stay in memory, and the store goes on by itself once the card can be used (S20). Alarms that were open
    /// in an earlier run are then not reported.
    ///
    /// `random` makes the new epoch unique; `boot` and `now` are the clock's. Blocks while it reads and writes the card.
    ///
    /// # Errors
    /// Another process has the file, or the file was written by a newer program; nothing has been changed then.
    pub fn open(
        options: &StoreOptions,
        boot: BootId,
        now: MonoTime,
        random: u32,
    ) -> Result<(Store, OpenReport), StoreError> {
        let medium = FileMedium::new(options.path.clone(), options.key.clone());
        Store::open_on(Box::new(medium), &Tuning::of(options), Run { boot, now, random })
    }

    fn open_on(
        medium: Box<dyn Medium>,
        tuning: &Tuning,
        run: Run,
    ) -> Result<(Store, OpenReport), StoreError> {
        let (shared, writer, report) = open::open(medium, tuning, run)?;
        let thread = std::thread::Builder::new().name("store".to_owned());
        let thread = thread.spawn(|| Writer::run(writer)).map_err(StoreError::Thread)?;
        let handle = Arc::new(Handle::new(shared, Some(thread)));
        Ok((Store { handle }, report))
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    /// Takes the record and names it. Never waits for the card: alerts and events are committed at once, readings and
    /// curves within the commit windows (S14), by the store's own thread.
    pub fn append(&self, record: Record) -> RecordId {
        self.shared().append(record)
    }

    /// The same of records of one urgent lane that belong together: they go onto the card in one commit, so that a power
    /// cut leaves all of them or none.
    pub fn append_together(&self, records: Vec<Record>) {
        self.shared().append_together(records);
    }

    /// `tell` is told once everything that was appended before this call is on the card, and dropped when something was given
    /// up meanwhile. What waits is committed the next time that the store is told the time, whatever the windows say; on a
    /// card that fails or hangs nobody is told until it works (S28).
    pub fn when_durable(&self, tell: oneshot::Sender<()>) {
        self.shared().when_durable(tell);
    }

    /// The oldest run of records after `after`: in (epoch, seq) order, of one epoch, without a gap, at most
    /// `records_max` (at least one) and at most what one block can hold. `None` = there is nothing behind the cursor.
    /// Evicted stretches are passed over. Alerts, summaries and readings can be read from the moment they are appended,
    /// events and curves once they are on the card (S15). Reads the card: keep it off latency-critical tasks.
    ///
    /// # Errors
    /// The card cannot be read at the moment, or the file is damaged (the store then sets it aside by itself): try again
    /// later. What waits in memory right behind the cursor is served even then.
    pub fn read(&self, lane: Lane, after: Cursor, records_max: usize) -> Result<Option<Batch>, StoreError> {
        self.shared().read(lane, after, records_max)
    }

    /// Hands out what is on the card of a lane with the boot in which it was recorded, newest first, until `each` has had enough; what cannot be read is passed
    /// over. Reads the card from its newest end: what is asked for should lie near it.
    ///
    /// # Errors
    /// As for [`Store::read`].
    pub fn read_back(&self, lane: Lane, each: impl FnMut(BootId, Record) -> bool) -> Result<(), StoreError> {
        self.shared().read_back(lane, each)
    }

    /// One value over a stretch of wall time, downsampled so that minima and maxima stay (see [`trend`]). Reads the card,
    /// up to a second's worth of it: keep it off latency-critical tasks, and ask for few at once.
    ///
    /// # Errors
    /// The card cannot be read at the moment, or the file is damaged: try again later. Single blocks that cannot be read
    /// are no error but counted in the answer.
    pub fn trend(&self, query: &TrendQuery) -> Result<Trend, StoreError> {
        trend::answer(self.shared(), &self.handle.anchors, query)
    }

    /// What is on the card at this moment, to be walked through by wall time. Reads the card, like everything that is asked of
    /// the answer: keep it off latency-critical tasks.
    ///
    /// # Errors
    /// As for [`Store::trend`].
    pub fn log(&self) -> Result<Log, StoreError> {
        Log::open(self.shared(), &self.handle.anchors)
    }

    /// Up to where a destination has receipted a lane: where a relay starts after each connect.
    pub fn outbox_cursor(&self, to: Destination, lane: Lane) -> Cursor {
        self.shared().lock().outbox.cursor(to, lane)
    }

    /// A destination has stored everything of this epoch and lane up to `contiguous`. Kept with the next commit: losing
    /// it only costs sending again. A destination that the options do not name, or not with this lane, changes nothing.
    pub fn receipted(&self, to: Destination, lane: Lane, epoch: Epoch, contiguous: Seq) {
        self.shared().lock().receipted(to, lane, epoch, contiguous);
    }

    /// Changes when something new can be read, at least once after the last [`Store::read`] of its lane.
    pub fn appended(&self) -> watch::Receiver<u64> {
        self.shared().appended.subscribe()
    }

    /// Whether records reach the card.
    pub fn state(&self) -> watch::Receiver<StoreState> {
        self.shared().state.subscribe()
    }

    /// How much room is left on the card, asked every few seconds while records come.
    pub fn space(&self) -> watch::Receiver<SpaceState> {
        self.shared().space.subscribe()
    }

    /// Tells the store the time: the commit window and the pauses after failures are judged by it.
    ///
    /// Notices a card that hangs: [`Store::state`] becomes failing when no round of the writer has ended for
    /// [`COMMIT_TIME_MAX`] although one is running or should be, and good again when one ends. Whoever owns the store
    /// calls it every second or more often (the window is as exact as that); it is cheap and never waits for the card.
    pub fn check(&self, now: MonoTime) {
        self.shared().check(now);
    }

    /// The damaged file that was set aside last in this run: at the start, as in [`OpenReport::set_aside`], or later.
    /// Whoever watches it records the event and raises the alarm; what the centre lacks of the old file is recorded as
    /// lost by the store itself.
    pub fn set_aside(&self) -> watch::Receiver<Option<SetAside>> {
        self.shared().set_aside.subscribe()
    }

    /// The last record made so far in each lane of this epoch (`Seq(0)` = none).
    pub fn last(&self) -> Vec<ClosedLane> {
        let epoch = self.shared().epoch;
        let last = |lane| ClosedLane {
            epoch,
            lane,
            last_seq: self.shared().last(lane),
        };
        Lane::ALL.into_iter().map(last).collect()
    }

    /// Records of a lane that a destination has not receipted, in all epochs; 0 in a lane that it does not get.
    pub fn waiting(&self, to: Destination, lane: Lane) -> u64 {
        self.shared().lock().outbox.waiting(to, lane)
    }

    /// Waits until everything appended so far is durable.
    ///
    /// # Errors
    /// The commit failed; the records stay in memory and the store keeps trying.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.shared().flush()
    }

    /// Commits everything and releases the file, whatever clones are left; they can append no more than to memory.
    ///
    /// # Errors
    /// Records that could not be committed are lost with the process.
    pub fn close(self) -> Result<(), StoreError> {
        let thread = self
            .handle
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.shared().stop();
        match thread.map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(self.shared().not_committed(self.shared().lock().tail.records())),
            None => Ok(()),
        }
    }
}
