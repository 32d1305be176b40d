//! Signing in and out, and beginning with a code.

use std::net::SocketAddr;
use std::sync::Arc;

use accounts::people::{NotLetIn, Proof};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::Masked;

use super::Shared;
use super::guard::{COOKIE, refuse, token_of};
use crate::access::policy::{Action, Role};
use crate::access::register::RegisterError;
use crate::access::{AccessError, Begun, Signed, Token};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInBody {
    person: String,
    password: String,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    person: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginBody {
    person: String,
    code: String,
    password: String,
    digits: String,
}

/// `GET /api/v1/session`
pub(super) async fn show(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let token = token_of(&headers);
    let signed = token.and_then(|token| shared.site.desk.signed(&token, false));
    Json(shown(&shared, signed.as_ref())).into_response()
}

/// `POST /api/v1/session`
pub(super) async fn sign_in(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    body: Result<Json<SignInBody>, JsonRejection>,
) -> Response {
    let Ok(Json(body)) = body else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "person, password and code are wanted",
        );
    };
    let proof = Proof::Password {
        password: Masked::new(body.password),
        code: body.code,
    };
    match shared.site.desk.sign_in(&body.person, proof, from.ip()).await {
        Ok((token, signed)) => let_in(&shared, &token, &signed),
        Err(error) => not_let_in(&error),
    }
}

/// `DELETE /api/v1/session`
pub(super) async fn sign_out(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if let Some(token) = token_of(&headers) {
        shared.site.desk.sign_out(&token, from.ip()).await;
    }
    let gone = format!("{COOKIE}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict");
    ([(header::SET_COOKIE, gone)], Json(shown(&shared, None))).into_response()
}

/// `POST /api/v1/begin/check`
pub(super) async fn check(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    body: Result<Json<CheckBody>, JsonRejection>,
) -> Response {
    let Ok(Json(body)) = body else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "person and code are wanted");
    };
    match shared
        .site
        .desk
        .begin_check(&body.person, body.code, from.ip())
        .await
    {
        Ok(hello) => Json(json!({
            "name": hello.name.reveal(),
            "needs_second": true,
            "second": { "typing": hello.typing.reveal(), "scanning": hello.scanning.reveal() },
        }))
        .into_response(),
        Err(error) => not_let_in(&error),
    }
}

/// `POST /api/v1/begin`
pub(super) async fn begin(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    body: Result<Json<BeginBody>, JsonRejection>,
) -> Response {
    let Ok(Json(body)) = body else {
        return refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "person, code, password and digits are wanted",
        );
    };
    let begun = Begun {
        code: body.code,
        password: Masked::new(body.password),
        digits: body.digits,
    };
    match shared.site.desk.begin(&body.person, begun, from.ip()).await {
        Ok((token, signed)) => let_in(&shared, &token, &signed),
        Err(error) => not_let_in(&error),
    }
}

/// Nobody who is not signed in learns more than the centre's name.
fn shown(shared: &Shared, signed: Option<&Signed>) -> Value {
    json!({
        "claimed": !shared.site.desk.is_unclaimed(),
        "post": null,
        "name": shared.site.name,
        "screen": null,
        "person": signed.map(person),
    })
}

fn person(signed: &Signed) -> Value {
    let may = Action::all()
        .filter(|action| signed.may(*action))
        .map(Action::key);
    json!({
        "id": signed.id.as_str(),
        "name": signed.name.reveal(),
        "roles": signed.roles.iter().copied().map(Role::key).collect::<Vec<_>>(),
        "may": may.collect::<Vec<_>>(),
        "idle_s": signed.left.as_millis().div_ceil(1000),
        "emergencies": [],
    })
}

fn let_in(shared: &Shared, token: &Token, signed: &Signed) -> Response {
    let cookie = format!(
        "{COOKIE}={}; Path=/; HttpOnly; Secure; SameSite=Strict",
        token.for_cookie()
    );
    ([(header::SET_COOKIE, cookie)], Json(shown(shared, Some(signed)))).into_response()
}

fn not_let_in(error: &AccessError) -> Response {
    let words = error.to_string();
    match error {
        AccessError::Busy => refuse(StatusCode::SERVICE_UNAVAILABLE, &words),
        AccessError::TooOften(often) => {
            let wait_s = often.wait.as_secs() + 1;
            let body = Json(json!({ "error": words, "wait_s": wait_s }));
            let after = [(header::RETRY_AFTER, HeaderValue::from(wait_s))];
            (StatusCode::TOO_MANY_REQUESTS, after, body).into_response()
        }
        AccessError::NotLetIn(NotLetIn::SecondFactor) => {
            let body = Json(json!({ "error": words, "needs": "code" }));
            (StatusCode::UNAUTHORIZED, body).into_response()
        }
        AccessError::NotLetIn(NotLetIn::Wrong) | AccessError::NoSuchCode => {
            refuse(StatusCode::UNAUTHORIZED, &words)
        }
        AccessError::Digits | AccessError::Register(RegisterError::People(_)) => {
            refuse(StatusCode::UNPROCESSABLE_ENTITY, &words)
        }
        AccessError::Register(RegisterError::File(_) | RegisterError::Random(_)) => {
            refuse(StatusCode::SERVICE_UNAVAILABLE, &words)
        }
    }
}
