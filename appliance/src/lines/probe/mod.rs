//! `vitalpost probe PORT`: finds out what talks there, and says which line to write into the configuration.
//!
//! What is tried when is [`plan`], what a family makes of what comes is [`ear`], what follows is [`advice`]; all pure.
//! This file opens the port and passes bytes. A try that listens writes nothing, and one that asks writes only what a
//! dialogue asks (I10).

mod advice;
mod ear;
mod plan;
mod units;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use drivers::catalog::FAMILIES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::port::{Address, Port, PortError, SerialAddress};
use crate::clock::{Clock, ClockError};
use advice::{Tried, line_to_paste, what_to_check};
use ear::{Ear, Verdict};
use plan::{OPEN_MAX, Over, Try, plan, time_max};

/// What `vitalpost probe` was told.
#[derive(Debug, clap::Args)]
pub struct ProbeArgs {
    /// The port, for example /dev/ttyUSB0, or `host:port` of a device on the LAN.
    pub port: String,
}

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The port cannot be used.
    #[error(transparent)]
    Port(#[from] PortError),
    /// It is neither.
    #[error("{0:?} is neither a serial port (a path such as /dev/ttyUSB0) nor `host:port`")]
    NoPort(String),
    /// No usable clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The system refuses, or whoever reads the output has gone.
    #[error("the probe cannot go on: {0}")]
    System(#[from] io::Error),
}

/// Where the device is.
enum Target {
    Serial(PathBuf),
    Lan(String),
}

/// Where stable names of serial ports stand, the better ones first.
const STABLE_NAMES: [&str; 2] = ["/dev/serial/by-id", "/dev/serial/by-path"];

/// Tries all families and says what was heard. True when one understood.
///
/// # Errors
/// When the port cannot be used at all.
pub fn probe(args: &ProbeArgs, out: &mut impl Write) -> Result<bool, ProbeError> {
    let clock = Clock::system()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let found = runtime.block_on(tries(&args.port, clock, out));
    // An adapter that hangs in opening must not hold up the end.
    runtime.shutdown_background();
    found
}

/// The same inside a runtime.
pub(super) async fn tries(port: &str, clock: Clock, out: &mut impl Write) -> Result<bool, ProbeError> {
    let target = Target::of(port)?;
    let plan = plan(matches!(target, Target::Serial(_)), FAMILIES);
    let count = plan.len();
    writeln!(
        out,
        "{count} tries on {port}, at most {} s in all. It ends as soon as something is understood. Ctrl-C stops it.\n\
         Nothing is sent but questions for data, and those only after listening.\n",
        time_max(&plan).as_secs()
    )?;
    let mut all: Vec<Tried> = Vec::new();
    let mut refused = None;
    for (number, what) in plan.into_iter().enumerate() {
        writeln!(
            out,
            "{} of {count}: {}, at most {} s",
            number + 1,
            what.heading(),
            what.time_max().as_secs()
        )?;
        out.flush()?;
        let address = target.address(what.over);
        let opened = tokio::time::timeout(OPEN_MAX, address.open()).await;
        let mut port_open = match opened.unwrap_or_else(|_| Err(address.slow())) {
            Ok((port, _)) => port,
            // A serial port that cannot be opened once cannot be opened at all; on the LAN another way may be open.
            Err(error) if matches!(target, Target::Serial(_)) => return Err(error.into()),
            Err(error) => {
                writeln!(out, "   {error}")?;
                refused = Some(error);
                continue;
            }
        };
        let tried = hear(what, &mut port_open, clock).await;
        write!(out, "{}", tried.words())?;
        if let Some(index) = tried.understood() {
            found(&tried, index, &target, out)?;
            return Ok(true);
        }
        all.push(tried);
    }
    match refused {
        Some(error) if all.is_empty() => Err(error.into()),
        _ => {
            writeln!(out, "\nNo device was recognised. {}", what_to_check(&all))?;
            Ok(false)
        }
    }
}

/// One try on an open port.
async fn hear(what: Try, port: &mut Port, clock: Clock) -> Tried {
    let transport = what.over.transport();
    let ears = what
        .families
        .iter()
        .filter_map(|family| Ear::new(family, transport));
    let mut ears: Vec<Ear> = ears.collect();
    let began = clock.now();
    let (end, silent_end) = (began + what.time_max(), began + what.silent_max());
    let (mut buffer, mut came) = ([0; 4096], false);
    loop {
        let now = clock.now();
        let mut until = if came { end } else { silent_end };
        let mut lost = false;
        for ear in &mut ears {
            let (questions, wake) = ear.steps(now);
            until = until.min(wake);
            // P2: whoever only listens is not lent the port.
            for question in questions.iter().filter(|_| what.asks) {
                let written = tokio::time::timeout(Duration::from_secs(1), port.write_all(question)).await;
                lost |= matches!(written, Ok(Err(_)));
            }
        }
        let sure = ears.iter().any(|ear| ear.notes.verdict() == Verdict::Understood);
        let over = now >= if came { end } else { silent_end };
        // What is understood is heard a little longer, so that all its values are told.
        let heard_enough = sure && now.since(began) * 2 >= what.time_max();
        if lost || over || heard_enough {
            break;
        }
        let pause = until.since(clock.now()).max(Duration::from_millis(1));
        match tokio::time::timeout(pause, port.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => {
                came = true;
                let now = clock.now();
                for ear in &mut ears {
                    ear.heard(now, buffer.get(..count).unwrap_or_default());
                }
            }
            Ok(_lost) => break,
            Err(_nothing_came) => {}
        }
    }
    Tried {
        notes: ears.into_iter().map(|ear| ear.notes).collect(),
        what,
    }
}

fn found(tried: &Tried, index: usize, target: &Target, out: &mut impl Write) -> io::Result<()> {
    let Some(family) = tried.what.families.get(index) else {
        return Ok(());
    };
    writeln!(out, "\nFound: {}{}.", family.title, tried.what.over.words())?;
    if tried.notes.get(index).is_some_and(|notes| notes.plays) {
        writeln!(
            out,
            "It plays an invented patient: leave its demonstration or service mode, or nothing is shown."
        )?;
    }
    let (port, stable) = target.stable_name();
    let line = line_to_paste(tried, index, &port, stable);
    writeln!(
        out,
        "Paste this into the configuration, change what is marked, then run `vitalpost check`:\n\n{line}"
    )
}

impl Target {
    fn of(port: &str) -> Result<Target, ProbeError> {
        if port.contains('/') {
            return Ok(Target::Serial(PathBuf::from(port)));
        }
        let parts = port.rsplit_once(':');
        let is_lan = parts.is_some_and(|(host, number)| !host.is_empty() && number.parse::<u16>().is_ok());
        if is_lan {
            Ok(Target::Lan(port.to_owned()))
        } else {
            Err(ProbeError::NoPort(port.to_owned()))
        }
    }

    fn address(&self, over: Over) -> Address {
        match (self, over) {
            (Target::Serial(path), Over::Serial(settings)) => Address::Serial(SerialAddress {
                path: path.clone(),
                settings,
            }),
            (Target::Lan(address), Over::Udp) => Address::Udp(address.clone()),
            (Target::Lan(address), _) => Address::Tcp(address.clone()),
            (Target::Serial(path), _) => Address::Tcp(path.display().to_string()),
        }
    }

    /// The name to write into the configuration, and whether it stays when adapters are replugged.
    fn stable_name(&self) -> (String, bool) {
        match self {
            Target::Lan(address) => (address.clone(), true),
            Target::Serial(path) => {
                let is_stable = STABLE_NAMES.iter().any(|folder| path.starts_with(folder));
                let other = STABLE_NAMES
                    .iter()
                    .find_map(|folder| link_to(path, folder.as_ref()));
                match other.filter(|_| !is_stable) {
                    Some(link) => (link.display().to_string(), true),
                    None => (path.display().to_string(), is_stable),
                }
            }
        }
    }
}

/// The link in this folder that leads to the same device.
fn link_to(path: &Path, folder: &Path) -> Option<PathBuf> {
    let device = std::fs::canonicalize(path).ok()?;
    let links = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path());
    let mut links: Vec<PathBuf> = links.collect();
    links.sort();
    links
        .into_iter()
        .find(|link| std::fs::canonicalize(link).is_ok_and(|target| target == device))
}

#[cfg(test)]
mod tests {
    use drivers::catalog::{Family, Kind, Parity, SerialSettings, Transport};
    use drivers::{Dialogue, Step};
    use vitals::MonoTime;

    use super::*;

    /// Sends as soon as it has heard something.
    #[derive(Default)]
    struct Answers(bool);
    impl Dialogue for Answers {
        fn heard(&mut self, _now: MonoTime, _bytes: &[u8]) {
            self.0 = true;
        }
        fn step(&mut self, now: MonoTime) -> Step {
            if std::mem::take(&mut self.0) {
                return Step::Send(b"ask".to_vec());
            }
            Step::SleepUntil(now + Duration::from_secs(9))
        }
    }

    static ANSWERS: Family = Family {
        name: "answers",
        title: "answers",
        folder: "answers",
        kind: Kind::Stream(|_| Ok(Box::new(Answers::default()))),
        is_laboratory: false,
        transports: &[Transport::Tcp],
        serial: SerialSettings::new(9_600, Parity::None),
        probe: &[],
    };

    #[tokio::test]
    async fn p2_i10_a_try_that_listens_writes_nothing_whatever_a_dialogue_wants() {
        for asks in [false, true] {
            let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = Address::Tcp(server.local_addr().unwrap().to_string());
            let (mut port, _) = address.open().await.unwrap();
            let (mut device, _) = server.accept().await.unwrap();
            device.write_all(b"hello").await.unwrap();
            // Time for the answer, then the device hangs up, which ends the try.
            let device = tokio::spawn(async move {
                let mut sent = [0; 16];
                let wait = tokio::time::timeout(Duration::from_millis(500), device.read(&mut sent));
                wait.await.map_or(0, |count| count.unwrap())
            });
            let what = Try {
                over: Over::Tcp,
                families: vec![&ANSWERS],
                asks,
            };
            let tried = hear(what, &mut port, Clock::system().unwrap()).await;
            assert_eq!(tried.notes[0].bytes, 5);
            assert_eq!(device.await.unwrap() > 0, asks);
        }
    }

    #[test]
    fn a_port_is_a_path_or_an_address() {
        assert!(matches!(Target::of("/dev/ttyUSB0"), Ok(Target::Serial(_))));
        assert!(matches!(Target::of("192.168.1.20:502"), Ok(Target::Lan(_))));
        for wrong in ["ttyUSB0", "host", ":502", "host:x"] {
            assert!(matches!(Target::of(wrong), Err(ProbeError::NoPort(_))), "{wrong}");
        }
    }

    #[test]
    fn the_link_that_leads_to_the_same_device_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("ttyUSB0");
        std::fs::write(&device, "").unwrap();
        let links = folder.path().join("by-id");
        std::fs::create_dir(&links).unwrap();
        std::os::unix::fs::symlink(&device, links.join("usb-FTDI")).unwrap();
        assert_eq!(link_to(&device, &links), Some(links.join("usb-FTDI")));
        assert_eq!(link_to(&links, &links), None);
    }
}
