//! I1, I3: who lies where and what the laboratory found is known again after a restart of the centre.

use vitals::patient::Identified;
use vitals::{Identity, LabFlag, LabId, LabRecord, LabResult, LabStatus, LabTest, Masked, Whose};

use super::*;
use crate::clock::Moment;
use crate::wards::Wards;

fn identified(bed: &str, admission: &str, family: &str) -> Record {
    event(Event::Identified(Box::new(Identified {
        bed: bed.parse().unwrap(),
        admission: admission.parse().unwrap(),
        identity: Identity {
            family: Masked::new(family.to_owned()),
            ..Identity::default()
        },
        by: "Grace".to_owned(),
        category: None,
        vacant: false,
        perhaps: None,
    })))
}

fn result(number: u32, admission: &str) -> Record {
    event(Event::Lab(Box::new(LabRecord {
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
                name: "Haemoglobin".to_owned(),
                loinc: None,
            },
            value: "6.9".to_owned(),
            number: None,
            unit: "g/dL".to_owned(),
            range: String::new(),
            flag: LabFlag::CriticalLow,
            status: LabStatus::Final,
            completed: None,
        },
        whose: Whose::Patient {
            bed: "1".parse().unwrap(),
            admission: admission.parse().unwrap(),
        },
    })))
}

#[test]
fn i3_a_restart_shows_who_lies_there_however_long_ago_that_was_said_and_his_newest_results() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut records = vec![identified("1", "a", "Doe"), identified("2", "c", "Karim")];
    records.extend((1..=u32::try_from(PATIENT_EVENTS_MAX).unwrap() + 5).map(|number| result(number, "a")));
    store.apply(&[arrived(1, Lane::Events, 1, records)]).unwrap();
    store.keep_state(&state(1)).unwrap();
    drop(store);
    let store = open(folder.path());
    let standing = store.standing().unwrap();
    assert_eq!(standing[0].patients.len(), PATIENT_EVENTS_MAX + 2);
    let now = Moment {
        mono: MonoTime::from_ms(9),
        wall: WallTime::from_unix_ms(1_790_000_100_000),
    };
    let view = Wards::restore(standing).view("Centre", Vec::new(), now);
    let charts: Vec<_> = view.posts[0]
        .beds
        .iter()
        .map(|bed| bed.chart.clone().unwrap())
        .collect();
    let family = |n: usize| charts[n].identity.family.reveal().clone();
    assert_eq!((family(0), family(1)), ("Doe".to_owned(), "Karim".to_owned()));
    let newest = charts[0].results[0].record.id.number;
    assert_eq!(
        (newest as usize, charts[0].results.len()),
        (PATIENT_EVENTS_MAX + 5, 100)
    );
    assert!(charts[1].results.is_empty());
    let lines = all(&store, &Query::default());
    let line = crate::dump::line(&post(), lines.last().unwrap());
    assert!(
        line.contains("\"event\":\"lab\"") && line.contains("\"value\":\"6.9\""),
        "{line}"
    );
}

#[test]
fn i3_an_empty_bed_is_shown_as_empty_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let empty = Identified {
        bed: "1".parse().unwrap(),
        admission: "b".parse().unwrap(),
        identity: Identity::default(),
        by: "Grace".to_owned(),
        category: None,
        vacant: true,
        perhaps: None,
    };
    let records = vec![
        identified("1", "a", "Doe"),
        identified("2", "c", "Karim"),
        event(Event::Discharged(vitals::Discharged {
            bed: "1".parse().unwrap(),
            admission: "a".parse().unwrap(),
            disposition: vitals::Disposition::Home,
            by: "Grace".to_owned(),
        })),
        event(Event::Identified(Box::new(empty))),
    ];
    store.apply(&[arrived(1, Lane::Events, 1, records)]).unwrap();
    store.keep_state(&state(1)).unwrap();
    drop(store);
    let standing = open(folder.path()).standing().unwrap();
    let now = Moment {
        mono: MonoTime::from_ms(9),
        wall: WallTime::from_unix_ms(1_790_000_100_000),
    };
    let view = Wards::restore(standing).view("Centre", Vec::new(), now);
    let page: serde_json::Value = serde_json::from_str(&view.render("build", 1, now)).unwrap();
    let vacant = ["0", "1"].map(|bed| {
        page.pointer(&format!("/posts/0/beds/{bed}/patient/vacant"))
            .cloned()
    });
    assert_eq!(vacant, [Some(true.into()), Some(false.into())]);
}

fn state(epoch: u64) -> PostState {
    PostState {
        post: post(),
        status: PostStatus::Online,
        name: "Demo".to_owned(),
        epoch: Epoch(epoch),
        boot: BOOT,
        at: MonoTime::from_ms(7),
        wall: None,
        trust: ClockTrust::Untrusted,
        last: Vec::new(),
        beds: vec![
            ("1".parse().unwrap(), "Bed 1".to_owned()),
            ("2".parse().unwrap(), "Bed 2".to_owned()),
        ],
        open_alarms: Default::default(),
    }
}
