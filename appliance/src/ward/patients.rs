//! Who lies in which bed: what a person says is judged here before it counts.
//!
//! - I3: somebody else in a bed is another admission. Saying "the same patient" with words of which none is as before is
//!   refused, and one identifier is of one bed.
//! - I9: what is said is said about the stay that the person saw; a bed that was given to another meanwhile is refused.

use vitals::patient::{IDS_MAX, Identified, WORD_CHARS_MAX};
use vitals::{AdmissionId, BedId, Category, Identity, Masked, MonoTime};

use super::matching::{self, Patient};
use super::stays::Stay;
use super::{Bed, Heard, Ward};

/// Whether other words are about the same person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The same patient: nothing or less was known before, or a word was wrong.
    Same,
    /// Somebody else lies there now.
    New,
}

/// What a person says about a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// The bed.
    pub bed: BedId,
    /// The stay that the person saw on the page.
    pub saw: AdmissionId,
    /// The same patient or another.
    pub change: Change,
    /// Who it is; wholly unknown is allowed for somebody else.
    pub identity: Identity,
    /// Age group; `None` = of the same patient as it was, of another as the bed is configured.
    pub category: Option<Category>,
    /// Who says so.
    pub by: String,
}

/// Why it is not taken. Names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifyError {
    /// No such bed.
    #[error("there is no bed {0} here")]
    UnknownBed(BedId),
    /// Somebody else was identified there meanwhile.
    #[error("somebody else lies in bed {0} since you looked; look at the bed again")]
    OtherNow(BedId),
    /// Nothing is said of who it is.
    #[error(
        "say an identifier, a name or a date of birth; or say that a new patient lies there whom nobody knows yet"
    )]
    Nothing,
    /// Too much, or signs that are no letters.
    #[error("{field}: at most {WORD_CHARS_MAX} characters, on one line")]
    Word {
        /// Which word.
        field: &'static str,
    },
    /// Too many identifiers.
    #[error("at most {IDS_MAX} identifiers")]
    Ids,
    /// Not a day.
    #[error("date of birth: write it as 1960-12-31")]
    Born,
    /// Not a letter that administrations use.
    #[error("sex: F, M, O or U, or leave it out")]
    Sex,
    /// Nothing of it is as it was.
    #[error("nothing of this is as it was: say that a new patient lies in bed {0}")]
    SomebodyElse(BedId),
    /// One person does not lie in two beds.
    #[error("bed {0} has a patient with this identifier: say first who lies in bed {0} now")]
    Elsewhere(BedId),
}

impl Ward {
    /// Judges what a person says of who lies in a bed; `begun` names the admission that begins, where one does.
    ///
    /// # Errors
    /// It is not clear, contradicts itself, or was said about somebody who has left.
    pub fn identify(
        &self,
        telling: Telling,
        begun: impl FnOnce(&BedId) -> AdmissionId,
    ) -> Result<Identified, IdentifyError> {
        let Telling {
            bed,
            saw,
            change,
            identity,
            category,
            by,
        } = telling;
        let stay = self
            .stay(&bed)
            .ok_or_else(|| IdentifyError::UnknownBed(bed.clone()))?;
        let identity = tidy(identity)?;
        if stay.admission != saw {
            return Err(IdentifyError::OtherNow(bed));
        }
        // Of a baby whom nobody knows by name it can be said that it is one.
        let says_age_only = category.is_some() && stay.identity.is_unknown();
        if change == Change::Same && identity.is_unknown() && !says_age_only {
            return Err(IdentifyError::Nothing);
        }
        if change == Change::Same && matching::is_somebody_else(&stay.identity, &identity) {
            return Err(IdentifyError::SomebodyElse(bed));
        }
        let mut others = self.patients().into_iter().filter(|patient| *patient.bed != bed);
        if let Some(other) = others.find(|other| matching::share_an_id(other.identity, &identity)) {
            return Err(IdentifyError::Elsewhere(other.bed.clone()));
        }
        let (admission, category) = match change {
            Change::Same if !stay.vacant => (saw, category.or(stay.category)),
            // Whoever is laid into an empty bed begins a stay: a number that came meanwhile may be of the one who left.
            Change::Same | Change::New => (begun(&bed), category),
        };
        Ok(Identified {
            bed,
            admission,
            identity,
            by,
            category,
            vacant: false,
            perhaps: None,
        })
    }

    /// Takes over who lies in a bed from a moment on. True when somebody else does now: what was measured on whoever
    /// lay there before is shown no more (I3).
    pub fn identified(&mut self, identified: Identified, from: MonoTime) -> bool {
        let Some(bed) = self.bed_mut(&identified.bed) else {
            return false;
        };
        let (admission, perhaps) = (identified.admission.clone(), identified.perhaps.clone());
        let (category, was_asked) = (bed.category(), bed.stay().perhaps.is_some());
        let is_other = bed.stays.take(Stay::begin(identified, from));
        let is_of_another = was_asked && perhaps.is_none();
        let other_limits = !is_other && (is_of_another || bed.category() != category);
        if is_other {
            bed.values.clear();
            bed.heard = Heard::Never;
        }
        if other_limits {
            self.forget_limits(&admission);
        }
        if let Some(perhaps) = perhaps.filter(|_| is_other) {
            self.lend_limits(&perhaps, &admission);
        }
        is_other
    }

    /// The stay in force in a bed.
    pub fn stay(&self, bed: &BedId) -> Option<&Stay> {
        self.bed(bed).map(Bed::stay)
    }

    /// Whoever lies here now, known or not.
    pub fn patients(&self) -> Vec<Patient<'_>> {
        let beds = self.beds().iter();
        beds.map(|bed| Patient {
            bed: &bed.setup.id,
            admission: &bed.stay().admission,
            identity: &bed.stay().identity,
        })
        .collect()
    }
}

/// The words without the blanks around them, each within its bounds.
fn tidy(identity: Identity) -> Result<Identity, IdentifyError> {
    let ids = identity.ids.iter().map(|id| word(id, "identifier"));
    let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
    ids.retain(|id| !id.reveal().is_empty());
    if ids.len() > IDS_MAX {
        return Err(IdentifyError::Ids);
    }
    let born = identity.born.unwrap_or_default();
    let born = Masked::new(born.reveal().trim().to_owned());
    if !born.reveal().is_empty() && !is_day(born.reveal()) {
        return Err(IdentifyError::Born);
    }
    let sex = Masked::new(identity.sex.reveal().trim().to_uppercase());
    if !["", "F", "M", "O", "U"].contains(&sex.reveal().as_str()) {
        return Err(IdentifyError::Sex);
    }
    Ok(Identity {
        ids,
        family: word(&identity.family, "family name")?,
        given: word(&identity.given, "given names")?,
        born: (!born.reveal().is_empty()).then_some(born),
        sex,
    })
}

/// A word about a patient as it is kept.
///
/// # Errors
/// It is too long, or not on one line.
pub fn word(word: &Masked<String>, field: &'static str) -> Result<Masked<String>, IdentifyError> {
    let text = word.reveal().trim();
    if text.chars().count() > WORD_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(IdentifyError::Word { field });
    }
    Ok(Masked::new(text.to_owned()))
}

/// A day of the calendar between 1850 and 2199, `YYYY-MM-DD`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let digits = |part: &str, length: usize| {
        let fits = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2)) else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1850..=2199).contains(&year) && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests;
