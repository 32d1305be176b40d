//! What comes in from the posts, before it is stored: the link to the broker, opening of envelopes, the queue in front
//! of the store, and the receipts that go back.
//!
//! - N1: a message that cannot be read is counted, kept aside and never receipted; it stops nothing else.
//! - N2 (I7): alerts and events wait for at most the one transaction that is running, never for bulk data.
//! - N3: the queue is bounded; what does not fit is dropped without receipt, so the post sends it again.

mod backlog;
mod connection;
mod intake;
mod quarantine;
mod receipts;

pub use backlog::{Backlog, Job, Pending};
pub use connection::{FromLink, run};
pub use intake::{Refusal, TopicKind, open, topic_kind};
pub use quarantine::Quarantine;
pub use receipts::Receipts;
