//! A "seen" that expired before the post had confirmed it.

use super::*;
use crate::view::SeenView;

const ID: AlarmId = AlarmId {
    epoch: Epoch(1),
    number: 1,
};

/// Given at `ms`, good for 100 s.
fn command(id: u128, by: &str, ms: u64) -> Command {
    Command {
        id,
        issued: at(ms).wall,
        expires: at(ms + 100_000).wall,
        kind: seen_by(ID, by),
    }
}

fn seen(wards: &Wards, ms: u64) -> Vec<(String, bool, bool)> {
    let marks = view(wards, at(ms)).alerts[0].seen.clone();
    let told = |mark: SeenView| (mark.by, mark.confirmed, mark.expired);
    marks.into_iter().map(told).collect()
}

fn rao(confirmed: bool, expired: bool) -> Vec<(String, bool, bool)> {
    vec![("Dr Rao".to_owned(), confirmed, expired)]
}

fn one_alarm_seen() -> Wards {
    let mut wards = Wards::default();
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 1_000), at(0));
    wards.commanded(&demo(), &command(7, "Dr Rao", 0));
    wards
}

#[test]
fn i6_a_seen_that_expired_unconfirmed_says_so_and_the_same_doctor_may_say_it_again() {
    let mut wards = one_alarm_seen();
    let check = |wards: &Wards, ms| wards.check(&demo(), &seen_by(ID, "Dr Rao"), at(ms).wall);
    assert_eq!(view(&wards, at(0)).next_expiry, Some(at(100_000).wall));
    assert_eq!(
        (seen(&wards, 99_999), check(&wards, 99_999)),
        (rao(false, false), Ok(Some(7)))
    );
    assert_eq!(
        (seen(&wards, 100_000), check(&wards, 100_000)),
        (rao(false, true), Ok(None))
    );
    assert_eq!(view(&wards, at(100_000)).next_expiry, None);

    wards.commanded(&demo(), &command(8, "Dr Rao", 200_000));
    assert_eq!(seen(&wards, 200_000), rao(false, false));
    assert_eq!(check(&wards, 200_000), Ok(Some(8)));
    assert_eq!(
        wards.pending(&demo(), at(200_000).wall),
        vec![command(8, "Dr Rao", 200_000)]
    );
    let confirmation = Event::Seen {
        alarm: ID,
        by: "Dr Rao".into(),
        by_id: Some("dr rao".into()),
        command: 8,
    };
    wards.absorb(&event(confirmation), at(201_000));
    assert_eq!(seen(&wards, 900_000), rao(true, false));
    assert_eq!(check(&wards, 900_000), Ok(Some(8)));
}

#[test]
fn i6_of_a_repeated_seen_only_the_later_one_counts_whichever_is_read_back_first() {
    for order in [[7, 8], [8, 7]] {
        let mut wards = Wards::default();
        wards.absorb(&alarm(1, 1, AlarmPhase::Active, 1_000), at(0));
        for id in order {
            wards.commanded(&demo(), &command(id, "Dr Rao", if id == 7 { 0 } else { 200_000 }));
        }
        assert_eq!(seen(&wards, 200_000), rao(false, false), "{order:?}");
    }
}

#[test]
fn a_repeated_seen_is_taken_although_sixteen_people_have_seen_the_alarm() {
    let mut wards = one_alarm_seen();
    for n in 1..16 {
        wards.commanded(&demo(), &command(100 + n, &format!("Dr {n}"), 0));
    }
    let check = |by| wards.check(&demo(), &seen_by(ID, by), at(100_000).wall);
    assert_eq!(check("Dr 99"), Err(CommandRefused::TooManySeen));
    assert_eq!(check("Dr Rao"), Ok(None));
    wards.commanded(&demo(), &command(8, "Dr Rao", 100_000));
    assert_eq!(wards.pending(&demo(), at(100_000).wall).len(), 1);
}
