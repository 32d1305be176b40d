//! When which rung of a ladder is due for which alarm (T3).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vitals::delivery::{Act, CALLED_MAX, CENTRE_ITSELF, Deed};
use vitals::{AlarmId, MonoTime, PostId, Priority, WallTime};

use super::Known;
use super::ladder::Whom;
use crate::clock::Moment;

/// The most calls of one round; the rest follow in the next, a second later. A doctor's own deed never waits behind more.
pub const CALLS_PER_ROUND_MAX: usize = 16;

/// An open alarm, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which alarm.
    pub alarm: AlarmId,
    /// How urgent it is now.
    pub priority: Priority,
    /// Since when nobody answers for it, by the wall clock; only asked where the time was not followed from then on.
    pub since: WallTime,
    /// It stood in the store already when this run of the centre began.
    pub is_old: bool,
    /// It is past: an alarm of an outage, of which nobody says that it holds.
    pub is_past: bool,
    /// Its post was heard since this run of the centre began; before that nobody knows whether an old alarm still holds.
    pub is_heard: bool,
    /// The rungs that were called for it.
    pub called: BTreeSet<(Priority, u32)>,
}

/// A call that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// At which post.
    pub post: PostId,
    /// What is told.
    pub deed: Deed,
    /// The command by which it is told: the same rung of the same alarm is the same command, whoever gives it and however
    /// often.
    pub command: u128,
}

/// The time of each open alarm, followed by the monotonic clock: a wall clock that jumps neither loses nor doubles a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    watches: BTreeMap<PostId, BTreeMap<AlarmId, Watch>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Watch {
    priority: Priority,
    from: MonoTime,
    /// How long it had waited by then.
    before: Duration,
}

impl Calls {
    /// Follows the open alarms of one post; forgets all others of it.
    pub fn follow(&mut self, post: &PostId, cases: &[Case], now: Moment) {
        if cases.is_empty() {
            self.watches.remove(post);
            return;
        }
        let watches = self.watches.entry(post.clone()).or_default();
        let open: BTreeSet<AlarmId> = cases.iter().map(|case| case.alarm).collect();
        watches.retain(|alarm, _| open.contains(alarm));
        for case in cases {
            match watches.get_mut(&case.alarm) {
                Some(watch) if watch.priority >= case.priority => {}
                // More urgent than it was: another ladder, from its beginning.
                Some(watch) => *watch = Watch::new(case.priority, now.mono),
                None => {
                    let mut watch = Watch::new(case.priority, now.mono);
                    if case.is_old {
                        let waited = now.wall.as_unix_ns().saturating_sub(case.since.as_unix_ns());
                        watch.before = Duration::from_nanos(u64::try_from(waited).unwrap_or(0));
                    }
                    watches.insert(case.alarm, watch);
                }
            }
        }
    }

    /// The rungs that are due for an alarm that is followed, lowest first. `is_answered` is asked only where one is.
    pub fn due(
        &mut self,
        post: &PostId,
        case: &Case,
        (centre, known): (&str, &Known),
        now: Moment,
        is_answered: impl FnOnce() -> bool,
    ) -> Vec<Call> {
        let watches = self.watches.get_mut(post);
        let Some(watch) = watches.and_then(|watches| watches.get_mut(&case.alarm)) else {
            return Vec::new();
        };
        // What is past calls nobody; when it is announced afresh it waits from then on.
        if case.is_past || !known.duty.in_use {
            *watch = Watch::new(watch.priority, now.mono);
            return Vec::new();
        }
        if !case.is_heard {
            return Vec::new();
        }
        let waited = watch.before + now.mono.since(watch.from);
        let rungs = known.duty.ladders.of(case.priority);
        let due: Vec<(u32, &Whom)> = (1..)
            .zip(rungs)
            .filter(|(number, rung)| {
                let after = Duration::from_secs(60 * u64::from(rung.after_min));
                waited >= after && !case.called.contains(&(case.priority, *number))
            })
            .map(|(number, rung)| (number, &rung.whom))
            .collect();
        if due.is_empty() {
            return Vec::new();
        }
        // Where somebody answers for it and stops later, it waits from then on.
        if is_answered() {
            *watch = Watch::new(watch.priority, now.mono);
            return Vec::new();
        }
        let call = |(rung, whom): (u32, &Whom)| Call {
            post: post.clone(),
            deed: Deed {
                alarm: case.alarm,
                by: centre.to_owned(),
                by_id: CENTRE_ITSELF.to_owned(),
                act: Act::Called {
                    priority: case.priority,
                    rung,
                    to: people(whom, known, now.wall),
                },
            },
            command: command(case.alarm, case.priority, rung),
        };
        due.into_iter().map(call).collect()
    }
}

impl Watch {
    fn new(priority: Priority, from: MonoTime) -> Watch {
        let before = Duration::ZERO;
        Watch {
            priority,
            from,
            before,
        }
    }
}

/// Names and accounts; nobody = every doctor.
fn people(whom: &Whom, known: &Known, now: WallTime) -> Vec<(String, String)> {
    match whom {
        Whom::OnDuty => {
            let present = known.present(now).into_iter().take(CALLED_MAX);
            present.map(|present| (present.name, present.id)).collect()
        }
        Whom::Doctor { id } => {
            let name = known.doctors.get(id);
            name.map(|name| (name.clone(), id.clone())).into_iter().collect()
        }
        Whom::Everyone => Vec::new(),
    }
}

/// Epoch and number of the alarm, then the ladder and the rung.
fn command(alarm: AlarmId, priority: Priority, rung: u32) -> u128 {
    let ladder = match priority {
        Priority::Low => 1,
        Priority::Medium => 2,
        Priority::High => 3,
    };
    let of_alarm = (u128::from(alarm.epoch.0) << 64) | (u128::from(alarm.number) << 32);
    of_alarm | (ladder << 8) | u128::from(rung & 0xff)
}
