//! The monitor's own alarms: the whole list when it changes, and what it says about sensors.
//!
//! Layout of an entry: four independent sources; the real capture had empty lists only.

use vitals::alarm::{DEVICE_ALARM_CHARS_MAX, DEVICE_ALARMS_MAX};
use vitals::{AbsentReason, AlarmKind, Code, DeviceAlarm, Priority};

use super::attributes::{self, ALARMS_PATIENT, ALARMS_TECHNICAL, ALERT_CONDITION};
use super::poll::Poll;
use super::wire::{Reader, text};
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Alert states of demonstration and test (a real monitor in demonstration mode says 1100).
const STATE_NOT_A_PATIENT: u16 = 0x0500;

/// The form of what an alarm says beyond its code that has its text.
const INFO_TEXT: u16 = 516;

/// Alarm codes without their lowest bit, with the words for an alarm whose text the monitor keeps to itself.
const CODES: [(u16, &str); 12] = [
    (CODE_DISCONNECTED, "disconnected"),
    (40, "high"),
    (62, "low"),
    (CODE_LEAD_OFF, "lead off"),
    (CODE_LEADS_OFF, "leads off"),
    (CODE_SENSOR_OFF, "sensor off"),
    (CODE_SENSOR_PROBLEM, "sensor problem"),
    (3072, "apnoea"),
    (3076, "asystole"),
    (3224, "ventricular tachycardia"),
    (3246, "desaturation"),
    (6256, "server disconnected"),
];
const CODE_DISCONNECTED: u16 = 22;
const CODE_LEAD_OFF: u16 = 268;
const CODE_LEADS_OFF: u16 = 274;
const CODE_SENSOR_OFF: u16 = 308;
const CODE_SENSOR_PROBLEM: u16 = 312;

/// What the monitor said about its alarms.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    patient: Vec<DeviceAlarm>,
    technical: Vec<DeviceAlarm>,
    told: Option<Vec<DeviceAlarm>>,
    pub sensors: Sensors,
}

/// Why values are missing, as far as alarms about sensors say. Never hides a value: it only names the reason of one that is
/// absent anyway.
#[derive(Debug, Default)]
pub(super) struct Sensors(Vec<(Code, AbsentReason)>);

impl Sensors {
    pub(super) fn reason(&self, code: Code) -> Option<AbsentReason> {
        let found = self.0.iter().find(|(known, _)| *known == code);
        found.map(|(_, reason)| *reason)
    }
}

impl Alarms {
    /// Another session: the list is told anew.
    pub(super) fn forget(&mut self) {
        *self = Alarms::default();
    }

    /// After a pause the list is told anew, changed or not: whoever shows it has let the old one go.
    pub(super) fn tell_again(&mut self) {
        self.told = None;
    }

    pub(super) fn hear(&mut self, poll: &Poll<'_>, out: &mut Steps) {
        for object in &poll.objects {
            let condition = object.attributes.get(ALERT_CONDITION);
            let state = condition.and_then(|mut reader| reader.u16()).unwrap_or(0);
            if state & STATE_NOT_A_PATIENT != 0 {
                out.fault(LineFault::NotAPatient);
                continue;
            }
            let lists = [ALARMS_PATIENT, ALARMS_TECHNICAL].map(|id| object.attributes.get(id).map(entries));
            if lists.iter().any(|list| matches!(list, Some(None))) {
                out.fault(LineFault::WrongAnswer);
                continue;
            }
            let [patient, technical] = lists.map(Option::flatten);
            if let Some(entries) = &patient {
                self.patient = shown(entries, AlarmKind::Physiological, out);
            }
            if let Some(entries) = &technical {
                self.technical = shown(entries, AlarmKind::Technical, out);
                self.sensors = sensors(entries);
            }
            if patient.is_some() || technical.is_some() {
                self.tell(out);
            }
        }
    }

    fn tell(&mut self, out: &mut Steps) {
        let mut all = [self.patient.as_slice(), self.technical.as_slice()].concat();
        all.sort_by_key(|alarm| std::cmp::Reverse(alarm.priority));
        all.truncate(DEVICE_ALARMS_MAX);
        if self.told.as_ref() != Some(&all) {
            self.told = Some(all.clone());
            out.push(Step::Saw(Seen::Alarms(all)));
        }
    }
}

/// One entry of a list.
struct Entry {
    source: u16,
    code: u16,
    kind: u16,
    state: u16,
    text: String,
}

/// Reads a list; `None` where it is cut short.
fn entries(mut list: Reader<'_>) -> Option<Vec<Entry>> {
    let (count, mut items) = list.list()?;
    let mut found = Vec::new();
    for _ in 0..count {
        let (source, code, kind, state) = (items.u16()?, items.u16()?, items.u16()?, items.u16()?);
        // Object: class, context, handle.
        items.take(6)?;
        let form = items.u16()?;
        let info = items.sized()?;
        // Form 513 has a number for its text, others are unknown.
        let text = if form == INFO_TEXT {
            own_words(info)?
        } else {
            String::new()
        };
        found.push(Entry {
            source,
            code,
            kind,
            state,
            text,
        });
    }
    Some(found)
}

/// Instance, text id, priority, flags, then the text.
fn own_words(mut info: Reader<'_>) -> Option<String> {
    info.take(10)?;
    let text_bytes = info.sized()?;
    Some(text(text_bytes.rest()))
}

fn shown(entries: &[Entry], kind: AlarmKind, out: &mut Steps) -> Vec<DeviceAlarm> {
    let mut alarms = Vec::new();
    for entry in entries {
        if entry.state & STATE_NOT_A_PATIENT != 0 {
            out.fault(LineFault::NotAPatient);
            continue;
        }
        alarms.push(DeviceAlarm {
            priority: entry.priority(),
            kind,
            text: entry.words().chars().take(DEVICE_ALARM_CHARS_MAX).collect(),
        });
    }
    alarms
}

impl Entry {
    /// Low, medium and high have a bit each, for technical alarms and for those of the patient. An unknown one comes first.
    fn priority(&self) -> Priority {
        match self.kind {
            0x0001 | 0x0100 => Priority::Low,
            0x0002 | 0x0200 => Priority::Medium,
            _ => Priority::High,
        }
    }

    fn base_code(&self) -> u16 {
        self.code & !1
    }

    /// The monitor's words, or ours where it sends a number only.
    fn words(&self) -> String {
        if !self.text.is_empty() {
            return self.text.clone();
        }
        let word = CODES.iter().find(|(code, _)| *code == self.base_code());
        let source = self
            .physio()
            .and_then(attributes::numeric)
            .map_or(format!("{:04X}", self.source), |code| {
                code.info().label.to_owned()
            });
        match word {
            Some((_, word)) => format!("{source} {word}"),
            None => format!("{source} alarm {}", self.base_code()),
        }
    }

    /// The source as a physio id; the lowest bit of the code says that it is an object class instead.
    fn physio(&self) -> Option<u16> {
        (self.code & 1 == 0).then_some(self.source)
    }
}

fn sensors(entries: &[Entry]) -> Sensors {
    let mut found = Vec::new();
    for entry in entries {
        let reason = match entry.base_code() {
            CODE_DISCONNECTED | CODE_LEAD_OFF | CODE_LEADS_OFF | CODE_SENSOR_OFF => AbsentReason::ProbeOff,
            CODE_SENSOR_PROBLEM => AbsentReason::SensorFault,
            _ => continue,
        };
        let codes = match entry.physio() {
            // Whatever hangs on the oximeter's finger and on the chest's electrodes goes with them.
            Some(0x4BB8 | 0x4BB4 | 0x4822 | 0x4BB0) => vec![Code::Spo2, Code::Pr, Code::Pi],
            Some(0x4182 | 0x0100..=0x0143) => vec![Code::Hr],
            Some(physio) => attributes::numeric(physio).into_iter().collect(),
            None => Vec::new(),
        };
        found.extend(codes.into_iter().map(|code| (code, reason)));
    }
    Sensors(found)
}
