//! A tiny centre for tests: applies what comes, sends receipts and heartbeats, and misbehaves when told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use link::{LinkOptions, Message, Publisher};
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};
use vitals::wire::{CentreHeartbeat, Envelope, OnDuty, PostState, PostStatus, Receipt, topic};
use vitals::{Epoch, Event, Lane, PostId, Record, Seq, WallTime};

use super::real::until_seen;
use crate::broker::tests::rig::Rig;

/// What time this centre believes it is: decades before this machine, whose own clock must not matter.
pub(super) const CENTRE_WALL_MS: i64 = 1_000_000;

/// How it misbehaves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Manners {
    /// Sends no heartbeats and no receipts.
    pub(super) silent: bool,
    /// Of three receipts, two are lost.
    pub(super) loses_receipts: bool,
    /// Each receipt comes twice, and once more an old one.
    pub(super) doubles_receipts: bool,
    /// Waits so long before it stores an envelope.
    pub(super) slowness: Duration,
}

/// What it has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) manners: Manners,
    subscribed: bool,
    /// Records in the order in which they were applied.
    pub(super) applied: BTreeMap<(Epoch, Lane), Vec<(Seq, Record)>>,
    /// Lane and number of records of every envelope, in the order of arrival.
    pub(super) arrivals: Vec<(Lane, usize)>,
    pub(super) statuses: Vec<PostStatus>,
    pub(super) last_state: Option<PostState>,
    /// Up to where each lane is complete: applied, or told as lost.
    contiguous: BTreeMap<(Epoch, Lane), Seq>,
    lost: Vec<(Epoch, Lane, Seq, Seq)>,
    receipts: u64,
}

impl Seen {
    pub(super) fn count(&self, lane: Lane) -> usize {
        let of_lane = self.applied.iter().filter(|((_, known), _)| *known == lane);
        of_lane.map(|(_, records)| records.len()).sum()
    }

    /// Events but for the relay's own reports of outages, which a busy machine may cause.
    pub(super) fn given_events(&self) -> usize {
        let events = self.applied.iter().filter(|((_, lane), _)| *lane == Lane::Events);
        let given = |(_, record): &&(Seq, Record)| {
            !matches!(
                record,
                Record::Event {
                    event: Event::Outage(_),
                    ..
                }
            )
        };
        events.flat_map(|(_, records)| records).filter(given).count()
    }

    /// How many records this lane has lost by the post's own word.
    pub(super) fn lost(&self, lane: Lane) -> u64 {
        let of_lane = self.lost.iter().filter(|(_, known, ..)| *known == lane);
        of_lane.map(|(_, _, first, last)| last.0 - first.0 + 1).sum()
    }

    /// I2: without a gap, each once, in order.
    pub(super) fn assert_in_order(&self) {
        for (key, records) in &self.applied {
            let seqs: Vec<u64> = records.iter().map(|(seq, _)| seq.0).collect();
            let expected: Vec<u64> = (1..=u64::try_from(records.len()).unwrap()).collect();
            assert_eq!(seqs, expected, "{key:?}");
        }
    }
}

pub(super) struct Centre {
    pub(super) seen: Arc<Mutex<Seen>>,
    task: JoinHandle<()>,
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Centre {
    /// Returns when it has subscribed: a broker acknowledges, and drops, what nobody has subscribed to yet.
    pub(super) async fn start(rig: &Rig, post: &PostId, manners: Manners) -> Centre {
        let mut options = rig.options("district", "centre");
        options.client_id = "fake-centre".to_owned();
        options.subscribe = vec![topic::ALL_UP.to_owned(), topic::ALL_STATES.to_owned()];
        let seen = Arc::new(Mutex::new(Seen {
            manners,
            ..Seen::default()
        }));
        let task = tokio::spawn(serve(options, post.clone(), seen.clone()));
        let centre = Centre { seen, task };
        until_seen(&centre, "the centre has subscribed", |seen| seen.subscribed).await;
        centre
    }

    pub(super) fn manners(&self, manners: Manners) {
        self.seen.lock().unwrap().manners = manners;
    }
}

async fn serve(options: LinkOptions, post: PostId, seen: Arc<Mutex<Seen>>) {
    loop {
        if let Ok((publisher, mut incoming)) = link::connect(&options).await {
            seen.lock().unwrap().subscribed = true;
            let mut heartbeat = interval(Duration::from_millis(500));
            loop {
                tokio::select! {
                    _ = heartbeat.tick() => beat(&publisher, &post, &seen).await,
                    message = incoming.next() => match message {
                        Ok(message) => take(&publisher, &post, &seen, &message).await,
                        Err(_) => break,
                    }
                }
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn say(publisher: &Publisher, topic: String, payload: Vec<u8>) {
    let message = Message {
        topic,
        payload,
        retain: false,
    };
    // A broken link is seen by the loop above.
    publisher.publish(message).await.ok();
}

async fn beat(publisher: &Publisher, post: &PostId, seen: &Mutex<Seen>) {
    if seen.lock().unwrap().manners.silent {
        return;
    }
    let heartbeat = CentreHeartbeat {
        centre: "District hospital".to_owned(),
        wall: WallTime::from_unix_ms(CENTRE_WALL_MS),
        duty: OnDuty::NoRoster,
    };
    say(publisher, topic::heartbeat(post), heartbeat.encode()).await;
}

async fn take(publisher: &Publisher, post: &PostId, seen: &Mutex<Seen>, message: &Message) {
    if message.topic == topic::state(post) {
        let state = PostState::decode(&message.payload).unwrap();
        let mut seen = seen.lock().unwrap();
        seen.statuses.push(state.status);
        seen.last_state = Some(state);
        return;
    }
    let manners = seen.lock().unwrap().manners;
    if !manners.slowness.is_zero() {
        sleep(manners.slowness).await;
    }
    let receipts = seen
        .lock()
        .unwrap()
        .apply(post, &Envelope::decode(&message.payload).unwrap());
    for receipt in receipts {
        say(publisher, topic::receipt(post), receipt.encode()).await;
    }
}

impl Seen {
    /// Stores what continues what it has; what lies beyond a gap is thrown away and named as missing.
    fn apply(&mut self, post: &PostId, envelope: &Envelope) -> Vec<Receipt> {
        assert_eq!(envelope.post, *post);
        let records = envelope.open().unwrap().records;
        self.arrivals.push((envelope.lane, records.len()));
        let (epoch, lane) = (envelope.epoch, envelope.lane);
        let old = self.complete(epoch, lane);
        for (seq, record) in (envelope.first.0..).map(Seq).zip(records) {
            if seq != self.complete(epoch, lane).next() {
                continue;
            }
            if let Record::Event {
                event:
                    Event::Lost {
                        epoch,
                        lane,
                        first,
                        last,
                    },
                ..
            } = &record
            {
                self.lost.push((*epoch, *lane, *first, *last));
            }
            self.contiguous.insert((epoch, lane), seq);
            self.applied.entry((epoch, lane)).or_default().push((seq, record));
        }
        let contiguous = self.complete(epoch, lane);
        let post = post.clone();
        let missing = if envelope.first > contiguous.next() {
            vec![(contiguous.next(), Seq(envelope.first.0 - 1))]
        } else {
            Vec::new()
        };
        let receipt = |contiguous, missing| Receipt {
            post: post.clone(),
            epoch,
            lane,
            contiguous,
            missing,
        };
        self.receipts += 1;
        if self.manners.silent || self.manners.loses_receipts && !self.receipts.is_multiple_of(3) {
            return Vec::new();
        }
        let new = receipt(contiguous, missing);
        if self.manners.doubles_receipts {
            return vec![new.clone(), receipt(old, Vec::new()), new];
        }
        vec![new]
    }

    /// Up to where a lane is complete. What the post has told as lost is not waited for.
    fn complete(&mut self, epoch: Epoch, lane: Lane) -> Seq {
        let complete = self.contiguous.entry((epoch, lane)).or_insert(Seq(0));
        for (_, _, first, last) in self.lost.iter().filter(|loss| (loss.0, loss.1) == (epoch, lane)) {
            if *first <= complete.next() {
                *complete = (*complete).max(*last);
            }
        }
        *complete
    }
}
