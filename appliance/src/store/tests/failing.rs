//! A card that refuses, stalls or is full: monitoring goes on, and nothing is lost without a record.

use super::*;
use crate::store::StoreState;

fn is_good(store: &Store) -> bool {
    *store.state().borrow() == StoreState::Good
}

#[test]
fn a_full_card_is_told_and_forgotten_when_there_is_room_again() {
    let disk = Disk::new(20);
    let (store, report) = open(&disk, &tuning());
    store.append(alarm(1));
    store.flush().unwrap();
    disk.leave_room(Some(60_000));
    let mut made = 0;
    while is_good(&store) {
        made += 1;
        store.append(event(made));
        let _ = store.flush();
    }
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("it is failing")
    };
    assert!(
        reason.contains("no room left") && reason.contains("free space"),
        "{reason}"
    );
    // Monitoring goes on: numbers are given, alerts can be read.
    store.append(alarm(2));
    let after = Cursor {
        epoch: report.epoch,
        seq: Seq(1),
    };
    assert_eq!(
        store.read(Lane::Alerts, after, 9).unwrap().unwrap().records,
        [alarm(2)]
    );
    assert!(matches!(store.flush(), Err(StoreError::NotCommitted { .. })));
    disk.leave_room(None);
    eventually("good again", || is_good(&store));
    store.flush().unwrap();
    store.close().unwrap();
    let (store, second) = open(&disk, &tuning());
    assert_eq!(
        last_of(&second, report.epoch),
        [Seq(2), Seq(made), Seq(0), Seq(0)]
    );
    let events: Vec<Record> = read_all(&store, Lane::Events, 9)
        .into_iter()
        .flat_map(|b| b.records)
        .collect();
    assert_eq!(events, (1..=made).map(event).collect::<Vec<_>>(), "each once");
}

#[test]
fn i1_s3_what_a_stuck_card_forces_us_to_give_up_is_recorded_and_alerts_are_kept() {
    gives_up(&Disk::new(21));
}

#[test]
fn i1_s3_a_long_stall_is_one_loss_even_when_every_retry_gets_as_far_as_the_commit() {
    let disk = Disk::new(22);
    disk.hide_room();
    gives_up(&disk);
}

fn gives_up(disk: &Disk) {
    let mut tuning = unhurried();
    tuning.tail.bulk_records_max = 400;
    let (store, report) = open(disk, &tuning);
    disk.leave_room(Some(0));
    append_all(&store, (1..=50).map(reading));
    store.append(alarm(1));
    eventually("failing", || !is_good(&store));
    for number in 51..=5_000 {
        store.append(reading(number));
        if number % 10 == 0 {
            store.append(alarm(number / 10));
        }
        if number % 1_000 == 0 {
            let _ = store.flush();
        }
    }
    disk.leave_room(None);
    eventually("good again", || {
        time_passes(&store);
        is_good(&store)
    });
    while store.flush().is_err() {}
    let vitals = read_all(&store, Lane::Vitals, 1000);
    let there: Vec<u64> = vitals
        .iter()
        .flat_map(|batch| batch.first.0..=batch.last().0)
        .collect();
    for (batch, number) in vitals.iter().flat_map(|b| b.records.iter().zip(b.first.0..)) {
        assert_eq!(*batch, reading(number));
    }
    let lost = losses(&store);
    assert_eq!(lost.len(), 1, "one stall is one loss: {lost:?}");
    let (epoch, lane, first, last) = lost[0];
    assert_eq!((epoch, lane), (report.epoch, Lane::Vitals));
    let all: Vec<u64> = (1..first).chain(last + 1..=5_000).collect();
    assert_eq!(there, all, "every reading is there or recorded as lost");
    assert!(first > 50, "what a commit has tried is kept");
    assert!(there.len() >= 200 && there.len() <= 500, "{}", there.len());
    let alerts: usize = read_all(&store, Lane::Alerts, 1000)
        .iter()
        .map(|batch| batch.records.len())
        .sum();
    assert_eq!(alerts, 1 + 495, "alerts are never given up");
}

#[test]
fn a_commit_that_failed_but_reached_the_card_is_not_written_twice() {
    for seed in 0..60 {
        let disk = Disk::new(seed);
        let (store, report) = open(&disk, &tuning());
        store.append(alarm(1));
        store.flush().unwrap();
        // The card goes away in the middle of a commit and comes back with whatever it has kept.
        disk.cut_after(1 + seed % 12);
        let mut made = 1;
        while !disk.is_off() {
            made += 1;
            store.append(alarm(made));
            store.append(reading(made - 1));
            let _ = store.flush();
        }
        disk.power_cycle();
        store.append(alarm(made + 1));
        eventually("good", || store.flush().is_ok() && is_good(&store));
        let alerts: Vec<Record> = read_all(&store, Lane::Alerts, 9)
            .into_iter()
            .flat_map(|b| b.records)
            .collect();
        assert_eq!(
            alerts,
            (1..=made + 1).map(alarm).collect::<Vec<_>>(),
            "seed {seed}"
        );
        assert_eq!(losses(&store), [], "seed {seed}");
        store.close().unwrap();
        let (_store, second) = open(&disk, &tuning());
        let last = [Seq(made + 1), Seq(0), Seq(0), Seq(made - 1)];
        assert_eq!(last_of(&second, report.epoch), last, "seed {seed}");
    }
}

#[test]
fn closing_on_a_dead_card_says_how_many_records_are_lost() {
    let disk = Disk::new(23);
    let (store, _) = open(&disk, &unhurried());
    disk.cut_after(0);
    append_all(&store, (1..=3).map(reading));
    let error = store.close().unwrap_err();
    assert!(
        matches!(error, StoreError::NotCommitted { records: 3, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("the power is off"), "{error}");
}

#[test]
fn the_last_handle_dropped_ends_the_writer_after_a_last_commit() {
    let disk = Disk::new(24);
    let (store, first) = open(&disk, &unhurried());
    store.append(reading(1));
    let state = store.state();
    drop(store);
    eventually("the writer has let go", || state.has_changed().is_err());
    let (_store, second) = open(&disk, &tuning());
    assert_eq!(last_of(&second, first.epoch)[3], Seq(1));
}

#[test]
fn i7_what_is_on_a_full_card_can_still_be_read_and_sent() {
    let disk = Disk::new(25);
    let (store, report) = open(&disk, &tuning());
    append_all(&store, (1..=300).map(reading));
    store.flush().unwrap();
    disk.leave_room(Some(0));
    let mut made = 0;
    while is_good(&store) {
        made += 1;
        store.append(event(made));
        let _ = store.flush();
    }
    // One opening serves all readers: on a large store each one would read the whole file.
    let (opened, mut read) = (disk.opened(), 0);
    for _ in 0..200 {
        if let Ok(batch) = store.read(
            Lane::Vitals,
            Cursor {
                epoch: report.epoch,
                seq: Seq(100),
            },
            50,
        ) {
            assert_eq!(
                batch.unwrap().records,
                (101..=150).map(reading).collect::<Vec<_>>()
            );
            read += 1;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(
        read > 150 && !is_good(&store),
        "readable {read} times of 200 while there is no room"
    );
    assert!(
        disk.opened() <= opened + 1,
        "opened {} times more",
        disk.opened() - opened
    );
}

#[test]
fn a_full_card_at_the_start_does_not_keep_the_ward_from_being_watched() {
    let disk = Disk::new(26);
    let (store, first) = open(&disk, &tuning());
    disk.leave_room(Some(0));
    let mut made = 0;
    while is_good(&store) {
        made += 1;
        store.append(event(made));
        let _ = store.flush();
    }
    let lost = store.close().unwrap_err();
    assert!(lost.to_string().contains("have not reached"), "{lost}");
    // The last little room went to somebody else.
    disk.leave_room(Some(0));
    let (store, second) = open(&disk, &tuning());
    let (store, second) = if is_good(&store) {
        fill_up(&disk, store, second)
    } else {
        (store, second)
    };
    assert!(second.epoch > first.epoch);
    store.append(alarm(1));
    // While the file is opened again, which a full card brings about, reading says so.
    eventually("the alarm is told", || {
        let alerts = store.read(Lane::Alerts, Cursor::START, 9).ok().flatten();
        alerts.is_some_and(|batch| batch.records == [alarm(1)])
    });
    disk.leave_room(None);
    eventually("good", || store.flush().is_ok() && is_good(&store));
    store.close().unwrap();
    let (_store, third) = open(&disk, &tuning());
    assert_eq!(last_of(&third, second.epoch), [Seq(1), Seq(0), Seq(0), Seq(0)]);
    assert!(
        last_of(&third, first.epoch)[1] < Seq(made),
        "the earlier epoch ended where the card was full"
    );
}

/// Starts until not even the start fits.
fn fill_up(disk: &Disk, store: Store, report: OpenReport) -> (Store, OpenReport) {
    let (mut store, mut report) = (store, report);
    for _ in 0..1_000 {
        if !is_good(&store) {
            return (store, report);
        }
        store.close().unwrap();
        (store, report) = open(disk, &tuning());
    }
    panic!("a thousand starts on a full card");
}

#[test]
fn a_first_start_on_a_full_card_works_as_soon_as_there_is_room() {
    let disk = Disk::new(27);
    disk.leave_room(Some(8_192));
    let (store, report) = open(&disk, &tuning());
    assert!(!is_good(&store));
    store.append(alarm(1));
    disk.leave_room(None);
    eventually("good", || store.flush().is_ok() && is_good(&store));
    store.close().unwrap();
    let (_store, second) = open(&disk, &tuning());
    assert_eq!(last_of(&second, report.epoch), [Seq(1), Seq(0), Seq(0), Seq(0)]);
    assert_eq!(second.set_aside, None);
}
