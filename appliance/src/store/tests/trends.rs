//! Trends: T1 to T3, D1 to D5, on the simulated disk and on generated wards.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vitals::reading::{AbsentReason, Measured};
use vitals::{AdmissionId, AnchorSource, BedId, ClockAnchor, ClockTrust, Gathered, Numbers, WallTime};

use super::*;
use crate::store::synthetic::{self, SyntheticWard};
use crate::store::{Trend, TrendOf, TrendQuery, TrendQueryError};

/// 2026-11-23T00:00:00Z.
const DAY: i64 = 1_795_392_000_000;

fn wall(ms: i64) -> WallTime {
    WallTime::from_unix_ms(DAY + ms)
}

fn bed() -> BedId {
    "1".parse().unwrap()
}

fn of() -> TrendOf {
    TrendOf::Vital {
        bed: bed(),
        code: Code::Spo2,
    }
}

fn query(from_ms: i64, to_ms: i64, points: usize) -> TrendQuery {
    TrendQuery::new(of(), wall(from_ms), wall(to_ms), points).unwrap()
}

fn anchor(boot: BootId, mono_ms: u64, wall_ms: i64, trust: ClockTrust) -> Record {
    let at = MonoTime::from_ms(mono_ms);
    let event = Event::Anchor(ClockAnchor {
        boot,
        mono: at,
        wall: wall(wall_ms),
        trust,
        source: AnchorSource::ClockSet,
    });
    Record::Event { at, event }
}

fn heard(at_ms: u64, value: Option<i64>, admission: Option<&str>) -> Record {
    let measured = match value {
        Some(value) => Measured::Value(Decimal::whole(value)),
        None => Measured::Absent(AbsentReason::ProbeOff),
    };
    let mut seen = Observation::absent(Code::Spo2, AbsentReason::ProbeOff);
    seen.measured = measured;
    Record::Reading(Reading {
        device: "oxi-1".parse().unwrap(),
        bed: Some(bed()),
        admission: admission.map(|id| id.parse::<AdmissionId>().unwrap()),
        at: MonoTime::from_ms(at_ms),
        seen,
    })
}

fn minute(number: u64, values: &[i64], absent: u32) -> Record {
    let mut gathered = Gathered::default();
    for value in values {
        gathered.take(Measured::Value(Decimal::whole(*value)));
    }
    Record::Summary(MinuteSummary {
        device: "oxi-1".parse().unwrap(),
        bed: Some(bed()),
        admission: None,
        at: MonoTime::from_ms(number * 60_000),
        of: Summarised::Vital(Code::Spo2),
        numbers: gathered.numbers(),
        absent,
    })
}

/// `lowest-highest/count`, `+n` for absent ones, `.` for a gap.
fn drawn(buckets: &[Option<crate::store::Bucket>]) -> String {
    let one = |bucket: &Option<crate::store::Bucket>| match bucket {
        None => ".".to_owned(),
        Some(bucket) => {
            let numbers = bucket.numbers.map_or(String::new(), |numbers: Numbers| {
                format!("{}-{}/{}", numbers.lowest, numbers.highest, numbers.count)
            });
            match bucket.absent {
                0 => numbers,
                absent => format!("{numbers}+{absent}"),
            }
        }
    };
    buckets.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn only(trend: &Trend) -> String {
    assert_eq!(trend.series.len(), 1, "{trend:?}");
    drawn(&trend.series[0].buckets)
}

fn started(disk: &Disk) -> Store {
    let (store, _) = open(disk, &unhurried());
    store.append(anchor(BOOT, 0, 0, ClockTrust::Synchronised));
    store
}

#[test]
fn i5_a_gap_is_a_gap_and_what_is_absent_is_counted_and_never_a_number() {
    let store = started(&Disk::new(1));
    append_all(
        &store,
        [
            heard(0, Some(97), None),
            heard(1_000, Some(84), None),
            heard(2_000, None, None),
            // Nothing for six seconds.
            heard(9_000, None, None),
            heard(9_500, None, None),
        ]
        .into_iter(),
    );
    let trend = store.trend(&query(0, 12_000, 4)).unwrap();
    assert_eq!(trend.bucket, Duration::from_secs(3));
    assert_eq!(only(&trend), "84-97/2+1 . . +2");
    store.flush().unwrap();
    assert_eq!(store.trend(&query(0, 12_000, 4)).unwrap(), trend);
}

#[test]
fn t2_what_is_on_the_card_and_still_in_memory_counts_once() {
    let disk = Disk::new(2);
    let store = started(&disk);
    append_all(&store, (0..10).map(|n| heard(n * 1_000, Some(90), None)));
    store.flush().unwrap();
    append_all(&store, (10..20).map(|n| heard(n * 1_000, Some(91), None)));
    assert_eq!(only(&store.trend(&query(0, 20_000, 1)).unwrap()), "90-91/20");
    // A commit that succeeded although the writer heard that it failed: on the card and in memory.
    let tail: Vec<_> = store
        .shared()
        .lock()
        .tail
        .waiting(Lane::Vitals)
        .cloned()
        .collect();
    store.flush().unwrap();
    assert_eq!(tail.len(), 10);
    store.shared().lock().tail.put_back(Lane::Vitals, tail);
    assert_eq!(only(&store.trend(&query(0, 20_000, 1)).unwrap()), "90-91/20");
}

#[test]
fn i3_two_patients_of_one_bed_never_share_a_bucket() {
    let store = started(&Disk::new(3));
    store.append(heard(0, Some(97), Some("adm-1")));
    store.append(heard(1_000, Some(70), Some("adm-2")));
    let trend = store.trend(&query(0, 2_000, 1)).unwrap();
    let told: Vec<_> = trend
        .series
        .iter()
        .map(|series| {
            (
                series.admission.clone().unwrap().to_string(),
                drawn(&series.buckets),
            )
        })
        .collect();
    let expected = [("adm-1", "97-97/1"), ("adm-2", "70-70/1")];
    assert_eq!(told, expected.map(|(id, text)| (id.to_owned(), text.to_owned())));
}

#[test]
fn i8_a_clock_that_is_set_in_the_middle_moves_what_was_heard_before_too() {
    let store = started(&Disk::new(4));
    store.append(heard(1_000, Some(90), None));
    // An hour later than the clock said, and a time server agrees, at 5 s.
    store.append(anchor(BOOT, 5_000, 3_605_000, ClockTrust::Synchronised));
    store.append(heard(9_000, Some(95), None));
    let none = store.trend(&query(0, 60_000, 6)).unwrap();
    assert_eq!((none.series.len(), none.stretches.len()), (0, 0));
    let trend = store.trend(&query(3_600_000, 3_610_000, 2)).unwrap();
    assert_eq!(only(&trend), "90-90/1 95-95/1");
    // A later anchor that is less sure changes nothing.
    store.append(anchor(BOOT, 9_500, -7_000_000, ClockTrust::Untrusted));
    store.flush().unwrap();
    assert_eq!(store.trend(&query(3_600_000, 3_610_000, 2)).unwrap(), trend);
    let stretch = trend.stretches[0];
    assert_eq!(
        (stretch.boot, stretch.trust, stretch.first, stretch.last),
        (BOOT, ClockTrust::Synchronised, wall(3_601_000), wall(3_609_000))
    );
}

#[test]
fn i8_a_boot_without_an_anchor_is_told_in_its_own_time_and_never_put_on_the_clock() {
    let disk = Disk::new(5);
    let (lost, _) = open_boot(&disk, BootId([1; 16]));
    append_all(
        &lost,
        [heard(60_000, Some(88), None), heard(62_000, Some(89), None)].into_iter(),
    );
    lost.close().unwrap();
    let (store, _) = open_boot(&disk, BOOT);
    store.append(anchor(BOOT, 0, 0, ClockTrust::Holdover));
    store.append(heard(1_000, Some(97), None));
    let trend = store.trend(&query(0, 10_000, 10)).unwrap();
    assert_eq!(only(&trend), ". 97-97/1 . . . . . . . .");
    assert_eq!(trend.undated.len(), 1);
    let undated = &trend.undated[0];
    assert_eq!((undated.boot, undated.from.as_ms()), (BootId([1; 16]), 60_000));
    assert_eq!(drawn(&undated.series[0].buckets), "88-88/1 . 89-89/1");
    // What lies in front of a boot whose time is known lies in front of everything asked for behind its begin.
    store.flush().unwrap();
    let later = store.trend(&query(1_500, 10_000, 10)).unwrap();
    assert_eq!(later.undated, []);
}

#[test]
fn a_minute_is_told_by_its_summary_when_its_readings_are_gone_and_else_by_its_readings() {
    let store = started(&Disk::new(6));
    store.append(minute(0, &[80, 97], 3));
    store.append(minute(1, &[70, 95], 0));
    append_all(
        &store,
        [heard(60_500, Some(70), None), heard(61_500, Some(95), None)].into_iter(),
    );
    append_all(&store, [heard(120_500, Some(99), None)].into_iter());
    let trend = store.trend(&query(0, 180_000, 100)).unwrap();
    assert_eq!(
        trend.bucket,
        Duration::from_secs(60),
        "a summary is not told in seconds"
    );
    assert_eq!(only(&trend), "80-97/2+3 70-95/2 99-99/1");
    let readings = store.trend(&query(60_000, 62_000, 2)).unwrap();
    assert_eq!(only(&readings), "70-70/1 95-95/1", "no summary is needed here");
}

#[test]
fn long_stretches_come_from_summaries_and_the_last_minutes_from_readings() {
    let store = started(&Disk::new(7));
    append_all(
        &store,
        (0..600).map(|n| minute(n, &[90, 91, i64::try_from(60 + n % 7).unwrap()], 1)),
    );
    store.append(heard(600 * 60_000 + 500, Some(99), None));
    let trend = store.trend(&query(0, 11 * 3_600_000, 11)).unwrap();
    assert_eq!(
        only(&trend),
        "60-91/180+60 60-91/180+60 60-91/180+60 60-91/180+60 60-91/180+60 60-91/180+60 60-91/180+60 60-91/180+60 \
         60-91/180+60 60-91/180+60 99-99/1"
    );
    store.flush().unwrap();
    assert_eq!(store.trend(&query(0, 11 * 3_600_000, 11)).unwrap(), trend);
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_with_what_to_do() {
    let ask = |from, to, points| TrendQuery::new(of(), wall(from), wall(to), points).unwrap_err();
    assert_eq!(ask(5, 5, 10), TrendQueryError::Backwards);
    assert_eq!(ask(0, 32 * 86_400_000, 10), TrendQueryError::TooLong);
    assert_eq!(ask(0, 10, 0), TrendQueryError::Points);
    assert_eq!(ask(0, 10, crate::store::POINTS_MAX + 1), TrendQueryError::Points);
}

#[test]
fn a_block_that_cannot_be_read_is_counted_and_the_others_are_told() {
    let store = started(&Disk::new(8));
    for n in 0..9 {
        store.append(heard(n * 1_000, Some(90), None));
        store.flush().unwrap();
    }
    spoil(&store, Lane::Vitals, 5);
    let trend = store.trend(&query(0, 9_000, 1)).unwrap();
    assert_eq!((only(&trend).as_str(), trend.unreadable), ("90-90/8", 1));
}

/// Flips a bit in the row that begins at `first`.
fn spoil(store: &Store, lane: Lane, first: u64) {
    use redb::ReadableTable;

    use crate::store::rows::{BLOCKS, BlockKey};
    let key = BlockKey {
        lane,
        epoch: store.shared().epoch,
        first: Seq(first),
    };
    let database = store.shared().database.read().unwrap();
    let transaction = database.as_ref().unwrap().begin_write().unwrap();
    {
        let mut blocks = transaction.open_table(BLOCKS).unwrap();
        let mut row = blocks.get(key.raw()).unwrap().unwrap().value().to_vec();
        *row.last_mut().unwrap() ^= 1;
        blocks.insert(key.raw(), row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

fn open_boot(disk: &Disk, boot: BootId) -> (Store, OpenReport) {
    let run = Run {
        boot,
        now: MonoTime::from_ms(1),
        random: 5,
    };
    Store::open_on(Box::new(disk.clone()), &unhurried(), run).unwrap()
}

#[test]
fn a_generated_ward_answers_from_its_middle_as_from_a_look_at_everything() {
    let folder = tempfile::tempdir().unwrap();
    generated(&folder.path().join("plain.redb"), None);
    let key = folder.path().join("store.key");
    crate::store::new_key_file(&key).unwrap();
    generated(
        &folder.path().join("sealed.redb"),
        Some(crate::store::KeySource::File(key)),
    );
}

fn generated(file: &std::path::Path, key: Option<crate::store::KeySource>) {
    let ward = SyntheticWard {
        beds: 2,
        summaries: Duration::from_secs(6 * 3600),
        readings: Duration::from_secs(3600),
        end: wall(0),
        commit_window: Duration::from_secs(5),
    };
    let written = synthetic::write(file, &ward, key.clone()).unwrap();
    assert_eq!(written.records, 1 + 360 * 20 + 3600 * 20);
    let options = crate::store::StoreOptions {
        key,
        ..crate::store::StoreOptions::at(file.to_owned())
    };
    let (store, _) = Store::open(&options, BOOT, MonoTime::from_ms(1), 9).unwrap();
    let count = |from_min: i64, to_min: i64| {
        let trend = store
            .trend(&query(from_min * 60_000, to_min * 60_000, 500))
            .unwrap();
        let buckets = trend.series.iter().flat_map(|series| &series.buckets);
        let numbers = buckets.flatten().filter_map(|bucket| bucket.numbers);
        numbers.map(|numbers| numbers.count).sum::<u32>()
    };
    assert_eq!(count(-60, 0), 3600, "readings");
    assert_eq!(count(-31, -30), 60, "one minute out of the middle");
    assert_eq!(count(-120, -60), 3600, "readings are gone, summaries tell");
    assert_eq!(count(-300, -299), 60);
    assert_eq!(
        count(-360, 0),
        360 * 60,
        "long: summaries, and readings at the end"
    );
}

/// What a bucket must hold, the slow way.
fn brute(records: &[(u64, Option<i64>)], width_ms: u64, buckets: usize) -> String {
    let mut found: BTreeMap<usize, (Vec<i64>, u32)> = BTreeMap::new();
    for (at, value) in records {
        let place = usize::try_from(at / width_ms).unwrap();
        let (values, absent) = found.entry(place).or_default();
        match value {
            Some(value) => values.push(*value),
            None => *absent += 1,
        }
    }
    let one = |place| match found.get(&place) {
        None => ".".to_owned(),
        Some((values, absent)) => {
            let numbers = match (values.iter().min(), values.iter().max()) {
                (Some(low), Some(high)) => format!("{low}-{high}/{}", values.len()),
                _ => String::new(),
            };
            match absent {
                0 => numbers,
                absent => format!("{numbers}+{absent}"),
            }
        }
    };
    (0..buckets).map(one).collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn d1_to_d4_buckets_cover_the_stretch_and_hold_what_a_slow_look_finds(
        values in proptest::collection::vec((0u64..400_000, proptest::option::of(-5i64..120)), 1..300),
        points in 1usize..200,
        flushed in 0usize..300,
    ) {
        let mut values = values;
        values.sort_by_key(|(at, _)| *at);
        let store = started(&Disk::new(9));
        for (number, (at, value)) in values.iter().enumerate() {
            store.append(heard(*at, *value, None));
            if number == flushed {
                store.flush().unwrap();
            }
        }
        let trend = store.trend(&query(0, 400_000, points)).unwrap();
        let width = u64::try_from(trend.bucket.as_millis()).unwrap();
        let buckets = trend.series[0].buckets.len();
        prop_assert!(buckets <= points);
        prop_assert!(buckets as u64 * width >= 400_000 && (buckets as u64 - 1) * width < 400_000);
        prop_assert_eq!(only(&trend), brute(&values, width, buckets));
    }
}
