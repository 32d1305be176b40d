//! A Dräger ventilator that speaks MEDIBUS, as the protocol sheet describes it.
//!
//! M1. Every command of the host has one answer of the same code: empty for what the ventilator does not know, NAK for what
//!     came damaged. Nothing that a host can say changes how it ventilates.
//! M2. The line carries as many bytes as 19200 8E1 does. Curves come at their time, between any two bytes of a slow frame;
//!     now and then a command of its own stands inside a list.
//! M3. A host that is silent for 3 s is gone: the session is over until somebody opens a new one.

mod say;
mod wire;

use std::collections::VecDeque;
use std::time::Duration;

use crate::curves::Curves;
use crate::device::{Chunk, Device, Family, Options};
use crate::patient::{Patient, Vitals};
use crate::truth::Values;
use say::Setting;
use wire::{ESC, Ear, FromHost, NAK, SOH};

/// In the list of devices.
pub const FAMILY: Family = Family {
    name: "medibus",
    title: "A Dräger ventilator that speaks MEDIBUS",
    options: &[
        ("co2", "kpa: CO2 in kPa; mmHg when left out"),
        (
            "standby",
            "yes: the ventilator stands by, with numbers in its list",
        ),
        ("begins", "yes: the ventilator opens the session, not the host"),
    ],
    make: Ventilator::make,
};

/// 11 bits a byte at 19200 bits a second.
const BYTE: Duration = Duration::from_nanos(11_000_000_000 / 19_200);

/// M3.
const HOST_GONE_AFTER: Duration = Duration::from_secs(3);

/// Between an answer and a command of its own inside one.
const OWN_COMMAND_EVERY: Duration = Duration::from_secs(7);

/// While the ventilator opens the session itself.
const OPEN_EVERY: Duration = Duration::from_secs(3);

/// Most frames that wait to be sent; a host that asks without waiting gets no more.
const WAITING_MAX: usize = 16;

/// The ventilator.
pub struct Ventilator {
    patient: Box<dyn Patient>,
    setting: Setting,
    begins: bool,
    ear: Ear,
    is_open: bool,
    heard: Duration,
    opened: Option<Duration>,
    own_command: Duration,
    waiting: VecDeque<Frame>,
    /// The line is busy until then.
    free: Duration,
    vitals: Vitals,
    curves: Curves,
    drawn: Duration,
    selected: Vec<u8>,
    enabling: Vec<u8>,
    next_sample: Option<Duration>,
    inspires: bool,
}

/// A slow frame that is being sent.
struct Frame {
    bytes: VecDeque<u8>,
    truth: Option<Values>,
}

impl Ventilator {
    /// Just switched on.
    ///
    /// # Errors
    /// When an option has a value that it does not know.
    pub fn make(patient: Box<dyn Patient>, options: &Options) -> Result<Box<dyn Device>, String> {
        let co2_in_kpa = match options.get("co2") {
            None | Some("mmhg") => false,
            Some("kpa") => true,
            Some(other) => return Err(format!("co2={other}: write mmhg or kpa")),
        };
        Ok(Box::new(Ventilator {
            patient,
            setting: Setting {
                co2_in_kpa,
                standby: options.is_on("standby"),
            },
            begins: options.is_on("begins"),
            ear: Ear::default(),
            is_open: false,
            heard: Duration::ZERO,
            opened: None,
            own_command: OWN_COMMAND_EVERY,
            waiting: VecDeque::new(),
            free: Duration::ZERO,
            vitals: Vitals::default(),
            curves: Curves::default(),
            drawn: Duration::ZERO,
            selected: Vec::new(),
            enabling: Vec::new(),
            next_sample: None,
            inspires: false,
        }))
    }

    fn send(&mut self, bytes: Vec<u8>, truth: Option<Values>) {
        if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back(Frame {
                bytes: bytes.into(),
                truth,
            });
        }
    }

    fn command(&mut self, at: Duration, code: u8, argument: &[u8]) {
        if code == b'Q' {
            self.is_open = true;
            self.next_sample = None;
        }
        if !self.is_open {
            return;
        }
        let mut truth = None;
        let payload = match code {
            b'R' => b"8210'EVITA 4'03.10:04.00".to_vec(),
            b'$' => {
                self.vitals = self.patient.at(at);
                let (list, said) = say::data(&self.vitals, self.setting);
                truth = Some(said);
                list
            }
            b'\'' => {
                self.vitals = self.patient.at(at);
                say::alarms(&self.vitals)
            }
            b'*' => say::texts(self.setting),
            b'(' => say::time(at),
            b'S' => say::curve_list(),
            b'T' => {
                self.select(argument);
                Vec::new()
            }
            _ => Vec::new(),
        };
        let mut bytes = wire::frame(SOH, code, &payload);
        if code == b'$' && at >= self.own_command {
            // M2: it interrupts itself in the middle of its list.
            self.own_command = at + OWN_COMMAND_EVERY;
            let middle = bytes.len() / 2;
            bytes.splice(middle..middle, wire::frame(ESC, b'0', &[]));
        }
        self.send(bytes, truth);
        if code == b'U' {
            self.close();
        }
    }

    fn close(&mut self) {
        self.is_open = false;
        self.next_sample = None;
    }

    /// `00010601`: curves 00 and 06, each sample.
    fn select(&mut self, argument: &[u8]) {
        let code = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(&pair[..2]).ok()?, 16).ok();
        let codes: Vec<u8> = argument.chunks_exact(4).filter_map(code).collect();
        let known = |code: &u8| say::CURVES.iter().any(|(known, ..)| known == code);
        self.selected = codes.into_iter().filter(known).take(4).collect();
    }

    /// D0, pairs of a group and its streams, C0 C0.
    fn enable(&mut self, at: Duration, byte: u8) {
        if byte == 0xD0 {
            self.enabling = vec![byte];
        } else if !self.enabling.is_empty() && self.enabling.len() < 9 {
            self.enabling.push(byte);
        }
        if self.enabling.ends_with(&[0xC0, 0xC0]) && self.enabling.len() % 2 == 1 {
            let pairs = self.enabling[1..].chunks_exact(2);
            let mut bits = pairs.filter(|pair| pair[0] == 0xC1).map(|pair| pair[1] & 0x0F);
            let wanted = (1u16 << self.selected.len()) - 1;
            let all = bits.next_back().map(u16::from) == Some(wanted);
            self.next_sample = (all && wanted > 0 && self.is_open).then_some(at);
            self.enabling.clear();
        }
    }

    /// One packet of samples: sync, the phase of the breath when it turns, two bytes a stream.
    fn samples(&mut self, at: Duration) -> Vec<u8> {
        self.curves
            .advance(at.saturating_sub(self.drawn), self.vitals.pulse, self.vitals.resp);
        self.drawn = at;
        let mut out = vec![0xD0 | ((1u8 << self.selected.len()) - 1)];
        let inspires = self.curves.breath() > 0.0;
        if inspires != self.inspires {
            self.inspires = inspires;
            out.extend([0xC6, if inspires { 0xC0 } else { 0xC1 }]);
        }
        for code in &self.selected {
            let bin = say::sample(*code, &self.curves);
            out.extend([0x80 | (bin & 0x3F) as u8, 0x80 | (bin >> 6) as u8]);
        }
        out
    }

    fn tick(&mut self, at: Duration) {
        if self.is_open && at.saturating_sub(self.heard) > HOST_GONE_AFTER {
            self.close();
        }
        if self.begins && !self.is_open && self.opened.is_none_or(|opened| at >= opened + OPEN_EVERY) {
            self.opened = Some(at);
            self.send(wire::frame(ESC, b'Q', &[]), None);
            self.send(wire::frame(ESC, b'R', &[]), None);
        }
    }
}

impl Device for Ventilator {
    fn hear(&mut self, at: Duration, bytes: &[u8]) {
        for byte in bytes {
            let Some(what) = self.ear.hear(*byte) else {
                continue;
            };
            self.heard = at;
            match what {
                FromHost::Command(code, argument) => self.command(at, code, &argument),
                FromHost::Response(b'Q') => self.is_open = true,
                FromHost::Response(_) => {}
                FromHost::Damaged => self.send(wire::frame(SOH, NAK, &[]), None),
                FromHost::RealTime(byte) => self.enable(at, byte),
            }
        }
    }

    /// What the line has carried by now, up to the end of a list.
    fn next(&mut self, at: Duration) -> Option<Chunk> {
        self.tick(at);
        let mut chunk = Chunk::default();
        // An idle line does not save up bytes.
        if self.waiting.is_empty() && self.next_sample.is_none() {
            self.free = at;
            return None;
        }
        while self.free <= at {
            if let Some(due) = self.next_sample.filter(|due| *due <= self.free) {
                let packet = self.samples(due);
                self.free += BYTE * packet.len() as u32;
                chunk.bytes.extend(packet);
                self.next_sample = Some(due + say::INTERVAL);
                continue;
            }
            let Some(frame) = self.waiting.front_mut() else {
                // Nothing to do until the next sample.
                self.free = self.next_sample.unwrap_or(at + BYTE);
                continue;
            };
            self.free += BYTE;
            chunk.bytes.extend(frame.bytes.pop_front());
            if frame.bytes.is_empty() {
                chunk.truth = self.waiting.pop_front().and_then(|frame| frame.truth);
                break;
            }
        }
        (!chunk.bytes.is_empty()).then_some(chunk)
    }
}

#[cfg(test)]
mod tests;
