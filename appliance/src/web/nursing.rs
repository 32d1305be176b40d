//! Notes about patients, and what is asked of the core about handovers. The notes of a bed's patient come with the patient.

use axum::Extension;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;
use vitals::nursing::HandoverError;
use vitals::score::entry::EntryId;
use vitals::{AdmissionId, BedId, ClockTrust, Handover, Masked, Stamp, WallTime};

use super::caller::Acting;
use super::patients::{NamedBed, PatientNow, status};
use super::router::{Answer, Body, Served, ask_with};
use super::{LimitsNow, PatientError, Request};
use crate::access::By;
use crate::ward::HandoverRefused;

/// What a browser asks of the core about notes and handovers.
#[derive(Debug)]
pub enum NursingRequest {
    /// A person writes a note.
    Write {
        /// What, about whom.
        writing: Writing,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<EntryId, PatientError>>,
    },
    /// A person takes a note back.
    Withdraw {
        /// The bed.
        bed: BedId,
        /// The stay that the person saw.
        saw: AdmissionId,
        /// Which.
        note: EntryId,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// What is known of everybody who lies here, for a handover.
    Facts {
        /// Where the answer goes.
        answer: oneshot::Sender<Result<WardFacts, NursingError>>,
    },
    /// A person hands over.
    Offer {
        /// What was shown; it has no name yet.
        handover: Box<Handover>,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<EntryId, NursingError>>,
    },
    /// The handovers that can be read again, the newest first.
    Handovers {
        /// With what this one says.
        whole: Option<EntryId>,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Vec<HandoverShown>, NursingError>>,
    },
    /// A person takes over.
    Accept {
        /// Which, and what the person was told.
        accepting: Accepting,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), NursingError>>,
    },
}

/// A note that a person writes.
#[derive(Clone, Debug)]
pub struct Writing {
    /// About whoever lies in this bed.
    pub bed: BedId,
    /// The stay that the person saw.
    pub saw: AdmissionId,
    /// The words as they were typed.
    pub text: Masked<String>,
}

/// A handover that a person takes over.
#[derive(Clone, Debug)]
pub struct Accepting {
    /// Which.
    pub handover: EntryId,
    /// The beds in which the card says that something has changed since.
    pub changed: Vec<BedId>,
    /// The beds of which the person was told that something has.
    pub told: Vec<BedId>,
}

/// Why nothing is handed over. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NursingError {
    /// The name is empty, too long, or holds control characters.
    #[error("your name cannot be kept in a record; ask who manages people")]
    NoPerson,
    /// Nobody lies in any bed.
    #[error("every bed is empty: there is nobody to hand over")]
    Empty,
    /// Somebody else lies there now, or nobody.
    #[error("bed {0} has another patient since you looked; look at the handover again")]
    OtherNow(BedId),
    /// What was shown is not known any more, or was shown to somebody else.
    #[error("this page is too old to be handed over; look at the handover again")]
    TooOld,
    /// It holds too much, or too many words.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// It is not to be taken over.
    #[error(transparent)]
    Refused(#[from] HandoverRefused),
}

/// Everybody who lies here, at one moment.
#[derive(Clone, Debug)]
pub struct WardFacts {
    /// That moment.
    pub now: Stamp,
    /// The same by the wall clock, and how far to believe it.
    pub wall: Option<(WallTime, ClockTrust)>,
    /// The occupied beds, in the order of the screen.
    pub beds: Vec<BedFacts>,
}

/// Whoever lies in one bed.
#[derive(Clone, Debug)]
pub struct BedFacts {
    /// Words, results, observations, notes.
    pub patient: PatientNow,
    /// The limits in force and the usual ones.
    pub limits: LimitsNow,
    /// When the stay began, by the wall clock; none when nobody knows.
    pub admitted: Option<WallTime>,
}

/// A note as a page shows it.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct NoteShown {
    /// Its name.
    pub note: EntryId,
    /// When it was written, in ms of this boot; none when that was in an earlier one.
    pub at_ms: Option<u64>,
    /// The same by the wall clock; none when nobody knows.
    pub wall_ms: Option<i64>,
    /// Who wrote it.
    pub by: String,
    /// What.
    pub text: Masked<String>,
    /// Who took it back.
    pub withdrawn_by: Option<String>,
}

/// A handover as a page shows it.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "Handover")]
pub struct HandoverShown {
    /// Its name.
    pub handover: EntryId,
    /// Who handed over.
    pub by: String,
    /// Their account.
    pub by_id: String,
    /// When it was put together, by the wall clock; none when nobody knows.
    pub made_wall_ms: Option<i64>,
    /// When that was in this boot; none when that was in an earlier one.
    pub made_ms: Option<u64>,
    /// When it was offered.
    pub offered_wall_ms: Option<i64>,
    /// How many hours back it looks.
    pub hours: u8,
    /// It waits for somebody to take it over.
    pub open: bool,
    /// Who took it over.
    pub accepted: Option<Taken>,
    /// While it is open: the beds where somebody else lies now, or nobody.
    pub moved: Vec<BedId>,
    /// While it is open: the beds about whose patient something was written since.
    pub noted: Vec<BedId>,
    /// What concerns no bed alone, line by line; none in a list.
    #[schemars(with = "Option<Vec<vitals::HandoverLine>>")]
    pub post: Option<Value>,
    /// What it says of each bed; none in a list.
    #[schemars(with = "Option<Vec<vitals::HandoverBed>>")]
    pub beds: Option<Value>,
}

/// Who took a handover over.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
#[schemars(rename = "TakenOver")]
pub struct Taken {
    /// Who.
    pub by: String,
    /// When, by the wall clock; none when nobody knows.
    pub wall_ms: Option<i64>,
    /// The beds in which something had changed, as they were told.
    pub changed: Vec<BedId>,
}

/// A note about whoever lies there; the answer is its name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WritingNote")]
pub(super) struct Wrote {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    /// At most 500 characters.
    text: Masked<String>,
}

/// A note was wrong, and is crossed out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WithdrawingNote")]
pub(super) struct TakenBack {
    /// The stay that the person saw.
    saw: AdmissionId,
    note: EntryId,
}

pub(super) async fn write(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Wrote>,
) -> Answer<EntryId> {
    let by = acting.by;
    let request = |Wrote { saw, text }, answer| {
        let writing = Writing { bed, saw, text };
        Request::OfNursing(NursingRequest::Write { writing, by, answer })
    };
    ask_with(&served, body, request, status).await
}

pub(super) async fn withdraw(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<TakenBack>,
) -> Answer<()> {
    let by = acting.by;
    let request = |TakenBack { saw, note }, answer| {
        Request::OfNursing(NursingRequest::Withdraw {
            bed,
            saw,
            note,
            by,
            answer,
        })
    };
    ask_with(&served, body, request, status).await
}
