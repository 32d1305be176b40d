//! One monitor, from record to record: whose it is, what was lost, what is to be asked.

use std::collections::BTreeSet;
use std::time::Duration;

use vitals::{MonoTime, WallTime};

use super::alarms::Alarms;
use super::ask::Ask;
use super::cuff::Cuff;
use super::labels::{UNKNOWN_CLASS, UNKNOWN_MAIN, UNKNOWN_PART, UNKNOWN_WAVE};
use super::publish::{Circumstances, Publisher};
use super::record::{Block, MAIN_ALARMS, MAIN_VALUES, MAIN_WAVES, Record};
use super::twice::Twice;
use super::values::{Labels, Said};
use super::waves::{Channels, Part, Tracks};
use crate::confirm::{LineNoise, Trust};
use crate::dialogue::{LineFault, Step};
use crate::steps::Steps;

/// Subrecord types of displayed values, the two trends, and the auxiliary block.
const DISPLAYED: u8 = 1;
const TRENDS: std::ops::RangeInclusive<u8> = 2..=3;
const AUXILIARY: u8 = 4;

/// Most different unknown codes that are told in a session.
const UNKNOWN_MAX: usize = 64;

/// How many of the last 16 frames may be damaged before curves are left out: of what such a line lets through, too much is
/// damaged as well (G10).
const DAMAGED_MAX: u32 = 8;

/// The monitor's clock and ours may run apart by this much from one record to the next.
const CLOCKS_AGREE_S: u64 = 3;

/// Everything that holds for one line.
#[derive(Debug)]
pub(super) struct Session {
    interval: Duration,
    steps: Steps,
    ask: Ask,
    noise: LineNoise,
    /// The last frames, newest in bit 0: 1 for a damaged one.
    frames: u16,
    /// Plug number and level.
    monitor: Twice<(u16, u8)>,
    /// The number of the last record of values, curves, alarms.
    numbers: [Option<u8>; 3],
    /// The monitor's clock minus ours, in seconds, by the last record.
    clock: Option<i64>,
    vitals: Publisher,
    cuff: Cuff,
    alarms: Alarms,
    tracks: Tracks,
    ecg: Twice<u16>,
    pressures: [Twice<u16>; 8],
    channels: Channels,
    unknown: BTreeSet<u32>,
}

impl Session {
    /// `interval` is how often values are asked for.
    pub(super) fn new(interval: Duration, ask: Ask) -> Self {
        Self {
            interval,
            steps: Steps::default(),
            ask,
            noise: LineNoise::default(),
            frames: 0,
            monitor: Twice::default(),
            numbers: [None; 3],
            clock: None,
            vitals: Publisher::new(interval),
            cuff: Cuff::default(),
            alarms: Alarms::default(),
            tracks: Tracks::default(),
            ecg: Twice::default(),
            pressures: Default::default(),
            channels: Channels::default(),
            unknown: BTreeSet::new(),
        }
    }

    pub(super) fn step(&mut self, now: MonoTime) -> Step {
        if let Some(step) = self.steps.take() {
            return step;
        }
        self.ask(now);
        self.steps
            .take()
            .unwrap_or_else(|| Step::SleepUntil(self.ask.next(now)))
    }

    /// Asks for what is due.
    fn ask(&mut self, now: MonoTime) {
        let asked = self.ask.due(now);
        if asked.values_silent || asked.waves_silent {
            self.steps.fault(LineFault::NoAnswer);
        }
        if asked.values_silent {
            // Nobody vouches for them any more.
            self.alarms.forget(&mut self.steps);
            self.numbers = [None; 3];
            self.tracks.lost();
        }
        asked
            .questions
            .into_iter()
            .for_each(|question| self.steps.push(Step::Send(question)));
    }

    /// Bytes came that are no record.
    pub(super) fn damage(&mut self, now: MonoTime, fault: LineFault) {
        self.steps.fault(fault);
        self.noise.fault(now);
        self.frames = self.frames << 1 | 1;
        self.ask.alarm_in_doubt(now);
    }

    /// A frame whose sum and length fit.
    pub(super) fn record(&mut self, now: MonoTime, bytes: &[u8]) {
        let Some(record) = Record::read(bytes) else {
            return self.damage(now, LineFault::WrongAnswer);
        };
        self.frames <<= 1;
        if !self.is_of_our_monitor(now, &record) {
            return;
        }
        match record.main {
            MAIN_VALUES => {
                self.count(now, 0, record.number);
                self.values(now, &record);
            }
            MAIN_WAVES => {
                if self.count(now, 1, record.number) {
                    self.tracks.lost();
                }
                self.curves(now, &record);
            }
            MAIN_ALARMS => {
                self.count(now, 2, record.number);
                self.own_alarms(now, &record);
            }
            other => self.unknown(now, UNKNOWN_MAIN + u32::from(other.cast_unsigned())),
        }
        // At once, so that the order of what leaves does not hang on how the bytes were cut.
        self.ask(now);
    }

    /// G3. What a new monitor says begins to count with its second record.
    fn is_of_our_monitor(&mut self, now: MonoTime, record: &Record<'_>) -> bool {
        let (sender, trust) = ((record.plug, record.level), self.trust(now));
        let before = self.monitor.accepted().copied();
        if self.monitor.hear(sender, trust) && before.is_some() {
            self.another_monitor();
        }
        let ours = self.monitor.accepted() == Some(&sender);
        // The first record of all may be believed as far as any other: its values wait for the next one anyway.
        if !ours && before.is_some() {
            self.damage(now, LineFault::OutOfOrder);
            return false;
        }
        true
    }

    fn another_monitor(&mut self) {
        self.alarms.forget(&mut self.steps);
        self.numbers = [None; 3];
        self.clock = None;
        self.vitals = Publisher::new(self.interval);
        self.cuff = Cuff::default();
        self.ecg = Twice::default();
        self.pressures = Default::default();
        self.channels = Channels::default();
        self.tracks.lost();
    }

    /// Counts the records of one main type; true when some are missing.
    fn count(&mut self, now: MonoTime, of: usize, number: u8) -> bool {
        let Some(last) = self.numbers.get_mut(of) else {
            return false;
        };
        let before = last.replace(number);
        let lost = before.is_some_and(|before| number != before.wrapping_add(1));
        if lost {
            self.steps.fault(LineFault::OutOfOrder);
            self.ask.alarm_in_doubt(now);
        }
        lost
    }

    fn trust(&self, now: MonoTime) -> Trust {
        if self.noise.is_noisy(now) {
            Trust::Doubtful
        } else {
            Trust::Plain
        }
    }

    fn values(&mut self, now: MonoTime, record: &Record<'_>) {
        let mut said = Said::default();
        for (kind, part) in &record.parts {
            match *kind {
                DISPLAYED => match Block::read(part) {
                    Some(Ok(block)) => said.block(block),
                    Some(Err(class)) => said.unknown.push(UNKNOWN_CLASS + u32::from(class.0)),
                    None => return self.damage(now, LineFault::WrongAnswer),
                },
                // Averages: never mixed with what is displayed.
                kind if TRENDS.contains(&kind) => {}
                AUXILIARY => said.auxiliary(part),
                other => said.unknown.push(UNKNOWN_PART + u32::from(other)),
            }
        }
        said.unknown.iter().for_each(|code| self.unknown(now, *code));
        if said.classes.is_empty() {
            return;
        }
        self.ask.values_came(now, record.level);
        let trust = self.trust(now);
        let clock = said.time.filter(|_| self.clock_agrees(now, record.time));
        let at = Circumstances {
            now,
            trust,
            device_time: clock.map(|seconds| WallTime::from_unix_ms(i64::from(seconds) * 1000)),
        };
        self.vitals.hear(at, &said.classes, &said.claims, &mut self.steps);
        if said.classes.contains(&super::record::Class::Basic) {
            let reading = said.cuff.map(|reading| reading.at(said.cuff_time));
            let told = self.cuff.hear(now, Some(record.time), reading, trust);
            if self.cuff.is_waiting() {
                self.steps.fault(LineFault::Unconfirmed);
            }
            told.into_iter().for_each(|seen| self.steps.push(Step::Saw(seen)));
        }
        self.alarms.found(said.found, trust, &mut self.steps);
        self.labels(said.labels, trust);
    }

    /// The monitor's clock goes on as ours does since the record before.
    fn clock_agrees(&mut self, now: MonoTime, clock: u32) -> bool {
        let ahead = i64::from(clock) - i64::try_from(now.as_ms() / 1000).unwrap_or(i64::MAX);
        let before = self.clock.replace(ahead);
        before.is_some_and(|before| before.abs_diff(ahead) <= CLOCKS_AGREE_S)
    }

    fn labels(&mut self, labels: Labels, trust: Trust) {
        if let Some(label) = labels.ecg {
            self.ecg.hear(label, trust);
        }
        for (known, label) in self.pressures.iter_mut().zip(labels.pressures) {
            if let Some(label) = label {
                known.hear(label, trust);
            }
        }
        let channels = Channels {
            ecg: self.ecg.accepted().copied(),
            pressures: std::array::from_fn(|place| self.pressures.get(place)?.accepted().copied()),
        };
        if channels != self.channels {
            self.channels = channels;
            self.tracks.lost();
            self.ask.channels_are(&self.channels);
        }
    }

    fn curves(&mut self, now: MonoTime, record: &Record<'_>) {
        let mut blocks = Vec::new();
        for (kind, part) in &record.parts {
            match Part::read(*kind, part) {
                Part::Known(block) => blocks.push(block),
                Part::Unknown(kind) => self.unknown(now, UNKNOWN_WAVE + u32::from(kind)),
                Part::Damaged => {
                    self.tracks.lost();
                    return self.damage(now, LineFault::WrongAnswer);
                }
            }
        }
        self.ask.waves_came(now);
        let disturbed = self.frames.count_ones() > DAMAGED_MAX;
        self.tracks
            .hear(now, blocks, &self.channels, disturbed, &mut self.steps);
    }

    fn own_alarms(&mut self, now: MonoTime, record: &Record<'_>) {
        let trust = self.trust(now);
        for (_, part) in &record.parts {
            if self.alarms.record(part, trust, &mut self.steps) {
                self.ask.alarm_in_doubt(now);
            }
        }
    }

    /// Tells a code once in a session. A disturbed line makes up its own.
    fn unknown(&mut self, now: MonoTime, code: u32) {
        let is_new = self.unknown.len() < UNKNOWN_MAX && !self.noise.is_noisy(now);
        if is_new && self.unknown.insert(code) {
            self.steps.push(Step::Fault(LineFault::UnknownCode { code }));
        }
    }
}
