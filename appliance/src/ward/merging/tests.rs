use super::super::{BedSetup, Change, Telling};
use super::*;

fn ward() -> Ward {
    let bed = |id: &str| BedSetup {
        id: id.parse().unwrap(),
        label: format!("Bed {id}"),
        category: vitals::Category::Adult,
    };
    Ward::new(vec![bed("1"), bed("2")], Vec::new(), MonoTime::BOOT)
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

fn admission(ward: &Ward, bed: &str) -> AdmissionId {
    ward.stay(&bed.parse().unwrap()).unwrap().admission.clone()
}

/// A new stay of this name in a bed.
fn new(ward: &mut Ward, bed: &str, name: &str, identity: Identity) {
    let telling = Telling {
        bed: bed.parse().unwrap(),
        saw: admission(ward, bed),
        change: Change::New,
        identity,
        by: "Grace".to_owned(),
    };
    let identified = ward.identify(telling, |_| name.parse().unwrap()).unwrap();
    ward.identified(identified, MonoTime::from_ms(1_000));
}

fn merge(ward: &mut Ward, bed: &str, into: &str) -> Result<Identity, MergeError> {
    let bed: BedId = bed.parse().unwrap();
    let from = admission(ward, bed.as_str());
    let merging = Merging {
        bed: bed.clone(),
        saw: from.clone(),
        into: into.parse().unwrap(),
        by: "Grace".to_owned(),
    };
    let identified = ward.may_merge(merging)?;
    ward.merged(&bed, (&from, &identified.admission), MonoTime::from_ms(2_000));
    assert!(
        !ward.identified(identified, MonoTime::from_ms(2_000)),
        "the same person"
    );
    Ok(ward.stay(&bed).unwrap().identity.clone())
}

#[test]
fn i3_an_unknown_patient_becomes_the_one_who_was_here_before_with_what_is_known_of_both() {
    let mut ward = ward();
    new(&mut ward, "1", "a", person("PT-7", "Doe"));
    new(&mut ward, "1", "b", person("", ""));
    new(&mut ward, "2", "x", person("LAB-9", ""));
    assert_eq!(
        merge(&mut ward, "2", "a"),
        Err(MergeError::Contradiction),
        "other identifiers"
    );
    new(&mut ward, "2", "y", person("", "DOE"));
    let known = merge(&mut ward, "2", "a").unwrap();
    assert_eq!((known.ids.len(), known.family.reveal().as_str()), (1, "Doe"));
    assert_eq!(admission(&ward, "2").as_str(), "a");
    assert_eq!(ward.merged_with(&admission(&ward, "2")), ["y".parse().unwrap()]);
}

#[test]
fn i3_nobody_is_merged_with_somebody_who_lies_here_or_whom_the_post_does_not_know() {
    let mut ward = ward();
    new(&mut ward, "1", "a", person("PT-7", "Doe"));
    new(&mut ward, "2", "x", Identity::default());
    assert_eq!(
        merge(&mut ward, "2", "a"),
        Err(MergeError::Elsewhere("1".parse().unwrap()))
    );
    assert_eq!(
        merge(&mut ward, "2", "x"),
        Err(MergeError::Elsewhere("2".parse().unwrap()))
    );
    assert_eq!(merge(&mut ward, "2", "stranger"), Err(MergeError::UnknownStay));
    assert_eq!(merge(&mut ward, "2", "unidentified-1").map(|_| ()), Ok(()));
    new(&mut ward, "1", "b", Identity::default());
    // Somebody with the number of the earlier stay was admitted anew in the other bed.
    new(&mut ward, "1", "c", person("PT-7", "Doe"));
    assert_eq!(
        merge(&mut ward, "2", "a"),
        Err(MergeError::Elsewhere("1".parse().unwrap()))
    );
    let other = Merging {
        bed: "2".parse().unwrap(),
        saw: "x".parse().unwrap(),
        into: "a".parse().unwrap(),
        by: "Grace".to_owned(),
    };
    assert_eq!(
        ward.may_merge(other),
        Err(MergeError::OtherNow("2".parse().unwrap()))
    );
}

#[test]
fn a_stay_that_was_merged_is_found_by_either_name_and_lies_in_one_bed_only() {
    let mut ward = ward();
    new(&mut ward, "1", "a", person("PT-7", "Doe"));
    new(&mut ward, "1", "b", Identity::default());
    merge(&mut ward, "1", "a").unwrap();
    new(&mut ward, "2", "x", Identity::default());
    assert_eq!(
        merge(&mut ward, "2", "b"),
        Err(MergeError::Elsewhere("1".parse().unwrap())),
        "that one is a now, who lies here"
    );
    new(&mut ward, "1", "c", Identity::default());
    merge(&mut ward, "2", "b").unwrap();
    assert_eq!(admission(&ward, "2").as_str(), "a");
    assert!(ward.is_one_patient(&"b".parse().unwrap(), &"x".parse().unwrap()));
}

#[test]
fn of_earlier_stays_the_newest_are_remembered() {
    let mut ward = ward();
    for n in 0..=EARLIER_MAX {
        new(&mut ward, "1", &format!("a{n}"), Identity::default());
    }
    assert_eq!(ward.known.earlier.len(), EARLIER_MAX);
    assert_eq!(
        merge(&mut ward, "1", "unidentified-1"),
        Err(MergeError::UnknownStay)
    );
    assert!(merge(&mut ward, "1", "a0").is_ok());
}

#[test]
fn i3_a_value_of_the_stay_before_the_merge_is_the_patients_and_a_half_told_merge_counts() {
    let mut ward = ward();
    new(&mut ward, "1", "a", person("PT-7", "Doe"));
    new(&mut ward, "1", "b", Identity::default());
    let bed: BedId = "1".parse().unwrap();
    // The word that follows was lost with the power.
    let of = ("b".parse().unwrap(), "a".parse().unwrap());
    ward.merged(&bed, (&of.0, &of.1), MonoTime::from_ms(2_000));
    assert_eq!(admission(&ward, "1"), of.1);
    let at = |ms| ward.admission_at(&bed, MonoTime::from_ms(ms));
    assert_eq!((at(1_999), at(2_000)), (Some(of.0.clone()), Some(of.1.clone())));
}
