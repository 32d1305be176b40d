//! What the two-letter codes of the status columns mean, as data.
//!
//! Sources: two independent readers of N-560 and N-595. What ranks how is ours: the line does not say it.

use vitals::{AbsentReason, AlarmKind, DeviceAlarm, Priority};

use crate::publisher::{device_alarm, most_urgent_first};

struct Status {
    code: &'static str,
    text: &'static str,
    priority: Priority,
    kind: AlarmKind,
    /// With this code there is no value, whatever number stands there.
    absent: Option<AbsentReason>,
}

const STATUS: &[Status] = {
    use AbsentReason::{ProbeOff, Searching};
    use AlarmKind::{Physiological, Technical};
    use Priority::{High, Low, Medium};
    const fn row(
        code: &'static str,
        text: &'static str,
        priority: Priority,
        kind: AlarmKind,
        absent: Option<AbsentReason>,
    ) -> Status {
        Status {
            code,
            text,
            priority,
            kind,
            absent,
        }
    }
    &[
        row("SD", "SD sensor disconnected", Low, Technical, Some(ProbeOff)),
        row("SO", "SO sensor off", Low, Technical, Some(ProbeOff)),
        row("LP", "LP loss of pulse", High, Physiological, Some(Searching)),
        row(
            "LM",
            "LM loss of pulse with interference",
            High,
            Physiological,
            Some(Searching),
        ),
        row("PS", "PS pulse search", Low, Technical, Some(Searching)),
        row("MO", "MO interference or motion", Low, Technical, None),
        row("SL", "SL saturation below its limit", Medium, Physiological, None),
        row("SH", "SH saturation above its limit", Medium, Physiological, None),
        row("PL", "PL pulse below its limit", Medium, Physiological, None),
        row("PH", "PH pulse above its limit", Medium, Physiological, None),
        row("LB", "LB low battery", Medium, Technical, None),
        row("AS", "AS alarm silenced", Low, Technical, None),
        row("AO", "AO alarm off", Low, Technical, None),
    ]
};

/// Interference or motion: the values are questionable.
const MOTION: &str = "MO";

/// Why there is no value: of several codes the first of the table.
pub(super) fn reason(codes: &[&str]) -> Option<AbsentReason> {
    STATUS
        .iter()
        .filter(|row| codes.contains(&row.code))
        .find_map(|row| row.absent)
}

/// The codes that take the values away, as one number: a reason hangs on exactly these.
pub(super) fn absent_bits(codes: &[&str]) -> u64 {
    places(codes, |row| row.absent.is_some())
}

/// All codes as one number below 2^48, one that is not known included.
pub(super) fn bits(codes: &[&str]) -> u64 {
    u64::from(unknown(codes).unwrap_or(0)) << 32 | places(codes, |_| true)
}

fn places(codes: &[&str], which: fn(&Status) -> bool) -> u64 {
    let rows = STATUS.iter().enumerate().filter(|(_, row)| which(row));
    rows.filter(|(_, row)| codes.contains(&row.code))
        .fold(0, |bits, (place, _)| bits | 1 << place)
}

/// Whether the signal is disturbed.
pub(super) fn is_weak(codes: &[&str]) -> bool {
    codes.contains(&MOTION)
}

/// The first code that stands in no table, its two letters as a number.
pub(super) fn unknown(codes: &[&str]) -> Option<u32> {
    let unknown = codes.iter().find(|code| find(code).is_none())?;
    Some(
        unknown
            .bytes()
            .fold(0, |number, byte| number << 8 | u32::from(byte)),
    )
}

/// The codes as a list of alarms; a code that is not known stands there as it is.
pub(super) fn list(codes: &[&str]) -> Vec<DeviceAlarm> {
    let alarms = codes.iter().map(|code| match find(code) {
        Some(row) => device_alarm(row.priority, row.kind, row.text),
        None => device_alarm(Priority::Low, AlarmKind::Technical, code),
    });
    most_urgent_first(alarms.collect())
}

fn find(code: &str) -> Option<&'static Status> {
    STATUS.iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_its_text_begins_with_it() {
        for row in STATUS {
            assert_eq!(STATUS.iter().filter(|other| other.code == row.code).count(), 1);
            assert!(row.text.starts_with(row.code));
            assert_eq!(reason(&[row.code]).is_some(), absent_bits(&[row.code]) != 0);
        }
    }

    #[test]
    fn a_disconnected_sensor_counts_more_than_the_search() {
        assert_eq!(reason(&["PS", "SD"]), Some(AbsentReason::ProbeOff));
        assert_eq!(reason(&["MO", "LP"]), Some(AbsentReason::Searching));
        assert_eq!(reason(&["MO", "SL", "AS"]), None);
        assert!(is_weak(&["SL", "MO"]) && !is_weak(&["SL"]));
    }

    #[test]
    fn a_code_in_no_table_is_kept_and_named() {
        let texts: Vec<String> = list(&["ZZ", "SL"]).into_iter().map(|alarm| alarm.text).collect();
        assert_eq!(texts, ["SL saturation below its limit", "ZZ"]);
        assert_eq!(unknown(&["SL", "ZZ"]), Some(0x5A5A));
        assert_eq!(unknown(&["SL"]), None);
        assert_ne!(bits(&["SL", "ZZ"]), bits(&["SL"]));
        assert!(bits(&["ZZ"]) < 1 << 48);
    }
}
