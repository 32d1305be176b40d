//! Who is signed in here, and how one signs in:
//!
//! - `GET /api/v1/session`: `{"claimed": true, "post": "kintampo", "name": "...", "screen": null | {"id", "name"}, "person":
//!   null | {"id", "name", "roles", "may", "idle_s", "emergencies": [{"bed", "until_s"}]}}`; `idle_s` and `until_s` are
//!   seconds left.
//! - `POST` with `{"person", "password", "code"?}`, or `{"person", "pin"}` on a screen of the ward; `DELETE` signs out.
//!   401 with `"needs": "code"` when the six digits are needed as well.
//! - `POST /api/v1/claim` with `{"code", "person", "name", "password", "pin"?}`: the first account of a post.
//! - `POST /api/v1/begin/check` with `{"person", "code"}`: `{"name", "needs_second", "second": null | {"typing",
//!   "scanning"}}`; `POST /api/v1/begin` with `{"person", "code", "password", "pin"?, "digits"?}`.
//!
//! All but the two that only ask answer as `GET` does. Nothing here says who has an account.

use accounts::people::{NotLetIn, PeopleError, PersonId, Proof};
use accounts::session::Token;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use vitals::Masked;

use super::caller::{Caller, no_session_cookie, session_cookie};
use super::router::{Served, answer_error};
use crate::access::policy::Action;
use crate::access::{Chosen, Claiming, Screen, SignInError, Signed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningIn {
    person: String,
    password: Option<Masked<String>>,
    pin: Option<Masked<String>>,
    code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    code: String,
    person: String,
    name: String,
    password: Masked<String>,
    pin: Option<Masked<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    person: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    person: String,
    code: String,
    password: Masked<String>,
    pin: Option<Masked<String>>,
    digits: Option<String>,
}

type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) async fn session(State(served): State<Served>, Extension(caller): Extension<Caller>) -> Response {
    let signed = caller.signed(&served.desk, false);
    Json(told(&served, caller.screen(&served.desk), signed.as_ref())).into_response()
}

pub(super) async fn sign_in(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<SigningIn>,
) -> Response {
    let Ok(Json(body)) = body else {
        return not_understood();
    };
    let proof = match (body.password, body.pin, body.code) {
        (Some(password), None, code) => Proof::Password { password, code },
        (None, Some(pin), None) => Proof::Pin(pin),
        _ => return not_understood(),
    };
    let Ok(id) = PersonId::try_from(body.person) else {
        return refused(NotLetIn::Wrong.into());
    };
    let seat = caller.seat(&served.desk);
    let result = served.desk.sign_in(id, proof, &seat).await;
    let_in(&served, &caller, result)
}

pub(super) async fn sign_out(State(served): State<Served>, Extension(caller): Extension<Caller>) -> Response {
    end(&served, &caller);
    let told = told(&served, caller.screen(&served.desk), None);
    ([(header::SET_COOKIE, no_session_cookie())], Json(told)).into_response()
}

pub(super) async fn claim(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<Claim>,
) -> Response {
    let Ok(Json(body)) = body else {
        return not_understood();
    };
    let id = match PersonId::try_from(body.person) {
        Ok(id) => id,
        Err(error) => return refused(error.into()),
    };
    let claiming = Claiming {
        code: body.code,
        id,
        name: body.name,
        chosen: Chosen {
            password: body.password,
            pin: body.pin,
            digits: None,
        },
    };
    let seat = caller.seat(&served.desk);
    let result = served.desk.claim(claiming, &seat).await;
    let_in(&served, &caller, result)
}

pub(super) async fn begin_check(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<Check>,
) -> Response {
    let Ok(Json(Check { person, code })) = body else {
        return not_understood();
    };
    let Ok(id) = PersonId::try_from(person) else {
        return refused(SignInError::WrongCode);
    };
    let seat = caller.seat(&served.desk);
    match served.desk.begin_check(id, code, &seat).await {
        Ok(beginning) => {
            let second = beginning.second.map(
                |second| json!({ "typing": second.typing.reveal(), "scanning": second.scanning.reveal() }),
            );
            let name = beginning.name.reveal();
            Json(json!({ "name": name, "needs_second": second.is_some(), "second": second })).into_response()
        }
        Err(error) => refused(error),
    }
}

pub(super) async fn begin(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<Begin>,
) -> Response {
    let Ok(Json(body)) = body else {
        return not_understood();
    };
    let Ok(id) = PersonId::try_from(body.person) else {
        return refused(SignInError::WrongCode);
    };
    let chosen = Chosen {
        password: body.password,
        pin: body.pin,
        digits: body.digits,
    };
    let seat = caller.seat(&served.desk);
    let result = served.desk.begin(id, body.code, chosen, &seat).await;
    let_in(&served, &caller, result)
}

fn let_in(served: &Served, caller: &Caller, result: Result<(Token, Signed), SignInError>) -> Response {
    match result {
        Ok((token, signed)) => {
            // Whoever was signed in in this browser is not any more.
            end(served, caller);
            let told = told(served, caller.screen(&served.desk), Some(&signed));
            ([(header::SET_COOKIE, session_cookie(&token))], Json(told)).into_response()
        }
        Err(error) => refused(error),
    }
}

fn end(served: &Served, caller: &Caller) {
    if let Some(token) = &caller.session {
        served.desk.sign_out(token, &caller.seat(&served.desk));
    }
}

fn told(served: &Served, screen: Option<Screen>, signed: Option<&Signed>) -> Value {
    let post = served.feed.snapshot().post;
    let screen = screen.map(|screen| json!({ "id": screen.id, "name": screen.name }));
    let person = signed.map(|signed| {
        let may: Vec<&str> = Action::all()
            .filter(|action| action.is_allowed_to(&signed.roles))
            .map(Action::key)
            .collect();
        let emergencies = signed.emergencies.iter();
        let emergencies: Vec<Value> = emergencies
            .map(|(bed, until_s)| json!({ "bed": bed, "until_s": until_s }))
            .collect();
        json!({
            "id": signed.id,
            "name": signed.name.reveal(),
            "roles": signed.roles,
            "may": may,
            "idle_s": signed.idle_s,
            "emergencies": emergencies,
        })
    });
    json!({
        "claimed": served.desk.is_claimed(),
        "post": post.id,
        "name": post.name,
        "screen": screen,
        "person": person,
    })
}

/// Says nothing of what was sent.
fn not_understood() -> Response {
    answer_error(
        StatusCode::UNPROCESSABLE_ENTITY,
        "this is not what is asked for here: reload the page",
    )
}

fn refused(error: SignInError) -> Response {
    let text = error.to_string();
    let status = match error {
        SignInError::NotLetIn(NotLetIn::SecondFactor) => {
            let told = Json(json!({ "error": text, "needs": "code" }));
            return (StatusCode::UNAUTHORIZED, told).into_response();
        }
        SignInError::TooOften(often) => {
            let wait_s = often.wait.as_secs().max(1);
            let told = Json(json!({ "error": text, "wait_s": wait_s }));
            return (StatusCode::TOO_MANY_REQUESTS, told).into_response();
        }
        SignInError::NotLetIn(_)
        | SignInError::PinNotHere
        | SignInError::Outside
        | SignInError::WrongCode
        | SignInError::WrongDigits => StatusCode::UNAUTHORIZED,
        SignInError::TooLate | SignInError::Claimed | SignInError::Own(PeopleError::Taken) => {
            StatusCode::CONFLICT
        }
        SignInError::Own(_) => StatusCode::UNPROCESSABLE_ENTITY,
        SignInError::Busy => StatusCode::SERVICE_UNAVAILABLE,
    };
    answer_error(status, &text)
}
