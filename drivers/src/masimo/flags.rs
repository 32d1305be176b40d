//! What the bits of ALARM and EXC mean, as data.
//!
//! Sources: the public header of an open reader (all bits), a second reader (ALARM bits 0 to 5), the Rad-8 operator's
//! manual (EXC bits 0 to 11). EXC from 001000 up rests on one source. The line ranks nothing: the priorities are ours.

use vitals::{AbsentReason, AlarmKind, DeviceAlarm, Priority};

use crate::publisher::{device_alarm, most_urgent_first};

/// What an exception does to the values of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The values are not valid, whatever numbers stand there.
    Invalid(AbsentReason),
    /// The signal is weak or disturbed: the values are questionable.
    Weak,
    /// Said to the technician, no harm to the values.
    Note,
    /// Nothing that anybody must know.
    Silent,
}

struct Exception {
    bit: u32,
    text: &'static str,
    class: Class,
}

const fn exception(bit: u32, text: &'static str, class: Class) -> Exception {
    Exception { bit, text, class }
}

const OFF: Class = Class::Invalid(AbsentReason::ProbeOff);
const FAULTY: Class = Class::Invalid(AbsentReason::SensorFault);
const SEARCHING: Class = Class::Invalid(AbsentReason::Searching);

const EXCEPTIONS: &[Exception] = &[
    exception(0x00_0001, "no sensor", OFF),
    exception(0x00_0002, "defective sensor", FAULTY),
    exception(0x00_0004, "low perfusion", Class::Weak),
    exception(0x00_0008, "pulse search", SEARCHING),
    exception(0x00_0010, "interference", Class::Weak),
    exception(0x00_0020, "sensor off", OFF),
    exception(0x00_0040, "ambient light", Class::Weak),
    exception(0x00_0080, "unrecognised sensor", FAULTY),
    exception(0x00_0100, "incompatible sensor", FAULTY),
    exception(0x00_0400, "low signal IQ", Class::Weak),
    // "Masimo SET running": the normal state.
    exception(0x00_0800, "", Class::Silent),
    exception(0x00_1000, "no cable", OFF),
    exception(0x00_2000, "cable life expired", Class::Note),
    exception(0x00_4000, "incompatible cable", FAULTY),
    exception(0x00_8000, "unrecognised cable", FAULTY),
    exception(0x01_0000, "defective cable", FAULTY),
    exception(0x02_0000, "sensor calibrating", SEARCHING),
    exception(0x04_0000, "sensor life expired", Class::Note),
    exception(0x08_0000, "emitter temperature out of range", FAULTY),
    exception(0x10_0000, "sensor current limit", FAULTY),
    // Low confidence in SpCO and SpMet, which are not shown.
    exception(0x20_0000, "", Class::Silent),
    exception(0x40_0000, "", Class::Silent),
];

/// Of several reasons, the one that a nurse can act on first.
const FIRST_REASON: [AbsentReason; 3] = [
    AbsentReason::ProbeOff,
    AbsentReason::SensorFault,
    AbsentReason::Searching,
];

/// An alarm is active: says nothing more when its cause stands beside it.
const ALARM_ACTIVE: u32 = 0x0010;

const ALARMS: &[(u32, &str, Priority, AlarmKind)] = {
    use AlarmKind::{Physiological, Technical};
    use Priority::{High, Low, Medium};
    &[
        (0x0001, "SpO2 high", Medium, Physiological),
        (0x0002, "SpO2 low", High, Physiological),
        (0x0004, "pulse high", Medium, Physiological),
        (0x0008, "pulse low", Medium, Physiological),
        (0x0020, "alarm silenced", Low, Technical),
        (0x0040, "battery low", Medium, Technical),
        (0x0100, "SpCO high", Medium, Physiological),
        (0x0200, "SpCO low", Medium, Physiological),
        (0x0400, "SpMet high", Medium, Physiological),
        (0x0800, "SpMet low", Medium, Physiological),
        (0x1000, "desaturation index", Medium, Physiological),
        (0x2000, "perfusion index changed", Low, Physiological),
    ]
};

/// The bits of EXC that make the values invalid: a reason hangs on exactly these.
pub(super) fn invalid_bits(exc: u32) -> u32 {
    set(exc)
        .filter(|row| matches!(row.class, Class::Invalid(_)))
        .fold(0, |bits, row| bits | row.bit)
}

/// Why the values are not valid, if they are not.
pub(super) fn reason(exc: u32) -> Option<AbsentReason> {
    let says = |reason: &AbsentReason| set(exc).any(|row| row.class == Class::Invalid(*reason));
    FIRST_REASON.into_iter().find(says)
}

/// Whether the signal is weak or disturbed.
pub(super) fn is_weak(exc: u32) -> bool {
    set(exc).any(|row| row.class == Class::Weak)
}

/// A bit that stands in no table: of ALARM, else of EXC (the known gaps of the two differ).
pub(super) fn unknown_bit(alarm: u32, exc: u32) -> Option<u32> {
    let known_alarm = ALARMS.iter().fold(ALARM_ACTIVE, |bits, row| bits | row.0);
    let known_exc = EXCEPTIONS.iter().fold(0, |bits, row| bits | row.bit);
    let lowest = |bits: u32| (bits != 0).then(|| 1 << bits.trailing_zeros());
    lowest(alarm & !known_alarm).or_else(|| lowest(exc & !known_exc))
}

/// The device's alarms and exceptions as a list.
pub(super) fn list(alarm: u32, exc: u32) -> Vec<DeviceAlarm> {
    let mut list: Vec<DeviceAlarm> = ALARMS
        .iter()
        .filter(|(bit, ..)| alarm & bit != 0)
        .map(|(_, text, priority, kind)| device_alarm(*priority, *kind, text))
        .collect();
    let exceptions = set(exc).filter(|row| row.class != Class::Silent).map(|row| {
        let priority = match row.class {
            Class::Invalid(AbsentReason::SensorFault) => Priority::Medium,
            _ => Priority::Low,
        };
        device_alarm(priority, AlarmKind::Technical, row.text)
    });
    list.extend(exceptions);
    if list.is_empty() && alarm & ALARM_ACTIVE != 0 {
        list.push(device_alarm(
            Priority::Medium,
            AlarmKind::Physiological,
            "alarm active",
        ));
    }
    most_urgent_first(list)
}

fn set(exc: u32) -> impl Iterator<Item = &'static Exception> {
    EXCEPTIONS.iter().filter(move |row| exc & row.bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(alarm: u32, exc: u32) -> Vec<String> {
        list(alarm, exc).into_iter().map(|alarm| alarm.text).collect()
    }

    #[test]
    fn no_bit_stands_twice() {
        let exc: u32 = EXCEPTIONS.iter().map(|row| row.bit.count_ones()).sum();
        let alarm: u32 = ALARMS.iter().map(|row| row.0.count_ones()).sum();
        assert_eq!((exc, alarm), (22, 12));
        assert_eq!(EXCEPTIONS.iter().fold(0, |bits, row| bits | row.bit), 0x7F_FDFF);
        assert_eq!(ALARMS.iter().fold(ALARM_ACTIVE, |bits, row| bits | row.0), 0x3F7F);
    }

    #[test]
    fn every_exception_does_what_its_class_says() {
        for row in EXCEPTIONS {
            match row.class {
                Class::Invalid(why) => assert_eq!(reason(row.bit), Some(why)),
                _ => assert_eq!((reason(row.bit), invalid_bits(row.bit)), (None, 0)),
            }
            assert_eq!(is_weak(row.bit), row.class == Class::Weak);
        }
    }

    #[test]
    fn of_several_reasons_the_probe_comes_first() {
        assert_eq!(reason(0x0028), Some(AbsentReason::ProbeOff));
        assert_eq!(reason(0x008A), Some(AbsentReason::SensorFault));
    }

    #[test]
    fn an_active_alarm_is_told_only_without_its_cause() {
        assert_eq!(texts(0x0016, 0x800), ["SpO2 low", "pulse high"]);
        assert_eq!(texts(0x0010, 0x800), ["alarm active"]);
        assert_eq!(texts(0x0010, 0x820), ["sensor off"]);
        assert!(texts(0x0000, 0x800).is_empty());
    }

    #[test]
    fn a_bit_in_no_table_is_named() {
        assert_eq!(unknown_bit(0x3F7F, 0x7F_FDFF), None);
        assert_eq!(unknown_bit(0x8000, 0), Some(0x8000));
        assert_eq!(unknown_bit(0, 0x80_0A00), Some(0x200));
    }
}
