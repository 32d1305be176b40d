//! The one list of device families. A test finds a folder that is missing from it.

use vitals::Code;

use crate::astm::Astm;
use crate::connect::Connect;
use crate::contec::Contec;
use crate::datex_dri::DatexDri;
use crate::dialogue::Dialogue;
use crate::intellivue::IntelliVue;
use crate::masimo::Masimo;
use crate::medibus::Medibus;
use crate::mindray_pds::MindrayPds;
use crate::nellcor::Nellcor;
use crate::nonin::{BadFormat, Format, Nonin};
use crate::nonin_text::NoninText;

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
    /// What it says is of specimens, not of whoever lies at a bed; and it may say nothing for hours.
    pub is_laboratory: bool,
    /// What its lines may run over, the usual one first.
    pub transports: &'static [Transport],
    /// The serial settings that are right when the configuration says nothing.
    pub serial: SerialSettings,
    /// Further settings that devices of the family may be set to, the likeliest first: `vitalpost probe` tries them
    /// after [`Family::serial`].
    pub probe: &'static [SerialSettings],
    /// How one is joined to the post by a technician at the page; `None` = what hangs on such a line only the configuration
    /// can say.
    pub connect: Option<&'static Connect>,
}

/// How the devices of a family talk.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One device per port that sends by itself: bytes go through a [`Dialogue`].
    Stream(fn(&StreamOptions<'_>) -> Result<Box<dyn Dialogue>, BadOption>),
    /// Units on a Modbus line that are asked: see [`crate::modbus_map::Poller`].
    Modbus,
    /// Senders that connect to the post, each for several beds, and are answered: see [`crate::hl7::Inbox`].
    Listener,
    /// Devices that send messages to a broker, from which the post gets them: see [`crate::sensor_json::Inbox`].
    Subscriber,
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
    /// Connections from the devices to the post; one at a time where one device streams.
    Listen,
    /// A broker between the devices and the post.
    Broker,
}

impl Transport {
    /// Its key in the configuration of a line.
    pub fn key(self) -> &'static str {
        match self {
            Transport::Serial => "serial",
            Transport::Tcp => "tcp",
            Transport::Udp => "udp",
            Transport::Listen => "listen",
            Transport::Broker => "broker",
        }
    }
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
    /// `format` for a family whose devices all send the same.
    #[error("family {family} has no formats to choose from: take `format = {text:?}` out")]
    NoFormats {
        /// As written.
        text: String,
        /// The family's name.
        family: &'static str,
    },
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

/// Serial settings; always 8 data bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SerialSettings {
    /// Bits per second.
    pub baud: u32,
    /// Parity bit.
    pub parity: Parity,
    /// 1 or 2.
    pub stop_bits: u8,
    /// Whether each end says with a wire of its own that it can take bytes.
    pub handshake: Handshake,
}

/// Flow control of a serial line. The direction of a two-wire RS-485 adapter is not one: the adapter switches it by
/// itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handshake {
    /// Nobody says anything: the usual cable with three wires.
    #[default]
    None,
    /// RTS says that we take bytes, CTS that the device does: a cable that has both wires.
    RtsCts,
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
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        // One speed for all; over USB and Bluetooth none counts.
        probe: &[],
        connect: Some(&crate::nonin::connect::CONNECT),
    },
    Family {
        name: "nonin_text",
        title: "Nonin pulse oximeters with text output (8500, 9847, Avant 9600)",
        folder: "nonin_text",
        kind: Kind::Stream(|options| {
            options.without_format("nonin_text")?;
            Ok(Box::new(NoninText::new()))
        }),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        // No source knows another speed.
        probe: &[],
        connect: Some(&crate::nonin_text::connect::CONNECT),
    },
    Family {
        name: "medibus",
        title: "Dräger ventilators and anaesthesia machines (MEDIBUS, MEDIBUS.X)",
        folder: "medibus",
        kind: Kind::Stream(|options| {
            options.without_format("medibus")?;
            Ok(Box::new(Medibus::new(options.waves)?))
        }),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(19_200, Parity::Even),
        probe: &[
            SerialSettings::new(19_200, Parity::None),
            SerialSettings::new(9600, Parity::Even),
            SerialSettings::new(9600, Parity::None),
            SerialSettings::new(38_400, Parity::None),
            // Not verified: remembered of machines older than those that our sources know.
            SerialSettings::new(1200, Parity::Even),
        ],
        connect: Some(&crate::medibus::connect::CONNECT),
    },
    Family {
        name: "masimo",
        title: "Masimo pulse oximeters (Radical, Rad-8, Rad-87; ASCII 1)",
        folder: "masimo",
        kind: Kind::Stream(|options| Ok(Box::new(Masimo::new(options.format)?))),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        // No source knows another speed.
        probe: &[],
        connect: Some(&crate::masimo::connect::CONNECT),
    },
    Family {
        name: "nellcor",
        title: "Nellcor pulse oximeters (NPB-190/290/295, N-560, N-595, N-600x; ASCII)",
        folder: "nellcor",
        kind: Kind::Stream(|options| Ok(Box::new(Nellcor::new(options.format)?))),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        // Not verified: remembered as choices of the service menu.
        probe: &[
            SerialSettings::new(19_200, Parity::None),
            SerialSettings::new(2400, Parity::None),
        ],
        connect: Some(&crate::nellcor::connect::CONNECT),
    },
    Family {
        name: "contec",
        title: "Contec CMS50 finger oximeters (V7.0, and the older 5-byte stream)",
        folder: "contec",
        kind: Kind::Stream(|options| Ok(Box::new(Contec::new(options.format)?))),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(115_200, Parity::None),
        // The older 5-byte stream.
        probe: &[SerialSettings::new(19_200, Parity::Odd)],
        connect: Some(&crate::contec::connect::CONNECT),
    },
    Family {
        name: "datex_dri",
        title: "GE and Datex-Ohmeda monitors with the S/5 Computer Interface (AS/3 to CARESCAPE)",
        folder: "datex_dri",
        kind: Kind::Stream(|options| Ok(Box::new(DatexDri::new(options)?))),
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(19_200, Parity::Even),
        probe: &[
            // CARESCAPE with software 3 and later.
            SerialSettings::new(115_200, Parity::Even),
            // For adapters that raise RTS only when it is asked for: the monitor waits for it.
            SerialSettings::new(19_200, Parity::Even).with_rts_cts(),
        ],
        connect: Some(&crate::datex_dri::connect::CONNECT),
    },
    Family {
        name: "modbus",
        title: "Modbus units described by a register-map file",
        folder: "modbus_map",
        kind: Kind::Modbus,
        is_laboratory: false,
        transports: &[Transport::Serial, Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        probe: &[
            SerialSettings::new(9600, Parity::Even),
            SerialSettings::new(19_200, Parity::Even),
            SerialSettings::new(19_200, Parity::None),
            // Solar charge controllers (EPEver).
            SerialSettings::new(115_200, Parity::None),
        ],
        connect: None,
    },
    Family {
        name: "intellivue",
        title: "Philips IntelliVue monitors (Data Export over LAN or MIB/RS232)",
        folder: "intellivue",
        kind: Kind::Stream(|options| Ok(Box::new(IntelliVue::new(options)?))),
        is_laboratory: false,
        transports: &[Transport::Udp, Transport::Serial],
        serial: SerialSettings::new(115_200, Parity::None),
        // Not verified: remembered as the other fixed speed of "Data Out".
        probe: &[SerialSettings::new(19_200, Parity::None)],
        connect: Some(&crate::intellivue::connect::CONNECT),
    },
    Family {
        name: "hl7",
        title: "Gateways and monitors that send HL7 version 2 over MLLP (IHE PCD-01 and PCD-04)",
        folder: "hl7",
        kind: Kind::Listener,
        is_laboratory: false,
        transports: &[Transport::Listen],
        serial: SerialSettings::new(9600, Parity::None),
        probe: &[],
        connect: None,
    },
    Family {
        name: "mindray_pds",
        title: "Mindray monitors that share patient data over the network (BeneView, iMEC, uMEC, iPM, T series)",
        folder: "mindray_pds",
        kind: Kind::Stream(|options| {
            options.without_format("mindray_pds")?;
            Ok(Box::new(MindrayPds::new()))
        }),
        is_laboratory: false,
        transports: &[Transport::Tcp],
        serial: SerialSettings::new(9600, Parity::None),
        probe: &[],
        connect: Some(&crate::mindray_pds::connect::CONNECT),
    },
    Family {
        name: "astm",
        title: "Laboratory analysers (ASTM E1381 and E1394, CLSI LIS01 and LIS02)",
        folder: "astm",
        kind: Kind::Stream(|options| Ok(Box::new(Astm::new(options)?))),
        is_laboratory: true,
        transports: &[Transport::Serial, Transport::Tcp, Transport::Listen],
        serial: SerialSettings::new(9600, Parity::None),
        probe: &[],
        connect: None,
    },
    Family {
        name: "sensor_json",
        title: "The post's own sensors and wearables (JSON over MQTT)",
        folder: "sensor_json",
        kind: Kind::Subscriber,
        is_laboratory: false,
        transports: &[Transport::Broker],
        serial: SerialSettings::new(9600, Parity::None),
        probe: &[],
        connect: None,
    },
];

impl SerialSettings {
    /// One stop bit, no handshake.
    pub const fn new(baud: u32, parity: Parity) -> Self {
        Self {
            baud,
            parity,
            stop_bits: 1,
            handshake: Handshake::None,
        }
    }

    /// The same with RTS/CTS.
    pub const fn with_rts_cts(self) -> Self {
        Self {
            handshake: Handshake::RtsCts,
            ..self
        }
    }
}

impl StreamOptions<'_> {
    /// Nothing but the transport is said.
    pub fn usual(transport: Transport) -> Self {
        Self {
            transport,
            format: None,
            waves: None,
        }
    }

    /// Refuses a `format`, for the family of this name, which has none.
    ///
    /// # Errors
    /// When one is written.
    pub fn without_format(&self, family: &'static str) -> Result<(), BadOption> {
        match self.format {
            None => Ok(()),
            Some(text) => Err(BadOption::NoFormats {
                text: text.to_owned(),
                family,
            }),
        }
    }
}

/// The family of this name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
