//! `GET /api/v1/openapi.json`: the API's document (OpenAPI 3.1), folded out of the table of routes. What it says of today's
//! routes is kept in `appliance/api/openapi.json`, so that a change of the API is seen where it is made.

use std::sync::OnceLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use openapi::{Document, Endpoint, Gives, NameTaken, Operation};
use serde_json::Value;

use super::caller::{SCREEN, SESSION};
use super::router::{Refused, answer_error};
use super::routes::table;
use crate::access::policy::{Access, Role};

const TITLE: &str = "Vitalpost: a post";

const WORDS: &str = "What the nurses' page and programs at a post ask of it. All times `*_ms` without `wall` are milliseconds of \
    the post's own monotonic clock since it was switched on: ages are computed against the `now_ms` of the last beat, never \
    against another clock. Numbers that were measured are text, exactly as the device sent them. A body is JSON of at most \
    16 KiB; a field that is not known is refused. Whoever acts is the person who is signed in, and it stands in the audit.";

const COOKIES: [(&str, &str); 2] = [
    (
        SESSION,
        "A person who is signed in: set by `POST /api/v1/session`.",
    ),
    (SCREEN, "A screen of the ward: set by `POST /api/v1/screens`."),
];

/// The document, ready to be sent.
pub(super) struct Ready(&'static str);

pub(super) async fn document() -> Result<Ready, Refused> {
    static DOCUMENT: OnceLock<Result<String, NameTaken>> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| Ok(written(&document_of_routes()?)));
    let document = document.as_ref();
    document
        .map(|text| Ready(text))
        .map_err(|error| answer_error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))
}

impl IntoResponse for Ready {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0).into_response()
    }
}

impl Gives for Ready {
    fn gives(operation: &mut Operation<'_>) {
        operation.answers::<OpenApi>();
    }
}

/// This document.
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "said for the document: it is sent as it is kept")]
struct OpenApi(std::collections::BTreeMap<String, Value>);

/// As it is sent and kept.
fn written(document: &Value) -> String {
    let mut text = format!("{document:#}");
    text.push('\n');
    text
}

fn document_of_routes() -> Result<Value, NameTaken> {
    let mut document = Document::default();
    for route in table() {
        document.add(&Endpoint {
            method: route.method.as_str(),
            path: route.path,
            describe: route.describe,
            needs: needs(route.needs),
            cookies: match route.needs {
                Access::Open => &[],
                Access::Screen => &[SESSION, SCREEN],
                Access::Person(_) => &[SESSION],
            },
        });
    }
    document.finish(TITLE, WORDS, &COOKIES)
}

fn needs(access: Access) -> String {
    match access {
        Access::Open => "Nobody has to be signed in.".to_owned(),
        Access::Screen => "A screen of the ward, or a person who is signed in.".to_owned(),
        Access::Person(action) => {
            let roles = Role::ALL
                .into_iter()
                .filter(|role| action.is_allowed_to(&[*role]));
            let roles: Vec<&str> = roles.map(Role::key).collect();
            format!("A person who may `{}`: {}.", action.key(), roles.join(", "))
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
