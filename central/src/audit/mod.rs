//! What people did at the centre, as the same chain that a post keeps: who signed in, said "seen", wrote, looked at a
//! patient, made accounts; and when the centre started and stopped.
//!
//! - B1 (I9): whoever asks is told that a deed stands in the audit only when it is durable there.
//! - B2: a store that does not work holds nobody up: deeds wait in memory, [`WAITING_MAX`] of them, and are written when it
//!   works again; those beyond are counted, and the count is an entry.
//! - B3: no word of a patient is written here, only which post and bed it was about.

pub mod report;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;
use vitals::audit::{Actor, Chain, ChainId, Deed, Head, Outcome, Telling};
use vitals::{ClockTrust, Masked, Stamp};

use crate::clock::Clock;
use crate::store::{AuditStore, StoreError};

/// Deeds on their way to the audit; whoever comes then is told to try again.
const INBOX_MAX: usize = 256;
/// How long, and how often, somebody tries to find a place in the inbox.
const PLACE_TRIES: u32 = 40;
const PLACE_EVERY: Duration = Duration::from_millis(50);
/// Deeds that wait for a store that does not work.
pub const WAITING_MAX: usize = 1_024;
/// How long whoever asks waits for a disk that hangs.
const KEPT_WITHIN: Duration = Duration::from_secs(3);
/// Entries of one transaction.
const BATCH_MAX: usize = 64;
/// How often a store that does not work is tried again.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// Why it is not known that a deed stands in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It was not taken: the inbox is full.
    #[error("the centre is busy; try again")]
    Busy,
    /// It was taken, and waits until the store works again.
    #[error("the audit cannot be written now; it is written as soon as the store works again")]
    Waits,
}

struct Item {
    deed: Deed,
    kept: Option<oneshot::Sender<bool>>,
}

/// The way to the audit.
#[derive(Clone)]
pub struct Book {
    inbox: SyncSender<Box<Item>>,
    clock: Clock,
}

impl Book {
    /// Goes on with the chain of this store, on a thread of its own.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn open(store: Arc<dyn AuditStore>, clock: Clock) -> std::io::Result<Book> {
        let (inbox, items) = sync_channel(INBOX_MAX);
        let writer = Writer {
            store,
            clock,
            head: None,
            waiting: VecDeque::new(),
            lost: 0,
            fails: false,
        };
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || writer.run(&items))?;
        Ok(Book { inbox, clock })
    }

    /// Writes it down, and waits until it is durable (B1).
    ///
    /// # Errors
    /// Why that is not certain.
    pub async fn tell(&self, told: Telling) -> Result<(), NotKept> {
        let (kept, answer) = oneshot::channel();
        let mut item = self.item(told, Some(kept));
        let mut tries = 0;
        while let Err(full) = self.put(item) {
            tries += 1;
            if tries > PLACE_TRIES {
                return Err(NotKept::Busy);
            }
            item = full;
            tokio::time::sleep(PLACE_EVERY).await;
        }
        match timeout(KEPT_WITHIN, answer).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false) | Err(_)) | Err(_) => Err(NotKept::Waits),
        }
    }

    /// Writes it down without waiting.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn note(&self, told: Telling) -> Result<(), NotKept> {
        self.put(self.item(told, None)).map_err(|_| NotKept::Busy)
    }

    /// As [`Book::note`], for a thread that may wait a little for a place.
    ///
    /// # Errors
    /// When it was not taken.
    pub fn note_patiently(&self, told: Telling) -> Result<(), NotKept> {
        let mut item = self.item(told, None);
        for _ in 0..PLACE_TRIES {
            match self.put(item) {
                Ok(()) => return Ok(()),
                Err(full) => item = full,
            }
            thread::sleep(PLACE_EVERY);
        }
        Err(NotKept::Busy)
    }

    fn item(&self, told: Telling, kept: Option<oneshot::Sender<bool>>) -> Box<Item> {
        let deed = deed(told, self.clock);
        Box::new(Item { deed, kept })
    }

    /// Gives it back when there is no place.
    fn put(&self, item: Box<Item>) -> Result<(), Box<Item>> {
        self.inbox.try_send(item).map_err(|refused| match refused {
            TrySendError::Full(item) | TrySendError::Disconnected(item) => item,
        })
    }
}

/// What was told, with the time.
fn deed(told: Telling, clock: Clock) -> Deed {
    let now = clock.now();
    Deed {
        at: Stamp {
            boot: clock.boot(),
            mono: now.mono,
        },
        wall: Some(now.wall),
        // Nothing here asks a time server.
        trust: ClockTrust::Holdover,
        told,
    }
}

/// A chain that begins now.
fn new_chain() -> ChainId {
    let mut random = [0; 16];
    // Without random numbers the chain is still one; only two centres' chains would not be told apart.
    getrandom::fill(&mut random).ok();
    ChainId(format!("centre-{:032x}", u128::from_be_bytes(random)))
}

/// Adds one deed to a store that nobody else has open.
///
/// # Errors
/// When the store cannot write.
pub fn add(store: &dyn AuditStore, told: Telling, clock: Clock) -> Result<(), StoreError> {
    let mut chain = Chain::after(store.audit_head(&new_chain())?);
    store.keep_audit(&[chain.append(deed(told, clock))])
}

/// A telling about the centre itself.
pub fn of_the_centre(action: &str, after: Option<String>) -> Telling {
    Telling {
        who: Actor::Post,
        from: String::new(),
        action: action.to_owned(),
        outcome: Outcome::Done,
        subject: String::new(),
        before: None,
        after: after.map(Masked::new),
    }
}

struct Writer {
    store: Arc<dyn AuditStore>,
    clock: Clock,
    /// The end of the chain; unknown at the start and after a write that may or may not have come to pass.
    head: Option<Head>,
    waiting: VecDeque<Deed>,
    lost: u64,
    fails: bool,
}

impl Writer {
    fn run(mut self, items: &Receiver<Box<Item>>) {
        loop {
            let first = if self.waiting.is_empty() {
                items.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                items.recv_timeout(TRY_EVERY)
            };
            let first = match first {
                Ok(item) => Some(item),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut replies = Vec::new();
            for item in first.into_iter().chain(items.try_iter().take(BATCH_MAX)) {
                self.wait(item.deed);
                replies.extend(item.kept);
            }
            let kept = self.write_all();
            for reply in replies {
                // Whoever has closed the page does not wait for the answer.
                reply.send(kept).ok();
            }
        }
        if !self.write_all() {
            tracing::error!(
                entries = self.waiting.len(),
                "the end of the audit could not be written"
            );
        }
    }

    /// B2
    fn wait(&mut self, deed: Deed) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back(deed);
        } else {
            self.lost += 1;
        }
    }

    fn write_all(&mut self) -> bool {
        while !self.waiting.is_empty() {
            match self.write_some() {
                Ok(()) if self.fails => {
                    tracing::info!("the audit is written again");
                    self.fails = false;
                }
                Ok(()) => {}
                Err(error) => {
                    if !self.fails {
                        tracing::error!("the audit cannot be written: {error}");
                    }
                    (self.fails, self.head) = (true, None);
                    return false;
                }
            }
            if self.waiting.is_empty() && self.lost > 0 {
                let lost = std::mem::take(&mut self.lost);
                let told = of_the_centre("audit_lost", Some(format!("{lost} entries found no place")));
                self.waiting.push_back(deed(told, self.clock));
            }
        }
        true
    }

    fn write_some(&mut self) -> Result<(), StoreError> {
        let head = match self.head {
            Some(head) => head,
            None => self.store.audit_head(&new_chain())?,
        };
        let mut chain = Chain::after(head);
        let some = self.waiting.iter().take(BATCH_MAX).cloned();
        let entries: Vec<_> = some.map(|deed| chain.append(deed)).collect();
        self.store.keep_audit(&entries)?;
        self.head = Some(chain.head());
        self.waiting.drain(..entries.len());
        Ok(())
    }
}
