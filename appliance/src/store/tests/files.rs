//! Real files: what stands beside the store, and the clear errors a technician gets.

use super::*;
use crate::store::{SET_ASIDE_MAX, StoreOptions, StoreState};
use std::path::Path;

fn options(path: &Path) -> StoreOptions {
    StoreOptions::at(path.to_owned())
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
        ["store.redb", "store.redb.epoch", "store.redb.reserve"],
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

/// What the state says when the card cannot be used from the start; monitoring goes on.
fn trouble(path: &Path) -> String {
    let (store, report) = open_file(path).unwrap();
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("{} cannot be used", path.display())
    };
    let id = store.append(alarm(1));
    assert_eq!((id.epoch, id.seq), (report.epoch, Seq(1)));
    let cursor = store.outbox_cursor(Destination::CENTRE, Lane::Alerts);
    let batch = store.read(Lane::Alerts, cursor, 9).unwrap().unwrap();
    assert_eq!(batch.records, [alarm(1)], "an alert goes out all the same");
    assert!(store.close().is_err(), "and nobody says that it is on the card");
    reason
}

#[test]
fn s20_a_place_that_cannot_be_written_is_named_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let reason = trouble(&folder.path().join("not-there/store.redb"));
    assert!(
        reason.contains("not-there for the store does not exist"),
        "{reason}"
    );
    // The kernel lets nobody make files there, root included.
    let reason = trouble(Path::new("/sys/store.redb"));
    assert!(reason.contains("cannot be written"), "{reason}");
    // A folder under the store's name.
    let reason = trouble(folder.path());
    assert!(reason.contains("cannot be used"), "{reason}");
}

#[test]
fn s20_i1_a_folder_that_is_mounted_late_is_taken_over_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let (place, unmounted) = (folder.path().join("card"), folder.path().join("elsewhere"));
    let path = place.join("store.redb");
    std::fs::create_dir(&place).unwrap();
    let (store, first) = open_file(&path).unwrap();
    store.append(event(1));
    store.append(reading(1));
    store.close().unwrap();
    std::fs::rename(&place, &unmounted).unwrap();
    let (store, second) = open_file(&path).unwrap();
    assert!(second.epoch > first.epoch);
    assert_eq!(
        (
            second.closed.len(),
            store.waiting(Destination::CENTRE, Lane::Vitals)
        ),
        (0, 0)
    );
    store.append(reading(2));
    store.append(event(2));
    std::fs::rename(&unmounted, &place).unwrap();
    eventually("taken over", || {
        time_passes(&store);
        *store.state().borrow() == StoreState::Good
    });
    store.flush().unwrap();
    assert_eq!(store.waiting(Destination::CENTRE, Lane::Vitals), 2);
    let events: Vec<Epoch> = read_all(&store, Lane::Events, 9)
        .iter()
        .map(|batch| batch.epoch)
        .collect();
    assert_eq!(events, [first.epoch, second.epoch]);
    store.receipted(Destination::CENTRE, Lane::Events, second.epoch, Seq(1));
    store.close().unwrap();
    let (_store, third) = open_file(&path).unwrap();
    assert!(third.epoch > second.epoch);
    assert_eq!(
        last_of(&third, first.epoch),
        [Seq(0), Seq(1), Seq(0), Seq(1)],
        "its end is told now"
    );
    assert_eq!(last_of(&third, second.epoch), [Seq(0), Seq(1), Seq(0), Seq(1)]);
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
        let file = report.set_aside.unwrap().file.unwrap();
        assert!(
            file.ends_with(format!("store.redb.damaged-{number}")),
            "{}",
            file.display()
        );
        assert_eq!(std::fs::metadata(&file).unwrap().len(), len);
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
    for unfinished in [&[][..], &[0; 700]] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.redb");
        std::fs::write(folder.path().join("store.redb.new"), unfinished).unwrap();
        std::fs::write(folder.path().join("store.redb.epoch-new"), "0000").unwrap();
        let (store, report) = open_file(&path).unwrap();
        assert_eq!(report.set_aside, None);
        store.close().unwrap();
    }
}

#[test]
fn s6_a_store_that_is_gone_is_told_once_and_no_epoch_comes_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let (store, first) = open_file(&path).unwrap();
    assert_eq!(first.set_aside, None);
    store.close().unwrap();
    std::fs::remove_file(&path).unwrap();
    let (store, second) = open_file(&path).unwrap();
    let gone = second.set_aside.unwrap();
    assert_eq!(gone.file, None);
    assert!(
        gone.reason.contains("store.redb was there before and is gone"),
        "{}",
        gone.reason
    );
    assert!(second.epoch > first.epoch);
    store.close().unwrap();
    assert_eq!(open_file(&path).unwrap().1.set_aside, None);
}

#[test]
fn s6_without_a_note_what_else_says_that_a_post_ran_here_is_believed() {
    for (ran_before, is_told) in [(false, false), (true, true)] {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions {
            ran_before,
            ..options(&folder.path().join("store.redb"))
        };
        let (_store, report) = Store::open(&options, BOOT, MonoTime::from_ms(1), 3).unwrap();
        assert_eq!(report.set_aside.is_some(), is_told);
    }
}
