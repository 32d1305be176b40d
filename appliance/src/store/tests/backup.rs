//! Backups: of a running store, of a stopped one, of one that was cut off; and what comes of restoring them.

use std::cell::Cell;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use redb::{ReadableDatabase, TableHandle};

use super::*;
use crate::store::backup::{BACKUP_TIME_MAX, backup, backup_by};
use crate::store::{BackupReport, KeySource, StoreOptions, new_key_file};

fn options(path: &Path, key: Option<&Path>) -> StoreOptions {
    StoreOptions {
        key: key.map(|key| KeySource::File(key.to_owned())),
        ..StoreOptions::at(path.to_owned())
    }
}

fn open_file(path: &Path, key: Option<&Path>, random: u32) -> (Store, OpenReport) {
    Store::open(&options(path, key), BOOT, MonoTime::from_ms(1), random).unwrap()
}

fn copy(store: &Path, to: &Path) -> Result<BackupReport, StoreError> {
    backup(store, to, &|| MonoTime::from_ms(1))
}

fn numbers(store: &Store) -> Vec<u64> {
    let records = read_all(store, Lane::Events, 100).into_iter();
    let number = |record| match record {
        Record::Event {
            event: Event::Seen { command, .. },
            ..
        } => Some(command as u64),
        _ => None,
    };
    records
        .flat_map(|batch| batch.records)
        .filter_map(number)
        .collect()
}

#[test]
fn s27_a_backup_of_a_running_store_is_one_moment_and_commits_go_on_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("store.redb"), folder.path().join("copy.redb"));
    let key = folder.path().join("a.key");
    new_key_file(&key).unwrap();
    let (store, _) = open_file(&path, Some(&key), 1);
    let events = |from: u64| (from..from + 20).map(event);
    for run in 0..4 {
        append_all(&store, events(1 + 20 * run));
        store.flush().unwrap();
    }
    let asked = Cell::new(0);
    let now = || {
        // From the second time on the snapshot is taken. What is made now is on the card before the copy goes on.
        if asked.get() > 0 {
            append_all(&store, events(61 + 20 * asked.get()));
            store.flush().unwrap();
        }
        asked.set(asked.get() + 1);
        MonoTime::from_ms(1)
    };
    // Each row is a batch of its own.
    let report = backup_by(1, &path, &to, &now).unwrap();
    assert!(
        asked.get() > 4 && report.blocks >= 4 && report.sealed && report.damaged == 0,
        "{report:?}"
    );
    let file = std::fs::metadata(&to).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    assert_eq!(file.len(), report.bytes);
    let made = 80 + 20 * (asked.get() - 1);
    assert_eq!(numbers(&store).len() as u64, made, "the running one has all");
    store.close().unwrap();
    let restored = numbers(&open_file(&to, Some(&key), 2).0);
    assert!(
        restored.iter().copied().eq(1..=80),
        "the moment of the snapshot: {}",
        restored.len()
    );
}

#[test]
fn s27_a_backup_of_a_stopped_or_cut_off_store_works_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let (store, _) = open_file(&path, None, 1);
    store.append(event(1));
    store.flush().unwrap();
    // What lies on the card when the power goes.
    let cut_off = folder.path().join("cut.redb");
    std::fs::copy(&path, &cut_off).unwrap();
    store.close().unwrap();
    for (number, source) in [path, cut_off].iter().enumerate() {
        let to = folder.path().join(format!("copy-{number}.redb"));
        let report = copy(source, &to).unwrap();
        assert!(!report.sealed);
        assert_eq!(numbers(&open_file(&to, None, 2).0), [1], "{}", source.display());
    }
}

#[test]
fn s27_a_post_that_starts_again_during_a_backup_finds_its_store() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("store.redb"), folder.path().join("copy.redb"));
    let (store, first) = open_file(&path, None, 1);
    append_all(&store, (1..=100).map(event));
    let (running, asked) = (Cell::new(Some((store, first.clone()))), Cell::new(0));
    let now = || {
        asked.set(asked.get() + 1);
        let (store, report) = running.take().unwrap();
        if asked.get() == 1 {
            store.flush().unwrap();
            running.set(Some((store, report)));
        } else {
            store.close().unwrap();
            let (store, report) = open_file(&path, None, 2);
            append_all(&store, (101..=200).map(event));
            store.flush().unwrap();
            running.set(Some((store, report)));
        }
        MonoTime::from_ms(1)
    };
    backup_by(1, &path, &to, &now).unwrap();
    let (_store, second) = running.take().unwrap();
    assert!(second.set_aside.is_none() && second.epoch > first.epoch);
    let restored = numbers(&open_file(&to, None, 3).0);
    assert!(restored.iter().copied().eq(1..=100), "{}", restored.len());
}

#[test]
fn i2_a_restored_backup_never_repeats_an_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("store.redb"), folder.path().join("copy.redb"));
    let mut seen = Vec::new();
    for random in 0..2 {
        let (store, report) = open_file(&path, None, random);
        seen.push(report.epoch);
        store.append(event(1));
        store.close().unwrap();
    }
    copy(&path, &to).unwrap();
    for random in 2..4 {
        let (store, report) = open_file(&path, None, random);
        seen.push(report.epoch);
        store.close().unwrap();
    }
    // In its place: the file with the epoch's number still lies beside it.
    std::fs::copy(&to, &path).unwrap();
    let (store, report) = open_file(&path, None, 4);
    assert!(
        seen.iter().all(|epoch| *epoch < report.epoch),
        "{seen:?} {:?}",
        report.epoch
    );
    assert_eq!(
        last_of(&report, seen[1])[1],
        Seq(1),
        "what it holds it still tells"
    );
    store.close().unwrap();
    // On another card, without that file: the random half tells them apart.
    let elsewhere = folder.path().join("elsewhere.redb");
    std::fs::copy(&to, &elsewhere).unwrap();
    let (_, report) = open_file(&elsewhere, None, 5);
    assert!(!seen.contains(&report.epoch) && report.epoch > seen[1]);
}

#[test]
fn a_backup_overwrites_nothing_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("store.redb"), folder.path().join("copy.redb"));
    assert!(matches!(copy(&path, &to), Err(StoreError::NoStore { .. })));
    open_file(&path, None, 1).0.close().unwrap();
    let nowhere = folder.path().join("not-there/copy.redb");
    assert!(matches!(
        copy(&path, &nowhere),
        Err(StoreError::BackupFolderMissing { .. })
    ));
    std::fs::write(&to, "somebody's").unwrap();
    assert!(matches!(copy(&path, &to), Err(StoreError::BackupExists { .. })));
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "somebody's");
    assert!(matches!(copy(&path, &path), Err(StoreError::BackupExists { .. })));
    let broken = folder.path().join("broken.redb");
    std::fs::write(&broken, [7; 5000]).unwrap();
    let error = copy(&broken, &folder.path().join("b.redb")).unwrap_err();
    assert!(error.to_string().contains("broken.redb"), "{error}");
}

#[test]
fn s27_a_backup_that_takes_too_long_is_given_up_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (path, to) = (folder.path().join("store.redb"), folder.path().join("copy.redb"));
    open_file(&path, None, 1).0.close().unwrap();
    // Left by a backup that was cut short.
    std::fs::write(folder.path().join("copy.redb.unfinished"), "half").unwrap();
    let asked = Cell::new(0);
    let now = || {
        asked.set(asked.get() + 1);
        MonoTime::from_ms(1) + BACKUP_TIME_MAX * (asked.get() - 1)
    };
    assert!(matches!(
        backup(&path, &to, &now),
        Err(StoreError::BackupTooSlow { .. })
    ));
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["store.redb", "store.redb.epoch", "store.redb.reserve"]);
}

#[test]
fn s27_a_backup_knows_every_table_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let (store, _) = open_file(&path, None, 1);
    append_all(&store, [event(1), alarm(1), reading(1)].into_iter());
    store.close().unwrap();
    let database = crate::store::medium::open_read_only(&path).unwrap();
    let mut names: Vec<String> = database
        .begin_read()
        .unwrap()
        .list_tables()
        .unwrap()
        .map(|table| table.name().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["blocks", "meta"], "backup.rs copies these");
}
