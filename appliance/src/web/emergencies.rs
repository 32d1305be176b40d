//! Emergencies: a chart is opened for an hour by somebody whose role does not open it.
//!
//! - `POST /api/v1/emergency` with `{"bed", "reason"}`: `{"until_s": 3600}`.
//! - `GET /api/v1/emergencies`: `{"emergencies": [{"id", "person", "name", "bed", "reason", "wall", "reviewed_by"}]}`,
//!   newest first; `wall` in milliseconds since 1970.
//! - `POST /api/v1/emergencies/{id}/review`: somebody else has looked at it.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::{BedId, Masked};

use super::caller::Acting;
use super::people::{answer, not_understood};
use super::router::{Served, answer_error};
use crate::access::DeskError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    bed: BedId,
    reason: Masked<String>,
}

pub(super) async fn open(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Result<Json<Opening>, JsonRejection>,
) -> Response {
    let Opening { bed, reason } = match body {
        Ok(Json(opening)) => opening,
        Err(error) => return not_understood(&error),
    };
    if !served.feed.snapshot().beds.iter().any(|known| known.id == bed) {
        return answer_error(StatusCode::NOT_FOUND, "there is no such bed here");
    }
    let opened = served.desk.emergency(acting.signed, bed, reason, acting.by).await;
    answer(opened.map(|lasts| json!({ "until_s": lasts.as_secs() })))
}

pub(super) async fn emergencies(State(served): State<Served>) -> Response {
    let emergencies = served.desk.emergencies();
    let told: Vec<Value> = emergencies
        .iter()
        .map(|one| {
            json!({
                "id": one.id,
                "person": one.person,
                "name": one.name.reveal(),
                "bed": one.bed,
                "reason": one.reason.reveal(),
                "wall": one.wall_ms,
                "reviewed_by": one.reviewed_by.as_ref().map(Masked::reveal),
            })
        })
        .collect();
    Json(json!({ "emergencies": told })).into_response()
}

pub(super) async fn review(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Response {
    match id.parse() {
        Ok(id) => answer(served.desk.review(id, acting.by).await.map(|()| json!({}))),
        Err(_) => answer::<()>(Err(DeskError::NoSuchEmergency)),
    }
}
