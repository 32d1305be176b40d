//! A record as JSON: the one set of field names that dumps, exports and the API use.
//!
//! `kind` = `reading`, `site`, `summary`, `wave`, `alarm` or `event`; the rest depends on the kind. Numbers that were
//! measured are text, exactly as the device sent them; `null` with a `reason` where there is none (I5).

mod audit;
mod delivery;
mod lab;
mod nursing;
mod score;
mod signals;

use serde_json::{Map, Value, json};

pub use audit::{entry as audit_entry, head as audit_head, of_entry as audited};
pub use nursing::{beds as handover_beds, lines as handover_lines};
pub use score::findings;

use crate::alarm::AlarmChange;
use crate::bed::{AdmissionId, BedId, Binding};
use crate::reading::{Reading, SiteReading};
use crate::record::{
    ClosedLane, Epoch, Event, Lane, LimitProposal, Outage, Record, Refusal, Seq, WaveRecord,
};
use crate::summary::{MinuteSummary, Summarised};
use crate::time::{BootId, ClockAnchor, Stamp};

/// The fields of a record that depend on its kind: without its name, its boot and its time.
pub fn fields(record: &Record) -> Map<String, Value> {
    let fields = match record {
        Record::Reading(reading) => of_reading(reading),
        Record::Site(site) => of_site(site),
        Record::Summary(summary) => of_summary(summary),
        Record::Wave(wave) => of_wave(wave),
        Record::Alarm(change) => of_alarm(change),
        Record::Event { event, .. } => of_event(event),
    };
    match fields {
        Value::Object(fields) => fields,
        // Every kind is written as an object just below.
        _ => Map::new(),
    }
}

fn of_reading(reading: &Reading) -> Value {
    json!({
        "kind": "reading",
        "device": reading.device,
        "bed": reading.bed,
        "admission": reading.admission,
        "code": reading.seen.code,
        "value": reading.seen.measured.value(),
        "reason": reading.seen.measured.reason(),
        "quality": reading.seen.quality,
        "method": reading.seen.method,
        "device_wall_ms": reading.seen.device_time.map(|time| time.as_unix_ms()),
    })
}

fn of_site(site: &SiteReading) -> Value {
    json!({
        "kind": "site",
        "device": site.device,
        "signal": site.signal,
        "value": site.measured.value(),
        "reason": site.measured.reason(),
        "unit": site.unit,
    })
}

fn of_summary(summary: &MinuteSummary) -> Value {
    let (code, signal, unit) = match &summary.of {
        Summarised::Vital(code) => (Some(code), None, None),
        Summarised::Site { signal, unit } => (None, Some(signal), Some(unit)),
    };
    json!({
        "kind": "summary",
        "device": summary.device,
        "bed": summary.bed,
        "admission": summary.admission,
        "code": code,
        "signal": signal,
        "unit": unit,
        "count": summary.numbers.map_or(0, |numbers| numbers.count),
        "lowest": summary.numbers.map(|numbers| numbers.lowest),
        "highest": summary.numbers.map(|numbers| numbers.highest),
        "mean": summary.numbers.map(|numbers| numbers.mean),
        "absent": summary.absent,
    })
}

fn of_wave(wave: &WaveRecord) -> Value {
    json!({
        "kind": "wave",
        "device": wave.device,
        "bed": wave.bed,
        "admission": wave.admission,
        "code": wave.block.code,
        "rate": [wave.block.rate.0, wave.block.rate.1],
        "first_sample": wave.block.first_sample,
        "samples": wave.block.samples,
    })
}

fn of_alarm(change: &AlarmChange) -> Value {
    let stamp = |stamp: Stamp| json!({"boot": stamp.boot.to_string(), "at_ns": stamp.mono.as_ns()});
    json!({
        "kind": "alarm",
        "id": change.id,
        "change": change.change,
        "condition": change.condition,
        "priority": change.priority,
        "phase": change.phase,
        "bed": change.bed,
        "device": change.device,
        "admission": change.admission,
        "value": change.value,
        "limit": change.limit,
        "unit": change.unit,
        "text": change.text,
        "crossed": stamp(change.crossed),
        "onset": stamp(change.onset),
        "onsets": change.onsets,
        "acknowledged_by": change.acknowledged_by,
    })
}

fn of_event(event: &Event) -> Value {
    match event {
        Event::Started {
            version,
            boot,
            closed,
        } => of_started(version, *boot, closed),
        Event::Anchor(anchor) => of_anchor(anchor),
        Event::Bound(binding) => of_binding(binding),
        Event::Seen {
            alarm,
            by,
            by_id,
            command,
        } => json!({
            "kind": "event",
            "event": "seen",
            "alarm": alarm,
            "by": by,
            "by_id": by_id,
            "command": format!("{command:032x}"),
        }),
        Event::Lost {
            epoch,
            lane,
            first,
            last,
        } => of_lost(*epoch, *lane, *first, *last),
        Event::StoreSetAside { file, reason } => json!({
            "kind": "event",
            "event": "store_set_aside",
            "file": file,
            "reason": reason,
        }),
        Event::Outage(outage) => of_outage(outage),
        Event::Message {
            bed,
            by,
            by_id,
            text,
            command,
        } => of_message(bed.as_ref(), (by, by_id.as_deref()), text, *command),
        Event::LimitProposed { proposal, command } => of_proposal(proposal, *command),
        Event::CommandRefused { command, reason } => of_refused(*command, *reason),
        Event::MessageRead { command, by } => of_message_read(*command, by),
        Event::Identified(identified) => lab::of_identified(identified),
        Event::SpecimenTaken(specimen) => lab::of_specimen(specimen),
        Event::Lab(record) => lab::of_record(record),
        Event::LabAssigned(assignment) => lab::of_assignment(assignment),
        Event::LabSetAside(set_aside) => lab::of_set_aside(set_aside),
        Event::Audited(entry) => audit::of_entry(entry),
        Event::AuditHead(head) => audit::of_head(head),
        Event::Discharged(discharged) => lab::of_discharged(discharged),
        Event::Transferred(transferred) => lab::of_transferred(transferred),
        Event::Merged { bed, from, into, by } => of_merged(bed, (from, into), by),
        Event::LimitsSet(set) => signals::limits(set),
        Event::Signals { place, what } => signals::signals(place.as_ref(), what),
        Event::Observed(observed) => score::of_observed(observed),
        Event::CareTold(told) => score::of_care(told),
        Event::Deed { deed, at, command } => delivery::of_deed(deed, *at, *command),
        Event::Expired { alarm } => delivery::of_expired(*alarm),
        Event::NoteWritten(note) => nursing::of_note(note),
        Event::NoteWithdrawn(withdrawn) => nursing::of_withdrawn(withdrawn),
        Event::HandoverOffered(handover) => nursing::of_offered(handover),
        Event::HandoverAccepted(accepted) => nursing::of_accepted(accepted),
    }
}

fn of_started(version: &str, boot: BootId, closed: &[ClosedLane]) -> Value {
    let closed = closed.iter().map(
        |closed| json!({"epoch": closed.epoch.to_string(), "lane": closed.lane, "last_seq": closed.last_seq}),
    );
    json!({
        "kind": "event",
        "event": "started",
        "version": version,
        "started_boot": boot.to_string(),
        "closed": closed.collect::<Vec<_>>(),
    })
}

fn of_anchor(anchor: &ClockAnchor) -> Value {
    json!({
        "kind": "event",
        "event": "anchor",
        "anchor_boot": anchor.boot.to_string(),
        "anchor_at_ns": anchor.mono.as_ns(),
        "wall_ms": anchor.wall.as_unix_ms(),
        "trust": anchor.trust,
        "source": anchor.source,
    })
}

fn of_binding(binding: &Binding) -> Value {
    json!({
        "kind": "event",
        "event": "bound",
        "device": binding.device,
        "bed": binding.bed,
        "admission": binding.admission,
        "from_ns": binding.from.as_ns(),
        "home": binding.home,
        "by": binding.by,
    })
}

fn of_merged(bed: &BedId, (from, into): (&AdmissionId, &AdmissionId), by: &str) -> Value {
    json!({
        "kind": "event",
        "event": "merged",
        "bed": bed,
        "from": from,
        "into": into,
        "by": by,
    })
}

fn of_refused(command: u128, reason: Refusal) -> Value {
    json!({
        "kind": "event",
        "event": "command_refused",
        "command": format!("{command:032x}"),
        "reason": reason,
    })
}

fn of_message_read(command: u128, by: &str) -> Value {
    json!({
        "kind": "event",
        "event": "message_read",
        "command": format!("{command:032x}"),
        "by": by,
    })
}

fn of_lost(epoch: Epoch, lane: Lane, first: Seq, last: Seq) -> Value {
    json!({
        "kind": "event",
        "event": "lost",
        "lost_epoch": epoch.to_string(),
        "lost_lane": lane,
        "first": first,
        "last": last,
    })
}

fn of_message(bed: Option<&BedId>, (by, by_id): (&str, Option<&str>), text: &str, command: u128) -> Value {
    json!({
        "kind": "event",
        "event": "message",
        "bed": bed,
        "by": by,
        "by_id": by_id,
        "text": text,
        "command": format!("{command:032x}"),
    })
}

fn of_outage(outage: &Outage) -> Value {
    json!({
        "kind": "event",
        "event": "outage",
        "destination": outage.destination,
        "from_boot": outage.from.boot.to_string(),
        "from_ns": outage.from.mono.as_ns(),
        "to_ns": outage.to.as_ns(),
        "kept": outage.kept,
        "lost": outage.lost,
        "oldest_alert_delay_ms": outage.oldest_alert_delay.map(|delay| delay.as_millis() as u64),
    })
}

fn of_proposal(proposal: &LimitProposal, command: u128) -> Value {
    json!({
        "kind": "event",
        "event": "limit_proposed",
        "bed": proposal.bed,
        "code": proposal.code,
        "side": proposal.side,
        "limit": proposal.limit,
        "by": proposal.by,
        "by_id": proposal.by_id,
        "command": format!("{command:032x}"),
    })
}
