//! A stored record as one line of JSON: what `vitalpost-central dump` prints and `GET /api/v1/records` answers.
//!
//! Every line has `post`, `epoch` (hexadecimal), `lane`, `seq`, `boot` (hexadecimal), `at_ns` (monotonic, in that boot),
//! `received_wall_ms` and `kind` = `reading`, `site`, `wave`, `alarm` or `event`; the rest depends on the kind. Numbers
//! that were measured are text, exactly as the device sent them; `null` with a `reason` where there is none (I5).

use serde_json::{Value, json};
use vitals::record::WaveRecord;
use vitals::{AlarmChange, Event, PostId, Reading, Record, SiteReading, Stamp};

use crate::store::Stored;

/// One record as a line, without the line break.
pub fn line(post: &PostId, stored: &Stored) -> String {
    let mut line = json!({
        "post": post,
        "epoch": stored.epoch.to_string(),
        "lane": stored.lane,
        "seq": stored.seq,
        "boot": stored.boot.to_string(),
        "at_ns": stored.record.at().as_ns(),
        "received_wall_ms": stored.received.as_unix_ms(),
    });
    let special = match &stored.record {
        Record::Reading(reading) => of_reading(reading),
        Record::Site(site) => of_site(site),
        Record::Wave(wave) => of_wave(wave),
        Record::Alarm(change) => of_alarm(change),
        Record::Event { event, .. } => of_event(event),
    };
    if let (Value::Object(line), Value::Object(special)) = (&mut line, special) {
        line.extend(special);
    }
    line.to_string()
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
        } => json!({
            "kind": "event",
            "event": "started",
            "version": version,
            "started_boot": boot.to_string(),
            "closed": closed
                .iter()
                .map(|closed| json!({"epoch": closed.epoch.to_string(), "lane": closed.lane, "last_seq": closed.last_seq}))
                .collect::<Vec<_>>(),
        }),
        Event::Anchor(anchor) => json!({
            "kind": "event",
            "event": "anchor",
            "anchor_boot": anchor.boot.to_string(),
            "anchor_at_ns": anchor.mono.as_ns(),
            "wall_ms": anchor.wall.as_unix_ms(),
            "trust": anchor.trust,
            "source": anchor.source,
        }),
        Event::Bound(binding) => json!({
            "kind": "event",
            "event": "bound",
            "device": binding.device,
            "bed": binding.bed,
            "admission": binding.admission,
            "from_ns": binding.from.as_ns(),
        }),
        Event::Seen { alarm, by, command } => json!({
            "kind": "event",
            "event": "seen",
            "alarm": alarm,
            "by": by,
            "command": format!("{command:032x}"),
        }),
        Event::Lost {
            epoch,
            lane,
            first,
            last,
        } => json!({
            "kind": "event",
            "event": "lost",
            "lost_epoch": epoch.to_string(),
            "lost_lane": lane,
            "first": first,
            "last": last,
        }),
        Event::StoreSetAside { file, reason } => json!({
            "kind": "event",
            "event": "store_set_aside",
            "file": file,
            "reason": reason,
        }),
    }
}
