//! Who is on duty, and whom the centre calls: shown, taken, handed over and set. Each change is durable before it is answered,
//! and stands in the audit with what was before and what is now (I9).

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use vitals::audit::{Outcome, Telling};
use vitals::{Masked, Priority, WallTime};

use super::Shared;
use super::body::complaint;
use super::guard::{Caller, refuse};
use crate::centre::{DutyError, DutyRequest};
use crate::duty::{AFTER_MIN_MAX, Change, RUNGS_MAX, Refused, Rung, SHIFTS_MAX, STINT_MAX, Shift, Told};
use crate::view::DutyView;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeBody {
    /// For how long.
    minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferBody {
    /// The taker's account.
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FromBody {
    /// The giver's account.
    from: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveBody {
    /// They know that nobody is on duty then.
    #[serde(default)]
    alone: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UseBody {
    in_use: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OffsetBody {
    offset_min: i16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LadderBody {
    rungs: Vec<Rung>,
}

type Body<T> = Result<Json<T>, JsonRejection>;
type Asked = (State<Arc<Shared>>, Extension<Caller>);

/// `GET /api/v1/duty`
pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Response {
    let known = shared.site.view.borrow().duty.clone();
    let now = shared.site.clock.now().wall;
    let doctors: Vec<Value> = known
        .doctors
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name}))
        .collect();
    let shifts: Vec<&Shift> = known.duty.roster.shifts().collect();
    let now_view = DutyView::of(&known, now);
    Json(json!({
        "state": now_view.state,
        "present": now_view.present,
        "wall_ms": now.as_unix_ms(),
        "offset_min": known.duty.roster.offset_min(),
        "shifts": shifts,
        "ladders": {
            "high": known.duty.ladders.of(Priority::High),
            "medium": known.duty.ladders.of(Priority::Medium),
        },
        "doctors": doctors,
        "shifts_max": SHIFTS_MAX,
        "rungs_max": RUNGS_MAX,
        "after_min_max": AFTER_MIN_MAX,
    }))
    .into_response()
}

/// `POST /api/v1/duty/take`
pub(super) async fn take(asked: Asked, body: Body<TakeBody>) -> Response {
    let now = asked.0.site.clock.now().wall.as_unix_ms();
    change(asked, body, |body| {
        let most = STINT_MAX.as_secs() / 60;
        if !(1..=most).contains(&u64::from(body.minutes)) {
            return Err(format!("minutes: 1 to {most}"));
        }
        let until = now.saturating_add(i64::from(body.minutes) * 60_000);
        Ok(Change::Take(WallTime::from_unix_ms(until)))
    })
    .await
}

/// `POST /api/v1/duty/offer`
pub(super) async fn offer(asked: Asked, body: Body<OfferBody>) -> Response {
    change(asked, body, |body| Ok(Change::Offer(body.to))).await
}

/// `POST /api/v1/duty/accept`
pub(super) async fn accept(asked: Asked, body: Body<FromBody>) -> Response {
    change(asked, body, |body| Ok(Change::Accept(body.from))).await
}

/// `POST /api/v1/duty/decline`
pub(super) async fn decline(asked: Asked, body: Body<FromBody>) -> Response {
    change(asked, body, |body| Ok(Change::Decline(body.from))).await
}

/// `POST /api/v1/duty/leave`
pub(super) async fn leave(asked: Asked, body: Body<LeaveBody>) -> Response {
    change(asked, body, |LeaveBody { alone }| Ok(Change::Leave { alone })).await
}

/// `POST /api/v1/duty/use`
pub(super) async fn use_it(asked: Asked, body: Body<UseBody>) -> Response {
    change(asked, body, |body| Ok(Change::Use(body.in_use))).await
}

/// `POST /api/v1/duty/offset`
pub(super) async fn offset(asked: Asked, body: Body<OffsetBody>) -> Response {
    change(asked, body, |body| Ok(Change::Offset(body.offset_min))).await
}

/// `POST /api/v1/duty/shifts`
pub(super) async fn add_shift(asked: Asked, body: Body<Shift>) -> Response {
    change(asked, body, |shift| Ok(Change::AddShift(shift))).await
}

/// `POST /api/v1/duty/shifts/remove`
pub(super) async fn remove_shift(asked: Asked, body: Body<Shift>) -> Response {
    change(asked, body, |shift| Ok(Change::RemoveShift(shift))).await
}

/// `POST /api/v1/duty/ladders/{priority}`
pub(super) async fn ladder(asked: Asked, Path(priority): Path<String>, body: Body<LadderBody>) -> Response {
    let priority = match priority.as_str() {
        "high" => Priority::High,
        "medium" => Priority::Medium,
        _ => {
            return refuse(
                StatusCode::NOT_FOUND,
                "there is a ladder for high and one for medium",
            );
        }
    };
    change(asked, body, |body| Ok(Change::Ladder(priority, body.rungs))).await
}

/// Hands the change to the heart and waits until it is durable or refused.
async fn change<T>(
    (State(shared), Extension(caller)): Asked,
    body: Body<T>,
    what: impl FnOnce(T) -> Result<Change, String>,
) -> Response {
    let said = body.map_err(|error| complaint(&error.body_text()));
    let change = match said.and_then(|Json(body)| what(body)) {
        Ok(change) => change,
        Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error),
    };
    let deed = caller.did(change.key(), "duty".to_owned());
    let (reply, answer) = oneshot::channel();
    let by = caller.signed.id.as_str().to_owned();
    let request = DutyRequest { by, change, reply };
    if shared.site.ask_duty.try_send(request).is_err() {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is busy; try again");
    }
    let book = shared.site.book.clone();
    // A task of its own: a browser that goes away meanwhile takes nothing out of the audit.
    let told = tokio::spawn(async move {
        let answer = answer.await.ok()?;
        if let Err(error) = book.tell(done(deed, &answer)).await {
            tracing::warn!("a change of duty is not in the audit yet: {error}");
        }
        Some(answer)
    });
    match told.await.ok().flatten() {
        Some(Ok(_)) => Json(json!({})).into_response(),
        Some(Err(error)) => refuse(status(&error), &error.to_string()),
        None => refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is stopping"),
    }
}

fn status(error: &DutyError) -> StatusCode {
    match error {
        DutyError::NotSaved(_) => StatusCode::SERVICE_UNAVAILABLE,
        DutyError::Refused(Refused::NoSuchDoctor | Refused::OutOfRange | Refused::TooMany) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        DutyError::AtOnce | DutyError::Refused(_) => StatusCode::CONFLICT,
    }
}

/// The deed with its outcome.
fn done(deed: Telling, answer: &Result<Told, DutyError>) -> Telling {
    let (outcome, before, after) = match answer {
        Ok(told) => (Outcome::Done, Some(told.before.clone()), told.after.clone()),
        Err(error) => (Outcome::Refused, None, error.to_string()),
    };
    Telling {
        outcome,
        before: before.map(Masked::new),
        after: Some(Masked::new(after)),
        ..deed
    }
}
