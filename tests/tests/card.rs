//! What a memory card does to a post: full, read-only from the start, cut short, wiped. (A card that turns read-only or
//! dies under a running store: the store's own tests, on a simulated disk.) In every case values stay live, alarms are
//! raised, and the screen says what is wrong (I1, I4, I6). Real processes; a real file system where mounting is allowed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tests::chance::Chance;
use tests::clock::wait_for;
use tests::pages::{Site, alarms, bed, value};
use tests::scene::{START_WITHIN, Scene, text};

/// How long something may take to show on a loaded machine.
const SHOWN_WITHIN: Duration = Duration::from_secs(60);

/// A small file system of its own, gone with the test.
struct Card(PathBuf);

impl Card {
    /// `None` = this user may not mount; the reason is printed.
    fn mounted(folder: PathBuf, megabytes: u32) -> Option<Card> {
        fs::create_dir_all(&folder).expect("the test's folder is writable");
        let size = format!("size={megabytes}m");
        let args = ["-t", "tmpfs", "-o", &size, "tmpfs", text(&folder)];
        let done = Command::new("mount").args(args).output();
        match done {
            Ok(output) if output.status.success() => Some(Card(folder)),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                println!(
                    "SKIPPED: no card of its own, mounting is not allowed here: {}",
                    why.trim()
                );
                None
            }
            Err(error) => {
                println!("SKIPPED: no card of its own, there is no `mount`: {error}");
                None
            }
        }
    }

    fn remount(&self, how: &str) {
        let options = format!("remount,{how}");
        let args = ["-o", &options, text(&self.0)];
        let done = Command::new("mount").args(args).status();
        assert!(done.is_ok_and(|status| status.success()), "remounting {how}");
    }

    /// Something else takes all the room that there is.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("something-else");
        let mut file = File::create(&path).expect("the card can be written");
        for bytes in [1 << 20, 4096, 1] {
            while file.write_all(&vec![0x5a; bytes]).is_ok() {}
        }
        path
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        // Lazily: the appliance may still have its file open.
        let _ = Command::new("umount").args(["-l", text(&self.0)]).status();
    }
}

/// A post with one monitor, whose store lies in `folder`.
fn post(folder: &str) -> (Scene, String) {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.monitor_tcp("mon-1", "1", "generator:1", &[]);
    let (usual, there) = (scene.path("store.redb"), scene.path(folder).join("store.redb"));
    let config = scene
        .config()
        .replace(&format!("{usual:?}"), &format!("{there:?}"));
    (scene, config)
}

fn start(scene: &mut Scene, config: &str) -> Site {
    scene.launch_post_with(config);
    let nurse = scene.nurse();
    let post = scene.post.as_mut().expect("just launched");
    wait_for("the nurse's page answers", START_WITHIN, || {
        assert!(post.runs(), "the appliance ended:\n{}", post.log());
        nurse.ward()
    });
    nurse
}

fn is_live(ward: &Value) -> bool {
    bed(ward, "1")["link"] == "live" && value(bed(ward, "1"), "spo2").is_some()
}

fn shows_live(nurse: &Site) -> Value {
    wait_for("values are live", SHOWN_WITHIN, || nurse.ward().filter(is_live))
}

/// An alarm of the post itself, and words about it.
fn says(nurse: &Site, condition: &str, words: &str) {
    let raised = |ward: &Value| ward["alarms"].to_string().contains(condition);
    let ward = wait_for(&format!("an alarm: {condition}"), SHOWN_WITHIN, || {
        nurse.ward().filter(raised)
    });
    let problems = ward["problems"].to_string();
    assert!(problems.contains(words), "{words:?} is said: {problems}");
}

fn is_over(nurse: &Site, condition: &str) {
    wait_for(&format!("over: {condition}"), SHOWN_WITHIN, || {
        nurse
            .ward()
            .filter(|ward| !ward["alarms"].to_string().contains(condition))
    });
}

/// A local alarm is raised and shown: the cable is pulled, then put back.
fn alarms_go_on(scene: &mut Scene, nurse: &Site) {
    scene.simulators[0].1.signal(nix::sys::signal::Signal::SIGSTOP);
    wait_for("a local alarm", SHOWN_WITHIN, || {
        nurse
            .ward()
            .filter(|ward| !alarms(ward, "1", "device_silent").is_empty())
    });
    scene.simulators[0].1.signal(nix::sys::signal::Signal::SIGCONT);
    wait_for("it ends", SHOWN_WITHIN, || {
        nurse
            .ward()
            .filter(|ward| is_live(ward) && alarms(ward, "1", "device_silent").is_empty())
    });
}

/// After an orderly stop the next start finds a sound store.
fn is_sound(scene: &mut Scene, config: &str) {
    assert!(scene.post.take().expect("it runs").stop().success());
    let nurse = start(scene, config);
    let ward = shows_live(&nurse);
    assert!(!ward["alarms"].to_string().contains("store_set_aside"), "{ward}");
}

#[test]
fn i1_a_full_card_is_said_and_stops_nothing_and_is_used_again_when_there_is_room() {
    let (mut scene, config) = post("card");
    let Some(card) = Card::mounted(scene.path("card"), 24) else {
        return;
    };
    let nurse = start(&mut scene, &config);
    shows_live(&nurse);
    let other = card.fill();
    says(&nurse, "store_failing", "no room");
    alarms_go_on(&mut scene, &nurse);
    fs::remove_file(other).expect("the other file goes");
    is_over(&nurse, "store_failing");
    is_sound(&mut scene, &config);
}

#[test]
fn i1_a_card_that_is_read_only_at_the_start_does_not_keep_the_ward_from_being_watched() {
    let (mut scene, config) = post("card");
    let Some(card) = Card::mounted(scene.path("card"), 24) else {
        return;
    };
    card.remount("ro");
    let nurse = start(&mut scene, &config);
    shows_live(&nurse);
    says(&nurse, "store_failing", "store");
    alarms_go_on(&mut scene, &nurse);
    card.remount("rw");
    is_over(&nurse, "store_failing");
    is_sound(&mut scene, &config);
}

/// A store with some minutes of history in it, as a kill leaves it.
fn grown(scene: &mut Scene, config: &str) -> Vec<u8> {
    let nurse = start(scene, config);
    shows_live(&nurse);
    std::thread::sleep(Duration::from_secs(6));
    scene.post.take().expect("it runs").kill();
    fs::read(scene.path("store.redb")).expect("there is a store")
}

/// Starts on this content, and leaves the appliance running; true when it was found damaged, set aside, and said so.
fn starts_on(scene: &mut Scene, config: &str, content: &[u8], what: &str) -> bool {
    let path = scene.path("store.redb");
    clear_aside(&path);
    fs::write(&path, content).expect("the test's folder is writable");
    let nurse = start(scene, config);
    let ward = shows_live(&nurse);
    let aside = ward["alarms"].to_string().contains("store_set_aside");
    if aside {
        let problems = ward["problems"].to_string();
        assert!(problems.contains("store.redb.damaged-"), "{what}: {problems}");
    }
    aside
}

fn clear_aside(store: &Path) {
    for number in 1..10 {
        let _ = fs::remove_file(format!("{}.damaged-{number}", text(store)));
    }
}

#[test]
fn i1_a_store_cut_short_at_fifty_random_points_never_stops_the_ward() {
    let (mut scene, config) = post("");
    let whole = grown(&mut scene, &config);
    let mut chance = Chance::seeded(50);
    let mut aside = 0;
    for round in 0..50 {
        let length = chance.below(whole.len() as u64) as usize;
        let what = format!("round {round}: {length} of {} bytes", whole.len());
        aside += u32::from(starts_on(&mut scene, &config, &whole[..length], &what));
        // Ten seconds each: not in every round.
        if round % 25 == 0 {
            let nurse = scene.nurse();
            alarms_go_on(&mut scene, &nurse);
        }
        scene.post.take().expect("it runs").kill();
    }
    println!(
        "50 stores cut short: {aside} set aside and said so, the others still whole; values live each time"
    );
    assert!(aside >= 40, "only {aside} of 50 were found out");
}

#[test]
fn i1_a_store_of_zeros_is_set_aside_and_the_ward_is_watched() {
    let (mut scene, config) = post("");
    let whole = grown(&mut scene, &config);
    assert!(starts_on(&mut scene, &config, &vec![0; whole.len()], "zeros"));
    let nurse = scene.nurse();
    alarms_go_on(&mut scene, &nurse);
}
