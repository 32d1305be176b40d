//! Signals that people pause, limits that they set, and advice about floods (I9): each is recorded and told to the audit.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vitals::alarm::{Inactivation, Resumed, SignalPlace};
use vitals::limits::{LimitsError, LimitsSet};
use vitals::{AlarmChange, BedId, Code, Decimal, Event, Limits, MonoTime};

use super::Post;
use super::audit::Did;
use crate::access::By;
use crate::web::live;
use crate::web::{LimitNow, LimitsNow, LimitsRefused, LimitsSetting, SignalRequest};
use alarms::{Floods, Lying, PauseError, Pauses, Pausing, Step};

/// What rests, and where alarms flood.
#[derive(Default)]
pub(super) struct Signals {
    pub pauses: Pauses,
    pub floods: Floods,
    /// Pauses that ended before their time, where no other has begun since.
    early: BTreeMap<SignalPlace, (Resumed, MonoTime)>,
}

/// Why a pause ended before its time is said for so long: whoever comes back to the screen because of the sound reads it.
const EARLY_END_SHOWN_FOR: Duration = Duration::from_secs(120);

impl Signals {
    /// What became of the signals of a place.
    fn turned(&mut self, place: &SignalPlace, what: &Inactivation, now: MonoTime) {
        match what {
            Inactivation::Enabled(
                why @ (Resumed::NewAlarm(_) | Resumed::AnotherPatient | Resumed::Restart),
            ) => {
                self.early.insert(place.clone(), (why.clone(), now));
            }
            Inactivation::Enabled(Resumed::ByPerson(_) | Resumed::TimeOver) | Inactivation::Paused { .. } => {
                self.early.remove(place);
            }
        }
    }

    /// Alarms took these steps; what of it is recorded.
    pub fn heard(&mut self, changes: &[AlarmChange]) -> Vec<Step> {
        changes.iter().for_each(|change| self.floods.heard(change));
        changes
            .iter()
            .flat_map(|change| self.pauses.heard(change))
            .collect()
    }
}

impl Post {
    /// What people at the post say and ask about signals and limits.
    pub(super) fn of_signals(&mut self, request: SignalRequest, now: MonoTime) {
        match request {
            SignalRequest::Pause { pausing, by, answer } => {
                let _ = answer.send(self.pause_told(pausing, &by, now));
            }
            SignalRequest::Resume { place, by, answer } => {
                let _ = answer.send(self.resume_told(&place, &by, now));
            }
            SignalRequest::SetLimits { setting, by, answer } => {
                let _ = answer.send(self.set_limits_told(&setting, &by, now));
            }
            SignalRequest::Limits { bed, answer } => {
                let _ = answer.send(self.limits_now(&bed));
            }
        }
    }

    fn pause_told(&mut self, pausing: Pausing, by: &By, now: MonoTime) -> Result<(), PauseError> {
        let (what, subject) = (pausing.what, self.place_told(&pausing.place));
        let open = self.alarms.open();
        let step = self.signals.pauses.pause(pausing, &open, by.name(), now);
        let result = step.map(|step| self.record_signals(vec![step], now));
        let did = Did {
            by,
            action: "pause_signals",
            subject,
            before: None,
            after: Some(what.key().to_owned()),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn resume_told(&mut self, place: &SignalPlace, by: &By, now: MonoTime) -> Result<(), PauseError> {
        let subject = self.place_told(place);
        let step = self.signals.pauses.resume(place, by.name());
        let result = step.map(|step| self.record_signals(vec![step], now));
        let did = Did {
            by,
            action: "resume_signals",
            subject,
            before: None,
            after: Some("enabled".to_owned()),
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn place_told(&self, place: &SignalPlace) -> String {
        place
            .as_ref()
            .map_or_else(|| "post".to_owned(), |bed| self.subject_of(bed))
    }

    /// Records what became of signals.
    pub(super) fn record_signals(&mut self, steps: Vec<Step>, now: MonoTime) {
        for (place, what) in steps {
            let bed = place.as_ref().map(BedId::as_str);
            match &what {
                Inactivation::Paused { what, .. } => {
                    tracing::info!(bed.id = bed, what = what.key(), "signals rest")
                }
                Inactivation::Enabled(why) => tracing::info!(bed.id = bed, why = why.key(), "signals are on"),
            }
            self.signals.turned(&place, &what, now);
            self.event(now, Event::Signals { place, what });
        }
    }

    /// At a start: what rested goes on as far as that can be known.
    pub(super) fn rest_again(&mut self, now: MonoTime) {
        let rested = std::mem::take(&mut self.past.rested).into_iter();
        let rested = rested.map(|(place, (what, is_this_boot))| (place, what, is_this_boot));
        let over = self
            .signals
            .pauses
            .restore(rested.collect(), &self.alarms.open(), now);
        self.record_signals(over, now);
    }

    /// Time passes.
    pub(super) fn tick_signals(&mut self, now: MonoTime) {
        self.signals.floods.tick(now);
        let early = &mut self.signals.early;
        early.retain(|_, (_, at)| now.since(*at) < EARLY_END_SHOWN_FOR);
        let over = self.signals.pauses.tick(now);
        self.record_signals(over, now);
    }

    /// Somebody else lies in a bed.
    pub(super) fn signals_of_another(&mut self, bed: &BedId, now: MonoTime) {
        self.signals.floods.stay_over(bed);
        let over = self.signals.pauses.stay_over(bed);
        self.record_signals(over.into_iter().collect(), now);
    }

    /// What rests and where alarms flood, for the pages.
    pub(super) fn signals_shown(&self) -> Arc<live::Signals> {
        let pauses = self.signals.pauses.in_force().map(|(place, pause)| live::Pause {
            bed: place.clone(),
            what: pause.what,
            until_ms: pause.until.map(MonoTime::as_ms),
            by: pause.by.clone(),
        });
        let floods = self.signals.floods.now().map(|(bed, onsets)| live::Flood {
            bed: bed.clone(),
            onsets,
            within_s: alarms::FLOOD_WITHIN.as_secs(),
        });
        let early_ends = self
            .signals
            .early
            .iter()
            .map(|(place, (why, at))| live::EarlyEnd {
                bed: place.clone(),
                why: why.key(),
                alarm: match why {
                    Resumed::NewAlarm(alarm) => Some(*alarm),
                    _ => None,
                },
                at_ms: at.as_ms(),
            });
        Arc::new(live::Signals {
            pauses: pauses.collect(),
            floods: floods.collect(),
            early_ends: early_ends.collect(),
        })
    }

    fn set_limits_told(
        &mut self,
        setting: &LimitsSetting,
        by: &By,
        now: MonoTime,
    ) -> Result<(), LimitsRefused> {
        let before = self.limits_told(&setting.bed, setting.code);
        let result = self.set_limits(setting, by.name(), now);
        let after = self.limits_told(&setting.bed, setting.code);
        let did = Did {
            by,
            action: "set_limits",
            subject: self.subject_of(&setting.bed),
            before,
            after,
            result: &result,
        };
        self.audit(did.into(), now);
        result
    }

    fn limits_told(&self, bed: &BedId, code: Code) -> Option<String> {
        let limits = self.ward.limits(self.ward.bed(bed)?, code);
        let side = |limit: Option<Decimal>| limit.map_or_else(|| "off".to_owned(), |limit| limit.to_string());
        Some(format!(
            "{} {} to {}",
            code.key(),
            side(limits.low),
            side(limits.high)
        ))
    }

    fn set_limits(&mut self, setting: &LimitsSetting, by: &str, now: MonoTime) -> Result<(), LimitsRefused> {
        let by = alarms::person(by).ok_or(LimitsRefused::NoPerson)?.to_owned();
        let bed = setting.bed.clone();
        let unknown = || LimitsRefused::UnknownBed(bed.clone());
        let known = self.ward.bed(&bed).ok_or_else(unknown)?;
        if known.stay().admission != setting.saw {
            return Err(LimitsRefused::OtherNow(bed));
        }
        let limits = match setting.limits {
            Some(limits) => Some(limits.checked(setting.code)?),
            None if Limits::preset(known.category(), setting.code) == Limits::default() => {
                return Err(LimitsError::NoLimits(setting.code).into());
            }
            None => None,
        };
        let set = LimitsSet {
            bed: bed.clone(),
            admission: setting.saw.clone(),
            code: setting.code,
            limits,
            by,
        };
        self.ward.limits_set(&set);
        self.event(now, Event::LimitsSet(Box::new(set)));
        if let Some(lying) = self.lying(&bed) {
            self.raise(now, |alarms, out| alarms.lies(&bed, lying, now, out));
        }
        self.changed_beds.insert(bed);
        Ok(())
    }

    /// Whoever lies in a bed, as it concerns alarms.
    pub(super) fn lying(&self, bed: &BedId) -> Option<Lying> {
        let (category, vacant) = self.ward.lying(bed)?;
        Some(Lying {
            category,
            vacant,
            limits: self.ward.own_limits(bed),
        })
    }

    pub(super) fn limits_now(&self, bed: &BedId) -> Result<LimitsNow, LimitsRefused> {
        let unknown = || LimitsRefused::UnknownBed(bed.clone());
        let known = self.ward.bed(bed).ok_or_else(unknown)?;
        let (own, category) = (self.ward.own_limits(bed), known.category());
        let mut codes: Vec<Code> = known.values.keys().chain(own.keys()).copied().collect();
        codes.sort_unstable();
        codes.dedup();
        let values = codes.into_iter().filter_map(|code| {
            let usual = Limits::preset(category, code);
            if usual == Limits::default() {
                return None;
            }
            let in_force = self.ward.limits(known, code);
            let value = known
                .values
                .get(&code)
                .and_then(|(_, latest)| latest.seen.measured.value());
            let row = code.info();
            Some(LimitNow {
                code,
                label: row.label,
                unit: row.ucum,
                in_force,
                usual,
                own: own.contains_key(&code),
                wider: in_force.are_wider_than(&usual),
                value: value.map(Decimal::trimmed),
                proposed: value.and_then(|value| Limits::proposed(category, code, value)),
            })
        });
        Ok(LimitsNow {
            admission: known.stay().admission.clone(),
            category,
            values: values.collect(),
        })
    }
}
