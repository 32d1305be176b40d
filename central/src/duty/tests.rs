//! T1 to T5: who is on duty, and whose call is due when.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vitals::delivery::{Act, CENTRE_ITSELF};
use vitals::{AlarmId, Epoch, MonoTime, PostId, Priority};

use super::*;
use crate::clock::Moment;

/// Monday 2026-11-23, 00:00 UTC.
const MONDAY_MS: i64 = 1_795_392_000_000;
const MIN: i64 = 60_000;
const HOUR: i64 = 60 * MIN;
const DAY: i64 = 24 * HOUR;

fn wall(ms: i64) -> WallTime {
    WallTime::from_unix_ms(MONDAY_MS + ms)
}

fn known() -> Known {
    let doctors = ["ann", "ben", "cat"];
    Known {
        duty: Duty {
            in_use: true,
            ..Duty::default()
        },
        doctors: doctors.map(|id| (id.to_owned(), format!("Dr {id}"))).into(),
    }
}

fn shift(day: u8, from_h: u16, to_h: u16, doctor: &str) -> Shift {
    Shift {
        day,
        from_min: from_h * 60,
        to_min: to_h * 60,
        doctor: doctor.to_owned(),
    }
}

/// Does it, and says how it was refused.
fn done(known: &mut Known, by: &str, change: Change, ms: i64) -> Result<Told, Refused> {
    let (duty, told) = known.changed(by, &change, wall(ms))?;
    known.duty = duty;
    Ok(told)
}

fn present(known: &Known, ms: i64) -> String {
    let ids: Vec<String> = known.present(wall(ms)).into_iter().map(|who| who.id).collect();
    ids.join(" ")
}

fn take(until_ms: i64) -> Change {
    Change::Take(wall(until_ms))
}

#[test]
fn a_shift_holds_from_its_beginning_to_its_end_in_local_time_over_midnight_and_over_the_week() {
    let mut known = known();
    let shifts = [
        shift(0, 8, 16, "ann"),
        shift(0, 16, 8, "ben"),
        shift(6, 20, 6, "cat"),
    ];
    for shift in shifts {
        done(&mut known, "ann", Change::AddShift(shift), 0).unwrap();
    }
    assert_eq!(present(&known, 8 * HOUR - 1), "");
    assert_eq!(present(&known, 8 * HOUR), "ann");
    assert_eq!(present(&known, 16 * HOUR - 1), "ann");
    assert_eq!(present(&known, 16 * HOUR), "ben");
    assert_eq!(present(&known, DAY + 8 * HOUR - 1), "ben", "over midnight");
    assert_eq!(present(&known, DAY + 8 * HOUR), "");
    assert_eq!(present(&known, 6 * DAY + 23 * HOUR), "cat");
    assert_eq!(present(&known, 5 * HOUR), "cat", "Sunday's night ends on Monday");
    assert_eq!(present(&known, 7 * DAY + 9 * HOUR), "ann", "every week");
    let until = known.present(wall(9 * HOUR))[0].until;
    assert_eq!(until, wall(16 * HOUR));

    done(&mut known, "ann", Change::Offset(120), 0).unwrap();
    assert_eq!(present(&known, 6 * HOUR), "ann", "08:00 two hours ahead of UTC");
    assert_eq!(present(&known, 14 * HOUR), "ben");
    assert_eq!(
        done(&mut known, "ann", Change::Offset(7), 0),
        Err(Refused::OutOfRange)
    );
}

#[test]
fn from_a_time_to_the_same_time_is_a_whole_day() {
    let mut known = known();
    done(&mut known, "ann", Change::AddShift(shift(2, 7, 7, "ann")), 0).unwrap();
    let from = 2 * DAY + 7 * HOUR;
    let at = [from - 1, from, from + DAY - 1, from + DAY];
    assert_eq!(at.map(|ms| present(&known, ms)), ["", "ann", "ann", ""]);
}

#[test]
fn t2_whoever_hands_over_keeps_duty_until_the_other_one_has_taken_it() {
    let mut known = known();
    done(&mut known, "ann", take(8 * HOUR), 0).unwrap();
    let offer = Change::Offer("ben".to_owned());
    done(&mut known, "ann", offer.clone(), HOUR).unwrap();
    assert_eq!(present(&known, HOUR), "ann");
    assert_eq!(known.present(wall(HOUR))[0].offered_to.as_deref(), Some("ben"));
    let accept = || Change::Accept("ann".to_owned());
    assert_eq!(
        done(&mut known, "cat", accept(), HOUR),
        Err(Refused::NotOffered),
        "not to everybody"
    );
    done(&mut known, "ben", Change::Decline("ann".to_owned()), HOUR).unwrap();
    assert_eq!(done(&mut known, "ben", accept(), HOUR), Err(Refused::NotOffered));
    assert_eq!(present(&known, HOUR), "ann");

    done(&mut known, "ann", offer, 2 * HOUR).unwrap();
    let told = done(&mut known, "ben", accept(), 3 * HOUR).unwrap();
    assert!(told.before.starts_with("ann until"), "{told:?}");
    assert!(told.after.starts_with("ben until"), "{told:?}");
    assert_eq!(present(&known, 3 * HOUR), "ben");
    assert_eq!(known.present(wall(3 * HOUR))[0].until, wall(8 * HOUR));
    assert_eq!(present(&known, 8 * HOUR), "");
}

#[test]
fn an_offer_ends_with_the_duty_of_its_giver() {
    let mut known = known();
    done(&mut known, "ann", take(2 * HOUR), 0).unwrap();
    done(&mut known, "ann", Change::Offer("ben".to_owned()), HOUR).unwrap();
    let accept = Change::Accept("ann".to_owned());
    assert_eq!(
        done(&mut known, "ben", accept, 3 * HOUR),
        Err(Refused::NotOffered)
    );
    assert_eq!(present(&known, 3 * HOUR), "");
    let nobodys = Change::Offer("ben".to_owned());
    assert_eq!(done(&mut known, "cat", nobodys, HOUR), Err(Refused::NotOnDuty));
}

#[test]
fn the_last_one_goes_only_when_told_that_nobody_is_there_then_and_comes_back_with_the_next_shift() {
    let mut known = known();
    for shift in [shift(0, 8, 16, "ann"), shift(1, 8, 16, "ann")] {
        done(&mut known, "ann", Change::AddShift(shift), 0).unwrap();
    }
    let leave = |alone| Change::Leave { alone };
    assert_eq!(
        done(&mut known, "ann", leave(false), 9 * HOUR),
        Err(Refused::Alone)
    );
    done(&mut known, "ben", take(12 * HOUR), 9 * HOUR).unwrap();
    done(&mut known, "ben", leave(false), 10 * HOUR).unwrap();
    assert_eq!(present(&known, 10 * HOUR), "ann");
    done(&mut known, "ann", leave(true), 11 * HOUR).unwrap();
    assert_eq!(known.state(wall(11 * HOUR)), OnDuty::Nobody);
    assert_eq!(present(&known, 15 * HOUR), "");
    assert_eq!(present(&known, DAY + 8 * HOUR), "ann", "the next shift");
    done(&mut known, "ann", take(13 * HOUR), 12 * HOUR).unwrap();
    assert_eq!(present(&known, 12 * HOUR), "ann", "the latest word counts");
}

#[test]
fn t4_an_account_that_is_no_doctors_any_more_is_on_duty_for_nobody() {
    let mut known = known();
    done(&mut known, "ann", take(8 * HOUR), 0).unwrap();
    assert_eq!(known.state(wall(HOUR)), OnDuty::Somebody);
    known.doctors.remove("ann");
    assert_eq!(known.state(wall(HOUR)), OnDuty::Nobody);
    assert_eq!(
        done(&mut known, "ann", take(9 * HOUR), HOUR),
        Err(Refused::NoSuchDoctor)
    );
    let gone = Change::AddShift(shift(0, 8, 16, "ann"));
    assert_eq!(done(&mut known, "ben", gone, HOUR), Err(Refused::NoSuchDoctor));
}

#[test]
fn t5_a_roster_begins_with_the_first_shift_or_the_first_duty_and_can_be_put_away() {
    let mut known = known();
    known.duty = Duty::default();
    assert_eq!(known.state(wall(0)), OnDuty::NoRoster);
    done(&mut known, "ann", take(HOUR), 0).unwrap();
    assert_eq!(known.state(wall(0)), OnDuty::Somebody);
    let told = done(&mut known, "ann", Change::Use(false), 0).unwrap();
    assert_eq!(told.after, "no duty roster is kept");
    assert_eq!(known.state(wall(0)), OnDuty::NoRoster);
    done(&mut known, "ann", Change::AddShift(shift(0, 8, 16, "ann")), 0).unwrap();
    assert_eq!(known.state(wall(2 * HOUR)), OnDuty::Nobody);
}

#[test]
fn a_roster_has_a_bound_and_takes_each_shift_once() {
    let mut known = known();
    let nth = |n: usize| Shift {
        day: (n % 7) as u8,
        from_min: n as u16,
        to_min: 0,
        doctor: "ann".to_owned(),
    };
    for n in 0..SHIFTS_MAX {
        done(&mut known, "ann", Change::AddShift(nth(n)), 0).unwrap();
    }
    let add = |n| Change::AddShift(nth(n));
    assert_eq!(done(&mut known, "ann", add(SHIFTS_MAX), 0), Err(Refused::TooMany));
    let told = done(&mut known, "ann", Change::RemoveShift(nth(8)), 0).unwrap();
    let words = ("Tue 00:08-00:00 ann", "no shift Tue 00:08-00:00 ann");
    assert_eq!((told.before.as_str(), told.after.as_str()), words);
    let again = Change::RemoveShift(nth(8));
    assert_eq!(done(&mut known, "ann", again, 0), Err(Refused::NotAsSeen));
    assert_eq!(done(&mut known, "ann", add(9), 0), Err(Refused::NotAsSeen));
    for bad in [
        Shift { day: 7, ..nth(8) },
        Shift {
            from_min: 1_440,
            ..nth(8)
        },
        Shift {
            to_min: 1_440,
            ..nth(8)
        },
    ] {
        let bad = Change::AddShift(bad);
        assert_eq!(done(&mut known, "ann", bad, 0), Err(Refused::OutOfRange));
    }
    for until in [0, DAY + 1] {
        assert_eq!(done(&mut known, "ann", take(until), 0), Err(Refused::OutOfRange));
    }
}

#[test]
fn a_ladder_rises_and_high_always_calls_somebody() {
    let mut known = known();
    let rung = |after_min, whom| Rung { after_min, whom };
    let ben = || Whom::Doctor { id: "ben".to_owned() };
    let rungs = vec![rung(1, Whom::OnDuty), rung(2, ben()), rung(240, Whom::Everyone)];
    let told = done(&mut known, "ann", Change::Ladder(Priority::High, rungs), 0).unwrap();
    assert_eq!(told.before, "High: 0 min those on duty, 5 min every doctor");
    assert_eq!(
        told.after,
        "High: 1 min those on duty, 2 min ben, 240 min every doctor"
    );
    let mut set = |priority, rungs| done(&mut known, "ann", Change::Ladder(priority, rungs), 0);
    assert!(set(Priority::Medium, vec![]).is_ok());
    let five = (1..=5).map(|min| rung(min, Whom::OnDuty)).collect();
    for (priority, bad) in [
        (Priority::High, vec![]),
        (Priority::Low, vec![rung(1, Whom::OnDuty)]),
        (
            Priority::High,
            vec![rung(5, Whom::OnDuty), rung(5, Whom::Everyone)],
        ),
        (Priority::High, vec![rung(241, Whom::OnDuty)]),
        (Priority::High, five),
    ] {
        assert_eq!(set(priority, bad), Err(Refused::OutOfRange));
    }
    let nobody = Whom::Doctor { id: "zoe".to_owned() };
    assert_eq!(
        set(Priority::High, vec![rung(1, nobody)]),
        Err(Refused::NoSuchDoctor)
    );
}

/// One alarm, followed second by second as the heart does it; what is called is remembered as the store does.
struct Watching {
    known: Known,
    calls: Calls,
    case: Case,
    called: Vec<(u64, String)>,
}

fn post() -> PostId {
    "demo".parse().unwrap()
}

impl Watching {
    fn new(priority: Priority) -> Watching {
        let mut known = known();
        done(&mut known, "ann", take(20 * HOUR), 0).unwrap();
        Watching {
            known,
            calls: Calls::default(),
            case: Case {
                alarm: AlarmId {
                    epoch: Epoch(1),
                    number: 3,
                },
                priority,
                since: wall(0),
                is_old: false,
                is_past: false,
                is_heard: true,
                called: BTreeSet::new(),
            },
            called: Vec::new(),
        }
    }

    /// A round at this second of the monotonic clock, with the wall clock off by so much.
    fn round(&mut self, s: u64, off_ms: i64, is_answered: bool) {
        let now = Moment {
            mono: MonoTime::from_ms(1_000_000 + 1_000 * s),
            wall: wall(1_000 * i64::try_from(s).unwrap() + off_ms),
        };
        let cases = [self.case.clone()];
        self.calls.follow(&post(), &cases, now);
        let rules = ("Centre", &self.known);
        for call in self.calls.due(&post(), &self.case, rules, now, || is_answered) {
            let Act::Called { priority, rung, to } = call.deed.act else {
                panic!("{call:?}");
            };
            assert_eq!(call.deed.by_id, CENTRE_ITSELF);
            assert!(self.case.called.insert((priority, rung)), "called twice");
            let names: Vec<String> = to.into_iter().map(|(name, _)| name).collect();
            self.called
                .push((s, format!("{priority:?} {rung}: {}", names.join(" "))));
        }
    }

    /// The centre's program ends and starts again: only what the store keeps is left.
    fn restart(&mut self) {
        self.calls = Calls::default();
        self.case.is_old = true;
    }

    fn called(&self) -> Vec<(u64, &str)> {
        self.called.iter().map(|(s, call)| (*s, call.as_str())).collect()
    }
}

#[test]
fn t3_high_calls_who_is_on_duty_at_once_and_every_doctor_after_five_minutes() {
    let mut watching = Watching::new(Priority::High);
    (0..900).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), [(0, "High 1: Dr ann"), (300, "High 2: ")]);
    let mut watching = Watching::new(Priority::Medium);
    (0..900).for_each(|s| watching.round(s, 0, false));
    assert_eq!(
        watching.called(),
        [(180, "Medium 1: Dr ann"), (600, "Medium 2: ")]
    );
    let mut watching = Watching::new(Priority::Low);
    (0..900).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), []);
}

#[test]
fn where_nobody_is_on_duty_every_doctor_is_called_in_their_place() {
    let mut watching = Watching::new(Priority::High);
    watching.known.doctors.remove("ann");
    watching.round(0, 0, false);
    assert_eq!(watching.called(), [(0, "High 1: ")]);
}

#[test]
fn t3_an_acceptance_stops_the_ladder_and_when_it_runs_out_the_rest_waits_from_then_on() {
    let mut watching = Watching::new(Priority::High);
    watching.round(0, 0, false);
    (1..=1_000).for_each(|s| watching.round(s, 0, s >= 60));
    assert_eq!(watching.called(), [(0, "High 1: Dr ann")]);
    (1_001..3_000).for_each(|s| watching.round(s, 0, false));
    let second = watching.called()[1];
    assert_eq!(second.1, "High 2: ");
    assert!((1_000..=1_301).contains(&second.0), "{second:?}");
}

#[test]
fn t3_what_gets_worse_climbs_the_other_ladder_from_its_beginning() {
    let mut watching = Watching::new(Priority::Medium);
    (0..=200).for_each(|s| watching.round(s, 0, false));
    watching.case.priority = Priority::High;
    (201..900).for_each(|s| watching.round(s, 0, false));
    let expected = [
        (180, "Medium 1: Dr ann"),
        (201, "High 1: Dr ann"),
        (501, "High 2: "),
    ];
    assert_eq!(watching.called(), expected);
}

#[test]
fn t3_what_is_past_calls_nobody_and_waits_from_when_it_is_announced_afresh() {
    let mut watching = Watching::new(Priority::High);
    watching.case.is_past = true;
    (0..600).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), []);
    watching.case.is_past = false;
    (600..1_000).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), [(600, "High 1: Dr ann"), (899, "High 2: ")]);
}

#[test]
fn after_a_restart_nobody_is_called_before_the_post_is_heard_and_nothing_of_the_wait_is_forgotten() {
    let mut watching = Watching::new(Priority::High);
    watching.restart();
    watching.case.is_heard = false;
    (0..200).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), []);
    watching.case.is_heard = true;
    (200..900).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), [(200, "High 1: Dr ann"), (300, "High 2: ")]);
}

#[test]
fn t5_without_a_roster_nobody_is_called() {
    let mut watching = Watching::new(Priority::High);
    watching.known.duty.in_use = false;
    (0..900).for_each(|s| watching.round(s, 0, false));
    assert_eq!(watching.called(), []);
}

proptest! {
    /// However the wall clock jumps and whenever the program restarts, each rung is called exactly once, none early, and
    /// without a restart none late.
    #[test]
    fn t3_no_jump_and_no_restart_loses_or_doubles_a_call(
        jumps in prop::collection::vec((0u64..1_200, -7_200_000i64..7_200_000), 0..6),
        restarts in prop::collection::vec(0u64..1_200, 0..4),
    ) {
        let mut watching = Watching::new(Priority::High);
        let mut off = 0;
        for s in 0..2_000 {
            off = jumps.iter().filter(|(at, _)| *at == s).map(|(_, by)| *by).next().unwrap_or(off);
            if restarts.contains(&s) {
                watching.restart();
            }
            watching.round(s, off, false);
        }
        let called: Vec<&str> = watching.called().into_iter().map(|(_, call)| call).collect();
        // Who is on duty is asked by the wall clock: before its duty began, every doctor is called in its place.
        prop_assert_eq!(called.len(), 2);
        prop_assert!(called[0].starts_with("High 1: ") && called[1] == "High 2: ");
        let second = watching.called()[1].0;
        if restarts.is_empty() {
            prop_assert_eq!(second, 300);
        }
        if jumps.is_empty() {
            prop_assert_eq!(second, 300);
        }
    }

    /// Whatever people do, whoever hands over keeps it until it is taken: an offer alone changes nobody's duty.
    #[test]
    fn t2_no_offer_and_no_refusal_changes_who_is_on_duty(
        deeds in prop::collection::vec((0usize..3, 0usize..3, 0u8..5, 0i64..30), 1..40),
    ) {
        let ids = ["ann", "ben", "cat"];
        let mut known = known();
        let mut now = 0;
        for (by, other, what, minutes) in deeds {
            now += minutes * MIN;
            let (by, other) = (ids[by], ids[other].to_owned());
            let before = present(&known, now);
            let change = match what {
                0 => take(now + HOUR),
                1 => Change::Offer(other),
                2 => Change::Accept(other),
                3 => Change::Decline(other),
                _ => Change::Leave { alone: false },
            };
            let answer = done(&mut known, by, change, now);
            let after = present(&known, now);
            if matches!(what, 1 | 3) || answer.is_err() {
                prop_assert_eq!(&before, &after);
            }
            if !before.is_empty() {
                prop_assert!(!after.is_empty(), "nobody left alone without a word");
            }
        }
    }
}
