//! What a line tells the core, and what it counts for the technician.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use drivers::{LineFault, Seen};
use tokio::sync::mpsc;
use vitals::{DeviceId, MonoTime};

use super::port::PortError;
use super::{Heard, LineEvent, PortState};
use crate::clock::Clock;
use crate::health::Beat;

/// The counters of all lines; a handle that can be cloned and asked at any time.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    lines: Arc<[Counter]>,
}

type Counter = Mutex<LineCount>;

/// What one line has done since the program started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineCount {
    /// The line's id in the configuration.
    pub line: String,
    /// Whether its port is open; `None` before the first try has ended.
    pub port: Option<PortState>,
    /// How often its port was opened.
    pub opened: u64,
    /// Values, absences and stretches of curves that came from it.
    pub seen: u64,
    /// What was wrong, by [`fault_name`].
    pub faults: BTreeMap<&'static str, u64>,
    /// Bytes on a Modbus line that belonged to no question: noise, late answers, a second master.
    pub stray_bytes: u64,
}

impl Counters {
    /// One counter per line.
    pub(super) fn new(lines: impl Iterator<Item = String>) -> Self {
        let lines = lines.map(|line| {
            Mutex::new(LineCount {
                line,
                ..LineCount::default()
            })
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// How things stand now, in the order of the configuration.
    pub fn snapshot(&self) -> Vec<LineCount> {
        (0..self.lines.len())
            .map(|index| self.line(index).clone())
            .collect()
    }

    fn line(&self, index: usize) -> MutexGuard<'_, LineCount> {
        self.lines[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name under which a fault is counted.
pub fn fault_name(fault: LineFault) -> &'static str {
    match fault {
        LineFault::BadChecksum => "bad_checksum",
        LineFault::Resynchronised { .. } => "resynchronised",
        LineFault::OutOfOrder => "out_of_order",
        LineFault::Unconfirmed => "unconfirmed",
        LineFault::NoAnswer => "no_answer",
        LineFault::WrongAnswer => "wrong_answer",
        LineFault::NotAPatient => "not_a_patient",
        LineFault::Refused { .. } => "refused",
        LineFault::BadMessage => "bad_message",
        LineFault::TooLong => "too_long",
        LineFault::BadItem => "bad_item",
        LineFault::UnknownLocation => "unknown_location",
        LineFault::UnknownCode { .. } => "unknown_code",
    }
}

/// One line's way to the core.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) clock: Clock,
    beat: Beat,
    out: mpsc::Sender<LineEvent>,
    counters: Counters,
    index: usize,
    devices: Vec<DeviceId>,
}

impl Reporter {
    /// `index` is the line's place in the configuration, `devices` all that hang on it.
    pub(super) fn new(
        clock: Clock,
        beat: Beat,
        out: mpsc::Sender<LineEvent>,
        counters: Counters,
        index: usize,
        devices: Vec<DeviceId>,
    ) -> Self {
        Self {
            clock,
            beat,
            out,
            counters,
            index,
            devices,
        }
    }

    /// The line made a round.
    pub(super) fn tick(&self) {
        self.beat.tick(self.clock.now());
    }

    /// A device said something.
    pub(super) async fn saw(&self, device: &DeviceId, at: MonoTime, seen: Seen) {
        self.count().seen += 1;
        self.send(device, at, Heard::Seen(seen)).await;
    }

    /// Something was wrong with what came from a device.
    pub(super) async fn fault(&self, device: &DeviceId, at: MonoTime, fault: LineFault) {
        *self.count().faults.entry(fault_name(fault)).or_default() += 1;
        self.send(device, at, Heard::Fault(fault)).await;
    }

    /// The port was opened; says so if it was closed before.
    pub(super) async fn open(&self) {
        self.count().opened += 1;
        self.link(PortState::Open).await;
    }

    /// There is no port; says so once, and again only when the reason is another one.
    pub(super) async fn closed(&self, why: &PortError) {
        let reason = why.to_string();
        self.link(PortState::Closed { reason }).await;
    }

    /// Bytes came that nobody had asked for.
    pub(super) fn stray(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut count = self.count();
        count.stray_bytes = count.stray_bytes.saturating_add(bytes);
    }

    async fn link(&self, state: PortState) {
        {
            let mut count = self.count();
            if count.port.as_ref() == Some(&state) {
                return;
            }
            match &state {
                PortState::Open => tracing::info!(line = count.line, "port open"),
                PortState::Closed { reason } => tracing::warn!(line = count.line, reason, "no port"),
            }
            count.port = Some(state.clone());
        }
        for device in &self.devices {
            self.send(device, self.clock.now(), Heard::Link(state.clone()))
                .await;
        }
    }

    async fn send(&self, device: &DeviceId, at: MonoTime, what: Heard) {
        let event = LineEvent {
            device: device.clone(),
            at,
            what,
        };
        // The core is gone only while the program ends; the stop reaches this line at once.
        if self.out.send(event).await.is_err() {
            tracing::debug!("nobody listens to this line any more");
        }
    }

    fn count(&self) -> MutexGuard<'_, LineCount> {
        self.counters.line(self.index)
    }
}
