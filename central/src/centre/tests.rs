//! What the heart decides, without link, store or browser: the tests play those.

mod downlink;
mod duty;

use tokio::sync::oneshot::error::TryRecvError;
use vitals::wire::{Block, Envelope, Receipt};
use vitals::{
    AlarmChange, AlarmId, AlarmPhase, BootId, ClockTrust, Epoch, Event, Lane, Priority, Record, Seq, Stamp,
};

use super::*;
use crate::inbox::{self, Job};
use crate::store::{CentreStore, RedbStore, Thinned};

const BOOT: BootId = BootId([1; 16]);
const KEEP: Keep = Keep {
    vitals: Duration::from_secs(86_400),
    summaries: Duration::from_secs(10 * 86_400),
};

/// A heart, a real store, and a clock that is set by hand.
struct Bench {
    centre: Centre,
    store: RedbStore,
    now_ms: u64,
    folder: tempfile::TempDir,
}

fn heart(store: &RedbStore) -> Centre {
    let wards = Wards::restore(store.standing().unwrap());
    Centre::new("Centre".into(), KEEP, wards, store.duty().unwrap())
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&folder.path().join("central.redb")).unwrap();
        let mut bench = Bench {
            centre: heart(&store),
            store,
            now_ms: 100_000,
            folder,
        };
        bench.step(CentreEvent::Link(FromLink::Up));
        bench
    }

    fn restarted(self) -> Bench {
        drop(self.store);
        let store = RedbStore::open(&self.folder.path().join("central.redb")).unwrap();
        let centre = heart(&store);
        Bench {
            centre,
            store,
            ..self
        }
    }

    fn now(&self) -> Moment {
        Moment {
            mono: MonoTime::from_ms(self.now_ms),
            wall: WallTime::from_unix_ms(1_795_000_000_000 + i64::try_from(self.now_ms).unwrap()),
        }
    }

    fn step(&mut self, event: CentreEvent) {
        let now = self.now();
        self.centre.step(event, now);
    }

    fn hear(&mut self, topic: String, payload: Vec<u8>) {
        self.step(CentreEvent::Link(FromLink::Message(Message {
            topic,
            payload,
            retain: false,
        })));
    }

    /// Lets the store do everything that waits, then one round.
    fn settle(&mut self) {
        while let Some(work) = self.centre.next_work(self.now()) {
            let done = match work {
                Work::Job(job) => self.perform(job),
                Work::ThinOut(limits, from) => JobDone::ThinnedOut(self.store.thin_out(limits, from)),
                Work::TryAgain => JobDone::TriedAgain(self.store.try_again()),
            };
            self.step(CentreEvent::Done(done));
        }
        self.step(CentreEvent::Tick);
    }

    fn perform(&self, job: Job) -> JobDone {
        match job {
            Job::Envelopes(pending) => {
                let arrived: Vec<_> = pending
                    .iter()
                    .map(|pending| inbox::open(pending).unwrap())
                    .collect();
                let applied = self.store.apply(&arrived).unwrap();
                let moments = pending.iter().map(|pending| pending.arrived);
                JobDone::Envelopes {
                    refused: vec![],
                    applied: Ok(applied.into_iter().zip(moments).collect()),
                }
            }
            Job::Command(post, command) => {
                let kept = self.store.keep_command(&post, &command);
                JobDone::Command(post, command, kept)
            }
            Job::Duty(duty) => JobDone::Duty(self.store.keep_duty(&duty)),
            Job::State(state) => JobDone::State(self.store.keep_state(&state)),
            Job::Verdicts(post, verdicts) => {
                let kept = self.store.keep_verdicts(&post, &verdicts);
                JobDone::Verdicts(post, verdicts, kept)
            }
        }
    }

    /// The topics of what went out, without the post.
    fn sent(&mut self) -> Vec<String> {
        let sent = self.centre.take_outgoing();
        sent.iter()
            .map(|message| message.topic.replace("vitalpost/v1/", ""))
            .collect()
    }

    fn ask(&mut self, by: &str, command: u128) -> oneshot::Receiver<Result<u128, CommandError>> {
        let kind = CommandKind::Seen {
            alarm: alarm_id(),
            by: by.into(),
            by_id: Some("rao".into()),
        };
        self.give(kind, command)
    }

    fn give(&mut self, kind: CommandKind, command: u128) -> oneshot::Receiver<Result<u128, CommandError>> {
        let (reply, answer) = oneshot::channel();
        self.step(CentreEvent::Asked(CommandRequest {
            post: demo(),
            kind,
            command,
            reply,
        }));
        answer
    }
}

fn demo() -> PostId {
    "demo".parse().unwrap()
}

fn alarm_id() -> AlarmId {
    AlarmId {
        epoch: Epoch(1),
        number: 1,
    }
}

fn envelope(lane: Lane, first: u64, records: Vec<Record>) -> Vec<u8> {
    Envelope {
        post: demo(),
        epoch: Epoch(1),
        lane,
        first: Seq(first),
        count: u32::try_from(records.len()).unwrap(),
        block: Block { boot: BOOT, records }.encode(),
    }
    .encode()
}

fn alarm() -> Vec<u8> {
    let stamp = Stamp {
        boot: BOOT,
        mono: MonoTime::BOOT,
    };
    let change = AlarmChange {
        id: alarm_id(),
        change: 1,
        condition: "desaturation".parse().unwrap(),
        priority: Priority::High,
        phase: AlarmPhase::Active,
        bed: None,
        device: None,
        admission: None,
        value: None,
        limit: None,
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at: MonoTime::BOOT,
        onsets: 1,
        acknowledged_by: None,
    };
    envelope(Lane::Alerts, 1, vec![Record::Alarm(change)])
}

fn event(event: Event) -> Vec<u8> {
    let at = MonoTime::BOOT;
    envelope(Lane::Events, 1, vec![Record::Event { at, event }])
}

fn state(status: PostStatus) -> Vec<u8> {
    PostState {
        post: demo(),
        status,
        name: "Demo".into(),
        epoch: Epoch(1),
        boot: BOOT,
        at: MonoTime::BOOT,
        wall: None,
        trust: ClockTrust::Untrusted,
        last: vec![],
        beds: vec![],
        open_alarms: Default::default(),
    }
    .encode()
}

fn no_space() -> StoreError {
    StoreError::Closed {
        file: "central.redb".into(),
    }
}

#[test]
fn i1_a_receipt_goes_out_only_after_the_store_has_committed() {
    let mut bench = Bench::new();
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), Vec::<String>::new());
    bench.settle();
    let sent = bench.centre.take_outgoing();
    let receipt = Receipt::decode(&sent[0].payload).unwrap();
    assert_eq!((receipt.lane, receipt.contiguous), (Lane::Alerts, Seq(1)));
}

#[test]
fn i1_while_the_store_fails_there_is_neither_receipt_nor_heartbeat_and_afterwards_both_come_back() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.settle();
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);

    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    assert!(matches!(bench.centre.next_work(bench.now()), Some(Work::Job(_))));
    let applied = Err(no_space());
    bench.step(CentreEvent::Done(JobDone::Envelopes {
        refused: vec![],
        applied,
    }));
    bench.now_ms += 9_000;
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), Vec::<String>::new());
    assert_eq!(
        bench.centre.picture(bench.now()).unwrap().problems[0].key,
        "store_failing"
    );
    assert!(bench.centre.next_work(bench.now()).is_none());

    bench.now_ms += 2_000;
    assert!(matches!(
        bench.centre.next_work(bench.now()),
        Some(Work::TryAgain)
    ));
    bench.step(CentreEvent::Done(JobDone::TriedAgain(Ok(()))));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    assert_eq!(bench.sent(), vec!["demo/down/receipt"]);
}

#[test]
fn i6_a_store_that_hangs_stops_the_heartbeat_and_shows_on_the_page() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
    assert!(bench.centre.next_work(bench.now()).is_some());
    bench.now_ms += 10_001;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), Vec::<String>::new());
    assert_eq!(
        bench.centre.picture(bench.now()).unwrap().problems[0].key,
        "store_failing"
    );
}

#[test]
fn heartbeats_go_to_every_known_post_every_ten_seconds_and_at_once_to_one_that_speaks() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
    bench.now_ms += 9_999;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), Vec::<String>::new());
    bench.now_ms += 1;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
    bench.step(CentreEvent::Link(FromLink::Down {
        problem: "cut".into(),
    }));
    bench.now_ms += 60_000;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), Vec::<String>::new());
    assert_eq!(
        bench.centre.picture(bench.now()).unwrap().problems[0].key,
        "broker_unreachable"
    );
    bench.step(CentreEvent::Link(FromLink::Up));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
}

#[test]
fn i6_a_seen_is_durable_before_it_is_answered_and_sent_until_it_is_confirmed() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    bench.sent();

    let mut answer = bench.ask("Dr Rao", 7);
    let mut impatient = bench.ask("Dr Rao", 8);
    assert_eq!(answer.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(bench.sent(), Vec::<String>::new());
    bench.settle();
    assert_eq!(answer.try_recv(), Ok(Ok(7)));
    assert_eq!(impatient.try_recv(), Ok(Ok(7)));
    assert_eq!(bench.sent(), vec!["demo/down/command"]);

    // Not confirmed: sent again, after a restart of the centre too.
    let mut bench = bench.restarted();
    bench.step(CentreEvent::Link(FromLink::Up));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat", "demo/down/command"]);
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat", "demo/down/command"]);

    let confirmation = Event::Seen {
        alarm: alarm_id(),
        by: "Dr Rao".into(),
        by_id: Some("rao".into()),
        command: 7,
    };
    bench.hear(topic::up(&demo(), Lane::Events), event(confirmation));
    bench.settle();
    assert!(bench.centre.picture(bench.now()).unwrap().alerts[0].seen[0].confirmed);
    bench.sent();
    bench.now_ms += 10_000;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.sent(), vec!["demo/down/heartbeat"]);
}

#[test]
fn i6_a_doctor_is_told_when_his_seen_cannot_be_saved_or_there_is_no_such_alarm() {
    let mut bench = Bench::new();
    let unknown = bench.ask("Dr Rao", 1).try_recv().unwrap();
    assert_eq!(unknown, Err(CommandError::Refused(CommandRefused::UnknownPost)));

    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    let mut waiting = bench.ask("Dr Rao", 2);
    let Some(Work::Job(Job::Command(post, command))) = bench.centre.next_work(bench.now()) else {
        panic!("a command is first in the queue");
    };
    let mut behind = bench.ask("Dr Iyer", 3);
    bench.step(CentreEvent::Done(JobDone::Command(
        post,
        command,
        Err(no_space()),
    )));
    let mut late = bench.ask("Dr Sen", 4);
    for answer in [&mut waiting, &mut behind, &mut late] {
        assert!(matches!(answer.try_recv(), Ok(Err(CommandError::NotSaved(_)))));
    }
    assert_eq!(bench.centre.wards.pending(&demo(), bench.now().wall), vec![]);
}

#[test]
fn i10_messages_that_cannot_be_read_or_name_another_post_are_counted_and_stop_nothing() {
    let mut bench = Bench::new();
    bench.hear("vitalpost/v1/demo/up/rumours".into(), vec![1, 2, 3]);
    bench.hear(topic::state(&demo()), vec![0xff; 10]);
    bench.hear(topic::state(&"other".parse().unwrap()), state(PostStatus::Online));
    bench.step(CentreEvent::Done(JobDone::Envelopes {
        refused: vec![(demo(), Refusal::OtherLane { named: Lane::Waves })],
        applied: Ok(vec![]),
    }));
    let view = bench.centre.picture(bench.now()).unwrap();
    assert_eq!(view.posts, vec![]);
    let texts: Vec<&str> = view
        .problems
        .iter()
        .map(|problem| problem.text.as_str())
        .collect();
    assert!(texts[0].starts_with("Post demo sent 2 messages"), "{texts:?}");
    assert!(texts[1].starts_with("Post other sent 1 messages"), "{texts:?}");
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    assert_eq!(bench.sent(), vec!["demo/down/receipt"]);
}

#[test]
fn an_envelope_of_another_post_or_lane_than_its_topic_is_refused() {
    let pending = |post: &str, lane| Pending {
        post: post.parse().unwrap(),
        lane,
        payload: alarm(),
        arrived: Bench::new().now(),
    };
    assert!(inbox::open(&pending("demo", Lane::Alerts)).is_ok());
    assert_eq!(
        inbox::open(&pending("other", Lane::Alerts)),
        Err(Refusal::OtherPost { named: demo() })
    );
    assert_eq!(
        inbox::open(&pending("demo", Lane::Vitals)),
        Err(Refusal::OtherLane { named: Lane::Alerts })
    );
}

#[test]
fn pictures_come_at_most_four_times_a_second_and_when_a_post_falls_silent() {
    let mut bench = Bench::new();
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    let first = bench.centre.picture(bench.now()).unwrap();
    assert_eq!(first.posts[0].status(bench.now().mono), Status::Online);
    bench.hear(topic::state(&demo()), state(PostStatus::Online));
    bench.now_ms += 249;
    assert_eq!(bench.centre.picture(bench.now()), None);
    bench.now_ms += 1;
    assert!(bench.centre.picture(bench.now()).is_some());
    bench.now_ms += 29_000;
    bench.step(CentreEvent::Tick);
    assert_eq!(bench.centre.picture(bench.now()), None);
    bench.now_ms += 2_000;
    bench.step(CentreEvent::Tick);
    let last = bench.centre.picture(bench.now()).unwrap();
    assert_eq!(last.posts[0].status(bench.now().mono), Status::Lost);
}

#[test]
fn i6_a_new_picture_is_made_when_a_seen_expires_and_the_same_doctor_can_send_it_again() {
    let mut bench = Bench::new();
    bench.hear(topic::up(&demo(), Lane::Alerts), alarm());
    bench.settle();
    let mut first = bench.ask("Dr Rao", 7);
    bench.settle();
    assert_eq!(first.try_recv(), Ok(Ok(7)));
    let expired = |bench: &mut Bench| {
        let now = bench.now();
        let picture = bench.centre.picture(now)?;
        Some(picture.alerts[0].seen[0].expired)
    };
    assert_eq!(expired(&mut bench), Some(false));
    bench.now_ms += 24 * 3_600_000 - 1;
    bench.step(CentreEvent::Tick);
    assert_eq!(expired(&mut bench), None);
    bench.now_ms += 1;
    bench.step(CentreEvent::Tick);
    assert_eq!(expired(&mut bench), Some(true));
    bench.now_ms += 1_000;
    bench.step(CentreEvent::Tick);
    assert_eq!(expired(&mut bench), None);
    bench.sent();
    let mut again = bench.ask("Dr Rao", 8);
    bench.settle();
    assert_eq!(again.try_recv(), Ok(Ok(8)));
    assert_eq!(bench.sent(), vec!["demo/down/command"]);
    assert_eq!(expired(&mut bench), Some(false));
}
