//! The life of an alarm through real processes: from the device's bytes to the nurse, the doctor, and "seen" back (I6).

use std::time::Duration;

use serde_json::{Value, json};
use tests::clock::{boot_ns, wait_for};
use tests::pages::{Site, alarms, bed, value};
use tests::recordings;
use tests::scene::Scene;

/// The limit alarm's own delay (vitals::alarm, disclosed in docs/operate/alarms.md).
const SPO2_DELAY: Duration = Duration::from_secs(10);

/// From "the condition is true" to the doctor's page on a good link.
const TO_DOCTOR_MAX: Duration = Duration::from_secs(1);

fn running(beds: &[&str]) -> Scene {
    let mut scene = Scene::new();
    beds.iter().for_each(|bed| scene.bed(bed));
    scene.start_broker();
    scene.start_centre();
    scene
}

fn centre_sees(scene: &Scene) {
    let nurse = scene.nurse();
    wait_for("the post hears the centre", Duration::from_secs(40), || {
        (nurse.ward()?["centre"]["state"] == "up").then_some(())
    });
}

fn alert(centre: &Value, condition: &str) -> Option<Value> {
    centre["alerts"]
        .as_array()?
        .iter()
        .find(|alert| alert["condition"] == condition)
        .cloned()
}

#[test]
fn record_32_is_one_spo2_alarm_that_reaches_the_doctor_within_a_second_and_comes_back_seen() {
    let Some(recording) = recordings::bidmc(32, "the SpO2 alarm of record 32, end to end") else {
        return;
    };
    let mut scene = running(&["1"]);
    let patient = format!("bidmc:{}", recording.display());
    scene.nonin("oxi-1", "1", "2", &patient, &[]);
    scene.pull_cable("oxi-1");
    scene.start_post();
    centre_sees(&scene);
    scene.start_nonin("oxi-1", "2", &patient, &[]);

    let doctor = scene.doctor();
    let shown = wait_for("the doctor sees the alarm", Duration::from_secs(60), || {
        alert(&doctor.centre()?, "limit.spo2.low")
    });
    let shown_ns = boot_ns();
    let nurse = scene.nurse();
    let ward = nurse.ward().expect("the nurse's page answers");
    let at_bed = alarms(&ward, "1", "limit.spo2.low");
    assert_eq!(at_bed.len(), 1, "{ward}");
    let since = |key: &str| {
        let at_ns = at_bed[0][key].as_u64().expect("in this boot") * 1_000_000;
        Duration::from_nanos(shown_ns.saturating_sub(at_ns))
    };
    let (from_crossing, from_true) = (since("crossed_ms"), since("onset_ms"));
    let waited = from_crossing.saturating_sub(from_true);
    assert!(
        waited.abs_diff(SPO2_DELAY) < Duration::from_millis(700),
        "its delay is 10 s: {waited:?}"
    );
    let truth = scene.truth();
    let first_low = truth.of("oxi-1").iter().rev().take_while(|sent| {
        sent.values.get("spo2").is_some_and(|v| {
            v.as_deref()
                .is_some_and(|v| v.parse::<u32>().is_ok_and(|v| v < 90))
        })
    });
    let device_ns = first_low
        .map(|sent| sent.at_ns)
        .min()
        .expect("the device sent a low value");
    let from_device = Duration::from_nanos(shown_ns - device_ns).saturating_sub(SPO2_DELAY);
    println!(
        "alarm at the doctor's page {} ms after the condition was true at the post ({} ms after the value crossed)",
        from_true.as_millis(),
        from_crossing.as_millis()
    );
    println!(
        "({} ms counted from the first low packet that left the device)",
        from_device.as_millis()
    );
    assert!(from_true < TO_DOCTOR_MAX, "{from_true:?}");
    assert_eq!(
        (&shown["priority"], &shown["phase"]),
        (&json!("high"), &json!("active"))
    );
    assert_eq!(shown["past"], false);

    seen_comes_back(&scene, &shown);
    stays_one_alarm(&doctor);
}

fn stays_one_alarm(doctor: &Site) {
    // 83 to 87 for the whole record: one alarm, no chatter.
    std::thread::sleep(Duration::from_secs(20));
    let centre = doctor.centre().expect("the doctor's page answers");
    let spo2 = centre["alerts"]
        .as_array()
        .expect("the centre lists alerts")
        .iter()
        .filter(|a| a["condition"] == "limit.spo2.low")
        .count();
    assert_eq!(spo2, 1, "{centre}");
    assert_eq!(
        alert(&centre, "limit.spo2.low").map(|alert| alert["onsets"].clone()),
        Some(json!(1))
    );
}

/// The doctor says "seen"; the nurse's page shows it within a second; the doctor's page shows that it did.
fn seen_comes_back(scene: &Scene, alert: &Value) {
    let (doctor, nurse) = (scene.doctor(), scene.nurse());
    let path = format!(
        "/api/v1/alerts/demo/{}/seen",
        alert["id"].as_str().expect("an alert has its id")
    );
    let before_ns = boot_ns();
    let (status, answer) = doctor.post(&path, &json!({}));
    assert_eq!(status, 202, "{answer}");
    wait_for("the nurse sees who saw it", Duration::from_secs(10), || {
        let ward = nurse.ward()?;
        (alarms(&ward, "1", "limit.spo2.low").first()?["seen"][0]["by"] == "Dr Test").then_some(())
    });
    let back = Duration::from_nanos(boot_ns() - before_ns);
    println!(
        "\"seen\" at the nurse's page {} ms after the doctor's click",
        back.as_millis()
    );
    assert!(back < Duration::from_secs(1), "{back:?}");
    wait_for("the doctor's page confirms it", Duration::from_secs(10), || {
        let alert = self::alert(&doctor.centre()?, "limit.spo2.low")?;
        (alert["seen"][0]["confirmed"] == true).then_some(())
    });
    let ward = nurse.ward().expect("the nurse's page answers");
    let at_bed = alarms(&ward, "1", "limit.spo2.low");
    assert_eq!(
        at_bed[0]["phase"], "active",
        "what a doctor saw silences nothing at the bedside"
    );
    wait_for(
        "the alarm is known to be at the centre",
        Duration::from_secs(10),
        || {
            let ward = nurse.ward()?;
            let alarm = alarms(&ward, "1", "limit.spo2.low").first().copied().cloned()?;
            let steps = alarm["steps"].as_array()?;
            let is_there = steps.iter().any(|step| step["what"] == "at_centre");
            (is_there && alarm["delivery"] == "read").then_some(())
        },
    );
}

#[test]
fn an_acknowledgement_needs_a_person_is_shown_at_both_ends_and_survives_a_kill() {
    let mut scene = running(&["1"]);
    scene.nonin("oxi-1", "1", "7", "generator:5:deterioration", &["--speed", "20"]);
    scene.start_post();
    centre_sees(&scene);
    let nurse = scene.nurse();
    let id = wait_for("an alarm", Duration::from_secs(120), || {
        let ward = nurse.ward()?;
        Some(
            alarms(&ward, "1", "limit.spo2.low").first()?["id"]
                .as_str()?
                .to_owned(),
        )
    });
    let path = format!("/api/v1/alarms/{id}/acknowledge");
    assert_eq!(scene.stranger().post(&path, &json!({})).0, 401);
    assert_eq!(nurse.post(&path, &json!({ "by": "Amina" })).0, 422);
    let (status, answer) = nurse.post(&path, &json!({}));
    assert_eq!(status, 200, "{answer}");
    assert_eq!(nurse.post(&path, &json!({})).0, 409, "it was acknowledged before");
    let doctor = scene.doctor();
    let acknowledged = |centre: Value| {
        let all = centre["alerts"].as_array()?.clone();
        all.into_iter()
            .find(|alert| alert["id"] == id.as_str() && alert["acknowledged_by"] == "Grace")
    };
    wait_for(
        "the doctor sees the acknowledgement",
        Duration::from_secs(10),
        || acknowledged(doctor.centre()?),
    );
    scene.post.take().unwrap().kill();
    scene.start_post();
    let ward = nurse.ward().unwrap();
    let kept = ward["alarms"]
        .as_array()
        .unwrap()
        .iter()
        .find(|alarm| alarm["id"] == id.as_str());
    let kept = kept.unwrap_or_else(|| panic!("the alarm is gone after the kill: {ward}"));
    assert_eq!(
        (&kept["phase"], &kept["acknowledged_by"]),
        (&json!("acknowledged"), &json!("Grace"))
    );
}

#[test]
fn record_19_shows_probe_off_without_a_number_and_record_13_raises_no_apnoea() {
    let what = "probe off in record 19 and absent breathing in record 13, end to end";
    let (Some(probe), Some(breath)) = (recordings::bidmc(19, what), recordings::bidmc(13, what)) else {
        return;
    };
    let mut scene = running(&["2", "1"]);
    scene.nonin(
        "oxi-2",
        "2",
        "2",
        &format!("bidmc:{}", probe.display()),
        &["--start", "268"],
    );
    scene.monitor_tcp(
        "mon-1",
        "1",
        &format!("bidmc:{}", breath.display()),
        &["--start", "180"],
    );
    scene.start_post();

    let nurse = scene.nurse();
    let ward = wait_for("the tile says probe off", Duration::from_secs(30), || {
        let ward = nurse.ward()?;
        (value(bed(&ward, "2"), "spo2")?["reason"] == "probe_off").then_some(ward)
    });
    for code in ["spo2", "pr"] {
        let shown = value(bed(&ward, "2"), code).expect("a value with a reason");
        assert_eq!(
            (&shown["value"], &shown["reason"]),
            (&Value::Null, &json!("probe_off")),
            "{code}"
        );
    }
    wait_for("one technical alarm", Duration::from_secs(20), || {
        let ward = nurse.ward()?;
        (alarms(&ward, "2", "probe_off").len() == 1).then_some(())
    });
    let doctor = scene.doctor();
    // Long enough for the pauses of record 13 (15 s from second 191) and the gap of record 19 (25 s) to pass.
    std::thread::sleep(Duration::from_secs(25));
    let centre = doctor.centre().expect("the doctor's page answers");
    let raised: Vec<String> = centre["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["condition"].to_string())
        .collect();
    assert!(
        raised
            .iter()
            .all(|key| !key.contains("limit.") && !key.contains("apnoea")),
        "{raised:?}"
    );
    assert_eq!(
        raised.iter().filter(|key| key.contains("probe_off.spo2")).count(),
        1,
        "{raised:?}"
    );
}
