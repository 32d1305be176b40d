//! A post's certificate expires (I1, I4, I6): the screen says so weeks before and says it when it has happened, the ward
//! is watched all the while, and a renewed file is used without a restart.

use std::fs;
use std::time::Duration;

use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
use serde_json::Value;
use tests::clock::wait_for;
use tests::pages::{alarms, bed};
use tests::scene::Scene;

const WITHIN: Duration = Duration::from_secs(90);

/// Gives the post a new certificate that is good for so long.
fn issue(scene: &Scene, good_for: Duration) {
    let file = |name: &str| scene.path("certificates").join(name);
    let read = |name: &str| fs::read_to_string(file(name)).expect("the scene made it");
    let key = KeyPair::from_pem(&read("ca.key")).expect("a key");
    let issuer = Issuer::from_ca_cert_pem(&read("ca.pem"), key).expect("an authority");
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::OrganizationalUnitName, "post");
    params.distinguished_name.push(DnType::CommonName, "demo");
    #[expect(
        clippy::disallowed_methods,
        reason = "a certificate is good by the real clock"
    )]
    let now = std::time::SystemTime::now();
    params.not_before = (now - Duration::from_secs(3_600)).into();
    params.not_after = (now + good_for).into();
    let own = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&own, &issuer).expect("signed");
    fs::write(file("demo.key"), own.serialize_pem()).expect("the test's folder is writable");
    fs::write(file("demo.pem"), certificate.pem()).expect("the test's folder is writable");
}

fn is_up(ward: &Value) -> bool {
    ward["centre"]["state"] == "up"
}

#[test]
fn i6_an_expired_certificate_is_said_before_and_after_and_a_renewed_one_is_used_without_a_restart() {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.monitor_tcp("mon-1", "1", "generator:1", &[]);
    scene.start_broker();
    scene.start_centre();
    let lasts = Duration::from_secs(20);
    issue(&scene, lasts);
    scene.start_post();
    let nurse = scene.nurse();
    wait_for("the centre is heard", WITHIN, || nurse.ward().filter(is_up));
    wait_for("the page says that it expires soon", WITHIN, || {
        nurse
            .ward()
            .filter(|ward| ward["alarms"].to_string().contains("certificate_expiring"))
    });

    // Its last moment is written in whole seconds, and counts.
    std::thread::sleep(lasts + Duration::from_secs(2));
    scene.broker.take().expect("it runs").kill();
    scene.start_broker();
    let ward = wait_for("the page says that it has expired", WITHIN, || {
        let ward = nurse.ward()?;
        let said = ward["centre"]["problem"].as_str()?.to_lowercase();
        said.contains("expired").then_some(ward)
    });
    println!("{}", ward["centre"]["problem"]);
    assert_eq!(
        bed(&ward, "1")["link"],
        "live",
        "the ward is watched all the same: {ward}"
    );
    scene.simulators[0].1.signal(nix::sys::signal::Signal::SIGSTOP);
    wait_for("local alarms go on", WITHIN, || {
        nurse
            .ward()
            .filter(|ward| !alarms(ward, "1", "device_silent").is_empty())
    });
    scene.simulators[0].1.signal(nix::sys::signal::Signal::SIGCONT);

    issue(&scene, Duration::from_secs(90 * 86_400));
    wait_for("the renewed one is used", Duration::from_secs(150), || {
        nurse.ward().filter(is_up)
    });
    wait_for("and nothing is said any more", WITHIN, || {
        nurse
            .ward()
            .filter(|ward| !ward["alarms"].to_string().contains("certificate_expiring"))
    });
}
