//! The relay: from the store's outbox to the centre and back, alerts first. Owns everything between the post and MQTT.
//!
//! Records leave over a disposable link; only the centre's receipts retire them (I1, I2). On any error the link is
//! dropped, and after the next connection everything goes again that the centre has not receipted: the centre knows
//! each record by (post, epoch, lane, seq) and ignores what it has. How:
//!
//! - R1 to R4, one lane's window: `window`, `flights`, `holdings`. R5, alerts first (I7): `outbox`. R6, nothing unreadable
//!   leaves: `pack`. R10, what is made now goes before what waited, and R11, what was lost goes again alone: `window`.
//!   R12, what the far side cannot take holds up nothing: `poison`. T1, T2, bulk keeps the link free: `throttle`.
//! - R7: reading and packing happen off the relay's task, so a stalled card delays no alert that is in memory (`session`).
//! - R8: whether anybody at the centre sees this post is judged by the centre's own heartbeat, never by the link (I6):
//!   `centre`.
//! - R9: what comes down is hostile until decoded; it is counted, and ends nothing (`down`).
//!
//! `dispatch` decides and touches nothing; `session` carries out; `outlet` is the only door to the store, `post` to the core.

mod centre;
mod dispatch;
mod down;
mod flights;
mod head;
mod holdings;
mod outage;
mod outbox;
mod outlet;
mod pack;
mod poison;
mod post;
mod quarantine;
mod reach;
mod session;
#[cfg(feature = "simulation")]
pub mod simulated;
#[cfg(test)]
mod tests;
mod throttle;
mod trips;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use link::{BackOff, Identity, LinkOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use vitals::record::Outage;
use vitals::wire::{Command, OnDuty};
use vitals::{BedId, Epoch, MonoTime, PostId, WallTime};

use crate::clock::Clock;
use crate::config::{CentreConfig, DestinationConfig};
use crate::store::{Cursor, Destination, DestinationOptions, Store};

pub use outbox::Terms;
pub use post::Wires;
pub use trips::{LinkFigures, TRIPS_MAX, Trip};

use dispatch::{Input, Speaker};
use outlet::Outlet;
use post::{Relay, Target};
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
    /// Where the broker of the centre is.
    pub centre: CentreConfig,
    /// Who else gets records.
    pub destinations: Vec<DestinationConfig>,
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
    /// Up to where the broker has acknowledged the alerts lane on the present connection: an alert up to here was sent, and
    /// one up to [`Store::outbox_cursor`] is at the centre. [`Cursor::START`] = there is no link now.
    pub alerts_sent: Cursor,
    /// What people call the centre.
    pub centre: Option<String>,
    /// Whether a doctor is on duty there, as it said last.
    pub duty: OnDuty,
    /// What a technician should know: the last reason why there is no link, or what is wrong although there is one.
    pub problem: Option<String>,
    /// When the centre was last heard.
    pub last_heartbeat: Option<MonoTime>,
    /// When this post's certificate runs out; `None` = it could not be read yet.
    pub certificate_expires: Option<WallTime>,
    /// The last outage of this run that is over: all that waited has arrived.
    pub outage: Option<Outage>,
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

/// A command of the centre, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What is asked, possibly not for the first time.
    pub command: Command,
    /// Its time is over by the centre's clock: it is answered and not carried out.
    pub expired: bool,
}

/// What people and records call the main destination.
const CENTRE: &str = "centre";

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
    /// The same where bytes cost money: rarely enough to be cheap, often enough not to be taken for silence.
    state_every_metered: Duration,
    /// First and longest wait before the next attempt to connect.
    retry_first: Duration,
    retry_most: Duration,
    /// How long bulk is gathered before it goes, and where bytes cost money.
    gather: Duration,
    gather_metered: Duration,
    /// How often the certificate files are looked at.
    files_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            stall_first: Duration::from_secs(10),
            stall_most: Duration::from_secs(60),
            silence_max: Duration::from_secs(30),
            state_every: Duration::from_secs(10),
            state_every_metered: Duration::from_secs(20),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(60),
            gather: Duration::from_secs(2),
            gather_metered: Duration::from_secs(60),
            files_every: Duration::from_secs(30),
        }
    }
}

/// Whom the store keeps receipts of, and in which lanes; [`spawn`] counts on this order. The centre comes first, also where
/// none is set up yet: it gets what was made until it is.
pub fn destinations(centre: Option<&CentreConfig>, others: &[DestinationConfig]) -> Vec<DestinationOptions> {
    let centre = DestinationOptions {
        name: CENTRE.to_owned(),
        lanes: centre.map_or_else(Terms::default, Terms::centre).sends(),
    };
    let others = others.iter().map(|other| DestinationOptions {
        name: other.name.clone(),
        lanes: Terms::of(other).sends(),
    });
    [centre].into_iter().chain(others).collect()
}

/// Starts the relay: one task for each destination (I10), which runs until `stop` and is then gone within about a second.
/// `store` was opened with [`destinations`] of the same options.
pub fn spawn(
    options: RelayOptions,
    store: &Store,
    clock: Clock,
    epoch: Epoch,
    wires: Wires,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    let speaker = Speaker {
        post: options.post,
        name: options.name,
        beds: options.beds,
        boot: clock.boot(),
        epoch,
    };
    let pace = Pace::default();
    let mut tasks = Vec::new();
    let mut troubles = Vec::new();
    for (place, other) in options.destinations.iter().enumerate() {
        let target = Target {
            name: other.name.clone(),
            address: other.address(),
            terms: Terms::of(other),
            quarantine: options.quarantine.clone(),
        };
        let outlet = Outlet::new(store.clone(), Destination(Destination::CENTRE.0 + 1 + place));
        let (trouble, told) = watch::channel(None);
        troubles.push((other.name.clone(), told));
        let mut relay = Relay::new(speaker.clone(), target, outlet, clock, wires.further(), pace);
        relay.trouble = Some(trouble);
        tasks.push(tokio::spawn(run(relay, stop.clone())));
    }
    let target = Target {
        name: CENTRE.to_owned(),
        terms: Terms::centre(&options.centre),
        address: options.centre,
        quarantine: options.quarantine,
    };
    let outlet = Outlet::new(store.clone(), Destination::CENTRE);
    let mut relay = Relay::new(speaker, target, outlet, clock, wires, pace);
    relay.troubles = troubles;
    tasks.push(tokio::spawn(run(relay, stop.clone())));
    tasks
}

/// Connects again and again, each time after a longer wait.
async fn run(mut relay: Relay, stop: CancellationToken) {
    let mut back_off = BackOff::new(relay.pace.retry_first, relay.pace.retry_most);
    loop {
        let options = relay.link_options();
        let read = read_identity(&options);
        let Some(identity) = while_ticking(&mut relay, &stop, read).await else {
            return;
        };
        relay.identity = identity;
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
                let session = Session::new(&mut relay, options, publisher, incoming);
                let error = match session.run(&stop).await {
                    Ended::Stopped => return,
                    Ended::Renewed => continue,
                    Ended::Broken(error) => error,
                };
                if relay.clock.now().since(since) >= GOOD_LINK {
                    back_off.reset();
                }
                error
            }
            Err(error) => error,
        };
        tracing::warn!(to = relay.name(), %error, "no link");
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

/// What the certificate files say; `None` = they cannot be used, and connecting will say why.
async fn read_identity(options: &LinkOptions) -> Option<Identity> {
    let options = options.clone();
    let read = tokio::task::spawn_blocking(move || link::identity(&options));
    read.await.ok()?.ok()
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
