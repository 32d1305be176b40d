//! Readings and summaries as a table: RFC 4180 (commas, CRLF, quotes where needed), UTF-8, one header line.
//!
//! A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for a formula and may run it; such a text gets a `'`
//! in front. Numbers are written by us and stay numbers.

use std::io::{self, Write};

use serde_json::{Map, Value};
use vitals::patient::Merges;
use vitals::{Code, Lane, Record};

use super::{Time, dates};
use crate::store::Kept;

/// Columns of the vitals lane.
const VITALS: &[&str] = &[
    "time",
    "trust",
    "boot",
    "at_ns",
    "bed",
    "admission",
    "device",
    "code",
    "value",
    "unit",
    "reason",
    "quality",
    "method",
    "epoch",
    "seq",
    "patient",
];

/// Columns of the summaries lane; `time` is the begin of the minute.
const SUMMARIES: &[&str] = &[
    "time",
    "trust",
    "boot",
    "at_ns",
    "bed",
    "admission",
    "device",
    "code",
    "count",
    "lowest",
    "highest",
    "mean",
    "unit",
    "absent",
    "epoch",
    "seq",
    "patient",
];

/// Whose text is digits that a device measured or we counted.
const NUMBERS: &[&str] = &[
    "at_ns", "value", "count", "lowest", "highest", "mean", "absent", "seq",
];

/// The columns of a lane; `None` = it does not fit a table.
pub(super) fn columns(lane: Lane) -> Option<&'static [&'static str]> {
    match lane {
        Lane::Vitals => Some(VITALS),
        Lane::Summaries => Some(SUMMARIES),
        Lane::Alerts | Lane::Events | Lane::Waves => None,
    }
}

pub(super) fn head(out: &mut impl Write, columns: &[&str]) -> io::Result<()> {
    write!(out, "{}\r\n", columns.join(","))
}

pub(super) fn line(
    out: &mut impl Write,
    columns: &[&str],
    kept: &Kept,
    time: Time,
    merges: &Merges,
) -> io::Result<()> {
    let fields = vitals::json::fields(&kept.record);
    for (place, column) in columns.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        let text = match *column {
            "time" => time.map_or(String::new(), |(wall, _)| dates::shown(wall)),
            "trust" => time.map_or("unknown".to_owned(), |(_, trust)| {
                serde_json::to_value(trust).map_or(String::new(), |trust| plain(&trust))
            }),
            "boot" => kept.boot.to_string(),
            "at_ns" => kept.record.at().as_ns().to_string(),
            "epoch" => kept.epoch.to_string(),
            "seq" => kept.seq.0.to_string(),
            "code" => what(&fields),
            "patient" => super::patient_of(&fields, merges).map_or(String::new(), String::from),
            "unit" => unit(&kept.record, &fields),
            column => fields.get(column).map(plain).unwrap_or_default(),
        };
        cell(out, &text, NUMBERS.contains(column))?;
    }
    out.write_all(b"\r\n")
}

/// The code of a vital sign, or the signal of a value about the post.
fn what(fields: &Map<String, Value>) -> String {
    ["code", "signal"]
        .into_iter()
        .find_map(|name| fields.get(name).filter(|value| !value.is_null()))
        .map(plain)
        .unwrap_or_default()
}

fn unit(record: &Record, fields: &Map<String, Value>) -> String {
    let of = |code: Code| code.info().ucum.to_owned();
    match record {
        Record::Reading(reading) => of(reading.seen.code),
        Record::Summary(summary) => match &summary.of {
            vitals::Summarised::Vital(code) => of(*code),
            vitals::Summarised::Site { unit, .. } => unit.clone(),
        },
        _ => fields.get("unit").map(plain).unwrap_or_default(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub(crate) fn cell(out: &mut impl Write, text: &str, number: bool) -> io::Result<()> {
    let formula = !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
