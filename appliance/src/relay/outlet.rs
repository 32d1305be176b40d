//! The relay's only door to the store: cursors, receipts, and records read and packed for the way.

use tokio::sync::watch;
use vitals::record::ClosedLane;
use vitals::{Epoch, Lane, PostId, Record, Seq};

use super::outbox::LANES;
use super::pack::{Piece, pack};
use super::window::Want;
use crate::store::{Cursor, Destination, Store};

/// One destination's side of the store.
#[derive(Clone)]
pub struct Outlet {
    store: Store,
    to: Destination,
}

/// What the store says about one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneStock {
    /// The lane.
    pub lane: Lane,
    /// Up to where it is receipted: where sending begins after each connect.
    pub cursor: Cursor,
    /// How many of its records are not receipted.
    pub waiting: u64,
}

/// What was read and packed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Prepared {
    /// Up to where; `None` = there was nothing.
    pub end: Option<Cursor>,
    /// What to send, in order.
    pub pieces: Vec<Piece>,
    /// The store could not be read: try again with the next tick.
    pub failed: bool,
}

impl Outlet {
    /// The outlet for the centre.
    pub fn new(store: Store) -> Outlet {
        let to = Destination::CENTRE;
        Outlet { store, to }
    }

    /// How every relayed lane stands, most urgent first. Never waits for the card.
    pub fn stock(&self) -> [LaneStock; LANES.len()] {
        LANES.map(|lane| LaneStock {
            lane,
            cursor: self.store.outbox_cursor(self.to, lane),
            waiting: self.store.waiting(self.to, lane),
        })
    }

    /// The last record made so far in each lane of this epoch.
    pub fn last(&self) -> Vec<ClosedLane> {
        self.store.last()
    }

    /// Everything of this epoch and lane up to `contiguous` is safe there.
    pub fn receipted(&self, lane: Lane, epoch: Epoch, contiguous: Seq) {
        self.store.receipted(self.to, lane, epoch, contiguous);
    }

    /// Takes a record that the relay itself makes.
    pub fn append(&self, record: Record) {
        self.store.append(record);
    }

    /// Changes whenever something new can be read.
    pub fn appended(&self) -> watch::Receiver<u64> {
        self.store.appended()
    }

    /// Reads and packs what is wanted. May wait for the card: keep it off the relay's own task (R7).
    pub fn prepare(&self, post: &PostId, lane: Lane, want: &Want) -> Prepared {
        match self.store.read(lane, want.after, want.records_max) {
            Ok(batch) => match batch.and_then(|batch| want.cut(batch)) {
                Some(batch) => Prepared {
                    end: Some(batch.end()),
                    pieces: pack(post, batch),
                    failed: false,
                },
                None => Prepared::default(),
            },
            Err(error) => {
                // The store says so itself, and louder.
                tracing::debug!(%lane, %error, "cannot read what should be sent");
                Prepared::failed()
            }
        }
    }
}

impl Prepared {
    /// Nothing, because it could not be read.
    pub fn failed() -> Prepared {
        Prepared {
            failed: true,
            ..Prepared::default()
        }
    }
}
