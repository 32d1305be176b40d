//! How the box is, and its self-test ([`crate::selftest`]):
//!
//! - `GET /api/v1/system`: `{"rows"}`, as it stands now; nothing is tried for it.
//! - `GET /api/v1/self-test`: `{"run", "kept"}`. `run` is the one that runs or waits to be signed, or `null`: `id`, `began_ms`,
//!   `trust`, `by`, `percent`, `played`, and `rows` once it is done. `kept`, newest first: `id`, `began_ms`, `signed_ms`, `trust`,
//!   `by` and `counts` (`{"ok", "look", "failed", "not_measured"}`).
//! - `POST /api/v1/self-test`: begins one, `{"id"}`; 409 while another runs. The box plays its test tone.
//! - `POST /api/v1/self-test/sign` with `{"run", "heard": true | false | null, "ups_min": minutes | null, "remark"}`: keeps it
//!   under the name of whoever is signed in; answers with it. 409 when it is not there any more.
//! - `GET /api/v1/self-test/{id}`: one that was kept, with `rows`, `remark`, `sha256` and `whole`: false when it was changed
//!   since it was signed.
//!
//! Each row: `part`, `of`, `state` (`ok`, `look`, `failed`, `not_measured`), `found`, `figures` (`{"what", "value"}`) and `why`.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Acting;
use super::people::{answer, not_understood};
use super::router::{Served, answer_error};
use crate::access::{SignedTest, Signing};
use crate::selftest::run::{RunError, RunTold};
use crate::selftest::{Row, Said};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signs {
    run: u64,
    heard: Option<bool>,
    ups_min: Option<u16>,
    #[serde(default)]
    remark: String,
}

pub(super) async fn system(State(served): State<Served>) -> Response {
    let runner = served.self_test.clone();
    // It reads files of the system: beside the page's thread.
    match tokio::task::spawn_blocking(move || runner.status()).await {
        Ok(rows) => Json(json!({ "rows": rows })).into_response(),
        Err(_) => answer_error(StatusCode::SERVICE_UNAVAILABLE, "the post is stopping"),
    }
}

pub(super) async fn runs(State(served): State<Served>) -> Response {
    let kept = served.desk.signed_tests().await;
    answer(kept.map(|kept| {
        let kept: Vec<Value> = kept.iter().map(in_short).collect();
        json!({ "run": served.self_test.last(), "kept": kept })
    }))
}

pub(super) async fn begin(State(served): State<Served>, Extension(acting): Extension<Acting>) -> Response {
    match served.self_test.begin(acting.by.name()) {
        Ok(id) => {
            // It makes a sound: told. It is also the first record whose way to the centre is measured.
            let told = acting.by.did("self_test", format!("self_test_run:{id}"));
            served.desk.tell(told);
            Json(json!({ "id": id })).into_response()
        }
        Err(error) => refused(&error),
    }
}

pub(super) async fn sign(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Result<Json<Signs>, JsonRejection>,
) -> Response {
    let Signs {
        run,
        heard,
        ups_min,
        remark,
    } = match body {
        Ok(Json(body)) => body,
        Err(error) => return not_understood(&error),
    };
    let result = match served.self_test.result(run, Said { heard, ups_min }) {
        Ok(result) => result,
        Err(error) => return refused(&error),
    };
    let RunTold {
        began_ms,
        trust,
        rows,
        ..
    } = result;
    let Ok(told) = serde_json::to_value(&rows) else {
        return answer_error(StatusCode::INTERNAL_SERVER_ERROR, "the result cannot be written");
    };
    let signing = Signing {
        began_ms,
        trust,
        summary: summary(&rows),
        rows: told,
        remark,
    };
    let signed = served.desk.sign_test(signing, acting.by).await;
    if signed.is_ok() {
        served.self_test.close(run);
    }
    answer(signed.as_ref().map(whole).map_err(Clone::clone))
}

pub(super) async fn kept(State(served): State<Served>, Path(id): Path<String>) -> Response {
    let kept = match served.desk.signed_tests().await {
        Ok(kept) => kept,
        Err(error) => return answer::<()>(Err(error)),
    };
    let found = kept.iter().find(|test| test.id.to_string() == id);
    match found {
        Some(test) => Json(whole(test)).into_response(),
        None => answer_error(StatusCode::NOT_FOUND, "there is no such result here"),
    }
}

fn refused(error: &RunError) -> Response {
    let status = match error {
        RunError::Runs | RunError::NotDone | RunError::Gone => StatusCode::CONFLICT,
        RunError::System(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    answer_error(status, &error.to_string())
}

/// How many rows are how, in words for the audit.
fn summary(rows: &[Row]) -> String {
    use crate::selftest::State::{Failed, Look, NotMeasured, Ok};
    let count = |state| rows.iter().filter(|row| row.state == state).count();
    format!(
        "{} ok, {} to look at, {} failed, {} not measured",
        count(Ok),
        count(Look),
        count(Failed),
        count(NotMeasured)
    )
}

fn in_short(test: &SignedTest) -> Value {
    let rows = test.rows.as_array().map_or(&[][..], Vec::as_slice);
    let count = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
    json!({
        "id": test.id,
        "began_ms": test.began_ms,
        "signed_ms": test.signed_ms,
        "trust": test.trust,
        "by": test.name.reveal(),
        "counts": {
            "ok": count("ok"),
            "look": count("look"),
            "failed": count("failed"),
            "not_measured": count("not_measured"),
        },
    })
}

fn whole(test: &SignedTest) -> Value {
    let mut told = in_short(test);
    if let Some(fields) = told.as_object_mut() {
        fields.insert("rows".to_owned(), test.rows.clone());
        fields.insert("remark".to_owned(), json!(test.remark.reveal()));
        fields.insert("sha256".to_owned(), json!(test.sha256));
        fields.insert("whole".to_owned(), json!(test.is_whole()));
    }
    told
}
