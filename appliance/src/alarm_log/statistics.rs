//! Figures per bed-day. What each means for whoever reads them: docs/operate/alarm-log.md.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Duration;

use vitals::{BedId, Condition, Priority, Record, Side, Summarised, WallTime};

use super::count::{Count, Stretch, stretches};
use super::entries::{AlarmEntry, Entry, What};
use crate::store::Logged;

/// Most conditions that are named.
pub const TOP_MAX: usize = 5;

/// How long beds were watched: the minutes in which at least one number of a patient's value came from a bed.
#[derive(Clone, Debug)]
pub struct BedTime {
    span: Range<WallTime>,
    /// Minutes since the beginning of the span.
    beds: BTreeMap<BedId, BTreeSet<u32>>,
}

const MINUTE_NS: i64 = 60 * 1_000_000_000;

impl BedTime {
    /// Nothing yet; only minutes of this stretch of time count.
    pub fn new(span: Range<WallTime>) -> BedTime {
        let beds = BTreeMap::new();
        BedTime { span, beds }
    }

    /// Takes a summary in; anything else says nothing of bed time.
    pub fn take(&mut self, logged: &Logged) {
        let (Record::Summary(summary), Some(wall)) = (&logged.record, logged.wall) else {
            return;
        };
        let is_number = summary.numbers.is_some() && matches!(summary.of, Summarised::Vital(_));
        let (true, true, Some(bed)) = (is_number, self.span.contains(&wall), &summary.bed) else {
            return;
        };
        let minute = (wall.as_unix_ns() - self.span.start.as_unix_ns()) / MINUTE_NS;
        let Ok(minute) = u32::try_from(minute) else { return };
        if let Some(minutes) = self.beds.get_mut(bed) {
            minutes.insert(minute);
        } else {
            self.beds.insert(bed.clone(), BTreeSet::from([minute]));
        }
    }

    /// All beds together.
    pub fn total(&self) -> Duration {
        let minutes: usize = self.beds.values().map(BTreeSet::len).sum();
        Duration::from_secs(60 * minutes as u64)
    }

    /// How many beds that were.
    pub fn beds(&self) -> usize {
        self.beds.len()
    }
}

/// The figures of a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// How long beds were watched, together.
    pub bed_time: Duration,
    /// How many beds that were.
    pub beds: usize,
    /// What alarmed at beds, most urgent first, by the highest priority that each alarm had.
    pub by_priority: BTreeMap<Reverse<Priority>, Count>,
    /// The conditions at beds that were announced most, at most [`TOP_MAX`], the most frequent first.
    pub top: Vec<(String, Count)>,
    /// What alarmed about the post itself: in none of the other figures.
    pub post: Count,
    /// Announcements at beds that a person acknowledged.
    pub acknowledged: usize,
    /// The middle one of the times from an announcement at a bed to its acknowledgement; of two in the middle, their mean.
    pub acknowledged_after: Option<Duration>,
}

impl Statistics {
    /// Counts the announcements of a stretch of time, whenever their alarms began.
    pub fn of(entries: &[Entry], span: &Range<WallTime>, bed_time: &BedTime) -> Statistics {
        let mut found = Statistics {
            bed_time: bed_time.total(),
            beds: bed_time.beds(),
            ..Statistics::default()
        };
        let mut by_kind: BTreeMap<String, Count> = BTreeMap::new();
        let mut answers = Vec::new();
        for entry in entries {
            let What::Alarm(alarm) = &entry.what else { continue };
            let announced = announced_in(alarm, span);
            if announced.is_empty() {
                continue;
            }
            if alarm.bed.is_none() {
                found.post.alarm(announced);
                continue;
            }
            let of_priority = found.by_priority.entry(Reverse(alarm.priority)).or_default();
            of_priority.alarm(announced.iter().copied());
            by_kind.entry(kind(alarm.condition)).or_default().alarm(announced);
            let answered = alarm.answers().filter_map(|(at, took)| {
                let is_here = at.believed().is_some_and(|at| span.contains(&at));
                took.filter(|_| is_here)
            });
            answers.extend(answered);
        }
        let mut top: Vec<(String, Count)> = by_kind.into_iter().collect();
        top.sort_by_key(|(_, count)| Reverse(count.announced));
        top.truncate(TOP_MAX);
        found.top = top;
        found.acknowledged = answers.len();
        found.acknowledged_after = median(answers);
        found
    }

    /// All announcements at beds.
    pub fn total(&self) -> Count {
        let mut total = Count::default();
        self.by_priority.values().for_each(|count| total.add(*count));
        total
    }
}

/// The announcements of an alarm in a stretch of time.
fn announced_in(alarm: &AlarmEntry, span: &Range<WallTime>) -> Vec<Stretch> {
    let is_here = |stretch: &Stretch| {
        let from = i64::try_from(stretch.from.as_nanos()).map(WallTime::from_unix_ns);
        from.is_ok_and(|from| span.contains(&from))
    };
    stretches(&alarm.counted()).filter(is_here).collect()
}

fn median(mut times: Vec<Duration>) -> Option<Duration> {
    times.sort_unstable();
    let middle = times.get(times.len() / 2)?;
    if times.len() % 2 == 1 {
        return Some(*middle);
    }
    let before = times.get(times.len() / 2 - 1)?;
    Some((*before + *middle) / 2)
}

/// A condition as it is counted: its key, without the number of the one result that a critical laboratory value is of.
pub fn kind(condition: Condition) -> String {
    match condition {
        Condition::LabCritical { side: Side::Low, .. } => "lab_critical.low".to_owned(),
        Condition::LabCritical { side: Side::High, .. } => "lab_critical.high".to_owned(),
        other => other.key(),
    }
}
