//! A large store made of invented patients, written without the writer's commits: for measuring trends, exports and
//! starts on as much as a post gathers in a month.

use std::path::Path;
use std::time::Duration;

use vitals::wire::Block;
use vitals::{
    AnchorSource, BedId, BootId, ClockAnchor, ClockTrust, Code, Decimal, DeviceId, Epoch, Event, Gathered,
    Lane, MinuteSummary, MonoTime, Observation, Reading, Record, Seq, Summarised, WallTime,
};

use super::commit;
use super::epoch::EpochRow;
use super::error::{Fault, StoreError};
use super::keys::{self, KeySource, Vault};
use super::medium::FileMedium;
use super::rows::{self, BLOCK_RECORDS_MAX, BLOCKS, BlockKey, PerLane, place};

/// The values that every invented bed has.
pub const CODES: [Code; 10] = [
    Code::Hr,
    Code::Pr,
    Code::Spo2,
    Code::Pi,
    Code::Rr,
    Code::Temp,
    Code::NibpSys,
    Code::NibpDia,
    Code::NibpMean,
    Code::EtCo2,
];

/// What to invent. One boot, one epoch, one anchor at its begin.
#[derive(Clone, Copy, Debug)]
pub struct SyntheticWard {
    /// Beds `1`, `2` and so on, each with a device and all of [`CODES`], once a second.
    pub beds: u64,
    /// How long ago it began.
    pub summaries: Duration,
    /// Of the end of that time, how long full readings are still there.
    pub readings: Duration,
    /// Wall time of the end.
    pub end: WallTime,
    /// Readings are committed in such steps.
    pub commit_window: Duration,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Records in all lanes.
    pub records: u64,
    /// Bytes of all rows.
    pub bytes: u64,
}

const EPOCH: Epoch = Epoch((1 << 32) | 7);
const BOOT: BootId = BootId([0x77; 16]);
/// Blocks in one transaction: large, because nothing here needs to survive a power cut.
const BLOCKS_AT_ONCE: usize = 4_096;

struct Filler {
    database: Vault,
    rows: Vec<(BlockKey, Vec<u8>)>,
    last: PerLane<Seq>,
    offset: PerLane<u64>,
    written: Written,
}

/// Writes a store to `file`, which must not exist; sealed when there is a key.
///
/// # Errors
/// The file cannot be written.
pub fn write(file: &Path, ward: &SyntheticWard, key: Option<KeySource>) -> Result<Written, StoreError> {
    fill(file, ward, key).map_err(|fault| fault.about(file))
}

fn fill(file: &Path, ward: &SyntheticWard, key: Option<KeySource>) -> Result<Written, Fault> {
    let medium = FileMedium::new(file.to_owned(), key);
    let database = keys::create(&medium, &mut |database| commit::found(database, &[], &[]))?;
    let mut filler = Filler {
        database,
        rows: Vec::new(),
        last: [Seq(0); Lane::ALL.len()],
        offset: [0; Lane::ALL.len()],
        written: Written::default(),
    };
    let seconds = ward.summaries.as_secs();
    let wall = i128::from(ward.end.as_unix_ns()) - i128::from(seconds) * 1_000_000_000;
    let anchor = ClockAnchor {
        boot: BOOT,
        mono: MonoTime::BOOT,
        wall: WallTime::from_unix_ns(i64::try_from(wall).unwrap_or(0)),
        trust: ClockTrust::Synchronised,
        source: AnchorSource::SystemStart,
    };
    let event = Event::Anchor(anchor);
    let at = MonoTime::BOOT;
    filler.put(Lane::Events, vec![Record::Event { at, event }])?;
    let beds: Vec<(BedId, DeviceId)> = (1..=ward.beds)
        .map(|bed| (id(&bed.to_string()), id(&format!("mon-{bed}"))))
        .collect();
    for minute in 0..seconds / 60 {
        filler.put(Lane::Summaries, summaries(&beds, minute))?;
    }
    let step = ward.commit_window.as_secs().max(1);
    let from = seconds.saturating_sub(ward.readings.as_secs());
    for begin in (from..seconds).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
        let end = (begin + step).min(seconds);
        filler.put(Lane::Vitals, readings(&beds, begin..end))?;
    }
    filler.finish()
}

fn id<T: std::str::FromStr<Err = vitals::bed::BadId>>(text: &str) -> T {
    text.parse().expect("digits and dashes make an id")
}

impl Filler {
    fn put(&mut self, lane: Lane, records: Vec<Record>) -> Result<(), Fault> {
        for records in records.chunks(BLOCK_RECORDS_MAX) {
            let last = &mut self.last[place(lane)];
            let key = BlockKey {
                lane,
                epoch: EPOCH,
                first: last.next(),
            };
            last.0 += records.len() as u64;
            let offset = &mut self.offset[place(lane)];
            let block = Block {
                boot: BOOT,
                records: records.to_vec(),
            };
            let row = rows::pack(key, *offset, &block, self.database.seal())?;
            *offset += row.len() as u64;
            self.written.records += records.len() as u64;
            self.written.bytes += row.len() as u64;
            self.rows.push((key, row));
        }
        if self.rows.len() >= BLOCKS_AT_ONCE {
            self.write()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), Fault> {
        let transaction = self.database.begin_write()?;
        {
            let mut blocks = transaction.open_table(BLOCKS)?;
            for (key, row) in self.rows.drain(..) {
                blocks.insert(key.raw(), row.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn finish(mut self) -> Result<Written, Fault> {
        self.write()?;
        // For nobody: whoever opens it adds the destinations.
        let row = EpochRow {
            last: self.last,
            ..EpochRow::new(&[])
        };
        commit::write_rows(&self.database, &[], &[(EPOCH, row)])?;
        Ok(self.written)
    }
}

/// Wanders like a patient: a slow wave, and noise that differs between beds and values.
fn value(bed: u64, place: u64, second: u64) -> Decimal {
    let mut noise = (bed << 40) ^ (place << 32) ^ second;
    noise = (noise ^ (noise >> 15)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let slow = (second / 40 + 17 * place + bed) % 20;
    let number = 60 + 2 * place + slow + (noise >> 60) / 6;
    Decimal::whole(i64::try_from(number).unwrap_or(0))
}

fn summaries(beds: &[(BedId, DeviceId)], minute: u64) -> Vec<Record> {
    let mut records = Vec::with_capacity(beds.len() * CODES.len());
    for (number, (bed, device)) in (1..).zip(beds) {
        for (place, code) in (0..).zip(CODES) {
            let mut gathered = Gathered::default();
            for second in minute * 60..(minute + 1) * 60 {
                gathered.take(vitals::Measured::Value(value(number, place, second)));
            }
            records.push(Record::Summary(MinuteSummary {
                device: device.clone(),
                bed: Some(bed.clone()),
                admission: None,
                at: MonoTime::from_ms(minute * 60_000),
                of: Summarised::Vital(code),
                numbers: gathered.numbers(),
                absent: gathered.absent(),
            }));
        }
    }
    records
}

fn readings(beds: &[(BedId, DeviceId)], seconds: std::ops::Range<u64>) -> Vec<Record> {
    let mut records = Vec::new();
    for second in seconds {
        for (number, (bed, device)) in (1..).zip(beds) {
            for (place, code) in (0..).zip(CODES) {
                let mut seen = Observation::value(code, Decimal::whole(1));
                seen.measured = vitals::Measured::Value(value(number, place, second));
                records.push(Record::Reading(Reading {
                    device: device.clone(),
                    bed: Some(bed.clone()),
                    admission: None,
                    at: MonoTime::from_ms(second * 1_000 + number),
                    seen,
                }));
            }
        }
    }
    records
}
