//! Why there is no link, in words for a technician.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use rumqttc::TlsError;
use rustls::CertificateError;

use crate::pem::FileError;
use crate::{LinkOptions, Mqtt, PACKET_BYTES_MAX, RECEIVE_MAX};

pub(crate) const NO_ANSWER: &str = "no broker answered; is the network up, and the host's name known?";

/// Why a link could not be made, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A certificate or key file is not usable.
    #[error(transparent)]
    File(#[from] FileError),
    /// Certificate and key are not a pair.
    #[error("the key {} does not belong to the certificate {}: take the pair that was issued together", key.display(), certificate.display())]
    KeyMismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// The host is neither a name nor an address.
    #[error("{host:?} is neither a host name nor an address")]
    BadHost {
        /// As configured.
        host: String,
    },
    /// The broker's certificate is for other names.
    #[error(
        "the broker's certificate is not for host {host}: use the name that stands in it, or have it issued again"
    )]
    NameMismatch {
        /// As configured.
        host: String,
    },
    /// The broker's certificate was signed by somebody else.
    #[error("the broker at {at} has a certificate that the authority in {} did not sign: wrong ca file, or not our broker", ca.display())]
    UnknownAuthority {
        /// Host and port.
        at: String,
        /// The authority's file.
        ca: PathBuf,
    },
    /// The broker's certificate has run out, or this machine's clock is ahead.
    #[error(
        "the certificate of the broker at {at} has expired by this machine's clock: check the clock first, then renew it"
    )]
    Expired {
        /// Host and port.
        at: String,
    },
    /// The broker's certificate begins later, or this machine's clock is behind.
    #[error(
        "the certificate of the broker at {at} is not valid yet by this machine's clock: the clock is probably wrong, set it"
    )]
    NotYetValid {
        /// Host and port.
        at: String,
    },
    /// The broker did not accept our certificate.
    #[error("the broker at {at} refused the certificate {} ({reason}): was it issued by the broker's authority, and is it still valid?", certificate.display())]
    CertificateRefused {
        /// Host and port.
        at: String,
        /// Our certificate's file.
        certificate: PathBuf,
        /// The TLS alert.
        reason: String,
    },
    /// The broker says that our certificate is outside its time.
    #[error("the broker at {at} says that the certificate {} has expired: if its date is not over, the broker's clock is wrong; else have it renewed", certificate.display())]
    OwnExpired {
        /// Host and port.
        at: String,
        /// Our certificate's file.
        certificate: PathBuf,
    },
    /// Something else in TLS.
    #[error("no TLS with {at}: {cause}; is this the port of an MQTT broker with TLS?")]
    Tls {
        /// Host and port.
        at: String,
        /// What TLS says.
        cause: rustls::Error,
    },
    /// Nobody listens there.
    #[error("connection refused at {at}: no broker is running there")]
    Refused {
        /// Host and port.
        at: String,
    },
    /// The network does not lead there.
    #[error("cannot reach {at}: {cause}")]
    Unreachable {
        /// Host and port.
        at: String,
        /// What the system says.
        cause: io::Error,
    },
    /// No answer in time.
    #[error("timed out at {at}: {waited_for}")]
    TimedOut {
        /// Host and port.
        at: String,
        /// What did not come.
        waited_for: &'static str,
    },
    /// The broker, or something on the way, ended the connection.
    #[error("the connection to {at} was closed{}", reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    Closed {
        /// Host and port.
        at: String,
        /// What the broker said, where it said something.
        reason: Option<String>,
    },
    /// The broker does not let this certificate do that.
    #[error("the broker at {at} does not allow this certificate {what}")]
    NotAuthorised {
        /// Host and port.
        at: String,
        /// What was asked.
        what: String,
    },
    /// The message was not sent; the link lives on.
    #[error("a message of {bytes} bytes on {topic} is larger than {PACKET_BYTES_MAX} bytes")]
    TooLarge {
        /// Its topic.
        topic: String,
        /// Topic, content and headers.
        bytes: usize,
    },
    /// The broker sent more messages than may wait before the first ones were taken.
    #[error(
        "the broker at {at} sends faster than messages are taken: let it send one client at most {RECEIVE_MAX} unacknowledged messages"
    )]
    Overrun {
        /// Host and port.
        at: String,
    },
    /// The broker does not know this version of MQTT.
    #[error("the broker at {at} does not speak MQTT {mqtt}: write mqtt = \"{}\" in the configuration", mqtt.other())]
    Version {
        /// Host and port.
        at: String,
        /// As configured.
        mqtt: Mqtt,
    },
    /// The other side does not speak MQTT as it should.
    #[error("the broker at {at} broke the MQTT {mqtt} protocol: {reason}")]
    Protocol {
        /// Host and port.
        at: String,
        /// What should have been spoken.
        mqtt: Mqtt,
        /// What was wrong.
        reason: String,
    },
}

/// Whom the errors of one link talk about.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) host: String,
    pub(crate) port: u16,
    mqtt: Mqtt,
    ca: PathBuf,
    certificate: PathBuf,
}

impl Peer {
    pub(crate) fn of(options: &LinkOptions) -> Self {
        Self {
            host: options.host.clone(),
            port: options.port,
            mqtt: options.mqtt,
            ca: options.ca.clone(),
            certificate: options.certificate.clone(),
        }
    }

    pub(crate) fn at(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(crate) fn timed_out(&self, waited_for: &'static str) -> LinkError {
        let at = self.at();
        LinkError::TimedOut { at, waited_for }
    }

    pub(crate) fn closed(&self) -> LinkError {
        let (at, reason) = (self.at(), None);
        LinkError::Closed { at, reason }
    }

    pub(crate) fn closed_because(&self, reason: String) -> LinkError {
        let (at, reason) = (self.at(), Some(reason));
        LinkError::Closed { at, reason }
    }

    pub(crate) fn not_authorised(&self, what: &str) -> LinkError {
        let (at, what) = (self.at(), what.to_owned());
        LinkError::NotAuthorised { at, what }
    }

    pub(crate) fn version(&self) -> LinkError {
        let (at, mqtt) = (self.at(), self.mqtt);
        LinkError::Version { at, mqtt }
    }

    pub(crate) fn protocol(&self, reason: &dyn Error) -> LinkError {
        let (at, mqtt, reason) = (self.at(), self.mqtt, reason.to_string());
        LinkError::Protocol { at, mqtt, reason }
    }

    pub(crate) fn explain_tls_client(&self, cause: TlsError) -> LinkError {
        match cause {
            TlsError::Io(cause) => self.explain_io(cause),
            TlsError::TLS(cause) => self.explain_tls(cause),
            TlsError::DNSName(_) => LinkError::BadHost {
                host: self.host.clone(),
            },
            other => self.protocol(&other),
        }
    }

    /// TLS reports what it finds as the inner error of an `io::Error`.
    pub(crate) fn explain_io(&self, cause: io::Error) -> LinkError {
        let inner = cause
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(tls) = inner {
            return self.explain_tls(tls.clone());
        }
        let at = self.at();
        match cause.kind() {
            io::ErrorKind::ConnectionRefused => LinkError::Refused { at },
            io::ErrorKind::TimedOut => self.timed_out("the network gave up"),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => LinkError::Closed {
                at,
                reason: Some("no reason given; the broker's log may name one".to_owned()),
            },
            _ => LinkError::Unreachable { at, cause },
        }
    }

    fn explain_tls(&self, cause: rustls::Error) -> LinkError {
        let at = self.at();
        let host = self.host.clone();
        let rustls::Error::InvalidCertificate(wrong) = cause else {
            return match cause {
                rustls::Error::AlertReceived(rustls::AlertDescription::CertificateExpired) => {
                    let certificate = self.certificate.clone();
                    LinkError::OwnExpired { at, certificate }
                }
                rustls::Error::AlertReceived(alert) => LinkError::CertificateRefused {
                    at,
                    certificate: self.certificate.clone(),
                    reason: format!("{alert:?}"),
                },
                cause => LinkError::Tls { at, cause },
            };
        };
        match wrong {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                LinkError::NameMismatch { host }
            }
            CertificateError::UnknownIssuer | CertificateError::BadSignature => LinkError::UnknownAuthority {
                at,
                ca: self.ca.clone(),
            },
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => LinkError::Expired { at },
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                LinkError::NotYetValid { at }
            }
            other => LinkError::Tls {
                at,
                cause: rustls::Error::InvalidCertificate(other),
            },
        }
    }
}
