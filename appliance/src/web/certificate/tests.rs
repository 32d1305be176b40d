//! The page over HTTPS, with a real TLS client that trusts one certificate and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion};

use super::*;
use crate::web::tests::Running;

type Page = StreamOwned<ClientConnection, TcpStream>;

const NOW: (WallTime, ClockTrust) = (WallTime::from_unix_ms(1_800_000_000_000), ClockTrust::Holdover);

fn own(folder: &Path) -> Own {
    Own {
        folder: folder.to_owned(),
        post: "kintampo".parse().unwrap(),
    }
}

/// Everybody's network, as a page on a ward listens.
fn served(certificate: Certificate) -> (Running, SocketAddr) {
    let running = Running::start_listening("0.0.0.0:0", certificate);
    let address = format!("127.0.0.1:{}", running.address.port());
    (running, address.parse().unwrap())
}

/// Connects as a browser whose person trusts what this file holds.
fn connect(
    address: SocketAddr,
    trusted: &Path,
    name: &str,
    versions: &[&'static SupportedProtocolVersion],
) -> io::Result<Page> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(trusted).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    while client.is_handshaking() {
        client.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(client, stream))
}

fn ask(page: &mut Page) -> String {
    page.write_all(b"GET / HTTP/1.1\r\nHost: kintampo.local\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    while !answer.contains("</html>") {
        let mut chunk = [0; 4_096];
        let length = page.read(&mut chunk).unwrap();
        assert!(length > 0, "{answer}");
        answer += std::str::from_utf8(&chunk[..length]).unwrap();
    }
    answer
}

fn shown_fingerprint(page: &Page) -> String {
    fingerprint(&page.conn.peer_certificates().unwrap()[0])
}

/// A pair as a site's authority would give it.
fn given(folder: &Path) -> Pair {
    let pair = Pair {
        certificate: folder.join("site.pem"),
        key: folder.join("site.key"),
    };
    put(&pair);
    pair
}

fn put(pair: &Pair) {
    let made = rcgen::generate_simple_self_signed(["ward.example.org".to_owned()]).unwrap();
    fs::write(&pair.certificate, made.cert.pem()).unwrap();
    fs::write(&pair.key, made.signing_key.serialize_pem()).unwrap();
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..200 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{what}: not within 20 s");
}

#[test]
fn c1_a_page_on_the_network_without_a_certificate_makes_one_that_a_browser_can_trust() {
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path());
    let pair = own.pair();
    let (_running, address) = served(Certificate::Own(own));
    let mode = fs::metadata(&pair.key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    for name in [
        "localhost",
        "127.0.0.1",
        "kintampo",
        "kintampo.local",
        host.trim(),
    ] {
        let mut page = connect(address, &pair.certificate, name, &[&TLS13]).expect(name);
        assert!(ask(&mut page).starts_with("HTTP/1.1 200"));
        assert_eq!(shown_fingerprint(&page), pair.load().unwrap().fingerprint);
    }
    assert!(
        connect(address, &pair.certificate, "evil.example", &[&TLS13]).is_err(),
        "a name that is not the post's"
    );
}

#[test]
fn c1_nothing_is_answered_without_encryption() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, address) = served(Certificate::Own(own(folder.path())));
    let mut plain = TcpStream::connect(address).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    plain
        .write_all(b"GET / HTTP/1.1\r\nHost: kintampo.local\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    // However the connection ends: nothing of ours came over it.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.windows(4).any(|part| part == b"HTTP"), "{answer:?}");
}

#[test]
fn tls_1_2_is_good_enough_and_1_1_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path());
    let pair = own.pair();
    let (_running, address) = served(Certificate::Own(own));
    let mut page = connect(address, &pair.certificate, "localhost", &[&TLS12]).unwrap();
    assert!(ask(&mut page).starts_with("HTTP/1.1 200"));
    assert_eq!(answer_to_hello(address, 3)[0], 22, "TLS 1.2: a handshake goes on");
    let refused = answer_to_hello(address, 2);
    assert_eq!((refused[0], refused[6]), (21, 70), "TLS 1.1: protocol_version");
}

/// The first bytes that come back for a whole ClientHello of TLS 1.x that lacks nothing but its version.
fn answer_to_hello(address: SocketAddr, minor: u8) -> [u8; 7] {
    let mut hello = vec![0x16, 3, 1, 0, 0, 1, 0, 0, 0, 3, minor];
    hello.extend([7; 32]);
    // No session; ECDHE_ECDSA with AES_128_GCM and with AES_128_CBC; no compression.
    hello.extend([0, 0, 4, 0xc0, 0x2b, 0xc0, 0x09, 1, 0]);
    // P-256, its points as they are, ecdsa_secp256r1_sha256, extended_master_secret.
    let extensions = [
        0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3, 0, 23, 0, 0,
    ];
    hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).unwrap();
    (hello[4], hello[8]) = (length - 5, length - 9);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&hello).unwrap();
    let mut answer = [0; 7];
    stream.read_exact(&mut answer).unwrap();
    answer
}

#[test]
fn browsers_are_told_to_stay_with_https_except_on_this_machine_where_other_programs_listen_too() {
    let folder = tempfile::tempdir().unwrap();
    let pair = given(folder.path());
    let hsts = "strict-transport-security: max-age=31536000";
    let (_running, address) = served(Certificate::Given(pair.clone()));
    let mut page = connect(address, &pair.certificate, "ward.example.org", &[&TLS13]).unwrap();
    assert!(ask(&mut page).contains(hsts));
    let local = Running::start_listening("127.0.0.1:0", Certificate::Given(pair.clone()));
    let mut page = connect(local.address, &pair.certificate, "ward.example.org", &[&TLS13]).unwrap();
    page.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    page.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 200") && !answer.contains(hsts),
        "{answer}"
    );
}

#[test]
fn c2_what_the_post_made_is_kept_and_made_again_only_when_it_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path());
    let first = own.load(NOW).unwrap().fingerprint;
    assert_eq!(own.load(NOW).unwrap().fingerprint, first);
    assert_eq!(first.len(), 32 * 3 - 1);
    fs::write(own.pair().key, "cut short").unwrap();
    let second = own.load(NOW).unwrap().fingerprint;
    assert_ne!(second, first);
    assert_eq!(own.load(NOW).unwrap().fingerprint, second);
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing half-written stays: {left:?}");
}

#[test]
fn c2_a_certificate_that_ends_is_renewed_and_only_by_a_clock_that_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let own = own(folder.path());
    let first = own.load(NOW).unwrap();
    let days = |count: i64| WallTime::from_unix_ms(NOW.0.as_unix_ms() + count * 86_400_000);
    assert!(
        first.until <= days(823),
        "Apple's browsers refuse more than 825 days"
    );
    for (count, trust) in [
        (700, ClockTrust::Holdover),
        (5_000, ClockTrust::Untrusted),
        (-5_000, ClockTrust::Untrusted),
    ] {
        let same = own.load((days(count), trust)).unwrap();
        assert_eq!(same.fingerprint, first.fingerprint, "day {count}");
    }
    let mut kept = Kept::open(&Certificate::Own(own.clone()), NOW).unwrap();
    assert!(kept.look(false, NOW).is_none());
    let late = (days(800), ClockTrust::Holdover);
    assert!(kept.look(false, late).is_some(), "renewed while it runs");
    let second = own.load(late).unwrap();
    assert_eq!(second.fingerprint, kept.loaded.fingerprint);
    assert_ne!(second.fingerprint, first.fingerprint);
}

#[test]
fn c2_a_box_that_thinks_it_is_1970_makes_one_that_is_valid_today() {
    let folder = tempfile::tempdir().unwrap();
    let made = own(folder.path())
        .load((WallTime::from_unix_ms(0), ClockTrust::Untrusted))
        .unwrap();
    assert!(!made.is_out_of_date((crate::clock::BUILT, ClockTrust::Holdover)));
}

#[test]
fn c4_a_folder_that_cannot_be_written_takes_no_page_away() {
    let folder = tempfile::tempdir().unwrap();
    let own = own(&folder.path().join("gone"));
    assert!(Kept::open(&Certificate::Own(own), NOW).is_ok());
}

#[test]
fn c3_changed_files_are_taken_up_and_broken_ones_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let pair = given(folder.path());
    let (_running, address) = served(Certificate::Given(pair.clone()));
    let open = |trusted: &Path| connect(address, trusted, "ward.example.org", &[&TLS13]);
    let first = folder.path().join("first.pem");
    fs::copy(&pair.certificate, &first).unwrap();
    let mut long = open(&first).unwrap();
    ask(&mut long);

    fs::write(&pair.certificate, "-----BEGIN CERTIFICATE-----\nbroken").unwrap();
    std::thread::sleep(Duration::from_secs(5));
    assert!(open(&first).is_ok(), "the one before goes on");

    put(&pair);
    wait_until("a new connection gets the new certificate", || {
        open(&pair.certificate).is_ok()
    });
    assert!(open(&first).is_err());
    assert!(
        ask(&mut long).starts_with("HTTP/1.1 200"),
        "what was open goes on"
    );
}

#[test]
fn c3_a_pair_of_which_one_half_is_new_is_not_used() {
    let folder = tempfile::tempdir().unwrap();
    let pair = given(folder.path());
    let mut kept = Kept::open(&Certificate::Given(pair.clone()), NOW).unwrap();
    let key = fs::read(&pair.key).unwrap();
    put(&pair);
    let new_key = fs::read(&pair.key).unwrap();
    fs::write(&pair.key, key).unwrap();
    assert!(kept.look(false, NOW).is_none(), "it has only just changed");
    assert!(kept.look(false, NOW).is_none(), "the halves do not fit");
    assert!(kept.look(true, NOW).is_none(), "not when somebody asks either");
    fs::write(&pair.key, new_key).unwrap();
    assert!(kept.look(true, NOW).is_some());
}
