//! Alarm signals that people pause, and limits that they set.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use vitals::alarm::{Inactive, SignalPlace};
use vitals::limits::{LimitsError, written};
use vitals::{AdmissionId, BedId, Category, Code, Decimal, Limits};

use super::caller::Acting;
use super::patients::NamedBed;
use super::router::{Answer, Body, Served, answer_error, ask, ask_with};
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
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LimitsNow {
    /// Whose.
    pub admission: AdmissionId,
    /// Whose usual limits these are.
    pub category: Category,
    /// By value.
    pub values: Vec<LimitNow>,
}

/// The limits of one value.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
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

/// The sound of what calls now rests for a time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Pausing")]
pub(super) struct Lasting {
    /// How long: 120 when nobody says, at most 180.
    seconds: Option<u64>,
}

/// The sound, or all signals of a procedure, rest.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Resting")]
pub(super) struct Resting {
    what: Inactive,
    /// How long: 120 when nobody says, at most 180; nothing for `audio_off`, which rests until a person ends it.
    seconds: Option<u64>,
}

/// The limits of one value, for whoever lies there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WantedLimits")]
pub(super) struct Wanted {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    code: Code,
    /// Those of the age group, in place of `low` and `high`.
    #[serde(default)]
    usual: bool,
    /// An alarm below this; `null` = none.
    low: Option<String>,
    /// An alarm above this; `null` = none.
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

pub(super) async fn pause_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Lasting>,
) -> Answer<()> {
    pause(&served, acting.by, Some(bed), sound_for(body)).await
}

pub(super) async fn pause_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Lasting>,
) -> Answer<()> {
    pause(&served, acting.by, None, sound_for(body)).await
}

pub(super) async fn rest_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Resting>,
) -> Answer<()> {
    pause(&served, acting.by, Some(bed), body).await
}

pub(super) async fn rest_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Resting>,
) -> Answer<()> {
    pause(&served, acting.by, None, body).await
}

pub(super) async fn resume_bed(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
) -> Answer<()> {
    resume(&served, acting.by, Some(bed)).await
}

pub(super) async fn resume_post(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
) -> Answer<()> {
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

async fn pause(served: &Served, by: By, place: SignalPlace, body: Body<Resting>) -> Answer<()> {
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

async fn resume(served: &Served, by: By, place: SignalPlace) -> Answer<()> {
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

pub(super) async fn limits(State(served): State<Served>, NamedBed(bed): NamedBed) -> Answer<LimitsNow> {
    let request = |answer| super::Request::OfSignals(SignalRequest::Limits { bed, answer });
    ask(&served, request, status).await
}

pub(super) async fn set_limits(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Wanted>,
) -> Answer<()> {
    let limits = body.as_ref().map_or(Ok(None), |Json(wanted)| wanted.limits());
    let limits = limits.map_err(|error| answer_error(StatusCode::UNPROCESSABLE_ENTITY, &error))?;
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
