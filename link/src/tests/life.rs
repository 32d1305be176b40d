//! L1, L2 and L4: what a link does until its end.

use std::time::Duration;

use bytes::BytesMut;
use rumqttc::{Disconnect, DisconnectReasonCode, Packet, PubAck, PubAckReason, QoS};
use tokio::time::{sleep, timeout};

use super::fake_broker::{FakeBroker, PATIENCE, Pki, Served};
use super::packets::{Said, Say};
use crate::session::INBOX_MAX;
use crate::{
    Incoming, LinkError, Message, Mqtt, PACKET_BYTES_MAX, Publisher, RECEIVE_MAX, STALL_MAX, connect,
};

async fn linked(mqtt: Mqtt) -> (Publisher, Incoming, Served) {
    let pki = Pki::new("authority");
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let options = pki.options_of(mqtt, "localhost", broker.port());
    let both = async { tokio::join!(connect(&options), broker.client()) };
    let (link, (served, ..)) = timeout(PATIENCE, both).await.unwrap();
    let (publisher, incoming) = link.unwrap();
    (publisher, incoming, served)
}

fn message(number: u32) -> Message {
    Message {
        topic: "t".to_owned(),
        payload: number.to_be_bytes().to_vec(),
        retain: false,
    }
}

fn from_broker(pkid: u16) -> Say {
    let payload = pkid.to_be_bytes().to_vec();
    Say::Publish { pkid, payload }
}

/// In MQTT 5.
async fn write(served: &mut Served, packet: &Packet) {
    let mut bytes = BytesMut::new();
    packet.write(&mut bytes, None).unwrap();
    served.write(&bytes).await;
}

with_both!(
    l2_a_delivery_resolves_with_its_own_puback,
    l1_l2_when_the_connection_ends_every_delivery_and_both_halves_end_and_nothing_connects_again,
    l2_a_broker_that_falls_silent_ends_the_link_within_the_stall_time,
    l2_a_broker_that_does_not_read_ends_the_link_within_the_stall_time,
    l4_a_slow_consumer_holds_up_neither_publishing_nor_the_order_and_takes_at_its_own_pace,
    l4_a_broker_that_ignores_the_agreed_limit_ends_the_link,
    a_message_that_is_too_large_is_refused_and_the_link_lives_on,
    closing_signs_off_after_what_is_on_its_way_and_dropping_does_not,
);

async fn l2_a_delivery_resolves_with_its_own_puback(mqtt: Mqtt) {
    let (publisher, _incoming, mut served) = linked(mqtt).await;
    let first = publisher.publish(message(1)).await.unwrap();
    let second = publisher.publish(message(2)).await.unwrap();
    let (one, qos, payload) = served.read_publish().await;
    let (two, ..) = served.read_publish().await;
    assert_eq!((payload, qos), (message(1).payload, QoS::AtLeastOnce));
    served.say(Say::PubAck(two)).await;
    timeout(PATIENCE, second).await.unwrap().unwrap();
    let mut first = Box::pin(async { first.await });
    assert!(
        timeout(Duration::from_millis(100), &mut first).await.is_err(),
        "its own is still missing"
    );
    served.say(Say::PubAck(one)).await;
    timeout(PATIENCE, first).await.unwrap().unwrap();
}

#[tokio::test]
async fn l2_a_refused_publish_is_an_error_of_its_delivery_only() {
    let (publisher, _incoming, mut served) = linked(Mqtt::V5).await;
    let delivery = publisher.publish(message(1)).await.unwrap();
    let mut refusal = PubAck::new(served.read_publish().await.0, None);
    refusal.reason = PubAckReason::NotAuthorized;
    write(&mut served, &Packet::PubAck(refusal)).await;
    let error = timeout(PATIENCE, delivery).await.unwrap().unwrap_err();
    assert!(
        matches!(&error, LinkError::NotAuthorised { what, .. } if what.contains('t')),
        "{error}"
    );
    let delivery = publisher.publish(message(2)).await.unwrap();
    served.take_publish().await;
    timeout(PATIENCE, delivery).await.unwrap().unwrap();
}

async fn l1_l2_when_the_connection_ends_every_delivery_and_both_halves_end_and_nothing_connects_again(
    mqtt: Mqtt,
) {
    let pki = Pki::new("authority");
    let broker = FakeBroker::listen_for(mqtt, &pki, "broker").await;
    let options = pki.options_of(mqtt, "localhost", broker.port());
    let (link, (mut served, ..)) = tokio::join!(connect(&options), broker.client());
    let (publisher, mut incoming) = link.unwrap();
    let mut deliveries = Vec::new();
    for number in 0..20 {
        deliveries.push(publisher.publish(message(number)).await.unwrap());
    }
    served.read_publish().await;
    drop(served);
    for delivery in deliveries {
        let error = timeout(PATIENCE, delivery)
            .await
            .expect("it never hangs")
            .unwrap_err();
        assert!(matches!(error, LinkError::Closed { .. }), "{error}");
    }
    let error = timeout(PATIENCE, incoming.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, LinkError::Closed { .. }), "{error}");
    assert!(incoming.next().await.is_err(), "dead for good");
    assert!(publisher.publish(message(99)).await.is_err());
    let again = timeout(Duration::from_millis(300), broker.tcp()).await;
    assert!(again.is_err(), "no reconnect inside");
}

#[tokio::test]
async fn a_reason_that_the_broker_gives_is_passed_on() {
    let (_publisher, mut incoming, mut served) = linked(Mqtt::V5).await;
    let disconnect = Disconnect::new(DisconnectReasonCode::SessionTakenOver);
    write(&mut served, &Packet::Disconnect(disconnect)).await;
    let error = timeout(PATIENCE, incoming.next()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("SessionTakenOver"), "{error}");
}

async fn l2_a_broker_that_falls_silent_ends_the_link_within_the_stall_time(mqtt: Mqtt) {
    let (publisher, mut incoming, served) = linked(mqtt).await;
    let delivery = publisher.publish(message(1)).await.unwrap();
    let error = timeout(STALL_MAX + PATIENCE, incoming.next())
        .await
        .expect("noticed")
        .unwrap_err();
    assert!(matches!(error, LinkError::TimedOut { .. }), "{error}");
    assert!(
        timeout(PATIENCE, delivery)
            .await
            .expect("it never hangs")
            .is_err()
    );
    drop(served);
}

async fn l2_a_broker_that_does_not_read_ends_the_link_within_the_stall_time(mqtt: Mqtt) {
    let (publisher, mut incoming, served) = linked(mqtt).await;
    let big = Message {
        topic: "t".to_owned(),
        payload: vec![0x5a; 1 << 20],
        retain: false,
    };
    let flood = async {
        for _ in 0..1_000 {
            if publisher.publish(big.clone()).await.is_err() {
                return;
            }
        }
        panic!("a thousand megabytes were taken");
    };
    let (error, ()) = timeout(STALL_MAX + PATIENCE, async {
        tokio::join!(incoming.next(), flood)
    })
    .await
    .expect("noticed");
    assert!(matches!(error, Err(LinkError::TimedOut { .. })), "{error:?}");
    drop(served);
}

async fn l4_a_slow_consumer_holds_up_neither_publishing_nor_the_order_and_takes_at_its_own_pace(mqtt: Mqtt) {
    let (publisher, mut incoming, mut served) = linked(mqtt).await;
    for pkid in 1..=RECEIVE_MAX {
        served.say(from_broker(pkid)).await;
    }
    let delivery = publisher.publish(message(1)).await.unwrap();
    served.take_publish().await;
    timeout(PATIENCE, delivery).await.unwrap().unwrap();
    let early = timeout(Duration::from_millis(300), served.try_read()).await;
    assert!(
        early.is_err(),
        "acknowledged before anybody has taken it: {early:?}"
    );
    for pkid in 1..=RECEIVE_MAX {
        let message = timeout(PATIENCE, incoming.next()).await.unwrap().unwrap();
        assert_eq!(message.payload, pkid.to_be_bytes());
        let Said::PubAck(acknowledged) = served.read().await else {
            panic!("not PUBACK");
        };
        assert_eq!(acknowledged, pkid);
    }
}

async fn l4_a_broker_that_ignores_the_agreed_limit_ends_the_link(mqtt: Mqtt) {
    let (_publisher, mut incoming, mut served) = linked(mqtt).await;
    for pkid in 1..=400 {
        served.say(from_broker(pkid)).await;
    }
    sleep(Duration::from_millis(300)).await;
    let mut taken = 0;
    let error = loop {
        match timeout(PATIENCE, incoming.next()).await.unwrap() {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, LinkError::Overrun { .. }), "{error}");
    assert_eq!(taken, INBOX_MAX);
}

async fn a_message_that_is_too_large_is_refused_and_the_link_lives_on(mqtt: Mqtt) {
    let (publisher, _incoming, mut served) = linked(mqtt).await;
    let bytes = usize::try_from(PACKET_BYTES_MAX).unwrap();
    let huge = Message {
        payload: vec![0; bytes],
        ..message(1)
    };
    let error = publisher.publish(huge).await.err().expect("refused");
    assert!(matches!(error, LinkError::TooLarge { .. }), "{error}");
    let largest = Message {
        payload: vec![0; bytes - 100],
        ..message(1)
    };
    let delivery = publisher.publish(largest).await.unwrap();
    served.take_publish().await;
    timeout(PATIENCE, delivery).await.unwrap().unwrap();
}

async fn closing_signs_off_after_what_is_on_its_way_and_dropping_does_not(mqtt: Mqtt) {
    let (publisher, incoming, mut served) = linked(mqtt).await;
    let delivery = publisher.publish(message(1)).await.unwrap();
    let serve = async {
        served.take_publish().await;
        assert!(matches!(served.read().await, Said::SignOff));
        assert!(served.try_read().await.is_none(), "then the connection ends");
    };
    let ((), ()) = timeout(PATIENCE, async { tokio::join!(incoming.close(PATIENCE), serve) })
        .await
        .unwrap();
    timeout(PATIENCE, delivery).await.unwrap().unwrap();

    let (publisher, incoming, mut served) = linked(mqtt).await;
    drop(incoming);
    assert!(
        timeout(PATIENCE, served.try_read()).await.unwrap().is_none(),
        "no DISCONNECT: the will is due"
    );
    drop(publisher);
}
