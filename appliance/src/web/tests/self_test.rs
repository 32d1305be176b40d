//! The self-test through the API: begun, measured, signed, kept, and in the audit.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::selftest::run::{Bench, Runner};
use crate::selftest::{Mark, Measured, Output};

/// A box with an output and nothing else.
struct Bare(PathBuf);

impl Bench for Bare {
    fn mark(&self) -> Mark {
        Mark::default()
    }

    fn look(&self, _: &Mark) -> Measured {
        let mut measured = Measured::default();
        measured.sound.output = Output::On;
        measured
    }

    fn play(&self) -> bool {
        true
    }

    fn folder(&self) -> PathBuf {
        self.0.clone()
    }
}

pub(super) fn runner(folder: &Path, clock: Clock) -> Runner {
    Runner::quick(Box::new(Bare(folder.to_owned())), clock)
}

fn found<'a>(rows: &'a Value, part: &str) -> &'a Value {
    let rows = rows.as_array().unwrap();
    rows.iter().find(|row| row["part"] == part).unwrap()
}

/// Begins one and waits for its result.
fn run(running: &Running) -> Value {
    let (status, _, begun) = running.post("/api/v1/self-test", "{}");
    assert_eq!((status, &begun["id"]), (200, &json!(1)));
    for _ in 0..1_000 {
        let (_, told) = running.get("/api/v1/self-test");
        if told["run"]["percent"] == 100 {
            return told["run"].clone();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it does not end");
}

#[test]
fn how_the_box_is_can_be_seen_without_trying_anything() {
    let running = Running::start();
    let (status, told) = running.get("/api/v1/system");
    assert_eq!(status, 200);
    assert_eq!(found(&told["rows"], "disk")["found"], "disk_untried");
    assert_eq!(found(&told["rows"], "power")["state"], "not_measured");
    assert!(running.told.lock().unwrap().is_empty(), "looking is no deed");
}

#[test]
fn i9_a_self_test_is_signed_by_a_person_kept_and_told_to_the_audit() {
    let running = Running::start();
    let none = json!({ "run": null, "kept": [] });
    assert_eq!(running.get("/api/v1/self-test"), (200, none));
    let result = run(&running);
    assert_eq!(
        (&result["by"], &result["played"]),
        (&json!("Grace"), &json!(true))
    );
    let disk = found(&result["rows"], "disk");
    let writing = disk["figures"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["what"] == "write_ms");
    assert!(writing.unwrap()["value"].as_f64().unwrap() > 0.0, "{disk}");
    let body = r#"{"run":1,"heard":true,"ups_min":20,"remark":" cut mains "}"#;
    let (status, _, signed) = running.post("/api/v1/self-test/sign", body);
    assert_eq!(status, 200, "{signed}");
    assert_eq!(
        (&signed["by"], &signed["remark"], &signed["whole"]),
        (&json!("Grace"), &json!("cut mains"), &json!(true))
    );
    assert_eq!(found(&signed["rows"], "output")["found"], "output_heard");
    assert_eq!(found(&signed["rows"], "power")["found"], "power_ups");
    assert_eq!(running.get("/api/v1/self-test/1"), (200, signed.clone()));
    let (_, told) = running.get("/api/v1/self-test");
    assert_eq!(
        (&told["run"], &told["kept"][0]["counts"]),
        (&Value::Null, &signed["counts"])
    );
    let audit = running.told.lock().unwrap().clone();
    assert_eq!(audit, ["self_test self_test_run:1", "sign_self_test self_test:1"]);
}

#[test]
fn what_cannot_be_signed_is_refused_with_a_sentence() {
    let running = Running::start();
    let sign = |body: &str| {
        let (status, _, answer) = running.post("/api/v1/self-test/sign", body);
        (status, answer["error"].as_str().unwrap().to_owned())
    };
    let (status, words) = sign(r#"{"run":1,"heard":null,"ups_min":null}"#);
    assert!(
        status == 409 && words.contains("run it again"),
        "{status} {words}"
    );
    run(&running);
    for body in [
        r#"{"run":1,"heard":"yes","ups_min":null}"#,
        r#"{"run":1,"heard":true,"ups_min":-1}"#,
        r#"{"run":1,"heard":true,"ups_min":null,"by":"Kofi"}"#,
    ] {
        assert_eq!(sign(body).0, 422, "{body}");
    }
    let long = format!(
        r#"{{"run":1,"heard":true,"ups_min":null,"remark":"{}"}}"#,
        "x".repeat(301)
    );
    let (status, words) = sign(&long);
    assert!(
        status == 422 && words.contains("300 characters"),
        "{status} {words}"
    );
    assert_eq!(running.get("/api/v1/self-test/7").0, 404);
    assert_eq!(running.get("/api/v1/self-test").1["kept"], json!([]));
}
