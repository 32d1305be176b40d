//! What every request asks and nobody waits for: who is signed in, which screen this is, who tries too often.

use std::collections::BTreeMap;
use std::time::Duration;

use accounts::attempts::{Attempts, TooOften};
use accounts::people::PersonId;
use accounts::session::{ENDED_BY_ITSELF, Sessions, Token};
use vitals::audit::{Actor, Outcome, Telling};
use vitals::{BedId, Masked, MonoTime};

use super::emergencies::Emergencies;
use super::policy::Role;
use super::screens::{ScreenId, Screens};
use super::{EMERGENCY_LASTS, Seat, Signed};

/// Most tries that wait at the same time.
pub(super) const WAITING_MAX: usize = 32;
/// Most of them from one place.
pub(super) const WAITING_FROM_ONE_MAX: usize = 4;
/// Most of them from devices that nobody registered: the ward's screens always find a place.
pub(super) const WAITING_FROM_OUTSIDE_MAX: usize = 20;

/// A chart that stays open on a page is told to the audit this often.
pub(super) const VIEW_TOLD_EVERY: Duration = Duration::from_secs(10 * 60);
/// Most views that are remembered; beyond that each is told.
const VIEWS_MAX: usize = 1024;

/// An account, as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Their name.
    pub name: Masked<String>,
    /// What they are.
    pub roles: Vec<Role>,
    /// They cannot sign in.
    pub disabled: bool,
    /// They have set what they sign in with.
    pub begun: bool,
}

/// Whose session it is, and on which screen it began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seated {
    pub person: PersonId,
    pub screen: Option<ScreenId>,
}

impl Seated {
    /// Nobody signed out.
    pub(super) fn ended_by_itself(self) -> Telling {
        Telling {
            who: Actor::Post,
            from: self.screen.map_or_else(String::new, |screen| screen.to_string()),
            action: "sign_out".to_owned(),
            outcome: Outcome::Done,
            subject: format!("account:{}", self.person.as_str()),
            before: None,
            after: Some(Masked::new(ENDED_BY_ITSELF.to_owned())),
        }
    }
}

/// Behind one mutex, held for moments only.
#[derive(Default)]
pub(super) struct Doors {
    pub sessions: Sessions<Seated>,
    pub screens: Screens,
    pub people: BTreeMap<PersonId, Known>,
    pub claimed: bool,
    pub emergencies: Emergencies,
    pub attempts: Attempts<(String, String)>,
    open_charts: Vec<(PersonId, BedId, MonoTime)>,
    waiting: BTreeMap<String, usize>,
    waiting_outside: usize,
    views: BTreeMap<(String, String), MonoTime>,
}

impl Doors {
    /// Whose token this is, with their rights of now.
    pub(super) fn signed(&mut self, token: &Token, seat: &Seat, now: MonoTime, acts: bool) -> Option<Signed> {
        let seated = self.sessions.person(token, now)?;
        let known = self.people.get(&seated.person).filter(|known| !known.disabled)?;
        // A10.
        if seated.screen.is_some() && seated.screen != seat.screen {
            return None;
        }
        if acts {
            self.sessions.acts(token, now)?;
        }
        let left = self.sessions.left(token, now)?;
        let charts = self.open_charts.iter();
        let own = charts.filter(|(person, ..)| *person == seated.person);
        let emergencies = own
            .map(|(_, bed, from)| (bed.clone(), EMERGENCY_LASTS.saturating_sub(now.since(*from))))
            .filter(|(_, left)| !left.is_zero())
            .map(|(bed, left)| (bed, seconds(left)))
            .collect();
        let place = match seated.screen {
            Some(_) => accounts::session::Place::Shared,
            None => accounts::session::Place::Private,
        };
        Some(Signed {
            id: seated.person,
            name: known.name.clone(),
            roles: known.roles.clone(),
            place,
            screen: seated.screen,
            idle_s: seconds(left),
            emergencies,
        })
    }

    /// The chart of this bed is open to this person from now on.
    pub(super) fn open_chart(&mut self, person: PersonId, bed: BedId, now: MonoTime) {
        self.open_charts.retain(|(other, open, from)| {
            now.since(*from) < EMERGENCY_LASTS && (*other != person || *open != bed)
        });
        self.open_charts.push((person, bed, now));
    }

    /// The person's rights have changed.
    pub(super) fn put_out(&mut self, person: &PersonId) {
        self.sessions.end_those(|seated| seated.person == *person);
        self.open_charts.retain(|(other, ..)| other != person);
    }

    /// Whether this person has not looked at this for a while.
    pub(super) fn views_anew(&mut self, view: (String, String), now: MonoTime) -> bool {
        self.views.retain(|_, told| now.since(*told) < VIEW_TOLD_EVERY);
        if self.views.contains_key(&view) {
            return false;
        }
        if self.views.len() < VIEWS_MAX {
            self.views.insert(view, now);
        }
        true
    }

    /// Whether a try may wait; it must be let go afterwards.
    pub(super) fn may_wait(&mut self, who: &str, seat: &Seat, now: MonoTime) -> Result<(), Full> {
        let key = seat.key();
        self.attempts.may_try(&(who.to_owned(), key.clone()), now)?;
        let outside = seat.screen.is_none();
        let waits = self.waiting.get(&key).copied().unwrap_or(0);
        if waits >= WAITING_FROM_ONE_MAX || (outside && self.waiting_outside >= WAITING_FROM_OUTSIDE_MAX) {
            return Err(Full::Busy);
        }
        self.waiting.insert(key, waits + 1);
        self.waiting_outside += usize::from(outside);
        Ok(())
    }

    /// It waits no more.
    pub(super) fn let_go(&mut self, seat: &Seat) {
        let key = seat.key();
        if let Some(waits) = self.waiting.get_mut(&key) {
            *waits = waits.saturating_sub(1);
            if *waits == 0 {
                self.waiting.remove(&key);
            }
        }
        let outside = usize::from(seat.screen.is_none());
        self.waiting_outside = self.waiting_outside.saturating_sub(outside);
    }
}

/// Why a try does not even wait.
pub(super) enum Full {
    Busy,
    TooOften(TooOften),
}

impl From<TooOften> for Full {
    fn from(often: TooOften) -> Full {
        Full::TooOften(often)
    }
}

fn seconds(left: Duration) -> u64 {
    left.as_secs().max(1)
}
