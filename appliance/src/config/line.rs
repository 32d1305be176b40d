//! `[[line]]`: one port and what hangs on it, and what other parts ask about it.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use drivers::catalog::{Family, Handshake, Parity, SerialSettings, StreamOptions, Transport};
use drivers::hl7::LocationField;
use drivers::modbus_map::{LineTiming, Map, UnitPlan};
use link::Mqtt;
use serde::Deserialize;
use vitals::{BedId, Code, DeviceId};

/// `[[line]]`: one port and what hangs on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Id of the line, for messages.
    pub id: String,
    /// Stable path of a serial port (`/dev/serial/by-id/...`). Either this, `tcp` or `udp`.
    pub serial: Option<PathBuf>,
    /// `host:port` of a device on the LAN that takes connections. Either this, `serial` or `udp`.
    pub tcp: Option<String>,
    /// `host:port` of a device on the LAN that talks in datagrams. Either this, `serial` or `tcp`.
    pub udp: Option<String>,
    /// Address and port on which devices connect to the post; one at a time where the family streams. Either this, `serial`,
    /// `tcp` or `udp`.
    pub listen: Option<SocketAddr>,
    /// `host:port` of a broker to which devices send. Either this or one of the above.
    pub broker: Option<String>,
    /// Over a broker: which MQTT it speaks; `5` when left out.
    pub mqtt: Option<Mqtt>,
    /// Over a broker: PEM file of the authority that signed its certificate.
    pub ca: Option<PathBuf>,
    /// Over a broker: PEM certificate of this post (common name = `post`).
    pub certificate: Option<PathBuf>,
    /// Over a broker: PEM private key of this post.
    pub key: Option<PathBuf>,
    /// Listening: who may connect. Nobody else is listened to.
    #[serde(default)]
    pub senders: Vec<IpAddr>,
    /// Listening: the field of a message that names the bed; `PV1-3` when left out.
    pub field: Option<String>,
    /// Bits per second; the family's usual speed when left out.
    pub baud: Option<u32>,
    /// `none`, `even` or `odd`; the family's usual one when left out.
    pub parity: Option<Parity>,
    /// `none` or `rts_cts`; the family's usual one when left out.
    pub handshake: Option<Handshake>,
    /// A family of `drivers::catalog`: `nonin`, `modbus`, ...
    pub family: String,
    /// Families that stream: the device at the other end.
    pub device: Option<DeviceId>,
    /// Families that stream: the bed it stands at.
    pub bed: Option<BedId>,
    /// Which of the family's formats the device sends, where it has several; Nonin: `2`, `7`, `8` or `auto` (default).
    pub format: Option<String>,
    /// The curves to ask for, where the device must be asked; the family's usual ones when left out, none when empty.
    pub waves: Option<Vec<Code>>,
    /// Modbus over `tcp`: how its frames are wrapped; `tcp` when left out.
    pub framing: Option<Framing>,
    /// A file into which all that comes from the device is recorded, as text; none when left out. Patient data.
    pub capture: Option<PathBuf>,
    /// Most bytes of that file; the capture ends there.
    #[serde(default = "default_capture_bytes_max")]
    pub capture_bytes_max: u64,
    /// Modbus on serial: the adapter sends back what we send (some two-wire RS-485 adapters do).
    #[serde(default)]
    pub echo: bool,
    /// Modbus: the units on this line.
    #[serde(rename = "unit", default)]
    pub units: Vec<UnitConfig>,
    /// Listening, or over a broker: who sends over this line, bed by bed.
    #[serde(rename = "source", default)]
    pub sources: Vec<SourceConfig>,
}

/// `[[line.source]]`: one bed of a gateway, one monitor that sends by itself, or one sensor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// Listening: what its messages say in the line's `field`: `ICU^^3` is bed 3 of unit ICU in any room. A sensor is named
    /// by its topic.
    pub location: Option<String>,
    /// The device.
    pub device: DeviceId,
    /// What it sends; `vitals` when left out.
    #[serde(default)]
    pub results: Results,
    /// The bed it stands at; none for a laboratory.
    pub bed: Option<BedId>,
    /// Seconds without a message after which it is silent, 10 to 900; three times what the sender waits between two messages.
    #[serde(default = "default_silent_after_s")]
    pub silent_after_s: u64,
}

/// What a source sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Results {
    /// A monitor's or gateway's: vital signs and alarms of one bed.
    #[default]
    Vitals,
    /// An analyser's or a laboratory system's: results of specimens.
    Laboratory,
}

/// How Modbus frames are wrapped on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Modbus TCP: numbered, without a checksum.
    Tcp,
    /// As on a serial line, with a checksum: cheap gateways pass the bytes of their serial line on as they are.
    Rtu,
}

/// `[[line.unit]]`: one Modbus unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitConfig {
    /// Modbus address, 1 to 247.
    pub unit: u8,
    /// A built-in map (`drivers::modbus_map::BUILTIN`) or the path of a map file.
    pub map: String,
    /// The device.
    pub device: DeviceId,
    /// The bed it stands at; none for fridges and batteries.
    pub bed: Option<BedId>,
    /// The map that `map` names, as [`load`] has read it.
    #[serde(skip)]
    pub registers: Option<Arc<Map>>,
}

impl LineConfig {
    /// Modbus: what to ask each unit.
    pub fn plans(&self) -> Vec<UnitPlan> {
        let map = |unit: &UnitConfig| {
            let map = unit.registers.clone();
            map.expect("config::load reads the map of each unit or refuses the file")
        };
        self.units
            .iter()
            .map(|unit| UnitPlan {
                unit: unit.unit,
                map: map(unit),
            })
            .collect()
    }

    /// What the line runs over; [`load`] refuses a line that names none or several.
    pub fn transport(&self) -> Transport {
        match (&self.serial, &self.tcp, &self.listen, &self.broker) {
            (Some(_), ..) => Transport::Serial,
            (None, Some(_), ..) => Transport::Tcp,
            (None, None, Some(_), _) => Transport::Listen,
            (None, None, None, Some(_)) => Transport::Broker,
            (None, None, None, None) => Transport::Udp,
        }
    }

    /// Listening: which field names the bed; [`load`] refuses a file that names none.
    pub fn location_field(&self) -> LocationField {
        let named = self.field.as_deref().map(|field| field.parse().ok());
        named.map_or_else(LocationField::default, Option::unwrap_or_default)
    }

    /// What it says to a family that streams.
    pub fn stream_options(&self) -> StreamOptions<'_> {
        StreamOptions {
            transport: self.transport(),
            format: self.format.as_deref(),
            waves: self.waves.as_deref(),
        }
    }

    /// Speed, parity and handshake: as configured, else as the first map that knows recommends, else as usual in the family.
    pub fn serial_settings(&self, family: &Family) -> SerialSettings {
        let maps = self.units.iter().filter_map(|unit| unit.registers.as_deref());
        let usual = maps.filter_map(Map::serial).next().unwrap_or(family.serial);
        SerialSettings {
            baud: self.baud.unwrap_or(usual.baud),
            parity: self.parity.unwrap_or(usual.parity),
            handshake: self.handshake.unwrap_or(usual.handshake),
            ..usual
        }
    }

    /// The bytes of a serial Modbus line come over a connection.
    pub fn is_rtu_over_tcp(&self) -> bool {
        self.tcp.is_some() && self.framing == Some(Framing::Rtu)
    }

    /// How fast the line is.
    pub fn timing(&self, family: &Family) -> LineTiming {
        let settings = self.serial_settings(family);
        match (&self.tcp, self.is_rtu_over_tcp()) {
            (_, true) => LineTiming::rtu_over_tcp(settings),
            (Some(_), false) => LineTiming::tcp(),
            (None, false) => LineTiming::serial(settings),
        }
    }

    /// Host and port of `broker`. `None` = it is left out, or is none.
    pub fn broker_address(&self) -> Option<(&str, u16)> {
        let (host, port) = self.broker.as_deref()?.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port > 0)?;
        (!host.is_empty()).then_some((host, port))
    }

    /// Paths of files, which count from the folder of the configuration.
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [
            &mut self.serial,
            &mut self.capture,
            &mut self.ca,
            &mut self.certificate,
            &mut self.key,
        ];
        files.into_iter().flatten()
    }
}

fn default_silent_after_s() -> u64 {
    60
}

fn default_capture_bytes_max() -> u64 {
    100_000_000
}
