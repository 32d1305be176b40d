//! Patients and laboratory results as JSON. Here the words about a patient are written out: whoever dumps or exports
//! the events lane holds a patient's record in hand.

use serde_json::{Value, json};

use crate::lab::{LabAssignment, LabRecord, LabSetAside, Specimen, Whose};
use crate::patient::{Discharged, Identified, Identity, Transferred};

pub(super) fn of_identified(identified: &Identified) -> Value {
    json!({
        "kind": "event",
        "event": "identified",
        "bed": identified.bed,
        "admission": identified.admission,
        "identity": of_identity(&identified.identity),
        "by": identified.by,
        "category": identified.category,
        "vacant": identified.vacant,
        "perhaps": identified.perhaps,
    })
}

pub(super) fn of_discharged(discharged: &Discharged) -> Value {
    json!({
        "kind": "event",
        "event": "discharged",
        "bed": discharged.bed,
        "admission": discharged.admission,
        "disposition": discharged.disposition,
        "by": discharged.by,
    })
}

pub(super) fn of_transferred(transferred: &Transferred) -> Value {
    json!({
        "kind": "event",
        "event": "transferred",
        "admission": transferred.admission,
        "from": transferred.from,
        "to": transferred.to,
        "by": transferred.by,
    })
}

pub(super) fn of_specimen(specimen: &Specimen) -> Value {
    json!({
        "kind": "event",
        "event": "specimen_taken",
        "specimen": specimen.number,
        "bed": specimen.bed,
        "admission": specimen.admission,
        "by": specimen.by,
    })
}

pub(super) fn of_record(record: &LabRecord) -> Value {
    let result = &record.result;
    let (bed, admission, doubt) = match &record.whose {
        Whose::Patient { bed, admission } => (Some(bed), Some(admission), None),
        Whose::Nobody(doubt) => (None, None, Some(*doubt)),
    };
    json!({
        "kind": "event",
        "event": "lab",
        "lab": record.id,
        "device": record.device,
        "specimen": result.specimen,
        "patient": of_identity(&result.patient),
        "code": result.test.code,
        "name": result.test.name,
        "loinc": result.test.loinc,
        "value": result.value,
        "number": result.number,
        "unit": result.unit,
        "range": result.range,
        "flag": result.flag,
        "status": result.status,
        "completed": result.completed,
        "bed": bed,
        "admission": admission,
        "doubt": doubt,
    })
}

pub(super) fn of_assignment(assignment: &LabAssignment) -> Value {
    json!({
        "kind": "event",
        "event": "lab_assigned",
        "results": assignment.results,
        "bed": assignment.bed,
        "admission": assignment.admission,
        "by": assignment.by,
    })
}

pub(super) fn of_set_aside(set_aside: &LabSetAside) -> Value {
    json!({
        "kind": "event",
        "event": "lab_set_aside",
        "results": set_aside.results,
        "by": set_aside.by,
    })
}

fn of_identity(identity: &Identity) -> Value {
    json!({
        "ids": identity.ids,
        "family": identity.family,
        "given": identity.given,
        "born": identity.born,
        "sex": identity.sex,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::LabDoubt;

    #[test]
    fn a_result_is_told_as_it_was_sent_with_the_reason_why_it_is_nobodys() {
        let record = LabRecord {
            whose: Whose::Nobody(LabDoubt::OtherName),
            ..crate::wire::a_lab_record()
        };
        let told = of_record(&record);
        for (key, value) in [
            ("value", "6.9"),
            ("number", "6.9"),
            ("flag", "critical_low"),
            ("doubt", "other_name"),
            ("specimen", "S-1001"),
        ] {
            assert_eq!(told[key], value, "{key}");
        }
        assert!(told["bed"].is_null() && told["admission"].is_null());
        assert_eq!(told["patient"]["family"], "DOE");
    }
}
