//! From what records claim to what leaves the dialogue: confirmation, and a word when a measurement is over.
//!
//! G4: Every vital goes through [`Confirm`]; the heart rate counts at once where the record says it at two places.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::{AbsentReason, Code, Measured, MonoTime, Observation, Quality, WallTime};

use super::record::Class;
use super::values::Claim;
use crate::confirm::{Confirm, Sample, Trust};
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Each value leaves at most once in this time: less than a second, because records come with jitter.
const EVERY: Duration = Duration::from_millis(700);

/// The values of a monitor, each with what was said last.
#[derive(Debug)]
pub(super) struct Publisher {
    channels: BTreeMap<Code, Channel>,
    pair_max: Duration,
}

#[derive(Debug)]
struct Channel {
    confirm: Confirm,
    class: Class,
    due: MonoTime,
    /// A number of it was shown, so its end must be shown as well.
    was_shown: bool,
}

/// What holds for all claims of a record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub now: MonoTime,
    pub trust: Trust,
    /// The monitor's time of the values, where it can be believed.
    pub device_time: Option<WallTime>,
}

impl Publisher {
    /// `interval` is how often records are asked for; one of them may be lost between two that confirm each other.
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            channels: BTreeMap::new(),
            pair_max: interval * 2 + Duration::from_secs(1),
        }
    }

    /// Takes the claims of a record with these classes.
    pub(super) fn hear(&mut self, at: Circumstances, classes: &[Class], claims: &[Claim], out: &mut Steps) {
        for claim in claims {
            self.claim(at, *claim, out);
        }
        // What is no longer measured: its group is off, or has another label.
        let ended: Vec<Claim> = self
            .channels
            .iter()
            .filter(|(code, channel)| {
                classes.contains(&channel.class) && claims.iter().all(|claim| claim.code != **code)
            })
            .map(|(code, channel)| Claim {
                code: *code,
                class: channel.class,
                measured: Measured::Absent(AbsentReason::NotMeasured),
                quality: Quality::Good,
                raw: 0,
                said_twice: false,
            })
            .collect();
        for claim in ended {
            self.claim(at, claim, out);
        }
    }

    fn claim(&mut self, at: Circumstances, claim: Claim, out: &mut Steps) {
        let pair_max = self.pair_max;
        let channel = self.channels.entry(claim.code).or_insert_with(|| Channel {
            confirm: Confirm::new(claim.code, pair_max),
            class: claim.class,
            due: MonoTime::BOOT,
            was_shown: false,
        });
        let sample = Sample {
            measured: claim.measured,
            trust: if claim.said_twice {
                Trust::Redundant
            } else {
                at.trust
            },
            raw: claim.raw,
        };
        if !channel.confirm.accepts(at.now, sample) {
            out.fault(LineFault::Unconfirmed);
            return;
        }
        channel.class = claim.class;
        channel.was_shown |= claim.measured.value().is_some();
        let idle = claim.measured.reason().is_some() && !channel.was_shown && !always_told(claim);
        if idle || at.now < channel.due {
            return;
        }
        channel.due = at.now + EVERY;
        out.push(Step::Saw(Seen::Vital(Observation {
            measured: claim.measured,
            device_time: at.device_time,
            ..Observation::absent(claim.code, AbsentReason::NotMeasured).with_quality(claim.quality)
        })));
    }
}

/// Reasons that matter although there never was a number: somebody must look at a sensor. The rest of what a monitor can
/// measure and does not would only fill the screen.
fn always_told(claim: Claim) -> bool {
    let looked_for = matches!(claim.code, Code::Hr | Code::Spo2 | Code::EtCo2);
    let reason = claim.measured.reason();
    let asks_for_help = matches!(reason, Some(AbsentReason::ProbeOff | AbsentReason::SensorFault));
    looked_for && reason != Some(AbsentReason::NotMeasured) || asks_for_help
}
