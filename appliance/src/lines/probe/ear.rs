//! One family listening: what its dialogue makes of what comes, counted, and what follows from it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use drivers::catalog::{Family, Kind, StreamOptions, Transport};
use drivers::tell::tell_measured;
use drivers::{Dialogue, LineFault, Seen, Step};
use vitals::MonoTime;

use super::units::Units;
use crate::lines::fault_name;

/// So many findings are no chance.
const FINDINGS_MIN: u64 = 2;

/// Most different values that are kept.
const VALUES_MAX: usize = 64;

/// Most steps at one moment; more means that the dialogue spins.
const STEPS_MAX: usize = 10_000;

/// One family during one try.
pub(super) struct Ear {
    pub(super) notes: Notes,
    dialogue: Box<dyn Dialogue>,
}

/// What it heard.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// Bytes that came.
    pub(super) bytes: u64,
    /// Values, absences, stretches of curves and lists of alarms.
    pub(super) findings: u64,
    /// The last of each value, by its key.
    pub(super) values: BTreeMap<String, String>,
    /// Curves, by their keys.
    pub(super) curves: BTreeSet<&'static str>,
    /// Frames whose checksum did not fit.
    pub(super) bad_checksums: u64,
    /// Bytes that belonged to no frame.
    pub(super) skipped: u64,
    /// How often the device has said that its patient is invented.
    pub(super) plays: u64,
    /// Other faults.
    pub(super) others: BTreeMap<&'static str, u64>,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    /// Not a byte came.
    Nothing,
    /// Bytes came, but this family understands nothing of them.
    Garbage,
    /// Something was understood, but more was not: a bad cable, or chance.
    Doubtful,
    /// The device is of this family.
    Understood,
}

impl Ear {
    /// A family that begins to listen.
    pub(super) fn new(family: &'static Family, transport: Transport) -> Option<Ear> {
        let dialogue = match family.kind {
            Kind::Stream(open) => open(&StreamOptions::usual(transport)).ok()?,
            Kind::Modbus => Box::new(Units::new(transport != Transport::Serial)),
            Kind::Listener | Kind::Subscriber => return None,
        };
        Some(Ear {
            notes: Notes::default(),
            dialogue,
        })
    }

    /// These bytes arrived now.
    pub(super) fn heard(&mut self, now: MonoTime, bytes: &[u8]) {
        self.notes.bytes += bytes.len() as u64;
        self.dialogue.heard(now, bytes);
    }

    /// Does what is due; returns what the family wants to ask, and when it wants to go on.
    pub(super) fn steps(&mut self, now: MonoTime) -> (Vec<Vec<u8>>, MonoTime) {
        let mut questions = Vec::new();
        for _ in 0..STEPS_MAX {
            match self.dialogue.step(now) {
                Step::Send(bytes) | Step::SendWhenKept(bytes) => questions.push(bytes),
                Step::Saw(seen) => self.notes.saw(&seen),
                Step::Fault(fault) => self.notes.fault(fault),
                Step::SleepUntil(until) => return (questions, until),
            }
        }
        (questions, now)
    }
}

impl Notes {
    fn saw(&mut self, seen: &Seen) {
        self.findings += 1;
        let (key, value) = match seen {
            Seen::Vital(seen) | Seen::Earlier { seen, .. } => {
                (seen.code.key().to_owned(), tell_measured(seen.measured))
            }
            Seen::Wave(block) => {
                self.curves.insert(block.code.key());
                return;
            }
            Seen::Alive => return,
            Seen::Alarms(alarms) => ("alarms of the device".to_owned(), alarms.len().to_string()),
            Seen::Site { signal, measured, .. } => (signal.clone(), tell_measured(*measured)),
            Seen::Lab(result) => (format!("lab {}", result.test.code), result.value.clone()),
        };
        if self.values.len() < VALUES_MAX || self.values.contains_key(&key) {
            self.values.insert(key, value);
        }
    }

    fn fault(&mut self, fault: LineFault) {
        match fault {
            LineFault::BadChecksum => self.bad_checksums += 1,
            LineFault::Resynchronised { skipped } => self.skipped += u64::from(skipped),
            LineFault::NotAPatient => self.plays += 1,
            other => *self.others.entry(fault_name(other)).or_default() += 1,
        }
    }

    /// What follows.
    pub(super) fn verdict(&self) -> Verdict {
        let clean = self.skipped * 2 < self.bytes && self.bad_checksums <= self.findings;
        if self.bytes == 0 {
            Verdict::Nothing
        } else if self.plays >= FINDINGS_MIN && self.skipped * 2 < self.bytes {
            Verdict::Understood
        } else if self.findings == 0 {
            Verdict::Garbage
        } else if clean && self.findings >= FINDINGS_MIN && self.says_something() {
            Verdict::Understood
        } else {
            Verdict::Doubtful
        }
    }

    /// An echo is no device.
    fn says_something(&self) -> bool {
        !self.curves.is_empty() || self.values.keys().any(|key| key != super::units::ECHO)
    }

    /// Of two families that both believe to understand: the one with fewer bytes left over, then the one with more
    /// findings.
    pub(super) fn better_than(&self, other: &Notes) -> bool {
        (self.skipped + self.bad_checksums, other.findings)
            < (other.skipped + other.bad_checksums, self.findings)
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        let mut parts = Vec::new();
        let values = self.values.iter().map(|(key, value)| format!("{key} {value}"));
        parts.extend(values);
        parts.extend(self.curves.iter().map(|key| format!("curve {key}")));
        if parts.is_empty() {
            parts.push("no values".to_owned());
        }
        if self.plays > 0 {
            parts.push("the device plays an invented patient (demonstration or service mode)".to_owned());
        }
        if self.bad_checksums > 0 {
            parts.push(format!("{} bad checksums", self.bad_checksums));
        }
        if self.skipped > 0 {
            parts.push(format!("{} of {} bytes fitted nothing", self.skipped, self.bytes));
        }
        let others = self.others.iter();
        parts.extend(others.map(|(name, count)| format!("{count} {}", name.replace('_', " "))));
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use drivers::catalog::family;

    use super::*;

    const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../drivers/src/nonin/testcases");

    /// Nonin's ear on a test case of the drivers, or on noise.
    fn on_case(case: &str) -> Notes {
        let text = std::fs::read_to_string(format!("{CASES}/{case}/capture.hex")).unwrap();
        let capture = drivers::capture::Capture::parse(&text).unwrap();
        let mut ear = Ear::new(family("nonin").unwrap(), Transport::Serial).unwrap();
        for moment in capture.moments {
            ear.heard(moment.at, &moment.lines.concat());
            assert!(ear.steps(moment.at).0.is_empty(), "nonin asks nothing");
        }
        ear.notes
    }

    #[test]
    fn a_device_is_understood_from_what_it_sends() {
        let notes = on_case("auto_finds_format_7");
        assert_eq!(notes.verdict(), Verdict::Understood, "{notes:?}");
        assert!(
            notes.words().starts_with("pr ") && notes.words().contains("curve pleth"),
            "{}",
            notes.words()
        );
    }

    #[test]
    fn noise_is_garbage_and_silence_is_nothing() {
        let mut ear = Ear::new(family("nonin").unwrap(), Transport::Serial).unwrap();
        let mut now = MonoTime::from_ms(1_000);
        ear.steps(now);
        assert_eq!(ear.notes.verdict(), Verdict::Nothing);
        for n in 0..400_u32 {
            now = now + Duration::from_millis(20);
            let noise = n.wrapping_mul(2_654_435_761).to_be_bytes();
            ear.heard(now, &noise);
            ear.steps(now);
        }
        assert_eq!(ear.notes.verdict(), Verdict::Garbage, "{:?}", ear.notes);
        assert!(
            ear.notes.words().contains("bytes fitted nothing"),
            "{}",
            ear.notes.words()
        );
    }

    fn notes(bytes: u64, findings: u64, bad_checksums: u64, skipped: u64) -> Notes {
        Notes {
            bytes,
            findings,
            values: [("spo2".to_owned(), "97".to_owned())].into(),
            bad_checksums,
            skipped,
            ..Notes::default()
        }
    }

    #[test]
    fn more_rubbish_than_sense_is_doubtful() {
        assert_eq!(notes(100, 5, 0, 49).verdict(), Verdict::Understood);
        assert_eq!(notes(100, 5, 0, 50).verdict(), Verdict::Doubtful);
        assert_eq!(notes(100, 5, 6, 0).verdict(), Verdict::Doubtful);
        assert_eq!(
            notes(100, 1, 0, 0).verdict(),
            Verdict::Doubtful,
            "one might be chance"
        );
    }

    #[test]
    fn of_two_that_understand_the_one_with_less_left_over_wins() {
        assert!(notes(100, 2, 0, 0).better_than(&notes(100, 9, 0, 10)));
        assert!(notes(100, 9, 0, 0).better_than(&notes(100, 2, 0, 0)));
        assert!(!notes(100, 2, 0, 0).better_than(&notes(100, 9, 0, 0)));
    }
}
