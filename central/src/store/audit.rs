//! The centre's own audit, entry by entry, as `vitals::audit` chains them. Rows are only ever added.

use redb::{ReadableTable, WriteTransaction};
use serde::{Deserialize, Serialize};
use vitals::audit::{Actor, Chain, ChainId, Deed, Entry, Hash, Head, Outcome, Telling};
use vitals::{ClockTrust, Masked, MonoTime, Stamp, WallTime};

use super::tables::{AUDIT, AUDIT_CHAIN};
use super::{Next, RedbStore, StoreError};

/// The key of the chain's id in [`AUDIT_CHAIN`].
const CHAIN_KEY: &str = "chain";

/// Where the audit of the centre is kept.
pub trait AuditStore: Send + Sync {
    /// How far the chain goes. A chain that has not begun begins with this id.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    fn audit_head(&self, new: &ChainId) -> Result<Head, StoreError>;

    /// Adds these entries, all in one transaction, and says so durably.
    ///
    /// # Errors
    /// When the store cannot write: none of them is kept then.
    fn keep_audit(&self, entries: &[Entry]) -> Result<(), StoreError>;

    /// Reads every entry in order; the id of the chain is `None` while none has begun.
    ///
    /// # Errors
    /// When the store cannot be read, or a row is not what this program writes.
    fn audit(&self, each: &mut dyn FnMut(Entry) -> Next) -> Result<Option<ChainId>, StoreError>;
}

impl AuditStore for RedbStore {
    fn audit_head(&self, new: &ChainId) -> Result<Head, StoreError> {
        let known = self.read(|transaction| {
            let last = transaction
                .open_table(AUDIT)?
                .last()?
                .map(|(number, row)| entry(number.value(), row.value()));
            let id = transaction.open_table(AUDIT_CHAIN)?.get(CHAIN_KEY)?;
            let begun = id.map(|id| Chain::begin(&ChainId(id.value().to_owned())).head());
            Ok(last.transpose()?.map(|entry| entry.head()).or(begun))
        })?;
        if let Some(head) = known {
            return Ok(head);
        }
        self.write(|transaction| {
            let mut chains = transaction.open_table(AUDIT_CHAIN)?;
            chains.insert(CHAIN_KEY, new.0.as_str())?;
            Ok(Chain::begin(new).head())
        })
    }

    fn keep_audit(&self, entries: &[Entry]) -> Result<(), StoreError> {
        self.write(|transaction| add(transaction, entries))
    }

    fn audit(&self, each: &mut dyn FnMut(Entry) -> Next) -> Result<Option<ChainId>, StoreError> {
        self.read(|transaction| {
            let id = transaction
                .open_table(AUDIT_CHAIN)?
                .get(CHAIN_KEY)?
                .map(|row| ChainId(row.value().to_owned()));
            for row in transaction.open_table(AUDIT)?.iter()? {
                let (number, row) = row?;
                if each(entry(number.value(), row.value())?) == Next::Enough {
                    break;
                }
            }
            Ok(id)
        })
    }
}

fn add(transaction: &WriteTransaction, entries: &[Entry]) -> Result<(), StoreError> {
    let mut rows = transaction.open_table(AUDIT)?;
    for entry in entries {
        let row = serde_json::to_vec(&Row::of(entry)).expect("a row has only text and numbers");
        rows.insert(entry.number, row.as_slice())?;
    }
    Ok(())
}

fn entry(number: u64, row: &[u8]) -> Result<Entry, StoreError> {
    let row = serde_json::from_slice::<Row>(row).ok();
    row.and_then(Row::entry)
        .ok_or(StoreError::AuditDamaged { number })
}

/// A row of [`AUDIT`].
#[derive(Serialize, Deserialize)]
struct Row {
    number: u64,
    previous: String,
    boot: String,
    mono_ns: u64,
    wall_ns: Option<i64>,
    trust: ClockTrust,
    who: Who,
    from: String,
    action: String,
    outcome: Outcome,
    subject: String,
    before: Option<String>,
    after: Option<String>,
    hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Who {
    Person { id: String, name: String },
    Centre { id: String, name: String },
    System { user: String },
    Post,
    Nobody,
}

impl Row {
    fn of(entry: &Entry) -> Row {
        let (deed, told) = (&entry.deed, &entry.deed.told);
        let words = |words: &Option<Masked<String>>| words.as_ref().map(|words| words.reveal().clone());
        Row {
            number: entry.number,
            previous: entry.previous.to_string(),
            boot: deed.at.boot.to_string(),
            mono_ns: deed.at.mono.as_ns(),
            wall_ns: deed.wall.map(WallTime::as_unix_ns),
            trust: deed.trust,
            who: Who::of(&told.who),
            from: told.from.clone(),
            action: told.action.clone(),
            outcome: told.outcome,
            subject: told.subject.clone(),
            before: words(&told.before),
            after: words(&told.after),
            hash: entry.hash.to_string(),
        }
    }

    fn entry(self) -> Option<Entry> {
        Some(Entry {
            number: self.number,
            previous: hash(&self.previous)?,
            deed: Deed {
                at: Stamp {
                    boot: self.boot.parse().ok()?,
                    mono: MonoTime::from_ns(self.mono_ns),
                },
                wall: self.wall_ns.map(WallTime::from_unix_ns),
                trust: self.trust,
                told: Telling {
                    who: self.who.actor(),
                    from: self.from,
                    action: self.action,
                    outcome: self.outcome,
                    subject: self.subject,
                    before: self.before.map(Masked::new),
                    after: self.after.map(Masked::new),
                },
            },
            hash: hash(&self.hash)?,
        })
    }
}

impl Who {
    fn of(who: &Actor) -> Who {
        match who {
            Actor::Person { id, name } => Who::Person {
                id: id.clone(),
                name: name.reveal().clone(),
            },
            Actor::Centre { id, name } => Who::Centre {
                id: id.clone(),
                name: name.reveal().clone(),
            },
            Actor::System { user } => Who::System { user: user.clone() },
            Actor::Post => Who::Post,
            Actor::Nobody => Who::Nobody,
        }
    }

    fn actor(self) -> Actor {
        match self {
            Who::Person { id, name } => Actor::Person {
                id,
                name: Masked::new(name),
            },
            Who::Centre { id, name } => Actor::Centre {
                id,
                name: Masked::new(name),
            },
            Who::System { user } => Actor::System { user },
            Who::Post => Actor::Post,
            Who::Nobody => Actor::Nobody,
        }
    }
}

/// 64 hexadecimal digits.
fn hash(text: &str) -> Option<Hash> {
    let mut hash = Hash([0; 32]);
    if text.len() != 2 * hash.0.len() || !text.is_ascii() {
        return None;
    }
    for (byte, place) in hash.0.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(hash)
}
