//! Modbus devices: what is in their registers ([`Unit`]), how they answer ([`Server`]), RTU and TCP framing.
//!
//! M1. A request to write is never obeyed: exception 1, and it is counted (I10).
//! M2. Only configured units answer; unit 0 (broadcast) and foreign units get silence.
//! M3. A damaged request gets silence, never a guess.
//! M4. The banks change once a second of device time, all units at once; [`Server::refresh`] tells what they took.

use std::collections::BTreeMap;
use std::time::Duration;

mod bank;
mod frame;
mod unit;

pub use bank::{Answer, Bank, answer};
pub use frame::{RTU_BYTES_MAX, TCP_BYTES_MAX, crc16};
pub use unit::Unit;

use crate::truth::Values;

/// All units behind one port.
pub struct Server {
    units: BTreeMap<u8, Mounted>,
    refreshed_s: Option<u64>,
    requests: u64,
    writes_refused: u64,
}

struct Mounted {
    name: String,
    unit: Unit,
    bank: Bank,
    values: Values,
}

/// The unit cannot be put on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MountError {
    /// Not a unit number.
    #[error("unit {0} is not possible; Modbus units are 1 to 247")]
    BadNumber(u8),
    /// The number is taken.
    #[error("unit {0} is given twice; each unit on a line needs its own number")]
    Taken(u8),
}

impl Server {
    /// A line with nothing on it.
    pub fn new() -> Server {
        Server {
            units: BTreeMap::new(),
            refreshed_s: None,
            requests: 0,
            writes_refused: 0,
        }
    }

    /// Puts a unit on the line, before the first [`Server::refresh`].
    ///
    /// # Errors
    /// When the number is not 1 to 247 or is taken.
    pub fn mount(&mut self, number: u8, name: String, unit: Unit) -> Result<(), MountError> {
        if !(1..=247).contains(&number) {
            return Err(MountError::BadNumber(number));
        }
        if self.units.contains_key(&number) {
            return Err(MountError::Taken(number));
        }
        let mounted = Mounted {
            name,
            unit,
            bank: Bank::default(),
            values: Values::new(),
        };
        self.units.insert(number, mounted);
        Ok(())
    }

    /// Brings the banks to device time `t`. Returns (name, values) of each unit when a new second has begun.
    pub fn refresh(&mut self, t: Duration) -> Vec<(String, Values)> {
        if self.refreshed_s == Some(t.as_secs()) {
            return Vec::new();
        }
        self.refreshed_s = Some(t.as_secs());
        let mut taken = Vec::new();
        for mounted in self.units.values_mut() {
            (mounted.bank, mounted.values) = mounted.unit.measure(t);
            taken.push((mounted.name.clone(), mounted.values.clone()));
        }
        taken
    }

    /// The answer to a whole RTU frame; `None` = silence.
    pub fn answer_rtu(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let (unit, pdu) = frame::open_rtu(request)?;
        let answer = self.answer(unit, pdu)?;
        Some(frame::close_rtu(unit, &answer))
    }

    /// The answer to a whole TCP message; `None` = silence.
    pub fn answer_tcp(&mut self, request: &[u8]) -> Option<Vec<u8>> {
        let (header, pdu) = frame::open_tcp(request)?;
        let answer = self.answer(header.unit, pdu)?;
        Some(frame::close_tcp(header, &answer))
    }

    /// Name and present values of the unit that an answer comes from.
    pub fn said(&self, unit: u8) -> Option<(&str, &Values)> {
        let mounted = self.units.get(&unit)?;
        Some((&mounted.name, &mounted.values))
    }

    /// Requests that were understood, for any unit.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Requests to change something, for any unit: all refused (I10).
    pub fn writes_refused(&self) -> u64 {
        self.writes_refused
    }

    fn answer(&mut self, unit: u8, pdu: &[u8]) -> Option<Vec<u8>> {
        self.requests += 1;
        let mounted = self.units.get(&unit);
        let nothing = Bank::default();
        let answer = answer(mounted.map_or(&nothing, |mounted| &mounted.bank), pdu);
        if answer.refused_write {
            self.writes_refused += 1;
        }
        mounted.map(|_| answer.pdu)
    }
}

impl Default for Server {
    fn default() -> Server {
        Server::new()
    }
}

/// Collects what comes over a serial line until a whole request stands at its end: a master falls silent when it
/// waits for the answer, so a request always ends what was received.
#[derive(Debug, Default)]
pub struct RtuInput {
    bytes: Vec<u8>,
    last: Duration,
}

/// A longer pause than this ends whatever was being received. Far above 3.5 characters: pseudo-terminals and
/// USB adapters tear frames apart.
const PAUSE: Duration = Duration::from_millis(100);

impl RtuInput {
    /// These bytes arrived at device time `at`. Returns a request that is whole and whose check fits.
    pub fn heard(&mut self, at: Duration, bytes: &[u8]) -> Option<Vec<u8>> {
        if at > self.last + PAUSE {
            self.bytes.clear();
        }
        self.last = at;
        self.bytes.extend_from_slice(bytes);
        let excess = self.bytes.len().saturating_sub(RTU_BYTES_MAX);
        self.bytes.drain(..excess);
        let start = (0..self.bytes.len()).find(|start| frame::is_request(&self.bytes[*start..]))?;
        let request = self.bytes.split_off(start);
        self.bytes.clear();
        Some(request)
    }
}

#[cfg(test)]
mod tests;
