//! NEWS2, exactly: the thresholds of the Royal College of Physicians (2017), which nobody may edit (E3).
//!
//! Rounding, plausible ranges and the order of the reasons are this product's policy: rounded half-up first; then,
//! where the score does not apply to the patient, nothing else is said; a value that cannot be is told before one that
//! is missing, because somebody has to correct it, and both lists are always given.

use super::{Age, Consciousness, Patient, Pregnancy, in_steps};
use crate::number::Decimal;

/// The highest total.
pub const TOTAL_MAX: u8 = 20;

/// NEWS2 applies from this age on.
pub const AGE_MIN: Age = Age::of_years(16);

/// From this total on it is always asked: could this be sepsis?
pub const ASK_SEPSIS_FROM: u8 = 5;

/// The seven parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// Breaths per minute, whole, 0..=99.
    Rr,
    /// Oxygen saturation in %, whole, 1..=100.
    Spo2,
    /// Air or oxygen.
    Oxygen,
    /// Systolic blood pressure in mmHg, whole, 30..=300.
    Sbp,
    /// Beats per minute, whole, 20..=300.
    Pulse,
    /// ACVPU.
    Consciousness,
    /// Temperature in degrees Celsius, tenths, 25.0..=45.0.
    Temp,
}

/// All of them, in the order of the chart.
pub const PARAMETERS: [Parameter; 7] = [
    Parameter::Rr,
    Parameter::Spo2,
    Parameter::Oxygen,
    Parameter::Sbp,
    Parameter::Pulse,
    Parameter::Consciousness,
    Parameter::Temp,
];

impl Parameter {
    /// Stable key in lists of what is missing or impossible.
    pub const fn key(self) -> &'static str {
        match self {
            Parameter::Rr => "rr",
            Parameter::Spo2 => "spo2",
            Parameter::Oxygen => "on_oxygen",
            Parameter::Sbp => "sbp",
            Parameter::Pulse => "pulse",
            Parameter::Consciousness => "acvpu",
            Parameter::Temp => "temp",
        }
    }
}

/// Which column of saturations counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Spo2Scale {
    /// For everybody else.
    #[default]
    One,
    /// For confirmed hypercapnic failure with a prescribed target of 88 to 92 %: a competent clinician decides and signs.
    Two,
}

/// What is scored. `None`: missing or too old ([`super::fresh`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Inputs {
    /// Breaths per minute.
    pub rr: Option<Decimal>,
    /// Oxygen saturation in %.
    pub spo2: Option<Decimal>,
    /// Oxygen is given: what a person entered (E2).
    pub on_oxygen: Option<bool>,
    /// Systolic blood pressure in mmHg.
    pub sbp: Option<Decimal>,
    /// Beats per minute: heart rate from the ECG, else the pulse rate.
    pub pulse: Option<Decimal>,
    /// ACVPU: what a person entered (E2).
    pub consciousness: Option<Consciousness>,
    /// Temperature in degrees Celsius.
    pub temp: Option<Decimal>,
}

/// What one parameter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// 0..=3 points.
    Points(u8),
    /// There is no fresh value.
    Missing,
    /// No living patient has this value.
    Impossible,
    /// A saturation of 93 % or more on scale 2, while nobody entered whether oxygen is given: 0 to 3 points.
    NeedsOxygen,
}

/// What a total asks for, from least to most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// 0 to 4, no parameter at 3.
    Low,
    /// 0 to 4, one parameter at 3.
    LowMedium,
    /// 5 or 6.
    Medium,
    /// 7 or more.
    High,
}

impl Band {
    /// The band of a total and of whether any parameter has 3 points.
    pub const fn of(total: u8, red: bool) -> Band {
        match total {
            7.. => Band::High,
            5..=6 => Band::Medium,
            _ if red => Band::LowMedium,
            _ => Band::Low,
        }
    }

    /// Stable key.
    pub const fn key(self) -> &'static str {
        match self {
            Band::Low => "low",
            Band::LowMedium => "low-medium",
            Band::Medium => "medium",
            Band::High => "high",
        }
    }
}

/// Why NEWS2 is not the score for this patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NotFor {
    /// Younger than [`AGE_MIN`].
    Child,
    /// Pregnant.
    Pregnant,
}

/// The total, or the reason why there is none (E1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// All seven inputs are there.
    Total {
        /// 0..=[`TOTAL_MAX`].
        total: u8,
        /// What it asks for.
        band: Band,
    },
    /// Reason `incomplete`.
    Incomplete {
        /// What is missing, at least one.
        missing: Vec<Parameter>,
    },
    /// Reason `invalid`.
    Invalid {
        /// What no living patient has, at least one.
        impossible: Vec<Parameter>,
        /// What is missing besides.
        missing: Vec<Parameter>,
    },
    /// Reason `not-applicable`.
    NotApplicable(NotFor),
}

impl Outcome {
    /// The reason's key; `None` where there is a total.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Outcome::Total { .. } => None,
            Outcome::Incomplete { .. } => Some("incomplete"),
            Outcome::Invalid { .. } => Some("invalid"),
            Outcome::NotApplicable(_) => Some("not-applicable"),
        }
    }
}

/// What NEWS2 says about one set of inputs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assessment {
    /// What each parameter says, in the order of [`PARAMETERS`]; empty where the score is not for this patient.
    pub parts: Vec<(Parameter, Part)>,
    /// A parameter has 3 points: urgent, whether there is a total or not (E1).
    pub red: bool,
    /// False: to be labelled "age not recorded".
    pub age_recorded: bool,
    /// The scale that was used.
    pub scale: Spo2Scale,
    /// The total, or why there is none.
    pub outcome: Outcome,
}

/// Scores one set of inputs.
pub fn assess(patient: Patient, scale: Spo2Scale, inputs: Inputs) -> Assessment {
    let not_for = not_for(patient);
    let parts = if not_for.is_some() {
        Vec::new()
    } else {
        PARAMETERS
            .map(|parameter| (parameter, part(parameter, scale, inputs)))
            .to_vec()
    };
    let red = parts.iter().any(|(_, part)| *part == Part::Points(3));
    let outcome = not_for.map_or_else(|| outcome(&parts, red), Outcome::NotApplicable);
    Assessment {
        parts,
        red,
        age_recorded: patient.age.is_some(),
        scale,
        outcome,
    }
}

fn not_for(patient: Patient) -> Option<NotFor> {
    if patient.age.is_some_and(|age| age < AGE_MIN) {
        Some(NotFor::Child)
    } else if patient.pregnancy == Pregnancy::Pregnant {
        Some(NotFor::Pregnant)
    } else {
        None
    }
}

fn outcome(parts: &[(Parameter, Part)], red: bool) -> Outcome {
    let which = |wanted: Part| -> Vec<Parameter> {
        let those = parts.iter().filter(|(_, part)| *part == wanted);
        those.map(|(parameter, _)| *parameter).collect()
    };
    let (impossible, missing) = (which(Part::Impossible), which(Part::Missing));
    if !impossible.is_empty() {
        return Outcome::Invalid { impossible, missing };
    }
    // A part that waits for the oxygen never comes alone: the oxygen is missing then.
    if !missing.is_empty() {
        return Outcome::Incomplete { missing };
    }
    let points = parts.iter().filter_map(|(_, part)| match part {
        Part::Points(points) => Some(*points),
        _ => None,
    });
    let total = points.sum();
    Outcome::Total {
        total,
        band: Band::of(total, red),
    }
}

fn part(parameter: Parameter, scale: Spo2Scale, inputs: Inputs) -> Part {
    match parameter {
        Parameter::Rr => number(inputs.rr, &RR),
        Parameter::Spo2 => spo2(scale, inputs),
        Parameter::Oxygen => match inputs.on_oxygen {
            None => Part::Missing,
            Some(false) => Part::Points(0),
            Some(true) => Part::Points(2),
        },
        Parameter::Sbp => number(inputs.sbp, &SBP),
        Parameter::Pulse => number(inputs.pulse, &PULSE),
        Parameter::Consciousness => match inputs.consciousness {
            None => Part::Missing,
            Some(Consciousness::Alert) => Part::Points(0),
            Some(_) => Part::Points(3),
        },
        Parameter::Temp => number(inputs.temp, &TEMP),
    }
}

fn spo2(scale: Spo2Scale, inputs: Inputs) -> Part {
    let on = |table: &Column| number(inputs.spo2, table);
    match (scale, inputs.on_oxygen) {
        (Spo2Scale::One, _) => on(&SPO2_SCALE_1),
        (Spo2Scale::Two, Some(false)) => on(&SPO2_SCALE_2_AIR),
        (Spo2Scale::Two, Some(true)) => on(&SPO2_SCALE_2_OXYGEN),
        (Spo2Scale::Two, None) => match (on(&SPO2_SCALE_2_AIR), on(&SPO2_SCALE_2_OXYGEN)) {
            (air, oxygen) if air == oxygen => air,
            _ => Part::NeedsOxygen,
        },
    }
}

fn number(value: Option<Decimal>, column: &Column) -> Part {
    let Some(value) = value else {
        return Part::Missing;
    };
    let steps = in_steps(value, column.places);
    if steps < column.lowest {
        return Part::Impossible;
    }
    let step = column.steps.iter().find(|(up_to, _)| steps <= *up_to);
    step.map_or(Part::Impossible, |(_, points)| Part::Points(*points))
}

/// One line of the chart, from its lowest value on: up to and with each number, so many points.
struct Column {
    /// Digits after the point that count; all numbers here are in steps of this size.
    places: u8,
    /// The lowest value that a patient can have; the last step's number is the highest.
    lowest: i64,
    steps: &'static [(i64, u8)],
}

const RR: Column = Column {
    places: 0,
    lowest: 0,
    steps: &[(8, 3), (11, 1), (20, 0), (24, 2), (99, 3)],
};
const SPO2_SCALE_1: Column = Column {
    places: 0,
    lowest: 1,
    steps: &[(91, 3), (93, 2), (95, 1), (100, 0)],
};
const SPO2_SCALE_2_AIR: Column = Column {
    places: 0,
    lowest: 1,
    steps: &[(83, 3), (85, 2), (87, 1), (100, 0)],
};
const SPO2_SCALE_2_OXYGEN: Column = Column {
    places: 0,
    lowest: 1,
    steps: &[(83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (100, 3)],
};
const SBP: Column = Column {
    places: 0,
    lowest: 30,
    steps: &[(90, 3), (100, 2), (110, 1), (219, 0), (300, 3)],
};
const PULSE: Column = Column {
    places: 0,
    lowest: 20,
    steps: &[(40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (300, 3)],
};
const TEMP: Column = Column {
    places: 1,
    lowest: 250,
    steps: &[(350, 3), (360, 1), (380, 0), (390, 1), (450, 2)],
};
