//! 200 alarms in a minute for ten minutes, through an outage and a restart of the centre: none is lost, and each ends in a
//! final state with all its steps (I6).

use tests::sim::storm::storm;

#[test]
fn i6_two_thousand_alarms_in_ten_minutes_all_reach_the_centre_and_a_final_state() {
    let came = storm(7);
    assert_eq!(came.wrong, Vec::<String>::new());
    assert!(came.raised >= 1_990, "{came:?}");
    assert_eq!(came.at_centre, came.raised, "lost: {came:?}");
    let of_values: usize = came.states.values().sum();
    assert!(of_values >= 1_990, "{came:?}");
    assert!(came.states.keys().all(|state| state.is_final()), "{came:?}");
    for step in ["shown", "read", "accepted", "rejected", "offered"] {
        assert!(
            came.steps.get(step).is_some_and(|times| *times > 50),
            "{step}: {came:?}"
        );
    }
}
