//! What every simulated device is to the program that runs it: bytes in, bytes out, and a clock that is given.
//!
//! Families that stream, answer or dial have one [`Device`] each and stand in [`FAMILIES`]; Modbus units and the Nonin
//! oximeter are older and have programs of their own.

use std::time::Duration;

use crate::patient::Patient;
use crate::truth::Values;

/// A device on one line. It owns no port and no clock.
pub trait Device: Send {
    /// Bytes from the other end arrived at device time `at`; one datagram where the line is made of datagrams.
    fn hear(&mut self, at: Duration, bytes: &[u8]);

    /// What leaves the device next, if its time has come; call until there is nothing more.
    fn next(&mut self, at: Duration) -> Option<Chunk>;
}

/// What leaves a device in one piece: a frame, a line, a datagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they say, by code key; `None` for a value that the device says it does not have. Nothing for chunks without
    /// values.
    pub truth: Option<Values>,
}

impl Chunk {
    /// Bytes that say nothing about the patient.
    pub fn plain(bytes: Vec<u8>) -> Chunk {
        Chunk { bytes, truth: None }
    }
}

/// How a device is set up on the command line: `--option KEY=VALUE`, in the order given.
#[derive(Clone, Debug, Default)]
pub struct Options(pub Vec<(String, String)>);

impl Options {
    /// The last value of this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut found = self.0.iter().rev().filter(|(known, _)| known == key);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on: `--option KEY=yes`.
    pub fn is_on(&self, key: &str) -> bool {
        self.get(key) == Some("yes")
    }
}

/// A family that can be played.
#[derive(Clone, Copy)]
pub struct Family {
    /// What stands on the command line.
    pub name: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    /// The keys of [`Options`] that it knows, with what they mean.
    pub options: &'static [(&'static str, &'static str)],
    /// Makes one. Fails with a sentence about what is wrong with the options.
    pub make: Make,
}

/// Puts a device on a patient.
pub type Make = fn(Box<dyn Patient>, &Options) -> Result<Box<dyn Device>, String>;

/// Every family that can be played, by name.
pub const FAMILIES: &[Family] = &[
    crate::intellivue::FAMILY,
    crate::datex_dri::FAMILY,
    crate::medibus::FAMILY,
    crate::nonin_text::FAMILY,
    crate::masimo::FAMILY,
    crate::nellcor::FAMILY,
    crate::contec::FAMILY,
    crate::hl7::FAMILY,
    crate::mindray_pds::FAMILY,
    crate::astm::FAMILY,
];

/// The family of this name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}
