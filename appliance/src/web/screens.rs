//! The screens of the ward.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, header};
use openapi::Answered;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::caller::{Acting, screen_cookie};
use super::people::{answer, refused};
use super::router::{Answer, Body, Refused, Served, read};
use crate::access::{Screen, ScreenId};

/// The browser that asks is a screen of the ward from now on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewScreen")]
pub(super) struct New {
    /// Where it hangs.
    name: String,
}

/// The screens of the ward.
#[derive(Serialize, JsonSchema)]
pub(super) struct Screens {
    screens: Vec<ScreenShown>,
}

/// A screen of the ward.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Screen")]
pub(super) struct ScreenShown {
    id: ScreenId,
    /// Where it hangs.
    name: String,
    /// Who made it one.
    registered_by: String,
}

pub(super) async fn screens(State(served): State<Served>) -> Answer<Screens> {
    let screens = served.desk.screens().into_iter().map(told).collect();
    Ok(Answered(Screens { screens }))
}

fn told(screen: Screen) -> ScreenShown {
    ScreenShown {
        registered_by: screen.registered_by.reveal().clone(),
        id: screen.id,
        name: screen.name,
    }
}

pub(super) async fn register(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<New>,
) -> Result<([(HeaderName, HeaderValue); 1], Answered<ScreenShown>), Refused> {
    let New { name } = read(body)?;
    let registered = served.desk.register_screen(name, acting.by).await;
    let (token, screen) = registered.map_err(|error| refused(&error))?;
    Ok((
        [(header::SET_COOKIE, screen_cookie(&token))],
        Answered(told(screen)),
    ))
}

pub(super) async fn forget(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    Path(id): Path<String>,
) -> Answer<()> {
    answer(served.desk.forget_screen(ScreenId::named(&id), acting.by).await)
}
