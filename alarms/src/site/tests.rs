//! Promises A5 and A6: what a fridge, a battery and a broken sensor do.

use std::collections::HashMap;

use vitals::{AbsentReason, AlarmPhase, BootId, Comparison, Decimal, Epoch, Priority};

use super::*;

const MINUTE: u64 = 60;

fn watch() -> SiteWatch {
    let limit = |when, with| SiteAlarm {
        when,
        with: Decimal::whole(with),
        priority: Priority::Medium,
        delay: Duration::from_secs(10 * MINUTE),
        deadband: Decimal::new(5, 1),
        text: String::new(),
    };
    SiteWatch {
        device: "fridge".parse().unwrap(),
        bed: None,
        signal: "temperature".parse().unwrap(),
        alarms: vec![limit(Comparison::Above, 8), limit(Comparison::Below, 2)],
        unit: "Cel".to_owned(),
        interval: Duration::from_secs(5),
    }
}

/// A post with one watched fridge, looked at every five seconds.
struct Bench {
    alarms: Alarms,
    second: u64,
    out: Vec<AlarmChange>,
}

impl Bench {
    fn new() -> Bench {
        let mut alarms = Alarms::new(BootId([1; 16]), Epoch(7), HashMap::new());
        alarms.watch_site(watch(), at(0));
        Bench {
            alarms,
            second: 0,
            out: Vec::new(),
        }
    }

    /// The fridge says this for so many seconds; the keys and phases of what was announced.
    fn says(&mut self, measured: Measured, seconds: u64) -> Vec<(String, AlarmPhase)> {
        for _ in 0..seconds / 5 {
            self.second += 5;
            let now = at(self.second);
            let reading = SiteReading {
                device: "fridge".parse().unwrap(),
                signal: "temperature".to_owned(),
                measured,
                unit: "Cel".to_owned(),
                at: now,
            };
            self.alarms.site(&reading, now, &mut self.out);
            self.alarms.tick(now, &mut self.out);
        }
        self.told()
    }

    /// The fridge tells nothing for so many seconds.
    fn is_unheard(&mut self, talks: bool, seconds: u64) -> Vec<(String, AlarmPhase)> {
        for _ in 0..seconds {
            self.second += 1;
            let now = at(self.second);
            self.alarms.site_unheard(|_| talks, now, &mut self.out);
            self.alarms.tick(now, &mut self.out);
        }
        self.told()
    }

    fn told(&mut self) -> Vec<(String, AlarmPhase)> {
        let told = self.out.drain(..);
        told.map(|change| (change.condition.key(), change.phase))
            .collect()
    }
}

fn at(second: u64) -> MonoTime {
    MonoTime::from_ms(second * 1000)
}

fn tenths(value: i64) -> Measured {
    Measured::Value(Decimal::new(value, 1))
}

const MISSING: Measured = Measured::Absent(AbsentReason::NotAvailable);

fn change(key: &str, phase: AlarmPhase) -> (String, AlarmPhase) {
    (key.to_owned(), phase)
}

#[test]
fn a_warm_fridge_alarms_after_its_delay_and_ends_behind_its_deadband() {
    let mut bench = Bench::new();
    assert_eq!(bench.says(tenths(50), 60), []);
    assert_eq!(bench.says(tenths(94), 9 * MINUTE), []);
    assert_eq!(
        bench.says(tenths(94), 2 * MINUTE),
        [change("site.high.temperature", AlarmPhase::Active)]
    );
    let open = bench.alarms.open()[0];
    assert_eq!(
        (open.value, open.limit),
        (Some(Decimal::new(94, 1)), Some(Decimal::whole(8)))
    );
    assert_eq!(
        (open.unit.as_str(), open.device.as_ref().unwrap().as_str()),
        ("Cel", "fridge")
    );
    assert_eq!(open.priority, Priority::Medium);
    // Inside the limit, but not by half a degree: nothing ends.
    assert_eq!(bench.says(tenths(78), 5 * MINUTE), []);
    assert_eq!(
        bench.alarms.open()[0].value,
        Some(Decimal::new(78, 1)),
        "as warm as it is now"
    );
    assert_eq!(
        bench.says(tenths(60), MINUTE),
        [change("site.high.temperature", AlarmPhase::Ended)]
    );
}

#[test]
fn an_open_door_is_no_alarm_and_a_cold_fridge_is_one() {
    let mut bench = Bench::new();
    for _ in 0..5 {
        assert_eq!(bench.says(tenths(120), 8 * MINUTE), []);
        assert_eq!(bench.says(tenths(50), MINUTE), []);
    }
    assert_eq!(
        bench.says(tenths(15), 11 * MINUTE),
        [change("site.low.temperature", AlarmPhase::Active)]
    );
}

#[test]
fn i5_a_missing_sensor_is_an_alarm_of_its_own_and_never_a_number() {
    let mut bench = Bench::new();
    assert_eq!(bench.says(MISSING, 9 * MINUTE), []);
    assert_eq!(
        bench.says(MISSING, 2 * MINUTE),
        [change("site.missing.temperature", AlarmPhase::Active)]
    );
    let open = bench.alarms.open()[0];
    assert_eq!((open.value, open.limit), (None, None));
    assert_eq!(
        bench.says(tenths(50), MINUTE),
        [change("site.missing.temperature", AlarmPhase::Ended)]
    );
}

#[test]
fn a6_a_warm_fridge_stays_an_alarm_when_its_sensor_is_pulled_and_both_are_told() {
    let mut bench = Bench::new();
    bench.says(tenths(94), 11 * MINUTE);
    assert_eq!(
        bench.says(MISSING, 11 * MINUTE),
        [change("site.missing.temperature", AlarmPhase::Active)]
    );
    assert_eq!(bench.alarms.open().len(), 2);
    let warm = bench
        .alarms
        .open()
        .into_iter()
        .find(|alarm| alarm.value.is_some());
    assert_eq!(warm.unwrap().value, Some(Decimal::new(94, 1)));
}

#[test]
fn a_sensor_that_comes_and_goes_does_not_hide_a_warm_fridge() {
    let mut bench = Bench::new();
    let mut told = Vec::new();
    for _ in 0..6 {
        told.extend(bench.says(tenths(94), MINUTE));
        told.extend(bench.says(MISSING, MINUTE));
    }
    assert_eq!(told, [change("site.high.temperature", AlarmPhase::Active)]);
}

#[test]
fn a_value_that_its_device_never_tells_is_missing_but_a_silent_device_is_its_own_alarm() {
    let mut bench = Bench::new();
    assert_eq!(bench.is_unheard(false, 20 * MINUTE), []);
    assert_eq!(
        bench.is_unheard(true, 11 * MINUTE),
        [change("site.missing.temperature", AlarmPhase::Active)]
    );
    // The device falls silent: nobody can say any more that it is only this value.
    assert_eq!(
        bench.is_unheard(false, 3 * MINUTE),
        [change("site.missing.temperature", AlarmPhase::Ended)]
    );
}

#[test]
fn after_a_restart_the_map_decides_what_can_still_end() {
    let mut bench = Bench::new();
    bench.says(tenths(94), 11 * MINUTE);
    let open: Vec<AlarmChange> = bench.alarms.open().into_iter().cloned().collect();
    let mut again = Bench::new();
    assert!(again.alarms.knows(&open[0]));
    again.alarms.restore(open.clone(), at(0));
    assert_eq!(
        again.says(tenths(50), MINUTE),
        [change("site.high.temperature", AlarmPhase::Ended)]
    );
    let nothing_watched = Alarms::new(BootId([1; 16]), Epoch(8), HashMap::new());
    assert!(!nothing_watched.knows(&open[0]));
}

#[test]
fn a_value_without_alarms_and_an_unknown_signal_say_nothing() {
    let mut bench = Bench::new();
    let reading = SiteReading {
        device: "fridge".parse().unwrap(),
        signal: "humidity".to_owned(),
        measured: MISSING,
        unit: "%".to_owned(),
        at: at(1),
    };
    for second in 1..3000 {
        bench.alarms.site(&reading, at(second), &mut bench.out);
    }
    assert_eq!(bench.told(), []);
}

#[test]
fn the_value_now_is_shown_when_it_gets_worse_and_when_it_gets_better() {
    let mut bench = Bench::new();
    bench.says(tenths(94), 11 * MINUTE);
    for value in [120, 85, 101] {
        bench.says(tenths(value), 10);
        assert_eq!(bench.alarms.open()[0].value, Some(Decimal::new(value, 1)));
    }
}

#[test]
fn a_missing_value_stays_an_alarm_for_two_minutes_without_a_look() {
    let mut bench = Bench::new();
    bench.says(MISSING, 11 * MINUTE);
    let missing = "site.missing.temperature";
    assert_eq!(bench.is_unheard(false, 119), []);
    assert_eq!(bench.alarms.open()[0].condition.key(), missing);
    assert_eq!(
        bench.is_unheard(false, 2),
        [change(missing, AlarmPhase::Ended)],
        "the device is silent: that is told"
    );
}

#[test]
fn an_alarm_says_the_words_and_the_rule_of_its_map_and_a_missing_value_those_that_all_its_alarms_share() {
    let with_words = |words: [&str; 2]| {
        let mut bench = Bench::new();
        let mut watch = watch();
        for (alarm, text) in watch.alarms.iter_mut().zip(words) {
            alarm.text = text.to_owned();
            alarm.delay = Duration::from_secs(60);
        }
        watch.alarms[0].priority = Priority::High;
        bench.alarms.watch_site(watch, at(0));
        bench
    };
    let mut bench = with_words(["vaccines", "vaccines"]);
    bench.says(tenths(94), 2 * MINUTE);
    let warm = bench.alarms.open()[0];
    assert_eq!((warm.text.as_str(), warm.priority), ("vaccines", Priority::High));
    bench.says(tenths(50), MINUTE);
    bench.says(MISSING, 11 * MINUTE);
    assert_eq!(bench.alarms.open()[0].text, "vaccines");
    let mut bench = with_words(["vaccines", "vaccines"]);
    bench.is_unheard(true, 11 * MINUTE);
    assert_eq!(bench.alarms.open()[0].text, "vaccines");
    let mut bench = with_words(["too warm", "too cold"]);
    bench.says(MISSING, 11 * MINUTE);
    assert_eq!(bench.alarms.open()[0].text, "", "neither of them is wrong");
}

#[test]
fn a_value_that_is_asked_for_seldom_is_missing_after_three_polls_and_stays_an_alarm_as_long() {
    let mut bench = Bench::new();
    let slow = SiteWatch {
        interval: Duration::from_secs(5 * MINUTE),
        ..watch()
    };
    bench.alarms.watch_site(slow, at(0));
    assert_eq!(bench.is_unheard(true, 15 * MINUTE + 600), []);
    let missing = "site.missing.temperature";
    assert_eq!(
        bench.is_unheard(true, 2),
        [change(missing, AlarmPhase::Active)],
        "ten minutes after more than three polls"
    );
    assert_eq!(bench.is_unheard(false, 15 * MINUTE - 1), []);
    assert_eq!(bench.is_unheard(false, 2), [change(missing, AlarmPhase::Ended)]);
}

#[test]
fn values_of_a_device_that_was_moved_alarm_where_it_stands_and_those_of_others_where_they_did() {
    let mut bench = Bench::new();
    let other = SiteWatch {
        device: "other".parse().unwrap(),
        ..watch()
    };
    bench.alarms.watch_site(other, at(0));
    let bed: BedId = "4".parse().unwrap();
    let replaced = crate::Replaced {
        device: &"other".parse().unwrap(),
        left: None,
        led: &[].into(),
        to: Some(&bed),
    };
    bench.alarms.device_moved(replaced, at(0), &mut bench.out);
    bench.says(tenths(94), 11 * MINUTE);
    assert_eq!(bench.alarms.open()[0].bed, None);
    let replaced = crate::Replaced {
        device: &"fridge".parse().unwrap(),
        left: None,
        led: &[].into(),
        to: Some(&bed),
    };
    let now = at(bench.second);
    bench.alarms.device_moved(replaced, now, &mut bench.out);
    bench.says(tenths(94), 11 * MINUTE);
    let beds: Vec<Option<BedId>> = bench
        .alarms
        .open()
        .iter()
        .map(|alarm| alarm.bed.clone())
        .collect();
    assert_eq!(beds, [Some(bed)]);
}

#[test]
fn what_a_map_does_not_alarm_about_any_more_is_not_known_and_that_a_value_is_missing_always_is() {
    let mut bench = Bench::new();
    bench.says(tenths(94), 11 * MINUTE);
    bench.says(MISSING, 11 * MINUTE);
    let open: Vec<AlarmChange> = bench.alarms.open().into_iter().cloned().collect();
    let key = |key: &str| open.iter().find(|alarm| alarm.condition.key() == key).unwrap();
    let mut again = Bench::new();
    let only_cold = SiteWatch {
        alarms: watch().alarms.split_off(1),
        ..watch()
    };
    again.alarms.watch_site(only_cold, at(0));
    assert!(!again.alarms.knows(key("site.high.temperature")));
    assert!(again.alarms.knows(key("site.missing.temperature")));
}
