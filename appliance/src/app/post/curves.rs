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
        // Drawn where the device stands now, kept where it stood then (I3).
        if let Some(bed) = known.bed().filter(|bed| known.bed_at(at) == Some(bed)) {
            self.curves.take(bed, &device, &block, now);
        }
        let bed = known.bed_at(at).cloned();
        let admission = bed.as_ref().and_then(|bed| self.ward.admission_at(bed, at));
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
