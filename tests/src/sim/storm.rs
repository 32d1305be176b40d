//! An alarm storm: 200 alarms in a minute for ten minutes, the link away for three of them and the centre restarted in
//! between, while doctors look, read, accept, reject and hand over (I6). All of it in simulated time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use vitals::delivery::{Act, Deed, Delivery, Done, RejectReason, State};
use vitals::wire::CommandKind;
use vitals::{AlarmId, AlarmPhase, Condition, Event, MonoTime, Record, WallTime};

use super::centre::true_wall;
use super::net::Quality;
use super::plan::{Mishap, Plan};
use super::{World, memory};

/// Each raises two alarms in every [`super::monitor::STORM_EVERY_S`] seconds.
const BEDS: u64 = 12;
const MINUTES: u64 = 10;
/// Doctors act this often.
const DOCTORS_EVERY: Duration = Duration::from_millis(500);

/// What a storm came to.
#[derive(Debug)]
pub struct Storm {
    /// Alarms that the post raised, by its own count.
    pub raised: usize,
    /// Of these, those of which the centre has a record.
    pub at_centre: usize,
    /// How many about values are in which state in the end, after the centre's records.
    pub states: BTreeMap<State, usize>,
    /// How many were ever so far, after the centre's records.
    pub steps: BTreeMap<&'static str, usize>,
    /// What the ledger of the simulation says.
    pub wrong: Vec<String>,
}

/// Runs the storm of a seed.
pub fn storm(seed: u64) -> Storm {
    let folder = tempfile::tempdir_in(memory()).expect("a folder for the centre's store");
    let at = |s: u64| MonoTime::from_ms(s * 1_000);
    let plan = Plan {
        trouble_until: at(60 * MINUTES),
        quality: Quality {
            delay: Duration::from_millis(80),
            bytes_per_s: None,
        },
        beds: BEDS,
        mishaps: vec![
            (at(120), Mishap::LinkCut { half_open: true }),
            (at(300), Mishap::LinkMended),
            (at(400), Mishap::CentreStops),
            (at(430), Mishap::CentreStarts),
        ],
    };
    let mut world = World::planned(seed, plan, folder.path());
    world.post.storm();
    world.run_with(|world| world.doctors_act());
    let (at_post, open) = (world.post.open_alarms(), world.open_at_centre());
    let wrong = world.ledger.settle(&at_post, &open);
    Storm {
        wrong,
        ..tell(&world)
    }
}

impl World {
    /// Whoever sits at the centre does the next thing with the newest alarms.
    fn doctors_act(&mut self) {
        if self.now.since(self.doctors_acted) < DOCTORS_EVERY {
            return;
        }
        self.doctors_acted = self.now;
        let post = self.post.id().clone();
        let open: Vec<AlarmId> = self
            .centre
            .view
            .alerts
            .iter()
            .filter(|alert| !alert.delivery.state.is_final() && alert.delivery.responsible.is_none())
            .map(|alert| alert.id)
            .collect();
        for alarm in open.into_iter().take(6) {
            let act = match alarm.number % 5 {
                0 => vec![Act::Shown, Act::Read],
                1 => vec![Act::Shown, self.accepts(30), self.offers(), self.accepts(60)],
                2 => vec![Act::Rejected {
                    reason: RejectReason::Artefact,
                    words: String::new(),
                }],
                3 => vec![Act::Shown],
                _ => Vec::new(),
            };
            for (turn, act) in act.into_iter().enumerate() {
                // Whoever takes over is the second doctor.
                let by = if turn < 3 { "rao" } else { "sen" };
                let deed = Deed {
                    alarm,
                    by: format!("Dr {by}"),
                    by_id: by.to_owned(),
                    act,
                };
                self.centre
                    .asked(&post, CommandKind::Deed(deed), &mut self.net, self.now);
            }
        }
    }

    fn accepts(&self, seconds: u64) -> Act {
        Act::Accepted {
            until: true_wall(self.now + Duration::from_secs(seconds)),
        }
    }

    fn offers(&self) -> Act {
        Act::Offered {
            to: "Dr sen".to_owned(),
            to_id: "sen".to_owned(),
        }
    }
}

/// What the centre's store knows in the end, put together with nothing but the contract.
fn tell(world: &World) -> Storm {
    let stored = world.centre.stored();
    let mut known: BTreeMap<AlarmId, Delivery<WallTime>> = BTreeMap::new();
    let (mut ids, mut of_values) = (BTreeSet::new(), BTreeSet::new());
    for one in &stored {
        match &one.record {
            Record::Alarm(change) => {
                ids.insert(change.id);
                if matches!(change.condition, Condition::Limit { .. }) {
                    of_values.insert(change.id);
                }
                let delivery = known.entry(change.id).or_default();
                delivery.reach(State::AtCentre, one.received);
                if change.phase == AlarmPhase::Ended {
                    delivery.reach(State::Ended, one.received);
                }
            }
            Record::Event {
                event: Event::Deed { deed, at, command },
                ..
            } => {
                let (at, noted, deed) = (*at, one.received, deed.clone());
                known
                    .entry(deed.alarm)
                    .or_default()
                    .did(*command, Done { at, noted, deed });
            }
            Record::Event {
                event: Event::Expired { alarm },
                ..
            } => known
                .entry(*alarm)
                .or_default()
                .reach(State::Expired, one.received),
            _ => {}
        }
    }
    // In the end the monitors are switched off, and their silence is an alarm that lasts.
    known.retain(|alarm, _| of_values.contains(alarm));
    let (mut states, mut steps) = (BTreeMap::new(), BTreeMap::new());
    for delivery in known.values() {
        let state = delivery.state(|who| who.until <= true_wall(world.now));
        *states.entry(state).or_default() += 1;
        for done in delivery.deeds() {
            *steps.entry(done.deed.act.key()).or_default() += 1;
        }
        if delivery.reached(State::Expired).is_some() {
            *steps.entry("expired").or_default() += 1;
        }
    }
    // Alarms are numbered from 1 without a gap within a run, and the post ran once.
    let raised = ids.iter().map(|alarm| alarm.number as usize).max().unwrap_or(0);
    Storm {
        raised,
        at_centre: ids.len(),
        states,
        steps,
        wrong: Vec::new(),
    }
}
