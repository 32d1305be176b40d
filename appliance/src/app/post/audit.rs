//! What is done at the post, and by whom: each deed gets its time and its place in the chain (I9), and the box signs once
//! a day and at each start how far the chain goes.
//!
//! - The chain goes on from the last durable entry. Events leave the post only when they are on the card, so the centre
//!   knows no entry that this post could make anew.
//! - Where it cannot go on (first start, store set aside, earlier entries unreadable) a new one begins, and its first
//!   entry says why, and which one it follows when that is known.
//! - Nothing here waits: the card is the store's affair.

use std::time::Duration;

use vitals::audit::{Actor, Chain, ChainId, Deed, Head, Outcome, START, STOP, Telling};
use vitals::{
    ClockAnchor, ClockTrust, Epoch, Event, Identity, Lane, Masked, MonoTime, PostId, Record, Stamp, WallTime,
};

use super::Post;
use crate::access::By;
use crate::audit::BoxKey;
use crate::store::{OpenReport, Store, StoreError};

/// How often the box signs how far the chain goes.
const SIGN_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// The chain, and what signs it.
pub(super) struct Audit {
    post: PostId,
    epoch: Epoch,
    begun: u64,
    id: ChainId,
    chain: Chain,
    key: Option<BoxKey>,
    /// How far it went when it was signed last, and when that was.
    signed: Option<(Head, MonoTime)>,
}

/// The chain of the runs before this one, or why there is none to go on with.
pub(super) type Before = Result<(ChainId, Head), String>;

impl Audit {
    pub fn new(post: PostId, epoch: Epoch, key: Option<BoxKey>, before: &Before) -> Audit {
        let (id, chain) = match before {
            Ok((id, head)) => (id.clone(), Chain::after(*head)),
            Err(_) => {
                let id = chain_id(&post, epoch, 1);
                let chain = Chain::begin(&id);
                (id, chain)
            }
        };
        Audit {
            post,
            epoch,
            begun: u64::from(before.is_err()),
            id,
            chain,
            key,
            signed: None,
        }
    }

    /// A new chain; how the one before was called and how far it went.
    fn begin_anew(&mut self) -> (ChainId, Head) {
        self.begun += 1;
        let id = chain_id(&self.post, self.epoch, self.begun);
        let head = self.chain.head();
        self.chain = Chain::begin(&id);
        (std::mem::replace(&mut self.id, id), head)
    }
}

/// An epoch is never used twice, not even by a backup that was put back, so neither is this name.
fn chain_id(post: &PostId, epoch: Epoch, begun: u64) -> ChainId {
    ChainId::of(post, (u128::from(epoch.0) << 64) | u128::from(begun))
}

/// Looks where the audit ended: from the newest record back to the newest entry and the newest name of its chain, which is
/// told at each start and with each signed head, so that a day of records is read and not years of them.
pub(super) fn before(store: &Store, report: &OpenReport) -> Before {
    if let Some(aside) = &report.set_aside {
        return Err(format!("the store was set aside: {}", aside.reason));
    }
    let mut last = None;
    let mut chain = None;
    let mut any = false;
    let read: Result<(), StoreError> = store.read_back(Lane::Events, |_, record| {
        any = true;
        let Record::Event { event, .. } = record else {
            return true;
        };
        match event {
            Event::Audited(entry) => {
                last.get_or_insert(entry.head());
                chain = chain.take().or_else(|| entry.deed.told.names_chain());
            }
            Event::AuditHead(signed) => {
                chain.get_or_insert(signed.chain);
            }
            _ => {}
        }
        last.is_none() || chain.is_none()
    });
    read.map_err(|error| format!("earlier entries cannot be read: {error}"))?;
    let nothing = if any {
        "the records before this have no audit"
    } else {
        "the first start"
    };
    chain.zip(last).ok_or_else(|| nothing.to_owned())
}

/// What a person did, or was refused.
pub(super) struct Did<'a, E> {
    pub by: &'a By,
    pub action: &'static str,
    pub subject: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub result: &'a Result<(), E>,
}

impl<E: std::fmt::Display> From<Did<'_, E>> for Telling {
    fn from(did: Did<'_, E>) -> Telling {
        let By { who, from } = did.by.clone();
        let (outcome, after) = match did.result {
            Ok(()) => (Outcome::Done, did.after),
            Err(error) => (Outcome::Refused, Some(error.to_string())),
        };
        Telling {
            who,
            from,
            action: did.action.to_owned(),
            outcome,
            subject: did.subject,
            before: did.before.map(Masked::new),
            after: after.map(Masked::new),
        }
    }
}

/// What the box did by itself.
fn by_itself(action: &str, before: Option<String>, after: Option<String>) -> Telling {
    Telling {
        who: Actor::Post,
        from: String::new(),
        action: action.to_owned(),
        outcome: Outcome::Done,
        subject: String::new(),
        before: before.map(Masked::new),
        after: after.map(Masked::new),
    }
}

/// Who it is, in one line.
pub(super) fn words_of(identity: &Identity) -> String {
    if identity.is_unknown() {
        return "unknown".to_owned();
    }
    let ids: Vec<&str> = identity.ids.iter().map(|id| id.reveal().as_str()).collect();
    let born = identity.born.as_ref().map_or("", |born| born.reveal());
    let (family, given, sex) = (
        identity.family.reveal(),
        identity.given.reveal(),
        identity.sex.reveal(),
    );
    format!(
        "ids {}; family {family}; given {given}; born {born}; sex {sex}",
        ids.join(", ")
    )
}

/// `2026-11-23T14:30:00.000Z, holdover`.
fn words_of_clock(wall: Option<WallTime>, trust: ClockTrust) -> String {
    let moment = wall.and_then(|wall| jiff::Timestamp::from_millisecond(wall.as_unix_ms()).ok());
    let moment = moment.map_or_else(|| "?".to_owned(), |moment| format!("{moment:.3}"));
    let trust = match trust {
        ClockTrust::Untrusted => "untrusted",
        ClockTrust::Holdover => "holdover",
        ClockTrust::Synchronised => "synchronised",
    };
    format!("{moment}, {trust}")
}

impl Post {
    /// Gives a deed its time and its place, and keeps it.
    pub fn audit(&mut self, telling: Telling, now: MonoTime) {
        let deed = Deed {
            at: Stamp {
                boot: self.clock.boot(),
                mono: now,
            },
            wall: self.time.believed(now),
            trust: self.time.anchor().trust,
            told: telling.bounded(),
        };
        let entry = self.audit.chain.append(deed);
        self.event(now, Event::Audited(Box::new(entry)));
    }

    /// The first entries of this run.
    pub(super) fn audit_start(&mut self, before: &Before, configuration: &str, now: MonoTime) {
        let chain = self.audit.id.clone();
        if let Err(why) = before {
            self.audit(Telling::begin(&chain, None, why), now);
        }
        let version = env!("CARGO_PKG_VERSION");
        let after = format!("version {version}, configuration {configuration}");
        self.audit(Telling::of_chain(&chain, START, &after), now);
        self.sign_audit(now);
    }

    /// The store was set aside and a new one began: so does the chain.
    pub(super) fn audit_anew(&mut self, why: &str, now: MonoTime) {
        let (before, head) = self.audit.begin_anew();
        let chain = self.audit.id.clone();
        let why = format!("the store was set aside: {why}");
        self.audit(Telling::begin(&chain, Some((&before, head)), &why), now);
        self.sign_audit(now);
    }

    pub(super) fn audit_stop(&mut self, now: MonoTime) {
        self.audit(by_itself(STOP, None, None), now);
    }

    /// The clock was set, stepped, or is believed more or less than before.
    pub(super) fn audit_clock(&mut self, before: ClockAnchor, anchor: ClockAnchor, now: MonoTime) {
        let at = Stamp {
            boot: anchor.boot,
            mono: anchor.mono,
        };
        let expected = at.resolve(&[before]).map(|(wall, _)| wall);
        let before = words_of_clock(expected, before.trust);
        let after = words_of_clock(Some(anchor.wall), anchor.trust);
        self.audit(by_itself("clock", Some(before), Some(after)), now);
    }

    /// Signs how far the chain goes when that is due.
    pub(super) fn sign_audit_daily(&mut self, now: MonoTime) {
        let head = self.audit.chain.head();
        let is_due = self
            .audit
            .signed
            .is_none_or(|(signed, at)| signed != head && now.since(at) >= SIGN_EVERY);
        if is_due && self.audit.key.is_some() {
            self.sign_audit(now);
        }
    }

    fn sign_audit(&mut self, now: MonoTime) {
        let wall = self.time.believed(now);
        let Audit { id, chain, key, .. } = &self.audit;
        let Some(key) = key else {
            return;
        };
        let signed = key.sign(id.clone(), chain.head(), wall);
        self.audit.signed = Some((signed.head, now));
        self.event(now, Event::AuditHead(Box::new(signed)));
    }
}
