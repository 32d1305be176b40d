//! Who leaves a bed, who goes to another, and who was here.

use axum::Extension;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::{AdmissionId, BedId, Disposition, Identity};

use super::Request;
use super::caller::Acting;
use super::patients::{NamedBed, PatientRequest, status};
use super::router::{Answer, Body, Served, ask, ask_with};
use crate::access::policy::Action;
use crate::ward::{Leaving, Moving};

/// The stays that are over.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct EarlierStays {
    /// The one that ended last first.
    pub stays: Vec<EarlierStay>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct EarlierStay {
    /// Its name.
    pub admission: AdmissionId,
    /// Who it was; none = nobody has said.
    pub identity: Option<Identity>,
    /// The bed, the last one of several.
    pub bed: BedId,
    /// When it began; none when nobody knows.
    pub from_wall_ms: Option<i64>,
    /// When it ended; none when nobody knows.
    pub until_wall_ms: Option<i64>,
    /// Where the patient went; none when nobody has said.
    pub disposition: Option<Disposition>,
}

/// A patient leaves the post.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Leaving")]
pub(super) struct Left {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    disposition: Disposition,
}

/// A patient goes to another bed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Moving")]
pub(super) struct Moved {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    to: BedId,
    /// The stay that the person saw in the other bed.
    to_saw: AdmissionId,
    /// Whoever lies there goes to this bed.
    #[serde(default)]
    swap: bool,
}

pub(super) async fn discharge(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Left>,
) -> Answer<()> {
    let request = |left: Left, answer| {
        let leaving = Box::new(Leaving {
            bed,
            saw: left.saw,
            disposition: left.disposition,
            by: acting.by.name().to_owned(),
        });
        let by = acting.by;
        Request::OfPatients(PatientRequest::Discharge { leaving, by, answer })
    };
    ask_with(&served, body, request, status).await
}

pub(super) async fn transfer(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Moved>,
) -> Answer<()> {
    let request = |moved: Moved, answer| {
        let moving = Box::new(Moving {
            bed,
            saw: moved.saw,
            to: moved.to,
            to_saw: moved.to_saw,
            swap: moved.swap,
            by: acting.by.name().to_owned(),
        });
        let by = acting.by;
        Request::OfPatients(PatientRequest::Transfer { moving, by, answer })
    };
    ask_with(&served, body, request, status).await
}

pub(super) async fn earlier(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
) -> Answer<EarlierStays> {
    let looked_at = format!("bed:{bed} stays:earlier");
    served.desk.tell_view(&acting.by, Action::SeeChart, &looked_at);
    let request = |answer| Request::OfPatients(PatientRequest::Earlier { bed, answer });
    ask(&served, request, status).await
}
