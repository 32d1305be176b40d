//! A recorded patient, whatever file it came from: named channels of evenly spaced samples.
//!
//! R1. NaN is "no value" and 0 is 0; nothing is filled in except the last cuff measurement, which ages.
//! R2. Pulse and saturation both absent while the recording has those channels = the probe is off.

use std::time::Duration;

use recordings::{Channel, NUMERIC_PERIOD_S_MIN};

use super::{Nibp, Patient, Vitals};

/// The recording cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordingError {
    /// No channel is of use.
    #[error(
        "holds neither numerics (HR, PULSE, RESP, SpO2, NBP) nor a PLETH curve, only {channels}; \
         a bedside device has nothing to show from it"
    )]
    NothingMeasured {
        /// What there is.
        channels: String,
    },
    /// The file ends before it begins.
    #[error("holds no samples")]
    Empty,
}

/// A recording that is replayed over and over.
#[derive(Clone, Debug)]
pub struct Recording {
    hr: Option<Channel>,
    pulse: Option<Channel>,
    resp: Option<Channel>,
    spo2: Option<Channel>,
    temp: Option<Channel>,
    nibp: Option<[Channel; 3]>,
    pleth: Option<Channel>,
    length: Duration,
}

impl Recording {
    /// Takes the channels that a bedside device measures and leaves the rest.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn new(channels: Vec<Channel>) -> Result<Recording, RecordingError> {
        let numeric = |name: &str| find(&channels, name, |period_s| period_s >= NUMERIC_PERIOD_S_MIN);
        let nibp = match (numeric("NBPSys"), numeric("NBPDias"), numeric("NBPMean")) {
            (Some(sys), Some(dia), Some(mean)) => Some([sys, dia, mean]),
            _ => None,
        };
        let mut recording = Recording {
            hr: numeric("HR"),
            pulse: numeric("PULSE"),
            resp: numeric("RESP"),
            spo2: numeric("SpO2"),
            temp: numeric("TEMP"),
            nibp,
            pleth: find(&channels, "PLETH", |period_s| period_s < NUMERIC_PERIOD_S_MIN).map(scaled),
            length: Duration::ZERO,
        };
        if recording.kept().next().is_none() {
            let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
            return Err(RecordingError::NothingMeasured {
                channels: names.join(", "),
            });
        }
        recording.length = recording.kept().map(Channel::length).max().unwrap_or_default();
        if recording.length.is_zero() {
            return Err(RecordingError::Empty);
        }
        Ok(recording)
    }

    /// How long it lasts before it starts again.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// A sentence about the numbers that it has no channel for; a device will show them as absent.
    pub fn lacks(&self) -> Option<String> {
        let rows = [
            ("HR", self.hr.is_none()),
            ("PULSE", self.pulse.is_none()),
            ("RESP", self.resp.is_none()),
            ("SpO2", self.spo2.is_none()),
        ];
        let absent: Vec<&str> = rows.iter().filter(|row| row.1).map(|row| row.0).collect();
        if absent.is_empty() {
            None
        } else {
            Some(format!(
                "no {} in this recording; shown as absent",
                absent.join(", ")
            ))
        }
    }

    fn kept(&self) -> impl Iterator<Item = &Channel> {
        [
            &self.hr,
            &self.pulse,
            &self.resp,
            &self.spo2,
            &self.temp,
            &self.pleth,
        ]
        .into_iter()
        .flatten()
        .chain(self.nibp.iter().flatten())
    }

    fn within(&self, t: Duration) -> Duration {
        // Nanoseconds of a recording fit 64 bits for 584 years.
        let nanos = t.as_nanos() % self.length.as_nanos();
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }

    fn last_nibp(&self, t: Duration) -> Option<Nibp> {
        let [sys, dia, mean] = self.nibp.as_ref()?;
        let now = sys.index(t).min(sys.samples.len().saturating_sub(1));
        let measured = (0..=now).rev().find_map(|index| {
            let row = (sys.value(index)?, dia.value(index)?, mean.value(index)?);
            // Numerics records write 0 where nothing was measured; a cuff never measures 0.
            (row.0 > 0.0).then_some((index, row))
        });
        measured.map(|(index, (sys_mmhg, dia_mmhg, mean_mmhg))| Nibp {
            sys: sys_mmhg,
            dia: dia_mmhg,
            mean: mean_mmhg,
            age: t.saturating_sub(Duration::from_secs_f64(index as f64 * sys.period_s)),
        })
    }
}

impl Patient for Recording {
    fn at(&mut self, t: Duration) -> Vitals {
        let t = self.within(t);
        let value = |channel: &Option<Channel>| channel.as_ref().and_then(|channel| channel.at(t));
        let (pulse, spo2) = (value(&self.pulse), value(&self.spo2));
        Vitals {
            hr: value(&self.hr),
            pulse,
            resp: value(&self.resp),
            spo2,
            temp: value(&self.temp),
            nibp: self.last_nibp(t),
            probe_off: self.pulse.is_some() && self.spo2.is_some() && pulse.is_none() && spo2.is_none(),
            ..Vitals::default()
        }
    }

    fn pleth(&mut self, t: Duration) -> Option<f64> {
        let t = self.within(t);
        self.pleth.as_ref().and_then(|channel| channel.at(t))
    }
}

fn find(channels: &[Channel], name: &str, rate: impl Fn(f64) -> bool) -> Option<Channel> {
    channels
        .iter()
        .find(|channel| channel.name.eq_ignore_ascii_case(name) && rate(channel.period_s))
        .cloned()
}

/// A light curve has no unit: spread it over 0 to 1.
fn scaled(mut channel: Channel) -> Channel {
    let real = || channel.samples.iter().copied().filter(|value| !value.is_nan());
    let low = real().fold(f64::INFINITY, f64::min);
    let span = real().fold(f64::NEG_INFINITY, f64::max) - low;
    let span = if span > 0.0 { span } else { 1.0 };
    for sample in &mut channel.samples {
        *sample = (*sample - low) / span;
    }
    channel
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAP: f64 = f64::NAN;

    fn channel(name: &str, period_s: f64, samples: &[f64]) -> Channel {
        Channel {
            name: name.to_owned(),
            period_s,
            samples: samples.to_vec(),
        }
    }

    fn at(recording: &mut Recording, second: u64) -> Vitals {
        recording.at(Duration::from_secs(second))
    }

    #[test]
    fn i5_a_gap_is_no_value_a_zero_is_a_zero_and_both_gaps_mean_probe_off() {
        let mut recording = Recording::new(vec![
            channel("PULSE", 1.0, &[70.0, GAP, 0.0, GAP]),
            channel("SpO2", 1.0, &[97.0, GAP, GAP, 96.0]),
            channel("RESP", 1.0, &[15.0, 0.0, GAP, 15.0]),
        ])
        .unwrap();
        let seen: Vec<_> = (0..4).map(|second| at(&mut recording, second)).collect();
        assert_eq!(
            seen.iter().map(|v| v.pulse).collect::<Vec<_>>(),
            [Some(70.0), None, Some(0.0), None]
        );
        assert_eq!(
            seen.iter().map(|v| v.probe_off).collect::<Vec<_>>(),
            [false, true, false, false]
        );
        assert_eq!(
            seen.iter().map(|v| v.resp).collect::<Vec<_>>(),
            [Some(15.0), Some(0.0), None, Some(15.0)]
        );
    }

    #[test]
    fn a_recording_starts_again_when_it_ends() {
        let mut recording = Recording::new(vec![channel("HR", 1.0, &[60.0, 61.0, 62.0])]).unwrap();
        let seen: Vec<_> = (0..7)
            .filter_map(|second| at(&mut recording, second).hr)
            .collect();
        assert_eq!(seen, [60.0, 61.0, 62.0, 60.0, 61.0, 62.0, 60.0]);
    }

    #[test]
    fn a_cuff_measurement_stays_and_ages_until_the_next_one() {
        let mut recording = Recording::new(vec![
            channel("NBPSys", 60.0, &[GAP, 120.0, 0.0, 110.0]),
            channel("NBPDias", 60.0, &[GAP, 80.0, 0.0, 70.0]),
            channel("NBPMean", 60.0, &[GAP, 93.0, 0.0, 83.0]),
        ])
        .unwrap();
        assert_eq!(at(&mut recording, 59).nibp, None);
        let later = at(&mut recording, 170).nibp.unwrap();
        assert_eq!((later.sys, later.age), (120.0, Duration::from_secs(110)));
        assert_eq!(at(&mut recording, 181).nibp.unwrap().sys, 110.0);
    }

    #[test]
    fn a_breathing_curve_is_not_taken_for_a_breathing_rate() {
        let mut recording = Recording::new(vec![
            channel("RESP", 0.008, &[0.3; 500]),
            channel("Pleth", 0.008, &[2.0, 4.0, 3.0]),
        ])
        .unwrap();
        assert_eq!(at(&mut recording, 0).resp, None);
        let curve: Vec<_> = [0, 8, 16, 24]
            .map(|ms| recording.pleth(Duration::from_millis(ms)))
            .into();
        assert_eq!(curve, [Some(0.0), Some(1.0), Some(0.5), Some(0.0)]);
        assert!(recording.lacks().unwrap().contains("HR, PULSE, RESP, SpO2"));
    }

    #[test]
    fn a_recording_without_anything_to_show_is_refused_by_name() {
        let problem = Recording::new(vec![channel("MLII", 0.003, &[0.0])]).unwrap_err();
        assert!(problem.to_string().contains("only MLII"), "{problem}");
        assert_eq!(
            Recording::new(vec![channel("HR", 1.0, &[])]).unwrap_err(),
            RecordingError::Empty
        );
    }
}
