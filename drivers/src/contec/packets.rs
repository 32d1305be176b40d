//! Packets of both generations: found by bit 7, because neither has a checksum.
//!
//! O1: A packet counts only in a run of [`RUN_MIN`] whole ones without a stray byte between them; the first of a run wait
//! for the third.

use crate::dialogue::LineFault;

/// Packets that must follow each other for any of them to count.
pub(super) const RUN_MIN: usize = 3;

/// Skipped bytes are reported at the next packet that counts, and at the latest after this many (2 s of line).
const SKIPPED_REPORT_BYTES: u32 = 1000;

/// Bit 7 tells the first byte of a packet from the others.
const TOP: u8 = 0x80;

/// Which generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// 5 bytes, the first with bit 7 set; sent unasked.
    Five,
    /// V7.0: a type without bit 7, then bytes with it; sent after a start command.
    Seven,
}

/// What one packet says about the patient, in the device's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packet {
    /// SpO2 in %; 127 is none.
    pub spo2: u8,
    /// Pulse rate in 1/min; 255 is none.
    pub pr: u8,
    /// Perfusion index in hundredths of a per cent, FFFFh is none; the older generation has no such field.
    pub pi: Option<u16>,
    /// Probe error or finger out.
    pub probe_error: bool,
    /// Searching for the pulse.
    pub searching: bool,
    /// The curve, 0 to 127.
    pub pleth: u8,
}

/// No perfusion index.
pub(super) const PI_MISSING: u16 = 0xFFFF;

/// What the reader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A packet that counts, and how many bytes before it belonged to none.
    Packet(Packet),
    /// So many bytes were skipped: they belonged to no packet that counts.
    Skipped(u32),
    /// The device ends the connection, with its own number for the reason.
    Fault(LineFault),
}

/// Cuts the byte stream into packets. Keeps less than one packet, and two that wait for the third of their run.
#[derive(Debug)]
pub(super) struct Reader {
    layout: Layout,
    bytes: Vec<u8>,
    waiting: Vec<Packet>,
    run: usize,
    skipped: u32,
}

impl Reader {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            bytes: Vec::with_capacity(9),
            waiting: Vec::with_capacity(RUN_MIN),
            run: 0,
            skipped: 0,
        }
    }

    /// Which generation it reads.
    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Takes one byte; calls `found` for everything it completes.
    pub(super) fn hear(&mut self, byte: u8, found: &mut impl FnMut(Found)) {
        if self.layout.begins(byte) {
            if !self.bytes.is_empty() {
                self.torn(self.bytes.len(), found);
            }
            self.bytes.clear();
        } else if self.bytes.is_empty() {
            return self.torn(1, found);
        }
        self.bytes.push(byte);
        match self.layout.length(&self.bytes) {
            Some(length) if self.bytes.len() == length => self.whole(found),
            Some(_) => {}
            None => {
                self.bytes.clear();
                self.torn(1, found);
            }
        }
    }

    /// Bytes that belong to no packet end the run; what waited in it does not count either.
    fn torn(&mut self, bytes: usize, found: &mut impl FnMut(Found)) {
        let waited = self.waiting.len() * self.layout.packet_bytes();
        self.waiting.clear();
        self.run = 0;
        self.skipped += u32::try_from(bytes + waited).unwrap_or(u32::MAX);
        if self.skipped >= SKIPPED_REPORT_BYTES {
            self.report_skipped(found);
        }
    }

    fn report_skipped(&mut self, found: &mut impl FnMut(Found)) {
        if self.skipped > 0 {
            found(Found::Skipped(std::mem::take(&mut self.skipped)));
        }
    }

    fn whole(&mut self, found: &mut impl FnMut(Found)) {
        let read = match self.layout {
            Layout::Five => five(&self.bytes),
            Layout::Seven => seven(&self.bytes),
        };
        self.bytes.clear();
        match read {
            Some(Found::Packet(packet)) => {
                self.run = self.run.saturating_add(1);
                self.waiting.push(packet);
                if self.run >= RUN_MIN {
                    self.report_skipped(found);
                    self.waiting
                        .drain(..)
                        .for_each(|packet| found(Found::Packet(packet)));
                }
            }
            // Believed only where the line is in step.
            Some(other) if self.run >= RUN_MIN => found(other),
            _ => {}
        }
    }
}

impl Layout {
    /// Bytes of a packet with values.
    pub(super) fn packet_bytes(self) -> usize {
        match self {
            Layout::Five => 5,
            Layout::Seven => 9,
        }
    }

    fn begins(self, byte: u8) -> bool {
        match self {
            Layout::Five => byte & TOP != 0,
            Layout::Seven => byte & TOP == 0,
        }
    }

    /// How long the packet that begins so is; `None` when there is no such type.
    fn length(self, bytes: &[u8]) -> Option<usize> {
        match (self, bytes.first()?) {
            (Layout::Five, _) => Some(5),
            (Layout::Seven, first) => TYPES
                .iter()
                .find(|(known, _)| known == first)
                .map(|(_, length)| *length),
        }
    }
}

/// Types of V7.0 that come from the device, and their lengths: real time, storage data with PI, date, user, device id,
/// length and time of what is stored, number of segments, feedback to a command, idle, goodbye, PI support, storage data
/// without PI. Source: the maker's protocol description of 2010.
const TYPES: &[(u8, usize)] = &[
    (REAL_TIME, 9),
    (0x04, 9),
    (0x05, 9),
    (0x07, 8),
    (0x08, 8),
    (0x09, 6),
    (0x0A, 4),
    (0x0B, 4),
    (0x0C, 2),
    (GOODBYE, 3),
    (0x0E, 3),
    (0x0F, 8),
    (0x12, 8),
];

const REAL_TIME: u8 = 0x01;
const GOODBYE: u8 = 0x0D;

/// The 5 bytes of the older generation.
fn five(bytes: &[u8]) -> Option<Found> {
    const PROBE_ERROR_1: u8 = 0x10;
    const PROBE_ERROR_3: u8 = 0x10;
    const SEARCHING: u8 = 0x20;
    const PR_TOP: u8 = 0x40;
    let &[b1, pleth, b3, pr, spo2] = bytes else {
        return None;
    };
    Some(Found::Packet(Packet {
        spo2,
        pr: (b3 & PR_TOP) << 1 | pr,
        pi: None,
        probe_error: b1 & PROBE_ERROR_1 != 0 || b3 & PROBE_ERROR_3 != 0,
        searching: b3 & SEARCHING != 0,
        pleth,
    }))
}

/// A packet of V7.0: its second byte carries bit 7 of those that follow.
fn seven(bytes: &[u8]) -> Option<Found> {
    let (kind, rest) = bytes.split_first()?;
    let (high, packed) = rest.split_first()?;
    let mut data = packed
        .iter()
        .enumerate()
        .map(|(place, byte)| byte & !TOP | (high >> place & 1) << 7);
    match *kind {
        REAL_TIME => {
            let mut next = || data.next();
            real_time([next()?, next()?, next()?, next()?, next()?, next()?, next()?])
        }
        GOODBYE => Some(Found::Fault(LineFault::Refused { code: data.next()? })),
        _ => None,
    }
}

fn real_time([status, curve, bars, pr, spo2, pi_low, pi_high]: [u8; 7]) -> Option<Found> {
    const PROBE_ERROR: u8 = 0x80;
    const SEARCHING_LONG: u8 = 0x10;
    const SEARCHING: u8 = 0x80;
    const PI_INVALID: u8 = 0x10;
    let pi = if bars & PI_INVALID != 0 {
        PI_MISSING
    } else {
        u16::from_le_bytes([pi_low, pi_high])
    };
    Some(Found::Packet(Packet {
        spo2,
        pr,
        pi: Some(pi),
        probe_error: status & PROBE_ERROR != 0,
        searching: curve & SEARCHING != 0 || status & SEARCHING_LONG != 0,
        pleth: curve & !TOP,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(layout: Layout, bytes: &[u8]) -> Vec<Found> {
        let mut reader = Reader::new(layout);
        let mut all = Vec::new();
        for byte in bytes {
            reader.hear(*byte, &mut |found| all.push(found));
        }
        all
    }

    fn one(layout: Layout, bytes: &[u8]) -> Packet {
        match find(layout, &bytes.repeat(3)).as_slice() {
            [Found::Packet(first), Found::Packet(_), Found::Packet(_)] => *first,
            other => panic!("{other:?}"),
        }
    }

    const SEVEN: [u8; 9] = [0x01, 0xA0, 0x86, 0xB7, 0x87, 0xC8, 0xE1, 0xA4, 0x81];
    const FIVE: [u8; 5] = [0xC6, 0x37, 0x07, 0x48, 0x61];

    #[test]
    fn the_older_generation_is_read() {
        let packet = one(Layout::Five, &FIVE);
        assert_eq!(
            (packet.pr, packet.spo2, packet.pleth, packet.pi),
            (72, 97, 55, None)
        );
        let packet = one(Layout::Five, &[0x86, 0x37, 0x47, 0x16, 0x61]);
        assert_eq!((packet.pr, packet.spo2), (150, 97));
        assert!(one(Layout::Five, &[0x90, 0, 0, 0, 0]).probe_error);
        assert!(one(Layout::Five, &[0x80, 0, 0x10, 0, 0]).probe_error);
        assert!(one(Layout::Five, &[0x80, 0, 0x20, 0, 0]).searching);
    }

    #[test]
    fn v7_is_unpacked_first_and_then_read() {
        let packet = one(Layout::Seven, &SEVEN);
        assert_eq!((packet.pr, packet.spo2, packet.pi), (72, 97, Some(420)));
        assert_eq!(
            (packet.pleth, packet.probe_error, packet.searching),
            (55, false, false)
        );
        let packet = one(
            Layout::Seven,
            &[0x01, 0xE8, 0xC6, 0xB7, 0x97, 0x96, 0xE1, 0xFF, 0xFF],
        );
        assert_eq!((packet.pr, packet.spo2, packet.pi), (150, 97, Some(PI_MISSING)));
        let packet = one(
            Layout::Seven,
            &[0x01, 0xE9, 0x80, 0xC0, 0x90, 0xFF, 0xFF, 0xFF, 0xFF],
        );
        assert!(packet.probe_error);
        assert_eq!((packet.pr, packet.spo2, packet.pleth), (255, 127, 0x40));
        assert!(
            one(
                Layout::Seven,
                &[0x01, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]
            )
            .searching
        );
        assert!(
            one(
                Layout::Seven,
                &[0x01, 0x80, 0x90, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]
            )
            .searching
        );
    }

    #[test]
    fn o1_two_packets_in_a_row_are_none() {
        assert_eq!(find(Layout::Seven, &SEVEN.repeat(2)), []);
        let broken = [SEVEN.repeat(2), vec![0x80], SEVEN.repeat(3)].concat();
        let found = find(Layout::Seven, &broken);
        assert_eq!(found.len(), 4);
        assert_eq!(found.first(), Some(&Found::Skipped(19)));
    }

    #[test]
    fn o1_a_lost_byte_costs_its_packet_and_no_other() {
        let torn = [SEVEN.repeat(4), SEVEN[..8].to_vec(), SEVEN.repeat(3)].concat();
        let found = find(Layout::Seven, &torn);
        let packets = found.iter().filter(|found| matches!(found, Found::Packet(_)));
        assert_eq!(packets.count(), 7);
        assert!(found.contains(&Found::Skipped(8)));
    }

    #[test]
    fn neither_generation_looks_like_the_other() {
        assert!(
            !find(Layout::Five, &SEVEN.repeat(200))
                .iter()
                .any(|found| matches!(found, Found::Packet(_)))
        );
        assert!(
            !find(Layout::Seven, &FIVE.repeat(200))
                .iter()
                .any(|found| matches!(found, Found::Packet(_)))
        );
    }

    #[test]
    fn other_types_between_packets_break_no_run_and_goodbye_is_told() {
        let id = [0x04, 0x80, 0xC3, 0xCD, 0xD3, 0xB5, 0xB0, 0x80, 0x80];
        let goodbye = [0x0D, 0x80, 0x83];
        let all = [SEVEN.repeat(2), id.to_vec(), SEVEN.to_vec(), goodbye.to_vec()].concat();
        let found = find(Layout::Seven, &all);
        assert_eq!(found.len(), 4);
        assert_eq!(found.last(), Some(&Found::Fault(LineFault::Refused { code: 3 })));
        assert_eq!(find(Layout::Seven, &goodbye), []);
    }

    #[test]
    fn an_endless_stream_of_anything_is_counted_and_not_kept() {
        let found = find(Layout::Seven, &[0x80; 10_000]);
        assert_eq!(found, vec![Found::Skipped(1000); 10]);
    }
}
