//! The readings of a block by column: `ReadingColumns` in the contract, which tells the form.
//!
//! Seconds of one ward differ little, and a device says everything it measures at one moment. So a time is written once
//! per packet, codes and sources once per block, and each value as its difference to the second before. Against one
//! message per reading this takes a third to a quarter of the bytes after compression.

use std::collections::HashMap;

use super::block::{BLOCK_RECORDS_MAX, Sources};
use super::{WireError, field, id, mono_us, optional_id, proto, reading, text_of, us_of};
use super::{us_of_wall, wall_us};
use crate::bed::{AdmissionId, BedId, DeviceId};
use crate::code::Code;
use crate::reading::{Measured, Observation, Reading};
use crate::record::Record;
use crate::time::MonoTime;

/// What a column of a shape has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ColumnKey {
    code: Code,
    places: u8,
    timed: bool,
}

impl ColumnKey {
    fn of(seen: &Observation) -> ColumnKey {
        ColumnKey {
            code: seen.code,
            // The usual places for an absent value, so that a probe that falls off does not begin a new shape.
            places: match seen.measured {
                Measured::Value(value) => value.places(),
                Measured::Absent(_) => seen.code.info().places,
            },
            timed: seen.device_time.is_some(),
        }
    }
}

/// Packets of one shape, being collected.
struct Table<'a> {
    source: u32,
    columns: Vec<(ColumnKey, Vec<&'a Observation>)>,
    times_us: Vec<i64>,
}

/// Everything there is to write, in sequence order.
#[derive(Default)]
struct Collected<'a> {
    tables: Vec<Table<'a>>,
    places: HashMap<(u32, Vec<ColumnKey>), usize>,
    /// As on the wire: 0, or a table's place + 1.
    packets: Vec<u32>,
}

impl<'a> Collected<'a> {
    fn add(&mut self, packet: &[&'a Reading], source: u32) {
        let columns: Vec<ColumnKey> = packet
            .iter()
            .map(|reading| ColumnKey::of(&reading.seen))
            .collect();
        let tables = &mut self.tables;
        let place = *self
            .places
            .entry((source, columns))
            .or_insert_with_key(|(_, columns)| {
                let columns = columns.iter().map(|column| (*column, Vec::new()));
                tables.push(Table {
                    source,
                    columns: columns.collect(),
                    times_us: Vec::new(),
                });
                tables.len() - 1
            });
        let table = &mut self.tables[place];
        table.times_us.push(signed_us(packet[0].at));
        for ((_, column), reading) in table.columns.iter_mut().zip(packet) {
            column.push(&reading.seen);
        }
        self.packets.push(u32::try_from(place + 1).unwrap_or(u32::MAX));
    }

    fn out(self, base_us: i64) -> proto::ReadingColumns {
        let mut out = proto::ReadingColumns {
            shapes: self.tables.iter().map(Table::shape).collect(),
            ..proto::ReadingColumns::default()
        };
        let mut clocks: Vec<Clock> = out
            .shapes
            .iter()
            .map(|shape| Clock::new(base_us, shape.period_us))
            .collect();
        let mut next: Vec<_> = self.tables.iter().map(|table| table.times_us.iter()).collect();
        for &packet in self.packets.iter().filter(|packet| **packet > 0) {
            let place = packet as usize - 1;
            let at_us = *next[place].next().expect("each packet of a table has its time");
            out.time_us.push(clocks[place].step_to(at_us));
        }
        out.packets = self.packets;
        let mut marks = Marks::default();
        for (key, column) in self.tables.iter().flat_map(|table| &table.columns) {
            write_column(*key, column, &mut out, &mut marks);
        }
        out.marked = marks.runs;
        out
    }
}

impl Table<'_> {
    fn shape(&self) -> proto::Shape {
        let columns = self.columns.iter().map(|(key, _)| proto::Column {
            code: key.code.info().cf_code10,
            places: u32::from(key.places),
            device_time: key.timed,
        });
        proto::Shape {
            source: self.source,
            period_us: median_step(&self.times_us),
            columns: columns.collect(),
        }
    }
}

/// The usual time between two packets.
fn median_step(times_us: &[i64]) -> u64 {
    let steps = times_us.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let mut steps: Vec<i64> = steps.collect();
    steps.sort_unstable();
    let median = steps.get(steps.len() / 2).copied().unwrap_or_default();
    u64::try_from(median).unwrap_or_default()
}

/// Where the next packet of a shape is expected.
#[derive(Clone, Copy)]
struct Clock {
    expected_us: i64,
    period_us: i64,
}

impl Clock {
    fn new(base_us: i64, period_us: u64) -> Clock {
        Clock {
            expected_us: base_us,
            period_us: period_us as i64,
        }
    }

    /// The difference to write for a packet at this time.
    fn step_to(&mut self, at_us: i64) -> i64 {
        let step = at_us.wrapping_sub(self.expected_us);
        self.expected_us = at_us.wrapping_add(self.period_us);
        step
    }

    /// The time of a packet with this difference.
    fn step_by(&mut self, step_us: i64) -> i64 {
        let at_us = self.expected_us.wrapping_add(step_us);
        self.expected_us = at_us.wrapping_add(self.period_us);
        at_us
    }
}

fn write_column(key: ColumnKey, column: &[&Observation], out: &mut proto::ReadingColumns, marks: &mut Marks) {
    let mut before = 0i64;
    for seen in column {
        let mantissa = seen.measured.value().map_or(before, |value| value.mantissa());
        out.mantissa.push(mantissa.wrapping_sub(before));
        before = mantissa;
        marks.add(seen);
    }
    if key.timed {
        let mut before = 0i64;
        for time in column.iter().filter_map(|seen| seen.device_time) {
            let time_us = us_of_wall(time);
            out.device_time_us.push(time_us.wrapping_sub(before));
            before = time_us;
        }
    }
}

/// Collects runs of entries that are not plain.
#[derive(Default)]
struct Marks {
    plain: u32,
    runs: Vec<proto::MarkedRun>,
}

impl Marks {
    fn add(&mut self, seen: &Observation) {
        let mark = (
            reading::measured_out(seen.measured).2,
            reading::quality_out(seen.quality),
            reading::method_out(seen.method),
        );
        if mark == (0, 0, 0) {
            self.plain += 1;
            return;
        }
        match self.runs.last_mut() {
            Some(run) if self.plain == 0 && (run.absent, run.quality, run.method) == mark => run.count += 1,
            _ => self.runs.push(proto::MarkedRun {
                skip: self.plain,
                count: 1,
                absent: mark.0,
                quality: mark.1,
                method: mark.2,
            }),
        }
        self.plain = 0;
    }
}

/// The readings among the records; `None` = there are none.
pub(super) fn encode(
    records: &[Record],
    base: MonoTime,
    sources: &mut Sources,
) -> Option<proto::ReadingColumns> {
    let mut collected = Collected::default();
    let together = |a: &Record, b: &Record| match (a, b) {
        (Record::Reading(a), Record::Reading(b)) => {
            us_of(a.at) == us_of(b.at) && a.device == b.device && a.bed == b.bed && a.admission == b.admission
        }
        _ => false,
    };
    for run in records.chunk_by(together) {
        let packet: Vec<&Reading> = run.iter().filter_map(reading_of).collect();
        match packet.first() {
            Some(first) => {
                let source = sources.place(source_of(first));
                collected.add(&packet, source);
            }
            None => collected.packets.push(0),
        }
    }
    (!collected.tables.is_empty()).then(|| collected.out(signed_us(base)))
}

fn reading_of(record: &Record) -> Option<&Reading> {
    match record {
        Record::Reading(reading) => Some(reading),
        _ => None,
    }
}

fn source_of(reading: &Reading) -> proto::Source {
    proto::Source {
        device: reading.device.to_string(),
        bed: text_of(reading.bed.as_ref()),
        admission: text_of(reading.admission.as_ref()),
        ..proto::Source::default()
    }
}

/// Microseconds of a 64-bit nanosecond count fit a signed number.
fn signed_us(at: MonoTime) -> i64 {
    i64::try_from(us_of(at)).unwrap_or(i64::MAX)
}

/// A shape as it is read: its entries in `mantissa` begin at `first`, column after column, `packets` in each.
struct ShapeRead {
    device: DeviceId,
    bed: Option<BedId>,
    admission: Option<AdmissionId>,
    columns: Vec<ColumnRead>,
    packets: usize,
    first: usize,
    clock: Clock,
    /// Packets that have been read.
    done: usize,
}

struct ColumnRead {
    code: Code,
    places: u32,
    wanted: bool,
    /// Where its device times begin.
    device_times: Option<usize>,
}

/// What was found in a block with columns.
pub(super) struct Found {
    /// Records of the block, wanted or not.
    pub count: usize,
    /// The newest time of any reading; the begin of the boot when there is none.
    pub newest: MonoTime,
    /// The wanted ones, in sequence order.
    pub records: Vec<Record>,
}

/// Puts readings and other records back into their order: of the readings those whose place of source and code are
/// wanted, of the others those that are there.
pub(super) fn decode(
    raw: proto::ReadingColumns,
    others: Vec<Option<Record>>,
    base_us: u64,
    sources: &[proto::Source],
    wanted: impl Fn(u32, Code) -> bool,
) -> Result<Found, WireError> {
    let mut shapes = read_shapes(&raw, base_us, sources, wanted)?;
    let readings: usize = shapes
        .iter()
        .map(|shape| shape.packets * shape.columns.len())
        .sum();
    let with_time = raw.packets.iter().filter(|packet| **packet > 0).count();
    // Every count is checked before anything is made of it (W2).
    let fits = raw.mantissa.len() == readings
        && raw.time_us.len() == with_time
        && raw.packets.len() - with_time == others.len();
    if !fits || readings + others.len() > BLOCK_RECORDS_MAX {
        return Err(field("readings"));
    }
    let entries = Entries::read(raw.mantissa, raw.device_time_us, &raw.marked, &shapes)?;
    let mut found = Found {
        count: readings + others.len(),
        newest: MonoTime::default(),
        records: Vec::new(),
    };
    let (mut others, mut steps) = (others.into_iter(), raw.time_us.into_iter());
    for packet in raw.packets {
        match packet.checked_sub(1) {
            None => found.records.extend(others.next().flatten()),
            Some(place) => {
                let shape = &mut shapes[place as usize];
                let at_us = shape.clock.step_by(steps.next().unwrap_or_default());
                let at = mono_us(u64::try_from(at_us).map_err(|_| field("time_us"))?);
                found.newest = found.newest.max(at);
                for place in (0..shape.columns.len()).filter(|place| shape.columns[*place].wanted) {
                    let reading = entries.reading(shape, place, at)?;
                    found.records.push(Record::Reading(reading));
                }
                shape.done += 1;
            }
        }
    }
    Ok(found)
}

fn read_shapes(
    raw: &proto::ReadingColumns,
    base_us: u64,
    sources: &[proto::Source],
    wanted: impl Fn(u32, Code) -> bool,
) -> Result<Vec<ShapeRead>, WireError> {
    let mut packets = vec![0usize; raw.shapes.len()];
    for packet in raw.packets.iter().filter(|packet| **packet > 0) {
        *packets.get_mut(*packet as usize - 1).ok_or(field("packets"))? += 1;
    }
    let base_us = i64::try_from(base_us).map_err(|_| field("base_us"))?;
    let (mut first, mut first_time) = (0usize, 0usize);
    let mut shapes = Vec::with_capacity(raw.shapes.len());
    for (shape, packets) in raw.shapes.iter().zip(packets) {
        let source = sources.get(shape.source as usize).ok_or(field("source"))?;
        let mut columns = Vec::with_capacity(shape.columns.len());
        for column in &shape.columns {
            let code = Code::from_cf_code10(column.code).ok_or(field("code"))?;
            columns.push(ColumnRead {
                code,
                places: column.places,
                wanted: wanted(shape.source, code),
                device_times: column.device_time.then_some(first_time),
            });
            if column.device_time {
                first_time = first_time.checked_add(packets).ok_or(field("packets"))?;
            }
        }
        if columns.is_empty() {
            return Err(field("columns"));
        }
        let here = packets.checked_mul(columns.len()).ok_or(field("packets"))?;
        shapes.push(ShapeRead {
            device: id(&source.device, "device")?,
            bed: optional_id(&source.bed, "bed")?,
            admission: optional_id(&source.admission, "admission")?,
            columns,
            packets,
            first,
            clock: Clock::new(base_us, shape.period_us),
            done: 0,
        });
        first = first.checked_add(here).ok_or(field("packets"))?;
    }
    Ok(shapes)
}

/// All entries of all columns, with the differences added up.
struct Entries {
    mantissa: Vec<i64>,
    device_time_us: Vec<i64>,
    /// Absent, quality and method of each.
    marks: Vec<(i32, i32, i32)>,
}

impl Entries {
    fn read(
        mut mantissa: Vec<i64>,
        mut device_time_us: Vec<i64>,
        runs: &[proto::MarkedRun],
        shapes: &[ShapeRead],
    ) -> Result<Entries, WireError> {
        let mut times_end = 0;
        for shape in shapes {
            for (place, column) in shape.columns.iter().enumerate() {
                let first = shape.first + place * shape.packets;
                if column.wanted {
                    add_up(&mut mantissa[first..first + shape.packets]);
                }
                if let Some(first) = column.device_times {
                    times_end = first + shape.packets;
                    let times = device_time_us.get_mut(first..times_end);
                    add_up(times.ok_or(field("device_time_us"))?);
                }
            }
        }
        if times_end != device_time_us.len() {
            return Err(field("device_time_us"));
        }
        let mut marks = vec![(0, 0, 0); mantissa.len()];
        let mut rest = marks.as_mut_slice();
        for run in runs {
            let (skip, count) = (run.skip as usize, run.count as usize);
            let (marked, behind) = rest
                .get_mut(skip..)
                .and_then(|from| from.split_at_mut_checked(count))
                .ok_or(field("marked"))?;
            marked.fill((run.absent, run.quality, run.method));
            rest = behind;
        }
        Ok(Entries {
            mantissa,
            device_time_us,
            marks,
        })
    }

    /// The reading of the next packet of a shape in one of its columns.
    fn reading(&self, shape: &ShapeRead, place: usize, at: MonoTime) -> Result<Reading, WireError> {
        let column = &shape.columns[place];
        let entry = shape.first + place * shape.packets + shape.done;
        let (absent, quality, method) = self.marks[entry];
        let time = column
            .device_times
            .map(|first| self.device_time_us[first + shape.done]);
        Ok(Reading {
            device: shape.device.clone(),
            bed: shape.bed.clone(),
            admission: shape.admission.clone(),
            at,
            seen: Observation {
                code: column.code,
                measured: reading::measured(self.mantissa[entry], column.places, absent)?,
                quality: reading::quality(quality),
                method: reading::method(method)?,
                device_time: time.map(wall_us),
            },
        })
    }
}

fn add_up(differences: &mut [i64]) {
    let mut sum = 0i64;
    for difference in differences {
        sum = sum.wrapping_add(*difference);
        *difference = sum;
    }
}
