use serde_json::Value;

use super::super::tests::Running;
use super::*;

/// What reaches the core of this request, and what its answer becomes.
fn asked(path: &str, body: &str, answered: Result<(), PatientError>) -> (String, u16, Value) {
    let mut running = Running::start();
    let requests = running.take_requests();
    let core = std::thread::spawn(move || {
        let mut requests = requests;
        match requests.blocking_recv() {
            Some(Request::OfPatients(PatientRequest::Identify { telling, answer, .. })) => {
                let told = format!(
                    "{:?} {} {} {}",
                    telling.change, telling.bed, telling.saw, telling.by
                );
                let words = telling.identity.family.reveal().clone();
                let category = telling.category.map_or("", Category::key);
                answer.send(answered).unwrap();
                format!("{told} {words}{category}")
            }
            Some(Request::OfPatients(PatientRequest::Specimen { taking, answer })) => {
                answer.send(answered).unwrap();
                format!("{} {} {}", taking.bed, taking.specimen.reveal(), taking.moved)
            }
            Some(Request::OfPatients(PatientRequest::Assign { assigning, answer })) => {
                answer.send(answered).unwrap();
                format!("{} {}", assigning.bed, assigning.results.len())
            }
            Some(Request::OfPatients(PatientRequest::SetAside { results, by, answer })) => {
                answer.send(answered).unwrap();
                format!("{} {}", results.len(), by.name())
            }
            Some(Request::OfPatients(PatientRequest::Discharge { leaving, answer, .. })) => {
                answer.send(answered).unwrap();
                let (bed, saw, by) = (leaving.bed, leaving.saw, leaving.by);
                format!("{bed} {saw} {} {by}", leaving.disposition.key())
            }
            Some(Request::OfPatients(PatientRequest::Transfer { moving, answer, .. })) => {
                answer.send(answered).unwrap();
                let (from, to) = ((moving.bed, moving.saw), (moving.to, moving.to_saw));
                format!(
                    "{} {} {} {} {} {}",
                    from.0, from.1, to.0, to.1, moving.swap, moving.by
                )
            }
            other => format!("{other:?}"),
        }
    });
    let (status, _, answer) = running.post(path, body);
    drop(running);
    (core.join().unwrap(), status, answer)
}

const RESULT: &str = "0000000100000007-3";

#[test]
fn i9_what_a_person_says_reaches_the_core_with_the_name_and_with_what_was_seen() {
    let said = r#"{"saw":"a-1","change":"new","family":"Doe"}"#;
    let (told, status, answer) = asked("/api/v1/beds/1/identify", said, Ok(()));
    assert_eq!(
        (told.as_str(), status, answer),
        ("New 1 a-1 Grace Doe", 200, serde_json::json!({}))
    );
    let said = r#"{"saw":"a-1","change":"same","category":"neonate"}"#;
    let told = asked("/api/v1/beds/1/identify", said, Ok(())).0;
    assert_eq!(told, "Same 1 a-1 Grace neonate");
    let said = r#"{"saw":"a-1","disposition":"against_advice"}"#;
    let told = asked("/api/v1/beds/1/discharge", said, Ok(())).0;
    assert_eq!(told, "1 a-1 against_advice Grace");
    let said = r#"{"saw":"a-1","to":"2","to_saw":"a-2"}"#;
    let told = asked("/api/v1/beds/1/transfer", said, Ok(())).0;
    assert_eq!(told, "1 a-1 2 a-2 false Grace");
    let said = r#"{"saw":"a-1","to":"2","to_saw":"a-2","swap":true}"#;
    let told = asked("/api/v1/beds/1/transfer", said, Ok(())).0;
    assert_eq!(told, "1 a-1 2 a-2 true Grace");
    let said = r#"{"saw":"a-1","specimen":"S-1"}"#;
    assert_eq!(asked("/api/v1/beds/1/specimen", said, Ok(())).0, "1 S-1 false");
    let said = format!(r#"{{"saw":"a-1","bed":"1","results":["{RESULT}"]}}"#);
    assert_eq!(asked("/api/v1/laboratory/assign", &said, Ok(())).0, "1 1");
    let said = format!(r#"{{"results":["{RESULT}"]}}"#);
    assert_eq!(asked("/api/v1/laboratory/set-aside", &said, Ok(())).0, "1 Grace");
}

#[test]
fn a_refusal_is_a_status_and_a_sentence_that_says_what_to_do() {
    let said = r#"{"saw":"a-1","change":"same","family":"Doe"}"#;
    for (error, expected, words) in [
        (PatientError::NoPerson, 422, "say who you are"),
        (PatientError::UnknownBed("9".parse().unwrap()), 404, "no bed 9"),
        (
            IdentifyError::OtherNow("1".parse().unwrap()).into(),
            409,
            "look at the bed again",
        ),
        (
            IdentifyError::SomebodyElse("1".parse().unwrap()).into(),
            409,
            "a new patient",
        ),
        (IdentifyError::Born.into(), 422, "1960-12-31"),
        (LabError::NoSuchResult.into(), 404, "look at the list again"),
        (LabError::Registered.into(), 409, "already registered"),
        (
            MoveError::UnknownBed("9".parse().unwrap()).into(),
            404,
            "no bed 9",
        ),
        (
            MoveError::OtherNow("1".parse().unwrap()).into(),
            409,
            "look at the bed again",
        ),
        (
            MoveError::NotEmpty("2".parse().unwrap()).into(),
            409,
            "bed 2 is not empty: swap, or discharge first",
        ),
        (
            MoveError::Empty("1".parse().unwrap()).into(),
            409,
            "bed 1 is empty",
        ),
        (MoveError::SameBed.into(), 422, "another bed"),
    ] {
        let (_, status, answer) = asked("/api/v1/beds/1/identify", said, Err(error));
        let text = answer["error"].as_str().unwrap();
        assert!(status == expected && text.contains(words), "{status} {text}");
    }
}

#[test]
fn what_is_no_question_does_not_reach_the_core() {
    for (path, body, expected) in [
        (
            "/api/v1/beds/a%20b/identify",
            r#"{"saw":"a","change":"new"}"#.to_owned(),
            404,
        ),
        (
            "/api/v1/beds/1/identify",
            r#"{"saw":"a","change":"maybe"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/identify",
            r#"{"saw":"a b","change":"new"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/identify",
            r#"{"saw":"a","change":"new","age":7}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/specimen",
            r#"{"by":"G","saw":"a","specimen":"S-1"}"#.to_owned(),
            422,
        ),
        ("/api/v1/beds/1/specimen", r#"{"saw":"a"}"#.to_owned(), 422),
        (
            "/api/v1/beds/1/identify",
            r#"{"saw":"a","change":"new","category":"baby"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/discharge",
            r#"{"saw":"a","disposition":"holiday"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/discharge",
            r#"{"saw":"a","disposition":"home","by":"G"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/beds/1/transfer",
            r#"{"saw":"a","to":"2"}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/laboratory/assign",
            r#"{"saw":"a","bed":"1","results":["7"]}"#.to_owned(),
            422,
        ),
        (
            "/api/v1/laboratory/set-aside",
            format!(r#"{{"results":["{}"]}}"#, "x".repeat(20_000)),
            413,
        ),
    ] {
        let running = Running::start();
        let (status, _, answer) = running.post(path, &body);
        assert_eq!(status, expected, "{path} {answer}");
        assert!(answer["error"].is_string());
    }
}
