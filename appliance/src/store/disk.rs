//! A simulated disk for tests: it can lose power, lie about syncing, be full, refuse, or stall.
//!
//! It keeps what programs see (`live`), what would survive a power cut (`durable`), and the writes in between. A cut
//! keeps or drops each 512-byte sector of each unsynced write by chance: the same seed and the same operations leave the
//! same bytes.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use redb::{Database, StorageBackend};
use vitals::Epoch;

use super::error::Fault;
use super::keys::{KeySource, Keys};
use super::medium::{Look, Medium, RESERVE_BYTES, Space, builder};
use super::types::SetAside;

const SECTOR: usize = 512;
/// File systems allocate so much at once.
const CLUSTER: u64 = 4096;

/// A small, repeatable source of chance (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.any() % limit
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
    /// Whether a reserve can be made, and the clusters it takes.
    keeps_reserve: bool,
    reserve_clusters: usize,
    /// Nobody can tell how much room there is, as with a quota.
    room_unknown: bool,
    stalled: bool,
    /// The errors that reading and writing end with.
    read_errno: Option<i32>,
    write_errno: Option<i32>,
    written: Written,
    /// How often the file was opened.
    opened: u32,
    keys: Arc<Keys>,
}

impl State {
    fn used(&self) -> usize {
        self.allocated.len() + self.reserve_clusters
    }
}

/// What a disk was made to write so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Bytes of all writes.
    pub bytes: u64,
    /// Completed syncs.
    pub syncs: u64,
}

type Hook = Box<dyn FnMut() + Send>;

struct Inside {
    state: Mutex<State>,
    resumed: Condvar,
    while_syncing: Mutex<Option<Hook>>,
}

/// A handle to the disk; clones share it.
#[derive(Clone)]
pub struct Disk(Arc<Inside>);

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl Disk {
    /// An empty disk; `seed` decides what a power cut leaves of unsynced writes.
    pub fn new(seed: u64) -> Disk {
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
            keeps_reserve: false,
            reserve_clusters: 0,
            room_unknown: false,
            stalled: false,
            read_errno: None,
            write_errno: None,
            written: Written::default(),
            opened: 0,
            keys: Arc::default(),
        };
        Disk::with(state)
    }

    fn with(state: State) -> Disk {
        Disk(Arc::new(Inside {
            state: Mutex::new(state),
            resumed: Condvar::new(),
            while_syncing: Mutex::new(None),
        }))
    }

    /// Another disk with the same contents.
    pub fn twin(&self) -> Disk {
        Disk::with(self.state().clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on syncing does nothing.
    pub fn lie(&self) {
        self.state().lies = true;
    }

    /// Power goes after this many more operations.
    pub fn cut_after(&self, operations: u64) {
        self.state().operations_left = Some(operations);
    }

    /// Every operation fails from now on.
    pub fn is_off(&self) -> bool {
        self.state().operations_left == Some(0)
    }

    /// Power goes, if it has not gone yet, and comes back: what is left is what survived.
    pub fn power_cycle(&self) {
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

    /// The process that used it is gone, and another may: what was written is there, synced or not.
    pub fn process_killed(&self) {
        self.state().operations_left = None;
    }

    /// Only so many more bytes fit, in whole clusters; `None` = as many as wanted.
    pub fn leave_room(&self, bytes: Option<u64>) {
        let state = &mut *self.state();
        state.clusters_max = bytes.map(|bytes| state.used() + offset_in(bytes / CLUSTER));
    }

    /// From now on the store can keep its reserve for alerts and events here.
    pub fn keep_reserve(&self) {
        self.state().keeps_reserve = true;
    }

    /// From now on the store on it is opened with this key.
    pub(super) fn put_key(&self, key: Option<KeySource>) {
        self.state().keys = Arc::new(Keys::new(key));
    }

    /// From now on nobody can tell how much room there is.
    pub fn hide_room(&self) {
        self.state().room_unknown = true;
    }

    /// How often the file was opened.
    pub fn opened(&self) -> u32 {
        self.state().opened
    }

    /// Syncing waits from now on, or goes on. Whoever syncs is blocked: not for a stepped store.
    pub fn stall(&self, stalled: bool) {
        self.state().stalled = stalled;
        self.0.resumed.notify_all();
    }

    /// A slow card for a stepped store: `hook` runs inside every sync, before it takes effect. It may let time pass,
    /// append and read.
    pub fn while_syncing(&self, hook: Option<Hook>) {
        *self
            .0
            .while_syncing
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = hook;
    }

    /// From now on every reading ends with this error of the system (5 = EIO), or works again.
    pub fn fail_reads(&self, errno: Option<i32>) {
        self.state().read_errno = errno;
    }

    /// From now on every writing, syncing, making and moving ends with this error of the system (5 = EIO, 30 =
    /// read-only), or works again.
    pub fn fail_writes(&self, errno: Option<i32>) {
        self.state().write_errno = errno;
    }

    /// What it was made to write so far.
    pub fn written(&self) -> Written {
        self.state().written
    }

    /// Changes the file behind the program's back.
    pub fn alter(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let state = &mut *self.state();
        change(&mut state.live);
        state.durable = state.live.clone();
        state.unsynced.clear();
    }

    /// Damaged files that were set aside.
    pub fn aside(&self) -> usize {
        self.state().aside.len()
    }

    fn reading(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.operation()?;
        match state.read_errno {
            Some(errno) => Err(io::Error::from_raw_os_error(errno)),
            None => Ok(state),
        }
    }

    fn writing(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.operation()?;
        match state.write_errno {
            Some(errno) => Err(io::Error::from_raw_os_error(errno)),
            None => Ok(state),
        }
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

fn offset_in(bytes: u64) -> usize {
    usize::try_from(bytes).expect("a simulated disk fits the memory")
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
        let state = self.reading()?;
        let at = offset_in(offset);
        let bytes = state
            .live
            .get(at..at + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        // The length reaches the disk with the file system's own journal.
        let state = &mut *self.writing()?;
        let len = offset_in(len);
        state.live.resize(len, 0);
        state.durable.resize(len, 0);
        state.unsynced.retain(|(at, bytes)| at + bytes.len() <= len);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        {
            let mut hook = self
                .0
                .while_syncing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(hook) = &mut *hook {
                hook();
            }
        }
        let mut state = self.writing()?;
        while state.stalled {
            state = self.0.resumed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let state = &mut *state;
        state.written.syncs += 1;
        if !state.lies {
            state.unsynced.clear();
            state.durable.clone_from(&state.live);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let state = &mut *self.writing()?;
        for cluster in offset / CLUSTER..=(offset + data.len() as u64 - 1) / CLUSTER {
            let full = state.clusters_max.is_some_and(|max| state.used() >= max);
            if full && !state.allocated.contains(&cluster) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            state.allocated.insert(cluster);
        }
        let at = offset_in(offset);
        put(&mut state.live, at, data);
        state.written.bytes += data.len() as u64;
        state.unsynced.push((at, data.to_vec()));
        Ok(())
    }
}

impl Medium for Disk {
    fn file(&self) -> &Path {
        Path::new("simulated.redb")
    }

    fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.state().keys)
    }

    fn open(&self, look: Look) -> Result<Option<Database>, Fault> {
        let (named, bytes) = {
            let mut state = self.reading()?;
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
            let state = &mut *self.writing()?;
            state.live.clear();
            state.durable.clear();
            state.unsynced.clear();
            state.allocated.clear();
        }
        let database = builder(Look::Usual, 0).create_with_backend(self.clone())?;
        fill(&database)?;
        self.writing()?.named = true;
        Ok(database)
    }

    fn set_aside(&self, reason: String) -> Result<SetAside, Fault> {
        let state = &mut *self.writing()?;
        let damaged = std::mem::take(&mut state.live);
        state.aside.push(damaged);
        state.durable.clear();
        state.unsynced.clear();
        state.named = false;
        Ok(SetAside {
            file: Some(format!("simulated.redb.damaged-{}", state.aside.len()).into()),
            reason,
        })
    }

    fn space(&self) -> Option<Space> {
        let state = self.state();
        let max = state.clusters_max.filter(|_| !state.room_unknown)?;
        Some(Space {
            free: max.saturating_sub(state.used()) as u64 * CLUSTER,
            total: max as u64 * CLUSTER,
        })
    }

    fn make_reserve(&self) -> bool {
        let state = &mut *self.state();
        let wanted = offset_in(RESERVE_BYTES / CLUSTER);
        let fits = |max: usize| max >= state.allocated.len() + wanted;
        if state.keeps_reserve && state.clusters_max.is_none_or(fits) {
            state.reserve_clusters = wanted;
        }
        state.reserve_clusters > 0
    }

    fn release_reserve(&self) -> bool {
        std::mem::take(&mut self.state().reserve_clusters) > 0
    }

    fn noted_epoch(&self) -> Option<Epoch> {
        self.state().epoch
    }

    fn note_epoch(&self, epoch: Epoch) -> Result<(), Fault> {
        self.writing()?.epoch = Some(epoch);
        Ok(())
    }
}
