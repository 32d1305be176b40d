//! W1 to W3: what is written reads back, hostile bytes do nothing, and the bytes of version 1 stay readable for ever.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::alarm::AlarmId;
use crate::code::Code;
use crate::number::Decimal;
use crate::reading::{AbsentReason, Measured, Observation, Reading};
use crate::record::{ClosedLane, Epoch, Lane, Record, Seq};
use crate::time::{ClockTrust, MonoTime, WallTime};

mod columns;
pub(super) mod samples;
mod sift;
use samples::{BOOT, alarm, events, id, proposal, samples, vitals};

fn envelope(lane: Lane, records: Vec<Record>) -> Envelope {
    let count = u32::try_from(records.len()).unwrap();
    let block = Block { boot: BOOT, records }.encode();
    Envelope {
        post: id("post-7"),
        epoch: Epoch(0x0000_0002_dead_beef),
        lane,
        first: Seq(41),
        count,
        block,
    }
}

#[test]
fn w1_every_kind_of_record_reads_back_as_it_was() {
    for (name, lane, records) in samples() {
        let read = Envelope::decode(&envelope(lane, records.clone()).encode())
            .unwrap()
            .open()
            .unwrap();
        assert_eq!((read.boot, read.records), (BOOT, records), "{name}");
    }
}

#[test]
fn the_other_messages_read_back_as_they_were() {
    let receipt = Receipt {
        post: id("post-7"),
        epoch: Epoch(2),
        lane: Lane::Vitals,
        contiguous: Seq(40),
        missing: vec![(Seq(50), Seq(60)), (Seq(70), Seq(70))],
    };
    assert_eq!(Receipt::decode(&receipt.encode()), Ok(receipt));
    let state = PostState {
        post: id("post-7"),
        status: PostStatus::Online,
        name: "Demo health post".to_owned(),
        epoch: Epoch(2),
        boot: BOOT,
        at: MonoTime::from_ms(7),
        wall: Some(WallTime::from_unix_ms(1_790_000_000_000)),
        trust: ClockTrust::Synchronised,
        last: vec![ClosedLane {
            epoch: Epoch(2),
            lane: Lane::Alerts,
            last_seq: Seq(3),
        }],
        beds: vec![(id("1"), "Bed 1".to_owned())],
        open_alarms: OpenAlarms {
            latest: vec![(alarm().id, 2)],
            complete: true,
        },
    };
    assert_eq!(PostState::decode(&state.encode()), Ok(state));
    for duty in [OnDuty::NoRoster, OnDuty::Nobody, OnDuty::Somebody] {
        let heartbeat = CentreHeartbeat {
            centre: "Regional".to_owned(),
            wall: WallTime::from_unix_ms(1),
            duty,
        };
        assert_eq!(CentreHeartbeat::decode(&heartbeat.encode()), Ok(heartbeat));
    }
}

#[test]
fn commands_read_back_as_they_were_and_what_is_not_known_is_still_answered() {
    let by = || "Dr Adhiambo".to_owned();
    let by_id = || Some("adhiambo".to_owned());
    let (bed, text) = (Some(id("3")), "Give oxygen".to_owned());
    let deeds = samples::deeds::deeds().into_iter().chain(samples::deeds::calls());
    let deeds = deeds.map(CommandKind::Deed);
    let others = [
        CommandKind::Seen {
            alarm: alarm().id,
            by: by(),
            by_id: by_id(),
        },
        CommandKind::Message {
            bed,
            by: by(),
            by_id: by_id(),
            text: text.clone(),
        },
        CommandKind::Message {
            bed: None,
            by: by(),
            by_id: None,
            text,
        },
        CommandKind::ProposeLimit(proposal()),
        CommandKind::Unknown,
    ];
    for kind in others.into_iter().chain(deeds) {
        let command = Command {
            id: u128::MAX - 1,
            issued: WallTime::from_unix_ms(1),
            expires: WallTime::from_unix_ms(2),
            kind,
        };
        assert_eq!(Command::decode(&command.encode()), Ok(command));
    }
}

#[test]
fn a_state_that_does_not_name_every_open_alarm_says_so() {
    let open = |count: u32| OpenAlarms {
        latest: (0..count)
            .map(|number| {
                (
                    AlarmId {
                        epoch: Epoch(1),
                        number,
                    },
                    1,
                )
            })
            .collect(),
        complete: true,
    };
    let through = |open_alarms| {
        let state = PostState {
            post: id("post-7"),
            status: PostStatus::Online,
            name: String::new(),
            epoch: Epoch(2),
            boot: BOOT,
            at: MonoTime::BOOT,
            wall: None,
            trust: ClockTrust::Untrusted,
            last: Vec::new(),
            beds: Vec::new(),
            open_alarms,
        };
        PostState::decode(&state.encode()).unwrap().open_alarms
    };
    let most = u32::try_from(OPEN_ALARMS_MAX).unwrap();
    assert_eq!(through(open(most)), open(most));
    let cut = through(open(most + 1));
    assert_eq!((cut.latest.len(), cut.complete), (OPEN_ALARMS_MAX, false));
    assert!(!through(OpenAlarms::default()).complete, "as from an older post");
}

#[test]
fn i2_an_envelope_that_does_not_say_what_it_holds_is_refused() {
    let mut short = envelope(Lane::Vitals, vitals());
    short.count += 1;
    assert!(matches!(
        short.open(),
        Err(WireError::Count {
            announced: 6,
            found: 5
        })
    ));
    let mislaid = envelope(Lane::Vitals, events());
    assert_eq!(mislaid.open().unwrap_err(), WireError::Field { field: "lane" });
    let unnumbered = Envelope {
        first: Seq(0),
        ..envelope(Lane::Vitals, vitals())
    };
    assert_eq!(
        Envelope::decode(&unnumbered.encode()).unwrap_err(),
        WireError::Field { field: "first_seq" }
    );
}

#[test]
fn a_message_of_a_newer_contract_says_so() {
    use prost::Message;
    let newer = proto::Envelope {
        version: VERSION + 1,
        ..proto::Envelope::default()
    };
    assert_eq!(
        Envelope::decode(&newer.encode_to_vec()),
        Err(WireError::NewerVersion { found: VERSION + 1 })
    );
}

#[test]
fn w2_a_block_that_would_unpack_to_more_than_its_bound_is_refused() {
    let bomb = zstd::bulk::compress(&vec![0u8; BLOCK_BYTES_MAX + 1], 3).unwrap();
    assert!(bomb.len() < 1_000);
    assert_eq!(Block::decode(&bomb), Err(WireError::Compression));
}

#[test]
fn a_steady_ward_costs_few_bytes_per_reading() {
    // 8 beds, 10 values, 5 s: what one commit window packs. Not the goal of the bench, only a guard against bloat.
    let mut records = Vec::new();
    for second in 0..5u64 {
        for bed in 1..=8 {
            for (n, row) in crate::code::CODES.iter().take(10).enumerate() {
                let seen = Observation::value(row.code, Decimal::whole(60 + n as i64));
                let (device, bed) = (id(&format!("mon-{bed}")), Some(id(&bed.to_string())));
                let at = MonoTime::from_ms(second * 1_000 + 37 * n as u64);
                records.push(Record::Reading(Reading {
                    device,
                    bed,
                    admission: None,
                    at,
                    seen,
                }));
            }
        }
    }
    let bytes = envelope(Lane::Vitals, records.clone()).encode().len();
    assert!(
        bytes < 2 * records.len(),
        "{bytes} bytes for {} readings",
        records.len()
    );
}

#[test]
fn w1_times_beyond_the_last_microsecond_stay_what_they_are_read_as() {
    for us in [0, 1, i64::MAX, i64::MIN, i64::MIN / 1_000, i64::MAX / 1_000 + 1] {
        let wall = super::wall_us(us);
        assert_eq!(super::wall_us(super::us_of_wall(wall)), wall, "{us}");
        let mono = super::mono_us(us.unsigned_abs());
        assert_eq!(super::mono_us(super::us_of(mono)), mono, "{us}");
    }
}

/// W3: bytes that were written once are read for ever. `UPDATE_EXPECT=1` writes files that are missing, never over
/// one that is there.
#[test]
fn w3_golden_files_of_version_1_are_read() {
    for (name, lane, records) in samples() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/wire/golden/v1-{name}.hex"));
        if std::env::var_os("UPDATE_EXPECT").is_some() && !file.exists() {
            let bytes = envelope(lane, records.clone()).encode();
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            std::fs::write(&file, hex + "\n").unwrap();
        }
        let hex = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.trim().len()).step_by(2).map(byte).collect();
        let read = Envelope::decode(&bytes).unwrap();
        assert_eq!((read.first, read.lane), (Seq(41), lane));
        assert_eq!(read.open().unwrap().records, records, "{name}");
    }
}

proptest! {
    #[test]
    fn w2_hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = Envelope::decode(&bytes).and_then(|envelope| envelope.open());
        let _ = Block::decode(&bytes);
        let _ = Block::decode(&zstd::bulk::compress(&bytes, 1).unwrap());
        let _ = Receipt::decode(&bytes);
        let _ = PostState::decode(&bytes);
        let _ = CentreHeartbeat::decode(&bytes);
        let _ = Command::decode(&bytes);
    }

    #[test]
    fn w2_a_good_message_with_one_flipped_bit_never_panics(at in 0usize..4_000, bit in 0u8..8) {
        for (_, lane, records) in samples() {
            let mut bytes = envelope(lane, records).encode();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let _ = Envelope::decode(&bytes).and_then(|envelope| envelope.open());
        }
    }

    #[test]
    fn w1_any_number_survives(mantissa in any::<i64>(), places in 0u8..=6, at_us in 0u64..1 << 50) {
        let measured = Measured::Value(Decimal::new(mantissa, places));
        let seen = Observation { measured, ..Observation::absent(Code::Temp, AbsentReason::NotMeasured) };
        let at = MonoTime::from_ns(at_us * 1_000);
        let record = Record::Reading(Reading { device: id("d"), bed: None, admission: None, at, seen });
        let block = Block { boot: BOOT, records: vec![record] };
        let read = Block::decode(&block.encode()).unwrap();
        prop_assert_eq!(&read, &block);
        let Record::Reading(read) = &read.records[0] else { panic!("a reading") };
        let number = read.seen.measured.value().unwrap();
        prop_assert_eq!((number.mantissa(), number.places()), (mantissa, places));
    }
}
