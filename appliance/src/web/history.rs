//! What lies on the card, for a page: trends, the audit, the log of alarms.
//!
//! - I10: the card is read beside the page's thread, at most [`AT_ONCE_MAX`] questions at once, whatever they are about; who
//!   finds no place gets 429 and asks again. The core never waits for it.

use std::fmt::Display;
use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::router::{Refused, answer_error};
use crate::store::Store;

/// Most questions for which the card is read at once.
const AT_ONCE_MAX: usize = 2;

/// The card, and how many may read it.
#[derive(Clone)]
pub(super) struct History {
    store: Store,
    places: Arc<Semaphore>,
}

/// An answer that says what is wrong.
pub(super) fn refused(status: StatusCode, why: &impl Display) -> Refused {
    answer_error(status, &why.to_string())
}

impl History {
    pub(super) fn new(store: Store) -> History {
        History {
            store,
            places: Arc::new(Semaphore::new(AT_ONCE_MAX)),
        }
    }

    /// The right to read the card now; none when as many do as may.
    pub(super) fn take_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// Asks the card. What `question` cannot answer it refuses with a status of its own.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, (StatusCode, String)> + Send + 'static,
    ) -> Result<T, Refused> {
        let place = self.take_place().ok_or_else(|| {
            let text = "others are reading the card: ask again in a few seconds";
            refused(StatusCode::TOO_MANY_REQUESTS, &text)
        })?;
        let store = self.store.clone();
        let made = tokio::task::spawn_blocking(move || {
            // Held until the card has been read, also when the browser has gone meanwhile.
            let _place = place;
            question(&store)
        });
        match made.await {
            Ok(answer) => answer.map_err(|(status, why)| refused(status, &why)),
            Err(_) => {
                let text = "the card could not be read: the post is stopping, or the log says more";
                Err(refused(StatusCode::SERVICE_UNAVAILABLE, &text))
            }
        }
    }
}

/// A table as a file (CSV); one that is not all says so in its name.
pub(super) struct Table {
    name: &'static str,
    is_whole: bool,
    lines: String,
}

impl Table {
    pub(super) fn new(name: &'static str, is_whole: bool, lines: impl Iterator<Item = String>) -> Table {
        Table {
            name,
            is_whole,
            lines: lines.collect(),
        }
    }
}

impl IntoResponse for Table {
    fn into_response(self) -> Response {
        let Table {
            name,
            is_whole,
            lines,
        } = self;
        let part = if is_whole { "" } else { "-newest-part" };
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{name}{part}.csv\""),
            ),
        ];
        (headers, lines).into_response()
    }
}

impl openapi::Gives for Table {
    fn gives(operation: &mut openapi::Operation<'_>) {
        operation.answers_text(
            "text/csv",
            "A table as a file; one that is not all says so in its name.",
        );
    }
}
