//! How far an alarm has come and who answers for it, as the doctors' page is told.

use serde::Serialize;
use vitals::delivery::{RejectReason, State};
use vitals::record::Refusal;

/// The way of one alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeliveryView {
    /// How far it has come.
    pub state: State,
    /// Who answers for it now.
    pub responsible: Option<ResponsibleView>,
    /// Every step, in order.
    pub steps: Vec<StepView>,
}

/// Who answers for an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResponsibleView {
    /// Who.
    pub by: String,
    /// Their account.
    pub by_id: String,
    /// Until when, in ms since 1970.
    pub until_wall_ms: i64,
    /// The nurse's page shows it.
    pub confirmed: bool,
    /// To whom they want to hand it over.
    pub offered_to: Option<String>,
    /// That person's account.
    pub offered_to_id: Option<String>,
}

/// One step on the way of an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// `created`, `at_centre`, `shown`, `read`, `accepted`, `rejected`, `offered`, `declined`, `called` or
    /// `expired`.
    pub what: &'static str,
    /// When, in ms since 1970.
    pub wall_ms: i64,
    /// Who did it.
    pub by: Option<String>,
    /// To whom it was offered.
    pub to: Option<String>,
    /// Until when somebody answers for it, in ms since 1970.
    pub until_wall_ms: Option<i64>,
    /// Why it was rejected.
    pub reason: Option<RejectReason>,
    /// In which words; may be empty.
    pub words: Option<String>,
    /// Whom the centre called; nobody named = every doctor.
    pub called: Option<Vec<String>>,
    /// Their accounts, in the same order.
    pub called_ids: Vec<String>,
    /// The post knows it.
    pub confirmed: bool,
    /// Why the post does not take it.
    pub refused: Option<Refusal>,
}
