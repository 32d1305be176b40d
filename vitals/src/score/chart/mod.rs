//! Scores whose tables are data: Bedside PEWS for children and MEOWS for pregnancy, or the chart of a site's own country.
//!
//! A chart has rows; each row gives points to one item, for all ages or for one. The total is their sum, and from a
//! certain total on it is a trigger. MEOWS has colours instead of points: yellow is [`MEOWS_YELLOW`], red is
//! [`MEOWS_RED`], and its trigger "one red or two yellow" is a total of 2.
//!
//! A site's chart is read by [`Chart::load`]: it has a name, a version and an owner, and is refused as a whole when
//! anything in it is wrong. NEWS2 is no chart, and the two charts in this program keep their names for themselves (E3).
//! Values are rounded half-up to the places of their item before they are compared. That a file is signed is for
//! whoever reads it to check.

mod error;
mod file;
mod item;

use std::sync::LazyLock;

pub use error::{ChartError, ChartProblem};
pub(crate) use item::{ACVPU, EFFORTS};
pub use item::{Item, NumberScale};

use super::{Age, Consciousness, Effort, Oxygen, Patient, Pregnancy, in_steps};
use crate::number::Decimal;

/// The points of a yellow box of MEOWS.
pub const MEOWS_YELLOW: u8 = 1;

/// The points of a red box of MEOWS.
pub const MEOWS_RED: u8 = 2;

/// Bedside PEWS, total 0 to 26; from 7 on a trigger, from 3 on observed more often.
///
/// Source: Parshuram 2009, Critical Care 13:R135, table 1. Its two slips (`> 150` and `< 50` among the heart rates) are
/// read as inclusive; ages are completed years; it was made for patients below 18 years.
pub fn bedside_pews() -> &'static Chart {
    static CHART: LazyLock<Chart> = LazyLock::new(|| {
        file::parse("bedside_pews.json", include_str!("bedside_pews.json")).expect("a test loads it")
    });
    &CHART
}

/// MEOWS: one red or two yellow are a trigger. A pain score may be left out. It has A, V, P and U and no C: whether a
/// newly confused patient is one of those is for whoever stands at the bed, so that with C there is no total.
///
/// Source: CEMACH 2007, "Saving Mothers' Lives", as used by Singh 2012.
pub fn meows() -> &'static Chart {
    static CHART: LazyLock<Chart> =
        LazyLock::new(|| file::parse("meows.json", include_str!("meows.json")).expect("a test loads it"));
    &CHART
}

/// A chart that is known to be whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    name: String,
    version: String,
    owner: String,
    source: String,
    patients: ChartPatients,
    ages: Vec<AgeBand>,
    below: Option<Age>,
    watch_at_least: Option<u16>,
    trigger_at_least: u16,
    rows: Vec<Row>,
}

/// For whom a chart is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartPatients {
    /// Children.
    Children,
    /// In pregnancy and the six weeks after.
    Pregnancy,
}

/// From this age on, up to where the next band begins.
#[derive(Clone, Debug, PartialEq, Eq)]
struct AgeBand {
    label: String,
    from: Age,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    item: Item,
    /// Its place among the chart's ages; `None`: for all.
    age: Option<usize>,
    /// What is not entered counts 0 points instead of being missing.
    optional: bool,
    measure: Measure,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Measure {
    Number(Vec<Rung>),
    Choice(Vec<(&'static str, u8)>),
    /// By flow, by percentage, or by both: the higher points count. Air has none.
    Oxygen {
        flow: Vec<Rung>,
        percent: Vec<Rung>,
    },
}

/// So many points at and beyond these ends, in steps of the item. Each rung lies outside the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rung {
    points: u8,
    at_most: Option<i64>,
    at_least: Option<i64>,
}

/// What is scored; only the items of the chart are looked at. `None`: missing or too old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChartInputs {
    /// Heart rate per minute.
    pub hr: Option<Decimal>,
    /// Systolic blood pressure in mmHg.
    pub sbp: Option<Decimal>,
    /// Diastolic blood pressure in mmHg.
    pub dbp: Option<Decimal>,
    /// Breaths per minute.
    pub rr: Option<Decimal>,
    /// Oxygen saturation in %.
    pub spo2: Option<Decimal>,
    /// Temperature in degrees Celsius.
    pub temp: Option<Decimal>,
    /// Capillary refill time in seconds.
    pub capillary_refill: Option<Decimal>,
    /// Pain, 0 (none) to 3 (severe).
    pub pain: Option<Decimal>,
    /// Work of breathing: what a person entered (E2).
    pub effort: Option<Effort>,
    /// What is breathed: what a person entered (E2).
    pub oxygen: Option<Oxygen>,
    /// ACVPU: what a person entered (E2).
    pub consciousness: Option<Consciousness>,
}

/// What one item says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartPart {
    /// So many points.
    Points(u8),
    /// There is no fresh value.
    Missing,
    /// No living patient has this value, or the chart does not have this answer.
    Impossible,
}

/// What a total asks for, from least to most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// Nothing beyond the usual.
    Usual,
    /// Observe more often.
    Watch,
    /// Somebody must come: urgent review.
    Trigger,
}

/// Why a chart is not for this patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChartNotFor {
    /// Younger than the chart's first age.
    TooYoung,
    /// As old as the chart's end, or older.
    TooOld,
    /// Neither pregnant nor in the six weeks after.
    NotPregnant,
}

/// The total, or the reason why there is none (E1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ChartOutcome {
    /// All that the chart needs is there.
    Total {
        /// The sum of all points.
        total: u16,
        /// What it asks for.
        urgency: Urgency,
    },
    /// Something is missing.
    Incomplete {
        /// What is missing, by item.
        missing: Vec<Item>,
        /// The chart is by age, and the age is not recorded.
        age_missing: bool,
    },
    /// A value cannot be; somebody has to correct it.
    Invalid {
        /// What cannot be, at least one.
        impossible: Vec<Item>,
        /// What is missing besides.
        missing: Vec<Item>,
    },
    /// The chart is not for this patient.
    NotApplicable(ChartNotFor),
}

/// What a chart says about one set of inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChartScore {
    /// What each item says, in the order of the chart; empty where the chart is not for this patient.
    pub parts: Vec<(Item, ChartPart)>,
    /// The label of the patient's age in the chart; `None` where the chart is not by age, or the age is not recorded.
    pub age: Option<String>,
    /// The present parts alone reach the trigger, whether there is a total or not (E1).
    pub triggered: bool,
    /// The total, or why there is none.
    pub outcome: ChartOutcome,
}

impl ChartScore {
    /// How many parts have exactly so many points: the red or the yellow ones of MEOWS.
    pub fn parts_with(&self, points: u8) -> usize {
        let those = self.parts.iter();
        those
            .filter(|(_, part)| *part == ChartPart::Points(points))
            .count()
    }
}

impl Chart {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, as its owner numbers them.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Who answers for it.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Where its numbers come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// From this total on it is a trigger.
    pub fn trigger_at_least(&self) -> u16 {
        self.trigger_at_least
    }

    /// Scores one set of inputs.
    pub fn score(&self, patient: Patient, inputs: &ChartInputs) -> ChartScore {
        let mut score = ChartScore {
            parts: Vec::new(),
            age: None,
            triggered: false,
            outcome: ChartOutcome::NotApplicable(ChartNotFor::NotPregnant),
        };
        if let Some(not_for) = self.not_for(patient) {
            score.outcome = ChartOutcome::NotApplicable(not_for);
            return score;
        }
        let age = patient.age.and_then(|age| self.age_band(age));
        score.age = age
            .and_then(|place| self.ages.get(place))
            .map(|band| band.label.clone());
        let rows = self.rows.iter().filter(|row| row.age.is_none() || row.age == age);
        score.parts = rows.map(|row| (row.item, row.part(inputs))).collect();
        let points = score.parts.iter().map(|(_, part)| match part {
            ChartPart::Points(points) => u16::from(*points),
            ChartPart::Missing | ChartPart::Impossible => 0,
        });
        let sum: u16 = points.sum();
        score.triggered = sum >= self.trigger_at_least;
        score.outcome = self.outcome(&score.parts, sum, !self.ages.is_empty() && age.is_none());
        score
    }

    fn not_for(&self, patient: Patient) -> Option<ChartNotFor> {
        let first = self.ages.first().map(|band| band.from);
        let too_young = patient.age.zip(first).is_some_and(|(age, first)| age < first);
        let too_old = patient
            .age
            .zip(self.below)
            .is_some_and(|(age, below)| age >= below);
        if too_young {
            Some(ChartNotFor::TooYoung)
        } else if too_old {
            Some(ChartNotFor::TooOld)
        } else if self.patients == ChartPatients::Pregnancy && patient.pregnancy == Pregnancy::None {
            Some(ChartNotFor::NotPregnant)
        } else {
            None
        }
    }

    fn age_band(&self, age: Age) -> Option<usize> {
        self.ages.iter().rposition(|band| band.from <= age)
    }

    fn outcome(&self, parts: &[(Item, ChartPart)], total: u16, age_missing: bool) -> ChartOutcome {
        let which = |wanted: ChartPart| -> Vec<Item> {
            let those = parts.iter().filter(|(_, part)| *part == wanted);
            those.map(|(item, _)| *item).collect()
        };
        let (impossible, missing) = (which(ChartPart::Impossible), which(ChartPart::Missing));
        if !impossible.is_empty() {
            return ChartOutcome::Invalid { impossible, missing };
        }
        if age_missing || !missing.is_empty() {
            return ChartOutcome::Incomplete { missing, age_missing };
        }
        let urgency = if total >= self.trigger_at_least {
            Urgency::Trigger
        } else if self.watch_at_least.is_some_and(|watch| total >= watch) {
            Urgency::Watch
        } else {
            Urgency::Usual
        };
        ChartOutcome::Total { total, urgency }
    }
}

impl Row {
    fn part(&self, inputs: &ChartInputs) -> ChartPart {
        let part = match &self.measure {
            Measure::Number(rungs) => number(self.item.scale(), self.item.number(inputs), rungs),
            Measure::Choice(choices) => match self.item.choice(inputs) {
                None => ChartPart::Missing,
                Some(key) => {
                    let chosen = choices.iter().find(|(choice, _)| *choice == key);
                    chosen.map_or(ChartPart::Impossible, |(_, points)| ChartPart::Points(*points))
                }
            },
            Measure::Oxygen { flow, percent } => oxygen(inputs.oxygen.as_ref(), flow, percent),
        };
        if self.optional && part == ChartPart::Missing {
            ChartPart::Points(0)
        } else {
            part
        }
    }
}

fn number(scale: Option<NumberScale>, value: Option<Decimal>, rungs: &[Rung]) -> ChartPart {
    let Some((scale, value)) = scale.zip(value) else {
        return ChartPart::Missing;
    };
    let steps = in_steps(value, scale.places);
    if !(scale.lowest..=scale.highest).contains(&steps) {
        return ChartPart::Impossible;
    }
    let reached = rungs.iter().rev().find(|rung| rung.is_reached(steps));
    ChartPart::Points(reached.map_or(0, |rung| rung.points))
}

impl Rung {
    fn is_reached(&self, steps: i64) -> bool {
        self.at_most.is_some_and(|most| steps <= most) || self.at_least.is_some_and(|least| steps >= least)
    }
}

fn oxygen(oxygen: Option<&Oxygen>, flow_rungs: &[Rung], percent_rungs: &[Rung]) -> ChartPart {
    let (flow, percent) = match oxygen {
        None => return ChartPart::Missing,
        Some(Oxygen::Air) => return ChartPart::Points(0),
        Some(Oxygen::Given { flow, percent, .. }) => (*flow, *percent),
    };
    // What the chart has no rungs for says nothing.
    let judge = |scale, value: Option<Decimal>, rungs: &[Rung]| {
        let value = value.filter(|_| !rungs.is_empty());
        number(Some(scale), value, rungs)
    };
    let flow = judge(item::FLOW, flow, flow_rungs);
    let percent = judge(item::PERCENT, percent, percent_rungs);
    match (flow, percent) {
        (ChartPart::Impossible, _) | (_, ChartPart::Impossible) => ChartPart::Impossible,
        (ChartPart::Points(one), ChartPart::Points(other)) => ChartPart::Points(one.max(other)),
        (ChartPart::Points(points), ChartPart::Missing) | (ChartPart::Missing, ChartPart::Points(points)) => {
            ChartPart::Points(points)
        }
        (ChartPart::Missing, ChartPart::Missing) => ChartPart::Missing,
    }
}
