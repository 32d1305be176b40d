//! Emergencies: a chart is opened for an hour by somebody whose role does not open it.

use accounts::people::PersonId;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::{BedId, Masked};

use super::caller::Acting;
use super::people::{answer, refused};
use super::router::{Answer, Body, Served, answer_error, read};
use crate::access::{DeskError, EmergencyId};

/// A chart is opened in an emergency; somebody else looks at it afterwards.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    /// Of whoever lies there.
    bed: BedId,
    /// Why, in 10 to 500 characters.
    reason: Masked<String>,
}

/// The chart is open.
#[derive(Serialize, JsonSchema)]
pub(super) struct Opened {
    /// For so many seconds.
    until_s: u64,
}

/// The emergencies, the newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct Emergencies {
    emergencies: Vec<EmergencyShown>,
}

/// A chart that was opened in an emergency.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Emergency")]
struct EmergencyShown {
    id: EmergencyId,
    /// Who opened it.
    person: PersonId,
    /// Their name.
    name: String,
    /// Of whoever lay there.
    bed: BedId,
    reason: String,
    /// When, in ms since 1970.
    wall: i64,
    /// Who has looked at it.
    reviewed_by: Option<String>,
}

pub(super) async fn open(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Opening>,
) -> Answer<Opened> {
    let Opening { bed, reason } = read(body)?;
    if !served.feed.snapshot().beds.iter().any(|known| known.id == bed) {
        return Err(answer_error(StatusCode::NOT_FOUND, "there is no such bed here"));
    }
    let opened = served.desk.emergency(acting.signed, bed, reason, acting.by).await;
    answer(opened.map(|lasts| Opened {
        until_s: lasts.as_secs(),
    }))
}

pub(super) async fn emergencies(State(served): State<Served>) -> Answer<Emergencies> {
    let emergencies = served.desk.emergencies();
    let told = emergencies.into_iter().map(|one| EmergencyShown {
        id: one.id,
        person: one.person,
        name: one.name.reveal().clone(),
        bed: one.bed,
        reason: one.reason.reveal().clone(),
        wall: one.wall_ms,
        reviewed_by: one.reviewed_by.map(|by| by.reveal().clone()),
    });
    Ok(Answered(Emergencies {
        emergencies: told.collect(),
    }))
}

pub(super) async fn review(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Answer<()> {
    let id = id.parse().map_err(|_| refused(&DeskError::NoSuchEmergency))?;
    answer(served.desk.review(id, acting.by).await)
}
