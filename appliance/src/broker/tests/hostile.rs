//! B1-B3: whatever somebody sends, the next good client is served.

use bytes::BytesMut;
use rumqttc::{
    Auth, AuthReasonCode, Connect, ConnectAuth, LastWill, Packet, PubRel, Publish, QoS, Subscribe,
};
use rumqttc::{PublishProperties, SubscribeFilter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::rig::{PATIENCE, Pki, Rig};
use crate::broker::door::WAITING_PER_SOURCE_MAX;
use crate::broker::front::SEATS_MAX;
use crate::broker::seats::PER_IDENTITY_MAX;

pub(super) fn bytes_of(packet: &Packet) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    packet.write(&mut bytes, None).unwrap();
    bytes.to_vec()
}

fn connect(client_id: &str, keep_alive: u16) -> Connect {
    Connect {
        keep_alive,
        client_id: client_id.to_owned(),
        clean_start: false,
        properties: None,
    }
}

fn connect_packet(will: Option<LastWill>) -> Vec<u8> {
    bytes_of(&Packet::Connect(connect("x", 30), will, ConnectAuth::None))
}

fn publish(topic: &str, qos: QoS, alias: Option<u16>) -> Vec<u8> {
    let properties = alias.map(|alias| PublishProperties {
        topic_alias: Some(alias),
        ..PublishProperties::default()
    });
    let mut publish = Publish::new(topic, qos, "x", properties);
    publish.pkid = 1;
    bytes_of(&Packet::Publish(publish))
}

pub(super) fn subscribe(filter: &str) -> Vec<u8> {
    let mut subscribe = Subscribe::new(SubscribeFilter::new(filter, QoS::AtLeastOnce), None);
    subscribe.pkid = 1;
    bytes_of(&Packet::Subscribe(subscribe))
}

/// Deterministic noise.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let step = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(step).take(bytes).collect()
}

/// Everything until the broker closes.
pub(super) async fn read_to_end(stream: &mut TlsStream<TcpStream>) -> Vec<u8> {
    let mut heard = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut heard)).await;
    // A reset instead of a close is an end, too.
    read.expect("the broker closes this connection").ok();
    heard
}

async fn signed_on(rig: &Rig) -> TlsStream<TcpStream> {
    let mut stream = rig.raw(&rig.pki, "mallory", "post").await.unwrap();
    assert_eq!(sign_on(&mut stream, "x").await, 0, "success");
    stream
}

/// Sends CONNECT; the reason code of the answer.
pub(super) async fn sign_on(stream: &mut TlsStream<TcpStream>, client_id: &str) -> u8 {
    let hello = Packet::Connect(connect(client_id, 30), None, ConnectAuth::None);
    stream.write_all(&bytes_of(&hello)).await.unwrap();
    let mut connack = [0u8; 2];
    timeout(PATIENCE, stream.read_exact(&mut connack))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(connack[0], 0x20, "CONNACK");
    let mut rest = vec![0u8; usize::from(connack[1])];
    stream.read_exact(&mut rest).await.unwrap();
    rest[1]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b2_a_first_packet_that_is_no_good_connect_ends_that_connection_only() {
    let rig = Rig::start().await;
    let will = LastWill::new("vitalpost/v1/healthy/state", "dead", QoS::AtLeastOnce, true, None);
    let too_many_bytes = [&[0x10, 0xff, 0xff, 0x03][..], &[0; 1000]].concat();
    let attacks: Vec<(&str, Vec<u8>)> = vec![
        (
            "CONNACK, which ends a bare rumqttd",
            vec![0x20, 0x03, 0x00, 0x00, 0x00],
        ),
        (
            "UNSUBACK, which does so too",
            vec![0xb0, 0x04, 0x00, 0x01, 0x00, 0x00],
        ),
        ("packet type 0", vec![0x00, 0x00]),
        ("a length of 256 MiB", vec![0x10, 0xff, 0xff, 0xff, 0x7f]),
        (
            "a length that never ends",
            vec![0x10, 0xff, 0xff, 0xff, 0xff, 0xff],
        ),
        ("a CONNECT above its bound", too_many_bytes),
        (
            "MQTT 3.1.1",
            b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x1e\x00\x01x".to_vec(),
        ),
        ("PINGREQ before CONNECT", vec![0xc0, 0x00]),
        (
            "AUTH",
            bytes_of(&Packet::Auth(Auth::new(AuthReasonCode::Continue, None))),
        ),
        (
            "no client id",
            bytes_of(&Packet::Connect(connect("", 30), None, ConnectAuth::None)),
        ),
        ("a client id above its bound", {
            bytes_of(&Packet::Connect(
                connect(&"x".repeat(129), 30),
                None,
                ConnectAuth::None,
            ))
        }),
        (
            "no keep-alive",
            bytes_of(&Packet::Connect(connect("x", 0), None, ConnectAuth::None)),
        ),
        ("a will on somebody else's topic", connect_packet(Some(will))),
        (
            "a string longer than its packet",
            b"\x10\x08\xff\xffMQTT\x05\x02".to_vec(),
        ),
    ];
    for (what, bytes) in attacks {
        let mut stream = rig.raw(&rig.pki, "mallory", "post").await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let heard = read_to_end(&mut stream).await;
        assert!(
            // The only answer without a code of MQTT 5 is the one that a client of 3.1.1 understands.
            heard.is_empty() || heard[0] == 0x20 && heard[3] >= 0x80 || heard == [0x20, 0x02, 0x00, 0x01],
            "{what}: {heard:?}"
        );
        rig.must_serve().await;
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_b2_a_client_that_is_signed_on_cannot_send_what_it_may_not() {
    let rig = Rig::start().await;
    let attacks: Vec<(&str, Vec<u8>)> = vec![
        ("CONNACK", vec![0x20, 0x03, 0x00, 0x00, 0x00]),
        ("the beginning of an AUTH", vec![0xf0, 0x10]),
        ("SUBACK", vec![0x90, 0x04, 0x00, 0x01, 0x00, 0x00]),
        ("PINGRESP", vec![0xd0, 0x00]),
        ("a second CONNECT", connect_packet(None)),
        ("PUBREL", bytes_of(&Packet::PubRel(PubRel::new(1, None)))),
        ("a length of 256 MiB", vec![0x30, 0xff, 0xff, 0xff, 0x7f]),
        (
            "another post's topic",
            publish("vitalpost/v1/healthy/up/alerts", QoS::AtLeastOnce, None),
        ),
        (
            "a topic that ends rumqttd's router",
            publish("é", QoS::AtMostOnce, None),
        ),
        (
            "a downward topic",
            publish("vitalpost/v1/mallory/down/receipt", QoS::AtMostOnce, None),
        ),
        (
            "QoS 2",
            publish("vitalpost/v1/mallory/state", QoS::ExactlyOnce, None),
        ),
        (
            "a topic alias",
            publish("vitalpost/v1/mallory/state", QoS::AtLeastOnce, Some(1)),
        ),
        ("no topic but an alias", publish("", QoS::AtLeastOnce, Some(1))),
        ("everything", subscribe("#")),
        ("everybody's orders", subscribe("vitalpost/v1/+/down/+")),
        (
            "a share of the centre's",
            subscribe("$share/g/vitalpost/v1/+/up/+"),
        ),
        ("noise", noise(7, 4096)),
    ];
    for (what, bytes) in attacks {
        let mut stream = signed_on(&rig).await;
        stream.write_all(&bytes).await.unwrap();
        let heard = read_to_end(&mut stream).await;
        assert!(
            heard.is_empty() || heard[0] == 0xe0,
            "{what} was answered: {heard:?}"
        );
        rig.must_serve().await;
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b2_noise_of_any_kind_never_ends_the_broker() {
    let rig = Rig::start().await;
    for seed in 0..40u64 {
        let mut stream = if seed % 2 == 0 {
            rig.raw(&rig.pki, "mallory", "post").await.unwrap()
        } else {
            signed_on(&rig).await
        };
        // What is not closed at once may wait for more: the test goes away, as a hostile client would.
        stream.write_all(&noise(seed, 300)).await.ok();
        stream.flush().await.ok();
    }
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_without_a_certificate_of_our_authority_nobody_is_heard() {
    let rig = Rig::start().await;
    let foreign = Pki::new();
    for (what, pki, unit) in [
        ("a foreign authority", &foreign, "post"),
        ("neither post nor centre", &*rig.pki, "visitor"),
    ] {
        let name = format!("mallory-{unit}");
        // With TLS 1.3 the client side of the handshake ends before the broker has judged its certificate.
        if let Ok(mut stream) = rig.raw(pki, &name, unit).await {
            stream.write_all(&connect_packet(None)).await.ok();
            assert_eq!(read_to_end(&mut stream).await, b"", "{what}");
        }
        rig.must_serve().await;
    }
    let mut options = rig.options("no-certificate", "post");
    options.certificate = foreign.path("mallory-post.pem");
    options.key = foreign.path("mallory-post.key");
    let error = link::connect(&options).await.err().expect("refused");
    assert!(
        matches!(error, link::LinkError::CertificateRefused { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("mallory-post.pem"), "{error}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_idle_and_half_finished_connections_keep_nobody_waiting_and_are_closed() {
    let rig = Rig::start().await;
    let mut idle = Vec::new();
    for _ in 0..WAITING_PER_SOURCE_MAX / 2 {
        idle.push(TcpStream::connect(rig.address).await.unwrap());
    }
    let mut half = rig.raw(&rig.pki, "mallory", "post").await.unwrap();
    half.write_all(&connect_packet(None)[..5]).await.unwrap();
    let mut half_publish = signed_on(&rig).await;
    half_publish.write_all(&[0x30, 0xff, 0x7f, 0x00]).await.unwrap();
    rig.must_serve().await;
    assert_eq!(read_to_end(&mut half).await, b"");
    for mut stream in idle {
        let mut heard = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut heard))
            .await
            .expect("closed")
            .ok();
    }
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_somebody_without_a_certificate_takes_no_place_from_those_who_have_one() {
    let rig = Rig::start().await;
    let mut idle = Vec::new();
    for _ in 0..SEATS_MAX + 44 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        idle.push(socket.connect(rig.address).await.unwrap());
    }
    rig.must_serve().await;
    drop(idle);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_who_has_signed_on_keeps_nobody_from_trying() {
    let rig = Rig::start().await;
    let mut posts = Vec::new();
    for number in 0..WAITING_PER_SOURCE_MAX + 4 {
        posts.push(rig.post(&format!("post-{number}")).await);
    }
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_one_certificate_gets_only_a_few_seats_whatever_client_ids_it_says() {
    let rig = Rig::start().await;
    let mut seated = Vec::new();
    for number in 0..PER_IDENTITY_MAX {
        let mut stream = rig.raw(&rig.pki, "mallory", "post").await.unwrap();
        assert_eq!(sign_on(&mut stream, &format!("id-{number}")).await, 0, "success");
        seated.push(stream);
    }
    let mut one_more = rig.raw(&rig.pki, "mallory", "post").await.unwrap();
    assert_eq!(sign_on(&mut one_more, "one-more").await, 0x89, "server busy");
    rig.must_serve().await;
    rig.stop().await;
}
