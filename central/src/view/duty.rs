//! Who is on duty, as the doctors' page is told.

use serde::Serialize;
use vitals::WallTime;
use vitals::wire::OnDuty;

use crate::duty::Known;

/// Who is on duty now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DutyView {
    /// `no_roster`, `nobody` or `somebody`.
    pub state: &'static str,
    /// In the order in which they came.
    pub present: Vec<PresentView>,
}

/// Somebody who is on duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PresentView {
    /// The account.
    pub id: String,
    /// The name.
    pub name: String,
    /// Until when, in ms since 1970.
    pub until_wall_ms: i64,
    /// To whom they want to hand it over: the account.
    pub offered_to_id: Option<String>,
    /// That person's name.
    pub offered_to: Option<String>,
}

impl DutyView {
    /// As of `now`.
    pub fn of(known: &Known, now: WallTime) -> DutyView {
        let present = known.present(now).into_iter().map(|present| PresentView {
            offered_to: present
                .offered_to
                .as_ref()
                .and_then(|id| known.doctors.get(id).cloned()),
            id: present.id,
            name: present.name,
            until_wall_ms: present.until.as_unix_ms(),
            offered_to_id: present.offered_to,
        });
        DutyView {
            state: match known.state(now) {
                OnDuty::NoRoster => "no_roster",
                OnDuty::Nobody => "nobody",
                OnDuty::Somebody => "somebody",
            },
            present: present.collect(),
        }
    }
}
