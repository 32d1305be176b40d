//! What people at the centre do with alarms, between domain and wire.

use super::{WireError, alarm, field, proto, us_of_wall, wall_us};
use crate::alarm::AlarmId;
use crate::delivery::{Act, Deed, RejectReason};
use crate::record::Epoch;
use crate::time::WallTime;
use proto::alarm_deed::Act as Raw;

pub(super) fn deed(raw: &proto::AlarmDeed) -> Result<Deed, WireError> {
    Ok(Deed {
        alarm: AlarmId {
            epoch: Epoch(raw.alarm_epoch),
            number: raw.alarm_number,
        },
        by: raw.by.clone(),
        by_id: raw.by_id.clone(),
        act: act(raw.act.as_ref().ok_or(field("act"))?)?,
    })
}

pub(super) fn deed_out(deed: &Deed) -> proto::AlarmDeed {
    proto::AlarmDeed {
        alarm_epoch: deed.alarm.epoch.0,
        alarm_number: deed.alarm.number,
        by: deed.by.clone(),
        by_id: deed.by_id.clone(),
        act: Some(act_out(&deed.act)),
    }
}

pub(super) fn done_out(deed: &Deed, at: WallTime, command: u128) -> proto::DeedDone {
    proto::DeedDone {
        deed: Some(deed_out(deed)),
        at_wall_us: us_of_wall(at),
        command_id: command.to_be_bytes().to_vec(),
    }
}

pub(super) fn expired(raw: &proto::Expired) -> AlarmId {
    AlarmId {
        epoch: Epoch(raw.alarm_epoch),
        number: raw.alarm_number,
    }
}

pub(super) fn expired_out(alarm: AlarmId) -> proto::Expired {
    proto::Expired {
        alarm_epoch: alarm.epoch.0,
        alarm_number: alarm.number,
    }
}

fn act(raw: &Raw) -> Result<Act, WireError> {
    Ok(match raw {
        Raw::Shown(_) => Act::Shown,
        Raw::Read(_) => Act::Read,
        Raw::Accepted(raw) => Act::Accepted {
            until: wall_us(raw.until_wall_us),
        },
        Raw::Rejected(raw) => Act::Rejected {
            reason: match proto::RejectReason::try_from(raw.reason) {
                Ok(proto::RejectReason::Artefact) => RejectReason::Artefact,
                Ok(proto::RejectReason::Known) => RejectReason::Known,
                Ok(proto::RejectReason::NotOurs) => RejectReason::NotOurs,
                // A reason that this program does not know: rejected all the same.
                Ok(proto::RejectReason::Other) | Err(_) => RejectReason::Other,
            },
            words: raw.words.clone(),
        },
        Raw::Offered(raw) => Act::Offered {
            to: raw.to.clone(),
            to_id: raw.to_id.clone(),
        },
        Raw::Declined(_) => Act::Declined,
        Raw::Called(raw) => Act::Called {
            priority: alarm::priority(raw.priority())?,
            rung: raw.rung,
            to: raw
                .to
                .iter()
                .map(|who| (who.name.clone(), who.id.clone()))
                .collect(),
        },
    })
}

fn act_out(act: &Act) -> Raw {
    match act {
        Act::Shown => Raw::Shown(proto::Shown {}),
        Act::Read => Raw::Read(proto::Read {}),
        Act::Accepted { until } => Raw::Accepted(proto::Accepted {
            until_wall_us: us_of_wall(*until),
        }),
        Act::Rejected { reason, words } => {
            let reason = match reason {
                RejectReason::Artefact => proto::RejectReason::Artefact,
                RejectReason::Known => proto::RejectReason::Known,
                RejectReason::NotOurs => proto::RejectReason::NotOurs,
                RejectReason::Other => proto::RejectReason::Other,
            };
            Raw::Rejected(proto::Rejected {
                reason: reason as i32,
                words: words.clone(),
            })
        }
        Act::Offered { to, to_id } => Raw::Offered(proto::Offered {
            to: to.clone(),
            to_id: to_id.clone(),
        }),
        Act::Declined => Raw::Declined(proto::Declined {}),
        Act::Called { priority, rung, to } => Raw::Called(proto::Called {
            priority: alarm::priority_out(*priority) as i32,
            rung: *rung,
            to: to
                .iter()
                .map(|(name, id)| proto::Doctor {
                    name: name.clone(),
                    id: id.clone(),
                })
                .collect(),
        }),
    }
}
