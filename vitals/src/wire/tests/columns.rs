//! W1 and W2 for readings by column: any mixture of packets reads back in its order, and no count is believed.

use prost::Message;

use super::samples::{BOOT, id, reading, readings};
use super::*;
use crate::reading::{Method, Quality, SiteReading};

fn columns_of(block: &Block) -> proto::Block {
    let plain = zstd::bulk::decompress(&block.encode(), BLOCK_BYTES_MAX).unwrap();
    proto::Block::decode(plain.as_slice()).unwrap()
}

fn read(raw: &proto::Block) -> Result<Block, WireError> {
    Block::decode(&zstd::bulk::compress(&raw.encode_to_vec(), 1).unwrap())
}

/// The sample by column, with this change.
fn altered(change: impl FnOnce(&mut proto::Block, &mut proto::ReadingColumns)) -> Result<Block, WireError> {
    let mut raw = columns_of(&Block {
        boot: BOOT,
        records: readings(),
    });
    let mut columns = raw.readings.take().unwrap();
    change(&mut raw, &mut columns);
    raw.readings = Some(columns);
    read(&raw)
}

#[test]
fn the_example_in_the_contract_is_right() {
    let values = [(97, 72), (97, 73), (96, 74)];
    let packet = |(at_s, (spo2, pulse)): (u64, (i64, i64))| {
        [
            reading(Observation::value(Code::Spo2, Decimal::whole(spo2)), at_s * 1_000),
            reading(Observation::value(Code::Pr, Decimal::whole(pulse)), at_s * 1_000),
        ]
    };
    let records: Vec<Record> = (10..).zip(values).flat_map(packet).collect();
    let raw = columns_of(&Block { boot: BOOT, records });
    let columns = raw.readings.unwrap();
    assert_eq!((raw.sources.len(), raw.records.len()), (1, 0));
    assert_eq!(columns.packets, [1, 1, 1]);
    assert_eq!(columns.mantissa, [97, 0, -1, 72, 1, 1]);
    assert_eq!(
        (columns.shapes[0].period_us, columns.time_us),
        (1_000_000, vec![0, 0, 0])
    );
}

#[test]
fn a_probe_that_falls_off_begins_no_new_shape() {
    let value = Observation::value(Code::Temp, Decimal::new(366, 1));
    let absent = Observation::absent(Code::Temp, AbsentReason::ProbeOff);
    let records = vec![
        reading(value, 1_000),
        reading(absent, 2_000),
        reading(value, 3_000),
    ];
    let columns = columns_of(&Block { boot: BOOT, records }).readings.unwrap();
    assert_eq!((columns.shapes.len(), columns.marked.len()), (1, 1));
}

#[test]
fn w2_columns_whose_counts_do_not_agree_are_refused() {
    let refused = |field| Err(WireError::Field { field });
    assert_eq!(altered(|_, _| ()).unwrap().records, readings());
    assert_eq!(altered(|_, c| c.mantissa.push(0)), refused("readings"));
    assert_eq!(altered(|_, c| c.time_us.push(0)), refused("readings"));
    assert_eq!(altered(|_, c| c.packets.push(0)), refused("readings"));
    assert_eq!(altered(|_, c| c.packets.push(1)), refused("readings"));
    assert_eq!(altered(|raw, _| raw.records.clear()), refused("readings"));
    assert_eq!(altered(|_, c| c.packets.push(u32::MAX)), refused("packets"));
    assert_eq!(
        altered(|_, c| c.device_time_us.push(0)),
        refused("device_time_us")
    );
    assert_eq!(
        altered(|_, c| c.device_time_us.clear()),
        refused("device_time_us")
    );
    assert_eq!(altered(|_, c| c.marked[0].count = u32::MAX), refused("marked"));
    assert_eq!(altered(|_, c| c.marked[0].skip = u32::MAX), refused("marked"));
    assert_eq!(altered(|_, c| c.marked[0].absent = 99), refused("absent"));
    assert_eq!(altered(|_, c| c.shapes[0].columns[0].code = 1), refused("code"));
    assert_eq!(
        altered(|_, c| c.shapes[0].columns[0].places = 7),
        refused("places")
    );
    assert_eq!(altered(|_, c| c.shapes[0].columns.clear()), refused("columns"));
    assert_eq!(altered(|_, c| c.shapes[0].source = u32::MAX), refused("source"));
    assert_eq!(altered(|_, c| c.time_us[0] = -1_000_000_000), refused("time_us"));
    assert_eq!(altered(|raw, _| raw.base_us = u64::MAX), refused("base_us"));
}

#[test]
fn w2_few_bytes_that_claim_very_many_records_are_refused() {
    let refused = Err(WireError::Field { field: "readings" });
    // 300 000 packets of 300 columns, in some kilobytes of compressed bytes.
    let many = altered(|_, c| {
        let column = c.shapes[0].columns[0];
        c.shapes[0].columns = vec![column; 300];
        c.packets = vec![1; 300_000];
    });
    assert_eq!(many, refused);
    let block = |count| {
        let packet = reading(Observation::value(Code::Pr, Decimal::whole(70)), 1_000);
        Block::decode(
            &Block {
                boot: BOOT,
                records: vec![packet; count],
            }
            .encode(),
        )
    };
    assert_eq!(block(BLOCK_RECORDS_MAX).unwrap().records.len(), BLOCK_RECORDS_MAX);
    assert_eq!(block(BLOCK_RECORDS_MAX + 1), refused);
}

#[test]
fn i5_the_mantissa_of_an_absent_value_becomes_no_number() {
    let absent = altered(|_, c| {
        let all = u32::try_from(c.mantissa.len()).unwrap();
        c.marked = vec![proto::MarkedRun {
            skip: 0,
            count: all,
            absent: proto::Absent::ProbeOff as i32,
            ..proto::MarkedRun::default()
        }];
    });
    let readings = absent.unwrap().records;
    let values = readings.iter().filter_map(|record| match record {
        Record::Reading(reading) => reading.seen.measured.value(),
        _ => None,
    });
    assert_eq!(values.count(), 0);
}

fn any_observation() -> impl Strategy<Value = Observation> {
    let code = prop::sample::select(vec![Code::Hr, Code::Spo2, Code::Temp, Code::Pi]);
    let value = (any::<i64>(), 0u8..=6).prop_map(|(m, places)| Measured::Value(Decimal::new(m, places)));
    let near = (60i64..70).prop_map(|whole| Measured::Value(Decimal::whole(whole)));
    let reasons = vec![AbsentReason::ProbeOff, AbsentReason::NotMeasured];
    let absent = prop::sample::select(reasons).prop_map(Measured::Absent);
    let time = prop::option::weighted(
        0.2,
        any::<i32>().prop_map(|s| WallTime::from_unix_ms(i64::from(s))),
    );
    let measured = prop_oneof![4 => near, 1 => value, 1 => absent];
    (code, measured, any::<bool>(), any::<bool>(), time).prop_map(
        |(code, measured, good, by_hand, device_time)| Observation {
            code,
            measured,
            quality: if good {
                Quality::Good
            } else {
                Quality::Questionable
            },
            method: if by_hand {
                Method::Manual
            } else {
                Method::Automatic
            },
            device_time,
        },
    )
}

fn any_record() -> impl Strategy<Value = Record> {
    let site = any::<i32>().prop_map(|value| {
        Record::Site(SiteReading {
            device: id("fridge"),
            signal: "temperature".to_owned(),
            measured: Measured::Value(Decimal::new(i64::from(value), 1)),
            unit: "Cel".to_owned(),
            at: MonoTime::from_ms(9),
        })
    });
    let device = prop::sample::select(vec!["mon-1", "mon-2", "mon-3"]);
    let bed = prop::option::of(prop::sample::select(vec!["1", "2"]));
    let at_us = prop_oneof![0u64..4, 0u64..1 << 50];
    let one = (device, bed, at_us, any_observation()).prop_map(|(device, bed, at_us, seen)| {
        Record::Reading(Reading {
            device: id(device),
            bed: bed.map(id),
            admission: None,
            at: MonoTime::from_ns(at_us * 1_000),
            seen,
        })
    });
    prop_oneof![1 => site, 8 => one]
}

/// With the digits as they were, which `==` on numbers does not compare.
fn digits(records: &[Record]) -> String {
    format!("{records:?}")
}

proptest! {
    #[test]
    fn w1_any_mixture_of_readings_reads_back_in_its_order(records in prop::collection::vec(any_record(), 1..80)) {
        let block = Block { boot: BOOT, records };
        let read = Block::decode(&block.encode()).unwrap();
        prop_assert_eq!(digits(&read.records), digits(&block.records));
    }

    #[test]
    fn w2_hostile_columns_never_panic(
        packets in prop::collection::vec(0u32..4, 0..40),
        numbers in prop::collection::vec(any::<i64>(), 0..80),
        runs in prop::collection::vec((0u32..50, 0u32..50, -1i32..9), 0..4),
        timed in any::<bool>(),
    ) {
        let _ = altered(|_, c| {
            let marked = |(skip, count, absent)| proto::MarkedRun { skip, count, absent, ..Default::default() };
            c.marked = runs.iter().copied().map(marked).collect();
            let readings: usize = packets
                .iter()
                .filter_map(|packet| c.shapes.get((*packet as usize).checked_sub(1)?))
                .map(|shape| shape.columns.len())
                .sum();
            // Mostly the right counts, so that what lies behind their check is reached.
            c.mantissa = numbers.iter().copied().cycle().take(readings).collect();
            c.time_us = numbers.iter().copied().chain([0; 40]).take(packets.iter().filter(|p| **p > 0).count()).collect();
            if timed {
                c.device_time_us.clear();
                c.shapes.iter_mut().flat_map(|shape| &mut shape.columns).for_each(|column| column.device_time = false);
            }
            c.packets = packets.clone();
        });
    }
}
