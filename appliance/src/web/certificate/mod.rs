//! What the page is encrypted with: the site's certificate, or one that the post made itself.
//!
//! - C1: where the page can be reached from the network it is HTTPS, whether somebody thought of a certificate or not.
//! - C2: what the post makes is kept: the fingerprint that somebody compared stays the same until the certificate ends.
//! - C3: files that change are taken up by new connections without a restart; files that cannot be used change nothing.
//! - C4: a card that cannot be written takes no page away: the certificate is then good for this run.

mod fresh;
mod own;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vitals::{ClockTrust, WallTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::WebError;

pub(super) use fresh::{Kept, hangup, keep_fresh};
pub use own::Own;

/// With which certificate the page is served.
#[derive(Clone, Debug)]
pub enum Certificate {
    /// The site's: always HTTPS.
    Given(Pair),
    /// The post makes its own where the page can be reached from the network; plain HTTP on loopback.
    Own(Own),
}

/// The two files that belong together, PEM.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The chain, the page's own certificate first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A certificate that can be used.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub config: Arc<rustls::ServerConfig>,
    /// SHA-256 of the certificate, as browsers show it.
    pub fingerprint: String,
    from: WallTime,
    until: WallTime,
}

impl Pair {
    /// Reads both files.
    pub(super) fn load(&self) -> Result<Loaded, WebError> {
        let read = |file: &Path| fs::read(file).map_err(|e| wrong(file, format!("cannot be read: {e}")));
        let certificate = read(&self.certificate)?;
        self.parse(&certificate, &read(&self.key)?)
    }

    /// What the files hold, or would hold.
    fn parse(&self, certificate: &[u8], key: &[u8]) -> Result<Loaded, WebError> {
        let unusable = |reason| wrong(&self.certificate, reason);
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| unusable(format!("is not a PEM certificate: {e}")))?;
        let first = chain
            .first()
            .ok_or_else(|| unusable("holds no PEM certificate".to_owned()))?;
        let (fingerprint, (from, until)) = (fingerprint(first), validity(first).map_err(unusable)?);
        let private = PrivateKeyDer::from_pem_slice(key)
            .map_err(|e| wrong(&self.key, format!("holds no PEM private key: {e}")))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, private))
            .map_err(|e| {
                let reason = format!("does not fit {}: {e}", self.certificate.display());
                wrong(&self.key, reason)
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Loaded {
            config: Arc::new(config),
            fingerprint,
            from,
            until,
        })
    }
}

impl Loaded {
    /// Browsers refuse it by the clock of now. A clock that is not believed says nothing.
    fn is_out_of_date(&self, (wall, trust): (WallTime, ClockTrust)) -> bool {
        trust > ClockTrust::Untrusted && !(self.from..=self.until).contains(&wall)
    }

    /// Tells people which certificate it is: on the console and in the log.
    pub(super) fn announce(&self, is_own: bool, now: (WallTime, ClockTrust)) {
        let whose = if is_own {
            "a certificate that this post made itself"
        } else {
            "the certificate of the site"
        };
        let fingerprint = &self.fingerprint;
        // A console that nobody reads stops nothing; the log has it as well.
        let _ = writeln!(
            io::stdout(),
            "The page is encrypted with {whose}. Its SHA-256 fingerprint, as browsers show it:\n\n    {fingerprint}\n"
        );
        let valid_until = day(self.until);
        tracing::info!(sha256 = %fingerprint, %valid_until, "the page is encrypted with {whose}");
        if self.is_out_of_date(now) {
            tracing::error!(valid_from = %day(self.from), %valid_until,
                "browsers will warn of the page: its certificate is not valid today");
        }
    }
}

fn wrong(file: &Path, reason: String) -> WebError {
    WebError::Certificate {
        file: file.to_owned(),
        reason,
    }
}

/// Pairs of digits with colons between them.
fn fingerprint(certificate: &[u8]) -> String {
    let hash = digest(&SHA256, certificate);
    let pairs: Vec<String> = hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

fn validity(certificate: &[u8]) -> Result<(WallTime, WallTime), String> {
    let (_, parsed) =
        X509Certificate::from_der(certificate).map_err(|e| format!("is not a certificate: {e}"))?;
    let wall = |seconds: i64| WallTime::from_unix_ns(seconds.saturating_mul(1_000_000_000));
    let validity = parsed.validity();
    Ok((
        wall(validity.not_before.timestamp()),
        wall(validity.not_after.timestamp()),
    ))
}

fn day(wall: WallTime) -> String {
    jiff::Timestamp::from_millisecond(wall.as_unix_ms())
        .map_or_else(|_| "?".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}
