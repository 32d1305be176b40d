//! The command line, checked before anything is opened.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, Subcommand};
use simulators::device::FAMILIES;
use simulators::faults::{FaultOptions, Faults, Silence};
use simulators::modbus::{Server, Unit};
use simulators::nonin::Format;
use simulators::patient::{BadSpec, Paced, Patient, PatientSpec};

/// Bedside devices that speak their real protocols. Ends at SIGTERM or Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "vitalpost-simulators", version)]
pub struct Args {
    /// Which device.
    #[command(subcommand)]
    pub device: Device,
}

/// The devices.
#[derive(Debug, Subcommand)]
pub enum Device {
    /// A Nonin pulse oximeter on a pseudo-terminal.
    Nonin(NoninArgs),
    /// A device of another family, on a serial line, a TCP port, a UDP port, or dialling out.
    #[command(name = "device")]
    Family(DeviceArgs),
    /// Modbus units on a pseudo-terminal.
    ModbusRtu(ModbusRtuArgs),
    /// Modbus units behind a TCP port.
    ModbusTcp(ModbusTcpArgs),
    /// One of a post's own sensors: JSON messages to a broker.
    Sensor(SensorArgs),
}

/// `sensor`
#[derive(Debug, clap::Args)]
pub struct SensorArgs {
    /// HOST:PORT of the broker; the host must stand in its certificate.
    #[arg(long)]
    pub broker: String,
    /// PEM file of the authority that signed the broker's certificate.
    #[arg(long)]
    pub ca: PathBuf,
    /// PEM certificate of the sensor.
    #[arg(long)]
    pub certificate: PathBuf,
    /// PEM private key of the sensor.
    #[arg(long)]
    pub key: PathBuf,
    /// The post's id.
    #[arg(long)]
    pub post: String,
    /// The sensor's name, as in its certificate.
    #[arg(long)]
    pub name: String,
    /// Who wears it: as for other devices. Left out, it is a thermometer in a fridge.
    #[arg(long)]
    pub patient: Option<PatientSpec>,
    /// For every device; its line has no faults of its own.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `nonin`
#[derive(Debug, clap::Args)]
pub struct NoninArgs {
    /// Symbolic link to the serial line; replaced if it exists, removed at the end.
    #[arg(long)]
    pub link: PathBuf,
    /// Serial format: 2, 7 or 8.
    #[arg(long)]
    pub format: Format,
    /// bidmc:FILE.csv, wfdb:RECORD or generator:SEED[:stable|deterioration|probe-off|artefact].
    #[arg(long)]
    pub patient: PatientSpec,
    /// Name of the device in the truth log.
    #[arg(long, default_value = "nonin")]
    pub device: String,
    /// For every device.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// `device FAMILY`
#[derive(Debug, clap::Args)]
pub struct DeviceArgs {
    /// Which family.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(FAMILIES.iter().map(|family| family.name)))]
    pub family: String,
    /// Where its line is.
    #[command(flatten)]
    pub port: PortArgs,
    /// bidmc:FILE.csv, wfdb:RECORD or generator:SEED[:stable|deterioration|probe-off|artefact].
    #[arg(long)]
    pub patient: PatientSpec,
    /// Name of the device in the truth log; the family's when left out.
    #[arg(long)]
    pub name: Option<String>,
    /// KEY=VALUE, as the family knows them; a wrong key names all of them.
    #[arg(long = "option", value_parser = key_value)]
    pub options: Vec<(String, String)>,
    /// For every device.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// One of the four.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct PortArgs {
    /// Symbolic link to a serial line; replaced if it exists, removed at the end.
    #[arg(long)]
    pub link: Option<PathBuf>,
    /// Takes a connection at this address and port; port 0 takes a free one and prints it.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// Talks in datagrams from this address and port to whoever spoke last.
    #[arg(long)]
    pub udp: Option<SocketAddr>,
    /// Connects to this address and port, again and again.
    #[arg(long)]
    pub dial: Option<SocketAddr>,
}

/// `modbus-rtu`
#[derive(Debug, clap::Args)]
pub struct ModbusRtuArgs {
    /// Symbolic link to the serial line; replaced if it exists, removed at the end.
    #[arg(long)]
    pub link: PathBuf,
    /// What hangs on the line.
    #[command(flatten)]
    pub units: UnitArgs,
}

/// `modbus-tcp`
#[derive(Debug, clap::Args)]
pub struct ModbusTcpArgs {
    /// Address and port, for example 127.0.0.1:1502; port 0 takes a free one and prints it.
    #[arg(long)]
    pub listen: SocketAddr,
    /// What is behind the port.
    #[command(flatten)]
    pub units: UnitArgs,
}

/// The units of a Modbus line.
#[derive(Debug, clap::Args)]
pub struct UnitArgs {
    /// N[=NAME]:bedside:PATIENT, N[=NAME]:xy-md02 or N[=NAME]:epever; give it once for each unit.
    #[arg(long = "unit", required = true)]
    pub units: Vec<UnitSpec>,
    /// Milliseconds from the request to the answer.
    #[arg(long, default_value_t = 5)]
    pub delay_ms: u64,
    /// For every device.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What every device takes.
#[derive(Debug, clap::Args)]
pub struct CommonArgs {
    /// Append what is really sent to this file, one JSON object per line.
    #[arg(long)]
    pub truth: Option<PathBuf>,
    /// Begin this many seconds into the recording.
    #[arg(long, default_value_t = 0.0, value_parser = seconds)]
    pub start: f64,
    /// The patient's time passes this many times as fast; the line keeps its real rate.
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Part of all bytes that is changed on the line, 0 to 1.
    #[arg(long, default_value_t = 0.0, value_parser = fraction)]
    pub corrupt: f64,
    /// Now and then a burst of random bytes or half a frame.
    #[arg(long)]
    pub garbage: bool,
    /// Be silent for this many seconds at the end of every --silent-every.
    #[arg(long, default_value_t = 0)]
    pub silent: u64,
    /// Seconds from the end of one silence to the end of the next.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub silent_every: u64,
    /// Same seed, same faults.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// One `--unit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSpec {
    number: u8,
    name: String,
    kind: UnitKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum UnitKind {
    Bedside(PatientSpec),
    XyMd02,
    Epever,
}

/// A `--unit` that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUnit {
    /// Unknown form.
    #[error("\"{0}\" is no unit; write N[=NAME]:bedside:PATIENT, N[=NAME]:xy-md02 or N[=NAME]:epever")]
    Form(String),
    /// The patient is wrong.
    #[error(transparent)]
    Patient(#[from] BadSpec),
}

impl FromStr for UnitSpec {
    type Err = BadUnit;

    fn from_str(text: &str) -> Result<UnitSpec, BadUnit> {
        let form = || BadUnit::Form(text.to_owned());
        // Only the first two colons separate: a patient has colons of its own.
        let (id, kind) = text.split_once(':').ok_or_else(form)?;
        let (number, name) = match id.split_once('=') {
            Some((number, name)) => (number, name.to_owned()),
            None => (id, format!("unit-{id}")),
        };
        let kind = match kind.split_once(':') {
            Some(("bedside", patient)) => UnitKind::Bedside(patient.parse()?),
            None if kind == "xy-md02" => UnitKind::XyMd02,
            None if kind == "epever" => UnitKind::Epever,
            _ => return Err(form()),
        };
        Ok(UnitSpec {
            number: number.parse().map_err(|_| form())?,
            name,
            kind,
        })
    }
}

impl UnitArgs {
    /// Puts all units on a line.
    pub fn server(&self) -> anyhow::Result<Server> {
        let mut server = Server::new();
        for spec in &self.units {
            let unit = match &spec.kind {
                UnitKind::Bedside(patient) => Unit::bedside(self.common.patient(patient)?),
                UnitKind::XyMd02 => Unit::XyMd02,
                UnitKind::Epever => Unit::Epever,
            };
            server.mount(spec.number, spec.name.clone(), unit)?;
        }
        Ok(server)
    }

    /// From the request to the answer.
    pub fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms)
    }
}

impl CommonArgs {
    /// Puts a patient to bed, with the start and speed that were asked for; says on stderr what a recording lacks.
    pub fn patient(&self, spec: &PatientSpec) -> anyhow::Result<Box<dyn Patient>> {
        let (patient, lacks) = spec.open()?;
        if let Some(lacks) = lacks {
            eprintln!("note: {lacks}");
        }
        let start = Duration::from_secs_f64(self.start);
        Ok(Box::new(Paced::new(patient, start, self.speed)))
    }

    /// What the line does to the bytes.
    pub fn faults(&self) -> Faults {
        Faults::new(FaultOptions {
            corrupt: self.corrupt,
            garbage: self.garbage,
            silence: (self.silent > 0).then(|| Silence {
                quiet: Duration::from_secs(self.silent),
                every: Duration::from_secs(self.silent_every),
            }),
            seed: self.seed,
        })
    }
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn number(text: &str, allowed: impl Fn(f64) -> bool, what: &'static str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if allowed(number) => Ok(number),
        _ => Err(format!("write {what}")),
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    number(text, |number| (0.0..=1e8).contains(&number), "seconds from 0 on")
}

fn speed(text: &str) -> Result<f64, String> {
    number(
        text,
        |number| (0.001..=1_000.0).contains(&number),
        "a number from 0.001 to 1000",
    )
}

fn fraction(text: &str) -> Result<f64, String> {
    number(
        text,
        |number| (0.0..=1.0).contains(&number),
        "a fraction from 0 to 1, for example 0.2",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_may_have_a_name_and_its_patient_keeps_its_colons() {
        let spec: UnitSpec = "2=mon-2:bedside:generator:7:probe-off".parse().unwrap();
        assert_eq!((spec.number, spec.name.as_str()), (2, "mon-2"));
        assert_eq!(
            spec.kind,
            UnitKind::Bedside("generator:7:probe-off".parse().unwrap())
        );
        let spec: UnitSpec = "3:xy-md02".parse().unwrap();
        assert_eq!(
            (spec.number, spec.name.as_str(), spec.kind),
            (3, "unit-3", UnitKind::XyMd02)
        );
    }

    #[test]
    fn a_wrong_unit_says_what_to_write() {
        for text in [
            "",
            "3",
            "3:xy-md02:generator:1",
            "x:epever",
            "1:bedside",
            "300:epever",
        ] {
            let problem = text.parse::<UnitSpec>().unwrap_err();
            assert!(
                problem.to_string().contains("N[=NAME]:bedside:PATIENT"),
                "{text}: {problem}"
            );
        }
        let problem = "1:bedside:nobody".parse::<UnitSpec>().unwrap_err();
        assert!(problem.to_string().contains("bidmc:FILE.csv"), "{problem}");
    }

    #[test]
    fn the_commands_of_the_readme_are_understood() {
        let readme = include_str!("../README.md");
        let text = readme.replace("\\\n", " ");
        let commands: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("vitalpost-simulators "))
            .collect();
        assert!(commands.len() >= 3, "{commands:?}");
        for command in commands {
            Args::try_parse_from(command.split_whitespace())
                .unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    }

    #[test]
    fn impossible_numbers_are_refused_with_a_hint() {
        let problem = |option: &str| {
            let line = format!("x nonin --link l --format 2 --patient generator:1 {option}");
            Args::try_parse_from(line.split_whitespace())
                .unwrap_err()
                .to_string()
        };
        assert!(problem("--corrupt 20").contains("a fraction from 0 to 1"));
        assert!(problem("--speed 0").contains("0.001 to 1000"));
        assert!(
            problem("--start -5").contains("unexpected argument")
                || problem("--start=-5").contains("seconds")
        );
        assert!(problem("--start=-5").contains("seconds from 0 on"));
        assert!(problem("--silent 5 --silent-every 0").contains("silent-every"));
    }
}
