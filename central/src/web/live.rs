//! The live picture: once over GET, and over a WebSocket whenever it changes, with a beat every second.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Shared;
use super::deeds;
use super::guard::Caller;
use crate::access::policy::Action;
use crate::view::render_beat;

/// At most four pictures a second and browser.
const PICTURE_EVERY: Duration = Duration::from_millis(250);
const BEAT_EVERY: Duration = Duration::from_secs(1);
/// A browser that does not take one message within this time is let go; it connects again.
const SEND_MAX: Duration = Duration::from_secs(10);
/// The code with which the picture ends when the person is not signed in any more.
const SIGNED_OUT: u16 = 4401;
/// A page says what stands on its screen at most this often; what comes sooner is not heard.
pub(super) const SAID_EVERY: Duration = Duration::from_millis(200);
/// A page never sends more than this, in bytes.
const RECEIVE_BYTES_MAX: usize = 4_096;

/// `GET /api/v1/centre`
pub(super) async fn snapshot(State(shared): State<Arc<Shared>>) -> Response {
    let site = &shared.site;
    let view = site.view.borrow().clone();
    let text = view.render(site.pages.build(), 0, site.clock.now());
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// `GET /api/v1/live`
pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .max_message_size(RECEIVE_BYTES_MAX)
        .on_upgrade(move |socket| async move { live(&shared, &caller, socket).await })
}

/// Until the browser goes, the centre stops or the person's right ends: it is asked before every message, so that nothing
/// is shown more than a beat later.
async fn live(shared: &Shared, caller: &Caller, mut socket: WebSocket) {
    let site = &shared.site;
    let mut view = site.view.clone();
    view.mark_changed();
    let mut beats = interval(BEAT_EVERY);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seq = 0;
    let mut said_at = None;
    loop {
        let text = tokio::select! {
            () = shared.stop.cancelled() => return,
            changed = view.changed() => {
                if changed.is_err() {
                    return;
                }
                let newest = view.borrow_and_update().clone();
                newest.render(site.pages.build(), seq, site.clock.now())
            }
            _ = beats.tick(), if seq > 0 => render_beat(seq, site.clock.now()),
            received = socket.recv() => match received {
                // A close, an error or an end of the connection ends it.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(Message::Text(said))) => {
                    let now = site.clock.now().mono;
                    if said_at.is_none_or(|at| now.since(at) >= SAID_EVERY) {
                        said_at = Some(now);
                        deeds::look(shared, caller, &said);
                    }
                    continue;
                }
                Some(Ok(_)) => continue,
            },
        };
        let signed = site.desk.signed(&caller.token, false);
        if !signed.is_some_and(|signed| signed.may(Action::See)) {
            let close = CloseFrame {
                code: SIGNED_OUT,
                reason: "signed out".into(),
            };
            timeout(SEND_MAX, socket.send(Message::Close(Some(close))))
                .await
                .ok();
            return;
        }
        let is_picture = text.starts_with("{\"type\":\"snapshot\"");
        if !matches!(
            timeout(SEND_MAX, socket.send(Message::text(text))).await,
            Ok(Ok(()))
        ) {
            return;
        }
        seq += 1;
        if is_picture {
            tokio::time::sleep(PICTURE_EVERY).await;
        }
    }
}
