//! Entries as a table.

use jiff::Timestamp;
use jiff::tz::Offset;
use vitals::{AlarmPhase, BedId, ClockTrust, Decimal, Priority};

use super::entries::{AlarmEntry, Change, Entry, Moment, StepOf, What};
use crate::export;

const COLUMNS: &[&str] = &[
    "kind",
    "began",
    "trust",
    "ended",
    "bed",
    "stay",
    "alarm",
    "condition",
    "name",
    "priority_first",
    "priority",
    "value",
    "worst",
    "limit",
    "unit",
    "device",
    "state",
    "announced",
    "acknowledged_by",
    "acknowledged_from",
    "acknowledged_after_s",
    "doctors",
    "before",
    "after",
    "person",
    "from",
    "steps",
];

/// Cells that are numbers: a sign in front makes no formula of them.
const NUMBERS: &[&str] = &["value", "worst", "limit", "announced", "acknowledged_after_s"];

/// The first line of the table.
pub fn csv_head() -> String {
    format!("{}\r\n", COLUMNS.join(","))
}

/// An entry as a line of the table (RFC 4180). Times as `2026-11-23T15:30:00.000+01:00`, by this offset from UTC.
pub fn csv_line(entry: &Entry, offset: Offset) -> String {
    let mut line = Vec::new();
    for (place, column) in COLUMNS.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        let text = cell(entry, column, offset).unwrap_or_default();
        export::cell(&mut line, &text, NUMBERS.contains(column)).expect("writing to memory does not fail");
    }
    line.extend(b"\r\n");
    String::from_utf8_lossy(&line).into_owned()
}

fn cell(entry: &Entry, column: &str, offset: Offset) -> Option<String> {
    match column {
        "kind" => {
            let kind = match entry.what {
                What::Alarm(_) => "alarm",
                What::Limits(_) => "limits",
                What::Signals(_) => "signals",
                What::Gap(_) => "no_data",
            };
            Some(kind.to_owned())
        }
        "began" => time(entry.at, offset),
        "trust" => Some(trust(entry.at).to_owned()),
        column => match &entry.what {
            What::Alarm(alarm) => of_alarm(alarm, column, offset),
            What::Limits(change) | What::Signals(change) => of_change(change, column),
            What::Gap(to) => (column == "ended").then(|| time(*to, offset)).flatten(),
        },
    }
}

fn of_alarm(alarm: &AlarmEntry, column: &str, offset: Offset) -> Option<String> {
    let number = |number: Option<Decimal>| number.map(|number| number.to_string());
    let first = alarm.steps.iter().find(|step| step.what == StepOf::Acknowledged);
    match column {
        "ended" => time(alarm.ended?, offset),
        "bed" => alarm.bed.as_ref().map(BedId::to_string),
        "stay" => alarm.admission.as_ref().map(ToString::to_string),
        "alarm" => Some(alarm.id.to_string()),
        "condition" => Some(alarm.condition.key()),
        "name" => Some(alarm.text.clone()),
        "priority_first" => Some(priority(alarm.priority_first).to_owned()),
        "priority" => Some(priority(alarm.priority).to_owned()),
        "value" => number(alarm.value),
        "worst" => number(alarm.worst),
        "limit" => number(alarm.limit),
        "unit" => Some(alarm.unit.clone()),
        "device" => alarm.device.as_ref().map(ToString::to_string),
        "state" => Some(phase(alarm.phase).to_owned()),
        "announced" => Some(alarm.onsets.to_string()),
        "acknowledged_by" => first?.by.clone(),
        "acknowledged_from" => first?.from.clone(),
        "acknowledged_after_s" => {
            let took = alarm.answers().find_map(|(_, took)| took)?;
            Some(format!("{:.1}", took.as_secs_f64()))
        }
        "doctors" => alarm.answered.map(|state| state.key().to_owned()),
        "steps" => Some(steps(alarm, offset)),
        _ => None,
    }
}

fn steps(alarm: &AlarmEntry, offset: Offset) -> String {
    let step = |step: &super::Happened| {
        let at = time(step.at, offset).unwrap_or_else(|| "?".to_owned());
        let by = step.by.as_ref().map(|by| format!(" {by}"));
        format!("{at} {}{}", step.what.key(), by.unwrap_or_default())
    };
    alarm.steps.iter().map(step).collect::<Vec<_>>().join("; ")
}

fn of_change(change: &Change, column: &str) -> Option<String> {
    match column {
        "bed" => change.bed.as_ref().map(BedId::to_string),
        "stay" => change.admission.as_ref().map(ToString::to_string),
        "before" => change.before.clone(),
        "after" => Some(change.after.clone()),
        "person" => change.by.clone(),
        "from" => change.from.clone(),
        _ => None,
    }
}

fn time(at: Moment, offset: Offset) -> Option<String> {
    let stamp = Timestamp::from_millisecond(at.wall?.as_unix_ms()).ok()?;
    Some(format!("{:.3}", stamp.display_with_offset(offset)))
}

pub(super) fn trust(at: Moment) -> &'static str {
    match at.trust {
        ClockTrust::Untrusted => "untrusted",
        ClockTrust::Holdover => "holdover",
        ClockTrust::Synchronised => "synchronised",
    }
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
    }
}

fn phase(phase: AlarmPhase) -> &'static str {
    match phase {
        AlarmPhase::Active => "active",
        AlarmPhase::Acknowledged => "acknowledged",
        AlarmPhase::Latched => "latched",
        AlarmPhase::Ended => "ended",
    }
}
