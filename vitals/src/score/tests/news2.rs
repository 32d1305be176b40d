//! NEWS2: the vectors of the specification, every threshold, and the mistakes that public code makes.

use super::*;
use crate::score::news2::{
    ASK_SEPSIS_FROM, Assessment, Band, Inputs, NotFor, Outcome, PARAMETERS, Parameter, Part, Spo2Scale,
    assess,
};

/// `rr spo2 scale oxygen sbp pulse acvpu temp`; `-` is missing.
fn inputs(line: &str) -> (Spo2Scale, Inputs) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [rr, spo2, scale, oxygen, sbp, pulse, level, temp] = words[..] else {
        panic!("eight words: {line}");
    };
    let number = |word: &str| (word != "-").then(|| decimal(word));
    let scale = match scale {
        "1" => Spo2Scale::One,
        "2" => Spo2Scale::Two,
        other => panic!("scale {other}"),
    };
    let inputs = Inputs {
        rr: number(rr),
        spo2: number(spo2),
        on_oxygen: (oxygen != "-").then_some(oxygen == "y"),
        sbp: number(sbp),
        pulse: number(pulse),
        consciousness: (level != "-").then(|| acvpu(level)),
        temp: number(temp),
    };
    (scale, inputs)
}

fn scored(line: &str) -> Assessment {
    let (scale, inputs) = inputs(line);
    assess(adult(), scale, inputs)
}

/// `points = total red band`, or `points = reason keys red`; a dash is a part without points.
fn told(assessment: &Assessment) -> String {
    let points = |part: &Part| match part {
        Part::Points(points) => points.to_string(),
        Part::Missing | Part::Impossible | Part::NeedsOxygen => "-".to_owned(),
    };
    let parts: Vec<String> = assessment.parts.iter().map(|(_, part)| points(part)).collect();
    let keys = |those: &[Parameter]| those.iter().map(|one| one.key()).collect::<Vec<_>>().join(",");
    let outcome = match &assessment.outcome {
        Outcome::Total { total, band } => {
            format!(
                "{total} {} {}",
                if assessment.red { "y" } else { "n" },
                band.key()
            )
        }
        Outcome::Incomplete { missing } => format!("incomplete {} red {}", keys(missing), assessment.red),
        Outcome::Invalid { impossible, missing } => {
            let (impossible, missing) = (keys(impossible), keys(missing));
            format!("invalid {impossible} missing {missing} red {}", assessment.red)
        }
        Outcome::NotApplicable(not_for) => format!("not-applicable {not_for:?}"),
    };
    format!("{} = {outcome}", parts.join("/"))
}

fn check(line: &str, expected: &str) {
    assert_eq!(told(&scored(line)), expected, "{line}");
}

#[test]
fn the_fifteen_vectors_of_the_specification() {
    check("16 98 1 n 120 70 A 37.0", "0/0/0/0/0/0/0 = 0 n low");
    check("16 98 1 y 120 70 A 37.0", "0/0/2/0/0/0/0 = 2 n low");
    check("8 98 1 n 120 70 A 37.0", "3/0/0/0/0/0/0 = 3 y low-medium");
    check("16 91 1 n 120 70 A 37.0", "0/3/0/0/0/0/0 = 3 y low-medium");
    check("16 98 1 n 120 70 C 37.0", "0/0/0/0/0/3/0 = 3 y low-medium");
    check("21 98 1 n 120 111 A 39.1", "2/0/0/0/2/0/2 = 6 n medium");
    check("26 90 1 y 85 135 V 39.5", "3/3/2/3/3/3/2 = 19 y high");
    check("16 90 2 y 120 70 A 37.0", "0/0/2/0/0/0/0 = 2 n low");
    check("16 97 2 y 120 70 A 37.0", "0/3/2/0/0/0/0 = 5 y medium");
    check("16 97 2 n 120 70 A 37.0", "0/0/0/0/0/0/0 = 0 n low");
    check("16 84 2 n 120 70 A 37.0", "0/2/0/0/0/0/0 = 2 n low");
    check("9 98 1 n 101 41 A 35.1", "1/0/0/1/1/0/1 = 4 n low");
    check("16 98 1 n 220 70 A 37.0", "0/0/0/3/0/0/0 = 3 y low-medium");
    check("22 98 1 n 95 115 A 38.5", "2/0/0/2/2/0/1 = 7 n high");
    check("30 80 1 y 70 150 U 34.0", "3/3/2/3/3/3/3 = 20 y high");
}

/// `value: points` on both sides of every threshold; the other parameters score 0.
fn check_thresholds(parameter: Parameter, line: &str, pairs: &str) {
    for pair in pairs.split_whitespace() {
        let (value, points) = pair.split_once(':').unwrap();
        let assessment = scored(&line.replace('?', value));
        let (_, part) = assessment
            .parts
            .iter()
            .find(|(one, _)| *one == parameter)
            .unwrap();
        assert_eq!(
            *part,
            Part::Points(points.parse().unwrap()),
            "{parameter:?} {value}"
        );
    }
}

#[test]
fn both_sides_of_every_threshold() {
    use Parameter::{Pulse, Rr, Sbp, Spo2, Temp};
    let rr = "0:3 8:3 9:1 11:1 12:0 20:0 21:2 24:2 25:3 99:3";
    check_thresholds(Rr, "? 98 1 n 120 70 A 37", rr);
    let one = "1:3 91:3 92:2 93:2 94:1 95:1 96:0 100:0";
    check_thresholds(Spo2, "16 ? 1 n 120 70 A 37", one);
    check_thresholds(Spo2, "16 ? 1 y 120 70 A 37", one);
    let low = "1:3 83:3 84:2 85:2 86:1 87:1 88:0 92:0 ";
    let air = format!("{low} 93:0 94:0 95:0 96:0 97:0 100:0");
    check_thresholds(Spo2, "16 ? 2 n 120 70 A 37", &air);
    let oxygen = format!("{low} 93:1 94:1 95:2 96:2 97:3 100:3");
    check_thresholds(Spo2, "16 ? 2 y 120 70 A 37", &oxygen);
    let sbp = "30:3 90:3 91:2 100:2 101:1 110:1 111:0 219:0 220:3 300:3";
    check_thresholds(Sbp, "16 98 1 n ? 70 A 37", sbp);
    let pulse = "20:3 40:3 41:1 50:1 51:0 90:0 91:1 110:1 111:2 130:2 131:3 300:3";
    check_thresholds(Pulse, "16 98 1 n 120 ? A 37", pulse);
    let temp = "25.0:3 35.0:3 35.1:1 36.0:1 36.1:0 38.0:0 38.1:1 39.0:1 39.1:2 45.0:2";
    check_thresholds(Temp, "16 98 1 n 120 70 A ?", temp);
    check_thresholds(
        Parameter::Consciousness,
        "16 98 1 n 120 70 ? 37",
        "A:0 C:3 V:3 P:3 U:3",
    );
    check_thresholds(Parameter::Oxygen, "16 98 1 ? 120 70 A 37", "n:0 y:2");
}

#[test]
fn values_are_rounded_half_up_before_they_are_compared() {
    check("8.5 98 1 n 120 70 A 37", "1/0/0/0/0/0/0 = 1 n low");
    check("8.49 98 1 n 120 70 A 37", "3/0/0/0/0/0/0 = 3 y low-medium");
    check("16 91.5 1 n 120 70 A 37", "0/2/0/0/0/0/0 = 2 n low");
    check("16 95.5 1 n 219.5 70 A 37", "0/0/0/3/0/0/0 = 3 y low-medium");
    check("16 98 1 n 120 90.5 A 38.05", "0/0/0/0/1/0/1 = 2 n low");
    check("16 98 1 n 120 90.4 A 38.04", "0/0/0/0/0/0/0 = 0 n low");
    check("16 98 1 n 120 70 A 35.05", "0/0/0/0/0/0/1 = 1 n low");
}

#[test]
fn e1_a_missing_input_is_named_and_nothing_is_assumed_for_it() {
    check("- 98 1 n 120 70 A 37", "-/0/0/0/0/0/0 = incomplete rr red false");
    check(
        "16 - 1 n 120 70 A 37",
        "0/-/0/0/0/0/0 = incomplete spo2 red false",
    );
    check(
        "16 98 1 - 120 70 A 37",
        "0/0/-/0/0/0/0 = incomplete on_oxygen red false",
    );
    check("16 98 1 n - 70 A 37", "0/0/0/-/0/0/0 = incomplete sbp red false");
    check(
        "16 98 1 n 120 - A 37",
        "0/0/0/0/-/0/0 = incomplete pulse red false",
    );
    check(
        "16 98 1 n 120 70 - 37",
        "0/0/0/0/0/-/0 = incomplete acvpu red false",
    );
    check(
        "16 98 1 n 120 70 A -",
        "0/0/0/0/0/0/- = incomplete temp red false",
    );
    let all = "rr,spo2,on_oxygen,sbp,pulse,acvpu,temp";
    check(
        "- - 1 - - - - -",
        &format!("-/-/-/-/-/-/- = incomplete {all} red false"),
    );
}

#[test]
fn e1_a_red_parameter_is_said_without_a_total() {
    check(
        "8 98 1 n - 70 A -",
        "3/0/0/-/0/0/- = incomplete sbp,temp red true",
    );
    check(
        "16 98 1 n 400 70 U 37",
        "0/0/0/-/0/3/0 = invalid sbp missing  red true",
    );
}

#[test]
fn e1_a_high_saturation_on_scale_2_waits_for_the_oxygen_and_a_low_one_does_not() {
    check(
        "16 97 2 - 120 70 A 37",
        "0/-/-/0/0/0/0 = incomplete on_oxygen red false",
    );
    check(
        "16 93 2 - 120 70 A 37",
        "0/-/-/0/0/0/0 = incomplete on_oxygen red false",
    );
    check(
        "16 92 2 - 120 70 A 37",
        "0/0/-/0/0/0/0 = incomplete on_oxygen red false",
    );
    check(
        "16 83 2 - 120 70 A 37",
        "0/3/-/0/0/0/0 = incomplete on_oxygen red true",
    );
    check(
        "16 97 1 - 120 70 A 37",
        "0/0/-/0/0/0/0 = incomplete on_oxygen red false",
    );
    check(
        "16 101 2 - 120 70 A 37",
        "0/-/-/0/0/0/0 = invalid spo2 missing on_oxygen red false",
    );
}

#[test]
fn an_impossible_value_is_named_on_both_sides_of_what_is_possible() {
    for (line, key) in [
        ("? 98 1 n 120 70 A 37", "rr:-1,100"),
        ("16 ? 1 n 120 70 A 37", "spo2:0,101,100.5"),
        ("16 ? 2 y 120 70 A 37", "spo2:0,101"),
        ("16 98 1 n ? 70 A 37", "sbp:29,301"),
        ("16 98 1 n 120 ? A 37", "pulse:19,301"),
        ("16 98 1 n 120 70 A ?", "temp:24.9,45.1,45.05"),
    ] {
        let (key, values) = key.split_once(':').unwrap();
        for value in values.split(',') {
            let assessment = scored(&line.replace('?', value));
            let told = told(&assessment);
            assert!(
                told.ends_with(&format!("= invalid {key} missing  red false")),
                "{value}: {told}"
            );
            assert_eq!(assessment.outcome.reason(), Some("invalid"));
        }
    }
    check(
        "-1 0 1 n 29 19 A -",
        "-/-/0/-/-/0/- = invalid rr,spo2,sbp,pulse missing temp red false",
    );
}

#[test]
fn it_is_not_for_children_and_not_in_pregnancy() {
    let (scale, inputs) = inputs("8 98 1 n 120 70 A 37");
    let of = |age: Option<Age>, pregnancy| assess(Patient { age, pregnancy }, scale, inputs);
    let child = of(Some(Age::of_months(16 * 12 - 1)), Pregnancy::None);
    assert_eq!(child.outcome, Outcome::NotApplicable(NotFor::Child));
    assert_eq!(child.outcome.reason(), Some("not-applicable"));
    assert!(
        child.parts.is_empty() && !child.red,
        "another score's patient has no colour here"
    );
    let pregnant = of(Some(Age::of_years(30)), Pregnancy::Pregnant);
    assert_eq!(pregnant.outcome, Outcome::NotApplicable(NotFor::Pregnant));
    assert_eq!(
        of(None, Pregnancy::Pregnant).outcome,
        Outcome::NotApplicable(NotFor::Pregnant)
    );
    let sixteen = of(Some(Age::of_years(16)), Pregnancy::None);
    assert_eq!(told(&sixteen), "3/0/0/0/0/0/0 = 3 y low-medium");
    assert!(sixteen.age_recorded && sixteen.outcome.reason().is_none());
    let after = of(Some(Age::of_years(30)), Pregnancy::SixWeeksAfter);
    assert_eq!(after.outcome.reason(), None);
}

#[test]
fn an_age_that_is_not_recorded_is_said_and_scored() {
    let (scale, inputs) = inputs("16 98 1 n 120 70 A 37");
    let assessment = assess(Patient::default(), scale, inputs);
    assert!(!assessment.age_recorded);
    assert_eq!(told(&assessment), "0/0/0/0/0/0/0 = 0 n low");
}

#[test]
fn public_mistake_scale_2_without_looking_at_the_oxygen() {
    for spo2 in 93..=100 {
        check(&format!("16 {spo2} 2 n 120 70 A 37"), "0/0/0/0/0/0/0 = 0 n low");
    }
}

#[test]
fn public_mistake_slow_breathing_scored_1_and_words_scored_as_zero() {
    for rr in 0..=8 {
        check(
            &format!("{rr} 98 1 n 120 70 A 37"),
            "3/0/0/0/0/0/0 = 3 y low-medium",
        );
    }
    // A word is no decimal, so it never gets here; a missing number is missing.
    check("- 98 1 n 120 70 A 37", "-/0/0/0/0/0/0 = incomplete rr red false");
}

#[test]
fn public_mistake_35_0_and_36_0_degrees_compared_with_less_than() {
    check("16 98 1 n 120 70 A 35.0", "0/0/0/0/0/0/3 = 3 y low-medium");
    check("16 98 1 n 120 70 A 36.0", "0/0/0/0/0/0/1 = 1 n low");
    check("16 98 1 n 120 70 A 36", "0/0/0/0/0/0/1 = 1 n low");
}

#[test]
fn the_keys_are_those_of_the_specification() {
    let keys = PARAMETERS.map(Parameter::key).join(" ");
    assert_eq!(keys, "rr spo2 on_oxygen sbp pulse acvpu temp");
    assert_eq!(
        scored("- 98 1 n 120 70 A 37").outcome.reason(),
        Some("incomplete")
    );
    assert!(
        Band::of(ASK_SEPSIS_FROM, false) == Band::Medium && Band::of(ASK_SEPSIS_FROM - 1, false) == Band::Low
    );
    assert_eq!(scored("16 98 2 n 120 70 A 37").scale, Spo2Scale::Two);
}
