//! Updates of the box with RAUC, with our scripts and settings as they ship and a real post: what is good is installed, marked
//! good only when the post works, and left again when it does not; what may not be installed is refused in words.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use appliance::selftest::software::{Software, Update};
use appliance::store::SCHEMA;
use appliance::store::simulated::mark_as_newer;
use tests::clock::wait_for;
use tests::pages::alarms;
use tests::process::program;
use tests::rauc::{COMPATIBLE, Rauc, is_skipped};
use tests::scene::{Scene, text};

/// A post with one oximeter, which runs on the box.
fn post(rauc: &Rauc, patient: &str, more: &[&str]) -> Scene {
    let mut scene = Scene::new();
    scene.bed("1");
    scene.nonin("oxi-1", "1", "7", patient, more);
    scene.start_post();
    rauc.runs_the_post_of(&scene.path("vitalpost.toml"));
    wait_for("the post is healthy", Duration::from_secs(30), || {
        rauc.run(
            "bin/vitalpost",
            &["health", "--config", text(&scene.path("vitalpost.toml"))],
        )
        .worked
        .then_some(())
    });
    scene
}

/// What the audit of the post says of updates.
fn audited(scene: &Scene) -> String {
    let config = scene.path("vitalpost.toml");
    let args = [
        "audit",
        "show",
        "--config",
        text(&config),
        "--action",
        "update_install",
    ];
    let shown = Command::new(program("vitalpost"))
        .args(args)
        .output()
        .expect("it starts");
    assert!(
        shown.status.success(),
        "{}",
        String::from_utf8_lossy(&shown.stderr)
    );
    String::from_utf8(shown.stdout).expect("text")
}

fn assert_said(rauc: &Rauc, line: &str) {
    let journal = rauc.journal();
    assert!(
        journal.lines().any(|said| said.contains(line)),
        "{line:?} is not in the journal:\n{journal}"
    );
}

/// Version 1.3.0 comes over 1.2.0, starts, and is kept.
fn a_good_one_from_a_stick(rauc: &mut Rauc) {
    let slot_a = fs::read(rauc.path("slot-a.img")).expect("a slot");
    // It is the only one there.
    let stick = rauc.path("stick");
    fs::create_dir(&stick).expect("the folder is writable");
    let nothing = rauc.update(&["install", text(&stick)]);
    assert!(
        !nothing.worked && nothing.text.contains("a file whose name ends in .raucb"),
        "{nothing:?}"
    );
    let good = rauc.bundle("good", "1.3.0", COMPATIBLE, "signer");
    fs::copy(&good, stick.join("good.raucb")).expect("the folder is writable");
    let installed = rauc.update(&["install", text(&stick)]);
    assert!(installed.worked, "{installed:?}\n{}", rauc.journal());
    assert_said(rauc, "install 1.3.0 over 1.2.0: allowed");
    assert_said(rauc, "version 1.3.0 is installed; 1.2.0 still runs");
    assert_eq!(
        (rauc.version_in("B"), rauc.next_slot()),
        ("1.3.0".to_owned(), "B".to_owned())
    );
    assert!(
        fs::read(rauc.path("slot-a.img")).expect("a slot") == slot_a,
        "what runs is not written to"
    );
    // The gate says nothing about an update before the box has started again.
    assert!(rauc.gate(60).worked);
    assert!(!rauc.journal().contains("on trial") && rauc.path("var/lib/vitalpost-update/trial").exists());

    assert!(rauc.update(&["restart"]).worked);
    assert_eq!(rauc.reboots(), 1);
    rauc.boot();
    assert_eq!(rauc.slot(), "B");
    assert!(rauc.gate(60).worked, "{}", rauc.journal());
    assert_said(rauc, "version 1.3.0 is on trial in slot B");
    assert_said(rauc, "slot B is good: version 1.3.0 works");
    assert!(!rauc.path("var/lib/vitalpost-update/trial").exists());
}

#[test]
fn a_good_update_is_kept_and_one_that_does_not_work_is_left_again() {
    if is_skipped("updates that are kept and left") {
        return;
    }
    let mut rauc = Rauc::with("1.2.0");
    let mut scene = post(&rauc, "generator:1", &[]);
    assert!(rauc.gate(60).worked);
    assert_said(&rauc, "slot A is good: version 1.2.0 works");

    a_good_one_from_a_stick(&mut rauc);

    // The next one does not start.
    let broken = rauc.bundle("broken", "1.4.0", COMPATIBLE, "signer");
    assert!(
        rauc.update(&["install", text(&broken)]).worked,
        "{}",
        rauc.journal()
    );
    assert!(scene.post.take().expect("it runs").stop().success());
    rauc.boot();
    assert_eq!(rauc.slot(), "A");
    assert!(!rauc.gate(2).worked);
    assert_said(
        &rauc,
        "version 1.4.0 does not work within 2 s: slot A is marked bad, the box goes back",
    );
    assert_eq!((rauc.reboots(), rauc.next_slot()), (2, "B".to_owned()));
    rauc.boot();
    assert_eq!(rauc.slot(), "B");
    scene.start_post();
    assert!(rauc.gate(60).worked, "{}", rauc.journal());
    assert_said(
        &rauc,
        "version 1.4.0 did not hold: the box is back in slot B with 1.3.0",
    );

    // A slot that was good is not left: starting again mends no cable and no full card.
    assert!(scene.post.take().expect("it runs").stop().success());
    assert!(!rauc.gate(1).worked);
    assert_said(&rauc, "slot B was good before: it is left as it is");
    assert_eq!((rauc.reboots(), rauc.next_slot()), (2, "B".to_owned()));
    assert!(rauc.data_is_untouched());
    let audit = audited(&scene);
    assert!(audit.contains("1.3.0") && audit.contains("1.4.0"), "{audit}");
}

/// A stick with nothing on it but `bundle`.
fn stick_with(rauc: &Rauc, bundle: &Path) -> PathBuf {
    let stick = rauc.path("stick");
    let _ = fs::remove_dir_all(&stick);
    fs::create_dir(&stick).expect("the folder is writable");
    fs::copy(bundle, stick.join("update.raucb")).expect("the folder is writable");
    stick
}

fn runs(version: &str, update: Update) -> Software {
    let version = version.to_owned();
    Software { version, update }
}

#[test]
fn a_stick_that_is_put_in_brings_a_newer_version_which_waits_and_stays() {
    if is_skipped("updates from a stick that nobody signs in for") {
        return;
    }
    let mut rauc = Rauc::with("1.2.0");
    let _scene = post(&rauc, "generator:1", &[]);
    assert!(!rauc.accepts_sticks(), "it was in at the start");
    assert!(rauc.gate(60).worked);
    assert!(rauc.accepts_sticks());
    let good = rauc.bundle("good", "1.3.0", COMPATIBLE, "signer");
    let stick = stick_with(&rauc, &good);
    let put_in = |rauc: &Rauc| rauc.update(&["stick", text(&stick)]);
    fs::rename(stick.join("update.raucb"), stick.join("holiday.jpg")).expect("the folder is writable");
    assert!(put_in(&rauc).worked);
    assert_said(&rauc, "there is no update on this stick");
    assert_eq!(
        rauc.software(),
        runs("1.2.0", Update::None),
        "any stick may be put in"
    );

    fs::rename(stick.join("holiday.jpg"), stick.join("update.raucb")).expect("the folder is writable");
    assert!(put_in(&rauc).worked, "{}", rauc.journal());
    assert_said(
        &rauc,
        "1.2.0 still runs. In a quiet moment: switch the box off and on",
    );
    let waits = runs("1.2.0", Update::Installed("1.3.0".to_owned()));
    assert_eq!(rauc.software(), waits);
    assert!(put_in(&rauc).worked);
    assert_said(&rauc, "version 1.3.0 on this stick is installed already");
    assert_eq!((rauc.software(), rauc.reboots()), (waits.clone(), 0));
    // What is refused hides nothing.
    stick_with(&rauc, &rauc.bundle("foreign", "1.4.0", COMPATIBLE, "foreign"));
    assert!(!put_in(&rauc).worked);
    let Update::Refused(why) = rauc.software().update else {
        panic!("{:?}", rauc.software());
    };
    assert!(
        why.ends_with("version 1.3.0 is installed and waits all the same"),
        "{why}"
    );
    stick_with(&rauc, &rauc.bundle("same", "1.2.0", COMPATIBLE, "signer"));
    assert!(put_in(&rauc).worked);
    assert_eq!(rauc.software(), waits);
    stick_with(&rauc, &good);

    rauc.boot();
    assert!(
        !rauc.accepts_sticks(),
        "nothing is installed over what is not judged"
    );
    assert!(rauc.gate(60).worked, "{}", rauc.journal());
    assert_said(&rauc, "slot B is good: version 1.3.0 works");
    assert_eq!(rauc.software(), runs("1.3.0", Update::None));
    assert!(put_in(&rauc).worked);
    assert_said(&rauc, "version 1.3.0 on this stick runs already");
}

#[test]
fn what_came_of_a_stick_is_shown_also_when_it_was_refused_or_did_not_work() {
    if is_skipped("updates from a stick that are refused or left") {
        return;
    }
    let mut rauc = Rauc::with("1.2.0");
    let mut scene = post(&rauc, "generator:1", &[]);
    assert!(rauc.gate(60).worked);
    let older = rauc.bundle("older", "1.1.0", COMPATIBLE, "signer");
    let stick = stick_with(&rauc, &older);
    let put_in = |rauc: &Rauc| rauc.update(&["stick", text(&stick)]);
    let refused = |rauc: &Rauc, why: &str| {
        assert!(!put_in(rauc).worked, "{why}");
        assert_said(rauc, why);
        let shown = rauc.software();
        let Update::Refused(shown) = shown.update else {
            panic!("{why}: {shown:?}");
        };
        assert!(shown.contains(why), "{shown}");
    };
    refused(
        &rauc,
        "update.raucb refused: version 1.1.0 is older than 1.2.0, which runs",
    );
    assert!(audited(&scene).contains("1.1.0"), "that somebody tried is kept");
    fs::copy(&older, stick.join("second.raucb")).expect("the folder is writable");
    refused(&rauc, "there are 2 updates in ");
    let _ = fs::remove_dir_all(&stick);
    fs::create_dir_all(stick.join("update.raucb")).expect("the folder is writable");
    refused(&rauc, "update.raucb cannot be read");
    stick_with(&rauc, &rauc.bundle("foreign", "1.3.0", COMPATIBLE, "foreign"));
    refused(&rauc, "it is not signed by who makes updates for this box");

    // One that does not work, on a stick that stays in.
    stick_with(&rauc, &rauc.bundle("broken", "1.4.0", COMPATIBLE, "signer"));
    assert!(put_in(&rauc).worked, "{}", rauc.journal());
    assert!(scene.post.take().expect("it runs").stop().success());
    rauc.boot();
    assert!(!rauc.gate(1).worked);
    assert_eq!(rauc.software().update, Update::OnTrial("1.4.0".to_owned()));
    assert!(!rauc.accepts_sticks());
    rauc.boot();
    scene.start_post();
    assert!(!rauc.accepts_sticks(), "it would bring back what did not work");
    assert!(rauc.gate(60).worked, "{}", rauc.journal());
    assert_eq!(rauc.software(), runs("1.2.0", Update::Left("1.4.0".to_owned())));
    assert!(rauc.accepts_sticks() && rauc.data_is_untouched());
}

/// Bundles that no word of a person lets in, and why.
fn hopeless(rauc: &Rauc) -> [(PathBuf, &'static str); 6] {
    let tampered = rauc.bundle("tampered", "1.3.0", COMPATIBLE, "signer");
    let mut bytes = fs::read(&tampered).expect("it was made");
    bytes[100_000] ^= 1;
    fs::write(&tampered, &bytes).expect("the folder is writable");
    let short = rauc.path("short.raucb");
    fs::write(&short, &bytes[..50_000]).expect("the folder is writable");
    [
        (tampered, "tampered.raucb refused: it is damaged"),
        (short, "short.raucb refused: it is damaged"),
        (
            rauc.bundle("foreign", "1.3.0", COMPATIBLE, "foreign"),
            "foreign.raucb refused: it is not signed by who makes updates for this box",
        ),
        (
            rauc.bundle("revoked", "1.3.0", COMPATIBLE, "revoked"),
            "revoked.raucb refused: whoever signed it may not sign any more",
        ),
        (
            rauc.bundle("other", "1.3.0", "another-board", "signer"),
            "other.raucb refused: it is for another-board, and this box is vitalpost-test-board",
        ),
        (
            rauc.bundle("unnamed", "newest", COMPATIBLE, "signer"),
            "unnamed.raucb refused: \"newest\" is not a version",
        ),
    ]
}

#[test]
fn what_is_damaged_foreign_revoked_for_another_board_or_older_is_refused_in_words() {
    if is_skipped("updates that are refused") {
        return;
    }
    let rauc = Rauc::with("1.2.0");
    let scene = post(&rauc, "generator:1", &[]);
    let older = rauc.bundle("older", "1.1.0", COMPATIBLE, "signer");
    let refusal = "older.raucb refused: version 1.1.0 is older than 1.2.0, which runs";
    for (bundle, why) in hopeless(&rauc).into_iter().chain([(older.clone(), refusal)]) {
        let said = rauc.update(&["install", text(&bundle)]);
        assert!(!said.worked && said.text.contains(why), "{why}: {said:?}");
        assert_said(&rauc, why);
        // Nor does it help to ask RAUC itself.
        assert!(!rauc.run("bin/rauc", &["install", text(&bundle)]).worked, "{why}");
        assert!(!rauc.path("var/lib/vitalpost-update/trial").exists(), "{why}");
        assert_eq!(
            (rauc.version_in("B"), rauc.next_slot()),
            ("1.2.0".to_owned(), "A".to_owned())
        );
    }
    assert_said(&rauc, "install 1.1.0 over 1.2.0 refused: version 1.1.0 is older");

    // Older all the same: a name, and this bundle only.
    let nobody = rauc.update(&["install", text(&older), "--older"]);
    assert!(
        !nobody.worked && nobody.text.contains("who decides this"),
        "{nobody:?}"
    );
    let allowed = rauc.update(&["install", text(&older), "--older", "--by", "Kofi"]);
    assert!(allowed.worked, "{allowed:?}");
    assert_said(&rauc, "install 1.1.0 over 1.2.0: allowed, although it is older");
    assert_eq!(
        (rauc.version_in("B"), rauc.next_slot()),
        ("1.1.0".to_owned(), "B".to_owned())
    );
    assert!(
        !rauc.run("bin/rauc", &["install", text(&older)]).worked,
        "a word is good once"
    );
    let audit = audited(&scene);
    assert!(
        audit.contains("1.1.0, decided by Kofi, although it is older"),
        "{audit}"
    );
    assert!(
        audit.contains("refused") && !audit.contains("another-board"),
        "{audit}"
    );
    assert!(rauc.data_is_untouched());
}

#[test]
fn while_a_high_alarm_is_open_nothing_is_installed_or_started_unless_a_named_person_says_so() {
    if is_skipped("updates during an alarm") {
        return;
    }
    let rauc = Rauc::with("1.2.0");
    let scene = post(&rauc, "generator:5:deterioration", &["--speed", "10"]);
    let nurse = scene.nurse();
    // It stays low for more than a minute at this speed.
    wait_for("a low SpO2", Duration::from_secs(150), || {
        let ward = nurse.ward()?;
        (!alarms(&ward, "1", "limit.spo2.low").is_empty()).then_some(())
    });
    let newer = rauc.bundle("newer", "1.3.0", COMPATIBLE, "signer");
    let refused = rauc.update(&["install", text(&newer)]);
    assert!(
        !refused.worked && refused.text.contains("look after the patient first"),
        "{refused:?}"
    );
    assert_said(&rauc, "of high priority are open: look after the patient first");
    assert_eq!(
        (rauc.version_in("B"), rauc.next_slot()),
        ("1.2.0".to_owned(), "A".to_owned())
    );

    let forced = rauc.update(&["install", text(&newer), "--during-alarm", "--by", "Ama"]);
    assert!(forced.worked, "{forced:?}");
    assert_said(&rauc, "install 1.3.0 over 1.2.0: allowed, although");
    let audit = audited(&scene);
    assert!(
        audit.contains("1.3.0, decided by Ama, although") && audit.contains("of high priority are open"),
        "{audit}"
    );
    assert!(
        !rauc.update(&["restart"]).worked,
        "the start is what ends monitoring for a minute"
    );
    assert_eq!(rauc.reboots(), 0);
    assert!(rauc.update(&["restart", "--during-alarm", "--by", "Ama"]).worked);
    assert_eq!(rauc.reboots(), 1);
}

#[test]
fn a_store_that_the_old_version_cannot_read_is_put_back_with_it() {
    if is_skipped("stores that are put back") {
        return;
    }
    let mut rauc = Rauc::with("1.2.0");
    let mut scene = post(&rauc, "generator:1", &[]);
    let copy = rauc.path("var/lib/vitalpost-update/store-before-update");
    let same = rauc.bundle("same", "1.2.1", COMPATIBLE, "signer");
    assert!(
        rauc.update(&["install", text(&same)]).worked,
        "{}",
        rauc.journal()
    );
    assert!(!copy.exists(), "the old version reads what this one writes");
    let newer = rauc.bundle_of("newer", "2.0.0", (COMPATIBLE, "signer"), SCHEMA + 1);
    assert!(
        rauc.update(&["install", text(&newer)]).worked,
        "{}",
        rauc.journal()
    );
    assert_said(&rauc, "a copy of the store is kept");
    assert!(copy.exists());

    // Version 2.0.0 starts once, writes, and does not work.
    assert!(scene.post.take().expect("it runs").stop().success());
    rauc.boot();
    let back = |rauc: &Rauc| rauc.run("usr/libexec/vitalpost/vitalpost-store-back", &[]);
    assert!(back(&rauc).worked);
    let store = scene.path("store.redb");
    mark_as_newer(&store).expect("nobody has it");
    assert!(!rauc.gate(1).worked);
    rauc.boot();
    assert_eq!(rauc.slot(), "A");
    let refused = rauc.run(
        "bin/vitalpost",
        &["run", "--config", text(&scene.path("vitalpost.toml"))],
    );
    assert!(
        !refused.worked && refused.text.contains("was written by a newer vitalpost"),
        "{refused:?}"
    );
    assert!(back(&rauc).worked);
    assert_said(
        &rauc,
        "back from version 2.0.0: the store was written by a newer version",
    );
    assert!(scene.path("store.redb.newer").exists());
    scene.start_post();
    assert!(rauc.gate(60).worked, "{}", rauc.journal());
    assert!(audited(&scene).contains("2.0.0"), "what was kept before is there");
}

#[test]
fn a_person_may_go_back_to_the_other_slot_even_where_no_post_runs() {
    if is_skipped("going back") {
        return;
    }
    let mut rauc = Rauc::with("1.2.0");
    let said = rauc.update(&["back"]);
    assert!(!said.worked && said.text.contains("who decides this"), "{said:?}");
    let said = rauc.update(&["back", "--by", "Kofi"]);
    assert!(
        said.worked && said.text.contains("the post does not run"),
        "{said:?}"
    );
    assert_eq!((rauc.reboots(), rauc.next_slot()), (1, "B".to_owned()));
    rauc.boot();
    assert_eq!(rauc.slot(), "B");
    // What does not work there is left again too; also when no start lasts until the verdict.
    let trial = rauc.path("var/lib/vitalpost-update/trial");
    let said = fs::read_to_string(&trial).expect("it is on trial");
    fs::write(&trial, said + "starts=3\n").expect("the folder is writable");
    assert!(!rauc.gate(600).worked);
    assert_said(
        &rauc,
        "was started 3 times and never stayed: slot B is marked bad",
    );
    assert_eq!((rauc.reboots(), rauc.next_slot()), (2, "A".to_owned()));
    rauc.boot();
    let said = rauc.update(&["back", "--by", "Kofi"]);
    assert!(
        !said.worked && said.text.contains("holds nothing that works"),
        "{said:?}"
    );
}
