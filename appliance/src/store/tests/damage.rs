//! Damaged files: set aside at the start or while running, never a crash, never a wrong value, never silence.

use super::*;
use crate::store::disk::Chance;
use crate::store::rows::BlockKey;
use crate::store::tail::Loss;

/// A closed store with some of everything in it.
fn filled(seed: u64) -> (Disk, Epoch) {
    let disk = Disk::new(seed);
    let (store, report) = open(&disk, &unhurried());
    for number in 1..=40 {
        // Before the alarm, which wakes the writer: so each round's readings are one block.
        append_all(&store, (1..=20).map(|step| reading(number * 20 + step)));
        store.append(alarm(number));
        store.append(event(number));
        store.flush().unwrap();
    }
    store.close().unwrap();
    (disk, report.epoch)
}

/// Opens a store that was tampered with. Whatever happened, it works afterwards; true when it was set aside.
fn opens_and_works(disk: &Disk, before: Epoch, what: &str) -> bool {
    let (store, report) = try_open(disk, &tuning(), 1).unwrap_or_else(|error| panic!("{what}: {error}"));
    let Some(aside) = report.set_aside.clone() else {
        assert_eq!(
            last_of(&report, before),
            [Seq(40), Seq(40), Seq(0), Seq(800)],
            "{what}"
        );
        for (lane, expected) in [(Lane::Alerts, 40), (Lane::Events, 40), (Lane::Vitals, 800)] {
            let records: usize = read_all(&store, lane, 1000)
                .iter()
                .map(|batch| batch.records.len())
                .sum();
            assert_eq!(records, expected, "{what}");
        }
        store.close().unwrap();
        return false;
    };
    assert!(aside.reason.contains("damaged"), "{what}: {}", aside.reason);
    assert!(
        report.epoch > before,
        "{what}: the new store calls itself younger than the lost one"
    );
    assert_eq!((report.closed.len(), report.open_alarms.len()), (0, 0), "{what}");
    assert_eq!(*store.set_aside().borrow(), report.set_aside);
    store.append(alarm(1));
    store.close().unwrap();
    let (store, second) =
        try_open(disk, &tuning(), 1).unwrap_or_else(|error| panic!("{what}, again: {error}"));
    assert_eq!(second.set_aside, None, "{what}: once is enough");
    assert_eq!(read_all(&store, Lane::Alerts, 9)[0].records, [alarm(1)]);
    store.close().unwrap();
    true
}

#[test]
fn s11_a_file_cut_short_anywhere_is_set_aside_unless_nothing_was_in_the_rest() {
    let (disk, epoch) = filled(30);
    let mut len = 0;
    disk.alter(|file| len = file.len());
    let mut ends: Vec<usize> = (0..len).step_by(len / 60).collect();
    ends.extend([1, 7, 64, 320, 511, 512, 4095, 4096, len - 1]);
    let mut aside = 0;
    for end in &ends {
        let disk = disk.twin();
        disk.alter(|file| file.truncate(*end));
        aside += usize::from(opens_and_works(&disk, epoch, &format!("cut at {end} of {len}")));
    }
    assert!(aside > ends.len() / 2, "{aside} of {}", ends.len());
}

#[test]
fn s11_zeroed_pages_and_random_bytes_are_set_aside_or_harmless() {
    let (whole, epoch) = filled(31);
    let mut chance = Chance(31);
    let mut aside = 0;
    for round in 0..150 {
        let disk = whole.twin();
        let mut what = String::new();
        disk.alter(|file| {
            let page = chance.below(file.len() as u64 / 4096) as usize * 4096;
            match round % 3 {
                0 => {
                    what = format!("round {round}: page {page} zeroed");
                    file[page..page + 4096].fill(0);
                }
                1 => {
                    what = format!("round {round}: page {page} random");
                    file[page..page + 4096].fill_with(|| chance.any() as u8);
                }
                _ => {
                    let at = chance.below(file.len() as u64) as usize;
                    let bit = 1 << chance.below(8);
                    what = format!("round {round}: byte {at}, bit {bit}");
                    file[at] ^= bit;
                }
            }
        });
        aside += u32::from(opens_and_works(&disk, epoch, &what));
    }
    assert!(aside > 40, "only {aside} of 150 hit anything");
}

#[test]
fn s11_what_was_never_a_store_is_set_aside() {
    let (whole, epoch) = filled(32);
    for garbage in [
        vec![],
        vec![0; 10_000],
        vec![0xff; 100_000],
        b"not a store".repeat(500),
    ] {
        let disk = whole.twin();
        let what = format!("{} bytes of {:?}", garbage.len(), garbage.first());
        disk.alter(|file| *file = garbage);
        assert!(opens_and_works(&disk, epoch, &what), "{what}");
    }
}

#[test]
fn a_newer_schema_is_refused_and_left_where_it_is() {
    let (disk, _) = filled(33);
    {
        let database = redb::Builder::new().create_with_backend(disk.clone()).unwrap();
        let transaction = database.begin_write().unwrap();
        let newer = crate::store::rows::pack_schema(7);
        transaction
            .open_table(crate::store::rows::META)
            .unwrap()
            .insert("schema", newer.as_slice())
            .unwrap();
        transaction.commit().unwrap();
    }
    let Err(error) = try_open(&disk, &tuning(), 1) else {
        panic!("it must be refused")
    };
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 7,
                known: 3,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("newer vitalpost (schema 7, this one knows 3)"),
        "{error}"
    );
    assert_eq!(disk.aside(), 0);
}

/// Flips a bit in the row of a block, behind redb's check sums.
fn spoil(disk: &Disk, lane: Lane, number: usize) {
    let database = redb::Builder::new().create_with_backend(disk.clone()).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut blocks = transaction.open_table(crate::store::rows::BLOCKS).unwrap();
        let of_lane = (crate::store::rows::lane_byte(lane), 0, 0)..;
        let (key, mut row) = {
            let entry = redb::ReadableTable::range(&blocks, of_lane)
                .unwrap()
                .nth(number)
                .unwrap()
                .unwrap();
            (entry.0.value(), entry.1.value().to_vec())
        };
        *row.last_mut().unwrap() ^= 1;
        blocks.insert(key, row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn i1_a_spoilt_block_is_passed_over_and_its_loss_recorded_once() {
    let (disk, epoch) = filled(34);
    spoil(&disk, Lane::Vitals, 10);
    spoil(&disk, Lane::Alerts, 3);
    let (store, report) = open(&disk, &tuning());
    assert_eq!(report.set_aside, None);
    for _ in 0..2 {
        let vitals = read_all(&store, Lane::Vitals, 1000);
        let there: Vec<u64> = vitals
            .iter()
            .flat_map(|batch| batch.first.0..=batch.last().0)
            .collect();
        assert_eq!(there, (1..=200).chain(221..=800).collect::<Vec<_>>());
        let alerts: usize = read_all(&store, Lane::Alerts, 1000)
            .iter()
            .map(|batch| batch.records.len())
            .sum();
        assert_eq!(alerts, 39);
        eventually("recorded", || losses(&store).len() == 2);
    }
    let mut lost = losses(&store);
    lost.sort();
    assert_eq!(
        lost,
        [(epoch, Lane::Alerts, 4, 4), (epoch, Lane::Vitals, 201, 220)]
    );
}

#[test]
fn s11_a_spoilt_newest_block_is_damage_at_the_door() {
    let (disk, epoch) = filled(35);
    spoil(&disk, Lane::Vitals, 39);
    assert!(opens_and_works(&disk, epoch, "newest block"));
}

#[test]
fn s10_damage_while_running_is_set_aside_and_what_the_centre_lacks_is_recorded() {
    for seed in 0..20 {
        let disk = Disk::new(seed);
        let (store, report) = open(&disk, &unhurried());
        append_all(&store, (1..=1_000).map(reading));
        store.append(alarm(1));
        store.flush().unwrap();
        store.receipted(Destination::CENTRE, Lane::Vitals, report.epoch, Seq(400));
        store.append(reading(1_001));
        // Everything behind the first page turns to noise, and the cache with it.
        let mut chance = Chance(seed);
        disk.alter(|file| file[4096..].fill_with(|| chance.any() as u8));
        disk.cut_after(0);
        assert!(store.flush().is_err());
        disk.power_cycle();
        eventually("started over", || {
            time_passes(&store);
            store.set_aside().borrow().is_some()
        });
        eventually("good", || store.flush().is_ok());
        assert_eq!(disk.aside(), 1);
        let mut lost = losses(&store);
        lost.sort();
        assert_eq!(
            lost,
            [
                (report.epoch, Lane::Alerts, 1, 1),
                (report.epoch, Lane::Vitals, 401, 1_000)
            ],
            "seed {seed}"
        );
        let vitals = read_all(&store, Lane::Vitals, 99);
        assert_eq!(
            (vitals[0].first, vitals[0].records.as_slice()),
            (Seq(1_001), &[reading(1_001)][..])
        );
        store.close().unwrap();
        let (_store, second) = open(&disk, &tuning());
        assert_eq!(last_of(&second, report.epoch)[3], Seq(1_001));
    }
}

#[test]
fn s10_damage_that_only_a_reader_meets_is_handled_too() {
    let disk = Disk::new(40);
    let mut tuning = unhurried();
    tuning.tail.bulk_bytes_max = 1 << 30;
    let (store, report) = open(&disk, &tuning);
    let mut chance = Chance(40);
    // More than redb's cache holds.
    for number in 0..150 {
        let Record::Reading(like) = reading(number) else {
            unreachable!()
        };
        let signal = (0..80_000).map(|_| char::from(b'a' + chance.below(26) as u8));
        store.append(Record::Site(vitals::SiteReading {
            device: like.device,
            signal: signal.collect(),
            measured: like.seen.measured,
            unit: String::new(),
            at: like.at,
        }));
    }
    store.append(alarm(1));
    store.flush().unwrap();
    disk.alter(|file| {
        let len = file.len();
        file[8192..len / 2].fill_with(|| chance.any() as u8);
    });
    let mut cursor = Cursor::START;
    for _ in 0..1_000 {
        match store.read(Lane::Vitals, cursor, 10) {
            Ok(Some(batch)) => cursor = batch.end(),
            Ok(None) => break,
            Err(_) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
    eventually("told", || {
        store.flush().is_ok() && losses(&store).iter().any(|loss| loss.1 == Lane::Vitals)
    });
    let lost: u64 = losses(&store)
        .iter()
        .filter(|loss| loss.1 == Lane::Vitals)
        .map(|loss| loss.3 + 1 - loss.2)
        .sum();
    let there: usize = read_all(&store, Lane::Vitals, 10)
        .iter()
        .map(|batch| batch.records.len())
        .sum();
    assert_eq!(lost + there as u64, 150, "each is there or recorded as lost");
    store.append(alarm(2));
    store.close().unwrap();
    let (_store, second) = open(&disk, &tuning);
    assert_eq!((second.set_aside, second.closed[0].epoch), (None, report.epoch));
    assert_eq!(second.closed[0].last_seq, Seq(2));
}

#[test]
fn i1_a_spoilt_last_block_takes_no_record_in_memory_with_it() {
    let disk = Disk::new(77);
    let (store, report) = open(&disk, &unhurried());
    append_all(&store, (1..=20).map(reading));
    store.flush().unwrap();
    append_all(&store, (21..=30).map(reading));
    let (lane, epoch, first) = (Lane::Vitals, report.epoch, Seq(1));
    let key = BlockKey { lane, epoch, first };
    {
        // As a reader reports a last block that it cannot unpack: reaching as far as the epoch does.
        let last = Seq(u64::MAX);
        let reported = Loss {
            epoch,
            lane,
            first,
            last,
        };
        store.shared().lock().spoilt.insert(key, reported);
    }
    store.flush().unwrap();
    assert_eq!(losses(&store), [(epoch, lane, 1, 20)]);
    let left = read_all(&store, lane, 100);
    let left: Vec<(u64, u64)> = left.iter().map(|batch| (batch.first.0, batch.last().0)).collect();
    assert_eq!(left, [(21, 30)]);
}
