//! The words of the store's interface.

use std::path::{Path, PathBuf};
use std::time::Duration;

use vitals::record::ClosedLane;
use vitals::wire::Block;
use vitals::{AlarmChange, BootId, Epoch, Lane, Record, Seq};

use super::keys::KeySource;
use super::rows::is_relayed;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Where and how much to keep.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The file; its folder must exist and be writable.
    pub path: PathBuf,
    /// Who gets records, 1 to 4 with different names; [`Destination`] is the place in this list. One that is new gets
    /// everything from this run on, one that is gone is forgotten.
    pub destinations: Vec<DestinationOptions>,
    /// How long readings may wait for a commit that the first destination has not receipted: what a power cut may cost.
    pub commit_window: Duration,
    /// How long receipted readings and curves may wait for a commit: what a power cut may cost of the post's own copy.
    pub commit_window_receipted: Duration,
    /// Most packed bytes of readings; the oldest go first, and what some destination lacks is a recorded loss.
    pub vitals_bytes_max: u64,
    /// The same for minute summaries.
    pub summaries_bytes_max: u64,
    /// Most packed bytes of curves; the oldest go first, unrecorded: the centre does not get them.
    pub waves_bytes_max: u64,
    /// What is older goes; by time with power, see `retention`.
    pub vitals_age_max: Duration,
    /// The same for minute summaries.
    pub summaries_age_max: Duration,
    /// The same for curves.
    pub waves_age_max: Duration,
    /// Free space below which old curves and readings make room; a sixteenth of the file system where that is less.
    pub free_bytes_min: u64,
    /// Something else says that a post ran here before: nothing under `path` is then a loss and not a first start.
    pub ran_before: bool,
    /// What seals the store's data key; `None` leaves new rows readable by whoever has the card.
    pub key: Option<KeySource>,
}

impl StoreOptions {
    /// The defaults of the configuration, for a store in this file.
    pub fn at(path: PathBuf) -> StoreOptions {
        StoreOptions {
            path,
            destinations: vec![DestinationOptions::all("centre")],
            commit_window: Duration::from_secs(5),
            commit_window_receipted: Duration::from_secs(60),
            vitals_bytes_max: 2_000_000_000,
            summaries_bytes_max: 300_000_000,
            waves_bytes_max: 1_000_000_000,
            vitals_age_max: 30 * DAY,
            summaries_age_max: 365 * DAY,
            waves_age_max: 3 * DAY,
            free_bytes_min: 256_000_000,
            ran_before: false,
            key: None,
        }
    }
}

/// One who gets records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DestinationOptions {
    /// What the store remembers it by, at most 64 bytes.
    pub name: String,
    /// What it gets of [`super::RELAYED_LANES`]; others mean nothing. A lane that is new gets there from this run on; of
    /// one that is gone it is owed nothing any more, also when the lane comes back later.
    pub lanes: Vec<Lane>,
}

impl DestinationOptions {
    /// One that gets everything that leaves the post.
    pub fn all(name: &str) -> DestinationOptions {
        DestinationOptions {
            name: name.to_owned(),
            lanes: super::RELAYED_LANES.to_vec(),
        }
    }

    pub(super) fn gets(&self, lane: Lane) -> bool {
        is_relayed(lane) && self.lanes.contains(&lane)
    }
}

/// Who gets records: the place in [`StoreOptions::destinations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Destination(pub usize);

impl Destination {
    /// The first one: what it has receipted is safe, and may wait longer for the card.
    pub const CENTRE: Destination = Destination(0);
}

/// What [`super::Store::open`] found.
#[derive(Clone, Debug)]
pub struct OpenReport {
    /// The epoch of this run; durable before `open` returned (I2). Only on a full card it is not yet: the state is then
    /// [`StoreState::Failing`] from the start, and until there is room `random` alone keeps the epoch unique.
    pub epoch: Epoch,
    /// Set when the file could not be read and a new one was started.
    pub set_aside: Option<SetAside>,
    /// Earlier epochs' last durable record in each of [`super::RELAYED_LANES`] (`Seq(0)` = none), oldest epoch first: of
    /// each epoch that some destination has not receipted completely, or whose end it has not been told yet. At most
    /// [`super::CLOSED_EPOCHS_MAX`] epochs, the newest.
    pub closed: Vec<ClosedLane>,
    /// Latest change of every alarm that has not ended, in the order of their ids.
    pub open_alarms: Vec<AlarmChange>,
}

/// A damaged store that was moved out of the way, or one that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is kept for rescue; `None` = nothing of it is left.
    pub file: Option<PathBuf>,
    /// What was wrong with it.
    pub reason: String,
}

impl SetAside {
    /// The store under this name is gone.
    pub(super) fn gone(path: &Path) -> SetAside {
        SetAside {
            file: None,
            reason: format!("{} was there before and is gone", path.display()),
        }
    }

    /// What became of it, for a technician.
    pub fn fate(&self) -> String {
        match &self.file {
            Some(file) => format!(
                "the store could not be read and was set aside as {}",
                file.display()
            ),
            None => "the store is gone".to_owned(),
        }
    }
}

/// Whether records reach the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreState {
    /// They do.
    Good,
    /// They do not: they wait in memory, the store keeps trying, and monitoring goes on.
    Failing {
        /// What is wrong and what to do, for a technician.
        reason: String,
    },
}

/// How much room is left for the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceState {
    /// Free bytes on the card; `None` = nobody can tell.
    pub free_bytes: Option<u64>,
    /// Set while old curves and readings are removed to make room: what is wrong and what to do, for a technician.
    pub nearly_full: Option<String>,
}

/// A place between two records of a lane: everything up to and including it has been dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The epoch.
    pub epoch: Epoch,
    /// The last record dealt with in it; `Seq(0)` = none.
    pub seq: Seq,
}

impl Cursor {
    /// Before everything.
    pub const START: Cursor = Cursor {
        epoch: Epoch(0),
        seq: Seq(0),
    };
}

/// Records of one lane of one epoch, without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Their epoch.
    pub epoch: Epoch,
    /// Their lane.
    pub lane: Lane,
    /// The place of the first; the others follow by one each.
    pub first: Seq,
    /// The boot in which they were made.
    pub boot: BootId,
    /// Never empty, and never more than one block can hold.
    pub records: Vec<Record>,
}

impl Batch {
    /// The place of the last record.
    pub fn last(&self) -> Seq {
        Seq(self.first.0 + self.records.len() as u64 - 1)
    }

    /// Where reading goes on after this batch.
    pub fn end(&self) -> Cursor {
        Cursor {
            epoch: self.epoch,
            seq: self.last(),
        }
    }

    /// As the packed form that an envelope carries.
    pub fn into_block(self) -> Block {
        Block {
            boot: self.boot,
            records: self.records,
        }
    }
}
