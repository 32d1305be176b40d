//! More alarms than are shown or kept: what goes, and what must not.

use super::*;
use crate::view::ALERTS_MAX;

fn alarm_of(number: u32, priority: Priority, phase: AlarmPhase, onset_ms: u64) -> Applied {
    let mut change = change(number, 1, phase, onset_ms);
    change.priority = priority;
    applied(Lane::Alerts, vec![(1, Record::Alarm(change))])
}

/// Alarms that were announced one after the other, numbered from 1.
fn ward_with(alarms: impl Iterator<Item = (Priority, AlarmPhase)>) -> Wards {
    let mut wards = Wards::default();
    for (number, (priority, phase)) in (1..).zip(alarms) {
        let ms = u64::from(number);
        wards.absorb(&alarm_of(number, priority, phase, ms), at(ms));
    }
    wards
}

fn numbers(view: &View) -> Vec<u32> {
    view.alerts.iter().map(|alert| alert.id.number).collect()
}

fn see(wards: &mut Wards, number: u32) {
    let alarm = AlarmId {
        epoch: Epoch(1),
        number,
    };
    let (by, command) = ("Dr Rao".to_owned(), u128::from(number));
    wards.absorb(
        &event(Event::Seen {
            alarm,
            by,
            by_id: None,
            command,
        }),
        at(0),
    );
}

#[test]
fn i6_an_old_high_alert_that_nobody_has_seen_is_shown_however_many_newer_ones_there_are() {
    use AlarmPhase::{Active, Ended};
    use Priority::{High, Low, Medium};
    let crowd = std::iter::repeat_n((Medium, Active), ALERTS_MAX - 2);
    let alarms = [(High, Active), (High, Active), (Low, Active), (Medium, Active)];
    let ended = std::iter::repeat_n((High, Ended), ALERTS_MAX);
    let mut wards = ward_with(alarms.into_iter().chain(crowd).chain(ended));
    see(&mut wards, 2);
    let picture = view(&wards, at(0));
    let shown = numbers(&picture);
    assert_eq!(shown.len(), ALERTS_MAX);
    // The LOW one and the oldest MEDIUM one are cut; the order on the screen stays newest first.
    assert_eq!(shown.iter().filter(|number| **number > 202).count(), 0);
    assert!(!shown.contains(&3) && !shown.contains(&4), "{shown:?}");
    assert_eq!((shown[0], &shown[197..]), (202, [5, 2, 1].as_slice()));
    assert_eq!(picture.alerts_total, 202);
    let json: serde_json::Value = serde_json::from_str(&picture.render("build", 0, at(0))).unwrap();
    assert_eq!(json["alerts_total"], 202);
}

#[test]
fn i6_among_equally_urgent_alerts_those_that_a_doctor_has_seen_are_cut_first() {
    let high = (Priority::High, AlarmPhase::Active);
    let mut wards = ward_with(std::iter::repeat_n(high, ALERTS_MAX + 2));
    see(&mut wards, 100);
    see(&mut wards, 202);
    let shown = numbers(&view(&wards, at(0)));
    let expected: Vec<u32> = (1..=202).rev().filter(|n| ![100, 202].contains(n)).collect();
    assert_eq!(shown, expected);
}

/// The numbers that are kept after `alarms` were taken in.
fn kept(wards: &Wards) -> Vec<u32> {
    let alerts = wards.posts[&demo()].alerts.iter();
    alerts.map(|alert| alert.change.id.number).collect()
}

#[test]
fn i6_beyond_the_bound_ended_alarms_are_forgotten_then_low_then_medium_and_high_ones_last() {
    use AlarmPhase::{Active, Ended};
    use Priority::{High, Low, Medium};
    let first = [(High, Active), (Medium, Active), (Low, Active), (High, Ended)];
    let crowd = |more: usize| std::iter::repeat_n((High, Active), alerts::ALARMS_MAX - 4 + more);
    let gone = |more: usize| {
        let kept = kept(&ward_with(first.into_iter().chain(crowd(more))));
        assert_eq!(kept.len(), alerts::ALARMS_MAX);
        (1..=5)
            .filter(|number| !kept.contains(number))
            .collect::<Vec<u32>>()
    };
    assert_eq!(gone(0), Vec::<u32>::new());
    assert_eq!(gone(1), vec![4]);
    assert_eq!(gone(2), vec![3, 4]);
    assert_eq!(gone(3), vec![2, 3, 4]);
    assert_eq!(gone(4), vec![1, 2, 3, 4]);
}

#[test]
fn what_the_store_gives_back_at_start_is_bounded_like_what_arrives() {
    let bound = u32::try_from(alerts::ALARMS_MAX).unwrap();
    let standing = |number| AlarmStanding {
        epoch: Epoch(1),
        change: change(number, 1, AlarmPhase::Active, u64::from(number)),
        received: at(u64::from(number)).wall,
        is_over: false,
    };
    let wards = Wards::restore(vec![PostStanding {
        state: None,
        alarms: (1..=bound + 5).map(standing).collect(),
        ..super::crowd::standing(state(PostStatus::Lost, 0))
    }]);
    assert_eq!(kept(&wards), (6..=bound + 5).collect::<Vec<u32>>());
}

/// What a centre holds of a post that it has heard, and nothing more.
pub(super) fn standing(state: PostState) -> PostStanding {
    PostStanding {
        post: demo(),
        state: Some(state),
        anchors: vec![],
        latest: vec![],
        alarms: vec![],
        seen: vec![],
        deeds: vec![],
        expired: vec![],
        sent: vec![],
        outages: vec![],
        patients: vec![],
        audit: Default::default(),
        lanes: vec![],
    }
}
