//! Who lies in which bed, and the specimens that were taken. The live view carries initials only; here are the words
//! themselves. What a person says carries the stay that the person saw (I9): a bed that was given to somebody else
//! meanwhile is refused.

use axum::Extension;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use vitals::nursing::NoteError;
use vitals::score::entry::FindingError;
use vitals::{AdmissionId, BedId, Category, Identity, LabId, Masked};

use super::Request;
use super::caller::Acting;
use super::laboratory::{Assigning, LabShown, LaboratoryNow};
use super::moves::EarlierStays;
use super::nursing::NoteShown;
use super::router::{Answer, Body, Refused, Served, answer_error, ask, ask_with};
use super::scores::{CareShown, EntryShown};
use crate::access::By;
use crate::access::policy::Action;
use crate::ward::{
    AbsenceError, Answering, Change, IdentifyError, LabError, Leaving, MergeError, Merging, MoveError,
    Moving, NoteGone, ScoreError, Telling,
};
use alarms::PERSON_CHARS_MAX;

/// Why what a person says about patients, specimens and results is not taken. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatientError {
    /// The name is empty, too long, or holds control characters.
    #[error("say who you are: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else was identified there meanwhile.
    #[error("somebody else lies in bed {0} since you looked; look at the bed again")]
    OtherNow(BedId),
    /// The specimen has no number.
    #[error("say the number on the specimen's label")]
    NoSpecimen,
    /// About who it is.
    #[error(transparent)]
    Identity(#[from] IdentifyError),
    /// About specimens and results.
    #[error(transparent)]
    Laboratory(#[from] LabError),
    /// About who leaves a bed or goes to another.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// About two stays of one patient.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// About whether it is still the same patient.
    #[error(transparent)]
    Absence(#[from] AbsenceError),
    /// What was found cannot be.
    #[error(transparent)]
    Finding(#[from] FindingError),
    /// It was found before this box was switched on.
    #[error("minutes_ago: this box has not run for so long and cannot name that moment; enter it as of now")]
    BeforeStart,
    /// About an entry that is taken back.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// About the words of a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// About a note that is taken back.
    #[error(transparent)]
    NoteGone(#[from] NoteGone),
}

/// What a browser asks of the core about patients, specimens and laboratory results.
#[derive(Debug)]
pub enum PatientRequest {
    /// A person says who lies in a bed.
    Identify {
        /// What is said.
        telling: Box<Telling>,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person took a specimen.
    Specimen {
        /// Which, from whom.
        taking: Taking,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person says whose laboratory results are.
    Assign {
        /// Which, whose.
        assigning: Assigning,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person says that laboratory results are of nobody here.
    SetAside {
        /// Which.
        results: Vec<LabId>,
        /// Who.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// Who lies in a bed, with everything that is known.
    Patient {
        /// Which bed.
        bed: BedId,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<PatientNow, PatientError>>,
    },
    /// The laboratory results that are nobody's.
    Laboratory {
        /// Where the answer goes.
        answer: oneshot::Sender<Result<LaboratoryNow, PatientError>>,
    },
    /// A person says that a patient leaves the post.
    Discharge {
        /// What is said.
        leaving: Box<Leaving>,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person says that a patient goes to another bed.
    Transfer {
        /// What is said.
        moving: Box<Moving>,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// A person says whether it is still the same patient.
    Answer {
        /// What is said.
        answering: Box<Answering>,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
    /// The stays that are over.
    Earlier {
        /// The bed for which somebody looks for one.
        bed: BedId,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<EarlierStays, PatientError>>,
    },
    /// Which stays are those of whoever lies in a bed.
    Stays {
        /// Which bed.
        bed: BedId,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<Vec<AdmissionId>, PatientError>>,
    },
    /// A person says that two stays are one patient's.
    Merge {
        /// Which.
        merging: Box<Merging>,
        /// Who says it.
        by: By,
        /// Where the answer goes.
        answer: oneshot::Sender<Result<(), PatientError>>,
    },
}

/// A specimen that a person took.
#[derive(Clone, Debug)]
pub struct Taking {
    /// From whoever lies in this bed.
    pub bed: BedId,
    /// The stay that the person saw.
    pub saw: AdmissionId,
    /// As its label says.
    pub specimen: Masked<String>,
    /// It was registered for another patient by mistake.
    pub moved: bool,
    /// Who took it.
    pub by: By,
}

/// Whoever lies in a bed now.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct PatientNow {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub admission: AdmissionId,
    /// Age group, as the limits follow it.
    pub category: Category,
    /// Nobody lies there.
    pub vacant: bool,
    /// When it began in this bed; none when that was in an earlier boot.
    pub since_ms: Option<u64>,
    /// Who it is; none = nobody has said.
    pub identity: Option<Identity>,
    /// Who said so last.
    pub identified_by: Option<String>,
    /// The specimens that were taken, the newest first.
    pub specimens: Vec<SpecimenShown>,
    /// The laboratory results, the newest first.
    pub results: Vec<LabShown>,
    /// How many older ones are not shown.
    pub left_out: u64,
    /// Stays that turned out to be this patient's too.
    pub merged: Vec<AdmissionId>,
    /// What persons found at the bedside, the newest first.
    pub observations: Vec<EntryShown>,
    /// What was said that decides which score counts.
    pub care: CareShown,
    /// What was written, the newest first.
    pub notes: Vec<NoteShown>,
    /// The bed was not heard for long, and nobody has said yet whether it is still the same patient.
    pub perhaps: Option<Perhaps>,
}

/// Who perhaps still lies in a bed.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct Perhaps {
    /// Who it was; none = nobody had said.
    pub identity: Option<Identity>,
}

/// A specimen.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct SpecimenShown {
    /// As its label says.
    pub specimen: Masked<String>,
    /// Who took it.
    pub by: String,
}

/// Whether these are words about whoever lay there, or about somebody else.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Change")]
enum ChangeTold {
    /// About whoever lay there: words are corrected.
    Same,
    /// Somebody else lies there from now on: another stay begins.
    New,
}

/// Who lies in a bed; what is not known is left out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Identifying")]
pub(super) struct Told {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    change: ChangeTold,
    /// Identifiers (of the practice, the laboratory, the country), most trusted first, at most 4.
    #[serde(default)]
    ids: Vec<Masked<String>>,
    /// Family name.
    #[serde(default)]
    family: Masked<String>,
    /// Given names.
    #[serde(default)]
    given: Masked<String>,
    /// `YYYY-MM-DD`
    #[serde(default)]
    born: Option<Masked<String>>,
    /// `F`, `M`, `O` (other) or `U` (unknown).
    #[serde(default)]
    sex: Masked<String>,
    /// The age group; left out = by the date of birth, or as the bed is configured.
    #[serde(default)]
    category: Option<Category>,
}

/// A specimen was taken: results that name it are of whoever lies there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TakingSpecimen")]
pub(super) struct Took {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    /// The number on its label.
    specimen: Masked<String>,
    /// It was registered for another patient by mistake.
    #[serde(default)]
    moved: bool,
}

pub(super) async fn patient(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
) -> Answer<PatientNow> {
    served
        .desk
        .tell_view(&acting.by, Action::SeeChart, &format!("bed:{bed}"));
    let request = |answer| Request::OfPatients(PatientRequest::Patient { bed, answer });
    ask(&served, request, status).await
}

pub(super) async fn identify(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Told>,
) -> Answer<()> {
    let request = |told: Told, answer| {
        let asked = PatientRequest::Identify {
            telling: Box::new(Telling {
                bed,
                saw: told.saw,
                change: match told.change {
                    ChangeTold::Same => Change::Same,
                    ChangeTold::New => Change::New,
                },
                identity: Identity {
                    ids: told.ids,
                    family: told.family,
                    given: told.given,
                    born: told.born,
                    sex: told.sex,
                },
                category: told.category,
                by: acting.by.name().to_owned(),
            }),
            by: acting.by,
            answer,
        };
        Request::OfPatients(asked)
    };
    ask_with(&served, body, request, status).await
}

pub(super) async fn specimen(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Took>,
) -> Answer<()> {
    let request = |took: Took, answer| {
        let asked = PatientRequest::Specimen {
            taking: Taking {
                bed,
                saw: took.saw,
                specimen: took.specimen,
                moved: took.moved,
                by: acting.by,
            },
            answer,
        };
        Request::OfPatients(asked)
    };
    ask_with(&served, body, request, status).await
}

/// The bed in a path; what cannot be the name of one is answered as a bed that is not here.
pub(super) struct NamedBed(pub BedId);

impl<S: Send + Sync> FromRequestParts<S> for NamedBed {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<NamedBed, Refused> {
        let named = Path::<String>::from_request_parts(parts, state).await.ok();
        let bed = named.and_then(|Path(bed)| bed.parse().ok());
        bed.map(NamedBed)
            .ok_or_else(|| answer_error(StatusCode::NOT_FOUND, "there is no such bed here"))
    }
}

impl openapi::Part for NamedBed {}

pub(super) fn status(error: &PatientError) -> StatusCode {
    match error {
        PatientError::UnknownBed(_)
        | PatientError::Identity(IdentifyError::UnknownBed(_))
        | PatientError::Move(MoveError::UnknownBed(_))
        | PatientError::Absence(AbsenceError::UnknownBed(_))
        | PatientError::Merge(MergeError::UnknownBed(_) | MergeError::UnknownStay)
        | PatientError::Score(ScoreError::NoSuchEntry)
        | PatientError::NoteGone(NoteGone::NoSuchNote)
        | PatientError::Laboratory(LabError::NoSuchResult) => StatusCode::NOT_FOUND,
        PatientError::OtherNow(_)
        | PatientError::Absence(AbsenceError::Answered(_) | AbsenceError::Unanswered(_))
        | PatientError::Score(ScoreError::Withdrawn)
        | PatientError::NoteGone(NoteGone::Withdrawn)
        | PatientError::Identity(
            IdentifyError::OtherNow(_) | IdentifyError::SomebodyElse(_) | IdentifyError::Elsewhere(_),
        )
        | PatientError::Laboratory(LabError::TakenFrom { .. } | LabError::Registered)
        | PatientError::Merge(
            MergeError::OtherNow(_) | MergeError::Elsewhere(_) | MergeError::Contradiction,
        )
        | PatientError::Move(MoveError::OtherNow(_) | MoveError::Empty(_) | MoveError::NotEmpty(_)) => {
            StatusCode::CONFLICT
        }
        PatientError::NoPerson
        | PatientError::NoSpecimen
        | PatientError::Identity(_)
        | PatientError::Finding(_)
        | PatientError::Note(_)
        | PatientError::BeforeStart
        | PatientError::Laboratory(LabError::Count)
        | PatientError::Move(MoveError::SameBed) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[cfg(test)]
mod tests;
