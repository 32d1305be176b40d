//! The fast half of the line: curves in bytes with bit 7, only when the configuration asks for them.
//!
//! D12: The device is asked which curves it has (53h), told which of them are wanted (54h, then the enabling bytes), and
//! nothing else is ever written. D13: A sample counts only in a whole packet and within its range; its bytes have no sum, so a
//! wrong bit in a sample is seen as a wrong sample. D14: Samples are counted; what was lost is a hole, by the malformed
//! packet or by the clock, never a repeated sample.

use std::time::Duration;

use vitals::{Code, MonoTime, WaveBlock};

use super::axis::Axis;
use super::frame::hex;
use crate::dialogue::{LineFault, Seen, Step};
use crate::steps::Steps;

/// Curves that can be asked for, with the device's codes for each, the preferred one first.
pub(super) const CURVES: [(Code, &[u8]); 4] = [
    (Code::AirwayPressureWave, &[0x00]),
    (Code::AirwayFlowWave, &[0x01]),
    // In mmHg, kPa, per cent: one shape.
    (Code::Co2Wave, &[0x06, 0x07, 0x08]),
    (Code::Pleth, &[0x02]),
];

/// Asks which curves the device has.
pub(super) const ASK_CONFIG: u8 = 0x53;

/// Says which curves are wanted.
pub(super) const SELECT: u8 = 0x54;

/// Without real-time data for this long the curves are asked for again.
const QUIET_MAX: Duration = Duration::from_secs(3);

/// Characters of one curve's description.
const DESCRIPTION: usize = 23;

/// Begins a packet; the low four bits say which of streams 1 to 4 follow.
const SYNC: u8 = 0xD0;

const STREAMS_5_TO_8: u8 = 0xC4;
const STREAMS_9_TO_12: u8 = 0xC5;
const PHASE_OF_BREATH: u8 = 0xC6;

/// Enables streams 1 to 4, together with the argument that follows it.
const ENABLE_1_TO_4: u8 = 0xC1;
const ARGUMENT: u8 = 0xC0;

/// A block holds at most half a second, and no more samples than this.
const BLOCK_SAMPLES_MAX: usize = 128;

/// The curves of one device.
#[derive(Debug)]
pub(super) struct Waves {
    wanted: Vec<Code>,
    streams: Vec<Stream>,
    /// Streams are enabled, and when the last byte of them came.
    running: Option<MonoTime>,
    packet: Packet,
}

#[derive(Debug)]
struct Stream {
    code: Code,
    device_code: u8,
    interval_us: u32,
    max: i16,
    axis: Axis,
    first: u64,
    samples: Vec<i16>,
}

/// A packet under way.
#[derive(Debug, Default)]
struct Packet {
    /// Which of streams 1 to 4 are still to come, as places; empty between packets.
    to_come: Vec<usize>,
    low: Option<u8>,
    values: Vec<(usize, i16)>,
    /// The next byte is the argument of this one.
    argument_of: Option<u8>,
}

impl Waves {
    /// No curve is wanted when the list is empty; then nothing is ever asked.
    pub(super) fn new(wanted: Vec<Code>) -> Self {
        Self {
            wanted,
            streams: Vec::new(),
            running: None,
            packet: Packet::default(),
        }
    }

    pub(super) fn are_wanted(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The device streams because we asked it to.
    pub(super) fn are_running(&self) -> bool {
        self.running.is_some()
    }

    /// The session is over; the numbering of samples goes on in the next.
    pub(super) fn stop(&mut self) {
        self.running = None;
        self.packet = Packet::default();
    }

    /// Streams were enabled and have fallen silent.
    pub(super) fn are_silent(&self, now: MonoTime) -> bool {
        self.running.is_some_and(|at| now.since(at) >= QUIET_MAX)
    }

    /// The device has these curves; false when the list is malformed. [`Waves::selection`] then has the wanted ones.
    pub(super) fn configure(&mut self, payload: &[u8]) -> bool {
        let whole = payload.len().is_multiple_of(DESCRIPTION);
        let described: Option<Vec<Described>> =
            payload.chunks_exact(DESCRIPTION).map(Described::read).collect();
        let Some(described) = described.filter(|_| whole) else {
            return false;
        };
        let before = std::mem::take(&mut self.streams);
        for (code, device_codes) in CURVES {
            let one = device_codes
                .iter()
                .find_map(|code| described.iter().find(|one| one.code == *code));
            if let Some(one) = one.filter(|_| self.wanted.contains(&code)) {
                let was = before.iter().find(|stream| stream.code == code);
                self.streams.push(Stream::new(code, one, was));
            }
        }
        true
    }

    /// The argument of [`SELECT`]; `None` when the device has no wanted curve.
    pub(super) fn selection(&self) -> Option<Vec<u8>> {
        let argument = |stream: &Stream| format!("{:02X}01", stream.device_code).into_bytes();
        let all: Vec<u8> = self.streams.iter().flat_map(argument).collect();
        (!all.is_empty()).then_some(all)
    }

    /// The selection was answered: the bytes that let the streams begin.
    pub(super) fn enable(&mut self, now: MonoTime) -> Vec<u8> {
        self.running = Some(now);
        let bits = (0..self.streams.len()).fold(0, |bits, place| bits | 1 << place);
        vec![SYNC, ENABLE_1_TO_4, ARGUMENT | bits, ARGUMENT, ARGUMENT]
    }

    /// One byte with bit 7.
    pub(super) fn hear(&mut self, now: MonoTime, byte: u8, out: &mut Steps) {
        self.running = Some(now);
        if let Some(what) = self.packet.argument_of.take() {
            // Streams beyond the fourth were never asked for.
            let is_known = what == PHASE_OF_BREATH || byte == ARGUMENT;
            if byte & 0xF0 != ARGUMENT || !is_known {
                self.lose_packet(now, out);
            }
            return;
        }
        match byte {
            SYNC..=0xDF => self.begin(now, byte & 0x0F, out),
            STREAMS_5_TO_8 | STREAMS_9_TO_12 | PHASE_OF_BREATH => self.packet.argument_of = Some(byte),
            0x80..=0xBF => self.half(now, byte & 0x3F, out),
            // CFh is the device's own mark for a corrupt record; the others mean nothing here.
            _ => self.lose_packet(now, out),
        }
    }

    fn begin(&mut self, now: MonoTime, bits: u8, out: &mut Steps) {
        if !self.packet.to_come.is_empty() {
            self.lose_packet(now, out);
        }
        let to_come: Vec<usize> = (0..4).rev().filter(|place| bits >> place & 1 == 1).collect();
        if to_come.iter().any(|place| *place >= self.streams.len()) {
            self.lose_packet(now, out);
            return;
        }
        self.packet = Packet {
            to_come,
            ..Packet::default()
        };
    }

    /// Six bits of a sample, the low ones first.
    fn half(&mut self, now: MonoTime, six: u8, out: &mut Steps) {
        let Some(place) = self.packet.to_come.last().copied() else {
            // The rest of a packet that is lost already.
            return;
        };
        let Some(low) = self.packet.low.take() else {
            self.packet.low = Some(six);
            return;
        };
        self.packet.to_come.pop();
        self.packet
            .values
            .push((place, i16::from(low) | i16::from(six) << 6));
        if self.packet.to_come.is_empty() {
            let packet = std::mem::take(&mut self.packet);
            for (place, value) in packet.values {
                if let Some(stream) = self.streams.get_mut(place) {
                    stream.take(now, value, out);
                }
            }
        }
    }

    /// Something of a packet is missing: every stream may have lost a sample.
    fn lose_packet(&mut self, now: MonoTime, out: &mut Steps) {
        self.packet = Packet::default();
        out.fault(LineFault::OutOfOrder);
        for stream in &mut self.streams {
            stream.lose(now, out);
        }
    }
}

impl Stream {
    fn new(code: Code, described: &Described, was: Option<&Stream>) -> Stream {
        let interval = Duration::from_micros(u64::from(described.interval_us));
        let axis = was.map_or_else(|| Axis::new(interval), |was| was.axis.with_interval(interval));
        Stream {
            code,
            device_code: described.code,
            interval_us: described.interval_us,
            max: described.max,
            first: axis.next(),
            axis,
            samples: Vec::new(),
        }
    }

    fn take(&mut self, now: MonoTime, value: i16, out: &mut Steps) {
        if value > self.max {
            self.lose(now, out);
            return;
        }
        let place = self.axis.place(now);
        if place != self.first + self.samples.len() as u64 {
            self.flush(out);
            self.first = place;
        }
        self.samples.push(value);
        let half_a_second = usize::try_from(500_000 / self.interval_us.max(1)).unwrap_or(BLOCK_SAMPLES_MAX);
        if self.samples.len() >= half_a_second.clamp(1, BLOCK_SAMPLES_MAX) {
            self.flush(out);
        }
    }

    fn lose(&mut self, now: MonoTime, out: &mut Steps) {
        self.flush(out);
        self.axis.lose(now);
        self.first = self.axis.next();
    }

    fn flush(&mut self, out: &mut Steps) {
        if self.samples.is_empty() {
            return;
        }
        let samples = std::mem::take(&mut self.samples);
        let first_sample = self.first;
        self.first += samples.len() as u64;
        let (a, b) = (1_000_000, self.interval_us);
        let divisor = greatest_common_divisor(a, b);
        out.push(Step::Saw(Seen::Wave(WaveBlock {
            code: self.code,
            rate: (a / divisor, b / divisor),
            first_sample,
            samples,
        })));
    }
}

/// What the device says about one of its curves. Its least and greatest value in the curve's unit are not used: samples are
/// handed on in the device's own steps.
#[derive(Clone, Copy, Debug)]
struct Described {
    code: u8,
    interval_us: u32,
    max: i16,
}

impl Described {
    fn read(record: &[u8]) -> Option<Described> {
        let (code, rest) = record.split_first_chunk::<2>()?;
        let (interval, rest) = rest.split_first_chunk::<8>()?;
        let max = rest.last_chunk::<3>()?;
        let interval_us = text(interval)?.parse().ok()?;
        let max = i16::from_str_radix(text(max)?, 16).ok()?;
        // From 1 sample in 10 s to 1000 a second.
        ((1_000..=10_000_000).contains(&interval_us) && max > 0).then_some(Described {
            code: hex(code)?,
            interval_us,
            max,
        })
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().map(str::trim)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[u8] = b"00   16000  -20  100FFF01   16000 -120  1207FF";

    fn ready(wanted: &[Code]) -> Waves {
        let mut waves = Waves::new(wanted.to_vec());
        assert!(waves.configure(BOTH));
        waves
    }

    /// What comes of these bytes, three of them in a sample's time.
    fn blocks(waves: &mut Waves, bytes: &[u8]) -> Vec<(Code, u64, Vec<i16>)> {
        let (mut out, mut all) = (Steps::default(), Vec::new());
        for (place, byte) in (0..).zip(bytes) {
            waves.hear(MonoTime::from_ns(place * 5_333_334), *byte, &mut out);
        }
        while let Some(step) = out.take() {
            if let Step::Saw(Seen::Wave(block)) = step {
                all.push((block.code, block.first_sample, block.samples));
            }
        }
        all
    }

    #[test]
    fn d12_wanted_curves_are_selected_in_order_and_enabled() {
        let mut waves = ready(&[Code::AirwayFlowWave, Code::AirwayPressureWave, Code::Pleth]);
        assert_eq!(waves.selection(), Some(b"00010101".to_vec()));
        assert_eq!(waves.enable(MonoTime::BOOT), [0xD0, 0xC1, 0xC3, 0xC0, 0xC0]);
        assert!(waves.are_silent(MonoTime::from_ms(3000)));
        assert_eq!(ready(&[Code::Pleth]).selection(), None);
        assert!(!ready(&[]).are_wanted());
        assert!(!Waves::new(Vec::new()).configure(b"00   16000"));
    }

    #[test]
    fn d13_samples_are_twelve_bits_low_half_first() {
        let mut waves = ready(&[Code::AirwayPressureWave, Code::AirwayFlowWave]);
        let packet = [0xD3, 0x81, 0x82, 0xBF, 0x80];
        // Half a second of 62.5 samples a second.
        let told = blocks(&mut waves, &packet.repeat(31));
        assert_eq!(
            told,
            [
                (Code::AirwayPressureWave, 0, vec![129; 31]),
                (Code::AirwayFlowWave, 0, vec![63; 31])
            ]
        );
    }

    #[test]
    fn d14_a_torn_packet_is_a_hole_of_one_sample() {
        let mut waves = ready(&[Code::AirwayPressureWave]);
        let whole = [0xD1, 0x81, 0x80];
        let bytes = [&whole.repeat(3)[..], &[0xD1, 0x85], &whole.repeat(31)].concat();
        let told = blocks(&mut waves, &bytes);
        assert_eq!(
            told,
            [
                (Code::AirwayPressureWave, 0, vec![1; 3]),
                (Code::AirwayPressureWave, 4, vec![1; 31])
            ]
        );
    }

    #[test]
    fn breaths_are_passed_over_and_what_was_not_asked_for_is_no_sample() {
        let mut waves = ready(&[Code::AirwayPressureWave, Code::AirwayFlowWave]);
        let mut breath = vec![0xD1, 0xC6, 0xC0, 0x81, 0x80];
        breath.extend([0xD1, 0x81, 0x80].repeat(30));
        assert_eq!(blocks(&mut waves, &breath).len(), 1);
        // Stream 3 was not selected; 0x7FF is the most that the flow can be.
        assert_eq!(blocks(&mut waves, &[0xD4, 0x81, 0x80].repeat(40)), []);
        assert_eq!(blocks(&mut waves, &[0xD2, 0xBF, 0xBF].repeat(40)), []);
    }
}
