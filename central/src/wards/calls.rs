//! What the escalation ladder asks of the posts' alarms.

use std::collections::BTreeSet;

use vitals::delivery::{Act, Responsible, State, asks_doctors};
use vitals::{AlarmId, PostId, Priority, WallTime};

use super::alerts::Alert;
use super::{Post, Wards};
use crate::duty::Case;

impl Wards {
    /// The open alarms of a post for which somebody may be called.
    pub(crate) fn cases(&self, post: &PostId, now: WallTime) -> Vec<Case> {
        let Some(post) = self.posts.get(post) else {
            return Vec::new();
        };
        let asks = |alert: &&Alert| {
            let is_urgent = alert.change.priority > Priority::Low;
            alert.is_open() && is_urgent && asks_doctors(alert.change.condition)
        };
        post.alerts
            .iter()
            .filter(asks)
            .map(|alert| post.case(alert, now))
            .collect()
    }

    /// Whether nobody has to be called for this alarm: somebody answers for it, or for MEDIUM has read it; a doctor said that
    /// nobody takes it; or a newer alarm stands in its place.
    pub(crate) fn is_answered(&self, post: &PostId, alarm: AlarmId, now: WallTime) -> bool {
        let post = self.posts.get(post);
        let found = post.and_then(|post| Some((post, post.alerts.get(alarm)?)));
        let Some((post, alert)) = found else {
            return true;
        };
        let known = post.alerts.delivery(alert, &post.clock);
        let state = known.state(|who: &Responsible<WallTime>| who.until <= now);
        let is_answered = matches!(state, State::Accepted | State::Rejected) || state.is_closed();
        is_answered || (alert.change.priority < Priority::High && known.is_read())
    }
}

impl Post {
    fn case(&self, alert: &Alert, now: WallTime) -> Case {
        let alarm = alert.change.id;
        let (mut called, mut since) = (BTreeSet::new(), alert.received);
        for mark in self.alerts.deeds().of(alarm) {
            match &mark.deed.act {
                Act::Called { priority, rung, .. } => {
                    called.insert((*priority, *rung));
                }
                Act::Accepted { until } if *until <= now => since = since.max(*until),
                _ => {}
            }
        }
        Case {
            alarm,
            priority: alert.change.priority,
            since,
            is_old: alert.is_old(),
            is_heard: self.heartbeat.is_some(),
            is_past: self.alerts.is_past(alert, &self.clock),
            called,
        }
    }
}
