//! How far an alarm got, and what doctors did with it, as a page is told.

use schemars::JsonSchema;
use serde::Serialize;
use vitals::delivery::{RejectReason, State};

/// How far an alarm got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// This post works alone: it goes nowhere.
    NoCentre,
    /// So far.
    #[serde(untagged)]
    At(State),
}

/// Somebody at the centre saw an alarm.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct SeenMark {
    /// Who.
    pub by: String,
    /// When the post heard of it; none when that was in an earlier boot.
    pub at_ms: Option<u64>,
}

/// What happened to an alarm on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// It was made.
    #[default]
    Created,
    /// It waited at the post.
    Queued,
    /// It left.
    Sent,
    /// The centre had stored it.
    AtCentre,
    /// It stood on a doctor's screen.
    Shown,
    /// A doctor read it.
    Read,
    /// A doctor answers for it.
    Accepted,
    /// A doctor said that nobody at the centre takes it.
    Rejected,
    /// It was offered to another doctor.
    Offered,
    /// What was offered was not taken.
    Declined,
    /// The centre called somebody.
    Called,
    /// Nobody had read it in time.
    Expired,
}

/// One step on the way of an alarm.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct Step {
    /// What happened.
    pub what: StepKind,
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
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Responsible {
    /// Who.
    pub by: String,
    /// Until when, in ms since 1970 by the centre's clock.
    pub until_wall_ms: i64,
    /// To whom they want to hand it over; they stay responsible until that person has accepted.
    pub offered_to: Option<String>,
}
