//! What happens exactly on a bound, and what each condition does otherwise than the rest. Each of these was a change of the
//! engine that no other test noticed.

use std::collections::BTreeSet;

use vitals::{LabId, Side};

use super::*;

#[test]
fn a2_an_absence_of_three_seconds_is_bridged_and_a_longer_one_is_not() {
    check(
        "hr 130@1; hr search@2..4; hr 130@5..6",
        "6s active limit.hr.high 130",
    );
    check("hr 130@1; hr search@2..5; hr 130@6..10", "");
}

#[test]
fn a_delay_is_bridged_for_two_minutes_without_a_look_and_no_longer() {
    check("hr 130@1; hr 130@121", "121s active limit.hr.high 130");
    check("hr 130@1; hr 130@122", "");
}

#[test]
fn what_returns_when_the_time_of_the_same_alarm_is_over_is_another_one() {
    let off_again = |at: &str| {
        let mut bench = Bench::new(Category::Adult);
        bench.run(&format!("spo2 off@1..10; spo2 97@11..16; spo2 off@{at}"));
        bench.log.split_off(2).join("; ")
    };
    assert_eq!(off_again("131..135"), "135s active probe_off.spo2 x2");
    assert_eq!(off_again("132..136"), "136s active probe_off.spo2");
}

#[test]
fn an_alarm_that_became_more_urgent_is_reminded_of_as_what_it_became() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 off@1..129; ack@130 Grace; spo2 off@131..28929");
    assert_eq!(
        bench.log.last().unwrap(),
        "130s acknowledged probe_off.spo2 by Grace"
    );
    bench.run("spo2 off@28930");
    assert_eq!(bench.log.last().unwrap(), "28930s active probe_off.spo2 x2");
}

#[test]
fn an_acknowledged_cuff_pressure_stays_although_nobody_measures_again() {
    check(
        "nibp_s 60@1; ack@2 Grace; until@300",
        "1s active limit.nibp_s.low 60; 2s acknowledged limit.nibp_s.low 60 by Grace",
    );
}

#[test]
fn that_no_screen_sounds_stays_while_nobody_can_say() {
    let (mut bench, mut out) = (Bench::new(Category::Adult), Vec::new());
    let mut look = |holds, at: u64| {
        let condition = Condition::NoScreenWithSound;
        bench
            .alarms
            .condition(Place::POST, condition, holds, s(at), &mut out);
        bench.alarms.open().len()
    };
    assert_eq!(look(Some(true), 1), 1);
    assert!((2..200).all(|second| look(None, second) == 1));
}

#[test]
fn a21_with_a_stay_goes_what_is_a_moment_of_it_and_nothing_else() {
    let (mut bench, mut out) = (Bench::new(Category::Adult), Vec::new());
    let stay: AdmissionId = "mine".parse().unwrap();
    let lab = |number, bed: &str, admission: &str| LabNews {
        result: LabId {
            epoch: Epoch(7),
            number,
        },
        place: Place {
            bed: Some(bed.parse().unwrap()),
            device: None,
        },
        admission: Some(admission.parse().unwrap()),
        critical: Some(Side::Low),
        value: None,
        unit: String::new(),
        text: "HGB".to_owned(),
    };
    bench.alarms.lab(&lab(1, "1", "mine"), None, s(1), &mut out);
    bench.alarms.lab(&lab(2, "3", "other"), None, s(1), &mut out);
    let reading = Reading {
        device: "dev".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: Some(stay.clone()),
        at: s(1),
        seen: Observation::value(Code::Spo2, Decimal::whole(70)),
    };
    bench.alarms.reading(&reading, s(1), &mut out);
    bench
        .alarms
        .lab_moved(&stay, &"2".parse().unwrap(), s(2), &mut out);
    let where_they_are: BTreeSet<String> = bench
        .alarms
        .open()
        .iter()
        .map(|alarm| format!("{} {}", alarm.condition, alarm.bed.as_ref().unwrap()))
        .collect();
    let expected = [
        "desaturation 1",
        "lab_critical.low.0000000000000007-1 2",
        "lab_critical.low.0000000000000007-2 3",
    ];
    assert_eq!(where_they_are, expected.map(str::to_owned).into());
}

#[test]
fn a_value_exactly_on_its_upper_limit_is_inside_it_and_the_alarm_ends_behind_its_deadband() {
    check("hr 120@1..30", "");
    check(
        "hr 121@1..6; hr 118@7..20; hr 117@21..30",
        "6s active limit.hr.high 121; 26s ended limit.hr.high 121",
    );
}

#[test]
fn a_desaturation_ends_above_its_deadband_and_tells_the_limit_that_it_crossed() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 80@1; ack@2 Grace; spo2 82@3..20");
    let open = bench.alarms.open();
    let desaturation = open
        .iter()
        .find(|alarm| alarm.condition == Condition::Desaturation);
    assert_eq!(desaturation.unwrap().limit, Some(Decimal::whole(80)));
    bench.run("spo2 83@21..40");
    let ended = bench
        .log
        .iter()
        .filter(|line| line.contains("ended desaturation"));
    assert_eq!(ended.count(), 1, "{:?}", bench.log);
}

#[test]
fn an_alarm_of_this_run_is_known_by_its_epoch_and_number() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 79@1");
    let raised = |epoch, number| {
        let id = AlarmId {
            epoch: Epoch(epoch),
            number,
        };
        bench.alarms.has_raised(id)
    };
    assert!(raised(7, 1));
    assert!(!raised(7, 0) && !raised(7, 2) && !raised(6, 1));
}
