//! `vitalpost probe PORT`: finds out what talks there, and says which line to write into the configuration.
//!
//! What is tried when is [`plan`], one try is [`attempt`], what a family makes of what comes is [`ear`], what follows is
//! [`advice`]; all pure. This file opens the port and passes bytes. A try that listens writes nothing, and one that asks
//! writes only what a dialogue asks (I10). `vitalpost probe lan` is [`announced`], and without a port the [`ports`] of this
//! box are listed: neither of them sends anything. The page does the same while the post runs: [`trial`].

mod advice;
mod announced;
mod attempt;
mod ear;
mod plan;
mod ports;
mod trial;
mod units;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use drivers::catalog::FAMILIES;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::port::{Address, Port, PortError, SerialAddress};
use crate::clock::{Clock, ClockError};
pub use advice::Advice;
use advice::{Tried, line_to_paste};
pub use announced::Announced;
use attempt::Attempt;
use plan::{OPEN_MAX, Over, Try, plan, silent_time, time_max};
use ports::{Roots, Stable};
pub use ports::{SerialPortNow, serial_ports};
pub use trial::{FoundDevice, HeardNow, ToTry, Trial, TrialNow, TrialState, TriedNow, is_one_port};

/// What stands instead of a port for whoever announces itself on the LAN.
const LAN: &str = "lan";

/// A port that takes no question for so long takes none.
const WRITE_MAX: Duration = Duration::from_secs(1);

/// What `vitalpost probe` was told.
#[derive(Debug, clap::Args)]
pub struct ProbeArgs {
    /// A serial port, for example /dev/ttyUSB0; `host:port` of a device on the LAN; or `lan`, to hear which monitors
    /// announce themselves there. Without it the serial ports of this box are listed.
    pub port: Option<String>,
}

/// Why nothing could be tried.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The port cannot be used.
    #[error(transparent)]
    Port(#[from] PortError),
    /// It is neither.
    #[error(
        "{0:?} is neither a serial port (a path such as /dev/ttyUSB0) nor `host:port` nor `lan`; `vitalpost probe` alone lists the serial ports"
    )]
    NoPort(String),
    /// Announcements cannot be heard.
    #[error(transparent)]
    Announced(#[from] announced::ListenError),
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

/// Tries all families and says what was heard; without a port, says which there are. True when something was found.
///
/// # Errors
/// When the port cannot be used at all.
pub fn probe(args: &ProbeArgs, out: &mut impl Write) -> Result<bool, ProbeError> {
    let Some(port) = &args.port else {
        let all = ports::all(&Roots::system());
        write!(out, "{}", ports::words(&all))?;
        return Ok(!all.is_empty());
    };
    let clock = Clock::system()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let found = runtime.block_on(async {
        if port == LAN {
            return Ok(announced::listen(clock, out).await?);
        }
        tries(port, clock, out).await
    });
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
        "{count} tries on {port}: about {} s in all when nothing comes, at most {} s. It ends as soon as something is\n\
         understood. Ctrl-C stops it. Nothing is sent but questions for data, and those only after listening.\n",
        silent_time(&plan).as_secs(),
        time_max(&plan).as_secs()
    )?;
    let outcome = go(&target, plan, clock, &mut Terminal { count, out }).await?;
    match outcome {
        Outcome::Understood { tried, index, .. } => {
            found(&tried, index, &target, out)?;
            Ok(true)
        }
        Outcome::Nothing(all) => {
            writeln!(out, "\nNo device was recognised. {}", Advice::of(&all).words())?;
            Ok(false)
        }
    }
}

/// Who is told what happens meanwhile.
trait Watch {
    /// This try begins, the `number`th of the plan, from 1 on.
    fn begins(&mut self, number: usize, what: &Try) -> io::Result<()>;
    /// The port did not open for it.
    fn refused(&mut self, error: &PortError) -> io::Result<()>;
    /// Something was heard, or time has passed.
    fn hears(&mut self, attempt: &Attempt);
    /// It has ended.
    fn ended(&mut self, tried: &Tried) -> io::Result<()>;
}

/// Whoever sits at a terminal.
struct Terminal<'a, W: Write> {
    count: usize,
    out: &'a mut W,
}

impl<W: Write> Watch for Terminal<'_, W> {
    fn begins(&mut self, number: usize, what: &Try) -> io::Result<()> {
        writeln!(
            self.out,
            "{number} of {}: {}, at most {} s",
            self.count,
            what.heading(),
            what.time_max().as_secs()
        )?;
        self.out.flush()
    }

    fn refused(&mut self, error: &PortError) -> io::Result<()> {
        writeln!(self.out, "   {error}")
    }

    fn hears(&mut self, _attempt: &Attempt) {}

    fn ended(&mut self, tried: &Tried) -> io::Result<()> {
        write!(self.out, "{}", tried.words())
    }
}

/// How a plan ends.
enum Outcome {
    /// Somebody is understood.
    Understood {
        tried: Tried,
        /// The family, by its place in the try.
        index: usize,
        /// As it was left.
        port: Port,
    },
    /// Nobody is.
    Nothing(Vec<Tried>),
}

/// One try after the other until somebody is understood.
async fn go(
    target: &Target,
    plan: Vec<Try>,
    clock: Clock,
    watch: &mut impl Watch,
) -> Result<Outcome, ProbeError> {
    let mut all: Vec<Tried> = Vec::new();
    let mut refused = None;
    for (number, what) in plan.into_iter().enumerate() {
        watch.begins(number + 1, &what)?;
        let address = target.address(what.over);
        let opened = tokio::time::timeout(OPEN_MAX, address.open()).await;
        let (mut port, kernel) = match opened.unwrap_or_else(|_| Err(address.slow())) {
            Ok(open) => open,
            // A serial port that cannot be opened once cannot be opened at all; on the LAN another way may be open.
            Err(error) if matches!(target, Target::Serial(_)) => return Err(error.into()),
            Err(error) => {
                watch.refused(&error)?;
                refused = Some(error);
                continue;
            }
        };
        let tried = hear(Attempt::begin(what, clock.now()), &mut port, clock, watch).await;
        if let Some(kernel) = kernel {
            // An adapter that was pulled meanwhile has nothing left to throw away.
            let _gone = kernel.flush();
        }
        watch.ended(&tried)?;
        if let Some(index) = tried.understood() {
            return Ok(Outcome::Understood { tried, index, port });
        }
        all.push(tried);
    }
    match refused {
        Some(error) if all.is_empty() => Err(error.into()),
        _ => Ok(Outcome::Nothing(all)),
    }
}

/// One try on an open port.
async fn hear(mut attempt: Attempt, port: &mut Port, clock: Clock, watch: &mut impl Watch) -> Tried {
    let mut buffer = [0; 4096];
    loop {
        let due = attempt.step(clock.now());
        watch.hears(&attempt);
        let mut lost = false;
        for question in &due.questions {
            let written = tokio::time::timeout(WRITE_MAX, port.write_all(question)).await;
            lost |= matches!(written, Ok(Err(_)));
        }
        if lost || due.over {
            break;
        }
        let pause = due.until.since(clock.now()).max(Duration::from_millis(1));
        match tokio::time::timeout(pause, port.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => {
                attempt.heard(clock.now(), buffer.get(..count).unwrap_or_default());
            }
            Ok(_lost) => break,
            Err(_nothing_came) => {}
        }
    }
    attempt.end()
}

fn found(tried: &Tried, index: usize, target: &Target, out: &mut impl Write) -> io::Result<()> {
    let Some(family) = tried.what.families.get(index) else {
        return Ok(());
    };
    writeln!(out, "\nFound: {}{}.", family.title, tried.what.over.words())?;
    if tried.notes.get(index).is_some_and(|notes| notes.plays > 0) {
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
            Target::Serial(path) => match ports::stable(&Roots::system(), path) {
                Some(Stable { path, .. }) => (path.display().to_string(), true),
                None => (path.display().to_string(), false),
            },
        }
    }
}

#[cfg(test)]
mod tests;
