//! What the centre answers to and to whom, as a table of contents.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::any;
use axum::{Router, middleware};

use super::guard::Needs::{May, Open};
use super::guard::Route;
use super::guard::Verb::{Delete, Get, Post};
use super::{Shared, body, commands, deeds, duty, guard, headers, live, pages, patients, records, session};
use crate::access::policy::Action::{Answer, SaySeen, See, SeeDuty, SetDuty, TakeDuty, Write};

/// Every route of the interface. The page's own files need nobody signed in: there is no word of a patient in them.
pub(super) fn table() -> Vec<Route> {
    let mut routes = vec![
        Route::new(Get, "/api/v1/session", Open, session::show),
        Route::new(Post, "/api/v1/session", Open, session::sign_in),
        Route::new(Delete, "/api/v1/session", Open, session::sign_out),
        Route::new(Post, "/api/v1/begin/check", Open, session::check),
        Route::new(Post, "/api/v1/begin", Open, session::begin),
        Route::new(Get, "/api/v1/centre", May(See), live::snapshot),
        Route::new(Get, "/api/v1/live", May(See), live::upgrade),
        Route::new(
            Post,
            "/api/v1/alerts/{post}/{alarm}/seen",
            May(SaySeen),
            commands::seen,
        ),
        Route::new(
            Post,
            "/api/v1/alerts/{post}/{alarm}/accept",
            May(Answer),
            deeds::accept,
        ),
        Route::new(
            Post,
            "/api/v1/alerts/{post}/{alarm}/reject",
            May(Answer),
            deeds::reject,
        ),
        Route::new(
            Post,
            "/api/v1/alerts/{post}/{alarm}/offer",
            May(Answer),
            deeds::offer,
        ),
        Route::new(
            Post,
            "/api/v1/alerts/{post}/{alarm}/decline",
            May(Answer),
            deeds::decline,
        ),
        Route::new(Get, "/api/v1/doctors", May(Answer), deeds::doctors),
        Route::new(
            Post,
            "/api/v1/posts/{post}/messages",
            May(Write),
            commands::message,
        ),
        Route::new(Post, "/api/v1/posts/{post}/limits", May(Write), commands::limit),
        Route::new(
            Get,
            "/api/v1/posts/{post}/beds/{bed}/patient",
            May(See),
            patients::patient,
        ),
        Route::new(Get, "/api/v1/records", May(See), records::records),
    ];
    routes.extend(of_duty());
    routes
}

/// Who is on duty, and whom the centre calls.
fn of_duty() -> Vec<Route> {
    vec![
        Route::new(Get, "/api/v1/duty", May(SeeDuty), duty::show),
        Route::new(Post, "/api/v1/duty/take", May(TakeDuty), duty::take),
        Route::new(Post, "/api/v1/duty/offer", May(TakeDuty), duty::offer),
        Route::new(Post, "/api/v1/duty/accept", May(TakeDuty), duty::accept),
        Route::new(Post, "/api/v1/duty/decline", May(TakeDuty), duty::decline),
        Route::new(Post, "/api/v1/duty/leave", May(TakeDuty), duty::leave),
        Route::new(Post, "/api/v1/duty/use", May(SetDuty), duty::use_it),
        Route::new(Post, "/api/v1/duty/offset", May(SetDuty), duty::offset),
        Route::new(Post, "/api/v1/duty/shifts", May(SetDuty), duty::add_shift),
        Route::new(
            Post,
            "/api/v1/duty/shifts/remove",
            May(SetDuty),
            duty::remove_shift,
        ),
        Route::new(
            Post,
            "/api/v1/duty/ladders/{priority}",
            May(SetDuty),
            duty::ladder,
        ),
    ]
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    guard::routes(table(), &shared)
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
