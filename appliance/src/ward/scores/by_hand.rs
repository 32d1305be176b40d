//! What persons measured last: it stands where no device measures, however long it is not scored any more.

use std::time::Duration;

use vitals::Decimal;
use vitals::score::entry::Findings;

use super::{HeldEntry, Moment, OfStay};

/// What was found longer ago than this says nothing of how a patient is.
const SHOWN_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be measured: its name in an entry, its unit, and where it stands there.
type Measurable = (&'static str, &'static str, fn(&Findings) -> Option<Decimal>);
const MEASURABLE: [Measurable; 6] = [
    ("temp", "Cel", |found| found.temp),
    ("sbp", "mm[Hg]", |found| found.sbp),
    ("dbp", "mm[Hg]", |found| found.dbp),
    ("pulse", "/min", |found| found.pulse),
    ("rr", "/min", |found| found.rr),
    ("spo2", "%", |found| found.spo2),
];

/// What a person measured last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHandNow {
    /// Its name in an entry.
    pub key: &'static str,
    /// The number.
    pub value: Decimal,
    /// Its unit.
    pub unit: &'static str,
    /// When it was found, in ms of this boot; negative: before it.
    pub at_ms: i64,
    /// Who found it.
    pub by: String,
}

/// The newest of each that was not taken back.
pub(super) fn of(stay: &OfStay, moment: Moment<'_>) -> Vec<ByHandNow> {
    let counting = stay.entries.iter().filter(|held| held.withdrawn_by.is_none());
    let dated = counting.filter_map(|held| Some(((moment.age_of)(held.entry.found)?, held)));
    let dated: Vec<(Duration, &HeldEntry)> = dated.filter(|(age, _)| *age <= SHOWN_FOR).collect();
    let now_ms = i64::try_from(moment.now.as_ms()).unwrap_or(i64::MAX);
    let newest = |(key, unit, pick): Measurable| {
        let found = dated
            .iter()
            .filter_map(|(age, held)| Some((*age, pick(&held.entry.findings)?, held)));
        // Of two that were found at one time the one that was entered later.
        let (age, value, held) = found.rev().min_by_key(|(age, ..)| *age)?;
        Some(ByHandNow {
            key,
            value,
            unit,
            at_ms: now_ms.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)),
            by: held.by.clone(),
        })
    };
    MEASURABLE.into_iter().filter_map(newest).collect()
}
