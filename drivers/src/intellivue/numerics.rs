//! Numerics: values that are renewed once a second, and measurements that are over (a cuff pressure).
//!
//! - V1: The state is checked before the number. Demonstration and test data are never shown; a questionable value is.
//! - V2: A value with a time stamp of its own is a measurement that is over: told once, with its true age. Without a clock
//!   that says how old it is, it is not shown as new (I4).
//! - V3: Two objects that measure the same (two arterial lines) never alternate in one place: the first one has it until it
//!   has had no number for ten seconds.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Measured, Method, MonoTime, Observation, Quality, WallTime};

use super::alarms::Sensors;
use super::attributes::{
    self, METRIC_STATE, MODALITY, NUMERIC, NUMERIC_COMPOUND, Numeric, STATE_CALIBRATING, STATE_INVALID,
    STATE_NOT_A_PATIENT, STATE_NOT_VALID, STATE_QUESTIONABLE, TIME_STAMP,
};
use super::clock::MonitorClock;
use super::poll::{Attributes, Poll};
use super::unknown::Unknown;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Each value leaves at most once in this time; results come every 1.024 s.
const EVERY: Duration = Duration::from_millis(850);

/// An object that had no number for this long gives its place to another one that measures the same.
const OWNED_FOR: Duration = Duration::from_secs(10);

/// A measurement may lie so far in the future: both clocks count whole seconds.
const CLOCK_STEP_MS: i64 = 2000;

/// Most objects that are remembered.
const OBJECTS_MAX: usize = 256;

const MODALITY_MANUAL: u16 = 0x4000;
const METRIC_OFF: u16 = 0x8000;

/// Context and handle.
type Key = (u16, u16);

/// What has been told so far.
#[derive(Debug, Default)]
pub(super) struct Numerics {
    /// What each object measures, to know what is missing when it has no value.
    known: BTreeMap<Key, Vec<Code>>,
    owners: BTreeMap<Code, Owner>,
    due: BTreeMap<Code, MonoTime>,
    /// The last measurement that is over, by the monitor's clock.
    over: BTreeMap<Code, (Option<WallTime>, Measured)>,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    key: Key,
    number_at: Option<MonoTime>,
}

/// What is known beside the result itself.
pub(super) struct Circumstances<'a> {
    pub now: MonoTime,
    pub clock: &'a MonitorClock,
    pub sensors: &'a Sensors,
}

impl Numerics {
    /// Another session: objects may have other handles. What was told stays told.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.owners.clear();
    }

    pub(super) fn hear(
        &mut self,
        around: &Circumstances<'_>,
        poll: &Poll<'_>,
        unknown: &mut Unknown,
        out: &mut Steps,
    ) {
        for object in &poll.objects {
            let key = (object.context, object.handle);
            let Some(values) = values(&object.attributes) else {
                out.fault(LineFault::WrongAnswer);
                continue;
            };
            if values.is_empty() {
                self.without_value(around, poll.rel_time, key, out);
            }
            for value in values {
                let Some(code) = attributes::numeric(value.physio) else {
                    unknown.tell(value.physio, out);
                    continue;
                };
                self.remember(key, code);
                let seen = match read(code, &value, &object.attributes, around.sensors) {
                    Ok(seen) => seen,
                    Err(LineFault::UnknownCode { .. }) => {
                        unknown.tell(value.unit, out);
                        continue;
                    }
                    Err(fault) => {
                        out.fault(fault);
                        continue;
                    }
                };
                if !self.owns(around.now, key, seen) {
                    unknown.tell(value.physio, out);
                    continue;
                }
                let stamp = object.attributes.get(TIME_STAMP);
                if stamp.is_some() || code.info().kind == CodeKind::Intermittent {
                    let stamp = stamp.and_then(attributes::absolute_time);
                    self.over(around.clock.at(poll.rel_time), stamp, seen, out);
                } else {
                    self.renewed(around, poll.rel_time, seen, out);
                }
            }
        }
    }

    /// An object without a value does not measure now.
    fn without_value(&mut self, around: &Circumstances<'_>, rel_time: u32, key: Key, out: &mut Steps) {
        for code in self.known.get(&key).cloned().unwrap_or_default() {
            let seen = Observation::absent(code, AbsentReason::NotMeasured);
            if code.info().kind == CodeKind::Continuous && self.owns(around.now, key, seen) {
                self.renewed(around, rel_time, seen, out);
            }
        }
    }

    fn remember(&mut self, key: Key, code: Code) {
        if self.known.len() >= OBJECTS_MAX && !self.known.contains_key(&key) {
            return;
        }
        let codes = self.known.entry(key).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }

    /// Whether this object may speak for the code (V3).
    fn owns(&mut self, now: MonoTime, key: Key, seen: Observation) -> bool {
        let number_at = seen.measured.value().map(|_| now);
        let owner = self.owners.entry(seen.code).or_insert(Owner { key, number_at });
        let is_silent = owner.number_at.is_none_or(|at| now.since(at) > OWNED_FOR);
        if owner.key != key && is_silent && number_at.is_some() {
            owner.key = key;
        }
        if owner.key != key {
            return false;
        }
        owner.number_at = number_at.or(owner.number_at);
        true
    }

    fn renewed(&mut self, around: &Circumstances<'_>, rel_time: u32, seen: Observation, out: &mut Steps) {
        if self.due.get(&seen.code).is_some_and(|due| around.now < *due) {
            return;
        }
        self.due.insert(seen.code, around.now + EVERY);
        let device_time = around.clock.at(rel_time);
        out.push(Step::Saw(Seen::Vital(Observation { device_time, ..seen })));
    }

    /// A measurement that is over (V2).
    fn over(&mut self, now: Option<WallTime>, stamp: Option<WallTime>, seen: Observation, out: &mut Steps) {
        let before = self.over.get(&seen.code).copied();
        let Some(stamp) = stamp else {
            // Nobody knows when it was: said once, and never over something that is known.
            if before.is_none() {
                let reason = seen.measured.reason().unwrap_or(AbsentReason::NotMeasured);
                self.over.insert(seen.code, (None, Measured::Absent(reason)));
                out.push(Step::Saw(Seen::Vital(Observation::absent(seen.code, reason))));
            }
            return;
        };
        let Some(now) = now else {
            // The monitor is asked for its clocks: with the next result the age is known.
            return;
        };
        if let Some((Some(was), measured)) = before
            && was == stamp
            && (measured == seen.measured || seen.measured.value().is_none())
        {
            // The same measurement, or one that the monitor no longer shows: it grows old, it does not vanish.
            return;
        }
        self.over.insert(seen.code, (Some(stamp), seen.measured));
        let ago_ms = now.as_unix_ms() - stamp.as_unix_ms();
        if ago_ms < -CLOCK_STEP_MS {
            // Somebody has set the monitor's clock back.
            let absent = Observation::absent(seen.code, AbsentReason::NotMeasured);
            return out.push(Step::Saw(Seen::Vital(absent)));
        }
        out.push(Step::Saw(Seen::Earlier {
            seen: Observation {
                device_time: Some(stamp),
                ..seen
            },
            ago: Duration::from_millis(u64::try_from(ago_ms).unwrap_or(0)),
        }));
    }
}

/// The values of an object; none where it does not measure, `None` where they are cut short.
fn values(attributes: &Attributes<'_>) -> Option<Vec<Numeric>> {
    let mut found = Vec::new();
    if let Some(mut reader) = attributes.get(NUMERIC) {
        found.push(Numeric::read(&mut reader)?);
    }
    if let Some(mut reader) = attributes.get(NUMERIC_COMPOUND) {
        let (count, mut items) = reader.list()?;
        for _ in 0..count {
            found.push(Numeric::read(&mut items)?);
        }
    }
    Some(found)
}

/// What one value says (V1).
fn read(
    code: Code,
    value: &Numeric,
    attributes: &Attributes<'_>,
    sensors: &Sensors,
) -> Result<Observation, LineFault> {
    if value.state & STATE_NOT_A_PATIENT != 0 {
        return Err(LineFault::NotAPatient);
    }
    let word = |id| {
        attributes
            .get(id)
            .and_then(|mut reader| reader.u16())
            .unwrap_or(0)
    };
    let absent = |reason| Ok(Observation::absent(code, sensors.reason(code).unwrap_or(reason)));
    if word(METRIC_STATE) & METRIC_OFF != 0 {
        return absent(AbsentReason::NotMeasured);
    }
    if value.state & STATE_NOT_VALID & !STATE_QUESTIONABLE != 0 {
        let calibrating = value.state & (STATE_CALIBRATING | STATE_INVALID) == STATE_CALIBRATING;
        return absent(if calibrating {
            AbsentReason::NotMeasured
        } else {
            AbsentReason::NotAvailable
        });
    }
    let Some(number) = value.value else {
        return absent(AbsentReason::NotAvailable);
    };
    let Some(number) = attributes::in_unit_of(code, value.unit, number) else {
        return Err(LineFault::UnknownCode {
            code: value.unit.into(),
        });
    };
    let mut seen = Observation::value(code, number);
    if value.state & STATE_QUESTIONABLE != 0 && seen.measured.value().is_some() {
        seen.quality = Quality::Questionable;
    }
    if word(MODALITY) & MODALITY_MANUAL != 0 {
        seen.method = Method::Manual;
    }
    Ok(seen)
}
