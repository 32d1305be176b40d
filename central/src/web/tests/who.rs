//! Who gets what: every route by every role, signed in and not; what people do stands in the audit.

use std::collections::BTreeSet;

use vitals::audit::{Actor, Outcome};

use super::*;
use crate::access::manage::Order;
use crate::access::policy::Action;
use crate::access::testing::{PASSWORD, next_code};
use crate::web::guard::{Needs, Route, Verb};

/// A path that the route answers to.
fn example(route: &Route) -> String {
    route
        .path
        .replace("{post}", "demo")
        .replace("{alarm}", "00000001000000ab-3")
        .replace("{bed}", "1")
        .replace("{priority}", "high")
}

fn call(bench: &Bench, route: &Route) -> String {
    let (host, cookie, path) = (bench.address, bench.cookie(), example(route));
    let verb = match route.verb {
        Verb::Get => "GET",
        Verb::Post => "POST",
        Verb::Delete => "DELETE",
    };
    let answer = bench.raw(&format!(
        "{verb} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n{cookie}\r\n"
    ));
    status(&answer).to_owned()
}

#[test]
fn i9_every_route_asks_every_role_and_nobody_gets_in_without_or_after_signing_in() {
    let office = Office::new();
    let people = Role::ALL.map(|role| (role, office.person(role.key(), role.key(), role).0));
    let mut bench = Bench::of(office);
    // Requests that were let through find no heart; that is not what is asked here.
    drop((bench.requests.take(), bench.of_duty.take()));
    let table: Vec<Route> = router::table()
        .into_iter()
        .filter(|route| route.verb != Verb::Delete)
        .collect();
    for route in &table {
        for (role, token) in &people {
            bench.token = Some(token.clone());
            let answer = call(&bench, route);
            let denied = matches!(answer.as_str(), "401" | "403");
            match route.needs {
                Needs::Open => assert_ne!(answer, "403", "{}", route.path),
                Needs::May(action) if action.is_allowed_to(&[*role]) => {
                    assert!(!denied, "{} {role:?}: {answer}", route.path);
                }
                Needs::May(_) => assert_eq!(answer, "403", "{} {role:?}", route.path),
            }
        }
        bench.token = None;
        if let Needs::May(_) = route.needs {
            assert_eq!(call(&bench, route), "401", "{}", route.path);
        }
    }
    for (role, token) in &people {
        bench.office.order(Order::Reset(role.key().into())).unwrap();
        bench.token = Some(token.clone());
        for route in table.iter().filter(|route| route.needs != Needs::Open) {
            assert_eq!(
                call(&bench, route),
                "401",
                "{} after {role:?} was signed out",
                route.path
            );
        }
    }
}

#[test]
fn only_how_one_signs_in_is_open() {
    let open: BTreeSet<&str> = router::table()
        .iter()
        .filter(|route| route.needs == Needs::Open)
        .map(|route| route.path)
        .collect();
    let expected = ["/api/v1/begin", "/api/v1/begin/check", "/api/v1/session"];
    assert_eq!(open.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn i9_no_command_goes_to_a_post_without_a_person() {
    let mut bench = Bench::of(Office::new());
    let heart = bench.answer_seen(Ok(1));
    let message = r#"{"text":"hello","bed":null}"#;
    for token in [None, Some(Token::new([7; 32]))] {
        bench.token = token;
        let accept = SEEN.replace("/seen", "/accept");
        for (path, body) in [
            (SEEN, "{}"),
            (accept.as_str(), "{}"),
            ("/api/v1/posts/demo/messages", message),
        ] {
            assert_eq!(status(&bench.post(path, "", body)), "401");
            let named = body
                .replacen('{', r#"{"by":"Dr Rao","by_id":"rao","#, 1)
                .replace(",}", "}");
            assert_eq!(status(&bench.post(path, "", &named)), "401");
        }
    }
    drop(bench);
    assert_eq!(heart.join().unwrap(), Vec::<String>::new());
}

fn json(answer: &str) -> Value {
    serde_json::from_str(body(answer)).unwrap()
}

#[test]
fn a_doctor_begins_signs_out_and_in_again_and_the_cookie_is_the_browsers_alone() {
    let office = Office::new();
    let code = office.account("rao", "Dr Rao", Role::Doctor);
    let mut bench = Bench::of(office);
    let nobody = json(&bench.get("/api/v1/session"));
    assert_eq!(nobody["claimed"], true);
    assert_eq!(nobody["name"], "Test centre");
    assert_eq!(nobody["person"], Value::Null);

    let check = format!(r#"{{"person":"rao","code":"{code}"}}"#);
    let hello = json(&bench.post("/api/v1/begin/check", "", &check));
    assert_eq!(
        (&hello["name"], &hello["needs_second"]),
        (&"Dr Rao".into(), &true.into())
    );
    let typing = hello["second"]["typing"].as_str().unwrap();
    let app = accounts::totp::TotpSecret::from_typing(typing).unwrap();
    let digits = app.shows(Clock.wall()).unwrap();
    let begin = |password: &str| {
        format!(r#"{{"person":"rao","code":"{code}","password":"{password}","digits":"{digits}"}}"#)
    };
    assert_eq!(status(&bench.post("/api/v1/begin", "", &begin("short"))), "422");
    let begun = bench.post("/api/v1/begin", "", &begin(PASSWORD));
    assert_eq!(status(&begun), "200", "{begun}");
    let cookie = begun
        .lines()
        .find(|line| line.starts_with("set-cookie: "))
        .unwrap();
    for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let value = cookie.split(['=', ';']).nth(1).unwrap();
    bench.token = Token::from_cookie(value);
    let person = json(&bench.get("/api/v1/session"))["person"].clone();
    assert_eq!((&person["id"], &person["idle_s"]), (&"rao".into(), &900.into()));
    assert_eq!(
        person["may"],
        serde_json::json!([
            "see",
            "say_seen",
            "answer",
            "write",
            "see_duty",
            "take_duty",
            "set_duty"
        ])
    );

    let (host, with) = (bench.address, bench.cookie());
    let out = bench.raw(&format!(
        "DELETE /api/v1/session HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{with}\r\n"
    ));
    assert!(out.contains("Max-Age=0"), "{out}");
    assert_eq!(status(&bench.get("/api/v1/centre")), "401");

    let sign_in =
        |code: Option<String>| serde_json::json!({"person": "rao", "password": PASSWORD, "code": code});
    let half = bench.post("/api/v1/session", "", &sign_in(None).to_string());
    assert_eq!((status(&half), &json(&half)["needs"]), ("401", &"code".into()));
    assert!(!half.contains("set-cookie"), "half is nothing");
    let whole = bench.post("/api/v1/session", "", &sign_in(next_code(&app)).to_string());
    assert_eq!(status(&whole), "200", "{whole}");
}

#[test]
fn who_tries_too_often_is_told_how_long_to_wait() {
    let bench = Bench::of(Office::new());
    let wrong = r#"{"person":"rao","password":"wrong"}"#;
    let answers: Vec<String> = (0..8).map(|_| bench.post("/api/v1/session", "", wrong)).collect();
    let late = answers
        .iter()
        .find(|answer| status(answer) == "429")
        .expect("not for ever");
    assert!(json(late)["wait_s"].as_u64().unwrap() >= 1, "{late}");
    assert!(late.contains("retry-after: "), "{late}");
    assert!(
        answers
            .iter()
            .all(|answer| matches!(status(answer), "401" | "429"))
    );
}

#[test]
fn i9_what_a_doctor_does_and_looks_at_stands_in_the_audit_without_a_patients_word() {
    let mut bench = Bench::new();
    bench.show("centre");
    let heart = bench.answer_seen(Ok(0xab));
    bench.post(SEEN, "", "{}");
    bench.post(
        "/api/v1/posts/demo/messages",
        "",
        r#"{"text":"Mr MARKED may go home","bed":"1"}"#,
    );
    let limit = r#"{"bed":"1","code":"spo2","side":"low","limit":"88"}"#;
    bench.post("/api/v1/posts/demo/limits", "", limit);
    bench.get("/api/v1/records?post=demo&lane=vitals");
    let chart = "/api/v1/posts/demo/beds/1/patient";
    assert_eq!(status(&bench.get(chart)), "200");
    assert_eq!(status(&bench.get(&chart.replace("beds/1", "beds/9"))), "404");
    let (lee, _) = bench.office.person("lee", "Lee", Role::Manager);
    bench.token = Some(lee);
    bench.get("/api/v1/centre");

    let entries = bench.office.audit();
    let by = |id: &str| {
        let of = entries.iter().map(|entry| &entry.deed.told);
        of.filter(|told| matches!(&told.who, Actor::Centre { id: by, .. } if by == id))
            .map(|told| (told.action.as_str(), told.subject.as_str(), told.outcome))
            .collect::<Vec<_>>()
    };
    let expected = [
        ("begin", "account:rao", Outcome::Done),
        ("say_seen", "alarm:demo/00000001000000ab-3", Outcome::Done),
        ("message", "bed:demo/1", Outcome::Done),
        ("propose_limit", "bed:demo/1", Outcome::Done),
        ("see_records", "records:demo/vitals", Outcome::Done),
        ("see_chart", "bed:demo/1", Outcome::Done),
    ];
    assert_eq!(by("rao"), expected);
    assert_eq!(
        by("lee").last(),
        Some(&(Action::See.key(), "path:/api/v1/centre", Outcome::Refused))
    );
    let words: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.deed.told.after.as_ref())
        .map(|after| after.reveal().as_str())
        .collect();
    assert!(
        words.contains(&"SpO2 at least 88, command 000000000000000000000000000000ab"),
        "{words:?}"
    );
    assert!(words.iter().all(|word| !word.contains("MARKED")), "{words:?}");
    drop(bench);
    assert_eq!(heart.join().unwrap().len(), 3);
}
