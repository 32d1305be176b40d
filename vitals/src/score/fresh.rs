//! Which values are fresh enough to be scored: a pure function of what was measured and entered, and of now.
//!
//! Breathing, saturation and pulse are the median of the valid samples of the last minute, so that one cough is no
//! score. A pressure, a temperature and what a person entered count until they are too old: a person who finds
//! everything unchanged enters it again. What is questionable, absent or later than now counts nowhere (E1).
//!
//! Of breathing, saturation and pulse a device that measures now comes before a number that a person took; that one counts
//! where no device says anything. Of pressures and temperatures the newest counts, whoever took it.
//!
//! All times are of one axis ([`MonoTime`]). Whoever keeps an entry over a restart leaves it out, or gives it the time
//! that the wall clock vouches for.

use std::time::Duration;

use super::chart::ChartInputs;
use super::entry::Findings;
use super::news2::Inputs;
use super::{Consciousness, Effort, Oxygen};
use crate::number::Decimal;
use crate::reading::{Measured, Quality};
use crate::time::MonoTime;

/// How long a value counts. Each bound belongs to the time: exactly so old still counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FreshFor {
    /// The samples of breathing, saturation and pulse of which the median is taken.
    pub continuous: Duration,
    /// A breathing rate, saturation or pulse that a person took.
    pub taken: Duration,
    /// A systolic or diastolic pressure.
    pub sbp: Duration,
    /// A temperature.
    pub temp: Duration,
    /// What a person entered: ACVPU, oxygen, capillary refill, work of breathing, pain.
    pub entered: Duration,
}

impl Default for FreshFor {
    /// 60 s, 60 min, 60 min, 4 h, 4 h.
    fn default() -> Self {
        FreshFor {
            continuous: Duration::from_secs(60),
            taken: Duration::from_secs(60 * 60),
            sbp: Duration::from_secs(60 * 60),
            temp: Duration::from_secs(4 * 60 * 60),
            entered: Duration::from_secs(4 * 60 * 60),
        }
    }
}

/// One measurement and its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sample {
    /// When it was measured.
    pub at: MonoTime,
    /// The value or the reason why there is none.
    pub measured: Measured,
    /// How far to trust it; what is questionable is not scored.
    pub quality: Quality,
}

/// What a named person entered (E2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entered<T> {
    value: T,
    at: MonoTime,
    by: String,
}

/// An entry without the name of whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody is named as the one who entered this: sign in and enter it again")]
pub struct NobodyNamed;

impl<T> Entered<T> {
    /// Entered by this person at this moment.
    ///
    /// # Errors
    /// [`NobodyNamed`] when the name is blank.
    pub fn new(value: T, at: MonoTime, by: &str) -> Result<Self, NobodyNamed> {
        let by = by.trim().to_owned();
        if by.is_empty() {
            return Err(NobodyNamed);
        }
        Ok(Entered { value, at, by })
    }

    /// Who entered it.
    pub fn by(&self) -> &str {
        &self.by
    }
}

/// All that is known of one patient; nothing in here need be fresh or in order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Breaths per minute.
    pub rr: &'a [Sample],
    /// Oxygen saturation in %.
    pub spo2: &'a [Sample],
    /// Heart rate from the ECG, per minute.
    pub hr: &'a [Sample],
    /// Pulse rate from the pleth, per minute: counts where the ECG has nothing valid.
    pub pr: &'a [Sample],
    /// Systolic pressures in mmHg, from a cuff.
    pub sbp: &'a [Sample],
    /// Diastolic pressures in mmHg, from a cuff.
    pub dbp: &'a [Sample],
    /// Systolic pressures in mmHg from a catheter: their median comes before a cuff's.
    pub sbp_line: &'a [Sample],
    /// Diastolic pressures in mmHg from a catheter.
    pub dbp_line: &'a [Sample],
    /// Temperatures in degrees Celsius, from a probe.
    pub temp: &'a [Sample],
    /// What persons entered; of each finding the newest counts.
    pub found: &'a [Entered<Findings>],
    /// The patient has a pacemaker.
    pub paced: bool,
}

/// A value that is fresh, with its age.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fresh<T> {
    /// The value.
    pub value: T,
    /// How old it is; of a median, the newest sample in it.
    pub age: Duration,
    /// Who entered it; `None`: a device.
    pub by: Option<String>,
}

/// Where the pulse comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PulseFrom {
    /// The ECG.
    Ecg,
    /// The pleth.
    Pleth,
    /// A person.
    Counted,
}

/// What is fresh now, each part with its age. `None`: missing or too old.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gathered {
    /// Breaths per minute.
    pub rr: Option<Fresh<Decimal>>,
    /// Oxygen saturation in %.
    pub spo2: Option<Fresh<Decimal>>,
    /// Beats per minute.
    pub pulse: Option<(PulseFrom, Fresh<Decimal>)>,
    /// Systolic pressure in mmHg.
    pub sbp: Option<Fresh<Decimal>>,
    /// Diastolic pressure in mmHg.
    pub dbp: Option<Fresh<Decimal>>,
    /// Temperature in degrees Celsius.
    pub temp: Option<Fresh<Decimal>>,
    /// ACVPU.
    pub consciousness: Option<Fresh<Consciousness>>,
    /// Air or oxygen.
    pub oxygen: Option<Fresh<Oxygen>>,
    /// Capillary refill time in seconds.
    pub capillary_refill: Option<Fresh<Decimal>>,
    /// Work of breathing.
    pub effort: Option<Fresh<Effort>>,
    /// Pain, 0 to 3.
    pub pain: Option<Fresh<Decimal>>,
    /// To be said beside the pulse: the patient has a pacemaker.
    pub paced: bool,
}

impl Gathered {
    /// What NEWS2 is computed from.
    pub fn inputs(&self) -> Inputs {
        let value = |fresh: &Option<Fresh<Decimal>>| fresh.as_ref().map(|fresh| fresh.value);
        Inputs {
            rr: value(&self.rr),
            spo2: value(&self.spo2),
            on_oxygen: self.oxygen.as_ref().map(|fresh| fresh.value != Oxygen::Air),
            sbp: value(&self.sbp),
            pulse: self.pulse.as_ref().map(|(_, fresh)| fresh.value),
            consciousness: self.consciousness.as_ref().map(|fresh| fresh.value),
            temp: value(&self.temp),
        }
    }

    /// What a chart is computed from.
    pub fn chart_inputs(&self) -> ChartInputs {
        let value = |fresh: &Option<Fresh<Decimal>>| fresh.as_ref().map(|fresh| fresh.value);
        ChartInputs {
            hr: self.pulse.as_ref().map(|(_, fresh)| fresh.value),
            sbp: value(&self.sbp),
            dbp: value(&self.dbp),
            rr: value(&self.rr),
            spo2: value(&self.spo2),
            temp: value(&self.temp),
            capillary_refill: value(&self.capillary_refill),
            pain: value(&self.pain),
            effort: self.effort.as_ref().map(|fresh| fresh.value),
            oxygen: self.oxygen.as_ref().map(|fresh| fresh.value.clone()),
            consciousness: self.consciousness.as_ref().map(|fresh| fresh.value),
        }
    }
}

/// What of all that is known is fresh at `now`.
pub fn gather(known: &Known<'_>, now: MonoTime, fresh_for: &FreshFor) -> Gathered {
    let middle = |samples| median(samples, now, fresh_for.continuous);
    let pulse = || {
        let ecg = middle(known.hr).map(|fresh| (PulseFrom::Ecg, fresh));
        let pleth = || middle(known.pr).map(|fresh| (PulseFrom::Pleth, fresh));
        let counted = || taken(known.found, now, fresh_for.taken, |found| found.pulse);
        ecg.or_else(pleth)
            .or_else(|| counted().map(|fresh| (PulseFrom::Counted, fresh)))
    };
    let pressure = |line, cuff, pick: fn(&Findings) -> Option<Decimal>| {
        let by_hand = || taken(known.found, now, fresh_for.sbp, pick);
        middle(line).or_else(|| younger(newest(cuff, now, fresh_for.sbp), by_hand()))
    };
    let by_hand = |pick: fn(&Findings) -> Option<Decimal>| taken(known.found, now, fresh_for.taken, pick);
    let temp = taken(known.found, now, fresh_for.temp, |found| found.temp);
    Gathered {
        rr: middle(known.rr).or_else(|| by_hand(|found| found.rr)),
        spo2: middle(known.spo2).or_else(|| by_hand(|found| found.spo2)),
        pulse: pulse(),
        sbp: pressure(known.sbp_line, known.sbp, |found| found.sbp),
        dbp: pressure(known.dbp_line, known.dbp, |found| found.dbp),
        temp: younger(newest(known.temp, now, fresh_for.temp), temp),
        consciousness: taken(known.found, now, fresh_for.entered, |found| found.consciousness),
        oxygen: taken(known.found, now, fresh_for.entered, |found| found.oxygen.clone()),
        capillary_refill: taken(known.found, now, fresh_for.entered, |found| {
            found.capillary_refill
        }),
        effort: taken(known.found, now, fresh_for.entered, |found| found.effort),
        pain: taken(known.found, now, fresh_for.entered, |found| found.pain),
        paced: known.paced,
    }
}

/// The younger of a device's value and a person's.
fn younger<T>(device: Option<Fresh<T>>, person: Option<Fresh<T>>) -> Option<Fresh<T>> {
    match (device, person) {
        (Some(device), Some(person)) if person.age <= device.age => Some(person),
        (Some(device), _) => Some(device),
        (None, person) => person,
    }
}

/// How old something is; `None` when it is older than this, or later than now.
fn age_within(at: MonoTime, now: MonoTime, within: Duration) -> Option<Duration> {
    let age = now.since(at);
    (at <= now && age <= within).then_some(age)
}

/// The valid samples within this time, with their age.
fn valid(samples: &[Sample], now: MonoTime, within: Duration) -> impl Iterator<Item = (Duration, Decimal)> {
    samples.iter().filter_map(move |sample| {
        let value = sample
            .measured
            .value()
            .filter(|_| sample.quality == Quality::Good)?;
        Some((age_within(sample.at, now, within)?, value))
    })
}

fn median(samples: &[Sample], now: MonoTime, within: Duration) -> Option<Fresh<Decimal>> {
    let age = valid(samples, now, within).map(|(age, _)| age).min()?;
    let mut values: Vec<Decimal> = valid(samples, now, within).map(|(_, value)| value).collect();
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    let value = if lower == upper {
        upper
    } else {
        halfway(lower, upper)
    };
    Some(Fresh { value, age, by: None })
}

/// Half of the sum of an even number of samples' two middle ones: one more place holds every half.
fn halfway(lower: Decimal, upper: Decimal) -> Decimal {
    let sum = lower.plus(upper);
    Decimal::new(sum.mantissa().saturating_mul(5), sum.places().saturating_add(1))
}

fn newest(samples: &[Sample], now: MonoTime, within: Duration) -> Option<Fresh<Decimal>> {
    let (age, value) = valid(samples, now, within).min_by_key(|(age, _)| *age)?;
    Some(Fresh { value, age, by: None })
}

fn taken<T>(
    found: &[Entered<Findings>],
    now: MonoTime,
    within: Duration,
    pick: impl Fn(&Findings) -> Option<T>,
) -> Option<Fresh<T>> {
    let fresh = found.iter().filter_map(|entry| {
        let age = age_within(entry.at, now, within)?;
        Some((age, pick(&entry.value)?, &entry.by))
    });
    // Of two at one moment the later in the list: it was entered after the other.
    let (age, value, by) = fresh.rev().min_by_key(|(age, ..)| *age)?;
    let by = Some(by.clone());
    Some(Fresh { value, age, by })
}
