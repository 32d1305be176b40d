//! `vitalpost replay --alarms`: every alarm that a recording would raise at a post, in virtual time.
//!
//! - P1: it is the post's own ward and alarms that judge ([`bed`]); nothing of their rules is written here.
//! - P2 (I5): what is read into a recording stands in one place ([`monitor`]), and never makes a number of an absent one.
//! - P3: what cannot be judged is said to be so; it never counts as quiet.

mod bed;
mod burden;
mod monitor;
mod options;
mod report;
mod table;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use alarms::Tuning;
use recordings::{CsvError, FolderError, ReadError};
use vitals::Category;

pub use bed::{Played, play};
pub use burden::{Burden, Told, alarms};
pub use monitor::{Monitor, NotJudged};
pub use options::{Format, Part, RecordingArgs, TriedDelay, TriedLimit};
use report::Report;

/// Why a replay of alarms says nothing, or not all.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The folder cannot be replayed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Nothing could be judged; why was said before.
    #[error(
        "nothing was judged: a recording must hold numbers (HR, PULSE, SpO2, RESP, TEMP, ABP or NBP) once per half second or slower"
    )]
    NothingJudged,
    /// Some recordings are damaged; the others were replayed.
    #[error("{} could not be read:\n{}", count(.0.len()), .0.join("\n"))]
    Unreadable(Vec<String>),
    /// The limits that are tried leave no room.
    #[error("--limit: {0}")]
    Limits(String),
    /// Whoever reads the output has gone.
    #[error("cannot write what was told: {0}")]
    Output(#[from] io::Error),
}

fn count(recordings: usize) -> String {
    match recordings {
        1 => "1 recording".to_owned(),
        more => format!("{more} recordings"),
    }
}

/// A recording that was played.
#[derive(Debug)]
pub struct Judged {
    /// How it is called: the file, or its path within the folder that was named.
    pub name: String,
    /// What its header says.
    pub notes: Vec<String>,
    /// What its monitor told.
    pub monitor: Monitor,
}

/// A recording, or why there is none.
#[derive(Debug)]
pub enum Opened {
    /// It can be played.
    Judged(Box<Judged>),
    /// It holds nothing that alarms are about: the name, and a sentence with what its header says.
    NotJudged(String, String),
    /// It is damaged.
    Unreadable(String),
}

/// The recordings that `path` names, each with what it is called: the file itself, or those of a folder.
///
/// # Errors
/// When it is a folder and holds none.
pub fn named(path: &Path) -> Result<Vec<(String, PathBuf)>, FolderError> {
    if !path.is_dir() {
        let name = path.file_name().unwrap_or(path.as_os_str());
        return Ok(vec![(name.to_string_lossy().into_owned(), path.to_path_buf())]);
    }
    let files = recordings::in_folder(path)?.into_iter();
    let named = files.map(|file| {
        let name = file.strip_prefix(path).unwrap_or(&file);
        (name.to_string_lossy().into_owned(), file)
    });
    Ok(named.collect())
}

/// Reads one recording.
pub fn open(name: String, file: &Path) -> Opened {
    let record = match recordings::read(file) {
        Ok(record) => record,
        Err(ReadError::Csv(CsvError::NoColumn { header, .. })) => {
            return Opened::NotJudged(
                name,
                format!("names no number that alarms are about, only \"{header}\""),
            );
        }
        Err(error) => return Opened::Unreadable(error.to_string()),
    };
    let notes = record.notes.clone();
    match Monitor::new(record) {
        Ok(monitor) => Opened::Judged(Box::new(Judged { name, notes, monitor })),
        Err(why) if notes.is_empty() => Opened::NotJudged(name, why.to_string()),
        Err(why) => Opened::NotJudged(name, format!("{why} (its header says: {})", notes.join(", "))),
    }
}

/// Tells every alarm that the recordings would raise.
///
/// # Errors
/// When a recording cannot be read, nothing can be judged, or nobody reads what is told.
pub fn replay(path: &Path, args: &RecordingArgs, out: &mut impl Write) -> Result<(), RecordingError> {
    let tried = args.tuning()?;
    let mut report = Report::new(args);
    let mut unreadable = Vec::new();
    for (name, file) in named(path)? {
        match open(name, &file) {
            Opened::Judged(judged) => {
                let told = |tuning: &Tuning| alarms(&play(&judged.monitor, args.category, tuning));
                report.judged(&judged, &tried, told, out)?;
            }
            Opened::NotJudged(name, why) => report.not_judged(&name, &why, out)?,
            Opened::Unreadable(error) => unreadable.push(error),
        }
    }
    let judged = report.end(out)?;
    if !unreadable.is_empty() {
        return Err(RecordingError::Unreadable(unreadable));
    }
    if judged {
        Ok(())
    } else {
        Err(RecordingError::NothingJudged)
    }
}

/// Whose limits count, by its name.
fn category(text: &str) -> Result<Category, String> {
    let known = [Category::Adult, Category::Child, Category::Neonate];
    let found = known.into_iter().find(|category| category.key() == text);
    found.ok_or_else(|| "write adult, child or neonate".to_owned())
}
