//! What became of alarms on their way to a doctor (I6): told to the page, and recorded where nobody answered.

use std::sync::Arc;

use vitals::{AlarmId, BedId, Condition, Event, Lane, MonoTime};

use super::super::tracks::Way;
use super::super::view;
use super::Post;
use crate::relay::CentreState;
use crate::store::Destination;
use crate::web::live;

impl Post {
    fn way(&self) -> Way {
        let centre = self.centre.borrow();
        Way {
            centre: centre.state,
            sent: centre.alerts_sent,
            confirmed: self.store.outbox_cursor(Destination::CENTRE, Lane::Alerts),
            waiting: self.store.waiting(Destination::CENTRE, Lane::Alerts),
        }
    }

    /// Notes the alarms whose time is over unread. Where there is no centre nobody is asked.
    pub(super) fn judge_expired(&mut self, now: MonoTime) {
        if self.centre.borrow().state == CentreState::NotConfigured {
            return;
        }
        let boot = self.clock.boot();
        for alarm in self.past.tracks.expire(&self.alarms.open(), boot) {
            self.event(now, Event::Expired { alarm });
        }
    }

    /// Whether alarms that a doctor must know of have waited too long for the centre's word.
    pub(super) fn judge_undelivered(&mut self) -> bool {
        let way = self.way();
        let open = self.alarms.open();
        if !open
            .iter()
            .any(|alarm| alarm.condition == Condition::AlarmUndelivered)
        {
            self.past.tracks.forget_undelivered();
        }
        self.past.tracks.judge_undelivered(&open, &way)
    }

    pub(super) fn alarms_shown(&mut self, now: MonoTime) -> Arc<Vec<live::Alarm>> {
        let way = self.way();
        let boot = self.clock.boot();
        let (tracks, ward, name) = (&mut self.past.tracks, &self.ward, self.name.as_str());
        let pauses = &self.signals.pauses;
        let alarms = &self.alarms;
        let shown = alarms.open().into_iter().map(|change| {
            let present = change.bed.as_ref().and_then(|bed| ward.stay(bed));
            let present = present.map(|stay| ward.as_present(change, stay));
            let is_of_others = change.condition == Condition::AlarmUndelivered;
            let places = tracks.undelivered().iter().filter(|_| is_of_others);
            let label = |place: &Option<BedId>| match place.as_ref().and_then(|bed| ward.bed(bed)) {
                Some(bed) => bed.setup.label.clone(),
                None => name.to_owned(),
            };
            let undelivered: Vec<String> = places.map(label).collect();
            let told = told(tracks, change.id, &way, now, undelivered);
            live::Alarm {
                sounds: pauses.sounds(change),
                flashes: pauses.flashes(change),
                again_ms: alarms.returned(change).map(MonoTime::as_ms),
                recalled: alarms.recalled(change).map(view::recalled),
                calls_again_ms: alarms.calls_again(change).map(MonoTime::as_ms),
                ..view::alarm(change, present, boot, told)
            }
        });
        Arc::new(shown.collect())
    }
}

fn told(
    tracks: &mut super::super::tracks::Tracks,
    alarm: AlarmId,
    way: &Way,
    now: MonoTime,
    undelivered: Vec<String>,
) -> view::Told {
    let delivery = tracks.delivery(alarm, way, now);
    let known = tracks.known(alarm);
    view::Told {
        seen: tracks.marks(alarm),
        delivery,
        steps: known.map(view::steps).unwrap_or_default(),
        responsible: known.and_then(|known| view::responsible(tracks, known)),
        undelivered,
    }
}
