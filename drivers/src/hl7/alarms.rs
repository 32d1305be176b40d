//! IHE PCD-04 (ORU^R40): alarms of a bed, as the devices and gateways tell them.
//!
//! - H6: an alarm ends when it is told to have ended, and [`EXPIRES_AFTER`] after its last word otherwise: a gateway that
//!   is cut off leaves nothing standing.

use std::collections::BTreeMap;
use std::time::Duration;

use vitals::alarm::{DEVICE_ALARM_CHARS_MAX, DEVICE_ALARMS_MAX};
use vitals::{AlarmKind, DeviceAlarm, MonoTime, Priority};

use super::message::Segment;

/// An alarm of which nothing was heard for this long is over.
pub const EXPIRES_AFTER: Duration = Duration::from_secs(60);

/// Most instances that are remembered at a bed; the one that was heard least lately goes first.
const INSTANCES_MAX: usize = 2 * DEVICE_ALARMS_MAX;

/// One alarm as a message tells it: the OBR and the OBX below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    instance: String,
    text: Option<String>,
    heartbeat: bool,
    priority: Option<Priority>,
    technical: bool,
    over: bool,
}

impl Told {
    /// Begins with its OBR. OBR-29 joins start, update and end.
    pub(super) fn begin(obr: Segment<'_>) -> Told {
        Told {
            instance: obr.plain(obr.first(29)),
            ..Told::default()
        }
    }

    /// One row. Attributes are matched by their text: their numbers differ between senders.
    pub(super) fn row(&mut self, obx: Segment<'_>) {
        for flag in obx.field(8).split(obx.separators().repetition) {
            self.flag(flag.trim());
        }
        let (number, name) = (obx.component(3, 1), obx.component(3, 2));
        let value = obx.component(5, 1);
        match name.as_str() {
            "MDC_ATTR_EVENT_PHASE" => self.over |= value == "end",
            "MDC_ATTR_ALARM_STATE" => self.over |= value == "inactive",
            "MDC_ATTR_ALARM_PRIORITY" | "MDC_ATTR_ALERT_TYPE" => self.flag(&value),
            _ if name.starts_with("MDC_ATTR_") => {}
            _ if number == "196614" || name == "MDC_EVT_ACTIVE" => self.heartbeat = true,
            // The event is the first row; the metric that it is about follows.
            _ => {
                self.text.get_or_insert_with(|| words(obx, &name));
            }
        }
    }

    fn flag(&mut self, flag: &str) {
        match flag {
            "PH" => self.priority = Some(Priority::High),
            "PM" => self.priority = Some(Priority::Medium),
            "PL" | "PN" => self.priority = Some(Priority::Low),
            "ST" | "SA" => self.technical = true,
            _ => {}
        }
    }

    /// Nothing but a sign of life.
    fn is_heartbeat(&self) -> bool {
        self.heartbeat || self.text.is_none()
    }
}

/// The device's own words: what a CWE keeps as its original text, else its text; else the name of the event.
fn words(obx: Segment<'_>, name: &str) -> String {
    let said = match obx.field(2) {
        "CWE" | "CE" | "CNE" => {
            let places = [9, 2, 1].map(|place| obx.component(5, place));
            places.into_iter().find(|text| !text.is_empty())
        }
        _ => Some(obx.plain(obx.first(5))),
    };
    let said = said
        .filter(|text| !text.is_empty())
        .unwrap_or_else(|| name.to_owned());
    cut(&said)
}

/// One line, at most as long as a [`DeviceAlarm`] may be.
pub(crate) fn cut(text: &str) -> String {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    one_line
        .take(DEVICE_ALARM_CHARS_MAX)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// The alarms of one bed.
#[derive(Clone, Debug, Default)]
pub(super) struct Alarms {
    present: BTreeMap<String, (DeviceAlarm, MonoTime)>,
}

impl Alarms {
    /// Takes what a message tells; true when it said anything about alarms.
    pub(super) fn take(&mut self, now: MonoTime, told: Told) -> bool {
        if told.is_heartbeat() {
            return false;
        }
        let text = told.text.unwrap_or_default();
        let key = if told.instance.is_empty() {
            text.clone()
        } else {
            told.instance
        };
        if told.over {
            return self.present.remove(&key).is_some();
        }
        let alarm = DeviceAlarm {
            priority: told.priority.unwrap_or(Priority::Low),
            kind: if told.technical {
                AlarmKind::Technical
            } else {
                AlarmKind::Physiological
            },
            text,
        };
        self.present.insert(key, (alarm, now));
        if self.present.len() > INSTANCES_MAX {
            let oldest = self.present.iter().min_by_key(|(_, (_, at))| *at);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| self.present.remove(&key));
        }
        true
    }

    /// Ends what nobody speaks of any more; true when something ended.
    pub(super) fn expire(&mut self, now: MonoTime) -> bool {
        let before = self.present.len();
        self.present
            .retain(|_, (_, heard)| now.since(*heard) < EXPIRES_AFTER);
        self.present.len() < before
    }

    /// When the next one expires.
    pub(super) fn next(&self) -> Option<MonoTime> {
        let ends = self.present.values().map(|(_, heard)| *heard + EXPIRES_AFTER);
        ends.min()
    }

    /// The whole list, most urgent first.
    pub(super) fn list(&self) -> Vec<DeviceAlarm> {
        let mut list: Vec<DeviceAlarm> = self.present.values().map(|(alarm, _)| alarm.clone()).collect();
        list.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        list.truncate(DEVICE_ALARMS_MAX);
        list
    }
}
