//! `WS /api/v1/live`: a snapshot, then updates, numbered; one task per page. The page says whether it can be heard, and
//! whether it draws curves: then their samples come between the updates, as binary frames without a number.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use openapi::Answered;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::caller::{Caller, View};
use super::live::{Bed, Clocks, Snapshot, Update};
use super::router::{Answer, Refused, Served, answer_error, same_origin};
use super::said::{self, SAID_BYTES_MAX, Said};
use crate::clock::Clock;

/// Most pages at once; further ones are told to wait. A post has a handful of screens.
pub(super) const PAGES_MAX: usize = 64;

/// A page that takes longer than this to accept a message is cut off; it comes back by itself.
const SEND_WITHIN: Duration = Duration::from_secs(5);

/// How often it is looked at whether the page may still see what it sees.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The page may see the ward no more: sign in.
const RIGHT_ENDED: u16 = 4401;

/// What a page is told: numbered without a gap, from a snapshot on.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Numbered{T}")]
struct Numbered<'a, T> {
    /// 0 = the snapshot.
    seq: u64,
    #[serde(flatten)]
    body: &'a T,
}

/// The snapshot alone.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "WardNow")]
pub(super) struct Ward {
    /// Always 0.
    seq: u64,
    #[serde(flatten)]
    full: Full,
}

/// What a page is told through the live connection: a snapshot, then changes, numbered without a gap. One that is missing:
/// connect anew.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "said for the document: each is sent as what it is")]
enum WardMessage {
    Snapshot(Numbered<'static, Full>),
    Update(Numbered<'static, Update>),
}

/// The connection has become a live one.
pub(super) struct Upgraded(Response);

impl IntoResponse for Upgraded {
    fn into_response(self) -> Response {
        self.0
    }
}

impl openapi::Gives for Upgraded {
    fn gives(operation: &mut openapi::Operation<'_>) {
        operation.upgrades::<WardMessage, Said>();
    }
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SnapshotType")]
enum FullKind {
    Snapshot,
}

/// The snapshot with the server's clocks and build, as a page gets it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Snapshot")]
pub(super) struct Full {
    #[serde(rename = "type")]
    kind: FullKind,
    /// Of the page: one that carries another is of an older build.
    build: String,
    #[serde(flatten)]
    clocks: Clocks,
    #[serde(flatten)]
    snapshot: Snapshot,
}

impl Full {
    pub(super) fn new(snapshot: Snapshot, clock: &Clock, build: String) -> Full {
        Full {
            kind: FullKind::Snapshot,
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
pub(super) async fn ward(State(served): State<Served>, Extension(caller): Extension<Caller>) -> Answer<Ward> {
    let view = caller.view(&served.desk);
    let view = view.ok_or_else(|| answer_error(StatusCode::UNAUTHORIZED, "sign in first"))?;
    let full = Full::new(
        view.of_ward(served.feed.snapshot()),
        &served.clock,
        served.pages.build_id(),
    );
    Ok(Answered(Ward { seq: 0, full }))
}

/// `WS /api/v1/live`.
pub(super) async fn live(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: WebSocketUpgrade,
) -> Result<Upgraded, Refused> {
    if !same_origin(&headers, &uri) {
        return Err(answer_error(
            StatusCode::FORBIDDEN,
            "this page comes from another address than the post",
        ));
    }
    let full = |_| {
        let text = "too many screens are open; close one and reload";
        answer_error(StatusCode::SERVICE_UNAVAILABLE, text)
    };
    let place = served.places.clone().try_acquire_owned().map_err(full)?;
    let upgrade = upgrade.max_message_size(SAID_BYTES_MAX);
    Ok(Upgraded(upgrade.on_upgrade(move |socket| async move {
        talk(socket, served, caller).await;
        drop(place);
    })))
}

impl View {
    fn of_bed(self, bed: Arc<Bed>) -> Arc<Bed> {
        let mut bed = bed;
        if self == View::Private && !bed.patient.initials.is_empty() {
            Arc::make_mut(&mut bed).patient.initials.clear();
        }
        bed
    }

    fn of_ward(self, mut ward: Snapshot) -> Snapshot {
        ward.beds = ward.beds.into_iter().map(|bed| self.of_bed(bed)).collect();
        ward
    }

    fn of(self, update: Update) -> Update {
        match update {
            Update::Bed { bed } => Update::Bed {
                bed: self.of_bed(bed),
            },
            other => other,
        }
    }
}

async fn talk(mut socket: WebSocket, served: Served, caller: Caller) {
    let (snapshot, mut updates) = served.feed.subscribe();
    let Some(mut view) = caller.view(&served.desk) else {
        return right_ended(socket).await;
    };
    let mut page = served
        .audible
        .page(caller.screen(&served.desk).map(|screen| screen.id));
    let mut frames = None;
    let mut look = tokio::time::interval(LOOK_EVERY);
    let full = Full::new(view.of_ward(snapshot), &served.clock, served.pages.build_id());
    let mut seq = 0;
    if !send(&mut socket, seq, &full).await {
        return;
    }
    loop {
        tokio::select! {
            // Numbers and alarms go before curves.
            biased;
            () = served.stop.cancelled() => return,
            update = updates.recv() => {
                // A page that fell behind is cut off: it starts anew from a snapshot and misses nothing.
                let Ok(update) = update else { return };
                seq += 1;
                if !send::<Update>(&mut socket, seq, &view.of(update)).await {
                    return;
                }
            }
            frame = next(&mut frames) => {
                if !deliver(&mut socket, Message::Binary(frame)).await {
                    return;
                }
            }
            _ = look.tick() => {
                page.look(served.clock.now());
                let Some(now) = caller.view(&served.desk) else {
                    return right_ended(socket).await;
                };
                if now == view {
                    continue;
                }
                // Nobody is signed in any more, or somebody is again: every bed anew, as it may be seen now.
                view = now;
                for bed in served.feed.snapshot().beds {
                    seq += 1;
                    let bed = Update::Bed { bed: view.of_bed(bed) };
                    if !send::<Update>(&mut socket, seq, &bed).await {
                        return;
                    }
                }
            }
            heard = socket.recv() => match heard {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(Message::Text(text))) => match said::read(&text) {
                    Some(Said::Sound { on }) => page.sound(on, served.clock.now()),
                    Some(Said::Curves { on }) => frames = on.then(|| served.feed.frames()),
                    None => {}
                },
                Some(Ok(_)) => {}
            },
        }
    }
}

async fn right_ended(mut socket: WebSocket) {
    let close = CloseFrame {
        code: RIGHT_ENDED,
        reason: "sign in first".into(),
    };
    let close = socket.send(Message::Close(Some(close)));
    // A page that is gone needs no answer.
    let _ = tokio::time::timeout(SEND_WITHIN, close).await;
}

async fn send<T: Serialize>(socket: &mut WebSocket, seq: u64, body: &T) -> bool {
    let Ok(text) = serde_json::to_string(&Numbered { seq, body }) else {
        return false;
    };
    deliver(socket, Message::Text(text.into())).await
}

async fn deliver(socket: &mut WebSocket, message: Message) -> bool {
    matches!(
        tokio::time::timeout(SEND_WITHIN, socket.send(message)).await,
        Ok(Ok(()))
    )
}

/// The next frame of a page that draws curves; never, of any other. What it was too slow for is a gap there.
async fn next(frames: &mut Option<broadcast::Receiver<Bytes>>) -> Bytes {
    if let Some(frames) = frames {
        loop {
            match frames.recv().await {
                Ok(frame) => return frame,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => break,
            }
        }
    }
    std::future::pending().await
}
