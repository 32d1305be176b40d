//! A simulated disk for tests: it can lose power, lie about syncing, be full, or stall.
//!
//! It keeps what programs see (`live`), what would survive a power cut (`durable`), and the writes in between. A cut
//! keeps or drops each 512-byte sector of each unsynced write by chance.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use redb::{Database, StorageBackend};
use vitals::Epoch;

use super::error::Fault;
use super::medium::{Look, Medium, builder};
use super::types::SetAside;

const SECTOR: usize = 512;
/// File systems allocate so much at once.
const CLUSTER: u64 = 4096;

/// A small, repeatable source of chance (splitmix64).
#[derive(Clone, Debug)]
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

#[derive(Clone, Debug)]
struct State {
    live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<(usize, Vec<u8>)>,
    /// The file has its name.
    named: bool,
    epoch: Option<Epoch>,
    aside: Vec<Vec<u8>>,
    chance: Chance,
    /// Power goes after so many operations.
    operations_left: Option<u64>,
    lies: bool,
    /// Most clusters that fit; `allocated` are those that were ever written.
    clusters_max: Option<usize>,
    allocated: std::collections::BTreeSet<u64>,
    /// Nobody can tell how much room there is, as with a quota.
    room_unknown: bool,
    stalled: bool,
    /// How often the file was opened.
    opened: u32,
}

/// A handle to the disk; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Disk(Arc<(Mutex<State>, Condvar)>);

impl Disk {
    pub(super) fn new(seed: u64) -> Disk {
        let state = State {
            live: Vec::new(),
            durable: Vec::new(),
            unsynced: Vec::new(),
            named: false,
            epoch: None,
            aside: Vec::new(),
            chance: Chance(seed),
            operations_left: None,
            lies: false,
            clusters_max: None,
            allocated: std::collections::BTreeSet::new(),
            room_unknown: false,
            stalled: false,
            opened: 0,
        };
        Disk(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// Another disk with the same contents.
    pub(super) fn twin(&self) -> Disk {
        Disk(Arc::new((Mutex::new(self.state().clone()), Condvar::new())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap()
    }

    /// From now on syncing does nothing.
    pub(super) fn lie(&self) {
        self.state().lies = true;
    }

    /// Power goes after this many more operations.
    pub(super) fn cut_after(&self, operations: u64) {
        self.state().operations_left = Some(operations);
    }

    /// Every operation fails from now on.
    pub(super) fn is_off(&self) -> bool {
        self.state().operations_left == Some(0)
    }

    /// Power goes, if it has not gone yet, and comes back: what is left is what survived.
    pub(super) fn power_cycle(&self) {
        let state = &mut *self.state();
        for (at, bytes) in std::mem::take(&mut state.unsynced) {
            for (sector, part) in bytes.chunks(SECTOR).enumerate() {
                if state.chance.below(2) == 0 {
                    put(&mut state.durable, at + sector * SECTOR, part);
                }
            }
        }
        state.live = state.durable.clone();
        state.operations_left = None;
    }

    /// Only so many more bytes fit, in whole clusters; `None` = as many as wanted.
    pub(super) fn leave_room(&self, bytes: Option<u64>) {
        let state = &mut *self.state();
        state.clusters_max =
            bytes.map(|bytes| state.allocated.len() + usize::try_from(bytes / CLUSTER).unwrap());
    }

    /// From now on nobody can tell how much room there is.
    pub(super) fn hide_room(&self) {
        self.state().room_unknown = true;
    }

    /// How often the file was opened.
    pub(super) fn opened(&self) -> u32 {
        self.state().opened
    }

    /// Syncing waits from now on, or goes on.
    pub(super) fn stall(&self, stalled: bool) {
        self.state().stalled = stalled;
        self.0.1.notify_all();
    }

    /// Changes the file behind the program's back.
    pub(super) fn alter(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let state = &mut *self.state();
        change(&mut state.live);
        state.durable = state.live.clone();
        state.unsynced.clear();
    }

    /// Damaged files that were set aside.
    pub(super) fn aside(&self) -> usize {
        self.state().aside.len()
    }

    fn operation(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        match &mut state.operations_left {
            Some(0) => return Err(io::Error::other("the power is off")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }
}

/// Writes, growing with zeros.
fn put(image: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    if image.len() < at + bytes.len() {
        image.resize(at + bytes.len(), 0);
    }
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.operation()?.live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.operation()?;
        let at = usize::try_from(offset).unwrap();
        let bytes = state
            .live
            .get(at..at + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        // The length reaches the disk with the file system's own journal.
        let state = &mut *self.operation()?;
        let len = usize::try_from(len).unwrap();
        state.live.resize(len, 0);
        state.durable.resize(len, 0);
        state.unsynced.retain(|(at, bytes)| at + bytes.len() <= len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.operation()?;
        while state.stalled {
            state = self.0.1.wait(state).unwrap();
        }
        let state = &mut *state;
        if !state.lies {
            state.unsynced.clear();
            state.durable.clone_from(&state.live);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let state = &mut *self.operation()?;
        for cluster in offset / CLUSTER..=(offset + data.len() as u64 - 1) / CLUSTER {
            let full = state.clusters_max.is_some_and(|max| state.allocated.len() >= max);
            if full && !state.allocated.contains(&cluster) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.allocated.insert(cluster);
        }
        let at = usize::try_from(offset).unwrap();
        put(&mut state.live, at, data);
        state.unsynced.push((at, data.to_vec()));
        Ok(())
    }
}

impl Medium for Disk {
    fn file(&self) -> &Path {
        Path::new("simulated.redb")
    }

    fn open(&self, look: Look) -> Result<Option<Database>, Fault> {
        let (named, bytes) = {
            let mut state = self.operation()?;
            state.opened += 1;
            (state.named, state.live.len() as u64)
        };
        if !named {
            return Ok(None);
        }
        if bytes == 0 {
            return Err(Fault::Bad("the file is empty".to_owned()));
        }
        Ok(Some(builder(look, bytes).create_with_backend(self.clone())?))
    }

    fn create(&self, fill: &mut dyn FnMut(&Database) -> Result<(), Fault>) -> Result<Database, Fault> {
        {
            let state = &mut *self.operation()?;
            state.live.clear();
            state.durable.clear();
            state.unsynced.clear();
            state.allocated.clear();
        }
        let database = builder(Look::Usual, 0).create_with_backend(self.clone())?;
        fill(&database)?;
        self.operation()?.named = true;
        Ok(database)
    }

    fn set_aside(&self, reason: String) -> Result<SetAside, Fault> {
        let state = &mut *self.operation()?;
        let damaged = std::mem::take(&mut state.live);
        state.aside.push(damaged);
        state.durable.clear();
        state.unsynced.clear();
        state.named = false;
        Ok(SetAside {
            file: PathBuf::from(format!("simulated.redb.damaged-{}", state.aside.len())),
            reason,
        })
    }

    fn has_room(&self) -> bool {
        let state = self.state();
        let room = state.clusters_max.is_none_or(|max| max > state.allocated.len());
        state.room_unknown || room
    }

    fn noted_epoch(&self) -> Option<Epoch> {
        self.state().epoch
    }

    fn note_epoch(&self, epoch: Epoch) -> Result<(), Fault> {
        self.operation()?.epoch = Some(epoch);
        Ok(())
    }
}
