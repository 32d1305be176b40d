//! One condition at one place, from the first doubt to its end: the state machine (alarms.md section 4).
//!
//! ```text
//! pending --delay over--> active --acknowledge--> acknowledged --gone--> ended
//!    |                     | ^ |                       |
//!    |                     | | `<--worse, or reminder--'
//!    |                     | \--gone, latching--> latched --acknowledge, or it begins again (a new alarm)--> ended
//!    `--not any more--> -  `--gone--> ended --again within same_alarm_within--> active (same id)
//! ```
//!
//! - A11: a step that time brings is dated when it was due, and taken before the next look: what becomes of an alarm does not
//!   depend on how often time is told to pass, nor on what is handed in together.

use std::time::Duration;

use vitals::alarm::{AlarmKind, Rule};
use vitals::code::CodeKind;
use vitals::{
    AdmissionId, AlarmChange, AlarmPhase, BedId, Condition, Decimal, MonoTime, Priority, Side, SiteTrouble,
};

use super::advisory::is_moment;
use super::monitor::has_more;
use super::recall::{Answered, Recalled, Why};
use super::sense::{Sense, Sensed, UNSEEN_FOR_MAX};
use super::{AcknowledgeError, Issuer, Place};

/// Looks come about once a second, so a delay is over to within half of that. It is only ever over at a look that
/// sees the condition hold: time alone announces nothing.
const HALF_A_LOOK: Duration = Duration::from_millis(500);

/// An alarm that nobody can judge any more ends after this: a technical one, and an acknowledged one about a continuous
/// value, in whose place the technical alarm about the missing value stands.
const UNKNOWN_ENDS_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Instance {
    key: (Place, Condition),
    rule: Rule,
    /// When the present run of the condition began.
    holds_since: MonoTime,
    /// The last look that said anything but [`Sense::Unknown`].
    last_known: MonoTime,
    /// As the last look had it.
    unseen_for_max: Duration,
    /// Since when every look said [`Sense::Gone`].
    gone_since: Option<MonoTime>,
    /// The delay runs.
    pending: bool,
    /// The alarm as last told; its phase is `Ended` while it may still come back as the same alarm.
    alarm: Option<AlarmChange>,
    /// When it was last announced.
    announced: MonoTime,
    /// When it came back as the same alarm after it had been over.
    returned: Option<MonoTime>,
    /// Its last acknowledgement.
    answered: Option<Answered>,
    /// It calls again although somebody had acknowledged it.
    recalled: Option<Recalled>,
}

/// What time brings to an open alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// The condition has been gone for long enough.
    Gone,
    /// Nobody has been able to judge it for too long.
    Unknown,
    /// Nobody has come: it is more urgent now.
    Raised(Priority),
    /// Acknowledged long ago, and it still holds.
    Reminder,
}

impl Instance {
    pub fn pending(key: (Place, Condition), rule: Rule, now: MonoTime) -> Instance {
        Instance {
            key,
            rule,
            holds_since: now,
            last_known: now,
            unseen_for_max: UNSEEN_FOR_MAX,
            gone_since: None,
            pending: false,
            alarm: None,
            announced: now,
            returned: None,
            answered: None,
            recalled: None,
        }
    }

    /// An alarm from before a restart, which keeps the priority that it had.
    pub fn restored(alarm: AlarmChange, rule: Rule, now: MonoTime) -> Instance {
        let place = Place {
            bed: alarm.bed.clone(),
            device: alarm.device.clone(),
        };
        let rule = Rule {
            priority: alarm.priority,
            ..rule
        };
        let answered = (alarm.phase == AlarmPhase::Acknowledged).then_some(Answered {
            at: now,
            worst: alarm.value,
            worse_since: None,
        });
        Instance {
            // The time of its last step is of an earlier boot, perhaps.
            alarm: Some(AlarmChange {
                at: alarm.at.min(now),
                ..alarm.clone()
            }),
            answered,
            ..Instance::pending((place, alarm.condition), rule, now)
        }
    }

    /// The alarm, while it is not over.
    pub fn open(&self) -> Option<&AlarmChange> {
        self.alarm
            .as_ref()
            .filter(|alarm| alarm.phase != AlarmPhase::Ended)
    }

    /// When the alarm came back after it had been over; `None` = it never was, or that was before this start.
    pub fn returned(&self) -> Option<MonoTime> {
        self.returned
    }

    /// Why it calls although somebody had acknowledged it; `None` = nobody had, or somebody has again.
    pub fn recalled(&self) -> Option<Recalled> {
        self.recalled
    }

    /// When an acknowledged alarm calls again if its condition then still holds; `None` = it does not.
    pub fn calls_again(&self) -> Option<MonoTime> {
        let alarm = self
            .open()
            .filter(|alarm| alarm.phase == AlarmPhase::Acknowledged)?;
        let rule = Rule {
            priority: alarm.priority,
            ..self.rule
        };
        Some(self.answered.as_ref()?.at + rule.remind_after()?)
    }

    /// Takes a look in; false when nothing is left to remember.
    pub fn sense(
        &mut self,
        issuer: &mut Issuer,
        sensed: &Sensed,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) -> bool {
        // A latched alarm is about what was: a condition that begins again is another alarm.
        if self
            .open()
            .is_some_and(|alarm| alarm.phase != AlarmPhase::Latched)
        {
            self.sense_open(sensed, now);
            self.say_again(sensed, now, out);
            self.note_worse(sensed, now, out);
        } else {
            self.sense_closed(issuer, sensed, now, out);
        }
        self.tick(now, out)
    }

    fn sense_closed(
        &mut self,
        issuer: &mut Issuer,
        sensed: &Sensed,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) {
        match sensed.sense {
            Sense::Holds => {
                // A delay that nobody saw run has been stopped by time (A11).
                if !self.pending {
                    self.holds_since = now;
                }
                self.pending = true;
                self.last_known = now;
                self.unseen_for_max = sensed.unseen_for_max;
                if now.since(self.holds_since) + HALF_A_LOOK >= self.rule.delay {
                    self.raise(issuer, sensed, now, out);
                }
            }
            Sense::Wavers | Sense::Gone => self.pending = false,
            Sense::Unknown if now.since(self.last_known) > sensed.absent_for_max => self.pending = false,
            Sense::Unknown => {}
        }
    }

    fn sense_open(&mut self, sensed: &Sensed, now: MonoTime) {
        match sensed.sense {
            Sense::Holds | Sense::Wavers => {
                self.last_known = now;
                self.gone_since = None;
                self.note_worst(sensed.value);
            }
            Sense::Gone => {
                self.last_known = now;
                self.gone_since.get_or_insert(now);
            }
            Sense::Unknown => self.gone_since = None,
        }
    }

    /// A further critical laboratory result of the same specimen and test is announced as the first one was (A7), and so
    /// is a score that got worse (A20) and a further alarm of a monitor (A22).
    fn say_again(&mut self, sensed: &Sensed, now: MonoTime, out: &mut Vec<AlarmChange>) {
        let (Sense::Holds, Some(alarm)) = (sensed.sense, self.alarm.as_mut()) else {
            return;
        };
        let is_news = match self.key.1 {
            Condition::Monitor { .. } => has_more(&alarm.text, &sensed.text),
            ref condition => is_moment(condition),
        };
        if is_news {
            alarm.value = sensed.value;
            alarm.limit = sensed.limit;
            alarm.unit.clone_from(&sensed.unit);
            alarm.text.clone_from(&sensed.text);
            self.announce_again(now, out);
        }
    }

    /// The alarm's value is the worst since it began; it is announced with the next change, not with each one.
    fn note_worst(&mut self, value: Option<Decimal>) {
        let condition = self.key.1;
        if let (Some(value), Some(alarm)) = (value, self.alarm.as_mut()) {
            let worse_of = |known: Decimal| match condition {
                Condition::Limit { side: Side::High, .. } => known.max(value),
                // The page shows how warm the fridge is, not how warm it was.
                Condition::Site { .. } | Condition::LabCritical { .. } | Condition::Score { .. } => value,
                _ => known.min(value),
            };
            alarm.value = Some(alarm.value.map_or(value, worse_of));
        }
    }

    /// Time passes: what is gone ends. False when nothing is left to remember.
    pub fn tick(&mut self, now: MonoTime, out: &mut Vec<AlarmChange>) -> bool {
        self.tick_open(now, out);
        if self.open().is_some() {
            return true;
        }
        if now.since(self.last_known) > self.unseen_for_max {
            self.pending = false;
        }
        let may_return = self
            .alarm
            .as_ref()
            .is_some_and(|ended| now.since(ended.at) < self.rule.same_alarm_within);
        if !may_return {
            self.alarm = None;
        }
        self.pending || may_return
    }

    fn tick_open(&mut self, now: MonoTime, out: &mut Vec<AlarmChange>) {
        while let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= now) {
            match due {
                Due::Gone if self.rule.latching && self.is_in(AlarmPhase::Active) => {
                    self.turn(AlarmPhase::Latched, at, out);
                }
                Due::Gone | Due::Unknown => self.turn(AlarmPhase::Ended, at, out),
                Due::Raised(priority) => {
                    if let Some(alarm) = self.alarm.as_mut() {
                        alarm.priority = priority;
                    }
                    self.turn(AlarmPhase::Active, at, out);
                }
                Due::Reminder => self.recall(Why::StillThere, at, out),
            }
        }
    }

    /// What time brings next to the open alarm, and when.
    fn next_due(&self) -> Option<(MonoTime, Due)> {
        let alarm = self.open()?;
        if alarm.phase == AlarmPhase::Latched {
            return None;
        }
        let unknown_for_max = match self.key.1 {
            Condition::Site { .. } => self.unseen_for_max.max(UNKNOWN_ENDS_AFTER),
            _ => UNKNOWN_ENDS_AFTER,
        };
        let unknown =
            (self.ends_unknown(alarm.phase)).then(|| (self.last_known + unknown_for_max, Due::Unknown));
        let gone = self
            .gone_since
            .map(|since| (since + self.rule.clear_after, Due::Gone));
        let raised = self
            .rule
            .raised_to
            .filter(|(to, _)| *to > alarm.priority && self.is_in(AlarmPhase::Active));
        let raised = raised.map(|(to, after)| (self.announced + after, Due::Raised(to)));
        let reminder = self.calls_again().map(|at| (at, Due::Reminder));
        [gone, unknown, raised, reminder]
            .into_iter()
            .flatten()
            // An acknowledgement may make something due that was long past.
            .map(|(at, due)| (at.max(alarm.at), due))
            .min_by_key(|(at, _)| *at)
    }

    fn is_in(&self, phase: AlarmPhase) -> bool {
        self.alarm.as_ref().is_some_and(|alarm| alarm.phase == phase)
    }

    /// An acknowledged alarm whose value has become worse by a step, for as long as its delay, is announced again.
    fn note_worse(&mut self, sensed: &Sensed, now: MonoTime, out: &mut Vec<AlarmChange>) {
        let condition = self.key.1;
        let acknowledged = self.is_in(AlarmPhase::Acknowledged);
        let (true, Some(answered), Some(by)) = (acknowledged, self.answered.as_mut(), self.rule.worsens_by)
        else {
            return;
        };
        let is_worse = match (sensed.sense, sensed.value, answered.worst) {
            (Sense::Holds, Some(value), Some(worst)) => match condition {
                Condition::Limit { side: Side::High, .. } => value >= worst.plus(by),
                _ => value <= worst.plus(by.negated()),
            },
            // One lost look is bridged, as at the onset.
            (Sense::Unknown, ..) if now.since(self.last_known) <= sensed.absent_for_max => return,
            _ => false,
        };
        if !is_worse {
            answered.worse_since = None;
            return;
        }
        let since = *answered.worse_since.get_or_insert(now);
        if now.since(since) + HALF_A_LOOK >= self.rule.delay {
            self.recall(Why::Worse, now, out);
        }
    }

    /// What somebody had acknowledged calls again.
    fn recall(&mut self, why: Why, at: MonoTime, out: &mut Vec<AlarmChange>) {
        let acknowledged = self.answered.as_ref().map(|answered| answered.at);
        self.announce_again(at, out);
        self.recalled = acknowledged.map(|acknowledged| Recalled { acknowledged, why });
    }

    /// The same alarm calls again, and nobody has answered that yet.
    fn announce_again(&mut self, at: MonoTime, out: &mut Vec<AlarmChange>) {
        (self.answered, self.recalled) = (None, None);
        self.announced = at;
        if let Some(alarm) = self.alarm.as_mut() {
            alarm.onsets += 1;
            alarm.acknowledged_by = None;
        }
        self.turn(AlarmPhase::Active, at, out);
    }

    fn ends_unknown(&self, phase: AlarmPhase) -> bool {
        match self.key.1 {
            // A start is when nobody can say it; a minute later somebody can.
            Condition::NoScreenWithSound => false,
            Condition::Monitor { .. } => true,
            // A fridge that was too warm is not well because its sensor fell silent.
            Condition::Site { trouble, .. } => trouble == SiteTrouble::Missing,
            _ if self.rule.kind == AlarmKind::Technical => true,
            Condition::Limit { code, .. } if code.info().kind == CodeKind::Intermittent => false,
            _ => phase == AlarmPhase::Acknowledged,
        }
    }

    fn raise(&mut self, issuer: &mut Issuer, sensed: &Sensed, now: MonoTime, out: &mut Vec<AlarmChange>) {
        self.pending = false;
        self.gone_since = None;
        self.announced = now;
        (self.answered, self.recalled) = (None, None);
        match self.alarm.as_mut() {
            Some(latched) if latched.phase == AlarmPhase::Latched => self.turn(AlarmPhase::Ended, now, out),
            Some(ended) => {
                ended.priority = self.rule.priority;
                ended.text.clone_from(&sensed.text);
                self.returned = Some(now);
                return self.announce_again(now, out);
            }
            None => {}
        }
        self.returned = None;
        let alarm = issuer.issue(&self.key, self.rule.priority, sensed, self.holds_since, now);
        out.push(alarm.clone());
        self.alarm = Some(alarm);
    }

    /// A person acknowledges (A3).
    pub fn acknowledge(
        &mut self,
        by: &str,
        now: MonoTime,
        out: &mut Vec<AlarmChange>,
    ) -> Result<(), AcknowledgeError> {
        let Some(alarm) = self.alarm.as_mut() else {
            return Ok(());
        };
        if alarm.phase == AlarmPhase::Acknowledged {
            return Err(AcknowledgeError::Already {
                by: alarm.acknowledged_by.clone().unwrap_or_default(),
            });
        }
        alarm.acknowledged_by = Some(by.to_owned());
        self.recalled = None;
        self.answered = Some(Answered {
            at: now,
            worst: alarm.value,
            worse_since: None,
        });
        let is_over = alarm.phase == AlarmPhase::Latched || is_moment(&self.key.1);
        self.turn(
            if is_over {
                AlarmPhase::Ended
            } else {
                AlarmPhase::Acknowledged
            },
            now,
            out,
        );
        Ok(())
    }

    /// It ends now, whatever still holds; `by` = whose word ended it.
    pub fn end(&mut self, by: Option<&str>, now: MonoTime, out: &mut Vec<AlarmChange>) {
        if self.open().is_none() {
            return;
        }
        if let (Some(alarm), Some(by)) = (self.alarm.as_mut(), by) {
            alarm.acknowledged_by.get_or_insert_with(|| by.to_owned());
        }
        self.turn(AlarmPhase::Ended, now, out);
    }

    /// Nothing will say any more whether it holds: it ends, or stays for a person where it does so in any case. False when
    /// nothing is left to remember.
    pub fn unattended(&mut self, now: MonoTime, out: &mut Vec<AlarmChange>) -> bool {
        self.pending = false;
        match self.open().map(|alarm| alarm.phase) {
            Some(AlarmPhase::Latched) => true,
            Some(AlarmPhase::Active) if self.rule.latching => {
                self.turn(AlarmPhase::Latched, now, out);
                true
            }
            _ => {
                self.end(None, now, out);
                false
            }
        }
    }

    /// Whose stay it is about.
    pub fn admission(&self) -> Option<&AdmissionId> {
        self.alarm.as_ref().and_then(|alarm| alarm.admission.as_ref())
    }

    /// Whether it goes along with this stay: a laboratory result's, and a score's.
    pub fn goes_with(&self, admission: &AdmissionId) -> bool {
        is_moment(&self.key.1) && self.admission() == Some(admission)
    }

    /// From now on it is at least this urgent.
    pub fn at_least(&mut self, priority: Priority) {
        self.rule.priority = self.rule.priority.max(priority);
        if let Some(alarm) = self.alarm.as_mut() {
            alarm.priority = self.rule.priority;
        }
    }

    /// Its patient lies in another bed now: the same alarm goes on there. Returns where it is from now on.
    pub fn move_to(&mut self, bed: &BedId, now: MonoTime, out: &mut Vec<AlarmChange>) -> (Place, Condition) {
        self.key.0.bed = Some(bed.clone());
        if let Some(alarm) = self.alarm.as_mut() {
            alarm.bed = Some(bed.clone());
        }
        if let Some(phase) = self.open().map(|alarm| alarm.phase) {
            self.turn(phase, now, out);
        }
        self.key.clone()
    }

    fn turn(&mut self, phase: AlarmPhase, now: MonoTime, out: &mut Vec<AlarmChange>) {
        if let Some(alarm) = self.alarm.as_mut() {
            alarm.phase = phase;
            alarm.change += 1;
            alarm.at = now;
            out.push(alarm.clone());
        }
    }
}
