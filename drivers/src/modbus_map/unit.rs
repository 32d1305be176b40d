//! One unit on the line: what its answers mean, and when to leave it alone.

use std::time::Duration;

use vitals::code::CodeKind;
use vitals::{AbsentReason, Code, Measured, MonoTime, Observation, Quality};

use super::decode::{self, Raw};
use super::map::{Map, Rule, Signal, Test};
use super::plan::Block;
use super::poller::{Answer, Found};
use crate::confirm::{Confirm, Sample, Trust};
use crate::dialogue::{LineFault, Seen};

/// A measurement that carries its age is the same one as before when its time differs by less than this.
const SAME_MEASUREMENT: Duration = Duration::from_millis(2500);

/// Two samples confirm each other when they are at most this many intervals apart (one may be lost), and one second.
const PAIR_INTERVALS: u32 = 2;

/// What one signal has said so far.
#[derive(Debug)]
pub(super) enum Channel {
    /// A vital sign that is renewed all the time.
    Continuous(Confirm),
    /// A vital sign that is measured now and then.
    Intermittent(Once),
    /// A value about the post, or a text: the bits it had last.
    Site(Option<u64>),
}

/// An intermittent value: the last measurement that was shown, and one that waits for confirmation.
#[derive(Debug, Default)]
pub(super) struct Once {
    shown: Option<Measurement>,
    /// With how often it was read in a row.
    waiting: Option<(Measurement, u32)>,
}

/// When it was measured, if the device says so, and the bits it was read from.
#[derive(Clone, Copy, Debug)]
struct Measurement {
    /// Nanoseconds since boot; negative when it was measured before.
    at_ns: Option<i128>,
    raw: u64,
}

impl Channel {
    pub(super) fn new(signal: &Signal, interval: Duration) -> Channel {
        let pair_max = interval * PAIR_INTERVALS + Duration::from_secs(1);
        match signal.code {
            None => Channel::Site(None),
            Some(code) if code.info().kind == CodeKind::Intermittent => {
                Channel::Intermittent(Once::default())
            }
            Some(code) => Channel::Continuous(Confirm::new(code, pair_max)),
        }
    }
}

impl Once {
    /// New is a measurement that was not shown yet and was read the same twice, three times where that is in doubt (C3): its
    /// value bit by bit, its time as far as two clocks agree. A value without a new time is the old measurement, however
    /// often it is read.
    fn hear(&mut self, found: Measurement, trust: Trust) -> Verdict {
        if self.shown.is_some_and(|was| was.is_same(found)) {
            // Follow slowly: the device's clock and ours differ.
            self.shown = Some(found);
            self.waiting = None;
            return Verdict::Known;
        }
        let before = self.waiting.filter(|(was, _)| was.is_same(found));
        let times = before.map_or(1, |(_, times)| times + 1);
        let needed = if trust == Trust::Doubtful { 3 } else { 2 };
        if times < needed {
            self.waiting = Some((found, times));
            return Verdict::Unconfirmed;
        }
        self.shown = Some(found);
        self.waiting = None;
        Verdict::New
    }
}

impl Measurement {
    fn is_same(self, other: Measurement) -> bool {
        let at_one_time = match (self.at_ns, other.at_ns) {
            (Some(a), Some(b)) => (a - b).unsigned_abs() < SAME_MEASUREMENT.as_nanos(),
            (None, None) => true,
            _ => false,
        };
        at_one_time && self.raw == other.raw
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    New,
    Known,
    Unconfirmed,
}

/// What an answer says, with the time of each measurement.
pub(super) struct Reading {
    pub found: Vec<(MonoTime, Found)>,
    /// Something must be read again soon to be confirmed.
    pub unconfirmed: bool,
}

/// The state of an answer that matters for every signal in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub now: MonoTime,
    /// The line to this unit is disturbed (C3).
    pub noisy: bool,
    /// The first good answer after trouble: it may be a late one.
    pub after_trouble: bool,
}

impl Circumstances {
    fn trust(self) -> Trust {
        if self.noisy { Trust::Doubtful } else { Trust::Plain }
    }
}

/// Reads the answer to one question.
pub(super) fn read(
    map: &Map,
    channels: &mut [Channel],
    block: &Block,
    answer: &Answer,
    circumstances: Circumstances,
) -> Reading {
    let now = circumstances.now;
    let mut reading = Reading {
        found: Vec::new(),
        unconfirmed: false,
    };
    let raw_of = |index: usize| {
        let signal = map.signals.get(index)?;
        Some(decode::raw(signal, &own_words(signal, block, answer)?))
    };
    for index in block.signals() {
        let (Some(signal), Some(channel), Some(raw)) =
            (map.signals.get(index), channels.get_mut(index), raw_of(index))
        else {
            continue;
        };
        if !signal.publish {
            continue;
        }
        let fact = Fact::read(map, signal, &raw, &raw_of, now);
        let trust = circumstances.trust();
        let quality = if fact.weak || circumstances.after_trouble {
            Quality::Questionable
        } else {
            Quality::Good
        };
        let verdict = match channel {
            Channel::Continuous(confirm) => {
                let sample = Sample {
                    measured: fact.measured,
                    trust,
                    raw: fact.bits,
                };
                if confirm.accepts(now, sample) {
                    Verdict::New
                } else {
                    Verdict::Unconfirmed
                }
            }
            Channel::Intermittent(once) => {
                let (at_ns, raw) = (fact.at_ns, fact.bits);
                once.hear(Measurement { at_ns, raw }, trust)
            }
            Channel::Site(last) => {
                let before = last.replace(fact.bits);
                match (&raw, circumstances.noisy) {
                    (Raw::Text(_), _) if before == Some(fact.bits) => Verdict::Known,
                    (_, true) if before != Some(fact.bits) => Verdict::Unconfirmed,
                    _ => Verdict::New,
                }
            }
        };
        reading.unconfirmed |= verdict == Verdict::Unconfirmed;
        if verdict == Verdict::New {
            reading
                .found
                .push((fact.at(now), told(signal, fact.measured, quality, raw)));
        }
    }
    if reading.unconfirmed {
        reading.found.push((now, Found::Fault(LineFault::Unconfirmed)));
    }
    reading
}

/// What the registers say about one signal, after the rules of the map.
struct Fact {
    measured: Measured,
    weak: bool,
    /// When it was measured, in nanoseconds since boot, where the unit sends the age of its measurement.
    at_ns: Option<i128>,
    /// The signal's own bits and those of every signal that rules it.
    bits: u64,
}

impl Fact {
    fn read(
        map: &Map,
        signal: &Signal,
        raw: &Raw,
        raw_of: &impl Fn(usize) -> Option<Raw>,
        now: MonoTime,
    ) -> Fact {
        let applies = |rule: &Rule| raw_of(rule.signal).is_some_and(|raw| applies(&rule.test, &raw));
        let ruled = signal.absent.iter().find(|(rule, _)| applies(rule));
        let scale = signal
            .scale_by
            .and_then(|index| Some((map.signals.get(index)?, raw_of(index)?)));
        let mut measured = match (ruled, scale) {
            (Some((_, reason)), _) => Measured::Absent(*reason),
            (None, Some((of, exponent))) => decode::measured_with(signal, raw, of, &exponent),
            (None, None) => decode::measured(signal, raw),
        };
        let age = signal.aged_by.and_then(|index| {
            let raw = raw_of(index)?;
            decode::measured(map.signals.get(index)?, &raw).value()
        });
        let at_ns = age.map(|age| i128::from(now.as_ns()) - i128::from(age.as_f64() as i64) * 1_000_000_000);
        if signal.aged_by.is_some() && measured.value().is_some() && at_ns.is_none_or(|at| at < 0) {
            // A measurement of unknown time would be shown as one of now, and one from before this boot, which no time of
            // this boot can name, as younger than it is (I4).
            measured = Measured::Absent(AbsentReason::NotMeasured);
        }
        let rulers = signal
            .absent
            .iter()
            .map(|(rule, _)| rule.signal)
            .chain(signal.questionable.iter().map(|rule| rule.signal))
            .chain(signal.scale_by);
        let bits = rulers
            .filter_map(raw_of)
            .fold(raw.bits(), |bits, ruler| bits.rotate_left(16) ^ ruler.bits());
        Fact {
            measured,
            weak: signal.questionable.iter().any(applies),
            at_ns,
            bits,
        }
    }

    /// The time of a measurement that has one; anything else is of now.
    fn at(&self, now: MonoTime) -> MonoTime {
        let at = self.at_ns.filter(|_| self.measured.value().is_some());
        at.and_then(|at| u64::try_from(at).ok())
            .map_or(now, MonoTime::from_ns)
    }
}

fn applies(test: &Test, raw: &Raw) -> bool {
    match test {
        Test::AnyBitOf(bits) => raw.bits() & bits != 0,
        Test::NoneOf(numbers) => {
            let is = |number: &i64| matches!(raw, Raw::Whole { value, .. } if *value == i128::from(*number));
            !numbers.iter().any(is)
        }
    }
}

fn own_words(signal: &Signal, block: &Block, answer: &Answer) -> Option<Vec<u16>> {
    let from = usize::from(signal.addr.checked_sub(block.addr)?);
    let to = from + usize::from(signal.width);
    match answer {
        Answer::Words(words) => Some(words.get(from..to)?.to_vec()),
        Answer::Bits(bits) => Some(bits.get(from..to)?.iter().map(|bit| u16::from(*bit)).collect()),
    }
}

fn told(signal: &Signal, measured: Measured, quality: Quality, raw: Raw) -> Found {
    match (signal.code, raw) {
        (_, Raw::Text(text)) => Found::Text {
            signal: signal.id.clone(),
            text,
        },
        (Some(code), _) => Found::Saw(Seen::Vital(vital(code, measured, quality))),
        (None, _) => Found::Saw(Seen::Site {
            signal: signal.id.clone(),
            measured,
            unit: signal.unit.clone(),
        }),
    }
}

fn vital(code: Code, measured: Measured, quality: Quality) -> Observation {
    let seen = Observation {
        measured,
        ..Observation::absent(code, AbsentReason::NotMeasured)
    };
    // The quality speaks about a number; a reason needs none.
    match measured {
        Measured::Value(_) => seen.with_quality(quality),
        Measured::Absent(_) => seen,
    }
}
