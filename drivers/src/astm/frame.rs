//! Cuts a byte stream into frames of E1381 and the control characters between them.
//!
//! - A1: a frame counts when its sum fits, its number is a digit from 0 to 7 and its text has no control characters.
//! - A frame is judged when its line end has come, or when nothing more has come for [`END_WAIT`]: some senders leave the
//!   line end out, and whoever is answered while still sending may not hear it.

use std::time::Duration;

use vitals::MonoTime;

use crate::dialogue::LineFault;

pub(super) const STX: u8 = 0x02;
pub(super) const ETX: u8 = 0x03;
pub(super) const EOT: u8 = 0x04;
pub(super) const ENQ: u8 = 0x05;
pub(super) const ACK: u8 = 0x06;
pub(super) const NAK: u8 = 0x15;
pub(super) const ETB: u8 = 0x17;

/// Longest text of a frame. 240 in the old standard, 64 000 in the new one.
pub const FRAME_BYTES_MAX: usize = 64 << 10;

/// So long a line end is waited for.
pub const END_WAIT: Duration = Duration::from_millis(200);

/// A frame that stops in its middle for so long is broken.
pub const STALL_MAX: Duration = Duration::from_secs(2);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// ENQ, ACK, NAK or EOT, outside frames.
    Control(u8),
    /// A good frame.
    Frame(Frame),
    /// A frame that is none, and why; so many bytes.
    Broken(LineFault, u32),
    /// A byte outside frames.
    Stray(u8),
}

/// A frame whose sum fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// 0 to 7.
    pub(super) number: u8,
    /// Without its number.
    pub(super) text: Vec<u8>,
    /// The record ends with it (ETX).
    pub(super) is_last: bool,
}

/// Collects the bytes of a frame.
#[derive(Debug, Default)]
pub(super) struct Frames {
    state: State,
    /// Number and text.
    held: Vec<u8>,
    /// Bytes of this frame.
    bytes: u32,
    fault: Option<LineFault>,
    /// When its last byte came.
    at: MonoTime,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Outside,
    Text,
    /// After ETX or ETB: the digits so far.
    Sum(u8, Option<u8>),
    /// Only the line end is missing.
    End {
        is_last: bool,
    },
}

impl Frames {
    /// When [`Frames::tick`] has something to do.
    pub(super) fn next_tick(&self) -> Option<MonoTime> {
        match self.state {
            State::Outside => None,
            State::Text | State::Sum(..) => Some(self.at + STALL_MAX),
            State::End { .. } => Some(self.at + END_WAIT),
        }
    }

    /// Time passes: what waits is judged.
    pub(super) fn tick(&mut self, now: MonoTime) -> Option<Cut> {
        if self.next_tick().is_none_or(|due| now < due) {
            return None;
        }
        if !matches!(self.state, State::End { .. }) {
            self.spoil(LineFault::BadChecksum);
        }
        Some(self.judge())
    }

    /// The next byte; `out` gets what it completes.
    pub(super) fn hear(&mut self, now: MonoTime, byte: u8, out: &mut impl FnMut(Cut)) {
        if self.state != State::Outside && byte == STX {
            // The other end has begun again.
            self.spoil(LineFault::BadChecksum);
            out(self.judge());
        }
        match self.state {
            State::Outside => match byte {
                STX => self.begin(now),
                ENQ | ACK | NAK | EOT => out(Cut::Control(byte)),
                other => out(Cut::Stray(other)),
            },
            State::Text => {
                self.count(now);
                match byte {
                    ETX | ETB => self.state = State::Sum(byte, None),
                    b'\r' | b'\n' | b'\t' | 0x20..=0x7E | 0x80.. => self.keep(byte),
                    _ => self.spoil(LineFault::BadChecksum),
                }
            }
            State::Sum(end, high) => {
                self.count(now);
                match (char::from(byte).to_digit(16), high) {
                    (Some(_), None) => self.state = State::Sum(end, Some(byte)),
                    (Some(low), Some(high)) => {
                        let high = char::from(high).to_digit(16).unwrap_or(0);
                        if u32::from(self.sum(end)) != high << 4 | low {
                            self.spoil(LineFault::BadChecksum);
                        }
                        self.state = State::End { is_last: end == ETX };
                    }
                    (None, _) => {
                        self.spoil(LineFault::BadChecksum);
                        self.state = State::End { is_last: end == ETX };
                    }
                }
            }
            State::End { .. } => {
                let is_over = byte == b'\n';
                // What follows a broken frame belongs to it, up to the line end.
                if is_over || byte == b'\r' || self.fault.is_some() {
                    self.count(now);
                    if is_over {
                        out(self.judge());
                    }
                } else {
                    out(self.judge());
                    self.hear(now, byte, out);
                }
            }
        }
    }

    fn begin(&mut self, now: MonoTime) {
        *self = Frames {
            state: State::Text,
            bytes: 1,
            at: now,
            ..Frames::default()
        };
    }

    fn count(&mut self, now: MonoTime) {
        self.at = now;
        self.bytes = self.bytes.saturating_add(1);
    }

    fn keep(&mut self, byte: u8) {
        if self.held.len() > FRAME_BYTES_MAX {
            self.spoil(LineFault::TooLong);
        } else {
            self.held.push(byte);
        }
    }

    fn spoil(&mut self, fault: LineFault) {
        self.fault.get_or_insert(fault);
    }

    /// From the number through ETX or ETB, modulo 256.
    fn sum(&self, end: u8) -> u8 {
        self.held.iter().fold(end, |sum, byte| sum.wrapping_add(*byte))
    }

    fn judge(&mut self) -> Cut {
        let done = std::mem::take(self);
        let broken = |fault| Cut::Broken(fault, done.bytes);
        let State::End { is_last } = done.state else {
            return broken(done.fault.unwrap_or(LineFault::BadChecksum));
        };
        match (done.fault, done.held.split_first()) {
            (Some(fault), _) => broken(fault),
            (None, Some((number @ b'0'..=b'7', text))) => Cut::Frame(Frame {
                number: number - b'0',
                text: text.to_vec(),
                is_last,
            }),
            (None, _) => broken(LineFault::BadChecksum),
        }
    }
}

/// A frame as it is sent: number, text, and its sum in upper-case digits.
pub(super) fn framed(number: u8, text: &str) -> Vec<u8> {
    let mut bytes = vec![STX, b'0' + number % 8];
    bytes.extend(text.bytes());
    bytes.push(ETX);
    let sum = bytes
        .iter()
        .skip(1)
        .fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend(format!("{sum:02X}\r\n").bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(bytes: &[u8]) -> Vec<String> {
        let mut frames = Frames::default();
        let mut found = Vec::new();
        let now = MonoTime::from_ms(1_000);
        bytes
            .iter()
            .for_each(|byte| frames.hear(now, *byte, &mut |cut| found.push(cut)));
        found.extend(frames.tick(now + STALL_MAX));
        found.iter().map(tell).collect()
    }

    fn tell(cut: &Cut) -> String {
        match cut {
            Cut::Control(byte) => format!("control {byte:02x}"),
            Cut::Frame(frame) => format!(
                "{} {} {}",
                frame.number,
                String::from_utf8_lossy(&frame.text).trim_end(),
                if frame.is_last { "last" } else { "more" }
            ),
            Cut::Broken(fault, bytes) => format!("{fault:?} {bytes}"),
            Cut::Stray(byte) => format!("stray {byte:02x}"),
        }
    }

    #[test]
    fn the_vectors_of_the_sheet() {
        for vector in [
            "\x021H|\\^&|||SimHema^1.0|||||||P|LIS2-A2|20240514112500\r\x030B\r\n",
            "\x022P|1||PT-0007||DOE^JANE||19600101|F\r\x0367\r\n",
            "\x023O|1|S-1001||^^^CBC|R||20240514111000||||||||BLOOD\r\x03A2\r\n",
            "\x024R|1|^^^WBC|7.21|10*3/uL|4.0^10.0|N||F||op1|20240514112400|\r\x0310\r\n",
            "\x025R|2|^^^HGB|6.9|g/dL|12.0^16.0|LL||F||op1|20240514112400|\r\x03F3\r\n",
            "\x020L|1|N\r\x0303\r\n",
        ] {
            let (number, text) = (&vector[1..2], vector[2..].split('\r').next().unwrap());
            assert_eq!(cuts(vector.as_bytes()), [format!("{number} {text} last")]);
            // Small digits of the sum are digits too.
            let (body, sum) = vector.split_at(vector.len() - 4);
            let small = [body, &sum.to_ascii_lowercase()].concat();
            assert_eq!(cuts(small.as_bytes()), [format!("{number} {text} last")]);
            assert_eq!(
                framed(vector.as_bytes()[1] - b'0', &format!("{text}\r")),
                vector.as_bytes()
            );
        }
    }

    #[test]
    fn line_ends_that_are_left_out_are_not_missed() {
        for end in ["\r\n", "\n", "\r", ""] {
            let text = format!("\x020L|1|N\r\x0303{end}");
            assert_eq!(cuts(text.as_bytes()), ["0 L|1|N last"], "{end:?}");
            let followed = format!("{text}\x04");
            assert_eq!(
                cuts(followed.as_bytes()),
                ["0 L|1|N last", "control 04"],
                "{end:?}"
            );
        }
    }

    #[test]
    fn a1_what_is_no_frame_is_broken() {
        assert_eq!(cuts(b"\x020L|1|N\r\x0304\r\n"), ["BadChecksum 13"]);
        assert_eq!(cuts(b"\x020L|1|N\r\x030x\r\n"), ["BadChecksum 13"]);
        // An ENQ or an EOT in a text is a wrong byte; a second STX is a beginning.
        assert_eq!(cuts(b"\x020L|1\x05N\r\x0308\r\n"), ["BadChecksum 13"]);
        assert_eq!(
            cuts(b"\x020L|\x020L|1|N\r\x0303\r\n"),
            ["BadChecksum 4", "0 L|1|N last"]
        );
        assert_eq!(cuts(b"\x028L|1|N\r\x030B\r\n"), ["BadChecksum 13"]);
        assert_eq!(cuts(b"\x02\x0303\r\n"), ["BadChecksum 6"]);
        assert_eq!(cuts(b"\x020L|1|N"), ["BadChecksum 7"]);
        assert_eq!(cuts(b"\x05x\x06"), ["control 05", "stray 78", "control 06"]);
    }

    #[test]
    fn a_text_of_64_kib_is_one_and_what_is_longer_is_not_kept() {
        let frame = |length: usize| framed(1, &"x".repeat(length));
        assert!(cuts(&frame(FRAME_BYTES_MAX))[0].starts_with("1 xxx"));
        assert!(cuts(&frame(FRAME_BYTES_MAX + 1))[0].starts_with("TooLong"));
        let mut frames = Frames::default();
        for byte in std::iter::once(STX).chain(std::iter::repeat_n(b'x', 1 << 20)) {
            frames.hear(MonoTime::BOOT, byte, &mut |cut| panic!("{cut:?}"));
        }
        assert!(frames.held.capacity() <= 4 * FRAME_BYTES_MAX);
    }
}
