//! The audits of the posts: every entry by its number and hash, and for each signed head whether the chain leads to it.
//!
//! - P1: the first key that a post signs with is remembered; a head signed with another one is told (a person accepts the new
//!   box: [`accept`]).
//! - P2: a head holds when its entry is here with this number and hash, and the chain leads backwards from there to the head
//!   before it, or to the chain's own beginning. Until what it needs can still come, nothing is said about it.
//! - P3: entries that no head leads to and that the post made anew are counted as lost at the post, not as forged.
//! - P4: an entry whose hash is not that of what it says is no entry: whatever leads over it does not hold.

use std::collections::{BTreeMap, BTreeSet};

use redb::{ReadableTable, Table, WriteTransaction};
use vitals::audit::{Chain, ChainId, Entry, Hash, SignedHead};
use vitals::{Epoch, PostId, Seq};

use super::StoreError;
use super::tables::{POST_ENTRIES, POST_HEADS, POST_KEYS, POST_LOST};

/// What is known of the audit of one post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditStanding {
    /// Signed heads to which the chain leads.
    pub heads: u64,
    /// The last entry of them that is proven.
    pub proven: Option<u64>,
    /// Entries that the post lost and made anew.
    pub lost: u64,
    /// What is wrong: the entry whose head it is, and how often that kind.
    pub troubles: BTreeMap<AuditTrouble, (u64, u64)>,
}

/// What is wrong with a signed head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditTrouble {
    /// It is not signed with the key that it names.
    Signature,
    /// It is signed with another key than the first one.
    OtherKey,
    /// It is of another post's chain.
    OtherPost,
    /// Its entry, or one on the way to the head before, never came or is not whole.
    Missing,
    /// The chain does not lead over the head before it.
    Bypassed,
}

impl AuditTrouble {
    /// In words, about the head of an entry.
    pub fn words(self, entry: u64) -> String {
        match self {
            AuditTrouble::Signature => {
                format!(
                    "the head of entry {entry} is not signed with the key that it names; it was forged or damaged"
                )
            }
            AuditTrouble::OtherKey => format!(
                "the head of entry {entry} is signed with another key than before; when the box or its card was not replaced, somebody else signs in its name. `vitalpost-central audit-accept` accepts a new box"
            ),
            AuditTrouble::OtherPost => format!("the head of entry {entry} is of another post's audit"),
            AuditTrouble::Missing => format!(
                "the chain does not lead to the signed entry {entry}: entries before it were taken out or changed, or lost with the post's card"
            ),
            AuditTrouble::Bypassed => format!(
                "the chain to the signed entry {entry} leaves out entries that were signed before: it was written anew, or a backup was put back at the post"
            ),
        }
    }
}

/// How a head stands, as its row says.
const WAITING: u8 = 0;
const HOLDS: u8 = 1;
/// A person accepted it: the next one need only lead to it.
const ACCEPTED: u8 = 2;
/// A person knows of it, and nothing follows from it.
const DISMISSED: u8 = 8;
const TROUBLES: [(u8, AuditTrouble); 5] = [
    (3, AuditTrouble::Signature),
    (4, AuditTrouble::OtherKey),
    (5, AuditTrouble::OtherPost),
    (6, AuditTrouble::Missing),
    (7, AuditTrouble::Bypassed),
];

fn state_of(trouble: AuditTrouble) -> u8 {
    let row = TROUBLES.iter().find(|(_, known)| *known == trouble);
    row.map_or(WAITING, |(state, _)| *state)
}

/// Post, number, hash of an entry.
type EntryKey = (&'static str, u64, [u8; 32]);
/// The hash before it; a head that holds leads to it.
type EntryRow = ([u8; 32], bool);
type Entries<'t> = Table<'t, EntryKey, EntryRow>;

/// An entry came.
pub(super) fn take_entry(
    transaction: &WriteTransaction,
    post: &PostId,
    entry: &Entry,
) -> Result<(), StoreError> {
    if !entry.is_whole() {
        tracing::error!(post.id = %post, entry.number, "an entry of the post's audit is not what its hash says");
        return Ok(());
    }
    let mut entries = transaction.open_table(POST_ENTRIES)?;
    let key = (post.as_str(), entry.number, entry.hash.0);
    if entries.get(key)?.is_none() {
        entries.insert(key, (entry.previous.0, false))?;
    }
    Ok(())
}

/// A signed head came: what can be said of it alone.
pub(super) fn take_head(
    transaction: &WriteTransaction,
    post: &PostId,
    (epoch, seq): (Epoch, Seq),
    signed: &SignedHead,
) -> Result<(), StoreError> {
    let state = if !signed.is_signed() {
        state_of(AuditTrouble::Signature)
    } else if signed.chain.post() != post.as_str() {
        state_of(AuditTrouble::OtherPost)
    } else {
        let mut keys = transaction.open_table(POST_KEYS)?;
        let first = keys.get(post.as_str())?.map(|row| row.value());
        match first {
            None => {
                keys.insert(post.as_str(), signed.key)?;
                WAITING
            }
            Some(first) if first == signed.key => WAITING,
            Some(_) => state_of(AuditTrouble::OtherKey),
        }
    };
    let row = (
        signed.chain.0.as_str(),
        signed.head.number,
        signed.head.hash.0,
        state,
    );
    let mut heads = transaction.open_table(POST_HEADS)?;
    heads.insert((post.as_str(), epoch.0, seq.0), row)?;
    Ok(())
}

/// One signed head as its row says.
struct HeadRow {
    at: (u64, u64),
    chain: ChainId,
    number: u64,
    hash: [u8; 32],
    state: u8,
}

/// Judges the heads that wait. `may_come` says whether events up to a place may still come.
pub(super) fn judge(
    transaction: &WriteTransaction,
    post: &PostId,
    mut may_come: impl FnMut(Epoch, Seq) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let mut heads = transaction.open_table(POST_HEADS)?;
    let mut entries = transaction.open_table(POST_ENTRIES)?;
    let mut lost = 0;
    for head in waiting(&heads, post)? {
        let before = last_held(&heads, &entries, post, &head)?;
        let state = match walk(&entries, post, &head, before)? {
            Walk::Holds(path) => {
                lost += beside(&entries, post, &path)?;
                let key = (post.as_str(), head.number, head.hash);
                let previous = entries.get(key)?.map(|row| row.value().0);
                if let Some(previous) = previous {
                    entries.insert(key, (previous, true))?;
                }
                HOLDS
            }
            Walk::Bypasses => state_of(AuditTrouble::Bypassed),
            Walk::Lacks if may_come(Epoch(head.at.0), Seq(head.at.1))? => break,
            Walk::Lacks => state_of(AuditTrouble::Missing),
        };
        let key = (post.as_str(), head.at.0, head.at.1);
        heads.insert(key, (head.chain.0.as_str(), head.number, head.hash, state))?;
    }
    if lost > 0 {
        let mut rows = transaction.open_table(POST_LOST)?;
        let before = rows.get(post.as_str())?.map_or(0, |row| row.value());
        rows.insert(post.as_str(), before + lost)?;
    }
    Ok(())
}

type HeadKey = (&'static str, u64, u64);
type HeadValue = (&'static str, u64, [u8; 32], u8);

fn rows_of(
    heads: &impl ReadableTable<HeadKey, HeadValue>,
    post: &PostId,
) -> Result<Vec<HeadRow>, StoreError> {
    let range = (post.as_str(), 0, 0)..=(post.as_str(), u64::MAX, u64::MAX);
    let mut rows = Vec::new();
    for row in heads.range(range)? {
        let (key, value) = row?;
        let (chain, number, hash, state) = value.value();
        rows.push(HeadRow {
            at: (key.value().1, key.value().2),
            chain: ChainId(chain.to_owned()),
            number,
            hash,
            state,
        });
    }
    Ok(rows)
}

/// Oldest first.
fn waiting(heads: &Table<HeadKey, HeadValue>, post: &PostId) -> Result<Vec<HeadRow>, StoreError> {
    let mut rows = rows_of(heads, post)?;
    rows.retain(|row| row.state == WAITING);
    Ok(rows)
}

/// The newest head of the same chain before this one to which the chain leads, or that a person accepted.
fn last_held(
    heads: &Table<HeadKey, HeadValue>,
    entries: &Entries<'_>,
    post: &PostId,
    head: &HeadRow,
) -> Result<Option<[u8; 32]>, StoreError> {
    let range = (post.as_str(), 0, 0)..(post.as_str(), head.at.0, head.at.1);
    for row in heads.range(range)?.rev() {
        let row = row?.1;
        let (chain, number, hash, state) = row.value();
        let counts = match state {
            HOLDS => true,
            ACCEPTED => entries.get((post.as_str(), number, hash))?.is_some(),
            _ => false,
        };
        if counts && chain == head.chain.0 {
            return Ok(Some(hash));
        }
    }
    Ok(None)
}

enum Walk {
    /// Along these entries, newest first; the head before, or nothing, is behind the last one.
    Holds(Vec<(u64, [u8; 32])>),
    Bypasses,
    /// An entry is not here.
    Lacks,
}

/// Backwards from a head to the head before it, or to the beginning of its chain.
fn walk(
    entries: &Entries<'_>,
    post: &PostId,
    head: &HeadRow,
    before: Option<[u8; 32]>,
) -> Result<Walk, StoreError> {
    let seed = Chain::seed(&head.chain);
    let (mut number, mut hash) = (head.number, head.hash);
    let mut path = Vec::new();
    loop {
        if before == Some(hash) {
            return Ok(Walk::Holds(path));
        }
        if number == 0 {
            let is_begin = Hash(hash) == seed;
            return Ok(match (is_begin, before) {
                (true, None) => Walk::Holds(path),
                (true, Some(_)) => Walk::Bypasses,
                (false, _) => Walk::Lacks,
            });
        }
        let Some(row) = entries.get((post.as_str(), number, hash))? else {
            return Ok(Walk::Lacks);
        };
        let (previous, is_proven) = row.value();
        if is_proven {
            // One that was signed, and is not the newest of them.
            return Ok(Walk::Bypasses);
        }
        path.push((number, hash));
        (number, hash) = (number - 1, previous);
    }
}

/// Entries that branch off from this path: the post sent them, lost them, and made others in their place.
fn beside(entries: &Entries<'_>, post: &PostId, path: &[(u64, [u8; 32])]) -> Result<u64, StoreError> {
    let on_path: BTreeSet<[u8; 32]> = path.iter().map(|(_, hash)| *hash).collect();
    let mut count = 0;
    for (number, hash) in path {
        let Some(row) = entries.get((post.as_str(), *number, *hash))? else {
            continue;
        };
        let mut of = BTreeSet::from([row.value().0]);
        let mut at = *number;
        while !of.is_empty() {
            let mut next = BTreeSet::new();
            for row in entries.range((post.as_str(), at, [0; 32])..=(post.as_str(), at, [0xff; 32]))? {
                let (key, value) = row?;
                let hash = key.value().2;
                if of.contains(&value.value().0) && !on_path.contains(&hash) {
                    next.insert(hash);
                }
            }
            count += next.len() as u64;
            (of, at) = (next, at.saturating_add(1));
        }
    }
    Ok(count)
}

/// How the audit of a post stands.
pub(super) fn standing(
    heads: &impl ReadableTable<HeadKey, HeadValue>,
    lost: &impl ReadableTable<&'static str, u64>,
    post: &PostId,
) -> Result<AuditStanding, StoreError> {
    let mut standing = AuditStanding {
        lost: lost.get(post.as_str())?.map_or(0, |row| row.value()),
        ..AuditStanding::default()
    };
    for row in rows_of(heads, post)? {
        if row.state == HOLDS {
            standing.heads += 1;
            standing.proven = Some(row.number);
        }
        let trouble = TROUBLES.iter().find(|(state, _)| *state == row.state);
        if let Some((_, trouble)) = trouble {
            let (last, count) = standing.troubles.entry(*trouble).or_default();
            (*last, *count) = (row.number, *count + 1);
        }
    }
    Ok(standing)
}

/// A person says that what is wrong so far is known: the newest key counts from now on, and nothing more is said about the
/// heads so far. Returns how many heads that were.
pub(super) fn accept(
    transaction: &WriteTransaction,
    post: &PostId,
    newest_key: Option<[u8; 32]>,
) -> Result<u64, StoreError> {
    if let Some(key) = newest_key {
        transaction.open_table(POST_KEYS)?.insert(post.as_str(), key)?;
    }
    let mut heads = transaction.open_table(POST_HEADS)?;
    let mut accepted = 0;
    for row in rows_of(&heads, post)? {
        let state = match TROUBLES.iter().find(|(state, _)| *state == row.state) {
            None => continue,
            Some((_, AuditTrouble::Signature | AuditTrouble::OtherPost)) => DISMISSED,
            Some(_) => ACCEPTED,
        };
        let key = (post.as_str(), row.at.0, row.at.1);
        heads.insert(key, (row.chain.0.as_str(), row.number, row.hash, state))?;
        accepted += 1;
    }
    transaction.open_table(POST_LOST)?.remove(post.as_str())?;
    Ok(accepted)
}
