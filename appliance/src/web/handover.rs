//! The ward handed from one shift to the next, as SBAR (docs/operate/handover.md has the lines).

mod changes;
mod draw;
mod lines;
mod shift;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vitals::score::entry::EntryId;
use vitals::{BedId, BootId, ClockTrust, Handover, Masked, MonoTime, Stamp};

use super::caller::Acting;
use super::history::refused;
use super::router::{self, Answer, Body, Refused, Served, answer_error, told};
use super::{Accepting, HandoverShown, NursingError, NursingRequest, Request, WardFacts};
use crate::access::policy::Action;
use crate::ward::HandoverRefused;

/// Hours when nobody says how many.
const HOURS: u8 = 12;
/// The longest shift.
const HOURS_MAX: u8 = 24;
/// Drafts that can still be handed over.
const DRAFTS_MAX: usize = 8;
/// What was shown longer ago than this is not how the ward is now.
const DRAFT_TIME_MAX: Duration = Duration::from_secs(30 * 60);

/// What was shown and may be handed over, by whom.
#[derive(Clone, Default)]
pub(super) struct Drafts(Arc<Mutex<VecDeque<(String, Handover)>>>);

impl Drafts {
    fn keep(&self, account: &str, handover: Handover) {
        let mut drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drafts.len() == DRAFTS_MAX {
            drafts.pop_front();
        }
        drafts.push_back((account.to_owned(), handover));
    }

    /// What was shown to this account under that name.
    fn find(&self, account: &str, draft: Draft) -> Option<Handover> {
        let drafts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut drafts = drafts.iter();
        let found = drafts.find(|(whose, handover)| whose == account && Draft::of(handover) == draft);
        found.map(|(_, handover)| handover.clone())
    }
}

/// The name of what was shown: the moment at which it was put together, which comes once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Draft(Stamp);

impl Draft {
    fn of(handover: &Handover) -> Draft {
        Draft(handover.made)
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.boot, self.0.mono.as_ns())
    }
}

impl FromStr for Draft {
    type Err = ();
    fn from_str(text: &str) -> Result<Draft, ()> {
        let (boot, ns) = text.split_once('.').ok_or(())?;
        let boot: BootId = boot.parse().map_err(|_| ())?;
        let mono = MonoTime::from_ns(ns.parse().map_err(|_| ())?);
        Ok(Draft(Stamp { boot, mono }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// How many hours back it looks, 1 to 24; 12 when nobody says.
    hours: Option<u8>,
}

/// What was shown is handed over, by who it was shown to, within half an hour.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OfferingHandover")]
pub(super) struct Offered {
    /// The name of what was shown.
    draft: String,
    /// What is to be done, by bed; at most 200 characters for each.
    #[serde(default)]
    to_do: BTreeMap<BedId, Masked<String>>,
}

/// The ward is taken over. Where more has changed than the person was told it is refused, as it is for who handed over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TakingOver")]
pub(super) struct Taking {
    /// The beds of which the person was told that something has changed.
    #[serde(default)]
    told: Vec<BedId>,
}

/// What there is to hand over now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HandoverDraft")]
pub(super) struct Drawn {
    /// Its name.
    draft: String,
    /// When it was put together, in ms since 1970; null when nobody knows.
    made_wall_ms: Option<i64>,
    /// How many hours back it looks.
    hours: u8,
    /// `untrusted`: the times of the shift are in doubt.
    clock: ClockTrust,
    /// What concerns no bed alone.
    #[schemars(with = "Vec<vitals::HandoverLine>")]
    post: Value,
    /// The occupied beds, in the order of the screen.
    #[schemars(with = "Vec<vitals::HandoverBed>")]
    beds: Value,
}

/// The ward is handed over.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HandoverOffered")]
pub(super) struct Named {
    /// Its name.
    handover: EntryId,
}

/// The handovers, the newest first, without what they say.
#[derive(Serialize, JsonSchema)]
pub(super) struct Handovers {
    handovers: Vec<HandoverShown>,
}

/// A handover with what it says.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WholeHandover")]
pub(super) struct Whole {
    #[serde(flatten)]
    shown: HandoverShown,
    /// While it is open: what has changed since, by bed.
    changed: changes::Changed,
}

pub(super) async fn draw(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer<Drawn> {
    let wrong = |text: &str| answer_error(StatusCode::UNPROCESSABLE_ENTITY, text);
    let Query(asked) = asked.map_err(|error| wrong(&error.body_text()))?;
    let hours = asked.hours.unwrap_or(HOURS);
    if !(1..=HOURS_MAX).contains(&hours) {
        return Err(wrong("hours: a whole number from 1 to 24"));
    }
    let (handover, facts) = drawn(&served, hours).await?;
    view(&served, &acting, handover.beds.iter().map(|bed| &bed.bed));
    let told = Drawn {
        draft: Draft::of(&handover).to_string(),
        made_wall_ms: facts.wall.map(|(wall, _)| wall.as_unix_ms()),
        hours,
        clock: facts.wall.map_or(ClockTrust::Untrusted, |(_, trust)| trust),
        post: vitals::json::handover_lines(&handover.post),
        beds: vitals::json::handover_beds(&handover.beds),
    };
    served.drafts.keep(acting.by.id(), handover);
    Ok(Answered(told))
}

async fn drawn(served: &Served, hours: u8) -> Result<(Handover, WardFacts), Refused> {
    let facts = asked(served, |answer| NursingRequest::Facts { answer }).await?;
    // After the facts: what is shown live is never older than they are.
    let snapshot = served.feed.snapshot();
    let shift = match facts.wall {
        Some((wall, _)) => {
            let hours = Duration::from_secs(u64::from(hours) * 3_600);
            shift::read(served, wall, hours).await?
        }
        // Nobody knows when the shift began.
        None => shift::Shift::default(),
    };
    let handover = draw::sheet(&snapshot, &facts, &shift, hours);
    handover
        .check()
        .map_err(|error| refused(StatusCode::UNPROCESSABLE_ENTITY, &error))?;
    Ok((handover, facts))
}

/// Whoever reads a handover reads the charts of its beds.
fn view<'a>(served: &Served, acting: &Acting, beds: impl Iterator<Item = &'a BedId>) {
    for bed in beds {
        served
            .desk
            .tell_view(&acting.by, Action::SeeChart, &format!("bed:{bed}"));
    }
}

pub(super) async fn offer(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Offered>,
) -> Answer<Named> {
    let offered = router::read(body)?;
    let handover = offered_of(&served, &acting, &offered).map_err(|error| refused(status(&error), &error))?;
    let by = acting.by;
    let request = |answer| NursingRequest::Offer {
        handover: Box::new(handover),
        by,
        answer,
    };
    let handover = asked(&served, request).await?;
    Ok(Answered(Named { handover }))
}

/// What was shown to this person, with what is to be done.
fn offered_of(served: &Served, acting: &Acting, offered: &Offered) -> Result<Handover, NursingError> {
    let draft: Draft = offered.draft.parse().map_err(|()| NursingError::TooOld)?;
    let handover = served.drafts.find(acting.by.id(), draft);
    let mut handover = handover.ok_or(NursingError::TooOld)?;
    if served.clock.now().since(handover.made.mono) > DRAFT_TIME_MAX {
        return Err(NursingError::TooOld);
    }
    for (bed, words) in &offered.to_do {
        handover.say(bed, words.reveal())?;
    }
    Ok(handover)
}

pub(super) async fn list(State(served): State<Served>) -> Answer<Handovers> {
    let request = |answer| NursingRequest::Handovers { whole: None, answer };
    let handovers = asked(&served, request).await?;
    Ok(Answered(Handovers { handovers }))
}

pub(super) async fn read(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Answer<Whole> {
    let (shown, changed) = found(&served, &id).await?;
    let beds = shown.beds.as_ref().and_then(Value::as_array);
    let beds = beds.into_iter().flatten().filter_map(|bed| bed["bed"].as_str());
    let beds: Vec<BedId> = beds.filter_map(|bed| bed.parse().ok()).collect();
    view(&served, &acting, beds.iter());
    Ok(Answered(Whole { shown, changed }))
}

pub(super) async fn accept(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    body: Body<Taking>,
) -> Answer<()> {
    let Taking { told } = router::read(body)?;
    let (shown, changed) = found(&served, &id).await?;
    let accepting = Accepting {
        handover: shown.handover,
        changed: changed.into_keys().collect(),
        told,
    };
    let by = acting.by;
    let request = |answer| NursingRequest::Accept {
        accepting,
        by,
        answer,
    };
    asked(&served, request).await.map(Answered)
}

/// A handover with what it says, and what has changed since.
async fn found(served: &Served, id: &str) -> Result<(HandoverShown, changes::Changed), Refused> {
    let gone = || refused(StatusCode::NOT_FOUND, &HandoverRefused::NoSuch);
    let id: EntryId = id.parse().map_err(|_| gone())?;
    let request = |answer| NursingRequest::Handovers {
        whole: Some(id),
        answer,
    };
    let handovers = asked(served, request).await?;
    let mut handovers = handovers.into_iter();
    let shown = handovers.find(|shown| shown.handover == id).ok_or_else(gone)?;
    let changed = if shown.open {
        changes::since(served, &shown).await?
    } else {
        changes::Changed::default()
    };
    Ok((shown, changed))
}

async fn asked<T>(
    served: &Served,
    request: impl FnOnce(tokio::sync::oneshot::Sender<Result<T, NursingError>>) -> NursingRequest,
) -> Result<T, Refused> {
    let answer = told(served, |answer| Request::OfNursing(request(answer))).await?;
    answer.map_err(|error| refused(status(&error), &error))
}

fn status(error: &NursingError) -> StatusCode {
    match error {
        NursingError::Refused(HandoverRefused::NoSuch) => StatusCode::NOT_FOUND,
        NursingError::Refused(_) | NursingError::OtherNow(_) | NursingError::TooOld | NursingError::Empty => {
            StatusCode::CONFLICT
        }
        NursingError::NoPerson | NursingError::Handover(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
