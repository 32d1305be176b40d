//! What a laboratory analyser found: the result as it was sent, and whom it says it is about.
//!
//! - I3: a result is never taken for a patient because of a name alone; who compares identities is the ward.
//! - I5: a value that is not a number stays the text that it was; no number is made of it.
//! - I8: the analyser's own time is shown as the analyser's, and decides no order.

use serde::{Deserialize, Serialize};

use crate::bed::Masked;
use crate::number::Decimal;
use crate::patient::Identity;

/// Longest text of a field of a [`LabResult`], in characters; what is longer is cut, a value or an identity that is longer is refused.
pub const LAB_CHARS_MAX: usize = 80;

/// One test of one specimen, as an analyser or a laboratory sent it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabResult {
    /// The specimen, as its label says; empty when the analyser was not told.
    pub specimen: Masked<String>,
    /// Whom the analyser was told the specimen is of.
    pub patient: Identity,
    /// What was tested.
    pub test: LabTest,
    /// The result as it was sent: `7.21`, `<0.5`, `NEG`, `----`.
    pub value: String,
    /// The result as a number, only where the whole of [`LabResult::value`] is one (I5).
    pub number: Option<Decimal>,
    /// The unit as it was sent; may be empty.
    pub unit: String,
    /// The reference range as it was sent, its two ends joined by `-`; may be empty.
    pub range: String,
    /// How the analyser judges the result.
    pub flag: LabFlag,
    /// How final it is.
    pub status: LabStatus,
    /// When the analyser completed it, by the analyser's own clock and in its own zone: `2024-05-14 11:24:00`.
    pub completed: Option<String>,
}

/// What was tested.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabTest {
    /// The sender's own code, for example `HGB`.
    pub code: String,
    /// The sender's own name of it; the code where it sends none.
    pub name: String,
    /// The LOINC code, where the sender sends it or the family's table knows it for certain.
    pub loinc: Option<String>,
}

/// How an analyser judges a result. ASTM E1394 R-7 and HL7 OBX-8 use the same letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabFlag {
    /// It does not say.
    #[default]
    None,
    /// `N`: within the reference range.
    Normal,
    /// `L`
    Low,
    /// `H`
    High,
    /// `LL`: so low that somebody must be told at once.
    CriticalLow,
    /// `HH`
    CriticalHigh,
    /// `<`: below what the analyser can measure.
    BelowMeasuring,
    /// `>`
    AboveMeasuring,
    /// `A` and whatever else is sent: not normal, or not understood.
    Abnormal,
}

impl LabFlag {
    /// Somebody must be told at once.
    pub const fn is_critical(self) -> bool {
        matches!(self, LabFlag::CriticalLow | LabFlag::CriticalHigh)
    }
}

/// How final a result is. ASTM E1394 R-9, HL7 OBX-11.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabStatus {
    /// `F`, and where nothing is said.
    #[default]
    Final,
    /// `P`
    Preliminary,
    /// `C`: replaces the one before of the same specimen and test.
    Corrected,
    /// `R`: the test was done again.
    Repeated,
    /// `I`: still to come.
    Pending,
    /// `X`: could not be done.
    NotDone,
}
