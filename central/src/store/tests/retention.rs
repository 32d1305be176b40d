//! S5: what goes for its age, and what never does.

use super::*;

fn day(n: i64) -> WallTime {
    WallTime::from_unix_ms(1_790_000_000_000 + n * 86_400_000)
}

fn on(n: i64, mut one: Arrived) -> Arrived {
    one.received = day(n);
    one
}

fn limits(before: i64) -> Limits {
    Limits {
        vitals_before: day(before),
        summaries_before: day(before - 5),
    }
}

/// A whole round; how many transactions and how many records.
fn round(store: &RedbStore, limits: Limits) -> (usize, u64) {
    let (mut place, mut steps, mut records) = (Some(ThinPlace::default()), 0, 0);
    while let Some(from) = place {
        let thinned = store.thin_out(limits, from).unwrap();
        (place, steps, records) = (thinned.next, steps + 1, records + thinned.records);
    }
    (steps, records)
}

fn summary(at_ms: u64) -> Record {
    Record::Summary(vitals::MinuteSummary {
        device: "oxi-1".parse().unwrap(),
        bed: Some("1".parse().unwrap()),
        admission: None,
        of: vitals::Summarised::Vital(Code::Hr),
        at: MonoTime::from_ms(at_ms),
        numbers: None,
        absent: 60,
    })
}

#[test]
fn i2_what_is_deleted_for_its_age_is_never_missing_and_never_stored_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let alert = arrived(1, Lane::Alerts, 1, vec![alarm(1, 1, AlarmPhase::Active)]);
    let lost = event(Event::StoreSetAside {
        file: "f".into(),
        reason: "r".into(),
    });
    let old = [
        on(0, vitals(1, 10)),
        on(0, alert),
        on(0, arrived(1, Lane::Events, 1, vec![lost])),
        on(0, arrived(1, Lane::Summaries, 1, vec![summary(1)])),
        on(7, vitals(13, 20)),
    ];
    store.apply(&old).unwrap();
    assert_eq!(round(&store, limits(3)), (1, 10));
    assert_eq!(seqs(&store, Lane::Vitals), (13..=20).collect::<Vec<_>>());
    assert_eq!(seqs(&store, Lane::Summaries), vec![1]);
    drop(store);

    let store = open(folder.path());
    let again = store.apply(&[on(8, vitals(1, 12))]).unwrap();
    assert_eq!(
        again[0].new.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(),
        vec![11, 12]
    );
    let receipt = again[0].lanes[0].receipt(&post());
    assert_eq!((receipt.contiguous, receipt.missing), (Seq(20), vec![]));
    assert_eq!(round(&store, limits(100)), (1, 11));
    assert_eq!(seqs(&store, Lane::Vitals), Vec::<u64>::new());
    assert_eq!(
        (seqs(&store, Lane::Alerts), seqs(&store, Lane::Events)),
        (vec![1], vec![1])
    );
    let standing = store.standing().unwrap();
    assert_eq!((standing[0].latest.len(), standing[0].alarms.len()), (0, 1));
    let receipt = store.apply(&[on(101, vitals(20, 20))]).unwrap()[0].lanes[0].receipt(&post());
    assert_eq!(receipt.contiguous, Seq(20));
}

#[test]
fn one_transaction_deletes_a_bounded_number_of_blocks_and_the_next_goes_on_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let blocks = u64::try_from(super::super::retention::DELETED_MAX).unwrap() * 2 + 1;
    let batch: Vec<Arrived> = (1..=blocks).map(|seq| on(0, vitals(seq, seq))).collect();
    store.apply(&batch).unwrap();
    let young = on(9, arrived(2, Lane::Vitals, 1, vec![reading(1)]));
    store.apply(&[young]).unwrap();
    assert_eq!(round(&store, limits(1)), (3, blocks));
    assert_eq!(seqs(&store, Lane::Vitals), vec![1]);
}

#[test]
fn i1_a_block_that_came_late_holds_up_younger_places_until_it_is_old_enough_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let batch = [on(2, vitals(1, 5)), on(0, vitals(6, 9))];
    store.apply(&batch).unwrap();
    assert_eq!(round(&store, limits(1)), (1, 0));
    assert_eq!(round(&store, limits(3)), (1, 9));
}
