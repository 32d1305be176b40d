//! ORU^R01: rows of OBX to values. The same for IHE PCD-01 (Mindray eGateway, GE), Philips and Mindray PDS.

use vitals::code::CodeKind;
use vitals::{Code, Measured};

use super::codes::{Named, Profile, named};
use super::message::Segment;
use super::number::measured;
use super::stamp::Stamp;

/// One value of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was measured.
    pub code: Code,
    /// The value or the reason.
    pub measured: Measured,
    /// From a single measurement: a cuff pressure, or whatever says APERIODIC.
    pub spot: bool,
    /// When, by the device: OBX-14, else the observation time of its OBR.
    pub time: Option<Stamp>,
}

/// What an OBX segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// A value.
    Row(Row),
    /// No value of a patient: a container of the device's tree, a curve.
    Nothing,
    /// A value that is not in the central table, by the sender's number.
    Unknown(u32),
    /// A value that cannot be used: no number, a wrong unit, a contradiction. To be kept as it came.
    Bad,
}

/// Reads one OBX. `observed` is the time of its OBR (OBR-7).
pub fn item(obx: Segment<'_>, observed: Option<Stamp>, profile: Profile) -> Item {
    let kind = obx.field(2);
    // NA: samples of a curve. A row without type and value that cannot be obtained is a node of the device's tree.
    if kind == "NA" || kind.is_empty() && obx.field(5).is_empty() {
        return Item::Nothing;
    }
    let (number, text, system) = (obx.component(3, 1), obx.component(3, 2), obx.component(3, 3));
    let code = match named(&number, &text, &system, profile) {
        Named::Code(code) => code,
        Named::Unknown(number) => return Item::Unknown(number),
        Named::Contradiction(_) => return Item::Bad,
    };
    let Some(measured) = measured(obx, code) else {
        return Item::Bad;
    };
    let own = obx.component(14, 1);
    // A time that is there but cannot be read makes the value's age unknown.
    let time = match Stamp::read(&own) {
        None if !own.bytes().all(|byte| byte == b'0') => return Item::Bad,
        None => observed,
        own => own,
    };
    Item::Row(Row {
        code,
        measured,
        spot: obx.component(13, 1) == "APERIODIC" || code.info().kind == CodeKind::Intermittent,
        time,
    })
}
