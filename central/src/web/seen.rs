//! "Seen by Dr X": durable at the centre before the doctor is told so, then on its way to the post.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use vitals::{AlarmId, PostId};

use super::Shared;
use crate::centre::{SeenError, SeenRequest};
use crate::wards::SeenRefused;

/// The longest name of a person, in characters.
const NAME_CHARS_MAX: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    by: String,
}

/// `POST /api/v1/alerts/{post}/{alarm}/seen`
pub(super) async fn seen(
    State(shared): State<Arc<Shared>>,
    Path((post, alarm)): Path<(String, String)>,
    body: Result<Json<Body>, JsonRejection>,
) -> Response {
    let (Ok(post), Ok(alarm)) = (post.parse::<PostId>(), alarm.parse::<AlarmId>()) else {
        return refuse(StatusCode::NOT_FOUND, "no such alarm at this post");
    };
    let by = match body {
        Ok(Json(body)) => body.by.trim().to_owned(),
        Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()),
    };
    if !(1..=NAME_CHARS_MAX).contains(&by.chars().count()) || by.chars().any(char::is_control) {
        let error = "by: your name, 1 to 80 characters without line breaks";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, error);
    }
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "the system gives no random numbers",
        );
    }
    let (reply, answer) = oneshot::channel();
    let request = SeenRequest {
        post,
        alarm,
        by,
        command: u128::from_be_bytes(random),
        reply,
    };
    if shared.site.ask.try_send(request).is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is busy; try again");
    }
    match answer.await {
        Ok(Ok(command)) => {
            let accepted = json!({"command": format!("{command:032x}")});
            (StatusCode::ACCEPTED, Json(accepted)).into_response()
        }
        Ok(Err(error)) => {
            let status = match error {
                SeenError::Refused(SeenRefused::UnknownAlarm) => StatusCode::NOT_FOUND,
                SeenError::Refused(SeenRefused::TooMany) => StatusCode::UNPROCESSABLE_ENTITY,
                SeenError::NotSaved(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            refuse(status, &error.to_string())
        }
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is stopping"),
    }
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
