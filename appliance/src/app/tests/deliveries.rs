//! I6: what doctors do with an alarm stands at the bedside and silences nothing, and where nobody is reached that is told.

use vitals::delivery::{Act, Deed, State};
use vitals::wire::{Command, CommandKind};
use vitals::{AlarmPhase, Epoch, Priority, Seq};

use super::*;
use crate::relay::{CentreState, Given};
use crate::store::Destination;
use crate::web::live::{Alarm, Delivery, StepKind};

/// A post whose centre is heard, or not.
pub(super) fn rig(state: CentreState) -> Rig {
    let rig = Rig::at(wall(0));
    rig.centre.send_modify(|link| link.state = state);
    rig
}

/// What somebody did with an alarm, 20 s after the start by the centre's clock.
pub(super) fn given(id: u128, by: &str, alarm: &Alarm, act: Act) -> Given {
    let command = Command {
        id,
        issued: wall(20_000),
        expires: wall(86_400_000),
        kind: CommandKind::Deed(Deed {
            alarm: alarm.id,
            by: format!("Dr {by}"),
            by_id: by.to_owned(),
            act,
        }),
    };
    let expired = false;
    Given { command, expired }
}

pub(super) fn until(s: i64) -> Act {
    Act::Accepted {
        until: wall(20_000 + s * 1_000),
    }
}

pub(super) fn find(rig: &mut Rig, condition: &str) -> Option<Alarm> {
    let page = rig.post().page();
    let mut alarms = page.alarms.iter();
    alarms.find(|alarm| alarm.condition.key() == condition).cloned()
}

pub(super) fn desaturation(rig: &mut Rig) -> Alarm {
    find(rig, "desaturation").unwrap()
}

fn steps(alarm: &Alarm) -> Vec<(StepKind, Option<&str>)> {
    let steps = alarm.steps.iter();
    steps.map(|step| (step.what, step.by.as_deref())).collect()
}

fn count(rig: &Rig, which: impl Fn(&Event) -> bool) -> usize {
    rig.events().iter().filter(|event| which(event)).count()
}

/// The centre has stored everything so far.
fn confirm_all(rig: &Rig) {
    rig.store().flush().unwrap();
    let last = rig.records(Lane::Alerts).len() as u64;
    let epoch = rig
        .store()
        .read(Lane::Alerts, Cursor::START, 1)
        .unwrap()
        .unwrap()
        .epoch;
    rig.store()
        .receipted(Destination::CENTRE, Lane::Alerts, epoch, Seq(last));
}

#[test]
fn i6_who_accepted_stands_at_the_bedside_until_their_time_is_over_and_nothing_is_silenced() {
    let mut rig = rig(CentreState::Up);
    rig.run(3, Some(70));
    let alarm = desaturation(&mut rig);
    for (id, by, act) in [(1, "a", Act::Shown), (2, "a", until(120)), (2, "a", until(120))] {
        rig.post().command(given(id, by, &alarm, act));
    }
    let accepted = desaturation(&mut rig);
    assert_eq!(accepted.delivery, Delivery::At(State::Accepted));
    assert_eq!(accepted.delivery_ms, Some(rig.time.now().as_ms()));
    let who = accepted.responsible.clone().unwrap();
    assert_eq!((who.by.as_str(), who.until_wall_ms), ("Dr a", NOON_MS + 140_000));
    assert_eq!(
        accepted.phase,
        AlarmPhase::Active,
        "it silences nothing (DESIGN 7)"
    );
    assert_eq!(count(&rig, |event| matches!(event, Event::Deed { .. })), 2);
    assert_eq!(
        steps(&accepted),
        [
            (StepKind::Created, None),
            (StepKind::Queued, None),
            (StepKind::Shown, Some("Dr a")),
            (StepKind::Accepted, Some("Dr a"))
        ]
    );
    rig.run(60, Some(70));
    rig.restart();
    rig.run(1, Some(70));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Accepted));
    rig.run(60, Some(70));
    let lapsed = desaturation(&mut rig);
    assert_eq!(
        (lapsed.delivery, lapsed.responsible),
        (Delivery::At(State::Lapsed), None)
    );
}

#[test]
fn i8_in_another_boot_only_a_believed_clock_says_that_somebody_still_answers() {
    let mut rig = rig(CentreState::Up);
    rig.run(3, Some(70));
    let alarm = desaturation(&mut rig);
    rig.post().command(given(1, "a", &alarm, until(3_600)));
    rig.reboot(2, wall(60_000));
    rig.run(1, Some(70));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Accepted));
    rig.reboot(3, WallTime::from_unix_ms(0));
    rig.run(1, Some(70));
    assert_eq!(
        desaturation(&mut rig).delivery,
        Delivery::At(State::Lapsed),
        "nobody knows how long the box was off"
    );
}

#[test]
fn i6_a_hand_over_is_shown_and_the_giver_answers_until_the_taker_has_it() {
    let mut rig = rig(CentreState::Up);
    rig.run(3, Some(70));
    let alarm = desaturation(&mut rig);
    let offer = Act::Offered {
        to: "Dr b".to_owned(),
        to_id: "b".to_owned(),
    };
    rig.post().command(given(1, "a", &alarm, until(600)));
    rig.post().command(given(2, "a", &alarm, offer));
    let who = desaturation(&mut rig).responsible.unwrap();
    assert_eq!(
        (who.by.as_str(), who.offered_to.as_deref()),
        ("Dr a", Some("Dr b"))
    );
    rig.post().command(given(3, "b", &alarm, until(600)));
    assert_eq!(desaturation(&mut rig).responsible.unwrap().by, "Dr b");
}

#[test]
fn i6_a_high_alarm_that_nobody_has_read_for_five_minutes_says_so_once_and_may_still_be_taken() {
    let mut rig = rig(CentreState::Up);
    rig.run(1, Some(70));
    let expired = |event: &Event| matches!(event, Event::Expired { .. });
    rig.run(299, Some(70));
    assert_eq!(count(&rig, expired), 0);
    rig.run(1, Some(70));
    let alarm = desaturation(&mut rig);
    assert_eq!(alarm.delivery, Delivery::At(State::Expired));
    let told = count(&rig, expired);
    rig.run(60, Some(70));
    rig.restart();
    rig.run(60, Some(70));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Expired));
    let alarms_of = |event: &Event| matches!(event, Event::Expired { alarm: of } if *of == alarm.id);
    assert_eq!((told, count(&rig, alarms_of)), (1, 1));
    rig.post().command(given(9, "a", &alarm, until(600)));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Accepted));
}

#[test]
fn i6_an_alarm_that_a_doctor_read_or_that_nobody_is_asked_about_does_not_expire() {
    let mut rig = rig(CentreState::Up);
    rig.run(1, Some(70));
    let alarm = desaturation(&mut rig);
    rig.post().command(given(1, "a", &alarm, Act::Read));
    rig.run(400, Some(70));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Read));
    let mut alone = Rig::at(wall(0));
    alone.run(400, Some(70));
    assert_eq!(desaturation(&mut alone).delivery, Delivery::NoCentre);
    assert_eq!(count(&alone, |event| matches!(event, Event::Expired { .. })), 0);
}

#[test]
fn i6_a_high_alarm_without_the_centres_word_for_thirty_seconds_is_an_alarm_of_its_own() {
    let mut rig = rig(CentreState::Unreachable);
    rig.run(60, Some(97));
    assert_eq!(
        rig.alarms(),
        ["centre_unreachable"],
        "nothing waits: one alarm is enough"
    );
    rig.run(1, Some(70));
    rig.run(29, Some(70));
    assert_eq!(find(&mut rig, "alarm_undelivered"), None);
    rig.run(1, Some(70));
    let undelivered = find(&mut rig, "alarm_undelivered").unwrap();
    assert_eq!(undelivered.priority, Priority::High);
    assert_eq!(undelivered.undelivered, ["bed-1"]);
    rig.run(300, Some(70));
    let of_the_way = |alarm: &&String| alarm.starts_with("alarm_") || alarm.starts_with("centre_");
    assert_eq!(
        rig.alarms().iter().filter(of_the_way).count(),
        2,
        "one for all, and none about itself"
    );
    assert_eq!(find(&mut rig, "alarm_undelivered").unwrap().id, undelivered.id);
    let open = rig.post().page().alarms.clone();
    let own = open
        .iter()
        .filter(|alarm| alarm.condition.key() != "limit.spo2.low" && alarm.condition.key() != "desaturation");
    assert!(
        own.into_iter()
            .all(|alarm| alarm.delivery != Delivery::At(State::Expired))
    );
}

#[test]
fn i6_it_stays_when_the_centre_has_everything_until_a_person_has_acknowledged_it() {
    let mut rig = rig(CentreState::Up);
    rig.run(32, Some(70));
    assert!(
        find(&mut rig, "alarm_undelivered").is_some(),
        "heard, and nothing is confirmed"
    );
    confirm_all(&rig);
    rig.run(10, Some(70));
    let latched = find(&mut rig, "alarm_undelivered").unwrap();
    assert_eq!(latched.phase, AlarmPhase::Latched);
    assert_eq!(latched.undelivered, ["bed-1"], "where it was");
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::AtCentre));
    rig.post().acknowledge(latched.id, "Grace").unwrap();
    rig.run(1, Some(70));
    assert_eq!(find(&mut rig, "alarm_undelivered"), None);
}

#[test]
fn i6_what_a_broker_has_is_not_delivered() {
    let mut rig = rig(CentreState::Up);
    rig.centre.send_modify(|link| {
        link.alerts_sent = Cursor {
            epoch: Epoch(u64::MAX),
            seq: Seq(u64::MAX),
        };
    });
    rig.run(40, Some(70));
    assert_eq!(desaturation(&mut rig).delivery, Delivery::At(State::Sent));
    assert!(find(&mut rig, "alarm_undelivered").is_some());
}
