//! Who lies in which bed between domain and wire.

use super::{WireError, field, id, proto};
use crate::bed::{Category, Masked};
use crate::patient::{Discharged, Disposition, IDS_MAX, Identified, Identity, Transferred};

pub(super) fn identified(raw: &proto::Identified) -> Result<Identified, WireError> {
    Ok(Identified {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        identity: raw
            .identity
            .as_ref()
            .map(identity)
            .transpose()?
            .unwrap_or_default(),
        by: raw.by.clone(),
        category: category(raw.category),
        vacant: raw.vacant,
        perhaps: (!raw.perhaps.is_empty())
            .then(|| id(&raw.perhaps, "perhaps"))
            .transpose()?,
    })
}

pub(super) fn identified_out(identified: &Identified) -> proto::Identified {
    proto::Identified {
        bed: identified.bed.to_string(),
        admission: identified.admission.to_string(),
        identity: identity_out(&identified.identity),
        by: identified.by.clone(),
        category: category_out(identified.category),
        vacant: identified.vacant,
        perhaps: identified
            .perhaps
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    }
}

pub(super) fn discharged(raw: &proto::Discharged) -> Result<Discharged, WireError> {
    Ok(Discharged {
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        disposition: disposition(raw.disposition),
        by: raw.by.clone(),
    })
}

pub(super) fn discharged_out(discharged: &Discharged) -> proto::Discharged {
    proto::Discharged {
        bed: discharged.bed.to_string(),
        admission: discharged.admission.to_string(),
        disposition: disposition_out(discharged.disposition),
        by: discharged.by.clone(),
    }
}

pub(super) fn transferred(raw: &proto::Transferred) -> Result<Transferred, WireError> {
    Ok(Transferred {
        admission: id(&raw.admission, "admission")?,
        from: id(&raw.from, "from")?,
        to: id(&raw.to, "to")?,
        by: raw.by.clone(),
    })
}

pub(super) fn transferred_out(transferred: &Transferred) -> proto::Transferred {
    proto::Transferred {
        admission: transferred.admission.to_string(),
        from: transferred.from.to_string(),
        to: transferred.to.to_string(),
        by: transferred.by.clone(),
    }
}

/// One that this program does not know is none that was said: the bed's own counts.
fn category(raw: i32) -> Option<Category> {
    match proto::Category::try_from(raw) {
        Ok(proto::Category::Adult) => Some(Category::Adult),
        Ok(proto::Category::Child) => Some(Category::Child),
        Ok(proto::Category::Neonate) => Some(Category::Neonate),
        Ok(proto::Category::Unspecified) | Err(_) => None,
    }
}

fn category_out(category: Option<Category>) -> i32 {
    let raw = match category {
        None => proto::Category::Unspecified,
        Some(Category::Adult) => proto::Category::Adult,
        Some(Category::Child) => proto::Category::Child,
        Some(Category::Neonate) => proto::Category::Neonate,
    };
    raw as i32
}

fn disposition(raw: i32) -> Disposition {
    match proto::Disposition::try_from(raw) {
        Ok(proto::Disposition::Home) => Disposition::Home,
        Ok(proto::Disposition::Hospital) => Disposition::Hospital,
        Ok(proto::Disposition::Died) => Disposition::Died,
        Ok(proto::Disposition::AgainstAdvice) => Disposition::AgainstAdvice,
        Ok(proto::Disposition::Other) | Err(_) => Disposition::Other,
    }
}

fn disposition_out(disposition: Disposition) -> i32 {
    let raw = match disposition {
        Disposition::Home => proto::Disposition::Home,
        Disposition::Hospital => proto::Disposition::Hospital,
        Disposition::Died => proto::Disposition::Died,
        Disposition::AgainstAdvice => proto::Disposition::AgainstAdvice,
        Disposition::Other => proto::Disposition::Other,
    };
    raw as i32
}

pub(super) fn identity(raw: &proto::Identity) -> Result<Identity, WireError> {
    if raw.ids.len() > IDS_MAX {
        return Err(field("ids"));
    }
    let word = |text: &String| Masked::new(text.clone());
    Ok(Identity {
        ids: raw.ids.iter().map(word).collect(),
        family: word(&raw.family),
        given: word(&raw.given),
        born: (!raw.born.is_empty()).then(|| word(&raw.born)),
        sex: word(&raw.sex),
    })
}

pub(super) fn identity_out(identity: &Identity) -> Option<proto::Identity> {
    let word = |word: &Masked<String>| word.reveal().clone();
    (!identity.is_unknown()).then(|| proto::Identity {
        ids: identity.ids.iter().map(word).collect(),
        family: word(&identity.family),
        given: word(&identity.given),
        born: identity.born.as_ref().map(word).unwrap_or_default(),
        sex: word(&identity.sex),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_program_says_of_a_patient_is_taken_for_nothing_special() {
        assert_eq!(category(99), None);
        assert_eq!(disposition(99), Disposition::Other);
    }

    #[test]
    fn more_identifiers_than_the_bound_are_refused() {
        let ids = vec!["7".to_owned(); IDS_MAX + 1];
        let raw = proto::Identity {
            ids,
            ..proto::Identity::default()
        };
        assert!(identity(&raw).is_err());
    }
}
