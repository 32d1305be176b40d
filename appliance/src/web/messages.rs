//! `POST /api/v1/messages/{id}/read` with `{"by": "name"}`: a person has read what a doctor wrote (I9).

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::alarms::By;
use super::router::{Served, answer_error, ask_with};
use crate::alarms::PERSON_CHARS_MAX;

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
    Path(id): Path<String>,
    body: Result<Json<By>, JsonRejection>,
) -> Response {
    let message = (id.len() == 32)
        .then(|| u128::from_str_radix(&id, 16).ok())
        .flatten();
    let Some(message) = message else {
        return answer_error(StatusCode::NOT_FOUND, &format!("{id:?} is not a message id"));
    };
    let request = |By { by }, answer| super::Request::Read { message, by, answer };
    ask_with(&served, body, request, |error| match error {
        ReadError::NotOpen => StatusCode::NOT_FOUND,
        ReadError::NoPerson => StatusCode::UNPROCESSABLE_ENTITY,
    })
    .await
}
