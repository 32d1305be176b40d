//! What a person finds at the bedside, and what decides which score counts:
//!
//! - `POST /api/v1/beds/{bed}/observe` with `{"saw": admission, "consciousness": "A" | "C" | "V" | "P" | "U", "oxygen":
//!   "air" | {"device": "mask", "flow": "4", "percent": "40"}, "temp", "sbp", "dbp", "pulse", "rr", "spo2",
//!   "capillary_refill", "effort": "normal" | "mild" | "moderate" | "severe" | "apnoea", "pain", "minutes_ago": 0}`; what
//!   nobody looked at is left out. Numbers may be text (`"36.8"`). The answer names the entry.
//! - `POST .../withdraw` with `{"saw": admission, "entry": entry}`: it was wrong, and counts no more.
//! - `POST .../care` with `{"saw": admission, "pregnancy": "none" | "pregnant" | "six_weeks_after"}` or
//!   `{"saw": admission, "paced": true}`.
//! - `POST .../spo2-scale` with `{"saw": admission, "scale": 1 | 2}`.
//!
//! `saw` is the admission that the person saw (I9). What is wrong with a body is said with the field's name and without
//! what was sent.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use vitals::score::care::CareFact;
use vitals::score::entry::{EntryId, Findings};
use vitals::score::news2::Spo2Scale;
use vitals::score::{Consciousness, Effort, Oxygen, Pregnancy};
use vitals::{AdmissionId, BedId, Decimal};

use super::caller::Acting;
use super::patients::{NamedBed, status};
use super::router::{Served, answer_error, ask};
use super::{PatientError, Request, body};
use crate::access::By;

/// Longest time between a finding and its entry, in minutes: nothing counts longer.
const MINUTES_AGO_MAX: u64 = 240;

/// What a browser asks of the core about scores.
#[derive(Debug)]
pub enum ScoreRequest {
    /// A person found something.
    Observe {
        /// What.
        finding: Box<Finding>,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<EntryId, PatientError>>,
    },
    /// A person takes an entry back.
    Withdraw {
        /// The bed.
        bed: BedId,
        /// The stay that the person saw.
        saw: AdmissionId,
        /// Which.
        entry: EntryId,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person says what decides which score counts.
    Care {
        /// The bed.
        bed: BedId,
        /// The stay that the person saw.
        saw: AdmissionId,
        /// What.
        fact: CareFact,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
}

/// What a person found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// At which bed.
    pub bed: BedId,
    /// The stay that the person saw.
    pub saw: AdmissionId,
    /// What.
    pub findings: Findings,
    /// How long ago.
    pub minutes_ago: u32,
}

/// An entry as a page shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EntryShown {
    /// Its name.
    pub entry: EntryId,
    /// When it was found, in ms of this boot; none when that was in an earlier one.
    pub at_ms: Option<u64>,
    /// The same by the wall clock; none when nobody knows.
    pub wall_ms: Option<i64>,
    /// Who entered it.
    pub by: String,
    /// What was found; what nobody looked at is left out.
    pub findings: Map<String, Value>,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
}

/// What was said that decides which score counts; none = nobody said anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CareShown {
    /// `none`, `pregnant`, `six_weeks_after`.
    pub pregnancy: Option<SaidShown<&'static str>>,
    /// 1 or 2.
    pub spo2_scale: Option<SaidShown<u8>>,
    /// The patient has a pacemaker.
    pub paced: Option<SaidShown<bool>>,
}

/// A word with who said it, and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SaidShown<T> {
    /// What.
    pub value: T,
    /// Who.
    pub by: String,
    /// When, in ms of this boot; none when that was in an earlier one.
    pub at_ms: Option<u64>,
    /// The same by the wall clock; none when nobody knows.
    pub wall_ms: Option<i64>,
}

#[derive(Serialize)]
struct Entered {
    entry: EntryId,
}

type Told = Result<Json<Map<String, Value>>, JsonRejection>;

pub(super) async fn observe(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Told,
) -> Response {
    let finding = match read(body, |fields| finding(bed, fields)) {
        Ok(finding) => Box::new(finding),
        Err(answer) => return *answer,
    };
    let request = |answer| {
        Request::OfScores(ScoreRequest::Observe {
            finding,
            by: acting.by,
            answer,
        })
    };
    match super::router::told(&served, request).await {
        Ok(Ok(entry)) => axum::response::IntoResponse::into_response(Json(Entered { entry })),
        Ok(Err(error)) => answer_error(status(&error), &error.to_string()),
        Err(answer) => *answer,
    }
}

pub(super) async fn withdraw(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Told,
) -> Response {
    let read = read(body, |fields| {
        Ok((fields.saw()?, fields.parsed("entry", "the name of an entry")?))
    });
    let (saw, entry) = match read {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    let by = acting.by;
    let request = |answer| {
        Request::OfScores(ScoreRequest::Withdraw {
            bed,
            saw,
            entry,
            by,
            answer,
        })
    };
    ask(&served, request, status).await
}

pub(super) async fn care(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Told,
) -> Response {
    say(
        &served,
        acting,
        bed,
        read(body, |fields| Ok((fields.saw()?, fact(fields)?))),
    )
    .await
}

pub(super) async fn scale(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Told,
) -> Response {
    let read = read(body, |fields| {
        let saw = fields.saw()?;
        let scale = match fields.take("scale").as_ref().and_then(Value::as_u64) {
            Some(1) => Spo2Scale::One,
            Some(2) => Spo2Scale::Two,
            _ => return Err(Wrong::new("scale", "1 or 2")),
        };
        Ok((saw, CareFact::Scale(scale)))
    });
    say(&served, acting, bed, read).await
}

async fn say(
    served: &Served,
    acting: Acting,
    bed: BedId,
    read: Result<(AdmissionId, CareFact), Box<Response>>,
) -> Response {
    let (saw, fact) = match read {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    let by = acting.by;
    let request = |answer| {
        Request::OfScores(ScoreRequest::Care {
            bed,
            saw,
            fact,
            by,
            answer,
        })
    };
    ask(served, request, status).await
}

/// What is wrong with a body: in which field, and what belongs there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Wrong {
    #[error("{field}: {expected}")]
    Field {
        field: &'static str,
        expected: &'static str,
    },
    /// A field that is none of ours; its name was sent, and is not said again.
    #[error("a field is not known here; the fields are in the documentation of the API")]
    Unknown,
}

impl Wrong {
    fn new(field: &'static str, expected: &'static str) -> Wrong {
        Wrong::Field { field, expected }
    }
}

/// The fields of a body, each taken out once.
struct Fields(Map<String, Value>);

fn read<T>(body: Told, read: impl FnOnce(&mut Fields) -> Result<T, Wrong>) -> Result<T, Box<Response>> {
    let refused = |text: String| Box::new(answer_error(StatusCode::UNPROCESSABLE_ENTITY, &text));
    let Json(body) = body.map_err(|error| refused(body::complaint(&error.body_text())))?;
    let mut fields = Fields(body);
    let told = read(&mut fields).map_err(|wrong| refused(wrong.to_string()))?;
    if fields.0.is_empty() {
        Ok(told)
    } else {
        Err(refused(Wrong::Unknown.to_string()))
    }
}

impl Fields {
    /// A field that is there and not null.
    fn take(&mut self, field: &str) -> Option<Value> {
        self.0.remove(field).filter(|value| !value.is_null())
    }

    fn saw(&mut self) -> Result<AdmissionId, Wrong> {
        self.parsed("saw", "the admission that you saw")
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        field: &'static str,
        expected: &'static str,
    ) -> Result<T, Wrong> {
        let value = self.take(field);
        let parsed = value
            .as_ref()
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok());
        parsed.ok_or(Wrong::new(field, expected))
    }

    /// One of several words; `None` = it is not there.
    fn one_of<T>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let read = value.as_str().and_then(read);
        read.map(Some).ok_or(Wrong::new(field, expected))
    }

    /// A number, as such or as text; `None` = it is not there.
    fn number(&mut self, field: &'static str, named: &'static str) -> Result<Option<Decimal>, Wrong> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        let text = match &value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let number = text.parse().ok();
        number.map(Some).ok_or(Wrong::new(named, "a number such as 36.8"))
    }
}

fn finding(bed: BedId, fields: &mut Fields) -> Result<Finding, Wrong> {
    let saw = fields.saw()?;
    let levels = "A, C, V, P or U";
    let efforts = "normal, mild, moderate, severe or apnoea";
    let findings = Findings {
        consciousness: fields.one_of("consciousness", levels, Consciousness::from_key)?,
        oxygen: oxygen(fields)?,
        temp: fields.number("temp", "temp")?,
        sbp: fields.number("sbp", "sbp")?,
        dbp: fields.number("dbp", "dbp")?,
        pulse: fields.number("pulse", "pulse")?,
        rr: fields.number("rr", "rr")?,
        spo2: fields.number("spo2", "spo2")?,
        capillary_refill: fields.number("capillary_refill", "capillary_refill")?,
        effort: fields.one_of("effort", efforts, Effort::from_key)?,
        pain: fields.number("pain", "pain")?,
    };
    let minutes = match fields.take("minutes_ago") {
        None => Some(0),
        Some(value) => value.as_u64().filter(|minutes| *minutes <= MINUTES_AGO_MAX),
    };
    let minutes = minutes.and_then(|minutes| u32::try_from(minutes).ok());
    Ok(Finding {
        bed,
        saw,
        findings,
        minutes_ago: minutes.ok_or(Wrong::new("minutes_ago", "a whole number from 0 to 240"))?,
    })
}

fn oxygen(fields: &mut Fields) -> Result<Option<Oxygen>, Wrong> {
    let wrong = Wrong::new("oxygen", "air, or an object with device, flow and percent");
    let mut given = match fields.take("oxygen") {
        None => return Ok(None),
        Some(Value::String(word)) if word == "air" => return Ok(Some(Oxygen::Air)),
        Some(Value::Object(given)) => Fields(given),
        Some(_) => return Err(wrong),
    };
    let device = given.one_of("device", "words", |text| Some(text.trim().to_owned()));
    let oxygen = Oxygen::Given {
        device: device
            .map_err(|_| Wrong::new("oxygen.device", "words"))?
            .unwrap_or_default(),
        flow: given.number("flow", "oxygen.flow")?,
        percent: given.number("percent", "oxygen.percent")?,
    };
    if given.0.is_empty() {
        Ok(Some(oxygen))
    } else {
        Err(wrong)
    }
}

fn fact(fields: &mut Fields) -> Result<CareFact, Wrong> {
    let words = "none, pregnant or six_weeks_after";
    let pregnancy = fields.one_of("pregnancy", words, Pregnancy::from_key)?;
    let paced = match fields.take("paced") {
        None => None,
        Some(Value::Bool(paced)) => Some(paced),
        Some(_) => return Err(Wrong::new("paced", "true or false")),
    };
    match (pregnancy, paced) {
        (Some(pregnancy), None) => Ok(CareFact::Pregnancy(pregnancy)),
        (None, Some(paced)) => Ok(CareFact::Paced(paced)),
        _ => Err(Wrong::new("pregnancy", "say this or paced, one at a time")),
    }
}

#[cfg(test)]
mod tests;
