//! Alarms about the post's own equipment: values that a register map compares with a limit.
//!
//! - A5: an absent value is compared with nothing (I5): it raises and ends no alarm of its value; that it is missing for
//!   [`vitals::site::MISSING_DELAY`] is an alarm of its own, also when the device answers and never tells the value.
//! - A6: an alarm of a value stays until the value is back, whatever happens to its sensor meanwhile.

use std::time::Duration;

use vitals::alarm::Rule;
use vitals::{
    AlarmChange, BedId, Condition, DeviceId, Measured, MonoTime, SignalId, SiteAlarm, SiteReading,
    SiteTrouble,
};

use super::sense::{Sense, Sensed, UNSEEN_FOR_MAX};
use super::{Alarms, Place};

/// A value of a device is not heard of for this long, and for three polls, while the device talks: it is missing.
const UNHEARD_FOR_MAX: Duration = Duration::from_secs(10);

/// One value about the post that alarms.
#[derive(Clone, Debug)]
pub struct SiteWatch {
    /// Whose value.
    pub device: DeviceId,
    /// Where that device stands.
    pub bed: Option<BedId>,
    /// Which value.
    pub signal: SignalId,
    /// When it alarms; at most one for each trouble.
    pub alarms: Vec<SiteAlarm>,
    /// Unit of value and limits.
    pub unit: String,
    /// How often it is asked for.
    pub interval: Duration,
}

/// A value that alarms, and when it was last spoken of.
#[derive(Debug)]
pub(super) struct Watched {
    watch: SiteWatch,
    heard: MonoTime,
}

impl SiteWatch {
    fn place(&self) -> Place {
        Place {
            bed: self.bed.clone(),
            device: Some(self.device.clone()),
        }
    }

    fn condition(&self, trouble: SiteTrouble) -> Condition {
        Condition::Site {
            trouble,
            signal: self.signal,
        }
    }

    /// What `measured` says about each alarm.
    fn judge(&self, measured: Measured) -> Vec<(Condition, Sensed)> {
        let value = measured.value();
        let limits = self.alarms.iter().map(|alarm| {
            let sense = match value {
                None => Sense::Unknown,
                Some(value) if alarm.holds(value) => Sense::Holds,
                Some(value) if alarm.is_gone(value) => Sense::Gone,
                Some(_) => Sense::Wavers,
            };
            let sensed = Sensed {
                value,
                limit: Some(alarm.with),
                text: alarm.text.clone(),
                // A sensor that comes and goes does not start the delay anew.
                absent_for_max: alarm.delay.max(self.unseen_for_max()),
                ..self.sensed(sense)
            };
            (self.condition(alarm.trouble()), sensed)
        });
        let missing = match value {
            None => Sense::Holds,
            Some(_) => Sense::Gone,
        };
        let missing = (
            self.condition(SiteTrouble::Missing),
            Sensed {
                text: self.text(),
                ..self.sensed(missing)
            },
        );
        limits.chain([missing]).collect()
    }

    fn sensed(&self, sense: Sense) -> Sensed {
        Sensed {
            unit: self.unit.clone(),
            unseen_for_max: self.unseen_for_max(),
            ..Sensed::plain(sense)
        }
    }

    /// The words of the map, where all its alarms have the same.
    fn text(&self) -> String {
        let first = self.alarms.first().map_or("", |alarm| alarm.text.as_str());
        let same = self.alarms.iter().all(|alarm| alarm.text == first);
        if same { first.to_owned() } else { String::new() }
    }

    fn unseen_for_max(&self) -> Duration {
        (self.interval * 3).max(UNSEEN_FOR_MAX)
    }

    fn rule(&self, trouble: SiteTrouble) -> Option<Rule> {
        let alarm = self.alarms.iter().find(|alarm| alarm.trouble() == trouble);
        alarm.map(SiteAlarm::rule)
    }
}

impl Alarms {
    /// This value is watched from now on.
    pub fn watch_site(&mut self, watch: SiteWatch, now: MonoTime) {
        let key = (watch.device.clone(), watch.signal);
        self.site.insert(key, Watched { watch, heard: now });
    }

    /// A device stands elsewhere now: its values are watched there.
    pub(super) fn watches_moved(&mut self, device: &DeviceId, to: Option<&BedId>) {
        for watched in self.site.values_mut() {
            if watched.watch.device == *device {
                watched.watch.bed = to.cloned();
            }
        }
    }

    /// Whether something here can still end this alarm: its map may have changed over a restart.
    pub fn knows(&self, alarm: &AlarmChange) -> bool {
        let (Condition::Site { trouble, signal }, Some(device)) = (alarm.condition, &alarm.device) else {
            return true;
        };
        let watched = self.site.get(&(device.clone(), signal));
        watched.is_some_and(|known| trouble == SiteTrouble::Missing || known.watch.rule(trouble).is_some())
    }

    /// A device said something about the post.
    pub fn site(&mut self, reading: &SiteReading, now: MonoTime, out: &mut Vec<AlarmChange>) {
        let Ok(signal) = reading.signal.parse::<SignalId>() else {
            return;
        };
        let Some(watched) = self.site.get_mut(&(reading.device.clone(), signal)) else {
            return;
        };
        watched.heard = now;
        let (place, judged) = (watched.watch.place(), watched.watch.judge(reading.measured));
        for (condition, sensed) in judged {
            self.sense(place.clone(), condition, &sensed, now, out);
        }
    }

    /// Values that are not told although their device talks (it refuses the question, for example) are missing.
    pub fn site_unheard(
        &mut self,
        talks: impl Fn(&DeviceId) -> bool,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        let unheard = |watched: &&Watched| {
            let most = (watched.watch.interval * 3).max(UNHEARD_FOR_MAX);
            now.since(watched.heard) > most && talks(&watched.watch.device)
        };
        let missing: Vec<(Place, Condition, Sensed)> = self
            .site
            .values()
            .filter(unheard)
            .map(|watched| {
                let watch = &watched.watch;
                let sensed = Sensed {
                    text: watch.text(),
                    ..watch.sensed(Sense::Holds)
                };
                (watch.place(), watch.condition(SiteTrouble::Missing), sensed)
            })
            .collect();
        for (place, condition, sensed) in missing {
            self.sense(place, condition, &sensed, now, out);
        }
    }

    /// The rule of a condition: a map's for its values, else that of the central table.
    pub(super) fn rule(&self, place: &Place, condition: Condition) -> Rule {
        let of_map = match (condition, &place.device) {
            (Condition::Site { trouble, signal }, Some(device)) => {
                let watched = self.site.get(&(device.clone(), signal));
                watched.and_then(|watched| watched.watch.rule(trouble))
            }
            _ => None,
        };
        self.tuning
            .rule(condition, of_map.unwrap_or_else(|| condition.rule()))
    }
}

#[cfg(test)]
mod tests;
