//! The kill campaign, with real processes (I1, I2): under load the appliance is killed again and again at random moments,
//! also in the middle of its start, while the broker comes and goes. Afterwards everything that it committed is at the
//! centre exactly once, and says what the devices really sent; and the audit is one chain that verifies, at the post and
//! at the centre (I9).
//!
//! `cargo xtask kill --times N` runs it with N kills; without it a few are enough to see that it works.

use std::time::Duration;

use tests::clock::{boot_ns, run_for, wait_for};
use tests::comparison::{check, check_audit, settle};
use tests::scene::{START_WITHIN, Scene};

/// How many kills: `cargo xtask kill` says so.
const KILLS: &str = "VITALPOST_KILLS";
/// How many without being told.
const KILLS_USUAL: u32 = 8;
/// Of so many kills the broker misses the first half.
const BROKER_ROUND: u32 = 6;

/// Random, and different in each run: what happens is printed, so that a failure can be looked at.
fn below(limit: u64) -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
        % limit
}

/// Starts the appliance and kills it, in one of four cases before its page answers. Returns how long the page took.
fn live_and_die(scene: &mut Scene) -> Option<Duration> {
    let launched = boot_ns();
    scene.launch_post();
    let mut recovered = None;
    if below(4) == 0 {
        std::thread::sleep(Duration::from_millis(below(400)));
    } else {
        let nurse = scene.nurse();
        let post = scene.post.as_mut().expect("just launched");
        wait_for("the nurse's page answers", START_WITHIN, || {
            assert!(post.runs(), "the appliance ended by itself:\n{}", post.log());
            nurse.ward()
        });
        recovered = Some(Duration::from_nanos(boot_ns() - launched));
        std::thread::sleep(Duration::from_millis(below(3_000)));
    }
    scene.post.take().expect("just launched").kill();
    recovered
}

#[test]
fn i1_i2_nothing_is_lost_or_doubled_through_many_kills() {
    let kills = std::env::var(KILLS).map_or(KILLS_USUAL, |kills| kills.parse().expect("a number of kills"));
    let mut scene = Scene::small_ward();
    scene.post.take().expect("it runs").kill();
    let (mut recoveries, started) = (Vec::new(), boot_ns());
    for kill in 1..=kills {
        match kill % BROKER_ROUND {
            1 => drop(scene.broker.take()),
            n if n == BROKER_ROUND / 2 + 1 => scene.start_broker(),
            _ => {}
        }
        recoveries.extend(live_and_die(&mut scene));
        if kill % 20 == 0 {
            println!("{kill} of {kills} kills");
        }
    }
    if scene.broker.is_none() {
        scene.start_broker();
    }
    scene.start_post();
    // Long enough that something is heard and committed, whatever the kills left.
    run_for(8);
    settle(&mut scene);
    let compared = check(&mut scene);
    let entries = check_audit(&scene);
    recoveries.sort();
    let (median, worst) = (recoveries[recoveries.len() / 2], recoveries[recoveries.len() - 1]);
    println!(
        "{kills} kills in {} s: {} readings kept, 0 lost, 0 doubled in effect, {} values compared with what was sent, 0 false",
        Duration::from_nanos(boot_ns() - started).as_secs(),
        compared.readings,
        compared.values
    );
    println!("{entries} entries of the audit, one chain over all starts, in the store and at the centre");
    println!("from start to an answering page: median {median:.0?}, worst {worst:.0?}");
    assert!(
        compared.values > 20,
        "only {} values were compared",
        compared.values
    );
}
