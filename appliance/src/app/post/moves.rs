//! Who lies in which bed from a moment on: patients who are discharged and moved, empty beds, and what follows for
//! alarms and results.
//!
//! - I3, I1: what a person says and what follows from it for the beds goes onto the card in one commit. A start that finds
//!   only its beginning finishes it, and no stay is ever in two beds after that.

use std::collections::BTreeSet;

use vitals::{AdmissionId, BedId, Category, Event, Identified, MonoTime, Record, Specimen, Stamp};

use super::super::charts::BegunMove;
use super::super::view;
use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::ward::{Leaving, Moving, Ward};
use crate::web::{EarlierStays, PatientError};

/// A bed about which something was said, and how it stood before.
struct Changed {
    bed: BedId,
    before: Option<(Category, bool)>,
    is_other: bool,
}

impl Post {
    pub(super) fn discharge_told(
        &mut self,
        leaving: Leaving,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let bed = leaving.bed.clone();
        let (subject, before) = (self.subject_of(&bed), self.stay_told(&bed));
        let after = format!("discharged: {}", leaving.disposition.key());
        let result = self.discharge(leaving, now);
        let did = Did {
            by,
            action: "discharge",
            subject,
            before,
            after: Some(after),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    pub(super) fn transfer_told(
        &mut self,
        moving: Moving,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let (from, to) = (moving.bed.clone(), moving.to.clone());
        let subject = format!("{} bed:{to}", self.subject_of(&from));
        let before = self.both_told(&from, &to);
        let result = self.transfer(moving, now);
        let after = self.both_told(&from, &to);
        let did = Did {
            by,
            action: "transfer",
            subject,
            before,
            after,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn both_told(&self, from: &BedId, to: &BedId) -> Option<String> {
        let (left, other) = (self.stay_told(from)?, self.stay_told(to)?);
        Some(format!("bed {from}: {left} | bed {to}: {other}"))
    }

    /// A person says that a patient leaves the post.
    fn discharge(&mut self, leaving: Leaving, now: MonoTime) -> Result<(), PatientError> {
        let by = alarms::person(&leaving.by)
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        self.answered(&leaving.bed)?;
        let leaving = Leaving { by, ..leaving };
        let charts = &mut self.charts;
        let (discharged, empty) = self.ward.discharge(leaving, |bed| charts.begin(bed))?;
        charts.register.discharged(&discharged);
        self.lies(Some(Event::Discharged(discharged)), vec![empty], now, now);
        Ok(())
    }

    /// A person says that a patient goes to another bed.
    fn transfer(&mut self, moving: Moving, now: MonoTime) -> Result<(), PatientError> {
        let by = alarms::person(&moving.by)
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        self.answered(&moving.bed)?;
        self.answered(&moving.to)?;
        let moving = Moving { by, ..moving };
        let charts = &mut self.charts;
        let (transferred, moved) = self.ward.transfer(moving, |bed| charts.begin(bed))?;
        let told = Event::Transferred(transferred);
        self.lies(Some(told), moved.into(), now, now);
        Ok(())
    }

    /// The earlier stays of this post, the one that ended last first.
    pub(super) fn earlier(&self, bed: &BedId) -> Result<EarlierStays, PatientError> {
        if self.ward.bed(bed).is_none() {
            return Err(PatientError::UnknownBed(bed.clone()));
        }
        Ok(view::earlier(&self.charts.register, &self.past.anchors))
    }

    /// From `from` on these lie there: recorded with what led to it, and everything that hangs on it follows (I3).
    pub(super) fn lies(
        &mut self,
        cause: Option<Event>,
        told: Vec<Identified>,
        from: MonoTime,
        now: MonoTime,
    ) {
        let mut events: Vec<Event> = cause.into_iter().collect();
        let at = Stamp {
            boot: self.clock.boot(),
            mono: from,
        };
        let mut changed = Vec::with_capacity(told.len());
        let mut whose = Vec::with_capacity(told.len());
        for identified in &told {
            let bed = identified.bed.clone();
            events.push(Event::Identified(Box::new(identified.clone())));
            whose.push(self.ward.stay(&bed).map(|stay| stay.admission.clone()));
            changed.push(Changed {
                before: self.ward.lying(&bed),
                is_other: self.ward.identified(identified.clone(), from),
                bed,
            });
        }
        for (identified, before) in told.iter().zip(whose) {
            self.charts.lies(&self.ward, identified, at, before);
        }
        let is_new = |bed: &BedId| {
            changed
                .iter()
                .any(|changed| changed.is_other && changed.bed == *bed)
        };
        let bindings = self.ward.bindings(now).into_iter();
        events.extend(
            bindings
                .filter(|binding| binding.bed.as_ref().is_some_and(is_new))
                .map(Event::Bound),
        );
        let records = events.into_iter().map(|event| {
            // What was measured in a silence is of the stay that follows it, also for whoever reads this after a restart.
            let begins = matches!(&event, Event::Identified(told) if told.perhaps.is_some());
            let at = if begins { from } else { now };
            Record::Event { at, event }
        });
        self.store.append_together(records.collect());
        let beds: Vec<BedId> = changed.iter().map(|changed| changed.bed.clone()).collect();
        for changed in changed {
            self.lies_there(changed, now);
        }
        for bed in beds {
            self.advice_over(&bed, now);
        }
    }

    /// What is about the score of somebody who lies in a bed no more ends.
    fn advice_over(&mut self, bed: &BedId, now: MonoTime) {
        let Some(stay) = self.ward.stay(bed).cloned() else {
            return;
        };
        let ward = &self.ward;
        let is_present = |of: &AdmissionId| !stay.vacant && ward.is_one_patient(of, &stay.admission);
        let mut changes = Vec::new();
        self.alarms.advice_over(bed, is_present, now, &mut changes);
        self.raise(now, |_, out| out.append(&mut changes));
    }

    /// What follows for the alarms and the page.
    fn lies_there(&mut self, changed: Changed, now: MonoTime) {
        let Changed {
            bed,
            before,
            is_other,
        } = changed;
        let stay = self.ward.stay(&bed).map(|stay| stay.admission.clone());
        let (Some(admission), Some(lying)) = (stay, self.lying(&bed)) else {
            return;
        };
        let (category, vacant) = (lying.category, lying.vacant);
        if is_other {
            tracing::info!(bed.id = %bed, vacant, "a new stay begins in this bed");
            self.signals_of_another(&bed, now);
        }
        let other_limits = before.is_some_and(|(before, _)| before != category);
        self.raise(now, |alarms, out| {
            if is_other || other_limits {
                alarms.stay_over(&bed, now, out);
            }
            alarms.lies(&bed, lying, now, out);
            alarms.lab_moved(&admission, &bed, now, out);
        });
        self.charts.changed(&bed);
        self.changed_beds.insert(bed);
    }

    /// An empty bed measures somebody: whoever it is was laid there without a word.
    pub(super) fn somebody_lies_in(&mut self, bed: &BedId, now: MonoTime) {
        let Some(stay) = self.ward.stay(bed) else { return };
        let identified = Identified {
            by: String::new(),
            vacant: false,
            ..stay.told(bed)
        };
        self.lies(None, vec![identified], now, now);
    }

    /// At a start: who lies where is what the records say. Where they do not say it any more (`is_known` = false) nobody is
    /// taken for whoever lay there before.
    pub(super) fn begin_stays(&mut self, is_known: bool, now: MonoTime) {
        if is_known {
            return self.finish_move(now);
        }
        self.charts.begun_move = BegunMove::default();
        for bed in self.beds.clone() {
            self.begin_unknown_stay(bed, now);
        }
    }

    fn begin_unknown_stay(&mut self, bed: BedId, now: MonoTime) {
        let unknown = Identified {
            vacant: false,
            ..Ward::empty(&bed, self.charts.begin(&bed), "")
        };
        self.lies(None, vec![unknown], MonoTime::BOOT, now);
    }

    /// Of a move before this start only the beginning may be on the card: what follows from it is said now. Where the
    /// records put one stay into two beds all the same, nobody knows who lies in either.
    fn finish_move(&mut self, now: MonoTime) {
        let BegunMove { by, missing } = std::mem::take(&mut self.charts.begun_move);
        let charts = &mut self.charts;
        let word = |(bed, word): (BedId, Option<Identified>)| {
            word.unwrap_or_else(|| Ward::empty(&bed, charts.begin(&bed), &by))
        };
        let told: Vec<Identified> = missing.into_iter().map(word).collect();
        if !told.is_empty() {
            tracing::warn!("a move of a patient had only begun when the power went; it is finished now");
            self.lies(None, told, now, now);
        }
        for bed in self.beds_of_one_stay() {
            tracing::error!(bed.id = %bed, "the records have one stay in two beds; nobody knows who lies there");
            self.begin_unknown_stay(bed, now);
        }
    }

    fn beds_of_one_stay(&self) -> Vec<BedId> {
        let (mut known, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for bed in self.ward.beds() {
            let admission: &AdmissionId = &bed.stay().admission;
            if !known.insert(admission) {
                twice.insert(admission);
            }
        }
        let beds = self.ward.beds().iter();
        let doubtful = beds.filter(|bed| twice.contains(&bed.stay().admission));
        doubtful.map(|bed| bed.setup.id.clone()).collect()
    }

    /// A new file knows nothing of who lies here and what was taken from them: told again.
    pub(super) fn tell_stays_again(&mut self) {
        let beds = self.ward.beds().iter();
        let stays = beds.map(|bed| (bed.stay().from, bed.stay().told(&bed.setup.id)));
        let stays: Vec<(MonoTime, Identified)> = stays.collect();
        for (from, identified) in stays {
            let taken = self.charts.laboratory.specimens(&identified.admission);
            let taken: Vec<Specimen> = taken.cloned().collect();
            let of_score = self
                .charts
                .scores
                .told_again(&identified.bed, &identified.admission);
            let notes = self
                .charts
                .notes
                .told_again(&identified.bed, &identified.admission);
            self.event(from, Event::Identified(Box::new(identified)));
            for specimen in taken.into_iter().rev() {
                self.event(from, Event::SpecimenTaken(specimen));
            }
            for told in of_score.into_iter().chain(notes) {
                self.event(from, told);
            }
        }
        if let Some(handover) = self.charts.handovers.told_again() {
            self.event(self.clock.now(), handover);
        }
    }
}
