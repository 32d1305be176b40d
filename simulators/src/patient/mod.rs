//! What a patient's body does at a time, whoever measures it.
//!
//! Owns the vocabulary between bodies (recordings, the generator) and devices. A recorded 0 stays 0 and a recorded gap
//! stays a gap: what a device makes of it is the device's business (I5).

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

mod generator;
mod recording;

pub use generator::{Generator, Scenario};
pub use recording::{Recording, RecordingError};
use recordings::{CsvError, WfdbError};

/// Somebody lying in a bed.
pub trait Patient: Send {
    /// The body at time `t` since the patient was put there. Recordings start again when they end.
    fn at(&mut self, t: Duration) -> Vitals;

    /// The recorded light curve at time `t`, 0 to 1, if there is one; a device draws its own otherwise.
    fn pleth(&mut self, _t: Duration) -> Option<f64> {
        None
    }
}

/// One moment of a body. `None` = the recording has no value; 0 = the recording says 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Heart rate by ECG, per minute.
    pub hr: Option<f64>,
    /// Pulse rate by the oximeter, per minute.
    pub pulse: Option<f64>,
    /// Breaths per minute.
    pub resp: Option<f64>,
    /// Oxygen saturation, per cent.
    pub spo2: Option<f64>,
    /// Temperature, degrees Celsius.
    pub temp: Option<f64>,
    /// The last cuff measurement.
    pub nibp: Option<Nibp>,
    /// The cuff is measuring now.
    pub nibp_measuring: bool,
    /// The oximeter's probe is not on the finger.
    pub probe_off: bool,
    /// The patient moves: the oximeter sees artefacts.
    pub artefact: bool,
    /// How well the finger is perfused.
    pub perfusion: Perfusion,
}

/// One cuff measurement, mmHg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nibp {
    /// Systolic.
    pub sys: f64,
    /// Diastolic.
    pub dia: f64,
    /// Mean.
    pub mean: f64,
    /// How long ago it was measured.
    pub age: Duration,
}

/// Perfusion at the probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Perfusion {
    /// Strong pulses.
    #[default]
    Good,
    /// Usable pulses.
    Marginal,
    /// Hardly any pulses.
    Low,
}

/// Where a patient comes from, as written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatientSpec {
    /// `bidmc:FILE.csv`: numerics (or a light curve) in a CSV file with named columns.
    Csv(PathBuf),
    /// `wfdb:RECORD`: a PhysioNet record, with or without `.hea`.
    Wfdb(PathBuf),
    /// `generator:SEED[:SCENARIO]`: made up, the same for the same seed.
    Generator(u64, Scenario),
}

/// The command line names no patient.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSpec {
    /// Unknown form.
    #[error(
        "\"{0}\" is no patient; write bidmc:FILE.csv, wfdb:RECORD or \
         generator:SEED[:stable|deterioration|probe-off|artefact]"
    )]
    Form(String),
    /// The seed is not a number.
    #[error("\"{0}\" is no seed; write a whole number, for example generator:7")]
    Seed(String),
    /// No such scenario.
    #[error("\"{0}\" is no scenario; write stable, deterioration, probe-off or artefact")]
    Scenario(String),
}

/// The patient cannot be put to bed.
#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    /// A CSV file is unusable.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A WFDB record is unusable.
    #[error(transparent)]
    Wfdb(#[from] WfdbError),
    /// A recording holds nothing that a bedside device measures.
    #[error("{path}: {problem}")]
    Recording {
        /// The file or record.
        path: PathBuf,
        /// Why.
        problem: RecordingError,
    },
}

impl FromStr for PatientSpec {
    type Err = BadSpec;

    fn from_str(text: &str) -> Result<PatientSpec, BadSpec> {
        match text.split_once(':') {
            Some(("bidmc", file)) if !file.is_empty() => Ok(PatientSpec::Csv(file.into())),
            Some(("wfdb", record)) if !record.is_empty() => Ok(PatientSpec::Wfdb(record.into())),
            Some(("generator", rest)) => {
                let (seed, scenario) = rest.split_once(':').unwrap_or((rest, "stable"));
                let seed = seed.parse().map_err(|_| BadSpec::Seed(seed.to_owned()))?;
                Ok(PatientSpec::Generator(seed, scenario.parse()?))
            }
            _ => Err(BadSpec::Form(text.to_owned())),
        }
    }
}

impl PatientSpec {
    /// Reads the recording, or makes the patient up. With it comes a sentence about what the recording lacks.
    ///
    /// # Errors
    /// When the recording is missing, damaged, or holds nothing that a bedside device measures.
    pub fn open(&self) -> Result<(Box<dyn Patient>, Option<String>), PatientError> {
        let (path, channels) = match self {
            PatientSpec::Generator(seed, scenario) => {
                return Ok((Box::new(Generator::new(*seed, *scenario)), None));
            }
            PatientSpec::Csv(path) => (path, recordings::csv::read(path)?),
            PatientSpec::Wfdb(path) => (path, recordings::wfdb::read(path)?),
        };
        let recording = Recording::new(channels).map_err(|problem| PatientError::Recording {
            path: path.clone(),
            problem,
        })?;
        let lacks = recording
            .lacks()
            .map(|what| format!("{}: {what}", path.display()));
        Ok((Box::new(recording), lacks))
    }
}

/// A patient whose time starts later or passes faster than the device's.
pub struct Paced {
    patient: Box<dyn Patient>,
    start: Duration,
    speed: f64,
}

impl Paced {
    /// Time `t` of the device is time `start + t * speed` of the patient.
    pub fn new(patient: Box<dyn Patient>, start: Duration, speed: f64) -> Paced {
        Paced {
            patient,
            start,
            speed,
        }
    }

    fn time(&self, t: Duration) -> Duration {
        self.start + t.mul_f64(self.speed)
    }
}

impl Patient for Paced {
    fn at(&mut self, t: Duration) -> Vitals {
        let t = self.time(t);
        self.patient.at(t)
    }

    fn pleth(&mut self, t: Duration) -> Option<f64> {
        let t = self.time(t);
        self.patient.pleth(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_keeps_the_colons_of_its_file_name() {
        let spec: PatientSpec = "bidmc:dir/a:b.csv".parse().unwrap();
        assert_eq!(spec, PatientSpec::Csv("dir/a:b.csv".into()));
        let spec: PatientSpec = "wfdb:dir/s00001n".parse().unwrap();
        assert_eq!(spec, PatientSpec::Wfdb("dir/s00001n".into()));
    }

    #[test]
    fn the_generator_is_stable_unless_told_otherwise() {
        assert_eq!(
            "generator:7".parse(),
            Ok(PatientSpec::Generator(7, Scenario::Stable))
        );
        assert_eq!(
            "generator:7:probe-off".parse(),
            Ok(PatientSpec::Generator(7, Scenario::ProbeOff))
        );
    }

    #[test]
    fn a_wrong_spec_says_what_to_write() {
        let problem = |text: &str| text.parse::<PatientSpec>().unwrap_err().to_string();
        assert!(problem("file.csv").contains("bidmc:FILE.csv"));
        assert!(problem("bidmc:").contains("bidmc:FILE.csv"));
        assert!(problem("generator:x").contains("\"x\" is no seed"));
        assert!(problem("generator:1:dying").contains("\"dying\" is no scenario"));
    }

    #[test]
    fn a_paced_patient_starts_later_and_lives_faster() {
        struct Clockwork;
        impl Patient for Clockwork {
            fn at(&mut self, t: Duration) -> Vitals {
                Vitals {
                    hr: Some(t.as_secs_f64()),
                    ..Vitals::default()
                }
            }
        }
        let mut paced = Paced::new(Box::new(Clockwork), Duration::from_secs(100), 10.0);
        assert_eq!(paced.at(Duration::from_secs(3)).hr, Some(130.0));
    }
}
