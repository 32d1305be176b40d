//! A copy of a store, taken while the appliance runs or while it is stopped.
//!
//! The copy is made by a process of its own, which reads one snapshot of the file (redb lets one process write and others
//! read). Rows are copied as they are: a sealed store gives a backup that is sealed with the same key, and making it
//! needs no key. Putting the copy in the store's place restores it; the next start is a new epoch as always, so it never
//! repeats a name (S2).
//!
//! - S27: a backup is one moment of the store, and a file under its name is complete. The appliance waits for nothing
//!   meanwhile. What the store gives up while it is read stays in its file, so reading ends after [`BACKUP_TIME_MAX`].

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use redb::{Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase};
use vitals::MonoTime;

use super::error::{Fault, StoreError, contain};
use super::medium::{FileMedium, Look, Medium, builder, folder_of, open_read_only};
use super::rows::{self, BLOCKS, BlockKey, Header, META};

/// Longest time for which a backup may keep the store from reusing its file: a full ward makes it grow by about 200 MB
/// in that time.
pub const BACKUP_TIME_MAX: Duration = Duration::from_secs(3600);

/// So many bytes of rows are one transaction of the copy.
const BATCH_BYTES: usize = 4 << 20;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupReport {
    /// Packed blocks of records.
    pub blocks: u64,
    /// Blocks whose check sum is wrong; they were copied as they are, and the store will give them up when it reads them.
    pub damaged: u64,
    /// Size of the file.
    pub bytes: u64,
    /// The store, and so the backup, can only be read with its key.
    pub sealed: bool,
}

/// Copies the store to a file that does not exist yet. `now` tells the time, between the steps of the work.
///
/// # Errors
/// There is no store, it cannot be read, or it was written by a newer program; the copy exists already or cannot be
/// written; it took too long. No file is left under the copy's name then.
pub fn backup(store: &Path, to: &Path, now: &dyn Fn() -> MonoTime) -> Result<BackupReport, StoreError> {
    backup_by(BATCH_BYTES, store, to, now)
}

pub(super) fn backup_by(
    batch_bytes: usize,
    store: &Path,
    to: &Path,
    now: &dyn Fn() -> MonoTime,
) -> Result<BackupReport, StoreError> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(StoreError::BackupExists { file: to.to_owned() });
    }
    if !folder_of(to).is_dir() {
        return Err(StoreError::BackupFolderMissing {
            folder: folder_of(to).to_owned(),
        });
    }
    if !store.exists() {
        return Err(StoreError::NoStore {
            file: store.to_owned(),
        });
    }
    let source = contain(|| open(store)).map_err(|fault| fault.about(store))?;
    let unfinished = unfinished(to);
    let pass = Pass {
        store,
        batch_bytes,
        now,
        began: now(),
        report: BackupReport {
            blocks: 0,
            damaged: 0,
            bytes: 0,
            sealed: false,
        },
    };
    let report = contain(|| write(pass, &source, to, &unfinished)).map_err(|fault| fault.about(to));
    if report.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    report
}

fn unfinished(to: &Path) -> PathBuf {
    let mut name = to.to_owned().into_os_string();
    name.push(".unfinished");
    name.into()
}

fn open(store: &Path) -> Result<ReadOnlyDatabase, Fault> {
    let source = match open_read_only(store) {
        Err(DatabaseError::RepairAborted) => {
            // The appliance is stopped and was cut off: opening as it would tidies up.
            let medium = FileMedium::new(store.to_owned(), None);
            medium.open(Look::Usual)?.map_or(Ok(()), Database::close)?;
            open_read_only(store)?
        }
        other => other?,
    };
    let snapshot = source.begin_read()?;
    let meta = snapshot.open_table(META)?;
    let schema = meta.get(rows::SCHEMA_KEY)?;
    rows::check_schema(schema.as_ref().map(|row| row.value()))?;
    drop((schema, meta, snapshot));
    Ok(source)
}

/// `Fault`s are about the copy; those about the store are told as such.
fn write(
    mut pass: Pass<'_>,
    source: &ReadOnlyDatabase,
    to: &Path,
    unfinished: &Path,
) -> Result<BackupReport, Fault> {
    let _ = fs::remove_file(unfinished);
    let mut open = OpenOptions::new();
    let file = open
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(unfinished)?;
    let copy = builder(Look::Usual, 0).create(unfinished)?;
    let snapshot = source.begin_read().map_err(|error| pass.about_store(error))?;
    pass.meta(&snapshot, &copy)?;
    pass.blocks(&snapshot, &copy)?;
    copy.close()?;
    file.sync_all()?;
    pass.report.bytes = file.metadata()?.len();
    fs::rename(unfinished, to)?;
    File::open(folder_of(to))?.sync_all()?;
    Ok(pass.report)
}

/// One copy being made.
struct Pass<'a> {
    store: &'a Path,
    batch_bytes: usize,
    now: &'a dyn Fn() -> MonoTime,
    began: MonoTime,
    report: BackupReport,
}

impl Pass<'_> {
    fn about_store(&self, fault: impl Into<Fault>) -> Fault {
        Fault::Told(Box::new(fault.into().about(self.store)))
    }

    fn in_time(&self) -> Result<(), Fault> {
        if (self.now)().since(self.began) < BACKUP_TIME_MAX {
            return Ok(());
        }
        Err(Fault::Told(Box::new(StoreError::BackupTooSlow {
            file: self.store.to_owned(),
            minutes: BACKUP_TIME_MAX.as_secs() / 60,
        })))
    }

    /// A few rows: one transaction.
    fn meta(&mut self, snapshot: &ReadTransaction, copy: &Database) -> Result<(), Fault> {
        let meta = snapshot
            .open_table(META)
            .map_err(|error| self.about_store(error))?;
        let transaction = copy.begin_write()?;
        {
            let mut table = transaction.open_table(META)?;
            for entry in meta.range::<&str>(..).map_err(|error| self.about_store(error))? {
                let (key, row) = entry.map_err(|error| self.about_store(error))?;
                self.report.sealed |= key.value() == rows::KEY_ROW;
                table.insert(key.value(), row.value())?;
            }
        }
        Ok(transaction.commit()?)
    }

    fn blocks(&mut self, snapshot: &ReadTransaction, copy: &Database) -> Result<(), Fault> {
        let blocks = snapshot
            .open_table(BLOCKS)
            .map_err(|error| self.about_store(error))?;
        let rows = blocks
            .range::<(u8, u64, u64)>(..)
            .map_err(|error| self.about_store(error))?;
        let mut rows = rows.peekable();
        loop {
            self.in_time()?;
            let transaction = copy.begin_write()?;
            let mut table = transaction.open_table(BLOCKS)?;
            let mut bytes = 0;
            while bytes < self.batch_bytes
                && let Some(entry) = rows.next()
            {
                let (key, row) = entry.map_err(|error| self.about_store(error))?;
                let good = BlockKey::from_raw(key.value()).and_then(|key| Header::read(key, row.value()));
                self.report.blocks += 1;
                self.report.damaged += u64::from(good.is_err());
                bytes += row.value().len();
                table.insert(key.value(), row.value())?;
            }
            drop(table);
            transaction.commit()?;
            if rows.peek().is_none() {
                return Ok(());
            }
        }
    }
}
