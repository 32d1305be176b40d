//! `vitalpost broker`: an MQTT 5 broker for one machine or one district, in a process of its own.
//!
//! rumqttd does the work inside, on a loopback port. It can be ended by a few hostile bytes, knows no rights on topics,
//! and waits for ever on an idle connection; so nobody reaches it but through the front, which owns the only open port.
//!
//! - B1: nobody is heard without a certificate of our authority; what it allows stands in its subject (`acl.rs`).
//! - B2: the broker inside sees only packets that the gate has decoded, judged and written anew (`gate.rs`).
//! - B3: no client keeps another from being served: every wait has an end, every buffer a bound (`front.rs`); who has not signed on takes no place
//!   of those who have (`door.rs`), and one certificate only a few (`seats.rs`).
//! - B4: a broker that does not work is no process: when the one inside does not answer its self-check, [`run`] returns
//!   an error, and whoever started it starts it again (`inner.rs`).
//!   A program on the same machine that can reach the inner port can end it so; it cannot read or write through it.
//! - B5: it keeps nothing that is worth keeping. Posts hold their records until the centre has receipted them.

mod acl;
mod door;
mod front;
mod gate;
mod inner;
mod seats;
#[cfg(test)]
pub(crate) mod tests;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use front::Front;
use health::{Beat, Health};
use inner::Inner;

use crate::clock::{Clock, ClockError};

/// What `vitalpost broker` is told.
#[derive(Clone, Debug, clap::Args)]
pub struct BrokerArgs {
    /// Address and port for posts and centre, for example 127.0.0.1:8883.
    #[arg(long)]
    pub listen: SocketAddr,
    /// PEM file of the authority that signs posts, centre and sensors.
    #[arg(long)]
    pub ca: PathBuf,
    /// PEM certificate of this broker; posts and centre check the host name in it.
    #[arg(long)]
    pub certificate: PathBuf,
    /// PEM private key of this broker.
    #[arg(long)]
    pub key: PathBuf,
}

/// Why the broker did not start, or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerError {
    /// A certificate or key file is not usable.
    #[error(transparent)]
    File(#[from] link::FileError),
    /// Certificate and key are not a pair.
    #[error("the key {} does not belong to the certificate {}: take the pair that was issued together", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The certificates cannot be used for TLS.
    #[error("cannot use the certificates for TLS: {reason}")]
    Tls {
        /// What TLS says.
        reason: String,
    },
    /// The address is taken or not ours.
    #[error("cannot listen at {listen}: {cause}; is another broker running?")]
    Listen {
        /// As given.
        listen: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The system does not give us a runtime or signals.
    #[error("cannot start: {0}")]
    Start(io::Error),
    /// The machine has no usable clock.
    #[error("cannot start: {0}")]
    Clock(#[from] ClockError),
    /// The broker inside does not work (any more).
    #[error("the broker inside failed at {what}{}; it must be started again", cause.as_ref().map(|s| format!(" ({s})")).unwrap_or_default())]
    Inside {
        /// At what.
        what: &'static str,
        /// What the system says, where it says something.
        cause: Option<io::Error>,
    },
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// A certificate that cannot be used, an address that is taken, a broker inside that has died (B4).
pub fn run(args: &BrokerArgs) -> Result<(), BrokerError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(BrokerError::Start)?;
    runtime.block_on(async {
        let stop = CancellationToken::new();
        let mut terminate = signal(SignalKind::terminate()).map_err(BrokerError::Start)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(BrokerError::Start)?;
        let asked = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            asked.cancel();
        });
        serve(args, stop, |listen| {
            tracing::info!(%listen, "broker ready");
            println!("vitalpost broker: ready at {listen}");
            health::ready();
        })
        .await
    })
}

/// Runs until `stop`; calls `ready` once with the real address. Connections end with it.
///
/// # Errors
/// As [`run`].
pub async fn serve(
    args: &BrokerArgs,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr),
) -> Result<(), BrokerError> {
    let acceptor = TlsAcceptor::from(Arc::new(tls(args)?));
    let taken = |cause| BrokerError::Listen {
        listen: args.listen,
        cause,
    };
    let listener = TcpListener::bind(args.listen).await.map_err(taken)?;
    let listen = listener.local_addr().map_err(taken)?;
    let (inner, check) = Inner::start().await?;
    let clock = Clock::system()?;
    let front = Front {
        listener,
        acceptor,
        inner: inner.clone(),
        clock,
        stop: stop.child_token(),
    };
    let health = Health::default();
    let answered = health.task("broker inside", inner::ANSWER_SILENCE_MAX, clock.now());
    tokio::spawn(health::run(health, move || clock.now(), front.stop.clone()));
    ready(listen);
    guard(front, (inner, check, answered), stop).await
}

/// Serves as long as the broker inside does (B4); every connection ends with it.
async fn guard(
    front: Front,
    (inner, check, answered): (Inner, TcpStream, Beat),
    stop: CancellationToken,
) -> Result<(), BrokerError> {
    let _end_connections = front.stop.clone().drop_guard();
    let clock = front.clock;
    tokio::select! {
        () = stop.cancelled() => Ok(()),
        error = inner.watch(check, || answered.tick(clock.now())) => Err(error),
        never = front.run() => match never {},
    }
}

fn tls(args: &BrokerArgs) -> Result<ServerConfig, BrokerError> {
    let unusable = |error: &dyn std::error::Error| BrokerError::Tls {
        reason: error.to_string(),
    };
    let roots: RootCertStore = link::trusted_roots(&args.ca)?;
    let chain = link::certificates(&args.certificate)?;
    let key = link::private_key(&args.key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| unusable(&error))?;
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| unusable(&error))?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => BrokerError::KeyMismatch {
                certificate: args.certificate.clone(),
                key: args.key.clone(),
            },
            other => unusable(&other),
        })
}
