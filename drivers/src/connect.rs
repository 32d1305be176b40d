//! How a device of a family is joined to the post: what a technician picks up and sets. Each family has its own
//! (`connect.rs` in its folder, from its README.md); the page shows it, in its own languages.

use crate::catalog::Transport;

/// What a technician must know of a family.
#[derive(Debug)]
pub struct Connect {
    /// Makers and models, as they stand on the device.
    pub models: &'static str,
    /// The ways to join one, the usual one first.
    pub ways: &'static [Way],
}

/// One way to join a device.
#[derive(Debug)]
pub struct Way {
    /// The models that it is for; empty = all of the family.
    pub models: &'static str,
    /// What it runs over.
    pub transport: Transport,
    /// What the device's socket looks like.
    pub plug: Plug,
    /// Which cable.
    pub cable: Cable,
    /// On the LAN: the port number that its devices have.
    pub port: Option<u16>,
    /// What is to be done, by the keys of the page's words (`fit.step.KEY`).
    pub steps: &'static [&'static str],
}

/// What a socket looks like: each has a picture at the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plug {
    /// RS-232 with nine pins.
    NinePin,
    /// RJ45, a network.
    Lan,
    /// RJ45 with a serial line on it.
    SerialRj45,
    /// USB, or a plug that looks like it.
    Usb,
    /// Wires of a module, at 3.3 V.
    Wires,
    /// None: by radio.
    Bluetooth,
}

impl Plug {
    /// All of them.
    pub const ALL: [Plug; 6] = [
        Plug::NinePin,
        Plug::Lan,
        Plug::SerialRj45,
        Plug::Usb,
        Plug::Wires,
        Plug::Bluetooth,
    ];

    /// Its name in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Plug::NinePin => "nine_pin",
            Plug::Lan => "lan",
            Plug::SerialRj45 => "serial_rj45",
            Plug::Usb => "usb",
            Plug::Wires => "wires",
            Plug::Bluetooth => "bluetooth",
        }
    }
}

/// Which cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cable {
    /// One that joins each pin with the same pin.
    Straight,
    /// One that crosses 2 and 3.
    NullModem,
    /// Straight or crossed: the device's manual says it, or a voltmeter.
    Measure,
    /// The one that came with the device, or its maker's.
    Own,
    /// A network cable.
    Network,
    /// An adapter for 3.3 V.
    LowVoltage,
    /// None.
    None,
}

impl Cable {
    /// All of them.
    pub const ALL: [Cable; 7] = [
        Cable::Straight,
        Cable::NullModem,
        Cable::Measure,
        Cable::Own,
        Cable::Network,
        Cable::LowVoltage,
        Cable::None,
    ];

    /// Its name in the API.
    pub const fn key(self) -> &'static str {
        match self {
            Cable::Straight => "straight",
            Cable::NullModem => "null_modem",
            Cable::Measure => "measure",
            Cable::Own => "own",
            Cable::Network => "network",
            Cable::LowVoltage => "low_voltage",
            Cable::None => "none",
        }
    }
}

/// On a nine-pin socket of which nobody knows how it is wired.
pub(crate) const fn nine_pin(cable: Cable, models: &'static str, steps: &'static [&'static str]) -> Way {
    Way {
        models,
        transport: Transport::Serial,
        plug: Plug::NinePin,
        cable,
        port: None,
        steps,
    }
}
