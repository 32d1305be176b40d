//! The rows of the state table (alarms.md section 4), and what the rules say of time.

use super::*;
use vitals::alarm::Rule;

#[test]
fn a_value_that_gets_worse_after_the_acknowledgement_is_announced_again() {
    check(
        "spo2 88@0..20; ack@21 Grace; spo2 85@22..40; spo2 84@41..60",
        "10s active limit.spo2.low 88; 21s acknowledged limit.spo2.low 88 by Grace; \
         51s active limit.spo2.low 84 x2",
    );
    check(
        "hr 130@0..10; ack@11 Grace; hr 149@12..40; hr 150@41..60",
        "5s active limit.hr.high 130; 11s acknowledged limit.hr.high 130 by Grace; \
         46s active limit.hr.high 150 x2",
    );
}

#[test]
fn a_dip_after_the_acknowledgement_that_is_over_before_its_delay_is_none() {
    check(
        "spo2 88@0..20; ack@21 Grace; spo2 82@22..30; spo2 87@31..60",
        "10s active limit.spo2.low 88; 21s acknowledged limit.spo2.low 88 by Grace",
    );
}

#[test]
fn one_look_without_a_value_does_not_start_the_delay_of_getting_worse_anew() {
    check(
        "spo2 88@0..20; ack@21 Grace; spo2 82@22..28; spo2 search@29; spo2 82@30..40",
        "10s active limit.spo2.low 88; 21s acknowledged limit.spo2.low 88 by Grace; \
         32s active limit.spo2.low 82 x2",
    );
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 88@0..20; ack@21 Grace; spo2 82@22..28; spo2 search@29..34; spo2 82@35..44");
    assert_eq!(bench.log.len(), 2, "six looks without one do: {:?}", bench.log);
}

#[test]
fn what_was_announced_again_can_be_acknowledged_again_and_gets_worse_from_there() {
    check(
        "spo2 88@0..20; ack@21 Grace; spo2 84@22..40; ack@41 Amina; spo2 81@42..60; spo2 97@61..70",
        "10s active limit.spo2.low 88; 21s acknowledged limit.spo2.low 88 by Grace; \
         32s active limit.spo2.low 84 x2; 41s acknowledged limit.spo2.low 84 x2 by Amina; \
         66s ended limit.spo2.low 81 x2 by Amina",
    );
}

#[test]
fn an_acknowledged_alarm_that_still_holds_calls_again_after_a_while() {
    check(
        "spo2 84@0..12; ack@13 Grace; spo2 84@14..620",
        "10s active limit.spo2.low 84; 13s acknowledged limit.spo2.low 84 by Grace; \
         613s active limit.spo2.low 84 x2",
    );
    check(
        "hr 130@0..12; ack@13 Grace; hr 130@14..1820",
        "5s active limit.hr.high 130; 13s acknowledged limit.hr.high 130 by Grace; \
         1813s active limit.hr.high 130 x2",
    );
    let mut bench = Bench::new(Category::Adult);
    bench.run("temp 40@0..70; ack@71 Grace; temp 40@72..8000");
    assert_eq!(bench.alarms.calls_again(bench.alarms.open()[0]), None);
    assert_eq!(bench.log.len(), 2, "LOW calls once: {:?}", bench.log);
}

#[test]
fn what_was_acknowledged_says_when_it_calls_again_and_then_why() {
    let mut bench = Bench::new(Category::Adult);
    let says = |bench: &Bench| {
        let open = bench.alarms.open()[0];
        let why = bench
            .alarms
            .recalled(open)
            .map(|recalled| (recalled.acknowledged, recalled.why));
        (bench.alarms.calls_again(open), why)
    };
    bench.run("spo2 88@0..20");
    assert_eq!(says(&bench), (None, None));
    bench.run("ack@21 Grace; spo2 88@22..40");
    assert_eq!(says(&bench), (Some(s(621)), None));
    bench.run("spo2 88@41..621");
    assert_eq!(says(&bench), (None, Some((s(21), RecalledWhy::StillThere))));
    bench.run("ack@622 Grace; spo2 84@623..640");
    assert_eq!(says(&bench), (None, Some((s(622), RecalledWhy::Worse))));
    bench.run("ack@641 Grace");
    assert_eq!(says(&bench), (Some(s(1241)), None));
    bench.run("spo2 97@642..650; spo2 88@651..670");
    assert_eq!(says(&bench), (None, None), "it was over, and came back");
}

#[test]
fn an_acknowledgement_counts_from_its_own_time_after_a_restart() {
    let mut before = Bench::new(Category::Adult);
    before.run("spo2 84@0..12; ack@13 Grace");
    let open = before.alarms.open().into_iter().cloned().collect();
    let mut after = Bench::new(Category::Adult);
    after.alarms.restore(open, s(0));
    after.run("spo2 84@1..610");
    assert_eq!(after.log, ["600s active limit.spo2.low 84 x2"]);
    after.run("ack@611 Grace; spo2 79@612..640");
    assert_eq!(
        after.log[1..],
        [
            "611s acknowledged limit.spo2.low 84 x2 by Grace",
            "612s active desaturation 79",
            "622s active limit.spo2.low 79 x3"
        ]
    );
}

fn priorities(script: &str) -> Vec<(u64, Priority, AlarmPhase)> {
    let mut bench = Bench::new(Category::Adult);
    bench.run(script);
    let told = bench.told.iter();
    told.map(|change| (change.at.as_ms() / 1_000, change.priority, change.phase))
        .collect()
}

#[test]
fn a_probe_that_stays_off_becomes_more_urgent_until_somebody_has_acknowledged_it() {
    use AlarmPhase::{Acknowledged, Active, Ended};
    use Priority::{Low, Medium};
    assert_eq!(
        priorities("spo2 off@0..130; spo2 97@131..140"),
        [(4, Low, Active), (124, Medium, Active), (136, Medium, Ended)]
    );
    assert_eq!(
        priorities("spo2 off@0..60; ack@61 Grace; spo2 off@62..400"),
        [(4, Low, Active), (61, Low, Acknowledged)]
    );
    assert_eq!(
        priorities("spo2 off@0..130; spo2 97@131..140; spo2 off@141..150"),
        [
            (4, Low, Active),
            (124, Medium, Active),
            (136, Medium, Ended),
            (145, Low, Active)
        ],
        "the finger is off anew: its time begins anew"
    );
}

#[test]
fn a_clock_that_is_not_set_for_a_day_becomes_more_urgent() {
    let mut bench = Bench::new(Category::Adult);
    let (place, mut out) = (Place::POST, Vec::new());
    for half_minute in 0..=(2 * 25 * 60) {
        let now = s(30 * half_minute);
        bench
            .alarms
            .condition(place.clone(), Condition::ClockNotSet, Some(true), now, &mut out);
    }
    let told: Vec<_> = out
        .iter()
        .map(|change| (change.at.as_ms() / 60_000, change.priority))
        .collect();
    assert_eq!(told, [(5, Priority::Low), (5 + 24 * 60, Priority::Medium)]);
}

#[test]
fn electrodes_that_are_off_are_one_alarm_although_breathing_is_measured_there() {
    check("hr off@0..20; rr off@1..20", "4s active probe_off.hr");
    let both = |from: u64, to: u64, hr: &str, rr: &str| {
        (from..=to)
            .map(|at| format!("hr {hr}@{at}; rr {rr}@{at};"))
            .collect::<String>()
    };
    check(&both(0, 30, "off", "off"), "4s active probe_off.hr");
    check(&both(0, 30, "72", "off"), "4s active probe_off.rr");
    check(
        &(both(0, 30, "off", "off") + &both(31, 50, "72", "off")),
        "4s active probe_off.hr; 35s active probe_off.rr; 36s ended probe_off.hr",
    );
}

#[test]
fn no_heart_that_stands_still_is_read_out_of_electrodes_that_are_off() {
    check(
        "hr 72@0..5; hr off@6..120; pr off@6..120",
        "10s active probe_off.hr",
    );
}

#[test]
fn what_time_brings_is_dated_when_it_was_due_however_seldom_time_is_told() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 84@0..12; spo2 97@13");
    let mut out = Vec::new();
    bench.alarms.tick(s(3_600), &mut out);
    bench.note(&out);
    assert_eq!(bench.log[1..], ["18s ended limit.spo2.low 84"]);
}

#[test]
fn what_is_wrong_with_a_patient_comes_back_sooner_than_what_a_technician_mends() {
    let of = |condition: Condition, priority| {
        let rule = Rule {
            priority,
            ..condition.rule()
        };
        rule.remind_after().map(|after| after.as_secs() / 60)
    };
    use Priority::{High, Low, Medium};
    assert_eq!(of(Condition::Desaturation, High), Some(10));
    assert_eq!(of(Condition::Desaturation, Medium), Some(30));
    assert_eq!(of(Condition::StoreFailing, High), Some(60));
    assert_eq!(of(Condition::CentreUnreachable, Medium), Some(480));
    assert_eq!(of(Condition::ClockNotSet, Low), None);
}

#[test]
fn i3_what_was_heard_of_the_patient_before_speaks_for_nobody_after_him() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("hr off@0..20; rr off@1..20");
    let mut out = Vec::new();
    bench.alarms.stay_over(&"1".parse().unwrap(), s(21), &mut out);
    bench.note(&out);
    bench.run("rr off@22..29");
    assert_eq!(
        bench.log,
        [
            "4s active probe_off.hr",
            "21s ended probe_off.hr",
            "26s active probe_off.rr"
        ]
    );
    let mut bench = Bench::new(Category::Adult);
    bench.run("hr 72@0..5; pr 41@1..5");
    bench.alarms.stay_over(&"1".parse().unwrap(), s(6), &mut out);
    bench.run("pr 41@7..12");
    assert_eq!(bench.log, ["12s active limit.pr.low 41"]);
}

#[test]
fn a_value_that_was_absent_for_longer_than_a_moment_starts_its_delay_anew() {
    check("spo2 84@0..5; spo2 search@6..11; spo2 84@12..21", "");
    check(
        "spo2 84@0..5; spo2 search@6..11; spo2 84@12..22",
        "22s active limit.spo2.low 84",
    );
}
