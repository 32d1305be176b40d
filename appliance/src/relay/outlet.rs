//! The relay's only door to the store: cursors, receipts, and records read and packed for the way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

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
    marks: Option<Marks>,
}

/// Up to where a further destination has receipted each lane in this run. It gets what is made from the start on.
type Marks = Arc<Mutex<BTreeMap<Lane, Cursor>>>;

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
    /// The outlet for the centre.
    pub fn new(store: Store) -> Outlet {
        Outlet { store, marks: None }
    }

    /// The outlet for another destination.
    pub fn further(store: Store) -> Outlet {
        let newest = store.last().into_iter().map(|last| (last.lane, end(&last)));
        let marks = Arc::new(Mutex::new(newest.collect()));
        let marks = Some(marks);
        Outlet { store, marks }
    }

    fn cursor(&self, lane: Lane) -> Cursor {
        match &self.marks {
            Some(marks) => {
                let marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
                marks.get(&lane).copied().unwrap_or(Cursor::START)
            }
            None => self.store.outbox_cursor(Destination::CENTRE, lane),
        }
    }

    /// How every relayed lane stands, most urgent first. Never waits for the card.
    pub fn stock(&self) -> [LaneStock; LANES.len()] {
        let last = self.store.last();
        LANES.map(|lane| {
            let newest = last.iter().find(|last| last.lane == lane);
            let newest = newest.map_or(Cursor::START, end);
            let cursor = self.cursor(lane);
            let waiting = match &self.marks {
                Some(_) => newest.seq.0.saturating_sub(cursor.seq.0),
                None => self.store.waiting(Destination::CENTRE, lane),
            };
            LaneStock {
                lane,
                cursor,
                newest,
                waiting,
            }
        })
    }

    /// The last record made so far in each lane of this epoch.
    pub fn last(&self) -> Vec<ClosedLane> {
        self.store.last()
    }

    /// Everything of this epoch and lane up to `contiguous` is safe there.
    pub fn receipted(&self, lane: Lane, epoch: Epoch, contiguous: Seq) {
        let Some(marks) = &self.marks else {
            return self.store.receipted(Destination::CENTRE, lane, epoch, contiguous);
        };
        let mut marks = marks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mark) = marks.get_mut(&lane)
            && mark.epoch == epoch
        {
            mark.seq = mark.seq.max(contiguous);
        }
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
