//! S28: who waits for the card is told when what it handed over is on it, and not before.

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

use super::*;
use crate::store::simulated;
use crate::store::{StoreOptions, promises::PROMISES_MAX};

fn at(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn promise(store: &Store) -> oneshot::Receiver<()> {
    let (tell, told) = oneshot::channel();
    store.when_durable(tell);
    told
}

#[test]
fn s28_it_is_told_after_the_commit_which_comes_the_next_time_that_the_store_is_told_the_time() {
    let disk = Disk::new(60);
    let options = StoreOptions {
        destinations: all_to(&["centre"]),
        ..StoreOptions::at("unused.redb".into())
    };
    let (store, mut stepper, _) = simulated::open(&disk, &options, BOOT, at(1), 5).unwrap();
    stepper.round(at(1));
    assert_eq!(
        promise(&store).try_recv(),
        Ok(()),
        "nothing waits: it is so already"
    );
    store.append(reading(1));
    let mut told = promise(&store);
    assert!(!stepper.is_due(at(1)), "promises of one moment gather");
    assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
    assert!(stepper.is_due(at(101)), "no commit window is waited for");
    let writes = disk.written().syncs;
    assert!(stepper.round(at(101)));
    assert!(disk.written().syncs > writes);
    assert_eq!(told.try_recv(), Ok(()));
    store.append(reading(2));
    assert!(!stepper.is_due(at(301)), "without a promise the window counts");
}

#[test]
fn s28_a_card_that_hangs_or_fails_tells_nobody_until_it_works() {
    let disk = Disk::new(61);
    let (store, _) = open(&disk, &tuning());
    store.flush().unwrap();
    disk.stall(true);
    store.append(reading(1));
    let mut told = promise(&store);
    store.check(at(200));
    store.check(at(400));
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
    disk.stall(false);
    eventually("told", || told.try_recv() == Ok(()));
    disk.fail_writes(Some(5));
    store.append(reading(2));
    let mut told = promise(&store);
    store.flush().unwrap_err();
    assert_eq!(told.try_recv(), Err(TryRecvError::Empty));
    disk.fail_writes(None);
    eventually("told after the repair", || {
        time_passes(&store);
        told.try_recv() == Ok(())
    });
}

#[test]
fn s28_what_was_given_up_is_not_promised() {
    let disk = Disk::new(62);
    let mut tuning = unhurried();
    tuning.tail.bulk_records_max = 16;
    let (store, _) = open(&disk, &tuning);
    store.flush().unwrap();
    store.append(reading(1));
    let mut told = promise(&store);
    append_all(&store, (2..40).map(reading));
    store.flush().unwrap();
    assert_eq!(told.try_recv(), Err(TryRecvError::Closed));
    assert!(!losses(&store).is_empty());
    store.append(reading(41));
    let mut told = promise(&store);
    store.flush().unwrap();
    assert_eq!(told.try_recv(), Ok(()));
}

#[test]
fn s28_promises_are_bounded_and_end_with_the_store() {
    let disk = Disk::new(63);
    let options = StoreOptions::at("unused.redb".into());
    let (store, mut stepper, _) = simulated::open(&disk, &options, BOOT, at(1), 5).unwrap();
    stepper.round(at(1));
    store.append(reading(1));
    let mut all: Vec<_> = (0..=PROMISES_MAX).map(|_| promise(&store)).collect();
    assert_eq!(all.pop().unwrap().try_recv(), Err(TryRecvError::Closed));
    assert_eq!(all.pop().unwrap().try_recv(), Err(TryRecvError::Empty));
    drop(all);
    let mut told = promise(&store);
    assert_eq!(
        told.try_recv(),
        Err(TryRecvError::Empty),
        "those that nobody waits for make room"
    );
    let mut kept = promise(&store);
    stepper.close(at(2)).unwrap();
    assert_eq!((told.try_recv(), kept.try_recv()), (Ok(()), Ok(())));
    store.append(reading(2));
    let mut late = promise(&store);
    drop(store);
    assert_eq!(late.try_recv(), Err(TryRecvError::Closed));
}
