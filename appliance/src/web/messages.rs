//! `POST /api/v1/messages/{id}/read`: whoever is signed in has read what a doctor wrote (I9).

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::alarms::Nothing;
use super::caller::Acting;
use super::router::{Answer, Served, answer_error, ask};
use alarms::PERSON_CHARS_MAX;

/// A message that cannot be marked as read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No such message, or somebody has read it.
    #[error("there is no such unread message; somebody may have marked it")]
    NotOpen,
    /// The name is empty, too long, or holds control characters.
    #[error("say who has read it: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
}

pub(super) async fn read(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    Nothing {}: Nothing,
) -> Answer<()> {
    let message = (id.len() == 32)
        .then(|| u128::from_str_radix(&id, 16).ok())
        .flatten();
    let message =
        message.ok_or_else(|| answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not a message id")))?;
    let by = acting.by;
    let request = |answer| super::Request::Read { message, by, answer };
    ask(&served, request, |error| match error {
        ReadError::NotOpen => StatusCode::NOT_FOUND,
        ReadError::NoPerson => StatusCode::UNPROCESSABLE_ENTITY,
    })
    .await
}
