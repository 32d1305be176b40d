//! Promises A22 and A23: what a monitor says, word by word.

use std::collections::HashMap;

use vitals::{AlarmPhase, BedId, BootId, Category, Epoch};

use super::super::Lying;
use super::*;

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * seconds)
}

fn bed() -> BedId {
    "1".parse().unwrap()
}

fn alarms() -> Alarms {
    let beds = HashMap::from([(bed(), Category::Adult)]);
    Alarms::new(BootId([1; 16]), Epoch(7), beds)
}

fn says(priority: Priority, kind: AlarmKind, text: &str) -> DeviceAlarm {
    DeviceAlarm {
        priority,
        kind,
        text: text.to_owned(),
    }
}

fn of_patient(text: &str) -> DeviceAlarm {
    says(Priority::High, AlarmKind::Physiological, text)
}

/// What was announced: condition, phase, words, how often.
fn told(out: Vec<AlarmChange>) -> Vec<String> {
    let told = out.into_iter().map(|change| {
        let phase = format!("{:?}", change.phase).to_lowercase();
        format!("{} {phase} {} [{}]", change.condition, change.onsets, change.text)
    });
    told.collect()
}

fn hear(alarms: &mut Alarms, at_s: u64, list: Option<&[DeviceAlarm]>) -> Vec<String> {
    let mut out = Vec::new();
    let place = Place {
        bed: Some(bed()),
        device: Some("mon-1".parse().unwrap()),
    };
    let stay = "a".parse().unwrap();
    alarms.monitor(&place, Some(&stay), list, s(at_s), &mut out);
    told(out)
}

#[test]
fn a22_a_monitors_alarm_is_told_at_the_same_moment_with_its_rank_and_its_words() {
    let mut alarms = alarms();
    let list = [
        says(Priority::Low, AlarmKind::Technical, "ECG LEAD OFF"),
        of_patient("** ASYSTOLE"),
    ];
    assert_eq!(
        hear(&mut alarms, 1, Some(&list)),
        [
            "monitor.high.patient active 1 [** ASYSTOLE]",
            "monitor.low.equipment active 1 [ECG LEAD OFF]"
        ]
    );
    let open = alarms.open();
    assert_eq!(open[0].priority, Priority::High);
    assert_eq!(
        open[0].onset.mono, open[0].crossed.mono,
        "nothing waits a second time"
    );
    assert_eq!(open[0].admission, Some("a".parse().unwrap()), "the patient's");
    assert_eq!(open[1].admission, None, "the monitor's");
}

#[test]
fn a22_a_further_alarm_of_the_class_calls_again_also_after_an_acknowledgement_and_one_less_does_not() {
    let mut alarms = alarms();
    hear(&mut alarms, 1, Some(&[of_patient("HR HIGH")]));
    let id = alarms.open()[0].id;
    alarms.acknowledge(id, "Grace", s(2), &mut Vec::new()).unwrap();
    assert!(
        hear(&mut alarms, 3, Some(&[of_patient("HR HIGH")])).is_empty(),
        "the same word"
    );
    let both = [of_patient("HR HIGH"), of_patient("V-TACH")];
    assert_eq!(
        hear(&mut alarms, 4, Some(&both)),
        ["monitor.high.patient active 2 [HR HIGH; V-TACH]"]
    );
    assert_eq!(alarms.open()[0].acknowledged_by, None);
    assert!(
        hear(&mut alarms, 5, Some(&[of_patient("V-TACH")])).is_empty(),
        "one less is no news"
    );
    assert!(
        hear(&mut alarms, 6, Some(&both)).is_empty(),
        "nor is it when it comes again"
    );
}

#[test]
fn a22_it_ends_when_the_monitor_says_so_and_is_the_same_alarm_when_it_returns_soon() {
    let mut alarms = alarms();
    hear(&mut alarms, 1, Some(&[of_patient("APNEA")]));
    let id = alarms.open()[0].id;
    assert!(hear(&mut alarms, 10, Some(&[])).is_empty());
    assert_eq!(
        hear(&mut alarms, 15, Some(&[])),
        ["monitor.high.patient ended 1 [APNEA]"]
    );
    assert_eq!(
        hear(&mut alarms, 60, Some(&[of_patient("DESAT")])),
        ["monitor.high.patient active 2 [DESAT]"]
    );
    assert_eq!(alarms.open()[0].id, id);
}

#[test]
fn a23_what_a_silent_monitor_alarmed_about_stays_for_a_minute() {
    let mut alarms = alarms();
    hear(&mut alarms, 1, Some(&[of_patient("APNEA")]));
    for second in 2..=60 {
        assert!(hear(&mut alarms, second, None).is_empty(), "after {second} s");
    }
    assert_eq!(
        hear(&mut alarms, 61, None),
        ["monitor.high.patient ended 1 [APNEA]"]
    );
}

#[test]
fn a9_in_an_empty_bed_nobody_misses_a_monitors_cable_but_its_patient_alarm_counts() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    let lying = Lying {
        vacant: true,
        ..Lying::default()
    };
    alarms.lies(&bed(), lying, s(0), &mut out);
    let list = [
        says(Priority::Low, AlarmKind::Technical, "ECG LEAD OFF"),
        of_patient("HR HIGH"),
    ];
    assert_eq!(
        hear(&mut alarms, 1, Some(&list)),
        ["monitor.high.patient active 1 [HR HIGH]"]
    );
}

#[test]
fn a8_it_ends_with_the_stay_of_the_patient_whom_it_was_about() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    hear(&mut alarms, 1, Some(&[of_patient("HR HIGH")]));
    alarms.stay_over(&bed(), s(2), &mut out);
    assert_eq!(out.last().map(|change| change.phase), Some(AlarmPhase::Ended));
    assert!(alarms.open().is_empty());
}
