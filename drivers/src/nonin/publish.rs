//! From what packets claim to what leaves the dialogue: confirmation, once a second, in a bounded queue.

use std::time::Duration;

use vitals::{AbsentReason, Code, MonoTime, Observation, Quality};

use super::wave::SampleCount;
use crate::confirm::{Confirm, Sample};
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

#[derive(Debug)]
pub(super) struct Publisher {
    steps: Steps,
    spo2: Channel,
    pr: Channel,
    samples: SampleCount,
}

/// The rhythm of a format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    /// Each value leaves at most once in this time.
    pub every: Duration,
    /// Two packets further apart than this do not confirm each other.
    pub pair_max: Duration,
}

#[derive(Debug)]
struct Channel {
    code: Code,
    confirm: Confirm,
    every: Duration,
    due: MonoTime,
}

impl Publisher {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            steps: Steps::default(),
            spo2: Channel::new(Code::Spo2, timing),
            pr: Channel::new(Code::Pr, timing),
            samples: SampleCount::default(),
        }
    }

    /// Begins with another format: nothing is confirmed any more, the samples are numbered on.
    pub(super) fn restart(&mut self, timing: Timing) {
        self.spo2 = Channel::new(Code::Spo2, timing);
        self.pr = Channel::new(Code::Pr, timing);
    }

    /// What a packet says about both values.
    pub(super) fn values(&mut self, now: MonoTime, spo2: Sample, pr: Sample, quality: Quality) {
        for step in [self.spo2.hear(now, spo2, quality), self.pr.hear(now, pr, quality)] {
            match step {
                Some(Step::Fault(fault)) => self.fault(fault),
                Some(step) => self.push(step),
                None => {}
            }
        }
    }

    /// What a packet says that must not be shown, but may confirm the next one.
    pub(super) fn note(&mut self, now: MonoTime, spo2: Sample, pr: Sample) {
        self.spo2.confirm.note(now, spo2);
        self.pr.confirm.note(now, pr);
    }

    /// The curve of a packet; `None` where it means nothing, which is a hole.
    pub(super) fn curve(&mut self, now: MonoTime, timer: u16, samples: Option<Vec<i16>>) {
        let empty = samples.is_none();
        let block = self.samples.block(now, timer, samples.unwrap_or_default());
        if !empty {
            self.push(Step::Saw(Seen::Wave(block)));
        }
    }

    pub(super) fn fault(&mut self, fault: LineFault) {
        self.steps.fault(fault);
    }

    pub(super) fn next(&mut self) -> Option<Step> {
        self.steps.take()
    }

    /// Forgets what waits, as if it had not been said; keeps what confirms.
    pub(super) fn discard(&mut self) {
        self.steps.clear();
        self.spo2.due = MonoTime::BOOT;
        self.pr.due = MonoTime::BOOT;
    }

    fn push(&mut self, step: Step) {
        self.steps.push(step);
    }
}

impl Channel {
    fn new(code: Code, timing: Timing) -> Self {
        Self {
            code,
            confirm: Confirm::new(code, timing.pair_max),
            every: timing.every,
            due: MonoTime::BOOT,
        }
    }

    fn hear(&mut self, now: MonoTime, sample: Sample, quality: Quality) -> Option<Step> {
        if !self.confirm.accepts(now, sample) {
            return Some(Step::Fault(LineFault::Unconfirmed));
        }
        if now < self.due {
            return None;
        }
        self.due = now + self.every;
        let seen = Observation {
            measured: sample.measured,
            ..Observation::absent(self.code, AbsentReason::NotMeasured)
        };
        // The quality speaks about a number; a reason needs none.
        let quality = match sample.measured.value() {
            Some(_) => quality,
            None => Quality::Good,
        };
        Some(Step::Saw(Seen::Vital(seen.with_quality(quality))))
    }
}
