//! The live picture of every post: beds, alarms, who saw them, whether the post is there. Pure: no clock, no store.
//!
//! - W1 (I4): late data never replaces newer data, and every value carries an age that is never less than the time
//!   since it arrived.
//! - W2 (I6): whatever the order of arrival, an alarm ends up as its highest change says.
//! - W3: everything is bounded; texts from outside are clipped.

mod alerts;
mod beds;
mod post_clock;
mod see;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use vitals::wire::{Command, CommandKind, PostState, PostStatus};
use vitals::{AlarmId, Epoch, Event, Lane, MonoTime, PostId, Record, Seq, Stamp, WallTime};

use crate::clock::Moment;
use crate::store::{Applied, Held, LaneHeld, PostStanding, SeenMark};
use alerts::{Alerts, clipped};
use beds::{BEDS_MAX, Beds};
use post_clock::PostClock;

pub use alerts::SeenRefused;

/// The most posts of one centre process.
pub const POSTS_MAX: usize = 1_000;
/// The longest name of a post or a bed, in characters.
const NAME_CHARS_MAX: usize = 80;
/// The most incomplete lanes per post that are kept in memory.
const LANES_MAX: usize = 256;

/// All posts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wards {
    posts: BTreeMap<PostId, Post>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Post {
    state: Option<PostState>,
    /// When it was last heard; `None` since the centre's start.
    heartbeat: Option<MonoTime>,
    /// When the broker handed over what it had kept, before anything was heard.
    kept_state: Option<MonoTime>,
    clock: PostClock,
    beds: Beds,
    alerts: Alerts,
    lanes: BTreeMap<(Epoch, Lane), Held>,
}

/// What a post's state told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// It was not there before: whatever waits for it is sent now.
    pub came_online: bool,
    /// Name, beds or run are new: to be kept.
    pub keep: Option<PostState>,
}

impl Wards {
    /// The picture as the store knows it. Nobody has been heard yet.
    pub fn restore(standing: Vec<PostStanding>) -> Wards {
        let mut wards = Wards::default();
        for standing in standing {
            let Some(post) = wards.post(&standing.post) else {
                break;
            };
            post.restore(standing);
        }
        wards
    }

    /// A post told its state. `kept` = the broker had kept it: it was said at some time, not now.
    pub fn heard(&mut self, state: PostState, kept: bool, now: Moment) -> Heard {
        let Some(post) = self.post(&state.post) else {
            return Heard::default();
        };
        post.heard(bounded(state), kept, now.mono)
    }

    /// Takes in what was stored; says whether anything that is shown has changed.
    pub fn absorb(&mut self, applied: &Applied, arrived: Moment) -> bool {
        let Some(post) = self.post(&applied.post) else {
            return false;
        };
        let mut changed = post.follow(&applied.lanes);
        for (seq, record) in &applied.new {
            let at = Stamp {
                boot: applied.boot,
                mono: record.at(),
            };
            changed |= match record {
                Record::Reading(reading) => {
                    let present = post.state.as_ref().map(|state| state.epoch);
                    let id = (applied.epoch, *seq);
                    post.beds.take(id, reading, at, Some(arrived.mono), present)
                }
                Record::Alarm(change) => post.alerts.take(change.clone(), arrived, &post.clock),
                Record::Event { event, .. } => post.event(applied.epoch, event, arrived.wall),
                Record::Site(_) | Record::Summary(_) | Record::Wave(_) => false,
            };
        }
        changed
    }

    /// Whether a doctor's "seen" may be taken. `Some` = he said it before, with this command, and it still counts.
    ///
    /// # Errors
    /// For an alarm that is not there, and beyond the bound.
    pub fn check_seen(
        &self,
        post: &PostId,
        alarm: AlarmId,
        by: &str,
        now: WallTime,
    ) -> Result<Option<u128>, SeenRefused> {
        let post = self.posts.get(post).ok_or(SeenRefused::UnknownAlarm)?;
        post.alerts.check(alarm, by, now)
    }

    /// A doctor's "seen" was made durable.
    pub fn commanded(&mut self, post: &PostId, command: &Command) {
        let CommandKind::Seen { alarm, by } = &command.kind else {
            return;
        };
        if let Some(post) = self.posts.get_mut(post) {
            post.alerts.mark(SeenMark {
                alarm: *alarm,
                command: command.id,
                by: by.clone(),
                at: command.issued,
                expires: command.expires,
                confirmed: false,
            });
        }
    }

    /// The commands of a post that wait for their confirmation.
    pub fn pending(&self, post: &PostId, now: WallTime) -> Vec<Command> {
        self.posts
            .get(post)
            .map(|post| post.alerts.pending(now).collect())
            .unwrap_or_default()
    }

    /// Every known post.
    pub fn posts(&self) -> impl Iterator<Item = &PostId> {
        self.posts.keys()
    }

    fn post(&mut self, id: &PostId) -> Option<&mut Post> {
        if !self.posts.contains_key(id) && self.posts.len() == POSTS_MAX {
            tracing::error!(post.id = %id, "not shown: this centre already follows {POSTS_MAX} posts");
            return None;
        }
        Some(self.posts.entry(id.clone()).or_default())
    }
}

impl Post {
    fn restore(&mut self, standing: PostStanding) {
        if let Some(state) = standing.state {
            self.clock.in_boot(state.boot);
            self.state = Some(bounded(state));
        }
        for (epoch, anchor) in standing.anchors {
            self.clock.anchor(epoch, anchor);
        }
        let present = self.state.as_ref().map(|state| state.epoch);
        for stored in standing.latest {
            if let Record::Reading(reading) = &stored.record {
                let at = Stamp {
                    boot: stored.boot,
                    mono: reading.at,
                };
                self.beds
                    .take((stored.epoch, stored.seq), reading, at, None, present);
            }
        }
        for alarm in standing.alarms {
            self.alerts.restore(alarm.change, alarm.received, &self.clock);
        }
        for mark in standing.seen {
            self.alerts.mark(mark);
        }
        self.follow(&standing.lanes);
    }

    fn heard(&mut self, state: PostState, kept: bool, now: MonoTime) -> Heard {
        let before = self.state.as_ref();
        let is_new = before.is_none_or(|before| {
            (&before.name, &before.beds, before.epoch, before.boot)
                != (&state.name, &state.beds, state.epoch, state.boot)
        });
        let was_online =
            self.heartbeat.is_some() && before.is_some_and(|before| before.status == PostStatus::Online);
        let heard = Heard {
            came_online: state.status == PostStatus::Online && !was_online,
            keep: is_new.then(|| state.clone()),
        };
        self.clock.in_boot(state.boot);
        if kept {
            self.kept_state.get_or_insert(now);
        } else if state.status == PostStatus::Online {
            self.heartbeat = Some(now);
            self.clock.heartbeat(state.at, now);
        }
        self.state = Some(state);
        self.alerts.clock_changed(&self.clock);
        heard
    }

    fn event(&mut self, epoch: Epoch, event: &Event, arrived: WallTime) -> bool {
        match event {
            Event::Anchor(anchor) => {
                self.clock.anchor(epoch, *anchor);
                self.alerts.clock_changed(&self.clock);
                true
            }
            Event::Seen { alarm, by, command } => self.alerts.mark(SeenMark {
                alarm: *alarm,
                command: *command,
                by: by.clone(),
                at: arrived,
                expires: arrived,
                confirmed: true,
            }),
            Event::Started { .. }
            | Event::Bound(_)
            | Event::Lost { .. }
            | Event::StoreSetAside { .. }
            | Event::Outage(_)
            | Event::Message { .. }
            | Event::LimitProposed { .. }
            | Event::CommandRefused { .. }
            | Event::MessageRead { .. } => false,
        }
    }

    /// Remembers how far the lanes have come: of the latest run all, of earlier ones those that lack something.
    fn follow(&mut self, lanes: &[LaneHeld]) -> bool {
        let before = self.behind();
        for lane in lanes {
            self.lanes.insert((lane.epoch, lane.lane), lane.held.clone());
        }
        let present = self.state.as_ref().map(|state| state.epoch);
        let present = present.or_else(|| self.lanes.keys().map(|(epoch, _)| *epoch).max());
        self.lanes
            .retain(|(epoch, _), held| Some(*epoch) == present || held.lacking(Seq(0)) > 0);
        while self.lanes.len() > LANES_MAX {
            self.lanes.pop_first();
        }
        before != self.behind()
    }

    /// How many records the post has made and the centre lacks. Curves stay at the post and do not count.
    fn behind(&self) -> u64 {
        let made = |epoch: Epoch, lane: Lane| {
            let last = self.state.iter().flat_map(|state| &state.last);
            let found = last
                .into_iter()
                .find(|last| (last.epoch, last.lane) == (epoch, lane));
            found.map_or(Seq(0), |last| last.last_seq)
        };
        let followed = self.lanes.iter().filter(|((_, lane), _)| *lane != Lane::Waves);
        let followed = followed.map(|((epoch, lane), held)| held.lacking(made(*epoch, *lane)));
        let unheard = self.state.iter().flat_map(|state| &state.last);
        let unheard = unheard
            .filter(|last| last.lane != Lane::Waves && !self.lanes.contains_key(&(last.epoch, last.lane)))
            .map(|last| last.last_seq.0);
        followed.chain(unheard).fold(0, u64::saturating_add)
    }
}

/// W3 for what a post says about itself.
fn bounded(mut state: PostState) -> PostState {
    state.name = clipped(&state.name, NAME_CHARS_MAX);
    state.beds.truncate(BEDS_MAX);
    for (_, label) in &mut state.beds {
        *label = clipped(label, NAME_CHARS_MAX);
    }
    state.last.truncate(Lane::ALL.len());
    state
}
