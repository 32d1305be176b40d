//! I9: every route x every role x {signed in, expired, on another screen}, against the router as it runs.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{BootId, WallTime};

use super::super::routes;
use super::*;
use crate::access::By;
use crate::clock::SimulatedTime;

/// Who gets through, written down here a second time on purpose: `open` to anybody, `ward` to a screen of the ward and to
/// everybody who is signed in, or the roles that may: viewer, nurse, senior nurse, doctor, technician, privacy officer,
/// auditor.
const EXPECTED: &[(&str, &str)] = &[
    ("GET /api/v1/openapi.json", "open"),
    ("GET /api/v1/session", "open"),
    ("POST /api/v1/session", "open"),
    ("DELETE /api/v1/session", "open"),
    ("POST /api/v1/claim", "open"),
    ("POST /api/v1/begin/check", "open"),
    ("POST /api/v1/begin", "open"),
    ("GET /api/v1/ward", "ward"),
    ("GET /api/v1/live", "ward"),
    ("POST /api/v1/alarms/{id}/acknowledge", "-nsd---"),
    ("POST /api/v1/messages/{id}/read", "-nsd---"),
    ("GET /api/v1/beds/{bed}/patient", "-nsd---"),
    ("POST /api/v1/beds/{bed}/identify", "-nsd---"),
    ("POST /api/v1/beds/{bed}/specimen", "-nsd---"),
    ("POST /api/v1/beds/{bed}/discharge", "-nsd---"),
    ("POST /api/v1/beds/{bed}/transfer", "-nsd---"),
    ("POST /api/v1/beds/{bed}/same-patient", "-nsd---"),
    ("GET /api/v1/beds/{bed}/earlier", "-nsd---"),
    ("POST /api/v1/beds/{bed}/merge", "--sd---"),
    ("POST /api/v1/beds/{bed}/observe", "-nsd---"),
    ("POST /api/v1/beds/{bed}/withdraw", "-nsd---"),
    ("POST /api/v1/beds/{bed}/care", "-nsd---"),
    ("POST /api/v1/beds/{bed}/spo2-scale", "--sd---"),
    ("POST /api/v1/beds/{bed}/note", "-nsd---"),
    ("POST /api/v1/beds/{bed}/note/withdraw", "-nsd---"),
    ("GET /api/v1/handover", "-nsd---"),
    ("GET /api/v1/handovers", "-nsd---"),
    ("POST /api/v1/handovers", "-nsd---"),
    ("GET /api/v1/handovers/{id}", "-nsd---"),
    ("POST /api/v1/handovers/{id}/accept", "-nsd---"),
    ("GET /api/v1/laboratory", "-nsd---"),
    ("POST /api/v1/laboratory/assign", "-nsd---"),
    ("POST /api/v1/laboratory/set-aside", "-nsd---"),
    ("POST /api/v1/beds/{bed}/pause", "-nsd---"),
    ("POST /api/v1/pause", "-nsd---"),
    ("POST /api/v1/beds/{bed}/rest", "--sd---"),
    ("POST /api/v1/rest", "--sd---"),
    ("POST /api/v1/beds/{bed}/resume", "-nsd---"),
    ("POST /api/v1/resume", "-nsd---"),
    ("GET /api/v1/beds/{bed}/limits", "-nsd---"),
    ("POST /api/v1/beds/{bed}/limits", "-nsd---"),
    ("GET /api/v1/trend", "-nsd---"),
    ("GET /api/v1/devices", "-nsdt--"),
    ("POST /api/v1/devices/{device}/bind", "-nsdt--"),
    ("GET /api/v1/lines", "--s-t--"),
    ("POST /api/v1/lines", "----t--"),
    ("POST /api/v1/lines/{line}/remove", "----t--"),
    ("GET /api/v1/lines/{line}/record", "----t--"),
    ("POST /api/v1/lines/{line}/record", "----t--"),
    ("POST /api/v1/lines/{line}/record/end", "----t--"),
    ("GET /api/v1/fitting", "----t--"),
    ("GET /api/v1/fitting/trial", "----t--"),
    ("POST /api/v1/fitting/trial", "----t--"),
    ("POST /api/v1/fitting/trial/end", "----t--"),
    ("GET /api/v1/system", "--s-t--"),
    ("GET /api/v1/self-test", "--s-t--"),
    ("POST /api/v1/self-test", "--s-t--"),
    ("POST /api/v1/self-test/sign", "--s-t--"),
    ("GET /api/v1/self-test/{id}", "--s-t--"),
    ("GET /api/v1/people", "--s----"),
    ("POST /api/v1/people", "--s----"),
    ("POST /api/v1/people/{id}/roles", "--s----"),
    ("POST /api/v1/people/{id}/disable", "--s----"),
    ("POST /api/v1/people/{id}/enable", "--s----"),
    ("POST /api/v1/people/{id}/reset", "--s----"),
    ("GET /api/v1/screens", "--s-t--"),
    ("POST /api/v1/screens", "--s-t--"),
    ("POST /api/v1/screens/{id}/forget", "--s-t--"),
    ("POST /api/v1/emergency", "vnsdt--"),
    ("GET /api/v1/emergencies", "-----p-"),
    ("POST /api/v1/emergencies/{id}/review", "-----p-"),
    ("GET /api/v1/audit", "-----pa"),
    ("GET /api/v1/audit.csv", "-----pa"),
    ("GET /api/v1/alarm-log", "-nsd-pa"),
    ("GET /api/v1/alarm-log.csv", "-nsd-pa"),
    ("GET /api/v1/alarm-log/statistics", "-nsd-pa"),
    ("GET /api/v1/alarm-log/week", "-nsd-pa"),
];

/// How somebody comes to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comes {
    /// With nothing.
    Unknown,
    /// As a screen of the ward, nobody signed in.
    AsScreen,
    SignedIn,
    Expired,
    /// With a session that began on a screen of the ward, from somewhere else.
    FromElsewhere,
}

/// Whether the gate lets them through.
fn passes(who: &str, role: usize, comes: Comes) -> bool {
    match (who, comes) {
        ("open", _) | ("ward", Comes::AsScreen | Comes::SignedIn) => true,
        ("ward", _) => false,
        (roles, Comes::SignedIn) => roles.as_bytes()[role] != b'-',
        _ => false,
    }
}

struct Matrix {
    running: Running,
    time: SimulatedTime,
    ward: Seat,
    screen: String,
}

impl Matrix {
    fn new() -> Matrix {
        let wall = WallTime::from_unix_ms(1_800_000_000_000);
        let time = SimulatedTime::new(BootId([1; 16]), wall);
        let clock = Clock::simulated(&time, wall);
        let mut running = Running::start_with(BootId([1; 16]), clock);
        // The core is not there: whatever gets as far as to it is answered with 503.
        drop(running.take_requests());
        drop(running.take_fitting());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let registered = running
            .desk
            .register_screen("Wall".to_owned(), By::system("root".to_owned()));
        let (token, screen) = runtime.block_on(registered).unwrap();
        Matrix {
            running,
            time,
            ward: Seat {
                screen: Some(screen.id),
                ..outside()
            },
            screen: format!("vitalpost_screen={}", token.for_cookie()),
        }
    }

    fn cookies(&self, role: Role, comes: Comes) -> String {
        let id = role.key().replace('_', "-");
        let seat = |seat: &Seat| session(&self.running.desk.seat_somebody(&id, "Somebody", &[role], seat));
        match comes {
            Comes::Unknown => String::new(),
            Comes::AsScreen => self.screen.clone(),
            Comes::SignedIn => seat(&outside()),
            Comes::FromElsewhere => seat(&self.ward),
            Comes::Expired => {
                let cookies = seat(&outside());
                self.time.pass(Duration::from_secs(15 * 60));
                cookies
            }
        }
    }

    fn ask(&mut self, route: &str, cookies: &str) -> (u16, String) {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path
            .replace("{bed}", "1")
            .replace("{id}", "nobody")
            .replace("{device}", "oxi-1");
        self.running.cookies = cookies.to_owned();
        self.running.ask(&format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n{{}}"
        ))
    }
}

#[test]
fn i9_every_route_is_written_down_here_too() {
    let table = routes::table();
    let routes: Vec<String> = table
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let expected: Vec<&str> = EXPECTED.iter().map(|(route, _)| *route).collect();
    assert_eq!(routes, expected, "a new route: who may?");
}

#[test]
fn i9_every_route_lets_through_whom_it_should_and_nobody_else() {
    let mut matrix = Matrix::new();
    for (number, role) in Role::ALL.into_iter().enumerate() {
        for comes in [
            Comes::Unknown,
            Comes::AsScreen,
            Comes::SignedIn,
            Comes::Expired,
            Comes::FromElsewhere,
        ] {
            for (route, who) in EXPECTED {
                // Anew each time: signing out is one of the routes.
                let cookies = matrix.cookies(role, comes);
                let (status, answer) = matrix.ask(route, &cookies);
                let expected = passes(who, number, comes);
                let is_signed_in = comes == Comes::SignedIn;
                let told = format!("{route} {role:?} {comes:?}: {answer}");
                match (expected, is_signed_in) {
                    // What is wrong with the question, or that the core is not there, is said behind the gate.
                    (true, _) => assert!(![401, 403, 500].contains(&status), "{told}"),
                    (false, true) => assert_eq!(status, 403, "{told}"),
                    (false, false) => {
                        assert_eq!(status, 401, "{told}");
                        let body = answer.split_once("\r\n\r\n").unwrap().1;
                        assert_eq!(body, r#"{"error":"sign in first"}"#, "says nothing else");
                    }
                }
            }
        }
    }
}

#[test]
fn i9_what_one_may_is_what_the_session_says() {
    let mut matrix = Matrix::new();
    let mut allowed = BTreeMap::new();
    for role in Role::ALL {
        let cookies = matrix.cookies(role, Comes::SignedIn);
        let (_, answer) = matrix.ask("GET /api/v1/session", &cookies);
        let told: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(told["person"]["roles"], serde_json::json!([role.key()]));
        allowed.insert(role, told["person"]["may"].as_array().unwrap().len());
    }
    assert_eq!(
        allowed.into_values().collect::<Vec<_>>(),
        [2, 14, 22, 18, 7, 5, 3]
    );
}
