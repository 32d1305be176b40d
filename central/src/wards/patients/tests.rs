use vitals::lab::LabSetAside;
use vitals::patient::Identified;
use vitals::{LabAssignment, LabDoubt, LabFlag, LabId, LabResult, LabStatus, LabTest, WallTime, Whose};

use super::*;

fn came() -> Came {
    Came {
        made: None,
        received: WallTime::from_unix_ms(1),
    }
}

fn bed() -> BedId {
    "1".parse().unwrap()
}

fn identified(admission: &str, family: &str) -> Event {
    Event::Identified(Box::new(Identified {
        bed: bed(),
        admission: admission.parse().unwrap(),
        identity: Identity {
            family: Masked::new(family.to_owned()),
            ..Identity::default()
        },
        by: "Grace".to_owned(),
        category: None,
        vacant: false,
        perhaps: None,
    }))
}

fn result(number: u32, admission: Option<&str>) -> Event {
    Event::Lab(Box::new(LabRecord {
        id: LabId {
            epoch: Epoch(1),
            number,
        },
        device: "sysmex".parse().unwrap(),
        result: LabResult {
            specimen: Masked::new(format!("S-{number}")),
            patient: Identity::default(),
            test: LabTest {
                code: "HGB".to_owned(),
                name: "x".repeat(10_000),
                loinc: None,
            },
            value: number.to_string(),
            number: None,
            unit: "g/dL".to_owned(),
            range: String::new(),
            flag: LabFlag::None,
            status: LabStatus::Final,
            completed: None,
        },
        whose: match admission {
            Some(admission) => Whose::Patient {
                bed: bed(),
                admission: admission.parse().unwrap(),
            },
            None => Whose::Nobody(LabDoubt::Unknown),
        },
    }))
}

/// The family name and the values of bed 1 after these events, each with its place in the events lane.
fn shown(events: &[(u64, u64, Event)], present: u64) -> (String, Vec<String>) {
    let mut patients = Patients::default();
    for (epoch, seq, event) in events {
        patients.take((Epoch(*epoch), Seq(*seq)), event, came(), Some(Epoch(present)));
    }
    let Some(chart) = patients.chart(&bed()) else {
        return Default::default();
    };
    let values = chart.results.iter().map(|held| held.record.result.value.clone());
    (chart.identity.family.reveal().clone(), values.collect())
}

#[test]
fn i3_the_results_of_whoever_lies_there_now_are_shown_and_no_others() {
    let events = [
        (1, 1, identified("a", "Doe")),
        (1, 2, result(1, Some("a"))),
        (1, 3, result(2, None)),
        (1, 4, identified("b", "Karim")),
        (1, 5, result(3, Some("b"))),
    ];
    assert_eq!(shown(&events[..3], 1), ("Doe".to_owned(), vec!["1".to_owned()]));
    assert_eq!(shown(&events, 1), ("Karim".to_owned(), vec!["3".to_owned()]));
    let mut late = events;
    late.swap(0, 3);
    assert_eq!(
        shown(&late, 1).0,
        "Karim",
        "i4: what was said before does not come back"
    );
}

#[test]
fn the_present_run_counts_even_when_a_new_card_counts_from_the_beginning() {
    let events = [(9, 1, identified("a", "Doe")), (1, 1, identified("b", "Karim"))];
    assert_eq!(shown(&events, 1).0, "Karim");
}

#[test]
fn what_people_decide_at_the_post_is_followed() {
    let id = LabId {
        epoch: Epoch(1),
        number: 2,
    };
    let assigned = Event::LabAssigned(LabAssignment {
        results: vec![id],
        bed: bed(),
        admission: "a".parse().unwrap(),
        by: "Grace".to_owned(),
    });
    let aside = Event::LabSetAside(LabSetAside {
        results: vec![id],
        by: "Grace".to_owned(),
    });
    let events = [
        (1, 1, identified("a", "Doe")),
        (1, 2, result(2, None)),
        (1, 3, assigned),
        (1, 4, aside),
    ];
    assert!(shown(&events[..2], 1).1.is_empty());
    assert_eq!(shown(&events[..3], 1).1, ["2"]);
    assert!(shown(&events, 1).1.is_empty());
}

#[test]
fn w3_texts_are_clipped_and_a_chart_that_did_not_change_keeps_its_number() {
    let mut patients = Patients::default();
    patients.take((Epoch(1), Seq(1)), &result(1, Some("a")), came(), None);
    let chart = patients.chart(&bed()).unwrap().clone();
    let name = chart.results[0].record.result.test.name.chars().count();
    assert!(name <= LAB_CHARS_MAX + 1, "{name}");
    patients.take((Epoch(1), Seq(2)), &result(2, None), came(), None);
    assert_eq!(patients.chart(&bed()).unwrap().revision, chart.revision);
    patients.take((Epoch(1), Seq(3)), &result(3, Some("a")), came(), None);
    assert!(patients.chart(&bed()).unwrap().revision > chart.revision);
}

#[test]
fn i3_results_of_an_earlier_stay_are_shown_once_it_turned_out_to_be_the_same_patients() {
    let merged = Event::Merged {
        bed: bed(),
        from: "unknown".parse().unwrap(),
        into: "a".parse().unwrap(),
        by: "Grace".to_owned(),
    };
    let events = [
        (1, 1, identified("a", "Doe")),
        (1, 2, result(1, Some("a"))),
        (1, 3, identified("unknown", "")),
        (1, 4, result(2, Some("unknown"))),
        (1, 5, merged),
        (1, 6, identified("a", "Doe")),
    ];
    assert_eq!(shown(&events[..4], 1).1, ["2"]);
    let both = ("Doe".to_owned(), vec!["2".to_owned(), "1".to_owned()]);
    assert_eq!(shown(&events, 1), both);
    let mut late = events;
    late.reverse();
    assert_eq!(shown(&late, 1), both, "whatever came first");
}

#[test]
fn i3_an_empty_bed_is_shown_as_empty_and_results_follow_a_patient_who_is_moved() {
    let word = |bed: &str, admission: &str, vacant| {
        Event::Identified(Box::new(Identified {
            bed: bed.parse().unwrap(),
            admission: admission.parse().unwrap(),
            identity: Identity::default(),
            by: "Grace".to_owned(),
            category: None,
            vacant,
            perhaps: None,
        }))
    };
    let shown = |events: &[Event]| {
        let mut patients = Patients::default();
        for (seq, event) in (1..).zip(events) {
            patients.take((Epoch(1), Seq(seq)), event, came(), Some(Epoch(1)));
        }
        ["1", "2"].map(|bed| {
            let chart = patients.chart(&bed.parse().unwrap()).unwrap();
            (chart.admission.to_string(), chart.vacant, chart.results.len())
        })
    };
    let mut events = vec![
        identified("a", "Doe"),
        result(1, Some("a")),
        word("2", "b", false),
        word("2", "e", true),
    ];
    let bed = |admission: &str, vacant, results| (admission.to_owned(), vacant, results);
    assert_eq!(shown(&events), [bed("a", false, 1), bed("e", true, 0)]);
    events.extend([word("1", "f", true), word("2", "a", false)]);
    assert_eq!(shown(&events), [bed("f", true, 0), bed("a", false, 1)]);
    events.push(word("1", "f", false));
    assert_eq!(shown(&events)[0], bed("f", false, 0), "somebody lies there");
}

#[test]
fn i3_while_a_post_asks_who_lies_there_nothing_of_the_patient_before_is_shown() {
    let word = |admission: &str, by: &str, perhaps: Option<&str>| {
        Event::Identified(Box::new(Identified {
            bed: "1".parse().unwrap(),
            admission: admission.parse().unwrap(),
            identity: Identity::default(),
            by: by.to_owned(),
            category: None,
            vacant: false,
            perhaps: perhaps.map(|perhaps| perhaps.parse().unwrap()),
        }))
    };
    let events = [
        identified("a", "Doe"),
        result(1, Some("a")),
        word("b", "", Some("a")),
        word("b", "Grace", None),
    ];
    let shown = |events: &[Event]| {
        let mut patients = Patients::default();
        for (seq, event) in (1..).zip(events) {
            patients.take((Epoch(1), Seq(seq)), event, came(), Some(Epoch(1)));
        }
        let chart = patients.chart(&"1".parse().unwrap()).unwrap();
        let is_known = !chart.identity.is_unknown();
        (chart.perhaps, is_known, chart.results.len())
    };
    assert_eq!(shown(&events[..2]), (false, true, 1));
    assert_eq!(shown(&events[..3]), (true, false, 0));
    assert_eq!(shown(&events), (false, false, 0), "somebody else");
}
