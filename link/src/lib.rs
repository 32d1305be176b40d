//! MQTT 5 or 3.1.1 over TLS 1.3 with a client certificate, as post and centre use it. Owns everything that names the MQTT
//! client. The promises hold for both versions:
//!
//! - L1: a link is disposable. Clean session, which ends with the connection, no reconnect inside: after any error both
//!   halves are dropped and the owner connects again. Nothing of an old session is ever trusted.
//! - L2: every publish is tracked: its [`Delivery`] resolves on PUBACK, or with an error at the latest
//!   [`STALL_MAX`] after the link has died. It never hangs for ever.
//! - L3: only the authority given in [`LinkOptions::ca`] is trusted, never the system's.
//! - L4: a slow consumer of [`Incoming`] stops neither keep-alive nor publishing: a message is acknowledged to the
//!   broker when it is taken, so the broker stops sending when [`RECEIVE_MAX`] messages wait.
//!
//! A PUBACK proves only that a broker had a message. Whoever must know that a message arrived asks its reader.

mod back_off;
mod error;
mod identity;
mod pem;
mod session;
#[cfg(test)]
mod tests;
mod version;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

pub use back_off::BackOff;
pub use error::LinkError;
pub use identity::{Identity, identity};
pub use pem::{FileError, certificates, private_key, trusted_roots};
pub use session::{Delivery, Incoming, Publisher, connect};
pub use version::{Mqtt, UnknownMqtt};

/// The largest MQTT packet that is sent or accepted, in bytes.
pub const PACKET_BYTES_MAX: u32 = 2 << 20;

/// A dead peer is noticed after at most two of these.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The longest that TCP, TLS and MQTT sign-on together may take; satellite links need several seconds.
pub const CONNECT_MAX: Duration = Duration::from_secs(15);

/// The longest that an established link may make no progress at all before it is given up. Longer than two keep-alives.
pub const STALL_MAX: Duration = Duration::from_secs(25);

/// How many messages of either direction may wait for their acknowledgement.
pub const RECEIVE_MAX: u16 = 100;

/// Where to connect, and as whom.
#[derive(Clone, Debug)]
pub struct LinkOptions {
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// TCP port of the broker.
    pub port: u16,
    /// Which MQTT is spoken.
    pub mqtt: Mqtt,
    /// MQTT client id; a broker ends an older connection that has the same one.
    pub client_id: String,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate chain of this side.
    pub certificate: PathBuf,
    /// PEM private key of this side.
    pub key: PathBuf,
    /// What the broker publishes when this link breaks.
    pub will: Option<Message>,
    /// Topic filters; all are granted before [`connect`] returns.
    pub subscribe: Vec<String>,
}

/// One MQTT message, QoS 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its topic.
    pub topic: String,
    /// Its content.
    pub payload: Vec<u8>,
    /// Sending: the broker keeps it for later subscribers. Receiving: it is such a kept one.
    pub retain: bool,
}
