//! Early-warning scores: NEWS2 for adults; Bedside PEWS for children and MEOWS for pregnancy as charts that are data.
//!
//! The ward of a post gathers what is known of each stay ([`fresh::gather`]): samples of the devices, what persons entered
//! ([`entry`]) and said ([`care`]). It scores that once a second, and an [`advisory::Advisor`] for each stay says when
//! somebody must be told.
//!
//! Sources: Royal College of Physicians, "National Early Warning Score (NEWS) 2", 2017; Parshuram 2009, Critical Care
//! 13:R135, table 1 (Bedside PEWS); CEMACH 2007 "Saving Mothers' Lives" as used by Singh 2012 (MEOWS).
//!
//! Invariants (tests quote the numbers):
//! - E1 Nothing is assumed: without every input, fresh and possible, there is no total. What the present inputs already
//!   say by themselves (a red parameter, a trigger that is reached) is said all the same.
//! - E2 Oxygen and consciousness are what a named person entered, never what a number suggests.
//! - E3 The thresholds of NEWS2 are code. A chart that a site changes carries another name.
//! - E4 An advisory is raised once for each worsening, never because a score was computed again.
//! - E5 A score does nothing by itself and silences no alarm: it knows of none.

pub mod advisory;
pub mod care;
pub mod chart;
pub mod entry;
pub mod fresh;
pub mod news2;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::number::Decimal;

/// The scores there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreKind {
    /// NEWS2 ([`news2`]).
    News2,
    /// Bedside PEWS ([`chart::bedside_pews`]).
    BedsidePews,
    /// MEOWS ([`chart::meows`]).
    Meows,
}

impl ScoreKind {
    /// All of them.
    pub const ALL: [ScoreKind; 3] = [ScoreKind::News2, ScoreKind::BedsidePews, ScoreKind::Meows];

    /// Stable key in messages, files and the API.
    pub const fn key(self) -> &'static str {
        match self {
            ScoreKind::News2 => "news2",
            ScoreKind::BedsidePews => "bedside_pews",
            ScoreKind::Meows => "meows",
        }
    }

    /// By its key.
    pub fn from_key(key: &str) -> Option<ScoreKind> {
        ScoreKind::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            ScoreKind::News2 => "NEWS2",
            ScoreKind::BedsidePews => chart::bedside_pews().name(),
            ScoreKind::Meows => chart::meows().name(),
        }
    }
}

/// How awake a patient is: ACVPU, as a person judges it. Source: NEWS2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Consciousness {
    /// `A`: alert.
    Alert,
    /// `C`: newly confused, or in delirium.
    Confused,
    /// `V`: responds to voice.
    Voice,
    /// `P`: responds to pain.
    Pain,
    /// `U`: unresponsive.
    Unresponsive,
}

impl Consciousness {
    /// Its letter.
    pub const fn key(self) -> &'static str {
        match self {
            Consciousness::Alert => "A",
            Consciousness::Confused => "C",
            Consciousness::Voice => "V",
            Consciousness::Pain => "P",
            Consciousness::Unresponsive => "U",
        }
    }

    /// By its letter.
    pub fn from_key(key: &str) -> Option<Consciousness> {
        chart::ACVPU.into_iter().find(|level| level.key() == key)
    }
}

/// How hard a child works to breathe, as a person judges it. Source: Bedside PEWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// As it should be.
    Normal,
    /// Mildly increased.
    Mild,
    /// Moderately increased.
    Moderate,
    /// Severely increased.
    Severe,
    /// Any pause of breathing.
    Apnoea,
}

impl Effort {
    /// Its name in a chart.
    pub const fn key(self) -> &'static str {
        match self {
            Effort::Normal => "normal",
            Effort::Mild => "mild",
            Effort::Moderate => "moderate",
            Effort::Severe => "severe",
            Effort::Apnoea => "apnoea",
        }
    }

    /// By its name.
    pub fn from_key(key: &str) -> Option<Effort> {
        chart::EFFORTS.into_iter().find(|effort| effort.key() == key)
    }
}

/// What a patient breathes, as a person entered it (E2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(rename_all = "snake_case", transform = crate::schema::may_be_left_out)]
pub enum Oxygen {
    /// Room air.
    Air,
    /// Oxygen is given.
    #[schemars(untagged)]
    Given {
        /// By what (cannula, mask); may be empty.
        device: String,
        /// How much, in L/min.
        flow: Option<Decimal>,
        /// How much of what is breathed in is oxygen, in %.
        percent: Option<Decimal>,
    },
}

/// An age in completed months: 4 years and 11 months are 59.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Age {
    months: u32,
}

impl Age {
    /// From completed months.
    pub const fn of_months(months: u32) -> Age {
        Age { months }
    }

    /// From completed years; the months beyond are not known and count as none.
    pub const fn of_years(years: u32) -> Age {
        Age {
            months: years.saturating_mul(12),
        }
    }

    /// Completed months.
    pub const fn months(self) -> u32 {
        self.months
    }

    /// Of somebody born on a day (`YYYY-MM-DD`), on a day: `(year, month, day)`. `None` when the one is no day, or the
    /// other is before it.
    pub fn on(born: &str, (year, month, day): (i32, u32, u32)) -> Option<Age> {
        let mut parts = born.splitn(3, '-').map(|part| part.parse::<u32>().ok());
        let mut next = || parts.next().flatten();
        let (of_year, of_month, of_day) =
            (next()?, next().filter(|month| (1..=12).contains(month))?, next()?);
        let months = |year: i64, month: u32| 12 * year + i64::from(month);
        let between = months(i64::from(year), month) - months(i64::from(of_year), of_month);
        let completed = between - i64::from(day < of_day);
        u32::try_from(completed).ok().map(Age::of_months)
    }
}

/// Whether a pregnancy decides which score applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pregnancy {
    /// Not pregnant as far as is recorded, and not in the six weeks after.
    #[default]
    None,
    /// Pregnant: MEOWS applies, NEWS2 does not.
    Pregnant,
    /// In the six weeks after: MEOWS applies, and NEWS2 as well; MEOWS is shown.
    SixWeeksAfter,
}

impl Pregnancy {
    /// All of them.
    pub const ALL: [Pregnancy; 3] = [Pregnancy::None, Pregnancy::Pregnant, Pregnancy::SixWeeksAfter];

    /// Its name in the API and in the audit.
    pub const fn key(self) -> &'static str {
        match self {
            Pregnancy::None => "none",
            Pregnancy::Pregnant => "pregnant",
            Pregnancy::SixWeeksAfter => "six_weeks_after",
        }
    }

    /// By its name.
    pub fn from_key(key: &str) -> Option<Pregnancy> {
        Pregnancy::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// What a score must know of the patient to be the right one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Patient {
    /// `None`: not recorded.
    pub age: Option<Age>,
    /// As far as is recorded.
    pub pregnancy: Pregnancy,
}

/// A number in whole steps of `10^-places`, rounded half-up: 36.05 in tenths is 361. Every score rounds first and
/// compares whole numbers. (Below zero halves are rounded down, and no score finds anything there possible.)
fn in_steps(value: Decimal, places: u8) -> i64 {
    let rounded = value.rounded(places);
    let finer = u32::from(places.saturating_sub(rounded.places()));
    rounded.mantissa().saturating_mul(10i64.saturating_pow(finer))
}
