//! Patients, specimens and laboratory results at a whole post: what is recorded, shown, alarmed and remembered.

use vitals::{
    AdmissionId, BedId, Identity, LabDoubt, LabFlag, LabId, LabRecord, LabResult, LabStatus, LabTest, Masked,
    Whose,
};

use super::*;
use crate::access::By;
use crate::ward::{Change, IdentifyError, LabError, Telling};
use crate::web::{Assigning, LaboratoryNow, PatientError, PatientNow, PatientRequest, Taking};

/// Two beds with an oximeter each. Who lies there is asked in `absence` alone: elsewhere silences are about other things.
pub(super) const WARD: &str = r#"
    post = "kolo"
    name = "Kolo"
    same_patient_after_s = 86400
    [web]
    listen = "127.0.0.1:0"
    [store]
    path = "unused.redb"
    [[bed]]
    id = "bed-1"
    [[bed]]
    id = "bed-2"
    [[line]]
    id = "usb-1"
    serial = "/dev/ttyUSB0"
    family = "nonin"
    device = "nonin-1"
    bed = "bed-1"
    [[line]]
    id = "usb-2"
    serial = "/dev/ttyUSB1"
    family = "nonin"
    device = "nonin-2"
    bed = "bed-2"
"#;

fn masked(text: &str) -> Masked<String> {
    Masked::new(text.to_owned())
}

pub(super) fn bed(n: usize) -> BedId {
    format!("bed-{n}").parse().unwrap()
}

pub(super) fn person(id: &str, family: &str) -> Identity {
    Identity {
        ids: vec![masked(id)],
        family: masked(family),
        ..Identity::default()
    }
}

pub(super) fn hgb(specimen: &str, value: &str, flag: LabFlag) -> LabResult {
    LabResult {
        specimen: masked(specimen),
        patient: Identity::default(),
        test: LabTest {
            code: "HGB".to_owned(),
            name: "Haemoglobin".to_owned(),
            loinc: None,
        },
        value: value.to_owned(),
        number: Some(Decimal::new(value.replace('.', "").parse().unwrap(), 1)),
        unit: "g/dL".to_owned(),
        range: "12.0-16.0".to_owned(),
        flag,
        status: LabStatus::Final,
        completed: Some("2024-05-14 11:24:00".to_owned()),
    }
}

impl Rig {
    pub(super) fn patient(&mut self, n: usize) -> PatientNow {
        let request = |answer| PatientRequest::Patient { bed: bed(n), answer };
        self.post().of_patients(request).unwrap()
    }

    pub(super) fn nobodys(&mut self) -> LaboratoryNow {
        self.post()
            .of_patients(|answer| PatientRequest::Laboratory { answer })
            .unwrap()
    }

    pub(super) fn identify(
        &mut self,
        n: usize,
        change: Change,
        identity: Identity,
    ) -> Result<(), PatientError> {
        let telling = Box::new(Telling {
            bed: bed(n),
            saw: self.patient(n).admission,
            change,
            identity,
            category: None,
            by: "Grace".to_owned(),
        });
        let by = By::named("Grace");
        self.post()
            .of_patients(|answer| PatientRequest::Identify { telling, by, answer })
    }

    pub(super) fn specimen(&mut self, n: usize, specimen: &str, moved: bool) -> Result<(), PatientError> {
        let taking = Taking {
            bed: bed(n),
            saw: self.patient(n).admission,
            specimen: masked(specimen),
            moved,
            by: By::named("Grace"),
        };
        self.post()
            .of_patients(|answer| PatientRequest::Specimen { taking, answer })
    }

    pub(super) fn assign(&mut self, results: Vec<LabId>, n: usize) -> Result<(), PatientError> {
        let assigning = Assigning {
            results,
            bed: bed(n),
            saw: self.patient(n).admission,
            by: By::named("Grace"),
        };
        self.post()
            .of_patients(|answer| PatientRequest::Assign { assigning, answer })
    }

    pub(super) fn lab(&mut self, result: LabResult) {
        let at = self.time.now();
        self.post().line(LineEvent {
            device: "sysmex".parse().unwrap(),
            at,
            what: Heard::Seen(drivers::Seen::Lab(Box::new(result))),
        });
    }

    fn lab_records(&self) -> Vec<LabRecord> {
        let events = self.events().into_iter();
        events
            .filter_map(|event| match event {
                Event::Lab(record) => Some(*record),
                _ => None,
            })
            .collect()
    }

    /// `Haemoglobin 6.9 g/dL at bed-1`, the conditions of a laboratory on the page.
    fn critical(&mut self) -> Vec<String> {
        let page = self.post().page();
        let lab = page
            .alarms
            .iter()
            .filter(|alarm| alarm.condition.key().starts_with("lab_critical."));
        lab.map(|alarm| {
            let bed = alarm.bed.as_ref().map_or("the post", |bed| bed.as_str());
            let value = alarm.value.map(|value| value.to_string()).unwrap_or_default();
            let earlier = if alarm.earlier_patient { ", of before" } else { "" };
            format!("{} {value} {} at {bed}{earlier}", alarm.text, alarm.unit)
        })
        .collect()
    }
}

fn rig() -> Rig {
    Rig::with(WARD, wall(0))
}

#[test]
fn a_result_of_a_registered_specimen_is_durable_shown_and_alarmed_and_stands_after_a_restart() {
    let mut rig = rig();
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    rig.specimen(1, "S-1001", false).unwrap();
    rig.lab(hgb("S-1001", "6.9", LabFlag::CriticalLow));
    rig.lab(hgb("S-1001", "6.9", LabFlag::CriticalLow));
    assert_eq!(rig.lab_records().len(), 1, "sent again word for word");
    let admission = rig.patient(1).admission;
    assert_eq!(
        rig.lab_records()[0].whose,
        Whose::Patient {
            bed: bed(1),
            admission: admission.clone()
        }
    );
    let critical = ["Haemoglobin 6.9 g/dL at bed-1"];
    assert_eq!(rig.critical(), critical);
    for reboot in [false, true] {
        let before = rig.patient(1);
        if reboot {
            rig.reboot(2, wall(60_000));
        } else {
            rig.restart();
        }
        let after = rig.patient(1);
        assert_eq!(
            (&after.admission, &after.identity),
            (&admission, &before.identity)
        );
        assert_eq!(after.specimens, before.specimens);
        assert_eq!((after.results.len(), after.results[0].value.as_str()), (1, "6.9"));
        assert_eq!(after.results[0].received_ms.is_none(), reboot);
        assert_eq!(rig.critical(), critical, "i6: until somebody acknowledges");
        rig.lab(hgb("S-1001", "6.9", LabFlag::CriticalLow));
        assert_eq!(rig.lab_records().len(), 1, "l4: also across restarts");
    }
    let page = rig.post().page();
    assert_eq!(
        (
            page.beds[0].patient.initials.as_str(),
            page.beds[0].patient.results
        ),
        ("D.", 1)
    );
    rig.post().acknowledge(page.alarms[0].id, "Grace").unwrap();
    assert!(rig.critical().is_empty());
    rig.restart();
    assert!(rig.critical().is_empty());
}

#[test]
fn h18_a_result_that_contradicts_is_quarantined_until_a_person_says_whose_it_is() {
    let mut rig = rig();
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    rig.specimen(1, "S-1001", false).unwrap();
    rig.lab(LabResult {
        patient: person("PT-7", "Karim"),
        ..hgb("S-1001", "6.9", LabFlag::CriticalLow)
    });
    assert!(rig.patient(1).results.is_empty());
    let nobodys = rig.nobodys().results;
    assert_eq!(nobodys[0].doubt, Some(LabDoubt::OtherName));
    assert_eq!(nobodys[0].sent, Some(person("PT-7", "Karim")));
    assert_eq!(rig.critical(), ["Haemoglobin 6.9 g/dL at the post"]);
    rig.assign(vec![nobodys[0].id], 1).unwrap();
    let shown = rig.patient(1).results;
    assert_eq!(shown[0].assigned_by.as_deref(), Some("Grace"));
    assert_eq!(rig.critical(), ["Haemoglobin 6.9 g/dL at bed-1"]);
    rig.restart();
    assert_eq!(rig.patient(1).results[0].assigned_by.as_deref(), Some("Grace"));
    assert!(rig.nobodys().results.is_empty());
    // Somebody looks again: it was not hers.
    rig.assign(vec![nobodys[0].id], 2).unwrap();
    assert_eq!(
        (rig.patient(1).results.len(), rig.patient(2).results.len()),
        (0, 1)
    );
    assert_eq!(rig.critical(), ["Haemoglobin 6.9 g/dL at bed-2"]);
}

#[test]
fn what_is_set_aside_leaves_the_page_by_name_and_stays_in_the_records() {
    let mut rig = rig();
    rig.lab(hgb("S-5", "6.9", LabFlag::CriticalLow));
    let results = vec![rig.nobodys().results[0].id];
    let aside = |rig: &mut Rig, by: &str| {
        let (results, by) = (results.clone(), By::named(by));
        rig.post()
            .of_patients(|answer| PatientRequest::SetAside { results, by, answer })
    };
    assert_eq!(aside(&mut rig, " "), Err(PatientError::NoPerson));
    assert_eq!(aside(&mut rig, "Grace"), Ok(()));
    assert_eq!(
        aside(&mut rig, "Grace"),
        Err(PatientError::Laboratory(LabError::NoSuchResult))
    );
    assert!(rig.critical().is_empty());
    rig.restart();
    assert!(rig.nobodys().results.is_empty());
    assert_eq!(rig.lab_records().len(), 1);
    assert!(
        rig.events()
            .iter()
            .any(|event| matches!(event, Event::LabSetAside(aside) if aside.by == "Grace"))
    );
}

#[test]
fn i9_nothing_is_said_about_patients_without_a_person_and_about_who_has_left() {
    let mut rig = rig();
    let before = rig.events_besides_the_audit().len();
    let left: AdmissionId = "bed-1-0000000000000001-1".parse().unwrap();
    let telling = |saw: &AdmissionId, by: &str| {
        Box::new(Telling {
            bed: bed(1),
            saw: saw.clone(),
            change: Change::Same,
            identity: person("PT-7", "Doe"),
            category: None,
            by: by.to_owned(),
        })
    };
    let saw = rig.patient(1).admission;
    for (telling, expected) in [
        (telling(&saw, " "), PatientError::NoPerson),
        (telling(&saw, "a\u{7}"), PatientError::NoPerson),
        (
            telling(&left, "Grace"),
            PatientError::Identity(IdentifyError::OtherNow(bed(1))),
        ),
    ] {
        let by = By::named(&telling.by);
        let request = |answer| PatientRequest::Identify { telling, by, answer };
        assert_eq!(rig.post().of_patients(request), Err(expected));
    }
    let taking = |saw: &AdmissionId, specimen: &str, by: &str| Taking {
        bed: bed(1),
        saw: saw.clone(),
        specimen: masked(specimen),
        moved: false,
        by: By::named(by),
    };
    for (taking, expected) in [
        (taking(&saw, "S-1", ""), PatientError::NoPerson),
        (taking(&saw, "  ", "Grace"), PatientError::NoSpecimen),
        (taking(&left, "S-1", "Grace"), PatientError::OtherNow(bed(1))),
    ] {
        let request = |answer| PatientRequest::Specimen { taking, answer };
        assert_eq!(rig.post().of_patients(request), Err(expected));
    }
    assert_eq!(rig.events_besides_the_audit().len(), before);
}

#[test]
fn i3_a_new_patient_sees_nothing_of_the_one_before_and_his_unread_critical_result_stands_as_that_ones() {
    let mut rig = rig();
    rig.identify(1, Change::Same, person("PT-7", "Doe")).unwrap();
    rig.specimen(1, "S-1", false).unwrap();
    rig.run(12, Some(84));
    rig.lab(hgb("S-1", "6.9", LabFlag::CriticalLow));
    assert!(rig.alarms().contains(&"limit.spo2.low".to_owned()));
    rig.identify(1, Change::New, person("PT-8", "Karim")).unwrap();
    let page = rig.post().page();
    assert!(page.beds[0].values.is_empty(), "f2: not her values");
    assert!(!rig.alarms().contains(&"limit.spo2.low".to_owned()));
    assert_eq!(rig.critical(), ["Haemoglobin 6.9 g/dL at bed-1, of before"]);
    assert!(rig.patient(1).results.is_empty() && rig.patient(1).specimens.is_empty());
    rig.lab(LabResult {
        status: LabStatus::Corrected,
        ..hgb("S-1", "9.6", LabFlag::Low)
    });
    assert_eq!(rig.nobodys().results[0].doubt, Some(LabDoubt::Left));
    rig.restart();
    assert_eq!(rig.critical(), ["Haemoglobin 6.9 g/dL at bed-1, of before"]);
    assert_eq!(rig.patient(1).identity, Some(person("PT-8", "Karim")));
    assert!(rig.patient(1).results.is_empty());
}

/// What is logged, kept to be looked at.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn h11_no_word_about_a_patient_stands_in_a_log_or_on_the_wall() {
    let log = Log::default();
    let kept = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || kept.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let mut rig = rig();
        let marked = Identity {
            given: masked("MARKED-given"),
            born: Some(masked("1899-12-31")),
            ..person("MARKED-id", "MARKED-family")
        };
        rig.identify(1, Change::Same, marked.clone()).unwrap();
        assert!(rig.identify(2, Change::New, marked.clone()).is_err());
        rig.specimen(1, "MARKED-specimen", false).unwrap();
        for family in ["MARKED-family", "MARKED-other"] {
            rig.lab(LabResult {
                patient: Identity {
                    family: masked(family),
                    ..marked.clone()
                },
                ..hgb("MARKED-specimen", "6.9", LabFlag::CriticalLow)
            });
        }
        let results = vec![rig.nobodys().results[0].id];
        rig.assign(results, 1).unwrap();
        for event in rig.events() {
            tracing::info!(?event, "as a careless line would log it");
        }
        let wall = serde_json::to_string(&rig.post().page()).unwrap();
        assert!(!wall.contains("MARKED") && !wall.contains("1899-"), "{wall}");
        rig.restart();
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("a laboratory result came") && logged.contains("***"),
        "{logged}"
    );
    // With its hyphen: a time of the log itself may read ...1899Z.
    assert!(
        !logged.contains("MARKED") && !logged.contains("1899-"),
        "{logged}"
    );
}

#[test]
fn i3_when_the_records_do_not_say_who_lies_there_nobody_is_taken_for_whoever_did() {
    let mut rig = rig();
    rig.identify(1, Change::New, person("PT-7", "Doe")).unwrap();
    let before = [rig.patient(1).admission, rig.patient(2).admission];
    rig.stop();
    std::fs::write(rig.folder.path().join("vitalpost.redb"), [0xa5; 8_192]).unwrap();
    rig.start();
    let after = [rig.patient(1), rig.patient(2)];
    assert!(after.iter().all(|patient| patient.identity.is_none()));
    assert!(after.iter().all(|patient| !before.contains(&patient.admission)));
    rig.restart();
    assert_eq!(rig.patient(1).admission, after[0].admission);
    assert_eq!(rig.patient(2).admission, after[1].admission);
}
