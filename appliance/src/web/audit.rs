//! The audit, for whoever may read it. Only what is on the card is found ([`super::history`]).

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::audit::{Actor, Entry, Outcome};
use vitals::{ClockTrust, Masked, WallTime};

use super::caller::Acting;
use super::history::{Table, refused};
use super::router::{Answer, Refused, Served};
use crate::access::policy::Action;
use crate::audit::{Page, Wanted, csv_head, csv_line, search};

/// Most entries in one answer.
const LIMIT_MAX: u64 = 1_000;
/// Entries when nobody says how many.
const LIMIT: u64 = 100;
/// Most lines of a table.
const TABLE_MAX: u64 = 20_000;

/// What is looked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AskedAudit")]
pub(super) struct Asked {
    /// From then on, in ms since 1970.
    from: Option<i64>,
    /// Before then, in ms since 1970.
    to: Option<i64>,
    /// Whose: an account.
    person: Option<String>,
    /// Which deed, by its key.
    action: Option<String>,
    /// On whom: a bed, a stay, or an alarm.
    patient: Option<String>,
    /// At most so many entries: 100 when nobody says, at most 1000; of a table 20000.
    limit: Option<u64>,
}

type Question = Result<Query<Asked>, QueryRejection>;

/// What was done and refused, the newest first.
#[derive(JsonSchema, Serialize)]
pub(super) struct Audit {
    entries: Vec<EntryShown>,
    /// There is more: ask again with a `to`.
    more: bool,
}

/// One entry of the audit.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "AuditEntry")]
struct EntryShown {
    /// Its place in the chain.
    number: u64,
    /// When, in ms since 1970; null when nobody knew the time.
    wall: Option<i64>,
    /// How far that is to be trusted.
    trust: ClockTrust,
    who: Who,
    /// From which screen or address.
    from: String,
    /// What, by its key.
    action: String,
    outcome: Outcome,
    /// On what: `kind:id`, several with a blank between.
    subject: String,
    /// What it was before, where something changed.
    before: Option<String>,
    /// What it is after, or why it was refused.
    after: Option<String>,
}

/// Who did it.
#[derive(JsonSchema, Serialize)]
struct Who {
    kind: WhoKind,
    /// The account.
    id: Option<String>,
    /// What people call them.
    name: Option<String>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
enum WhoKind {
    /// Somebody with an account here.
    Person,
    /// Somebody at the centre.
    Centre,
    /// Somebody at the box's own console.
    System,
    /// The box by itself.
    Post,
    /// Nobody who could be identified.
    Nobody,
}

pub(super) async fn audit(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Question,
) -> Answer<Audit> {
    served.desk.tell_view(&acting.by, Action::SeeAudit, "audit");
    let page = find(&served, asked, LIMIT, LIMIT_MAX).await?;
    Ok(Answered(Audit {
        entries: page.entries.iter().map(told).collect(),
        more: page.more,
    }))
}

pub(super) async fn table(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Question,
) -> Result<Table, Refused> {
    // It leaves the box: told each time.
    served
        .desk
        .tell(acting.by.did(Action::SeeAudit.key(), "audit.csv"));
    let page = find(&served, asked, TABLE_MAX, TABLE_MAX).await?;
    let lines = page.entries.iter().map(csv_line);
    Ok(Table::new(
        "audit",
        !page.more,
        std::iter::once(csv_head()).chain(lines),
    ))
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

fn told(entry: &Entry) -> EntryShown {
    let told = &entry.deed.told;
    let named = |kind, id: &String, name: &Masked<String>| Who {
        kind,
        id: Some(id.clone()),
        name: Some(name.reveal().clone()),
    };
    let nameless = |kind, id| Who { kind, id, name: None };
    EntryShown {
        number: entry.number,
        wall: entry.deed.wall.map(WallTime::as_unix_ms),
        trust: entry.deed.trust,
        who: match &told.who {
            Actor::Person { id, name } => named(WhoKind::Person, id, name),
            Actor::Centre { id, name } => named(WhoKind::Centre, id, name),
            Actor::System { user } => nameless(WhoKind::System, Some(user.clone())),
            Actor::Post => nameless(WhoKind::Post, None),
            Actor::Nobody => nameless(WhoKind::Nobody, None),
        },
        from: told.from.clone(),
        action: told.action.clone(),
        outcome: told.outcome,
        subject: told.subject.clone(),
        before: told.before.as_ref().map(|before| before.reveal().clone()),
        after: told.after.as_ref().map(|after| after.reveal().clone()),
    }
}
