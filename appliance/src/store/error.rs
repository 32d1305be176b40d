//! What can go wrong with the store, and how redb's errors become something a caller can act on.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Why the store could not be opened, read or committed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder is missing.
    #[error("the folder {} for the store does not exist: mount the card or create the folder, or correct [store] path", .folder.display())]
    FolderMissing {
        /// The folder.
        folder: PathBuf,
    },
    /// The file or its folder may not be written.
    #[error("the store {} cannot be written ({source}): give the user that runs vitalpost the right to write the file and its folder", .file.display())]
    NotWritable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the file open.
    #[error("the store {} is in use by another process: stop the other vitalpost, or give this one another [store] path", .file.display())]
    Locked {
        /// The file.
        file: PathBuf,
    },
    /// Written by a newer program. Not damaged, so it is left where it is.
    #[error("the store {} was written by a newer vitalpost (schema {found}, this one knows {known}): install that version again, or move the file away to start an empty store", .file.display())]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Highest schema that this program knows.
        known: u32,
        /// The file.
        file: PathBuf,
    },
    /// No room on the card.
    #[error("no room left for the store {}: free space on its file system", .file.display())]
    Full {
        /// The file.
        file: PathBuf,
    },
    /// The card or file system refused.
    #[error("the store {} cannot be used ({source}): check the card and its file system", .file.display())]
    Disk {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The contents are not what was written.
    #[error("the store {} is damaged: {reason}", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The card has refused a write, and the store is being opened again: try later.
    #[error("the store {} is being opened again after an error; what is on the card cannot be read now", .file.display())]
    Reopening {
        /// The file.
        file: PathBuf,
    },
    /// The store is sealed, and no key is configured. Not damaged, so it is left where it is: monitoring may go on in
    /// memory, and opening may be tried again.
    #[error("the store {} is sealed and no key is configured: name its key file in [store] key (for an export, with --key)", .file.display())]
    KeyMissing {
        /// The store.
        file: PathBuf,
    },
    /// The store is sealed with another key than the configured one. Not damaged, so it is left where it is.
    #[error("the store {} was sealed with another key than {}: put the right key file there, or move the store away to start an empty one", .file.display(), .key.display())]
    WrongKey {
        /// The store.
        file: PathBuf,
        /// The key that does not fit.
        key: PathBuf,
    },
    /// The configured key is missing or cannot be used; nothing is written unsealed instead.
    #[error("the key {} for the store cannot be used: {reason}", .key.display())]
    KeyUnusable {
        /// The key file.
        key: PathBuf,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Nothing lies there.
    #[error("there is no store {}: correct [store] path, or start vitalpost once", .file.display())]
    NoStore {
        /// The file.
        file: PathBuf,
    },
    /// There is no data key that could be sealed anew.
    #[error("the store {} is not sealed: set [store] key and start vitalpost once, then it is", .file.display())]
    NotSealed {
        /// The store.
        file: PathBuf,
    },
    /// A backup never overwrites anything.
    #[error("the backup {} exists already: choose another name", .file.display())]
    BackupExists {
        /// The file.
        file: PathBuf,
    },
    /// The folder for a backup is missing.
    #[error("the folder {} for the backup does not exist: plug in and mount the disk, or correct --to", .folder.display())]
    BackupFolderMissing {
        /// The folder.
        folder: PathBuf,
    },
    /// Reading took so long that the store would have grown too much.
    #[error("the backup of the store {} took more than {minutes} minutes and was given up: use a faster disk", .file.display())]
    BackupTooSlow {
        /// The store.
        file: PathBuf,
        /// The limit.
        minutes: u64,
    },
    /// Records did not reach the card.
    #[error("{records} records have not reached the store {}: {reason}", .file.display())]
    NotCommitted {
        /// The file.
        file: PathBuf,
        /// How many.
        records: u64,
        /// Why not.
        reason: String,
    },
    /// The writer's thread could not be started.
    #[error("cannot start the store's thread: {0}")]
    Thread(io::Error),
}

/// Bare trouble inside the store, before it knows which file it is about.
#[derive(Debug)]
pub(super) enum Fault {
    /// redb says so.
    Redb(redb::Error),
    /// A system call outside redb failed.
    Io(io::Error),
    /// What was read is not what was written.
    Bad(String),
    /// A schema that this program does not know yet.
    Newer(u32),
    /// There is no open database at the moment.
    Reopening,
    /// Already an error about the file.
    Told(Box<StoreError>),
}

macro_rules! from_redb {
    ($($error:ident),*) => {$(
        impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Fault {
                Fault::Redb(error.into())
            }
        }
    )*};
}
from_redb!(
    CommitError,
    DatabaseError,
    StorageError,
    TableError,
    TransactionError
);

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// Linux: a sector cannot be read or written.
const EIO: i32 = 5;

impl Fault {
    /// No room on the card.
    pub(super) fn full() -> Fault {
        Fault::Io(io::ErrorKind::StorageFull.into())
    }

    /// As an error about `file`.
    pub(super) fn about(self, file: &Path) -> StoreError {
        let file = file.to_owned();
        let damaged = |reason: String| StoreError::Damaged {
            file: file.clone(),
            reason,
        };
        match self {
            Fault::Io(error) | Fault::Redb(redb::Error::Io(error)) => io_error(file, error),
            Fault::Redb(redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch) => {
                StoreError::Locked { file }
            }
            // After an error of the card redb refuses the handle: the writer is about to replace it.
            Fault::Redb(redb::Error::PreviousIo | redb::Error::DatabaseClosed) => {
                StoreError::Reopening { file }
            }
            Fault::Redb(error) => damaged(error.to_string()),
            Fault::Bad(reason) => damaged(reason),
            Fault::Newer(found) => StoreError::Newer {
                found,
                known: super::rows::SCHEMA,
                file,
            },
            Fault::Reopening => StoreError::Reopening { file },
            Fault::Told(error) => *error,
        }
    }
}

fn io_error(file: PathBuf, source: io::Error) -> StoreError {
    match source.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => StoreError::Damaged {
            file,
            reason: source.to_string(),
        },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            StoreError::Full { file }
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::NotWritable { file, source }
        }
        _ => StoreError::Disk { file, source },
    }
}

/// Whether `error`, met while opening, means that the file is beyond use. A sector that cannot be read counts: a new
/// file gets other sectors, and waiting cures nothing.
pub(super) fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::Damaged { .. } => true,
        StoreError::Disk { source, .. } => source.raw_os_error() == Some(EIO),
        _ => false,
    }
}

/// Whether the card or its file system refuses, or its store stays locked: monitoring goes on without it (S20).
pub(super) fn is_card(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::FolderMissing { .. }
            | StoreError::NotWritable { .. }
            | StoreError::Disk { .. }
            | StoreError::Full { .. }
            | StoreError::Damaged { .. }
            | StoreError::Reopening { .. }
            // A stick that was not plugged in again after a power cut, or a mistake: no reason to stop monitoring.
            | StoreError::KeyMissing { .. }
            | StoreError::WrongKey { .. }
            | StoreError::KeyUnusable { .. }
    )
}

/// Whether there is no room on the card.
pub(super) fn is_full(error: &StoreError) -> bool {
    matches!(error, StoreError::Full { .. })
}

/// Runs `f` and turns a panic into damage: redb may panic on a file that something else has altered, and a damaged
/// store must never take the monitoring down with it. Whoever gets [`Fault::Bad`] here drops the handle.
pub(super) fn contain<T>(f: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no words");
        Err(Fault::Bad(format!("reading it ended in a panic: {words}")))
    })
}
