//! Devices that a person adds while the post runs, and takes away again.
//!
//! - I3: one that is added stands at its bed from that moment on, on the word of whoever added it. What it measured before
//!   is nobody's.

use vitals::{DeviceId, MonoTime};

use super::places::Places;
use super::{Device, DeviceSetup, PlaceError, Ward};

impl Ward {
    /// A device is added; `by` says where it stands.
    ///
    /// # Errors
    /// There is one of its name, or no such bed.
    pub fn join(&mut self, setup: DeviceSetup, by: &str, now: MonoTime) -> Result<(), PlaceError> {
        if self.devices.contains_key(&setup.id) {
            return Err(PlaceError::Known(setup.id));
        }
        if let Some(bed) = setup.bed.as_ref().filter(|bed| self.bed(bed).is_none()) {
            return Err(PlaceError::UnknownBed(bed.clone()));
        }
        let id = setup.id.clone();
        let places = Places::joined(setup.bed.clone(), by, now);
        let device = Device {
            places,
            ..Device::new(setup, now)
        };
        self.devices.insert(id, device);
        Ok(())
    }

    /// A device is taken away: it is not known here any more. It must stand at no bed.
    pub fn part(&mut self, device: &DeviceId) {
        self.devices.remove(device);
        self.site.retain(|(of, _), _| of != device);
    }
}
