//! Messages between post and centre. `proto/vitalpost.proto` is the public description; here they become domain words.
//!
//! - W1: what [`Block::encode`] wrote, [`Block::decode`] reads back equal, to the microsecond.
//! - W2: bytes from outside never panic, never allocate more than [`BLOCK_BYTES_MAX`], and never become a value that
//!   the domain cannot spell: an unknown code or reason is a [`WireError`].
//! - W3: golden files in `wire/golden` hold the bytes of version 1; they are read for ever.

mod alarm;
mod audit;
mod block;
mod columns;
mod command;
mod delivery;
mod event;
mod lab;
mod messages;
mod nursing;
mod patient;
mod reading;
mod score;
mod sift;
mod signals;

pub use block::{BLOCK_BYTES_MAX, BLOCK_RECORDS_MAX, Block};
pub use command::{Command, CommandKind};
pub use messages::{CentreHeartbeat, MISSING_RANGES_MAX, OnDuty, topic};
pub use messages::{Envelope, OPEN_ALARMS_MAX, OpenAlarms, PostState, PostStatus, Receipt};
pub use sift::{Sifted, Sifter, Wanted};

/// The generated messages, for whoever needs a field that the domain words do not carry.
#[allow(
    missing_docs,
    clippy::all,
    reason = "generated; documented in proto/vitalpost.proto"
)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/vitalpost.v1.rs"));
}

/// Version of the contract that this code writes.
pub const VERSION: u32 = 1;

/// Why bytes are not a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not protobuf, or cut off.
    #[error("not a valid message: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// Written by a newer program.
    #[error("message of version {found}, this program knows {VERSION}: update this side")]
    NewerVersion {
        /// The version of the message.
        found: u32,
    },
    /// A field holds what the domain does not allow.
    #[error("field {field} is missing or out of range")]
    Field {
        /// Which one.
        field: &'static str,
    },
    /// The block does not unpack.
    #[error("block does not decompress to at most {BLOCK_BYTES_MAX} bytes")]
    Compression,
    /// The number of records differs from the envelope's count.
    #[error("envelope announces {announced} records, block holds {found}")]
    Count {
        /// Said by the envelope.
        announced: u32,
        /// In the block.
        found: usize,
    },
}

fn field(field: &'static str) -> WireError {
    WireError::Field { field }
}

fn check_version(found: u32) -> Result<(), WireError> {
    match found {
        0 => Err(field("version")),
        VERSION => Ok(()),
        _ => Err(WireError::NewerVersion { found }),
    }
}

impl From<crate::record::Lane> for proto::Lane {
    fn from(lane: crate::record::Lane) -> Self {
        use crate::record::Lane;
        match lane {
            Lane::Alerts => proto::Lane::Alerts,
            Lane::Events => proto::Lane::Events,
            Lane::Summaries => proto::Lane::Summaries,
            Lane::Vitals => proto::Lane::Vitals,
            Lane::Waves => proto::Lane::Waves,
        }
    }
}

fn lane(raw: i32) -> Result<crate::record::Lane, WireError> {
    use crate::record::Lane;
    match proto::Lane::try_from(raw) {
        Ok(proto::Lane::Alerts) => Ok(Lane::Alerts),
        Ok(proto::Lane::Events) => Ok(Lane::Events),
        Ok(proto::Lane::Summaries) => Ok(Lane::Summaries),
        Ok(proto::Lane::Vitals) => Ok(Lane::Vitals),
        Ok(proto::Lane::Waves) => Ok(Lane::Waves),
        Ok(proto::Lane::Unspecified) | Err(_) => Err(field("lane")),
    }
}

fn trust(raw: i32) -> crate::time::ClockTrust {
    use crate::time::ClockTrust;
    match proto::Trust::try_from(raw) {
        Ok(proto::Trust::Synchronised) => ClockTrust::Synchronised,
        Ok(proto::Trust::Holdover) => ClockTrust::Holdover,
        // A trust that this program does not know is not trusted.
        Ok(proto::Trust::Untrusted) | Err(_) => ClockTrust::Untrusted,
    }
}

fn trust_out(trust: crate::time::ClockTrust) -> i32 {
    use crate::time::ClockTrust;
    match trust {
        ClockTrust::Untrusted => proto::Trust::Untrusted as i32,
        ClockTrust::Holdover => proto::Trust::Holdover as i32,
        ClockTrust::Synchronised => proto::Trust::Synchronised as i32,
    }
}

fn boot(bytes: &[u8]) -> Result<crate::time::BootId, WireError> {
    bytes
        .try_into()
        .map(crate::time::BootId)
        .map_err(|_| field("boot_id"))
}

fn id<T: std::str::FromStr>(text: &str, name: &'static str) -> Result<T, WireError> {
    text.parse().map_err(|_| field(name))
}

fn optional_id<T: std::str::FromStr>(text: &str, name: &'static str) -> Result<Option<T>, WireError> {
    if text.is_empty() {
        Ok(None)
    } else {
        id(text, name).map(Some)
    }
}

fn text_of<T: ToString>(id: Option<&T>) -> String {
    id.map(T::to_string).unwrap_or_default()
}

/// The last whole microsecond where there are too many: the time is the same when it is written again (W1).
fn mono_us(us: u64) -> crate::time::MonoTime {
    crate::time::MonoTime::from_ns(us.min(u64::MAX / 1_000) * 1_000)
}

fn us_of(mono: crate::time::MonoTime) -> u64 {
    mono.as_ns() / 1_000
}

/// As [`mono_us`].
fn wall_us(us: i64) -> crate::time::WallTime {
    crate::time::WallTime::from_unix_ns(us.clamp(i64::MIN / 1_000, i64::MAX / 1_000) * 1_000)
}

fn us_of_wall(wall: crate::time::WallTime) -> i64 {
    wall.as_unix_ns().div_euclid(1_000)
}

#[cfg(test)]
pub(crate) use tests::samples::{a_lab_record, a_signed_head, audited};
#[cfg(test)]
mod tests;
