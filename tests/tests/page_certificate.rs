//! The certificate of the nurses' page, at a post that runs.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::clock::wait_for;
use tests::scene::{START_WITHIN, Scene};

/// What the log tells of certificates, in order.
fn fingerprints(log: &str) -> Vec<String> {
    let lines = log
        .lines()
        .filter_map(|line| line.split_once(" sha256=").map(|(_, rest)| rest));
    lines
        .map(|rest| rest.split(' ').next().unwrap_or_default().to_owned())
        .collect()
}

/// Starts the post and waits until its log has told so many of them.
fn start(scene: &mut Scene, config: &str, count: usize) -> String {
    scene.launch_post_with(config);
    let post = scene.post.as_mut().expect("just launched");
    wait_for("the post tells its certificate", START_WITHIN, || {
        assert!(post.runs(), "the post ended:\n{}", post.log());
        let log = post.log();
        let is_ready = log.matches(" ready ").count() == count;
        (is_ready && fingerprints(&log).len() == count).then_some(log)
    })
}

#[test]
fn a_page_on_the_network_has_a_fingerprint_that_stays_and_takes_up_new_files_when_it_is_told() {
    let mut scene = Scene::new();
    let config = scene
        .config()
        .replacen("[web]\nlisten = \"127.0.0.1:", "[web]\nlisten = \"0.0.0.0:", 1);
    let log = start(&mut scene, &config, 1);
    let first = fingerprints(&log)[0].clone();
    assert_eq!(first.split(':').count(), 32, "{log}");
    assert!(log.contains(&format!("\n    {first}\n")), "the console: {log}");
    assert!(scene.post.take().expect("it runs").stop().success());

    // The log is appended to: the second start tells the same once more.
    let log = start(&mut scene, &config, 2);
    assert_eq!(fingerprints(&log)[1], first);

    let made = rcgen::generate_simple_self_signed(["ward.example.org".to_owned()]).expect("a certificate");
    std::fs::write(scene.path("page.pem"), made.cert.pem()).expect("the folder is writable");
    std::fs::write(scene.path("page.key"), made.signing_key.serialize_pem()).expect("the folder is writable");
    let post = scene.post.as_mut().expect("it runs");
    post.signal(Signal::SIGHUP);
    let newest = wait_for("new files are read", Duration::from_secs(60), || {
        assert!(post.runs(), "the post ended:\n{}", post.log());
        let told = fingerprints(&post.log());
        told.last().filter(|newest| **newest != first).cloned()
    });
    assert_eq!(newest.split(':').count(), 32);
    assert!(scene.post.take().expect("it runs").stop().success());
}
