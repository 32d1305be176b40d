//! Owns the ports: opens them, runs the drivers' dialogues on them, and tells the core what was heard.
//!
//! One task per line, so that a dead device never slows another line (I10). A line
//! - never ends before it is told to stop, and then within a second: a port that is not there is tried again for ever;
//! - waits when the core does not take its events (the channel is bounded), and then its beat stops, so that the watchdog
//!   sees it;
//! - is alive while the kernel hangs in opening a bad adapter: one port must not make the watchdog restart the whole post
//!   (I10), so its devices are told as disconnected and the line goes on waiting;
//! - writes nothing but questions for data and acknowledgements: [`stream`] and [`dialled`] what their dialogue wants to
//!   send, [`bus`] the four reads, [`listener`] answers to messages, once those are durable, [`subscriber`] nothing at all
//!   (I1, I10).

mod bus;
mod capture;
mod dialled;
mod exchange;
mod listener;
mod master;
mod port;
mod probe;
mod replay;
mod report;
mod stream;
mod subscriber;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use drivers::catalog::{self, Family, Kind};
use drivers::{LineFault, Seen};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vitals::{DeviceId, MonoTime};

use crate::clock::Clock;
use crate::config::{Config, Framing, LineConfig};
use bus::Bus;
use capture::{Capture, CaptureOptions};
use dialled::Dialled;
use health::Health;
use listener::Listener;
pub use port::PortError;
use port::{Address, KernelBuffer, Port};
pub use probe::{ProbeArgs, ProbeError, probe};
pub use replay::{ReplayError, replay};
use report::Reporter;
pub use report::{Counters, LineCount, UNKNOWN_CODES_MAX, fault_name};
use stream::{Stream, Talk};
use subscriber::Subscriber;

/// Something happened on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct LineEvent {
    /// The device it is about.
    pub device: DeviceId,
    /// When the bytes that completed it had been read.
    pub at: MonoTime,
    /// What happened.
    pub what: Heard,
}

/// What can happen on a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The device said something.
    Seen(Seen),
    /// Its port was opened or lost.
    Link(PortState),
    /// Something was wrong with what came.
    Fault(LineFault),
    /// The line wants to know when all that it told before is durable. About no device: the event names any of the line's.
    Receipt(Receipt),
}

/// A line's wish to be told when what it said before is on the card.
#[derive(Clone, Debug)]
pub struct Receipt(Arc<Mutex<Option<oneshot::Sender<()>>>>);

impl Receipt {
    fn new() -> (Receipt, oneshot::Receiver<()>) {
        let (tell, told) = oneshot::channel();
        (Receipt(Arc::new(Mutex::new(Some(tell)))), told)
    }

    /// Who is to be told; the first time.
    pub fn take(&self) -> Option<oneshot::Sender<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl PartialEq for Receipt {
    /// The same wish, not one like it.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Whether the port of a device is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortState {
    /// The port is open; whether anything comes is another matter.
    Open,
    /// The port cannot be opened, or it is gone.
    Closed {
        /// For the technician: which port, why, and what to do.
        reason: String,
    },
}

/// A line makes at least one round in this time, however quiet it is.
const ROUND_MAX: Duration = Duration::from_secs(1);

/// A line that makes no round within this is stalled. The longest round: a unit that is waited for as long as any may be
/// (5 s), listened to for as long again, and a connection that is then made anew (3 s).
const BEAT_SILENCE_MAX: Duration = Duration::from_secs(15);

/// A port that takes longer to open is told as closed. An adapter that works opens within milliseconds, a connection
/// that is not there fails before.
const OPEN_TIME_MAX: Duration = Duration::from_secs(5);

/// Starts one task per line of a configuration that has passed [`crate::config::load`]; each ends within a second of the
/// stop. `counters` must be [`Counters::of`] its lines; `out` must always be drained.
pub fn spawn(
    config: &Config,
    clock: Clock,
    out: mpsc::Sender<LineEvent>,
    counters: &Counters,
    health: &Health,
    stop: CancellationToken,
) -> Vec<JoinHandle<()>> {
    let mut runs = Vec::new();
    for (index, line) in config.lines.iter().enumerate() {
        let beat = health.task(&format!("line {}", line.id), BEAT_SILENCE_MAX, clock.now());
        let reporter = Reporter::new(clock, beat, out.clone(), counters.clone(), index, devices(line));
        runs.push(Run::new(config, line, reporter));
    }
    runs.into_iter()
        .map(|run| {
            let stop = stop.clone();
            tokio::spawn(async move {
                // Dropping the line in the middle is the stop: its port closes, and nothing of it is left.
                stop.run_until_cancelled(run.forever()).await;
            })
        })
        .collect()
}

/// A line of any sort, ready to run.
enum Run {
    Listener(Arc<Listener>),
    Subscriber(Box<Subscriber>),
    Stream(Stream),
    Dialled(Dialled),
    Bus(Bus),
}

impl Run {
    fn new(config: &Config, line: &LineConfig, reporter: Reporter) -> Run {
        let family =
            catalog::family(&line.family).expect("config::load refuses a family that does not exist");
        let address = || Address::of(line, line.serial_settings(family));
        match family.kind {
            Kind::Listener => Run::Listener(Arc::new(Listener::new(line, reporter))),
            Kind::Subscriber => Run::Subscriber(Box::new(Subscriber::new(&config.post, line, reporter))),
            Kind::Stream(make) => {
                let line_config = line.clone();
                let talk = Talk {
                    device: line
                        .device
                        .clone()
                        .expect("config::load refuses such a line without a device"),
                    dialogue: Box::new(move || {
                        make(&line_config.stream_options())
                            .expect("config::load refuses options that the family does not have")
                    }),
                    reporter,
                    capture: capture_of(line, family),
                    is_seldom: family.is_laboratory,
                };
                match line.listen {
                    Some(address) => Run::Dialled(Dialled {
                        address,
                        senders: line.senders.clone(),
                        talk,
                        told: Mutex::new(BTreeSet::new()),
                    }),
                    None => Run::Stream(Stream {
                        address: address(),
                        talk,
                    }),
                }
            }
            Kind::Modbus => Run::Bus(Bus {
                address: address(),
                timing: line.timing(family),
                framing: match line.is_rtu_over_tcp() || line.tcp.is_none() {
                    true => Framing::Rtu,
                    false => Framing::Tcp,
                },
                echoes: line.echo,
                plans: line.plans(),
                devices: line
                    .units
                    .iter()
                    .map(|unit| (unit.unit, unit.device.clone()))
                    .collect(),
                reporter,
            }),
        }
    }

    async fn forever(self) {
        match self {
            Run::Stream(stream) => stream.run().await,
            Run::Dialled(dialled) => dialled.run().await,
            Run::Bus(bus) => bus.run().await,
            Run::Listener(listener) => listener.run().await,
            Run::Subscriber(subscriber) => subscriber.run().await,
        }
    }
}

/// Where the line is recorded, if its configuration says so.
fn capture_of(line: &LineConfig, family: &Family) -> Option<Capture> {
    let file = line.capture.clone()?;
    let transport = line.transport();
    let mut directives = format!("!family {}\n!transport {}\n", family.name, transport.key());
    if let Some(format) = &line.format {
        let _ = writeln!(directives, "!format {format}");
    }
    if let Some(waves) = &line.waves {
        let keys: Vec<&str> = waves.iter().map(|code| code.key()).collect();
        let _ = writeln!(directives, "!waves {}", keys.join(" "));
    }
    Capture::start(CaptureOptions {
        file,
        bytes_max: line.capture_bytes_max,
        line: line.id.clone(),
        directives,
        transport,
    })
}

fn devices(line: &LineConfig) -> Vec<DeviceId> {
    let units = line.units.iter().map(|unit| &unit.device);
    let sources = line.sources.iter().map(|source| &source.device);
    line.device.iter().chain(units).chain(sources).cloned().collect()
}

/// Opens the port, however long that takes.
async fn open(address: &Address, reporter: &Reporter) -> Result<(Port, Option<KernelBuffer>), PortError> {
    patiently(address.open(), OPEN_TIME_MAX, || address.slow(), reporter).await
}

/// Waits for `opening`, still making rounds; when it takes longer than `time_max`, says so, once.
async fn patiently<T>(
    opening: impl Future<Output = T>,
    time_max: Duration,
    slow: impl Fn() -> PortError,
    reporter: &Reporter,
) -> T {
    tokio::pin!(opening);
    let ends = reporter.clock.now() + time_max;
    loop {
        reporter.tick();
        let left = ends.since(reporter.clock.now());
        if left.is_zero() {
            reporter.closed(&slow()).await;
        }
        let round = if left.is_zero() {
            ROUND_MAX
        } else {
            left.min(ROUND_MAX)
        };
        if let Ok(opened) = tokio::time::timeout(round, &mut opening).await {
            return opened;
        }
    }
}

/// Waits, still making rounds.
async fn wait(reporter: &Reporter, duration: Duration) {
    let clock = &reporter.clock;
    let ends = clock.now() + duration;
    while !ends.since(clock.now()).is_zero() {
        reporter.tick();
        tokio::time::sleep(ends.since(clock.now()).min(ROUND_MAX)).await;
    }
}
