//! Who may read a store: its data key, the wrapping key that seals the data key, and where the wrapping key comes from.
//!
//! Each store has its own random data key. It lies in the store's `meta` table, sealed with the wrapping key, which lies
//! outside: in a key file or a systemd credential. So changing the key writes one row, and destroying the key makes the
//! whole store unreadable, and every backup of it.
//!
//! - S24: a store that cannot be unlocked is not damaged: it is never set aside, and none of its rows changes. "Wrong
//!   key" is told apart from a flipped bit by the check sum that stands before the sealed data key.
//! - S25: with a key configured, nothing is written unsealed: a key that cannot be used is an error, also for a store
//!   that does not exist yet. Only a card that is full when an older, unsealed store gets its key leaves it unsealed
//!   until there is room.
//! - S26: a rekey is one transaction: before it the old key works, after it the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use redb::{Database, DatabaseError, ReadableDatabase, WriteTransaction};

use super::error::{Fault, StoreError, contain, is_full};
use super::medium::{FileMedium, Look, Medium, folder_of};
use super::open::check;
use super::rows::{self, KEY_ROW, META};
use super::seal::{KEY_BYTES, Seal, SealingKey, random};

/// A key file is 64 digits and a line end; whatever is much longer is something else.
const KEY_FILE_BYTES_MAX: u64 = 256;

/// Bound to every sealed data key, so that it can be nothing else.
const DATA_KEY: &[u8] = b"vitalpost store data key 1";

/// Where the wrapping key lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// A file that only its owner may read.
    File(PathBuf),
    /// A file that systemd provides to this service alone; its mode is systemd's affair.
    Credential(PathBuf),
}

impl KeySource {
    /// The file.
    pub fn path(&self) -> &Path {
        match self {
            KeySource::File(path) | KeySource::Credential(path) => path,
        }
    }

    /// Seals what else lies beside the store.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn sealer(&self) -> Result<Sealer, StoreError> {
        self.read().map(Sealer)
    }

    fn read(&self) -> Result<SealingKey, StoreError> {
        let unusable = |reason: String| StoreError::KeyUnusable {
            key: self.path().to_owned(),
            reason,
        };
        let file = File::open(self.path()).map_err(|error| unusable(error.to_string()))?;
        let mode = file.metadata().map_err(|error| unusable(error.to_string()))?;
        let mode = mode.permissions().mode() & 0o777;
        if matches!(self, KeySource::File(_)) && mode & 0o077 != 0 {
            return Err(unusable(format!(
                "others may read it (mode {mode:03o}); run `chmod 600` on it"
            )));
        }
        let mut text = String::new();
        file.take(KEY_FILE_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(|error| unusable(error.to_string()))?;
        let key = from_hex(text.trim()).ok_or_else(|| {
            unusable(
                "it does not hold 64 hexadecimal digits; `vitalpost key new` makes one that does".to_owned(),
            )
        })?;
        Ok(SealingKey::new(&key))
    }
}

/// The store's wrapping key, for small files beside the store.
#[derive(Debug)]
pub struct Sealer(SealingKey);

impl Sealer {
    /// What only this key opens. `about` is not in it, and must be the same when it is opened.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal(&self, about: &[u8], plain: &[u8]) -> io::Result<Vec<u8>> {
        self.0.seal(about, plain)
    }

    /// What was sealed; `None` when the key is another one, or a byte differs.
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(about, sealed)
    }
}

fn from_hex(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() != 2 * KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (place, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(key)
}

/// Makes a key file that only its owner may read, durably.
///
/// # Errors
/// There is a file of that name already, or it cannot be written.
pub fn new_key_file(path: &Path) -> Result<(), StoreError> {
    let unusable = |error: io::Error| StoreError::KeyUnusable {
        key: path.to_owned(),
        reason: match error.kind() {
            io::ErrorKind::AlreadyExists => {
                "it exists already, and may be the only key to a store".to_owned()
            }
            _ => error.to_string(),
        },
    };
    let mut open = OpenOptions::new();
    let mut file = open
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(unusable)?;
    let write = || {
        for byte in random::<KEY_BYTES>()? {
            write!(file, "{byte:02x}")?;
        }
        writeln!(file)?;
        file.sync_all()?;
        File::open(folder_of(path))?.sync_all()
    };
    let mut write = write;
    write().map_err(|error| {
        // Half a key is of no use to anybody.
        let _ = fs::remove_file(path);
        unusable(error)
    })
}

/// The configured wrapping key; read when it is first needed, and kept from then on: a key on a stick may be pulled out
/// after the start.
#[derive(Debug, Default)]
pub(super) struct Keys {
    source: Option<KeySource>,
    read: OnceLock<SealingKey>,
}

impl Keys {
    pub(super) fn new(source: Option<KeySource>) -> Keys {
        Keys {
            source,
            read: OnceLock::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.source
            .as_ref()
            .map(KeySource::path)
            .unwrap_or(Path::new(""))
            .to_owned()
    }

    fn wrapping(&self) -> Result<Option<&SealingKey>, Fault> {
        let Some(source) = &self.source else {
            return Ok(None);
        };
        if let Some(key) = self.read.get() {
            return Ok(Some(key));
        }
        let key = source.read().map_err(told)?;
        Ok(Some(self.read.get_or_init(|| key)))
    }
}

fn told(error: StoreError) -> Fault {
    Fault::Told(Box::new(error))
}

/// An open database and the way to read and write its rows.
pub(super) struct Vault {
    database: Database,
    seal: Arc<Seal>,
}

impl Vault {
    fn new(database: Database, seal: Seal) -> Vault {
        let seal = Arc::new(seal);
        Vault { database, seal }
    }

    pub(super) fn seal(&self) -> &Seal {
        &self.seal
    }

    /// For whoever reads on from a snapshot when this handle is gone.
    pub(super) fn seal_for_snapshots(&self) -> Arc<Seal> {
        Arc::clone(&self.seal)
    }

    pub(super) fn close(self) -> Result<(), DatabaseError> {
        self.database.close()
    }
}

impl Deref for Vault {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

/// Opens what `medium` holds, if anything, and unlocks it. A store without a data key gets one when there is a wrapping
/// key: its rows are sealed from then on.
pub(super) fn open(medium: &dyn Medium, look: Look) -> Result<Option<Vault>, Fault> {
    let Some(database) = medium.open(look)? else {
        return Ok(None);
    };
    check(&database)?;
    let keys = medium.keys();
    let wrapped = wrapped_key(&database)?;
    let Some(wrapping) = keys.wrapping()? else {
        return match wrapped {
            None => Ok(Some(Vault::new(database, Seal::Plain))),
            Some(_) => Err(key_missing(medium.file())),
        };
    };
    if let Some(wrapped) = wrapped {
        let data = unwrap(wrapping, &wrapped).ok_or_else(|| wrong_key(medium.file(), &keys))?;
        let seal = Seal::Sealed(SealingKey::new(&data));
        return Ok(Some(Vault::new(database, seal)));
    }
    match adopt(&database, wrapping) {
        Ok(seal) => Ok(Some(Vault::new(database, seal))),
        Err(fault) => {
            let error = fault.about(medium.file());
            if !is_full(&error) {
                return Err(told(error));
            }
            // A handle that has failed is of no use any more.
            drop(database);
            let again = medium.open(look)?;
            Ok(again.map(|database| Vault::new(database, Seal::Plain)))
        }
    }
}

/// How to read a store that is not to be changed.
pub(super) fn unlock(database: &impl ReadableDatabase, file: &Path, keys: &Keys) -> Result<Seal, Fault> {
    let Some(wrapped) = wrapped_key(database)? else {
        return Ok(Seal::Plain);
    };
    let wrapping = keys.wrapping()?.ok_or_else(|| key_missing(file))?;
    let data = unwrap(wrapping, &wrapped).ok_or_else(|| wrong_key(file, keys))?;
    Ok(Seal::Sealed(SealingKey::new(&data)))
}

/// Makes a new store, with its own data key when a wrapping key is configured.
pub(super) fn create(
    medium: &dyn Medium,
    fill: &mut dyn FnMut(&Database) -> Result<(), Fault>,
) -> Result<Vault, Fault> {
    let keys = medium.keys();
    let wrapping = keys.wrapping()?;
    let mut seal = Seal::Plain;
    let database = medium.create(&mut |database| {
        fill(database)?;
        if let Some(wrapping) = wrapping {
            seal = adopt(database, wrapping)?;
        }
        Ok(())
    })?;
    Ok(Vault::new(database, seal))
}

/// Gives a store its data key.
fn adopt(database: &Database, wrapping: &SealingKey) -> Result<Seal, Fault> {
    let data = random::<KEY_BYTES>()?;
    write_key(database.begin_write()?, wrapping, &data)?;
    Ok(Seal::Sealed(SealingKey::new(&data)))
}

/// One transaction: a cut leaves all of it or nothing (S26). The schema keeps older programs from taking sealed rows
/// for damaged ones.
fn write_key(
    transaction: WriteTransaction,
    wrapping: &SealingKey,
    data: &[u8; KEY_BYTES],
) -> Result<(), Fault> {
    {
        let mut meta = transaction.open_table(META)?;
        let wrapped = wrapping.seal(DATA_KEY, data)?;
        meta.insert(KEY_ROW, rows::pack_key(&wrapped).as_slice())?;
        meta.insert(rows::SCHEMA_KEY, rows::pack_schema(rows::SCHEMA).as_slice())?;
    }
    Ok(transaction.commit()?)
}

fn wrapped_key(database: &impl ReadableDatabase) -> Result<Option<Vec<u8>>, Fault> {
    let meta = database.begin_read()?.open_table(META)?;
    let row = meta.get(KEY_ROW)?;
    row.map(|row| rows::unpack_key(row.value())).transpose()
}

fn unwrap(wrapping: &SealingKey, wrapped: &[u8]) -> Option<[u8; KEY_BYTES]> {
    wrapping.open(DATA_KEY, wrapped)?.try_into().ok()
}

fn key_missing(file: &Path) -> Fault {
    let file = file.to_owned();
    told(StoreError::KeyMissing { file })
}

fn wrong_key(file: &Path, keys: &Keys) -> Fault {
    told(StoreError::WrongKey {
        file: file.to_owned(),
        key: keys.path(),
    })
}

/// Seals the store's data key with another wrapping key. The appliance must not run.
///
/// # Errors
/// The store is in use, is not sealed, or cannot be opened with the old key; a key cannot be used; the card refuses.
/// Nothing has changed then.
pub fn rekey(store: &Path, old: Option<KeySource>, new: &Path) -> Result<(), StoreError> {
    let medium = FileMedium::new(store.to_owned(), old);
    let new = Keys::new(Some(KeySource::File(new.to_owned())));
    contain(|| rekey_on(&medium, &new)).map_err(|fault| fault.about(store))
}

pub(super) fn rekey_on(medium: &dyn Medium, new: &Keys) -> Result<(), Fault> {
    let not_sealed = || {
        told(StoreError::NotSealed {
            file: medium.file().to_owned(),
        })
    };
    let no_store = || {
        told(StoreError::NoStore {
            file: medium.file().to_owned(),
        })
    };
    let new = new.wrapping()?.expect("whoever rekeys names the new key");
    let database = medium.open(Look::Usual)?.ok_or_else(no_store)?;
    check(&database)?;
    let wrapped = wrapped_key(&database)?.ok_or_else(not_sealed)?;
    // A rekey that was cut short after its commit, and is asked for again.
    if unwrap(new, &wrapped).is_some() {
        return Ok(());
    }
    let keys: Arc<Keys> = medium.keys();
    let old = keys.wrapping()?.ok_or_else(|| key_missing(medium.file()))?;
    let data = unwrap(old, &wrapped).ok_or_else(|| wrong_key(medium.file(), &keys))?;
    write_key(database.begin_write()?, new, &data)?;
    Ok(database.close()?)
}
