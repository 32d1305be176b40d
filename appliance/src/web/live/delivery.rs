//! How far an alarm got, and what doctors did with it, as a page is told.

use serde::Serialize;
use vitals::delivery::{RejectReason, State};

/// How far an alarm got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// This post works alone: it goes nowhere.
    NoCentre,
    /// So far.
    #[serde(untagged)]
    At(State),
}

/// Somebody at the centre saw an alarm.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeenMark {
    /// Who.
    pub by: String,
    /// When the post heard of it; none when that was in an earlier boot.
    pub at_ms: Option<u64>,
}

/// One step on the way of an alarm.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Step {
    /// `created`, `queued`, `sent`, `at_centre`, `shown`, `read`, `accepted`, `rejected`, `offered`, `declined`,
    /// `called`, `expired`.
    pub what: &'static str,
    /// When the post knew of it; none when that was in an earlier boot, or is not known.
    pub at_ms: Option<u64>,
    /// Who did it; none where nobody did anything.
    pub by: Option<String>,
    /// To whom it was offered.
    pub to: Option<String>,
    /// Until when somebody answers for it, in ms since 1970 by the centre's clock.
    pub until_wall_ms: Option<i64>,
    /// Why it was rejected.
    pub reason: Option<RejectReason>,
    /// And in which words; may be empty.
    pub words: Option<String>,
    /// Whom the centre called; nobody named = every doctor.
    pub called: Option<Vec<String>>,
}

/// Who answers for an alarm now.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Responsible {
    /// Who.
    pub by: String,
    /// Until when, in ms since 1970 by the centre's clock.
    pub until_wall_ms: i64,
    /// To whom they want to hand it over; they stay responsible until that person has accepted.
    pub offered_to: Option<String>,
}
