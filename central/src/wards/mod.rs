//! The live picture of every post: beds, alarms, who saw them, whether the post is there. Pure: no clock, no store.
//!
//! - W1 (I4): late data never replaces newer data, and every value carries an age that is never less than the time
//!   since it arrived.
//! - W2 (I6): whatever the order of arrival, an alarm ends up as its highest change says.
//! - W3: everything is bounded; texts from outside are clipped.

mod alerts;
mod beds;
mod calls;
mod deeds;
mod lanes;
mod patients;
mod post_clock;
mod see;
mod sent;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use vitals::record::Outage;
use vitals::wire::{Command, CommandKind, PostState, PostStatus};
use vitals::{AlarmId, Epoch, Event, Lane, MonoTime, PostId, Record, Seq, Stamp, WallTime};

use crate::clock::Moment;
use crate::store::{
    Answer, Applied, AuditStanding, DeedMark, OUTAGES_MAX, PostStanding, SeenMark, Sent, Verdict,
};
use crate::view::{Came, HEARTBEAT_SILENCE_MAX};
use alerts::{Alerts, clipped};
use beds::{BEDS_MAX, Beds};
use lanes::Lanes;
use patients::Patients;
use post_clock::PostClock;
use sent::{SentCommands, UNEXPIRED_MAX};

/// The most posts of one centre process.
pub const POSTS_MAX: usize = 1_000;
/// The longest name of a post or a bed, in characters.
const NAME_CHARS_MAX: usize = 80;
/// An outage report is shown for this long.
pub(crate) const OUTAGE_SHOWN: Duration = Duration::from_secs(24 * 3_600);

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
    patients: Patients,
    audit: AuditStanding,
    alerts: Alerts,
    lanes: Lanes,
    sent: SentCommands,
    /// The newest outage reports, oldest first.
    outages: VecDeque<OutageReport>,
    live: Option<Live>,
}

/// The newest state that was said now, not kept by a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Live {
    epoch: Epoch,
    /// When the post made it.
    at: MonoTime,
    /// Since when only this run has been heard.
    since: MonoTime,
    /// The highest epoch of which anything had come by then.
    known_then: Option<Epoch>,
}

/// An outage report and when it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
struct OutageReport {
    outage: Outage,
    /// When everything that waited had arrived.
    over: Stamp,
    received: WallTime,
}

/// Why a command is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandRefused {
    /// There is no such post.
    #[error("no such post")]
    UnknownPost,
    /// There is no such alarm.
    #[error("no such alarm at this post")]
    UnknownAlarm,
    /// Enough people saw this alarm.
    #[error("{} people have already seen this alarm", alerts::SEEN_PER_ALARM_MAX)]
    TooManySeen,
    /// Enough was sent to this post.
    #[error("{UNEXPIRED_MAX} messages were sent to this post in the last 24 hours; call the post")]
    TooManySent,
    /// This alarm or this person does not allow it now.
    #[error("{0}")]
    NotNow(String),
    /// Somebody does something with this alarm at this moment.
    #[error("somebody else does something with this alarm at this moment; look again")]
    AtOnce,
    /// The post knows enough of it: nobody has to be told.
    #[error("nothing new")]
    Needless,
}

/// What a post's state told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// It was not there before: whatever waits for it is sent now.
    pub came_online: bool,
    /// Name, beds or run are new: to be kept.
    pub keep: Option<PostState>,
    /// What it told about alarms that the centre believed otherwise: to be kept.
    pub verdicts: Vec<Verdict>,
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
        post.heard(bounded(state), kept, now)
    }

    /// Takes in what was stored; says whether anything that is shown has changed.
    pub fn absorb(&mut self, applied: &Applied, arrived: Moment) -> bool {
        let Some(post) = self.post(&applied.post) else {
            return false;
        };
        let mut changed = post.follow(applied, arrived.mono);
        if let Some(audit) = &applied.audit {
            changed |= post.audit != *audit;
            post.audit = audit.clone();
        }
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
                Record::Alarm(change) => {
                    post.alerts
                        .take(applied.epoch, change.clone(), arrived, &post.clock)
                }
                Record::Event { event, .. } => post.event((applied.epoch, *seq), at, event, arrived.wall),
                Record::Site(_) | Record::Summary(_) | Record::Wave(_) => false,
            };
        }
        changed
    }

    /// Whether a doctor's command may be taken. `Some` = it was given before, with this command, and still counts.
    ///
    /// # Errors
    /// For a post or an alarm that is not there, and beyond the bounds.
    pub fn check(
        &self,
        post: &PostId,
        kind: &CommandKind,
        now: WallTime,
    ) -> Result<Option<u128>, CommandRefused> {
        let post = self.posts.get(post).ok_or(CommandRefused::UnknownPost)?;
        if let CommandKind::Seen { alarm, by, by_id } = kind {
            return post.alerts.check(*alarm, (by, by_id.as_deref()), now);
        }
        if let CommandKind::Deed(deed) = kind {
            return post.alerts.check_deed(deed, &post.clock, now);
        }
        match post.sent.waiting_same(kind, now) {
            None if !post.sent.has_room(now) => Err(CommandRefused::TooManySent),
            same => Ok(same),
        }
    }

    /// A doctor's command was made durable.
    pub fn commanded(&mut self, post: &PostId, command: &Command) {
        let Some(post) = self.posts.get_mut(post) else {
            return;
        };
        match &command.kind {
            CommandKind::Seen { alarm, by, by_id } => {
                post.alerts.mark(SeenMark {
                    alarm: *alarm,
                    command: command.id,
                    by: by.clone(),
                    by_id: by_id.clone(),
                    at: command.issued,
                    expires: command.expires,
                    confirmed: false,
                    refused: None,
                });
            }
            CommandKind::Deed(deed) => {
                post.alerts.deeds.mark(DeedMark::given(deed, command));
            }
            CommandKind::Message { .. } | CommandKind::ProposeLimit(_) | CommandKind::Unknown => {
                post.sent.add(Sent {
                    command: command.clone(),
                    answer: None,
                });
            }
        }
    }

    /// The commands of a post that wait for their answer.
    pub fn pending(&self, post: &PostId, now: WallTime) -> Vec<Command> {
        let Some(post) = self.posts.get(post) else {
            return Vec::new();
        };
        let seen = post.alerts.pending(now);
        let sent = post.sent.pending(now).cloned();
        seen.chain(sent).chain(post.alerts.deeds.pending(now)).collect()
    }

    /// Every known post.
    pub fn posts(&self) -> impl Iterator<Item = &PostId> {
        self.posts.keys()
    }

    /// How the audit of each post stands.
    pub fn audits(&self) -> impl Iterator<Item = (&PostId, &AuditStanding)> {
        self.posts.iter().map(|(id, post)| (id, &post.audit))
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
        self.audit = standing.audit;
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
        for stored in standing.patients {
            if let Record::Event { at: mono, event } = &stored.record {
                let (boot, mono) = (stored.boot, *mono);
                let said = (stored.epoch, stored.seq);
                self.of_patients(said, Stamp { boot, mono }, event, stored.received);
            }
        }
        for alarm in standing.alarms {
            self.alerts.restore(alarm, &self.clock);
        }
        for mark in standing.seen {
            self.alerts.mark(mark);
        }
        for mark in standing.deeds {
            self.alerts.deeds.mark(mark);
        }
        for (alarm, at) in standing.expired {
            self.alerts.deeds.expire(alarm, at);
        }
        for sent in standing.sent {
            self.sent.add(sent);
        }
        for stored in standing.outages {
            if let Record::Event {
                at: mono,
                event: Event::Outage(outage),
            } = stored.record
            {
                let boot = stored.boot;
                self.report(outage, Stamp { boot, mono }, stored.received);
            }
        }
        self.lanes.follow(&standing.lanes, present, MonoTime::BOOT);
    }

    fn heard(&mut self, state: PostState, kept: bool, now: Moment) -> Heard {
        let before = self.state.as_ref();
        let is_new = before.is_none_or(|before| {
            (&before.name, &before.beds, before.epoch, before.boot)
                != (&state.name, &state.beds, state.epoch, state.boot)
        });
        let was_online =
            self.heartbeat.is_some() && before.is_some_and(|before| before.status == PostStatus::Online);
        let mut heard = Heard {
            came_online: state.status == PostStatus::Online && !was_online,
            keep: is_new.then(|| state.clone()),
            verdicts: Vec::new(),
        };
        self.clock.in_boot(state.boot);
        if kept {
            self.kept_state.get_or_insert(now.mono);
        } else if state.status == PostStatus::Online {
            self.heartbeat = Some(now.mono);
            self.clock.heartbeat(state.at, now.mono);
        }
        if kept || state.status != PostStatus::Online {
            self.alerts.unheard();
        } else {
            heard.verdicts = self.agree(&state, now);
        }
        self.state = Some(state);
        self.alerts.clock_changed(&self.clock);
        heard
    }

    /// What a post that speaks now says about its open alarms. Only at that moment anything follows from absence: an
    /// alarm that comes later may be younger than the state.
    fn agree(&mut self, state: &PostState, now: Moment) -> Vec<Verdict> {
        let before = self.live.filter(|before| before.epoch == state.epoch);
        if before.is_some_and(|before| state.at < before.at) {
            return Vec::new();
        }
        let live = Live {
            at: state.at,
            ..before.unwrap_or_else(|| Live {
                epoch: state.epoch,
                at: state.at,
                since: now.mono,
                known_then: self.alerts.highest_epoch().max(self.lanes.highest_epoch()),
            })
        };
        self.live = Some(live);
        let lanes = &self.lanes;
        // A run with a higher number is an earlier one, from another card, only if it had spoken before this one began
        // and has been silent since, longer than any message waits in a broker that is heard.
        let is_alone = now.mono.since(live.since) >= HEARTBEAT_SILENCE_MAX;
        let lacks_nothing = |alarm: AlarmId| {
            let is_earlier = alarm.epoch <= state.epoch || (is_alone && Some(alarm.epoch) <= live.known_then);
            is_earlier && lanes.lacks_no_alert(state, alarm.epoch)
        };
        self.alerts.agree(&state.open_alarms, now.wall, lacks_nothing)
    }

    /// Takes in how far lanes have come; says whether that is shown.
    fn follow(&mut self, applied: &Applied, now: MonoTime) -> bool {
        let before = (self.behind(), self.lanes.gap());
        let present = self.state.as_ref().map(|state| state.epoch);
        self.lanes.follow(&applied.lanes, present, now);
        if let Some((_, record)) = applied.new.first() {
            self.lanes
                .timed((applied.epoch, record.lane()), applied.boot, &applied.new);
        }
        before != (self.behind(), self.lanes.gap())
    }

    fn behind(&self) -> u64 {
        self.lanes.behind(self.state.as_ref())
    }

    fn report(&mut self, outage: Outage, over: Stamp, received: WallTime) {
        if self.outages.len() == OUTAGES_MAX {
            self.outages.pop_front();
        }
        self.outages.push_back(OutageReport {
            outage,
            over,
            received,
        });
    }

    /// Who lies where, and what the laboratory found.
    fn of_patients(&mut self, said: (Epoch, Seq), at: Stamp, event: &Event, received: WallTime) -> bool {
        let present = self.state.as_ref().map(|state| state.epoch);
        if let Event::Identified(identified) = event {
            let place = (said.0, at.mono, said.1);
            self.beds
                .identified(&identified.bed, &identified.admission, place, present);
        }
        if let Event::Merged { from, into, .. } = event {
            self.beds.merged(from, into);
        }
        let made = self.clock.wall(at);
        self.patients.take(said, event, Came { made, received }, present)
    }

    fn event(&mut self, said: (Epoch, Seq), at: Stamp, event: &Event, arrived: WallTime) -> bool {
        let epoch = said.0;
        let answer = |refused| Answer {
            at,
            received: arrived,
            refused,
        };
        match event {
            Event::Anchor(anchor) => {
                self.clock.anchor(epoch, *anchor);
                self.alerts.clock_changed(&self.clock);
                true
            }
            Event::Seen {
                alarm,
                by,
                by_id,
                command,
            } => self.alerts.confirmed((*alarm, *command), (by, by_id.as_ref()), arrived),
            Event::Message { command, .. } | Event::LimitProposed { command, .. } => {
                self.sent.answered(*command, answer(None))
            }
            Event::CommandRefused { command, reason } => {
                self.sent.answered(*command, answer(Some(*reason)))
                    || self.alerts.refuse(*command, *reason)
                    || self.alerts.deeds.refuse(*command, *reason)
            }
            Event::Deed { deed, at, command } => {
                self.alerts.deeds.mark(DeedMark::confirmed(deed, *at, *command))
            }
            Event::Expired { alarm } => self.alerts.deeds.expire(*alarm, arrived),
            Event::Started { .. }
            | Event::Bound(_)
            | Event::Lost { .. }
            | Event::StoreSetAside { .. }
            | Event::MessageRead { .. }
            | Event::Audited(_)
            | Event::AuditHead(_)
            | Event::LimitsSet(_)
            | Event::Signals { .. }
            // What follows for the beds is said by itself.
            | Event::Discharged(_)
            | Event::Transferred(_)
            // A score that somebody must be told of is an alarm.
            | Event::Observed(_)
            | Event::CareTold(_)
            // What nurses write for one another is in the records, and no doctor's page shows it.
            | Event::NoteWritten(_)
            | Event::NoteWithdrawn(_)
            | Event::HandoverOffered(_)
            | Event::HandoverAccepted(_) => false,
            Event::Identified(_)
            | Event::SpecimenTaken(_)
            | Event::Lab(_)
            | Event::LabAssigned(_)
            | Event::LabSetAside(_)
            | Event::Merged { .. } => self.of_patients(said, at, event, arrived),
            Event::Outage(outage) => {
                self.report(outage.clone(), at, arrived);
                true
            }
        }
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
