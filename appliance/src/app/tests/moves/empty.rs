//! Empty beds, and whose limits count.

use super::*;

#[test]
fn an_empty_bed_misses_no_device_and_no_probe_and_what_it_missed_ends() {
    let mut rig = rig();
    rig.feed(1, 40, off());
    assert_eq!(rig.alarms_at(1), ["probe_off.spo2"]);
    rig.discharge(1, Disposition::Home).unwrap();
    assert!(rig.alarms_at(1).is_empty());
    rig.feed(1, 60, off());
    assert!(rig.alarms_at(1).is_empty());
    rig.run(60, None);
    assert!(rig.alarms_at(1).is_empty(), "silent beside an empty bed");
    rig.restart();
    rig.run(60, None);
    assert!(rig.is_vacant(1) && rig.alarms_at(1).is_empty());
    assert_eq!(
        rig.alarms_at(2),
        ["device_silent"],
        "and is missed beside another"
    );
    rig.discharge(2, Disposition::Home).unwrap();
    assert!(rig.alarms_at(2).is_empty());
    rig.identify(2, Change::New, Identity::default()).unwrap();
    rig.run(40, None);
    assert_eq!(rig.alarms_at(2), ["device_silent"], "somebody was laid there");
}

#[test]
fn the_first_number_a_minute_after_a_discharge_ends_the_vacancy_and_nothing_else_does() {
    let mut rig = rig();
    rig.feed(1, 5, spo2(97));
    rig.discharge(1, Disposition::Home).unwrap();
    let (empty, before) = (rig.patient(1).admission, rig.events_besides_the_audit().len());
    rig.feed(1, 59, spo2(97));
    assert!(rig.is_vacant(1), "a probe that is still on whoever leaves");
    rig.feed(1, 5, off());
    assert!(rig.is_vacant(1), "no number");
    let seen = spo2(97);
    let ago = Duration::from_secs(30);
    rig.say(1, drivers::Seen::Earlier { seen, ago });
    assert!(rig.is_vacant(1), "measured within the minute, and heard after it");
    assert!(rig.said_since(before).is_empty());
    rig.feed(1, 1, spo2(97));
    assert!(!rig.is_vacant(1));
    assert_eq!(rig.said_since(before), [format!("bed-1 is {empty}  by \"\"")]);
    rig.restart();
    assert!(!rig.is_vacant(1));
    assert_eq!(rig.patient(1).admission, empty);
    rig.run(40, None);
    assert_eq!(rig.alarms_at(1), ["device_silent"], "somebody lies there");
}

#[test]
fn a_value_in_an_empty_bed_is_shown_and_alarms_as_anywhere() {
    let mut rig = rig();
    rig.discharge(1, Disposition::Home).unwrap();
    rig.feed(1, 20, spo2(70));
    assert!(rig.is_vacant(1));
    assert!(rig.alarms_at(1).contains(&"limit.spo2.low".to_owned()));
    assert_eq!(rig.post().page().beds[0].values.len(), 1);
    rig.feed(1, 50, spo2(70));
    assert!(!rig.is_vacant(1));
    assert!(
        rig.alarms_at(1).contains(&"limit.spo2.low".to_owned()),
        "and goes on"
    );
}

#[test]
fn the_limits_follow_the_age_group_of_the_stay_into_any_bed() {
    let mut rig = rig();
    let low = "limit.spo2.low".to_owned();
    let shown = |rig: &mut Rig, n: usize| {
        let page = rig.post().page();
        let bed = &page.beds[n - 1];
        (bed.category, bed.values.first().and_then(|value| value.low))
    };
    rig.feed(1, 15, spo2(87));
    assert!(rig.alarms_at(1).contains(&low));
    assert_eq!(shown(&mut rig, 1), (Category::Adult, Some(Decimal::whole(90))));
    let doe = person("PT-7", "Doe");
    rig.identify_as(1, Change::Same, doe, Some(Category::Neonate))
        .unwrap();
    rig.feed(1, 15, spo2(87));
    assert!(
        !rig.alarms_at(1).contains(&low),
        "84 and lower counts of a neonate"
    );
    assert_eq!(shown(&mut rig, 1), (Category::Neonate, Some(Decimal::whole(85))));
    rig.identify(1, Change::Same, person("PT-7", "Doe-Karim"))
        .unwrap();
    rig.restart();
    assert_eq!(
        rig.patient(1).category,
        Category::Neonate,
        "a corrected name leaves it as it was"
    );
    rig.discharge(2, Disposition::Home).unwrap();
    rig.transfer(1, 2, false).unwrap();
    rig.feed(2, 15, spo2(87));
    assert!(!rig.alarms_at(2).contains(&low));
    assert_eq!(shown(&mut rig, 2).0, Category::Neonate);
    assert_eq!(shown(&mut rig, 1).0, Category::Adult);
    rig.identify(2, Change::New, Identity::default()).unwrap();
    rig.feed(2, 15, spo2(87));
    assert!(rig.alarms_at(2).contains(&low), "as the bed is configured");
    rig.identify_as(2, Change::Same, Identity::default(), Some(Category::Child))
        .unwrap();
    assert_eq!(
        rig.patient(2).category,
        Category::Child,
        "of somebody whom nobody knows by name"
    );
}

#[test]
fn a_baby_keeps_the_age_group_of_the_bed_it_comes_from() {
    let nursery = WARD.replace(
        "[[bed]]\n    id = \"bed-2\"",
        "[[bed]]\n    id = \"bed-2\"\n    category = \"neonate\"",
    );
    let mut rig = Rig::with(Box::leak(nursery.into_boxed_str()), wall(0));
    assert_eq!(rig.patient(2).category, Category::Neonate);
    rig.transfer(2, 1, true).unwrap();
    for n in [(1, Category::Neonate), (2, Category::Adult)] {
        assert_eq!(rig.patient(n.0).category, n.1, "bed {}", n.0);
    }
    rig.discharge(2, Disposition::Home).unwrap();
    assert_eq!(rig.patient(2).category, Category::Neonate, "as it is configured");
}
