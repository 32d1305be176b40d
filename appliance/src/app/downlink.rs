//! What the centre asks of this post: each command is answered once, whatever repeats, and the answer is an event, durable
//! before the centre hears of it. Pure; the caller records what is decided.
//!
//! - D1: one command, one answer: [`Event::Seen`], [`Event::Deed`], [`Event::Message`], [`Event::LimitProposed`] or
//!   [`Event::CommandRefused`], also across restarts ([`Downlink::recall`]).
//! - D2: what makes no sense is refused with a reason; nothing is guessed. So is what names no person, by name and account.
//! - D3: nothing changes care by itself (I9): a message or proposal stands on the page until a person says who read it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vitals::code::CodeKind;
use vitals::delivery::{Act, CENTRE_ITSELF, Deed};
use vitals::record::{LimitProposal, MESSAGE_CHARS_MAX, Refusal};
use vitals::wire::{Command, CommandKind};
use vitals::{BedId, Event, Measured, Stamp, WallTime};

use crate::web::ReadError;

/// Commands remembered as answered: many days of them. The centre stops repeating what was answered.
const ANSWERED_MAX: usize = 16_384;

/// Messages that wait to be read; a page with more would be read by nobody.
pub(super) const UNREAD_MAX: usize = 20;

/// Longest line of text kept from the centre besides its letters: a message may have lines, but no other control
/// characters.
fn is_text(text: &str) -> bool {
    let fits = text.chars().count() <= MESSAGE_CHARS_MAX && !text.trim().is_empty();
    fits && text.chars().all(|c| !c.is_control() || c == '\n')
}

/// Who gives a command: their name, as the nurse reads it, and their account at the centre, as the audit names it. A command
/// without one of them is nobody's (I9).
fn person(by: &str, by_id: Option<String>) -> Result<(String, Option<String>), Refusal> {
    let by = alarms::person(by).ok_or(Refusal::NoPerson)?.to_owned();
    let account = by_id
        .as_deref()
        .and_then(alarms::person)
        .filter(|account| *account != CENTRE_ITSELF)
        .ok_or(Refusal::NoPerson)?;
    Ok((by, Some(account.to_owned())))
}

/// A deed of a person with an alarm that is known, which says what it must.
fn sound(deed: Deed, at: WallTime, known: &Known) -> Result<Deed, Refusal> {
    let by = match &deed.act {
        // The one thing that the centre does by itself, and it changes nothing.
        Act::Called { .. } if deed.by_id == CENTRE_ITSELF => {
            alarms::person(&deed.by).ok_or(Refusal::NoPerson)?.to_owned()
        }
        Act::Called { .. } => return Err(Refusal::NotUnderstood),
        _ => person(&deed.by, Some(deed.by_id.clone()))?.0,
    };
    let act = match deed.act {
        Act::Called { priority, rung, to } => {
            let named = to.into_iter().map(|(name, id)| {
                let (name, _) = person(&name, Some(id.clone()))?;
                Ok((name, id))
            });
            let to = named.collect::<Result<_, Refusal>>()?;
            Act::Called { priority, rung, to }
        }
        Act::Offered { to, to_id } => {
            let (to, _) = person(&to, Some(to_id.clone()))?;
            Act::Offered { to, to_id }
        }
        act => act,
    };
    if !act.is_sound(at) {
        return Err(Refusal::OutOfRange);
    }
    if !(known.has_alarm)(deed.alarm) {
        return Err(Refusal::UnknownAlarm);
    }
    Ok(Deed { by, act, ..deed })
}

/// A message or proposal that nobody has read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Notice {
    /// When this post recorded it.
    pub at: Stamp,
    pub bed: Option<BedId>,
    pub by: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Text(String),
    Limit(LimitProposal),
}

/// What the post knows that decides about a command.
pub(super) struct Known<'a> {
    pub beds: &'a BTreeSet<BedId>,
    pub has_alarm: &'a dyn Fn(vitals::AlarmId) -> bool,
}

/// The commands of the centre, and what of them waits for a person.
#[derive(Debug, Default)]
pub(super) struct Downlink {
    answered: VecDeque<u128>,
    unread: BTreeMap<u128, Notice>,
    /// In the order of their arrival.
    order: VecDeque<u128>,
}

impl Downlink {
    /// What an earlier run answered, and what of it was read.
    pub fn recall(&mut self, at: Stamp, event: &Event) {
        match event {
            Event::MessageRead { command, .. } => self.forget(*command),
            _ => self.note(at, event),
        }
    }

    /// Decides about a command: its one answer, or `None` when it has been answered.
    pub fn answer(&mut self, command: Command, expired: bool, at: Stamp, known: &Known) -> Option<Event> {
        let id = command.id;
        if self.answered.contains(&id) {
            return None;
        }
        let judged = if expired {
            Err(Refusal::Expired)
        } else {
            self.judge(command, known)
        };
        let event = judged.unwrap_or_else(|reason| Event::CommandRefused { command: id, reason });
        self.note(at, &event);
        Some(event)
    }

    fn judge(&self, command: Command, known: &Known) -> Result<Event, Refusal> {
        let (id, at) = (command.id, command.issued);
        let room = || {
            (self.unread.len() < UNREAD_MAX)
                .then_some(())
                .ok_or(Refusal::TooMany)
        };
        match command.kind {
            CommandKind::Seen { alarm, by, by_id } => {
                let (by, by_id) = person(&by, by_id)?;
                let seen = Event::Seen {
                    alarm,
                    by,
                    by_id,
                    command: id,
                };
                (known.has_alarm)(alarm)
                    .then_some(seen)
                    .ok_or(Refusal::UnknownAlarm)
            }
            CommandKind::Message { bed, by, by_id, text } => {
                if bed.as_ref().is_some_and(|bed| !known.beds.contains(bed)) {
                    return Err(Refusal::UnknownBed);
                }
                if !is_text(&text) {
                    return Err(Refusal::OutOfRange);
                }
                let (by, by_id) = person(&by, by_id)?;
                room()?;
                let command = id;
                Ok(Event::Message {
                    bed,
                    by,
                    by_id,
                    text,
                    command,
                })
            }
            CommandKind::ProposeLimit(proposal) => {
                if !known.beds.contains(&proposal.bed) {
                    return Err(Refusal::UnknownBed);
                }
                let of_a_number = proposal.code.info().kind != CodeKind::Wave;
                let possible = matches!(proposal.code.judge(proposal.limit), Measured::Value(_));
                if !of_a_number || !possible {
                    return Err(Refusal::OutOfRange);
                }
                let (by, by_id) = person(&proposal.by, proposal.by_id)?;
                room()?;
                let proposal = LimitProposal {
                    by,
                    by_id,
                    ..proposal
                };
                Ok(Event::LimitProposed {
                    proposal,
                    command: id,
                })
            }
            CommandKind::Deed(deed) => {
                let (deed, command) = (sound(deed, at, known)?, id);
                Ok(Event::Deed { deed, at, command })
            }
            CommandKind::Unknown => Err(Refusal::NotUnderstood),
        }
    }

    /// A person has read a message.
    ///
    /// # Errors
    /// Nobody is named, or it was read before.
    pub fn read(&mut self, command: u128, by: &str) -> Result<Event, ReadError> {
        let by = alarms::person(by).ok_or(ReadError::NoPerson)?.to_owned();
        if !self.unread.contains_key(&command) {
            return Err(ReadError::NotOpen);
        }
        self.forget(command);
        Ok(Event::MessageRead { command, by })
    }

    /// What nobody has read, oldest first.
    pub fn unread(&self) -> impl Iterator<Item = (u128, &Notice)> {
        self.order
            .iter()
            .filter_map(|id| Some((*id, self.unread.get(id)?)))
    }

    fn note(&mut self, at: Stamp, event: &Event) {
        let (id, notice) = match event {
            Event::Seen { command, .. }
            | Event::Deed { command, .. }
            | Event::CommandRefused { command, .. } => (*command, None),
            Event::Message {
                bed,
                by,
                text,
                command,
                ..
            } => {
                let what = What::Text(text.clone());
                let (bed, by) = (bed.clone(), by.clone());
                (*command, Some(Notice { at, bed, by, what }))
            }
            Event::LimitProposed { proposal, command } => {
                let what = What::Limit(proposal.clone());
                let (bed, by) = (Some(proposal.bed.clone()), proposal.by.clone());
                (*command, Some(Notice { at, bed, by, what }))
            }
            _ => return,
        };
        if self.answered.len() == ANSWERED_MAX {
            self.answered.pop_front();
        }
        self.answered.push_back(id);
        if let Some(notice) = notice {
            self.unread.insert(id, notice);
            self.order.push_back(id);
        }
    }

    fn forget(&mut self, command: u128) {
        self.unread.remove(&command);
        self.order.retain(|id| *id != command);
    }
}

#[cfg(test)]
mod tests;
