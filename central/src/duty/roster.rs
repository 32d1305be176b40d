//! Who is on duty when: shifts of the week, and what people said beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vitals::WallTime;

use super::Doctors;
use super::change::Refused;

/// The most shifts of one week: three a day with eight doctors each.
pub const SHIFTS_MAX: usize = 168;
/// The longest that somebody takes duty beside the roster, without saying so again.
pub const STINT_MAX: Duration = Duration::from_secs(24 * 3_600);
/// The most that is kept of what people said beside the roster; what is over is forgotten first.
const SAID_MAX: usize = 64;
/// The local time of the centre is at most this far from UTC, in minutes.
pub const OFFSET_MAX_MIN: i16 = 14 * 60;

const MINUTE_NS: i64 = 60 * 1_000_000_000;
const DAY_MIN: i64 = 24 * 60;
const WEEK_MIN: i64 = 7 * DAY_MIN;
/// 1970-01-01 was a Thursday: so many days after a Monday.
const EPOCH_WEEKDAY: i64 = 3;

/// A shift of every week, in the centre's local time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The day on which it begins: 0 = Monday.
    pub day: u8,
    /// When it begins, in minutes after midnight.
    pub from_min: u16,
    /// When it ends, in minutes after midnight; not after its beginning = on the next day.
    pub to_min: u16,
    /// Whose: the account.
    pub doctor: String,
}

impl Shift {
    /// Whether day and times are such.
    pub fn is_sound(&self) -> bool {
        let is_time = |min: u16| i64::from(min) < DAY_MIN;
        self.day < 7 && is_time(self.from_min) && is_time(self.to_min) && !self.doctor.is_empty()
    }

    /// How long it lasts, in minutes; from a time to the same time is a whole day.
    fn lasts_min(&self) -> i64 {
        let (from, to) = (i64::from(self.from_min), i64::from(self.to_min));
        if to > from { to - from } else { to + DAY_MIN - from }
    }

    /// The stretch of it that holds at `now`, if any: beginning and end, in ns of the wall clock.
    fn around(&self, offset_min: i16, now: i64) -> Option<(i64, i64)> {
        let zone = i64::from(offset_min) * MINUTE_NS;
        let local = now.checked_add(zone)?;
        let begins = (i64::from(self.day) - EPOCH_WEEKDAY) * DAY_MIN + i64::from(self.from_min);
        let since = (local - begins * MINUTE_NS).rem_euclid(WEEK_MIN * MINUTE_NS);
        let from = now.checked_sub(since)?;
        let lasts = self.lasts_min() * MINUTE_NS;
        (since < lasts).then(|| (from, from.saturating_add(lasts)))
    }
}

/// A stretch of time of one doctor, in ns of the wall clock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Stretch {
    doctor: String,
    from: i64,
    until: i64,
}

impl Stretch {
    fn holds(&self, doctor: &str, now: i64) -> bool {
        self.doctor == doctor && self.from <= now && now < self.until
    }
}

/// Somebody who is on duty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// The account.
    pub id: String,
    /// The name.
    pub name: String,
    /// Since when.
    pub since: WallTime,
    /// Until when, as far as is known now.
    pub until: WallTime,
    /// To whom they want to hand it over: the account.
    pub offered_to: Option<String>,
}

/// Who is on duty when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The local time of the centre, in minutes ahead of UTC. It does not follow the summer: somebody sets it.
    pub(super) offset_min: i16,
    pub(super) shifts: BTreeSet<Shift>,
    /// Who said that they take duty beside the shifts.
    stints: Vec<Stretch>,
    /// Who left, and the end of what they left.
    gone: Vec<Stretch>,
    /// Who wants to hand over -> to whom. Counts while the giver is on duty.
    offers: BTreeMap<String, String>,
}

impl Roster {
    /// The shifts of the week.
    pub fn shifts(&self) -> impl Iterator<Item = &Shift> {
        self.shifts.iter()
    }

    /// Minutes ahead of UTC.
    pub fn offset_min(&self) -> i16 {
        self.offset_min
    }

    /// Who of these doctors is on duty at `now`, in the order in which they came.
    pub fn present(&self, doctors: &Doctors, now: WallTime) -> Vec<Present> {
        let mut present: Vec<Present> = doctors
            .iter()
            .filter_map(|(id, name)| {
                let (from, until) = self.stretch(id, now.as_unix_ns())?;
                let offered_to = self.offers.get(id).filter(|to| doctors.contains_key(*to));
                Some(Present {
                    id: id.clone(),
                    name: name.clone(),
                    since: WallTime::from_unix_ns(from),
                    until: WallTime::from_unix_ns(until),
                    offered_to: offered_to.cloned(),
                })
            })
            .collect();
        present.sort_by(|a, b| (a.since, &a.id).cmp(&(b.since, &b.id)));
        present
    }

    /// Somebody's duty that holds at `now`.
    fn stretch(&self, doctor: &str, now: i64) -> Option<(i64, i64)> {
        if self.gone.iter().any(|gone| gone.holds(doctor, now)) {
            return None;
        }
        let shifts = self.shifts.iter().filter(|shift| shift.doctor == doctor);
        let of_shifts = shifts.filter_map(|shift| shift.around(self.offset_min, now));
        let stints = self.stints.iter().filter(|stint| stint.holds(doctor, now));
        let all = of_shifts.chain(stints.map(|stint| (stint.from, stint.until)));
        all.reduce(|(from, until), (other_from, other_until)| (from.min(other_from), until.max(other_until)))
    }

    /// Somebody takes duty until then.
    pub(super) fn take(&mut self, doctor: &str, until: WallTime, now: WallTime) -> Result<(), Refused> {
        let (now, until) = (now.as_unix_ns(), until.as_unix_ns());
        let for_ns = i128::from(until) - i128::from(now);
        if for_ns <= 0 || for_ns.unsigned_abs() > STINT_MAX.as_nanos() {
            return Err(Refused::OutOfRange);
        }
        self.forget_past(now);
        // From now on the latest word counts.
        self.gone.retain(|gone| !gone.holds(doctor, now));
        self.stints.retain(|stint| !stint.holds(doctor, now));
        if self.stints.len() >= SAID_MAX {
            return Err(Refused::TooMany);
        }
        let (doctor, from) = (doctor.to_owned(), now);
        self.stints.push(Stretch { doctor, from, until });
        Ok(())
    }

    /// Somebody wants to hand their duty over; they keep it (T2).
    pub(super) fn offer(&mut self, from: &str, to: &str, now: WallTime) -> Result<(), Refused> {
        if from == to {
            return Err(Refused::OutOfRange);
        }
        self.stretch(from, now.as_unix_ns()).ok_or(Refused::NotOnDuty)?;
        self.offers.insert(from.to_owned(), to.to_owned());
        Ok(())
    }

    /// Somebody takes what was offered to them, until its giver's end; the giver is off duty from now on.
    pub(super) fn accept(&mut self, from: &str, to: &str, now: WallTime) -> Result<WallTime, Refused> {
        self.check_offered(from, to)?;
        let (_, until) = self.stretch(from, now.as_unix_ns()).ok_or(Refused::NotOffered)?;
        // A taker who is on duty for longer than that stays so.
        let own = self.stretch(to, now.as_unix_ns()).map(|(_, own)| own);
        let last = now.as_unix_ns().saturating_add(STINT_MAX.as_nanos() as i64);
        let taken = until.max(own.unwrap_or(until)).min(last);
        let until = WallTime::from_unix_ns(taken);
        self.take(to, until, now)?;
        self.go(from, now)?;
        Ok(until)
    }

    /// Somebody does not take what was offered to them.
    pub(super) fn decline(&mut self, from: &str, to: &str) -> Result<(), Refused> {
        self.check_offered(from, to)?;
        self.offers.remove(from);
        Ok(())
    }

    fn check_offered(&self, from: &str, to: &str) -> Result<(), Refused> {
        let is_offered = self.offers.get(from).is_some_and(|offered| offered == to);
        is_offered.then_some(()).ok_or(Refused::NotOffered)
    }

    /// Somebody goes off duty until the end of what they had.
    pub(super) fn go(&mut self, doctor: &str, now: WallTime) -> Result<(), Refused> {
        let from = now.as_unix_ns();
        let (_, until) = self.stretch(doctor, from).ok_or(Refused::NotOnDuty)?;
        self.forget_past(from);
        if self.gone.len() >= SAID_MAX {
            return Err(Refused::TooMany);
        }
        self.stints.retain(|stint| !stint.holds(doctor, from));
        self.offers.remove(doctor);
        let doctor = doctor.to_owned();
        self.gone.push(Stretch { doctor, from, until });
        Ok(())
    }

    /// What ended more than a day ago: a clock that is set back by less brings nothing back to life that it should not.
    fn forget_past(&mut self, now: i64) {
        let kept_from = now.saturating_sub(STINT_MAX.as_nanos() as i64);
        self.stints.retain(|stint| stint.until > kept_from);
        self.gone.retain(|gone| gone.until > kept_from);
        let on_duty = |doctor: &String| self.stretch(doctor, now).is_some();
        let over: Vec<String> = self
            .offers
            .keys()
            .filter(|giver| !on_duty(giver))
            .cloned()
            .collect();
        for giver in over {
            self.offers.remove(&giver);
        }
    }
}
