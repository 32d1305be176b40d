//! What keeps a link from being made, and that each has its own words.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use rumqttc::QoS;
use rustls::pki_types::pem::PemObject;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::fake_broker::{FakeBroker, PATIENCE, Pki};
use super::packets::Say;
use crate::{FileError, LinkError, LinkOptions, Message, Mqtt, connect};

with_both!(
    l1_a_link_begins_clean_and_with_its_will_and_is_there_when_everything_is_granted,
    l3_a_broker_of_another_authority_is_not_trusted_whether_or_not_the_name_is_the_same,
    a_broker_that_refuses_our_certificate_is_reported_with_the_file,
    a_port_where_nobody_or_somebody_else_listens_is_reported_as_such,
    a_broker_that_accepts_and_says_nothing_is_given_up,
    a_refused_sign_on_and_a_refused_filter_are_reported_as_not_allowed,
    a_certificate_for_another_name_or_another_time_is_reported_as_such,
    a_broker_that_does_not_know_the_version_is_reported_with_the_key_to_write,
);

async fn error_of(options: &LinkOptions) -> LinkError {
    let result = timeout(PATIENCE, connect(options))
        .await
        .expect("an answer in time");
    result.err().expect("no link")
}

/// Connects to a broker with this certificate, and returns what the client says about it.
async fn error_with_broker(pki: &Pki, name: &str, options: impl FnOnce(u16) -> LinkOptions) -> LinkError {
    let broker = FakeBroker::listen(pki, name).await;
    let options = options(broker.port());
    let serve = async {
        if let Ok(mut served) = broker.tls().await {
            served.try_read().await;
        }
    };
    let (error, ()) = tokio::join!(error_of(&options), serve);
    error
}

async fn l1_a_link_begins_clean_and_with_its_will_and_is_there_when_everything_is_granted(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let mut options = pki.options_of(mqtt, "localhost", broker.port());
    options.subscribe = vec!["a/+".to_owned(), "b".to_owned()];
    options.will = Some(Message {
        topic: "state".to_owned(),
        payload: b"lost".to_vec(),
        retain: true,
    });
    let serve = async {
        let (mut served, sign_on) = broker.client().await;
        assert_eq!((sign_on.clean, sign_on.keep_alive), (true, 10));
        assert_eq!(sign_on.will, Some((QoS::AtLeastOnce, true, b"lost".to_vec())));
        assert_eq!(sign_on.properties.is_some(), mqtt == Mqtt::V5);
        if let Some(properties) = sign_on.properties {
            assert_eq!(properties.session_expiry_interval.unwrap_or(0), 0);
            assert_eq!(
                (properties.receive_maximum, properties.max_packet_size),
                (Some(100), Some(2 << 20))
            );
        }
        let filters = served.answer_subscribe(true).await;
        assert_eq!(filters, ["a/+", "b"]);
        served
    };
    let (link, _served) = timeout(PATIENCE, async { tokio::join!(connect(&options), serve) })
        .await
        .unwrap();
    assert!(link.is_ok());
}

#[tokio::test]
async fn files_that_give_no_certificate_or_key_are_named() {
    let pki = Pki::new("authority");
    let good = pki.options("localhost", 1);
    let file = |name: &str| pki.dir.path().join(name);
    std::fs::write(file("empty.pem"), "").unwrap();
    let mut damaged = std::fs::File::create(file("damaged.pem")).unwrap();
    writeln!(
        damaged,
        "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----"
    )
    .unwrap();
    let told = async |options: LinkOptions| error_of(&options).await.to_string();

    let text = told(LinkOptions {
        ca: PathBuf::from("/nowhere/ca.pem"),
        ..good.clone()
    })
    .await;
    assert!(
        text.contains("cannot read certificate /nowhere/ca.pem: No such file"),
        "{text}"
    );
    let text = told(LinkOptions {
        certificate: file("empty.pem"),
        ..good.clone()
    })
    .await;
    assert!(text.contains("empty.pem holds no certificate"), "{text}");
    let text = told(LinkOptions {
        certificate: file("damaged.pem"),
        ..good.clone()
    })
    .await;
    assert!(text.contains("damaged.pem is damaged"), "{text}");
    let text = told(LinkOptions {
        key: file("client.pem"),
        ..good.clone()
    })
    .await;
    assert!(text.contains("client.pem holds no private key"), "{text}");
    let text = told(LinkOptions {
        key: file("broker.key"),
        ..good.clone()
    })
    .await;
    assert!(
        text.contains("broker.key does not belong to the certificate") && text.contains("client.pem"),
        "{text}"
    );
    let text = told(LinkOptions {
        host: "not a host".to_owned(),
        ..good
    })
    .await;
    assert!(text.contains("not a host"), "{text}");
}

async fn l3_a_broker_of_another_authority_is_not_trusted_whether_or_not_the_name_is_the_same(mqtt: Mqtt) {
    let ours = Pki::new("authority");
    for other in [Pki::new("somebody else"), Pki::new("authority")] {
        let error =
            error_with_broker(&other, "broker", |port| ours.options_of(mqtt, "localhost", port)).await;
        assert!(
            matches!(&error, LinkError::UnknownAuthority { ca, .. } if ca.ends_with("ca.pem")),
            "{error}"
        );
    }
}

async fn a_certificate_for_another_name_or_another_time_is_reported_as_such(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let localhost = || {
        rcgen::CertificateParams::new(vec!["localhost".to_owned()])
            .unwrap()
            .subject_alt_names
    };
    pki.issue("elsewhere", |params| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName("elsewhere.example".try_into().unwrap())];
    });
    pki.issue("old", |params| {
        params.subject_alt_names = localhost();
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
    });
    pki.issue("future", |params| {
        params.subject_alt_names = localhost();
        params.not_before = rcgen::date_time_ymd(2990, 1, 1);
        params.not_after = rcgen::date_time_ymd(3000, 1, 1);
    });
    let options = |port| pki.options_of(mqtt, "localhost", port);
    let error = error_with_broker(&pki, "elsewhere", options).await;
    assert!(
        matches!(&error, LinkError::NameMismatch { host } if host == "localhost"),
        "{error}"
    );
    let error = error_with_broker(&pki, "old", options).await;
    assert!(
        matches!(error, LinkError::Expired { .. }) && error.to_string().contains("clock"),
        "{error}"
    );
    let error = error_with_broker(&pki, "future", options).await;
    assert!(
        matches!(error, LinkError::NotYetValid { .. }) && error.to_string().contains("clock"),
        "{error}"
    );
}

async fn a_broker_that_refuses_our_certificate_is_reported_with_the_file(mqtt: Mqtt) {
    let broker_side = Pki::new("authority");
    let stranger = Pki::new("somebody else");
    let error = error_with_broker(&broker_side, "broker", |port| LinkOptions {
        ca: broker_side.dir.path().join("ca.pem"),
        ..stranger.options_of(mqtt, "localhost", port)
    })
    .await;
    let LinkError::CertificateRefused { certificate, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(certificate, &stranger.dir.path().join("client.pem"));
}

async fn a_port_where_nobody_or_somebody_else_listens_is_reported_as_such(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let web_server = async {
        let (mut stream, _) = taken.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream
    };
    let options = pki.options_of(mqtt, "localhost", port);
    let (error, _stream) = tokio::join!(error_of(&options), web_server);
    assert!(
        error
            .to_string()
            .contains("is this the port of an MQTT broker with TLS?"),
        "{error}"
    );
    drop(taken);
    let error = error_of(&options).await;
    assert!(matches!(error, LinkError::Refused { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!("localhost:{port}")),
        "{error}"
    );
    let error = error_of(&pki.options_of(mqtt, "no-such-host.invalid", 1)).await;
    assert!(
        matches!(error, LinkError::Unreachable { .. } | LinkError::TimedOut { .. }),
        "{error}"
    );
}

async fn a_broker_that_accepts_and_says_nothing_is_given_up(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let options = pki.options_of(mqtt, "localhost", broker.port());
    let mute = async {
        let served = broker.tls().await.unwrap();
        std::future::pending::<()>().await;
        drop(served);
    };
    tokio::select! {
        error = error_of(&options) => assert!(matches!(error, LinkError::TimedOut { .. }), "{error}"),
        () = mute => {}
    }
}

async fn a_refused_sign_on_and_a_refused_filter_are_reported_as_not_allowed(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let mut options = pki.options_of(mqtt, "localhost", broker.port());
    options.subscribe = vec!["secret/#".to_owned()];
    let refuse = async {
        let mut served = broker.tls().await.unwrap();
        served.read().await;
        served.say(Say::NotAuthorised).await;
        served
    };
    let (error, _served) = tokio::join!(error_of(&options), refuse);
    assert!(matches!(error, LinkError::NotAuthorised { .. }), "{error}");
    let refuse = async {
        let (mut served, ..) = broker.client().await;
        served.answer_subscribe(false).await;
        served
    };
    let (error, _served) = tokio::join!(error_of(&options), refuse);
    assert!(error.to_string().contains("secret/#"), "{error}");
}

async fn a_broker_that_does_not_know_the_version_is_reported_with_the_key_to_write(mqtt: Mqtt) {
    let pki = Pki::new("authority");
    let key = format!("mqtt = \"{}\"", mqtt.other());
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let options = pki.options_of(mqtt, "localhost", broker.port());
    let refuse = async {
        let mut served = broker.tls().await.unwrap();
        served.read().await;
        served.say(Say::VersionUnknown).await;
        served
    };
    let (error, _served) = tokio::join!(error_of(&options), refuse);
    assert!(matches!(error, LinkError::Version { .. }), "{error}");
    assert!(error.to_string().contains(&key), "{error}");
}

#[test]
fn a_version_of_mqtt_is_written_as_people_say_it() {
    let read = |text: &str| Mqtt::try_from(text.to_owned());
    assert_eq!((read("5"), read("3.1.1")), (Ok(Mqtt::V5), Ok(Mqtt::V311)));
    for mqtt in [Mqtt::V5, Mqtt::V311] {
        assert_eq!(read(&mqtt.to_string()), Ok(mqtt));
    }
    let error = read("4").unwrap_err().to_string();
    assert_eq!(error, r#"MQTT "4" is not spoken: write "5" or "3.1.1""#);
}

#[test]
fn damaged_is_not_the_same_as_missing() {
    let pki = Pki::new("authority");
    let file = pki.dir.path().join("ca.pem");
    assert!(rustls::pki_types::CertificateDer::from_pem_file(&file).is_ok());
    assert!(matches!(
        crate::private_key(&file),
        Err(FileError::Nothing { .. })
    ));
    assert!(matches!(
        crate::trusted_roots(&pki.dir.path().join("x")),
        Err(FileError::Unreadable { .. })
    ));
}
