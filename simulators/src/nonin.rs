//! A Nonin OEM pulse oximeter in serial formats 2, 7 and 8, as the protocol sheet describes it.
//!
//! N1. Frames leave at exactly 75 per second (25 to a packet, 3 packets per second), format 8 packets at 1 per second.
//! N2. A value that the device does not have is 511 (rates) or 127 (SpO2), never 0 (I5).
//! N3. The numbers of a packet are those of its first frame; the display values (-D) are renewed every 1.5 s.
//!
//! Owns no port and no clock: [`Sim`] is an endless iterator over what leaves the device and when.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::patient::{Patient, Perfusion, Vitals};
use crate::truth::{Values, values};

/// Frames per packet.
pub const FRAMES: usize = 25;
/// Frames per second.
pub const FRAMES_PER_S: u64 = 75;

const SPO2_MISSING: u8 = 127;
const RATE_MISSING: u16 = 511;
/// A pulse is reported for about 160 ms.
const PULSE_FRAMES: u32 = 12;
/// The display values are renewed this often; 1.5 s is 4.5 packets.
const DISPLAY_RENEWED_AFTER: Duration = Duration::from_millis(1_500);
/// The extended average covers 8 beats, about this many packets.
const EXTENDED_PACKETS: usize = 24;

const SNSD: u8 = 1 << 6;
const ARTF: u8 = 1 << 5;
const OOT: u8 = 1 << 4;
const SNSA: u8 = 1 << 3;
const SYNC: u8 = 1;

/// Serial formats that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 5-byte frames, pleth of 8 bits.
    Two,
    /// 5-byte frames, pleth of 16 bits.
    Seven,
    /// 4-byte packets, once a second.
    Eight,
}

/// The format is not played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no format that can be played; write 2, 7 or 8")]
pub struct BadFormat(String);

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Two => "2",
            Format::Seven => "7",
            Format::Eight => "8",
        })
    }
}

impl FromStr for Format {
    type Err = BadFormat;

    fn from_str(text: &str) -> Result<Format, BadFormat> {
        match text {
            "2" => Ok(Format::Two),
            "7" => Ok(Format::Seven),
            "8" => Ok(Format::Eight),
            _ => Err(BadFormat(text.to_owned())),
        }
    }
}

/// The numbers of one packet of format 2 or 7. `None` = the device has no value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Pulse rate, average of 4 beats, 0 to 510 per minute.
    pub hr: Option<u16>,
    /// Pulse rate, average of 8 beats.
    pub e_hr: Option<u16>,
    /// Pulse rate for a display.
    pub hr_d: Option<u16>,
    /// Pulse rate, average of 8 beats, for a display.
    pub e_hr_d: Option<u16>,
    /// Saturation, average of 4 beats, per cent.
    pub spo2: Option<u8>,
    /// Saturation for a display.
    pub spo2_d: Option<u8>,
    /// Saturation, quick average.
    pub spo2_fast: Option<u8>,
    /// Saturation of the last beat.
    pub spo2_beat: Option<u8>,
    /// Saturation, average of 8 beats.
    pub e_spo2: Option<u8>,
    /// Saturation, average of 8 beats, for a display.
    pub e_spo2_d: Option<u8>,
    /// Firmware revision, sent as it is.
    pub revision: u8,
    /// Counts packets; 14 bits go out.
    pub timer: u16,
    /// Status 2: bit 5 SmartPoint, bit 0 low battery.
    pub status2: u8,
}

impl Numbers {
    /// Byte 4 of the 25 frames.
    pub fn rotating(&self) -> [u8; FRAMES] {
        let [hr_msb, hr_lsb] = rate(self.hr);
        let [e_hr_msb, e_hr_lsb] = rate(self.e_hr);
        let [hr_d_msb, hr_d_lsb] = rate(self.hr_d);
        let [e_hr_d_msb, e_hr_d_lsb] = rate(self.e_hr_d);
        let spo2 = |value: Option<u8>| value.unwrap_or(SPO2_MISSING) & 0x7F;
        let timer = [seven_bits(self.timer >> 7), seven_bits(self.timer)];
        [
            hr_msb,
            hr_lsb,
            spo2(self.spo2),
            self.revision,
            0,
            timer[0],
            timer[1],
            self.status2,
            spo2(self.spo2_d),
            spo2(self.spo2_fast),
            spo2(self.spo2_beat),
            0,
            0,
            e_hr_msb,
            e_hr_lsb,
            spo2(self.e_spo2),
            spo2(self.e_spo2_d),
            0,
            0,
            hr_d_msb,
            hr_d_lsb,
            e_hr_d_msb,
            e_hr_d_lsb,
            0,
            0,
        ]
    }
}

/// One frame of format 2: the sync bit is the caller's.
pub fn frame_2(status: u8, pleth: u8, value: u8) -> [u8; 5] {
    summed([0x01, 0x80 | status, pleth, value])
}

/// One frame of format 7.
pub fn frame_7(status: u8, pleth: u16, value: u8) -> [u8; 5] {
    let [high, low] = pleth.to_be_bytes();
    summed([0x80 | status, high, low, value])
}

/// One packet of format 8; `status` is byte 1 without the bits of the rate.
pub fn packet_8(status: u8, hr: Option<u16>, spo2: Option<u8>, status2: u8) -> [u8; 4] {
    let [msb, lsb] = rate(hr);
    [
        0x80 | status | msb,
        lsb,
        spo2.unwrap_or(SPO2_MISSING) & 0x7F,
        status2 & 0x7F,
    ]
}

fn summed([b1, b2, b3, b4]: [u8; 4]) -> [u8; 5] {
    let sum = b1.wrapping_add(b2).wrapping_add(b3).wrapping_add(b4);
    [b1, b2, b3, b4, sum]
}

/// Nine bits as two above seven.
fn rate(value: Option<u16>) -> [u8; 2] {
    let value = value.unwrap_or(RATE_MISSING).min(RATE_MISSING);
    [seven_bits(value >> 7) & 0x03, seven_bits(value)]
}

fn seven_bits(value: u16) -> u8 {
    value.to_le_bytes()[0] & 0x7F
}

/// What leaves the device at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Device time at which the last byte leaves.
    pub at: Duration,
    /// The bytes: one frame, or one packet of format 8.
    pub bytes: Vec<u8>,
    /// What the packet said, with its last frame: keys `spo2` and `pr` (display values in formats 2 and 7).
    pub truth: Option<Values>,
}

/// The device on a patient.
pub struct Sim {
    format: Format,
    patient: Box<dyn Patient>,
    sent: u64,
    wave: PulseWave,
    numbers: Numbers,
    vitals: Vitals,
    display_renewed: Option<Duration>,
    recent: VecDeque<(u16, u8)>,
}

impl Sim {
    /// A device that was just switched on.
    pub fn new(format: Format, patient: Box<dyn Patient>) -> Sim {
        Sim {
            format,
            patient,
            sent: 0,
            wave: PulseWave::default(),
            numbers: Numbers {
                revision: 0x30,
                ..Numbers::default()
            },
            vitals: Vitals::default(),
            display_renewed: None,
            recent: VecDeque::new(),
        }
    }

    fn packet_8(&mut self) -> Chunk {
        let at = Duration::from_secs(self.sent);
        self.measure(at);
        let (hr, spo2) = (self.numbers.hr, self.numbers.spo2);
        let lost = hr.is_none() && spo2.is_none();
        let mut status = if lost { OOT_8 } else { 0 };
        let mut status2 = self.numbers.status2;
        if self.vitals.probe_off {
            status |= SNSD;
            status2 |= SENSOR_FAULT_8;
        } else {
            status |= match self.vitals.perfusion {
                Perfusion::Good => 0,
                Perfusion::Marginal => MARGINAL_8,
                Perfusion::Low => LOW_8,
            };
            if self.vitals.artefact {
                status |= ARTF_8;
            }
        }
        Chunk {
            at,
            bytes: packet_8(status, hr, spo2, status2).to_vec(),
            truth: Some(said(spo2, hr)),
        }
    }

    fn frame(&mut self) -> Chunk {
        let at = Duration::from_nanos(self.sent * 1_000_000_000 / FRAMES_PER_S);
        let index = (self.sent % FRAMES as u64) as usize;
        if index == 0 {
            self.measure(at);
            self.numbers.timer = (self.sent / FRAMES as u64 % (1 << 14)) as u16;
        }
        let beating = self.numbers.hr.map_or(0.0, f64::from);
        let drawn = self.wave.advance(beating / 60.0 / FRAMES_PER_S as f64, at);
        let pleth = if self.vitals.probe_off {
            0.0
        } else {
            self.patient.pleth(at).unwrap_or(drawn).clamp(0.0, 1.0)
        };
        let sync = if index == 0 { SYNC } else { 0 };
        let status = self.status() | sync;
        let value = self.numbers.rotating()[index];
        let bytes = match self.format {
            Format::Seven => frame_7(status, (pleth * 65_535.0) as u16, value),
            Format::Two | Format::Eight => frame_2(status, (pleth * 255.0) as u8, value),
        };
        Chunk {
            at,
            bytes: bytes.to_vec(),
            truth: (index == FRAMES - 1).then(|| said(self.numbers.spo2_d, self.numbers.hr_d)),
        }
    }

    fn status(&self) -> u8 {
        if self.vitals.probe_off {
            return SNSA | OOT;
        }
        if self.numbers.hr.is_none() && self.numbers.spo2.is_none() {
            return OOT;
        }
        if !self.wave.in_pulse() {
            return 0;
        }
        let perfusion = match self.vitals.perfusion {
            Perfusion::Good => 0b010,
            Perfusion::Marginal => 0b110,
            Perfusion::Low => 0b100,
        };
        perfusion | if self.vitals.artefact { ARTF } else { 0 }
    }

    fn measure(&mut self, at: Duration) {
        self.vitals = self.patient.at(at);
        let usable =
            |value: Option<f64>| value.filter(|value| !self.vitals.probe_off && value.round() >= 1.0);
        let hr = usable(self.vitals.pulse).map(|value| value.round().min(510.0) as u16);
        let spo2 = usable(self.vitals.spo2).map(|value| value.round().min(100.0) as u8);
        let numbers = &mut self.numbers;
        (numbers.hr, numbers.spo2, numbers.spo2_fast, numbers.spo2_beat) = (hr, spo2, spo2, spo2);
        match (hr, spo2) {
            (Some(hr), Some(spo2)) => self.recent.push_back((hr, spo2)),
            _ => self.recent.clear(),
        }
        if self.recent.len() > EXTENDED_PACKETS {
            self.recent.pop_front();
        }
        let count = self.recent.len() as f64;
        let average = |sum: f64| (count > 0.0).then(|| (sum / count).round());
        numbers.e_hr =
            average(self.recent.iter().map(|row| f64::from(row.0)).sum()).map(|value| value as u16);
        numbers.e_spo2 =
            average(self.recent.iter().map(|row| f64::from(row.1)).sum()).map(|value| value as u8);
        let due = self
            .display_renewed
            .is_none_or(|renewed| at >= renewed + DISPLAY_RENEWED_AFTER);
        // A value that has gone, or just come back, shows at once.
        let changed = numbers.hr_d.is_some() != hr.is_some() || numbers.spo2_d.is_some() != spo2.is_some();
        if due || changed {
            self.display_renewed = Some(at);
            (numbers.hr_d, numbers.spo2_d) = (hr, spo2);
            (numbers.e_hr_d, numbers.e_spo2_d) = (numbers.e_hr, numbers.e_spo2);
        }
        let good = hr.is_some() && spo2.is_some() && !self.vitals.artefact;
        numbers.status2 = if good { SMART_POINT } else { 0 };
    }
}

const SMART_POINT: u8 = 1 << 5;
const OOT_8: u8 = 1 << 5;
const LOW_8: u8 = 1 << 4;
const MARGINAL_8: u8 = 1 << 3;
const ARTF_8: u8 = 1 << 2;
const SENSOR_FAULT_8: u8 = 1 << 3;

impl Iterator for Sim {
    type Item = Chunk;

    /// The next frame or packet; a device never stops by itself.
    fn next(&mut self) -> Option<Chunk> {
        let chunk = match self.format {
            Format::Eight => self.packet_8(),
            Format::Two | Format::Seven => self.frame(),
        };
        self.sent += 1;
        Some(chunk)
    }
}

fn said(spo2: Option<u8>, pr: Option<u16>) -> Values {
    values([
        ("spo2", spo2.map(|value| value.to_string())),
        ("pr", pr.map(|value| value.to_string())),
    ])
}

/// The light curve that the device draws itself: a steep rise, a slow fall with a dicrotic notch, a little breath.
#[derive(Debug, Default)]
struct PulseWave {
    phase: f64,
    pulse_frames: u32,
}

impl PulseWave {
    /// One frame further; `step` is the part of a beat that passes in a frame.
    fn advance(&mut self, step: f64, at: Duration) -> f64 {
        self.phase += step;
        self.pulse_frames = self.pulse_frames.saturating_sub(1);
        if self.phase >= 1.0 {
            self.phase -= self.phase.floor();
            self.pulse_frames = PULSE_FRAMES;
        }
        let bump = |centre: f64, width: f64| (-((self.phase - centre) / width).powi(2)).exp();
        let breath = 0.03 * (TAU * at.as_secs_f64() / 4.0).sin();
        0.1 + breath + 0.7 * bump(0.2, 0.1) + 0.25 * bump(0.5, 0.13)
    }

    fn in_pulse(&self) -> bool {
        self.pulse_frames > 0
    }
}

#[cfg(test)]
mod tests;
