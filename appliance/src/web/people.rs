//! The accounts, for whoever manages people:
//!
//! - `GET /api/v1/people`: `{"people": [{"id", "name", "roles", "disabled", "begun"}], "roles": ["viewer", ...]}`.
//! - `POST /api/v1/people` with `{"id", "name", "roles"}`: `{"code"}`, with which the person begins; it is shown once.
//! - `POST /api/v1/people/{id}/roles` with `{"roles"}`; `/disable`, `/enable`; `/reset`: `{"code"}`.

use accounts::people::{PeopleError, PersonId};
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::complaint;
use super::caller::Acting;
use super::router::{Served, answer_error};
use crate::access::DeskError;
use crate::access::policy::Role;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    id: String,
    name: String,
    roles: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roles {
    roles: Vec<Role>,
}

pub(super) async fn people(State(served): State<Served>) -> Response {
    let people: Vec<Value> = served
        .desk
        .list()
        .into_iter()
        .map(|(id, known)| {
            json!({
                "id": id,
                "name": known.name.reveal(),
                "roles": known.roles,
                "disabled": known.disabled,
                "begun": known.begun,
            })
        })
        .collect();
    Json(json!({ "people": people, "roles": Role::ALL })).into_response()
}

pub(super) async fn add(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Result<Json<New>, JsonRejection>,
) -> Response {
    let New { id, name, roles } = match body {
        Ok(Json(new)) => new,
        Err(error) => return not_understood(&error),
    };
    let id = match PersonId::try_from(id) {
        Ok(id) => id,
        Err(error) => return answer::<()>(Err(error.into())),
    };
    let code = served.desk.add(id, name, roles, acting.by).await;
    answer(code.map(|code| json!({ "code": code })))
}

pub(super) async fn set_roles(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    body: Result<Json<Roles>, JsonRejection>,
) -> Response {
    let (id, roles) = match (PersonId::try_from(id), body) {
        (Ok(id), Ok(Json(Roles { roles }))) => (id, roles),
        (Err(_), _) => return unknown(),
        (_, Err(error)) => return not_understood(&error),
    };
    answer(
        served
            .desk
            .set_roles(id, roles, acting.by)
            .await
            .map(|()| json!({})),
    )
}

pub(super) async fn disable(served: State<Served>, acting: Extension<Acting>, id: Path<String>) -> Response {
    set_disabled(served, acting, id, true).await
}

pub(super) async fn enable(served: State<Served>, acting: Extension<Acting>, id: Path<String>) -> Response {
    set_disabled(served, acting, id, false).await
}

async fn set_disabled(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
    disabled: bool,
) -> Response {
    let Ok(id) = PersonId::try_from(id) else {
        return unknown();
    };
    let done = served.desk.set_disabled(id, disabled, acting.by).await;
    answer(done.map(|()| json!({})))
}

pub(super) async fn reset(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Response {
    let Ok(id) = PersonId::try_from(id) else {
        return unknown();
    };
    let code = served.desk.reset(id, acting.by).await;
    answer(code.map(|code| json!({ "code": code })))
}

fn unknown() -> Response {
    answer::<()>(Err(PeopleError::Unknown.into()))
}

/// What was wrong with a body, for somebody who is signed in.
pub(super) fn not_understood(error: &JsonRejection) -> Response {
    answer_error(StatusCode::UNPROCESSABLE_ENTITY, &complaint(&error.body_text()))
}

/// What the desk says.
pub(super) fn answer<T: serde::Serialize>(result: Result<T, DeskError>) -> Response {
    match result {
        Ok(told) => Json(told).into_response(),
        Err(error) => answer_error(status(&error), &error.to_string()),
    }
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
