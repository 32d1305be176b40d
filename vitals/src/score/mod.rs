//! Early-warning scores: NEWS2 for adults; Bedside PEWS for children and MEOWS for pregnancy as charts that are data.
//!
//! Not wired yet: no ward, no alarm and no page uses this module. Next, the ward gathers the inputs of each bed
//! ([`fresh::gather`]), keeps an [`advisory::Advisor`] for each admission, and the page shows each part with its age.
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
pub mod chart;
pub mod fresh;
pub mod news2;
#[cfg(test)]
mod tests;

use crate::number::Decimal;

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
}

/// What a patient breathes, as a person entered it (E2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Oxygen {
    /// Room air.
    Air,
    /// Oxygen is given.
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
}

/// Whether a pregnancy decides which score applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pregnancy {
    /// Not pregnant as far as is recorded, and not in the six weeks after.
    #[default]
    None,
    /// Pregnant: MEOWS applies, NEWS2 does not.
    Pregnant,
    /// In the six weeks after: MEOWS applies, and NEWS2 as well.
    SixWeeksAfter,
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
