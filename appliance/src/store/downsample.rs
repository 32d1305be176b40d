//! Downsampling that keeps every minimum and maximum. Pure: no file, no clock.
//!
//! - D1: the lowest and the highest number of a bucket are those of everything that was heard in it, never of a sample.
//! - D2 (I5): what is absent is counted beside the numbers and takes no part in them.
//! - D3: a bucket in which nothing was heard is `None`; nothing is interpolated.
//! - D4: each reading counts once. A minute is told either by its readings or by its summary, whichever holds more: the
//!   summary when readings of that minute were evicted, the readings when the summary is missing or was cut short.
//! - D5 (I3): devices and admissions never share a bucket.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::reading::Measured;
use vitals::summary::SUMMARY_TIME;
use vitals::{AdmissionId, Decimal, DeviceId, MinuteSummary, MonoTime, Numbers};

/// Buckets are not shorter: devices speak about once a second, and shorter ones would show gaps that are none.
const BUCKET_MIN: Duration = Duration::from_secs(1);

/// What was heard within one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The numbers; `None` = whatever was heard had none. The mean is weighted by counts, and where it is made from
    /// summaries, from their rounded means.
    pub numbers: Option<Numbers>,
    /// Readings without a number.
    pub absent: u32,
}

/// What one device said about one admission, bucket after bucket without a gap between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The device.
    pub device: DeviceId,
    /// Whoever lay there (I3); `None` = nobody, or a value about the post.
    pub admission: Option<AdmissionId>,
    /// `None` = nothing was heard in this bucket: a gap, to be drawn as one.
    pub buckets: Vec<Option<Bucket>>,
}

/// Who was heard about whom.
pub(super) type Stream = (DeviceId, Option<AdmissionId>);

/// Numbers being put together, from readings or from parts that were put together before.
#[derive(Clone, Copy, Debug, Default)]
struct Fold {
    extremes: Option<(Decimal, Decimal)>,
    count: u64,
    /// In millionths, the finest resolution that a [`Decimal`] has.
    sum: i128,
    places: u8,
    absent: u64,
}

impl Fold {
    fn total(&self) -> u64 {
        self.count + self.absent
    }

    fn numbers(&mut self, lowest: Decimal, highest: Decimal, mean: Decimal, count: u32) {
        self.extremes = Some(match self.extremes {
            None => (lowest, highest),
            Some((low, high)) => (low.min(lowest), high.max(highest)),
        });
        self.count += u64::from(count);
        self.sum += millionths(mean).saturating_mul(i128::from(count));
        self.places = self.places.max(mean.places());
    }

    fn reading(&mut self, measured: Measured) {
        match measured {
            Measured::Value(value) => self.numbers(value, value, value, 1),
            Measured::Absent(_) => self.absent += 1,
        }
    }

    fn merge(&mut self, other: &Fold) {
        if let Some((lowest, highest)) = other.extremes {
            self.extremes = Some(match self.extremes {
                None => (lowest, highest),
                Some((low, high)) => (low.min(lowest), high.max(highest)),
            });
        }
        self.count += other.count;
        self.sum += other.sum;
        self.places = self.places.max(other.places);
        self.absent += other.absent;
    }

    fn bucket(&self) -> Option<Bucket> {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let numbers = self.extremes.map(|(lowest, highest)| Numbers {
            count: small(self.count),
            lowest,
            highest,
            mean: mean(self.sum, self.count, self.places),
        });
        (self.total() > 0).then_some(Bucket {
            numbers,
            absent: small(self.absent),
        })
    }
}

fn millionths(number: Decimal) -> i128 {
    let places = u32::from(vitals::number::PLACES_MAX.saturating_sub(number.places()));
    i128::from(number.mantissa()) * 10i128.pow(places)
}

/// Rounded half away from zero to `places`.
fn mean(sum: i128, count: u64, places: u8) -> Decimal {
    let unit = 10i128.pow(u32::from(vitals::number::PLACES_MAX.saturating_sub(places)));
    let divisor = unit * i128::from(count.max(1));
    let half = divisor / 2 * sum.signum();
    let mantissa = i64::try_from((sum + half) / divisor);
    Decimal::new(mantissa.unwrap_or(i64::MAX), places)
}

/// One minute of one stream: what was read of it, and what its summary says.
#[derive(Clone, Debug, Default)]
struct Minute {
    readings: Vec<(MonoTime, Measured)>,
    summary: Fold,
}

impl Minute {
    fn by_summary(&self) -> bool {
        self.summary.total() > self.readings.len() as u64
    }
}

/// Everything heard about one value within one boot.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    streams: BTreeMap<Stream, BTreeMap<u64, Minute>>,
}

impl Heard {
    pub(super) fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    fn minute(&mut self, stream: Stream, at: MonoTime) -> &mut Minute {
        let minutes = self.streams.entry(stream).or_default();
        minutes.entry(minute_of(at)).or_default()
    }

    pub(super) fn reading(&mut self, stream: Stream, at: MonoTime, measured: Measured) {
        self.minute(stream, at).readings.push((at, measured));
    }

    /// A minute that was cut in two by a restart has two summaries; they add up.
    pub(super) fn summary(&mut self, summary: MinuteSummary) {
        let minute = self.minute((summary.device, summary.admission), summary.at);
        if let Some(numbers) = summary.numbers {
            minute
                .summary
                .numbers(numbers.lowest, numbers.highest, numbers.mean, numbers.count);
        }
        minute.summary.absent += u64::from(summary.absent);
    }

    /// What is told of the time `[from, to)`: each moment with its numbers, and whether a summary was needed.
    fn told(&self, from: u64, to: u64) -> impl Iterator<Item = (&Stream, Vec<(u64, Fold)>, bool)> {
        self.streams.iter().map(move |(stream, minutes)| {
            let mut moments = Vec::new();
            let mut summarised = false;
            for (number, minute) in minutes {
                let begin = number.saturating_mul(MINUTE_NS);
                if minute.by_summary() {
                    if begin < to && begin.saturating_add(MINUTE_NS) > from {
                        moments.push((begin.max(from), minute.summary));
                        summarised = true;
                    }
                    continue;
                }
                for (at, measured) in &minute.readings {
                    if (from..to).contains(&at.as_ns()) {
                        let mut one = Fold::default();
                        one.reading(*measured);
                        moments.push((at.as_ns(), one));
                    }
                }
            }
            (stream, moments, summarised)
        })
    }

    /// First and last moment of what is told of `[from, to)`.
    pub(super) fn extent(&self, from: MonoTime, to: MonoTime) -> Option<(MonoTime, MonoTime)> {
        let ends = self.told(from.as_ns(), to.as_ns()).filter_map(|(_, moments, _)| {
            let times = || moments.iter().map(|(at, _)| *at);
            Some((times().min()?, times().max()?))
        });
        ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .map(|(first, last)| (MonoTime::from_ns(first), MonoTime::from_ns(last)))
    }

    /// Whether a minute of `[from, to)` can only be told by its summary.
    pub(super) fn needs_summaries(&self, from: MonoTime, to: MonoTime) -> bool {
        self.told(from.as_ns(), to.as_ns())
            .any(|(_, _, summarised)| summarised)
    }
}

const MINUTE_NS: u64 = SUMMARY_TIME.as_secs() * 1_000_000_000;

fn minute_of(at: MonoTime) -> u64 {
    at.as_ns() / MINUTE_NS
}

/// When the minute of `at` began.
pub(super) fn minute_begin(at: MonoTime) -> MonoTime {
    MonoTime::from_ns(minute_of(at) * MINUTE_NS)
}

/// Equal stretches of time, from the first to beyond the last moment asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub width: Duration,
    pub buckets: usize,
}

impl Grid {
    /// At most `points_max` buckets over `range`. With summaries none is shorter than a minute, and a minute counts
    /// wholly in the bucket in which it begins.
    pub(super) fn over(range: Duration, points_max: usize, with_summaries: bool) -> Grid {
        let least = if with_summaries { SUMMARY_TIME } else { BUCKET_MIN };
        let points = u128::try_from(points_max.max(1)).unwrap_or(u128::MAX);
        // Whole milliseconds: they are what an answer can say.
        let width_ms = range.as_millis().div_ceil(points).max(least.as_millis());
        let buckets = range.as_nanos().div_ceil(width_ms * 1_000_000).max(1);
        Grid {
            width: Duration::from_millis(u64::try_from(width_ms).unwrap_or(u64::MAX)),
            buckets: usize::try_from(buckets).unwrap_or(usize::MAX),
        }
    }
}

/// Buckets of several boots, one beside the other on the same grid.
#[derive(Debug)]
pub(super) struct Sampler {
    grid: Grid,
    streams: BTreeMap<Stream, Vec<Fold>>,
}

impl Sampler {
    pub(super) fn new(grid: Grid) -> Sampler {
        Sampler {
            grid,
            streams: BTreeMap::new(),
        }
    }

    /// Adds what one boot has to say of `[from, to)`; `shift` leads from its monotonic time in nanoseconds to the time
    /// since the first bucket's begin.
    pub(super) fn add(&mut self, heard: &Heard, (from, to): (MonoTime, MonoTime), shift: i128) {
        let width = i128::try_from(self.grid.width.as_nanos().max(1)).unwrap_or(i128::MAX);
        for (stream, moments, _) in heard.told(from.as_ns(), to.as_ns()) {
            if moments.is_empty() {
                continue;
            }
            let buckets = self.streams.entry(stream.clone()).or_default();
            buckets.resize(self.grid.buckets, Fold::default());
            for (at, part) in moments {
                let place = usize::try_from((i128::from(at) + shift).div_euclid(width));
                if let Some(bucket) = place.ok().and_then(|place| buckets.get_mut(place)) {
                    bucket.merge(&part);
                }
            }
        }
    }

    pub(super) fn series(&self) -> Vec<Series> {
        let one = |((device, admission), buckets): (&Stream, &Vec<Fold>)| Series {
            device: device.clone(),
            admission: admission.clone(),
            buckets: buckets.iter().map(Fold::bucket).collect(),
        };
        self.streams.iter().map(one).collect()
    }
}
