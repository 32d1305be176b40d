//! The relay's only door to the store: cursors, receipts, and records read and packed for the way.

use tokio::sync::watch;
use vitals::record::ClosedLane;
use vitals::{Epoch, Lane, PostId, Record, Seq};

use super::outbox::LANES;
use super::pack::{Piece, pack};
use super::window::{Found, Want};
use crate::store::{Batch, Cursor, Store};

/// One destination's side of the store.
#[derive(Clone)]
pub struct Outlet {
    store: Store,
}

/// What the store says about one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneStock {
    /// The lane.
    pub lane: Lane,
    /// Up to where it is receipted: where sending begins after each connect.
    pub cursor: Cursor,
    /// The newest record of this run: what is made after it is live (R10).
    pub newest: Cursor,
    /// How many of its records are not receipted.
    pub waiting: u64,
}

/// What was read and packed.
#[derive(Debug, PartialEq, Eq)]
pub struct Prepared {
    pub(super) found: Found,
    /// What to send, in order.
    pub pieces: Vec<Piece>,
}

impl Outlet {
    /// The outlet for the centre.
    pub fn new(store: Store) -> Outlet {
        Outlet { store }
    }

    /// How every relayed lane stands, most urgent first. Never waits for the card.
    pub fn stock(&self) -> [LaneStock; LANES.len()] {
        let last = self.store.last();
        LANES.map(|lane| {
            let newest = last.iter().find(|last| last.lane == lane);
            LaneStock {
                lane,
                cursor: self.store.outbox_cursor(lane),
                newest: newest.map_or(Cursor::START, |newest| Cursor {
                    epoch: newest.epoch,
                    seq: newest.last_seq,
                }),
                waiting: self.store.waiting(lane),
            }
        })
    }

    /// The last record made so far in each lane of this epoch.
    pub fn last(&self) -> Vec<ClosedLane> {
        self.store.last()
    }

    /// Everything of this epoch and lane up to `contiguous` is safe there.
    pub fn receipted(&self, lane: Lane, epoch: Epoch, contiguous: Seq) {
        self.store.receipted(lane, epoch, contiguous);
    }

    /// Takes a record that the relay itself makes.
    pub fn append(&self, record: Record) {
        self.store.append(record);
    }

    /// Changes whenever something new can be read.
    pub fn appended(&self) -> watch::Receiver<u64> {
        self.store.appended()
    }

    /// One record; `None` = it is not there any more, or cannot be read.
    pub(super) fn record(&self, lane: Lane, record: Cursor) -> Option<Batch> {
        let before = Cursor {
            seq: Seq(record.seq.0.saturating_sub(1)),
            ..record
        };
        let batch = self.store.read(lane, before, 1).ok()??;
        (batch.end() == record).then_some(batch)
    }

    /// Reads and packs what is wanted. May wait for the card: keep it off the relay's own task (R7).
    pub fn prepare(&self, post: &PostId, lane: Lane, want: &Want) -> Prepared {
        let batch = match self.store.read(lane, want.after, want.records_max) {
            Ok(Some(batch)) => batch,
            Ok(None) => return Prepared::without(Found::Nothing),
            Err(error) => {
                // The store says so itself, and louder.
                tracing::debug!(%lane, %error, "cannot read what should be sent");
                return Prepared::without(Found::Unreadable);
            }
        };
        let Some(batch) = want.cut(batch) else {
            return Prepared::without(Found::Beyond);
        };
        Prepared {
            found: Found::UpTo(batch.end()),
            pieces: pack(post, batch),
        }
    }
}

impl Prepared {
    pub(super) fn without(found: Found) -> Prepared {
        Prepared {
            found,
            pieces: Vec::new(),
        }
    }

    /// The store could not be read: it will be tried again.
    pub fn failed() -> Prepared {
        Prepared::without(Found::Unreadable)
    }
}
