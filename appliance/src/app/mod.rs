//! Wires the parts together, in the one place that knows them all, and runs the core: one task, one inbox, one way to stop.
//!
//! Order of start: configuration, web port, store, core, lines, relay, page, "ready". What can be wrong for good
//! (configuration, taken port, a store of a newer program) is one clear error before anything runs; what can mend
//! itself (a cable, the centre, a full card) never stops the start.

mod charts;
mod checkup;
mod curves;
mod custody;
mod downlink;
mod fitter;
mod last_heard;
mod measuring;
mod minutes;
mod people;
mod post;
mod recall;
mod setups;
#[cfg(any(test, feature = "simulation"))]
pub mod simulated;
mod sound;
mod time;
mod tracks;
mod updates;
mod view;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use vitals::wire::OpenAlarms;

use crate::access::{self, Desk, Tell};
use crate::audit::BoxKeyError;
use crate::clock::{Clock, ClockError, SetNotice};
use crate::config::{self, Config, ConfigErrors};
use crate::lines::LineEvent;
use crate::relay::{self, Given, RelayOptions};
use crate::store::{OpenReport, Store, StoreError, StoreOptions};
use crate::web::{self, Certificate, Own, Pair, WebError, WebOptions};
pub use checkup::{HealthArgs, health};
pub use custody::{backup, new_key, rekey, store_back, store_schema};
use custody::{key_source, warn_when_unsealed};
use fitter::Fitting;
use health::{Beat, Health};
pub use people::{UserArgs, UserError, user};
use post::{Post, Start};
pub use sound::sound_test;
pub use updates::{AllowArgs, allow_update};

/// What `vitalpost run` was told.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The configuration file.
    pub config: PathBuf,
    /// Serve the page from this folder instead of the built-in one.
    pub ui_dir: Option<PathBuf>,
}

/// Why the appliance cannot run. Each is one message for a technician.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// No usable clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The store cannot be used, and setting it aside would not help.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The accounts cannot be sealed with another key.
    #[error("the accounts: {0}")]
    Accounts(#[from] std::io::Error),
    /// The store cannot be put back.
    #[error("the copy of the store could not take its place, and the store is as it was: {0}")]
    StoreBack(std::io::Error),
    /// The key of the audit cannot be sealed with another key.
    #[error(transparent)]
    BoxKey(#[from] BoxKeyError),
    /// The page cannot be served.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The box's own sound does not work.
    #[error("{0}")]
    Sound(String),
    /// The system refuses threads, randomness or signals.
    #[error("the system refuses {what}: {reason}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        reason: String,
    },
}

impl AppError {
    /// What a program ends with that cannot be started until somebody changes its configuration (`EX_CONFIG` of sysexits.h): systemd
    /// does not try it again at once.
    pub const CONFIGURATION: u8 = 78;

    /// The exit status.
    pub fn exit_status(&self) -> u8 {
        match self {
            AppError::Config(_) => AppError::CONFIGURATION,
            _ => 1,
        }
    }
}

/// Line events that wait for the core; lines wait when it is full, which a core that works never lets happen.
const LINE_EVENTS_MAX: usize = 4_096;

/// Commands of the centre that wait for the core; the centre repeats what finds no place.
const COMMANDS_MAX: usize = 64;

/// Line events taken in before the pages are told: bounds the delay of everything else.
const EVENTS_AT_ONCE_MAX: usize = 256;

/// How often delays, ages and links are looked at.
const TICK: Duration = Duration::from_millis(100);

/// The core must make a round at least this often, or the watchdog is not fed.
const CORE_SILENCE_MAX: Duration = Duration::from_secs(5);

/// The page's thread must make a round at least this often.
const WEB_SILENCE_MAX: Duration = Duration::from_secs(15);

/// What still runs this long after everything was asked to stop is left behind.
const STOP_MAX: Duration = Duration::from_secs(3);

/// Runs until SIGTERM, SIGINT, or a part that cannot go on.
///
/// # Errors
/// What no waiting mends.
pub fn run(options: &RunOptions) -> Result<(), AppError> {
    let (requests, mut inbox) = Inbox::new();
    let (config, fitting) = Fitting::of(config::load(&options.config)?, requests.web.clone());
    let clock = Clock::system()?;
    let bound = web::bind(&web_options(&config, options.ui_dir.clone()), clock)?;
    let (store, report) = open_store(&config, clock)?;
    let page = (bound.address(), bound.is_encrypted());
    let (stop, health) = (CancellationToken::new(), Health::default());
    // Until the core says what is open, a state names nothing and nothing follows from that.
    let open_alarms = watch::Sender::new(OpenAlarms::default());
    let (link, centre) = watch::channel(view::no_centre(clock.now()));
    let (hearing, audible) = sound::open(&config, clock, &stop)?;
    let (desk, desk_thread) = open_desk(&config, clock, &requests.web, &stop)?;
    let parts = measuring::Parts::of(clock, &hearing, &centre, &fitting, audible, &desk);
    let figures = parts.figures.clone();
    let (mut post, feed) = Post::begin(Start {
        box_key: custody::box_key(&config.store),
        config: &config,
        clock,
        store: store.clone(),
        report: &report,
        centre,
        open_alarms: open_alarms.clone(),
        hearing,
    });
    let beat = health.task("web", WEB_SILENCE_MAX, clock.now());
    let (checkup, is_ready) = checkup::begin(&health, clock, &store, &fitting.counters(), &feed, page);
    let sources = sources((&config, &store, &fitting), (feed, requests.web), parts);
    let self_test = sources.self_test.clone();
    let web = web::serve(bound, sources, clock, beat, stop.clone()).map_err(|e| system("a thread", &e))?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let fitted = fitting.start(&config, clock, requests.lines, &health, &stop);
        let relayed = relay_options(&config).map(|options| {
            let wires = relay::Wires {
                link,
                commands: requests.commands,
                open_alarms: open_alarms.subscribe(),
                figures,
                health: health.clone(),
            };
            relay::spawn(options, &store, clock, report.epoch, wires, &stop)
        });
        let counting = measuring::keep_counting(self_test, stop.clone());
        let watched = tokio::spawn(health::run(health.clone(), move || clock.now(), stop.clone()));
        let administered = people::serve(&config, desk, checkup, &stop);
        stop_on_signals(stop.clone())?;
        let beat = health.task("core", CORE_SILENCE_MAX, clock.now());
        ready(page.0, &config, &report, &is_ready);
        core(&mut post, &mut inbox, clock, &beat, &stop).await;
        ended(
            [watched, fitted]
                .into_iter()
                .chain(relayed.into_iter().flatten())
                .chain([counting])
                .chain(administered),
        )
        .await;
        Ok::<(), AppError>(())
    })?;
    // A port that hangs in the kernel must not keep the appliance from stopping.
    runtime.shutdown_timeout(STOP_MAX);
    // The page's thread ends with the stop; its panic, if any, is in the log.
    let _ = web.join();
    let _ = desk_thread.join();
    put_away(post, inbox, store, clock)
}

/// What the page shows, and asks.
fn sources(
    (config, store, fitting): (&Config, &Store, &Fitting),
    (feed, requests): (web::live::Feed, mpsc::Sender<web::Request>),
    parts: measuring::Parts,
) -> web::Sources {
    web::Sources {
        feed,
        requests,
        store: store.clone(),
        lines: fitting.lines(parts.clock),
        fitting: fitting.wishes(),
        desk: parts.desk.clone(),
        audible: parts.audible.clone(),
        self_test: measuring::runner(config, store, parts),
    }
}

fn ready(page: SocketAddr, config: &Config, report: &OpenReport, is_ready: &AtomicBool) {
    is_ready.store(true, Ordering::Relaxed);
    tracing::info!(%page, post = %config.post, epoch = %report.epoch, "ready");
    health::ready();
}

async fn ended(tasks: impl Iterator<Item = tokio::task::JoinHandle<()>>) {
    for task in tasks {
        // A task that panicked has already said so in the log; the others still have to end in order.
        let _ = task.await;
    }
}

/// What people did last, and then everything onto the card.
fn put_away(mut post: Post, mut inbox: Inbox, store: Store, clock: Clock) -> Result<(), AppError> {
    while let Ok(request) = inbox.web.try_recv() {
        post.request(request, clock.now());
    }
    post.finish();
    drop(post);
    store.close()?;
    tracing::info!("stopped in order; everything is on the card");
    Ok(())
}

/// The desk tells the audit through the inbox of the core, without ever waiting for it.
fn open_desk(
    config: &Config,
    clock: Clock,
    core: &mpsc::Sender<web::Request>,
    stop: &CancellationToken,
) -> Result<(Desk, JoinHandle<()>), AppError> {
    let core = core.clone();
    let tell: Tell = Box::new(move |telling| core.try_send(web::Request::Audit(telling.clone())).is_ok());
    let options = custody::desk_options(config)?;
    Desk::open(options, clock, tell, stop.clone()).map_err(|e| system("a thread", &e))
}

fn runtime() -> Result<tokio::runtime::Runtime, AppError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("core")
        .enable_all()
        .build()
        .map_err(|e| system("a runtime", &e))
}

fn open_store(config: &Config, clock: Clock) -> Result<(Store, OpenReport), AppError> {
    let random = getrandom::u32().map_err(|e| system("randomness", &e))?;
    let options = store_options(config);
    warn_when_unsealed(options.key.as_ref());
    let (store, report) = Store::open(&options, clock.boot(), clock.now(), random)?;
    if let Some(aside) = &report.set_aside {
        tracing::error!(reason = %aside.reason, "{}; a new one was started", aside.fate());
    }
    Ok((store, report))
}

/// The core's inbox: everything that can reach it, each with its bound.
struct Inbox {
    lines: mpsc::Receiver<LineEvent>,
    web: mpsc::Receiver<web::Request>,
    commands: mpsc::Receiver<Given>,
}

struct Senders {
    lines: mpsc::Sender<LineEvent>,
    web: mpsc::Sender<web::Request>,
    commands: mpsc::Sender<Given>,
}

impl Inbox {
    fn new() -> (Senders, Inbox) {
        let (lines_in, lines) = mpsc::channel(LINE_EVENTS_MAX);
        let (web_in, web) = mpsc::channel(web::REQUESTS_MAX);
        let (commands_in, commands) = mpsc::channel(COMMANDS_MAX);
        (
            Senders {
                lines: lines_in,
                web: web_in,
                commands: commands_in,
            },
            Inbox { lines, web, commands },
        )
    }
}

async fn core(post: &mut Post, inbox: &mut Inbox, clock: Clock, beat: &Beat, stop: &CancellationToken) {
    let notice = SetNotice::new();
    if let Err(error) = &notice {
        tracing::warn!(%error, "the kernel does not say when the clock is set; steps of seconds are found all the same");
    }
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = tick.tick() => {
                if notice.as_ref().is_ok_and(SetNotice::was_set) {
                    post.clock_set(clock.now(), clock.wall());
                }
                post.tick(clock.now(), clock.wall());
            }
            Some(request) = inbox.web.recv() => post.request(request, clock.now()),
            Some(given) = inbox.commands.recv() => post.command(given, clock.now()),
            Some(event) = inbox.lines.recv() => {
                post.line(event, clock.now());
                for _ in 1..EVENTS_AT_ONCE_MAX {
                    let Ok(event) = inbox.lines.try_recv() else { break };
                    post.line(event, clock.now());
                }
            }
        }
        let now = clock.now();
        post.publish(now);
        beat.tick(now);
    }
}

fn stop_on_signals(stop: CancellationToken) -> Result<(), AppError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| system("signals", &e))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| system("signals", &e))?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.cancel();
    });
    Ok(())
}

fn system(what: &'static str, error: &dyn std::fmt::Display) -> AppError {
    AppError::System {
        what,
        reason: error.to_string(),
    }
}

fn web_options(config: &Config, ui_dir: Option<PathBuf>) -> WebOptions {
    let given = config.web.certificate.clone().zip(config.web.key.clone());
    let own = || Own {
        folder: custody::folder(config),
        post: config.post.clone(),
    };
    WebOptions {
        listen: config.web.listen,
        certificate: match given {
            Some((certificate, key)) => Certificate::Given(Pair { certificate, key }),
            None => Certificate::Own(own()),
        },
        ui_dir,
    }
}

fn store_options(config: &Config) -> StoreOptions {
    let store = &config.store;
    StoreOptions {
        destinations: relay::destinations(config.centre.as_ref(), &config.destinations),
        commit_window: Duration::from_secs(store.commit_window_s),
        commit_window_receipted: Duration::from_secs(store.commit_window_receipted_s),
        vitals_bytes_max: store.vitals_bytes_max,
        summaries_bytes_max: store.summaries_bytes_max,
        waves_bytes_max: store.waves_bytes_max,
        vitals_age_max: hours(24 * store.vitals_days_max),
        summaries_age_max: hours(24 * store.summaries_days_max),
        waves_age_max: hours(store.waves_hours_max),
        free_bytes_min: store.free_bytes_min,
        key: key_source(store),
        ran_before: access::has_accounts(&custody::folder(config)),
        ..StoreOptions::at(store.path.clone())
    }
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(3600 * hours)
}

fn relay_options(config: &Config) -> Option<RelayOptions> {
    let beds = config
        .beds
        .iter()
        .map(|bed| (bed.id.clone(), view::label(bed)))
        .collect();
    let centre = config.centre.clone()?;
    Some(RelayOptions {
        post: config.post.clone(),
        name: config.name.clone(),
        beds,
        centre,
        destinations: config.destinations.clone(),
        quarantine: config.store.path.with_file_name("quarantine"),
    })
}

/// `vitalpost check FILE`: says what is wrong with a configuration, or what it sets up.
pub fn check(file: &Path) -> std::process::ExitCode {
    config::check(file)
}
