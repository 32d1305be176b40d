//! What doctors do: "seen by Dr X", a message, a proposal of a limit. Durable at the centre before the doctor is told
//! so, then on its way to the post, with the doctor's name and account in it (I9).

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;
use vitals::audit::{Outcome, Telling};
use vitals::limits;
use vitals::record::{LimitProposal, MESSAGE_CHARS_MAX};
use vitals::wire::CommandKind;
use vitals::{AlarmId, BedId, Code, Masked, PostId, Side};

use super::Shared;
use super::body::complaint;
use super::guard::{Caller, refuse};
use crate::access::policy::Action;
use crate::centre::{CommandError, CommandRequest};
use crate::wards::CommandRefused;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenBody {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageBody {
    text: String,
    bed: Option<BedId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitBody {
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
    Extension(caller): Extension<Caller>,
    body: Result<Option<Json<SeenBody>>, JsonRejection>,
) -> Response {
    let (Ok(post), Ok(alarm)) = (post.parse::<PostId>(), alarm.parse::<AlarmId>()) else {
        return refuse(StatusCode::NOT_FOUND, "no such alarm at this post");
    };
    let (by, by_id) = caller.signs();
    let kind = body.map_err(|error| complaint(&error.body_text()));
    let kind = kind.map(|_| CommandKind::Seen { alarm, by, by_id });
    let deed = caller.did(Action::SaySeen.key(), format!("alarm:{post}/{alarm}"));
    give(&shared, post, kind, deed).await
}

/// `POST /api/v1/posts/{post}/messages`
pub(super) async fn message(
    State(shared): State<Arc<Shared>>,
    Path(post): Path<String>,
    Extension(caller): Extension<Caller>,
    body: Result<Json<MessageBody>, JsonRejection>,
) -> Response {
    let Ok(post) = post.parse::<PostId>() else {
        return refuse(StatusCode::NOT_FOUND, "no such post");
    };
    let (by, by_id) = caller.signs();
    let kind = body
        .map_err(|error| complaint(&error.body_text()))
        .and_then(|Json(body)| {
            Ok(CommandKind::Message {
                bed: body.bed,
                by,
                by_id,
                text: text(&body.text)?,
            })
        });
    let deed = caller.did("message", about(&post, &kind));
    give(&shared, post, kind, deed).await
}

/// `POST /api/v1/posts/{post}/limits`
pub(super) async fn limit(
    State(shared): State<Arc<Shared>>,
    Path(post): Path<String>,
    Extension(caller): Extension<Caller>,
    body: Result<Json<LimitBody>, JsonRejection>,
) -> Response {
    let Ok(post) = post.parse::<PostId>() else {
        return refuse(StatusCode::NOT_FOUND, "no such post");
    };
    let (by, by_id) = caller.signs();
    let kind = body
        .map_err(|error| complaint(&error.body_text()))
        .and_then(|Json(body)| {
            let limit = limits::written(&body.limit, body.code).map_err(|error| format!("limit: {error}"))?;
            Ok(CommandKind::ProposeLimit(LimitProposal {
                bed: body.bed,
                code: body.code,
                side: body.side,
                limit,
                by,
                by_id,
            }))
        });
    let mut deed = caller.did("propose_limit", about(&post, &kind));
    deed.after = kind.as_ref().ok().and_then(proposed).map(Masked::new);
    give(&shared, post, kind, deed).await
}

impl Caller {
    /// Name and account, as they stand in a command.
    pub(super) fn signs(&self) -> (String, Option<String>) {
        let id = self.signed.id.as_str().to_owned();
        (self.signed.name.reveal().clone(), Some(id))
    }
}

/// What the audit calls the thing a command is about.
fn about(post: &PostId, kind: &Result<CommandKind, String>) -> String {
    let bed = match kind {
        Ok(CommandKind::Message { bed, .. }) => bed.as_ref(),
        Ok(CommandKind::ProposeLimit(proposal)) => Some(&proposal.bed),
        _ => None,
    };
    bed.map_or_else(|| format!("post:{post}"), |bed| format!("bed:{post}/{bed}"))
}

fn proposed(kind: &CommandKind) -> Option<String> {
    let CommandKind::ProposeLimit(LimitProposal {
        code, side, limit, ..
    }) = kind
    else {
        return None;
    };
    let side = match side {
        Side::High => "at most",
        Side::Low => "at least",
    };
    Some(format!("{} {side} {limit}", code.info().label))
}

fn text(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_foreign = |letter: char| letter.is_control() && letter != '\n';
    if !(1..=MESSAGE_CHARS_MAX).contains(&text.chars().count()) || text.chars().any(is_foreign) {
        return Err("text: 1 to 500 characters".to_owned());
    }
    Ok(text.to_owned())
}

/// Hands the command to the heart and waits until it is durable or refused.
pub(super) async fn give(
    shared: &Shared,
    post: PostId,
    kind: Result<CommandKind, String>,
    deed: Telling,
) -> Response {
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
    let book = shared.site.book.clone();
    // A task of its own: a browser that goes away meanwhile takes nothing out of the audit.
    let told = tokio::spawn(async move {
        let answer = answer.await.ok()?;
        // The command is on its way whatever becomes of the audit, and says itself who gave it.
        if let Err(error) = book.tell(done(deed, &answer)).await {
            tracing::warn!("a doctor's command is not in the audit yet: {error}");
        }
        Some(answer)
    });
    match told.await.ok().flatten() {
        Some(Ok(command)) => {
            let accepted = json!({"command": format!("{command:032x}")});
            (StatusCode::ACCEPTED, Json(accepted)).into_response()
        }
        Some(Err(error)) => {
            let status = match error {
                CommandError::Refused(CommandRefused::UnknownAlarm | CommandRefused::UnknownPost) => {
                    StatusCode::NOT_FOUND
                }
                CommandError::Refused(CommandRefused::TooManySeen | CommandRefused::TooManySent) => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                CommandError::Refused(
                    CommandRefused::NotNow(_) | CommandRefused::AtOnce | CommandRefused::Needless,
                ) => StatusCode::CONFLICT,
                CommandError::NotSaved(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            refuse(status, &error.to_string())
        }
        None => refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is stopping"),
    }
}

/// The deed with its outcome. What was written stands in the command itself, not here.
fn done(deed: Telling, answer: &Result<u128, CommandError>) -> Telling {
    let (outcome, after) = match answer {
        Ok(command) => {
            let words = deed.after.as_ref().map(|words| format!("{}, ", words.reveal()));
            let words = words.unwrap_or_default();
            (Outcome::Done, format!("{words}command {command:032x}"))
        }
        Err(error) => (Outcome::Refused, error.to_string()),
    };
    Telling {
        outcome,
        after: Some(Masked::new(after)),
        ..deed
    }
}
