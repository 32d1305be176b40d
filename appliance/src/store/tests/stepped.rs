//! The store without its thread: every wait is judged by the time that it is told.

use super::*;
use crate::store::StoreOptions;
use crate::store::simulated::{self, Chance, Stepper};

fn at(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn stepped(disk: &Disk, now: u64) -> (Store, Stepper, OpenReport) {
    let options = StoreOptions::at("none".into());
    simulated::open(disk, &options, BOOT, at(now), 5).unwrap()
}

fn vitals(store: &Store) -> usize {
    read_all(store, Lane::Vitals, 1000)
        .iter()
        .map(|batch| batch.records.len())
        .sum()
}

#[test]
fn the_window_and_the_pauses_are_judged_by_the_time_that_is_told() {
    let disk = Disk::new(60);
    let (store, mut stepper, _) = stepped(&disk, 1_000);
    assert!(!stepper.is_due(at(500_000)), "nothing to do");
    store.append(reading(1));
    assert!(!stepper.is_due(at(504_999)));
    store.append(reading(2));
    assert!(
        stepper.is_due(at(505_000)),
        "the oldest has waited for the window"
    );
    assert!(stepper.round(at(505_000)));
    assert_eq!(vitals(&store), 2);
    assert!(!stepper.is_due(at(900_000)));
    store.append(alarm(1));
    assert!(stepper.is_due(at(900_000)), "an alarm waits for nothing");

    disk.fail_writes(Some(5));
    assert!(!stepper.round(at(900_000)));
    assert!(!stepper.is_due(at(900_499)) && stepper.is_due(at(900_500)));
    assert!(!stepper.round(at(900_500)));
    assert!(
        !stepper.is_due(at(901_499)) && stepper.is_due(at(901_500)),
        "doubled"
    );
    for _ in 0..10 {
        stepper.round(at(901_500));
    }
    assert!(
        !stepper.is_due(at(931_499)) && stepper.is_due(at(931_500)),
        "bounded"
    );
    disk.fail_writes(None);
    assert!(stepper.round(at(931_500)));
    assert_eq!(*store.state().borrow(), crate::store::StoreState::Good);
    stepper.close(at(931_500)).unwrap();
}

/// Power cuts, a full card and a slow one, all by chance; returns the bytes of the disk and what was read at the end.
fn some_life(seed: u64) -> (Vec<u8>, Vec<Batch>) {
    let mut chance = Chance(seed);
    let disk = Disk::new(chance.any());
    let mut now = 0;
    for _ in 0..6 {
        let options = StoreOptions::at("none".into());
        let Ok((store, mut stepper, _)) = simulated::open(&disk, &options, BOOT, at(now), seed as u32) else {
            disk.power_cycle();
            continue;
        };
        for number in 0..200 {
            now += 100;
            store.append(reading(number));
            if chance.below(30) == 0 {
                store.append(alarm(number));
            }
            match chance.below(150) {
                0 => disk.cut_after(chance.below(30)),
                1 => disk.leave_room(Some(chance.below(40_000))),
                2 => disk.leave_room(None),
                _ => {}
            }
            store.check(at(now));
            if stepper.is_due(at(now)) {
                stepper.round(at(now));
            }
        }
        disk.leave_room(None);
        if chance.below(2) == 0 {
            disk.cut_after(0);
        }
        drop((store, stepper));
        disk.power_cycle();
    }
    let (store, stepper, _) = stepped(&disk, now);
    let read = read_all(&store, Lane::Vitals, 100);
    drop((store, stepper));
    let mut bytes = Vec::new();
    disk.alter(|file| bytes.clone_from(file));
    (bytes, read)
}

#[test]
fn the_same_seed_and_the_same_steps_leave_the_same_bytes() {
    let mut different = std::collections::BTreeSet::new();
    for seed in 0..10 {
        let (bytes, read) = some_life(seed);
        assert!(!read.is_empty());
        assert!((bytes.clone(), read) == some_life(seed), "seed {seed}");
        different.insert(bytes);
    }
    assert_eq!(different.len(), 10, "chance does something");
}

#[test]
fn s1_whoever_appends_and_reads_does_not_wait_for_a_slow_sync() {
    let disk = Disk::new(61);
    let (store, mut stepper, report) = stepped(&disk, 0);
    store.append(alarm(1));
    let while_slow = store.clone();
    let mut made = 1;
    disk.while_syncing(Some(Box::new(move || {
        made += 1;
        while_slow.append(alarm(made));
        let batch = while_slow
            .read(Lane::Alerts, Cursor::START, 100)
            .unwrap()
            .unwrap();
        assert_eq!(batch.records, (1..=made).map(alarm).collect::<Vec<_>>());
    })));
    assert!(stepper.round(at(1)));
    disk.while_syncing(None);
    stepper.close(at(2)).unwrap();
    let (_, _, second) = stepped(&disk, 3);
    assert!(
        last_of(&second, report.epoch)[0] > Seq(1),
        "they are on the card in the end"
    );
}
