//! `vitalpost health` beside real posts: healthy, not healthy, not there, and hanging.

use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::clock::wait_for;
use tests::process::program;
use tests::scene::{Scene, text};

/// What it ended with and what it said.
fn health(scene: &Scene, more: &[&str]) -> (Option<i32>, String) {
    let config = scene.path("vitalpost.toml");
    let args = [&["health", "--config", text(&config)], more].concat();
    let ran = Command::new(program("vitalpost"))
        .args(args)
        .output()
        .expect("it starts");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.code(), String::from_utf8(said).expect("text"))
}

#[test]
fn a_post_that_works_is_healthy_and_one_that_hangs_or_is_not_there_is_not() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "7", "generator:1", &[]);
    scene.sensors(&[("thermo-1", Some("1"))]);
    std::fs::write(scene.path("vitalpost.toml"), scene.config()).expect("the folder is writable");
    assert_eq!(
        health(&scene, &["--wait", "1"]),
        (Some(2), "the post does not run\n".to_owned())
    );

    scene.launch_post();
    let (code, said) = health(&scene, &["--wait", "60"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("healthy\n"), "{said}");
    wait_for("the line is heard", Duration::from_secs(20), || {
        health(&scene, &[]).1.contains("open; heard 0.").then_some(())
    });
    let (_, said) = health(&scene, &[]);
    for row in [
        "ready                    yes",
        "page                     answers at 127.0.0.1:",
        "open, records reach the card",
        "high alarms now",
        "task core",
        "task web",
        "task line",
        "closed: ",
    ] {
        assert!(said.contains(row), "{row:?} in\n{said}");
    }

    let post = scene.post.as_ref().expect("it runs");
    post.signal(Signal::SIGSTOP);
    let (code, said) = health(&scene, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("did not answer"), "{said}");
    post.signal(Signal::SIGCONT);
    assert_eq!(health(&scene, &["--wait", "60"]).0, Some(0));

    scene.post.take().expect("it runs").kill();
    assert_eq!(health(&scene, &[]).0, Some(2), "its socket lies there still");
}

#[test]
fn a_post_that_could_not_read_its_store_runs_and_is_not_healthy() {
    let mut scene = Scene::new();
    scene.bed("1");
    std::fs::write(scene.path("store.redb"), vec![0x5a; 300_000]).expect("the folder is writable");
    scene.start_post();
    let (code, said) = health(&scene, &["--wait", "3"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("NOT HEALTHY\n") && said.contains("store.redb.damaged-1"),
        "{said}"
    );
    assert!(
        said.contains("lines                    none are configured"),
        "{said}"
    );
}
