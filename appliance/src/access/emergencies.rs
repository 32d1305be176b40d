//! Emergencies: somebody opens a chart that their role does not open, says why, and is looked at afterwards.

use std::time::Duration;

use accounts::people::PersonId;
use serde::{Deserialize, Serialize};
use vitals::{BedId, Masked};

use super::DeskError;

/// A chart stays open for this long.
pub const EMERGENCY_LASTS: Duration = Duration::from_secs(60 * 60);
/// Fewest characters of a reason.
pub(super) const REASON_CHARS_MIN: usize = 10;
/// Most characters of a reason.
pub(super) const REASON_CHARS_MAX: usize = 500;
/// Most that are kept here; the audit keeps all. Those that were looked at make room first.
pub(super) const EMERGENCIES_MAX: usize = 500;

/// Names an emergency; never used again.
pub type EmergencyId = u64;

/// One emergency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// Its number.
    pub id: EmergencyId,
    /// Whose account.
    pub person: PersonId,
    /// Their name.
    pub name: Masked<String>,
    /// Whose chart: of whoever lies in this bed.
    pub bed: BedId,
    /// Why.
    pub reason: Masked<String>,
    /// When, by the wall clock, in milliseconds since 1970.
    pub wall_ms: i64,
    /// Who has looked at it.
    pub reviewed_by: Option<Masked<String>>,
}

/// All that are kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Emergencies {
    made: u64,
    emergencies: Vec<Emergency>,
}

impl Emergencies {
    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Emergency> {
        self.emergencies.iter().rev()
    }

    pub(super) fn open(
        &mut self,
        person: (PersonId, Masked<String>),
        bed: BedId,
        reason: &Masked<String>,
        wall_ms: i64,
    ) -> Result<EmergencyId, DeskError> {
        let reason = reason.reveal().trim();
        if !(REASON_CHARS_MIN..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
            return Err(DeskError::BadReason);
        }
        if self.emergencies.len() >= EMERGENCIES_MAX {
            let reviewed = self.emergencies.iter().position(|one| one.reviewed_by.is_some());
            self.emergencies.remove(reviewed.unwrap_or(0));
        }
        self.made += 1;
        let (person, name) = person;
        self.emergencies.push(Emergency {
            id: self.made,
            person,
            name,
            bed,
            reason: Masked::new(reason.to_owned()),
            wall_ms,
            reviewed_by: None,
        });
        Ok(self.made)
    }

    pub(super) fn review(
        &mut self,
        id: EmergencyId,
        by: Option<&PersonId>,
        name: &str,
    ) -> Result<(), DeskError> {
        let one = self.emergencies.iter_mut().find(|one| one.id == id);
        let one = one.ok_or(DeskError::NoSuchEmergency)?;
        if by == Some(&one.person) {
            return Err(DeskError::OwnEmergency);
        }
        if let Some(by) = &one.reviewed_by {
            return Err(DeskError::Reviewed { by: by.clone() });
        }
        one.reviewed_by = Some(Masked::new(name.to_owned()));
        Ok(())
    }
}
