//! E4: what is told, and how often.

use proptest::prelude::*;

use crate::alarm::Priority;
use crate::score::advisory::{Advisor, Advisory, Cause, RISE_MIN};
use crate::score::news2::{Assessment, Band, NotFor, Outcome, Parameter, Spo2Scale};

fn assessment(outcome: Outcome) -> Assessment {
    Assessment {
        parts: Vec::new(),
        red: false,
        age_recorded: true,
        scale: Spo2Scale::One,
        outcome,
    }
}

/// `5`: a total; `3r`: one with a red parameter; `-`: incomplete.
fn of_word(word: &str) -> Assessment {
    let red = word.ends_with('r');
    match word.trim_end_matches('r').parse() {
        Ok(total) => assessment(Outcome::Total {
            total,
            band: Band::of(total, red),
        }),
        Err(_) => assessment(Outcome::Incomplete {
            missing: vec![Parameter::Temp],
        }),
    }
}

fn told(advisories: impl IntoIterator<Item = Advisory>) -> String {
    let one = |advisory: Advisory| match advisory.cause {
        Cause::Reached(band) => format!("{:?} {} {}", advisory.priority, advisory.total, band.key()),
        Cause::Rose { from } => format!("{:?} {} from {from}", advisory.priority, advisory.total),
    };
    advisories.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

fn after_all(seen: impl IntoIterator<Item = Assessment>) -> Vec<Advisory> {
    let mut advisor = Advisor::default();
    let mut advisories = Vec::new();
    for assessment in seen {
        let (next, advisory) = advisor.after(&assessment);
        advisor = next;
        advisories.extend(advisory);
    }
    advisories
}

fn check(totals: &str, expected: &str) {
    let seen = totals.split(' ').map(of_word);
    assert_eq!(told(after_all(seen)), expected, "{totals}");
}

#[test]
fn e4_a_step_up_into_medium_or_high_is_told_once() {
    check("0 4 5 5 6 5", "Medium 5 medium");
    check("0 4 7 7 7", "High 7 high");
    check("0 5 6 7 7", "Medium 5 medium; High 7 high");
    check("0 4 3 4", "");
    check("6", "Medium 6 medium");
    check("9", "High 9 high");
}

#[test]
fn e4_a_red_parameter_has_no_advisory_of_its_own() {
    check("0 3r 4r 0 3r", "");
    check("3r 5r 3r", "Medium 5 medium");
}

#[test]
fn e4_better_and_worse_again_is_told_again() {
    check("5 4 5", "Medium 5 medium; Medium 5 medium");
    check("7 6 7", "High 7 high; High 7 high");
    check("7 6 5 6 6", "High 7 high");
}

#[test]
fn e4_a_rise_of_two_inside_high_is_told() {
    check("7 8 8", "High 7 high");
    check("7 9 9", "High 7 high; High 9 from 7");
    check("7 8 9 10 11", "High 7 high; High 9 from 7; High 11 from 9");
    check("12 8 9 10 10", "High 12 high; High 10 from 8");
    check("9 6 8 9 10", "High 9 high; High 8 high; High 10 from 8");
}

#[test]
fn e4_a_rise_of_two_below_high_is_not_told() {
    check("1 3 4", "");
    check("5 6", "Medium 5 medium");
}

#[test]
fn e4_a_gap_without_a_total_is_no_news() {
    check("5 - 5", "Medium 5 medium");
    check("7 - - 8 - 9", "High 7 high; High 9 from 7");
    check("- -", "");
    let pregnant = assessment(Outcome::NotApplicable(NotFor::Pregnant));
    let seen = [of_word("7"), pregnant, of_word("7")];
    assert_eq!(after_all(seen).len(), 1);
}

fn any_seen() -> impl Strategy<Value = Assessment> {
    prop_oneof![
        8 => (0u8..=20, any::<bool>()).prop_map(|(total, red)| {
            assessment(Outcome::Total { total, band: Band::of(total, red) })
        }),
        1 => Just(of_word("-")),
    ]
}

proptest! {
    #[test]
    fn e4_computing_again_never_tells_anything(seen in prop::collection::vec(any_seen(), 0..40)) {
        let again = seen.iter().flat_map(|one| vec![one.clone(); 3]);
        prop_assert_eq!(after_all(again), after_all(seen.clone()));
    }

    #[test]
    fn e4_each_advisory_is_a_worsening_and_has_the_priority_of_its_band(seen in prop::collection::vec(any_seen(), 0..40)) {
        let mut advisor = Advisor::default();
        let mut before = 0;
        for one in &seen {
            let (next, advisory) = advisor.after(one);
            advisor = next;
            let Outcome::Total { total, band } = one.outcome else {
                prop_assert!(advisory.is_none());
                continue;
            };
            if let Some(advisory) = advisory {
                prop_assert!(total > before, "{total} after {before}");
                prop_assert_eq!(advisory.total, total);
                prop_assert_eq!(advisory.priority == Priority::High, band == Band::High);
                prop_assert!(advisory.priority >= Priority::Medium);
            } else {
                prop_assert!(total < 7 || before >= 7, "into high without a word");
                prop_assert!(total < 5 || before >= 5, "into medium without a word");
                prop_assert!(total < 7 || total < before.saturating_add(RISE_MIN), "a rise without a word");
            }
            before = total;
        }
    }
}
