//! Who signs in, at a post and at the centre: accounts, what proves a person, growing delays, sessions. No input or output,
//! no clock; only [`secret`] takes its time, on purpose. What a person may do is each place's own table.
//!
//! - A2: secrets are kept as argon2id, tokens as hashes; none of them can be printed.
//! - A3: whoever tries too often waits, each for themselves; no alarm and no other person waits with them.
//! - A4: a session ends by itself, and at once when its person's rights change.

pub mod attempts;
pub mod network;
pub mod people;
pub mod policy;
pub mod secret;
pub mod session;
pub mod totp;
