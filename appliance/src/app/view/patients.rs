//! Patients, specimens and laboratory results in the words that a page is told.

use std::sync::Arc;

use vitals::{BedId, BootId, LabDoubt, MonoTime, Stamp, Whose};

use super::super::charts::Charts;
use super::super::time::Anchors;
use crate::ward::{Bed, Held, Laboratory, Stay};
use crate::web::{LabShown, LaboratoryNow, PatientNow, SpecimenShown, live};

/// Who lies in a bed, for everybody to see.
pub(in crate::app) fn bed_patient(bed: &Bed, charts: &Charts) -> live::BedPatient {
    let stay = bed.stay();
    live::BedPatient {
        admission: stay.admission.clone(),
        known: !stay.identity.is_unknown(),
        initials: stay.identity.initials(),
        results: charts.laboratory.results(Some(&stay.admission)).count(),
        revision: charts.revision(&bed.setup.id),
    }
}

/// How many laboratory results are nobody's.
pub(in crate::app) fn unassigned(charts: &Charts) -> Arc<live::Unassigned> {
    Arc::new(live::Unassigned {
        results: charts.laboratory.results(None).count(),
        revision: charts.nobody_revision(),
    })
}

/// Everything that is known of who lies in a bed.
pub(in crate::app) fn patient(
    bed: &BedId,
    stay: &Stay,
    laboratory: &Laboratory,
    boot: BootId,
    anchors: &Anchors,
) -> PatientNow {
    let admission = &stay.admission;
    let specimens = laboratory.specimens(admission);
    let results = laboratory.results(Some(admission));
    PatientNow {
        bed: bed.clone(),
        admission: admission.clone(),
        since_ms: (stay.from != MonoTime::BOOT).then(|| stay.from.as_ms()),
        identity: (!stay.identity.is_unknown()).then(|| stay.identity.clone()),
        identified_by: (!stay.by.is_empty()).then(|| stay.by.clone()),
        specimens: specimens
            .map(|specimen| SpecimenShown {
                specimen: specimen.number.clone(),
                by: specimen.by.clone(),
            })
            .collect(),
        results: results.map(|held| result(held, boot, anchors)).collect(),
        left_out: laboratory.left_out(Some(admission)),
        merged: Vec::new(),
    }
}

/// The results that are nobody's.
pub(in crate::app) fn laboratory(laboratory: &Laboratory, boot: BootId, anchors: &Anchors) -> LaboratoryNow {
    let results = laboratory.results(None);
    LaboratoryNow {
        results: results.map(|held| result(held, boot, anchors)).collect(),
        left_out: laboratory.left_out(None),
    }
}

fn result(held: &Held, boot: BootId, anchors: &Anchors) -> LabShown {
    let record = &held.record;
    let result = &record.result;
    let doubt: Option<LabDoubt> = match &record.whose {
        Whose::Patient { .. } => None,
        Whose::Nobody(doubt) => Some(*doubt),
    };
    let here = |at: Stamp| (at.boot == boot).then(|| at.mono.as_ms());
    LabShown {
        id: record.id,
        first: held.first,
        device: record.device.clone(),
        specimen: result.specimen.clone(),
        test: result.test.name.clone(),
        code: result.test.code.clone(),
        value: result.value.clone(),
        unit: result.unit.clone(),
        range: result.range.clone(),
        flag: result.flag,
        status: result.status,
        completed: result.completed.clone(),
        received_ms: here(held.at),
        received_wall_ms: anchors.wall(held.at).map(|wall| wall.as_unix_ms()),
        was: held.was.clone(),
        assigned_by: held.assigned_by.clone(),
        doubt,
        sent: doubt.is_some().then(|| result.patient.clone()),
    }
}
