//! A file that can be opened like a database of one's own and is never changed: what redb writes while it opens and
//! repairs it stays in memory.
//!
//! - O1: the file is opened for reading only; the system itself refuses a write.
//! - O2: the file of a running appliance is not opened, and none starts while it is: what it writes would change under
//!   the reader.
//! - O3: what stays in memory is bounded by [`KEPT_BYTES_MAX`]; beyond it opening fails. A repair writes a few pages.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use redb::StorageBackend;

/// Most bytes of changes that are kept in memory.
const KEPT_BYTES_MAX: usize = 64 << 20;
/// Changes are kept in pieces of this size.
const PIECE: usize = 4096;

#[derive(Debug)]
struct Changes {
    /// How long the file seems to be.
    len: u64,
    /// Up to here what was not changed is what stands in the file; behind it is zero.
    kept: u64,
    pieces: BTreeMap<u64, Vec<u8>>,
}

/// The file and what seems to have been written to it.
#[derive(Debug)]
pub(super) struct Overlay {
    file: File,
    changes: Mutex<Changes>,
}

impl Overlay {
    /// Opens the file; `None` = another process writes it.
    pub(super) fn open(path: &Path) -> io::Result<Option<Overlay>> {
        let file = File::open(path)?;
        match file.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if !lock_bytes(&file)? {
            return Ok(None);
        }
        let len = file.metadata()?.len();
        if len == 0 {
            // redb would take it for a new file.
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is empty"));
        }
        let changes = Mutex::new(Changes {
            len,
            kept: len,
            pieces: BTreeMap::new(),
        });
        Ok(Some(Overlay { file, changes }))
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands in the file itself, with zeros behind its end.
    fn below(&self, kept: u64, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let there = kept.saturating_sub(offset).min(out.len() as u64);
        let there = usize::try_from(there).unwrap_or(out.len());
        let (there, behind) = out.split_at_mut(there);
        behind.fill(0);
        self.file.read_exact_at(there, offset)
    }
}

/// The appliance locks a byte of its file, not the file, so that a backup may be made meanwhile (`file_builder`).
fn lock_bytes(file: &File) -> io::Result<bool> {
    let all = libc::flock {
        l_type: libc::F_RDLCK as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    match fcntl(file, FcntlArg::F_OFD_SETLK(&all)) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Each piece that `[offset, offset + length)` touches: its number, where in it, and where in the buffer.
fn touched(offset: u64, length: usize) -> impl Iterator<Item = (u64, Range<usize>, Range<usize>)> {
    let piece = PIECE as u64;
    let end = offset + length as u64;
    (offset / piece..end.div_ceil(piece)).map(move |number| {
        let begin = number * piece;
        let (from, to) = (offset.max(begin), end.min(begin + piece));
        let place = |at: u64, zero: u64| usize::try_from(at - zero).unwrap_or(usize::MAX);
        (
            number,
            place(from, begin)..place(to, begin),
            place(from, offset)..place(to, offset),
        )
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.changes().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let changes = self.changes();
        if offset.saturating_add(out.len() as u64) > changes.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.below(changes.kept, offset, out)?;
        if changes.pieces.is_empty() {
            return Ok(());
        }
        for (number, within, place) in touched(offset, out.len()) {
            if let Some(piece) = changes.pieces.get(&number) {
                out[place].copy_from_slice(&piece[within]);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let changes = &mut *self.changes();
        changes.len = len;
        changes.kept = changes.kept.min(len);
        let piece = PIECE as u64;
        changes.pieces.split_off(&len.div_ceil(piece));
        if let Some(last) = changes.pieces.get_mut(&(len / piece)) {
            last[usize::try_from(len % piece).unwrap_or(0)..].fill(0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let changes = &mut *self.changes();
        for (number, within, place) in touched(offset, data.len()) {
            if !changes.pieces.contains_key(&number) {
                if changes.pieces.len() >= KEPT_BYTES_MAX / PIECE {
                    return Err(io::Error::other("repairing it takes more memory than is allowed"));
                }
                let mut piece = vec![0; PIECE];
                self.below(changes.kept, number * PIECE as u64, &mut piece)?;
                changes.pieces.insert(number, piece);
            }
            if let Some(piece) = changes.pieces.get_mut(&number) {
                piece[within].copy_from_slice(&data[place]);
            }
        }
        changes.len = changes.len.max(offset + data.len() as u64);
        Ok(())
    }
}
