//! What doctors do: "seen by Dr X", a message, a proposal of a limit. Durable at the centre before the doctor is told
//! so, then on its way to the post.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use vitals::record::{LimitProposal, MESSAGE_CHARS_MAX};
use vitals::wire::CommandKind;
use vitals::{AlarmId, BedId, Code, Decimal, Measured, PostId, Side};

use super::Shared;
use super::body::complaint;
use crate::centre::{CommandError, CommandRequest};
use crate::wards::CommandRefused;

/// The longest name of a person, in characters.
const NAME_CHARS_MAX: usize = 80;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenBody {
    by: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    by: String,
    text: String,
    bed: Option<BedId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitBody {
    by: String,
    bed: BedId,
    code: Code,
    side: Side,
    /// As people write it: `92`, `37.5`.
    limit: String,
}

/// `POST /api/v1/alerts/{post}/{alarm}/seen`
pub(super) async fn seen(
    State(shared): State<Arc<Shared>>,
    Path((post, alarm)): Path<(String, String)>,
    body: Result<Json<SeenBody>, JsonRejection>,
) -> Response {
    let (Ok(post), Ok(alarm)) = (post.parse::<PostId>(), alarm.parse::<AlarmId>()) else {
        return refuse(StatusCode::NOT_FOUND, "no such alarm at this post");
    };
    let kind = body
        .map_err(|error| complaint(&error.body_text()))
        .and_then(|Json(body)| {
            let by = name(&body.by)?;
            Ok(CommandKind::Seen { alarm, by })
        });
    give(&shared, post, kind).await
}

/// `POST /api/v1/posts/{post}/messages`
pub(super) async fn message(
    State(shared): State<Arc<Shared>>,
    Path(post): Path<String>,
    body: Result<Json<MessageBody>, JsonRejection>,
) -> Response {
    let Ok(post) = post.parse::<PostId>() else {
        return refuse(StatusCode::NOT_FOUND, "no such post");
    };
    let kind = body
        .map_err(|error| complaint(&error.body_text()))
        .and_then(|Json(body)| {
            Ok(CommandKind::Message {
                bed: body.bed,
                by: name(&body.by)?,
                text: text(&body.text)?,
            })
        });
    give(&shared, post, kind).await
}

/// `POST /api/v1/posts/{post}/limits`
pub(super) async fn limit(
    State(shared): State<Arc<Shared>>,
    Path(post): Path<String>,
    body: Result<Json<LimitBody>, JsonRejection>,
) -> Response {
    let Ok(post) = post.parse::<PostId>() else {
        return refuse(StatusCode::NOT_FOUND, "no such post");
    };
    let kind = body
        .map_err(|error| complaint(&error.body_text()))
        .and_then(|Json(body)| {
            let by = name(&body.by)?;
            let limit = number(&body.limit, body.code)?;
            Ok(CommandKind::ProposeLimit(LimitProposal {
                bed: body.bed,
                code: body.code,
                side: body.side,
                limit,
                by,
            }))
        });
    give(&shared, post, kind).await
}

fn name(by: &str) -> Result<String, String> {
    let by = by.trim();
    if !(1..=NAME_CHARS_MAX).contains(&by.chars().count()) || by.chars().any(char::is_control) {
        return Err("by: your name, 1 to 80 characters without line breaks".to_owned());
    }
    Ok(by.to_owned())
}

fn text(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_foreign = |letter: char| letter.is_control() && letter != '\n';
    if !(1..=MESSAGE_CHARS_MAX).contains(&text.chars().count()) || text.chars().any(is_foreign) {
        return Err("text: 1 to 500 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A limit that the value can reach; the post decides again by the same table.
fn number(limit: &str, code: Code) -> Result<Decimal, String> {
    let info = code.info();
    let written: Option<f64> = limit.trim().replace(',', ".").parse().ok();
    let exact = |written: f64| {
        let limit = Decimal::from_f64(written, info.places)?;
        let is_same = (limit.as_f64() - written).abs() < 1e-9;
        (is_same && matches!(code.judge(limit), Measured::Value(_))).then_some(limit)
    };
    written.and_then(exact).ok_or_else(|| {
        let ((low, high), places) = (info.plausible, info.places);
        format!(
            "limit: a number from {low} to {high} with at most {places} digits after the point for {}",
            info.label
        )
    })
}

/// Hands the command to the heart and waits until it is durable or refused.
async fn give(shared: &Shared, post: PostId, kind: Result<CommandKind, String>) -> Response {
    let kind = match kind {
        Ok(kind) => kind,
        Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error),
    };
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return refuse(
            StatusCode::SERVICE_UNAVAILABLE,
            "the system gives no random numbers",
        );
    }
    let (reply, answer) = oneshot::channel();
    let request = CommandRequest {
        post,
        kind,
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
                CommandError::Refused(CommandRefused::UnknownAlarm | CommandRefused::UnknownPost) => {
                    StatusCode::NOT_FOUND
                }
                CommandError::Refused(CommandRefused::TooManySeen | CommandRefused::TooManySent) => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                CommandError::NotSaved(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            refuse(status, &error.to_string())
        }
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is stopping"),
    }
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
