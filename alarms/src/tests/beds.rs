//! What is of one bed, stay or device, and what is not: an alarm that ends with somebody else's is one that nobody hears.
//! Each of these was a change of the engine that no other test noticed.

use vitals::{LabId, Side};

use super::*;
use crate::{LabNews, Lying, Replaced, is_of_present};

const NOBODY: Lying = Lying {
    category: Category::Adult,
    vacant: true,
    limits: BTreeMap::new(),
};

fn bed(id: &str) -> BedId {
    id.parse().unwrap()
}

fn of_device(bed_id: &str, device: &str) -> Place {
    Place {
        bed: Some(bed(bed_id)),
        device: Some(device.parse().unwrap()),
    }
}

/// `condition bed` of all that is open, in order.
fn open(alarms: &Alarms) -> Vec<String> {
    let mut open: Vec<String> = alarms
        .open()
        .iter()
        .map(|alarm| {
            format!(
                "{} {}",
                alarm.condition,
                alarm.bed.as_ref().map_or("post", BedId::as_str)
            )
        })
        .collect();
    open.sort();
    open
}

fn silent(alarms: &mut Alarms, place: Place, at_s: u64) {
    alarms.condition(
        place,
        Condition::DeviceSilent,
        Some(true),
        s(at_s),
        &mut Vec::new(),
    );
}

fn critical(bed_id: &str, device: &str) -> LabNews {
    LabNews {
        result: LabId {
            epoch: Epoch(7),
            number: 1,
        },
        place: of_device(bed_id, device),
        admission: Some("a".parse().unwrap()),
        critical: Some(Side::Low),
        value: None,
        unit: String::new(),
        text: "HGB".to_owned(),
    }
}

#[test]
fn a9_in_an_empty_bed_nothing_of_a_patient_begins_and_what_had_begun_ends_and_other_beds_go_on() {
    let mut alarms = Bench::new(Category::Adult).alarms;
    silent(&mut alarms, of_device("1", "m1"), 1);
    silent(&mut alarms, of_device("2", "m2"), 1);
    alarms.condition(
        Place::POST,
        Condition::ClockNotSet,
        Some(true),
        s(1),
        &mut Vec::new(),
    );
    alarms.lies(&bed("1"), Lying::default(), s(2), &mut Vec::new());
    assert_eq!(open(&alarms).len(), 2, "somebody lies there: {:?}", open(&alarms));
    alarms.lies(&bed("1"), NOBODY, s(3), &mut Vec::new());
    assert_eq!(open(&alarms), ["device_silent 2"]);
    silent(&mut alarms, of_device("1", "m1"), 4);
    alarms.lab(&critical("1", "sysmex"), None, s(5), &mut Vec::new());
    assert_eq!(
        open(&alarms),
        ["device_silent 2", "lab_critical.low.0000000000000007-1 1"]
    );
    alarms.lies(&bed("1"), NOBODY, s(6), &mut Vec::new());
    assert_eq!(
        open(&alarms).len(),
        2,
        "a result waits for a person in an empty bed too"
    );
}

#[test]
fn a10_with_a_device_go_its_own_alarms_at_the_bed_that_it_left_and_no_others() {
    let mut alarms = Bench::new(Category::Adult).alarms;
    for place in [of_device("1", "m1"), of_device("1", "m2"), of_device("2", "m1")] {
        silent(&mut alarms, place, 1);
    }
    alarms.lab(&critical("1", "m1"), None, s(1), &mut Vec::new());
    let replaced = Replaced {
        device: &"m1".parse().unwrap(),
        left: Some(&bed("1")),
        led: &[].into(),
        to: None,
    };
    alarms.device_moved(replaced, s(2), &mut Vec::new());
    let expected = [
        "device_silent 1",
        "device_silent 2",
        "lab_critical.low.0000000000000007-1 1",
    ];
    assert_eq!(open(&alarms), expected);
}

#[test]
fn a10_what_a_device_led_speaks_for_nothing_once_it_has_left_and_goes_on_when_it_led_nothing() {
    let pulse_alarms_by = |led: &[Code]| {
        let mut bench = Bench::new(Category::Adult);
        bench.run("hr 80@1..10");
        let replaced = Replaced {
            device: &"m1".parse().unwrap(),
            left: Some(&bed("1")),
            led: &led.iter().copied().collect(),
            to: None,
        };
        bench.alarms.device_moved(replaced, s(10), &mut Vec::new());
        bench.run("pr 40@11..18");
        bench.log.join("; ")
    };
    assert_eq!(pulse_alarms_by(&[Code::Hr]), "16s active limit.pr.low 40");
    assert_eq!(
        pulse_alarms_by(&[]),
        "",
        "the heart rate of a moment ago still counts"
    );
}

#[test]
fn a8_an_alarm_of_values_goes_on_after_a_restart_only_for_the_patient_whose_they_were() {
    let mut bench = Bench::new(Category::Adult);
    bench.run("spo2 79@1; spo2 off@2..10");
    let find = |key: &str| {
        let open = bench.alarms.open();
        let found = open.iter().find(|alarm| alarm.condition.key() == key);
        (*found.unwrap()).clone()
    };
    let (desaturation, probe) = (find("desaturation"), find("probe_off.spo2"));
    let (own, other): (AdmissionId, AdmissionId) =
        (desaturation.admission.clone().unwrap(), "x".parse().unwrap());
    assert!(is_of_present(&desaturation, Some(&own), false));
    assert!(!is_of_present(&desaturation, Some(&other), false) && !is_of_present(&desaturation, None, false));
    assert!(
        is_of_present(&desaturation, Some(&own), true),
        "a person has to see it"
    );
    assert!(
        !is_of_present(&probe, Some(&own), true),
        "nobody misses a probe in an empty bed"
    );
    let mut over = probe.clone();
    over.phase = AlarmPhase::Ended;
    assert!(
        is_of_present(&over, Some(&other), true),
        "what is over stands as it is"
    );
    let post = AlarmChange {
        admission: None,
        condition: Condition::ClockNotSet,
        ..probe
    };
    assert!(is_of_present(&post, None, false), "it is nobody's");
}
