//! What is known without looking at a proof: who is signed in, who there is, who tries too often, and how much of that the
//! audit was told of late.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use accounts::attempts::Attempts;
use accounts::people::PersonId;
use accounts::session::{Place, Sessions};
use vitals::audit::{Actor, Outcome, Telling};
use vitals::{Masked, MonoTime};

use super::desk::{AccessError, Signed};
use super::register::Listed;
use crate::audit::{Book, of_the_centre};

/// Refused tries that are told one by one in a minute (E3).
const ONE_BY_ONE_MAX: u32 = 30;
/// For so long tries are counted together.
pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Who tries, from where.
pub(super) type Key = (PersonId, IpAddr);

/// What is looked up without waiting for a proof.
#[derive(Default)]
pub(super) struct Hall {
    pub(super) sessions: Sessions<PersonId>,
    pub(super) known: BTreeMap<PersonId, Listed>,
    pub(super) attempts: Attempts<Key>,
    refused: Refused,
}

/// Refused tries of this minute.
#[derive(Default)]
struct Refused {
    began: Option<MonoTime>,
    told: u32,
    counted: u64,
}

pub(super) fn refused(action: &str, id: Option<&PersonId>, from: IpAddr, error: &AccessError) -> Telling {
    Telling {
        who: Actor::Nobody,
        from: from.to_string(),
        action: action.to_owned(),
        outcome: Outcome::Refused,
        subject: id.map_or(String::new(), |id| format!("account:{}", id.as_str())),
        before: None,
        after: Some(Masked::new(error.to_string())),
    }
}

pub(super) fn hall(hall: &Mutex<Hall>) -> MutexGuard<'_, Hall> {
    hall.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn of_account(who: Actor, from: IpAddr, action: &str, id: &PersonId) -> Telling {
    Telling {
        who,
        from: from.to_string(),
        action: action.to_owned(),
        outcome: Outcome::Done,
        subject: format!("account:{}", id.as_str()),
        before: None,
        after: None,
    }
}

impl Hall {
    /// As somebody is who has just come in.
    pub(super) fn signed(&self, id: &PersonId) -> Option<Signed> {
        let known = self.known.get(id).filter(|known| !known.disabled)?;
        Some(Signed {
            id: known.id.clone(),
            name: Masked::new(known.name.clone()),
            roles: known.roles.clone(),
            left: Place::Private.idle_max(),
        })
    }

    /// E3. What was typed as a name may be a password: only the name of an account is written down.
    pub(super) fn refused(&mut self, book: &Book, now: MonoTime, mut told: Telling) {
        self.end_minute(now, book);
        if self.refused.told >= ONE_BY_ONE_MAX {
            self.refused.counted += 1;
            return;
        }
        self.refused.told += 1;
        let named = told.subject.strip_prefix("account:");
        if !self.known.keys().any(|known| named == Some(known.as_str())) {
            "account:?".clone_into(&mut told.subject);
        }
        if book.note(told).is_err() {
            self.refused.counted += 1;
        }
    }

    /// When a minute is over, what was only counted in it is told.
    pub(super) fn end_minute(&mut self, now: MonoTime, book: &Book) {
        let began = *self.refused.began.get_or_insert(now);
        if now.since(began) < MINUTE {
            return;
        }
        let counted = std::mem::take(&mut self.refused).counted;
        self.refused.began = Some(now);
        if counted > 0 {
            let more = format!("{counted} more tries were refused within a minute");
            if book.note(of_the_centre("sign_in_flood", Some(more))).is_err() {
                self.refused.counted = counted;
            }
        }
    }
}
