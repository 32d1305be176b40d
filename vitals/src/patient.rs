//! Who a patient is, in the words of whoever says so: a nurse who admits, an analyser, a hospital's system.
//!
//! Nothing here decides whether two of them are the same person; every word of it is [`Masked`].

mod merges;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bed::{AdmissionId, BedId, Category, Masked};
pub use merges::{MERGES_MAX, Merges};

/// What is known of who a patient is; often little in a health post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, JsonSchema, Serialize, Deserialize)]
pub struct Identity {
    /// Identifiers (of the practice, the laboratory, the country), most trusted first, at most [`IDS_MAX`].
    pub ids: Vec<Masked<String>>,
    /// Family name; may be empty.
    pub family: Masked<String>,
    /// Given names; may be empty.
    pub given: Masked<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub born: Option<Masked<String>>,
    /// Sex as administrations write it: `F`, `M`, `O` (other), `U` (unknown); may be empty.
    pub sex: Masked<String>,
}

/// Who lies in a bed, from the moment of the event on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identified {
    /// The bed.
    pub bed: BedId,
    /// The stay: another one than before when somebody else lies there now, the same when words about the same person
    /// were corrected (I3).
    pub admission: AdmissionId,
    /// Who it is; may be wholly unknown.
    pub identity: Identity,
    /// Who says so; empty = the post itself: it does not know any more who lies there, or an empty bed measures somebody.
    pub by: String,
    /// Age group of whoever lies there; `None` = as the bed is configured.
    pub category: Option<Category>,
    /// Nobody lies there: whoever did was discharged or moved away.
    pub vacant: bool,
    /// The stay whose patient it may still be: the bed was not heard for long, and nobody has said yet who lies there now.
    /// Until somebody does, what is measured is of this stay alone (I3).
    pub perhaps: Option<AdmissionId>,
}

/// A patient has left the post; the bed is empty from the moment of the event on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Discharged {
    /// The bed.
    pub bed: BedId,
    /// The stay that is over.
    pub admission: AdmissionId,
    /// Where the patient went.
    pub disposition: Disposition,
    /// Who says so.
    pub by: String,
}

/// A stay goes on in another bed from the moment of the event on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transferred {
    /// The stay.
    pub admission: AdmissionId,
    /// The bed that it leaves.
    pub from: BedId,
    /// The bed that it goes to. Whoever lay there goes to the other one.
    pub to: BedId,
    /// Who says so.
    pub by: String,
}

/// Where a patient goes who is discharged. Source: FHIR R4 Encounter.hospitalization.dischargeDisposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// Home.
    Home,
    /// To a hospital.
    Hospital,
    /// Died.
    Died,
    /// Left against medical advice.
    AgainstAdvice,
    /// Elsewhere.
    Other,
}

impl Disposition {
    /// Its name in the API and in the audit.
    pub const fn key(self) -> &'static str {
        match self {
            Disposition::Home => "home",
            Disposition::Hospital => "hospital",
            Disposition::Died => "died",
            Disposition::AgainstAdvice => "against_advice",
            Disposition::Other => "other",
        }
    }
}

/// Most identifiers of one patient.
pub const IDS_MAX: usize = 4;

/// Longest word of an identity, in characters.
pub const WORD_CHARS_MAX: usize = 80;

impl Identity {
    /// Nothing is known of who it is.
    pub fn is_unknown(&self) -> bool {
        *self == Identity::default()
    }

    /// What may stand where everybody can see it: the first letters of given and family name, `J. D.`; empty when no
    /// name is known.
    pub fn initials(&self) -> String {
        let first = |name: &Masked<String>| name.reveal().chars().find(|c| c.is_alphanumeric());
        let letters = [first(&self.given), first(&self.family)];
        let dotted = letters
            .into_iter()
            .flatten()
            .map(|c| format!("{}.", c.to_uppercase()));
        dotted.collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_all_that_a_wall_shows() {
        let of = |given: &str, family: &str| {
            let word = |text: &str| Masked::new(text.to_owned());
            Identity {
                given: word(given),
                family: word(family),
                ..Identity::default()
            }
            .initials()
        };
        assert_eq!(of("jane mary", "Doe"), "J. D.");
        assert_eq!(of("", "’Abbas"), "A.");
        assert_eq!(of("", ""), "");
        assert!(Identity::default().is_unknown());
    }
}
