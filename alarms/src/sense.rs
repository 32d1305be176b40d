//! What one look says about a condition.

use std::time::Duration;

use vitals::{AdmissionId, Decimal};

/// A delay starts anew when a value was absent for this long: one lost look is bridged. Longer for values about the post.
const ABSENT_FOR_MAX: Duration = Duration::from_secs(3);

/// A delay starts anew when nobody looked for this long; longer where a map looks less often.
pub(super) const UNSEEN_FOR_MAX: Duration = Duration::from_secs(120);

/// What one look says about a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    /// It holds.
    Holds,
    /// Inside the limit, but not yet by the deadband: starts nothing, ends nothing.
    Wavers,
    /// It does not hold.
    Gone,
    /// The value is absent: nothing can be said (A2).
    Unknown,
}

/// A look with its details.
#[derive(Clone, Debug)]
pub(super) struct Sensed {
    pub sense: Sense,
    pub value: Option<Decimal>,
    pub limit: Option<Decimal>,
    /// As in [`AlarmChange::unit`].
    pub unit: String,
    /// As in [`AlarmChange::text`].
    pub text: String,
    pub admission: Option<AdmissionId>,
    /// How long nobody may have looked before for the delay to run on.
    pub unseen_for_max: Duration,
    /// How long the value may have been absent before for the delay to run on.
    pub absent_for_max: Duration,
}

impl Sensed {
    pub fn plain(sense: Sense) -> Sensed {
        Sensed {
            sense,
            value: None,
            limit: None,
            unit: String::new(),
            text: String::new(),
            admission: None,
            unseen_for_max: UNSEEN_FOR_MAX,
            absent_for_max: ABSENT_FOR_MAX,
        }
    }
}
