//! Sealed stores: who can read them, and what a missing, wrong or damaged key does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Database, ReadableDatabase, ReadableTable};

use super::*;
use crate::store::error::Fault;
use crate::store::keys::Keys;
use crate::store::medium::{Look, Medium, Space};
use crate::store::rows::{BLOCKS, BlockKey, META, pack, pack_alarm, unpack, unpack_alarm, with_sum_of};
use crate::store::seal::{SEAL_BYTES, Seal, SealingKey};
use crate::store::{KeySource, SetAside, StoreState, new_key_file};
use vitals::wire::Block;

/// A simulated disk with a key beside it.
pub(super) struct Keyed {
    disk: Disk,
    keys: Arc<Keys>,
}

impl Medium for Keyed {
    fn file(&self) -> &Path {
        self.disk.file()
    }
    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys)
    }
    fn open(&self, look: Look) -> Result<Option<Database>, Fault> {
        self.disk.open(look)
    }
    fn create(&self, fill: &mut dyn FnMut(&Database) -> Result<(), Fault>) -> Result<Database, Fault> {
        self.disk.create(fill)
    }
    fn set_aside(&self, reason: String) -> Result<SetAside, Fault> {
        self.disk.set_aside(reason)
    }
    fn space(&self) -> Option<Space> {
        self.disk.space()
    }
    fn make_reserve(&self) -> bool {
        self.disk.make_reserve()
    }
    fn release_reserve(&self) -> bool {
        self.disk.release_reserve()
    }
    fn noted_epoch(&self) -> Option<Epoch> {
        self.disk.noted_epoch()
    }
    fn note_epoch(&self, epoch: Epoch) -> Result<(), Fault> {
        self.disk.note_epoch(epoch)
    }
}

pub(super) fn keyed(disk: &Disk, key: Option<&Path>) -> Keyed {
    let source = key.map(|key| KeySource::File(key.to_owned()));
    Keyed {
        disk: disk.clone(),
        keys: Arc::new(Keys::new(source)),
    }
}

pub(super) fn open_keyed(disk: &Disk, key: Option<&Path>) -> (Store, OpenReport) {
    let run = Run {
        boot: BOOT,
        now: MonoTime::from_ms(1),
        random: 5,
    };
    Store::open_on(Box::new(keyed(disk, key)), &tuning(), run).unwrap()
}

/// What the store says that cannot be unlocked: the run is kept in memory, and nothing reaches the card (S20).
fn refused(disk: &Disk, key: Option<&Path>) -> String {
    let (store, report) = open_keyed(disk, key);
    assert_eq!((report.set_aside, report.closed.len()), (None, 0));
    let StoreState::Failing { reason } = store.state().borrow().clone() else {
        panic!("the store must be refused");
    };
    store.append(alarm(9));
    assert!(store.close().is_err());
    reason
}

/// Two keys in a folder.
pub(super) fn two_keys() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one.key"), folder.path().join("other.key"));
    new_key_file(&one).unwrap();
    new_key_file(&other).unwrap();
    (folder, one, other)
}

/// Everything in both tables.
fn all_bytes(disk: &Disk) -> Vec<u8> {
    let database = disk.open(Look::Usual).unwrap().unwrap();
    let snapshot = database.begin_read().unwrap();
    let mut all = Vec::new();
    for entry in snapshot.open_table(BLOCKS).unwrap().iter().unwrap() {
        all.extend_from_slice(entry.unwrap().1.value());
    }
    for entry in snapshot.open_table(META).unwrap().iter().unwrap() {
        all.extend_from_slice(entry.unwrap().1.value());
    }
    all
}

fn holds(all: &[u8], word: &[u8]) -> bool {
    all.windows(word.len()).any(|window| window == word)
}

#[test]
fn s21_what_is_on_the_card_holds_no_word_of_a_sealed_record() {
    let (_folder, key, _) = two_keys();
    for key in [None, Some(key.as_path())] {
        let disk = Disk::new(1);
        let (store, _) = open_keyed(&disk, key);
        store.append(Record::Event {
            at: MonoTime::from_ms(1),
            event: Event::Seen {
                alarm: AlarmId {
                    epoch: Epoch(1),
                    number: 1,
                },
                by: "MARKEDNAME".to_owned(),
                by_id: Some("marked-name".to_owned()),
                command: 1,
            },
        });
        let mut announced = change(
            AlarmId {
                epoch: Epoch(1),
                number: 1,
            },
            1,
            AlarmPhase::Active,
        );
        announced.acknowledged_by = Some("MARKEDNURSE".to_owned());
        store.append(Record::Alarm(announced));
        store.close().unwrap();
        let all = all_bytes(&disk);
        let readable = key.is_none();
        assert_eq!(holds(&all, b"MARKEDNAME"), readable, "a block");
        assert_eq!(holds(&all, b"MARKEDNURSE"), readable, "an open alarm");
        let (store, report) = open_keyed(&disk, key);
        assert_eq!(
            report.open_alarms[0].acknowledged_by.as_deref(),
            Some("MARKEDNURSE")
        );
        assert_eq!(read_all(&store, Lane::Events, 9)[0].records.len(), 1);
    }
}

#[test]
fn s22_a_sealed_row_opens_nowhere_else() {
    let seal = Seal::Sealed(SealingKey::new(&[3; 32]));
    let id = AlarmId {
        epoch: Epoch(4),
        number: 7,
    };
    let key = BlockKey {
        lane: Lane::Alerts,
        epoch: Epoch(4),
        first: Seq(7),
    };
    let announced = change(id, 1, AlarmPhase::Active);
    let block = Block {
        boot: BOOT,
        records: vec![Record::Alarm(announced.clone())],
    };
    // The one place with the same number, epoch and lane: only the kind of row tells them apart.
    let row = pack(key, 0, &block, &seal).unwrap();
    let alarm_row = pack_alarm(&announced, BOOT, &seal).unwrap();
    let alarm_key = crate::store::rows::alarm_key(id);
    assert!(unpack(key, &row, &seal).is_ok() && unpack_alarm(&alarm_key, &alarm_row, &seal).is_ok());
    assert!(unpack(key, &alarm_row, &seal).is_err() && unpack_alarm(&alarm_key, &row, &seal).is_err());
    // Somebody who moves a row and sets its check sum right.
    for (what, other) in [
        ("number", BlockKey { first: Seq(8), ..key }),
        (
            "epoch",
            BlockKey {
                epoch: Epoch(5),
                ..key
            },
        ),
    ] {
        let moved = with_sum_of(other, &row);
        let error = unpack(other, &moved, &seal).map(|_| ()).unwrap_err();
        assert!(
            format!("{error:?}").contains("sealed for another place"),
            "{what}: {error:?}"
        );
    }
    let mut counted = row.clone();
    counted[9] = 1; // its offset
    let counted = with_sum_of(key, &counted);
    assert!(unpack(key, &counted, &seal).is_err(), "the header is bound too");
    assert!(unpack(key, &row, &Seal::Plain).is_err(), "without the key");
}

#[test]
fn s23_the_same_row_is_never_sealed_with_the_same_nonce() {
    let key = SealingKey::new(&[3; 32]);
    let mut nonces: Vec<Vec<u8>> = (0..1000)
        .map(|_| key.seal(b"", b"same").unwrap()[..12].to_vec())
        .collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 1000);
}

#[test]
fn sealing_costs_28_bytes_a_row() {
    let key = BlockKey {
        lane: Lane::Vitals,
        epoch: Epoch(1),
        first: Seq(1),
    };
    let block = Block {
        boot: BOOT,
        records: (1..=400).map(reading).collect(),
    };
    let plain = pack(key, 0, &block, &Seal::Plain).unwrap();
    let sealed = pack(key, 0, &block, &Seal::Sealed(SealingKey::new(&[3; 32]))).unwrap();
    assert_eq!(sealed.len(), plain.len() + SEAL_BYTES);
    assert_eq!(SEAL_BYTES, 28);
}

#[test]
fn s24_a_store_whose_key_is_missing_or_wrong_is_left_as_it_is() {
    let (folder, one, other) = two_keys();
    let disk = Disk::new(2);
    let (store, _) = open_keyed(&disk, Some(&one));
    store.append(alarm(1));
    store.close().unwrap();
    let before = all_bytes(&disk);

    let error = refused(&disk, None);
    assert!(
        error.contains("no key is configured: name its key file in [store] key"),
        "{error}"
    );
    let error = refused(&disk, Some(&other));
    let words = format!("was sealed with another key than {}", other.display());
    assert!(error.contains(&words), "{error}");
    let error = refused(&disk, Some(&folder.path().join("none.key")));
    assert!(error.contains("for the store cannot be used"), "{error}");

    assert_eq!(disk.aside(), 0);
    assert!(all_bytes(&disk) == before, "not a row has changed");
    assert_eq!(
        read_all(&open_keyed(&disk, Some(&one)).0, Lane::Alerts, 9).len(),
        1
    );
}

#[test]
fn s24_a_flipped_bit_in_the_data_key_is_damage_and_not_a_wrong_key() {
    let (_folder, one, _) = two_keys();
    let disk = Disk::new(3);
    open_keyed(&disk, Some(&one)).0.close().unwrap();
    {
        let database = disk.open(Look::Usual).unwrap().unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut meta = transaction.open_table(META).unwrap();
            let mut row = meta.get("key").unwrap().unwrap().value().to_vec();
            row[30] ^= 4;
            meta.insert("key", row.as_slice()).unwrap();
        }
        transaction.commit().unwrap();
    }
    let (_, report) = open_keyed(&disk, Some(&one));
    assert!(
        report
            .set_aside
            .unwrap()
            .reason
            .contains("its data key is not readable")
    );
}

#[test]
fn i1_a_sealed_row_that_was_damaged_or_altered_is_a_recorded_loss() {
    let (_folder, one, _) = two_keys();
    for altered in [false, true] {
        let disk = Disk::new(4);
        let (store, first) = open_keyed(&disk, Some(&one));
        append_all(&store, (1..=3).map(event));
        store.close().unwrap();
        let (store, _) = open_keyed(&disk, Some(&one));
        store.append(event(4));
        store.close().unwrap();
        {
            let database = disk.open(Look::Usual).unwrap().unwrap();
            let transaction = database.begin_write().unwrap();
            {
                let mut blocks = transaction.open_table(BLOCKS).unwrap();
                let (key, mut row) = {
                    let (key, row) = blocks.first().unwrap().unwrap();
                    (key.value(), row.value().to_vec())
                };
                let end = row.len() - 1;
                row[end] ^= 1;
                if altered {
                    // By somebody who knows the check sum.
                    row = with_sum_of(BlockKey::from_raw(key).unwrap(), &row);
                }
                blocks.insert(key, row.as_slice()).unwrap();
            }
            transaction.commit().unwrap();
        }
        let (store, report) = open_keyed(&disk, Some(&one));
        assert_eq!(report.set_aside, None);
        read_all(&store, Lane::Events, 9);
        // The first block holds as many of the three as one commit took.
        let is_it =
            |loss: &(Epoch, Lane, u64, u64)| (loss.0, loss.1, loss.2) == (first.epoch, Lane::Events, 1);
        eventually("the loss is a record", || losses(&store).iter().any(is_it));
        store.close().unwrap();
    }
}

#[test]
fn s20_s25_a_key_that_comes_after_the_start_seals_what_waited_for_it() {
    let (folder, one, _) = two_keys();
    let disk = Disk::new(9);
    let late = folder.path().join("late.key");
    let (store, _) = open_keyed(&disk, Some(&late));
    store.append(alarm(1));
    assert!(store.flush().is_err());
    std::fs::rename(&one, &late).unwrap();
    eventually("the key is there", || store.flush().is_ok());
    store.close().unwrap();
    assert!(refused(&disk, None).contains("no key is configured"));
    let (store, _) = open_keyed(&disk, Some(&late));
    assert_eq!(read_all(&store, Lane::Alerts, 9).len(), 1);
}

#[test]
fn s25_a_key_that_cannot_be_used_starts_no_unsealed_store() {
    let (folder, one, _) = two_keys();
    let disk = Disk::new(5);
    let error = refused(&disk, Some(&folder.path().join("none.key")));
    assert!(error.contains("for the store cannot be used"), "{error}");
    open_keyed(&disk, Some(&one)).0.close().unwrap();
    assert!(refused(&disk, None).contains("no key is configured"));
}

#[test]
fn s25_a_store_that_was_begun_unsealed_is_sealed_from_its_first_start_with_a_key() {
    let (_folder, one, _) = two_keys();
    let disk = Disk::new(6);
    let (store, _) = open_keyed(&disk, None);
    append_all(&store, (1..=3).map(event));
    store.close().unwrap();
    for _ in 0..2 {
        let (store, report) = open_keyed(&disk, Some(&one));
        assert_eq!(report.set_aside, None);
        append_all(&store, (4..=6).map(event));
        store.close().unwrap();
    }
    let (store, _) = open_keyed(&disk, Some(&one));
    let read: usize = read_all(&store, Lane::Events, 9)
        .iter()
        .map(|batch| batch.records.len())
        .sum();
    assert_eq!(read, 9, "old and new");
    store.close().unwrap();
    assert!(refused(&disk, None).contains("no key is configured"));
}

#[test]
fn s25_a_full_card_keeps_an_unsealed_store_working_until_there_is_room() {
    let (_folder, one, _) = two_keys();
    let disk = Disk::new(7);
    open_keyed(&disk, None).0.close().unwrap();
    disk.leave_room(Some(0));
    let (store, report) = open_keyed(&disk, Some(&one));
    assert_eq!(report.set_aside, None);
    store.append(event(1));
    disk.leave_room(None);
    eventually("there is room again", || store.flush().is_ok());
    store.close().unwrap();
    open_keyed(&disk, Some(&one)).0.close().unwrap();
    assert!(refused(&disk, None).contains("no key is configured"));
}

#[test]
fn i1_a_sealed_store_goes_on_after_an_error_and_after_damage() {
    let (_folder, one, _) = two_keys();
    let disk = Disk::new(8);
    let (store, _) = open_keyed(&disk, Some(&one));
    store.append(event(1));
    store.flush().unwrap();
    disk.cut_after(0);
    store.append(event(2));
    assert!(store.flush().is_err());
    disk.power_cycle();
    eventually("it is opened again", || store.flush().is_ok());
    disk.alter(|file| file[4096..].fill(0xa5));
    disk.cut_after(0);
    store.append(event(3));
    assert!(store.flush().is_err());
    disk.power_cycle();
    eventually("it starts over", || store.set_aside().borrow().is_some());
    eventually("it works again", || store.flush().is_ok());
    store.append(event(4));
    store.close().unwrap();
    assert_eq!(disk.aside(), 1);
    assert!(
        refused(&disk, None).contains("no key is configured"),
        "the new one is sealed too"
    );
}

#[test]
fn no_key_gets_into_a_log() {
    let seal = Seal::Sealed(SealingKey::new(&[0xab; 32]));
    assert_eq!(format!("{seal:?}"), "Sealed(***)");
}
