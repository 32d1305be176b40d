//! Laboratory results that are nobody's until a person says whose.

use axum::Extension;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vitals::{AdmissionId, BedId, DeviceId, Identity, LabDoubt, LabFlag, LabId, LabStatus, Masked};

use super::Request;
use super::caller::Acting;
use super::patients::{PatientRequest, status};
use super::router::{Answer, Body, Served, ask, ask_with};
use crate::access::By;
use crate::access::policy::Action;

/// A result as a page shows it.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LabShown {
    /// Its name.
    pub id: LabId,
    /// The first result of its specimen and test: what an alarm about it is named after.
    pub first: LabId,
    /// The analyser.
    pub device: DeviceId,
    /// The specimen; may be empty.
    pub specimen: Masked<String>,
    /// What was tested, in the sender's words.
    pub test: String,
    /// The sender's code of it.
    pub code: String,
    /// The result as it was sent.
    pub value: String,
    /// Its unit.
    pub unit: String,
    /// The reference range, as sent.
    pub range: String,
    /// How the analyser judges it.
    pub flag: LabFlag,
    /// How final it is.
    pub status: LabStatus,
    /// The analyser's own time.
    pub completed: Option<String>,
    /// When it came; none when that was in an earlier boot.
    pub received_ms: Option<u64>,
    /// When that was by the wall clock; none when nobody knows.
    pub received_wall_ms: Option<i64>,
    /// What it replaces.
    pub was: Option<String>,
    /// Who said whose it is; none = it was matched.
    pub assigned_by: Option<String>,
    /// Why it is nobody's; none = it is a patient's.
    pub doubt: Option<LabDoubt>,
    /// Whom the analyser was told, for one that is nobody's.
    pub sent: Option<Identity>,
}

/// The results that are nobody's.
#[derive(Clone, Debug, PartialEq, JsonSchema, Serialize)]
pub struct LaboratoryNow {
    /// The newest first.
    pub results: Vec<LabShown>,
    /// How many older ones are not shown.
    pub left_out: u64,
}

/// A person says whose results are.
#[derive(Clone, Debug)]
pub struct Assigning {
    /// Which.
    pub results: Vec<LabId>,
    /// Of whoever lies in this bed.
    pub bed: BedId,
    /// The stay that the person saw.
    pub saw: AdmissionId,
    /// Who says so.
    pub by: By,
}

/// Results are of whoever lies in a bed, also such as stand with the wrong patient.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Assigning")]
pub(super) struct Assigned {
    results: Vec<LabId>,
    bed: BedId,
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
}

/// Results are of nobody here.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SettingAside")]
pub(super) struct Aside {
    results: Vec<LabId>,
}

pub(super) async fn laboratory(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
) -> Answer<LaboratoryNow> {
    served
        .desk
        .tell_view(&acting.by, Action::SeeChart, "laboratory:unassigned");
    let request = |answer| Request::OfPatients(PatientRequest::Laboratory { answer });
    ask(&served, request, status).await
}

pub(super) async fn assign(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Assigned>,
) -> Answer<()> {
    let request = |told: Assigned, answer| {
        let assigning = Assigning {
            results: told.results,
            bed: told.bed,
            saw: told.saw,
            by: acting.by,
        };
        Request::OfPatients(PatientRequest::Assign { assigning, answer })
    };
    ask_with(&served, body, request, status).await
}

pub(super) async fn set_aside(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    body: Body<Aside>,
) -> Answer<()> {
    let by = acting.by;
    let request =
        |Aside { results }, answer| Request::OfPatients(PatientRequest::SetAside { results, by, answer });
    ask_with(&served, body, request, status).await
}
