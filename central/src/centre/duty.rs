//! Who is on duty, and who is called: the heart's part. What is decided stands in [`crate::duty`].

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use vitals::wire::{Command, CommandKind, OnDuty};
use vitals::{MonoTime, PostId, WallTime};

use super::{Asking, COMMAND_VALID_NS, Centre, DutyError, DutyRequest};
use crate::clock::Moment;
use crate::duty::{CALLS_PER_ROUND_MAX, Call, Calls, Doctors, Duty, Known, Present, Told};
use crate::store::StoreError;

/// How often it is looked at who is on duty and who must be called.
const JUDGED_EVERY: Duration = Duration::from_secs(1);

/// What the heart knows of duty.
#[derive(Debug)]
pub(super) struct DutyDesk {
    known: Arc<Known>,
    calls: Calls,
    judged: Option<MonoTime>,
    /// Who was on duty when it was looked at last.
    present: Vec<Present>,
    /// And how that was.
    state: OnDuty,
    /// A change that is just becoming durable.
    changing: Option<Changing>,
}

#[derive(Debug)]
struct Changing {
    next: Duty,
    told: Told,
    reply: oneshot::Sender<Result<Told, DutyError>>,
}

impl DutyDesk {
    pub(super) fn new(duty: Duty) -> DutyDesk {
        DutyDesk {
            known: Arc::new(Known {
                duty,
                doctors: Doctors::new(),
            }),
            calls: Calls::default(),
            judged: None,
            present: Vec::new(),
            state: OnDuty::NoRoster,
            changing: None,
        }
    }

    pub(super) fn known(&self) -> Arc<Known> {
        self.known.clone()
    }

    pub(super) fn state(&self, now: WallTime) -> OnDuty {
        self.known.state(now)
    }
}

impl Centre {
    pub(super) fn know_doctors(&mut self, doctors: Doctors) {
        if self.duty.known.doctors != doctors {
            Arc::make_mut(&mut self.duty.known).doctors = doctors;
            self.duty.judged = None;
            self.dirty = true;
        }
    }

    pub(super) fn change_duty(&mut self, request: DutyRequest, now: WallTime) {
        let DutyRequest { by, change, reply } = request;
        let judged = match (&self.store_problem, &self.duty.changing) {
            (Some(problem), _) => Err(DutyError::NotSaved(problem.clone())),
            (None, Some(_)) => Err(DutyError::AtOnce),
            (None, None) => self
                .duty
                .known
                .changed(&by, &change, now)
                .map_err(DutyError::from),
        };
        match judged {
            Ok((next, told)) => {
                self.backlog.duty(next.clone());
                self.duty.changing = Some(Changing { next, told, reply });
            }
            // Whoever has closed the page does not wait for the answer.
            Err(why) => drop(reply.send(Err(why))),
        }
    }

    pub(super) fn duty_saved(&mut self, saved: Result<(), StoreError>, now: MonoTime) {
        let changing = self.duty.changing.take();
        if let Err(error) = saved {
            let why = DutyError::NotSaved(error.to_string());
            changing.map(|changing| changing.reply.send(Err(why)).ok());
            return self.store_failed(&error, now);
        }
        if let Some(Changing { next, told, reply }) = changing {
            Arc::make_mut(&mut self.duty.known).duty = next;
            self.duty.judged = None;
            self.dirty = true;
            reply.send(Ok(told)).ok();
        }
    }

    /// The store does not work: what waits for it is not saved.
    pub(super) fn duty_not_saved(&mut self, problem: &str) {
        if let Some(changing) = self.duty.changing.take() {
            let why = DutyError::NotSaved(problem.to_owned());
            changing.reply.send(Err(why)).ok();
        }
    }

    /// Shifts begin and end by themselves, and alarms wait.
    pub(super) fn judge_duty(&mut self, now: Moment) {
        let is_due = |judged| now.mono.since(judged) >= JUDGED_EVERY;
        if !self.duty.judged.is_none_or(is_due) {
            return;
        }
        self.duty.judged = Some(now.mono);
        let present = self.duty.known.present(now.wall);
        let state = self.duty.state(now.wall);
        self.dirty |= present != self.duty.present;
        if state != self.duty.state {
            // The posts hear of it at once.
            self.beaten = None;
            self.dirty = true;
        }
        (self.duty.present, self.duty.state) = (present, state);
        // T3: a call that cannot be kept is not made; it is due again when the store works.
        if self.store_problem.is_none() {
            self.call(now);
        }
    }

    fn call(&mut self, now: Moment) {
        let posts: Vec<PostId> = self.wards.posts().cloned().collect();
        let mut due: Vec<Call> = Vec::new();
        for post in posts {
            let cases = self.wards.cases(&post, now.wall);
            self.duty.calls.follow(&post, &cases, now);
            let rules = (self.name.as_str(), self.duty.known.as_ref());
            for case in &cases {
                let is_answered = || self.wards.is_answered(&post, case.alarm, now.wall);
                due.extend(self.duty.calls.due(&post, case, rules, now, is_answered));
            }
        }
        due.retain(|call| !self.is_under_way(call));
        for call in due.into_iter().take(CALLS_PER_ROUND_MAX) {
            let kind = CommandKind::Deed(call.deed);
            let expires = now.wall.as_unix_ns().saturating_add(COMMAND_VALID_NS);
            let order = Command {
                id: call.command,
                issued: now.wall,
                expires: WallTime::from_unix_ns(expires),
                kind: kind.clone(),
            };
            if self.backlog.command(call.post.clone(), order) {
                let about = (call.post, kind);
                let replies = Vec::new();
                self.asking.insert(call.command, Asking { about, replies });
            }
        }
    }

    /// It is just becoming durable, or somebody's decision about the same alarm is.
    fn is_under_way(&self, call: &Call) -> bool {
        let decides = |asking: &Asking| match &asking.about {
            (post, CommandKind::Deed(deed)) => {
                *post == call.post && deed.alarm == call.deed.alarm && deed.act.is_decided()
            }
            _ => false,
        };
        self.asking.contains_key(&call.command) || self.asking.values().any(decides)
    }
}
