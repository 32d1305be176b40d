//! From lists of measured data to observations: which code counts, in which unit, and what keeps a wrong one off the screen.
//!
//! D7: Every value passes [`crate::confirm`], for the sum has eight bits. D8: A code that the device sent before and now
//! leaves out is not measured. D9: In standby nothing is measured, whatever stands in the list. D10: What the texts say
//! about the unit of CO2 must agree with the codes that are sent, else there is no CO2.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Measured, MonoTime, Observation, Quality, WallTime};

use super::alarms::Oximeter;
use super::codes::{self, ETCO2_PERCENT, ROWS, Row, Unit};
use super::cuff::Cuff;
use super::lists::{self, Digits, Told};
use crate::confirm::{Confirm, Sample, Trust};
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Lists come once a second; two with one lost between them still confirm each other.
const PAIR_MAX: Duration = Duration::from_millis(2500);

/// A value leaves once a second; less than a second because lists come with jitter.
const EVERY: Duration = Duration::from_millis(850);

/// A time of the device goes with the values that come this soon after it.
const CLOCK_FOR: Duration = Duration::from_millis(1500);

/// Unknown codes are reported once each, and no more of them than both pages have.
const UNKNOWN_MAX: usize = 512;

/// What the texts of the device say about its measured data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub is_standby: bool,
    /// The unit that the device shows CO2 in, when it names exactly one.
    pub co2: Option<Unit>,
}

/// What else is known at the moment of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub now: MonoTime,
    pub is_noisy: bool,
    pub facts: Facts,
    pub oximeter: Oximeter,
}

#[derive(Debug, Default)]
pub(super) struct Values {
    /// Page and code of everything that the device has sent since the session began.
    seen: BTreeSet<u16>,
    unknown: BTreeSet<u16>,
    channels: BTreeMap<Code, Channel>,
    cuff: Cuff,
    clock: Option<(MonoTime, WallTime)>,
}

#[derive(Debug)]
struct Channel {
    confirm: Confirm,
    due: MonoTime,
}

impl Values {
    /// A list of measured data; false when it is malformed.
    pub(super) fn hear(&mut self, moment: Moment, page: u8, payload: &[u8], out: &mut Steps) -> bool {
        let Some(list) = lists::data(payload) else {
            return false;
        };
        self.count_unknown(page, &list, out);
        let here = |row: &Row| {
            let record = list.iter().find(|(code, _)| *code == row.code);
            record.map(|(_, digits)| *digits)
        };
        self.seen
            .extend(list.iter().map(|(code, _)| codes::key(page, *code)));
        let device_time = self.device_time(moment.now);
        let mut unit_disagrees = false;
        for row in ROWS.iter().filter(|row| row.page == page) {
            let Some(code) = row.shown.filter(|_| self.counts(row)) else {
                continue;
            };
            if code.info().kind == CodeKind::Intermittent {
                continue;
            }
            let digits = here(row);
            let mut fact = Fact::read(row, code, digits, moment);
            if code == Code::EtCo2 && !self.co2_agrees(moment.facts) {
                unit_disagrees = true;
                fact.withhold();
            }
            if let Some(seen) = self.confirmed(moment, code, &fact, out) {
                out.push(Step::Saw(Seen::Vital(Observation { device_time, ..seen })));
            }
        }
        if unit_disagrees {
            out.fault(LineFault::WrongAnswer);
        }
        if page == 1 && !moment.facts.is_standby {
            let numbers = |code| {
                let row = ROWS.iter().find(|row| row.shown == Some(code))?;
                here(row)
            };
            self.cuff.hear(moment, numbers, out);
        }
        true
    }

    /// A confirmed time of the device.
    pub(super) fn clock(&mut self, now: MonoTime, time: WallTime) {
        self.clock = Some((now, time));
    }

    /// Some shown value comes from this page.
    pub(super) fn needs_page(&self, page: u8) -> bool {
        ROWS.iter()
            .any(|row| row.page == page && row.shown.is_some() && self.counts(row))
    }

    /// After a silence nothing that was said before vouches for anything.
    pub(super) fn forget_confirmed(&mut self) {
        self.channels.clear();
    }

    /// The row is in use: the device sends it, and no row before it that means the same.
    fn counts(&self, row: &Row) -> bool {
        let sent = |row: &Row| self.seen.contains(&codes::key(row.page, row.code));
        let first = ROWS.iter().find(|other| other.shown == row.shown && sent(other));
        first.is_some_and(|first| (first.page, first.code) == (row.page, row.code))
    }

    /// D10: the device names no unit, or sends the code of that unit too, so that each code has a unit of its own.
    fn co2_agrees(&self, facts: Facts) -> bool {
        let sent = |code| self.seen.contains(&codes::key(1, code));
        match facts.co2 {
            None => true,
            Some(Unit::Percent) => sent(ETCO2_PERCENT),
            Some(unit) => ROWS
                .iter()
                .any(|row| row.shown == Some(Code::EtCo2) && row.unit == unit && sent(row.code)),
        }
    }

    fn confirmed(&mut self, moment: Moment, code: Code, fact: &Fact, out: &mut Steps) -> Option<Observation> {
        let channel = self.channels.entry(code).or_insert_with(|| Channel {
            confirm: Confirm::new(code, PAIR_MAX),
            due: MonoTime::BOOT,
        });
        let sample = Sample {
            measured: fact.measured,
            trust: trust(moment),
            raw: fact.raw,
        };
        if !channel.confirm.accepts(moment.now, sample) {
            out.fault(LineFault::Unconfirmed);
            return None;
        }
        if moment.now < channel.due {
            return None;
        }
        channel.due = moment.now + EVERY;
        let seen = Observation {
            measured: fact.measured,
            ..Observation::absent(code, AbsentReason::NotMeasured)
        };
        Some(seen.with_quality(fact.quality))
    }

    fn device_time(&self, now: MonoTime) -> Option<WallTime> {
        let (at, time) = self.clock?;
        let passed = now.since(at);
        let passed_ns = i64::try_from(passed.as_nanos()).ok()?;
        (passed <= CLOCK_FOR).then(|| WallTime::from_unix_ns(time.as_unix_ns().saturating_add(passed_ns)))
    }

    fn count_unknown(&mut self, page: u8, list: &[(u8, Digits)], out: &mut Steps) {
        for (code, _) in list {
            let key = codes::key(page, *code);
            let is_new = codes::row(page, *code).is_none() && self.unknown.len() < UNKNOWN_MAX;
            if is_new && self.unknown.insert(key) {
                out.push(Step::Fault(LineFault::UnknownCode { code: u32::from(key) }));
            }
        }
    }
}

/// How far a list can be believed.
pub(super) fn trust(moment: Moment) -> Trust {
    if moment.is_noisy {
        Trust::Doubtful
    } else {
        Trust::Plain
    }
}

/// What one record says after all rules, with the bits that decided it.
struct Fact {
    measured: Measured,
    quality: Quality,
    raw: u64,
}

impl Fact {
    fn read(row: &Row, code: Code, digits: Option<Digits>, moment: Moment) -> Fact {
        let is_oximeter = matches!(code, Code::Spo2 | Code::Pr);
        let oximeter = if is_oximeter {
            moment.oximeter
        } else {
            Oximeter::Fine
        };
        let measured = match digits.map(lists::number) {
            _ if moment.facts.is_standby => Measured::Absent(AbsentReason::NotMeasured),
            Some(Told::Number(number)) => match codes::converted(row.unit, number) {
                Some(value) => code.judge(value),
                None => Measured::Absent(AbsentReason::Implausible),
            },
            nothing => Measured::Absent(match (oximeter, nothing) {
                (Oximeter::SensorOff, _) => AbsentReason::ProbeOff,
                (Oximeter::NoPulse, _) => AbsentReason::Searching,
                (Oximeter::Fine, None) => AbsentReason::NotMeasured,
                (Oximeter::Fine, Some(_)) => AbsentReason::NotAvailable,
            }),
        };
        let doubted = measured.value().is_some() && oximeter != Oximeter::Fine;
        let own = digits.map_or(0, u32::from_be_bytes);
        let rulers = u64::from(moment.facts.is_standby) << 2 | oximeter as u64;
        Fact {
            measured,
            quality: if doubted {
                Quality::Questionable
            } else {
                Quality::Good
            },
            raw: rulers << 32 | u64::from(own),
        }
    }

    /// There may be a number, but not one whose unit is known.
    fn withhold(&mut self) {
        if self.measured.value().is_some() {
            self.measured = Measured::Absent(AbsentReason::NotAvailable);
        }
    }
}
