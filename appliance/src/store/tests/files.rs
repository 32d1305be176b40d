//! Real files: what stands beside the store, and the clear errors a technician gets.

use super::*;
use crate::store::{SET_ASIDE_MAX, StoreOptions};
use std::path::Path;

fn options(path: &Path) -> StoreOptions {
    StoreOptions {
        path: path.to_owned(),
        commit_window: Duration::from_millis(5),
        vitals_bytes_max: 1 << 30,
        waves_bytes_max: 1 << 30,
        key: None,
    }
}

fn open_file(path: &Path) -> Result<(Store, OpenReport), StoreError> {
    Store::open(&options(path), BOOT, MonoTime::from_ms(1), 3)
}

fn refused(path: &Path) -> StoreError {
    match open_file(path) {
        Ok(_) => panic!("{} must be refused", path.display()),
        Err(error) => error,
    }
}

#[test]
fn a_file_keeps_everything_from_one_start_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let (store, first) = open_file(&path).unwrap();
    store.append(alarm(1));
    store.close().unwrap();
    let (store, second) = open_file(&path).unwrap();
    assert_eq!(second.epoch.0 >> 32, 2);
    assert_eq!(read_all(&store, Lane::Alerts, 9)[0].epoch, first.epoch);
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["store.redb", "store.redb.epoch"],
        "nothing is left lying about"
    );
}

#[test]
fn a_second_vitalpost_on_the_same_file_gets_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let (store, _) = open_file(&path).unwrap();
    let error = refused(&path);
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("in use by another process"), "{error}");
    store.append(alarm(1));
    store.close().unwrap();
    assert_eq!(
        read_all(&open_file(&path).unwrap().0, Lane::Alerts, 9).len(),
        1,
        "the first one was not disturbed"
    );
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&folder.path().join("not-there/store.redb"));
    assert!(
        matches!(&error, StoreError::FolderMissing { folder } if folder.ends_with("not-there")),
        "{error}"
    );
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    // The kernel lets nobody make files there, root included.
    let error = refused(Path::new("/sys/store.redb"));
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = refused(folder.path());
    assert!(
        matches!(error, StoreError::Disk { .. }),
        "a folder under the store's name: {error}"
    );
}

#[test]
fn s7_few_damaged_files_are_kept_and_the_fullest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let kept = || {
        let entries = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap());
        let damaged = entries.filter(|entry| entry.file_name().to_string_lossy().contains("damaged"));
        let mut kept: Vec<(String, u64)> = damaged
            .map(|entry| {
                (
                    entry.file_name().to_string_lossy().into_owned(),
                    entry.metadata().unwrap().len(),
                )
            })
            .collect();
        kept.sort();
        kept
    };
    for number in 1..=SET_ASIDE_MAX as u64 + 3 {
        // The first is the fullest, as after the first lightning.
        let len = if number == 1 { 9_000 } else { 100 + number };
        std::fs::write(&path, vec![1; usize::try_from(len).unwrap()]).unwrap();
        let (store, report) = open_file(&path).unwrap();
        let aside = report.set_aside.unwrap();
        assert!(
            aside.file.ends_with(format!("store.redb.damaged-{number}")),
            "{:?}",
            aside.file
        );
        assert_eq!(std::fs::metadata(&aside.file).unwrap().len(), len);
        assert_eq!(
            report.epoch.0 >> 32,
            number,
            "each start is younger than the last"
        );
        store.close().unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(kept().len() <= SET_ASIDE_MAX);
    }
    let names: Vec<String> = kept().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "store.redb.damaged-1",
            "store.redb.damaged-5",
            "store.redb.damaged-6"
        ]
    );
}

#[test]
fn s6_an_empty_file_is_damage_and_not_a_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    std::fs::write(&path, "").unwrap();
    let aside = open_file(&path).unwrap().1.set_aside.unwrap();
    assert!(aside.reason.contains("the file is empty"), "{}", aside.reason);
}

#[test]
fn s6_a_first_start_that_was_cut_short_is_not_called_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    for unfinished in [&[][..], &[0; 700]] {
        std::fs::write(folder.path().join("store.redb.new"), unfinished).unwrap();
        std::fs::write(folder.path().join("store.redb.epoch-new"), "0000").unwrap();
        let (store, report) = open_file(&path).unwrap();
        assert_eq!(report.set_aside, None);
        store.close().unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}
