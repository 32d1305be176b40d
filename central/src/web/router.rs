//! What the centre answers to, as a table of contents.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};
use axum::{Router, middleware};

use super::{Shared, body, commands, headers, live, pages, patients, records};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/api/v1/centre", get(live::snapshot))
        .route("/api/v1/live", get(live::upgrade))
        .route("/api/v1/alerts/{post}/{alarm}/seen", post(commands::seen))
        .route("/api/v1/posts/{post}/messages", post(commands::message))
        .route("/api/v1/posts/{post}/limits", post(commands::limit))
        .route("/api/v1/posts/{post}/beds/{bed}/patient", get(patients::patient))
        .route("/api/v1/records", get(records::records))
        .route("/api", any(pages::no_such_api))
        .route("/api/{*rest}", any(pages::no_such_api))
        .fallback(pages::page)
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX))
        .layer(middleware::from_fn(body::whole))
        .layer(middleware::from_fn(headers::same_origin))
        .layer(middleware::from_fn_with_state(
            shared.clone(),
            headers::local_name,
        ))
        .layer(middleware::from_fn(headers::add))
        .with_state(shared)
}
