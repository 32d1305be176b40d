//! What a chart can have rows for: key, resolution, what is possible, which answers there are.

use super::{ChartInputs, Consciousness, Effort};
use crate::number::Decimal;

/// One item of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Heart rate per minute.
    Hr,
    /// Systolic blood pressure in mmHg.
    Sbp,
    /// Diastolic blood pressure in mmHg.
    Dbp,
    /// Breaths per minute.
    Rr,
    /// Oxygen saturation in %.
    Spo2,
    /// Temperature in degrees Celsius.
    Temp,
    /// Capillary refill time in seconds.
    CapillaryRefill,
    /// Pain, 0 to 3.
    Pain,
    /// Work of breathing.
    Effort,
    /// Oxygen that is given.
    Oxygen,
    /// ACVPU.
    Consciousness,
}

/// How a number is rounded, and what a living patient can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NumberScale {
    /// Digits after the point that count; limits of a chart have no more.
    pub places: u8,
    /// The lowest possible value, in steps of `10^-places`.
    pub lowest: i64,
    /// The highest possible value, in the same steps.
    pub highest: i64,
}

/// Oxygen in L/min.
pub(super) const FLOW: NumberScale = NumberScale {
    places: 2,
    lowest: 1,
    highest: 10_000,
};

/// Oxygen in % of what is breathed in.
pub(super) const PERCENT: NumberScale = NumberScale {
    places: 0,
    lowest: 21,
    highest: 100,
};

const ITEMS: [Item; 11] = [
    Item::Hr,
    Item::Sbp,
    Item::Dbp,
    Item::Rr,
    Item::Spo2,
    Item::Temp,
    Item::CapillaryRefill,
    Item::Pain,
    Item::Effort,
    Item::Oxygen,
    Item::Consciousness,
];

/// Every answer about the work of breathing.
pub(crate) const EFFORTS: [Effort; 5] = [
    Effort::Normal,
    Effort::Mild,
    Effort::Moderate,
    Effort::Severe,
    Effort::Apnoea,
];

/// Every answer about consciousness.
pub(crate) const ACVPU: [Consciousness; 5] = [
    Consciousness::Alert,
    Consciousness::Confused,
    Consciousness::Voice,
    Consciousness::Pain,
    Consciousness::Unresponsive,
];

impl Item {
    /// Its name in a chart.
    pub const fn key(self) -> &'static str {
        match self {
            Item::Hr => "hr",
            Item::Sbp => "sbp",
            Item::Dbp => "dbp",
            Item::Rr => "rr",
            Item::Spo2 => "spo2",
            Item::Temp => "temp",
            Item::CapillaryRefill => "capillary_refill",
            Item::Pain => "pain",
            Item::Effort => "effort",
            Item::Oxygen => "oxygen",
            Item::Consciousness => "consciousness",
        }
    }

    /// By its name.
    pub fn from_key(key: &str) -> Option<Item> {
        ITEMS.into_iter().find(|item| item.key() == key)
    }

    /// All names, for whoever wrote one that is none of them.
    pub(super) fn keys() -> String {
        ITEMS.map(Item::key).join(", ")
    }

    /// How its number is rounded and what is possible; `None` where it is not a number.
    pub const fn scale(self) -> Option<NumberScale> {
        let (places, lowest, highest) = match self {
            Item::Hr => (0, 15, 350),
            Item::Sbp => (0, 30, 300),
            Item::Dbp => (0, 10, 250),
            Item::Rr => (0, 0, 150),
            Item::Spo2 => (0, 1, 100),
            Item::Temp => (1, 250, 450),
            Item::CapillaryRefill => (1, 0, 200),
            Item::Pain => (0, 0, 3),
            Item::Effort | Item::Oxygen | Item::Consciousness => return None,
        };
        Some(NumberScale {
            places,
            lowest,
            highest,
        })
    }

    /// The answers there are; empty where it is not a choice.
    pub(super) fn answers(self) -> Vec<&'static str> {
        match self {
            Item::Effort => EFFORTS.map(Effort::key).to_vec(),
            Item::Consciousness => ACVPU.map(Consciousness::key).to_vec(),
            _ => Vec::new(),
        }
    }

    pub(super) fn number(self, inputs: &ChartInputs) -> Option<Decimal> {
        match self {
            Item::Hr => inputs.hr,
            Item::Sbp => inputs.sbp,
            Item::Dbp => inputs.dbp,
            Item::Rr => inputs.rr,
            Item::Spo2 => inputs.spo2,
            Item::Temp => inputs.temp,
            Item::CapillaryRefill => inputs.capillary_refill,
            Item::Pain => inputs.pain,
            Item::Effort | Item::Oxygen | Item::Consciousness => None,
        }
    }

    pub(super) fn choice(self, inputs: &ChartInputs) -> Option<&'static str> {
        match self {
            Item::Effort => inputs.effort.map(Effort::key),
            Item::Consciousness => inputs.consciousness.map(Consciousness::key),
            _ => None,
        }
    }
}
