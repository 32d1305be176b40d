//! What is wrong with the equipment: looked at with every tick.

use std::collections::BTreeSet;
use std::time::Duration;

use vitals::wire::OnDuty;
use vitals::{BedId, ClockTrust, Condition, DeviceId, MonoTime, WallTime};

use super::Post;
use crate::relay::CentreState;
use crate::store::StoreState;
use alarms::Place;

/// Somebody must have the time to carry a new certificate to the post.
const CERTIFICATE_LEFT_MIN: Duration = Duration::from_secs(30 * 24 * 3_600);

impl Post {
    pub(super) fn judge_conditions(&mut self, now: MonoTime, wall: (WallTime, ClockTrust)) {
        let mut silent: Vec<(Place, Option<bool>)> = self
            .ward
            .devices()
            .map(|device| {
                let place = Place {
                    bed: device.bed().cloned(),
                    device: Some(device.setup.id.clone()),
                };
                let silent = device.is_silent(self.started, now);
                (place, silent.map(|silent| silent && !device.is_put_away()))
            })
            .collect();
        let nobody_hears = self.nobody_hears(now);
        let undelivered = self.judge_undelivered();
        let of_the_post = self.of_the_post(wall, nobody_hears, undelivered);
        let talking: BTreeSet<DeviceId> = silent
            .iter()
            .filter(|(_, silent)| *silent == Some(false))
            .filter_map(|(place, _)| place.device.clone())
            .collect();
        // Beside an empty bed nobody misses a device.
        let is_empty = |bed: &BedId| self.ward.stay(bed).is_some_and(|stay| stay.vacant);
        for (place, silent) in &mut silent {
            if place.bed.as_ref().is_some_and(is_empty) {
                *silent = Some(false);
            }
        }
        self.raise(now, |alarms, out| {
            for (place, silent) in silent {
                alarms.condition(place, Condition::DeviceSilent, silent, now, out);
            }
            alarms.site_unheard(|device| talking.contains(device), now, out);
            for (condition, holds) in of_the_post {
                alarms.condition(Place::POST, condition, holds, now, out);
            }
            alarms.tick(now, out);
        });
    }

    /// Each condition of the post itself, and whether it holds; `None` = nobody can know now.
    fn of_the_post(
        &self,
        wall: (WallTime, ClockTrust),
        nobody_hears: Option<bool>,
        undelivered: bool,
    ) -> [(Condition, Option<bool>); 9] {
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
            (Condition::CardNearlyFull, Some(nearly_full)),
            (Condition::ClockNotSet, Some(clock_not_set)),
            (Condition::CertificateExpiring, expiring),
            (Condition::NoScreenWithSound, nobody_hears),
            (Condition::AlarmUndelivered, Some(undelivered)),
            (Condition::NobodyOnDuty, nobody_on_duty),
        ]
    }
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
