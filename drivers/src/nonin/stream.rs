//! Formats 2 and 7: packets become values once a second and a curve at 75 Hz.

use std::time::Duration;

use vitals::{MonoTime, Quality};

use super::frames::{Found, Frame, FrameReader, Layout, PACKET_FRAMES};
use super::packet::{self, Packet};
use super::publish::{Publisher, Timing};
use crate::dialogue::LineFault;

/// A value leaves with every third packet; less than a second because packets arrive with jitter.
const EVERY: Duration = Duration::from_millis(850);

/// Packets further apart than this do not confirm each other.
const PAIR_MAX: Duration = Duration::from_millis(1000);

/// A packet without a pulse in it keeps the quality of the last pulse for this long (30 beats a minute).
const PULSE_FOR: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Stream {
    reader: FrameReader,
    pulse: Option<(MonoTime, bool)>,
    last_packet: Option<MonoTime>,
}

impl Stream {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            reader: FrameReader::new(layout),
            pulse: None,
            last_packet: None,
        }
    }

    /// How often values leave, and how far apart packets may be that confirm each other.
    pub(super) const TIMING: Timing = Timing {
        every: EVERY,
        pair_max: PAIR_MAX,
    };

    /// When the last good packet came.
    pub(super) fn last_packet(&self) -> Option<MonoTime> {
        self.last_packet
    }

    pub(super) fn hear(&mut self, now: MonoTime, byte: u8, out: &mut Publisher) {
        let mut packet = None;
        self.reader.hear(byte, &mut |found| match found {
            Found::Packet(frames) => packet = Some(frames),
            Found::BadChecksum => out.fault(LineFault::BadChecksum),
            Found::OutOfOrder => out.fault(LineFault::OutOfOrder),
            Found::Skipped(skipped) => out.fault(LineFault::Resynchronised { skipped }),
        });
        if let Some(frames) = packet {
            self.packet(now, &frames, out);
        }
    }

    fn packet(&mut self, now: MonoTime, frames: &[Frame; PACKET_FRAMES], out: &mut Publisher) {
        let Some(packet) = packet::read(frames) else {
            return out.fault(LineFault::OutOfOrder);
        };
        self.last_packet = Some(now);
        let quality = self.quality(now, &packet);
        out.values(now, packet.spo2, packet.pr, quality);
        out.curve(now, packet.timer, packet.pleth);
    }

    fn quality(&mut self, now: MonoTime, packet: &Packet) -> Quality {
        if let Some(weak) = packet.weak {
            self.pulse = Some((now, weak));
        }
        match self.pulse {
            Some((at, true)) if now.since(at) <= PULSE_FOR => Quality::Questionable,
            _ => Quality::Good,
        }
    }
}
