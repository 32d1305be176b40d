//! The redb file: opening, one transaction at a time, recovery after a failed write.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use redb::{
    Builder, Database, DatabaseError, ReadTransaction, ReadableDatabase, ReadableTable, WriteTransaction,
};
use vitals::wire::{Command, CommandKind, PostState};
use vitals::{Event, Lane, PostId, Record};

use super::deeds;
use super::tables::{self, ALARMS, ANCHORS, BLOCKS, HELD, LATEST, META, OPEN, PENDING, POSTS, SEEN};
use super::tables::{
    ANSWERS, ASIDE, AUDIT, AUDIT_CHAIN, DEEDS, DUTY, DUTY_KEY, EXPIRED, IDENTIFIED, OUTAGES, OVER, PATIENTS,
    SEEN_BY, SENT,
};
use super::tables::{POST_ENTRIES, POST_HEADS, POST_KEYS, POST_LOST};
use super::{Applied, Arrived, CentreStore, Next, PostStanding, Query, StoreError, Stored, Verdict};
use super::{Limits, ThinPlace, Thinned, apply, proofs, read, retention, standing};
use crate::duty::Duty;

/// Pages that redb keeps in memory.
const CACHE_BYTES_MAX: usize = 128 << 20;

/// How the file is opened again after a failure: it must be there, an empty new one would hide the loss.
type Reopen = Box<dyn Fn(&Path) -> Result<Database, DatabaseError> + Send + Sync>;

/// The store in one redb file. One process at a time; readers see committed data only and never wait for the writer.
pub struct RedbStore {
    file: PathBuf,
    reopen: Reopen,
    /// `None` after a failed write until it could be opened again: redb refuses every use after an I/O error.
    database: RwLock<Option<Database>>,
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When another process has it, a newer program wrote it, or it is no store.
    pub fn open(file: &Path) -> Result<RedbStore, StoreError> {
        RedbStore::start(
            file,
            builder().create(file),
            Box::new(|file| builder().open(file)),
        )
    }

    /// Opens a file that must be there.
    ///
    /// # Errors
    /// As [`RedbStore::open`], and when there is no such file.
    pub fn open_existing(file: &Path) -> Result<RedbStore, StoreError> {
        RedbStore::start(file, builder().open(file), Box::new(|file| builder().open(file)))
    }

    pub(super) fn start(
        file: &Path,
        opened: Result<Database, DatabaseError>,
        reopen: Reopen,
    ) -> Result<RedbStore, StoreError> {
        Ok(RedbStore {
            database: RwLock::new(Some(checked(file, opened)?)),
            file: file.to_owned(),
            reopen,
        })
    }

    fn with<T>(&self, job: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().ok_or_else(|| StoreError::Closed {
            file: self.file.clone(),
        })?;
        job(database)
    }

    /// Runs `job` in one transaction and commits it durably (redb's default durability is `Immediate`).
    pub(super) fn write<T>(
        &self,
        job: impl FnOnce(&WriteTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| {
            let transaction = database.begin_write()?;
            let done = job(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    pub(super) fn read<T>(
        &self,
        job: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.with(|database| job(&database.begin_read()?))
    }
}

impl CentreStore for RedbStore {
    fn apply(&self, arrived: &[Arrived]) -> Result<Vec<Applied>, StoreError> {
        self.write(|transaction| apply::apply(transaction, arrived))
    }

    fn keep_state(&self, state: &PostState) -> Result<(), StoreError> {
        self.write(|transaction| {
            let mut posts = transaction.open_table(POSTS)?;
            posts.insert(state.post.as_str(), state.encode().as_slice())?;
            Ok(())
        })
    }

    fn keep_command(&self, post: &PostId, command: &Command) -> Result<(), StoreError> {
        if let CommandKind::Deed(deed) = &command.kind {
            return self.write(|transaction| deeds::keep(transaction, post, command, deed.alarm));
        }
        let CommandKind::Seen { alarm, by, by_id } = &command.kind else {
            return self.write(|transaction| {
                let key = (post.as_str(), command.issued.as_unix_ns(), command.id);
                let mut sent = transaction.open_table(SENT)?;
                sent.insert(key, command.encode().as_slice())?;
                Ok(())
            });
        };
        self.write(|transaction| {
            let key = (post.as_str(), alarm.epoch.0, alarm.number, command.id);
            let (at, expires) = (command.issued.as_unix_ns(), command.expires.as_unix_ns());
            let mut seen = transaction.open_table(SEEN)?;
            seen.insert(key, (by.as_str(), at, expires, false))?;
            if let Some(by_id) = by_id {
                transaction.open_table(SEEN_BY)?.insert(key, by_id.as_str())?;
            }
            let mut pending = transaction.open_table(PENDING)?;
            pending.insert((post.as_str(), command.id), (alarm.epoch.0, alarm.number))?;
            Ok(())
        })
    }

    fn keep_verdicts(&self, post: &PostId, verdicts: &[Verdict]) -> Result<(), StoreError> {
        self.write(|transaction| {
            let alarms = transaction.open_table(ALARMS)?;
            let (mut over, mut open) = (transaction.open_table(OVER)?, transaction.open_table(OPEN)?);
            for verdict in verdicts {
                let key = (post.as_str(), verdict.alarm.epoch.0, verdict.alarm.number);
                let latest = alarms.get(key)?.map(|row| row.value().0);
                if latest != Some(verdict.change) {
                    continue;
                }
                if verdict.is_over {
                    over.insert(key, verdict.change)?;
                    open.remove(key)?;
                } else {
                    over.remove(key)?;
                    open.insert(key, ())?;
                }
            }
            Ok(())
        })
    }

    fn thin_out(&self, limits: Limits, from: ThinPlace) -> Result<Thinned, StoreError> {
        self.write(|transaction| retention::thin_out(transaction, limits, from))
    }

    fn keep_duty(&self, duty: &Duty) -> Result<(), StoreError> {
        let row = serde_json::to_vec(duty).map_err(|_| StoreError::DutyDamaged)?;
        self.write(|transaction| {
            let mut rows = transaction.open_table(DUTY)?;
            rows.insert(DUTY_KEY, row.as_slice())?;
            Ok(())
        })
    }

    fn duty(&self) -> Result<Duty, StoreError> {
        self.read(|transaction| {
            let row = transaction.open_table(DUTY)?.get(DUTY_KEY)?;
            let duty = row.map(|row| serde_json::from_slice(row.value()));
            let duty = duty.transpose().map_err(|_| StoreError::DutyDamaged)?;
            Ok(duty.unwrap_or_default())
        })
    }

    fn standing(&self) -> Result<Vec<PostStanding>, StoreError> {
        self.read(standing::standing)
    }

    fn records(
        &self,
        query: &Query,
        each: &mut dyn FnMut(&PostId, Stored) -> Next,
    ) -> Result<(), StoreError> {
        self.read(|transaction| read::records(transaction, query, each))
    }

    fn accept_audit(&self, post: &PostId) -> Result<u64, StoreError> {
        let mut newest = None;
        let query = Query {
            post: Some(post.clone()),
            lane: Some(Lane::Events),
            ..Query::default()
        };
        self.records(&query, &mut |_, stored| {
            if let Record::Event {
                event: Event::AuditHead(signed),
                ..
            } = stored.record
                && signed.is_signed()
            {
                newest = Some(signed.key);
            }
            Next::More
        })?;
        self.write(|transaction| proofs::accept(transaction, post, newest))
    }

    fn try_again(&self) -> Result<(), StoreError> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        // The old handle goes first: it holds the lock on the file.
        drop(database.take());
        *database = Some(checked(&self.file, (self.reopen)(&self.file))?);
        Ok(())
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES_MAX);
    builder
}

/// A store of our version that can write, or what is wrong with the file.
fn checked(file: &Path, opened: Result<Database, DatabaseError>) -> Result<Database, StoreError> {
    let failed = |source: redb::Error| StoreError::Open {
        file: file.to_owned(),
        source: Box::new(source),
    };
    let database = opened.map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::InUse {
            file: file.to_owned(),
        },
        other => failed(other.into()),
    })?;
    let found = prepare(&database).map_err(|error| match error {
        StoreError::Database(source) => failed(*source),
        other => other,
    })?;
    if found > tables::VERSION {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            found,
        });
    }
    Ok(database)
}

/// Makes the tables of a new file; says which version the file has. Touches nothing in the file of a newer program.
/// It writes in any case, so a store that opens is a store that can write.
fn prepare(database: &Database) -> Result<u64, StoreError> {
    let transaction = database.begin_write()?;
    let found = {
        let mut meta = transaction.open_table(META)?;
        let found = meta.get(tables::VERSION_KEY)?.map(|row| row.value());
        if found.is_none_or(|version| version <= tables::VERSION) {
            meta.insert(tables::VERSION_KEY, tables::VERSION)?;
        }
        found.unwrap_or(tables::VERSION)
    };
    if found > tables::VERSION {
        transaction.abort()?;
        return Ok(found);
    }
    transaction.open_table(BLOCKS)?;
    transaction.open_table(HELD)?;
    transaction.open_table(LATEST)?;
    transaction.open_table(ALARMS)?;
    transaction.open_table(OPEN)?;
    transaction.open_table(SEEN)?;
    transaction.open_table(PENDING)?;
    transaction.open_table(ANCHORS)?;
    transaction.open_table(POSTS)?;
    // Tables that files of version 1 may lack: empty there.
    transaction.open_table(OVER)?;
    transaction.open_table(SENT)?;
    transaction.open_table(ANSWERS)?;
    transaction.open_table(OUTAGES)?;
    transaction.open_table(ASIDE)?;
    transaction.open_table(PATIENTS)?;
    transaction.open_table(IDENTIFIED)?;
    transaction.open_table(SEEN_BY)?;
    transaction.open_table(DEEDS)?;
    transaction.open_table(EXPIRED)?;
    transaction.open_table(DUTY)?;
    transaction.open_table(AUDIT)?;
    transaction.open_table(AUDIT_CHAIN)?;
    transaction.open_table(POST_ENTRIES)?;
    transaction.open_table(POST_HEADS)?;
    transaction.open_table(POST_KEYS)?;
    transaction.open_table(POST_LOST)?;
    transaction.commit()?;
    Ok(found)
}
