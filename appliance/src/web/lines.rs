//! What each line to a device has done since the start, for the technician.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use openapi::Answered;
use schemars::JsonSchema;
use serde::Serialize;
use vitals::DeviceId;

use super::router::{Answer, Served};

/// Where the page gets the lines from, at any time and without waiting for anybody.
pub type LinesNow = Arc<dyn Fn() -> Vec<LineNow> + Send + Sync>;

/// One line.
#[derive(Clone, Debug, Default, JsonSchema, Serialize)]
pub struct LineNow {
    /// Its id in the configuration.
    pub line: String,
    /// Its family.
    pub family: &'static str,
    /// Its port or address, as configured.
    pub at: String,
    /// What hangs on it.
    pub devices: Vec<DeviceId>,
    /// It was added at the page, where it can be removed.
    pub added: bool,
    /// Its port.
    pub port: LinePort,
    /// Why it is closed or left out, and what to do.
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
    /// Bytes that nobody had asked for (Modbus).
    pub stray_bytes: u64,
    /// Codes that nobody knows.
    pub unknown_codes: Vec<UnknownCode>,
    /// How often codes came that found no place in the list.
    pub unknown_codes_left_out: u64,
    /// What is recorded of it.
    pub recording: Option<RecordingNow>,
}

/// A recording of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct RecordingNow {
    /// Seconds that it goes on still; 0 = it is over and can be taken along.
    pub left_s: u64,
    /// How long its text is, in bytes.
    pub bytes: usize,
}

/// A line's port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LinePort {
    /// It was not open yet.
    #[default]
    Opening,
    /// It is open.
    Open,
    /// It cannot be opened, or was lost.
    Closed,
    /// The line was added at the page, and does not fit the configuration any more.
    LeftOut,
}

/// The lines: those of the configuration in its order, then those that were added at the page.
#[derive(JsonSchema, Serialize)]
pub(super) struct Lines {
    lines: Vec<LineNow>,
}

/// A code that nobody knows.
#[derive(Clone, Copy, Debug, JsonSchema, Serialize)]
pub struct UnknownCode {
    /// The device's own number.
    pub code: u32,
    /// How often it came.
    pub count: u64,
}

pub(super) async fn lines(State(served): State<Served>) -> Answer<Lines> {
    let lines = (served.lines)();
    Ok(Answered(Lines { lines }))
}
