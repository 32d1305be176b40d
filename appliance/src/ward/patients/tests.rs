use vitals::Category;

use super::super::BedSetup;
use super::*;

fn ward() -> Ward {
    let bed = |id: &str| BedSetup {
        id: id.parse().unwrap(),
        label: format!("Bed {id}"),
        category: Category::Adult,
    };
    Ward::new(vec![bed("1"), bed("2")], Vec::new(), MonoTime::BOOT)
}

/// `id family given born`, `-` for what is not said.
fn identity(text: &str) -> Identity {
    let mut words = text.split(' ').map(|word| {
        Masked::new(if word == "-" {
            String::new()
        } else {
            word.to_owned()
        })
    });
    let mut next = || words.next().unwrap_or_default();
    Identity {
        ids: vec![next()],
        family: next(),
        given: next(),
        born: Some(next()),
        sex: Masked::default(),
    }
}

/// Somebody says this of a bed; the admission afterwards, or why not.
fn say(ward: &mut Ward, bed: &str, change: Change, of: Identity) -> Result<String, IdentifyError> {
    let bed: BedId = bed.parse().unwrap();
    let saw = ward
        .stay(&bed)
        .map_or_else(|| "x".parse().unwrap(), |stay| stay.admission.clone());
    let telling = Telling {
        bed: bed.clone(),
        saw,
        change,
        identity: of,
        category: None,
        by: "Grace".to_owned(),
    };
    let identified = ward.identify(telling, |bed| AdmissionId::begun(bed, vitals::Epoch(7), 1))?;
    let admission = identified.admission.to_string();
    ward.identified(identified, MonoTime::from_ms(1_000));
    Ok(admission)
}

const JANE: &str = "PT-7 DOE JANE 1960-01-01";

#[test]
fn i3_words_about_the_same_patient_keep_the_stay_and_a_new_patient_begins_one() {
    let mut ward = ward();
    let first = say(&mut ward, "1", Change::Same, identity(JANE)).unwrap();
    assert_eq!(first, "unidentified-1");
    let corrected = say(&mut ward, "1", Change::Same, identity("PT-7 DOE JANE 1969-01-01")).unwrap();
    assert_eq!(corrected, first);
    let new = say(&mut ward, "1", Change::New, Identity::default()).unwrap();
    assert_eq!(new, "1-0000000000000007-1");
    let stay = ward.stay(&"1".parse().unwrap()).unwrap();
    assert!(stay.identity.is_unknown());
}

#[test]
fn i3_somebody_else_is_not_taken_for_a_correction() {
    let mut ward = ward();
    say(&mut ward, "1", Change::Same, identity(JANE)).unwrap();
    let other = identity("PT-8 KARIM ABDUL 1971-02-03");
    assert_eq!(
        say(&mut ward, "1", Change::Same, other.clone()),
        Err(IdentifyError::SomebodyElse("1".parse().unwrap()))
    );
    assert!(say(&mut ward, "1", Change::New, other).is_ok());
}

#[test]
fn h2_one_identifier_is_of_one_bed() {
    let mut ward = ward();
    say(&mut ward, "1", Change::Same, identity(JANE)).unwrap();
    let again = say(&mut ward, "2", Change::New, identity("pt-7"));
    assert_eq!(again, Err(IdentifyError::Elsewhere("1".parse().unwrap())));
    assert!(say(&mut ward, "1", Change::New, Identity::default()).is_ok());
    assert!(say(&mut ward, "2", Change::New, identity("pt-7")).is_ok());
}

#[test]
fn i9_what_was_said_about_somebody_who_has_left_is_refused() {
    let ward = ward();
    let telling = Telling {
        bed: "1".parse().unwrap(),
        saw: "1-0000000000000007-9".parse().unwrap(),
        change: Change::Same,
        identity: identity(JANE),
        category: None,
        by: "Grace".to_owned(),
    };
    let judged = ward.identify(telling, |_| panic!("nothing begins"));
    assert_eq!(judged, Err(IdentifyError::OtherNow("1".parse().unwrap())));
}

#[test]
fn words_have_their_bounds_and_what_is_wrong_is_said_without_them() {
    let long = "x".repeat(WORD_CHARS_MAX + 1);
    let with = |change: &dyn Fn(&mut Identity)| {
        let mut said = identity(JANE);
        change(&mut said);
        said
    };
    let masked = |text: &str| Masked::new(text.to_owned());
    for (said, expected) in [
        (Identity::default(), IdentifyError::Nothing),
        (
            with(&|said| said.family = masked(&long)),
            IdentifyError::Word { field: "family name" },
        ),
        (
            with(&|said| said.given = masked("a\nb")),
            IdentifyError::Word { field: "given names" },
        ),
        (
            with(&|said| said.ids = vec![masked("1"), masked("2"), masked("3"), masked("4"), masked("5")]),
            IdentifyError::Ids,
        ),
        (
            with(&|said| said.born = Some(masked("1960-02-30"))),
            IdentifyError::Born,
        ),
        (
            with(&|said| said.born = Some(masked("01.02.1960"))),
            IdentifyError::Born,
        ),
        (with(&|said| said.sex = masked("x")), IdentifyError::Sex),
    ] {
        let refused = say(&mut ward(), "1", Change::Same, said).unwrap_err();
        assert!(!refused.to_string().contains("DOE"));
        assert_eq!(refused, expected);
    }
    assert_eq!(
        say(&mut ward(), "9", Change::Same, identity(JANE)),
        Err(IdentifyError::UnknownBed("9".parse().unwrap()))
    );
    let mut ward = ward();
    say(
        &mut ward,
        "1",
        Change::Same,
        with(&|said| said.family = masked("  Doe  ")),
    )
    .unwrap();
    let stay = ward.stay(&"1".parse().unwrap()).unwrap();
    assert_eq!(stay.identity.family.reveal(), "Doe");
}

#[test]
fn a_day_is_one_of_the_calendar() {
    for day in ["2000-02-29", "1996-02-29", "2024-12-31", "1850-01-01"] {
        assert!(is_day(day), "{day}");
    }
    for day in [
        "1900-02-29",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-04-31",
        "1849-12-31",
        "2024-1-01",
        "20240101",
        "+024-01-01",
        "",
    ] {
        assert!(!is_day(day), "{day}");
    }
}
