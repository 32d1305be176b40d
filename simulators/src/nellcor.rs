//! A Nellcor pulse oximeter on its data port, serial protocol ASCII, as the protocol sheet describes it.
//!
//! - A line leaves every two seconds, a header before the first and after each 25 of them.
//! - XOFF stops the port until XON. Two Ctrl-C open a menu, in which no data come, until "0" CR.
//! - Whatever else is sent to it is counted (I10).

use std::collections::VecDeque;
use std::time::Duration;

use crate::device::{Chunk, Device, Family, Options};
use crate::device_clock::{Moment, SWITCHED_ON};
use crate::patient::{Patient, Vitals};
use crate::truth::{Values, values};

/// One line every two seconds.
pub const EVERY: Duration = Duration::from_secs(2);

/// Lines between two headers.
const LINES: u64 = 25;

/// The last number stays for so long after the pulse was lost.
const STANDS: Duration = Duration::from_secs(4);

/// The pulse is searched for so long after the sensor was put back.
const SEARCHES: Duration = Duration::from_secs(5);

const XON: u8 = 0x11;
const XOFF: u8 = 0x13;
const CTRL_C: u8 = 0x03;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// What the command line knows about it.
pub const FAMILY: Family = Family {
    name: "nellcor",
    title: "Nellcor oximeter, ASCII",
    options: &[("model", "n-560 (usual), n-595 or npb-290")],
    make: |patient, options| Ok(Box::new(Nellcor::new(model(options)?, patient))),
};

fn model(options: &Options) -> Result<Model, String> {
    match options.get("model").unwrap_or("n-560") {
        "n-560" => Ok(Model::N560),
        "n-595" => Ok(Model::N595),
        "npb-290" => Ok(Model::Npb290),
        other => Err(format!("{other:?} is no model: write n-560, n-595 or npb-290")),
    }
}

/// Which header it prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Three lines.
    N560,
    /// Three lines, the second with the response mode.
    N595,
    /// Two lines; the month in capitals.
    Npb290,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// %, and whether it is outside a limit.
    pub spo2: (Option<u16>, bool),
    /// 1/min, and whether it is outside a limit.
    pub pr: (Option<u16>, bool),
    /// Pulse amplitude.
    pub amplitude: Option<u16>,
    /// The status columns: alarm of the sensor or motion, of the values, none, of the speaker.
    pub columns: [&'static str; 4],
}

/// The line.
pub fn line(model: Model, at: Moment, reading: &Reading) -> String {
    let number = |(value, outside): (Option<u16>, bool)| {
        let digits = value.map_or("---".to_owned(), |value| value.to_string());
        format!("{digits:>6}{}", if outside { '*' } else { ' ' })
    };
    let month = MONTHS[at.month - 1];
    let month = match model {
        Model::Npb290 => month.to_ascii_uppercase(),
        Model::N560 | Model::N595 => month.to_owned(),
    };
    let clock = format!("{:02}-{month}-{:02} {}", at.day, at.year % 100, at.clock());
    let [a, b, c, d] = reading.columns;
    let (spo2, pr) = (number(reading.spo2), number(reading.pr));
    let amplitude = number((reading.amplitude, false));
    let line = format!("{clock}{spo2} {pr} {amplitude}   {a:<2} {b:<2} {c:<2}    {d:<2}");
    line.trim_end().to_owned() + "\r\n"
}

/// The header.
pub fn header(model: Model) -> String {
    let (name, second) = match model {
        Model::N560 => (
            "N-560 ",
            "                             ADULT            0SAT-S\r\n",
        ),
        Model::N595 => (
            "N-595 ",
            "                             ADULT            0SAT-S  SPO2 RESP MODE: NORMAL\r\n",
        ),
        Model::Npb290 => ("NPB-290", ""),
    };
    format!(
        "{name}   VERSION 1.56.00    CRC:XXXX  SpO2 Limit: 90-100%    PR Limit: 60-170BPM\r\n{second}\
         TIME                 %SpO2   BPM     PA     Status\r\n"
    )
}

/// The device on a patient.
pub struct Nellcor {
    model: Model,
    patient: Box<dyn Patient>,
    next: Duration,
    lines: u64,
    shown: (Option<u16>, Option<u16>),
    off_since: Option<Duration>,
    searches_since: Option<Duration>,
    stopped: bool,
    menu: Option<Vec<u8>>,
    ctrl_c: u8,
    asked: VecDeque<&'static str>,
    xons: u64,
    exits: u64,
    refused: u64,
}

impl Nellcor {
    /// A device that was just switched on.
    pub fn new(model: Model, patient: Box<dyn Patient>) -> Nellcor {
        Nellcor {
            model,
            patient,
            next: Duration::ZERO,
            lines: 0,
            shown: (None, None),
            off_since: None,
            searches_since: Some(Duration::ZERO),
            stopped: false,
            menu: None,
            ctrl_c: 0,
            asked: VecDeque::new(),
            xons: 0,
            exits: 0,
            refused: 0,
        }
    }

    /// How often it was told to go on.
    pub fn xons(&self) -> u64 {
        self.xons
    }

    /// How often its menu was left.
    pub fn exits(&self) -> u64 {
        self.exits
    }

    /// Bytes that asked for something else than data.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn hear_byte(&mut self, byte: u8) {
        match byte {
            XON => {
                self.stopped = false;
                self.xons += 1;
            }
            XOFF => self.stopped = true,
            CTRL_C => {
                self.ctrl_c += 1;
                if self.ctrl_c == 2 {
                    self.ctrl_c = 0;
                    self.open_menu();
                }
            }
            _ => self.menu_byte(byte),
        }
    }

    fn open_menu(&mut self) {
        self.menu = Some(Vec::new());
        self.asked
            .extend(["\r\n1) Dump Instrument Info\r\n", "0) Exit\r\n"]);
    }

    fn menu_byte(&mut self, byte: u8) {
        let Some(typed) = &mut self.menu else {
            // The LF behind the CR that left the menu.
            self.refused += u64::from(byte != b'\n');
            return;
        };
        if byte != b'\r' {
            return typed.push(byte);
        }
        match std::mem::take(typed).as_slice() {
            b"0" => {
                self.menu = None;
                self.exits += 1;
            }
            b"1" => self
                .asked
                .push_back("NPB-595 VERSION 1.0.0.0 INFO CRC:XXXX SEC:0000 1234\r\n"),
            _ => self.refused += 1,
        }
    }

    fn read(&mut self, at: Duration) -> Reading {
        let vitals = self.patient.at(at);
        let mut reading = Reading {
            spo2: (None, false),
            pr: (None, false),
            amplitude: None,
            columns: [""; 4],
        };
        if vitals.probe_off {
            let since = *self.off_since.get_or_insert(at);
            // First the pulse is gone, then the device knows why.
            if at - since < STANDS {
                (reading.spo2.0, reading.pr.0) = self.shown;
                reading.columns[0] = "PS";
            } else {
                reading.columns[0] = "SO";
                reading.columns[3] = "AS";
            }
            self.searches_since = None;
            return reading;
        }
        self.off_since = None;
        let searches_since = *self.searches_since.get_or_insert(at);
        if at - searches_since < SEARCHES {
            (reading.spo2.0, reading.pr.0) = (Some(0), Some(0));
            reading.columns[0] = "PS";
            return reading;
        }
        measure(at, &vitals, &mut reading);
        self.shown = (reading.spo2.0, reading.pr.0);
        reading
    }
}

fn measure(at: Duration, vitals: &Vitals, reading: &mut Reading) {
    let whole = |value: Option<f64>, most: f64| {
        value
            .map(|value| value.round().clamp(0.0, most) as u16)
            .filter(|value| *value > 0)
    };
    let (spo2, pr) = (whole(vitals.spo2, 100.0), whole(vitals.pulse, 300.0));
    let spo2_low = spo2.is_some_and(|spo2| spo2 < 90);
    let (pr_low, pr_high) = (pr.is_some_and(|pr| pr < 60), pr.is_some_and(|pr| pr > 170));
    reading.spo2 = (spo2, spo2_low);
    reading.pr = (pr, pr_low || pr_high);
    reading.amplitude = Some((40.0 + 30.0 * (at.as_secs_f64() / 11.0).sin()) as u16);
    if vitals.artefact {
        reading.columns[0] = "MO";
    }
    reading.columns[1] = match (spo2_low, pr_low, pr_high) {
        (true, ..) => "SL",
        (_, true, _) => "PL",
        (.., true) => "PH",
        _ => "",
    };
}

fn said(reading: &Reading) -> Values {
    let valid = !["PS", "SO"].contains(&reading.columns[0]);
    let whole = |value: Option<u16>| value.filter(|_| valid).map(|value| value.to_string());
    values([("spo2", whole(reading.spo2.0)), ("pr", whole(reading.pr.0))])
}

impl Device for Nellcor {
    fn hear(&mut self, _at: Duration, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.hear_byte(*byte));
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        if let Some(text) = self.asked.pop_front().filter(|_| !self.stopped) {
            return Some(Chunk::plain(text.as_bytes().to_vec()));
        }
        while at >= self.next {
            let now = self.next;
            self.next += EVERY;
            let reading = self.read(now);
            if self.stopped || self.menu.is_some() {
                continue;
            }
            let mut text = String::new();
            if self.lines.is_multiple_of(LINES) {
                text = header(self.model);
            }
            self.lines += 1;
            text += &line(self.model, SWITCHED_ON.after(now), &reading);
            return Some(Chunk {
                bytes: text.into_bytes(),
                truth: Some(said(&reading)),
            });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Generator, Scenario};

    fn moment(day: u64, hour: u64, minute: u64, second: u64) -> Moment {
        Moment {
            year: 2017,
            month: 12,
            day,
            second: hour * 3600 + minute * 60 + second,
        }
    }

    #[test]
    fn the_public_lines_come_out_as_they_were_captured() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let check = |second: u64, spo2, pr, amplitude, columns, expected: &str| {
            let reading = Reading {
                spo2,
                pr,
                amplitude,
                columns,
            };
            let line = line(Model::N560, moment(29, 7, 18, second), &reading);
            assert!(line.ends_with("\r\n") && line.len() < 80);
            assert_eq!(words(&line), words(expected));
        };
        check(
            43,
            (Some(99), false),
            (Some(66), false),
            Some(12),
            ["", "", "", ""],
            "29-Dec-17 07:18:43    99      66      12",
        );
        check(
            57,
            (Some(89), true),
            (Some(66), false),
            Some(201),
            ["MO", "SL", "", ""],
            "29-Dec-17 07:18:57    89*     66     201    MO SL",
        );
        check(
            29,
            (None, false),
            (None, false),
            None,
            ["SD", "", "", "AS"],
            "29-Dec-17 07:18:29   ---     ---     ---    SD          AS",
        );
    }

    fn nellcor() -> Nellcor {
        Nellcor::new(Model::N560, Box::new(Generator::new(1, Scenario::ProbeOff)))
    }

    fn text(chunk: Option<Chunk>) -> String {
        chunk.map_or(String::new(), |chunk| String::from_utf8(chunk.bytes).unwrap())
    }

    #[test]
    fn a_header_stands_before_every_25_lines() {
        let mut nellcor = nellcor();
        let headers: Vec<bool> = (0..60)
            .map(|n| text(nellcor.next(EVERY * n)).contains("VERSION"))
            .collect();
        let places: Vec<usize> = (0..60).filter(|n| headers[*n]).collect();
        assert_eq!(places, [0, 25, 50]);
    }

    #[test]
    fn xoff_stops_it_and_xon_lets_it_go_on() {
        let mut nellcor = nellcor();
        assert!(nellcor.next(Duration::ZERO).is_some());
        nellcor.hear(Duration::ZERO, &[XOFF]);
        assert!(nellcor.next(Duration::from_secs(9)).is_none());
        nellcor.hear(Duration::from_secs(9), &[XON]);
        assert!(text(nellcor.next(Duration::from_secs(10))).contains("23:50:10"));
        assert_eq!((nellcor.xons(), nellcor.refused()), (1, 0));
    }

    #[test]
    fn the_menu_stops_the_data_until_it_is_left() {
        let mut nellcor = nellcor();
        nellcor.next(Duration::ZERO);
        nellcor.hear(Duration::ZERO, &[CTRL_C, CTRL_C]);
        assert!(text(nellcor.next(Duration::ZERO)).contains("1) Dump"));
        assert_eq!(text(nellcor.next(Duration::ZERO)), "0) Exit\r\n");
        assert!(nellcor.next(Duration::from_secs(6)).is_none());
        nellcor.hear(Duration::from_secs(6), b"0\r\n");
        assert!(nellcor.next(Duration::from_secs(8)).is_some());
        assert_eq!((nellcor.exits(), nellcor.refused()), (1, 0));
        nellcor.hear(Duration::from_secs(8), b"x");
        assert_eq!(nellcor.refused(), 1);
    }

    #[test]
    fn old_numbers_and_zeros_beside_ps_are_no_values() {
        let mut nellcor = nellcor();
        let chunks: Vec<Chunk> = (0..40).filter_map(|n| nellcor.next(EVERY * n)).collect();
        let spo2 = |n: usize| chunks[n].truth.as_ref().unwrap()["spo2"].clone();
        let line = |n: usize| String::from_utf8(chunks[n].bytes.clone()).unwrap();
        assert!(line(0).contains(" 0 ") && line(0).contains("PS") && spo2(0).is_none());
        assert!(spo2(10).is_some());
        assert!(line(21).contains("PS") && !line(21).contains(" 0 ") && spo2(21).is_none());
        assert!(line(30).contains("---") && line(30).contains("SO"));
    }
}
