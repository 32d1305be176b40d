//! A request's body is taken in whole before anybody looks at it, within a size and a time: a browser that trickles it
//! holds one connection for some seconds, and nothing else.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt;

use super::router::answer_error;

/// Largest request body.
pub(super) const BODY_BYTES_MAX: usize = 16 * 1024;

/// How long a body may take from its first to its last byte. A post's network is its own.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// Takes the body in, or says why not and closes the connection.
pub(super) async fn whole(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let taken = tokio::time::timeout(BODY_WITHIN, take(body));
    let (status, text) = match taken.await {
        Ok(Ok(bytes)) => return next.run(Request::from_parts(head, bytes)).await,
        Ok(Err(TakeError::TooLarge)) => (StatusCode::PAYLOAD_TOO_LARGE, "this is more than the post takes"),
        Ok(Err(TakeError::Broken)) => (StatusCode::BAD_REQUEST, "the request broke off"),
        Err(_) => (
            StatusCode::REQUEST_TIMEOUT,
            "the request took too long; nothing was changed, try again",
        ),
    };
    let mut response = answer_error(status, text).into_response();
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What is wrong with a body, from what the parser says: without a word of what was sent, which may be a name or a secret.
pub(super) fn complaint(said: &str) -> String {
    // The parser names fields of ours that are missing; everything else that it names was sent.
    let missing = said
        .find("missing field `")
        .map_or("", |at| said[at..].split(" at line ").next().unwrap_or_default());
    let place = said.rfind(" at line ").map_or("", |at| &said[at..]);
    let is_place = place
        .chars()
        .all(|c| c.is_ascii_digit() || " at line column".contains(c));
    let what = match missing {
        "" => "something is not as it is asked for here",
        missing => missing,
    };
    if is_place && !place.is_empty() {
        format!("{what}{place} of what was sent")
    } else {
        what.to_owned()
    }
}

enum TakeError {
    TooLarge,
    Broken,
}

async fn take(body: Body) -> Result<Body, TakeError> {
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| TakeError::Broken)?;
        if whole.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(TakeError::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Body::from(whole.freeze()))
}

#[cfg(test)]
mod tests;
