use std::sync::mpsc;

use serde_json::{Value, json};

use super::super::tests::{Running, outside, session};
use super::*;
use crate::access::policy::Role;

/// Yaw, a technician, in this browser; what reaches the fitter goes to `core`, which answers it.
fn fitted(answers: impl Fn(FittingRequest) -> String + Send + 'static) -> (Running, mpsc::Receiver<String>) {
    let mut running = Running::start();
    let token = running
        .desk
        .seat_somebody("yaw", "Yaw", &[Role::Technician], &outside());
    running.cookies = session(&token);
    let mut requests = running.take_fitting();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        while let Some(request) = requests.blocking_recv() {
            let _gone = tell.send(answers(request));
        }
    });
    (running, told)
}

fn answered(request: FittingRequest) -> String {
    match request {
        FittingRequest::Ports { answer } => {
            let port = PortNow {
                name: "/dev/serial/by-id/x".to_owned(),
                device: "/dev/ttyUSB0".to_owned(),
                with: Some("adapter"),
                product: None,
                console: false,
                line: Some("oxi-1".to_owned()),
            };
            answer.send(Ok(vec![port])).unwrap();
            "ports".to_owned()
        }
        FittingRequest::Try { port, by, answer } => {
            answer.send(Ok(7)).unwrap();
            format!("try {port:?} {}", by.name())
        }
        FittingRequest::Look { by, answer } => {
            answer.send(Err(FittingError::Busy("Grace".to_owned()))).unwrap();
            format!("look {}", by.name())
        }
        FittingRequest::EndTry { by, answer } => {
            answer.send(Ok(())).unwrap();
            format!("end {}", by.name())
        }
        FittingRequest::Add { adding, by, answer } => {
            let line = adding.device.to_string();
            answer.send(Ok(Added { line })).unwrap();
            format!(
                "add {} {} {:?} {}",
                adding.number,
                adding.device,
                adding.bed,
                by.name()
            )
        }
        FittingRequest::Remove { line, by, answer } => {
            answer.send(Err(FittingError::NotAdded(line.clone()))).unwrap();
            format!("remove {line} {}", by.name())
        }
        FittingRequest::Record {
            line,
            seconds,
            by,
            answer,
        } => {
            answer.send(Ok(())).unwrap();
            format!("record {line} {seconds:?} {}", by.name())
        }
        FittingRequest::Recorded { line, by, answer } => {
            answer.send(Ok("!family nonin\n@0.000\n01\n".to_owned())).unwrap();
            format!("recorded {line} {}", by.name())
        }
    }
}

#[test]
fn i9_what_a_technician_wants_reaches_the_fitter_with_their_name() {
    let (running, told) = fitted(answered);
    for (path, body, words) in [
        (
            "/api/v1/fitting/trial",
            r#"{"port":"/dev/ttyUSB0","family":"nonin"}"#,
            r#"try Some(("/dev/ttyUSB0", Some("nonin"))) Yaw"#,
        ),
        ("/api/v1/fitting/trial", r#"{"lan":true}"#, "try None Yaw"),
        ("/api/v1/fitting/trial/end", "{}", "end Yaw"),
        (
            "/api/v1/lines",
            r#"{"number":7,"device":"oxi-2","bed":"1"}"#,
            r#"add 7 oxi-2 Some(BedId("1")) Yaw"#,
        ),
        (
            "/api/v1/lines/oxi-2/record",
            r#"{"seconds":60}"#,
            "record oxi-2 Some(60) Yaw",
        ),
        ("/api/v1/lines/oxi-2/record/end", "{}", "record oxi-2 None Yaw"),
    ] {
        let (status, _, answer) = running.post(path, body);
        assert_eq!(status, 200, "{path} {answer}");
        assert_eq!(told.recv().unwrap(), words);
    }
}

#[test]
fn what_is_refused_is_a_status_and_a_sentence_that_says_what_to_do() {
    let (running, told) = fitted(answered);
    let (status, answer) = running.get("/api/v1/fitting/trial");
    assert_eq!((status, told.recv().unwrap().as_str()), (409, "look Yaw"));
    assert!(
        answer["error"].as_str().unwrap().contains("Grace tries a port"),
        "{answer}"
    );
    let (status, _, answer) = running.post("/api/v1/lines/wall/remove", "{}");
    assert_eq!((status, told.recv().unwrap().as_str()), (409, "remove wall Yaw"));
    assert!(
        answer["error"].as_str().unwrap().contains("vitalpost.toml"),
        "{answer}"
    );
}

#[test]
fn what_makes_no_sense_reaches_nobody() {
    let (running, told) = fitted(answered);
    for (path, body) in [
        ("/api/v1/fitting/trial", "{}"),
        ("/api/v1/fitting/trial", r#"{"lan":false}"#),
        ("/api/v1/lines", r#"{"number":7,"device":"a b","bed":null}"#),
        (
            "/api/v1/lines",
            r#"{"number":7,"device":"oxi","bed":null,"baud":9600}"#,
        ),
        ("/api/v1/lines/oxi/record", r#"{"seconds":4}"#),
        ("/api/v1/lines/oxi/record", r#"{"seconds":301}"#),
    ] {
        let (status, _, answer) = running.post(path, body);
        assert_eq!(status, 422, "{path} {body} {answer}");
        assert!(answer["error"].is_string());
    }
    assert!(told.try_recv().is_err());
}

#[test]
fn the_page_learns_how_each_family_is_joined_and_who_has_which_port() {
    let (running, _told) = fitted(answered);
    let (status, answer) = running.get("/api/v1/fitting");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["ports"][0]["line"], json!("oxi-1"));
    let families = answer["families"].as_array().unwrap();
    let find = |name: &str| families.iter().find(|family| family["family"] == name);
    let datex = find("datex_dri").unwrap();
    assert_eq!(datex["ways"][0]["cable"], json!("null_modem"));
    assert_eq!(datex["ways"][1]["cable"], json!("straight"));
    assert_eq!(find("intellivue").unwrap()["ways"][0]["port"], json!(24105));
    // What hangs on a Modbus line nobody can hear: the configuration says it.
    assert!(find("modbus").is_none());
    let others: Vec<&Value> = answer["others"].as_array().unwrap().iter().collect();
    assert!(
        others.iter().any(|family| family["family"] == "modbus"),
        "{others:?}"
    );
}

#[test]
fn every_word_that_a_family_needs_at_the_page_is_there() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../web-ui/text/en.json");
    let words: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let has = |key: &str| assert!(words[key].is_string(), "web-ui/text/en.json has no {key}");
    for family in drivers::catalog::FAMILIES {
        for way in family.connect.iter().flat_map(|connect| connect.ways) {
            has(&format!("fit.plug.{}", way.plug.key()));
            has(&format!("fit.cable.{}", way.cable.key()));
            way.steps.iter().for_each(|step| has(&format!("fit.step.{step}")));
            assert!(family.transports.contains(&way.transport), "{}", family.name);
        }
    }
}

#[test]
fn a_recording_is_a_file_to_take_along() {
    let (running, told) = fitted(answered);
    let (status, answer) = running
        .ask("GET /api/v1/lines/oxi-2/record HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(
        (status, told.recv().unwrap().as_str()),
        (200, "recorded oxi-2 Yaw")
    );
    assert!(
        answer.contains("attachment; filename=\"capture.hex\""),
        "{answer}"
    );
    assert!(answer.ends_with("!family nonin\n@0.000\n01\n"), "{answer}");
}
