//! S13: a card on which syncing neither ends nor fails.

use super::*;
use crate::store::StoreState;

fn at(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

fn is_good(store: &Store) -> bool {
    *store.state().borrow() == StoreState::Good
}

/// The writer is inside a round.
fn until_running(store: &Store) {
    eventually("a round runs", || store.shared().lock().running);
}

#[test]
fn s13_a_card_that_hangs_in_sync_is_failing_after_ten_seconds_and_good_when_it_goes_on() {
    let disk = Disk::new(50);
    let (store, _) = open(&disk, &tuning());
    store.flush().unwrap();
    disk.stall(true);
    store.append(alarm(1));
    until_running(&store);
    store.check(at(100));
    store.check(at(109));
    assert!(is_good(&store), "a slow card is not yet a bad one");
    store.append(alarm(2));
    store.check(at(110));
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("it hangs")
    };
    assert!(
        reason.contains("has not finished a commit for 10 s") && reason.contains("simulated.redb"),
        "{reason}"
    );
    let mut state = store.state();
    store.check(at(200));
    assert!(!state.has_changed().unwrap(), "it is said once");
    state.mark_unchanged();
    disk.stall(false);
    store.flush().unwrap();
    eventually("good again", || {
        store.check(at(201));
        is_good(&store)
    });
}

#[test]
fn s13_a_hanging_round_of_readings_is_noticed_too_and_an_idle_store_never_is() {
    let disk = Disk::new(51);
    let (store, _) = open(&disk, &tuning());
    store.flush().unwrap();
    eventually("idle", || !store.shared().lock().running);
    store.check(at(1));
    store.check(at(1_000));
    assert!(is_good(&store), "nothing to do is no hang");
    disk.stall(true);
    store.append(reading(1));
    until_running(&store);
    store.check(at(2_000));
    store.check(at(2_010));
    assert!(!is_good(&store));
    disk.stall(false);
}

#[test]
fn s13_rounds_that_end_are_no_hang_however_many_follow_each_other() {
    let disk = Disk::new(52);
    let (store, _) = open(&disk, &tuning());
    for round in 1..=10 {
        store.append(alarm(round));
        store.check(at(100 + 9 * round));
        store.flush().unwrap();
        assert!(is_good(&store), "round {round}");
    }
}

#[test]
fn s13_what_the_writer_says_itself_is_not_overwritten() {
    let disk = Disk::new(53);
    let (store, _) = open(&disk, &unhurried());
    disk.cut_after(0);
    store.append(alarm(1));
    eventually("failing", || !is_good(&store));
    for seconds in [100, 105, 110, 200] {
        store.check(at(seconds));
        let StoreState::Failing { reason } = store.state().borrow().clone() else {
            panic!("it has not been repaired")
        };
        assert!(reason.contains("the power is off"), "{reason}");
    }
}
