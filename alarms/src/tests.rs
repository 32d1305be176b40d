//! One `check` per behaviour: readings at times in, alarm changes out.
//!
//! `spo2 84@10` = SpO2 84 at second 10; `84@10..20` = once a second from 10 to 20 inclusive; `off`, `search`,
//! `fault` = absent with that reason; `ack@30 Grace` = acknowledge the first open alarm; `until@60` = let time pass.

mod beds;
mod bounds;
mod properties;
mod states;

use super::*;
use vitals::{AbsentReason, AdmissionId, Decimal, Measured, Observation, Reading};

struct Bench {
    alarms: Alarms,
    now_s: u64,
    log: Vec<String>,
    told: Vec<AlarmChange>,
}

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(seconds * 1_000)
}

impl Bench {
    fn new(category: Category) -> Bench {
        let beds = HashMap::from([("1".parse().unwrap(), category)]);
        Bench {
            alarms: Alarms::new(BootId([1; 16]), Epoch(7), beds),
            now_s: 0,
            log: Vec::new(),
            told: Vec::new(),
        }
    }

    fn pass_to(&mut self, second: u64) {
        while self.now_s < second {
            self.now_s += 1;
            let mut out = Vec::new();
            self.alarms.tick(s(self.now_s), &mut out);
            self.note(&out);
        }
    }

    fn note(&mut self, changes: &[AlarmChange]) {
        self.told.extend_from_slice(changes);
        for change in changes {
            let phase = format!("{:?}", change.phase).to_lowercase();
            let value = change.value.map(|v| format!(" {v}")).unwrap_or_default();
            let again = if change.onsets > 1 {
                format!(" x{}", change.onsets)
            } else {
                String::new()
            };
            let by = change
                .acknowledged_by
                .as_ref()
                .map(|by| format!(" by {by}"))
                .unwrap_or_default();
            self.log.push(format!(
                "{}s {phase} {}{value}{again}{by}",
                change.at.as_ms() / 1_000,
                change.condition
            ));
        }
    }

    fn run(&mut self, script: &str) {
        for line in script.split(';').map(str::trim).filter(|line| !line.is_empty()) {
            let (what, rest) = line.split_once('@').unwrap();
            let (time, tail) = rest.split_once(' ').unwrap_or((rest, ""));
            let (from, to) = match time.split_once("..") {
                Some((from, to)) => (from.parse().unwrap(), to.parse().unwrap()),
                None => (time.parse().unwrap(), time.parse().unwrap()),
            };
            for second in from..=to {
                self.pass_to(second);
                self.act(what, tail, second);
            }
        }
    }

    fn act(&mut self, what: &str, tail: &str, second: u64) {
        let mut out = Vec::new();
        match what.split_once(' ') {
            Some((code, value)) => {
                let code = Code::from_key(code).unwrap();
                let seen = match value {
                    "off" => Observation::absent(code, AbsentReason::ProbeOff),
                    "search" => Observation::absent(code, AbsentReason::Searching),
                    "fault" => Observation::absent(code, AbsentReason::SensorFault),
                    number => Observation::value(code, Decimal::whole(number.parse().unwrap())),
                };
                let bed: BedId = "1".parse().unwrap();
                let admission = Some(AdmissionId::unidentified(&bed));
                let device = "dev".parse().unwrap();
                let reading = Reading {
                    device,
                    bed: Some(bed),
                    admission,
                    at: s(second),
                    seen,
                };
                self.alarms.reading(&reading, s(second), &mut out);
            }
            None if what == "ack" => {
                let id = self
                    .alarms
                    .open()
                    .first()
                    .expect("an open alarm to acknowledge")
                    .id;
                self.alarms.acknowledge(id, tail, s(second), &mut out).unwrap();
            }
            None => assert_eq!(what, "until"),
        }
        self.note(&out);
    }
}

#[track_caller]
fn check(script: &str, expected: &str) {
    let mut bench = Bench::new(Category::Adult);
    bench.run(script);
    assert_eq!(bench.log.join("; "), expected);
}

#[test]
fn a_limit_alarm_waits_for_its_delay_and_is_raised_once() {
    check("spo2 97@0..4; spo2 84@5..60", "15s active limit.spo2.low 84");
}

#[test]
fn a_short_dip_raises_nothing() {
    check("spo2 97@0..4; spo2 84@5..13; spo2 93@14..40", "");
}

#[test]
fn a_value_that_wavers_at_the_limit_does_not_chatter() {
    check(
        "spo2 88@0..20; spo2 90@21..30; spo2 89@31..40; spo2 91@41..60; spo2 92@61..70",
        "10s active limit.spo2.low 88; 66s ended limit.spo2.low 88",
    );
}

#[test]
fn i5_absence_neither_raises_nor_ends_a_patient_alarm() {
    check(
        "spo2 84@0..12; spo2 search@13..60",
        "10s active limit.spo2.low 84",
    );
}

#[test]
fn a_value_that_is_lost_while_its_delay_runs_out_raises_nothing() {
    // BIDMC record 13: the breathing rate sinks for 9 s, then the lead is gone.
    check("rr 7@0..8; rr off@9..60", "13s active probe_off.rr");
}

#[test]
fn one_missing_look_does_not_start_the_delay_anew() {
    check(
        "spo2 84@0..7; spo2 search@8; spo2 84@9..12",
        "10s active limit.spo2.low 84",
    );
}

#[test]
fn an_acknowledged_alarm_that_nobody_can_measure_any_more_gives_way_to_the_technical_one() {
    check(
        "spo2 84@0..12; ack@13 Grace; spo2 off@14..80",
        "10s active limit.spo2.low 84; 13s acknowledged limit.spo2.low 84 by Grace; \
         18s active probe_off.spo2; 72s ended limit.spo2.low 84 by Grace",
    );
}

#[test]
fn probe_off_is_one_technical_alarm_although_the_finger_comes_and_goes() {
    check(
        "spo2 off@0..6; spo2 97@7..40; spo2 off@41..50; spo2 97@51..60",
        "4s active probe_off.spo2; 12s ended probe_off.spo2; 45s active probe_off.spo2 x2; 56s ended probe_off.spo2 x2",
    );
}

#[test]
fn an_alarm_that_was_over_and_came_back_holds_since_then_and_not_since_its_onset() {
    let mut bench = Bench::new(Category::Adult);
    let returned = |bench: &Bench| bench.alarms.returned(bench.alarms.open()[0]);
    bench.run("spo2 off@0..6");
    assert_eq!(returned(&bench), None);
    bench.run("spo2 97@7..40; spo2 off@41..50");
    let open = bench.alarms.open()[0];
    assert_eq!((open.onset.mono, returned(&bench)), (s(4), Some(s(45))));
}

#[test]
fn probe_off_after_a_long_quiet_time_is_a_new_alarm() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 off@0..6; spo2 97@7..200; spo2 off@201..206");
    assert_eq!(bench.log.last().unwrap(), "205s active probe_off.spo2");
}

#[test]
fn a_sensor_that_hangs_off_never_becomes_a_limit_alarm() {
    check("spo2 off@0..100; pr off@0..100", "4s active probe_off.spo2");
}

#[test]
fn desaturation_is_announced_at_once_and_stays_until_somebody_has_seen_it() {
    check(
        "spo2 97@0; spo2 79@1..3; spo2 96@4..20; ack@30 Grace",
        "1s active desaturation 79; 9s latched desaturation 79; 30s ended desaturation 79 by Grace",
    );
}

#[test]
fn a_sensor_fault_ends_when_the_device_says_that_it_is_something_else() {
    check(
        "spo2 fault@0..5; spo2 off@6..20",
        "4s active sensor_fault.spo2; 10s active probe_off.spo2; 11s ended sensor_fault.spo2",
    );
}

#[test]
fn a_technical_alarm_that_nobody_can_judge_any_more_ends() {
    check(
        "spo2 off@0..5; until@90",
        "4s active probe_off.spo2; 65s ended probe_off.spo2",
    );
}

#[test]
fn a_value_that_is_read_once_in_a_while_alarms_all_the_same() {
    check(
        "temp 41@0; temp 41@30; temp 41@60; temp 41@90",
        "60s active limit.temp.high 41",
    );
}

#[test]
fn a_restart_asserts_nothing_about_a_device_that_was_not_listened_to_yet() {
    let place = Place {
        bed: Some("1".parse().unwrap()),
        device: Some("dev".parse().unwrap()),
    };
    let mut before = Bench::new(Category::Adult);
    let mut out = Vec::new();
    before
        .alarms
        .condition(place.clone(), Condition::DeviceSilent, Some(true), s(0), &mut out);
    let id = out[0].id;
    before.alarms.acknowledge(id, "Grace", s(1), &mut out).unwrap();
    let open = before.alarms.open().into_iter().cloned().collect();

    let mut after = Alarms::new(BootId([2; 16]), Epoch(8), HashMap::new());
    after.restore(open, s(0));
    let mut out = Vec::new();
    for second in 0..20 {
        let known = (second >= 10).then_some(true);
        after.condition(place.clone(), Condition::DeviceSilent, known, s(second), &mut out);
        after.tick(s(second), &mut out);
    }
    assert_eq!(
        (out.len(), after.open()[0].id),
        (0, id),
        "the same alarm, still acknowledged: {out:?}"
    );
}

#[test]
fn i5_a_latched_alarm_is_not_revived_by_an_absent_or_a_wavering_value() {
    check(
        "spo2 79@1..3; spo2 96@4..20; spo2 off@21..23; spo2 82@24..26; spo2 96@27..40",
        "1s active desaturation 79; 9s latched desaturation 79",
    );
}

#[test]
fn a_second_desaturation_is_a_new_alarm_that_nobody_has_seen_yet() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 79@1..3; spo2 96@4..20");
    let first = bench.alarms.open()[0].id;
    bench.run("spo2 78@3600..3602");
    let open = bench.alarms.open();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_ne!(open[0].id, first);
    assert_eq!((open[0].onsets, open[0].onset.mono), (1, s(3_600)));
    assert_eq!(
        bench.log[2..],
        ["3600s ended desaturation 79", "3600s active desaturation 78"]
    );
}

#[test]
fn a_pulse_that_the_heart_does_not_share_raises_nothing() {
    let mut bench = Bench::new(Category::Adult);
    for second in 0..60 {
        bench.run(&format!("hr 75@{second}; pr 41@{second}"));
    }
    assert!(bench.log.is_empty(), "{:?}", bench.log);
}

#[test]
fn a_pulse_without_a_heart_rate_does_alarm() {
    check("pr 41@0..20", "5s active limit.pr.low 41");
}

#[test]
fn breathing_that_is_absent_or_zero_is_no_apnoea_and_no_low_rate() {
    check("rr 4@0; rr 3@1..2; rr 0@3..60", "");
}

#[test]
fn limits_follow_the_age_group() {
    let mut bench = Bench::new(Category::Neonate);
    bench.run("hr 130@0..20; rr 45@0..20; spo2 88@0..20");
    assert!(bench.log.is_empty(), "{:?}", bench.log);
    bench.run("hr 90@21..40");
    assert_eq!(bench.log, ["26s active limit.hr.low 90"]);
}

#[test]
fn i9_an_acknowledgement_needs_a_person_and_an_open_alarm_and_happens_once() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 84@0..12");
    let id = bench.alarms.open()[0].id;
    let mut out = Vec::new();
    for nobody in ["", "  ", "a\nb", &"x".repeat(81)] {
        let refused = bench.alarms.acknowledge(id, nobody, s(12), &mut out);
        assert_eq!(refused, Err(AcknowledgeError::NoPerson), "{nobody:?}");
    }
    let other = AlarmId {
        epoch: Epoch(7),
        number: 99,
    };
    assert_eq!(
        bench.alarms.acknowledge(other, "Grace", s(12), &mut out),
        Err(AcknowledgeError::NotOpen(other))
    );
    assert_eq!(bench.alarms.acknowledge(id, "Grace", s(12), &mut out), Ok(()));
    let twice = bench.alarms.acknowledge(id, "Amina", s(13), &mut out);
    assert_eq!(
        twice,
        Err(AcknowledgeError::Already {
            by: "Grace".to_owned()
        })
    );
    assert_eq!(out.len(), 1);
    assert_eq!(
        bench.alarms.open()[0].phase,
        AlarmPhase::Acknowledged,
        "the condition holds: it stays on the screen"
    );
}

#[test]
fn acknowledging_one_alarm_leaves_the_other_active() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 84@0..12; hr 140@13..20; ack@20 Grace");
    let phases: Vec<_> = bench
        .alarms
        .open()
        .iter()
        .map(|a| (a.condition.key(), a.phase))
        .collect();
    assert_eq!(
        phases,
        [
            ("limit.spo2.low".to_owned(), AlarmPhase::Acknowledged),
            ("limit.hr.high".to_owned(), AlarmPhase::Active)
        ]
    );
}

#[test]
fn an_alarm_goes_on_after_a_restart_under_its_id_and_ends_when_the_value_is_back() {
    let mut before = Bench::new(Category::Adult);
    before.run("spo2 84@0..12; ack@13 Grace");
    let open: Vec<AlarmChange> = before.alarms.open().into_iter().cloned().collect();
    let id = open[0].id;

    let mut after = Bench::new(Category::Adult);
    after.alarms = Alarms::new(BootId([2; 16]), Epoch(8), HashMap::new());
    after.alarms.restore(open, s(0));
    after.run("spo2 84@1..20");
    assert_eq!(after.alarms.open()[0].id, id);
    assert!(
        after.log.is_empty(),
        "still the same alarm, still acknowledged: {:?}",
        after.log
    );
    after.run("spo2 97@21..30");
    assert_eq!(after.log, ["26s ended limit.spo2.low 84 by Grace"]);
}

#[test]
fn a_monitor_that_falls_silent_in_a_high_alarm_is_itself_high() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 84@0..12");
    let place = Place {
        bed: Some("1".parse().unwrap()),
        device: Some("dev".parse().unwrap()),
    };
    let mut out = Vec::new();
    bench
        .alarms
        .condition(place, Condition::DeviceSilent, Some(true), s(22), &mut out);
    assert_eq!(out[0].priority, Priority::High);
    let other = Place {
        bed: Some("2".parse().unwrap()),
        device: Some("dev2".parse().unwrap()),
    };
    bench
        .alarms
        .condition(other, Condition::DeviceSilent, Some(true), s(22), &mut out);
    assert_eq!(out[1].priority, Priority::Medium);
}

#[test]
fn every_change_carries_the_crossing_and_the_announcement() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 97@0..4; spo2 84@5..20");
    let alarm = bench.alarms.open()[0];
    assert_eq!((alarm.crossed.mono, alarm.onset.mono), (s(5), s(15)));
    assert_eq!((alarm.change, alarm.limit), (1, Some(Decimal::whole(90))));
    assert_eq!(Measured::Value(Decimal::whole(84)).value(), alarm.value);
}

#[test]
fn time_alone_announces_nothing_and_jitter_of_the_looks_costs_nothing() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 84@0..9; until@60");
    assert!(
        bench.log.is_empty(),
        "the device fell silent before the delay was over: {:?}",
        bench.log
    );

    let mut alarms = Alarms::new(BootId([1; 16]), Epoch(7), HashMap::new());
    let mut out = Vec::new();
    for look in 0..=10u64 {
        // The last look comes 9.95 s after the first.
        let now = MonoTime::from_ms(look * 995);
        let seen = Observation::value(Code::Spo2, Decimal::whole(84));
        let device = "dev".parse().unwrap();
        let reading = Reading {
            device,
            bed: Some("1".parse().unwrap()),
            admission: None,
            at: now,
            seen,
        };
        alarms.reading(&reading, now, &mut out);
    }
    assert_eq!(out.len(), 1);
}

#[test]
fn a_value_that_is_asked_for_every_five_minutes_alarms_too() {
    let slow = |told: bool| {
        let mut bench = Bench::new(Category::Adult);
        if told {
            let device = "dev".parse().unwrap();
            bench
                .alarms
                .looks_every(device, Code::Temp, Duration::from_secs(300));
        }
        bench.run("temp 40@0; temp 40@300; temp 40@600");
        bench.log.join("; ")
    };
    assert_eq!(slow(true), "300s active limit.temp.high 40");
    assert_eq!(slow(false), "", "nobody said that it is asked for so seldom");
    // Three looks missing: nobody knows that it lasted.
    let mut bench = Bench::new(Category::Adult);
    bench
        .alarms
        .looks_every("dev".parse().unwrap(), Code::Temp, Duration::from_secs(300));
    bench.run("temp 40@0; temp 40@1201");
    assert_eq!(bench.log.join("; "), "");
}
