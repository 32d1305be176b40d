//! Checks of one line: its port, its family, and for Modbus its units, their maps, and what the line can carry.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use drivers::catalog::{self, BadOption, Family, Kind};
use drivers::modbus_map::{self, Map, check_load};

use super::checks::{Checks, in_line, in_unit};
use super::report::nearest;
use super::{Config, LineConfig};

/// Speeds of serial devices.
const BAUD: RangeInclusive<u32> = 300..=921_600;

/// How long a capture may be.
const CAPTURE_BYTES_MAX: RangeInclusive<u64> = 10_000..=1_000_000_000;

/// Modbus addresses of single units; 0 is everybody, 248 and above are reserved.
const UNITS: RangeInclusive<u8> = 1..=247;

impl Checks<'_> {
    /// Reads each map and leaves it in the configuration.
    pub(super) fn maps(&mut self, config: &mut Config, folder: &Path) {
        for (index, line) in config.lines.iter_mut().enumerate() {
            for (number, unit) in line.units.iter_mut().enumerate() {
                match read_map(&unit.map, folder) {
                    Ok(map) => unit.registers = Some(Arc::new(map)),
                    Err((message, hint)) => self.add(&in_unit(index, number, "map"), message, hint),
                }
            }
        }
    }

    /// Everything about one line that does not concern the others.
    pub(super) fn line(&mut self, index: usize, line: &LineConfig) {
        if line.id.trim().is_empty() {
            self.add(
                &in_line(index, "id"),
                "the line has no id",
                "give it a short one, for messages",
            );
        }
        self.line_port(index, line);
        self.capture(index, line);
        let Some(family) = catalog::family(&line.family) else {
            let known: Vec<&str> = catalog::FAMILIES.iter().map(|family| family.name).collect();
            let near = nearest(&line.family, &known);
            let near = near.map_or(String::new(), |near| format!("did you mean \"{near}\"? "));
            self.add(
                &in_line(index, "family"),
                format!("there is no device family {:?}", line.family),
                format!("{near}known families: {}", known.join(", ")),
            );
            return;
        };
        match family.kind {
            Kind::Stream(make) => {
                self.stream(index, line, family);
                self.transport(index, line, family);
                if let Err(error) = make(&line.stream_options()) {
                    let (key, hint) = match error {
                        BadOption::Format { .. } if family.is_laboratory => {
                            ("format", "leave `format` out for the usual one")
                        }
                        BadOption::NoninFormat(_) | BadOption::Format { .. } => (
                            "format",
                            "leave `format` out when you do not know: it is found out by listening",
                        ),
                        BadOption::NoFormats { .. } => ("format", "all devices of this family send the same"),
                        BadOption::Wave { .. } | BadOption::NoRoom { .. } => {
                            ("waves", "leave `waves` out for the usual ones")
                        }
                    };
                    self.add(&in_line(index, key), error.to_string(), hint);
                }
            }
            Kind::Modbus => self.modbus(index, line, family),
            Kind::Listener => self.listener(index, line, family),
            Kind::Subscriber => self.subscriber(index, line, family),
        }
        if !matches!(family.kind, Kind::Listener | Kind::Subscriber) {
            self.no_sources(index, line, family);
        }
        if !matches!(family.kind, Kind::Subscriber) {
            self.no_broker(index, line, family);
        }
    }

    fn line_port(&mut self, index: usize, line: &LineConfig) {
        let keys = [
            ("serial", line.serial.is_some()),
            ("tcp", line.tcp.is_some()),
            ("udp", line.udp.is_some()),
            ("listen", line.listen.is_some()),
            ("broker", line.broker.is_some()),
        ];
        let mut named = keys.into_iter().filter(|(_, is)| *is).map(|(key, _)| key);
        match (named.next(), named.next()) {
            (Some(one), Some(other)) => self.add(
                &in_line(index, other),
                format!("line \"{}\" has both `{one}` and `{other}`", line.id),
                "a line is one port: remove one of the two",
            ),
            (None, _) => self.add(
                &in_line(index, "serial"),
                format!("line \"{}\" has no port", line.id),
                "add `serial = \"/dev/serial/by-id/...\"` or `tcp = \"host:port\"`",
            ),
            (Some(_), None) => {}
        }
        for (key, address) in [("tcp", &line.tcp), ("udp", &line.udp), ("broker", &line.broker)] {
            let Some(address) = address else { continue };
            let port = address.rsplit_once(':').and_then(|(host, port)| {
                let port = port.parse::<u16>().ok().filter(|port| *port > 0);
                port.filter(|_| !host.is_empty())
            });
            if port.is_none() {
                self.add(
                    &in_line(index, key),
                    format!("{address:?} is not `host:port`"),
                    match key {
                        "broker" => "write for example broker = \"localhost:8883\"".to_owned(),
                        _ => format!("write for example {key} = \"192.168.1.20:502\""),
                    },
                );
            }
        }
        if let Some(baud) = line.baud.filter(|baud| !BAUD.contains(baud)) {
            self.add(
                &in_line(index, "baud"),
                format!("{baud} is not the speed of a serial port: 300 to 921600 bits per second"),
                "look it up in the device's manual, or leave it out for the family's usual speed",
            );
        }
    }

    fn capture(&mut self, index: usize, line: &LineConfig) {
        if !CAPTURE_BYTES_MAX.contains(&line.capture_bytes_max) {
            self.add(
                &in_line(index, "capture_bytes_max"),
                format!(
                    "{} is no size for a capture: 10000 to 1000000000 bytes",
                    line.capture_bytes_max
                ),
                "leave it out for 100 MB: some hours to days of a monitor",
            );
        }
    }

    pub(super) fn transport(&mut self, index: usize, line: &LineConfig, family: &Family) {
        let some_port = line.serial.is_some() || line.tcp.is_some() || line.udp.is_some();
        if !some_port && line.listen.is_none() && line.broker.is_none() {
            // Said already: the line has no port.
            return;
        }
        let used = line.transport();
        if !family.transports.contains(&used) {
            let names: Vec<_> = family
                .transports
                .iter()
                .map(|one| format!("`{}`", one.key()))
                .collect();
            self.add(
                &in_line(index, used.key()),
                format!(
                    "devices of family {} do not talk over `{}`",
                    family.name,
                    used.key()
                ),
                format!("use {}", names.join(" or ")),
            );
        }
    }

    fn stream(&mut self, index: usize, line: &LineConfig, family: &Family) {
        if line.device.is_none() {
            self.add(
                &in_line(index, "device"),
                format!("line \"{}\" does not say which device it leads to", line.id),
                "add `device = \"...\"`: the name that the nurse's page and alarms use for it",
            );
        }
        if family.is_laboratory && line.bed.is_some() {
            self.add(
                &in_line(index, "bed"),
                "an analyser stands at no bed: its results are of specimens",
                "remove `bed`; whose specimen it is, the analyser says or the specimen's label",
            );
        }
        if line.framing.is_some() {
            self.add(
                &in_line(index, "framing"),
                format!("a line of family {} is not Modbus", family.name),
                "remove `framing`",
            );
        }
        if !line.units.is_empty() {
            self.add(
                &in_unit(index, 0, "unit"),
                format!("a line of family {} has one device and no units", family.name),
                "remove [[line.unit]]; write `device` and `bed` into [[line]]",
            );
        }
    }

    fn modbus(&mut self, index: usize, line: &LineConfig, family: &Family) {
        let misplaced = [
            ("device", line.device.is_some()),
            ("bed", line.bed.is_some()),
            ("format", line.format.is_some()),
            ("waves", line.waves.is_some()),
            ("capture", line.capture.is_some()),
            ("udp", line.udp.is_some()),
            ("listen", line.listen.is_some()),
            ("broker", line.broker.is_some()),
        ];
        for (key, _) in misplaced.into_iter().filter(|(_, there)| *there) {
            self.add(
                &in_line(index, key),
                format!("`{key}` stands in the line, but a Modbus line has units"),
                match key {
                    "capture" => "remove it: only lines whose devices stream can be captured",
                    "format" | "waves" => "remove it: a register map says what the unit sends",
                    "udp" | "listen" | "broker" => "write `tcp`: Modbus over a network is a connection",
                    _ => "write it into the [[line.unit]] that it is about",
                },
            );
        }
        if line.framing.is_some() && line.tcp.is_none() {
            self.add(
                &in_line(index, "framing"),
                "`framing` is about Modbus over `tcp`".to_owned(),
                "remove it: a serial line has one way to frame",
            );
        }
        if line.units.is_empty() {
            self.add(
                &in_line(index, "unit"),
                format!("line \"{}\" has no units, so nobody would be asked", line.id),
                "add [[line.unit]] with unit, map, device and, for a bedside device, bed",
            );
        }
        for (number, unit) in line.units.iter().enumerate() {
            if !UNITS.contains(&unit.unit) {
                self.add(
                    &in_unit(index, number, "unit"),
                    format!("{} is not the address of a unit: 1 to 247", unit.unit),
                    "look it up on the device: often a switch or a menu item \"address\" or \"slave id\"",
                );
            }
        }
        let units = line.units.iter().enumerate();
        self.unique(
            units.map(|(number, unit)| (in_unit(index, number, "unit"), unit.unit)),
            |unit| {
                (
                    format!("unit {unit} stands on this line a second time"),
                    "two devices with one address answer at the same time: change one at the device",
                )
            },
        );
        if line.units.iter().all(|unit| unit.registers.is_some()) {
            self.serial_settings(index, line);
            self.load(index, line, family);
        }
    }

    /// Only once each map of the line could be read.
    fn load(&mut self, index: usize, line: &LineConfig, family: &Family) {
        if let Err(overload) = check_load(&line.plans(), &line.timing(family)) {
            self.add(
                &in_line(index, "unit"),
                overload.to_string(),
                "this was worked out from the bytes of every question and answer and the line's speed",
            );
        }
    }

    /// One pair of wires, one speed; over TCP the device or gateway sees to that.
    fn serial_settings(&mut self, index: usize, line: &LineConfig) {
        if line.tcp.is_some() {
            return;
        }
        let maps = line
            .units
            .iter()
            .filter_map(|unit| Some((unit, unit.registers.as_ref()?.serial()?)));
        let wanted: Vec<_> = maps.collect();
        let other = wanted.iter().find(|(_, settings)| *settings != wanted[0].1);
        if let Some((unit, settings)) = other.filter(|_| line.baud.is_none() || line.parity.is_none()) {
            self.add(
                &in_line(index, "baud"),
                format!(
                    "the maps of this line want different speeds: {} {} baud, {} {} baud",
                    wanted[0].0.map, wanted[0].1.baud, unit.map, settings.baud
                ),
                "set all devices of the line to one speed and parity and write them here as `baud` and `parity`",
            );
        }
    }
}

/// A built-in map, or the one in this file; or what is wrong and what to do.
fn read_map(name: &str, folder: &Path) -> Result<Map, (String, String)> {
    let text = match modbus_map::builtin(name) {
        Some(text) => text.to_owned(),
        None => std::fs::read_to_string(folder.join(name)).map_err(|error| unreadable(name, &error))?,
    };
    Map::parse(name, &text).map_err(|error| {
        (
            error.to_string(),
            "correct the map file; drivers/src/modbus_map/README.md explains it".to_owned(),
        )
    })
}

fn unreadable(name: &str, error: &std::io::Error) -> (String, String) {
    let known: Vec<&str> = modbus_map::BUILTIN.iter().map(|(name, _)| *name).collect();
    if name.contains(['/', '.']) {
        let hint = "the path is relative to the folder of this file; or use a built-in map: ";
        return (
            format!("cannot read the register map {name:?}: {error}"),
            format!("{hint}{}", known.join(", ")),
        );
    }
    let near = nearest(name, &known).map_or(String::new(), |near| format!("did you mean \"{near}\"? "));
    (
        format!("no built-in register map is called {name:?}"),
        format!(
            "{near}built-in: {}; or write the path of a map file",
            known.join(", ")
        ),
    )
}
