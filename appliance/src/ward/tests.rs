use super::*;
use vitals::AbsentReason;

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

fn ward() -> Ward {
    let bed = |name: &str| BedSetup {
        id: id(name),
        label: format!("Bed {name}"),
        category: Category::Adult,
    };
    let silent_after = vitals::alarm::DEVICE_SILENT_AFTER;
    let device = |name: &str, bed: Option<&str>| DeviceSetup {
        id: id(name),
        bed: bed.map(id),
        silent_after: Some(silent_after),
        is_laboratory: false,
    };
    let devices = vec![
        device("oxi-1", Some("1")),
        device("mon-1", Some("1")),
        device("oxi-2", Some("2")),
        device("fridge", None),
    ];
    Ward::new(vec![bed("1"), bed("2")], devices, MonoTime::BOOT)
}

fn s(seconds: u64) -> MonoTime {
    MonoTime::from_ms(seconds * 1_000)
}

fn spo2(value: i64) -> Observation {
    Observation::value(Code::Spo2, Decimal::whole(value))
}

#[test]
fn i3_a_value_goes_to_the_bed_its_device_stands_at_and_to_no_other() {
    let mut ward = ward();
    let bound = ward.heard(&id("oxi-2"), s(1), spo2(97)).unwrap();
    assert_eq!(bound.reading.bed, Some(id("2")));
    assert_eq!(bound.reading.admission, Some(AdmissionId::unidentified(&id("2"))));
    assert!(ward.bed(&id("1")).unwrap().values.is_empty());
    assert!(ward.heard(&id("stranger"), s(1), spo2(97)).is_none());
}

#[test]
fn i5_a_value_that_turned_absent_keeps_its_last_number_apart() {
    let mut ward = ward();
    ward.heard(&id("oxi-1"), s(1), spo2(96));
    ward.heard(
        &id("oxi-1"),
        s(2),
        Observation::absent(Code::Spo2, AbsentReason::ProbeOff),
    );
    let (_, latest) = ward.bed(&id("1")).unwrap().values[&Code::Spo2];
    assert_eq!(latest.seen.measured, Measured::Absent(AbsentReason::ProbeOff));
    assert_eq!(latest.last_value, Some((Decimal::whole(96), s(1))));
}

#[test]
fn of_two_devices_that_measure_the_same_one_leads_until_it_falls_quiet() {
    let mut ward = ward();
    assert!(ward.heard(&id("oxi-1"), s(1), spo2(96)).unwrap().leads);
    assert!(!ward.heard(&id("mon-1"), s(2), spo2(88)).unwrap().leads);
    assert!(ward.heard(&id("mon-1"), s(7), spo2(88)).unwrap().leads);
    assert_eq!(ward.bed(&id("1")).unwrap().values[&Code::Spo2].0, id("mon-1"));
}

#[test]
fn i5_a_number_takes_the_lead_from_a_device_whose_probe_is_off_and_keeps_it() {
    let mut ward = ward();
    let off = Observation::absent(Code::Spo2, AbsentReason::ProbeOff);
    assert!(ward.heard(&id("mon-1"), s(1), off).unwrap().leads);
    assert!(
        ward.heard(&id("oxi-1"), s(2), spo2(79)).unwrap().leads,
        "a desaturation must not hide behind it"
    );
    assert!(!ward.heard(&id("mon-1"), s(3), off).unwrap().leads);
    assert!(
        !ward.heard(&id("mon-1"), s(4), spo2(97)).unwrap().leads,
        "no flapping between two numbers"
    );
}

#[test]
fn an_analyser_that_has_nothing_to_say_is_not_silent_but_one_whose_port_is_lost_is() {
    let analyser = DeviceSetup {
        id: id("analyser"),
        bed: None,
        silent_after: None,
        is_laboratory: true,
    };
    let mut ward = Ward::new(vec![], vec![analyser], MonoTime::BOOT);
    let silent = |ward: &Ward| {
        let later = MonoTime::from_ms(48 * 3_600_000);
        ward.device(&id("analyser"))
            .unwrap()
            .is_silent(MonoTime::BOOT, later)
    };
    assert_eq!(silent(&ward), Some(false));
    ward.alive(&id("analyser"), MonoTime::from_ms(1000));
    assert!(ward.tick(MonoTime::from_ms(48 * 3_600_000)).is_empty());
    assert_eq!(silent(&ward), Some(false));
    ward.port(
        &id("analyser"),
        MonoTime::from_ms(2000),
        Some("unplugged".to_owned()),
    );
    assert_eq!(silent(&ward), Some(true));
    ward.port(&id("analyser"), MonoTime::from_ms(3000), None);
    assert_eq!(silent(&ward), Some(false));
}

#[test]
fn nobody_knows_whether_a_device_is_silent_until_it_was_listened_to_for_long_enough() {
    let mut ward = ward();
    let silent = |ward: &Ward, now| ward.device(&id("oxi-1")).unwrap().is_silent(MonoTime::BOOT, now);
    assert_eq!(silent(&ward, s(9)), None);
    assert_eq!(silent(&ward, s(10)), Some(true));
    ward.heard(&id("oxi-1"), s(11), spo2(96));
    assert_eq!(
        (silent(&ward, s(20)), silent(&ward, s(21))),
        (Some(false), Some(true))
    );
}

#[test]
fn i4_a_device_that_is_not_heard_turns_silent_and_a_closed_port_is_disconnected_at_once() {
    let mut ward = ward();
    ward.heard(&id("oxi-1"), s(1), spo2(96));
    assert!(ward.tick(s(10)).is_empty());
    assert_eq!(ward.tick(s(11)), [id::<BedId>("1")]);
    assert_eq!(ward.device(&id("oxi-1")).unwrap().link, DeviceLink::Silent);
    ward.port(&id("oxi-1"), s(12), Some("cable out".to_owned()));
    let device = ward.device(&id("oxi-1")).unwrap();
    assert_eq!(
        (device.link, device.link_since),
        (DeviceLink::Disconnected, s(12))
    );
    ward.port(&id("oxi-1"), s(13), None);
    assert_eq!(ward.device(&id("oxi-1")).unwrap().link, DeviceLink::Silent);
    ward.heard(&id("oxi-1"), s(14), spo2(96));
    assert_eq!(ward.device(&id("oxi-1")).unwrap().link, DeviceLink::Live);
}

#[test]
fn a_cuff_value_from_minutes_ago_does_not_make_its_monitor_look_silent() {
    let mut ward = ward();
    ward.heard(&id("mon-1"), s(600), spo2(96));
    let cuff = Observation::value(Code::NibpSys, Decimal::whole(120));
    assert!(ward.heard(&id("mon-1"), s(300), cuff).unwrap().leads);
    assert!(ward.tick(s(601)).is_empty());
    assert_eq!(ward.device(&id("mon-1")).unwrap().link, DeviceLink::Live);
    let (_, latest) = ward.bed(&id("1")).unwrap().values[&Code::NibpSys];
    assert_eq!(
        latest.at,
        s(300),
        "I4: the value keeps the time of its measurement"
    );
}

#[test]
fn the_table_of_the_posts_own_signals_has_a_bound() {
    let mut ward = ward();
    let reading = |n: usize| SiteReading {
        device: id("fridge"),
        signal: format!("signal-{n}"),
        measured: Measured::Value(Decimal::whole(4)),
        unit: "Cel".to_owned(),
        at: s(1),
    };
    for n in 0..SITE_SIGNALS_MAX {
        assert!(ward.heard_site(reading(n)).is_some());
    }
    assert!(ward.heard_site(reading(SITE_SIGNALS_MAX)).is_none());
    assert!(
        ward.heard_site(reading(0)).is_some(),
        "a known signal is still renewed"
    );
}

#[test]
fn i4_what_a_silent_device_said_of_its_alarms_is_not_known_any_more() {
    let mut ward = ward();
    let alarm = |priority, text: &str| DeviceAlarm {
        priority,
        kind: vitals::AlarmKind::Physiological,
        text: text.to_owned(),
    };
    let told = |ward: &Ward| ward.device(&id("mon-1")).unwrap().alarms.clone();
    assert_eq!(told(&ward), DeviceAlarms::NeverTold);
    let list = vec![
        alarm(vitals::Priority::Low, "cuff loose"),
        alarm(vitals::Priority::High, "APNEA"),
    ];
    assert_eq!(
        ward.device_alarms(&id("mon-1"), s(1), list.clone()),
        Some(id("1"))
    );
    let DeviceAlarms::Present(present) = told(&ward) else {
        panic!("it was heard");
    };
    assert_eq!(present[0].text, "APNEA", "the most urgent first");
    ward.tick(s(60));
    assert_eq!(told(&ward), DeviceAlarms::NotKnown);
    let many = vec![list[0].clone(); DEVICE_ALARMS_MAX + 5];
    ward.device_alarms(&id("mon-1"), s(61), many);
    assert!(matches!(told(&ward), DeviceAlarms::Present(kept) if kept.len() == DEVICE_ALARMS_MAX));
    assert_eq!(ward.device_alarms(&id("stranger"), s(61), Vec::new()), None);
}

#[test]
fn i4_what_was_measured_earlier_and_arrives_later_is_kept_and_not_shown() {
    let mut ward = ward();
    ward.heard(&id("mon-1"), s(100), spo2(91));
    let late = ward.heard(&id("mon-1"), s(40), spo2(98)).unwrap();
    assert!(!late.leads && late.reading.at == s(40));
    let (_, latest) = ward.bed(&id("1")).unwrap().values[&Code::Spo2];
    assert_eq!((latest.seen, latest.at), (spo2(91), s(100)));
    assert_eq!(ward.device(&id("mon-1")).unwrap().heard, Some(s(100)));
}
