//! Formats 2 and 7 on the line: frames of 5 bytes, 25 of them are a packet, three packets a second.
//!
//! N1: A packet counts only if all 25 frames came in a row from the one marked SYNC, each with its checksum; anything
//! else drops the whole packet and the search goes on one byte further.

use std::collections::VecDeque;

/// Bytes of one frame.
pub(super) const FRAME_BYTES: usize = 5;

/// Frames of one packet.
pub(super) const PACKET_FRAMES: usize = 25;

const PACKET_BYTES: usize = FRAME_BYTES * PACKET_FRAMES;

/// Skipped bytes are reported at the next good packet, and at the latest after this many (about 3 s of line).
pub(super) const SKIPPED_REPORT_BYTES: u32 = 1000;

const STATUS_ALWAYS: u8 = 0x80;
const STATUS_SYNC: u8 = 0x01;

/// Which of the two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Format 2: 01h, status, 8-bit curve, rotating value, sum.
    Two,
    /// Format 7: status, 16-bit curve, rotating value, sum.
    Seven,
}

/// One good frame, whatever its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The status byte.
    pub status: u8,
    /// The curve in i16 steps: format 2 as sent (0 to 255), format 7 minus 32768 so that nothing is lost.
    pub pleth: i16,
    /// The rotating value of byte 4.
    pub rotating: u8,
}

impl Frame {
    fn is_first(self) -> bool {
        self.status & STATUS_SYNC != 0
    }
}

/// Reads one frame; `None` when the checksum or the fixed bits are wrong.
pub(super) fn read_frame(layout: Layout, bytes: &[u8]) -> Option<Frame> {
    let &[b1, b2, b3, b4, sum] = bytes else {
        return None;
    };
    let added = b1.wrapping_add(b2).wrapping_add(b3).wrapping_add(b4);
    let (status, pleth) = match layout {
        Layout::Two if b1 == 0x01 => (b2, i16::from(b3)),
        Layout::Two => return None,
        // Flipping the top bit turns 0..65535 into -32768..32767.
        Layout::Seven => (b1, i16::from_be_bytes([b2 ^ 0x80, b3])),
    };
    (added == sum && status & STATUS_ALWAYS != 0).then_some(Frame {
        status,
        pleth,
        rotating: b4,
    })
}

/// What the reader found.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// A whole packet.
    Packet(Box<[Frame; PACKET_FRAMES]>),
    /// A frame within a packet had a wrong checksum.
    BadChecksum,
    /// A good frame came at the wrong place.
    OutOfOrder,
    /// So many bytes belonged to no packet.
    Skipped(u32),
}

/// Cuts the byte stream into packets. Keeps less than one packet.
#[derive(Debug)]
pub(super) struct FrameReader {
    layout: Layout,
    bytes: VecDeque<u8>,
    frames: Vec<Frame>,
    skipped: u32,
}

impl FrameReader {
    pub(super) fn new(layout: Layout) -> Self {
        Self {
            layout,
            bytes: VecDeque::with_capacity(PACKET_BYTES),
            frames: Vec::with_capacity(PACKET_FRAMES),
            skipped: 0,
        }
    }

    /// Takes one byte; calls `found` for everything it completes.
    pub(super) fn hear(&mut self, byte: u8, found: &mut impl FnMut(Found)) {
        self.bytes.push_back(byte);
        while let Some(frame) = self.next_frame() {
            match frame {
                Some(frame) if frame.is_first() == self.frames.is_empty() => {
                    self.frames.push(frame);
                    self.finish(found);
                }
                wrong => {
                    if !self.frames.is_empty() {
                        found(wrong.map_or(Found::BadChecksum, |_| Found::OutOfOrder));
                    }
                    self.slide(found);
                }
            }
        }
    }

    /// The frame after those already read: outer `None` when its bytes have not all come.
    fn next_frame(&mut self) -> Option<Option<Frame>> {
        let from = self.frames.len() * FRAME_BYTES;
        let bytes = self.bytes.make_contiguous().get(from..from + FRAME_BYTES)?;
        Some(read_frame(self.layout, bytes))
    }

    fn finish(&mut self, found: &mut impl FnMut(Found)) {
        let Ok(packet) = <[Frame; PACKET_FRAMES]>::try_from(self.frames.as_slice()) else {
            return;
        };
        self.report_skipped(found);
        self.bytes.clear();
        self.frames.clear();
        found(Found::Packet(Box::new(packet)));
    }

    fn slide(&mut self, found: &mut impl FnMut(Found)) {
        self.bytes.pop_front();
        self.frames.clear();
        self.skipped += 1;
        if self.skipped >= SKIPPED_REPORT_BYTES {
            self.report_skipped(found);
        }
    }

    fn report_skipped(&mut self, found: &mut impl FnMut(Found)) {
        if self.skipped > 0 {
            found(Found::Skipped(std::mem::take(&mut self.skipped)));
        }
    }
}
