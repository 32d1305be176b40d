//! Sensors at the broker: each speaks for itself, on its one topic, now, and not too much.

use std::time::{Duration, Instant};

use rumqttc::{Connect, ConnectAuth, LastWill, Packet, Publish, QoS};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::hostile::{bytes_of, read_to_end, sign_on, subscribe};
use super::rig::{PATIENCE, Rig, message};

const BAND: &str = "a/sensor/band-1";
const TOPIC: &str = "vitalpost/v1/a/sensor/band-1";

/// A post that hears its sensors.
async fn post(rig: &Rig) -> (link::Publisher, link::Incoming) {
    let mut options = rig.options("a", "post");
    options.subscribe = vec!["vitalpost/v1/a/sensor/+".to_owned()];
    link::connect(&options).await.expect("a post hears its sensors")
}

async fn next(incoming: &mut link::Incoming) -> link::Message {
    timeout(PATIENCE, incoming.next()).await.unwrap().unwrap()
}

fn publish(topic: &str, payload: &[u8], retain: bool) -> Vec<u8> {
    let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload.to_vec(), None);
    publish.pkid = 1;
    publish.retain = retain;
    bytes_of(&Packet::Publish(publish))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_sensor_says_reaches_its_post_and_nobody_else() {
    let rig = Rig::start().await;
    let (_post, mut at_post) = post(&rig).await;
    let mut other = rig.options("b", "post");
    other.subscribe = vec!["vitalpost/v1/a/sensor/+".to_owned()];
    assert!(
        link::connect(&other).await.is_err(),
        "another post hears nothing of it"
    );
    let mut centre = rig.options("district", "centre");
    centre.subscribe = vec!["vitalpost/v1/+/sensor/+".to_owned()];
    assert!(link::connect(&centre).await.is_err(), "sensors stay at the post");
    let (band, _at_band) = link::connect(&rig.options(BAND, "sensor")).await.unwrap();
    let said = message(TOPIC, b"72");
    band.publish(said.clone()).await.unwrap().await.unwrap();
    assert_eq!(next(&mut at_post).await, said);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_a_sensor_cannot_speak_for_another_hear_anything_or_leave_anything() {
    let rig = Rig::start().await;
    let (_post, mut at_post) = post(&rig).await;
    let attacks = [
        (
            "another sensor's topic",
            publish("vitalpost/v1/a/sensor/band-2", b"x", false),
        ),
        (
            "another post's",
            publish("vitalpost/v1/b/sensor/band-1", b"x", false),
        ),
        (
            "the post's own state",
            publish("vitalpost/v1/a/state", b"x", false),
        ),
        ("an alarm", publish("vitalpost/v1/a/up/alerts", b"x", false)),
        ("a retained message", publish(TOPIC, b"x", true)),
        ("its own topic", subscribe(TOPIC)),
        ("orders", subscribe("vitalpost/v1/a/down/+")),
        ("everything", subscribe("#")),
        ("more than it may", publish(TOPIC, &[b'x'; 18 << 10], false)),
        (
            "the beginning of far more",
            publish(TOPIC, &[b'x'; 1 << 20], false)[..64].to_vec(),
        ),
    ];
    for (what, bytes) in attacks {
        let mut stream = rig.raw(&rig.pki, BAND, "sensor").await.unwrap();
        assert_eq!(sign_on(&mut stream, "band").await, 0, "{what}");
        stream.write_all(&bytes).await.unwrap();
        let heard = read_to_end(&mut stream).await;
        assert!(
            heard.is_empty() || heard[0] == 0xe0,
            "{what} was answered: {heard:?}"
        );
    }
    let will = LastWill::new(TOPIC, "x", QoS::AtLeastOnce, false, None);
    let hello = Connect {
        keep_alive: 30,
        client_id: "band".to_owned(),
        clean_start: true,
        properties: None,
    };
    let mut stream = rig.raw(&rig.pki, BAND, "sensor").await.unwrap();
    let connect = Packet::Connect(hello, Some(will), ConnectAuth::None);
    stream.write_all(&bytes_of(&connect)).await.unwrap();
    let heard = read_to_end(&mut stream).await;
    assert!(heard[0] == 0x20 && heard[3] >= 0x80, "a will: {heard:?}");
    // None of it came through: the first that the post hears is what the sensor may say.
    let (band, _at_band) = link::connect(&rig.options(BAND, "sensor")).await.unwrap();
    band.publish(message(TOPIC, b"72")).await.unwrap().await.unwrap();
    assert_eq!(next(&mut at_post).await.payload, b"72");
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b1_a_certificate_that_does_not_say_whose_sensor_it_is_lets_nobody_in() {
    let rig = Rig::start().await;
    for name in ["band-1", "a/band-1", "a/sensor/b/c", "a/sensor/+"] {
        if let Ok(mut stream) = rig.raw(&rig.pki, name, "sensor").await {
            stream.write_all(b"\x10").await.ok();
            assert_eq!(read_to_end(&mut stream).await, b"", "{name}");
        }
    }
    rig.must_serve().await;
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_a_sensor_that_floods_is_read_slowly_and_slows_nobody() {
    let rig = Rig::start().await;
    let (_post, mut at_post) = post(&rig).await;
    let mut flood = rig.raw(&rig.pki, "a/sensor/flood", "sensor").await.unwrap();
    assert_eq!(sign_on(&mut flood, "flood").await, 0);
    #[expect(
        clippy::disallowed_methods,
        reason = "how fast the broker reads is measured by the real clock"
    )]
    let began = Instant::now();
    let flooding = tokio::spawn(async move {
        let packet = publish("vitalpost/v1/a/sensor/flood", &[b'x'; 8 << 10], false);
        while flood.write_all(&packet).await.is_ok() {}
    });
    let (band, _at_band) = link::connect(&rig.options(BAND, "sensor")).await.unwrap();
    let (mut own, mut flooded) = (0, 0);
    while own < 5 {
        band.publish(message(TOPIC, b"72")).await.unwrap().await.unwrap();
        loop {
            let heard = next(&mut at_post).await;
            if heard.topic == TOPIC {
                break;
            }
            flooded += heard.payload.len();
        }
        own += 1;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    rig.must_serve().await;
    let seconds = began.elapsed().as_secs_f64();
    // Two seconds' worth in the first chunk, and what came since.
    let most = (seconds + 2.0) * f64::from(32 << 10);
    assert!((flooded as f64) < most, "{flooded} bytes in {seconds} s");
    flooding.abort();
    rig.stop().await;
}
