//! The heart of the centre: takes every event in, decides, and says what is to be done. No input or output, no clock.
//!
//! - C1 (I1, I2): a receipt goes out only for what the store has committed; when the store fails, nothing is receipted
//!   and no heartbeat is sent, so every post knows that no doctor sees it.
//! - C2 (I6): what a doctor sends is durable before he is told so, and it is sent until the post has answered it.
//! - C3: nothing here waits for a post, a browser or the disk.

mod duty;
mod events;
mod problems;
mod retention;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use link::Message;
use tokio::sync::oneshot;
use vitals::wire::{CentreHeartbeat, Command, CommandKind, PostState, PostStatus, topic};
use vitals::{MonoTime, PostId, WallTime};

use crate::clock::Moment;
use crate::duty::Duty;
use crate::inbox::{Backlog, FromLink, Pending, Receipts, Refusal, TopicKind, topic_kind};
use crate::store::{Applied, StoreError};
use crate::view::{Status, View};
use crate::wards::{CommandRefused, POSTS_MAX, Wards};
use duty::DutyDesk;
use retention::Retention;

pub use events::{CentreEvent, CommandError, CommandRequest, DutyError, DutyRequest, JobDone, Work};
pub use retention::Keep;

/// How often posts hear from the centre, and how often unconfirmed commands are repeated.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);
/// How often a failing store is tried again, and how long one transaction may take before the store counts as failing.
const STORE_PATIENCE: Duration = Duration::from_secs(10);
/// A picture is made at most this often.
const VIEW_EVERY: Duration = Duration::from_millis(250);
/// A doctor's command is given up after this long.
const COMMAND_VALID_NS: i64 = 24 * 3_600 * 1_000_000_000;

/// The state of the centre.
#[derive(Debug)]
pub struct Centre {
    name: String,
    wards: Wards,
    backlog: Backlog,
    receipts: Receipts,
    outgoing: Vec<Message>,
    asking: BTreeMap<u128, Asking>,
    link_up: bool,
    link_problem: Option<String>,
    store_problem: Option<String>,
    working_since: Option<MonoTime>,
    store_tried: MonoTime,
    retention: Retention,
    duty: DutyDesk,
    beaten: Option<MonoTime>,
    bad_messages: BTreeMap<PostId, (u64, Refusal)>,
    dropped: u64,
    dirty: bool,
    viewed: Option<MonoTime>,
    shown: Arc<View>,
    statuses: Vec<Status>,
}

/// Doctors who wait for one command to become durable.
#[derive(Debug)]
struct Asking {
    about: (PostId, CommandKind),
    replies: Vec<oneshot::Sender<Result<u128, CommandError>>>,
}

impl Centre {
    /// A centre that knows what the store knows.
    pub fn new(name: String, keep: Keep, wards: Wards, duty: Duty) -> Centre {
        Centre {
            duty: DutyDesk::new(duty),
            name,
            wards,
            backlog: Backlog::default(),
            receipts: Receipts::default(),
            outgoing: Vec::new(),
            asking: BTreeMap::new(),
            link_up: false,
            link_problem: None,
            store_problem: None,
            working_since: None,
            store_tried: MonoTime::BOOT,
            retention: Retention::new(keep),
            beaten: None,
            bad_messages: BTreeMap::new(),
            dropped: 0,
            dirty: true,
            viewed: None,
            shown: Arc::default(),
            statuses: Vec::new(),
        }
    }

    /// Takes one event in.
    pub fn step(&mut self, event: CentreEvent, now: Moment) {
        match event {
            CentreEvent::Link(FromLink::Up) => {
                (self.link_up, self.link_problem, self.beaten) = (true, None, None);
                self.dirty = true;
            }
            CentreEvent::Link(FromLink::Down { problem }) => {
                (self.link_up, self.link_problem) = (false, Some(problem));
                self.dirty = true;
            }
            CentreEvent::Link(FromLink::Message(message)) => self.arrived(message, now),
            CentreEvent::Asked(request) => self.asked(request, now.wall),
            CentreEvent::Duty(request) => self.change_duty(request, now.wall),
            CentreEvent::Doctors(doctors) => self.know_doctors(doctors),
            CentreEvent::Done(done) => self.done(done, now),
            CentreEvent::Tick => self.round(now),
        }
        if self
            .beaten
            .is_none_or(|beaten| now.mono.since(beaten) >= HEARTBEAT_EVERY)
        {
            self.beat(now);
        }
    }

    /// What the store does next; ask again when it is done.
    pub fn next_work(&mut self, now: Moment) -> Option<Work> {
        let work = if self.store_problem.is_some() {
            let due = now.mono.since(self.store_tried) >= STORE_PATIENCE;
            due.then_some(Work::TryAgain)
        } else {
            let job = self.backlog.take_next().map(Work::Job);
            job.or_else(|| self.retention.next(now))
        };
        if work.is_some() {
            self.working_since = Some(now.mono);
        }
        work
    }

    /// The messages to the posts since the last call.
    pub fn take_outgoing(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.outgoing)
    }

    /// The new picture, when something has changed and the last one is old enough.
    pub fn picture(&mut self, now: Moment) -> Option<Arc<View>> {
        let recent = self.viewed.is_some_and(|at| now.mono.since(at) < VIEW_EVERY);
        if !self.dirty || recent {
            return None;
        }
        let view = Arc::new(View {
            duty: self.duty.known(),
            ..self.wards.view(&self.name, self.problems(now.mono), now)
        });
        self.statuses = statuses(&view, now.mono);
        (self.dirty, self.viewed, self.shown) = (false, Some(now.mono), view.clone());
        Some(view)
    }

    fn round(&mut self, now: Moment) {
        let due: Vec<_> = self.receipts.round().collect();
        for receipt in due {
            self.send(topic::receipt(&receipt.post), receipt.encode());
        }
        self.judge_duty(now);
        // Silence makes no event of its own, nor does a command that expires.
        self.dirty |= statuses(&self.shown, now.mono) != self.statuses
            || self.shown.next_expiry.is_some_and(|expiry| expiry <= now.wall)
            || self.problems(now.mono) != self.shown.problems;
    }

    fn arrived(&mut self, message: Message, now: Moment) {
        let Message {
            topic,
            payload,
            retain,
        } = message;
        match topic_kind(&topic) {
            Some(TopicKind::Up(post, lane)) => {
                let pending = Pending {
                    post,
                    lane,
                    payload,
                    arrived: now,
                };
                if self.store_problem.is_some() || !self.backlog.envelope(pending) {
                    self.count_dropped(1);
                }
            }
            Some(TopicKind::State(post)) => match PostState::decode(&payload) {
                Ok(state) if state.post == post => self.heard(state, retain, now),
                Ok(state) => self.count_bad(post, Refusal::OtherPost { named: state.post }),
                Err(error) => self.count_bad(post, Refusal::Wire(error)),
            },
            None => tracing::warn!(%topic, "{}", Refusal::Topic),
        }
    }

    fn heard(&mut self, state: PostState, kept: bool, now: Moment) {
        let (post, online) = (state.post.clone(), state.status == PostStatus::Online);
        let heard = self.wards.heard(state, kept, now);
        self.dirty = true;
        if let Some(state) = heard.keep {
            self.backlog.state(state);
        }
        if !heard.verdicts.is_empty() {
            self.backlog.verdicts(&post, heard.verdicts);
        }
        if online && self.store_works(now.mono) {
            self.send_heartbeat(&post, now.wall);
        }
        if heard.came_online {
            self.send_pending(&post, now.wall);
        }
    }

    fn asked(&mut self, request: CommandRequest, now: WallTime) {
        let CommandRequest {
            post,
            kind,
            command,
            reply,
        } = request;
        let refuse = |reply: oneshot::Sender<_>, why: CommandError| {
            // A doctor who has closed the page does not wait for the answer.
            reply.send(Err(why)).ok();
        };
        match self.wards.check(&post, &kind, now) {
            Err(refused) => return refuse(reply, refused.into()),
            Ok(Some(before)) => {
                reply.send(Ok(before)).ok();
                return;
            }
            Ok(None) => {}
        }
        if self.is_at_once(&post, &kind) {
            return refuse(reply, CommandRefused::AtOnce.into());
        }
        if let Some(problem) = &self.store_problem {
            return refuse(reply, CommandError::NotSaved(problem.clone()));
        }
        let about = (post.clone(), kind.clone());
        if let Some(asking) = self.asking.values_mut().find(|asking| asking.about == about) {
            asking.replies.push(reply);
            return;
        }
        let order = Command {
            id: command,
            issued: now,
            expires: WallTime::from_unix_ns(now.as_unix_ns().saturating_add(COMMAND_VALID_NS)),
            kind,
        };
        if self.backlog.command(post, order) {
            let replies = vec![reply];
            self.asking.insert(command, Asking { about, replies });
        } else {
            refuse(reply, CommandError::NotSaved("too many requests wait".to_owned()));
        }
    }

    /// Whether somebody else's decision about the same alarm is just becoming durable: the check has not seen it yet.
    fn is_at_once(&self, post: &PostId, kind: &CommandKind) -> bool {
        let CommandKind::Deed(deed) = kind else {
            return false;
        };
        let mut under_way = self.asking.values().filter(|asking| asking.about.0 == *post);
        deed.act.is_decided()
            && under_way.any(|asking| match &asking.about.1 {
                CommandKind::Deed(other) => {
                    let is_other = other.alarm == deed.alarm && other != deed;
                    is_other && other.act.is_decided()
                }
                _ => false,
            })
    }

    fn done(&mut self, done: JobDone, now: Moment) {
        self.working_since = None;
        match done {
            JobDone::Envelopes { refused, applied } => {
                for (post, refusal) in refused {
                    self.count_bad(post, refusal);
                }
                match applied {
                    Ok(applied) => applied
                        .iter()
                        .for_each(|(applied, at)| self.applied(applied, *at)),
                    Err(error) => self.store_failed(&error, now.mono),
                }
            }
            JobDone::Command(post, command, Ok(())) => {
                self.wards.commanded(&post, &command);
                self.dirty = true;
                self.send(topic::command(&post), command.encode());
                self.answer(command.id, &Ok(command.id));
            }
            JobDone::Command(_, command, Err(error)) => {
                self.answer(command.id, &Err(CommandError::NotSaved(error.to_string())));
                self.store_failed(&error, now.mono);
            }
            JobDone::Duty(saved) => self.duty_saved(saved, now.mono),
            JobDone::State(Err(error)) | JobDone::TriedAgain(Err(error)) => {
                self.store_failed(&error, now.mono)
            }
            JobDone::Verdicts(post, verdicts, Err(error)) => {
                self.backlog.verdicts_again(&post, verdicts);
                self.store_failed(&error, now.mono);
            }
            JobDone::State(Ok(())) | JobDone::Verdicts(_, _, Ok(())) => {}
            JobDone::ThinnedOut(Ok(thinned)) => self.retention.done(thinned),
            JobDone::ThinnedOut(Err(error)) => self.store_failed(&error, now.mono),
            JobDone::TriedAgain(Ok(())) => {
                tracing::info!("the store works again");
                (self.store_problem, self.beaten) = (None, None);
                self.dirty = true;
            }
        }
    }

    fn applied(&mut self, applied: &Applied, arrived: Moment) {
        if applied.too_many_gaps {
            tracing::warn!(post.id = %applied.post, epoch = %applied.epoch, "too many gaps: the first ones must be filled before more is stored");
        }
        self.dirty |= self.wards.absorb(applied, arrived);
        for lane in &applied.lanes {
            if let Some(receipt) = self.receipts.moved(lane.receipt(&applied.post)) {
                self.send(topic::receipt(&receipt.post), receipt.encode());
            }
        }
    }

    /// C1: from now on nothing is taken until the store works again.
    fn store_failed(&mut self, error: &StoreError, now: MonoTime) {
        if self.store_problem.is_none() {
            tracing::error!("nothing is receipted any more: {error}");
        }
        (self.store_problem, self.store_tried) = (Some(error.to_string()), now);
        self.dirty = true;
        let dropped = self.backlog.drop_envelopes();
        self.count_dropped(dropped);
        let waiting: Vec<u128> = self.asking.keys().copied().collect();
        for command in waiting {
            self.answer(command, &Err(CommandError::NotSaved(error.to_string())));
        }
        self.backlog.drop_commands();
        self.duty_not_saved(&error.to_string());
    }

    fn answer(&mut self, command: u128, answer: &Result<u128, CommandError>) {
        for reply in self
            .asking
            .remove(&command)
            .into_iter()
            .flat_map(|asking| asking.replies)
        {
            reply.send(answer.clone()).ok();
        }
    }

    fn store_works(&self, now: MonoTime) -> bool {
        let hangs = self
            .working_since
            .is_some_and(|since| now.since(since) > STORE_PATIENCE);
        self.store_problem.is_none() && !hangs
    }

    /// To every known post: "the centre is here and stores what you send", and what it has not confirmed yet.
    fn beat(&mut self, now: Moment) {
        if !self.link_up || !self.store_works(now.mono) {
            return;
        }
        self.beaten = Some(now.mono);
        let posts: Vec<PostId> = self.wards.posts().cloned().collect();
        for post in posts {
            self.send_heartbeat(&post, now.wall);
            self.send_pending(&post, now.wall);
        }
    }

    fn send_heartbeat(&mut self, post: &PostId, wall: WallTime) {
        let centre = self.name.clone();
        let duty = self.duty.state(wall);
        let heartbeat = CentreHeartbeat { centre, wall, duty };
        self.send(topic::heartbeat(post), heartbeat.encode());
    }

    fn send_pending(&mut self, post: &PostId, now: WallTime) {
        for command in self.wards.pending(post, now) {
            self.send(topic::command(post), command.encode());
        }
    }

    /// Nothing is made for a broken connection: all of it is made again later.
    fn send(&mut self, topic: String, payload: Vec<u8>) {
        if self.link_up {
            self.outgoing.push(Message {
                topic,
                payload,
                retain: false,
            });
        }
    }

    fn count_dropped(&mut self, envelopes: usize) {
        for _ in 0..envelopes {
            self.dropped += 1;
            if self.dropped.is_power_of_two() {
                let total = self.dropped;
                tracing::warn!(
                    total,
                    "envelopes dropped without receipt; the posts send them again"
                );
            }
        }
    }

    fn count_bad(&mut self, post: PostId, refusal: Refusal) {
        if !self.bad_messages.contains_key(&post) && self.bad_messages.len() == POSTS_MAX {
            return;
        }
        let (count, last) = self
            .bad_messages
            .entry(post.clone())
            .or_insert((0, Refusal::Topic));
        (*count, *last) = (*count + 1, refusal);
        if count.is_power_of_two() {
            tracing::warn!(post.id = %post, total = *count, "a message cannot be read: {last}");
        }
        self.dirty = true;
    }
}

fn statuses(view: &View, now: MonoTime) -> Vec<Status> {
    view.posts.iter().map(|post| post.status(now)).collect()
}
