//! What of the alarm signals rests, and where alarms flood.

use serde::Serialize;
use vitals::BedId;
use vitals::alarm::Inactive;

/// Both.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Signals {
    /// What rests.
    pub pauses: Vec<Pause>,
    /// Beds at which alarms follow one another too fast.
    pub floods: Vec<Flood>,
}

/// Signals that a person paused.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flood {
    /// Which.
    pub bed: BedId,
    /// How often alarms were announced there.
    pub onsets: usize,
    /// In so many seconds.
    pub within_s: u64,
}
