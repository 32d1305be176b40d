//! A bed was not heard for long, and a person says who lies there now.

use axum::Extension;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use vitals::AdmissionId;

use super::caller::Acting;
use super::patients::{NamedBed, status};
use super::router::{Answer, Body, Served, ask_with};
use super::{PatientRequest, Request};
use crate::ward::{Answering, Lies};

/// Who lies there.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Lies")]
enum LiesTold {
    /// Still the same patient.
    Same,
    /// Somebody else.
    Other,
    /// Nobody.
    Nobody,
}

/// A bed was not heard for long: who lies there now. Until then nothing else can be said of whoever lies there.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "WhoLies")]
pub(super) struct Told {
    /// The stay that the person saw: the one that began with the first word after the silence.
    saw: AdmissionId,
    lies: LiesTold,
}

pub(super) async fn answer(
    State(served): State<Served>,
    Extension(acting): Extension<Acting>,
    NamedBed(bed): NamedBed,
    body: Body<Told>,
) -> Answer<()> {
    let by = acting.by;
    let request = |Told { saw, lies }, answer| {
        let answering = Box::new(Answering {
            bed,
            saw,
            lies: match lies {
                LiesTold::Same => Lies::Same,
                LiesTold::Other => Lies::Other,
                LiesTold::Nobody => Lies::Nobody,
            },
            by: by.name().to_owned(),
        });
        Request::OfPatients(PatientRequest::Answer {
            answering,
            by,
            answer,
        })
    };
    ask_with(&served, body, request, status).await
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::Running;
    use super::*;
    use crate::ward::AbsenceError;
    use crate::web::PatientError;

    /// What reaches the core of an answer, and what becomes of the core's own.
    fn answered(said: &str, answered: Result<(), PatientError>) -> (String, u16, Value) {
        let mut running = Running::start();
        let mut requests = running.take_requests();
        let core = std::thread::spawn(move || match requests.blocking_recv() {
            Some(Request::OfPatients(PatientRequest::Answer {
                answering,
                by,
                answer,
            })) => {
                answer.send(answered).unwrap();
                assert_eq!(by.name(), answering.by);
                let Answering { bed, saw, lies, by } = *answering;
                format!("{bed} {saw} {lies:?} {by}")
            }
            other => format!("{other:?}"),
        });
        let (status, _, answer) = running.post("/api/v1/beds/1/same-patient", said);
        drop(running);
        (core.join().unwrap(), status, answer)
    }

    #[test]
    fn i9_an_answer_reaches_the_core_with_the_name_and_with_what_was_seen() {
        for (lies, expected) in [("same", "Same"), ("other", "Other"), ("nobody", "Nobody")] {
            let said = format!(r#"{{"saw":"1-7-2","lies":"{lies}"}}"#);
            let (told, status, answer) = answered(&said, Ok(()));
            assert_eq!(told, format!("1 1-7-2 {expected} Grace"));
            assert_eq!((status, answer), (200, serde_json::json!({})));
        }
        let (told, status, _) = answered(r#"{"saw":"1-7-2","lies":"perhaps"}"#, Ok(()));
        assert_eq!((told.as_str(), status), ("None", 422));
    }

    #[test]
    fn a_refused_answer_is_a_status_and_a_sentence() {
        let bed = || "1".parse().unwrap();
        for (error, expected, words) in [
            (AbsenceError::UnknownBed(bed()), 404, "no bed 1"),
            (AbsenceError::Answered(bed()), 409, "look at the bed again"),
            (AbsenceError::Unanswered(bed()), 409, "still the same patient"),
        ] {
            let (_, status, answer) = answered(r#"{"saw":"1-7-2","lies":"same"}"#, Err(error.into()));
            let text = answer["error"].as_str().unwrap();
            assert!(status == expected && text.contains(words), "{status} {text}");
        }
    }
}
