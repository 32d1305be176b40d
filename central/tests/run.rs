//! A whole centre in this process, on real sockets and a real file; only the broker is missing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use accounts::totp::TotpSecret;
use central::access::direct;
use central::access::local::{self, Asked};
use central::access::manage::Order;
use central::access::policy::Role;
use central::app::{self, RunError};
use central::certificates;
use central::clock::Clock;
use central::config::Config;
use central::store::StoreError;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// A port that nobody listens on.
fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a machine has a free port")
}

fn config(folder: &Path, web: SocketAddr) -> Config {
    let order = certificates::Order {
        dir: folder.join("certificates"),
        server_names: vec!["localhost".into()],
        posts: vec![],
        sensors: vec![],
    };
    certificates::make(&order, Clock.wall()).expect("a fresh folder takes certificates");
    let sample = include_str!("../vitalpost-central.sample.toml")
        .replace("/var/lib/vitalpost-central/central.redb", "central.redb")
        .replace("127.0.0.1:8090", &web.to_string())
        .replace("8883", &free_port().port().to_string());
    let file = folder.join("central.toml");
    std::fs::write(&file, sample).expect("a fresh folder takes a file");
    Config::load(&file).expect("the sample loads")
}

async fn get(address: SocketAddr, path: &'static str, cookie: &str) -> String {
    call(
        address,
        format!("GET {path} HTTP/1.1\r\nCookie: {cookie}"),
        String::new(),
    )
    .await
}

async fn post(address: SocketAddr, path: &'static str, body: &Value) -> String {
    let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json");
    call(address, head, body.to_string()).await
}

async fn call(address: SocketAddr, head: String, body: String) -> String {
    let ask = move || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "{head}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    let answered = tokio::task::spawn_blocking(ask).await;
    answered.expect("asking does not panic").unwrap_or_default()
}

/// What `vitalpost-central user` or `audit` prints.
async fn command(config: &Config, asked: Asked) -> Result<String, String> {
    let store = config.store.path.clone();
    let carried = tokio::task::spawn_blocking(move || {
        let mut out = Vec::new();
        direct::carry_out(&store, &asked, &mut out).map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).expect("it prints text"))
    });
    carried.await.expect("asking does not panic")
}

fn add(id: &str, name: &str) -> Asked {
    Asked::User(Order::Add {
        id: id.into(),
        name: name.into(),
        roles: vec![Role::Doctor],
    })
}

/// Begins with the code that the command line printed; the cookie of the session.
async fn begin(address: SocketAddr, id: &str, printed: &str) -> String {
    let code = printed
        .lines()
        .nth(1)
        .expect("the code is the second line")
        .trim();
    let hello = post(
        address,
        "/api/v1/begin/check",
        &json!({ "person": id, "code": code }),
    )
    .await;
    let body = hello.split("\r\n\r\n").nth(1).expect("an answer has a body");
    let hello: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{hello}"));
    let app = hello["second"]["typing"]
        .as_str()
        .and_then(TotpSecret::from_typing);
    let digits = app.expect("a secret for the app").shows(Clock.wall());
    let own = json!({ "person": id, "code": code, "password": "four calm herons wade", "digits": digits });
    let begun = post(address, "/api/v1/begin", &own).await;
    let cookie = begun.lines().find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|cookie| cookie.split(';').next());
    cookie.unwrap_or_else(|| panic!("{begun}")).to_owned()
}

async fn answers(address: SocketAddr) {
    for _ in 0..200 {
        if get(address, "/", "").await.starts_with("HTTP/1.1 200") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the page does not answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_accounts_are_made_whether_the_centre_runs_or_not_and_all_of_it_stands_in_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let web = free_port();
    let config = config(folder.path(), web);
    let before = command(&config, add("rao", "Dr Rao")).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(app::run(config.clone(), None, stop.clone()));
    answers(web).await;

    let rao = begin(web, "rao", &before).await;
    let sen = command(&config, add("sen", "Dr Sen")).await.unwrap();
    let sen = begin(web, "sen", &sen).await;
    for cookie in [&rao, &sen] {
        assert!(
            get(web, "/api/v1/centre", cookie)
                .await
                .starts_with("HTTP/1.1 200")
        );
    }
    let twice = command(&config, add("sen", "Dr Sen")).await.unwrap_err();
    assert!(twice.contains("already"), "{twice}");
    let list = command(&config, Asked::User(Order::List)).await.unwrap();
    assert_eq!(list, "rao  Dr Rao  doctor\nsen  Dr Sen  doctor\n");
    command(&config, Asked::User(Order::Disable("rao".into())))
        .await
        .unwrap();
    assert!(get(web, "/api/v1/centre", &rao).await.starts_with("HTTP/1.1 401"));

    let holds = command(&config, Asked::AuditVerify).await.unwrap();
    assert!(holds.starts_with("the audit holds: "), "{holds}");
    let socket = local::path(&config.store.path);
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "nobody else may even connect");
    stop.cancel();
    running.await.unwrap().unwrap();
    assert!(!socket.exists());

    // The web's threads let go of the store a moment after the centre has stopped.
    let csv = command(&config, Asked::AuditCsv).await.unwrap();
    let deeds: Vec<String> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split(',').collect();
            format!("{} {} {}", columns[3], columns[7], columns[9])
        })
        .collect();
    let expected = [
        "system user_add account:rao",
        "machine start ",
        "centre begin account:rao",
        "system user_add account:sen",
        "centre begin account:sen",
        "system user_add account:sen",
        "system user_disable account:rao",
        "machine stop ",
    ];
    assert_eq!(deeds, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_centre_without_a_broker_serves_its_page_says_so_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let web = free_port();
    let config = config(folder.path(), web);
    let stop = CancellationToken::new();
    let printed = command(&config, add("rao", "Dr Rao")).await.unwrap();
    let running = tokio::spawn(app::run(config.clone(), None, stop.clone()));
    answers(web).await;
    let cookie = begin(web, "rao", &printed).await;

    let mut picture = String::new();
    for _ in 0..200 {
        picture = get(web, "/api/v1/centre", &cookie).await;
        if picture.contains("broker_unreachable") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(picture.contains("\"broker_unreachable\""), "{picture}");
    assert!(picture.contains("connection refused"), "{picture}");

    // The same store cannot be used twice, and the message says what to do.
    let twice = app::run(config, None, CancellationToken::new())
        .await
        .unwrap_err();
    assert!(
        matches!(twice, RunError::Store(StoreError::InUse { .. })),
        "{twice}"
    );

    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(20), running).await;
    ended.expect("a centre stops when told").unwrap().unwrap();
}
