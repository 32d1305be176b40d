//! Events between domain and wire.

use super::{WireError, boot, field, id, lane, mono_us, proto, trust, trust_out, us_of, us_of_wall, wall_us};
use crate::alarm::AlarmId;
use crate::bed::Binding;
use crate::record::{ClosedLane, Epoch, Event, Seq};
use crate::time::{AnchorSource, ClockAnchor};
use proto::event::Kind;

pub(super) fn closed(raw: &proto::ClosedLane) -> Result<ClosedLane, WireError> {
    Ok(ClosedLane {
        epoch: Epoch(raw.epoch),
        lane: lane(raw.lane)?,
        last_seq: Seq(raw.last_seq),
    })
}

pub(super) fn closed_out(closed: &ClosedLane) -> proto::ClosedLane {
    proto::ClosedLane {
        epoch: closed.epoch.0,
        lane: proto::Lane::from(closed.lane) as i32,
        last_seq: closed.last_seq.0,
    }
}

pub(super) fn command_id(bytes: &[u8]) -> Result<u128, WireError> {
    bytes
        .try_into()
        .map(u128::from_be_bytes)
        .map_err(|_| field("command_id"))
}

pub(super) fn decode(raw: &proto::Event) -> Result<Event, WireError> {
    Ok(match raw.kind.as_ref().ok_or(field("event"))? {
        Kind::Started(raw) => Event::Started {
            version: raw.version.clone(),
            boot: boot(&raw.boot_id)?,
            closed: raw.closed.iter().map(closed).collect::<Result<_, _>>()?,
        },
        Kind::Anchor(raw) => Event::Anchor(ClockAnchor {
            boot: boot(&raw.boot_id)?,
            mono: mono_us(raw.at_us),
            wall: wall_us(raw.wall_us),
            trust: trust(raw.trust),
            source: if raw.clock_was_set {
                AnchorSource::ClockSet
            } else {
                AnchorSource::SystemStart
            },
        }),
        Kind::Bound(raw) => Event::Bound(Binding {
            device: id(&raw.device, "device")?,
            bed: id(&raw.bed, "bed")?,
            admission: id(&raw.admission, "admission")?,
            from: mono_us(raw.from_us),
        }),
        Kind::Seen(raw) => Event::Seen {
            alarm: AlarmId {
                epoch: Epoch(raw.alarm_epoch),
                number: raw.alarm_number,
            },
            by: raw.by.clone(),
            command: command_id(&raw.command_id)?,
        },
        Kind::Lost(raw) => Event::Lost {
            epoch: Epoch(raw.epoch),
            lane: lane(raw.lane)?,
            first: Seq(raw.first_seq),
            last: Seq(raw.last_seq),
        },
        Kind::StoreSetAside(raw) => Event::StoreSetAside {
            file: raw.file.clone(),
            reason: raw.reason.clone(),
        },
    })
}

pub(super) fn encode(event: &Event) -> proto::Event {
    let kind = match event {
        Event::Started {
            version,
            boot,
            closed,
        } => Kind::Started(proto::Started {
            version: version.clone(),
            boot_id: boot.0.to_vec(),
            closed: closed.iter().map(closed_out).collect(),
        }),
        Event::Anchor(anchor) => Kind::Anchor(proto::Anchor {
            boot_id: anchor.boot.0.to_vec(),
            at_us: us_of(anchor.mono),
            wall_us: us_of_wall(anchor.wall),
            trust: trust_out(anchor.trust),
            clock_was_set: anchor.source == AnchorSource::ClockSet,
        }),
        Event::Bound(binding) => Kind::Bound(proto::Bound {
            device: binding.device.to_string(),
            bed: binding.bed.to_string(),
            admission: binding.admission.to_string(),
            from_us: us_of(binding.from),
        }),
        Event::Seen { alarm, by, command } => Kind::Seen(proto::Seen {
            alarm_epoch: alarm.epoch.0,
            alarm_number: alarm.number,
            by: by.clone(),
            command_id: command.to_be_bytes().to_vec(),
        }),
        Event::Lost {
            epoch,
            lane,
            first,
            last,
        } => Kind::Lost(proto::Lost {
            epoch: epoch.0,
            lane: proto::Lane::from(*lane) as i32,
            first_seq: first.0,
            last_seq: last.0,
        }),
        Event::StoreSetAside { file, reason } => Kind::StoreSetAside(proto::StoreSetAside {
            file: file.clone(),
            reason: reason.clone(),
        }),
    };
    proto::Event { kind: Some(kind) }
}
