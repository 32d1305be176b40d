//! Curves that a device sends: to the card, and to the pages that draw them.

use vitals::record::WaveRecord;
use vitals::{DeviceId, MonoTime, Record, WaveBlock};

use super::Post;
use crate::web::live::Update;

impl Post {
    pub(super) fn wave(&mut self, device: DeviceId, at: MonoTime, block: WaveBlock, now: MonoTime) {
        let Some(known) = self.ward.alive(&device, at) else {
            return;
        };
        let bed = known.bed_at(at).cloned();
        let is_there = known.bed() == bed.as_ref();
        let admission = bed.as_ref().and_then(|bed| self.ward.admission_at(bed, at));
        // Drawn where the device stands now, kept where it stood then (I3).
        if let Some(bed) = bed.as_ref().filter(|_| is_there) {
            self.curves.take((bed, admission.as_ref()), &device, &block, now);
        }
        self.store.append(Record::Wave(WaveRecord {
            device,
            bed,
            admission,
            at,
            block,
        }));
    }

    pub(super) fn publish_curves(&mut self, now: MonoTime) {
        if let Some(curves) = self.curves.changed(now) {
            self.pages.publish(Update::Curves { curves });
        }
        if let Some(frame) = self.curves.frame(now) {
            self.pages.publish_frame(frame);
        }
    }
}
