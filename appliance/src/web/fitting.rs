//! Adding and removing lines while the post runs, for the technician:
//!
//! - `GET /api/v1/fitting` answers `{"families", "others", "ports"}`: what can be added here and how it is joined, the families
//!   that only the configuration can set up, and the serial ports of this box, each with the line that has it.
//! - `POST /api/v1/fitting/trial` with `{"port": "/dev/..." | "host:port", "family": "nonin" | null}` tries a port, with
//!   `{"lan": true}` hears who announces himself; answers `{"number"}`. One at a time; `GET` says how it stands, and it ends when
//!   nobody has asked for ten seconds, or with `POST /api/v1/fitting/trial/end`.
//! - `POST /api/v1/lines` with `{"number", "device", "bed"}` adds what that trial has found; `POST /api/v1/lines/{line}/remove`
//!   takes away what was added here.
//! - `POST /api/v1/lines/{line}/record` with `{"seconds"}` records what the line hears, `.../record/end` ends it, `GET
//!   .../record` gives the file.

mod shown;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;
use vitals::{BedId, DeviceId};

use super::body;
use super::caller::Acting;
use super::router::{Served, answer_error, ask_at, told_by};
use crate::access::By;
use shown::families;
pub use shown::{AnnouncedShown, FoundShown, HeardShown, PortNow, TrialShown, TriedShown, ValueShown};

/// Most requests that wait for the fitter.
pub const FITTING_MAX: usize = 16;

/// How long a line may be recorded, in seconds.
pub const RECORD_S: std::ops::RangeInclusive<u64> = 5..=300;

/// Why a technician's wish is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FittingError {
    /// What is named is no port, or it is not to be used.
    #[error("{0}")]
    Port(String),
    /// A line that runs has it.
    #[error("{port} is used by line {line}: look at that line, or remove it first")]
    InUse {
        /// The port.
        port: String,
        /// The line.
        line: String,
    },
    /// Somebody else tries one.
    #[error("{0} tries a port at this moment; ask them, or wait until they are done")]
    Busy(String),
    /// Nothing is tried, or something else since.
    #[error("this try is over; begin again")]
    NoTrial,
    /// Nothing can be added of what was heard.
    #[error("no device was understood there; try again before you add it")]
    NotFound,
    /// No such family, or not one that the page sets up.
    #[error("there is no device family {0} that is set up here")]
    NoFamily(String),
    /// As many lines were added as there may be.
    #[error("{0} lines were added already; remove one, or write them into vitalpost.toml")]
    TooMany(usize),
    /// The configuration would refuse it too.
    #[error("{0}")]
    DoesNotFit(String),
    /// The card does not take it.
    #[error("it could not be kept, and nothing was changed: {0}; look at the card's room and health")]
    NotKept(String),
    /// The core does not take it.
    #[error("{0}")]
    Refused(String),
    /// No such line.
    #[error("there is no line {0} here")]
    NoLine(String),
    /// It is not from here.
    #[error("line {0} stands in vitalpost.toml: take it out there and start the post again")]
    NotAdded(String),
    /// Its sort is not recorded, or another one is.
    #[error("{0}")]
    NotRecorded(String),
    /// Nothing was recorded.
    #[error("line {0} was not recorded; begin a recording first")]
    NoRecording(String),
}

/// What a technician asks.
#[derive(Debug)]
pub enum FittingRequest {
    /// Which serial ports there are.
    Ports {
        /// Where the answer goes.
        answer: Reply<Vec<PortNow>>,
    },
    /// Tries a port, or hears the LAN (none).
    Try {
        /// Which port, and whoever is thought to be there.
        port: Option<(String, Option<String>)>,
        /// Who asks.
        by: By,
        /// Where the answer goes: the trial's number.
        answer: Reply<u64>,
    },
    /// How the trial stands; whoever looks keeps it going.
    Look {
        /// Who looks.
        by: By,
        /// Where the answer goes.
        answer: Reply<TrialShown>,
    },
    /// It is over.
    EndTry {
        /// Who ends it.
        by: By,
        /// Where the answer goes.
        answer: Reply<()>,
    },
    /// Adds what was found.
    Add {
        /// What and where.
        adding: Adding,
        /// Who adds it.
        by: By,
        /// Where the answer goes.
        answer: Reply<Added>,
    },
    /// Takes a line away.
    Remove {
        /// Which.
        line: String,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: Reply<()>,
    },
    /// Records a line for so many seconds; none = ends it now.
    Record {
        /// Which.
        line: String,
        /// How long.
        seconds: Option<u64>,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: Reply<()>,
    },
    /// What was recorded.
    Recorded {
        /// Of which line.
        line: String,
        /// Who takes it along.
        by: By,
        /// Where the answer goes: the text of a capture.
        answer: Reply<String>,
    },
}

/// Where an answer goes.
pub type Reply<T> = oneshot::Sender<Result<T, FittingError>>;

/// What is added.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adding {
    /// The trial that found it.
    pub number: u64,
    /// What the pages call it.
    pub device: DeviceId,
    /// Where it stands; none = at no bed.
    pub bed: Option<BedId>,
}

/// What was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Added {
    /// The line's id.
    pub line: String,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Wish {
    Port { port: String, family: Option<String> },
    Lan { lan: bool },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Recording {
    seconds: u64,
}

pub(super) async fn fitting(State(served): State<Served>) -> Response {
    let request = |answer| FittingRequest::Ports { answer };
    match told_by(&served.fitting, request).await {
        Ok(Ok(ports)) => {
            let (families, others) = families();
            Json(json!({ "families": families, "others": others, "ports": ports })).into_response()
        }
        Ok(Err(error)) => answer_error(status(&error), &error.to_string()),
        Err(answer) => *answer,
    }
}

pub(super) async fn begin(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Response {
    let port = match wish {
        Ok(Json(Wish::Port { port, family })) => Some((port, family)),
        Ok(Json(Wish::Lan { lan: true })) => None,
        Ok(Json(Wish::Lan { lan: false })) => {
            return answer_error(StatusCode::UNPROCESSABLE_ENTITY, "say which port");
        }
        Err(error) => return complain(&error),
    };
    let by = acting.by;
    let request = |answer| FittingRequest::Try { port, by, answer };
    match told_by(&served.fitting, request).await {
        Ok(Ok(number)) => Json(json!({ "number": number })).into_response(),
        Ok(Err(error)) => answer_error(status(&error), &error.to_string()),
        Err(answer) => *answer,
    }
}

pub(super) async fn look(State(served): State<Served>, Extension(acting): Extension<Acting>) -> Response {
    let by = acting.by;
    ask_at(
        &served.fitting,
        |answer| FittingRequest::Look { by, answer },
        status,
    )
    .await
}

pub(super) async fn end(State(served): State<Served>, Extension(acting): Extension<Acting>) -> Response {
    let by = acting.by;
    ask_at(
        &served.fitting,
        |answer| FittingRequest::EndTry { by, answer },
        status,
    )
    .await
}

pub(super) async fn add(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    adding: Result<Json<Adding>, JsonRejection>,
) -> Response {
    let adding = match adding {
        Ok(Json(adding)) => adding,
        Err(error) => return complain(&error),
    };
    let by = acting.by;
    let request = |answer| FittingRequest::Add { adding, by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn remove(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Response {
    let by = acting.by;
    let request = |answer| FittingRequest::Remove { line, by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn record(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
    body: Result<Json<Recording>, JsonRejection>,
) -> Response {
    let seconds = match body {
        Ok(Json(Recording { seconds })) if RECORD_S.contains(&seconds) => Some(seconds),
        Ok(_) => {
            let (least, most) = (RECORD_S.start(), RECORD_S.end());
            let words = format!("record a line for {least} to {most} seconds");
            return answer_error(StatusCode::UNPROCESSABLE_ENTITY, &words);
        }
        Err(error) => return complain(&error),
    };
    recording(&served, acting.by, line, seconds).await
}

pub(super) async fn end_record(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Response {
    recording(&served, acting.by, line, None).await
}

async fn recording(served: &Served, by: By, line: String, seconds: Option<u64>) -> Response {
    let request = |answer| FittingRequest::Record {
        line,
        seconds,
        by,
        answer,
    };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn recorded(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Response {
    let by = acting.by;
    let request = |answer| FittingRequest::Recorded { line, by, answer };
    match told_by(&served.fitting, request).await {
        Ok(Ok(text)) => {
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            let name = HeaderValue::from_static("attachment; filename=\"capture.hex\"");
            (
                [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)],
                text,
            )
                .into_response()
        }
        Ok(Err(error)) => answer_error(status(&error), &error.to_string()),
        Err(answer) => *answer,
    }
}

fn complain(error: &JsonRejection) -> Response {
    answer_error(
        StatusCode::UNPROCESSABLE_ENTITY,
        &body::complaint(&error.body_text()),
    )
}

fn status(error: &FittingError) -> StatusCode {
    use FittingError::*;
    match error {
        InUse { .. } | Busy(_) | NoTrial | NotFound | TooMany(_) | NotAdded(_) | Refused(_) => {
            StatusCode::CONFLICT
        }
        NoLine(_) | NoRecording(_) => StatusCode::NOT_FOUND,
        Port(_) | NoFamily(_) | DoesNotFit(_) | NotRecorded(_) => StatusCode::UNPROCESSABLE_ENTITY,
        NotKept(_) => StatusCode::INSUFFICIENT_STORAGE,
    }
}

#[cfg(test)]
mod tests;
