//! The truth log: what a simulated device really sent and when, one JSON object per line, so that a test can compare
//! it with what arrived at the other end of the system.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Values by code key (`spo2`, `pr`, ...) as the device rounds them; `None` = the device says that it has no value.
pub type Values = BTreeMap<String, Option<String>>;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `CLOCK_BOOTTIME` in nanoseconds when the last byte left, or when the register bank took these values.
    pub sent_ns: u64,
    /// Name of the device.
    pub device: String,
    /// What it said.
    pub values: Values,
    /// True when a fault was injected into the bytes that carried these values.
    pub corrupted: bool,
}

/// Appends to a log file; without a file it forgets.
#[derive(Debug)]
pub struct Log {
    file: Option<(PathBuf, File)>,
}

/// The log could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The file cannot be opened.
    #[error("cannot open the truth log {path}: {source}; does its folder exist?")]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write the truth log {path}: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Log {
    /// Opens the file for appending, so that a simulator that is started again (a cable put back) continues its log.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: Option<&Path>) -> Result<Log, TruthError> {
        let Some(path) = path else {
            return Ok(Log { file: None });
        };
        let path = path.to_path_buf();
        match OpenOptions::new().create(true).append(true).open(&path) {
            Ok(file) => Ok(Log {
                file: Some((path, file)),
            }),
            Err(source) => Err(TruthError::Open { path, source }),
        }
    }

    /// Adds one line with a single write: it is whole for whoever reads along. `sent` is the clock just before the
    /// last byte left, so that nobody can have received it earlier.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add(
        &mut self,
        sent: Duration,
        device: &str,
        values: &Values,
        corrupted: bool,
    ) -> Result<(), TruthError> {
        let Some((path, file)) = &mut self.file else {
            return Ok(());
        };
        let entry = Entry {
            sent_ns: u64::try_from(sent.as_nanos()).unwrap_or(u64::MAX),
            device: device.to_owned(),
            values: values.clone(),
            corrupted,
        };
        let mut line = serde_json::to_vec(&entry).expect("strings and numbers always make JSON");
        line.push(b'\n');
        file.write_all(&line).map_err(|source| TruthError::Write {
            path: path.clone(),
            source,
        })
    }
}

/// Builds [`Values`] from literal keys.
pub fn values<const N: usize>(rows: [(&str, Option<String>); N]) -> Values {
    rows.into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}
