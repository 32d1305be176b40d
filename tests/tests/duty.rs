//! I6: a HIGH alarm that no doctor takes calls the one on duty, then every doctor, and the nurse reads both; an acceptance ends
//! it; and that nobody is on duty reaches the post. The real post and the real centre, which restarts in between.

use tests::sim::duty::{ON_DUTY_S, TAKEN_AGAIN_AT_S, duty};

#[test]
fn i6_the_nurse_reads_each_call_once_and_that_nobody_is_on_duty() {
    let nurse = duty(3, None);
    assert_eq!(nurse.wrong, Vec::<String>::new());
    let names: Vec<&str> = nurse.calls.iter().map(|(whom, _)| whom.as_str()).collect();
    assert_eq!(names, ["Dr rao", ""], "{nurse:?}");
    let (first, second) = (nurse.calls[0].1, nurse.calls[1].1);
    assert!(first <= 10, "{nurse:?}");
    assert!((300..=320).contains(&second), "{nurse:?}");
    assert_eq!(nurse.responsible, None);
    let (from, until) = nurse.nobody.expect("told at the post");
    let missed = 5 + ON_DUTY_S;
    assert!((missed + 60..=missed + 75).contains(&from), "{nurse:?}");
    assert!(
        (TAKEN_AGAIN_AT_S..=TAKEN_AGAIN_AT_S + 15).contains(&until),
        "{nurse:?}"
    );
}

#[test]
fn i6_whoever_accepts_ends_the_calls() {
    let nurse = duty(3, Some(100));
    assert_eq!(nurse.wrong, Vec::<String>::new());
    let names: Vec<&str> = nurse.calls.iter().map(|(whom, _)| whom.as_str()).collect();
    assert_eq!(names, ["Dr rao"], "{nurse:?}");
    assert_eq!(nurse.responsible.as_deref(), Some("Dr rao"));
}
