//! Who may do what at the centre, and who is who: accounts and sessions, always with password and six digits.
//!
//! - E1 (I9): whoever is not signed in sees and changes nothing; what a person may do stands in one table ([`policy`]).
//! - E2: proofs are looked at one at a time on a thread of its own ([`Desk`]), with a bounded inbox: a flood of tries slows
//!   neither the heart nor a page.
//! - E3: whoever tries too often waits, each for themselves; what is refused is told in the audit, many at once as a count.
//! - E4: when a person's rights change all their sessions end, at once.
//! - E5: accounts are made and changed by a user of this machine ([`local`]): the same one as the centre's, or root.

mod desk;
pub mod direct;
mod file;
mod hall;
pub mod local;
pub mod manage;
pub mod policy;
pub mod register;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use accounts::session::Token;
pub use desk::{AccessError, Begun, Desk, Hello, Signed};
