//! Who acts at a post, and what they may do: one table, accounts on disk, sessions, screens, emergencies.
//!
//! - A1 (I9): what is not in the one table of [`policy`] is refused.
//! - A5: nothing here waits for the card or for argon2 but the thread `access` itself. Its inbox is bounded, and so is the
//!   part of it that one place may fill; whoever finds no place is told to try again. Alarms never come this way (I10).
//! - A6 to A8: what is kept on the card ([`files`]). A9: what is told to the audit ([`telling`]).
//! - A10: a session that began on a screen of the ward is good on that screen alone.

mod codes;
pub mod control;
mod desk;
mod doors;
mod emergencies;
mod error;
mod files;
mod networks;
mod office;
pub mod policy;
mod screens;
mod telling;

use std::net::IpAddr;

use accounts::people::PersonId;
use accounts::session::Place;
use vitals::audit::{Actor, Outcome, Telling};
use vitals::{BedId, Masked};

pub use desk::{Desk, DeskOptions};
pub use doors::Known;
pub use emergencies::{EMERGENCY_LASTS, Emergency, EmergencyId};
pub use error::{DeskError, SignInError};
pub use files::{Sealing, has_accounts, reseal};
pub use office::{Beginning, Chosen, Claiming, Second, SignedTest, Signing};
use policy::{Action, Role};
pub use screens::{Screen, ScreenId};
pub use telling::Tell;

/// Where somebody sits: what they try is counted by it, and the audit names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The address they come from.
    pub address: IpAddr,
    /// The screen of the ward that it is; none = a device that nobody registered.
    pub screen: Option<ScreenId>,
}

impl Seat {
    /// As the audit names it.
    pub fn from(&self) -> String {
        match &self.screen {
            Some(screen) => format!("{screen} at {}", self.address.to_canonical()),
            None => self.address.to_canonical().to_string(),
        }
    }

    /// What tries are counted by. One machine has a whole network of IPv6 addresses: they count as one.
    fn key(&self) -> String {
        match (&self.screen, self.address.to_canonical()) {
            (Some(screen), _) => screen.to_string(),
            (None, IpAddr::V6(address)) if !address.is_unicast_link_local() => {
                format!("{:x}", address.to_bits() >> 64)
            }
            (None, address) => address.to_string(),
        }
    }

    fn place(&self) -> Place {
        match self.screen {
            Some(_) => Place::Shared,
            None => Place::Private,
        }
    }
}

/// A person who is signed in, with the rights of this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The account.
    pub id: PersonId,
    /// Their name.
    pub name: Masked<String>,
    /// What they are.
    pub roles: Vec<Role>,
    /// On what kind of screen.
    pub place: Place,
    /// On which screen of the ward.
    pub screen: Option<ScreenId>,
    /// Seconds until they are signed out when they do nothing.
    pub idle_s: u64,
    /// Beds whose charts are open to them by an emergency, and for how many seconds still.
    pub emergencies: Vec<(BedId, u64)>,
}

impl Signed {
    /// True when they may do this; `bed` is where, for what an emergency opens.
    pub fn may(&self, action: Action, bed: Option<&BedId>) -> bool {
        action.is_allowed_to(&self.roles) || (action.is_open_in_an_emergency() && self.has_emergency(bed))
    }

    fn has_emergency(&self, bed: Option<&BedId>) -> bool {
        bed.is_some_and(|bed| self.emergencies.iter().any(|(open, _)| open == bed))
    }
}

/// On whose word something is done, as the audit tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub who: Actor,
    /// From which screen or address.
    pub from: String,
}

impl By {
    /// A person who is signed in.
    pub fn person(signed: &Signed, seat: &Seat) -> By {
        let who = Actor::Person {
            id: signed.id.as_str().to_owned(),
            name: signed.name.clone(),
        };
        By {
            who,
            from: seat.from(),
        }
    }

    /// A user of the box's operating system, on its command line.
    pub fn system(user: String) -> By {
        By {
            who: Actor::System { user },
            from: "command line".to_owned(),
        }
    }

    /// A person at the page, for tests that know no accounts.
    #[cfg(any(test, feature = "simulation"))]
    pub fn named(name: &str) -> By {
        let name = name.trim();
        let who = if name.is_empty() {
            Actor::Nobody
        } else {
            Actor::Person {
                id: name.to_owned(),
                name: Masked::new(name.to_owned()),
            }
        };
        By {
            who,
            from: "page".to_owned(),
        }
    }

    /// Nobody who could be identified.
    pub fn nobody(seat: &Seat) -> By {
        By {
            who: Actor::Nobody,
            from: seat.from(),
        }
    }

    /// The name under which records keep what was done.
    pub fn name(&self) -> &str {
        match &self.who {
            Actor::Person { name, .. } | Actor::Centre { name, .. } => name.reveal(),
            Actor::System { user } => user,
            Actor::Post | Actor::Nobody => "",
        }
    }

    /// The account, or the user of the box.
    pub fn id(&self) -> &str {
        match &self.who {
            Actor::Person { id, .. } | Actor::Centre { id, .. } => id,
            Actor::System { user } => user,
            Actor::Post | Actor::Nobody => "",
        }
    }

    /// The account, for what nobody may do to themselves.
    fn account(&self) -> Option<PersonId> {
        match &self.who {
            Actor::Person { id, .. } => PersonId::try_from(id.clone()).ok(),
            _ => None,
        }
    }

    /// A deed that was done.
    pub fn did(&self, action: &str, subject: impl Into<String>) -> Telling {
        Telling {
            who: self.who.clone(),
            from: self.from.clone(),
            action: action.to_owned(),
            outcome: Outcome::Done,
            subject: subject.into(),
            before: None,
            after: None,
        }
    }

    /// A deed with how it ended; the reason of a refusal stands in `after`.
    pub fn tried<T, E: std::fmt::Display>(
        &self,
        action: &str,
        subject: impl Into<String>,
        result: &Result<T, E>,
    ) -> Telling {
        let told = self.did(action, subject);
        match result {
            Ok(_) => told,
            Err(error) => Telling {
                outcome: Outcome::Refused,
                after: Some(Masked::new(error.to_string())),
                ..told
            },
        }
    }
}

#[cfg(test)]
mod tests;
