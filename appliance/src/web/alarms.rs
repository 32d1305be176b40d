//! `POST /api/v1/alarms/{id}/acknowledge`: whoever is signed in acknowledges (I9). A body may be left out; `{}` is one.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use vitals::AlarmId;

use super::body::complaint;
use super::caller::Acting;
use super::router::{Answer, Refused, Served, answer_error, ask};
use alarms::AcknowledgeError;

/// Nothing, or `{}`: who it is comes from the session, and whoever says something is told that it is not asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<S: Send + Sync> FromRequest<S> for Nothing {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Nothing, Refused> {
        let body = Bytes::from_request(request, state).await;
        let body =
            body.map_err(|rejection| answer_error(StatusCode::UNPROCESSABLE_ENTITY, &rejection.body_text()))?;
        if body.is_empty() {
            return Ok(Nothing {});
        }
        serde_json::from_slice(&body).map_err(|error| {
            let said = complaint(&error.to_string());
            answer_error(StatusCode::UNPROCESSABLE_ENTITY, &said)
        })
    }
}

impl openapi::Part for Nothing {}

pub(super) async fn acknowledge(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    Nothing {}: Nothing,
) -> Answer<()> {
    let alarm = id.parse::<AlarmId>();
    let alarm =
        alarm.map_err(|_| answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not an alarm id")))?;
    let by = acting.by;
    let request = |answer| super::Request::Acknowledge { alarm, by, answer };
    ask(&served, request, status).await
}

fn status(error: &AcknowledgeError) -> StatusCode {
    match error {
        AcknowledgeError::NotOpen(_) => StatusCode::NOT_FOUND,
        AcknowledgeError::Already { .. } => StatusCode::CONFLICT,
        AcknowledgeError::NoPerson => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
