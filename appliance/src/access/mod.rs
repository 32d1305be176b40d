//! Who acts at a post, and what they may do: one table, accounts on disk, sessions, screens, emergencies.
//!
//! - A1 (I9): what is not in the one table of [`policy`] is refused.

pub mod policy;
