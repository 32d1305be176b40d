//! What a handover says, what reaches the core of it, and who may hand over what.

mod drawn;

use serde_json::json;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use vitals::{Category, Code, Decimal, Identity, Limits, Quality};

use super::super::live::{self, Snapshot};
use super::super::tests::{Running, outside, session};
use super::super::{BedFacts, CareShown, EntryShown, LimitNow, LimitsNow, NoteShown, PatientNow, Taken};
use super::shift::{Course, Shift};
use super::*;
use crate::access::policy::Role;

fn id<T: FromStr>(text: &str) -> T
where
    T::Err: fmt::Debug,
{
    text.parse().unwrap()
}

fn masked(text: &str) -> Masked<String> {
    Masked::new(text.to_owned())
}

const NOW_MS: u64 = 100_000;
const WALL_MS: i64 = 1_800_000_000_000;

fn now() -> Stamp {
    Stamp {
        boot: BootId([1; 16]),
        mono: MonoTime::from_ms(NOW_MS),
    }
}

fn wall_ms(ms: i64) -> vitals::WallTime {
    vitals::WallTime::from_unix_ms(ms)
}

fn note(text: &str, wall_ms: Option<i64>) -> NoteShown {
    NoteShown {
        note: id("0000000200000007-1"),
        at_ms: None,
        wall_ms,
        by: "Grace".to_owned(),
        text: masked(text),
        withdrawn_by: None,
    }
}

fn patient() -> PatientNow {
    let mut findings = Map::new();
    findings.insert(
        "oxygen".to_owned(),
        json!({"device": "mask", "flow": "4", "percent": null}),
    );
    PatientNow {
        bed: id("1"),
        admission: id("unidentified-1"),
        category: Category::Adult,
        vacant: false,
        since_ms: None,
        identity: Some(Identity {
            family: masked("Mensah"),
            given: masked("Adwoa"),
            ..Identity::default()
        }),
        identified_by: None,
        specimens: Vec::new(),
        results: Vec::new(),
        left_out: 0,
        merged: vec![id("earlier")],
        perhaps: None,
        observations: vec![EntryShown {
            entry: id("0000000200000007-1"),
            at_ms: None,
            wall_ms: Some(WALL_MS - 1),
            by: "Grace".to_owned(),
            findings,
            withdrawn_by: None,
        }],
        care: CareShown::default(),
        notes: vec![
            note("vomited", Some(WALL_MS - 1)),
            note("long ago", Some(WALL_MS - 50_000_000)),
        ],
    }
}

fn facts() -> WardFacts {
    let limits = |low| Limits {
        low: Some(Decimal::whole(low)),
        high: None,
    };
    let limit = LimitNow {
        code: Code::Spo2,
        label: "SpO2",
        unit: "%",
        in_force: limits(86),
        usual: limits(90),
        own: true,
        wider: true,
        value: None,
        proposed: None,
    };
    WardFacts {
        now: now(),
        wall: Some((wall_ms(WALL_MS), ClockTrust::Synchronised)),
        beds: vec![BedFacts {
            patient: patient(),
            limits: LimitsNow {
                admission: id("unidentified-1"),
                category: Category::Adult,
                values: vec![limit],
            },
            admitted: Some(wall_ms(WALL_MS - 7_200_000)),
        }],
    }
}

fn snapshot(admission: &str) -> Snapshot {
    let value = live::Value {
        code: Code::Spo2,
        label: "SpO2",
        unit: "%",
        value: Some(Decimal::whole(84)),
        reason: None,
        quality: Quality::Questionable,
        kind: live::ValueKind::Continuous,
        at_ms: NOW_MS - 7_000,
        last_value: None,
        low: None,
        high: None,
    };
    let bed = live::Bed {
        id: id("1"),
        label: "Bed 1".to_owned(),
        category: Category::Adult,
        device: None,
        link: None,
        link_since_ms: None,
        link_reason: None,
        device_clock_ms: None,
        device_alarms: None,
        values: vec![value],
        patient: live::BedPatient {
            admission: id(admission),
            known: true,
            perhaps: None,
            initials: "A. M.".to_owned(),
            results: 0,
            revision: 0,
            vacant: false,
        },
        score: None,
    };
    let post = live::Post {
        id: id("demo"),
        name: "Demo".to_owned(),
    };
    let centre = live::Centre {
        state: live::WayState::NotConfigured,
        since_ms: 0,
        waiting: 0,
        name: None,
        problem: None,
    };
    let mut snapshot = Snapshot::first(post, vec![Arc::new(bed)], Arc::new(centre));
    let message = |bed: Option<&str>, text: &str| live::Message {
        id: "0".to_owned(),
        bed: bed.map(id),
        by: "Dr Ama".to_owned(),
        at_ms: None,
        wall_ms: None,
        what: live::MessageKind::Text {
            text: text.to_owned(),
        },
    };
    snapshot.messages = Arc::new(vec![message(Some("1"), "oxygen"), message(None, "I am late")]);
    snapshot
}

fn shift() -> Shift {
    let course = |at: i64, value| Course {
        first: (wall_ms(at), Decimal::whole(value)),
        lowest: Decimal::whole(value - 1),
        highest: Decimal::whole(value + 1),
        last: (wall_ms(at), Decimal::whole(value)),
    };
    let courses = [
        ((id("earlier"), Code::Spo2), course(1, 97)),
        ((id("unidentified-1"), Code::Spo2), course(2, 84)),
        ((id("somebody-else"), Code::Spo2), course(3, 50)),
    ];
    Shift {
        from: Some(wall_ms(WALL_MS - 43_200_000)),
        alarms: Vec::new(),
        more: false,
        courses: courses.into_iter().collect(),
    }
}

/// `situation who Mensah,Adwoa,,,`, line by line.
fn told(lines: &[vitals::HandoverLine]) -> Vec<String> {
    let line = |line: &vitals::HandoverLine| {
        let words: Vec<&str> = line.words.iter().map(|word| word.reveal().as_str()).collect();
        format!("{} {} {}", line.section.key(), line.what, words.join(","))
    };
    lines.iter().map(line).collect()
}

#[test]
fn i4_i5_a_handover_says_values_with_their_age_and_what_is_open_and_what_happened_in_the_shift() {
    let handover = draw::sheet(&snapshot("unidentified-1"), &facts(), &shift(), 12);
    let admitted = WALL_MS - 7_200_000;
    let moment = WALL_MS - 1;
    assert_eq!(
        told(&handover.beds[0].lines),
        [
            "situation who Mensah,Adwoa,,,".to_owned(),
            "situation value spo2,SpO2,84,%,7,questionable,continuous,,,".to_owned(),
            format!("background admitted {admitted}"),
            "background category adult".to_owned(),
            format!("background oxygen given,mask,4,,{moment},Grace"),
            "assessment alarms 0,0,0,0,,0".to_owned(),
            "assessment trend spo2,SpO2,%,97,83,98,84".to_owned(),
            format!("assessment note {moment},Grace,vomited,"),
            format!(
                "assessment observation {moment},Grace,{},",
                r#"{"oxygen":{"device":"mask","flow":"4","percent":null}}"#
            ),
            "recommendation message Dr Ama,,oxygen".to_owned(),
            "recommendation limit spo2,SpO2,%,86,,90,".to_owned(),
        ]
    );
    assert_eq!(told(&handover.post), ["recommendation message Dr Ama,,I am late"]);
    assert_eq!(handover.check(), Ok(()));
}

#[test]
fn i3_of_a_bed_that_was_given_to_somebody_else_meanwhile_nothing_live_is_told() {
    let handover = draw::sheet(&snapshot("somebody-else"), &facts(), &shift(), 12);
    let told = told(&handover.beds[0].lines).join("\n");
    assert!(!told.contains("84,%") && !told.contains("message"), "{told}");
    assert!(told.contains("who Mensah"));
}

#[test]
fn what_has_no_place_is_counted() {
    let mut facts = facts();
    facts.beds[0].patient.notes = vec![note("again", Some(WALL_MS - 1)); 15];
    let handover = draw::sheet(&snapshot("unidentified-1"), &facts, &shift(), 12);
    let told = told(&handover.beds[0].lines);
    assert_eq!(told.iter().filter(|line| line.contains("again")).count(), 12);
    assert!(told.contains(&"assessment more note,3".to_owned()), "{told:?}");
}

/// A core that shows one bed and says yes to everything; what was asked of it.
fn core(mut requests: mpsc::Receiver<Request>) -> std::thread::JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let mut asked = Vec::new();
        while let Some(request) = requests.blocking_recv() {
            let Request::OfNursing(request) = request else {
                continue;
            };
            match request {
                NursingRequest::Facts { answer } => {
                    let mut facts = facts();
                    facts.now = Stamp {
                        mono: crate::clock::Clock::system().unwrap().now(),
                        ..now()
                    };
                    answer.send(Ok(facts)).unwrap();
                }
                NursingRequest::Offer { handover, by, answer } => {
                    let to_do = handover.beds[0].to_do.reveal().clone();
                    asked.push(format!("offer {} {} {to_do}", by.name(), handover.hours));
                    answer.send(Ok(id("0000000200000007-1"))).unwrap();
                }
                NursingRequest::Handovers { whole, answer } => {
                    asked.push(format!("read {}", whole.is_some()));
                    answer.send(Ok(vec![open_handover()])).unwrap();
                }
                NursingRequest::Accept {
                    accepting,
                    by,
                    answer,
                } => {
                    let told = accepting.told.len();
                    asked.push(format!("accept {} {:?} {told}", by.name(), accepting.changed));
                    answer.send(Err(HandoverRefused::Own.into())).unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        asked
    })
}

fn open_handover() -> HandoverShown {
    HandoverShown {
        handover: id("0000000200000007-1"),
        by: "John".to_owned(),
        by_id: "john".to_owned(),
        made_wall_ms: None,
        made_ms: Some(1),
        offered_wall_ms: None,
        hours: 12,
        open: true,
        accepted: None::<Taken>,
        moved: vec![id("1")],
        noted: Vec::new(),
        post: Some(json!([])),
        beds: Some(json!([{"bed": "1", "label": "Bed 1", "admission": "a-1", "lines": [], "to_do": ""}])),
    }
}

fn get(running: &Running, path: &str) -> (u16, Value) {
    let (status, answer) = running.ask(&format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    ));
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap())
}

#[test]
fn i9_exactly_what_was_shown_is_handed_over_by_who_it_was_shown_to() {
    let mut running = Running::start();
    let core = core(running.take_requests());
    let (status, drawn) = get(&running, "/api/v1/handover?hours=8");
    assert_eq!(
        (status, &drawn["beds"][0]["label"]),
        (200, &json!("Bed 1")),
        "{drawn}"
    );
    let draft = drawn["draft"].as_str().unwrap().to_owned();
    let offer = |draft: &str| json!({"draft": draft, "to_do": {"1": "turn"}}).to_string();
    let (status, _, answer) = running.post("/api/v1/handovers", &offer("x"));
    assert_eq!(status, 409, "{answer}");
    let mine = std::mem::take(&mut running.cookies);
    let token = running
        .desk
        .seat_somebody("john", "John", &[Role::Nurse], &outside());
    running.cookies = session(&token);
    let (status, _, answer) = running.post("/api/v1/handovers", &offer(&draft));
    assert_eq!(status, 409, "it was shown to Grace: {answer}");
    running.cookies = mine;
    let (status, _, answer) = running.post("/api/v1/handovers", &offer(&draft));
    assert_eq!((status, answer), (200, json!({"handover": "0000000200000007-1"})));
    let long = json!({"draft": draft, "to_do": {"1": "x".repeat(201)}}).to_string();
    assert_eq!(running.post("/api/v1/handovers", &long).0, 422);
    assert_eq!(get(&running, "/api/v1/handover?hours=25").0, 422);
    drop(running);
    assert_eq!(core.join().unwrap(), ["offer Grace 8 turn"]);
}

#[test]
fn who_takes_over_is_told_what_changed_and_the_core_hears_both() {
    let mut running = Running::start();
    let core = core(running.take_requests());
    let (_, shown) = get(&running, "/api/v1/handovers/0000000200000007-1");
    // Nobody knows when it was put together, so nobody knows what is new at bed 2.
    assert_eq!(
        shown["changed"],
        json!({"1": ["patient", "unknown"], "2": ["unknown"]})
    );
    assert_eq!(get(&running, "/api/v1/handovers/0000000200000007-9").0, 404);
    assert_eq!(get(&running, "/api/v1/handovers/x").0, 404);
    let path = "/api/v1/handovers/0000000200000007-1/accept";
    let (status, _, answer) = running.post(path, r#"{"told":["1","2"]}"#);
    assert_eq!(status, 409, "{answer}");
    assert!(
        answer["error"]
            .as_str()
            .unwrap()
            .contains("cannot take over as well")
    );
    let looked = running.told.lock().unwrap().clone();
    assert!(looked.contains(&"see_chart bed:1".to_owned()), "{looked:?}");
    drop(running);
    let accepted = r#"accept Grace [BedId("1"), BedId("2")] 2"#;
    assert_eq!(
        core.join().unwrap(),
        ["read true", "read true", "read true", accepted]
    );
}

#[test]
fn drafts_have_a_bound_and_the_oldest_goes() {
    let drafts = Drafts::default();
    let sheet = draw::sheet(&snapshot("unidentified-1"), &facts(), &shift(), 12);
    let drawn = |n: u64| Handover {
        made: Stamp {
            mono: MonoTime::from_ms(n),
            ..now()
        },
        ..sheet.clone()
    };
    for n in 0..=DRAFTS_MAX as u64 {
        drafts.keep("grace", drawn(n));
    }
    assert_eq!(drafts.find("grace", Draft::of(&drawn(0))), None);
    assert_eq!(drafts.find("grace", Draft::of(&drawn(1))), Some(drawn(1)));
    let name = Draft::of(&sheet).to_string();
    assert_eq!(name.parse(), Ok(Draft::of(&sheet)));
}
