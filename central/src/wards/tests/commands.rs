//! Messages and proposals on their way to a post, and what became of them.

use vitals::record::{LimitProposal, Outage, Refusal};

use super::*;
use crate::view::{SentState, SentView};

fn message(id: u128, text: &str, ms: u64) -> Command {
    Command {
        id,
        issued: at(ms).wall,
        expires: at(ms + 100_000).wall,
        kind: CommandKind::Message {
            bed: Some("1".parse().unwrap()),
            by: "Dr Rao".into(),
            by_id: Some("rao".into()),
            text: text.into(),
        },
    }
}

fn sent(wards: &Wards, ms: u64) -> Vec<SentView> {
    view(wards, at(ms)).posts[0].sent.clone()
}

fn heard() -> Wards {
    let mut wards = Wards::default();
    wards.heard(state(PostStatus::Online, 1_000), false, at(0));
    wards
}

#[test]
fn i6_a_message_waits_until_the_post_shows_it_and_says_when_that_was() {
    let mut wards = heard();
    wards.absorb(&anchor(WALL_MS - 1_000), at(0));
    let hello = message(7, "call me", 0);
    assert_eq!(wards.check(&demo(), &hello.kind, at(0).wall), Ok(None));
    wards.commanded(&demo(), &hello);
    assert_eq!(wards.pending(&demo(), at(0).wall), vec![hello.clone()]);
    assert_eq!(wards.check(&demo(), &hello.kind, at(1).wall), Ok(Some(7)));
    let waiting = &sent(&wards, 0)[0];
    assert_eq!(
        (waiting.state, waiting.bed_label.as_deref()),
        (SentState::Waiting, Some("Bed 1"))
    );
    let shown = Event::Message {
        bed: Some("1".parse().unwrap()),
        by: "Dr Rao".into(),
        by_id: Some("rao".into()),
        text: "call me".into(),
        command: 7,
    };
    assert!(wards.absorb(&event(shown.clone()), at(60_000)));
    assert!(!wards.absorb(&event(shown), at(70_000)));
    assert_eq!(wards.pending(&demo(), at(0).wall), vec![]);
    // By the post's own clock, not by when its answer arrived.
    let answered = &sent(&wards, 60_000)[0];
    assert_eq!(
        (answered.state, answered.answered_wall_ms),
        (SentState::Shown, Some(WALL_MS - 999))
    );
    assert_eq!(wards.check(&demo(), &hello.kind, at(60_000).wall), Ok(None));
}

#[test]
fn i6_a_proposal_that_is_refused_says_why_and_one_without_answer_expires() {
    let mut wards = heard();
    let proposal = LimitProposal {
        bed: "9".parse().unwrap(),
        code: Code::Spo2,
        side: vitals::Side::Low,
        limit: Decimal::whole(88),
        by: "Dr Rao".into(),
        by_id: Some("rao".into()),
    };
    let limit = Command {
        kind: CommandKind::ProposeLimit(proposal),
        ..message(8, "", 0)
    };
    wards.commanded(&demo(), &limit);
    wards.commanded(&demo(), &message(9, "hello", 1));
    assert_eq!(view(&wards, at(0)).next_expiry, Some(at(100_000).wall));
    let refused = event(Event::CommandRefused {
        command: 8,
        reason: Refusal::UnknownBed,
    });
    assert!(wards.absorb(&refused, at(5)));
    let states = |ms| {
        sent(&wards, ms)
            .iter()
            .map(|one| (one.state, one.reason))
            .collect::<Vec<_>>()
    };
    let no_bed = (SentState::Refused, Some(Refusal::UnknownBed));
    assert_eq!(states(100_000), vec![(SentState::Waiting, None), no_bed]);
    assert_eq!(states(100_001), vec![(SentState::Expired, None), no_bed]);
    assert_eq!(wards.pending(&demo(), at(100_001).wall), vec![]);
}

#[test]
fn i6_a_seen_that_the_post_refuses_says_so_is_not_repeated_and_may_be_said_again() {
    let mut wards = heard();
    wards.absorb(&alarm(1, 1, AlarmPhase::Active, 900), at(0));
    let id = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let command = |id_of| Command {
        kind: seen_by(id, "Dr Rao"),
        ..message(id_of, "", 0)
    };
    wards.commanded(&demo(), &command(5));
    let refused = event(Event::CommandRefused {
        command: 5,
        reason: Refusal::UnknownAlarm,
    });
    assert!(wards.absorb(&refused, at(5)));
    assert!(!wards.absorb(&refused, at(6)));
    assert_eq!(wards.pending(&demo(), at(6).wall), vec![]);
    let marks = |wards: &Wards| {
        view(wards, at(6)).alerts[0]
            .seen
            .iter()
            .map(|mark| mark.refused)
            .collect::<Vec<_>>()
    };
    assert_eq!(marks(&wards), vec![Some(Refusal::UnknownAlarm)]);
    assert_eq!(wards.check(&demo(), &seen_by(id, "Dr Rao"), at(6).wall), Ok(None));
    wards.commanded(&demo(), &command(6));
    assert_eq!(marks(&wards), vec![None]);
}

#[test]
fn what_one_post_is_sent_is_bounded_and_an_unknown_post_is_told_nothing() {
    let mut wards = heard();
    for n in 0..u64::try_from(sent::UNEXPIRED_MAX).unwrap() {
        let one = message(u128::from(n), &format!("number {n}"), n);
        assert_eq!(wards.check(&demo(), &one.kind, at(n).wall), Ok(None));
        wards.commanded(&demo(), &one);
    }
    let more = message(1_000, "one more", 0).kind;
    assert_eq!(
        wards.check(&demo(), &more, at(99).wall),
        Err(CommandRefused::TooManySent)
    );
    assert_eq!(wards.check(&demo(), &more, at(100_000).wall), Ok(None));
    assert_eq!(sent(&wards, 99).len(), crate::view::SENT_SHOWN_MAX);
    let nobody = "nobody".parse().unwrap();
    assert_eq!(
        wards.check(&nobody, &more, at(0).wall),
        Err(CommandRefused::UnknownPost)
    );
}

#[test]
fn i1_an_outage_is_told_for_a_day_with_what_it_cost() {
    let mut wards = heard();
    wards.absorb(&anchor(WALL_MS - 2_000_000), at(0));
    let stamp = |ms| Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(ms),
    };
    let report = event(Event::Outage(Outage {
        destination: "centre".into(),
        from: stamp(100_000),
        to: MonoTime::from_ms(1_840_000),
        kept: 12_345,
        lost: 0,
        oldest_alert_delay: Some(Duration::from_secs(1_740)),
    }));
    assert!(wards.absorb(&report, at(0)));
    let outages = |ms| view(&wards, at(ms)).posts[0].outages.clone();
    let told = &outages(0)[0];
    assert_eq!(
        (
            told.from_wall_ms,
            told.to_wall_ms,
            told.kept,
            told.oldest_alert_delay_ms
        ),
        (
            Some(WALL_MS - 1_900_000),
            Some(WALL_MS - 160_000),
            12_345,
            Some(1_740_000)
        )
    );
    assert_eq!(outages(86_399_999).len(), 1);
    assert_eq!(outages(86_400_000).len(), 0);
}
