//! The bytes of the two tables: keys, block rows and meta rows.
//!
//! `blocks`: `(lane, epoch, first seq)` -> version, CRC-32, record count, offset, packed block. `offset` counts the
//! bytes of all rows written to that lane before, so that the size of a lane is one subtraction and no row has to be
//! rewritten to keep count. `meta`: `schema`, `key`, `epoch/<epoch>`, `alarm/<alarm id>`.
//!
//! Every row carries a check sum over its key and its contents: redb verifies its pages only after a crash, and a
//! flipped bit must become an error, never another vital sign. In a sealed store (`seal`, `keys`) the packed block of a
//! row is sealed and its version says so; the check sum then covers the sealed bytes, so that weighing and evicting rows
//! needs no key. Rows of epochs hold no words and no values, and stay plain.

use std::borrow::Cow;

use redb::TableDefinition;
use vitals::wire::Block;
use vitals::{AlarmId, BootId, Epoch, Lane, Record, Seq};

use super::error::Fault;
use super::seal::Seal;

/// Version of this layout. A store with a higher one is refused; 1 knew one destination only, and is taken over.
pub const SCHEMA: u32 = 3;
/// A store without sealed rows is written with this one, so that an older program may read it.
pub(super) const SCHEMA_PLAIN: u32 = 2;
/// Version of a single row.
const ROW: u8 = 1;
/// Version of a row whose packed block is sealed.
const SEALED_ROW: u8 = 2;

/// As in Ethernet and zip.
pub(super) static CRC_32: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// Packed records.
pub(super) const BLOCKS: TableDefinition<(u8, u64, u64), &[u8]> = TableDefinition::new("blocks");
/// Everything else.
pub(super) const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
/// Key of the schema version in [`META`].
pub(super) const SCHEMA_KEY: &str = "schema";
/// Key of the sealed data key in [`META`].
pub(super) const KEY_ROW: &str = "key";

/// Most records in a block: beyond it packing gains little and reading one record costs more.
pub(super) const BLOCK_RECORDS_MAX: usize = 1024;
/// Most unpacked bytes in a block by [`bytes_most`]; half of what a reader accepts.
pub(super) const BLOCK_BYTES_MAX: usize = vitals::wire::BLOCK_BYTES_MAX / 2;

/// One number for each lane, most urgent first.
pub(super) type PerLane<T> = [T; Lane::ALL.len()];

/// The lanes that go to the centre, most urgent first. Curves stay on the box.
pub const RELAYED_LANES: [Lane; 4] = [Lane::Alerts, Lane::Events, Lane::Summaries, Lane::Vitals];

/// The centre gets this lane.
pub(super) fn is_relayed(lane: Lane) -> bool {
    RELAYED_LANES.contains(&lane)
}

/// Place of a lane in [`PerLane`].
pub(super) const fn place(lane: Lane) -> usize {
    match lane {
        Lane::Alerts => 0,
        Lane::Events => 1,
        Lane::Summaries => 2,
        Lane::Vitals => 3,
        Lane::Waves => 4,
    }
}

/// Name of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockKey {
    pub lane: Lane,
    pub epoch: Epoch,
    pub first: Seq,
}

impl BlockKey {
    pub(super) fn raw(self) -> (u8, u64, u64) {
        (lane_byte(self.lane), self.epoch.0, self.first.0)
    }

    pub(super) fn from_raw(raw: (u8, u64, u64)) -> Result<BlockKey, Fault> {
        let lane = Lane::ALL.into_iter().find(|lane| lane_byte(*lane) == raw.0);
        Ok(BlockKey {
            lane: lane.ok_or_else(|| Fault::Bad(format!("there is no lane {}", raw.0)))?,
            epoch: Epoch(raw.1),
            first: Seq(raw.2),
        })
    }

    /// The last record of the block with this header.
    pub(super) fn last(self, header: Header) -> Seq {
        Seq((self.first.0 + u64::from(header.count)).saturating_sub(1))
    }

    fn bad(self, what: &str) -> Fault {
        Fault::Bad(format!(
            "block {} {} {}: {what}",
            self.lane, self.epoch, self.first.0
        ))
    }
}

/// The byte of a lane in a key: as on the wire, for ever.
pub(super) const fn lane_byte(lane: Lane) -> u8 {
    match lane {
        Lane::Alerts => 1,
        Lane::Events => 2,
        Lane::Vitals => 3,
        Lane::Waves => 4,
        Lane::Summaries => 5,
    }
}

/// What stands in front of a packed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Records in the block.
    pub count: u32,
    /// Bytes of this lane's rows before this one.
    pub offset: u64,
}

const HEADER_BYTES: usize = 1 + 4 + 4 + 8;
const SUMMED_FROM: usize = 5;

impl Header {
    /// Reads the header of a row whose check sum is right.
    pub(super) fn read(key: BlockKey, row: &[u8]) -> Result<Header, Fault> {
        let sum = bytes_at(row, 1).map(u32::from_le_bytes);
        let rest = row.get(SUMMED_FROM..).unwrap_or_default();
        match (bytes_at(row, 5), bytes_at(row, 9)) {
            (Some(count), Some(offset))
                if matches!(row[0], ROW | SEALED_ROW) && sum == Some(block_sum(key, rest)) =>
            {
                Ok(Header {
                    count: u32::from_le_bytes(count),
                    offset: u64::from_le_bytes(offset),
                })
            }
            _ => Err(key.bad("version or check sum differs")),
        }
    }
}

/// Which table a row is for; sealed with it.
#[derive(Clone, Copy)]
enum Kind {
    Block = 1,
    Alarm = 2,
}

/// Everything a sealed row is bound to (S22).
fn bound_to(kind: Kind, key: BlockKey, header: Header) -> Vec<u8> {
    let (lane, epoch, first) = key.raw();
    let mut about = vec![SEALED_ROW, kind as u8, lane];
    about.extend_from_slice(&epoch.to_le_bytes());
    about.extend_from_slice(&first.to_le_bytes());
    about.extend_from_slice(&header.count.to_le_bytes());
    about.extend_from_slice(&header.offset.to_le_bytes());
    about
}

/// Packs records into a row.
pub(super) fn pack(key: BlockKey, offset: u64, block: &Block, seal: &Seal) -> Result<Vec<u8>, Fault> {
    pack_as(Kind::Block, key, offset, block, seal)
}

fn pack_as(kind: Kind, key: BlockKey, offset: u64, block: &Block, seal: &Seal) -> Result<Vec<u8>, Fault> {
    let count = u32::try_from(block.records.len()).expect("a block holds at most BLOCK_RECORDS_MAX records");
    let (version, packed) = match seal {
        Seal::Plain => (ROW, block.encode()),
        Seal::Sealed(data) => {
            let about = bound_to(kind, key, Header { count, offset });
            (SEALED_ROW, data.seal(&about, &block.encode())?)
        }
    };
    let mut row = Vec::with_capacity(HEADER_BYTES + packed.len());
    row.push(version);
    row.extend_from_slice(&[0; 4]);
    row.extend_from_slice(&count.to_le_bytes());
    row.extend_from_slice(&offset.to_le_bytes());
    row.extend_from_slice(&packed);
    let sum = block_sum(key, &row[SUMMED_FROM..]);
    row[1..5].copy_from_slice(&sum.to_le_bytes());
    Ok(row)
}

/// The row with a check sum as if it belonged to `key`: what somebody would write who moves it.
#[cfg(test)]
pub(super) fn with_sum_of(key: BlockKey, row: &[u8]) -> Vec<u8> {
    let mut row = row.to_vec();
    let sum = block_sum(key, &row[SUMMED_FROM..]);
    row[1..5].copy_from_slice(&sum.to_le_bytes());
    row
}

/// The header and the packed records of a block's row, unsealed, whose check sum is right.
pub(super) fn contents<'a>(
    key: BlockKey,
    row: &'a [u8],
    seal: &Seal,
) -> Result<(Header, Cow<'a, [u8]>), Fault> {
    contents_as(Kind::Block, key, row, seal)
}

fn contents_as<'a>(
    kind: Kind,
    key: BlockKey,
    row: &'a [u8],
    seal: &Seal,
) -> Result<(Header, Cow<'a, [u8]>), Fault> {
    let header = Header::read(key, row)?;
    let rest = row.get(HEADER_BYTES..).unwrap_or_default();
    let packed = match (row.first(), seal) {
        (Some(&SEALED_ROW), Seal::Sealed(data)) => data
            .open(&bound_to(kind, key, header), rest)
            .map(Cow::Owned)
            .ok_or_else(|| key.bad("it was sealed for another place, or altered"))?,
        (Some(&SEALED_ROW), Seal::Plain) => return Err(key.bad("it is sealed, and the store holds no key")),
        _ => Cow::Borrowed(rest),
    };
    Ok((header, packed))
}

/// Unpacks a row and checks everything about it.
pub(super) fn unpack(key: BlockKey, row: &[u8], seal: &Seal) -> Result<(Header, Block), Fault> {
    unpack_as(Kind::Block, key, row, seal)
}

fn unpack_as(kind: Kind, key: BlockKey, row: &[u8], seal: &Seal) -> Result<(Header, Block), Fault> {
    let (header, packed) = contents_as(kind, key, row, seal)?;
    let block = Block::decode(&packed).map_err(|error| key.bad(&error.to_string()))?;
    if usize::try_from(header.count) != Ok(block.records.len()) || block.records.is_empty() {
        return Err(key.bad("it does not hold as many records as it says"));
    }
    if block.records.iter().any(|record| record.lane() != key.lane) {
        return Err(key.bad("it holds a record of another lane"));
    }
    Ok((header, block))
}

fn block_sum(key: BlockKey, rest: &[u8]) -> u32 {
    let (lane, epoch, first) = key.raw();
    let mut sum = CRC_32.digest();
    sum.update(&[lane]);
    sum.update(&epoch.to_le_bytes());
    sum.update(&first.to_le_bytes());
    sum.update(rest);
    sum.finalize()
}

/// Most bytes that a record takes in an unpacked block when it shares its source with no other.
pub(super) fn bytes_most(record: &Record) -> usize {
    let id = |len: Option<usize>| len.unwrap_or_default();
    match record {
        Record::Reading(r) => {
            let ids = [
                Some(r.device.as_str().len()),
                r.bed.as_ref().map(|b| b.as_str().len()),
                r.admission.as_ref().map(|a| a.as_str().len()),
            ];
            96 + ids.into_iter().map(id).sum::<usize>()
        }
        Record::Site(r) => 96 + r.device.as_str().len() + r.signal.len() + r.unit.len(),
        Record::Summary(r) => 128 + 3 * vitals::bed::ID_BYTES_MAX + summarised_bytes_most(&r.of),
        // A difference of two samples takes at most three bytes; three ids.
        Record::Wave(w) => 96 + 3 * vitals::bed::ID_BYTES_MAX + 3 * w.block.samples.len(),
        Record::Alarm(a) => {
            384 + 3 * vitals::bed::ID_BYTES_MAX + a.acknowledged_by.as_ref().map_or(0, String::len)
        }
        Record::Event { event, .. } => 64 + event_bytes_most(event),
    }
}

fn summarised_bytes_most(of: &vitals::Summarised) -> usize {
    match of {
        vitals::Summarised::Vital(_) => 0,
        vitals::Summarised::Site { signal, unit } => signal.len() + unit.len(),
    }
}

fn event_bytes_most(event: &vitals::Event) -> usize {
    use vitals::Event;
    match event {
        Event::Started { version, closed, .. } => 64 + version.len() + 32 * closed.len(),
        Event::Bound(binding) => 64 + 4 * vitals::bed::ID_BYTES_MAX + binding.by.len(),
        Event::LimitsSet(set) => 128 + 2 * vitals::bed::ID_BYTES_MAX + set.by.len(),
        Event::Signals { what, .. } => 128 + vitals::bed::ID_BYTES_MAX + what.by().map_or(0, str::len),
        Event::Merged { by, .. } => 64 + 3 * vitals::bed::ID_BYTES_MAX + by.len(),
        Event::Seen { by, by_id, .. } => 64 + by.len() + by_id.as_ref().map_or(0, String::len),
        Event::StoreSetAside { file, reason } => 64 + file.len() + reason.len(),
        Event::Outage(outage) => 128 + outage.destination.len(),
        Event::Message { by, by_id, text, .. } => {
            64 + vitals::bed::ID_BYTES_MAX + by.len() + by_id.as_ref().map_or(0, String::len) + text.len()
        }
        Event::LimitProposed { proposal, .. } => {
            let by = proposal.by.len() + proposal.by_id.as_ref().map_or(0, String::len);
            128 + vitals::bed::ID_BYTES_MAX + by
        }
        Event::MessageRead { by, .. } => 64 + by.len(),
        // What people and analysers write has its bounds: words of an identity, fields of a result, 64 results.
        Event::Identified(_) => 2_048,
        Event::SpecimenTaken(_) => 1_024,
        Event::Lab(_) => 6_144,
        Event::LabAssigned(_) | Event::LabSetAside(_) => 2_048,
        Event::Audited(entry) => audited_bytes_most(&entry.deed.told),
        Event::AuditHead(signed) => 256 + signed.chain.0.len(),
        Event::Discharged(discharged) => 64 + 2 * vitals::bed::ID_BYTES_MAX + discharged.by.len(),
        Event::Transferred(transferred) => 64 + 3 * vitals::bed::ID_BYTES_MAX + transferred.by.len(),
        // Ids, a person's name, and numbers.
        Event::Observed(observed) => 1_024 + observed.by.len(),
        Event::CareTold(told) => 128 + 2 * vitals::bed::ID_BYTES_MAX + told.by.len(),
        Event::NoteWritten(note) => {
            128 + 2 * vitals::bed::ID_BYTES_MAX + note.by.len() + note.text.reveal().len()
        }
        Event::NoteWithdrawn(withdrawn) => 128 + 2 * vitals::bed::ID_BYTES_MAX + withdrawn.by.len(),
        Event::HandoverOffered(handover) => 256 + handover.by.len() + handover.by_id.len() + handover.bytes(),
        Event::HandoverAccepted(accepted) => {
            let beds = accepted.changed.len() * (4 + vitals::bed::ID_BYTES_MAX);
            128 + accepted.by.len() + accepted.by_id.len() + beds
        }
        Event::Deed { deed, .. } => {
            let act = match &deed.act {
                vitals::delivery::Act::Rejected { words, .. } => words.len(),
                vitals::delivery::Act::Offered { to, to_id } => to.len() + to_id.len(),
                _ => 0,
            };
            128 + deed.by.len() + deed.by_id.len() + act
        }
        Event::Anchor(_) | Event::Lost { .. } | Event::CommandRefused { .. } | Event::Expired { .. } => 64,
    }
}

fn audited_bytes_most(told: &vitals::audit::Telling) -> usize {
    use vitals::audit::Actor;
    let who = match &told.who {
        Actor::Person { id, name } | Actor::Centre { id, name } => id.len() + name.reveal().len(),
        Actor::System { user } => user.len(),
        Actor::Post | Actor::Nobody => 0,
    };
    let changes = [&told.before, &told.after].into_iter().flatten();
    let changes: usize = changes.map(|words| words.reveal().len()).sum();
    256 + who + told.from.len() + told.action.len() + told.subject.len() + changes
}

/// The schema row: the version and its check sum, so that a flipped bit is damage and not "written by a newer program".
pub(super) fn pack_schema(version: u32) -> Vec<u8> {
    let version = version.to_le_bytes();
    [version, CRC_32.checksum(&version).to_le_bytes()].concat()
}

/// Reads the schema row and refuses what is newer.
pub(super) fn check_schema(row: Option<&[u8]>) -> Result<(), Fault> {
    let row = row.ok_or_else(|| Fault::Bad("it has no schema version".to_owned()))?;
    let version = bytes_at(row, 0).map(u32::from_le_bytes).unwrap_or_default();
    if row != pack_schema(version) || version == 0 {
        return Err(Fault::Bad("its schema version is not readable".to_owned()));
    }
    if version > SCHEMA {
        return Err(Fault::Newer(version));
    }
    Ok(())
}

/// The row of the sealed data key: version, check sum, nonce, sealed key, tag.
pub(super) fn pack_key(wrapped: &[u8]) -> Vec<u8> {
    let mut row = vec![ROW];
    row.extend_from_slice(&CRC_32.checksum(wrapped).to_le_bytes());
    row.extend_from_slice(wrapped);
    row
}

/// The sealed data key. A wrong check sum is damage; a wrong key shows only when it is opened (S24).
pub(super) fn unpack_key(row: &[u8]) -> Result<Vec<u8>, Fault> {
    let wrapped = row.get(SUMMED_FROM..).unwrap_or_default();
    if row == pack_key(wrapped) {
        Ok(wrapped.to_vec())
    } else {
        Err(Fault::Bad("its data key is not readable".to_owned()))
    }
}

const ALARM_PREFIX: &str = "alarm/";

/// All keys of open alarms; they sort by age. `0` follows `/`.
pub(super) const ALARM_KEYS: std::ops::Range<&str> = ALARM_PREFIX.."alarm0";

/// Key of an open alarm. Unlike `AlarmId`'s text, the number is padded so that keys sort by age.
pub(super) fn alarm_key(id: AlarmId) -> String {
    format!("{ALARM_PREFIX}{}-{:010}", id.epoch, id.number)
}

/// An open alarm as a row: a block of one record.
pub(super) fn pack_alarm(change: &vitals::AlarmChange, boot: BootId, seal: &Seal) -> Result<Vec<u8>, Fault> {
    let block = Block {
        boot,
        records: vec![Record::Alarm(change.clone())],
    };
    pack_as(Kind::Alarm, alarm_block(change.id), 0, &block, seal)
}

/// Reads an open alarm.
pub(super) fn unpack_alarm(key: &str, row: &[u8], seal: &Seal) -> Result<vitals::AlarmChange, Fault> {
    let bad = || Fault::Bad(format!("row {key:?} is not an alarm"));
    let id: AlarmId = key
        .strip_prefix(ALARM_PREFIX)
        .and_then(|id| id.parse().ok())
        .ok_or_else(bad)?;
    match unpack_as(Kind::Alarm, alarm_block(id), row, seal)?
        .1
        .records
        .pop()
    {
        Some(Record::Alarm(change)) if change.id == id => Ok(change),
        _ => Err(bad()),
    }
}

fn alarm_block(id: AlarmId) -> BlockKey {
    BlockKey {
        lane: Lane::Alerts,
        epoch: id.epoch,
        first: Seq(u64::from(id.number)),
    }
}

/// Some bytes of a row.
pub(super) fn bytes_at<const N: usize>(row: &[u8], at: usize) -> Option<[u8; N]> {
    row.get(at..at + N).and_then(|bytes| bytes.try_into().ok())
}
