//! The queue in front of the store: commands, then alerts and events, then states and what they told, then bulk (N2), all bounded (N3).

use std::collections::{BTreeMap, VecDeque};

use vitals::wire::{Command, PostState};
use vitals::{AlarmId, Lane, PostId};

use crate::clock::Moment;
use crate::duty::Duty;
use crate::store::Verdict;

/// The most bytes of packed envelopes that wait.
pub const WAITING_BYTES_MAX: usize = 64 << 20;
/// The most bulk envelopes of one post that wait, so that one post cannot fill the queue for all others.
pub const BULK_PER_POST_MAX: usize = 64;
/// The most envelopes that go into one transaction: an alert waits for at most one of those.
pub const GROUP_MAX: usize = 16;
/// The most commands that wait to become durable.
pub const COMMANDS_MAX: usize = 256;

/// An envelope that has arrived and waits to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The post in its topic.
    pub post: PostId,
    /// The lane in its topic.
    pub lane: Lane,
    /// The message.
    pub payload: Vec<u8>,
    /// When it arrived.
    pub arrived: Moment,
}

/// What the store does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Job {
    /// Keep a doctor's command.
    Command(PostId, Command),
    /// Keep who is on duty.
    Duty(Duty),
    /// Keep a post's state.
    State(PostState),
    /// Keep what a state told about alarms.
    Verdicts(PostId, Vec<Verdict>),
    /// Store envelopes, all of one kind of lane.
    Envelopes(Vec<Pending>),
}

/// Everything that waits.
#[derive(Debug, Default)]
pub struct Backlog {
    commands: VecDeque<(PostId, Command)>,
    duty: Option<Duty>,
    urgent: VecDeque<Pending>,
    states: BTreeMap<PostId, PostState>,
    /// The newest of each alarm.
    verdicts: BTreeMap<PostId, BTreeMap<AlarmId, Verdict>>,
    bulk: VecDeque<Pending>,
    bulk_per_post: BTreeMap<PostId, usize>,
    bytes: usize,
}

impl Backlog {
    /// Queues an envelope; false when there is no room for it: the post sends it again.
    pub fn envelope(&mut self, pending: Pending) -> bool {
        if self.bytes + pending.payload.len() > WAITING_BYTES_MAX {
            return false;
        }
        if !pending.lane.is_urgent() {
            let waiting = self.bulk_per_post.entry(pending.post.clone()).or_default();
            if *waiting == BULK_PER_POST_MAX {
                return false;
            }
            *waiting += 1;
        }
        self.bytes += pending.payload.len();
        if pending.lane.is_urgent() {
            self.urgent.push_back(pending);
        } else {
            self.bulk.push_back(pending);
        }
        true
    }

    /// Queues a state; a newer one of the same post takes its place.
    pub fn state(&mut self, state: PostState) {
        self.states.insert(state.post.clone(), state);
    }

    /// Queues what a state told about alarms; the newest of each alarm takes the place of an older one.
    pub fn verdicts(&mut self, post: &PostId, verdicts: Vec<Verdict>) {
        let waiting = self.verdicts.entry(post.clone()).or_default();
        waiting.extend(verdicts.into_iter().map(|verdict| (verdict.alarm, verdict)));
    }

    /// Queues again what could not be saved; what was told since stays.
    pub fn verdicts_again(&mut self, post: &PostId, verdicts: Vec<Verdict>) {
        let waiting = self.verdicts.entry(post.clone()).or_default();
        for verdict in verdicts {
            waiting.entry(verdict.alarm).or_insert(verdict);
        }
    }

    /// Queues a command; false when there is no room for it.
    pub fn command(&mut self, post: PostId, command: Command) -> bool {
        let fits = self.commands.len() < COMMANDS_MAX;
        if fits {
            self.commands.push_back((post, command));
        }
        fits
    }

    /// Queues who is on duty; what waited is part of it.
    pub fn duty(&mut self, duty: Duty) {
        self.duty = Some(duty);
    }

    /// Takes out what is done next.
    pub fn take_next(&mut self) -> Option<Job> {
        if let Some((post, command)) = self.commands.pop_front() {
            return Some(Job::Command(post, command));
        }
        if let Some(duty) = self.duty.take() {
            return Some(Job::Duty(duty));
        }
        if !self.urgent.is_empty() {
            let group: Vec<Pending> = self.urgent.drain(..GROUP_MAX.min(self.urgent.len())).collect();
            return Some(self.leave(group));
        }
        if let Some((_, state)) = self.states.pop_first() {
            return Some(Job::State(state));
        }
        if let Some((post, verdicts)) = self.verdicts.pop_first() {
            return Some(Job::Verdicts(post, verdicts.into_values().collect()));
        }
        if self.bulk.is_empty() {
            return None;
        }
        let group: Vec<Pending> = self.bulk.drain(..GROUP_MAX.min(self.bulk.len())).collect();
        for pending in &group {
            if let Some(waiting) = self.bulk_per_post.get_mut(&pending.post) {
                *waiting -= 1;
                if *waiting == 0 {
                    self.bulk_per_post.remove(&pending.post);
                }
            }
        }
        Some(self.leave(group))
    }

    /// Drops every envelope: the store does not work, and the posts keep them.
    pub fn drop_envelopes(&mut self) -> usize {
        let dropped = self.urgent.len() + self.bulk.len();
        self.urgent.clear();
        self.bulk.clear();
        self.bulk_per_post.clear();
        self.bytes = 0;
        dropped
    }

    /// Drops every command and change of duty: whoever asked is told that it was not saved.
    pub fn drop_commands(&mut self) {
        self.commands.clear();
        self.duty = None;
    }

    fn leave(&mut self, group: Vec<Pending>) -> Job {
        self.bytes -= group.iter().map(|pending| pending.payload.len()).sum::<usize>();
        Job::Envelopes(group)
    }
}

#[cfg(test)]
mod tests {
    use vitals::{MonoTime, WallTime};

    use super::*;

    fn pending(post: &str, lane: Lane, bytes: usize) -> Pending {
        Pending {
            post: post.parse().unwrap(),
            lane,
            payload: vec![0; bytes],
            arrived: Moment {
                mono: MonoTime::BOOT,
                wall: WallTime::from_unix_ms(0),
            },
        }
    }

    fn lanes(job: Option<Job>) -> Vec<Lane> {
        match job {
            Some(Job::Envelopes(group)) => group.iter().map(|pending| pending.lane).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn i7_alerts_and_events_overtake_all_bulk_that_waits() {
        let mut backlog = Backlog::default();
        for _ in 0..BULK_PER_POST_MAX {
            assert!(backlog.envelope(pending("demo", Lane::Vitals, 1)));
        }
        assert!(backlog.envelope(pending("demo", Lane::Alerts, 1)));
        assert!(backlog.envelope(pending("demo", Lane::Events, 1)));
        assert_eq!(lanes(backlog.take_next()), vec![Lane::Alerts, Lane::Events]);
        assert_eq!(lanes(backlog.take_next()), vec![Lane::Vitals; GROUP_MAX]);
    }

    #[test]
    fn one_flooding_post_leaves_room_for_others_and_gets_its_room_back() {
        let mut backlog = Backlog::default();
        for _ in 0..BULK_PER_POST_MAX {
            assert!(backlog.envelope(pending("flood", Lane::Vitals, 1)));
        }
        assert!(!backlog.envelope(pending("flood", Lane::Vitals, 1)));
        assert!(backlog.envelope(pending("flood", Lane::Alerts, 1)));
        assert!(backlog.envelope(pending("calm", Lane::Vitals, 1)));
        while backlog.take_next().is_some() {}
        assert!(backlog.envelope(pending("flood", Lane::Vitals, 1)));
        assert_eq!((backlog.bytes, backlog.bulk_per_post.len()), (1, 1));
    }

    #[test]
    fn waiting_bytes_are_bounded_and_freed_again() {
        let mut backlog = Backlog::default();
        assert!(backlog.envelope(pending("demo", Lane::Alerts, WAITING_BYTES_MAX)));
        assert!(!backlog.envelope(pending("demo", Lane::Alerts, 1)));
        assert_eq!(backlog.drop_envelopes(), 1);
        assert!(backlog.envelope(pending("demo", Lane::Alerts, 1)));
        assert_eq!(lanes(backlog.take_next()).len(), 1);
        assert_eq!((backlog.bytes, backlog.take_next()), (0, None));
    }
}
