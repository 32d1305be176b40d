//! Raises, acknowledges and ends alarms: a pure function of (state, what was sensed, now). Knows only `vitals`.
//!
//! - A1: one state machine per condition and place ([`instance`]); presence is kept apart from the signal.
//! - A2: a value that is absent never raises and never ends a physiological alarm (I5).
//! - A3: only a person acknowledges (I9), and an acknowledgement removes no alarm whose condition still holds.
//! - A4: what was raised before a restart goes on after it under the same id ([`Alarms::restore`]).

mod advisory;
mod causes;
mod flood;
mod instance;
mod monitor;
mod pauses;
mod placing;
mod pressures;
mod recall;
mod rules;
mod sense;
mod site;
mod stale;
mod stays;
mod tuning;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use vitals::{
    AlarmChange, AlarmId, AlarmPhase, BedId, BootId, Category, Code, Condition, DeviceId, Epoch, MonoTime,
    Priority, Reading, SignalId, Stamp,
};

pub use advisory::{Advised, is_moment};
use causes::Causes;
pub use flood::{FLOOD_ONSETS, FLOOD_WITHIN, Floods};
use instance::Instance;
pub use pauses::{Pause, PauseError, Pauses, Pausing, Step};
pub use placing::Replaced;
use pressures::Pressures;
pub use recall::{Recalled, Why as RecalledWhy};
use sense::{Sense, Sensed, UNSEEN_FOR_MAX};
pub use site::SiteWatch;
use stale::Paces;
pub use stays::{LabNews, Lying, is_of_present};
pub use tuning::Tuning;

/// Where a condition can hold: one instance per place and condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bed; none for the post itself.
    pub bed: Option<BedId>,
    /// The device, for conditions of a device; none where the bed's leading value counts.
    pub device: Option<DeviceId>,
}

impl Place {
    /// The post itself.
    pub const POST: Place = Place {
        bed: None,
        device: None,
    };
}

/// The longest name of a person who acknowledges, in characters.
pub const PERSON_CHARS_MAX: usize = 80;

/// The name of a person as it is kept; `None` = empty, too long, or with control characters.
pub fn person(name: &str) -> Option<&str> {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= PERSON_CHARS_MAX;
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

/// An acknowledgement that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgeError {
    /// No such alarm, or it is over.
    #[error("there is no open alarm {0}; it may have ended by itself")]
    NotOpen(AlarmId),
    /// Somebody was quicker.
    #[error("already acknowledged by {by}")]
    Already {
        /// Who.
        by: String,
    },
    /// The name is empty, too long, or holds control characters.
    #[error("say who acknowledges: a name of 1 to {PERSON_CHARS_MAX} characters")]
    NoPerson,
}

/// All alarms of the post.
#[derive(Debug)]
pub struct Alarms {
    boot: BootId,
    epoch: Epoch,
    raised: u32,
    tuning: Tuning,
    lying: HashMap<BedId, Lying>,
    causes: Causes,
    paces: Paces,
    pressures: Pressures,
    slow_looks: HashMap<(DeviceId, Code), Duration>,
    site: BTreeMap<(DeviceId, SignalId), site::Watched>,
    instances: BTreeMap<(Place, Condition), Instance>,
}

/// Gives alarms their ids and stamps: what an [`Instance`] needs to know of its surroundings.
struct Issuer<'a> {
    boot: BootId,
    epoch: Epoch,
    raised: &'a mut u32,
}

impl Issuer<'_> {
    /// The onset of an alarm.
    fn issue(
        &mut self,
        (place, condition): &(Place, Condition),
        priority: Priority,
        sensed: &Sensed,
        crossed: MonoTime,
        now: MonoTime,
    ) -> AlarmChange {
        *self.raised += 1;
        let stamp = |mono| Stamp {
            boot: self.boot,
            mono,
        };
        AlarmChange {
            id: AlarmId {
                epoch: self.epoch,
                number: *self.raised,
            },
            change: 1,
            condition: *condition,
            priority,
            phase: AlarmPhase::Active,
            bed: place.bed.clone(),
            device: place.device.clone(),
            admission: sensed.admission.clone(),
            value: sensed.value,
            limit: sensed.limit,
            unit: sensed.unit.clone(),
            text: sensed.text.clone(),
            crossed: stamp(crossed),
            onset: stamp(now),
            at: now,
            onsets: 1,
            acknowledged_by: None,
        }
    }
}

impl Alarms {
    /// No alarms yet.
    pub fn new(boot: BootId, epoch: Epoch, categories: HashMap<BedId, Category>) -> Alarms {
        let lying = |(bed, category)| {
            let lying = Lying {
                category,
                ..Lying::default()
            };
            (bed, lying)
        };
        Alarms {
            boot,
            epoch,
            raised: 0,
            tuning: Tuning::default(),
            lying: categories.into_iter().map(lying).collect(),
            causes: Causes::default(),
            paces: Paces::default(),
            pressures: Pressures::default(),
            slow_looks: HashMap::new(),
            site: BTreeMap::new(),
            instances: BTreeMap::new(),
        }
    }

    /// A device is asked for a value only every so often: its delays bridge two looks that are missing.
    pub fn looks_every(&mut self, device: DeviceId, code: Code, interval: Duration) {
        self.slow_looks.insert((device, code), interval);
    }

    /// Whether there has ever been such an alarm in this run.
    pub fn has_raised(&self, id: AlarmId) -> bool {
        id.epoch == self.epoch && (1..=self.raised).contains(&id.number)
    }

    /// Takes over the alarms that were open when the appliance stopped (A4).
    pub fn restore(&mut self, open: Vec<AlarmChange>, now: MonoTime) {
        for change in open {
            let place = Place {
                bed: change.bed.clone(),
                device: change.device.clone(),
            };
            let key = (place, change.condition);
            let rule = self.rule(&key.0, key.1);
            self.instances.insert(key, Instance::restored(change, rule, now));
        }
    }

    /// The bed's leading value of one code.
    pub fn reading(&mut self, reading: &Reading, now: MonoTime, out: &mut Vec<AlarmChange>) {
        let Some(bed) = reading.bed.clone() else { return };
        let code = reading.seen.code;
        self.tick(now, out);
        self.causes.heard(&bed, &reading.seen, now);
        self.paces.heard(&bed, reading, now);
        let of_pressures = self.pressures.heard(&bed, reading);
        let lying = self.lying.get(&bed).cloned().unwrap_or_default();
        let place = Place {
            bed: Some(bed.clone()),
            device: None,
        };
        let interval = self.slow_looks.get(&(reading.device.clone(), code));
        let unseen_for_max = interval.map_or(UNSEEN_FOR_MAX, |every| (*every * 3).max(UNSEEN_FOR_MAX));
        let of_pressures = of_pressures.map(|(condition, sense)| (condition, Sensed::plain(sense)));
        let of_value = rules::of_observation(&reading.seen, &lying, &self.tuning);
        for (condition, mut sensed) in of_value.into_iter().chain(of_pressures) {
            let by_another =
                !self.tuning.without_merging && self.causes.are_told_by_another(&bed, condition, now);
            if by_another || self.misses_nobody(&place, &condition) {
                sensed.sense = Sense::Gone;
            }
            sensed.admission = reading.admission.clone();
            sensed.unseen_for_max = unseen_for_max;
            self.look(place.clone(), condition, &sensed, now, out);
        }
    }

    /// A condition that is not about a value: it holds, it does not, or nobody can know yet (`None`). What nobody misses in
    /// an empty bed does not hold there (A9).
    pub fn condition(
        &mut self,
        place: Place,
        condition: Condition,
        holds: Option<bool>,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        let sense = match holds {
            _ if self.misses_nobody(&place, &condition) => Sense::Gone,
            Some(true) => Sense::Holds,
            Some(false) => Sense::Gone,
            None => Sense::Unknown,
        };
        self.sense(place, condition, &Sensed::plain(sense), now, out);
    }

    /// Time passes: what is gone ends, what nobody came for is more urgent, what was acknowledged long ago calls again. No
    /// alarm begins by time alone.
    pub fn tick(&mut self, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.instances.retain(|_, instance| instance.tick(now, out));
    }

    /// A person acknowledges one alarm (A3).
    ///
    /// # Errors
    /// When the alarm is not open, was acknowledged before, or nobody is named.
    pub fn acknowledge(
        &mut self,
        id: AlarmId,
        by: &str,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) -> Result<(), AcknowledgeError> {
        let by = person(by).ok_or(AcknowledgeError::NoPerson)?;
        self.tick(now, out);
        let open = self
            .instances
            .values_mut()
            .find(|instance| instance.open().is_some_and(|alarm| alarm.id == id));
        open.ok_or(AcknowledgeError::NotOpen(id))?
            .acknowledge(by, now, out)
    }

    /// When an alarm that is not over came back as the same one; `None` = it holds since its onset, or it came back before this
    /// start.
    pub fn returned(&self, alarm: &AlarmChange) -> Option<MonoTime> {
        self.instance(alarm)?.returned()
    }

    /// When and why an alarm calls that somebody had acknowledged; `None` = nobody had, or that was before this start.
    pub fn recalled(&self, alarm: &AlarmChange) -> Option<Recalled> {
        self.instance(alarm)?.recalled()
    }

    /// When an acknowledged alarm calls again if its condition then still holds; `None` = it does not.
    pub fn calls_again(&self, alarm: &AlarmChange) -> Option<MonoTime> {
        self.instance(alarm)?.calls_again()
    }

    fn instance(&self, alarm: &AlarmChange) -> Option<&Instance> {
        let is_it = |instance: &&Instance| instance.open().is_some_and(|open| open.id == alarm.id);
        self.instances.values().find(is_it)
    }

    /// Alarms that are not over: most urgent first, then the latest onset.
    pub fn open(&self) -> Vec<&AlarmChange> {
        let mut open: Vec<&AlarmChange> = self.instances.values().filter_map(Instance::open).collect();
        open.sort_by_key(|alarm| Reverse((alarm.priority, alarm.onset.mono)));
        open
    }

    fn sense(
        &mut self,
        place: Place,
        condition: Condition,
        sensed: &Sensed,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        self.tick(now, out);
        self.look(place, condition, sensed, now, out);
    }

    /// Takes a look in, when what was due before has been taken.
    fn look(
        &mut self,
        place: Place,
        condition: Condition,
        sensed: &Sensed,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        let urgent_bed = condition == Condition::DeviceSilent && self.has_high_patient_alarm(&place);
        let key = (place, condition);
        if !self.instances.contains_key(&key) {
            if sensed.sense != Sense::Holds {
                return;
            }
            let mut rule = self.rule(&key.0, condition);
            if urgent_bed {
                // A patient who was in a HIGH alarm when the monitor fell silent (alarms.md section 9).
                rule.priority = Priority::High;
            }
            self.instances
                .insert(key.clone(), Instance::pending(key.clone(), rule, now));
        }
        let mut issuer = Issuer {
            boot: self.boot,
            epoch: self.epoch,
            raised: &mut self.raised,
        };
        if let Some(instance) = self.instances.get_mut(&key)
            && !instance.sense(&mut issuer, sensed, now, out)
        {
            self.instances.remove(&key);
        }
    }

    /// Whether a condition is about something that nobody misses there (A9).
    fn misses_nobody(&self, place: &Place, condition: &Condition) -> bool {
        let lying = place.bed.as_ref().and_then(|bed| self.lying.get(bed));
        stays::needs_a_patient(condition) && lying.is_some_and(|lying| lying.vacant)
    }

    /// Nothing that was heard at a bed speaks for what comes now.
    fn forget_heard(&mut self, bed: &BedId) {
        self.causes.forget(bed);
        self.paces.forget(bed);
    }

    fn has_high_patient_alarm(&self, place: &Place) -> bool {
        use vitals::alarm::AlarmKind::Physiological;
        self.instances.values().filter_map(Instance::open).any(|alarm| {
            alarm.bed.is_some()
                && alarm.bed == place.bed
                && alarm.priority == Priority::High
                && alarm.phase != AlarmPhase::Latched
                && alarm.condition.rule().kind == Physiological
        })
    }
}

#[cfg(test)]
mod tests;
