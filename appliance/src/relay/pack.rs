//! From records to MQTT payloads that a centre can read.
//!
//! - R6: what leaves has been unpacked once here, by the code that a centre uses. A record that cannot be carried (larger
//!   than a block, for example) does not block its lane: it is given up, and its loss is a record that the centre gets
//!   (I1). In the events lane that record stands in its very place; for the other lanes the relay makes a new event.

use vitals::wire::{Block, Envelope, WireError};
use vitals::{BootId, Epoch, Event, Lane, PostId, Record, Seq};

use crate::store::{Batch, Cursor};

/// One step through a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Send this; it carries the records up to `end`.
    Send {
        /// The first record in it.
        first: Seq,
        /// The last record in it.
        end: Cursor,
        /// An envelope.
        payload: Vec<u8>,
    },
    /// This record cannot be sent.
    GiveUp {
        /// The record.
        record: Cursor,
        /// Why.
        reason: WireError,
    },
}

/// Packs a batch, in as many pieces as it takes. Slow for large batches: keep it off the relay's own task.
pub(super) fn pack(post: &PostId, batch: Batch) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let run = Run {
        post,
        epoch: batch.epoch,
        lane: batch.lane,
        boot: batch.boot,
    };
    run.pack(batch.first, batch.records, &mut pieces);
    pieces
}

struct Run<'a> {
    post: &'a PostId,
    epoch: Epoch,
    lane: Lane,
    boot: BootId,
}

impl Run<'_> {
    fn pack(&self, first: Seq, records: Vec<Record>, pieces: &mut Vec<Piece>) {
        let count = records.len();
        let (reason, mut records) = match self.envelope(first, records) {
            Ok(payload) => {
                let end = self.cursor(Seq(first.0 + count as u64 - 1));
                return pieces.push(Piece::Send { first, end, payload });
            }
            Err(failed) => failed,
        };
        if count > 1 {
            let rest = records.split_off(count / 2);
            let middle = Seq(first.0 + records.len() as u64);
            self.pack(first, records, pieces);
            return self.pack(middle, rest, pieces);
        }
        let record = self.cursor(first);
        if self.lane == Lane::Events {
            let at = records.first().map(Record::at).unwrap_or_default();
            let event = lost(self.epoch, self.lane, first);
            if let Ok(payload) = self.envelope(first, vec![Record::Event { at, event }]) {
                tracing::error!(epoch = %self.epoch, seq = first.0, %reason, "an event cannot be sent and is given up");
                let end = record;
                return pieces.push(Piece::Send { first, end, payload });
            }
        }
        pieces.push(Piece::GiveUp { record, reason });
    }

    fn cursor(&self, seq: Seq) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq,
        }
    }

    /// The payload, or why not, with the records given back.
    fn envelope(&self, first: Seq, records: Vec<Record>) -> Result<Vec<u8>, (WireError, Vec<Record>)> {
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let block = Block {
            boot: self.boot,
            records,
        };
        let envelope = Envelope {
            post: self.post.clone(),
            epoch: self.epoch,
            lane: self.lane,
            first,
            count,
            block: block.encode(),
        };
        // A block that unpacks has at most 1 MiB, so the envelope is well within one MQTT packet.
        match envelope.open() {
            Ok(_) => Ok(envelope.encode()),
            Err(reason) => Err((reason, block.records)),
        }
    }
}

/// The event that tells the centre not to wait for a record.
pub(super) fn lost(epoch: Epoch, lane: Lane, seq: Seq) -> Event {
    Event::Lost {
        epoch,
        lane,
        first: seq,
        last: seq,
    }
}
