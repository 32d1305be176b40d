//! What was recorded of lines for a technician: in memory, bounded, and gone after a while.

use std::time::Duration;

use vitals::{Masked, MonoTime};

use super::Fitter;
use crate::access::By;
use crate::lines::Recording;
use crate::web::{FittingError, RecordingNow, Request};

/// Recordings that are kept at one time; another one takes the place of the oldest that is over.
const RECORDINGS_MAX: usize = 4;

/// A recording that nobody takes along is gone after this.
const KEPT_FOR: Duration = Duration::from_secs(1_800);

/// One for each line at most.
#[derive(Debug, Default)]
pub(super) struct Recordings(Vec<(Recording, MonoTime)>);

impl Recordings {
    /// Takes in what has come; true when the page has something new to show.
    pub fn round(&mut self, now: MonoTime) -> bool {
        let any = !self.0.is_empty();
        for (recording, over) in &mut self.0 {
            if !recording.look(now) {
                *over = now;
            }
        }
        self.0.retain(|(_, over)| now.since(*over) < KEPT_FOR);
        any
    }

    /// What there is of a line.
    pub fn of(&self, line: &str, now: MonoTime) -> Option<RecordingNow> {
        let recording = self.find(line)?;
        let left = recording.left(now);
        Some(RecordingNow {
            // A second that has begun is left.
            left_s: left.as_secs() + u64::from(!recording.is_over()),
            bytes: recording.text().len(),
        })
    }

    /// Nothing of a line is kept any more.
    pub fn forget(&mut self, line: &str) {
        self.0.retain(|(recording, _)| recording.line() != line);
    }

    fn find(&self, line: &str) -> Option<&Recording> {
        let mut all = self.0.iter().map(|(recording, _)| recording);
        all.find(|recording| recording.line() == line)
    }

    fn add(&mut self, recording: Recording, now: MonoTime) -> Result<(), FittingError> {
        if self.0.len() >= RECORDINGS_MAX {
            let over = self.0.iter().position(|(recording, _)| recording.is_over());
            let over = over.ok_or_else(|| {
                FittingError::NotRecorded(format!(
                    "{RECORDINGS_MAX} lines are recorded already; wait until one is done"
                ))
            })?;
            self.0.remove(over);
        }
        self.0.push((recording, now));
        Ok(())
    }
}

impl Fitter {
    pub(super) async fn record_told(
        &mut self,
        line: String,
        seconds: Option<u64>,
        by: &By,
    ) -> Result<(), FittingError> {
        let result = match seconds {
            Some(seconds) => self.record(&line, seconds),
            None => self.end_recording(&line),
        };
        self.tell();
        let action = if seconds.is_some() {
            "record_line"
        } else {
            "end_recording"
        };
        let mut telling = by.tried(action, self.subject(&line), &result);
        if let (Ok(()), Some(seconds)) = (&result, seconds) {
            telling.after = Some(Masked::new(format!("{seconds} s")));
        }
        // The core is gone only while the program ends.
        let _stopping = self.core.send(Request::Audit(telling)).await;
        result
    }

    fn record(&mut self, line: &str, seconds: u64) -> Result<(), FittingError> {
        use crate::lines::RecordingError;
        let now = self.clock.now();
        // One for each line: the one before ends first, or it would take the tap away from this one.
        self.recordings.forget(line);
        let recording = self
            .crew
            .record(line, now, Duration::from_secs(seconds))
            .map_err(|error| match error {
                RecordingError::NoLine(line) => FittingError::NoLine(line),
                RecordingError::Family(_) => FittingError::NotRecorded(error.to_string()),
            })?;
        self.recordings.add(recording, now)
    }

    fn end_recording(&mut self, line: &str) -> Result<(), FittingError> {
        let mut all = self.recordings.0.iter_mut();
        let found = all.find(|(recording, _)| recording.line() == line);
        let (recording, _) = found.ok_or_else(|| FittingError::NoRecording(line.to_owned()))?;
        recording.end();
        Ok(())
    }

    pub(super) async fn recorded(&mut self, line: &str, by: &By) -> Result<String, FittingError> {
        let found = self.recordings.find(line).filter(|recording| recording.is_over());
        let text = found.map(|recording| recording.text().to_owned());
        let result = text.ok_or_else(|| FittingError::NoRecording(line.to_owned()));
        let telling = by.tried("take_recording", self.subject(line), &result);
        // The core is gone only while the program ends.
        let _stopping = self.core.send(Request::Audit(telling)).await;
        result
    }

    /// The line and whoever is heard over it, as the audit names them.
    fn subject(&self, line: &str) -> String {
        let found = self.config.lines.iter().find(|one| one.id == line);
        let devices = found.into_iter().flat_map(|line| line.devices());
        let devices = devices.map(|(device, _)| format!(" device:{device}"));
        format!("line:{line}{}", devices.collect::<String>())
    }
}
