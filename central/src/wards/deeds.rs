//! What doctors did with the alarms of one post, and how far each alarm has come: the centre's half of
//! [`vitals::delivery`] (I6). Whoever may do what is judged here, before it is durable.

use std::collections::BTreeMap;

use vitals::delivery::{Act, DEEDS_MAX, Deed, Delivery, Done, NotNow, Responsible, State, supersedes};
use vitals::record::Refusal;
use vitals::wire::{Command, CommandKind};
use vitals::{AlarmId, WallTime};

use super::CommandRefused;
use super::alerts::{Alert, Alerts, NAME_CHARS_MAX, clipped};
use super::post_clock::PostClock;
use crate::store::{DeedMark, SeenMark};

/// The most people of whom a post is told that they read an alarm.
const READERS_MAX: usize = 4;
/// The most of each kind that are kept of one post in memory; those of the oldest alarms go first.
const MARKS_MAX: usize = 16_384;
/// Steps that follow from what stands on screens, and go to a post at once; the others go with the next beat.
const LOOKS_AT_ONCE_MAX: usize = 32;

/// The deeds of one post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    marks: BTreeMap<(AlarmId, u128), DeedMark>,
    /// What nobody had read in time, as the post said, and when that came.
    expired: BTreeMap<AlarmId, WallTime>,
}

impl Deeds {
    /// Somebody did something: told by a doctor here (not confirmed) or by the post (confirmed).
    pub(super) fn mark(&mut self, mut mark: DeedMark) -> bool {
        let key = (mark.deed.alarm, mark.command);
        if let Some(known) = self.marks.get_mut(&key) {
            let changed = mark.confirmed && !known.confirmed;
            known.confirmed |= mark.confirmed;
            return changed;
        }
        if self.of(mark.deed.alarm).count() >= 2 * DEEDS_MAX {
            return false;
        }
        if self.marks.len() == MARKS_MAX {
            self.marks.pop_first();
        }
        mark.deed.by = clipped(&mark.deed.by, NAME_CHARS_MAX);
        self.marks.insert(key, mark);
        true
    }

    /// Its time was over before anybody had read it.
    pub(super) fn expire(&mut self, alarm: AlarmId, at: WallTime) -> bool {
        if self.expired.len() == MARKS_MAX && !self.expired.contains_key(&alarm) {
            self.expired.pop_first();
        }
        let is_new = !self.expired.contains_key(&alarm);
        self.expired.entry(alarm).or_insert(at);
        is_new
    }

    /// The post does not do it; says whether it is one of these.
    pub(super) fn refuse(&mut self, command: u128, reason: Refusal) -> bool {
        let mark = self.marks.values_mut().find(|mark| mark.command == command);
        let Some(mark) = mark.filter(|mark| !mark.confirmed && mark.refused.is_none()) else {
            return false;
        };
        mark.refused = Some(reason);
        true
    }

    /// An alarm is not followed any more; what the post has not answered is still sent.
    pub(super) fn forget(&mut self, alarm: AlarmId) {
        self.marks.retain(|(of, _), mark| *of != alarm || !mark.confirmed);
        self.expired.remove(&alarm);
    }

    /// What the post has not answered: decisions first, then some of the rest, calls before looks.
    pub(super) fn pending(&self, now: WallTime) -> impl Iterator<Item = Command> {
        let waits = |mark: &&DeedMark| mark.waits(now);
        let (decided, mut looks): (Vec<&DeedMark>, Vec<&DeedMark>) = self
            .marks
            .values()
            .filter(waits)
            .partition(|mark| mark.deed.act.is_decided());
        looks.sort_by_key(|mark| !matches!(mark.deed.act, Act::Called { .. }));
        let all = decided
            .into_iter()
            .chain(looks.into_iter().take(LOOKS_AT_ONCE_MAX));
        all.map(|mark| Command {
            id: mark.command,
            issued: mark.at,
            expires: mark.expires,
            kind: CommandKind::Deed(mark.deed.clone()),
        })
    }

    /// Of one alarm, in the order of their commands.
    pub(super) fn of(&self, alarm: AlarmId) -> impl Iterator<Item = &DeedMark> {
        let marks = self.marks.range((alarm, 0)..=(alarm, u128::MAX));
        marks.map(|(_, mark)| mark)
    }
}

impl Alerts {
    /// How far an alarm has come, as far as is known here.
    pub(super) fn delivery(&self, alert: &Alert, clock: &PostClock) -> Delivery<WallTime> {
        let alarm = alert.change.id;
        let mut known = Delivery::default();
        if let Some(made) = clock.wall(alert.change.onset) {
            known.reach(State::Created, made);
        }
        known.reach(State::AtCentre, alert.received);
        for mark in self
            .seen_by(alarm)
            .into_iter()
            .filter(|mark| mark.refused.is_none())
        {
            known.did(mark.command, read_of(mark));
        }
        for mark in self.deeds.of(alarm).filter(|mark| mark.refused.is_none()) {
            let done = Done {
                at: mark.at,
                noted: mark.at,
                deed: mark.deed.clone(),
            };
            known.did(mark.command, done);
        }
        if let Some(at) = self.deeds.expired.get(&alarm) {
            known.reach(State::Expired, *at);
        }
        if !alert.is_open() {
            known.reach(State::Ended, alert.received);
        }
        if let Some(later) = self.iter().find(|other| supersedes(&other.change, &alert.change)) {
            known.reach(State::Superseded, later.received);
        }
        known
    }

    /// Whether somebody may do this. Who says the same twice gets the command of the first time.
    pub(super) fn check_deed(
        &self,
        deed: &Deed,
        clock: &PostClock,
        now: WallTime,
    ) -> Result<Option<u128>, CommandRefused> {
        let alert = self.get(deed.alarm).ok_or(CommandRefused::UnknownAlarm)?;
        let known = self.delivery(alert, clock);
        known.may(deed, now)?;
        if !deed.act.is_decided() {
            return self.check_look(deed, &known, now);
        }
        let mut same = self.deeds.of(deed.alarm);
        let waits = same.find(|mark| mark.deed == *deed && mark.waits(now));
        if let Some(mark) = waits {
            return Ok(Some(mark.command));
        }
        if self.deeds.of(deed.alarm).count() >= DEEDS_MAX {
            return Err(CommandRefused::TooManySeen);
        }
        Ok(None)
    }

    /// What stands on screens is worth one word to the post, while the alarm lasts.
    fn check_look(
        &self,
        deed: &Deed,
        known: &Delivery<WallTime>,
        now: WallTime,
    ) -> Result<Option<u128>, CommandRefused> {
        let is_call = |act: &Act| matches!(act, Act::Called { .. });
        let read = known.deeds().filter(|done| done.deed.act.is_of_a_reader());
        let readers: Vec<&str> = read.map(|done| done.deed.by_id.as_str()).collect();
        let is_needless = match deed.act {
            Act::Shown => known.deeds().any(|done| !is_call(&done.deed.act)),
            _ => readers.len() >= READERS_MAX || readers.contains(&deed.by_id.as_str()),
        };
        let is_closed = known
            .state(|who: &Responsible<WallTime>| who.until <= now)
            .is_closed();
        if is_needless || is_closed {
            return Err(CommandRefused::Needless);
        }
        Ok(None)
    }
}

/// "Seen" says that somebody read it.
fn read_of(mark: &SeenMark) -> Done<WallTime> {
    Done {
        at: mark.at,
        noted: mark.at,
        deed: Deed {
            alarm: mark.alarm,
            by: mark.by.clone(),
            by_id: mark.by_id.clone().unwrap_or_default(),
            act: Act::Read,
        },
    }
}

impl From<NotNow> for CommandRefused {
    fn from(why: NotNow) -> CommandRefused {
        CommandRefused::NotNow(why.to_string())
    }
}
