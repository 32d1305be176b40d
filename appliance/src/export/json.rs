//! One JSON line per record, in the words of `vitalpost-central dump` ([`vitals::json`]).
//!
//! Where the centre says when a record arrived (`received_wall_ms`), the post says when it was: `wall_ms` and `trust`,
//! both `null` when nobody knows. `post` is `null` when the store was named by `--store`.

use std::io::{self, Write};

use serde_json::{Value, json};
use vitals::{Lane, PostId};

use super::Time;
use crate::store::Kept;

pub(super) fn line(
    out: &mut impl Write,
    post: Option<&PostId>,
    lane: Lane,
    kept: &Kept,
    time: Time,
) -> io::Result<()> {
    let mut line = json!({
        "post": post,
        "epoch": kept.epoch.to_string(),
        "lane": lane,
        "seq": kept.seq,
        "boot": kept.boot.to_string(),
        "at_ns": kept.record.at().as_ns(),
        "wall_ms": time.map(|(wall, _)| wall.as_unix_ms()),
        "trust": time.map(|(_, trust)| trust),
    });
    if let Value::Object(line) = &mut line {
        line.extend(vitals::json::fields(&kept.record));
    }
    writeln!(out, "{line}")
}
