//! S14, S16: what each destination has, and what that means for the card.

use std::collections::BTreeMap;

use super::*;
use crate::store::simulated::{self, Stepper};
use crate::store::{self, StoreOptions};

const SECOND: Destination = Destination(1);

fn at(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

fn stepped(disk: &Disk, names: &[&str]) -> (Store, Stepper, OpenReport) {
    stepped_to(disk, all_to(names))
}

fn stepped_to(disk: &Disk, destinations: Vec<DestinationOptions>) -> (Store, Stepper, OpenReport) {
    let options = StoreOptions {
        destinations,
        ..StoreOptions::at("none".into())
    };
    simulated::open(disk, &options, BOOT, at(0), 5).unwrap()
}

fn start(store: &Store, report: &OpenReport) -> vitals::RecordId {
    let event = Event::Started {
        version: "1".to_owned(),
        boot: BOOT,
        closed: report.closed.clone(),
    };
    store.append(Record::Event { at: at(0), event })
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
        tuning.destinations = all_to(&["centre", "second"]);
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

fn only(name: &str, lanes: &[Lane]) -> DestinationOptions {
    DestinationOptions {
        name: name.to_owned(),
        lanes: lanes.to_vec(),
    }
}

/// As for a centre where bytes cost money.
const METERED: [Lane; 3] = [Lane::Alerts, Lane::Events, Lane::Summaries];

#[test]
fn i10_s16_a_lane_that_a_destination_does_not_get_pins_nothing() {
    let disk = Disk::new(74);
    let to = || vec![DestinationOptions::all("centre"), only("pager", &[Lane::Alerts])];
    let (store, stepper, first) = stepped_to(&disk, to());
    start(&store, &first);
    append_all(&store, (1..=20).map(reading));
    store.append(summary(1));
    store.append(alarm(1));
    let waiting = |store: &Store| store::RELAYED_LANES.map(|lane| store.waiting(SECOND, lane));
    assert_eq!(waiting(&store), [1, 0, 0, 0]);
    store.receipted(SECOND, Lane::Vitals, first.epoch, Seq(3));
    assert_eq!(
        waiting(&store),
        [1, 0, 0, 0],
        "it cannot receipt what it does not get"
    );
    stepper.close(at(1)).unwrap();
    drop(store);

    // The centre has all; the pager lacks its one alert, and is told no end.
    let (store, stepper, second) = stepped_to(&disk, to());
    start(&store, &second);
    let everything = [
        (Lane::Alerts, 1),
        (Lane::Events, 1),
        (Lane::Summaries, 1),
        (Lane::Vitals, 20),
    ];
    for (lane, last) in everything {
        store.receipted(Destination::CENTRE, lane, first.epoch, Seq(last));
    }
    store.receipted(Destination::CENTRE, Lane::Events, second.epoch, Seq(1));
    stepper.close(at(1)).unwrap();
    drop(store);
    let (store, stepper, third) = stepped_to(&disk, to());
    assert_eq!(last_of(&third, first.epoch).len(), 4, "an alert waits");
    assert_eq!(waiting(&store), [1, 0, 0, 0]);
    store.receipted(SECOND, Lane::Alerts, first.epoch, Seq(1));
    stepper.close(at(1)).unwrap();
    drop(store);
    let (_, _, fourth) = stepped_to(&disk, to());
    assert_eq!(last_of(&fourth, first.epoch), [], "nothing holds it any more");
}

#[test]
fn s14_readings_that_a_metered_centre_does_not_get_are_never_safe_and_never_a_loss() {
    let disk = Disk::new(75);
    let (store, mut stepper, report) = stepped_to(
        &disk,
        vec![only("centre", &METERED), only("second", &[Lane::Vitals])],
    );
    stepper.is_due(at(100));
    store.append(reading(1));
    store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, Seq(1));
    store.receipted(SECOND, Lane::Vitals, report.epoch, Seq(1));
    assert!(!stepper.is_due(at(104)));
    assert!(stepper.is_due(at(105)), "the centre does not have it");
    assert_eq!(store.waiting(Destination::CENTRE, Lane::Vitals), 0);
    assert!(stepper.round(at(105)));

    let mut tuning = unhurried();
    tuning.destinations = vec![only("centre", &METERED)];
    tuning.tail.bulk_records_max = 80;
    let disk = Disk::new(76);
    let (store, _) = open(&disk, &tuning);
    disk.stall(true);
    append_all(&store, (1..=200).map(reading));
    disk.stall(false);
    store.flush().unwrap();
    assert_eq!(losses(&store), [], "nobody was to get them");
}

#[test]
fn s16_what_was_made_while_a_lane_was_switched_off_stays_on_the_post() {
    let disk = Disk::new(77);
    let run = |to: DestinationOptions, number| {
        let (store, stepper, report) = stepped_to(&disk, vec![to, only("slow", &[Lane::Alerts])]);
        // Keeps every epoch's row.
        store.append(alarm(number));
        store.append(reading(number));
        let cursor = store.outbox_cursor(Destination::CENTRE, Lane::Vitals);
        let waiting = store.waiting(Destination::CENTRE, Lane::Vitals);
        stepper.close(at(1)).unwrap();
        (report.epoch, cursor.epoch, waiting)
    };
    let all = || DestinationOptions::all("centre");
    let (first, _, waiting) = run(all(), 1);
    assert_eq!(waiting, 1);
    let (_, from, waiting) = run(all(), 2);
    assert_eq!((from, waiting), (first, 2));
    assert_eq!(run(only("centre", &METERED), 3).2, 0);
    let (fourth, from, waiting) = run(all(), 4);
    assert_eq!(
        (from, waiting),
        (fourth, 1),
        "from the restart on, and nothing of before"
    );
}

#[test]
fn i2_s16_an_epoch_is_forgotten_exactly_when_each_destination_has_its_lanes_of_it() {
    for seed in 0..60 {
        let mut chance = simulated::Chance(seed);
        let mut some_lanes = |name: &str| {
            let lanes: Vec<Lane> = store::RELAYED_LANES
                .into_iter()
                .filter(|_| chance.below(2) == 0)
                .collect();
            only(name, &lanes)
        };
        let to = vec![some_lanes("centre"), some_lanes("second"), some_lanes("third")];
        let disk = Disk::new(seed);
        let mut chance = simulated::Chance(seed + 1_000);
        // What each has of each epoch, and whether it was told the ends of all before.
        let mut made: Vec<(Epoch, [u64; 4])> = Vec::new();
        let mut has = BTreeMap::new();
        let mut told: BTreeMap<usize, Epoch> = BTreeMap::new();
        for _ in 0..6 {
            let (store, stepper, report) = stepped_to(&disk, to.clone());
            let lacks = |epoch: Epoch, last: &[u64; 4]| {
                to.iter().enumerate().any(|(place, to)| {
                    let lanes = store::RELAYED_LANES.iter().zip(last);
                    let mut lanes = lanes.filter(|(lane, _)| to.lanes.contains(lane));
                    let untold =
                        to.lanes.contains(&Lane::Events) && told.get(&place).is_none_or(|by| *by <= epoch);
                    untold || lanes.any(|(lane, last)| has.get(&(place, epoch, *lane)).unwrap_or(&0) < last)
                })
            };
            let expected: Vec<Epoch> = made
                .iter()
                .filter(|(epoch, last)| lacks(*epoch, last))
                .map(|(epoch, _)| *epoch)
                .collect();
            let mut known: Vec<Epoch> = report.closed.iter().map(|lane| lane.epoch).collect();
            known.dedup();
            assert_eq!(known, expected, "seed {seed}: {to:?}");
            start(&store, &report);
            let counts = [
                chance.below(3),
                1 + chance.below(3),
                chance.below(3),
                chance.below(3),
            ];
            for (lane, count) in store::RELAYED_LANES.into_iter().zip(counts) {
                let first = if lane == Lane::Events { 2 } else { 1 };
                append_all(&store, (first..=count).map(|number| any(lane, number)));
            }
            made.push((report.epoch, counts));
            for _ in 0..60 {
                let (place, lane) = (
                    chance.below(3) as usize,
                    store::RELAYED_LANES[chance.below(4) as usize],
                );
                let (epoch, last) = made[chance.below(made.len() as u64) as usize];
                let last = last[store::RELAYED_LANES
                    .iter()
                    .position(|known| *known == lane)
                    .unwrap()];
                let seq = chance.below(last + 1);
                store.receipted(Destination(place), lane, epoch, Seq(seq));
                let held = has.entry((place, epoch, lane)).or_insert(0);
                *held = seq.max(*held);
                if lane == Lane::Events && epoch == report.epoch && seq >= 1 {
                    told.insert(place, epoch);
                }
            }
            stepper.close(at(1)).unwrap();
        }
    }
}

#[test]
fn s5_an_end_that_one_start_could_not_tell_is_told_by_a_later_one() {
    let disk = Disk::new(78);
    let many = u32::try_from(crate::store::CLOSED_EPOCHS_MAX).unwrap() + 3;
    let mut first = None;
    for number in 0..many {
        let (store, report) = try_open(&disk, &unhurried(), number).unwrap();
        first.get_or_insert(report.epoch);
        append_all(&store, (1..=2).map(reading));
        store.close().unwrap();
    }
    let first = first.unwrap();
    let (store, report) = open(&disk, &unhurried());
    assert_eq!(last_of(&report, first), [], "not told now");
    let told = start(&store, &report);
    store.flush().unwrap();
    store.receipted(Destination::CENTRE, Lane::Events, report.epoch, told.seq);
    store.receipted(Destination::CENTRE, Lane::Vitals, first, Seq(2));
    for lane in &report.closed {
        store.receipted(Destination::CENTRE, lane.lane, lane.epoch, lane.last_seq);
    }
    store.close().unwrap();
    let (_store, report) = open(&disk, &unhurried());
    assert_ne!(last_of(&report, first), [], "told by the next start");
}
