//! The monitor's own alarms: its alarm records where it sends them (CARESCAPE), else what it says in bits about rhythm
//! and breath.
//!
//! G7: A text is shown as it was sent and ranked by its colour only; it is in the monitor's language.
//! G8: A record whose slots are not built as the vendor says (colours, order, padding) is damaged, whatever its sum.

use vitals::alarm::DEVICE_ALARM_CHARS_MAX;
use vitals::{AlarmKind, DeviceAlarm, Priority};

use super::record::i16_at;
use super::twice::Twice;
use super::values::{FOUND_APNOEA, FOUND_ASYSTOLE, Found};
use crate::confirm::Trust;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Bytes of an alarm subrecord, and its slots.
const PART_BYTES: usize = 510;
const SLOTS: std::ops::Range<usize> = 10..500;
const SLOT_BYTES: usize = 98;
const TEXT_BYTES: usize = 80;

/// What is told now and where it comes from.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    told: Vec<DeviceAlarm>,
    /// The monitor sends alarm records: its bits add nothing.
    has_records: bool,
    slots: Twice<Vec<DeviceAlarm>>,
    basic: Twice<u32>,
    arrhythmia: Twice<u32>,
}

impl Alarms {
    /// Takes an alarm subrecord. True when it must be read again to be believed.
    pub(super) fn record(&mut self, part: &[u8], trust: Trust, out: &mut Steps) -> bool {
        let Some(list) = part.get(..PART_BYTES).and_then(slots) else {
            out.fault(LineFault::WrongAnswer);
            return true;
        };
        self.has_records = true;
        // The slots vouch for themselves (G8) on a calm line; an alarm that waits is worse than a wrong letter.
        let believed = self.slots.hear(list.clone(), Trust::Plain)
            || trust != Trust::Doubtful
            || self.slots.accepted() == Some(&list);
        if believed {
            self.tell(list, out);
        }
        !believed
    }

    /// Takes what the monitor has found, in bits.
    pub(super) fn found(&mut self, found: Found, trust: Trust, out: &mut Steps) {
        if let Some(basic) = found.basic {
            self.basic.hear(basic, trust);
        }
        if let Some(arrhythmia) = found.arrhythmia {
            self.arrhythmia.hear(meant(arrhythmia), trust);
        }
        if self.has_records {
            return;
        }
        let is_set = |bits: Option<&u32>, mask: u32| bits.is_some_and(|bits| bits & mask != 0);
        let mut list: Vec<DeviceAlarm> = FINDINGS
            .iter()
            .filter(|finding| {
                is_set(self.basic.accepted(), finding.basic)
                    || is_set(self.arrhythmia.accepted(), finding.arrhythmia)
            })
            .map(|finding| DeviceAlarm {
                priority: finding.priority,
                kind: AlarmKind::Physiological,
                text: finding.text.to_owned(),
            })
            .collect();
        list.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        self.tell(list, out);
    }

    /// Nothing is known any more.
    pub(super) fn forget(&mut self, out: &mut Steps) {
        self.tell(Vec::new(), out);
        *self = Self::default();
    }

    fn tell(&mut self, list: Vec<DeviceAlarm>, out: &mut Steps) {
        if list != self.told {
            self.told.clone_from(&list);
            out.push(Step::Saw(Seen::Alarms(list)));
        }
    }
}

/// The alarms of a whole subrecord, or `None` where a slot is not one.
fn slots(part: &[u8]) -> Option<Vec<DeviceAlarm>> {
    let (mut list, mut least) = (Vec::new(), Some(Priority::High));
    for slot in part.get(SLOTS)?.chunks_exact(SLOT_BYTES) {
        let (text, state) = slot.split_at_checked(TEXT_BYTES)?;
        let priority = match i16_at(state, 2)? {
            0 => None,
            1 => Some(Priority::Low),
            2 => Some(Priority::Medium),
            3 => Some(Priority::High),
            _ => return None,
        };
        // Sorted, the most urgent first; without a colour the slot is empty.
        if priority > least {
            return None;
        }
        least = priority;
        let text = text_of(text)?;
        if let Some(priority) = priority.filter(|_| !text.is_empty()) {
            // The record does not say whether it is about the patient or the equipment.
            list.push(DeviceAlarm {
                priority,
                kind: AlarmKind::Physiological,
                text,
            });
        }
    }
    Some(list)
}

/// The letters up to the padding, which is nothing but zeros. 8-bit letters are read as Latin-1.
fn text_of(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (letters, padding) = bytes.split_at_checked(end)?;
    if letters.iter().any(|byte| *byte < b' ') || padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    let letter = |byte: &u8| {
        Some(char::from(*byte))
            .filter(|letter| !letter.is_control())
            .unwrap_or('\u{FFFD}')
    };
    let text: String = letters.iter().map(letter).take(DEVICE_ALARM_CHARS_MAX).collect();
    Some(text.trim().to_owned())
}

/// One thing that the monitor finds, in our words: it has none of its own here.
struct Finding {
    text: &'static str,
    priority: Priority,
    /// Bits of [`Found::basic`].
    basic: u32,
    /// Bits of [`Found::arrhythmia`].
    arrhythmia: u32,
}

/// Bit 30: the monitor does not look for arrhythmias.
const ARRHYTHMIA_OFF: u32 = 1 << 30;

fn meant(arrhythmia: u32) -> u32 {
    if arrhythmia & ARRHYTHMIA_OFF != 0 {
        return 0;
    }
    arrhythmia & FINDINGS.iter().fold(0, |all, finding| all | finding.arrhythmia)
}

const fn finding(text: &'static str, priority: Priority, basic: u32, arrhythmia: u32) -> Finding {
    Finding {
        text,
        priority,
        basic,
        arrhythmia,
    }
}

/// What a monitor of any maker calls urgent. Bigeminy, frequent extra beats and the like are left to the monitor's screen.
const FINDINGS: &[Finding] = &[
    finding("Asystole", Priority::High, FOUND_ASYSTOLE, 1),
    finding("Ventricular fibrillation", Priority::High, 0, 1 << 1),
    finding("Ventricular tachycardia", Priority::High, 0, 1 << 2 | 1 << 3),
    finding("Extreme bradycardia", Priority::High, 0, 1 << 4),
    finding("Extreme tachycardia", Priority::High, 0, 1 << 5),
    finding("Apnoea", Priority::High, FOUND_APNOEA, 0),
    finding("Run of ventricular beats", Priority::Medium, 0, 1 << 6),
    finding("Supraventricular tachycardia", Priority::Medium, 0, 1 << 16),
    finding("Bradycardia", Priority::Medium, 0, 1 << 27),
    finding("Tachycardia", Priority::Medium, 0, 1 << 28),
    finding("Pacemaker failure", Priority::Medium, 0, 1 << 24 | 1 << 25),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn part(texts: &[(&str, i16)]) -> Vec<u8> {
        let mut part = vec![0; PART_BYTES];
        for (place, (text, colour)) in texts.iter().enumerate() {
            let at = SLOTS.start + place * SLOT_BYTES;
            let letters: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
            part[at..at + letters.len()].copy_from_slice(&letters);
            part[at + 82..at + 84].copy_from_slice(&colour.to_le_bytes());
        }
        part
    }

    /// What leaves: the texts of each list.
    fn told(out: &mut Steps) -> Vec<String> {
        std::iter::from_fn(|| out.take())
            .filter_map(|step| match step {
                Step::Saw(Seen::Alarms(list)) => Some(
                    list.iter()
                        .map(|alarm| alarm.text.as_str())
                        .collect::<Vec<_>>()
                        .join(", "),
                ),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn texts_are_shown_as_sent_when_they_change() {
        let (mut alarms, mut out) = (Alarms::default(), Steps::default());
        for texts in [
            &[("ASYSTOLIE", 3), ("EKG Kanäle aus", 1)][..],
            &[("ASYSTOLIE", 3), ("EKG Kanäle aus", 1)],
            &[("EKG Kanäle aus", 1)],
            &[],
        ] {
            assert!(!alarms.record(&part(texts), Trust::Plain, &mut out));
        }
        assert_eq!(
            told(&mut out),
            ["ASYSTOLIE, EKG Kanäle aus", "EKG Kanäle aus", ""]
        );
    }

    #[test]
    fn a_slot_that_is_not_built_like_one_spoils_the_record() {
        let good = part(&[("HR LOW", 2), ("LEADS OFF", 1)]);
        assert!(slots(&good).is_some());
        for (place, byte) in [
            (SLOTS.start + 82, 4),
            (SLOTS.start + 40, b'x'),
            (SLOTS.start + 2, 7),
        ] {
            let mut bad = good.clone();
            bad[place] = byte;
            assert!(slots(&bad).is_none(), "{place}");
        }
        assert!(slots(&part(&[("LEADS OFF", 1), ("HR LOW", 2)])).is_none());
    }

    #[test]
    fn on_a_disturbed_line_a_list_is_told_the_second_time() {
        let (mut alarms, mut out) = (Alarms::default(), Steps::default());
        let again = [1, 2].map(|_| alarms.record(&part(&[("HR LOW", 2)]), Trust::Doubtful, &mut out));
        assert_eq!(again, [true, false]);
        assert_eq!(told(&mut out), ["HR LOW"]);
    }

    #[test]
    fn findings_in_bits_are_told_until_the_monitor_sends_texts() {
        let (mut alarms, mut out) = (Alarms::default(), Steps::default());
        let heard = Found {
            basic: Some(FOUND_APNOEA),
            arrhythmia: Some(1 << 27 | 1 << 12),
        };
        alarms.found(heard, Trust::Plain, &mut out);
        assert!(told(&mut out).is_empty());
        alarms.found(heard, Trust::Plain, &mut out);
        assert_eq!(told(&mut out), ["Apnoea, Bradycardia"]);
        alarms.record(&part(&[("APNEA", 3)]), Trust::Plain, &mut out);
        alarms.found(heard, Trust::Plain, &mut out);
        assert_eq!(told(&mut out), ["APNEA"]);
    }
}
