//! The doctors' page: its files, the live picture, and what a doctor does there.
//!
//! Runs on threads of its own and only ever receives from the heart through a channel that keeps the newest picture:
//! a slow browser misses pictures, and slows nobody (I10). Plain HTTP only on loopback; the configuration refuses
//! anything else.

mod body;
mod commands;
mod deeds;
mod duty;
mod guard;
mod headers;
mod live;
mod pages;
mod patients;
mod records;
mod router;
mod session;
#[cfg(test)]
mod tests;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use health::Beat;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::access::Desk;
use crate::audit::Book;
use crate::centre::{CommandRequest, DutyRequest};
use crate::clock::Clock;
use crate::config::WebConfig;
use crate::store::CentreStore;
use crate::view::View;

pub use pages::Pages;

/// Threads of the web side.
const THREADS: usize = 2;
/// How long open connections may take to end at a stop.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a new connection may take to send its first request.
const FIRST_REQUEST_MAX: Duration = Duration::from_secs(15);

/// What the web side knows of the rest.
pub struct Site {
    /// What people call this centre.
    pub name: String,
    /// Who is who.
    pub desk: Desk,
    /// Where what people do is written down.
    pub book: Book,
    /// The newest picture.
    pub view: watch::Receiver<Arc<View>>,
    /// What doctors did.
    pub ask: mpsc::Sender<CommandRequest>,
    /// What people change about duty.
    pub ask_duty: mpsc::Sender<DutyRequest>,
    /// For reading records.
    pub store: Arc<dyn CentreStore>,
    /// The clock.
    pub clock: Clock,
    /// The page's files.
    pub pages: Pages,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address cannot be listened on.
    #[error("web.listen: cannot listen on {address}: {source}; is another program using this port?")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A certificate or key file cannot be used.
    #[error("{key}: {}: {source}", file.display())]
    File {
        /// The key in the configuration.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("web.certificate and web.key: {0}; take the pair that was issued together")]
    Pair(#[from] rustls::Error),
    /// The system refuses a thread.
    #[error("cannot start the web threads: {0}")]
    Thread(#[from] std::io::Error),
}

struct Shared {
    site: Site,
    /// How many readers of records work at once.
    readers: Semaphore,
    /// Only programs on this machine can connect.
    loopback: bool,
    stop: CancellationToken,
}

/// Listens and serves until `stop`. Returns the address once it listens.
///
/// # Errors
/// A port that is taken, certificates that cannot be used.
pub fn start(
    config: &WebConfig,
    site: Site,
    beat: Beat,
    stop: CancellationToken,
) -> Result<SocketAddr, WebError> {
    let listen = |source| WebError::Listen {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let tls = match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => Some(tls(certificate.clone(), key.clone())?),
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("web")
        .enable_all()
        .build()?;
    runtime.spawn(keep_ticking(beat, site.clock));
    let scheme = if tls.is_some() { "https" } else { "http" };
    tracing::info!("the doctors' page is at {scheme}://{address}/");
    let shared = Arc::new(Shared {
        site,
        readers: Semaphore::new(records::READERS_MAX),
        loopback: address.ip().is_loopback(),
        stop: stop.clone(),
    });
    thread::Builder::new()
        .name("web-main".to_owned())
        .spawn(move || {
            let served = runtime.block_on(serve(listener, tls, shared, stop.clone()));
            if let Err(error) = served {
                tracing::error!("the doctors' page is gone: {error}");
            }
            // Without its page a centre shows nobody anything: better to end and be started again.
            stop.cancel();
        })?;
    Ok(address)
}

/// These threads still make rounds: the watchdog is fed only while they do.
async fn keep_ticking(beat: Beat, clock: Clock) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        beat.tick(clock.mono());
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    shared: Arc<Shared>,
    stop: CancellationToken,
) -> std::io::Result<()> {
    let handle = axum_server::Handle::new();
    let on_stop = handle.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        on_stop.graceful_shutdown(Some(FAREWELL));
    });
    // On loopback browsers would extend it to every other program on this machine.
    let is_https_only = tls.is_some() && !shared.loopback;
    let routes = router::router(shared);
    let service = match is_https_only {
        true => routes.layer(axum::middleware::map_response(headers::https_only)),
        false => routes,
    };
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    match tls {
        Some(tls) => {
            axum_server::from_tcp_rustls(listener, tls)?
                .first_request_timeout(FIRST_REQUEST_MAX)
                .handle(handle)
                .serve(service)
                .await
        }
        None => {
            axum_server::from_tcp(listener)?
                .first_request_timeout(FIRST_REQUEST_MAX)
                .handle(handle)
                .serve(service)
                .await
        }
    }
}

fn tls(certificate: PathBuf, key: PathBuf) -> Result<RustlsConfig, WebError> {
    let chain = CertificateDer::pem_file_iter(&certificate)
        .and_then(Iterator::collect)
        .map_err(|source| WebError::File {
            key: "web.certificate",
            file: certificate,
            source,
        })?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|source| WebError::File {
        key: "web.key",
        file: key,
        source,
    })?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
