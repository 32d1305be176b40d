//! The screens of the ward:
//!
//! - `GET /api/v1/screens`: `{"screens": [{"id", "name", "registered_by"}]}`.
//! - `POST /api/v1/screens` with `{"name"}`: the browser that asks is one of them from now on.
//! - `POST /api/v1/screens/{id}/forget`: it is none any more.

use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::{Acting, screen_cookie};
use super::people::{answer, not_understood};
use super::router::Served;
use crate::access::{Screen, ScreenId};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    name: String,
}

pub(super) async fn screens(State(served): State<Served>) -> Response {
    let screens: Vec<Value> = served.desk.screens().iter().map(told).collect();
    Json(json!({ "screens": screens })).into_response()
}

fn told(screen: &Screen) -> Value {
    json!({ "id": screen.id, "name": screen.name, "registered_by": screen.registered_by.reveal() })
}

pub(super) async fn register(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Result<Json<New>, JsonRejection>,
) -> Response {
    let New { name } = match body {
        Ok(Json(new)) => new,
        Err(error) => return not_understood(&error),
    };
    match served.desk.register_screen(name, acting.by).await {
        Ok((token, screen)) => {
            ([(header::SET_COOKIE, screen_cookie(&token))], Json(told(&screen))).into_response()
        }
        Err(error) => answer::<()>(Err(error)),
    }
}

pub(super) async fn forget(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Response {
    let done = served.desk.forget_screen(ScreenId::named(&id), acting.by).await;
    answer(done.map(|()| json!({})))
}
