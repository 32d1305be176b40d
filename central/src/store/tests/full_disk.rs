//! What happens when the disk takes no more, and when it takes again.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{Builder, StorageBackend};

use super::*;

/// A file that takes no writes while `full`.
#[derive(Debug)]
struct Disk {
    file: FileBackend,
    full: Arc<AtomicBool>,
}

impl Disk {
    fn room(&self) -> Result<(), io::Error> {
        if self.full.load(Ordering::Relaxed) {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        self.file.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.file.read(offset, out)
    }
    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.room()?;
        self.file.set_len(len)
    }
    fn sync_data(&self) -> Result<(), io::Error> {
        self.room()?;
        self.file.sync_data()
    }
    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.room()?;
        self.file.write(offset, data)
    }
}

fn database(path: &Path, full: &Arc<AtomicBool>) -> Result<redb::Database, redb::DatabaseError> {
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    let full = full.clone();
    Builder::new().create_with_backend(Disk {
        file: FileBackend::new(file)?,
        full,
    })
}

#[test]
fn i1_a_full_disk_takes_nothing_by_half_and_the_store_works_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.redb");
    let full = Arc::new(AtomicBool::new(false));
    let reopen = full.clone();
    let store = RedbStore::start(
        &path,
        database(&path, &full),
        Box::new(move |path| database(path, &reopen)),
    )
    .unwrap();
    store.apply(&[vitals(1, 5)]).unwrap();

    full.store(true, Ordering::Relaxed);
    assert!(matches!(
        store.apply(&[vitals(6, 9)]),
        Err(StoreError::Database(_))
    ));
    assert!(store.try_again().is_err());
    assert!(matches!(
        store.apply(&[vitals(6, 9)]),
        Err(StoreError::Closed { .. })
    ));

    full.store(false, Ordering::Relaxed);
    store.try_again().unwrap();
    let applied = store.apply(&[vitals(4, 9)]).unwrap();
    assert_eq!(
        applied[0].new.iter().map(|(seq, _)| seq.0).collect::<Vec<_>>(),
        vec![6, 7, 8, 9]
    );
    assert_eq!(seqs(&store, Lane::Vitals), (1..=9).collect::<Vec<_>>());
}
