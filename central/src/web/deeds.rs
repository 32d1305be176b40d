//! What doctors do with an alarm: take it on, refuse it with a reason, hand it over, take over or decline. And what stood
//! on their screens: the page says so over its live connection, and each word of it is checked and bounded.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::oneshot;
use vitals::delivery::{ACCEPTED_DEFAULT, ACCEPTED_MAX, Act, Deed, REJECT_CHARS_MAX, RejectReason};
use vitals::wire::CommandKind;
use vitals::{AlarmId, Masked, PostId, WallTime};

use super::Shared;
use super::body::complaint;
use super::commands::give;
use super::guard::{Caller, refuse};
use crate::access::policy::Action;
use crate::centre::CommandRequest;

/// The most alarms that one message of a page may speak of.
pub(super) const LOOKS_MAX: usize = 40;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptBody {
    /// For how long; without: [`ACCEPTED_DEFAULT`].
    minutes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectBody {
    reason: RejectReason,
    #[serde(default)]
    words: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferBody {
    /// The taker's account.
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeclineBody {}

type Body<T> = Result<Json<T>, JsonRejection>;
type Alarm = Path<(String, String)>;

/// `POST /api/v1/alerts/{post}/{alarm}/accept`
pub(super) async fn accept(
    State(shared): State<Arc<Shared>>,
    path: Alarm,
    Extension(caller): Extension<Caller>,
    body: Body<AcceptBody>,
) -> Response {
    let now = shared.site.clock.now().wall;
    let act = said(body).and_then(|body| until(body.minutes, now));
    answer(&shared, path, &caller, ("accept_alarm", act)).await
}

/// `POST /api/v1/alerts/{post}/{alarm}/reject`
pub(super) async fn reject(
    State(shared): State<Arc<Shared>>,
    path: Alarm,
    Extension(caller): Extension<Caller>,
    body: Body<RejectBody>,
) -> Response {
    let act = said(body).and_then(|body| rejected(body.reason, &body.words));
    answer(&shared, path, &caller, ("reject_alarm", act)).await
}

/// `POST /api/v1/alerts/{post}/{alarm}/offer`
pub(super) async fn offer(
    State(shared): State<Arc<Shared>>,
    path: Alarm,
    Extension(caller): Extension<Caller>,
    body: Body<OfferBody>,
) -> Response {
    let doctors = shared.site.desk.doctors();
    let act = said(body).and_then(|body| {
        let found = doctors.into_iter().find(|(id, _)| *id == body.to);
        let (to_id, to) = found.ok_or_else(|| "to: no such doctor".to_owned())?;
        Ok(Act::Offered { to, to_id })
    });
    answer(&shared, path, &caller, ("hand_over_alarm", act)).await
}

/// `POST /api/v1/alerts/{post}/{alarm}/decline`
pub(super) async fn decline(
    State(shared): State<Arc<Shared>>,
    path: Alarm,
    Extension(caller): Extension<Caller>,
    body: Body<DeclineBody>,
) -> Response {
    let act = said(body).map(|_| Act::Declined);
    answer(&shared, path, &caller, ("decline_alarm", act)).await
}

/// `GET /api/v1/doctors`: to whom an alarm can be handed over.
pub(super) async fn doctors(State(shared): State<Arc<Shared>>) -> Response {
    let doctors = shared.site.desk.doctors().into_iter();
    let doctors: Vec<_> = doctors
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    Json(json!({ "doctors": doctors })).into_response()
}

fn said<T: DeserializeOwned>(body: Body<T>) -> Result<T, String> {
    body.map(|Json(body)| body)
        .map_err(|error| complaint(&error.body_text()))
}

fn until(minutes: Option<u32>, now: WallTime) -> Result<Act, String> {
    let most = ACCEPTED_MAX.as_secs() / 60;
    let minutes = minutes.map_or(ACCEPTED_DEFAULT.as_secs() / 60, u64::from);
    if !(1..=most).contains(&minutes) {
        return Err(format!("minutes: 1 to {most}"));
    }
    let ms = i64::try_from(minutes * 60_000).unwrap_or(i64::MAX);
    // The heart stamps the command a moment later: a day stays below its bound.
    Ok(Act::Accepted {
        until: WallTime::from_unix_ms(now.as_unix_ms().saturating_add(ms)),
    })
}

fn rejected(reason: RejectReason, words: &str) -> Result<Act, String> {
    let words = words.trim().to_owned();
    let act = Act::Rejected { reason, words };
    // When it is done does not matter for a rejection.
    let is_sound = act.is_sound(WallTime::from_unix_ns(0));
    is_sound.then_some(act).ok_or_else(|| {
        format!("words: at most {REJECT_CHARS_MAX} characters, and some where the reason is other")
    })
}

async fn answer(
    shared: &Shared,
    Path((post, alarm)): Alarm,
    caller: &Caller,
    (action, act): (&str, Result<Act, String>),
) -> Response {
    let (Ok(post), Ok(alarm)) = (post.parse::<PostId>(), alarm.parse::<AlarmId>()) else {
        return refuse(StatusCode::NOT_FOUND, "no such alarm at this post");
    };
    let mut told = caller.did(action, format!("alarm:{post}/{alarm}"));
    told.after = act.as_ref().ok().and_then(says).map(Masked::new);
    let kind = act.map(|act| CommandKind::Deed(deed(caller, alarm, act)));
    give(shared, post, kind, told).await
}

fn deed(caller: &Caller, alarm: AlarmId, act: Act) -> Deed {
    let (by, by_id) = caller.signs();
    let by_id = by_id.unwrap_or_default();
    Deed {
        alarm,
        by,
        by_id,
        act,
    }
}

/// What the audit keeps of it beside who and which alarm.
fn says(act: &Act) -> Option<String> {
    match act {
        Act::Accepted { until } => Some(format!("until {} ms", until.as_unix_ms())),
        Act::Rejected { reason, words } => Some(format!("{reason:?} {words}").trim_end().to_owned()),
        Act::Offered { to, to_id } => Some(format!("to {to} ({to_id})")),
        Act::Shown | Act::Read | Act::Declined | Act::Called { .. } => None,
    }
}

/// What a page says of what stands on its screen.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Look {
    Shown { alerts: Vec<Looked> },
    Read { alerts: Vec<Looked> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Looked {
    post: PostId,
    id: String,
}

/// Takes what a page says; what cannot be read or is not on this person's picture is nothing, and what finds no room is
/// said again by the page.
pub(super) fn look(shared: &Shared, caller: &Caller, text: &str) {
    let Ok(look) = serde_json::from_str::<Look>(text) else {
        return;
    };
    let (alerts, act) = match look {
        Look::Shown { alerts } => (alerts, Act::Shown),
        Look::Read { alerts } => (alerts, Act::Read),
    };
    let may = shared.site.desk.signed(&caller.token, false);
    if !may.is_some_and(|signed| signed.may(Action::SaySeen)) {
        return;
    }
    let view = shared.site.view.borrow().clone();
    for Looked { post, id } in alerts.into_iter().take(LOOKS_MAX) {
        let Ok(alarm) = id.parse::<AlarmId>() else {
            continue;
        };
        let is_shown = |alert: &crate::view::AlertView| alert.post == post && alert.id == alarm;
        let mut random = [0; 16];
        if !view.alerts.iter().any(is_shown) || getrandom::fill(&mut random).is_err() {
            continue;
        }
        let request = CommandRequest {
            kind: CommandKind::Deed(deed(caller, alarm, act.clone())),
            post,
            command: u128::from_be_bytes(random),
            // Nobody waits: the picture tells what came of it.
            reply: oneshot::channel().0,
        };
        if shared.site.ask.try_send(request).is_err() {
            return;
        }
    }
}
