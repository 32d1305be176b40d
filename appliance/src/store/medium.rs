//! Where the database lies: a file on the card, or in tests a simulated disk.
//!
//! - S6: a store is moved to its name only when it is complete, so whatever lies under that name and cannot be read is
//!   damaged, and not a first start that was cut short.
//!   Nothing under that name is a first start only where no run is noted either: the first note is written after the store.
//! - S7: at most [`SET_ASIDE_MAX`] damaged files are kept. Beyond it the smallest goes: a store that was damaged soon
//!   after its start holds the least.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::fcntl::posix_fallocate;
use nix::sys::statvfs::statvfs;
use redb::{Builder, ConcurrencyMode, Database, ReadOnlyDatabase};
use vitals::Epoch;

use super::error::{Fault, StoreError};
use super::keys::{KeySource, Keys};
use super::types::SetAside;

/// Most damaged files that are kept for rescue.
pub const SET_ASIDE_MAX: usize = 3;

/// redb's page cache. Its own default of 1 GiB is more than the whole box has.
const CACHE_BYTES: usize = 4 << 20;

/// Up to this size every page's check sum is verified at each start, not only after a crash: under a second even on a
/// slow card.
const VERIFIED_AT_OPEN_BYTES_MAX: u64 = 16 << 20;

/// Free space that makes another try on a full card worth it: a large commit with its copies of pages.
const ROOM_BYTES: u64 = 4 << 20;

/// Free space that is worth trying to commit alerts and events alone.
const URGENT_ROOM_BYTES: u64 = 256 << 10;

/// Room kept for alerts and events on a card that somebody else has filled: hours of a busy ward.
pub(super) const RESERVE_BYTES: u64 = 4 << 20;

/// A file system's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Space {
    /// Bytes that can still be written.
    pub free: u64,
    /// Bytes of the whole.
    pub total: u64,
}

/// What there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// A large commit.
    Enough,
    /// Alerts and events.
    Urgent,
    /// Nothing.
    None,
}

impl Room {
    /// Who cannot be asked is tried. Without a reserve there must be room for one, too.
    pub(super) fn of(space: Option<Space>, has_reserve: bool) -> Room {
        let Some(Space { free, .. }) = space else {
            return Room::Enough;
        };
        let enough = ROOM_BYTES + if has_reserve { 0 } else { RESERVE_BYTES };
        if free >= enough {
            Room::Enough
        } else if free >= URGENT_ROOM_BYTES {
            Room::Urgent
        } else {
            Room::None
        }
    }
}

/// How thoroughly to look at a file when opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Small files whole, large ones after a crash only.
    Usual,
    /// Everything: something has been found wrong.
    Whole,
}

/// A place for one database.
pub(super) trait Medium: Send {
    /// What messages call it.
    fn file(&self) -> &Path;
    /// What unlocks it; a store on a medium without keys is not sealed.
    fn keys(&self) -> Arc<Keys> {
        Arc::default()
    }
    /// Opens what is there; `None` when nothing is.
    fn open(&self, look: Look) -> Result<Option<Database>, Fault>;
    /// Makes a new, empty database; `fill` runs before it gets its name.
    fn create(&self, fill: &mut dyn FnMut(&Database) -> Result<(), Fault>) -> Result<Database, Fault>;
    /// Moves what is there out of the way, for rescue.
    fn set_aside(&self, reason: String) -> Result<SetAside, Fault>;
    /// Free and whole size of the file system; `None` = nobody can tell. Asking costs no write.
    fn space(&self) -> Option<Space>;
    /// Sets some room aside that [`Medium::release_reserve`] gives back when there is no other; true when it is there.
    fn make_reserve(&self) -> bool;
    /// Gives the reserve back; true when there was one.
    fn release_reserve(&self) -> bool;
    /// The epoch noted last, from outside the database: it outlives a damaged store.
    fn noted_epoch(&self) -> Option<Epoch>;
    /// Notes the epoch durably.
    fn note_epoch(&self, epoch: Epoch) -> Result<(), Fault>;
}

/// A redb configured as the store needs it.
pub(super) fn builder(look: Look, bytes: u64) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder.set_check_integrity_on_open(look == Look::Whole || bytes <= VERIFIED_AT_OPEN_BYTES_MAX);
    builder
}

/// As [`builder`], for files. One process writes; a backup may read meanwhile (`backup`). Costs one small write more a
/// commit than keeping everybody out.
pub(super) fn file_builder(look: Look, bytes: u64) -> Builder {
    let mut builder = builder(look, bytes);
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder
}

/// Opens a store beside the process that writes it.
pub(super) fn open_read_only(path: &Path) -> Result<ReadOnlyDatabase, redb::DatabaseError> {
    file_builder(Look::Usual, u64::MAX).open_read_only(path)
}

/// Notes the epoch of a store that `make` makes. Before it, so that no epoch comes twice; but the first of all after it:
/// a note without a store says that the store is gone (S6).
pub(super) fn noting<T>(
    medium: &dyn Medium,
    epoch: Epoch,
    make: impl FnOnce() -> Result<T, Fault>,
) -> Result<T, Fault> {
    let is_first = medium.noted_epoch().is_none();
    if !is_first {
        medium.note_epoch(epoch)?;
    }
    let made = make()?;
    if is_first {
        medium.note_epoch(epoch)?;
    }
    Ok(made)
}

/// The folder in which a file lies.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file on the card, with `<name>.epoch` beside it.
pub(super) struct FileMedium {
    path: PathBuf,
    keys: Arc<Keys>,
}

impl FileMedium {
    pub(super) fn new(path: PathBuf, key: Option<KeySource>) -> FileMedium {
        FileMedium {
            path,
            keys: Arc::new(Keys::new(key)),
        }
    }

    /// The folder of the store.
    pub(super) fn folder(&self) -> &Path {
        folder_of(&self.path)
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn sync_folder(&self) -> io::Result<()> {
        File::open(self.folder())?.sync_all()
    }

    /// The damaged files that are kept, with their numbers.
    fn kept(&self) -> io::Result<Vec<(u32, PathBuf)>> {
        let mut kept = Vec::new();
        let prefix = self.beside(".damaged-");
        let prefix = prefix
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        for entry in fs::read_dir(self.folder())? {
            let entry = entry?;
            let number = entry
                .file_name()
                .to_string_lossy()
                .strip_prefix(&prefix)
                .map(str::parse);
            if let Some(Ok(number)) = number {
                kept.push((number, entry.path()));
            }
        }
        Ok(kept)
    }
}

impl Medium for FileMedium {
    fn file(&self) -> &Path {
        &self.path
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys)
    }

    fn open(&self, look: Look) -> Result<Option<Database>, Fault> {
        let folder = self.folder();
        if !folder.is_dir() {
            let folder = folder.to_owned();
            return Err(Fault::Told(Box::new(StoreError::FolderMissing { folder })));
        }
        let bytes = match fs::metadata(&self.path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if bytes == 0 {
            // redb would take it for a new file and say nothing.
            return Err(Fault::Bad("the file is empty".to_owned()));
        }
        Ok(Some(file_builder(look, bytes).open(&self.path)?))
    }

    fn create(&self, fill: &mut dyn FnMut(&Database) -> Result<(), Fault>) -> Result<Database, Fault> {
        let unfinished = self.beside(".new");
        if unfinished.exists() {
            // A first start that was cut short. Opening tells whether another process is at it right now.
            if let Err(redb::DatabaseError::DatabaseAlreadyOpen) =
                file_builder(Look::Usual, 0).open(&unfinished)
            {
                return Err(redb::DatabaseError::DatabaseAlreadyOpen.into());
            }
            fs::remove_file(&unfinished)?;
        }
        let database = file_builder(Look::Usual, 0).create(&unfinished)?;
        fill(&database)?;
        fs::rename(&unfinished, &self.path)?;
        self.sync_folder()?;
        Ok(database)
    }

    fn set_aside(&self, reason: String) -> Result<SetAside, Fault> {
        let mut kept = self.kept()?;
        let number = kept.iter().map(|(number, _)| number + 1).max().unwrap_or(1);
        let file = self.beside(&format!(".damaged-{number}"));
        fs::rename(&self.path, &file)?;
        let bytes = |path: &Path| fs::metadata(path).map_or(0, |found| found.len());
        while kept.len() >= SET_ASIDE_MAX {
            kept.sort_by_key(|(number, path)| (bytes(path), *number));
            fs::remove_file(kept.remove(0).1)?;
        }
        self.sync_folder()?;
        Ok(SetAside {
            file: Some(file),
            reason,
        })
    }

    fn space(&self) -> Option<Space> {
        let found = statvfs(self.folder()).ok()?;
        Some(Space {
            free: found.blocks_available().saturating_mul(found.fragment_size()),
            total: found.blocks().saturating_mul(found.fragment_size()),
        })
    }

    fn make_reserve(&self) -> bool {
        let reserve = self.beside(".reserve");
        let bytes = i64::try_from(RESERVE_BYTES).expect("a few MB");
        if fs::metadata(&reserve).is_ok_and(|found| found.len() == RESERVE_BYTES) {
            return true;
        }
        let made = File::create(&reserve).and_then(|file| Ok(posix_fallocate(&file, 0, bytes)?));
        if made.is_err() {
            // Half a reserve would only take room.
            let _ = fs::remove_file(&reserve);
        }
        made.is_ok()
    }

    fn release_reserve(&self) -> bool {
        fs::remove_file(self.beside(".reserve")).is_ok()
    }

    fn noted_epoch(&self) -> Option<Epoch> {
        fs::read_to_string(self.beside(".epoch"))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    fn note_epoch(&self, epoch: Epoch) -> Result<(), Fault> {
        let (note, unfinished) = (self.beside(".epoch"), self.beside(".epoch-new"));
        let mut file = File::create(&unfinished)?;
        writeln!(file, "{epoch}")?;
        file.sync_all()?;
        fs::rename(&unfinished, &note)?;
        Ok(self.sync_folder()?)
    }
}
