//! Trends straight from the store's blocks: one value over a stretch of wall time, downsampled so that every minimum and
//! maximum stays ([`super::downsample`]), with gaps as gaps.
//!
//! - T1 (I8): the query speaks wall time, records carry boot and monotonic time; each boot is resolved by its best
//!   anchor, and the answer says how far each boot's time may be believed. What was recorded in a boot without any
//!   anchor is handed out by itself, in that boot's own time, and never placed on the clock.
//! - T2: what waits in memory belongs to it, and nothing counts twice between memory and card.
//! - T3: up to [`READINGS_SPAN_MAX`] it is made from readings, and from summaries where readings are gone; longer
//!   stretches from summaries, and from readings only for the last [`LATE_MAX`] of each epoch, whose last minute a
//!   power cut may have left without a summary.
//!
//! Cost: a query reads the blocks of its stretch, those of all beds, because they are packed together. Two hours of
//! readings of a full ward, or 31 days of summaries, are some ten million records; [`vitals::wire::Sifter`] walks
//! over those of other beds without building them. Limits: at most [`RANGE_MAX`] and [`POINTS_MAX`] at once; readings
//! of a time that no summary tells (a store of a version without summaries) are missing in stretches over two hours;
//! of boots without anchor the newest [`UNDATED_MAX`] are handed out, and their readings only of their last two hours.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redb::ReadableDatabase;
use vitals::wire::Wanted;
use vitals::{
    AdmissionId, BedId, BootId, ClockTrust, Code, Epoch, Lane, MonoTime, Record, Seq, Summarised, WallTime,
};

use super::downsample::{Grid, Heard, Sampler, Series, minute_begin};
use super::error::{Fault, StoreError, contain};
use super::history::{Anchors, LATE_MAX, Run, Tie, Walker};
use super::keys::Vault;
use super::rows::BLOCKS;
use super::shared::Shared;

/// The longest stretch that is made from readings.
pub const READINGS_SPAN_MAX: Duration = Duration::from_secs(2 * 3600);
/// The longest stretch that can be asked for.
pub const RANGE_MAX: Duration = Duration::from_secs(31 * 24 * 3600);
/// Most buckets that can be asked for.
pub const POINTS_MAX: usize = 2_000;
/// Most boots without anchor that an answer holds, the newest.
pub const UNDATED_MAX: usize = 4;

/// What a trend is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrendOf {
    /// A value of whoever lies in a bed.
    Vital {
        /// The bed.
        bed: BedId,
        /// The value.
        code: Code,
    },
    /// A value of one patient, in whichever bed.
    Stays {
        /// The stays that are this patient's.
        stays: Vec<AdmissionId>,
        /// The value.
        code: Code,
    },
    /// A value about the post itself.
    Site {
        /// The signal's id in its map file.
        signal: String,
    },
}

/// A question that can be answered.
#[derive(Clone, Debug)]
pub struct TrendQuery {
    of: TrendOf,
    from: WallTime,
    to: WallTime,
    points_max: usize,
}

/// Why a question cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrendQueryError {
    /// Nothing lies between.
    #[error("the end of the trend is not after its begin: give a later end")]
    Backwards,
    /// Longer than [`RANGE_MAX`].
    #[error("a trend covers at most 31 days: ask for less, or use `vitalpost export`")]
    TooLong,
    /// No points, or more than [`POINTS_MAX`].
    #[error("a trend has 1 to {POINTS_MAX} points")]
    Points,
}

impl TrendQuery {
    /// `of` in `[from, to)`, in at most `points_max` buckets.
    ///
    /// # Errors
    /// A stretch that is empty or over [`RANGE_MAX`], no points or over [`POINTS_MAX`].
    pub fn new(
        of: TrendOf,
        from: WallTime,
        to: WallTime,
        points_max: usize,
    ) -> Result<TrendQuery, TrendQueryError> {
        if to <= from {
            return Err(TrendQueryError::Backwards);
        }
        if range(from, to) > RANGE_MAX {
            return Err(TrendQueryError::TooLong);
        }
        if points_max == 0 || points_max > POINTS_MAX {
            return Err(TrendQueryError::Points);
        }
        Ok(TrendQuery {
            of,
            from,
            to,
            points_max,
        })
    }

    /// What is asked of a bed is asked of one patient, in whichever bed.
    pub fn narrow(&mut self, stays: Vec<AdmissionId>) {
        if let TrendOf::Vital { code, .. } = self.of {
            self.of = TrendOf::Stays { stays, code };
        }
    }

    fn wanted(&self) -> Wanted {
        match self.of.clone() {
            TrendOf::Vital { bed, code } => Wanted::Vital { bed, code },
            TrendOf::Stays { stays, code } => Wanted::Stays { stays, code },
            TrendOf::Site { signal } => Wanted::Site { signal },
        }
    }

    fn is_of(&self, record: &Record) -> bool {
        match (&self.of, record) {
            (TrendOf::Vital { bed, code }, Record::Reading(reading)) => {
                reading.bed.as_ref() == Some(bed) && reading.seen.code == *code
            }
            (TrendOf::Vital { bed, code }, Record::Summary(summary)) => {
                summary.bed.as_ref() == Some(bed) && summary.of == Summarised::Vital(*code)
            }
            (TrendOf::Stays { stays, code }, Record::Reading(reading)) => {
                is_one_of(stays, reading.admission.as_ref()) && reading.seen.code == *code
            }
            (TrendOf::Stays { stays, code }, Record::Summary(summary)) => {
                is_one_of(stays, summary.admission.as_ref()) && summary.of == Summarised::Vital(*code)
            }
            (TrendOf::Site { signal }, Record::Site(site)) => site.signal == *signal,
            (TrendOf::Site { signal }, Record::Summary(summary)) => {
                matches!(&summary.of, Summarised::Site { signal: of, .. } if of == signal)
            }
            _ => false,
        }
    }

    fn is_short(&self) -> bool {
        range(self.from, self.to) <= READINGS_SPAN_MAX
    }
}

fn is_one_of(stays: &[AdmissionId], admission: Option<&AdmissionId>) -> bool {
    admission.is_some_and(|admission| stays.contains(admission))
}

fn range(from: WallTime, to: WallTime) -> Duration {
    let ns = i128::from(to.as_unix_ns()) - i128::from(from.as_unix_ns());
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// When the first bucket begins.
    pub from: WallTime,
    /// How long each bucket is; the last may reach beyond the end asked for, and holds nothing from there.
    pub bucket: Duration,
    /// One for each device and admission, all on the same buckets.
    pub series: Vec<Series>,
    /// How far the time of what was heard may be believed, boot after boot.
    pub stretches: Vec<Stretch>,
    /// What was heard in boots whose wall time nobody knows, oldest first.
    pub undated: Vec<Undated>,
    /// Older boots without wall time that may hold more, and were left out.
    pub undated_left_out: usize,
    /// Blocks that could not be read and may be missing here.
    pub unreadable: usize,
}

/// What was heard within one boot, on the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The boot.
    pub boot: BootId,
    /// How far its wall time may be believed.
    pub trust: ClockTrust,
    /// The first that was heard in it.
    pub first: WallTime,
    /// The last.
    pub last: WallTime,
}

/// What was heard within one boot that has no anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undated {
    /// The boot.
    pub boot: BootId,
    /// When, since that boot, the first bucket begins.
    pub from: MonoTime,
    /// How long each bucket is.
    pub bucket: Duration,
    /// One for each device and admission.
    pub series: Vec<Series>,
}

/// What waits in memory and belongs to the answer.
struct InMemory {
    records: Vec<(Lane, Seq, Arc<Record>)>,
}

/// Answers a query. Reads the card: keep it off latency-critical tasks.
pub(super) fn answer(
    shared: &Shared,
    anchors: &Mutex<Anchors>,
    query: &TrendQuery,
) -> Result<Trend, StoreError> {
    // Memory first: what moves to the card in between is then seen twice, and passed over by its number (T2).
    let memory = waiting(shared, anchors, query);
    let answered = contain(|| {
        let database = shared.database.read().unwrap_or_else(PoisonError::into_inner);
        let walker = walker(database.as_ref().ok_or(Fault::Reopening)?);
        drop(database);
        let mut walker = walker?;
        let mut known = anchors.lock().unwrap_or_else(PoisonError::into_inner);
        known.catch_up(&mut walker)?;
        let mut asked = Asked {
            query,
            anchors: &known,
            walker,
            boots: BTreeMap::new(),
            undated_left_out: 0,
        };
        asked.gather(shared, &memory)?;
        Ok(asked.trend())
    });
    answered.map_err(|fault| fault.about(&shared.file))
}

pub(super) fn walker(database: &Vault) -> Result<Walker, Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    Walker::new(blocks, database.seal_for_snapshots())
}

fn waiting(shared: &Shared, anchors: &Mutex<Anchors>, query: &TrendQuery) -> InMemory {
    let (mut records, mut events) = (Vec::new(), Vec::new());
    let inner = shared.lock();
    for lane in [Lane::Vitals, Lane::Summaries] {
        let wanted = inner
            .tail
            .waiting(lane)
            .filter(|entry| query.is_of(&entry.record));
        records.extend(wanted.map(|entry| (lane, entry.seq, Arc::clone(&entry.record))));
    }
    events.extend(
        inner
            .tail
            .waiting(Lane::Events)
            .map(|entry| Arc::clone(&entry.record)),
    );
    drop(inner);
    let mut anchors = anchors.lock().unwrap_or_else(PoisonError::into_inner);
    anchors.note_all(events.iter().map(Arc::as_ref));
    InMemory { records }
}

/// One boot: where its time lies and what was heard in it.
struct Boot {
    tie: Option<Tie>,
    /// What of its time is asked for.
    span: Range<MonoTime>,
    heard: Heard,
}

struct Asked<'a> {
    query: &'a TrendQuery,
    anchors: &'a Anchors,
    walker: Walker,
    /// In the order of their first epoch.
    boots: BTreeMap<(Epoch, BootId), Boot>,
    undated_left_out: usize,
}

impl Asked<'_> {
    fn gather(&mut self, shared: &Shared, memory: &InMemory) -> Result<(), Fault> {
        let mut runs = Vec::new();
        for lane in [Lane::Summaries, Lane::Vitals] {
            for epoch in self.walker.epochs(lane)? {
                runs.extend(self.walker.run(lane, epoch)?);
            }
        }
        self.leave_out_undated(&mut runs);
        for run in &runs {
            self.take(run)?;
        }
        let on_card = |lane| {
            let this = |run: &&Run| run.lane == lane && run.epoch == shared.epoch;
            runs.iter().find(this).map_or(Seq(0), |run| run.last)
        };
        let on_card = [Lane::Vitals, Lane::Summaries].map(|lane| (lane, on_card(lane)));
        for (lane, seq, record) in &memory.records {
            if !on_card.iter().any(|(of, last)| of == lane && seq <= last) {
                let name = self.boot(shared.epoch, shared.boot);
                if let Some(boot) = self.boots.get_mut(&name) {
                    hear(&mut boot.heard, Record::clone(record));
                }
            }
        }
        Ok(())
    }

    /// Leaves out boots without anchor that cannot lie in what is asked for, because a boot whose time is known comes
    /// between; of the others only the newest are kept.
    fn leave_out_undated(&mut self, runs: &mut Vec<Run>) {
        let known = |run: &Run| {
            let tie = self.anchors.tie(run.boot)?;
            (tie.trust > ClockTrust::Untrusted).then_some((
                run.epoch,
                tie.wall(run.begin)?,
                tie.wall(run.end)?,
            ))
        };
        let known: Vec<_> = runs.iter().filter_map(known).collect();
        let outside = |epoch: Epoch| {
            let before = known
                .iter()
                .any(|(later, begin, _)| *later > epoch && *begin <= self.query.from);
            before
                || known
                    .iter()
                    .any(|(earlier, _, end)| *earlier < epoch && *end >= self.query.to)
        };
        runs.retain(|run| self.anchors.tie(run.boot).is_some() || !outside(run.epoch));
        let mut undated: Vec<(Epoch, BootId)> = runs
            .iter()
            .filter(|run| self.anchors.tie(run.boot).is_none())
            .map(|run| (run.epoch, run.boot))
            .collect();
        undated.sort();
        undated.dedup_by_key(|(_, boot)| *boot);
        let gone = undated.len().saturating_sub(UNDATED_MAX);
        undated.truncate(gone);
        runs.retain(|run| !undated.iter().any(|(_, boot)| *boot == run.boot));
        self.undated_left_out = gone;
    }

    /// The entry of a boot, under the first of its epochs that was met.
    fn boot(&mut self, epoch: Epoch, boot: BootId) -> (Epoch, BootId) {
        if let Some(name) = self.boots.keys().find(|(_, known)| *known == boot) {
            return *name;
        }
        let tie = self.anchors.tie(boot);
        let span = match tie {
            Some(tie) => tie.mono(self.query.from)..tie.mono(self.query.to),
            None => MonoTime::BOOT..MonoTime::from_ns(u64::MAX),
        };
        let heard = Heard::default();
        self.boots.insert((epoch, boot), Boot { tie, span, heard });
        (epoch, boot)
    }

    /// Takes in what a run has to say.
    fn take(&mut self, run: &Run) -> Result<(), Fault> {
        let name = self.boot(run.epoch, run.boot);
        let Some(boot) = self.boots.get_mut(&name) else {
            return Ok(());
        };
        // Whole minutes, so that a minute's readings and its summary can be compared.
        let mut span = minute_begin(boot.span.start)..boot.span.end + vitals::summary::SUMMARY_TIME;
        if run.lane == Lane::Vitals {
            let back = match (boot.tie, self.query.is_short()) {
                (Some(_), true) => None,
                (None, _) => Some(READINGS_SPAN_MAX),
                (Some(_), false) => Some(LATE_MAX),
            };
            if let Some(back) = back {
                let newest = run.end.min(span.end);
                let start = newest.as_ns().saturating_sub(ns(back));
                span.start = span.start.max(MonoTime::from_ns(start));
            }
        }
        let heard = &mut boot.heard;
        self.walker
            .walk(run, span, &self.query.wanted(), |record| hear(heard, record))
    }

    fn trend(self) -> Trend {
        let query = self.query;
        let (dated, undated): (Vec<_>, Vec<_>) = self
            .boots
            .into_iter()
            .filter(|(_, boot)| !boot.heard.is_empty())
            .partition(|(_, boot)| boot.tie.is_some());
        let with_summaries = dated
            .iter()
            .any(|(_, boot)| boot.heard.needs_summaries(boot.span.start, boot.span.end));
        let grid = Grid::over(range(query.from, query.to), query.points_max, with_summaries);
        let mut sampler = Sampler::new(grid);
        let mut stretches = Vec::new();
        for ((_, boot), part) in dated {
            let Some(tie) = part.tie else { continue };
            sampler.add(
                &part.heard,
                (part.span.start, part.span.end),
                tie.shift(query.from),
            );
            let extent = part.heard.extent(part.span.start, part.span.end);
            let walls = extent.and_then(|(first, last)| tie.wall(first).zip(tie.wall(last)));
            stretches.extend(walls.map(|(first, last)| Stretch {
                boot,
                trust: tie.trust,
                first,
                last,
            }));
        }
        Trend {
            from: query.from,
            bucket: grid.width,
            series: sampler.series(),
            stretches,
            undated: undated
                .into_iter()
                .filter_map(|((_, boot), part)| in_its_own_time(boot, &part.heard, query.points_max))
                .collect(),
            undated_left_out: self.undated_left_out,
            unreadable: self.walker.unreadable.len(),
        }
    }
}

fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn in_its_own_time(boot: BootId, heard: &Heard, points_max: usize) -> Option<Undated> {
    let ever = (MonoTime::BOOT, MonoTime::from_ns(u64::MAX));
    let (first, last) = heard.extent(ever.0, ever.1)?;
    let lasts = last.since(first) + Duration::from_nanos(1);
    let grid = Grid::over(lasts, points_max, heard.needs_summaries(ever.0, ever.1));
    let mut sampler = Sampler::new(grid);
    sampler.add(heard, ever, -i128::from(first.as_ns()));
    Some(Undated {
        boot,
        from: first,
        bucket: grid.width,
        series: sampler.series(),
    })
}

fn hear(heard: &mut Heard, record: Record) {
    match record {
        Record::Reading(reading) => {
            heard.reading(
                (reading.device, reading.admission),
                reading.at,
                reading.seen.measured,
            );
        }
        Record::Site(site) => heard.reading((site.device, None), site.at, site.measured),
        Record::Summary(summary) => heard.summary(summary),
        Record::Wave(_) | Record::Alarm(_) | Record::Event { .. } => {}
    }
}
