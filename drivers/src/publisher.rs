//! From what a line says to what leaves the dialogue, for families whose lines have no checksum: confirmation of every
//! value and state, about once a second, in a bounded queue.
//!
//! - Values and reasons pass [`crate::confirm`], one [`Confirm`] per code.
//! - P1: The signal's weakness and the device's own alarms count when two samples in a row say the same, three on a
//!   disturbed line. Alarms leave when their list changes, the first time also when it is empty, and again when nothing
//!   could be shown for [`ALARMS_KNOWN_FOR`]: whoever shows them may have called them unknown meanwhile.

use std::time::Duration;

use vitals::alarm::{DEVICE_ALARM_CHARS_MAX, DEVICE_ALARMS_MAX};
use vitals::{
    AbsentReason, AlarmKind, Code, DeviceAlarm, Measured, MonoTime, Observation, Priority, Quality, WallTime,
};

use crate::confirm::{Confirm, LineNoise, Sample, Trust};
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// After a longer pause the list of alarms is told anew. Half of the shortest time after which a device is called silent.
pub const ALARMS_KNOWN_FOR: Duration = Duration::from_secs(5);

/// The rhythm of a family.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Each value leaves at most once in this time.
    pub every: Duration,
    /// Two samples further apart than this do not confirm each other.
    pub pair_max: Duration,
}

/// One value as a line says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it is about.
    pub code: Code,
    /// The value or the reason.
    pub measured: Measured,
    /// The bits from which it was read, with the flags that could have changed it.
    pub raw: u64,
    /// How far the line by itself can be believed; a disturbed line makes a plain sample doubtful.
    pub trust: Trust,
}

/// Everything that one device says on its way to the screen.
#[derive(Debug)]
pub struct Publisher {
    steps: Steps,
    timing: Timing,
    noise: LineNoise,
    channels: Vec<Channel>,
    weak: Settled<bool>,
    alarms: Settled<Vec<DeviceAlarm>>,
    /// When something was shown last, and whether a pause before it has taken the alarms away.
    shown: MonoTime,
    paused: bool,
}

#[derive(Debug)]
struct Channel {
    code: Code,
    confirm: Confirm,
    due: MonoTime,
}

impl Publisher {
    /// Nothing was said yet.
    pub fn new(timing: Timing) -> Self {
        Self {
            steps: Steps::default(),
            timing,
            noise: LineNoise::default(),
            channels: Vec::new(),
            weak: Settled::default(),
            alarms: Settled::default(),
            shown: MonoTime::BOOT,
            paused: false,
        }
    }

    /// Something that an undisturbed line does not do.
    pub fn disturbed(&mut self, now: MonoTime, fault: LineFault) {
        self.noise.fault(now);
        self.steps.fault(fault);
    }

    /// Something worth counting that says nothing about the line.
    pub fn fault(&mut self, fault: LineFault) {
        self.steps.fault(fault);
    }

    /// A value that may be shown, with the device's own time of it.
    pub fn value(&mut self, now: MonoTime, said: Said, clock: Option<WallTime>) {
        let sample = self.sample(now, said);
        let every = self.timing.every;
        let weak = self.weak.settled == Some(true);
        let channel = self.channel(said.code);
        if !channel.confirm.accepts(now, sample) {
            return self.steps.fault(LineFault::Unconfirmed);
        }
        if now < channel.due {
            return;
        }
        channel.due = now + every;
        // The quality speaks about a number; a reason needs none.
        let quality = match said.measured {
            Measured::Value(_) if weak => Quality::Questionable,
            _ => Quality::Good,
        };
        self.shown(now);
        self.steps.push(Step::Saw(Seen::Vital(Observation {
            measured: said.measured,
            quality,
            device_time: clock,
            ..Observation::absent(said.code, AbsentReason::NotMeasured)
        })));
    }

    fn shown(&mut self, now: MonoTime) {
        self.paused |= now.since(self.shown) > ALARMS_KNOWN_FOR;
        self.shown = now;
    }

    /// A value that must not be shown, but may confirm the next one.
    pub fn note(&mut self, now: MonoTime, said: Said) {
        let sample = self.sample(now, said);
        self.channel(said.code).confirm.note(now, sample);
    }

    /// Whether the device calls its signal weak or disturbed (P1).
    pub fn weak(&mut self, now: MonoTime, weak: bool) {
        let needed = self.needed(now);
        self.weak.hear(now, weak, needed, self.timing.pair_max);
    }

    /// The device's own alarms that are present (P1).
    pub fn alarms(&mut self, now: MonoTime, alarms: Vec<DeviceAlarm>) {
        let needed = self.needed(now);
        let changed = self.alarms.hear(now, alarms, needed, self.timing.pair_max);
        if let Some(list) = &self.alarms.settled
            && (changed || self.paused && self.alarms.stands())
        {
            self.steps.push(Step::Saw(Seen::Alarms(list.clone())));
            self.shown(now);
            self.paused = false;
        }
    }

    /// A finding that needs no confirmation.
    pub fn saw(&mut self, seen: Seen) {
        self.steps.push(Step::Saw(seen));
    }

    /// The oldest finding.
    pub fn take(&mut self) -> Option<Step> {
        self.steps.take()
    }

    fn sample(&self, now: MonoTime, said: Said) -> Sample {
        let trust = match said.trust {
            Trust::Plain if self.noise.is_noisy(now) => Trust::Doubtful,
            trust => trust,
        };
        Sample {
            measured: said.measured,
            trust,
            raw: said.raw,
        }
    }

    fn needed(&self, now: MonoTime) -> u32 {
        if self.noise.is_noisy(now) { 3 } else { 2 }
    }

    fn channel(&mut self, code: Code) -> &mut Channel {
        let place = match self.channels.iter().position(|channel| channel.code == code) {
            Some(place) => place,
            None => {
                self.channels.push(Channel {
                    code,
                    confirm: Confirm::new(code, self.timing.pair_max),
                    due: MonoTime::BOOT,
                });
                self.channels.len() - 1
            }
        };
        self.channels.get_mut(place).expect("it stands there")
    }
}

/// One entry of a list of alarms, its text cut to what a list may hold.
pub fn device_alarm(priority: Priority, kind: AlarmKind, text: &str) -> DeviceAlarm {
    DeviceAlarm {
        priority,
        kind,
        text: text.chars().take(DEVICE_ALARM_CHARS_MAX).collect(),
    }
}

/// The whole list as it leaves: the most urgent first, in the device's order within one priority, and not too long.
pub fn most_urgent_first(mut alarms: Vec<DeviceAlarm>) -> Vec<DeviceAlarm> {
    alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
    alarms.truncate(DEVICE_ALARMS_MAX);
    alarms
}

/// A state that changes only when it was said several times in a row (P1).
#[derive(Debug)]
struct Settled<T> {
    settled: Option<T>,
    waiting: Option<(MonoTime, T, u32)>,
}

impl<T> Default for Settled<T> {
    fn default() -> Self {
        Self {
            settled: None,
            waiting: None,
        }
    }
}

impl<T: PartialEq> Settled<T> {
    /// True when the state has changed with this.
    fn hear(&mut self, now: MonoTime, said: T, needed: u32, pair_max: Duration) -> bool {
        let times = match self.waiting.take() {
            Some((at, was, times)) if was == said && now.since(at) <= pair_max => times.saturating_add(1),
            _ => 1,
        };
        if times >= needed && self.settled.as_ref() != Some(&said) {
            self.settled = Some(said);
            return true;
        }
        self.waiting = Some((now, said, times));
        false
    }

    /// Whether the last sample said what counts.
    fn stands(&self) -> bool {
        self.waiting.as_ref().map(|(_, said, _)| said) == self.settled.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMING: Timing = Timing {
        every: Duration::from_millis(700),
        pair_max: Duration::from_millis(2500),
    };

    fn told(publisher: &mut Publisher) -> Vec<String> {
        std::iter::from_fn(|| publisher.take())
            .map(|step| match step {
                Step::Saw(Seen::Alarms(list)) => list
                    .iter()
                    .map(|alarm| alarm.text.clone())
                    .collect::<Vec<_>>()
                    .join("+"),
                Step::Saw(Seen::Vital(seen)) => format!("{:?} {:?}", seen.measured.value(), seen.quality),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn p1_alarms_leave_when_two_samples_agree_and_only_when_they_change() {
        let mut publisher = Publisher::new(TIMING);
        for (second, text) in ["a", "b", "a", "a", "a", "", "a", "", ""].into_iter().enumerate() {
            let list = text
                .chars()
                .map(|_| device_alarm(Priority::Low, AlarmKind::Technical, text))
                .collect();
            publisher.alarms(MonoTime::from_ms(second as u64 * 1000), list);
        }
        assert_eq!(told(&mut publisher), ["a", ""]);
    }

    #[test]
    fn p1_the_first_list_is_told_when_it_is_empty_and_each_list_again_after_a_pause() {
        let mut publisher = Publisher::new(TIMING);
        let said = Said {
            code: Code::Spo2,
            measured: Measured::Value(vitals::Decimal::whole(97)),
            raw: 97,
            trust: Trust::Redundant,
        };
        let mut lists = Vec::new();
        for second in [1, 2, 3, 4, 9, 10, 20, 21] {
            let now = MonoTime::from_ms(second * 1000);
            publisher.value(now, said, None);
            publisher.alarms(now, Vec::new());
            lists.extend(
                told(&mut publisher)
                    .iter()
                    .filter(|told| told.is_empty())
                    .map(|_| second),
            );
        }
        assert_eq!(lists, [2, 20]);
    }

    #[test]
    fn p1_a_single_weak_sample_does_not_make_a_value_questionable() {
        let mut publisher = Publisher::new(TIMING);
        let said = Said {
            code: Code::Spo2,
            measured: Measured::Value(vitals::Decimal::whole(97)),
            raw: 97,
            trust: Trust::Redundant,
        };
        let mut seen = String::new();
        for (second, weak) in [false, true, false, true, true, true].into_iter().enumerate() {
            let now = MonoTime::from_ms(second as u64 * 1000);
            publisher.weak(now, weak);
            publisher.value(now, said, None);
            let questionable = told(&mut publisher).concat().contains("Questionable");
            seen.push(if questionable { '?' } else { '.' });
        }
        assert_eq!(seen, "....??");
    }

    #[test]
    fn values_leave_once_a_second_however_many_come() {
        let mut publisher = Publisher::new(TIMING);
        for hundredth in 0..300 {
            let said = Said {
                code: Code::Spo2,
                measured: Measured::Value(vitals::Decimal::whole(97)),
                raw: 97,
                trust: Trust::Redundant,
            };
            publisher.value(MonoTime::from_ms(hundredth * 10), said, None);
        }
        assert_eq!(told(&mut publisher).len(), 5);
    }

    #[test]
    fn a_list_of_alarms_begins_with_the_most_urgent_and_is_bounded() {
        let alarm = |priority, text: &str| device_alarm(priority, AlarmKind::Technical, text);
        let list = most_urgent_first(vec![alarm(Priority::Low, "a"), alarm(Priority::High, "b")]);
        assert_eq!(list.first().unwrap().text, "b");
        let many = vec![alarm(Priority::Low, &"x".repeat(200)); 100];
        let many = most_urgent_first(many);
        assert_eq!(many.len(), DEVICE_ALARMS_MAX);
        assert!(
            many.iter()
                .all(|alarm| alarm.text.len() == DEVICE_ALARM_CHARS_MAX)
        );
    }
}
