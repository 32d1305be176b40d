//! Confirmation of what a weakly protected line says: a jump must be seen twice in a row before it is shown.
//!
//! Families whose frames can be wrong without a checksum noticing (no checksum, an 8-bit sum, Modbus TCP) pass every
//! value of a patient through a [`Confirm`] of its own. Rules:
//!
//! - C1: A value within [`step`] of the last accepted one is accepted at once.
//! - C2: Anything else (a jump, a value after a reason, a reason after a value, the first of all) must be said by two
//!   samples in a row. The two may differ by a step, or by two when a value was accepted before: a real jump is often
//!   still under way.
//!   A reason hangs on single bits, so it must come from exactly the same bits both times.
//!   Meanwhile the old value is neither repeated nor replaced: it ages on the screen. Cost: one sample of delay.
//! - C3: On a line that is visibly disturbed ([`LineNoise`]) and for a sample that is odd in itself, C1 and the two
//!   steps do not hold. Every bit that a sample was read from, flags included, must be the same as in the sample
//!   before; for a jump, or when nothing was accepted lately, the same three times in a row.
//! - C4: What was accepted vouches for [`ACCEPTED_FOR`] only; after a longer silence everything is a jump.

use std::time::Duration;

use vitals::{Code, Decimal, Measured, MonoTime};

/// How long an accepted sample makes a similar one believable (C4).
pub const ACCEPTED_FOR: Duration = Duration::from_secs(10);

/// The line counts as disturbed while its last [`NOISY_FAULTS`] faults lie within this time.
pub const NOISY_FOR: Duration = Duration::from_secs(30);

/// How many faults within [`NOISY_FOR`] make a line disturbed. One glitch in half a minute is normal.
pub const NOISY_FAULTS: usize = 3;

/// The largest change between two samples that is accepted without a second look, in the unit of the code.
///
/// About the accuracy that makers state for the measurement (SpO2 2 %, pulse 3 /min), so that what slips through C1 is
/// no further from the truth than the device itself; for the ECG's rate, which is averaged less, 5 /min.
pub fn step(code: Code) -> Decimal {
    match code {
        Code::Spo2 | Code::CvpMean | Code::FiO2 => Decimal::whole(2),
        Code::Hr => Decimal::whole(5),
        Code::Pr | Code::PrNibp | Code::PrAbp => Decimal::whole(3),
        Code::Rr | Code::RrImpedance | Code::RrCo2 | Code::RrAirway | Code::EtCo2 => Decimal::whole(3),
        Code::NibpSys | Code::NibpDia | Code::NibpMean => Decimal::whole(0),
        Code::AbpSys | Code::AbpDia | Code::AbpMean => Decimal::whole(5),
        Code::Temp
        | Code::TempBody
        | Code::TempCore
        | Code::TempSkin
        | Code::TempRect
        | Code::TempOral
        | Code::TempTymp
        | Code::TempAxil => Decimal::new(2, 1),
        Code::MinuteVolume => Decimal::new(5, 1),
        Code::TidalVolume => Decimal::whole(30),
        Code::Peep => Decimal::whole(1),
        Code::PeakPressure => Decimal::whole(3),
        Code::Pi => Decimal::new(5, 1),
        Code::EcgI
        | Code::EcgII
        | Code::EcgIII
        | Code::EcgAvr
        | Code::EcgAvl
        | Code::EcgAvf
        | Code::EcgV
        | Code::Pleth
        | Code::RespWave
        | Code::AbpWave
        | Code::CvpWave
        | Code::Co2Wave
        | Code::AirwayPressureWave
        | Code::AirwayFlowWave => Decimal::whole(0),
    }
}

/// How far one sample can be believed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The sample holds the same fact several times and they agree: accepted at once.
    Redundant,
    /// An ordinary sample: C1 and C2.
    Plain,
    /// A sample from a disturbed line, or one that is odd in itself: C3.
    Doubtful,
}

/// One sample, as it is to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The value or the reason.
    pub measured: Measured,
    /// How far to believe it.
    pub trust: Trust,
    /// The bits from which it was read, with the flags that could have changed it: compared by C3.
    pub raw: u64,
}

/// The confirmation of one value of one device.
#[derive(Clone, Debug)]
pub struct Confirm {
    step: Decimal,
    pair_max: Duration,
    accepted: Option<(MonoTime, Sample)>,
    before: Option<(MonoTime, Sample)>,
    before_was_accepted: bool,
    /// How many samples in a row, this one included, were read from the same bits.
    equal: u32,
}

impl Confirm {
    /// Nothing seen yet. Two samples further apart than `pair_max` do not confirm each other.
    pub fn new(code: Code, pair_max: Duration) -> Self {
        Self {
            step: step(code),
            pair_max,
            accepted: None,
            before: None,
            before_was_accepted: false,
            equal: 0,
        }
    }

    /// Takes one sample; true when it may be shown.
    pub fn accepts(&mut self, now: MonoTime, sample: Sample) -> bool {
        let before = recent(now, self.before, self.pair_max);
        self.count_equal(before, sample);
        let near = |was: Option<Sample>, steps: i64| {
            let within = Decimal::new(self.step.mantissa() * steps, self.step.places());
            was.is_some_and(|was| same(was, sample, within))
        };
        let accepted = recent(now, self.accepted, ACCEPTED_FOR);
        let good = match sample.trust {
            Trust::Redundant => true,
            Trust::Plain => {
                // Two steps between two samples that both wait: never from an accepted value to a wrong one beside it,
                // and only where an accepted one says that this is a jump and not the beginning.
                let steps = if accepted.is_some() { 2 } else { 1 };
                near(accepted, 1) || near(before.filter(|_| !self.before_was_accepted), steps)
            }
            Trust::Doubtful => self.equal >= 3 || self.equal == 2 && near(accepted, 2),
        };
        if good {
            self.accepted = Some((now, sample));
        }
        self.before = Some((now, sample));
        self.before_was_accepted = good;
        good
    }

    /// Takes a sample that cannot be shown whatever it says, but may confirm the next one.
    pub fn note(&mut self, now: MonoTime, sample: Sample) {
        self.count_equal(recent(now, self.before, self.pair_max), sample);
        self.before = Some((now, sample));
        self.before_was_accepted = false;
    }

    fn count_equal(&mut self, before: Option<Sample>, sample: Sample) {
        self.equal = match before {
            Some(was) if was.raw == sample.raw => self.equal.saturating_add(1),
            _ => 1,
        };
    }
}

fn recent(now: MonoTime, was: Option<(MonoTime, Sample)>, most: Duration) -> Option<Sample> {
    was.filter(|(at, _)| now.since(*at) <= most)
        .map(|(_, sample)| sample)
}

fn same(a: Sample, b: Sample, within: Decimal) -> bool {
    match (a.measured, b.measured) {
        (Measured::Value(a), Measured::Value(b)) => a <= b.plus(within) && b <= a.plus(within),
        (Measured::Absent(reason), Measured::Absent(other)) => reason == other && a.raw == b.raw,
        _ => false,
    }
}

/// Remembers the last faults of a line and says whether it is disturbed.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineNoise {
    faults: [Option<MonoTime>; NOISY_FAULTS],
}

impl LineNoise {
    /// Something that an undisturbed line does not do happened.
    pub fn fault(&mut self, now: MonoTime) {
        self.faults.rotate_left(1);
        if let Some(newest) = self.faults.last_mut() {
            *newest = Some(now);
        }
    }

    /// True while the last [`NOISY_FAULTS`] faults lie within [`NOISY_FOR`].
    pub fn is_noisy(&self, now: MonoTime) -> bool {
        self.faults
            .iter()
            .all(|at| at.is_some_and(|at| now.since(at) <= NOISY_FOR))
    }
}

#[cfg(test)]
mod tests {
    use vitals::AbsentReason;

    use super::*;

    /// One sample a second, written `97`, `off`, with `!` for a doubtful and `=` for a redundant one; says which were
    /// accepted.
    fn check(samples: &str, accepted: &str) {
        let mut confirm = Confirm::new(Code::Spo2, Duration::from_millis(2500));
        let mut seen = Vec::new();
        for (second, word) in samples.split_whitespace().enumerate() {
            let (trust, bare) = match (word.strip_prefix('!'), word.strip_prefix('=')) {
                (Some(bare), _) => (Trust::Doubtful, bare),
                (_, Some(bare)) => (Trust::Redundant, bare),
                _ => (Trust::Plain, word),
            };
            let measured = match bare {
                "off" => Measured::Absent(AbsentReason::ProbeOff),
                "none" => Measured::Absent(AbsentReason::NotAvailable),
                "." => continue,
                number => Measured::Value(Decimal::whole(number.parse().unwrap())),
            };
            let sample = Sample {
                measured,
                trust,
                raw: bare.bytes().fold(0, |raw, byte| raw << 8 | u64::from(byte)),
            };
            if confirm.accepts(MonoTime::from_ms(second as u64 * 1000), sample) {
                seen.push(bare);
            }
        }
        assert_eq!(seen.join(" "), accepted, "{samples}");
    }

    #[test]
    fn c1_small_steps_are_shown_at_once() {
        check("97 97 96 94 95", "97 96 94 95");
    }

    #[test]
    fn c2_a_single_wrong_sample_is_never_shown() {
        check("97 97 42 97 off 97 none 97", "97 97 97 97");
    }

    #[test]
    fn c2_a_real_jump_is_shown_one_sample_late() {
        check("97 97 80 80 80", "97 80 80");
        check("97 97 off off 97 97", "97 off 97");
        check("97 97 92 88 84 80", "97 88 80");
        check("97 93 94 94", "94 94");
    }

    #[test]
    fn c2_a_redundant_sample_is_shown_at_once_and_vouches_for_the_next() {
        check("=97 96 =60 61", "97 96 60 61");
    }

    #[test]
    fn c3_on_a_disturbed_line_only_equal_samples_count() {
        check("97 97 !97 !96 !95 !95 !94 !95", "97 97 95");
        check("97 97 !42 !42 !97 !97 !42 !42 !42", "97 97 42");
        check("off off !97 !off !97 !97 !97", "off 97");
        check("!97 !97 !97", "97");
    }

    #[test]
    fn c4_an_old_value_vouches_for_nothing() {
        check("97 97 . . . . . . . . . . . 96 96", "97 96");
        check("97 97 . . 42 . . 42", "97");
    }

    #[test]
    fn the_line_is_disturbed_after_three_faults_and_calm_again_half_a_minute_later() {
        let mut noise = LineNoise::default();
        for second in [0, 10, 20] {
            assert!(!noise.is_noisy(MonoTime::from_ms(second * 1000)));
            noise.fault(MonoTime::from_ms(second * 1000));
        }
        assert!(noise.is_noisy(MonoTime::from_ms(30_000)));
        assert!(!noise.is_noisy(MonoTime::from_ms(30_001)));
    }
}
