//! The link between post and centre goes dead without a word, as when a cable is pulled: no connection ends, nothing is
//! answered any more. Both ends must find out by themselves, within 30 s (I6; IEC 60601-1-8 6.11, a failed link is an
//! alarm at both its ends), and must say so to whoever stands there.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::clock::{boot_ns, wait_for};
use tests::scene::Scene;

/// From the dead link to the alarm.
const TOLD_WITHIN: Duration = Duration::from_secs(30);

/// How often the pages are asked, and how late a loaded machine is with an answer.
const LOOK: Duration = Duration::from_secs(4);

fn says_unreachable(ward: &serde_json::Value) -> bool {
    let alarms = ward["alarms"].as_array();
    alarms.is_some_and(|alarms| {
        alarms
            .iter()
            .any(|alarm| alarm["condition"] == "centre_unreachable")
    })
}

#[test]
fn i6_a_link_that_dies_without_a_word_is_told_at_both_ends_within_half_a_minute() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    scene.start_broker();
    scene.start_centre();
    scene.start_post();
    let (nurse, doctor) = (scene.nurse(), scene.doctor());
    wait_for("both ends hear each other", Duration::from_secs(40), || {
        let here = nurse.ward()?["centre"]["state"] == "up";
        let there = doctor.centre()?["posts"][0]["status"] == "online";
        (here && there).then_some(())
    });
    let broker = scene.broker.as_ref().expect("it runs");
    broker.signal(Signal::SIGSTOP);
    let pulled_ns = boot_ns();
    let within = |standstill: Duration| TOLD_WITHIN + LOOK + standstill;
    let (mut post_ns, mut centre_ns) = (None, None);
    while post_ns.is_none() || centre_ns.is_none() {
        let passed = Duration::from_nanos(boot_ns() - pulled_ns);
        assert!(
            passed <= within(scene.standstill.longest()),
            "after {passed:.1?}: the post has told it: {}, the centre: {}",
            post_ns.is_some(),
            centre_ns.is_some()
        );
        if nurse.ward().is_some_and(|ward| says_unreachable(&ward)) {
            post_ns.get_or_insert(passed);
        }
        if doctor
            .centre()
            .is_some_and(|centre| centre["posts"][0]["status"] == "lost")
        {
            centre_ns.get_or_insert(passed);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    println!("told at the post after {post_ns:.1?}, at the centre after {centre_ns:.1?}");
    scene
        .broker
        .as_ref()
        .expect("it is there")
        .signal(Signal::SIGCONT);
    wait_for("both ends say that it is back", Duration::from_secs(90), || {
        let here = !says_unreachable(&nurse.ward()?);
        let there = doctor.centre()?["posts"][0]["status"] == "online";
        (here && there).then_some(())
    });
}
