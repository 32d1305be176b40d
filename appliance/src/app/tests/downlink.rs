//! What the centre asks is answered once, whatever repeats and whatever restarts (I2), and stays until it is read.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vitals::record::Refusal;
use vitals::wire::{Command, CommandKind};

use super::*;
use crate::relay::Given;
use crate::web::live::MessageKind;

fn given(id: u128, kind: CommandKind, expired: bool) -> Given {
    let command = Command {
        id,
        issued: wall(0),
        expires: wall(0),
        kind,
    };
    Given { command, expired }
}

fn message(id: u128, text: &str) -> Given {
    let kind = CommandKind::Message {
        bed: Some("bed-1".parse().unwrap()),
        by: "Dr Adhiambo".to_owned(),
        by_id: Some("adhiambo".to_owned()),
        text: text.to_owned(),
    };
    given(id, kind, false)
}

/// How many answers each command has in the events lane.
fn answers(rig: &Rig) -> BTreeMap<u128, u32> {
    let mut answers = BTreeMap::new();
    for event in rig.events() {
        if let Event::Seen { command, .. }
        | Event::Message { command, .. }
        | Event::LimitProposed { command, .. }
        | Event::CommandRefused { command, .. } = event
        {
            *answers.entry(command).or_default() += 1;
        }
    }
    answers
}

fn shown(rig: &mut Rig) -> Vec<String> {
    let page = rig.post().page();
    let words = |message: &crate::web::live::Message| match &message.what {
        MessageKind::Text { text } => text.clone(),
        MessageKind::Limit { label, limit, .. } => format!("{label} {limit}"),
    };
    page.messages.iter().map(words).collect()
}

#[test]
fn i9_a_message_stands_on_the_page_through_a_restart_until_a_person_has_read_it() {
    let mut rig = Rig::at(wall(0));
    rig.post().command(message(7, "Give oxygen"));
    rig.post().command(message(8, "I call you"));
    rig.post().command(message(7, "Give oxygen"));
    assert_eq!(shown(&mut rig), ["Give oxygen", "I call you"]);
    rig.restart();
    assert_eq!(shown(&mut rig), ["Give oxygen", "I call you"]);
    rig.post().command(message(7, "Give oxygen"));
    assert_eq!(shown(&mut rig).len(), 2);
    rig.post().read(7, "Grace").unwrap();
    assert_eq!(shown(&mut rig), ["I call you"]);
    rig.reboot(2, wall(60_000));
    assert_eq!(shown(&mut rig), ["I call you"]);
    let left = rig.post().page().messages[0].clone();
    assert_eq!(
        (left.at_ms, left.wall_ms),
        (None, Some(NOON_MS + 20_000)),
        "its time is of another boot, and known by that boot's anchor"
    );
    assert_eq!(answers(&rig), BTreeMap::from([(7, 1), (8, 1)]));
}

#[test]
fn what_comes_too_late_is_answered_and_not_shown() {
    let mut rig = Rig::at(wall(0));
    let late = Given {
        expired: true,
        ..message(7, "Give oxygen")
    };
    rig.post().command(late.clone());
    rig.post().command(late);
    assert_eq!(shown(&mut rig), [""; 0]);
    let reason = Refusal::Expired;
    assert!(
        rig.events()
            .contains(&Event::CommandRefused { command: 7, reason })
    );
    assert_eq!(answers(&rig), BTreeMap::from([(7, 1)]));
}

#[test]
fn a_doctor_may_say_seen_of_an_alarm_that_has_ended_and_not_of_one_that_never_was() {
    let mut rig = Rig::at(wall(0));
    rig.run(3, Some(70));
    let alarm = rig.post().page().alarms[0].id;
    rig.run(30, Some(97));
    let seen = |id, alarm| {
        let (by, by_id) = ("Dr Adhiambo".to_owned(), Some("adhiambo".to_owned()));
        given(id, CommandKind::Seen { alarm, by, by_id }, false)
    };
    let never = vitals::AlarmId {
        number: alarm.number + 9,
        ..alarm
    };
    rig.post().command(seen(1, alarm));
    rig.post().command(seen(2, never));
    rig.restart();
    rig.post().command(seen(3, alarm));
    let reason = Refusal::UnknownAlarm;
    let refused: Vec<Event> = rig
        .events()
        .into_iter()
        .filter(|event| matches!(event, Event::CommandRefused { .. }))
        .collect();
    assert_eq!(refused, [Event::CommandRefused { command: 2, reason }]);
}

#[derive(Clone, Debug)]
enum Step {
    Command(u128, u8),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u128..12, 0u8..6).prop_map(|(id, kind)| Step::Command(id, kind)),
        1 => Just(Step::Restart),
    ]
}

fn any_command(id: u128, kind: u8) -> Given {
    let seen = CommandKind::Seen {
        alarm: "00000001aabbccdd-3".parse().unwrap(),
        by: "Dr A".to_owned(),
        by_id: Some("dr-a".to_owned()),
    };
    match kind {
        0 => given(id, CommandKind::Unknown, false),
        1 => given(id, seen, false),
        2 => message(id, ""),
        3 => given(id, CommandKind::Unknown, true),
        _ => message(id, "hello"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn i2_each_command_has_exactly_one_answer_whatever_repeats_and_restarts(
        steps in proptest::collection::vec(step(), 1..40),
    ) {
        let mut rig = Rig::at(wall(0));
        let mut asked = BTreeMap::new();
        for step in steps {
            match step {
                Step::Command(id, kind) => {
                    asked.insert(id, 1);
                    rig.post().command(any_command(id, kind));
                }
                Step::Restart => rig.restart(),
            }
        }
        prop_assert_eq!(answers(&rig), asked);
    }
}
