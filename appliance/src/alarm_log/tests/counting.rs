//! Each figure against a day that was counted by hand.

use AlarmPhase::{Acknowledged, Active, Ended, Latched};
use Priority::{High, Low, Medium};

use super::*;

const SPO2: &str = "limit.spo2.low";

/// Bed 1: SpO2 low for 10 s, again 20 s later and acknowledged after 30 s; a desaturation that was gone after 10 s, called on,
/// and was acknowledged after 70 s; a sensor off that became more urgent; a pulse that is still too fast. The post's own: the
/// centre was away for 5 s. Two beds with numbers for twelve hours each.
fn day() -> Post {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(100, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(110, (1, 2, 1), (SPO2, Ended, Medium), nothing);
    post.change(130, (1, 3, 2), (SPO2, Active, Medium), nothing);
    post.change(160, (1, 4, 2), (SPO2, Acknowledged, Medium), by("Grace"));
    post.change(300, (1, 5, 2), (SPO2, Ended, Medium), by("Grace"));
    post.change(1_000, (2, 1, 1), ("desaturation", Active, High), nothing);
    post.change(1_010, (2, 2, 1), ("desaturation", Latched, High), nothing);
    post.change(1_070, (2, 3, 1), ("desaturation", Ended, High), by("John"));
    post.change(2_000, (3, 1, 1), ("probe_off.spo2", Active, Low), nothing);
    post.change(2_120, (3, 2, 1), ("probe_off.spo2", Active, Medium), nothing);
    post.change(2_200, (3, 3, 1), ("probe_off.spo2", Ended, Medium), nothing);
    post.change(3_000, (4, 1, 1), ("limit.hr.high", Active, High), nothing);
    let own = |change: &mut AlarmChange| (change.bed, change.device, change.admission) = (None, None, None);
    post.change(4_000, (5, 1, 1), ("centre_unreachable", Active, Medium), own);
    post.change(4_005, (5, 2, 1), ("centre_unreachable", Ended, Medium), own);
    post.minutes("1", 0, 720);
    post.minutes("2", 36_000, 720);
    post
}

fn count(alarms: u32, announced: u32, soon_over: u32) -> Count {
    Count {
        alarms,
        announced,
        soon_over,
    }
}

#[test]
fn every_figure_of_a_day_is_as_it_was_counted_by_hand() {
    let counted = day().count();
    assert_eq!((counted.bed_time, counted.beds), (Duration::from_secs(86_400), 2));
    assert_eq!(counted.total(), count(4, 5, 2));
    assert_eq!(counted.total().per_bed_day(counted.bed_time), Some(5.0));
    assert_eq!(counted.total().soon_over_percent(), Some(40.0));
    let of = |priority| counted.by_priority.get(&std::cmp::Reverse(priority)).copied();
    assert_eq!(of(High), Some(count(2, 2, 1)));
    assert_eq!(of(Medium), Some(count(2, 3, 1)), "as urgent as it became");
    assert_eq!(of(Low), None);
    assert_eq!(counted.post, count(1, 1, 1));
    let top: Vec<_> = counted
        .top
        .iter()
        .map(|(kind, count)| (kind.as_str(), count.announced))
        .collect();
    let expected = [
        (SPO2, 2),
        ("desaturation", 1),
        ("limit.hr.high", 1),
        ("probe_off.spo2", 1),
    ];
    assert_eq!(top, expected);
    assert_eq!(counted.acknowledged, 2);
    assert_eq!(
        counted.acknowledged_after,
        Some(Duration::from_secs(50)),
        "between 30 s and 70 s"
    );
}

#[test]
fn a_minute_counts_once_however_many_values_came_and_not_without_a_number() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.minutes("1", 0, 3);
    post.minutes("1", 60, 3);
    post.store
        .as_ref()
        .unwrap()
        .append(Record::Summary(MinuteSummary {
            device: "oxi-1".parse().unwrap(),
            bed: Some("2".parse().unwrap()),
            admission: None,
            at: MonoTime::BOOT,
            of: Summarised::Vital(vitals::Code::Spo2),
            numbers: None,
            absent: 60,
        }));
    let counted = post.count();
    assert_eq!((counted.bed_time, counted.beds), (Duration::from_secs(240), 1));
}

#[test]
fn what_called_before_midnight_counts_in_that_day_and_what_called_again_after_it_in_this_one() {
    let mut post = Post::new();
    post.start(-600, ClockTrust::Synchronised);
    post.change(-300, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(-200, (1, 2, 1), (SPO2, Acknowledged, Medium), by("Grace"));
    post.change(40, (1, 3, 2), (SPO2, Active, Medium), nothing);
    post.change(45, (1, 4, 2), (SPO2, Acknowledged, Medium), by("Grace"));
    post.change(-100, (2, 1, 1), ("desaturation", Active, High), nothing);
    post.change(20, (2, 2, 1), ("desaturation", Latched, High), nothing);
    let counted = post.count();
    assert_eq!(
        counted.total(),
        count(1, 1, 0),
        "not the one that went on over midnight"
    );
    assert_eq!(counted.acknowledged_after, Some(Duration::from_secs(5)));
}

#[test]
fn an_alarm_over_a_restart_is_one_alarm_and_its_time_goes_on_by_the_clock() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(100, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(200, (2, 1, 1), ("desaturation", Active, High), nothing);
    post.start(205, ClockTrust::Holdover);
    post.change(212, (2, 2, 1), ("desaturation", Latched, High), nothing);
    post.change(400, (1, 2, 1), (SPO2, Acknowledged, Medium), by("Grace"));
    let counted = post.count();
    assert_eq!(counted.total(), count(2, 2, 1));
    assert_eq!(counted.acknowledged_after, Some(Duration::from_secs(300)));
}

#[test]
fn i8_an_end_by_a_clock_that_nobody_set_makes_no_short_alarm_and_no_time_to_acknowledge() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    post.change(100, (1, 1, 1), (SPO2, Active, Medium), nothing);
    post.change(101, (2, 1, 1), ("desaturation", Active, High), nothing);
    post.start(102, ClockTrust::Untrusted);
    post.change(105, (1, 2, 1), (SPO2, Acknowledged, Medium), by("Grace"));
    post.change(106, (2, 2, 1), ("desaturation", Latched, High), nothing);
    post.change(107, (3, 1, 1), (SPO2, Active, Medium), nothing);
    let counted = post.count();
    assert_eq!(counted.total(), count(2, 2, 0));
    assert_eq!((counted.acknowledged, counted.acknowledged_after), (0, None));
    let all = statistics(post.store(), wall(0), wall(86_400)).unwrap();
    assert_eq!(all.doubtful, 1, "it is said how many are in no figure");
}

#[test]
fn without_bed_time_there_is_no_rate_and_a_laboratory_value_is_counted_without_its_number() {
    let mut post = Post::new();
    post.start(0, ClockTrust::Synchronised);
    let (first, second) = (
        "lab_critical.low.0000000200000007-3",
        "lab_critical.low.0000000200000007-9",
    );
    post.change(100, (1, 1, 1), (first, Active, High), nothing);
    post.change(160, (1, 2, 1), (first, Ended, High), by("Grace"));
    post.change(200, (2, 1, 1), (second, Active, High), nothing);
    let counted = post.count();
    assert_eq!(counted.total().per_bed_day(counted.bed_time), None);
    assert_eq!(counted.top, [("lab_critical.low".to_owned(), count(2, 2, 0))]);
    assert_eq!(counted.acknowledged_after, Some(Duration::from_secs(60)));
}
