//! The one list of device families. A test finds a folder that is missing from it.

use crate::dialogue::Dialogue;
use crate::nonin::{BadFormat, Format, Nonin};

/// One family of devices: a folder under `drivers/src`.
#[derive(Debug)]
pub struct Family {
    /// What stands as `family` in the configuration.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its folder under `drivers/src`.
    pub folder: &'static str,
    /// How its devices talk.
    pub kind: Kind,
    /// The serial settings that are right when the configuration says nothing.
    pub serial: SerialSettings,
}

/// How the devices of a family talk.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One device per port that sends by itself: bytes go through a [`Dialogue`].
    Stream(fn(&StreamOptions<'_>) -> Result<Box<dyn Dialogue>, BadOption>),
    /// Units on a Modbus line that are asked: see [`crate::modbus_map::Poller`].
    Modbus,
}

/// What the configuration of a line can say to a family that streams.
#[derive(Clone, Copy, Debug, Default)]
pub struct StreamOptions<'a> {
    /// `format`; the family's own default when left out.
    pub format: Option<&'a str>,
}

/// The configuration of a line asks for something that the family does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOption {
    /// `format` is not one of the Nonin formats.
    #[error(transparent)]
    Format(#[from] BadFormat),
}

/// Serial settings; always 8 data bits and no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits per second.
    pub baud: u32,
    /// Parity bit.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
}

/// Parity bit of a serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parity {
    /// 8N1
    None,
    /// 8E1
    Even,
    /// 8O1
    Odd,
}

/// Every family, in the order in which a technician sees them.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "nonin",
        title: "Nonin pulse oximeters and OEM modules (formats 2, 7, 8)",
        folder: "nonin",
        kind: Kind::Stream(|options| {
            let format: Format = options.format.unwrap_or("auto").parse()?;
            Ok(Box::new(Nonin::new(format)))
        }),
        serial: SerialSettings {
            baud: 9600,
            parity: Parity::None,
            stop_bits: 1,
        },
    },
    Family {
        name: "modbus",
        title: "Modbus units described by a register-map file",
        folder: "modbus_map",
        kind: Kind::Modbus,
        serial: SerialSettings {
            baud: 9600,
            parity: Parity::None,
            stop_bits: 1,
        },
    },
];

/// The family of this name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
