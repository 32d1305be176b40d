//! A Contec CMS50 finger oximeter on its serial port, both generations, as the protocol sheet describes them.
//!
//! - The older generation sends 60 packets of 5 bytes a second, unasked, and takes no command here.
//! - V7.0 sends 60 packets of 9 bytes a second after a start command, and stops [`KEEP_ALIVE_WITHIN`] after the last
//!   keep-alive. Every command but start, stop and keep-alive is refused and counted (I10).

use std::time::Duration;

use crate::curves::Curves;
use crate::device::{Chunk, Device, Family, Options};
use crate::patient::{Patient, Vitals};
use crate::truth::values;

/// Packets a second.
pub const PACKETS_PER_S: u64 = 60;

/// Without a keep-alive for this long the device stops.
pub const KEEP_ALIVE_WITHIN: Duration = Duration::from_secs(5);

/// The pulse is searched for so long after the finger was put in.
const SEARCHES: Duration = Duration::from_secs(3);

/// The numbers are renewed this often.
const RENEWED: u64 = PACKETS_PER_S;

const COMMAND: u8 = 0x7D;
const START: u8 = 0xA1;
const STOP: u8 = 0xA2;
const KEEP_ALIVE: u8 = 0xAF;

/// What the command line knows about it.
pub const FAMILY: Family = Family {
    name: "contec",
    title: "Contec CMS50 finger oximeter",
    options: &[("generation", "v7 (usual) or old")],
    make: |patient, options| Ok(Box::new(Contec::new(generation(options)?, patient))),
};

fn generation(options: &Options) -> Result<Generation, String> {
    match options.get("generation").unwrap_or("v7") {
        "v7" => Ok(Generation::Seven),
        "old" => Ok(Generation::Old),
        other => Err(format!("{other:?} is no generation: write v7 or old")),
    }
}

/// Which packets it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// 5 bytes.
    Old,
    /// V7.0: 9 bytes.
    Seven,
}

/// What a packet says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Signal strength, 0 to 8 (older: 15).
    pub signal: u8,
    /// A pulse was just felt.
    pub beep: bool,
    /// Finger out.
    pub probe_error: bool,
    /// Searching the pulse.
    pub searching: bool,
    /// 0 to 127
    pub pleth: u8,
    /// 0 to 15
    pub bar: u8,
    /// 1/min
    pub pr: Option<u8>,
    /// %
    pub spo2: Option<u8>,
    /// Hundredths of a per cent.
    pub pi: Option<u16>,
}

/// 5 bytes of the older generation.
pub fn packet_old(reading: Reading) -> [u8; 5] {
    let pr = reading.pr.unwrap_or(0);
    let bit = |is: bool, place: u8| u8::from(is) << place;
    [
        0x80 | bit(reading.beep, 6) | bit(reading.probe_error, 4) | reading.signal & 0x0F,
        reading.pleth & 0x7F,
        bit(pr >= 128, 6) | bit(reading.searching, 5) | reading.bar & 0x0F,
        pr & 0x7F,
        reading.spo2.unwrap_or(0) & 0x7F,
    ]
}

/// A real-time packet of V7.0.
pub fn packet_seven(reading: Reading) -> [u8; 9] {
    let bit = |is: bool, place: u8| u8::from(is) << place;
    let [pi_low, pi_high] = reading.pi.unwrap_or(0xFFFF).to_le_bytes();
    let data = [
        reading.signal & 0x0F | bit(reading.beep, 6) | bit(reading.probe_error, 7),
        reading.pleth & 0x7F | bit(reading.searching, 7),
        reading.bar & 0x0F | bit(reading.pi.is_none(), 4),
        reading.pr.unwrap_or(0xFF),
        reading.spo2.unwrap_or(0x7F),
        pi_low,
        pi_high,
    ];
    let mut packet = [0x01, 0x80, 0, 0, 0, 0, 0, 0, 0];
    for (place, byte) in data.into_iter().enumerate() {
        packet[1] |= (byte >> 7) << place;
        packet[2 + place] = 0x80 | byte;
    }
    packet
}

/// The device on a patient.
pub struct Contec {
    generation: Generation,
    patient: Box<dyn Patient>,
    curves: Curves,
    packets: u64,
    reading: Reading,
    searches_until: Duration,
    alive_at: Option<Duration>,
    command: Vec<u8>,
    starts: u64,
    keep_alives: u64,
    refused: u64,
}

impl Contec {
    /// A device that was just switched on.
    pub fn new(generation: Generation, patient: Box<dyn Patient>) -> Contec {
        Contec {
            generation,
            patient,
            curves: Curves::default(),
            packets: 0,
            reading: Reading::default(),
            searches_until: SEARCHES,
            alive_at: None,
            command: Vec::new(),
            starts: 0,
            keep_alives: 0,
            refused: 0,
        }
    }

    /// How often it was told to start, and to go on.
    pub fn asked(&self) -> (u64, u64) {
        (self.starts, self.keep_alives)
    }

    /// Commands, or bytes to a device that takes none, that were not followed.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn is_sending(&self, at: Duration) -> bool {
        match self.generation {
            Generation::Old => true,
            Generation::Seven => self.alive_at.is_some_and(|alive| at < alive + KEEP_ALIVE_WITHIN),
        }
    }

    fn obey(&mut self, at: Duration, command: &[u8]) {
        // The second byte gives the command its bit 7; all others are empty.
        let known = command[1] == 0x81 && command[3..].iter().all(|byte| *byte == 0x80);
        match command[2] {
            START if known => {
                self.alive_at = Some(at);
                self.starts += 1;
            }
            KEEP_ALIVE if known => {
                self.alive_at = self.alive_at.filter(|_| self.is_sending(at)).map(|_| at);
                self.keep_alives += 1;
            }
            STOP if known => self.alive_at = None,
            _ => self.refused += 1,
        }
    }

    fn renew(&mut self, at: Duration, vitals: &Vitals) {
        if vitals.probe_off {
            self.searches_until = at + SEARCHES;
            self.reading = Reading {
                probe_error: true,
                ..Reading::default()
            };
            return;
        }
        let searching = at < self.searches_until;
        let whole = |value: Option<f64>, most: f64| {
            let value = value.filter(|value| value.round() >= 1.0 && !searching);
            value.map(|value| value.round().min(most) as u8)
        };
        self.reading = Reading {
            signal: if searching { 1 } else { 6 },
            searching,
            pr: whole(vitals.pulse, 254.0),
            spo2: whole(vitals.spo2, 100.0),
            pi: (!searching).then(|| (420.0 + 40.0 * (at.as_secs_f64() / 20.0).sin()) as u16),
            ..Reading::default()
        };
    }

    fn packet(&mut self, at: Duration) -> Chunk {
        // The finger is felt at once, the numbers change once a second.
        let vitals = self.patient.at(at);
        let changed = vitals.probe_off != self.reading.probe_error;
        if changed || self.packets.is_multiple_of(RENEWED) {
            self.renew(at, &vitals);
        }
        let step = Duration::from_nanos(1_000_000_000 / PACKETS_PER_S);
        self.curves.advance(step, vitals.pulse, vitals.resp);
        let height = self
            .patient
            .pleth(at)
            .unwrap_or(self.curves.pleth())
            .clamp(0.0, 1.0);
        self.reading.beep = height > 0.75;
        self.reading.bar = (height * 15.0) as u8;
        self.reading.pleth = match self.reading.probe_error {
            true => 0x40,
            false => (height * 127.0) as u8,
        };
        let reading = self.reading;
        let whole = |value: Option<u8>| value.map(|value| value.to_string());
        let mut truth = values([("spo2", whole(reading.spo2)), ("pr", whole(reading.pr))]);
        let bytes = match self.generation {
            Generation::Old => packet_old(reading).to_vec(),
            Generation::Seven => {
                let pi = reading.pi.map(|pi| format!("{}.{:02}", pi / 100, pi % 100));
                truth.insert("pi".to_owned(), pi);
                packet_seven(reading).to_vec()
            }
        };
        Chunk {
            bytes,
            truth: Some(truth),
        }
    }
}

impl Device for Contec {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        if self.generation == Generation::Old {
            self.refused += bytes.len() as u64;
            return;
        }
        for byte in bytes {
            if *byte == COMMAND {
                self.command.clear();
            }
            self.command.push(*byte);
            if self.command.len() == 9 {
                let command = std::mem::take(&mut self.command);
                if command.first() == Some(&COMMAND) {
                    self.obey(at, &command);
                } else {
                    self.refused += 1;
                }
            }
        }
    }

    fn next(&mut self, at: Duration) -> Option<Chunk> {
        loop {
            let due = Duration::from_nanos(self.packets * 1_000_000_000 / PACKETS_PER_S);
            if at < due {
                return None;
            }
            let chunk = self.packet(due);
            self.packets += 1;
            if self.is_sending(due) {
                return Some(chunk);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patient::{Generator, Scenario};

    const READING: Reading = Reading {
        signal: 6,
        beep: true,
        probe_error: false,
        searching: false,
        pleth: 55,
        bar: 7,
        pr: Some(72),
        spo2: Some(97),
        pi: Some(420),
    };

    #[test]
    fn the_vectors_of_the_sheet_come_out() {
        assert_eq!(packet_old(READING), [0xC6, 0x37, 0x07, 0x48, 0x61]);
        let fast = Reading {
            pr: Some(150),
            beep: false,
            ..READING
        };
        assert_eq!(packet_old(fast), [0x86, 0x37, 0x47, 0x16, 0x61]);
        let out = Reading {
            probe_error: true,
            ..Reading::default()
        };
        assert_eq!(packet_old(out), [0x90, 0, 0, 0, 0]);
        let calm = Reading {
            beep: false,
            ..READING
        };
        assert_eq!(
            packet_seven(calm),
            [0x01, 0xA0, 0x86, 0xB7, 0x87, 0xC8, 0xE1, 0xA4, 0x81]
        );
        let without = Reading {
            pr: Some(150),
            pi: None,
            ..READING
        };
        assert_eq!(
            packet_seven(without),
            [0x01, 0xE8, 0xC6, 0xB7, 0x97, 0x96, 0xE1, 0xFF, 0xFF]
        );
        let out = Reading { pleth: 0x40, ..out };
        assert_eq!(
            packet_seven(out),
            [0x01, 0xE9, 0x80, 0xC0, 0x90, 0xFF, 0xFF, 0xFF, 0xFF]
        );
    }

    fn contec(generation: Generation) -> Contec {
        Contec::new(generation, Box::new(Generator::new(1, Scenario::Stable)))
    }

    fn packets(contec: &mut Contec, until: Duration) -> usize {
        std::iter::from_fn(|| contec.next(until)).count()
    }

    fn command(code: u8) -> [u8; 9] {
        [COMMAND, 0x81, code, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]
    }

    #[test]
    fn v7_sends_when_asked_and_stops_without_keep_alive() {
        let mut contec = contec(Generation::Seven);
        assert_eq!(packets(&mut contec, Duration::from_secs(1)), 0);
        contec.hear(Duration::from_secs(1), &command(START));
        assert_eq!(packets(&mut contec, Duration::from_secs(2)), 60);
        contec.hear(Duration::from_secs(2), &command(KEEP_ALIVE));
        assert_eq!(packets(&mut contec, Duration::from_secs(20)), 299);
        contec.hear(Duration::from_secs(20), &command(KEEP_ALIVE));
        assert_eq!(packets(&mut contec, Duration::from_secs(21)), 0);
        assert_eq!((contec.asked(), contec.refused()), ((1, 2), 0));
        contec.hear(Duration::from_secs(21), &command(0xAE));
        assert_eq!(contec.refused(), 1);
    }

    #[test]
    fn the_older_one_sends_unasked() {
        let mut contec = contec(Generation::Old);
        assert_eq!(packets(&mut contec, Duration::from_millis(999)), 60);
        contec.hear(Duration::from_secs(1), &command(START));
        assert_eq!(contec.refused(), 9);
    }
}
