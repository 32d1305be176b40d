//! What posts and centre rely on.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use health::Health;
use link::LinkError;
use rumqttc::{Connect, ConnectAuth, Packet, Publish, QoS, Subscribe, SubscribeFilter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::rig::{PATIENCE, Rig, message};
use crate::broker::front::Front;
use crate::broker::inner::Inner;
use crate::broker::{BrokerArgs, BrokerError, guard, serve, tls};
use crate::clock::Clock;

fn will(post: &str) -> link::Message {
    link::Message {
        topic: format!("vitalpost/v1/{post}/state"),
        payload: b"lost".to_vec(),
        retain: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_link_publishes_the_will_and_an_orderly_end_does_not() {
    let rig = Rig::start().await;
    let (_centre, mut at_centre) = rig.centre().await;
    for (orderly, heard) in [(true, &b"stopped"[..]), (false, &b"lost"[..])] {
        let mut options = rig.options("a", "post");
        options.will = Some(will("a"));
        let (post, at_post) = link::connect(&options).await.unwrap();
        if orderly {
            post.publish(message("vitalpost/v1/a/state", b"stopped"))
                .await
                .unwrap()
                .await
                .unwrap();
            at_post.close(PATIENCE).await;
        } else {
            drop((post, at_post));
        }
        let state = timeout(PATIENCE, at_centre.next()).await.unwrap().unwrap();
        assert_eq!(state.payload, heard);
    }
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retained_state_reaches_a_centre_that_comes_later() {
    let rig = Rig::start().await;
    let (post, _at_post) = rig.post("a").await;
    let state = link::Message {
        retain: true,
        ..message("vitalpost/v1/a/state", b"online")
    };
    post.publish(state.clone()).await.unwrap().await.unwrap();
    let (_centre, mut at_centre) = rig.centre().await;
    assert_eq!(timeout(PATIENCE, at_centre.next()).await.unwrap().unwrap(), state);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newer_connection_of_a_client_takes_over_and_the_older_one_is_told() {
    let rig = Rig::start().await;
    let (_older, mut at_older) = rig.post("a").await;
    let (newer, mut at_newer) = rig.post("a").await;
    let error = timeout(PATIENCE, at_older.next()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("SessionTakenOver"), "{error}");
    newer
        .publish(message("vitalpost/v1/a/state", b"x"))
        .await
        .unwrap()
        .await
        .unwrap();
    let (centre, _at_centre) = rig.centre().await;
    centre
        .publish(message("vitalpost/v1/a/down/command", b"y"))
        .await
        .unwrap()
        .await
        .unwrap();
    assert_eq!(
        timeout(PATIENCE, at_newer.next()).await.unwrap().unwrap().payload,
        b"y"
    );
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_filter_is_reported_as_such() {
    let rig = Rig::start().await;
    let mut options = rig.options("a", "post");
    options.subscribe = vec!["vitalpost/v1/b/down/+".to_owned()];
    let error = link::connect(&options).await.err().expect("refused");
    assert!(matches!(error, LinkError::NotAuthorised { .. }), "{error}");
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_speaks_3_1_1_is_told_that_this_broker_does_not() {
    let rig = Rig::start().await;
    let options = link::LinkOptions {
        mqtt: link::Mqtt::V311,
        ..rig.options("north", "post")
    };
    let error = link::connect(&options).await.err().expect("no link").to_string();
    assert!(
        error.contains("does not speak MQTT 3.1.1: write mqtt = \"5\""),
        "{error}"
    );
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_a_client_that_falls_silent_is_closed_after_one_and_a_half_keep_alives() {
    let rig = Rig::start().await;
    let mut stream = rig.raw(&rig.pki, "a", "post").await.unwrap();
    // CONNECT with a keep-alive of 1 s and client id "x".
    stream
        .write_all(b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x01\x00\x00\x01x")
        .await
        .unwrap();
    let mut heard = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut heard))
        .await
        .expect("closed")
        .ok();
    assert_eq!(heard[0], 0x20, "signed on first");
    rig.stop().await;
}

/// Ends rumqttd's router as only a client can that is not behind the front: with a topic that begins with a letter of
/// two bytes, which rumqttd 0.20 cuts in the middle.
async fn kill(inner: &Inner) {
    let connect = Connect {
        keep_alive: 30,
        client_id: "x".to_owned(),
        clean_start: true,
        properties: None,
    };
    let auth = ConnectAuth::UsernamePassword {
        username: inner.login.user.clone(),
        password: inner.login.password.clone().into(),
    };
    let mut subscribe = Subscribe::new(SubscribeFilter::new("a", QoS::AtMostOnce), None);
    subscribe.pkid = 1;
    let mut bytes = BytesMut::new();
    for packet in [
        Packet::Connect(connect, None, auth),
        Packet::Subscribe(subscribe),
        Packet::Publish(Publish::new("é", QoS::AtMostOnce, "x", None)),
    ] {
        packet.write(&mut bytes, None).unwrap();
    }
    let mut bare = TcpStream::connect(inner.address).await.unwrap();
    bare.write_all(&bytes).await.unwrap();
    // The answers to CONNECT and SUBSCRIBE may still come; then nothing does.
    let mut heard = Vec::new();
    timeout(Duration::from_secs(1), bare.read_to_end(&mut heard))
        .await
        .ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b4_when_the_broker_inside_dies_the_whole_broker_ends_with_an_error_and_so_do_its_connections() {
    let rig = Rig::start().await;
    let (inner, check) = Inner::start().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut options = rig.options("a", "post");
    options.port = listener.local_addr().unwrap().port();
    let args = rig.args(options.port);
    let front = Front {
        listener,
        acceptor: TlsAcceptor::from(Arc::new(tls(&args).unwrap())),
        inner: inner.clone(),
        clock: Clock::system().unwrap(),
        stop: CancellationToken::new(),
    };
    let answered = Health::default().task("broker inside", PATIENCE, front.clock.now());
    let guarding = tokio::spawn(guard(
        front,
        (inner.clone(), check, answered),
        CancellationToken::new(),
    ));
    let (_post, mut at_post) = link::connect(&options).await.unwrap();
    kill(&inner).await;
    let error = timeout(PATIENCE, guarding)
        .await
        .expect("noticed")
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("self-check"), "{error}");
    assert!(timeout(PATIENCE, at_post.next()).await.expect("ended").is_err());
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b4_the_broker_inside_serves_nobody_without_the_fronts_log_in() {
    let (inner, _check) = Inner::start().await.unwrap();
    assert!(inner.address.ip().is_loopback());
    let mut bare = TcpStream::connect(inner.address).await.unwrap();
    bare.write_all(b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x1e\x00\x00\x01x")
        .await
        .unwrap();
    let mut heard = Vec::new();
    timeout(PATIENCE, bare.read_to_end(&mut heard))
        .await
        .expect("closed")
        .ok();
    assert_eq!(heard, b"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_the_broker_from_starting_is_said_in_one_line() {
    let rig = Rig::start().await;
    rig.pki.issue("other", "broker");
    let good = rig.args(rig.address.port());
    let start = async |args: BrokerArgs| -> BrokerError {
        let result = timeout(Duration::from_secs(10), serve(&args, Default::default(), |_| ())).await;
        result.expect("does not start").unwrap_err()
    };
    let error = start(good.clone()).await.to_string();
    assert!(
        error.contains(&rig.address.to_string()) && error.contains("another broker"),
        "{error}"
    );
    let error = start(BrokerArgs {
        key: rig.pki.path("other.key"),
        ..good.clone()
    })
    .await;
    assert!(matches!(error, BrokerError::KeyMismatch { .. }), "{error}");
    let error = start(BrokerArgs {
        ca: rig.pki.path("broker.key"),
        ..good.clone()
    })
    .await
    .to_string();
    assert!(error.contains("broker.key holds no certificate"), "{error}");
    let error = start(BrokerArgs {
        certificate: "/nowhere.pem".into(),
        ..good
    })
    .await
    .to_string();
    assert!(
        error.contains("/nowhere.pem") && error.contains("No such file"),
        "{error}"
    );
    rig.stop().await;
}
