//! The post's own sensors over a real broker, ours and Mosquitto: what they say stands on the nurse's page, nobody speaks
//! for another, and a broker that dies and comes back costs no more than the time between.

use std::time::Duration;

use serde_json::Value;
use tests::clock::wait_for;
use tests::pages::{bed, value};
use tests::scene::Scene;

const WITHIN: Duration = Duration::from_secs(90);

/// When the pulse at bed 1 was heard, if it was later than this.
fn pulse(ward: &Value, after_ms: u64) -> Option<u64> {
    let bed = bed(ward, "1");
    let pulse = value(bed, "pr")?;
    pulse["value"].as_str()?;
    let at_ms = pulse["at_ms"].as_u64()?;
    (bed["link"] == "live" && at_ms > after_ms).then_some(at_ms)
}

fn fridge(ward: &Value) -> Option<f64> {
    let site = ward["site"].as_array()?;
    let found = site
        .iter()
        .find(|one| one["device"] == "fridge-1" && one["signal"] == "temperature")?;
    found["value"].as_str()?.parse().ok()
}

#[test]
fn sensors_are_heard_over_our_broker_and_nobody_speaks_for_another() {
    their_life(Scene::start_broker);
}

#[test]
fn sensors_are_heard_over_mosquitto_and_nobody_speaks_for_another() {
    their_life(Scene::start_mosquitto);
}

fn their_life(start_broker: fn(&mut Scene)) {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.bed("2");
    scene.sensors(&[("band-1", Some("1")), ("band-2", Some("2")), ("fridge-1", None)]);
    start_broker(&mut scene);
    scene.start_post();
    scene.sensor("band-1", "band-1@demo", Some("generator:1"));
    scene.sensor("fridge-1", "fridge-1@demo", None);
    // One sensor that pretends to be another, and a post that does.
    scene.sensor("band-2", "fridge-1@demo", Some("generator:2"));
    scene.sensor("band-2", "demo", Some("generator:3"));
    let nurse = scene.nurse();
    wait_for("the pulse stands at bed 1", WITHIN, || pulse(&nurse.ward()?, 0));
    let celsius = wait_for("so does the fridge", WITHIN, || fridge(&nurse.ward()?));
    assert!((3.0..7.0).contains(&celsius), "{celsius}");

    scene.broker.take().expect("it runs").kill();
    let last = wait_for("the page says that the band is not heard", WITHIN, || {
        let ward = nurse.ward()?;
        let bed = bed(&ward, "1");
        value(bed, "pr")?["at_ms"]
            .as_u64()
            .filter(|_| bed["link"] == "disconnected")
    });
    start_broker(&mut scene);
    wait_for("the pulse comes back", WITHIN, || pulse(&nurse.ward()?, last));
    let ward = nurse.ward().expect("the page answers");
    assert!(
        value(bed(&ward, "2"), "pr").is_none(),
        "nobody but band-2 speaks for it: {ward}"
    );
    let lines = nurse.json("/api/v1/lines").expect("the page answers");
    println!("{lines}");

    // Its own certificate is enough.
    scene.sensor("band-2", "band-2@demo", Some("generator:4"));
    wait_for("band-2 is heard", WITHIN, || {
        value(bed(&nurse.ward()?, "2"), "pr")?["value"]
            .as_str()
            .map(|_| ())
    });
}
