//! The post's own sensors and wearables: JSON messages that a broker hands on, one topic per device.
//!
//! An [`Inbox`] takes the messages of one line, whichever of its devices they come from; it owns no connection and no clock.
//! `README.md` beside this file is the format. Invariants:
//!
//! - S1: only devices that are configured are believed; a message is about the device of its topic and no other (I3).
//! - S2: a message is taken once, and never after a younger one of its device, whatever the broker repeats (`order.rs`).
//! - S3: what a broker had kept is never taken: nobody knows how old it is (I4).
//! - S4: what lay somewhere on its way is as old as it is, by the sensor's own count of milliseconds and never by its
//!   calendar (I4, I8; `order.rs`).
//! - S5: a number without its unit, without its code or beside a reason is no number (I5); units are converted or refused,
//!   never guessed (`message.rs`).
//! - S6: one bad item never costs the rest of its message.
//! - S7: no device makes another wait: each may send so much in a second, and keeps so little here (I10).

mod message;
mod order;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use vitals::code::CodeKind;
use vitals::site::SignalId;
use vitals::{Code, DeviceId, Measured, MonoTime, Observation, WaveBlock};

use crate::dialogue::{LineFault, Seen};
use message::{Bad, Curve, SiteValue, Vital, Words};
use order::{Order, Rate, Verdict};

pub use message::{CURVES_MAX, SAMPLES_MAX, SITE_VALUES_MAX, VITALS_MAX};
pub use order::{LATE_MIN, MESSAGES_AT_ONCE_MAX, MESSAGES_PER_S_MAX};

/// The longest message, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 16 << 10;

/// Most values about the post (battery, fridge) that one device may have, by name.
pub const SIGNALS_MAX: usize = 16;

/// Most items that could not be used and are kept for the technician.
pub const ITEMS_MAX: usize = 16;

/// The longest text of such an item, in characters; longer ones are cut.
pub const ITEM_CHARS_MAX: usize = 200;

/// Most unknown codes of one device that are told, once each.
const UNKNOWN_CODES_MAX: usize = 64;

/// The same number measured at the same time, as far as a sensor's own sum says, is one measurement.
const SAME_TIME: Duration = Duration::from_secs(2);

/// A message as the broker hands it on.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// The last level of its topic.
    pub device: &'a str,
    /// Its content.
    pub payload: &'a [u8],
    /// The broker had kept it.
    pub retained: bool,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A device (by its place in the configuration) said something.
    Saw(usize, Seen),
    /// Something was wrong with what this device sent.
    Fault(usize, LineFault),
    /// Something that may come very often: counted, and no more.
    LineFault(LineFault),
    /// A device that is not configured, as the topic names it.
    UnknownDevice(String),
}

/// Everything that one line of sensors remembers, through all its connections.
#[derive(Debug)]
pub struct Inbox {
    devices: Vec<Device>,
    kept: VecDeque<String>,
}

/// What is remembered of one device.
#[derive(Debug)]
struct Device {
    id: DeviceId,
    rate: Rate,
    order: Order,
    /// The last measurement of each kind.
    spots: BTreeMap<Code, (MonoTime, Measured)>,
    signals: BTreeSet<SignalId>,
    curves: BTreeMap<Code, Curves>,
    unknown: BTreeSet<String>,
}

/// Where a curve stands: samples are counted on through the runs of its sensor.
#[derive(Clone, Copy, Debug, Default)]
struct Curves {
    run: u64,
    base: u64,
    next: u64,
}

impl Inbox {
    /// Devices in this order.
    pub fn new(devices: Vec<DeviceId>) -> Inbox {
        let device = |id| Device {
            id,
            rate: Rate::default(),
            order: Order::default(),
            spots: BTreeMap::new(),
            signals: BTreeSet::new(),
            curves: BTreeMap::new(),
            unknown: BTreeSet::new(),
        };
        Inbox {
            devices: devices.into_iter().map(device).collect(),
            kept: VecDeque::new(),
        }
    }

    /// A message is there. Never panics, whatever is in it.
    pub fn receive(&mut self, now: MonoTime, arrived: Arrived<'_>) -> Vec<Found> {
        let mut devices = self.devices.iter_mut().enumerate();
        let Some((place, device)) = devices.find(|(_, device)| device.id.as_str() == arrived.device) else {
            let name = arrived.device.chars().take(ITEM_CHARS_MAX).collect();
            return vec![Found::UnknownDevice(name)];
        };
        if !device.rate.allows(now) {
            return vec![Found::LineFault(LineFault::TooMany)];
        }
        if arrived.retained {
            return vec![Found::Fault(place, LineFault::OutOfOrder)];
        }
        if arrived.payload.len() > MESSAGE_BYTES_MAX {
            return vec![Found::Fault(place, LineFault::TooLong)];
        }
        let Some(words) = Words::read(arrived.payload) else {
            return vec![Found::Fault(place, LineFault::BadMessage)];
        };
        let late = match device.order.judge(now, &words) {
            Verdict::Next { late } => late,
            Verdict::Old => return vec![Found::Fault(place, LineFault::OutOfOrder)],
            Verdict::ClockWentBack => return vec![Found::Fault(place, LineFault::BadMessage)],
        };
        let mut reader = Reading {
            now,
            late,
            device,
            seen: Vec::new(),
            faults: Vec::new(),
            bad: Vec::new(),
        };
        reader.take(words);
        let Reading {
            seen, faults, bad, ..
        } = reader;
        for item in bad {
            self.keep(arrived.device, &item);
        }
        let seen = seen.into_iter().map(|seen| Found::Saw(place, seen));
        let faults = faults.into_iter().map(|fault| Found::Fault(place, fault));
        seen.chain(faults).collect()
    }

    /// The last items that could not be used, each after the name of its device.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(String::as_str)
    }

    fn keep(&mut self, device: &str, item: &str) {
        if self.kept.len() >= ITEMS_MAX {
            self.kept.pop_front();
        }
        let cut: String = item.chars().take(ITEM_CHARS_MAX).collect();
        self.kept.push_back(format!("{device}: {cut}"));
    }
}

/// One message on its way from words to findings.
struct Reading<'a> {
    now: MonoTime,
    /// How long the message was on its way.
    late: Duration,
    device: &'a mut Device,
    seen: Vec<Seen>,
    faults: Vec<LineFault>,
    bad: Vec<String>,
}

impl Reading<'_> {
    fn take(&mut self, words: Words) {
        if words.is_cut {
            self.faults.push(LineFault::TooLong);
        }
        for item in words.values {
            match Vital::read(&item) {
                Ok(vital) => self.vital(vital),
                Err(bad) => self.bad(bad, item.to_string()),
            }
        }
        for item in words.site {
            match SiteValue::read(&item) {
                Ok(value) => self.site(value, item.to_string()),
                Err(bad) => self.bad(bad, item.to_string()),
            }
        }
        for item in words.waves {
            match Curve::read(&item) {
                Ok(curve) => self.curve(curve),
                Err(bad) => self.bad(bad, item.to_string()),
            }
        }
        // A message that is read and says nothing says that its device lives.
        if self.seen.is_empty() && self.late.is_zero() {
            self.seen.push(Seen::Alive);
        }
    }

    fn bad(&mut self, bad: Bad, item: String) {
        match bad {
            Bad::Item => {
                self.faults.push(LineFault::BadItem);
                self.bad.push(item);
            }
            Bad::UnknownCode { number, name } => {
                let unknown = &mut self.device.unknown;
                if unknown.len() < UNKNOWN_CODES_MAX && unknown.insert(name) {
                    self.faults.push(LineFault::UnknownCode { code: number });
                    self.bad.push(item);
                }
            }
        }
    }

    fn vital(&mut self, vital: Vital) {
        let Vital { seen, ago } = vital;
        let is_dated = seen.code.info().kind == CodeKind::Intermittent || ago >= LATE_MIN;
        let ago = ago + self.late;
        if self.is_told(&seen, ago) && is_dated {
            return;
        }
        self.seen.push(match ago < LATE_MIN {
            true => Seen::Vital(seen),
            false => Seen::Earlier { seen, ago },
        });
    }

    /// A sensor that repeats its last measurement, older each time, has measured once.
    fn is_told(&mut self, seen: &Observation, ago: Duration) -> bool {
        let ago = u64::try_from(ago.as_nanos()).unwrap_or(u64::MAX);
        let at = MonoTime::from_ns(self.now.as_ns().saturating_sub(ago));
        let before = self.device.spots.insert(seen.code, (at, seen.measured));
        before.is_some_and(|(was, measured)| {
            measured == seen.measured && at.since(was).max(was.since(at)) < SAME_TIME
        })
    }

    /// A value about the post has no age of its own, so only what is said now counts.
    fn site(&mut self, value: SiteValue, item: String) {
        if !self.late.is_zero() {
            return self.faults.push(LineFault::OutOfOrder);
        }
        let signals = &mut self.device.signals;
        if !signals.contains(&value.signal) && signals.len() >= SIGNALS_MAX {
            return self.bad(Bad::Item, item);
        }
        signals.insert(value.signal);
        self.seen.push(Seen::Site {
            signal: value.signal.to_string(),
            measured: value.measured,
            unit: value.unit,
        });
    }

    fn curve(&mut self, curve: Curve) {
        if !self.late.is_zero() {
            return self.faults.push(LineFault::OutOfOrder);
        }
        let run = self.device.order.runs();
        let stand = self.device.curves.entry(curve.code).or_default();
        if stand.run != run {
            // Another run counts from its own beginning; one sample that nobody has keeps the two apart.
            *stand = Curves {
                run,
                base: stand.next.saturating_add(u64::from(stand.run > 0)),
                next: 0,
            };
        }
        let first = stand.base.checked_add(curve.first);
        let length = u64::try_from(curve.samples.len()).unwrap_or(u64::MAX);
        let Some((first, next)) = first.and_then(|first| Some((first, first.checked_add(length)?))) else {
            return self.faults.push(LineFault::OutOfOrder);
        };
        if first < stand.next {
            return self.faults.push(LineFault::OutOfOrder);
        }
        stand.next = next;
        self.seen.push(Seen::Wave(WaveBlock {
            code: curve.code,
            rate: (curve.rate_hz, 1),
            first_sample: first,
            samples: curve.samples,
        }));
    }
}
