//! What a laboratory analyser found: the result as it was sent, and whom it says it is about.
//!
//! - I3: a result is never taken for a patient because of a name alone; who compares identities is the ward.
//! - I5: a value that is not a number stays the text that it was; no number is made of it.
//! - I8: the analyser's own time is shown as the analyser's, and decides no order.

mod sheet;

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bed::{AdmissionId, BedId, DeviceId, Masked};
use crate::number::Decimal;
use crate::patient::Identity;
use crate::record::Epoch;
pub use sheet::{Held, LabSheet};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
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

/// The name of a result at its post: the epoch in which it came and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabId {
    /// The epoch in which it came.
    pub epoch: Epoch,
    /// Counted from 1 within that epoch.
    pub number: u32,
}

impl fmt::Display for LabId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

/// The text is not a result's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a laboratory result: an epoch of 16 hexadecimal digits, '-', a number")]
pub struct BadLabId;

impl FromStr for LabId {
    type Err = BadLabId;
    fn from_str(text: &str) -> Result<Self, BadLabId> {
        let (epoch, number) = text.split_once('-').ok_or(BadLabId)?;
        Ok(LabId {
            epoch: epoch.parse().map_err(|_| BadLabId)?,
            number: number.parse().map_err(|_| BadLabId)?,
        })
    }
}

impl Serialize for LabId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LabId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A result as a post keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabRecord {
    /// Its name.
    pub id: LabId,
    /// The analyser that sent it.
    pub device: DeviceId,
    /// What it sent.
    pub result: LabResult,
    /// Whose it is, as the post decided when it came (I3).
    pub whose: Whose,
}

/// Whose a result is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Of whoever lay in this bed.
    Patient {
        /// The bed.
        bed: BedId,
        /// The admission.
        admission: AdmissionId,
    },
    /// Nobody's until a person says whose, and why so.
    Nobody(LabDoubt),
}

/// Why a result is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabDoubt {
    /// Neither its specimen nor an identifier in it is of anybody who lies here.
    Unknown,
    /// A name fits, and nothing but the name: that proves nothing.
    NameOnly,
    /// It fits more than one patient.
    Several,
    /// Its specimen was taken from a patient who lies in that bed no more.
    Left,
    /// Quarantined: it came with another identifier than the patient's.
    OtherId,
    /// Quarantined: it came with another name.
    OtherName,
    /// Quarantined: it came with another date of birth.
    OtherBirth,
}

impl LabDoubt {
    /// It points at a patient and contradicts him: a person must look twice.
    pub const fn is_quarantine(self) -> bool {
        matches!(
            self,
            LabDoubt::OtherId | LabDoubt::OtherName | LabDoubt::OtherBirth
        )
    }
}

/// A specimen was taken: results that name it are of this admission.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Specimen {
    /// As its label says.
    pub number: Masked<String>,
    /// The bed.
    pub bed: BedId,
    /// Whose it is.
    pub admission: AdmissionId,
    /// Who took it.
    pub by: String,
}

/// A person says whose results are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabAssignment {
    /// Which, at most [`LAB_AT_ONCE_MAX`].
    pub results: Vec<LabId>,
    /// The patient's bed.
    pub bed: BedId,
    /// The patient's stay.
    pub admission: AdmissionId,
    /// Who says so.
    pub by: String,
}

/// A person says that results are of nobody here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabSetAside {
    /// Which, at most [`LAB_AT_ONCE_MAX`].
    pub results: Vec<LabId>,
    /// Who says so.
    pub by: String,
}

/// Most results that a person assigns or sets aside at once.
pub const LAB_AT_ONCE_MAX: usize = 64;

/// An identifier or a specimen's number, to be compared: each of its signs counts (`1-23` is not `12-3`), capitals and
/// blanks around it do not.
pub fn comparable(text: &str) -> String {
    text.trim().to_lowercase()
}
