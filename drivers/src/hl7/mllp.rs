//! MLLP: one message per block, `0Bh message 1Ch 0Dh`, over a connection.
//!
//! - H1: a block that is not complete says nothing. A second 0Bh inside a block begins it anew; a block with a pause of
//!   more than [`BYTE_WAIT_MAX`] inside is thrown away.
//! - H2: at most [`MESSAGE_BYTES_MAX`] are kept, whatever comes.

use std::time::Duration;

use vitals::MonoTime;

/// Begins a block.
pub const START: u8 = 0x0B;

/// Ends the message, before the block's carriage return.
pub const END: u8 = 0x1C;

/// Ends the block.
pub const RETURN: u8 = 0x0D;

/// Longest message; a longer one is refused and the rest of it skipped.
pub const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Longest pause inside a block.
pub const BYTE_WAIT_MAX: Duration = Duration::from_secs(10);

/// A message whose last byte, the carriage return, does not come counts as whole after this.
pub const RETURN_WAIT_MAX: Duration = Duration::from_secs(1);

/// So much of a message that is too long is handed over, so that its sender can be told.
const HEAD_BYTES: usize = 1024;

/// Bytes that belong to no block are reported at the next block, and at the latest after so many.
const SKIPPED_REPORT_BYTES: u32 = 1000;

/// What the reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A whole message.
    Message(Vec<u8>),
    /// The beginning of a message that is longer than [`MESSAGE_BYTES_MAX`].
    TooLong(Vec<u8>),
    /// So many bytes belonged to no whole block.
    Skipped(u32),
    /// A block ended without its carriage return; its message counts.
    NoReturn,
}

/// Cuts the bytes of one connection into messages.
#[derive(Debug, Default)]
pub struct Reader {
    place: Place,
    message: Vec<u8>,
    skipped: u32,
    last: Option<MonoTime>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Inside,
    /// The message is whole, the carriage return is missing.
    Ended,
    /// In the rest of a message that is too long.
    Beyond,
}

impl Reader {
    /// Takes bytes; calls `found` for everything that they complete.
    pub fn hear(&mut self, now: MonoTime, bytes: &[u8], found: &mut impl FnMut(Cut)) {
        self.wait(now, found);
        if !bytes.is_empty() {
            self.last = Some(now);
        }
        for byte in bytes {
            self.byte(*byte, found);
        }
    }

    /// Time passes.
    pub fn wait(&mut self, now: MonoTime, found: &mut impl FnMut(Cut)) {
        let quiet = self.last.map_or(Duration::ZERO, |last| now.since(last));
        if self.place == Place::Ended && quiet > RETURN_WAIT_MAX {
            found(Cut::NoReturn);
            self.finish(found);
        } else if self.place == Place::Inside && quiet > BYTE_WAIT_MAX {
            self.tear();
            self.report_skipped(found);
        }
    }

    fn byte(&mut self, byte: u8, found: &mut impl FnMut(Cut)) {
        match (self.place, byte) {
            (Place::Ended, RETURN) => self.finish(found),
            (Place::Ended, _) => {
                found(Cut::NoReturn);
                self.finish(found);
                self.byte(byte, found);
            }
            (Place::Inside, END) => self.place = Place::Ended,
            (Place::Inside, START) => {
                self.tear();
                self.begin(found);
            }
            (Place::Inside, _) if self.message.len() >= MESSAGE_BYTES_MAX => {
                self.message.truncate(HEAD_BYTES);
                found(Cut::TooLong(std::mem::take(&mut self.message)));
                self.place = Place::Beyond;
            }
            (Place::Inside, _) => self.message.push(byte),
            (Place::Beyond, START) => self.begin(found),
            (Place::Beyond, END) => self.place = Place::Outside,
            (Place::Beyond, _) => {}
            (Place::Outside, START) => self.begin(found),
            // What some senders put between blocks.
            (Place::Outside, RETURN | b'\n' | 0) => {}
            (Place::Outside, _) => {
                self.skipped = self.skipped.saturating_add(1);
                if self.skipped >= SKIPPED_REPORT_BYTES {
                    self.report_skipped(found);
                }
            }
        }
    }

    fn begin(&mut self, found: &mut impl FnMut(Cut)) {
        self.report_skipped(found);
        self.place = Place::Inside;
    }

    fn tear(&mut self) {
        let torn = u32::try_from(self.message.len()).unwrap_or(u32::MAX);
        self.skipped = self.skipped.saturating_add(torn).saturating_add(1);
        // A torn message must not leave a megabyte behind.
        self.message = Vec::new();
        self.place = Place::Outside;
    }

    fn finish(&mut self, found: &mut impl FnMut(Cut)) {
        self.place = Place::Outside;
        found(Cut::Message(std::mem::take(&mut self.message)));
    }

    fn report_skipped(&mut self, found: &mut impl FnMut(Cut)) {
        if self.skipped > 0 {
            found(Cut::Skipped(std::mem::take(&mut self.skipped)));
        }
    }
}

/// A message in its block.
pub fn block(message: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 3);
    bytes.push(START);
    bytes.extend(message.as_bytes());
    bytes.extend([END, RETURN]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuts(reader: &mut Reader, at_ms: u64, bytes: &[u8]) -> Vec<Cut> {
        let mut cuts = Vec::new();
        reader.hear(MonoTime::from_ms(at_ms), bytes, &mut |cut| cuts.push(cut));
        cuts
    }

    fn message(text: &str) -> Cut {
        Cut::Message(text.as_bytes().to_vec())
    }

    #[test]
    fn several_messages_in_one_segment_and_one_in_many() {
        let mut reader = Reader::default();
        let two = [block("MSH|1"), block("MSH|2")].concat();
        assert_eq!(cuts(&mut reader, 0, &two), [message("MSH|1"), message("MSH|2")]);
        let mut one = Vec::new();
        for byte in block("MSH|3") {
            one.extend(cuts(&mut reader, 5, &[byte]));
        }
        assert_eq!(one, [message("MSH|3")]);
    }

    #[test]
    fn h1_a_second_start_begins_anew_and_noise_is_skipped() {
        let mut reader = Reader::default();
        let bytes = [&b"\r\n\0ab\x0bMSH|torn"[..], &block("MSH|whole")].concat();
        assert_eq!(
            cuts(&mut reader, 0, &bytes),
            [Cut::Skipped(2), Cut::Skipped(9), message("MSH|whole")]
        );
    }

    #[test]
    fn h1_a_pause_inside_a_block_ends_it() {
        let mut reader = Reader::default();
        assert_eq!(cuts(&mut reader, 0, b"\x0bMSH|"), []);
        assert_eq!(cuts(&mut reader, 10_000, b"a"), []);
        assert_eq!(cuts(&mut reader, 20_001, b"b\x1c\r"), [Cut::Skipped(6)]);
        assert_eq!(
            cuts(&mut reader, 20_002, &block("MSH")),
            [Cut::Skipped(2), message("MSH")]
        );
    }

    #[test]
    fn a_missing_return_costs_a_second_or_nothing_when_the_next_block_follows() {
        let mut reader = Reader::default();
        assert_eq!(cuts(&mut reader, 0, b"\x0bMSH\x1c"), []);
        assert_eq!(cuts(&mut reader, 1_000, b""), []);
        assert_eq!(cuts(&mut reader, 1_001, b""), [Cut::NoReturn, message("MSH")]);
        assert_eq!(
            cuts(&mut reader, 2_000, b"\x0b1\x1c\x0b2\x1c\r"),
            [Cut::NoReturn, message("1"), message("2")]
        );
    }

    #[test]
    fn h2_a_message_that_is_too_long_is_cut_off_and_the_next_one_counts() {
        let mut reader = Reader::default();
        let mut bytes = vec![START];
        bytes.extend(b"MSH|^~\\&|big");
        bytes.resize(2 * MESSAGE_BYTES_MAX, b'x');
        bytes.extend([END, RETURN]);
        bytes.extend(block("MSH|next"));
        let cuts = cuts(&mut reader, 0, &bytes);
        assert!(matches!(cuts.first(), Some(Cut::TooLong(head)) if head.len() == HEAD_BYTES));
        assert_eq!(cuts.get(1..), Some(&[message("MSH|next")][..]));
        let mut longest = vec![b'x'; MESSAGE_BYTES_MAX];
        let whole = Cut::Message(longest.clone());
        longest.insert(0, START);
        longest.extend([END, RETURN]);
        assert_eq!(super::tests::cuts(&mut reader, 1, &longest), [whole]);
    }
}
