//! Beds at which alarms follow one another so fast that nobody listens any more (alarms.md section 8): advice to look at the
//! limits. It changes no alarm.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::{AlarmChange, AlarmId, AlarmPhase, BedId, MonoTime};

/// More announcements than this in [`FLOOD_WITHIN`] are a flood.
pub const FLOOD_ONSETS: usize = 10;

/// The time looked back on.
pub const FLOOD_WITHIN: Duration = Duration::from_secs(600);

/// Announcements remembered of one bed; what goes beyond is a flood all the same.
const ONSETS_MAX: usize = 200;

/// The announcements of the last minutes, by bed.
#[derive(Clone, Debug, Default)]
pub struct Floods {
    beds: BTreeMap<BedId, VecDeque<(MonoTime, AlarmId, u32)>>,
}

impl Floods {
    /// An alarm took a step; it counts when it was announced by it.
    pub fn heard(&mut self, change: &AlarmChange) {
        let Some(bed) = change.bed.clone().filter(|_| change.phase == AlarmPhase::Active) else {
            return;
        };
        let onsets = self.beds.entry(bed).or_default();
        let is_known =
            |(_, id, count): &(MonoTime, AlarmId, u32)| *id == change.id && *count >= change.onsets;
        if onsets.iter().any(is_known) {
            return;
        }
        if onsets.len() >= ONSETS_MAX {
            onsets.pop_front();
        }
        onsets.push_back((change.at, change.id, change.onsets));
    }

    /// Time passes.
    pub fn tick(&mut self, now: MonoTime) {
        for onsets in self.beds.values_mut() {
            onsets.retain(|(at, ..)| now.since(*at) < FLOOD_WITHIN);
        }
        self.beds.retain(|_, onsets| !onsets.is_empty());
    }

    /// Somebody else lies in a bed.
    pub fn stay_over(&mut self, bed: &BedId) {
        self.beds.remove(bed);
    }

    /// The flooded beds, with how many announcements there were.
    pub fn now(&self) -> impl Iterator<Item = (&BedId, usize)> {
        let counted = self.beds.iter().map(|(bed, onsets)| (bed, onsets.len()));
        counted.filter(|(_, onsets)| *onsets > FLOOD_ONSETS)
    }
}
