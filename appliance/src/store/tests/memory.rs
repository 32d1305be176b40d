//! The parts that touch no card: rows and their check sums, the bounded tail, the list of epochs.

use super::*;
use crate::store::epoch::{EpochRow, Receipts};
use crate::store::outbox::{Earlier, Outbox};
use crate::store::rows::{BlockKey, pack, pack_schema, unpack};
use crate::store::seal::{Seal, SealingKey};
use crate::store::tail::{Loss, Tail};
use vitals::wire::Block;

#[test]
fn every_flipped_bit_and_every_wrong_key_of_a_row_is_noticed() {
    notices_everything(&Seal::Plain);
    notices_everything(&Seal::Sealed(SealingKey::new(&[1; 32])));
}

fn notices_everything(seal: &Seal) {
    let unpack = |key, row: &[u8]| unpack(key, row, seal);
    let key = BlockKey {
        lane: Lane::Vitals,
        epoch: Epoch(9),
        first: Seq(100),
    };
    let block = Block {
        boot: BOOT,
        records: (1..=5).map(reading).collect(),
    };
    let row = pack(key, 777, &block, seal).unwrap();
    let (header, back) = unpack(key, &row).unwrap();
    assert_eq!((header.count, header.offset, back), (5, 777, block));
    for bit in 0..row.len() * 8 {
        let mut spoilt = row.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        assert!(unpack(key, &spoilt).is_err(), "bit {bit}");
    }
    for len in 0..row.len() {
        assert!(unpack(key, &row[..len]).is_err(), "cut at {len}");
    }
    for other in [
        BlockKey {
            epoch: Epoch(8),
            ..key
        },
        BlockKey {
            first: Seq(101),
            ..key
        },
        BlockKey {
            lane: Lane::Waves,
            ..key
        },
    ] {
        assert!(
            unpack(other, &row).is_err(),
            "a row under another name is another measurement: {other:?}"
        );
    }
}

#[test]
fn the_check_sum_is_the_common_crc_32() {
    // The schema row is a version and its sum; the sum of these four bytes is from another program (zlib's crc32).
    assert_eq!(pack_schema(1), [1, 0, 0, 0, 0x79, 0xb8, 0xf8, 0x99]);
}

#[test]
fn an_epoch_row_reads_back_and_no_other_bytes_do() {
    let receipts = |receipted: [u64; 5], end_told| Receipts {
        receipted: relayed(receipted),
        end_told,
    };
    let row = EpochRow {
        last: [1, 2, 3, 4, 5].map(Seq),
        receipts: vec![
            Some(receipts([1, 0, 3, 0, 5], true)),
            None,
            Some(Receipts {
                receipted: [Some(Seq(0)), None, None, None, None],
                end_told: false,
            }),
        ],
    };
    let mut names = all_to(&["centre", "added", "région"]);
    names[2].lanes = vec![Lane::Alerts];
    let (key, bytes) = (EpochRow::key(Epoch(0xabc)), row.pack(&names));
    let epoch = Epoch(0xabc);
    assert_eq!(
        EpochRow::unpack(&key, &bytes, &names).unwrap(),
        (epoch, row.clone())
    );
    for bit in 0..bytes.len() * 8 {
        let mut spoilt = bytes.clone();
        spoilt[bit / 8] ^= 1 << (bit % 8);
        assert!(EpochRow::unpack(&key, &spoilt, &names).is_err(), "bit {bit}");
    }
    for len in 0..bytes.len() {
        assert!(
            EpochRow::unpack(&key, &bytes[..len], &names).is_err(),
            "cut at {len}"
        );
    }
    assert!(EpochRow::unpack("epoch/x", &bytes, &names).is_err());
    let fewer = all_to(&["région", "new"]);
    let read = EpochRow::unpack(&key, &bytes, &fewer).unwrap().1;
    assert_eq!(read.receipts, [row.receipts[2], None], "by name, not by place");
    let mut metered = all_to(&["centre"]);
    metered[0].lanes.retain(|lane| *lane != Lane::Vitals);
    let read = EpochRow::unpack(&key, &bytes, &metered).unwrap().1;
    let receipted = read.receipts[0].unwrap().receipted;
    assert_eq!(receipted, [Some(Seq(1)), Some(Seq(0)), Some(Seq(3)), None, None]);
}

#[test]
fn an_epoch_row_of_the_first_layout_belongs_to_the_centre() {
    let mut bytes = vec![1];
    for seq in [1, 2, 3, 4, 5, 1, 0, 3, 0, 5_u64] {
        bytes.extend(seq.to_le_bytes());
    }
    bytes.push(1);
    bytes.extend(crate::store::rows::CRC_32.checksum(&bytes).to_le_bytes());
    let names = all_to(&["other", "centre"]);
    let (_, read) = EpochRow::unpack(&EpochRow::key(Epoch(7)), &bytes, &names).unwrap();
    assert_eq!(read.last, [1, 2, 3, 4, 5].map(Seq));
    let receipts = Receipts {
        receipted: relayed([1, 0, 3, 0, 5]),
        end_told: true,
    };
    assert_eq!(read.receipts, [None, Some(receipts)]);
}

/// Receipts of somebody who gets all but curves.
fn relayed(receipted: [u64; 5]) -> [Option<Seq>; 5] {
    let mut receipted = receipted.map(|seq| Some(Seq(seq)));
    receipted[4] = None;
    receipted
}

/// The row of an epoch for one destination.
fn row(last: [u64; 5], receipted: [u64; 5]) -> EpochRow {
    let receipts = Receipts {
        receipted: relayed(receipted),
        end_told: false,
    };
    EpochRow {
        last: last.map(Seq),
        receipts: vec![Some(receipts)],
    }
}

fn earlier(rows: impl IntoIterator<Item = (Epoch, EpochRow)>) -> Earlier {
    Earlier {
        rows: rows.into_iter().collect(),
        ..Earlier::default()
    }
}

fn tail(bulk_records_max: usize, bulk_bytes_max: usize) -> Tail {
    Tail::new(
        Epoch(1),
        TailBounds {
            bulk_records_max,
            bulk_bytes_max,
        },
        MonoTime::from_ms(1),
    )
}

#[test]
fn s3_the_tail_is_bounded_by_records_and_by_bytes() {
    let one = crate::store::rows::bytes_most(&reading(1));
    for (records_max, bytes_max) in [(80, usize::MAX), (usize::MAX, 80 * one)] {
        let mut tail = tail(records_max, bytes_max);
        for number in 1..=10_000 {
            tail.append(reading(number));
            assert!(tail.bulk_records() <= 80);
        }
        assert!(tail.bulk_records() >= 70, "no more is given up than an eighth");
        let kept = tail.bulk_records() as u64;
        let attempt = tail.attempt(false);
        assert_eq!(attempt[3].len(), 20, "a quarter at a time");
        let Record::Event { event, .. } = attempt[1][0].record.as_ref() else {
            panic!("the loss goes along")
        };
        let (epoch, lane, first, last) = (Epoch(1), Lane::Vitals, Seq(1), Seq(10_000 - kept));
        assert_eq!(
            *event,
            Event::Lost {
                epoch,
                lane,
                first,
                last
            }
        );
    }
}

#[test]
fn s4_what_a_commit_has_tried_is_kept_and_retried_as_it_was() {
    let mut tail = tail(80, usize::MAX);
    (1..=40).for_each(|number| {
        tail.append(reading(number));
    });
    let tried: Vec<Seq> = tail.attempt(false)[3].iter().map(|entry| entry.seq).collect();
    (41..=1_000).for_each(|number| {
        tail.append(reading(number));
    });
    tail.append(alarm(1));
    let again = tail.attempt(false);
    assert_eq!(again[3].iter().map(|entry| entry.seq).collect::<Vec<_>>(), tried);
    assert_eq!(
        (again[0].len(), again[1].len()),
        (1, 0),
        "alerts join, the loss waits"
    );
    tail.settle([Seq(1), Seq(0), Seq(0), *tried.last().unwrap(), Seq(0)]);
    let next = tail.attempt(false);
    assert_eq!((next[0].len(), next[1].len()), (0, 1), "now the loss is told");
    assert!(next[3][0].seq > tried.last().unwrap().next());
}

#[test]
fn s5_epochs_beyond_the_bound_are_forgotten_with_a_recorded_loss() {
    let rows = (1..=5).map(|n| (Epoch(n), row([0, n, 0, 10, 0], [0, 0, 0, 4, 0])));
    let mut outbox = Outbox::new(earlier(rows), Epoch(6), all_to(&["centre"]));
    let loss = |epoch, lane, first, last| Loss {
        epoch: Epoch(epoch),
        lane,
        first: Seq(first),
        last: Seq(last),
    };
    let expected = [
        loss(1, Lane::Events, 1, 1),
        loss(1, Lane::Vitals, 5, 10),
        loss(2, Lane::Events, 1, 2),
        loss(2, Lane::Vitals, 5, 10),
    ];
    assert_eq!(outbox.forget_beyond(4), expected);
    assert_eq!(
        outbox.cursor(Destination::CENTRE, Lane::Vitals),
        Cursor {
            epoch: Epoch(3),
            seq: Seq(4)
        }
    );
    assert_eq!(
        outbox.changes([Seq(0); 5]).1,
        [Epoch(1), Epoch(2)],
        "their rows go"
    );
}

#[test]
fn s12_curves_that_go_are_no_loss_to_the_centre_whatever_made_them_go() {
    let rows = [(Epoch(1), row([0, 0, 0, 10, 10], [0, 0, 0, 4, 0]))];
    let mut outbox = Outbox::new(earlier(rows), Epoch(2), all_to(&["centre"]));
    let whole = |lane| Loss {
        epoch: Epoch(1),
        lane,
        first: Seq(1),
        last: Seq(10),
    };
    let readings = Loss {
        first: Seq(5),
        ..whole(Lane::Vitals)
    };
    assert_eq!(outbox.unreceipted(whole(Lane::Vitals)), Some(readings));
    assert_eq!(outbox.unreceipted(whole(Lane::Waves)), None, "evicted");
    assert_eq!(outbox.all_unreceipted([Seq(0); 5]), [readings], "set aside");
    assert_eq!(
        [Lane::Vitals, Lane::Waves].map(|lane| outbox.waiting(Destination::CENTRE, lane)),
        [6, 0]
    );
    assert_eq!(outbox.forget_beyond(1), [readings], "forgotten");
}
