//! Any broker with the same rules on topics serves: here Mosquitto, which keeps nothing over a restart. What it has
//! confirmed and lost with its memory, the post still has (I1), whether the post speaks MQTT 5 or 3.1.1.

use std::time::Duration;

use serde_json::Value;
use tests::clock::wait_for;
use tests::scene::Scene;

/// Longer than the longest back-off, on a loaded machine.
const WITHIN: Duration = Duration::from_secs(90);

/// Readings that the centre lacks of our only post.
fn behind(centre: &Value) -> Option<u64> {
    centre["posts"].get(0)?["behind"].as_u64()
}

/// SpO2 as the doctor sees it, if it was measured less than 15 s ago.
fn fresh_at_doctor(centre: &Value) -> Option<()> {
    let values = centre["posts"].get(0)?["beds"].get(0)?["values"].as_array()?;
    let spo2 = values.iter().find(|value| value["code"] == "spo2")?;
    spo2["value"].as_str()?;
    (spo2["age_ms"].as_u64()? < 15_000).then_some(())
}

/// The link is up, readings go through, and both ends agree that little or nothing is on its way.
fn flows(scene: &Scene, what: &str) {
    let (nurse, doctor) = (scene.nurse(), scene.doctor());
    wait_for(&format!("{what}: the link is up"), WITHIN, || {
        (nurse.ward()?["centre"]["state"] == "up").then_some(())
    });
    wait_for(&format!("{what}: a fresh reading at the centre"), WITHIN, || {
        fresh_at_doctor(&doctor.centre()?)
    });
    wait_for(&format!("{what}: hardly anything waits"), WITHIN, || {
        (nurse.ward()?["centre"]["waiting"].as_u64()? < 20).then_some(())
    });
    wait_for(&format!("{what}: the centre lacks nothing"), WITHIN, || {
        (behind(&doctor.centre()?)? == 0).then_some(())
    });
}

#[test]
fn i1_mosquitto_serves_as_the_broker_and_its_restart_loses_nothing() {
    its_restart_loses_nothing(Scene::new(), "p5");
}

#[test]
fn i1_mosquitto_serves_a_post_of_mqtt_3_1_1_and_a_centre_of_mqtt_5_and_its_restart_loses_nothing() {
    let mut scene = Scene::new();
    scene.post_speaks("3.1.1");
    its_restart_loses_nothing(scene, "p2");
}

/// `version` is Mosquitto's word for what the post speaks.
fn its_restart_loses_nothing(mut scene: Scene, version: &str) {
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    scene.start_mosquitto();
    scene.start_centre();
    scene.start_post();
    flows(&scene, "with Mosquitto");
    let mosquitto = scene.broker.take().expect("Mosquitto runs");
    let log = mosquitto.log();
    for (client, version) in [("as post-demo", version), ("as centre-", "p5")] {
        let signed_on = log.lines().filter(|line| line.contains(client));
        assert!(
            signed_on.clone().count() > 0
                && signed_on
                    .clone()
                    .all(|line| line.contains(&format!("({version}, "))),
            "{client} does not speak {version}:\n{log}"
        );
    }

    mosquitto.kill();
    let nurse = scene.nurse();
    wait_for("readings wait at the post", WITHIN, || {
        (nurse.ward()?["centre"]["waiting"].as_u64()? > 40).then_some(())
    });
    scene.start_mosquitto();
    flows(&scene, "after its restart");

    // Nothing new is made: now not even the last reading may be missing. It waits at most the commit window (1 s here).
    scene.simulators.clear();
    std::thread::sleep(Duration::from_secs(3));
    let doctor = scene.doctor();
    wait_for("everything has arrived and is receipted", WITHIN, || {
        (nurse.ward()?["centre"]["waiting"] == 0 && behind(&doctor.centre()?)? == 0).then_some(())
    });
}
