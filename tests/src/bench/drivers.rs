//! What decoding costs: each family that streams, fed by its simulator at the device's own rate in virtual time.
//!
//! Simulator and dialogue talk once in full, both directions, and what arrived when is kept. Then the same arrivals are
//! played to fresh dialogues, and only that is measured, in processor time of this thread: work of others on the machine
//! does not show. A family without a simulator cannot be measured, and its row says so by being absent.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use drivers::catalog::{FAMILIES, Family, Kind, StreamOptions, Transport};
use drivers::{Dialogue, Seen, Step};
use nix::time::{ClockId, clock_gettime};
use simulators::device::{self, Chunk, Device, Options};
use simulators::nonin::{self, Sim};
use simulators::patient::{Generator, Patient, Scenario};
use vitals::MonoTime;

use super::{Figures, Goal, Plan};

/// How often a port hands over what has come.
const PORT_EVERY: Duration = Duration::from_millis(10);
/// Devices of the mixed ward: four times as many beds as a post has.
const DEVICES: usize = 64;
/// Of one core of this machine; a post's may be ten times slower.
const MIXED_PERCENT_MAX: f64 = 5.0;
/// The simulated devices start when the post has run for a while.
const BEGIN: MonoTime = MonoTime::from_ms(3_600_000);

/// What came at a moment; nothing when the dialogue was only woken.
struct Arrival {
    at: MonoTime,
    pieces: Vec<Vec<u8>>,
}

/// A device that was listened to.
struct Recorded {
    name: String,
    family: &'static Family,
    transport: Transport,
    format: Option<&'static str>,
    arrivals: Vec<Arrival>,
    bytes: usize,
    shown: usize,
}

/// All figures of the drivers.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let mut figures = Figures::default();
    let length = Duration::from_secs(if plan.quick { 20 } else { 600 });
    let recorded = record_all(length)?;
    for device in &recorded {
        let (rounds, spent) = repeated(plan, || device.replay());
        let bytes_per_s = (device.bytes * rounds) as f64 / spent;
        let name = format!("{}: decoded", device.name);
        let rate = device.bytes as f64 / length.as_secs_f64();
        let how = format!("processor time of the dialogue alone; the device sends {rate:.0} bytes/s");
        figures.add(&name, bytes_per_s / 1e6, "MB/s", Goal::None, &how);
        let devices = length.as_secs_f64() * rounds as f64 / spent;
        let name = format!("{}: devices that one core carries", device.name);
        let how = "at the device's own rate, all values and usual curves; ports and store not counted";
        figures.add(&name, devices, "devices", Goal::AtLeast(DEVICES as f64), how);
    }
    let (rounds, spent) = repeated(plan, || replay_mixed(&recorded));
    let percent = spent / rounds as f64 / length.as_secs_f64() * 100.0;
    let kinds = recorded.len();
    let how =
        format!("{DEVICES} dialogues of {kinds} kinds in turn, interleaved as they arrive; processor time");
    let name = format!("{DEVICES} mixed devices, share of one core");
    figures.add(&name, percent, "%", Goal::Below(MIXED_PERCENT_MAX), &how);
    Ok(figures)
}

/// Every family that streams and can be played; Nonin in each of its formats.
fn record_all(length: Duration) -> Result<Vec<Recorded>> {
    let mut recorded = Vec::new();
    for family in FAMILIES
        .iter()
        .filter(|family| matches!(family.kind, Kind::Stream(_)))
    {
        if family.name == "nonin" {
            for (format, text) in [
                (nonin::Format::Two, "2"),
                (nonin::Format::Seven, "7"),
                (nonin::Format::Eight, "8"),
            ] {
                let oximeter = Box::new(Oximeter(Sim::new(format, patient()), None));
                recorded.push(record(family, Transport::Serial, Some(text), oximeter, length)?);
            }
            continue;
        }
        let Some(player) = device::family(family.name) else {
            eprintln!("{}: has no simulator, is not measured", family.name);
            continue;
        };
        // The simulator decides by itself what its line is made of; the one that fits shows something.
        let mut best: Option<Recorded> = None;
        for transport in family.transports {
            let device = (player.make)(patient(), &Options::default())
                .map_err(|problem| anyhow::anyhow!("{}: {problem}", family.name))?;
            let device = record(family, *transport, None, device, length)?;
            if best.as_ref().is_none_or(|best| device.shown > best.shown) {
                best = Some(device);
            }
        }
        recorded.extend(best);
    }
    for device in &recorded {
        ensure!(device.shown > 0, "{} shows nothing of its simulator", device.name);
    }
    Ok(recorded)
}

fn patient() -> Box<dyn Patient> {
    Box::new(Generator::new(7, Scenario::Stable))
}

fn record(
    family: &'static Family,
    transport: Transport,
    format: Option<&'static str>,
    mut device: Box<dyn Device>,
    length: Duration,
) -> Result<Recorded> {
    let name = match format {
        Some(format) => format!("{} {format}", family.name),
        None => family.name.to_owned(),
    };
    let mut recorded = Recorded {
        name,
        family,
        transport,
        format,
        arrivals: Vec::new(),
        bytes: 0,
        shown: 0,
    };
    let mut dialogue = recorded.open()?;
    let mut wake = BEGIN;
    let ticks = length.as_nanos() / PORT_EVERY.as_nanos();
    for tick in 0..u32::try_from(ticks).context("a shorter time")? {
        let since = PORT_EVERY * tick;
        let at = BEGIN + since;
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        while let Some(chunk) = device.next(since) {
            match (transport, pieces.last_mut()) {
                (Transport::Serial | Transport::Tcp, Some(piece)) => piece.extend(chunk.bytes),
                _ => pieces.push(chunk.bytes),
            }
        }
        if pieces.is_empty() && wake > at {
            continue;
        }
        let arrival = Arrival { at, pieces };
        wake = hear(dialogue.as_mut(), &arrival, &mut |step| match step {
            Step::Send(bytes) | Step::SendWhenKept(bytes) => device.hear(since, &bytes),
            Step::Saw(Seen::Vital(_) | Seen::Earlier { .. } | Seen::Lab(_)) => recorded.shown += 1,
            Step::Saw(_) | Step::Fault(_) | Step::SleepUntil(_) => {}
        });
        recorded.bytes += arrival.pieces.iter().map(Vec::len).sum::<usize>();
        recorded.arrivals.push(arrival);
    }
    Ok(recorded)
}

/// Hands over what came and fetches what was found; returns until when the dialogue sleeps.
fn hear(dialogue: &mut dyn Dialogue, arrival: &Arrival, found: &mut dyn FnMut(Step)) -> MonoTime {
    for piece in &arrival.pieces {
        dialogue.heard(arrival.at, piece);
    }
    loop {
        match dialogue.step(arrival.at) {
            Step::SleepUntil(until) => return until,
            step => found(step),
        }
    }
}

impl Recorded {
    fn open(&self) -> Result<Box<dyn Dialogue>> {
        let Kind::Stream(open) = self.family.kind else {
            anyhow::bail!("{} does not stream", self.name);
        };
        let options = StreamOptions {
            format: self.format,
            ..StreamOptions::usual(self.transport)
        };
        open(&options).with_context(|| self.name.clone())
    }

    fn replay(&self) {
        let mut dialogue = self.open().expect("it was opened before");
        for arrival in &self.arrivals {
            hear(dialogue.as_mut(), arrival, &mut |step| {
                std::hint::black_box(step);
            });
        }
    }
}

/// [`DEVICES`] of them at once: what comes in one step of the port comes to all in turn.
fn replay_mixed(recorded: &[Recorded]) {
    let mut devices: Vec<_> = recorded
        .iter()
        .cycle()
        .take(DEVICES)
        .map(|device| {
            let dialogue = device.open().expect("it was opened before");
            (dialogue, device.arrivals.iter().peekable())
        })
        .collect();
    while let Some(at) = devices
        .iter_mut()
        .filter_map(|(_, arrivals)| arrivals.peek().map(|next| next.at))
        .min()
    {
        for (dialogue, arrivals) in &mut devices {
            while let Some(arrival) = arrivals.next_if(|next| next.at <= at) {
                hear(dialogue.as_mut(), arrival, &mut |step| {
                    std::hint::black_box(step);
                });
            }
        }
    }
}

/// Does it again until the time can be trusted; returns how often, and the seconds of processor time.
fn repeated(plan: &Plan, mut work: impl FnMut()) -> (usize, f64) {
    let enough = if plan.quick { 0.05 } else { 2.0 };
    let begin = processor_s();
    for rounds in 1.. {
        work();
        let spent = processor_s() - begin;
        if spent >= enough {
            return (rounds, spent);
        }
    }
    unreachable!("the loop has no end")
}

/// Processor time of this thread, in seconds.
fn processor_s() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("Linux has it");
    time.tv_sec() as f64 + time.tv_nsec() as f64 / 1e9
}

/// The Nonin oximeter, which is older than [`Device`]; it listens to nobody.
struct Oximeter(Sim, Option<nonin::Chunk>);

impl Device for Oximeter {
    fn hear(&mut self, _at: Duration, _bytes: &[u8]) {}

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        let next = self.1.take().or_else(|| self.0.next())?;
        if next.at > at {
            self.1 = Some(next);
            return None;
        }
        Some(Chunk {
            bytes: next.bytes,
            truth: next.truth,
        })
    }
}
