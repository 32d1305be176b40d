//! Where a device stood, and from when on.
//!
//! - I3: what a device measured at a moment is of the bed at which it stood then. A value that is heard after a move still
//!   goes to the bed before; one older than anything remembered here goes to none.
//! - A person's word counts until another one, also over restarts, for as long as the configuration gives the device the
//!   same home as when it was said: whoever writes another home has moved the device.

use std::collections::{BTreeSet, VecDeque};

use vitals::{BedId, Binding, DeviceId, MonoTime};

use super::{Device, DeviceAlarms, Ward};

/// Places of one device that are remembered. No device is moved more often while a cuff value is on its way.
const PLACES_MAX: usize = 32;

/// One place of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From when on; [`MonoTime::BOOT`] when that was in an earlier boot.
    pub from: MonoTime,
    /// The bed; `None` = it stands at none.
    pub bed: Option<BedId>,
    /// Whose word it is; empty = the configuration's.
    pub by: String,
    /// The bed that the configuration gave the device when that was said.
    pub home: Option<BedId>,
}

/// The places of one device, oldest first; there always is one.
#[derive(Debug)]
pub(super) struct Places {
    present: Place,
    earlier: VecDeque<Place>,
    /// An earlier run of this boot has told something.
    is_told: bool,
}

impl Places {
    /// At home.
    pub fn new(home: Option<BedId>) -> Places {
        Places {
            present: Place {
                from: MonoTime::BOOT,
                bed: home.clone(),
                by: String::new(),
                home,
            },
            earlier: VecDeque::new(),
            is_told: false,
        }
    }

    /// A person has just brought it.
    pub fn joined(bed: Option<BedId>, by: &str, from: MonoTime) -> Places {
        let mut places = Places::new(bed);
        places.present.from = from;
        places.present.by = by.to_owned();
        places
    }

    /// Where it stands.
    pub fn present(&self) -> &Place {
        &self.present
    }

    /// Where it stood at a moment; `None` = nobody knows any more.
    pub fn at(&self, moment: MonoTime) -> Option<&Place> {
        let mut known = self.earlier.iter().chain([&self.present]).rev();
        known.find(|place| place.from <= moment)
    }

    /// It stands there from a moment on.
    fn take(&mut self, place: Place) {
        if self.present.bed == place.bed {
            let from = self.present.from;
            self.present = Place { from, ..place };
            return;
        }
        let before = std::mem::replace(&mut self.present, place);
        // Two words of one moment: the later one counts from there on.
        if before.from == self.present.from {
            return;
        }
        if self.earlier.len() == PLACES_MAX {
            self.earlier.pop_front();
        }
        self.earlier.push_back(before);
    }

    /// An earlier run said so: in this boot from a moment on, or in an earlier one (`None`).
    fn recall(&mut self, place: Place, from: Option<MonoTime>) {
        let is_told = self.is_told;
        self.is_told |= from.is_some();
        match from {
            Some(from) if is_told => self.take(Place { from, ..place }),
            // How it stood when this boot began: nothing before that can be measured by its clock.
            _ => {
                let from = MonoTime::BOOT;
                self.present = Place { from, ..place };
                self.earlier.clear();
            }
        }
    }

    /// A run begins: a word that holds no more gives way to the configuration.
    fn settle(&mut self, home: Option<&BedId>, is_a_bed: impl Fn(&BedId) -> bool, now: MonoTime) {
        let said = &self.present;
        let is_of_a_person = !said.by.is_empty() && said.home.as_ref() == home;
        if is_of_a_person && said.bed.as_ref().is_none_or(is_a_bed) {
            return;
        }
        let at_home = Place {
            from: if self.is_told { now } else { MonoTime::BOOT },
            bed: home.cloned(),
            by: String::new(),
            home: home.cloned(),
        };
        self.take(at_home);
    }
}

/// What a person says of a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placing {
    /// The device.
    pub device: DeviceId,
    /// Where the person saw that it stands.
    pub saw: Option<BedId>,
    /// Where it stands from now on.
    pub bed: Option<BedId>,
    /// Who says so.
    pub by: String,
}

/// Why it is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No such device.
    #[error("there is no device {0} here")]
    UnknownDevice(DeviceId),
    /// One that is to be added has the name of another.
    #[error("there is a device {0} here already; give this one another name")]
    Known(DeviceId),
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else moved it since.
    #[error("device {0} was moved since you looked; look at the devices again")]
    Moved(DeviceId),
    /// It is there.
    #[error("device {0} stands there already")]
    There(DeviceId),
    /// What it says is of specimens.
    #[error("device {0} is a laboratory's and stands at no bed: its results are of specimens")]
    Laboratory(DeviceId),
}

/// What changes with a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The bed that it left.
    pub left: Option<BedId>,
    /// The values that it led there: nobody measures them there any more.
    pub led: BTreeSet<vitals::Code>,
}

impl Ward {
    /// Judges what a person says of where a device stands.
    ///
    /// # Errors
    /// It is not here, is there already, may not stand at a bed, or was moved meanwhile.
    pub fn may_move(&self, placing: &Placing) -> Result<(), PlaceError> {
        let Placing { device, saw, bed, .. } = placing;
        let known = self.device(device);
        let known = known.ok_or_else(|| PlaceError::UnknownDevice(device.clone()))?;
        if let Some(bed) = bed.as_ref().filter(|bed| self.bed(bed).is_none()) {
            return Err(PlaceError::UnknownBed(bed.clone()));
        }
        if known.bed() != saw.as_ref() {
            return Err(PlaceError::Moved(device.clone()));
        }
        if known.setup.is_laboratory {
            return Err(PlaceError::Laboratory(device.clone()));
        }
        if saw == bed {
            return Err(PlaceError::There(device.clone()));
        }
        Ok(())
    }

    /// A device stands elsewhere from a moment on. `None` when there is no such device, or it stands there already.
    pub fn moved(&mut self, placing: &Placing, from: MonoTime) -> Option<Moved> {
        let device = self.devices.get_mut(&placing.device)?;
        let left = device.bed().cloned();
        device.places.take(Place {
            from,
            bed: placing.bed.clone(),
            by: placing.by.clone(),
            home: device.setup.bed.clone(),
        });
        if left == placing.bed {
            return None;
        }
        if device.alarms != DeviceAlarms::NeverTold {
            // What it said was about whoever lies where it stood (I3).
            device.alarms = DeviceAlarms::NotKnown;
        }
        let bed = left.as_ref().and_then(|bed| self.bed(bed));
        let values = bed.into_iter().flat_map(|bed| &bed.values);
        let led = values.filter(|(_, (leader, _))| *leader == placing.device);
        Some(Moved {
            led: led.map(|(code, _)| *code).collect(),
            left,
        })
    }

    /// What an earlier run recorded of where a device stood: in this boot from a moment on, or in an earlier one (`None`).
    pub fn recall_binding(&mut self, binding: &Binding, from: Option<MonoTime>) {
        if let Some(device) = self.devices.get_mut(&binding.device) {
            let place = Place {
                from: MonoTime::BOOT,
                bed: binding.bed.clone(),
                by: binding.by.clone(),
                home: binding.home.clone(),
            };
            device.places.recall(place, from);
        }
    }

    /// Everything of earlier runs is recalled: what people said of devices counts while the configuration is as it was then.
    pub fn settle_devices(&mut self, now: MonoTime) {
        let beds: Vec<&BedId> = self.beds.iter().map(|bed| &bed.setup.id).collect();
        for device in self.devices.values_mut() {
            let home = device.setup.bed.as_ref();
            device.places.settle(home, |bed| beds.contains(&bed), now);
        }
    }

    /// Which device stands where, for whom, from `now` on, for the events lane. What never had a bed is not told.
    pub fn bindings(&self, now: MonoTime) -> Vec<Binding> {
        let told = self.devices.values().filter(|device| device.is_of_beds());
        told.map(|device| self.bound(device, device.place(), now))
            .collect()
    }

    /// Where each stood before, as far as it is remembered, oldest first.
    pub fn bindings_before(&self) -> Vec<Binding> {
        let moved = self
            .devices
            .values()
            .filter(|device| !device.places.earlier.is_empty());
        let places = moved.flat_map(|device| {
            let places = device.places.earlier.iter().chain([&device.places.present]);
            places.map(|place| self.bound(device, place, place.from))
        });
        let mut before: Vec<Binding> = places.collect();
        before.sort_by_key(|binding| binding.from);
        before
    }

    fn bound(&self, device: &Device, place: &Place, from: MonoTime) -> Binding {
        let bed = place.bed.as_ref();
        Binding {
            device: device.setup.id.clone(),
            bed: bed.cloned(),
            admission: bed.and_then(|bed| self.admission_at(bed, from)),
            from,
            home: place.home.clone(),
            by: place.by.clone(),
        }
    }
}

impl Device {
    /// Where it stands, and who says so.
    pub fn place(&self) -> &Place {
        self.places.present()
    }

    /// The bed it stands at.
    pub fn bed(&self) -> Option<&BedId> {
        self.place().bed.as_ref()
    }

    /// The bed it stood at at a moment; `None` = none that is known.
    pub fn bed_at(&self, moment: MonoTime) -> Option<&BedId> {
        self.places.at(moment)?.bed.as_ref()
    }

    /// A person took it away from its bed: nobody waits for it. What the configuration gives no bed is the post's own,
    /// and waited for always.
    pub fn is_put_away(&self) -> bool {
        self.bed().is_none() && self.setup.bed.is_some()
    }

    fn is_of_beds(&self) -> bool {
        self.bed().is_some() || !self.place().by.is_empty() || !self.places.earlier.is_empty()
    }
}

#[cfg(test)]
mod tests;
