//! The way of one alarm to a person who answers for it, step by step (I6). The one state machine of both sides, pure.
//!
//! - V1: what is known is a set of facts, each with its time; the state follows from the set alone. So facts that come
//!   twice, late, in any order, or not at all lead to the same state on both sides: "ended" before "created" too.
//! - V2: a fact that is known is never taken back. The state only goes on ([`State::may_become`]); time alone does one
//!   thing, it lets an acceptance run out.
//! - V3: what a broker says (PUBACK) is no fact. [`State::AtCentre`] is the centre's own receipt, or its own store.
//! - V4: one person answers at a time. Whoever hands over stays responsible until the other one has taken it.
//!
//! Whether a deed is allowed is asked once, where it is done ([`Delivery::may`]); whoever hears of it later takes it as
//! it is ([`Delivery::did`]).

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::alarm::{AlarmChange, AlarmId, Condition, Priority};
use crate::time::WallTime;

/// How far an alarm has come, in the order in which it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DeliveryState")]
pub enum State {
    /// Made, and about to leave.
    Created,
    /// Waits at the post: the centre is not reached.
    Queued,
    /// Has left; the centre has not confirmed it. That a broker has it says no more than this.
    Sent,
    /// The centre has stored it.
    AtCentre,
    /// It stood on the screen of a doctor who was signed in.
    Shown,
    /// A doctor has read it.
    Read,
    /// Nobody had read it when its time was over. Nobody is waited for any more; whoever comes later may still take it.
    Expired,
    /// A doctor said that nobody at the centre will take it, and why. Another one may still take it.
    Rejected,
    /// Somebody had accepted it, until a time that is over.
    Lapsed,
    /// Somebody answers for it.
    Accepted,
    /// The alarm is over.
    Ended,
    /// The same alarmed again at the same place: that newer alarm counts.
    Superseded,
}

impl State {
    /// All of them, in order.
    pub const ALL: [State; 12] = [
        State::Created,
        State::Queued,
        State::Sent,
        State::AtCentre,
        State::Shown,
        State::Read,
        State::Expired,
        State::Rejected,
        State::Lapsed,
        State::Accepted,
        State::Ended,
        State::Superseded,
    ];

    /// V2: whether this may follow at once. Steps between may be unknown; none is gone back, except that an acceptance
    /// is handed on or runs out.
    pub fn may_become(self, next: State) -> bool {
        next > self || (self == State::Accepted && matches!(next, State::Accepted | State::Lapsed))
    }

    /// Nobody is waited for any more.
    pub fn is_final(self) -> bool {
        matches!(self, State::Expired | State::Rejected) || self.is_closed()
    }

    /// Final for good: nothing can be done with it any more.
    pub fn is_closed(self) -> bool {
        matches!(self, State::Ended | State::Superseded)
    }

    /// Its name in the API.
    pub const fn key(self) -> &'static str {
        match self {
            State::Created => "created",
            State::Queued => "queued",
            State::Sent => "sent",
            State::AtCentre => "at_centre",
            State::Shown => "shown",
            State::Read => "read",
            State::Expired => "expired",
            State::Rejected => "rejected",
            State::Lapsed => "lapsed",
            State::Accepted => "accepted",
            State::Ended => "ended",
            State::Superseded => "superseded",
        }
    }
}

/// How long a doctor has to read an alarm before it counts as expired; `None` = it waits for as long as it lasts. The one
/// table. HIGH: death or harm within minutes, and after five of them without a doctor the nurse must know that she is
/// alone with it. MEDIUM: harm is not immediate, a round at the centre takes a quarter of an hour. LOW: nobody is called.
pub const fn read_within(priority: Priority) -> Option<Duration> {
    match priority {
        Priority::High => Some(Duration::from_secs(5 * 60)),
        Priority::Medium => Some(Duration::from_secs(15 * 60)),
        Priority::Low => None,
    }
}

/// Whether doctors are asked to answer at all: what only says that they cannot be reached asks nobody there.
pub const fn asks_doctors(condition: Condition) -> bool {
    !matches!(
        condition,
        Condition::CentreUnreachable | Condition::AlarmUndelivered | Condition::NobodyOnDuty
    )
}

/// Whether a nurse must be told when the centre does not confirm this alarm. Where the centre is silent altogether,
/// that stands on the page already (`centre_unreachable`), and only what is HIGH is worth a second alarm.
pub fn must_arrive(condition: Condition, priority: Priority, centre_is_heard: bool) -> bool {
    let least = if centre_is_heard {
        Priority::Medium
    } else {
        Priority::High
    };
    asks_doctors(condition) && priority >= least
}

/// The later one is the same condition at the same place again.
pub fn supersedes(later: &AlarmChange, earlier: &AlarmChange) -> bool {
    let is_newer = later.id > earlier.id && later.condition == earlier.condition;
    is_newer && later.bed == earlier.bed && later.device == earlier.device
}

/// The longest that somebody answers for an alarm without saying so again.
pub const ACCEPTED_MAX: Duration = Duration::from_secs(24 * 3_600);
/// For so long where a doctor says nothing else: one shift.
pub const ACCEPTED_DEFAULT: Duration = Duration::from_secs(8 * 3_600);
/// The longest words beside a rejection, in characters.
pub const REJECT_CHARS_MAX: usize = 200;
/// Deeds kept of one alarm; of more, the newest.
pub const DEEDS_MAX: usize = 64;
/// The most people whom one call names.
pub const CALLED_MAX: usize = 4;
/// In place of an account where the centre itself did something, by its own rules. No account is spelled like this.
pub const CENTRE_ITSELF: &str = "(centre)";

/// Why a doctor takes no responsibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectReason {
    /// The sensor or a movement, not the patient.
    Artefact,
    /// Known, and what is to be done is agreed with the post.
    Known,
    /// Another place or person answers for this patient.
    NotOurs,
    /// As the words say.
    Other,
}

/// What somebody at the centre did with an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    /// It stood on their screen.
    Shown,
    /// They read it.
    Read,
    /// They answer for it.
    Accepted {
        /// Until then, by the centre's clock.
        until: WallTime,
    },
    /// They say that nobody there takes it.
    Rejected {
        /// Why.
        reason: RejectReason,
        /// In their words; may be empty, except for [`RejectReason::Other`].
        words: String,
    },
    /// They want to hand it over.
    Offered {
        /// To whom.
        to: String,
        /// Their account.
        to_id: String,
    },
    /// They do not take what was offered to them.
    Declined,
    /// The centre called somebody, because nobody had taken it for so long: a rung of its ladder. It answers nothing.
    Called {
        /// Of the ladder for alarms as urgent as this.
        priority: Priority,
        /// Which rung of it, from 1 on.
        rung: u32,
        /// Whom: name and account; nobody named = every doctor.
        to: Vec<(String, String)>,
    },
}

impl Act {
    /// The state that it leads to; `None` = it changes nobody's responsibility.
    pub const fn state(&self) -> Option<State> {
        match self {
            Act::Shown => Some(State::Shown),
            Act::Read => Some(State::Read),
            Act::Accepted { .. } => Some(State::Accepted),
            Act::Rejected { .. } => Some(State::Rejected),
            Act::Offered { .. } | Act::Declined | Act::Called { .. } => None,
        }
    }

    /// Its name in the API and in audits.
    pub const fn key(&self) -> &'static str {
        match self {
            Act::Shown => "shown",
            Act::Read => "read",
            Act::Accepted { .. } => "accepted",
            Act::Rejected { .. } => "rejected",
            Act::Offered { .. } => "offered",
            Act::Declined => "declined",
            Act::Called { .. } => "called",
        }
    }

    /// A person decided it; the others follow from what stood on a screen, or from the centre's rules.
    pub const fn is_decided(&self) -> bool {
        !matches!(self, Act::Shown | Act::Read | Act::Called { .. })
    }

    /// Whoever did it knows of the alarm.
    pub const fn is_of_a_reader(&self) -> bool {
        !matches!(self, Act::Shown | Act::Called { .. })
    }

    /// Whether it says what it must, within its bounds, when it is done at `at`.
    pub fn is_sound(&self, at: WallTime) -> bool {
        match self {
            Act::Accepted { until } => {
                let for_ns = i128::from(until.as_unix_ns()) - i128::from(at.as_unix_ns());
                for_ns > 0 && for_ns.unsigned_abs() <= ACCEPTED_MAX.as_nanos()
            }
            Act::Rejected { reason, words } => {
                let is_long = words.chars().count() > REJECT_CHARS_MAX;
                let is_said = *reason != RejectReason::Other || !words.trim().is_empty();
                !is_long && is_said && !words.chars().any(char::is_control)
            }
            Act::Offered { to, to_id } => !to.trim().is_empty() && !to_id.is_empty(),
            Act::Called { rung, to, .. } => {
                let named = |(name, id): &(String, String)| !name.trim().is_empty() && !id.is_empty();
                *rung > 0 && to.len() <= CALLED_MAX && to.iter().all(named)
            }
            Act::Shown | Act::Read | Act::Declined => true,
        }
    }
}

/// Who at the centre did what with which alarm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Deed {
    /// Which alarm.
    pub alarm: AlarmId,
    /// Who.
    pub by: String,
    /// Their account; empty only where an older centre did not say it.
    pub by_id: String,
    /// What.
    pub act: Act,
}

/// A deed, and when it became known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done<T> {
    /// By the centre's clock: the order of deeds.
    pub at: WallTime,
    /// By the clock of whoever keeps this.
    pub noted: T,
    /// What.
    pub deed: Deed,
}

/// Who answers for an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responsible<T> {
    /// The name.
    pub by: String,
    /// The account.
    pub by_id: String,
    /// When they accepted, by the centre's clock.
    pub at: WallTime,
    /// When that became known here.
    pub noted: T,
    /// Until when, by the centre's clock.
    pub until: WallTime,
    /// To whom they want to hand it over: name and account.
    pub offered: Option<(String, String)>,
}

/// Why a deed is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The alarm is over, or a newer one stands in its place.
    #[error("this alarm is over")]
    Over,
    /// Somebody else answers for it.
    #[error("{by} has already accepted it; ask them to hand it over")]
    Taken {
        /// Who.
        by: String,
    },
    /// Only whoever answers for it can do this.
    #[error("accept it first")]
    NotYours,
    /// Whoever answers for it cannot reject it.
    #[error("you have accepted it: hand it over instead")]
    Yours,
    /// Nothing was offered to this person.
    #[error("it was not offered to you")]
    NotOffered,
    /// Too long, too short, or without words.
    #[error("out of range")]
    OutOfRange,
}

/// All that is known of the way of one alarm. `T`: times as its keeper has them; of two, the earlier counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<T> {
    reached: BTreeMap<State, T>,
    deeds: BTreeMap<(WallTime, u128), Done<T>>,
}

impl<T> Default for Delivery<T> {
    fn default() -> Self {
        Delivery {
            reached: BTreeMap::new(),
            deeds: BTreeMap::new(),
        }
    }
}

impl<T: Copy + Ord> Delivery<T> {
    /// It has come so far, without anybody's doing.
    pub fn reach(&mut self, state: State, at: T) {
        let known = self.reached.entry(state).or_insert(at);
        *known = at.min(*known);
    }

    /// Somebody did something, by this command. V1.
    pub fn did(&mut self, command: u128, done: Done<T>) {
        let noted = done.noted;
        let known = self.deeds.entry((done.at, command)).or_insert(done);
        known.noted = noted.min(known.noted);
        if self.deeds.len() > DEEDS_MAX {
            self.deeds.pop_first();
        }
    }

    /// Takes over all that somebody else knows.
    pub fn merge(&mut self, other: &Delivery<T>) {
        for (state, at) in &other.reached {
            self.reach(*state, *at);
        }
        for ((_, command), done) in &other.deeds {
            self.did(*command, done.clone());
        }
    }

    /// When it came so far without anybody's doing.
    pub fn reached(&self, state: State) -> Option<T> {
        self.reached.get(&state).copied()
    }

    /// What people did, in the order of the centre's clock.
    pub fn deeds(&self) -> impl Iterator<Item = &Done<T>> {
        self.deeds.values()
    }

    /// How far it has come. `lapsed`: whether that acceptance has run out.
    pub fn state(&self, lapsed: impl Fn(&Responsible<T>) -> bool) -> State {
        let by_itself = self.reached.keys().next_back().copied();
        let of_deed = |done: &Done<T>| done.deed.act.state().filter(|state| *state != State::Accepted);
        let by_people = self.deeds.values().filter_map(of_deed).max();
        let accepted = self.last_accepted().map(|who| match lapsed(&who) {
            true => State::Lapsed,
            false => State::Accepted,
        });
        let known = [by_itself, by_people, accepted];
        known.into_iter().flatten().max().unwrap_or(State::Created)
    }

    /// Who answers for it now (V4).
    pub fn responsible(&self, lapsed: impl Fn(&Responsible<T>) -> bool) -> Option<Responsible<T>> {
        self.last_accepted().filter(|who| !lapsed(who))
    }

    /// Who accepted it last, whether or not that has run out.
    pub fn last_accepted(&self) -> Option<Responsible<T>> {
        let mut who: Option<Responsible<T>> = None;
        for done in self.deeds.values() {
            match (&done.deed.act, &mut who) {
                (Act::Accepted { until }, _) => {
                    who = Some(Responsible {
                        by: done.deed.by.clone(),
                        by_id: done.deed.by_id.clone(),
                        at: done.at,
                        noted: done.noted,
                        until: *until,
                        offered: None,
                    });
                }
                (Act::Offered { to, to_id }, Some(giver)) if giver.by_id == done.deed.by_id => {
                    giver.offered = Some((to.clone(), to_id.clone()));
                }
                (Act::Declined, Some(giver)) if is_offered_to(giver, &done.deed.by_id) => {
                    giver.offered = None;
                }
                _ => {}
            }
        }
        who
    }

    /// Somebody read it, accepted it or rejected it: it is known to a doctor.
    pub fn is_read(&self) -> bool {
        self.deeds.values().any(|done| done.deed.act.is_of_a_reader())
    }

    /// Whether somebody may do this at `now`, by the centre's clock.
    ///
    /// # Errors
    /// Why not.
    pub fn may(&self, deed: &Deed, now: WallTime) -> Result<(), NotNow> {
        let lapsed = |who: &Responsible<T>| who.until <= now;
        if !deed.act.is_sound(now) {
            return Err(NotNow::OutOfRange);
        }
        if deed.act.is_decided() && self.state(lapsed).is_closed() {
            return Err(NotNow::Over);
        }
        let who = self.responsible(lapsed);
        let is_own = who.as_ref().is_some_and(|who| who.by_id == deed.by_id);
        match (&deed.act, who) {
            (Act::Accepted { .. }, Some(who)) if !is_own && !is_offered_to(&who, &deed.by_id) => {
                Err(NotNow::Taken { by: who.by })
            }
            (Act::Rejected { .. }, Some(_)) if is_own => Err(NotNow::Yours),
            (Act::Offered { to_id, .. }, _) if !is_own || *to_id == deed.by_id => Err(NotNow::NotYours),
            (Act::Declined, Some(who)) if is_offered_to(&who, &deed.by_id) => Ok(()),
            (Act::Declined, _) => Err(NotNow::NotOffered),
            _ => Ok(()),
        }
    }
}

fn is_offered_to<T>(who: &Responsible<T>, account: &str) -> bool {
    who.offered.as_ref().is_some_and(|(_, to)| to == account)
}

#[cfg(test)]
mod tests;
