//! The certificate that the post makes itself, for sites that have none: self-signed, so that a person compares its
//! fingerprint once.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    SanType, SerialNumber,
};
use vitals::{ClockTrust, PostId, WallTime};

use super::{Loaded, Pair, wrong};
use crate::clock;
use crate::web::WebError;

/// Apple's browsers refuse what is valid for more than 825 days, also when a person has trusted it.
const VALID: Duration = Duration::from_secs(820 * 86_400);
/// Browsers whose clock is behind the post's by less than this accept it.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(48 * 3_600);
/// A new one is made so long before it ends.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 86_400);

/// Where the post keeps it, and for whom it is made.
#[derive(Clone, Debug)]
pub struct Own {
    /// The folder of the store.
    pub folder: PathBuf,
    /// The post.
    pub post: PostId,
}

impl Own {
    pub(super) fn pair(&self) -> Pair {
        Pair {
            certificate: self.folder.join("page.pem"),
            key: self.folder.join("page.key"),
        }
    }

    /// The one that is kept, or a new one where there is none that works.
    pub(super) fn load(&self, now: (WallTime, ClockTrust)) -> Result<Loaded, WebError> {
        let pair = self.pair();
        let is_new = !pair.certificate.exists() && !pair.key.exists();
        match pair.load() {
            Ok(loaded) if !is_due(&loaded, now) => return Ok(loaded),
            Ok(_) => tracing::warn!("the post's own certificate ends: the post makes a new one"),
            Err(_) if is_new => {}
            Err(error) => {
                tracing::error!(%error, "the post's own certificate cannot be used: the post makes a new one");
            }
        }
        self.renew(now)
    }

    /// Makes a new one and keeps it if it can.
    pub(super) fn renew(&self, now: (WallTime, ClockTrust)) -> Result<Loaded, WebError> {
        let pair = self.pair();
        let failed = |reason: String| wrong(&pair.certificate, format!("cannot be made: {reason}"));
        let (certificate, key) = self.make(now).map_err(failed)?;
        let kept = write(&pair.key, &key, 0o600).and_then(|()| write(&pair.certificate, &certificate, 0o644));
        if let Err(error) = kept {
            tracing::error!(folder = %self.folder.display(), %error,
                "the post's own certificate cannot be kept: it is good until the next start, which will make another one");
        }
        pair.parse(certificate.as_bytes(), key.as_bytes())
    }

    fn make(&self, (wall, trust): (WallTime, ClockTrust)) -> Result<(String, String), String> {
        let text = |error: rcgen::Error| error.to_string();
        let mut params = CertificateParams::default();
        let mut name = DistinguishedName::new();
        name.push(DnType::OrganizationName, "Vitalpost");
        name.push(DnType::CommonName, self.post.as_str());
        params.distinguished_name = name;
        params.subject_alt_names = self.names()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // A box without a clock thinks that it is 1970; it is later than the day of its program.
        let wall = if trust == ClockTrust::Untrusted {
            clock::BUILT
        } else {
            wall
        };
        let since_1970 = Duration::from_millis(u64::try_from(wall.as_unix_ms()).unwrap_or(0));
        let start = rcgen::date_time_ymd(1970, 1, 1) + since_1970;
        params.not_before = start - CLOCK_SKEW_MAX;
        params.not_after = start + VALID;
        let mut serial = [0u8; 16];
        getrandom::fill(&mut serial).map_err(|e| e.to_string())?;
        // A serial number is positive and at most 20 bytes (RFC 5280, 4.1.2.2).
        serial[0] = (serial[0] & 0x7f) | 0x40;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        // ECDSA on P-256, which every browser knows.
        let key = KeyPair::generate().map_err(text)?;
        let certificate = params.self_signed(&key).map_err(text)?;
        Ok((certificate.pem(), key.serialize_pem()))
    }

    /// Everything that a person may type to reach the page.
    fn names(&self) -> Result<Vec<SanType>, String> {
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = host.trim().to_ascii_lowercase();
        let mut names: BTreeSet<String> = ["localhost".to_owned()].into();
        for name in [host, self.post.as_str().to_ascii_lowercase()] {
            if is_host_name(&name) {
                if !name.contains('.') {
                    names.insert(format!("{name}.local"));
                }
                names.insert(name);
            }
        }
        let names = names
            .into_iter()
            .map(|name| name.try_into().map(SanType::DnsName));
        let mut names = names
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e: rcgen::Error| e.to_string())?;
        names.extend(addresses().into_iter().map(SanType::IpAddress));
        Ok(names)
    }
}

/// True when it ends soon, or has not begun, by a clock that is believed.
pub(super) fn is_due(loaded: &Loaded, (wall, trust): (WallTime, ClockTrust)) -> bool {
    let before = i64::try_from(RENEW_BEFORE.as_nanos()).expect("a month is few nanoseconds");
    let soon = WallTime::from_unix_ns(wall.as_unix_ns().saturating_add(before));
    trust > ClockTrust::Untrusted && (wall < loaded.from || soon > loaded.until)
}

/// What may stand in a certificate as a name: letters, digits and hyphens, with dots between.
fn is_host_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// The addresses of this machine now; those that mean something on one cable only are left out.
fn addresses() -> BTreeSet<IpAddr> {
    let mut found: BTreeSet<IpAddr> = [Ipv4Addr::LOCALHOST.into()].into();
    // Without them the names are still there.
    for interface in nix::ifaddrs::getifaddrs().into_iter().flatten() {
        let Some(address) = interface.address else {
            continue;
        };
        if let Some(v4) = address.as_sockaddr_in() {
            found.insert(v4.ip().into());
        } else if let Some(v6) = address.as_sockaddr_in6().map(|v6| v6.ip())
            && !v6.is_unicast_link_local()
        {
            found.insert(v6.into());
        }
    }
    found
}

/// Whole or not at all, also through a power cut.
fn write(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    let fresh = file.with_added_extension("new");
    // A file that a cut left behind may have other rights.
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut writer = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&fresh)?;
    writer.write_all(text.as_bytes())?;
    writer.sync_all()?;
    fs::rename(&fresh, file)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    File::open(folder)?.sync_all()
}
