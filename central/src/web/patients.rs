//! Who lies in a bed of a post, in words, with the laboratory results. The live picture carries initials only.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use vitals::lab::Held;
use vitals::{BedId, PostId, WallTime};

use super::Shared;
use crate::view::{Came, Chart};

/// `GET /api/v1/posts/{post}/beds/{bed}/patient`
pub(super) async fn patient(
    State(shared): State<Arc<Shared>>,
    Path((post, bed)): Path<(String, String)>,
) -> Response {
    let view = shared.site.view.borrow().clone();
    let found = post.parse::<PostId>().ok().zip(bed.parse::<BedId>().ok());
    let found = found.and_then(|(post, bed)| {
        let post = view.posts.iter().find(|known| known.id == post)?;
        post.beds.iter().find(|known| known.id == bed)
    });
    match found {
        Some(bed) => Json(shown(bed.chart.as_deref())).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            Json(json!({ "error": "no such bed at this post" })),
        )
            .into_response(),
    }
}

fn shown(chart: Option<&Chart>) -> Value {
    let identity = chart.map(|chart| &chart.identity);
    let results = chart.into_iter().flat_map(|chart| &chart.results);
    json!({
        "identity": identity.filter(|identity| !identity.is_unknown()),
        "results": results.map(result).collect::<Vec<_>>(),
        "left_out": chart.map_or(0, |chart| chart.left_out),
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
