//! Patients, specimens and results.

use super::*;
use crate::bed::{AdmissionId, BedId, Category};
use crate::lab::{LabAssignment, LabSetAside, Specimen};
use crate::patient::{Discharged, Disposition, Identified, Transferred};

/// What was added after the third one.
pub(super) fn patient_events() -> Vec<Record> {
    let (bed, admission) = (id::<BedId>("3"), id::<AdmissionId>("3-0000000200000007-1"));
    let results = vec![a_lab_record().id];
    let by = || "Grace".to_owned();
    let assigned = LabRecord {
        whose: Whose::Patient {
            bed: bed.clone(),
            admission: admission.clone(),
        },
        ..a_lab_record()
    };
    [
        Event::Identified(Box::new(Identified {
            bed: bed.clone(),
            admission: admission.clone(),
            identity: a_lab_record().result.patient,
            by: by(),
            category: None,
            vacant: false,
            perhaps: None,
        })),
        Event::Identified(Box::new(Identified {
            bed: bed.clone(),
            admission: admission.clone(),
            identity: Identity::default(),
            by: String::new(),
            category: None,
            vacant: false,
            perhaps: None,
        })),
        Event::SpecimenTaken(Specimen {
            number: Masked::new("S-1001".to_owned()),
            bed: bed.clone(),
            admission: admission.clone(),
            by: by(),
        }),
        Event::Lab(Box::new(a_lab_record())),
        Event::Lab(Box::new(assigned)),
        Event::LabAssigned(LabAssignment {
            results: results.clone(),
            bed,
            admission,
            by: by(),
        }),
        Event::LabSetAside(LabSetAside { results, by: by() }),
    ]
    .map(|event| Record::Event {
        at: MonoTime::from_ms(3_000),
        event,
    })
    .into()
}

/// A patient leaves, another goes to the empty bed, and the fields that a word about a bed had not before.
pub(super) fn stay_events() -> Vec<Record> {
    let (bed, other) = (id::<BedId>("3"), id::<BedId>("4"));
    let admission = id::<AdmissionId>("4-0000000200000007-1");
    let identified = |bed: &BedId, admission: &str, category, vacant| {
        Event::Identified(Box::new(Identified {
            bed: bed.clone(),
            admission: id(admission),
            identity: Identity::default(),
            by: "Grace".to_owned(),
            category,
            vacant,
            perhaps: None,
        }))
    };
    [
        Event::Discharged(Discharged {
            bed: bed.clone(),
            admission: id("3-0000000200000007-1"),
            disposition: Disposition::AgainstAdvice,
            by: "Grace".to_owned(),
        }),
        identified(&bed, "3-0000000200000007-2", None, true),
        Event::Transferred(Transferred {
            admission: admission.clone(),
            from: other.clone(),
            to: bed.clone(),
            by: "Grace".to_owned(),
        }),
        identified(&other, "4-0000000200000007-3", None, true),
        identified(&bed, admission.as_str(), Some(Category::Neonate), false),
    ]
    .map(|event| Record::Event {
        at: MonoTime::from_ms(3_000),
        event,
    })
    .into()
}

/// A bed was not heard for long: a stay that perhaps goes on another.
pub(super) fn absence_events() -> Vec<Record> {
    let event = Event::Identified(Box::new(Identified {
        bed: id("3"),
        admission: id("3-0000000200000007-4"),
        identity: Identity::default(),
        by: String::new(),
        category: Some(Category::Child),
        vacant: false,
        perhaps: Some(id("3-0000000200000007-1")),
    }));
    let at = MonoTime::from_ms(5_000);
    vec![Record::Event { at, event }]
}
