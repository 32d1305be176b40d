//! `GET /api/v1/lines`: what each line to a device has done since the start, for the technician. `lines` holds one for
//! each `[[line]]`, in the order of the configuration, then those that were added at the page:
//!
//! - `line`: its id; `family`, `at` (its port or address) and `devices`; `added`: at the page, where it can be removed.
//! - `port`: `opening`, `open`, `closed`, or `left_out` for one that was added and does not fit the configuration any more;
//!   `reason`: why it is closed or left out and what to do, else `null`; `opened`: how often the port was opened.
//! - `bytes` that came, and how long ago the last one: `heard_ms_ago`, `null` before the first. `good_ms_ago`: the same of the
//!   last good frame.
//! - `faults_per_minute`: what was wrong within the last minute; `recording`: of this line, while there is one.
//! - `seen`: values, absences and stretches of curves; `faults`: counts by name; `skipped_bytes` that belonged to no
//!   frame; `stray_bytes` that nobody had asked for (Modbus).
//! - `unknown_codes`: the device's own numbers of what nobody here knows, each with its `count`; the list is bounded, and
//!   `unknown_codes_left_out` counts what came beyond it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use vitals::DeviceId;

use super::router::Served;

/// Where the page gets the lines from, at any time and without waiting for anybody.
pub type LinesNow = Arc<dyn Fn() -> Vec<LineNow> + Send + Sync>;

/// One line; see the head of this file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LineNow {
    /// Its id in the configuration.
    pub line: String,
    /// Its family.
    pub family: &'static str,
    /// Its port or address, as configured.
    pub at: String,
    /// What hangs on it.
    pub devices: Vec<DeviceId>,
    /// It was added at the page.
    pub added: bool,
    /// `opening`, `open`, `closed` or `left_out`.
    pub port: &'static str,
    /// Why it is closed.
    pub reason: Option<String>,
    /// How often the port was opened.
    pub opened: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// How long ago the last byte came, in milliseconds.
    pub heard_ms_ago: Option<u64>,
    /// How long ago the last good frame came, in milliseconds.
    pub good_ms_ago: Option<u64>,
    /// Values, absences and stretches of curves.
    pub seen: u64,
    /// What was wrong, by name.
    pub faults: BTreeMap<&'static str, u64>,
    /// The same within the last minute.
    pub faults_per_minute: BTreeMap<&'static str, u64>,
    /// Bytes that belonged to no frame.
    pub skipped_bytes: u64,
    /// Bytes that nobody had asked for.
    pub stray_bytes: u64,
    /// Codes that nobody knows.
    pub unknown_codes: Vec<UnknownCode>,
    /// How often codes came that found no place in the list.
    pub unknown_codes_left_out: u64,
    /// What is recorded of it.
    pub recording: Option<RecordingNow>,
}

/// A recording of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RecordingNow {
    /// Seconds that it goes on still; 0 = it is over and can be taken along.
    pub left_s: u64,
    /// How long its text is, in bytes.
    pub bytes: usize,
}

/// A code that nobody knows.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UnknownCode {
    /// The device's own number.
    pub code: u32,
    /// How often it came.
    pub count: u64,
}

pub(super) async fn lines(State(served): State<Served>) -> Response {
    Json(json!({ "lines": (served.lines)() })).into_response()
}
