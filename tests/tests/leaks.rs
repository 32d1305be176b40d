//! What must stay between a nurse and the post: words about patients and secrets, marked, through a whole ward with
//! everything logged that can be logged. The marks also have to appear where they belong, so that nothing passes because
//! nothing happened.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests::clock::wait_for;
use tests::pages::{Answered, Site, bed};
use tests::scene::Scene;
use vitals::{Event, Identified, Identity, Masked, MonoTime, Record};

const FAMILY: &str = "Zzyxmarker";
const GIVEN: &str = "Qqname";
const PATIENT_ID: &str = "PQX-771-ZZ";
const SPECIMEN: &str = "SPQX-4452";
const REASON: &str = "Zzyxreason she cannot breathe";
const OF_THE_PATIENT: [&str; 5] = [FAMILY, GIVEN, PATIENT_ID, SPECIMEN, "Zzyxreason"];

const PASSWORD: &str = "qqsecret zebra wagon hill";
const WRONG_PASSWORD: &str = "qqwrong zebra wagon hill";
const PIN: &str = "918273645546";
const SECRETS: [&str; 3] = ["qqsecret", "qqwrong", PIN];

/// Everything that came back and shall hold no mark.
#[derive(Default)]
struct Heard(Vec<(String, Answered)>);

impl Heard {
    fn ask(&mut self, site: &Site, method: &str, path: &str, body: Option<&Value>) -> u16 {
        let text = body.map(Value::to_string);
        self.ask_text(site, method, path, text.as_deref())
    }

    fn ask_text(&mut self, site: &Site, method: &str, path: &str, body: Option<&str>) -> u16 {
        let answered = site
            .ask(method, path, body)
            .unwrap_or_else(|| panic!("{path}: no answer"));
        let status = answered.status;
        self.0.push((format!("{method} {path}"), answered));
        status
    }
}

fn must_not_hold(marks: &[&str], what: &str, text: &str) {
    for mark in marks {
        if let Some(at) = text.to_lowercase().find(&mark.to_lowercase()) {
            let from = text.floor_char_boundary(at.saturating_sub(300));
            let to = text.floor_char_boundary(at + 100);
            panic!("{mark} in {what}: ...{}...", &text[from..to]);
        }
    }
}

/// A nurse with a marked password and PIN: made by the first account, begun with the code that was given. The code.
fn a_nurse(chief: &Site, nurse: &Site, heard: &mut Heard) -> String {
    let made = json!({ "id": "john", "name": "John", "roles": ["nurse"] });
    let (status, answer) = chief.post("/api/v1/people", &made);
    assert_eq!(status, 200, "{answer}");
    let code = answer["code"].as_str().expect("a code").to_owned();
    let wrong = json!({ "person": "john", "code": "AAAA-BBBB-CCCC-DDDD", "password": PASSWORD });
    assert_eq!(heard.ask(nurse, "POST", "/api/v1/begin", Some(&wrong)), 401);
    let weak = json!({ "person": "john", "code": code, "password": "qqsecret" });
    assert_eq!(heard.ask(nurse, "POST", "/api/v1/begin", Some(&weak)), 422);
    let begin = json!({ "person": "john", "code": code, "password": PASSWORD, "pin": PIN });
    assert_eq!(heard.ask(nurse, "POST", "/api/v1/begin", Some(&begin)), 200);
    code
}

/// Signs in rightly and wrongly, in every field that a tired person may take for another.
fn signing_in(chief: &Site, nurse: &Site, heard: &mut Heard) {
    let session = "/api/v1/session";
    assert_eq!(heard.ask(nurse, "DELETE", session, None), 200);
    let wrong = json!({ "person": "john", "password": WRONG_PASSWORD });
    assert_eq!(heard.ask(nurse, "POST", session, Some(&wrong)), 401);
    let swapped = json!({ "person": "qqsecret.zebra", "password": "john" });
    assert_eq!(heard.ask(nurse, "POST", session, Some(&swapped)), 401);
    for broken in [
        format!("{{\"person\":\"john\",\"password\":[\"{PASSWORD}\"]}}"),
        format!("{{\"person\":\"john\",\"{PASSWORD}\":1}}"),
        format!("{{\"person\":\"john\",\"password\":\"{PASSWORD}\""),
        PASSWORD.to_owned(),
    ] {
        let status = heard.ask_text(nurse, "POST", session, Some(&broken));
        assert!((400..500).contains(&status), "{status}");
    }
    let right = json!({ "person": "john", "password": PASSWORD });
    assert_eq!(heard.ask(nurse, "POST", session, Some(&right)), 200);

    let screen = chief.other_browser();
    let chief_signs = json!({ "person": tests::pages::PERSON, "password": tests::pages::PASSWORD });
    assert_eq!(screen.post(session, &chief_signs).0, 200);
    assert_eq!(
        heard.ask(
            &screen,
            "POST",
            "/api/v1/screens",
            Some(&json!({ "name": "Ward" }))
        ),
        200
    );
    assert_eq!(heard.ask(&screen, "DELETE", session, None), 200);
    let pin = json!({ "person": "john", "pin": PIN });
    assert_eq!(heard.ask(&screen, "POST", session, Some(&pin)), 200);
    assert_eq!(heard.ask(&screen, "DELETE", session, None), 200);
    assert_eq!(heard.ask(&screen, "GET", "/api/v1/ward", None), 200);
}

/// Says who lies in bed 1, rightly and in every wrong way that is answered.
fn admitting(nurse: &Site, heard: &mut Heard) {
    let saw = nurse.ward().expect("the ward");
    let saw = bed(&saw, "1")["patient"]["admission"]
        .as_str()
        .expect("a stay")
        .to_owned();
    let identify = "/api/v1/beds/1/identify";
    for (broken, expected) in [
        (
            json!({ "saw": saw, "change": "new", "ids": FAMILY }).to_string(),
            422,
        ),
        (json!({ "saw": saw, "change": FAMILY }).to_string(), 422),
        (
            json!({ "saw": saw, "change": "new", FAMILY: GIVEN }).to_string(),
            422,
        ),
        (
            json!({ "saw": saw, "change": "new", "family": FAMILY, "born": "Zzyxmarker" }).to_string(),
            422,
        ),
        (
            format!("{{\"saw\":\"{saw}\",\"change\":\"new\",\"family\":\"{FAMILY}"),
            422,
        ),
        (
            json!({ "saw": "somebody-else", "change": "new", "family": FAMILY }).to_string(),
            409,
        ),
        (
            json!({ "saw": FAMILY, "change": "new", "family": FAMILY }).to_string(),
            409,
        ),
    ] {
        let status = heard.ask_text(nurse, "POST", identify, Some(&broken));
        assert!(
            status == expected || (status == 400 && expected == 422),
            "{status} {broken}"
        );
    }
    let person = json!({ "saw": saw, "change": "new", "ids": [PATIENT_ID], "family": FAMILY, "given": GIVEN,
        "born": "1961-02-03", "sex": "F" });
    assert_eq!(heard.ask(nurse, "POST", identify, Some(&person)), 200);
    let now = wait_for("the tile shows initials", Duration::from_secs(10), || {
        let ward = nurse.ward()?;
        let patient = &bed(&ward, "1")["patient"];
        (patient["initials"] != "").then(|| patient["admission"].as_str().map(str::to_owned))?
    });
    let taken = json!({ "saw": now, "specimen": SPECIMEN });
    assert_eq!(
        heard.ask(nurse, "POST", "/api/v1/beds/1/specimen", Some(&taken)),
        200
    );
    let other = json!({ "saw": "somebody-else", "specimen": SPECIMEN });
    assert_eq!(
        heard.ask(nurse, "POST", "/api/v1/beds/1/specimen", Some(&other)),
        409
    );
    for path in [
        "/api/v1/ward",
        "/api/v1/session",
        "/api/v1/beds/9/patient",
        "/api/v1/lines",
        "/no",
    ] {
        heard.ask(nurse, "GET", path, None);
    }
}

fn file_names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the test's folder") {
        let path = entry.expect("an entry").path();
        names.push(path.display().to_string());
        if path.is_dir() {
            names.extend(file_names(&path));
        }
    }
    names
}

#[test]
fn no_word_about_a_patient_and_no_secret_leaves_the_places_where_it_belongs() {
    let mut scene = Scene::new();
    scene.log_everything();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    scene.start_broker();
    scene.start_centre();
    scene.start_post();
    let (chief, mut heard) = (scene.nurse(), Heard::default());
    let nurse = chief.other_browser();
    let code = a_nurse(&chief, &nurse, &mut heard);
    signing_in(&chief, &nurse, &mut heard);
    admitting(&nurse, &mut heard);

    // Where they belong.
    let chart = nurse.text("/api/v1/beds/1/patient").expect("the chart");
    for mark in [FAMILY, GIVEN, PATIENT_ID, SPECIMEN] {
        assert!(chart.contains(mark), "{mark} is not in {chart}");
    }
    let doctor = scene.doctor();
    wait_for("the doctor has the name", Duration::from_secs(60), || {
        let chart = doctor.text("/api/v1/posts/demo/beds/1/patient")?;
        chart.contains(FAMILY).then_some(())
    });
    heard.ask(&doctor, "GET", "/api/v1/centre", None);
    let guest = chief.other_browser();
    let made = json!({ "id": "amina", "name": "Amina", "roles": ["viewer"] });
    let (_, made) = chief.post("/api/v1/people", &made);
    let begin = json!({ "person": "amina", "code": made["code"], "password": PASSWORD });
    assert_eq!(heard.ask(&guest, "POST", "/api/v1/begin", Some(&begin)), 200);
    assert_eq!(heard.ask(&guest, "GET", "/api/v1/beds/1/patient", None), 403);
    let opening = json!({ "bed": "1", "reason": REASON });
    heard.ask(&guest, "POST", "/api/v1/emergency", Some(&opening));

    // And once more over a restart, which reads everything back.
    assert!(scene.post.take().expect("it runs").stop().success());
    scene.start_post();
    wait_for("who lies there is still known", Duration::from_secs(30), || {
        let ward = chief.ward()?;
        (bed(&ward, "1")["patient"]["initials"] != "").then_some(())
    });
    assert!(scene.post.take().expect("it runs").stop().success());

    for (what, answered) in &heard.0 {
        must_not_hold(&OF_THE_PATIENT, what, &answered.text);
        must_not_hold(&OF_THE_PATIENT, what, &answered.headers);
        must_not_hold(&SECRETS, what, &answered.text);
        must_not_hold(&[&code], what, &answered.text);
        must_not_hold(&SECRETS, what, &answered.headers);
    }
    must_not_hold(&SECRETS, "the chart", &chart);
    for name in ["post", "centre", "broker"] {
        let log = std::fs::read_to_string(scene.path(&format!("{name}.log"))).expect("a log");
        // Nothing is proven by a log that says nothing.
        assert!(log.contains(" TRACE ") || log.contains("DEBUG"), "{name}");
        must_not_hold(&OF_THE_PATIENT, &format!("the log of the {name}"), &log);
        must_not_hold(&SECRETS, &format!("the log of the {name}"), &log);
        must_not_hold(&[&code], &format!("the log of the {name}"), &log);
    }
    for file in file_names(&scene.path("")) {
        must_not_hold(&OF_THE_PATIENT, "the name of a file", &file);
        must_not_hold(&SECRETS, "the name of a file", &file);
    }
    let accounts = std::fs::read_to_string(scene.path("people.json")).expect("the accounts");
    assert!(accounts.contains("john"), "{accounts}");
    must_not_hold(&SECRETS, "the accounts on the card", &accounts);
    must_not_hold(&[&code], "the accounts on the card", &accounts);
}

/// What a panic or an `{error:?}` would print.
#[test]
fn what_goes_through_the_core_prints_no_word_about_a_patient() {
    let word = |text: &str| Masked::new(text.to_owned());
    let identity = Identity {
        ids: vec![word(PATIENT_ID)],
        family: word(FAMILY),
        given: word(GIVEN),
        born: Some(word("1961-02-03")),
        sex: word("F"),
    };
    let identified = Identified {
        bed: "1".parse().expect("a bed"),
        admission: "adm-1".parse().expect("a stay"),
        identity,
        by: "Grace".to_owned(),
        category: None,
        vacant: false,
        perhaps: None,
    };
    let record = Record::Event {
        at: MonoTime::BOOT,
        event: Event::Identified(Box::new(identified.clone())),
    };
    assert_eq!(identified.identity.family.reveal(), FAMILY);
    must_not_hold(
        &OF_THE_PATIENT,
        "a record",
        &format!("{record:?} {identified:#?}"),
    );
    must_not_hold(&["zz"], "a mask", &format!("{}", word("zz")));
}
