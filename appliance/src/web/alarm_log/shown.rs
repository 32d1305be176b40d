//! What is answered of the log of alarms.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use vitals::delivery::State;
use vitals::{
    AdmissionId, AlarmId, AlarmPhase, BedId, ClockTrust, Condition, Decimal, DeviceId, Priority, WallTime,
};

use crate::alarm_log::{AlarmEntry, Change, Count, Entry, Happened, Moment, Page, Statistic, What};

/// The log of alarms, the newest entry first; those whose time nobody knows come last.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "AlarmLog")]
pub(in crate::web) struct Log {
    entries: Vec<LogEntry>,
    /// There is more.
    more: bool,
    /// Nothing before that moment was read, in ms since 1970: ask again with it as `to`. Null = all that was asked for.
    read_from: Option<i64>,
}

/// One entry.
#[derive(JsonSchema, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LogEntry {
    /// An alarm, from its begin to its end.
    Alarm(Box<LoggedAlarm>),
    /// Limits that a person set.
    Limits(LoggedChange),
    /// Signals that a person paused.
    Signals(LoggedChange),
    /// The post recorded nothing.
    Gap {
        at: MomentShown,
        /// When it recorded again.
        until: MomentShown,
    },
}

/// When something happened.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Moment")]
struct MomentShown {
    /// In ms since 1970; null = no clock was ever known.
    wall: Option<i64>,
    /// How far that is to be trusted.
    trust: ClockTrust,
}

/// An alarm in the log.
#[derive(JsonSchema, Serialize)]
struct LoggedAlarm {
    at: MomentShown,
    alarm: AlarmId,
    bed: Option<BedId>,
    /// Of whom.
    stay: Option<AdmissionId>,
    condition: Condition,
    /// What its map calls a value about the post, or the test of a laboratory result; may be empty.
    text: String,
    unit: String,
    device: Option<DeviceId>,
    /// As it began.
    priority_first: Priority,
    /// The most urgent that it was.
    priority: Priority,
    /// The value with which it began.
    value: Option<Decimal>,
    /// The worst.
    worst: Option<Decimal>,
    limit: Option<Decimal>,
    /// When the condition began.
    crossed: MomentShown,
    ended: Option<MomentShown>,
    phase: AlarmPhase,
    /// How often it was announced.
    onsets: u32,
    /// What became of it at the centre.
    doctors: Option<State>,
    steps: Vec<LogStep>,
}

/// A step of an alarm.
#[derive(JsonSchema, Serialize)]
struct LogStep {
    at: MomentShown,
    /// What happened, by its key.
    what: &'static str,
    /// Who did it.
    by: Option<String>,
    /// From which screen or address.
    from: Option<String>,
}

/// What a person changed.
#[derive(JsonSchema, Serialize)]
struct LoggedChange {
    at: MomentShown,
    bed: Option<BedId>,
    /// Of whom.
    stay: Option<AdmissionId>,
    before: Option<String>,
    after: String,
    by: Option<String>,
    /// From which screen or address.
    from: Option<String>,
}

/// What the log counts over a stretch of time.
#[derive(JsonSchema, Serialize)]
pub(in crate::web) struct Figures {
    /// In ms since 1970.
    from: i64,
    to: i64,
    /// Days on which a bed had somebody in it, all beds together.
    bed_days: f64,
    /// Beds that had somebody in them.
    beds: usize,
    total: Counted,
    by_priority: Vec<OfPriority>,
    /// The conditions that alarmed most.
    top: Vec<OfCondition>,
    /// About the post itself.
    post: OfPost,
    /// Alarms that a person acknowledged.
    acknowledged: usize,
    /// The middle of how long that took, in seconds.
    acknowledged_after_s: Option<f64>,
    /// Entries whose time is not to be trusted.
    doubtful: usize,
}

/// How often something alarmed.
#[derive(JsonSchema, Serialize)]
struct Counted {
    alarms: u32,
    /// How often they were announced.
    announced: u32,
    per_bed_day: Option<f64>,
    /// How many were over soon and by themselves, of a hundred.
    soon_over_percent: Option<f64>,
}

#[derive(JsonSchema, Serialize)]
struct OfPriority {
    priority: Priority,
    #[serde(flatten)]
    counted: Counted,
}

#[derive(JsonSchema, Serialize)]
struct OfCondition {
    /// By its key.
    condition: String,
    #[serde(flatten)]
    counted: Counted,
}

#[derive(JsonSchema, Serialize)]
struct OfPost {
    alarms: u32,
    announced: u32,
}

impl From<Page> for Log {
    fn from(page: Page) -> Log {
        Log {
            entries: page.entries.into_iter().map(LogEntry::from).collect(),
            more: page.more,
            read_from: page.read_from.map(WallTime::as_unix_ms),
        }
    }
}

impl From<Moment> for MomentShown {
    fn from(at: Moment) -> MomentShown {
        MomentShown {
            wall: at.wall.map(WallTime::as_unix_ms),
            trust: at.trust,
        }
    }
}

impl From<Entry> for LogEntry {
    fn from(Entry { at, what }: Entry) -> LogEntry {
        match what {
            What::Alarm(alarm) => LogEntry::Alarm(Box::new(of_alarm(at, *alarm))),
            What::Limits(change) => LogEntry::Limits(of_change(at, change)),
            What::Signals(change) => LogEntry::Signals(of_change(at, change)),
            What::Gap(until) => LogEntry::Gap {
                at: at.into(),
                until: until.into(),
            },
        }
    }
}

fn of_alarm(at: Moment, alarm: AlarmEntry) -> LoggedAlarm {
    let step = |step: Happened| LogStep {
        at: step.at.into(),
        what: step.what.key(),
        by: step.by,
        from: step.from,
    };
    LoggedAlarm {
        at: at.into(),
        alarm: alarm.id,
        bed: alarm.bed,
        stay: alarm.admission,
        condition: alarm.condition,
        text: alarm.text,
        unit: alarm.unit,
        device: alarm.device,
        priority_first: alarm.priority_first,
        priority: alarm.priority,
        value: alarm.value,
        worst: alarm.worst,
        limit: alarm.limit,
        crossed: alarm.crossed.into(),
        ended: alarm.ended.map(MomentShown::from),
        phase: alarm.phase,
        onsets: alarm.onsets,
        doctors: alarm.answered,
        steps: alarm.steps.into_iter().map(step).collect(),
    }
}

fn of_change(at: Moment, change: Change) -> LoggedChange {
    LoggedChange {
        at: at.into(),
        bed: change.bed,
        stay: change.admission,
        before: change.before,
        after: change.after,
        by: change.by,
        from: change.from,
    }
}

impl Figures {
    pub(super) fn of(found: &Statistic, from: i64, to: i64) -> Figures {
        let figures = &found.figures;
        let count = |count: &Count| Counted {
            alarms: count.alarms,
            announced: count.announced,
            per_bed_day: count.per_bed_day(figures.bed_time),
            soon_over_percent: count.soon_over_percent(),
        };
        let by_priority = figures.by_priority.iter().map(|(priority, of)| OfPriority {
            priority: priority.0,
            counted: count(of),
        });
        let top = figures.top.iter().map(|(condition, of)| OfCondition {
            condition: condition.clone(),
            counted: count(of),
        });
        Figures {
            from,
            to,
            bed_days: figures.bed_time.as_secs_f64() / 86_400.0,
            beds: figures.beds,
            total: count(&figures.total()),
            by_priority: by_priority.collect(),
            top: top.collect(),
            post: OfPost {
                alarms: figures.post.alarms,
                announced: figures.post.announced,
            },
            acknowledged: figures.acknowledged,
            acknowledged_after_s: figures.acknowledged_after.as_ref().map(Duration::as_secs_f64),
            doubtful: found.doubtful,
        }
    }
}
