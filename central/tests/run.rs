//! A whole centre in this process, on real sockets and a real file; only the broker is missing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use central::app::{self, RunError};
use central::certificates::{self, Order};
use central::clock::Clock;
use central::config::Config;
use central::store::StoreError;
use tokio_util::sync::CancellationToken;

/// A port that nobody listens on.
fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a machine has a free port")
}

fn config(folder: &Path, web: SocketAddr) -> Config {
    let order = Order {
        dir: folder.join("certificates"),
        server_names: vec!["localhost".into()],
        posts: vec![],
        sensors: vec![],
    };
    certificates::make(&order, Clock.wall()).expect("a fresh folder takes certificates");
    let sample = include_str!("../vitalpost-central.sample.toml")
        .replace("/var/lib/vitalpost/central.redb", "central.redb")
        .replace("127.0.0.1:8090", &web.to_string())
        .replace("8883", &free_port().port().to_string());
    let file = folder.join("central.toml");
    std::fs::write(&file, sample).expect("a fresh folder takes a file");
    Config::load(&file).expect("the sample loads")
}

async fn get(address: SocketAddr, path: &'static str) -> String {
    let ask = move || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok::<_, std::io::Error>(answer)
    };
    let answered = tokio::task::spawn_blocking(ask).await;
    answered.expect("asking does not panic").unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_centre_without_a_broker_serves_its_page_says_so_and_stops_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let web = free_port();
    let config = config(folder.path(), web);
    let stop = CancellationToken::new();
    let running = tokio::spawn(app::run(config.clone(), None, stop.clone()));

    let mut picture = String::new();
    for _ in 0..200 {
        picture = get(web, "/api/v1/centre").await;
        if picture.contains("broker_unreachable") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(picture.contains("\"broker_unreachable\""), "{picture}");
    assert!(picture.contains("connection refused"), "{picture}");
    assert!(get(web, "/").await.starts_with("HTTP/1.1 200"));

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
