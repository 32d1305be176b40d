//! The interface over real sockets: what a browser, a script and an attacker get.

mod commands;
mod deeds;
mod duty;
mod listening;
mod live;
mod who;

use std::io::{Read, Write};
use std::net::TcpStream;

use health::Health;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;
use vitals::wire::{Block, CommandKind, Envelope, PostStatus};
use vitals::{BootId, Code, Decimal, Epoch, Lane, MonoTime, Observation, Reading, Record, Seq, WallTime};

use super::*;
use crate::access::Token;
use crate::access::policy::Role;
use crate::access::testing::Office;
use crate::centre::CommandError;
use crate::store::Arrived;
use crate::view::{BedView, PostView};
use crate::wards::CommandRefused;

/// A page server whose heart is the test.
pub(super) struct Bench {
    pub(super) address: SocketAddr,
    view: watch::Sender<Arc<View>>,
    requests: Option<Receiver<CommandRequest>>,
    of_duty: Option<Receiver<DutyRequest>>,
    stop: CancellationToken,
    office: Office,
    /// As whom requests are made; nobody without.
    token: Option<Token>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Bench {
    /// Requests are a doctor's.
    pub(super) fn new() -> Bench {
        let office = Office::new();
        let (token, _) = office.person("rao", "Dr Rao", Role::Doctor);
        let mut bench = Bench::of(office);
        bench.token = Some(token);
        bench
    }

    /// Requests are nobody's.
    fn of(office: Office) -> Bench {
        office.store.apply(&[readings()]).unwrap();
        let (view, receiver) = watch::channel(Arc::new(View::default()));
        let (ask, requests) = mpsc::channel(1);
        let (ask_duty, of_duty) = mpsc::channel(1);
        let stop = CancellationToken::new();
        let site = Site {
            view: receiver,
            ask,
            ask_duty,
            ..site(&office)
        };
        Bench {
            address: start(&config("127.0.0.1:0"), site, beat(), stop.clone()).unwrap(),
            view,
            requests: Some(requests),
            of_duty: Some(of_duty),
            stop,
            office,
            token: None,
        }
    }

    /// The header by which the browser is known.
    fn cookie(&self) -> String {
        self.token.as_ref().map_or(String::new(), |token| {
            format!("Cookie: other=1; {}={}\r\n", guard::COOKIE, token.for_cookie())
        })
    }

    fn show(&self, centre: &str) {
        self.view.send_replace(Arc::new(View {
            centre: centre.into(),
            posts: vec![PostView {
                id: "demo".parse().unwrap(),
                name: "Demo".into(),
                said: PostStatus::Online,
                heartbeat: None,
                silent_since: None,
                behind: 3,
                gap: None,
                outages: vec![],
                sent: vec![],
                beds: vec![BedView {
                    id: "1".parse().unwrap(),
                    label: "Bed 1".into(),
                    values: vec![],
                    chart: None,
                }],
            }],
            ..View::default()
        }));
    }

    /// Sends raw bytes and reads until the server closes.
    fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8(answer).unwrap()
    }

    pub(super) fn get(&self, path: &str) -> String {
        let (host, cookie) = (self.address, self.cookie());
        self.raw(&format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}\r\n"
        ))
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> String {
        let (host, length, cookie) = (self.address, body.len(), self.cookie());
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{cookie}{headers}\r\n{body}"
        ))
    }

    /// Answers every request for a "seen" like the heart would.
    fn answer_seen(&mut self, answer: Result<u128, CommandError>) -> thread::JoinHandle<Vec<String>> {
        let mut requests = self.requests.take().unwrap();
        thread::spawn(move || {
            let mut names = Vec::new();
            while let Some(request) = requests.blocking_recv() {
                names.push(match request.kind {
                    CommandKind::Seen { by, by_id, .. } => format!("{by} ({})", by_id.unwrap_or_default()),
                    other => format!("{other:?}"),
                });
                request.reply.send(answer.clone()).unwrap();
            }
            names
        })
    }
}

/// Of a page that nobody watches.
fn beat() -> Beat {
    Health::default().task("web", Duration::from_secs(15), Clock.mono())
}

fn site(office: &Office) -> Site {
    Site {
        name: "Test centre".into(),
        desk: office.desk.clone(),
        book: office.book.clone(),
        view: watch::channel(Arc::default()).1,
        ask: mpsc::channel(1).0,
        ask_duty: mpsc::channel(1).0,
        store: office.store.clone(),
        clock: Clock,
        pages: Pages::new(None),
    }
}

fn config(listen: &str) -> WebConfig {
    WebConfig {
        listen: listen.parse().unwrap(),
        certificate: None,
        key: None,
    }
}

fn readings() -> Arrived {
    let reading = |ms: u64| {
        Record::Reading(Reading {
            device: "oxi-1".parse().unwrap(),
            bed: Some("1".parse().unwrap()),
            admission: None,
            at: MonoTime::from_ms(ms),
            seen: Observation::value(Code::Spo2, Decimal::whole(if ms == 2 { 0 } else { 97 })),
        })
    };
    let block = Block {
        boot: BootId([1; 16]),
        records: (1..=5).map(reading).collect(),
    };
    Arrived {
        envelope: Envelope {
            post: "demo".parse().unwrap(),
            epoch: Epoch(0x1_0000_00ab),
            lane: Lane::Vitals,
            first: Seq(1),
            count: 5,
            block: block.encode(),
        },
        block,
        received: WallTime::from_unix_ms(1_795_000_000_000),
    }
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

const SEEN: &str = "/api/v1/alerts/demo/00000001000000ab-3/seen";

#[test]
fn the_page_and_the_picture_come_with_headers_that_keep_a_browser_honest() {
    let bench = Bench::new();
    bench.show("Telemedicine centre");
    let page = bench.get("/");
    assert_eq!(status(&page), "200");
    for header in [
        "content-security-policy: default-src 'self'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "etag: ",
        "cache-control: no-cache",
    ] {
        assert!(page.contains(header), "{header} is not in {page}");
    }
    let picture = bench.get("/api/v1/centre");
    assert!(picture.contains("cache-control: no-store"));
    let json: Value = serde_json::from_str(body(&picture)).unwrap();
    assert_eq!(json["type"], "snapshot");
    assert_eq!(json["centre"], "Telemedicine centre");
    assert_eq!(json["posts"][0]["status"], "lost");
    assert_eq!(json["posts"][0]["behind"], 3);
    assert!(json["wall_ms"].as_i64().unwrap() > 1_700_000_000_000);
}

#[test]
fn unknown_paths_and_methods_are_refused_in_words() {
    let bench = Bench::new();
    for path in ["/api", "/api/v1/nothing"] {
        let answer = bench.get(path);
        assert_eq!(status(&answer), "404");
        assert!(body(&answer).starts_with("{\"error\":"), "{answer}");
    }
    assert_eq!(status(&bench.get("/../../etc/passwd")), "404");
    assert_eq!(status(&bench.post("/", "", "{}")), "405");
}

#[test]
fn i9_a_seen_is_the_signed_in_doctors_and_a_body_that_says_who_is_refused() {
    let mut bench = Bench::new();
    let heart = bench.answer_seen(Ok(0xab));
    let accepted = bench.post(SEEN, "", "{}");
    assert_eq!(status(&accepted), "202", "{accepted}");
    assert_eq!(
        body(&accepted),
        r#"{"command":"000000000000000000000000000000ab"}"#
    );
    for bad in [r#"{"by":"Dr Sen"}"#, r#"{"to":"b"}"#, "nonsense"] {
        let refused = bench.post(SEEN, "", bad);
        assert_eq!(status(&refused), "422", "{bad}: {refused}");
        assert!(body(&refused).starts_with("{\"error\":"), "{refused}");
    }
    assert_eq!(status(&bench.post("/api/v1/alerts/demo/3/seen", "", "{}")), "404");
    let huge = format!(r#"{{"a":"{}"}}"#, "x".repeat(5_000));
    assert_eq!(status(&bench.post(SEEN, "", &huge)), "413");
    let (host, cookie) = (bench.address, bench.cookie());
    let form = bench.raw(&format!(
        "POST {SEEN} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: text/plain\r\n{cookie}Content-Length: 2\r\n\r\n{{}}"
    ));
    assert_eq!(status(&form), "422");
    let bare = bench.raw(&format!(
        "POST {SEEN} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}\r\n"
    ));
    assert_eq!(status(&bare), "202", "nothing needs to be said: {bare}");
    drop(bench);
    assert_eq!(heart.join().unwrap(), vec!["Dr Rao (rao)"; 2]);
}

#[test]
fn what_the_heart_refuses_reaches_the_doctor_as_a_status_and_a_sentence() {
    for (answer, expected) in [
        (CommandError::Refused(CommandRefused::UnknownAlarm), "404"),
        (CommandError::Refused(CommandRefused::TooManySeen), "422"),
        (CommandError::NotSaved("disk full".into()), "503"),
    ] {
        let mut bench = Bench::new();
        let text = answer.to_string();
        let _heart = bench.answer_seen(Err(answer));
        let refused = bench.post(SEEN, "", "{}");
        assert_eq!(status(&refused), expected);
        let json: Value = serde_json::from_str(body(&refused)).unwrap();
        assert_eq!(json["error"], text);
    }
}

#[test]
fn i9_a_page_of_another_origin_can_neither_act_nor_listen() {
    let mut bench = Bench::new();
    let heart = bench.answer_seen(Ok(1));
    let evil = "Origin: https://evil.example\r\n";
    assert_eq!(status(&bench.post(SEEN, evil, "{}")), "403");
    let host = bench.address;
    let upgrade = format!(
        "GET /api/v1/live HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    assert_eq!(
        status(&bench.raw(&format!("{upgrade}{evil}Connection: close\r\n\r\n"))),
        "403"
    );
    let own = format!("Origin: http://{host}\r\n");
    assert_eq!(status(&bench.post(SEEN, &own, "{}")), "202");
    drop(bench);
    assert_eq!(heart.join().unwrap(), vec!["Dr Rao (rao)"]);
}

#[test]
fn i9_on_loopback_a_foreign_name_that_leads_here_gets_nothing() {
    let bench = Bench::new();
    bench.show("Telemedicine centre");
    let port = bench.address.port();
    for path in [
        "/",
        "/api/v1/centre",
        "/api/v1/live",
        "/api/v1/records?post=demo&lane=vitals",
    ] {
        let cookie = bench.cookie();
        let foreign =
            format!("GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n{cookie}\r\n");
        let refused = bench.raw(&foreign);
        assert_eq!(status(&refused), "421", "{path}");
        assert!(body(&refused).starts_with("{\"error\":"), "{refused}");
    }
    for host in ["localhost", "127.0.0.1:1", "[::1]:8090"] {
        let cookie = bench.cookie();
        let own = format!("GET /api/v1/centre HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}\r\n");
        assert_eq!(status(&bench.raw(&own)), "200", "{host}");
    }
}

#[test]
fn records_come_as_json_lines_from_a_place_on_and_never_more_than_asked_for() {
    let bench = Bench::new();
    let all = bench.get("/api/v1/records?post=demo&lane=vitals");
    assert_eq!(status(&all), "200");
    let lines: Vec<Value> = body(&all)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines
            .iter()
            .map(|line| line["seq"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        vec![1, 2, 3, 4, 5]
    );
    assert_eq!(lines[0]["epoch"], "00000001000000ab");
    assert_eq!(
        (&lines[0]["code"], &lines[0]["value"]),
        (&"spo2".into(), &"97".into())
    );
    assert_eq!(
        (&lines[1]["value"], &lines[1]["reason"]),
        (&Value::Null, &"not_measured".into())
    );
    assert_eq!(lines[4]["at_ns"], 5_000_000);
    let some = bench.get("/api/v1/records?post=demo&lane=vitals&epoch=00000001000000ab&after_seq=2&max=2");
    let seqs: Vec<Value> = body(&some)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["seq"].clone())
        .collect();
    assert_eq!(seqs, vec![3, 4]);
    assert_eq!(body(&bench.get("/api/v1/records?post=demo&lane=alerts")), "");
    for bad in [
        "",
        "?post=demo",
        "?post=a/b&lane=vitals",
        "?post=demo&lane=rumours",
        "?post=demo&lane=vitals&epoch=xyz",
        "?post=demo&lane=vitals&colour=red",
    ] {
        assert_eq!(
            status(&bench.get(&format!("/api/v1/records{bad}"))),
            "422",
            "{bad}"
        );
    }
}
