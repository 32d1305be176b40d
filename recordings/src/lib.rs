//! Recordings of patients as files hold them: named channels of evenly spaced samples. The one reader for the simulators'
//! patients, for `vitalpost replay --alarms`, and for tests. Knows nothing of ours.
//!
//! - R1: no value is NaN, and a 0 that a file says is a 0: what it means is for whoever replays it to say (I5).
//! - R2: a recording comes out complete, or is refused with the file, the place and what to do.

pub mod csv;
mod folder;
pub mod wfdb;

use std::path::Path;
use std::time::Duration;

pub use csv::CsvError;
pub use folder::{FILES_MAX, FolderError, in_folder};
pub use wfdb::WfdbError;

/// One recorded signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// As the file names it (`HR`, `NBPSys`, `PLETH`); case does not matter.
    pub name: String,
    /// Seconds from one sample to the next.
    pub period_s: f64,
    /// Physical values; NaN = no value.
    pub samples: Vec<f64>,
}

/// Slower channels than this are numbers, faster ones are curves (RESP is both in different records).
pub const NUMERIC_PERIOD_S_MIN: f64 = 0.5;

impl Channel {
    /// Numbers as a screen shows them, no curve.
    pub fn is_numeric(&self) -> bool {
        self.period_s >= NUMERIC_PERIOD_S_MIN
    }

    /// Which sample stands at this time; may be behind the last one.
    pub fn index(&self, t: Duration) -> usize {
        // The small share of a sample keeps 3 * 0.1 s from falling into sample 2.
        (t.as_secs_f64() / self.period_s + 1e-6) as usize
    }

    /// The sample, if it is a value.
    pub fn value(&self, index: usize) -> Option<f64> {
        self.samples.get(index).copied().filter(|value| !value.is_nan())
    }

    /// The value at this time, if there is one.
    pub fn at(&self, t: Duration) -> Option<f64> {
        self.value(self.index(t))
    }

    /// From the first sample to the end of the last; as long as can be said where a file claims more.
    pub fn length(&self) -> Duration {
        Duration::try_from_secs_f64(self.samples.len() as f64 * self.period_s).unwrap_or(Duration::MAX)
    }
}

/// A recording and what its file says about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its signals, in the order of the file.
    pub channels: Vec<Channel>,
    /// The comments of its header, word for word.
    pub notes: Vec<String>,
}

/// A recording is unusable.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A CSV file.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A WFDB record.
    #[error(transparent)]
    Wfdb(#[from] WfdbError),
}

/// Reads a recording: a file whose name ends in `.csv`, else a WFDB record, named with or without `.hea`.
///
/// # Errors
/// When it cannot be read, is damaged, or is of another kind.
pub fn read(path: &Path) -> Result<Record, ReadError> {
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if is_csv {
        return Ok(Record {
            channels: csv::read(path)?,
            notes: Vec::new(),
        });
    }
    Ok(Record {
        channels: wfdb::read(path)?,
        notes: wfdb::notes(path)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_by_its_name_and_keeps_what_its_header_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        file("a.CSV", b"t, HR\n0,70\n1,NaN\n");
        file(
            "n.hea",
            b"n 1 1 2\nn.dat 80 1 8 0 60 121 0 HR\n# Asystole\n#False alarm\n",
        );
        file("n.dat", &[188, 189]);
        let csv = read(&folder.path().join("a.CSV")).unwrap();
        assert_eq!(
            (csv.channels[0].value(0), csv.channels[0].value(1)),
            (Some(70.0), None)
        );
        assert_eq!(csv.notes, Vec::<String>::new());
        let wfdb = read(&folder.path().join("n")).unwrap();
        assert_eq!(wfdb.channels[0].samples, [60.0, 61.0]);
        assert_eq!(wfdb.notes, ["Asystole", "False alarm"]);
        let absent = read(&folder.path().join("absent.csv")).unwrap_err();
        assert!(absent.to_string().contains("absent.csv"), "{absent}");
    }

    #[test]
    fn a_channel_tells_its_value_at_a_time_and_nothing_behind_its_end() {
        let channel = Channel {
            name: "HR".to_owned(),
            period_s: 0.1,
            samples: vec![1.0, 2.0, f64::NAN, 4.0],
        };
        let at = |ms| channel.at(Duration::from_millis(ms));
        assert_eq!(
            [at(0), at(100), at(200), at(300), at(400)],
            [Some(1.0), Some(2.0), None, Some(4.0), None]
        );
        assert_eq!(
            (channel.length(), channel.is_numeric()),
            (Duration::from_millis(400), false)
        );
    }
}
