//! The relay's only door to the store: cursors, receipts, and records read and packed for the way.

use tokio::sync::watch;
use vitals::record::ClosedLane;
use vitals::time::Stamp;
use vitals::{Epoch, Event, Lane, PostId, Record, Seq};

use super::outage::{GivenUp, Past};
use super::outbox::LANES;
use super::pack::{Piece, pack};
use super::window::{Found, Want};
use crate::store::{Batch, Cursor, Destination, Store};

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
    pub(super) past: Option<Past>,
}

impl Outlet {
    /// The outlet for one of those that the store keeps receipts of.
    pub fn new(store: Store, to: Destination) -> Outlet {
        Outlet { store, to }
    }

    /// How every relayed lane stands, most urgent first. Never waits for the card.
    pub fn stock(&self) -> [LaneStock; LANES.len()] {
        let last = self.store.last();
        LANES.map(|lane| {
            let newest = last.iter().find(|last| last.lane == lane);
            let newest = newest.map_or(Cursor::START, end);
            LaneStock {
                lane,
                cursor: self.store.outbox_cursor(self.to, lane),
                newest,
                waiting: self.store.waiting(self.to, lane),
            }
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
            past: Some(past(&batch)),
            pieces: pack(post, batch),
        }
    }
}

fn end(last: &ClosedLane) -> Cursor {
    Cursor {
        epoch: last.epoch,
        seq: last.last_seq,
    }
}

fn past(batch: &Batch) -> Past {
    let lost = |(seq, record): (u64, &Record)| match record {
        Record::Event {
            event:
                Event::Lost {
                    epoch,
                    lane,
                    first,
                    last,
                },
            ..
        } => Some(GivenUp {
            told_by: Cursor {
                epoch: batch.epoch,
                seq: Seq(seq),
            },
            epoch: *epoch,
            lane: *lane,
            first: *first,
            last: *last,
        }),
        _ => None,
    };
    Past {
        first: Cursor {
            epoch: batch.epoch,
            seq: batch.first,
        },
        made: Stamp {
            boot: batch.boot,
            mono: batch.records.first().map(Record::at).unwrap_or_default(),
        },
        lost: (batch.first.0..).zip(&batch.records).filter_map(lost).collect(),
    }
}

impl Prepared {
    pub(super) fn without(found: Found) -> Prepared {
        Prepared {
            found,
            pieces: Vec::new(),
            past: None,
        }
    }

    /// The store could not be read: it will be tried again.
    pub fn failed() -> Prepared {
        Prepared::without(Found::Unreadable)
    }
}
