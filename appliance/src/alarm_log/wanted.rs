//! Which entries somebody looks for.

use vitals::{BedId, Priority, WallTime};

use super::entries::{AlarmEntry, Change, Entry, What};

/// What is looked for; nothing named = everything in that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Only what began at this moment or later.
    pub from: WallTime,
    /// Only what began before this moment.
    pub to: WallTime,
    /// Only at this bed; a gap is at every bed.
    pub bed: Option<BedId>,
    /// Only where this stands in the condition's key or name, the device, the alarm's id or the name of a person; no matter
    /// whether large or small letters.
    pub text: Option<String>,
    /// Only alarms that were this urgent.
    pub priority: Option<Priority>,
}

impl Wanted {
    /// True when this entry is looked for. One whose time nobody knows is in every stretch of time.
    pub fn fits(&self, entry: &Entry) -> bool {
        let in_time = match (&entry.what, entry.at.believed()) {
            (_, None) => true,
            (What::Gap(to), Some(from)) => from < self.to && to.wall.is_none_or(|to| to > self.from),
            (_, Some(at)) => at >= self.from && at < self.to,
        };
        in_time
            && match &entry.what {
                What::Alarm(alarm) => self.fits_alarm(alarm),
                What::Limits(change) | What::Signals(change) => self.fits_change(change),
                What::Gap(_) => self.priority.is_none() && self.text.is_none(),
            }
    }

    fn fits_alarm(&self, alarm: &AlarmEntry) -> bool {
        let people = alarm.steps.iter().filter_map(|step| step.by.as_deref());
        let device = alarm.device.as_ref().map(|device| device.as_str());
        let (key, id) = (alarm.condition.key(), alarm.id.to_string());
        let words = [key.as_str(), id.as_str(), alarm.text.as_str()].into_iter();
        self.bed
            .as_ref()
            .is_none_or(|bed| alarm.bed.as_ref() == Some(bed))
            && self.priority.is_none_or(|priority| alarm.priority == priority)
            && self.says(words.chain(device).chain(people))
    }

    fn fits_change(&self, change: &Change) -> bool {
        let words = [Some(change.after.as_str()), change.by.as_deref()];
        self.priority.is_none()
            && self
                .bed
                .as_ref()
                .is_none_or(|bed| change.bed.as_ref() == Some(bed))
            && self.says(words.into_iter().flatten())
    }

    fn says<'a>(&self, mut words: impl Iterator<Item = &'a str>) -> bool {
        let wanted = self.text.as_ref().map(|text| text.to_lowercase());
        wanted.is_none_or(|wanted| words.any(|words| words.to_lowercase().contains(&wanted)))
    }
}
