//! Who waits for the card: a sender that is answered only when what it sent is durable. Pure: no file, no thread.
//!
//! - S28: a promise is kept when everything that was appended before it is on the card, and broken (its sender dropped) when
//!   something of the bulk was given up meanwhile: then nobody knows whether it was among that. It never waits for a commit
//!   window, but for the next time that the store is told, so that promises gather.

use tokio::sync::oneshot;
use vitals::{MonoTime, Seq};

use super::rows::PerLane;
use super::tail::Tail;

/// Most promises at a time; more are broken at once.
pub(super) const PROMISES_MAX: usize = 4_096;

#[derive(Debug)]
struct Promise {
    up_to: PerLane<Seq>,
    given_up: u64,
    since: MonoTime,
    tell: oneshot::Sender<()>,
}

/// The promises that are neither kept nor broken.
#[derive(Debug, Default)]
pub(super) struct Promises {
    waiting: Vec<Promise>,
}

impl Promises {
    /// Everything that is in the tail now shall be on the card before `tell` is told.
    pub(super) fn add(&mut self, tail: &Tail, tell: oneshot::Sender<()>) {
        self.waiting.retain(|promise| !promise.tell.is_closed());
        if self.waiting.len() < PROMISES_MAX {
            self.waiting.push(Promise {
                up_to: tail.last(),
                given_up: tail.given_up(),
                since: tail.told(),
                tell,
            });
            self.settle(tail);
        }
    }

    /// Time has passed since the oldest was made.
    pub(super) fn are_due(&self, told: MonoTime) -> bool {
        self.waiting.first().is_some_and(|oldest| oldest.since < told)
    }

    /// Keeps or breaks what can be.
    pub(super) fn settle(&mut self, tail: &Tail) {
        for promise in std::mem::take(&mut self.waiting) {
            if promise.given_up != tail.given_up() {
                continue;
            }
            if tail.is_settled(promise.up_to) {
                // Whoever asked may be gone.
                let _ = promise.tell.send(());
            } else {
                self.waiting.push(promise);
            }
        }
    }
}
