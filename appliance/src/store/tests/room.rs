//! What goes from the card by age, and what happens when room becomes scarce (S17, S18, S19).

use super::*;
use crate::store::simulated::{self, Stepper};
use crate::store::{SpaceState, StoreOptions, StoreState};
use vitals::{WaveBlock, record::WaveRecord};

const HOUR_MS: u64 = 3_600_000;

fn options() -> StoreOptions {
    StoreOptions::at("none".into())
}

fn at(ms: u64) -> MonoTime {
    MonoTime::from_ms(ms)
}

fn boot(number: u8, now: u64, disk: &Disk) -> (Store, Stepper, OpenReport) {
    simulated::open(disk, &options(), BootId([number; 16]), at(now), 5).unwrap()
}

/// Samples that no packing makes much smaller.
fn wave(ms: u64) -> Record {
    let mut chance = simulated::Chance(ms);
    let samples = (0..2_000).map(|_| chance.below(60_000) as u16 as i16);
    Record::Wave(WaveRecord {
        device: "oxi-1".parse().unwrap(),
        bed: None,
        admission: None,
        at: at(ms),
        block: WaveBlock {
            code: Code::Spo2,
            rate: (75, 1),
            first_sample: 0,
            samples: samples.collect(),
        },
    })
}

/// A reading that takes room.
fn large(ms: u64) -> Record {
    let Record::Reading(like) = reading(ms) else {
        unreachable!()
    };
    let mut chance = simulated::Chance(ms);
    let signal = (0..6_000).map(|_| char::from(b'a' + chance.below(26) as u8));
    Record::Site(vitals::SiteReading {
        device: like.device,
        signal: signal.collect(),
        measured: like.seen.measured,
        unit: String::new(),
        at: like.at,
    })
}

fn count(store: &Store, lane: Lane) -> usize {
    read_all(store, lane, 1_000)
        .iter()
        .map(|batch| batch.records.len())
        .sum()
}

#[test]
fn s17_curves_go_after_72_hours_and_readings_after_30_days_of_running() {
    let disk = Disk::new(80);
    let (store, mut stepper, report) = boot(1, 0, &disk);
    for quarter in 0..=(40 * 6) {
        let now = 4 * quarter * HOUR_MS;
        store.append(reading(now));
        store.append(wave(now));
        store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, Seq(quarter / 8));
        assert!(stepper.round(at(now)));
    }
    store.append(alarm(1));
    for _ in 0..20 {
        stepper.round(at(40 * 24 * HOUR_MS + 600_000));
    }
    assert_eq!(count(&store, Lane::Waves), 18);
    assert_eq!(count(&store, Lane::Vitals), 30 * 6);
    assert_eq!(count(&store, Lane::Alerts), 1);
    let oldest = read_all(&store, Lane::Vitals, 1)[0].first;
    let lost = losses(&store);
    assert!(!lost.is_empty(), "the centre lacked some of what went");
    let told: u64 = lost.iter().map(|(.., first, last)| last + 1 - first).sum();
    assert!(
        told < oldest.0 - 1,
        "what it had is no loss: {told} of {}",
        oldest.0 - 1
    );
    assert!(lost.iter().all(|(_, lane, ..)| *lane == Lane::Vitals));
}

#[test]
fn s17_over_several_boots_only_time_with_power_counts() {
    let disk = Disk::new(81);
    let (store, mut stepper, _) = boot(1, 0, &disk);
    for hour in 0..60 {
        store.append(wave(hour * HOUR_MS));
        assert!(stepper.round(at(hour * HOUR_MS)));
    }
    stepper.close(at(60 * HOUR_MS)).unwrap();
    drop(store);
    // Another boot of ten hours; the box was off for nobody knows how long.
    let (store, mut stepper, _) = boot(2, 0, &disk);
    for hour in 0..=10 {
        store.append(wave(hour * HOUR_MS));
        assert!(stepper.round(at(hour * HOUR_MS)));
    }
    assert_eq!(
        count(&store, Lane::Waves),
        60 + 11,
        "59 + 10 hours are less than 72"
    );
    stepper.close(at(10 * HOUR_MS)).unwrap();
    drop(store);
    let (store, mut stepper, _) = boot(3, 0, &disk);
    stepper.round(at(5 * HOUR_MS));
    store.append(alarm(1));
    stepper.round(at(6 * HOUR_MS));
    // 59 - t + 10 + 6 > 72: the first three have gone.
    assert_eq!(count(&store, Lane::Waves), 60 + 11 - 3);
}

/// A store with some of everything, and nothing of it at the centre.
fn filled(disk: &Disk) -> (Store, Stepper) {
    let (store, mut stepper, _) = boot(1, 0, disk);
    for number in 1..=260 {
        store.append(wave(number));
        for reading_number in 0..10 {
            store.append(reading(10 * number + reading_number));
        }
        store.append(summary(number));
        if number % 20 == 0 {
            store.append(alarm(number));
            store.append(event(number));
        }
        assert!(stepper.round(at(number)));
    }
    (store, stepper)
}

#[test]
fn s18_i7_a_nearly_full_card_costs_curves_first_and_the_file_grows_no_more() {
    let disk = Disk::new(82);
    let (store, mut stepper) = filled(&disk);
    let (alerts, events) = (count(&store, Lane::Alerts), count(&store, Lane::Events));
    let space = store.space();
    assert_eq!(*space.borrow(), SpaceState::default(), "nobody could tell");
    disk.leave_room(Some(1 << 20));
    let waves = count(&store, Lane::Waves);
    let (mut now, mut halfway) = (10_000, None);
    for round in 0..300 {
        now += 6_000;
        store.append(wave(now));
        for number in 0..50 {
            store.append(reading(now + number));
        }
        assert!(
            stepper.round(at(now)),
            "round {round}: {:?}",
            store.state().borrow()
        );
        if round == 150 {
            halfway = space.borrow().free_bytes;
        }
    }
    let SpaceState {
        free_bytes,
        nearly_full,
    } = space.borrow().clone();
    assert!(free_bytes.unwrap() > 200_000);
    assert_eq!(free_bytes, halfway, "the file stopped growing");
    let words = nearly_full.unwrap();
    assert!(
        words.contains("MB are free on the card") && words.contains("larger card"),
        "{words}"
    );
    assert!(count(&store, Lane::Waves) < waves);
    assert_eq!(
        count(&store, Lane::Vitals),
        2_600 + 300 * 50,
        "curves were enough"
    );
    assert_eq!(losses(&store), []);
    // Readings alone: when no curve is left, the oldest readings go, and their loss is told.
    for _ in 0..160 {
        now += 6_000;
        store.append(large(now));
        assert!(stepper.round(at(now)));
    }
    assert_eq!(count(&store, Lane::Waves), 0);
    let lost: u64 = losses(&store)
        .iter()
        .map(|(.., first, last)| last + 1 - first)
        .sum();
    let left = count(&store, Lane::Vitals) as u64;
    assert_eq!(lost + left, 2_600 + 300 * 50 + 160);
    assert!(lost > 0);
    assert_eq!(count(&store, Lane::Alerts), alerts);
    assert!(count(&store, Lane::Events) > events);
    disk.leave_room(Some(1 << 40));
    store.append(alarm(9_999));
    stepper.round(at(now + 6_000));
    assert_eq!(space.borrow().nearly_full, None);
}

#[test]
fn s19_i7_on_a_card_that_somebody_else_has_filled_alerts_and_events_are_still_committed() {
    let disk = Disk::new(83);
    disk.keep_reserve();
    let (store, mut stepper) = filled(&disk);
    let (alerts, events) = (count(&store, Lane::Alerts), count(&store, Lane::Events));
    store.append(reading(1));
    stepper.round(at(100_000));
    disk.leave_room(Some(0));
    let (mut now, mut made) = (100_000, 0);
    while *store.state().borrow() == StoreState::Good {
        made += 1;
        now += 100;
        store.append(alarm(1_000 + made));
        for number in 0..2_000 {
            store.append(reading(now + number));
        }
        stepper.round(at(now));
    }
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("it is full")
    };
    assert!(reason.contains("no room left"), "{reason}");
    for _ in 0..50 {
        now += 100;
        made += 1;
        store.append(alarm(1_000 + made));
        store.append(event(1_000 + made));
        assert!(stepper.is_due(at(now)), "alerts wait for no pause");
        assert!(!stepper.round(at(now)));
    }
    let durable = store.shared().lock().durable;
    assert_eq!(
        durable[0],
        Seq(alerts as u64 + made),
        "every alert is on the card"
    );
    assert_eq!(count(&store, Lane::Events), events + 50, "and every event");
    assert!(store.shared().lock().tail.bulk_records() > 0, "readings wait");
    disk.leave_room(None);
    now += 60_000;
    assert!(stepper.round(at(now)));
    assert_eq!(*store.state().borrow(), StoreState::Good);
    assert_eq!(losses(&store), []);
    stepper.round(at(now + 6_000));
    assert!(stepper.has_reserve(), "it is made again");
}
