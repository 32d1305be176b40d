//! Makes the certificates with which posts, broker and centre know each other (mutual TLS).
//!
//! Files that are already there are kept, so the command may be run again for one more post. Private keys are readable
//! by their owner only. A post's certificate carries its id as common name and `post` as organisational unit; the
//! centre's carries `centre` in both; a sensor's carries `POST/sensor/DEVICE`, the end of its topic, and `sensor`: the broker
//! grants topics by these two words.

#[cfg(test)]
mod tests;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SerialNumber,
};
use vitals::{DeviceId, PostId, WallTime};

/// A clock at a post may be this far behind the machine that makes the certificates.
const CLOCK_SKEW_MAX: Duration = Duration::from_secs(48 * 3600);
/// Certificates of posts, broker and centre are valid this long.
const LEAF_VALID: Duration = Duration::from_secs(2 * 365 * 86_400);
/// A common name has at most 64 characters (RFC 5280, A.1), 8 of which are `/sensor/`.
const SENSOR_BYTES_MAX: usize = 56;
/// The authority is valid this long.
const AUTHORITY_VALID: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What to make.
#[derive(Clone, Debug)]
pub struct Order {
    /// The folder; made when it is not there.
    pub dir: PathBuf,
    /// Names and addresses under which posts reach the broker; `localhost` and `127.0.0.1` are always added.
    pub server_names: Vec<String>,
    /// The posts.
    pub posts: Vec<PostId>,
    /// Sensors, each with its post.
    pub sensors: Vec<Sensor>,
}

/// One sensor of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sensor {
    /// The post.
    pub post: PostId,
    /// The sensor, as the post's configuration calls it.
    pub device: DeviceId,
}

/// The text names no sensor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no sensor: write POST/DEVICE, both together at most {SENSOR_BYTES_MAX} of a-z A-Z 0-9 - _ ."
)]
pub struct BadSensor {
    /// As written.
    pub text: String,
}

impl FromStr for Sensor {
    type Err = BadSensor;
    fn from_str(text: &str) -> Result<Sensor, BadSensor> {
        let bad = || BadSensor {
            text: text.to_owned(),
        };
        let (post, device) = text.split_once('/').ok_or_else(bad)?;
        let sensor = Sensor {
            post: post.parse().map_err(|_| bad())?,
            device: device.parse().map_err(|_| bad())?,
        };
        match post.len() + device.len() <= SENSOR_BYTES_MAX {
            true => Ok(sensor),
            false => Err(bad()),
        }
    }
}

impl Sensor {
    /// Its common name.
    fn name(&self) -> String {
        format!("{}/sensor/{}", self.post, self.device)
    }

    /// Its files: no post can be called so, because no id holds an `@`.
    fn file(&self) -> String {
        format!("{}@{}", self.device, self.post)
    }
}

/// One certificate with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The certificate; the key lies beside it with the ending `.key`.
    pub file: PathBuf,
    /// False: it was there already and was kept.
    pub new: bool,
    /// On which machine it belongs.
    pub belongs: String,
}

/// Why certificates cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Half of a pair is missing.
    #[error("{} is there, {} is not: put it back, or remove both to make a new pair", there.display(), missing.display())]
    HalfPair {
        /// The half that was found.
        there: PathBuf,
        /// The half that is missing.
        missing: PathBuf,
    },
    /// A name cannot stand in a certificate.
    #[error("{name:?} cannot stand in a certificate: {source}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        source: rcgen::Error,
    },
    /// A post's files would be taken for somebody else's.
    #[error("a post cannot be called {0:?}: its files would replace those of the {0}")]
    ReservedPost(String),
    /// The authority's files are damaged.
    #[error("{}: {source}; restore ca.pem and ca.key from the backup", file.display())]
    Authority {
        /// Which one.
        file: PathBuf,
        /// What is wrong.
        source: rcgen::Error,
    },
    /// Signing failed.
    #[error("cannot make {}: {source}", file.display())]
    Sign {
        /// The certificate.
        file: PathBuf,
        /// What is wrong.
        source: rcgen::Error,
    },
    /// The system has no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Makes whatever is missing and says where each belongs.
///
/// # Errors
/// The first thing that does not work; what was made before it stays and is kept by the next call.
pub fn make(order: &Order, now: WallTime) -> Result<Vec<Made>, CertificateError> {
    for post in &order.posts {
        if ["ca", "broker", "centre"].contains(&post.as_str()) {
            return Err(CertificateError::ReservedPost(post.to_string()));
        }
    }
    std::fs::create_dir_all(&order.dir).map_err(at(&order.dir))?;
    let authority = Authority::open(&order.dir, now)?;
    let mut made = vec![authority.made.clone()];

    let mut names = order.server_names.clone();
    for always in ["localhost", "127.0.0.1"] {
        if !names.iter().any(|name| name == always) {
            names.push(always.to_owned());
        }
    }
    made.push(authority.issue(
        "broker",
        "broker",
        &names,
        "on the broker's machine, with ca.pem",
        now,
    )?);
    made.push(authority.issue(
        "centre",
        "centre",
        &[],
        "on the centre's machine, with ca.pem",
        now,
    )?);
    for post in &order.posts {
        let belongs = format!("on the box of post {post}, with ca.pem");
        made.push(authority.issue(post.as_str(), "post", &[], &belongs, now)?);
    }
    for sensor in &order.sensors {
        let subject = (sensor.name(), "sensor");
        let belongs = format!(
            "on the sensor {} of post {}, with ca.pem",
            sensor.device, sensor.post
        );
        made.push(authority.issue_as(&sensor.file(), subject, &[], &belongs, now)?);
    }
    Ok(made)
}

struct Authority {
    dir: PathBuf,
    pem: PathBuf,
    made: Made,
}

impl Authority {
    /// Finds the authority or makes one. Its key is read only when something must be signed: it may be kept elsewhere.
    fn open(dir: &Path, now: WallTime) -> Result<Authority, CertificateError> {
        let (pem, key) = (dir.join("ca.pem"), dir.join("ca.key"));
        let new = !pem.exists();
        if new {
            if key.exists() {
                return Err(CertificateError::HalfPair {
                    there: key,
                    missing: pem,
                });
            }
            let sign = |source| CertificateError::Sign {
                file: pem.clone(),
                source,
            };
            let pair = KeyPair::generate().map_err(sign)?;
            let mut params = params("Vitalpost authority", "authority", now, AUTHORITY_VALID)?;
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![
                KeyUsagePurpose::KeyCertSign,
                KeyUsagePurpose::CrlSign,
                KeyUsagePurpose::DigitalSignature,
            ];
            let certificate = params.self_signed(&pair).map_err(sign)?;
            write_pair(&pem, &certificate.pem(), &pair.serialize_pem())?;
        }
        let belongs =
            "ca.pem everywhere; ca.key in a safe place: whoever has it can pretend to be any post".to_owned();
        Ok(Authority {
            dir: dir.to_owned(),
            made: Made {
                file: pem.clone(),
                new,
                belongs,
            },
            pem,
        })
    }

    /// A certificate whose files are called as its subject.
    fn issue(
        &self,
        name: &str,
        unit: &str,
        server_names: &[String],
        belongs: &str,
        now: WallTime,
    ) -> Result<Made, CertificateError> {
        self.issue_as(name, (name.to_owned(), unit), server_names, belongs, now)
    }

    /// `subject` is common name and organisational unit.
    fn issue_as(
        &self,
        file: &str,
        subject: (String, &str),
        server_names: &[String],
        belongs: &str,
        now: WallTime,
    ) -> Result<Made, CertificateError> {
        let (pem, key) = (
            self.dir.join(format!("{file}.pem")),
            self.dir.join(format!("{file}.key")),
        );
        let made = |new| Made {
            file: pem.clone(),
            new,
            belongs: belongs.to_owned(),
        };
        match (pem.exists(), key.exists()) {
            (true, true) => return Ok(made(false)),
            (true, false) => {
                return Err(CertificateError::HalfPair {
                    there: pem,
                    missing: key,
                });
            }
            (false, true) => {
                return Err(CertificateError::HalfPair {
                    there: key,
                    missing: pem,
                });
            }
            (false, false) => {}
        }
        let mut params = params(&subject.0, subject.1, now, LEAF_VALID)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![if server_names.is_empty() {
            ExtendedKeyUsagePurpose::ClientAuth
        } else {
            ExtendedKeyUsagePurpose::ServerAuth
        }];
        for server_name in server_names {
            let one = CertificateParams::new(vec![server_name.clone()]).map_err(|source| {
                CertificateError::Name {
                    name: server_name.clone(),
                    source,
                }
            })?;
            params.subject_alt_names.extend(one.subject_alt_names);
        }
        let sign = |source| CertificateError::Sign {
            file: pem.clone(),
            source,
        };
        let pair = KeyPair::generate().map_err(sign)?;
        let certificate = params.signed_by(&pair, &self.issuer()?).map_err(sign)?;
        write_pair(&pem, &certificate.pem(), &pair.serialize_pem())?;
        Ok(made(true))
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, CertificateError> {
        let key = self.dir.join("ca.key");
        let damaged = |file: &Path| {
            let file = file.to_owned();
            move |source| CertificateError::Authority { file, source }
        };
        let pair = std::fs::read_to_string(&key).map_err(at(&key))?;
        let pair = KeyPair::from_pem(&pair).map_err(damaged(&key))?;
        let pem = std::fs::read_to_string(&self.pem).map_err(at(&self.pem))?;
        Issuer::from_ca_cert_pem(&pem, pair).map_err(damaged(&self.pem))
    }
}

fn params(
    common_name: &str,
    unit: &str,
    now: WallTime,
    valid: Duration,
) -> Result<CertificateParams, CertificateError> {
    let mut params = CertificateParams::default();
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, "Vitalpost");
    name.push(DnType::OrganizationalUnitName, unit);
    name.push(DnType::CommonName, common_name);
    params.distinguished_name = name;
    let since_1970 = Duration::from_millis(u64::try_from(now.as_unix_ms()).unwrap_or(0));
    let start = rcgen::date_time_ymd(1970, 1, 1) + since_1970;
    params.not_before = start - CLOCK_SKEW_MAX;
    params.not_after = start + valid;
    let mut serial = [0u8; 16];
    getrandom::fill(&mut serial)?;
    // A serial number is positive and at most 20 bytes (RFC 5280, 4.1.2.2).
    serial[0] = (serial[0] & 0x7f) | 0x40;
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    Ok(params)
}

/// The key first: a certificate without its key is never left behind.
fn write_pair(pem: &Path, certificate: &str, key: &str) -> Result<(), CertificateError> {
    let key_file = pem.with_extension("key");
    write_new(&key_file, key, 0o600).map_err(at(&key_file))?;
    write_new(pem, certificate, 0o644).map_err(at(pem))
}

fn write_new(file: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn at(file: &Path) -> impl FnOnce(io::Error) -> CertificateError {
    let file = file.to_owned();
    move |source| CertificateError::File { file, source }
}
