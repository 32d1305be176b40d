//! Beds, devices, and the latest value of each: pure, knows only `vitals`.
//!
//! - I3: a value goes to the bed and admission that its device was bound to when it was measured.
//! - I4: every value keeps the time it was heard; nothing here refreshes an old one.
//! - I5: a value that turned absent stays absent; the last number is kept apart, with its own time.
//!
//! Who lies in a bed is in [`patients`] and [`stays`], who leaves it or moves in [`moves`], who was here in [`register`] and is
//! back in [`merging`], who may have changed unseen in [`absence`]; where a device stands in [`places`]; whose a laboratory result is in [`matching`] and [`laboratory`]; how ill
//! somebody is by a score in [`scores`].

mod absence;
mod device_clock;
mod disturbance;
mod handovers;
mod joining;
mod laboratory;
mod limits;
mod matching;
mod merging;
mod moves;
mod notes;
mod patients;
mod places;
mod register;
mod scores;
mod stays;

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::alarm::DEVICE_ALARMS_MAX;
use vitals::patient::Merges;
use vitals::{
    AdmissionId, BedId, Category, Code, Decimal, DeviceAlarm, DeviceId, DeviceLink, Identity, Measured,
    MonoTime, Observation, Reading, SiteReading, WallTime,
};

use absence::ASK_AFTER;
pub use absence::{AbsenceError, Answering, Heard, Lies};
pub use device_clock::DeviceClock;
use disturbance::Disturbance;
pub use handovers::{HandoverRefused, Handovers, HeldHandover};
pub use laboratory::{Held, LabError, Laboratory, SHOWN_MAX};
pub use matching::Patient;
pub use merging::{MergeError, Merging};
pub use moves::{Leaving, MoveError, Moving};
pub use notes::{HeldNote, NoteGone, Notes};
pub use patients::{Change, IdentifyError, Telling, word};
use places::Places;
pub use places::{Moved, Place, PlaceError, Placing};
pub use register::{Known, Register};
pub use scores::{ByHandNow, HeldEntry, Moment, PartNow, ScoreError, ScoreNow, ScoredStay, Scores, ToTell};
pub use stays::Stay;
use stays::Stays;

/// A bed as it is configured.
#[derive(Clone, Debug)]
pub struct BedSetup {
    /// Its id.
    pub id: BedId,
    /// What stands on the tile.
    pub label: String,
    /// Age group of whoever lies there, where nobody has said another.
    pub category: Category,
}

/// A device as it is configured.
#[derive(Clone, Debug)]
pub struct DeviceSetup {
    /// Its id.
    pub id: DeviceId,
    /// Its home: the bed it stands at until a person says otherwise; none for a fridge.
    pub bed: Option<BedId>,
    /// After so long without a valid word it is silent: at least [`vitals::alarm::DEVICE_SILENT_AFTER`], longer where it is asked less often.
    /// `None`: it speaks only when it has something to say, as an analyser does; then only a lost port counts.
    pub silent_after: Option<Duration>,
    /// What it says is of specimens: it stands at no bed.
    pub is_laboratory: bool,
}

/// The newest observation of one code at one bed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// What was seen.
    pub seen: Observation,
    /// When.
    pub at: MonoTime,
    /// The last number before the value turned absent, with its time.
    pub last_value: Option<(Decimal, MonoTime)>,
}

/// A bed and what is known about it now.
#[derive(Debug)]
pub struct Bed {
    /// As configured.
    pub setup: BedSetup,
    /// Latest observation per code, of whoever lies there now.
    pub values: BTreeMap<Code, (DeviceId, Latest)>,
    heard: Heard,
    stays: Stays,
}

/// A device and whether it is heard.
#[derive(Debug)]
pub struct Device {
    /// As configured.
    pub setup: DeviceSetup,
    /// The last valid thing it said.
    pub heard: Option<MonoTime>,
    /// Whether it is heard now.
    pub link: DeviceLink,
    /// Since when the link is so.
    pub link_since: MonoTime,
    /// Since when it is known here: nobody can have heard it before.
    known_since: MonoTime,
    /// Why its port is closed.
    pub closed_reason: Option<String>,
    /// Its own clock, where it sends the time.
    pub clock: DeviceClock,
    /// The alarms that it says are present.
    pub alarms: DeviceAlarms,
    disturbance: Disturbance,
    places: Places,
}

/// What a device says of its own alarms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceAlarms {
    /// It has never said anything about them: most devices cannot.
    #[default]
    NeverTold,
    /// It does, and is not heard now (I4).
    NotKnown,
    /// Those that are present, most urgent first.
    Present(Vec<DeviceAlarm>),
}

/// A reading, and whether the bed shows it: when two devices measure the same, one leads and the other is only kept.
/// The lead goes over to a number at once where the leader has none, else when the leader falls quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The reading, bound to bed and admission.
    pub reading: Reading,
    /// True when it is the bed's value for this code.
    pub leads: bool,
    /// True when it says that somebody lies in a bed that was empty.
    pub ends_vacancy: bool,
}

/// A second device takes over a value when the leading one has not renewed it for this long.
const TAKE_OVER_AFTER: Duration = Duration::from_secs(5);

/// Most signals of the post (fridges, batteries) that are kept; further ones are not shown.
const SITE_SIGNALS_MAX: usize = 256;

/// The post's beds and devices.
#[derive(Debug)]
pub struct Ward {
    beds: Vec<Bed>,
    devices: BTreeMap<DeviceId, Device>,
    site: BTreeMap<(DeviceId, String), SiteReading>,
    merges: Merges,
    limits: limits::LimitSets,
    ask_after: Duration,
}

impl Ward {
    /// An empty ward; every device counts as silent from `now` on until it is heard.
    pub fn new(beds: Vec<BedSetup>, devices: Vec<DeviceSetup>, now: MonoTime) -> Ward {
        let device = |setup: DeviceSetup| (setup.id.clone(), Device::new(setup, now));
        Ward {
            beds: beds.into_iter().map(Bed::new).collect(),
            devices: devices.into_iter().map(device).collect(),
            site: BTreeMap::new(),
            merges: Merges::default(),
            limits: limits::LimitSets::default(),
            ask_after: ASK_AFTER,
        }
    }

    /// A device said something about a patient. `None` when the device is not configured.
    pub fn heard(&mut self, device: &DeviceId, at: MonoTime, seen: Observation) -> Option<Bound> {
        self.alive(device, at)?;
        let bed_id = self.devices.get(device)?.bed_at(at).cloned();
        let admission = bed_id.as_ref().and_then(|bed| self.admission_at(bed, at));
        let present = bed_id.as_ref().and_then(|bed| self.stay(bed));
        // What was measured on whoever lay there before is kept for him, and shown to nobody (I3).
        let is_present = present
            .zip(admission.as_ref())
            .is_some_and(|(stay, admission)| self.is_one_patient(&stay.admission, admission));
        let (mut leads, mut ends_vacancy) = (false, false);
        let bed = bed_id.as_ref().filter(|_| is_present);
        if let Some(bed) = bed.and_then(|bed| self.bed_mut(bed)) {
            leads = bed.take(device, at, seen);
            ends_vacancy = seen.measured.value().is_some() && bed.stay().is_taken_by(at);
        }
        let reading = Reading {
            device: device.clone(),
            bed: bed_id,
            admission,
            at,
            seen,
        };
        Some(Bound {
            reading,
            leads,
            ends_vacancy,
        })
    }

    /// A device says which alarms of its own are present. Returns the bed that changed.
    pub fn device_alarms(
        &mut self,
        device: &DeviceId,
        at: MonoTime,
        mut alarms: Vec<DeviceAlarm>,
    ) -> Option<BedId> {
        self.alive(device, at)?;
        let device = self.devices.get_mut(device)?;
        alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        alarms.truncate(DEVICE_ALARMS_MAX);
        device.alarms = DeviceAlarms::Present(alarms);
        device.bed().cloned()
    }

    /// A device sent its own time with a reading; `received` is the wall clock of the post at that reading, believed.
    /// Returns the device's offset in ms when that is news. No time of any record follows from it.
    pub fn device_time(&mut self, device: &DeviceId, sent: WallTime, received: WallTime) -> Option<i64> {
        self.devices.get_mut(device)?.clock.heard(sent, received)
    }

    /// The post's own clock was set.
    pub fn forget_device_clocks(&mut self) {
        self.devices.values_mut().for_each(|device| device.clock.forget());
    }

    /// A device said something about the post. `None` when the device is not configured or the table is full.
    pub fn heard_site(&mut self, reading: SiteReading) -> Option<SiteReading> {
        self.alive(&reading.device, reading.at)?;
        let key = (reading.device.clone(), reading.signal.clone());
        if self.site.len() >= SITE_SIGNALS_MAX && !self.site.contains_key(&key) {
            return None;
        }
        self.site.insert(key, reading.clone());
        Some(reading)
    }

    /// A device is alive: it sent something valid (a stretch of a curve, for example).
    pub fn alive(&mut self, device: &DeviceId, at: MonoTime) -> Option<&Device> {
        let device = self.devices.get_mut(device)?;
        // A cuff value carries the time of its measurement, minutes ago: it makes the device no older than it is.
        device.heard = device.heard.max(Some(at));
        device.closed_reason = None;
        device.turn(DeviceLink::Live, at);
        device.disturbance.heard(at, false);
        Some(device)
    }

    /// Something of what a device sent arrived damaged, or did not arrive.
    pub fn damaged(&mut self, device: &DeviceId, at: MonoTime) {
        if let Some(device) = self.devices.get_mut(device) {
            device.disturbance.heard(at, true);
        }
    }

    /// The device's port opened (`closed` is none) or closed, with the reason.
    pub fn port(&mut self, device: &DeviceId, at: MonoTime, closed: Option<String>) {
        let Some(device) = self.devices.get_mut(device) else {
            return;
        };
        match closed {
            Some(reason) => {
                device.closed_reason = Some(reason);
                device.turn(DeviceLink::Disconnected, at);
            }
            None => {
                device.closed_reason = None;
                if device.link == DeviceLink::Disconnected {
                    device.turn(DeviceLink::Silent, at);
                }
            }
        }
    }

    /// Time passes: a device that was not heard for its [`DeviceSetup::silent_after`] turns silent. Returns the beds that changed.
    pub fn tick(&mut self, now: MonoTime) -> Vec<BedId> {
        let mut changed = Vec::new();
        for device in self.devices.values_mut() {
            let patience = device.setup.silent_after;
            let unheard = patience.is_some_and(|patience| {
                let heard = device.heard;
                heard.is_none_or(|heard| now.since(heard) >= patience)
            });
            if device.link == DeviceLink::Live && unheard {
                device.turn(DeviceLink::Silent, now);
                changed.extend(device.bed().cloned());
            }
        }
        changed
    }

    /// The beds in the order of the screen.
    pub fn beds(&self) -> &[Bed] {
        &self.beds
    }

    /// One bed.
    pub fn bed(&self, id: &BedId) -> Option<&Bed> {
        self.beds.iter().find(|bed| bed.setup.id == *id)
    }

    fn bed_mut(&mut self, id: &BedId) -> Option<&mut Bed> {
        self.beds.iter_mut().find(|bed| bed.setup.id == *id)
    }

    /// Whose a measurement of that moment in a bed is; `None` = nobody's that is known.
    pub fn admission_at(&self, bed: &BedId, at: MonoTime) -> Option<AdmissionId> {
        self.bed(bed)?.stays.at(at).cloned()
    }

    /// All devices.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.values()
    }

    /// One device.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.get(id)
    }

    /// The devices that stand at a bed.
    pub fn devices_at(&self, bed: &BedId) -> impl Iterator<Item = &Device> {
        self.devices
            .values()
            .filter(move |device| device.bed() == Some(bed))
    }

    /// Values about the post itself.
    pub fn site(&self) -> impl Iterator<Item = &SiteReading> {
        self.site.values()
    }
}

impl Device {
    /// At home, and silent until it is heard.
    fn new(setup: DeviceSetup, now: MonoTime) -> Device {
        Device {
            places: Places::new(setup.bed.clone()),
            setup,
            heard: None,
            link: DeviceLink::Silent,
            link_since: now,
            known_since: now,
            closed_reason: None,
            clock: DeviceClock::default(),
            alarms: DeviceAlarms::default(),
            disturbance: Disturbance::default(),
        }
    }

    fn turn(&mut self, link: DeviceLink, at: MonoTime) {
        if self.link != link {
            self.link = link;
            self.link_since = at;
            self.disturbance = Disturbance::default();
            if link != DeviceLink::Live && self.alarms != DeviceAlarms::NeverTold {
                self.alarms = DeviceAlarms::NotKnown;
            }
        }
    }

    /// True when it is heard, and more than one in twenty of what it sends arrives damaged.
    pub fn is_disturbed(&self) -> bool {
        self.link == DeviceLink::Live && self.disturbance.is_disturbed()
    }

    /// True when nothing valid has come for [`DeviceSetup::silent_after`], false when it has, `None` as long as nobody can
    /// know: nothing was heard yet, and the appliance has not listened (`since`) for that long.
    pub fn is_silent(&self, since: MonoTime, now: MonoTime) -> Option<bool> {
        let Some(patience) = self.setup.silent_after else {
            return Some(self.link == DeviceLink::Disconnected);
        };
        match self.heard {
            Some(heard) => Some(now.since(heard) >= patience),
            None if now.since(since.max(self.known_since)) >= patience => Some(true),
            None => None,
        }
    }
}

impl Bed {
    fn new(setup: BedSetup) -> Bed {
        let first = Stay {
            from: MonoTime::BOOT,
            admission: AdmissionId::unidentified(&setup.id),
            identity: Identity::default(),
            by: String::new(),
            category: None,
            vacant: false,
            perhaps: None,
        };
        Bed {
            setup,
            values: BTreeMap::new(),
            heard: Heard::Never,
            stays: Stays::new(first),
        }
    }

    /// The stay in force.
    pub fn stay(&self) -> &Stay {
        self.stays.present()
    }

    /// Age group of whoever lies there.
    pub fn category(&self) -> Category {
        self.stay().category.unwrap_or(self.setup.category)
    }

    fn take(&mut self, device: &DeviceId, at: MonoTime, seen: Observation) -> bool {
        let before = self.values.get(&seen.code);
        if before.is_some_and(|(_, latest)| at < latest.at) {
            // What was measured last is shown, not what arrived last (I4): a gateway sends what waited behind an outage.
            return false;
        }
        if let Some((leader, latest)) = before
            && leader != device
            && at.since(latest.at) <= TAKE_OVER_AFTER
            // A number is worth more than a reason: a finger on the second probe counts at once.
            && (seen.measured.value().is_none() || latest.seen.measured.value().is_some())
        {
            return false;
        }
        let last_value = match (seen.measured, before) {
            (Measured::Value(value), _) => Some((value, at)),
            (Measured::Absent(_), Some((_, latest))) => latest.last_value,
            (Measured::Absent(_), None) => None,
        };
        self.values
            .insert(seen.code, (device.clone(), Latest { seen, at, last_value }));
        true
    }
}

#[cfg(test)]
mod tests;
