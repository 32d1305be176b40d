//! What is wrong with the equipment: looked at with every tick.

use std::collections::BTreeSet;
use std::time::Duration;

use vitals::audit::STOP;
use vitals::wire::OnDuty;
use vitals::{
    AdmissionId, BootId, ClockTrust, Condition, DeviceAlarm, DeviceId, Event, Lane, MonoTime, Record,
    WallTime,
};

use super::Post;
use crate::relay::CentreState;
use crate::store::{Store, StoreState};
use crate::ward::{Device, DeviceAlarms};
use alarms::Place;

/// Somebody must have the time to carry a new certificate to the post.
const CERTIFICATE_LEFT_MIN: Duration = Duration::from_secs(30 * 24 * 3_600);

/// A bed has data while a value is no older.
const HAS_DATA_FOR: Duration = Duration::from_secs(60);

/// A monitor's alarms: where it stands, who lies there, and what it says; `None` = it is not heard now.
type Told = (Place, Option<AdmissionId>, Option<Vec<DeviceAlarm>>);

/// What is wrong on the way from a device.
struct LineJudged {
    place: Place,
    /// `None` = nobody can know yet.
    silent: Option<bool>,
    disturbed: bool,
}

impl Post {
    pub(super) fn judge_conditions(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        let lines: Vec<LineJudged> = self
            .ward
            .devices()
            .map(|device| self.judge_line(device, now))
            .collect();
        let told: Vec<Told> = self
            .ward
            .devices()
            .filter_map(|device| self.told_by(device))
            .collect();
        let unknown = self.beds_of_nobody_knows_whom(now);
        let nobody_hears = self.nobody_hears(now);
        let undelivered = self.judge_undelivered();
        let of_the_post = self.of_the_post(wall, nobody_hears, undelivered);
        let talking: BTreeSet<DeviceId> = lines
            .iter()
            .filter(|line| line.silent == Some(false))
            .filter_map(|line| line.place.device.clone())
            .collect();
        self.raise(now, |alarms, out| {
            for line in lines {
                let disturbed = Condition::LineDisturbed;
                alarms.condition(line.place.clone(), disturbed, Some(line.disturbed), now, out);
                alarms.condition(line.place, Condition::DeviceSilent, line.silent, now, out);
            }
            for (place, stay, told) in &told {
                alarms.monitor(place, stay.as_ref(), told.as_deref(), now, out);
            }
            alarms.stopped(|device| talking.contains(device), now, out);
            for (place, is_unknown) in unknown {
                let condition = Condition::PatientNotIdentified;
                alarms.condition(place, condition, Some(is_unknown), now, out);
            }
            alarms.site_unheard(|device| talking.contains(device), now, out);
            for (condition, holds) in of_the_post {
                alarms.condition(Place::POST, condition, holds, now, out);
            }
            alarms.tick(now, out);
        });
    }

    fn judge_line(&self, device: &Device, now: MonoTime) -> LineJudged {
        let in_use = !device.is_put_away();
        let silent = device.is_silent(self.started, now);
        LineJudged {
            place: Place {
                bed: device.bed().cloned(),
                device: Some(device.setup.id.clone()),
            },
            silent: silent.map(|silent| silent && in_use),
            disturbed: device.is_disturbed() && in_use,
        }
    }

    /// A device has told which of its own alarms are present: whoever answers for its bed is told at the same moment.
    pub(super) fn monitor_alarms(&mut self, device: &DeviceId, now: MonoTime) {
        let told = self.ward.device(device).and_then(|device| self.told_by(device));
        if let Some((place, stay, told)) = told {
            self.raise(now, |alarms, out| {
                alarms.monitor(&place, stay.as_ref(), told.as_deref(), now, out);
            });
        }
    }

    /// `None` = it has never told any, or stands beside no bed: then nobody is alarmed about by it.
    fn told_by(&self, device: &Device) -> Option<Told> {
        let bed = device.bed().filter(|_| !device.is_put_away())?;
        let told = match &device.alarms {
            DeviceAlarms::NeverTold => return None,
            DeviceAlarms::NotKnown => None,
            DeviceAlarms::Present(alarms) => Some(alarms.clone()),
        };
        let place = Place {
            bed: Some(bed.clone()),
            device: Some(device.setup.id.clone()),
        };
        let stay = self.ward.stay(bed).map(|stay| stay.admission.clone());
        Some((place, stay, told))
    }

    /// Each bed, and whether values come from it although nobody has said who lies there.
    fn beds_of_nobody_knows_whom(&self, now: MonoTime) -> Vec<(Place, bool)> {
        let beds = self.ward.beds().iter().map(|bed| {
            let mut values = bed.values.values();
            let has_data = values.any(|(_, latest)| {
                latest.seen.measured.value().is_some() && now.since(latest.at) <= HAS_DATA_FOR
            });
            let place = Place {
                bed: Some(bed.setup.id.clone()),
                device: None,
            };
            (place, has_data && bed.stay().identity.is_unknown())
        });
        beds.collect()
    }

    /// Each condition of the post itself, and whether it holds; `None` = nobody can know now.
    fn of_the_post(
        &self,
        wall: (WallTime, ClockTrust),
        nobody_hears: Option<bool>,
        undelivered: bool,
    ) -> [(Condition, Option<bool>); 10] {
        let centre = self.centre.borrow();
        let unreachable = match centre.state {
            CentreState::Unreachable => Some(true),
            CentreState::Up | CentreState::NotConfigured => Some(false),
            CentreState::Connecting => None,
        };
        // Who is on duty at a centre that is not heard, nobody knows.
        let nobody_on_duty = match centre.state {
            CentreState::NotConfigured => Some(false),
            CentreState::Up => Some(centre.duty == OnDuty::Nobody),
            CentreState::Unreachable | CentreState::Connecting => None,
        };
        let failing = matches!(*self.store_state.borrow(), StoreState::Failing { .. });
        let nearly_full = self.space.borrow().nearly_full.is_some();
        let clock_not_set = self.time.anchor().trust == ClockTrust::Untrusted;
        let expiring = is_expiring(centre.certificate_expires, wall);
        [
            (Condition::CentreUnreachable, unreachable),
            (Condition::StoreFailing, Some(failing)),
            (Condition::StoreSetAside, Some(false)),
            (Condition::RestartedByItself, Some(false)),
            (Condition::CardNearlyFull, Some(nearly_full)),
            (Condition::ClockNotSet, Some(clock_not_set)),
            (Condition::CertificateExpiring, expiring),
            (Condition::NoScreenWithSound, nobody_hears),
            (Condition::AlarmUndelivered, Some(undelivered)),
            (Condition::NobodyOnDuty, nobody_on_duty),
        ]
    }
}

/// Whether the run before this one ended without having been told to, while the box went on: it crashed, or the watchdog
/// ended it. Asked before this run says anything. A power cut is no such end, nor is a store that cannot be read.
pub(super) fn ended_unexpectedly(store: &Store, boot: BootId) -> bool {
    let mut unexpectedly = false;
    let read = store.read_back(Lane::Events, |_, record| {
        let Record::Event { event, .. } = record else {
            return true;
        };
        match event {
            Event::Audited(entry) => entry.deed.told.action != STOP,
            Event::Anchor(anchor) => {
                unexpectedly = anchor.boot == boot;
                false
            }
            Event::Started { boot: then, .. } => {
                unexpectedly = then == boot;
                false
            }
            _ => true,
        }
    });
    read.is_ok() && unexpectedly
}

/// Whether a certificate is near its end, or beyond; `None` = the clock of this box does not know.
fn is_expiring(expires: Option<WallTime>, (wall, trust): (WallTime, ClockTrust)) -> Option<bool> {
    let Some(expires) = expires else {
        return Some(false);
    };
    let left = i128::from(expires.as_unix_ns()) - i128::from(wall.as_unix_ns());
    (trust > ClockTrust::Untrusted).then_some(left < CERTIFICATE_LEFT_MIN.as_nanos() as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_told_a_month_before_its_end_and_never_by_a_clock_that_nobody_believes() {
        let wall = |day: i64| WallTime::from_unix_ms((20_000 + day) * 86_400_000);
        let judged = |expires, day, trust| is_expiring(expires, (wall(day), trust));
        let expires = Some(wall(100));
        assert_eq!(judged(expires, 70, ClockTrust::Holdover), Some(false));
        assert_eq!(judged(expires, 71, ClockTrust::Holdover), Some(true));
        assert_eq!(judged(expires, 101, ClockTrust::Synchronised), Some(true));
        assert_eq!(judged(expires, 101, ClockTrust::Untrusted), None);
        assert_eq!(judged(None, 101, ClockTrust::Untrusted), Some(false));
    }
}
