//! What goes from the card by policy: what is too old, what is beyond a lane's quota, and what must make room.
//!
//! - I1, S9: whoever removes these rows records what some destination lacks of them, in the same transaction.
//! - I7: alerts and events never go.
//! - S17: age is never overestimated. The store knows no wall time: within a boot the monotonic clock counts, and for a
//!   block of an earlier boot the time that the boots since then are known to have run. Time without power is not
//!   counted, so data stay longer than their limit, never shorter.
//! - S18: while the card is nearly full the store makes room inside its own file, so that it grows no more: curves go
//!   first, then the oldest readings, then the oldest summaries.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use redb::ReadableDatabase;
use vitals::{BootId, Lane, MonoTime};

use super::commit::{self, Span};
use super::error::Fault;
use super::keys::Vault;
use super::medium::Space;
use super::read;
use super::rows::{self, BLOCKS, BlockKey, Header, PerLane, place};
use super::tail::Loss;
use super::types::SpaceState;

/// Rows that go, and what goes with them.
pub(super) type Gone = BTreeMap<BlockKey, Loss>;

/// In this order lanes make room.
const THINNED: [Lane; 3] = [Lane::Waves, Lane::Vitals, Lane::Summaries];
/// How often ages are looked at.
const AGES_EVERY: Duration = Duration::from_secs(600);
/// Most blocks whose age one round looks at: more would hold up an alarm's commit.
const AGED_BLOCKS_MAX: usize = 64;
/// How often the file system is asked.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// So much room is made in the file beyond what is written.
const AHEAD_BYTES: u64 = 1 << 20;
/// On a small card the free space to keep is this part of it.
const SMALL_CARD_PART: u64 = 16;

/// How much of a lane is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub bytes_max: u64,
    pub age_max: Option<Duration>,
}

impl Limit {
    pub(super) const NONE: Limit = Limit {
        bytes_max: u64::MAX,
        age_max: None,
    };
}

/// Decides what goes; remembers what it has asked and found.
#[derive(Debug)]
pub(super) struct Retention {
    limits: PerLane<Limit>,
    free_bytes_min: u64,
    boot: BootId,
    /// Earlier boots with the last time known of each, oldest first; read when first needed.
    boots: Option<Vec<(BootId, MonoTime)>>,
    aged_at: Option<MonoTime>,
    asked_at: Option<MonoTime>,
    thinning: Option<Thinning>,
}

/// Room that is being made.
#[derive(Clone, Copy, Debug)]
struct Thinning {
    /// Ends of all lanes when last looked at.
    ends: Option<u64>,
    /// Bytes written and bytes removed since it began.
    written: u64,
    removed: u64,
    /// Free space when it began, and how much less it is now: the freed pages did not fit what was written.
    free: u64,
    short: u64,
}

impl Retention {
    pub(super) fn new(limits: PerLane<Limit>, free_bytes_min: u64, boot: BootId) -> Retention {
        Retention {
            limits,
            free_bytes_min,
            boot,
            boots: None,
            aged_at: None,
            asked_at: None,
            thinning: None,
        }
    }

    /// Whether it is time to ask the file system for its free space.
    pub(super) fn wants_space(&mut self, now: MonoTime) -> bool {
        let wants = self.asked_at.is_none_or(|asked| now.since(asked) >= ASK_EVERY);
        if wants {
            self.asked_at = Some(now);
        }
        wants
    }

    /// The answer, in words for a technician; begins and ends making room.
    pub(super) fn space(&mut self, file: &Path, space: Option<Space>) -> SpaceState {
        let Some(space) = space else {
            self.thinning = None;
            return SpaceState::default();
        };
        let low = self.free_bytes_min.min(space.total / SMALL_CARD_PART);
        // Not on and off at one place.
        let enough = if self.thinning.is_some() {
            low + low / 8
        } else {
            low
        };
        if space.free >= enough {
            self.thinning = None;
        } else {
            let thinning = self.thinning.get_or_insert(Thinning {
                ends: None,
                written: 0,
                removed: 0,
                free: space.free,
                short: 0,
            });
            thinning.short = thinning.free.saturating_sub(space.free);
        }
        let mb = space.free / 1_000_000;
        let nearly_full = self.thinning.map(|_| {
            format!(
                "only {mb} MB are free on the card of the store {}: old curves and then old readings are removed to make room. Free space on it, or put in a larger card",
                file.display()
            )
        });
        SpaceState {
            free_bytes: Some(space.free),
            nearly_full,
        }
    }

    /// Rows that must go now.
    pub(super) fn plan(
        &mut self,
        database: &Vault,
        spans: PerLane<Span>,
        now: MonoTime,
    ) -> Result<Gone, Fault> {
        let mut gone = Gone::new();
        for lane in Lane::ALL {
            let bytes_max = self.limits[place(lane)].bytes_max;
            gone.extend(commit::overweight(database, lane, spans[place(lane)], bytes_max)?);
        }
        if self.aged_at.is_none_or(|at| now.since(at) >= AGES_EVERY) {
            self.aged_at = Some(now);
            for lane in Lane::ALL {
                self.too_old(database, lane, now, &mut gone)?;
            }
        }
        if let Some(thinning) = &mut self.thinning {
            make_room(database, spans, thinning, &mut gone)?;
        }
        Ok(gone)
    }

    fn too_old(&mut self, database: &Vault, lane: Lane, now: MonoTime, gone: &mut Gone) -> Result<(), Fault> {
        let Some(age_max) = self.limits[place(lane)].age_max else {
            return Ok(());
        };
        if self.boots.is_none() {
            self.boots = Some(boots(database, self.boot)?);
        }
        let blocks = database.begin_read()?.open_table(BLOCKS)?;
        for (looked, entry) in blocks.range(commit::whole_lane(lane))?.enumerate() {
            if looked == AGED_BLOCKS_MAX {
                // There may be more: go on with the next round.
                self.aged_at = None;
                break;
            }
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            match rows::unpack(key, row.value(), database.seal()) {
                Ok((header, block)) => {
                    let newest = block.records.last().map_or(now, vitals::Record::at);
                    if self.age(block.boot, newest, now) <= age_max {
                        break;
                    }
                    gone.insert(key, Loss::of(key, key.last(header)));
                }
                Err(_) => {
                    gone.insert(key, read::spoilt(&blocks, key)?);
                }
            }
        }
        Ok(())
    }

    /// How old something at least is.
    fn age(&self, boot: BootId, at: MonoTime, now: MonoTime) -> Duration {
        if boot == self.boot {
            return now.since(at);
        }
        let since_boot = now.since(MonoTime::BOOT);
        let boots = self.boots.as_deref().unwrap_or_default();
        let Some(place) = boots.iter().position(|(known, _)| *known == boot) else {
            return since_boot;
        };
        let (_, until) = boots[place];
        let later = boots[place + 1..].iter();
        let ran: Duration = later.map(|(_, until)| until.since(MonoTime::BOOT)).sum();
        until.since(at) + ran + since_boot
    }
}

/// The earlier boots that left readings or curves, oldest first, each with the newest time known of it.
fn boots(database: &Vault, running: BootId) -> Result<Vec<(BootId, MonoTime)>, Fault> {
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    let mut newest = BTreeMap::new();
    for lane in THINNED {
        let mut before = commit::whole_lane(lane).end().to_owned();
        // The last block of each epoch, from the newest to the oldest.
        while let Some(entry) = blocks
            .range(*commit::whole_lane(lane).start()..before)?
            .next_back()
        {
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            if let Ok((_, block)) = rows::unpack(key, row.value(), database.seal()) {
                let at = block.records.last().map_or(MonoTime::BOOT, vitals::Record::at);
                let known = newest.entry(key.epoch).or_insert((block.boot, at));
                known.1 = known.1.max(at);
            }
            before = (key.raw().0, key.epoch.0, 0);
        }
    }
    let mut boots: Vec<(BootId, MonoTime)> = Vec::new();
    for (boot, at) in newest.into_values().filter(|(boot, _)| *boot != running) {
        match boots.iter_mut().find(|(known, _)| *known == boot) {
            Some((_, until)) => *until = (*until).max(at),
            None => boots.push((boot, at)),
        }
    }
    Ok(boots)
}

/// Takes the oldest rows, so that as much goes as was written since it began, and a little ahead: free pages are then
/// used again, and the file does not grow.
fn make_room(
    database: &Vault,
    spans: PerLane<Span>,
    thinning: &mut Thinning,
    gone: &mut Gone,
) -> Result<(), Fault> {
    let ends: u64 = spans.iter().map(|span| span.end).sum();
    // A lane that was emptied counts from 0 again: what is less than before was not written.
    let before = thinning.ends.replace(ends).unwrap_or(ends);
    thinning.written += ends.saturating_sub(before);
    let wanted = thinning.written + AHEAD_BYTES + thinning.short;
    let blocks = database.begin_read()?.open_table(BLOCKS)?;
    for lane in THINNED {
        for entry in blocks.range(commit::whole_lane(lane))? {
            if thinning.removed >= wanted {
                return Ok(());
            }
            let (key, row) = entry?;
            let key = BlockKey::from_raw(key.value())?;
            if gone.contains_key(&key) {
                continue;
            }
            let loss = match Header::read(key, row.value()) {
                Ok(header) => Loss::of(key, key.last(header)),
                Err(_) => read::spoilt(&blocks, key)?,
            };
            thinning.removed += row.value().len() as u64;
            gone.insert(key, loss);
        }
    }
    Ok(())
}
