//! Ports, certificates, TLS.

use super::*;

#[test]
fn a_taken_port_and_unusable_certificates_are_named() {
    let bench = Bench::new();
    let site = || site(&bench.office);
    let taken = start(
        &config(&bench.address.to_string()),
        site(),
        beat(),
        CancellationToken::new(),
    )
    .unwrap_err();
    assert!(
        taken.to_string().contains(&bench.address.port().to_string()),
        "{taken}"
    );
    let mut secure = config("127.0.0.1:0");
    (secure.certificate, secure.key) = (
        Some("/nonexistent/web.pem".into()),
        Some("/nonexistent/web.key".into()),
    );
    let missing = start(&secure, site(), beat(), CancellationToken::new()).unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("web.certificate: /nonexistent/web.pem"),
        "{missing}"
    );
}

#[test]
fn the_page_is_served_over_tls_with_the_configured_certificate() {
    use crate::certificates::{self, Order};
    let dir = tempfile::tempdir().unwrap();
    let order = Order {
        dir: dir.path().to_owned(),
        server_names: vec![],
        posts: vec![],
        sensors: vec![],
    };
    certificates::make(&order, Clock.wall()).unwrap();
    let office = Office::new();
    let mut secure = config("127.0.0.1:0");
    (secure.certificate, secure.key) = (
        Some(dir.path().join("broker.pem")),
        Some(dir.path().join("broker.key")),
    );
    let stop = CancellationToken::new();
    let address = start(&secure, site(&office), beat(), stop.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(link::trusted_roots(&dir.path().join("ca.pem")).unwrap())
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(client), name).unwrap();
    let tcp = TcpStream::connect(address).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, tcp);
    stream
        .write_all(b"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "200");
    stop.cancel();
}
