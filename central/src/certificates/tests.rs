//! What the command makes must work for mutual TLS exactly as link and broker use it, and give nobody more than that.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

use super::*;

const NOW: WallTime = WallTime::from_unix_ms(1_795_000_000_000);

fn order(dir: &Path, posts: &[&str]) -> Order {
    Order {
        dir: dir.to_owned(),
        server_names: vec!["broker.example".into(), "192.0.2.7".into()],
        posts: posts.iter().map(|post| post.parse().unwrap()).collect(),
        sensors: Vec::new(),
    }
}

/// Certificates are checked against the real clock of the machine, so these are made for it.
fn make_now(dir: &Path, posts: &[&str]) -> Vec<Made> {
    make(&order(dir, posts), crate::clock::Clock.wall()).unwrap()
}

/// One TLS handshake in memory: a client with `name`'s pair from `client_dir` against the broker of `dir`.
fn handshake(dir: &Path, client_dir: &Path, name: &str, host: &str) -> Result<(), rustls::Error> {
    let provider = Arc::new(ring::default_provider());
    let roots = Arc::new(link::trusted_roots(&dir.join("ca.pem")).unwrap());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider.clone());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            link::certificates(&dir.join("broker.pem")).unwrap(),
            link::private_key(&dir.join("broker.key")).unwrap(),
        )?;
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(link::trusted_roots(&client_dir.join("ca.pem")).unwrap())
        .with_client_auth_cert(
            link::certificates(&client_dir.join(format!("{name}.pem"))).unwrap(),
            link::private_key(&client_dir.join(format!("{name}.key"))).unwrap(),
        )?;
    let host = ServerName::try_from(host.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), host)?;
    let mut server = ServerConnection::new(Arc::new(server))?;
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(())
}

#[test]
fn post_and_centre_reach_the_broker_by_every_name_and_nobody_elses_certificate_does() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_now(ours.path(), &["demo"]);
    make_now(theirs.path(), &["demo"]);
    for name in ["demo", "centre"] {
        for host in ["broker.example", "192.0.2.7", "localhost", "127.0.0.1"] {
            handshake(ours.path(), ours.path(), name, host).unwrap();
        }
    }
    assert!(handshake(ours.path(), ours.path(), "demo", "elsewhere.example").is_err());
    // A broker's certificate is none for a client.
    assert!(handshake(ours.path(), ours.path(), "broker", "localhost").is_err());
    // A post of another authority that pretends to trust ours.
    fs::copy(ours.path().join("ca.pem"), theirs.path().join("ca.pem")).unwrap();
    assert!(handshake(ours.path(), theirs.path(), "demo", "localhost").is_err());
}

#[test]
fn private_keys_are_readable_by_their_owner_only() {
    let dir = tempfile::tempdir().unwrap();
    make_now(dir.path(), &["demo"]);
    for name in ["ca", "broker", "centre", "demo"] {
        let mode = fs::metadata(dir.path().join(format!("{name}.key")))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}.key");
    }
}

#[test]
fn running_it_again_keeps_every_file_and_adds_only_the_new_post() {
    let dir = tempfile::tempdir().unwrap();
    make_now(dir.path(), &["demo"]);
    let before = fs::read(dir.path().join("demo.pem")).unwrap();
    // The authority's key may be kept elsewhere as long as nothing must be signed.
    let (key, safe) = (dir.path().join("ca.key"), dir.path().join("safe.key"));
    fs::rename(&key, &safe).unwrap();
    assert!(make_now(dir.path(), &["demo"]).iter().all(|made| !made.new));
    let error = make(&order(dir.path(), &["hill"]), NOW).unwrap_err();
    assert!(error.to_string().contains("ca.key"), "{error}");
    fs::rename(&safe, &key).unwrap();
    let new: Vec<PathBuf> = make_now(dir.path(), &["demo", "hill"])
        .into_iter()
        .filter_map(|made| made.new.then_some(made.file))
        .collect();
    assert_eq!(new, vec![dir.path().join("hill.pem")]);
    assert_eq!(fs::read(dir.path().join("demo.pem")).unwrap(), before);
    handshake(dir.path(), dir.path(), "hill", "localhost").unwrap();
}

#[test]
fn half_a_pair_a_reserved_id_and_a_name_that_cannot_be_are_named() {
    let dir = tempfile::tempdir().unwrap();
    make(&order(dir.path(), &["demo"]), NOW).unwrap();
    fs::remove_file(dir.path().join("demo.key")).unwrap();
    let error = make(&order(dir.path(), &["demo"]), NOW).unwrap_err();
    assert!(matches!(error, CertificateError::HalfPair { .. }));
    assert!(error.to_string().contains("demo.key"), "{error}");
    let error = make(&order(dir.path(), &["centre"]), NOW).unwrap_err();
    assert!(matches!(error, CertificateError::ReservedPost(_)));

    let fresh = tempfile::tempdir().unwrap();
    let mut wrong = order(fresh.path(), &[]);
    wrong.server_names = vec!["brokér".into()];
    let error = make(&wrong, NOW).unwrap_err();
    assert!(matches!(error, CertificateError::Name { .. }), "{error}");
}

#[test]
fn a_sensor_gets_a_certificate_that_names_it_and_its_post() {
    use x509_parser::prelude::{FromDer, X509Certificate};
    let dir = tempfile::tempdir().unwrap();
    let mut wanted = order(dir.path(), &["north"]);
    wanted.sensors = vec!["north/band-1".parse().unwrap()];
    make(&wanted, crate::clock::Clock.wall()).unwrap();
    handshake(dir.path(), dir.path(), "band-1@north", "localhost").unwrap();
    let chain = link::certificates(&dir.path().join("band-1@north.pem")).unwrap();
    let (_, certificate) = X509Certificate::from_der(&chain[0]).unwrap();
    assert_eq!(
        certificate.subject().to_string(),
        "O=Vitalpost, OU=sensor, CN=north/sensor/band-1"
    );
}

#[test]
fn what_names_no_sensor_is_refused() {
    for bad in [
        "band-1",
        "north/",
        "/band-1",
        "north/a/b",
        "north/a b",
        &format!("north/{}", "x".repeat(52)),
    ] {
        let error = bad.parse::<Sensor>().unwrap_err();
        assert!(error.to_string().contains("POST/DEVICE"), "{error}");
    }
    assert!(format!("north/{}", "x".repeat(51)).parse::<Sensor>().is_ok());
}
