//! One JSON line per record, in the words of `vitalpost-central dump` ([`vitals::json`]).
//!
//! Where the centre says when a record arrived (`received_wall_ms`), the post says when it was: `wall_ms` and `trust`,
//! both `null` when nobody knows. `patient` is the stay as which `admission` counts. `post` is `null` when the store was named by `--store`.

use std::io::{self, Write};

use serde_json::{Value, json};
use vitals::patient::Merges;
use vitals::{Lane, PostId};

use super::Time;
use crate::store::Kept;

pub(super) fn line(
    out: &mut impl Write,
    post: Option<&PostId>,
    lane: Lane,
    (kept, time): (&Kept, Time),
    merges: &Merges,
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
        let fields = vitals::json::fields(&kept.record);
        let patient = super::patient_of(&fields, merges);
        line.extend(fields);
        line.extend(patient.map(|patient| ("patient".to_owned(), json!(patient))));
    }
    writeln!(out, "{line}")
}
