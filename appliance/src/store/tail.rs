//! Records between `append` and the card. Pure: no file, no thread.
//!
//! - I2: the sequence number is given here, from 1 without a gap per lane.
//! - S3: bulk records are bounded by [`TailBounds`]; what is given up becomes a loss that is recorded, unless every
//!   destination has it already. Urgent records are never given up.
//! - S4: what a commit has tried is not given up until that commit is settled: it may be on the card after all.

use std::collections::VecDeque;
use std::sync::Arc;

use vitals::{Epoch, Event, Lane, MonoTime, Record, Seq};

use super::rows::{BLOCK_BYTES_MAX, BlockKey, PerLane, bytes_most, is_relayed, place};

/// Lanes that are committed at once and never given up.
const URGENT: [Lane; 2] = [Lane::Alerts, Lane::Events];

/// Lanes that are committed in a window, in the order in which they are given up.
const BULK: [Lane; 3] = [Lane::Waves, Lane::Vitals, Lane::Summaries];

/// How much may wait for the card.
#[derive(Clone, Copy, Debug)]
pub(super) struct TailBounds {
    /// Most readings and curves.
    pub bulk_records_max: usize,
    /// Most bytes of readings and curves, counted by [`bytes_most`].
    pub bulk_bytes_max: usize,
}

/// A record that waits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub seq: Seq,
    /// When it came, by the time that was told.
    pub since: MonoTime,
    pub bytes: usize,
    pub record: Arc<Record>,
}

/// Records that are gone for good and that the centre must be told about (I1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Loss {
    pub epoch: Epoch,
    pub lane: Lane,
    pub first: Seq,
    pub last: Seq,
}

impl Loss {
    /// A block that goes.
    pub(super) fn of(block: BlockKey, last: Seq) -> Loss {
        Loss {
            epoch: block.epoch,
            lane: block.lane,
            first: block.first,
            last,
        }
    }
}

#[derive(Debug, Default)]
struct Queue {
    last: u64,
    /// Everything up to here has been part of a commit.
    tried: u64,
    waiting: VecDeque<Entry>,
    bytes: usize,
    /// The first destination has everything up to here.
    safe: u64,
    /// Every destination has everything up to here.
    everywhere: u64,
}

impl Queue {
    fn first_waiting(&self) -> Option<Seq> {
        self.waiting.front().map(|entry| entry.seq)
    }

    fn is_retrying(&self) -> bool {
        self.first_waiting().is_some_and(|first| first.0 <= self.tried)
    }
}

/// Everything that waits, in all lanes of the running epoch.
#[derive(Debug)]
pub(super) struct Tail {
    epoch: Epoch,
    bounds: TailBounds,
    queues: PerLane<Queue>,
    losses: Vec<Loss>,
    /// Readings and curves that were given up so far.
    given_up: u64,
    /// Time of the newest record: the store has no clock, and a loss needs a time.
    newest: MonoTime,
    /// The time that was told last.
    told: MonoTime,
}

impl Tail {
    pub(super) fn new(epoch: Epoch, bounds: TailBounds, now: MonoTime) -> Tail {
        Tail {
            epoch,
            bounds,
            queues: PerLane::default(),
            losses: Vec::new(),
            given_up: 0,
            newest: now,
            told: now,
        }
    }

    /// Time never goes back.
    pub(super) fn tell(&mut self, now: MonoTime) {
        self.told = self.told.max(now);
    }

    /// The time that was told last.
    pub(super) fn told(&self) -> MonoTime {
        self.told
    }

    /// The first destination has a lane up to `safe`, every one up to `everywhere`: what was given up below is no loss.
    pub(super) fn receipted(&mut self, lane: Lane, (safe, everywhere): (Seq, Seq)) {
        let queue = &mut self.queues[place(lane)];
        (queue.safe, queue.everywhere) = (safe.0, everywhere.0);
    }

    /// Since when the oldest reading or curve has waited.
    pub(super) fn bulk_since(&self) -> Option<MonoTime> {
        let oldest = |queue: &Queue| queue.waiting.front().map(|entry| entry.since);
        self.bulk().filter_map(oldest).min()
    }

    /// Since when the oldest reading has waited that is durable nowhere.
    pub(super) fn unsafe_since(&self) -> Option<MonoTime> {
        let oldest = |lane: &Lane| {
            let queue = &self.queues[place(*lane)];
            let first = queue.waiting.partition_point(|entry| entry.seq.0 <= queue.safe);
            queue.waiting.get(first).map(|entry| entry.since)
        };
        let relayed = BULK.iter().filter(|lane| is_relayed(**lane));
        relayed.filter_map(oldest).min()
    }

    /// Gives the record its number and keeps it until it is settled.
    pub(super) fn append(&mut self, record: Record) -> Seq {
        let lane = record.lane();
        let bytes = bytes_most(&record);
        self.newest = self.newest.max(record.at());
        let queue = &mut self.queues[place(lane)];
        queue.last += 1;
        let seq = Seq(queue.last);
        if bytes > BLOCK_BYTES_MAX {
            // No block can hold it. Whoever makes records bounds them far below this.
            tracing::error!(%lane, seq = seq.0, bytes, "record is too large for the store");
            let (first, last) = (seq, seq);
            self.given_up += 1;
            let epoch = self.epoch;
            self.lose(Loss {
                epoch,
                lane,
                first,
                last,
            });
            return seq;
        }
        queue.bytes += bytes;
        queue.waiting.push_back(Entry {
            seq,
            since: self.told,
            bytes,
            record: Arc::new(record),
        });
        if !lane.is_urgent() {
            self.give_up();
        }
        seq
    }

    /// How many readings and curves were given up so far.
    pub(super) fn given_up(&self) -> u64 {
        self.given_up
    }

    /// Last number given in each lane.
    pub(super) fn last(&self) -> PerLane<Seq> {
        self.queues.each_ref().map(|queue| Seq(queue.last))
    }

    /// Nothing waits, and no loss waits to be recorded.
    pub(super) fn is_empty(&self) -> bool {
        self.losses.is_empty() && self.queues.iter().all(|queue| queue.waiting.is_empty())
    }

    /// Something waits that must not wait for the commit window.
    pub(super) fn has_urgent(&self) -> bool {
        !self.losses.is_empty() || self.urgent_waits()
    }

    /// An alert or event waits.
    pub(super) fn urgent_waits(&self) -> bool {
        URGENT
            .iter()
            .any(|lane| !self.queues[place(*lane)].waiting.is_empty())
    }

    /// Readings and curves that wait.
    pub(super) fn bulk_records(&self) -> usize {
        self.bulk().map(|queue| queue.waiting.len()).sum()
    }

    fn bulk_bytes(&self) -> usize {
        self.bulk().map(|queue| queue.bytes).sum()
    }

    fn bulk(&self) -> impl Iterator<Item = &Queue> {
        BULK.iter().map(|lane| &self.queues[place(*lane)])
    }

    /// What waits in a lane, oldest first.
    pub(super) fn waiting(&self, lane: Lane) -> impl Iterator<Item = &Entry> {
        self.queues[place(lane)].waiting.iter()
    }

    /// As if a commit that was settled had failed.
    #[cfg(test)]
    pub(super) fn put_back(&mut self, lane: Lane, entries: Vec<Entry>) {
        let queue = &mut self.queues[place(lane)];
        queue.bytes += entries.iter().map(|entry| entry.bytes).sum::<usize>();
        queue.waiting = entries.into_iter().chain(queue.waiting.drain(..)).collect();
    }

    /// Records that wait.
    pub(super) fn records(&self) -> u64 {
        self.queues.iter().map(|queue| queue.waiting.len() as u64).sum()
    }

    /// Nothing up to these numbers waits any more, and no record of a loss.
    pub(super) fn is_settled(&self, up_to: PerLane<Seq>) -> bool {
        self.losses.is_empty()
            && self.queues[place(Lane::Events)].waiting.is_empty()
            && self
                .queues
                .iter()
                .zip(up_to)
                .all(|(queue, up_to)| queue.first_waiting().is_none_or(|first| first > up_to))
    }

    /// Remembers a loss until the next attempt records it.
    pub(super) fn lose(&mut self, loss: Loss) {
        let behind = |before: &Loss| {
            before.epoch == loss.epoch && before.lane == loss.lane && before.last.next() == loss.first
        };
        match self.losses.iter_mut().rev().find(|before| behind(before)) {
            Some(before) => before.last = loss.last,
            None => self.losses.push(loss),
        }
    }

    /// A commit is being retried: it must carry the same readings and curves as before, and no loss yet, so that a long
    /// stall becomes one loss and not many.
    pub(super) fn is_retrying(&self) -> bool {
        self.bulk().any(Queue::is_retrying)
    }

    /// What the next commit shall carry, oldest first: everything urgent, and up to a quarter of the bound of each bulk
    /// lane, so that at least half of the bound can still be given up (S3, S4). `only_urgent` leaves these out.
    pub(super) fn attempt(&mut self, only_urgent: bool) -> PerLane<Vec<Entry>> {
        if !self.is_retrying() {
            for Loss {
                epoch,
                lane,
                first,
                last,
            } in std::mem::take(&mut self.losses)
            {
                let event = Event::Lost {
                    epoch,
                    lane,
                    first,
                    last,
                };
                self.append(Record::Event {
                    at: self.newest,
                    event,
                });
            }
        }
        let (records_max, bytes_max) = (self.bounds.bulk_records_max / 4, self.bounds.bulk_bytes_max / 4);
        let mut attempt = PerLane::<Vec<Entry>>::default();
        for lane in Lane::ALL {
            let queue = &mut self.queues[place(lane)];
            let entries = &mut attempt[place(lane)];
            if lane.is_urgent() {
                entries.extend(queue.waiting.iter().cloned());
            } else if only_urgent {
                continue;
            } else if queue.is_retrying() {
                let tried = queue.tried;
                entries.extend(
                    queue
                        .waiting
                        .iter()
                        .take_while(|entry| entry.seq.0 <= tried)
                        .cloned(),
                );
            } else {
                let mut bytes = 0;
                let fits = |entry: &&Entry| {
                    bytes += entry.bytes;
                    bytes <= bytes_max
                };
                entries.extend(
                    queue
                        .waiting
                        .iter()
                        .take(records_max.max(1))
                        .take_while(fits)
                        .cloned(),
                );
                if entries.is_empty() {
                    entries.extend(queue.waiting.front().cloned());
                }
            }
            queue.tried = entries.last().map_or(queue.tried, |entry| entry.seq.0);
        }
        attempt
    }

    /// Everything up to these numbers is on the card.
    pub(super) fn settle(&mut self, up_to: PerLane<Seq>) {
        for (queue, up_to) in self.queues.iter_mut().zip(up_to) {
            while let Some(entry) = queue.waiting.pop_front_if(|entry| entry.seq <= up_to) {
                queue.bytes -= entry.bytes;
            }
        }
    }

    /// Waiting records of a lane after `after`, without a gap, as many as fit a block.
    pub(super) fn run_after(&self, lane: Lane, after: Seq, records_max: usize) -> Option<(Seq, Vec<Record>)> {
        let queue = &self.queues[place(lane)];
        let skip = queue.waiting.partition_point(|entry| entry.seq <= after);
        let first = queue.waiting.get(skip)?.seq;
        let mut bytes = 0;
        let run = (first.0..)
            .zip(queue.waiting.range(skip..))
            .take(records_max)
            .take_while(|(seq, entry)| {
                bytes += entry.bytes;
                entry.seq.0 == *seq && bytes <= BLOCK_BYTES_MAX
            });
        Some((
            first,
            run.map(|(_, entry)| Record::clone(&entry.record)).collect(),
        ))
    }

    /// Beyond the bound, gives up the oldest curves and then the oldest readings, an eighth of the bound at a time.
    fn give_up(&mut self) {
        let TailBounds {
            bulk_records_max,
            bulk_bytes_max,
        } = self.bounds;
        if self.bulk_records() <= bulk_records_max && self.bulk_bytes() <= bulk_bytes_max {
            return;
        }
        let (records_kept, bytes_kept) = (
            bulk_records_max - bulk_records_max / 8,
            bulk_bytes_max - bulk_bytes_max / 8,
        );
        let (mut records, mut bytes) = (self.bulk_records(), self.bulk_bytes());
        for lane in BULK {
            let queue = &mut self.queues[place(lane)];
            let tried = queue.waiting.partition_point(|entry| entry.seq.0 <= queue.tried);
            let mut end = tried;
            while let Some(entry) = queue.waiting.get(end)
                && (records > records_kept || bytes > bytes_kept)
            {
                records -= 1;
                bytes -= entry.bytes;
                queue.bytes -= entry.bytes;
                end += 1;
            }
            let everywhere = queue.everywhere;
            self.given_up += (end - tried) as u64;
            let gone = queue.waiting.drain(tried..end).map(|entry| entry.seq);
            let gone: Vec<Seq> = gone.filter(|seq| seq.0 > everywhere).collect();
            for seq in gone {
                self.lose(Loss {
                    epoch: self.epoch,
                    lane,
                    first: seq,
                    last: seq,
                });
            }
        }
    }
}
