//! Who is signed in here, and how one signs in. All but the two that only ask answer as `GET /api/v1/session` does. Nothing
//! here says who has an account.

use accounts::people::{NotLetIn, PeopleError, PersonId, Proof};
use accounts::session::Token;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::{Extension, Json};
use openapi::{Answered, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::{BedId, Masked, PostId};

use super::caller::{Caller, no_session_cookie, session_cookie};
use super::router::{Answer, Body, Refused, Served, answer_error};
use crate::access::policy::{Action, Role};
use crate::access::{Chosen, Claiming, Screen, ScreenId, SignInError, Signed};

/// A person signs in: with a password, or with a PIN on a screen of the ward. 401 with `needs` when the six digits are
/// needed as well.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SigningIn {
    /// Their account.
    person: String,
    password: Option<Masked<String>>,
    pin: Option<Masked<String>>,
    /// Six digits, with a password only.
    code: Option<String>,
}

/// The first account of a post, made by whoever has the code that the box shows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    /// The code that the box shows.
    code: String,
    /// The new account.
    person: String,
    /// What people call them.
    name: String,
    password: Masked<String>,
    /// For the screens of the ward.
    pin: Option<Masked<String>>,
}

/// A person who was given a code asks what it takes to begin.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// Their account.
    person: String,
    /// The code that they were given.
    code: String,
}

/// A person begins with the code that they were given, and is signed in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// Their account.
    person: String,
    /// The code that they were given.
    code: String,
    password: Masked<String>,
    /// For the screens of the ward.
    pin: Option<Masked<String>>,
    /// Six digits, made of the second factor, where one is needed.
    digits: Option<String>,
}

/// What it takes to begin.
#[derive(Serialize, JsonSchema)]
pub(super) struct Beginning {
    /// What people call the person.
    name: String,
    /// Their roles need a second factor.
    needs_second: bool,
    second: Option<Second>,
}

/// A second factor, for an app that makes six digits.
#[derive(Serialize, JsonSchema)]
struct Second {
    /// For typing.
    typing: String,
    /// For scanning, as a QR code.
    scanning: String,
}

/// Who is signed in here.
#[derive(Serialize, JsonSchema)]
pub(super) struct Standing {
    /// The post has its first account.
    claimed: bool,
    /// The post.
    post: PostId,
    /// What people call it.
    name: String,
    /// The screen of the ward that this browser is; null = it is none.
    screen: Option<ThisScreen>,
    /// Who is signed in; null = nobody.
    person: Option<SignedIn>,
}

/// The screen that a browser is.
#[derive(Serialize, JsonSchema)]
struct ThisScreen {
    id: ScreenId,
    /// Where it hangs.
    name: String,
}

/// Somebody who is signed in.
#[derive(Serialize, JsonSchema)]
struct SignedIn {
    id: PersonId,
    name: String,
    roles: Vec<Role>,
    /// What these roles allow.
    may: Vec<&'static str>,
    /// Seconds until they are signed out when they do nothing.
    idle_s: u64,
    /// The charts that are open to them in an emergency.
    emergencies: Vec<OpenChart>,
}

/// A chart that is open in an emergency.
#[derive(Serialize, JsonSchema)]
struct OpenChart {
    /// Of whoever lies there.
    bed: BedId,
    /// Seconds left.
    until_s: u64,
}

/// An answer that signs somebody in, or out.
type Turned = Result<([(HeaderName, HeaderValue); 1], Answered<Standing>), Refused>;

pub(super) async fn session(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
) -> Answer<Standing> {
    let signed = caller.signed(&served.desk, false);
    Ok(Answered(told(
        &served,
        caller.screen(&served.desk),
        signed.as_ref(),
    )))
}

pub(super) async fn sign_in(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<SigningIn>,
) -> Turned {
    let Json(body) = body.map_err(|_| not_understood())?;
    let proof = match (body.password, body.pin, body.code) {
        (Some(password), None, code) => Proof::Password { password, code },
        (None, Some(pin), None) => Proof::Pin(pin),
        _ => return Err(not_understood()),
    };
    let id = PersonId::try_from(body.person).map_err(|_| refused(NotLetIn::Wrong.into()))?;
    let seat = caller.seat(&served.desk);
    let result = served.desk.sign_in(id, proof, &seat).await;
    let_in(&served, &caller, result)
}

pub(super) async fn sign_out(State(served): State<Served>, Extension(caller): Extension<Caller>) -> Turned {
    end(&served, &caller);
    let told = told(&served, caller.screen(&served.desk), None);
    Ok(([(header::SET_COOKIE, no_session_cookie())], Answered(told)))
}

pub(super) async fn claim(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<Claim>,
) -> Turned {
    let Json(body) = body.map_err(|_| not_understood())?;
    let id = PersonId::try_from(body.person).map_err(|error| refused(error.into()))?;
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
) -> Answer<Beginning> {
    let Json(Check { person, code }) = body.map_err(|_| not_understood())?;
    let id = PersonId::try_from(person).map_err(|_| refused(SignInError::WrongCode))?;
    let seat = caller.seat(&served.desk);
    let beginning = served.desk.begin_check(id, code, &seat).await.map_err(refused)?;
    let second = beginning.second.map(|second| Second {
        typing: second.typing.reveal().clone(),
        scanning: second.scanning.reveal().clone(),
    });
    Ok(Answered(Beginning {
        name: beginning.name.reveal().clone(),
        needs_second: second.is_some(),
        second,
    }))
}

pub(super) async fn begin(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    body: Body<Begin>,
) -> Turned {
    let Json(body) = body.map_err(|_| not_understood())?;
    let id = PersonId::try_from(body.person).map_err(|_| refused(SignInError::WrongCode))?;
    let chosen = Chosen {
        password: body.password,
        pin: body.pin,
        digits: body.digits,
    };
    let seat = caller.seat(&served.desk);
    let result = served.desk.begin(id, body.code, chosen, &seat).await;
    let_in(&served, &caller, result)
}

fn let_in(served: &Served, caller: &Caller, result: Result<(Token, Signed), SignInError>) -> Turned {
    let (token, signed) = result.map_err(refused)?;
    // Whoever was signed in in this browser is not any more.
    end(served, caller);
    let told = told(served, caller.screen(&served.desk), Some(&signed));
    Ok(([(header::SET_COOKIE, session_cookie(&token))], Answered(told)))
}

fn end(served: &Served, caller: &Caller) {
    if let Some(token) = &caller.session {
        served.desk.sign_out(token, &caller.seat(&served.desk));
    }
}

fn told(served: &Served, screen: Option<Screen>, signed: Option<&Signed>) -> Standing {
    let post = served.feed.snapshot().post;
    let person = signed.map(|signed| {
        let may = Action::all().filter(|action| action.is_allowed_to(&signed.roles));
        let emergencies = signed.emergencies.iter();
        let open = emergencies.map(|(bed, until_s)| OpenChart {
            bed: bed.clone(),
            until_s: *until_s,
        });
        SignedIn {
            id: signed.id.clone(),
            name: signed.name.reveal().clone(),
            roles: signed.roles.clone(),
            may: may.map(Action::key).collect(),
            idle_s: signed.idle_s,
            emergencies: open.collect(),
        }
    });
    Standing {
        claimed: served.desk.is_claimed(),
        post: post.id,
        name: post.name,
        screen: screen.map(|Screen { id, name, .. }| ThisScreen { id, name }),
        person,
    }
}

/// Says nothing of what was sent.
fn not_understood() -> Refused {
    answer_error(
        StatusCode::UNPROCESSABLE_ENTITY,
        "this is not what is asked for here: reload the page",
    )
}

fn refused(error: SignInError) -> Refused {
    let mut refusal = Refusal::new(error.to_string());
    let status = match error {
        SignInError::NotLetIn(NotLetIn::SecondFactor) => {
            refusal.needs = Some("code".to_owned());
            StatusCode::UNAUTHORIZED
        }
        SignInError::TooOften(often) => {
            refusal.wait_s = Some(often.wait.as_secs().max(1));
            StatusCode::TOO_MANY_REQUESTS
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
    Refused::new(status, refusal)
}
