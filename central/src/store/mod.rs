//! What the posts sent, kept exactly once, and what is needed to show it again after a restart.
//!
//! - S1 (I2): each (post, epoch, lane, seq) is stored once, in one transaction with the marks that say so; repeats are
//!   discarded even when envelopes are cut differently.
//! - S2 (I1): a receipt exists only for what a committed transaction holds.
//! - S3: nothing beyond the last durable record of a closed epoch is missing, and nothing that the post gave up is.
//! - S4: a command that was accepted from a doctor is durable before he is told so.
//! - S5: what is deleted for its age stays marked as held: it is never missing, never asked for and never stored again.
//! - S6 (I9): the audit is only ever added to, in its own order.
//!
//! [`CentreStore`] is the door; behind it stands redb ([`RedbStore`]) for now. A PostgreSQL store keeps the same promises.

mod apply;
mod audit;
mod deeds;
mod held;
mod proofs;
mod read;
mod redb_store;
mod retention;
mod standing;
mod tables;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use vitals::delivery::Deed;
use vitals::record::Refusal;
use vitals::wire::{Block, Command, Envelope, PostState, Receipt};
use vitals::{AlarmChange, AlarmId, BootId, ClockAnchor, Epoch, Lane, PostId, Record, Seq, Stamp, WallTime};

use crate::duty::Duty;
pub use audit::AuditStore;
pub use held::{Held, RUNS_MAX};
pub use proofs::{AuditStanding, AuditTrouble};
pub use redb_store::RedbStore;
pub use retention::{Limits, ThinPlace, Thinned};

/// Where a centre keeps what it knows.
pub trait CentreStore: Send + Sync {
    /// Stores whatever is new in these envelopes, all in one transaction, and says so durably.
    ///
    /// # Errors
    /// When the store cannot write: nothing of it is stored then, and no receipt may be sent.
    fn apply(&self, arrived: &[Arrived]) -> Result<Vec<Applied>, StoreError>;

    /// Remembers what a post said about itself: its name, its beds, its present run.
    ///
    /// # Errors
    /// When the store cannot write.
    fn keep_state(&self, state: &PostState) -> Result<(), StoreError>;

    /// Keeps what a post's state told about alarms whose own changes do not tell it.
    ///
    /// # Errors
    /// When the store cannot write.
    fn keep_verdicts(&self, post: &PostId, verdicts: &[Verdict]) -> Result<(), StoreError>;

    /// Deletes some of what is older than `limits` allow, from `from` on; bounded work, in one transaction.
    ///
    /// # Errors
    /// When the store cannot write.
    fn thin_out(&self, limits: Limits, from: ThinPlace) -> Result<Thinned, StoreError>;

    /// Keeps a command and, later, its answer.
    ///
    /// # Errors
    /// When the store cannot write.
    fn keep_command(&self, post: &PostId, command: &Command) -> Result<(), StoreError>;

    /// Keeps who is on duty and whom the centre calls, whole.
    ///
    /// # Errors
    /// When the store cannot write.
    fn keep_duty(&self, duty: &Duty) -> Result<(), StoreError>;

    /// What was kept of it last; nothing set up where nothing was.
    ///
    /// # Errors
    /// When the store cannot be read, or the row is not what this program writes.
    fn duty(&self) -> Result<Duty, StoreError>;

    /// Everything that the live picture starts from.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn standing(&self) -> Result<Vec<PostStanding>, StoreError>;

    /// Reads records in the order post, lane, epoch, seq until `each` has had enough.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn records(&self, query: &Query, each: &mut dyn FnMut(&PostId, Stored) -> Next)
    -> Result<(), StoreError>;

    /// A person accepts what is wrong with a post's audit so far, and the key that it signs with now. Returns how many heads
    /// that were.
    ///
    /// # Errors
    /// When the store cannot read or write.
    fn accept_audit(&self, post: &PostId) -> Result<u64, StoreError>;

    /// Tries to write after a failure; opens the file anew if it must.
    ///
    /// # Errors
    /// While the store still cannot write.
    fn try_again(&self) -> Result<(), StoreError>;
}

/// One envelope that arrived and was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// As it came.
    pub envelope: Envelope,
    /// Its records.
    pub block: Block,
    /// When it came, by the centre's clock.
    pub received: WallTime,
}

/// What became of one [`Arrived`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// From which post.
    pub post: PostId,
    /// From which run of its appliance.
    pub epoch: Epoch,
    /// In which boot.
    pub boot: BootId,
    /// The records that were not stored before, in order.
    pub new: Vec<(Seq, Record)>,
    /// The lanes that moved: its own first, then those that its events closed or gave up.
    pub lanes: Vec<LaneHeld>,
    /// How the post's audit stands, when entries or heads of it came.
    pub audit: Option<AuditStanding>,
    /// It would have opened more gaps than can be kept: not stored; the post sends it again.
    pub too_many_gaps: bool,
}

/// What is held of one lane of one epoch of one post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneHeld {
    /// The epoch.
    pub epoch: Epoch,
    /// The lane.
    pub lane: Lane,
    /// What is held.
    pub held: Held,
}

impl LaneHeld {
    /// What the post is told.
    pub fn receipt(&self, post: &PostId) -> Receipt {
        Receipt {
            post: post.clone(),
            epoch: self.epoch,
            lane: self.lane,
            contiguous: self.held.contiguous(),
            missing: self.held.missing(),
        }
    }
}

/// A stored record with its name and circumstances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its epoch.
    pub epoch: Epoch,
    /// Its lane.
    pub lane: Lane,
    /// Its place there.
    pub seq: Seq,
    /// The boot in which it was made.
    pub boot: BootId,
    /// When it arrived, by the centre's clock.
    pub received: WallTime,
    /// The record.
    pub record: Record,
}

/// Which records to read. Nothing named = all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only of this post.
    pub post: Option<PostId>,
    /// Only of this lane.
    pub lane: Option<Lane>,
    /// Only of this epoch.
    pub epoch: Option<Epoch>,
    /// Only beyond this place.
    pub after: Option<Seq>,
}

/// Whether a reader wants the next record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Yes.
    More,
    /// No.
    Enough,
}

/// What is known of one post, for the live picture after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostStanding {
    /// The post.
    pub post: PostId,
    /// What it last said about itself.
    pub state: Option<PostState>,
    /// The best anchor of each boot, with the epoch that brought it.
    pub anchors: Vec<(Epoch, ClockAnchor)>,
    /// The latest reading of each value of each bed.
    pub latest: Vec<Stored>,
    /// Every alarm that has not ended, and the newest ended ones.
    pub alarms: Vec<AlarmStanding>,
    /// Who saw these alarms, and every command that waits for its confirmation.
    pub seen: Vec<SeenMark>,
    /// What was done with these alarms, and every such command that waits for its answer.
    pub deeds: Vec<DeedMark>,
    /// Those of these alarms that nobody had read in time, and when the post's word came.
    pub expired: Vec<(AlarmId, WallTime)>,
    /// The newest messages and proposals, oldest first.
    pub sent: Vec<Sent>,
    /// The newest outage reports, oldest first.
    pub outages: Vec<Stored>,
    /// The lanes of the present and of the latest epoch, and every lane that is incomplete.
    pub lanes: Vec<LaneHeld>,
    /// Who lies where and what the laboratory found, in the order of the lane.
    pub patients: Vec<Stored>,
    /// How its audit stands.
    pub audit: AuditStanding,
}

/// One alarm as last heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmStanding {
    /// The run of the appliance that told its latest change.
    pub epoch: Epoch,
    /// Its latest change.
    pub change: AlarmChange,
    /// When the first of its changes arrived.
    pub received: WallTime,
    /// The post said later that it is over.
    pub is_over: bool,
}

/// What a post's state told about an alarm: that it holds, or that it is over, whatever its latest change says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The alarm.
    pub alarm: AlarmId,
    /// Its latest change that was known then; a later one is worth more.
    pub change: u32,
    /// It is over.
    pub is_over: bool,
}

/// A message or a proposal to a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// As it is sent.
    pub command: Command,
    /// What the post answered.
    pub answer: Option<Answer>,
}

/// What a post did with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When, by the post's clock.
    pub at: Stamp,
    /// When the answer arrived.
    pub received: WallTime,
    /// Why it is not carried out; `None` = it is shown.
    pub refused: Option<Refusal>,
}

/// The most messages and proposals per post that the live picture starts from.
pub const SENT_MAX: usize = 512;
/// The most outage reports per post that the live picture starts from.
pub const OUTAGES_MAX: usize = 20;
/// The most events about patients and laboratory results per post that the live picture starts from, beside the latest
/// word on each bed.
pub const PATIENT_EVENTS_MAX: usize = 200;

/// Somebody at a centre saw an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenMark {
    /// Which alarm.
    pub alarm: AlarmId,
    /// The command that tells the post.
    pub command: u128,
    /// Who.
    pub by: String,
    /// Their account; `None` = from before there were accounts.
    pub by_id: Option<String>,
    /// When it was given; when its confirmation arrived if another centre gave it.
    pub at: WallTime,
    /// After this the command is not sent any more.
    pub expires: WallTime,
    /// The post has applied it.
    pub confirmed: bool,
    /// The post will not show it.
    pub refused: Option<Refusal>,
}

impl SeenMark {
    /// This person said it: the same account, or, where none was said, the same name.
    pub fn is_by(&self, by: &str, by_id: Option<&str>) -> bool {
        self.by_id.as_deref() == by_id && (by_id.is_some() || self.by == by)
    }

    /// It was given up at `now` before the post had confirmed it.
    pub fn is_expired(&self, now: WallTime) -> bool {
        !self.confirmed && self.refused.is_none() && self.expires <= now
    }

    /// Expired, or refused by the post.
    pub fn is_given_up(&self, now: WallTime) -> bool {
        !self.confirmed && (self.refused.is_some() || self.is_expired(now))
    }
}

/// What somebody at a centre did with an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedMark {
    /// Who, what, with which alarm.
    pub deed: Deed,
    /// The command that tells the post.
    pub command: u128,
    /// When, by the centre's clock.
    pub at: WallTime,
    /// After this the command is not sent any more.
    pub expires: WallTime,
    /// The post has applied it.
    pub confirmed: bool,
    /// The post will not take it.
    pub refused: Option<Refusal>,
}

impl DeedMark {
    /// A doctor here gave this command.
    pub fn given(deed: &Deed, command: &Command) -> DeedMark {
        DeedMark {
            deed: deed.clone(),
            command: command.id,
            at: command.issued,
            expires: command.expires,
            confirmed: false,
            refused: None,
        }
    }

    /// The post says that it was done.
    pub fn confirmed(deed: &Deed, at: WallTime, command: u128) -> DeedMark {
        DeedMark {
            deed: deed.clone(),
            command,
            at,
            expires: at,
            confirmed: true,
            refused: None,
        }
    }

    /// The post has not answered yet, and is still asked.
    pub fn waits(&self, now: WallTime) -> bool {
        !self.confirmed && self.refused.is_none() && now < self.expires
    }
}

/// The most ended alarms per post that the live picture starts from.
pub const ENDED_ALARMS_MAX: usize = 200;

/// Why the store does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the file open.
    #[error("{} is in use by a running centre: stop it first, or ask it over GET /api/v1/records", file.display())]
    InUse {
        /// The file.
        file: PathBuf,
    },
    /// The file cannot be opened.
    #[error("cannot open the store {}: {source}", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        source: Box<redb::Error>,
    },
    /// A newer program wrote the file.
    #[error("the store {} has version {found}, this program knows {}: install the newer program again", file.display(), tables::VERSION)]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u64,
    },
    /// Reading or writing failed: disk full, medium broken, file damaged.
    #[error("the store cannot be used: {0}; check the disk's space and the system log")]
    Database(Box<redb::Error>),
    /// A row does not read as what this program writes.
    #[error("the store is damaged: {table} of post {post}; restore the backup")]
    Damaged {
        /// What kind of row.
        table: &'static str,
        /// Of which post.
        post: String,
    },
    /// What was kept of duty does not read as what this program writes.
    #[error("the duty roster in the store is damaged; restore the backup")]
    DutyDamaged,
    /// An entry of the audit does not read as what this program writes.
    #[error("the audit is damaged: entry {number} cannot be read")]
    AuditDamaged {
        /// Its number.
        number: u64,
    },
    /// The store was closed after a failure and could not be opened again yet.
    #[error("the store {} is closed after a failure", file.display())]
    Closed {
        /// The file.
        file: PathBuf,
    },
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                StoreError::Database(Box::new(error.into()))
            }
        }
    )*};
}
from_redb!(
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::TransactionError
);
