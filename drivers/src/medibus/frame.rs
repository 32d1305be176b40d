//! The slow half of the line: commands and responses with a two-digit sum.
//!
//! D1: Nothing is handed on unless its sum over every byte from ESC or SOH to the last of the payload fits.
//! D2: Real-time bytes (bit 7) never get here; XON and XOFF are dropped wherever they stand.
//! D3: A command may stand inside a response and a response inside a command: the outer one goes on after the inner one's
//! CR. Two of a kind never nest, so the beginning of a second one ends the first, which was torn.

use std::time::Duration;

use vitals::MonoTime;

/// Begins a command.
const ESC: u8 = 0x1B;

/// Begins a response.
const SOH: u8 = 0x01;

/// Ends both.
const CR: u8 = 0x0D;

/// Aborts what is being sent. By memory, not confirmed; in a frame no other meaning is possible.
const CAN: u8 = 0x18;

const XON: u8 = 0x11;
const XOFF: u8 = 0x13;

/// A list of all 256 codes has 1536 bytes; text may be longer than that. Longer frames are dropped.
pub(super) const FRAME_BYTES_MAX: usize = 4096;

/// A frame whose bytes pause for longer than this was torn.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Skipped bytes are reported at the next good frame, and at the latest after this many.
pub(super) const SKIPPED_REPORT_BYTES: u32 = 1000;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Command,
    Response,
}

/// One good frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: Kind,
    pub code: u8,
    /// Argument or payload, without the sum.
    pub payload: Vec<u8>,
}

/// What the reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Frame(Frame),
    /// A frame came to its CR and its sum does not fit.
    Damaged(Kind),
    /// So many bytes belonged to no frame, or to one that was torn.
    Skipped(u32),
}

/// Cuts slow bytes into frames. Keeps one command and one response at most.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    open: Vec<Open>,
    last: MonoTime,
    skipped: u32,
}

#[derive(Debug)]
struct Open {
    kind: Kind,
    bytes: Vec<u8>,
}

impl FrameReader {
    /// Takes one byte without bit 7; calls `found` for everything it completes.
    pub(super) fn hear(&mut self, now: MonoTime, byte: u8, found: &mut impl FnMut(Found)) {
        if now.since(self.last) > PAUSE_MAX {
            self.drop_open(|_| true);
        }
        self.last = now;
        match byte {
            XON | XOFF => {}
            ESC => self.begin(Kind::Command, byte),
            SOH => self.begin(Kind::Response, byte),
            CR => match self.open.pop() {
                Some(open) => self.finish(open, found),
                None => self.skip(1),
            },
            CAN => {
                let aborted = self.open.pop().map_or(0, |open| open.bytes.len());
                self.skip(aborted + 1);
            }
            _ => self.take(byte),
        }
        if self.skipped >= SKIPPED_REPORT_BYTES {
            self.report_skipped(found);
        }
    }

    /// A frame is under way.
    pub(super) fn is_open(&self, now: MonoTime) -> bool {
        !self.open.is_empty() && now.since(self.last) <= PAUSE_MAX
    }

    /// A byte of the fast half that nobody asked for.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.skipped = self
            .skipped
            .saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    fn begin(&mut self, kind: Kind, byte: u8) {
        self.drop_open(|open| open.kind == kind);
        self.open.push(Open {
            kind,
            bytes: vec![byte],
        });
    }

    fn take(&mut self, byte: u8) {
        match self.open.last_mut() {
            Some(open) if open.bytes.len() < FRAME_BYTES_MAX => open.bytes.push(byte),
            Some(_) => {
                let dropped = self.open.pop().map_or(0, |open| open.bytes.len());
                self.skip(dropped + 1);
            }
            None => self.skip(1),
        }
    }

    fn drop_open(&mut self, which: impl Fn(&Open) -> bool) {
        let torn: usize = self
            .open
            .iter()
            .filter(|open| which(open))
            .map(|open| open.bytes.len())
            .sum();
        self.open.retain(|open| !which(open));
        self.skip(torn);
    }

    fn finish(&mut self, open: Open, found: &mut impl FnMut(Found)) {
        match read(&open) {
            Some(frame) => {
                self.report_skipped(found);
                found(Found::Frame(frame));
            }
            None => found(Found::Damaged(open.kind)),
        }
    }

    fn report_skipped(&mut self, found: &mut impl FnMut(Found)) {
        if self.skipped > 0 {
            found(Found::Skipped(std::mem::take(&mut self.skipped)));
        }
    }
}

fn read(open: &Open) -> Option<Frame> {
    let (body, digits) = open.bytes.split_last_chunk::<2>()?;
    let (_, [code, payload @ ..]) = body.split_first()? else {
        return None;
    };
    (hex(digits) == Some(sum(body))).then(|| Frame {
        kind: open.kind,
        code: *code,
        payload: payload.to_vec(),
    })
}

/// A command as it goes over the line.
pub(super) fn command(code: u8, argument: &[u8]) -> Vec<u8> {
    written(ESC, code, argument)
}

/// A response as it goes over the line.
pub(super) fn response(code: u8, payload: &[u8]) -> Vec<u8> {
    written(SOH, code, payload)
}

fn written(first: u8, code: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first, code];
    bytes.extend(payload);
    let digits = format!("{:02X}", sum(&bytes));
    bytes.extend(digits.bytes());
    bytes.push(CR);
    bytes
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// Two hexadecimal digits, upper or lower case.
pub(super) fn hex(digits: &[u8; 2]) -> Option<u8> {
    digits.iter().try_fold(0u8, |value, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(value << 4 | u8::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(ms: u64) -> MonoTime {
        MonoTime::from_ms(ms)
    }

    /// What the reader finds in bytes that come at once.
    fn found(bytes: &[u8]) -> Vec<Found> {
        let (mut reader, mut all) = (FrameReader::default(), Vec::new());
        for byte in bytes {
            reader.hear(ms(1), *byte, &mut |found| all.push(found));
        }
        all
    }

    fn frame(kind: Kind, code: u8, payload: &[u8]) -> Found {
        Found::Frame(Frame {
            kind,
            code,
            payload: payload.to_vec(),
        })
    }

    #[test]
    fn d1_the_sum_covers_the_first_byte_and_reads_both_cases() {
        assert_eq!(command(0x51, &[]), [0x1B, 0x51, 0x36, 0x43, 0x0D]);
        assert_eq!(command(0x52, &[]), [0x1B, 0x52, 0x36, 0x44, 0x0D]);
        assert_eq!(command(0x24, &[]), [0x1B, 0x24, 0x33, 0x46, 0x0D]);
        assert_eq!(command(0x30, &[]), [0x1B, 0x30, 0x34, 0x42, 0x0D]);
        assert_eq!(response(0x51, &[]), [0x01, 0x51, 0x35, 0x32, 0x0D]);
        assert_eq!(response(0x30, &[]), [0x01, 0x30, 0x33, 0x31, 0x0D]);
        assert_eq!(response(0x15, &[]), [0x01, 0x15, 0x31, 0x36, 0x0D]);
        assert_eq!(found(b"\x1bQ6C\r"), [frame(Kind::Command, b'Q', b"")]);
        assert_eq!(found(b"\x1bQ6c\r"), [frame(Kind::Command, b'Q', b"")]);
        // The sum of the payload alone.
        assert_eq!(found(b"\x1bQ51\r"), [Found::Damaged(Kind::Command)]);
        assert_eq!(found(b"\x01\r"), [Found::Damaged(Kind::Response)]);
        assert_eq!(found(b"\x01Q5\r"), [Found::Damaged(Kind::Response)]);
    }

    #[test]
    fn d2_xon_and_xoff_are_dropped_wherever_they_stand() {
        assert_eq!(
            found(b"\x13\x01\x11Q\x135\x112\x13\r"),
            [frame(Kind::Response, b'Q', b"")]
        );
    }

    #[test]
    fn d3_a_command_inside_a_response_comes_first_and_the_response_goes_on() {
        let outer = response(b'$', b"EB  84F0  40");
        let (head, tail) = outer.split_at(6);
        let bytes = [head, &command(b'0', b""), tail].concat();
        assert_eq!(
            found(&bytes),
            [
                frame(Kind::Command, b'0', b""),
                frame(Kind::Response, b'$', b"EB  84F0  40")
            ]
        );
    }

    #[test]
    fn d3_a_torn_response_does_not_swallow_the_next() {
        let bytes = [b"\x01$EB  8".as_slice(), &response(b'$', b"EB  84")].concat();
        assert_eq!(
            found(&bytes),
            [Found::Skipped(7), frame(Kind::Response, b'$', b"EB  84")]
        );
    }

    #[test]
    fn a_frame_that_pauses_was_torn() {
        let (mut reader, mut all) = (FrameReader::default(), Vec::new());
        let bytes = response(b'Q', b"");
        for (place, byte) in bytes.iter().enumerate() {
            let now = ms(if place < 2 { 0 } else { 1001 });
            reader.hear(now, *byte, &mut |found| all.push(found));
        }
        assert!(all.is_empty());
        assert!(!reader.is_open(ms(1001)));
    }

    #[test]
    fn a_frame_without_an_end_is_bounded_and_can_is_an_end() {
        let endless = [b"\x01$".as_slice(), &[b' '; FRAME_BYTES_MAX]].concat();
        assert_eq!(found(&endless), [Found::Skipped(4097)]);
        let aborted = [b"\x01$EB\x18".as_slice(), &response(b'Q', b"")].concat();
        assert_eq!(
            found(&aborted),
            [Found::Skipped(5), frame(Kind::Response, b'Q', b"")]
        );
    }
}
