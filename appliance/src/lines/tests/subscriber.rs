//! Lines of sensors, with a real broker.

use std::sync::Arc;

use vitals::Code;

use super::*;
use crate::broker::tests::rig::{Pki, Rig, message};

/// A line of the post `test` at this broker.
fn subscribed(rig: &Rig) -> Running {
    rig.pki.issue("test", "post");
    start(&format!(
        "[[bed]]\nid = \"1\"\n[[line]]\nid = \"sensors\"\nfamily = \"sensor_json\"\nbroker = \"127.0.0.1:{}\"\n\
         ca = {:?}\ncertificate = {:?}\nkey = {:?}\n\
         [[line.source]]\ndevice = \"band-1\"\nbed = \"1\"\n[[line.source]]\ndevice = \"fridge-1\"\n",
        rig.address.port(),
        rig.pki.path("ca.pem"),
        rig.pki.certificate("test"),
        rig.pki.key("test"),
    ))
}

async fn sensor(rig: &Rig, device: &str) -> (link::Publisher, link::Incoming) {
    let name = format!("test/sensor/{device}");
    link::connect(&rig.options(&name, "sensor")).await.unwrap()
}

async fn say(sensor: &link::Publisher, device: &str, text: &str) {
    let message = message(&format!("vitalpost/v1/test/sensor/{device}"), text.as_bytes());
    sensor.publish(message).await.unwrap().await.unwrap();
}

fn pulse(run: &str, seq: u64, value: u32) -> String {
    format!(
        "{{\"run\":\"{run}\",\"seq\":{seq},\"up_ms\":{},\"values\":[{{\"code\":\"pr\",\"value\":{value},\"unit\":\"/min\"}}]}}",
        1000 * seq
    )
}

/// The next value, by device.
async fn next_pulse(line: &mut Running) -> String {
    loop {
        let event = line.next().await;
        if let Heard::Seen(Seen::Vital(seen)) = event.what {
            assert_eq!(seen.code, Code::Pr);
            return format!("{}={}", event.device, seen.measured.value().unwrap());
        }
    }
}

async fn opened(line: &mut Running) {
    while line.next_link().await != PortState::Open {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u1_what_configured_sensors_say_is_told_and_others_are_counted() {
    let rig = Rig::start().await;
    let mut line = subscribed(&rig);
    opened(&mut line).await;
    let (band, _at_band) = sensor(&rig, "band-1").await;
    let (stranger, _at_stranger) = sensor(&rig, "stranger").await;
    say(&stranger, "stranger", &pulse("s", 0, 200)).await;
    say(&band, "band-1", "{}").await;
    say(&band, "band-1", &pulse("b", 0, 72)).await;
    assert_eq!(next_pulse(&mut line).await, "band-1=72");
    let count = &line.counters.snapshot()[0];
    assert_eq!(
        (count.faults["unknown_location"], count.faults["bad_message"]),
        (1, 1)
    );
    assert!(count.bytes > 0 && count.opened == 1);
    line.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u3_a_broker_that_goes_is_told_and_its_return_is_noticed() {
    let rig = Rig::start().await;
    let mut line = subscribed(&rig);
    opened(&mut line).await;
    let (pki, address) = rig.stop().await;
    let reason = loop {
        // Each of the two devices is told.
        if let PortState::Closed { reason } = line.next_link().await {
            break reason;
        }
    };
    assert!(reason.contains("sensors"), "{reason}");
    let rig = Rig::start_at(pki, address).await;
    opened(&mut line).await;
    let (band, _at_band) = sensor(&rig, "band-1").await;
    say(&band, "band-1", &pulse("b", 0, 73)).await;
    assert_eq!(next_pulse(&mut line).await, "band-1=73");
    line.stop().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn u3_a_broker_that_only_takes_connections_is_told_while_the_line_lives() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pki = Arc::new(Pki::new());
    pki.issue("test", "post");
    let health = Health::default();
    let (reporter, mut events, _) = reporter_of(&health, Duration::from_secs(3), &["band-1"]);
    let line = crate::config::parse(
        Path::new("f.toml"),
        Path::new(""),
        &format!(
            "post = \"test\"\nname = \"Test\"\n[store]\npath = \"x\"\n[web]\nlisten = \"127.0.0.1:0\"\n\
             [[line]]\nid = \"sensors\"\nfamily = \"sensor_json\"\nbroker = \"127.0.0.1:{}\"\nca = {:?}\n\
             certificate = {:?}\nkey = {:?}\n[[line.source]]\ndevice = \"band-1\"\n",
            silent.local_addr().unwrap().port(),
            pki.path("ca.pem"),
            pki.certificate("test"),
            pki.key("test"),
        ),
    )
    .unwrap_or_else(|errors| panic!("{errors}"));
    let subscriber = super::super::subscriber::Subscriber::new(&line.post, &line.lines[0], reporter);
    let task = tokio::spawn(subscriber.run());
    let event = tokio::time::timeout(PATIENCE, events.recv())
        .await
        .unwrap()
        .unwrap();
    let Heard::Link(PortState::Closed { reason }) = event.what else {
        panic!("{event:?}");
    };
    assert!(reason.contains("does not answer"), "{reason}");
    let stalled = health.stalled(clock().now());
    assert!(stalled.is_empty(), "the line makes its rounds: {stalled:?}");
    task.abort();
}
