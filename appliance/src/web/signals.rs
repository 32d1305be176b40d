//! Alarm signals that people pause, and limits that they set:
//!
//! - `POST /api/v1/beds/{bed}/pause`, `POST /api/v1/pause` (the whole post) with `{"seconds": 120}` or `{}`: the sound of what
//!   calls now rests for a time.
//! - `POST /api/v1/beds/{bed}/rest`, `POST /api/v1/rest` with `{"what": "audio_off"}` or `{"what": "alarm_paused", "seconds": 120}`.
//! - `POST /api/v1/beds/{bed}/resume`, `POST /api/v1/resume`: the signals are on again.
//! - `GET /api/v1/beds/{bed}/limits`: limits in force, usual ones, and proposals.
//! - `POST /api/v1/beds/{bed}/limits` with `{"saw": "admission", "code": "hr", "low": "50", "high": null}`, or
//!   `{"saw": "admission", "code": "hr", "usual": true}`.

use std::time::Duration;

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use vitals::alarm::{Inactive, SignalPlace};
use vitals::limits::{LimitsError, written};
use vitals::{AdmissionId, BedId, Category, Code, Decimal, Limits};

use super::caller::Acting;
use super::patients::NamedBed;
use super::router::{Served, answer_error, ask, ask_with};
use crate::access::By;
use alarms::{PERSON_CHARS_MAX, PauseError, Pausing};

/// What a browser asks of the core about signals and limits.
#[derive(Debug)]
pub enum SignalRequest {
    /// A person pauses signals.
    Pause {
        /// What, where, how long.
        pausing: Pausing,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PauseError>>,
    },
    /// A person switches signals on.
    Resume {
        /// Where.
        place: SignalPlace,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PauseError>>,
    },
    /// A person sets limits.
    SetLimits {
        /// Which, for whom.
        setting: LimitsSetting,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), LimitsRefused>>,
    },
    /// The limits in force at a bed.
    Limits {
        /// Which bed.
        bed: BedId,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<LimitsNow, LimitsRefused>>,
    },
}

/// Limits that a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitsSetting {
    /// The bed.
    pub bed: BedId,
    /// Whom the person saw there.
    pub saw: AdmissionId,
    /// Of which value.
    pub code: Code,
    /// The limits; `None` = the usual ones of the age group.
    pub limits: Option<Limits>,
}

/// Why limits are not set. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsRefused {
    /// The name is empty, too long, or holds control characters.
    #[error("say who you are: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else lies there now.
    #[error("somebody else lies in bed {0} since you looked; look at the bed again")]
    OtherNow(BedId),
    /// The limits themselves.
    #[error(transparent)]
    Limits(#[from] LimitsError),
}

/// The limits at a bed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitsNow {
    /// Whose.
    pub admission: AdmissionId,
    /// Whose usual limits these are.
    pub category: Category,
    /// By value.
    pub values: Vec<LimitNow>,
}

/// The limits of one value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LimitNow {
    /// Which value.
    pub code: Code,
    /// What stands beside the number.
    pub label: &'static str,
    /// UCUM unit.
    pub unit: &'static str,
    /// Those in force.
    pub in_force: Limits,
    /// Those of the age group.
    pub usual: Limits,
    /// A person set them for this patient.
    pub own: bool,
    /// A value may go further without an alarm than usual.
    pub wider: bool,
    /// The value now.
    pub value: Option<Decimal>,
    /// What the value suggests; a person decides.
    pub proposed: Option<Limits>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lasting {
    seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resting {
    what: Inactive,
    seconds: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    saw: AdmissionId,
    code: Code,
    #[serde(default)]
    usual: bool,
    low: Option<String>,
    high: Option<String>,
}

impl Wanted {
    /// The limits as they are meant; `None` = the usual ones.
    fn limits(&self) -> Result<Option<Limits>, String> {
        let side = |name: &str, said: &Option<String>| {
            let written = said.as_ref().map(|said| written(said, self.code));
            written.transpose().map_err(|error| format!("{name}: {error}"))
        };
        let limits = Limits {
            low: side("low", &self.low)?,
            high: side("high", &self.high)?,
        };
        match (self.usual, limits == Limits::default()) {
            (true, true) => Ok(None),
            (true, false) => Err("say either `usual`, or the limits".to_owned()),
            (false, _) => Ok(Some(limits)),
        }
    }
}

type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) async fn pause_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Lasting>,
) -> Response {
    pause(&served, acting.by, Some(bed), sound_for(body)).await
}

pub(super) async fn pause_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Lasting>,
) -> Response {
    pause(&served, acting.by, None, sound_for(body)).await
}

pub(super) async fn rest_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Resting>,
) -> Response {
    pause(&served, acting.by, Some(bed), body).await
}

pub(super) async fn rest_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Resting>,
) -> Response {
    pause(&served, acting.by, None, body).await
}

pub(super) async fn resume_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
) -> Response {
    resume(&served, acting.by, Some(bed)).await
}

pub(super) async fn resume_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
) -> Response {
    resume(&served, acting.by, None).await
}

/// A pause of the sound is all that this route gives.
fn sound_for(body: Body<Lasting>) -> Body<Resting> {
    body.map(|Json(Lasting { seconds })| {
        Json(Resting {
            what: Inactive::AudioPaused,
            seconds,
        })
    })
}

async fn pause(served: &Served, by: By, place: SignalPlace, body: Body<Resting>) -> Response {
    let request = |resting: Resting, answer| {
        let pausing = Pausing {
            place,
            what: resting.what,
            lasts: resting.seconds.map(Duration::from_secs),
        };
        super::Request::OfSignals(SignalRequest::Pause { pausing, by, answer })
    };
    ask_with(served, body, request, refused).await
}

async fn resume(served: &Served, by: By, place: SignalPlace) -> Response {
    let request = |answer| super::Request::OfSignals(SignalRequest::Resume { place, by, answer });
    ask(served, request, refused).await
}

fn refused(error: &PauseError) -> StatusCode {
    match error {
        PauseError::NothingSounds | PauseError::NotPaused => StatusCode::CONFLICT,
        PauseError::Lasts { .. } | PauseError::Untimed | PauseError::NoPerson => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

pub(super) async fn limits(State(served): State<Served>, NamedBed(bed): NamedBed) -> Response {
    let request = |answer| super::Request::OfSignals(SignalRequest::Limits { bed, answer });
    ask(&served, request, status).await
}

pub(super) async fn set_limits(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Wanted>,
) -> Response {
    let limits = match body.as_ref().map_or(Ok(None), |Json(wanted)| wanted.limits()) {
        Ok(limits) => limits,
        Err(error) => return answer_error(StatusCode::UNPROCESSABLE_ENTITY, &error),
    };
    let by = acting.by;
    let request = |wanted: Wanted, answer| {
        let setting = LimitsSetting {
            bed,
            saw: wanted.saw,
            code: wanted.code,
            limits,
        };
        super::Request::OfSignals(SignalRequest::SetLimits { setting, by, answer })
    };
    ask_with(&served, body, request, status).await
}

fn status(error: &LimitsRefused) -> StatusCode {
    match error {
        LimitsRefused::UnknownBed(_) => StatusCode::NOT_FOUND,
        LimitsRefused::OtherNow(_) => StatusCode::CONFLICT,
        LimitsRefused::NoPerson | LimitsRefused::Limits(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
