//! Promises A7 and A8.

use std::collections::HashMap;

use vitals::{BootId, Category, Code, Epoch, Observation, Reading};

use super::super::AcknowledgeError;
use super::*;

fn at(s: u64) -> MonoTime {
    MonoTime::from_ms(1_000 * s)
}

fn alarms() -> Alarms {
    let beds = HashMap::from([("1".parse().unwrap(), Category::Adult)]);
    Alarms::new(BootId([1; 16]), Epoch(7), beds)
}

fn news(number: u32, bed: Option<&str>, critical: Option<Side>, value: i64) -> LabNews {
    LabNews {
        result: LabId {
            epoch: Epoch(7),
            number,
        },
        place: Place {
            bed: bed.map(|bed| bed.parse().unwrap()),
            device: Some("sysmex".parse().unwrap()),
        },
        admission: bed.map(|bed| format!("a{bed}").parse().unwrap()),
        critical,
        value: Some(Decimal::new(value, 1)),
        unit: "g/dL".to_owned(),
        text: "HGB".to_owned(),
    }
}

const LOW: Option<Side> = Some(Side::Low);

/// `active bed 1 HGB 6.9 g/dL`
fn told(out: &mut Vec<AlarmChange>) -> Vec<String> {
    out.drain(..)
        .map(|change| {
            let bed = change
                .bed
                .map_or_else(|| "nobody".to_owned(), |bed| format!("bed {bed}"));
            let phase = format!("{:?}", change.phase).to_lowercase();
            let value = change.value.map(|value| value.to_string()).unwrap_or_default();
            let by = change.acknowledged_by.map(|by| format!(" by {by}"));
            format!(
                "{phase} {bed} {} {value} {}{}",
                change.text,
                change.unit,
                by.unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn a7_a_critical_result_stands_until_a_person_acknowledges_it_whatever_time_passes() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    alarms.lab(&news(1, Some("1"), LOW, 69), None, at(1), &mut out);
    assert_eq!(told(&mut out), ["active bed 1 HGB 6.9 g/dL"]);
    for s in 2..100_000 {
        if s % 100 == 0 {
            alarms.tick(at(s), &mut out);
        }
    }
    assert!(out.is_empty());
    let id = alarms.open()[0].id;
    assert_eq!(
        alarms.acknowledge(id, "", at(2), &mut out),
        Err(AcknowledgeError::NoPerson)
    );
    alarms.acknowledge(id, "Grace", at(100_001), &mut out).unwrap();
    assert_eq!(told(&mut out), ["ended bed 1 HGB 6.9 g/dL by Grace"]);
    assert!(alarms.open().is_empty());
}

#[test]
fn a7_each_specimen_and_test_alarms_for_itself_and_a_normal_result_does_not() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    alarms.lab(&news(1, Some("1"), LOW, 69), None, at(1), &mut out);
    alarms.lab(&news(2, Some("1"), Some(Side::High), 71), None, at(2), &mut out);
    alarms.lab(&news(3, None, LOW, 12), None, at(3), &mut out);
    alarms.lab(&news(4, Some("1"), None, 120), None, at(4), &mut out);
    assert_eq!(out.len(), 3);
    let keys: Vec<String> = alarms.open().iter().map(|alarm| alarm.condition.key()).collect();
    assert!(
        keys.contains(&"lab_critical.high.0000000000000007-2".to_owned()),
        "{keys:?}"
    );
}

#[test]
fn a7_a_further_critical_result_of_the_same_is_announced_again_and_a_correction_leaves_it_to_be_acknowledged()
{
    let (mut alarms, mut out) = (alarms(), Vec::new());
    alarms.lab(&news(1, Some("1"), LOW, 69), None, at(1), &mut out);
    alarms.lab(&news(1, Some("1"), LOW, 65), None, at(9), &mut out);
    assert_eq!(
        told(&mut out),
        ["active bed 1 HGB 6.9 g/dL", "active bed 1 HGB 6.5 g/dL"]
    );
    assert_eq!(alarms.open()[0].onsets, 2);
    alarms.lab(&news(1, Some("1"), None, 96), None, at(20), &mut out);
    assert_eq!(told(&mut out), ["latched bed 1 HGB 6.5 g/dL"]);
    let id = alarms.open()[0].id;
    alarms.acknowledge(id, "Grace", at(30), &mut out).unwrap();
    assert!(alarms.open().is_empty());
}

#[test]
fn a7_a_result_that_turns_out_to_be_somebodys_alarms_there_and_no_more_where_it_was() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    alarms.lab(&news(1, None, LOW, 69), None, at(1), &mut out);
    out.clear();
    alarms.lab(&news(1, Some("1"), LOW, 69), Some("Grace"), at(60), &mut out);
    assert_eq!(
        told(&mut out),
        ["ended nobody HGB 6.9 g/dL by Grace", "active bed 1 HGB 6.9 g/dL"]
    );
    alarms.lab_set_aside(news(1, None, LOW, 0).result, "Grace", at(90), &mut out);
    assert_eq!(told(&mut out), ["ended bed 1 HGB 6.9 g/dL by Grace"]);
}

#[test]
fn a8_i3_what_alarmed_about_the_patient_of_before_ends_with_his_stay_and_no_delay_of_his_runs_on() {
    let (mut alarms, mut out) = (alarms(), Vec::new());
    let says = |alarms: &mut Alarms, admission: &str, value: i64, s: u64| {
        let reading = Reading {
            device: "oxi".parse().unwrap(),
            bed: Some("1".parse().unwrap()),
            admission: Some(admission.parse().unwrap()),
            at: at(s),
            seen: Observation::value(Code::Spo2, Decimal::whole(value)),
        };
        let mut out = Vec::new();
        alarms.reading(&reading, at(s), &mut out);
        out
    };
    let silent = Place {
        bed: Some("1".parse().unwrap()),
        device: Some("oxi".parse().unwrap()),
    };
    alarms.condition(silent, Condition::DeviceSilent, Some(true), at(0), &mut out);
    alarms.lab(&news(1, Some("1"), LOW, 69), None, at(0), &mut out);
    for s in 1..=12 {
        out.extend(says(&mut alarms, "before", 84, s));
    }
    assert_eq!(out.last().unwrap().admission, Some("before".parse().unwrap()));
    out.clear();
    alarms.stay_over(&"1".parse().unwrap(), at(13), &mut out);
    let ended: Vec<String> = out.iter().map(|change| change.condition.key()).collect();
    assert_eq!(ended, ["limit.spo2.low"]);
    let open: Vec<String> = alarms.open().iter().map(|alarm| alarm.condition.key()).collect();
    assert_eq!(
        open.len(),
        2,
        "the monitor is still silent, the result still unread: {open:?}"
    );
    let mut raised = Vec::new();
    for s in 14..=30 {
        raised.extend(says(&mut alarms, "now", 84, s));
    }
    assert_eq!(raised.len(), 1);
    assert_eq!(
        (raised[0].admission.clone(), raised[0].onset.mono),
        (Some("now".parse().unwrap()), at(24)),
        "a delay of its own"
    );
}
