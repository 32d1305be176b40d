//! The audit for people: whether it holds, and all of it as a table.

use std::io::{self, Write};

use jiff::Timestamp;
use vitals::audit::{Actor, Broken, ChainId, Entry, Outcome, Verifier};
use vitals::{ClockTrust, WallTime};

use crate::store::{AuditStore, Next, StoreError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The chain does not hold.
    #[error("THE AUDIT DOES NOT HOLD: {0}")]
    Broken(#[from] Broken),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever reads it has gone.
    #[error("the report cannot be written: {0}")]
    Out(#[from] io::Error),
}

/// Looks at the whole chain, and says in a line how far it holds.
///
/// # Errors
/// Where it does not.
pub fn verify(store: &dyn AuditStore, out: &mut dyn Write) -> Result<(), ReportError> {
    let Some(id) = chain(store)? else {
        writeln!(out, "there is no audit in this store yet")?;
        return Ok(());
    };
    let mut verifier = Verifier::new(&id, Vec::new());
    let mut broken = Ok(());
    store.audit(&mut |entry| {
        broken = verifier.next(&entry);
        if broken.is_ok() { Next::More } else { Next::Enough }
    })?;
    broken?;
    let head = verifier.end()?;
    writeln!(
        out,
        "the audit holds: {} entries of {}; the last one's hash is {}",
        head.number, id.0, head.hash
    )?;
    Ok(())
}

fn chain(store: &dyn AuditStore) -> Result<Option<ChainId>, StoreError> {
    store.audit(&mut |_| Next::Enough)
}

/// The columns of [`csv`].
const COLUMNS: &str = "number,time,clock,kind,id,name,from,action,outcome,subject,before,after";

/// Every entry as a line of a table that spreadsheets read.
///
/// # Errors
/// When the store cannot be read, or nobody takes the lines.
pub fn csv(store: &dyn AuditStore, out: &mut dyn Write) -> Result<(), ReportError> {
    let mut written = writeln!(out, "{COLUMNS}");
    store.audit(&mut |entry| {
        if written.is_ok() {
            written = writeln!(out, "{}", line(&entry));
        }
        if written.is_ok() { Next::More } else { Next::Enough }
    })?;
    Ok(written?)
}

fn line(entry: &Entry) -> String {
    let (deed, told) = (&entry.deed, &entry.deed.told);
    let (kind, id, name) = match &told.who {
        Actor::Person { id, name } => ("person", id.as_str(), name.reveal().as_str()),
        Actor::Centre { id, name } => ("centre", id.as_str(), name.reveal().as_str()),
        Actor::System { user } => ("system", user.as_str(), ""),
        Actor::Post => ("machine", "", ""),
        Actor::Nobody => ("nobody", "", ""),
    };
    let trust = match deed.trust {
        ClockTrust::Untrusted => "untrusted",
        ClockTrust::Holdover => "holdover",
        ClockTrust::Synchronised => "synchronised",
    };
    let outcome = match told.outcome {
        Outcome::Done => "done",
        Outcome::Refused => "refused",
    };
    let words = |words: &Option<vitals::Masked<String>>| {
        words
            .as_ref()
            .map_or(String::new(), |words| words.reveal().clone())
    };
    let fields = [
        &entry.number.to_string(),
        &deed.wall.map_or(String::new(), time),
        trust,
        kind,
        id,
        name,
        &told.from,
        &told.action,
        outcome,
        &told.subject,
        &words(&told.before),
        &words(&told.after),
    ];
    fields.map(field).join(",")
}

fn time(wall: WallTime) -> String {
    Timestamp::from_millisecond(wall.as_unix_ms()).map_or(String::new(), |time| time.to_string())
}

/// One field (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it: people choose their
/// own names.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (text, expected) in [
            ("grace", "grace"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=cmd()", "'=cmd()"),
            ("@x,y", "\"'@x,y\""),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
