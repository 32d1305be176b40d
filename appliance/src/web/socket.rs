//! `WS /api/v1/live`: a snapshot, then updates, numbered; one task per page.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::live::{Clocks, Snapshot, Update};
use super::router::{Served, answer_error, same_origin};
use crate::clock::Clock;

/// Most pages at once; further ones are told to wait. A post has a handful of screens.
pub(super) const PAGES_MAX: usize = 64;

/// A page that takes longer than this to accept a message is cut off; it comes back by itself.
const SEND_WITHIN: Duration = Duration::from_secs(5);

/// Longest text that a page may send (its own beat).
const HEARD_BYTES_MAX: usize = 4_096;

#[derive(Serialize)]
struct Numbered<'a, T> {
    seq: u64,
    #[serde(flatten)]
    body: &'a T,
}

/// The snapshot with the server's clocks and build, as a page gets it.
#[derive(Serialize)]
pub(super) struct Full {
    #[serde(rename = "type")]
    kind: &'static str,
    build: String,
    #[serde(flatten)]
    clocks: Clocks,
    #[serde(flatten)]
    snapshot: Snapshot,
}

impl Full {
    pub(super) fn new(snapshot: Snapshot, clock: &Clock, build: String) -> Full {
        Full {
            kind: "snapshot",
            build,
            clocks: clocks(clock),
            snapshot,
        }
    }
}

pub(super) fn clocks(clock: &Clock) -> Clocks {
    let (wall, clock_trust) = clock.wall();
    Clocks {
        now_ms: clock.now().as_ms(),
        wall_ms: Some(wall.as_unix_ms()),
        clock_trust,
    }
}

/// `GET /api/v1/ward`: the snapshot alone, for pages that cannot open a socket.
pub(super) async fn ward(State(served): State<Served>) -> Response {
    let full = Full::new(served.feed.snapshot(), &served.clock, served.pages.build_id());
    axum::Json(Numbered { seq: 0, body: &full }).into_response()
}

/// `WS /api/v1/live`.
pub(super) async fn live(
    State(served): State<Served>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !same_origin(&headers, &uri) {
        return answer_error(
            StatusCode::FORBIDDEN,
            "this page comes from another address than the post",
        );
    }
    let Ok(place) = served.places.clone().try_acquire_owned() else {
        return answer_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many screens are open; close one and reload",
        );
    };
    upgrade
        .max_message_size(HEARD_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            talk(socket, served).await;
            drop(place);
        })
}

async fn talk(mut socket: WebSocket, served: Served) {
    let (snapshot, mut updates) = served.feed.subscribe();
    let full = Full::new(snapshot, &served.clock, served.pages.build_id());
    let mut seq = 0;
    if !send(&mut socket, seq, &full).await {
        return;
    }
    loop {
        tokio::select! {
            update = updates.recv() => {
                // A page that fell behind is cut off: it starts anew from a snapshot and misses nothing.
                let Ok(update) = update else { return };
                seq += 1;
                if !send::<Update>(&mut socket, seq, &update).await {
                    return;
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
            () = served.stop.cancelled() => return,
        }
    }
}

async fn send<T: Serialize>(socket: &mut WebSocket, seq: u64, body: &T) -> bool {
    let Ok(text) = serde_json::to_string(&Numbered { seq, body }) else {
        return false;
    };
    matches!(
        tokio::time::timeout(SEND_WITHIN, socket.send(Message::Text(text.into()))).await,
        Ok(Ok(()))
    )
}
