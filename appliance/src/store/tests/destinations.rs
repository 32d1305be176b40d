//! S14, S16: what each destination has, and what that means for the card.

use super::*;
use crate::store::StoreOptions;
use crate::store::simulated::{self, Stepper};

const SECOND: Destination = Destination(1);

fn at(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

fn stepped(disk: &Disk, names: &[&str]) -> (Store, Stepper, OpenReport) {
    let options = StoreOptions {
        destinations: names.iter().map(|name| (*name).to_owned()).collect(),
        ..StoreOptions::at("none".into())
    };
    simulated::open(disk, &options, BOOT, at(0), 5).unwrap()
}

fn start(store: &Store, report: &OpenReport) {
    let event = Event::Started {
        version: "1".to_owned(),
        boot: BOOT,
        closed: report.closed.clone(),
    };
    store.append(Record::Event { at: at(0), event });
}

#[test]
fn s14_what_the_centre_has_waits_a_minute_and_what_is_nowhere_five_seconds() {
    let disk = Disk::new(70);
    let (store, mut stepper, report) = stepped(&disk, &["centre", "second"]);
    let receipted = |to, seq| store.receipted(to, Lane::Vitals, report.epoch, Seq(seq));
    stepper.is_due(at(100));
    store.append(reading(1));
    receipted(SECOND, 1);
    assert!(
        stepper.is_due(at(105)),
        "only the first destination makes it safe"
    );
    receipted(Destination::CENTRE, 1);
    assert!(!stepper.is_due(at(150)));
    store.append(reading(2));
    receipted(Destination::CENTRE, 2);
    assert!(!stepper.is_due(at(159)));
    assert!(stepper.is_due(at(160)), "the oldest has waited a minute");
    assert!(stepper.round(at(160)));
    assert!(!stepper.is_due(at(160)));
    store.append(reading(3));
    receipted(Destination::CENTRE, 3);
    stepper.is_due(at(170));
    store.append(reading(4));
    assert!(
        !stepper.is_due(at(174)) && stepper.is_due(at(175)),
        "the centre went silent"
    );
}

#[test]
fn i1_s14_after_a_power_cut_every_reading_is_on_the_card_or_receipted_or_five_seconds_young() {
    for seed in 0..40 {
        let mut chance = simulated::Chance(seed);
        let disk = Disk::new(seed);
        let (store, mut stepper, report) = stepped(&disk, &["centre"]);
        let (mut receipted, cut) = (0, 20 + chance.below(200));
        let mut made = 0;
        for second in 1..=cut {
            for _ in 0..3 {
                made += 1;
                store.append(reading(made));
            }
            // The centre comes and goes; it answers a second late.
            if second % 50 < 30 {
                receipted = made - 3;
                store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, Seq(receipted));
            }
            if stepper.is_due(at(second)) {
                assert!(stepper.round(at(second)));
            }
        }
        disk.cut_after(0);
        drop((store, stepper));
        disk.power_cycle();
        let (_, _, second) = stepped(&disk, &["centre"]);
        let there = last_of(&second, report.epoch)[3].0;
        let safe = there.max(receipted);
        assert!(
            made - safe <= 3 * 5,
            "seed {seed}: {there} there, {receipted} receipted of {made}"
        );
    }
}

#[test]
fn i10_s16_each_destination_has_its_own_cursor_and_none_holds_up_the_other() {
    let disk = Disk::new(71);
    let (store, mut stepper, first) = stepped(&disk, &["centre", "second"]);
    start(&store, &first);
    for number in 1..=10 {
        store.append(reading(number));
    }
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(10));
    store.receipted(Destination::CENTRE, Lane::Events, first.epoch, Seq(1));
    store.receipted(SECOND, Lane::Vitals, first.epoch, Seq(4));
    store.receipted(Destination(7), Lane::Vitals, first.epoch, Seq(4));
    let waiting = |store: &Store| [Destination::CENTRE, SECOND].map(|to| store.waiting(to, Lane::Vitals));
    assert_eq!(waiting(&store), [0, 6]);
    assert!(stepper.round(at(1)));
    stepper.close(at(1)).unwrap();
    drop(store);

    // The order in the configuration means nothing.
    let (store, stepper, second) = stepped(&disk, &["second", "centre"]);
    assert_eq!(waiting(&store), [6, 0]);
    let cursor = store.outbox_cursor(Destination::CENTRE, Lane::Vitals);
    assert_eq!((cursor.epoch, cursor.seq), (first.epoch, Seq(4)));
    start(&store, &second);
    store.receipted(SECOND, Lane::Events, second.epoch, Seq(1));
    stepper.close(at(1)).unwrap();
    drop(store);
    let (store, stepper, third) = stepped(&disk, &["second", "centre"]);
    assert_eq!(
        last_of(&third, first.epoch)[3],
        Seq(10),
        "one of two does not have it"
    );
    start(&store, &third);
    for (epoch, last) in [(first.epoch, 1), (second.epoch, 1), (third.epoch, 1)] {
        store.receipted(Destination::CENTRE, Lane::Events, epoch, Seq(last));
    }
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(10));
    store.receipted(SECOND, Lane::Events, third.epoch, Seq(1));
    stepper.close(at(1)).unwrap();
    drop(store);
    let (_, _, fourth) = stepped(&disk, &["second", "centre"]);
    let epochs: Vec<Epoch> = fourth.closed.iter().map(|lane| lane.epoch).collect();
    assert_eq!(epochs, [third.epoch; 4], "both have the others");
}

#[test]
fn s16_a_new_destination_starts_with_this_run_and_one_that_is_gone_is_forgotten() {
    let disk = Disk::new(72);
    let (store, stepper, first) = stepped(&disk, &["centre"]);
    store.append(reading(1));
    stepper.close(at(1)).unwrap();
    drop(store);
    let (store, stepper, second) = stepped(&disk, &["centre", "second"]);
    assert_eq!(store.waiting(SECOND, Lane::Vitals), 0);
    assert_eq!(store.outbox_cursor(SECOND, Lane::Vitals).epoch, second.epoch);
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals).epoch,
        first.epoch
    );
    store.append(reading(2));
    assert_eq!(store.waiting(SECOND, Lane::Vitals), 1);
    stepper.close(at(1)).unwrap();
    drop(store);
    let (store, _, _) = stepped(&disk, &["second"]);
    assert_eq!(store.waiting(Destination::CENTRE, Lane::Vitals), 1);
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals).epoch,
        second.epoch
    );
}

#[test]
fn i1_s16_what_goes_is_a_loss_as_long_as_one_destination_lacks_it() {
    let lost = |receipts: [u64; 2]| {
        let disk = Disk::new(73);
        let mut tuning = unhurried();
        tuning.destinations = vec!["centre".to_owned(), "second".to_owned()];
        tuning.tail.bulk_records_max = 80;
        let (store, report) = open(&disk, &tuning);
        disk.stall(true);
        append_all(&store, (1..=80).map(reading));
        for (to, seq) in receipts.into_iter().enumerate() {
            store.receipted(Destination(to), Lane::Vitals, report.epoch, Seq(seq));
        }
        store.append(reading(81));
        disk.stall(false);
        store.flush().unwrap();
        losses(&store)
            .into_iter()
            .map(|(_, _, first, last)| (first, last))
            .collect::<Vec<_>>()
    };
    assert_eq!(lost([0, 0]), [(1, 11)]);
    assert_eq!(lost([80, 0]), [(1, 11)]);
    assert_eq!(lost([5, 80]), [(6, 11)]);
    assert_eq!(lost([80, 80]), []);
}
