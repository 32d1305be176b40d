//! A monitor that speaks the "S/5 Computer Interface", as the sheet describes it: Datex-Ohmeda and GE.
//!
//! D1. It is silent until it is asked, and acknowledges nothing.
//! D2. Displayed values at the asked interval, of 5 s at least unless it is of the B series; curves of at most 600 samples a
//!     second; alarms only from level 10 on, at once and then when they change, 2 s apart at least.
//! D3. Records are counted for each main type by itself.
//! D4. What it is asked beside that it ignores.

mod body;
mod frame;
mod waves;

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::patient::{Patient, Vitals};
use crate::truth::Values;
use body::{Alarm, Modules};
use frame::{Ear, HEADER, Sender};
use waves::Waves;

/// The monitor's clock when it is switched on.
const CLOCK: u32 = 1_718_000_000;

/// Between two alarm records.
const ALARMS_APART: Duration = Duration::from_secs(2);

/// In the list of devices.
pub const FAMILY: Family = Family {
    name: "datex_dri",
    title: "GE and Datex-Ohmeda monitors (S/5 Computer Interface)",
    options: &[
        (
            "dri_level",
            "2 to 12, 8 when left out; from 10 on it sends alarms",
        ),
        ("b_series", "yes: values at intervals below 5 s"),
        ("art", "yes: an arterial line on P2"),
        ("co2", "yes: a CO2 module"),
    ],
    make,
};

/// A monitor on a patient.
pub struct Monitor {
    patient: Box<dyn Patient>,
    level: u8,
    b_series: bool,
    modules: Modules,
    ear: Ear,
    /// Numbers of the next records of values, curves and alarms.
    numbers: [u8; 3],
    displayed: Option<Displayed>,
    waves: Option<Waves>,
    alarms: Option<Differential>,
    ready: VecDeque<Chunk>,
}

/// A subscription to displayed values.
struct Displayed {
    every: Duration,
    due: Duration,
    classes: u32,
}

/// The differential mode of alarms.
struct Differential {
    told: Option<Vec<Alarm>>,
    due: Duration,
}

/// Makes one. Fails when an option is not one.
pub fn make(patient: Box<dyn Patient>, options: &Options) -> Result<Box<dyn Device>, String> {
    let level = match options.get("dri_level") {
        None => 8,
        Some(text) => match text.parse() {
            Ok(level @ 2..=12) => level,
            _ => return Err(format!("dri_level={text}: write a number from 2 to 12")),
        },
    };
    Ok(Box::new(Monitor {
        patient,
        level,
        b_series: options.is_on("b_series"),
        modules: Modules {
            artery: options.is_on("art"),
            co2: options.is_on("co2"),
        },
        ear: Ear::default(),
        numbers: [0; 3],
        displayed: None,
        waves: None,
        alarms: None,
        ready: VecDeque::new(),
    }))
}

impl Monitor {
    fn asked(&mut self, at: Duration, question: &[u8]) {
        let body = &question[HEADER..];
        match (question[14], question[15], question[18], body.len()) {
            (0, 0, 0, 9) => self.asked_values(at, body),
            (1, 0, 0, 32) => {
                let kinds: Vec<u8> = body[4..28]
                    .iter()
                    .copied()
                    .take_while(|kind| *kind != 0xFF)
                    .collect();
                self.waves = (body[0] == 0).then(|| Waves::start(at, &kinds));
            }
            (4, 0, 0, 12) if self.level >= 10 => match body[0] {
                0 => self.send_alarms(at),
                2 => self.alarms = Some(Differential { told: None, due: at }),
                3 => self.alarms = None,
                _ => {}
            },
            _ => {}
        }
    }

    fn asked_values(&mut self, at: Duration, body: &[u8]) {
        let interval = i16::from_le_bytes([body[1], body[2]]);
        let classes = u32::from_le_bytes([body[3], body[4], body[5], body[6]]);
        let least = if self.b_series { 1 } else { 5 };
        match (body[0], interval) {
            (1, 0) => self.displayed = None,
            (1, -1) => self.send_values(at, classes),
            (1, interval) if interval >= least => {
                let every = Duration::from_secs(interval as u64);
                self.displayed = Some(Displayed {
                    every,
                    due: at + every,
                    classes,
                });
            }
            _ => {}
        }
    }

    fn sender(&self, at: Duration) -> Sender {
        Sender {
            level: self.level,
            plug: 0x1234,
            time: CLOCK + at.as_secs() as u32,
        }
    }

    fn send(&mut self, at: Duration, main: i16, parts: &[(u8, Vec<u8>)], truth: Option<Values>) {
        let number = &mut self.numbers[[0, 1, 0, 0, 2][main as usize]];
        let used = *number;
        *number = number.wrapping_add(1);
        let bytes = frame::record(self.sender(at), main, used, parts);
        self.ready.push_back(Chunk { bytes, truth });
    }

    fn send_values(&mut self, at: Duration, classes: u32) {
        let vitals = self.patient.at(at);
        let time = self.sender(at).time;
        let mut blocks = Vec::new();
        if classes & 1 == 0 {
            blocks.push(body::basic(&vitals, self.modules));
        }
        if classes & 2 != 0 && self.level >= 3 {
            blocks.push(body::ext1(&vitals));
        }
        for class in [2, 3] {
            if classes & (1 << class) != 0 && self.level >= 3 {
                blocks.push(body::Block::new(class));
            }
        }
        let mut parts: Vec<_> = blocks
            .iter()
            .map(|block| (1, block.subrecord(time, self.level)))
            .collect();
        parts.push((4, body::auxiliary(&vitals, time)));
        let said: Values = blocks.into_iter().flat_map(|block| block.said).collect();
        self.send(at, 0, &parts, Some(said));
    }

    fn send_alarms(&mut self, at: Duration) {
        let alarms = body::alarms(&self.patient.at(at));
        self.send(at, 4, &[(1, body::alarm_part(&alarms))], None);
    }

    fn change_of_alarms(&mut self, at: Duration) {
        let now = body::alarms(&self.patient.at(at));
        if let Some(mode) = &mut self.alarms
            && at >= mode.due
            && mode.told.as_ref() != Some(&now)
        {
            mode.told = Some(now);
            mode.due = at + ALARMS_APART;
            self.send_alarms(at);
        }
    }
}

impl Device for Monitor {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        for byte in bytes {
            if let Some(question) = self.ear.hear(*byte) {
                self.asked(at, &question);
            }
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if let Some(displayed) = &mut self.displayed
            && at >= displayed.due
        {
            let (due, classes) = (displayed.due, displayed.classes);
            displayed.due += displayed.every;
            self.send_values(due, classes);
        }
        let patient = &mut self.patient;
        let body = |at: Duration| -> Vitals { patient.at(at) };
        if let Some(parts) = self.waves.as_mut().and_then(|waves| waves.due(at, body)) {
            self.send(at, 1, &parts, None);
        }
        self.change_of_alarms(at);
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests;
