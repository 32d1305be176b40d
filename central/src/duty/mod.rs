//! Who is on duty at this centre, and who is called for an alarm that nobody takes (IEC 60601-1-8 6.11). Pure: time is an
//! argument, and who is a doctor is told by whoever knows.
//!
//! - T1 (I9): nothing here changes but by a person, and each change says in words what was before and what is now.
//! - T2: whoever hands duty over keeps it until the other one has taken it.
//! - T3 (I6): a rung is called once per alarm, never while somebody answers for it nor after its end, whatever restarts,
//!   repeats and clocks do. What was called stands in the store before anybody is told of it.
//! - T4: an account that is disabled is on duty for nobody: who is not known as a doctor counts for nothing.
//! - T5: a centre that never began to keep a roster calls nobody and misses nobody.

mod calls;
mod change;
mod ladder;
mod roster;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitals::WallTime;
use vitals::wire::OnDuty;

pub use calls::{CALLS_PER_ROUND_MAX, Call, Calls, Case};
pub use change::{Change, Refused, Told};
pub use ladder::{AFTER_MIN_MAX, Ladders, RUNGS_MAX, Rung, Whom};
pub use roster::{OFFSET_MAX_MIN, Present, Roster, SHIFTS_MAX, STINT_MAX, Shift};

/// Who may answer for alarms here: account and name.
pub type Doctors = BTreeMap<String, String>;

/// What the centre knows of duty; kept whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Somebody began to keep a roster (T5).
    pub in_use: bool,
    /// Who is on duty when.
    pub roster: Roster,
    /// Who is called when.
    pub ladders: Ladders,
}

/// What the centre knows of duty, and who its doctors are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Duty.
    pub duty: Duty,
    /// The doctors.
    pub doctors: Doctors,
}

impl Known {
    /// Who is on duty at `now`, in the order in which they came; nobody where no roster is kept.
    pub fn present(&self, now: WallTime) -> Vec<Present> {
        match self.duty.in_use {
            true => self.duty.roster.present(&self.doctors, now),
            false => Vec::new(),
        }
    }

    /// The same in one word, as the posts are told.
    pub fn state(&self, now: WallTime) -> OnDuty {
        match self.duty.in_use {
            false => OnDuty::NoRoster,
            true if self.present(now).is_empty() => OnDuty::Nobody,
            true => OnDuty::Somebody,
        }
    }
}
