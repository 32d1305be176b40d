//! Messages of sensors as text.
//!
//! `!device NAME` is a device of the line, by its number from 0. `@seconds` is a time. Every other line is a message:
//! `NAME {...}`, or `retained NAME {...}` where the broker had kept it. `#` begins a comment.

use drivers::sensor_json::Arrived;
use vitals::{DeviceId, MonoTime};

/// One message of a case.
pub struct Sent {
    pub at: MonoTime,
    pub device: String,
    pub retained: bool,
    pub payload: Vec<u8>,
}

/// The devices and the messages of a case.
pub fn parse(text: &str) -> (Vec<DeviceId>, Vec<Sent>) {
    let (mut devices, mut sent, mut at) = (Vec::new(), Vec::new(), MonoTime::BOOT);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("!device ") {
            devices.push(name.parse().expect("a device's name"));
        } else if let Some(seconds) = line.strip_prefix('@') {
            let seconds: f64 = seconds.trim().parse().expect("seconds");
            at = MonoTime::from_ms((seconds * 1000.0).round() as u64);
        } else if !line.starts_with('#') {
            let (retained, rest) = match line.strip_prefix("retained ") {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let (device, payload) = rest.split_once(' ').expect("a message follows its device");
            sent.push(Sent {
                at,
                device: device.to_owned(),
                retained,
                payload: payload.as_bytes().to_vec(),
            });
        }
    }
    (devices, sent)
}

impl Sent {
    pub fn arrived(&self) -> Arrived<'_> {
        Arrived {
            device: &self.device,
            payload: &self.payload,
            retained: self.retained,
        }
    }
}
