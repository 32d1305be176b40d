//! A post whose alarms nobody can hear says so.

use vitals::alarm::AlarmKind;
use vitals::{AlarmPhase, Priority};

use super::*;
use crate::sound::State;
use crate::web::live::Output;

const KEY: &str = "no_screen_with_sound";

fn is_raised(rig: &mut Rig) -> bool {
    rig.alarms().iter().any(|key| key == KEY)
}

#[test]
fn no_screen_with_sound_for_a_minute_is_a_technical_alarm_until_one_has_it_again() {
    let mut rig = Rig::at(wall(0));
    rig.run(70, Some(97));
    assert!(!is_raised(&mut rig));
    rig.post().heard_by(0);
    rig.run(59, Some(97));
    assert!(!is_raised(&mut rig));
    rig.run(3, Some(97));
    let page = rig.post().page();
    let alarm = page
        .alarms
        .iter()
        .find(|alarm| alarm.condition.key() == KEY)
        .unwrap();
    assert_eq!(
        (alarm.priority, alarm.kind, alarm.bed.as_ref()),
        (Priority::Medium, AlarmKind::Technical, None)
    );
    assert!(alarm.sounds);
    rig.post().heard_by(2);
    rig.run(7, Some(97));
    assert!(!is_raised(&mut rig));
    assert_eq!(rig.post().page().sound.screens, 2);
}

#[test]
fn after_a_start_pages_have_a_minute_to_come_back_and_an_alarm_from_before_goes_on() {
    let mut rig = Rig::at(wall(0));
    rig.restart();
    rig.post().heard_by(0);
    rig.run(58, Some(97));
    assert!(!is_raised(&mut rig), "not within the first minute");
    rig.run(4, Some(97));
    let id = |rig: &mut Rig| {
        rig.post()
            .page()
            .alarms
            .iter()
            .find(|alarm| alarm.condition.key() == KEY)
            .map(|alarm| alarm.id)
    };
    let raised = id(&mut rig);
    assert!(raised.is_some());
    rig.restart();
    rig.post().heard_by(0);
    rig.run(65, Some(97));
    assert_eq!(id(&mut rig), raised, "the same alarm, in one piece");
    rig.restart();
    rig.run(8, Some(97));
    assert_eq!(id(&mut rig), None, "somebody hears it");
}

#[test]
fn an_alarm_sounds_until_somebody_acknowledges_it_or_it_is_over() {
    let mut rig = Rig::at(wall(0));
    rig.run(5, Some(70));
    let desaturation = |rig: &mut Rig| {
        let page = rig.post().page();
        let found = page
            .alarms
            .iter()
            .find(|alarm| alarm.condition.key() == "desaturation")
            .cloned();
        found.map(|alarm| (alarm.id, alarm.phase, alarm.sounds))
    };
    let (id, phase, sounds) = desaturation(&mut rig).unwrap();
    assert_eq!((phase, sounds), (AlarmPhase::Active, true));
    rig.run(20, Some(97));
    assert_eq!(desaturation(&mut rig), Some((id, AlarmPhase::Latched, true)));
    rig.run(5, Some(70));
    let (id, ..) = desaturation(&mut rig).unwrap();
    rig.post().acknowledge(id, "Grace").unwrap();
    assert_eq!(
        desaturation(&mut rig),
        Some((id, AlarmPhase::Acknowledged, false))
    );
}

#[test]
fn the_boxs_own_sound_is_heard_too_and_when_it_fails_the_page_says_why() {
    let mut rig = Rig::at(wall(0));
    rig.post().heard_by(0);
    rig.post().output(State::On);
    rig.run(90, Some(97));
    assert!(!is_raised(&mut rig), "the box can be heard");
    let reason = "no card".to_owned();
    rig.post().output(State::Failed { reason });
    rig.run(1, Some(97));
    let page = rig.post().page();
    assert_eq!(page.sound.output, Output::Failed);
    assert!(
        page.problems
            .iter()
            .any(|one| one.key == "sound_output" && one.text == "no card")
    );
    rig.run(65, Some(97));
    assert!(is_raised(&mut rig));
}

#[test]
fn the_box_is_told_the_most_urgent_alarm_that_sounds_and_of_each_that_begins() {
    let mut rig = Rig::at(wall(0));
    rig.run(5, Some(97));
    assert_eq!(rig.post().sounding().priority, None);
    rig.run(30, Some(85));
    let first = rig.post().sounding();
    assert_eq!((first.priority, first.begun), (Some(Priority::High), 1));
    rig.run(5, Some(70));
    assert_eq!(
        rig.post().sounding().begun,
        2,
        "the desaturation has begun beside it"
    );
    let all: Vec<_> = rig.post().page().alarms.iter().map(|alarm| alarm.id).collect();
    for id in all {
        rig.post().acknowledge(id, "Grace").unwrap();
    }
    assert_eq!(
        rig.post().sounding().priority,
        None,
        "silent with the acknowledgement, not with the next tick"
    );
    rig.restart();
    assert_eq!(
        rig.post().sounding().priority,
        None,
        "nor does a restart let it sound again"
    );
}
