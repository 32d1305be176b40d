//! I6: whom the centre called stands beside the alarm, and that nobody is on duty there is an alarm of its own.

use vitals::delivery::{Act, CENTRE_ITSELF, State};
use vitals::wire::{CommandKind, OnDuty};
use vitals::{AlarmPhase, Priority};

use super::deliveries::{desaturation, find, given, rig, until};
use super::*;
use crate::relay::{CentreState, Given};
use crate::web::live::{Alarm, Delivery, StepKind};

fn called(id: u128, alarm: &Alarm, rung: u32, to: &[&str]) -> Given {
    let to = to.iter().map(|name| ((*name).to_owned(), name.to_lowercase()));
    let act = Act::Called {
        priority: Priority::High,
        rung,
        to: to.collect(),
    };
    let mut given = given(id, "x", alarm, act);
    if let CommandKind::Deed(deed) = &mut given.command.kind {
        (deed.by, deed.by_id) = ("District".to_owned(), CENTRE_ITSELF.to_owned());
    }
    given
}

/// Whom the page says the centre called, and when it was heard.
fn calls(alarm: &Alarm) -> Vec<(String, bool)> {
    let calls = alarm.steps.iter().filter(|step| step.what == StepKind::Called);
    calls
        .map(|step| {
            assert_eq!(step.by, None, "by nobody");
            (step.called.clone().unwrap().join(" "), step.at_ms.is_some())
        })
        .collect()
}

#[test]
fn i6_each_call_stands_beside_the_alarm_once_across_repeats_and_restarts_and_answers_nothing() {
    let mut rig = rig(CentreState::Up);
    rig.run(3, Some(70));
    let alarm = desaturation(&mut rig);
    for repeat in 0..3 {
        rig.post().command(called(1, &alarm, 1, &["Grace"]));
        if repeat == 1 {
            rig.run(1, Some(70));
            rig.restart();
            rig.run(1, Some(70));
        }
    }
    rig.post().command(called(2, &alarm, 2, &[]));
    let shown = desaturation(&mut rig);
    let called = calls(&shown);
    let names: Vec<&str> = called.iter().map(|(names, _)| names.as_str()).collect();
    assert_eq!(names, ["Grace", ""], "somebody, then every doctor");
    assert!(called[1].1, "with its time");
    assert_eq!((shown.phase, &shown.responsible), (AlarmPhase::Active, &None));
    assert!(!matches!(
        shown.delivery,
        Delivery::At(State::Read | State::Accepted)
    ));
    rig.post().command(given(3, "a", &alarm, until(600)));
    let accepted = desaturation(&mut rig);
    assert_eq!(accepted.delivery, Delivery::At(State::Accepted));
    assert_eq!(calls(&accepted).len(), 2);
}

#[test]
fn i6_nobody_on_duty_for_a_minute_is_an_alarm_that_ends_when_somebody_takes_duty() {
    let mut rig = rig(CentreState::Up);
    let says = |rig: &Rig, duty| rig.centre.send_modify(|link| link.duty = duty);
    let alarms = |rig: &mut Rig| find(rig, "nobody_on_duty").map(|alarm| alarm.priority);
    says(&rig, OnDuty::Somebody);
    rig.run(120, Some(97));
    assert_eq!(alarms(&mut rig), None);
    says(&rig, OnDuty::Nobody);
    rig.run(59, Some(97));
    assert_eq!(alarms(&mut rig), None, "a late click is no alarm");
    rig.run(2, Some(97));
    assert_eq!(alarms(&mut rig), Some(Priority::Medium));
    rig.centre
        .send_modify(|link| link.state = CentreState::Unreachable);
    rig.run(20, Some(97));
    assert_eq!(
        alarms(&mut rig),
        Some(Priority::Medium),
        "nobody says that it is over"
    );
    rig.run(120, Some(97));
    assert_eq!(
        alarms(&mut rig),
        None,
        "nobody knows any more: that the centre is silent says it"
    );
    assert!(find(&mut rig, "centre_unreachable").is_some());
    rig.centre.send_modify(|link| link.state = CentreState::Up);
    rig.run(62, Some(97));
    assert_eq!(alarms(&mut rig), Some(Priority::Medium));
    says(&rig, OnDuty::Somebody);
    rig.run(10, Some(97));
    assert_eq!(alarms(&mut rig), None);
}

#[test]
fn a_centre_that_keeps_no_roster_is_no_alarm() {
    let mut rig = rig(CentreState::Up);
    rig.run(300, Some(97));
    assert_eq!(find(&mut rig, "nobody_on_duty").map(|alarm| alarm.priority), None);
}
