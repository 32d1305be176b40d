//! B1, B2 and what a verifier finds, on a real store.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use vitals::audit::Entry;

use super::*;
use crate::store::{Next, RedbStore};

/// A store whose disk can be full.
struct Moody {
    store: RedbStore,
    fails: AtomicBool,
}

impl AuditStore for Moody {
    fn audit_head(&self, new: &ChainId) -> Result<Head, StoreError> {
        self.store.audit_head(new)
    }

    fn keep_audit(&self, entries: &[Entry]) -> Result<(), StoreError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Closed { file: "full".into() });
        }
        self.store.keep_audit(entries)
    }

    fn audit(&self, each: &mut dyn FnMut(Entry) -> Next) -> Result<Option<ChainId>, StoreError> {
        self.store.audit(each)
    }
}

fn moody(folder: &tempfile::TempDir) -> Arc<Moody> {
    let store = RedbStore::open(&folder.path().join("central.redb")).unwrap();
    Arc::new(Moody {
        store,
        fails: AtomicBool::new(false),
    })
}

fn entries(store: &dyn AuditStore) -> Vec<Entry> {
    let entries = Mutex::new(Vec::new());
    store
        .audit(&mut |entry| {
            entries.lock().unwrap().push(entry);
            Next::More
        })
        .unwrap();
    entries.into_inner().unwrap()
}

fn report(store: &dyn AuditStore) -> Result<String, String> {
    let mut out = Vec::new();
    let verified = report::verify(store, &mut out).map_err(|error| error.to_string());
    verified.map(|()| String::from_utf8(out).unwrap())
}

#[tokio::test]
async fn i9_what_was_told_is_durable_and_the_chain_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("central.redb");
    for run in 1..=3 {
        let store: Arc<dyn AuditStore> = Arc::new(RedbStore::open(&path).unwrap());
        let book = Book::open(store.clone(), Clock).unwrap();
        assert_eq!(book.tell(of_the_centre("start", None)).await, Ok(()));
        book.note(of_the_centre("stop", None)).unwrap();
        drop(book);
        // The thread ends once nobody can tell anything any more, and lets go of the file.
        while Arc::strong_count(&store) > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(entries(store.as_ref()).len(), 2 * run);
        let text = report(store.as_ref()).unwrap();
        assert!(
            text.starts_with(&format!("the audit holds: {} entries", 2 * run)),
            "{text}"
        );
    }
    let store = RedbStore::open(&path).unwrap();
    add(&store, of_the_centre("by_hand", None), Clock).unwrap();
    assert!(report(&store).unwrap().starts_with("the audit holds: 7 entries"));
}

#[tokio::test]
async fn i9_a_flipped_entry_is_found_with_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let store = moody(&folder);
    for number in 1..=5 {
        let told = of_the_centre("start", Some(number.to_string()));
        add(store.as_ref(), told, Clock).unwrap();
    }
    let mut entry = entries(store.as_ref()).swap_remove(2);
    entry.deed.told.after = Some(Masked::new("33".to_owned()));
    store.keep_audit(&[entry]).unwrap();
    let error = report(store.as_ref()).unwrap_err();
    assert!(
        error.contains("DOES NOT HOLD") && error.contains("entry 3"),
        "{error}"
    );
}

#[tokio::test]
async fn while_the_store_fails_deeds_wait_and_beyond_the_bound_they_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = moody(&folder);
    store.fails.store(true, Ordering::Relaxed);
    let book = Book::open(store.clone(), Clock).unwrap();
    let one = || of_the_centre("deed", None);
    for _ in 0..WAITING_MAX + 3 {
        assert_eq!(book.tell(one()).await, Err(NotKept::Waits));
    }
    assert_eq!(entries(store.as_ref()), vec![]);
    store.fails.store(false, Ordering::Relaxed);
    while entries(store.as_ref()).len() <= WAITING_MAX {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let last = entries(store.as_ref()).pop().unwrap().deed.told;
    assert_eq!(last.action, "audit_lost");
    assert_eq!(last.after.unwrap().reveal(), "3 entries found no place");
    assert!(report(store.as_ref()).is_ok());
}
