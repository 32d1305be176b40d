//! Duty and the ladder, with a real store: what is called is durable, told to the post, and called once.

use vitals::delivery::{Act, CENTRE_ITSELF, Deed};
use vitals::wire::{CentreHeartbeat, OnDuty};

use super::*;
use crate::duty::{Change, Duty, Refused, Told};

/// With a doctor, and an open alarm that nobody has taken.
fn bench() -> Bench {
    let mut bench = Bench::new();
    doctors(&mut bench);
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    bench.sent();
    bench
}

fn doctors(bench: &mut Bench) {
    let doctors = [("rao", "Dr Rao"), ("sen", "Dr Sen")];
    let doctors = doctors.map(|(id, name)| (id.to_owned(), name.to_owned()));
    bench.step(CentreEvent::Doctors(doctors.into()));
}

fn change(bench: &mut Bench, change: Change) -> oneshot::Receiver<Result<Told, DutyError>> {
    let (reply, answer) = oneshot::channel();
    let by = "rao".to_owned();
    bench.step(CentreEvent::Duty(DutyRequest { by, change, reply }));
    answer
}

fn take(bench: &mut Bench, minutes: i64) {
    let until = bench.now().wall.as_unix_ms() + minutes * 60_000;
    let mut answer = change(bench, Change::Take(WallTime::from_unix_ms(until)));
    bench.settle();
    assert!(answer.try_recv().unwrap().is_ok());
}

/// Seconds pass, each with its rounds; the link says every command of it once more with each beat.
fn pass(bench: &mut Bench, seconds: u64) {
    for _ in 0..seconds {
        bench.now_ms += 1_000;
        bench.step(CentreEvent::Tick);
        bench.settle();
    }
}

/// The calls that went out, repeats left out: command, rung and whom.
fn calls(bench: &mut Bench) -> Vec<(u128, u32, Vec<String>)> {
    let mut calls = Vec::new();
    for message in bench.centre.take_outgoing() {
        if !message.topic.ends_with("/down/command") {
            continue;
        }
        let command = Command::decode(&message.payload).unwrap();
        let CommandKind::Deed(Deed { by, by_id, act, .. }) = command.kind else {
            continue;
        };
        if let Act::Called { rung, to, .. } = act {
            assert_eq!((by.as_str(), by_id.as_str()), ("Centre", CENTRE_ITSELF));
            let names = to.into_iter().map(|(name, _)| name).collect();
            let call = (command.id, rung, names);
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
    }
    calls
}

fn rungs(bench: &mut Bench) -> Vec<(u32, Vec<String>)> {
    let calls = calls(bench).into_iter();
    calls.map(|(_, rung, to)| (rung, to)).collect()
}

fn rao() -> Vec<String> {
    vec!["Dr Rao".to_owned()]
}

/// What the doctors' page shows of it.
fn shown(bench: &Bench) -> Vec<String> {
    let view = bench.centre.wards.view("Centre", vec![], bench.now());
    let steps = view.alerts[0].delivery.steps.clone().into_iter();
    let called = steps.filter_map(|step| step.called);
    called.map(|called| called.join(" ")).collect()
}

#[test]
fn t3_a_high_alarm_that_nobody_takes_calls_who_is_on_duty_then_everybody_and_a_restart_repeats_neither() {
    let mut bench = bench();
    take(&mut bench, 600);
    pass(&mut bench, 2);
    let first = calls(&mut bench);
    assert_eq!(first.len(), 1);
    assert_eq!((first[0].1, &first[0].2), (1, &rao()));
    pass(&mut bench, 100);
    assert_eq!(
        calls(&mut bench),
        first,
        "the same command, until the post answers"
    );

    let mut bench = bench.restarted();
    doctors(&mut bench);
    bench.step(CentreEvent::Link(FromLink::Up));
    pass(&mut bench, 210);
    assert_eq!(calls(&mut bench), first, "the post was not heard yet");
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    pass(&mut bench, 30);
    let both = calls(&mut bench);
    assert_eq!((both.len(), both[1].1, both[1].2.len()), (2, 2, 0), "{both:?}");
    pass(&mut bench, 2_000);
    assert_eq!(calls(&mut bench), both);
    assert_eq!(shown(&bench), ["Dr Rao", ""]);

    let confirmed = |id: u128, rung, to: &[String]| Event::Deed {
        deed: Deed {
            alarm: alarm_id(),
            by: "Centre".to_owned(),
            by_id: CENTRE_ITSELF.to_owned(),
            act: Act::Called {
                priority: Priority::High,
                rung,
                to: to.iter().map(|name| (name.clone(), "rao".to_owned())).collect(),
            },
        },
        at: bench.now().wall,
        command: id,
    };
    let answers = [confirmed(both[0].0, 1, &both[0].2), confirmed(both[1].0, 2, &[])];
    for (seq, answer) in (1..).zip(answers) {
        let record = Record::Event {
            at: MonoTime::BOOT,
            event: answer,
        };
        bench.hear(
            topic::up(&demo(), Lane::Events),
            envelope(Lane::Events, seq, vec![record]),
        );
    }
    bench.settle();
    bench.sent();
    pass(&mut bench, 60);
    assert_eq!(calls(&mut bench), [], "the post knows");
    assert_eq!(shown(&bench), ["Dr Rao", ""]);
}

#[test]
fn t3_an_acceptance_stops_the_ladder() {
    let mut bench = bench();
    take(&mut bench, 600);
    pass(&mut bench, 2);
    assert_eq!(rungs(&mut bench), [(1, rao())]);
    let until = WallTime::from_unix_ms(bench.now().wall.as_unix_ms() + 8 * 3_600_000);
    let accepted = CommandKind::Deed(Deed {
        alarm: alarm_id(),
        by: "Dr Rao".to_owned(),
        by_id: "rao".to_owned(),
        act: Act::Accepted { until },
    });
    let _answer = bench.give(accepted, 9);
    bench.settle();
    pass(&mut bench, 1_000);
    assert_eq!(rungs(&mut bench), [(1, rao())]);
}

#[test]
fn t3_a_call_that_cannot_be_kept_is_made_when_the_store_works_again() {
    let mut bench = bench();
    take(&mut bench, 600);
    bench.now_ms += 1_000;
    bench.step(CentreEvent::Tick);
    let Some(Work::Job(Job::Command(post, command))) = bench.centre.next_work(bench.now()) else {
        panic!("the call becomes durable first");
    };
    bench.step(CentreEvent::Done(JobDone::Command(
        post,
        command,
        Err(no_space()),
    )));
    assert_eq!(rungs(&mut bench), []);
    pass(&mut bench, 15);
    assert_eq!(rungs(&mut bench), [(1, rao())]);
}

#[test]
fn t5_without_a_roster_nobody_is_called_and_no_post_misses_anybody() {
    let mut bench = bench();
    pass(&mut bench, 1_000);
    assert_eq!(rungs(&mut bench), []);
    pass(&mut bench, 10);
    assert_eq!(told(&mut bench), Some(OnDuty::NoRoster));
}

/// What the last heartbeat said.
fn told(bench: &mut Bench) -> Option<OnDuty> {
    let sent = bench.centre.take_outgoing();
    let mut beats = sent
        .iter()
        .filter(|message| message.topic.ends_with("/heartbeat"));
    beats
        .next_back()
        .map(|beat| CentreHeartbeat::decode(&beat.payload).unwrap().duty)
}

#[test]
fn i6_the_posts_hear_at_once_that_somebody_is_on_duty_and_that_nobody_is_any_more() {
    let mut bench = bench();
    take(&mut bench, 5);
    pass(&mut bench, 1);
    assert_eq!(told(&mut bench), Some(OnDuty::Somebody));
    pass(&mut bench, 298);
    assert_eq!(told(&mut bench), Some(OnDuty::Somebody));
    pass(&mut bench, 2);
    assert_eq!(told(&mut bench), Some(OnDuty::Nobody));
    bench.centre.dirty = true;
    pass(&mut bench, 1);
    let view = bench.centre.picture(bench.now()).unwrap();
    let shown: serde_json::Value = serde_json::from_str(&view.render("b", 1, bench.now())).unwrap();
    assert_eq!(shown["duty"]["state"], "nobody");
}

#[test]
fn i9_duty_is_changed_when_it_is_durable_and_one_change_at_a_time() {
    let mut bench = bench();
    let until = WallTime::from_unix_ms(bench.now().wall.as_unix_ms() + 60_000);
    let mut first = change(&mut bench, Change::Take(until));
    let mut second = change(&mut bench, Change::Use(false));
    assert_eq!(first.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(second.try_recv(), Ok(Err(DutyError::AtOnce)));
    assert_eq!(bench.store.duty().unwrap(), Duty::default());
    bench.settle();
    let told = first.try_recv().unwrap().unwrap();
    assert_eq!(told.before, "nobody on duty");
    assert!(told.after.starts_with("rao until"), "{told:?}");

    let mut bench = bench.restarted();
    doctors(&mut bench);
    let now = bench.now().wall;
    assert_eq!(bench.centre.duty.known().present(now)[0].id, "rao");
    let mut nobodys = change(&mut bench, Change::Accept("sen".to_owned()));
    assert_eq!(
        nobodys.try_recv(),
        Ok(Err(DutyError::Refused(Refused::NotOffered)))
    );
}

#[test]
fn a_change_that_cannot_be_kept_changes_nothing_and_says_so() {
    let mut bench = bench();
    let mut answer = change(&mut bench, Change::Offset(60));
    let Some(Work::Job(Job::Duty(_))) = bench.centre.next_work(bench.now()) else {
        panic!("a change becomes durable first");
    };
    bench.step(CentreEvent::Done(JobDone::Duty(Err(no_space()))));
    assert!(matches!(answer.try_recv(), Ok(Err(DutyError::NotSaved(_)))));
    assert_eq!(bench.centre.duty.known().duty, Duty::default());
    let mut later = change(&mut bench, Change::Offset(60));
    assert!(matches!(later.try_recv(), Ok(Err(DutyError::NotSaved(_)))));
}
