//! A bed that was not heard for long, at a whole post: whose its values are, what is asked, and what the answers do.

use vitals::audit::{Actor, Outcome};
use vitals::{AdmissionId, Category, Reading};

use super::patients::{WARD, bed, person};
use super::*;
use crate::access::By;
use crate::ward::{AbsenceError, Answering, Change, Leaving, Lies};
use crate::web::{PatientError, PatientRequest};

const LONG_S: u64 = 601;

/// Doe, a child, in bed 1 and Karim in bed 2, both heard for some seconds.
fn rig() -> Rig {
    let asking = WARD.replace("same_patient_after_s = 86400", "");
    let mut rig = Rig::with(asking.leak(), wall(0));
    rig.identify_as(1, Change::New, person("PT-7", "Doe"), Some(Category::Child))
        .unwrap();
    rig.identify(2, Change::New, person("PT-8", "Karim")).unwrap();
    rig.both(5);
    rig
}

impl Rig {
    fn tell(&mut self, n: usize, seen: drivers::Seen) {
        let (device, at) = (format!("nonin-{n}").parse().unwrap(), self.time.now());
        let what = Heard::Seen(seen);
        self.post().line(LineEvent { device, at, what });
    }

    fn spo2_at(&mut self, n: usize) {
        let seen = Observation::value(Code::Spo2, Decimal::whole(97));
        self.tell(n, drivers::Seen::Vital(seen));
    }

    fn both(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.run(1, None);
            self.spo2_at(1);
            self.spo2_at(2);
        }
    }

    /// Bed 1 is silent, bed 2 is not.
    fn silent(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.run(1, None);
            self.spo2_at(2);
        }
    }

    /// Whom the page asks about at a bed.
    fn asked(&mut self, n: usize) -> Option<String> {
        let page = self.post().page();
        let shown = page.beds[n - 1].patient.perhaps.clone();
        let told = self.patient(n).perhaps;
        assert_eq!(shown.is_some(), told.is_some());
        shown.map(|perhaps| perhaps.initials)
    }

    fn answer(&mut self, n: usize, lies: Lies) -> Result<(), PatientError> {
        let saw = self.patient(n).admission;
        self.answer_of(n, lies, saw)
    }

    fn answer_of(&mut self, n: usize, lies: Lies, saw: AdmissionId) -> Result<(), PatientError> {
        let answering = Box::new(Answering {
            bed: bed(n),
            saw,
            lies,
            by: "Grace".to_owned(),
        });
        let by = By::named("Grace");
        self.post().of_patients(|answer| PatientRequest::Answer {
            answering,
            by,
            answer,
        })
    }

    fn readings_of(&self, n: usize) -> Vec<Reading> {
        let readings = self.records(Lane::Vitals).into_iter();
        let readings = readings.filter_map(|record| match record {
            Record::Reading(reading) => Some(reading),
            _ => None,
        });
        readings.filter(|reading| reading.bed == Some(bed(n))).collect()
    }
}

#[test]
fn i3_after_a_long_silence_values_are_nobodys_until_a_person_says_whose() {
    let mut rig = rig();
    let doe = rig.patient(1).admission;
    rig.silent(LONG_S);
    assert_eq!(rig.asked(1), None, "nothing is asked while nothing is measured");
    rig.spo2_at(1);
    assert_eq!((rig.asked(1), rig.asked(2)), (Some("D.".to_owned()), None));
    let asked = rig.patient(1);
    assert!(asked.admission != doe && asked.identity.is_none());
    let perhaps = asked.perhaps.unwrap().identity.unwrap();
    assert_eq!(perhaps, person("PT-7", "Doe"));
    // A cuff value of the silence, told late: of that time nobody knows either, also after a restart.
    let seen = Observation::value(Code::NibpSys, Decimal::whole(119));
    let ago = Duration::from_secs(120);
    for restarted in [false, true] {
        rig.tell(1, drivers::Seen::Earlier { seen, ago });
        assert_eq!(
            rig.readings_of(1).last().unwrap().admission,
            Some(asked.admission.clone()),
            "{restarted}"
        );
        rig.restart();
        assert_eq!(rig.asked(1), Some("D.".to_owned()), "asked on after a restart");
        assert_eq!(rig.patient(1).admission, asked.admission);
    }
    let late = Duration::from_secs(LONG_S + 3);
    rig.tell(1, drivers::Seen::Earlier { seen, ago: late });
    assert_eq!(
        rig.readings_of(1).last().unwrap().admission,
        Some(doe),
        "before the silence it was Doe"
    );
}

#[test]
fn nobody_is_asked_after_a_short_silence_and_never_twice() {
    let mut rig = rig();
    rig.silent(LONG_S - 10);
    rig.spo2_at(1);
    assert_eq!(rig.asked(1), None);
    rig.silent(LONG_S);
    rig.spo2_at(1);
    let asked = rig.patient(1).admission;
    rig.silent(LONG_S);
    rig.spo2_at(1);
    assert_eq!(rig.patient(1).admission, asked, "the question stands already");
}

#[test]
fn i9_the_same_patient_goes_on_with_everything_that_was_measured_meanwhile() {
    let mut rig = rig();
    let doe = rig.patient(1).admission;
    rig.silent(LONG_S);
    rig.spo2_at(1);
    let asked = rig.patient(1).admission;
    assert_eq!(rig.answer(1, Lies::Same), Ok(()));
    for restarted in [false, true] {
        let now = rig.patient(1);
        assert_eq!((rig.asked(1), now.admission), (None, doe.clone()), "{restarted}");
        assert_eq!(now.identity, Some(person("PT-7", "Doe")));
        assert_eq!((now.merged, now.category), (vec![asked.clone()], Category::Child));
        assert_eq!(now.identified_by.as_deref(), Some("Grace"));
        rig.restart();
    }
    rig.spo2_at(1);
    assert_eq!(rig.asked(1), None);
    assert_eq!(rig.readings_of(1).last().unwrap().admission, Some(doe));
    let mut entries = rig.entries().into_iter();
    let entry = entries.find(|entry| entry.deed.told.action == "same_patient");
    let told = entry.unwrap().deed.told;
    let Actor::Person { name, .. } = told.who else {
        panic!("a person answers");
    };
    assert_eq!((name.reveal().as_str(), told.outcome), ("Grace", Outcome::Done));
    assert!(
        told.after
            .unwrap()
            .reveal()
            .starts_with("still the same patient: ")
    );
    assert_eq!(
        rig.answer_of(1, Lies::Nobody, asked),
        Err(AbsenceError::Answered(bed(1)).into())
    );
}

#[test]
fn somebody_else_has_what_was_measured_since_and_nothing_of_the_patient_before() {
    let mut rig = rig();
    rig.silent(LONG_S);
    rig.spo2_at(1);
    let asked = rig.patient(1).admission;
    assert_eq!(
        rig.patient(1).category,
        Category::Child,
        "the limits of the patient before"
    );
    assert_eq!(rig.answer(1, Lies::Other), Ok(()));
    for restarted in [false, true] {
        let now = rig.patient(1);
        assert_eq!((rig.asked(1), &now.admission), (None, &asked), "{restarted}");
        assert_eq!((now.identity, now.category), (None, Category::Adult));
        assert_eq!(now.merged, Vec::<AdmissionId>::new());
        rig.restart();
    }
    rig.identify(1, Change::Same, person("PT-9", "Okafor")).unwrap();
    assert_eq!(rig.patient(1).admission, asked);
}

#[test]
fn the_limits_of_the_patient_before_count_until_somebody_else_is_said_to_lie_there() {
    let low = |rig: &mut Rig| {
        let page = rig.post().page();
        page.beds[0].values[0].low.unwrap()
    };
    for (lies, expected) in [(Lies::Same, 80), (Lies::Other, 90)] {
        let mut rig = rig();
        rig.set_limits(1, Code::Spo2, Some((80, 100))).unwrap();
        rig.silent(LONG_S);
        rig.spo2_at(1);
        assert_eq!(low(&mut rig), Decimal::whole(80), "{lies:?}");
        rig.answer(1, lies).unwrap();
        rig.spo2_at(1);
        assert_eq!(low(&mut rig), Decimal::whole(expected), "{lies:?}");
    }
}

#[test]
fn an_empty_bed_is_empty_and_what_was_measured_stays_nobodys() {
    let mut rig = rig();
    rig.silent(LONG_S);
    rig.spo2_at(1);
    let asked = rig.patient(1).admission;
    assert_eq!(rig.answer(1, Lies::Nobody), Ok(()));
    for _ in 0..2 {
        let now = rig.patient(1);
        assert!(now.vacant && now.admission != asked && now.perhaps.is_none());
        rig.restart();
    }
}

#[test]
fn before_the_answer_nothing_is_said_of_whoever_lies_there() {
    let mut rig = rig();
    rig.silent(LONG_S);
    rig.spo2_at(1);
    let refused = || Err(PatientError::from(AbsenceError::Unanswered(bed(1))));
    assert_eq!(rig.identify(1, Change::Same, person("PT-7", "Doe")), refused());
    assert_eq!(rig.identify(1, Change::New, person("PT-9", "Okafor")), refused());
    assert_eq!(rig.specimen(1, "S-1", false), refused());
    assert_eq!(rig.transfer(1, 2, true), refused());
    assert_eq!(rig.transfer(2, 1, true), refused());
    let leaving = Leaving {
        bed: bed(1),
        saw: rig.patient(1).admission,
        disposition: vitals::Disposition::Home,
        by: "Grace".to_owned(),
    };
    assert_eq!(rig.leave(leaving), refused());
    let (doe, asked) = (rig.earlier().stays[0].admission.clone(), rig.patient(1).admission);
    assert_eq!(rig.merge(1, &doe), refused());
    assert_eq!(rig.patient(1).admission, asked);
}

#[test]
fn a_post_that_was_off_for_long_asks_and_one_that_was_off_shortly_does_not() {
    for (off_s, expected) in [(120, None), (1_200, Some("D.".to_owned()))] {
        let mut rig = rig();
        rig.reboot(2, wall(1_000 * (30 + off_s)));
        assert_eq!(rig.asked(1), None);
        rig.spo2_at(1);
        assert_eq!(rig.asked(1), expected, "{off_s} s");
    }
    // Nobody knows how long it was off: its clock lost the time.
    let mut rig = rig();
    rig.reboot(2, WallTime::from_unix_ms(0));
    rig.spo2_at(1);
    assert_eq!(rig.asked(1), Some("D.".to_owned()));
}

#[test]
fn a_monitor_that_is_switched_on_again_is_asked_about_before_it_measures() {
    let mut rig = rig();
    rig.silent(LONG_S);
    rig.tell(1, drivers::Seen::Alive);
    assert_eq!(rig.asked(1), Some("D.".to_owned()));
    rig.restart();
    rig.silent(LONG_S);
    let mut device_gone = self::rig();
    device_gone.restart();
    device_gone.silent(LONG_S);
    device_gone.spo2_at(1);
    assert_eq!(
        device_gone.asked(1),
        Some("D.".to_owned()),
        "silence across a restart counts as one"
    );
}
