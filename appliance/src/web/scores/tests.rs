//! What reaches the core of an entry, and what is said of one that cannot be.

use serde_json::json;
use vitals::Decimal;

use super::super::tests::Running;
use super::*;
use crate::ward::ScoreError;

/// The fields that the document names are those that are read.
fn is_read_as_documented<T: FromFields>() {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>();
    let named = schema.get("properties").unwrap().as_object().unwrap();
    assert!(named.len() > 1, "{schema:?}");
    for name in named.keys() {
        let body = json!({ "saw": "a", name: null });
        let mut fields = Fields::of(body.as_object().unwrap().clone());
        // Whether something else is missing does not matter here.
        let _ = T::read(&mut fields);
        assert!(fields.is_empty(), "{name} is in the document, and is not read");
    }
}

#[test]
fn a_body_that_is_read_by_hand_has_the_fields_of_its_document() {
    is_read_as_documented::<Observing>();
    is_read_as_documented::<Withdrawing>();
    is_read_as_documented::<Caring>();
    is_read_as_documented::<Scaling>();
}

/// What is answered to a body that never reaches the core.
fn refused(path: &str, body: &str) -> String {
    let mut running = Running::start();
    let requests = running.take_requests();
    let (status, _, answer) = running.post(&format!("/api/v1/beds/1/{path}"), body);
    assert_eq!(status, 422, "{body}: {answer}");
    drop(requests);
    answer["error"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_wrong_with_an_entry_is_said_with_its_field_and_without_what_was_sent() {
    for (sent, said) in [
        (json!({}), "saw: the admission that you saw"),
        (
            json!({"saw": "a", "consciousness": "MARKED"}),
            "consciousness: A, C, V, P or U",
        ),
        (
            json!({"saw": "a", "effort": 3}),
            "effort: normal, mild, moderate, severe or apnoea",
        ),
        (
            json!({"saw": "a", "temp": "MARKED"}),
            "temp: a number such as 36.8",
        ),
        (json!({"saw": "a", "sbp": [120]}), "sbp: a number such as 36.8"),
        (
            json!({"saw": "a", "oxygen": "MARKED"}),
            "oxygen: air, or an object with device, flow and percent",
        ),
        (
            json!({"saw": "a", "oxygen": {"flow": "MARKED"}}),
            "oxygen.flow: a number such as 36.8",
        ),
        (
            json!({"saw": "a", "oxygen": {"device": 7}}),
            "oxygen.device: words",
        ),
        (
            json!({"saw": "a", "minutes_ago": 241}),
            "minutes_ago: a whole number from 0 to 240",
        ),
        (
            json!({"saw": "a", "minutes_ago": -1}),
            "minutes_ago: a whole number from 0 to 240",
        ),
        (
            json!({"saw": "a", "MARKED": 1}),
            "a field is not known here; the fields are in the documentation of the API",
        ),
    ] {
        assert_eq!(refused("observe", &sent.to_string()), said);
    }
    assert_eq!(refused("spo2-scale", r#"{"saw":"a","scale":3}"#), "scale: 1 or 2");
    assert_eq!(
        refused("withdraw", r#"{"saw":"a","entry":"x"}"#),
        "entry: the name of an entry"
    );
    let both = "pregnancy: say this or paced, one at a time";
    assert_eq!(refused("care", r#"{"saw":"a"}"#), both);
    assert_eq!(
        refused("care", r#"{"saw":"a","paced":true,"pregnancy":"none"}"#),
        both
    );
    assert_eq!(
        refused("care", r#"{"saw":"a","paced":1}"#),
        "paced: true or false"
    );
    assert!(refused("observe", "[]").contains("not as it is asked for"));
}

/// What reaches the core, and what its answer becomes.
fn told(path: &str, body: &str, answered: Result<(), PatientError>) -> (String, u16, Value) {
    let mut running = Running::start();
    let mut requests = running.take_requests();
    let core = std::thread::spawn(move || match requests.blocking_recv() {
        Some(Request::OfScores(ScoreRequest::Observe { finding, by, answer })) => {
            let entry: EntryId = "0000000200000007-3".parse().unwrap();
            answer.send(answered.map(|()| entry)).unwrap();
            let found = Value::Object(vitals::json::findings(&finding.findings));
            format!(
                "{} {} {} {} {found}",
                finding.bed,
                finding.saw,
                by.name(),
                finding.minutes_ago
            )
        }
        Some(Request::OfScores(ScoreRequest::Withdraw {
            bed,
            saw,
            entry,
            by,
            answer,
        })) => {
            answer.send(answered).unwrap();
            format!("{bed} {saw} {} {entry}", by.name())
        }
        Some(Request::OfScores(ScoreRequest::Care {
            bed,
            saw,
            fact,
            by,
            answer,
        })) => {
            answer.send(answered).unwrap();
            format!("{bed} {saw} {} {fact:?}", by.name())
        }
        other => format!("{other:?}"),
    });
    let (status, _, answer) = running.post(&format!("/api/v1/beds/1/{path}"), body);
    drop(running);
    (core.join().unwrap(), status, answer)
}

#[test]
fn i9_an_entry_reaches_the_core_with_the_name_and_with_what_was_seen() {
    let sent = json!({
        "saw": "a-1", "consciousness": "V", "oxygen": {"device": "mask", "flow": 4}, "temp": " 36.8 ",
        "sbp": null, "minutes_ago": 5,
    });
    let (reached, status, answer) = told("observe", &sent.to_string(), Ok(()));
    let found = r#"{"consciousness":"V","oxygen":{"device":"mask","flow":"4","percent":null},"temp":"36.8"}"#;
    assert_eq!(reached, format!("1 a-1 Grace 5 {found}"));
    assert_eq!((status, answer), (200, json!({"entry": "0000000200000007-3"})));
    let (reached, status, _) = told("spo2-scale", r#"{"saw":"a-1","scale":2}"#, Ok(()));
    assert_eq!((reached.as_str(), status), ("1 a-1 Grace Scale(Two)", 200));
    let (reached, ..) = told("care", r#"{"saw":"a-1","pregnancy":"six_weeks_after"}"#, Ok(()));
    assert_eq!(reached, "1 a-1 Grace Pregnancy(SixWeeksAfter)");
    let sent = r#"{"saw":"a-1","entry":"0000000200000007-3"}"#;
    let (reached, ..) = told("withdraw", sent, Ok(()));
    assert_eq!(reached, "1 a-1 Grace 0000000200000007-3");
}

#[test]
fn what_the_core_refuses_is_a_status_and_a_sentence() {
    let sent = r#"{"saw":"a-1","entry":"0000000200000007-3"}"#;
    for (error, expected) in [(ScoreError::NoSuchEntry, 404), (ScoreError::Withdrawn, 409)] {
        let (_, status, answer) = told("withdraw", sent, Err(error.into()));
        assert_eq!((status, answer), (expected, json!({"error": error.to_string()})));
    }
    let wrong = Findings {
        temp: Some(Decimal::whole(368)),
        ..Findings::default()
    };
    let wrong = wrong.check().unwrap_err();
    let (_, status, answer) = told("observe", r#"{"saw":"a-1","temp":368}"#, Err(wrong.into()));
    assert_eq!(
        (status, answer),
        (422, json!({"error": "temp: a number from 25.0 to 45.0"}))
    );
}
