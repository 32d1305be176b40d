//! What doctors do with alarms, from the page to the heart.

use vitals::delivery::{Act, Deed, RejectReason};

use super::commands::asked;
use super::*;

const ALARM: &str = "/api/v1/alerts/demo/00000001000000ab-3";

fn act(what: &str, body: &str) -> (String, Option<Act>) {
    let (status, kind) = asked(&format!("{ALARM}/{what}"), body);
    let act = kind.map(|kind| match kind {
        CommandKind::Deed(Deed { by, by_id, act, .. }) => {
            assert_eq!(
                (by.as_str(), by_id.as_str()),
                ("Dr Rao", "rao"),
                "who is signed in (I9)"
            );
            act
        }
        other => panic!("{other:?}"),
    });
    (status, act)
}

#[test]
fn i9_an_alarm_is_accepted_for_a_shift_or_as_long_as_the_doctor_says() {
    let minutes = |body: &str| {
        let before = crate::clock::Clock.now().wall.as_unix_ms();
        match act("accept", body) {
            (status, Some(Act::Accepted { until })) => {
                assert_eq!(status, "202");
                Ok((until.as_unix_ms() - before) / 60_000)
            }
            (status, other) => {
                assert_eq!(other, None);
                Err(status)
            }
        }
    };
    assert_eq!(minutes("{}"), Ok(480));
    assert_eq!(minutes(r#"{"minutes":60}"#), Ok(60));
    assert_eq!(minutes(r#"{"minutes":1440}"#), Ok(1_440));
    for bad in [
        r#"{"minutes":0}"#,
        r#"{"minutes":1441}"#,
        r#"{"by":"Dr Sen"}"#,
        "[]",
    ] {
        assert_eq!(minutes(bad), Err("422".to_owned()), "{bad}");
    }
}

#[test]
fn i9_a_rejection_has_one_of_a_few_reasons_and_words_where_the_reason_is_none_of_them() {
    let rejected = |reason, words: &str| {
        let words = words.to_owned();
        ("202".to_owned(), Some(Act::Rejected { reason, words }))
    };
    let known = act("reject", r#"{"reason":"known"}"#);
    assert_eq!(known, rejected(RejectReason::Known, ""));
    let other = act("reject", r#"{"reason":"other","words":" a fit "}"#);
    assert_eq!(other, rejected(RejectReason::Other, "a fit"));
    let long = format!(r#"{{"reason":"known","words":"{}"}}"#, "x".repeat(201));
    for bad in ["{}", r#"{"reason":"other"}"#, r#"{"reason":"lazy"}"#, &long] {
        assert_eq!(act("reject", bad), ("422".to_owned(), None), "{bad}");
    }
}

#[test]
fn i9_a_hand_over_goes_to_a_doctor_who_has_an_account() {
    let mut bench = Bench::new();
    bench.office.person("sen", "Dr Sen", Role::Doctor);
    bench.office.person("okafor", "Ms Okafor", Role::Manager);
    let told = bench.get("/api/v1/doctors");
    assert!(told.contains(r#"{"id":"sen","name":"Dr Sen"}"#), "{told}");
    assert!(!told.contains("okafor"), "a manager answers for no patient");
    let mut requests = bench.requests.take().unwrap();
    let heart = thread::spawn(move || {
        let mut kinds = Vec::new();
        while let Some(request) = requests.blocking_recv() {
            request.reply.send(Ok(1)).unwrap();
            kinds.push(request.kind);
        }
        kinds
    });
    let offer = |to: &str| {
        status(&bench.post(&format!("{ALARM}/offer"), "", &format!(r#"{{"to":"{to}"}}"#))).to_owned()
    };
    assert_eq!(
        [offer("sen"), offer("okafor"), offer("nobody")],
        ["202", "422", "422"]
    );
    assert_eq!(status(&bench.post(&format!("{ALARM}/decline"), "", "{}")), "202");
    assert_eq!(
        status(&bench.post("/api/v1/alerts/demo/3/accept", "", "{}")),
        "404"
    );
    drop(bench);
    let acts: Vec<Act> = heart
        .join()
        .unwrap()
        .into_iter()
        .map(|kind| match kind {
            CommandKind::Deed(deed) => deed.act,
            other => panic!("{other:?}"),
        })
        .collect();
    let (to, to_id) = ("Dr Sen".to_owned(), "sen".to_owned());
    assert_eq!(acts, [Act::Offered { to, to_id }, Act::Declined]);
}

#[test]
fn what_the_heart_does_not_allow_is_a_conflict_with_its_reason() {
    let mut bench = Bench::new();
    let why = CommandError::Refused(CommandRefused::NotNow("Dr Sen has already accepted it".into()));
    let heart = bench.answer_seen(Err(why));
    let refused = bench.post(&format!("{ALARM}/accept"), "", "{}");
    assert_eq!(status(&refused), "409");
    assert!(refused.contains("Dr Sen has already accepted it"), "{refused}");
    drop(bench);
    heart.join().unwrap();
}
