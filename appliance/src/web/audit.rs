//! The audit, for whoever may read it:
//!
//! - `GET /api/v1/audit?from=&to=&person=&action=&patient=&limit=`: `{"entries": [{"number", "wall", "trust", "who": {"kind",
//!   "id", "name"}, "from", "action", "outcome", "subject", "before", "after"}], "more"}`, newest first. `from` (included),
//!   `to` (not included) and `wall` in milliseconds since 1970; `wall` is `null` when nobody knew the time. At most
//!   [`LIMIT_MAX`], 100 when `limit` is left out; `more`: ask again with a `to`.
//! - `GET /api/v1/audit.csv`, the same questions: a table of at most [`TABLE_MAX`] lines; one that is not all is called
//!   `audit-newest-part.csv`.
//!
//! Only what is on the card is found ([`super::history`]).

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::audit::{Actor, Entry, Outcome};
use vitals::{Masked, WallTime};

use super::caller::Acting;
use super::history::{self, Refused, refused};
use super::router::Served;
use crate::access::policy::Action;
use crate::audit::{Page, Wanted, csv_head, csv_line, search};

/// Most entries in one answer.
const LIMIT_MAX: u64 = 1_000;
/// Entries when nobody says how many.
const LIMIT: u64 = 100;
/// Most lines of a table.
const TABLE_MAX: u64 = 20_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: Option<i64>,
    to: Option<i64>,
    person: Option<String>,
    action: Option<String>,
    patient: Option<String>,
    limit: Option<u64>,
}

type Question = Result<Query<Asked>, QueryRejection>;

pub(super) async fn audit(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Question,
) -> Response {
    served.desk.tell_view(&acting.by, Action::SeeAudit, "audit");
    match find(&served, asked, LIMIT, LIMIT_MAX).await {
        Ok(page) => {
            let entries: Vec<Value> = page.entries.iter().map(told).collect();
            Json(json!({ "entries": entries, "more": page.more })).into_response()
        }
        Err(answer) => *answer,
    }
}

pub(super) async fn table(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Question,
) -> Response {
    // It leaves the box: told each time.
    served
        .desk
        .tell(acting.by.did(Action::SeeAudit.key(), "audit.csv"));
    match find(&served, asked, TABLE_MAX, TABLE_MAX).await {
        Ok(page) => {
            let lines = page.entries.iter().map(csv_line);
            history::table("audit", !page.more, std::iter::once(csv_head()).chain(lines))
        }
        Err(answer) => *answer,
    }
}

async fn find(served: &Served, asked: Question, usual: u64, most: u64) -> Result<Page, Refused> {
    let Query(asked) =
        asked.map_err(|error| refused(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()))?;
    let wanted = Wanted {
        from: asked.from.map(WallTime::from_unix_ms),
        to_date: asked.to.map(WallTime::from_unix_ms),
        person: asked.person,
        action: asked.action,
        patient: asked.patient,
        limit: Some(asked.limit.unwrap_or(usual)),
    };
    let found = served.history.read(move |store| {
        search(store, &wanted, most).map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
    });
    found.await
}

fn told(entry: &Entry) -> Value {
    let told = &entry.deed.told;
    let who = match &told.who {
        Actor::Person { id, name } => json!({ "kind": "person", "id": id, "name": name.reveal() }),
        Actor::Centre { id, name } => json!({ "kind": "centre", "id": id, "name": name.reveal() }),
        Actor::System { user } => json!({ "kind": "system", "id": user, "name": null }),
        Actor::Post => json!({ "kind": "post", "id": null, "name": null }),
        Actor::Nobody => json!({ "kind": "nobody", "id": null, "name": null }),
    };
    let outcome = match told.outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    };
    json!({
        "number": entry.number,
        "wall": entry.deed.wall.map(WallTime::as_unix_ms),
        "trust": entry.deed.trust,
        "who": who,
        "from": told.from,
        "action": told.action,
        "outcome": outcome,
        "subject": told.subject,
        "before": told.before.as_ref().map(Masked::reveal),
        "after": told.after.as_ref().map(Masked::reveal),
    })
}
