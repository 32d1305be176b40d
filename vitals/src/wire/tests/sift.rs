//! Sifting finds what decoding and filtering finds, and nothing else.

use super::super::*;
use super::samples::{BOOT, samples};
use crate::bed::BedId;
use crate::code::Code;
use crate::record::Record;
use crate::summary::Summarised;

fn sift(packed: &[u8], wanted: &Wanted) -> Result<Sifted, WireError> {
    Sifter::new().unwrap().sift(packed, wanted)
}

#[test]
fn w1_sifting_for_everything_is_decoding() {
    for (name, _, records) in samples() {
        let newest = records.iter().map(Record::at).max().unwrap();
        let packed = Block {
            boot: BOOT,
            records: records.clone(),
        }
        .encode();
        let all = sift(&packed, &Wanted::All).unwrap();
        assert_eq!((all.boot, all.records), (BOOT, records.clone()), "{name}");
        let none = sift(&packed, &Wanted::None).unwrap();
        assert_eq!((none.count, none.records.len()), (records.len(), 0), "{name}");
        assert_eq!(us_of(none.newest), us_of(newest), "{name}");
    }
}

#[test]
fn what_is_wanted_is_what_a_filter_over_all_records_finds() {
    for (name, _, records) in samples() {
        let packed = Block {
            boot: BOOT,
            records: records.clone(),
        }
        .encode();
        for wanted in wants(&records) {
            let expected: Vec<Record> = records
                .iter()
                .filter(|record| is(record, &wanted))
                .cloned()
                .collect();
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

#[test]
fn w2_a_block_that_is_cut_or_altered_never_panics() {
    for (_, _, records) in samples() {
        let wanted = wants(&records).into_iter().next().unwrap_or(Wanted::All);
        let plain = zstd::bulk::decompress(&Block { boot: BOOT, records }.encode(), BLOCK_BYTES_MAX).unwrap();
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

fn wants(records: &[Record]) -> Vec<Wanted> {
    let vital = |bed: &Option<BedId>, code| bed.clone().map(|bed| Wanted::Vital { bed, code });
    records
        .iter()
        .filter_map(|record| match record {
            Record::Reading(reading) => vital(&reading.bed, reading.seen.code),
            Record::Summary(summary) => match &summary.of {
                Summarised::Vital(code) => vital(&summary.bed, *code),
                Summarised::Site { signal, .. } => Some(Wanted::Site {
                    signal: signal.clone(),
                }),
            },
            Record::Site(site) => Some(Wanted::Site {
                signal: site.signal.clone(),
            }),
            _ => None,
        })
        .collect()
}

fn is(record: &Record, wanted: &Wanted) -> bool {
    wants(std::slice::from_ref(record)).contains(wanted)
}
