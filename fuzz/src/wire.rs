//! The messages between post and centre: bytes from outside never panic (W2), and what was understood is written and
//! read again equal (W1).

use std::fmt::Debug;
use std::path::Path;

use vitals::alarm::Side;
use vitals::record::{ClosedLane, LimitProposal};
use vitals::wire::{
    BLOCK_BYTES_MAX, Block, CentreHeartbeat, Command, CommandKind, Envelope, OnDuty, OpenAlarms, PostState,
    PostStatus, Receipt, Sifter, Wanted, WireError,
};
use vitals::{
    AlarmId, BedId, BootId, ClockTrust, Code, Decimal, Epoch, Lane, MonoTime, PostId, Seq, WallTime,
};

use crate::Target;
use crate::captures::{hex, read};

/// Fast: what is packed here only has to be unpacked again.
const ZSTD_LEVEL: i32 = 1;

/// One target for each message.
pub fn targets() -> Vec<Target> {
    let target = |name: &str, run: fn(&[u8]), seeds: Vec<Vec<u8>>| Target {
        name: name.to_owned(),
        run: Box::new(run),
        seeds,
    };
    vec![
        target("wire_block", block, blocks()),
        target("wire_envelope", envelope, envelopes()),
        target(
            "wire_receipt",
            |data| again(data, Receipt::decode, Receipt::encode),
            vec![receipt().encode()],
        ),
        target(
            "wire_command",
            |data| again(data, Command::decode, Command::encode),
            commands(),
        ),
        target(
            "wire_post_state",
            |data| again(data, PostState::decode, PostState::encode),
            vec![state().encode()],
        ),
        target(
            "wire_heartbeat",
            |data| again(data, CentreHeartbeat::decode, CentreHeartbeat::encode),
            vec![heartbeat().encode()],
        ),
    ]
}

/// W1 for whatever is a message.
fn again<T: Debug + PartialEq>(
    data: &[u8],
    decode: fn(&[u8]) -> Result<T, WireError>,
    encode: fn(&T) -> Vec<u8>,
) {
    if let Ok(message) = decode(data) {
        assert_eq!(decode(&encode(&message)).as_ref(), Ok(&message));
    }
}

/// The first byte says whether the rest is packed already. What chance makes is hardly ever packed well.
fn block(data: &[u8]) {
    let Some((packed, rest)) = data.split_first() else {
        return;
    };
    let bytes = match packed & 1 {
        0 => pack(rest),
        _ => rest.to_vec(),
    };
    again(&bytes, Block::decode, Block::encode);
    let mut sifter = Sifter::new().expect("memory for a sifter");
    let (all, none) = (
        sifter.sift(&bytes, &Wanted::All),
        sifter.sift(&bytes, &Wanted::None),
    );
    let Ok(block) = Block::decode(&bytes) else {
        return;
    };
    // A sifter may refuse what nobody writes, such as protobuf's old groups; it may not find anything else.
    if let (Ok(all), Ok(none)) = (all, none) {
        assert_eq!(all.records, block.records);
        assert_eq!(none.count, block.records.len());
    }
    let written = sifter.sift(&block.encode(), &Wanted::All);
    assert_eq!(written.map(|all| all.records), Ok(block.records));
}

fn envelope(data: &[u8]) {
    again(data, Envelope::decode, Envelope::encode);
    if let Ok(mut envelope) = Envelope::decode(data) {
        let _ = envelope.open();
        envelope.block = pack(&envelope.block);
        if let Ok(block) = envelope.open() {
            assert_eq!(Some(block.records.len()), usize::try_from(envelope.count).ok());
        }
    }
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL).expect("memory for packing")
}

/// The golden files, packed as they are and unpacked.
fn blocks() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for envelope in golden() {
        seeds.push([&[0], unpacked(&envelope).as_slice()].concat());
        seeds.push([&[1], envelope.block.as_slice()].concat());
    }
    seeds
}

fn envelopes() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for envelope in golden() {
        seeds.push(envelope.encode());
        let block = unpacked(&envelope);
        seeds.push(Envelope { block, ..envelope }.encode());
    }
    seeds
}

fn unpacked(envelope: &Envelope) -> Vec<u8> {
    zstd::bulk::decompress(&envelope.block, BLOCK_BYTES_MAX).expect("a golden file")
}

fn golden() -> Vec<Envelope> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vitals/src/wire/golden");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    files.sort();
    let read = |file: &std::path::PathBuf| Envelope::decode(&hex(&read(file))).expect("a golden file");
    files.iter().map(read).collect()
}

fn receipt() -> Receipt {
    Receipt {
        post: post(),
        epoch: Epoch(3),
        lane: Lane::Vitals,
        contiguous: Seq(1_000),
        missing: vec![(Seq(1_024), Seq(2_047)), (Seq(4_000), Seq(4_000))],
    }
}

fn commands() -> Vec<Vec<u8>> {
    let (bed, by): (BedId, String) = ("3".parse().expect("a plain name"), "Dr A".to_owned());
    let by_id = Some("dr-a".to_owned());
    let alarm = AlarmId {
        epoch: Epoch(3),
        number: 12,
    };
    let limit = LimitProposal {
        bed: bed.clone(),
        code: Code::Spo2,
        side: Side::Low,
        limit: Decimal::whole(88),
        by: by.clone(),
        by_id: by_id.clone(),
    };
    let kinds = [
        CommandKind::Seen {
            alarm,
            by: by.clone(),
            by_id: by_id.clone(),
        },
        CommandKind::Message {
            bed: Some(bed),
            by,
            by_id,
            text: "turn him".to_owned(),
        },
        CommandKind::ProposeLimit(limit),
        CommandKind::Unknown,
    ];
    let command = |kind| Command {
        id: 0x1234_5678_9abc_def0_1234_5678_9abc_def0,
        issued: WallTime::from_unix_ms(1_790_000_000_000),
        expires: WallTime::from_unix_ms(1_790_000_600_000),
        kind,
    };
    kinds.map(|kind| command(kind).encode()).to_vec()
}

fn state() -> PostState {
    let by_id = Some("dr-a".to_owned());
    let alarm = AlarmId {
        epoch: Epoch(3),
        number: 12,
    };
    PostState {
        post: post(),
        status: PostStatus::Online,
        name: "Upper valley".to_owned(),
        epoch: Epoch(3),
        boot: BootId([7; 16]),
        at: MonoTime::from_ms(5_000),
        wall: Some(WallTime::from_unix_ms(1_790_000_000_000)),
        trust: ClockTrust::Synchronised,
        last: vec![ClosedLane {
            epoch: Epoch(3),
            lane: Lane::Alerts,
            last_seq: Seq(9),
        }],
        beds: vec![("3".parse().expect("a plain name"), "Window".to_owned())],
        open_alarms: OpenAlarms {
            latest: vec![(alarm, 2)],
            complete: true,
        },
    }
}

fn heartbeat() -> CentreHeartbeat {
    CentreHeartbeat {
        centre: "District hospital".to_owned(),
        wall: WallTime::from_unix_ms(1_790_000_000_000),
        duty: OnDuty::Nobody,
    }
}

fn post() -> PostId {
    "post-1".parse().expect("a plain name")
}
