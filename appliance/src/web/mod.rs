//! The nurses' page and its API. Runs on its own thread and receives from the core only through bounded, lossy
//! channels: a slow or dead browser cannot hold up an alarm (I10).
//!
//! - W1: what a page is told is a [`live::Snapshot`], then whole replacements, numbered without a gap.
//! - W2: beats come from the core, not from this thread: a core that hangs makes every screen say "not live" (I4).
//! - W4 (I9): each route says what it asks of whoever calls it (`routes.rs`); who does something comes from the session,
//!   never from what a page says.
//! - W3: plain HTTP on loopback only; elsewhere HTTPS ([`certificate`]). On loopback only requests for `localhost`, 127.0.0.1 or [::1] are
//!   answered, so that no web site can rename itself into our page.

mod absence;
mod alarm_log;
mod alarms;
mod assets;
mod audible;
mod audit;
mod body;
mod caller;
mod certificate;
mod devices;
mod document;
mod emergencies;
mod fitting;
mod handover;
mod history;
mod laboratory;
mod lines;
pub mod live;
mod merge;
mod messages;
mod moves;
mod nursing;
mod patients;
mod people;
mod router;
mod routes;
mod said;
mod scores;
mod screens;
mod self_test;
mod session;
mod signals;
mod socket;
mod trend;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use ::alarms::AcknowledgeError;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use vitals::AlarmId;
use vitals::audit::Telling;

pub use audible::Audible;
pub use certificate::{Certificate, Own, Pair};
pub use devices::{DeviceError, DeviceNow, DeviceRequest, DevicesNow, LineTold};
pub use fitting::{
    Added, Adding, AnnouncedShown, FITTING_MAX, FittingError, FittingRequest, FoundShown, HeardShown,
    PortNow, TrialShown, TriedShown, ValueShown,
};
pub use laboratory::{Assigning, LabShown, LaboratoryNow};
pub use lines::{LineNow, LinePort, LinesNow, RecordingNow, UnknownCode};
pub use messages::ReadError;
pub use moves::{EarlierStay, EarlierStays};
pub use nursing::{
    Accepting, BedFacts, HandoverShown, NoteShown, NursingError, NursingRequest, Taken, WardFacts, Writing,
};
pub use patients::{PatientError, PatientNow, PatientRequest, Perhaps, SpecimenShown, Taking};
pub use scores::{CareShown, EntryShown, Finding, SaidShown, ScoreRequest};
pub use signals::{LimitNow, LimitsNow, LimitsRefused, LimitsSetting, SignalRequest};

use crate::access::{By, Desk};
use crate::clock::Clock;
use crate::selftest::run::Runner;
use crate::store::Store;
use health::Beat;

/// How the page is served.
#[derive(Clone, Debug)]
pub struct WebOptions {
    /// Where to listen.
    pub listen: SocketAddr,
    /// What it is encrypted with.
    pub certificate: Certificate,
    /// Serve the page from this folder instead of the built-in one.
    pub ui_dir: Option<PathBuf>,
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The port is taken or not allowed.
    #[error(
        "cannot listen on {listen}: {source}. Is another program using this port? Choose another in [web] listen"
    )]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate or key file cannot be read.
    #[error("[web] {file}: {reason}")]
    Certificate {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// What a browser asks of the core.
#[derive(Debug)]
pub enum Request {
    /// A person acknowledges an alarm.
    Acknowledge {
        /// Which.
        alarm: AlarmId,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), AcknowledgeError>>,
    },
    /// A person has read a message of the centre.
    Read {
        /// Which: the command that brought it.
        message: u128,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), ReadError>>,
    },
    /// About where devices stand.
    OfDevices(DeviceRequest),
    /// About alarm signals and limits.
    OfSignals(SignalRequest),
    /// About patients, specimens and laboratory results.
    OfPatients(PatientRequest),
    /// About what persons find at the bedside, and the scores that come of it.
    OfScores(ScoreRequest),
    /// About notes and handovers.
    OfNursing(NursingRequest),
    /// Something was done or refused that the core does not do itself (sign-in, export, a chart that was looked at): only
    /// for the audit.
    Audit(Telling),
}

/// Most requests that wait for the core; a browser whose request finds no place is told to try again.
pub const REQUESTS_MAX: usize = 64;

/// A server that owns its port but does not serve yet, so that a taken port is known before anything else starts.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    tls: Option<certificate::Kept>,
    ui_dir: Option<PathBuf>,
    address: SocketAddr,
}

impl Bound {
    /// The address it listens on (the port is known even when the configuration said 0).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// True when it speaks TLS.
    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }
}

/// Where the page gets from what it shows, and where it hands what it is asked.
pub struct Sources {
    /// What the core tells.
    pub feed: live::Feed,
    /// What is asked of the core.
    pub requests: mpsc::Sender<Request>,
    /// What is kept.
    pub store: Store,
    /// What the lines have done.
    pub lines: LinesNow,
    /// What is asked of whoever adds and removes lines.
    pub fitting: mpsc::Sender<FittingRequest>,
    /// What the box measures of itself.
    pub self_test: Runner,
    /// Who may do what.
    pub desk: Desk,
    /// Which pages can be heard.
    pub audible: Audible,
}

/// Takes the port and reads the certificate, or makes one.
///
/// # Errors
/// One clear sentence each: port taken, certificate unreadable.
pub fn bind(options: &WebOptions, clock: Clock) -> Result<Bound, WebError> {
    let listen = options.listen;
    let tls = match &options.certificate {
        Certificate::Own(_) if listen.ip().is_loopback() => None,
        certificate => Some(certificate::Kept::open(certificate, clock.wall())?),
    };
    let failed = |source| WebError::Listen { listen, source };
    let listener = TcpListener::bind(listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        tls,
        ui_dir: options.ui_dir.clone(),
        address,
    })
}

/// Serves on a thread of its own until `stop`.
///
/// # Errors
/// When the system refuses a thread.
pub fn serve(
    bound: Bound,
    sources: Sources,
    clock: Clock,
    beat: Beat,
    stop: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let history = history::History::new(sources.store.clone());
    serve_with(bound, sources, history, clock, beat, stop)
}

fn serve_with(
    bound: Bound,
    sources: Sources,
    history: history::History,
    clock: Clock,
    beat: Beat,
    stop: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Before the post says that it is ready: until somebody listens for it this signal ends a process.
    let hangup = certificate::hangup(&runtime)?;
    std::thread::Builder::new().name("web".to_owned()).spawn(move || {
        // However this thread ends, a panic included, the appliance ends with it and is started anew: a post without
        // its page must not go on as if nothing were wrong.
        let _ends_together = stop.clone().drop_guard();
        let pages = assets::Pages::new(bound.ui_dir);
        let places = Arc::new(Semaphore::new(socket::PAGES_MAX));
        let loopback = bound.address.ip().is_loopback();
        let Sources { feed, requests, lines, fitting, self_test, desk, audible, .. } = sources;
        let state = router::Served { feed, requests, history, drafts: handover::Drafts::default(), lines, fitting, self_test, desk, audible, clock, pages: Arc::new(pages), places, stop: stop.clone(), loopback };
        if let Err(error) = runtime.block_on(async {
            tokio::spawn(keep_ticking(beat, clock));
            let live = bound.tls.as_ref().map(|kept| RustlsConfig::from_config(kept.loaded.config.clone()));
            // Browsers would extend it to every other program on this machine.
            let routes = if live.is_some() && !loopback { router::https_only(router::routes(state)) } else { router::routes(state) };
            tokio::spawn(certificate::keep_fresh(bound.tls.zip(live.clone()), hangup, clock, stop.clone()));
            accept(bound.listener, live, routes, stop).await
        }) {
            tracing::error!(%error, "the page is no longer served; the appliance stops so that it is started anew");
        }
    })
}

/// This thread still makes rounds: the watchdog is fed only while it does.
async fn keep_ticking(beat: Beat, clock: Clock) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        beat.tick(clock.now());
    }
}

async fn accept(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    routes: axum::Router,
    stop: CancellationToken,
) -> io::Result<()> {
    let handle = axum_server::Handle::new();
    let shutdown = {
        let handle = handle.clone();
        async move {
            stop.cancelled().await;
            handle.graceful_shutdown(Some(Duration::from_millis(500)));
            std::future::pending::<io::Result<()>>().await
        }
    };
    let first_request = Duration::from_secs(10);
    let serving = async {
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        let mut server = axum_server::from_tcp(listener)?
            .handle(handle)
            .first_request_timeout(first_request);
        server.http_builder().http1().header_read_timeout(first_request);
        match tls {
            None => server.serve(service).await,
            Some(config) => {
                let acceptor = RustlsAcceptor::new(config);
                server
                    .acceptor(acceptor.handshake_timeout(first_request))
                    .serve(service)
                    .await
            }
        }
    };
    tokio::select! {
        ended = serving => ended,
        never = shutdown => never,
    }
}

#[cfg(test)]
mod tests;
