//! The tables of the redb file, their keys and their rows. Ids are text, lanes are the contract's lane numbers.

use redb::TableDefinition;
use vitals::record::Refusal;
use vitals::wire::proto;
use vitals::{AnchorSource, BootId, ClockAnchor, ClockTrust, Lane, MonoTime, Stamp, WallTime};

use super::Answer;

/// Version of this layout.
pub(super) const VERSION: u64 = 1;
/// The key of [`VERSION`] in [`META`].
pub(super) const VERSION_KEY: &str = "version";

/// Facts about the file itself.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// (post, lane, epoch, first seq) -> [`BlockRow`]. Blocks of a lane never overlap.
pub(super) const BLOCKS: TableDefinition<(&str, u8, u64, u64), &[u8]> = TableDefinition::new("blocks");
/// (post, epoch, lane) -> [`super::Held`].
pub(super) const HELD: TableDefinition<(&str, u64, u8), &[u8]> = TableDefinition::new("held");
/// (post, bed, cf_code10) -> (epoch, at in ns, seq) of the latest reading by measurement order.
pub(super) const LATEST: TableDefinition<(&str, &str, u32), (u64, u64, u64)> = TableDefinition::new("latest");
/// Post, alarm epoch, alarm number.
pub(super) type AlarmKey = (&'static str, u64, u32);
/// The change, epoch and seq of its record, first arrival in ns since 1970.
pub(super) type AlarmRow = (u32, u64, u64, i64);
/// The latest change of every alarm.
pub(super) const ALARMS: TableDefinition<AlarmKey, AlarmRow> = TableDefinition::new("alarms");
/// The alarms of [`ALARMS`] that have not ended.
pub(super) const OPEN: TableDefinition<AlarmKey, ()> = TableDefinition::new("open_alarms");
/// Post, alarm epoch, alarm number, command.
pub(super) type SeenKey = (&'static str, u64, u32, u128);
/// By whom, when, until when it is sent, whether it is confirmed; times in ns since 1970.
pub(super) type SeenRow = (&'static str, i64, i64, bool);
/// Who saw which alarm.
pub(super) const SEEN: TableDefinition<SeenKey, SeenRow> = TableDefinition::new("seen");
/// The account of who saw it, for the rows of [`SEEN`] that have one.
pub(super) const SEEN_BY: TableDefinition<SeenKey, &str> = TableDefinition::new("seen_by");
/// (post, command) -> alarm: commands without confirmation.
pub(super) const PENDING: TableDefinition<(&str, u128), (u64, u32)> = TableDefinition::new("pending");
/// What was done with which alarm: the command as on the wire.
pub(super) const DEEDS: TableDefinition<SeenKey, &[u8]> = TableDefinition::new("deeds");
/// The alarms that nobody had read in time -> when the post's word came, in ns since 1970.
pub(super) const EXPIRED: TableDefinition<AlarmKey, i64> = TableDefinition::new("alarms_expired");
/// Epoch, monotonic ns, wall ns, trust, clock was set.
pub(super) type AnchorRow = (u64, u64, i64, u8, bool);
/// (post, boot) -> the best anchor of that boot.
pub(super) const ANCHORS: TableDefinition<(&str, [u8; 16]), AnchorRow> = TableDefinition::new("anchors");
/// (post, alarm epoch, alarm number) -> the change after which the post said that the alarm is over. Counts only while
/// that change is the latest.
pub(super) const OVER: TableDefinition<AlarmKey, u32> = TableDefinition::new("alarms_over");
/// (post, issued in ns since 1970, command) -> the command as on the wire: messages and proposals.
pub(super) const SENT: TableDefinition<(&str, i64, u128), &[u8]> = TableDefinition::new("sent");
/// Refusal (0 = shown), boot and monotonic ns of the answer, its arrival in ns since 1970.
pub(super) type AnswerRow = (u8, [u8; 16], u64, i64);
/// (post, command) -> what the post did with it; commands of other centres included.
pub(super) const ANSWERS: TableDefinition<(&str, u128), AnswerRow> = TableDefinition::new("answers");
/// (post, arrival in ns since 1970, epoch, seq) of every outage report.
pub(super) const OUTAGES: TableDefinition<(&str, i64, u64, u64), ()> = TableDefinition::new("outages");
/// (post, epoch, seq) of every event about patients and laboratory results.
pub(super) const PATIENTS: TableDefinition<(&str, u64, u64), ()> = TableDefinition::new("patients");
/// (post, bed) -> (epoch, seq) of the latest word on who lies there.
pub(super) const IDENTIFIED: TableDefinition<(&str, &str), (u64, u64)> = TableDefinition::new("identified");
/// post -> the latest epoch that began because the store before it was set aside: of earlier ones nothing more comes.
pub(super) const ASIDE: TableDefinition<&str, u64> = TableDefinition::new("set_aside");
/// Post, number, hash of an entry of a post's audit.
pub(super) type EntryKey = (&'static str, u64, [u8; 32]);
/// The hash before it, and whether it is one to which a head that holds leads.
pub(super) type EntryRow = ([u8; 32], bool);
/// The entries of the posts' audits.
pub(super) const POST_ENTRIES: TableDefinition<EntryKey, EntryRow> =
    TableDefinition::new("post_audit_entries");
/// Post, epoch, seq of a signed head of a post's audit.
pub(super) type HeadKey = (&'static str, u64, u64);
/// Its chain, number and hash, and how it stands (`proofs`).
pub(super) type HeadValue = (&'static str, u64, [u8; 32], u8);
/// The signed heads of the posts' audits.
pub(super) const POST_HEADS: TableDefinition<HeadKey, HeadValue> = TableDefinition::new("post_audit_heads");
/// post -> the public key that signs its audit.
pub(super) const POST_KEYS: TableDefinition<&str, [u8; 32]> = TableDefinition::new("post_audit_keys");
/// post -> how many entries of its audit it lost and made anew.
pub(super) const POST_LOST: TableDefinition<&str, u64> = TableDefinition::new("post_audit_lost");
/// post -> its last state as on the wire.
pub(super) const POSTS: TableDefinition<&str, &[u8]> = TableDefinition::new("posts");

/// The one key of [`DUTY`].
pub(super) const DUTY_KEY: &str = "duty";
/// Who is on duty and whom the centre calls, as JSON.
pub(super) const DUTY: TableDefinition<&str, &[u8]> = TableDefinition::new("duty");
/// number -> an entry of the centre's audit, as JSON.
pub(super) const AUDIT: TableDefinition<u64, &[u8]> = TableDefinition::new("audit");
/// What the centre's audit is called.
pub(super) const AUDIT_CHAIN: TableDefinition<&str, &str> = TableDefinition::new("audit_chain");

/// The lane's number in the contract.
pub(super) fn lane_number(lane: Lane) -> u8 {
    u8::try_from(proto::Lane::from(lane) as i32).expect("the contract numbers lanes from 1 to 5")
}

/// The lane with this number.
pub(super) fn lane_of(number: u8) -> Option<Lane> {
    Lane::ALL.into_iter().find(|lane| lane_number(*lane) == number)
}

/// A row of [`BLOCKS`]: when it arrived (i64, ns since 1970), how many records (u32), then the packed block.
pub(super) struct BlockRow<'a> {
    pub(super) received: WallTime,
    pub(super) count: u32,
    pub(super) block: &'a [u8],
}

impl<'a> BlockRow<'a> {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.received.as_unix_ns().to_le_bytes().to_vec();
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.block);
        bytes
    }

    pub(super) fn from_bytes(bytes: &'a [u8]) -> Option<BlockRow<'a>> {
        let (received, rest) = bytes.split_first_chunk::<8>()?;
        let (count, block) = rest.split_first_chunk::<4>()?;
        Some(BlockRow {
            received: WallTime::from_unix_ns(i64::from_le_bytes(*received)),
            count: u32::from_le_bytes(*count),
            block,
        })
    }
}

/// An anchor as a row of [`ANCHORS`], without its epoch.
pub(super) fn anchor_row(epoch: u64, anchor: &ClockAnchor) -> AnchorRow {
    let trust = match anchor.trust {
        ClockTrust::Untrusted => 0,
        ClockTrust::Holdover => 1,
        ClockTrust::Synchronised => 2,
    };
    let was_set = anchor.source == AnchorSource::ClockSet;
    (
        epoch,
        anchor.mono.as_ns(),
        anchor.wall.as_unix_ns(),
        trust,
        was_set,
    )
}

/// The anchor of a row of [`ANCHORS`].
pub(super) fn anchor_of(boot: [u8; 16], row: AnchorRow) -> ClockAnchor {
    ClockAnchor {
        boot: BootId(boot),
        mono: MonoTime::from_ns(row.1),
        wall: WallTime::from_unix_ns(row.2),
        trust: match row.3 {
            2 => ClockTrust::Synchronised,
            1 => ClockTrust::Holdover,
            _ => ClockTrust::Untrusted,
        },
        source: if row.4 {
            AnchorSource::ClockSet
        } else {
            AnchorSource::SystemStart
        },
    }
}

/// Refusals by their number in a row; 0 = none.
const REFUSALS: [Refusal; 7] = [
    Refusal::Expired,
    Refusal::UnknownAlarm,
    Refusal::UnknownBed,
    Refusal::OutOfRange,
    Refusal::NotUnderstood,
    Refusal::TooMany,
    Refusal::NoPerson,
];

/// An answer as a row of [`ANSWERS`].
pub(super) fn answer_row(answer: &Answer) -> AnswerRow {
    let place = |refusal| REFUSALS.iter().position(|known| *known == refusal);
    let number = answer.refused.and_then(place).map_or(0, |place| place + 1);
    (
        u8::try_from(number).expect("there are seven"),
        answer.at.boot.0,
        answer.at.mono.as_ns(),
        answer.received.as_unix_ns(),
    )
}

/// The answer of a row of [`ANSWERS`].
pub(super) fn answer_of((refusal, boot, at, received): AnswerRow) -> Answer {
    Answer {
        at: Stamp {
            boot: BootId(boot),
            mono: MonoTime::from_ns(at),
        },
        received: WallTime::from_unix_ns(received),
        refused: usize::from(refusal)
            .checked_sub(1)
            .and_then(|place| REFUSALS.get(place).copied()),
    }
}
