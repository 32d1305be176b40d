//! When to ask: at the start, after silence, when a curve's channel is known, and when an alarm may have been lost.
//!
//! G12: Questions are never acknowledged; data is the only answer. What stays away is asked for again.

use std::time::Duration;

use vitals::{Code, MonoTime};

use super::request::{self, ALARMS_APART_S, WAVES_MAX};
use super::waves::{Channels, Of, WAVES};

/// Silence after which everything is asked for again; the vendor wants 10 to 15 s.
const SILENT_AFTER: Duration = Duration::from_secs(15);

/// Alarms come when they change: now and then it is asked whether one was lost.
const ALARMS_EVERY: Duration = Duration::from_secs(60);

/// After damage on the line, which may have been an alarm, they are asked for again, this far apart.
const ALARMS_APART: Duration = Duration::from_secs(ALARMS_APART_S);

/// How long after damage: what hit the line once may hit it again.
const ALARMS_SETTLE: Duration = Duration::from_secs(1);

/// The first level whose monitors may send alarms.
const ALARMS_FROM_LEVEL: u8 = 10;

/// What was asked and what came.
#[derive(Debug)]
pub(super) struct Ask {
    interval_s: u16,
    wanted: Vec<Code>,
    /// When everything was last asked for.
    asked: Option<MonoTime>,
    /// When displayed values last came, since everything was asked for.
    values: Option<MonoTime>,
    kinds: Vec<u8>,
    waves_asked: MonoTime,
    /// The types have changed since they were asked for.
    waves_changed: bool,
    /// When curves last came, ever.
    waves: Option<MonoTime>,
    asks_alarms: bool,
    alarms_due: Option<MonoTime>,
    alarms_asked: MonoTime,
}

/// What is to be done now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// To be sent, in this order.
    pub questions: Vec<Vec<u8>>,
    /// The monitor was asked before and its values stayed away.
    pub values_silent: bool,
    /// Curves came before and stay away.
    pub waves_silent: bool,
}

impl Ask {
    /// `interval_s` seconds between displayed values, these curves, and alarms where the monitor may send them.
    pub(super) fn new(interval_s: u16, wanted: Vec<Code>, asks_alarms: bool) -> Self {
        Self {
            interval_s,
            kinds: kinds(&wanted, &Channels::default()),
            wanted,
            asked: None,
            values: None,
            waves_asked: MonoTime::BOOT,
            waves_changed: false,
            waves: None,
            asks_alarms,
            alarms_due: None,
            alarms_asked: MonoTime::BOOT,
        }
    }

    /// What is due.
    pub(super) fn due(&mut self, now: MonoTime) -> Asked {
        let mut asked = Asked::default();
        if self.all_due().is_none_or(|at| now >= at) {
            asked.values_silent = self.asked.is_some();
            asked.questions.push(request::values(self.interval_s));
            self.asked = Some(now);
            self.values = None;
            // Another monitor may answer.
            self.alarms_due = None;
            asked.questions.extend(self.ask_waves(now));
            return asked;
        }
        if self.waves_changed || self.waves_due().is_some_and(|at| now >= at) {
            asked.waves_silent = self.waves.is_some() && !self.waves_changed;
            asked.questions.extend(self.ask_waves(now));
        }
        if self.alarms_due.is_some_and(|at| now >= at) {
            self.alarms_asked = now;
            self.alarms_due = Some(now + ALARMS_EVERY);
            asked.questions.push(request::alarms());
        }
        asked
    }

    /// When the next question is due.
    pub(super) fn next(&self, now: MonoTime) -> MonoTime {
        let dues = [self.all_due(), self.waves_due(), self.alarms_due];
        dues.into_iter().flatten().min().unwrap_or(now + SILENT_AFTER)
    }

    /// Displayed values came from a monitor of this level.
    pub(super) fn values_came(&mut self, now: MonoTime, level: u8) {
        self.values = Some(now);
        if self.asks_alarms && level >= ALARMS_FROM_LEVEL && self.alarms_due.is_none() {
            self.alarms_due = Some(now);
        }
    }

    /// Curves came.
    pub(super) fn waves_came(&mut self, now: MonoTime) {
        self.waves = Some(now);
    }

    /// What the channels carry is known better.
    pub(super) fn channels_are(&mut self, channels: &Channels) {
        let kinds = kinds(&self.wanted, channels);
        if kinds != self.kinds {
            self.kinds = kinds;
            self.waves_changed = true;
        }
    }

    /// Something was lost that may have been an alarm, or one must be read again.
    pub(super) fn alarm_in_doubt(&mut self, now: MonoTime) {
        if let Some(due) = &mut self.alarms_due {
            *due = (*due).min((self.alarms_asked + ALARMS_APART).max(now + ALARMS_SETTLE));
        }
    }

    fn ask_waves(&mut self, now: MonoTime) -> Option<Vec<u8>> {
        self.waves_asked = now;
        self.waves_changed = false;
        (!self.kinds.is_empty()).then(|| request::waves(&self.kinds))
    }

    fn all_due(&self) -> Option<MonoTime> {
        let interval = Duration::from_secs(u64::from(self.interval_s));
        let last = self.values.max(self.asked)?;
        Some(last + SILENT_AFTER.max(interval * 3))
    }

    fn waves_due(&self) -> Option<MonoTime> {
        let last = self
            .waves
            .map_or(self.waves_asked, |came| came.max(self.waves_asked));
        (!self.kinds.is_empty()).then(|| last + SILENT_AFTER)
    }
}

/// The types to ask for. A lead is looked for among the ECG's channels; a lead that is on none, or not yet known, is taken
/// to be on the first channel that is left. A pressure is asked for once its channel is known.
fn kinds(wanted: &[Code], channels: &Channels) -> Vec<u8> {
    let mut kinds: Vec<u8> = Vec::new();
    let carries = |code: Code, channel: Of| channels.code(channel) == Some(code);
    let (mut leads_left, mut leads) = (0, Vec::new());
    for code in wanted {
        let found = WAVES
            .iter()
            .find(|wave| carries(*code, wave.of))
            .map(|wave| wave.kind);
        match found {
            Some(kind) if is_lead(*code) => leads.push(kind),
            Some(kind) => kinds.push(kind),
            None if is_lead(*code) => leads_left += 1,
            None => {}
        }
    }
    let others = WAVES
        .iter()
        .filter(|wave| matches!(wave.of, Of::Ecg(_)))
        .map(|wave| wave.kind);
    let free: Vec<u8> = others
        .filter(|kind| !leads.contains(kind))
        .take(leads_left)
        .collect();
    leads.extend(free);
    // The ECG first: the monitor fills its samples in this order.
    leads.extend(kinds);
    leads.dedup();
    leads.truncate(WAVES_MAX);
    leads
}

/// The curve is an ECG lead.
pub(super) fn is_lead(code: Code) -> bool {
    (1..=7).any(|lead| super::labels::lead(lead) == Some(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_and_a_pressure_are_asked_for_where_they_are() {
        let wanted = [Code::EcgII, Code::Pleth, Code::AbpWave];
        assert_eq!(kinds(&wanted, &Channels::default()), [1, 8]);
        let mut channels = Channels {
            ecg: Some(0x0127),
            ..Channels::default()
        };
        channels.pressures[1] = Some(1);
        // Channel 1 is lead I, channel 2 lead II; the artery is P2.
        assert_eq!(kinds(&wanted, &channels), [2, 8, 5]);
        assert_eq!(kinds(&[Code::EcgAvf], &channels), [1]);
    }

    #[test]
    fn a_silent_monitor_is_asked_again_every_15_s_and_told_so() {
        let mut ask = Ask::new(5, vec![Code::Pleth], true);
        let mut log = Vec::new();
        for second in 0..60 {
            let now = MonoTime::from_ms(second * 1000);
            if second == 18 {
                ask.values_came(now, 8);
                ask.waves_came(now);
            }
            let asked = ask.due(now);
            if !asked.questions.is_empty() {
                log.push((second, asked.questions.len(), asked.values_silent));
            }
        }
        // The curves' 15 s are over together with those of the values.
        assert_eq!(log, [(0, 2, false), (15, 2, true), (33, 2, true), (48, 2, true)]);
    }

    #[test]
    fn curves_that_stopped_are_asked_for_alone() {
        let mut ask = Ask::new(5, vec![Code::Pleth], true);
        ask.due(MonoTime::BOOT);
        let mut asked = Vec::new();
        for second in 1..40 {
            let now = MonoTime::from_ms(second * 1000);
            ask.values_came(now, 8);
            if second == 10 {
                ask.waves_came(now);
            }
            let due = ask.due(now);
            asked.extend(
                due.questions
                    .iter()
                    .map(|question| (second, question.len(), due.waves_silent)),
            );
        }
        assert_eq!(asked, [(25, 75, true)]);
    }

    #[test]
    fn a_channel_that_is_known_at_last_is_asked_for_at_once() {
        let mut ask = Ask::new(5, vec![Code::Pleth, Code::AbpWave], true);
        ask.due(MonoTime::BOOT);
        let mut channels = Channels::default();
        channels.pressures[0] = Some(1);
        ask.channels_are(&channels);
        let now = MonoTime::from_ms(10_000);
        ask.values_came(now, 8);
        let due = ask.due(now);
        assert_eq!(
            (due.questions, due.waves_silent),
            (vec![request::waves(&[8, 4])], false)
        );
        assert_eq!(ask.due(now), Asked::default());
    }

    #[test]
    fn alarms_are_asked_for_from_level_10_on_and_again_after_damage() {
        let mut ask = Ask::new(5, Vec::new(), true);
        ask.due(MonoTime::BOOT);
        let mut asked = Vec::new();
        for second in 1..100 {
            let now = MonoTime::from_ms(second * 1000);
            ask.values_came(now, if second < 5 { 9 } else { 10 });
            if second == 20 || second == 23 {
                ask.alarm_in_doubt(now);
            }
            asked.extend(ask.due(now).questions.iter().map(|_| second));
        }
        assert_eq!(asked, [5, 21, 31, 91]);
    }
}
