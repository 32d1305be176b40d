//! From the live state to the picture that the doctors' page gets.

use std::cmp::Reverse;

use vitals::wire::PostStatus;
use vitals::{AlarmId, BedId, PostId, Priority, WallTime};

use super::alerts::Alert;
use super::beds::{Bed, Latest};
use super::{Post, Wards};
use crate::clock::Moment;
use crate::view::{ALERTS_MAX, AlertView, BedView, PostView, Problem, SeenView, ValueView, View};

impl Wards {
    /// The picture. `now` only relates the posts' clocks to the centre's; ages are worked out when it is sent.
    pub fn view(&self, centre: &str, problems: Vec<Problem>, now: Moment) -> View {
        let posts = self.posts.iter().map(|(id, post)| post.view(id, now));
        let mut alerts: Vec<(&PostId, &Post, &Alert)> = Vec::new();
        for (id, post) in &self.posts {
            alerts.extend(post.alerts.iter().map(|alert| (id, post, alert)));
        }
        let alerts_total = alerts.iter().filter(|(_, _, alert)| alert.is_open()).count();
        if alerts.len() > ALERTS_MAX {
            alerts.sort_by_cached_key(|(_, post, alert)| (post.urgency(alert), post.newest_first(alert)));
            alerts.truncate(ALERTS_MAX);
        }
        alerts.sort_by_cached_key(|(_, post, alert)| post.newest_first(alert));
        let marks = alerts
            .iter()
            .flat_map(|(_, post, alert)| post.alerts.seen_by(alert.change.id));
        let waiting = marks.filter(|mark| !mark.confirmed && !mark.is_expired(now.wall));
        View {
            centre: centre.to_owned(),
            problems,
            posts: posts.collect(),
            alerts_total,
            next_expiry: waiting.map(|mark| mark.expires).min(),
            alerts: alerts
                .iter()
                .map(|(id, post, alert)| post.alert_view(id, alert, now))
                .collect(),
        }
    }
}

impl Post {
    fn view(&self, id: &PostId, now: Moment) -> PostView {
        let state = self.state.as_ref();
        PostView {
            id: id.clone(),
            name: state.map_or_else(|| id.to_string(), |state| state.name.clone()),
            said: state.map_or(PostStatus::Lost, |state| state.status),
            heartbeat: self.heartbeat,
            silent_since: self.heartbeat.or(self.kept_state),
            behind: self.behind(),
            beds: self.bed_views(now),
        }
    }

    /// The beds in the post's own order; beds that it does not name only if its present run measured there.
    fn bed_views(&self, now: Moment) -> Vec<BedView> {
        let present = self.state.as_ref().map(|state| state.epoch);
        let named = self.state.iter().flat_map(|state| &state.beds);
        let mut views: Vec<BedView> = named
            .map(|(bed, label)| self.bed_view(bed, label, self.beds.get(bed), now))
            .collect();
        for (id, bed) in self.beds.iter() {
            let is_present =
                present.is_none() || bed.values.values().any(|latest| Some(latest.epoch()) == present);
            if is_present && !views.iter().any(|view| view.id == *id) {
                views.push(self.bed_view(id, id.as_str(), Some(bed), now));
            }
        }
        views
    }

    fn bed_view(&self, id: &BedId, label: &str, bed: Option<&Bed>, now: Moment) -> BedView {
        let values = bed.into_iter().flat_map(|bed| &bed.values);
        BedView {
            id: id.clone(),
            label: label.to_owned(),
            values: values
                .map(|(code, latest)| ValueView {
                    code: *code,
                    measured: latest.measured,
                    quality: latest.quality,
                    measured_wall: self.clock.wall(latest.at),
                    taken_ms: self.taken_ms(latest, now),
                })
                .collect(),
        }
    }

    /// W1: when a value was measured by the centre's monotonic clock; never later than when it arrived.
    fn taken_ms(&self, latest: &Latest, now: Moment) -> Option<i64> {
        let ms = |mono: vitals::MonoTime| i64::try_from(mono.as_ms()).unwrap_or(i64::MAX);
        let taken = ms(now.mono).saturating_sub(self.clock.age_ms(latest.at, now)?);
        Some(latest.arrived.map_or(taken, |arrived| taken.min(ms(arrived))))
    }

    /// What is cut last when there are too many alerts comes first: open ones, the most urgent, those nobody has seen.
    fn urgency(&self, alert: &Alert) -> (bool, Reverse<Priority>, bool) {
        let is_seen = !self.alerts.seen_by(alert.change.id).is_empty();
        (!alert.is_open(), Reverse(alert.change.priority), is_seen)
    }

    /// The order on the screen: open ones first, of these the newest.
    fn newest_first(&self, alert: &Alert) -> (bool, Reverse<(WallTime, AlarmId)>) {
        let onset = self.clock.wall(alert.change.onset).unwrap_or(alert.received);
        (!alert.is_open(), Reverse((onset, alert.change.id)))
    }

    fn alert_view(&self, post: &PostId, alert: &Alert, now: Moment) -> AlertView {
        let change = &alert.change;
        let named = self.state.iter().flat_map(|state| &state.beds);
        let label = |bed: &BedId| {
            let found = named.clone().find(|(id, _)| id == bed);
            found.map_or_else(|| bed.to_string(), |(_, label)| label.clone())
        };
        let seen = self.alerts.seen_by(change.id).into_iter().map(|mark| SeenView {
            by: mark.by.clone(),
            wall_ms: mark.at.as_unix_ms(),
            confirmed: mark.confirmed,
            expired: mark.is_expired(now.wall),
        });
        AlertView {
            post: post.clone(),
            id: change.id,
            condition: change.condition,
            priority: change.priority,
            kind: change.condition.rule().kind,
            phase: change.phase,
            bed: change.bed.clone(),
            bed_label: change.bed.as_ref().map(label),
            value: change.value,
            limit: change.limit,
            onset_wall_ms: self.clock.wall(change.onset).map(|wall| wall.as_unix_ms()),
            received_wall_ms: alert.received.as_unix_ms(),
            delay_ms: alert.late_ms,
            past: alert.is_past(&self.clock),
            onsets: change.onsets,
            acknowledged_by: change.acknowledged_by.clone(),
            seen: seen.collect(),
        }
    }
}
