use vitals::{BootId, Identity, LabDoubt, LabFlag, LabStatus, LabTest, Masked, MonoTime};

use super::*;

fn masked(text: &str) -> Masked<String> {
    Masked::new(text.to_owned())
}

fn result(specimen: &str, test: &str, value: &str) -> LabResult {
    LabResult {
        specimen: masked(specimen),
        patient: Identity::default(),
        test: LabTest {
            code: test.to_owned(),
            name: test.to_owned(),
            loinc: None,
        },
        value: value.to_owned(),
        number: None,
        unit: "g/dL".to_owned(),
        range: String::new(),
        flag: LabFlag::None,
        status: LabStatus::Final,
        completed: None,
    }
}

fn at(s: u64) -> Stamp {
    Stamp {
        boot: BootId([1; 16]),
        mono: MonoTime::from_ms(1_000 * s),
    }
}

/// Bed 1 with admission a1 and bed 2 with a2; the identity of both may be set.
struct Bench {
    laboratory: Laboratory,
    beds: [(BedId, AdmissionId, Identity); 2],
    second: u64,
}

impl Bench {
    fn new() -> Bench {
        let bed = |n: u32| {
            let admission = format!("a{n}").parse().unwrap();
            (n.to_string().parse().unwrap(), admission, Identity::default())
        };
        Bench {
            laboratory: Laboratory::new(Epoch(7)),
            beds: [bed(1), bed(2)],
            second: 0,
        }
    }

    fn comes(&mut self, result: LabResult) -> Option<LabRecord> {
        self.second += 1;
        let patients = patients(&self.beds);
        self.laboratory
            .take("sysmex".parse().unwrap(), result, at(self.second), &patients)
    }

    fn registers(&mut self, specimen: &str, bed: usize, moved: bool) -> Result<Vec<LabId>, LabError> {
        let (bed, admission, _) = self.beds[bed - 1].clone();
        let patients = patients(&self.beds);
        self.laboratory
            .may_register(specimen, &admission, moved, &patients)?;
        let specimen = Specimen {
            number: masked(specimen),
            bed,
            admission,
            by: "Grace".to_owned(),
        };
        Ok(self.laboratory.register(specimen, moved, &patients))
    }

    fn assigns(&mut self, results: Vec<LabId>, bed: usize) -> usize {
        let (bed, admission, _) = self.beds[bed - 1].clone();
        let assignment = LabAssignment {
            results,
            bed,
            admission,
            by: "Grace".to_owned(),
        };
        self.laboratory.assign(&assignment, true).len()
    }

    /// `HGB 6.9 (was 9.6 g/dL)`, the newest first; of a bed, or of nobody (0).
    fn shown(&self, bed: usize) -> Vec<String> {
        let of = bed.checked_sub(1).map(|n| &self.beds[n].1);
        let one = |held: &Held| {
            let was = held.was.as_ref().map(|was| format!(" (was {was})"));
            let result = &held.record.result;
            format!("{} {}{}", result.test.code, result.value, was.unwrap_or_default())
        };
        self.laboratory.results(of).map(one).collect()
    }
}

fn patients(beds: &[(BedId, AdmissionId, Identity); 2]) -> Vec<Patient<'_>> {
    beds.iter()
        .map(|(bed, admission, identity)| Patient {
            bed,
            admission,
            identity,
        })
        .collect()
}

#[test]
fn a_result_of_a_registered_specimen_is_shown_with_its_patient_and_another_with_nobody() {
    let mut bench = Bench::new();
    bench.registers("S-1001", 1, false).unwrap();
    let first = bench.comes(result("s-1001 ", "HGB", "6.9")).unwrap();
    let other = bench.comes(result("S-1002", "HGB", "12.1")).unwrap();
    assert_eq!((first.id.number, other.id.number), (1, 2));
    assert_eq!(other.whose, Whose::Nobody(LabDoubt::Unknown));
    assert_eq!(
        (bench.shown(1), bench.shown(0)),
        (vec!["HGB 6.9".to_owned()], vec!["HGB 12.1".to_owned()])
    );
}

#[test]
fn l4_what_is_sent_again_word_for_word_is_one_result_even_after_its_correction() {
    let mut bench = Bench::new();
    let sent = result("S-1", "HGB", "6.9");
    let corrected = LabResult {
        status: LabStatus::Corrected,
        ..result("S-1", "HGB", "9.6")
    };
    assert!(bench.comes(sent.clone()).is_some());
    assert!(bench.comes(sent.clone()).is_none());
    assert!(bench.comes(corrected).is_some());
    assert!(
        bench.comes(sent).is_none(),
        "an old word does not come back over its correction"
    );
    assert_eq!(bench.shown(0), ["HGB 9.6 (was 6.9 g/dL)"]);
    let strip = result("", "HIV", "NEG");
    assert!(bench.comes(strip.clone()).is_some());
    assert!(bench.comes(strip).is_some(), "two strips of two people");
}

#[test]
fn l5_the_newest_word_about_a_specimen_and_test_stands_and_pending_hides_nothing() {
    let mut bench = Bench::new();
    bench.registers("S-1", 1, false).unwrap();
    let first = bench.comes(result("S-1", "HGB", "6.9")).unwrap();
    bench.comes(result("S-1", "WBC", "7.2")).unwrap();
    bench
        .comes(LabResult {
            status: LabStatus::Pending,
            ..result("S-1", "HGB", "")
        })
        .unwrap();
    assert_eq!(bench.shown(1), ["WBC 7.2", "HGB 6.9"]);
    let repeated = bench.comes(LabResult {
        status: LabStatus::Repeated,
        ..result("S-1", "HGB", "6.8")
    });
    assert_eq!(bench.shown(1), ["HGB 6.8 (was 6.9 g/dL)", "WBC 7.2"]);
    let held = bench.laboratory.result(repeated.unwrap().id).unwrap();
    assert_eq!(held.first, first.id, "an alarm about it keeps its name");
    bench.comes(result("S-2", "HGB", "11")).unwrap();
    assert_eq!(bench.shown(0), ["HGB 11"], "another specimen replaces nothing");
}

#[test]
fn a_specimen_is_of_one_patient_until_somebody_says_that_it_was_written_down_wrongly() {
    let mut bench = Bench::new();
    bench.registers("S-1", 1, false).unwrap();
    assert_eq!(bench.registers("S-1", 1, false), Err(LabError::Registered));
    let taken = LabError::TakenFrom {
        bed: "1".parse().unwrap(),
    };
    assert_eq!(bench.registers("S-1", 2, false), Err(taken));
    let mine = bench.comes(result("S-1", "HGB", "6.9")).unwrap();
    assert_eq!(bench.registers("S-1", 2, true), Ok(vec![mine.id]));
    bench.assigns(vec![mine.id], 2);
    assert_eq!(
        (bench.shown(1).len(), bench.shown(2)),
        (0, vec!["HGB 6.9".to_owned()])
    );
}

#[test]
fn a_result_that_came_before_its_specimen_was_written_down_goes_to_the_patient_unless_it_contradicts() {
    let mut bench = Bench::new();
    bench.beds[0].2.family = masked("DOE");
    let fits = bench.comes(result("S-1", "HGB", "6.9")).unwrap();
    let mut wrong = result("S-1", "WBC", "7");
    wrong.patient.family = masked("KARIM");
    let wrong = bench.comes(wrong).unwrap();
    assert_eq!(bench.registers("S-1", 1, false), Ok(vec![fits.id]));
    let held = bench.laboratory.result(wrong.id).unwrap();
    assert_eq!(
        held.record.whose,
        Whose::Nobody(LabDoubt::OtherName),
        "h18: quarantined"
    );
}

#[test]
fn l6_what_a_person_decided_counts_for_the_next_of_the_same_specimen_and_identity_only() {
    let mut bench = Bench::new();
    let with = |test: &str, family: &str| {
        let mut sent = result("S-9", test, "1");
        sent.patient.family = masked(family);
        sent
    };
    let first = bench.comes(with("HGB", "DEO")).unwrap();
    assert_eq!(bench.assigns(vec![first.id], 2), 1);
    let next = bench.comes(with("WBC", "DEO")).unwrap();
    assert!(matches!(next.whose, Whose::Patient { bed, .. } if bed.as_str() == "2"));
    let other = bench.comes(with("PLT", "KARIM")).unwrap();
    assert!(matches!(other.whose, Whose::Nobody(_)));
    bench.beds[1].1 = "a3".parse().unwrap();
    let later = bench.comes(with("CRP", "DEO")).unwrap();
    assert!(
        matches!(later.whose, Whose::Nobody(_)),
        "l1: that patient has left"
    );
}

#[test]
fn of_more_results_than_are_shown_the_oldest_leave_and_are_counted() {
    let mut bench = Bench::new();
    bench.registers("S-1", 1, false).unwrap();
    for n in 0..SHOWN_MAX + 3 {
        bench.comes(result("S-1", &format!("T{n}"), "1")).unwrap();
        bench.comes(result("S-2", &format!("T{n}"), "1")).unwrap();
    }
    let admission = bench.beds[0].1.clone();
    for of in [Some(&admission), None] {
        assert_eq!(bench.laboratory.results(of).count(), SHOWN_MAX);
        assert_eq!(bench.laboratory.left_out(of), 3);
    }
    assert_eq!(bench.shown(1).last().unwrap(), "T3 1");
    let shown = bench.shown(1);
    bench.laboratory.left(&admission);
    assert_eq!(bench.shown(1).len(), 0);
    bench.laboratory.is_back(&admission);
    assert_eq!(bench.laboratory.left_out(Some(&admission)), 3);
    assert_eq!(
        bench.shown(1),
        shown,
        "l7: nothing is lost when the patient is back"
    );
}

#[test]
fn l7_results_are_kept_aside_within_bounds_those_of_the_stay_that_ended_last_the_longest() {
    let mut bench = Bench::new();
    let stays: Vec<AdmissionId> = (0..=ASIDE_STAYS_MAX)
        .map(|n| format!("b{n}").parse().unwrap())
        .collect();
    for (n, stay) in stays.iter().enumerate() {
        bench.beds[0].1 = stay.clone();
        let specimen = format!("S-{n}");
        bench.registers(&specimen, 1, false).unwrap();
        bench.comes(result(&specimen, "HGB", "1")).unwrap();
        bench.laboratory.left(stay);
    }
    let mut back = |stay: &AdmissionId| {
        bench.laboratory.is_back(stay);
        bench.laboratory.results(Some(stay)).count()
    };
    assert_eq!((back(&stays[0]), back(&stays[1])), (0, 1));
}

#[test]
fn l7_specimens_and_results_of_a_merged_stay_are_those_of_the_patient_who_is_back() {
    let mut bench = Bench::new();
    let (before, unknown) = (bench.beds[0].1.clone(), bench.beds[1].1.clone());
    bench.registers("S-1", 1, false).unwrap();
    bench.registers("S-2", 2, false).unwrap();
    bench.comes(result("S-1", "HGB", "1")).unwrap();
    bench.comes(result("S-2", "HGB", "2")).unwrap();
    bench.laboratory.left(&before);
    bench.beds[0].1 = "c".parse().unwrap();
    bench.laboratory.merged(&unknown, &before, true);
    bench.beds[1].1 = before.clone();
    for specimen in ["S-1", "S-2"] {
        let came = bench.comes(result(specimen, "K", "4")).unwrap();
        let expected = Whose::Patient {
            bed: bench.beds[1].0.clone(),
            admission: before.clone(),
        };
        assert_eq!(came.whose, expected, "{specimen}");
    }
    assert_eq!(bench.laboratory.results(Some(&before)).count(), 4);
    assert_eq!(bench.laboratory.specimens(&before).count(), 2);
}

#[test]
fn specimens_and_repeats_have_their_bounds() {
    let mut bench = Bench::new();
    for n in 0..=SPECIMENS_MAX {
        bench.registers(&format!("S-{n}"), 1, false).unwrap();
    }
    assert!(bench.laboratory.taken_from("S-0").is_none() && bench.laboratory.taken_from("S-1").is_some());
    bench.comes(result("X", "T", "first")).unwrap();
    for n in 0..REPEATS_MAX {
        bench.comes(result("X", "T", &n.to_string())).unwrap();
    }
    assert!(bench.comes(result("X", "T", "first")).is_some(), "forgotten");
    assert_eq!(bench.laboratory.repeats.len(), REPEATS_MAX);
}

#[test]
fn a_person_decides_about_results_that_are_shown_and_about_not_too_many_at_once() {
    let mut bench = Bench::new();
    let id = bench.comes(result("S-1", "HGB", "6.9")).unwrap().id;
    let laboratory = &mut bench.laboratory;
    assert_eq!(laboratory.may_decide(&[]), Err(LabError::Count));
    assert_eq!(
        laboratory.may_decide(&[id; LAB_AT_ONCE_MAX + 1]),
        Err(LabError::Count)
    );
    let stranger = LabId { number: 99, ..id };
    assert_eq!(
        laboratory.may_decide(&[id, stranger]),
        Err(LabError::NoSuchResult)
    );
    let aside = LabSetAside {
        results: vec![id],
        by: "Grace".to_owned(),
    };
    assert_eq!(laboratory.set_aside(&aside).len(), 1);
    assert_eq!(laboratory.may_decide(&[id]), Err(LabError::NoSuchResult));
}
