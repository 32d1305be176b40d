//! The ordinary life of records: numbers, order, epochs, receipts, eviction, alarms that stay open.

use super::*;
use vitals::{WaveBlock, record::WaveRecord};

#[test]
fn i2_a_hundred_thousand_records_read_back_equal_and_in_order() {
    let disk = Disk::new(1);
    let mut tuning = tuning();
    tuning.tail = TailBounds {
        bulk_records_max: usize::MAX,
        bulk_bytes_max: usize::MAX,
    };
    let (store, report) = open(&disk, &tuning);
    let mut made = Vec::new();
    for number in 1..=100_000 {
        let id = store.append(reading(number));
        assert_eq!(
            (id.epoch, id.lane, id.seq),
            (report.epoch, Lane::Vitals, Seq(number))
        );
        made.push(reading(number));
    }
    store.flush().unwrap();
    let mut place = 0;
    for batch in read_all(&store, Lane::Vitals, 700) {
        assert_eq!(
            (batch.epoch, batch.boot, batch.first.0),
            (report.epoch, BOOT, place as u64 + 1)
        );
        assert_eq!(batch.records, made[place..place + batch.records.len()]);
        place += batch.records.len();
        assert_eq!(batch.last().0, place as u64);
    }
    assert_eq!(place, made.len());
    let middle = Cursor {
        epoch: report.epoch,
        seq: Seq(77_777),
    };
    let batch = store.read(Lane::Vitals, middle, 3).unwrap().unwrap();
    assert_eq!(
        (batch.first, batch.records.as_slice()),
        (Seq(77_778), &made[77_777..77_780])
    );
    store.close().unwrap();
}

#[test]
fn i2_every_start_is_a_new_epoch_and_says_where_the_earlier_ones_ended() {
    let disk = Disk::new(2);
    let (store, first) = open(&disk, &tuning());
    assert_eq!((first.closed.as_slice(), &first.set_aside), (&[][..], &None));
    for number in 1..=3 {
        store.append(event(number));
        store.append(reading(number));
    }
    assert_eq!(
        store
            .last()
            .iter()
            .map(|lane| lane.last_seq.0)
            .collect::<Vec<_>>(),
        [0, 3, 0, 3, 0]
    );
    store.close().unwrap();

    let (store, second) = open(&disk, &tuning());
    assert!(second.epoch > first.epoch, "even with the same random number");
    assert_eq!(last_of(&second, first.epoch), [Seq(0), Seq(3), Seq(0), Seq(3)]);
    assert_eq!(store.append(event(9)).seq, Seq(1));
    store.close().unwrap();

    let (store, third) = open(&disk, &tuning());
    assert_eq!(last_of(&third, first.epoch), [Seq(0), Seq(3), Seq(0), Seq(3)]);
    assert_eq!(last_of(&third, second.epoch), [Seq(0), Seq(1), Seq(0), Seq(0)]);
    let epochs: Vec<Epoch> = read_all(&store, Lane::Events, 10)
        .iter()
        .map(|batch| batch.epoch)
        .collect();
    assert_eq!(epochs, [first.epoch, second.epoch], "a batch never mixes epochs");
}

#[test]
fn what_was_never_committed_is_gone_after_a_crash_and_the_end_is_told_truly() {
    let disk = Disk::new(3);
    let (store, first) = open(&disk, &unhurried());
    store.append(reading(1));
    store.flush().unwrap();
    store.append(reading(2));
    disk.cut_after(0);
    assert!(matches!(
        store.close(),
        Err(StoreError::NotCommitted { records: 1, .. })
    ));
    disk.power_cycle();
    let (store, second) = open(&disk, &tuning());
    assert_eq!(last_of(&second, first.epoch), [Seq(0), Seq(0), Seq(0), Seq(1)]);
    assert_eq!(read_all(&store, Lane::Vitals, 10).len(), 1);
}

fn started(report: &OpenReport) -> Record {
    let event = Event::Started {
        version: "1".to_owned(),
        boot: BOOT,
        closed: report.closed.clone(),
    };
    Record::Event {
        at: MonoTime::from_ms(1),
        event,
    }
}

#[test]
fn s5_receipts_move_the_cursor_and_an_epoch_is_forgotten_when_its_end_is_known() {
    let disk = Disk::new(4);
    let (store, first) = open(&disk, &tuning());
    store.append(started(&first));
    append_all(&store, (1..=10).map(reading));
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(6));
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(4));
    store.receipted(Destination::CENTRE, Lane::Vitals, Epoch(99), Seq(9));
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals),
        Cursor {
            epoch: first.epoch,
            seq: Seq(6)
        }
    );
    assert_eq!(store.waiting(Destination::CENTRE, Lane::Vitals), 4);
    store.close().unwrap();

    let (store, second) = open(&disk, &tuning());
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals),
        Cursor {
            epoch: first.epoch,
            seq: Seq(6)
        },
        "kept"
    );
    store.append(reading(11));
    // A receipt for the running epoch does not cover the hole in the earlier one.
    store.receipted(Destination::CENTRE, Lane::Vitals, second.epoch, Seq(1));
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals),
        Cursor {
            epoch: first.epoch,
            seq: Seq(6)
        }
    );
    // More than this card has: sent, and then the power went.
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(12));
    store.receipted(Destination::CENTRE, Lane::Events, first.epoch, Seq(1));
    assert_eq!(
        store.outbox_cursor(Destination::CENTRE, Lane::Vitals),
        Cursor {
            epoch: second.epoch,
            seq: Seq(1)
        }
    );
    assert_eq!(
        Lane::ALL.map(|lane| store.waiting(Destination::CENTRE, lane)),
        [0; 5]
    );
    store.close().unwrap();

    // The centre has all of both, but nobody told it yet that nothing is missing behind.
    let (store, third) = open(&disk, &tuning());
    assert_eq!(last_of(&third, first.epoch), [Seq(0), Seq(1), Seq(0), Seq(10)]);
    assert_eq!(last_of(&third, second.epoch), [Seq(0), Seq(0), Seq(0), Seq(1)]);
    store.append(started(&third));
    store.receipted(Destination::CENTRE, Lane::Events, third.epoch, Seq(1));
    store.close().unwrap();
    let (_store, fourth) = open(&disk, &tuning());
    assert_eq!(
        fourth.closed.iter().map(|lane| lane.epoch).collect::<Vec<_>>(),
        [third.epoch; 4]
    );
}

#[test]
fn i2_an_alert_that_the_centre_got_before_the_card_did_leaves_nothing_open() {
    let disk = Disk::new(12);
    let (store, first) = open(&disk, &tuning());
    store.append(started(&first));
    store.append(alarm(1));
    store.flush().unwrap();
    disk.cut_after(0);
    store.append(alarm(2));
    store.receipted(Destination::CENTRE, Lane::Alerts, first.epoch, Seq(2));
    store.receipted(Destination::CENTRE, Lane::Events, first.epoch, Seq(1));
    assert!(store.close().is_err());
    disk.power_cycle();
    let (store, second) = open(&disk, &tuning());
    assert_eq!(last_of(&second, first.epoch), [Seq(1), Seq(1), Seq(0), Seq(0)]);
    store.append(started(&second));
    store.receipted(Destination::CENTRE, Lane::Alerts, first.epoch, Seq(2));
    store.receipted(Destination::CENTRE, Lane::Events, first.epoch, Seq(1));
    store.receipted(Destination::CENTRE, Lane::Events, second.epoch, Seq(1));
    assert_eq!(
        Lane::ALL.map(|lane| store.waiting(Destination::CENTRE, lane)),
        [0; 5]
    );
    store.close().unwrap();
    let (_store, third) = open(&disk, &tuning());
    assert_eq!(last_of(&third, first.epoch), [], "it is forgotten");
}

#[test]
fn i2_a_receipt_is_never_kept_for_more_than_the_card_has() {
    let disk = Disk::new(13);
    let (store, first) = open(&disk, &unhurried());
    store.append(alarm(1));
    store.flush().unwrap();
    (1..=3).for_each(|number| {
        store.append(reading(number));
    });
    // The centre cannot have these yet, but says so; and the next commit carries the receipt, not the readings.
    store.receipted(Destination::CENTRE, Lane::Vitals, first.epoch, Seq(3));
    let work = store
        .shared()
        .lock()
        .outbox
        .changes([Seq(1), Seq(0), Seq(0), Seq(0), Seq(0)]);
    let receipted = work.0[0].1.receipts[0].unwrap().receipted;
    assert_eq!(receipted[..4], [Some(Seq(0)); 4]);
}

#[test]
fn the_list_of_ends_is_bounded() {
    let disk = Disk::new(5);
    for _ in 0..crate::store::CLOSED_EPOCHS_MAX + 3 {
        open(&disk, &tuning()).0.close().unwrap();
    }
    let (_store, report) = open(&disk, &tuning());
    assert_eq!(report.closed.len(), 4 * crate::store::CLOSED_EPOCHS_MAX);
    assert_eq!(
        report.closed.last().unwrap().epoch.0 >> 32,
        (report.epoch.0 >> 32) - 1,
        "the newest are told"
    );
}

#[test]
fn i7_s15_alerts_and_readings_can_be_read_before_a_stalled_card_has_them_and_events_only_after() {
    let disk = Disk::new(6);
    let (store, report) = open(&disk, &tuning());
    let mut appended = store.appended();
    disk.stall(true);
    store.append(reading(1));
    assert!(appended.has_changed().unwrap());
    appended.mark_unchanged();
    store.append(reading(2));
    assert!(!appended.has_changed().unwrap(), "nobody has looked since");
    store.append(event(1));
    assert!(!appended.has_changed().unwrap(), "it cannot be read yet");
    store.append(alarm(1));
    store.append(alarm(2));
    assert!(appended.has_changed().unwrap());
    appended.mark_unchanged();
    let batch = store.read(Lane::Alerts, Cursor::START, 10).unwrap().unwrap();
    assert_eq!(
        (batch.epoch, batch.first, batch.boot),
        (report.epoch, Seq(1), BOOT)
    );
    assert_eq!(batch.records, [alarm(1), alarm(2)]);
    assert_eq!(store.read(Lane::Alerts, batch.end(), 10).unwrap(), None);
    let records = |lane| {
        store
            .read(lane, Cursor::START, 10)
            .unwrap()
            .map(|batch| batch.records)
    };
    assert_eq!(records(Lane::Vitals), Some(vec![reading(1), reading(2)]));
    store.append(reading(3));
    assert!(appended.has_changed().unwrap(), "there is more than was read");
    appended.mark_unchanged();
    assert_eq!(records(Lane::Events), None);
    disk.stall(false);
    store.flush().unwrap();
    assert!(appended.has_changed().unwrap(), "the event can be read now");
    assert_eq!(records(Lane::Events), Some(vec![event(1)]));
    assert_eq!(records(Lane::Vitals), Some((1..=3).map(reading).collect()));
    assert_eq!(
        store
            .read(Lane::Alerts, Cursor::START, 10)
            .unwrap()
            .unwrap()
            .records,
        [alarm(1), alarm(2)]
    );
}

#[test]
fn readings_are_committed_within_the_window_and_an_alert_takes_them_along() {
    let disk = Disk::new(7);
    let (store, _) = open(&disk, &tuning());
    store.append(reading(1));
    eventually("committed by the window", || {
        on_card(&store, Lane::Vitals) == Seq(1)
    });
    store.close().unwrap();

    let disk = Disk::new(8);
    let (store, _) = open(&disk, &unhurried());
    store.append(reading(1));
    store.append(alarm(1));
    eventually("committed with the alert", || {
        on_card(&store, Lane::Vitals) == Seq(1)
    });
}

fn on_card(store: &Store, lane: Lane) -> Seq {
    store.shared().lock().durable[crate::store::rows::place(lane)]
}

#[test]
fn alarms_that_have_not_ended_are_found_again_with_their_latest_change() {
    let disk = Disk::new(9);
    let (store, first) = open(&disk, &tuning());
    let id = |number| AlarmId {
        epoch: first.epoch,
        number,
    };
    for number in 1..=3 {
        store.append(Record::Alarm(change(id(number), 1, AlarmPhase::Active)));
        store.flush().unwrap();
    }
    store.append(Record::Alarm(change(id(2), 2, AlarmPhase::Acknowledged)));
    store.append(Record::Alarm(change(id(3), 3, AlarmPhase::Ended)));
    store.append(Record::Alarm(change(id(10), 1, AlarmPhase::Active)));
    store.append(Record::Alarm(change(id(10), 2, AlarmPhase::Ended)));
    store.close().unwrap();
    let (store, second) = open(&disk, &tuning());
    let expected = [
        change(id(1), 1, AlarmPhase::Active),
        change(id(2), 2, AlarmPhase::Acknowledged),
    ];
    assert_eq!(second.open_alarms, expected);
    store.append(Record::Alarm(change(id(1), 2, AlarmPhase::Latched)));
    store.append(Record::Alarm(change(id(2), 1, AlarmPhase::Active)));
    store.close().unwrap();
    let (_store, third) = open(&disk, &tuning());
    let expected = [
        change(id(1), 2, AlarmPhase::Latched),
        change(id(2), 2, AlarmPhase::Acknowledged),
    ];
    assert_eq!(
        third.open_alarms, expected,
        "an older change never replaces a newer one"
    );
}

#[test]
fn i1_what_is_evicted_is_recorded_unless_the_centre_has_it() {
    let disk = Disk::new(10);
    let mut tuning = unhurried();
    tuning.limits[3].bytes_max = 8_000;
    let (store, report) = open(&disk, &tuning);
    store.append(event(1));
    for round in 0..200 {
        append_all(&store, (1..=50).map(|number| reading(round * 50 + number)));
        store.append(alarm(round + 1));
        store.flush().unwrap();
        if round == 60 {
            store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, Seq(2_000));
        }
    }
    store.append(event(2));
    store.flush().unwrap();
    let bytes = {
        let database = store.shared().database.read().unwrap();
        crate::store::commit::spans(database.as_ref().unwrap()).unwrap()[3].bytes()
    };
    assert!(
        bytes > 7_200 && bytes < 8_400,
        "{bytes}: the limit, give or take a commit"
    );
    let left = read_all(&store, Lane::Vitals, 1000);
    let oldest = left[0].first.0;
    assert!(oldest > 2_001 && left.last().unwrap().last() == Seq(10_000));
    let lost = losses(&store);
    assert!(
        lost.len() > 3 && lost.len() < 100,
        "a margin is freed at a time: {}",
        lost.len()
    );
    let mut next = lost[0].2;
    for (epoch, lane, first, last) in lost {
        assert_eq!((epoch, lane, first), (report.epoch, Lane::Vitals, next));
        next = last + 1;
    }
    assert_eq!(next, oldest, "what is gone was told, record by record");
    assert_eq!(
        read_all(&store, Lane::Alerts, 1000)[0].records.len(),
        200,
        "alerts stay"
    );
    store.close().unwrap();
    let (_store, second) = open(&disk, &tuning);
    assert_eq!(last_of(&second, report.epoch)[3], Seq(10_000));
}

fn wave(number: u64, samples: usize) -> Record {
    let samples = (0..samples)
        .map(|n| if n % 2 == 0 { i16::MIN } else { i16::MAX })
        .collect();
    Record::Wave(WaveRecord {
        device: "oxi-1".parse().unwrap(),
        bed: None,
        admission: None,
        at: MonoTime::from_ms(number),
        block: WaveBlock {
            code: Code::Spo2,
            rate: (75, 1),
            first_sample: 0,
            samples,
        },
    })
}

#[test]
fn records_of_any_size_are_cut_into_blocks_that_unpack() {
    let disk = Disk::new(11);
    let (store, report) = open(&disk, &unhurried());
    let sizes = [1, 90_000, 90_000, 20, 170_000, 170_000, 1];
    for (number, size) in (1..).zip(sizes) {
        store.append(wave(number, size));
    }
    store.append(wave(8, 400_000));
    store.append(wave(9, 1));
    store.flush().unwrap();
    let mut records = Vec::new();
    for batch in read_all(&store, Lane::Waves, 1000) {
        let block = batch.clone().into_block();
        assert_eq!(
            vitals::wire::Block::decode(&block.encode()),
            Ok(block),
            "every batch fits an envelope"
        );
        records.extend(batch.records);
    }
    let expected: Vec<Record> = (1..)
        .zip(sizes)
        .map(|(number, size)| wave(number, size))
        .collect();
    assert_eq!(records[..7], expected);
    assert_eq!(records[7..], [wave(9, 1)]);
    assert_eq!(
        losses(&store),
        [(report.epoch, Lane::Waves, 8, 8)],
        "what no block can hold is a recorded loss"
    );
}

#[test]
fn s12_curves_stay_on_the_box_and_nobody_waits_for_them_or_is_told_of_their_end() {
    let disk = Disk::new(14);
    let mut tuning = unhurried();
    tuning.limits[4].bytes_max = 1_000;
    let (store, first) = open(&disk, &tuning);
    store.append(started(&first));
    for number in 1..=40 {
        store.append(wave(number, 1_000));
        store.flush().unwrap();
    }
    let left = read_all(&store, Lane::Waves, 1_000);
    assert!(left[0].first.0 > 1, "old curves were evicted");
    assert_eq!(losses(&store), [], "and that is no loss to the centre");
    assert_eq!(store.waiting(Destination::CENTRE, Lane::Waves), 0);
    store.receipted(Destination::CENTRE, Lane::Events, first.epoch, Seq(1));
    store.close().unwrap();

    let (store, second) = open(&disk, &tuning);
    assert!(second.closed.iter().all(|lane| lane.lane != Lane::Waves));
    store.append(started(&second));
    store.receipted(Destination::CENTRE, Lane::Events, second.epoch, Seq(1));
    store.close().unwrap();
    let (store, third) = open(&disk, &tuning);
    assert_eq!(
        last_of(&third, first.epoch),
        [],
        "an epoch with curves is forgotten too"
    );
    assert_eq!(
        read_all(&store, Lane::Waves, 1_000).len(),
        left.len(),
        "the curves are still there"
    );
}
