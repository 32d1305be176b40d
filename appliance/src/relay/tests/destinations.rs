//! Others who get the records beside the centre.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vitals::Lane;
use vitals::wire::Envelope;

use super::centre::{Centre, Manners};
use super::real::{Post, until_seen};
use super::{event, reading};
use crate::broker::tests::rig::{PATIENCE, Rig};
use crate::config::{CentreConfig, Delivery};
use crate::relay::{Terms, run};

fn address(rig: &Rig, post: &Post) -> CentreConfig {
    rig.pki.issue(post.id.as_str(), "post");
    CentreConfig {
        host: "127.0.0.1".to_owned(),
        port: rig.address.port(),
        mqtt: link::Mqtt::V5,
        ca: rig.pki.path("ca.pem"),
        certificate: rig.pki.path("a.pem"),
        key: rig.pki.path("a.key"),
        bytes_per_s_max: None,
        metered: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i10_a_dead_destination_slows_nobody_and_a_foreign_broker_gets_each_record_once() {
    let (rig, foreign) = (Rig::start().await, Rig::start().await);
    let post = Post::new("a", Duration::from_millis(20));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let (_publisher, mut at_foreign) = foreign.centre().await;
    let stop = CancellationToken::new();
    let silent = mpsc::channel(1).0;
    let puback = Terms {
        lanes: vec![Lane::Events],
        delivery: Delivery::Puback,
        ..Terms::default()
    };
    let dead = CentreConfig {
        port: 1,
        ..address(&rig, &post)
    };
    for (name, address, terms) in [
        ("dead", dead, Terms::default()),
        ("foreign", address(&foreign, &post), puback),
    ] {
        let relay = post.relay_to(name, address, terms, silent.clone());
        tokio::spawn(run(relay, stop.clone()));
    }
    let running = post.start(&rig);
    for number in 0..300 {
        post.store.append(reading(number));
        post.store.append(event(number));
    }
    post.until_receipted().await;
    until_seen(&centre, "everything", |seen| {
        (seen.count(Lane::Vitals), seen.count(Lane::Events)) == (300, 300)
    })
    .await;
    let mut arrived = BTreeSet::new();
    while arrived.len() < 300 {
        let message = timeout(PATIENCE, at_foreign.next()).await.unwrap().unwrap();
        if message.topic.ends_with("/state") {
            continue;
        }
        assert!(message.topic.ends_with("/up/events"), "{}", message.topic);
        let envelope = Envelope::decode(&message.payload).unwrap();
        for seq in envelope.first.0..envelope.first.0 + u64::from(envelope.count) {
            assert!(arrived.insert(seq), "{seq} came twice");
        }
    }
    assert_eq!(arrived.last(), Some(&300));
    running.stop().await;
    stop.cancel();
    rig.stop().await;
    foreign.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_metered_centre_gets_no_single_readings() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let terms = Terms {
        metered: true,
        ..Terms::default()
    };
    let relay = post.relay_to(
        crate::relay::CENTRE,
        address(&rig, &post),
        terms,
        mpsc::channel(1).0,
    );
    let stop = CancellationToken::new();
    let task = tokio::spawn(run(relay, stop.clone()));
    (0..50).for_each(|number| {
        post.store.append(reading(number));
    });
    post.store.append(event(1));
    until_seen(&centre, "the event and two states", |seen| {
        seen.count(Lane::Events) == 1 && seen.statuses.len() > 2
    })
    .await;
    assert_eq!(centre.seen.lock().unwrap().count(Lane::Vitals), 0);
    stop.cancel();
    timeout(PATIENCE, task).await.unwrap().unwrap();
    rig.stop().await;
}
