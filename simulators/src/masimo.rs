//! A Masimo pulse oximeter on its serial port in mode ASCII 1, as the protocol sheet describes it.
//!
//! - A line leaves each second, unasked; nothing that is sent to the device does anything.
//! - While the sensor is off the numbers may stand for some seconds more: the exception bits say that they are not
//!   valid, and so does the truth.

use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::device_clock::{Moment, SWITCHED_ON};
use crate::patient::{Patient, Perfusion, Vitals};
use crate::truth::{Values, values};

/// One line a second.
pub const EVERY: Duration = Duration::from_secs(1);

/// The last numbers stand for so long after the sensor fell off.
const STANDS: Duration = Duration::from_secs(4);

/// The pulse is searched for so long after the sensor was put back.
const SEARCHES: Duration = Duration::from_secs(3);

/// What the command line knows about it.
pub const FAMILY: Family = Family {
    name: "masimo",
    title: "Masimo oximeter, ASCII 1",
    options: &[("model", "rad-8 (usual), radical-7 or radical-5")],
    make: |patient, options| Ok(Box::new(Masimo::new(model(options)?, patient))),
};

fn model(options: &Options) -> Result<Model, String> {
    match options.get("model").unwrap_or("rad-8") {
        "rad-8" => Ok(Model::Rad8),
        "radical-7" => Ok(Model::Radical7),
        "radical-5" => Ok(Model::Radical5),
        other => Err(format!(
            "{other:?} is no model: write rad-8, radical-7 or radical-5"
        )),
    }
}

/// Which fields a line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// No SpCO, no SpMet, no PVI.
    Rad8,
    /// Everything.
    Radical7,
    /// Short: no serial number, two digits of ALARM, three of EXC.
    Radical5,
}

const SENSOR_OFF: u32 = 0x20;
const PULSE_SEARCH: u32 = 0x08;
const LOW_PERFUSION: u32 = 0x04;
const INTERFERENCE: u32 = 0x10;
const LOW_SIGNAL_IQ: u32 = 0x400;
const RUNNING: u32 = 0x800;

const SPO2_LOW: u32 = 0x02;
const PULSE_HIGH: u32 = 0x04;
const PULSE_LOW: u32 = 0x08;
const ACTIVE: u32 = 0x10;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// %
    pub spo2: Option<u16>,
    /// 1/min
    pub pr: Option<u16>,
    /// Hundredths of a per cent.
    pub pi: Option<u16>,
    /// ALARM
    pub alarm: u32,
    /// EXC
    pub exc: u32,
}

/// The line of a model.
pub fn line(model: Model, at: Moment, reading: Reading) -> String {
    let whole = |value: Option<u16>| value.map_or("---".to_owned(), |value| format!("{value:03}"));
    let pi = reading.pi.map_or("--.--".to_owned(), |pi| {
        format!("{:02}.{:02}", pi / 100, pi % 100)
    });
    let clock = format!(
        "{:02}/{:02}/{:02} {}",
        at.month,
        at.day,
        at.year % 100,
        at.clock()
    );
    let head = format!("SPO2={}% BPM={} PI={pi}%", whole(reading.spo2), whole(reading.pr));
    let (alarm, exc) = (reading.alarm, reading.exc);
    match model {
        Model::Rad8 => format!(
            "{clock} SN=0000056661 {head} SPCO=--.-% SPMET=--.-% DESAT=-- PIDELTA=+-- ALARM={alarm:04X} EXC={exc:06X}\r\n"
        ),
        Model::Radical7 => format!(
            "{clock} SN=0123456789 {head} SPCO=01.0% SPMET=00.5% DESAT=01 PIDELTA=-02 PVI=027 ALARM={alarm:04X} \
             EXC={exc:06X}\r\n"
        ),
        Model::Radical5 => format!(
            "{clock} {head} ALARM={:02X} EXC={:03X}\r\n",
            alarm & 0xFF,
            exc & 0xFFF
        ),
    }
}

/// The device on a patient.
pub struct Masimo {
    model: Model,
    patient: Box<dyn Patient>,
    next: Duration,
    shown: (Option<u16>, Option<u16>, Option<u16>),
    off_since: Option<Duration>,
    searches_until: Duration,
    heard: u64,
}

impl Masimo {
    /// A device that was just switched on.
    pub fn new(model: Model, patient: Box<dyn Patient>) -> Masimo {
        Masimo {
            model,
            patient,
            next: Duration::ZERO,
            shown: (None, None, None),
            off_since: None,
            searches_until: SEARCHES,
            heard: 0,
        }
    }

    /// Bytes that somebody sent to it: there is nothing to say to this device (I10).
    pub fn heard(&self) -> u64 {
        self.heard
    }

    fn read(&mut self, at: Duration) -> Reading {
        let vitals = self.patient.at(at);
        let mut reading = Reading {
            spo2: None,
            pr: None,
            pi: None,
            alarm: 0,
            exc: RUNNING,
        };
        if vitals.probe_off {
            let since = *self.off_since.get_or_insert(at);
            self.searches_until = at + SEARCHES;
            reading.exc |= SENSOR_OFF;
            if at - since < STANDS {
                (reading.spo2, reading.pr, reading.pi) = self.shown;
            }
            return reading;
        }
        self.off_since = None;
        if at < self.searches_until {
            reading.exc |= PULSE_SEARCH;
            return reading;
        }
        self.measure(at, &vitals, &mut reading);
        self.shown = (reading.spo2, reading.pr, reading.pi);
        reading
    }

    fn measure(&self, at: Duration, vitals: &Vitals, reading: &mut Reading) {
        let whole = |value: Option<f64>, most: f64| {
            value
                .map(|value| value.round().clamp(0.0, most) as u16)
                .filter(|value| *value > 0)
        };
        reading.spo2 = whole(vitals.spo2, 100.0);
        reading.pr = whole(vitals.pulse, 300.0);
        let (pi, weak) = match vitals.perfusion {
            Perfusion::Good => (360.0, 0),
            Perfusion::Marginal => (110.0, 0),
            Perfusion::Low => (30.0, LOW_PERFUSION),
        };
        reading.pi = Some((pi * (1.0 + 0.1 * (at.as_secs_f64() / 20.0).sin())) as u16);
        reading.exc |= weak;
        if vitals.artefact {
            reading.exc |= INTERFERENCE | LOW_SIGNAL_IQ;
        }
        let when = |is: bool, bit: u32| if is { bit } else { 0 };
        reading.alarm = when(reading.spo2.is_some_and(|spo2| spo2 < 90), SPO2_LOW)
            | when(reading.pr.is_some_and(|pr| pr > 120), PULSE_HIGH)
            | when(reading.pr.is_some_and(|pr| pr < 50), PULSE_LOW);
        reading.alarm |= when(reading.alarm != 0, ACTIVE);
    }
}

fn said(reading: Reading) -> Values {
    let valid = reading.exc & (SENSOR_OFF | PULSE_SEARCH) == 0;
    let whole = |value: Option<u16>| value.filter(|_| valid).map(|value| value.to_string());
    let pi = reading.pi.filter(|_| valid);
    values([
        ("spo2", whole(reading.spo2)),
        ("pr", whole(reading.pr)),
        ("pi", pi.map(|pi| format!("{}.{:02}", pi / 100, pi % 100))),
    ])
}

impl Device for Masimo {
    fn hear(&mut self, _at: Duration, bytes: &[u8]) {
        self.heard += bytes.len() as u64;
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if at < self.next {
            return None;
        }
        let now = self.next;
        self.next += EVERY;
        let reading = self.read(now);
        Some(Chunk {
            bytes: line(self.model, SWITCHED_ON.after(now), reading).into_bytes(),
            truth: Some(said(reading)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Generator, Scenario};

    const AT: Moment = Moment {
        year: 2016,
        month: 2,
        day: 22,
        second: 22 * 3600 + 47 * 60 + 45,
    };

    #[test]
    fn the_public_lines_come_out_as_they_were_captured() {
        let reading = Reading {
            spo2: Some(98),
            pr: Some(97),
            pi: Some(360),
            alarm: 0,
            exc: 0x800,
        };
        assert_eq!(
            line(Model::Rad8, AT, reading),
            "02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 PI=03.60% SPCO=--.-% SPMET=--.-% DESAT=-- \
             PIDELTA=+-- ALARM=0000 EXC=000800\r\n"
        );
        let at = Moment {
            year: 2005,
            month: 12,
            day: 1,
            second: 11 * 3600 + 56 * 60 + 29,
        };
        let off = Reading {
            pr: Some(240),
            pi: Some(2000),
            exc: 0x820,
            ..reading
        };
        assert_eq!(
            line(Model::Radical7, at, off),
            "12/01/05 11:56:29 SN=0123456789 SPO2=098% BPM=240 PI=20.00% SPCO=01.0% SPMET=00.5% DESAT=01 \
             PIDELTA=-02 PVI=027 ALARM=0000 EXC=000820\r\n"
        );
        let at = Moment {
            year: 2010,
            month: 9,
            day: 15,
            second: 15 * 3600 + 10 * 60 + 29,
        };
        let short = Reading {
            spo2: Some(97),
            pr: Some(64),
            pi: Some(1182),
            alarm: 0x20,
            exc: 0x800,
        };
        assert_eq!(
            line(Model::Radical5, at, short),
            "09/15/10 15:10:29 SPO2=097% BPM=064 PI=11.82% ALARM=20 EXC=800\r\n"
        );
    }

    #[test]
    fn numbers_stand_while_the_sensor_is_off_and_the_truth_has_none() {
        let patient = Generator::new(1, Scenario::ProbeOff);
        let mut masimo = Masimo::new(Model::Rad8, Box::new(patient));
        let lines: Vec<Chunk> = (0..80)
            .filter_map(|s| masimo.next(Duration::from_secs(s)))
            .collect();
        assert_eq!(lines.len(), 80);
        let text = |second: usize| String::from_utf8(lines[second].bytes.clone()).unwrap();
        let spo2 = |second: usize| lines[second].truth.as_ref().unwrap()["spo2"].clone();
        assert!(text(41).contains("SPO2=09") && text(41).contains("EXC=000820") && spo2(41).is_none());
        assert!(text(50).contains("SPO2=---") && spo2(50).is_none());
        assert!(text(71).contains("EXC=000808"));
        assert!(spo2(75).is_some());
    }
}
