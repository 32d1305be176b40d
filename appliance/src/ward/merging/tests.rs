use vitals::{BootId, Stamp};

use super::super::{BedSetup, Change, Telling};
use super::*;

/// A ward, and who was here.
struct Bench {
    ward: Ward,
    register: Register,
}

fn bench() -> Bench {
    let bed = |id: &str| BedSetup {
        id: id.parse().unwrap(),
        label: format!("Bed {id}"),
        category: vitals::Category::Adult,
    };
    let ward = Ward::new(vec![bed("1"), bed("2")], Vec::new(), MonoTime::BOOT);
    let register = Register::of(&ward);
    Bench { ward, register }
}

fn at(ms: u64) -> Stamp {
    Stamp {
        boot: BootId([1; 16]),
        mono: MonoTime::from_ms(ms),
    }
}

fn person(id: &str, family: &str) -> Identity {
    let word = |text: &str| Masked::new(text.to_owned());
    let ids = [id].into_iter().filter(|id| !id.is_empty());
    Identity {
        ids: ids.map(word).collect(),
        family: word(family),
        ..Identity::default()
    }
}

fn admission(bench: &Bench, bed: &str) -> AdmissionId {
    bench.ward.stay(&bed.parse().unwrap()).unwrap().admission.clone()
}

/// A new stay of this name in a bed.
fn new(bench: &mut Bench, bed: &str, name: &str, identity: Identity) {
    let telling = Telling {
        bed: bed.parse().unwrap(),
        saw: admission(bench, bed),
        change: Change::New,
        identity,
        category: None,
        by: "Grace".to_owned(),
    };
    let begun = |_: &BedId| name.parse().unwrap();
    let identified = bench.ward.identify(telling, begun).unwrap();
    bench.register.identified(&identified, at(1_000));
    bench.ward.identified(identified, MonoTime::from_ms(1_000));
}

fn merge(bench: &mut Bench, bed: &str, into: &str) -> Result<Identity, MergeError> {
    let from = admission(bench, bed);
    let bed: BedId = bed.parse().unwrap();
    let merging = Merging {
        bed: bed.clone(),
        saw: from.clone(),
        into: into.parse().unwrap(),
        by: "Grace".to_owned(),
    };
    let Bench { ward, register } = bench;
    let identified = ward.may_merge(merging, register)?;
    let of = (&from, &identified.admission);
    ward.merged(&bed, of, MonoTime::from_ms(2_000));
    register.merged(&bed, of);
    register.identified(&identified, at(2_000));
    let is_other = ward.identified(identified, MonoTime::from_ms(2_000));
    assert!(!is_other, "the same person");
    Ok(ward.stay(&bed).unwrap().identity.clone())
}

#[test]
fn i3_an_unknown_patient_becomes_the_one_who_was_here_before_with_what_is_known_of_both() {
    let mut bench = bench();
    new(&mut bench, "1", "a", person("PT-7", "Doe"));
    new(&mut bench, "1", "b", person("", ""));
    new(&mut bench, "2", "x", person("LAB-9", ""));
    assert_eq!(
        merge(&mut bench, "2", "a"),
        Err(MergeError::Contradiction),
        "other identifiers"
    );
    new(&mut bench, "2", "y", person("", "DOE"));
    let known = merge(&mut bench, "2", "a").unwrap();
    assert_eq!((known.ids.len(), known.family.reveal().as_str()), (1, "Doe"));
    assert_eq!(admission(&bench, "2").as_str(), "a");
    assert_eq!(
        bench.ward.merged_with(&admission(&bench, "2")),
        ["y".parse().unwrap()]
    );
}

#[test]
fn i3_nobody_is_merged_with_somebody_who_lies_here_or_whom_the_post_does_not_know() {
    let mut bench = bench();
    new(&mut bench, "1", "a", person("PT-7", "Doe"));
    new(&mut bench, "2", "x", Identity::default());
    assert_eq!(
        merge(&mut bench, "2", "a"),
        Err(MergeError::Elsewhere("1".parse().unwrap()))
    );
    assert_eq!(
        merge(&mut bench, "2", "x"),
        Err(MergeError::Elsewhere("2".parse().unwrap()))
    );
    assert_eq!(merge(&mut bench, "2", "stranger"), Err(MergeError::UnknownStay));
    assert_eq!(merge(&mut bench, "2", "unidentified-1").map(|_| ()), Ok(()));
    new(&mut bench, "1", "b", Identity::default());
    // Somebody with the number of the earlier stay was admitted anew in the other bed.
    new(&mut bench, "1", "c", person("PT-7", "Doe"));
    assert_eq!(
        merge(&mut bench, "2", "a"),
        Err(MergeError::Elsewhere("1".parse().unwrap()))
    );
    let other = Merging {
        bed: "2".parse().unwrap(),
        saw: "x".parse().unwrap(),
        into: "a".parse().unwrap(),
        by: "Grace".to_owned(),
    };
    assert_eq!(
        bench.ward.may_merge(other, &bench.register),
        Err(MergeError::OtherNow("2".parse().unwrap()))
    );
}

#[test]
fn a_stay_that_was_merged_is_found_by_either_name_and_lies_in_one_bed_only() {
    let mut bench = bench();
    new(&mut bench, "1", "a", person("PT-7", "Doe"));
    new(&mut bench, "1", "b", Identity::default());
    merge(&mut bench, "1", "a").unwrap();
    new(&mut bench, "2", "x", Identity::default());
    assert_eq!(
        merge(&mut bench, "2", "b"),
        Err(MergeError::Elsewhere("1".parse().unwrap())),
        "that one is a now, who lies here"
    );
    new(&mut bench, "1", "c", Identity::default());
    merge(&mut bench, "2", "b").unwrap();
    assert_eq!(admission(&bench, "2").as_str(), "a");
    assert!(
        bench
            .ward
            .is_one_patient(&"b".parse().unwrap(), &"x".parse().unwrap())
    );
}

#[test]
fn of_earlier_stays_the_newest_are_remembered_and_one_that_goes_on_is_none_of_them() {
    let mut bench = bench();
    for n in 0..=64 {
        new(&mut bench, "1", &format!("a{n}"), Identity::default());
    }
    assert_eq!(
        merge(&mut bench, "1", "unidentified-1"),
        Err(MergeError::UnknownStay)
    );
    assert!(merge(&mut bench, "1", "a0").is_ok());
    let names: Vec<&str> = bench
        .register
        .earlier()
        .map(|known| known.admission.as_str())
        .collect();
    assert_eq!((names.len(), names[0], names[62]), (63, "a63", "a1"));
    new(&mut bench, "1", "b", Identity::default());
    let last = bench.register.earlier().next().unwrap();
    assert_eq!(last.admission.as_str(), "a0", "it ended last");
    assert_eq!(last.from, Some(at(1_000)), "from its first begin on");
}

#[test]
fn i3_a_value_of_the_stay_before_the_merge_is_the_patients_and_a_half_told_merge_counts() {
    let mut bench = bench();
    new(&mut bench, "1", "a", person("PT-7", "Doe"));
    new(&mut bench, "1", "b", Identity::default());
    let bed: BedId = "1".parse().unwrap();
    // The word that follows was lost with the power.
    let of = ("b".parse().unwrap(), "a".parse().unwrap());
    bench.ward.merged(&bed, (&of.0, &of.1), MonoTime::from_ms(2_000));
    assert_eq!(admission(&bench, "1"), of.1);
    let at = |ms| bench.ward.admission_at(&bed, MonoTime::from_ms(ms));
    assert_eq!((at(1_999), at(2_000)), (Some(of.0.clone()), Some(of.1.clone())));
}
