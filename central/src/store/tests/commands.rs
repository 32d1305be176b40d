//! S4 for messages and proposals, and what the post answered.

use vitals::record::{Outage, Refusal};

use super::*;

fn message(id: u128, issued_ms: i64) -> Command {
    Command {
        id,
        issued: WallTime::from_unix_ms(issued_ms),
        expires: WallTime::from_unix_ms(issued_ms + 86_400_000),
        kind: CommandKind::Message {
            bed: None,
            by: "Dr Rao".into(),
            by_id: Some("rao".into()),
            text: "call me".into(),
        },
    }
}

#[test]
fn i6_messages_and_their_answers_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.apply(&[vitals(1, 1)]).unwrap();
    for (id, issued_ms) in [(7, 2_000), (5, 3_000), (9, 1_000)] {
        store.keep_command(&post(), &message(id, issued_ms)).unwrap();
    }
    let events = vec![
        event(Event::Message {
            bed: None,
            by: "Dr Rao".into(),
            by_id: Some("rao".into()),
            text: "call me".into(),
            command: 9,
        }),
        event(Event::CommandRefused {
            command: 7,
            reason: Refusal::TooMany,
        }),
        // A later answer changes nothing.
        event(Event::CommandRefused {
            command: 9,
            reason: Refusal::Expired,
        }),
    ];
    let answers = arrived(1, Lane::Events, 1, events);
    let received = answers.received;
    store.apply(&[answers]).unwrap();
    drop(store);

    let sent = open(folder.path()).standing().unwrap()[0].sent.clone();
    let told: Vec<_> = sent
        .iter()
        .map(|sent| (sent.command.id, sent.answer.map(|answer| answer.refused)))
        .collect();
    assert_eq!(
        told,
        vec![(9, Some(None)), (7, Some(Some(Refusal::TooMany))), (5, None)]
    );
    assert_eq!(sent[2].command, message(5, 3_000));
    let answer = sent[0].answer.unwrap();
    assert_eq!(
        (answer.received, answer.at.boot, answer.at.mono),
        (received, BOOT, MonoTime::from_ms(5))
    );
}

#[test]
fn i6_a_refused_seen_survives_a_restart_and_waits_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store
        .apply(&[arrived(1, Lane::Alerts, 1, vec![alarm(1, 1, AlarmPhase::Active)])])
        .unwrap();
    let alarm = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let seen = Command {
        kind: CommandKind::Seen {
            alarm,
            by: "Dr Rao".into(),
            by_id: Some("rao".into()),
        },
        ..message(3, 1_000)
    };
    store.keep_command(&post(), &seen).unwrap();
    let refused = event(Event::CommandRefused {
        command: 3,
        reason: Refusal::UnknownAlarm,
    });
    store
        .apply(&[arrived(1, Lane::Events, 1, vec![refused])])
        .unwrap();
    drop(store);
    let mark = open(folder.path()).standing().unwrap()[0].seen[0].clone();
    assert_eq!(
        (mark.refused, mark.confirmed),
        (Some(Refusal::UnknownAlarm), false)
    );
}

#[test]
fn i1_outage_reports_and_verdicts_survive_a_restart_and_a_later_change_overrules_a_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let outage = Outage {
        destination: "centre".into(),
        from: Stamp {
            boot: BOOT,
            mono: MonoTime::from_ms(1),
        },
        to: MonoTime::from_ms(2),
        kept: 12,
        lost: 0,
        oldest_alert_delay: None,
    };
    let report = event(Event::Outage(outage));
    let alarms = vec![alarm(1, 1, AlarmPhase::Active), alarm(2, 1, AlarmPhase::Active)];
    store
        .apply(&[
            arrived(1, Lane::Events, 1, vec![report.clone()]),
            arrived(1, Lane::Alerts, 1, alarms),
        ])
        .unwrap();
    let over = |number, change| Verdict {
        alarm: AlarmId {
            epoch: Epoch(1),
            number,
        },
        change,
        is_over: true,
    };
    // The verdict about alarm 2 knew another change than the latest.
    store.keep_verdicts(&post(), &[over(1, 1), over(2, 3)]).unwrap();
    drop(store);

    let store = open(folder.path());
    let standing = |store: &RedbStore| {
        let standing = store.standing().unwrap().remove(0);
        let over: Vec<_> = standing.alarms.iter().map(|alarm| alarm.is_over).collect();
        (standing.outages[0].record.clone(), over)
    };
    assert_eq!(standing(&store), (report.clone(), vec![true, false]));
    let later = arrived(1, Lane::Alerts, 3, vec![alarm(1, 2, AlarmPhase::Latched)]);
    store.apply(&[later]).unwrap();
    assert_eq!(standing(&store), (report, vec![false, false]));
}

#[test]
fn i2_nothing_is_missing_of_runs_before_a_store_that_was_set_aside_in_whatever_order_that_is_told() {
    let started = |closed_at| {
        event(Event::Started {
            version: "0.1.0".into(),
            boot: BOOT,
            closed: vec![ClosedLane {
                epoch: Epoch(1),
                lane: Lane::Vitals,
                last_seq: Seq(closed_at),
            }],
        })
    };
    let aside = event(Event::StoreSetAside {
        file: "f".into(),
        reason: "r".into(),
    });
    let told = [
        vitals(4, 5),
        arrived(2, Lane::Events, 1, vec![started(9)]),
        arrived(3, Lane::Events, 1, vec![aside]),
    ];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        for place in order {
            store.apply(&[told[place].clone()]).unwrap();
        }
        let lacking = store.standing().unwrap()[0]
            .lanes
            .iter()
            .map(|lane| lane.held.lacking(Seq(0)))
            .sum::<u64>();
        assert_eq!(lacking, 0, "{order:?}");
        store.apply(&[vitals(1, 3)]).unwrap();
        assert_eq!(seqs(&store, Lane::Vitals), vec![1, 2, 3, 4, 5]);
    }
}
