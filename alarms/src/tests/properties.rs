//! Random histories of two beds, one look a second or less: what must hold whatever happens (I5, I6, I9).

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{Pauses, Pausing};
use vitals::alarm::{Inactivation, Inactive};

const BEDS: [&str; 2] = ["1", "2"];
const PEOPLE: [&str; 2] = ["Grace", "Amina"];

#[derive(Clone, Debug)]
enum Step {
    /// A second goes by, and these are the looks of each bed: SpO2, heart rate.
    Looks([(Look, Look); 2]),
    /// Nobody looks for some time.
    Quiet { ms: u64 },
    /// The n-th open alarm is acknowledged.
    Acknowledge { which: usize, by: usize },
    /// The device of a bed is heard, or not.
    Silent { bed: usize, holds: bool },
    /// The process starts anew with what is recorded.
    Restart,
}

#[derive(Clone, Copy, Debug)]
enum Look {
    Value(i64),
    Off,
    Searching,
    /// The device says nothing of it.
    Nothing,
}

fn look(values: &'static [i64]) -> impl Strategy<Value = Look> {
    prop_oneof![
        8 => prop::sample::select(values).prop_map(Look::Value),
        1 => Just(Look::Off),
        1 => Just(Look::Searching),
        1 => Just(Look::Nothing),
    ]
}

fn looks() -> impl Strategy<Value = [(Look, Look); 2]> {
    let bed = || {
        (
            look(&[97, 92, 91, 88, 84, 80, 79, 70]),
            look(&[72, 118, 130, 150, 45]),
        )
    };
    [bed(), bed()]
}

/// Runs of the same look, so that delays are over now and then.
fn history() -> impl Strategy<Value = Vec<Step>> {
    let run = (looks(), 1..25_usize).prop_map(|(looks, n)| vec![Step::Looks(looks); n]);
    let one = prop_oneof![
        6 => run,
        1 => prop_oneof![1..3_000_u64, 60_000..900_000_u64].prop_map(|ms| vec![Step::Quiet { ms }]),
        3 => (0..6_usize, 0..2_usize).prop_map(|(which, by)| vec![Step::Acknowledge { which, by }]),
        1 => (0..2_usize, any::<bool>()).prop_map(|(bed, holds)| vec![Step::Silent { bed, holds }]),
        1 => Just(vec![Step::Restart]),
    ];
    prop::collection::vec(one, 1..25).prop_map(|runs| runs.into_iter().flatten().collect())
}

struct World {
    alarms: Alarms,
    now: MonoTime,
    starts: u64,
    told: Vec<AlarmChange>,
}

impl World {
    fn new() -> World {
        World {
            alarms: engine(1),
            now: s(1_000),
            starts: 1,
            told: Vec::new(),
        }
    }

    fn observe(&mut self, bed: &str, code: Code, look: Look) {
        let seen = match look {
            Look::Value(value) => Observation::value(code, Decimal::whole(value)),
            Look::Off => Observation::absent(code, AbsentReason::ProbeOff),
            Look::Searching => Observation::absent(code, AbsentReason::Searching),
            Look::Nothing => return,
        };
        let reading = Reading {
            device: format!("monitor-{bed}").parse().unwrap(),
            bed: Some(bed.parse().unwrap()),
            admission: Some(format!("stay-{bed}").parse().unwrap()),
            at: self.now,
            seen,
        };
        self.alarms.reading(&reading, self.now, &mut self.told);
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Looks(beds) => {
                self.now = self.now + Duration::from_secs(1);
                for (bed, (spo2, hr)) in BEDS.iter().zip(beds) {
                    self.observe(bed, Code::Spo2, *spo2);
                    self.observe(bed, Code::Hr, *hr);
                }
            }
            Step::Quiet { ms } => self.now = self.now + Duration::from_millis(*ms),
            Step::Acknowledge { which, by } => {
                self.alarms.tick(self.now, &mut self.told);
                if let Some(id) = self.alarms.open().get(*which).map(|alarm| alarm.id) {
                    // One that somebody has acknowledged is refused: nothing of it changes.
                    let _ = self.alarms.acknowledge(id, PEOPLE[*by], self.now, &mut self.told);
                }
            }
            Step::Silent { bed, holds } => {
                let place = Place {
                    bed: Some(BEDS[*bed].parse().unwrap()),
                    device: Some(format!("monitor-{}", BEDS[*bed]).parse().unwrap()),
                };
                let told = &mut self.told;
                self.alarms
                    .condition(place, Condition::DeviceSilent, Some(*holds), self.now, told);
            }
            Step::Restart => {
                self.alarms.tick(self.now, &mut self.told);
                let open = self.open();
                self.starts += 1;
                self.alarms = engine(self.starts);
                self.alarms.restore(open, self.now);
            }
        }
    }

    fn open(&self) -> Vec<AlarmChange> {
        self.alarms.open().into_iter().cloned().collect()
    }
}

fn engine(start: u64) -> Alarms {
    let beds = BEDS.map(|bed| (bed.parse().unwrap(), Category::Adult));
    Alarms::new(BootId([1; 16]), Epoch(start), HashMap::from(beds))
}

/// How long the SpO2 of a bed has been known to be beyond its limit: kept apart from the engine, in whole looks.
#[derive(Clone, Copy, Default)]
struct Low {
    looks: u32,
    missing: u32,
}

impl Low {
    fn take(&mut self, look: Look) {
        match look {
            Look::Value(value) if value < 90 => {
                self.looks += 1 + std::mem::take(&mut self.missing);
            }
            Look::Value(_) | Look::Off => *self = Low::default(),
            Look::Searching | Look::Nothing if self.looks > 0 => self.missing += 1,
            Look::Searching | Look::Nothing => {}
        }
        if self.missing > 2 {
            *self = Low::default();
        }
    }
}

/// Whether somebody is called for it, or a named person has acknowledged it.
fn is_answered_for(world: &World, bed: &str, condition: &str) -> bool {
    world.alarms.open().iter().any(|alarm| {
        let here = alarm.bed.as_ref().is_some_and(|at| at.as_str() == bed);
        let calls = alarm.phase == AlarmPhase::Active;
        let named = alarm.phase == AlarmPhase::Acknowledged
            && alarm.acknowledged_by.as_ref().is_some_and(|by| !by.is_empty());
        here && alarm.condition.key() == condition && (calls || named)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn i6_no_high_condition_is_ever_without_a_signal_or_a_named_acknowledgement(history in history()) {
        let mut world = World::new();
        let mut low = [Low::default(); 2];
        for step in &history {
            world.take(step);
            match step {
                Step::Looks(beds) => {
                    for (n, (spo2, _)) in beds.iter().enumerate() {
                        low[n].take(*spo2);
                        if matches!(spo2, Look::Value(value) if *value <= 80) {
                            prop_assert!(is_answered_for(&world, BEDS[n], "desaturation"), "bed {n} at {:?}", world.now);
                        }
                        // The first look begins the delay; ten seconds later it is over.
                        if matches!(spo2, Look::Value(_)) && low[n].looks > 10 {
                            prop_assert!(is_answered_for(&world, BEDS[n], "limit.spo2.low"), "bed {n} at {:?}", world.now);
                        }
                    }
                }
                // What nobody saw is not known to have lasted; a delay that ran is not remembered over a start.
                Step::Quiet { .. } | Step::Restart => low = [Low::default(); 2],
                Step::Acknowledge { .. } | Step::Silent { .. } => {}
            }
        }
    }

    #[test]
    fn i9_an_acknowledgement_answers_for_its_own_alarm_and_no_other(history in history()) {
        let mut world = World::new();
        for step in &history {
            if !matches!(step, Step::Acknowledge { .. }) {
                world.take(step);
                continue;
            }
            world.alarms.tick(world.now, &mut world.told);
            let before = world.open();
            let told = world.told.len();
            world.take(step);
            let touched: BTreeSet<AlarmId> = world.told[told..].iter().map(|change| change.id).collect();
            prop_assert!(touched.len() <= 1);
            let after = world.open();
            for alarm in before.iter().filter(|alarm| !touched.contains(&alarm.id)) {
                prop_assert!(after.contains(alarm), "{alarm:?}");
            }
        }
    }

    #[test]
    fn i1_a_start_keeps_every_alarm_as_it_was(history in history()) {
        let mut world = World::new();
        for step in &history {
            world.take(step);
            world.alarms.tick(world.now, &mut world.told);
            let before = world.open();
            let mut again = engine(99);
            again.restore(before.clone(), world.now);
            let after: Vec<AlarmChange> = again.open().into_iter().cloned().collect();
            prop_assert_eq!(before, after);
            let mut told = Vec::new();
            again.tick(world.now, &mut told);
            prop_assert!(told.is_empty(), "a start by itself tells nothing new: {told:?}");
        }
    }

    #[test]
    fn a11_what_becomes_of_alarms_does_not_depend_on_how_often_time_is_told(
        history in history(),
        ticks in prop::collection::vec(0..1_000_u64, 1..40),
    ) {
        let (mut seldom, mut often) = (World::new(), World::new());
        let mut ticks = ticks.iter().cycle();
        for step in &history {
            seldom.take(step);
            let until = match step {
                Step::Looks(_) => often.now + Duration::from_secs(1),
                Step::Quiet { ms } => often.now + Duration::from_millis(*ms),
                _ => often.now,
            };
            let mut at = often.now;
            for tick in ticks.by_ref().take(5) {
                at = (at + Duration::from_millis(*tick)).min(until);
                often.alarms.tick(at, &mut often.told);
            }
            often.take(step);
        }
        let mut later = Vec::new();
        let end = seldom.now + Duration::from_secs(5_000);
        seldom.alarms.tick(end, &mut seldom.told);
        often.alarms.tick(end, &mut often.told);
        for world in [&mut seldom, &mut often] {
            world.told.sort_by_key(|change| (change.id, change.change));
            later.push(std::mem::take(&mut world.told));
        }
        prop_assert_eq!(&later[0], &later[1]);
        prop_assert_eq!(seldom.open(), often.open());
    }

    #[test]
    fn i9_each_step_of_an_alarm_is_one_of_the_table_and_follows_from_the_one_before(history in history()) {
        let mut world = World::new();
        for step in &history {
            world.take(step);
        }
        world.alarms.tick(world.now + Duration::from_secs(5_000), &mut world.told);
        let mut alarms: BTreeMap<AlarmId, Vec<&AlarmChange>> = BTreeMap::new();
        for change in &world.told {
            alarms.entry(change.id).or_default().push(change);
        }
        for steps in alarms.values() {
            prop_assert_eq!((steps[0].change, steps[0].phase, steps[0].onsets), (1, AlarmPhase::Active, 1));
            for pair in steps.windows(2) {
                let (before, after) = (pair[0], pair[1]);
                prop_assert_eq!(after.change, before.change + 1);
                prop_assert!(after.at >= before.at && after.onset == before.onset && after.crossed == before.crossed);
                prop_assert!(is_allowed(before, after), "{before:?} -> {after:?}");
            }
        }
    }

    #[test]
    fn a12_a_pause_touches_signals_of_its_place_alone_and_only_until_something_new_calls(
        history in history(),
        pauses_at in prop::collection::vec((0..400_usize, 0..3_usize, 0..3_usize), 0..12),
    ) {
        let mut world = World::new();
        let mut pauses = Pauses::default();
        for (n, step) in history.iter().enumerate() {
            let told = world.told.len();
            world.take(step);
            pauses.tick(world.now);
            for change in &world.told[told..] {
                pauses.heard(change);
                let open = world.alarms.open();
                let calls = change.phase == AlarmPhase::Active && open.contains(&change);
                let paused_sound = pauses.in_force().any(|(place, pause)| {
                    pause.what == Inactive::AudioPaused && (place.is_none() || *place == change.bed)
                });
                if calls && change.priority == Priority::High && change.onsets == 1 && change.change == 1 {
                    prop_assert!(!paused_sound, "a new HIGH alarm is never silent by a pause of the sound");
                }
            }
            for (_, place, what) in pauses_at.iter().filter(|(at, ..)| *at == n) {
                let place = BEDS.get(*place).map(|bed| bed.parse().unwrap());
                let before = world.open();
                let pausing = Pausing { place: place.clone(), what: Inactive::ALL[*what], lasts: None };
                let step = pauses.pause(pausing, &world.alarms.open(), "Grace", world.now);
                prop_assert_eq!(before, world.open(), "no alarm is touched");
                if let Ok((_, Inactivation::Paused { by, .. })) = step {
                    prop_assert_eq!(by, "Grace");
                }
            }
            let paused: BTreeSet<_> = pauses.in_force().map(|(place, _)| place.clone()).collect();
            for alarm in world.alarms.open() {
                let covered = paused.contains(&None) || paused.contains(&alarm.bed);
                let calls = matches!(alarm.phase, AlarmPhase::Active | AlarmPhase::Latched);
                prop_assert_eq!(pauses.sounds(alarm), calls && !covered, "{:?}", alarm);
            }
        }
    }
}

/// The arrows of the state table.
fn is_allowed(before: &AlarmChange, after: &AlarmChange) -> bool {
    use AlarmPhase::{Acknowledged, Active, Ended, Latched};
    let again = after.onsets == before.onsets + 1 && after.acknowledged_by.is_none();
    let same = after.onsets == before.onsets && after.acknowledged_by == before.acknowledged_by;
    match (before.phase, after.phase) {
        // Nobody came: more urgent.
        (Active, Active) => same && after.priority > before.priority,
        (Active, Latched) => same && before.condition.rule().latching,
        (Active | Acknowledged, Ended) => same,
        (Active, Acknowledged) | (Latched, Ended) => {
            let named = after
                .acknowledged_by
                .as_ref()
                .is_some_and(|by| PEOPLE.contains(&by.as_str()));
            after.onsets == before.onsets && (named || before.phase == Latched)
        }
        // It is worse, or still there: nobody has answered that yet.
        (Acknowledged, Active) => again,
        // The same alarm again.
        (Ended, Active) => again && !before.condition.rule().same_alarm_within.is_zero(),
        _ => false,
    }
}
