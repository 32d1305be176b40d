//! Events between domain and wire.

use super::{
    WireError, alarm, audit, boot, delivery, field, id, lab, lane, mono_us, nursing, optional_id, patient,
    proto, score, signals, text_of, trust,
};
use super::{trust_out, us_of, us_of_wall, wall_us};
use crate::alarm::{AlarmId, Side};
use crate::bed::{AdmissionId, BedId, Binding};
use crate::code::Code;
use crate::record::{ClosedLane, Epoch, Event, Lane, LimitProposal, Outage, Refusal, Seq};
use crate::time::{AnchorSource, BootId, ClockAnchor};
use proto::event::Kind;
use std::time::Duration;

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

/// Who acts at the centre; empty = not said.
pub(super) fn account(by_id: &str) -> Option<String> {
    (!by_id.is_empty()).then(|| by_id.to_owned())
}

pub(super) fn account_out(by_id: Option<&String>) -> String {
    by_id.cloned().unwrap_or_default()
}

pub(super) fn proposal(raw: &proto::LimitProposal) -> Result<LimitProposal, WireError> {
    let limit = raw.limit.as_ref().ok_or(field("limit"))?;
    Ok(LimitProposal {
        bed: id(&raw.bed, "bed")?,
        code: Code::from_cf_code10(raw.code).ok_or(field("code"))?,
        side: if raw.high { Side::High } else { Side::Low },
        limit: alarm::number(limit.mantissa, limit.places)?,
        by: raw.by.clone(),
        by_id: account(&raw.by_id),
    })
}

pub(super) fn proposal_out(proposal: &LimitProposal) -> proto::LimitProposal {
    proto::LimitProposal {
        bed: proposal.bed.to_string(),
        code: proposal.code.info().cf_code10,
        high: proposal.side == Side::High,
        limit: Some(alarm::number_out(proposal.limit)),
        by: proposal.by.clone(),
        by_id: account_out(proposal.by_id.as_ref()),
    }
}

fn refusal(raw: i32) -> Refusal {
    match proto::Refusal::try_from(raw) {
        Ok(proto::Refusal::Expired) => Refusal::Expired,
        Ok(proto::Refusal::UnknownAlarm) => Refusal::UnknownAlarm,
        Ok(proto::Refusal::UnknownBed) => Refusal::UnknownBed,
        Ok(proto::Refusal::OutOfRange) => Refusal::OutOfRange,
        Ok(proto::Refusal::TooMany) => Refusal::TooMany,
        Ok(proto::Refusal::NoPerson) => Refusal::NoPerson,
        // A reason that this program does not know: refused all the same.
        Ok(proto::Refusal::NotUnderstood | proto::Refusal::Unspecified) | Err(_) => Refusal::NotUnderstood,
    }
}

fn refusal_out(reason: Refusal) -> i32 {
    match reason {
        Refusal::Expired => proto::Refusal::Expired as i32,
        Refusal::UnknownAlarm => proto::Refusal::UnknownAlarm as i32,
        Refusal::UnknownBed => proto::Refusal::UnknownBed as i32,
        Refusal::OutOfRange => proto::Refusal::OutOfRange as i32,
        Refusal::NotUnderstood => proto::Refusal::NotUnderstood as i32,
        Refusal::TooMany => proto::Refusal::TooMany as i32,
        Refusal::NoPerson => proto::Refusal::NoPerson as i32,
    }
}

fn outage(raw: &proto::Outage) -> Result<Outage, WireError> {
    Ok(Outage {
        destination: raw.destination.clone(),
        from: alarm::stamp(raw.from.as_ref())?,
        to: mono_us(raw.to_us),
        kept: raw.kept,
        lost: raw.lost,
        oldest_alert_delay: raw.oldest_alert_delay_us.map(Duration::from_micros),
    })
}

fn outage_out(outage: &Outage) -> proto::Outage {
    let us = |delay: Duration| u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
    proto::Outage {
        destination: outage.destination.clone(),
        from: Some(alarm::stamp_out(outage.from)),
        to_us: us_of(outage.to),
        kept: outage.kept,
        lost: outage.lost,
        oldest_alert_delay_us: outage.oldest_alert_delay.map(us),
    }
}

fn lost_out(epoch: Epoch, lane: Lane, (first, last): (Seq, Seq)) -> proto::Lost {
    proto::Lost {
        epoch: epoch.0,
        lane: proto::Lane::from(lane) as i32,
        first_seq: first.0,
        last_seq: last.0,
    }
}

pub(super) fn decode(raw: &proto::Event) -> Result<Event, WireError> {
    Ok(match raw.kind.as_ref().ok_or(field("event"))? {
        Kind::Started(raw) => Event::Started {
            version: raw.version.clone(),
            boot: boot(&raw.boot_id)?,
            closed: raw.closed.iter().map(closed).collect::<Result<_, _>>()?,
        },
        Kind::Anchor(raw) => Event::Anchor(anchor(raw)?),
        Kind::Bound(raw) => Event::Bound(binding(raw)?),
        Kind::Seen(raw) => seen(raw)?,
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
        Kind::Outage(raw) => Event::Outage(outage(raw)?),
        Kind::Message(raw) => Event::Message {
            bed: optional_id(&raw.bed, "bed")?,
            by: raw.by.clone(),
            by_id: account(&raw.by_id),
            text: raw.text.clone(),
            command: command_id(&raw.command_id)?,
        },
        Kind::LimitProposed(raw) => Event::LimitProposed {
            proposal: proposal(raw.proposal.as_ref().ok_or(field("proposal"))?)?,
            command: command_id(&raw.command_id)?,
        },
        Kind::CommandRefused(raw) => Event::CommandRefused {
            command: command_id(&raw.command_id)?,
            reason: refusal(raw.reason),
        },
        Kind::MessageRead(raw) => Event::MessageRead {
            command: command_id(&raw.command_id)?,
            by: raw.by.clone(),
        },
        Kind::Identified(raw) => Event::Identified(Box::new(patient::identified(raw)?)),
        Kind::SpecimenTaken(raw) => Event::SpecimenTaken(lab::specimen(raw)?),
        Kind::Lab(raw) => Event::Lab(Box::new(lab::record(raw)?)),
        Kind::LabAssigned(raw) => Event::LabAssigned(lab::assignment(raw)?),
        Kind::LabSetAside(raw) => Event::LabSetAside(lab::set_aside(raw)?),
        Kind::Audited(raw) => Event::Audited(Box::new(audit::entry(raw)?)),
        Kind::AuditHead(raw) => Event::AuditHead(Box::new(audit::head(raw)?)),
        Kind::Discharged(raw) => Event::Discharged(patient::discharged(raw)?),
        Kind::Transferred(raw) => Event::Transferred(patient::transferred(raw)?),
        Kind::Merged(raw) => merged(raw)?,
        Kind::LimitsSet(raw) => Event::LimitsSet(Box::new(signals::limits(raw)?)),
        Kind::Signals(raw) => signals::signals(raw)?,
        Kind::Observed(raw) => Event::Observed(Box::new(score::observed(raw)?)),
        Kind::CareTold(raw) => Event::CareTold(Box::new(score::care(raw)?)),
        Kind::Deed(raw) => deed_done(raw)?,
        Kind::Expired(raw) => Event::Expired {
            alarm: delivery::expired(raw),
        },
        Kind::NoteWritten(raw) => Event::NoteWritten(Box::new(nursing::note(raw)?)),
        Kind::NoteWithdrawn(raw) => Event::NoteWithdrawn(Box::new(nursing::withdrawn(raw)?)),
        Kind::HandoverOffered(raw) => Event::HandoverOffered(Box::new(nursing::offered(raw)?)),
        Kind::HandoverAccepted(raw) => Event::HandoverAccepted(Box::new(nursing::accepted(raw)?)),
    })
}

fn seen(raw: &proto::Seen) -> Result<Event, WireError> {
    Ok(Event::Seen {
        alarm: AlarmId {
            epoch: Epoch(raw.alarm_epoch),
            number: raw.alarm_number,
        },
        by: raw.by.clone(),
        by_id: account(&raw.by_id),
        command: command_id(&raw.command_id)?,
    })
}

fn deed_done(raw: &proto::DeedDone) -> Result<Event, WireError> {
    Ok(Event::Deed {
        deed: delivery::deed(raw.deed.as_ref().ok_or(field("deed"))?)?,
        at: wall_us(raw.at_wall_us),
        command: command_id(&raw.command_id)?,
    })
}

fn anchor(raw: &proto::Anchor) -> Result<ClockAnchor, WireError> {
    Ok(ClockAnchor {
        boot: boot(&raw.boot_id)?,
        mono: mono_us(raw.at_us),
        wall: wall_us(raw.wall_us),
        trust: trust(raw.trust),
        source: if raw.clock_was_set {
            AnchorSource::ClockSet
        } else {
            AnchorSource::SystemStart
        },
    })
}

fn anchor_out(anchor: ClockAnchor) -> proto::Anchor {
    proto::Anchor {
        boot_id: anchor.boot.0.to_vec(),
        at_us: us_of(anchor.mono),
        wall_us: us_of_wall(anchor.wall),
        trust: trust_out(anchor.trust),
        clock_was_set: anchor.source == AnchorSource::ClockSet,
    }
}

fn binding(raw: &proto::Bound) -> Result<Binding, WireError> {
    Ok(Binding {
        device: id(&raw.device, "device")?,
        bed: optional_id(&raw.bed, "bed")?,
        admission: optional_id(&raw.admission, "admission")?,
        from: mono_us(raw.from_us),
        home: optional_id(&raw.home, "home")?,
        by: raw.by.clone(),
    })
}

fn binding_out(binding: &Binding) -> proto::Bound {
    proto::Bound {
        device: binding.device.to_string(),
        bed: text_of(binding.bed.as_ref()),
        admission: text_of(binding.admission.as_ref()),
        from_us: us_of(binding.from),
        home: text_of(binding.home.as_ref()),
        by: binding.by.clone(),
    }
}

fn started_out(version: &str, boot: BootId, closed: &[ClosedLane]) -> proto::Started {
    proto::Started {
        version: version.to_owned(),
        boot_id: boot.0.to_vec(),
        closed: closed.iter().map(closed_out).collect(),
    }
}

fn merged(raw: &proto::Merged) -> Result<Event, WireError> {
    Ok(Event::Merged {
        bed: id(&raw.bed, "bed")?,
        from: id(&raw.from, "from")?,
        into: id(&raw.into, "into")?,
        by: raw.by.clone(),
    })
}

fn merged_out(bed: &BedId, (from, into): (&AdmissionId, &AdmissionId), by: &str) -> proto::Merged {
    proto::Merged {
        bed: bed.to_string(),
        from: from.to_string(),
        into: into.to_string(),
        by: by.to_owned(),
    }
}

fn seen_out(alarm: AlarmId, (by, by_id): (&str, Option<&String>), command: u128) -> proto::Seen {
    proto::Seen {
        alarm_epoch: alarm.epoch.0,
        alarm_number: alarm.number,
        by: by.to_owned(),
        by_id: account_out(by_id),
        command_id: command.to_be_bytes().to_vec(),
    }
}

fn set_aside_out(file: &str, reason: &str) -> proto::StoreSetAside {
    proto::StoreSetAside {
        file: file.to_owned(),
        reason: reason.to_owned(),
    }
}

fn read_out(command: u128, by: &str) -> proto::MessageRead {
    proto::MessageRead {
        command_id: command.to_be_bytes().to_vec(),
        by: by.to_owned(),
    }
}

fn refused_out(command: u128, reason: Refusal) -> proto::CommandRefused {
    proto::CommandRefused {
        command_id: command.to_be_bytes().to_vec(),
        reason: refusal_out(reason),
    }
}

pub(super) fn encode(event: &Event) -> proto::Event {
    let kind = match event {
        Event::Started {
            version,
            boot,
            closed,
        } => Kind::Started(started_out(version, *boot, closed)),
        Event::Anchor(anchor) => Kind::Anchor(anchor_out(*anchor)),
        Event::Bound(binding) => Kind::Bound(binding_out(binding)),
        Event::Seen {
            alarm,
            by,
            by_id,
            command,
        } => Kind::Seen(seen_out(*alarm, (by, by_id.as_ref()), *command)),
        Event::Lost {
            epoch,
            lane,
            first,
            last,
        } => Kind::Lost(lost_out(*epoch, *lane, (*first, *last))),
        Event::StoreSetAside { file, reason } => Kind::StoreSetAside(set_aside_out(file, reason)),
        Event::Outage(outage) => Kind::Outage(outage_out(outage)),
        Event::Message {
            bed,
            by,
            by_id,
            text,
            command,
        } => Kind::Message(proto::Message {
            bed: text_of(bed.as_ref()),
            by: by.clone(),
            by_id: account_out(by_id.as_ref()),
            text: text.clone(),
            command_id: command.to_be_bytes().to_vec(),
        }),
        Event::LimitProposed { proposal, command } => Kind::LimitProposed(proto::LimitProposed {
            proposal: Some(proposal_out(proposal)),
            command_id: command.to_be_bytes().to_vec(),
        }),
        Event::CommandRefused { command, reason } => Kind::CommandRefused(refused_out(*command, *reason)),
        Event::MessageRead { command, by } => Kind::MessageRead(read_out(*command, by)),
        Event::Identified(identified) => Kind::Identified(patient::identified_out(identified)),
        Event::SpecimenTaken(specimen) => Kind::SpecimenTaken(lab::specimen_out(specimen)),
        Event::Lab(record) => Kind::Lab(lab::record_out(record)),
        Event::LabAssigned(assignment) => Kind::LabAssigned(lab::assignment_out(assignment)),
        Event::LabSetAside(set_aside) => Kind::LabSetAside(lab::set_aside_out(set_aside)),
        Event::Audited(entry) => Kind::Audited(audit::entry_out(entry)),
        Event::AuditHead(head) => Kind::AuditHead(audit::head_out(head)),
        Event::Discharged(discharged) => Kind::Discharged(patient::discharged_out(discharged)),
        Event::Transferred(transferred) => Kind::Transferred(patient::transferred_out(transferred)),
        Event::Merged { bed, from, into, by } => Kind::Merged(merged_out(bed, (from, into), by)),
        Event::LimitsSet(set) => Kind::LimitsSet(signals::limits_out(set)),
        Event::Signals { place, what } => Kind::Signals(signals::signals_out(place.as_ref(), what)),
        Event::Observed(observed) => Kind::Observed(score::observed_out(observed)),
        Event::CareTold(told) => Kind::CareTold(score::care_out(told)),
        Event::Deed { deed, at, command } => Kind::Deed(delivery::done_out(deed, *at, *command)),
        Event::Expired { alarm } => Kind::Expired(delivery::expired_out(*alarm)),
        Event::NoteWritten(note) => Kind::NoteWritten(nursing::note_out(note)),
        Event::NoteWithdrawn(withdrawn) => Kind::NoteWithdrawn(nursing::withdrawn_out(withdrawn)),
        Event::HandoverOffered(handover) => Kind::HandoverOffered(nursing::offered_out(handover)),
        Event::HandoverAccepted(accepted) => Kind::HandoverAccepted(nursing::accepted_out(accepted)),
    };
    proto::Event { kind: Some(kind) }
}
