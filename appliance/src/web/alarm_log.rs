//! The log of alarms, for whoever may read it ([`crate::alarm_log`]). Only what is on the card is found
//! ([`super::history`]). The figures are those of docs/operate/alarm-log.md.

mod shown;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use jiff::civil::{ISOWeekDate, Weekday};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use openapi::Answered;
use schemars::JsonSchema;
use serde::Deserialize;
use vitals::{BedId, Priority, WallTime};

use self::shown::{Figures, Log};
use super::caller::Acting;
use super::history::{Table, refused};
use super::live::Snapshot;
use super::router::{Answer, Refused, Served};
use crate::access::policy::Action;
use crate::alarm_log::{Entry, LogError, Page, Wanted, What, csv_head, csv_line, search, statistics};
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

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// From then on, in ms since 1970.
    from: i64,
    /// Before then, in ms since 1970; at most 31 days later.
    to: i64,
    bed: Option<BedId>,
    /// Words that stand in the entry, at most 80 characters.
    text: Option<String>,
    priority: Option<Priority>,
    /// At most so many entries: 100 when nobody says, at most 1000; of a table 20000.
    limit: Option<usize>,
    /// Minutes east of UTC in which the times of a table are written.
    #[serde(default)]
    offset_min: i32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretch {
    /// From then on, in ms since 1970.
    from: i64,
    /// Before then, in ms since 1970; at most 31 days later.
    to: i64,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Week {
    /// As ISO 8601 writes it: `2026-W48`.
    week: String,
    /// Minutes east of UTC in which the week begins.
    #[serde(default)]
    offset_min: i32,
}

type Asking<T> = Result<Query<T>, QueryRejection>;

pub(super) async fn log(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Asked>,
) -> Answer<Log> {
    view(&served, &acting);
    let (page, _) = find(&served, asked, LIMIT, LIMIT_MAX).await?;
    Ok(Answered(page.into()))
}

pub(super) async fn table(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Asked>,
) -> Result<Table, Refused> {
    // It leaves the box: told each time.
    served
        .desk
        .tell(acting.by.did(Action::SeeAlarmLog.key(), "alarm-log.csv"));
    let (page, offset) = find(&served, asked, TABLE_MAX, TABLE_MAX).await?;
    let lines = page.entries.iter().map(|entry| csv_line(entry, offset));
    let lines = std::iter::once(csv_head()).chain(lines);
    Ok(Table::new("alarm-log", !page.more, lines))
}

pub(super) async fn figures(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Stretch>,
) -> Answer<Figures> {
    view(&served, &acting);
    let Stretch { from, to } = asked_for(asked)?;
    count(&served, (from, to)).await
}

pub(super) async fn week(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    asked: Asking<Week>,
) -> Answer<Figures> {
    view(&served, &acting);
    let Week { week, offset_min } = asked_for(asked)?;
    let stretch = stretch_of(&week, offset(offset_min)?).ok_or_else(|| {
        let text = format!("{week:?} is no week: write it as 2026-W48");
        refused(StatusCode::UNPROCESSABLE_ENTITY, &text)
    })?;
    count(&served, stretch).await
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
    let mut page = read(served, move |store| search(store, &wanted, limit)).await?;
    let now = served.feed.snapshot();
    for entry in &mut page.entries {
        so_far(entry, &now);
    }
    Ok((page, offset))
}

/// The worst value of an alarm that goes on: what is recorded is as of its last step.
fn so_far(entry: &mut Entry, now: &Snapshot) {
    if let What::Alarm(alarm) = &mut entry.what {
        alarm.worst = now.worst_of(alarm.id).or(alarm.worst);
    }
}

async fn count(served: &Served, (from, to): (i64, i64)) -> Answer<Figures> {
    let (begin, end) = (WallTime::from_unix_ms(from), WallTime::from_unix_ms(to));
    let found = read(served, move |store| statistics(store, begin, end)).await?;
    Ok(Answered(Figures::of(&found, from, to)))
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

#[cfg(test)]
mod tests;
