//! Frames on the serial port: `C0 | 11 01 | length | user data | FCS | C1`, with `7D` before what is escaped.
//!
//! - F1: A frame counts only whole: header, length and the 16-bit FCS must fit. What does not is dropped and counted.
//! - F2: `C0` always begins a frame, whatever was before; `7D C1` takes back the one that was begun.
//! - F3: At most [`FRAME_BYTES_MAX`] bytes of a frame are kept.

use crc::{CRC_16_IBM_SDLC, Crc};

use crate::dialogue::LineFault;

const BEGIN: u8 = 0xC0;
const END: u8 = 0xC1;
const ESCAPE: u8 = 0x7D;
const ESCAPED: u8 = 0x20;

/// Protocol id (data export) and message type.
const HEADER: [u8; 2] = [0x11, 0x01];

/// Longest frame that is kept, without its escapes: an MTU of 1000 bytes and some more for what is not counted in it.
pub(super) const FRAME_BYTES_MAX: usize = 2048;

/// So many skipped bytes are told without waiting for a frame: a wrong speed may never look like one.
const SKIPPED_TOLD: u32 = 1024;

/// RFC 1662; sent low byte first.
const FCS: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_SDLC);

/// What a byte completed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The user data of a good frame.
    Frame(Vec<u8>),
    /// A frame, or bytes between frames, that cannot be used.
    Fault(LineFault),
}

#[derive(Debug, Default)]
pub(super) struct FrameReader {
    /// The frame that was begun.
    frame: Option<Vec<u8>>,
    escaped: bool,
    skipped: u32,
}

impl FrameReader {
    /// Takes one byte. Skipped bytes are told at the next `C0`, or when they are many.
    pub(super) fn hear(&mut self, byte: u8, found: &mut impl FnMut(Found)) {
        let escaped = std::mem::take(&mut self.escaped);
        match (byte, &mut self.frame) {
            (BEGIN, _) => self.begin(found),
            (END, Some(_)) if escaped => self.give_up(),
            (END, Some(frame)) => {
                let user_data = open(frame);
                self.frame = None;
                found(user_data.map_or(Found::Fault(LineFault::BadChecksum), Found::Frame));
            }
            (ESCAPE, Some(_)) => self.escaped = true,
            (_, Some(frame)) if frame.len() < FRAME_BYTES_MAX => {
                frame.push(if escaped { byte ^ ESCAPED } else { byte })
            }
            (_, Some(_)) => self.give_up(),
            (_, None) => {
                self.skip(1);
                if self.skipped >= SKIPPED_TOLD {
                    self.tell_skipped(found);
                }
            }
        }
    }

    fn begin(&mut self, found: &mut impl FnMut(Found)) {
        self.give_up();
        self.tell_skipped(found);
        self.frame = Some(Vec::new());
    }

    /// The frame that was begun never was.
    fn give_up(&mut self) {
        if let Some(frame) = self.frame.take() {
            self.skip(frame.len() + 1);
        }
    }

    fn skip(&mut self, count: usize) {
        self.skipped = self
            .skipped
            .saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn tell_skipped(&mut self, found: &mut impl FnMut(Found)) {
        if self.skipped > 0 {
            let skipped = std::mem::take(&mut self.skipped);
            found(Found::Fault(LineFault::Resynchronised { skipped }));
        }
    }
}

/// The user data of a frame without its escapes, if everything fits (F1).
fn open(frame: &[u8]) -> Option<Vec<u8>> {
    let (body, fcs) = frame.split_at_checked(frame.len().checked_sub(2)?)?;
    if FCS.checksum(body).to_le_bytes() != fcs {
        return None;
    }
    let (header, rest) = body.split_at_checked(2)?;
    let (length, user_data) = rest.split_at_checked(2)?;
    let length = u16::from_be_bytes(length.try_into().ok()?);
    (header == HEADER && user_data.len() == usize::from(length)).then(|| user_data.to_vec())
}

/// Puts user data into a frame.
pub(super) fn wrap(user_data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(user_data.len()).unwrap_or(u16::MAX);
    let mut body = HEADER.to_vec();
    body.extend(length.to_be_bytes());
    body.extend(user_data);
    body.extend(FCS.checksum(&body).to_le_bytes());
    let mut frame = vec![BEGIN];
    for byte in body {
        match byte {
            BEGIN | END | ESCAPE => frame.extend([ESCAPE, byte ^ ESCAPED]),
            byte => frame.push(byte),
        }
    }
    frame.push(END);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intellivue::tests::hex;

    fn hear(bytes: &[u8]) -> Vec<Found> {
        let (mut reader, mut all) = (FrameReader::default(), Vec::new());
        for byte in bytes {
            reader.hear(*byte, &mut |found| all.push(found));
        }
        all
    }

    const V2: &str = "c01101001a09187de11661803080020101a080628080010000000000000000004108c1";
    const V3: &str =
        "c011010024e10000020001001c000900070016002100000000000000000c16000800090001003608112ed2c1";

    #[test]
    fn the_check_value_of_the_fcs_is_the_published_one() {
        assert_eq!(FCS.checksum(b"123456789"), 0x906E);
    }

    #[test]
    fn v2_and_v3_are_read_and_written() {
        for vector in [V2, V3] {
            let bytes = hex(vector);
            let found = hear(&bytes);
            let [Found::Frame(user_data)] = found.as_slice() else {
                panic!("{found:?}");
            };
            assert_eq!(wrap(user_data), bytes);
        }
    }

    #[test]
    fn every_single_wrong_byte_of_a_frame_is_noticed() {
        let bytes = hex(V2);
        for place in 0..bytes.len() {
            for change in 1..=255 {
                let mut wrong = bytes.clone();
                wrong[place] ^= change;
                let found = hear(&wrong);
                assert!(
                    !found.iter().any(|found| matches!(found, Found::Frame(_))),
                    "{place} {change}"
                );
            }
        }
    }

    #[test]
    fn f2_a_begin_starts_anew_and_an_abort_takes_back() {
        let good = wrap(&[9]);
        let torn = [&good[..4], &good].concat();
        assert_eq!(
            hear(&torn),
            [
                Found::Fault(LineFault::Resynchronised { skipped: 4 }),
                Found::Frame(vec![9])
            ]
        );
        let taken_back = [&good[..4], &[ESCAPE, END], &good].concat();
        assert_eq!(
            hear(&taken_back),
            [
                Found::Fault(LineFault::Resynchronised { skipped: 4 }),
                Found::Frame(vec![9])
            ]
        );
    }

    #[test]
    fn bytes_that_are_never_a_frame_are_told_too() {
        let skipped = SKIPPED_TOLD;
        assert_eq!(
            hear(&[0x55; 1500]),
            [Found::Fault(LineFault::Resynchronised { skipped })]
        );
    }

    #[test]
    fn f3_a_frame_without_end_is_given_up() {
        let mut bytes = vec![BEGIN];
        bytes.extend(vec![0x55; FRAME_BYTES_MAX + 10]);
        bytes.extend(wrap(&[9]));
        let given_up = u32::try_from(FRAME_BYTES_MAX + 2).unwrap();
        let skipped = [given_up, 8].map(|skipped| Found::Fault(LineFault::Resynchronised { skipped }));
        let [first, rest] = skipped;
        assert_eq!(hear(&bytes), [first, rest, Found::Frame(vec![9])]);
    }
}
