//! A stored record as one line of JSON: what `vitalpost-central dump` prints and `GET /api/v1/records` answers.
//!
//! Every line has `post`, `epoch` (hexadecimal), `lane`, `seq`, `boot` (hexadecimal), `at_ns` (monotonic, in that boot),
//! `received_wall_ms` and what [`vitals::json`] says of its kind.

use serde_json::{Value, json};
use vitals::PostId;

use crate::store::Stored;

/// One record as a line, without the line break.
pub fn line(post: &PostId, stored: &Stored) -> String {
    let mut line = json!({
        "post": post,
        "epoch": stored.epoch.to_string(),
        "lane": stored.lane,
        "seq": stored.seq,
        "boot": stored.boot.to_string(),
        "at_ns": stored.record.at().as_ns(),
        "received_wall_ms": stored.received.as_unix_ms(),
    });
    if let Value::Object(line) = &mut line {
        line.extend(vitals::json::fields(&stored.record));
    }
    line.to_string()
}
