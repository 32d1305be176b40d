//! Patients and laboratory results between domain and wire.
//!
//! A flag, status or doubt that this program does not know comes from a newer one: it is read as the one that trusts the
//! result least, never as a final or a normal one.

use super::patient::{identity, identity_out};
use super::{WireError, alarm, field, id, proto};
use crate::bed::Masked;
use crate::lab::{
    LAB_AT_ONCE_MAX, LabAssignment, LabDoubt, LabFlag, LabId, LabRecord, LabResult, LabSetAside, LabStatus,
    LabTest, Specimen, Whose,
};
use crate::record::Epoch;

pub(super) fn specimen(raw: &proto::SpecimenTaken) -> Result<Specimen, WireError> {
    Ok(Specimen {
        number: Masked::new(raw.specimen.clone()),
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        by: raw.by.clone(),
    })
}

pub(super) fn specimen_out(specimen: &Specimen) -> proto::SpecimenTaken {
    proto::SpecimenTaken {
        specimen: specimen.number.reveal().clone(),
        bed: specimen.bed.to_string(),
        admission: specimen.admission.to_string(),
        by: specimen.by.clone(),
    }
}

pub(super) fn assignment(raw: &proto::LabAssigned) -> Result<LabAssignment, WireError> {
    Ok(LabAssignment {
        results: names(&raw.results)?,
        bed: id(&raw.bed, "bed")?,
        admission: id(&raw.admission, "admission")?,
        by: raw.by.clone(),
    })
}

pub(super) fn assignment_out(assignment: &LabAssignment) -> proto::LabAssigned {
    proto::LabAssigned {
        results: names_out(&assignment.results),
        bed: assignment.bed.to_string(),
        admission: assignment.admission.to_string(),
        by: assignment.by.clone(),
    }
}

pub(super) fn set_aside(raw: &proto::LabSetAside) -> Result<LabSetAside, WireError> {
    Ok(LabSetAside {
        results: names(&raw.results)?,
        by: raw.by.clone(),
    })
}

pub(super) fn set_aside_out(set_aside: &LabSetAside) -> proto::LabSetAside {
    proto::LabSetAside {
        results: names_out(&set_aside.results),
        by: set_aside.by.clone(),
    }
}

pub(super) fn record(raw: &proto::Lab) -> Result<LabRecord, WireError> {
    let whose = if raw.admission.is_empty() {
        Whose::Nobody(doubt(raw.doubt))
    } else {
        Whose::Patient {
            bed: id(&raw.bed, "bed")?,
            admission: id(&raw.admission, "admission")?,
        }
    };
    let number = raw.number.as_ref();
    let result = LabResult {
        specimen: Masked::new(raw.specimen.clone()),
        patient: raw
            .patient
            .as_ref()
            .map(identity)
            .transpose()?
            .unwrap_or_default(),
        test: LabTest {
            code: raw.test_code.clone(),
            name: raw.test_name.clone(),
            loinc: (!raw.test_loinc.is_empty()).then(|| raw.test_loinc.clone()),
        },
        value: raw.value.clone(),
        number: number
            .map(|number| alarm::number(number.mantissa, number.places))
            .transpose()?,
        unit: raw.unit.clone(),
        range: raw.range.clone(),
        flag: flag(raw.flag),
        status: status(raw.status),
        completed: (!raw.completed.is_empty()).then(|| raw.completed.clone()),
    };
    Ok(LabRecord {
        id: LabId {
            epoch: Epoch(raw.lab_epoch),
            number: raw.lab_number,
        },
        device: id(&raw.device, "device")?,
        result,
        whose,
    })
}

pub(super) fn record_out(record: &LabRecord) -> proto::Lab {
    let result = &record.result;
    let (bed, admission, doubt) = match &record.whose {
        Whose::Patient { bed, admission } => (bed.to_string(), admission.to_string(), 0),
        Whose::Nobody(doubt) => (String::new(), String::new(), doubt_out(*doubt)),
    };
    proto::Lab {
        lab_epoch: record.id.epoch.0,
        lab_number: record.id.number,
        device: record.device.to_string(),
        specimen: result.specimen.reveal().clone(),
        patient: identity_out(&result.patient),
        test_code: result.test.code.clone(),
        test_name: result.test.name.clone(),
        test_loinc: result.test.loinc.clone().unwrap_or_default(),
        value: result.value.clone(),
        number: result.number.map(alarm::number_out),
        unit: result.unit.clone(),
        range: result.range.clone(),
        flag: flag_out(result.flag),
        status: status_out(result.status),
        completed: result.completed.clone().unwrap_or_default(),
        bed,
        admission,
        doubt,
    }
}

fn names_out(results: &[LabId]) -> Vec<proto::LabName> {
    let name = |id: &LabId| proto::LabName {
        lab_epoch: id.epoch.0,
        lab_number: id.number,
    };
    results.iter().map(name).collect()
}

fn names(raw: &[proto::LabName]) -> Result<Vec<LabId>, WireError> {
    if raw.len() > LAB_AT_ONCE_MAX {
        return Err(field("results"));
    }
    let name = |name: &proto::LabName| LabId {
        epoch: Epoch(name.lab_epoch),
        number: name.lab_number,
    };
    Ok(raw.iter().map(name).collect())
}

fn flag(raw: i32) -> LabFlag {
    match proto::LabFlag::try_from(raw) {
        Ok(proto::LabFlag::None) => LabFlag::None,
        Ok(proto::LabFlag::Normal) => LabFlag::Normal,
        Ok(proto::LabFlag::Low) => LabFlag::Low,
        Ok(proto::LabFlag::High) => LabFlag::High,
        Ok(proto::LabFlag::CriticalLow) => LabFlag::CriticalLow,
        Ok(proto::LabFlag::CriticalHigh) => LabFlag::CriticalHigh,
        Ok(proto::LabFlag::BelowMeasuring) => LabFlag::BelowMeasuring,
        Ok(proto::LabFlag::AboveMeasuring) => LabFlag::AboveMeasuring,
        Ok(proto::LabFlag::Abnormal) | Err(_) => LabFlag::Abnormal,
    }
}

fn flag_out(flag: LabFlag) -> i32 {
    let raw = match flag {
        LabFlag::None => proto::LabFlag::None,
        LabFlag::Normal => proto::LabFlag::Normal,
        LabFlag::Low => proto::LabFlag::Low,
        LabFlag::High => proto::LabFlag::High,
        LabFlag::CriticalLow => proto::LabFlag::CriticalLow,
        LabFlag::CriticalHigh => proto::LabFlag::CriticalHigh,
        LabFlag::BelowMeasuring => proto::LabFlag::BelowMeasuring,
        LabFlag::AboveMeasuring => proto::LabFlag::AboveMeasuring,
        LabFlag::Abnormal => proto::LabFlag::Abnormal,
    };
    raw as i32
}

fn status(raw: i32) -> LabStatus {
    match proto::LabStatus::try_from(raw) {
        Ok(proto::LabStatus::Final) => LabStatus::Final,
        Ok(proto::LabStatus::Corrected) => LabStatus::Corrected,
        Ok(proto::LabStatus::Repeated) => LabStatus::Repeated,
        Ok(proto::LabStatus::Pending) => LabStatus::Pending,
        Ok(proto::LabStatus::NotDone) => LabStatus::NotDone,
        Ok(proto::LabStatus::Preliminary) | Err(_) => LabStatus::Preliminary,
    }
}

fn status_out(status: LabStatus) -> i32 {
    let raw = match status {
        LabStatus::Final => proto::LabStatus::Final,
        LabStatus::Preliminary => proto::LabStatus::Preliminary,
        LabStatus::Corrected => proto::LabStatus::Corrected,
        LabStatus::Repeated => proto::LabStatus::Repeated,
        LabStatus::Pending => proto::LabStatus::Pending,
        LabStatus::NotDone => proto::LabStatus::NotDone,
    };
    raw as i32
}

fn doubt(raw: i32) -> LabDoubt {
    match proto::LabDoubt::try_from(raw) {
        Ok(proto::LabDoubt::NameOnly) => LabDoubt::NameOnly,
        Ok(proto::LabDoubt::Several) => LabDoubt::Several,
        Ok(proto::LabDoubt::Left) => LabDoubt::Left,
        Ok(proto::LabDoubt::OtherId) => LabDoubt::OtherId,
        Ok(proto::LabDoubt::OtherName) => LabDoubt::OtherName,
        Ok(proto::LabDoubt::OtherBirth) => LabDoubt::OtherBirth,
        Ok(proto::LabDoubt::Unknown) | Err(_) => LabDoubt::Unknown,
    }
}

fn doubt_out(doubt: LabDoubt) -> i32 {
    let raw = match doubt {
        LabDoubt::Unknown => proto::LabDoubt::Unknown,
        LabDoubt::NameOnly => proto::LabDoubt::NameOnly,
        LabDoubt::Several => proto::LabDoubt::Several,
        LabDoubt::Left => proto::LabDoubt::Left,
        LabDoubt::OtherId => proto::LabDoubt::OtherId,
        LabDoubt::OtherName => proto::LabDoubt::OtherName,
        LabDoubt::OtherBirth => proto::LabDoubt::OtherBirth,
    };
    raw as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_program_says_is_trusted_least() {
        assert_eq!(flag(99), LabFlag::Abnormal);
        assert_eq!(status(99), LabStatus::Preliminary);
        assert_eq!(doubt(99), LabDoubt::Unknown);
    }

    #[test]
    fn more_than_the_bounds_is_refused() {
        let many = vec![proto::LabName::default(); LAB_AT_ONCE_MAX + 1];
        assert!(names(&many).is_err() && names(&many[1..]).is_ok());
    }
}
