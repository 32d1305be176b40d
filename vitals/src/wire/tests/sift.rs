//! Sifting finds what decoding and filtering finds, and nothing else, in both forms that readings may have.

use prost::Message;

use super::super::*;
use super::samples::{BOOT, samples};
use crate::bed::{AdmissionId, BedId};
use crate::code::Code;
use crate::record::Record;
use crate::summary::Summarised;

fn sift(packed: &[u8], wanted: &Wanted) -> Result<Sifted, WireError> {
    Sifter::new().unwrap().sift(packed, wanted)
}

fn raw(packed: &[u8]) -> proto::Block {
    let plain = zstd::bulk::decompress(packed, BLOCK_BYTES_MAX).unwrap();
    proto::Block::decode(plain.as_slice()).unwrap()
}

fn packed(raw: &proto::Block) -> Vec<u8> {
    zstd::bulk::compress(&raw.encode_to_vec(), 1).unwrap()
}

/// The records with their readings by column, and one by one.
fn forms(records: &[Record]) -> [Vec<u8>; 2] {
    let records = records.to_vec();
    let by_column = Block { boot: BOOT, records }.encode();
    let mut block = raw(&by_column);
    block.readings = None;
    let mut others = std::mem::take(&mut block.records).into_iter();
    let records = Block::decode(&by_column).unwrap().records;
    let one = |record: &Record| match record {
        Record::Reading(reading) => alone(reading, block.base_us, &block.sources),
        _ => others.next().unwrap(),
    };
    block.records = records.iter().map(one).collect();
    [by_column, packed(&block)]
}

fn alone(reading: &crate::reading::Reading, base_us: u64, sources: &[proto::Source]) -> proto::Record {
    let is_of = |source: &proto::Source| {
        let bed = reading.bed.as_ref().map_or("", |bed| bed.as_str());
        source.device == reading.device.as_str() && source.bed == bed && source.signal.is_empty()
    };
    let seen = &reading.seen;
    let (mantissa, places, absent) = super::super::reading::measured_out(seen.measured);
    let raw = proto::Reading {
        source: u32::try_from(sources.iter().position(is_of).unwrap()).unwrap(),
        code: seen.code.info().cf_code10,
        mantissa,
        places,
        absent,
        quality: super::super::reading::quality_out(seen.quality),
        method: super::super::reading::method_out(seen.method),
        device_time_us: seen.device_time.map(us_of_wall),
    };
    proto::Record {
        at_us: i64::try_from(us_of(reading.at) - base_us).unwrap(),
        kind: Some(proto::record::Kind::Reading(raw)),
    }
}

#[test]
fn w1_sifting_for_everything_is_decoding() {
    for (name, _, records) in samples() {
        let newest = records.iter().map(Record::at).max().unwrap();
        for packed in forms(&records) {
            let all = sift(&packed, &Wanted::All).unwrap();
            assert_eq!((all.boot, all.records), (BOOT, records.clone()), "{name}");
            let none = sift(&packed, &Wanted::None).unwrap();
            assert_eq!((none.count, none.records.len()), (records.len(), 0), "{name}");
            assert_eq!(us_of(none.newest), us_of(newest), "{name}");
        }
    }
}

#[test]
fn what_is_wanted_is_what_a_filter_over_all_records_finds() {
    for (name, _, records) in samples() {
        for packed in forms(&records) {
            for wanted in wants(&records) {
                let expected = records.iter().filter(|record| is(record, &wanted));
                let expected: Vec<Record> = expected.cloned().collect();
                assert!(!expected.is_empty());
                assert_eq!(sift(&packed, &wanted).unwrap().records, expected, "{name}");
            }
            let nobody = Wanted::Vital {
                bed: "nobody".parse().unwrap(),
                code: Code::Hr,
            };
            assert_eq!(sift(&packed, &nobody).unwrap().records, [], "{name}");
        }
    }
}

#[test]
fn w2_a_block_that_is_cut_or_altered_never_panics() {
    for (_, _, records) in samples() {
        let wanted = wants(&records).into_iter().next().unwrap_or(Wanted::All);
        for packed in forms(&records) {
            let plain = zstd::bulk::decompress(&packed, BLOCK_BYTES_MAX).unwrap();
            for length in 0..plain.len() {
                let mut altered = plain.clone();
                altered[length] ^= 0xff;
                for bytes in [&plain[..length], altered.as_slice()] {
                    let packed = zstd::bulk::compress(bytes, 1).unwrap();
                    let _ = sift(&packed, &wanted);
                }
            }
        }
    }
}

#[test]
fn w2_columns_that_the_decoder_refuses_are_refused_by_the_sifter_too() {
    let (_, _, records) = samples()
        .into_iter()
        .find(|(name, ..)| *name == "readings")
        .unwrap();
    let good = raw(&forms(&records)[0]);
    let altered = |change: &dyn Fn(&mut proto::ReadingColumns)| {
        let mut block = good.clone();
        change(block.readings.as_mut().unwrap());
        let packed = packed(&block);
        (
            sift(&packed, &Wanted::None).map(|sifted| sifted.count),
            Block::decode(&packed),
        )
    };
    assert_eq!(altered(&|_| ()).0, Ok(records.len()));
    let changes: [&dyn Fn(&mut proto::ReadingColumns); 9] = [
        &|c| c.mantissa.push(0),
        &|c| c.time_us.push(0),
        &|c| c.packets.push(1),
        &|c| c.packets.push(u32::MAX),
        &|c| c.device_time_us.clear(),
        &|c| c.marked[0].count = u32::MAX,
        &|c| c.shapes[0].source = u32::MAX,
        &|c| c.shapes[0].columns[0].code = 1,
        // 300 000 packets of 300 columns, in few bytes.
        &|c| {
            c.shapes[0].columns = vec![c.shapes[0].columns[0]; 300];
            c.packets = vec![1; 300_000];
        },
    ];
    for change in changes {
        let (sifted, decoded) = altered(change);
        assert_eq!(sifted.unwrap_err(), decoded.unwrap_err());
    }
}

fn wants(records: &[Record]) -> Vec<Wanted> {
    let vital = |bed: &Option<BedId>, admission: &Option<AdmissionId>, code| {
        let at_bed = bed.clone().map(|bed| Wanted::Vital { bed, code });
        let of_patient = admission.clone().map(|stay| Wanted::Stays {
            stays: vec![stay],
            code,
        });
        at_bed.into_iter().chain(of_patient).collect()
    };
    let site = |signal: &String| {
        vec![Wanted::Site {
            signal: signal.clone(),
        }]
    };
    let of = |record: &Record| match record {
        Record::Reading(reading) => vital(&reading.bed, &reading.admission, reading.seen.code),
        Record::Summary(summary) => match &summary.of {
            Summarised::Vital(code) => vital(&summary.bed, &summary.admission, *code),
            Summarised::Site { signal, .. } => site(signal),
        },
        Record::Site(reading) => site(&reading.signal),
        _ => Vec::new(),
    };
    records.iter().flat_map(of).collect()
}

fn is(record: &Record, wanted: &Wanted) -> bool {
    wants(std::slice::from_ref(record)).contains(wanted)
}
