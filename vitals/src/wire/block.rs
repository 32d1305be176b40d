//! A run of records as packed, compressed bytes: what the store keeps and an envelope carries.

use std::collections::HashMap;

use prost::Message;

use super::proto::record::Kind;
use super::{WireError, alarm, columns, event, field, id, optional_id, proto, reading, text_of};
use super::{mono_us, us_of};
use crate::code::Code;
use crate::number::Decimal;
use crate::reading::{SiteReading, WaveBlock};
use crate::record::{Record, WaveRecord};
use crate::summary::{MinuteSummary, Numbers, Summarised};
use crate::time::{BootId, MonoTime};

/// The most bytes a block may have when unpacked: bounds what a hostile or broken sender can make a reader allocate.
pub const BLOCK_BYTES_MAX: usize = 1 << 20;

/// The most records in a block: the same bound, for what unpacks to more in memory than on the wire.
pub const BLOCK_RECORDS_MAX: usize = 16_384;

/// Fast and good enough: higher levels gain under 5 % on readings.
const ZSTD_LEVEL: i32 = 3;

/// Records of one lane of one epoch in sequence order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The boot in which they were made.
    pub boot: BootId,
    /// The records, at most [`BLOCK_RECORDS_MAX`].
    pub records: Vec<Record>,
}

impl Block {
    /// Packs and compresses.
    pub fn encode(&self) -> Vec<u8> {
        let base = self.records.iter().map(Record::at).min().unwrap_or_default();
        let mut sources = Sources::default();
        let readings = columns::encode(&self.records, base, &mut sources);
        let others = self.records.iter();
        let records = others.filter_map(|record| encode_record(record, base, &mut sources));
        let records = records.collect();
        let block = proto::Block {
            boot_id: self.boot.0.to_vec(),
            base_us: us_of(base),
            sources: sources.list,
            records,
            readings,
        };
        // Compressing a byte slice into memory has no failing path; the bytes go out plain if that ever changes.
        let plain = block.encode_to_vec();
        zstd::bulk::compress(&plain, ZSTD_LEVEL).unwrap_or(plain)
    }

    /// Unpacks what [`Block::encode`] wrote.
    ///
    /// # Errors
    /// Any byte that is not a block of this contract.
    pub fn decode(bytes: &[u8]) -> Result<Block, WireError> {
        let plain = zstd::bulk::decompress(bytes, BLOCK_BYTES_MAX).map_err(|_| WireError::Compression)?;
        let raw = proto::Block::decode(plain.as_slice())?;
        let base = mono_us(raw.base_us);
        if raw.records.len() > BLOCK_RECORDS_MAX {
            return Err(field("records"));
        }
        let records = raw.records.iter();
        let records = records.map(|r| decode_record(r, base, &raw.sources));
        let records = records.collect::<Result<Vec<_>, _>>()?;
        Ok(Block {
            boot: super::boot(&raw.boot_id)?,
            records: match raw.readings {
                Some(readings) => {
                    let others = records.into_iter().map(Some).collect();
                    columns::decode(readings, others, raw.base_us, &raw.sources, |_, _| true)?.records
                }
                None => records,
            },
        })
    }
}

/// The table of sources, being collected.
#[derive(Default)]
pub(super) struct Sources {
    list: Vec<proto::Source>,
    places: HashMap<(String, String, String, String, String), u32>,
}

impl Sources {
    /// The source's place in the table.
    pub(super) fn place(&mut self, source: proto::Source) -> u32 {
        let key = (
            source.device.clone(),
            source.bed.clone(),
            source.admission.clone(),
            source.signal.clone(),
            source.unit.clone(),
        );
        *self.places.entry(key).or_insert_with(|| {
            self.list.push(source);
            u32::try_from(self.list.len() - 1).unwrap_or(u32::MAX)
        })
    }
}

/// `None` for a reading: those stand in columns.
fn encode_record(record: &Record, base: MonoTime, sources: &mut Sources) -> Option<proto::Record> {
    let kind = match record {
        Record::Reading(_) => return None,
        Record::Site(site) => {
            let source = sources.place(proto::Source {
                device: site.device.to_string(),
                signal: site.signal.clone(),
                unit: site.unit.clone(),
                ..proto::Source::default()
            });
            let (mantissa, places, absent) = reading::measured_out(site.measured);
            Kind::Site(proto::SiteReading {
                source,
                mantissa,
                places,
                absent,
            })
        }
        Record::Summary(summary) => Kind::Summary(encode_summary(summary, sources)),
        Record::Wave(wave) => Kind::Wave(encode_wave(wave, sources)),
        Record::Alarm(change) => Kind::Alarm(alarm::encode(change)),
        Record::Event { event, .. } => Kind::Event(event::encode(event)),
    };
    let at_us = us_of(record.at()).saturating_sub(us_of(base));
    Some(proto::Record {
        at_us: i64::try_from(at_us).unwrap_or(i64::MAX),
        kind: Some(kind),
    })
}

fn encode_summary(summary: &MinuteSummary, sources: &mut Sources) -> proto::Summary {
    let (code, signal, unit) = match &summary.of {
        Summarised::Vital(code) => (code.info().cf_code10, String::new(), String::new()),
        Summarised::Site { signal, unit } => (0, signal.clone(), unit.clone()),
    };
    let number = |of: fn(&Numbers) -> Decimal| summary.numbers.as_ref().map(|n| alarm::number_out(of(n)));
    proto::Summary {
        source: sources.place(proto::Source {
            device: summary.device.to_string(),
            bed: text_of(summary.bed.as_ref()),
            admission: text_of(summary.admission.as_ref()),
            signal,
            unit,
        }),
        code,
        count: summary.numbers.map_or(0, |numbers| numbers.count),
        lowest: number(|numbers| numbers.lowest),
        highest: number(|numbers| numbers.highest),
        mean: number(|numbers| numbers.mean),
        absent: summary.absent,
    }
}

fn encode_wave(wave: &WaveRecord, sources: &mut Sources) -> proto::Wave {
    let source = sources.place(proto::Source {
        device: wave.device.to_string(),
        bed: text_of(wave.bed.as_ref()),
        admission: text_of(wave.admission.as_ref()),
        ..proto::Source::default()
    });
    let mut before = 0i32;
    let delta = wave.block.samples.iter().map(|&sample| {
        let step = i32::from(sample) - before;
        before = i32::from(sample);
        step
    });
    proto::Wave {
        source,
        code: wave.block.code.info().cf_code10,
        rate_numerator: wave.block.rate.0,
        rate_denominator: wave.block.rate.1,
        first_sample: wave.block.first_sample,
        delta: delta.collect(),
    }
}

pub(super) fn decode_record(
    raw: &proto::Record,
    base: MonoTime,
    sources: &[proto::Source],
) -> Result<Record, WireError> {
    let offset = u64::try_from(raw.at_us).map_err(|_| field("at_us"))?;
    let at = mono_us(us_of(base).checked_add(offset).ok_or(field("at_us"))?);
    let source = |place: u32| {
        usize::try_from(place)
            .ok()
            .and_then(|place| sources.get(place))
            .ok_or(field("source"))
    };
    Ok(match raw.kind.as_ref().ok_or(field("kind"))? {
        Kind::Reading(raw) => Record::Reading(reading::decode(raw, source(raw.source)?, at)?),
        Kind::Site(raw) => {
            let source = source(raw.source)?;
            Record::Site(SiteReading {
                device: id(&source.device, "device")?,
                signal: source.signal.clone(),
                measured: reading::measured(raw.mantissa, raw.places, raw.absent)?,
                unit: source.unit.clone(),
                at,
            })
        }
        Kind::Summary(raw) => Record::Summary(decode_summary(raw, source(raw.source)?, at)?),
        Kind::Wave(raw) => Record::Wave(decode_wave(raw, source(raw.source)?, at)?),
        Kind::Alarm(raw) => Record::Alarm(alarm::decode(raw, at)?),
        Kind::Event(raw) => Record::Event {
            at,
            event: event::decode(raw)?,
        },
    })
}

fn decode_summary(
    raw: &proto::Summary,
    source: &proto::Source,
    at: MonoTime,
) -> Result<MinuteSummary, WireError> {
    let of = if raw.code == 0 {
        Summarised::Site {
            signal: source.signal.clone(),
            unit: source.unit.clone(),
        }
    } else {
        Summarised::Vital(Code::from_cf_code10(raw.code).ok_or(field("code"))?)
    };
    let number = |number: Option<&proto::Number>, name| {
        let number = number.ok_or(field(name))?;
        alarm::number(number.mantissa, number.places)
    };
    let numbers = if raw.count == 0 {
        None
    } else {
        Some(Numbers {
            count: raw.count,
            lowest: number(raw.lowest.as_ref(), "lowest")?,
            highest: number(raw.highest.as_ref(), "highest")?,
            mean: number(raw.mean.as_ref(), "mean")?,
        })
    };
    Ok(MinuteSummary {
        device: id(&source.device, "device")?,
        bed: optional_id(&source.bed, "bed")?,
        admission: optional_id(&source.admission, "admission")?,
        at,
        of,
        numbers,
        absent: raw.absent,
    })
}

fn decode_wave(raw: &proto::Wave, source: &proto::Source, at: MonoTime) -> Result<WaveRecord, WireError> {
    let mut before = 0i32;
    let samples = raw.delta.iter().map(|delta| {
        before = before.checked_add(*delta).ok_or(field("delta"))?;
        i16::try_from(before).map_err(|_| field("delta"))
    });
    Ok(WaveRecord {
        device: id(&source.device, "device")?,
        bed: optional_id(&source.bed, "bed")?,
        admission: optional_id(&source.admission, "admission")?,
        at,
        block: WaveBlock {
            code: Code::from_cf_code10(raw.code).ok_or(field("code"))?,
            rate: (raw.rate_numerator, raw.rate_denominator),
            first_sample: raw.first_sample,
            samples: samples.collect::<Result<Vec<i16>, WireError>>()?,
        },
    })
}
