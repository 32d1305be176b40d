//! What of the alarm signals rests, and where alarms flood.

use schemars::JsonSchema;
use serde::Serialize;
use vitals::alarm::Inactive;
use vitals::{AlarmId, BedId};

/// Both.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Signals {
    /// What rests.
    pub pauses: Vec<Pause>,
    /// Beds at which alarms follow one another too fast.
    pub floods: Vec<Flood>,
    /// Pauses that ended a moment ago, before their time.
    pub early_ends: Vec<EarlyEnd>,
}

/// A pause that ended before its time.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct EarlyEnd {
    /// At which bed; none = at the whole post.
    pub bed: Option<BedId>,
    /// What ended it.
    #[schemars(extend("enum" = ["new_alarm", "another_patient", "restart"]))]
    pub why: &'static str,
    /// The alarm that ended it, where one did.
    pub alarm: Option<AlarmId>,
    /// When.
    pub at_ms: u64,
}

/// Signals that a person paused.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Pause {
    /// At which bed; none = at the whole post.
    pub bed: Option<BedId>,
    /// What rests.
    pub what: Inactive,
    /// Until when; none = until a person ends it.
    pub until_ms: Option<u64>,
    /// Who paused it.
    pub by: String,
}

/// A bed whose limits somebody should look at.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Flood {
    /// Which.
    pub bed: BedId,
    /// How often alarms were announced there.
    pub onsets: usize,
    /// In so many seconds.
    pub within_s: u64,
}
