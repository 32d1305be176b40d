//! A real store, a real link, a real broker, a tiny centre: the bad days.

use std::time::Duration;

use link::Message;
use tokio::time::{sleep, timeout};
use vitals::wire::topic;
use vitals::{Event, Lane, Record, WallTime};

use super::centre::{CENTRE_WALL_MS, Centre, Manners};
use super::real::{Post, until, until_seen};
use super::{event, reading};
use crate::broker::tests::rig::{PATIENCE, Rig, message};
use crate::relay::CentreState;
use crate::store::Destination;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_a_broker_that_is_restarted_in_mid_run_loses_and_doubles_nothing() {
    let mut rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let slowness = Duration::from_millis(5);
    let centre = Centre::start(
        &rig,
        &post.id,
        Manners {
            slowness,
            ..Manners::default()
        },
    )
    .await;
    let running = post.start(&rig);
    for round in 0..3u64 {
        for number in 0..800 {
            post.store.append(reading(number));
            if number % 40 == 0 {
                post.store.append(event(number));
                sleep(Duration::from_millis(5)).await;
            }
        }
        let wanted = usize::try_from(round).unwrap() * 800 + 100;
        until_seen(&centre, "some readings", |seen| {
            seen.count(Lane::Vitals) >= wanted
        })
        .await;
        let (pki, address) = rig.stop().await;
        post.store.append(event(1_000 + round));
        sleep(Duration::from_millis(300)).await;
        rig = Rig::start_at(pki, address).await;
    }
    post.until_receipted().await;
    {
        let seen = centre.seen.lock().unwrap();
        seen.assert_in_order();
        assert_eq!((seen.count(Lane::Vitals), seen.given_events()), (2_400, 63));
    }
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_i2_receipts_that_are_lost_doubled_and_out_of_order_change_nothing() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let manners = Manners {
        loses_receipts: true,
        doubles_receipts: true,
        ..Manners::default()
    };
    let centre = Centre::start(&rig, &post.id, manners).await;
    let running = post.start(&rig);
    for number in 0..3_000 {
        post.store.append(reading(number));
        if number % 100 == 0 {
            post.store.append(event(number));
            sleep(Duration::from_millis(10)).await;
        }
    }
    // The receipt of the last envelopes may be among the lost ones: they go again until one comes through.
    post.until_receipted().await;
    {
        let seen = centre.seen.lock().unwrap();
        seen.assert_in_order();
        assert_eq!((seen.count(Lane::Vitals), seen.given_events()), (3_000, 30));
    }
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_silent_centre_is_noticed_nothing_is_retired_and_its_return_is_noticed_too() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let mut running = post.start(&rig);
    running.until("up", |link| link.state == CentreState::Up).await;
    centre.manners(Manners {
        silent: true,
        ..Manners::default()
    });
    post.store.append(event(1));
    let link = running
        .until("unreachable", |link| link.state == CentreState::Unreachable)
        .await;
    assert!(link.problem.is_some_and(|problem| problem.contains("silent")));
    assert_eq!(
        post.store.waiting(Destination::CENTRE, Lane::Events),
        1,
        "a PUBACK retires nothing"
    );
    centre.manners(Manners::default());
    running
        .until("up again", |link| {
            link.state == CentreState::Up && link.waiting == 0
        })
        .await;
    let link = running
        .until("the report of the outage", |link| link.outage.is_some())
        .await;
    let outage = link.outage.unwrap();
    assert_eq!((outage.kept, outage.lost), (1, 0));
    until_seen(&centre, "the report at the centre", |seen| {
        let mut records = seen.applied.values().flatten();
        records.any(|(_, record)| matches!(record, Record::Event { event: Event::Outage(told), .. } if told.kept == outage.kept))
    })
    .await;
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_garbage_from_above_ends_nothing_and_retires_nothing() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let mut running = post.start(&rig);
    let (mallory, mut at_mallory) = rig.centre().await;
    post.store.append(event(1));
    // The post's state says that it has subscribed.
    timeout(PATIENCE, at_mallory.next()).await.unwrap().unwrap();
    let foreign = vitals::wire::Receipt {
        post: "b".parse().unwrap(),
        epoch: post.store.last()[0].epoch,
        lane: Lane::Events,
        contiguous: vitals::Seq(1),
        missing: Vec::new(),
    };
    let future = vitals::wire::CentreHeartbeat {
        centre: "x".repeat(1 << 20),
        wall: WallTime::from_unix_ms(i64::MAX),
        duty: vitals::wire::OnDuty::NoRoster,
    };
    for payload in [
        Vec::new(),
        vec![0xff; 100_000],
        foreign.encode(),
        b"\x08\x63".to_vec(),
    ] {
        for to in [
            topic::receipt(&post.id),
            topic::heartbeat(&post.id),
            topic::command(&post.id),
        ] {
            mallory
                .publish(message(&to, &payload))
                .await
                .unwrap()
                .await
                .unwrap();
        }
    }
    let long_name = message(&topic::heartbeat(&post.id), &future.encode());
    mallory.publish(long_name).await.unwrap().await.unwrap();
    let link = running.until("up", |link| link.state == CentreState::Up).await;
    assert_eq!(link.centre.unwrap().len(), 64);
    assert_eq!(
        post.store.waiting(Destination::CENTRE, Lane::Events),
        1,
        "no receipt for this post came"
    );
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    post.until_receipted().await;
    drop(centre);
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_keeps_the_link_from_working_is_named_and_goes_when_it_works() {
    let rig = Rig::start().await;
    let (pki, address) = rig.stop().await;
    pki.issue("a", "post");
    let post = Post::new("a", Duration::from_millis(20));
    let stop = tokio_util::sync::CancellationToken::new();
    let relay = post.relay(address, Some(&pki));
    let task = tokio::spawn(crate::relay::run(relay, stop.clone()));
    let mut running = super::real::Running {
        stop,
        task,
        link: post.subscribe(),
    };
    let link = running.until("a problem", |link| link.problem.is_some()).await;
    assert_eq!(link.state, CentreState::Connecting);
    let problem = link.problem.unwrap();
    assert!(problem.contains("connection refused at 127.0.0.1"), "{problem}");
    let link = running
        .until("unreachable", |link| link.state == CentreState::Unreachable)
        .await;
    assert!(link.problem.is_some());
    let rig = Rig::start_at(pki, address).await;
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    running
        .until("up", |link| {
            link.state == CentreState::Up && link.problem.is_none()
        })
        .await;
    drop(centre);
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_closed_too_early_ends_nothing_and_the_relay_still_stops() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let mut running = post.start(&rig);
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    running.until("up", |link| link.state == CentreState::Up).await;
    post.store.clone().close().unwrap();
    post.store.append(event(1));
    let states = centre.seen.lock().unwrap().statuses.len();
    until_seen(&centre, "still there", |seen| seen.statuses.len() > states + 1).await;
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_i1_a_receipt_for_records_that_were_never_sent_retires_none_of_them() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let mut running = post.start(&rig);
    // An event cannot be sent before it is on the card, and this one never will be.
    post.store.clone().close().unwrap();
    post.store.append(event(1));
    let (confused, _incoming) = rig.centre().await;
    let claim = vitals::wire::Receipt {
        post: post.id.clone(),
        epoch: post.store.last()[0].epoch,
        lane: Lane::Events,
        contiguous: vitals::Seq(u64::MAX),
        missing: Vec::new(),
    };
    let heartbeat = vitals::wire::CentreHeartbeat {
        centre: "Confused".to_owned(),
        wall: WallTime::from_unix_ms(0),
        duty: vitals::wire::OnDuty::NoRoster,
    };
    for down in [
        message(&topic::receipt(&post.id), &claim.encode()),
        message(&topic::heartbeat(&post.id), &heartbeat.encode()),
    ] {
        confused
            .publish(Message { retain: true, ..down })
            .await
            .unwrap()
            .await
            .unwrap();
    }
    // The heartbeat came after the receipt, in order.
    running.until("up", |link| link.state == CentreState::Up).await;
    assert_eq!(post.store.waiting(Destination::CENTRE, Lane::Events), 1);
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_what_a_full_card_gave_up_is_told_to_the_centre_and_blocks_nothing() {
    let rig = Rig::start().await;
    let dir = tempfile::tempdir().unwrap();
    let post = Post::open_in(dir, "a", Duration::from_millis(20), 2_000);
    for round in 0..40 {
        (0..500).for_each(|number| {
            post.store.append(reading(round * 500 + number));
        });
        post.store.flush().unwrap();
    }
    assert!(
        post.store.waiting(Destination::CENTRE, Lane::Events) > 0,
        "the card gave something up"
    );
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let running = post.start(&rig);
    post.until_receipted().await;
    {
        let seen = centre.seen.lock().unwrap();
        let (arrived, lost) = (seen.count(Lane::Vitals), seen.lost(Lane::Vitals));
        assert!(lost > 0 && arrived > 0, "{arrived} arrived, {lost} lost");
        assert_eq!(u64::try_from(arrived).unwrap() + lost, 20_000);
    }
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_used_without_a_restart_and_its_date_is_told() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let centre = Centre::start(&rig, &post.id, Manners::default()).await;
    let mut running = post.start(&rig);
    let link = running.until("up", |link| link.state == CentreState::Up).await;
    assert!(link.certificate_expires.is_some());
    let certificate = rig.pki.path("a.pem");
    let before = std::fs::read(&certificate).unwrap();
    // The key is of another certificate for a moment: nothing happens.
    rig.pki.issue("b", "post");
    std::fs::copy(rig.pki.path("b.pem"), &certificate).unwrap();
    sleep(Duration::from_millis(700)).await;
    assert!(running.link.borrow().problem.is_none(), "the old link goes on");
    std::fs::remove_file(&certificate).unwrap();
    rig.pki.issue("a", "post");
    assert_ne!(std::fs::read(&certificate).unwrap(), before);
    let states = |seen: &super::centre::Seen| seen.statuses.len();
    let seen_before = states(&centre.seen.lock().unwrap());
    until_seen(&centre, "states go on", |seen| states(seen) > seen_before + 3).await;
    assert!(
        !centre
            .seen
            .lock()
            .unwrap()
            .statuses
            .contains(&vitals::wire::PostStatus::Lost),
        "it signed off in order"
    );
    post.store.append(event(1));
    post.until_receipted().await;
    running.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_to_the_centre_is_measured_until_it_has_stored_what_was_sent() {
    let rig = Rig::start().await;
    let post = Post::new("a", Duration::from_millis(20));
    let slowness = Duration::from_millis(60);
    let manners = Manners {
        slowness,
        ..Manners::default()
    };
    let centre = Centre::start(&rig, &post.id, manners).await;
    let mut running = post.start(&rig);
    running
        .until("the centre", |link| link.state == CentreState::Up)
        .await;
    post.store.append(event(1));
    post.until_receipted().await;
    until("a trip", || !post.figures.trips().is_empty()).await;
    let trips = post.figures.trips();
    assert!(
        trips
            .iter()
            .all(|trip| trip.lane == Lane::Events && trip.took >= slowness),
        "{trips:?}"
    );
    let centre_wall = post.figures.centre_clock().unwrap().1;
    assert!(
        centre_wall >= WallTime::from_unix_ms(CENTRE_WALL_MS),
        "{centre_wall:?}"
    );
    drop(centre);
    running.stop().await;
    rig.stop().await;
}
