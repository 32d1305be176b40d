//! The one configuration file: what it may hold, and clear errors for what it may not.
//!
//! - Unknown keys are errors. Every error names the file, line and column and says what to do.
//! - What the form of the file cannot say ([`checks`]) is checked in one go and reported together.
//! - Whoever holds a [`Config`] from [`load`] need not check anything again: each bed, family, format and map exists.
//! - Paths are relative to the folder of the file, wherever the program was started.

mod checks;
mod destination_checks;
mod line_checks;
mod report;
mod source_checks;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use drivers::catalog::{Family, Handshake, Parity, SerialSettings, StreamOptions, Transport};
use drivers::hl7::LocationField;
use drivers::modbus_map::{LineTiming, Map, UnitPlan};
use link::Mqtt;
use serde::Deserialize;
use vitals::{BedId, Category, Code, DeviceId, Lane, PostId};

pub use report::{ConfigErrors, Problem};

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Id of this post: in topics and in its certificate.
    pub post: PostId,
    /// What people call it.
    pub name: String,
    /// Where records are kept.
    pub store: StoreConfig,
    /// The nurses' page.
    pub web: WebConfig,
    /// The telemedicine centre; without it the post works alone.
    pub centre: Option<CentreConfig>,
    /// Up to 3 more who get the records.
    #[serde(rename = "destination", default)]
    pub destinations: Vec<DestinationConfig>,
    /// Beds, in the order of the screen.
    #[serde(rename = "bed", default)]
    pub beds: Vec<BedConfig>,
    /// Lines to devices.
    #[serde(rename = "line", default)]
    pub lines: Vec<LineConfig>,
}

/// `[store]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The file; its folder must exist and be writable.
    pub path: PathBuf,
    /// Seconds of readings that a power cut may cost, 1 to 60. Alerts and events are committed at once.
    #[serde(default = "default_commit_window_s")]
    pub commit_window_s: u64,
    /// Seconds of the post's own copy that a power cut may cost, 1 to 300: of readings that the centre has already, and
    /// of curves.
    #[serde(default = "default_commit_window_receipted_s")]
    pub commit_window_receipted_s: u64,
    /// Most bytes of packed readings that are kept; the oldest go first and the loss is recorded.
    #[serde(default = "default_vitals_bytes_max")]
    pub vitals_bytes_max: u64,
    /// The same for minute summaries.
    #[serde(default = "default_summaries_bytes_max")]
    pub summaries_bytes_max: u64,
    /// Most bytes of packed curves that are kept.
    #[serde(default = "default_waves_bytes_max")]
    pub waves_bytes_max: u64,
    /// Days that readings are kept, 1 to 3650, counted with power on.
    #[serde(default = "default_vitals_days_max")]
    pub vitals_days_max: u64,
    /// Days that minute summaries are kept, 1 to 3650, counted with power on.
    #[serde(default = "default_summaries_days_max")]
    pub summaries_days_max: u64,
    /// Hours that curves are kept, 1 to 8760, counted with power on.
    #[serde(default = "default_waves_hours_max")]
    pub waves_hours_max: u64,
    /// Free bytes on the card below which old curves and readings make room; a sixteenth of a card where that is less.
    #[serde(default = "default_free_bytes_min")]
    pub free_bytes_min: u64,
    /// The file of the key that seals the store; without it (and without the systemd credential `store-key`) what is on
    /// the card can be read by whoever takes it.
    pub key: Option<PathBuf>,
}

/// `[web]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Address and port, for example `127.0.0.1:8080`. Other than loopback needs a certificate.
    pub listen: SocketAddr,
    /// PEM certificate chain; needed unless `listen` is a loopback address.
    pub certificate: Option<PathBuf>,
    /// PEM private key.
    pub key: Option<PathBuf>,
}

/// `[centre]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CentreConfig {
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// Port of the broker.
    #[serde(default = "default_mqtts_port")]
    pub port: u16,
    /// Which MQTT its broker speaks.
    #[serde(default)]
    pub mqtt: Mqtt,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate of this post (common name = `post`).
    pub certificate: PathBuf,
    /// PEM private key of this post.
    pub key: PathBuf,
    /// Most bytes of readings and summaries in a second, at least 500; none when left out. Alerts and events do not wait.
    pub bytes_per_s_max: Option<u64>,
    /// Bytes cost money: single readings stay here, summaries go once a minute.
    #[serde(default)]
    pub metered: bool,
}

/// `[[destination]]`: somebody else who gets the records, beside the centre.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestinationConfig {
    /// Its short name, 1 to 32 of a-z 0-9 -.
    pub name: String,
    /// Name or address of the broker; must stand in its certificate.
    pub host: String,
    /// Port of the broker.
    #[serde(default = "default_mqtts_port")]
    pub port: u16,
    /// Which MQTT its broker speaks.
    #[serde(default)]
    pub mqtt: Mqtt,
    /// PEM file of the authority that signed the broker's certificate.
    pub ca: PathBuf,
    /// PEM certificate of this post for that broker.
    pub certificate: PathBuf,
    /// PEM private key of this post.
    pub key: PathBuf,
    /// `receipts`, or `puback` for a system that knows nothing of receipts.
    #[serde(default)]
    pub delivery: Delivery,
    /// Which lanes it gets; all that leave the post when left out.
    pub lanes: Option<Vec<Lane>>,
    /// As for the centre.
    pub bytes_per_s_max: Option<u64>,
    /// As for the centre.
    #[serde(default)]
    pub metered: bool,
}

/// How a destination confirms that it has a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delivery {
    /// It says so itself, as a Vitalpost centre does.
    #[default]
    Receipts,
    /// Its broker has acknowledged the message, which proves no more than that the broker had it.
    Puback,
}

/// `[[bed]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BedConfig {
    /// Short id, at most 16 characters.
    pub id: BedId,
    /// What stands on the tile; the id when it is left out.
    pub label: Option<String>,
    /// Age group of whoever lies there: decides the default limits.
    #[serde(default)]
    pub category: Category,
}

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
    /// Listening: who sends over this line, bed by bed.
    #[serde(rename = "source", default)]
    pub sources: Vec<SourceConfig>,
}

/// `[[line.source]]`: one bed of a gateway, or one monitor that sends by itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// What its messages say in the line's `field`: `ICU^^3` is bed 3 of unit ICU in any room.
    pub location: String,
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

/// Reads and checks the file.
///
/// # Errors
/// All that is wrong with it.
pub fn load(path: &Path) -> Result<Config, ConfigErrors> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigErrors::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(path, folder, &text)
}

/// `vitalpost check FILE`: prints what the file sets up, or all that is wrong with it. Fails when the file cannot be used.
pub fn check(path: &Path) -> ExitCode {
    match load(path) {
        Ok(config) => {
            println!("{}", report::summary(path, &config));
            ExitCode::SUCCESS
        }
        Err(errors) => {
            println!("{errors}");
            ExitCode::FAILURE
        }
    }
}

/// `file` is what errors call it, `folder` what its paths are relative to.
pub(crate) fn parse(file: &Path, folder: &Path, text: &str) -> Result<Config, ConfigErrors> {
    let wrong = |problems: Vec<report::Finding>| ConfigErrors::wrong(file, text, problems);
    let mut config: Config = toml::from_str(text).map_err(|error| wrong(vec![error.into()]))?;
    config.find_paths_from(folder);
    let findings = checks::all(&mut config, folder, text);
    if findings.is_empty() {
        Ok(config)
    } else {
        Err(wrong(findings))
    }
}

impl Config {
    fn find_paths_from(&mut self, folder: &Path) {
        let web = [
            self.web.certificate.as_mut(),
            self.web.key.as_mut(),
            self.store.key.as_mut(),
        ];
        let centre = self
            .centre
            .iter_mut()
            .flat_map(|centre| [&mut centre.ca, &mut centre.certificate, &mut centre.key]);
        let others = self
            .destinations
            .iter_mut()
            .flat_map(|other| [&mut other.ca, &mut other.certificate, &mut other.key]);
        let lines = self
            .lines
            .iter_mut()
            .flat_map(|line| [line.serial.as_mut(), line.capture.as_mut()])
            .flatten();
        let paths = web.into_iter().flatten().chain(centre).chain(others).chain(lines);
        for path in paths.chain([&mut self.store.path]) {
            *path = folder.join(&path);
        }
    }
}

impl DestinationConfig {
    /// Where it is, in the words of `[centre]`.
    pub fn address(&self) -> CentreConfig {
        CentreConfig {
            host: self.host.clone(),
            port: self.port,
            mqtt: self.mqtt,
            ca: self.ca.clone(),
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            bytes_per_s_max: self.bytes_per_s_max,
            metered: self.metered,
        }
    }
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
        match (&self.serial, &self.tcp, &self.listen) {
            (Some(_), ..) => Transport::Serial,
            (None, Some(_), _) => Transport::Tcp,
            (None, None, Some(_)) => Transport::Listen,
            (None, None, None) => Transport::Udp,
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
}

fn default_commit_window_s() -> u64 {
    5
}

fn default_vitals_bytes_max() -> u64 {
    2_000_000_000
}

fn default_commit_window_receipted_s() -> u64 {
    60
}

fn default_summaries_bytes_max() -> u64 {
    300_000_000
}

fn default_waves_bytes_max() -> u64 {
    1_000_000_000
}

fn default_vitals_days_max() -> u64 {
    30
}

fn default_summaries_days_max() -> u64 {
    365
}

fn default_waves_hours_max() -> u64 {
    72
}

fn default_free_bytes_min() -> u64 {
    256_000_000
}

fn default_silent_after_s() -> u64 {
    60
}

fn default_capture_bytes_max() -> u64 {
    100_000_000
}

fn default_mqtts_port() -> u16 {
    8883
}
