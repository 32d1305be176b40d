//! Two stays that turn out to be one patient's.

use axum::Extension;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use vitals::AdmissionId;

use super::caller::Acting;
use super::patients::{NamedBed, status};
use super::router::{Answer, Body, Served, ask_with};
use super::{PatientRequest, Request};
use crate::ward::Merging;

/// Whoever lies in the bed, mostly somebody whom nobody knew, is the patient of an earlier stay. From then on the bed's stay
/// is the earlier one; what was recorded is not rewritten, and both count as one patient's.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Merging")]
pub(super) struct Told {
    /// The stay that the person saw: when somebody else lies there meanwhile, it is refused.
    saw: AdmissionId,
    /// The earlier stay.
    into: AdmissionId,
}

pub(super) async fn merge(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Told>,
) -> Answer<()> {
    let by = acting.by;
    let request = |Told { saw, into }, answer| {
        let merging = Box::new(Merging {
            bed,
            saw,
            into,
            by: by.name().to_owned(),
        });
        Request::OfPatients(PatientRequest::Merge { merging, by, answer })
    };
    ask_with(&served, body, request, status).await
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::Running;
    use super::*;
    use crate::ward::MergeError;
    use crate::web::PatientError;

    /// What reaches the core of a merge, and what its answer becomes.
    fn merged(answered: Result<(), PatientError>) -> (String, u16, Value) {
        let mut running = Running::start();
        let mut requests = running.take_requests();
        let core = std::thread::spawn(move || match requests.blocking_recv() {
            Some(Request::OfPatients(PatientRequest::Merge { merging, by, answer })) => {
                answer.send(answered).unwrap();
                assert_eq!(by.name(), merging.by);
                format!("{} {} {} {}", merging.bed, merging.saw, merging.into, merging.by)
            }
            other => format!("{other:?}"),
        });
        let said = r#"{"saw":"1-7-2","into":"1-7-1"}"#;
        let (status, _, answer) = running.post("/api/v1/beds/1/merge", said);
        drop(running);
        (core.join().unwrap(), status, answer)
    }

    #[test]
    fn i9_a_merge_reaches_the_core_with_the_name_and_with_what_was_seen() {
        let (told, status, answer) = merged(Ok(()));
        assert_eq!(told, "1 1-7-2 1-7-1 Grace");
        assert_eq!((status, answer), (200, serde_json::json!({})));
    }

    #[test]
    fn a_refused_merge_is_a_status_and_a_sentence() {
        let bed = || "1".parse().unwrap();
        for (error, expected, words) in [
            (MergeError::UnknownBed(bed()), 404, "no bed 1"),
            (MergeError::UnknownStay, 404, "look at the list again"),
            (MergeError::OtherNow(bed()), 409, "look at the bed again"),
            (MergeError::Elsewhere(bed()), 409, "nobody lies in two beds"),
            (MergeError::Contradiction, 409, "correct the words first"),
        ] {
            let (_, status, answer) = merged(Err(error.into()));
            let text = answer["error"].as_str().unwrap();
            assert!(status == expected && text.contains(words), "{status} {text}");
        }
    }
}
