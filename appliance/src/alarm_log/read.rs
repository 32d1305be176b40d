//! Reading the log out of the store, with its bounds.

use std::ops::Range;
use std::time::Duration;

use vitals::{Lane, WallTime};

use super::entries::{Entry, StepOf, What};
use super::gaps::gaps;
use super::gather::Gathered;
use super::statistics::{BedTime, Statistics};
use super::wanted::Wanted;
use crate::store::{Log, Logged, Store, StoreError};

/// Most records that are looked at for one question: some seconds of the card's time.
pub const RECORDS_MAX: usize = 200_000;
/// Most records of unknown time that are looked at.
const DOUBTFUL_MAX: usize = 10_000;
/// The longest stretch of time of one question.
const RANGE_MAX: Duration = Duration::from_secs(31 * 24 * 3_600);
/// So much is read at once, from the newest end backwards.
const AT_ONCE: Duration = Duration::from_secs(6 * 3_600);
/// What became of an alarm is looked for so long after the end of what was asked for.
const LATER: Duration = Duration::from_secs(24 * 3_600);

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing lies between.
    #[error("the end is not after the beginning: give a later end")]
    Backwards,
    /// Longer than can be read at once.
    #[error("at most 31 days at once: give a later beginning or an earlier end")]
    TooLong,
    /// So much happened that not even the newest part of it can be read.
    #[error("more than {RECORDS_MAX} records in that time: ask for a shorter time")]
    TooMany,
    /// The card cannot be read at the moment.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Newest first; those whose time nobody knows last.
    pub entries: Vec<Entry>,
    /// There may be more behind the last one.
    pub more: bool,
    /// Before this moment nothing was read; `None` = all that was asked for.
    pub read_from: Option<WallTime>,
}

/// The newest entries that fit, at most `most`. Only what is on the card is found. Reads the card: keep it off
/// latency-critical tasks.
///
/// # Errors
/// [`LogError`].
pub fn search(store: &Store, wanted: &Wanted, most: usize) -> Result<Page, LogError> {
    let span = checked(wanted.from, wanted.to)?;
    let mut reader = Reader {
        log: store.log()?,
        gathered: Gathered::default(),
        left: RECORDS_MAX,
    };
    let mut read_from = span.end;
    let mut found = 0;
    while read_from > span.start && found + reader.gathered.others(|entry| wanted.fits(entry)) <= most {
        let part = earlier(read_from, AT_ONCE).max(span.start)..read_from;
        if !reader.read(part.clone())? {
            break;
        }
        read_from = part.start;
        for entry in reader.gathered.begun() {
            if wanted.fits(&entry) {
                found += 1;
            } else if let What::Alarm(alarm) = &entry.what {
                reader.gathered.forget(alarm.id);
            }
        }
    }
    if read_from == span.end {
        return Err(LogError::TooMany);
    }
    let is_whole = read_from == span.start;
    if is_whole {
        reader.read_doubtful()?;
    }
    reader.read_later(span.end)?;
    let mut entries = reader.gathered.entries();
    let read = read_from..span.end;
    entries.extend(gaps(&reader.log.runs()?, &read));
    entries.retain(|entry| {
        let is_read = entry.at.believed().is_none_or(|at| at >= read.start);
        let is_gap = matches!(entry.what, What::Gap(_));
        (is_read || is_gap) && has_begun(entry) && wanted.fits(entry)
    });
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.at.believed()));
    let more = entries.len() > most || !is_whole;
    entries.truncate(most);
    Ok(Page {
        entries,
        more,
        read_from: (!is_whole).then_some(read_from),
    })
}

/// Figures, and what they leave out.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// The figures.
    pub figures: Statistics,
    /// Alarms whose time nobody knows: in no figure.
    pub doubtful: usize,
}

/// Counts a stretch of time. Reads the card, longer than [`search`]: keep it off latency-critical tasks, and ask for few at
/// once.
///
/// # Errors
/// [`LogError`].
pub fn statistics(store: &Store, from: WallTime, to: WallTime) -> Result<Statistic, LogError> {
    let span = checked(from, to)?;
    let mut log = store.log()?;
    let mut gathered = Gathered::default();
    let mut left = RECORDS_MAX;
    // What went before says whether the first change here announces its alarm, and what came later how it went on.
    let around = earlier(span.start, LATER)..later(span.end, LATER);
    let is_whole = log.between(Lane::Alerts, around, |logged| {
        take(&mut gathered, logged, &mut left)
    })?;
    if !is_whole {
        return Err(LogError::TooMany);
    }
    let mut bed_time = BedTime::new(span.clone());
    log.between(Lane::Summaries, span.clone(), |logged| {
        bed_time.take(&logged);
        true
    })?;
    let mut unknown = Gathered::default();
    let mut left = DOUBTFUL_MAX;
    log.doubtful(Lane::Alerts, |logged| take(&mut unknown, logged, &mut left))?;
    Ok(Statistic {
        figures: Statistics::of(&gathered.entries(), &span, &bed_time),
        doubtful: unknown.begun().len(),
    })
}

fn checked(from: WallTime, to: WallTime) -> Result<Range<WallTime>, LogError> {
    if to <= from {
        return Err(LogError::Backwards);
    }
    if earlier(to, RANGE_MAX) > from {
        return Err(LogError::TooLong);
    }
    Ok(from..to)
}

/// An alarm whose beginning was not met began before what was asked for.
fn has_begun(entry: &Entry) -> bool {
    match &entry.what {
        What::Alarm(alarm) => alarm.steps.iter().any(|step| step.what == StepOf::Began),
        _ => true,
    }
}

fn ns(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

fn earlier(wall: WallTime, by: Duration) -> WallTime {
    WallTime::from_unix_ns(wall.as_unix_ns().saturating_sub(ns(by)))
}

fn later(wall: WallTime, by: Duration) -> WallTime {
    WallTime::from_unix_ns(wall.as_unix_ns().saturating_add(ns(by)))
}

/// Takes a record in while there is room; false = there is none for this one.
fn take(gathered: &mut Gathered, logged: Logged, left: &mut usize) -> bool {
    let has_room = *left > 0;
    if has_room {
        *left -= 1;
        gathered.take(logged);
    }
    has_room
}

struct Reader {
    log: Log,
    gathered: Gathered,
    /// How many records may still be looked at.
    left: usize,
}

impl Reader {
    /// Reads a stretch of time; false when its records are too many.
    fn read(&mut self, span: Range<WallTime>) -> Result<bool, StoreError> {
        let (gathered, left) = (&mut self.gathered, &mut self.left);
        let alerts = self
            .log
            .between(Lane::Alerts, span.clone(), |logged| take(gathered, logged, left))?;
        Ok(alerts
            && self
                .log
                .between(Lane::Events, span, |logged| take(gathered, logged, left))?)
    }

    fn read_doubtful(&mut self) -> Result<(), StoreError> {
        let gathered = &mut self.gathered;
        for lane in [Lane::Alerts, Lane::Events] {
            let mut left = DOUBTFUL_MAX;
            self.log
                .doubtful(lane, |logged| take(gathered, logged, &mut left))?;
        }
        Ok(())
    }

    /// How the alarms went on that were not over at the end of what was asked for, or came back a little later.
    fn read_later(&mut self, end: WallTime) -> Result<(), StoreError> {
        let gathered = &mut self.gathered;
        for lane in [Lane::Alerts, Lane::Events] {
            let mut left = RECORDS_MAX;
            self.log.between(lane, end..later(end, LATER), |logged| {
                left = left.saturating_sub(1);
                gathered.take_later(logged);
                left > 0
            })?;
        }
        Ok(())
    }
}
