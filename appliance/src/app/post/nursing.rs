//! Notes about patients, and the ward handed from one shift to the next.
//!
//! - I9: who writes, hands over and takes over is a person, and that they did stands in the audit; what they wrote does not.
//! - I1: each of them is recorded at once.

use vitals::nursing::note_text;
use vitals::score::entry::EntryId;
use vitals::{AdmissionId, BedId, Event, Handover, HandoverAccepted, MonoTime, NoteWithdrawn, Stamp};

use super::super::view;
use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::ward::HeldHandover;
use crate::web::{
    Accepting, BedFacts, HandoverShown, NursingError, NursingRequest, PatientError, WardFacts, Writing,
};

impl Post {
    /// What people write and hand over. The browser may be gone by now; what was said stands all the same.
    pub(super) fn of_nursing(&mut self, request: NursingRequest, now: MonoTime) {
        match request {
            NursingRequest::Write { writing, by, answer } => {
                let _ = answer.send(self.write_told(&writing, &by, now));
            }
            NursingRequest::Withdraw {
                bed,
                saw,
                note,
                by,
                answer,
            } => {
                let _ = answer.send(self.take_note_back_told((&bed, &saw), note, &by, now));
            }
            NursingRequest::Facts { answer } => {
                let _ = answer.send(self.facts(now));
            }
            NursingRequest::Offer { handover, by, answer } => {
                let _ = answer.send(self.offer_told(*handover, &by, now));
            }
            NursingRequest::Handovers { whole, answer } => {
                let _ = answer.send(Ok(self.handovers_shown(whole)));
            }
            NursingRequest::Accept {
                accepting,
                by,
                answer,
            } => {
                let _ = answer.send(self.accept_told(&accepting, &by, now));
            }
        }
    }

    fn stamp(&self, now: MonoTime) -> Stamp {
        Stamp {
            boot: self.clock.boot(),
            mono: now,
        }
    }

    fn write_told(&mut self, writing: &Writing, by: &By, now: MonoTime) -> Result<EntryId, PatientError> {
        let subject = self.subject_of(&writing.bed);
        let result = self.write(writing, by, now);
        let did = Did {
            by,
            action: "write_note",
            subject: match &result {
                Ok(note) => format!("{subject} note:{note}"),
                Err(_) => subject,
            },
            before: None,
            after: None,
            result: &result.as_ref().map(|_| ()).map_err(Clone::clone),
        };
        self.audit(did.into(), now);
        result
    }

    fn write(&mut self, writing: &Writing, by: &By, now: MonoTime) -> Result<EntryId, PatientError> {
        let Writing { bed, saw, text } = writing;
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let text = note_text(text.reveal())?;
        let admission = self.present(bed, saw)?;
        let written = self.stamp(now);
        let note = self.charts.notes.write((bed, &admission), text, written, &by);
        let id = note.id;
        self.event(now, Event::NoteWritten(Box::new(note)));
        self.noted(bed);
        Ok(id)
    }

    fn take_note_back_told(
        &mut self,
        (bed, saw): (&BedId, &AdmissionId),
        note: EntryId,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let subject = format!("{} note:{note}", self.subject_of(bed));
        let result = self.take_note_back((bed, saw), note, by, now);
        let did = Did {
            by,
            action: "withdraw_note",
            subject,
            before: None,
            after: None,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn take_note_back(
        &mut self,
        (bed, saw): (&BedId, &AdmissionId),
        note: EntryId,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let admission = self.present(bed, saw)?;
        self.charts.notes.may_withdraw(&admission, note)?;
        let withdrawn = NoteWithdrawn {
            bed: bed.clone(),
            admission,
            note,
            by,
        };
        self.charts.notes.withdrawn(&withdrawn);
        self.event(now, Event::NoteWithdrawn(Box::new(withdrawn)));
        self.noted(bed);
        Ok(())
    }

    /// What the pages show of a bed's notes is another.
    fn noted(&mut self, bed: &BedId) {
        self.charts.changed(bed);
        self.changed_beds.insert(bed.clone());
    }

    fn facts(&self, now: MonoTime) -> Result<WardFacts, NursingError> {
        let occupied = self.ward.beds().iter().filter(|bed| !bed.stay().vacant);
        let facts = occupied.filter_map(|bed| {
            let id = &bed.setup.id;
            let admitted = self.charts.register.since(id);
            Some(BedFacts {
                patient: self.patient(id).ok()?,
                limits: self.limits_now(id).ok()?,
                admitted: admitted.and_then(|at| self.past.anchors.wall(at)),
            })
        });
        let beds: Vec<BedFacts> = facts.collect();
        if beds.is_empty() {
            return Err(NursingError::Empty);
        }
        let trust = self.time.anchor().trust;
        let now = self.stamp(now);
        Ok(WardFacts {
            now,
            wall: self.past.anchors.wall(now).map(|wall| (wall, trust)),
            beds,
        })
    }

    fn offer_told(&mut self, handover: Handover, by: &By, now: MonoTime) -> Result<EntryId, NursingError> {
        let beds = handover.beds.iter().map(|bed| format!(" bed:{}", bed.bed));
        let beds: String = beds.collect();
        let hours = handover.hours;
        let result = self.offer(handover, by, now);
        let did = Did {
            by,
            action: "hand_over",
            subject: match &result {
                Ok(id) => format!("handover:{id}{beds}"),
                Err(_) => beds.trim_start().to_owned(),
            },
            before: None,
            after: Some(format!("the last {hours} hours")),
            result: &result.as_ref().map(|_| ()).map_err(Clone::clone),
        };
        self.audit(did.into(), now);
        result
    }

    fn offer(&mut self, handover: Handover, by: &By, now: MonoTime) -> Result<EntryId, NursingError> {
        let name = alarms::person(by.name()).ok_or(NursingError::NoPerson)?;
        handover.check()?;
        if let Some(bed) = self.moved_since(&handover).first() {
            return Err(NursingError::OtherNow(bed.clone()));
        }
        let handover = self.charts.handovers.offer(Handover {
            by: name.to_owned(),
            by_id: by.id().to_owned(),
            offered: self.stamp(now),
            ..handover
        });
        let id = handover.id;
        self.event(now, Event::HandoverOffered(Box::new(handover)));
        Ok(id)
    }

    /// The beds of a handover in which somebody else lies now, or nobody, and those in which somebody lies of whom it says
    /// nothing.
    fn moved_since(&self, handover: &Handover) -> Vec<BedId> {
        let is_other = |bed: &&crate::ward::Bed| {
            let stay = bed.stay();
            let mut told = handover.beds.iter();
            match told.find(|told| told.bed == bed.setup.id) {
                Some(told) => stay.vacant || stay.admission != told.admission,
                None => !stay.vacant,
            }
        };
        let others = self.ward.beds().iter().filter(is_other);
        others.map(|bed| bed.setup.id.clone()).collect()
    }

    /// The beds about whose patient something was written, or taken back, after a handover was put together.
    fn noted_since(&self, handover: &Handover) -> Vec<BedId> {
        let is_later = |at: Stamp| {
            if at.boot == handover.made.boot {
                return at.mono > handover.made.mono;
            }
            let anchors = &self.past.anchors;
            // Of a time that nobody knows nobody can say that it was before.
            anchors
                .wall(at)
                .zip(anchors.wall(handover.made))
                .is_none_or(|(at, made)| at > made)
        };
        let beds = handover.beds.iter().filter(|bed| {
            let mut notes = self.charts.notes.of(&bed.admission);
            notes.any(|held| is_later(held.note.written))
        });
        beds.map(|bed| bed.bed.clone()).collect()
    }

    fn handovers_shown(&self, whole: Option<EntryId>) -> Vec<HandoverShown> {
        let (boot, anchors) = (self.clock.boot(), &self.past.anchors);
        let shown = |(place, held): (usize, &HeldHandover)| {
            let is_whole = whole == Some(held.handover.id);
            let shown = view::handover(held, is_whole, boot, anchors);
            if place > 0 || held.accepted.is_some() {
                return shown;
            }
            HandoverShown {
                open: true,
                moved: self.moved_since(&held.handover),
                noted: self.noted_since(&held.handover),
                ..shown
            }
        };
        self.charts.handovers.all().enumerate().map(shown).collect()
    }

    fn accept_told(&mut self, accepting: &Accepting, by: &By, now: MonoTime) -> Result<(), NursingError> {
        let id = accepting.handover;
        let held = self.charts.handovers.find(id);
        let before = held.map(|held| format!("handed over by {}", held.handover.by));
        let result = self.accept(accepting, by, now);
        let changed = accepting.told.iter().map(|bed| format!(" bed:{bed}"));
        let did = Did {
            by,
            action: "take_over",
            subject: format!("handover:{id}"),
            before,
            after: Some(match accepting.told.is_empty() {
                true => "taken over".to_owned(),
                false => format!("taken over, told of changes at{}", changed.collect::<String>()),
            }),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn accept(&mut self, accepting: &Accepting, by: &By, now: MonoTime) -> Result<(), NursingError> {
        let Accepting {
            handover: id,
            changed,
            told,
        } = accepting;
        let name = alarms::person(by.name()).ok_or(NursingError::NoPerson)?;
        let mut all = changed.clone();
        if let Some(held) = self.charts.handovers.find(*id) {
            all.extend(self.moved_since(&held.handover));
            all.extend(self.noted_since(&held.handover));
        }
        all.sort();
        all.dedup();
        self.charts.handovers.may_accept(*id, by.id(), (&all, told))?;
        let accepted = HandoverAccepted {
            handover: *id,
            by: name.to_owned(),
            by_id: by.id().to_owned(),
            changed: all,
        };
        self.charts.handovers.accepted(&accepted, self.stamp(now));
        self.event(now, Event::HandoverAccepted(Box::new(accepted)));
        Ok(())
    }
}
