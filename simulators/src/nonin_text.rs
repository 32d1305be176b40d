//! A Nonin oximeter with a text output, as the protocol sheet describes it.
//!
//! - A line leaves each second, unasked, after some lines of header at power up; nothing that is sent to the device does
//!   anything.
//! - A value that it does not have is `---`, never 0 (I5). Why it has none the line does not say.

use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::device_clock::SWITCHED_ON;
use crate::patient::{Patient, Vitals};
use crate::truth::{Values, values};

/// One line a second.
pub const EVERY: Duration = Duration::from_secs(1);

/// The pulse is searched for so long after the finger was put in.
const SEARCHES: Duration = Duration::from_secs(3);

/// An event is marked by hand now and then.
const MARK_EVERY_S: u64 = 60;

/// What the command line knows about it.
pub const FAMILY: Family = Family {
    name: "nonin_text",
    title: "Nonin oximeter with text output",
    options: &[("model", "8500 (usual), or avant, whose lines begin with a clock")],
    make: |patient, options| Ok(Box::new(NoninText::new(model(options)?, patient))),
};

fn model(options: &Options) -> Result<Model, String> {
    match options.get("model").unwrap_or("8500") {
        "8500" => Ok(Model::Handheld),
        "avant" => Ok(Model::Avant),
        other => Err(format!("{other:?} is no model: write 8500 or avant")),
    }
}

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// 8500: two numbers.
    Handheld,
    /// Avant 9600: with a clock in front, and marks.
    Avant,
}

/// The device on a patient.
pub struct NoninText {
    model: Model,
    patient: Box<dyn Patient>,
    header_said: bool,
    next: Duration,
    searches_until: Duration,
    heard: u64,
}

impl NoninText {
    /// A device that was just switched on.
    pub fn new(model: Model, patient: Box<dyn Patient>) -> NoninText {
        NoninText {
            model,
            patient,
            header_said: false,
            next: Duration::ZERO,
            searches_until: SEARCHES,
            heard: 0,
        }
    }

    /// Bytes that somebody sent to it: there is nothing to say to this device (I10).
    pub fn heard(&self) -> u64 {
        self.heard
    }

    fn read(&mut self, at: Duration) -> (Option<u16>, Option<u16>) {
        let vitals: Vitals = self.patient.at(at);
        if vitals.probe_off {
            self.searches_until = at + SEARCHES;
        }
        if at < self.searches_until {
            return (None, None);
        }
        let whole = |value: Option<f64>, most: f64| {
            let number = value.map(|value| value.round().clamp(0.0, most) as u16);
            number.filter(|number| *number > 0)
        };
        (whole(vitals.spo2, 100.0), whole(vitals.pulse, 321.0))
    }
}

/// The line of a model.
pub fn line(model: Model, at: Duration, spo2: Option<u16>, pr: Option<u16>) -> String {
    let places = |value: Option<u16>| value.map_or("---".to_owned(), |value| format!("{value:03}"));
    let numbers = format!("SPO2={} HR={}", places(spo2), places(pr));
    let is_marked = at.as_secs() % MARK_EVERY_S == MARK_EVERY_S - 1;
    match model {
        Model::Handheld => format!("{numbers}\r\n"),
        Model::Avant => {
            let mark = if is_marked { " *" } else { "" };
            format!("{} {numbers}{mark}\r\n", SWITCHED_ON.after(at).clock())
        }
    }
}

fn said(spo2: Option<u16>, pr: Option<u16>) -> Values {
    let text = |value: Option<u16>| value.map(|value| value.to_string());
    values([("spo2", text(spo2)), ("pr", text(pr))])
}

impl Device for NoninText {
    fn hear(&mut self, _at: Duration, bytes: &[u8]) {
        self.heard += bytes.len() as u64;
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if !std::mem::replace(&mut self.header_said, true) {
            return Some(Chunk::plain(
                b"\r\nPULSE OXIMETER\r\nTEXT OUTPUT\r\n\r\n".to_vec(),
            ));
        }
        if at < self.next {
            return None;
        }
        let now = self.next;
        self.next += EVERY;
        let (spo2, pr) = self.read(now);
        Some(Chunk {
            bytes: line(self.model, now, spo2, pr).into_bytes(),
            truth: Some(said(spo2, pr)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Generator, Scenario};

    #[test]
    fn the_manuals_line_comes_out_as_it_is_printed() {
        assert_eq!(
            line(Model::Handheld, Duration::ZERO, Some(98), Some(72)),
            "SPO2=098 HR=072\r\n"
        );
        let marked = line(Model::Avant, Duration::from_secs(59), None, Some(101));
        assert!(marked.ends_with(" SPO2=--- HR=101 *\r\n"), "{marked}");
        assert_eq!(marked.find(" SPO2"), Some("HH:MM:SS".len()), "{marked}");
    }

    #[test]
    fn while_the_finger_is_out_there_is_no_value_and_the_truth_has_none() {
        let patient = Generator::new(1, Scenario::ProbeOff);
        let mut device = NoninText::new(Model::Handheld, Box::new(patient));
        let lines: Vec<Chunk> = (0..80)
            .flat_map(|s| std::iter::from_fn(|| device.next(Duration::from_secs(s))).collect::<Vec<_>>())
            .collect();
        assert_eq!(lines.len(), 81, "a header and a line a second");
        let text = |second: usize| String::from_utf8(lines[second + 1].bytes.clone()).unwrap();
        let spo2 = |second: usize| lines[second + 1].truth.as_ref().unwrap()["spo2"].clone();
        assert!(text(50).contains("SPO2=---") && spo2(50).is_none());
        assert!(text(20).contains("SPO2=09") && spo2(20).is_some());
        assert_eq!(device.heard(), 0);
    }
}
