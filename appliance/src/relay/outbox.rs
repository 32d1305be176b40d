//! The lanes that go to one destination, most urgent first (I7). Waves stay on the box. Pure.
//!
//! - R5: while an urgent lane has something that may leave, or is just being read, no less urgent lane is even asked.
//!   Of bulk, what is made now goes before what waits of any lane (R10), and summaries before readings.

use vitals::wire::Receipt;
use vitals::{Epoch, Lane, MonoTime};

use super::Pace;
use super::flights::Sent;
use super::outage::GivenUp;
use super::outlet::LaneStock;
use super::throttle::Throttle;
use super::trips::Trips;
use super::window::{Found, Limits, Part, Want, Window};
use crate::config::{CentreConfig, Delivery, DestinationConfig};
use crate::store::{Cursor, RELAYED_LANES};

/// What is relayed, most urgent first.
pub(super) const LANES: [Lane; RELAYED_LANES.len()] = RELAYED_LANES;

/// So many times sent in vain, and a technician should know.
const STALLS_MAX: u32 = 3;

/// What a destination gets, and how.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Its lanes.
    pub lanes: Vec<Lane>,
    /// How it confirms.
    pub delivery: Delivery,
    /// Most bytes of bulk in a second.
    pub bytes_per_s_max: Option<u64>,
    /// Bytes cost money there: readings stay on the post, the other bulk is gathered for a minute.
    pub metered: bool,
}

impl Terms {
    /// As configured for the centre.
    pub fn centre(config: &CentreConfig) -> Terms {
        Terms {
            bytes_per_s_max: config.bytes_per_s_max,
            metered: config.metered,
            ..Terms::default()
        }
    }

    /// As configured.
    pub fn of(config: &DestinationConfig) -> Terms {
        Terms {
            lanes: config.lanes.clone().unwrap_or(LANES.to_vec()),
            delivery: config.delivery,
            bytes_per_s_max: config.bytes_per_s_max,
            metered: config.metered,
        }
    }

    /// What of its lanes leaves for it, most urgent first: no readings where bytes cost money.
    pub fn sends(&self) -> Vec<Lane> {
        let leaves = |lane: &Lane| self.lanes.contains(lane) && !(self.metered && *lane == Lane::Vitals);
        LANES.into_iter().filter(leaves).collect()
    }
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            lanes: LANES.to_vec(),
            delivery: Delivery::Receipts,
            bytes_per_s_max: None,
            metered: false,
        }
    }
}

#[derive(Debug)]
struct Way {
    lane: Lane,
    window: Window,
    /// The reading that is under way.
    reading: Option<Want>,
    /// Bytes and records of the last message: tells how many records make a message of a given size.
    last_message: (usize, usize),
}

#[derive(Debug)]
pub(super) struct Outbox {
    ways: Vec<Way>,
    delivery: Delivery,
    throttle: Throttle,
    asked: MonoTime,
}

fn limits(lane: Lane, pace: &Pace, terms: &Terms) -> Limits {
    let (records_max, batches_max, unacked_bytes_max) = match lane {
        Lane::Alerts => (32, 16, 1 << 20),
        Lane::Events => (64, 16, 256 << 10),
        // Bounded in bytes by the throttle, across lanes.
        Lane::Summaries | Lane::Vitals | Lane::Waves => (BULK_RECORDS_MAX, 8, usize::MAX),
    };
    Limits {
        records_max,
        batches_max,
        unacked_bytes_max,
        // A destination without receipts confirms in order only.
        live_first: !lane.is_urgent() && terms.delivery == Delivery::Receipts,
        gather: if terms.metered {
            pace.gather_metered
        } else {
            pace.gather
        },
        stall_first: pace.stall_first,
        stall_most: pace.stall_most,
    }
}

/// Most records in one message of bulk.
const BULK_RECORDS_MAX: usize = 2_000;
/// Fewest, however thin the link: smaller messages are mostly headers.
const BULK_RECORDS_LEAST: usize = 50;

fn of_lane(stock: &[LaneStock], lane: Lane) -> (Cursor, Cursor) {
    let found = stock.iter().find(|stock| stock.lane == lane);
    found.map_or((Cursor::START, Cursor::START), |stock| {
        (stock.cursor, stock.newest)
    })
}

impl Way {
    fn start_over(&mut self, stock: &[LaneStock], now: MonoTime) {
        let (cursor, newest) = of_lane(stock, self.lane);
        self.window.start_over(cursor, newest, now);
    }

    /// As many records as a message of so many bytes holds.
    fn records_in(&self, bytes: usize) -> usize {
        let (of, records) = self.last_message;
        let fit = bytes.saturating_mul(records) / of.max(1);
        fit.clamp(BULK_RECORDS_LEAST, BULK_RECORDS_MAX)
    }
}

impl Outbox {
    pub(super) fn new(pace: &Pace, terms: &Terms, running: Epoch) -> Outbox {
        let ways = terms.sends().into_iter();
        Outbox {
            ways: ways
                .map(|lane| Way {
                    lane,
                    window: Window::new(limits(lane, pace, terms), running),
                    reading: None,
                    // Packed readings take about four bytes each.
                    last_message: (4, 1),
                })
                .collect(),
            delivery: terms.delivery,
            throttle: Throttle::new(terms.bytes_per_s_max),
            asked: MonoTime::BOOT,
        }
    }

    fn way(&mut self, lane: Lane) -> Option<&mut Way> {
        self.ways.iter_mut().find(|way| way.lane == lane)
    }

    /// A new connection: nothing of the old one counts, and no reading is under way.
    pub(super) fn start_over(&mut self, stock: &[LaneStock], now: MonoTime) {
        self.throttle.start_over(now);
        for way in &mut self.ways {
            way.window.new_link();
            way.start_over(stock, now);
            way.reading = None;
        }
    }

    /// The store may have something new.
    pub(super) fn more(&mut self, now: MonoTime) {
        for way in &mut self.ways {
            way.window.more(now);
        }
    }

    /// A tick: worth another look at what could not be read before.
    pub(super) fn look_behind(&mut self) {
        for way in &mut self.ways {
            way.window.look_behind();
        }
    }

    /// What to read now, most urgent first (R5). The lane is then being read until [`Outbox::took`].
    pub(super) fn next_read(&mut self, now: MonoTime) -> Option<(Lane, Want)> {
        self.asked = now;
        let unacked = self.bulk_unacked();
        let bulk = self.throttle.is_open(unacked, now);
        let message_bytes = self.throttle.message_bytes();
        for part in [Part::Front, Part::Behind] {
            for way in &mut self.ways {
                if way.reading.is_some() {
                    return None;
                }
                let urgent = way.lane.is_urgent();
                let records_max = if urgent {
                    usize::MAX
                } else {
                    way.records_in(message_bytes)
                };
                let want = match part {
                    _ if !urgent && !bulk => None,
                    Part::Front => way.window.want_first(records_max, now),
                    _ => way.window.want_behind(records_max),
                };
                if let Some(want) = want {
                    way.reading = Some(want);
                    return Some((way.lane, want));
                }
            }
        }
        None
    }

    fn bulk_unacked(&self) -> usize {
        let bulk = self.ways.iter().filter(|way| !way.lane.is_urgent());
        bulk.map(|way| way.window.unacked_bytes()).sum()
    }

    /// The reading is done. Returns whether to send what was found.
    pub(super) fn took(&mut self, lane: Lane, want: &Want, found: Found, now: MonoTime) -> bool {
        self.way(lane).is_some_and(|way| {
            if way.reading != Some(*want) {
                // Asked for on a connection that is gone.
                return false;
            }
            way.reading = None;
            way.window.took(want, found, now)
        })
    }

    /// This is on its way.
    pub(super) fn sent(&mut self, lane: Lane, want: &Want, sent: &Sent, now: MonoTime) {
        if !lane.is_urgent() {
            self.throttle.sent(sent.bytes);
        }
        if let Some(way) = self.way(lane) {
            way.window.sent(want, sent, now);
            let records = sent.end.seq.0.saturating_sub(sent.first.0) + 1;
            if sent.bytes > 0 {
                way.last_message = (sent.bytes, usize::try_from(records).unwrap_or(usize::MAX));
            }
        }
    }

    /// The broker has acknowledged this message. Returns what the store may be told: something only when the PUBACK is
    /// all that this destination says.
    pub(super) fn acked(&mut self, id: u64, now: MonoTime) -> Vec<(Lane, Cursor)> {
        let busy = !self.throttle.is_open(self.bulk_unacked() * 2, now);
        let mut settled = Vec::new();
        for way in &mut self.ways {
            let Some((sent, bytes)) = way.window.acked(id) else {
                continue;
            };
            if !way.lane.is_urgent() && bytes > 0 {
                self.throttle.acked(sent, busy, now);
            }
            if self.delivery == Delivery::Puback {
                let of_lane = way.window.settle_acked(now).into_iter();
                settled.extend(of_lane.map(|cursor| (way.lane, cursor)));
            }
        }
        settled
    }

    /// The store gave these records up.
    pub(super) fn given_up(&mut self, lost: &GivenUp) {
        if let Some(way) = self.way(lost.lane) {
            way.window.given_up(lost.epoch, lost.first, lost.last);
        }
    }

    /// What receipts told of messages of this lane since the last call.
    pub(super) fn take_trips(&mut self, lane: Lane) -> Trips {
        self.way(lane)
            .map(|way| way.window.take_trips())
            .unwrap_or_default()
    }

    /// Returns what the store may be told.
    pub(super) fn receipt(&mut self, receipt: &Receipt, now: MonoTime) -> Option<Cursor> {
        if self.delivery == Delivery::Puback {
            return None;
        }
        let epoch = receipt.epoch;
        let seq = self.way(receipt.lane)?.window.receipt(receipt, now)?;
        Some(Cursor { epoch, seq })
    }

    /// R12: a record that this destination does not take, however it is sent.
    pub(super) fn take_poison(&mut self) -> Option<(Lane, Cursor)> {
        let find = |way: &mut Way| Some((way.lane, way.window.take_poison()?));
        self.ways.iter_mut().find_map(find)
    }

    /// R12: this record counts as arrived there.
    pub(super) fn pass_over(&mut self, lane: Lane, record: Cursor) {
        if let Some(way) = self.way(lane) {
            way.window.pass_over(record);
        }
    }

    /// A receipt of a destination that may lack what was passed over.
    pub(super) fn beyond_passed(&self, receipt: Receipt, stock: &[LaneStock]) -> Receipt {
        let way = self.ways.iter().find(|way| way.lane == receipt.lane);
        let (watermark, _) = of_lane(stock, receipt.lane);
        match way {
            Some(way) => way.window.beyond_passed(receipt, watermark),
            None => receipt,
        }
    }

    /// Begins again with lanes in which something has waited too long for a receipt, or more is owed than was known;
    /// returns them.
    pub(super) fn send_again(&mut self, stock: &[LaneStock], now: MonoTime) -> Vec<Lane> {
        let mut again = Vec::new();
        for way in &mut self.ways {
            let (watermark, _) = of_lane(stock, way.lane);
            if way.window.stalled(now) || way.window.owes_more(watermark) {
                way.start_over(stock, now);
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

    /// When [`Outbox::send_again`] or [`Outbox::next_read`] may have something to do although nothing happened.
    pub(super) fn deadline(&self) -> Option<MonoTime> {
        // What was due when it was asked for last is held back by something else, which says so when it is over.
        let gathered = self.ways.iter().filter_map(|way| way.window.gathered_at());
        let later = gathered
            .chain(self.throttle.refilled())
            .filter(|at| *at > self.asked);
        let stalls = self.ways.iter().filter_map(|way| way.window.stalls_at());
        stalls.chain(later).min()
    }

    /// Whether it gets this lane.
    pub(super) fn gets(&self, lane: Lane) -> bool {
        self.ways.iter().any(|way| way.lane == lane)
    }

    /// The lane that the centre has not receipted although it was sent several times.
    pub(super) fn stuck(&self) -> Option<Lane> {
        let stuck = |way: &&Way| way.window.stalls() >= STALLS_MAX;
        self.ways.iter().find(stuck).map(|way| way.lane)
    }

    /// Up to where the broker has acknowledged a lane on this connection.
    pub(super) fn published(&self, lane: Lane) -> Cursor {
        let way = self.ways.iter().find(|way| way.lane == lane);
        way.map_or(Cursor::START, |way| way.window.published())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(outbox: &mut Outbox, expected: Lane) {
        let (lane, want) = outbox.next_read(NOW).expect("a lane to read");
        assert_eq!(lane, expected);
        assert!(!outbox.took(lane, &want, Found::Nothing, NOW));
    }

    const NOW: MonoTime = MonoTime::BOOT;

    #[test]
    fn r5_i7_no_lane_is_asked_while_a_more_urgent_one_may_have_something() {
        let pace = Pace {
            gather: std::time::Duration::ZERO,
            ..Pace::default()
        };
        let mut outbox = Outbox::new(&pace, &Terms::default(), Epoch(1));
        let (lane, want) = outbox.next_read(NOW).unwrap();
        assert_eq!(lane, Lane::Alerts);
        assert!(outbox.next_read(NOW).is_none(), "alerts are just being read");
        outbox.took(lane, &want, Found::Nothing, NOW);
        nothing(&mut outbox, Lane::Events);
        nothing(&mut outbox, Lane::Summaries);
        let (bulk, bulk_want) = outbox.next_read(NOW).unwrap();
        assert_eq!(bulk, Lane::Vitals);
        // A slow card is still reading bulk when an alert is made.
        outbox.more(NOW);
        nothing(&mut outbox, Lane::Alerts);
        nothing(&mut outbox, Lane::Events);
        nothing(&mut outbox, Lane::Summaries);
        assert!(outbox.next_read(NOW).is_none());
        outbox.took(bulk, &bulk_want, Found::Nothing, NOW);
        assert!(outbox.next_read(NOW).is_none(), "all are empty");
    }
}
