//! Discharge, transfer, swap, empty beds and the age group of a stay, at a whole post.

use vitals::{
    AbsentReason, AdmissionId, AlarmPhase, BedId, Category, Discharged, Disposition, Identified, Identity,
    LabFlag, Masked, Transferred, Whose,
};

mod cut;
mod empty;

use super::patients::{WARD, bed, hgb, person};
use super::*;
use crate::access::By;
use crate::ward::{Change, Leaving, MoveError, Moving, Telling};
use crate::web::{EarlierStays, PatientError, PatientRequest};

impl Rig {
    pub(super) fn leave(&mut self, leaving: Leaving) -> Result<(), PatientError> {
        let by = By::named(&leaving.by);
        let leaving = Box::new(leaving);
        self.post()
            .of_patients(|answer| PatientRequest::Discharge { leaving, by, answer })
    }

    pub(super) fn discharge(&mut self, n: usize, disposition: Disposition) -> Result<(), PatientError> {
        let saw = self.patient(n).admission;
        self.leave(Leaving {
            bed: bed(n),
            saw,
            disposition,
            by: "Grace".to_owned(),
        })
    }

    pub(super) fn relocate(&mut self, moving: Moving) -> Result<(), PatientError> {
        let by = By::named(&moving.by);
        let moving = Box::new(moving);
        self.post()
            .of_patients(|answer| PatientRequest::Transfer { moving, by, answer })
    }

    pub(super) fn transfer(&mut self, from: usize, to: usize, swap: bool) -> Result<(), PatientError> {
        let moving = self.moving(from, to, swap);
        self.relocate(moving)
    }

    fn moving(&mut self, from: usize, to: usize, swap: bool) -> Moving {
        Moving {
            bed: bed(from),
            saw: self.patient(from).admission,
            to: bed(to),
            to_saw: self.patient(to).admission,
            swap,
            by: "Grace".to_owned(),
        }
    }

    pub(super) fn earlier(&mut self) -> EarlierStays {
        let request = |answer| PatientRequest::Earlier { bed: bed(1), answer };
        self.post().of_patients(request).unwrap()
    }

    pub(super) fn identify_as(
        &mut self,
        n: usize,
        change: Change,
        identity: Identity,
        category: Option<Category>,
    ) -> Result<(), PatientError> {
        let telling = Box::new(Telling {
            bed: bed(n),
            saw: self.patient(n).admission,
            change,
            identity,
            category,
            by: "Grace".to_owned(),
        });
        let by = By::named("Grace");
        self.post()
            .of_patients(|answer| PatientRequest::Identify { telling, by, answer })
    }

    /// So many seconds pass, and the oximeter of a bed says this each second.
    fn feed(&mut self, n: usize, seconds: u64, seen: Observation) {
        for _ in 0..seconds {
            self.run(1, None);
            self.say(n, drivers::Seen::Vital(seen));
        }
    }

    fn say(&mut self, n: usize, seen: drivers::Seen) {
        let (device, at) = (format!("nonin-{n}").parse().unwrap(), self.time.now());
        let what = Heard::Seen(seen);
        self.post().line(LineEvent { device, at, what });
    }

    /// What alarms at a bed.
    fn alarms_at(&mut self, n: usize) -> Vec<String> {
        let page = self.post().page();
        let here = page.alarms.iter().filter(|alarm| alarm.bed == Some(bed(n)));
        here.map(|alarm| alarm.condition.key()).collect()
    }

    fn is_vacant(&mut self, n: usize) -> bool {
        let shown = self.post().page().beds[n - 1].patient.vacant;
        assert_eq!(self.patient(n).vacant, shown);
        shown
    }

    fn family(&mut self, n: usize) -> String {
        let identity = self.patient(n).identity.unwrap_or_default();
        identity.family.reveal().clone()
    }

    /// What was recorded about stays since so many events.
    fn said_since(&self, events: usize) -> Vec<String> {
        let told = self.events_besides_the_audit().split_off(events).into_iter();
        told.filter_map(|event| match event {
            Event::Identified(told) => {
                let who = if told.vacant {
                    "empty"
                } else {
                    told.identity.family.reveal()
                };
                Some(format!(
                    "{} is {} {who} by {:?}",
                    told.bed, told.admission, told.by
                ))
            }
            Event::Discharged(told) => Some(format!(
                "{} left {} {} by {:?}",
                told.admission,
                told.bed,
                told.disposition.key(),
                told.by
            )),
            Event::Transferred(told) => Some(format!(
                "{} from {} to {} by {:?}",
                told.admission, told.from, told.to, told.by
            )),
            _ => None,
        })
        .collect()
    }
}

fn spo2(value: i64) -> Observation {
    Observation::value(Code::Spo2, Decimal::whole(value))
}

fn off() -> Observation {
    Observation::absent(Code::Spo2, AbsentReason::ProbeOff)
}

/// Doe in bed 1 and Karim in bed 2.
fn rig() -> Rig {
    let mut rig = Rig::with(WARD, wall(0));
    rig.identify(1, Change::New, person("PT-7", "Doe")).unwrap();
    rig.identify(2, Change::New, person("PT-8", "Karim")).unwrap();
    rig
}

#[test]
fn i3_a_discharge_ends_the_stay_and_leaves_an_empty_bed_also_after_a_restart() {
    let mut rig = rig();
    rig.feed(1, 5, spo2(97));
    let (doe, before) = (rig.patient(1).admission, rig.events_besides_the_audit().len());
    rig.discharge(1, Disposition::Hospital).unwrap();
    let empty = rig.patient(1).admission;
    assert_eq!(
        rig.said_since(before),
        [
            format!("{doe} left bed-1 hospital by \"Grace\""),
            format!("bed-1 is {empty} empty by \"Grace\"")
        ]
    );
    for restarted in [false, true] {
        assert!(rig.is_vacant(1) && !rig.is_vacant(2), "{restarted}");
        assert_eq!(
            (rig.patient(1).admission, rig.patient(1).identity),
            (empty.clone(), None)
        );
        assert!(rig.post().page().beds[0].values.is_empty());
        let earlier = rig.earlier().stays;
        assert_eq!(earlier[0].admission, doe);
        assert_eq!(earlier[0].disposition, Some(Disposition::Hospital));
        assert_eq!(earlier[0].identity, Some(person("PT-7", "Doe")));
        let told = serde_json::to_value(&earlier[0]).unwrap();
        let expected = serde_json::json!({
            "admission": doe,
            "identity": {"ids": ["PT-7"], "family": "Doe", "given": "", "born": null, "sex": ""},
            "bed": "bed-1",
            "from_wall_ms": NOON_MS + 20_000,
            "until_wall_ms": NOON_MS + 25_000,
            "disposition": "hospital",
        });
        assert_eq!(told, expected);
        let shown = serde_json::to_value(rig.patient(2)).unwrap();
        assert_eq!(
            (&shown["category"], &shown["vacant"]),
            (&"adult".into(), &false.into())
        );
        rig.restart();
    }
}

#[test]
fn whoever_is_laid_into_an_empty_bed_begins_a_stay_whatever_is_said() {
    let mut rig = rig();
    rig.discharge(1, Disposition::Home).unwrap();
    let empty = rig.patient(1).admission;
    assert_eq!(
        rig.specimen(1, "S-1", false),
        Err(MoveError::Empty(bed(1)).into()),
        "of nobody no specimen is taken"
    );
    rig.identify(1, Change::Same, person("PT-9", "Okafor")).unwrap();
    let stay = rig.patient(1).admission;
    assert!(stay != empty && !rig.is_vacant(1));
    let earlier: Vec<AdmissionId> = rig
        .earlier()
        .stays
        .into_iter()
        .map(|stay| stay.admission)
        .collect();
    assert!(!earlier.contains(&empty), "nobody ever lay there");
}

#[test]
fn a_transfer_takes_stay_specimens_results_and_critical_alarms_along_and_leaves_an_empty_bed() {
    let mut rig = rig();
    let doe = rig.patient(1).admission;
    rig.specimen(1, "S-1", false).unwrap();
    rig.lab(hgb("S-1", "6.9", LabFlag::CriticalLow));
    rig.feed(1, 15, spo2(80));
    assert!(rig.alarms_at(1).contains(&"limit.spo2.low".to_owned()));
    let id = rig
        .post()
        .page()
        .alarms
        .iter()
        .find(|alarm| alarm.text == "Haemoglobin")
        .unwrap()
        .id;
    rig.discharge(2, Disposition::Home).unwrap();
    let before = rig.events_besides_the_audit().len();
    rig.transfer(1, 2, false).unwrap();
    let empty = rig.patient(1).admission;
    assert_eq!(
        rig.said_since(before),
        [
            format!("{doe} from bed-1 to bed-2 by \"Grace\""),
            format!("bed-1 is {empty} empty by \"Grace\""),
            format!("bed-2 is {doe} Doe by \"Grace\"")
        ]
    );
    for restarted in [false, true] {
        let (left, moved) = (rig.patient(1), rig.patient(2));
        assert!(
            left.vacant && left.identity.is_none() && left.results.is_empty(),
            "{restarted}"
        );
        assert_eq!((moved.admission, moved.vacant), (doe.clone(), false));
        assert_eq!((moved.results.len(), moved.specimens.len()), (1, 1));
        assert!(!rig.alarms_at(1).contains(&"limit.spo2.low".to_owned()));
        let page = rig.post().page();
        let critical = page.alarms.iter().find(|alarm| alarm.id == id).unwrap();
        assert_eq!(critical.bed, Some(bed(2)), "the same alarm, in the other bed");
        assert!(!critical.earlier_patient);
        assert!(
            rig.earlier().stays.iter().all(|stay| stay.admission != doe),
            "she is in a bed"
        );
        rig.restart();
    }
    // The next result of her specimen finds her there.
    rig.lab(hgb("S-1", "6.8", LabFlag::CriticalLow));
    let whose = rig.patient(2).results[0].value.clone();
    assert_eq!(whose, "6.8");
    rig.post().acknowledge(id, "Grace").unwrap();
}

#[test]
fn i3_what_was_measured_before_a_move_and_comes_after_it_is_of_the_stay_of_its_moment() {
    let mut rig = rig();
    let (doe, karim) = (rig.patient(1).admission, rig.patient(2).admission);
    rig.time.pass(Duration::from_secs(60));
    rig.transfer(1, 2, true).unwrap();
    rig.time.pass(Duration::from_secs(10));
    for (n, ago) in [(1, 20), (1, 5), (2, 20), (2, 5)] {
        let (seen, ago) = (spo2(97), Duration::from_secs(ago));
        rig.say(n, drivers::Seen::Earlier { seen, ago });
    }
    let readings = rig.records(Lane::Vitals).into_iter();
    let owners: Vec<_> = readings
        .filter_map(|record| match record {
            Record::Reading(reading) => reading.admission,
            _ => None,
        })
        .collect();
    assert_eq!(owners, [doe.clone(), karim.clone(), karim, doe]);
}

#[test]
fn a_swap_exchanges_two_patients_and_alarms_about_values_count_anew() {
    let mut rig = rig();
    let (doe, karim) = (rig.patient(1).admission, rig.patient(2).admission);
    rig.specimen(1, "S-1", false).unwrap();
    rig.specimen(2, "S-2", false).unwrap();
    rig.lab(hgb("S-1", "6.9", LabFlag::CriticalLow));
    rig.lab(hgb("S-2", "7.1", LabFlag::Low));
    for _ in 0..15 {
        rig.feed(1, 1, spo2(80));
        rig.say(2, drivers::Seen::Vital(spo2(81)));
    }
    let low = "limit.spo2.low".to_owned();
    assert!(rig.alarms_at(1).contains(&low) && rig.alarms_at(2).contains(&low));
    rig.transfer(1, 2, true).unwrap();
    for restarted in [false, true] {
        assert_eq!(
            (rig.family(1), rig.family(2)),
            ("Karim".to_owned(), "Doe".to_owned()),
            "{restarted}"
        );
        let (one, two) = (rig.patient(1), rig.patient(2));
        assert_eq!((one.admission, two.admission), (karim.clone(), doe.clone()));
        assert_eq!((&*one.results[0].value, &*two.results[0].value), ("7.1", "6.9"));
        assert!(!one.vacant && !two.vacant);
        assert!(!rig.alarms_at(1).contains(&low) && !rig.alarms_at(2).contains(&low));
        assert!(rig.post().page().beds.iter().all(|bed| bed.values.is_empty()));
        rig.restart();
    }
    rig.feed(1, 15, spo2(80));
    assert!(rig.alarms_at(1).contains(&low));
    rig.transfer(2, 1, true).unwrap();
    assert_eq!(
        (rig.family(1), rig.family(2)),
        ("Doe".to_owned(), "Karim".to_owned()),
        "and back"
    );
}

#[test]
fn i9_a_move_that_is_not_clear_is_refused_and_changes_nothing() {
    let mut rig = rig();
    let left: AdmissionId = "bed-1-0000000000000001-9".parse().unwrap();
    let moving = rig.moving(1, 2, false);
    let before = rig.events_besides_the_audit().len();
    for (moving, expected) in [
        (moving.clone(), MoveError::NotEmpty(bed(2)).into()),
        (
            Moving {
                saw: left.clone(),
                swap: true,
                ..moving.clone()
            },
            MoveError::OtherNow(bed(1)).into(),
        ),
        (
            Moving {
                to_saw: left.clone(),
                swap: true,
                ..moving.clone()
            },
            MoveError::OtherNow(bed(2)).into(),
        ),
        (
            Moving {
                to: bed(1),
                to_saw: moving.saw.clone(),
                swap: true,
                ..moving.clone()
            },
            MoveError::SameBed.into(),
        ),
        (
            Moving {
                to: bed(9),
                ..moving.clone()
            },
            MoveError::UnknownBed(bed(9)).into(),
        ),
        (
            Moving {
                swap: true,
                by: " ".to_owned(),
                ..moving.clone()
            },
            PatientError::NoPerson,
        ),
    ] {
        assert_eq!(rig.relocate(moving), Err(expected));
    }
    let leaving = Leaving {
        bed: bed(1),
        saw: left,
        disposition: Disposition::Died,
        by: "Grace".to_owned(),
    };
    let expected = MoveError::OtherNow(bed(1)).into();
    assert_eq!(rig.leave(leaving.clone()), Err(expected));
    let nobody = Leaving {
        by: String::new(),
        ..leaving
    };
    assert_eq!(rig.leave(nobody), Err(PatientError::NoPerson));
    assert_eq!(rig.events_besides_the_audit().len(), before);
    rig.discharge(1, Disposition::Home).unwrap();
    let empty = Err(MoveError::Empty(bed(1)).into());
    assert_eq!(rig.discharge(1, Disposition::Home), empty);
    assert_eq!(rig.transfer(1, 2, true), empty);
}

#[test]
fn i9_moves_stand_in_the_audit_with_who_lay_where_before_and_after() {
    let mut rig = rig();
    let doe = rig.patient(1).admission;
    rig.transfer(1, 2, true).unwrap();
    rig.discharge(2, Disposition::AgainstAdvice).unwrap();
    let entries = rig.events().into_iter().filter_map(|event| match event {
        Event::Audited(entry) => Some(entry.deed.told),
        _ => None,
    });
    let told: Vec<_> = entries
        .filter(|told| ["transfer", "discharge"].contains(&&*told.action))
        .collect();
    let words = |words: &Option<Masked<String>>| words.as_ref().unwrap().reveal().clone();
    assert_eq!(told[0].subject, format!("bed:bed-1 admission:{doe} bed:bed-2"));
    let (before, after) = (words(&told[0].before), words(&told[0].after));
    assert!(before.find("Doe") < before.find("Karim") && after.find("Karim") < after.find("Doe"));
    assert_eq!(told[1].subject, format!("bed:bed-2 admission:{doe}"));
    assert!(words(&told[1].before).contains("Doe"));
    assert_eq!(words(&told[1].after), "discharged: against_advice");
}

#[test]
fn the_earlier_stays_are_those_in_no_bed_the_last_first_and_have_a_bound() {
    let mut rig = rig();
    for n in 0..70 {
        rig.run(1, None);
        rig.identify(1, Change::New, person(&format!("N-{n}"), "Okafor"))
            .unwrap();
    }
    rig.reboot(2, wall(600_000));
    let stays = rig.earlier().stays;
    assert_eq!(stays.len(), 64);
    let ids: Vec<String> = stays
        .iter()
        .map(|stay| stay.identity.as_ref().unwrap().ids[0].reveal().clone())
        .collect();
    assert_eq!((&*ids[0], &*ids[63]), ("N-68", "N-5"));
    assert_eq!(stays[0].bed, bed(1));
    assert_eq!(
        stays[0].until_wall_ms.unwrap() - stays[0].from_wall_ms.unwrap(),
        1_000
    );
}

#[test]
fn a_result_of_whoever_was_discharged_goes_to_nobody() {
    let mut rig = rig();
    rig.specimen(1, "S-1", false).unwrap();
    rig.discharge(1, Disposition::Home).unwrap();
    rig.lab(hgb("S-1", "7.9", LabFlag::Low));
    let records = rig.events().into_iter().filter_map(|event| match event {
        Event::Lab(record) => Some(record.whose),
        _ => None,
    });
    let whose: Vec<Whose> = records.collect();
    assert_eq!(whose, [Whose::Nobody(vitals::LabDoubt::Left)]);
    let ended = rig.records(Lane::Alerts).into_iter().all(|record| match record {
        Record::Alarm(change) => change.phase == AlarmPhase::Ended,
        _ => true,
    });
    assert!(ended, "nothing alarmed that stays");
}
