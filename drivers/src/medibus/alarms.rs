//! The device's own alarms: three pages, each a list that is whole.
//!
//! D6: A page counts when it was said twice in a row in exactly the same bytes, three times on a disturbed line.
//!
//! Priority is one character, minus 30h: 1 to 31 in what is known, larger more urgent. How Dräger divides that range is not
//! known; it is cut into thirds here: 1 to 10 low, 11 to 20 medium, from 21 on high. The order of the list is the
//! device's own, to the number.

use vitals::alarm::{DEVICE_ALARM_CHARS_MAX, DEVICE_ALARMS_MAX};
use vitals::{AlarmKind, DeviceAlarm, Priority};

use super::lists::{self, ListedAlarm};

/// From this number on an alarm is of medium priority.
const MEDIUM_FROM: u8 = 11;

/// From this number on an alarm is of high priority.
const HIGH_FROM: u8 = 21;

/// Alarms about the device itself, page and code: SpO2 sensor, flow sensor, battery, fan, power failure, power supply.
/// Everything else may be about the patient, and what is not known is taken as that.
const TECHNICAL: [(u8, u8); 6] = [(1, 0x35), (1, 0x42), (1, 0x4B), (1, 0xCA), (1, 0xEF), (2, 0xA1)];

/// The SpO2 sensor is off or faulty.
const SPO2_SENSOR: (u8, u8) = (1, 0x35);

/// The SpO2 sensor finds no pulse.
const SPO2_NO_PULSE: (u8, u8) = (1, 0x01);

/// Everything that the device alarms about.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    pages: [Page; 3],
    told: Option<Vec<DeviceAlarm>>,
}

#[derive(Debug, Default)]
struct Page {
    accepted: Option<(Vec<u8>, Vec<ListedAlarm>)>,
    waiting: Option<(Vec<u8>, u32)>,
}

/// What came of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Known,
    Unconfirmed,
    Malformed,
}

/// What the alarms say about the oximeter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oximeter {
    Fine,
    SensorOff,
    NoPulse,
}

impl Alarms {
    /// Page 1 to 3 says this.
    pub(super) fn hear(&mut self, page: u8, payload: &[u8], is_noisy: bool) -> Heard {
        let Some(list) = lists::alarms(payload) else {
            return Heard::Malformed;
        };
        match self.pages.get_mut(usize::from(page).wrapping_sub(1)) {
            Some(page) => page.hear(payload, list, if is_noisy { 3 } else { 2 }),
            None => Heard::Malformed,
        }
    }

    /// The whole list, if it is another one than was told before.
    pub(super) fn changed(&mut self) -> Option<Vec<DeviceAlarm>> {
        // Nothing is told before page 1 is known: no list is not an empty list.
        self.pages.first()?.accepted.as_ref()?;
        let mut all: Vec<(u8, &ListedAlarm)> = self.listed().collect();
        all.sort_by_key(|(_, alarm)| std::cmp::Reverse(alarm.priority));
        let list: Vec<DeviceAlarm> = all
            .into_iter()
            .take(DEVICE_ALARMS_MAX)
            .map(|(page, alarm)| shown(page, alarm))
            .collect();
        if self.told.as_ref() == Some(&list) {
            return None;
        }
        self.told = Some(list.clone());
        Some(list)
    }

    pub(super) fn oximeter(&self) -> Oximeter {
        let has = |which| self.listed().any(|(page, alarm)| (page, alarm.code) == which);
        if has(SPO2_SENSOR) {
            Oximeter::SensorOff
        } else if has(SPO2_NO_PULSE) {
            Oximeter::NoPulse
        } else {
            Oximeter::Fine
        }
    }

    fn listed(&self) -> impl Iterator<Item = (u8, &ListedAlarm)> {
        (1..).zip(&self.pages).flat_map(|(number, page)| {
            let list = page.accepted.iter().flat_map(|(_, list)| list);
            list.map(move |alarm| (number, alarm))
        })
    }
}

impl Page {
    fn hear(&mut self, payload: &[u8], list: Vec<ListedAlarm>, times: u32) -> Heard {
        if self.accepted.as_ref().is_some_and(|(known, _)| known == payload) {
            self.waiting = None;
            return Heard::Known;
        }
        let before = self.waiting.take().filter(|(waiting, _)| waiting == payload);
        let said = before.map_or(1, |(_, said)| said + 1);
        if said < times {
            self.waiting = Some((payload.to_vec(), said));
            return Heard::Unconfirmed;
        }
        self.accepted = Some((payload.to_vec(), list));
        Heard::Known
    }
}

fn shown(page: u8, alarm: &ListedAlarm) -> DeviceAlarm {
    let text = if alarm.phrase.is_empty() {
        format!("{page}/{:02X}", alarm.code)
    } else {
        alarm.phrase.chars().take(DEVICE_ALARM_CHARS_MAX).collect()
    };
    DeviceAlarm {
        priority: match alarm.priority {
            HIGH_FROM.. => Priority::High,
            MEDIUM_FROM.. => Priority::Medium,
            _ => Priority::Low,
        },
        kind: if TECHNICAL.contains(&(page, alarm.code)) {
            AlarmKind::Technical
        } else {
            AlarmKind::Physiological
        },
        text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: Option<Vec<DeviceAlarm>>) -> Option<Vec<String>> {
        list.map(|list| list.into_iter().map(|alarm| alarm.text).collect())
    }

    #[test]
    fn d6_a_list_counts_when_it_is_said_twice_and_the_most_urgent_comes_first() {
        let mut alarms = Alarms::default();
        let both = b"D1ESPO2 PULS HIL07SPO2 LOW    ";
        assert_eq!(alarms.hear(1, both, false), Heard::Unconfirmed);
        assert_eq!(alarms.changed(), None);
        assert_eq!(alarms.hear(1, both, false), Heard::Known);
        let told = alarms.changed().unwrap();
        assert_eq!(told[0].text, "SPO2 LOW");
        assert_eq!(
            (told[0].priority, told[1].priority),
            (Priority::High, Priority::Medium)
        );
        assert_eq!(alarms.changed(), None);
        // Another page adds to the list; an empty page takes its own away.
        let power = b"<A1POWER SUPPLY";
        alarms.hear(2, power, false);
        alarms.hear(2, power, false);
        let told = alarms.changed().unwrap();
        assert_eq!(
            (told[2].kind, told[2].priority),
            (AlarmKind::Technical, Priority::Medium)
        );
        alarms.hear(1, b"", false);
        alarms.hear(1, b"", false);
        assert_eq!(texts(alarms.changed()), Some(vec!["POWER SUPPLY".to_owned()]));
    }

    #[test]
    fn d6_on_a_disturbed_line_three_times() {
        let mut alarms = Alarms::default();
        for heard in [Heard::Unconfirmed, Heard::Unconfirmed, Heard::Known] {
            assert_eq!(alarms.hear(1, b"1CAFAN FAILURE ", true), heard);
        }
        assert_eq!(alarms.hear(1, b"1CA", true), Heard::Malformed);
    }

    #[test]
    fn a_list_longer_than_the_post_takes_loses_its_least_urgent() {
        let mut alarms = Alarms::default();
        let many: String = (0..40)
            .map(|n| format!("{}{n:02X}ALARM {n:6}", char::from(0x30 + n)))
            .collect();
        alarms.hear(1, many.as_bytes(), false);
        alarms.hear(1, many.as_bytes(), false);
        let told = alarms.changed().unwrap();
        assert_eq!(told.len(), DEVICE_ALARMS_MAX);
        assert_eq!(told[0].text, "ALARM     39");
    }

    #[test]
    fn the_oximeter_speaks_through_two_alarms() {
        let mut alarms = Alarms::default();
        assert_eq!(alarms.oximeter(), Oximeter::Fine);
        let lost = b"501NO SPO2PULSE835SPO2 SENSOR ";
        alarms.hear(1, lost, false);
        alarms.hear(1, lost, false);
        assert_eq!(alarms.oximeter(), Oximeter::SensorOff);
    }
}
