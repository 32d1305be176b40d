//! From the live state to the picture that the doctors' page gets.

mod delivery;

use std::cmp::Reverse;
use std::sync::Arc;

use vitals::wire::{CommandKind, PostStatus};
use vitals::{AlarmId, AlarmPhase, BedId, Decimal, PostId, Priority, Stamp, WallTime};

use super::alerts::Alert;
use super::beds::{Bed, Latest};
use super::{OUTAGE_SHOWN, Post, Wards};
use crate::clock::Moment;
use crate::store::Sent;
use crate::view::{
    ALERTS_MAX, AlertView, BedView, GapView, LimitView, OUTAGES_SHOWN_MAX, OutageView, PostView, Problem,
    SENT_SHOWN_MAX, SeenView, SentState, SentView, ValueView, View,
};

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
        let waiting = marks.filter(|mark| !mark.confirmed && !mark.is_given_up(now.wall));
        let sent = self.posts.values().flat_map(|post| post.sent.pending(now.wall));
        let expiries = waiting
            .map(|mark| mark.expires)
            .chain(sent.map(|command| command.expires));
        let alerts: Vec<AlertView> = alerts
            .iter()
            .map(|(id, post, alert)| post.alert_view(id, alert, now))
            .collect();
        let responsible = alerts
            .iter()
            .filter_map(|alert| alert.delivery.responsible.as_ref());
        let expiries = expiries.chain(responsible.map(|who| WallTime::from_unix_ms(who.until_wall_ms)));
        View {
            centre: centre.to_owned(),
            problems,
            posts: posts.collect(),
            alerts_total,
            duty: Arc::default(),
            next_expiry: expiries.filter(|expiry| *expiry > now.wall).min(),
            alerts,
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
            gap: self.gap_view(),
            outages: self.outage_views(now.wall),
            sent: self.sent_views(now.wall),
            beds: self.bed_views(now),
        }
    }

    fn wall_ms(&self, at: Stamp) -> Option<i64> {
        self.clock.wall(at).map(WallTime::as_unix_ms)
    }

    fn gap_view(&self) -> Option<GapView> {
        let gap = self.lanes.gap()?;
        Some(GapView {
            records: gap.records,
            from_wall_ms: gap.before.iter().filter_map(|at| self.wall_ms(*at)).min(),
            to_wall_ms: gap.after.iter().filter_map(|at| self.wall_ms(*at)).max(),
            since_ms: gap.since.as_ms(),
        })
    }

    fn outage_views(&self, now: WallTime) -> Vec<OutageView> {
        let shown_ms = i64::try_from(OUTAGE_SHOWN.as_millis()).unwrap_or(i64::MAX);
        let is_recent = |received: WallTime| now.as_unix_ms() - received.as_unix_ms() < shown_ms;
        let newest = self.outages.iter().rev();
        newest
            .filter(|report| is_recent(report.received))
            .take(OUTAGES_SHOWN_MAX)
            .map(|report| OutageView {
                from_wall_ms: self.wall_ms(report.outage.from),
                to_wall_ms: self.wall_ms(Stamp {
                    mono: report.outage.to,
                    ..report.over
                }),
                over_wall_ms: self
                    .wall_ms(report.over)
                    .unwrap_or_else(|| report.received.as_unix_ms()),
                kept: report.outage.kept,
                lost: report.outage.lost,
                oldest_alert_delay_ms: report
                    .outage
                    .oldest_alert_delay
                    .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
            })
            .collect()
    }

    fn sent_views(&self, now: WallTime) -> Vec<SentView> {
        let shown_ms = i64::try_from(OUTAGE_SHOWN.as_millis()).unwrap_or(i64::MAX);
        let is_recent = |sent: &&Sent| now.as_unix_ms() - sent.command.expires.as_unix_ms() < shown_ms;
        let newest = self.sent.newest().filter(is_recent);
        newest
            .filter_map(|sent| self.sent_view(sent, now))
            .take(SENT_SHOWN_MAX)
            .collect()
    }

    fn sent_view(&self, sent: &Sent, now: WallTime) -> Option<SentView> {
        let (bed, by, text, limit) = match &sent.command.kind {
            CommandKind::Message { bed, by, text, .. } => (bed.clone(), by, Some(text.clone()), None),
            CommandKind::ProposeLimit(proposal) => {
                let limit = LimitView {
                    code: proposal.code,
                    label: proposal.code.info().label,
                    side: proposal.side,
                    limit: proposal.limit,
                };
                (Some(proposal.bed.clone()), &proposal.by, None, Some(limit))
            }
            CommandKind::Seen { .. } | CommandKind::Deed(_) | CommandKind::Unknown => return None,
        };
        let state = match sent.answer {
            Some(answer) if answer.refused.is_none() => SentState::Shown,
            Some(_) => SentState::Refused,
            None if now < sent.command.expires => SentState::Waiting,
            None => SentState::Expired,
        };
        Some(SentView {
            id: format!("{:032x}", sent.command.id),
            by: by.clone(),
            bed_label: bed.as_ref().map(|bed| self.bed_label(bed)),
            bed,
            text,
            limit,
            wall_ms: sent.command.issued.as_unix_ms(),
            state,
            answered_wall_ms: sent.answer.map(|answer| {
                self.wall_ms(answer.at)
                    .unwrap_or_else(|| answer.received.as_unix_ms())
            }),
            reason: sent.answer.and_then(|answer| answer.refused),
        })
    }

    fn bed_label(&self, bed: &BedId) -> String {
        let mut named = self.state.iter().flat_map(|state| &state.beds);
        let found = named.find(|(id, _)| id == bed);
        found.map_or_else(|| bed.to_string(), |(_, label)| label.clone())
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
            chart: self.patients.chart(id).cloned(),
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
        let told = alert.announced.unwrap_or(onset);
        (!alert.is_open(), Reverse((told, alert.change.id)))
    }

    fn alert_view(&self, post: &PostId, alert: &Alert, now: Moment) -> AlertView {
        let change = &alert.change;
        let seen = self.alerts.seen_by(change.id).into_iter().map(|mark| SeenView {
            by: mark.by.clone(),
            wall_ms: mark.at.as_unix_ms(),
            confirmed: mark.confirmed,
            expired: mark.is_expired(now.wall),
            refused: mark.refused,
        });
        AlertView {
            post: post.clone(),
            id: change.id,
            condition: change.condition,
            priority: change.priority,
            kind: change.condition.rule().kind,
            phase: if alert.is_open() {
                change.phase
            } else {
                AlarmPhase::Ended
            },
            bed: change.bed.clone(),
            bed_label: change.bed.as_ref().map(|bed| self.bed_label(bed)),
            value: change.value.map(Decimal::trimmed),
            limit: change.limit,
            device: change.device.clone(),
            unit: change.unit.clone(),
            text: change.text.clone(),
            onset_wall_ms: self.wall_ms(change.onset),
            received_wall_ms: alert.received.as_unix_ms(),
            delay_ms: alert.late_ms,
            past: self.alerts.is_past(alert, &self.clock),
            ended_unheard: alert.is_over,
            onsets: change.onsets,
            acknowledged_by: change.acknowledged_by.clone(),
            announced_wall_ms: alert.announced.map(WallTime::as_unix_ms),
            seen: seen.collect(),
            delivery: self.delivery_view(alert, now.wall),
        }
    }
}
