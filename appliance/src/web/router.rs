//! What every answer of the API has in common. Its table of contents: `routes.rs`.

use std::fmt::Display;
use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use openapi::{Answered, Refusal};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{assets, audible, body, handover, history, lines, live, routes};
use crate::access::Desk;
use crate::clock::Clock;
use crate::selftest::run::Runner;

/// What the handlers share.
#[derive(Clone)]
pub(super) struct Served {
    pub feed: live::Feed,
    pub requests: mpsc::Sender<super::Request>,
    pub history: history::History,
    pub drafts: handover::Drafts,
    pub lines: lines::LinesNow,
    pub fitting: mpsc::Sender<super::FittingRequest>,
    pub self_test: Runner,
    pub desk: Desk,
    pub audible: audible::Audible,
    pub clock: Clock,
    pub pages: Arc<assets::Pages>,
    pub places: Arc<Semaphore>,
    pub stop: CancellationToken,
    /// The page listens on loopback: only a browser of this machine may ask, by a name of this machine.
    pub loopback: bool,
}

pub(super) fn routes(served: Served) -> Router {
    routes::gated(&served.desk)
        .route("/api/{*rest}", any(unknown))
        .fallback(get(assets::page))
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX))
        .layer(middleware::from_fn(body::whole))
        .layer(middleware::from_fn_with_state(served.loopback, guard))
        .with_state(served)
}

/// Tells browsers never to ask for this page without encryption again.
pub(super) fn https_only(routes: Router) -> Router {
    routes.layer(middleware::map_response(async |mut response: Response| {
        let year = HeaderValue::from_static("max-age=31536000");
        response
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, year);
        response
    }))
}

/// A body of JSON, or why it is none.
pub(super) type Body<T> = Result<Json<T>, JsonRejection>;

/// What a handler answers: `Answer<()>` when there is nothing to tell.
pub(super) type Answer<T> = Result<Answered<T>, Refused>;

/// What is answered in place of what was asked for.
#[derive(Debug)]
pub(super) struct Refused(Box<Response>);

impl Refused {
    pub(super) fn new(status: StatusCode, refusal: Refusal) -> Refused {
        Refused(Box::new((status, Json(refusal)).into_response()))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

async fn unknown() -> Refused {
    answer_error(StatusCode::NOT_FOUND, "no such address in this API")
}

/// An error as JSON with a sentence for people.
pub(super) fn answer_error(status: StatusCode, text: &str) -> Refused {
    Refused::new(status, Refusal::new(text))
}

/// What was said in a body, to somebody who is signed in.
///
/// # Errors
/// It is not as it is asked for.
pub(super) fn read<B>(body: Body<B>) -> Result<B, Refused> {
    let complaint = |error: JsonRejection| body::complaint(&error.body_text());
    let Json(body) =
        body.map_err(|error| answer_error(StatusCode::UNPROCESSABLE_ENTITY, &complaint(error)))?;
    Ok(body)
}

/// Asks the core what a person wants, and answers with what it says.
pub(super) async fn ask_with<B, T, E: Display>(
    served: &Served,
    body: Body<B>,
    request: impl FnOnce(B, AnswerTo<T, E>) -> super::Request,
    status: impl FnOnce(&E) -> StatusCode,
) -> Answer<T> {
    let body = read(body)?;
    ask(served, |answer| request(body, answer), status).await
}

/// Asks the core, and answers with what it says.
pub(super) async fn ask<T, E: Display>(
    served: &Served,
    request: impl FnOnce(AnswerTo<T, E>) -> super::Request,
    status: impl FnOnce(&E) -> StatusCode,
) -> Answer<T> {
    ask_at(&served.requests, request, status).await
}

/// Asks whoever sits at the other end, and answers with what is said there.
pub(super) async fn ask_at<R, T, E: Display>(
    whom: &mpsc::Sender<R>,
    request: impl FnOnce(AnswerTo<T, E>) -> R,
    status: impl FnOnce(&E) -> StatusCode,
) -> Answer<T> {
    let told = told_by(whom, request).await?;
    told.map(Answered)
        .map_err(|error| answer_error(status(&error), &error.to_string()))
}

/// Asks the core; what it says.
///
/// # Errors
/// It does not answer: what the browser is told then.
pub(super) async fn told<T, E>(
    served: &Served,
    request: impl FnOnce(AnswerTo<T, E>) -> super::Request,
) -> Result<Result<T, E>, Refused> {
    told_by(&served.requests, request).await
}

/// Asks whoever sits at the other end; what is said there.
///
/// # Errors
/// Nobody answers: what the browser is told then.
pub(super) async fn told_by<R, T, E>(
    whom: &mpsc::Sender<R>,
    request: impl FnOnce(AnswerTo<T, E>) -> R,
) -> Result<Result<T, E>, Refused> {
    let unanswered = |text| answer_error(StatusCode::SERVICE_UNAVAILABLE, text);
    let (answer, answered) = oneshot::channel();
    if whom.try_send(request(answer)).is_err() {
        return Err(unanswered("the post is busy; nothing was changed, try again"));
    }
    let stopping = |_| unanswered("the post is stopping; nothing was changed");
    answered.await.map_err(stopping)
}

/// Where the core answers.
type AnswerTo<T, E> = oneshot::Sender<Result<T, E>>;

/// Where the request goes, as the browser wrote it: `Host`, or the authority of an HTTP/2 request, which has no `Host`.
fn asked_authority<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.or(uri.authority().map(Authority::as_str))
}

/// True when the request comes from our own page, or from no page at all (a command line tool sends no `Origin`).
pub(super) fn same_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    origin.is_some_and(|(_, from)| asked_authority(headers, uri) == Some(from))
}

/// True when the request asks for this machine by a name that no name server can point elsewhere. Any web site can let
/// its own name point to 127.0.0.1 (DNS rebinding); its scripts would then count as our own page.
fn asks_for_loopback(request: &Request) -> bool {
    let asked = asked_authority(request.headers(), request.uri());
    let authority = asked.and_then(|asked| asked.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let name = authority.host();
        name.eq_ignore_ascii_case("localhost") || ["127.0.0.1", "[::1]"].contains(&name)
    })
}

async fn guard(State(loopback): State<bool>, request: Request, next: Next) -> Response {
    if loopback && !asks_for_loopback(&request) {
        return answer_error(
            StatusCode::FORBIDDEN,
            "this page is only for browsers on this machine: open it as http://localhost or http://127.0.0.1 with its port",
        )
        .into_response();
    }
    let changes = !matches!(request.method().as_str(), "GET" | "HEAD");
    if changes && !same_origin(request.headers(), request.uri()) {
        return answer_error(
            StatusCode::FORBIDDEN,
            "this page comes from another address than the post",
        )
        .into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The camera reads a wristband, when a person presses for it; nothing else of the device is anybody's here.
        (
            header::HeaderName::from_static("permissions-policy"),
            "camera=(self), geolocation=(), usb=(), serial=()",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: &str, host: Option<&str>, uri: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        if let Some(host) = host {
            headers.insert(header::HOST, host.parse().unwrap());
        }
        same_origin(&headers, &uri.parse().unwrap())
    }

    #[test]
    fn our_own_page_is_known_over_http_1_and_http_2_and_a_foreign_one_over_neither() {
        assert!(from(
            "https://post.local:8443",
            Some("post.local:8443"),
            "/api/v1/alarms/x/acknowledge"
        ));
        assert!(from(
            "https://post.local:8443",
            None,
            "https://post.local:8443/api/v1/alarms/x/acknowledge"
        ));
        assert!(!from(
            "https://evil.example",
            Some("post.local:8443"),
            "/api/v1/alarms/x/acknowledge"
        ));
        assert!(!from(
            "https://evil.example",
            None,
            "https://post.local:8443/api/v1/alarms/x/acknowledge"
        ));
        assert!(!from("null", None, "/api/v1/alarms/x/acknowledge"));
    }
}
