//! Promises A24 to A26: values that stop, and three pressures that cannot be.

use std::collections::HashMap;

use vitals::{AbsentReason, BootId, Decimal, Epoch, Observation};

use super::*;

fn bed() -> BedId {
    "1".parse().unwrap()
}

/// A bed with one monitor, told second by second.
struct Bench {
    alarms: Alarms,
    second: u64,
    talks: bool,
}

impl Bench {
    fn new() -> Bench {
        let beds = HashMap::from([(bed(), Category::Adult)]);
        Bench {
            alarms: Alarms::new(BootId([1; 16]), Epoch(7), beds),
            second: 0,
            talks: true,
        }
    }

    /// So many seconds pass, with these values every `every` of them. What was announced.
    fn run(&mut self, seconds: u64, every: u64, values: &[Observation]) -> Vec<String> {
        let mut out = Vec::new();
        for _ in 0..seconds {
            self.second += 1;
            let now = MonoTime::from_ms(1_000 * self.second);
            for seen in values.iter().filter(|_| self.second.is_multiple_of(every)) {
                let reading = Reading {
                    device: "mon-1".parse().unwrap(),
                    bed: Some(bed()),
                    admission: Some("a".parse().unwrap()),
                    at: now,
                    seen: *seen,
                };
                self.alarms.reading(&reading, now, &mut out);
            }
            let talks = self.talks;
            self.alarms.stopped(|_| talks, now, &mut out);
        }
        let told = out.into_iter().map(|change| {
            let phase = format!("{:?}", change.phase).to_lowercase();
            format!("{} {phase}", change.condition)
        });
        told.collect()
    }
}

fn value(code: Code, value: i64) -> Observation {
    Observation::value(code, Decimal::whole(value))
}

#[test]
fn a24_a_value_that_stops_without_a_word_is_missed_after_ten_seconds_and_until_it_is_back() {
    let mut bench = Bench::new();
    let both = [value(Code::Spo2, 97), value(Code::Hr, 80)];
    assert!(bench.run(30, 1, &both).is_empty());
    assert!(bench.run(10, 1, &both[1..]).is_empty());
    assert_eq!(bench.run(1, 1, &both[1..]), ["stale.spo2 active"]);
    assert!(bench.run(300, 1, &both[1..]).is_empty());
    assert_eq!(bench.run(10, 1, &both), ["stale.spo2 ended"]);
}

#[test]
fn a24_a_device_that_tells_once_a_minute_is_given_three_of_them() {
    let mut bench = Bench::new();
    let values = [value(Code::EtCo2, 38), value(Code::Temp, 37)];
    assert!(bench.run(12 * 60, 60, &values).is_empty());
    assert!(bench.run(180, 1, &[]).is_empty());
    assert_eq!(
        bench.run(600, 1, &[]),
        ["stale.etco2 active"],
        "a temperature may be taken by hand"
    );
}

#[test]
fn a24_what_was_heard_a_few_times_is_not_missed() {
    let mut bench = Bench::new();
    assert!(bench.run(8, 1, &[value(Code::Spo2, 97)]).is_empty());
    assert!(bench.run(600, 1, &[]).is_empty());
}

#[test]
fn a25_a_silent_device_a_reason_and_shared_electrodes_have_alarms_of_their_own() {
    let mut silent = Bench::new();
    silent.run(30, 1, &[value(Code::Spo2, 97)]);
    silent.talks = false;
    assert!(
        silent.run(600, 1, &[]).is_empty(),
        "that the device is silent is told already"
    );

    let mut off = Bench::new();
    off.run(30, 1, &[value(Code::Spo2, 97)]);
    off.run(1, 1, &[Observation::absent(Code::Spo2, AbsentReason::ProbeOff)]);
    assert!(off.run(600, 1, &[]).is_empty(), "the last word was a reason");

    let mut electrodes = Bench::new();
    electrodes.run(30, 1, &[value(Code::Hr, 80), value(Code::Rr, 15)]);
    assert_eq!(
        electrodes.run(60, 1, &[]),
        ["stale.hr active"],
        "breathing hangs on them too"
    );
}

#[test]
fn a24_of_whoever_lay_there_before_nothing_is_missed() {
    let (mut bench, mut out) = (Bench::new(), Vec::new());
    bench.run(30, 1, &[value(Code::Spo2, 97)]);
    bench
        .alarms
        .stay_over(&bed(), MonoTime::from_ms(30_000), &mut out);
    assert!(bench.run(60, 1, &[]).is_empty());
}

#[test]
fn a26_a_mean_pressure_outside_the_two_others_is_a_fault_until_the_three_agree() {
    let mut bench = Bench::new();
    let pressures = |sys, dia, mean| {
        [
            value(Code::AbpSys, sys),
            value(Code::AbpDia, dia),
            value(Code::AbpMean, mean),
        ]
    };
    assert!(bench.run(10, 1, &pressures(120, 80, 93)).is_empty());
    assert!(
        bench.run(10, 1, &pressures(120, 80, 80)).is_empty(),
        "equal is possible"
    );
    assert_eq!(
        bench.run(10, 1, &pressures(120, 80, 79)),
        ["sensor_fault.abp_m active"]
    );
    assert_eq!(
        bench.run(10, 1, &pressures(120, 80, 93)),
        ["sensor_fault.abp_m ended"]
    );
    assert!(
        bench.run(10, 1, &pressures(120, 80, 93)[1..]).is_empty(),
        "two say nothing about each other"
    );
}

#[test]
fn a26_a_cuff_is_judged_as_a_catheter_is_and_only_by_values_of_one_measurement() {
    let bench = || {
        let mut bench = Bench::new();
        bench.run(1, 1, &[value(Code::NibpSys, 120), value(Code::NibpDia, 80)]);
        bench
    };
    let mean = [value(Code::NibpMean, 79)];
    let mut soon = bench();
    assert!(soon.run(1, 1, &mean).is_empty(), "its delay runs");
    let three = [value(Code::NibpSys, 120), value(Code::NibpDia, 80), mean[0]];
    assert_eq!(soon.run(4, 1, &three), ["sensor_fault.nibp_m active"]);
    // Two seconds apart they are of one measurement: the delay has begun with the mean alone.
    let mut apart = bench();
    apart.run(1, 1, &[]);
    apart.run(1, 1, &mean);
    assert_eq!(apart.run(4, 1, &three), ["sensor_fault.nibp_m active"]);
    // Three seconds apart they are not: it begins when the three come together.
    let mut later = bench();
    later.run(2, 1, &[]);
    later.run(1, 1, &mean);
    assert!(later.run(4, 1, &three).is_empty());
    assert_eq!(later.run(1, 1, &three), ["sensor_fault.nibp_m active"]);
}

#[test]
fn a_weak_signal_is_told_after_half_a_minute_and_little_blood_at_the_sensor_too() {
    let mut bench = Bench::new();
    let weak = value(Code::Spo2, 97).with_quality(vitals::Quality::Questionable);
    let blood = |hundredths| Observation::value(Code::Pi, Decimal::new(hundredths, 2));
    // A pulse hangs on the same sensor, and a cuff pressure is a single measurement.
    let others = [Code::Pr, Code::NibpSys].map(|code| value(code, 100).with_quality(weak.quality));
    let told = [weak, blood(29), others[0], others[1]];
    assert!(bench.run(29, 1, &told).is_empty());
    assert_eq!(
        bench.run(2, 1, &told),
        ["poor_signal.spo2 active", "poor_signal.pi active"]
    );
    assert_eq!(
        bench.run(10, 1, &[value(Code::Spo2, 97), blood(30)]),
        ["poor_signal.spo2 ended", "poor_signal.pi ended"]
    );
}
