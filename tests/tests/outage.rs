//! The outage test, with real processes (I1, I2): the broker is gone for a minute, the appliance is killed five times,
//! the centre restarts once. Afterwards everything that the appliance committed is at the centre exactly once, in
//! order, without a gap, and says what the devices really sent.
//!
//! `cargo xtask e2e --times N` runs it N times in a row.

use std::time::Duration;

use tests::clock::{boot_ns, run_for};
use tests::comparison::{check, settle};
use tests::scene::Scene;

/// A moment that differs from run to run; printed, so that a failure can be looked at.
fn random_ms(up_to: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
        % up_to
}

fn kill_post(scene: &mut Scene, after: Duration) {
    let extra = Duration::from_millis(random_ms(4_000));
    println!("appliance killed after {:.1} s", (after + extra).as_secs_f64());
    std::thread::sleep(after + extra);
    scene.post.take().expect("the appliance runs").kill();
    std::thread::sleep(Duration::from_millis(random_ms(1_500)));
    scene.start_post();
}

#[test]
fn i1_i2_nothing_is_lost_or_doubled_through_kills_and_an_outage() {
    let mut scene = Scene::small_ward();
    let started_ns = boot_ns();
    kill_post(&mut scene, Duration::from_secs(8));
    kill_post(&mut scene, Duration::from_secs(6));
    scene.broker.take().expect("the broker runs").kill();
    println!("broker stopped for 60 s");
    let outage_ns = boot_ns();
    kill_post(&mut scene, Duration::from_secs(20));
    let passed = Duration::from_nanos(boot_ns() - outage_ns);
    std::thread::sleep(Duration::from_secs(60).saturating_sub(passed));
    scene.start_broker();
    println!("broker started again");
    kill_post(&mut scene, Duration::from_secs(3));
    std::thread::sleep(Duration::from_secs(4));
    scene.centre.take().expect("the centre runs").kill();
    println!("centre killed and started again");
    scene.start_centre();
    kill_post(&mut scene, Duration::from_secs(5));
    run_for(8);

    settle(&mut scene);
    let seconds = Duration::from_nanos(boot_ns() - started_ns).as_secs();
    let compared = check(&mut scene);
    println!("{} readings in {seconds} s: 0 lost, 0 doubled", compared.readings);
    assert!(
        compared.values > 200,
        "only {} values were compared",
        compared.values
    );
    assert!(
        compared.readings as u64 > seconds * 4,
        "the devices were heard: {} readings in {seconds} s",
        compared.readings
    );
}
