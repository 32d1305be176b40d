//! What a person finds at the bedside, and what decides which score counts. What is wrong with a body is said with the field's
//! name and without what was sent. A number may be text or a number.

mod fields;

use axum::Extension;
use axum::extract::State;
use openapi::Answered;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use vitals::score::care::CareFact;
use vitals::score::entry::{EntryId, Findings};
use vitals::score::news2::Spo2Scale;
use vitals::score::{Consciousness, Effort, Oxygen, Pregnancy};
use vitals::{AdmissionId, BedId};

use self::fields::{Fields, FromFields, Told, Wrong};
use super::caller::Acting;
use super::patients::{NamedBed, status};
use super::router::{Answer, Served, ask};
use super::{PatientError, Request};
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
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
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
    #[schemars(with = "Findings")]
    pub findings: Map<String, Value>,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
}

/// What was said that decides which score counts; none = nobody said anything.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema, Serialize)]
pub struct CareShown {
    /// Whether a pregnancy decides which score applies.
    #[schemars(with = "Option<SaidShown<Pregnancy>>")]
    pub pregnancy: Option<SaidShown<&'static str>>,
    /// 1 or 2.
    pub spo2_scale: Option<SaidShown<u8>>,
    /// The patient has a pacemaker.
    pub paced: Option<SaidShown<bool>>,
}

/// A word with who said it, and when.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "Said_{T}")]
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

/// The entry is taken.
#[derive(JsonSchema, Serialize)]
pub(super) struct Entered {
    /// Its name.
    entry: EntryId,
}

/// What a person found at the bedside; what nobody looked at is left out.
#[derive(JsonSchema)]
#[schemars(rename = "Finding")]
pub(super) struct Observing {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    /// How long ago, 0 to 240 minutes.
    #[schemars(with = "Option<u32>")]
    minutes_ago: u32,
    #[schemars(flatten)]
    findings: Findings,
}

/// An entry was wrong, and counts no more.
#[derive(JsonSchema)]
pub(super) struct Withdrawing {
    /// The stay that the person saw.
    saw: AdmissionId,
    /// Which.
    entry: EntryId,
}

/// What decides which score counts: one of the two at a time.
#[derive(JsonSchema)]
pub(super) struct Caring {
    /// The stay that the person saw.
    saw: AdmissionId,
    pregnancy: Option<Pregnancy>,
    /// The patient has a pacemaker.
    paced: Option<bool>,
}

/// By which scale of saturations a patient is scored.
#[derive(JsonSchema)]
pub(super) struct Scaling {
    /// The stay that the person saw.
    saw: AdmissionId,
    /// 2 is for a target of 88 to 92 %: a clinician decides.
    #[schemars(with = "u8", range(min = 1, max = 2))]
    scale: Spo2Scale,
}

pub(super) async fn observe(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    Told(observing): Told<Observing>,
) -> Answer<Entered> {
    let finding = Box::new(Finding {
        bed,
        saw: observing.saw,
        findings: observing.findings,
        minutes_ago: observing.minutes_ago,
    });
    let by = acting.by;
    let request = |answer| Request::OfScores(ScoreRequest::Observe { finding, by, answer });
    let Answered(entry) = ask(&served, request, status).await?;
    Ok(Answered(Entered { entry }))
}

pub(super) async fn withdraw(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    Told(Withdrawing { saw, entry }): Told<Withdrawing>,
) -> Answer<()> {
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
    Told(caring): Told<Caring>,
) -> Answer<()> {
    let fact = caring.fact()?;
    say(&served, acting, (bed, caring.saw), fact).await
}

pub(super) async fn scale(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    Told(Scaling { saw, scale }): Told<Scaling>,
) -> Answer<()> {
    say(&served, acting, (bed, saw), CareFact::Scale(scale)).await
}

async fn say(
    served: &Served,
    acting: Acting,
    (bed, saw): (BedId, AdmissionId),
    fact: CareFact,
) -> Answer<()> {
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

impl Caring {
    fn fact(&self) -> Result<CareFact, Wrong> {
        match (self.pregnancy, self.paced) {
            (Some(pregnancy), None) => Ok(CareFact::Pregnancy(pregnancy)),
            (None, Some(paced)) => Ok(CareFact::Paced(paced)),
            _ => Err(Wrong::new("pregnancy", "say this or paced, one at a time")),
        }
    }
}

impl FromFields for Observing {
    fn read(fields: &mut Fields) -> Result<Observing, Wrong> {
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
        Ok(Observing {
            saw,
            findings,
            minutes_ago: minutes.ok_or(Wrong::new("minutes_ago", "a whole number from 0 to 240"))?,
        })
    }
}

fn oxygen(fields: &mut Fields) -> Result<Option<Oxygen>, Wrong> {
    let wrong = Wrong::new("oxygen", "air, or an object with device, flow and percent");
    let mut given = match fields.take("oxygen") {
        None => return Ok(None),
        Some(Value::String(word)) if word == "air" => return Ok(Some(Oxygen::Air)),
        Some(Value::Object(given)) => Fields::of(given),
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
    given.is_empty().then_some(Some(oxygen)).ok_or(wrong)
}

impl FromFields for Withdrawing {
    fn read(fields: &mut Fields) -> Result<Withdrawing, Wrong> {
        Ok(Withdrawing {
            saw: fields.saw()?,
            entry: fields.parsed("entry", "the name of an entry")?,
        })
    }
}

impl FromFields for Caring {
    fn read(fields: &mut Fields) -> Result<Caring, Wrong> {
        let words = "none, pregnant or six_weeks_after";
        Ok(Caring {
            saw: fields.saw()?,
            pregnancy: fields.one_of("pregnancy", words, Pregnancy::from_key)?,
            paced: match fields.take("paced") {
                None => None,
                Some(Value::Bool(paced)) => Some(paced),
                Some(_) => return Err(Wrong::new("paced", "true or false")),
            },
        })
    }
}

impl FromFields for Scaling {
    fn read(fields: &mut Fields) -> Result<Scaling, Wrong> {
        Ok(Scaling {
            saw: fields.saw()?,
            scale: match fields.take("scale").as_ref().and_then(Value::as_u64) {
                Some(1) => Spo2Scale::One,
                Some(2) => Spo2Scale::Two,
                _ => return Err(Wrong::new("scale", "1 or 2")),
            },
        })
    }
}

#[cfg(test)]
mod tests;
