//! Signing in and what follows from it, as a browser sees it.

use std::time::Duration;

use vitals::{BootId, WallTime};

use super::*;
use crate::access::By;
use crate::clock::SimulatedTime;

const PASSWORD: &str = "seven green mangoes";

fn simulated() -> (Running, SimulatedTime) {
    let wall = WallTime::from_unix_ms(1_800_000_000_000);
    let time = SimulatedTime::new(BootId([1; 16]), wall);
    let clock = Clock::simulated(&time, wall);
    (Running::start_with(BootId([1; 16]), clock), time)
}

impl Running {
    /// The cookie of this browser from now on.
    fn takes(&mut self, head: &str) {
        let cookie = head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
            .map(|cookie| cookie.split(';').next().unwrap());
        let mut all: Vec<String> = self.cookies.split("; ").map(str::to_owned).collect();
        for cookie in cookie {
            let name = cookie.split('=').next().unwrap();
            all.retain(|old| !old.is_empty() && !old.starts_with(name));
            all.push(cookie.to_owned());
        }
        self.cookies = all.join("; ");
    }

    /// john, with a password and a PIN; signed in in this browser.
    fn john(&mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let id = || accounts::people::PersonId::try_from("john".to_owned()).unwrap();
        let by = By::system("root".to_owned());
        let added = self
            .desk
            .add(id(), "John Mensah".to_owned(), vec![Role::SeniorNurse], by);
        let code = runtime.block_on(added).unwrap();
        let body = format!(r#"{{"person":"john","code":"{code}","password":"{PASSWORD}","pin":"472913"}}"#);
        let (status, head, told) = self.post("/api/v1/begin", &body);
        assert_eq!(status, 200, "{told}");
        self.cookies.clear();
        self.takes(&head);
    }
}

fn seated(initials: &str) -> Arc<Bed> {
    let mut bed = (*empty_bed("1")).clone();
    bed.patient.initials = initials.to_owned();
    Arc::new(bed)
}

#[test]
fn nothing_is_told_before_somebody_signs_in() {
    let mut running = Running::start();
    running.cookies.clear();
    let (status, told) = running.get("/api/v1/session");
    let expected = serde_json::json!({
        "claimed": false, "post": "demo", "name": "Demo", "screen": null, "person": null,
    });
    assert_eq!((status, told), (200, expected));
    let (_, head) = running.socket(&format!("http://{}", running.address));
    assert!(head.starts_with("HTTP/1.1 401"), "before the upgrade: {head}");
    for body in [
        "{",
        r#"{"person":"john"}"#,
        r#"{"person":"john","password":"x","pin":"1"}"#,
    ] {
        let (status, _, told) = running.post("/api/v1/session", body);
        assert_eq!(status, 422);
        assert_eq!(
            told["error"],
            "this is not what is asked for here: reload the page"
        );
    }
}

#[test]
fn somebody_who_has_no_account_and_a_wrong_password_are_answered_alike() {
    let mut running = Running::start();
    running.john();
    let wrong = |person: &str| {
        let body = format!(r#"{{"person":"{person}","password":"not the right one"}}"#);
        let (status, _, told) = running.post("/api/v1/session", &body);
        (status, told)
    };
    let john = wrong("john");
    assert_eq!(john.0, 401);
    assert_eq!(john, wrong("nobody-has-this-name"));
    assert_eq!(john, wrong("NO NAME AT ALL"));
}

#[test]
fn i9_signing_in_gives_a_cookie_and_signing_out_takes_the_right_with_it() {
    let mut running = Running::start();
    running.john();
    running.cookies.clear();
    let body = format!(r#"{{"person":"john","password":"{PASSWORD}"}}"#);
    let (status, head, told) = running.post("/api/v1/session", &body);
    assert_eq!((status, &told["person"]["idle_s"]), (200, &900.into()));
    assert!(
        told["person"]["may"]
            .as_array()
            .unwrap()
            .contains(&"acknowledge".into())
    );
    running.takes(&head);
    assert_eq!(running.get("/api/v1/ward").0, 200);
    let kept = running.cookies.clone();
    let (status, _) =
        running.ask("DELETE /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 200);
    running.cookies = kept;
    assert_eq!(
        running.get("/api/v1/ward").0,
        401,
        "whoever kept the cookie has nothing"
    );
}

#[test]
fn too_many_tries_are_told_how_long_to_wait() {
    let mut running = Running::start();
    running.john();
    let wrong = r#"{"person":"john","password":"not the right one"}"#;
    let mut tries = (0..8).map(|_| running.post("/api/v1/session", wrong));
    let (status, _, told) = tries.find(|(status, ..)| *status != 401).unwrap();
    assert_eq!(status, 429);
    assert!((1..=2).contains(&told["wait_s"].as_u64().unwrap()), "{told}");
}

#[test]
fn i9_a_screen_of_the_ward_takes_a_pin_and_shows_the_ward_without_initials_when_nobody_is_signed_in() {
    let (mut running, time) = simulated();
    running.john();
    let pin = r#"{"person":"john","pin":"472913"}"#;
    assert_eq!(running.post("/api/v1/session", pin).0, 401);
    running.publisher.publish(Update::Bed { bed: seated("D.") });
    let (status, head, _) = running.post("/api/v1/screens", r#"{"name":"Wall"}"#);
    assert_eq!(status, 200);
    running.takes(&head);
    let (status, head, told) = running.post("/api/v1/session", pin);
    assert_eq!((status, &told["screen"]["name"]), (200, &"Wall".into()), "{told}");
    running.takes(&head);
    let (mut page, _) = running.socket(&format!("http://{}", running.address));
    assert_eq!(frame(&mut page)["beds"][0]["patient"]["initials"], "D.");
    time.pass(Duration::from_secs(5 * 60));
    // The session is over, the screen goes on: every bed again, as everybody may see it.
    let anew = frame(&mut page);
    assert_eq!(
        (&anew["seq"], &anew["bed"]["patient"]["initials"]),
        (&1.into(), &"".into())
    );
    frame(&mut page);
    running.publisher.publish(Update::Bed { bed: seated("X.") });
    assert_eq!(frame(&mut page)["bed"]["patient"]["initials"], "");
    let (status, ward) = running.get("/api/v1/ward");
    assert_eq!(
        (status, &ward["beds"][0]["patient"]["initials"]),
        (200, &"".into())
    );
    assert_eq!(running.get("/api/v1/beds/1/patient").0, 401);
}

#[test]
fn i9_a_page_whose_right_ends_is_closed_with_4401() {
    let (running, time) = simulated();
    let (mut page, _) = running.socket(&format!("http://{}", running.address));
    frame(&mut page);
    time.pass(Duration::from_secs(15 * 60));
    let mut head = [0u8; 4];
    page.read_exact(&mut head).unwrap();
    assert_eq!(head[0], 0x88, "a close frame");
    assert_eq!(u16::from_be_bytes([head[2], head[3]]), 4401);
}

#[test]
fn i9_looking_on_does_not_keep_a_session_and_acting_does() {
    let (mut running, time) = simulated();
    drop(running.take_requests());
    let left = |running: &Running| running.get("/api/v1/session").1["person"]["idle_s"].as_u64();
    time.pass(Duration::from_secs(600));
    running.get("/api/v1/ward");
    running.get("/api/v1/lines");
    assert_eq!(left(&running), Some(300));
    running.post("/api/v1/alarms/0000000100000007-3/acknowledge", "{}");
    assert_eq!(left(&running), Some(900));
    time.pass(Duration::from_secs(900));
    assert_eq!(left(&running), None);
}

#[test]
fn i9_a_body_that_says_who_it_is_is_refused() {
    let mut running = Running::start();
    for path in [
        "/api/v1/alarms/0000000100000007-3/acknowledge",
        "/api/v1/messages/00000000000000000000000000000007/read",
    ] {
        let (status, _, told) = running.post(path, r#"{"by":"Mallory"}"#);
        assert_eq!(status, 422, "{told}");
    }
    assert!(running.requests.try_recv().is_err(), "nothing reached the core");
}

#[test]
fn an_emergency_opens_the_chart_of_its_bed() {
    let mut running = Running::start();
    drop(running.take_requests());
    let token = running
        .desk
        .seat_somebody("kofi", "Kofi", &[Role::Technician], &outside());
    running.cookies = session(&token);
    assert_eq!(running.get("/api/v1/beds/1/patient").0, 403);
    let reason = |bed: &str| format!(r#"{{"bed":"{bed}","reason":"no nurse here, patient is blue"}}"#);
    assert_eq!(running.post("/api/v1/emergency", &reason("9")).0, 404);
    let (status, _, told) = running.post("/api/v1/emergency", &reason("1"));
    assert_eq!((status, told), (200, serde_json::json!({ "until_s": 3600 })));
    assert_eq!(
        running.get("/api/v1/beds/1/patient").0,
        503,
        "as far as to the core"
    );
    for closed in [
        "/api/v1/beds/2/patient",
        "/api/v1/laboratory",
        "/api/v1/trend?bed=1&bed=2&value=spo2&from_ms=1&to_ms=2",
    ] {
        assert_eq!(running.get(closed).0, 403, "{closed}");
    }
    let officer = running
        .desk
        .seat_somebody("ama", "Ama", &[Role::PrivacyOfficer], &outside());
    running.cookies = session(&officer);
    let (_, told) = running.get("/api/v1/emergencies");
    let told = &told["emergencies"][0];
    assert_eq!(
        (&told["person"], &told["reviewed_by"]),
        (&"kofi".into(), &Value::Null)
    );
    assert_eq!(running.post("/api/v1/emergencies/1/review", "{}").0, 200);
    assert_eq!(running.post("/api/v1/emergencies/1/review", "{}").0, 409);
}

#[test]
fn accounts_are_made_with_a_code_that_is_told_once() {
    let mut running = Running::start();
    running.john();
    let body = r#"{"id":"kofi","name":"Kofi Boateng","roles":["nurse"]}"#;
    let (status, _, told) = running.post("/api/v1/people", body);
    assert_eq!(status, 200);
    let code = told["code"].as_str().unwrap();
    let (status, _, told) = running.post("/api/v1/people", body);
    assert_eq!(status, 409, "{told}");
    let (_, people) = running.get("/api/v1/people");
    assert!(!people.to_string().contains(code));
    let check = format!(r#"{{"person":"kofi","code":"{code}"}}"#);
    let (_, _, told) = running.post("/api/v1/begin/check", &check);
    let expected = serde_json::json!({ "name": "Kofi Boateng", "needs_second": false, "second": null });
    assert_eq!(told, expected);
    assert_eq!(running.post("/api/v1/people/nobody/reset", "").0, 404);
}

#[test]
fn whoever_may_read_the_audit_searches_it_and_takes_it_along() {
    let mut running = Running::start();
    let token = running
        .desk
        .seat_somebody("ama", "Ama", &[Role::Auditor], &outside());
    running.cookies = session(&token);
    let mut chain = vitals::audit::Chain::begin(&vitals::audit::ChainId("demo-1".to_owned()));
    for (number, person) in ["grace", "john", "grace"].into_iter().enumerate() {
        let at = vitals::MonoTime::from_ms(1_000 * number as u64);
        let deed = vitals::audit::Deed {
            at: vitals::Stamp {
                boot: BootId([1; 16]),
                mono: at,
            },
            wall: Some(WallTime::from_unix_ms(1_800_000_000_000 + 1_000 * number as i64)),
            trust: vitals::ClockTrust::Holdover,
            told: By::named(person).did("acknowledge", format!("alarm:{number}")),
        };
        let event = vitals::Event::Audited(Box::new(chain.append(deed)));
        running.store.append(vitals::Record::Event { at, event });
    }
    let found = || {
        let (_, told) = running.get("/api/v1/audit?person=grace&limit=1");
        (told["entries"].as_array().map(Vec::len) == Some(1)).then_some(told)
    };
    // Only what is on the card is found.
    let told = (0..200).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        found()
    });
    let told = told.expect("found as soon as it is on the card");
    let expected = serde_json::json!({
        "number": 3, "wall": 1_800_000_002_000_i64, "trust": "holdover",
        "who": { "kind": "person", "id": "grace", "name": "grace" }, "from": "page", "action": "acknowledge",
        "outcome": "done", "subject": "alarm:2", "before": null, "after": null,
    });
    assert_eq!((&told["entries"][0], &told["more"]), (&expected, &true.into()));
    let (_, told) = running.get("/api/v1/audit?from=1800000000000&to=1800000002000");
    let numbers = told["entries"].as_array().unwrap().iter();
    let numbers: Vec<_> = numbers.map(|entry| entry["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [2, 1], "newest first");
    assert_eq!(running.get("/api/v1/audit?names=all").0, 422);
    let (status, table) = running
        .ask("GET /api/v1/audit.csv?person=john HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 200);
    assert!(table.contains("attachment; filename=\"audit.csv\""), "{table}");
    let lines = table.split_once("\r\n\r\n").unwrap().1.lines().count();
    assert_eq!(lines, 2, "{table}");
}
