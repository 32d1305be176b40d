//! The log of alarms, for whoever may read it ([`crate::alarm_log`]):
//!
//! - `GET /api/v1/alarm-log?from=&to=&bed=&text=&priority=&limit=`: `{"entries", "more", "read_from"}`, newest first; those
//!   whose time nobody knows come last. `from` (included) and `to` (not included) are needed, at most 31 days apart, and
//!   like every `wall` in milliseconds since 1970. At most [`LIMIT_MAX`], 100 when `limit` is left out; `read_from`: nothing
//!   before that moment was read, ask again with it as `to`. Each entry has `kind` and `at` (`{"wall", "trust"}`):
//!   - `alarm`: `alarm` (its id), `bed`, `stay`, `condition`, `text`, `unit`, `device`, `priority_first`, `priority`, `value`,
//!     `worst`, `limit`, `crossed`, `ended`, `phase`, `onsets`, `doctors` and `steps` (`{"at", "what", "by", "from"}`);
//!   - `limits` and `signals`: `bed`, `stay`, `before`, `after`, `by`, `from`;
//!   - `gap`: `until`, when the post recorded again.
//! - `GET /api/v1/alarm-log.csv`, the same questions and `offset_min` (minutes east of UTC in which times are written): a
//!   table of at most [`TABLE_MAX`] lines; one that is not all is called `alarm-log-newest-part.csv`.
//! - `GET /api/v1/alarm-log/statistics?from=&to=` and `GET /api/v1/alarm-log/week?week=2026-W48&offset_min=`: `from`, `to` and
//!   the figures of docs/operate/alarm-log.md.
//!
//! Only what is on the card is found ([`super::history`]).

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use jiff::civil::{ISOWeekDate, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::{BedId, Priority, WallTime};

use super::caller::Acting;
use super::history::{self, Refused, refused};
use super::router::Served;
use crate::access::policy::Action;
use crate::alarm_log::{
    AlarmEntry, Change, Count, Entry, LogError, Moment, Page, Statistic, Wanted, What, csv_head, csv_line,
    search, statistics,
};
use crate::store::Store;

/// Most entries in one answer.
const LIMIT_MAX: usize = 1_000;
/// Entries when nobody says how many.
const LIMIT: usize = 100;
/// Most lines of a table.
const TABLE_MAX: usize = 20_000;
/// The longest text that can be looked for, in characters.
const TEXT_CHARS_MAX: usize = 80;
/// Nowhere is further from UTC than this, in minutes.
const OFFSET_MIN_MAX: i32 = 14 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    from: i64,
    to: i64,
    bed: Option<BedId>,
    text: Option<String>,
    priority: Option<Priority>,
    limit: Option<usize>,
    #[serde(default)]
    offset_min: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretch {
    from: i64,
    to: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Week {
    week: String,
    #[serde(default)]
    offset_min: i32,
}

type Asking<T> = Result<Query<T>, QueryRejection>;

pub(super) async fn log(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Asked>,
) -> Response {
    view(&served, &acting);
    match find(&served, asked, LIMIT, LIMIT_MAX).await {
        Ok((page, _)) => Json(json!({
            "entries": page.entries.iter().map(told).collect::<Vec<_>>(),
            "more": page.more,
            "read_from": page.read_from.map(WallTime::as_unix_ms),
        }))
        .into_response(),
        Err(answer) => *answer,
    }
}

pub(super) async fn table(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Asked>,
) -> Response {
    // It leaves the box: told each time.
    served
        .desk
        .tell(acting.by.did(Action::SeeAlarmLog.key(), "alarm-log.csv"));
    match find(&served, asked, TABLE_MAX, TABLE_MAX).await {
        Ok((page, offset)) => {
            let lines = page.entries.iter().map(|entry| csv_line(entry, offset));
            let lines = std::iter::once(csv_head()).chain(lines);
            history::table("alarm-log", !page.more, lines)
        }
        Err(answer) => *answer,
    }
}

pub(super) async fn figures(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Stretch>,
) -> Response {
    view(&served, &acting);
    let stretch = asked_for(asked).map(|Stretch { from, to }| (from, to));
    match stretch {
        Ok(stretch) => count(&served, stretch).await,
        Err(answer) => *answer,
    }
}

pub(super) async fn week(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Week>,
) -> Response {
    view(&served, &acting);
    let stretch = asked_for(asked).and_then(|Week { week, offset_min }| {
        let offset = offset(offset_min)?;
        stretch_of(&week, offset).ok_or_else(|| {
            let text = format!("{week:?} is no week: write it as 2026-W48");
            refused(StatusCode::UNPROCESSABLE_ENTITY, &text)
        })
    });
    match stretch {
        Ok(stretch) => count(&served, stretch).await,
        Err(answer) => *answer,
    }
}

fn view(served: &Served, acting: &Acting) {
    served
        .desk
        .tell_view(&acting.by, Action::SeeAlarmLog, "alarm-log");
}

fn asked_for<T>(asked: Asking<T>) -> Result<T, Refused> {
    let Query(asked) =
        asked.map_err(|error| refused(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()))?;
    Ok(asked)
}

fn offset(minutes: i32) -> Result<Offset, Refused> {
    let known = (-OFFSET_MIN_MAX..=OFFSET_MIN_MAX).contains(&minutes);
    let offset = known.then(|| Offset::from_seconds(minutes * 60).ok()).flatten();
    offset.ok_or_else(|| {
        let text = "offset_min: minutes east of UTC, -840 to 840";
        refused(StatusCode::UNPROCESSABLE_ENTITY, &text)
    })
}

/// From the Monday of a week as ISO 8601 writes it to the next one, in milliseconds since 1970.
fn stretch_of(week: &str, offset: Offset) -> Option<(i64, i64)> {
    let (year, week) = week.split_once("-W")?;
    let is_written_so = year.len() == 4 && week.len() == 2;
    let monday = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    let monday = monday.date();
    let at = |date: jiff::civil::Date| {
        let moment: Timestamp = offset.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        Some(moment.as_millisecond())
    };
    let stretch = (at(monday)?, at(monday.checked_add(7.days()).ok()?)?);
    is_written_so.then_some(stretch)
}

async fn find(
    served: &Served,
    asked: Asking<Asked>,
    usual: usize,
    most: usize,
) -> Result<(Page, Offset), Refused> {
    let asked = asked_for(asked)?;
    let offset = offset(asked.offset_min)?;
    let text = asked.text.filter(|text| !text.trim().is_empty());
    let text = text.map(|text| text.trim().chars().take(TEXT_CHARS_MAX).collect());
    let wanted = Wanted {
        from: WallTime::from_unix_ms(asked.from),
        to: WallTime::from_unix_ms(asked.to),
        bed: asked.bed,
        text,
        priority: asked.priority,
    };
    let limit = asked.limit.unwrap_or(usual).min(most);
    let page = read(served, move |store| search(store, &wanted, limit)).await?;
    Ok((page, offset))
}

async fn count(served: &Served, (from, to): (i64, i64)) -> Response {
    let (begin, end) = (WallTime::from_unix_ms(from), WallTime::from_unix_ms(to));
    match read(served, move |store| statistics(store, begin, end)).await {
        Ok(found) => Json(counted(&found, from, to)).into_response(),
        Err(answer) => *answer,
    }
}

async fn read<T: Send + 'static>(
    served: &Served,
    question: impl FnOnce(&Store) -> Result<T, LogError> + Send + 'static,
) -> Result<T, Refused> {
    let status = |error: &LogError| match error {
        LogError::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        LogError::Backwards | LogError::TooLong | LogError::TooMany => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let read = served
        .history
        .read(move |store| question(store).map_err(|error| (status(&error), error.to_string())));
    read.await
}

fn told(entry: &Entry) -> Value {
    let mut told = match &entry.what {
        What::Alarm(alarm) => of_alarm(alarm),
        What::Limits(change) => of_change("limits", change),
        What::Signals(change) => of_change("signals", change),
        What::Gap(until) => json!({ "kind": "gap", "until": moment(*until) }),
    };
    if let Some(fields) = told.as_object_mut() {
        fields.insert("at".to_owned(), moment(entry.at));
    }
    told
}

fn moment(at: Moment) -> Value {
    json!({ "wall": at.wall.map(WallTime::as_unix_ms), "trust": at.trust })
}

fn of_alarm(alarm: &AlarmEntry) -> Value {
    let step = |step: &crate::alarm_log::Happened| json!({ "at": moment(step.at), "what": step.what.key(), "by": step.by, "from": step.from });
    json!({
        "kind": "alarm",
        "alarm": alarm.id,
        "bed": alarm.bed,
        "stay": alarm.admission,
        "condition": alarm.condition,
        "text": alarm.text,
        "unit": alarm.unit,
        "device": alarm.device,
        "priority_first": alarm.priority_first,
        "priority": alarm.priority,
        "value": alarm.value,
        "worst": alarm.worst,
        "limit": alarm.limit,
        "crossed": moment(alarm.crossed),
        "ended": alarm.ended.map(moment),
        "phase": alarm.phase,
        "onsets": alarm.onsets,
        "doctors": alarm.answered,
        "steps": alarm.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn of_change(kind: &str, change: &Change) -> Value {
    json!({
        "kind": kind,
        "bed": change.bed,
        "stay": change.admission,
        "before": change.before,
        "after": change.after,
        "by": change.by,
        "from": change.from,
    })
}

fn counted(found: &Statistic, from: i64, to: i64) -> Value {
    let figures = &found.figures;
    let count = |count: &Count| {
        json!({
            "alarms": count.alarms,
            "announced": count.announced,
            "per_bed_day": count.per_bed_day(figures.bed_time),
            "soon_over_percent": count.soon_over_percent(),
        })
    };
    let row = |name: &str, key: Value, counted: &Count| {
        let mut row = count(counted);
        if let Some(fields) = row.as_object_mut() {
            fields.insert(name.to_owned(), key);
        }
        row
    };
    let by_priority = figures.by_priority.iter();
    let by_priority = by_priority.map(|(priority, of)| row("priority", json!(priority.0), of));
    let top = figures
        .top
        .iter()
        .map(|(condition, of)| row("condition", json!(condition), of));
    json!({
        "from": from,
        "to": to,
        "bed_days": figures.bed_time.as_secs_f64() / 86_400.0,
        "beds": figures.beds,
        "total": count(&figures.total()),
        "by_priority": by_priority.collect::<Vec<_>>(),
        "top": top.collect::<Vec<_>>(),
        "post": { "alarms": figures.post.alarms, "announced": figures.post.announced },
        "acknowledged": figures.acknowledged,
        "acknowledged_after_s": figures.acknowledged_after.map(|after| after.as_secs_f64()),
        "doubtful": found.doubtful,
    })
}

#[cfg(test)]
mod tests;
