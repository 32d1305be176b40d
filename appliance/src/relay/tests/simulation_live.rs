//! R10 to R12 in the simulated world: what is made now, what waited, alerts meanwhile, and what the centre cannot store.

use std::time::Duration;

use vitals::{Epoch, Lane};

use super::cursor;
use super::simulation::{BACKLOG, Faults, GOOD, World, alert_times};

#[test]
fn r10_what_is_made_now_arrives_within_seconds_while_a_days_backlog_drains() {
    let mut world = World::new(GOOD, 1, &[(Lane::Vitals, 1, 60_000), (Lane::Summaries, 1, 3_000)]);
    let (mut rounds, mut of_backlog) = (0, 0);
    while !world.done() {
        // Eight beds with ten values at 1 Hz, a tenth of the link.
        if rounds < 800 {
            (0..8).for_each(|_| world.append(Lane::Vitals, 1));
            of_backlog = world.made() - u64::try_from(world.delays.len()).unwrap();
        }
        rounds += 1;
        assert!(rounds < 6_000);
        world.step();
    }
    assert!(
        of_backlog > 10_000,
        "the backlog was still draining: {of_backlog}"
    );
    assert_eq!(world.delays.len(), 6_400);
    let longest = world.delays.iter().max().unwrap();
    // Two seconds of gathering, one on the way.
    assert!(*longest < 4_500, "{longest} ms");
    assert_eq!(world.sent_records, world.made(), "and nothing goes twice");
}

#[test]
fn r10_after_each_cut_only_what_the_centre_lacks_goes_again() {
    let mut world = World::new(GOOD, 1, &[(Lane::Vitals, 1, 60_000)]);
    let mut rounds = 0;
    while !world.done() {
        rounds += 1;
        assert!(rounds < 12_000);
        if rounds < 1_200 {
            (0..8).for_each(|_| world.append(Lane::Vitals, 1));
        }
        if rounds % 100 == 0 && world.down_until.is_none() {
            world.cut();
        }
        world.step();
    }
    assert!(world.cuts > 5);
    let again = world.sent_records - world.made();
    // What was on its way: two seconds of the link.
    assert!(again < world.cuts * 2_000, "{again} in {} cuts", world.cuts);
}

#[test]
fn r12_a_record_that_the_centre_cannot_store_is_quarantined_alone_and_all_others_arrive() {
    for lane in [Lane::Events, Lane::Vitals] {
        let mut world = World::new(GOOD, 1, &[(lane, 1, 3_000)]);
        world.poison = Some((lane, Epoch(1), 1_234));
        let mut rounds = 0;
        while !world.done() {
            rounds += 1;
            assert!(rounds < 36_000, "{:?}", world.store);
            if rounds % 10 == 0 && rounds < 3_000 {
                world.append(lane, 1);
            }
            world.step();
        }
        assert_eq!(world.quarantined, [(lane, cursor(1, 1_234))]);
    }
}

#[test]
fn r12_nothing_is_quarantined_while_the_centre_stores_nothing_at_all() {
    let faults = Faults { lost_up: 100, ..GOOD };
    let mut world = World::new(faults, 1, &BACKLOG);
    (0..36_000).for_each(|_| world.step());
    assert_eq!(world.quarantined, []);
}

#[test]
fn r10_i1_a_backlog_of_an_earlier_run_drains_while_live_readings_flow() {
    let mut world = World::new(GOOD, 1, &[(Lane::Vitals, 1, 60_000), (Lane::Vitals, 3, 0)]);
    for round in 0..18_000 {
        if round % 10 == 0 {
            (0..8).for_each(|_| world.append(Lane::Vitals, 3));
        }
        world.step();
    }
    let (made, receipted) = world.store[&(Lane::Vitals, Epoch(1))];
    assert_eq!(receipted, made);
}

#[test]
fn r12_a_record_that_another_destination_cannot_store_is_passed_over_through_cuts_and_all_others_arrive() {
    for lane in [Lane::Events, Lane::Vitals] {
        let mut world = World::new(GOOD, 1, &[(lane, 1, 3_000)]);
        world.further = true;
        world.poison = Some((lane, Epoch(1), 1_234));
        let mut rounds = 0;
        while !world.done() {
            rounds += 1;
            assert!(rounds < 36_000, "{:?}", world.store);
            if rounds % 10 == 0 && rounds < 3_000 {
                world.append(lane, 1);
            }
            if rounds % 500 == 0 && world.down_until.is_none() {
                world.cut();
            }
            world.step();
        }
        assert_eq!(world.quarantined, [(lane, cursor(1, 1_234))]);
        assert!(world.cuts > 2, "{}", world.cuts);
    }
}

/// 30 days without a centre, 16 beds with 10 values at 1 Hz: 414 720 000 readings and 6 912 000 minute summaries.
const MONTH: [(Lane, u64, u64); 3] = [
    (Lane::Alerts, 1, 0),
    (Lane::Summaries, 1, 30 * 1_440 * 160),
    (Lane::Vitals, 1, 30 * 86_400 * 160),
];

#[test]
fn i7_while_a_month_of_sixteen_beds_drains_over_64_kbit_no_alert_waits() {
    let times = alert_times(GOOD, &MONTH, 20);
    let slowest = times.into_iter().max().unwrap();
    println!("the slowest of 20 alerts while a month drains over 64 kbit/s: {slowest:?}");
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
}
