//! An acknowledgement, while it counts, and why it counts no more although nobody took it back.

use vitals::{Decimal, MonoTime};

/// An acknowledgement, while it counts.
#[derive(Debug)]
pub(super) struct Answered {
    pub at: MonoTime,
    /// The worst value then.
    pub worst: Option<Decimal>,
    /// Since when it has been worse than that by [`vitals::alarm::Rule::worsens_by`].
    pub worse_since: Option<MonoTime>,
}

/// Why an acknowledged alarm calls again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The condition holds, so long after the acknowledgement ([`vitals::alarm::Rule::remind_after`]).
    StillThere,
    /// The value has become worse by a step ([`vitals::alarm::Rule::worsens_by`]).
    Worse,
}

/// What somebody had acknowledged calls again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// When it had been acknowledged.
    pub acknowledged: MonoTime,
    /// Why it calls.
    pub why: Why,
}
