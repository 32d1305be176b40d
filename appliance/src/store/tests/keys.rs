//! Key files, and what changing the key survives.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::sealed::{keyed, open_keyed, two_keys};
use super::*;
use crate::store::error::Fault;
use crate::store::keys::{Keys, rekey_on};
use crate::store::medium::{FileMedium, Look};
use crate::store::{KeySource, StoreOptions, StoreState, new_key_file, rekey};

#[test]
fn s26_a_rekey_cut_at_any_operation_leaves_one_of_the_two_keys_working() {
    let (_folder, one, other) = two_keys();
    let origin = Disk::new(9);
    let (store, _) = open_keyed(&origin, Some(&one));
    append_all(&store, (1..=3).map(event));
    store.close().unwrap();
    let (mut old_works, mut new_works, mut done) = (0, 0, false);
    for operations in 0.. {
        let disk = origin.twin();
        disk.cut_after(operations);
        let new = Keys::new(Some(KeySource::File(other.clone())));
        done = rekey_on(&keyed(&disk, Some(&one)), &new).is_ok();
        disk.power_cycle();
        let [with_old, with_new] = [&one, &other].map(|key| open_keyed(&disk.twin(), Some(key)));
        let works = |(store, _): &(Store, OpenReport)| *store.state().borrow() == StoreState::Good;
        let [old, new] = [works(&with_old), works(&with_new)];
        assert!(old != new, "exactly one of them, after {operations} operations");
        assert!(!done || new, "what was called done is done");
        (old_works, new_works) = (old_works + u32::from(old), new_works + u32::from(new));
        let (store, report) = if old { with_old } else { with_new };
        assert_eq!(report.set_aside, None);
        assert_eq!(read_all(&store, Lane::Events, 9)[0].records.len(), 3);
        drop(store);
        // Asked for again, it ends the same way, whichever key works.
        let new = Keys::new(Some(KeySource::File(other.clone())));
        contain_told(rekey_on(&keyed(&disk, Some(&one)), &new));
        open_keyed(&disk, Some(&other)).0.close().unwrap();
        if done {
            break;
        }
    }
    assert!(done && old_works > 3 && new_works >= 1, "{old_works} {new_works}");
}

fn contain_told(result: Result<(), Fault>) {
    if let Err(fault) = result {
        panic!("{}", fault.about(Path::new("simulated.redb")));
    }
}

fn options(path: &Path, key: Option<&Path>) -> StoreOptions {
    StoreOptions {
        key: key.map(|key| KeySource::File(key.to_owned())),
        ..StoreOptions::at(path.to_owned())
    }
}

fn open_file(path: &Path, key: Option<&Path>) -> Result<(Store, OpenReport), StoreError> {
    Store::open(&options(path, key), BOOT, MonoTime::from_ms(1), 3)
}

/// Why the run is kept in memory.
fn refused_to_open(path: &Path, key: &Path) -> String {
    let (store, _) = open_file(path, Some(key)).unwrap();
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("the store must be refused");
    };
    // It may have nothing to lose.
    let _ = store.close();
    reason
}

#[test]
fn rekey_of_a_real_store_says_what_is_wrong_and_changes_nothing_then() {
    let (folder, one, other) = two_keys();
    let path = folder.path().join("store.redb");
    let old = || Some(KeySource::File(one.clone()));
    let refused = |old, new: &Path| rekey(&path, old, new).unwrap_err();
    assert!(matches!(refused(old(), &other), StoreError::NoStore { .. }));
    open_file(&path, None).unwrap().0.close().unwrap();
    assert!(matches!(refused(None, &other), StoreError::NotSealed { .. }));
    let (store, _) = open_file(&path, Some(&one)).unwrap();
    assert!(
        matches!(refused(old(), &other), StoreError::Locked { .. }),
        "it runs"
    );
    store.append(alarm(1));
    store.close().unwrap();
    assert!(matches!(
        refused(old(), &folder.path().join("none.key")),
        StoreError::KeyUnusable { .. }
    ));
    assert!(matches!(refused(None, &other), StoreError::KeyMissing { .. }));
    rekey(&path, old(), &other).unwrap();
    rekey(&path, old(), &other).unwrap();
    assert!(refused_to_open(&path, &one).contains("was sealed with another key than"));
    let (store, _) = open_file(&path, Some(&other)).unwrap();
    assert_eq!(read_all(&store, Lane::Alerts, 9).len(), 1);
}

#[test]
fn a_key_file_is_for_its_owner_alone_and_is_never_overwritten() {
    let (folder, one, _) = two_keys();
    assert_eq!(
        std::fs::metadata(&one).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let text = std::fs::read_to_string(&one).unwrap();
    assert_eq!(text.trim().len(), 64);
    let error = new_key_file(&one).unwrap_err().to_string();
    assert!(error.contains("it exists already"), "{error}");
    assert_eq!(std::fs::read_to_string(&one).unwrap(), text);
    assert!(new_key_file(&folder.path().join("not-there/a.key")).is_err());

    let path = folder.path().join("store.redb");
    for (mode, text, why) in [
        (0o640, text.as_str(), "chmod 600"),
        (0o604, text.as_str(), "chmod 600"),
        (0o600, "", "64 hexadecimal digits"),
        (0o600, &text[1..], "64 hexadecimal digits"),
        (0o600, &"g".repeat(64), "64 hexadecimal digits"),
        (0o600, &format!("{text}{text}"), "64 hexadecimal digits"),
    ] {
        let key = folder.path().join("bad.key");
        std::fs::write(&key, text).unwrap();
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = refused_to_open(&path, &key);
        assert!(error.contains(why), "{error}");
        assert!(
            !error.contains(&text[..text.len().min(8)]) || text.is_empty(),
            "no part of a key in a message"
        );
    }
    let stricter = folder.path().join("one.key");
    std::fs::set_permissions(&stricter, std::fs::Permissions::from_mode(0o400)).unwrap();
    open_file(&path, Some(&stricter)).unwrap().0.close().unwrap();
}

#[test]
fn a_credential_is_read_whatever_its_mode_is_and_a_key_may_go_after_the_start() {
    let (folder, one, _) = two_keys();
    std::fs::set_permissions(&one, std::fs::Permissions::from_mode(0o440)).unwrap();
    let medium = FileMedium::new(
        folder.path().join("store.redb"),
        Some(KeySource::Credential(one.clone())),
    );
    crate::store::keys::create(&medium, &mut |database| {
        crate::store::commit::found(database, &[], &[])
    })
    .map_err(|_| ())
    .unwrap();
    std::fs::remove_file(&one).unwrap();
    assert!(crate::store::keys::open(&medium, Look::Usual).is_ok_and(|found| found.is_some()));
}
