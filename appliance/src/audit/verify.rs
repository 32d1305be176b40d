//! `vitalpost audit verify`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use vitals::audit::{Book, ChainTold, Strictness};

use super::source::{self, What};
use super::{AuditError, SourceArgs};

/// What to check, and against what.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Signed heads that somebody kept elsewhere, as JSON lines: `vitalpost-central dump --lane events` gives them.
    /// Without them nobody can see that the end was cut off.
    #[arg(long)]
    heads: Option<PathBuf>,
    /// It is the centre's copy: entries beside the chain were lost by the post's card and are no forgery.
    #[arg(long)]
    centre: bool,
}

pub(super) fn run(args: &VerifyArgs, out: &mut impl Write) -> Result<(), AuditError> {
    let strictness = if args.centre {
        Strictness::Centre
    } else {
        Strictness::Post
    };
    let mut books: BTreeMap<Option<String>, Book> = BTreeMap::new();
    let open = |post: &Option<String>| -> Result<Book, AuditError> {
        let kept = args.heads.as_ref();
        let kept = kept
            .map(|file| source::heads(file, post.as_deref()))
            .transpose()?;
        Ok(Book::new(post.clone(), strictness, kept.unwrap_or_default()))
    };
    let unread = args.source.read(|item| {
        if !books.contains_key(&item.post) {
            books.insert(item.post.clone(), open(&item.post)?);
        }
        if let Some(book) = books.get_mut(&item.post) {
            match item.what {
                What::Entry(entry) => book.entry(&entry),
                What::Head(head) => book.head(&head),
            }
        }
        Ok(())
    })?;
    if books.is_empty() {
        // Heads of a chain that is wholly gone must still be missed.
        let post = args.source.post.clone();
        books.insert(post.clone(), open(&post)?);
        writeln!(out, "There is no entry.")?;
    }
    let mut findings = unread.len();
    for sentence in unread {
        writeln!(out, "{sentence}")?;
    }
    for (post, book) in books {
        let (chains, beside, found) = book.end();
        if let Some(post) = post {
            writeln!(out, "Post {post}:")?;
        }
        for chain in &chains {
            writeln!(out, "{}", told(chain))?;
        }
        if beside > 0 {
            writeln!(
                out,
                "{beside} entries stand beside the chain: the post sent them and lost them on its card."
            )?;
        }
        for found in &found {
            writeln!(out, "WRONG: {found}.")?;
        }
        findings += found.len();
    }
    match findings {
        0 => Ok(writeln!(out, "The audit holds.")?),
        findings => Err(AuditError::DoesNotHold(findings)),
    }
}

fn told(chain: &ChainTold) -> String {
    let ChainTold { id, first, head, why } = chain;
    let id = id.as_ref().map_or("(without a name)", |id| id.0.as_str());
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(", begun: {why}")
    };
    format!(
        "chain {id}{why}: entries {first} to {}, the last one's hash {}",
        head.number, head.hash
    )
}
