//! The centre's own audit, entry by entry, as `vitals::audit` chains them. Rows are only ever added.

use redb::{ReadableTable, WriteTransaction};
use vitals::audit::{Chain, ChainId, Entry, Head};
use vitals::json;

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

/// Rows are the lines that an export of a post's audit has.
fn add(transaction: &WriteTransaction, entries: &[Entry]) -> Result<(), StoreError> {
    let mut rows = transaction.open_table(AUDIT)?;
    for entry in entries {
        let row = json::audited(entry).to_string();
        rows.insert(entry.number, row.as_bytes())?;
    }
    Ok(())
}

fn entry(number: u64, row: &[u8]) -> Result<Entry, StoreError> {
    let row = serde_json::from_slice(row).ok();
    row.as_ref()
        .and_then(json::audit_entry)
        .ok_or(StoreError::AuditDamaged { number })
}
