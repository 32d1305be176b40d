//! One connection to the broker, from sign-on to its first error.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use link::{Incoming, LinkError, Message, Publisher};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use vitals::wire::{PostStatus, topic};
use vitals::{Lane, MonoTime, PostId};

use super::TICK;
use super::outbox::LANES;
use super::pack::{Piece, pack};
use super::post::Relay;
use super::window::Want;
use crate::store::{Cursor, Destination, Store};

/// The longest that saying goodbye may take, for each of its two steps.
const GOODBYE_MAX: Duration = Duration::from_millis(400);

/// Why a session ended.
pub(super) enum Ended {
    Stopped,
    Broken(LinkError),
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        Ended::Broken(error)
    }
}

/// What a delivery belongs to: a flight of a lane, or nothing that is waited for.
type Landed = (Option<(Lane, u64)>, Result<(), LinkError>);
type Landing = Pin<Box<dyn Future<Output = Landed> + Send>>;

/// What was read and packed.
#[derive(Default)]
struct Prepared {
    /// Up to where; `None` = there was nothing.
    end: Option<Cursor>,
    pieces: Vec<Piece>,
    /// The store could not be read: try again with the next tick.
    failed: bool,
}

struct Read {
    lane: Lane,
    want: Want,
    task: JoinHandle<Prepared>,
}

/// Readings of the store that are under way, at most one for each lane, the most urgent first.
#[derive(Default)]
struct Reads([Option<Read>; LANES.len()]);

impl Reads {
    fn start(&mut self, lane: Lane, want: Want, store: Store, post: PostId) {
        // Off this task: a card that stalls must not stop receipts, heartbeats and, least of all, another lane's alert.
        let task = tokio::task::spawn_blocking(move || prepare(lane, &want, &store, &post));
        if let Some(place) = LANES.iter().position(|known| *known == lane) {
            self.0[place] = Some(Read { lane, want, task });
        }
    }

    /// The next one that is done, the most urgent first. Safe to cancel.
    async fn next(&mut self) -> (Lane, Want, Prepared) {
        poll_fn(|context| {
            for slot in &mut self.0 {
                if let Some(read) = slot
                    && let Poll::Ready(done) = Pin::new(&mut read.task).poll(context)
                {
                    let (lane, want) = (read.lane, read.want);
                    *slot = None;
                    let prepared = done.unwrap_or_else(|error| {
                        tracing::error!(%lane, %error, "reading or packing has failed");
                        Prepared {
                            failed: true,
                            ..Prepared::default()
                        }
                    });
                    return Poll::Ready((lane, want, prepared));
                }
            }
            Poll::Pending
        })
        .await
    }
}

fn prepare(lane: Lane, want: &Want, store: &Store, post: &PostId) -> Prepared {
    match store.read(lane, want.after, want.records_max) {
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
            Prepared {
                failed: true,
                ..Prepared::default()
            }
        }
    }
}

pub(super) struct Session<'a> {
    relay: &'a mut Relay,
    publisher: Publisher,
    incoming: Incoming,
    landings: FuturesUnordered<Landing>,
    reads: Reads,
    state_due: MonoTime,
    read_failed: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(relay: &'a mut Relay, publisher: Publisher, incoming: Incoming) -> Session<'a> {
        let now = relay.clock.now();
        let store = relay.store.clone();
        relay
            .outbox
            .start_over(|lane| store.outbox_cursor(Destination::CENTRE, lane), now);
        Session {
            relay,
            publisher,
            incoming,
            landings: FuturesUnordered::new(),
            reads: Reads::default(),
            state_due: now,
            read_failed: false,
        }
    }

    /// Relays until the link breaks or `stop`.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> Ended {
        let mut appended = self.relay.store.appended();
        loop {
            match self.round(stop, &mut appended).await {
                Ok(()) => {}
                Err(Ended::Stopped) => {
                    self.goodbye().await;
                    return Ended::Stopped;
                }
                Err(broken) => return broken,
            }
        }
    }

    async fn round(
        &mut self,
        stop: &CancellationToken,
        appended: &mut watch::Receiver<u64>,
    ) -> Result<(), Ended> {
        let now = self.relay.tick();
        if now >= self.state_due {
            self.state_due = now + self.relay.pace.state_every;
            self.publish_state(PostStatus::Online).await?;
        }
        self.relay.send_again(now);
        self.start_reads();
        let pause = self.pause(now);
        tokio::select! {
            () = stop.cancelled() => return Err(Ended::Stopped),
            message = self.incoming.next() => {
                let message = message?;
                self.relay.heard(&message);
            }
            Some((flight, result)) = self.landings.next() => {
                result?;
                if let Some((lane, id)) = flight {
                    self.relay.outbox.acked(lane, id);
                }
            }
            (lane, want, prepared) = self.reads.next() => self.send(lane, want, prepared).await?,
            changed = appended.changed() => match changed {
                Ok(()) => self.relay.outbox.more(),
                // The store was closed: there will be nothing new, and `stop` comes soon.
                Err(_) => sleep(TICK).await,
            },
            () = sleep(pause) => {
                if std::mem::take(&mut self.read_failed) {
                    self.relay.outbox.more();
                }
            }
        }
        Ok(())
    }

    /// Until something is due.
    fn pause(&self, now: MonoTime) -> Duration {
        let due = self
            .relay
            .outbox
            .deadline()
            .map_or(TICK, |deadline| deadline.since(now));
        // Never a busy loop, whatever the clock does.
        due.clamp(Duration::from_millis(1), TICK)
    }

    fn start_reads(&mut self) {
        while let Some((lane, want)) = self.relay.outbox.next_read() {
            let (store, post) = (self.relay.store.clone(), self.relay.options.post.clone());
            self.reads.start(lane, want, store, post);
        }
    }

    async fn send(&mut self, lane: Lane, want: Want, prepared: Prepared) -> Result<(), LinkError> {
        self.read_failed |= prepared.failed;
        if !self.relay.outbox.took(lane, &want, prepared.end) {
            return Ok(());
        }
        for piece in prepared.pieces {
            let now = self.relay.clock.now();
            match piece {
                Piece::Send { end, payload } => {
                    let bytes = payload.len();
                    let message = Message {
                        topic: topic::up(&self.relay.options.post, lane),
                        payload,
                        retain: false,
                    };
                    let delivery = self.publisher.publish(message).await?;
                    let id = self.relay.outbox.sent(lane, &want, end, bytes, now);
                    self.landings
                        .push(Box::pin(async move { (Some((lane, id)), delivery.await) }));
                }
                Piece::GiveUp { record, reason } => {
                    self.relay.outbox.sent(lane, &want, record, 0, now);
                    self.relay.give_up(lane, record, &reason);
                }
            }
        }
        Ok(())
    }

    async fn publish_state(&mut self, status: PostStatus) -> Result<(), LinkError> {
        let delivery = self.publisher.publish(self.relay.state(status)).await?;
        self.landings
            .push(Box::pin(async move { (None, delivery.await) }));
        Ok(())
    }

    /// Says that this post stops in order, so that nobody looks for a broken link.
    async fn goodbye(mut self) {
        let said = async {
            self.publish_state(PostStatus::Stopped).await?;
            while let Some((_, result)) = self.landings.next().await {
                result?;
            }
            Ok::<(), LinkError>(())
        };
        match timeout(GOODBYE_MAX, said).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::info!(%error, "the centre will see this post as lost, not as stopped"),
            Err(_) => {
                tracing::info!("the broker is too slow: the centre may see this post as lost, not as stopped")
            }
        }
        self.incoming.close(GOODBYE_MAX).await;
    }
}
