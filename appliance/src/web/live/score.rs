//! A bed's early-warning score, as a page is told.

use schemars::JsonSchema;
use serde::Serialize;
use vitals::Decimal;
use vitals::score::ScoreKind;

/// A score as it stands.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Score {
    /// Which: `news2`, `bedside_pews` or `meows`.
    pub score: ScoreKind,
    /// What people call it.
    pub name: &'static str,
    /// The total; none = see `reason`.
    pub total: Option<u16>,
    /// What the total asks for.
    #[schemars(with = "Option<vitals::score::news2::Band>")]
    pub band: Option<&'static str>,
    /// Why there is no total: `incomplete`, `invalid` or `not-applicable`.
    pub reason: Option<&'static str>,
    /// What is missing, as the parts are called.
    pub missing: Vec<&'static str>,
    /// What no living patient has.
    pub impossible: Vec<&'static str>,
    /// The score is by age, and the age is not recorded.
    pub age_missing: bool,
    /// Why it is not for this patient.
    pub not_for: Option<&'static str>,
    /// Something is urgent by itself, whether there is a total or not.
    pub red: bool,
    /// False: to be labelled "age not recorded".
    pub age_recorded: bool,
    /// The saturation scale that counts, 1 or 2.
    pub scale: u8,
    /// Who said so.
    pub scale_by: Option<String>,
    /// The patient has a pacemaker.
    pub paced: bool,
    /// Each part.
    pub parts: Vec<Part>,
    /// What persons measured last, each thing once, whether it is scored or not.
    pub by_hand: Vec<ByHand>,
    /// Since when it has said so.
    pub since_ms: u64,
    /// Whose entry made it say so; none = computed by itself.
    pub by: Option<String>,
}

/// What a person measured last.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct ByHand {
    /// What it is, as an entry calls it: `temp`, `sbp`, `dbp`, `pulse`, `rr` or `spo2`.
    pub key: &'static str,
    /// The number.
    pub value: Decimal,
    /// Its UCUM unit.
    pub unit: &'static str,
    /// When it was found; negative: before this boot.
    pub at_ms: i64,
    /// Who found it.
    pub by: String,
}

/// One part of a score.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "ScorePart")]
pub struct Part {
    /// Its name in the score.
    pub key: &'static str,
    /// What counts; none = nothing that is fresh.
    pub value: Option<String>,
    /// UCUM unit of a number.
    pub unit: &'static str,
    /// When it was measured or found; negative: before this boot.
    pub at_ms: Option<i64>,
    /// Who found it; none = a device.
    pub by: Option<String>,
    /// Where a pulse comes from: `ecg`, `pleth` or `counted`.
    pub from: Option<&'static str>,
    /// Its points.
    pub points: Option<u8>,
    /// `points`, `missing`, `impossible` or `needs_oxygen`: whether oxygen is given decides the points.
    pub state: &'static str,
}
