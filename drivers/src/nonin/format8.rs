//! Format 8: 4 bytes once a second, without a checksum.
//!
//! N5: A packet begins with the only byte whose top bit is set and its bytes come together.
//! N6: A packet counts only when another one came one second before it and none since; what both say is then
//! confirmed by [`crate::confirm`].

use std::time::Duration;

use vitals::{AbsentReason, Measured, MonoTime, Quality};

use super::packet::{heart_rate, pr_measured, spo2_measured};
use super::publish::{Publisher, Timing};
use crate::confirm::{LineNoise, Sample, Trust};
use crate::dialogue::LineFault;

const PACKET_BYTES: usize = 4;

/// Top bit: set in byte 1 only.
const FIRST: u8 = 0x80;

/// A packet takes 4 ms on the line; adapters may cut it, but not for longer than this.
const PACKET_WITHIN: Duration = Duration::from_millis(200);

/// The device's second, with jitter.
const SECOND_MIN: Duration = Duration::from_millis(700);
const SECOND_MAX: Duration = Duration::from_millis(1300);

const SENSOR_DISCONNECTED: u8 = 0x40;
const OUT_OF_TRACK: u8 = 0x20;
/// Low perfusion, marginal perfusion, artefact.
const WEAK: u8 = 0x1C;
const SENSOR_FAULT: u8 = 0x08;
/// Bits of byte 4 that no device is known to set.
const UNUSED: u8 = 0x50;
/// Of a packet as one number: the flags of byte 1 without the heart rate's two bits, and byte 4.
const FLAG_BYTES: u32 = 0xFC00_00FF;

#[derive(Debug)]
pub(super) struct Eight {
    bytes: Vec<u8>,
    began: MonoTime,
    skipped: u32,
    /// The packet before: when it came, and whether its signal was weak.
    before: Option<(MonoTime, bool)>,
    noise: LineNoise,
    weak: bool,
    last_packet: Option<MonoTime>,
}

impl Eight {
    pub(super) fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(PACKET_BYTES),
            began: MonoTime::BOOT,
            skipped: 0,
            before: None,
            noise: LineNoise::default(),
            weak: false,
            last_packet: None,
        }
    }

    /// Every packet that counts leaves; packets confirm each other one second apart.
    pub(super) const TIMING: Timing = Timing {
        every: Duration::ZERO,
        pair_max: SECOND_MAX,
    };

    /// When the last packet came that was worth believing.
    pub(super) fn last_packet(&self) -> Option<MonoTime> {
        self.last_packet
    }

    pub(super) fn hear(&mut self, now: MonoTime, byte: u8, out: &mut Publisher) {
        if !self.bytes.is_empty() && now.since(self.began) > PACKET_WITHIN {
            self.torn(now, out);
        }
        if byte & FIRST != 0 {
            if !self.bytes.is_empty() {
                self.torn(now, out);
            }
            self.began = now;
        } else if self.bytes.is_empty() {
            self.skip(now, out);
            return;
        }
        self.bytes.push(byte);
        if let &[b1, b2, b3, b4] = self.bytes.as_slice() {
            self.bytes.clear();
            self.packet(now, [b1, b2, b3, b4], out);
        }
    }

    /// A packet began and did not end.
    fn torn(&mut self, now: MonoTime, out: &mut Publisher) {
        self.bytes.clear();
        self.noise.fault(now);
        out.fault(LineFault::OutOfOrder);
    }

    fn skip(&mut self, now: MonoTime, out: &mut Publisher) {
        if self.skipped == 0 {
            self.noise.fault(now);
        }
        self.skipped += 1;
        if self.skipped >= super::frames::SKIPPED_REPORT_BYTES {
            self.report_skipped(out);
        }
    }

    fn report_skipped(&mut self, out: &mut Publisher) {
        if self.skipped > 0 {
            out.fault(LineFault::Resynchronised {
                skipped: std::mem::take(&mut self.skipped),
            });
        }
    }

    fn packet(&mut self, now: MonoTime, bytes: [u8; PACKET_BYTES], out: &mut Publisher) {
        self.report_skipped(out);
        let weak = bytes.first().is_some_and(|flags| flags & WEAK != 0);
        let (odd, read) = read(bytes);
        let (since, was_weak) = match self.before.replace((now, weak)) {
            Some((at, was_weak)) => (now.since(at), Some(was_weak)),
            None => (Duration::MAX, None),
        };
        // Two packets cannot be closer than a second: one of them is not real.
        let crowded = since < SECOND_MIN;
        if odd || crowded {
            self.noise.fault(now);
        }
        let trust = if odd || self.noise.is_noisy(now) {
            Trust::Doubtful
        } else {
            Trust::Plain
        };
        let [spo2, pr] = read.map(|(measured, raw)| Sample { measured, trust, raw });
        match was_weak.filter(|_| (SECOND_MIN..=SECOND_MAX).contains(&since)) {
            Some(was_weak) => {
                self.last_packet = Some(now);
                if was_weak == weak {
                    self.weak = weak;
                }
                let quality = if self.weak {
                    Quality::Questionable
                } else {
                    Quality::Good
                };
                out.values(now, spo2, pr, quality);
            }
            None => {
                if crowded {
                    out.fault(LineFault::OutOfOrder);
                }
                out.note(now, spo2, pr);
            }
        }
    }
}

/// Whether the packet is odd in itself, then SpO2 and pulse rate, each with the bits that decide it: the flags and the
/// value's own, or the whole packet for a reason, because a reason hangs on a single bit.
fn read(bytes: [u8; PACKET_BYTES]) -> (bool, [(Measured, u64); 2]) {
    let [flags, hr, spo2, flags2] = bytes;
    let off = flags & SENSOR_DISCONNECTED != 0 || flags2 & SENSOR_FAULT != 0;
    let reason = if flags & SENSOR_DISCONNECTED != 0 {
        Some(AbsentReason::ProbeOff)
    } else if flags2 & SENSOR_FAULT != 0 {
        Some(AbsentReason::SensorFault)
    } else if flags & OUT_OF_TRACK != 0 {
        Some(AbsentReason::Searching)
    } else {
        None
    };
    let hr = heart_rate(flags, hr);
    let values = [spo2_measured(u16::from(spo2)), pr_measured(hr)];
    // A sensor that is off measures nothing; unknown bits and impossible numbers are no device's work.
    let odd = flags2 & UNUSED != 0
        || off && values.iter().any(|measured| measured.value().is_some())
        || values.contains(&Measured::Absent(AbsentReason::Implausible));
    let whole = u64::from(u32::from_be_bytes(bytes));
    let decided = |measured: Measured, own: u64| match (reason, measured) {
        (Some(reason), _) => (Measured::Absent(reason), whole),
        (None, Measured::Absent(_)) => (measured, whole),
        (None, Measured::Value(_)) => (measured, whole & u64::from(FLAG_BYTES) | own),
    };
    let [spo2_measured, pr_measured] = values;
    (
        odd,
        [
            decided(spo2_measured, u64::from(spo2) << 8),
            decided(pr_measured, u64::from(hr) << 40),
        ],
    )
}
