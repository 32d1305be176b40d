//! The post's audit: the key that signs how far it goes, and what reads it: `vitalpost audit verify|show|csv|fhir`, the page's
//! search.
//!
//! - V1: reading changes nothing: a running post's store is read beside it, any other as an export reads it.
//! - V2 (I9): `verify` believes nothing but the entries' hashes and the heads that somebody kept elsewhere; whatever is wrong
//!   is one sentence, and the command fails.

mod fhir;
mod key;
mod search;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod verify;

use std::io::{self, BufWriter, Write};

use clap::{Args, Subcommand};
use vitals::audit::Entry;

use crate::config::ConfigErrors;
use crate::store::StoreError;

pub use fhir::event as fhir_event;
pub use key::{BoxKey, BoxKeyError, key_file, reseal};
pub use search::{Page, Wanted, search};
pub use source::SourceArgs;
pub use table::{csv_head, csv_line, shown};
pub use verify::VerifyArgs;

/// What to do with the audit.
#[derive(Args, Debug)]
pub struct AuditArgs {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand, Debug)]
enum Word {
    /// Check that no entry was changed, removed, put in or moved.
    Verify(VerifyArgs),
    /// Print entries, one line each, oldest first.
    Show(ReadArgs),
    /// Print entries as a table.
    Csv(ReadArgs),
    /// Print entries as FHIR R4 AuditEvents, one JSON line each.
    Fhir(ReadArgs),
}

/// Which entries, from where.
#[derive(Args, Debug)]
pub struct ReadArgs {
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    wanted: Wanted,
}

/// Why the audit cannot be read, or does not hold.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be read.
    #[error("{file} cannot be read: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line is not what it should be.
    #[error("{file}, line {line}: {what}")]
    Line {
        /// The file.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The answer cannot be written.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
    /// Something is wrong with the audit, and was said.
    #[error("the audit does not hold: {0} findings")]
    DoesNotHold(usize),
}

/// Runs the command; what it found is printed to `out`.
///
/// # Errors
/// One sentence about what is wrong and what to do.
pub fn run(args: &AuditArgs, out: &mut impl Write) -> Result<(), AuditError> {
    let mut out = BufWriter::new(out);
    let ran = match &args.word {
        Word::Verify(args) => verify::run(args, &mut out),
        Word::Show(args) => print(args, &mut out, |entry, _| format!("{}\n", shown(entry))),
        Word::Csv(args) => {
            out.write_all(csv_head().as_bytes())?;
            print(args, &mut out, |entry, _| csv_line(entry))
        }
        Word::Fhir(args) => print(args, &mut out, |entry, post| {
            format!("{}\n", fhir_event(entry, post))
        }),
    };
    let flushed = out.flush();
    match ran {
        // `vitalpost audit show | head` is no error.
        Err(AuditError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error),
        Ok(()) => Ok(flushed?),
    }
}

fn print(
    args: &ReadArgs,
    out: &mut impl Write,
    line: impl Fn(&Entry, &str) -> String,
) -> Result<(), AuditError> {
    let mut left = args.wanted.limit.unwrap_or(u64::MAX);
    let report = args.source.read(|found| {
        if let source::What::Entry(entry) = found.what
            && args.wanted.fits(&entry)
            && left > 0
        {
            left -= 1;
            let post = found.post.unwrap_or_default();
            out.write_all(line(&entry, &post).as_bytes())?;
        }
        Ok(())
    })?;
    for sentence in report {
        eprintln!("{sentence}");
    }
    Ok(())
}
