//! The contract between a decoder and whoever owns the port: hear, then step until [`Step::SleepUntil`], then wait.

use std::time::Duration;

use vitals::{DeviceAlarm, LabResult, Measured, MonoTime, Observation, WaveBlock};

/// A conversation with one device. It owns no port and no clock, so every capture, torn read and time-out is a plain test.
pub trait Dialogue: Send {
    /// These bytes arrived now, in any cut. Never panics, whatever they are; keeps a bounded amount.
    fn heard(&mut self, now: MonoTime, bytes: &[u8]);

    /// What to do next. Call until it returns [`Step::SleepUntil`]; then wait for bytes or for that time.
    fn step(&mut self, now: MonoTime) -> Step;

    /// The port was lost and is open again: half a frame is forgotten, and what must not be told twice is not. False when
    /// there is nothing to remember: a new dialogue takes its place.
    fn reopened(&mut self) -> bool {
        false
    }
}

/// What a dialogue wants or has found.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Write these bytes: a request for data, never anything else (I10).
    Send(Vec<u8>),
    /// Write these bytes as soon as everything that was seen before is kept (I1): an acknowledgement on which the device
    /// deletes what it sent.
    SendWhenKept(Vec<u8>),
    /// A device said something.
    Saw(Seen),
    /// Something was wrong with the line; counted and shown to the technician.
    Fault(LineFault),
    /// Nothing more to do before this time, unless bytes arrive.
    SleepUntil(MonoTime),
}

/// What a device said.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// About the patient.
    Vital(Observation),
    /// About the patient, from a measurement that is over (a cuff pressure).
    Earlier {
        /// What was measured.
        seen: Observation,
        /// How long before the bytes that say so were complete.
        ago: Duration,
    },
    /// A stretch of a curve.
    Wave(WaveBlock),
    /// The device's own alarms that are present now, most urgent first: the whole list, each time it changes.
    Alarms(Vec<DeviceAlarm>),
    /// A laboratory result: of a specimen, not of whoever lies at a bed.
    Lab(Box<LabResult>),
    /// About the post itself (fridge, battery): the signal's id in its map, the value, its unit.
    Site {
        /// The signal's id in its map file.
        signal: String,
        /// The value or the reason.
        measured: Measured,
        /// The unit.
        unit: String,
    },
    /// Nothing but that the device is there.
    Alive,
}

/// What can be wrong on a line. Device trouble is data, not an error of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineFault {
    /// A frame's checksum did not fit.
    BadChecksum,
    /// Bytes that belong to no frame were skipped until the next good one.
    Resynchronised {
        /// How many bytes were skipped.
        skipped: u32,
    },
    /// A frame came whole but out of its order, so the group it belonged to was dropped.
    OutOfOrder,
    /// Values differed so much from one packet to the next, or came over a line so bad, that a second packet or message must
    /// confirm them.
    Unconfirmed,
    /// The device did not answer a request in time.
    NoAnswer,
    /// The device answered something else than it was asked.
    WrongAnswer,
    /// A result is of a control material and not of a patient: it is not used.
    QualityControl,
    /// A message was broken off before its end: nothing of it is used, and the device sends it again.
    BrokenOff,
    /// The device plays invented patients (demonstration, test or service mode): nothing that it says is used.
    NotAPatient,
    /// The device refused a request (Modbus exception code, for example).
    Refused {
        /// The device's own number for the reason.
        code: u8,
    },
    /// A message came whole and could not be read, or was not one that is read here.
    BadMessage,
    /// A message, or one part of it, was longer than it may be.
    TooLong,
    /// More messages came than a device may send in a second; the rest was dropped.
    TooMany,
    /// One item of a message could not be read; the rest was used. A listening line keeps the item as it came.
    BadItem,
    /// A message was about a bed that the configuration does not name.
    UnknownLocation,
    /// A code that the central table does not know; the value was not used.
    UnknownCode {
        /// The device's own number.
        code: u32,
    },
}

impl LineFault {
    /// Whether the way from the device is at fault (cable, plugs, speed, disturbance), and not what the device says.
    pub fn is_damage(self) -> bool {
        matches!(
            self,
            LineFault::BadChecksum
                | LineFault::Resynchronised { .. }
                | LineFault::OutOfOrder
                | LineFault::NoAnswer
                | LineFault::WrongAnswer
                | LineFault::BrokenOff
                | LineFault::TooLong
        )
    }
}
