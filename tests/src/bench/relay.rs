//! What the relay costs the link, how fast it drains, and how long an alert takes.
//!
//! Bytes are counted in a TCP proxy between relay and broker: everything that TLS sends in both directions, receipts,
//! heartbeats and states included, without the headers of TCP and IP. An alert's time runs from the moment the store gets
//! the alarm change until the centre's receipt is back at the post, so that it stands on the centre's disk: more than
//! until the doctor's page has it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use appliance::clock::Clock;
use appliance::store::{Batch, Cursor, Store};
use link::{LinkOptions, Message};
use tokio::time::sleep;
use vitals::wire::{Envelope, topic};
use vitals::{Lane, PostId};

use super::post::{Other, Post};
use super::proxy::{Proxy, Shape};
use super::store::{alarm, fill, open};
use super::ward::Ward;
use super::{Figures, Goal, Plan, quantile};

/// Headers of TCP and IP with time stamps.
const HEADER_BYTES: f64 = 52.0;
/// As the relay cuts batches.
const BATCH_RECORDS: usize = 2_000;
/// A modem on a bad day.
const THIN: Shape = Shape {
    bytes_per_s: 8_000,
    delay: Duration::from_millis(100),
};
/// How long an alert may take before the run is given up.
const ALERT_MAX: Duration = Duration::from_secs(60);

/// How much of everything.
struct Extent {
    steady_s: u64,
    alerts: u32,
    drained_s: u64,
    drains: usize,
    backlog_s: u64,
    backlog_beds: usize,
    slow_alerts: u32,
    slow_envelopes: usize,
}

impl Extent {
    fn of(plan: &Plan) -> Extent {
        if plan.quick {
            Extent {
                steady_s: 10,
                alerts: 3,
                drained_s: 300,
                drains: 1,
                backlog_s: 3_600,
                backlog_beds: 8,
                slow_alerts: 3,
                slow_envelopes: 20,
            }
        } else {
            Extent {
                steady_s: 120,
                alerts: 200,
                drained_s: 3_600,
                drains: 3,
                backlog_s: plan.days * 86_400,
                backlog_beds: 16,
                slow_alerts: 100,
                slow_envelopes: 200,
            }
        }
    }
}

/// All figures of the relay.
pub fn measure(plan: &Plan) -> Result<Figures> {
    let runtime = tokio::runtime::Runtime::new().context("a runtime")?;
    runtime.block_on(measure_all(plan))
}

async fn measure_all(plan: &Plan) -> Result<Figures> {
    let (extent, clock) = (Extent::of(plan), Clock::system().context("the clock")?);
    let mut figures = Figures::default();
    let mut other = Other::start(
        &plan.folder,
        &["good", "raw", "drain-0", "drain-1", "drain-2", "slow"],
    )?;
    drain(plan, &extent, &mut other, clock, &mut figures).await?;
    good_link(plan, &extent, &other, clock, &mut figures).await?;
    thin_link(plan, &extent, &other, clock, &mut figures).await?;
    Ok(figures)
}

/// Readings of so many beds as time goes on, until the task is aborted.
fn feed(store: Store, beds: usize, plan: &Plan, clock: Clock) -> tokio::task::JoinHandle<()> {
    let mut ward = Ward::new(beds, 10, plan.recordings.as_deref());
    tokio::spawn(async move {
        let mut second = clock.now().as_ms() / 1_000;
        loop {
            second += 1;
            let due = vitals::MonoTime::from_ms(second * 1_000);
            sleep(due.since(clock.now())).await;
            for record in ward.second(second) {
                store.append(record);
            }
        }
    })
}

async fn good_link(
    plan: &Plan,
    extent: &Extent,
    other: &Other,
    clock: Clock,
    figures: &mut Figures,
) -> Result<()> {
    let proxy = Proxy::start(other.broker_port, None, clock).await?;
    let file = plan.folder.join("good.redb");
    let mut post = Post::start("good", &file, other.config("good", proxy.port), clock)?;
    post.connected().await?;
    let feeding = feed(post.store.clone(), 8, plan, clock);
    // The first window and the first receipts are not steady.
    sleep(Duration::from_secs(12)).await;
    let before = proxy.passed();
    sleep(Duration::from_secs(extent.steady_s)).await;
    let after = proxy.passed();
    let (bytes, chunks) = (after.0 - before.0, after.1 - before.1);
    let readings = (extent.steady_s * 80) as f64;
    let name = "bytes on the link per reading, 8 beds x 10 values x 1 Hz";
    let how = "TLS bytes in both directions at a proxy; receipts, heartbeats and states included";
    figures.add(name, bytes as f64 / readings, "B", Goal::Below(3.0), how);
    let with_headers = (bytes as f64 + chunks as f64 * HEADER_BYTES) / readings;
    let how = "the same and 52 bytes for each segment of data; bare acknowledgements come on top";
    figures.add(
        "the same with headers of TCP and IP",
        with_headers,
        "B",
        Goal::None,
        how,
    );
    let ms = alerts(&post, extent.alerts, Duration::from_millis(50), clock).await?;
    let how = "from the store getting the alarm change to the centre's receipt back at the post; loopback";
    figures.add("alert, good link, p50", quantile(&ms, 0.5), "ms", Goal::None, how);
    figures.add(
        "alert, good link, p99",
        quantile(&ms, 0.99),
        "ms",
        Goal::Below(500.0),
        how,
    );
    feeding.abort();
    post.stop().await
}

/// How long each of so many alerts takes, one after the other.
async fn alerts(post: &Post, count: u32, pause: Duration, clock: Clock) -> Result<Vec<f64>> {
    let mut ms = Vec::new();
    for number in 1..=count {
        let from = clock.now();
        post.store.append(alarm(post.epoch, number, from));
        while post.waiting(Lane::Alerts) > 0 {
            ensure!(
                clock.now().since(from) < ALERT_MAX,
                "an alert was not receipted within {ALERT_MAX:?}"
            );
            sleep(Duration::from_millis(1)).await;
        }
        ms.push(clock.now().since(from).as_secs_f64() * 1e3);
        // Not in step with anything else that happens every second.
        sleep(pause + Duration::from_millis(u64::from(number * 37 % 101))).await;
    }
    Ok(ms)
}

async fn drain(
    plan: &Plan,
    extent: &Extent,
    other: &mut Other,
    clock: Clock,
    figures: &mut Figures,
) -> Result<()> {
    let backlog = plan.folder.join("backlog.redb");
    fill_file(&backlog, 8, plan, extent.drained_s)?;
    let mut raw = Vec::new();
    for _ in 0..extent.drains {
        raw.push(publish_raw(&backlog, usize::MAX, other, other.broker_port, clock).await?);
    }
    let raw = quantile(&raw, 0.5);
    other.start_centre()?;
    let mut drained = Vec::new();
    for round in 0..extent.drains {
        let (id, file) = (format!("drain-{round}"), plan.folder.join("drain.redb"));
        std::fs::copy(&backlog, &file).context("cannot copy the backlog")?;
        let mut post = Post::start(&id, &file, other.config(&id, other.broker_port), clock)?;
        post.connected().await?;
        drained.push(drain_rate(&post, clock).await?);
        post.stop().await?;
        std::fs::remove_file(&file).context("the bench's own store")?;
    }
    let drained = quantile(&drained, 0.5);
    let how = "the same envelopes published by the same client to the same broker, without a centre; median";
    figures.add(
        "raw publish limit on loopback",
        raw,
        "readings/s",
        Goal::None,
        how,
    );
    let how = "from the first to the last receipt of an hour of 8 beds; median";
    figures.add(
        "drain after an outage on loopback",
        drained,
        "readings/s",
        Goal::None,
        how,
    );
    let how = "drain by raw publish limit, both in this run; the centre's own work is in it";
    figures.add(
        "drain on loopback, share of the raw publish limit",
        drained / raw * 100.0,
        "%",
        Goal::AtLeast(80.0),
        how,
    );
    Ok(())
}

fn fill_file(file: &Path, beds: usize, plan: &Plan, seconds: u64) -> Result<()> {
    let (store, _) = open(file, vitals::MonoTime::BOOT)?;
    fill(&store, beds, plan, seconds, 50)?;
    Ok(store.close()?)
}

/// A backlog as the relay would publish it, at most so many envelopes, and how many readings they hold.
fn payloads(backlog: &Path, post: &PostId, most: usize, clock: Clock) -> Result<(Vec<Vec<u8>>, usize)> {
    let (store, _) = open(backlog, clock.now())?;
    let (mut payloads, mut readings) = (Vec::new(), 0);
    let mut cursor = Cursor::START;
    while payloads.len() < most
        && let Some(batch) = store.read(Lane::Vitals, cursor, BATCH_RECORDS)?
    {
        cursor = batch.end();
        readings += batch.records.len();
        payloads.push(envelope(post, batch));
    }
    store.close()?;
    Ok((payloads, readings))
}

/// Readings per second that the client can publish to the broker at this port.
async fn publish_raw(backlog: &Path, most: usize, other: &Other, port: u16, clock: Clock) -> Result<f64> {
    let post: PostId = "raw".parse()?;
    let (payloads, readings) = payloads(backlog, &post, most, clock)?;
    let config = other.config("raw", port);
    let options = LinkOptions {
        host: config.host,
        port: config.port,
        mqtt: config.mqtt,
        client_id: "raw".to_owned(),
        ca: config.ca,
        certificate: config.certificate,
        key: config.key,
        will: None,
        subscribe: Vec::new(),
    };
    let (publisher, mut incoming) = link::connect(&options).await?;
    let listening = tokio::spawn(async move { while incoming.next().await.is_ok() {} });
    let from = clock.now();
    let mut deliveries = Vec::new();
    for payload in payloads {
        let message = Message {
            topic: topic::up(&post, Lane::Vitals),
            payload,
            retain: false,
        };
        deliveries.push(publisher.publish(message).await?);
    }
    for delivery in deliveries {
        delivery.await?;
    }
    let took = clock.now().since(from).as_secs_f64();
    listening.abort();
    Ok(readings as f64 / took)
}

fn envelope(post: &PostId, batch: Batch) -> Vec<u8> {
    let count = u32::try_from(batch.records.len()).expect("a batch is small");
    let (epoch, lane, first) = (batch.epoch, batch.lane, batch.first);
    let envelope = Envelope {
        post: post.clone(),
        epoch,
        lane,
        first,
        count,
        block: batch.into_block().encode(),
    };
    envelope.encode()
}

/// Readings per second, from the first receipt to the last.
async fn drain_rate(post: &Post, clock: Clock) -> Result<f64> {
    let all = post.waiting(Lane::Vitals);
    let begin = clock.now();
    let mut first = None;
    loop {
        let left = post.waiting(Lane::Vitals);
        if left < all && first.is_none() {
            first = Some((left, clock.now()));
        }
        if let (0, Some((from, since))) = (left, first) {
            return Ok(from as f64 / clock.now().since(since).as_secs_f64());
        }
        ensure!(
            clock.now().since(begin) < Duration::from_secs(600),
            "{left} readings are left after ten minutes"
        );
        sleep(Duration::from_millis(2)).await;
    }
}

/// Alerts while a long backlog drains over a thin link.
async fn thin_link(
    plan: &Plan,
    extent: &Extent,
    other: &Other,
    clock: Clock,
    figures: &mut Figures,
) -> Result<()> {
    let file = plan.folder.join("slow.redb");
    fill_file(&file, extent.backlog_beds, plan, extent.backlog_s)?;
    let proxy = Proxy::start(other.broker_port, Some(THIN), clock).await?;
    let raw = publish_raw(&file, extent.slow_envelopes, other, proxy.port, clock).await?;
    let mut post = Post::start("slow", &file, other.config("slow", proxy.port), clock)?;
    post.connected().await?;
    let feeding = feed(post.store.clone(), extent.backlog_beds, plan, clock);
    sleep(Duration::from_secs(15)).await;
    let (from, left, passed) = (clock.now(), post.waiting(Lane::Vitals), proxy.up.bytes());
    let ms = alerts(&post, extent.slow_alerts, Duration::from_millis(500), clock).await?;
    let took = clock.now().since(from).as_secs_f64();
    let still = post.waiting(Lane::Vitals);
    ensure!(
        still > 0,
        "the backlog was drained before the alerts were through"
    );
    let backlog = format!("{} days of {} beds", plan.days, extent.backlog_beds);
    let how = "as on the good link, through 64 kbit/s and 200 ms of round trip, while that backlog drains";
    for (word, share, goal) in [("p50", 0.5, Goal::None), ("p99", 0.99, Goal::Below(3_000.0))] {
        let name = format!("alert, backlog of {backlog} over 64 kbit/s, {word}");
        figures.add(&name, quantile(&ms, share), "ms", goal, how);
    }
    // What was made meanwhile was drained as well, as far as it does not wait now.
    let rate = (left as f64 + took * (extent.backlog_beds * 10) as f64 - still as f64) / took;
    let how = "readings receipted during those alerts";
    figures.add("drain over 64 kbit/s", rate, "readings/s", Goal::None, how);
    let how = "by what the same client publishes through the same link without anything else, in this run";
    let name = "drain over 64 kbit/s, share of the raw publish limit";
    figures.add(name, rate / raw * 100.0, "%", Goal::AtLeast(80.0), how);
    let how = "bytes from the post at the proxy, by what the link can carry";
    let share = (proxy.up.bytes() - passed) as f64 / took / THIN.bytes_per_s as f64 * 100.0;
    figures.add("use of that link", share, "%", Goal::None, how);
    feeding.abort();
    post.stop().await
}
