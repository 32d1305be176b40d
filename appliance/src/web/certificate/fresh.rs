//! Takes up certificate files that change while the page is served.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use vitals::{ClockTrust, WallTime};

use super::own::{Own, is_due};
use super::{Certificate, Loaded, Pair};
use crate::clock::Clock;
use crate::web::WebError;

/// How often the files are looked at. They must look the same twice: two files are not written in one moment.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often a certificate of our own that ends and cannot be renewed is tried again.
const TRY_AGAIN_ROUNDS: u32 = 1_800;

/// The certificate in use, and what its files looked like when it was read.
#[derive(Debug)]
pub(in crate::web) struct Kept {
    pair: Pair,
    own: Option<Own>,
    pub(in crate::web) loaded: Loaded,
    used: Look,
    seen: Look,
    rounds_until_renewal: u32,
}

impl Kept {
    /// Reads the certificate, or makes it.
    pub fn open(certificate: &Certificate, now: (WallTime, ClockTrust)) -> Result<Kept, WebError> {
        let (pair, own) = match certificate {
            Certificate::Given(pair) => (pair.clone(), None),
            Certificate::Own(own) => (own.pair(), Some(own.clone())),
        };
        // Looked at before it is read: what changes meanwhile is found later.
        let mut used = Look::at(&pair);
        let loaded = match &own {
            None => pair.load()?,
            Some(own) => own.load(now)?,
        };
        if own.is_some() {
            used = Look::at(&pair);
        }
        loaded.announce(own.is_some(), now);
        Ok(Kept {
            pair,
            own,
            loaded,
            used,
            seen: used,
            rounds_until_renewal: 0,
        })
    }

    /// Looks at the files; `asked` by a person, at once. What new connections get from now on, when it is something else.
    pub fn look(&mut self, asked: bool, now: (WallTime, ClockTrust)) -> Option<Arc<rustls::ServerConfig>> {
        let look = Look::at(&self.pair);
        let (changed, settled) = (look != self.used, look == self.seen);
        self.seen = look;
        if asked || (changed && settled) {
            self.used = look;
            return match self.pair.load() {
                Ok(loaded) => self.take(loaded, now),
                Err(error) => {
                    tracing::error!(%error, sha256 = %self.loaded.fingerprint,
                        "the certificate files cannot be used: the page keeps the certificate that it has");
                    None
                }
            };
        }
        self.renew(now)
    }

    fn renew(&mut self, now: (WallTime, ClockTrust)) -> Option<Arc<rustls::ServerConfig>> {
        self.rounds_until_renewal = self.rounds_until_renewal.saturating_sub(1);
        let own = self.own.as_ref().filter(|_| is_due(&self.loaded, now))?;
        if self.rounds_until_renewal > 0 {
            return None;
        }
        self.rounds_until_renewal = TRY_AGAIN_ROUNDS;
        match own.renew(now) {
            Ok(loaded) => {
                self.used = Look::at(&self.pair);
                self.seen = self.used;
                self.take(loaded, now)
            }
            Err(error) => {
                tracing::error!(%error, "the post's own certificate ends soon and cannot be renewed");
                None
            }
        }
    }

    fn take(&mut self, loaded: Loaded, now: (WallTime, ClockTrust)) -> Option<Arc<rustls::ServerConfig>> {
        loaded.announce(self.own.is_some(), now);
        self.loaded = loaded;
        Some(self.loaded.config.clone())
    }
}

/// What can be seen of two files without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look([Option<[i64; 5]>; 2]);

impl Look {
    fn at(pair: &Pair) -> Look {
        let look = |file: &Path| {
            let data = std::fs::metadata(file).ok()?;
            let number = |value: u64| value.cast_signed();
            Some([
                number(data.ino()),
                number(data.len()),
                data.mtime(),
                data.mtime_nsec(),
                number(data.dev()),
            ])
        };
        Look([look(&pair.certificate), look(&pair.key)])
    }
}

/// Listens for SIGHUP from now on.
///
/// # Errors
/// The system refuses it.
pub(in crate::web) fn hangup(runtime: &Runtime) -> io::Result<Signal> {
    let _inside = runtime.enter();
    signal(SignalKind::hangup())
}

/// Looks after the certificate until `stop`. SIGHUP asks to read the files at once, and ends nothing where there are none.
pub(in crate::web) async fn keep_fresh(
    kept: Option<(Kept, RustlsConfig)>,
    mut hangup: Signal,
    clock: Clock,
    stop: CancellationToken,
) {
    let Some((mut kept, live)) = kept else {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => return,
                heard = hangup.recv() => if heard.is_none() { return },
            }
        }
        return;
    };
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => false,
            Some(()) = hangup.recv() => true,
        };
        // A card that hangs must not hold up the page.
        let looked = tokio::task::spawn_blocking(move || {
            let new = kept.look(asked, clock.wall());
            (kept, new)
        });
        let Ok((back, new)) = looked.await else {
            tracing::error!("the certificate is no longer looked after: a new one needs a restart");
            return;
        };
        kept = back;
        if let Some(new) = new {
            live.reload_from_config(new);
        }
    }
}
