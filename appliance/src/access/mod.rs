//! Who acts: accounts, roles, sign-in, sessions. Pure but for [`secret`], which takes its time on purpose.
//!
//! - A1 (I9): what is not in the one table of [`policy`] is refused.
//! - A2: secrets are kept as argon2id, tokens as hashes, the second factor sealed; none of them can be printed.
//! - A3: whoever tries too often waits, each for themselves; no alarm and no other person waits with them.
//! - A4: a session ends by itself, and at once when its person's rights change.

pub mod attempts;
pub mod people;
pub mod policy;
pub mod secret;
pub mod session;
pub mod totp;
