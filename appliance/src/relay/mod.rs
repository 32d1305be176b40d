//! The relay: from the store's outbox to the centre and back, alerts first. Owns everything between the post and MQTT.
//!
//! Records leave over a disposable link; only the centre's receipts retire them (I1, I2). On any error the link is
//! dropped, and after the next connection everything goes again that the centre has not receipted: the centre knows
//! each record by (post, epoch, lane, seq) and ignores what it has. How:
//!
//! - R1 to R4, one lane's window: `window`. R5, alerts first (I7): `outbox`. R6, nothing unreadable leaves: `pack`.
//! - R7: reading and packing happen off the relay's task, so a stalled card delays no alert that is in memory (`session`).
//! - R8: whether anybody at the centre sees this post is judged by the centre's own heartbeat, never by the link (I6):
//!   `centre`.
//! - R9: what comes down is hostile until decoded; it is counted, and ends nothing (`down`).

mod centre;
mod dispatch;
mod down;
mod flights;
mod holdings;
mod outbox;
mod outlet;
mod pack;
mod poison;
mod post;
mod quarantine;
mod session;
#[cfg(feature = "simulation")]
pub mod simulated;
#[cfg(test)]
mod tests;
mod throttle;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use link::BackOff;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vitals::{BedId, Epoch, MonoTime, PostId, WallTime};

use crate::clock::Clock;
use crate::config::CentreConfig;
use crate::store::{Cursor, Store};

pub use outbox::{Delivery, Terms};
pub use post::Wires;

use dispatch::Input;
use outlet::Outlet;
use post::Relay;
use session::{Ended, Session};

/// How often the relay makes a round, whatever happens.
const TICK: Duration = Duration::from_secs(1);

/// A connection that held so long was a good one: the next attempt comes quickly.
const GOOD_LINK: Duration = Duration::from_secs(30);

/// Whom the relay speaks for, and to whom.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// This post.
    pub post: PostId,
    /// What people call it.
    pub name: String,
    /// Its beds and what people call them.
    pub beds: Vec<(BedId, String)>,
    /// Where the broker is.
    pub centre: CentreConfig,
    /// Where records are kept that a destination could not take; made when it is needed.
    pub quarantine: PathBuf,
}

/// How it stands with the centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CentreLink {
    /// In one word.
    pub state: CentreState,
    /// Since when.
    pub since: MonoTime,
    /// How many records the centre has not confirmed.
    pub waiting: u64,
    /// Up to where the broker has acknowledged the alerts lane: an alert up to here was sent, one beyond it is queued,
    /// and one up to [`Store::outbox_cursor`] is at the centre.
    pub alerts_sent: Cursor,
    /// What people call the centre.
    pub centre: Option<String>,
    /// What a technician should know: the last reason why there is no link, or what is wrong although there is one.
    pub problem: Option<String>,
    /// When the centre was last heard.
    pub last_heartbeat: Option<MonoTime>,
    /// When this post's certificate runs out; `None` = it could not be read yet.
    pub certificate_expires: Option<WallTime>,
}

/// How it stands with the centre, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CentreState {
    /// This post works alone.
    NotConfigured,
    /// Not heard since the start, which was less than 30 s ago.
    Connecting,
    /// Heard in the last 30 s: doctors see this post.
    Up,
    /// Not heard for 30 s: nobody at the centre sees this post.
    Unreachable,
}

/// How long the relay waits for what; tests are in more of a hurry.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// First and longest wait for a receipt before records are sent again.
    stall_first: Duration,
    stall_most: Duration,
    /// A centre that is silent for so long is unreachable.
    silence_max: Duration,
    /// How often the post's state is published.
    state_every: Duration,
    /// First and longest wait before the next attempt to connect.
    retry_first: Duration,
    retry_most: Duration,
    /// How long bulk is gathered before it goes, and where bytes cost money.
    gather: Duration,
    gather_metered: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            stall_first: Duration::from_secs(10),
            stall_most: Duration::from_secs(60),
            silence_max: Duration::from_secs(30),
            state_every: Duration::from_secs(10),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(60),
            gather: Duration::from_secs(2),
            gather_metered: Duration::from_secs(60),
        }
    }
}

/// Starts the relay: one task that runs until `stop` and is then gone within about a second.
pub fn spawn(
    options: RelayOptions,
    store: Store,
    clock: Clock,
    epoch: Epoch,
    wires: Wires,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let outlet = Outlet::new(store);
    let relay = Relay::new(options, outlet, clock, epoch, wires, Pace::default());
    tokio::spawn(run(relay, stop))
}

/// Connects again and again, each time after a longer wait.
async fn run(mut relay: Relay, stop: CancellationToken) {
    let mut back_off = BackOff::new(relay.pace.retry_first, relay.pace.retry_most);
    loop {
        let options = relay.link_options();
        let Some(connected) = while_ticking(&mut relay, &stop, link::connect(&options)).await else {
            return;
        };
        let error = match connected {
            Ok((publisher, incoming)) => {
                let since = relay.clock.now();
                tracing::info!(
                    host = options.host,
                    port = options.port,
                    "connected to the broker"
                );
                let error = match Session::new(&mut relay, publisher, incoming).run(&stop).await {
                    Ended::Stopped => return,
                    Ended::Broken(error) => error,
                };
                if relay.clock.now().since(since) >= GOOD_LINK {
                    back_off.reset();
                }
                error
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "no link to the centre");
        let error = error.to_string();
        relay.hear(Input::Unlinked { error });
        relay.carry_out_offline();
        // Without random bytes the longest wait is taken: safe, and it never happens on Linux.
        let wait = back_off.next(getrandom::u32().unwrap_or(u32::MAX));
        if while_ticking(&mut relay, &stop, sleep(wait)).await.is_none() {
            return;
        }
    }
}

/// Waits for `what`, making a round every second meanwhile; `None` = stop.
async fn while_ticking<T>(
    relay: &mut Relay,
    stop: &CancellationToken,
    what: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(what);
    loop {
        relay.tick();
        relay.carry_out_offline();
        tokio::select! {
            () = stop.cancelled() => return None,
            done = &mut what => return Some(done),
            () = sleep(TICK) => {}
        }
    }
}
