//! Who lies in a bed of a post, in words, with the laboratory results. The live picture carries initials only. Who looked
//! stands in the audit before anything is shown; while the store fails it is shown all the same, and told when it works.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};
use vitals::lab::Held;
use vitals::{BedId, PostId, WallTime};

use super::Shared;
use super::guard::{Caller, refuse};
use crate::audit::NotKept;
use crate::view::{Came, Chart};

/// `GET /api/v1/posts/{post}/beds/{bed}/patient`
pub(super) async fn patient(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path((post, bed)): Path<(String, String)>,
) -> Response {
    let subject = format!("bed:{post}/{bed}");
    let view = shared.site.view.borrow().clone();
    let found = post.parse::<PostId>().ok().zip(bed.parse::<BedId>().ok());
    let found = found.and_then(|(post, bed)| {
        let post = view.posts.iter().find(|known| known.id == post)?;
        post.beds.iter().find(|known| known.id == bed)
    });
    let Some(bed) = found else {
        return refuse(StatusCode::NOT_FOUND, "no such bed at this post");
    };
    let told = caller.did("see_chart", subject);
    match shared.site.book.tell(told).await {
        Err(busy @ NotKept::Busy) => refuse(StatusCode::SERVICE_UNAVAILABLE, &busy.to_string()),
        Ok(()) | Err(NotKept::Waits) => Json(shown(bed.chart.as_deref())).into_response(),
    }
}

fn shown(chart: Option<&Chart>) -> Value {
    let identity = chart.map(|chart| &chart.identity);
    let results = chart.into_iter().flat_map(|chart| &chart.results);
    json!({
        "identity": identity.filter(|identity| !identity.is_unknown()),
        "results": results.map(result).collect::<Vec<_>>(),
        "left_out": chart.map_or(0, |chart| chart.left_out),
        "vacant": chart.is_some_and(|chart| chart.vacant),
        "perhaps": chart.is_some_and(|chart| chart.perhaps),
    })
}

fn result(held: &Held<Came>) -> Value {
    let (record, result) = (&held.record, &held.record.result);
    json!({
        "id": record.id,
        "device": record.device,
        "specimen": result.specimen,
        "test": result.test.name,
        "code": result.test.code,
        "value": result.value,
        "unit": result.unit,
        "range": result.range,
        "flag": result.flag,
        "status": result.status,
        "completed": result.completed,
        "made_wall_ms": held.at.made.map(WallTime::as_unix_ms),
        "received_wall_ms": held.at.received.as_unix_ms(),
        "was": held.was,
        "assigned_by": held.assigned_by,
    })
}
