//! The accounts, for whoever manages people.

use accounts::people::{PeopleError, PersonId};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::caller::Acting;
use super::router::{Answer, Body, Refused, Served, answer_error, read};
use crate::access::DeskError;
use crate::access::policy::Role;

/// A new account; the answer has the code with which the person begins.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPerson")]
pub(super) struct New {
    /// What they type to say who they are: 2 to 32 of a-z, 0-9, '.', '-'.
    id: String,
    /// What people call them.
    name: String,
    roles: Vec<Role>,
}

/// An account has other roles from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Roles {
    roles: Vec<Role>,
}

/// The accounts of the post.
#[derive(Serialize, JsonSchema)]
pub(super) struct People {
    people: Vec<Account>,
    /// Every role there is.
    roles: Vec<Role>,
}

/// One account.
#[derive(Serialize, JsonSchema)]
struct Account {
    id: PersonId,
    name: String,
    roles: Vec<Role>,
    disabled: bool,
    /// They have set what they sign in with.
    begun: bool,
}

/// A code with which a person begins; it is told once.
#[derive(Serialize, JsonSchema)]
pub(super) struct BeginCode {
    code: String,
}

pub(super) async fn people(State(served): State<Served>) -> Answer<People> {
    let people = served.desk.list().into_iter().map(|(id, known)| Account {
        id,
        name: known.name.reveal().clone(),
        roles: known.roles,
        disabled: known.disabled,
        begun: known.begun,
    });
    Ok(Answered(People {
        people: people.collect(),
        roles: Role::ALL.to_vec(),
    }))
}

pub(super) async fn add(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<New>,
) -> Answer<BeginCode> {
    let New { id, name, roles } = read(body)?;
    let id = PersonId::try_from(id).map_err(|error| refused(&error.into()))?;
    let code = served.desk.add(id, name, roles, acting.by).await;
    answer(code.map(|code| BeginCode { code }))
}

pub(super) async fn set_roles(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    body: Body<Roles>,
) -> Answer<()> {
    let id = known(id)?;
    let Roles { roles } = read(body)?;
    answer(served.desk.set_roles(id, roles, acting.by).await)
}

pub(super) async fn disable(
    served: State<Served>,
    acting: Extension<Acting>,
    id: Path<String>,
) -> Answer<()> {
    set_disabled(served, acting, id, true).await
}

pub(super) async fn enable(served: State<Served>, acting: Extension<Acting>, id: Path<String>) -> Answer<()> {
    set_disabled(served, acting, id, false).await
}

async fn set_disabled(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    disabled: bool,
) -> Answer<()> {
    answer(served.desk.set_disabled(known(id)?, disabled, acting.by).await)
}

pub(super) async fn reset(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Answer<BeginCode> {
    let code = served.desk.reset(known(id)?, acting.by).await;
    answer(code.map(|code| BeginCode { code }))
}

fn known(id: String) -> Result<PersonId, Refused> {
    PersonId::try_from(id).map_err(|_| refused(&PeopleError::Unknown.into()))
}

/// What the desk says.
pub(super) fn answer<T>(result: Result<T, DeskError>) -> Answer<T> {
    result.map(Answered).map_err(|error| refused(&error))
}

pub(super) fn refused(error: &DeskError) -> Refused {
    answer_error(status(error), &error.to_string())
}

fn status(error: &DeskError) -> StatusCode {
    match error {
        DeskError::NoSuchScreen | DeskError::NoSuchEmergency | DeskError::People(PeopleError::Unknown) => {
            StatusCode::NOT_FOUND
        }
        DeskError::People(
            PeopleError::Taken | PeopleError::TooMany | PeopleError::LastManager | PeopleError::Oneself,
        )
        | DeskError::TooManyScreens
        | DeskError::Reviewed { .. }
        | DeskError::OwnEmergency => StatusCode::CONFLICT,
        DeskError::People(_)
        | DeskError::BadScreenName
        | DeskError::BadReason
        | DeskError::BadRemark
        | DeskError::NobodySigns => StatusCode::UNPROCESSABLE_ENTITY,
        DeskError::NoRandomness | DeskError::Busy | DeskError::NotKept(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
