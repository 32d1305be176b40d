//! Whom the centre calls for an alarm that nobody takes, and when.

use serde::{Deserialize, Serialize};
use vitals::Priority;

use super::Doctors;
use super::change::Refused;

/// The most rungs of one ladder.
pub const RUNGS_MAX: usize = 4;
/// The latest rung: who is to be called later than this is not called for this alarm.
pub const AFTER_MIN_MAX: u16 = 240;

/// Whom a rung calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case", deny_unknown_fields)]
pub enum Whom {
    /// Those who are on duty at that moment; where nobody is, every doctor.
    OnDuty,
    /// This one; where there is no such doctor any more, every doctor.
    Doctor {
        /// The account.
        id: String,
    },
    /// Every doctor.
    Everyone,
}

/// One rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// After so many minutes without a doctor who accepted it (HIGH) or read it (MEDIUM).
    pub after_min: u16,
    /// Whom.
    pub whom: Whom,
}

/// The ladders of this centre. LOW calls nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladders {
    pub(super) high: Vec<Rung>,
    pub(super) medium: Vec<Rung>,
}

impl Default for Ladders {
    /// The one table of defaults.
    ///
    /// HIGH: harm within minutes, so whoever is on duty is called at once; the nurse who is alone with it learns after five
    /// minutes that nobody read it (`vitals::delivery::read_within`), and at that moment every doctor is called. MEDIUM: it
    /// may wait for a doctor's glance at the screen; 3 and 10 minutes are the sheet's steps (alarms, section 4).
    fn default() -> Ladders {
        let rung = |after_min, whom| Rung { after_min, whom };
        Ladders {
            high: vec![rung(0, Whom::OnDuty), rung(5, Whom::Everyone)],
            medium: vec![rung(3, Whom::OnDuty), rung(10, Whom::Everyone)],
        }
    }
}

impl Ladders {
    /// The rungs for alarms as urgent as this, lowest first.
    pub fn of(&self, priority: Priority) -> &[Rung] {
        match priority {
            Priority::High => &self.high,
            Priority::Medium => &self.medium,
            Priority::Low => &[],
        }
    }

    /// Other rungs for alarms as urgent as this.
    pub(super) fn set(
        &mut self,
        priority: Priority,
        rungs: Vec<Rung>,
        doctors: &Doctors,
    ) -> Result<(), Refused> {
        let times: Vec<u16> = rungs.iter().map(|rung| rung.after_min).collect();
        let rise = times.windows(2).all(|pair| pair[0] < pair[1]);
        let known = rungs.iter().all(|rung| match &rung.whom {
            Whom::Doctor { id } => doctors.contains_key(id),
            Whom::OnDuty | Whom::Everyone => true,
        });
        if !known {
            return Err(Refused::NoSuchDoctor);
        }
        if rungs.len() > RUNGS_MAX || !rise || times.last().is_some_and(|last| *last > AFTER_MIN_MAX) {
            return Err(Refused::OutOfRange);
        }
        match priority {
            // Nobody is called for LOW, and somebody must be for HIGH.
            Priority::Low => return Err(Refused::OutOfRange),
            Priority::High if rungs.is_empty() => return Err(Refused::OutOfRange),
            Priority::High => self.high = rungs,
            Priority::Medium => self.medium = rungs,
        }
        Ok(())
    }
}
