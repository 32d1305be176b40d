//! The lanes that go to the centre, most urgent first (I7). Waves stay on the box. Pure.
//!
//! - R5: while a lane has something that may leave, or is just being read, no less urgent lane is even asked.

use vitals::wire::Receipt;
use vitals::{Epoch, Lane, MonoTime, Seq};

use super::Pace;
use super::outlet::LaneStock;
use super::window::{Limits, Want, Window};
use crate::store::{Cursor, RELAYED_LANES};

/// What is relayed, most urgent first.
pub(super) const LANES: [Lane; RELAYED_LANES.len()] = RELAYED_LANES;

/// A modem on 64 kbit/s sends this in two seconds: the longest that an alert waits behind bulk on the wire.
const BULK_UNACKED_BYTES_MAX: usize = 16 << 10;

#[derive(Debug)]
struct Way {
    lane: Lane,
    window: Window,
    /// The reading that is under way.
    reading: Option<Want>,
}

#[derive(Debug)]
pub(super) struct Outbox {
    ways: [Way; LANES.len()],
}

fn limits(lane: Lane, pace: &Pace) -> Limits {
    let (records_max, batches_max, unacked_bytes_max) = match lane {
        Lane::Alerts => (32, 16, 1 << 20),
        Lane::Events => (64, 16, 256 << 10),
        Lane::Summaries => (500, 8, BULK_UNACKED_BYTES_MAX),
        Lane::Vitals | Lane::Waves => (500, 8, BULK_UNACKED_BYTES_MAX),
    };
    Limits {
        records_max,
        batches_max,
        unacked_bytes_max,
        stall_first: pace.stall_first,
        stall_most: pace.stall_most,
    }
}

fn watermark(stock: &[LaneStock], lane: Lane) -> Cursor {
    let found = stock.iter().find(|stock| stock.lane == lane);
    found.map_or(Cursor::START, |stock| stock.cursor)
}

impl Outbox {
    pub(super) fn new(pace: &Pace, running: Epoch) -> Outbox {
        Outbox {
            ways: LANES.map(|lane| Way {
                lane,
                window: Window::new(limits(lane, pace), running),
                reading: None,
            }),
        }
    }

    fn way(&mut self, lane: Lane) -> Option<&mut Way> {
        self.ways.iter_mut().find(|way| way.lane == lane)
    }

    /// A new connection: nothing of the old one counts, and no reading is under way.
    pub(super) fn start_over(&mut self, stock: &[LaneStock], now: MonoTime) {
        for way in &mut self.ways {
            way.window.start_over(watermark(stock, way.lane), now);
            way.reading = None;
        }
    }

    /// The store may have something new.
    pub(super) fn more(&mut self) {
        for way in &mut self.ways {
            way.window.more();
        }
    }

    /// What to read now, most urgent first (R5). The lane is then being read until [`Outbox::took`].
    pub(super) fn next_read(&mut self) -> Option<(Lane, Want)> {
        for way in &mut self.ways {
            if way.reading.is_some() {
                return None;
            }
            if let Some(want) = way.window.want() {
                way.reading = Some(want);
                return Some((way.lane, want));
            }
        }
        None
    }

    /// The reading is done, up to `end`; `None` = there was nothing. Returns whether to send it.
    pub(super) fn took(&mut self, lane: Lane, want: &Want, end: Option<Cursor>) -> bool {
        self.way(lane).is_some_and(|way| {
            if way.reading != Some(*want) {
                // Asked for on a connection that is gone.
                return false;
            }
            way.reading = None;
            way.window.took(want, end)
        })
    }

    /// Records up to `end` are on their way as message `id`, or can never be.
    pub(super) fn sent(
        &mut self,
        lane: Lane,
        want: &Want,
        end: Cursor,
        bytes: usize,
        id: u64,
        now: MonoTime,
    ) {
        if let Some(way) = self.way(lane) {
            way.window.sent(want, end, bytes, id, now);
        }
    }

    /// The broker has acknowledged this message.
    pub(super) fn acked(&mut self, id: u64) {
        for way in &mut self.ways {
            way.window.acked(id);
        }
    }

    /// Returns what the store may be told.
    pub(super) fn receipt(&mut self, receipt: &Receipt, now: MonoTime) -> Option<Seq> {
        self.way(receipt.lane)?.window.receipt(receipt, now)
    }

    /// Sends again what has waited too long for a receipt; returns those lanes.
    pub(super) fn send_again(&mut self, stock: &[LaneStock], now: MonoTime) -> Vec<Lane> {
        let mut again = Vec::new();
        for way in &mut self.ways {
            if way.window.stalled(now) {
                way.window.start_over(watermark(stock, way.lane), now);
                again.push(way.lane);
            }
        }
        again
    }

    pub(super) fn hurry(&mut self) {
        for way in &mut self.ways {
            way.window.hurry();
        }
    }

    /// When [`Outbox::send_again`] may have something to do.
    pub(super) fn deadline(&self) -> Option<MonoTime> {
        self.ways.iter().filter_map(|way| way.window.deadline()).min()
    }

    /// The lane that the centre has not receipted although it was sent several times.
    pub(super) fn stuck(&self) -> Option<Lane> {
        let stuck = |way: &&Way| way.window.stalls() >= STALLS_MAX;
        self.ways.iter().find(stuck).map(|way| way.lane)
    }
}

/// So many times sent in vain, and a technician should know.
const STALLS_MAX: u32 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(outbox: &mut Outbox, expected: Lane) {
        let (lane, want) = outbox.next_read().expect("a lane to read");
        assert_eq!(lane, expected);
        assert!(!outbox.took(lane, &want, None));
    }

    #[test]
    fn r5_i7_no_lane_is_asked_while_a_more_urgent_one_may_have_something() {
        let mut outbox = Outbox::new(&Pace::default(), Epoch(1));
        let (lane, want) = outbox.next_read().unwrap();
        assert_eq!(lane, Lane::Alerts);
        assert!(outbox.next_read().is_none(), "alerts are just being read");
        outbox.took(lane, &want, None);
        nothing(&mut outbox, Lane::Events);
        nothing(&mut outbox, Lane::Summaries);
        let (bulk, bulk_want) = outbox.next_read().unwrap();
        assert_eq!(bulk, Lane::Vitals);
        // A slow card is still reading bulk when an alert is made.
        outbox.more();
        nothing(&mut outbox, Lane::Alerts);
        nothing(&mut outbox, Lane::Events);
        nothing(&mut outbox, Lane::Summaries);
        assert!(outbox.next_read().is_none());
        outbox.took(bulk, &bulk_want, None);
        assert!(outbox.next_read().is_none(), "all are empty");
    }
}
