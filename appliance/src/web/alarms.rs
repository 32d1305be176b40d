//! `POST /api/v1/alarms/{id}/acknowledge` with `{"by": "name"}` (I9: a person, by name).

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::oneshot;
use vitals::AlarmId;

use super::router::{Served, answer_error};
use crate::alarms::AcknowledgeError;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct By {
    by: String,
}

pub(super) async fn acknowledge(
    State(served): State<Served>,
    Path(id): Path<String>,
    body: Result<Json<By>, JsonRejection>,
) -> Response {
    let Ok(alarm) = id.parse::<AlarmId>() else {
        return answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not an alarm id"));
    };
    let request = |by, answer| super::Request::Acknowledge { alarm, by, answer };
    ask(&served, body, request, status).await
}

/// Asks the core in the name of a person, and answers with what it says.
pub(super) async fn ask<E: std::fmt::Display>(
    served: &Served,
    body: Result<Json<By>, JsonRejection>,
    request: impl FnOnce(String, oneshot::Sender<Result<(), E>>) -> super::Request,
    status: impl FnOnce(&E) -> StatusCode,
) -> Response {
    let by = match body {
        Ok(Json(body)) => body.by,
        Err(error) => return answer_error(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()),
    };
    let (answer, answered) = oneshot::channel();
    if served.requests.try_send(request(by, answer)).is_err() {
        return answer_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "the post is busy; nothing was changed, try again",
        );
    }
    match answered.await {
        Ok(Ok(())) => Json(serde_json::json!({})).into_response(),
        Ok(Err(error)) => answer_error(status(&error), &error.to_string()),
        Err(_) => answer_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "the post is stopping; nothing was changed",
        ),
    }
}

fn status(error: &AcknowledgeError) -> StatusCode {
    match error {
        AcknowledgeError::NotOpen(_) => StatusCode::NOT_FOUND,
        AcknowledgeError::Already { .. } => StatusCode::CONFLICT,
        AcknowledgeError::NoPerson => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
