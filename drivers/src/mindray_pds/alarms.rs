//! The monitor's own alarms: kinds 54 (physiological) and 56 (technical), each the whole list of its sort.

use vitals::alarm::DEVICE_ALARMS_MAX;
use vitals::{AlarmKind, DeviceAlarm, Priority};

use crate::hl7::alarms::cut;
use crate::hl7::message::Message;

/// Both lists, and what was told of them.
#[derive(Debug, Default)]
pub(super) struct Lists {
    physiological: Vec<DeviceAlarm>,
    technical: Vec<DeviceAlarm>,
    told: Option<Vec<DeviceAlarm>>,
}

impl Lists {
    /// Takes a list; returns all that is present when that is news.
    pub(super) fn take(&mut self, kind: AlarmKind, message: &Message) -> Option<Vec<DeviceAlarm>> {
        let list = read(kind, message);
        match kind {
            AlarmKind::Physiological => self.physiological = list,
            AlarmKind::Technical => self.technical = list,
        }
        let mut all: Vec<DeviceAlarm> = self
            .physiological
            .iter()
            .chain(&self.technical)
            .cloned()
            .collect();
        all.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        all.truncate(DEVICE_ALARMS_MAX);
        if self.told.as_ref() == Some(&all) || self.told.is_none() && all.is_empty() {
            return None;
        }
        self.told = Some(all.clone());
        Some(all)
    }

    /// The monitor was not heard: what it says next is told, whatever it is.
    pub(super) fn forget(&mut self) {
        *self = Lists::default();
    }
}

/// `OBX||CE|2|1|10002^**HR TOO LOW||||||F`: OBX-3 is the level, the stars are the priority. Rows 2040 and 2041 end a list.
fn read(kind: AlarmKind, message: &Message) -> Vec<DeviceAlarm> {
    let rows = message.segments().filter(|segment| segment.name() == "OBX");
    let alarm = |obx: crate::hl7::message::Segment<'_>| {
        let level = obx.component(3, 1);
        if !matches!(level.as_str(), "2" | "3" | "4") {
            return None;
        }
        let text = cut(&obx.component(5, 2));
        let stars = text.bytes().take_while(|byte| *byte == b'*').count();
        let priority = match stars {
            0 | 1 => Priority::Low,
            2 => Priority::Medium,
            _ => Priority::High,
        };
        (!text.is_empty()).then_some(DeviceAlarm { priority, kind, text })
    };
    let mut list: Vec<DeviceAlarm> = rows.filter_map(alarm).take(4 * DEVICE_ALARMS_MAX).collect();
    list.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
    list.truncate(DEVICE_ALARMS_MAX);
    list
}
