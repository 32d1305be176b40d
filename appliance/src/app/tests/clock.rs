//! The wall clock jumps: what the post does then (I8).

use vitals::{AlarmPhase, ClockAnchor, ClockTrust, Stamp};

use super::*;

const HOUR_MS: i64 = 3_600_000;
const TEN_YEARS_MS: i64 = 10 * 365 * 24 * HOUR_MS;

fn anchors(rig: &Rig) -> Vec<ClockAnchor> {
    let events = rig.events().into_iter();
    events
        .filter_map(|event| match event {
            Event::Anchor(anchor) => Some(anchor),
            _ => None,
        })
        .collect()
}

/// Low SpO2 around a jump of the clock; what the alarms lane then holds, with the monotonic times.
fn alarm_around(jump_ms: i64) -> Vec<(AlarmPhase, u64)> {
    let mut rig = Rig::at(wall(0));
    rig.run(5, Some(97));
    rig.run(6, Some(84));
    let (now, _) = rig.time.wall();
    rig.time
        .set_wall(WallTime::from_unix_ms(now.as_unix_ms() + jump_ms));
    rig.post().clock_set();
    rig.run(20, Some(84));
    rig.run(30, Some(97));
    let changes = rig.records(Lane::Alerts).into_iter();
    changes
        .filter_map(|record| match record {
            Record::Alarm(change) => Some((change.phase, change.at.as_ms())),
            _ => None,
        })
        .collect()
}

#[test]
fn i8_no_jump_of_the_wall_clock_moves_an_alarm_by_a_millisecond() {
    let unmoved = alarm_around(0);
    assert_eq!(
        unmoved.iter().map(|(phase, _)| *phase).collect::<Vec<_>>(),
        [AlarmPhase::Active, AlarmPhase::Ended]
    );
    for jump_ms in [-HOUR_MS, HOUR_MS, TEN_YEARS_MS, -NOON_MS] {
        assert_eq!(alarm_around(jump_ms), unmoved, "jump of {jump_ms} ms");
    }
}

#[test]
fn i8_a_clock_set_back_an_hour_is_an_anchor_and_the_records_stay_in_order() {
    let mut rig = Rig::at(wall(0));
    rig.run(10, Some(97));
    rig.time.set_wall(wall(-HOUR_MS));
    rig.post().clock_set();
    rig.run(10, Some(97));
    let anchors = anchors(&rig);
    assert_eq!(anchors.len(), 2);
    assert_eq!(anchors[1].wall, wall(-HOUR_MS));
    assert_eq!(anchors[1].trust, ClockTrust::Holdover);
    let times: Vec<_> = rig.records(Lane::Vitals).iter().map(Record::at).collect();
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
    // Nothing is re-stamped: the times before the step follow the new anchor as a whole.
    let resolved = times.iter().map(|at| {
        let stamp = Stamp {
            boot: anchors[0].boot,
            mono: *at,
        };
        stamp.resolve(&anchors).unwrap().0
    });
    assert!(resolved.collect::<Vec<_>>().is_sorted());
}

#[test]
fn i8_ten_years_forward_are_not_believed_and_the_times_from_before_stay_right() {
    let mut rig = Rig::at(wall(0));
    rig.run(10, Some(97));
    rig.time.set_wall(wall(TEN_YEARS_MS));
    rig.post().clock_set();
    rig.run(10, Some(97));
    let anchors_now = anchors(&rig);
    assert_eq!(anchors_now[1].trust, ClockTrust::Untrusted);
    let first = Stamp {
        boot: anchors_now[0].boot,
        mono: rig.records(Lane::Vitals)[0].at(),
    };
    assert_eq!(
        first.resolve(&anchors_now),
        Some((wall(21_000), ClockTrust::Holdover)),
        "by the anchor that is believed"
    );
    rig.reboot(2, wall(TEN_YEARS_MS + 60_000));
    assert_eq!(
        anchors(&rig).last().unwrap().trust,
        ClockTrust::Untrusted,
        "nor after a restart"
    );
}

#[test]
fn i8_a_box_that_wakes_up_in_1970_gets_right_times_for_everything_once_its_clock_is_set() {
    let mut rig = Rig::at(WallTime::from_unix_ms(0));
    rig.run(10, Some(97));
    assert_eq!(anchors(&rig)[0].trust, ClockTrust::Untrusted);
    rig.time.set_wall(wall(0));
    rig.time.set_synchronised(true);
    rig.post().clock_set();
    rig.run(1, Some(97));
    let anchors = anchors(&rig);
    let first = Stamp {
        boot: anchors[0].boot,
        mono: rig.records(Lane::Vitals)[0].at(),
    };
    // The clock was set at second 30; the first value is from second 21.
    assert_eq!(
        first.resolve(&anchors),
        Some((wall(-9_000), ClockTrust::Synchronised))
    );
}

#[test]
fn i8_a_box_without_battery_clock_that_wakes_up_behind_its_history_is_not_believed() {
    let mut rig = Rig::at(wall(0));
    rig.store().flush().unwrap();
    rig.time.pass(Duration::from_secs(3_600));
    rig.run(2, None);
    rig.reboot(2, wall(-60_000));
    assert_eq!(anchors(&rig).last().unwrap().trust, ClockTrust::Untrusted);
    rig.reboot(3, wall(2 * HOUR_MS));
    assert_eq!(anchors(&rig).last().unwrap().trust, ClockTrust::Holdover);
    rig.restart();
    assert_eq!(anchors(&rig).last().unwrap().trust, ClockTrust::Holdover);
}

#[test]
fn i8_the_page_says_that_the_clock_is_not_set_and_says_so_no_more_once_it_is() {
    let mut rig = Rig::at(WallTime::from_unix_ms(0));
    rig.run(290, Some(97));
    assert_eq!(
        rig.alarms(),
        [""; 0],
        "every power cut would alarm for some minutes"
    );
    rig.run(20, Some(97));
    assert_eq!(rig.alarms(), ["clock_not_set"]);
    let problems = rig.post().page().problems;
    assert!(
        problems.iter().any(|problem| problem.key == "clock_not_set"),
        "{problems:?}"
    );
    rig.time.set_wall(wall(0));
    rig.post().clock_set();
    rig.run(10, Some(97));
    assert_eq!(rig.alarms(), [""; 0]);
    assert!(rig.post().page().problems.is_empty());
}

#[test]
fn i8_the_clock_of_a_device_is_shown_and_moves_no_time_of_a_record() {
    let mut rig = Rig::at(wall(0));
    let offset = |rig: &mut Rig| rig.post().page().beds[0].device_clock_ms;
    for _ in 0..10 {
        rig.time.pass(Duration::from_secs(1));
        let (now, _) = rig.time.wall();
        let seen = Observation {
            device_time: Some(WallTime::from_unix_ms(now.as_unix_ms() - 7 * HOUR_MS)),
            ..Observation::value(Code::Spo2, Decimal::whole(97))
        };
        let at = rig.time.now();
        rig.post().line(LineEvent {
            device: "nonin-1".parse().unwrap(),
            at,
            what: Heard::Seen(drivers::Seen::Vital(seen)),
        });
    }
    assert_eq!(offset(&mut rig), Some(7 * HOUR_MS));
    let times: Vec<u64> = rig
        .records(Lane::Vitals)
        .iter()
        .map(|record| record.at().as_ms() / 1_000)
        .collect();
    assert_eq!(times, (21..=30).collect::<Vec<_>>());
    rig.time.set_wall(wall(HOUR_MS));
    rig.run(1, Some(97));
    assert_eq!(
        offset(&mut rig),
        None,
        "measured anew against a clock that was set"
    );
}
