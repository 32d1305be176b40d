//! What a post's state says about its open alarms, against what arrived of them.

use std::collections::{BTreeMap, BTreeSet};

use vitals::wire::{Block, Envelope, OpenAlarms};

use super::*;
use crate::store::{Arrived, CentreStore, RedbStore};

fn named(epoch: u64, at_ms: u64, alerts: u64, latest: &[(AlarmId, u32)], complete: bool) -> PostState {
    let last = |lane, last_seq| ClosedLane {
        epoch: Epoch(epoch),
        lane,
        last_seq: Seq(last_seq),
    };
    let mut state = state(PostStatus::Online, at_ms);
    state.epoch = Epoch(epoch);
    state.last = vec![last(Lane::Alerts, alerts), last(Lane::Events, 1)];
    state.open_alarms = OpenAlarms {
        latest: latest.to_vec(),
        complete,
    };
    state
}

fn id(number: u32) -> AlarmId {
    AlarmId {
        epoch: Epoch(1),
        number,
    }
}

fn started() -> Applied {
    event(Event::Started {
        version: "0.1.0".into(),
        boot: BOOT,
        closed: vec![],
    })
}

/// (past, phase, ended unheard) of the only alarm.
fn only(wards: &Wards) -> (bool, AlarmPhase, bool) {
    let alert = view(wards, at(0)).alerts[0].clone();
    (alert.past, alert.phase, alert.ended_unheard)
}

const LIVE: (bool, AlarmPhase, bool) = (false, AlarmPhase::Active, false);
const PAST: (bool, AlarmPhase, bool) = (true, AlarmPhase::Active, false);

#[test]
fn i6_an_alarm_that_came_late_is_live_as_long_as_the_post_says_that_it_holds() {
    let mut wards = Wards::default();
    wards.absorb(&started(), at(0));
    wards.heard(named(1, 2_000_000, 1, &[], false), false, at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 260_000), at(0));
    assert_eq!(only(&wards), PAST);
    // A state that the broker had kept was said at some time, not now.
    wards.heard(named(1, 2_000_000, 1, &[(id(1), 1)], true), true, at(0));
    assert_eq!(only(&wards), PAST);
    let heard = wards.heard(named(1, 2_010_000, 1, &[(id(1), 1)], true), false, at(10_000));
    assert_eq!((only(&wards), heard.verdicts), (LIVE, vec![]));
    let alert = &view(&wards, at(10_000)).alerts[0];
    assert_eq!(alert.delay_ms, Some(1_740_000));
    wards.heard(state(PostStatus::Lost, 2_010_000), false, at(15_000));
    assert_eq!(only(&wards), PAST);
}

#[test]
fn i6_an_alarm_that_still_holds_after_an_outage_is_news_from_then_on_and_one_that_does_not_stays_past() {
    let mut wards = Wards::default();
    wards.absorb(&started(), at(0));
    wards.absorb(&anchor(WALL_MS - 2_000_000), at(0));
    wards.heard(named(1, 2_000_000, 3, &[], false), false, at(0));
    // What began during the outage, what ended in it, and what began a moment ago.
    for (number, phase, onset_ms) in [
        (1, AlarmPhase::Active, 260_000),
        (2, AlarmPhase::Ended, 400_000),
        (3, AlarmPhase::Active, 1_999_000),
    ] {
        let mut told = change(number, 1, phase, onset_ms);
        told.bed = Some(number.to_string().parse().unwrap());
        wards.absorb(
            &applied(Lane::Alerts, vec![(number.into(), Record::Alarm(told))]),
            at(0),
        );
    }
    let order = |wards: &Wards| -> Vec<(u32, bool)> {
        let alerts = view(wards, at(0)).alerts;
        alerts.iter().map(|alert| (alert.id.number, alert.past)).collect()
    };
    assert_eq!(order(&wards), [(3, false), (1, true), (2, true)]);
    let both = [(id(1), 1), (id(3), 1)];
    wards.heard(named(1, 2_010_000, 3, &both, true), false, at(10_000));
    assert_eq!(order(&wards), [(1, false), (3, false), (2, true)]);
    let announced = |wards: &Wards| view(wards, at(0)).alerts[0].announced_wall_ms;
    assert_eq!(announced(&wards), Some(at(10_000).wall.as_unix_ms()));
    wards.heard(named(1, 2_020_000, 3, &both, true), false, at(20_000));
    assert_eq!(announced(&wards), Some(at(10_000).wall.as_unix_ms()), "once");
}

#[test]
fn i6_a_state_that_names_an_alarm_may_overtake_it() {
    let mut wards = Wards::default();
    wards.heard(named(1, 2_000_000, 1, &[(id(1), 1)], true), false, at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 260_000), at(0));
    assert_eq!(only(&wards), LIVE);
}

#[test]
fn i6_an_alarm_that_is_not_named_is_over_only_when_no_alert_can_be_missing_and_the_list_is_whole() {
    let mut wards = Wards::default();
    wards.heard(named(1, 1_000, 1, &[], false), false, at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 900), at(0));
    let hear = |wards: &mut Wards, at_ms, alerts, complete| {
        let heard = wards.heard(named(1, at_ms, alerts, &[], complete), false, at(at_ms));
        (only(wards), heard.verdicts.len())
    };
    // The events that tell the ends of earlier runs are not here yet.
    assert_eq!(hear(&mut wards, 2_000, 1, true), (LIVE, 0));
    wards.absorb(&started(), at(2_000));
    assert_eq!(hear(&mut wards, 3_000, 1, false), (LIVE, 0));
    // The state overtook an alert, perhaps the one that says how it ended.
    assert_eq!(hear(&mut wards, 4_000, 2, true), (LIVE, 0));
    // The state was made before an alert that is here already.
    assert_eq!(hear(&mut wards, 5_000, 0, true), (LIVE, 0));
    // An older state that comes late says nothing.
    assert_eq!(hear(&mut wards, 1_500, 1, true), (LIVE, 0));
    let (shown, verdicts) = hear(&mut wards, 6_000, 1, true);
    assert_eq!((shown.1, shown.2, verdicts), (AlarmPhase::Ended, true, 1));
    assert_eq!(view(&wards, at(6_000)).alerts_total, 0);
    // Said otherwise later, by a state or by a later change: believed.
    let heard = wards.heard(named(1, 7_000, 1, &[(id(1), 1)], true), false, at(7_000));
    assert_eq!((only(&wards), heard.verdicts[0].is_over), (LIVE, false));
    assert_eq!(hear(&mut wards, 8_000, 1, true).1, 1);
    wards.absorb(&alarm(1, 2, AlarmPhase::Latched, 900), at(9_000));
    assert_eq!(only(&wards), (false, AlarmPhase::Latched, false));
}

#[test]
fn i6_an_alarm_of_a_card_that_was_replaced_is_over_once_only_the_new_one_has_been_heard_for_a_while() {
    let mut wards = Wards::default();
    let of_run = |mut one: Applied, epoch| {
        (one.epoch, one.lanes[0].epoch) = (Epoch(epoch), Epoch(epoch));
        one
    };
    let mut old = change(1, 1, AlarmPhase::Active, 900);
    old.id.epoch = Epoch(7);
    wards.absorb(
        &of_run(applied(Lane::Alerts, vec![(1, Record::Alarm(old))]), 7),
        at(0),
    );
    wards.absorb(&started(), at(0));
    let mut hear = |ms| {
        wards
            .heard(named(1, ms, 0, &[], true), false, at(ms))
            .verdicts
            .len()
    };
    assert_eq!(
        [hear(1_000), hear(11_000), hear(30_999), hear(31_000)],
        [0, 0, 0, 1]
    );
}

/// A post that raises and ends alarms, starts anew, and whose card may be set aside; what it sent, and the truth.
struct Post {
    epoch: u64,
    raised: u32,
    alerts: BTreeMap<u64, u64>,
    open: BTreeMap<AlarmId, u32>,
    now_ms: u64,
    sent: Vec<Message>,
}

enum Message {
    Records(Arrived),
    State(PostState),
}

impl Post {
    fn new() -> Post {
        let mut post = Post {
            epoch: 0,
            raised: 0,
            alerts: BTreeMap::new(),
            open: BTreeMap::new(),
            now_ms: 1_000,
            sent: Vec::new(),
        };
        post.start(false);
        post
    }

    fn start(&mut self, set_aside: bool) {
        self.epoch += 1;
        let closed = |(epoch, last): (&u64, &u64)| ClosedLane {
            epoch: Epoch(*epoch),
            lane: Lane::Alerts,
            last_seq: Seq(*last),
        };
        let mut events = vec![Event::Started {
            version: "0.1.0".into(),
            boot: BOOT,
            closed: if set_aside {
                vec![]
            } else {
                self.alerts.iter().map(closed).collect()
            },
        }];
        if set_aside {
            self.alerts.clear();
            self.open.clear();
            events.push(Event::StoreSetAside {
                file: "f".into(),
                reason: "r".into(),
            });
        }
        self.alerts.insert(self.epoch, 0);
        let at = MonoTime::from_ms(self.now_ms);
        let records = events.into_iter().map(|event| Record::Event { at, event });
        self.send(Lane::Events, 1, records.collect());
    }

    fn send(&mut self, lane: Lane, first: u64, records: Vec<Record>) {
        let count = u32::try_from(records.len()).unwrap();
        let block = Block { boot: BOOT, records };
        let envelope = Envelope {
            post: demo(),
            epoch: Epoch(self.epoch),
            lane,
            first: Seq(first),
            count,
            block: block.encode(),
        };
        let received = at(0).wall;
        self.sent.push(Message::Records(Arrived {
            envelope,
            block,
            received,
        }));
    }

    fn step(&mut self, what: u8, which: usize) {
        self.now_ms += 1_000;
        let open = self.open.keys().copied().nth(which % self.open.len().max(1));
        match (what, open) {
            (0..4, _) | (_, None) => {
                self.raised += 1;
                let id = AlarmId {
                    epoch: Epoch(self.epoch),
                    number: self.raised,
                };
                self.change(id, 1, AlarmPhase::Active);
            }
            (4..6, Some(id)) => self.change(id, self.open[&id] + 1, AlarmPhase::Acknowledged),
            (6..10, Some(id)) => self.change(id, self.open[&id] + 1, AlarmPhase::Ended),
            (10..12, _) => self.start(what == 11),
            _ => self.tell(),
        }
    }

    fn change(&mut self, id: AlarmId, of: u32, phase: AlarmPhase) {
        let mut change = change(id.number, of, phase, self.now_ms);
        change.id = id;
        let seq = self.alerts.get_mut(&self.epoch).unwrap();
        *seq += 1;
        let seq = *seq;
        self.send(Lane::Alerts, seq, vec![Record::Alarm(change)]);
        if phase == AlarmPhase::Ended {
            self.open.remove(&id);
        } else {
            self.open.insert(id, of);
        }
    }

    fn tell(&mut self) {
        let open: Vec<_> = self.open.iter().map(|(id, of)| (*id, *of)).collect();
        let mut state = named(self.epoch, self.now_ms, self.alerts[&self.epoch], &open, true);
        state.boot = BOOT;
        self.sent.push(Message::State(state));
    }
}

fn open_at(wards: &Wards) -> BTreeSet<AlarmId> {
    let alerts = view(wards, at(0)).alerts;
    let open = alerts
        .into_iter()
        .filter(|alert| alert.phase != AlarmPhase::Ended);
    open.map(|alert| alert.id).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// States keep their order among themselves, otherwise everything arrives whenever it likes, and what a lost card
    /// held may never arrive.
    #[test]
    fn i6_both_sides_agree_on_open_alarms_in_the_end_and_no_alarm_that_holds_is_ever_shown_as_over(
        steps in proptest::collection::vec((0..15u8, 0..4usize), 1..40),
        order in proptest::collection::vec((0..30u64, any::<bool>()), 100),
    ) {
        let mut post = Post::new();
        for (what, which) in steps {
            post.step(what, which);
        }
        post.tell();
        let held_throughout: BTreeSet<AlarmId> = post.open.keys().copied().collect();
        let kept_from = post.alerts.keys().next().copied().unwrap();
        let last = post.sent.pop().unwrap();
        let (mut arriving, mut state_at) = (Vec::new(), 0);
        for (place, (message, (delay, lost))) in (0..).zip(post.sent.into_iter().zip(order.into_iter().cycle())) {
            let delay = match &message {
                Message::Records(one) if lost && one.envelope.epoch.0 < kept_from => continue,
                Message::Records(_) => delay,
                Message::State(_) => {
                    state_at = (place + delay).max(state_at);
                    state_at - place
                }
            };
            arriving.push((place + delay, message));
        }
        arriving.sort_by_key(|(place, _)| *place);
        arriving.push((u64::MAX, last));

        let folder = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&folder.path().join("central.redb")).unwrap();
        let mut wards = Wards::default();
        for (_, message) in arriving {
            match message {
                Message::Records(one) => {
                    let applied = store.apply(&[one]).unwrap();
                    wards.absorb(&applied[0], at(0));
                }
                Message::State(state) => {
                    store.keep_state(&state).unwrap();
                    let heard = wards.heard(state, false, at(0));
                    store.keep_verdicts(&demo(), &heard.verdicts).unwrap();
                }
            }
            let wrong = view(&wards, at(0)).alerts.into_iter()
                .find(|alert| alert.ended_unheard && held_throughout.contains(&alert.id));
            prop_assert!(wrong.is_none(), "{wrong:?} holds");
        }
        prop_assert_eq!(&open_at(&wards), &held_throughout);
        let restarted = Wards::restore(store.standing().unwrap());
        prop_assert_eq!(open_at(&restarted), held_throughout);
    }
}
