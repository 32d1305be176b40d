//! Commands, verdicts and deleting, with a real store.

use vitals::delivery::{Act, Deed, State};
use vitals::record::Refusal as Why;
use vitals::wire::OpenAlarms;

use super::*;
use crate::view::SentState;

fn message(text: &str) -> CommandKind {
    CommandKind::Message {
        bed: None,
        by: "Dr Rao".into(),
        by_id: Some("rao".into()),
        text: text.into(),
    }
}

fn states(bench: &mut Bench) -> Vec<SentState> {
    bench.now_ms += 1_000;
    bench.step(CentreEvent::Tick);
    let now = bench.now();
    let view = bench.centre.wards.view("Centre", vec![], now);
    view.posts[0].sent.iter().map(|sent| sent.state).collect()
}

/// The accounts in the commands that go out now.
fn accounts_sent(bench: &mut Bench) -> Vec<Option<String>> {
    let sent = bench.centre.take_outgoing();
    let commands = sent
        .iter()
        .filter(|message| message.topic.ends_with("/down/command"));
    commands
        .map(|message| match Command::decode(&message.payload).unwrap().kind {
            CommandKind::Seen { by_id, .. } | CommandKind::Message { by_id, .. } => by_id,
            CommandKind::ProposeLimit(proposal) => proposal.by_id,
            CommandKind::Deed(deed) => Some(deed.by_id),
            CommandKind::Unknown => None,
        })
        .collect()
}

#[test]
fn i9_the_account_of_who_gave_a_command_stands_in_what_the_post_receives_after_a_restart_too() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    bench.sent();
    let _answers = (bench.give(message("call me"), 7), bench.ask("Dr Rao", 8));
    bench.settle();
    let rao = || Some("rao".to_owned());
    assert_eq!(accounts_sent(&mut bench), [rao(), rao()]);
    let mut bench = bench.restarted();
    bench.step(CentreEvent::Link(FromLink::Up));
    assert_eq!(accounts_sent(&mut bench), [rao(), rao()]);
}

#[test]
fn i6_a_message_is_durable_before_the_doctor_is_told_and_is_repeated_until_the_post_answers() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.settle();
    bench.sent();
    let mut first = bench.give(message("call me"), 7);
    assert_eq!(first.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(bench.sent(), Vec::<String>::new());
    // Pressed twice: one message, two answers.
    let mut twice = bench.give(message("call me"), 8);
    bench.settle();
    assert_eq!((first.try_recv(), twice.try_recv()), (Ok(Ok(7)), Ok(Ok(7))));
    assert_eq!(bench.sent(), vec!["demo/down/command"]);

    let mut bench = bench.restarted();
    bench.step(CentreEvent::Link(FromLink::Up));
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat", "demo/down/command"]);
    assert_eq!(states(&mut bench), vec![SentState::Waiting]);
    let refused = Event::CommandRefused {
        command: 7,
        reason: Why::TooMany,
    };
    bench.hear(topic::up(&demo(), Lane::Events), event(refused));
    bench.settle();
    assert_eq!(states(&mut bench), vec![SentState::Refused]);
    bench.sent();
    bench.now_ms += 10_000;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
}

fn accept(by: &str) -> CommandKind {
    CommandKind::Deed(Deed {
        alarm: alarm_id(),
        by: format!("Dr {by}"),
        by_id: by.into(),
        act: Act::Accepted {
            until: WallTime::from_unix_ms(1_795_000_000_000 + 3_600_000),
        },
    })
}

/// (state, who answers and whether the post knows) of the only alarm.
fn answered(bench: &Bench) -> (State, Option<(String, bool)>) {
    let view = bench.centre.wards.view("Centre", vec![], bench.now());
    let delivery = view.alerts[0].delivery.clone();
    let who = delivery.responsible.map(|who| (who.by_id, who.confirmed));
    (delivery.state, who)
}

#[test]
fn i6_who_answers_for_an_alarm_is_durable_before_it_is_told_and_survives_a_restart() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    bench.sent();
    let mut first = bench.give(accept("rao"), 7);
    let mut second = bench.give(accept("sen"), 8);
    assert_eq!(first.try_recv(), Err(TryRecvError::Empty), "not durable yet");
    let at_once = CommandError::Refused(CommandRefused::AtOnce);
    assert_eq!(second.try_recv(), Ok(Err(at_once)), "two at the same moment");
    bench.settle();
    assert_eq!(first.try_recv(), Ok(Ok(7)));
    let mut late = bench.give(accept("sen"), 9);
    assert!(matches!(
        late.try_recv(),
        Ok(Err(CommandError::Refused(CommandRefused::NotNow(_))))
    ));
    let rao = |confirmed| (State::Accepted, Some(("rao".to_owned(), confirmed)));
    assert_eq!(answered(&bench), rao(false));

    let mut bench = bench.restarted();
    assert_eq!(answered(&bench), rao(false));
    bench.step(CentreEvent::Link(FromLink::Up));
    assert_eq!(
        accounts_sent(&mut bench),
        [Some("rao".to_owned())],
        "sent until it is answered"
    );
    let CommandKind::Deed(deed) = accept("rao") else {
        panic!()
    };
    let done = Event::Deed {
        deed,
        at: bench.now().wall,
        command: 7,
    };
    bench.hear(topic::up(&demo(), Lane::Events), event(done));
    bench.settle();
    assert_eq!(answered(&bench), rao(true));
    let mut bench = bench.restarted();
    assert_eq!(answered(&bench), rao(true));
    bench.step(CentreEvent::Link(FromLink::Up));
    assert_eq!(accounts_sent(&mut bench), []);
}

#[test]
fn i6_what_another_centre_did_and_what_nobody_read_survive_a_restart_too() {
    let mut bench = Bench::new();
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    let CommandKind::Deed(deed) = accept("far") else {
        panic!()
    };
    let at = bench.now().wall;
    let expired = Event::Expired { alarm: alarm_id() };
    let done = Event::Deed { deed, at, command: 3 };
    let mono = MonoTime::BOOT;
    let records = [expired, done].map(|event| Record::Event { at: mono, event });
    bench.hear(
        topic::up(&demo(), Lane::Events),
        envelope(Lane::Events, 1, records.into()),
    );
    bench.settle();
    let before = bench.centre.wards.view("Centre", vec![], bench.now()).alerts[0]
        .delivery
        .clone();
    assert_eq!(before.state, State::Accepted);
    assert!(before.steps.iter().any(|step| step.what == "expired"));
    let bench = bench.restarted();
    let after = bench.centre.wards.view("Centre", vec![], bench.now()).alerts[0]
        .delivery
        .clone();
    assert_eq!(after, before);
}

#[test]
fn i6_a_message_is_not_taken_while_the_store_fails_or_for_an_unknown_post() {
    let mut bench = Bench::new();
    let mut unknown = bench.give(message("hello"), 1);
    let refused = CommandError::Refused(CommandRefused::UnknownPost);
    assert_eq!(unknown.try_recv(), Ok(Err(refused)));
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.settle();
    bench.step(CentreEvent::Done(JobDone::State(Err(no_space()))));
    let mut failing = bench.give(message("hello"), 2);
    assert!(matches!(failing.try_recv(), Ok(Err(CommandError::NotSaved(_)))));
}

fn whole_state(open: &[(AlarmId, u32)]) -> Vec<u8> {
    let mut told = PostState::decode(&state(PostStatus::Online)).unwrap();
    let last = |lane| vitals::record::ClosedLane {
        epoch: Epoch(1),
        lane,
        last_seq: Seq(1),
    };
    told.last = vec![last(Lane::Alerts), last(Lane::Events)];
    told.open_alarms = OpenAlarms {
        latest: open.to_vec(),
        complete: true,
    };
    told.encode()
}

#[test]
fn i6_that_an_alarm_is_over_survives_a_store_that_fails_at_that_moment_and_a_restart() {
    let mut bench = Bench::new();
    let started = Event::Started {
        version: "0.1.0".into(),
        boot: BOOT,
        closed: vec![],
    };
    bench.hear(topic::up(&demo(), Lane::Events), event(started));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    bench.hear(topic::state(&demo()), whole_state(&[(alarm_id(), 1)]));
    bench.settle();
    let open = |bench: &Bench| {
        let view = bench.centre.wards.view("Centre", vec![], bench.now());
        view.alerts_total
    };
    assert_eq!(open(&bench), 1);
    bench.hear(topic::state(&demo()), whole_state(&[]));
    let Some(Work::Job(Job::Verdicts(post, verdicts))) = bench.centre.next_work(bench.now()) else {
        panic!("a verdict waits");
    };
    bench.step(CentreEvent::Done(JobDone::Verdicts(
        post,
        verdicts,
        Err(no_space()),
    )));
    bench.now_ms += 10_000;
    assert!(matches!(
        bench.centre.next_work(bench.now()),
        Some(Work::TryAgain)
    ));
    bench.step(CentreEvent::Done(JobDone::TriedAgain(Ok(()))));
    bench.settle();
    assert_eq!(open(&bench), 0);
    assert_eq!(open(&bench.restarted()), 0);
}

#[test]
fn i7_old_records_are_deleted_in_steps_only_while_nothing_waits() {
    let mut bench = Bench::new();
    let is_step = |work: Option<Work>| matches!(work, Some(Work::ThinOut(..)));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    assert!(matches!(bench.centre.next_work(bench.now()), Some(Work::Job(_))));
    let work = bench.centre.next_work(bench.now());
    let Some(Work::ThinOut(limits, from)) = work else {
        panic!("{work:?}")
    };
    let day_ms = 86_400_000;
    assert_eq!(
        limits.vitals_before.as_unix_ms(),
        bench.now().wall.as_unix_ms() - day_ms
    );
    assert_eq!(
        limits.summaries_before.as_unix_ms(),
        bench.now().wall.as_unix_ms() - 10 * day_ms
    );
    let unfinished = Thinned {
        records: 5,
        next: Some(from),
    };
    bench.step(CentreEvent::Done(JobDone::ThinnedOut(Ok(unfinished))));
    assert!(!is_step(bench.centre.next_work(bench.now())));
    bench.now_ms += 1_000;
    assert!(is_step(bench.centre.next_work(bench.now())));
    let finished = Thinned {
        records: 1,
        next: None,
    };
    bench.step(CentreEvent::Done(JobDone::ThinnedOut(Ok(finished))));
    bench.now_ms += 3_500_000;
    assert!(!is_step(bench.centre.next_work(bench.now())));
    bench.now_ms += 100_000;
    assert!(is_step(bench.centre.next_work(bench.now())));
}
