//! Others who get the records beside the centre.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use link::Incoming;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use vitals::wire::Envelope;
use vitals::{Epoch, Lane};

use super::centre::{Centre, Manners};
use super::real::{Post, until, until_seen};
use super::{event, reading};
use crate::broker::tests::rig::{PATIENCE, Rig};
use crate::config::{CentreConfig, Delivery};
use crate::relay::{Terms, run};
use crate::store::{Destination, RELAYED_LANES};

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
    let puback = Terms {
        lanes: vec![Lane::Events],
        delivery: Delivery::Puback,
        ..Terms::default()
    };
    let others = [("dead", &Terms::default()), ("foreign", &puback)];
    let post = Post::with_others(tempfile::tempdir().unwrap(), "a", &others).patient();
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let (_publisher, mut at_foreign) = foreign.centre().await;
    let stop = CancellationToken::new();
    let silent = mpsc::channel(1).0;
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

/// A relay that is not the centre's.
fn start_other(
    post: &Post,
    name: &str,
    to: CentreConfig,
    terms: &Terms,
    stop: &CancellationToken,
) -> JoinHandle<()> {
    let relay = post.relay_to(name, to, terms.clone(), mpsc::channel(1).0);
    tokio::spawn(run(relay, stop.clone()))
}

/// The first so many records that arrive there, and what comes right behind them. Nothing twice.
async fn collect(incoming: &mut Incoming, records: usize) -> BTreeMap<(Epoch, Lane), BTreeSet<u64>> {
    let mut arrived = BTreeMap::<_, BTreeSet<u64>>::new();
    loop {
        let complete = arrived.values().map(BTreeSet::len).sum::<usize>() >= records;
        let patience = if complete {
            Duration::from_millis(300)
        } else {
            PATIENCE
        };
        let message = match timeout(patience, incoming.next()).await {
            Err(_) if complete => return arrived,
            message => message.expect("more was to come").unwrap(),
        };
        if message.topic.ends_with("/state") {
            continue;
        }
        let envelope = Envelope::decode(&message.payload).unwrap();
        let of_lane = arrived.entry((envelope.epoch, envelope.lane)).or_default();
        for seq in envelope.first.0..envelope.first.0 + u64::from(envelope.count) {
            assert!(of_lane.insert(seq), "{seq} came twice");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i10_a_destination_that_is_dead_through_a_restart_gets_all_since_it_was_added_once() {
    let (rig, foreign) = (Rig::start().await, Rig::start().await);
    let terms = Terms {
        delivery: Delivery::Puback,
        ..Terms::default()
    };
    let others = [("foreign", &terms)];
    let dir = tempfile::tempdir().unwrap();
    let before = Post::with_others(dir, "a", &[]);
    before.store.append(event(1));
    let dir = before.close();

    let post = Post::with_others(dir, "a", &others).patient();
    let first = post.epoch;
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let stop = CancellationToken::new();
    let dead = CentreConfig {
        port: 1,
        ..address(&rig, &post)
    };
    let other = start_other(&post, "foreign", dead, &terms, &stop);
    let running = post.start(&rig);
    for number in 0..300 {
        post.store.append(reading(number));
        post.store.append(event(number));
    }
    post.until_receipted().await;
    stop.cancel();
    running.stop().await;
    timeout(PATIENCE, other).await.unwrap().unwrap();
    let dir = post.close();

    let post = Post::with_others(dir, "a", &others).patient();
    let (_publisher, mut at_foreign) = foreign.centre().await;
    let stop = CancellationToken::new();
    let other = start_other(&post, "foreign", address(&foreign, &post), &terms, &stop);
    let running = post.start(&rig);
    for number in 0..100 {
        post.store.append(event(number));
    }
    post.until_receipted().await;
    let arrived = collect(&mut at_foreign, 700).await;
    until("the post knows that it has all", || {
        let mut lanes = RELAYED_LANES.iter();
        lanes.all(|lane| post.store.waiting(Destination(1), *lane) == 0)
    })
    .await;
    let counts: Vec<_> = arrived.iter().map(|(key, seqs)| (*key, seqs.len())).collect();
    let expected = [
        ((first, Lane::Events), 300),
        ((first, Lane::Vitals), 300),
        ((post.epoch, Lane::Events), 100),
    ];
    assert_eq!(counts, expected);
    {
        let seen = centre.seen.lock().unwrap();
        let sent: usize = seen.arrivals.iter().map(|(_, records)| records).sum();
        assert_eq!(sent, 1 + 600 + 100, "the centre got each once, in either run");
    }
    running.stop().await;
    stop.cancel();
    timeout(PATIENCE, other).await.unwrap().unwrap();
    rig.stop().await;
    foreign.stop().await;
}
