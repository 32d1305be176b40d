//! R1 to R4, each by itself.

use std::time::Duration;

use vitals::wire::Receipt;
use vitals::{BootId, Epoch, Lane, MonoTime, Seq};

use super::{at, cursor, limits, reading};
use crate::relay::LinkFigures;
use crate::relay::flights::Sent;
use crate::relay::window::{Found, Limits, Part, Want, Window};
use crate::store::{Batch, Cursor};

fn receipt(epoch: u64, contiguous: u64, missing: &[(u64, u64)]) -> Receipt {
    Receipt {
        post: "a".parse().unwrap(),
        epoch: Epoch(epoch),
        lane: Lane::Vitals,
        contiguous: Seq(contiguous),
        missing: missing
            .iter()
            .map(|(first, last)| (Seq(*first), Seq(*last)))
            .collect(),
    }
}

fn start_over(window: &mut Window, watermark: Cursor, now: MonoTime) {
    window.start_over(watermark, Cursor::START, now);
}

/// What may leave now.
fn wanted(window: &Window) -> Option<Want> {
    window.want_first(usize::MAX, at(0))
}

/// Found up to this; `None` = nothing. Returns whether to send it.
fn took(window: &mut Window, want: &Want, end: Option<Cursor>) -> bool {
    window.took(want, end.map_or(Found::Nothing, Found::UpTo), at(0))
}

fn fly(window: &mut Window, want: &Want, end: Cursor, bytes: usize, id: u64, now: MonoTime) {
    let first = if want.after.epoch == end.epoch {
        want.after.seq.next()
    } else {
        Seq(1)
    };
    let sent = Sent {
        id,
        first,
        end,
        bytes,
    };
    window.sent(want, &sent, now);
}

/// A window at the beginning of epoch 1.
fn fresh() -> Window {
    let mut window = Window::new(limits(), Epoch(1));
    start_over(&mut window, cursor(1, 0), at(0));
    window
}

/// Sends records up to `last` of `epoch`, ten bytes each time.
fn send(window: &mut Window, epoch: u64, last: u64, ms: u64) -> (Want, u64) {
    let want = wanted(window).expect("something may leave");
    assert!(took(window, &want, Some(cursor(epoch, last))));
    let id = epoch * 1_000 + last;
    fly(window, &want, cursor(epoch, last), 10, id, at(ms));
    (want, id)
}

#[test]
fn r1_a_puback_moves_nothing_and_a_receipt_does() {
    let mut window = fresh();
    let (_, id) = send(&mut window, 1, 10, 0);
    window.acked(id);
    assert_eq!(
        window.stalls_at(),
        Some(at(10_000)),
        "it still waits for the receipt"
    );
    assert_eq!(window.receipt(&receipt(1, 10, &[]), at(50)), Some(Seq(10)));
    assert_eq!(window.stalls_at(), None);
}

#[test]
fn r1_lower_repeated_and_unknown_receipts_change_nothing() {
    let mut window = fresh();
    send(&mut window, 1, 10, 0);
    assert_eq!(window.receipt(&receipt(1, 5, &[]), at(1)), Some(Seq(5)));
    assert_eq!(window.receipt(&receipt(1, 5, &[]), at(2)), None);
    assert_eq!(window.receipt(&receipt(1, 3, &[]), at(3)), None);
    assert_eq!(window.receipt(&receipt(2, 9, &[]), at(4)), None);
    assert_eq!(window.stalls_at(), Some(at(10_001)));
}

#[test]
fn r2_no_more_batches_than_the_limit_leave_without_a_receipt() {
    let mut window = fresh();
    for last in [10, 20, 30] {
        let (_, id) = send(&mut window, 1, last, 0);
        window.acked(id);
    }
    assert_eq!(wanted(&window), None);
    window.receipt(&receipt(1, 10, &[]), at(1));
    assert_eq!(wanted(&window).unwrap().after, cursor(1, 30));
}

#[test]
fn r2_no_more_bytes_than_the_limit_leave_without_a_puback_but_one_batch_always_does() {
    let mut window = fresh();
    let want = wanted(&window).unwrap();
    assert!(took(&mut window, &want, Some(cursor(1, 10))));
    fly(&mut window, &want, cursor(1, 10), 1_000, 7, at(0));
    assert_eq!(wanted(&window), None);
    window.acked(7);
    assert!(wanted(&window).is_some());
}

#[test]
fn r3_what_is_not_receipted_goes_again_and_the_waits_double_up_to_the_most() {
    let mut window = fresh();
    let mut now = 0;
    for wait in [10, 20, 40, 60, 60] {
        send(&mut window, 1, 10, now);
        now += wait * 1_000;
        assert!(!window.stalled(at(now - 1)));
        assert!(window.stalled(at(now)));
        start_over(&mut window, cursor(1, 0), at(now));
        assert_eq!(wanted(&window).unwrap().after, cursor(1, 0));
    }
    assert_eq!(window.stalls(), 5);
    send(&mut window, 1, 10, now);
    window.receipt(&receipt(1, 5, &[]), at(now));
    assert_eq!(window.stalls(), 0);
    assert_eq!(
        window.stalls_at(),
        Some(at(now + 10_000)),
        "the wait is short again"
    );
}

#[test]
fn r3_nothing_on_its_way_never_stalls() {
    let mut window = fresh();
    assert!(!window.stalled(at(1_000_000)));
}

#[test]
fn r3_when_the_centre_is_back_what_it_lacks_goes_again_at_once_and_once() {
    let mut window = fresh();
    send(&mut window, 1, 10, 0);
    window.hurry();
    assert!(window.stalled(at(1)));
    start_over(&mut window, cursor(1, 0), at(1));
    send(&mut window, 1, 10, 1);
    assert!(!window.stalled(at(2)));
    assert_eq!(window.stalls_at(), Some(at(10_001)));
    assert_eq!(window.stalls(), 0);

    let mut idle = fresh();
    idle.hurry();
    send(&mut idle, 1, 10, 5);
    assert!(
        !idle.stalled(at(6)),
        "nothing was on its way, so nothing goes twice"
    );
}

#[test]
fn r4_a_receipt_for_what_was_never_sent_is_not_believed() {
    let mut window = fresh();
    send(&mut window, 1, 10, 0);
    assert_eq!(window.receipt(&receipt(1, u64::MAX, &[]), at(1)), Some(Seq(10)));
    assert_eq!(window.receipt(&receipt(1, u64::MAX, &[]), at(2)), None);
}

#[test]
fn r4_what_the_store_gave_up_right_behind_what_was_sent_is_receipted_too_and_nothing_beyond_a_hole() {
    let mut window = fresh();
    send(&mut window, 1, 10, 0);
    window.given_up(Epoch(1), Seq(15), Seq(20));
    assert_eq!(
        window.receipt(&receipt(1, 20, &[]), at(1)),
        Some(Seq(10)),
        "11 to 14 were never sent"
    );
    window.given_up(Epoch(1), Seq(11), Seq(14));
    assert_eq!(window.receipt(&receipt(1, 20, &[]), at(2)), Some(Seq(20)));
}

fn gap(window: &Window) -> (u64, u64) {
    let want = wanted(window).unwrap();
    assert_eq!(want.part, Part::Gap);
    (want.after.seq.0 + 1, want.last.unwrap().seq.0)
}

#[test]
fn r11_gaps_that_the_centre_names_go_again_before_anything_new_and_nothing_else_does() {
    let mut window = fresh();
    for last in [10, 20, 30] {
        let (_, id) = send(&mut window, 1, last, 0);
        window.acked(id);
    }
    window.receipt(&receipt(1, 4, &[(5, 10), (15, 18)]), at(1));
    assert_eq!(gap(&window), (5, 10));
    let want = wanted(&window).unwrap();
    assert!(took(&mut window, &want, Some(cursor(1, 10))));
    fly(&mut window, &want, cursor(1, 10), 10, 1_031, at(1));
    assert_eq!(gap(&window), (15, 18));
    let want = wanted(&window).unwrap();
    assert!(!took(&mut window, &want, None), "the store has given it up");
    assert_eq!(wanted(&window).unwrap().part, Part::Front, "no gap is left");
    for ms in [2, 6_000] {
        window.receipt(&receipt(1, 4, &[(5, 10)]), at(ms));
        let part = wanted(&window).unwrap().part;
        assert_eq!(part, Part::Front, "nothing that left later has arrived");
    }
    send(&mut window, 1, 40, 6_001);
    send(&mut window, 1, 50, 6_001);
    window.receipt(&receipt(1, 4, &[(5, 10), (41, 45)]), at(6_002));
    assert_eq!(gap(&window), (5, 10), "40 left later and is there");
}

#[test]
fn r11_what_is_on_its_way_is_not_taken_for_lost_when_an_older_receipt_lacks_it() {
    let mut window = fresh();
    for last in [10, 20, 30] {
        let (_, id) = send(&mut window, 1, last, 0);
        window.acked(id);
    }
    // Made when only the first had arrived.
    assert_eq!(window.receipt(&receipt(1, 10, &[]), at(1)), Some(Seq(10)));
    assert_eq!(wanted(&window).unwrap().part, Part::Front);
    assert_eq!(window.stalls_at(), Some(at(10_001)), "the others are waited for");
}

#[test]
fn a_gap_that_one_reading_does_not_fill_is_continued_and_one_beyond_what_was_sent_is_ignored() {
    let mut window = fresh();
    send(&mut window, 1, 30, 0);
    window.receipt(&receipt(1, 4, &[(5, 25), (40, 50)]), at(1));
    let want = wanted(&window).unwrap();
    assert!(took(&mut window, &want, Some(cursor(1, 14))));
    fly(&mut window, &want, cursor(1, 14), 10, 2_001, at(1));
    assert_eq!(gap(&window), (15, 25));
    let want = wanted(&window).unwrap();
    assert!(took(&mut window, &want, Some(cursor(1, 25))));
    fly(&mut window, &want, cursor(1, 25), 10, 2_002, at(1));
    let want = wanted(&window).unwrap();
    assert_eq!(want.part, Part::Front, "40 to 50 was never sent from here");
}

#[test]
fn a_batch_is_cut_to_the_gap_and_dropped_when_it_lies_behind_it() {
    let mut window = fresh();
    send(&mut window, 1, 30, 0);
    window.receipt(&receipt(1, 4, &[(5, 8)]), at(1));
    let want = wanted(&window).unwrap();
    let batch = |epoch, first| Batch {
        epoch: Epoch(epoch),
        lane: Lane::Vitals,
        first: Seq(first),
        boot: BootId([1; 16]),
        records: (0..10).map(reading).collect(),
    };
    let cut = want.cut(batch(1, 5)).unwrap();
    assert_eq!((cut.first, cut.last()), (Seq(5), Seq(8)));
    assert_eq!(want.cut(batch(1, 9)), None);
    assert_eq!(want.cut(batch(2, 1)), None);
}

#[test]
fn what_was_read_before_a_fresh_start_is_not_sent_after_it() {
    let mut window = fresh();
    let want = wanted(&window).unwrap();
    start_over(&mut window, cursor(1, 0), at(1));
    assert!(!took(&mut window, &want, Some(cursor(1, 10))));
    assert_eq!(wanted(&window).unwrap().after, cursor(1, 0));
}

#[test]
fn i2_the_next_epoch_follows_and_each_epoch_has_its_own_receipts() {
    let mut window = fresh();
    send(&mut window, 1, 10, 0);
    send(&mut window, 2, 20, 0);
    assert_eq!(window.receipt(&receipt(2, 20, &[]), at(1)), Some(Seq(20)));
    assert!(window.stalls_at().is_some(), "epoch 1 is still open");
    assert_eq!(window.receipt(&receipt(1, 10, &[]), at(2)), Some(Seq(10)));
    assert_eq!(window.stalls_at(), None);
    assert_eq!(wanted(&window).unwrap().after, cursor(2, 20));
}

#[test]
fn an_empty_store_is_not_asked_again_until_there_is_more() {
    let mut window = fresh();
    let want = wanted(&window).unwrap();
    assert!(!took(&mut window, &want, None));
    assert_eq!(wanted(&window), None);
    window.more(at(0));
    assert!(wanted(&window).is_some());
}

#[test]
fn reach_is_remembered_for_a_bounded_number_of_epochs() {
    let limits = Limits {
        batches_max: 1_000,
        unacked_bytes_max: usize::MAX,
        stall_first: Duration::from_secs(10),
        ..limits()
    };
    let mut window = Window::new(limits, Epoch(1));
    start_over(&mut window, cursor(1, 0), at(0));
    for epoch in 1..=100 {
        send(&mut window, epoch, 1, 0);
    }
    assert_eq!(
        window.receipt(&receipt(1, 1, &[]), at(1)),
        None,
        "forgotten: sent again later"
    );
    assert_eq!(window.receipt(&receipt(100, 1, &[]), at(1)), Some(Seq(1)));
}

#[test]
fn r4_i2_what_was_evicted_of_earlier_epochs_is_receipted_although_it_was_never_sent() {
    let mut window = Window::new(limits(), Epoch(3));
    start_over(&mut window, cursor(1, 5), at(0));
    // The record of the loss goes ahead in the events lane, so the centre settles epoch 1 before this lane sends.
    assert_eq!(window.receipt(&receipt(1, 10, &[]), at(1)), Some(Seq(10)));
    assert_eq!(window.receipt(&receipt(1, 10, &[]), at(1)), None, "told once");
    // Of epoch 2 a part was sent, and the rest was evicted meanwhile.
    send(&mut window, 2, 60, 2);
    assert_eq!(window.receipt(&receipt(2, 60, &[]), at(3)), Some(Seq(60)));
    assert_eq!(window.receipt(&receipt(2, 80, &[]), at(4)), Some(Seq(80)));
    // The running epoch goes on growing: no more than was sent.
    send(&mut window, 3, 5, 5);
    assert_eq!(window.receipt(&receipt(3, 9, &[]), at(6)), Some(Seq(5)));
    assert_eq!(window.stalls_at(), None, "nothing is waited for");
}

#[test]
fn r4_a_wild_receipt_for_an_earlier_epoch_does_not_move_the_next_reading_beyond_what_was_sent() {
    let mut window = Window::new(limits(), Epoch(2));
    start_over(&mut window, cursor(1, 0), at(0));
    send(&mut window, 1, 10, 0);
    assert_eq!(
        window.receipt(&receipt(1, u64::MAX, &[]), at(1)),
        Some(Seq(u64::MAX)),
        "the store caps it"
    );
    assert_eq!(wanted(&window).unwrap().after, cursor(1, 10));
}

#[test]
fn r10_i1_a_backlog_of_an_earlier_epoch_is_not_forgotten_for_a_receipt_of_the_running_one() {
    let limits = Limits {
        live_first: true,
        ..limits()
    };
    let mut window = Window::new(limits, Epoch(2));
    window.start_over(cursor(1, 10), cursor(2, 10), at(0));
    let front = window.want_first(10, at(0)).unwrap();
    assert!(took(&mut window, &front, Some(cursor(2, 20))));
    fly(&mut window, &front, cursor(2, 20), 10, 1, at(0));
    window.acked(1);
    window.receipt(&receipt(2, 20, &[]), at(100));
    let behind = window.want_behind(10).expect("epoch 1 from 11 on is still owed");
    assert_eq!(behind.after, cursor(1, 10));
}

#[test]
fn r7_a_gap_that_the_card_does_not_give_is_not_asked_again_at_once_and_holds_up_nothing_new() {
    let mut window = fresh();
    send(&mut window, 1, 3, 0);
    send(&mut window, 1, 6, 0);
    window.receipt(&receipt(1, 0, &[(1, 3)]), at(100));
    let gap = wanted(&window).unwrap();
    assert_eq!(gap.after, cursor(1, 0));
    window.took(&gap, Found::Unreadable, at(100));
    let next = wanted(&window).expect("what is new may leave");
    assert_eq!(next.after, cursor(1, 6));
    window.more(at(200));
    assert_eq!(wanted(&window), Some(gap), "the next look");
}

#[test]
fn i1_a_window_whose_store_owes_more_than_at_its_begin_says_so() {
    let mut window = fresh();
    start_over(&mut window, cursor(3, 5), at(0));
    assert!(!window.owes_more(cursor(3, 5)), "nothing has changed");
    assert!(!window.owes_more(cursor(3, 9)), "receipts came");
    assert!(
        window.owes_more(cursor(1, 0)),
        "a card came back with an earlier run"
    );
}

#[test]
fn each_message_that_arrives_is_a_trip_and_each_that_does_not_is_a_loss() {
    let mut window = fresh();
    send(&mut window, 1, 10, 100);
    send(&mut window, 1, 20, 200);
    send(&mut window, 1, 30, 300);
    window.receipt(&receipt(1, 10, &[]), at(450));
    window.receipt(&receipt(1, 10, &[(11, 20)]), at(500));
    let figures = LinkFigures::default();
    figures.add(Lane::Vitals, window.take_trips(), at(500));
    let took: Vec<_> = figures.trips().iter().map(|trip| trip.took).collect();
    let ms = Duration::from_millis;
    assert_eq!((took, figures.lost()), (vec![ms(350), ms(200)], 1));
    figures.add(Lane::Vitals, window.take_trips(), at(501));
    assert_eq!(figures.trips().len(), 2, "each is told once");
}
