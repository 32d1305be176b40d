//! D1 and D2.

use vitals::delivery::RejectReason;
use vitals::{AlarmId, BootId, Code, Decimal, Epoch, MonoTime, Side, WallTime};

use super::*;

const AT: Stamp = Stamp {
    boot: BootId([1; 16]),
    mono: MonoTime::BOOT,
};

fn ask(downlink: &mut Downlink, id: u128, kind: CommandKind) -> Option<Event> {
    let beds = BTreeSet::from(["3".parse().unwrap()]);
    let known = Known {
        beds: &beds,
        has_alarm: &|alarm| alarm.number == 1,
    };
    let command = Command {
        id,
        issued: WallTime::from_unix_ms(0),
        expires: WallTime::from_unix_ms(0),
        kind,
    };
    downlink.answer(command, false, AT, &known)
}

fn account() -> Option<String> {
    Some("dr-a".to_owned())
}

fn text(bed: Option<&str>, by: &str, text: &str) -> CommandKind {
    CommandKind::Message {
        bed: bed.map(|bed| bed.parse().unwrap()),
        by: by.to_owned(),
        by_id: account(),
        text: text.to_owned(),
    }
}

fn limit(bed: &str, code: Code, limit: i64) -> CommandKind {
    CommandKind::ProposeLimit(LimitProposal {
        bed: bed.parse().unwrap(),
        code,
        side: Side::Low,
        limit: Decimal::whole(limit),
        by: "Dr A".to_owned(),
        by_id: account(),
    })
}

fn seen(number: u32, by: &str) -> CommandKind {
    let epoch = Epoch(1);
    CommandKind::Seen {
        alarm: AlarmId { epoch, number },
        by: by.to_owned(),
        by_id: account(),
    }
}

fn refused(kind: CommandKind) -> Option<Refusal> {
    let mut downlink = Downlink::default();
    let answer = ask(&mut downlink, 1, kind).unwrap();
    assert_eq!(
        ask(&mut downlink, 1, CommandKind::Unknown),
        None,
        "one command, one answer"
    );
    match answer {
        Event::CommandRefused { command: 1, reason } => {
            assert_eq!(downlink.unread().count(), 0, "what is refused is not shown");
            Some(reason)
        }
        _ => None,
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_reason() {
    let long = "x".repeat(MESSAGE_CHARS_MAX + 1);
    for (kind, reason) in [
        (CommandKind::Unknown, Refusal::NotUnderstood),
        (seen(2, "Dr A"), Refusal::UnknownAlarm),
        (seen(1, " "), Refusal::NoPerson),
        (text(Some("9"), "Dr A", "hello"), Refusal::UnknownBed),
        (text(None, "Dr A", "  \n "), Refusal::OutOfRange),
        (text(None, "Dr A", &long), Refusal::OutOfRange),
        (text(None, "Dr A", "bell \u{7}"), Refusal::OutOfRange),
        (text(None, "", "hello"), Refusal::NoPerson),
        (text(None, "Dr\nA", "hello"), Refusal::NoPerson),
        (limit("9", Code::Spo2, 88), Refusal::UnknownBed),
        (limit("3", Code::Spo2, 101), Refusal::OutOfRange),
        (limit("3", Code::Spo2, 0), Refusal::OutOfRange),
        (limit("3", Code::Pleth, 1), Refusal::OutOfRange),
        (deed(2, Act::Read), Refusal::UnknownAlarm),
        (deed(1, rejected("a\nb")), Refusal::OutOfRange),
        (deed(1, accepted(0)), Refusal::OutOfRange),
        (deed(1, accepted(86_400_001)), Refusal::OutOfRange),
        (deed(1, offered("Dr\nB", "b")), Refusal::NoPerson),
        (deed(1, offered("Dr B", " ")), Refusal::NoPerson),
        (called("Centre", CENTRE_ITSELF, "Dr\nB"), Refusal::NoPerson),
        (called("", CENTRE_ITSELF, "Dr B"), Refusal::NoPerson),
        (called("Dr A", "a", "Dr B"), Refusal::NotUnderstood),
    ] {
        assert_eq!(refused(kind.clone()), Some(reason), "{kind:?}");
    }
    for kind in [
        seen(1, "Dr A"),
        text(None, "Dr A", "two\nlines"),
        text(Some("3"), "Dr A", &"ü".repeat(MESSAGE_CHARS_MAX)),
        limit("3", Code::Spo2, 88),
        deed(1, Act::Shown),
        deed(1, rejected("a fit")),
        deed(1, accepted(86_400_000)),
        deed(1, offered("Dr B", "b")),
        deed(1, Act::Declined),
        called("Centre", CENTRE_ITSELF, "Dr B"),
    ] {
        assert_eq!(refused(kind.clone()), None, "{kind:?}");
    }
}

/// The centre calls somebody.
fn called(by: &str, by_id: &str, to: &str) -> CommandKind {
    let mut kind = deed(
        1,
        Act::Called {
            priority: vitals::Priority::High,
            rung: 1,
            to: vec![(to.to_owned(), "b".to_owned())],
        },
    );
    if let CommandKind::Deed(deed) = &mut kind {
        (deed.by, deed.by_id) = (by.to_owned(), by_id.to_owned());
    }
    kind
}

/// The same command as a centre would send it that knows no accounts, or has lost one.
fn by_nobody(mut kind: CommandKind, account: Option<&str>) -> CommandKind {
    match &mut kind {
        CommandKind::Seen { by_id, .. } | CommandKind::Message { by_id, .. } => {
            *by_id = account.map(str::to_owned)
        }
        CommandKind::ProposeLimit(proposal) => proposal.by_id = account.map(str::to_owned),
        CommandKind::Deed(deed) => deed.by_id = account.unwrap_or_default().to_owned(),
        CommandKind::Unknown => {}
    }
    kind
}

#[test]
fn i9_no_command_changes_anything_without_the_account_of_a_person() {
    let kinds = [
        seen(1, "Dr A"),
        text(None, "Dr A", "hello"),
        limit("3", Code::Spo2, 88),
        deed(1, Act::Read),
    ];
    for kind in kinds {
        assert_eq!(refused(kind.clone()), None, "{kind:?}");
        for account in [None, Some(""), Some("  "), Some("a\nb"), Some(CENTRE_ITSELF)] {
            let kind = by_nobody(kind.clone(), account);
            assert_eq!(refused(kind.clone()), Some(Refusal::NoPerson), "{kind:?}");
        }
    }
}

#[test]
fn i9_the_event_keeps_name_and_account_of_who_gave_the_command() {
    let by_ids = [
        seen(1, "Dr A"),
        text(None, "Dr A", "hello"),
        limit("3", Code::Spo2, 88),
    ]
    .map(|kind| match ask(&mut Downlink::default(), 1, kind) {
        Some(Event::Seen { by, by_id, .. } | Event::Message { by, by_id, .. }) => (by, by_id),
        Some(Event::LimitProposed { proposal, .. }) => (proposal.by, proposal.by_id),
        other => panic!("{other:?}"),
    });
    assert!(
        by_ids
            .iter()
            .all(|(by, by_id)| by == "Dr A" && *by_id == account())
    );
}

#[test]
fn what_nobody_reads_has_a_bound_and_reading_makes_room() {
    let mut downlink = Downlink::default();
    for id in 0..UNREAD_MAX as u128 {
        let answer = ask(&mut downlink, id, text(None, "Dr A", "hello"));
        assert!(matches!(answer, Some(Event::Message { .. })));
    }
    let full = ask(&mut downlink, 100, limit("3", Code::Spo2, 88));
    let reason = Refusal::TooMany;
    assert_eq!(full, Some(Event::CommandRefused { command: 100, reason }));
    assert!(
        matches!(ask(&mut downlink, 101, seen(1, "Dr A")), Some(Event::Seen { .. })),
        "an alarm can be seen all the same"
    );
    let by = "Grace".to_owned();
    assert_eq!(
        downlink.read(0, " Grace "),
        Ok(Event::MessageRead { command: 0, by })
    );
    assert!(ask(&mut downlink, 102, text(None, "Dr A", "hello")).is_some());
    assert_eq!(downlink.unread().map(|(id, _)| id).last(), Some(102));
}

#[test]
fn i9_only_a_person_with_a_name_marks_a_message_and_only_once() {
    let mut downlink = Downlink::default();
    ask(&mut downlink, 7, text(None, "Dr A", "hello"));
    assert_eq!(downlink.read(7, "  "), Err(ReadError::NoPerson));
    assert_eq!(downlink.read(8, "Grace"), Err(ReadError::NotOpen));
    assert!(downlink.read(7, "Grace").is_ok());
    assert_eq!(downlink.read(7, "Mary"), Err(ReadError::NotOpen));
}

#[test]
fn the_memory_of_answers_has_a_bound() {
    let mut downlink = Downlink::default();
    for id in 0..2 * ANSWERED_MAX as u128 {
        ask(&mut downlink, id, CommandKind::Unknown);
    }
    assert_eq!(downlink.answered.len(), ANSWERED_MAX);
}

fn deed(number: u32, act: Act) -> CommandKind {
    CommandKind::Deed(Deed {
        alarm: AlarmId {
            epoch: Epoch(1),
            number,
        },
        by: "Dr A".to_owned(),
        by_id: account().unwrap(),
        act,
    })
}

/// Commands of these tests are given at 0.
fn accepted(until_ms: i64) -> Act {
    Act::Accepted {
        until: WallTime::from_unix_ms(until_ms),
    }
}

fn rejected(words: &str) -> Act {
    Act::Rejected {
        reason: RejectReason::Other,
        words: words.to_owned(),
    }
}

fn offered(to: &str, to_id: &str) -> Act {
    Act::Offered {
        to: to.to_owned(),
        to_id: to_id.to_owned(),
    }
}
