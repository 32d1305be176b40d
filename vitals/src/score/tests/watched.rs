//! E4 of a score that is computed every second.

use super::*;
use crate::alarm::Priority;
use crate::score::advisory::{Advisor, BETTER_FOR, Watched, of_chart};
use crate::score::chart::{ChartOutcome, Urgency};
use crate::score::news2::Band;
use crate::time::MonoTime;

/// `7@10`: a total computed at that second; `7@10!`: because a person entered something. What was told: `7@10 High`.
fn check(computed: &str, told: &str) {
    let mut watched = Watched::new(ScoreKind::News2, Advisor::default());
    assert_eq!(run(&mut watched, computed), told, "{computed}");
}

fn run(watched: &mut Watched, computed: &str) -> String {
    let mut told = Vec::new();
    for word in computed.split_whitespace() {
        let by_person = word.ends_with('!');
        let (total, second) = word.trim_end_matches('!').split_once('@').unwrap();
        let now = MonoTime::from_ms(1_000 * second.parse::<u64>().unwrap());
        let total = total
            .parse::<u8>()
            .ok()
            .map(|total| (total, Band::of(total, false)));
        if let Some(advisory) = watched.after(total, by_person, now) {
            told.push(format!("{}@{second} {:?}", advisory.total, advisory.priority));
        }
    }
    told.join(" ")
}

#[test]
fn e4_a_total_that_swings_across_a_border_is_told_once() {
    check("4@0 5@1 4@2 5@3 4@4 5@5", "5@1 Medium");
    check("7@0 6@1 7@2 6@3 7@4", "7@0 High");
    check("7@0 9@1 7@2 9@3", "7@0 High 9@1 High");
}

#[test]
fn e4_one_that_was_better_for_minutes_is_told_again() {
    assert_eq!(BETTER_FOR.as_secs(), 300);
    check("5@0 3@1 3@300 5@301", "5@0 Medium");
    check("5@0 3@1 3@301 5@302", "5@0 Medium 5@302 Medium");
    check("5@0 3@1 5@200 3@201 3@301 5@302", "5@0 Medium");
    check("5@0 -@1 5@2 -@400 5@900", "5@0 Medium");
}

#[test]
fn e4_what_a_person_finds_better_counts_at_once() {
    check("5@0! 2@60! 5@120!", "5@0 Medium 5@120 Medium");
    check("8@0! 7@60! 9@120!", "8@0 High 9@120 High");
}

#[test]
fn e4_a_restart_tells_nothing_twice() {
    let mut watched = Watched::new(ScoreKind::News2, Advisor::default());
    run(&mut watched, "7@0 8@1");
    let (band, lowest) = watched.advisor().stands().unwrap();
    let mut again = Watched::new(ScoreKind::News2, Advisor::of(band, lowest));
    assert_eq!(again.advisor(), watched.advisor());
    assert_eq!(run(&mut again, "-@0 8@1 4@2 8@3 9@4"), "9@4 High");
    assert_eq!(Advisor::default().stands(), None);
}

#[test]
fn the_trigger_of_a_chart_is_told_and_more_frequent_observation_is_not() {
    let band = |score, urgency| of_chart(score, &ChartOutcome::Total { total: 9, urgency });
    use ScoreKind::{BedsidePews, Meows};
    assert_eq!(band(BedsidePews, Urgency::Usual), Some((9, Band::Low)));
    assert_eq!(band(BedsidePews, Urgency::Watch), Some((9, Band::LowMedium)));
    assert_eq!(band(BedsidePews, Urgency::Trigger), Some((9, Band::High)));
    assert_eq!(band(Meows, Urgency::Trigger), Some((9, Band::Medium)));
    let incomplete = ChartOutcome::Incomplete {
        missing: Vec::new(),
        age_missing: true,
    };
    assert_eq!(of_chart(BedsidePews, &incomplete), None);
    let mut watched = Watched::new(Meows, Advisor::default());
    let told = watched.after(band(Meows, Urgency::Trigger), false, MonoTime::BOOT);
    assert_eq!(told.map(|told| told.priority), Some(Priority::Medium));
}
