//! What doctors do with alarms: allowed once, in one place, and the same whatever the order of arrival (I6).

use vitals::delivery::{Act, Deed, RejectReason, State};
use vitals::record::Refusal;

use super::*;
use crate::view::{AlertView, ResponsibleView};

fn id(number: u32) -> AlarmId {
    AlarmId {
        epoch: Epoch(1),
        number,
    }
}

fn deed(number: u32, by: &str, act: Act) -> Deed {
    Deed {
        alarm: id(number),
        by: format!("Dr {by}"),
        by_id: by.to_owned(),
        act,
    }
}

/// For ten minutes from 0 on.
fn accept() -> Act {
    Act::Accepted {
        until: at(600_000).wall,
    }
}

fn reject() -> Act {
    Act::Rejected {
        reason: RejectReason::Artefact,
        words: String::new(),
    }
}

fn offer(to: &str) -> Act {
    Act::Offered {
        to: format!("Dr {to}"),
        to_id: to.to_owned(),
    }
}

/// A post with one open alarm.
fn ward() -> Wards {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 1_000), false, at(0));
    wards.absorb(&anchor(WALL_MS - 1_000), at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 1_000), at(0));
    wards
}

fn give(wards: &mut Wards, id: u128, deed: Deed, ms: u64) -> Result<Option<u128>, CommandRefused> {
    let kind = CommandKind::Deed(deed);
    let checked = wards.check(&demo(), &kind, at(ms).wall)?;
    if checked.is_none() {
        let command = Command {
            id,
            issued: at(ms).wall,
            expires: at(ms + 86_400_000).wall,
            kind,
        };
        wards.commanded(&demo(), &command);
    }
    Ok(checked)
}

fn done(command: u128, deed: Deed, ms: u64) -> Applied {
    event(Event::Deed {
        deed,
        at: at(ms).wall,
        command,
    })
}

fn first(wards: &Wards, ms: u64) -> AlertView {
    view(wards, at(ms)).alerts[0].clone()
}

fn responsible(wards: &Wards, ms: u64) -> Option<(String, bool, Option<String>)> {
    let who: ResponsibleView = first(wards, ms).delivery.responsible?;
    Some((who.by_id, who.confirmed, who.offered_to_id))
}

fn pending(wards: &Wards, ms: u64) -> Vec<u128> {
    let pending = wards.pending(&demo(), at(ms).wall);
    pending.iter().map(|command| command.id).collect()
}

#[test]
fn i6_each_step_from_the_post_to_a_doctor_who_answers_is_told_with_its_time() {
    let mut wards = ward();
    let state = |wards: &Wards, ms| first(wards, ms).delivery.state;
    assert_eq!(state(&wards, 0), State::AtCentre);
    assert_eq!(give(&mut wards, 1, deed(1, "rao", Act::Shown), 1_000), Ok(None));
    assert_eq!(state(&wards, 1_000), State::Shown);
    assert_eq!(give(&mut wards, 2, deed(1, "rao", Act::Read), 6_000), Ok(None));
    assert_eq!(state(&wards, 6_000), State::Read);
    assert_eq!(give(&mut wards, 3, deed(1, "rao", accept()), 9_000), Ok(None));
    assert_eq!(state(&wards, 9_000), State::Accepted);
    assert_eq!(pending(&wards, 9_000), [3, 1, 2], "decisions go first");
    assert_eq!(responsible(&wards, 9_000), Some(("rao".to_owned(), false, None)));
    assert!(wards.absorb(&done(3, deed(1, "rao", accept()), 9_000), at(9_500)));
    assert!(!wards.absorb(&done(3, deed(1, "rao", accept()), 9_000), at(9_900)));
    assert_eq!(pending(&wards, 9_500), [1, 2]);
    assert_eq!(responsible(&wards, 9_500), Some(("rao".to_owned(), true, None)));
    let steps: Vec<(&str, i64)> = first(&wards, 9_500)
        .delivery
        .steps
        .iter()
        .map(|step| (step.what, step.wall_ms - WALL_MS))
        .collect();
    let expected = [
        ("created", 0),
        ("at_centre", 0),
        ("shown", 1_000),
        ("read", 6_000),
        ("accepted", 9_000),
    ];
    assert_eq!(steps, expected);
    let picture = view(&wards, at(9_500));
    assert_eq!(
        picture.next_expiry,
        Some(at(600_000).wall),
        "then it is out of date"
    );
    assert_eq!(state(&wards, 600_000), State::Lapsed);
    assert_eq!(responsible(&wards, 600_000), None);
}

#[test]
fn i6_what_stands_on_screens_is_told_once_and_of_a_few_people_only() {
    let mut wards = ward();
    assert_eq!(give(&mut wards, 1, deed(1, "a", Act::Shown), 0), Ok(None));
    let needless = Err(CommandRefused::Needless);
    assert_eq!(give(&mut wards, 2, deed(1, "b", Act::Shown), 0), needless);
    for (n, by) in (10..).zip(["a", "b", "c", "d"]) {
        assert_eq!(give(&mut wards, n, deed(1, by, Act::Read), 0), Ok(None));
    }
    assert_eq!(give(&mut wards, 20, deed(1, "a", Act::Read), 0), needless);
    assert_eq!(give(&mut wards, 21, deed(1, "e", Act::Read), 0), needless);
    wards.absorb(&alarm(1, 2, AlarmPhase::Ended, 1_000), at(5));
    wards.absorb(&alarm(2, 1, AlarmPhase::Ended, 9_000), at(5));
    assert_eq!(
        give(&mut wards, 22, deed(2, "a", Act::Shown), 10),
        needless,
        "it is over"
    );
    let unknown = Err(CommandRefused::UnknownAlarm);
    assert_eq!(give(&mut wards, 23, deed(9, "a", Act::Shown), 10), unknown);
}

#[test]
fn i6_seen_counts_as_read() {
    let mut wards = ward();
    let command = Command {
        id: 5,
        issued: at(1_000).wall,
        expires: at(9_000).wall,
        kind: seen_by(id(1), "Rao"),
    };
    wards.commanded(&demo(), &command);
    assert_eq!(first(&wards, 1_000).delivery.state, State::Read);
    let needless = Err(CommandRefused::Needless);
    assert_eq!(give(&mut wards, 6, deed(1, "rao", Act::Read), 2_000), needless);
}

#[test]
fn i6_one_doctor_answers_and_the_giver_until_the_taker_has_accepted() {
    let mut wards = ward();
    let not_now =
        |answer: Result<Option<u128>, CommandRefused>| matches!(answer, Err(CommandRefused::NotNow(_)));
    assert_eq!(give(&mut wards, 1, deed(1, "a", accept()), 0), Ok(None));
    assert!(not_now(give(&mut wards, 2, deed(1, "b", accept()), 1)));
    assert!(not_now(give(&mut wards, 3, deed(1, "a", reject()), 2)));
    assert_eq!(give(&mut wards, 4, deed(1, "a", offer("b")), 3), Ok(None));
    let both = Some(("a".to_owned(), false, Some("b".to_owned())));
    assert_eq!(responsible(&wards, 3), both);
    assert_eq!(give(&mut wards, 5, deed(1, "b", accept()), 4), Ok(None));
    assert_eq!(responsible(&wards, 4), Some(("b".to_owned(), false, None)));
    // The post takes nothing of an alarm that it does not know.
    let refused = Event::CommandRefused {
        command: 5,
        reason: Refusal::UnknownAlarm,
    };
    wards.absorb(&event(refused), at(5));
    assert_eq!(responsible(&wards, 5), both);
    assert!(
        first(&wards, 5)
            .delivery
            .steps
            .iter()
            .any(|step| step.refused.is_some())
    );
}

#[test]
fn i6_a_rejection_stands_with_its_reason_and_somebody_else_may_still_take_it() {
    let mut wards = ward();
    assert_eq!(give(&mut wards, 1, deed(1, "a", reject()), 0), Ok(None));
    let delivery = first(&wards, 1).delivery;
    assert_eq!(delivery.state, State::Rejected);
    assert_eq!(
        delivery.steps.last().unwrap().reason,
        Some(RejectReason::Artefact)
    );
    assert_eq!(give(&mut wards, 2, deed(1, "b", accept()), 2), Ok(None));
    assert_eq!(first(&wards, 2).delivery.state, State::Accepted);
}

#[test]
fn i6_the_same_alarm_again_at_the_same_bed_stands_in_the_place_of_the_older_one() {
    let mut wards = ward();
    wards.absorb(&alarm(2, 1, AlarmPhase::Active, 9_000), at(8_000));
    let alerts = view(&wards, at(8_000)).alerts;
    let states: Vec<_> = alerts
        .iter()
        .map(|alert| (alert.id.number, alert.delivery.state))
        .collect();
    assert_eq!(states, [(2, State::AtCentre), (1, State::Superseded)]);
    let late = give(&mut wards, 1, deed(1, "a", accept()), 9_000);
    assert!(matches!(late, Err(CommandRefused::NotNow(_))));
}

proptest! {
    /// An alarm's changes, its end, the deeds and the post's word that nobody read it, in any order, some twice.
    #[test]
    fn i6_deeds_converge_with_the_alarm_whatever_the_order_of_arrival(
        order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle(),
        twice in proptest::collection::vec(0..9usize, 0..6),
        last in 0..9usize,
    ) {
        let steps = [
            alarm(1, 1, AlarmPhase::Active, 1_000),
            alarm(1, 2, AlarmPhase::Ended, 1_000),
            alarm(2, 1, AlarmPhase::Active, 5_000),
            done(11, deed(2, "a", Act::Shown), 5_100),
            done(12, deed(2, "a", accept()), 5_200),
            done(13, deed(2, "a", offer("b")), 5_300),
            done(14, deed(2, "b", accept()), 5_400),
            event(Event::Expired { alarm: id(2) }),
            event(Event::Expired { alarm: id(1) }),
        ];
        let told = |order: &[usize]| {
            let mut wards = Wards::default();
            wards.heard(state(PostStatus::Online, 1_000), false, at(0));
            order.iter().for_each(|step| {
                wards.absorb(&steps[*step], at(10));
            });
            let alerts = view(&wards, at(20)).alerts;
            alerts.into_iter().map(|alert| (alert.id.number, alert.delivery)).collect::<Vec<_>>()
        };
        let in_order = told(&(0..steps.len()).collect::<Vec<_>>());
        prop_assert_eq!(in_order[0].1.state, State::Accepted);
        prop_assert_eq!(in_order[1].1.state, State::Superseded);
        prop_assert_eq!(in_order[0].1.responsible.as_ref().map(|who| who.by_id.as_str()), Some("b"));
        let any: Vec<usize> = order.into_iter().chain(twice).chain([last]).collect();
        prop_assert_eq!(told(&any), in_order);
    }
}
