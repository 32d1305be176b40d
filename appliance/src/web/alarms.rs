//! `POST /api/v1/alarms/{id}/acknowledge` with `{"by": "name"}` (I9: a person, by name).

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vitals::AlarmId;

use super::router::{Served, answer_error, ask_with};
use crate::alarms::AcknowledgeError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct By {
    pub(super) by: String,
}

pub(super) async fn acknowledge(
    State(served): State<Served>,
    Path(id): Path<String>,
    body: Result<Json<By>, JsonRejection>,
) -> Response {
    let Ok(alarm) = id.parse::<AlarmId>() else {
        return answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not an alarm id"));
    };
    let request = |By { by }, answer| super::Request::Acknowledge { alarm, by, answer };
    ask_with(&served, body, request, status).await
}

fn status(error: &AcknowledgeError) -> StatusCode {
    match error {
        AcknowledgeError::NotOpen(_) => StatusCode::NOT_FOUND,
        AcknowledgeError::Already { .. } => StatusCode::CONFLICT,
        AcknowledgeError::NoPerson => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
