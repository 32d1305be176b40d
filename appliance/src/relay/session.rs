//! One connection to the broker, from sign-on to its first error: carries out what [`Dispatch`] says.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use link::{Identity, Incoming, LinkError, LinkOptions, Message, Publisher};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use vitals::wire::PostStatus;
use vitals::{Lane, MonoTime, PostId};

use super::TICK;
use super::dispatch::{Input, Step};
use super::outbox::LANES;
use super::outlet::{Outlet, Prepared};
use super::post::Relay;
use super::window::Want;

/// The longest that saying goodbye may take, for each of its two steps.
const GOODBYE_MAX: Duration = Duration::from_millis(400);

/// Why a session ended.
pub(super) enum Ended {
    Stopped,
    Broken(LinkError),
    /// The certificate files have changed: the next connection takes the new ones.
    Renewed,
}

impl From<LinkError> for Ended {
    fn from(error: LinkError) -> Self {
        Ended::Broken(error)
    }
}

/// The id of a message and what became of it.
type Landed = (u64, Result<(), LinkError>);
type Landing = Pin<Box<dyn Future<Output = Landed> + Send>>;

struct Read {
    lane: Lane,
    want: Want,
    task: JoinHandle<Prepared>,
}

/// Readings of the store that are under way, at most one for each lane, the most urgent first.
#[derive(Default)]
struct Reads([Option<Read>; LANES.len()]);

impl Reads {
    fn start(&mut self, lane: Lane, want: Want, outlet: Outlet, post: PostId) {
        // Off this task: a card that stalls must not stop receipts, heartbeats and, least of all, another lane's alert.
        let task = tokio::task::spawn_blocking(move || outlet.prepare(&post, lane, &want));
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
                        Prepared::failed()
                    });
                    return Poll::Ready((lane, want, prepared));
                }
            }
            Poll::Pending
        })
        .await
    }
}

pub(super) struct Session<'a> {
    relay: &'a mut Relay,
    publisher: Publisher,
    incoming: Incoming,
    landings: FuturesUnordered<Landing>,
    reads: Reads,
    renewed: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Returns when the certificate files say something else than `known`, and fit together.
async fn renewed(options: LinkOptions, known: Option<Identity>, every: Duration) {
    loop {
        sleep(every).await;
        let options = options.clone();
        let found = tokio::task::spawn_blocking(move || link::identity(&options)).await;
        match (found, known) {
            (Ok(Ok(found)), Some(known)) if found == known => {}
            (Ok(Ok(_)), _) => return,
            (Ok(Err(error)), _) => {
                tracing::warn!(%error, "the certificate files changed and cannot be used; the link goes on with the old ones");
            }
            (Err(_), _) => {}
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(
        relay: &'a mut Relay,
        options: LinkOptions,
        publisher: Publisher,
        incoming: Incoming,
    ) -> Session<'a> {
        let every = relay.pace.files_every;
        Session {
            renewed: Box::pin(renewed(options, relay.identity, every)),
            relay,
            publisher,
            incoming,
            landings: FuturesUnordered::new(),
            reads: Reads::default(),
        }
    }

    /// Relays until the link breaks or `stop`.
    pub(super) async fn run(mut self, stop: &CancellationToken) -> Ended {
        let mut appended = self.relay.outlet.appended();
        let standing = self.relay.standing();
        self.relay.hear(Input::Linked(standing));
        loop {
            match self.round(stop, &mut appended).await {
                Ok(()) => {}
                Err(Ended::Stopped) => {
                    self.goodbye().await;
                    return Ended::Stopped;
                }
                Err(Ended::Renewed) => {
                    tracing::info!("the certificate files were renewed: connecting again with them");
                    self.incoming.close(GOODBYE_MAX).await;
                    return Ended::Renewed;
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
        self.carry_out().await?;
        let pause = self.pause(now);
        tokio::select! {
            () = stop.cancelled() => return Err(Ended::Stopped),
            () = &mut self.renewed => return Err(Ended::Renewed),
            message = self.incoming.next() => {
                let message = message?;
                self.relay.hear(Input::Heard(message));
            }
            Some((id, result)) = self.landings.next() => {
                result?;
                self.relay.hear(Input::Acked(id));
            }
            (lane, want, prepared) = self.reads.next() => {
                self.relay.hear(Input::Prepared(lane, want, prepared));
            }
            changed = appended.changed() => match changed {
                Ok(()) => self.relay.hear(Input::Appended),
                // The store was closed: there will be nothing new, and `stop` comes soon.
                Err(_) => sleep(TICK).await,
            },
            () = sleep(pause) => {}
        }
        self.carry_out().await?;
        Ok(())
    }

    /// Until a tick is due.
    fn pause(&self, now: MonoTime) -> Duration {
        let due = self.relay.dispatch.due().since(now);
        // Never a busy loop, whatever the clock does.
        due.clamp(Duration::from_millis(1), TICK)
    }

    async fn carry_out(&mut self) -> Result<(), LinkError> {
        while let Some(step) = self.relay.step() {
            match step {
                Step::Publish { id, message } => self.publish(id, message).await?,
                Step::Read { lane, want } => {
                    let (outlet, post) = (self.relay.outlet.clone(), self.relay.dispatch.post().clone());
                    self.reads.start(lane, want, outlet, post);
                }
                other => self.relay.carry_out(other),
            }
        }
        Ok(())
    }

    async fn publish(&mut self, id: u64, message: Message) -> Result<(), LinkError> {
        let delivery = self.publisher.publish(message).await?;
        self.landings.push(Box::pin(async move { (id, delivery.await) }));
        Ok(())
    }

    /// Says that this post stops in order, so that nobody looks for a broken link.
    async fn goodbye(mut self) {
        let said = async {
            let message = self.relay.state(PostStatus::Stopped);
            self.publish(0, message).await?;
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
