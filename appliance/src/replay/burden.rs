//! What a replay told, alarm by alarm, and how much of it a nurse would have had to hear.
//!
//! It is counted as the log of a post counts ([`crate::alarm_log`]). Nobody acknowledges in a replay, so whatever ends, ends
//! by itself.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{AlarmChange, AlarmId, Condition, Decimal, MonoTime, Priority};

use super::bed::Played;
use crate::alarm_log::{Announcing, Count, Step, stretches};

/// One alarm of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What.
    pub condition: Condition,
    /// How urgent.
    pub priority: Priority,
    /// The worst value.
    pub value: Option<Decimal>,
    /// The limit that it crossed.
    pub limit: Option<Decimal>,
    /// From its onset on.
    pub steps: Vec<Step>,
}

impl Told {
    /// When it was first announced.
    pub fn onset(&self) -> Duration {
        self.steps.first().map_or(Duration::ZERO, |step| step.at)
    }

    /// Each stretch from an announcement until the condition was gone; `None` = it was still there at the end.
    pub fn stretches(&self) -> impl Iterator<Item = (Duration, Option<Duration>)> {
        stretches(&self.steps).map(|stretch| (stretch.from, stretch.over))
    }

    /// How long its condition was there, and whether it still was when the recording ended.
    pub fn lasted(&self, length: Duration) -> (Duration, bool) {
        let mut lasted = (Duration::ZERO, false);
        for (from, to) in self.stretches() {
            lasted.0 += to.unwrap_or(length).saturating_sub(from);
            lasted.1 |= to.is_none();
        }
        lasted
    }
}

/// The alarms of a replay in the order of their onsets.
pub fn alarms(played: &Played) -> Vec<Told> {
    let mut order: Vec<AlarmId> = Vec::new();
    let mut told: BTreeMap<AlarmId, (Told, Announcing)> = BTreeMap::new();
    let (steps, open) = played.changes.split_at(played.steps);
    for change in steps {
        let (alarm, announcing) = told.entry(change.id).or_insert_with(|| {
            order.push(change.id);
            (first(change), Announcing::default())
        });
        (alarm.value, alarm.priority) = (change.value, change.priority.max(alarm.priority));
        alarm.steps.push(Step {
            at: change.at.since(MonoTime::BOOT),
            phase: change.phase,
            announced: announcing.is_with(change.phase, change.onsets),
        });
    }
    for change in open {
        if let Some((alarm, _)) = told.get_mut(&change.id) {
            alarm.value = change.value;
        }
    }
    order
        .iter()
        .filter_map(|id| told.remove(id))
        .map(|(alarm, _)| alarm)
        .collect()
}

fn first(change: &AlarmChange) -> Told {
    Told {
        condition: change.condition,
        priority: change.priority,
        value: change.value,
        limit: change.limit,
        steps: Vec::new(),
    }
}

/// What some recordings told together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Burden {
    /// How many were judged.
    pub recordings: u32,
    /// How many of these told nothing at all.
    pub quiet: u32,
    /// How long they are together.
    pub bed_time: Duration,
    /// Most urgent first.
    pub by_condition: BTreeMap<(Reverse<Priority>, String), Count>,
    /// The longest time in one of them without an alarm whose condition was there.
    pub longest_quiet: Duration,
}

impl Burden {
    /// Adds a recording.
    pub fn add(&mut self, length: Duration, told: &[Told]) {
        self.recordings += 1;
        self.quiet += u32::from(told.is_empty());
        self.bed_time += length;
        self.longest_quiet = self.longest_quiet.max(longest_quiet(length, told));
        for alarm in told {
            let key = (Reverse(alarm.priority), alarm.condition.key());
            let count = self.by_condition.entry(key).or_default();
            count.alarm(stretches(&alarm.steps));
        }
    }

    /// All of one priority; `None` = of every.
    pub fn total(&self, of: Option<Priority>) -> Count {
        let mut total = Count::default();
        let rows = self.by_condition.iter();
        for (_, count) in rows.filter(|((priority, _), _)| of.is_none_or(|of| priority.0 == of)) {
            total.add(*count);
        }
        total
    }
}

fn longest_quiet(length: Duration, told: &[Told]) -> Duration {
    let mut loud: Vec<(Duration, Duration)> = told
        .iter()
        .flat_map(Told::stretches)
        .map(|(from, to)| (from, to.unwrap_or(length)))
        .collect();
    loud.push((length, length));
    loud.sort();
    let (mut longest, mut quiet_since) = (Duration::ZERO, Duration::ZERO);
    for (from, to) in loud {
        longest = longest.max(from.saturating_sub(quiet_since));
        quiet_since = quiet_since.max(to);
    }
    longest
}

#[cfg(test)]
mod tests {
    use vitals::AlarmPhase;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn told(key: &str, priority: Priority, steps: &[(u64, AlarmPhase)]) -> Told {
        let step = |(at, phase): &(u64, AlarmPhase)| Step {
            at: s(*at),
            phase: *phase,
            announced: *phase == AlarmPhase::Active,
        };
        Told {
            condition: key.parse().unwrap(),
            priority,
            value: None,
            limit: None,
            steps: steps.iter().map(step).collect(),
        }
    }

    #[test]
    fn what_returns_is_one_alarm_two_announcements_and_only_a_short_one_was_not_worth_a_walk() {
        use AlarmPhase::{Active, Ended, Latched};
        let restless = told(
            "probe_off.spo2",
            Priority::Low,
            &[(10, Active), (25, Ended), (40, Active), (56, Ended)],
        );
        let deep = told("desaturation", Priority::High, &[(50, Active), (90, Latched)]);
        let open = told("desaturation", Priority::High, &[(120, Active)]);
        assert_eq!(restless.lasted(s(130)), (s(31), false));
        assert_eq!(
            (deep.lasted(s(130)), open.lasted(s(130))),
            ((s(40), false), (s(10), true))
        );
        let mut burden = Burden::default();
        burden.add(s(130), &[restless, deep, open]);
        burden.add(s(20), &[]);
        assert_eq!((burden.recordings, burden.quiet, burden.bed_time), (2, 1, s(150)));
        let low = Count {
            alarms: 1,
            announced: 2,
            soon_over: 1,
        };
        assert_eq!(burden.total(Some(Priority::Low)), low);
        assert_eq!(burden.total(None).announced, 4);
        assert_eq!(burden.total(None).soon_over_percent(), Some(25.0));
        assert_eq!(burden.total(None).per_bed_day(s(43_200)), Some(8.0));
        // From 90 s, when the condition was gone although latched, to 120 s; 10 s before the first, 15 s between.
        assert_eq!(burden.longest_quiet, s(30));
        assert_eq!(burden.by_condition.keys().next().unwrap().1, "desaturation");
    }

    #[test]
    fn nothing_told_is_quiet_from_begin_to_end_and_has_no_share_of_anything() {
        let mut burden = Burden::default();
        assert_eq!(burden.total(None).per_bed_day(burden.bed_time), None);
        burden.add(s(481), &[]);
        assert_eq!(burden.longest_quiet, s(481));
        assert_eq!(burden.total(None).soon_over_percent(), None);
    }
}
