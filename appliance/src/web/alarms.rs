//! `POST /api/v1/alarms/{id}/acknowledge`: whoever is signed in acknowledges (I9). A body may be left out; `{}` is one.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vitals::AlarmId;

use super::body::complaint;
use super::caller::Acting;
use super::router::{Served, answer_error, ask};
use alarms::AcknowledgeError;

/// Who it is comes from the session: there is nothing to say, and whoever says something is told so.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// # Errors
/// The body says something.
pub(super) fn says_nothing(body: &Bytes) -> Result<(), Box<Response>> {
    if body.is_empty() {
        return Ok(());
    }
    let Nothing {} = serde_json::from_slice(body).map_err(|error| {
        let said = complaint(&error.to_string());
        Box::new(answer_error(StatusCode::UNPROCESSABLE_ENTITY, &said))
    })?;
    Ok(())
}

pub(super) async fn acknowledge(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    if let Err(answer) = says_nothing(&body) {
        return *answer;
    }
    let Ok(alarm) = id.parse::<AlarmId>() else {
        return answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not an alarm id"));
    };
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
