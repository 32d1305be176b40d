//! What persons find at the bedside and say of care, and what comes of it: each bed's score, computed once a second and on
//! each entry, and told where it got worse.
//!
//! - I9: what is entered is entered by a person, about the stay that the person saw, and stands in the audit.
//! - I1: an entry and what its score came to are recorded at once.

use std::time::Duration;

use vitals::score::care::{CareFact, CareTold};
use vitals::score::entry::{EntryId, Findings, Observed, What};
use vitals::score::news2::Spo2Scale;
use vitals::{AdmissionId, BedId, Event, MonoTime, Stamp, WallTime};

use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::clock::BUILT;
use crate::ward::{Moment, ScoredStay, ToTell};
use crate::web::{Finding, PatientError, ScoreRequest};
use alarms::Advised;

/// How often the scores are computed.
const COMPUTE_EVERY: Duration = Duration::from_secs(1);

impl Post {
    /// What people enter and say. The browser may be gone by now; what was said stands all the same.
    pub(super) fn of_scores(&mut self, request: ScoreRequest, now: MonoTime) {
        match request {
            ScoreRequest::Observe { finding, by, answer } => {
                let _ = answer.send(self.observe_told(*finding, &by, now));
            }
            ScoreRequest::Withdraw {
                bed,
                saw,
                entry,
                by,
                answer,
            } => {
                let _ = answer.send(self.withdraw_told(&bed, &saw, entry, &by, now));
            }
            ScoreRequest::Care {
                bed,
                saw,
                fact,
                by,
                answer,
            } => {
                let _ = answer.send(self.care_told(&bed, &saw, fact, &by, now));
            }
        }
    }

    fn observe_told(&mut self, finding: Finding, by: &By, now: MonoTime) -> Result<EntryId, PatientError> {
        let subject = self.subject_of(&finding.bed);
        let words = words_of(&finding.findings);
        let ago = match finding.minutes_ago {
            0 => String::new(),
            minutes => format!(", found {minutes} min before"),
        };
        let result = self.observe(finding, by, now);
        let did = Did {
            by,
            action: "observe",
            subject: match &result {
                Ok(entry) => format!("{subject} entry:{entry}"),
                Err(_) => subject,
            },
            before: None,
            after: Some(format!("{words}{ago}")),
            result: &result.as_ref().map(|_| ()).map_err(Clone::clone),
        };
        self.audit(did.into(), now);
        result
    }

    fn observe(&mut self, finding: Finding, by: &By, now: MonoTime) -> Result<EntryId, PatientError> {
        let Finding {
            bed,
            saw,
            findings,
            minutes_ago,
        } = finding;
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        findings.check()?;
        let ago_ns = u64::from(minutes_ago).saturating_mul(60_000_000_000);
        let found = now.as_ns().checked_sub(ago_ns).ok_or(PatientError::BeforeStart)?;
        let admission = self.present(&bed, &saw)?;
        let found = Stamp {
            boot: self.clock.boot(),
            mono: MonoTime::from_ns(found),
        };
        let entry = self.charts.scores.enter(&admission, findings, found, &by);
        let id = entry.id;
        self.observed(&bed, &admission, &by, What::Found(Box::new(entry)), now);
        self.entered(&bed, &by, now);
        Ok(id)
    }

    fn withdraw_told(
        &mut self,
        bed: &BedId,
        saw: &AdmissionId,
        entry: EntryId,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let subject = format!("{} entry:{entry}", self.subject_of(bed));
        let held = self.charts.scores.entry(saw, entry);
        let before = held.map(|held| words_of(&held.entry.findings));
        let result = self.withdraw(bed, saw, entry, by, now);
        let did = Did {
            by,
            action: "withdraw_observation",
            subject,
            before,
            after: Some("taken back".to_owned()),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn withdraw(
        &mut self,
        bed: &BedId,
        saw: &AdmissionId,
        entry: EntryId,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let admission = self.present(bed, saw)?;
        self.charts.scores.may_withdraw(&admission, entry)?;
        let what = What::Withdrawn(entry);
        self.charts.scores.observed(&Observed {
            bed: bed.clone(),
            admission: admission.clone(),
            by: by.clone(),
            what: what.clone(),
        });
        self.observed(bed, &admission, &by, what, now);
        self.entered(bed, &by, now);
        Ok(())
    }

    fn care_told(
        &mut self,
        bed: &BedId,
        saw: &AdmissionId,
        fact: CareFact,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let subject = self.subject_of(bed);
        let care = self.charts.scores.care(saw);
        let before = care.map(|care| match fact {
            CareFact::Pregnancy(_) => CareFact::Pregnancy(care.pregnancy()),
            CareFact::Scale(_) => CareFact::Scale(care.scale()),
            CareFact::Paced(_) => CareFact::Paced(care.is_paced()),
        });
        let result = self.say_of_care(bed, saw, fact, by, now);
        let did = Did {
            by,
            action: match fact {
                CareFact::Scale(_) => "set_spo2_scale",
                CareFact::Pregnancy(_) | CareFact::Paced(_) => "say_of_care",
            },
            subject,
            before: before.map(words_of_fact),
            after: Some(words_of_fact(fact)),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn say_of_care(
        &mut self,
        bed: &BedId,
        saw: &AdmissionId,
        fact: CareFact,
        by: &By,
        now: MonoTime,
    ) -> Result<(), PatientError> {
        let by = alarms::person(by.name())
            .ok_or(PatientError::NoPerson)?
            .to_owned();
        let admission = self.present(bed, saw)?;
        let said = Stamp {
            boot: self.clock.boot(),
            mono: now,
        };
        let told = CareTold {
            bed: bed.clone(),
            admission,
            by: by.clone(),
            said,
            fact,
        };
        self.charts.scores.care_told(&told);
        self.event(now, Event::CareTold(Box::new(told)));
        self.entered(bed, &by, now);
        Ok(())
    }

    fn observed(&mut self, bed: &BedId, admission: &AdmissionId, by: &str, what: What, now: MonoTime) {
        let observed = Observed {
            bed: bed.clone(),
            admission: admission.clone(),
            by: by.to_owned(),
            what,
        };
        self.event(now, Event::Observed(Box::new(observed)));
    }

    /// A person entered something about whoever lies in a bed.
    fn entered(&mut self, bed: &BedId, by: &str, now: MonoTime) {
        self.charts.changed(bed);
        self.changed_beds.insert(bed.clone());
        self.compute_score(bed, Some(by), now);
    }

    /// Time has passed.
    pub(super) fn compute_scores(&mut self, now: MonoTime) {
        if self
            .scored
            .is_some_and(|scored| now.since(scored) < COMPUTE_EVERY)
        {
            return;
        }
        self.scored = Some(now);
        for bed in self.beds.clone() {
            self.compute_score(&bed, None, now);
        }
    }

    fn compute_score(&mut self, bed: &BedId, by: Option<&str>, now: MonoTime) {
        let Some(found) = self.ward.bed(bed).filter(|found| !found.stay().vacant) else {
            return;
        };
        let (stay, category) = (found.stay(), found.category());
        let admission = stay.admission.clone();
        let (boot, believed) = (self.clock.boot(), self.time.believed(now));
        let anchors = &self.past.anchors;
        let age_of = |at: Stamp| {
            if at.boot == boot {
                return (at.mono <= now).then(|| now.since(at.mono));
            }
            let ns = believed?
                .as_unix_ns()
                .checked_sub(anchors.wall(at)?.as_unix_ns())?;
            u64::try_from(ns).ok().map(Duration::from_nanos)
        };
        let scored = ScoredStay {
            admission: &admission,
            category,
            born: stay.identity.born.as_ref().map(|born| born.reveal().as_str()),
        };
        let moment = Moment {
            now,
            age_of: &age_of,
            // A box that does not know the day makes nobody older than he is.
            today: day_of(believed.unwrap_or(BUILT)),
        };
        let came = self.charts.scores.compute(scored, moment, by);
        if came.changed {
            self.changed_beds.insert(bed.clone());
        }
        if let Some(stands) = came.stands {
            self.observed(bed, &admission, "", stands, now);
        }
        if let Some(to_tell) = came.advised {
            self.advise(bed, admission, to_tell, now);
        }
    }

    fn advise(&mut self, bed: &BedId, admission: AdmissionId, to_tell: ToTell, now: MonoTime) {
        let ToTell {
            score,
            priority,
            total,
            from,
        } = to_tell;
        let advised = Advised {
            score,
            bed: bed.clone(),
            admission,
            priority,
            total,
            from,
        };
        self.raise(now, |alarms, out| alarms.advise(&advised, now, out));
    }
}

/// What was found, as the audit tells it: `consciousness C; oxygen air; temp 36.8`.
fn words_of(findings: &Findings) -> String {
    let named = vitals::json::findings(findings).into_iter();
    let words = named.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name} {text}"),
        None => format!("{name} {value}"),
    });
    words.collect::<Vec<_>>().join("; ")
}

fn words_of_fact(fact: CareFact) -> String {
    match fact {
        CareFact::Pregnancy(pregnancy) => format!("pregnancy {}", pregnancy.key()),
        CareFact::Scale(Spo2Scale::One) => "SpO2 scale 1".to_owned(),
        CareFact::Scale(Spo2Scale::Two) => "SpO2 scale 2".to_owned(),
        CareFact::Paced(true) => "pacemaker".to_owned(),
        CareFact::Paced(false) => "no pacemaker".to_owned(),
    }
}

/// Year, month and day, in UTC.
fn day_of(wall: WallTime) -> (i32, u32, u32) {
    let at = jiff::Timestamp::from_millisecond(wall.as_unix_ms()).unwrap_or_default();
    let day = at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let part = |part: i8| u32::try_from(part).unwrap_or(1);
    (i32::from(day.year()), part(day.month()), part(day.day()))
}
