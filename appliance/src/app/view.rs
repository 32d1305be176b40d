//! What the parts know, in the words that a page is told ([`crate::web::live`]).

mod delivery;
mod fitting;
mod nursing;
mod patients;
mod scores;

use std::sync::Arc;

use alarms::{Recalled, RecalledWhy};
use vitals::code::CodeKind;
use vitals::record::Outage;
use vitals::wire::OnDuty;
use vitals::{AdmissionId, AlarmChange, BootId, Decimal, Limits, MonoTime, Stamp, WallTime};

use super::charts::Charts;
use super::downlink::{Notice, What};
use super::time::Anchors;
use crate::config::BedConfig;
use crate::relay::{CentreLink, CentreState};
use crate::store::Cursor;
use crate::ward::{Bed, Device, DeviceAlarms, Ward};
use crate::web::live;

pub(super) use delivery::{Told, responsible, steps};
pub(super) use fitting::{lines, trial};
pub(super) use nursing::{handover, notes};
pub(super) use patients::{earlier, laboratory, patient, perhaps, unassigned};
pub(super) use scores::{care, observations};

/// What stands on a bed's tile.
pub(super) fn label(bed: &BedConfig) -> String {
    bed.label.clone().unwrap_or_else(|| bed.id.to_string())
}

/// One bed as a page shows it.
pub(super) fn bed(ward: &Ward, bed: &Bed, charts: &Charts) -> Arc<live::Bed> {
    let device = ward.devices_at(&bed.setup.id).max_by_key(|device| device.link);
    Arc::new(live::Bed {
        id: bed.setup.id.clone(),
        label: bed.setup.label.clone(),
        category: bed.category(),
        device: device.map(|device| device.setup.id.clone()),
        link: device.map(|device| device.link),
        link_since_ms: device.map(|device| device.link_since.as_ms()),
        device_clock_ms: device.and_then(|device| device.clock.offset_ms()),
        link_reason: device.and_then(|device| device.closed_reason.clone()),
        device_alarms: device_alarms(ward.devices_at(&bed.setup.id)),
        values: bed
            .values
            .values()
            .map(|(_, latest)| value(ward.limits(bed, latest.seen.code), latest))
            .collect(),
        patient: patients::bed_patient(bed, charts),
        score: scores::bed_score(bed, charts),
    })
}

fn device_alarms<'a>(devices: impl Iterator<Item = &'a Device>) -> Option<live::DeviceAlarms> {
    let mut told = None;
    for device in devices {
        let bed = || live::DeviceAlarms {
            complete: true,
            present: Vec::new(),
        };
        match &device.alarms {
            DeviceAlarms::NeverTold => {}
            DeviceAlarms::NotKnown => told.get_or_insert_with(bed).complete = false,
            DeviceAlarms::Present(alarms) => {
                let present = alarms.iter().map(|alarm| live::DeviceAlarm {
                    priority: alarm.priority,
                    kind: alarm.kind,
                    text: alarm.text.clone(),
                });
                told.get_or_insert_with(bed).present.extend(present);
            }
        }
    }
    let mut told = told?;
    told.present
        .sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
    Some(told)
}

fn value(limits: Limits, latest: &crate::ward::Latest) -> live::Value {
    let seen = latest.seen;
    let row = seen.code.info();
    live::Value {
        code: seen.code,
        label: row.label,
        unit: row.ucum,
        value: seen.measured.value().map(|value| limits.shown(seen.code, value)),
        reason: seen.measured.reason(),
        quality: seen.quality,
        kind: match row.kind {
            CodeKind::Intermittent => live::ValueKind::Intermittent,
            CodeKind::Continuous | CodeKind::Wave => live::ValueKind::Continuous,
        },
        at_ms: latest.at.as_ms(),
        last_value: latest.last_value.map(|(value, at)| live::LastValue {
            value: limits.shown(seen.code, value),
            at_ms: at.as_ms(),
        }),
        low: limits.low,
        high: limits.high,
    }
}

/// The post's own values.
pub(super) fn site(ward: &Ward) -> Arc<Vec<live::SiteValue>> {
    let value = |reading: &vitals::SiteReading| live::SiteValue {
        device: reading.device.clone(),
        signal: reading.signal.clone(),
        value: reading.measured.value(),
        reason: reading.measured.reason(),
        unit: reading.unit.clone(),
        at_ms: reading.at.as_ms(),
    };
    Arc::new(ward.site().map(value).collect())
}

/// One alarm as a page shows it; `present` = the stay in force in its bed.
pub(super) fn alarm(
    change: &AlarmChange,
    present: Option<&AdmissionId>,
    boot: BootId,
    told: Told,
) -> live::Alarm {
    let here = |stamp: Stamp| (stamp.boot == boot).then(|| stamp.mono.as_ms());
    live::Alarm {
        id: change.id,
        condition: change.condition,
        priority: change.priority,
        kind: change.condition.rule().kind,
        phase: change.phase,
        sounds: false,
        flashes: false,
        bed: change.bed.clone(),
        value: change.value.map(Decimal::trimmed),
        limit: change.limit,
        device: change.device.clone(),
        unit: change.unit.clone(),
        text: change.text.clone(),
        earlier_patient: change.admission.is_some() && change.admission.as_ref() != present,
        crossed_ms: here(change.crossed),
        onset_ms: here(change.onset),
        onsets: change.onsets,
        again_ms: None,
        recalled: None,
        calls_again_ms: None,
        acknowledged_by: change.acknowledged_by.clone(),
        seen: told.seen,
        delivery: told.delivery.0,
        delivery_ms: told.delivery.1.map(MonoTime::as_ms),
        steps: told.steps,
        responsible: told.responsible,
        undelivered: told.undelivered,
    }
}

/// Why an acknowledged alarm calls.
pub(super) fn recalled(recalled: Recalled) -> live::Recalled {
    live::Recalled {
        why: match recalled.why {
            RecalledWhy::StillThere => live::RecalledWhy::StillThere,
            RecalledWhy::Worse => live::RecalledWhy::Worse,
        },
        acknowledged_ms: recalled.acknowledged.as_ms(),
    }
}

/// A message or proposal that nobody has read.
pub(super) fn message(id: u128, notice: &Notice, boot: BootId, anchors: &Anchors) -> live::Message {
    let here = notice.at.boot == boot;
    live::Message {
        id: format!("{id:032x}"),
        bed: notice.bed.clone(),
        by: notice.by.clone(),
        at_ms: here.then(|| notice.at.mono.as_ms()),
        wall_ms: anchors.wall(notice.at).map(|wall| wall.as_unix_ms()),
        what: match &notice.what {
            What::Text(text) => live::MessageKind::Text { text: text.clone() },
            What::Limit(proposal) => live::MessageKind::Limit {
                code: proposal.code,
                label: proposal.code.info().label,
                unit: proposal.code.info().ucum,
                side: proposal.side,
                limit: proposal.limit,
            },
        },
    }
}

/// A day for people, in UTC.
pub(super) fn day(wall: WallTime) -> String {
    jiff::Timestamp::from_millisecond(wall.as_unix_ms())
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

/// An outage that is over.
pub(super) fn outage(outage: &Outage, boot: BootId) -> live::Outage {
    live::Outage {
        from_ms: (outage.from.boot == boot).then(|| outage.from.mono.as_ms()),
        to_ms: outage.to.as_ms(),
        kept: outage.kept,
        lost: outage.lost,
    }
}

/// A post that works alone, or whose relay has not started yet.
pub(super) fn no_centre(now: MonoTime) -> CentreLink {
    let state = CentreState::NotConfigured;
    CentreLink {
        state,
        since: now,
        waiting: 0,
        centre: None,
        duty: OnDuty::NoRoster,
        problem: None,
        last_heartbeat: None,
        alerts_sent: Cursor::START,
        certificate_expires: None,
        outage: None,
    }
}

/// The way to the doctors as a page shows it.
pub(super) fn centre(link: &CentreLink) -> Arc<live::Centre> {
    Arc::new(live::Centre {
        state: match link.state {
            CentreState::NotConfigured => live::WayState::NotConfigured,
            CentreState::Connecting => live::WayState::Connecting,
            CentreState::Up => live::WayState::Up,
            CentreState::Unreachable => live::WayState::Unreachable,
        },
        since_ms: link.since.as_ms(),
        waiting: link.waiting,
        name: link.centre.clone(),
        problem: link.problem.clone(),
    })
}

/// The two clocks.
pub(super) fn clocks(now: MonoTime, wall: (vitals::WallTime, vitals::ClockTrust)) -> live::Clocks {
    live::Clocks {
        now_ms: now.as_ms(),
        wall_ms: Some(wall.0.as_unix_ms()),
        clock_trust: wall.1,
    }
}
