//! Patients, specimens and laboratory results in the words that a page is told.

use std::sync::Arc;

use vitals::{BootId, LabDoubt, MonoTime, Stamp, Whose};

use super::super::charts::Charts;
use super::super::time::Anchors;
use crate::ward::{Bed, Held, Known, Laboratory, Register};
use crate::web::{
    CareShown, EarlierStay, EarlierStays, LabShown, LaboratoryNow, PatientNow, Perhaps, SpecimenShown, live,
};

/// Who lies in a bed, for everybody to see.
pub(in crate::app) fn bed_patient(bed: &Bed, charts: &Charts) -> live::BedPatient {
    let stay = bed.stay();
    live::BedPatient {
        admission: stay.admission.clone(),
        known: !stay.identity.is_unknown(),
        initials: stay.identity.initials(),
        results: charts.laboratory.results(Some(&stay.admission)).count(),
        revision: charts.revision(&bed.setup.id),
        vacant: stay.vacant,
        perhaps: known_as(bed, &charts.register).map(|known| live::Perhaps {
            initials: known.map_or_else(String::new, |known| known.identity.initials()),
            since_ms: (stay.from != MonoTime::BOOT).then(|| stay.from.as_ms()),
        }),
    }
}

/// The stay that a bed perhaps goes on, with who that was; `None` = nothing is asked.
fn known_as<'a>(bed: &Bed, register: &'a Register) -> Option<Option<&'a Known>> {
    let perhaps = bed.stay().perhaps.as_ref()?;
    Some(register.earlier().find(|known| known.admission == *perhaps))
}

/// Who perhaps still lies in a bed; `None` = nothing is asked.
pub(in crate::app) fn perhaps(bed: &Bed, register: &Register) -> Option<Perhaps> {
    known_as(bed, register).map(|known| Perhaps {
        identity: known
            .map(|known| known.identity.clone())
            .filter(|identity| !identity.is_unknown()),
    })
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
    bed: &Bed,
    laboratory: &Laboratory,
    boot: BootId,
    anchors: &Anchors,
) -> PatientNow {
    let stay = bed.stay();
    let admission = &stay.admission;
    let specimens = laboratory.specimens(admission);
    let results = laboratory.results(Some(admission));
    PatientNow {
        bed: bed.setup.id.clone(),
        admission: admission.clone(),
        category: bed.category(),
        vacant: stay.vacant,
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
        observations: Vec::new(),
        care: CareShown::default(),
        notes: Vec::new(),
        perhaps: None,
    }
}

/// The stays that are over.
pub(in crate::app) fn earlier(register: &Register, anchors: &Anchors) -> EarlierStays {
    let wall_ms = |at: Option<Stamp>| Some(anchors.wall(at?)?.as_unix_ms());
    let stay = |known: &Known| EarlierStay {
        admission: known.admission.clone(),
        identity: (!known.identity.is_unknown()).then(|| known.identity.clone()),
        bed: known.bed.clone(),
        from_wall_ms: wall_ms(known.from),
        until_wall_ms: wall_ms(known.until),
        disposition: known.disposition,
    };
    EarlierStays {
        stays: register.earlier().map(stay).collect(),
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
