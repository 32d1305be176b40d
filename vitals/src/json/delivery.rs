//! What people at the centre did with alarms, as JSON.

use serde_json::{Value, json};

use crate::alarm::AlarmId;
use crate::delivery::{Act, Deed};
use crate::time::WallTime;

pub(super) fn of_deed(deed: &Deed, at: WallTime, command: u128) -> Value {
    let mut value = json!({
        "kind": "event",
        "event": deed.act.key(),
        "alarm": deed.alarm,
        "by": deed.by,
        "by_id": deed.by_id,
        "done_wall_ms": at.as_unix_ms(),
        "command": format!("{command:032x}"),
    });
    match &deed.act {
        Act::Accepted { until } => value["until_wall_ms"] = until.as_unix_ms().into(),
        Act::Rejected { reason, words } => {
            value["reason"] = json!(reason);
            value["words"] = words.as_str().into();
        }
        Act::Offered { to, to_id } => {
            value["to"] = to.as_str().into();
            value["to_id"] = to_id.as_str().into();
        }
        Act::Called { priority, rung, to } => {
            value["priority"] = json!(priority);
            value["rung"] = (*rung).into();
            let to = to.iter().map(|(name, id)| json!({"name": name, "id": id}));
            value["to"] = to.collect();
        }
        Act::Shown | Act::Read | Act::Declined => {}
    }
    value
}

pub(super) fn of_expired(alarm: AlarmId) -> Value {
    json!({
        "kind": "event",
        "event": "expired",
        "alarm": alarm,
    })
}
