//! Where entries come from: the post's store, also while it runs; a backup or a store that was set aside; lines that
//! `vitalpost export` or `vitalpost-central dump` wrote.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use vitals::audit::{Entry, SignedHead};
use vitals::{Event, Lane, Record, json};

use super::AuditError;
use crate::config;
use crate::store::{Archive, KeySource, Unread};

/// Where to read.
#[derive(Args, Clone, Debug)]
pub struct SourceArgs {
    /// The configuration file: says where the store is and what the post is called.
    #[arg(long, default_value = "/etc/vitalpost/vitalpost.toml")]
    pub config: PathBuf,
    /// Read this file instead of the post's store: a backup, a copy, or a damaged file that was set aside. No
    /// configuration is needed then.
    #[arg(long, conflicts_with = "export")]
    pub store: Option<PathBuf>,
    /// The key of a sealed store, when it is not the one of [store] key in the configuration.
    #[arg(long)]
    pub key: Option<PathBuf>,
    /// Read the JSON lines of an export of the lane events, or of a centre's dump; `-` = standard input.
    #[arg(long)]
    pub export: Option<PathBuf>,
    /// Whose audit it should be, when no configuration says it.
    #[arg(long)]
    pub post: Option<String>,
}

/// Something of an audit.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// The post as its place says, if it says it.
    pub post: Option<String>,
    pub what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Entry(Box<Entry>),
    Head(Box<SignedHead>),
}

impl SourceArgs {
    /// Hands out entries and heads in the order in which they were made. Tells in sentences what could not be read.
    pub(super) fn read(
        &self,
        each: impl FnMut(Item) -> Result<(), AuditError>,
    ) -> Result<Vec<String>, AuditError> {
        if let Some(export) = &self.export {
            return of_lines(export, self.post.as_deref(), each).map(|()| Vec::new());
        }
        let (store, key, post) = match &self.store {
            Some(store) => (store.clone(), self.key.clone(), self.post.clone()),
            None => {
                let config = config::load(&self.config)?;
                let post = self.post.clone().unwrap_or_else(|| config.post.to_string());
                let key = self.key.clone().or(config.store.key);
                (config.store.path, key, Some(post))
            }
        };
        let archive = Archive::open_beside(&store, key.map(KeySource::File))?;
        of_store(&archive, post.as_deref(), each)
    }
}

fn of_store(
    archive: &Archive,
    post: Option<&str>,
    mut each: impl FnMut(Item) -> Result<(), AuditError>,
) -> Result<Vec<String>, AuditError> {
    let unread = archive.read(Lane::Events, |kept| {
        let what = match kept.record {
            Record::Event { event, .. } => match event {
                Event::Audited(entry) => What::Entry(entry),
                Event::AuditHead(head) => What::Head(head),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let post = post.map(str::to_owned);
        each(Item { post, what })
    })?;
    let told = |Unread { from, to, .. }: &Unread| {
        let to = to.map_or("the end".to_owned(), |to| {
            format!("epoch {} number {}", to.0, to.1.0)
        });
        format!(
            "Could not be read: events from epoch {} number {} to before {to}.",
            from.0, from.1.0
        )
    };
    Ok(unread.iter().map(told).collect())
}

/// The longest line that is read: an entry with every text as long as it may be is much shorter.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Lines of an export or a dump; `post` = only of this one.
fn of_lines(
    path: &Path,
    post: Option<&str>,
    mut each: impl FnMut(Item) -> Result<(), AuditError>,
) -> Result<(), AuditError> {
    each_line(path, |number, line| {
        let of = line.get("post").and_then(Value::as_str);
        if post.is_some() && of.is_some() && post != of {
            return Ok(());
        }
        let wrong = |what| AuditError::Line {
            file: path.display().to_string(),
            line: number,
            what,
        };
        let what = match line.get("event").and_then(Value::as_str) {
            Some("audited") => {
                let entry = json::audit_entry(line);
                What::Entry(Box::new(
                    entry.ok_or_else(|| wrong("this is no entry of an audit any more"))?,
                ))
            }
            Some("audit_head") => {
                let head = json::audit_head(line);
                What::Head(Box::new(
                    head.ok_or_else(|| wrong("this is no signed head any more"))?,
                ))
            }
            _ => return Ok(()),
        };
        let post = of.or(post).map(str::to_owned);
        each(Item { post, what })
    })
}

/// The signed heads that somebody kept: lines of a dump or export, or the heads alone.
pub(super) fn heads(path: &Path, post: Option<&str>) -> Result<Vec<SignedHead>, AuditError> {
    let mut heads = Vec::new();
    each_line(path, |_, line| {
        let of = line.get("post").and_then(Value::as_str);
        if post.is_none() || of.is_none() || post == of {
            heads.extend(json::audit_head(line));
        }
        Ok(())
    })?;
    Ok(heads)
}

fn each_line(
    path: &Path,
    mut each: impl FnMut(u64, &Value) -> Result<(), AuditError>,
) -> Result<(), AuditError> {
    let file = || path.display().to_string();
    let failed = |source| AuditError::File { file: file(), source };
    let mut reader: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(failed)?))
    };
    for number in 1.. {
        let mut line = String::new();
        let read = io::Read::take(&mut reader, LINE_BYTES_MAX).read_line(&mut line);
        if read.map_err(failed)? == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |_| AuditError::Line {
            file: file(),
            line: number,
            what: "this is not a line of JSON",
        };
        each(number, &serde_json::from_str(&line).map_err(wrong)?)?;
    }
    Ok(())
}
