//! Entries out of records, which may come in any order.

use std::collections::{BTreeMap, HashMap};

use alarms::is_moment;
use vitals::alarm::{Inactivation, SignalPlace};
use vitals::audit::{Actor, Outcome, Telling};
use vitals::delivery::{Act, State};
use vitals::{AlarmChange, AlarmId, AlarmPhase, Event, Record, Stamp};

use super::count::Announcing;
use super::entries::{AlarmEntry, Change, Entry, Happened, Moment, StepOf, What};
use crate::store::Logged;

/// One change of an alarm, and when that was.
struct Changed {
    at: Moment,
    stamp: Stamp,
    change: AlarmChange,
}

/// One record of signals.
struct Rested {
    at: Moment,
    stamp: Stamp,
    place: SignalPlace,
    what: Inactivation,
}

/// What was read so far.
#[derive(Default)]
pub struct Gathered {
    changes: BTreeMap<AlarmId, BTreeMap<u32, Changed>>,
    begun: Vec<AlarmId>,
    answers: BTreeMap<AlarmId, Vec<Happened>>,
    /// From where somebody acknowledged an alarm: their word and its record have one time.
    screens: BTreeMap<AlarmId, Vec<(Stamp, String)>>,
    limits: Vec<Entry>,
    rested: Vec<Rested>,
    /// From where somebody paused signals, likewise.
    rested_from: HashMap<Stamp, String>,
}

impl Gathered {
    /// Takes a record in. A record that comes twice changes nothing where it is of an alarm; others must come once.
    pub fn take(&mut self, logged: Logged) {
        let at = Moment {
            wall: logged.wall,
            trust: logged.trust,
        };
        match logged.record {
            Record::Alarm(change) => {
                let changed = Changed {
                    at,
                    stamp: logged.at,
                    change,
                };
                if changed.change.change == 1 {
                    self.begun.push(changed.change.id);
                }
                let known = self.changes.entry(changed.change.id).or_default();
                known.insert(changed.change.change, changed);
            }
            Record::Event { event, .. } => self.event(event, at, logged.at),
            _ => {}
        }
    }

    fn event(&mut self, event: Event, at: Moment, stamp: Stamp) {
        match event {
            Event::Audited(entry) if entry.deed.told.outcome == Outcome::Done => {
                self.told(&entry.deed.told, at, stamp);
            }
            Event::Signals { place, what } => self.rested.push(Rested {
                at,
                stamp,
                place,
                what,
            }),
            Event::Seen { alarm, by, .. } => {
                self.answered(alarm, at, StepOf::Answered(State::Read), Some(by));
            }
            Event::Deed { deed, .. } => {
                let what = match &deed.act {
                    Act::Offered { .. } | Act::Declined => StepOf::Handed,
                    act => act.state().map_or(StepOf::Handed, StepOf::Answered),
                };
                self.answered(deed.alarm, at, what, Some(deed.by));
            }
            Event::Expired { alarm } => self.answered(alarm, at, StepOf::Answered(State::Expired), None),
            _ => {}
        }
    }

    fn answered(&mut self, alarm: AlarmId, at: Moment, what: StepOf, by: Option<String>) {
        let from = None;
        self.answers
            .entry(alarm)
            .or_default()
            .push(Happened { at, what, by, from });
    }

    /// What the audit says of alarms.
    fn told(&mut self, told: &Telling, at: Moment, stamp: Stamp) {
        match told.action.as_str() {
            "acknowledge" => {
                if let Some(alarm) = named(told, "alarm:").and_then(|alarm| alarm.parse().ok()) {
                    let screens = self.screens.entry(alarm).or_default();
                    screens.push((stamp, told.from.clone()));
                }
            }
            "pause_signals" | "resume_signals" => {
                self.rested_from.insert(stamp, told.from.clone());
            }
            "set_limits" => self.limits.push(Entry {
                at,
                what: What::Limits(Change {
                    bed: named(told, "bed:").and_then(|bed| bed.parse().ok()),
                    admission: named(told, "admission:").and_then(|stay| stay.parse().ok()),
                    before: told.before.as_ref().map(|words| words.reveal().clone()),
                    after: told
                        .after
                        .as_ref()
                        .map(|words| words.reveal().clone())
                        .unwrap_or_default(),
                    by: match &told.who {
                        Actor::Person { name, .. } | Actor::Centre { name, .. } => {
                            Some(name.reveal().clone())
                        }
                        Actor::System { user } => Some(user.clone()),
                        Actor::Post | Actor::Nobody => None,
                    },
                    from: Some(told.from.clone()),
                }),
            }),
            _ => {}
        }
    }

    /// Takes in what was recorded later, as far as it is of an alarm that was met.
    pub fn take_later(&mut self, logged: Logged) {
        let alarm = match &logged.record {
            Record::Alarm(change) => Some(change.id),
            Record::Event { event, .. } => of_alarm(event),
            _ => None,
        };
        if alarm.is_some_and(|alarm| self.changes.contains_key(&alarm)) {
            self.take(logged);
        }
    }

    /// The alarms whose beginning was met since this was asked last, as far as they are known.
    pub fn begun(&mut self) -> Vec<Entry> {
        let begun = std::mem::take(&mut self.begun);
        begun.into_iter().filter_map(|id| self.entry(id)).collect()
    }

    /// Forgets an alarm.
    pub fn forget(&mut self, alarm: AlarmId) {
        self.changes.remove(&alarm);
    }

    /// What is no alarm: how many entries of those that are looked for.
    pub fn others(&self, fits: impl Fn(&Entry) -> bool) -> usize {
        let signals = self.signals();
        self.limits
            .iter()
            .chain(&signals)
            .filter(|entry| fits(entry))
            .count()
    }

    /// The entries, newest first; those whose time nobody knows come last. An alarm whose beginning was not met is among
    /// them with what was met of it, and has no [`StepOf::Began`].
    pub fn entries(mut self) -> Vec<Entry> {
        let mut entries = self.signals();
        entries.append(&mut self.limits);
        entries.extend(self.changes.keys().filter_map(|id| self.entry(*id)));
        // Stable: what began at the same time stays in the order of its ids.
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.at.believed(), entry.at.wall)));
        entries
    }

    fn entry(&self, id: AlarmId) -> Option<Entry> {
        let answers = self.answers.get(&id).map_or(&[][..], Vec::as_slice);
        let screens = self.screens.get(&id).map_or(&[][..], Vec::as_slice);
        entry(self.changes.get(&id)?, answers, screens)
    }

    fn signals(&self) -> Vec<Entry> {
        let mut rested: Vec<&Rested> = self.rested.iter().collect();
        rested.sort_by_key(|rested| (rested.at.believed(), rested.at.wall));
        let mut last: BTreeMap<&SignalPlace, String> = BTreeMap::new();
        let entry = |rested: &'_ Rested, before| {
            let by = rested.what.by().map(str::to_owned);
            let from = by.as_ref().and_then(|_| self.rested_from.get(&rested.stamp));
            Entry {
                at: rested.at,
                what: What::Signals(Change {
                    bed: rested.place.clone(),
                    admission: None,
                    before,
                    after: after(&rested.what),
                    by,
                    from: from.cloned(),
                }),
            }
        };
        let entries = rested.into_iter().map(|rested| {
            let before = last.insert(&rested.place, after(&rested.what));
            entry(rested, before)
        });
        entries.collect()
    }
}

/// What became of signals, in the words of the log.
fn after(what: &Inactivation) -> String {
    match what {
        Inactivation::Paused { what, .. } => what.key().to_owned(),
        Inactivation::Enabled(why) => format!("enabled, {}", why.key()),
    }
}

/// One alarm out of its changes, in their order.
fn entry(
    changes: &BTreeMap<u32, Changed>,
    answers: &[Happened],
    screens: &[(Stamp, String)],
) -> Option<Entry> {
    let (_, first) = changes.first_key_value()?;
    let (_, last) = changes.last_key_value()?;
    let (at, onset, latest) = (first.at, first.change.clone(), last.change.clone());
    let is_same_boot = onset.crossed.boot == first.stamp.boot;
    let waited = first.stamp.mono.since(onset.crossed.mono);
    let mut steps = Vec::new();
    let mut before: Option<&AlarmChange> = None;
    let mut announcing = Announcing::default();
    for changed in changes.values() {
        let announced = announcing.is_with(changed.change.phase, changed.change.onsets);
        steps.extend(steps_of(changed, before, announced, screens));
        before = Some(&changed.change);
    }
    steps.extend(answers.iter().cloned());
    // Stable: what happened at one moment stays in its order, and nothing without a time changes places.
    if steps.iter().all(|step| step.at.believed().is_some()) {
        steps.sort_by_key(|step| step.at.wall);
    }
    let most = changes.values().map(|changed| changed.change.priority).max();
    let states = answers.iter().filter_map(|step| match step.what {
        StepOf::Answered(state) => Some(state),
        _ => None,
    });
    let alarm = AlarmEntry {
        id: onset.id,
        bed: onset.bed,
        admission: onset.admission,
        condition: onset.condition,
        unit: onset.unit,
        text: onset.text,
        device: onset.device,
        priority_first: onset.priority,
        priority: most.unwrap_or(onset.priority),
        value: onset.value,
        worst: latest.value,
        limit: onset.limit,
        crossed: if is_same_boot { at.back(waited) } else { at },
        ended: (latest.phase == AlarmPhase::Ended).then_some(last.at),
        phase: latest.phase,
        onsets: latest.onsets,
        answered: states.max(),
        steps,
    };
    let what = What::Alarm(Box::new(alarm));
    Some(Entry { at, what })
}

/// What happened with one change. One that is met without the one before it says nothing of what came in between.
fn steps_of(
    changed: &Changed,
    before: Option<&AlarmChange>,
    announced: bool,
    screens: &[(Stamp, String)],
) -> Vec<Happened> {
    let change = &changed.change;
    let person = change.acknowledged_by.clone();
    let is_new = before.is_none_or(|before| before.acknowledged_by.is_none());
    let by = person.filter(|_| is_new);
    let was_latched = before.is_some_and(|before| before.phase == AlarmPhase::Latched);
    let step = |what, by: Option<String>| {
        let mut from = screens.iter().filter(|(stamp, _)| *stamp == changed.stamp);
        let from = by
            .as_ref()
            .and_then(|_| from.next())
            .map(|(_, from)| from.clone());
        let at = changed.at;
        Happened { at, what, by, from }
    };
    match change.phase {
        AlarmPhase::Active if change.change == 1 => vec![step(StepOf::Began, None)],
        AlarmPhase::Active if announced && before.is_some() => vec![step(StepOf::Again, None)],
        AlarmPhase::Active => {
            let raised = before.is_some_and(|before| change.priority > before.priority);
            raised.then(|| step(StepOf::Raised, None)).into_iter().collect()
        }
        AlarmPhase::Acknowledged if by.is_some() => vec![step(StepOf::Acknowledged, by)],
        AlarmPhase::Acknowledged => Vec::new(),
        AlarmPhase::Latched => vec![step(StepOf::Latched, None)],
        AlarmPhase::Ended if by.is_some() && (was_latched || is_moment(&change.condition)) => {
            vec![step(StepOf::Acknowledged, by), step(StepOf::Ended, None)]
        }
        AlarmPhase::Ended => vec![step(StepOf::Ended, by)],
    }
}

/// Which alarm an event is about.
fn of_alarm(event: &Event) -> Option<AlarmId> {
    match event {
        Event::Seen { alarm, .. } | Event::Expired { alarm } => Some(*alarm),
        Event::Deed { deed, .. } => Some(deed.alarm),
        Event::Audited(entry) if entry.deed.told.action == "acknowledge" => {
            named(&entry.deed.told, "alarm:")?.parse().ok()
        }
        _ => None,
    }
}

/// What the subject of an audit entry names: `alarm:…`, `bed:…`, `admission:…`.
fn named<'a>(told: &'a Telling, name: &str) -> Option<&'a str> {
    let mut parts = told.subject.split(' ');
    parts.find_map(|part| part.strip_prefix(name))
}
