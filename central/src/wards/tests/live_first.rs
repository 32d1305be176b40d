//! After an outage the newest comes first, then what was made meanwhile.

use super::*;
use crate::view::GapView;

/// Blocks of a lane in the order of their arrival; the gaps are told as the store tells them.
fn arrive(wards: &mut Wards, held: &mut Held, (first, last): (u64, u64), ms: u64) {
    held.store(Seq(first), Seq(last)).unwrap();
    let mut applied = applied(
        Lane::Vitals,
        (first..=last)
            .map(|seq| (seq, spo2(seq * 1_000, i64::try_from(80 + seq % 20).unwrap())))
            .collect(),
    );
    applied.lanes[0].held = held.clone();
    wards.absorb(&applied, at(ms));
}

fn gap(wards: &Wards) -> Option<GapView> {
    view(wards, at(0)).posts[0].gap.clone()
}

#[test]
fn i4_the_newest_value_shows_at_once_and_what_is_still_on_its_way_is_told_with_its_times() {
    let (mut wards, mut held) = (Wards::default(), Held::default());
    wards.heard(state(PostStatus::Online, 4_000_000), false, at(0));
    wards.absorb(&anchor(WALL_MS - 4_000_000), at(0));
    arrive(&mut wards, &mut held, (1, 100), 0);
    assert_eq!(gap(&wards), None);
    arrive(&mut wards, &mut held, (3_900, 4_000), 10);
    assert_eq!(shown(&wards, at(10)), ("80".to_owned(), Some(10)));
    let since_ms = at(10).mono.as_ms();
    let whole = GapView {
        records: 3_799,
        from_wall_ms: Some(WALL_MS - 3_900_000),
        to_wall_ms: Some(WALL_MS - 100_000),
        since_ms,
    };
    assert_eq!(gap(&wards), Some(whole.clone()));
    // The backlog comes from its beginning: the stretch becomes shorter, and the number on the page stays.
    arrive(&mut wards, &mut held, (101, 1_000), 20);
    let rest = GapView {
        records: 2_899,
        from_wall_ms: Some(WALL_MS - 3_000_000),
        ..whole
    };
    assert_eq!(gap(&wards), Some(rest));
    assert_eq!(shown(&wards, at(20)), ("80".to_owned(), Some(20)));
    arrive(&mut wards, &mut held, (1_001, 3_899), 30);
    assert_eq!((gap(&wards), view(&wards, at(30)).posts[0].behind), (None, 0));
}

#[test]
fn i2_records_of_a_run_that_came_before_its_first_state_are_not_counted_as_missing() {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 1_000), false, at(0));
    let mut early = applied(
        Lane::Alerts,
        vec![(1, Record::Alarm(change(1, 1, AlarmPhase::Active, 5)))],
    );
    (early.epoch, early.lanes[0].epoch) = (Epoch(2), Epoch(2));
    wards.absorb(&early, at(10));
    let mut next = state(PostStatus::Online, 2_000);
    next.epoch = Epoch(2);
    next.last = vec![ClosedLane {
        epoch: Epoch(2),
        lane: Lane::Alerts,
        last_seq: Seq(1),
    }];
    wards.heard(next, false, at(20));
    assert_eq!(view(&wards, at(20)).posts[0].behind, 0);
}

proptest! {
    /// Two runs, three devices' worth of values, an alarm that ended, a change of patient: in any order of arrival.
    #[test]
    fn i4_any_order_of_envelopes_ends_in_the_same_picture_as_their_own_order(
        order in Just((0..24usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let envelope = |n: usize| {
            let n = u64::try_from(n).unwrap();
            let (epoch, seq) = (1 + n / 12, 1 + n % 12);
            let (lane, record) = match n % 4 {
                0 => (Lane::Alerts, Record::Alarm(change(1, u32::try_from(1 + n).unwrap(),
                    if n == 20 { AlarmPhase::Ended } else { AlarmPhase::Active }, 1_000))),
                1 => (Lane::Events, Record::Event { at: MonoTime::from_ms(n), event: Event::Anchor(ClockAnchor {
                    boot: BOOT, mono: MonoTime::BOOT, wall: WallTime::from_unix_ms(WALL_MS - 50_000),
                    trust: ClockTrust::Synchronised, source: AnchorSource::ClockSet,
                }) }),
                _ => {
                    let Record::Reading(mut reading) = spo2(1_000 * n, i64::try_from(70 + n).unwrap()) else { unreachable!() };
                    // Nobody, somebody, nobody again: what the first nobody left must not come back.
                    reading.admission = (8..16).contains(&n).then(|| "a-1".parse().unwrap());
                    if n == 2 { reading.seen.code = Code::Pr; }
                    (Lane::Vitals, Record::Reading(reading))
                }
            };
            let mut one = applied(lane, vec![(seq, record)]);
            (one.epoch, one.lanes[0].epoch) = (Epoch(epoch), Epoch(epoch));
            one
        };
        let picture = |order: &[usize]| {
            let mut wards = Wards::default();
            let mut now = state(PostStatus::Online, 50_000);
            now.epoch = Epoch(2);
            wards.heard(now, false, at(0));
            for n in order {
                let mut one = envelope(*n);
                // How far the lanes have come is told elsewhere.
                one.lanes.clear();
                wards.absorb(&one, at(0));
            }
            view(&wards, at(5_000)).render("build", 0, at(5_000))
        };
        prop_assert_eq!(picture(&order), picture(&(0..24).collect::<Vec<_>>()));
    }
}
