//! How the box is, and its self-test ([`crate::selftest`]).

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vitals::ClockTrust;

use super::caller::Acting;
use super::people::{answer, refused as refused_by_desk};
use super::router::{Answer, Body, Refused, Served, answer_error, read};
use crate::access::{SignedTest, Signing};
use crate::selftest::run::{RunError, RunTold};
use crate::selftest::{Row, Said};

/// A self-test is kept under the name of whoever is signed in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SigningSelfTest")]
pub(super) struct Signs {
    /// Which run.
    run: u64,
    /// Whether the tone of the box was heard at the bed.
    heard: Option<bool>,
    /// How long the box went on without mains, in minutes.
    ups_min: Option<u16>,
    /// What there is to say.
    #[serde(default)]
    remark: String,
}

/// How the box is now; nothing is tried for it.
#[derive(Serialize, JsonSchema)]
pub(super) struct SystemNow {
    rows: Vec<Row>,
}

/// The self-tests.
#[derive(Serialize, JsonSchema)]
pub(super) struct SelfTests {
    /// The one that runs or waits to be signed.
    run: Option<RunTold>,
    /// The newest first.
    kept: Vec<KeptTest>,
}

/// A self-test has begun: the box plays its test tone.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SelfTestBegun")]
pub(super) struct Begun {
    id: u64,
}

/// A self-test that was signed.
#[derive(Serialize, JsonSchema)]
struct KeptTest {
    id: u64,
    /// In ms since 1970.
    began_ms: i64,
    signed_ms: i64,
    /// How far that clock could be believed.
    trust: ClockTrust,
    /// Who signed it.
    by: String,
    counts: Counts,
}

/// How many rows are how.
#[derive(Serialize, JsonSchema)]
struct Counts {
    ok: usize,
    look: usize,
    failed: usize,
    not_measured: usize,
}

/// A self-test that was signed, with what it found.
#[derive(Serialize, JsonSchema)]
pub(super) struct WholeTest {
    #[serde(flatten)]
    short: KeptTest,
    #[schemars(with = "Vec<Row>")]
    rows: Value,
    remark: String,
    /// Of what was signed, in hexadecimal digits: the audit has it too.
    sha256: String,
    /// It was not changed since it was signed.
    whole: bool,
}

pub(super) async fn system(State(served): State<Served>) -> Answer<SystemNow> {
    let runner = served.self_test.clone();
    // It reads files of the system: beside the page's thread.
    let rows = tokio::task::spawn_blocking(move || runner.status()).await;
    let rows = rows.map_err(|_| answer_error(StatusCode::SERVICE_UNAVAILABLE, "the post is stopping"))?;
    Ok(Answered(SystemNow { rows }))
}

pub(super) async fn runs(State(served): State<Served>) -> Answer<SelfTests> {
    let kept = served.desk.signed_tests().await;
    answer(kept.map(|kept| SelfTests {
        run: served.self_test.last(),
        kept: kept.iter().map(in_short).collect(),
    }))
}

pub(super) async fn begin(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
) -> Answer<Begun> {
    let id = served
        .self_test
        .begin(acting.by.name())
        .map_err(|error| refused(&error))?;
    // It makes a sound: told. It is also the first record whose way to the centre is measured.
    let told = acting.by.did("self_test", format!("self_test_run:{id}"));
    served.desk.tell(told);
    Ok(Answered(Begun { id }))
}

pub(super) async fn sign(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Signs>,
) -> Answer<WholeTest> {
    let Signs {
        run,
        heard,
        ups_min,
        remark,
    } = read(body)?;
    let result = served.self_test.result(run, Said { heard, ups_min });
    let RunTold {
        began_ms,
        trust,
        rows,
        ..
    } = result.map_err(|error| refused(&error))?;
    let told = serde_json::to_value(&rows);
    let told =
        told.map_err(|_| answer_error(StatusCode::INTERNAL_SERVER_ERROR, "the result cannot be written"))?;
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

pub(super) async fn kept(State(served): State<Served>, Path(id): Path<String>) -> Answer<WholeTest> {
    let kept = served.desk.signed_tests().await;
    let kept = kept.map_err(|error| refused_by_desk(&error))?;
    let found = kept.iter().find(|test| test.id.to_string() == id);
    found
        .map(|test| Answered(whole(test)))
        .ok_or_else(|| answer_error(StatusCode::NOT_FOUND, "there is no such result here"))
}

fn refused(error: &RunError) -> Refused {
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

fn in_short(test: &SignedTest) -> KeptTest {
    let rows = test.rows.as_array().map_or(&[][..], Vec::as_slice);
    let count = |state: &str| rows.iter().filter(|row| row["state"] == state).count();
    KeptTest {
        id: test.id,
        began_ms: test.began_ms,
        signed_ms: test.signed_ms,
        trust: test.trust,
        by: test.name.reveal().clone(),
        counts: Counts {
            ok: count("ok"),
            look: count("look"),
            failed: count("failed"),
            not_measured: count("not_measured"),
        },
    }
}

fn whole(test: &SignedTest) -> WholeTest {
    WholeTest {
        short: in_short(test),
        rows: test.rows.clone(),
        remark: test.remark.reveal().clone(),
        sha256: test.sha256.clone(),
        whole: test.is_whole(),
    }
}
