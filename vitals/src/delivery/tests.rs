//! V1 to V4: whatever is lost, doubled or turned round on the way, both sides end up with the same state.

use proptest::prelude::*;

use super::*;
use crate::record::Epoch;

const ALARM: AlarmId = AlarmId {
    epoch: Epoch(7),
    number: 3,
};

fn wall(s: i64) -> WallTime {
    WallTime::from_unix_ms(1_790_000_000_000 + s * 1_000)
}

fn deed(by: &str, act: Act) -> Deed {
    Deed {
        alarm: ALARM,
        by: format!("Dr {by}"),
        by_id: by.to_owned(),
        act,
    }
}

fn accept(until_s: i64) -> Act {
    Act::Accepted { until: wall(until_s) }
}

fn offer(to: &str) -> Act {
    Act::Offered {
        to: format!("Dr {to}"),
        to_id: to.to_owned(),
    }
}

fn reject(reason: RejectReason, words: &str) -> Act {
    Act::Rejected {
        reason,
        words: words.to_owned(),
    }
}

/// One fact, as it travels.
#[derive(Clone, Debug)]
enum Fact {
    Reached(State, i64),
    Did(u128, i64, Deed),
}

fn take(delivery: &mut Delivery<i64>, fact: &Fact) {
    match fact.clone() {
        Fact::Reached(state, at) => delivery.reach(state, at),
        Fact::Did(command, s, deed) => {
            let (at, noted) = (wall(s), s);
            delivery.did(command, Done { at, noted, deed });
        }
    }
}

fn known<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Delivery<i64> {
    let mut delivery = Delivery::default();
    for fact in facts {
        take(&mut delivery, fact);
    }
    delivery
}

fn at(s: i64) -> impl Fn(&Responsible<i64>) -> bool {
    move |who| who.until <= wall(s)
}

fn fact() -> impl Strategy<Value = Fact> {
    let by_itself = [
        State::Created,
        State::Queued,
        State::Sent,
        State::AtCentre,
        State::Expired,
        State::Ended,
        State::Superseded,
    ];
    let who = prop::sample::select(vec!["a", "b", "c"]);
    let act = prop_oneof![
        Just(Act::Shown),
        Just(Act::Read),
        (1..200i64).prop_map(accept),
        Just(reject(RejectReason::Artefact, "")),
        prop::sample::select(vec!["a", "b", "c"]).prop_map(offer),
        Just(Act::Declined),
        (1..3u32).prop_map(call),
    ];
    prop_oneof![
        (prop::sample::select(by_itself.to_vec()), 0..100i64).prop_map(|(state, s)| Fact::Reached(state, s)),
        (0..8u128, who, act).prop_map(|(command, by, act)| Fact::Did(
            command,
            10 * command as i64,
            deed(by, act)
        )),
    ]
}

/// A command is one deed, whoever tells of it.
fn consistent(facts: Vec<Fact>) -> Vec<Fact> {
    let mut commands = BTreeMap::new();
    facts
        .into_iter()
        .map(|fact| match fact {
            Fact::Did(command, ..) => commands.entry(command).or_insert(fact).clone(),
            other => other,
        })
        .collect()
}

proptest! {
    #[test]
    fn v1_facts_that_come_twice_or_in_another_order_lead_to_the_same_state(
        facts in proptest::collection::vec(fact(), 0..24),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
        now in 0..250i64,
    ) {
        let facts = consistent(facts);
        let whole = known(&facts);
        // Each once in the opposite order, with any of them again in between.
        let mut told: Vec<&Fact> = facts.iter().rev().collect();
        for index in order.iter().filter(|_| !facts.is_empty()) {
            let again = &facts[index.index(facts.len())];
            told.insert(index.index(told.len()), again);
        }
        let other = known(told);
        prop_assert_eq!(&other, &whole);
        prop_assert_eq!(other.state(at(now)), whole.state(at(now)));
    }

    #[test]
    fn v1_two_sides_with_gaps_that_tell_each_other_all_agree(
        facts in proptest::collection::vec((fact(), any::<bool>(), any::<bool>()), 0..24),
        now in 0..250i64,
    ) {
        let (all, here, there): (Vec<_>, Vec<_>, Vec<_>) = {
            let kept = consistent(facts.iter().map(|(fact, ..)| fact.clone()).collect());
            let of = |side: fn(&(Fact, bool, bool)) -> bool| {
                let both = kept.iter().zip(&facts);
                both.filter(|(_, told)| side(told)).map(|(fact, _)| fact.clone()).collect::<Vec<_>>()
            };
            let (here, there) = (of(|told| told.1 || !told.2), of(|told| told.2));
            (kept, here, there)
        };
        let (mut post, mut centre) = (known(&here), known(&there));
        let post_before = post.clone();
        post.merge(&centre);
        centre.merge(&post_before);
        centre.merge(&post);
        prop_assert_eq!(&post, &known(&all));
        prop_assert_eq!(&post, &centre);
        prop_assert_eq!(post.state(at(now)), centre.state(at(now)));
    }

    #[test]
    fn v2_no_fact_takes_a_step_back_and_a_closed_delivery_stays_closed(
        facts in proptest::collection::vec(fact(), 0..24),
        now in 0..250i64,
    ) {
        let mut delivery = Delivery::default();
        let mut state = delivery.state(at(now));
        for fact in consistent(facts) {
            take(&mut delivery, &fact);
            let next = delivery.state(at(now));
            prop_assert!(next == state || state.may_become(next), "{state:?} -> {next:?} by {fact:?}");
            if state.is_closed() {
                prop_assert!(next.is_closed());
            }
            state = next;
        }
    }

    #[test]
    fn v4_one_person_answers_whatever_is_asked_and_a_giver_stays_until_the_taker_has_it(
        asked in proptest::collection::vec(fact(), 0..24),
    ) {
        let mut delivery: Delivery<i64> = Delivery::default();
        for (n, fact) in asked.into_iter().enumerate() {
            let Fact::Did(_, _, deed) = fact else { continue };
            let now = n as i64;
            let before = delivery.responsible(at(now));
            if delivery.may(&deed, wall(now)).is_err() {
                continue;
            }
            take(&mut delivery, &Fact::Did(n as u128, now, deed.clone()));
            let after = delivery.responsible(at(now));
            let account = |who: &Option<Responsible<i64>>| who.as_ref().map(|who| who.by_id.clone());
            if account(&before) != account(&after) {
                prop_assert_eq!(deed.act.state(), Some(State::Accepted));
                prop_assert_eq!(account(&after), Some(deed.by_id.clone()));
                let given = before.is_none_or(|giver| is_offered_to(&giver, &deed.by_id));
                prop_assert!(given, "taken from somebody who had not offered it");
            }
        }
    }
}

#[test]
fn i6_an_alarm_goes_from_the_post_to_a_person_and_its_end_is_the_end() {
    let mut delivery: Delivery<i64> = Delivery::default();
    let mut after = |fact: Fact, s: i64| {
        take(&mut delivery, &fact);
        delivery.state(at(s))
    };
    use State::{Accepted, AtCentre, Created, Ended, Expired, Lapsed, Read, Sent, Shown, Superseded};
    assert_eq!(after(Fact::Reached(Created, 0), 0), Created);
    assert_eq!(after(Fact::Reached(Sent, 1), 1), Sent);
    assert_eq!(after(Fact::Reached(AtCentre, 2), 2), AtCentre);
    assert_eq!(after(Fact::Did(1, 3, deed("a", Act::Shown)), 3), Shown);
    assert_eq!(after(Fact::Did(2, 8, deed("a", Act::Read)), 8), Read);
    assert_eq!(after(Fact::Did(3, 9, deed("a", accept(100))), 9), Accepted);
    assert_eq!(after(Fact::Reached(Created, 0), 99), Accepted);
    assert_eq!(
        after(Fact::Reached(Created, 0), 100),
        Lapsed,
        "until then, and no longer"
    );
    assert_eq!(after(Fact::Did(4, 101, deed("b", accept(300))), 101), Accepted);
    assert_eq!(after(Fact::Reached(Expired, 300), 200), Accepted);
    assert_eq!(after(Fact::Reached(Ended, 201), 201), Ended);
    assert_eq!(after(Fact::Did(5, 202, deed("c", Act::Read)), 202), Ended);
    assert_eq!(after(Fact::Reached(Superseded, 203), 203), Superseded);
}

#[test]
fn which_states_are_final() {
    let is_final: Vec<State> = State::ALL.into_iter().filter(|state| state.is_final()).collect();
    assert_eq!(
        is_final,
        [State::Expired, State::Rejected, State::Ended, State::Superseded]
    );
    assert!(!State::Superseded.may_become(State::Ended) && State::Ended.may_become(State::Superseded));
    assert!(State::Expired.may_become(State::Accepted), "late, but somebody");
    assert!(State::ALL.is_sorted(), "the order is the machine");
    for state in State::ALL {
        let name = serde_json::to_string(&state).unwrap();
        assert_eq!(name, format!("\"{}\"", state.key()));
    }
}

#[test]
fn v4_a_hand_over_is_offered_taken_or_declined() {
    let mut delivery: Delivery<i64> = Delivery::default();
    let mut n = 0;
    let mut done = |by: &str, act: Act| {
        n += 1;
        let deed = deed(by, act);
        delivery.may(&deed, wall(n))?;
        take(&mut delivery, &Fact::Did(n as u128, n, deed));
        let who = delivery.responsible(at(n));
        Ok::<_, NotNow>(who.map(|who| (who.by_id, who.offered.map(|(_, to)| to))))
    };
    let of = |who: &str, to: Option<&str>| Ok(Some((who.to_owned(), to.map(str::to_owned))));
    let taken = |by: &str| Err(NotNow::Taken { by: by.to_owned() });
    assert_eq!(done("a", offer("b")), Err(NotNow::NotYours));
    assert_eq!(done("a", accept(600)), of("a", None));
    assert_eq!(done("b", accept(600)), taken("Dr a"));
    assert_eq!(done("a", reject(RejectReason::Known, "")), Err(NotNow::Yours));
    assert_eq!(done("b", Act::Declined), Err(NotNow::NotOffered));
    assert_eq!(done("a", offer("a")), Err(NotNow::NotYours));
    assert_eq!(done("a", offer("b")), of("a", Some("b")), "the giver keeps it");
    assert_eq!(done("c", accept(600)), taken("Dr a"));
    assert_eq!(done("b", Act::Declined), of("a", None));
    assert_eq!(done("b", accept(600)), taken("Dr a"));
    assert_eq!(done("a", offer("b")), of("a", Some("b")));
    assert_eq!(done("b", accept(600)), of("b", None));
    assert_eq!(done("a", accept(600)), taken("Dr b"));
    assert_eq!(done("b", accept(900)), of("b", None), "for longer");
}

#[test]
fn what_is_over_or_senseless_is_not_done() {
    let mut delivery: Delivery<i64> = Delivery::default();
    let may = |delivery: &Delivery<i64>, act| delivery.may(&deed("a", act), wall(0));
    let day = ACCEPTED_MAX.as_secs() as i64;
    for act in [
        accept(0),
        accept(day + 1),
        reject(RejectReason::Other, " "),
        reject(RejectReason::Known, "a\nb"),
        reject(RejectReason::Known, &"x".repeat(REJECT_CHARS_MAX + 1)),
        Act::Offered {
            to: " ".to_owned(),
            to_id: "b".to_owned(),
        },
    ] {
        assert_eq!(may(&delivery, act.clone()), Err(NotNow::OutOfRange), "{act:?}");
    }
    assert_eq!(may(&delivery, accept(day)), Ok(()));
    delivery.reach(State::Ended, 0);
    assert_eq!(may(&delivery, accept(day)), Err(NotNow::Over));
    assert_eq!(may(&delivery, Act::Read), Ok(()), "a doctor may still look at it");
}

#[test]
fn deeds_have_a_bound_and_the_newest_stay() {
    let mut delivery: Delivery<i64> = Delivery::default();
    for n in 0..2 * DEEDS_MAX as i64 {
        take(&mut delivery, &Fact::Did(n as u128, n, deed("a", accept(n + 1))));
    }
    assert_eq!(delivery.deeds().count(), DEEDS_MAX);
    assert_eq!(
        delivery.last_accepted().map(|who| who.until),
        Some(wall(2 * DEEDS_MAX as i64))
    );
}

#[test]
fn only_what_a_doctor_can_act_on_must_arrive() {
    let spo2 = Condition::Desaturation;
    assert!(must_arrive(spo2, Priority::High, false));
    assert!(must_arrive(spo2, Priority::Medium, true));
    assert!(
        !must_arrive(spo2, Priority::Medium, false),
        "the silent centre is an alarm already"
    );
    assert!(!must_arrive(spo2, Priority::Low, true));
    for own in [Condition::AlarmUndelivered, Condition::CentreUnreachable] {
        assert!(
            !must_arrive(own, Priority::High, true),
            "{own}: it would feed on itself"
        );
    }
}

fn call(rung: u32) -> Act {
    Act::Called {
        priority: Priority::High,
        rung,
        to: vec![("Dr c".to_owned(), "c".to_owned())],
    }
}

/// Who is called has answered nothing: neither the state nor who is responsible moves, and nobody counts as a reader.
#[test]
fn v1_a_call_is_a_fact_that_answers_nothing() {
    let mut known: Delivery<i64> = Delivery::default();
    let did = |known: &mut Delivery<i64>, command: u128, s: i64, act: Act| {
        let (at, deed) = (wall(s), deed("c", act));
        known.did(command, Done { at, noted: s, deed });
    };
    known.reach(State::AtCentre, 1);
    did(&mut known, 1, 2, call(1));
    assert_eq!(known.state(at(3)), State::AtCentre);
    assert!(!known.is_read() && known.responsible(at(3)).is_none());
    assert_eq!(known.deeds().count(), 1);
    did(&mut known, 2, 3, accept(100));
    did(&mut known, 3, 4, call(2));
    assert_eq!(known.state(at(5)), State::Accepted);
}

#[test]
fn a_call_names_at_most_four_people_each_with_an_account() {
    let sound = |rung, to: &[(&str, &str)]| {
        let to = to.iter().map(|(name, id)| (name.to_string(), id.to_string()));
        let (priority, to) = (Priority::High, to.collect());
        Act::Called { priority, rung, to }.is_sound(wall(0))
    };
    assert!(sound(1, &[]) && sound(4, &[("Dr a", "a"); CALLED_MAX]));
    assert!(!sound(0, &[]) && !sound(1, &[("Dr a", "a"); CALLED_MAX + 1]));
    assert!(!sound(1, &[("", "a")]) && !sound(1, &[("Dr a", "")]));
}
