//! Where devices stand: what people at the post say of it (I3, I9).

use vitals::{BedId, Binding, DeviceId, Event, MonoTime};

use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::ward::{Device, DeviceSetup, Placing};
use crate::web::{DeviceError, DeviceNow, DeviceRequest, DevicesNow, LineTold};
use alarms::Replaced;

impl Post {
    /// What people say and ask about devices. The browser may be gone by now; what was said stands all the same.
    pub(super) fn of_devices(&mut self, request: DeviceRequest, now: MonoTime) {
        match request {
            DeviceRequest::Devices { answer } => {
                let _ = answer.send(Ok(self.devices_now()));
            }
            DeviceRequest::Join {
                setup,
                line,
                by,
                answer,
            } => {
                let _ = answer.send(self.join_told(*setup, &line, &by, now));
            }
            DeviceRequest::Part {
                device,
                line,
                by,
                answer,
            } => {
                let _ = answer.send(self.part_told(&device, &line, &by, now));
            }
            DeviceRequest::Move { placing, by, answer } => {
                let _ = answer.send(self.move_told(placing, &by, now));
            }
        }
    }

    fn devices_now(&self) -> DevicesNow {
        let may_stand = self.ward.devices().filter(|device| !device.setup.is_laboratory);
        let device = |device: &Device| DeviceNow {
            id: device.setup.id.clone(),
            bed: device.bed().cloned(),
            home: device.setup.bed.clone(),
            link: device.link,
            moved_by: (device.bed() != device.setup.bed.as_ref()).then(|| device.place().by.clone()),
        };
        DevicesNow {
            devices: may_stand.map(device).collect(),
        }
    }

    fn move_told(&mut self, placing: Placing, by: &By, now: MonoTime) -> Result<(), DeviceError> {
        let known = self.ward.device(&placing.device);
        let before = known.map(|device| device.bed().cloned());
        let (device, to) = (placing.device.clone(), placing.bed.clone());
        let result = self.move_device(placing, now);
        let beds = before.iter().flatten().chain(&to).map(|bed| self.subject_of(bed));
        let did = Did {
            by,
            action: "bind",
            subject: [format!("device:{device}")]
                .into_iter()
                .chain(beds)
                .collect::<Vec<_>>()
                .join(" "),
            before: before.map(|bed| self.standing(bed.as_ref())),
            after: Some(self.standing(to.as_ref())),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn join_told(
        &mut self,
        setup: DeviceSetup,
        line: &LineTold,
        by: &By,
        now: MonoTime,
    ) -> Result<(), DeviceError> {
        let (device, bed) = (setup.id.clone(), setup.bed.clone());
        let at = bed.iter().map(|bed| self.subject_of(bed));
        let subject: Vec<String> = [format!("line:{} device:{device}", line.id)]
            .into_iter()
            .chain(at)
            .collect();
        let result = self.join(setup, by, now);
        let did = Did {
            by,
            action: "add_line",
            subject: subject.join(" "),
            before: None,
            after: Some(format!("{}, {}", line.words, self.standing(bed.as_ref()))),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn join(&mut self, setup: DeviceSetup, by: &By, now: MonoTime) -> Result<(), DeviceError> {
        let name = alarms::person(by.name()).ok_or(DeviceError::NoPerson)?;
        let (device, bed) = (setup.id.clone(), setup.bed.clone());
        self.ward.join(setup, name, now)?;
        tracing::info!(device.id = %device, bed.id = bed.as_ref().map(BedId::as_str), "a device was added");
        self.tell_bindings_where(|binding| binding.device == device, now);
        self.changed_beds.extend(bed);
        Ok(())
    }

    fn part_told(
        &mut self,
        device: &DeviceId,
        line: &LineTold,
        by: &By,
        now: MonoTime,
    ) -> Result<(), DeviceError> {
        let known = self.ward.device(device);
        let bed = known.and_then(|device| device.bed().cloned());
        let at = bed.iter().map(|bed| self.subject_of(bed));
        let subject: Vec<String> = [format!("line:{} device:{device}", line.id)]
            .into_iter()
            .chain(at)
            .collect();
        let before = format!("{}, {}", line.words, self.standing(bed.as_ref()));
        let result = self.part(device, bed, by, now);
        let did = Did {
            by,
            action: "remove_line",
            subject: subject.join(" "),
            before: Some(before),
            after: None,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    /// What it measured stays; what it was waited for ends, as when it is taken from its bed.
    fn part(
        &mut self,
        device: &DeviceId,
        bed: Option<BedId>,
        by: &By,
        now: MonoTime,
    ) -> Result<(), DeviceError> {
        let by = alarms::person(by.name()).ok_or(DeviceError::NoPerson)?;
        let placing = Placing {
            device: device.clone(),
            saw: bed.clone(),
            bed: None,
            by: by.to_owned(),
        };
        let moved = self.ward.moved(&placing, now);
        self.tell_bindings_where(|binding| binding.device == *device, now);
        let replaced = Replaced {
            device,
            left: bed.as_ref(),
            led: &moved.map(|moved| moved.led).unwrap_or_default(),
            to: None,
        };
        self.raise(now, |alarms, out| alarms.device_moved(replaced, now, out));
        self.ward.part(device);
        tracing::info!(device.id = %device, "a device was taken away");
        self.changed_beds.extend(bed);
        Ok(())
    }

    /// Where a device stands, and for whom, as the audit tells it.
    fn standing(&self, bed: Option<&BedId>) -> String {
        match bed.map(|bed| (bed, self.ward.stay(bed))) {
            None => "at no bed".to_owned(),
            Some((bed, None)) => format!("at bed {bed}"),
            Some((bed, Some(stay))) => format!("at bed {bed} for admission {}", stay.admission),
        }
    }

    /// A person says where a device stands.
    fn move_device(&mut self, placing: Placing, now: MonoTime) -> Result<(), DeviceError> {
        let by = alarms::person(&placing.by)
            .ok_or(DeviceError::NoPerson)?
            .to_owned();
        let placing = Placing { by, ..placing };
        self.ward.may_move(&placing)?;
        let Some(moved) = self.ward.moved(&placing, now) else {
            return Ok(());
        };
        tracing::info!(device.id = %placing.device, bed.id = placing.bed.as_ref().map(BedId::as_str), "a device was moved");
        self.tell_bindings_where(|binding| binding.device == placing.device, now);
        let replaced = Replaced {
            device: &placing.device,
            left: moved.left.as_ref(),
            led: &moved.led,
            to: placing.bed.as_ref(),
        };
        self.raise(now, |alarms, out| alarms.device_moved(replaced, now, out));
        self.changed_beds
            .extend(moved.left.into_iter().chain(placing.bed));
        Ok(())
    }

    /// Somebody else lies in a bed, or the same under another name: for whom its devices measure from now on.
    pub(super) fn tell_bindings_of(&mut self, bed: &BedId, now: MonoTime) {
        self.tell_bindings_where(|binding| binding.bed.as_ref() == Some(bed), now);
    }

    fn tell_bindings_where(&mut self, is_told: impl Fn(&Binding) -> bool, now: MonoTime) {
        let told = self.ward.bindings(now).into_iter();
        for binding in told.filter(is_told) {
            self.event(now, Event::Bound(binding));
        }
    }

    /// A new file knows nothing of where devices stand and stood: told again.
    pub fn tell_bindings_again(&mut self, now: MonoTime) {
        for binding in self.ward.bindings_before() {
            self.event(binding.from, Event::Bound(binding));
        }
        for binding in self.ward.bindings(now) {
            self.event(now, Event::Bound(binding));
        }
    }

    /// What a person has acknowledged at a bed without devices is over.
    pub(super) fn judge_bare_beds(&mut self, now: MonoTime) {
        let bare = self
            .beds
            .iter()
            .filter(|bed| self.ward.devices_at(bed).next().is_none());
        let bare: Vec<BedId> = bare.cloned().collect();
        self.raise(now, |alarms, out| {
            bare.iter().for_each(|bed| alarms.nobody_measures(bed, now, out));
        });
    }
}
