//! What cannot work says so in one sentence; what can mend itself never stops the start.

use std::time::Duration;

use tests::clock::wait_for;
use tests::pages::{alarms, bed};
use tests::scene::{START_WITHIN, Scene};

/// Starts the appliance, expects it to end with an error, and returns what it said.
fn refusal(scene: &mut Scene, config: &str) -> String {
    scene.launch_post_with(config);
    let post = scene.post.as_mut().expect("just started");
    let status = post.wait(START_WITHIN);
    assert!(!status.success(), "must not start:\n{}", post.log());
    let said = post.log();
    let last = said.lines().rfind(|line| line.starts_with("vitalpost:"));
    last.unwrap_or_else(|| panic!("no sentence for the technician in:\n{said}"))
        .to_owned()
}

#[test]
fn a_taken_port_is_named() {
    let mut scene = Scene::new();
    let config = scene.config();
    let listen = config
        .lines()
        .find_map(|line| line.strip_prefix("listen = "))
        .unwrap()
        .trim_matches('"')
        .to_owned();
    let _holder = std::net::TcpListener::bind(&listen).unwrap();
    let said = refusal(&mut scene, &config);
    assert!(said.contains(&listen) && said.contains("[web] listen"), "{said}");
}

#[test]
fn a_page_certificate_that_is_none_is_named() {
    let mut scene = Scene::new();
    let broken = scene.path("broken.pem");
    std::fs::write(&broken, "no certificate").unwrap();
    let tls = format!("[web]\ncertificate = {broken:?}\nkey = {broken:?}\n");
    let config = scene.config().replace("[web]\n", &tls);
    let said = refusal(&mut scene, &config);
    assert!(said.contains("broken.pem"), "{said}");
}

#[test]
fn a_second_appliance_on_the_same_store_is_refused() {
    let mut scene = Scene::new();
    scene.start_post();
    let first = scene.post.take();
    let port = tests::scene::free_port();
    let config = scene.config();
    let listen = config
        .lines()
        .find(|line| line.starts_with("listen = "))
        .unwrap()
        .to_owned();
    let said = refusal(
        &mut scene,
        &config.replace(&listen, &format!("listen = \"127.0.0.1:{port}\"")),
    );
    assert!(said.contains("in use by another process"), "{said}");
    drop(first);
}

#[test]
fn an_unreadable_store_is_set_aside_and_the_post_goes_on_with_an_alarm() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    std::fs::write(scene.path("store.redb"), vec![0x5a; 300_000]).unwrap();
    scene.start_post();
    let nurse = scene.nurse();
    wait_for("values appear all the same", Duration::from_secs(30), || {
        nurse.ward().filter(|ward| bed(ward, "1")["link"] == "live")
    });
    let ward = nurse.ward().unwrap();
    let raised = ward["alarms"]
        .as_array()
        .unwrap()
        .iter()
        .any(|alarm| alarm["condition"] == "store_set_aside");
    assert!(raised, "{ward}");
    let text = ward["problems"][0]["text"]
        .as_str()
        .expect("the screen says what happened");
    assert!(text.contains("store.redb.damaged-1"), "{text}");
    assert_eq!(
        std::fs::read(scene.path("store.redb.damaged-1")).unwrap(),
        vec![0x5a; 300_000],
        "kept for rescue"
    );
}

#[test]
fn a_missing_serial_device_does_not_stop_the_start_and_is_on_its_tile() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    scene.pull_cable("oxi-1");
    scene.start_post();
    let nurse = scene.nurse();
    let ward = wait_for("the tile says so", Duration::from_secs(10), || {
        nurse
            .ward()
            .filter(|ward| bed(ward, "1")["link"] == "disconnected")
    });
    let reason = bed(&ward, "1")["link_reason"].as_str().unwrap();
    assert!(reason.contains("tty-oxi-1"), "{reason}");
    wait_for("and alarms", Duration::from_secs(20), || {
        nurse
            .ward()
            .filter(|ward| alarms(ward, "1", "device_silent").len() == 1)
    });
}

#[test]
fn a_wrong_certificate_for_the_centre_leaves_the_post_working_and_says_which_file() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "2", "generator:1", &[]);
    scene.start_broker();
    scene.start_centre();
    let broken = scene.path("broken.pem");
    std::fs::write(&broken, "no certificate").unwrap();
    let good = scene.path("certificates").join("demo.pem");
    let config = scene
        .config()
        .replace(&format!("{good:?}"), &format!("{broken:?}"));
    scene.launch_post_with(&config);
    let nurse = scene.nurse();
    let ward = wait_for("the page names the file", START_WITHIN, || {
        let ward = nurse.ward()?;
        ward["centre"]["problem"]
            .as_str()?
            .contains("broken.pem")
            .then_some(ward)
    });
    assert_ne!(ward["centre"]["state"], "up");
    wait_for("values appear all the same", Duration::from_secs(30), || {
        nurse.ward().filter(|ward| bed(ward, "1")["link"] == "live")
    });
    let silent = || {
        nurse
            .ward()
            .filter(|ward| ward["alarms"].to_string().contains("centre_unreachable"))
    };
    wait_for(
        "an alarm that no doctor sees this post",
        Duration::from_secs(60),
        silent,
    );
}

#[test]
fn a_certificate_of_another_authority_is_refused_by_the_broker_and_named_at_the_post() {
    let mut scene = Scene::new();
    scene.start_broker();
    scene.start_centre();
    let other = Scene::new();
    let mine = scene.path("certificates");
    let theirs = other.path("certificates");
    let mut config = scene.config();
    for file in ["demo.pem", "demo.key"] {
        config = config.replace(
            &format!("{:?}", mine.join(file)),
            &format!("{:?}", theirs.join(file)),
        );
    }
    scene.launch_post_with(&config);
    let nurse = scene.nurse();
    wait_for("the page says why", START_WITHIN, || {
        let ward = nurse.ward()?;
        let problem = ward["centre"]["problem"].as_str()?.to_owned();
        println!("{problem}");
        Some(problem)
    });
    assert_ne!(nurse.ward().unwrap()["centre"]["state"], "up");
}
