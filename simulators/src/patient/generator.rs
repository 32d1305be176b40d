//! A made-up patient: smooth, plausible, and the same for the same seed on every machine.
//!
//! Everything is a function of (seed, scenario, time), so any moment can be asked for in any order. The numbers are
//! textbook adult ranges for tests and demonstrations; they are no model of a disease.

use std::f64::consts::TAU;
use std::str::FromStr;
use std::time::Duration;

use crate::random::{Random, smooth_noise};

use super::{BadSpec, Nibp, Patient, Perfusion, Vitals};

/// What happens to the made-up patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing.
    Stable,
    /// Every 20 minutes: well for one minute, worse for four, ill for ten, better within two, well for three.
    Deterioration,
    /// The probe is off the finger for 30 s of every 2 minutes, from second 40 on.
    ProbeOff,
    /// The patient moves for 15 s of every minute, from second 20 on: pulse and SpO2 become nonsense, HR does not.
    Artefact,
}

/// Seconds from one cuff measurement to the next.
const CUFF_EVERY_S: f64 = 300.0;
/// How long the cuff measures.
const CUFF_LASTS_S: f64 = 30.0;

// Names of the noise curves; the numbers only have to differ.
const AROUSAL: u64 = 1;
const HEART: u64 = 2;
const BREATH: u64 = 3;
const OXYGEN: u64 = 4;
const WARMTH: u64 = 5;
const PRESSURE: u64 = 6;
const MOTION: u64 = 7;

/// A made-up patient.
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    scenario: Scenario,
    heart: f64,
    breath: f64,
    oxygen: f64,
    warmth: f64,
    pressure: f64,
}

impl Generator {
    /// The seed decides who it is (a heart rate at rest of 62 to 88, for example), the scenario what happens.
    pub fn new(seed: u64, scenario: Scenario) -> Generator {
        let mut random = Random::new(seed);
        let mut between = |low: f64, high: f64| low + (high - low) * random.unit();
        Generator {
            seed,
            scenario,
            heart: between(62.0, 88.0),
            breath: between(12.0, 18.0),
            oxygen: between(96.0, 98.5),
            warmth: between(36.4, 37.1),
            pressure: between(112.0, 134.0),
        }
    }

    fn noise(&self, curve: u64, x: f64) -> f64 {
        smooth_noise(self.seed, curve, x)
    }

    /// How ill, 0 to 1.
    fn severity(&self, t_s: f64) -> f64 {
        if self.scenario != Scenario::Deterioration {
            return 0.0;
        }
        let cycle = t_s.rem_euclid(1_200.0);
        let rising = eased((cycle - 60.0) / 240.0);
        let falling = eased((cycle - 900.0) / 120.0);
        rising - falling
    }

    fn cuff(&self, t_s: f64) -> (Nibp, bool) {
        let within = t_s.rem_euclid(CUFF_EVERY_S);
        let measured = t_s - within;
        let ill = self.severity(measured);
        let sys = self.pressure + 5.0 * self.noise(PRESSURE, measured / 70.0) - 34.0 * ill;
        let dia = sys * 0.63 - 6.0 * ill;
        let nibp = Nibp {
            sys,
            dia,
            mean: dia + (sys - dia) / 3.0,
            age: Duration::from_secs_f64(within),
        };
        (nibp, within >= CUFF_EVERY_S - CUFF_LASTS_S)
    }

    fn probe_off(&self, t_s: f64) -> bool {
        self.scenario == Scenario::ProbeOff && (40.0..70.0).contains(&t_s.rem_euclid(120.0))
    }

    fn moving(&self, t_s: f64) -> bool {
        self.scenario == Scenario::Artefact && (20.0..35.0).contains(&t_s.rem_euclid(60.0))
    }
}

impl Patient for Generator {
    fn at(&mut self, t: Duration) -> Vitals {
        let t_s = t.as_secs_f64();
        let ill = self.severity(t_s);
        // One slow curve moves heart, breath and pressure together, as in a real body.
        let arousal = self.noise(AROUSAL, t_s / 90.0);
        let resp = self.breath + 1.2 * arousal + 0.8 * self.noise(BREATH, t_s / 15.0) + 15.0 * ill;
        // The heart also follows the breath, and no beat is like the next.
        let with_breath = 1.5 * (TAU * t_s * self.breath / 60.0).sin();
        let hr = self.heart
            + 4.0 * arousal
            + with_breath
            + 1.2 * self.noise(HEART, t_s * self.heart / 60.0)
            + 52.0 * ill;
        let spo2 = (self.oxygen + 0.7 * self.noise(OXYGEN, t_s / 40.0) - 14.0 * ill).min(100.0);
        let (nibp, nibp_measuring) = self.cuff(t_s);
        let (probe_off, moving) = (self.probe_off(t_s), self.moving(t_s));
        let jolt = if moving {
            self.noise(MOTION, t_s / 0.7)
        } else {
            0.0
        };
        Vitals {
            hr: Some(hr),
            pulse: (!probe_off).then_some(hr + 60.0 * jolt),
            resp: Some(resp),
            spo2: (!probe_off).then_some((spo2 - 10.0 * jolt.abs()).min(100.0)),
            temp: Some(self.warmth + 0.1 * self.noise(WARMTH, t_s / 600.0) + 1.9 * ill),
            nibp: Some(nibp),
            nibp_measuring,
            probe_off,
            artefact: moving,
            perfusion: if moving { Perfusion::Low } else { Perfusion::Good },
        }
    }
}

impl FromStr for Scenario {
    type Err = BadSpec;

    fn from_str(text: &str) -> Result<Scenario, BadSpec> {
        match text {
            "stable" => Ok(Scenario::Stable),
            "deterioration" => Ok(Scenario::Deterioration),
            "probe-off" => Ok(Scenario::ProbeOff),
            "artefact" => Ok(Scenario::Artefact),
            _ => Err(BadSpec::Scenario(text.to_owned())),
        }
    }
}

fn eased(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(seed: u64, scenario: Scenario) -> Vec<Vitals> {
        let mut patient = Generator::new(seed, scenario);
        (0..3_600)
            .map(|second| patient.at(Duration::from_secs(second)))
            .collect()
    }

    #[test]
    fn the_same_seed_is_the_same_patient_in_any_order_and_another_seed_is_another() {
        let forward = hour(3, Scenario::Deterioration);
        let mut patient = Generator::new(3, Scenario::Deterioration);
        for second in (0..3_600_u64).rev() {
            assert_eq!(patient.at(Duration::from_secs(second)), forward[second as usize]);
        }
        assert_ne!(hour(3, Scenario::Stable), hour(4, Scenario::Stable));
    }

    #[test]
    fn a_stable_patient_never_leaves_the_usual_limits() {
        for seed in 0..40 {
            for vitals in hour(seed, Scenario::Stable) {
                assert!((51.0..110.0).contains(&vitals.hr.unwrap()), "{vitals:?}");
                assert!((8.5..24.5).contains(&vitals.resp.unwrap()), "{vitals:?}");
                assert!((94.5..=100.0).contains(&vitals.spo2.unwrap()), "{vitals:?}");
                assert!((36.1..37.9).contains(&vitals.temp.unwrap()), "{vitals:?}");
                let nibp = vitals.nibp.unwrap();
                assert!((101.0..150.0).contains(&nibp.sys), "{vitals:?}");
                assert!(nibp.dia < nibp.mean && nibp.mean < nibp.sys);
                assert!(!vitals.probe_off && !vitals.artefact);
            }
        }
    }

    #[test]
    fn a_stable_heart_varies_from_second_to_second_but_does_not_jump() {
        for pair in hour(1, Scenario::Stable).windows(2) {
            let step = (pair[1].hr.unwrap() - pair[0].hr.unwrap()).abs();
            assert!(step > 0.0 && step < 6.0, "{step}");
        }
    }

    #[test]
    fn a_deteriorating_patient_crosses_every_usual_limit_and_recovers() {
        let vitals = hour(2, Scenario::Deterioration);
        let (well, ill, again) = (&vitals[30], &vitals[600], &vitals[1_150]);
        assert!(well.spo2.unwrap() > 94.5 && ill.spo2.unwrap() < 86.0 && again.spo2.unwrap() > 94.5);
        assert!(ill.hr.unwrap() > 105.0 && ill.resp.unwrap() > 24.5 && ill.temp.unwrap() > 38.0);
        assert!(ill.nibp.unwrap().sys < 105.0);
        assert!(ill.nibp.unwrap().dia > 30.0);
    }

    #[test]
    fn i5_with_the_probe_off_there_is_no_pulse_and_no_spo2_but_a_heart_rate() {
        let vitals = hour(2, Scenario::ProbeOff);
        for (second, vitals) in vitals.iter().enumerate() {
            let off = (40..70).contains(&(second % 120));
            assert_eq!(vitals.probe_off, off);
            assert_eq!((vitals.pulse.is_none(), vitals.spo2.is_none()), (off, off));
            assert!(vitals.hr.is_some());
        }
    }

    #[test]
    fn motion_disturbs_the_oximeter_and_not_the_heart() {
        let vitals = hour(2, Scenario::Artefact);
        let apart = |vitals: &Vitals| (vitals.pulse.unwrap() - vitals.hr.unwrap()).abs();
        let worst = vitals.iter().map(apart).fold(0.0, f64::max);
        assert!(worst > 30.0, "{worst}");
        assert!(
            vitals
                .iter()
                .all(|vitals| vitals.artefact || apart(vitals) == 0.0)
        );
        assert!(vitals.iter().filter(|vitals| vitals.artefact).count() == 60 * 15);
    }
}
