//! Stored records as JSON lines, for tests and for engineers elsewhere: bounded per request; ask again after the last.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as QueryString, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vitals::{Lane, PostId, Seq};

use super::Shared;
use super::guard::{Caller, refuse};
use crate::audit::NotKept;
use crate::dump;
use crate::store::{Next, Query, StoreError};

/// How many requests read records at once; others wait.
pub(super) const READERS_MAX: usize = 2;
/// The most records in one answer, and how many it holds when nothing is said.
const RECORDS_MAX: usize = 10_000;
const RECORDS_USUAL: usize = 1_000;
/// An answer ends after the record that passes this size, in bytes.
const ANSWER_BYTES_MAX: usize = 8 << 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    post: PostId,
    lane: Lane,
    epoch: Option<String>,
    after_seq: Option<u64>,
    max: Option<usize>,
}

/// `GET /api/v1/records?post=..&lane=..&epoch=..&after_seq=..&max=..`
pub(super) async fn records(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    wanted: Result<QueryString<Wanted>, QueryRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(QueryString(wanted)) => wanted,
        Err(error) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, &error.body_text()),
    };
    let epoch = match wanted.epoch.map(|epoch| epoch.parse()).transpose() {
        Ok(epoch) => epoch,
        Err(_) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, "epoch: 16 hexadecimal digits"),
    };
    let subject = format!("records:{}/{}", wanted.post, wanted.lane.key());
    let query = Query {
        post: Some(wanted.post),
        lane: Some(wanted.lane),
        epoch,
        after: wanted.after_seq.map(Seq),
    };
    let records_max = wanted.max.unwrap_or(RECORDS_USUAL).min(RECORDS_MAX);
    let Ok(_permit) = shared.readers.acquire().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is stopping");
    };
    let told = caller.did("see_records", subject);
    if let Err(busy @ NotKept::Busy) = shared.site.book.tell(told).await {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, &busy.to_string());
    }
    let store = shared.site.store.clone();
    let read = tokio::task::spawn_blocking(move || {
        let (mut lines, mut count) = (String::new(), 0);
        if records_max == 0 {
            return Ok::<_, StoreError>(lines);
        }
        store.records(&query, &mut |post, stored| {
            lines.push_str(&dump::line(post, &stored));
            lines.push('\n');
            count += 1;
            if count == records_max || lines.len() > ANSWER_BYTES_MAX {
                Next::Enough
            } else {
                Next::More
            }
        })?;
        Ok(lines)
    });
    match read.await {
        Ok(Ok(lines)) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        Ok(Err(error)) => refuse(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
        Err(_) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            "reading failed: this is a bug, please report it",
        ),
    }
}
