//! What a person enters, and what decides which score counts.

use super::*;
use crate::bed::Category;
use crate::record::Epoch;
use crate::score::care::choose;
use crate::score::entry::{EntryId, Findings};

fn check(findings: Findings, expected: &str) {
    let said = findings
        .check()
        .map_or_else(|error| error.to_string(), |()| String::new());
    assert_eq!(said, expected);
}

fn one(text: &str, set: fn(&mut Findings, Option<Decimal>)) -> Findings {
    let mut findings = Findings::default();
    set(&mut findings, Some(decimal(text)));
    findings
}

#[test]
fn an_entry_that_cannot_be_says_which_field_and_what_can() {
    check(Findings::default(), "enter at least one of what was found");
    let temp = |text| one(text, |findings, number| findings.temp = number);
    check(temp("36.8"), "");
    check(temp("368"), "temp: a number from 25.0 to 45.0");
    check(temp("36.85"), "temp: a number from 25.0 to 45.0");
    check(
        one("-1", |findings, number| findings.rr = number),
        "rr: a number from 0 to 150",
    );
    check(
        one("101", |findings, number| findings.spo2 = number),
        "spo2: a number from 1 to 100",
    );
    check(
        one("4", |findings, number| findings.pain = number),
        "pain: a number from 0 to 3",
    );
    let pressures = |sbp, dbp| Findings {
        dbp: Some(decimal(dbp)),
        ..one(sbp, |findings, number| findings.sbp = number)
    };
    check(pressures("120", "80"), "");
    check(pressures("80", "80"), "dbp: must be below sbp");
}

#[test]
fn oxygen_that_cannot_be_says_which_field_and_what_can() {
    let given = |device: &str, flow: Option<&str>, percent: Option<&str>| Findings {
        oxygen: Some(Oxygen::Given {
            device: device.to_owned(),
            flow: flow.map(decimal),
            percent: percent.map(decimal),
        }),
        ..Findings::default()
    };
    check(given("mask", Some("4"), None), "");
    check(given("", None, None), "");
    check(
        given("mask", Some("0"), None),
        "oxygen.flow: a number from 0.1 to 100.0",
    );
    check(
        given("mask", None, Some("21")),
        "oxygen.percent: a number from 22 to 100",
    );
    let device = "oxygen.device: at most 40 characters, on one line";
    check(given(&"x".repeat(40), None, None), "");
    check(given(&"x".repeat(41), None, None), device);
    check(given("mask\nmask", None, None), device);
}

#[test]
fn an_age_is_counted_from_the_birth_date_in_completed_months() {
    let on = |born: &str, day| Age::on(born, day).map(Age::months);
    assert_eq!(on("2011-03-15", (2027, 3, 14)), Some(16 * 12 - 1));
    assert_eq!(on("2011-03-15", (2027, 3, 15)), Some(16 * 12));
    assert_eq!(on("2027-03-15", (2027, 3, 15)), Some(0));
    assert_eq!(on("2024-11-30", (2027, 1, 31)), Some(26));
    for none in ["2027-03-16", "2027-13-01", "2027-03", "", "x-1-1"] {
        assert_eq!(on(none, (2027, 3, 15)), None, "{none}");
    }
}

#[test]
fn a_child_bed_never_gets_news2_and_a_pregnancy_gets_meows() {
    use Category::{Adult, Child, Neonate};
    use Pregnancy::{None as No, Pregnant, SixWeeksAfter};
    let of = |category, years: Option<u32>, pregnancy| {
        let (kind, patient) = choose(category, years.map(Age::of_years), pregnancy);
        (kind, patient.age.map(Age::months))
    };
    assert_eq!(of(Adult, None, No), (ScoreKind::News2, None));
    assert_eq!(of(Adult, Some(16), No), (ScoreKind::News2, Some(192)));
    assert_eq!(of(Adult, Some(15), No), (ScoreKind::BedsidePews, Some(180)));
    assert_eq!(of(Child, None, No), (ScoreKind::BedsidePews, None));
    assert_eq!(
        of(Child, Some(40), No),
        (ScoreKind::BedsidePews, Some(480)),
        "a contradiction"
    );
    assert_eq!(of(Neonate, None, No), (ScoreKind::BedsidePews, Some(0)));
    assert_eq!(of(Adult, None, Pregnant), (ScoreKind::Meows, None));
    assert_eq!(of(Adult, Some(20), SixWeeksAfter), (ScoreKind::Meows, Some(240)));
}

#[test]
fn what_people_choose_reads_back_from_its_key() {
    for letter in ["A", "C", "V", "P", "U"] {
        assert_eq!(
            Consciousness::from_key(letter).map(Consciousness::key),
            Some(letter)
        );
    }
    for effort in ["normal", "mild", "moderate", "severe", "apnoea"] {
        assert_eq!(Effort::from_key(effort).map(Effort::key), Some(effort));
    }
    for pregnancy in Pregnancy::ALL {
        assert_eq!(Pregnancy::from_key(pregnancy.key()), Some(pregnancy));
    }
    for kind in ScoreKind::ALL {
        assert_eq!(ScoreKind::from_key(kind.key()), Some(kind));
        let json = serde_json::to_value(kind).unwrap();
        assert_eq!(json, kind.key(), "one name everywhere");
    }
    assert_eq!((Consciousness::from_key("a"), Effort::from_key("")), (None, None));
}

#[test]
fn an_entry_reads_back_from_its_name() {
    let id = EntryId {
        epoch: Epoch(7),
        number: 3,
    };
    assert_eq!(id.to_string(), "0000000000000007-3");
    assert_eq!(id.to_string().parse(), Ok(id));
}
