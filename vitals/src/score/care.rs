//! What is said of a patient that decides which score counts, and how: kept with the stay, each with who and when.

use super::news2::Spo2Scale;
use super::{Age, Patient, Pregnancy, ScoreKind};
use crate::bed::{AdmissionId, BedId, Category};
use crate::time::Stamp;

/// A person says something of a patient that decides which score counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CareTold {
    /// The bed.
    pub bed: BedId,
    /// The stay.
    pub admission: AdmissionId,
    /// Who says so.
    pub by: String,
    /// When.
    pub said: Stamp,
    /// What.
    pub fact: CareFact,
}

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CareFact {
    /// Pregnant, in the six weeks after, or neither.
    Pregnancy(Pregnancy),
    /// Which scale of saturations counts: a competent clinician decides and signs.
    Scale(Spo2Scale),
    /// The patient has a pacemaker.
    Paced(bool),
}

/// A fact with who said it, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said<T> {
    /// What.
    pub value: T,
    /// Who.
    pub by: String,
    /// When.
    pub at: Stamp,
}

/// All that was said of one patient; `None` = nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Care {
    /// Pregnancy.
    pub pregnancy: Option<Said<Pregnancy>>,
    /// Scale of saturations.
    pub scale: Option<Said<Spo2Scale>>,
    /// Pacemaker.
    pub paced: Option<Said<bool>>,
}

impl Care {
    /// Takes over what is said.
    pub fn take(&mut self, told: &CareTold) {
        let (by, at) = (told.by.clone(), told.said);
        match told.fact {
            CareFact::Pregnancy(value) => self.pregnancy = Some(Said { value, by, at }),
            CareFact::Scale(value) => self.scale = Some(Said { value, by, at }),
            CareFact::Paced(value) => self.paced = Some(Said { value, by, at }),
        }
    }

    /// The same as words of a person, for a file that knows nothing of them.
    pub fn told(&self, bed: &BedId, admission: &AdmissionId) -> Vec<CareTold> {
        let told = |by: &str, said: Stamp, fact: CareFact| CareTold {
            bed: bed.clone(),
            admission: admission.clone(),
            by: by.to_owned(),
            said,
            fact,
        };
        let pregnancy = self.pregnancy.as_ref();
        let pregnancy = pregnancy.map(|said| told(&said.by, said.at, CareFact::Pregnancy(said.value)));
        let scale = self.scale.as_ref();
        let scale = scale.map(|said| told(&said.by, said.at, CareFact::Scale(said.value)));
        let paced = self.paced.as_ref();
        let paced = paced.map(|said| told(&said.by, said.at, CareFact::Paced(said.value)));
        [pregnancy, scale, paced].into_iter().flatten().collect()
    }

    /// Two stays are one patient's: what was said in the one in force counts, and is completed by the earlier one.
    pub fn completed_by(self, earlier: Care) -> Care {
        Care {
            pregnancy: self.pregnancy.or(earlier.pregnancy),
            scale: self.scale.or(earlier.scale),
            paced: self.paced.or(earlier.paced),
        }
    }

    /// Pregnancy as far as anybody said.
    pub fn pregnancy(&self) -> Pregnancy {
        self.pregnancy.as_ref().map(|said| said.value).unwrap_or_default()
    }

    /// The scale that counts: scale 1 until a clinician says otherwise.
    pub fn scale(&self) -> Spo2Scale {
        self.scale.as_ref().map(|said| said.value).unwrap_or_default()
    }

    /// Whether a pacemaker was said.
    pub fn is_paced(&self) -> bool {
        self.paced.as_ref().is_some_and(|said| said.value)
    }
}

/// The one score that is shown of a patient, and what it must know of him. Without an age the age group decides: a
/// child never gets NEWS2, and a neonate is in its first month.
pub fn choose(category: Category, age: Option<Age>, pregnancy: Pregnancy) -> (ScoreKind, Patient) {
    let is_child = category != Category::Adult || age.is_some_and(|age| age < super::news2::AGE_MIN);
    let kind = match pregnancy {
        Pregnancy::Pregnant | Pregnancy::SixWeeksAfter => ScoreKind::Meows,
        Pregnancy::None if is_child => ScoreKind::BedsidePews,
        Pregnancy::None => ScoreKind::News2,
    };
    let of_neonate = (category == Category::Neonate).then_some(Age::of_months(0));
    let age = age.or(of_neonate);
    (kind, Patient { age, pregnancy })
}
