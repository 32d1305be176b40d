//! S1 to S4 on a real file.

mod commands;
mod duty;
mod full_disk;
mod patients;
mod proofs;
mod retention;

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use vitals::record::ClosedLane;
use vitals::wire::MISSING_RANGES_MAX;
use vitals::wire::{Block, Command, CommandKind, Envelope, PostState, PostStatus};
use vitals::{
    AlarmChange, AlarmId, AlarmPhase, AnchorSource, BootId, ClockAnchor, ClockTrust, Code, Condition,
    Decimal, Epoch, Event, Lane, MonoTime, Observation, PostId, Priority, Reading, Record, Seq, Stamp,
    WallTime,
};

use super::*;

const BOOT: BootId = BootId([7; 16]);

fn post() -> PostId {
    "demo".parse().unwrap()
}

/// A reading that names its own place, so that a mix-up shows.
fn reading(seq: u64) -> Record {
    Record::Reading(Reading {
        device: "oxi-1".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: Some("a-1".parse().unwrap()),
        at: MonoTime::from_ms(1_000 + seq * 10),
        seen: Observation::value(Code::Hr, Decimal::whole(60 + i64::try_from(seq % 100).unwrap())),
    })
}

fn event(event: Event) -> Record {
    Record::Event {
        at: MonoTime::from_ms(5),
        event,
    }
}

fn alarm(number: u32, change: u32, phase: AlarmPhase) -> Record {
    let stamp = Stamp {
        boot: BOOT,
        mono: MonoTime::from_ms(500),
    };
    Record::Alarm(AlarmChange {
        id: AlarmId {
            epoch: Epoch(1),
            number,
        },
        change,
        condition: Condition::Desaturation,
        priority: Priority::High,
        phase,
        bed: Some("1".parse().unwrap()),
        device: None,
        admission: None,
        value: Some(Decimal::whole(79)),
        limit: None,
        unit: String::new(),
        text: String::new(),
        crossed: stamp,
        onset: stamp,
        at: MonoTime::from_ms(600),
        onsets: 1,
        acknowledged_by: None,
    })
}

fn arrived(epoch: u64, lane: Lane, first: u64, records: Vec<Record>) -> Arrived {
    let block = Block { boot: BOOT, records };
    Arrived {
        envelope: Envelope {
            post: post(),
            epoch: Epoch(epoch),
            lane,
            first: Seq(first),
            count: u32::try_from(block.records.len()).unwrap(),
            block: block.encode(),
        },
        block,
        received: WallTime::from_unix_ms(1_790_000_000_000 + i64::try_from(first).unwrap()),
    }
}

fn vitals(first: u64, last: u64) -> Arrived {
    arrived(1, Lane::Vitals, first, (first..=last).map(reading).collect())
}

fn all(store: &RedbStore, query: &Query) -> Vec<Stored> {
    let mut found = Vec::new();
    store
        .records(query, &mut |_, stored| {
            found.push(stored);
            Next::More
        })
        .unwrap();
    found
}

fn seqs(store: &RedbStore, lane: Lane) -> Vec<u64> {
    let query = Query {
        lane: Some(lane),
        ..Query::default()
    };
    all(store, &query).iter().map(|stored| stored.seq.0).collect()
}

fn open(folder: &Path) -> RedbStore {
    RedbStore::open(&folder.join("central.redb")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is cut differently, doubled, reordered or lost on the way, and whenever the program restarts.
    #[test]
    fn i2_every_record_is_stored_exactly_once_and_every_gap_is_named(
        cuts in proptest::collection::vec((1..80u64, 0..20u64, 1..4usize, any::<bool>()), 1..40)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut model = BTreeSet::new();
        let mut cuts = cuts.as_slice();
        while let Some(&(_, _, group, restart)) = cuts.first() {
            let (now, later) = cuts.split_at(group.min(cuts.len()));
            cuts = later;
            let batch: Vec<Arrived> = now.iter().map(|&(first, more, ..)| vitals(first, first + more)).collect();
            let applied = store.apply(&batch).unwrap();
            for (&(first, more, ..), applied) in now.iter().zip(&applied) {
                let new: Vec<u64> = (first..=first + more).filter(|seq| model.insert(*seq)).collect();
                prop_assert_eq!(applied.new.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(), new);
            }
            let receipt = applied.last().unwrap().lanes[0].receipt(&post());
            let contiguous = (1..).take_while(|seq| model.contains(seq)).last().unwrap_or(0);
            prop_assert_eq!(receipt.contiguous, Seq(contiguous));
            let highest = model.iter().next_back().copied().unwrap_or(0);
            let lacking: Vec<u64> = (1..=highest).filter(|seq| !model.contains(seq)).collect();
            let named: Vec<u64> = receipt.missing.iter().flat_map(|(a, b)| a.0..=b.0).collect();
            prop_assert_eq!(named, lacking);
            if restart {
                drop(store);
                store = open(folder.path());
            }
        }
        let stored = all(&store, &Query::default());
        prop_assert_eq!(stored.iter().map(|s| s.seq.0).collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
        for stored in stored {
            prop_assert_eq!(&stored.record, &reading(stored.seq.0));
        }
    }
}

#[test]
fn i2_a_repeat_with_another_content_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.apply(&[vitals(1, 3)]).unwrap();
    let twisted = arrived(1, Lane::Vitals, 2, vec![reading(50), reading(51), reading(4)]);
    let applied = store.apply(&[twisted]).unwrap();
    assert_eq!(applied[0].new, vec![(Seq(4), reading(4))]);
    let kept: Vec<Record> = all(&store, &Query::default())
        .into_iter()
        .map(|s| s.record)
        .collect();
    assert_eq!(kept, (1..=4).map(reading).collect::<Vec<_>>());
}

#[test]
fn i2_a_closed_epoch_misses_nothing_beyond_its_last_durable_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    // 1..5 and 8 arrived, 6 and 7 died with the power: the card had 5.
    store.apply(&[vitals(1, 5), vitals(8, 8)]).unwrap();
    let started = |last_seq| {
        event(Event::Started {
            version: "0.1.0".into(),
            boot: BOOT,
            closed: vec![ClosedLane {
                epoch: Epoch(1),
                lane: Lane::Vitals,
                last_seq: Seq(last_seq),
            }],
        })
    };
    let applied = store
        .apply(&[arrived(2, Lane::Events, 1, vec![started(5)])])
        .unwrap();
    let receipts: Vec<Receipt> = applied[0]
        .lanes
        .iter()
        .map(|lane| lane.receipt(&post()))
        .collect();
    assert_eq!((receipts[0].epoch, receipts[0].contiguous), (Epoch(2), Seq(1)));
    assert_eq!((receipts[1].epoch, receipts[1].contiguous), (Epoch(1), Seq(8)));
    assert_eq!(receipts[1].missing, vec![]);
    assert_eq!(applied[0].lanes[1].held.lacking(Seq(0)), 0);
}

#[test]
fn i2_a_closed_epoch_that_never_arrived_is_missing_up_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let closed = vec![ClosedLane {
        epoch: Epoch(1),
        lane: Lane::Vitals,
        last_seq: Seq(9),
    }];
    let started = event(Event::Started {
        version: "0.1.0".into(),
        boot: BOOT,
        closed,
    });
    let applied = store
        .apply(&[arrived(2, Lane::Events, 1, vec![started])])
        .unwrap();
    let receipt = applied[0].lanes[1].receipt(&post());
    assert_eq!(
        (receipt.contiguous, receipt.missing),
        (Seq(0), vec![(Seq(1), Seq(9))])
    );
    let applied = store.apply(&[vitals(1, 9)]).unwrap();
    assert_eq!(applied[0].lanes[0].receipt(&post()).contiguous, Seq(9));
}

#[test]
fn i1_what_the_post_gave_up_is_not_missing_and_is_still_taken_when_it_was_on_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.apply(&[vitals(1, 2), vitals(7, 8)]).unwrap();
    let lost = event(Event::Lost {
        epoch: Epoch(1),
        lane: Lane::Vitals,
        first: Seq(3),
        last: Seq(6),
    });
    let applied = store.apply(&[arrived(1, Lane::Events, 1, vec![lost])]).unwrap();
    assert_eq!(applied[0].lanes[1].receipt(&post()).contiguous, Seq(8));
    store.apply(&[vitals(4, 5)]).unwrap();
    assert_eq!(seqs(&store, Lane::Vitals), vec![1, 2, 4, 5, 7, 8]);
}

#[test]
fn i2_a_post_that_opens_too_many_gaps_is_told_to_fill_them_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let batch: Vec<Arrived> = (1..=RUNS_MAX as u64).map(|n| vitals(n * 2, n * 2)).collect();
    assert!(
        store
            .apply(&batch)
            .unwrap()
            .iter()
            .all(|applied| !applied.too_many_gaps)
    );
    let beyond = RUNS_MAX as u64 * 2 + 2;
    let applied = store.apply(&[vitals(beyond, beyond)]).unwrap();
    assert!(applied[0].too_many_gaps && applied[0].new.is_empty());
    assert_eq!(
        applied[0].lanes[0].receipt(&post()).missing.len(),
        MISSING_RANGES_MAX
    );
    assert!(!seqs(&store, Lane::Vitals).contains(&beyond));
}

fn says_seen(id: u128, alarm: AlarmId, (by, by_id): (&str, Option<&str>)) -> Command {
    Command {
        id,
        issued: WallTime::from_unix_ms(1_790_000_000_000),
        expires: WallTime::from_unix_ms(1_790_086_400_000),
        kind: CommandKind::Seen {
            alarm,
            by: by.to_owned(),
            by_id: by_id.map(str::to_owned),
        },
    }
}

#[test]
fn i6_a_command_survives_a_restart_until_its_confirmation_arrives() {
    let folder = tempfile::tempdir().unwrap();
    let id = AlarmId {
        epoch: Epoch(1),
        number: 1,
    };
    let command = says_seen(0xabcd, id, ("Dr Rao", Some("rao")));
    let store = open(folder.path());
    store
        .apply(&[arrived(1, Lane::Alerts, 1, vec![alarm(1, 1, AlarmPhase::Active)])])
        .unwrap();
    store.keep_command(&post(), &command).unwrap();
    // For an alarm that is not among those shown any more: it waits all the same.
    let forgotten = AlarmId {
        epoch: Epoch(0),
        number: 9,
    };
    let other = says_seen(1, forgotten, ("Dr Sen", None));
    store.keep_command(&post(), &other).unwrap();
    drop(store);

    let store = open(folder.path());
    let mut marks = store.standing().unwrap()[0].seen.clone();
    assert_eq!((marks.len(), marks[0].command), (2, 1));
    let mark = marks.remove(1);
    let done = event(Event::Seen {
        alarm: forgotten,
        by: "Dr Sen".into(),
        by_id: None,
        command: 1,
    });
    store.apply(&[arrived(3, Lane::Events, 1, vec![done])]).unwrap();
    assert_eq!(store.standing().unwrap()[0].seen, vec![mark.clone()]);
    assert_eq!(
        (mark.command, mark.by_id.as_deref(), mark.confirmed),
        (0xabcd, Some("rao"), false)
    );
    let (by, by_id) = ("Dr Rao".to_owned(), Some("rao".to_owned()));
    let seen = event(Event::Seen {
        alarm: id,
        by,
        by_id,
        command: 0xabcd,
    });
    for epoch in [1, 2] {
        let told = vec![seen.clone()];
        store.apply(&[arrived(epoch, Lane::Events, 1, told)]).unwrap();
    }
    drop(store);

    let marks = open(folder.path()).standing().unwrap()[0].seen.clone();
    assert_eq!(marks.len(), 1);
    assert!(marks[0].confirmed);
    assert_eq!(marks[0].at, command.issued);
}

fn told_state() -> PostState {
    PostState {
        post: post(),
        status: PostStatus::Online,
        name: "Demo health post".into(),
        epoch: Epoch(1),
        boot: BOOT,
        at: MonoTime::from_ms(9),
        wall: None,
        trust: ClockTrust::Untrusted,
        last: vec![],
        beds: vec![("1".parse().unwrap(), "Bed 1".into())],
        open_alarms: Default::default(),
    }
}

#[test]
fn i1_a_restart_keeps_latest_values_alarms_anchors_names_and_marks() {
    let folder = tempfile::tempdir().unwrap();
    let anchor = ClockAnchor {
        boot: BOOT,
        mono: MonoTime::from_ms(100),
        wall: WallTime::from_unix_ms(1_790_000_000_100),
        trust: ClockTrust::Synchronised,
        source: AnchorSource::ClockSet,
    };
    let worse = ClockAnchor {
        mono: MonoTime::from_ms(200),
        wall: WallTime::from_unix_ms(200),
        trust: ClockTrust::Untrusted,
        ..anchor
    };
    let state = told_state();
    let store = open(folder.path());
    let anchors = [anchor, worse]
        .map(|anchor| event(Event::Anchor(anchor)))
        .to_vec();
    // The newest reading arrives before older ones.
    store
        .apply(&[vitals(20, 30), arrived(1, Lane::Events, 1, anchors)])
        .unwrap();
    store.apply(&[vitals(1, 10)]).unwrap();
    let open_then_ended = [alarm(2, 2, AlarmPhase::Ended), alarm(2, 1, AlarmPhase::Active)];
    store
        .apply(&[arrived(1, Lane::Alerts, 1, open_then_ended.to_vec())])
        .unwrap();
    store
        .apply(&[arrived(1, Lane::Alerts, 3, vec![alarm(1, 1, AlarmPhase::Active)])])
        .unwrap();
    store.keep_state(&state).unwrap();
    drop(store);

    let standing = open(folder.path()).standing().unwrap();
    assert_eq!(standing.len(), 1);
    let standing = &standing[0];
    assert_eq!(standing.state.as_ref(), Some(&state));
    assert_eq!(standing.anchors, vec![(Epoch(1), anchor)]);
    assert_eq!(
        standing
            .latest
            .iter()
            .map(|s| s.record.clone())
            .collect::<Vec<_>>(),
        vec![reading(30)]
    );
    let phases: Vec<_> = standing
        .alarms
        .iter()
        .map(|a| (a.change.id.number, a.change.phase))
        .collect();
    assert_eq!(phases, vec![(1, AlarmPhase::Active), (2, AlarmPhase::Ended)]);
    let vitals_lane = standing
        .lanes
        .iter()
        .find(|lane| lane.lane == Lane::Vitals)
        .unwrap();
    assert_eq!(vitals_lane.held.missing(), vec![(Seq(11), Seq(19))]);
}

#[test]
fn records_can_be_asked_for_by_post_lane_epoch_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let second = arrived(2, Lane::Vitals, 1, vec![reading(1)]);
    let batch = [
        vitals(1, 10),
        vitals(11, 20),
        second,
        arrived(1, Lane::Alerts, 1, vec![alarm(1, 1, AlarmPhase::Active)]),
    ];
    store.apply(&batch).unwrap();
    let query = Query {
        post: Some(post()),
        lane: Some(Lane::Vitals),
        epoch: Some(Epoch(1)),
        after: Some(Seq(7)),
    };
    assert_eq!(
        all(&store, &query).iter().map(|s| s.seq.0).collect::<Vec<_>>(),
        (8..=20).collect::<Vec<_>>()
    );
    let anywhere = Query {
        post: None,
        ..query.clone()
    };
    assert_eq!(all(&store, &anywhere).len(), 13);
    let none = Query {
        post: Some("other".parse().unwrap()),
        ..Query::default()
    };
    assert_eq!(all(&store, &none), vec![]);
    let order: Vec<_> = all(&store, &Query::default())
        .iter()
        .map(|s| (s.lane, s.epoch.0))
        .collect();
    assert_eq!(order.first(), Some(&(Lane::Alerts, 1)));
    assert_eq!(order.last(), Some(&(Lane::Vitals, 2)));
}

#[test]
fn a_store_in_use_a_newer_store_and_a_file_that_is_no_store_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("central.redb");
    let store = RedbStore::open(&file).unwrap();
    assert!(matches!(RedbStore::open(&file), Err(StoreError::InUse { .. })));
    store.try_again().unwrap();
    assert_eq!(all(&store, &Query::default()), vec![]);
    drop(store);

    let database = redb::Database::open(&file).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(tables::META)
        .unwrap()
        .insert(tables::VERSION_KEY, 2)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let error = RedbStore::open(&file).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, .. }), "{error}");

    std::fs::write(&file, b"this is not a store").unwrap();
    let error = RedbStore::open(&file).unwrap_err();
    assert!(error.to_string().contains("central.redb"), "{error}");
    assert!(RedbStore::open_existing(&folder.path().join("none.redb")).is_err());
}
