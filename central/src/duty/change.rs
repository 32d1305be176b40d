//! What people change about duty, and how that reads in the audit (T1).

use vitals::{Priority, WallTime};

use super::ladder::{AFTER_MIN_MAX, RUNGS_MAX, Rung, Whom};
use super::roster::{OFFSET_MAX_MIN, SHIFTS_MAX, Shift};
use super::{Duty, Known};

/// What a person wants to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The centre keeps a roster, or does so no more.
    Use(bool),
    /// One more shift of the week.
    AddShift(Shift),
    /// One less.
    RemoveShift(Shift),
    /// The centre's local time, in minutes ahead of UTC.
    Offset(i16),
    /// Other rungs for alarms as urgent as this.
    Ladder(Priority, Vec<Rung>),
    /// They take duty until then.
    Take(WallTime),
    /// They want to hand their duty over to this account.
    Offer(String),
    /// They take over what this account offered them.
    Accept(String),
    /// They do not.
    Decline(String),
    /// They go off duty; `alone`: they know that nobody is on duty then.
    Leave {
        /// They were told.
        alone: bool,
    },
}

impl Change {
    /// Its name in the audit.
    pub const fn key(&self) -> &'static str {
        match self {
            Change::Use(_) => "use_duty_roster",
            Change::AddShift(_) => "add_shift",
            Change::RemoveShift(_) => "remove_shift",
            Change::Offset(_) => "set_duty_offset",
            Change::Ladder(..) => "set_ladder",
            Change::Take(_) => "take_duty",
            Change::Offer(_) => "offer_duty",
            Change::Accept(_) => "take_over_duty",
            Change::Decline(_) => "decline_duty",
            Change::Leave { .. } => "leave_duty",
        }
    }
}

/// What changed, for the audit: before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it was.
    pub before: String,
    /// How it is.
    pub after: String,
}

/// Why nothing is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No doctor has this account.
    #[error("no such doctor: choose one of the list")]
    NoSuchDoctor,
    /// Not within the bounds.
    #[error(
        "out of range: a shift needs a day and two times; duty is taken for at most 24 hours; a ladder has 1 to {RUNGS_MAX} rungs with rising minutes up to {AFTER_MIN_MAX}; local time is at most 14 hours from UTC, in quarters of an hour"
    )]
    OutOfRange,
    /// The roster is full.
    #[error("no room for more: a roster has at most {SHIFTS_MAX} shifts; remove one first")]
    TooMany,
    /// There is no such shift, or it is there already.
    #[error("the roster is not as you saw it: look again")]
    NotAsSeen,
    /// This person is not on duty.
    #[error("you are not on duty")]
    NotOnDuty,
    /// Nothing was offered to this person, or its giver is not on duty any more.
    #[error("it was not offered to you, or its giver is not on duty any more")]
    NotOffered,
    /// Nobody would be on duty.
    #[error("nobody else is on duty: hand it over, or confirm that nobody is on duty then")]
    Alone,
}

impl Known {
    /// Duty with this change of that person's, and how the audit tells it.
    ///
    /// # Errors
    /// Why it is not changed.
    pub fn changed(&self, by: &str, change: &Change, now: WallTime) -> Result<(Duty, Told), Refused> {
        let mut after = Known {
            duty: self.duty.clone(),
            doctors: self.doctors.clone(),
        };
        let Known { duty, doctors } = &mut after;
        let is_doctor = |id: &str| {
            doctors
                .contains_key(id)
                .then_some(())
                .ok_or(Refused::NoSuchDoctor)
        };
        match change {
            Change::Use(use_it) => duty.in_use = *use_it,
            Change::AddShift(shift) => {
                is_doctor(&shift.doctor)?;
                add(duty, shift)?;
            }
            Change::RemoveShift(shift) => {
                let was_there = duty.roster.shifts.remove(shift);
                was_there.then_some(()).ok_or(Refused::NotAsSeen)?;
            }
            Change::Offset(min) => {
                let is_sound = min.unsigned_abs() <= OFFSET_MAX_MIN.unsigned_abs() && min % 15 == 0;
                is_sound.then_some(()).ok_or(Refused::OutOfRange)?;
                duty.roster.offset_min = *min;
            }
            Change::Ladder(priority, rungs) => duty.ladders.set(*priority, rungs.clone(), doctors)?,
            Change::Take(until) => {
                is_doctor(by)?;
                duty.roster.take(by, *until, now)?;
                duty.in_use = true;
            }
            Change::Offer(to) => {
                is_doctor(to)?;
                duty.roster.offer(by, to, now)?;
            }
            Change::Accept(from) => {
                is_doctor(by)?;
                duty.roster.accept(from, by, now)?;
            }
            Change::Decline(from) => duty.roster.decline(from, by)?,
            Change::Leave { alone } => {
                let others = self.present(now).into_iter().any(|present| present.id != by);
                duty.roster.go(by, now)?;
                (others || *alone).then_some(()).ok_or(Refused::Alone)?;
            }
        }
        let told = self.told(&after, change, now);
        Ok((after.duty, told))
    }

    fn told(&self, after: &Known, change: &Change, now: WallTime) -> Told {
        let words = |known: &Known| match change {
            Change::Use(_) => match known.duty.in_use {
                true => "a duty roster is kept".to_owned(),
                false => "no duty roster is kept".to_owned(),
            },
            Change::AddShift(shift) | Change::RemoveShift(shift) => {
                match known.duty.roster.shifts.contains(shift) {
                    true => shift_words(shift),
                    false => format!("no shift {}", shift_words(shift)),
                }
            }
            Change::Offset(_) => format!("{} min ahead of UTC", known.duty.roster.offset_min),
            Change::Ladder(priority, _) => ladder_words(*priority, known.duty.ladders.of(*priority)),
            _ => present_words(known, now),
        };
        Told {
            before: words(self),
            after: words(after),
        }
    }
}

fn add(duty: &mut Duty, shift: &Shift) -> Result<(), Refused> {
    shift.is_sound().then_some(()).ok_or(Refused::OutOfRange)?;
    if duty.roster.shifts.len() >= SHIFTS_MAX {
        return Err(Refused::TooMany);
    }
    let is_new = duty.roster.shifts.insert(shift.clone());
    is_new.then_some(()).ok_or(Refused::NotAsSeen)?;
    duty.in_use = true;
    Ok(())
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

fn shift_words(shift: &Shift) -> String {
    let time = |min: u16| format!("{:02}:{:02}", min / 60, min % 60);
    let day = DAYS.get(usize::from(shift.day)).unwrap_or(&"?");
    format!(
        "{day} {}-{} {}",
        time(shift.from_min),
        time(shift.to_min),
        shift.doctor
    )
}

fn ladder_words(priority: Priority, rungs: &[Rung]) -> String {
    let rung = |rung: &Rung| {
        let whom = match &rung.whom {
            Whom::OnDuty => "those on duty",
            Whom::Doctor { id } => id,
            Whom::Everyone => "every doctor",
        };
        format!("{} min {whom}", rung.after_min)
    };
    let rungs: Vec<String> = rungs.iter().map(rung).collect();
    format!("{priority:?}: {}", rungs.join(", "))
}

fn present_words(known: &Known, now: WallTime) -> String {
    let one = |present: super::Present| {
        let offered = present
            .offered_to
            .map(|to| format!(" offered to {to}"))
            .unwrap_or_default();
        format!("{} until {} ms{offered}", present.id, present.until.as_unix_ms())
    };
    let all: Vec<String> = known.present(now).into_iter().map(one).collect();
    match all.is_empty() {
        true => "nobody on duty".to_owned(),
        false => all.join(", "),
    }
}
