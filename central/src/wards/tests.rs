//! The live picture from what arrives, in whatever order.

mod commands;
mod crowd;
mod deeds;
mod live_first;
mod repeated_seen;
mod resync;

use proptest::prelude::*;
use vitals::record::ClosedLane;
use vitals::{
    AlarmChange, AlarmPhase, AnchorSource, BootId, ClockAnchor, ClockTrust, Code, Decimal, Observation,
    Priority, Reading, Seq,
};

use super::*;
use crate::store::{AlarmStanding, Held, LaneHeld};
use crate::view::{HEARTBEAT_SILENCE_MAX, Status, View};

const BOOT: BootId = BootId([1; 16]);
const WALL_MS: i64 = 1_795_000_000_000;

/// The centre's clocks, `ms` after some start; its machine has been up for 5 000 s.
fn at(ms: u64) -> Moment {
    Moment {
        mono: MonoTime::from_ms(5_000_000 + ms),
        wall: WallTime::from_unix_ms(WALL_MS + i64::try_from(ms).unwrap()),
    }
}

fn demo() -> PostId {
    "demo".parse().unwrap()
}

/// What the post says of itself when its own clock shows `at_ms`.
fn state(status: PostStatus, at_ms: u64) -> PostState {
    PostState {
        post: demo(),
        status,
        name: "Demo health post".into(),
        epoch: Epoch(1),
        boot: BOOT,
        at: MonoTime::from_ms(at_ms),
        wall: None,
        trust: ClockTrust::Untrusted,
        last: vec![],
        beds: vec![("1".parse().unwrap(), "Bed 1".into())],
        open_alarms: Default::default(),
    }
}

fn applied(lane: Lane, records: Vec<(u64, Record)>) -> Applied {
    let mut held = Held::default();
    for (seq, _) in &records {
        held.store(Seq(*seq), Seq(*seq)).unwrap();
    }
    let epoch = Epoch(1);
    Applied {
        post: demo(),
        epoch,
        boot: BOOT,
        new: records
            .into_iter()
            .map(|(seq, record)| (Seq(seq), record))
            .collect(),
        lanes: vec![LaneHeld { epoch, lane, held }],
        audit: None,
        too_many_gaps: false,
    }
}

/// In hundredths, as some monitors send it; the page shows whole numbers.
fn spo2(at_ms: u64, value: i64) -> Record {
    Record::Reading(Reading {
        device: "oxi-1".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: None,
        at: MonoTime::from_ms(at_ms),
        seen: Observation::value(Code::Spo2, Decimal::new(value * 100, 2)),
    })
}

fn change(number: u32, change: u32, phase: AlarmPhase, onset_ms: u64) -> AlarmChange {
    let stamp = Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(onset_ms),
    };
    AlarmChange {
        id: AlarmId {
            epoch: Epoch(1),
            number,
        },
        change,
        condition: "limit.spo2.low".parse().unwrap(),
        priority: Priority::High,
        phase,
        bed: Some("1".parse().unwrap()),
        device: None,
        admission: None,
        value: Some(Decimal::whole(90 - i64::from(change))),
        limit: Some(Decimal::whole(90)),
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at: MonoTime::from_ms(onset_ms + u64::from(change)),
        onsets: 1,
        acknowledged_by: None,
    }
}

fn alarm(number: u32, of: u32, phase: AlarmPhase, onset_ms: u64) -> Applied {
    applied(
        Lane::Alerts,
        vec![(1, Record::Alarm(change(number, of, phase, onset_ms)))],
    )
}

fn event(event: Event) -> Applied {
    let at = MonoTime::from_ms(1);
    applied(Lane::Events, vec![(1, Record::Event { at, event })])
}

fn anchor(wall_ms: i64) -> Applied {
    event(Event::Anchor(ClockAnchor {
        boot: BOOT,
        mono: MonoTime::BOOT,
        wall: WallTime::from_unix_ms(wall_ms),
        trust: ClockTrust::Holdover,
        source: AnchorSource::SystemStart,
    }))
}

fn seen_by(alarm: AlarmId, by: &str) -> CommandKind {
    CommandKind::Seen {
        alarm,
        by: by.into(),
        by_id: Some(by.to_lowercase()),
    }
}

fn view(wards: &Wards, now: Moment) -> View {
    wards.view("Centre", vec![], now)
}

/// (value, age in ms) of the only value of the only bed.
fn shown(wards: &Wards, now: Moment) -> (String, Option<i64>) {
    let text = view(wards, now).render("build", 0, now);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let value = &json["posts"][0]["beds"][0]["values"][0];
    (
        value["value"].as_str().unwrap().to_owned(),
        value["age_ms"].as_i64(),
    )
}

proptest! {
    /// The steps of three alarms with their "seen", in any order, some twice.
    #[test]
    fn i6_alerts_converge_to_the_same_picture_whatever_the_order_of_arrival(
        order in Just((0..13usize).collect::<Vec<_>>()).prop_shuffle(),
        twice in proptest::collection::vec(0..13usize, 0..6),
    ) {
        use AlarmPhase::{Acknowledged, Active, Ended, Latched};
        let phases = [(1, [Active, Acknowledged, Active, Ended]), (2, [Active, Latched, Active, Acknowledged]), (3, [Active, Ended, Active, Ended])];
        let mut steps: Vec<Applied> = phases
            .iter()
            .flat_map(|(number, phases)| (1..).zip(phases).map(|(of, phase)| alarm(*number, of, *phase, 1_000)))
            .collect();
        steps.push(event(Event::Seen { alarm: AlarmId { epoch: Epoch(1), number: 2 }, by: "Dr Rao".into(), by_id: None, command: 5 }));
        let mut wards = Wards::default();
        wards.heard(state(PostStatus::Online, 1_000), false, at(0));
        for step in order.into_iter().chain(twice) {
            wards.absorb(&steps[step], at(10));
        }
        let alerts = view(&wards, at(20)).alerts;
        let got: Vec<_> = alerts.iter().map(|a| (a.id.number, a.phase, a.value.unwrap().to_string(), a.seen.len())).collect();
        prop_assert_eq!(got, vec![
            (2, Acknowledged, "86".to_owned(), 1),
            (3, Ended, "86".to_owned(), 0),
            (1, Ended, "86".to_owned(), 0),
        ]);
        prop_assert!(alerts[0].seen[0].confirmed);
    }
}

#[test]
fn i4_a_backlog_that_drains_behind_live_data_never_touches_the_live_number() {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 100_000), false, at(0));
    wards.absorb(&applied(Lane::Vitals, vec![(900, spo2(100_000, 97))]), at(0));
    let backlog: Vec<(u64, Record)> = (1..=800).map(|seq| (seq, spo2(seq * 100, 80))).collect();
    assert!(!wards.absorb(&applied(Lane::Events, backlog), at(500)));
    assert_eq!(shown(&wards, at(1_000)), ("97".to_owned(), Some(1_000)));
}

#[test]
fn i4_a_value_that_was_delayed_shows_the_age_it_has_not_the_time_since_it_arrived() {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 1_000_000), false, at(0));
    wards.absorb(&applied(Lane::Vitals, vec![(1, spo2(400_000, 95))]), at(0));
    assert_eq!(shown(&wards, at(2_000)), ("95".to_owned(), Some(602_000)));
}

#[test]
fn i4_without_any_clock_the_age_is_unknown_and_with_a_wrong_one_never_less_than_since_arrival() {
    let mut wards = Wards::default();
    wards.absorb(&applied(Lane::Vitals, vec![(1, spo2(1_000, 95))]), at(0));
    assert_eq!(shown(&wards, at(3_000)), ("95".to_owned(), None));
    // A post whose clock is an hour fast says that it measured in the future.
    wards.absorb(&anchor(WALL_MS + 3_600_000), at(3_000));
    assert_eq!(shown(&wards, at(4_000)), ("95".to_owned(), Some(4_000)));
}

#[test]
fn i4_a_state_that_the_broker_had_kept_does_not_make_old_values_look_new() {
    let mut wards = Wards::default();
    wards.absorb(&anchor(WALL_MS - 10_000_000), at(0));
    wards.absorb(&applied(Lane::Vitals, vec![(1, spo2(1_000_000, 95))]), at(0));
    wards.heard(state(PostStatus::Online, 1_000_000), true, at(0));
    assert_eq!(shown(&wards, at(0)).1, Some(9_000_000));
}

#[test]
fn i6_a_post_that_is_not_heard_for_thirty_seconds_is_shown_as_lost() {
    let status = |wards: &Wards, now: Moment| view(wards, now).posts[0].status(now.mono);
    let silence = u64::try_from(HEARTBEAT_SILENCE_MAX.as_millis()).unwrap();
    let mut wards = Wards::default();
    assert!(
        wards
            .heard(state(PostStatus::Online, 1_000), false, at(0))
            .came_online
    );
    assert!(
        !wards
            .heard(state(PostStatus::Online, 1_010), false, at(10))
            .came_online
    );
    assert_eq!(status(&wards, at(10 + silence)), Status::Online);
    assert_eq!(status(&wards, at(11 + silence)), Status::Lost);
    wards.heard(state(PostStatus::Stopped, 50_000), false, at(50_000));
    assert_eq!(status(&wards, at(500_000)), Status::Stopped);
    assert!(
        wards
            .heard(state(PostStatus::Online, 600_000), false, at(600_000))
            .came_online
    );
    wards.heard(state(PostStatus::Lost, 1_000), false, at(601_000));
    assert_eq!(status(&wards, at(601_000)), Status::Lost);
}

#[test]
fn i6_after_a_restart_a_post_is_lost_until_it_is_heard_or_the_broker_has_lately_kept_it() {
    let standing = crowd::standing(state(PostStatus::Online, 1_000));
    let mut wards = Wards::restore(vec![standing]);
    let status = |wards: &Wards, now: Moment| view(wards, now).posts[0].status(now.mono);
    assert_eq!(status(&wards, at(0)), Status::Lost);
    wards.heard(state(PostStatus::Online, 1_000), true, at(0));
    assert_eq!(status(&wards, at(1_000)), Status::Online);
    assert_eq!(view(&wards, at(1_000)).posts[0].heartbeat, None);
    wards.heard(state(PostStatus::Online, 1_000), true, at(20_000));
    assert_eq!(status(&wards, at(31_000)), Status::Lost);
}

#[test]
fn i4_an_alert_says_how_late_it_came_and_is_past_beyond_two_minutes() {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 1_000_000), false, at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 999_500), at(0));
    wards.absorb(&alarm(2, 1, AlarmPhase::Active, 880_000), at(0));
    wards.absorb(&alarm(3, 1, AlarmPhase::Active, 879_999), at(0));
    let view = view(&wards, at(60_000));
    let of = |number| {
        let alert = view
            .alerts
            .iter()
            .find(|alert| alert.id.number == number)
            .unwrap();
        (alert.delay_ms, alert.past)
    };
    assert_eq!(
        (of(1), of(2), of(3)),
        ((Some(500), false), (Some(120_000), false), (Some(120_001), true))
    );
}

#[test]
fn i8_how_late_an_alert_came_becomes_known_with_the_posts_clock_and_stays_so() {
    let mut wards = Wards::default();
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 100_000), at(0));
    let alert = |wards: &Wards| {
        let alert = view(wards, at(9_000)).alerts[0].clone();
        (alert.delay_ms, alert.past, alert.onset_wall_ms)
    };
    assert_eq!(alert(&wards), (None, false, None));
    wards.heard(state(PostStatus::Online, 110_000), false, at(5_000));
    assert_eq!(alert(&wards), (Some(5_000), false, None));
    // The anchor gives the wall time; the delay was already known better.
    wards.absorb(&anchor(WALL_MS - 900_000), at(6_000));
    assert_eq!(alert(&wards), (Some(5_000), false, Some(WALL_MS - 800_000)));
}

#[test]
fn i4_an_alert_of_an_earlier_boot_with_an_unset_clock_is_past() {
    let mut wards = Wards::default();
    let mut rebooted = state(PostStatus::Online, 1_000);
    rebooted.boot = BootId([2; 16]);
    wards.heard(rebooted, false, at(0));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 5), at(0));
    let alert = &view(&wards, at(0)).alerts[0];
    assert_eq!((alert.delay_ms, alert.past), (None, true));
}

#[test]
fn how_far_the_centre_is_behind_counts_gaps_unsent_records_and_closed_epochs_but_no_curves() {
    let last = |lane, last_seq| ClosedLane {
        epoch: Epoch(1),
        lane,
        last_seq: Seq(last_seq),
    };
    let mut wards = Wards::default();
    let mut told = state(PostStatus::Online, 1_000);
    told.last = vec![
        last(Lane::Vitals, 10),
        last(Lane::Alerts, 2),
        last(Lane::Waves, 1_000),
    ];
    wards.heard(told, false, at(0));
    assert_eq!(view(&wards, at(0)).posts[0].behind, 12);
    wards.absorb(
        &applied(Lane::Vitals, vec![(1, spo2(1, 97)), (4, spo2(4, 97))]),
        at(0),
    );
    assert_eq!(view(&wards, at(0)).posts[0].behind, 10);
    let mut earlier = applied(Lane::Vitals, vec![]);
    earlier.lanes[0].epoch = Epoch(0);
    earlier.lanes[0].held.close(Seq(7));
    wards.absorb(&earlier, at(0));
    assert_eq!(view(&wards, at(0)).posts[0].behind, 17);
}

#[test]
fn i6_a_seen_is_pending_until_the_post_confirms_it_and_saying_it_twice_is_once() {
    let id = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let command = |id_of: u128, by: &str| Command {
        id: id_of,
        issued: at(0).wall,
        expires: at(100_000).wall,
        kind: seen_by(id, by),
    };
    let mut wards = Wards::default();
    let refused = wards.check(&demo(), &seen_by(id, "Dr Rao"), at(0).wall);
    assert_eq!(refused, Err(CommandRefused::UnknownPost));
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 1_000), at(0));
    assert_eq!(wards.check(&demo(), &seen_by(id, "Dr Rao"), at(0).wall), Ok(None));
    wards.commanded(&demo(), &command(7, "Dr Rao"));
    assert_eq!(
        wards.check(&demo(), &seen_by(id, "Dr Rao"), at(0).wall),
        Ok(Some(7))
    );
    assert_eq!(wards.pending(&demo(), at(0).wall), vec![command(7, "Dr Rao")]);
    assert_eq!(wards.pending(&demo(), at(100_000).wall), vec![]);
    assert!(!view(&wards, at(0)).alerts[0].seen[0].confirmed);
    let seen = event(Event::Seen {
        alarm: id,
        by: "Dr Rao".into(),
        by_id: Some("dr rao".into()),
        command: 7,
    });
    assert!(wards.absorb(&seen, at(1_000)));
    assert!(!wards.absorb(&seen, at(2_000)));
    assert_eq!(wards.pending(&demo(), at(0).wall), vec![]);
    let marks = view(&wards, at(0)).alerts[0].seen.clone();
    assert_eq!(
        (marks.len(), marks[0].confirmed, marks[0].wall_ms),
        (1, true, WALL_MS)
    );
    for n in 1..16 {
        wards.commanded(&demo(), &command(100 + n, &format!("Dr {n}")));
    }
    assert_eq!(
        wards.check(&demo(), &seen_by(id, "Dr 99"), at(0).wall),
        Err(CommandRefused::TooManySeen)
    );
}

#[test]
fn alarms_in_memory_are_bounded_and_ended_ones_go_first() {
    let mut wards = Wards::default();
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 0), at(0));
    for number in 2..=u32::try_from(alerts::ALARMS_MAX).unwrap() + 1 {
        wards.absorb(&alarm(number, 2, AlarmPhase::Ended, 0), at(u64::from(number)));
    }
    let known: Vec<u32> = wards.posts[&demo()]
        .alerts
        .iter()
        .map(|alert| alert.change.id.number)
        .collect();
    assert_eq!(known.len(), alerts::ALARMS_MAX);
    assert_eq!(known.get(..2), Some([1, 3].as_slice()));
    let shown = view(&wards, at(0)).alerts;
    assert_eq!((shown.len(), shown[0].id.number), (crate::view::ALERTS_MAX, 1));
}

#[test]
fn posts_beds_and_texts_are_bounded() {
    let mut wards = Wards::default();
    let mut chatty = state(PostStatus::Online, 0);
    chatty.name = "x".repeat(5_000);
    chatty.beds = (0..500)
        .map(|n| (format!("b{n}").parse().unwrap(), "y".repeat(900)))
        .collect();
    wards.heard(chatty, false, at(0));
    for n in 0..POSTS_MAX + 5 {
        let mut other = state(PostStatus::Online, 0);
        other.post = format!("post-{n}").parse().unwrap();
        wards.heard(other, false, at(0));
    }
    let view = view(&wards, at(0));
    assert_eq!(view.posts.len(), POSTS_MAX);
    assert_eq!(
        (view.posts[0].name.len(), view.posts[0].beds.len()),
        (80, beds::BEDS_MAX)
    );
    assert_eq!(view.posts[0].beds[0].label.len(), 80);
}

#[test]
fn i1_the_picture_after_a_restart_holds_latest_values_open_alarms_and_who_saw_them() {
    let id = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let latest = crate::store::Stored {
        epoch: Epoch(1),
        lane: Lane::Vitals,
        seq: Seq(9),
        boot: BOOT,
        received: at(0).wall,
        record: spo2(60_000, 91),
    };
    let mark = SeenMark {
        by_id: None,
        alarm: id,
        command: 3,
        by: "Dr Rao".into(),
        at: at(0).wall,
        expires: at(1_000).wall,
        confirmed: false,
        refused: None,
    };
    let anchor = ClockAnchor {
        boot: BOOT,
        mono: MonoTime::BOOT,
        wall: WallTime::from_unix_ms(WALL_MS - 60_000),
        trust: ClockTrust::Holdover,
        source: AnchorSource::SystemStart,
    };
    let wards = Wards::restore(vec![PostStanding {
        anchors: vec![(Epoch(1), anchor)],
        latest: vec![latest],
        alarms: vec![AlarmStanding {
            epoch: Epoch(1),
            change: change(1, 2, AlarmPhase::Acknowledged, 55_000),
            received: WallTime::from_unix_ms(WALL_MS - 4_000),
            is_over: false,
        }],
        seen: vec![mark],
        ..crowd::standing(state(PostStatus::Online, 1_000))
    }]);
    assert_eq!(shown(&wards, at(7_000)), ("91".to_owned(), Some(7_000)));
    let alert = view(&wards, at(7_000)).alerts[0].clone();
    assert_eq!(
        (alert.phase, alert.delay_ms, alert.past),
        (AlarmPhase::Acknowledged, Some(1_000), false)
    );
    assert_eq!(alert.seen[0].by, "Dr Rao");
    assert_eq!(wards.pending(&demo(), at(0).wall).len(), 1);
}
