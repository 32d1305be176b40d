//! Who lies in the beds of a post, and their laboratory results, as the post's events tell it (I3).
//!
//! Results that are nobody's are the post's to settle; a critical one is an alert like any other, and all of them are in
//! the records.

use std::collections::BTreeMap;
use std::sync::Arc;

use vitals::lab::{LAB_CHARS_MAX, LabSheet};
use vitals::patient::WORD_CHARS_MAX;
use vitals::{AdmissionId, BedId, Epoch, Event, Identity, LabRecord, Masked, Seq};

use super::alerts::clipped;
use super::beds::BEDS_MAX;
use crate::view::{Came, Chart};

/// Results of one patient that are shown, and of one post.
const EACH_MAX: usize = 100;
const ALL_MAX: usize = 400;

/// A place in the events lane: the post's present run is later than every other one, as in [`super::beds`].
type Order = (bool, Epoch, Seq);

/// Who lies in one bed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stay {
    said: (Epoch, Seq),
    admission: AdmissionId,
    identity: Identity,
    vacant: bool,
    perhaps: bool,
}

/// The patients of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patients {
    stays: BTreeMap<BedId, Stay>,
    sheet: LabSheet<Came>,
    charts: BTreeMap<BedId, Arc<Chart>>,
    revision: u64,
}

impl Default for Patients {
    fn default() -> Patients {
        Patients {
            stays: BTreeMap::new(),
            sheet: LabSheet::new(EACH_MAX, ALL_MAX),
            charts: BTreeMap::new(),
            revision: 0,
        }
    }
}

impl Patients {
    /// Takes an event in; says whether anything that is shown has changed.
    pub(super) fn take(
        &mut self,
        said: (Epoch, Seq),
        event: &Event,
        came: Came,
        present: Option<Epoch>,
    ) -> bool {
        match event {
            Event::Identified(identified) => {
                let order = |(epoch, seq): (Epoch, Seq)| -> Order { (Some(epoch) == present, epoch, seq) };
                let known = self.stays.get(&identified.bed);
                let is_full = known.is_none() && self.stays.len() == BEDS_MAX;
                if is_full || known.is_some_and(|known| order(known.said) >= order(said)) {
                    return false;
                }
                let stay = Stay {
                    said,
                    admission: identified.admission.clone(),
                    identity: clipped_identity(&identified.identity),
                    vacant: identified.vacant,
                    perhaps: identified.perhaps.is_some(),
                };
                self.stays.insert(identified.bed.clone(), stay);
            }
            Event::Lab(record) => self.sheet.hold(clipped_record(record), came),
            Event::LabAssigned(assignment) => {
                self.sheet.assign(assignment);
            }
            Event::LabSetAside(aside) => {
                self.sheet.set_aside(aside);
            }
            Event::Merged { from, into, .. } => self.sheet.merge(from, into),
            _ => return false,
        }
        self.draw();
        true
    }

    /// What is shown of whoever lies in a bed.
    pub(super) fn chart(&self, bed: &BedId) -> Option<&Arc<Chart>> {
        self.charts.get(bed)
    }

    /// Draws anew what is shown: of each bed the results of whoever lies there now, as far as anybody has said; else of
    /// the stay that the newest result names.
    fn draw(&mut self) {
        self.revision += 1;
        let mut beds: BTreeMap<&BedId, &AdmissionId> = BTreeMap::new();
        for held in self.sheet.iter() {
            if let vitals::Whose::Patient { bed, admission } = &held.record.whose
                && (beds.len() < BEDS_MAX || beds.contains_key(bed))
            {
                beds.entry(bed).or_insert(admission);
            }
        }
        for (bed, stay) in &self.stays {
            beds.insert(bed, &stay.admission);
        }
        let chart = |(bed, admission): (&BedId, &AdmissionId)| {
            let stay = self.stays.get(bed);
            let known = self.charts.get(bed);
            let mut chart = Chart {
                admission: admission.clone(),
                identity: stay.map(|stay| stay.identity.clone()).unwrap_or_default(),
                results: self.sheet.results(Some(admission)).cloned().collect(),
                left_out: self.sheet.left_out(Some(admission)),
                vacant: stay.is_some_and(|stay| stay.vacant),
                perhaps: stay.is_some_and(|stay| stay.perhaps),
                revision: known.map_or(self.revision, |known| known.revision),
            };
            let same = known.filter(|known| ***known == chart);
            let drawn = same.cloned().unwrap_or_else(|| {
                chart.revision = self.revision;
                Arc::new(chart)
            });
            (bed.clone(), drawn)
        };
        self.charts = beds.into_iter().map(chart).collect();
    }
}

/// W3: what the post writes is cut to what an honest post writes at most.
fn clipped_record(record: &LabRecord) -> LabRecord {
    let mut record = record.clone();
    let result = &mut record.result;
    for text in [
        &mut result.test.code,
        &mut result.test.name,
        &mut result.value,
        &mut result.unit,
        &mut result.range,
    ] {
        *text = clipped(text, LAB_CHARS_MAX);
    }
    result.specimen = Masked::new(clipped(result.specimen.reveal(), LAB_CHARS_MAX));
    result.test.loinc = result
        .test
        .loinc
        .as_ref()
        .map(|loinc| clipped(loinc, LAB_CHARS_MAX));
    result.completed = result.completed.as_ref().map(|time| clipped(time, LAB_CHARS_MAX));
    result.patient = clipped_identity(&result.patient);
    record
}

fn clipped_identity(identity: &Identity) -> Identity {
    let word = |word: &Masked<String>| Masked::new(clipped(word.reveal(), WORD_CHARS_MAX));
    Identity {
        ids: identity.ids.iter().map(word).collect(),
        family: word(&identity.family),
        given: word(&identity.given),
        born: identity.born.as_ref().map(word),
        sex: word(&identity.sex),
    }
}

#[cfg(test)]
mod tests;
