//! Adding and removing lines while the post runs, for the technician.

mod shown;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use vitals::{BedId, DeviceId};

use super::caller::Acting;
use super::router::{Answer, Body, Refused, Served, answer_error, ask_at, read};
use crate::access::By;
pub use shown::{AnnouncedShown, FoundShown, HeardShown, PortNow, TrialShown, TriedShown, ValueShown};
use shown::{FamilyShown, OtherFamily, families};

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

/// What a trial has found is added as a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddingLine")]
pub struct Adding {
    /// The trial that found it.
    pub number: u64,
    /// What the pages call it.
    pub device: DeviceId,
    /// Where it stands; none = at no bed.
    pub bed: Option<BedId>,
}

/// What was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AddedLine")]
pub struct Added {
    /// The line's id.
    pub line: String,
}

/// A port is tried, or it is heard who announces himself; one at a time. It ends when nobody has looked for ten seconds.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
#[schemars(rename = "Trying")]
pub(super) enum Wish {
    /// A port of this box, or `host:port`.
    Port {
        port: String,
        /// Whoever is thought to be there.
        family: Option<String>,
    },
    /// The LAN.
    Lan { lan: bool },
}

/// What a line hears is recorded.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RecordingLine")]
pub(super) struct Recording {
    /// For so long: 5 to 300.
    seconds: u64,
}

/// What can be added here.
#[derive(Serialize, JsonSchema)]
pub(super) struct Fitting {
    families: Vec<FamilyShown>,
    /// Families that only the configuration can set up.
    others: Vec<OtherFamily>,
    /// The serial ports of this box.
    ports: Vec<PortNow>,
}

/// The trial has begun.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TrialBegun")]
pub(super) struct Begun {
    number: u64,
}

pub(super) async fn fitting(State(served): State<Served>) -> Answer<Fitting> {
    let request = |answer| FittingRequest::Ports { answer };
    let Answered(ports) = ask_at(&served.fitting, request, status).await?;
    let (families, others) = families();
    Ok(Answered(Fitting {
        families,
        others,
        ports,
    }))
}

pub(super) async fn begin(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    wish: Body<Wish>,
) -> Answer<Begun> {
    let port = match read(wish)? {
        Wish::Port { port, family } => Some((port, family)),
        Wish::Lan { lan: true } => None,
        Wish::Lan { lan: false } => {
            return Err(answer_error(StatusCode::UNPROCESSABLE_ENTITY, "say which port"));
        }
    };
    let by = acting.by;
    let request = |answer| FittingRequest::Try { port, by, answer };
    let Answered(number) = ask_at(&served.fitting, request, status).await?;
    Ok(Answered(Begun { number }))
}

pub(super) async fn look(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
) -> Answer<TrialShown> {
    let by = acting.by;
    let request = |answer| FittingRequest::Look { by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn end(State(served): State<Served>, Extension(acting): Extension<Acting>) -> Answer<()> {
    let by = acting.by;
    let request = |answer| FittingRequest::EndTry { by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn add(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    adding: Body<Adding>,
) -> Answer<Added> {
    let adding = read(adding)?;
    let by = acting.by;
    let request = |answer| FittingRequest::Add { adding, by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn remove(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Answer<()> {
    let by = acting.by;
    let request = |answer| FittingRequest::Remove { line, by, answer };
    ask_at(&served.fitting, request, status).await
}

pub(super) async fn record(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
    body: Body<Recording>,
) -> Answer<()> {
    let Recording { seconds } = read(body)?;
    if !RECORD_S.contains(&seconds) {
        let (least, most) = (RECORD_S.start(), RECORD_S.end());
        let words = format!("record a line for {least} to {most} seconds");
        return Err(answer_error(StatusCode::UNPROCESSABLE_ENTITY, &words));
    }
    recording(&served, acting.by, line, Some(seconds)).await
}

pub(super) async fn end_record(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Answer<()> {
    recording(&served, acting.by, line, None).await
}

async fn recording(served: &Served, by: By, line: String, seconds: Option<u64>) -> Answer<()> {
    let request = |answer| FittingRequest::Record {
        line,
        seconds,
        by,
        answer,
    };
    ask_at(&served.fitting, request, status).await
}

/// What was recorded, as a file.
pub(super) struct Capture(String);

impl IntoResponse for Capture {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        let name = HeaderValue::from_static("attachment; filename=\"capture.hex\"");
        let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)];
        (headers, self.0).into_response()
    }
}

impl openapi::Gives for Capture {
    fn gives(operation: &mut openapi::Operation<'_>) {
        operation.answers_text("text/plain", "What the line heard, as the file of a capture.");
    }
}

pub(super) async fn recorded(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(line): Path<String>,
) -> Result<Capture, Refused> {
    let by = acting.by;
    let request = |answer| FittingRequest::Recorded { line, by, answer };
    let Answered(text) = ask_at(&served.fitting, request, status).await?;
    Ok(Capture(text))
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
