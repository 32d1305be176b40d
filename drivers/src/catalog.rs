//! The one list of device families. A test finds a folder that is missing from it.

use vitals::Code;

use crate::datex_dri::DatexDri;
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
    /// What its lines may run over, the usual one first.
    pub transports: &'static [Transport],
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

/// What a line runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A serial port.
    Serial,
    /// A connection to the device.
    Tcp,
    /// Datagrams to and from the device: each [`crate::Dialogue::heard`] is one, whole, and so is each
    /// [`crate::Step::Send`].
    Udp,
}

/// What the configuration of a line can say to a family that streams.
#[derive(Clone, Copy, Debug)]
pub struct StreamOptions<'a> {
    /// What the line runs over: one of [`Family::transports`].
    pub transport: Transport,
    /// `format`; the family's own default when left out.
    pub format: Option<&'a str>,
    /// `waves`: the curves that are wanted, where the device must be asked for them; the family's usual ones when left out.
    pub waves: Option<&'a [Code]>,
}

/// The configuration of a line asks for something that the family does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOption {
    /// `format` is not one of the Nonin formats.
    #[error(transparent)]
    NoninFormat(#[from] BadFormat),
    /// `format` is none that the family has.
    #[error("{text:?} is no format of family {family}: write {choices}, or leave it out")]
    Format {
        /// As written.
        text: String,
        /// The family's name.
        family: &'static str,
        /// What may be written.
        choices: &'static str,
    },
    /// The family has no curve of this sort.
    #[error("family {family} has no curve {key:?}: it has {choices}")]
    Wave {
        /// The curve's key.
        key: &'static str,
        /// The family's name.
        family: &'static str,
        /// The keys of the curves that it has.
        choices: String,
    },
    /// The curves that are asked for do not fit the line.
    #[error("curve {key:?} is one too many for a line of family {family}: leave out one of the curves")]
    NoRoom {
        /// The key of the first curve that does not fit.
        key: &'static str,
        /// The family's name.
        family: &'static str,
    },
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
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings {
            baud: 9600,
            parity: Parity::None,
            stop_bits: 1,
        },
    },
    Family {
        name: "datex_dri",
        title: "GE and Datex-Ohmeda monitors with the S/5 Computer Interface (AS/3 to CARESCAPE)",
        folder: "datex_dri",
        kind: Kind::Stream(|options| Ok(Box::new(DatexDri::new(options)?))),
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings {
            baud: 19_200,
            parity: Parity::Even,
            stop_bits: 1,
        },
    },
    Family {
        name: "modbus",
        title: "Modbus units described by a register-map file",
        folder: "modbus_map",
        kind: Kind::Modbus,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings {
            baud: 9600,
            parity: Parity::None,
            stop_bits: 1,
        },
    },
];

impl StreamOptions<'_> {
    /// Nothing but the transport is said.
    pub fn usual(transport: Transport) -> Self {
        Self {
            transport,
            format: None,
            waves: None,
        }
    }
}

/// The family of this name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
