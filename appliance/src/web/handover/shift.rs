//! What the card says of a shift: its alarms, and how each value went.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use vitals::{AdmissionId, BedId, Code, Decimal, Lane, Record, Summarised, WallTime};

use super::super::router::{Refused, Served};
use crate::alarm_log::{AlarmEntry, LogError, Wanted, What, search};
use crate::store::{Store, StoreError};

/// Most alarms of a shift that are counted; of more it is said that there are more.
const ALARMS_MAX: usize = 2_000;
/// Most minutes of values that are looked at: a day of 16 beds with 16 values each.
const MINUTES_MAX: usize = 400_000;

/// A shift, as far as it is on the card.
#[derive(Debug, Default)]
pub(super) struct Shift {
    /// When it began; none = no clock can say.
    pub from: Option<WallTime>,
    /// Its alarms, the newest first.
    pub alarms: Vec<AlarmEntry>,
    /// There were more.
    pub more: bool,
    /// How each value of each stay went.
    pub courses: BTreeMap<(AdmissionId, Code), Course>,
}

/// How a value went, minute by minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Course {
    /// Mean of the first minute with a number, and when that was.
    pub first: (WallTime, Decimal),
    /// Lowest reading.
    pub lowest: Decimal,
    /// Highest reading.
    pub highest: Decimal,
    /// Mean of the last minute with a number, and when that was.
    pub last: (WallTime, Decimal),
}

impl Course {
    /// Both together: of two devices, or of two stays of one patient.
    pub fn and(self, other: Course) -> Course {
        Course {
            first: if other.first.0 < self.first.0 {
                other.first
            } else {
                self.first
            },
            lowest: self.lowest.min(other.lowest),
            highest: self.highest.max(other.highest),
            last: if other.last.0 > self.last.0 {
                other.last
            } else {
                self.last
            },
        }
    }
}

pub(super) async fn read(served: &Served, now: WallTime, hours: Duration) -> Result<Shift, Refused> {
    let from = earlier(now, hours);
    served.history.read(move |store| of(store, from, now)).await
}

/// The beds at which an alarm began after this moment.
pub(super) async fn alarmed_since(served: &Served, from: WallTime) -> Result<Vec<BedId>, Refused> {
    let (now, _) = served.clock.wall();
    if now <= from {
        return Ok(Vec::new());
    }
    let found = move |store: &Store| alarms(store, from, now).map(|(alarms, _)| alarms);
    let alarms = served.history.read(found).await?;
    Ok(alarms.into_iter().filter_map(|alarm| alarm.bed).collect())
}

fn of(store: &Store, from: WallTime, to: WallTime) -> Result<Shift, (StatusCode, String)> {
    let (alarms, more) = alarms(store, from, to)?;
    let courses = courses(store, from, to).map_err(|error| unreadable(&error))?;
    Ok(Shift {
        from: Some(from),
        alarms,
        more,
        courses,
    })
}

fn earlier(now: WallTime, by: Duration) -> WallTime {
    let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
    WallTime::from_unix_ns(now.as_unix_ns().saturating_sub(by))
}

fn unreadable(error: &StoreError) -> (StatusCode, String) {
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}

/// The alarms that began in a stretch of time, the newest first, and whether there were more.
fn alarms(
    store: &Store,
    from: WallTime,
    to: WallTime,
) -> Result<(Vec<AlarmEntry>, bool), (StatusCode, String)> {
    let wanted = Wanted {
        from,
        to,
        bed: None,
        text: None,
        priority: None,
    };
    let found = search(store, &wanted, ALARMS_MAX).map_err(|error| match error {
        LogError::Store(error) => unreadable(&error),
        other => (StatusCode::UNPROCESSABLE_ENTITY, other.to_string()),
    })?;
    // By a clock that nobody checked it is told by what that clock said; of what has no time at all nobody can say that it
    // was before this shift.
    let is_in = |wall: Option<WallTime>| wall.is_none_or(|wall| wall >= from && wall < to);
    let entries = found.entries.into_iter().filter(|entry| is_in(entry.at.wall));
    let alarms = entries.filter_map(|entry| match entry.what {
        What::Alarm(alarm) => Some(*alarm),
        _ => None,
    });
    Ok((alarms.collect(), found.more))
}

fn courses(
    store: &Store,
    from: WallTime,
    to: WallTime,
) -> Result<BTreeMap<(AdmissionId, Code), Course>, StoreError> {
    let mut courses: BTreeMap<(AdmissionId, Code), Course> = BTreeMap::new();
    let mut left = MINUTES_MAX;
    store.log()?.between(Lane::Summaries, from..to, |logged| {
        if let Record::Summary(summary) = logged.record
            && let (Some(admission), Summarised::Vital(code), Some(numbers), Some(at)) =
                (summary.admission, summary.of, summary.numbers, logged.wall)
        {
            let minute = Course {
                first: (at, numbers.mean),
                lowest: numbers.lowest,
                highest: numbers.highest,
                last: (at, numbers.mean),
            };
            let course = courses.entry((admission, code)).or_insert(minute);
            *course = course.and(minute);
        }
        left -= 1;
        left > 0
    })?;
    Ok(courses)
}

#[cfg(test)]
mod tests {
    use vitals::{
        AlarmChange, AlarmId, AlarmPhase, AnchorSource, BootId, ClockAnchor, ClockTrust, Condition, Epoch,
        Event, Gathered, Measured, MinuteSummary, MonoTime, Priority, Side, Stamp,
    };

    use super::*;
    use crate::store::StoreOptions;

    const BOOT: BootId = BootId([1; 16]);
    const BEGAN_MS: i64 = 1_800_000_000_000;
    const MINUTE_MS: u64 = 60_000;

    fn alarm(number: u32, minute: u64) -> Record {
        let at = MonoTime::from_ms(minute * MINUTE_MS);
        let stamp = Stamp { boot: BOOT, mono: at };
        Record::Alarm(AlarmChange {
            id: AlarmId {
                epoch: Epoch(1),
                number,
            },
            change: 1,
            condition: Condition::Limit {
                code: Code::Spo2,
                side: Side::Low,
            },
            priority: Priority::High,
            phase: AlarmPhase::Active,
            bed: Some("1".parse().unwrap()),
            device: None,
            admission: Some("a".parse().unwrap()),
            value: Some(Decimal::whole(84)),
            limit: Some(Decimal::whole(90)),
            unit: String::new(),
            text: String::new(),
            crossed: stamp,
            onset: stamp,
            at,
            onsets: 1,
            acknowledged_by: None,
        })
    }

    fn minute(minute: u64, value: i64) -> Record {
        let mut gathered = Gathered::default();
        for value in [value - 1, value, value + 1] {
            gathered.take(Measured::Value(Decimal::whole(value)));
        }
        Record::Summary(MinuteSummary {
            device: "oxi".parse().unwrap(),
            bed: Some("1".parse().unwrap()),
            admission: Some("a".parse().unwrap()),
            at: MonoTime::from_ms(minute * MINUTE_MS),
            of: Summarised::Vital(Code::Spo2),
            numbers: gathered.numbers(),
            absent: 0,
        })
    }

    /// The shift from minute 10 to minute 20 of a boot with alarms and values before, in and after it.
    fn shift(trust: ClockTrust) -> Shift {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::at(folder.path().join("store.redb"));
        let (store, _) = Store::open(&options, BOOT, MonoTime::BOOT, 1).unwrap();
        let event = Event::Anchor(ClockAnchor {
            boot: BOOT,
            mono: MonoTime::BOOT,
            wall: WallTime::from_unix_ms(BEGAN_MS),
            trust,
            source: AnchorSource::SystemStart,
        });
        store.append(Record::Event {
            at: MonoTime::BOOT,
            event,
        });
        for (number, at) in [(1, 5), (2, 12), (3, 15), (4, 25)] {
            store.append(alarm(number, at));
        }
        for (at, value) in [(5, 50), (11, 97), (12, 80), (13, 90), (25, 40)] {
            store.append(minute(at, value));
        }
        store.flush().unwrap();
        let at = |minute: i64| WallTime::from_unix_ms(BEGAN_MS + minute * 60_000);
        of(&store, at(10), at(20)).unwrap()
    }

    #[test]
    fn a_shift_has_the_alarms_that_began_in_it_and_how_each_value_went() {
        let shift = shift(ClockTrust::Synchronised);
        let numbers: Vec<u32> = shift.alarms.iter().map(|alarm| alarm.id.number).collect();
        assert_eq!((numbers, shift.more), (vec![3, 2], false));
        let course = shift.courses[&("a".parse().unwrap(), Code::Spo2)];
        let numbers = [course.first.1, course.lowest, course.highest, course.last.1];
        assert_eq!(numbers.map(|number| number.to_string()), ["97", "79", "98", "90"]);
    }

    #[test]
    fn i8_by_a_clock_that_nobody_checked_alarms_are_counted_and_not_passed_over() {
        let shift = shift(ClockTrust::Untrusted);
        let mut numbers: Vec<u32> = shift.alarms.iter().map(|alarm| alarm.id.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [2, 3]);
    }
}
