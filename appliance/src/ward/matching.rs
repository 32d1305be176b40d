//! Whose a laboratory result is: pure, from what came with it and from who lies here now (I3, hazard H18).
//!
//! - L1: only who lies here now is matched; never a patient who has left.
//! - L2: a registered specimen, or one equal identifier, points at a patient; a name alone never does.
//! - L3: whoever it points at, another identifier, name or date of birth quarantines it. A person looks and confirms.
//!
//! What is not known contradicts nothing: in an emergency nobody knows the patient's name, and the analyser often knows
//! the specimen's number only.

use vitals::lab::comparable;
use vitals::{AdmissionId, BedId, Identity, LabDoubt, LabResult, Masked, Whose};

/// Somebody who lies here now.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// In which bed.
    pub bed: &'a BedId,
    /// The stay.
    pub admission: &'a AdmissionId,
    /// Who it is, as far as is known.
    pub identity: &'a Identity,
}

impl Patient<'_> {
    fn owns(self) -> Whose {
        Whose::Patient {
            bed: self.bed.clone(),
            admission: self.admission.clone(),
        }
    }
}

/// Whose the result is. `taken_from`: of whom its specimen was taken, where somebody has said so.
pub(super) fn whose(result: &LabResult, taken_from: Option<&AdmissionId>, patients: &[Patient<'_>]) -> Whose {
    let sent = &result.patient;
    let pointed_at: Vec<Patient> = match taken_from {
        Some(admission) => {
            let here = patients.iter().copied();
            here.filter(|patient| patient.admission == admission).collect()
        }
        None => {
            let here = patients.iter().copied();
            here.filter(|patient| share_an_id(sent, patient.identity))
                .collect()
        }
    };
    match pointed_at.as_slice() {
        [patient] => match contradiction(sent, patient.identity) {
            None => patient.owns(),
            Some(doubt) => Whose::Nobody(doubt),
        },
        [] if taken_from.is_some() => Whose::Nobody(LabDoubt::Left),
        [] if patients
            .iter()
            .any(|patient| has_same_name(sent, patient.identity)) =>
        {
            Whose::Nobody(LabDoubt::NameOnly)
        }
        [] => Whose::Nobody(LabDoubt::Unknown),
        [_, _, ..] => Whose::Nobody(LabDoubt::Several),
    }
}

/// What of `sent` cannot be said of `known`.
fn contradiction(sent: &Identity, known: &Identity) -> Option<LabDoubt> {
    if !sent.ids.is_empty() && !known.ids.is_empty() && !share_an_id(sent, known) {
        return Some(LabDoubt::OtherId);
    }
    let names = differ(&sent.family, &known.family) || other_given(&sent.given, &known.given);
    if names {
        return Some(LabDoubt::OtherName);
    }
    let (sent, known) = (sent.born.as_ref()?, known.born.as_ref()?);
    (comparable(sent.reveal()) != comparable(known.reveal())).then_some(LabDoubt::OtherBirth)
}

/// Both cannot be one person.
pub(super) fn contradicts(one: &Identity, other: &Identity) -> bool {
    contradiction(one, other).is_some()
}

/// Nothing that both know is the same: a slip of the pen does not turn one person into such another.
pub(super) fn is_somebody_else(one: &Identity, other: &Identity) -> bool {
    let same_birth = one.born.is_some() && one.born == other.born;
    let same_family = is_same(&one.family, &other.family);
    let same_given = is_same(&one.given, &other.given);
    let something_differs = contradiction(one, other).is_some();
    something_differs && !share_an_id(one, other) && !same_birth && !same_family && !same_given
}

/// Whether one identifier of both is the same.
pub(super) fn share_an_id(one: &Identity, other: &Identity) -> bool {
    one.ids.iter().any(|id| {
        other
            .ids
            .iter()
            .any(|known| comparable(id.reveal()) == comparable(known.reveal()))
    })
}

fn has_same_name(sent: &Identity, known: &Identity) -> bool {
    is_same(&sent.family, &known.family) && !other_given(&sent.given, &known.given)
}

fn is_same(one: &Masked<String>, other: &Masked<String>) -> bool {
    let one = plain(one.reveal());
    !one.is_empty() && one == plain(other.reveal())
}

fn differ(one: &Masked<String>, other: &Masked<String>) -> bool {
    let (one, other) = (plain(one.reveal()), plain(other.reveal()));
    !one.is_empty() && !other.is_empty() && one != other
}

/// Given names are written whole, cut or as initials: `J`, `Jane`, `JANE MARY` are one.
fn other_given(one: &Masked<String>, other: &Masked<String>) -> bool {
    let first = |name: &Masked<String>| plain(name.reveal().split_whitespace().next().unwrap_or_default());
    let (one, other) = (first(one), first(other));
    !one.starts_with(&other) && !other.starts_with(&one)
}

/// A name to be compared: letters and digits in small letters. Analysers write capitals, leave out hyphens and cut
/// apostrophes.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
