mod asking;
mod lines;
mod people;
mod roles;
mod said;
mod self_test;

use std::io::{Read, Write};
use std::net::TcpStream;

use accounts::session::Token;
use serde_json::Value;
use vitals::{BedId, Category};

use super::*;
use crate::access::Seat;
use crate::access::policy::Role;
use live::{Bed, Centre, Post, Publisher, Snapshot, Update};
use said::frame;

fn empty_bed(id: &str) -> Arc<Bed> {
    Arc::new(Bed {
        id: id.parse::<BedId>().unwrap(),
        label: format!("Bed {id}"),
        category: Category::Adult,
        device: None,
        link: None,
        link_since_ms: None,
        link_reason: None,
        device_clock_ms: None,
        device_alarms: None,
        values: Vec::new(),
        patient: live::BedPatient {
            admission: format!("unidentified-{id}").parse().unwrap(),
            known: false,
            initials: String::new(),
            results: 0,
            revision: 0,
            vacant: false,
            perhaps: None,
        },
        score: None,
    })
}

/// A bed's SpO2 alarm that is not over; so low it was.
pub(super) fn open_alarm(id: vitals::AlarmId, worst: i64) -> live::Alarm {
    let condition: vitals::Condition = "limit.spo2.low".parse().unwrap();
    live::Alarm {
        id,
        priority: vitals::Priority::High,
        kind: condition.rule().kind,
        condition,
        phase: vitals::AlarmPhase::Active,
        sounds: true,
        flashes: true,
        bed: Some("1".parse().unwrap()),
        value: Some(vitals::Decimal::whole(worst)),
        limit: Some(vitals::Decimal::whole(90)),
        device: None,
        unit: String::new(),
        text: String::new(),
        earlier_patient: false,
        crossed_ms: None,
        onset_ms: None,
        onsets: 1,
        again_ms: None,
        recalled: None,
        calls_again_ms: None,
        acknowledged_by: None,
        seen: Vec::new(),
        delivery: live::Delivery::NoCentre,
        delivery_ms: None,
        steps: Vec::new(),
        responsible: None,
        undelivered: Vec::new(),
    }
}

fn demo() -> Post {
    let id = "demo".parse().unwrap();
    let name = "Demo".to_owned();
    Post { id, name }
}

/// What a page on loopback never makes.
fn own_certificate() -> Certificate {
    Certificate::Own(Own {
        folder: PathBuf::from("/nowhere"),
        post: "demo".parse().unwrap(),
    })
}

pub(super) type Told = Arc<std::sync::Mutex<Vec<String>>>;

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) store: Store,
    pub(super) history: history::History,
    /// What the audit was told, by action and subject.
    pub(super) told: Told,
    _folder: tempfile::TempDir,
    publisher: Publisher,
    requests: mpsc::Receiver<Request>,
    fitted: mpsc::Receiver<FittingRequest>,
    pub(super) desk: Desk,
    pub(super) audible: Audible,
    /// Sent along with what is asked: of a senior nurse, unless it is changed.
    pub(super) cookies: String,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// An address of nobody in particular: where tests sit.
pub(super) fn outside() -> Seat {
    Seat {
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        screen: None,
    }
}

/// Notes what the audit is told.
fn noting(told: &Told) -> crate::access::Tell {
    let told = Arc::clone(told);
    Box::new(move |telling| {
        let deed = format!("{} {}", telling.action, telling.subject);
        told.lock().unwrap().push(deed);
        true
    })
}

impl Running {
    pub(super) fn start() -> Running {
        Running::start_in_boot(vitals::BootId([1; 16]))
    }

    pub(super) fn start_in_boot(boot: vitals::BootId) -> Running {
        Running::start_with(boot, Clock::system().unwrap())
    }

    pub(super) fn start_with(boot: vitals::BootId, clock: Clock) -> Running {
        Running::start_on(boot, clock, "127.0.0.1:0", own_certificate())
    }

    pub(super) fn start_listening(listen: &str, certificate: Certificate) -> Running {
        let clock = Clock::system().unwrap();
        Running::start_on(vitals::BootId([1; 16]), clock, listen, certificate)
    }

    fn start_on(boot: vitals::BootId, clock: Clock, listen: &str, certificate: Certificate) -> Running {
        let folder = tempfile::tempdir().unwrap();
        let store_options = crate::store::StoreOptions::at(folder.path().join("store.redb"));
        let (store, _) = Store::open(&store_options, boot, vitals::MonoTime::BOOT, 1).unwrap();
        let history = history::History::new(store.clone());
        let options = WebOptions {
            listen: listen.parse().unwrap(),
            certificate,
            ui_dir: None,
        };
        let bound = bind(&options, Clock::system().unwrap()).unwrap();
        let address = bound.address();
        let centre = Centre {
            state: live::WayState::NotConfigured,
            since_ms: 0,
            waiting: 0,
            name: None,
            problem: None,
        };
        let beds = vec![empty_bed("1"), empty_bed("2")];
        let (publisher, feed) = live::channel(Snapshot::first(demo(), beds, Arc::new(centre)));
        let ((sender, requests), (fitting, fitted)) = (mpsc::channel(1), mpsc::channel(1));
        let stop = CancellationToken::new();
        let desk_options = crate::access::DeskOptions {
            networks: Vec::new(),
            folder: folder.path().to_owned(),
            seal: None,
            place: "Demo".to_owned(),
        };
        let told = Told::default();
        let (desk, _, _) = Desk::open_quietly(desk_options, clock, noting(&told), stop.clone()).unwrap();
        let token = desk.seat_somebody("grace", "Grace", &[Role::SeniorNurse], &outside());
        let audible = Audible::default();
        let beat = health::Health::default().task("web", Duration::from_secs(15), clock.now());
        let sources = Sources {
            feed,
            requests: sender,
            store: store.clone(),
            lines: Arc::new(|| vec![lines::a_line()]),
            fitting,
            self_test: self_test::runner(folder.path(), clock),
            desk: desk.clone(),
            audible: audible.clone(),
        };
        let thread = serve_with(bound, sources, history.clone(), clock, beat, stop.clone()).unwrap();
        Running {
            address,
            store,
            history,
            told,
            _folder: folder,
            publisher,
            requests,
            fitted,
            desk,
            audible,
            cookies: session(&token),
            stop,
            thread: Some(thread),
        }
    }

    /// The core's end of what is asked.
    pub(super) fn take_requests(&mut self) -> mpsc::Receiver<Request> {
        std::mem::replace(&mut self.requests, mpsc::channel(1).1)
    }

    /// The fitter's end of what is asked.
    pub(super) fn take_fitting(&mut self) -> mpsc::Receiver<FittingRequest> {
        std::mem::replace(&mut self.fitted, mpsc::channel(1).1)
    }

    pub(super) fn publish(&self, update: Update) {
        self.publisher.publish(update);
    }

    pub(super) fn ask(&self, request: &str) -> (u16, String) {
        let mut stream = self.connect();
        let (first, rest) = request.split_once("\r\n").unwrap();
        let request = format!("{first}\r\n{}{rest}", self.cookie_line());
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        if let (Some((method, rest)), Some((_, body))) =
            (first.split_once(' '), answer.split_once("\r\n\r\n"))
        {
            document::tests::holds(method, rest.split(' ').next().unwrap(), status, body);
        }
        (status, answer)
    }

    fn cookie_line(&self) -> String {
        match self.cookies.as_str() {
            "" => String::new(),
            cookies => format!("Cookie: {cookies}\r\n"),
        }
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    fn socket(&self, origin: &str) -> (TcpStream, String) {
        let mut stream = self.connect();
        let request = format!(
            "GET /api/v1/live HTTP/1.1\r\nHost: {0}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{1}\r\n",
            self.address,
            self.cookie_line()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        (stream, String::from_utf8(head).unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap();
    }
}

pub(super) fn session(token: &Token) -> String {
    format!("vitalpost_session={}", token.for_cookie())
}

/// The next text frame of a server (never masked).
#[test]
fn w1_a_page_gets_a_snapshot_and_then_numbered_replacements_of_what_changed() {
    let running = Running::start();
    let (mut page, _) = running.socket(&format!("http://{}", running.address));
    let first = frame(&mut page);
    assert_eq!((&first["type"], &first["seq"]), (&"snapshot".into(), &0.into()));
    assert_eq!(first["beds"][1]["label"], "Bed 2");
    running.publisher.publish(Update::Bed { bed: empty_bed("2") });
    let changed = Bed {
        label: "Window".to_owned(),
        ..(*empty_bed("2")).clone()
    };
    running.publisher.publish(Update::Bed {
        bed: Arc::new(changed),
    });
    let next = frame(&mut page);
    assert_eq!(
        (&next["type"], &next["seq"], &next["bed"]["label"]),
        (&"bed".into(), &1.into(), &"Window".into())
    );
    let (_, ward) = running.ask("GET /api/v1/ward HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(ward.contains("\"label\":\"Window\""), "{ward}");
}

#[test]
fn w2_beats_come_only_from_the_core() {
    let running = Running::start();
    let (mut page, _) = running.socket(&format!("http://{}", running.address));
    frame(&mut page);
    page.set_read_timeout(Some(Duration::from_millis(2_500))).unwrap();
    assert!(
        page.read(&mut [0]).is_err(),
        "the server must not invent a beat while the core is silent"
    );
}

#[test]
fn a_taken_port_is_one_clear_sentence() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = holder.local_addr().unwrap();
    let options = WebOptions {
        listen,
        certificate: own_certificate(),
        ui_dir: None,
    };
    let refused = bind(&options, Clock::system().unwrap()).unwrap_err().to_string();
    assert!(
        refused.contains(&listen.to_string()) && refused.contains("another program"),
        "{refused}"
    );
}

#[test]
fn a_certificate_that_is_none_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let try_bind = || {
        let pair = Pair {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        let options = WebOptions {
            listen: "127.0.0.1:0".parse().unwrap(),
            certificate: Certificate::Given(pair),
            ui_dir: None,
        };
        bind(&options, Clock::system().unwrap()).unwrap_err().to_string()
    };
    assert!(try_bind().contains("c.pem: cannot be read"), "{}", try_bind());
    std::fs::write(&certificate, "not a certificate").unwrap();
    std::fs::write(&key, "not a key").unwrap();
    assert!(
        try_bind().contains("c.pem: holds no PEM certificate"),
        "{}",
        try_bind()
    );
}

#[test]
fn an_acknowledgement_from_another_site_is_refused_and_ours_reaches_the_core() {
    let mut running = Running::start();
    let body = "{}";
    let post = |origin: &str, path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost:8080\r\nOrigin: {origin}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let path = "/api/v1/alarms/0000000100000007-3/acknowledge";
    assert_eq!(running.ask(&post("http://evil.example", path)).0, 403);
    assert_eq!(
        running
            .ask(&post(
                "http://localhost:8080",
                "/api/v1/alarms/nonsense/acknowledge"
            ))
            .0,
        404
    );
    assert!(running.requests.try_recv().is_err(), "nothing reached the core");
    let core = std::thread::spawn({
        let mut requests = running.take_requests();
        move || {
            let Some(Request::Acknowledge { alarm, by, answer }) = requests.blocking_recv() else {
                panic!()
            };
            answer
                .send(Err(::alarms::AcknowledgeError::NotOpen(alarm)))
                .unwrap();
            by.name().to_owned()
        }
    });
    let (status, answer) = running.ask(&post("http://localhost:8080", path));
    assert_eq!((status, core.join().unwrap().as_str()), (404, "Grace"));
    assert!(answer.contains("may have ended by itself"), "{answer}");
}

#[test]
fn a_socket_from_another_site_is_refused() {
    let running = Running::start();
    let (_, head) = running.socket("http://evil.example");
    assert!(head.starts_with("HTTP/1.1 403"), "{head}");
}

#[test]
fn i10_a_page_that_does_not_read_is_cut_off_and_the_core_never_waits() {
    let running = Running::start();
    let (page, _) = running.socket(&format!("http://{}", running.address));
    for round in 0..200_000u32 {
        let bed = Bed {
            label: format!("{round} {}", "x".repeat(200)),
            ..(*empty_bed("1")).clone()
        };
        running.publisher.publish(Update::Bed { bed: Arc::new(bed) });
    }
    // Publishing 40 MB to a page that reads nothing came to an end: nobody waited. The page is cut off.
    let mut page = page;
    let mut rest = Vec::new();
    let ended = page.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|e| e.kind() == io::ErrorKind::ConnectionReset));
    assert!(
        rest.len() < 40_000_000,
        "{} bytes were queued for a page that does not read",
        rest.len()
    );
}

#[test]
fn answers_say_that_only_our_own_files_may_run_in_the_page_and_the_page_needs_nothing_else() {
    let running = Running::start();
    let ask = |path: &str| {
        running.ask(&format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ))
    };
    for (path, status) in [
        ("/", 200),
        ("/api/v1/ward", 200),
        ("/api/nothing", 404),
        ("/no", 404),
    ] {
        let (answered, answer) = ask(path);
        assert_eq!(answered, status, "{path}");
        let policy = answer
            .lines()
            .find(|line| line.starts_with("content-security-policy: "));
        let policy = policy.unwrap_or_else(|| panic!("no policy for {path}"));
        assert!(policy.contains("default-src 'self'"), "{policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("-src *"),
            "{policy}"
        );
    }
    let (_, page) = ask("/");
    let inline = |tag: &str| {
        let from = |at: usize| page[at..].split_once('>').map_or("", |(tag, _)| tag);
        page.match_indices(tag)
            .filter(|(at, _)| !from(*at).contains("src="))
            .count()
    };
    assert_eq!(
        (inline("<script"), page.matches("<style").count()),
        (0, 0),
        "{page}"
    );
}
