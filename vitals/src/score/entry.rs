//! What a person finds at the bedside and enters: the parts of a score that no device measures, and those that were
//! counted by hand (E2). Each entry has a name, so that it can be taken back; what was recorded stays.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::advisory::Advisor;
use super::chart::Item;
use super::{Consciousness, Effort, Oxygen, ScoreKind, in_steps};
use crate::bed::{AdmissionId, BedId};
use crate::number::Decimal;
use crate::record::Epoch;
use crate::time::Stamp;

/// The longest name of what oxygen is given by, in characters.
pub const OXYGEN_DEVICE_CHARS_MAX: usize = 40;

/// The name of an entry: the epoch in which it was made and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The epoch in which it was made.
    pub epoch: Epoch,
    /// Counted from 1 within that epoch.
    pub number: u32,
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

/// The text is not an entry's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an entry: an epoch of 16 hexadecimal digits, '-', a number")]
pub struct BadEntryId;

impl FromStr for EntryId {
    type Err = BadEntryId;
    fn from_str(text: &str) -> Result<Self, BadEntryId> {
        let (epoch, number) = text.split_once('-').ok_or(BadEntryId)?;
        Ok(EntryId {
            epoch: epoch.parse().map_err(|_| BadEntryId)?,
            number: number.parse().map_err(|_| BadEntryId)?,
        })
    }
}

impl Serialize for EntryId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntryId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What was found. `None`: not looked at; it is never filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(transform = crate::schema::may_be_left_out)]
pub struct Findings {
    /// ACVPU.
    pub consciousness: Option<Consciousness>,
    /// Air or oxygen.
    pub oxygen: Option<Oxygen>,
    /// Temperature in degrees Celsius, tenths.
    pub temp: Option<Decimal>,
    /// Systolic blood pressure in mmHg.
    pub sbp: Option<Decimal>,
    /// Diastolic blood pressure in mmHg.
    pub dbp: Option<Decimal>,
    /// Beats per minute, counted.
    pub pulse: Option<Decimal>,
    /// Breaths per minute, counted.
    pub rr: Option<Decimal>,
    /// Oxygen saturation in %, from a device that is not connected.
    pub spo2: Option<Decimal>,
    /// Capillary refill time in seconds, tenths.
    pub capillary_refill: Option<Decimal>,
    /// Work of breathing.
    pub effort: Option<Effort>,
    /// Pain, 0 (none) to 3 (severe).
    pub pain: Option<Decimal>,
}

/// What is wrong with an entry: which field, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindingError {
    /// Nothing was found.
    #[error("enter at least one of what was found")]
    Nothing,
    /// A number that cannot be, or that is finer than anybody can tell.
    #[error("{field}: a number from {lowest} to {highest}")]
    Number {
        /// Which field.
        field: &'static str,
        /// The lowest possible value; its digits are the resolution.
        lowest: Decimal,
        /// The highest possible value.
        highest: Decimal,
    },
    /// The lower pressure is not lower.
    #[error("dbp: must be below sbp")]
    Pressures,
    /// What oxygen is given by has too many words.
    #[error("oxygen.device: at most {OXYGEN_DEVICE_CHARS_MAX} characters, on one line")]
    Device,
}

impl Findings {
    /// The numbers, with what a chart calls them; `pulse` is [`Item::Hr`] there.
    pub fn numbers(&self) -> [(&'static str, Item, Option<Decimal>); 8] {
        [
            ("temp", Item::Temp, self.temp),
            ("sbp", Item::Sbp, self.sbp),
            ("dbp", Item::Dbp, self.dbp),
            ("pulse", Item::Hr, self.pulse),
            ("rr", Item::Rr, self.rr),
            ("spo2", Item::Spo2, self.spo2),
            ("capillary_refill", Item::CapillaryRefill, self.capillary_refill),
            ("pain", Item::Pain, self.pain),
        ]
    }

    /// Checks that a living patient can have all of it.
    ///
    /// # Errors
    /// The first field that cannot be.
    pub fn check(&self) -> Result<(), FindingError> {
        if *self == Findings::default() {
            return Err(FindingError::Nothing);
        }
        for (field, item, value) in self.numbers() {
            if let (Some(value), Some(scale)) = (value, item.scale()) {
                possible(field, value, (scale.places, scale.lowest, scale.highest))?;
            }
        }
        if let (Some(sbp), Some(dbp)) = (self.sbp, self.dbp)
            && dbp >= sbp
        {
            return Err(FindingError::Pressures);
        }
        if let Some(Oxygen::Given {
            device,
            flow,
            percent,
        }) = &self.oxygen
        {
            let fits = device.chars().count() <= OXYGEN_DEVICE_CHARS_MAX;
            if !fits || device.chars().any(char::is_control) {
                return Err(FindingError::Device);
            }
            let flow = flow.map(|flow| ("oxygen.flow", flow, FLOW));
            let percent = percent.map(|percent| ("oxygen.percent", percent, PERCENT));
            for (field, value, scale) in [flow, percent].into_iter().flatten() {
                possible(field, value, scale)?;
            }
        }
        Ok(())
    }
}

/// Oxygen in tenths of L/min: what a flow meter shows.
const FLOW: (u8, i64, i64) = (1, 1, 1_000);

/// Oxygen in % of what is breathed in; 21 is air.
const PERCENT: (u8, i64, i64) = (0, 22, 100);

fn possible(
    field: &'static str,
    value: Decimal,
    (places, lowest, highest): (u8, i64, i64),
) -> Result<(), FindingError> {
    let steps = in_steps(value, places);
    let is_exact = Decimal::new(steps, places) == value;
    if is_exact && (lowest..=highest).contains(&steps) {
        return Ok(());
    }
    Err(FindingError::Number {
        field,
        lowest: Decimal::new(lowest, places),
        highest: Decimal::new(highest, places),
    })
}

/// What a person entered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Its name.
    pub id: EntryId,
    /// When it was found.
    pub found: Stamp,
    /// What was found.
    pub findings: Findings,
}

/// Something about the score of a stay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Observed {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub admission: AdmissionId,
    /// Who; empty = the post itself ([`What::Stands`]).
    pub by: String,
    /// What.
    pub what: What,
}

/// What there is about the score of a stay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A person found something.
    Found(Box<Entry>),
    /// A person takes an entry back: it was wrong, or of somebody else. It counts no more.
    Withdrawn(EntryId),
    /// How far the score has come as its advisories see it, so that a restart tells nothing twice (E4).
    Stands {
        /// Which score.
        score: ScoreKind,
        /// What was told last.
        advisor: Advisor,
    },
}
