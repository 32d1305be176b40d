//! What can happen to the centre, and what it has others do.

use tokio::sync::oneshot;
use vitals::PostId;
use vitals::wire::{Command, CommandKind};

use crate::clock::Moment;
use crate::duty::{Change, Doctors, Refused, Told};
use crate::inbox::{FromLink, Job, Refusal};
use crate::store::{Applied, Limits, StoreError, ThinPlace, Thinned, Verdict};
use crate::wards::CommandRefused;

/// Everything that can happen to the centre.
#[derive(Debug)]
pub enum CentreEvent {
    /// From the connection to the broker.
    Link(FromLink),
    /// A doctor saw an alarm, wrote a message or proposes a limit.
    Asked(CommandRequest),
    /// Somebody changes who is on duty, or whom the centre calls.
    Duty(DutyRequest),
    /// Who the doctors are now.
    Doctors(Doctors),
    /// The store has finished a job.
    Done(JobDone),
    /// Time has passed (every 50 ms).
    Tick,
}

/// What a doctor wants a post to be told.
#[derive(Debug)]
pub struct CommandRequest {
    /// Which post.
    pub post: PostId,
    /// What; checked by the web side.
    pub kind: CommandKind,
    /// A random number for the command.
    pub command: u128,
    /// Answered when the command is durable, or refused.
    pub reply: oneshot::Sender<Result<u128, CommandError>>,
}

/// What a person wants to change about duty.
#[derive(Debug)]
pub struct DutyRequest {
    /// Their account.
    pub by: String,
    /// What.
    pub change: Change,
    /// Answered when it is durable, with what the audit is told, or refused.
    pub reply: oneshot::Sender<Result<Told, DutyError>>,
}

/// Why duty is not changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DutyError {
    /// It cannot be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Somebody else changes something at this moment.
    #[error("somebody else changes the duty at this moment; look again")]
    AtOnce,
    /// The store does not work.
    #[error("not saved, nothing has changed: {0}; try again")]
    NotSaved(String),
}

/// Why a command was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Not to this post, not about this alarm, or not once more.
    #[error(transparent)]
    Refused(#[from] CommandRefused),
    /// The store does not work; the doctor must be told that the post will not hear of it.
    #[error("not saved, the post will not be told: {0}; try again, or call the post")]
    NotSaved(String),
}

/// What the store did.
#[derive(Debug)]
pub enum JobDone {
    /// Envelopes: those that could not be opened, and what became of the others with the moment of their arrival.
    Envelopes {
        /// Not taken, with the post of their topic.
        refused: Vec<(PostId, Refusal)>,
        /// Taken, or the reason why none is.
        applied: Result<Vec<(Applied, Moment)>, StoreError>,
    },
    /// A command.
    Command(PostId, Command, Result<(), StoreError>),
    /// Who is on duty.
    Duty(Result<(), StoreError>),
    /// A state.
    State(Result<(), StoreError>),
    /// What a state told about alarms.
    Verdicts(PostId, Vec<Verdict>, Result<(), StoreError>),
    /// Some of what is too old was deleted.
    ThinnedOut(Result<Thinned, StoreError>),
    /// A try after a failure.
    TriedAgain(Result<(), StoreError>),
}

/// What the shell must have the store do.
#[derive(Debug)]
pub enum Work {
    /// One job.
    Job(Job),
    /// See whether it works again.
    TryAgain,
    /// Delete some of what is too old, from there on.
    ThinOut(Limits, ThinPlace),
}
