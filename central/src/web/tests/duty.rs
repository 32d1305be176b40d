//! Duty, from the page to the heart.

use vitals::Priority;
use vitals::audit::Outcome;

use super::*;
use crate::centre::DutyError;
use crate::duty::{Change, Duty, Known, Refused, Rung, Shift, Told, Whom};

/// What the heart is asked, and what the page is answered.
fn asked(path: &str, body: &str, answer: Result<Told, DutyError>) -> (String, Option<(String, Change)>) {
    let mut bench = Bench::new();
    let mut requests = bench.of_duty.take().unwrap();
    let heart = thread::spawn(move || {
        let request = requests.blocking_recv()?;
        request.reply.send(answer).unwrap();
        Some((request.by, request.change))
    });
    let answer = bench.post(&format!("/api/v1/duty/{path}"), "", body);
    let status = status(&answer).to_owned();
    drop(bench);
    (status, heart.join().unwrap())
}

fn told() -> Result<Told, DutyError> {
    Ok(Told {
        before: "nobody on duty".to_owned(),
        after: "rao until 1 ms".to_owned(),
    })
}

#[test]
fn i9_each_change_of_duty_is_the_signed_in_persons() {
    let shift = Shift {
        day: 0,
        from_min: 480,
        to_min: 960,
        doctor: "rao".to_owned(),
    };
    let row = r#"{"day":0,"from_min":480,"to_min":960,"doctor":"rao"}"#;
    let rungs = vec![
        Rung {
            after_min: 0,
            whom: Whom::OnDuty,
        },
        Rung {
            after_min: 5,
            whom: Whom::Doctor { id: "sen".to_owned() },
        },
    ];
    let ladder = r#"{"rungs":[{"after_min":0,"whom":{"who":"on_duty"}},{"after_min":5,"whom":{"who":"doctor","id":"sen"}}]}"#;
    for (path, body, change) in [
        ("offer", r#"{"to":"sen"}"#, Change::Offer("sen".to_owned())),
        ("accept", r#"{"from":"sen"}"#, Change::Accept("sen".to_owned())),
        ("decline", r#"{"from":"sen"}"#, Change::Decline("sen".to_owned())),
        ("leave", r#"{"alone":true}"#, Change::Leave { alone: true }),
        ("leave", "{}", Change::Leave { alone: false }),
        ("use", r#"{"in_use":false}"#, Change::Use(false)),
        ("offset", r#"{"offset_min":-180}"#, Change::Offset(-180)),
        ("shifts", row, Change::AddShift(shift.clone())),
        ("shifts/remove", row, Change::RemoveShift(shift)),
        (
            "ladders/high",
            ladder,
            Change::Ladder(Priority::High, rungs.clone()),
        ),
        ("ladders/medium", ladder, Change::Ladder(Priority::Medium, rungs)),
    ] {
        let expected = ("200".to_owned(), Some(("rao".to_owned(), change)));
        assert_eq!(asked(path, body, told()), expected, "{path}");
    }
    let before = Clock.now().wall.as_unix_ms();
    let (status, took) = asked("take", r#"{"minutes":480}"#, told());
    let Some((_, Change::Take(until))) = took else {
        panic!("{took:?}");
    };
    assert_eq!(
        (status.as_str(), (until.as_unix_ms() - before) / 60_000),
        ("200", 480)
    );
}

#[test]
fn what_is_not_asked_for_never_reaches_the_heart() {
    for (path, body, expected) in [
        ("take", r#"{"minutes":0}"#, "422"),
        ("take", r#"{"minutes":1441}"#, "422"),
        ("take", "{}", "422"),
        ("take", r#"{"minutes":60,"by":"sen"}"#, "422"),
        ("shifts", r#"{"day":0,"from_min":480,"doctor":"rao"}"#, "422"),
        ("ladders/low", r#"{"rungs":[]}"#, "404"),
        (
            "ladders/high",
            r#"{"rungs":[{"after_min":0,"whom":{"who":"my_aunt"}}]}"#,
            "422",
        ),
    ] {
        assert_eq!(
            asked(path, body, told()),
            (expected.to_owned(), None),
            "{path} {body}"
        );
    }
}

#[test]
fn what_the_heart_refuses_has_a_status_and_its_reason() {
    for (why, expected) in [
        (DutyError::Refused(Refused::Alone), "409"),
        (DutyError::Refused(Refused::NotOffered), "409"),
        (DutyError::Refused(Refused::NoSuchDoctor), "422"),
        (DutyError::AtOnce, "409"),
        (DutyError::NotSaved("disk".to_owned()), "503"),
    ] {
        assert_eq!(asked("leave", "{}", Err(why)).0, expected);
    }
}

#[test]
fn i9_a_change_stands_in_the_audit_with_what_was_before_and_what_is_now() {
    let mut bench = Bench::new();
    let mut requests = bench.of_duty.take().unwrap();
    let heart = thread::spawn(move || {
        let answers = [told(), Err(DutyError::Refused(Refused::Alone))];
        for answer in answers {
            requests.blocking_recv().unwrap().reply.send(answer).unwrap();
        }
    });
    bench.post("/api/v1/duty/take", "", r#"{"minutes":60}"#);
    bench.post("/api/v1/duty/leave", "", "{}");
    heart.join().unwrap();
    let entries = bench.office.audit();
    let of_duty: Vec<_> = entries
        .iter()
        .map(|entry| &entry.deed.told)
        .filter(|told| told.subject == "duty")
        .map(|told| {
            let word =
                |word: &Option<vitals::Masked<String>>| word.as_ref().map(|word| word.reveal().clone());
            (
                told.action.as_str(),
                told.outcome,
                word(&told.before),
                word(&told.after),
            )
        })
        .collect();
    let some = |word: &str| Some(word.to_owned());
    assert_eq!(of_duty.len(), 2);
    let took = (
        "take_duty",
        Outcome::Done,
        some("nobody on duty"),
        some("rao until 1 ms"),
    );
    assert_eq!(of_duty[0], took);
    assert_eq!((of_duty[1].0, of_duty[1].1), ("leave_duty", Outcome::Refused));
}

#[test]
fn the_roster_and_the_ladders_are_shown_whole() {
    let bench = Bench::new();
    let mut known = Known {
        duty: Duty::default(),
        doctors: [("rao".to_owned(), "Dr Rao".to_owned())].into(),
    };
    let shift = Shift {
        day: 6,
        from_min: 1_200,
        to_min: 480,
        doctor: "rao".to_owned(),
    };
    known.duty = known
        .changed("rao", &Change::AddShift(shift), Clock.now().wall)
        .unwrap()
        .0;
    let until = WallTime::from_unix_ms(Clock.now().wall.as_unix_ms() + 600_000);
    known.duty = known
        .changed("rao", &Change::Take(until), Clock.now().wall)
        .unwrap()
        .0;
    bench.view.send_replace(Arc::new(View {
        duty: Arc::new(known),
        ..View::default()
    }));
    let shown: Value = serde_json::from_str(body(&bench.get("/api/v1/duty"))).unwrap();
    assert_eq!(shown["state"], "somebody");
    assert_eq!(shown["present"][0]["name"], "Dr Rao");
    let row = serde_json::json!({"day": 6, "from_min": 1_200, "to_min": 480, "doctor": "rao"});
    assert_eq!(shown["shifts"], serde_json::json!([row]));
    let first = serde_json::json!({"after_min": 0, "whom": {"who": "on_duty"}});
    assert_eq!(shown["ladders"]["high"][0], first);
    assert_eq!(
        shown["doctors"],
        serde_json::json!([{"id": "rao", "name": "Dr Rao"}])
    );
}
