//! What a line tells the core, and what it counts for the technician.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use drivers::{LineFault, Seen};
use tokio::sync::mpsc;
use vitals::{DeviceId, MonoTime};

use super::port::PortError;
use super::{Heard, LineEvent, PortState, Receipt};
use crate::clock::Clock;
use health::Beat;

/// The counters of all lines; a handle that can be cloned and asked at any time.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    lines: Arc<RwLock<Vec<Counter>>>,
}

/// One line's counter.
pub(super) type Counter = Arc<Mutex<LineCount>>;

/// What one line has done since the program started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineCount {
    /// The line's id in the configuration.
    pub line: String,
    /// Whether its port is open; `None` before the first try has ended.
    pub port: Option<PortState>,
    /// How often its port was opened.
    pub opened: u64,
    /// Bytes that came from it.
    pub bytes: u64,
    /// When the last of them came.
    pub heard: Option<MonoTime>,
    /// Values, absences and stretches of curves that came from it.
    pub seen: u64,
    /// When the last of those came: its last good frame.
    pub good: Option<MonoTime>,
    /// The same of each of its devices.
    pub devices: BTreeMap<DeviceId, DeviceCount>,
    /// What was wrong, by [`fault_name`].
    pub faults: BTreeMap<&'static str, u64>,
    /// The same within the last minute.
    pub recent: Recent,
    /// Bytes that belonged to no frame: what a wrong speed or a bad cable makes.
    pub skipped_bytes: u64,
    /// The device's own numbers of codes that nobody knows, and how often each came: the first [`UNKNOWN_CODES_MAX`].
    pub unknown_codes: BTreeMap<u32, u64>,
    /// How often codes came that are not in that list because it was full.
    pub unknown_codes_left_out: u64,
    /// Bytes on a Modbus line that belonged to no question: noise, late answers, a second master.
    pub stray_bytes: u64,
    /// Parts of messages that could not be used, as they came; the last ones.
    pub kept: Vec<String>,
}

/// What one device has done since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceCount {
    /// Values, absences and stretches of curves that came from it.
    pub seen: u64,
    /// When the last of them came.
    pub heard: Option<MonoTime>,
    /// What was wrong with what came from it.
    pub faults: u64,
}

/// Most unknown codes that are listed for a line.
pub const UNKNOWN_CODES_MAX: usize = 32;

/// How often each line's counters go to the log.
const SUMMARY_EVERY: Duration = Duration::from_secs(3_600);

/// Faults of the last minute, in pieces of [`PIECE_S`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    pieces: VecDeque<(u64, BTreeMap<&'static str, u64>)>,
}

/// How finely the last minute is cut.
const PIECE_S: u64 = 10;

/// Pieces in a minute.
const PIECES: u64 = 60 / PIECE_S;

impl Recent {
    fn count(&mut self, name: &'static str, now: MonoTime) {
        let piece = now.as_ms() / (1_000 * PIECE_S);
        if self.pieces.back().is_none_or(|(last, _)| *last != piece) {
            self.pieces.push_back((piece, BTreeMap::new()));
            while self.pieces.len() as u64 > PIECES {
                self.pieces.pop_front();
            }
        }
        if let Some((_, counts)) = self.pieces.back_mut() {
            *counts.entry(name).or_default() += 1;
        }
    }

    /// How many of each there were in the minute before `now`, to [`PIECE_S`] seconds.
    pub fn per_minute(&self, now: MonoTime) -> BTreeMap<&'static str, u64> {
        let piece = now.as_ms() / (1_000 * PIECE_S);
        let mut sum = BTreeMap::new();
        let young = self.pieces.iter().filter(|(of, _)| of + PIECES > piece);
        for (name, count) in young.flat_map(|(_, counts)| counts) {
            *sum.entry(*name).or_default() += count;
        }
        sum
    }
}

impl LineCount {
    /// Only configured devices are ever named: there are no more than these.
    fn device(&mut self, id: &DeviceId) -> &mut DeviceCount {
        self.devices.entry(id.clone()).or_default()
    }

    fn fault(&mut self, fault: LineFault, now: MonoTime) {
        *self.faults.entry(fault_name(fault)).or_default() += 1;
        self.recent.count(fault_name(fault), now);
        match fault {
            LineFault::Resynchronised { skipped } => self.skipped_bytes += u64::from(skipped),
            LineFault::UnknownCode { code } => {
                let room = self.unknown_codes.len() < UNKNOWN_CODES_MAX;
                if room || self.unknown_codes.contains_key(&code) {
                    *self.unknown_codes.entry(code).or_default() += 1;
                } else {
                    self.unknown_codes_left_out += 1;
                }
            }
            _ => {}
        }
    }

    /// The counters in a sentence, for the log.
    pub fn summary(&self) -> String {
        let port = match &self.port {
            None => "opening".to_owned(),
            Some(PortState::Open) => "open".to_owned(),
            Some(PortState::Closed { reason }) => format!("closed ({reason})"),
        };
        let mut text = format!(
            "port {port}, opened {} times; {} bytes, {} findings",
            self.opened, self.bytes, self.seen
        );
        for (name, count) in &self.faults {
            let _ = write!(text, ", {count} {}", name.replace('_', " "));
        }
        for (what, bytes) in [("skipped", self.skipped_bytes), ("stray", self.stray_bytes)] {
            if bytes > 0 {
                let _ = write!(text, ", {bytes} {what} bytes");
            }
        }
        if !self.unknown_codes.is_empty() {
            let codes: Vec<String> = self.unknown_codes.keys().map(u32::to_string).collect();
            let _ = write!(text, "; unknown codes: {}", codes.join(" "));
        }
        if self.unknown_codes_left_out > 0 {
            text.push_str(" and more");
        }
        text
    }
}

impl Counters {
    /// Another line begins to be counted.
    pub(super) fn begin(&self, line: &str) -> Counter {
        let counter = Counter::new(Mutex::new(LineCount {
            line: line.to_owned(),
            ..LineCount::default()
        }));
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        lines.push(Counter::clone(&counter));
        counter
    }

    /// A line is no more.
    pub(super) fn end(&self, line: &str) {
        let mut lines = self.lines.write().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|counter| locked(counter).line != line);
    }

    /// How things stand now, in the order in which the lines began.
    pub fn snapshot(&self) -> Vec<LineCount> {
        let lines = self.lines.read().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|counter| locked(counter).clone()).collect()
    }
}

fn locked(counter: &Counter) -> MutexGuard<'_, LineCount> {
    counter.lock().unwrap_or_else(PoisonError::into_inner)
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
        LineFault::QualityControl => "quality_control",
        LineFault::BrokenOff => "broken_off",
        LineFault::NotAPatient => "not_a_patient",
        LineFault::Refused { .. } => "refused",
        LineFault::BadMessage => "bad_message",
        LineFault::TooLong => "too_long",
        LineFault::TooMany => "too_many",
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
    counter: Counter,
    devices: Vec<DeviceId>,
    /// When the counters go to the log next.
    summary_due: Mutex<MonoTime>,
}

impl Reporter {
    /// `devices` are all that hang on the line.
    pub(super) fn new(
        clock: Clock,
        beat: Beat,
        out: mpsc::Sender<LineEvent>,
        counter: Counter,
        devices: Vec<DeviceId>,
    ) -> Self {
        let none = devices
            .iter()
            .map(|device| (device.clone(), DeviceCount::default()));
        locked(&counter).devices.extend(none);
        Self {
            clock,
            beat,
            out,
            counter,
            devices,
            summary_due: Mutex::new(clock.now() + SUMMARY_EVERY),
        }
    }

    /// The line made a round.
    pub(super) fn tick(&self) {
        let now = self.clock.now();
        self.beat.tick(now);
        let mut due = self.summary_due.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= *due {
            *due = now + SUMMARY_EVERY;
            let count = self.count();
            tracing::info!(line = count.line, "since the start: {}", count.summary());
        }
    }

    /// Bytes came from the line.
    pub(super) fn bytes(&self, bytes: usize) {
        if bytes > 0 {
            let mut count = self.count();
            count.bytes = count.bytes.saturating_add(bytes as u64);
            count.heard = Some(self.clock.now());
        }
    }

    /// A device said something.
    pub(super) async fn saw(&self, device: &DeviceId, at: MonoTime, seen: Seen) {
        {
            let mut count = self.count();
            count.seen += 1;
            count.good = Some(self.clock.now());
            let of_device = count.device(device);
            of_device.seen += 1;
            of_device.heard = Some(self.clock.now());
        }
        self.send(device, at, Heard::Seen(seen)).await;
    }

    /// Something was wrong with what came from a device.
    pub(super) async fn fault(&self, device: &DeviceId, at: MonoTime, fault: LineFault) {
        {
            let mut count = self.count();
            count.fault(fault, self.clock.now());
            count.device(device).faults += 1;
        }
        self.send(device, at, Heard::Fault(fault)).await;
    }

    /// Something was wrong that is about no device: counted only.
    pub(super) fn line_fault(&self, fault: LineFault) {
        self.count().fault(fault, self.clock.now());
    }

    /// Parts of messages that could not be used, all that are kept now.
    pub(super) fn kept<'a>(&self, segments: impl Iterator<Item = &'a str>) {
        self.count().kept = segments.map(str::to_owned).collect();
    }

    /// Asks to be told when all that was told before is durable.
    pub(super) async fn receipt(&self, receipt: Receipt) {
        let Some(device) = self.devices.first() else {
            return;
        };
        self.send(device, self.clock.now(), Heard::Receipt(receipt)).await;
    }

    /// The line's id, for the log.
    pub(super) fn line(&self) -> String {
        self.count().line.clone()
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
        locked(&self.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_codes_are_listed_up_to_a_bound_and_the_rest_is_counted() {
        let mut count = LineCount::default();
        for code in 0..40 {
            count.fault(LineFault::UnknownCode { code }, MonoTime::BOOT);
        }
        count.fault(LineFault::UnknownCode { code: 3 }, MonoTime::BOOT);
        assert_eq!(count.unknown_codes.len(), UNKNOWN_CODES_MAX);
        assert_eq!((count.unknown_codes[&3], count.unknown_codes_left_out), (2, 8));
        assert_eq!(count.faults["unknown_code"], 41);
        assert!(
            count.summary().ends_with(" 30 31 and more"),
            "{}",
            count.summary()
        );
    }

    #[test]
    fn faults_of_the_last_minute_are_counted_by_name_and_older_ones_are_not() {
        let mut count = LineCount::default();
        let at = |s: u64| MonoTime::from_ms(s * 1_000);
        for s in [5, 61, 62, 70] {
            count.fault(LineFault::BadChecksum, at(s));
        }
        count.fault(LineFault::NoAnswer, at(75));
        let per_minute = |now| count.recent.per_minute(at(now));
        assert_eq!(per_minute(80), [("bad_checksum", 3), ("no_answer", 1)].into());
        assert_eq!(per_minute(121), [("bad_checksum", 1), ("no_answer", 1)].into());
        assert_eq!(per_minute(500), BTreeMap::new());
        for s in 0..100_000 {
            count.fault(LineFault::BadChecksum, at(s));
        }
        assert!(count.recent.pieces.len() as u64 <= PIECES, "it has a bound");
    }

    #[test]
    fn the_log_says_the_counters_in_a_sentence() {
        let mut count = LineCount {
            port: Some(PortState::Open),
            opened: 1,
            bytes: 375,
            seen: 4,
            ..LineCount::default()
        };
        count.fault(LineFault::BadChecksum, MonoTime::BOOT);
        count.fault(LineFault::Resynchronised { skipped: 12 }, MonoTime::BOOT);
        assert_eq!(
            count.summary(),
            "port open, opened 1 times; 375 bytes, 4 findings, 1 bad checksum, 1 resynchronised, 12 skipped bytes"
        );
    }
}
